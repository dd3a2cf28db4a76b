/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tap.h - one line of TAP per finding, the plan at the end.
 *
 * For programs that cannot use a framework because they run as the only program of a test machine.  Counts are those of
 * the program, whichever of its files report.
 */
#ifndef TESTS_BPF_TAP_H
#define TESTS_BPF_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

__attribute__((weak)) unsigned tap_count, tap_failures;	/* one of each in a program */

__attribute__((format(printf, 2, 3))) static inline bool tap_ok(bool passed, const char *format, ...)
{
	va_list arguments;

	printf("%s %u - ", passed ? "ok" : "not ok", ++tap_count);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	tap_failures += !passed;
	return passed;
}

__attribute__((format(printf, 2, 3))) static inline void tap_skip(const char *name, const char *format,
								  ...)
{
	va_list arguments;

	printf("ok %u - %s # SKIP ", ++tap_count, name);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

/* What a failed test has to say besides. */
__attribute__((format(printf, 1, 2))) static inline void tap_say(const char *format, ...)
{
	va_list arguments;

	printf("# ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

/* The exit status. */
static inline int tap_done(void)
{
	printf("1..%u\n", tap_count);
	return tap_failures ? 1 : 0;
}

#endif

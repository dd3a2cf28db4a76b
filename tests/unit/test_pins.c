// SPDX-License-Identifier: Apache-2.0
/* test_pins.c - names of pinned hooks there and back, pin folders that are refused, and the text of /proc/PID/stat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/pins.h"
#include "runtime/processes.h"

#include <cmocka.h>	/* last: it takes the name fail */

static void test_round_trip(void **state)
{
	static const struct pin_hook rows[] = {
		{ 0, "kprobe", "kprobe:sys_write#syscall" },
		{ 5, "tracepoint", "tracepoint:sched/sched_process_exec" },
		{ 1023, "lsm", "lsm:file_open" },
		{ 7, "kprobe_multi", "kprobe:a.b.cold.0" },	/* bpffs keeps dots for itself */
		{ 7, "kprobe", "kprobe:%2F-%zz \n\xff" },
		{ 9, "uprobe_multi", "uprobe:/usr/bin/bash:readline", "fe_0_a72113_1139_0" },
	};
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *name = pin_hook_name(&arena, &rows[i]);
		struct pin_hook found;

		assert_null(strpbrk(name, "./ \n"));
		assert_int_equal(pin_hook_read(&arena, name, &found), 0);
		assert_int_equal(found.id, rows[i].id);
		assert_string_equal(found.kind, rows[i].kind);
		assert_string_equal(found.key, rows[i].key);
		assert_int_equal(!found.where, !rows[i].where);
		if (found.where)
			assert_string_equal(found.where, rows[i].where);
	}
	assert_string_equal(pin_hook_name(&arena, &rows[1]), "hook-5-tracepoint-tracepoint%3Asched%2Fsched_process_exec");
	arena_release(&arena);
}

static void test_other_names(void **state)
{
	static const char *const rows[] = {
		"", "hook", "hook-", "hook-5", "hook-5-", "hook-5-kprobe", "hook-5-kprobe-", "hook--kprobe-a", "hook-5--a",
		"hook-x-kprobe-a", "hook--1-kprobe-a", "hook-4294967296-kprobe-a", "hook-5-kprobe-a%", "hook-5-kprobe-a%2",
		"hook-5-kprobe-%2f", "hook-5-kprobe-a/b", "hook-5-kpro.be-a", "process_exec", "hook- 5-kprobe-a",
		"hook-99999999999999999999-kprobe-a", "hook-5-uprobe-a-", "hook-5-uprobe-a-b-c", "hook-5-uprobe--b", "hook-5-uprobe-a-%2F",
	};
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pin_hook found;

		if (pin_hook_read(&arena, rows[i], &found) != -EINVAL)
			fail_msg("'%s' was read as a hook", rows[i]);
	}
	arena_release(&arena);
}

static void test_roots(void **state)
{
	char longest[400];
	const struct { const char *root; int want; const char *says; } rows[] = {
		{ "relative", -ENOTDIR, "is not an absolute path" },
		{ "", -ENOTDIR, "is not an absolute path" },
		{ longest, -ENOTDIR, "is not an absolute path of at most" },
		{ "/proc/self/comm", -ENOTDIR, "is not a directory" },
		{ "/tmp", -EPERM, "can be written by others than root" },
		{ "/proc", -ENOTDIR, "is not on a bpf file system" },
		{ "/nowhere/at/all", -ENOENT, "" },
	};

	(void)state;
	memset(longest, '/', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	memset(longest + 1, 'a', sizeof(longest) - 2);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct failure failure = { "" };
		struct pins pins;

		assert_int_equal(pins_open(&pins, rows[i].root, &failure), rows[i].want);
		if (!strstr(failure.text, rows[i].says))
			fail_msg("'%s': %s", rows[i].root, failure.text);
	}
}

static void test_stat(void **state)
{
	static const struct { const char *text; int want; unsigned int parent; unsigned long long start; } rows[] = {
		{ "1 (init) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 33 1 2", 0, 0, 33 },
		{ "12 (a) R 5) S) S 7 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456789012 1", 0, 7, 123456789012 },
		{ "12 (short) S 7", -EINVAL, 0, 0 },
		{ "12 no name", -EINVAL, 0, 0 },
		{ "", -EINVAL, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned long long start = 0;
		unsigned int parent = 0;

		assert_int_equal(process_parse_stat(rows[i].text, &parent, &start), rows[i].want);
		if (rows[i].want)
			continue;
		assert_int_equal(parent, rows[i].parent);
		assert_true(start == rows[i].start);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_other_names), cmocka_unit_test(test_roots),
		cmocka_unit_test(test_stat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* pattern.h - the syntax of regular expressions as Go (RE2) has it.  Only checked: Tetragon runs them. */
#ifndef COMPILER_POLICY_PATTERN_H
#define COMPILER_POLICY_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is wrong, and the bytes [start, start + length) that are to blame; length 0 when it is the end. */
struct pattern_problem {
	const char *what;
	size_t start, length;
};

/* `text` is UTF-8.  On false, *ret says why. */
bool pattern_is_valid(const char *text, size_t length, struct pattern_problem *ret);

#endif

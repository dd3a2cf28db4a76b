/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern.h - regular expressions as Go (RE2) has them: their syntax, and which names of functions they match.
 *
 * Names of functions are ASCII, so that of what a pattern says of other characters nothing remains: it is checked, and matches none.
 * Matching takes time in proportion to the name, whatever the pattern.
 */
#ifndef COMPILER_BASE_PATTERN_H
#define COMPILER_BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"

/* What is wrong, and the bytes [start, start + length) that are to blame; length 0 when it is the end. */
struct pattern_problem {
	const char *what;
	size_t start, length;
};

/* Zeroed, it matches nothing. */
struct pattern {
	const struct pattern_state *states;	/* the last is where it begins; arena */
	uint32_t count;
};

/* `text` is UTF-8.  On false, *problem says why, and *ret is untouched. */
bool pattern_compile(const char *text, size_t length, struct arena *arena, struct pattern *ret, struct pattern_problem *problem);

/* Whether some part of the name matches.  One with a byte that is not ASCII is the name of no function: false. */
bool pattern_matches(const struct pattern *pattern, const char *name);

#endif

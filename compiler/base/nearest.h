/* SPDX-License-Identifier: Apache-2.0 */
/* nearest.h - the nearest of several names, for "did you mean". */
#ifndef COMPILER_BASE_NEAREST_H
#define COMPILER_BASE_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Edits (insert, delete, replace, swap of neighbours) that turn one name into the other; letter case counts for
 * nothing but makes equal spellings win.  Names longer than NEAREST_NAME_MAX are as far as can be.
 */
enum { NEAREST_NAME_MAX = 64 };
size_t name_distance(const char *a, size_t a_length, const char *b, size_t b_length);

/* Start with name and length set and the rest zero, then try every candidate.  best stays NULL when none is
 * near enough to be what was meant: a third of the longer name, at least one edit; or, when none is, one of the
 * two begins with the other. */
struct nearest {
	const char *name;
	size_t length;
	const char *best;
	size_t distance;
	const char *second;		/* another one that is as near as best, or NULL */
};
void nearest_try(struct nearest *nearest, const char *candidate);

/* best is what was meant beyond doubt: at most two edits away, fewer for short names, and no other is as near. */
bool nearest_is_clear(const struct nearest *nearest);

#endif

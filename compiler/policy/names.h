/* SPDX-License-Identifier: Apache-2.0 */
/* names.h - the names of a list of things, sorted, so that a hostile file cannot make looking them up slow. */
#ifndef COMPILER_POLICY_NAMES_H
#define COMPILER_POLICY_NAMES_H

#include "compiler/base/arena.h"
#include "compiler/policy/policy.h"

/* Of `count` structs, `stride` bytes apart, the name at `first` and on; absent ones (bytes NULL) are left out. */
void names_sort(struct names *names, struct arena *arena, const struct text *first, size_t stride, size_t count);

/* Number of the first thing of this name, or -1. */
int names_number(const struct names *names, const char *bytes, size_t length);

/* Number of the first thing whose name is that of thing `number`: itself, or an earlier one. */
size_t names_first(const struct names *names, const struct text *name, size_t number);

/* The one most like it, of the first few; NULL when none is. */
const char *names_nearest(const struct names *names, const char *bytes, size_t length);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* glob.h - patterns of paths, as in .gitignore but without its negation. */
#ifndef COMPILER_BASE_GLOB_H
#define COMPILER_BASE_GLOB_H

#include <stdbool.h>

/*
 * Whether `path`, relative and with / between its parts, is meant.  * stands for any bytes but /, ? for one of them,
 * ** for any bytes.  A pattern without / (one at its end apart) is for a part of any depth, any other for the whole
 * path from its beginning; a folder means all that is in it.  Time grows with the product of the lengths at most.
 */
bool glob_matches(const char *pattern, const char *path);

#endif

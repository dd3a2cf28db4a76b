/* SPDX-License-Identifier: Apache-2.0 */
/* diff_lines.h - which lines of a text are gone, and which are new. */
#ifndef CMD_DIFF_LINES_H
#define CMD_DIFF_LINES_H

#include "compiler/base/buffer.h"

/*
 * Adds the lines of both texts to `ret`, each behind `indent` and a mark: '-' only in `old`, '+' only in `new`, ' ' in both; of
 * runs of those only three around a difference.  Texts of which every line ends in '\n'.  Very long ones that differ
 * throughout are shown whole, one after the other.
 */
void diff_lines(const struct buffer *old, const struct buffer *new, const char *indent, struct buffer *ret);

#endif

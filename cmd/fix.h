/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fix.h - putting right what has one clear remedy, in the text as it stands: comments and layout stay.
 *
 * Fixes are taken only when the text has fewer errors with them, or as many and fewer warnings.  Each stays within one
 * line: the lines of the old text and the new one are the same in number.
 */
#ifndef CMD_FIX_H
#define CMD_FIX_H

#include "compiler/compiler.h"

/* What a fix puts in the place of diagnostic->at: the replacement, in the quotes that stand there if there are any. */
void fix_text(const struct diagnostic *diagnostic, struct buffer *ret);

struct fixed {
	struct buffer text;	/* the whole text after the fixes; empty when there were none */
	struct buffer notes;	/* a line for each: FILE:LINE:COLUMN: fixed[CODE]: 'OLD' is now 'NEW' */
	size_t count;
	bool more;		/* there are still fixes to make: too many for one run */
};

/* `unit` has been compiled by input_compile_alone() through `last`.  Release text and notes in any case. */
void fix_unit(const struct unit *unit, const struct pass *last, struct fixed *ret);

/*
 * Writes `text` over the file, which must still hold `old`: to a new file beside it, which then takes its place with
 * the same permissions and owner.  A symbolic link stays one.  0, or -1 when that failed, which is said on stderr.
 */
int fix_write(const char *path, const char *old, size_t old_length, const struct buffer *text);

/* The change as a unified diff, with "a/" and "b/" before the name.  As many lines on both sides. */
void fix_diff(const char *name, const char *old, size_t old_length, const struct buffer *text, struct buffer *ret);

#endif

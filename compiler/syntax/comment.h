/* SPDX-License-Identifier: Apache-2.0 */
/* comment.h - the comments of a YAML text that begin with a certain word. */
#ifndef COMPILER_SYNTAX_COMMENT_H
#define COMPILER_SYNTAX_COMMENT_H

#include "compiler/base/arena.h"
#include "compiler/base/source.h"

struct comment {
	uint32_t start, end;	/* bytes, from behind the # and blanks to the end of the line */
	bool alone;		/* nothing else stands on its line */
};

/*
 * Comments whose text begins with `word`, in the order of the text, as an array in the arena; their number.
 * What looks like one inside a quoted or block scalar is text.  `source` is one that tree_parse has taken.
 */
size_t comments_find(const struct source *source, const char *word, struct arena *arena, struct comment **ret);

#endif

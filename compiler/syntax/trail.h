/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail.h - from the root of a document down to what stands at a place of its text.
 *
 * What an alias stands for is elsewhere in the text: a trail never goes into it.
 */
#ifndef COMPILER_SYNTAX_TRAIL_H
#define COMPILER_SYNTAX_TRAIL_H

#include "compiler/syntax/tree.h"

/* A key of a mapping with its value, or an entry of a list. */
struct trail_step {
	const struct node *key;		/* NULL for an entry */
	const struct node *node;
	uint32_t number;		/* of an entry, from 0 */
};
enum { TRAIL_STEPS = 80 };	/* more than LIMIT_DEPTH allows */
struct trail { struct trail_step items[TRAIL_STEPS]; size_t count; };

/*
 * Bytes [start, end) of the text.  A line: the one key or entry that begins on it; of several, what holds them; when
 * none begins, what reaches into it.  A point: the innermost one that is there.
 */
enum trail_extent { TRAIL_LINE, TRAIL_POINT };

/* False when nothing of the document is there. */
bool trail_find(const struct node *document, uint32_t start, uint32_t end, enum trail_extent extent, struct trail *ret);

/* Whether a node reaches into bytes [start, end). */
bool node_touches(const struct node *node, uint32_t start, uint32_t end);

#endif

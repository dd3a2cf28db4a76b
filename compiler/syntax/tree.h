/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.h - YAML text as located nodes.
 *
 * Everything lives in the unit's arena; an alias and its anchor share one node, so the tree is a graph
 * without cycles.  It has been bounded while it was read: depth, nodes, and nodes and text after expansion.
 */
#ifndef COMPILER_SYNTAX_TREE_H
#define COMPILER_SYNTAX_TREE_H

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"
#include "compiler/base/diagnostics.h"
#include "compiler/base/source.h"

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };
enum node_tag { TAG_NONE, TAG_TEXT, TAG_INTEGER, TAG_FLOAT, TAG_BOOLEAN, TAG_NULL, TAG_SEQUENCE,
		TAG_MAPPING, TAG_OTHER };

struct pair;
struct node {
	uint32_t start, end;	/* bytes of the source */
	uint32_t weight;	/* nodes below it and itself, aliases expanded */
	uint32_t bytes;		/* of their text */
	uint8_t kind;		/* enum node_kind */
	uint8_t tag;		/* enum node_tag */
	bool plain;		/* SCALAR: neither quoted nor a block */
	uint32_t count;		/* SCALAR: bytes; SEQUENCE: items; MAPPING: pairs */
	union {
		const char *text;	/* not NUL-terminated */
		struct node **items;
		struct pair *pairs;	/* in the order of the text, merged ones last */
	};
};
struct pair { struct node *key, *value; };

struct tree {
	const struct source *source;
	struct node **documents;	/* roots */
	size_t count;
};

/*
 * 0, or -EINVAL with what is wrong recorded: the tree is then of no use.  `source` must outlive the tree,
 * which borrows from its text.
 */
int tree_parse(const struct source *source, struct arena *arena, struct diagnostics *diagnostics,
	       struct tree **ret);

/* For people and goldens: one line for each node. */
void tree_dump(const struct tree *tree, struct buffer *ret);

static inline struct span node_span(const struct tree *tree, const struct node *node)
{
	return (struct span){ tree->source, node->start, node->end };
}

bool node_is_text(const struct node *node, const char *text);

#endif

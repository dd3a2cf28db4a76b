// SPDX-License-Identifier: Apache-2.0
/* tree.c - looking at trees; parse.c makes them. */
#include "compiler/syntax/tree.h"

#include <string.h>

bool node_is_text(const struct node *node, const char *text)
{
	return node->kind == NODE_SCALAR && strlen(text) == node->count && !memcmp(node->text, text, node->count);
}

static void dump_node(const struct tree *tree, const struct node *node, unsigned depth, struct buffer *ret);

static void dump_place(const struct tree *tree, const struct node *node, unsigned depth, struct buffer *ret)
{
	struct position at = source_position(tree->source, node->start);

	buffer_format(ret, "%*s%u:%u ", (int)depth * 2, "", at.line, at.column);
}

static void dump_scalar(const struct node *node, struct buffer *ret)
{
	buffer_add_text(ret, node->plain ? "plain " : "quoted ");
	for (uint32_t i = 0; i < node->count; i++) {
		unsigned char c = (unsigned char)node->text[i];

		if (c < 0x20 || c == 0x7f || c == '\\')
			buffer_format(ret, "\\x%02x", c);
		else
			buffer_add_char(ret, (char)c);
	}
	buffer_add_char(ret, '\n');
}

static void dump_items(const struct tree *tree, const struct node *node, unsigned depth, struct buffer *ret)
{
	buffer_format(ret, "list of %u\n", node->count);
	for (uint32_t i = 0; i < node->count; i++)
		dump_node(tree, node->items[i], depth + 1, ret);
}

static void dump_pairs(const struct tree *tree, const struct node *node, unsigned depth, struct buffer *ret)
{
	buffer_format(ret, "mapping of %u\n", node->count);
	for (uint32_t i = 0; i < node->count; i++) {
		dump_node(tree, node->pairs[i].key, depth + 1, ret);
		dump_node(tree, node->pairs[i].value, depth + 2, ret);
	}
}

static void dump_node(const struct tree *tree, const struct node *node, unsigned depth, struct buffer *ret)
{
	dump_place(tree, node, depth, ret);
	switch ((enum node_kind)node->kind) {
	case NODE_SCALAR:
		dump_scalar(node, ret);
		break;
	case NODE_SEQUENCE:
		dump_items(tree, node, depth, ret);
		break;
	case NODE_MAPPING:
		dump_pairs(tree, node, depth, ret);
		break;
	}
}

void tree_dump(const struct tree *tree, struct buffer *ret)
{
	for (size_t i = 0; i < tree->count; i++) {
		buffer_add_text(ret, "document\n");
		dump_node(tree, tree->documents[i], 1, ret);
	}
}

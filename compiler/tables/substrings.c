// SPDX-License-Identifier: Apache-2.0
/*
 * substrings.c - struct abi_automaton: patterns to a tree of their beginnings, its states to rows of cells; see tables.h.
 *
 * Aho and Corasick, "Efficient string matching" (1975).  The rows of cells of all states lie in one array, each where its cells are
 * free.  States are numbered by length, so that what one falls back to has a smaller number.
 */
#include "compiler/tables/automaton.h"
#include "compiler/tables/tables.h"

#include <errno.h>
#include <string.h>

enum { CLASSES_MAX = 256, TRIES_MAX = 64, CELLS_MAX = ABI_HALF_SIZE / sizeof(struct abi_cell) };

/* A beginning of patterns. */
struct node {
	uint32_t child, sibling;	/* first child, next child of the same parent; 0: none */
	uint32_t fail;			/* longest proper end of it that is a node, too */
	uint32_t number;		/* of its state */
	uint32_t base;
	uint8_t class;			/* of its last byte */
	uint64_t rows;
};

struct builder {
	struct arena *arena;
	uint8_t classes[256];
	uint32_t class_count;
	struct node *nodes;
	uint32_t *order;		/* nodes by number of their states */
	uint32_t count;
	struct abi_cell *cells;
	uint32_t cell_count, first_free;
	uint32_t first[CLASSES_MAX];	/* children of node 0 */
};

/* ---- Bytes ---- */

static uint8_t fold(uint32_t kind, uint8_t byte)
{
	return kind == ABI_SUBSTRING_ANY_CASE && byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

static void number_classes(struct builder *builder, const struct table_pattern *patterns, size_t count)
{
	bool used[256] = { false };
	uint32_t others = 0, kind = count ? patterns[0].kind : 0;

	for (size_t n = 0; n < count; n++)
		for (uint32_t i = 0; i < patterns[n].length; i++)
			used[fold(kind, (uint8_t)patterns[n].bytes[i])] = true;
	for (int byte = 0; byte < 256; byte++)
		others += !used[fold(kind, (uint8_t)byte)];
	builder->class_count = others ? 1 : 0;
	for (int byte = 0; byte < 256; byte++)
		if (used[byte])
			builder->classes[byte] = (uint8_t)builder->class_count++;
	for (int byte = 'A'; byte <= 'Z' && kind == ABI_SUBSTRING_ANY_CASE; byte++)
		builder->classes[byte] = builder->classes[fold(kind, (uint8_t)byte)];
}

/* ---- Nodes ---- */

static uint32_t find_child(const struct builder *builder, uint32_t node, uint8_t class)
{
	uint32_t child = builder->nodes[node].child;

	while (child && builder->nodes[child].class != class)
		child = builder->nodes[child].sibling;
	return child;
}

static uint32_t add_child(struct builder *builder, uint32_t node, uint8_t class)
{
	uint32_t child = builder->count++;

	builder->nodes[child] = (struct node){ .class = class, .sibling = builder->nodes[node].child };
	builder->nodes[node].child = child;
	return child;
}

static void add_pattern(struct builder *builder, const struct table_pattern *pattern)
{
	uint32_t node = 0;

	for (uint32_t n = 0; n < pattern->length; n++) {
		uint8_t class = builder->classes[(uint8_t)pattern->bytes[n]];
		uint32_t child = node ? find_child(builder, node, class) : builder->first[class];

		if (!child) {
			child = add_child(builder, node, class);
			if (!node)
				builder->first[class] = child;
		}
		node = child;
	}
	builder->nodes[node].rows |= pattern->rows;
}

/* ---- What a state falls back to ---- */

static uint32_t next_of(const struct builder *builder, uint32_t node, uint8_t class)
{
	uint32_t child = 0;

	for (;; node = builder->nodes[node].fail) {
		child = node ? find_child(builder, node, class) : builder->first[class];
		if (child || !node)
			return child;
	}
}

/* Breadth first: an end is shorter than what it is the end of. */
static void link_nodes(struct builder *builder)
{
	uint32_t tail = 1;

	for (uint32_t head = 0; head < tail; head++) {
		uint32_t node = builder->order[head], fail = builder->nodes[node].fail;

		builder->nodes[node].number = head;
		builder->nodes[node].rows |= builder->nodes[fail].rows;
		for (uint32_t child = builder->nodes[node].child; child; child = builder->nodes[child].sibling) {
			builder->nodes[child].fail = node ? next_of(builder, fail, builder->nodes[child].class) : 0;
			builder->order[tail++] = child;
		}
	}
}

/* ---- Cells ---- */

static bool is_free(const struct builder *builder, const struct node *node, uint32_t base)
{
	for (uint32_t child = node->child; child; child = builder->nodes[child].sibling) {
		uint32_t cell = base + builder->nodes[child].class;

		if (cell >= CELLS_MAX || builder->cells[cell].state)
			return false;
	}
	return true;
}

static uint32_t lowest_class(const struct builder *builder, const struct node *node)
{
	uint32_t lowest = CLASSES_MAX;

	for (uint32_t child = node->child; child; child = builder->nodes[child].sibling)
		if (builder->nodes[child].class < lowest)
			lowest = builder->nodes[child].class;
	return lowest;
}

/* Where the cells of all children are free: near the first free one, or behind all.  What was tried in vain is given up. */
static uint32_t find_base(struct builder *builder, const struct node *node)
{
	uint32_t lowest = lowest_class(builder, node), tries = 0, cell;

	while (builder->first_free < builder->cell_count && builder->cells[builder->first_free].state)
		builder->first_free++;
	for (cell = builder->first_free; cell < builder->cell_count && tries < TRIES_MAX; cell++) {
		if (builder->cells[cell].state || cell < lowest)
			continue;
		if (is_free(builder, node, cell - lowest))
			return cell - lowest;
		tries++;
	}
	if (tries == TRIES_MAX)
		builder->first_free = cell;
	return builder->cell_count;
}

/* Node 0 has `first` instead. */
static int place_node(struct builder *builder, struct node *node)
{
	uint32_t end;

	if (!node->child)
		return 0;
	node->base = find_base(builder, node);
	end = node->base + builder->class_count;
	if (end > CELLS_MAX)
		return -E2BIG;
	for (uint32_t child = node->child; child; child = builder->nodes[child].sibling)
		builder->cells[node->base + builder->nodes[child].class] =
			(struct abi_cell){ node->number + 1, builder->nodes[child].number };
	if (end > builder->cell_count)
		builder->cell_count = end;
	return 0;
}

static int place_nodes(struct builder *builder)
{
	int error = 0;

	builder->cells = arena_array(builder->arena, struct abi_cell, CELLS_MAX);
	builder->cell_count = builder->class_count;	/* nodes without children have base 0 */
	for (uint32_t n = 1; n < builder->count && !error; n++)
		error = place_node(builder, &builder->nodes[builder->order[n]]);
	return error;
}

/* ---- Output ---- */

static uint32_t write_out(const struct builder *builder, struct buffer *image)
{
	struct abi_automaton head = {
		.state_count = builder->count, .cell_count = builder->cell_count, .class_count = builder->class_count,
	};
	struct abi_state *states = arena_array(builder->arena, struct abi_state, builder->count);
	uint32_t first[CLASSES_MAX];

	for (uint32_t n = 0; n < builder->count; n++) {
		const struct node *node = &builder->nodes[builder->order[n]];

		states[n] = (struct abi_state){ node->rows, node->base, builder->nodes[node->fail].number };
	}
	for (uint32_t n = 0; n < builder->class_count; n++)
		first[n] = builder->nodes[builder->first[n]].number;
	memcpy(head.classes, builder->classes, sizeof(head.classes));
	return automaton_write(&head, states, builder->cells, first, image);
}

int table_add_substrings(struct table_output *output, const struct table_pattern *patterns, size_t count, uint32_t *ret)
{
	struct builder builder = { .arena = output->arena };
	uint64_t nodes = 1;

	for (size_t n = 0; n < count; n++)
		nodes += patterns[n].length;
	if (nodes > ABI_HALF_SIZE / sizeof(struct abi_state)) {
		output->reason = "the substrings are too long in all";
		return -E2BIG;
	}
	builder.nodes = arena_array(output->arena, struct node, nodes);
	builder.order = arena_array(output->arena, uint32_t, nodes);
	builder.count = 1;
	number_classes(&builder, patterns, count);
	for (size_t n = 0; n < count; n++)
		add_pattern(&builder, &patterns[n]);
	link_nodes(&builder);
	if (place_nodes(&builder)) {
		output->reason = "the substrings do not fit";
		return -E2BIG;
	}
	*ret = write_out(&builder, output->image);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * substrings.c - struct abi_automaton: patterns to a tree of their beginnings, its states to rows of cells; see tables.h.
 *
 * Aho and Corasick, "Efficient string matching" (1975).  Of the next states only those are kept that are not what state 0 would
 * give, and the rows of all states lie in one array, each where its cells are free.
 */
#include "compiler/tables/tables.h"

#include <errno.h>
#include <string.h>

enum { CLASSES_MAX = 256, TRIES_MAX = 64, CELLS_MAX = ABI_HALF_SIZE / sizeof(struct abi_cell) };

/* A beginning of patterns. */
struct node {
	uint32_t child, sibling;	/* first child, next child of the same parent; 0: none */
	uint32_t fail;			/* longest proper end of it that is a node, too */
	uint32_t moves, move_count;	/* in builder->moves: next states that are not those of node 0 */
	uint32_t base;
	uint8_t class;			/* of its last byte */
	uint64_t rows;
};

struct move { uint32_t class, next; };

struct builder {
	struct arena *arena;
	uint8_t classes[256];
	uint32_t class_count;
	struct node *nodes;
	uint32_t *order;		/* nodes by length */
	uint32_t count;
	struct move *moves;
	size_t move_count, move_room;
	struct abi_cell *cells;
	uint32_t cell_count, first_free;
	uint32_t first[CLASSES_MAX];	/* next states of node 0 */
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

/* ---- Next states ---- */

static void add_move(struct builder *builder, uint32_t class, uint32_t next)
{
	builder->moves = arena_grow(builder->arena, builder->moves, builder->move_count, &builder->move_room,
				    sizeof(*builder->moves));
	builder->moves[builder->move_count++] = (struct move){ class, next };
}

static uint32_t next_of(const struct builder *builder, uint32_t node, uint32_t class)
{
	const struct node *of = &builder->nodes[node];

	for (uint32_t n = 0; n < of->move_count; n++)
		if (builder->moves[of->moves + n].class == class)
			return builder->moves[of->moves + n].next;
	return builder->first[class];
}

/* The node's children, and for other classes the moves of the end that it falls back to, whose own are complete. */
static void find_moves(struct builder *builder, uint32_t node)
{
	struct node *of = &builder->nodes[node];
	const struct node *fail = &builder->nodes[of->fail];

	of->moves = (uint32_t)builder->move_count;
	for (uint32_t child = of->child; child; child = builder->nodes[child].sibling)
		add_move(builder, builder->nodes[child].class, child);
	for (uint32_t n = 0; n < fail->move_count; n++) {
		struct move move = builder->moves[fail->moves + n];

		if (!find_child(builder, node, (uint8_t)move.class))
			add_move(builder, move.class, move.next);
	}
	of->move_count = (uint32_t)builder->move_count - of->moves;
}

/* Breadth first: an end is shorter than what it is the end of. */
static int link_nodes(struct builder *builder)
{
	uint32_t head = 0, tail = 0;

	for (uint32_t child = builder->nodes[0].child; child; child = builder->nodes[child].sibling)
		builder->order[tail++] = child;
	while (head < tail) {
		uint32_t node = builder->order[head++], fail = builder->nodes[node].fail;

		builder->nodes[node].rows |= builder->nodes[fail].rows;
		find_moves(builder, node);
		if (builder->move_count > CELLS_MAX)
			return -E2BIG;
		for (uint32_t child = builder->nodes[node].child; child; child = builder->nodes[child].sibling) {
			builder->nodes[child].fail = next_of(builder, fail, builder->nodes[child].class);
			builder->order[tail++] = child;
		}
	}
	return 0;
}

/* ---- Cells ---- */

static bool is_free(const struct builder *builder, const struct node *node, uint32_t base)
{
	for (uint32_t n = 0; n < node->move_count; n++) {
		uint32_t cell = base + builder->moves[node->moves + n].class;

		if (cell >= CELLS_MAX || builder->cells[cell].state)
			return false;
	}
	return true;
}

/* Where all cells of the node's moves are free: near the first free one, or behind all. */
static uint32_t find_base(struct builder *builder, const struct node *node)
{
	uint32_t lowest = builder->moves[node->moves].class, tries = 0;

	for (uint32_t n = 1; n < node->move_count; n++)
		if (builder->moves[node->moves + n].class < lowest)
			lowest = builder->moves[node->moves + n].class;
	while (builder->first_free < builder->cell_count && builder->cells[builder->first_free].state)
		builder->first_free++;
	for (uint32_t cell = builder->first_free; cell < builder->cell_count && tries < TRIES_MAX; cell++) {
		if (builder->cells[cell].state || cell < lowest)
			continue;
		if (is_free(builder, node, cell - lowest))
			return cell - lowest;
		tries++;
	}
	return builder->cell_count;
}

static int place_node(struct builder *builder, uint32_t number)
{
	struct node *node = &builder->nodes[number];
	uint32_t end;

	if (!node->move_count)
		return 0;
	node->base = find_base(builder, node);
	end = node->base + builder->class_count;
	if (end > CELLS_MAX)
		return -E2BIG;
	for (uint32_t n = 0; n < node->move_count; n++) {
		struct move move = builder->moves[node->moves + n];

		builder->cells[node->base + move.class] = (struct abi_cell){ number + 1, move.next };
	}
	if (end > builder->cell_count)
		builder->cell_count = end;
	return 0;
}

static int place_nodes(struct builder *builder)
{
	int error = 0;

	builder->cells = arena_array(builder->arena, struct abi_cell, CELLS_MAX);
	builder->cell_count = builder->class_count;	/* nodes without moves have base 0 */
	for (uint32_t n = 1; n < builder->count && !error; n++)
		error = place_node(builder, builder->order[n - 1]);
	return error;
}

/* ---- Output ---- */

static uint32_t write_states(const struct builder *builder, struct buffer *image)
{
	uint32_t at = (uint32_t)image->length;

	for (uint32_t n = 0; n < builder->count; n++) {
		struct abi_state state = { .rows = builder->nodes[n].rows, .base = builder->nodes[n].base };

		buffer_add(image, &state, sizeof(state));
	}
	return at;
}

static void write_out(const struct builder *builder, struct buffer *image, uint32_t *ret)
{
	struct abi_automaton table = {
		.state_count = builder->count, .cell_count = builder->cell_count, .class_count = builder->class_count,
	};
	size_t at;

	buffer_align(image, 8);
	at = image->length;
	buffer_reserve(image, sizeof(table));
	memcpy(table.classes, builder->classes, sizeof(table.classes));
	table.states = write_states(builder, image);
	table.cells = (uint32_t)image->length;
	buffer_add(image, builder->cells, builder->cell_count * sizeof(struct abi_cell));
	table.first = (uint32_t)image->length;
	buffer_add(image, builder->first, builder->class_count * sizeof(uint32_t));
	buffer_align(image, 8);
	memcpy(image->bytes + at, &table, sizeof(table));
	*ret = (uint32_t)at;
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
	if (link_nodes(&builder) || place_nodes(&builder)) {
		output->reason = "the substrings have too many continuations";
		return -E2BIG;
	}
	write_out(&builder, output->image, ret);
	return 0;
}

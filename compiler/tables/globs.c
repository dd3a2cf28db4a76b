// SPDX-License-Identifier: Apache-2.0
/*
 * globs.c - struct abi_automaton of whole strings: patterns of paths to a deterministic automaton; see tables.h.
 *
 * The subset construction: a state is the set of places in the patterns where a string that was read so far may be.  State 0 is where all
 * patterns begin, state 1 where none goes on.  Whatever a state does as state 0 does takes no cell.
 */
#include "compiler/tables/tables.h"

#include <errno.h>
#include <string.h>

#include "compiler/base/path_glob.h"
#include "compiler/tables/automaton.h"

enum { CLASSES_MAX = 256, STATES_MAX = 1u << 14, CELLS_MAX = ABI_HALF_SIZE / sizeof(struct abi_cell), PLACES_MAX = 1u << 20, HASHES = 1u << 15,
       TRIES_MAX = 64 };

/* A part of a pattern; behind the last one, its end. */
struct place {
	const struct path_glob_part *part;	/* NULL: the end */
	uint64_t rows;				/* of the end */
};

struct state { uint32_t first, count, next; };	/* its places, ascending; next in its chain of hashes, plus 1 */

struct builder {
	struct arena *arena;
	struct place *places;
	uint32_t place_count;
	uint8_t classes[256];
	uint8_t sample[CLASSES_MAX];	/* by class: a byte of it */
	uint32_t class_count;
	struct state *states;
	uint32_t state_count;
	uint32_t *sets;			/* the places of all states, one after the other */
	size_t set_count, set_room;
	uint32_t *hashes;		/* by hash: a state, plus 1 */
	bool *marks;			/* by place: is in the set that is gathered */
	uint32_t *gathered, gathered_count;
	uint32_t *next;			/* by state and class */
	size_t next_room;
	struct abi_cell *cells;
	uint32_t cell_count, first_free;
	uint32_t *bases;
};

/* ---- Classes of bytes: those that no part tells apart ---- */

static void split(struct builder *builder, const struct path_glob_part *part)
{
	int inside[CLASSES_MAX], outside[CLASSES_MAX];

	memset(inside, -1, sizeof(inside));
	memset(outside, -1, sizeof(outside));
	for (unsigned byte = 0; byte < 256; byte++) {
		const uint8_t class = builder->classes[byte];
		int *side = path_glob_has(part, (uint8_t)byte) ? inside : outside, *other = side == inside ? outside : inside;

		if (side[class] < 0)
			side[class] = other[class] < 0 ? class : (int)builder->class_count++;
		builder->classes[byte] = (uint8_t)side[class];
	}
}

static void find_classes(struct builder *builder)
{
	struct path_glob_part slash = { .bytes = { ['/' >> 6] = 1ULL << ('/' & 63) } };

	builder->class_count = 1;
	split(builder, &slash);
	for (uint32_t n = 0; n < builder->place_count; n++)
		if (builder->places[n].part && builder->places[n].part->kind == PATH_GLOB_BYTE)
			split(builder, builder->places[n].part);
	for (unsigned byte = 0; byte < 256; byte++)
		builder->sample[builder->classes[byte]] = (uint8_t)byte;
}

/* ---- Places ---- */

static int read_patterns(struct builder *builder, const struct table_pattern *patterns, size_t count)
{
	uint64_t room = 0;

	for (size_t n = 0; n < count; n++)
		room += patterns[n].length + 2;
	if (room > STATES_MAX)
		return -E2BIG;
	builder->places = arena_array(builder->arena, struct place, room);
	for (size_t n = 0; n < count; n++) {
		struct path_glob glob;

		if (path_glob_read(patterns[n].bytes, patterns[n].length, builder->arena, &glob))
			return -E2BIG;
		for (size_t i = 0; i < glob.count; i++)
			builder->places[builder->place_count++].part = &glob.parts[i];
		builder->places[builder->place_count++].rows = patterns[n].rows;
	}
	return 0;
}

static void mark(struct builder *builder, uint32_t place)
{
	if (!builder->marks[place])
		builder->gathered[builder->gathered_count++] = place;
	builder->marks[place] = true;
}

/* To the place, and past what may be nothing. */
static void enter(struct builder *builder, uint32_t place)
{
	for (;; place++) {
		mark(builder, place);
		if (!builder->places[place].part || builder->places[place].part->kind == PATH_GLOB_BYTE)
			return;
	}
}

static void go_on(struct builder *builder, uint32_t place, uint8_t byte)
{
	const struct path_glob_part *part = builder->places[place].part;

	if (!part)
		return;
	switch (part->kind) {
	case PATH_GLOB_BYTE:
		if (path_glob_has(part, byte))
			enter(builder, place + 1);
		break;
	case PATH_GLOB_NAME:
		if (byte != '/')
			enter(builder, place);
		break;
	case PATH_GLOB_FOLDERS:		/* past it only behind a / */
		mark(builder, place);
		if (byte == '/')
			enter(builder, place + 1);
		break;
	case PATH_GLOB_REST:
		enter(builder, place);
		break;
	}
}

/* ---- States ---- */

/* The set in ascending order, and no mark left. */
static void settle(struct builder *builder)
{
	uint32_t *places = builder->gathered;

	for (uint32_t n = 0; n < builder->gathered_count; n++) {
		const uint32_t place = places[n];
		uint32_t at = n;

		builder->marks[place] = false;
		for (; at && places[at - 1] > place; at--)
			places[at] = places[at - 1];
		places[at] = place;
	}
}

static uint32_t hash_of(const uint32_t *places, uint32_t count)
{
	uint32_t hash = 2166136261u;

	for (uint32_t n = 0; n < count; n++)
		hash = (hash ^ places[n]) * 16777619u;
	return (hash ^ hash >> 15) & (HASHES - 1);
}

static int add_state(struct builder *builder, uint32_t *chain, uint32_t *ret)
{
	const uint32_t count = builder->gathered_count;
	struct state *state = &builder->states[builder->state_count];

	if (builder->state_count == STATES_MAX || builder->set_count + count > PLACES_MAX)
		return -E2BIG;
	while (builder->set_count + count > builder->set_room)
		builder->sets = arena_grow(builder->arena, builder->sets, builder->set_room, &builder->set_room, sizeof(*builder->sets));
	memcpy(builder->sets + builder->set_count, builder->gathered, count * sizeof(*builder->sets));
	*state = (struct state){ (uint32_t)builder->set_count, count, *chain };
	builder->set_count += count;
	*ret = builder->state_count++;
	*chain = *ret + 1;
	return 0;
}

/* The state that stands for the gathered set, which is then empty again. */
static int state_of(struct builder *builder, uint32_t *ret)
{
	uint32_t *chain;
	int error = 0;

	settle(builder);
	chain = &builder->hashes[hash_of(builder->gathered, builder->gathered_count)];
	for (*ret = *chain; *ret; *ret = builder->states[*ret - 1].next) {
		const struct state *state = &builder->states[*ret - 1];

		if (state->count == builder->gathered_count &&
		    !memcmp(builder->sets + state->first, builder->gathered, state->count * sizeof(*builder->sets)))
			break;
	}
	if (*ret)
		--*ret;
	else
		error = add_state(builder, chain, ret);
	builder->gathered_count = 0;
	return error;
}

static int expand(struct builder *builder, uint32_t number)
{
	int error = 0;

	while (((size_t)number + 1) * builder->class_count > builder->next_room)
		builder->next = arena_grow(builder->arena, builder->next, builder->next_room, &builder->next_room, sizeof(*builder->next));
	for (uint32_t class = 0; class < builder->class_count && !error; class++) {
		const struct state state = builder->states[number];

		for (uint32_t n = 0; n < state.count; n++)
			go_on(builder, builder->sets[state.first + n], builder->sample[class]);
		error = state_of(builder, &builder->next[(size_t)number * builder->class_count + class]);
	}
	return error;
}

static int find_states(struct builder *builder)
{
	uint32_t number;
	int error;

	builder->states = arena_array(builder->arena, struct state, STATES_MAX);
	builder->hashes = arena_array(builder->arena, uint32_t, HASHES);
	builder->marks = arena_array(builder->arena, bool, builder->place_count);
	builder->gathered = arena_array(builder->arena, uint32_t, builder->place_count);
	for (uint32_t place = 0; place < builder->place_count; place++)
		if (!place || !builder->places[place - 1].part)
			enter(builder, place);
	error = state_of(builder, &number);
	if (!error)
		error = state_of(builder, &number);	/* of nothing: ABI_STATE_DEAD */
	for (uint32_t n = 0; n < builder->state_count && !error; n++)
		error = expand(builder, n);
	return error;
}

/* ---- Cells ---- */

static uint32_t next_of(const struct builder *builder, uint32_t state, uint32_t class)
{
	return builder->next[(size_t)state * builder->class_count + class];
}

static bool has_cell(const struct builder *builder, uint32_t state, uint32_t class)
{
	return next_of(builder, state, class) != next_of(builder, 0, class);
}

static bool is_free(const struct builder *builder, uint32_t state, uint32_t base)
{
	if (base + builder->class_count > CELLS_MAX)
		return false;
	for (uint32_t class = 0; class < builder->class_count; class++)
		if (has_cell(builder, state, class) && builder->cells[base + class].state)
			return false;
	return true;
}

static int place_state(struct builder *builder, uint32_t state)
{
	uint32_t base = builder->first_free;

	for (int tries = 0; base < builder->cell_count && !is_free(builder, state, base); tries++)
		base = tries < TRIES_MAX ? base + 1 : builder->cell_count;
	if (base + builder->class_count > CELLS_MAX)
		return -E2BIG;
	builder->bases[state] = base;
	for (uint32_t class = 0; class < builder->class_count; class++)
		if (has_cell(builder, state, class))
			builder->cells[base + class] = (struct abi_cell){ state + 1, next_of(builder, state, class) };
	if (base + builder->class_count > builder->cell_count)
		builder->cell_count = base + builder->class_count;
	while (builder->first_free < builder->cell_count && builder->cells[builder->first_free].state)
		builder->first_free++;
	return 0;
}

static int place_states(struct builder *builder)
{
	int error = 0;

	builder->cells = arena_array(builder->arena, struct abi_cell, CELLS_MAX);
	builder->bases = arena_array(builder->arena, uint32_t, builder->state_count);
	builder->cell_count = builder->class_count;
	for (uint32_t n = 1; n < builder->state_count && !error; n++)
		error = place_state(builder, n);
	return error;
}

/* ---- Output ---- */

static uint64_t rows_of(const struct builder *builder, const struct state *state)
{
	uint64_t rows = 0;

	for (uint32_t n = 0; n < state->count; n++)
		rows |= builder->places[builder->sets[state->first + n]].rows;
	return rows;
}

static uint32_t write_out(const struct builder *builder, struct buffer *image)
{
	struct abi_automaton head = {
		.state_count = builder->state_count, .cell_count = builder->cell_count, .class_count = builder->class_count,
		.flags = ABI_AUTOMATON_WHOLE,
	};
	struct abi_state *states = arena_array(builder->arena, struct abi_state, builder->state_count);

	for (uint32_t n = 0; n < builder->state_count; n++)
		states[n] = (struct abi_state){ rows_of(builder, &builder->states[n]), builder->bases[n], 0 };
	memcpy(head.classes, builder->classes, sizeof(head.classes));
	return automaton_write(&head, states, builder->cells, builder->next, image);
}

int table_add_globs(struct table_output *output, const struct table_pattern *patterns, size_t count, uint32_t *ret)
{
	struct builder builder = { .arena = output->arena };
	int error = read_patterns(&builder, patterns, count);

	if (!error) {
		find_classes(&builder);
		error = find_states(&builder);
	}
	if (!error)
		error = place_states(&builder);
	if (error) {
		output->reason = "the patterns are too many, or have too many '*' in all";
		return error;
	}
	*ret = write_out(&builder, output->image);
	return 0;
}

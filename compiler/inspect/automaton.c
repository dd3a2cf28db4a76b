// SPDX-License-Identifier: Apache-2.0
/*
 * automaton.c - the patterns that an automaton finds; see parts.h.
 *
 * The way from state 0 to a state is the beginning of patterns that it stands for.  One ends there for a row that the state has
 * while the state that it falls back to has not: else the longer one would say nothing new.
 */
#include "compiler/inspect/parts.h"

struct walk {
	const struct abi_automaton *table;
	const struct abi_state *states;
	uint8_t byte[256];		/* by class: the last byte that has it, small letters behind capitals */
	bool either[256];		/* by class: a letter in either case */
	uint32_t *before;		/* by state: the one before it on its way */
	uint8_t *class;			/* by state: of the last byte */
	bool *reached;			/* by state */
};

static void number_bytes(struct walk *walk)
{
	const uint8_t *classes = walk->table->classes;

	for (int byte = 0; byte < 256; byte++)
		walk->byte[classes[byte]] = (uint8_t)byte;
	for (int byte = 'a'; byte <= 'z'; byte++)
		walk->either[classes[byte]] = classes[byte] == classes[byte - 'a' + 'A'];
}

static void add_edge(struct walk *walk, uint32_t from, uint32_t class, uint32_t to)
{
	if (!to || walk->reached[to])
		return;
	walk->reached[to] = true;
	walk->before[to] = from;
	walk->class[to] = (uint8_t)class;
}

static void find_ways(struct walk *walk, const uint32_t *first, const struct abi_cell *cells)
{
	for (uint32_t class = 0; class < walk->table->class_count; class++)
		add_edge(walk, 0, class, first[class]);
	for (uint32_t n = 0; n < walk->table->cell_count; n++) {
		const uint32_t state = cells[n].state - 1, base = cells[n].state ? walk->states[state].base : 0;

		if (cells[n].state && n >= base && n - base < walk->table->class_count)
			add_edge(walk, state, n - base, cells[n].next);
	}
}

static void reverse(char *bytes, size_t length)
{
	for (size_t n = 0; n < length / 2; n++) {
		char byte = bytes[n];

		bytes[n] = bytes[length - 1 - n];
		bytes[length - 1 - n] = byte;
	}
}

/* From the end back.  No policy has one that is longer than LIMIT_STRING_BYTES; of such, the end is told. */
static void tell(const struct walk *walk, uint32_t state, uint64_t rows, each_member *each, void *context)
{
	char bytes[LIMIT_STRING_BYTES];
	struct buffer text = { 0 };
	bool either = false;
	size_t length = 0;

	for (; state && length < sizeof(bytes); state = walk->before[state]) {
		either |= walk->either[walk->class[state]];
		bytes[length++] = (char)walk->byte[walk->class[state]];
	}
	reverse(bytes, length);
	if (state)
		buffer_add_text(&text, "after more, ");
	spell_pattern(either ? ABI_SUBSTRING_ANY_CASE : ABI_SUBSTRING, bytes, length, &text);
	each(context, text.bytes, rows);
	buffer_release(&text);
}

/* How whole strings look cannot be told from their automaton. */
static void tell_whole(const struct abi_automaton *table, const struct abi_state *states, each_member *each, void *context)
{
	uint64_t rows = 0;

	for (uint32_t n = 0; n < table->state_count; n++)
		rows |= states[n].rows;
	for (uint64_t row = 1; row; row <<= 1)
		if (rows & row)
			each(context, "is like one of the patterns of its filter", row);
}

void inspect_each_substring(struct inspection *inspection, uint32_t offset, each_member *each, void *context)
{
	const struct abi_automaton *table = (const void *)(inspection->bytes + offset);
	struct arena arena = { 0 };
	struct walk walk = {
		.table = table, .states = (const void *)(inspection->bytes + table->states),
		.before = arena_array(&arena, uint32_t, table->state_count),
		.class = arena_array(&arena, uint8_t, table->state_count),
		.reached = arena_array(&arena, bool, table->state_count),
	};

	if (table->flags & ABI_AUTOMATON_WHOLE) {
		tell_whole(table, walk.states, each, context);
		arena_release(&arena);
		return;
	}
	number_bytes(&walk);
	find_ways(&walk, (const void *)(inspection->bytes + table->first), (const void *)(inspection->bytes + table->cells));
	for (uint32_t state = 0; state < table->state_count; state++) {
		uint64_t rows = walk.states[state].rows & ~(state ? walk.states[walk.states[state].fail].rows : 0);

		if (rows && (!state || walk.reached[state]))
			tell(&walk, state, rows, each, context);
	}
	arena_release(&arena);
}

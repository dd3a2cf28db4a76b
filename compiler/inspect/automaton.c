// SPDX-License-Identifier: Apache-2.0
/*
 * automaton.c - the patterns that an automaton finds; see parts.h.
 *
 * The shortest way to a state is the beginning of patterns that it stands for.  One ends there for a row that the state has
 * while the state for the rest behind the first byte has not: else the longer one would say nothing new.
 */
#include "compiler/inspect/parts.h"

struct walk {
	const struct abi_automaton *table;
	const struct abi_state *states;
	const struct abi_cell *cells;
	const uint32_t *first;
	uint8_t byte[256];		/* by class: the last byte that has it, small letters before capitals */
	bool either[256];		/* by class: a letter in either case */
	uint32_t *before;		/* by state: the one before it on the shortest way, plus 1; 0: not reached */
	uint32_t *fail;			/* by state */
	uint8_t *class;			/* by state: of the last byte */
};

static uint32_t next_of(const struct walk *walk, uint32_t state, uint32_t class)
{
	const struct abi_cell *cell = &walk->cells[walk->states[state].base + class];

	return cell->state == state + 1 ? cell->next : walk->first[class];
}

static void number_bytes(struct walk *walk)
{
	const uint8_t *classes = walk->table->classes;

	for (int byte = 0; byte < 256; byte++)
		walk->byte[classes[byte]] = (uint8_t)byte;
	for (int byte = 'a'; byte <= 'z'; byte++)
		walk->either[classes[byte]] = classes[byte] == classes[byte - 'a' + 'A'];
}

/* Breadth first; every state is entered once. */
static void find_ways(struct walk *walk, struct arena *arena)
{
	uint32_t *order = arena_array(arena, uint32_t, walk->table->state_count), head = 0, tail = 0;

	order[tail++] = 0;
	walk->before[0] = 1;
	while (head < tail) {
		uint32_t state = order[head++];

		for (uint32_t class = 0; class < walk->table->class_count; class++) {
			uint32_t next = next_of(walk, state, class);

			if (walk->before[next])
				continue;
			walk->before[next] = state + 1;
			walk->class[next] = (uint8_t)class;
			walk->fail[next] = state ? next_of(walk, walk->fail[state], class) : 0;
			order[tail++] = next;
		}
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

/* From the end back.  No policy has one that is longer than LIMIT_SUBSTRING_BYTES; of such, the end is told. */
static void tell(const struct walk *walk, uint32_t state, uint64_t rows, each_member *each, void *context)
{
	char bytes[LIMIT_SUBSTRING_BYTES];
	struct buffer text = { 0 };
	bool either = false;
	size_t length = 0;

	for (; state && length < sizeof(bytes); state = walk->before[state] - 1) {
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

void inspect_each_substring(struct inspection *inspection, uint32_t offset, each_member *each, void *context)
{
	const struct abi_automaton *table = (const void *)(inspection->bytes + offset);
	struct arena arena = { 0 };
	struct walk walk = {
		.table = table, .states = (const void *)(inspection->bytes + table->states),
		.cells = (const void *)(inspection->bytes + table->cells),
		.first = (const void *)(inspection->bytes + table->first),
		.before = arena_array(&arena, uint32_t, table->state_count),
		.fail = arena_array(&arena, uint32_t, table->state_count),
		.class = arena_array(&arena, uint8_t, table->state_count),
	};

	number_bytes(&walk);
	find_ways(&walk, &arena);
	for (uint32_t state = 0; state < table->state_count; state++) {
		uint64_t rows = walk.states[state].rows & ~(state ? walk.states[walk.fail[state]].rows : 0);

		if (rows && walk.before[state])
			tell(&walk, state, rows, each, context);
	}
	arena_release(&arena);
}

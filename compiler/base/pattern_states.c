// SPDX-License-Identifier: Apache-2.0
/* pattern_states.c - patterns as states that are walked all at once, after Thompson; see pattern_node.h. */
#include "compiler/base/pattern_node.h"

#include <string.h>

#include "schema/schema.h"

enum state_kind { STATE_MATCH, STATE_SET, STATE_ASSERTION, STATE_SPLIT };

struct pattern_state {
	enum state_kind kind;
	uint32_t next, other;		/* numbers of states; other: of SPLIT */
	struct pattern_set set;
	enum pattern_assertion assertion;
};

/* ---- From the tree, back to front: what follows is there already ---- */

struct making {
	struct pattern_state *states;
	uint32_t count;
	bool full;
};

static uint32_t add_state(struct making *making, struct pattern_state state)
{
	if (making->count == LIMIT_PATTERN_STATES) {
		making->full = true;
		return 0;
	}
	making->states[making->count] = state;
	return making->count++;
}

static uint32_t make(struct making *making, const struct pattern_node *node, uint32_t next);

/* Without end: round and round, or on. */
static uint32_t make_loop(struct making *making, const struct pattern_node *node, uint32_t next)
{
	const uint32_t split = add_state(making, (struct pattern_state){ .kind = STATE_SPLIT, .next = next, .other = next });
	const uint32_t body = make(making, node, split);

	if (!making->full)
		making->states[split].other = body;
	return split;
}

static uint32_t make_repeat(struct making *making, const struct pattern_node *node, uint32_t next)
{
	if (node->most == PATTERN_ENDLESS)
		next = make_loop(making, node->repeated, next);
	for (uint32_t n = node->least; n < node->most && node->most != PATTERN_ENDLESS && !making->full; n++)
		next = add_state(making, (struct pattern_state){ .kind = STATE_SPLIT, .next = next,
								.other = make(making, node->repeated, next) });
	for (uint32_t n = 0; n < node->least && !making->full; n++)
		next = make(making, node->repeated, next);
	return next;
}

/* Sequences grow to their left, alternatives too: no deeper than groups are nested. */
static uint32_t make(struct making *making, const struct pattern_node *node, uint32_t next)
{
	uint32_t other;

	if (making->full)
		return 0;
	switch (node->kind) {
	case NODE_NOTHING:
		return next;
	case NODE_SET:
		return add_state(making, (struct pattern_state){ .kind = STATE_SET, .next = next, .set = node->set });
	case NODE_ASSERTION:
		return add_state(making, (struct pattern_state){ .kind = STATE_ASSERTION, .next = next, .assertion = node->assertion });
	case NODE_SEQUENCE:
		for (; node->kind == NODE_SEQUENCE; node = node->first)
			next = make(making, node->second, next);
		return make(making, node, next);
	case NODE_EITHER:
		other = make(making, node->second, next);
		for (node = node->first; node->kind == NODE_EITHER; node = node->first)
			other = add_state(making, (struct pattern_state){ .kind = STATE_SPLIT, .other = other,
									 .next = make(making, node->second, next) });
		return add_state(making, (struct pattern_state){ .kind = STATE_SPLIT, .next = make(making, node, next), .other = other });
	default:
		return make_repeat(making, node, next);
	}
}

bool pattern_states(const struct pattern_node *node, struct arena *arena, struct pattern *ret)
{
	struct making making = { .states = arena_array(arena, struct pattern_state, LIMIT_PATTERN_STATES) };
	uint32_t start = add_state(&making, (struct pattern_state){ .kind = STATE_MATCH });

	start = make(&making, node, start);
	start = add_state(&making, (struct pattern_state){ .kind = STATE_SPLIT, .next = start, .other = start });
	if (making.full)
		return false;
	*ret = (struct pattern){ making.states, making.count };
	return true;
}

/* ---- Matching ---- */

struct walking {
	const struct pattern *pattern;
	const char *name;
	size_t length, at;
	uint32_t mark;				/* of this position */
	uint32_t marks[LIMIT_PATTERN_STATES];	/* by state: the latest position at which it was reached */
	uint32_t reached[2 * LIMIT_PATTERN_STATES + 1];
	uint32_t sets[2][LIMIT_PATTERN_STATES];	/* states that wait for a character */
	uint32_t counts[2];
};

static bool is_word(const struct walking *walking, size_t at)
{
	const unsigned char c = at < walking->length ? (unsigned char)walking->name[at] : 0;

	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool holds(const struct walking *walking, enum pattern_assertion assertion)
{
	const size_t at = walking->at;

	switch (assertion) {
	case AT_TEXT_START:
		return !at;
	case AT_TEXT_END:
		return at == walking->length;
	case AT_LINE_START:
		return !at || walking->name[at - 1] == '\n';
	case AT_LINE_END:
		return at == walking->length || walking->name[at] == '\n';
	default:
		return ((at && is_word(walking, at - 1)) != is_word(walking, at)) == (assertion == AT_WORD_BOUNDARY);
	}
}

/* All states that are reached from one without a character; true when one of them is the end. */
static bool reach(struct walking *walking, uint32_t start, unsigned side)
{
	size_t left = 1;

	walking->reached[0] = start;
	while (left) {
		const uint32_t number = walking->reached[--left];
		const struct pattern_state *state = &walking->pattern->states[number];

		if (walking->marks[number] == walking->mark)
			continue;
		walking->marks[number] = walking->mark;
		if (state->kind == STATE_MATCH)
			return true;
		if (state->kind == STATE_SET)
			walking->sets[side][walking->counts[side]++] = number;
		else if (state->kind == STATE_SPLIT)
			walking->reached[left++] = state->other;
		if (state->kind == STATE_SPLIT || (state->kind == STATE_ASSERTION && holds(walking, state->assertion)))
			walking->reached[left++] = state->next;
	}
	return false;
}

static bool step(struct walking *walking, unsigned from, unsigned char c)
{
	walking->counts[!from] = 0;
	for (uint32_t n = 0; n < walking->counts[from]; n++) {
		const struct pattern_state *state = &walking->pattern->states[walking->sets[from][n]];

		if (pattern_set_has(&state->set, c) && reach(walking, state->next, !from))
			return true;
	}
	return false;
}

static bool is_ascii(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name >= 128)
			return false;
	return true;
}

bool pattern_matches(const struct pattern *pattern, const char *name)
{
	struct walking walking;
	unsigned side = 0;

	if (!pattern->count || !is_ascii(name))
		return false;
	walking.pattern = pattern;
	walking.name = name;
	walking.length = strlen(name);
	walking.mark = 1;
	walking.counts[0] = 0;
	memset(walking.marks, 0, pattern->count * sizeof(*walking.marks));
	for (walking.at = 0; !reach(&walking, pattern->count - 1, side); side = !side) {
		if (walking.at == walking.length)
			return false;
		walking.at++;
		walking.mark++;
		if (step(&walking, side, (unsigned char)name[walking.at - 1]))
			return true;
	}
	return true;
}

// SPDX-License-Identifier: Apache-2.0
/* condition.c - ALL and ANY, flattened, and their asks merged; see condition.h. */
#include "compiler/selector/condition.h"

#include <string.h>

#include "compiler/selector/sets.h"

struct ir_condition condition_known(bool value)
{
	return (struct ir_condition){ .kind = value ? IR_ALL : IR_ANY };
}

bool condition_is(const struct ir_condition *condition, bool value)
{
	return condition->kind == (value ? IR_ALL : IR_ANY) && !condition->count;
}

struct ir_condition condition_ask(struct arena *arena, const struct ir_hook *hook, const struct ir_predicate *predicate)
{
	struct ir_predicate *copy = arena_new(arena, struct ir_predicate);

	*copy = *predicate;
	set_normalise(copy, ir_predicate_domain(hook, copy).keys, arena);
	if (copy->test == IR_NEVER || copy->test == IR_READABLE)
		return condition_known(copy->test == IR_READABLE);
	return (struct ir_condition){ .kind = IR_ASK, .predicate = copy };
}

/* ---- Merging ---- */

/* The patterns of `from` that `into` does not have. */
static void join_patterns(struct arena *arena, struct ir_pattern_list *into, const struct ir_pattern_list *from)
{
	struct ir_pattern *items = arena_array(arena, struct ir_pattern, into->count + from->count);
	size_t count = into->count;

	for (size_t n = 0; n < count; n++)
		items[n] = into->items[n];
	for (size_t n = 0; n < from->count; n++) {
		const struct ir_pattern *one = &from->items[n];
		size_t same = 0;

		while (same < count && (items[same].kind != one->kind || items[same].length != one->length ||
					memcmp(items[same].bytes, one->bytes, one->length)))
			same++;
		if (same == count)
			items[count++] = *one;
	}
	*into = (struct ir_pattern_list){ items, count };
}

static void join_intervals(struct arena *arena, struct ir_interval_list *into, const struct ir_interval_list *from)
{
	struct ir_interval *items = arena_array(arena, struct ir_interval, into->count + from->count);

	for (size_t n = 0; n < into->count + from->count; n++)
		items[n] = n < into->count ? into->items[n] : from->items[n - into->count];
	*into = (struct ir_interval_list){ items, into->count + from->count };
}

/* Neither set holds: not the set of both. */
static bool merge_negated(struct arena *arena, struct ir_predicate *into, const struct ir_predicate *from)
{
	switch (into->test) {
	case IR_INTERVALS:
		join_intervals(arena, &into->intervals, &from->intervals);
		return true;
	case IR_MASK:
		into->mask |= from->mask;
		return true;
	case IR_STRINGS:
	case IR_SUBSTRINGS:
		join_patterns(arena, &into->patterns, &from->patterns);
		return true;
	default:
		return false;
	}
}

/* Whether `into` now says what both said. */
static bool merge_all(struct condition_list *list, struct ir_predicate *into, const struct ir_predicate *from)
{
	struct ir_interval domain = ir_predicate_domain(list->hook, into).keys;

	if (into->negated && from->negated)
		return merge_negated(list->arena, into, from);
	if (into->test != IR_INTERVALS)
		return false;
	set_intersect_intervals(into, from, domain, list->arena);
	return true;
}

/* a || b is !(!a && !b). */
static bool merge(struct condition_list *list, struct ir_predicate *into, const struct ir_predicate *from)
{
	bool flip = list->kind == IR_ANY;
	struct ir_predicate a = *into, b = *from;

	if (a.test != b.test || !ir_subject_equal(&a, &b))
		return false;
	a.negated ^= flip;
	b.negated ^= flip;
	if (!merge_all(list, &a, &b))
		return false;
	a.negated ^= flip;
	*into = a;
	return true;
}

/* ---- Lists ---- */

static void append(struct condition_list *list, const struct ir_condition *part)
{
	list->items = arena_grow(list->arena, list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = *part;
}

/* An ask that says what an earlier one did too takes its place; it may be known then. */
static bool merge_into_earlier(struct condition_list *list, const struct ir_condition *part)
{
	for (size_t n = 0; part->kind == IR_ASK && n < list->count; n++) {
		struct ir_condition *earlier = &list->items[n];
		struct ir_predicate both;

		if (earlier->kind != IR_ASK)
			continue;
		both = *earlier->predicate;
		if (!merge(list, &both, part->predicate))
			continue;
		*earlier = condition_ask(list->arena, list->hook, &both);
		list->decided |= condition_is(earlier, list->kind == IR_ANY);
		return true;
	}
	return false;
}

void condition_add(struct condition_list *list, const struct ir_condition *part)
{
	if (condition_is(part, list->kind == IR_ANY)) {
		list->decided = true;
	} else if (part->kind == list->kind) {
		for (size_t n = 0; n < part->count; n++)
			condition_add(list, &part->parts[n]);
	} else if (!merge_into_earlier(list, part)) {
		append(list, part);
	}
}

struct ir_condition condition_join(const struct condition_list *list)
{
	if (list->decided)
		return condition_known(list->kind == IR_ANY);
	if (list->count == 1)
		return list->items[0];
	return (struct ir_condition){ .kind = list->kind, .parts = list->items, .count = list->count };
}

/* ---- What is read ---- */

static uint64_t words_read(const struct ir_condition *compare)
{
	uint64_t ret = 0;

	for (size_t n = 0; n < compare->word_count; n++)
		if (compare->words[n].op == IR_WORD_ARGUMENT)
			ret |= 1ULL << compare->words[n].number;
	return ret;
}

uint64_t condition_reads(const struct ir_condition *condition)
{
	uint64_t ret = condition->kind == IR_ANY && condition->count ? UINT64_MAX : 0;

	switch (condition->kind) {
	case IR_ASK:
		return 1ULL << condition->predicate->position;
	case IR_COMPARE:
		return words_read(condition);
	case IR_ALL:
		for (size_t n = 0; n < condition->count; n++)
			ret |= condition_reads(&condition->parts[n]);
		return ret;
	case IR_ANY:
		for (size_t n = 0; n < condition->count; n++)
			ret &= condition_reads(&condition->parts[n]);
		return ret;
	}
	return ret;
}

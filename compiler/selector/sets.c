// SPDX-License-Identifier: Apache-2.0
/* sets.c - sorting, merging and covering; see sets.h. */
#include "compiler/selector/sets.h"

#include <stdlib.h>
#include <string.h>

#include "bpf-templates/abi.h"

enum { FILTER_WORK_MAX = 1 << 20 };	/* pairs of patterns that are compared */

/* ---- Intervals ---- */

static int compare_intervals(const void *a, const void *b)
{
	const struct ir_interval *x = a, *y = b;

	return x->low < y->low ? -1 : x->low > y->low;
}

/* Drops what lies outside the domain and cuts what crosses its ends. */
static void clip(struct ir_interval_list *list, struct ir_interval domain)
{
	size_t kept = 0;

	for (size_t n = 0; n < list->count; n++) {
		struct ir_interval one = list->items[n];

		if (one.low < domain.low)
			one.low = domain.low;
		if (one.high > domain.high)
			one.high = domain.high;
		if (one.low <= one.high)
			list->items[kept++] = one;
	}
	list->count = kept;
}

/* Sorted, disjoint, not adjacent. */
static void merge(struct ir_interval_list *list)
{
	size_t kept = 0;

	if (!list->count)
		return;
	qsort(list->items, list->count, sizeof(*list->items), compare_intervals);
	for (size_t n = 1; n < list->count; n++) {
		struct ir_interval *last = &list->items[kept];

		if (last->high == UINT64_MAX || list->items[n].low <= last->high + 1) {
			if (list->items[n].high > last->high)
				last->high = list->items[n].high;
		} else {
			list->items[++kept] = list->items[n];
		}
	}
	list->count = kept + 1;
}

/* Everything in the domain that is not in the (merged, clipped) list. */
static struct ir_interval_list complement(const struct ir_interval_list *list, struct ir_interval domain,
					  struct arena *arena)
{
	struct ir_interval_list ret = { arena_array(arena, struct ir_interval, list->count + 1), 0 };
	uint64_t next = domain.low;

	for (size_t n = 0; n < list->count; n++) {
		if (list->items[n].low > next)
			ret.items[ret.count++] = (struct ir_interval){ next, list->items[n].low - 1 };
		if (list->items[n].high == domain.high)
			return ret;
		next = list->items[n].high + 1;
	}
	ret.items[ret.count++] = (struct ir_interval){ next, domain.high };
	return ret;
}

static void normalise_intervals(struct ir_predicate *predicate, struct ir_interval domain)
{
	struct ir_interval_list *list = &predicate->intervals;

	clip(list, domain);
	merge(list);
	if (!list->count)
		predicate->test = IR_NEVER;
	else if (list->items[0].low == domain.low && list->items[0].high == domain.high)
		predicate->test = IR_READABLE;
}

void set_intersect_intervals(struct ir_predicate *into, const struct ir_predicate *other,
			     struct ir_interval domain, struct arena *arena)
{
	struct ir_interval_list a = into->negated ? complement(&into->intervals, domain, arena) : into->intervals;
	struct ir_interval_list b = other->negated ? complement(&other->intervals, domain, arena) : other->intervals;
	struct ir_interval_list both = { arena_array(arena, struct ir_interval, a.count + b.count), 0 };

	for (size_t x = 0, y = 0; x < a.count && y < b.count;) {
		uint64_t low = a.items[x].low > b.items[y].low ? a.items[x].low : b.items[y].low;
		uint64_t high = a.items[x].high < b.items[y].high ? a.items[x].high : b.items[y].high;

		if (low <= high)
			both.items[both.count++] = (struct ir_interval){ low, high };
		if (a.items[x].high < b.items[y].high)
			x++;
		else
			y++;
	}
	into->intervals = both;
	into->negated = false;
	set_normalise(into, domain, arena);
}

/* ---- Patterns ---- */

/* Byte n of a pattern, from the end that it is anchored at. */
static unsigned char anchored_byte(const struct ir_pattern *pattern, uint32_t n)
{
	return (unsigned char)(pattern->kind == ABI_STRING_POSTFIX ? pattern->bytes[pattern->length - 1 - n]
								   : pattern->bytes[n]);
}

/* Orders by kind, then so that a pattern follows right after those that cover it; earlier written first. */
static int compare_patterns(const void *a, const void *b)
{
	const struct ir_pattern *x = *(const struct ir_pattern *const *)a;
	const struct ir_pattern *y = *(const struct ir_pattern *const *)b;
	uint32_t shorter = x->length < y->length ? x->length : y->length;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	for (uint32_t n = 0; n < shorter; n++)
		if (anchored_byte(x, n) != anchored_byte(y, n))
			return anchored_byte(x, n) < anchored_byte(y, n) ? -1 : 1;
	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Whether every string that satisfies `pattern` satisfies `cover`, both of one kind. */
static bool covers(const struct ir_pattern *cover, const struct ir_pattern *pattern)
{
	if (cover->kind != pattern->kind || cover->length > pattern->length)
		return false;
	if (cover->kind == ABI_STRING_EXACT && cover->length != pattern->length)
		return false;
	for (uint32_t n = 0; n < cover->length; n++)
		if (anchored_byte(cover, n) != anchored_byte(pattern, n))
			return false;
	return true;
}

/* Keeps the order in which they were written. */
static void normalise_patterns(struct ir_predicate *predicate, struct arena *arena)
{
	struct ir_pattern_list *list = &predicate->patterns;
	struct ir_pattern **sorted = arena_array(arena, struct ir_pattern *, list->count);
	const struct ir_pattern *cover = NULL;
	size_t kept = 0;

	for (size_t n = 0; n < list->count; n++)
		sorted[n] = &list->items[n];
	qsort(sorted, list->count, sizeof(*sorted), compare_patterns);
	for (size_t n = 0; n < list->count; n++)
		if (cover && covers(cover, sorted[n]))
			sorted[n]->kind = 0;
		else
			cover = sorted[n];
	for (size_t n = 0; n < list->count; n++)
		if (list->items[n].kind)
			list->items[kept++] = list->items[n];
	list->count = kept;
	for (size_t n = 0; n < list->count; n++)
		if (!list->items[n].length && list->items[n].kind != ABI_STRING_EXACT)
			predicate->test = IR_READABLE;
}

/* Substrings cover each other in ways that are not worth finding: only what is there twice goes. */
static int compare_whole(const void *a, const void *b)
{
	const struct ir_pattern *x = *(const struct ir_pattern *const *)a;
	const struct ir_pattern *y = *(const struct ir_pattern *const *)b;
	int order;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	order = x->length ? memcmp(x->bytes, y->bytes, x->length) : 0;
	return order ? order : (x > y) - (x < y);
}

static bool are_same(const struct ir_pattern *a, const struct ir_pattern *b)
{
	return a->length == b->length && (!a->length || !memcmp(a->bytes, b->bytes, a->length));
}

static void normalise_substrings(struct ir_predicate *predicate, struct arena *arena)
{
	struct ir_pattern_list *list = &predicate->patterns;
	struct ir_pattern **sorted = arena_array(arena, struct ir_pattern *, list->count);
	size_t kept = 0, before = 0;

	for (size_t n = 0; n < list->count; n++)
		sorted[n] = &list->items[n];
	qsort(sorted, list->count, sizeof(*sorted), compare_whole);
	for (size_t n = 1; n < list->count; n++)
		if (sorted[n]->kind == sorted[before]->kind && are_same(sorted[n], sorted[before]))
			sorted[n]->kind = 0;
		else
			before = n;
	for (size_t n = 0; n < list->count; n++)
		if (list->items[n].kind)
			list->items[kept++] = list->items[n];
	list->count = kept;
}

static bool pattern_holds(const struct ir_pattern *pattern, const struct ir_pattern *string)
{
	struct ir_pattern as_exact = *string;

	as_exact.kind = pattern->kind;
	return covers(pattern, &as_exact);
}

static bool any_holds(const struct ir_pattern_list *list, const struct ir_pattern *string)
{
	for (size_t n = 0; n < list->count; n++)
		if (pattern_holds(&list->items[n], string))
			return true;
	return false;
}

bool set_filter_patterns(struct ir_predicate *exact, const struct ir_predicate *other)
{
	size_t kept = 0;

	if (exact->negated || exact->patterns.count * other->patterns.count > FILTER_WORK_MAX)
		return false;
	for (size_t n = 0; n < exact->patterns.count; n++)
		if (exact->patterns.items[n].kind != ABI_STRING_EXACT)
			return false;
	for (size_t n = 0; n < exact->patterns.count; n++)
		if (any_holds(&other->patterns, &exact->patterns.items[n]) != other->negated)
			exact->patterns.items[kept++] = exact->patterns.items[n];
	exact->patterns.count = kept;
	if (!kept)
		exact->test = IR_NEVER;
	return true;
}

/* ---- Networks ---- */

static int compare_networks(const void *a, const void *b)
{
	const struct ir_network *x = *(const struct ir_network *const *)a;
	const struct ir_network *y = *(const struct ir_network *const *)b;
	int order;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	order = memcmp(x->address, y->address, sizeof(x->address));
	if (order)
		return order;
	if (x->prefix != y->prefix)
		return x->prefix < y->prefix ? -1 : 1;
	return x < y ? -1 : x > y;
}

static bool network_covers(const struct ir_network *cover, const struct ir_network *network)
{
	unsigned int bytes = cover->prefix / 8, bits = cover->prefix % 8;

	if (cover->family != network->family || cover->prefix > network->prefix ||
	    memcmp(cover->address, network->address, bytes))
		return false;
	return !bits || !((cover->address[bytes] ^ network->address[bytes]) >> (8 - bits));
}

static void normalise_networks(struct ir_predicate *predicate, struct arena *arena)
{
	struct ir_network_list *list = &predicate->networks;
	struct ir_network **sorted = arena_array(arena, struct ir_network *, list->count);
	const struct ir_network *cover = NULL;
	size_t kept = 0;

	for (size_t n = 0; n < list->count; n++)
		sorted[n] = &list->items[n];
	qsort(sorted, list->count, sizeof(*sorted), compare_networks);
	for (size_t n = 0; n < list->count; n++)
		if (cover && network_covers(cover, sorted[n]))
			sorted[n]->family = 0;
		else
			cover = sorted[n];
	for (size_t n = 0; n < list->count; n++)
		if (list->items[n].family)
			list->items[kept++] = list->items[n];
	list->count = kept;
}

/* The sets that READABLE and NEVER no longer need are emptied, so that equal predicates compare equal. */
static void settle(struct ir_predicate *predicate)
{
	if (predicate->test != IR_READABLE && predicate->test != IR_NEVER)
		return;
	if (predicate->negated)
		predicate->test = predicate->test == IR_NEVER ? IR_READABLE : IR_NEVER;
	predicate->negated = false;
	predicate->intervals.count = 0;
	predicate->patterns.count = 0;
	predicate->networks.count = 0;
	predicate->mask = 0;
}

void set_normalise(struct ir_predicate *predicate, struct ir_interval domain, struct arena *arena)
{
	switch (predicate->test) {
	case IR_INTERVALS:
		normalise_intervals(predicate, domain);
		break;
	case IR_STRINGS:
		normalise_patterns(predicate, arena);
		break;
	case IR_NETWORKS:
		normalise_networks(predicate, arena);
		break;
	case IR_SUBSTRINGS:
		normalise_substrings(predicate, arena);
		break;
	case IR_HOST:		/* beside the host even all numbers say something, if nothing new */
		clip(&predicate->intervals, domain);
		merge(&predicate->intervals);
		break;
	case IR_MASK:
	case IR_NEVER:
	case IR_READABLE:
	case IR_OTHERS:
	case IR_GAINED:
	case IR_HOLDS:
	case IR_SCOPED:
	case IR_OPAQUE:
		break;
	}
	settle(predicate);
}

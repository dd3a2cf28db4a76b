// SPDX-License-Identifier: Apache-2.0
/* extents.c - sorting, merging and walking; see extents.h. */
#include "compiler/selector/extents.h"

#include <stdlib.h>
#include <string.h>

#define KEY_MAX (~(extent_key)0)
#define MAPPED ((extent_key)0xffff << 32)	/* ::ffff:0.0.0.0 */

static int compare(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	return x->low < y->low ? -1 : x->low > y->low;
}

static void merge(struct extent_list *list)
{
	size_t kept = 0;

	if (!list->count)
		return;
	qsort(list->items, list->count, sizeof(*list->items), compare);
	for (size_t n = 1; n < list->count; n++) {
		struct extent *last = &list->items[kept];

		if (last->high != KEY_MAX && list->items[n].low > last->high + 1)
			list->items[++kept] = list->items[n];
		else if (list->items[n].high > last->high)
			last->high = list->items[n].high;
	}
	list->count = kept + 1;
}

static void walk_on(struct extent_walk *walk)
{
	walk->at++;
	walk->inside = false;
}

bool extent_walk_next(struct extent_walk *walk, struct budget *budget, struct extent *ret)
{
	while (walk->at < walk->a->count) {
		const struct extent *one = &walk->a->items[walk->at], *other;

		if (!walk->inside)
			walk->from = one->low;
		walk->inside = true;
		for (; walk->other < walk->b->count && walk->b->items[walk->other].high < walk->from; walk->other++)
			budget_spend(budget, 1);
		budget_spend(budget, 1);
		other = walk->other < walk->b->count ? &walk->b->items[walk->other] : NULL;
		if (!other || other->low > one->high) {
			*ret = (struct extent){ walk->from, one->high };
			walk_on(walk);
			return true;
		}
		if (other->low > walk->from) {
			*ret = (struct extent){ walk->from, other->low - 1 };
			walk->from = other->low;
			return true;
		}
		if (other->high >= one->high)
			walk_on(walk);
		else
			walk->from = other->high + 1;
	}
	return false;
}

struct extents extents_without(const struct extents *a, const struct extents *b, struct budget *budget,
			       struct arena *arena)
{
	struct extents ret;

	for (size_t n = 0; n < EXTENT_SPACES; n++) {
		struct extent_walk walk = { .a = &a->spaces[n], .b = &b->spaces[n] };
		struct extent_list *list = &ret.spaces[n];

		*list = (struct extent_list){
			arena_array(arena, struct extent, a->spaces[n].count + b->spaces[n].count), 0
		};
		while (extent_walk_next(&walk, budget, &list->items[list->count]))
			list->count++;
	}
	return ret;
}

struct extents extents_complement(const struct extents *extents, const struct extents *all, struct arena *arena)
{
	struct budget unlimited = { SIZE_MAX };

	return extents_without(all, extents, &unlimited, arena);
}

struct extents extents_intersect(const struct extents *a, const struct extents *b, struct arena *arena)
{
	const struct extents outside = extents_complement(b, a, arena);

	return extents_complement(&outside, a, arena);
}

bool extents_are_empty(const struct extents *extents)
{
	return !extents->spaces[0].count && !extents->spaces[1].count;
}

bool extents_are_equal(const struct extents *a, const struct extents *b)
{
	for (size_t n = 0; n < EXTENT_SPACES; n++)
		if (a->spaces[n].count != b->spaces[n].count ||
		    (a->spaces[n].count &&
		     memcmp(a->spaces[n].items, b->spaces[n].items, a->spaces[n].count * sizeof(struct extent))))
			return false;
	return true;
}

/* ---- Numbers ---- */

struct extents extents_of_all_numbers(struct ir_interval domain, struct arena *arena)
{
	struct extents ret = { .spaces[0] = { arena_new(arena, struct extent), 1 } };

	ret.spaces[0].items[0] = (struct extent){ domain.low, domain.high };
	return ret;
}

struct extents extents_of_intervals(const struct ir_predicate *predicate, struct ir_interval domain,
				    struct arena *arena)
{
	const struct extents all = extents_of_all_numbers(domain, arena);
	const struct ir_interval_list *list = &predicate->intervals;
	struct extents ret = { .spaces[0] = { arena_array(arena, struct extent, list->count), list->count } };

	for (size_t n = 0; n < list->count; n++)
		ret.spaces[0].items[n] = (struct extent){ list->items[n].low, list->items[n].high };
	return predicate->negated ? extents_complement(&ret, &all, arena) : ret;
}

/* ---- Addresses ---- */

static extent_key key_of(const struct ir_network *network)
{
	extent_key key = 0;

	for (size_t n = 0; n < (network->family == 4 ? 4u : 16u); n++)
		key = key << 8 | network->address[n];
	return key;
}

static void add_network(struct extents *extents, const struct ir_network *network)
{
	const unsigned int bits = network->family == 4 ? 32 : 128;
	const extent_key low = key_of(network), host = network->prefix ? ((extent_key)1 << (bits - network->prefix)) - 1
								       : KEY_MAX >> (128 - bits);
	struct extent_list *v4 = &extents->spaces[0], *v6 = &extents->spaces[1];

	if (network->family == 6) {
		v6->items[v6->count++] = (struct extent){ low, low | host };
		return;
	}
	v4->items[v4->count++] = (struct extent){ low, low | host };
	v6->items[v6->count++] = (struct extent){ MAPPED | low, MAPPED | low | host };
}

struct extents extents_of_networks(const struct ir_predicate *predicate, struct arena *arena)
{
	static struct extent whole_v4 = { 0, KEY_MAX >> 96 }, whole_v6 = { 0, KEY_MAX };
	const struct extents all = { .spaces = { { &whole_v4, 1 }, { &whole_v6, 1 } } };
	struct extents ret;

	for (size_t n = 0; n < EXTENT_SPACES; n++)
		ret.spaces[n] = (struct extent_list){ arena_array(arena, struct extent, predicate->networks.count), 0 };
	for (size_t n = 0; n < predicate->networks.count; n++)
		add_network(&ret, &predicate->networks.items[n]);
	merge(&ret.spaces[0]);
	merge(&ret.spaces[1]);
	return predicate->negated ? extents_complement(&ret, &all, arena) : ret;
}

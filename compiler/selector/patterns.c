// SPDX-License-Identifier: Apache-2.0
/* patterns.c - see patterns.h. */
#include "compiler/selector/patterns.h"

#include <stdlib.h>
#include <string.h>

#include "bpf-templates/abi.h"

enum { BYTES_PER_STEP = 16, STEPS_TO_SORT = 8 };	/* of each pattern */

static const struct order_row { uint32_t kind; bool backward; } rows[PATTERN_ORDERS] = {
	[PATTERN_EXACT] = { ABI_STRING_EXACT, false }, [PATTERN_PREFIX] = { ABI_STRING_PREFIX, false },
	[PATTERN_POSTFIX] = { ABI_STRING_POSTFIX, true }, [PATTERN_EXACT_BACKWARD] = { ABI_STRING_EXACT, true },
};

static int byte_from_end(const struct ir_pattern *pattern, uint32_t n)
{
	return (unsigned char)pattern->bytes[pattern->length - 1 - n];
}

static int compare(const struct ir_pattern *a, const struct ir_pattern *b, bool backward)
{
	const uint32_t shorter = a->length < b->length ? a->length : b->length;
	int order = 0;

	if (!backward)
		order = shorter ? memcmp(a->bytes, b->bytes, shorter) : 0;
	else
		for (uint32_t n = 0; n < shorter && !order; n++)
			order = byte_from_end(a, n) - byte_from_end(b, n);
	return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_forward(const void *a, const void *b)
{
	return compare(*(const struct ir_pattern *const *)a, *(const struct ir_pattern *const *)b, false);
}

static int compare_backward(const void *a, const void *b)
{
	return compare(*(const struct ir_pattern *const *)a, *(const struct ir_pattern *const *)b, true);
}

static struct pattern_list sort(const struct ir_pattern_list *list, enum pattern_order order, struct arena *arena)
{
	struct pattern_list sorted = { NULL, 0 };

	for (size_t n = 0; n < list->count; n++)
		sorted.count += list->items[n].kind == rows[order].kind;
	if (!sorted.count)
		return sorted;
	sorted.items = arena_array(arena, const struct ir_pattern *, sorted.count);
	sorted.count = 0;
	for (size_t n = 0; n < list->count; n++)
		if (list->items[n].kind == rows[order].kind)
			sorted.items[sorted.count++] = &list->items[n];
	qsort(sorted.items, sorted.count, sizeof(*sorted.items), rows[order].backward ? compare_backward : compare_forward);
	return sorted;
}

const struct pattern_list *patterns_sorted(struct pattern_set *set, enum pattern_order order, struct budget *budget)
{
	if (!set->is_sorted[order]) {
		set->orders[order] = sort(set->list, order, set->arena);
		set->is_sorted[order] = true;
		budget_spend(budget, set->list->count * STEPS_TO_SORT);
	}
	return &set->orders[order];
}

/* The first that is not less than the pattern. */
static size_t lower_bound(const struct pattern_list *list, enum pattern_order order, const struct ir_pattern *pattern,
			  struct budget *budget)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		budget_spend(budget, 1 + pattern->length / BYTES_PER_STEP);
		if (compare(list->items[middle], pattern, rows[order].backward) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* From the front, or backward, from the end. */
static bool begins(const struct ir_pattern *beginning, const struct ir_pattern *pattern, bool backward)
{
	const uint32_t rest = pattern->length - beginning->length;

	if (beginning->length > pattern->length)
		return false;
	return !beginning->length ||
	       !memcmp(beginning->bytes, pattern->bytes + (backward ? rest : 0), beginning->length);
}

/* None is the beginning of another one, so that the one that begins `pattern` is itself or comes right before it. */
static bool has_beginning(struct pattern_set *set, enum pattern_order order, const struct ir_pattern *pattern,
			  struct budget *budget)
{
	const struct pattern_list *list = patterns_sorted(set, order, budget);
	size_t at = lower_bound(list, order, pattern, budget);

	if (at < list->count && !compare(list->items[at], pattern, rows[order].backward))
		return true;
	return at && begins(list->items[at - 1], pattern, rows[order].backward);
}

static bool has_exact(struct pattern_set *set, const struct ir_pattern *pattern, struct budget *budget)
{
	const struct pattern_list *list = patterns_sorted(set, PATTERN_EXACT, budget);
	size_t at = lower_bound(list, PATTERN_EXACT, pattern, budget);

	return at < list->count && !compare(list->items[at], pattern, false);
}

bool patterns_cover(struct pattern_set *set, const struct ir_pattern *pattern, struct budget *budget)
{
	switch (pattern->kind) {
	case ABI_STRING_EXACT:
		return has_exact(set, pattern, budget) || has_beginning(set, PATTERN_PREFIX, pattern, budget) ||
		       has_beginning(set, PATTERN_POSTFIX, pattern, budget);
	case ABI_STRING_PREFIX:
		return has_beginning(set, PATTERN_PREFIX, pattern, budget);
	default:
		return has_beginning(set, PATTERN_POSTFIX, pattern, budget);
	}
}

static bool has_under(struct pattern_set *set, enum pattern_order order, const struct ir_pattern *pattern,
		      struct budget *budget)
{
	const struct pattern_list *list = patterns_sorted(set, order, budget);
	size_t at = lower_bound(list, order, pattern, budget);

	return at < list->count && begins(pattern, list->items[at], rows[order].backward);
}

bool patterns_meet(struct pattern_set *set, const struct ir_pattern *pattern, struct budget *budget)
{
	switch (pattern->kind) {
	case ABI_STRING_EXACT:
		return patterns_cover(set, pattern, budget);
	case ABI_STRING_PREFIX:		/* what begins so may end in any way */
		return patterns_sorted(set, PATTERN_POSTFIX, budget)->count ||
		       has_beginning(set, PATTERN_PREFIX, pattern, budget) ||
		       has_under(set, PATTERN_PREFIX, pattern, budget) ||
		       has_under(set, PATTERN_EXACT, pattern, budget);
	default:
		return patterns_sorted(set, PATTERN_PREFIX, budget)->count ||
		       has_beginning(set, PATTERN_POSTFIX, pattern, budget) ||
		       has_under(set, PATTERN_POSTFIX, pattern, budget) ||
		       has_under(set, PATTERN_EXACT_BACKWARD, pattern, budget);
	}
}

size_t patterns_under(struct pattern_set *set, enum pattern_order order, const struct ir_pattern *pattern,
		      struct budget *budget, size_t *ret)
{
	const struct pattern_list *list = patterns_sorted(set, order, budget);
	size_t count = 0;

	*ret = lower_bound(list, order, pattern, budget);
	while (*ret + count < list->count && begins(pattern, list->items[*ret + count], rows[order].backward))
		count++;
	budget_spend(budget, count);
	return count;
}

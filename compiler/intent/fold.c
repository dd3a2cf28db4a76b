// SPDX-License-Identifier: Apache-2.0
/* fold.c - see fold.h. */
#include "compiler/intent/fold.h"

#include <errno.h>
#include <string.h>

bool selector_passes(const struct policy_selector *selector)
{
	return selector->actions.count == 1 && selector->actions.items[0].action == ACTION_NO_POST;
}

static size_t count_others(const struct policy_selector *selector)
{
	return selector->pids.count + selector->parents.count + selector->namespaces.count + selector->capabilities.count +
		(selector->workloads != NULL);
}

static int negation_of(enum operator_id op)
{
	for (int id = 0; id < OPERATOR_COUNT; id++)
		if (operator_rows[id].negates == (int)op)
			return id;
	return -1;
}

/* One filter of an argument, which has a negated form, and nothing else. */
static bool is_argument_alone(const struct policy_selector *selector)
{
	return selector->arguments.count == 1 && !selector->binaries.count && !count_others(selector) &&
		negation_of(selector->arguments.items[0].op) >= 0;
}

/* Descendants are included in what is negated: NotIn says that of followChildren, too. */
static bool is_binary_alone(const struct policy_selector *selector)
{
	return selector->binaries.count == 1 && !selector->arguments.count && !count_others(selector) &&
		negation_of(selector->binaries.items[0].op) >= 0;
}

static void add_argument(struct arena *arena, const struct policy_argument_filter *filter, struct policy_selector *to)
{
	struct policy_argument_filter *items = arena_array(arena, struct policy_argument_filter, to->arguments.count + 1);

	memcpy(items, to->arguments.items, to->arguments.count * sizeof(*items));
	items[to->arguments.count] = *filter;
	items[to->arguments.count].op = (enum operator_id)negation_of(filter->op);
	to->arguments = (struct policy_argument_filter_list){ items, to->arguments.count + 1 };
}

static void add_binary(struct arena *arena, const struct policy_binary_filter *filter, struct policy_selector *to)
{
	struct policy_binary_filter *items = arena_new(arena, struct policy_binary_filter);

	*items = *filter;
	items->op = (enum operator_id)negation_of(filter->op);
	to->binaries = (struct policy_binary_filter_list){ items, 1 };
}

/* Into all that are behind it, or into none. */
static bool fold_one(const struct policy_selector *selector, struct arena *arena, struct policy_selector *behind, size_t count)
{
	const bool is_argument = is_argument_alone(selector);

	if (!is_argument && !is_binary_alone(selector))
		return false;
	for (size_t n = 0; n < count; n++)
		if (is_argument ? behind[n].arguments.count >= LIMIT_TETRAGON_ARGUMENT_FILTERS || selector_passes(&behind[n]) :
		    behind[n].binaries.count > 0 || selector_passes(&behind[n]))
			return false;
	for (size_t n = 0; n < count; n++) {
		if (is_argument)
			add_argument(arena, &selector->arguments.items[0], &behind[n]);
		else
			add_binary(arena, &selector->binaries.items[0], &behind[n]);
	}
	return true;
}

/* From the last that passes to the first, so that what is folded is behind all that is not. */
static size_t fold_all(struct policy_selector *items, size_t passing, size_t count, struct arena *arena)
{
	size_t kept = 0;
	struct policy_selector *stay = arena_array(arena, struct policy_selector, passing);

	for (size_t n = passing; n-- > 0;)
		if (!fold_one(&items[n], arena, items + passing, count - passing))
			stay[kept++] = items[n];
	for (size_t n = 0; n < kept; n++)
		items[n] = stay[kept - 1 - n];
	return kept;
}

static int refuse(struct diagnostics *diagnostics, const struct policy_selector *selector, size_t count)
{
	diag(diagnostics, DIAG_NOT_EMITTED, selector->at, "what is allowed takes %zu selectors of a TracingPolicy, and Tetragon has %d", count,
		LIMIT_TETRAGON_SELECTORS);
	diag_help(diagnostics, "group what is allowed: values of one key are one selector, and so are addresses with the same ports");
	return -EINVAL;
}

/* Those from `first` on, in as many entries as they take, each behind what passes. */
static void spread(struct arena *arena, const struct policy_selector *passing, size_t kept, const struct policy_selector *decided,
		   size_t count, struct folded *to)
{
	const size_t room = LIMIT_TETRAGON_SELECTORS - kept;

	for (size_t first = 0; first < count; first += room) {
		const size_t some = count - first < room ? count - first : room;
		struct policy_selector *entry = arena_array(arena, struct policy_selector, kept + some);

		if (kept)
			memcpy(entry, passing, kept * sizeof(*entry));
		memcpy(entry + kept, decided + first, some * sizeof(*entry));
		to->items[to->count++] = (struct policy_selector_list){ entry, kept + some };
	}
}

/* What is decided before anything passes is decided whatever comes behind it: an entry of its own. */
int selectors_fold(const struct policy_hook *hook, struct arena *arena, struct diagnostics *diagnostics, struct folded *ret)
{
	const size_t count = hook->selectors.count;
	struct policy_selector *items = arena_array(arena, struct policy_selector, count);
	size_t lead = 0, passing = 0, kept;

	memcpy(items, hook->selectors.items, count * sizeof(*items));
	while (lead < count && !selector_passes(&items[lead]))
		lead++;
	while (lead + passing < count && selector_passes(&items[lead + passing]))
		passing++;
	kept = fold_all(items + lead, passing, count - lead, arena);
	if (kept >= LIMIT_TETRAGON_SELECTORS)
		return refuse(diagnostics, &items[lead], kept + count - lead - passing);
	*ret = (struct folded){ .items = arena_array(arena, struct policy_selector_list, count) };
	spread(arena, NULL, 0, items, lead, ret);
	spread(arena, items + lead, kept, items + lead + passing, count - lead - passing, ret);
	return 0;
}

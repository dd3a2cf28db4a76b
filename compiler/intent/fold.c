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

/* As a TracingPolicy has it. */
static int negation_of(enum operator_id op)
{
	for (int id = 0; id < OPERATOR_COUNT; id++)
		if (operator_rows[id].negates == (int)op && operator_rows[id].filters)
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

	if (to->arguments.count)
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

static bool has_room(const struct policy_selector *selector, bool is_argument)
{
	return is_argument ? selector->arguments.count < LIMIT_TETRAGON_ARGUMENT_FILTERS : !selector->binaries.count;
}

/* Into all that decide behind it, or into none.  What passes behind it may do so all the same. */
static bool fold_one(const struct policy_selector *selector, struct arena *arena, struct policy_selector *behind, size_t count)
{
	const bool is_argument = is_argument_alone(selector);

	if (!is_argument && !is_binary_alone(selector))
		return false;
	for (size_t n = 0; n < count; n++)
		if (!selector_passes(&behind[n]) && !has_room(&behind[n], is_argument))
			return false;
	for (size_t n = 0; n < count; n++) {
		if (selector_passes(&behind[n]))
			continue;
		if (is_argument)
			add_argument(arena, &selector->arguments.items[0], &behind[n]);
		else
			add_binary(arena, &selector->binaries.items[0], &behind[n]);
	}
	return true;
}

/* From the last that passes to the first: what is folded is taken out. */
static size_t fold_all(struct policy_selector *items, size_t count, struct arena *arena)
{
	size_t left = 0;
	bool *folded = arena_array(arena, bool, count);

	for (size_t n = count; n-- > 0;)
		folded[n] = selector_passes(&items[n]) && fold_one(&items[n], arena, items + n + 1, count - n - 1);
	for (size_t n = 0; n < count; n++)
		if (!folded[n])
			items[left++] = items[n];
	return left;
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

static size_t run_of(const struct policy_selector *items, size_t count, bool passes)
{
	size_t length = 0;

	while (length < count && selector_passes(&items[length]) == passes)
		length++;
	return length;
}

/* Each that decides is behind all that pass before it, wherever it comes to stand. */
int selectors_fold(const struct policy_hook *hook, struct arena *arena, struct diagnostics *diagnostics, struct folded *ret)
{
	const size_t written = hook->selectors.count;
	struct policy_selector *items = arena_array(arena, struct policy_selector, written);
	struct policy_selector *passing = arena_array(arena, struct policy_selector, written);
	size_t kept = 0, at = 0, count;

	memcpy(items, hook->selectors.items, written * sizeof(*items));
	count = fold_all(items, written, arena);
	*ret = (struct folded){ .items = arena_array(arena, struct policy_selector_list, written) };
	while (at < count) {
		const size_t passed = run_of(items + at, count - at, true), decided = run_of(items + at + passed, count - at - passed, false);

		memcpy(passing + kept, items + at, passed * sizeof(*passing));
		kept += passed;
		if (kept >= LIMIT_TETRAGON_SELECTORS && decided)
			return refuse(diagnostics, &passing[0], kept + decided);
		spread(arena, passing, kept, items + at + passed, decided, ret);
		at += passed + decided;
	}
	return 0;
}

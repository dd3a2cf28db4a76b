// SPDX-License-Identifier: Apache-2.0
/*
 * simplify.c - the same policy with less to do; see ir.h.
 *
 * All of it holds for unknown values too: a predicate is only dropped when another one of the same
 * selector is unknown whenever it is.
 */
#include "compiler/selector/ir.h"

#include "compiler/selector/sets.h"

struct simplification {
	struct arena *arena;
	struct diagnostics *diagnostics;
	const struct ir_hook *hook;
};

/* Everything that was written for either, for those who explain. */
static void join_written(struct ir_predicate *into, const struct ir_predicate *from, struct arena *arena)
{
	size_t count = into->written.count + from->written.count;
	struct ir_written *items = arena_array(arena, struct ir_written, count);

	for (size_t n = 0; n < count; n++)
		items[n] = n < into->written.count ? into->written.items[n]
						   : from->written.items[n - into->written.count];
	into->written = (struct ir_written_list){ items, count };
}

static void take_set(struct ir_predicate *into, const struct ir_predicate *from)
{
	into->test = from->test;
	into->negated = from->negated;
	into->mask = from->mask;
	into->intervals = from->intervals;
	into->patterns = from->patterns;
	into->networks = from->networks;
}

/* Whether `into` now says what both said. */
static bool fold(struct simplification *simplification, struct ir_predicate *into, struct ir_predicate *from)
{
	struct ir_interval domain = ir_predicate_domain(simplification->hook, into).keys;

	if (ir_predicate_equal(into, from))
		return true;
	if (into->test == IR_OPAQUE || from->test == IR_OPAQUE)
		return false;
	if (from->test == IR_READABLE || into->test == IR_NEVER)
		return true;
	if (into->test == IR_READABLE || from->test == IR_NEVER) {
		take_set(into, from);
		return true;
	}
	if (into->test != from->test)
		return false;
	if (ir_set_equal(into, from)) {		/* one of the two is negated */
		into->test = IR_NEVER;
		return true;
	}
	if (!ir_subject_is_one(into))
		return false;
	if (into->test == IR_INTERVALS) {
		set_intersect_intervals(into, from, domain, simplification->arena);
		return true;
	}
	if (into->test != IR_STRINGS)
		return false;
	if (set_filter_patterns(into, from))
		return true;
	if (!set_filter_patterns(from, into))
		return false;
	take_set(into, from);
	return true;
}

/* Folds predicate n into an earlier one of its subject, if that can be. */
static bool fold_into_earlier(struct simplification *simplification, struct ir_predicate_list *list, size_t n,
			      size_t kept)
{
	for (size_t earlier = 0; earlier < kept; earlier++) {
		struct ir_predicate *into = &list->items[earlier];

		if (!ir_subject_equal(into, &list->items[n]) || !fold(simplification, into, &list->items[n]))
			continue;
		join_written(into, &list->items[n], simplification->arena);
		return true;
	}
	return false;
}

/* The caller's thread-group id can always be read, but not always as another namespace numbers it. */
static bool always_holds(const struct ir_predicate *predicate)
{
	return predicate->subject == IR_PID && predicate->test == IR_READABLE && !predicate->in_namespace;
}

/* One pass; whether anything was folded. */
static bool fold_predicates(struct simplification *simplification, struct ir_predicate_list *list)
{
	size_t kept = 0, before = list->count;

	for (size_t n = 0; n < list->count; n++) {
		if (always_holds(&list->items[n]) ||
		    fold_into_earlier(simplification, list, n, kept))
			continue;
		list->items[kept++] = list->items[n];
	}
	list->count = kept;
	return kept != before;
}

static void simplify_predicates(struct simplification *simplification, struct ir_predicate_list *list)
{
	for (size_t n = 0; n < list->count; n++)
		set_normalise(&list->items[n], ir_predicate_domain(simplification->hook, &list->items[n]).keys,
			      simplification->arena);
	while (fold_predicates(simplification, list))
		continue;
}

/* Says so, and where, when a selector holds a filter that nothing satisfies.  Of one without values, check has. */
static bool is_dead(struct simplification *simplification, const struct ir_selector *selector)
{
	for (size_t n = 0; n < selector->predicates.count; n++) {
		const struct ir_written_list *written = &selector->predicates.items[n].written;

		if (selector->predicates.items[n].test != IR_NEVER)
			continue;
		if (written->count == 1 && !written->items[0].values.count)
			return true;
		diag(simplification->diagnostics, DIAG_SELECTOR_DEAD, written->items[written->count - 1].at.span,
		     written->count > 1 ? "nothing satisfies this filter together with an earlier one of its selector"
					: "nothing satisfies this filter, so that its selector never matches");
		if (written->count > 1)
			diag_related(simplification->diagnostics, written->items[0].at.span, "the earlier one");
		return true;
	}
	return false;
}

static bool has_predicate(const struct ir_predicate_list *list, const struct ir_predicate *predicate)
{
	for (size_t n = 0; n < list->count; n++)
		if (ir_predicate_equal(&list->items[n], predicate))
			return true;
	return false;
}

/* Whether the earlier predicates hold whenever the later ones do: they ask for less. */
static bool asks_less(const struct ir_predicate_list *earlier, const struct ir_predicate_list *later)
{
	for (size_t n = 0; n < earlier->count; n++)
		if (!has_predicate(later, &earlier->items[n]))
			return false;
	return true;
}

/* When a call returns, the selectors are asked once more, each for its own filters on that. */
static bool shadows(const struct ir_selector *earlier, const struct ir_selector *later)
{
	return asks_less(&earlier->predicates, &later->predicates) &&
	       asks_less(&earlier->return_predicates, &later->return_predicates);
}

/* Says so when some earlier selector always decides before the later one can. */
static bool is_shadowed(struct simplification *simplification, const struct ir_selector_list *list, size_t kept,
			const struct ir_selector *later)
{
	for (size_t n = 0; n < kept; n++) {
		if (!shadows(&list->items[n], later))
			continue;
		diag(simplification->diagnostics, DIAG_SELECTOR_SHADOWED, later->at.span,
		     "selector %u is never reached: selector %u matches whatever it matches, and decides first",
		     later->index + 1, list->items[n].index + 1);
		diag_related(simplification->diagnostics, list->items[n].at.span, "this one decides");
		return true;
	}
	return false;
}

static void simplify_hook(struct simplification *simplification, struct ir_hook *hook)
{
	struct ir_selector_list *list = &hook->selectors;
	size_t kept = 0;

	simplification->hook = hook;
	for (size_t n = 0; n < list->count; n++) {
		struct ir_selector *selector = &list->items[n];

		simplify_predicates(simplification, &selector->predicates);
		simplify_predicates(simplification, &selector->return_predicates);
		if (is_dead(simplification, selector) || is_shadowed(simplification, list, kept, selector))
			continue;
		list->items[kept++] = *selector;
	}
	list->count = kept;
}

int ir_simplify(struct ir_list *ir, struct arena *arena, struct diagnostics *diagnostics)
{
	struct simplification simplification = { .arena = arena, .diagnostics = diagnostics };

	for (size_t policy = 0; policy < ir->count; policy++)
		for (size_t hook = 0; hook < ir->items[policy].hooks.count; hook++)
			simplify_hook(&simplification, &ir->items[policy].hooks.items[hook]);
	return 0;
}

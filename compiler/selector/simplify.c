// SPDX-License-Identifier: Apache-2.0
/*
 * simplify.c - the same policy with less to do; see ir.h.
 *
 * All of it holds for unknown values too: a predicate is only dropped when another one of the same
 * selector is unknown whenever it is.
 */
#include "compiler/selector/ir.h"

#include "compiler/selector/sets.h"
#include "compiler/selector/shadow.h"

struct simplification {
	struct arena *arena;
	struct diagnostics *diagnostics;
	const struct ir_hook *hook;
	struct budget budget;		/* of proofs */
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
	if (ir_test_is_opaque(into->test) || ir_test_is_opaque(from->test))
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

/* ---- Contradictions ---- */

static void make_never(struct ir_predicate *predicate)
{
	*predicate = (struct ir_predicate){
		.at = predicate->at, .subject = predicate->subject, .position = predicate->position,
		.other = predicate->other, .facet = predicate->facet, .in_namespace = predicate->in_namespace,
		.follows = predicate->follows, .workloads = predicate->workloads, .condition = predicate->condition,
		.test = IR_NEVER,
		.written = predicate->written,
	};
}

/* Of the predicates from `first` on those of its subject, up to and with `last`, become one that nothing satisfies. */
static void contradict(struct simplification *simplification, struct ir_predicate_list *list, size_t first, size_t last)
{
	struct ir_predicate *into = &list->items[first];
	size_t kept = first + 1;

	for (size_t n = kept; n < list->count; n++)
		if (n <= last && ir_subject_equal(into, &list->items[n]))
			join_written(into, &list->items[n], simplification->arena);
		else
			list->items[kept++] = list->items[n];
	list->count = kept;
	make_never(into);
}

static bool pair_contradicts(struct simplification *simplification, const struct ir_predicate *a,
			     const struct ir_predicate *b)
{
	struct ir_predicate pair[] = { *a, *b };
	const struct ir_predicate_list list = { pair, 2 };
	struct arena scratch = { 0 };
	const struct claim_list claims = claims_of(&list, simplification->hook, &simplification->budget, &scratch);
	bool found = claims_find_empty(&claims, &simplification->budget);

	arena_release(&scratch);
	return found;
}

/* Two that contradict each other are found before they are folded, so that it can be said which they are. */
static bool find_pair(struct simplification *simplification, struct ir_predicate_list *list)
{
	for (size_t last = 1; last < list->count; last++)
		for (size_t first = 0; first < last && !budget_is_spent(&simplification->budget); first++) {
			struct ir_predicate *a = &list->items[first], *b = &list->items[last];

			budget_spend(&simplification->budget, 1);
			if (!ir_subject_equal(a, b) || a->test == IR_NEVER || b->test == IR_NEVER ||
			    !pair_contradicts(simplification, a, b))
				continue;
			list->items[first + 1] = *b;	/* what lies between is of no use any more */
			list->count = first + 2;
			contradict(simplification, list, first, first + 1);
			return true;
		}
	return false;
}

/* All that is asked of one subject together; claims are of the predicates as they are then. */
static struct claim_list find_empty(struct simplification *simplification, struct ir_predicate_list *list)
{
	struct budget *budget = &simplification->budget;
	struct claim_list claims = claims_of(list, simplification->hook, budget, simplification->arena);
	const struct claim *empty = claims_find_empty(&claims, budget);

	if (!empty || empty->kind == CLAIM_NEVER)
		return claims;
	contradict(simplification, list, (size_t)(empty->predicate - list->items), list->count - 1);
	return claims_of(list, simplification->hook, budget, simplification->arena);
}

static struct claim_list simplify_predicates(struct simplification *simplification, struct ir_predicate_list *list)
{
	for (size_t n = 0; n < list->count; n++)
		set_normalise(&list->items[n], ir_predicate_domain(simplification->hook, &list->items[n]).keys,
			      simplification->arena);
	if (!find_pair(simplification, list))
		while (fold_predicates(simplification, list))
			continue;
	return find_empty(simplification, list);
}

static bool is_dead(const struct ir_selector *selector)
{
	for (size_t n = 0; n < selector->predicates.count; n++)
		if (selector->predicates.items[n].test == IR_NEVER)
			return true;
	return false;
}

/* Which filter it is that nothing satisfies.  Of one without values, check has said so. */
static void say_dead(struct simplification *simplification, const struct ir_selector *selector)
{
	static const char *const texts[][2] = {
		{ "nothing satisfies this filter, so that its selector never matches", NULL },
		{ "nothing satisfies this filter together with an earlier one of its selector", "the earlier one" },
		{ "nothing satisfies this filter together with the earlier ones of its selector", "the first of them" },
	};

	for (size_t n = 0; n < selector->predicates.count; n++) {
		const struct ir_written_list *written = &selector->predicates.items[n].written;
		const char *const *text = texts[written->count < 3 ? written->count - 1 : 2];

		if (selector->predicates.items[n].test != IR_NEVER)
			continue;
		if (written->count == 1 && !written->items[0].values.count)
			return;
		diag(simplification->diagnostics, DIAG_SELECTOR_DEAD, written->items[written->count - 1].at.span, "%s",
		     text[0]);
		if (text[1])
			diag_related(simplification->diagnostics, written->items[0].at.span, text[1]);
		return;
	}
}

/* ---- Shadowed selectors ---- */

/* "selectors 1, 2 and 4". */
static const char *name_selectors(const struct shadow *shadow, struct arena *arena)
{
	const char *names = "";

	for (size_t n = 0; n < shadow->count; n++)
		names = arena_format(arena, "%s%s%u", names, !n ? "" : n + 1 < shadow->count ? ", " : " and ",
				     shadow->items[n]->selector->index + 1);
	return names;
}

static void say_shadowed(struct simplification *simplification, const struct ir_selector *later,
			 const struct shadow *shadow)
{
	bool alone = shadow->count == 1;

	diag(simplification->diagnostics, DIAG_SELECTOR_SHADOWED, later->at.span,
	     alone ? "selector %u is never reached: selector %s matches whatever it matches, and decides first"
		   : "selector %u is never reached: selectors %s together match whatever it matches, and decide first",
	     later->index + 1, name_selectors(shadow, simplification->arena));
	diag_related(simplification->diagnostics, shadow->items[0]->selector->at.span,
		     alone ? "this one decides" : "the first of them");
}

/* ---- What is left out ---- */

/* One that can never match (no shadow), or is never reached. */
struct left_out { struct ir_selector selector; struct shadow shadow; };

/* A key of a rule may have become several selectors: while one of them is there, it says something. */
static bool has_kin(const struct ir_selector_list *kept, const struct ir_selector *selector)
{
	const struct span at = selector->at.span;

	for (size_t n = 0; n < kept->count; n++) {
		const struct span other = kept->items[n].at.span;

		if (other.source == at.source && other.start == at.start && other.end == at.end)
			return true;
	}
	return false;
}

static void say_left_out(struct simplification *simplification, const struct ir_selector_list *kept, const struct left_out *items, size_t count)
{
	for (size_t n = 0; n < count; n++) {
		if (has_kin(kept, &items[n].selector))
			continue;
		if (items[n].shadow.count)
			say_shadowed(simplification, &items[n].selector, &items[n].shadow);
		else
			say_dead(simplification, &items[n].selector);
	}
}

/* ---- Exceptions that except nothing ---- */

static bool only_suppresses(const struct ir_selector *selector)
{
	for (size_t n = 0; n < selector->actions.count; n++)
		if (selector->actions.items[n].op != ACTION_NO_POST)
			return false;
	return !selector->return_predicates.count && !selector->return_actions.count;
}

/* Whether some event may satisfy both. */
static bool may_meet(struct simplification *simplification, const struct claimed *a, const struct claimed *b)
{
	struct budget *budget = &simplification->budget;
	struct arena scratch = { 0 };
	const struct claim_list both = claims_join(&a->claims, &b->claims, budget, &scratch);
	bool apart = claims_find_empty(&both, budget);

	arena_release(&scratch);
	return !apart;
}

static bool returns_matter(const struct ir_hook *hook)
{
	return hook->return_action != IR_RETURN_NOTHING;
}

/*
 * NoPost only takes events from later selectors: what no selector matches is not reported anyway.  Such a one was mostly meant
 * for an earlier selector, which has reported by then.  Where all selectors say NoPost, that is how a hook is kept quiet.
 */
static void warn_suppresses_nothing(struct simplification *simplification, const struct claimed *claimed, size_t n, size_t count)
{
	const struct ir_selector *selector = claimed[n].selector;
	size_t reporting = 0, earlier;

	while (reporting < n && only_suppresses(claimed[reporting].selector))
		reporting++;
	if (reporting == n)
		return;
	for (size_t later = n + 1; later < count; later++)
		if (may_meet(simplification, &claimed[n], &claimed[later]))
			return;
	earlier = reporting;
	while (earlier < n && (only_suppresses(claimed[earlier].selector) || !may_meet(simplification, &claimed[n], &claimed[earlier])))
		earlier++;
	diag(simplification->diagnostics, DIAG_SUPPRESSES_NOTHING, selector->at.span,
	     "selector %u suppresses nothing: no later selector reports what it matches", selector->index + 1);
	if (earlier == n)
		return;
	diag_related(simplification->diagnostics, claimed[earlier].selector->at.span, "this one has reported by then");
	diag_help(simplification->diagnostics, "the first selector that matches decides: put exceptions first");
}

static void simplify_hook(struct simplification *simplification, struct ir_hook *hook)
{
	struct ir_selector_list *list = &hook->selectors;
	struct claimed *claimed = arena_array(simplification->arena, struct claimed, list->count);
	struct left_out *left_out = arena_array(simplification->arena, struct left_out, list->count);
	size_t kept = 0, left = 0;

	simplification->hook = hook;
	for (size_t n = 0; n < list->count; n++) {
		struct ir_selector *selector = &list->items[n];

		claimed[kept] = (struct claimed){
			.selector = selector,
			.claims = simplify_predicates(simplification, &selector->predicates),
			.return_claims = simplify_predicates(simplification, &selector->return_predicates),
		};
		if (is_dead(selector) || shadow_find(claimed, kept, &claimed[kept], &simplification->budget, simplification->arena, &left_out[left].shadow)) {
			left_out[left++].selector = *selector;
			continue;
		}
		list->items[kept] = *selector;
		claimed[kept].selector = &list->items[kept];
		kept++;
	}
	list->count = kept;
	say_left_out(simplification, list, left_out, left);
	for (size_t n = 0; n < kept && !returns_matter(hook); n++)
		if (only_suppresses(&list->items[n]))
			warn_suppresses_nothing(simplification, claimed, n, kept);
}

int ir_simplify(struct ir_list *ir, struct arena *arena, struct diagnostics *diagnostics)
{
	struct simplification simplification = {
		.arena = arena, .diagnostics = diagnostics, .budget = { BUDGET_STEPS },
	};

	for (size_t policy = 0; policy < ir->count; policy++)
		for (size_t hook = 0; hook < ir->items[policy].hooks.count; hook++)
			simplify_hook(&simplification, &ir->items[policy].hooks.items[hook]);
	return 0;
}

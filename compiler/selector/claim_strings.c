// SPDX-License-Identifier: Apache-2.0
/*
 * claim_strings.c - patterns of several sets together; see claims.h.
 *
 * A string is whole; or cut at its end after ABI_PATTERN_MAX bytes (prefixes are known, exact patterns false, postfixes
 * unknown); or it has lost more of its end (a prefix may be known to hold, nothing to fail) or of its front (the same of
 * postfixes).  So a pattern that holds says how the string may be cut, and a negated set that holds, too: it knows all prefixes
 * and exact patterns to fail, and where it has postfixes the string is whole.
 */
#include "compiler/selector/claims.h"

#include "bpf-templates/abi.h"

/* ---- One pattern and the rest of the claim ---- */

/* Some negated set of the claim covers it: where the pattern would hold, the claim fails. */
static bool is_excluded(const struct claim *claim, const struct ir_pattern *pattern, struct budget *budget)
{
	for (size_t n = 0; n < claim->string_count; n++)
		if (claim->strings[n].negated && patterns_cover(claim->strings[n].set, pattern, budget))
			return true;
	return false;
}

static bool is_of_list(const struct ir_pattern *pattern, const struct ir_pattern_list *list)
{
	return pattern >= list->items && pattern < list->items + list->count;
}

/* Some other set of the claim has nothing that fits. */
static bool is_lonely(const struct claim *claim, const struct ir_pattern *pattern, struct budget *budget)
{
	for (size_t n = 0; n < claim->string_count; n++) {
		const struct claim_strings *strings = &claim->strings[n];

		if (!strings->negated && !is_of_list(pattern, strings->set->list) &&
		    !patterns_meet(strings->set, pattern, budget))
			return true;
	}
	return false;
}

static bool is_impossible(const struct claim *claim, const struct ir_pattern *pattern, struct budget *budget)
{
	return is_excluded(claim, pattern, budget) || is_lonely(claim, pattern, budget);
}

static bool has_negated(const struct claim *claim)
{
	for (size_t n = 0; n < claim->string_count; n++)
		if (claim->strings[n].negated)
			return true;
	return false;
}

/* A string that the pattern holds for, and the claim, may be cut so that nothing is known to fail. */
static bool may_hide(const struct claim *claim, const struct ir_pattern *pattern)
{
	if (pattern->kind == ABI_STRING_EXACT || has_negated(claim))
		return false;
	return pattern->kind == ABI_STRING_PREFIX ? claim->may_lose_end : claim->may_lose_front;
}

/* ---- Negated sets ---- */

/* Every one of a run of patterns, all of which meet what is known, is ruled out by the rest of the claim. */
static bool all_impossible(const struct claim *claim, const struct ir_pattern **patterns, size_t count,
			   struct budget *budget)
{
	for (size_t n = 0; n < count; n++)
		if (!is_impossible(claim, patterns[n], budget))
			return false;
	return true;
}

static bool rules_out_order(const struct claim *claim, const struct ir_pattern *pattern, struct pattern_set *set,
			    enum pattern_order order, struct budget *budget)
{
	size_t first, count = patterns_under(set, order, pattern, budget, &first);

	return !count || all_impossible(claim, patterns_sorted(set, order, budget)->items + first, count, budget);
}

/* What the pattern and the claim hold for is known not to be in the set. */
static bool rules_out(const struct claim *claim, const struct ir_pattern *pattern, struct pattern_set *set,
		      struct budget *budget)
{
	const bool is_prefix = pattern->kind == ABI_STRING_PREFIX;
	const enum pattern_order same = is_prefix ? PATTERN_PREFIX : PATTERN_POSTFIX;
	const enum pattern_order exact = is_prefix ? PATTERN_EXACT : PATTERN_EXACT_BACKWARD;
	const struct pattern_list *other;

	if (patterns_cover(set, pattern, budget) || may_hide(claim, pattern))
		return false;
	if (pattern->kind == ABI_STRING_EXACT)
		return true;
	other = patterns_sorted(set, is_prefix ? PATTERN_POSTFIX : PATTERN_PREFIX, budget);
	return all_impossible(claim, other->items, other->count, budget) &&
	       rules_out_order(claim, pattern, set, same, budget) && rules_out_order(claim, pattern, set, exact, budget);
}

/* Without a set of which one must hold: what the claim excludes is all that is known. */
static bool excludes_set(const struct claim *claim, struct pattern_set *set, struct budget *budget)
{
	for (size_t n = 0; n < set->list->count; n++)
		if (!is_excluded(claim, &set->list->items[n], budget))
			return false;
	return true;
}

/* ---- Claims ---- */

bool pattern_implies(const struct claim *claim, const struct ir_pattern *pattern, const struct claim *implied,
		     struct budget *budget)
{
	if (is_impossible(claim, pattern, budget))
		return true;
	for (size_t n = 0; n < implied->string_count; n++) {
		const struct claim_strings *strings = &implied->strings[n];

		if (strings->negated ? !rules_out(claim, pattern, strings->set, budget)
				     : !patterns_cover(strings->set, pattern, budget))
			return false;
	}
	return true;
}

/* Whatever pattern of the claim's set holds. */
static bool implies_from(const struct claim *claim, size_t which, const struct claim *implied, struct budget *budget)
{
	const struct ir_pattern_list *list = &claim->strings[which].predicate->patterns;

	for (size_t n = 0; n < list->count && !budget_is_spent(budget); n++)
		if (!pattern_implies(claim, &list->items[n], implied, budget))
			return false;
	return true;
}

static bool implies_one(const struct claim *claim, const struct claim_strings *one, struct budget *budget)
{
	struct claim implied = { .strings = (struct claim_strings *)one, .string_count = 1 };

	if (one->negated && excludes_set(claim, one->set, budget))
		return true;
	for (size_t n = 0; n < claim->string_count; n++)
		if (!claim->strings[n].negated && implies_from(claim, n, &implied, budget))
			return true;
	return false;
}

bool strings_imply(const struct claim *claim, const struct claim *implied, struct budget *budget)
{
	for (size_t n = 0; n < implied->string_count; n++)
		if (!implies_one(claim, &implied->strings[n], budget))
			return false;
	return true;
}

/* One set alone never is. */
bool strings_are_empty(const struct claim *claim, struct budget *budget)
{
	if (claim->string_count < 2)
		return false;
	for (size_t which = 0; which < claim->string_count; which++) {
		const struct ir_pattern_list *list = &claim->strings[which].predicate->patterns;
		size_t n = 0;

		if (claim->strings[which].negated)
			continue;
		while (n < list->count && is_impossible(claim, &list->items[n], budget))
			n++;
		if (n == list->count)
			return true;
	}
	return false;
}

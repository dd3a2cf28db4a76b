// SPDX-License-Identifier: Apache-2.0
/*
 * shadow.c - see shadow.h.
 *
 * One selector shadows a later one when each of its claims follows from what the later one asks.  One that has a single
 * claim that does not follow takes a share of the later one, on the subject of that claim; such shares may add up.
 */
#include "compiler/selector/shadow.h"

bool claims_shadow(const struct claim_list *earlier, const struct claim_list *later, struct budget *budget)
{
	for (size_t n = 0; n < earlier->count; n++)
		if (!claims_imply(later, &earlier->items[n], budget))
			return false;
	return !budget_is_spent(budget);
}

/* ---- Shares ---- */

struct share { const struct claimed *of; const struct claim *claim; bool is_needed; };
struct shares {
	struct share *items;
	size_t count;
	struct budget *budget;
	struct arena *arena;
};

static bool is_of_group(const struct share *share, const struct claim *claim)
{
	return share->claim->kind == claim->kind && claims_share_subject(share->claim, claim);
}

/* What the later selector says of the subject: NULL when it says nothing, for then the subject need not be readable. */
static const struct claim *find_claim(const struct claimed *later, const struct claim *like)
{
	for (size_t n = 0; n < later->claims.count; n++) {
		const struct claim *claim = &later->claims.items[n];

		if (claims_share_subject(claim, like) && (claim->kind == like->kind ||
		    (claim->kind == CLAIM_READABLE && like->kind == CLAIM_NUMBERS)))
			return claim;
	}
	return NULL;
}

/* ---- Numbers and addresses ---- */

static bool nothing_is_left(const struct claim *claim, const struct extents *left)
{
	if (left->spaces[1].count)
		return false;
	for (size_t n = 0; n < left->spaces[0].count; n++)
		if (claim->kind != CLAIM_NUMBERS || !claim_masks_exclude(claim, left->spaces[0].items[n]))
			return false;
	return true;
}

/* Takes from the claim's extents what each share has.  Two arenas by turns, so that what is left lies in one. */
static bool extents_are_covered(struct shares *shares, const struct claim *claim, const struct claim *like)
{
	struct arena scratch[2] = { { 0 } };
	struct extents left = claim->kind == CLAIM_READABLE ? extents_of_all_numbers(claim->domain.keys, shares->arena)
							    : claim->extents;
	size_t turn = 0;

	for (size_t n = 0; n < shares->count && !budget_is_spent(shares->budget); n++) {
		struct share *share = &shares->items[n];
		struct extents rest;

		budget_spend(shares->budget, 1);
		if (!is_of_group(share, like) || share->claim->mask_count)
			continue;
		rest = extents_without(&left, &share->claim->extents, shares->budget, &scratch[turn]);
		share->is_needed = !extents_are_equal(&left, &rest);
		left = rest;
		turn = !turn;
		arena_release(&scratch[turn]);
		scratch[turn] = (struct arena){ 0 };
	}
	turn = nothing_is_left(claim, &left);
	arena_release(&scratch[0]);
	arena_release(&scratch[1]);
	return turn;
}

/* ---- Strings ---- */

static bool has_taker(struct shares *shares, const struct claim *claim, const struct ir_pattern *pattern)
{
	for (size_t n = 0; n < shares->count; n++) {
		struct share *share = &shares->items[n];

		budget_spend(shares->budget, 1);
		if (!is_of_group(share, claim) || !pattern_implies(claim, pattern, share->claim, shares->budget))
			continue;
		share->is_needed = true;
		return true;
	}
	return false;
}

/* Some set of which one pattern must hold, each of which some share takes. */
static bool strings_are_covered(struct shares *shares, const struct claim *claim)
{
	for (size_t which = 0; which < claim->string_count; which++) {
		const struct ir_pattern_list *list = &claim->strings[which].predicate->patterns;
		size_t n = 0;

		if (claim->strings[which].negated)
			continue;
		for (size_t share = 0; share < shares->count; share++)
			shares->items[share].is_needed = false;
		while (n < list->count && !budget_is_spent(shares->budget) && has_taker(shares, claim, &list->items[n]))
			n++;
		if (n == list->count)
			return true;
	}
	return false;
}

/* ---- Selectors ---- */

static struct shadow needed_shares(const struct shares *shares)
{
	struct shadow shadow = { arena_array(shares->arena, const struct claimed *, shares->count), 0 };

	for (size_t n = 0; n < shares->count; n++)
		if (shares->items[n].is_needed)
			shadow.items[shadow.count++] = shares->items[n].of;
	return shadow;
}

static bool are_covered(struct shares *shares, const struct claimed *later, const struct claim *like)
{
	const struct claim *claim = find_claim(later, like);

	for (size_t n = 0; n < shares->count; n++)
		shares->items[n].is_needed = false;
	if (!claim || !claim->is_one)
		return false;
	return like->kind == CLAIM_STRINGS ? strings_are_covered(shares, claim)
					   : extents_are_covered(shares, claim, like);
}

/* Each subject once: that of a share that no earlier share has. */
static bool find_covering(struct shares *shares, const struct claimed *later, struct shadow *ret)
{
	for (size_t n = 0; n < shares->count && !budget_is_spent(shares->budget); n++) {
		const struct claim *like = shares->items[n].claim;
		size_t before = 0;

		while (before < n && !is_of_group(&shares->items[before], like))
			before++;
		budget_spend(shares->budget, before);
		if (before < n || like->kind < CLAIM_NUMBERS || !are_covered(shares, later, like))
			continue;
		*ret = needed_shares(shares);
		return !budget_is_spent(shares->budget);
	}
	return false;
}

/* The claims of the earlier one that do not follow: how many, up to two, and the first. */
static size_t count_missing(const struct claimed *earlier, const struct claimed *later, struct budget *budget,
			    const struct claim **ret)
{
	size_t missing = 0;

	for (size_t n = 0; n < earlier->claims.count && missing < 2; n++)
		if (!claims_imply(&later->claims, &earlier->claims.items[n], budget) && !missing++)
			*ret = &earlier->claims.items[n];
	if (missing < 2 && !claims_shadow(&earlier->return_claims, &later->return_claims, budget))
		missing = 2;
	return missing;
}

bool shadow_find(const struct claimed *earlier, size_t count, const struct claimed *later, struct budget *budget,
		 struct arena *arena, struct shadow *ret)
{
	struct shares shares = { arena_array(arena, struct share, count), 0, budget, arena };

	for (size_t n = 0; n < count && !budget_is_spent(budget); n++) {
		struct share share = { .of = &earlier[n] };
		size_t missing = count_missing(&earlier[n], later, budget, &share.claim);

		if (!missing && !budget_is_spent(budget)) {
			ret->items = arena_array(arena, const struct claimed *, 1);
			ret->items[0] = &earlier[n];
			ret->count = 1;
			return true;
		}
		if (missing == 1)
			shares.items[shares.count++] = share;
	}
	return find_covering(&shares, later, ret);
}

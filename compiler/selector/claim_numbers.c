// SPDX-License-Identifier: Apache-2.0
/*
 * claim_numbers.c - intervals and masks together; see claims.h.
 *
 * Masks are about the bits of the number, intervals about its key, which has the sign turned: an interval of signed numbers is
 * taken in two halves, in each of which both are in one order.
 */
#include "compiler/selector/claims.h"

#define SIGN (1ULL << 63)

/* Bits beyond the width of a signed number are all like its sign; of an unsigned one, 0. */
uint64_t number_mask(const struct claim *claim, uint64_t mask)
{
	const uint64_t high = ir_key(claim->domain.keys.high, claim->domain.is_signed);

	if (!claim->domain.is_signed)
		return mask & high;
	return mask & ~high ? mask | ~high : mask;
}

/* ---- One half: from low to high as bits ---- */

/* Bits that some number of it has. */
static uint64_t bits_of(uint64_t low, uint64_t high)
{
	const uint64_t differing = low ^ high;

	if (!differing)
		return low;
	return high | (UINT64_MAX >> __builtin_clzll(differing));
}

/* Whether some number of it has none of the bits of the mask. */
static bool has_number_without(uint64_t low, uint64_t high, uint64_t mask)
{
	const uint64_t met = low & mask;
	uint64_t free;

	if (!met)
		return true;
	/* The next one has a bit more above the highest that must go, and nothing below. */
	free = ~(low | mask) & ~(UINT64_MAX >> __builtin_clzll(met));
	if (!free)
		return false;
	free &= -free;
	return ((low & ~(free - 1)) | free) <= high;
}

/* ---- Halves ---- */

struct half { uint64_t low, high; };

static size_t split(const struct claim *claim, struct extent part, struct half ret[2])
{
	const uint64_t low = (uint64_t)part.low, high = (uint64_t)part.high;

	if (!claim->domain.is_signed) {
		ret[0] = (struct half){ low, high };
		return 1;
	}
	ret[0] = (struct half){ low ^ SIGN, high ^ SIGN };
	if ((low ^ high) < SIGN)
		return 1;
	ret[0].high = UINT64_MAX;
	ret[1] = (struct half){ 0, high ^ SIGN };
	return 2;
}

bool claim_masks_exclude(const struct claim *claim, struct extent part)
{
	struct half halves[2];
	size_t count = split(claim, part, halves);

	for (size_t n = 0; n < claim->mask_count; n++) {
		uint64_t met = 0;

		for (size_t half = 0; half < count; half++)
			met |= bits_of(halves[half].low, halves[half].high) & claim->masks[n];
		if (!met)
			return true;
	}
	return false;
}

static bool all_have_bit(const struct claim *claim, struct extent part, uint64_t mask)
{
	struct half halves[2];
	size_t count = split(claim, part, halves);

	for (size_t half = 0; half < count; half++)
		if (has_number_without(halves[half].low, halves[half].high, mask))
			return false;
	return true;
}

/* ---- Claims ---- */

static bool implies_intervals(const struct claim *claim, const struct claim *implied, struct budget *budget)
{
	struct extent_walk walk = { .a = &claim->extents.spaces[0], .b = &implied->extents.spaces[0] };
	struct extent part;

	while (extent_walk_next(&walk, budget, &part)) {
		budget_spend(budget, claim->mask_count);
		if (!claim_masks_exclude(claim, part))
			return false;
	}
	return true;
}

static bool implies_mask(const struct claim *claim, uint64_t mask, struct budget *budget)
{
	const struct extent_list *list = &claim->extents.spaces[0];

	budget_spend(budget, claim->mask_count);
	for (size_t n = 0; n < claim->mask_count; n++)
		if (!(claim->masks[n] & ~mask))
			return true;
	for (size_t n = 0; n < list->count; n++) {
		budget_spend(budget, 1);
		if (!all_have_bit(claim, list->items[n], mask) && !claim_masks_exclude(claim, list->items[n]))
			return false;
	}
	return true;
}

bool numbers_imply(const struct claim *claim, const struct claim *implied, struct budget *budget)
{
	for (size_t n = 0; n < implied->mask_count; n++)
		if (!implies_mask(claim, implied->masks[n], budget))
			return false;
	return implies_intervals(claim, implied, budget);
}

bool numbers_are_empty(const struct claim *claim, struct budget *budget)
{
	const struct extent_list *list = &claim->extents.spaces[0];

	for (size_t n = 0; n < list->count; n++) {
		budget_spend(budget, 1 + claim->mask_count);
		if (!claim_masks_exclude(claim, list->items[n]))
			return false;
	}
	return true;
}

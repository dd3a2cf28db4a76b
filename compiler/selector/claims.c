// SPDX-License-Identifier: Apache-2.0
/* claims.c - predicates to claims, and claims against claims; see claims.h. */
#include "compiler/selector/claims.h"

#include "bpf-templates/abi.h"

/* ---- Making them ---- */

static enum claim_kind kind_of(const struct ir_predicate *predicate)
{
	switch (predicate->test) {
	case IR_NEVER:
		return CLAIM_NEVER;
	case IR_READABLE:
		return ir_subject_is_one(predicate) ? CLAIM_READABLE : CLAIM_AS_WRITTEN;
	case IR_INTERVALS:
		return CLAIM_NUMBERS;
	case IR_MASK:		/* of what is one, no filter says that no bit of a mask is set */
		return ir_subject_is_one(predicate) && predicate->negated ? CLAIM_AS_WRITTEN : CLAIM_NUMBERS;
	case IR_STRINGS:
		return CLAIM_STRINGS;
	case IR_NETWORKS:
		return CLAIM_ADDRESSES;
	case IR_SUBSTRINGS:
	case IR_HOST:
	case IR_OTHERS:
	case IR_GAINED:
	case IR_HOLDS:
	case IR_SCOPED:
	case IR_OPAQUE:
		break;
	}
	return CLAIM_AS_WRITTEN;
}

/*
 * As match.h says: strings are cut at ABI_STRING_MAX only, paths at their front, too, and that of a process at its end.
 * What no program reads yet may be cut in any way.
 */
static void set_cuts(struct claim *claim, const struct ir_hook *hook)
{
	const struct ir_argument *argument = ir_predicate_argument(hook, claim->predicate);
	const uint8_t load = argument ? argument->load : ABI_LOAD_NONE;

	claim->may_lose_end = load < ABI_LOAD_STRING || load > ABI_LOAD_BINPRM;
	claim->may_lose_front = claim->predicate->subject != IR_BINARY && load != ABI_LOAD_STRING;
}

static struct claim make_claim(const struct ir_predicate *predicate, enum claim_kind kind, const struct ir_hook *hook,
			       size_t room, struct arena *arena)
{
	struct claim claim = {
		.kind = kind,
		.predicate = predicate,
		.is_one = ir_subject_is_one(predicate),
		.domain = ir_predicate_domain(hook, predicate),
	};

	claim.none = !claim.is_one && predicate->negated;
	set_cuts(&claim, hook);
	if (kind == CLAIM_NUMBERS) {
		claim.masks = arena_array(arena, uint64_t, room);
		claim.extents = extents_of_all_numbers(claim.domain.keys, arena);
	}
	if (kind == CLAIM_STRINGS)
		claim.strings = arena_array(arena, struct claim_strings, room);
	return claim;
}

/* Of several, the set itself: `none` says what is said of it. */
static struct ir_predicate as_set(const struct claim *claim, const struct ir_predicate *predicate)
{
	struct ir_predicate set = *predicate;

	set.negated = claim->is_one && predicate->negated;
	return set;
}

static void add_strings(struct claim *claim, const struct ir_predicate *predicate, bool negated, struct arena *arena)
{
	struct claim_strings *strings = &claim->strings[claim->string_count++];

	*strings = (struct claim_strings){ predicate, negated, arena_new(arena, struct pattern_set) };
	*strings->set = pattern_set_of(&predicate->patterns, arena);
}

static void add_predicate(struct claim *claim, const struct ir_predicate *predicate, struct budget *budget,
			  struct arena *arena)
{
	const struct ir_predicate set = as_set(claim, predicate);
	struct extents extents;

	budget_spend(budget, 1 + predicate->intervals.count + predicate->networks.count);
	if (claim->kind == CLAIM_STRINGS)
		add_strings(claim, predicate, set.negated, arena);
	else if (predicate->test == IR_MASK && claim->kind == CLAIM_NUMBERS)
		claim->masks[claim->mask_count++] = number_mask(claim, predicate->mask);
	else if (claim->kind == CLAIM_NUMBERS || claim->kind == CLAIM_ADDRESSES) {
		extents = claim->kind == CLAIM_NUMBERS ? extents_of_intervals(&set, claim->domain.keys, arena)
						       : extents_of_networks(&set, arena);
		claim->extents = claim->predicate == predicate ? extents
							       : extents_intersect(&claim->extents, &extents, arena);
	}
}

static bool joins(const struct claim *claim, const struct ir_predicate *predicate, enum claim_kind kind)
{
	return claim->kind == kind && claim->is_one && kind >= CLAIM_NUMBERS &&
	       ir_subject_equal(claim->predicate, predicate);
}

struct claim_list claims_of(const struct ir_predicate_list *predicates, const struct ir_hook *hook,
			    struct budget *budget, struct arena *arena)
{
	struct claim_list list = { arena_array(arena, struct claim, predicates->count), 0 };

	for (size_t n = 0; n < predicates->count && !budget_is_spent(budget); n++) {
		const struct ir_predicate *predicate = &predicates->items[n];
		enum claim_kind kind = kind_of(predicate);
		size_t at = 0;

		while (at < list.count && !joins(&list.items[at], predicate, kind))
			at++;
		budget_spend(budget, at);
		if (at == list.count)
			list.items[list.count++] = make_claim(predicate, kind, hook, predicates->count - n, arena);
		add_predicate(&list.items[at], predicate, budget, arena);
	}
	return list;
}

/* ---- Joining them ---- */

enum { STEPS_TO_JOIN = 64 };	/* mostly memory */

/* `claim` gets arrays of its own. */
static void join_claim(struct claim *claim, const struct claim *other, struct arena *arena)
{
	const struct claim before = *claim;

	if (claim->kind == CLAIM_STRINGS) {
		claim->string_count += other->string_count;
		claim->strings = arena_array(arena, struct claim_strings, claim->string_count);
		for (size_t n = 0; n < claim->string_count; n++)
			claim->strings[n] = n < before.string_count ? before.strings[n]
								    : other->strings[n - before.string_count];
		return;
	}
	claim->extents = extents_intersect(&before.extents, &other->extents, arena);
	claim->mask_count += other->mask_count;
	claim->masks = arena_array(arena, uint64_t, claim->mask_count);
	for (size_t n = 0; n < claim->mask_count; n++)
		claim->masks[n] = n < before.mask_count ? before.masks[n] : other->masks[n - before.mask_count];
}

struct claim_list claims_join(const struct claim_list *a, const struct claim_list *b, struct budget *budget,
			      struct arena *arena)
{
	struct claim_list list = { arena_array(arena, struct claim, a->count + b->count), a->count };

	budget_spend(budget, STEPS_TO_JOIN);
	for (size_t n = 0; n < a->count; n++)
		list.items[n] = a->items[n];
	for (size_t n = 0; n < b->count; n++) {
		const struct claim *other = &b->items[n];
		size_t at = 0;

		while (at < a->count && !joins(&list.items[at], other->predicate, other->kind))
			at++;
		if (at < a->count)
			join_claim(&list.items[at], other, arena);
		else
			list.items[list.count++] = *other;
	}
	return list;
}

/* ---- One against another ---- */

bool claims_share_subject(const struct claim *a, const struct claim *b)
{
	return ir_subject_equal(a->predicate, b->predicate);
}

static bool addresses_imply(const struct claim *claim, const struct claim *implied, struct budget *budget)
{
	struct extent part;

	for (size_t n = 0; n < EXTENT_SPACES; n++) {
		struct extent_walk walk = { .a = &claim->extents.spaces[n], .b = &implied->extents.spaces[n] };

		if (extent_walk_next(&walk, budget, &part))
			return false;
	}
	return true;
}

/* Of the sets, whatever is said of them. */
static bool set_implies(const struct claim *claim, const struct claim *implied, struct budget *budget)
{
	switch (implied->kind) {
	case CLAIM_NUMBERS:
		return numbers_imply(claim, implied, budget);
	case CLAIM_ADDRESSES:
		return addresses_imply(claim, implied, budget);
	case CLAIM_STRINGS:
		return strings_imply(claim, implied, budget);
	default:
		return false;
	}
}

/* What one of several satisfies, one satisfies the larger set by; and where none is in a set, none is in a smaller one. */
static bool implies(const struct claim *claim, const struct claim *implied, struct budget *budget)
{
	budget_spend(budget, 1);
	if (claim->kind == CLAIM_NEVER)
		return true;
	if (!claims_share_subject(claim, implied))
		return false;
	if (implied->kind == CLAIM_AS_WRITTEN)
		return claim->kind == CLAIM_AS_WRITTEN && ir_predicate_equal(claim->predicate, implied->predicate);
	if (implied->kind == CLAIM_READABLE)
		return claim->kind >= CLAIM_READABLE;
	if (claim->kind != implied->kind || claim->none != implied->none)
		return false;
	return claim->none ? set_implies(implied, claim, budget) : set_implies(claim, implied, budget);
}

bool claims_imply(const struct claim_list *claims, const struct claim *claim, struct budget *budget)
{
	for (size_t n = 0; n < claims->count; n++)
		if (implies(&claims->items[n], claim, budget))
			return !budget_is_spent(budget);
	return false;
}

/* ---- Contradictions ---- */

static bool is_empty(const struct claim *claim, struct budget *budget)
{
	switch (claim->kind) {
	case CLAIM_NEVER:
		return true;
	case CLAIM_NUMBERS:
		return !claim->none && numbers_are_empty(claim, budget);
	case CLAIM_ADDRESSES:
		return !claim->none && extents_are_empty(&claim->extents);
	case CLAIM_STRINGS:
		return !claim->none && strings_are_empty(claim, budget);
	default:
		return false;
	}
}

/* One of several is in a set, and none is in a larger one. */
static bool contradicts(const struct claim *claim, const struct claim *none, struct budget *budget)
{
	return !claim->is_one && !claim->none && none->none && claim->kind == none->kind &&
	       claims_share_subject(claim, none) && set_implies(claim, none, budget);
}

const struct claim *claims_find_empty(const struct claim_list *claims, struct budget *budget)
{
	for (size_t n = 0; n < claims->count; n++) {
		bool found = is_empty(&claims->items[n], budget);

		for (size_t other = 0; other < claims->count && !found; other++) {
			budget_spend(budget, 1);
			found = contradicts(&claims->items[n], &claims->items[other], budget);
		}
		if (found)
			return budget_is_spent(budget) ? NULL : &claims->items[n];
	}
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claims.h - what predicates say together of one subject, and what follows from that; for proofs.
 *
 * A selector holds when every one of its predicates is known and true, so one claim follows from another only when it is known
 * wherever the other is.  Whatever is answered is a proof; no answer means nothing.
 */
#ifndef COMPILER_SELECTOR_CLAIMS_H
#define COMPILER_SELECTOR_CLAIMS_H

#include "compiler/selector/extents.h"
#include "compiler/selector/patterns.h"

enum claim_kind {
	CLAIM_AS_WRITTEN,	/* nothing follows but what is written alike */
	CLAIM_NEVER,
	CLAIM_READABLE,
	CLAIM_NUMBERS,
	CLAIM_ADDRESSES,
	CLAIM_STRINGS,
};

struct claim_strings {
	const struct ir_predicate *predicate;
	bool negated;
	struct pattern_set *set;
};

/*
 * Of a subject that is one (ir_subject_is_one), all predicates of a kind.  Of several, such as ancestors, one predicate: that
 * one of them is in the set, or with `none` that no one is.
 */
struct claim {
	enum claim_kind kind;
	const struct ir_predicate *predicate;	/* the first: it says what the subject is */
	bool is_one, none;
	bool may_lose_end, may_lose_front;	/* STRINGS: may be cut so that only its beginning, its end, is known */
	struct ir_domain domain;		/* NUMBERS, and READABLE when the subject is a number */
	struct extents extents;			/* NUMBERS, ADDRESSES */
	uint64_t *masks;			/* NUMBERS: it has a bit of each, too */
	struct claim_strings *strings;		/* STRINGS */
	size_t mask_count, string_count;
};
struct claim_list { struct claim *items; size_t count; };

/* Of normal predicates, which must stay where they are.  Everything lives in the arena. */
struct claim_list claims_of(const struct ir_predicate_list *predicates, const struct ir_hook *hook,
			    struct budget *budget, struct arena *arena);

/* What two lists, of predicates of one hook, say together. */
struct claim_list claims_join(const struct claim_list *a, const struct claim_list *b, struct budget *budget,
			      struct arena *arena);

/* The first claim that nothing satisfies, alone or together with another of the list: NULL when none is known. */
const struct claim *claims_find_empty(const struct claim_list *claims, struct budget *budget);

/* Whether `claim` holds whenever all of the list do. */
bool claims_imply(const struct claim_list *claims, const struct claim *claim, struct budget *budget);

bool claims_share_subject(const struct claim *a, const struct claim *b);

/* ---- Numbers ---- */

/* Whether no number of the part has the bits that the claim's masks ask for. */
bool claim_masks_exclude(const struct claim *claim, struct extent part);
bool numbers_imply(const struct claim *claim, const struct claim *implied, struct budget *budget);
bool numbers_are_empty(const struct claim *claim, struct budget *budget);
uint64_t number_mask(const struct claim *claim, uint64_t mask);	/* mask as the width of the number has it */

/* ---- Strings ---- */

bool strings_imply(const struct claim *claim, const struct claim *implied, struct budget *budget);
bool strings_are_empty(const struct claim *claim, struct budget *budget);

/* Whether what satisfies both the pattern, of a set of the claim that is not negated, and the claim satisfies `implied`. */
bool pattern_implies(const struct claim *claim, const struct ir_pattern *pattern, const struct claim *implied,
		     struct budget *budget);

#endif

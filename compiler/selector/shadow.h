/* SPDX-License-Identifier: Apache-2.0 */
/* shadow.h - selectors that are never reached, because earlier ones match whatever they match. */
#ifndef COMPILER_SELECTOR_SHADOW_H
#define COMPILER_SELECTOR_SHADOW_H

#include "compiler/selector/claims.h"

/* A selector with its claims.  When a call returns, it is asked once more for its filters on that. */
struct claimed {
	const struct ir_selector *selector;
	struct claim_list claims, return_claims;
};

/*
 * Whether the earlier ones decide whatever the later one matches: one of them, or several that together cover what it asks of one
 * subject.  `*ret` gets which, in their order, and how many: they live in the arena.
 */
struct shadow { const struct claimed **items; size_t count; };
bool shadow_find(const struct claimed *earlier, size_t count, const struct claimed *later, struct budget *budget,
		 struct arena *arena, struct shadow *ret);

/* Whether the earlier one alone does, for what all of the claims hold for. */
bool claims_shadow(const struct claim_list *earlier, const struct claim_list *later, struct budget *budget);

#endif

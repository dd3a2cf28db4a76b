/* SPDX-License-Identifier: Apache-2.0 */
/* patterns.h - the patterns of one set, sorted so that those which a string or a pattern touches are found; for proofs. */
#ifndef COMPILER_SELECTOR_PATTERNS_H
#define COMPILER_SELECTOR_PATTERNS_H

#include "compiler/selector/budget.h"
#include "compiler/selector/ir.h"

/* By kind, from the end that the pattern is anchored at; exact ones from both. */
enum pattern_order { PATTERN_EXACT, PATTERN_PREFIX, PATTERN_POSTFIX, PATTERN_EXACT_BACKWARD, PATTERN_ORDERS };
struct pattern_list { const struct ir_pattern **items; size_t count; };
struct pattern_set {
	const struct ir_pattern_list *list;
	struct arena *arena;
	struct pattern_list orders[PATTERN_ORDERS];
	bool is_sorted[PATTERN_ORDERS];
};

/*
 * `list` is normal: no prefix in it covers another one, no postfix another one.  The set points into it, and sorts it, in the
 * arena, when it is first asked.
 */
static inline struct pattern_set pattern_set_of(const struct ir_pattern_list *list, struct arena *arena)
{
	return (struct pattern_set){ .list = list, .arena = arena };
}
const struct pattern_list *patterns_sorted(struct pattern_set *set, enum pattern_order order, struct budget *budget);

/*
 * Whether some pattern of the set holds wherever `pattern` is known to hold: whole strings or cut ones.  For an exact one:
 * whether its string is of the set.
 */
bool patterns_cover(struct pattern_set *set, const struct ir_pattern *pattern, struct budget *budget);

/* False when no string at all satisfies both `pattern` and one of the set. */
bool patterns_meet(struct pattern_set *set, const struct ir_pattern *pattern, struct budget *budget);

/* Those of one order that `pattern` is the beginning (backward: the end) of: they lie together from *ret on. */
size_t patterns_under(struct pattern_set *set, enum pattern_order order, const struct ir_pattern *pattern,
		      struct budget *budget, size_t *ret);

#endif

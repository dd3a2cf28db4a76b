/* SPDX-License-Identifier: Apache-2.0 */
/* sets.h - the value sets of predicates in their shortest form; for simplify.c. */
#ifndef COMPILER_SELECTOR_SETS_H
#define COMPILER_SELECTOR_SETS_H

#include "compiler/selector/ir.h"

/*
 * Brings one predicate into normal form: sets without duplicates or members that another covers, sets of
 * everything as READABLE, sets of nothing as NEVER, neither of them negated.  `domain`: keys of all numbers that
 * the subject can be.
 */
void set_normalise(struct ir_predicate *predicate, struct ir_interval domain, struct arena *arena);

/* Makes `into` hold for exactly the numbers for which both (normal, INTERVALS) do; positive. */
void set_intersect_intervals(struct ir_predicate *into, const struct ir_predicate *other,
			     struct ir_interval domain, struct arena *arena);

/*
 * Keeps of the exact patterns of `exact` those for which `other` (STRINGS, same subject) holds too.
 * False, and nothing done, when `exact` has other patterns or is negated, or it would take too long.
 */
bool set_filter_patterns(struct ir_predicate *exact, const struct ir_predicate *other);

#endif

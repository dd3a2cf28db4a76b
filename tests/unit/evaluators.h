/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evaluators.h - two evaluators of expressions that share nothing but strings and values: of the tree as it was read, and of the
 * condition that lowering made of it.
 */
#ifndef TESTS_UNIT_EVALUATORS_H
#define TESTS_UNIT_EVALUATORS_H

#include <stddef.h>
#include <stdint.h>

#include "tests/unit/lowered.h"

enum { TEXT_BYTES = 24 };
enum truth { NO, UNKNOWN, YES };	/* in the order of ALL and ANY */

struct value {
	bool readable, is_cut;		/* cut: there is at least one byte more, nobody knows which */
	uint64_t number;		/* sign- or zero-extended, as it is loaded */
	size_t length;
	char bytes[TEXT_BYTES];
};

/* Numbers near which something happens. */
enum { EDGES = 21 };
extern const uint64_t edges[EDGES];

/* At an edge, beside one, or any. */
uint64_t random_edge(void);

/* Of few letters, so that they begin, end and go on alike; returns the length. */
size_t random_text(char *bytes, size_t longest);

/* As the programs load it: by the type's width and sign. */
uint64_t value_load(uint64_t number, enum type_id type);
void values_at_random(const enum type_id *types, struct value *values);

/* As the type has it after an overflow. */
uint64_t number_wrapped(uint64_t number, enum expression_type type);

/* By the tree; and whether all that it names can be read. */
enum truth tree_truth(const struct expression *part, const struct value *values);
bool tree_is_readable(const struct expression *part, const struct value *values);

/* By the condition: in three values, and as what has to hold. */
enum truth condition_truth(const struct ir_hook *hook, const struct ir_condition *condition, const struct value *values);
bool condition_holds(const struct ir_hook *hook, const struct ir_condition *condition, const struct value *values);

/* By what the predicate became, which may be no condition. */
enum truth predicate_truth(const struct lowered *lowered, const struct value *values);

#endif

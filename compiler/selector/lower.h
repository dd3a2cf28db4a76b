/* SPDX-License-Identifier: Apache-2.0 */
/* lower.h - what the files of lowering share; private to compiler/selector. */
#ifndef COMPILER_SELECTOR_LOWER_H
#define COMPILER_SELECTOR_LOWER_H

#include "compiler/selector/ir.h"

static inline struct ir_place place(struct span at)
{
	return (struct ir_place){ .span = at };
}

/* The filters on a call, in the order in which they are asked, and those on its return.  The hook has its arguments. */
struct ir_predicate_list lower_filters(struct arena *arena, const struct ir_hook *hook,
				       const struct policy_selector *selector);
struct ir_predicate_list lower_return_filters(struct arena *arena, const struct ir_hook *hook,
					      const struct policy_selector *selector);

/*
 * What the (checked, folded) expression of a CelExpr asks; in the arena.  Its asks have the place and the words of `filter`.
 *
 * Whenever it holds, all arguments that the expression names could be read: those that are not asked on every way there
 * are asked first, by READABLE, and of a true one all.  One that is false, an ANY of nothing, asks none.
 */
struct expression;
struct ir_condition *lower_condition(struct arena *arena, const struct ir_hook *hook, const struct expression *expression,
				     const struct ir_predicate *filter);

/*
 * The same as the test of `predicate`, which has everything else: HOLDS; NEVER when it is false; or, when the condition is one
 * ask that a filter of matchArgs could be, that ask.
 */
void lower_expression(struct arena *arena, const struct ir_hook *hook, const struct expression *expression,
		      struct ir_predicate *predicate);

#endif

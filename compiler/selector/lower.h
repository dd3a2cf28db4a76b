/* SPDX-License-Identifier: Apache-2.0 */
/* lower.h - what the files of lowering share; private to compiler/selector. */
#ifndef COMPILER_SELECTOR_LOWER_H
#define COMPILER_SELECTOR_LOWER_H

#include "compiler/selector/ir.h"

/* What all parts of one policy are lowered with. */
struct lower_policy {
	struct arena *arena;
	struct diagnostics *diagnostics;
	const struct policy *policy;
	const struct policy_workloads *scope;	/* as ir_policy has it */
	struct ir_place scope_at;
	const struct policy_label_selector *node;
	struct ir_place node_at;
	struct ir_names *names;			/* of the policy's lists, in their order; see lower_lists */
	struct ir_interval_list **numbers;	/* of each list, once a filter has asked */
};

static inline struct ir_place place(struct span at)
{
	return (struct ir_place){ .span = at };
}

/* ---- Lists (lower_list.c) ---- */

/* What each list of the policy stands for. */
void lower_lists(struct lower_policy *lower);

/* That of "list:NAME"; NULL for another text. */
const struct ir_names *lower_names(const struct lower_policy *lower, const struct text *reference);

/* The keys of the system calls of a list, as type syscall64 has them; what has no number is `later`. */
const struct ir_interval_list *lower_numbers(struct lower_policy *lower, const struct text *reference);

/* What enforcers may stop. */
struct ir_names_list lower_enforcers(const struct lower_policy *lower);

/* ---- Workloads (lower_scope.c) ---- */

/* Of the policy: scope and node, and where they are. */
void lower_scope(struct lower_policy *lower);

/* Selectors as they count, with what stands for the one that is left out; NULL when they leave out nothing. */
const struct policy_workloads *lower_workloads(struct arena *arena, const struct policy_workloads *written);

/* ---- Filters (lower_filter.c) and actions (lower_action.c) ---- */

/* The filters on a call, in the order in which they are asked, and those on its return.  The hook has its arguments. */
struct ir_predicate_list lower_filters(struct lower_policy *lower, const struct ir_hook *hook,
				       const struct policy_selector *selector);
struct ir_predicate_list lower_return_filters(struct lower_policy *lower, const struct ir_hook *hook,
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
struct ir_action_list lower_actions(struct arena *arena, const struct ir_hook *hook,
				    const struct policy_action_list *actions);
struct ir_action_list lower_return_actions(struct arena *arena, const struct ir_hook *hook,
					   const struct policy_action_list *actions);

#endif

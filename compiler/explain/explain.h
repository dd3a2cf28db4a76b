/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.h - policies in English; the language is in page.h.
 *
 * Policies are told from their IR, not from the text, so that what is said is what will run; of one that this version
 * cannot apply, what it says, and that.  Every phrase is a column of schema/: an operator, an action or a hook that has
 * a row has its words.
 */
#ifndef COMPILER_EXPLAIN_EXPLAIN_H
#define COMPILER_EXPLAIN_EXPLAIN_H

#include "compiler/base/buffer.h"
#include "compiler/selector/ir.h"

/*
 * A simplified policy, or one that was read from its object.  Lines are found with `cursor`, zeroed before the first
 * policy of a source.
 */
void explain_policy(const struct ir_policy *policy, struct source_cursor *cursor, struct buffer *ret);

/* Where the hook is: "on calls of sys_write (system call)". */
void explain_place(const struct ir_hook *hook, struct buffer *ret);

/* One predicate as a clause: "argument 0 (int) is 1 or 2"; several, with ", and " between them. */
void explain_predicate(const struct ir_hook *hook, const struct ir_predicate *predicate, struct buffer *ret);
void explain_predicates(const struct ir_hook *hook, const struct ir_predicate_list *list, struct buffer *ret);

/* Those of the selector, without that of the policy's scope, which is told once. */
struct ir_predicate_list explain_own_predicates(const struct ir_policy *policy, const struct ir_selector *selector);

/* What an argument is called: "argument 0 (int)", "fd (argument 0, int)". */
void explain_argument(const struct ir_argument *argument, struct buffer *ret);

/* What is done for the hook: "kill the process and report an event"; one action: "kill the process". */
void explain_actions(const struct ir_policy *policy, const struct ir_hook *hook, const struct ir_action_list *actions,
		     struct buffer *ret);
void explain_one_action(const struct ir_hook *hook, const struct ir_action *action, struct buffer *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * condition.h - conditions put together from smaller ones; private to compiler/selector.
 *
 * What is built is in normal form: true is an ALL and false an ANY of nothing, and neither stands inside of another one; no
 * ALL is a part of an ALL, no ANY of an ANY, and neither has a single part; only leaves are negated.  Asks of one argument
 * are one where one set can say both.
 */
#ifndef COMPILER_SELECTOR_CONDITION_H
#define COMPILER_SELECTOR_CONDITION_H

#include "compiler/selector/ir.h"

struct ir_condition condition_known(bool value);
bool condition_is(const struct ir_condition *condition, bool value);

/* The ask; or what is known of it, when every number of the argument, or none, satisfies the predicate. */
struct ir_condition condition_ask(struct arena *arena, const struct ir_hook *hook, const struct ir_predicate *predicate);

/* A list that grows: zeroed but for what it is of. */
struct condition_list {
	struct arena *arena;
	const struct ir_hook *hook;
	enum ir_condition_kind kind;	/* ALL, ANY */
	struct ir_condition *items;
	size_t count, capacity;
	bool decided;			/* by a part that is false in an ALL, or true in an ANY */
};
void condition_add(struct condition_list *list, const struct ir_condition *part);
struct ir_condition condition_join(const struct condition_list *list);

/* Positions of the arguments, as bits, that can be read whenever the condition holds: it asks them on every way there. */
uint64_t condition_reads(const struct ir_condition *condition);

#endif

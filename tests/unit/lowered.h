/* SPDX-License-Identifier: Apache-2.0 */
/* lowered.h - an expression of CelExpr as it was read, and what lowering makes of it. */
#ifndef TESTS_UNIT_LOWERED_H
#define TESTS_UNIT_LOWERED_H

#include <stdbool.h>

#include "compiler/base/arena.h"
#include "compiler/expression/expression.h"
#include "compiler/selector/ir.h"

enum { LOWERED_ARGUMENTS = 5 };

struct lowered {
	struct arena arena;
	enum type_id types[LOWERED_ARGUMENTS];
	struct ir_argument arguments[LOWERED_ARGUMENTS];
	struct ir_hook hook;
	struct ir_written written;
	struct expression *tree;	/* as it was read */
	struct ir_condition *condition;
	struct ir_predicate predicate;
};

/* On a hook with arguments of these types.  The caller releases its arena. */
void lowered_begin(struct lowered *lowered, const enum type_id *types);

/* False when it is too large; what does not parse fails the test. */
bool lowered_take(struct lowered *lowered, const char *text);

#endif

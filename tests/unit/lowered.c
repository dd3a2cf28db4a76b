// SPDX-License-Identifier: Apache-2.0
/* lowered.c - see lowered.h. */
#include "tests/unit/lowered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/selector/lower.h"

void lowered_begin(struct lowered *lowered, const enum type_id *types)
{
	*lowered = (struct lowered){ .written = { .op = OPERATOR_EXPRESSION } };
	for (unsigned n = 0; n < LOWERED_ARGUMENTS; n++) {
		lowered->types[n] = types[n];
		lowered->arguments[n] = (struct ir_argument){ .type = types[n] };
	}
	lowered->hook.arguments = (struct ir_argument_list){ lowered->arguments, LOWERED_ARGUMENTS };
}

static struct expression *read_expression(struct lowered *lowered, const char *text)
{
	struct expression_problem problem = { 0 };
	struct expression *tree = expression_parse(text, strlen(text), &lowered->arena, &problem);

	if (!tree || !expression_check(tree, lowered->types, LOWERED_ARGUMENTS, &lowered->arena, &problem))
		fail_msg("%s: %s", text, problem.message);
	return tree;
}

bool lowered_take(struct lowered *lowered, const char *text)
{
	struct expression_problem problem = { 0 };
	struct expression *folded = read_expression(lowered, text);

	lowered->tree = read_expression(lowered, text);
	expression_fold(folded);
	if (!expression_measure(folded, &lowered->arena, &problem))
		return false;
	lowered->predicate = (struct ir_predicate){ .subject = IR_EXPRESSION, .written = { &lowered->written, 1 } };
	lowered->condition = lower_condition(&lowered->arena, &lowered->hook, folded, &lowered->predicate);
	lower_expression(&lowered->arena, &lowered->hook, folded, &lowered->predicate);
	return true;
}

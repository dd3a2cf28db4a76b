// SPDX-License-Identifier: Apache-2.0
/* operand_expression.c - the value of CelExpr: parsed, and typed by the arguments of the hook; see operand.h. */
#include "compiler/expression/expression.h"
#include "compiler/policy/operand.h"

/* Arguments that could not be read were reported; what an expression makes of them is not known. */
static bool has_broken_argument(const struct policy_hook *hook)
{
	for (size_t i = 0; i < hook->arguments.count; i++)
		if (hook->arguments.items[i].broken)
			return true;
	return hook->broken;
}

static bool is_typed(struct expression *expression, const struct policy_hook *hook, struct arena *arena,
		     struct expression_problem *problem)
{
	size_t count = hook->arguments.count;
	enum expression_type *types = arena_array(arena, enum expression_type, count);
	const char **names = arena_array(arena, const char *, count);

	for (size_t i = 0; i < count; i++) {
		types[i] = expression_type_of(hook->arguments.items[i].type);
		names[i] = type_rows[hook->arguments.items[i].type].name;
	}
	return expression_check(expression, types, names, count, arena, problem);
}

static void refuse(const struct text *text, const struct expression_problem *problem, struct diagnostics *diagnostics)
{
	static const enum diagnostic_id ids[] = {
		[EXPRESSION_SYNTAX] = DIAG_EXPRESSION_SYNTAX, [EXPRESSION_UNAVAILABLE] = DIAG_EXPRESSION_UNAVAILABLE,
		[EXPRESSION_MISTYPED] = DIAG_EXPRESSION_TYPE, [EXPRESSION_ARGUMENT] = DIAG_EXPRESSION_ARGUMENT,
	};

	diag(diagnostics, ids[problem->fault], text_part(text, problem->start, problem->end - problem->start), "%s",
		problem->message);
	if (problem->help)
		diag_help(diagnostics, "%s", problem->help);
}

void operand_expression(struct policy_value *value, const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	struct expression_problem problem;
	struct expression *expression;

	expression = expression_parse(value->text.bytes, value->text.length, diagnostics->arena, &problem);
	if (!expression || (!has_broken_argument(hook) && !is_typed(expression, hook, diagnostics->arena, &problem)))
		refuse(&value->text, &problem, diagnostics);
}

// SPDX-License-Identifier: Apache-2.0
/* operand_expression.c - the value of CelExpr: parsed, and typed by the arguments of the hook; see operand.h. */
#include "compiler/expression/expression.h"
#include "compiler/policy/operand.h"

/* Arguments that could not be read, or are too many, were reported; what an expression makes of them is not known. */
static bool has_broken_argument(const struct policy_hook *hook)
{
	if (hook->arguments.count > LIMIT_ARGUMENTS)
		return true;
	for (size_t i = 0; i < hook->arguments.count; i++)
		if (hook->arguments.items[i].broken)
			return true;
	return hook->broken;
}

static enum type_id *types_of(const struct policy_hook *hook, struct arena *arena)
{
	enum type_id *types = arena_array(arena, enum type_id, hook->arguments.count);

	for (size_t i = 0; i < hook->arguments.count; i++)
		types[i] = hook->arguments.items[i].type;
	return types;
}

static void refuse(const struct text *text, const struct expression_problem *problem, struct diagnostics *diagnostics)
{
	static const enum diagnostic_id ids[] = {
		[EXPRESSION_SYNTAX] = DIAG_EXPRESSION_SYNTAX, [EXPRESSION_UNAVAILABLE] = DIAG_EXPRESSION_UNAVAILABLE,
		[EXPRESSION_MISTYPED] = DIAG_EXPRESSION_TYPE, [EXPRESSION_ARGUMENT] = DIAG_EXPRESSION_ARGUMENT,
		[EXPRESSION_LENGTH] = DIAG_VALUE_LENGTH, [EXPRESSION_LARGE] = DIAG_EXPRESSION_LARGE,
	};

	diag(diagnostics, ids[problem->fault], text_part(text, problem->start, problem->end - problem->start), "%s",
		problem->message);
	if (problem->help)
		diag_help(diagnostics, "%s", problem->help);
}

static void warn_extension(const struct text *text, const struct expression *expression, const enum type_id *types,
			   struct diagnostics *diagnostics)
{
	const char *says, *instead;
	const struct expression *part = expression_extension(expression, types, &says, &instead);

	if (!part)
		return;
	diag(diagnostics, DIAG_EXPRESSION_EXTENDED, text_part(text, part->start, part->end - part->start),
		"Tetragon refuses %s in expressions", says);
	diag_help(diagnostics, "%s", instead);
}

void operand_expression(struct policy_value *value, const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	const enum type_id *types = types_of(hook, diagnostics->arena);
	struct expression_problem problem;
	struct expression *expression;

	expression = expression_parse(value->text.bytes, value->text.length, diagnostics->arena, &problem);
	if (expression && has_broken_argument(hook))
		return;
	if (!expression ||
	    !expression_check(expression, types, hook->arguments.count, diagnostics->arena, &problem)) {
		refuse(&value->text, &problem, diagnostics);
		return;
	}
	warn_extension(&value->text, expression, types, diagnostics);
	expression_fold(expression);
	if (!expression_measure(expression, diagnostics->arena, &problem))
		refuse(&value->text, &problem, diagnostics);
	else
		value->expression = expression;
}

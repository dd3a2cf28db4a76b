// SPDX-License-Identifier: Apache-2.0
/* measure.c - how large an expression becomes; see expression.h. */
#include "compiler/expression/expression.h"

#include <string.h>

struct measure {
	struct arena *arena;
	struct expression_problem *problem;
	bool failed;
};

enum { SIZE_END = LIMIT_EXPRESSION_NODES + 1 };	/* sizes stay here once they are too large */

static unsigned at_most(unsigned long size, unsigned end)
{
	return size < end ? (unsigned)size : end;
}

static void fail(struct measure *measure, const struct expression *at, const char *message)
{
	if (!measure->failed)
		*measure->problem = (struct expression_problem){ EXPRESSION_LARGE, at->start, at->end, message,
			"split the expression: all filters of a selector must hold, and selectors are alternatives" };
	measure->failed = true;
}

/* ---- Arithmetic ---- */

static unsigned count_words(const struct expression *part)
{
	unsigned words = 1;

	for (unsigned i = 0; i < part->count; i++)
		words = at_most(words + count_words(part->operands[i]), SIZE_END);
	return words;
}

static unsigned larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* How many numbers there are at a time, the left operand being computed first. */
static unsigned count_stack(const struct expression *part)
{
	if (part->count < 2)
		return part->count ? count_stack(part->operands[0]) : 1;
	return larger(count_stack(part->operands[0]), 1 + count_stack(part->operands[1]));
}

static unsigned measure_comparison(struct measure *measure, const struct expression *at, const struct expression *left,
				   const struct expression *right)
{
	unsigned words = at_most(1ul + count_words(left) + count_words(right), SIZE_END);
	unsigned a = count_stack(left), b = count_stack(right);

	if (words > LIMIT_EXPRESSION_WORDS)
		fail(measure, at, arena_format(measure->arena, "the comparison has more than %d parts",
			LIMIT_EXPRESSION_WORDS));
	/* > is < the other way round. */
	else if (larger(larger(a, 1 + b), larger(b, 1 + a)) > LIMIT_EXPRESSION_STACK)
		fail(measure, at, arena_format(measure->arena, "the comparison needs more than %d numbers at a time",
			LIMIT_EXPRESSION_STACK));
	return words;
}

/* ---- Truth ---- */

static unsigned measure_truth(struct measure *measure, const struct expression *part);

/* (a && b) || (!a && !b), unless one of them is known. */
static unsigned measure_equality(struct measure *measure, const struct expression *left, const struct expression *right)
{
	unsigned a = measure_truth(measure, left), b = measure_truth(measure, right);

	if (left->kind == EXPRESSION_TRUTH || right->kind == EXPRESSION_TRUTH)
		return larger(a, b);
	return at_most(2ul * (a + b), SIZE_END);
}

static unsigned measure_in(struct measure *measure, const struct expression *value, const struct expression *list)
{
	unsigned size = 1;

	for (unsigned i = 0; i < list->count && !measure->failed; i++)
		size = at_most((unsigned long)size + (value->type == EXPRESSION_STRING ||
			(value->kind == EXPRESSION_NAME && expression_is_literal(list->operands[i])) ? 1 :
			measure_comparison(measure, list->operands[i], value, list->operands[i])), SIZE_END);
	return size;
}

static unsigned measure_truth(struct measure *measure, const struct expression *part)
{
	struct expression *const *operands = part->operands;

	if (part->kind != EXPRESSION_CALL || measure->failed)
		return 1;
	if (!strcmp(part->text, "!"))
		return measure_truth(measure, operands[0]);
	if (!strcmp(part->text, "&&") || !strcmp(part->text, "||"))
		return at_most((unsigned long)measure_truth(measure, operands[0]) + measure_truth(measure, operands[1]),
			SIZE_END);
	if (!strcmp(part->text, "in") && !part->is_method)
		return measure_in(measure, operands[0], operands[1]);
	if (operands[0]->type == EXPRESSION_BOOL)
		return measure_equality(measure, operands[0], operands[1]);
	return operands[0]->type == EXPRESSION_STRING ? 1 : measure_comparison(measure, part, operands[0], operands[1]);
}

bool expression_measure(const struct expression *expression, struct arena *arena, struct expression_problem *problem)
{
	struct measure measure = { .arena = arena, .problem = problem };

	if (measure_truth(&measure, expression) > LIMIT_EXPRESSION_NODES)
		fail(&measure, expression, arena_format(arena, "the expression becomes more than %d parts",
			LIMIT_EXPRESSION_NODES));
	return !measure.failed;
}

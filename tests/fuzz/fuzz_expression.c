// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_expression.c - any bytes as the expression of a CelExpr filter: a typed tree, and of that a condition that keeps to
 * the limits, or a problem inside the text.
 */
#include <assert.h>
#include <string.h>

#include "compiler/base/buffer.h"
#include "compiler/expression/expression.h"
#include "compiler/selector/dump.h"
#include "compiler/selector/lower.h"

static const enum type_id types[] = {
	TYPE_INT, TYPE_UINT32, TYPE_INT64, TYPE_UINT64, TYPE_SOCK, TYPE_STRING, TYPE_INT8, TYPE_SIZE, TYPE_FILE,
};
enum { TYPES = sizeof(types) / sizeof(*types) };

static void check_tree(const struct expression *part, size_t size)
{
	assert(part->type != EXPRESSION_UNTYPED && part->start <= part->end && part->end <= size);
	assert(part->kind != EXPRESSION_OTHER && (part->count <= 2 || part->kind == EXPRESSION_LIST));
	for (unsigned i = 0; i < part->count; i++)
		check_tree(part->operands[i], size);
}

static void check_words(const struct ir_condition *compare)
{
	unsigned depth = 0;

	assert(compare->word_count <= IR_WORDS_MAX);
	for (size_t n = 0; n < compare->word_count; n++) {
		enum ir_word_op op = compare->words[n].op;

		if (op == IR_WORD_NUMBER || op == IR_WORD_ARGUMENT)
			depth++;
		else if (op != IR_WORD_NOT && op != IR_WORD_NEGATE && op != IR_WORD_CAST)
			depth--;
		assert(depth >= 1 && depth <= IR_STACK_MAX);
	}
	assert(depth == 1);
}

/* How many leaves it has. */
static size_t check_condition(const struct ir_condition *condition)
{
	size_t leaves = 0;

	if (condition->kind == IR_ASK) {
		assert(condition->predicate->test != IR_NEVER && condition->predicate->position < TYPES);
		return 1;
	}
	if (condition->kind == IR_COMPARE) {
		check_words(condition);
		return 1;
	}
	assert(condition->count != 1);
	for (size_t n = 0; n < condition->count; n++)
		leaves += check_condition(&condition->parts[n]);
	return leaves;
}

static void check_lowering(struct expression *tree, struct arena *arena)
{
	struct ir_written written = { .op = OPERATOR_EXPRESSION };
	struct ir_predicate predicate = { .subject = IR_EXPRESSION, .written = { &written, 1 } };
	struct ir_argument arguments[TYPES] = { 0 };
	const struct ir_hook hook = { .arguments = { arguments, TYPES } };
	const struct ir_condition *condition;
	struct buffer text = { 0 };

	for (unsigned n = 0; n < TYPES; n++)
		arguments[n].type = types[n];
	condition = lower_condition(arena, &hook, tree, &predicate);
	assert(check_condition(condition) <= LIMIT_EXPRESSION_NODES + TYPES);
	ir_dump_condition(&hook, condition, &text);
	buffer_release(&text);
	lower_expression(arena, &hook, tree, &predicate);
	assert(predicate.test == IR_HOLDS ? predicate.condition != NULL : predicate.condition == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct expression_problem problem = { 0 };
	const char *says = NULL, *instead = NULL;
	struct expression *tree;
	struct arena arena = { 0 };

	tree = expression_parse((const char *)data, size, &arena, &problem);
	if (tree && expression_check(tree, types, TYPES, &arena, &problem)) {
		check_tree(tree, size);
		assert(tree->type == EXPRESSION_BOOL);
		assert(!expression_extension(tree, types, &says, &instead) == !says);
		expression_fold(tree);
		check_tree(tree, size);
	} else {
		tree = NULL;
	}
	if (tree && expression_measure(tree, &arena, &problem))
		check_lowering(tree, &arena);
	else
		assert(problem.message && problem.start <= problem.end && problem.end <= size);
	arena_release(&arena);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* fuzz_expression.c - any bytes as the expression of a CelExpr filter: a typed tree or a problem inside the text. */
#include <assert.h>
#include <string.h>

#include "compiler/expression/expression.h"

static void check_tree(const struct expression *part, size_t size)
{
	assert(part->type != EXPRESSION_UNTYPED && part->start <= part->end && part->end <= size);
	assert(part->kind != EXPRESSION_OTHER && (part->count <= 2 || part->kind == EXPRESSION_LIST));
	for (unsigned i = 0; i < part->count; i++)
		check_tree(part->operands[i], size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum type_id types[] = {
		TYPE_INT, TYPE_UINT32, TYPE_INT64, TYPE_UINT64, TYPE_SOCK, TYPE_STRING, TYPE_INT8, TYPE_SIZE, TYPE_FILE,
	};
	enum { TYPES = sizeof(types) / sizeof(*types) };
	struct expression_problem problem = { 0 };
	struct expression *tree;
	struct arena arena = { 0 };

	tree = expression_parse((const char *)data, size, &arena, &problem);
	if (tree && expression_check(tree, types, TYPES, &arena, &problem)) {
		check_tree(tree, size);
		assert(tree->type == EXPRESSION_BOOL);
	} else {
		assert(problem.message && problem.start <= problem.end && problem.end <= size);
	}
	arena_release(&arena);
	return 0;
}

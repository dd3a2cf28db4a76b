// SPDX-License-Identifier: Apache-2.0
/* expression.c - struct abi_expression as an expression; see parts.h. */
#include <inttypes.h>

#include "compiler/inspect/parts.h"

static const char *const type_words[] = {
	[ABI_INT32] = "int32", [ABI_UINT32] = "uint32", [ABI_INT64] = "int64", [ABI_UINT64] = "uint64", [ABI_BOOL] = "bool",
};
static const char *const operators[] = {	/* of two numbers */
	[ABI_WORD_ADD] = "+", [ABI_WORD_SUBTRACT] = "-", [ABI_WORD_AND] = "&", [ABI_WORD_OR] = "|", [ABI_WORD_XOR] = "^",
	[ABI_WORD_EQUAL] = "==", [ABI_WORD_LESS] = "<", [ABI_WORD_LESS_EQUAL] = "<=",
};

static const char *spell_constant(struct inspection *inspection, const struct abi_word *word)
{
	switch (word->type) {
	case ABI_INT32:
		return arena_format(inspection->arena, "%" PRId32, (int32_t)word->number);
	case ABI_INT64:
		return arena_format(inspection->arena, "%" PRId64, (int64_t)word->number);
	case ABI_UINT32:
		return arena_format(inspection->arena, "%" PRIu32 "u", (uint32_t)word->number);
	case ABI_UINT64:
		return arena_format(inspection->arena, "%" PRIu64 "u", (uint64_t)word->number);
	default:
		return word->number ? "true" : "false";
	}
}

static const char *spell_unary(struct inspection *inspection, const struct abi_word *word, const char *operand)
{
	if (word->op == ABI_WORD_CAST)
		return arena_format(inspection->arena, "%s(%s)", type_words[word->type], operand);
	return arena_format(inspection->arena, "%s(%s)", word->op == ABI_WORD_NOT ? "~" : "-", operand);
}

/* The words were verified: the stack never underflows, and one number is left. */
const char *inspect_expression(struct inspection *inspection, const struct image_hook *hook, uint32_t offset)
{
	const struct abi_expression *expression = (const void *)(inspection->bytes + offset);
	const struct abi_word *words = (const void *)(expression + 1);
	const char *stack[ABI_STACK_MAX];
	uint32_t depth = 0;

	for (uint32_t n = 0; n < expression->count; n++) {
		const struct abi_word *word = &words[n];

		if (word->op == ABI_WORD_NUMBER) {
			stack[depth++] = spell_constant(inspection, word);
		} else if (word->op == ABI_WORD_SLOT) {
			stack[depth++] = inspect_value(inspection, hook, word->slot);
		} else if (word->op >= ABI_WORD_NOT && word->op <= ABI_WORD_CAST) {
			stack[depth - 1] = spell_unary(inspection, word, stack[depth - 1]);
		} else {
			depth--;
			stack[depth - 1] = arena_format(inspection->arena, "(%s %s %s)", stack[depth - 1], operators[word->op],
							stack[depth]);
		}
	}
	return stack[0];
}

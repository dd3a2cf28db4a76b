// SPDX-License-Identifier: Apache-2.0
/* dump_condition.c - what a CelExpr asks, as text; see dump.h. */
#include "compiler/selector/dump.h"

#include <inttypes.h>

static const char *const word_names[] = {
	[IR_WORD_ADD] = "add", [IR_WORD_SUBTRACT] = "subtract", [IR_WORD_AND] = "and", [IR_WORD_OR] = "or",
	[IR_WORD_XOR] = "xor", [IR_WORD_NOT] = "not", [IR_WORD_NEGATE] = "negate", [IR_WORD_CAST] = "cast",
	[IR_WORD_EQUAL] = "equal", [IR_WORD_LESS] = "less", [IR_WORD_LESS_EQUAL] = "less-equal",
};

static const char *const word_type_names[] = {
	[IR_INT32] = "int32", [IR_UINT32] = "uint32", [IR_INT64] = "int64", [IR_UINT64] = "uint64", [IR_BOOL] = "bool",
};

static void dump_word(struct buffer *ret, const struct ir_word *word)
{
	if (word->op == IR_WORD_ARGUMENT)
		buffer_format(ret, " arg%" PRIu64, word->number);
	else if (word->op != IR_WORD_NUMBER)
		buffer_format(ret, " %s", word_names[word->op]);
	else if (word->type == IR_INT32 || word->type == IR_INT64)
		buffer_format(ret, " %" PRId64, (int64_t)word->number);
	else
		buffer_format(ret, " %" PRIu64, word->number);
	buffer_format(ret, ":%s", word_type_names[word->type]);
}

static void dump_part(struct buffer *ret, const struct ir_hook *hook, const struct ir_condition *condition, int depth)
{
	buffer_format(ret, "%*s", 2 * depth, "");
	if (condition->kind == IR_ASK) {
		ir_dump_ask(hook, condition->predicate, ret);
		return;
	}
	if (condition->kind == IR_COMPARE) {
		buffer_format(ret, "      compute%s", condition->negated ? " not" : "");
		for (size_t n = 0; n < condition->word_count; n++)
			dump_word(ret, &condition->words[n]);
	} else {
		buffer_add_text(ret, condition->kind == IR_ALL ? "      all of" : "      any of");
	}
	buffer_add_char(ret, '\n');
	for (size_t n = 0; n < condition->count; n++)
		dump_part(ret, hook, &condition->parts[n], depth + 1);
}

void ir_dump_condition(const struct ir_hook *hook, const struct ir_condition *condition, struct buffer *ret)
{
	dump_part(ret, hook, condition, 1);
}

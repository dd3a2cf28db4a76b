// SPDX-License-Identifier: Apache-2.0
/* fold.c - calls of literals become what they give; see expression.h. */
#include "compiler/expression/expression.h"

#include <string.h>

bool expression_type_is_signed(enum expression_type type)
{
	return type == EXPRESSION_INT32 || type == EXPRESSION_INT;
}

uint64_t expression_wrap(uint64_t number, enum expression_type type)
{
	switch (type) {
	case EXPRESSION_INT32:
		return (uint64_t)(int64_t)(int32_t)(uint32_t)number;
	case EXPRESSION_UINT32:
		return (uint32_t)number;
	case EXPRESSION_BOOL:
		return number & 1;
	default:
		return number;
	}
}

typedef uint64_t operation(uint64_t, uint64_t);

static uint64_t add(uint64_t a, uint64_t b) { return a + b; }
static uint64_t subtract(uint64_t a, uint64_t b) { return a - b; }
static uint64_t negate(uint64_t a, uint64_t b) { return b - a; }	/* b is 0 */
static uint64_t bits_and(uint64_t a, uint64_t b) { return a & b; }
static uint64_t bits_or(uint64_t a, uint64_t b) { return a | b; }
static uint64_t bits_xor(uint64_t a, uint64_t b) { return a ^ b; }
static uint64_t bits_not(uint64_t a, uint64_t b) { return ~(a ^ b); }
static uint64_t invert(uint64_t a, uint64_t b) { return !(a ^ b); }

/* Of numbers and truths, before the result is wrapped.  Of a single operand, the second is 0. */
static const struct { const char *name; unsigned count; operation *apply; } operations[] = {
	{ "+", 2, add }, { "-", 2, subtract }, { "-", 1, negate }, { "and", 2, bits_and }, { "or", 2, bits_or },
	{ "xor", 2, bits_xor }, { "not", 1, bits_not }, { "int32", 1, add }, { "uint32", 1, add },
	{ "&&", 2, bits_and }, { "||", 2, bits_or }, { "!", 1, invert },
};

static bool text_equal(const struct expression *a, const struct expression *b)
{
	return a->length == b->length && !memcmp(a->text, b->text, a->length);
}

static bool text_contains(const struct expression *text, const struct expression *part)
{
	for (size_t at = 0; at + part->length <= text->length; at++)
		if (!memcmp(text->text + at, part->text, part->length))
			return true;
	return false;
}

static bool compare_texts(const char *name, const struct expression *a, const struct expression *b)
{
	if (!strcmp(name, "contains"))
		return text_contains(a, b);
	if (!strcmp(name, "startsWith"))
		return a->length >= b->length && !memcmp(a->text, b->text, b->length);
	if (!strcmp(name, "endsWith"))
		return a->length >= b->length && !memcmp(a->text + a->length - b->length, b->text, b->length);
	return text_equal(a, b) == !strcmp(name, "==");
}

/* Numbers are extended by their type, so that their order is that of 64 bits. */
static bool compare_numbers(const char *name, const struct expression *a, const struct expression *b)
{
	uint64_t flip = expression_type_is_signed(a->type) ? 1ULL << 63 : 0, x = a->number ^ flip, y = b->number ^ flip;

	switch (name[0]) {
	case '<':
		return name[1] ? x <= y : x < y;
	case '>':
		return name[1] ? x >= y : x > y;
	case '!':
		return x != y;
	default:
		return x == y;
	}
}

static bool compare(const char *name, const struct expression *a, const struct expression *b)
{
	return a->type == EXPRESSION_STRING ? compare_texts(name, a, b) : compare_numbers(name, a, b);
}

static void become(struct expression *part, uint64_t number)
{
	part->kind = part->type == EXPRESSION_BOOL ? EXPRESSION_TRUTH : EXPRESSION_NUMBER;
	part->number = expression_wrap(number, part->type);
	part->count = 0;
	if (part->type == EXPRESSION_BOOL)
		part->text = part->number ? "true" : "false";
}

static void apply(struct expression *call)
{
	const struct expression *a = call->operands[0], *b = call->count > 1 ? call->operands[1] : NULL;

	for (size_t n = 0; n < sizeof(operations) / sizeof(*operations); n++)
		if (!strcmp(operations[n].name, call->text) && operations[n].count == call->count) {
			become(call, operations[n].apply(a->number, b ? b->number : 0));
			return;
		}
	if (b)
		become(call, compare(call->text, a, b));
}

/* Found, or all members are literals that differ. */
static void apply_in(struct expression *call)
{
	const struct expression *value = call->operands[0], *list = call->operands[1];

	for (unsigned i = 0; i < list->count; i++)
		if (!expression_is_literal(list->operands[i]))
			return;
	for (unsigned i = 0; i < list->count; i++)
		if (compare("==", value, list->operands[i])) {
			become(call, true);
			return;
		}
	become(call, false);
}

void expression_fold(struct expression *part)
{
	bool literal = true;

	for (unsigned i = 0; i < part->count; i++) {
		expression_fold(part->operands[i]);
		literal &= expression_is_literal(part->operands[i]);
	}
	if (part->kind != EXPRESSION_CALL)
		return;
	if (!strcmp(part->text, "in") && expression_is_literal(part->operands[0]))
		apply_in(part);
	else if (literal)
		apply(part);
}

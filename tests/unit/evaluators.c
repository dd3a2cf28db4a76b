// SPDX-License-Identifier: Apache-2.0
/* evaluators.c - see evaluators.h. */
#include "tests/unit/evaluators.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf-templates/abi.h"
#include "tests/unit/random.h"

const uint64_t edges[EDGES] = {
	0, 1, 2, 3, 7, 8, (uint64_t)-1, (uint64_t)-2, INT8_MAX, (uint64_t)INT8_MIN, UINT8_MAX, INT16_MAX, (uint64_t)INT16_MIN,
	UINT16_MAX, INT32_MAX, (uint64_t)INT32_MIN, UINT32_MAX, 1ULL << 32, INT64_MAX, (uint64_t)INT64_MIN, 1ULL << 31,
};

static enum truth least(enum truth a, enum truth b) { return a < b ? a : b; }
static enum truth greatest(enum truth a, enum truth b) { return a > b ? a : b; }
static enum truth opposite(enum truth a) { return (enum truth)(YES - a); }
static enum truth known(bool value) { return value ? YES : NO; }

uint64_t random_edge(void)
{
	uint64_t number = edges[pick(EDGES)];

	return one_in(8) ? random_word() : number + (one_in(4) ? pick(3) - 1ULL : 0);
}

size_t random_text(char *bytes, size_t longest)
{
	size_t length = pick((unsigned)longest + 1);

	for (size_t n = 0; n < length; n++)
		bytes[n] = "ab/"[pick(3)];
	return length;
}

uint64_t value_load(uint64_t number, enum type_id type)
{
	unsigned unused = 64 - (type_rows[type].bits ? type_rows[type].bits : 64);

	number <<= unused;
	return type_rows[type].class == CLASS_SIGNED ? (uint64_t)((int64_t)number >> unused) : number >> unused;
}

void values_at_random(const enum type_id *types, struct value *values)
{
	for (unsigned n = 0; n < LOWERED_ARGUMENTS; n++) {
		values[n] = (struct value){ .readable = !one_in(12), .is_cut = one_in(8) };
		values[n].number = value_load(random_edge(), types[n]);
		values[n].length = random_text(values[n].bytes, 8);
	}
}

/* ---- Strings, the answers that both parts share with the matcher ---- */

static bool begins(const struct value *value, const char *bytes, size_t length)
{
	size_t both = length < value->length ? length : value->length;

	return !memcmp(value->bytes, bytes, both);
}

static enum truth is_text(const struct value *value, const char *bytes, size_t length)
{
	if (!value->is_cut)
		return known(value->length == length && begins(value, bytes, length));
	return length <= value->length || !begins(value, bytes, length) ? NO : UNKNOWN;
}

static enum truth starts_with(const struct value *value, const char *bytes, size_t length)
{
	if (!begins(value, bytes, length))
		return NO;
	return length <= value->length ? YES : value->is_cut ? UNKNOWN : NO;
}

static enum truth ends_with(const struct value *value, const char *bytes, size_t length)
{
	if (!length)
		return YES;
	if (value->is_cut)
		return UNKNOWN;
	return known(length <= value->length && !memcmp(value->bytes + value->length - length, bytes, length));
}

static enum truth contains(const struct value *value, const char *bytes, size_t length)
{
	for (size_t at = 0; at + length <= value->length; at++)
		if (!memcmp(value->bytes + at, bytes, length))
			return YES;
	return value->is_cut ? UNKNOWN : NO;
}

/* ---- The tree ---- */

uint64_t number_wrapped(uint64_t number, enum expression_type type)
{
	if (type == EXPRESSION_INT32)
		return (uint64_t)(int64_t)(int32_t)number;
	return type == EXPRESSION_UINT32 ? (uint32_t)number : number;
}

static bool is_named(const struct expression *part, const char *name)
{
	return !strcmp(part->text, name);
}

static uint64_t number_of(const struct expression *part, const struct value *values)
{
	uint64_t a, b;

	if (part->kind == EXPRESSION_NUMBER)
		return part->number;
	if (part->kind == EXPRESSION_NAME)
		return values[part->number].number;
	a = number_of(part->operands[0], values);
	b = part->count > 1 ? number_of(part->operands[1], values) : 0;
	if (is_named(part, "+"))
		return number_wrapped(a + b, part->type);
	if (is_named(part, "-"))
		return number_wrapped(part->count > 1 ? a - b : 0 - a, part->type);
	if (is_named(part, "and"))
		return number_wrapped(a & b, part->type);
	if (is_named(part, "or"))
		return number_wrapped(a | b, part->type);
	if (is_named(part, "xor"))
		return number_wrapped(a ^ b, part->type);
	if (is_named(part, "not"))
		return number_wrapped(~a, part->type);
	assert_true(is_named(part, "int32") || is_named(part, "uint32"));
	return number_wrapped(a, part->type);
}

static bool compares(const char *sign, uint64_t a, uint64_t b, enum expression_type type)
{
	bool is_signed = type == EXPRESSION_INT || type == EXPRESSION_INT32;
	int order = a == b ? 0 : (is_signed ? (int64_t)a < (int64_t)b : a < b) ? -1 : 1;

	if (!strcmp(sign, "=="))
		return order == 0;
	if (!strcmp(sign, "!="))
		return order != 0;
	if (!strcmp(sign, "<"))
		return order < 0;
	if (!strcmp(sign, "<="))
		return order <= 0;
	return !strcmp(sign, ">") ? order > 0 : order >= 0;
}

/* A literal is a value that could be read. */
static struct value text_value(const struct expression *part, const struct value *values)
{
	struct value ret = { .readable = true, .length = part->length };

	if (part->kind == EXPRESSION_NAME)
		return values[part->number];
	memcpy(ret.bytes, part->text, part->length);
	return ret;
}

static enum truth texts_equal(const struct expression *left, const struct expression *right, const struct value *values)
{
	const struct expression *literal = left->kind == EXPRESSION_TEXT ? left : right;
	struct value value = text_value(left->kind == EXPRESSION_TEXT ? right : left, values);

	return is_text(&value, literal->text, literal->length);
}

static enum truth method(const struct expression *call, const struct value *values)
{
	struct value value = text_value(call->operands[0], values);
	const struct expression *literal = call->operands[1];

	if (is_named(call, "startsWith"))
		return starts_with(&value, literal->text, literal->length);
	if (is_named(call, "endsWith"))
		return ends_with(&value, literal->text, literal->length);
	return contains(&value, literal->text, literal->length);
}

static enum truth is_equal(const struct expression *left, const struct expression *right, const struct value *values)
{
	enum truth a, b;

	if (left->type == EXPRESSION_STRING)
		return texts_equal(left, right, values);
	if (left->type != EXPRESSION_BOOL)
		return known(number_of(left, values) == number_of(right, values));
	a = tree_truth(left, values);
	b = tree_truth(right, values);
	return a == UNKNOWN || b == UNKNOWN ? UNKNOWN : known(a == b);
}

enum truth tree_truth(const struct expression *part, const struct value *values)
{
	struct expression *const *of = part->operands;
	enum truth ret = NO;

	if (part->kind == EXPRESSION_TRUTH)
		return known(part->number);
	if (part->is_method)
		return method(part, values);
	if (is_named(part, "!"))
		return opposite(tree_truth(of[0], values));
	if (is_named(part, "&&"))
		return least(tree_truth(of[0], values), tree_truth(of[1], values));
	if (is_named(part, "||"))
		return greatest(tree_truth(of[0], values), tree_truth(of[1], values));
	if (is_named(part, "in")) {
		for (unsigned n = 0; n < of[1]->count; n++)
			ret = greatest(ret, is_equal(of[0], of[1]->operands[n], values));
		return ret;
	}
	if (is_named(part, "=="))
		return is_equal(of[0], of[1], values);
	if (is_named(part, "!="))
		return opposite(is_equal(of[0], of[1], values));
	return known(compares(part->text, number_of(of[0], values), number_of(of[1], values), of[0]->type));
}

bool tree_is_readable(const struct expression *part, const struct value *values)
{
	bool ret = part->kind != EXPRESSION_NAME || values[part->number].readable;

	for (unsigned n = 0; n < part->count; n++)
		ret &= tree_is_readable(part->operands[n], values);
	return ret;
}

/* ---- The condition ---- */

static uint64_t word_wrapped(uint64_t number, enum ir_word_type type)
{
	switch (type) {
	case IR_INT32:
		return (uint64_t)(int64_t)(int32_t)number;
	case IR_UINT32:
		return number & UINT32_MAX;
	default:
		return number;
	}
}

static uint64_t apply(const struct ir_word *word, uint64_t a, uint64_t b)
{
	uint64_t flip = word->type == IR_INT32 || word->type == IR_INT64 ? 1ULL << 63 : 0;

	switch (word->op) {
	case IR_WORD_ADD:
		return word_wrapped(a + b, word->type);
	case IR_WORD_SUBTRACT:
		return word_wrapped(a - b, word->type);
	case IR_WORD_AND:
		return a & b;
	case IR_WORD_OR:
		return a | b;
	case IR_WORD_XOR:
		return a ^ b;
	case IR_WORD_EQUAL:
		return a == b;
	case IR_WORD_LESS:
		return (a ^ flip) < (b ^ flip);
	case IR_WORD_LESS_EQUAL:
		return (a ^ flip) <= (b ^ flip);
	default:
		fail_msg("word %d takes two", word->op);
		return 0;
	}
}

/* On the top of the stack; how many numbers there are then. */
static unsigned step(const struct ir_word *word, const struct value *values, uint64_t *stack, unsigned depth)
{
	switch (word->op) {
	case IR_WORD_NUMBER:
		assert_true(word->number == word_wrapped(word->number, word->type));
		stack[depth++] = word->number;
		break;
	case IR_WORD_ARGUMENT:
		stack[depth++] = word_wrapped(values[word->number].number, word->type);
		break;
	case IR_WORD_NOT:
		stack[depth - 1] = word_wrapped(~stack[depth - 1], word->type);
		break;
	case IR_WORD_NEGATE:
		stack[depth - 1] = word_wrapped(-stack[depth - 1], word->type);
		break;
	case IR_WORD_CAST:
		stack[depth - 1] = word_wrapped(stack[depth - 1], word->type);
		break;
	default:
		assert_true(depth >= 2);
		depth--;
		stack[depth - 1] = apply(word, stack[depth - 1], stack[depth]);
		break;
	}
	return depth;
}

static enum truth run_words(const struct ir_condition *compare, const struct value *values)
{
	uint64_t stack[IR_STACK_MAX];
	unsigned depth = 0;

	assert_true(compare->word_count <= IR_WORDS_MAX);
	for (size_t n = 0; n < compare->word_count; n++) {
		const struct ir_word *word = &compare->words[n];

		if (word->op == IR_WORD_ARGUMENT && !values[word->number].readable)
			return UNKNOWN;
		assert_true(depth < IR_STACK_MAX || word->op > IR_WORD_ARGUMENT);
		depth = step(word, values, stack, depth);
	}
	assert_int_equal(depth, 1);
	return known(stack[0] == 1);
}

static enum truth one_pattern(const struct ir_pattern *pattern, const struct value *value)
{
	switch (pattern->kind) {
	case ABI_STRING_EXACT:
		return is_text(value, pattern->bytes, pattern->length);
	case ABI_STRING_PREFIX:
		return starts_with(value, pattern->bytes, pattern->length);
	case ABI_STRING_POSTFIX:
		return ends_with(value, pattern->bytes, pattern->length);
	default:
		assert_int_equal(pattern->kind, ABI_SUBSTRING);
		return contains(value, pattern->bytes, pattern->length);
	}
}

static enum truth in_set(const struct ir_predicate *predicate, const struct value *value, bool is_signed)
{
	enum truth ret = NO;

	switch (predicate->test) {
	case IR_READABLE:
		return YES;
	case IR_INTERVALS:
		for (size_t n = 0; n < predicate->intervals.count; n++)
			ret = greatest(ret, known(ir_key(value->number, is_signed) >= predicate->intervals.items[n].low &&
						  ir_key(value->number, is_signed) <= predicate->intervals.items[n].high));
		return ret;
	case IR_MASK:
		return known(value->number & predicate->mask);
	default:
		assert_true(predicate->test == IR_STRINGS || predicate->test == IR_SUBSTRINGS);
		for (size_t n = 0; n < predicate->patterns.count; n++)
			ret = greatest(ret, one_pattern(&predicate->patterns.items[n], value));
		return ret;
	}
}

static enum truth ask(const struct ir_hook *hook, const struct ir_predicate *predicate, const struct value *values)
{
	enum truth ret;

	assert_int_equal(predicate->subject, IR_ARGUMENT);
	assert_true(predicate->facet == IR_VALUE && predicate->written.count == 1);
	if (!values[predicate->position].readable)
		return UNKNOWN;
	ret = in_set(predicate, &values[predicate->position], ir_predicate_domain(hook, predicate).is_signed);
	return predicate->negated ? opposite(ret) : ret;
}

enum truth condition_truth(const struct ir_hook *hook, const struct ir_condition *condition, const struct value *values)
{
	enum truth ret = condition->kind == IR_ALL ? YES : NO;

	if (condition->kind == IR_ASK)
		return ask(hook, condition->predicate, values);
	if (condition->kind == IR_COMPARE) {
		ret = run_words(condition, values);
		return condition->negated ? opposite(ret) : ret;
	}
	for (size_t n = 0; n < condition->count; n++)
		ret = condition->kind == IR_ALL ? least(ret, condition_truth(hook, &condition->parts[n], values)) :
			greatest(ret, condition_truth(hook, &condition->parts[n], values));
	return ret;
}

/* Whether it holds, for those who go on at the first part that decides, and take what is unknown for no. */
bool condition_holds(const struct ir_hook *hook, const struct ir_condition *condition, const struct value *values)
{
	if (condition->kind == IR_ASK || condition->kind == IR_COMPARE)
		return condition_truth(hook, condition, values) == YES;
	for (size_t n = 0; n < condition->count; n++)
		if (condition_holds(hook, &condition->parts[n], values) == (condition->kind == IR_ANY))
			return condition->kind == IR_ANY;
	return condition->kind == IR_ALL;
}

enum truth predicate_truth(const struct lowered *lowered, const struct value *values)
{
	if (lowered->predicate.test == IR_NEVER)
		return NO;
	if (lowered->predicate.test == IR_HOLDS)
		return condition_truth(&lowered->hook, lowered->predicate.condition, values);
	return ask(&lowered->hook, &lowered->predicate, values);
}

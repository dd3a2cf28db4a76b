// SPDX-License-Identifier: Apache-2.0
/*
 * test_condition.c - CelExpr lowered: what it becomes, and that it decides as the expression does.
 *
 * The second part evaluates random expressions twice, by two evaluators that share nothing: the tree as it was read, and the
 * condition that lowering made of it, over values that may be unreadable, and strings that may be cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf-templates/abi.h"
#include "compiler/base/buffer.h"
#include "compiler/expression/expression.h"
#include "compiler/selector/dump.h"
#include "compiler/selector/lower.h"
#include "tests/unit/random.h"

enum { ARGUMENTS = 5, EXPRESSIONS = 30000, EVENTS = 24, TEXT_BYTES = 24 };

/* ---- Lowering ---- */

struct lowered {
	struct arena arena;
	enum type_id types[ARGUMENTS];
	struct ir_argument arguments[ARGUMENTS];
	struct ir_hook hook;
	struct ir_written written;
	struct expression *tree;	/* as it was read */
	struct ir_condition *condition;
	struct ir_predicate predicate;
};

static void set_types(struct lowered *lowered, const enum type_id *types)
{
	*lowered = (struct lowered){ .written = { .op = OPERATOR_EXPRESSION } };
	for (unsigned n = 0; n < ARGUMENTS; n++) {
		lowered->types[n] = types[n];
		lowered->arguments[n] = (struct ir_argument){ .type = types[n] };
	}
	lowered->hook.arguments = (struct ir_argument_list){ lowered->arguments, ARGUMENTS };
}

static struct expression *read_expression(struct lowered *lowered, const char *text)
{
	struct expression_problem problem = { 0 };
	struct expression *tree = expression_parse(text, strlen(text), &lowered->arena, &problem);

	if (!tree || !expression_check(tree, lowered->types, ARGUMENTS, &lowered->arena, &problem))
		fail_msg("%s: %s", text, problem.message);
	return tree;
}

/* False when it is too large. */
static bool lower_text(struct lowered *lowered, const char *text)
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

/* ---- What it becomes ---- */

/* The dump, its lines joined by ';', without the margin; depth as '>'. */
static const char *show(struct lowered *lowered)
{
	struct buffer text = { 0 }, line = { 0 };
	const char *ret;

	ir_dump_condition(&lowered->hook, lowered->condition, &text);
	for (const char *c = text.bytes, *end; *c; c = end + 1) {
		const char *first = c + strspn(c, " ");

		end = strchr(c, '\n');
		buffer_add_text(&line, line.length ? "; " : "");
		for (long n = 8; n < first - c; n += 2)
			buffer_add_char(&line, '>');
		buffer_add(&line, first, (size_t)(end - first));
	}
	ret = arena_copy(&lowered->arena, line.bytes, line.length);
	buffer_release(&text);
	buffer_release(&line);
	return ret;
}

/* arg0 int, arg1 uint32, arg2 int64, arg3 int8, arg4 string */
static const enum type_id table_types[ARGUMENTS] = { TYPE_INT, TYPE_UINT32, TYPE_INT64, TYPE_INT8, TYPE_STRING };

enum becomes { PLAIN, HOLDS, NEVER };

static void forms(void **state)
{
	static const struct { const char *text; enum becomes becomes; const char *dump; } rows[] = {
		{ "arg2 == 7", PLAIN, "argument 2 in 7" },
		{ "7 == arg2", PLAIN, "argument 2 in 7" },
		{ "arg2 != 7", PLAIN, "argument 2 not in 7" },
		{ "!(arg2 != 7)", PLAIN, "argument 2 in 7" },
		{ "arg0 < int32(-1)", PLAIN, "argument 0 in -2147483648..-2" },
		{ "int32(-1) < arg0", PLAIN, "argument 0 in 0..2147483647" },
		{ "arg0 <= int32(-1)", PLAIN, "argument 0 in -2147483648..-1" },
		{ "arg1 > uint32(4294967294u)", PLAIN, "argument 1 in 4294967295" },
		{ "arg1 >= uint32(4294967294u)", PLAIN, "argument 1 in 4294967294..4294967295" },
		{ "!(arg1 >= uint32(2u))", PLAIN, "argument 1 not in 2..4294967295" },
		{ "arg2 > 9223372036854775806", PLAIN, "argument 2 in 9223372036854775807" },
		{ "arg2 in [3, 1, 2, 9]", PLAIN, "argument 2 in 1..3 9" },
		{ "!(arg2 in [3, 1])", PLAIN, "argument 2 not in 1 3" },
		{ "arg2 == 3 || arg2 == 5 || arg2 > 7", PLAIN, "argument 2 in 3 5 8..9223372036854775807" },
		{ "arg2 > 3 && arg2 < 9 && arg2 != 5", PLAIN, "argument 2 in 4 6..8" },
		{ "arg2 != 3 && arg2 != 5", PLAIN, "argument 2 not in 3 5" },
		{ "arg2 < 5 || arg2 != 9", PLAIN, "argument 2 not in 9" },
		{ "and(arg1, uint32(6u)) != uint32(0u)", PLAIN, "argument 1 mask 0x6" },
		{ "uint32(0u) == and(uint32(6u), arg1)", PLAIN, "argument 1 not mask 0x6" },
		{ "and(arg1, uint32(4u)) == uint32(4u)", PLAIN, "argument 1 mask 0x4" },
		{ "and(arg1, uint32(4u)) != uint32(4u)", PLAIN, "argument 1 not mask 0x4" },
		{ "and(arg2, 1) != 0 || and(arg2, 8) != 0", PLAIN, "argument 2 mask 0x9" },
		{ "and(arg2, 1) == 0 && and(arg2, 8) == 0", PLAIN, "argument 2 not mask 0x9" },
		{ "and(arg2, 1) != 0 && and(arg2, 8) != 0", HOLDS, "all of; >argument 2 mask 0x1; >argument 2 mask 0x8" },
		{ "and(arg2, 0) != 0", NEVER, "any of" },
		{ "and(arg1, uint32(6u)) == uint32(6u)", HOLDS, "compute arg1:uint32 6:uint32 and:uint32 6:uint32 equal:uint32" },
		{ "and(arg0, int32(-2147483648)) == int32(-2147483648)", HOLDS,
		  "compute arg0:int32 -2147483648:int32 and:int32 -2147483648:int32 equal:int32" },
		{ "arg4 == 'a'", PLAIN, "argument 4 is =\"a\"" },
		{ "'a' != arg4", PLAIN, "argument 4 not is =\"a\"" },
		{ "arg4 in ['a', 'b', 'a'] || arg4.startsWith('x') || arg4.endsWith('y')", PLAIN,
		  "argument 4 is =\"a\" =\"b\" ^\"x\" $\"y\"" },
		{ "arg4.startsWith('a') && arg4.endsWith('b')", HOLDS, "all of; >argument 4 is ^\"a\"; >argument 4 is $\"b\"" },
		{ "arg4.contains('a') || arg4.contains('b')", PLAIN, "argument 4 contains ~\"a\" ~\"b\"" },
		{ "!arg4.contains('a')", HOLDS, "argument 4 not contains ~\"a\"" },
		{ "!arg4.endsWith('a')", PLAIN, "argument 4 not is $\"a\"" },
		{ "arg2 + 1 == 3", HOLDS, "compute arg2:int64 1:int64 add:int64 3:int64 equal:int64" },
		{ "arg2 + 1 != 3", HOLDS, "compute not arg2:int64 1:int64 add:int64 3:int64 equal:int64" },
		{ "arg2 > -arg2", HOLDS, "compute arg2:int64 negate:int64 arg2:int64 less:int64" },
		{ "!(arg2 >= not(arg2))", HOLDS, "compute not arg2:int64 not:int64 arg2:int64 less-equal:int64" },
		{ "int32(arg2) == arg3", HOLDS, "compute arg2:int64 cast:int32 arg3:int32 equal:int32" },
		{ "arg2 in [arg2 - 1, 4]", HOLDS,
		  "any of; >compute arg2:int64 arg2:int64 1:int64 subtract:int64 equal:int64; >argument 2 in 4" },
		/* De Morgan, flattened */
		{ "!(arg2 == 1 || !(arg3 == int32(2) && !(arg0 == int32(3) || arg1 == uint32(4u))))", HOLDS,
		  "all of; >argument 2 not in 1; >argument 3 in 2; >argument 0 not in 3; >argument 1 not in 4" },
		{ "arg2 == 1 && (arg3 == int32(2) && (arg0 == int32(3) && true))", HOLDS,
		  "all of; >argument 2 in 1; >argument 3 in 2; >argument 0 in 3" },
		/* always or never */
		{ "arg1 < uint32(0u)", NEVER, "any of" },
		{ "arg1 >= uint32(0u)", PLAIN, "argument 1 readable" },
		{ "arg3 == int32(200)", NEVER, "any of" },
		{ "arg3 < int32(200)", PLAIN, "argument 3 readable" },
		{ "arg3 <= int32(127)", PLAIN, "argument 3 readable" },
		{ "arg2 < -9223372036854775808", NEVER, "any of" },
		{ "9223372036854775807 < arg2", NEVER, "any of" },
		{ "arg2 == 1 || arg2 != 1", PLAIN, "argument 2 readable" },
		{ "arg2 == 1 && arg2 == 2", NEVER, "any of" },
		{ "arg4.startsWith('')", PLAIN, "argument 4 readable" },
		{ "arg4.contains('') && true", PLAIN, "argument 4 readable" },
		{ "!arg4.contains('')", NEVER, "any of" },
		{ "arg2 in []", NEVER, "any of" }, { "!(arg2 in [])", PLAIN, "argument 2 readable" },
		{ "true", HOLDS, "all of" }, { "false", NEVER, "any of" }, { "1 in [1]", HOLDS, "all of" },
		{ "arg2 == 1 && 1 == 2", NEVER, "any of" },
		/* all that is named is read */
		{ "arg2 == 1 || true", PLAIN, "argument 2 readable" },
		{ "arg2 == 1 || arg3 == int32(1)", HOLDS,
		  "all of; >argument 2 readable; >argument 3 readable; >any of; >>argument 2 in 1; >>argument 3 in 1" },
		{ "arg2 == 1 || arg2 + 1 == 3", HOLDS,
		  "any of; >argument 2 in 1; >compute arg2:int64 1:int64 add:int64 3:int64 equal:int64" },
		{ "arg2 == 1 && (arg1 == uint32(2u) || arg2 + 1 == 3)", HOLDS,
		  "all of; >argument 1 readable; >argument 2 in 1; >any of; >>argument 1 in 2; "
		  ">>compute arg2:int64 1:int64 add:int64 3:int64 equal:int64" },
		{ "arg2 == 1 && arg3 < int32(1000)", HOLDS, "all of; >argument 3 readable; >argument 2 in 1" },
		/* what == of truths becomes */
		{ "(arg4 == 'a') != (arg2 > 3)", HOLDS,
		  "any of; >all of; >>argument 4 is =\"a\"; >>argument 2 not in 4..9223372036854775807; "
		  ">all of; >>argument 4 not is =\"a\"; >>argument 2 in 4..9223372036854775807" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct lowered lowered;
		enum becomes becomes;

		set_types(&lowered, table_types);
		assert_true(lower_text(&lowered, rows[n].text));
		if (strcmp(show(&lowered), rows[n].dump))
			fail_msg("%s:\n  %s\nwants\n  %s", rows[n].text, show(&lowered), rows[n].dump);
		becomes = lowered.predicate.test == IR_HOLDS ? HOLDS : lowered.predicate.test == IR_NEVER ? NEVER : PLAIN;
		if (becomes != rows[n].becomes)
			fail_msg("%s: test %d", rows[n].text, lowered.predicate.test);
		arena_release(&lowered.arena);
	}
}

/* ---- Values ---- */

enum truth { NO, UNKNOWN, YES };	/* in the order of ALL and ANY */

static enum truth least(enum truth a, enum truth b) { return a < b ? a : b; }
static enum truth greatest(enum truth a, enum truth b) { return a > b ? a : b; }
static enum truth opposite(enum truth a) { return (enum truth)(YES - a); }
static enum truth known(bool value) { return value ? YES : NO; }

struct value {
	bool readable, is_cut;		/* cut: there is at least one byte more, nobody knows which */
	uint64_t number;		/* sign- or zero-extended, as it is loaded */
	size_t length;
	char bytes[TEXT_BYTES];
};

/* Numbers near which something happens. */
static const uint64_t edges[] = {
	0, 1, 2, 3, 7, 8, (uint64_t)-1, (uint64_t)-2, INT8_MAX, (uint64_t)INT8_MIN, UINT8_MAX, INT16_MAX, (uint64_t)INT16_MIN,
	UINT16_MAX, INT32_MAX, (uint64_t)INT32_MIN, UINT32_MAX, 1ULL << 32, INT64_MAX, (uint64_t)INT64_MIN, 1ULL << 31,
};
enum { EDGES = sizeof(edges) / sizeof(*edges) };

static uint64_t random_number(void)
{
	uint64_t number = edges[pick(EDGES)];

	return one_in(8) ? random_word() : number + (one_in(4) ? pick(3) - 1ULL : 0);
}

/* Of few letters, so that they begin, end and go on alike. */
static size_t random_text(char *bytes, size_t longest)
{
	size_t length = pick((unsigned)longest + 1);

	for (size_t n = 0; n < length; n++)
		bytes[n] = "ab/"[pick(3)];
	return length;
}

static uint64_t load(uint64_t number, enum type_id type)
{
	unsigned unused = 64 - (type_rows[type].bits ? type_rows[type].bits : 64);

	number <<= unused;
	return type_rows[type].class == CLASS_SIGNED ? (uint64_t)((int64_t)number >> unused) : number >> unused;
}

static void random_values(const enum type_id *types, struct value *values)
{
	for (unsigned n = 0; n < ARGUMENTS; n++) {
		values[n] = (struct value){ .readable = !one_in(12), .is_cut = one_in(8) };
		values[n].number = load(random_number(), types[n]);
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

static uint64_t wrapped(uint64_t number, enum expression_type type)
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
		return wrapped(a + b, part->type);
	if (is_named(part, "-"))
		return wrapped(part->count > 1 ? a - b : 0 - a, part->type);
	if (is_named(part, "and"))
		return wrapped(a & b, part->type);
	if (is_named(part, "or"))
		return wrapped(a | b, part->type);
	if (is_named(part, "xor"))
		return wrapped(a ^ b, part->type);
	if (is_named(part, "not"))
		return wrapped(~a, part->type);
	assert_true(is_named(part, "int32") || is_named(part, "uint32"));
	return wrapped(a, part->type);
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

static enum truth truth_of(const struct expression *part, const struct value *values);

static enum truth is_equal(const struct expression *left, const struct expression *right, const struct value *values)
{
	enum truth a, b;

	if (left->type == EXPRESSION_STRING)
		return texts_equal(left, right, values);
	if (left->type != EXPRESSION_BOOL)
		return known(number_of(left, values) == number_of(right, values));
	a = truth_of(left, values);
	b = truth_of(right, values);
	return a == UNKNOWN || b == UNKNOWN ? UNKNOWN : known(a == b);
}

static enum truth truth_of(const struct expression *part, const struct value *values)
{
	struct expression *const *of = part->operands;
	enum truth ret = NO;

	if (part->kind == EXPRESSION_TRUTH)
		return known(part->number);
	if (part->is_method)
		return method(part, values);
	if (is_named(part, "!"))
		return opposite(truth_of(of[0], values));
	if (is_named(part, "&&"))
		return least(truth_of(of[0], values), truth_of(of[1], values));
	if (is_named(part, "||"))
		return greatest(truth_of(of[0], values), truth_of(of[1], values));
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

static bool can_read_all(const struct expression *part, const struct value *values)
{
	bool ret = part->kind != EXPRESSION_NAME || values[part->number].readable;

	for (unsigned n = 0; n < part->count; n++)
		ret &= can_read_all(part->operands[n], values);
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

static enum truth answer(const struct ir_hook *hook, const struct ir_condition *condition, const struct value *values)
{
	enum truth ret = condition->kind == IR_ALL ? YES : NO;

	if (condition->kind == IR_ASK)
		return ask(hook, condition->predicate, values);
	if (condition->kind == IR_COMPARE) {
		ret = run_words(condition, values);
		return condition->negated ? opposite(ret) : ret;
	}
	for (size_t n = 0; n < condition->count; n++)
		ret = condition->kind == IR_ALL ? least(ret, answer(hook, &condition->parts[n], values)) :
			greatest(ret, answer(hook, &condition->parts[n], values));
	return ret;
}

/* Whether it holds, for those who go on at the first part that decides, and take what is unknown for no. */
static bool holds(const struct ir_hook *hook, const struct ir_condition *condition, const struct value *values)
{
	if (condition->kind == IR_ASK || condition->kind == IR_COMPARE)
		return answer(hook, condition, values) == YES;
	for (size_t n = 0; n < condition->count; n++)
		if (holds(hook, &condition->parts[n], values) == (condition->kind == IR_ANY))
			return condition->kind == IR_ANY;
	return condition->kind == IR_ALL;
}

static enum truth predicate_answer(const struct lowered *lowered, const struct value *values)
{
	if (lowered->predicate.test == IR_NEVER)
		return NO;
	if (lowered->predicate.test == IR_HOLDS)
		return answer(&lowered->hook, lowered->predicate.condition, values);
	return ask(&lowered->hook, &lowered->predicate, values);
}

/* Normal form: see condition.h. */
static void check_form(const struct ir_condition *condition, bool is_part)
{
	bool is_list = condition->kind == IR_ALL || condition->kind == IR_ANY;

	if (condition->kind != IR_COMPARE)
		assert_false(condition->negated);
	if (is_list)
		assert_true(is_part ? condition->count > 1 : condition->count != 1);
	for (size_t n = 0; n < condition->count; n++) {
		assert_int_not_equal(condition->parts[n].kind, condition->kind);
		check_form(&condition->parts[n], true);
	}
}

/* ---- Random expressions ---- */

static const enum type_id number_types[] = {
	TYPE_INT, TYPE_INT8, TYPE_UINT8, TYPE_INT16, TYPE_UINT16, TYPE_INT32, TYPE_UINT32, TYPE_INT64, TYPE_UINT64, TYPE_SIZE,
	TYPE_SYSCALL64, TYPE_KERNEL_CAP,
};
enum { NUMBER_TYPES = sizeof(number_types) / sizeof(*number_types) };
static const enum type_id text_types[] = { TYPE_STRING, TYPE_FILE, TYPE_FILENAME };

/* Some of each, so that every expression has something to ask. */
static void random_types(enum type_id *types)
{
	for (unsigned n = 0; n < ARGUMENTS; n++)
		types[n] = n > 2 ? text_types[pick(3)] : number_types[pick(NUMBER_TYPES)];
}

static void write_text_literal(struct buffer *ret)
{
	char bytes[TEXT_BYTES];

	buffer_add_char(ret, '\'');
	buffer_add(ret, bytes, random_text(bytes, 4));
	buffer_add_char(ret, '\'');
}

static void write_literal(enum expression_type type, uint64_t number, struct buffer *ret)
{
	switch (type) {
	case EXPRESSION_INT32:
		buffer_format(ret, "int32(%lld)", (long long)number);
		break;
	case EXPRESSION_UINT32:
		buffer_format(ret, "uint32(%lluu)", (unsigned long long)number);
		break;
	case EXPRESSION_INT:
		buffer_format(ret, "%lld", (long long)number);
		break;
	default:
		buffer_format(ret, "%lluu", (unsigned long long)number);
		break;
	}
}

static void write_number_literal(enum expression_type type, struct buffer *ret)
{
	write_literal(type, one_in(2) ? random_number() : wrapped(random_number(), type), ret);
}

/* An argument of the type; false when there is none. */
static bool write_argument(const enum type_id *types, enum expression_type type, struct buffer *ret)
{
	unsigned first = pick(ARGUMENTS);

	for (unsigned n = 0; n < ARGUMENTS; n++)
		if (expression_type_of(types[(first + n) % ARGUMENTS]) == type) {
			buffer_format(ret, "arg%u", (first + n) % ARGUMENTS);
			return true;
		}
	return false;
}

static void write_number(const enum type_id *types, enum expression_type type, unsigned depth, struct buffer *ret);

static void write_two(const enum type_id *types, enum expression_type type, unsigned depth, const char *const *around,
		      struct buffer *ret)
{
	buffer_add_text(ret, around[0]);
	write_number(types, type, depth, ret);
	buffer_add_text(ret, around[1]);
	if (!around[2])
		return;
	write_number(types, type, depth, ret);
	buffer_add_text(ret, around[2]);
}

static void write_computed(const enum type_id *types, enum expression_type type, unsigned depth, struct buffer *ret)
{
	static const char *const forms[][3] = {
		{ "(", " + ", ")" }, { "(", " - ", ")" }, { "and(", ", ", ")" }, { "or(", ", ", ")" }, { "xor(", ", ", ")" },
		{ "not(", ")" }, { "-(", ")" }, { "int32(", ")" }, { "uint32(", ")" },
	};
	unsigned form = pick(type == EXPRESSION_INT || type == EXPRESSION_INT32 ? 7 : 6);

	if (one_in(5) && type == EXPRESSION_INT32)
		write_two(types, EXPRESSION_INT, depth, forms[7], ret);
	else if (one_in(5) && type == EXPRESSION_UINT32)
		write_two(types, EXPRESSION_UINT, depth, forms[8], ret);
	else
		write_two(types, type, depth, forms[form], ret);
}

static void write_number(const enum type_id *types, enum expression_type type, unsigned depth, struct buffer *ret)
{
	if (depth && one_in(3))
		write_computed(types, type, depth - 1, ret);
	else if (one_in(3) || !write_argument(types, type, ret))
		write_number_literal(type, ret);
}

static enum expression_type random_number_type(const enum type_id *types)
{
	return one_in(8) ? EXPRESSION_INT32 + pick(4) : expression_type_of(types[pick(3)]);
}

static void write_text_comparison(const enum type_id *types, struct buffer *ret)
{
	static const char *const forms[][2] = {
		{ " == ", "" }, { " != ", "" }, { ".startsWith(", ")" }, { ".endsWith(", ")" }, { ".contains(", ")" },
	};
	unsigned form = pick(5);

	if (one_in(10) || !write_argument(types, EXPRESSION_STRING, ret))
		write_text_literal(ret);
	buffer_add_text(ret, forms[form][0]);
	write_text_literal(ret);
	buffer_add_text(ret, forms[form][1]);
}

static void write_in(const enum type_id *types, struct buffer *ret)
{
	enum expression_type type = one_in(3) ? EXPRESSION_STRING : random_number_type(types);
	unsigned count = pick(5);

	if (type != EXPRESSION_STRING)
		write_number(types, type, 1, ret);
	else if (!write_argument(types, type, ret))
		write_text_literal(ret);
	buffer_add_text(ret, " in [");
	for (unsigned n = 0; n < count; n++) {
		buffer_add_text(ret, n ? ", " : "");
		if (type == EXPRESSION_STRING)
			write_text_literal(ret);
		else
			write_number(types, type, one_in(4), ret);
	}
	buffer_add_char(ret, ']');
}

static void write_comparison(const enum type_id *types, struct buffer *ret)
{
	static const char *const signs[] = { " == ", " != ", " < ", " <= ", " > ", " >= " };
	enum expression_type type = random_number_type(types);

	write_number(types, type, 2, ret);
	buffer_add_text(ret, signs[pick(6)]);
	write_number(types, type, 2, ret);
}

/* and(x, m) compared with 0 or m. */
static void write_bits(const enum type_id *types, struct buffer *ret)
{
	enum expression_type type = random_number_type(types);
	struct buffer mask = { 0 };

	write_number_literal(type, &mask);
	buffer_add_text(ret, "and(");
	if (!write_argument(types, type, ret))
		write_number_literal(type, ret);
	buffer_format(ret, ", %s)%s", mask.bytes, one_in(2) ? " == " : " != ");
	if (one_in(2))
		buffer_add_text(ret, mask.bytes);
	else
		buffer_format(ret, "xor(%s, %s)", mask.bytes, mask.bytes);
	buffer_release(&mask);
}

static void write_leaf(const enum type_id *types, struct buffer *ret)
{
	static void (*const leaves[])(const enum type_id *, struct buffer *) = {
		write_text_comparison, write_in, write_comparison, write_bits,
	};

	if (one_in(20))
		buffer_add_text(ret, one_in(2) ? "true" : "false");
	else
		leaves[pick(4)](types, ret);
}

static void write_truth(const enum type_id *types, unsigned depth, struct buffer *ret)
{
	static const char *const signs[] = { " && ", " || ", " && ", " || ", " == ", " != " };

	if (!depth || one_in(4)) {
		buffer_add_char(ret, '(');
		write_leaf(types, ret);
		buffer_add_char(ret, ')');
		return;
	}
	buffer_add_text(ret, one_in(4) ? "!(" : "(");
	write_truth(types, depth - 1, ret);
	buffer_add_text(ret, signs[pick(6)]);
	write_truth(types, depth - 1, ret);
	buffer_add_char(ret, ')');
}

/* ---- Both ---- */

/* How often which answer was given, so that a test that says nothing is seen. */
static unsigned answers[3], unreadable, plain;

static void compare(const struct lowered *lowered, const char *text, const struct value *values)
{
	enum truth wants = truth_of(lowered->tree, values), got = answer(&lowered->hook, lowered->condition, values);
	bool fine = can_read_all(lowered->tree, values) ? got == wants : got != YES;

	if (!fine || predicate_answer(lowered, values) != got ||
	    holds(&lowered->hook, lowered->condition, values) != (got == YES))
		fail_msg("%s: the tree says %d, the condition %d, the predicate %d", text, wants, got,
			 predicate_answer(lowered, values));
	answers[got]++;
	unreadable += !can_read_all(lowered->tree, values);
}

static void random_expressions(void **state)
{
	unsigned large = 0;

	(void)state;
	random_state = 20260;
	for (unsigned n = 0; n < EXPRESSIONS; n++) {
		enum type_id types[ARGUMENTS];
		struct buffer text = { 0 };
		struct lowered lowered;

		random_types(types);
		set_types(&lowered, types);
		write_truth(types, pick(4), &text);
		if (lower_text(&lowered, text.bytes)) {
			check_form(lowered.condition, false);
			plain += lowered.predicate.subject == IR_ARGUMENT;
			for (unsigned event = 0; event < EVENTS; event++) {
				struct value values[ARGUMENTS];

				random_values(types, values);
				compare(&lowered, text.bytes, values);
			}
		} else {
			large++;
		}
		buffer_release(&text);
		arena_release(&lowered.arena);
	}
	print_message("no %u, unknown %u, yes %u; something unreadable %u; plain %u, too large %u\n", answers[NO], answers[UNKNOWN],
		      answers[YES], unreadable, plain, large);
	assert_true(answers[NO] > 50000 && answers[UNKNOWN] > 50000 && answers[YES] > 50000);
	assert_true(plain > EXPRESSIONS / 10 && large < EXPRESSIONS / 10);
}

/* arg0 compared with the bound, on either side of it. */
static void check_bound(enum type_id type, uint64_t bound, const char *sign, bool is_right)
{
	const enum type_id types[ARGUMENTS] = { type, TYPE_STRING, TYPE_STRING, TYPE_STRING, TYPE_STRING };
	struct buffer text = { 0 };
	struct lowered lowered;

	if (!is_right)
		buffer_format(&text, "arg0 %s ", sign);
	write_literal(expression_type_of(type), bound, &text);
	if (is_right)
		buffer_format(&text, " %s arg0", sign);
	set_types(&lowered, types);
	assert_true(lower_text(&lowered, text.bytes));
	assert_int_not_equal(lowered.predicate.test, IR_HOLDS);
	for (size_t n = 0; n < 3 * EDGES; n++) {
		const struct value values[ARGUMENTS] = {
			{ .readable = true, .number = load(edges[n / 3] + n % 3 - 1, type) },
		};

		compare(&lowered, text.bytes, values);
	}
	buffer_release(&text);
	arena_release(&lowered.arena);
}

/* Every number at and around the bound of every comparison, for each type of argument. */
static void bounds(void **state)
{
	static const char *const signs[] = { "==", "!=", "<", "<=", ">", ">=" };

	(void)state;
	for (size_t type = 0; type < NUMBER_TYPES; type++)
		for (size_t edge = 0; edge < EDGES; edge++)
			for (unsigned n = 0; n < 12; n++)
				check_bound(number_types[type], edges[edge], signs[n / 2], n % 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms), cmocka_unit_test(bounds), cmocka_unit_test(random_expressions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * test_condition_random.c - CelExpr lowered decides as the expression does.
 *
 * Random expressions are evaluated by the two evaluators of evaluators.h, over values that may be unreadable, and strings that may be
 * cut; and every comparison with every bound on both sides of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/buffer.h"
#include "tests/unit/evaluators.h"
#include "tests/unit/random.h"

enum { EXPRESSIONS = 30000, EVENTS = 24 };

/* ---- The form ---- */

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
	for (unsigned n = 0; n < LOWERED_ARGUMENTS; n++)
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
	write_literal(type, one_in(2) ? random_edge() : number_wrapped(random_edge(), type), ret);
}

/* An argument of the type; false when there is none. */
static bool write_argument(const enum type_id *types, enum expression_type type, struct buffer *ret)
{
	unsigned first = pick(LOWERED_ARGUMENTS);

	for (unsigned n = 0; n < LOWERED_ARGUMENTS; n++)
		if (expression_type_of(types[(first + n) % LOWERED_ARGUMENTS]) == type) {
			buffer_format(ret, "arg%u", (first + n) % LOWERED_ARGUMENTS);
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
	enum truth wants = tree_truth(lowered->tree, values), got = condition_truth(&lowered->hook, lowered->condition, values);
	bool fine = tree_is_readable(lowered->tree, values) ? got == wants : got != YES;

	if (!fine || predicate_truth(lowered, values) != got ||
	    condition_holds(&lowered->hook, lowered->condition, values) != (got == YES))
		fail_msg("%s: the tree says %d, the condition %d, the predicate %d", text, wants, got,
			 predicate_truth(lowered, values));
	answers[got]++;
	unreadable += !tree_is_readable(lowered->tree, values);
}

static void random_expressions(void **state)
{
	unsigned large = 0;

	(void)state;
	random_state = 20260;
	for (unsigned n = 0; n < EXPRESSIONS; n++) {
		enum type_id types[LOWERED_ARGUMENTS];
		struct buffer text = { 0 };
		struct lowered lowered;

		random_types(types);
		lowered_begin(&lowered, types);
		write_truth(types, pick(4), &text);
		if (lowered_take(&lowered, text.bytes)) {
			check_form(lowered.condition, false);
			plain += lowered.predicate.subject == IR_ARGUMENT;
			for (unsigned event = 0; event < EVENTS; event++) {
				struct value values[LOWERED_ARGUMENTS];

				values_at_random(types, values);
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
	const enum type_id types[LOWERED_ARGUMENTS] = { type, TYPE_STRING, TYPE_STRING, TYPE_STRING, TYPE_STRING };
	struct buffer text = { 0 };
	struct lowered lowered;

	if (!is_right)
		buffer_format(&text, "arg0 %s ", sign);
	write_literal(expression_type_of(type), bound, &text);
	if (is_right)
		buffer_format(&text, " %s arg0", sign);
	lowered_begin(&lowered, types);
	assert_true(lowered_take(&lowered, text.bytes));
	assert_int_not_equal(lowered.predicate.test, IR_HOLDS);
	for (size_t n = 0; n < 3 * EDGES; n++) {
		const struct value values[LOWERED_ARGUMENTS] = {
			{ .readable = true, .number = value_load(edges[n / 3] + n % 3 - 1, type) },
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
		cmocka_unit_test(bounds), cmocka_unit_test(random_expressions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* test_expression.c - CelExpr: what parses, what has a type, and what is said of the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/buffer.h"
#include "compiler/expression/expression.h"
#include "schema/schema.h"

static const enum expression_type types[] = {
	EXPRESSION_INT32, EXPRESSION_UINT32, EXPRESSION_INT, EXPRESSION_UINT, EXPRESSION_UNTYPED,
};
static const char *const names[] = { "int", "uint32", "int64", "uint64", "string" };

static bool run(const char *text, struct arena *arena, struct expression **tree, struct expression_problem *problem)
{
	char *copy = malloc(strlen(text) + 1);	/* of its exact size, so that the sanitizer sees what is read past it */
	bool fine;

	memcpy(copy, text, strlen(text));
	*tree = expression_parse(copy, strlen(text), arena, problem);
	fine = *tree && expression_check(*tree, types, names, 5, arena, problem);
	free(copy);
	return fine;
}

static void accepted(void **state)
{
	static const char *const rows[] = {
		"true", "!false", "arg2 == 1", "arg2==-1", "arg3 == 1u", "arg3 == 0xffu", "arg0 == int32(5)", "arg1 != uint32(3u)",
		"arg2 + 1 > 2 - 3", "arg2 < 1 && arg3 >= 2u || true", "(arg2 == 1) == (arg3 == 1u)", "and(arg2, 8) != 0",
		"not(arg3) == 0u", "xor(or(arg3, 1u), 2u) == 3u", "arg2 == // a comment\n 1", "arg2 == -9223372036854775808",
		"arg3 == 18446744073709551615u", "arg2 == 0x10", "! ! true", ".arg2 == 1", "int32(arg2) == arg0", "true == false",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct expression_problem problem = { 0 };
		struct expression *tree;
		struct arena arena = { 0 };

		if (!run(rows[i], &arena, &tree, &problem))
			fail_msg("%s: %s", rows[i], problem.message);
		assert_int_equal(tree->type, EXPRESSION_BOOL);
		arena_release(&arena);
	}
}

static void refused(void **state)
{
	static const struct { const char *text; enum expression_fault fault; const char *at, *says, *help; } rows[] = {
		{ "", EXPRESSION_SYNTAX, "", "ends where a value", NULL },
		{ "arg2 ==", EXPRESSION_SYNTAX, "=", "ends where a value", NULL },
		{ "arg2 = 1", EXPRESSION_SYNTAX, "=", "'=' where an operator", "write '=='" },
		{ "arg2 == 1 & true", EXPRESSION_SYNTAX, "&", "'&' where", "'&&'" },
		{ "(arg2 == 1", EXPRESSION_SYNTAX, "1", "ends where ')'", NULL },
		{ "arg2 == 'x", EXPRESSION_SYNTAX, "'x", "does not end", NULL },
		{ "arg2 == 9223372036854775808", EXPRESSION_SYNTAX, "9223372036854775808", "out of bounds", "'u'" },
		{ "arg2 == 12ab", EXPRESSION_SYNTAX, "12ab", "not a number", NULL },
		{ "for == 1", EXPRESSION_SYNTAX, "for", "reserved", NULL },
		{ "arg2 == \xc3\xa9", EXPRESSION_SYNTAX, "\xc3", "where a value", NULL },
		{ "arg2 == 1u", EXPRESSION_MISTYPED, "arg2 == 1u", "'==' on int and uint", NULL },
		{ "arg3 == 5", EXPRESSION_MISTYPED, "arg3 == 5", "'==' on uint and int", "write 5u" },
		{ "arg0 == 5", EXPRESSION_MISTYPED, "arg0 == 5", "'==' on int32 and int", "int32(5)" },
		{ "5u == arg1", EXPRESSION_MISTYPED, "5u == arg1", "'==' on uint and uint32", "uint32(5u)" },
		{ "arg0 == arg2", EXPRESSION_MISTYPED, "arg0 == arg2", "'==' on int32 and int", "int32()" },
		{ "arg2 + 1", EXPRESSION_MISTYPED, "arg2 + 1", "of type int", "compare" },
		{ "arg2 && true", EXPRESSION_MISTYPED, "arg2 && true", "'&&' on int and bool", NULL },
		{ "!arg2", EXPRESSION_MISTYPED, "arg2", "'!' on int", NULL },
		{ "true < false", EXPRESSION_MISTYPED, "true", "'<' on bool", NULL },
		{ "uint32(arg2) == arg1", EXPRESSION_MISTYPED, "arg2", "uint32() of int", NULL },
		{ "foo == 1", EXPRESSION_MISTYPED, "foo", "nothing called 'foo'", "arg0" },
		{ "and(1) == 1", EXPRESSION_MISTYPED, "and(1)", "takes 2 arguments, not 1", NULL },
		{ "arg5 == 1", EXPRESSION_ARGUMENT, "arg5", "no arg5", "first entry" },
		{ "arg4 == 1", EXPRESSION_ARGUMENT, "arg4", "'string'", "they can use" },
		{ "arg2 == 'x'", EXPRESSION_UNAVAILABLE, "'x'", "a string is not available", NULL },
		{ "arg2 == 1.5", EXPRESSION_UNAVAILABLE, "1.5", "floating-point", NULL },
		{ "arg2 in [1, 2]", EXPRESSION_UNAVAILABLE, "[1, 2]", "a list", NULL },
		{ "{1: 2} == arg2", EXPRESSION_UNAVAILABLE, "{1: 2}", "a map", NULL },
		{ "arg2.x == 1", EXPRESSION_UNAVAILABLE, "arg2.x", "a field", NULL },
		{ "arg2.startsWith('x')", EXPRESSION_UNAVAILABLE, "arg2.startsWith('x')", "a method", NULL },
		{ "arg2[0] == 1", EXPRESSION_UNAVAILABLE, "arg2[0]", "an index", NULL },
		{ "true ? true : false", EXPRESSION_UNAVAILABLE, "true ? true : false", "a choice", NULL },
		{ "arg2 * 2 == 4", EXPRESSION_UNAVAILABLE, "arg2 * 2", "'*' is not available", "==" },
		{ "-arg2 == 1", EXPRESSION_UNAVAILABLE, "-arg2", "'-' is not available", NULL },
		{ "null == 1", EXPRESSION_UNAVAILABLE, "null", "null", NULL },
		{ "xxor(arg2, 1) == 1", EXPRESSION_UNAVAILABLE, "xxor(arg2, 1)", "no function xxor()", "xor" },
		{ "f(1, 2, 3)", EXPRESSION_UNAVAILABLE, "f(1, 2, 3)", "f() with 3 arguments", NULL },
		{ "f()", EXPRESSION_UNAVAILABLE, "f()", "no function f()", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct expression_problem problem = { 0 };
		struct expression *tree;
		struct arena arena = { 0 };

		if (run(rows[i].text, &arena, &tree, &problem))
			fail_msg("'%s' is accepted", rows[i].text);
		if (problem.fault != rows[i].fault || !strstr(problem.message, rows[i].says))
			fail_msg("'%s': fault %d: %s", rows[i].text, problem.fault, problem.message);
		if (problem.end - problem.start != strlen(rows[i].at) ||
		    memcmp(rows[i].text + problem.start, rows[i].at, strlen(rows[i].at)))
			fail_msg("'%s': at %u to %u: %s", rows[i].text, problem.start, problem.end, problem.message);
		if (rows[i].help && !(problem.help && strstr(problem.help, rows[i].help)))
			fail_msg("'%s': help: %s", rows[i].text, problem.help ? problem.help : "none");
		arena_release(&arena);
	}
}

/* How operators bind, seen in the tree. */
static void show(const struct expression *part, struct buffer *ret)
{
	if (part->kind != EXPRESSION_CALL) {
		if (part->kind == EXPRESSION_NUMBER)
			buffer_format(ret, "%lld", (long long)part->number);
		else
			buffer_add_text(ret, part->text);
		return;
	}
	buffer_format(ret, "(%s", part->text);
	for (unsigned i = 0; i < part->count; i++) {
		buffer_add_text(ret, " ");
		show(part->operands[i], ret);
	}
	buffer_add_text(ret, ")");
}

static void binding(void **state)
{
	static const struct { const char *text, *tree; } rows[] = {
		{ "1 + 2 - 3 == 0", "(== (- (+ 1 2) 3) 0)" },
		{ "true || false && true", "(|| true (&& false true))" },
		{ "!true || true", "(|| (! true) true)" },
		{ "1 - -1 == 2", "(== (- 1 -1) 2)" },
		{ "1 - (2 - 3) == 2", "(== (- 1 (- 2 3)) 2)" },
		{ "arg2 < 1 == true", "(== (< arg2 1) true)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct expression_problem problem = { 0 };
		struct expression *tree;
		struct arena arena = { 0 };
		struct buffer text = { 0 };

		assert_true(run(rows[i].text, &arena, &tree, &problem));
		show(tree, &text);
		assert_string_equal(text.bytes, rows[i].tree);
		buffer_release(&text);
		arena_release(&arena);
	}
}

/* Hostile text ends soon: nested, long, and cut anywhere. */
static void limits(void **state)
{
	static const char *const inner[] = { "(", "!", "-", "[", "{", "f(", "a.b(", "true && ", "1 ? ", "not(" };

	(void)state;
	for (size_t i = 0; i < sizeof(inner) / sizeof(*inner); i++) {
		struct expression_problem problem = { 0 };
		struct expression *tree;
		struct arena arena = { 0 };
		struct buffer text = { 0 };

		for (int n = 0; n < 20000; n++)
			buffer_add_text(&text, inner[i]);
		assert_false(run(text.bytes, &arena, &tree, &problem));
		assert_int_equal(problem.fault, EXPRESSION_SYNTAX);
		assert_true(arena.total < 1 << 20);
		buffer_release(&text);
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted), cmocka_unit_test(refused), cmocka_unit_test(binding), cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

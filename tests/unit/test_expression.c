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

static const enum type_id types[] = {
	TYPE_INT, TYPE_UINT32, TYPE_INT64, TYPE_UINT64, TYPE_SOCK, TYPE_STRING, TYPE_INT8, TYPE_SIZE, TYPE_FILE,
};
enum { TYPES = sizeof(types) / sizeof(*types) };

static bool run(const char *text, struct arena *arena, struct expression **tree, struct expression_problem *problem)
{
	char *copy = malloc(strlen(text) + 1);	/* of its exact size, so that the sanitizer sees what is read past it */
	bool fine;

	memcpy(copy, text, strlen(text));
	*tree = expression_parse(copy, strlen(text), arena, problem);
	fine = *tree && expression_check(*tree, types, TYPES, arena, problem);
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
		"-arg2 == 1", "-arg0 < int32(3)", "- 3 == arg2", "arg6 == arg0", "arg7 >= 10u", "arg6 == int32(-1)",
		"arg5 == 'x'", "arg5 != \"x\"", "'x' == arg5", "arg8.startsWith('/etc/')", "arg5.endsWith(\".pub\")",
		"(arg5).contains(r'\\d')", "'abc'.contains('b')", "arg5 in ['a', 'b']", "arg2 in [1, 2, 3]", "arg2 in []",
		"arg2 + 1 in [arg2, 3,]", "arg0 in [int32(1)]", "'x' in [arg5, 'y']", "!(arg2 in [1]) && arg5 == ''",
		"arg5 == 'it\\'s' || arg5 == \"\"\"a\n\"b\"\"\"",
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
		{ "arg3 == -5", EXPRESSION_MISTYPED, "arg3 == -5", "'==' on uint and int", "never negative" },
		{ "-1 < arg1", EXPRESSION_MISTYPED, "-1 < arg1", "'<' on int and uint32", "never negative" },
		{ "5u == arg1", EXPRESSION_MISTYPED, "5u == arg1", "'==' on uint and uint32", "uint32(5u)" },
		{ "arg0 == arg2", EXPRESSION_MISTYPED, "arg0 == arg2", "'==' on int32 and int", "int32()" },
		{ "arg2 + 1", EXPRESSION_MISTYPED, "arg2 + 1", "of type int", "compare" },
		{ "arg2 && true", EXPRESSION_MISTYPED, "arg2 && true", "'&&' on int and bool", NULL },
		{ "!arg2", EXPRESSION_MISTYPED, "arg2", "'!' on int", NULL },
		{ "true < false", EXPRESSION_MISTYPED, "true", "'<' on bool", NULL },
		{ "uint32(arg2) == arg1", EXPRESSION_MISTYPED, "arg2", "uint32() of int", NULL },
		{ "foo == 1", EXPRESSION_MISTYPED, "foo", "nothing called 'foo'", "arg0" },
		{ "and(1) == 1", EXPRESSION_MISTYPED, "and(1)", "takes 2 arguments, not 1", NULL },
		{ "arg9 == 1", EXPRESSION_ARGUMENT, "arg9", "9 arguments", "first entry" },
		{ "arg4 == 1", EXPRESSION_ARGUMENT, "arg4", "'sock'", "they can use" },
		{ "arg2 == 'x'", EXPRESSION_MISTYPED, "arg2 == 'x'", "'==' on int and string", NULL },
		{ "arg2 == b'x'", EXPRESSION_UNAVAILABLE, "b'x'", "a string of bytes", NULL },
		{ "arg5 == rb'x'", EXPRESSION_UNAVAILABLE, "rb'x'", "a string of bytes", NULL },
		{ "arg2 == 1.5", EXPRESSION_UNAVAILABLE, "1.5", "floating-point", NULL },
		{ "[1, 2] == arg2", EXPRESSION_UNAVAILABLE, "[1, 2]", "a list", "right of 'in'" },
		{ "arg2 in arg3", EXPRESSION_UNAVAILABLE, "arg3", "'in' without a list", "x in" },
		{ "[1] in [2]", EXPRESSION_UNAVAILABLE, "[1]", "a list", NULL },
		{ "arg2 in [1, 2u]", EXPRESSION_MISTYPED, "arg2 in [1, 2u]", "'in' on int and uint", NULL },
		{ "arg0 in [3]", EXPRESSION_MISTYPED, "arg0 in [3]", "'in' on int32 and int", "int32(3)" },
		{ "true in [true]", EXPRESSION_MISTYPED, "true", "'in' on bool", NULL },
		{ "{1: 2} == arg2", EXPRESSION_UNAVAILABLE, "{1: 2}", "a map", NULL },
		{ "arg2.x == 1", EXPRESSION_UNAVAILABLE, "arg2.x", "a field", NULL },
		{ "arg2.startsWith('x')", EXPRESSION_MISTYPED, "arg2", "startsWith() of int", NULL },
		{ "arg5.startsWith(1)", EXPRESSION_MISTYPED, "1", "startsWith() of int", NULL },
		{ "arg5.startsWith()", EXPRESSION_MISTYPED, "arg5.startsWith()", "takes 1 argument, not 0", NULL },
		{ "arg5.startWith('x')", EXPRESSION_UNAVAILABLE, "arg5.startWith('x')", "the method startWith()", "startsWith()" },
		{ "arg5.matches('x')", EXPRESSION_UNAVAILABLE, "arg5.matches('x')", "the method matches()", NULL },
		{ "arg5.replace('x', 'y')", EXPRESSION_UNAVAILABLE, "arg5.replace('x', 'y')", "replace() with 2", NULL },
		{ "(arg5).size() == 1", EXPRESSION_UNAVAILABLE, "(arg5).size()", "the method size()", NULL },
		{ "startsWith(arg5, 'x')", EXPRESSION_UNAVAILABLE, "startsWith(arg5, 'x')", "no function startsWith()", NULL },
		{ "'x'.startsWith(arg5)", EXPRESSION_UNAVAILABLE, "arg5", "startsWith() of an argument", "literal" },
		{ "arg5 == arg8", EXPRESSION_UNAVAILABLE, "arg5", "two arguments that are strings", "literal" },
		{ "arg5 in ['x', arg8]", EXPRESSION_UNAVAILABLE, "arg5", "'in' of two arguments", "literal" },
		{ "arg5 < 'x'", EXPRESSION_MISTYPED, "arg5", "'<' on string", "startsWith" },
		{ "arg5 + 'x' == 'y'", EXPRESSION_MISTYPED, "arg5", "'+' on string", NULL },
		{ "-arg3 == 1u", EXPRESSION_MISTYPED, "arg3", "'-' on uint", NULL },
		{ "-true", EXPRESSION_MISTYPED, "true", "'-' on bool", NULL },
		{ "arg5 == '\\q'", EXPRESSION_SYNTAX, "\\q", "no such escape", "\\\\" },
		{ "arg5 == '\\x1'", EXPRESSION_SYNTAX, "\\x1", "too few digits", "two" },
		{ "arg5 == '\\ud800'", EXPRESSION_SYNTAX, "\\ud800", "no character", NULL },
		{ "arg5 == '\\U00110000'", EXPRESSION_SYNTAX, "\\U00110000", "no character", NULL },
		{ "arg5 == '\\08'", EXPRESSION_SYNTAX, "\\08", "too few digits", NULL },
		{ "arg5 == 'a\rb'", EXPRESSION_SYNTAX, "'a\rb'", "does not end", NULL },
		{ "arg2[0] == 1", EXPRESSION_UNAVAILABLE, "arg2[0]", "an index", NULL },
		{ "true ? true : false", EXPRESSION_UNAVAILABLE, "true ? true : false", "a choice", NULL },
		{ "arg2 * 2 == 4", EXPRESSION_UNAVAILABLE, "arg2 * 2", "'*' is not available", "==" },
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

static struct arena names;	/* of what show() calls parts */
static void show(const struct expression *part, struct buffer *ret);

static void show_operands(const char *open, const struct expression *part, const char *close, struct buffer *ret)
{
	buffer_add_text(ret, open);
	for (unsigned i = 0; i < part->count; i++) {
		buffer_add_text(ret, " ");
		show(part->operands[i], ret);
	}
	buffer_add_text(ret, close);
}

/* How operators bind, seen in the tree. */
static void show(const struct expression *part, struct buffer *ret)
{
	switch (part->kind) {
	case EXPRESSION_NUMBER:
		buffer_format(ret, "%lld", (long long)part->number);
		break;
	case EXPRESSION_LIST:
		show_operands("[", part, " ]", ret);
		break;
	case EXPRESSION_CALL:
		show_operands(arena_format(&names, "(%s%s", part->is_method ? "." : "", part->text), part, ")", ret);
		break;
	default:
		buffer_add_text(ret, part->text);
		break;
	}
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
		{ "-arg2 - -1 == - -arg2", "(== (- (- arg2) -1) (- (- arg2)))" },
		{ "arg2 + 1 in [1, arg2 - 1]", "(in (+ arg2 1) [ 1 (- arg2 1) ])" },
		{ "!arg5.contains('x') && arg2 in []", "(&& (! (.contains arg5 x)) (in arg2 [ ]))" },
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

/* Escapes, and what they are as bytes. */
static void strings(void **state)
{
	static const struct { const char *literal, *bytes; size_t length; } rows[] = {
		{ "''", "", 0 }, { "\"\"", "", 0 }, { "\"\"\"\"\"\"", "", 0 }, { "r''", "", 0 }, { "'a'", "a", 1 },
		{ "'b'", "b", 1 }, { "\"r\"", "r", 1 }, { "'\"'", "\"", 1 }, { "'\\''", "'", 1 }, { "'''a'b'''", "a'b", 3 },
		{ "'\\a\\b\\f\\n\\r\\t\\v'", "\a\b\f\n\r\t\v", 7 }, { "'\\\\\\?\\\"\\'\\`'", "\\?\"'`", 5 },
		{ "'\\x41\\X7e'", "A~", 2 }, { "'\\xe9'", "\xc3\xa9", 2 }, { "'\\101\\377'", "A\xc3\xbf", 3 },
		{ "'\\u20ac'", "\xe2\x82\xac", 3 }, { "'\\U0001F600'", "\xf0\x9f\x98\x80", 4 },
		{ "'\\000b'", "\0b", 2 }, { "r'\\n\\'", "\\n\\", 3 }, { "R\"\\x\"", "\\x", 2 }, { "'\xc3\xa9'", "\xc3\xa9", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct expression_problem problem = { 0 };
		struct expression *tree;
		struct arena arena = { 0 };

		tree = expression_parse(rows[i].literal, strlen(rows[i].literal), &arena, &problem);
		if (!tree)
			fail_msg("%s: %s", rows[i].literal, problem.message);
		assert_int_equal(tree->kind, EXPRESSION_TEXT);
		if (tree->length != rows[i].length || memcmp(tree->text, rows[i].bytes, tree->length))
			fail_msg("%s: %zu bytes: %s", rows[i].literal, tree->length, tree->text);
		arena_release(&arena);
	}
}

/* Strings as long as what is compared with them, and one byte more. */
static void lengths(void **state)
{
	static const struct { const char *before, *after; size_t longest; } rows[] = {
		{ "arg5 == '", "'", LIMIT_STRING_BYTES }, { "'", "' != arg5", LIMIT_STRING_BYTES },
		{ "arg5 in ['a', '", "']", LIMIT_STRING_BYTES }, { "arg5.startsWith('", "')", LIMIT_STRING_BYTES },
		{ "arg5.endsWith('", "')", LIMIT_STRING_BYTES }, { "arg5.contains('", "')", LIMIT_STRING_BYTES },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
		size_t length = rows[i / 2].longest + i % 2;
		struct expression_problem problem = { 0 };
		struct expression *tree;
		struct arena arena = { 0 };
		const char *text = arena_format(&arena, "%s%*s%s", rows[i / 2].before, (int)length, "x", rows[i / 2].after);
		bool fine = run(text, &arena, &tree, &problem);

		assert_int_equal(fine, i % 2 == 0);
		if (!fine) {
			assert_int_equal(problem.fault, EXPRESSION_LENGTH);
			assert_int_equal(problem.end - problem.start, length + 2);
		}
		arena_release(&arena);
	}
}

static void argument_types(void **state)
{
	static const struct { enum type_id type; enum expression_type is; } rows[] = {
		{ TYPE_INT, EXPRESSION_INT32 }, { TYPE_INT8, EXPRESSION_INT32 }, { TYPE_INT16, EXPRESSION_INT32 },
		{ TYPE_INT32, EXPRESSION_INT32 }, { TYPE_UINT8, EXPRESSION_UINT32 }, { TYPE_UINT16, EXPRESSION_UINT32 },
		{ TYPE_UINT32, EXPRESSION_UINT32 }, { TYPE_INT64, EXPRESSION_INT }, { TYPE_SYSCALL64, EXPRESSION_INT },
		{ TYPE_UINT64, EXPRESSION_UINT }, { TYPE_SIZE, EXPRESSION_UINT }, { TYPE_KERNEL_CAP, EXPRESSION_UINT },
		{ TYPE_CAP_EFFECTIVE, EXPRESSION_UINT }, { TYPE_STRING, EXPRESSION_STRING }, { TYPE_FD, EXPRESSION_STRING },
		{ TYPE_CHAR_BUF, EXPRESSION_STRING }, { TYPE_FILE, EXPRESSION_STRING }, { TYPE_PATH, EXPRESSION_STRING },
		{ TYPE_FILENAME, EXPRESSION_STRING }, { TYPE_LINUX_BINPRM, EXPRESSION_STRING },
		{ TYPE_AUTO, EXPRESSION_UNTYPED }, { TYPE_SOCK, EXPRESSION_UNTYPED }, { TYPE_SOCKADDR, EXPRESSION_UNTYPED },
		{ TYPE_NOP, EXPRESSION_UNTYPED }, { TYPE_CRED, EXPRESSION_UNTYPED }, { TYPE_CAPABILITY, EXPRESSION_UNTYPED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (expression_type_of(rows[i].type) != rows[i].is)
			fail_msg("%s is %s", type_rows[rows[i].type].name, expression_type_name(expression_type_of(rows[i].type)));
}

/* What Tetragon refuses of what is accepted, and where. */
static void extensions(void **state)
{
	static const struct { const char *text, *at, *says; } rows[] = {
		{ "arg0 == int32(5) && arg1 != uint32(3u) || arg3 < 5u", NULL, NULL },
		{ "and(arg2, not(8)) != 0 && !(arg2 == -1) && true", NULL, NULL }, { "arg2 - 1 == 2", NULL, NULL },
		{ "arg2 == 1 && arg5 == 'x'", "arg5", "strings" }, { "'x' == arg5", "'x'", "strings" },
		{ "arg2 in [1]", "arg2 in [1]", "'in'" }, { "arg5 in ['x']", "arg5", "strings" },
		{ "-arg2 == 1", "-arg2", "'-' in front" }, { "arg6 == arg0", "arg6", "this type" },
		{ "arg7 == 1u", "arg7", "this type" }, { "arg8.endsWith('x')", "arg8", "strings" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct expression_problem problem = { 0 };
		const struct expression *part;
		const char *says = NULL, *instead = NULL;
		struct expression *tree;
		struct arena arena = { 0 };

		assert_true(run(rows[i].text, &arena, &tree, &problem));
		part = expression_extension(tree, types, &says, &instead);
		assert_int_equal(!part, !rows[i].at);
		if (part && (part->end - part->start != strlen(rows[i].at) ||
			     memcmp(rows[i].text + part->start, rows[i].at, strlen(rows[i].at))))
			fail_msg("'%s': at %u to %u", rows[i].text, part->start, part->end);
		if (part)
			assert_true(strstr(says, rows[i].says) && instead);
		arena_release(&arena);
	}
}

/* What is known beforehand is computed, and wraps as it would in a kernel. */
static void folding(void **state)
{
	static const struct { const char *text, *tree; } rows[] = {
		{ "1 + 2 == 3", "true" }, { "arg2 == 1 + 2 - 4", "(== arg2 -1)" }, { "arg0 == int32(4294967295)", "(== arg0 -1)" },
		{ "arg0 == int32(2147483647) + int32(1)", "(== arg0 -2147483648)" },
		{ "arg1 == uint32(0u) - uint32(1u)", "(== arg1 4294967295)" }, { "arg1 == not(uint32(1u))", "(== arg1 4294967294)" },
		{ "arg2 == -(-9223372036854775808)", "(== arg2 -9223372036854775808)" }, { "not(0) == -1", "true" },
		{ "and(12, 10) == 8 && or(12, 10) == 14 && xor(12, 10) == 6", "true" }, { "!(1 < 2) || 2 <= 1", "false" },
		{ "18446744073709551615u > 1u", "true" }, { "-1 >= 0", "false" }, { "-1 != 0", "true" },
		{ "'abc'.contains('bc')", "true" }, { "'abc'.startsWith('bc')", "false" }, { "'abc'.endsWith('bc')", "true" },
		{ "'a'.contains('')", "true" }, { "''.contains('a')", "false" }, { "'a' == 'a\\000'", "false" }, { "'a' != 'b'", "true" },
		{ "2 in [1, 2]", "true" }, { "3 in [1, 2]", "false" }, { "2 in [2, arg2]", "(in 2 [ 2 arg2 ])" },
		{ "'a' in ['b']", "false" }, { "arg2 in [1 + 1]", "(in arg2 [ 2 ])" }, { "true == !false", "true" },
		{ "true && arg2 == 1", "(&& true (== arg2 1))" }, { "true != true", "false" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct expression_problem problem = { 0 };
		struct expression *tree;
		struct arena arena = { 0 };
		struct buffer text = { 0 };

		if (!run(rows[i].text, &arena, &tree, &problem))
			fail_msg("%s: %s", rows[i].text, problem.message);
		expression_fold(tree);
		show(tree, &text);
		assert_string_equal(text.bytes, rows[i].tree);
		buffer_release(&text);
		arena_release(&arena);
	}
}

/* `start`, `count` times `again`, `end`. */
static const char *repeat(struct arena *arena, const char *start, const char *again, unsigned count, const char *end)
{
	struct buffer text = { 0 };
	const char *ret;

	buffer_add_text(&text, start);
	for (unsigned i = 0; i < count; i++)
		buffer_add_text(&text, again);
	buffer_add_text(&text, end);
	ret = arena_copy(arena, text.bytes, text.length);
	buffer_release(&text);
	return ret;
}

static void sizes(void **state)
{
	static const struct { const char *start, *again; unsigned count; const char *end, *says; } rows[] = {
		{ "arg2", " + arg2", 30, " == 1", NULL }, { "arg2", " + arg2", 31, " == 1", "more than 64 parts" },
		{ "1", " + 1", 200, " == arg2", NULL },		/* folded first */
		{ "arg2 in [arg2", " + arg2", 31, "]", "more than 64 parts" },
		{ "arg2 == 1", " + (arg2", 13, " + 1)))))))))))))", NULL },
		{ "arg2 == 1", " + (arg2", 14, " + 1))))))))))))))", "16 numbers at a time" },
		{ "arg2 < 3", " == (arg3 > 1u)", 6, "", NULL },
		{ "arg2 < 3", " == (arg3 > 1u)", 7, "", "more than 1024 parts" },
		{ "arg2 < 3", " == true", 100, "", NULL },
		{ "arg2 in [1", ", 2", 1000, "]", NULL }, { "arg2 in [1", ", arg2", 340, "]", NULL },
		{ "arg2 in [1", ", arg2", 345, "]", "more than 1024 parts" },
		{ "arg5 in [''", ", 'x'", 1000, "]", NULL }, { "arg2 == 1", " || arg2 == 1", 200, "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct expression_problem problem = { 0 };
		struct expression *tree;
		struct arena arena = { 0 };
		const char *text = repeat(&arena, rows[i].start, rows[i].again, rows[i].count, rows[i].end);
		bool fine;

		if (!run(text, &arena, &tree, &problem))
			fail_msg("%s: %s", text, problem.message);
		expression_fold(tree);
		fine = expression_measure(tree, &arena, &problem);
		if (fine != !rows[i].says)
			fail_msg("%s: %s", text, fine ? "accepted" : problem.message);
		if (!fine)
			assert_true(problem.fault == EXPRESSION_LARGE && strstr(problem.message, rows[i].says));
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
		cmocka_unit_test(accepted), cmocka_unit_test(refused), cmocka_unit_test(binding), cmocka_unit_test(strings),
		cmocka_unit_test(lengths), cmocka_unit_test(argument_types), cmocka_unit_test(extensions),
		cmocka_unit_test(folding), cmocka_unit_test(sizes), cmocka_unit_test(limits),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_release(&names);
	return failed;
}

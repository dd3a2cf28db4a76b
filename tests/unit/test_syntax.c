// SPDX-License-Identifier: Apache-2.0
/* test_syntax.c - YAML text to located nodes; what its scalars and numbers are. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "compiler/base/number.h"
#include "compiler/syntax/scalar.h"
#include "compiler/syntax/tree.h"

struct parsed {
	struct arena arena;
	struct diagnostics diagnostics;
	struct source source;
	struct tree *tree;
	int failed;
};

static void parse(struct parsed *parsed, const char *text, size_t length)
{
	*parsed = (struct parsed){ .source = { "x.yaml", text, length } };
	diagnostics_init(&parsed->diagnostics, &parsed->arena);
	parsed->failed = tree_parse(&parsed->source, &parsed->arena, &parsed->diagnostics, &parsed->tree);
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		enum number_syntax syntax;
		int failed;
		uint64_t magnitude;
		bool negative;
	} rows[] = {
		{ "0", NUMBER_ANY_BASE, 0, 0, false }, { "-0", NUMBER_ANY_BASE, 0, 0, true },
		{ "42", NUMBER_ANY_BASE, 0, 42, false }, { "-42", NUMBER_ANY_BASE, 0, 42, true },
		{ "+1", NUMBER_ANY_BASE, 0, 1, false }, { "+1", NUMBER_ANY_BASE_UNSIGNED, -EINVAL, 0, false },
		{ "010", NUMBER_ANY_BASE, 0, 8, false }, { "08", NUMBER_ANY_BASE, -EINVAL, 0, false },
		{ "0x1F", NUMBER_ANY_BASE, 0, 31, false }, { "0X1f", NUMBER_ANY_BASE, 0, 31, false },
		{ "0o17", NUMBER_ANY_BASE, 0, 15, false }, { "0b101", NUMBER_ANY_BASE, 0, 5, false },
		{ "0b2", NUMBER_ANY_BASE, -EINVAL, 0, false }, { "0x", NUMBER_ANY_BASE, -EINVAL, 0, false },
		{ "1_000", NUMBER_ANY_BASE, 0, 1000, false }, { "0x_ff", NUMBER_ANY_BASE, 0, 255, false },
		{ "0_7", NUMBER_ANY_BASE, 0, 7, false }, { "1__0", NUMBER_ANY_BASE, -EINVAL, 0, false },
		{ "_1", NUMBER_ANY_BASE, -EINVAL, 0, false }, { "1_", NUMBER_ANY_BASE, -EINVAL, 0, false },
		{ "", NUMBER_ANY_BASE, -EINVAL, 0, false }, { "-", NUMBER_ANY_BASE, -EINVAL, 0, false },
		{ " 1", NUMBER_ANY_BASE, -EINVAL, 0, false }, { "1.0", NUMBER_ANY_BASE, -EINVAL, 0, false },
		{ "1e3", NUMBER_ANY_BASE, -EINVAL, 0, false }, { "--1", NUMBER_ANY_BASE, -EINVAL, 0, false },
		{ "18446744073709551615", NUMBER_ANY_BASE, 0, UINT64_MAX, false },
		{ "18446744073709551616", NUMBER_ANY_BASE, -ERANGE, 0, false },
		{ "99999999999999999999999", NUMBER_ANY_BASE, -ERANGE, 0, false },
		{ "010", NUMBER_DECIMAL, 0, 10, false }, { "0x1", NUMBER_DECIMAL, -EINVAL, 0, false },
		{ "-1", NUMBER_DECIMAL, -EINVAL, 0, false }, { "1_0", NUMBER_DECIMAL, -EINVAL, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct number number = { 0 };
		int failed = number_parse(rows[i].text, strlen(rows[i].text), rows[i].syntax, &number);

		if (failed != rows[i].failed)
			print_message("number '%s'\n", rows[i].text);
		assert_int_equal(failed, rows[i].failed);
		assert_int_equal(number.magnitude, rows[i].magnitude);
		assert_int_equal(number.negative, rows[i].negative);
	}
}

static void number_bounds(void **state)
{
	static const struct { struct number number; int64_t minimum, maximum; bool fits; uint64_t want; } rows[] = {
		{ { 0, true }, 0, 5, true, 0 },
		{ { 1, true }, 0, 5, false, 0 },
		{ { 1ULL << 63, true }, INT64_MIN, INT64_MAX, true, 1ULL << 63 },
		{ { (1ULL << 63) + 1, true }, INT64_MIN, INT64_MAX, false, 0 },
		{ { 1ULL << 63, false }, INT64_MIN, INT64_MAX, false, 0 },
		{ { 129, true }, -128, 127, false, 0 },
		{ { 128, true }, -128, 127, true, (uint64_t)-128 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t got = 0;

		assert_int_equal(number_to_signed(rows[i].number, rows[i].minimum, rows[i].maximum, &got), rows[i].fits);
		assert_int_equal(got, rows[i].want);
	}
}

static void scalars(void **state)
{
	static const struct { const char *text; enum scalar_kind kind; } rows[] = {
		{ "yes", SCALAR_BOOLEAN }, { "No", SCALAR_BOOLEAN }, { "on", SCALAR_BOOLEAN }, { "OFF", SCALAR_BOOLEAN },
		{ "y", SCALAR_BOOLEAN }, { "n", SCALAR_BOOLEAN }, { "true", SCALAR_BOOLEAN }, { "tRUE", SCALAR_TEXT },
		{ "\"yes\"", SCALAR_TEXT }, { "'1'", SCALAR_TEXT }, { "null", SCALAR_NULL }, { "~", SCALAR_NULL },
		{ "0777", SCALAR_INTEGER }, { "0o17", SCALAR_INTEGER }, { "0b11", SCALAR_INTEGER },
		{ "0x1F", SCALAR_INTEGER }, { "1_000", SCALAR_INTEGER }, { "+1", SCALAR_INTEGER },
		{ "1e0", SCALAR_FLOAT }, { "1.0", SCALAR_FLOAT }, { ".5", SCALAR_FLOAT }, { ".inf", SCALAR_FLOAT },
		{ "-.inf", SCALAR_FLOAT }, { ".nan", SCALAR_FLOAT }, { "18446744073709551616", SCALAR_FLOAT },
		{ "1e400", SCALAR_TEXT }, { "1:30", SCALAR_TEXT }, { "2001-01-01", SCALAR_TEXT }, { "0x", SCALAR_TEXT },
		{ "1.2.3", SCALAR_TEXT }, { "-", SCALAR_TEXT }, { "!!str 5", SCALAR_TEXT }, { "! 5", SCALAR_TEXT },
		{ "!!int 5", SCALAR_INTEGER }, { "!!int \"5\"", SCALAR_INTEGER }, { "!!int x", SCALAR_UNKNOWN_TAG },
		{ "!!bool yes", SCALAR_BOOLEAN }, { "!other x", SCALAR_UNKNOWN_TAG }, { "|\n 5", SCALAR_TEXT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[64];
		struct parsed parsed;
		int length = snprintf(text, sizeof(text), "- %s\n", rows[i].text);

		if (!strcmp(rows[i].text, "-"))		/* a lone - is a list */
			continue;
		parse(&parsed, text, (size_t)length);
		assert_int_equal(parsed.failed, 0);
		if (scalar_read(parsed.tree->documents[0]->items[0]).kind != rows[i].kind)
			print_message("scalar '%s'\n", rows[i].text);
		assert_int_equal(scalar_read(parsed.tree->documents[0]->items[0]).kind, rows[i].kind);
		arena_release(&parsed.arena);
	}
}

static void trees(void **state)
{
	static const struct { const char *shows, *text, *want; } rows[] = {
		{ "a mapping", "a: b\n", "document\n  1:1 mapping of 1\n    1:1 plain a\n      1:4 plain b\n" },
		{ "two documents", "a\n---\n'b'\n", "document\n  1:1 plain a\ndocument\n  3:1 quoted b\n" },
		{ "flow", "[1, {a: }]", "document\n  1:1 list of 2\n    1:2 plain 1\n    1:5 mapping of 1\n"
			"      1:6 plain a\n        1:9 plain \n" },
		{ "characters of several bytes", "\xc3\xa4: \xe6\x97\xa5\n\xc3\xb6: x\n",
			"document\n  1:1 mapping of 2\n    1:1 plain \xc3\xa4\n      1:4 plain \xe6\x97\xa5\n"
			"    2:1 plain \xc3\xb6\n      2:4 plain x\n" },
		{ "a byte order mark and CR LF", "\xef\xbb\xbf" "a: b\r\nc: d\r\n",
			"document\n  1:2 mapping of 2\n    1:2 plain a\n      1:5 plain b\n    2:1 plain c\n      2:4 plain d\n" },
		{ "an alias is its anchor's node", "a: &x 1\nb: *x\n",
			"document\n  1:1 mapping of 2\n    1:1 plain a\n      1:4 plain 1\n    2:1 plain b\n      1:4 plain 1\n" },
		{ "a merge key", "- &x {a: 1}\n- {<<: *x, b: 2}\n",
			"document\n  1:1 list of 2\n    1:3 mapping of 1\n      1:7 plain a\n        1:10 plain 1\n"
			"    2:3 mapping of 2\n      2:12 plain b\n        2:15 plain 2\n      1:7 plain a\n        1:10 plain 1\n" },
		{ "escapes", "\"a\\tb\\0\"", "document\n  1:1 quoted a\\x09b\\x00\n" },
		{ "JSON", "{\"a\": [true, null]}", "document\n  1:1 mapping of 1\n    1:2 quoted a\n"
			"      1:7 list of 2\n        1:8 plain true\n        1:14 plain null\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct parsed parsed;
		struct buffer got = { 0 };

		parse(&parsed, rows[i].text, strlen(rows[i].text));
		assert_int_equal(parsed.failed, 0);
		tree_dump(parsed.tree, &got);
		assert_string_equal(got.bytes, rows[i].want);
		buffer_release(&got);
		arena_release(&parsed.arena);
	}
}

static void refusals(void **state)
{
	static const struct { const char *shows, *text; size_t length; enum diagnostic_id id; uint32_t start; } rows[] = {
		{ "nothing", "", 0, DIAG_EMPTY_FILE, 0 },
		{ "nothing but a comment", "# x\n", 4, DIAG_EMPTY_FILE, 0 },
		{ "a zero byte", "ab\0c", 4, DIAG_NOT_TEXT, 2 },
		{ "not UTF-8", "a: \xff", 4, DIAG_NOT_TEXT, 3 },
		{ "not UTF-8 behind a mark", "\xef\xbb\xbf" "a: \xff", 7, DIAG_NOT_TEXT, 6 },
		{ "a control byte", "a: \x01", 4, DIAG_SYNTAX, 3 },
		{ "a tab", "a:\n\tb: c\n", 9, DIAG_TAB, 3 },
		{ "an open quote", "a: 'b", 5, DIAG_SYNTAX, 5 },
		{ "an unknown alias", "a: *b\n", 6, DIAG_UNKNOWN_ALIAS, 3 },
		{ "an alias of another document", "&b a\n---\n*b\n", 12, DIAG_UNKNOWN_ALIAS, 9 },
		{ "an alias inside itself", "&a [*a]", 7, DIAG_UNKNOWN_ALIAS, 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct parsed parsed;

		parse(&parsed, rows[i].text, rows[i].length);
		assert_int_equal(parsed.failed, -EINVAL);
		assert_int_equal(parsed.diagnostics.items[0].id, rows[i].id);
		assert_int_equal(parsed.diagnostics.items[0].at.start, rows[i].start);
		arena_release(&parsed.arena);
	}
}

/* Text that would be slow or large is given up at once: `unit` repeated. */
static void bounded(void **state)
{
	static const struct { const char *shows, *start, *unit; size_t times; enum diagnostic_id id; } rows[] = {
		{ "brackets", "", "[", 10000, DIAG_TOO_DEEP },
		{ "brackets on lines of their own", "", "[\n", 10000, DIAG_TOO_DEEP },
		{ "braces", "", "{a: ", 10000, DIAG_TOO_DEEP },
		{ "entries", "", "- ", 10000, DIAG_TOO_DEEP },
		{ "values", "[", "a,", 2000000, DIAG_TOO_LARGE },
		{ "documents", "", "---\na\n", 20000, DIAG_TOO_LARGE },
		{ "anchors", "", "- &a b\n", 200, DIAG_TOO_LARGE },
		{ "aliases", "- &a [b,b,b,b,b,b,b,b,b,b,b,b,b,b,b,b]\n", "- *a\n", 20000, DIAG_ALIAS_EXPANSION },
		{ "merges", "- &a {a: 1,b: 1,c: 1,d: 1,e: 1,f: 1,g: 1,h: 1}\n", "- {<<: [*a,*a,*a,*a]}\n", 10000,
			DIAG_ALIAS_EXPANSION },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buffer text = { 0 };
		struct parsed parsed;
		clock_t start;

		buffer_add_text(&text, rows[i].start);
		for (size_t n = 0; n < rows[i].times; n++)
			buffer_add_text(&text, rows[i].unit);
		start = clock();
		parse(&parsed, text.bytes, text.length);
		assert_int_equal(parsed.failed, -EINVAL);
		assert_int_equal(parsed.diagnostics.count, 1);
		assert_int_equal(parsed.diagnostics.items[0].id, rows[i].id);
		assert_true(clock() - start < 20 * CLOCKS_PER_SEC);	/* not a measurement: a quadratic reader takes minutes */
		arena_release(&parsed.arena);
		buffer_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(number_bounds),
		cmocka_unit_test(scalars),
		cmocka_unit_test(trees),
		cmocka_unit_test(refusals),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests_name("syntax", tests, NULL, NULL);
}

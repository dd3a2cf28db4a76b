// SPDX-License-Identifier: Apache-2.0
/* test_source.c - places in a text, and what is recorded about them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/base/diagnostics.h"
#include "compiler/base/nearest.h"
#include "compiler/base/source.h"

static void positions(void **state)
{
	static const struct {
		const char *shows, *text;
		uint32_t offset, line, column;
		const char *source_line;
	} rows[] = {
		{ "an empty text", "", 0, 1, 1, "" },
		{ "past an empty text", "", 9, 1, 1, "" },
		{ "the beginning", "ab\ncd", 0, 1, 1, "ab" },
		{ "the end of a line belongs to it", "ab\ncd", 2, 1, 3, "ab" },
		{ "the next line", "ab\ncd", 3, 2, 1, "cd" },
		{ "the end", "ab\ncd", 5, 2, 3, "cd" },
		{ "behind the last line end", "ab\n", 3, 2, 1, "" },
		{ "far behind the end", "ab\ncd", 99, 2, 3, "cd" },
		{ "an empty line", "a\n\nb", 2, 2, 1, "" },
		{ "CR LF is no part of the line", "ab\r\ncd\r\n", 4, 2, 1, "cd" },
		{ "columns are code points", "\xc3\xa4\xe6\x97\xa5x", 5, 1, 3, "\xc3\xa4\xe6\x97\xa5x" },
		{ "a broken byte is a column", "\xff\xffx", 2, 1, 3, "\xff\xffx" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct source source = { "x", rows[i].text, strlen(rows[i].text) };
		struct position at = source_position(&source, rows[i].offset);
		size_t length;
		const char *line = source_line(&source, rows[i].offset, &length);

		assert_int_equal(at.line, rows[i].line);
		assert_int_equal(at.column, rows[i].column);
		assert_int_equal(length, strlen(rows[i].source_line));
		assert_memory_equal(line, rows[i].source_line, length);
	}
}

static void places_in_any_order(void **state)
{
	static const uint32_t offsets[] = { 0, 1, 2, 3, 3, 7, 8, 99, 2, 7, 0 };
	const struct source one = { "x", "ab\n\ncd\n", 7 }, other = { "y", "\n\n\n", 3 };
	struct source_cursor cursor = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		source_seek(&cursor, (struct span){ &one, offsets[i], offsets[i] });
		assert_int_equal(cursor.line, source_position(&one, offsets[i]).line);
		assert_int_equal(cursor.line_start, cursor.line == 1 ? 0 : cursor.line == 2 ? 3 : cursor.line == 3 ? 4 : 7);
	}
	source_seek(&cursor, (struct span){ &other, 2, 2 });
	assert_int_equal(cursor.line, 3);
}

static void diagnostics(void **state)
{
	struct arena arena = { 0 };
	struct diagnostics diagnostics;
	struct span nowhere = { 0 };

	(void)state;
	diagnostics_init(&diagnostics, &arena);
	diag_help(&diagnostics, "of nothing");		/* there is nothing to complete yet */
	assert_int_equal(diag(&diagnostics, DIAG_UNKNOWN_KEY, nowhere, "no key '%s'", "x"), -EINVAL);
	diag_help(&diagnostics, "try %d", 2);
	diag_replacement(&diagnostics, "y");
	assert_int_equal(diag(&diagnostics, DIAG_NO_HOOKS, nowhere, "warned"), 0);
	assert_int_equal(diagnostics.errors, 1);
	assert_int_equal(diagnostics.warnings, 1);
	assert_string_equal(diagnostics.items[0].message, "no key 'x'");
	assert_string_equal(diagnostics.items[0].help, "try 2");
	assert_string_equal(diagnostics.items[0].replacement, "y");
	assert_null(diagnostics.items[1].help);
	diag(&diagnostics, DIAG_UNKNOWN_KEY, nowhere, "no key 'x'");	/* the same again counts for nothing */
	diag_help(&diagnostics, "of what was there already");
	assert_int_equal(diagnostics.errors, 1);
	assert_int_equal(diagnostics.count, 2);
	assert_string_equal(diagnostics.items[0].help, "try 2");
	assert_null(diagnostics.items[1].help);
	for (int i = 0; i < LIMIT_DIAGNOSTICS; i++)
		diag(&diagnostics, DIAG_UNKNOWN_KEY, nowhere, "again %d", i);
	diag_help(&diagnostics, "not kept");
	assert_true(diagnostics.truncated);
	assert_int_equal(diagnostics.count, LIMIT_DIAGNOSTICS);
	assert_int_equal(diagnostics.errors, LIMIT_DIAGNOSTICS + 1);
	assert_null(diagnostics.items[LIMIT_DIAGNOSTICS - 1].help);
	arena_release(&arena);
}

static void nearest_names(void **state)
{
	static const char *const candidates[] = { "Equal", "NotEqual", "Prefix", "GT", "LT", "int", "int64" };
	static const struct { const char *shows, *name, *want; bool clear; } rows[] = {
		{ "a letter too few", "Equl", "Equal", true }, { "two swapped", "Euqal", "Equal", true },
		{ "another case", "gt", "GT", true }, { "two are as near", "AT", "GT" }, { "two edits of few letters", "Prfx", "Prefix" }, { "the beginning of one", "eq", "Equal" },
		{ "one is its beginning", "integer", "int" }, { "near wins over a common beginning", "int63", "int64", true },
		{ "nothing near", "quux", NULL }, { "the empty name", "", NULL },
		{ "a very long name", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct nearest nearest = { .name = rows[i].name, .length = strlen(rows[i].name) };

		for (size_t j = 0; j < sizeof(candidates) / sizeof(*candidates); j++)
			nearest_try(&nearest, candidates[j]);
		if (!rows[i].want)
			assert_null(nearest.best);
		else
			assert_string_equal(nearest.best ? nearest.best : "", rows[i].want);
		assert_int_equal(nearest_is_clear(&nearest), rows[i].clear);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(positions),
		cmocka_unit_test(places_in_any_order),
		cmocka_unit_test(diagnostics),
		cmocka_unit_test(nearest_names),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}

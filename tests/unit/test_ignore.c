// SPDX-License-Identifier: Apache-2.0
/* test_ignore.c - comments in a text, the ignore comments among them, and what a run makes of severities. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/compiler.h"
#include "compiler/policy/ignore.h"
#include "compiler/syntax/comment.h"

/* "word" of each comment as "OFFSET:END" and, when it stands alone, an a. */
static void comments(void **state)
{
	static const struct {
		const char *shows, *text, *want;
	} rows[] = {
		{ "an empty text", "", "" },
		{ "a comment alone", "# word x\n", "2:8a " },
		{ "without a line end", "# word", "2:6a " },
		{ "without blanks", "#word\n", "1:5a " },
		{ "indented, behind a tab", "a: b\n  #\tword\n", "9:13a " },
		{ "at the end of a line", "a: b  # word\n", "8:12 " },
		{ "CR LF", "# word\r\na: b # word\r\n", "2:6a 15:19 " },
		{ "no beginning of a comment", "a: b#word\n", "" },
		{ "the word further on", "# a word\n", "" },
		{ "double quotes", "a: \"x # word\"\n", "" },
		{ "over lines", "a: \"x\n  # word\n  \" # word\n", "21:25 " },
		{ "single quotes", "a: 'it''s # word'\n", "" },
		{ "a literal block", "a: |\n  # word\n  x\n# word\n", "20:24a " },
		{ "its first line", "a: | # word\n  # word\n", "7:11 " },
		{ "a folded block", "a: >-\n  # word\n", "" },
		{ "an empty block", "a: |\n# word\nb: c\n", "7:11a " },
		{ "a comment behind a block, less indented", "a:\n  - |\n    x\n  # word\n", "19:23a " },
		{ "in flow", "a: [b, # word\n  c] # word\n", "9:13 21:25 " },
		{ "between documents", "a: b\n--- # word\n# word\nc: d\n... # word\n", "11:15 18:22a 34:38 " },
		{ "behind an anchor", "a: &b # word\n  c\n", "8:12 " },
		{ "a byte order mark", "\xef\xbb\xbf# word\n", "5:9" },
		{ "characters of several bytes", "a: \xe6\x97\xa5 # word\n", "9:13 " },
		{ "a key in question", "? a # word\n: b # word\n", "6:10 17:21 " },
		{ "at the end of all", "a: b\n\n\n   # word", "12:16a " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct source source = { "x", rows[i].text, strlen(rows[i].text) };
		struct arena arena = { 0 };
		struct buffer got = { 0 };
		struct comment *found = NULL;
		size_t count = comments_find(&source, "word", &arena, &found);

		buffer_add_text(&got, "");
		for (size_t n = 0; n < count; n++)
			buffer_format(&got, "%u:%u%s ", found[n].start, found[n].end, found[n].alone ? "a" : "");
		if (strncmp(got.bytes ? got.bytes : "", rows[i].want, strlen(rows[i].want)) ||
		    (!*rows[i].want && got.length))
			fail_msg("%s: wanted '%s', got '%s'", rows[i].shows, rows[i].want, got.bytes ? got.bytes : "");
		buffer_release(&got);
		arena_release(&arena);
	}
}

/* A TP205 at the x of the text: is it ignored? */
static void lines(void **state)
{
	static const struct {
		const char *shows, *text;
		bool ignored;
	} rows[] = {
		{ "on its line", "a: x # tetra:ignore TP205 r\n", true },
		{ "on the line above", "# tetra:ignore TP205 r\na: x\n", true },
		{ "with blank lines and comments between", "# tetra:ignore TP205 r\n\n# other\n  \r\na: x\n", true },
		{ "several above", "# tetra:ignore TP416 r\n# tetra:ignore TP205 r\n# tetra:ignore TP307 r\na: x\n", true },
		{ "several codes", "a: x # tetra:ignore TP416,TP205,TP307 r\n", true },
		{ "without a reason", "a: x # tetra:ignore TP205\n", true },
		{ "two lines above", "# tetra:ignore TP205 r\nb: c\na: x\n", false },
		{ "at the end of the line above", "b: c # tetra:ignore TP205 r\na: x\n", false },
		{ "below", "a: x\n# tetra:ignore TP205 r\n", false },
		{ "another code", "a: x # tetra:ignore TP416 r\n", false },
		{ "codes parted by blanks: the second is the reason", "a: x # tetra:ignore TP416 TP205\n", false },
		{ "not at the beginning", "a: x # see tetra:ignore TP205 r\n", false },
		{ "text", "b: \"# tetra:ignore TP205 r\"\na: x\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct source source = { "x", rows[i].text, strlen(rows[i].text) };
		uint32_t at = (uint32_t)(strstr(rows[i].text, ": x") - rows[i].text) + 2;
		struct arena arena = { 0 };
		struct diagnostics found;
		size_t before;

		diagnostics_init(&found, &arena);
		assert_int_equal(ignores_read(&source, &found), 0);
		before = found.warnings;
		diag(&found, DIAG_NO_HOOKS, (struct span){ &source, at, at + 1 }, "x");
		diag_help(&found, "completes nothing when it was ignored");
		if ((found.warnings == before) != rows[i].ignored)
			fail_msg("%s", rows[i].shows);
		assert_true(before || rows[i].ignored || !found.count || found.items[0].help);
		arena_release(&arena);
	}
}

static void severities(void **state)
{
	struct severities run;
	struct arena arena = { 0 };
	struct diagnostics found;
	struct span nowhere = { 0 };

	(void)state;
	severities_init(&run);
	run.of[DIAG_NO_HOOKS] = SEVERITY_ERROR;
	run.of[DIAG_CUT] = SEVERITY_OFF;
	run.of[DIAG_DUPLICATE_POLICY] = SEVERITY_WARNING;
	run.of[DIAG_UNKNOWN_KEY] = SEVERITY_OFF;
	diagnostics_init(&found, &arena);
	found.severities = &run;
	assert_int_equal(diag(&found, DIAG_NO_HOOKS, nowhere, "raised"), 0);	/* the passes go on */
	assert_int_equal(found.items[0].severity, SEVERITY_ERROR);
	assert_int_equal(diag(&found, DIAG_CUT, nowhere, "off"), 0);
	diag_help(&found, "of what is off");
	assert_null(found.items[0].help);
	assert_int_equal(diag(&found, DIAG_DUPLICATE_POLICY, nowhere, "lowered"), 0);
	assert_int_equal(diag(&found, DIAG_UNKNOWN_KEY, nowhere, "an error stays one"), -EINVAL);
	assert_int_equal(found.count, 3);
	assert_int_equal(diagnostics_errors(&found), 2);
	assert_int_equal(diagnostics_warnings(&found), 1);
	assert_int_equal(found.errors, 1);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments),
		cmocka_unit_test(lines),
		cmocka_unit_test(severities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

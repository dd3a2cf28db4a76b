// SPDX-License-Identifier: Apache-2.0
/* test_globs.c - patterns of paths: what is one, what it means, and automata against patterns that are walked item by item. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/base/path_glob.h"
#include "tests/unit/automata.h"
#include "tests/unit/naive_glob.h"
#include "tests/unit/random.h"

static int build(struct automaton *ret, const struct table_pattern *patterns, size_t count)
{
	return automaton_build(ret, table_add_globs, patterns, count);
}

static bool is_verified(struct automaton *automaton)
{
	char message[256];

	return automaton_is_verified(automaton, message);
}

static bool is_like(const char *pattern, const char *path)
{
	const struct table_pattern row = { ABI_GLOB, (uint32_t)strlen(pattern), pattern, 2 };
	struct automaton automaton;
	uint64_t unknown;
	bool found;

	assert_int_equal(build(&automaton, &row, 1), 0);
	assert_true(is_verified(&automaton));
	found = automaton_rows(&automaton, path, strlen(path), MATCH_WHOLE, &unknown) == 2;
	assert_int_equal(unknown, 0);
	automaton_release(&automaton);
	return found;
}

/* ---- What patterns mean ---- */

static void patterns_mean(void **state)
{
	static const struct { const char *pattern, *path; bool is_like; } rows[] = {
		{ "/etc/*.conf", "/etc/a.conf", true }, { "/etc/*.conf", "/etc/.conf", true }, { "/etc/*.conf", "/etc/x/a.conf", false },
		{ "/etc/*.conf", "/etc/a.conf.old", false }, { "/etc/*.conf", "/etc/a.con", false }, { "/etc/*.conf", "/etc", false },
		{ "/home/*/.ssh/**", "/home/ann/.ssh/id", true }, { "/home/*/.ssh/**", "/home/ann/.ssh/a/b", true },
		{ "/home/*/.ssh/**", "/home/ann/.ssh", false }, { "/home/*/.ssh/**", "/home/ann/x/.ssh/id", false },
		{ "/home/*/.ssh/**", "/home/.ssh/id", false },
		{ "/etc/**/*.conf", "/etc/a.conf", true }, { "/etc/**/*.conf", "/etc/b/c/a.conf", true }, { "/etc/**/*.conf", "/etcb/a.conf", false },
		{ "/a/b/**/b/c", "/a/b/c", false }, { "/a/b/**/b/c", "/a/b/b/c", true }, { "/a/b/**/b/c", "/a/b/x/y/b/c", true },
		{ "/a/b/**/b/c", "/a/b/xb/c", false },
		{ "**/secret", "/secret", true }, { "**/secret", "/a/b/secret", true }, { "**/secret", "/a/bsecret", false },
		{ "*.so", "/lib/x/a.so", true }, { "*.so", "/a.so/b", false }, { "core", "/x/core", true }, { "core", "/x/score", false },
		{ "/v?r", "/var", true }, { "/v?r", "/v/r", false }, { "/v?r", "/vr", false },
		{ "/a[0-9]", "/a7", true }, { "/a[0-9]", "/ax", false }, { "/a[!0-9]", "/ax", true }, { "/a[^0-9]", "/a7", false },
		{ "/a[!x]b", "/a/b", false }, { "/a[]]", "/a]", true }, { "/a[a-]", "/a-", true }, { "/a[\\]-a]", "/a_", true },
		{ "/a\\*", "/a*", true }, { "/a\\*", "/ab", false }, { "/a\\{b", "/a{b", true },
		{ "/a*b*c", "/axxbyyc", true }, { "/a*b*c", "/abc", true }, { "/a*b*c", "/acb", false },
		{ "/a/*", "/a/", true },	/* which no path is */
		{ "/**", "/a/b", true }, { "/etc/passwd", "/etc/passwd", true }, { "/etc/passwd", "/etc/passwd2", false },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		if (is_like(rows[n].pattern, rows[n].path) != rows[n].is_like)
			fail_msg("%s of %s", rows[n].path, rows[n].pattern);
		if (naive_glob(rows[n].pattern, rows[n].path, strlen(rows[n].path)) != rows[n].is_like)
			fail_msg("slowly: %s of %s", rows[n].path, rows[n].pattern);
	}
}

static void what_is_no_pattern_is_refused(void **state)
{
	static const struct { const char *pattern, *problem; } rows[] = {
		{ "", "it means every path" }, { "*", "it means every path" }, { "**", "it means every path" }, { "**/*", "it means every path" },
		{ "etc/*", "a pattern with a '/' begins with '/' or with '**/'" }, { "/a**b", "'**' stands for whole folders: put '/' around it" },
		{ "/a/**b", "'**' stands for whole folders: put '/' around it" }, { "/a**", "'**' stands for whole folders: put '/' around it" },
		{ "/a/***", "'**' stands for whole folders: put '/' around it" }, { "/[a", "a '[' has no ']'" }, { "/[", "a '[' has no ']'" },
		{ "/[]", "a '[' has no ']'" }, { "/[!]", "a '[' has no ']'" }, { "/[a-", "a '[' has no ']'" }, { "/[\\", "a '[' has no ']'" },
		{ "/[z-a]", "a range ends before it begins" }, { "/a\\", "nothing stands behind the '\\'" },
		{ "/a/", "no path ends with '/': end it with '/**' for all that is below" },
		{ "/a/**/", "no path ends with '/': end it with '/**' for all that is below" },
		{ "/a//b", "no path has a '/' behind a '/'" }, { "**//b", "no path has a '/' behind a '/'" },
		{ "/{a,b}", "there are no braces: write a pattern for each word (of a '{' itself: '\\{')" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct arena arena = { 0 };
		struct path_glob glob;
		const char *problem = path_glob_read(rows[n].pattern, strlen(rows[n].pattern), &arena, &glob);

		assert_string_equal(problem ? problem : "nothing is wrong", rows[n].problem);
		arena_release(&arena);
	}
}

static void patterns_have_ends(void **state)
{
	static const struct { const char *pattern, *head, *tail; bool is_exact, is_all; } rows[] = {
		{ "/srv/**", "/srv/", "", false, true }, { "/etc/**/*.conf", "/etc/", ".conf", false, true },
		{ "/home/**/.ssh/id_rsa", "/home/", "/.ssh/id_rsa", false, true }, { "*.so", "", ".so", false, true },
		{ "**/x", "", "/x", false, true }, { "core", "", "/core", false, true }, { "/a/b/**/b/c", "/a/b/", "/b/c", false, false },
		{ "/a/x/**/*x/y", "/a/x/", "x/y", false, false }, { "/etc/*.conf", "/etc/", ".conf", false, false },
		{ "/home/*/.ssh/**", "/home/", "", false, false }, { "/a\\*b", "/a*b", "", true, false }, { "/v?r/x", "/v", "r/x", false, false },
		{ "/a/[x]y", "/a/xy", "", true, false },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct arena arena = { 0 };
		struct path_glob glob;
		struct path_glob_ends ends;

		assert_null(path_glob_read(rows[n].pattern, strlen(rows[n].pattern), &arena, &glob));
		ends = path_glob_ends(&glob, &arena);
		assert_string_equal(ends.head.bytes, rows[n].head);
		assert_int_equal(ends.head.length, strlen(rows[n].head));
		assert_string_equal(ends.tail.bytes, rows[n].tail);
		assert_int_equal(ends.tail.length, strlen(rows[n].tail));
		assert_int_equal(ends.is_exact, rows[n].is_exact);
		assert_int_equal(ends.is_all, rows[n].is_all);
		arena_release(&arena);
	}
}

/* ---- Random ones ---- */

static void random_path(char *path, size_t room)
{
	static const char letters[] = "abc.";
	size_t length = 1 + pick(room - 1);

	for (size_t n = 0; n < length; n++)
		path[n] = !n || one_in(4) ? '/' : letters[pick(4)];
	path[length] = '\0';
}

static void random_pattern(char *pattern)
{
	static const char *const parts[] = { "*", "?", "a", "b", "c", ".", "/", "/**/", "[ab]", "[!a]", "\\a", "/a", "/*/" };
	size_t count = 1 + pick(7);

	strcpy(pattern, one_in(4) ? "" : one_in(5) ? "**/" : "/");
	for (size_t n = 0; n < count; n++)
		strcat(pattern, parts[pick(sizeof(parts) / sizeof(*parts))]);
	if (one_in(6))
		strcat(pattern, "/**");
}

static bool is_pattern(const char *pattern, bool *is_all)
{
	struct arena arena = { 0 };
	struct path_glob glob;
	bool fine = !path_glob_read(pattern, strlen(pattern), &arena, &glob);

	*is_all = fine && path_glob_ends(&glob, &arena).is_all;
	arena_release(&arena);
	return fine;
}

/* Whoever begins and ends so, when the pattern says no more than that. */
static void assert_ends(const char *pattern, const char *path, size_t length, bool is_like)
{
	struct arena arena = { 0 };
	struct path_glob glob;
	struct path_glob_ends ends;
	bool fits;

	assert_null(path_glob_read(pattern, strlen(pattern), &arena, &glob));
	ends = path_glob_ends(&glob, &arena);
	fits = length >= ends.head.length && length >= ends.tail.length && !memcmp(path, ends.head.bytes, ends.head.length) &&
		!memcmp(path + length - ends.tail.length, ends.tail.bytes, ends.tail.length);
	if (ends.is_exact)
		fits &= length == ends.head.length;
	if (ends.is_all || ends.is_exact ? fits != is_like : is_like && !fits)
		fail_msg("%s: the ends of %s", path, pattern);
	arena_release(&arena);
}

static void random_patterns_answer_like_a_list(void **state)
{
	enum { PATTERNS = 12, PATH = 40 };
	static char texts[PATTERNS][64];
	struct table_pattern patterns[PATTERNS];
	size_t found = 0;

	(void)state;
	random_state = 0x610b;
	for (int round = 0; round < 4000; round++) {
		const size_t count = 1 + pick(one_in(3) ? PATTERNS : 2);
		struct automaton automaton;

		for (size_t n = 0; n < count; n++) {
			bool is_all;

			do
				random_pattern(texts[n]);
			while (!is_pattern(texts[n], &is_all));
			patterns[n] = (struct table_pattern){ ABI_GLOB, (uint32_t)strlen(texts[n]), texts[n], 1ULL << pick(64) };
		}
		assert_int_equal(build(&automaton, patterns, count), 0);
		assert_true(is_verified(&automaton));
		for (int n = 0; n < 20; n++) {
			const enum match_cut cut = one_in(8) ? (enum match_cut)(1 + pick(2)) : MATCH_WHOLE;
			char path[PATH + 1];
			uint64_t want = 0, unknown, rows;
			size_t length;

			random_path(path, PATH);
			length = strlen(path);
			for (size_t i = 0; i < count; i++) {
				const bool is_like = naive_glob(texts[i], path, length);

				want |= is_like ? patterns[i].rows : 0;
				found += is_like;
				assert_ends(texts[i], path, length, is_like);
			}
			rows = automaton_rows(&automaton, path, length, cut, &unknown);
			if (rows != (cut == MATCH_WHOLE ? want : 0) || unknown != (cut == MATCH_WHOLE ? 0 : ~0ULL))
				fail_msg("%s has rows 0x%llx, not 0x%llx (%s, ...)", path, (unsigned long long)rows, (unsigned long long)want, texts[0]);
		}
		automaton_release(&automaton);
	}
	assert_true(found > 1000);
}

/* The C library knows the same patterns but for **. */
static void the_c_library_agrees(void **state)
{
	size_t found = 0;

	(void)state;
	random_state = 0xf17a;
	for (int round = 0; round < 20000; round++) {
		char pattern[64], path[24];
		bool is_all;

		random_pattern(pattern);
		random_path(path, sizeof(path) - 1);
		if (pattern[0] != '/' || strstr(pattern, "**") || !is_pattern(pattern, &is_all))
			continue;
		if (is_like(pattern, path) != !fnmatch(pattern, path, FNM_PATHNAME))
			fail_msg("%s of %s", path, pattern);
		found += is_like(pattern, path);
	}
	assert_true(found > 50);
}

/* ---- Sizes ---- */

static void size_is_limited(void **state)
{
	enum { HARD = 24 };
	static char texts[HARD][64], longest[ABI_PATTERN_MAX];
	struct table_pattern patterns[HARD], one = { ABI_GLOB, sizeof(longest), longest, 1 };
	struct automaton automaton;
	uint64_t unknown;

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[0] = '/';
	assert_int_equal(build(&automaton, &one, 1), 0);
	assert_true(is_verified(&automaton));
	assert_int_equal(automaton_rows(&automaton, longest, sizeof(longest), MATCH_WHOLE, &unknown), 1);
	automaton_release(&automaton);
	/* An a that is n bytes before the end, for many n: the automaton would have to remember every a. */
	for (size_t n = 0; n < HARD; n++) {
		strcpy(texts[n], "/*a");
		memset(texts[n] + 3, '?', n);
		patterns[n] = (struct table_pattern){ ABI_GLOB, (uint32_t)(n + 3), texts[n], 1 };
	}
	assert_int_equal(build(&automaton, patterns, HARD), -E2BIG);
	assert_non_null(automaton.output.reason);
	automaton_release(&automaton);
	assert_int_equal(build(&automaton, patterns, 8), 0);
	automaton_release(&automaton);
}

static void damage_is_found(void **state)
{
	const struct table_pattern one = { ABI_GLOB, 11, "/etc/*.conf", 1 };
	const struct { size_t at; uint32_t value; } rows[] = {
		{ offsetof(struct abi_automaton, flags), 2 }, { offsetof(struct abi_automaton, reserved), 1 },
		{ offsetof(struct abi_automaton, state_count), 1 },
	};
	struct automaton automaton;

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		assert_int_equal(build(&automaton, &one, 1), 0);
		assert_true(is_verified(&automaton));
		memcpy(automaton.image.bytes + automaton.at + rows[n].at, &rows[n].value, sizeof(rows[n].value));
		assert_false(is_verified(&automaton));
		automaton_release(&automaton);
	}
	assert_int_equal(build(&automaton, &one, 1), 0);
	const struct abi_automaton *table = (const void *)(automaton.image.bytes + automaton.at);
	struct abi_state *states = (void *)(automaton.image.bytes + table->states);
	states[ABI_STATE_DEAD].rows = 1;
	assert_false(is_verified(&automaton));
	states[ABI_STATE_DEAD].rows = 0;
	assert_true(is_verified(&automaton));
	states[3].fail = 2;	/* two steps back for one byte */
	assert_false(is_verified(&automaton));
	automaton_release(&automaton);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_mean), cmocka_unit_test(what_is_no_pattern_is_refused), cmocka_unit_test(patterns_have_ends),
		cmocka_unit_test(random_patterns_answer_like_a_list), cmocka_unit_test(the_c_library_agrees), cmocka_unit_test(size_is_limited),
		cmocka_unit_test(damage_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* test_rules.c - the syntaxes that rules of hooks check: patterns, paths of resolve, registers, system calls, labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/policy/label.h"
#include "compiler/policy/names.h"
#include "compiler/base/pattern.h"
#include "compiler/policy/resolve.h"
#include "schema/names.h"
#include "schema/schema.h"
#include "compiler/policy/syscall.h"

static struct text text_from(const char *bytes)
{
	return (struct text){ .bytes = bytes, .length = strlen(bytes) };
}

static bool is_pattern(const char *text, size_t length, struct pattern_problem *problem)
{
	struct arena arena = { 0 };
	struct pattern pattern;
	bool valid = pattern_compile(text, length, &arena, &pattern, problem);

	arena_release(&arena);
	return valid;
}

/* What the regexp package of Go says of each. */
static void patterns(void **state)
{
	static const char *const right[] = {
		"", "abc", "^vfs_.*$", "a|b|", "(a)(?:b)(?i)c(?i-s:d)", "(?P<x>a)(?<y>b)", "[]a]", "[^]a]", "[a-]", "[-a]",
		"[a-z[:digit:]\\d_-]", "[[:^alpha:]]", "a{2}", "a{2,}", "a{2,3}", "a{,3}", "a{x}", "a{", "a*?b+?c??", "(a*)*",
		"\\d\\D\\s\\S\\w\\W\\pL\\p{Greek}\\P{^Lu}", "\\x41\\x{10FFFF}\\012\\0", "\\Qa(*\\E*", "\\A\\b\\B\\z",
		"\\.\\*\\_\\-", "a{1000}", "(a{10}){100}", "^*", "$+", "(|a)*", "()", "\\Q(", "[\\]]", "[+--]", "\xc3\xa9*",
		"[\xc3\xa9-\xc3\xbf]", "(((a)))", "x{0}", "(a{0}){1000}", "(?)", "a{01}", "\\pN", "[\\x00-\\x7f]",
	};
	static const char *const wrong[] = {
		"(", ")", "a)", "(a", "[", "[]", "[a", "[^", "[z-a]", "[[:foo:]]", "*", "+a", "(*)", "a|*", "a**", "a*+", "a{2}{3}",
		"a{2}*", "a{1001}", "a{3,2}", "(a{100}){11}", "((a{10}){10}){11}", "{2}", "\\", "a\\", "\\1", "\\8", "\\Z", "\\C",
		"\\e", "\\xg", "\\x{110000}", "\\x{", "\\x{}", "(?=a)", "(?!a)", "(?<=a)", "(?P=x)", "(?P<1-2>a)", "(?P<>a)",
		"(?P<x>a)(?P<x>b)", "(?", "(?i", "(?-)", "(?x)", "\\pQ", "\\p{", "\\p", "[\\", "[a-\\d]", "\xc3\xa9**",
		"\\p{Gr1}", "\\p{Grek}", "\\p{Alphabetic}", "\\p{Xan}", "\\p{L&}", "\\Q\\E*", "(?i)*", "(|(?i)*)", "(?^)a", "[[:alpha:]", "\\h",
	};
	struct pattern_problem problem;

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++)
		if (!is_pattern(right[i], strlen(right[i]), &problem))
			fail_msg("%s: %s", right[i], problem.what);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		if (is_pattern(wrong[i], strlen(wrong[i]), &problem))
			fail_msg("%s is taken", wrong[i]);
		assert_non_null(problem.what);
		assert_true(problem.start + problem.length <= strlen(wrong[i]));
	}
}

/* What the regexp package of Go says of each: an x before those that match. */
static void matching_patterns(void **state)
{
	static const struct { const char *pattern; const char *names[8]; } rows[] = {
		{ "", { "xa", "x" } },
		{ "vfs_", { "xvfs_read", "x__vfs_read", "vfs", "VFS_READ" } },
		{ "^vfs_", { "xvfs_read", "__vfs_read" } },
		{ "_read$", { "xvfs_read", "vfs_readv" } },
		{ "^vfs_(read|write)v?$", { "xvfs_read", "xvfs_writev", "vfs_readx", "vfs_" } },
		{ "a|^$|c$", { "xa", "x", "xbc", "b", "cb" } },
		{ "^(a||b)c$", { "xac", "xc", "xbc", "abc" } },
		{ "^(a|b|)c$", { "xac", "xc", "xbc", "abc" } },
		{ "^(|a)+b$", { "xb", "xaab", "ba" } },
		{ "^(a*)*$", { "x", "xaaa", "ab" } },
		{ "^(a*?b+?)+?c??$", { "xab", "xbbab", "xabc", "a" } },
		{ "^a{2}$", { "xaa", "a", "aaa" } },
		{ "^a{2,}$", { "xaa", "xaaaa", "a" } },
		{ "^a{2,3}$", { "xaa", "xaaa", "a", "aaaa" } },
		{ "^a{0}b{0,1}$", { "x", "xb", "a" } },
		{ "^a{,2}$", { "xa{,2}", "aa", "a" } },
		{ "^a{$", { "xa{", "a" } },
		{ "^(ab{2}){2}$", { "xabbabb", "abb", "abab" } },
		{ "(?i)^VFS_[a-c]K$", { "xvfs_Ak", "xVfs_ck", "vfs_dk" } },
		{ "^a(?i)b|c$", { "xaB", "xC", "xc", "AB" } },
		{ "^(a(?i)b)C$", { "xaBC", "aBc" } },
		{ "^(?i:a)b$", { "xAb", "AB" } },
		{ "^(?i-i:a)$", { "xa", "A" } },
		{ "(?i)^[^a]$", { "xb", "a", "A" } },
		{ "(?i)^[[:upper:]]\\p{Ll}$", { "xaA", "x" "bb", "1a" } },
		{ "(?i)^\\x{212a}\\x{17f}$", { "xkS", "xKs", "ab" } },
		{ "^\\x{212a}$", { "k", "K" } },
		{ "(?U)^a*$", { "xaa", "b" } },
		{ "^\\d\\D\\s\\S\\w\\W$", { "x1a ab.", "11 ab.", "1a ab_" } },
		{ "^[\\d_]+$", { "x1_2", "1a" } },
		{ "^[^\\d]$", { "xa", "1" } },
		{ "^[]a-]+$", { "x]-a", "b" } },
		{ "^[^]]$", { "xa", "]" } },
		{ "^[[:^alpha:]]$", { "x1", "a" } },
		{ "^[[:word:]]+$", { "xa_1", "a.1" } },
		{ "^\\pL\\p{Nd}\\PL\\p{^L}$", { "xa111", "a1a1" } },
		{ "^\\p{Latin}\\p{Common}$", { "xa_", "aa" } },
		{ "\\p{Greek}", { "a", "1" } },
		{ "^\\p{P}\\p{S}\\p{Pc}$", { "x.$_", "$._" } },
		{ "^.\\.isra\\.0$", { "xa.isra.0", "a_isra_0" } },
		{ "\\bread\\b", { "xread", "xa.read.b", "vfs_read", "ready" } },
		{ "\\Bread", { "xvfs_read", "read" } },
		{ "\\Aab\\z", { "xab", "aab", "abb" } },
		{ "^a.b$", { "xaxb", "a\nb" } },
		{ "(?s)^a.b$", { "xa\nb" } },
		{ "^b$", { "a\nb\n" } },
		{ "(?m)^b$", { "xa\nb\nc", "ab" } },
		{ "(?m)\\Ab$", { "xb\na", "a\nb" } },
		{ "a$", { "xa", "a\n" } },
		{ "^\\Qa.b*\\E$", { "xa.b*", "aab" } },
		{ "^\\Qab\\E*$", { "xabb", "xa", "abab" } },
		{ "^a\\Q\\E*$", { "xaa", "x", "b" } },
		{ "^a(?i)*B$", { "xaab", "AB" } },
		{ "^*a$+", { "xa", "xba", "ab" } },
		{ "\\x61\\x{62}\\143\\0", { "abc" } },
		{ "^\\x61\\x{62}\\143$", { "xabc", "abd" } },
		{ "(?P<n>a)(?<m>b)", { "xab", "ba" } },
		{ "Ã©", { "e", "Ã©" } },
		{ ".", { "xa", "", "aÃ©" } },
		{ "^(.?){30}a{30}$", { "xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena arena = { 0 };
		struct pattern_problem problem;
		struct pattern pattern;

		if (!pattern_compile(rows[i].pattern, strlen(rows[i].pattern), &arena, &pattern, &problem))
			fail_msg("%s: %s", rows[i].pattern, problem.what);
		for (size_t n = 0; n < 8 && rows[i].names[n]; n++) {
			const char *name = rows[i].names[n];
			const bool want = *name == 'x';

			if (pattern_matches(&pattern, name + want) != want)
				fail_msg("%s and %s", rows[i].pattern, name + want);
		}
		arena_release(&arena);
	}
	assert_false(pattern_matches(&(struct pattern){ NULL, 0 }, "a"));
}

static void large_patterns(void **state)
{
	static char text[LIMIT_PATTERN_PARTS + 1];
	struct pattern_problem problem;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_true(is_pattern(text, LIMIT_PATTERN_STATES - 2, &problem));	/* beside the start and the end */
	assert_false(is_pattern(text, LIMIT_PATTERN_STATES - 1, &problem));
	assert_false(is_pattern(text, sizeof(text), &problem));
	assert_false(is_pattern("(?:ab{900}c{900}){1}(?:d{900}e{900}f{900})", 42, &problem));
	assert_true(is_pattern("(){1000}(){1000}", 16, &problem));
}

static void deep_patterns(void **state)
{
	char text[4096];
	struct pattern_problem problem;

	(void)state;
	memset(text, '(', 1000);
	memset(text + 1000, ')', 1000);
	assert_true(is_pattern(text, 2000, &problem));
	memset(text, '(', 1001);
	memset(text + 1001, ')', 1001);
	assert_false(is_pattern(text, 2002, &problem));
	memset(text, '(', sizeof(text));
	assert_false(is_pattern(text, sizeof(text), &problem));
}

static void resolve_paths(void **state)
{
	static const struct { const char *path; enum diagnostic_id id; } rows[] = {
		{ "a", DIAG_COUNT }, { "a.b", DIAG_COUNT }, { ".a.b.", DIAG_COUNT }, { "a[2].b", DIAG_COUNT },
		{ "[1].c", DIAG_COUNT }, { "a[2]b", DIAG_COUNT }, { "a[1][2]", DIAG_COUNT }, { "a[4294967295]", DIAG_COUNT },
		{ "a.b.c.d.e.f.g.h.i.j", DIAG_COUNT }, { "a.b.c.d.e.f.g.h.i.j.k", DIAG_RESOLVE_DEPTH },
		{ "a[0].b.c.d.e.f.g.h.i.j", DIAG_RESOLVE_DEPTH }, { "a..b", DIAG_RESOLVE_PATH }, { "a.[1]", DIAG_RESOLVE_PATH },
		{ "a[]", DIAG_RESOLVE_PATH }, { "a[1", DIAG_RESOLVE_PATH }, { "a]", DIAG_RESOLVE_PATH },
		{ "a[[1]]", DIAG_RESOLVE_PATH }, { "a[1]]", DIAG_RESOLVE_PATH }, { "a[b.c]", DIAG_RESOLVE_PATH },
		{ "a[4294967296]", DIAG_RESOLVE_PATH }, { "a[-1]", DIAG_RESOLVE_PATH }, { "a[0x1]", DIAG_RESOLVE_PATH },
		{ "1a", DIAG_RESOLVE_PATH }, { "a b", DIAG_RESOLVE_PATH }, { ".", DIAG_RESOLVE_PATH },
		{ "..a", DIAG_RESOLVE_PATH }, { "a->b", DIAG_RESOLVE_PATH }, { "a..", DIAG_RESOLVE_PATH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena arena = { 0 };
		struct diagnostics diagnostics;
		struct text path = text_from(rows[i].path);

		diagnostics_init(&diagnostics, &arena);
		check_resolve_path(&path, &diagnostics);
		if (diagnostics.errors != (rows[i].id != DIAG_COUNT))
			print_message("%s\n", rows[i].path);
		assert_int_equal(diagnostics.errors, rows[i].id != DIAG_COUNT);
		if (diagnostics.errors)
			assert_int_equal(diagnostics.items[0].id, rows[i].id);
		arena_release(&arena);
	}
}

static void registers(void **state)
{
	static const char *const right[] = { "rip", "eip", "rax", "al", "r8", "r15b", "r10d", "r9w", "spl", "x0", "x30", "w30",
		"sp", "pc" };
	static const char *const wrong[] = { "", "r7", "r16", "r08", "rax2", "RAX", "%rax", "x31", "w31", "x1b", "ah", "r", "r8x",
		"rip|eip", "x01", "x100" };

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
		assert_true(register_machines(right[i], strlen(right[i])));
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_false(register_machines(wrong[i], strlen(wrong[i])));
	}
}

static void system_calls(void **state)
{
	static const struct { const char *value; bool function, number; } rows[] = {
		{ "sys_dup", true, true }, { "dup", false, true }, { "__x64_sys_dup", true, true }, { "x64/sys_dup", true, true },
		{ "i386/sys_socketcall", true, true }, { "x64/sys_socketcall", true, false }, { "arm64/dup2", false, false },
		{ "arm32/sys_dup2", true, true }, { "arm64/__x64_sys_dup", false, false }, { "x64/__ia32_sys_dup", false, false },
		{ "i386/__x64_sys_dup", true, true }, { "arm32/__arm64_sys_dup", true, true }, { "mips/sys_dup", false, false },
		{ "a/b/c", false, false }, { "", false, false }, { "/", false, false }, { "sys_", true, false },
		{ "__x64_", false, false }, { "sys_nonsense", true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct text value = text_from(rows[i].value);

		if (!syscall_function_problem(&value) != rows[i].function || !syscall_number_problem(&value) != rows[i].number)
			print_message("%s\n", rows[i].value);
		assert_int_equal(!syscall_function_problem(&value), rows[i].function);
		assert_int_equal(!syscall_number_problem(&value), rows[i].number);
	}
}

static void labels(void **state)
{
	static const struct { const char *key; bool valid; } rows[] = {
		{ "app", true }, { "example.com/app", true }, { "a_b.c-d", true }, { "A", true }, { "", false }, { "-a", false },
		{ "a-", false }, { "a b", false }, { "/a", false }, { "a/", false }, { "a/b/c", false }, { "Example.com/a", false },
		{ "a..b/c", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct text key = text_from(rows[i].key);

		assert_int_equal(is_label_key(&key), rows[i].valid);
	}
	assert_true(is_label_name("", 0));
}

static void sorted_names(void **state)
{
	struct text texts[] = { text_from("b"), text_from("a"), { 0 }, text_from("b"), text_from("ab"), text_from("") };
	struct arena arena = { 0 };
	struct names names;

	(void)state;
	names_sort(&names, &arena, texts, sizeof(*texts), 6);
	assert_int_equal(names_number(&names, "b", 1), 0);
	assert_int_equal(names_number(&names, "a", 1), 1);
	assert_int_equal(names_number(&names, "ab", 2), 4);
	assert_int_equal(names_number(&names, "", 0), 5);
	assert_int_equal(names_number(&names, "c", 1), -1);
	assert_int_equal(names_first(&names, &texts[3], 3), 0);
	assert_int_equal(names_first(&names, &texts[2], 2), 2);
	assert_string_equal(names_nearest(&names, "abb", 3), "ab");
	assert_null(names_nearest(&names, "xyz", 3));
	names_sort(&names, &arena, NULL, sizeof(*texts), 0);
	assert_int_equal(names_number(&names, "a", 1), -1);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns), cmocka_unit_test(deep_patterns), cmocka_unit_test(matching_patterns), cmocka_unit_test(large_patterns), cmocka_unit_test(resolve_paths),
		cmocka_unit_test(registers), cmocka_unit_test(system_calls), cmocka_unit_test(labels),
		cmocka_unit_test(sorted_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

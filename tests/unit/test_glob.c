// SPDX-License-Identifier: Apache-2.0
/* test_glob.c - patterns of paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/base/glob.h"

static void patterns(void **state)
{
	static const struct {
		const char *shows, *pattern, *path;
		int matches;
	} rows[] = {
		{ "a name at the top", "a.yaml", "a.yaml", 1 },
		{ "and at any depth", "a.yaml", "x/y/a.yaml", 1 },
		{ "the whole name", "a.yaml", "xa.yaml", 0 },
		{ "and not more", "a", "a.yaml", 0 },
		{ "a star", "*.yaml", "x/b.yaml", 1 },
		{ "of nothing", "*a.yaml", "a.yaml", 1 },
		{ "two stars apart", "a*b*c", "axxbyybzzc", 1 },
		{ "which must all be there", "a*b*c", "axxbyybzz", 0 },
		{ "one byte", "a?c", "abc", 1 },
		{ "and not none", "a?c", "ac", 0 },
		{ "a folder holds what is in it", "vendor", "x/vendor/a/b.yaml", 1 },
		{ "a slash at the end changes nothing", "vendor/", "x/vendor/b.yaml", 1 },
		{ "a slash inside ties it to the top", "x/vendor", "x/vendor/b.yaml", 1 },
		{ "only there", "x/vendor", "y/x/vendor/b.yaml", 0 },
		{ "so does one in front", "/a.yaml", "x/a.yaml", 0 },
		{ "which means that", "/a.yaml", "a.yaml", 1 },
		{ "a star stops at a slash", "x/*.yaml", "x/y/a.yaml", 0 },
		{ "a question mark too", "x?y", "x/y", 0 },
		{ "two stars do not", "x/**.yaml", "x/y/a.yaml", 1 },
		{ "they stand for no folder", "x/**/a.yaml", "x/a.yaml", 1 },
		{ "and for several", "x/**/a.yaml", "x/y/z/a.yaml", 1 },
		{ "in front", "**/a.yaml", "x/y/a.yaml", 1 },
		{ "in front of the top", "**/a.yaml", "a.yaml", 1 },
		{ "behind: all that is inside", "x/**", "x/y/a.yaml", 1 },
		{ "with a star behind them", "x/**/*.yaml", "x/y/z.yaml", 1 },
		{ "a star is tried again after two stars", "**/a*b/c", "a/xab/ab/c", 1 },
		{ "brackets mean nothing", "[a]", "a", 0 },
		{ "an empty pattern matches nothing", "", "a", 0 },
		{ "nor does a slash", "/", "a", 0 },
		{ "an empty path is no file", "*", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (glob_matches(rows[i].pattern, rows[i].path) != rows[i].matches)
			fail_msg("%s: '%s' and '%s'", rows[i].shows, rows[i].pattern, rows[i].path);
}

/* Stars after stars must not multiply. */
static void many_stars(void **state)
{
	char pattern[1024], path[4096];

	(void)state;
	for (size_t i = 0; i + 3 < sizeof(pattern); i += 3)
		memcpy(pattern + i, i % 2 ? "**a" : "*aa", 4);
	pattern[sizeof(pattern) - 1] = '\0';
	memset(path, 'a', sizeof(path));
	for (size_t i = 5; i < sizeof(path); i += 6)
		path[i] = '/';
	path[sizeof(path) - 1] = '\0';
	strcat(pattern, "b");
	assert_false(glob_matches(pattern, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test(many_stars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* test_process_maps.c - what /proc says of a process, and lists of functions that it compiled. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

#include "symbolize/process_maps.h"

static void lines_of_maps(void **state)
{
	static const struct { const char *line; bool good; struct mapping want; const char *path; } rows[] = {
		{ "00400000-00452000 r-xp 00001000 fd:01 1234                           /usr/bin/x", true,
		  { 0x400000, 0x452000, 0x1000, 0, 1234, MAPPING_FILE, true, false, "/usr/bin/x" }, "/usr/bin/x" },
		{ "7f0000000000-7f0000001000 rw-p 00000000 00:00 0", true, { 0x7f0000000000, 0x7f0000001000, 0, 0, 0, MAPPING_ANONYMOUS, false, false, "" }, NULL },
		{ "7f0000000000-7f0000001000 rwxp 00000000 00:00 0 ", true, { 0x7f0000000000, 0x7f0000001000, 0, 0, 0, MAPPING_ANONYMOUS, true, false, "" }, NULL },
		{ "7ffe00000000-7ffe00001000 r-xp 00000000 00:00 0      [vdso]", true, { 0x7ffe00000000, 0x7ffe00001000, 0, 0, 0, MAPPING_VDSO, true, false, "[vdso]" }, NULL },
		{ "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0      [vsyscall]", true,
		  { 0xffffffffff600000, 0xffffffffff601000, 0, 0, 0, MAPPING_OTHER, true, false, "[vsyscall]" }, NULL },
		{ "1000-2000 r--p 00000000 08:01 7 /tmp/with blanks  (deleted)", true,
		  { 0x1000, 0x2000, 0, 0, 7, MAPPING_FILE, false, true, "/tmp/with blanks  (deleted)" }, "/tmp/with blanks " },
		{ "1000-2000 r--p 00000000 08:01 7 /tmp/new\\012line\\134x", true,
		  { 0x1000, 0x2000, 0, 0, 7, MAPPING_FILE, false, false, "/tmp/new\\012line\\134x" }, "/tmp/new\nline\\x" },
		{ "1000-2000 r--p 00000000 08:01 7 /tmp/no\\912\\01", true, { 0x1000, 0x2000, 0, 0, 7, MAPPING_FILE, false, false, "/tmp/no\\912\\01" }, "/tmp/no\\912\\01" },
		{ "1000-2000 rw-p 00000000 00:00 0 [heap]", true, { 0x1000, 0x2000, 0, 0, 0, MAPPING_ANONYMOUS, false, false, "[heap]" }, NULL },
		{ "1000-2000 rw-p 00000000 00:00 0 [anon:jit]", true, { 0x1000, 0x2000, 0, 0, 0, MAPPING_ANONYMOUS, false, false, "[anon:jit]" }, NULL },
		{ "1000-2000 r-xs 00000000 00:01 77 /memfd:jit (deleted)", true,
		  { 0x1000, 0x2000, 0, 0, 77, MAPPING_FILE, true, true, "/memfd:jit (deleted)" }, "/memfd:jit" },
		{ "1000-2000 rwxs 00000000 00:01 0 /SYSV00000000 (deleted)", true, { 0x1000, 0x2000, 0, 0, 0, MAPPING_ANONYMOUS, true, false, "/SYSV00000000 (deleted)" }, NULL },
		/* None that the kernel writes. */
		{ "", false }, { "-", false }, { "1000", false }, { "1000-", false }, { "2000-1000 r--p 0 0:0 0", false }, { "1000-1000 r--p 0 0:0 0", false },
		{ "1000-2000 r--p", false }, { "1000-2000 r-- 0 0:0 0", false }, { "1000-2000 r--p zz 0:0 0", false }, { "1000-2000 r--p 0 00 0", false },
		{ "1000-2000 r--p 0 0:0 0x", false }, { "1000-2000 r--p 0 0:0", false }, { "11111111111111111-21111111111111111 r--p 0 0:0 0", false },
		{ "1000-2000 r--p 0 0:0 99999999999999999999999 /x", false },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct mapping got = { 0 };
		char line[256], path[256];

		print_message("# %s\n", rows[n].line);
		strcpy(line, rows[n].line);
		assert_int_equal(maps_read_line(line, &got), rows[n].good);
		if (!rows[n].good)
			continue;
		assert_int_equal(got.start, rows[n].want.start);
		assert_int_equal(got.end, rows[n].want.end);
		assert_int_equal(got.offset, rows[n].want.offset);
		assert_int_equal(got.inode, rows[n].want.inode);
		assert_int_equal(got.kind, rows[n].want.kind);
		assert_int_equal(got.is_executable, rows[n].want.is_executable);
		assert_int_equal(got.is_deleted, rows[n].want.is_deleted);
		assert_string_equal(got.path, rows[n].want.path);
		assert_int_equal(maps_path(&got, path, sizeof(path)), rows[n].path != NULL);
		if (rows[n].path)
			assert_string_equal(path, rows[n].path);
		assert_false(maps_path(&got, path, rows[n].path ? strlen(rows[n].path) : 0));
	}
}

static void whole_maps(void **state)
{
	char text[] = "1000-2000 r-xp 0 08:01 1 /a\nnonsense\n3000-4000 r-xp 0 08:01 2 /b\n2000-2500 r-xp 0 08:01 3 /out-of-order\n5000-6000 r-xp 0 08:01 4 /c";
	static const struct { uint64_t address; const char *path; } rows[] = {
		{ 0xfff, NULL }, { 0x1000, "/a" }, { 0x1fff, "/a" }, { 0x2000, NULL }, { 0x3800, "/b" }, { 0x4000, NULL }, { 0x5fff, "/c" },
		{ 0x6000, NULL }, { 0, NULL }, { UINT64_MAX, NULL },
	};
	size_t count;
	struct mapping *mappings = maps_read(text, &count);
	char nothing[] = "";

	(void)state;
	assert_int_equal(count, 3);
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct mapping *found = maps_find(mappings, count, rows[n].address);

		assert_int_equal(found != NULL, rows[n].path != NULL);
		if (found)
			assert_string_equal(found->path, rows[n].path);
	}
	free(mappings);
	assert_null(maps_read(nothing, &count));
	assert_int_equal(count, 0);
}

static void start_times(void **state)
{
	static const struct { const char *text; bool good; uint64_t want; } rows[] = {
		{ "1 (a) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9 9", true, 4711 },
		{ "1 (evil) S 0 1 1 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 1) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9", true, 4711 },
		{ "", false }, { "1 (a", false }, { "1 (a) S 0 1", false }, { "1 (a) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 x 9", false },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		uint64_t start = 0;

		assert_int_equal(stat_start_time(rows[n].text, &start), rows[n].good);
		assert_int_equal(start, rows[n].want);
	}
}

static void pids_and_users(void **state)
{
	static const char text[] = "Name:\tNSpid:\nUid:\t1000\t1001\t1002\t1003\nNSpid:\t4711\t12\t1\nGid:\t5\n";
	uid_t ids[4];
	pid_t pid;

	(void)state;
	assert_true(status_inner_pid(text, &pid));
	assert_int_equal(pid, 1);
	assert_true(status_user_ids(text, ids));
	assert_int_equal(ids[0], 1000);
	assert_int_equal(ids[1], 1001);
	assert_false(status_inner_pid("Name:\tx\n", &pid));
	assert_false(status_inner_pid("NSpid:\n", &pid));
	assert_false(status_user_ids("Uid:\t1\t2\n", ids));
}

static void lists_of_functions(void **state)
{
	char text[] = "1000 100 Interpreter\n"
		      "0x2000 0x80 LazyCompile:*f /x.js:1:2\n"
		      "1040 20 inner\n"
		      "broken\n\n"
		      "3000 0 empty\n"
		      "ffffffffffffffff 10 around\n"
		      "4000 10\n"
		      "2000 40 again\n"
		      "5000 10 last";
	static const struct { uint64_t address; const char *name; } rows[] = {
		{ 0x1000, "Interpreter" }, { 0x1040, "inner" }, { 0x105f, "inner" }, { 0x1060, "Interpreter" }, { 0x10ff, "Interpreter" }, { 0x1100, NULL },
		{ 0x2000, "again" },		/* what was written last */
		{ 0x2050, "LazyCompile:*f /x.js:1:2" }, { 0x3000, NULL }, { 0x4000, NULL }, { 0x5008, "last" }, { 0, NULL }, { UINT64_MAX, NULL },
	};
	size_t count;
	struct compiled *list = compiled_read(text, strlen(text), &count);

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct compiled *found = compiled_find(list, count, rows[n].address);

		print_message("# %" PRIx64 "\n", rows[n].address);
		assert_int_equal(found != NULL, rows[n].name != NULL);
		if (found)
			assert_string_equal(found->name, rows[n].name);
	}
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_maps), cmocka_unit_test(whole_maps), cmocka_unit_test(start_times),
		cmocka_unit_test(pids_and_users), cmocka_unit_test(lists_of_functions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* test_rotation.c - files that give way to each other, and disks that are full. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/rotation.h"

#undef fail	/* of pins.h: cmocka has one, too */
#include <cmocka.h>

static char folder[] = "/tmp/test-rotation-XXXXXX";
static char path[PATH_MAX];

static int make_folder(void **state)
{
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	return mkdtemp(folder) ? 0 : -1;
}

static void remove_file(unsigned n)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), n ? "%s.%u" : "%s", path, n);
	unlink(name);
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int begin(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/events", folder);
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 10; n++)
		remove_file(n);
	return 0;
}

/* What is in file number n; "none" when there is no such file. */
static const char *contents(unsigned n)
{
	static char text[4096];
	char name[PATH_MAX];
	FILE *file;

	snprintf(name, sizeof(name), n ? "%s.%u" : "%s", path, n);
	file = fopen(name, "r");
	if (!file)
		return "none";
	text[fread(text, 1, sizeof(text) - 1, file)] = 0;
	fclose(file);
	return text;
}

static void put(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void write_lines(struct rotation *rotation, const char *lines)
{
	struct failure failure = { 0 };
	size_t taken;

	if (rotation_write(rotation, lines, strlen(lines), &taken, &failure))
		fail_msg("%s", failure.text);
	assert_int_equal(taken, strlen(lines));
}

static void files(void **state)
{
	static const struct { const char *before; uint64_t size; unsigned count; const char *lines[4], *want[4]; } rows[] = {
		{ NULL, 0, 5, { "a\n", "b\n" }, { "a\nb\n", "none" } },
		{ NULL, 4, 5, { "a\nb\nc\n" }, { "c\n", "a\nb\n", "none" } },
		{ NULL, 4, 5, { "a\n", "b\n", "c\nd\n", "e\n" }, { "e\n", "c\nd\n", "a\nb\n", "none" } },
		{ NULL, 4, 1, { "a\nb\nc\nd\ne\n" }, { "e\n", "c\nd\n", "none" } },
		{ NULL, 4, 0, { "a\nb\nc\nd\ne\n" }, { "e\n", "none" } },
		{ NULL, 4, 5, { "a\nlonger than that\nb\n" }, { "b\n", "longer than that\n", "a\n", "none" } },
		{ NULL, 3, 5, { "ab\ncd\n" }, { "cd\n", "ab\n", "none" } },
		{ "old\n", 8, 5, { "a\nb\nc\n" }, { "c\n", "old\na\nb\n", "none" } },
		{ "old", 0, 5, { "a\n" }, { "old\na\n", "none" } },
		{ "much longer than it may be\n", 4, 5, { "a\n" }, { "a\n", "much longer than it may be\n", "none" } },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct rotation rotation;
		struct failure failure = { 0 };
		struct stat status;

		print_message("# %zu\n", n);
		end(NULL);
		if (rows[n].before)
			put(rows[n].before);
		assert_int_equal(rotation_open(&rotation, path, rows[n].size, rows[n].count, &failure), 0);
		for (size_t line = 0; line < 4 && rows[n].lines[line]; line++)
			write_lines(&rotation, rows[n].lines[line]);
		rotation_close(&rotation);
		for (unsigned file = 0; file < 4 && rows[n].want[file]; file++)
			assert_string_equal(contents(file), rows[n].want[file]);
		assert_false(stat(path, &status));
		if (!rows[n].before)
			assert_int_equal(status.st_mode & 07777, 0600);
	}
}

/* As a disk that is full: a file cannot grow beyond the limit. */
static void limit(rlim_t size)
{
	assert_false(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ size, RLIM_INFINITY }));
}

static void half_a_line_is_taken_back(void **state)
{
	struct rotation rotation;
	struct failure failure = { 0 };
	size_t taken;
	int error;

	(void)state;
	assert_int_equal(rotation_open(&rotation, path, 0, 5, &failure), 0);
	write_lines(&rotation, "first\n");
	limit(10);
	error = rotation_write(&rotation, "second\nthird\n", 13, &taken, &failure);
	limit(RLIM_INFINITY);
	assert_int_equal(error, -EFBIG);
	assert_int_equal(taken, 0);
	assert_string_equal(contents(0), "first\n");
	assert_non_null(strstr(failure.text, "cannot write"));
	write_lines(&rotation, "fourth\n");
	assert_string_equal(contents(0), "first\nfourth\n");
	rotation_close(&rotation);
}

/* What one file took stays taken when the next one takes nothing. */
static void taken_lines_are_told(void **state)
{
	struct rotation rotation;
	struct failure failure = { 0 };
	size_t taken;

	(void)state;
	assert_int_equal(rotation_open(&rotation, path, 6, 5, &failure), 0);
	limit(7);
	assert_int_equal(rotation_write(&rotation, "first\nthe second\n", 17, &taken, &failure), -EFBIG);
	limit(RLIM_INFINITY);
	assert_int_equal(taken, 6);
	assert_string_equal(contents(1), "first\n");
	assert_string_equal(contents(0), "");
	rotation_close(&rotation);
}

static void what_is_refused(void **state)
{
	struct rotation rotation, second;
	struct failure failure = { 0 };
	char other[PATH_MAX + 8];

	(void)state;
	assert_int_equal(rotation_open(&rotation, "/nonexistent/x", 0, 5, &failure), -ENOENT);
	assert_int_equal(rotation_open(&rotation, "/dev/null", 0, 5, &failure), -EINVAL);
	assert_non_null(strstr(failure.text, "no regular file"));
	snprintf(other, sizeof(other), "%s.1", path);
	assert_false(symlink(other, path));
	assert_int_equal(rotation_open(&rotation, path, 0, 5, &failure), -ELOOP);
	unlink(path);
	assert_int_equal(rotation_open(&rotation, path, 0, 5, &failure), 0);
	assert_int_equal(rotation_open(&second, path, 0, 5, &failure), -EBUSY);
	assert_int_equal(second.fd, -1);
	rotation_close(&rotation);
	assert_int_equal(rotation_open(&second, path, 0, 5, &failure), 0);
	rotation_close(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files, begin, end),
		cmocka_unit_test_setup_teardown(half_a_line_is_taken_back, begin, end),
		cmocka_unit_test_setup_teardown(taken_lines_are_told, begin, end),
		cmocka_unit_test_setup_teardown(what_is_refused, begin, end),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

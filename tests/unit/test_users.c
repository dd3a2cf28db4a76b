// SPDX-License-Identifier: Apache-2.0
/* test_users.c - names of user ids, and ids of containers, out of what others write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/containers.h"
#include "runtime/users.h"

static char path[] = "/tmp/test-users-XXXXXX";

static void put(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int make_file(void **state)
{
	(void)state;
	return mkstemp(path) < 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void names(void **state)
{
	static const struct { const char *text; uint32_t id; const char *want; } rows[] = {
		{ "root:x:0:0:root:/root:/bin/sh\n", 0, "root" }, { "root:x:0:0:root:/root:/bin/sh\n", 1, NULL },
		{ "b:x:7:7::/:\na:x:3:3::/:\nc:x:5:5::/:\n", 5, "c" }, { "a:x:3:3::/:\nb:x:3:3::/:\n", 3, "a" },
		{ "a:x:3", 3, "a" }, { "a:x:3\n", 3, "a" }, { "a:x", 0, NULL }, { ":x:3:\n", 3, NULL }, { "a:x::\n", 0, NULL },
		{ "a:x:-1:\n", UINT32_MAX, NULL }, { "a:x:4294967295:\n", UINT32_MAX, NULL }, { "a:x:3x:\n", 3, NULL },
		{ "#a:x:3:\n", 3, NULL }, { "+:::\n+@nis:x:3:\n", 3, "+@nis" }, { "", 0, NULL }, { "\n\na:x:3:\n", 3, "a" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct users *users;

		put(rows[n].text);
		users = users_new(path);
		if (rows[n].want)
			assert_string_equal(users_name(users, rows[n].id), rows[n].want);
		else
			assert_null(users_name(users, rows[n].id));
		users_free(users);
	}
}

static void files_that_change(void **state)
{
	struct users *users;

	(void)state;
	put("a:x:3:\n");
	users = users_new(path);
	assert_false(users_look(users));
	put("long:x:3:\n");
	assert_true(users_look(users));
	assert_string_equal(users_name(users, 3), "long");
	unlink(path);
	assert_true(users_look(users));
	assert_null(users_name(users, 3));
	assert_false(users_look(users));
	put("a:x:3:\n");
	assert_true(users_look(users));
	assert_string_equal(users_name(users, 3), "a");
	users_free(users);
}

static void containers(void **state)
{
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	static const struct { const char *text, *want; } rows[] = {
		{ "0::/system.slice/docker-" ID ".scope\n", ID }, { "12:pids:/docker/" ID "\n0::/\n", ID },
		{ "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope\n", ID }, { "0::/machine.slice/libpod-" ID ".scope/container\n", ID },
		{ "0::/kubepods/besteffort/pod0123/" ID "\n", ID }, { "0::/", "" }, { "", "" }, { "0::/docker/" ID "0\n", "" },
		{ "0::/docker/x" ID "\n", "" }, { "0::/docker/" ID "x\n", "" }, { "0::/a" ID, "" }, { "0::/user.slice/user-0.slice\n", "" },
		{ "0::/docker/" ID, ID },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		char id[CONTAINER_ID + 1];

		container_id_find(rows[n].text, id);
		assert_string_equal(id, rows[n].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names), cmocka_unit_test(files_that_change), cmocka_unit_test(containers),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}

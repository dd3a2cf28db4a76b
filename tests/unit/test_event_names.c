// SPDX-License-Identifier: Apache-2.0
/* test_event_names.c - names of the ids in values of events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/event_names.h"

static const struct abi_cred cred = {
	.uid = 1, .gid = 2, .euid = 1, .egid = 4, .suid = 9, .sgid = 2, .fsuid = 0, .fsgid = 8, .user_namespace = { .owner = 3, .group = 5 },
};
static const struct abi_cred nobody_knows = { .uid = 90, .gid = 91, .euid = 92, .egid = 93, .suid = 94, .sgid = 95, .fsuid = 96, .fsgid = 97,
					      .user_namespace = { .owner = 98, .group = 99 } };
static const struct abi_user_namespace namespace = { .owner = 1, .group = 2 };

static const struct row {
	enum type_id type;
	const void *bytes;
	uint32_t length;
	const char *want;	/* with both files; "{}": nothing */
} rows[] = {
	{ TYPE_CRED, &cred, sizeof(cred), "{\"users\":{\"1\":\"one\",\"0\":\"ro\\\"ot\",\"3\":\"three\"},\"groups\":{\"2\":\"two\",\"4\":\"four\",\"5\":\"five\"}}" },
	{ TYPE_CRED, &nobody_knows, sizeof(nobody_knows), "{}" }, { TYPE_CRED, &cred, sizeof(cred) - 1, "{}" }, { TYPE_CRED, NULL, 0, "{}" },
	{ TYPE_USER_NAMESPACE, &namespace, sizeof(namespace), "{\"users\":{\"1\":\"one\"},\"groups\":{\"2\":\"two\"}}" },
	{ TYPE_USER_NAMESPACE, &cred, sizeof(cred), "{}" }, { TYPE_CONST_BUF, &cred, sizeof(cred), "{}" },
};

static struct users *file_of(const char *text)
{
	char path[] = "/tmp/test-names-XXXXXX";
	const int fd = mkstemp(path);
	struct users *users;

	assert_true(fd >= 0);
	assert_true(dprintf(fd, "%s", text) > 0);
	close(fd);
	users = users_new(path);
	unlink(path);
	return users;
}

static void says(const struct event_names *names, const char *want)
{
	struct buffer text = { 0 };
	struct json json = { .out = &text, .first = true };

	json_begin_object(&json);
	event_names_json(&json, names);
	json_end_object(&json);
	assert_string_equal(text.bytes, want);
	buffer_release(&text);
}

static void names_of_values(void **state)
{
	struct users *users = file_of("ro\"ot:x:0:0::/:\none:x:1:1::/:\nthree:x:3:3::/:\n"), *groups = file_of("two:x:2:\nfour:x:4:one\nfive:x:5:\n");
	struct event_names names;

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct event_slot slot = { .bytes = rows[n].bytes, .length = rows[n].length, .state = ABI_SLOT_READ };

		event_names_begin(&names, users, groups);
		event_names_add(&names, rows[n].type, &slot);
		assert_int_equal(event_names_some(&names), rows[n].want[1] != '}');
		says(&names, rows[n].want);
		event_names_begin(&names, NULL, NULL);
		event_names_add(&names, rows[n].type, &slot);
		assert_false(event_names_some(&names));
	}
	users_free(users);
	users_free(groups);
}

/* Of several values, each name once; one file alone names its own. */
static void several_values(void **state)
{
	struct users *groups = file_of("two:x:2:\nfive:x:5:\n");
	const struct event_slot first = { .bytes = (const void *)&namespace, .length = sizeof(namespace), .state = ABI_SLOT_READ };
	const struct event_slot second = { .bytes = (const void *)&cred, .length = sizeof(cred), .state = ABI_SLOT_READ };
	struct event_names names;

	(void)state;
	event_names_begin(&names, NULL, groups);
	event_names_add(&names, TYPE_USER_NAMESPACE, &first);
	event_names_add(&names, TYPE_CRED, &second);
	says(&names, "{\"groups\":{\"2\":\"two\",\"5\":\"five\"}}");
	users_free(groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names_of_values), cmocka_unit_test(several_values) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

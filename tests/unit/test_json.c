// SPDX-License-Identifier: Apache-2.0
/* test_json.c - JSON that is always valid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/base/json.h"

static void strings(void **state)
{
	static const struct { const char *shows, *text; size_t length; const char *want; } rows[] = {
		{ "nothing", "", 0, "\"\"" },
		{ "plain", "ab", 2, "\"ab\"" },
		{ "quotes and backslashes", "\"\\", 2, "\"\\\"\\\\\"" },
		{ "named escapes", "\n\r\t\b\f", 5, "\"\\n\\r\\t\\b\\f\"" },
		{ "control bytes", "\0\x1b\x7f", 3, "\"\\u0000\\u001b\\u007f\"" },
		{ "UTF-8 stays", "\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80", 9, "\"\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80\"" },
		{ "a stray byte", "a\xff" "b", 3, "\"a\xef\xbf\xbd" "b\"" },
		{ "a sequence cut short", "\xe6\x97", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "an overlong form", "\xc0\x80", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "a surrogate", "\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buffer out = { 0 };
		struct json json = { .out = &out, .first = true };

		json_bytes(&json, rows[i].text, rows[i].length);
		assert_string_equal(out.bytes, rows[i].want);
		buffer_release(&out);
	}
}

static void nesting(void **state)
{
	struct buffer out = { 0 };
	struct json json = { .out = &out, .first = true };

	(void)state;
	json_begin_object(&json);
	json_key(&json, "list");
	json_begin_array(&json);
	json_number(&json, INT64_MIN);
	json_unsigned(&json, UINT64_MAX);
	json_begin_object(&json);
	json_end_object(&json);
	json_null(&json);
	json_end_array(&json);
	json_key_string(&json, "text", "x");
	json_key_number(&json, "number", -1);
	json_key_bool(&json, "truth", true);
	json_end_object(&json);
	assert_string_equal(out.bytes,
		"{\"list\":[-9223372036854775808,18446744073709551615,{},null],"
		"\"text\":\"x\",\"number\":-1,\"truth\":true}");
	buffer_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(strings), cmocka_unit_test(nesting) };

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}

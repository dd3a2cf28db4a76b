// SPDX-License-Identifier: Apache-2.0
/* test_version.c - releases of Linux: what is read of them, and which is older. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/base/version.h"

static void numbers(void **state)
{
	static const struct { const char *text; size_t taken; struct version version; } rows[] = {
		{ "5.10", 4, { 5, 10 } },
		{ "6.1.0-56-cloud-amd64", 3, { 6, 1 } },
		{ "6.12-rc3", 4, { 6, 12 } },
		{ "7.3+", 3, { 7, 3 } },
		{ "0.0", 3, { 0, 0 } },
		{ "999999999.999999999", 19, { 999999999, 999999999 } },
		{ "", 0 }, { "5", 0 }, { "5.", 0 }, { ".10", 0 }, { "5..10", 0 }, { "5,10", 0 }, { "v5.10", 0 }, { "five.ten", 0 },
		{ " 5.10", 0 }, { "5. 10", 0 }, { "5 .10", 0 },		/* nothing is passed over */
		{ "-5.10", 0 }, { "+5.10", 0 }, { "5.-10", 0 }, { "5.+10", 0 },
		{ "4294967301.10", 0 }, { "5.4294967306", 0 }, { "1000000000.0", 0 },		/* 5 and 10, were they cut off */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct version version = { 77, 77 };
		const struct version wanted = rows[i].taken ? rows[i].version : version;
		const size_t taken = version_read(rows[i].text, strlen(rows[i].text), &version);

		if (taken != rows[i].taken || version.major != wanted.major || version.minor != wanted.minor)
			fail_msg("'%s': %zu bytes, %u.%u", rows[i].text, taken, version.major, version.minor);
	}
}

/* What lies behind is not looked at. */
static void ends(void **state)
{
	static const struct { size_t length, taken; unsigned minor; } rows[] = { { 4, 4, 10 }, { 3, 3, 1 }, { 2, 0 }, { 1, 0 }, { 0, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct version version = { 0 };

		assert_int_equal(version_read("5.10", rows[i].length, &version), rows[i].taken);
		assert_int_equal(version.minor, rows[i].minor);
	}
}

static void ages(void **state)
{
	static const struct { struct version a, b; bool older; } rows[] = {
		{ { 5, 10 }, { 5, 10 }, false }, { { 5, 9 }, { 5, 10 }, true }, { { 5, 10 }, { 5, 9 }, false },
		{ { 5, 19 }, { 6, 0 }, true }, { { 6, 0 }, { 5, 19 }, false }, { { 6, 1 }, { 6, 12 }, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(version_is_older(rows[i].a, rows[i].b), rows[i].older);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(numbers), cmocka_unit_test(ends), cmocka_unit_test(ages) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

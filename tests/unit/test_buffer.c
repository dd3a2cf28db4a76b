// SPDX-License-Identifier: Apache-2.0
/* test_buffer.c - bytes that grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/base/buffer.h"

static void additions(void **state)
{
	struct buffer buffer = { 0 };

	(void)state;
	buffer_add(&buffer, NULL, 0);
	assert_string_equal(buffer.bytes, "");
	buffer_add_text(&buffer, "ab");
	buffer_add_char(&buffer, 'c');
	buffer_format(&buffer, "%d%s", 7, "");
	assert_int_equal(buffer.length, 4);
	assert_string_equal(buffer.bytes, "abc7");
	buffer_add(&buffer, "\0x", 2);
	assert_memory_equal(buffer.bytes, "abc7\0x", 7);
	buffer_release(&buffer);
	assert_null(buffer.bytes);
	buffer_release(&buffer);
}

static void reserved_bytes_are_zero(void **state)
{
	struct buffer buffer = { 0 };
	unsigned char *start;

	(void)state;
	for (size_t length = 0; length < 5000; length += 511) {
		start = buffer_reserve(&buffer, length);
		for (size_t i = 0; i <= length; i++)
			assert_int_equal(start[i], 0);
		memset(start, 0xff, length);
	}
	buffer_release(&buffer);
}

static void alignment(void **state)
{
	static const struct { const char *shows; size_t length, alignment, want; } rows[] = {
		{ "nothing is aligned", 0, 8, 0 }, { "one byte", 1, 8, 8 }, { "just right", 8, 8, 8 },
		{ "one too many", 9, 8, 16 }, { "of one", 5, 1, 5 }, { "large", 5, 4096, 4096 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buffer buffer = { 0 };

		buffer_reserve(&buffer, rows[i].length);
		buffer_align(&buffer, rows[i].alignment);
		assert_int_equal(buffer.length, rows[i].want);
		buffer_release(&buffer);
	}
}

static void large_text(void **state)
{
	struct buffer buffer = { 0 };

	(void)state;
	for (size_t i = 0; i < 1 << 20; i++)
		buffer_add_char(&buffer, (char)('a' + i % 26));
	assert_int_equal(buffer.length, 1 << 20);
	assert_int_equal(buffer.bytes[(1 << 20) - 1], 'a' + ((1 << 20) - 1) % 26);
	assert_int_equal(buffer.bytes[1 << 20], '\0');
	buffer_release(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(additions),
		cmocka_unit_test(reserved_bytes_are_zero),
		cmocka_unit_test(alignment),
		cmocka_unit_test(large_text),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}

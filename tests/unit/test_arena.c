// SPDX-License-Identifier: Apache-2.0
/* test_arena.c - memory that is freed all at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/base/arena.h"

static void allocations(void **state)
{
	static const struct { const char *shows; size_t count, size; } rows[] = {
		{ "nothing", 0, 8 }, { "objects of no size", 3, 0 }, { "one byte", 1, 1 },
		{ "an odd size", 3, 7 }, { "a whole first block", 1, 16 << 10 },
		{ "more than any block", 1, 3 << 20 }, { "small again", 4, 4 },
	};
	struct arena arena = { 0 };
	unsigned char *before = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t bytes = rows[i].count * rows[i].size;
		unsigned char *got = arena_alloc(&arena, rows[i].count, rows[i].size);

		assert_non_null(got);
		assert_ptr_not_equal(got, before);
		assert_int_equal((uintptr_t)got % 16, 0);
		for (size_t j = 0; j < bytes; j++)
			assert_int_equal(got[j], 0);
		memset(got, 0xff, bytes);
		before = got;
	}
	arena_release(&arena);
	assert_null(arena.blocks);
	arena_release(&arena);		/* an empty one may be released */
}

static void copies(void **state)
{
	struct arena arena = { 0 };
	char *copy = arena_copy(&arena, "a\0b", 3);

	(void)state;
	assert_memory_equal(copy, "a\0b", 4);
	assert_string_equal(arena_copy(&arena, NULL, 0), "");
	assert_string_equal(arena_format(&arena, "%d %s", 42, "words"), "42 words");
	assert_string_equal(arena_format(&arena, "%s", ""), "");
	arena_release(&arena);
}

static void grown_arrays_keep_their_items(void **state)
{
	struct arena arena = { 0 };
	size_t *items = NULL, capacity = 0;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		items = arena_grow(&arena, items, i, &capacity, sizeof(*items));
		assert_true(capacity > i);
		items[i] = i;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	arena_release(&arena);
}

/* What was handed out is handed out again; an arena that is reset often does not grow. */
static void reset_keeps_memory(void **state)
{
	struct arena arena = { 0 };
	struct arena_block *kept;

	(void)state;
	arena_reset(&arena);
	assert_null(arena.blocks);
	arena_alloc(&arena, 100000, 1);
	arena_alloc(&arena, 300000, 1);
	arena_reset(&arena);
	kept = arena.blocks;
	assert_int_equal(arena.total, 0);
	for (int n = 0; n < 1000; n++) {
		char *bytes = arena_alloc(&arena, 200000, 1);

		assert_int_equal(bytes[199999], 0);
		memset(bytes, 1, 200000);
		assert_ptr_equal(arena.blocks, kept);
		arena_reset(&arena);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allocations),
		cmocka_unit_test(copies),
		cmocka_unit_test(grown_arrays_keep_their_items),
		cmocka_unit_test(reset_keeps_memory),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}

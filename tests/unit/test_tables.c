// SPDX-License-Identifier: Apache-2.0
/* test_tables.c - look-up tables: merged as they should be, found by match.h, and refused when they do not fit. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "bpf-templates/match.h"
#include "compiler/tables/tables.h"

struct made {
	struct arena arena;
	struct buffer image;
	struct table_output output;
	uint32_t table;
};

static void begin(struct made *made)
{
	*made = (struct made){ .table = 0 };
	made->output = (struct table_output){ &made->arena, &made->image, NULL };
	buffer_reserve(&made->image, 16);	/* offset 0 is nobody's */
}

static void end(struct made *made)
{
	buffer_release(&made->image);
	arena_release(&made->arena);
}

static struct match_image as_image(const struct made *made)
{
	return (struct match_image){ (const __u8 *)made->image.bytes, made->image.length };
}

/* "low-high:rows" of each interval. */
static void print_intervals(const struct made *made, char *ret, size_t size)
{
	const struct abi_interval_table *table = (const void *)(made->image.bytes + made->table);
	const struct abi_interval *intervals = (const void *)(table + 1);

	*ret = '\0';
	for (uint32_t n = 0; n < table->count; n++, size -= strlen(ret), ret += strlen(ret))
		snprintf(ret, size, "%s%llx-%llx:%llx", n ? " " : "", (unsigned long long)intervals[n].low,
			 (unsigned long long)intervals[n].high, (unsigned long long)intervals[n].rows);
}

static void intervals_are_split_where_rows_change(void **state)
{
	static const struct { const char *shows; struct abi_interval in[4]; size_t count; const char *want; } rows[] = {
		{ "nothing", { { 0, 0, 0 } }, 0, "" },
		{ "one", { { 3, 5, 1 } }, 1, "3-5:1" },
		{ "order does not matter", { { 7, 8, 1 }, { 3, 5, 1 } }, 2, "3-5:1 7-8:1" },
		{ "neighbours of one row join", { { 3, 5, 1 }, { 6, 9, 1 } }, 2, "3-9:1" },
		{ "neighbours of two rows do not", { { 3, 5, 1 }, { 6, 9, 2 } }, 2, "3-5:1 6-9:2" },
		{ "overlaps carry both rows", { { 1, 5, 1 }, { 3, 9, 2 } }, 2, "1-2:1 3-5:3 6-9:2" },
		{ "one inside another", { { 1, 9, 1 }, { 4, 4, 2 } }, 2, "1-3:1 4-4:3 5-9:1" },
		{ "overlaps within one row", { { 1, 5, 1 }, { 2, 3, 1 }, { 5, 7, 1 } }, 3, "1-7:1" },
		{ "the ends of the numbers", { { 0, UINT64_MAX, 1 }, { UINT64_MAX, UINT64_MAX, 2 } }, 2,
		  "0-fffffffffffffffe:1 ffffffffffffffff-ffffffffffffffff:3" },
		{ "the last row", { { 1, 1, 1ULL << 63 } }, 1, "1-1:8000000000000000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct made made;
		char got[256];

		begin(&made);
		print_message("# %s\n", rows[i].shows);
		assert_int_equal(table_add_intervals(&made.output, rows[i].in, rows[i].count, 0, &made.table), 0);
		print_intervals(&made, got, sizeof(got));
		assert_string_equal(got, rows[i].want);
		end(&made);
	}
}

static void every_interval_of_many_is_found(void **state)
{
	enum { COUNT = 5000 };
	static struct abi_interval in[COUNT];
	struct made made;

	(void)state;
	for (uint64_t n = 0; n < COUNT; n++)
		in[n] = (struct abi_interval){ n * 10, n * 10 + 4, 1ULL << n % 64 };
	begin(&made);
	assert_int_equal(table_add_intervals(&made.output, in, COUNT, 0, &made.table), 0);
	for (uint64_t n = 0; n < COUNT; n++) {
		assert_int_equal(match_intervals(as_image(&made), made.table, n * 10), 1ULL << n % 64);
		assert_int_equal(match_intervals(as_image(&made), made.table, n * 10 + 4), 1ULL << n % 64);
		assert_int_equal(match_intervals(as_image(&made), made.table, n * 10 + 5), 0);
	}
	end(&made);
}

static void too_many_intervals_are_refused(void **state)
{
	enum { COUNT = ABI_INTERVALS_MAX + 1 };
	static struct abi_interval in[COUNT];
	struct made made;

	(void)state;
	for (uint64_t n = 0; n < COUNT; n++)
		in[n] = (struct abi_interval){ n * 2, n * 2, 1 };
	begin(&made);
	assert_int_equal(table_add_intervals(&made.output, in, COUNT - 1, 0, &made.table), 0);
	assert_int_equal(table_add_intervals(&made.output, in, COUNT, 0, &made.table), -E2BIG);
	assert_string_equal(made.output.reason, "65537 intervals in one table, at most 65536 fit");
	end(&made);
}

static void networks_go_where_their_family_is(void **state)
{
	static const struct table_network in[] = {
		{ 4, 8, { 10 }, 1 }, { 4, 32, { 192, 168, 1, 1 }, 2 }, { 6, 10, { 0xfe, 0x80 }, 4 }, { 4, 0, { 0 }, 8 },
	};
	const uint64_t mapped = 0xffff00000000ULL;
	const struct abi_address_table *table;
	struct match_image image;
	struct made made;

	(void)state;
	begin(&made);
	assert_int_equal(table_add_addresses(&made.output, in, 4, &made.table), 0);
	image = as_image(&made);
	table = (const void *)(made.image.bytes + made.table);
	assert_int_equal(match_intervals(image, table->v4, 0x0a010203), 9);
	assert_int_equal(match_intervals(image, table->v4, 0xc0a80101), 10);
	assert_int_equal(match_intervals(image, table->v4, 0xffffffff), 8);
	assert_int_equal(match_intervals128(image, table->v6, 0, mapped | 0x0a010203), 9);
	assert_int_equal(match_intervals128(image, table->v6, 0, 0x0a010203), 0);
	assert_int_equal(match_intervals128(image, table->v6, 0xfe80000000000000ULL, 1), 4);
	assert_int_equal(match_intervals128(image, table->v6, 0xfebfffffffffffffULL, UINT64_MAX), 4);
	assert_int_equal(match_intervals128(image, table->v6, 0xfec0000000000000ULL, 0), 0);
	end(&made);
}

/* Longest probe, and whether every pattern is within reach of its hash. */
static void check_reach(const struct made *made, size_t patterns)
{
	const struct abi_string_table *table = (const void *)(made->image.bytes + made->table);
	const struct abi_string_bucket *buckets = (const void *)(made->image.bytes + table->buckets);
	size_t found = 0;

	for (uint32_t n = 0; n <= table->bucket_mask; n++) {
		if (!buckets[n].kind)
			continue;
		found++;
		assert_true(((n - (uint32_t)buckets[n].hash) & table->bucket_mask) < ABI_STRING_PROBES_MAX);
	}
	assert_int_equal(found, patterns);
	assert_true((table->bucket_mask + 1) <= (patterns ? patterns * 4 : 1));
}

static void strings_of_any_number_fit(void **state)
{
	static const size_t counts[] = { 0, 1, 2, 3, 7, 64, 500, 3000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		struct table_pattern *in;
		struct made made;

		begin(&made);
		in = arena_array(&made.arena, struct table_pattern, counts[i]);
		for (size_t n = 0; n < counts[i]; n++) {
			const char *bytes = arena_format(&made.arena, "/some/path/%zu", n);

			in[n] = (struct table_pattern){ ABI_STRING_EXACT, (uint32_t)strlen(bytes), bytes, 1 };
		}
		assert_int_equal(table_add_strings(&made.output, in, counts[i], &made.table), 0);
		check_reach(&made, counts[i]);
		end(&made);
	}
}

static void equal_patterns_share_a_bucket(void **state)
{
	static const struct table_pattern in[] = {
		{ ABI_STRING_PREFIX, 1, "a", 1 }, { ABI_STRING_PREFIX, 1, "a", 4 }, { ABI_STRING_POSTFIX, 1, "a", 2 },
		{ ABI_STRING_EXACT, 0, "", 8 }, { ABI_STRING_PREFIX, 0, "", 16 }, { ABI_STRING_POSTFIX, 0, "", 32 },
	};
	const struct abi_string_table *table;
	struct made made;

	(void)state;
	begin(&made);
	assert_int_equal(table_add_strings(&made.output, in, 6, &made.table), 0);
	check_reach(&made, 3);
	table = (const void *)(made.image.bytes + made.table);
	assert_int_equal(table->exact_rows, 8);
	assert_int_equal(table->postfix_rows, 2);
	assert_int_equal(table->always_rows, 48);
	assert_int_equal(table->prefix_count, 1);
	assert_int_equal(table->postfix_count, 1);
	end(&made);
}

static void too_many_lengths_are_refused(void **state)
{
	static char bytes[400];
	struct table_pattern in[300];
	struct made made;

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	for (uint32_t n = 0; n < 300; n++)
		in[n] = (struct table_pattern){ ABI_STRING_PREFIX, n + 1, bytes, 1 };
	begin(&made);
	assert_int_equal(table_add_strings(&made.output, in, 256, &made.table), 0);
	assert_int_equal(table_add_strings(&made.output, in, 257, &made.table), -E2BIG);
	assert_non_null(strstr(made.output.reason, "257 different lengths"));
	end(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_are_split_where_rows_change),
		cmocka_unit_test(every_interval_of_many_is_found),
		cmocka_unit_test(too_many_intervals_are_refused),
		cmocka_unit_test(networks_go_where_their_family_is),
		cmocka_unit_test(strings_of_any_number_fit),
		cmocka_unit_test(equal_patterns_share_a_bucket),
		cmocka_unit_test(too_many_lengths_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

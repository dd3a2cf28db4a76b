// SPDX-License-Identifier: Apache-2.0
/* test_tables.c - look-up tables, built and looked up as match.h does, against lists that are searched one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bpf-templates/match.h"
#include "compiler/image/verify.h"
#include "compiler/tables/tables.h"
#include "tests/unit/random.h"

/* ---- An image of nothing but tables ---- */

struct tables {
	struct arena arena;
	struct buffer image;
	struct table_output output;
	uint32_t at;			/* of the table that was built last */
	struct match_native matcher;
};

static void tables_init(struct tables *tables)
{
	memset(tables, 0, sizeof(*tables));
	buffer_reserve(&tables->image, sizeof(struct abi_image));
	tables->output = (struct table_output){ &tables->arena, &tables->image, NULL };
}

static void tables_release(struct tables *tables)
{
	buffer_release(&tables->image);
	arena_release(&tables->arena);
}

static struct match_image image_of(const struct tables *tables)
{
	return (struct match_image){ (const uint8_t *)tables->image.bytes, tables->image.length };
}

/* What was built must be what image_verify takes. */
static void assert_verified(struct tables *tables, int (*check)(struct verify *, uint32_t))
{
	struct abi_image *header = (void *)tables->image.bytes;
	char message[256] = "";
	struct verify verify = { .bytes = (const uint8_t *)tables->image.bytes, .size = tables->image.length,
				 .header = header, .message = message };

	header->sections[ABI_SECTION_TABLES] = (struct abi_section){
		sizeof(*header), (uint32_t)(tables->image.length - sizeof(*header))
	};
	verify.words = calloc(tables->image.length / 8 + 1, 1);
	if (check(&verify, tables->at))
		fail_msg("%s", message);
	free(verify.words);
}

static uint64_t some_rows(void)
{
	return one_in(8) ? ~0ULL : one_in(4) ? random_word() : 1ULL << pick(64);
}

/* ---- Numbers ---- */

enum { LIST_MAX = 60 };

static uint64_t naive_number(const struct abi_interval *list, size_t count, uint64_t value)
{
	uint64_t rows = 0;

	for (size_t n = 0; n < count; n++)
		if (value >= list[n].low && value <= list[n].high)
			rows |= list[n].rows;
	return rows;
}

static void build_intervals(struct tables *tables, const struct abi_interval *list, size_t count, uint32_t flags)
{
	tables_init(tables);
	assert_int_equal(table_add_intervals(&tables->output, list, count, flags, &tables->at), 0);
	assert_verified(tables, verify_intervals);
}

/* `value` in the order of the bounds: flipped, when they are of signed numbers. */
static void assert_number(const struct tables *tables, const struct abi_interval *list, size_t count, uint32_t flags,
			  uint64_t value)
{
	uint64_t number = flags ? value ^ 1ULL << 63 : value;
	uint64_t got = match_intervals(image_of(tables), tables->at, number), want = naive_number(list, count, value);

	if (got != want)
		fail_msg("0x%llx has rows 0x%llx, not 0x%llx", (unsigned long long)value, (unsigned long long)got,
			 (unsigned long long)want);
}

/* No two neighbours that could be one. */
static void assert_fewest(const struct tables *tables)
{
	const struct abi_interval_table *table = (const void *)(tables->image.bytes + tables->at);
	const struct abi_interval *intervals = (const void *)(table + 1);

	for (uint32_t n = 1; n < table->count; n++)
		assert_true(intervals[n - 1].high + 1 < intervals[n].low || intervals[n - 1].rows != intervals[n].rows);
}

static uint64_t some_bound(void)
{
	return one_in(3) ? pick(40) : one_in(2) ? UINT64_MAX - pick(40) : one_in(2) ? random_word() : (1ULL << 63) - 20 + pick(40);
}

static void random_intervals_answer_like_a_list(void **state)
{
	struct abi_interval list[LIST_MAX];
	struct tables tables;

	(void)state;
	random_state = 0x1f2e3d4c;
	for (int round = 0; round < 3000; round++) {
		size_t count = pick(one_in(4) ? LIST_MAX : 6);
		uint32_t flags = one_in(2) ? ABI_INTERVALS_SIGNED : 0;

		for (size_t n = 0; n < count; n++) {
			uint64_t a = some_bound(), b = one_in(3) ? a : some_bound();

			list[n] = (struct abi_interval){ a < b ? a : b, a < b ? b : a, some_rows() };
		}
		build_intervals(&tables, list, count, flags);
		assert_fewest(&tables);
		for (size_t n = 0; n < count; n++)
			for (uint64_t step = 0; step < 3; step++) {
				assert_number(&tables, list, count, flags, list[n].low + step - 1);
				assert_number(&tables, list, count, flags, list[n].high + step - 1);
			}
		for (int n = 0; n < 20; n++)
			assert_number(&tables, list, count, flags, some_bound());
		tables_release(&tables);
	}
}

static void intervals_at_the_edges(void **state)
{
	static const struct { const char *shows; size_t count; struct abi_interval list[4]; uint32_t want; } rows[] = {
		{ "nothing", 0, { { 0 } }, 0 },
		{ "everything", 1, { { 0, UINT64_MAX, 1 } }, 1 },
		{ "everything, in two halves", 2, { { 0, 1ULL << 63, 1 }, { (1ULL << 63) + 1, UINT64_MAX, 1 } }, 1 },
		{ "everything of one row, a point of another", 2, { { 0, UINT64_MAX, 1 }, { 7, 7, 2 } }, 3 },
		{ "the first and the last number", 2, { { 0, 0, 1 }, { UINT64_MAX, UINT64_MAX, 1ULL << 63 } }, 2 },
		{ "the same twice", 2, { { 5, 9, 4 }, { 5, 9, 4 } }, 1 },
		{ "the same of two rows", 2, { { 5, 9, 4 }, { 5, 9, 8 } }, 1 },
		{ "one inside the other", 2, { { 5, 9, 4 }, { 6, 7, 4 } }, 1 },
		{ "neighbours", 3, { { 5, 9, 1 }, { 10, 10, 1 }, { 11, 20, 1 } }, 1 },
		{ "neighbours of different rows", 2, { { 5, 9, 1 }, { 10, 20, 2 } }, 2 },
		{ "one that ends where another begins", 2, { { 5, 9, 1 }, { 9, 20, 2 } }, 3 },
		{ "all rows at once", 1, { { 1, 1, UINT64_MAX } }, 1 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct tables tables;
		const struct abi_interval_table *table;

		build_intervals(&tables, rows[n].list, rows[n].count, 0);
		table = (const void *)(tables.image.bytes + tables.at);
		if (table->count != rows[n].want)
			fail_msg("%s: %u intervals, not %u", rows[n].shows, table->count, rows[n].want);
		for (uint64_t value = 0; value < 25; value++)
			assert_number(&tables, rows[n].list, rows[n].count, 0, value);
		for (uint64_t value = UINT64_MAX - 3; value; value++)
			assert_number(&tables, rows[n].list, rows[n].count, 0, value);
		tables_release(&tables);
	}
}

static void too_many_intervals_are_refused(void **state)
{
	struct abi_interval *list = calloc(ABI_INTERVALS_MAX + 1, sizeof(*list));
	struct tables tables;

	(void)state;
	for (uint64_t n = 0; n <= ABI_INTERVALS_MAX; n++)
		list[n] = (struct abi_interval){ 2 * n, 2 * n, 1 };
	tables_init(&tables);
	assert_int_equal(table_add_intervals(&tables.output, list, ABI_INTERVALS_MAX, 0, &tables.at), 0);
	assert_int_equal(table_add_intervals(&tables.output, list, ABI_INTERVALS_MAX + 1, 0, &tables.at), -E2BIG);
	assert_string_equal(tables.output.reason, "65537 intervals in one table, at most 65536 fit");
	list[ABI_INTERVALS_MAX].low = list[ABI_INTERVALS_MAX].high = 1;	/* fills a gap: one less */
	assert_int_equal(table_add_intervals(&tables.output, list, ABI_INTERVALS_MAX + 1, 0, &tables.at), 0);
	tables_release(&tables);
	free(list);
}

/* ---- Addresses ---- */

static bool network_holds(const struct table_network *network, unsigned int family, const uint8_t *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, 0xff };
	const uint8_t *bytes = address;

	if (family == 6 && network->family == 4) {
		if (memcmp(address, mapped, sizeof(mapped)))
			return false;
		bytes = address + 12;
	} else if (family != network->family) {
		return false;
	}
	for (unsigned int bit = 0; bit < network->prefix; bit++)
		if ((bytes[bit / 8] ^ network->address[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

static void assert_address(struct tables *tables, const struct table_network *list, size_t count, unsigned int family,
			   const uint8_t *address)
{
	uint64_t want = 0, got;

	for (size_t n = 0; n < count; n++)
		if (network_holds(&list[n], family, address))
			want |= list[n].rows;
	tables->matcher.state.image = image_of(tables);
	tables->matcher.state.data_used = 0;
	assert_int_equal(match_put_address(&tables->matcher.state, 0, family == 4 ? MATCH_AF_INET : MATCH_AF_INET6, 0, address), 0);
	got = match_address_rows(&tables->matcher.state, tables->at, family == 4 ? MATCH_AF_INET : MATCH_AF_INET6,
				 match_part(&tables->matcher.state, 0, ABI_PART_SOURCE));
	if (got != want)
		fail_msg("IPv%u %u.%u.%u.%u: rows 0x%llx, not 0x%llx", family, address[0], address[1], address[2], address[3],
			 (unsigned long long)got, (unsigned long long)want);
}

static void some_address(unsigned int family, uint8_t address[16])
{
	memset(address, one_in(3) ? 0xff : 0, 16);
	if (family == 6 && one_in(2)) {
		memset(address, 0, 10);
		memset(address + 10, 0xff, 2);
		address += 12;
		family = 4;
	}
	for (unsigned int n = 0; n < (family == 4 ? 4 : 16); n++)
		if (one_in(3))
			address[n] = (uint8_t)random_word();
}

/* The last address of a network, and the one behind it; back to the start when it was the last of all. */
static void end_of(const struct table_network *network, uint8_t last[16], uint8_t next[16])
{
	unsigned int bits = network->family == 4 ? 32 : 128;

	memcpy(last, network->address, 16);
	for (unsigned int bit = network->prefix; bit < bits; bit++)
		last[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	memcpy(next, last, 16);
	for (unsigned int n = bits / 8; n-- && !++next[n];)
		continue;
}

static void random_networks_answer_like_a_list(void **state)
{
	struct table_network list[LIST_MAX];
	struct tables tables;
	uint8_t address[16], last[16];

	(void)state;
	random_state = 0x55aa;
	for (int round = 0; round < 2000; round++) {
		size_t count = pick(one_in(4) ? LIST_MAX : 5);

		for (size_t n = 0; n < count; n++) {
			list[n].family = one_in(2) ? 4 : 6;
			list[n].prefix = (uint8_t)pick(list[n].family == 4 ? 33 : 129);
			list[n].rows = some_rows();
			some_address(list[n].family, list[n].address);
		}
		tables_init(&tables);
		assert_int_equal(table_add_addresses(&tables.output, list, count, &tables.at), 0);
		assert_verified(&tables, verify_addresses);
		for (size_t n = 0; n < count; n++) {
			assert_address(&tables, list, count, list[n].family, list[n].address);
			end_of(&list[n], last, address);
			assert_address(&tables, list, count, list[n].family, last);
			assert_address(&tables, list, count, list[n].family, address);
		}
		for (unsigned int n = 0; n < 20; n++) {
			unsigned int family = n & 1 ? 4 : 6;

			some_address(family, address);
			assert_address(&tables, list, count, family, address);
		}
		tables_release(&tables);
	}
}

static void networks_of_everything(void **state)
{
	static const struct table_network everything[] = { { 4, 0, { 0 }, 1 }, { 6, 0, { 0 }, 2 } };
	static const uint8_t zeros[16], ones[16] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
	struct tables tables;

	(void)state;
	for (size_t count = 0; count <= 2; count++) {
		tables_init(&tables);
		assert_int_equal(table_add_addresses(&tables.output, everything, count, &tables.at), 0);
		assert_verified(&tables, verify_addresses);
		for (unsigned int family = 4; family <= 6; family += 2) {
			assert_address(&tables, everything, count, family, zeros);
			assert_address(&tables, everything, count, family, ones);
		}
		tables_release(&tables);
	}
}

/* ---- Strings ---- */

static bool pattern_holds(const struct table_pattern *pattern, const char *bytes, size_t length)
{
	if (pattern->length > length || (pattern->kind == ABI_STRING_EXACT && pattern->length != length))
		return false;
	return !pattern->length ||
	       !memcmp(pattern->kind == ABI_STRING_POSTFIX ? bytes + length - pattern->length : bytes, pattern->bytes, pattern->length);
}

/* A string of more than 4095 bytes loses its end: no exact pattern holds, and what a postfix says is not known. */
static void assert_string(struct tables *tables, const struct table_pattern *list, size_t count, const char *bytes,
			  size_t length)
{
	bool cut = length > ABI_PATTERN_MAX;
	uint64_t want = 0, unknown = 0, got;

	for (size_t n = 0; n < count; n++) {
		bool postfix = list[n].kind == ABI_STRING_POSTFIX && list[n].length;

		if (!(cut && postfix) && pattern_holds(&list[n], bytes, length))
			want |= list[n].rows;
		if (cut && postfix)
			unknown |= list[n].rows;
	}
	tables->matcher.state.image = image_of(tables);
	tables->matcher.state.data_used = 0;
	tables->matcher.state.slots_cut = 0;
	assert_int_equal(match_put_bytes(&tables->matcher.state, 0, bytes, length, MATCH_WHOLE), 0);
	match_find_string(&tables->matcher.state, tables->at, 0, 0);
	got = tables->matcher.state.rows[0];
	if (got != want || tables->matcher.state.unknown[0] != (unknown & ~want))
		fail_msg("'%.60s' of %zu bytes: rows 0x%llx, not 0x%llx", bytes, length, (unsigned long long)got,
			 (unsigned long long)want);
}

static void build_strings(struct tables *tables, const struct table_pattern *list, size_t count)
{
	tables_init(tables);
	assert_int_equal(table_add_strings(&tables->output, list, count, &tables->at), 0);
	assert_verified(tables, verify_strings);
}

/* Few different bytes, NUL among them, and lengths around those of words. */
static struct table_pattern some_pattern(struct arena *arena)
{
	size_t length = one_in(40) ? 4080 + pick(16) : one_in(3) ? pick(3) : pick(20);
	char *bytes = arena_alloc(arena, length + 1, 1);

	for (size_t n = 0; n < length; n++)
		bytes[n] = "ab\0/"[one_in(3) ? pick(4) : 0];
	return (struct table_pattern){ ABI_STRING_EXACT + pick(3), (uint32_t)length, bytes, some_rows() };
}

/* The pattern itself, a byte more at either end, a byte less, and one byte changed. */
static void assert_around(struct tables *tables, const struct table_pattern *list, size_t count,
			  const struct table_pattern *pattern)
{
	char text[ABI_STRING_MAX + 2];
	size_t length = pattern->length;

	memcpy(text + 1, pattern->bytes, length);
	text[0] = text[length + 1] = 'a';
	for (size_t from = 0; from <= 1; from++)
		for (size_t more = 0; more <= 1; more++)
			assert_string(tables, list, count, text + from, length + 1 - from + more);
	if (!length)
		return;
	assert_string(tables, list, count, text + 1, length - 1);
	assert_string(tables, list, count, text + 2, length - 1);
	text[1 + pick((unsigned int)length)] ^= 1;
	assert_string(tables, list, count, text + 1, length);
}

static void random_patterns_answer_like_a_list(void **state)
{
	struct table_pattern list[LIST_MAX], other;
	struct arena arena = { 0 };
	struct tables tables;

	(void)state;
	random_state = 0xfeed;
	for (int round = 0; round < 1500; round++) {
		size_t count = pick(one_in(3) ? LIST_MAX : 6);

		for (size_t n = 0; n < count; n++) {
			list[n] = n && one_in(8) ? list[pick((unsigned int)n)] : some_pattern(&arena);
			list[n].rows = some_rows();
		}
		build_strings(&tables, list, count);
		for (size_t n = 0; n < count; n++)
			assert_around(&tables, list, count, &list[n]);
		for (int n = 0; n < 10; n++) {
			other = some_pattern(&arena);
			assert_string(&tables, list, count, other.bytes, other.length);
		}
		tables_release(&tables);
		arena_release(&arena);
	}
}

static void strings_at_the_edges(void **state)
{
	static char longest[ABI_STRING_MAX + 100];
	const struct table_pattern list[] = {
		{ ABI_STRING_EXACT, 0, "", 1 }, { ABI_STRING_PREFIX, 0, "", 2 }, { ABI_STRING_POSTFIX, 0, "", 4 },
		{ ABI_STRING_EXACT, 1, "x", 8 }, { ABI_STRING_PREFIX, 1, "x", 8 }, { ABI_STRING_POSTFIX, 1, "x", 8 },
		{ ABI_STRING_EXACT, ABI_PATTERN_MAX, longest, 16 }, { ABI_STRING_PREFIX, ABI_PATTERN_MAX, longest, 32 },
		{ ABI_STRING_POSTFIX, ABI_PATTERN_MAX, longest, 64 }, { ABI_STRING_PREFIX, ABI_PATTERN_MAX - 1, longest, 128 },
		{ ABI_STRING_PREFIX, 8, longest, 256 }, { ABI_STRING_PREFIX, 16, longest, 512 },
	};
	const size_t count = sizeof(list) / sizeof(*list);
	struct tables tables;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	for (size_t few = 0; few <= count; few++) {
		build_strings(&tables, list, few);
		for (size_t length = 0; length < 40; length++)
			assert_string(&tables, list, few, longest, length);
		for (size_t length = ABI_PATTERN_MAX - 3; length < ABI_STRING_MAX + 50; length++)
			assert_string(&tables, list, few, longest, length);
		tables_release(&tables);
	}
}

/* Every prefix of one string, and every postfix, up to as many lengths as there may be. */
static void patterns_inside_each_other(void **state)
{
	static char text[ABI_STRING_LENGTHS_MAX + 1];
	struct table_pattern list[2 * ABI_STRING_LENGTHS_MAX + 1];
	struct tables tables;
	size_t count = 0;

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++)
		text[n] = (char)('a' + n * n % 26);
	for (uint32_t n = 1; n <= ABI_STRING_LENGTHS_MAX; n++) {
		list[count++] = (struct table_pattern){ ABI_STRING_PREFIX, n, text, 1ULL << n % 64 };
		list[count++] = (struct table_pattern){ ABI_STRING_POSTFIX, n, text + sizeof(text) - n, 1ULL << (n + 1) % 64 };
	}
	build_strings(&tables, list, count);
	for (size_t n = 0; n < sizeof(text); n++) {
		assert_string(&tables, list, count, text, n);
		assert_string(&tables, list, count, text + n, sizeof(text) - n);
	}
	list[count++] = (struct table_pattern){ ABI_STRING_POSTFIX, sizeof(text), text, 1 };
	assert_int_equal(table_add_strings(&tables.output, list, count, &tables.at), -E2BIG);
	assert_string_equal(tables.output.reason,
			    "257 different lengths of prefixes or postfixes in one table, at most 256 fit");
	tables_release(&tables);
}

/* `count` different strings of 6 letters. */
static struct table_pattern *many(struct arena *arena, size_t count)
{
	struct table_pattern *list = arena_array(arena, struct table_pattern, count);

	for (size_t n = 0; n < count; n++)
		list[n] = (struct table_pattern){ ABI_STRING_EXACT, 6, arena_format(arena, "%06zx", n), 1ULL << n % 64 };
	return list;
}

static void many_strings_are_found_and_more_are_refused(void **state)
{
	const size_t largest = ABI_HALF_SIZE / sizeof(struct abi_string_bucket);
	struct arena arena = { 0 };
	struct table_pattern *list = many(&arena, largest + 1);
	struct tables tables;

	(void)state;
	build_strings(&tables, list, 4000);
	for (size_t n = 0; n < 5000; n++) {
		tables.matcher.state.image = image_of(&tables);
		tables.matcher.state.data_used = 0;
		match_put_bytes(&tables.matcher.state, 0, list[n].bytes, 6, MATCH_WHOLE);
		match_find_string(&tables.matcher.state, tables.at, 0, 0);
		assert_true(tables.matcher.state.rows[0] == (n < 4000 ? list[n].rows : 0));
	}
	assert_int_equal(table_add_strings(&tables.output, list, largest + 1, &tables.at), -E2BIG);
	assert_string_equal(tables.output.reason, "131073 strings in one table do not fit");
	tables_release(&tables);
	arena_release(&arena);
}

/* The order in which members come does not show. */
static void the_same_members_give_the_same_bytes(void **state)
{
	struct table_pattern patterns[20], shuffled[20];
	struct arena arena = { 0 };
	struct tables one, two;

	(void)state;
	random_state = 77;
	for (int round = 0; round < 200; round++) {
		for (size_t n = 0; n < 20; n++)
			patterns[n] = shuffled[n] = some_pattern(&arena);
		for (unsigned int n = 19; n; n--) {
			unsigned int other = pick(n + 1);
			struct table_pattern kept = shuffled[n];

			shuffled[n] = shuffled[other];
			shuffled[other] = kept;
		}
		build_strings(&one, patterns, 20);
		build_strings(&two, shuffled, 20);
		assert_int_equal(one.image.length, two.image.length);
		assert_memory_equal(one.image.bytes, two.image.bytes, one.image.length);
		tables_release(&one);
		tables_release(&two);
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_intervals_answer_like_a_list),
		cmocka_unit_test(intervals_at_the_edges),
		cmocka_unit_test(too_many_intervals_are_refused),
		cmocka_unit_test(random_networks_answer_like_a_list),
		cmocka_unit_test(networks_of_everything),
		cmocka_unit_test(random_patterns_answer_like_a_list),
		cmocka_unit_test(strings_at_the_edges),
		cmocka_unit_test(patterns_inside_each_other),
		cmocka_unit_test(many_strings_are_found_and_more_are_refused),
		cmocka_unit_test(the_same_members_give_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

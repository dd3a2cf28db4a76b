// SPDX-License-Identifier: Apache-2.0
/* test_substrings.c - automata against strings that are searched byte by byte, and how large they get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/automata.h"
#include "tests/unit/random.h"

static int build(struct automaton *ret, const struct table_pattern *patterns, size_t count)
{
	return automaton_build(ret, table_add_substrings, patterns, count);
}

static void assert_verified(struct automaton *automaton)
{
	char message[256] = "";

	if (!automaton_is_verified(automaton, message))
		fail_msg("%s", message);
}

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool is_at(const struct table_pattern *pattern, const char *bytes)
{
	for (uint32_t n = 0; n < pattern->length; n++) {
		int a = (unsigned char)pattern->bytes[n], b = (unsigned char)bytes[n];

		if (a != b && !(pattern->kind == ABI_SUBSTRING_ANY_CASE && lower(a) == lower(b)))
			return false;
	}
	return true;
}

static uint64_t naive_rows(const struct table_pattern *patterns, size_t count, const char *bytes, size_t length)
{
	uint64_t rows = 0;

	for (size_t n = 0; n < count; n++)
		for (size_t at = 0; at + patterns[n].length <= length; at++)
			if (is_at(&patterns[n], bytes + at))
				rows |= patterns[n].rows;
	return rows;
}

static void assert_found(struct automaton *automaton, const struct table_pattern *patterns, size_t count,
			 const char *bytes, size_t length, enum match_cut cut)
{
	const uint64_t want = naive_rows(patterns, count, bytes, length), not_known = cut == MATCH_WHOLE ? 0 : ~want;
	uint64_t unknown, rows = automaton_rows(automaton, bytes, length, cut, &unknown);

	if (rows != want || unknown != not_known)
		fail_msg("'%.*s' has rows 0x%llx, not 0x%llx", (int)length, bytes, (unsigned long long)rows, (unsigned long long)want);
}

/* Few letters, so that patterns lie inside each other and begin like the ends of others; now and then any bytes. */
static void some_bytes(char *bytes, size_t length)
{
	static const char letters[] = "abAB/.";
	bool any = one_in(8);

	for (size_t n = 0; n < length; n++)
		bytes[n] = any ? (char)random_word() : letters[pick(one_in(3) ? 6 : 2)];
}

static void random_substrings_answer_like_a_list(void **state)
{
	enum { PATTERNS = 40, STRING = 200 };
	static char texts[PATTERNS][24];
	struct table_pattern patterns[PATTERNS];

	(void)state;
	random_state = 0x5ab5;
	for (int round = 0; round < 3000; round++) {
		size_t count = 1 + pick(one_in(4) ? PATTERNS : 5);
		uint32_t kind = one_in(2) ? ABI_SUBSTRING : ABI_SUBSTRING_ANY_CASE;
		struct automaton automaton;

		for (size_t n = 0; n < count; n++) {
			uint32_t length = 1 + pick(one_in(4) ? 24 : 4);

			some_bytes(texts[n], length);
			patterns[n] = (struct table_pattern){ kind, length, texts[n], 1ULL << pick(64) };
		}
		assert_int_equal(build(&automaton, patterns, count), 0);
		assert_verified(&automaton);
		for (int n = 0; n < 10; n++) {
			char bytes[STRING];
			size_t length = pick(one_in(3) ? STRING : 12);

			some_bytes(bytes, length);
			assert_found(&automaton, patterns, count, bytes, length, one_in(8) ? (enum match_cut)(1 + pick(2)) : MATCH_WHOLE);
		}
		automaton_release(&automaton);
	}
}

static void edges(void **state)
{
	static char all[256], longest[ABI_STRING_MAX], other[ABI_STRING_MAX];
	const struct table_pattern every_byte[] = { { ABI_SUBSTRING, 256, all, 1 }, { ABI_SUBSTRING, 1, "\xff", 2 } };
	const struct table_pattern very_long[] = { { ABI_SUBSTRING, ABI_PATTERN_MAX, longest, 1 }, { ABI_SUBSTRING, 3, "aab", 2 } };
	struct automaton automaton;

	(void)state;
	for (int n = 0; n < 256; n++)
		all[n] = (char)n;
	assert_int_equal(build(&automaton, every_byte, 2), 0);
	assert_verified(&automaton);
	assert_found(&automaton, every_byte, 2, all, 256, MATCH_WHOLE);
	assert_found(&automaton, every_byte, 2, all, 255, MATCH_WHOLE);
	assert_found(&automaton, every_byte, 2, "", 0, MATCH_WHOLE);
	automaton_release(&automaton);
	memset(longest, 'a', sizeof(longest));
	assert_int_equal(build(&automaton, very_long, 2), 0);
	assert_found(&automaton, very_long, 2, longest, ABI_PATTERN_MAX, MATCH_WHOLE);
	memset(other, 'a', sizeof(other));
	other[ABI_PATTERN_MAX - 1] = 'b';
	assert_found(&automaton, very_long, 2, other, ABI_PATTERN_MAX, MATCH_WHOLE);
	automaton_release(&automaton);
}

/* Thousands of patterns fit, in little more than two cells for each byte of them; what cannot fit is refused. */
static void many_substrings(void **state)
{
	enum { COUNT = 2000, LENGTH = 12 };
	static char texts[COUNT][LENGTH];
	static struct table_pattern patterns[COUNT];
	static char huge[ABI_HALF_SIZE];
	const struct table_pattern too_long = { ABI_SUBSTRING, sizeof(huge), huge, 1 };
	struct automaton automaton;

	(void)state;
	random_state = 4;
	for (size_t n = 0; n < COUNT; n++) {
		for (size_t i = 0; i < LENGTH; i++)
			texts[n][i] = (char)('a' + pick(26));
		patterns[n] = (struct table_pattern){ ABI_SUBSTRING, LENGTH, texts[n], 1ULL << n % 64 };
	}
	assert_int_equal(build(&automaton, patterns, COUNT), 0);
	assert_verified(&automaton);
	print_message("# %d patterns of %d bytes: %zu bytes\n", COUNT, LENGTH, automaton.image.length);
	assert_true(automaton.image.length < COUNT * LENGTH * (sizeof(struct abi_state) + 3 * sizeof(struct abi_cell)));
	for (size_t n = 0; n < COUNT; n += 37)
		assert_found(&automaton, patterns, COUNT, texts[n], LENGTH, MATCH_WHOLE);
	automaton_release(&automaton);
	assert_int_equal(build(&automaton, &too_long, 1), -E2BIG);
	assert_non_null(automaton.output.reason);
	automaton_release(&automaton);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_substrings_answer_like_a_list),
		cmocka_unit_test(edges),
		cmocka_unit_test(many_substrings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

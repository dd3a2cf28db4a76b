// SPDX-License-Identifier: Apache-2.0
/*
 * lengths.c - how many different lengths of prefixes and of postfixes one table has; see merge.h.
 *
 * A look-up asks once for each, so a table has room for ABI_STRING_LENGTHS_MAX of either.  Sets that would bring more go to
 * another table; one that has more by itself is cut into several, of which one has to hold the value.
 */
#include "compiler/link/merge.h"

enum { PREFIXES, POSTFIXES };

_Static_assert(ABI_STRING_MAX == 64 * LENGTH_WORDS, "a bit for each length that a pattern can have");

/* Whose length counts: the empty prefix and postfix are not looked up. */
static bool counts(const struct ir_pattern *pattern)
{
	return pattern->length && (pattern->kind == ABI_STRING_PREFIX || pattern->kind == ABI_STRING_POSTFIX);
}

static int side_of(const struct ir_pattern *pattern)
{
	return pattern->kind == ABI_STRING_PREFIX ? PREFIXES : POSTFIXES;
}

void lengths_add(struct merged_lengths *lengths, const struct ir_predicate *predicate)
{
	for (size_t n = 0; n < predicate->patterns.count; n++) {
		const struct ir_pattern *pattern = &predicate->patterns.items[n];
		const uint64_t bit = 1ULL << pattern->length % 64;

		if (counts(pattern))
			lengths->words[side_of(pattern)][pattern->length / 64] |= bit;
	}
}

/* How many lengths are smaller. */
static uint32_t count_below(const struct merged_lengths *lengths, int side, uint32_t length)
{
	uint32_t count = 0;

	for (uint32_t n = 0; n < length / 64; n++)
		count += (uint32_t)__builtin_popcountll(lengths->words[side][n]);
	if (length % 64)
		count += (uint32_t)__builtin_popcountll(lengths->words[side][length / 64] & ((1ULL << length % 64) - 1));
	return count;
}

static uint32_t count_most(const struct merged_lengths *lengths)
{
	uint32_t prefixes = count_below(lengths, PREFIXES, ABI_STRING_MAX);
	uint32_t postfixes = count_below(lengths, POSTFIXES, ABI_STRING_MAX);

	return prefixes > postfixes ? prefixes : postfixes;
}

bool lengths_fit(const struct merged_lengths *lengths, const struct ir_predicate *predicate)
{
	struct merged_lengths both;

	if (!predicate->patterns.count)
		return true;
	both = *lengths;
	lengths_add(&both, predicate);
	return count_most(&both) <= ABI_STRING_LENGTHS_MAX;
}

/* ---- Sets that have too many by themselves ---- */

/* Of each side the first lengths go to the first part, and so on; what has no length that counts goes to the first, too. */
static uint32_t part_of(const struct merged_lengths *lengths, const struct ir_pattern *pattern)
{
	return counts(pattern) ? count_below(lengths, side_of(pattern), pattern->length) / ABI_STRING_LENGTHS_MAX : 0;
}

static struct ir_predicate *make_part(struct arena *arena, const struct merged_lengths *lengths,
				      const struct ir_predicate *predicate, uint32_t number)
{
	struct ir_predicate *part = arena_new(arena, struct ir_predicate);
	const struct ir_pattern_list *all = &predicate->patterns;

	*part = *predicate;
	part->negated = false;
	part->patterns = (struct ir_pattern_list){ arena_array(arena, struct ir_pattern, all->count), 0 };
	for (size_t n = 0; n < all->count; n++)
		if (part_of(lengths, &all->items[n]) == number)
			part->patterns.items[part->patterns.count++] = all->items[n];
	return part;
}

size_t lengths_split(struct arena *arena, const struct ir_predicate *predicate, struct ir_predicate ***ret)
{
	struct merged_lengths lengths = { { { 0 } } };
	uint32_t most, count;

	if (predicate->test != IR_STRINGS)
		return 1;
	lengths_add(&lengths, predicate);
	most = count_most(&lengths);
	if (most <= ABI_STRING_LENGTHS_MAX)
		return 1;
	count = (most + ABI_STRING_LENGTHS_MAX - 1) / ABI_STRING_LENGTHS_MAX;
	*ret = arena_array(arena, struct ir_predicate *, count);
	for (uint32_t n = 0; n < count; n++)
		(*ret)[n] = make_part(arena, &lengths, predicate, n);
	return count;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * first_component.c - the component of a path that the first test asks for: see first.h, and struct abi_first.
 *
 * The deepest component that all patterns have whole: a path in which it is another one than theirs, or that has fewer, is found by none of them.
 */
#include <string.h>

#include "compiler/image/first_parts.h"

enum {
	DEPTH_MAX = 16,		/* deeper ones are not asked for: the way there is loads */
	NAMES_MAX = 48,		/* different ones: of more, a filter of 256 bits lets too many through */
	BUCKETS_MAX = 8192,	/* of one table that are looked through */
};

/* The names that patterns have at a depth. */
struct names {
	uint32_t depth, count;
	uint64_t words[NAMES_MAX];
	uint8_t lengths[NAMES_MAX];
};

/* One component of a pattern. */
struct component { uint32_t start, length; };

static uint8_t byte_at(struct match_image image, uint64_t offset)
{
	return (uint8_t)(match_image64(image, offset & ~7ULL) >> (offset & 7) * 8);
}

/* The components that a pattern has whole, at most DEPTH_MAX: those before a slash, and the last one of a whole path. */
static uint32_t split_pattern(struct match_image image, uint32_t pattern, struct component ret[DEPTH_MAX])
{
	const uint64_t head = match_image64(image, pattern), bytes = pattern + sizeof(struct abi_pattern);
	const uint32_t length = (uint32_t)head, kind = (uint32_t)(head >> 32);
	uint32_t count = 0, start = 1;

	if (!first_is_from_front(image, pattern) || byte_at(image, bytes) != '/')
		return 0;
	for (uint32_t at = 1; at <= length && count < DEPTH_MAX; at++) {
		if (at == length ? kind != ABI_STRING_EXACT : byte_at(image, bytes + at) != '/')
			continue;
		if (at == start)
			break;	/* no path has an empty one */
		ret[count++] = (struct component){ start, at - start };
		start = at + 1;
	}
	return count;
}

static void narrow(struct match_image image, uint32_t pattern, struct names *names)
{
	struct component components[DEPTH_MAX];
	const uint32_t count = split_pattern(image, pattern, components);

	names->depth = count < names->depth ? count : names->depth;
}

/* Of its name at that depth. One that is longer than names can be is in no path. */
static void gather(struct match_image image, uint32_t pattern, struct names *names)
{
	struct component components[DEPTH_MAX], *component = &components[names->depth - 1];
	uint64_t word = 0;
	uint32_t n;

	split_pattern(image, pattern, components);
	if (component->length > ABI_NAME_MAX)
		return;
	for (uint32_t at = 0; at < component->length && at < sizeof(word); at++)
		word |= (uint64_t)byte_at(image, pattern + sizeof(struct abi_pattern) + component->start + at) << 8 * at;
	for (n = 0; n < names->count && n < NAMES_MAX; n++)
		if (names->words[n] == word && names->lengths[n] == component->length)
			return;
	if (n < NAMES_MAX) {
		names->words[n] = word;
		names->lengths[n] = (uint8_t)component->length;
	}
	names->count = n + 1;
}

/* False when the table has too many buckets. */
static bool each_pattern(struct match_image image, uint64_t table, struct names *names,
			 void (*visit)(struct match_image image, uint32_t pattern, struct names *names))
{
	const uint64_t buckets = first_bucket_count(image, table);

	for (uint64_t n = 0; n < buckets && buckets <= BUCKETS_MAX; n++) {
		const uint32_t pattern = first_pattern_in(image, table, n);

		if (pattern)
			visit(image, pattern, names);
	}
	return buckets <= BUCKETS_MAX;
}

/* A few names as they are; of more, bits of all. */
static void put_names(const struct names *names, struct abi_first *ret)
{
	ret->component = (uint8_t)names->depth;
	if (names->count <= ABI_FIRST_PATTERNS) {
		ret->component_count = (uint8_t)names->count;
		memcpy(ret->component_words, names->words, names->count * sizeof(*names->words));
		memcpy(ret->component_lengths, names->lengths, names->count);
		return;
	}
	for (uint32_t n = 0; n < names->count; n++) {
		const uint64_t hash = match_component_hash(names->lengths[n], names->words[n]);

		ret->component_words[MATCH_COMPONENT_WORD(hash)] |= match_component_bits(hash);
	}
}

void first_draw_component(struct match_image image, const uint64_t *tables, uint32_t count, struct abi_first *ret)
{
	struct names names = { .depth = DEPTH_MAX };

	for (uint32_t n = 0; n < count; n++)
		if (!each_pattern(image, tables[n], &names, narrow))
			return;
	if (!names.depth)
		return;
	for (uint32_t n = 0; n < count; n++)
		each_pattern(image, tables[n], &names, gather);
	if (names.count && names.count <= NAMES_MAX)
		put_names(&names, ret);
}

void first_forget_component(struct abi_first *ret)
{
	ret->component = 0;
	ret->component_count = 0;
	memset(ret->component_words, 0, sizeof(ret->component_words));
	memset(ret->component_lengths, 0, sizeof(ret->component_lengths));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* first_parts.h - what first.c and first_text.c, which draw the first test of a hook in turn, both read of its decision program. */
#ifndef COMPILER_IMAGE_FIRST_PARTS_H
#define COMPILER_IMAGE_FIRST_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf-templates/match.h"

enum { FIRST_RECORDS = 64 };	/* of a program that are looked at, from the test's first record on; what lies behind passes */

/* All offsets are of the image, and may be anything: what lies outside reads as zero. */
struct first_program {
	struct match_image image;
	uint64_t hook;
	uint32_t program;	/* its records */
};

static inline uint64_t first_record_at(const struct first_program *of, uint32_t pc)
{
	return of->program + pc * sizeof(struct abi_record);
}

static inline uint64_t first_slot_at(uint64_t hook, uint32_t number)
{
	return hook + offsetof(struct abi_hook, slots) + number * sizeof(struct abi_slot);
}

static inline bool first_ends_at(const struct first_program *of, uint32_t pc)
{
	return MATCH_RECORD_OP(match_image64(of->image, first_record_at(of, pc))) == ABI_OP_END;
}

/* An accept without return, with nothing to do but a plain Post. */
static inline bool first_only_posts(struct match_image image, uint64_t accept)
{
	return !match_image32(image, accept + offsetof(struct abi_accept, flags));
}

/* Buckets of a table of strings, and the pattern in one; 0: it is free. */
static inline uint64_t first_bucket_count(struct match_image image, uint64_t table)
{
	return match_image32(image, table + offsetof(struct abi_string_table, bucket_mask)) + 1ULL;
}

static inline uint32_t first_pattern_in(struct match_image image, uint64_t table, uint64_t bucket)
{
	const uint64_t buckets = match_image32(image, table + offsetof(struct abi_string_table, buckets));

	return match_image32(image, buckets + bucket * sizeof(struct abi_string_bucket) + offsetof(struct abi_string_bucket, pattern));
}

/* One that is found whole or by its beginning, and may be: neither an end, nor empty. */
static inline bool first_is_from_front(struct match_image image, uint32_t pattern)
{
	const uint64_t head = match_image64(image, pattern);
	const uint32_t length = (uint32_t)head, kind = (uint32_t)(head >> 32);

	return (kind == ABI_STRING_EXACT || kind == ABI_STRING_PREFIX) && length && length <= ABI_PATTERN_MAX;
}
_Static_assert(offsetof(struct abi_pattern, length) == 0 && offsetof(struct abi_pattern, kind) == 4, "the first word of a pattern");

/* Of a table in which nothing else finds a text than such patterns, if the table is right. */
static inline bool first_table_is_from_front(struct match_image image, uint64_t table)
{
	return !match_image64(image, table + offsetof(struct abi_string_table, always_rows)) &&
	       !(match_image32(image, table + offsetof(struct abi_string_table, prefix_count)) >> 16);
}
_Static_assert(offsetof(struct abi_string_table, postfix_count) == offsetof(struct abi_string_table, prefix_count) + 2,
	       "postfix_count is the high half");

/* The text's test, of what passes the number's, which `ret` has, as it has the steps. */
void first_draw_text(const struct first_program *of, struct abi_first *ret);

/* The component that the text's test asks for, of a path that is looked up in these tables, none of which has anything but whole strings and beginnings. */
void first_draw_component(struct match_image image, const uint64_t *tables, uint32_t count, struct abi_first *ret);
void first_forget_component(struct abi_first *ret);

/* What the tests and steps that `ret` has know of the whole decision. */
void first_draw_whole(const struct first_program *of, struct abi_first *ret);

#endif

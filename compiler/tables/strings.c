// SPDX-License-Identifier: Apache-2.0
/*
 * strings.c - exact, prefix and postfix patterns of many rows in one hash table; see tables.h.
 *
 * Linear probing with Robin Hood insertion: a pattern gives way to one that is further from its home, so
 * that the longest probe stays short in a well filled table.  A look-up needs to know nothing of it.
 */
#include "compiler/tables/tables.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bpf-templates/abi.h"
#include "bpf-templates/match.h"

struct entry {
	const struct table_pattern *pattern;
	uint64_t rows, hash;
	uint32_t bytes;		/* offset in the image */
};

struct strings {
	struct table_output *output;
	struct entry *entries;	/* sorted, none twice */
	size_t count;
	struct abi_string_table table;
};

static int compare_entries(const void *a, const void *b)
{
	const struct table_pattern *x = ((const struct entry *)a)->pattern, *y = ((const struct entry *)b)->pattern;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	return x->length ? memcmp(x->bytes, y->bytes, x->length) : 0;
}

static void note_rows(struct abi_string_table *table, const struct table_pattern *pattern)
{
	if (pattern->kind == ABI_STRING_EXACT)
		table->exact_rows |= pattern->rows;
	else if (!pattern->length)
		table->always_rows |= pattern->rows;
	else if (pattern->kind == ABI_STRING_POSTFIX)
		table->postfix_rows |= pattern->rows;
}

/* All patterns but the empty prefix and postfix, equal ones merged. */
static void collect(struct strings *strings, const struct table_pattern *patterns, size_t count)
{
	size_t used = 0, kept = 0;

	strings->entries = arena_array(strings->output->arena, struct entry, count);
	for (size_t n = 0; n < count; n++) {
		note_rows(&strings->table, &patterns[n]);
		if (patterns[n].length || patterns[n].kind == ABI_STRING_EXACT)
			strings->entries[used++] = (struct entry){ &patterns[n], patterns[n].rows, 0, 0 };
	}
	qsort(strings->entries, used, sizeof(struct entry), compare_entries);
	for (size_t n = 0; n < used; n++)
		if (kept && !compare_entries(&strings->entries[kept - 1], &strings->entries[n]))
			strings->entries[kept - 1].rows |= strings->entries[n].rows;
		else
			strings->entries[kept++] = strings->entries[n];
	strings->count = kept;
}

/* The patterns' bytes, padded, and with them the hashes. */
static void add_bytes(struct strings *strings)
{
	struct buffer *image = strings->output->image;

	for (size_t n = 0; n < strings->count; n++) {
		struct entry *entry = &strings->entries[n];

		entry->bytes = (uint32_t)image->length;
		buffer_add(image, entry->pattern->bytes, entry->pattern->length);
		buffer_align(image, 8);
		entry->hash = match_hash((const __u8 *)image->bytes + entry->bytes, entry->pattern->length,
					 entry->pattern->kind);
	}
}

/* Distinct lengths of one kind; entries are sorted by kind and length. */
static int add_lengths(struct strings *strings, uint32_t kind, uint16_t *count)
{
	uint32_t last = 0, lengths = 0;

	for (size_t n = 0; n < strings->count; n++) {
		uint32_t length = strings->entries[n].pattern->length;

		if (strings->entries[n].pattern->kind != kind || length == last)
			continue;
		buffer_add(strings->output->image, &length, sizeof(length));
		last = length;
		lengths++;
	}
	if (lengths > ABI_STRING_LENGTHS_MAX) {
		strings->output->reason = arena_format(strings->output->arena,
			"%u different lengths of prefixes or postfixes in one table, at most %u fit", lengths,
			ABI_STRING_LENGTHS_MAX);
		return -E2BIG;
	}
	*count = (uint16_t)lengths;
	return 0;
}

/* ---- Lengths by first word ---- */

enum { FIRST_WORTH = 2, FIRST_MAX = 4096 };	/* lengths that are probed at once; entries */

struct first { uint32_t entry, length; };

static int compare_firsts(const void *a, const void *b)
{
	const struct first *x = a, *y = b;

	if (x->entry != y->entry)
		return x->entry < y->entry ? -1 : 1;
	return x->length < y->length ? -1 : x->length > y->length;
}

static bool has_first_word(const struct strings *strings, size_t n)
{
	return strings->entries[n].pattern->kind == ABI_STRING_PREFIX && strings->entries[n].pattern->length >= 8;
}

/* The prefixes of 8 bytes and more, sorted by entry and length. */
static size_t collect_firsts(const struct strings *strings, uint32_t mask, struct first *firsts)
{
	const uint8_t *image = (const uint8_t *)strings->output->image->bytes;
	size_t count = 0;

	for (size_t n = 0; n < strings->count; n++)
		if (has_first_word(strings, n)) {
			uint64_t hash = match_hash_word(MATCH_HASH_SEED, match_word_at(image + strings->entries[n].bytes));

			firsts[count++] = (struct first){ (uint32_t)hash & mask, strings->entries[n].pattern->length };
		}
	qsort(firsts, count, sizeof(*firsts), compare_firsts);
	return count;
}

/* The list of one entry: the short lengths, which begin the table's list, then its own. */
static void add_first(const struct strings *strings, uint32_t short_count, const struct first *own, size_t own_count,
		      struct abi_string_first *ret)
{
	struct buffer *image = strings->output->image;
	uint32_t last = 0;

	*ret = (struct abi_string_first){ (uint32_t)image->length, short_count };
	for (uint32_t n = 0; n < short_count; n++) {
		uint32_t length;

		memcpy(&length, image->bytes + strings->table.lengths + n * sizeof(length), sizeof(length));
		buffer_add(image, &length, sizeof(length));
	}
	for (size_t n = 0; n < own_count; last = own[n++].length)
		if (own[n].length != last) {
			buffer_add(image, &own[n].length, sizeof(own[n].length));
			ret->count++;
		}
	buffer_align(image, 8);
}

static uint32_t count_short(const struct strings *strings)
{
	uint32_t last = 0, count = 0;

	for (size_t n = 0; n < strings->count; n++) {
		const struct table_pattern *pattern = strings->entries[n].pattern;

		if (pattern->kind != ABI_STRING_PREFIX || pattern->length >= 8 || pattern->length == last)
			continue;
		last = pattern->length;
		count++;
	}
	return count;
}

/* Entries that no pattern belongs to have the head of the table's own list. */
static void add_firsts(struct strings *strings)
{
	struct table_output *output = strings->output;
	struct first *firsts = arena_array(output->arena, struct first, strings->count + 1);
	struct abi_string_first *entries;
	uint32_t size = 2, short_count = count_short(strings);
	size_t count, end;

	if (strings->table.prefix_count <= FIRST_WORTH)
		return;
	while (size < strings->count && size < FIRST_MAX)
		size *= 2;
	size *= 2;
	entries = arena_array(output->arena, struct abi_string_first, size);
	for (uint32_t n = 0; n < size; n++)
		entries[n] = (struct abi_string_first){ strings->table.lengths, short_count };
	count = collect_firsts(strings, size - 1, firsts);
	for (size_t n = 0; n < count; n = end) {
		for (end = n; end < count && firsts[end].entry == firsts[n].entry; end++)
			;
		add_first(strings, short_count, &firsts[n], end - n, &entries[firsts[n].entry]);
	}
	strings->table.first = (uint32_t)output->image->length;
	strings->table.first_mask = size - 1;
	buffer_add(output->image, entries, size * sizeof(*entries));
}

/* ---- Buckets ---- */

static uint32_t distance(const struct abi_string_bucket *bucket, uint32_t at, uint32_t mask)
{
	return (at - (uint32_t)bucket->hash) & mask;
}

/* False when some pattern would lie too far from home. */
static bool insert(struct abi_string_bucket *buckets, uint32_t mask, struct abi_string_bucket bucket)
{
	uint32_t at = (uint32_t)bucket.hash & mask, probes = 0;

	for (; buckets[at].kind; at = (at + 1) & mask, probes++) {
		uint32_t theirs = distance(&buckets[at], at, mask);

		if (probes >= ABI_STRING_PROBES_MAX)
			return false;
		if (theirs < probes) {
			struct abi_string_bucket other = buckets[at];

			buckets[at] = bucket;
			bucket = other;
			probes = theirs;
		}
	}
	buckets[at] = bucket;
	return probes < ABI_STRING_PROBES_MAX;
}

/* NULL when it cannot be done with so few buckets. */
static struct abi_string_bucket *fill(const struct strings *strings, uint32_t count)
{
	struct abi_string_bucket *buckets =
		arena_array(strings->output->arena, struct abi_string_bucket, count);

	for (size_t n = 0; n < strings->count; n++) {
		const struct entry *entry = &strings->entries[n];
		const struct abi_string_bucket bucket = {
			.hash = entry->hash, .length = entry->pattern->length, .kind = entry->pattern->kind,
			.bytes = entry->bytes, .rows = entry->rows,
		};

		if (!insert(buckets, count - 1, bucket))
			return NULL;
	}
	return buckets;
}

/* The smallest table, at most three quarters full, in which no probe is too long. */
static int add_buckets(struct strings *strings)
{
	const uint32_t largest = ABI_HALF_SIZE / sizeof(struct abi_string_bucket);
	struct abi_string_bucket *buckets = NULL;
	uint32_t count = 1;

	while (count < largest && count * 3ULL / 4 < strings->count)
		count *= 2;
	while (strings->count > count || !(buckets = fill(strings, count))) {
		if (count >= largest) {
			strings->output->reason = arena_format(strings->output->arena,
				"%zu strings in one table do not fit", strings->count);
			return -E2BIG;
		}
		count *= 2;
	}
	strings->table.bucket_mask = count - 1;
	strings->table.buckets = (uint32_t)strings->output->image->length;
	buffer_add(strings->output->image, buckets, count * sizeof(*buckets));
	return 0;
}

/* What every look-up reads comes last: it is then near the hooks, where a page has been touched already. */
int table_add_strings(struct table_output *output, const struct table_pattern *patterns, size_t count,
		      uint32_t *ret)
{
	struct strings strings = { .output = output };
	int error;

	collect(&strings, patterns, count);
	add_bytes(&strings);
	error = add_buckets(&strings);
	if (error)
		return error;
	strings.table.lengths = (uint32_t)output->image->length;
	error = add_lengths(&strings, ABI_STRING_PREFIX, &strings.table.prefix_count);
	if (!error)
		error = add_lengths(&strings, ABI_STRING_POSTFIX, &strings.table.postfix_count);
	if (error)
		return error;
	buffer_align(output->image, 8);
	add_firsts(&strings);
	*ret = (uint32_t)output->image->length;
	buffer_add(output->image, &strings.table, sizeof(strings.table));
	return 0;
}

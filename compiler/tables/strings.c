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
	uint32_t offset;	/* of its struct abi_pattern in the image */
};

struct strings {
	struct table_output *output;
	struct entry *entries;	/* sorted, none twice */
	size_t count;
	struct abi_string_table table;
};

enum has_names { WITHOUT_NAMES, WITH_NAMES };

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

/* The patterns with their bytes, and the hashes. */
static void add_all(struct strings *strings)
{
	struct buffer *image = strings->output->image;

	for (size_t n = 0; n < strings->count; n++) {
		struct entry *entry = &strings->entries[n];
		const struct table_pattern *pattern = entry->pattern;
		const struct abi_pattern head = { pattern->length, pattern->kind, entry->rows };

		entry->offset = (uint32_t)image->length;
		entry->hash = match_hash(pattern->bytes, pattern->length, pattern->kind);
		buffer_add(image, &head, sizeof(head));
		buffer_add(image, pattern->bytes, pattern->length);
		buffer_align(image, 8);
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

/* ---- The filter ---- */

static const uint8_t *bytes_of(const struct strings *strings, const struct entry *entry)
{
	return (const uint8_t *)strings->output->image->bytes + entry->offset + sizeof(struct abi_pattern);
}

/* Two patterns a word, three bits each: of a thousand strings that begin like none, about two seem to. */
static uint32_t filter_words(const struct strings *strings)
{
	uint32_t words = 1;

	while (words * 2ULL < strings->count && words < ABI_FILTER_WORDS_MAX)
		words *= 2;
	return words;
}

/* The first 16 bytes of a pattern, with zeros behind its end. */
static void first_words(const struct strings *strings, const struct entry *entry, uint64_t words[2])
{
	uint8_t bytes[16] = { 0 };
	uint32_t length = entry->pattern->length;

	if (length)
		memcpy(bytes, bytes_of(strings, entry), length < sizeof(bytes) ? length : sizeof(bytes));
	words[0] = match_word_at(bytes);
	words[1] = match_word_at(bytes + 8);
}

static void note_beginning(const struct strings *strings, const struct entry *entry, struct abi_filter *head, uint64_t *words)
{
	uint32_t class = match_filter_class(entry->pattern->length);
	uint64_t first[2], hash;

	head->classes |= 1u << class;
	if (!class)
		return;
	first_words(strings, entry, first);
	hash = match_filter_hash(class, first[0], first[1]);
	words[hash & head->mask] |= match_filter_bits(hash);
}

/* How many lengths of prefixes each class and those before it have; lengths are in order. */
static void note_ends(const struct strings *strings, struct abi_filter *head)
{
	const char *lengths = strings->output->image->bytes + strings->table.lengths;

	for (uint32_t n = 0; n < strings->table.prefix_count; n++) {
		uint32_t length;

		memcpy(&length, lengths + n * sizeof(length), sizeof(length));
		for (uint32_t class = match_filter_class(length); class < sizeof(head->ends); class++)
			head->ends[class] = (uint8_t)(n + 1);
	}
}

static void add_filter(struct strings *strings)
{
	struct buffer *image = strings->output->image;
	struct abi_filter head = { .mask = filter_words(strings) - 1 };
	uint64_t *words = arena_array(strings->output->arena, uint64_t, head.mask + 1);

	for (size_t n = 0; n < strings->count; n++)
		if (strings->entries[n].pattern->kind != ABI_STRING_POSTFIX)
			note_beginning(strings, &strings->entries[n], &head, words);
	if (!head.classes)
		return;
	note_ends(strings, &head);
	strings->table.filter = (uint32_t)image->length;
	buffer_add(image, &head, sizeof(head));
	buffer_add(image, words, (head.mask + 1) * sizeof(*words));
}

/* ---- The filter of last names ---- */

/* False when there are patterns of which last names tell nothing. */
static bool note_names(const struct strings *strings, struct abi_filter *head, uint64_t *words)
{
	for (size_t n = 0; n < strings->count; n++) {
		const struct entry *entry = &strings->entries[n];
		__u64 hash = 0;
		uint32_t class = match_pattern_name(entry->pattern->kind, bytes_of(strings, entry), entry->pattern->length, &hash);

		if (class == ABI_NAME_CLASSES)
			return false;
		head->classes |= 1u << class;
		words[hash & head->mask] |= match_name_bits(hash);
	}
	return strings->count && !strings->table.always_rows;
}

static void add_names(struct strings *strings)
{
	struct buffer *image = strings->output->image;
	struct abi_filter head = { .mask = filter_words(strings) - 1 };
	uint64_t *words = arena_array(strings->output->arena, uint64_t, head.mask + 1);

	if (!note_names(strings, &head, words))
		return;
	strings->table.names = (uint32_t)image->length;
	buffer_add(image, &head, sizeof(head));
	buffer_add(image, words, (head.mask + 1) * sizeof(*words));
}

/* ---- Buckets ---- */

static uint32_t distance(const struct entry *entry, uint32_t at, uint32_t mask)
{
	return (at - (uint32_t)entry->hash) & mask;
}

/* False when some pattern would lie too far from home. */
static bool insert(const struct entry **buckets, uint32_t mask, const struct entry *entry)
{
	uint32_t at = (uint32_t)entry->hash & mask, probes = 0;

	for (; buckets[at]; at = (at + 1) & mask, probes++) {
		uint32_t theirs = distance(buckets[at], at, mask);

		if (probes >= ABI_STRING_PROBES_MAX)
			return false;
		if (theirs < probes) {
			const struct entry *other = buckets[at];

			buckets[at] = entry;
			entry = other;
			probes = theirs;
		}
	}
	buckets[at] = entry;
	return probes < ABI_STRING_PROBES_MAX;
}

/* NULL when it cannot be done with so few buckets. */
static const struct entry **fill(const struct strings *strings, uint32_t count)
{
	const struct entry **buckets = arena_array(strings->output->arena, const struct entry *, count);

	for (size_t n = 0; n < strings->count; n++)
		if (!insert(buckets, count - 1, &strings->entries[n]))
			return NULL;
	return buckets;
}

static void put_buckets(struct strings *strings, const struct entry *const *buckets, uint32_t count)
{
	strings->table.bucket_mask = count - 1;
	strings->table.buckets = (uint32_t)strings->output->image->length;
	for (uint32_t n = 0; n < count; n++) {
		struct abi_string_bucket bucket = { 0 };

		if (buckets[n])
			bucket = (struct abi_string_bucket){ (uint32_t)(buckets[n]->hash >> 32), buckets[n]->offset };
		buffer_add(strings->output->image, &bucket, sizeof(bucket));
	}
}

/* The smallest table, at most three quarters full, in which no probe is too long. */
static int add_buckets(struct strings *strings)
{
	const uint32_t largest = ABI_HALF_SIZE / sizeof(struct abi_string_bucket);
	const struct entry **buckets = NULL;
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
	put_buckets(strings, buckets, count);
	return 0;
}

/* What every look-up reads comes last: it is then near the hooks, where a page has been touched already. */
static int add_table(struct table_output *output, const struct table_pattern *patterns, size_t count, enum has_names names,
		     uint32_t *ret)
{
	struct strings strings = { .output = output };
	int error;

	collect(&strings, patterns, count);
	add_all(&strings);
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
	if (names == WITH_NAMES)
		add_names(&strings);
	add_filter(&strings);
	*ret = (uint32_t)output->image->length;
	buffer_add(output->image, &strings.table, sizeof(strings.table));
	return 0;
}

int table_add_strings(struct table_output *output, const struct table_pattern *patterns, size_t count, uint32_t *ret)
{
	return add_table(output, patterns, count, WITHOUT_NAMES, ret);
}

int table_add_paths(struct table_output *output, const struct table_pattern *patterns, size_t count, uint32_t *ret)
{
	return add_table(output, patterns, count, WITH_NAMES, ret);
}

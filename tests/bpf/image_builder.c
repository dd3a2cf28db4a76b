// SPDX-License-Identifier: Apache-2.0
/*
 * image_builder.c - lays out images as the compiler would, only simpler.
 *
 * Hash tables are made twice as large as needed and doubled until no probe sequence is too long.
 */
#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/tables/tables.h"
#include "tests/bpf/image_builder.h"

void builder_init(struct image_builder *builder)
{
	struct abi_image *header;

	memset(builder, 0, sizeof(*builder));
	builder->bytes = calloc(1, ABI_HALF_SIZE);
	assert(builder->bytes);
	builder->used = sizeof(struct abi_image);
	header = (struct abi_image *)builder->bytes;
	header->magic = ABI_IMAGE_MAGIC;
	header->abi_version = ABI_VERSION;
}

void builder_release(struct image_builder *builder)
{
	struct test_table *table, *next;

	for (table = builder->tables; table; table = next) {
		next = table->next;
		free(table->patterns);
		free(table->intervals);
		free(table->networks);
		free(table);
	}
	free(builder->bytes);
}

uint32_t builder_reserve(struct image_builder *builder, uint32_t size)
{
	uint32_t offset = builder->used;

	builder->used += (size + 7) & ~7u;
	assert(builder->used <= ABI_HALF_SIZE);
	return offset;
}

static struct test_table *add_table(struct image_builder *builder, uint32_t offset, uint32_t count)
{
	struct test_table *table = calloc(1, sizeof(*table));

	assert(table);
	table->offset = offset;
	table->count = count;
	table->next = builder->tables;
	builder->tables = table;
	return table;
}

static void *copy_of(const void *items, size_t size)
{
	void *copy = malloc(size + 1);

	assert(copy);
	memcpy(copy, items, size);
	return copy;
}

/* ---- Strings ---- */

static int compare_lengths(const void *a, const void *b)
{
	return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

/* The distinct lengths of one kind, ascending. */
static uint32_t distinct_lengths(const struct test_pattern *patterns, uint32_t count, uint32_t kind,
				 uint32_t *lengths)
{
	uint32_t i, j, found = 0;

	for (i = 0; i < count; i++) {
		if (patterns[i].kind != kind || !patterns[i].length)
			continue;
		for (j = 0; j < found && lengths[j] != patterns[i].length; j++)
			;
		if (j == found)
			lengths[found++] = patterns[i].length;
	}
	qsort(lengths, found, sizeof(*lengths), compare_lengths);
	return found;
}

static struct abi_pattern *pattern_at(const struct image_builder *builder, uint32_t offset)
{
	return (struct abi_pattern *)(builder->bytes + offset);
}

static bool is_pattern(const struct abi_pattern *there, const struct test_pattern *pattern)
{
	return there->kind == pattern->kind && there->length == pattern->length &&
	       !memcmp(there + 1, pattern->bytes, pattern->length);
}

static uint32_t add_pattern(struct image_builder *builder, const struct test_pattern *pattern)
{
	uint32_t offset = builder_reserve(builder, sizeof(struct abi_pattern) + pattern->length);

	pattern_at(builder, offset)->kind = pattern->kind;
	pattern_at(builder, offset)->length = pattern->length;
	memcpy(pattern_at(builder, offset) + 1, pattern->bytes, pattern->length);
	return offset;
}

static bool place(struct image_builder *builder, struct abi_string_bucket *buckets, uint32_t mask,
		  const struct test_pattern *pattern)
{
	uint64_t hash = match_hash(pattern->bytes, pattern->length, pattern->kind);
	struct abi_string_bucket *bucket;
	uint32_t i;

	for (i = 0; i < ABI_STRING_PROBES_MAX; i++) {
		bucket = &buckets[((uint32_t)hash + i) & mask];
		if (bucket->pattern && !is_pattern(pattern_at(builder, bucket->pattern), pattern))
			continue;
		if (!bucket->pattern)
			bucket->pattern = add_pattern(builder, pattern);
		bucket->tag = hash >> 32;
		pattern_at(builder, bucket->pattern)->rows |= pattern->rows;
		return true;
	}
	return false;
}

static bool place_all(struct image_builder *builder, struct abi_string_table *table, uint32_t size,
		      const struct test_pattern *patterns, uint32_t count)
{
	struct abi_string_bucket *buckets;
	uint32_t i;

	table->bucket_mask = size - 1;
	table->buckets = builder_reserve(builder, size * sizeof(*buckets));
	buckets = (struct abi_string_bucket *)(builder->bytes + table->buckets);
	for (i = 0; i < count; i++) {
		if (patterns[i].kind != ABI_STRING_EXACT && !patterns[i].length)
			table->always_rows |= patterns[i].rows;
		else if (!place(builder, buckets, size - 1, &patterns[i]))
			return false;
		if (patterns[i].kind == ABI_STRING_EXACT)
			table->exact_rows |= patterns[i].rows;
		if (patterns[i].kind == ABI_STRING_POSTFIX)
			table->postfix_rows |= patterns[i].rows;
	}
	return true;
}

static uint64_t filter_bits(const struct test_pattern *pattern)
{
	uint64_t first[2] = { 0 };

	memcpy(first, pattern->bytes, pattern->length < sizeof(first) ? pattern->length : sizeof(first));
	return match_filter_bits(match_filter_hash(match_filter_class(pattern->length), first[0], first[1]));
}

/* One word; in every other table it lets everything through. */
static void add_filter(struct image_builder *builder, uint32_t offset, const struct test_pattern *patterns, uint32_t count)
{
	struct abi_string_table *table = (struct abi_string_table *)(builder->bytes + offset);
	struct abi_filter *filter;
	uint64_t *word;
	uint32_t i, class;

	table->filter = builder_reserve(builder, sizeof(*filter) + sizeof(*word));
	filter = (struct abi_filter *)(builder->bytes + table->filter);
	word = (uint64_t *)(filter + 1);
	*word = offset & 8 ? ~0ULL : 0;
	for (i = 0; i < count; i++) {
		class = match_filter_class(patterns[i].length);
		if (patterns[i].kind == ABI_STRING_POSTFIX)
			continue;
		filter->classes |= 1u << class;
		if (class)
			*word |= filter_bits(&patterns[i]);
	}
	for (i = 0; i < table->prefix_count; i++)
		for (class = match_filter_class(((uint32_t *)(builder->bytes + table->lengths))[i]); class < sizeof(filter->ends); class++)
			filter->ends[class] = i + 1;
}

uint32_t builder_strings(struct image_builder *builder, const struct test_pattern *patterns, uint32_t count)
{
	uint32_t offset = builder_reserve(builder, sizeof(struct abi_string_table));
	struct abi_string_table *table = (struct abi_string_table *)(builder->bytes + offset);
	uint32_t lengths[2 * ABI_STRING_LENGTHS_MAX], size = 2, mark;

	add_table(builder, offset, count)->patterns = copy_of(patterns, count * sizeof(*patterns));
	table->prefix_count = distinct_lengths(patterns, count, ABI_STRING_PREFIX, lengths);
	table->postfix_count = distinct_lengths(patterns, count, ABI_STRING_POSTFIX,
						lengths + table->prefix_count);
	table->lengths = builder_reserve(builder, (table->prefix_count + table->postfix_count) * 4);
	memcpy(builder->bytes + table->lengths, lengths,
	       (table->prefix_count + table->postfix_count) * 4);
	add_filter(builder, offset, patterns, count);
	while (size < 2 * count)
		size *= 2;
	for (mark = builder->used; !place_all(builder, table, size, patterns, count); size *= 2) {
		memset(builder->bytes + mark, 0, builder->used - mark);
		builder->used = mark;
	}
	return offset;
}

/* By a builder of the compiler's own, behind what is there. */
static uint32_t builder_compiled(struct image_builder *builder, const struct test_pattern *patterns, uint32_t count,
				 int (*add)(struct table_output *, const struct table_pattern *, size_t, uint32_t *))
{
	struct table_pattern *copies = calloc(count, sizeof(*copies));
	struct arena arena = { 0 };
	struct buffer image = { 0 };
	struct table_output output = { &arena, &image, NULL };
	uint32_t offset = 0, i;

	for (i = 0; i < count; i++)
		copies[i] = (struct table_pattern){ patterns[i].kind, patterns[i].length, (const char *)patterns[i].bytes,
						    patterns[i].rows };
	buffer_add(&image, builder->bytes, builder->used);
	assert(!add(&output, copies, count, &offset));
	memcpy(builder->bytes + builder->used, image.bytes + builder->used, image.length - builder->used);
	builder_reserve(builder, image.length - builder->used);
	add_table(builder, offset, count)->patterns = copy_of(patterns, count * sizeof(*patterns));
	buffer_release(&image);
	arena_release(&arena);
	free(copies);
	return offset;
}

uint32_t builder_substrings(struct image_builder *builder, const struct test_pattern *patterns, uint32_t count)
{
	return builder_compiled(builder, patterns, count, table_add_substrings);
}

uint32_t builder_globs(struct image_builder *builder, const struct test_pattern *patterns, uint32_t count)
{
	return builder_compiled(builder, patterns, count, table_add_globs);
}

uint32_t builder_paths(struct image_builder *builder, const struct test_pattern *patterns, uint32_t count)
{
	return builder_compiled(builder, patterns, count, table_add_paths);
}

/* ---- Expressions ---- */

static void add_word(struct image_builder *builder, const struct test_node *node)
{
	uint32_t offset;

	if (node->left)
		add_word(builder, node->left);
	if (node->right)
		add_word(builder, node->right);
	offset = builder_reserve(builder, sizeof(struct abi_word));
	*(struct abi_word *)(builder->bytes + offset) = (struct abi_word){ node->op, node->type, node->slot, 0, node->number };
}

uint32_t builder_expression(struct image_builder *builder, const struct test_node *root)
{
	uint32_t offset = builder_reserve(builder, sizeof(struct abi_expression));
	struct abi_expression *header = (struct abi_expression *)(builder->bytes + offset);

	add_word(builder, root);
	header->count = (builder->used - offset - sizeof(*header)) / sizeof(struct abi_word);
	add_table(builder, offset, header->count)->expression = root;
	return offset;
}

/* ---- Numbers and addresses ---- */

uint32_t builder_intervals(struct image_builder *builder, const struct test_interval *intervals,
			   uint32_t count, bool is_signed)
{
	uint32_t offset = builder_reserve(builder, sizeof(struct abi_interval_table) +
							   count * sizeof(struct abi_interval));
	struct abi_interval_table *header = (struct abi_interval_table *)(builder->bytes + offset);
	struct abi_interval *entries = (struct abi_interval *)(header + 1);
	uint64_t flip = is_signed ? 1ULL << 63 : 0;
	struct test_table *table = add_table(builder, offset, count);
	uint32_t i;

	table->intervals = copy_of(intervals, count * sizeof(*intervals));
	table->is_signed = is_signed;
	header->count = count;
	header->flags = is_signed ? ABI_INTERVALS_SIGNED : 0;
	for (i = 0; i < count; i++) {
		entries[i].low = intervals[i].low ^ flip;
		entries[i].high = intervals[i].high ^ flip;
		entries[i].rows = intervals[i].rows;
	}
	return offset;
}

static uint64_t big_endian(const uint8_t *bytes, unsigned count)
{
	uint64_t number = 0;

	while (count--)
		number = number << 8 | *bytes++;
	return number;
}

static uint32_t add_v4(struct image_builder *builder, const struct test_network *networks, uint32_t count)
{
	struct test_interval *intervals = calloc(count + 1, sizeof(*intervals));
	uint32_t i, found = 0, offset;

	for (i = 0; i < count; i++)
		if (networks[i].family == 4)
			intervals[found++] = (struct test_interval){
				big_endian(networks[i].low, 4), big_endian(networks[i].high, 4),
				networks[i].rows };
	offset = found ? builder_intervals(builder, intervals, found, false) : 0;
	free(intervals);
	return offset;
}

static uint32_t add_v6(struct image_builder *builder, const struct test_network *networks, uint32_t count)
{
	uint32_t i, found = 0, offset;
	struct abi_interval128_table *header;
	struct abi_interval128 *entries;

	for (i = 0; i < count; i++)
		found += networks[i].family == 6;
	if (!found)
		return 0;
	offset = builder_reserve(builder, sizeof(*header) + found * sizeof(*entries));
	header = (struct abi_interval128_table *)(builder->bytes + offset);
	entries = (struct abi_interval128 *)(header + 1);
	header->count = found;
	for (i = 0; i < count; i++)
		if (networks[i].family == 6)
			*entries++ = (struct abi_interval128){
				big_endian(networks[i].low, 8), big_endian(networks[i].low + 8, 8),
				big_endian(networks[i].high, 8), big_endian(networks[i].high + 8, 8),
				networks[i].rows };
	return offset;
}

uint32_t builder_addresses(struct image_builder *builder, const struct test_network *networks, uint32_t count)
{
	uint32_t offset = builder_reserve(builder, sizeof(struct abi_address_table));
	struct abi_address_table *table = (struct abi_address_table *)(builder->bytes + offset);

	table->v4 = add_v4(builder, networks, count);
	table->v6 = add_v6(builder, networks, count);
	add_table(builder, offset, count)->networks = copy_of(networks, count * sizeof(*networks));
	return offset;
}

/* ---- Policies and hooks ---- */

void builder_policies(struct image_builder *builder, const uint32_t *flags, uint32_t count)
{
	struct abi_image *header = (struct abi_image *)builder->bytes;
	uint32_t offset = builder_reserve(builder, count * sizeof(struct abi_policy)), i;

	header->sections[ABI_SECTION_POLICIES].offset = offset;
	header->sections[ABI_SECTION_POLICIES].size = count * sizeof(struct abi_policy);
	header->policy_count = count;
	for (i = 0; i < count; i++)
		((struct abi_policy *)(builder->bytes + offset))[i].flags = flags[i];
}

uint32_t builder_accept(struct image_builder *builder, const struct abi_accept *accept)
{
	uint32_t offset = builder_reserve(builder, sizeof(*accept));

	memcpy(builder->bytes + offset, accept, sizeof(*accept));
	return offset;
}

uint32_t builder_accept_acting(struct image_builder *builder, const struct abi_accept *accept, struct abi_action action)
{
	struct abi_accept copy = *accept;

	copy.actions = builder_reserve(builder, sizeof(action));
	memcpy(builder->bytes + copy.actions, &action, sizeof(action));
	copy.action_count = 1;
	copy.flags |= ABI_ACCEPT_ACTS;
	return builder_accept(builder, &copy);
}

uint32_t builder_hook(struct image_builder *builder, const struct abi_hook *hook,
		      const struct abi_record *records)
{
	struct abi_image *header = (struct abi_image *)builder->bytes;
	uint32_t offset = builder_reserve(builder, sizeof(*hook));
	struct abi_hook *copy = (struct abi_hook *)(builder->bytes + offset);

	*copy = *hook;
	if (hook->record_count) {
		copy->program = builder_reserve(builder, hook->record_count * sizeof(*records));
		memcpy(builder->bytes + copy->program, records,
		       hook->record_count * sizeof(*records));
	}
	header->hook_offset[hook->id] = offset;
	header->hook_count++;
	return offset;
}

void builder_finish(struct image_builder *builder)
{
	struct abi_image *header = (struct abi_image *)builder->bytes;

	header->size = builder->used;
}

// SPDX-License-Identifier: Apache-2.0
/* describe.c - what an image holds and how large each part is, in a few lines; see image.h. */
#include "compiler/image/image.h"

#include <stdio.h>
#include <string.h>

#include "compiler/image/metadata.h"

struct table_summary { const char *what; size_t members, bytes; };

static struct table_summary intervals_summary(const struct image_view *view, uint32_t offset)
{
	const struct abi_interval_table *table = (const void *)(view->bytes + offset);

	return (struct table_summary){ "intervals", table->count,
				       sizeof(*table) + table->count * sizeof(struct abi_interval) };
}

static struct table_summary addresses_summary(const struct image_view *view, uint32_t offset)
{
	const struct abi_address_table *table = (const void *)(view->bytes + offset);
	struct table_summary summary = { "addresses", 0, sizeof(*table) };

	if (table->v4) {
		struct table_summary v4 = intervals_summary(view, table->v4);

		summary.members += v4.members;
		summary.bytes += v4.bytes;
	}
	if (table->v6) {
		const struct abi_interval128_table *v6 = (const void *)(view->bytes + table->v6);

		summary.members += v6->count;
		summary.bytes += sizeof(*v6) + v6->count * sizeof(struct abi_interval128);
	}
	return summary;
}

static size_t filter_bytes(const struct image_view *view, uint32_t offset)
{
	const struct abi_filter *filter = (const void *)(view->bytes + offset);

	return offset ? sizeof(*filter) + (filter->mask + 1) * sizeof(uint64_t) : 0;
}

static struct table_summary strings_summary(const struct image_view *view, uint32_t offset)
{
	const struct abi_string_table *table = (const void *)(view->bytes + offset);
	const struct abi_string_bucket *buckets = (const void *)(view->bytes + table->buckets);
	struct table_summary summary = { "strings", 0, sizeof(*table) };

	summary.bytes += (table->bucket_mask + 1) * sizeof(*buckets);
	summary.bytes += (table->prefix_count + table->postfix_count + 1u) / 2 * 8;
	summary.bytes += filter_bytes(view, table->filter) + filter_bytes(view, table->names);
	for (uint32_t n = 0; n <= table->bucket_mask; n++) {
		const struct abi_pattern *pattern = (const void *)(view->bytes + buckets[n].pattern);

		if (!buckets[n].pattern)
			continue;
		summary.members++;
		summary.bytes += sizeof(*pattern) + (pattern->length + 7) / 8 * 8;
	}
	return summary;
}

static struct table_summary automaton_summary(const struct image_view *view, uint32_t offset)
{
	const struct abi_automaton *table = (const void *)(view->bytes + offset);

	return (struct table_summary){ table->flags & ABI_AUTOMATON_WHOLE ? "states of patterns" : "states of substrings", table->state_count,
				       sizeof(*table) + table->state_count * sizeof(struct abi_state) +
				       table->cell_count * sizeof(struct abi_cell) + (table->class_count + 1) / 2 * 8 };
}

/* By op. */
static struct table_summary (*const summaries[])(const struct image_view *, uint32_t) = {
	[ABI_OP_INTERVALS] = intervals_summary, [ABI_OP_STRING] = strings_summary,
	[ABI_OP_ADDRESS] = addresses_summary, [ABI_OP_BINARY] = strings_summary,
	[ABI_OP_SUBSTRING] = automaton_summary, [ABI_OP_LINEAGE] = intervals_summary,
};

static bool looks_up(const struct abi_record *record)
{
	return record->op < sizeof(summaries) / sizeof(summaries[0]) && summaries[record->op];
}

static void describe_table(const struct image_view *view, const char *of, uint8_t op, uint32_t offset,
			   struct buffer *ret)
{
	struct table_summary summary = summaries[op](view, offset);

	buffer_format(ret, "    table of %s: %zu %s, %zu bytes\n", of, summary.members, summary.what, summary.bytes);
}

static void describe_tables(const struct image_view *view, const struct abi_hook *hook, struct buffer *ret)
{
	const struct abi_record *records = (const void *)(view->bytes + hook->program);
	uint64_t described = 0;

	for (uint32_t n = 0; n < hook->record_count; n++) {
		uint64_t bit = 1ULL << ABI_LOOKUP_REGISTER(records[n].operand);
		char name[32];

		if (!looks_up(&records[n]) || records[n].op == ABI_OP_BINARY || described & bit)
			continue;
		described |= bit;
		snprintf(name, sizeof(name), records[n].op == ABI_OP_LINEAGE ? "process ids" : "value %u", records[n].slot);
		describe_table(view, name, records[n].op, ABI_LOOKUP_TABLE(records[n].operand), ret);
	}
}

static size_t count_accepts(const struct image_view *view, const struct abi_hook *hook)
{
	const struct abi_record *records = (const void *)(view->bytes + hook->program);
	size_t count = 0;

	for (uint32_t n = 0; n < hook->record_count; n++)
		count += records[n].op == ABI_OP_ACCEPT;
	return count;
}

static void describe_hook(const struct image_view *view, const struct image_hook *hook, struct buffer *ret)
{
	size_t selectors = count_accepts(view, hook->abi);

	buffer_format(ret, "  hook %u %s\n    reads %u value%s:", hook->id, hook->key, hook->abi->slot_count,
		      hook->abi->slot_count == 1 ? "" : "s");
	for (uint32_t n = 0; n < hook->abi->slot_count; n++)
		buffer_format(ret, " %u=%s", n, image_load_name(hook->abi->slots[n].load));
	if (hook->returns && !hook->abi->record_count)
		buffer_add_text(ret, "\n    reports returns\n");
	else
		buffer_format(ret, "\n    decides for %zu selector%s: %u records, %zu bytes\n", selectors,
			      selectors == 1 ? "" : "s", hook->abi->record_count,
			      hook->abi->record_count * sizeof(struct abi_record));
	describe_tables(view, hook->abi, ret);
}

void image_describe(const struct image_view *view, struct buffer *ret)
{
	buffer_format(ret, "image: %u bytes; programs read %u of %u\n ", view->header->size, view->header->program_size,
		      ABI_HALF_SIZE);
	for (int n = 1; n < ABI_SECTION_COUNT; n++)
		buffer_format(ret, " %s %u", image_section_name((enum abi_section_id)n),
			      view->header->sections[n].size);
	buffer_add_char(ret, '\n');
	for (size_t n = 0; n < image_hook_count(view); n++) {
		struct image_hook hook = image_hook_at(view, n);

		describe_hook(view, &hook, ret);
	}
	for (size_t n = 0; n < ABI_BINARY_TABLES_MAX; n++)
		if (view->header->binary_tables[n])
			describe_table(view, "matchBinaries", ABI_OP_BINARY, view->header->binary_tables[n], ret);
}

// SPDX-License-Identifier: Apache-2.0
/* map_tables.c - the bytes of tables, chains, locations and expressions; see parts.h. */
#include "compiler/inspect/parts.h"

#include "bpf-templates/abi.h"

/* A table, and what it is called in the ranges. */
struct table_map {
	struct inspect_ranges *ranges;
	const uint8_t *bytes;
	uint32_t offset;
	const char *of;			/* "table of argument 1 (file)" */
	const char *place;
};

static void add(const struct table_map *map, uint64_t offset, uint64_t size, const char *what)
{
	inspect_range(map->ranges, offset, size, map->place, "%s: %s", map->of, what);
}

/* Takes the text. */
static void add_text(const struct table_map *map, uint64_t offset, uint64_t size, struct buffer *text)
{
	add(map, offset, size, text->bytes);
	buffer_release(text);
}

/* ---- Numbers and addresses ---- */

static void add_rows(uint64_t rows, struct buffer *ret)
{
	buffer_add_text(ret, ", ");
	spell_rows(rows, ret);
}

static void map_intervals(const struct table_map *map, uint32_t offset)
{
	const struct abi_interval_table *table = (const void *)(map->bytes + offset);
	const struct abi_interval *items = (const void *)(table + 1);

	inspect_range(map->ranges, offset, sizeof(*table), map->place, "%s: head of %u intervals", map->of, table->count);
	for (uint32_t n = 0; n < table->count; n++) {
		struct buffer text = { 0 };

		buffer_add_text(&text, "interval ");
		spell_interval(items[n].low, items[n].high, table->flags & ABI_INTERVALS_SIGNED, &text);
		add_rows(items[n].rows, &text);
		add_text(map, offset + sizeof(*table) + n * sizeof(*items), sizeof(*items), &text);
	}
}

static void map_intervals128(const struct table_map *map, uint32_t offset)
{
	const struct abi_interval128_table *table = (const void *)(map->bytes + offset);
	const struct abi_interval128 *items = (const void *)(table + 1);

	inspect_range(map->ranges, offset, sizeof(*table), map->place, "%s: head of %u intervals of 128 bits", map->of, table->count);
	for (uint32_t n = 0; n < table->count; n++) {
		struct buffer text = { 0 };

		buffer_add_text(&text, "interval of 128 bits");
		add_rows(items[n].rows, &text);
		add_text(map, offset + sizeof(*table) + n * sizeof(*items), sizeof(*items), &text);
	}
}

static void map_addresses(const struct table_map *map)
{
	const struct abi_address_table *table = (const void *)(map->bytes + map->offset);

	add(map, map->offset, sizeof(*table), "head of addresses");
	if (table->v4)
		map_intervals(map, table->v4);
	if (table->v6)
		map_intervals128(map, table->v6);
}

/* ---- Strings ---- */

static void map_bucket(const struct table_map *map, const struct abi_string_bucket *bucket, uint32_t offset)
{
	const struct abi_pattern *pattern = (const void *)(map->bytes + bucket->pattern);
	struct buffer text = { 0 };

	if (!bucket->pattern) {
		add(map, offset, sizeof(*bucket), "free bucket");
		return;
	}
	buffer_add_text(&text, "bucket of ");
	buffer_add_quoted(&text, (const char *)(pattern + 1), pattern->length);
	add_text(map, offset, sizeof(*bucket), &text);
	spell_pattern(pattern->kind, (const uint8_t *)(pattern + 1), pattern->length, &text);
	add_rows(pattern->rows, &text);
	add_text(map, bucket->pattern, sizeof(*pattern) + pattern->length, &text);
}

static void map_lengths(const struct table_map *map, uint32_t offset, uint32_t count, const char *what)
{
	if (!count)
		return;
	inspect_range(map->ranges, offset, count * sizeof(uint32_t), map->place, "%s: %u %s", map->of, count, what);
}

static void map_filter(const struct table_map *map, uint32_t offset, const char *what)
{
	const struct abi_filter *filter = (const void *)(map->bytes + offset);

	if (!offset)
		return;
	inspect_range(map->ranges, offset, sizeof(*filter) + (filter->mask + 1) * sizeof(uint64_t), map->place,
		      "%s: filter of %s, %u words", map->of, what, filter->mask + 1);
}

static void map_strings(const struct table_map *map)
{
	const struct abi_string_table *table = (const void *)(map->bytes + map->offset);
	const struct abi_string_bucket *buckets = (const void *)(map->bytes + table->buckets);

	inspect_range(map->ranges, map->offset, sizeof(*table), map->place, "%s: head of %u buckets of strings", map->of,
		      table->bucket_mask + 1);
	for (uint32_t n = 0; n <= table->bucket_mask; n++)
		map_bucket(map, &buckets[n], table->buckets + n * (uint32_t)sizeof(*buckets));
	map_lengths(map, table->lengths, table->prefix_count, "lengths of prefixes");
	map_lengths(map, table->lengths + table->prefix_count * (uint32_t)sizeof(uint32_t), table->postfix_count,
		    "lengths of postfixes");
	map_filter(map, table->filter, "how its strings begin");
	map_filter(map, table->names, "the last names of its paths");
}

/* ---- Substrings ---- */

static void map_automaton(const struct table_map *map)
{
	const struct abi_automaton *table = (const void *)(map->bytes + map->offset);
	const struct abi_state *states = (const void *)(map->bytes + table->states);

	add(map, map->offset, offsetof(struct abi_automaton, classes), table->flags & ABI_AUTOMATON_WHOLE ? "head of an automaton of patterns" : "head of an automaton of substrings");
	add(map, map->offset + offsetof(struct abi_automaton, classes), sizeof(table->classes), "classes of bytes");
	for (uint32_t n = 0; n < table->state_count; n++) {
		struct buffer text = { 0 };

		buffer_format(&text, "state %u", n);
		if (states[n].rows)
			add_rows(states[n].rows, &text);
		add_text(map, table->states + n * sizeof(*states), sizeof(*states), &text);
	}
	inspect_range(map->ranges, table->cells, (uint64_t)table->cell_count * sizeof(struct abi_cell), map->place,
		      "%s: %u cells, which lead from state to state", map->of, table->cell_count);
	inspect_range(map->ranges, table->first, (uint64_t)table->class_count * sizeof(uint32_t), map->place,
		      "%s: %u first states", map->of, table->class_count);
}

/* ---- By op ---- */

void inspect_map_table(struct inspect_ranges *ranges, uint8_t op, uint32_t offset, const char *of)
{
	const struct table_map map = { ranges, ranges->inspection->bytes, offset, of, NULL };

	switch (op) {
	case ABI_OP_INTERVALS:
	case ABI_OP_LINEAGE:
		map_intervals(&map, offset);
		break;
	case ABI_OP_ADDRESS:
		map_addresses(&map);
		break;
	case ABI_OP_SUBSTRING:
		map_automaton(&map);
		break;
	default:
		map_strings(&map);
		break;
	}
}

/* ---- What hooks lead to ---- */

static void map_expression(struct inspect_ranges *ranges, const struct image_hook *hook, uint32_t offset, uint32_t record)
{
	struct inspection *inspection = ranges->inspection;
	const struct abi_expression *expression = (const void *)(inspection->bytes + offset);
	struct image_step step;
	const char *place = image_step_of(&inspection->view, hook->abi, record, &step) ?
		inspect_step_place(inspection, &step) : NULL;

	inspect_range(ranges, offset, sizeof(*expression), place, "expression: head of %u words", expression->count);
	for (uint32_t n = 0; n < expression->count; n++)
		inspect_range(ranges, offset + sizeof(*expression) + n * sizeof(struct abi_word), sizeof(struct abi_word), place,
			      "expression at %u: word %u", offset, n);
}

static void map_chains(struct inspect_ranges *ranges, const struct image_hook *hook)
{
	for (uint32_t n = 0; n < hook->abi->slot_count; n++) {
		const uint32_t chain = hook->abi->slots[n].chain;

		if (chain && inspect_first_time(ranges->inspection, chain))
			inspect_range(ranges, chain, sizeof(struct abi_chain), NULL, "chain that leads to %s",
				      inspect_value(ranges->inspection, hook, n));
	}
}

static void map_locations(struct inspect_ranges *ranges, const struct image_hook *hook)
{
	for (uint32_t n = 0; n < hook->abi->slot_count; n++) {
		const struct abi_slot *slot = &hook->abi->slots[n];

		if (slot->source == ABI_SOURCE_LOCATION && inspect_first_time(ranges->inspection, slot->offset))
			inspect_range(ranges, slot->offset, sizeof(struct abi_location), NULL, "where %s is",
				      inspect_value(ranges->inspection, hook, n));
	}
}

static const char *name_of(struct inspection *inspection, const struct image_hook *hook, const struct abi_record *record)
{
	if (record->op == ABI_OP_LINEAGE)
		return arena_format(inspection->arena, "hook %u, table of ids of processes", hook->id);
	return arena_format(inspection->arena, "hook %u, table of %s", hook->id, inspect_value(inspection, hook, record->slot));
}

static void map_hook(struct inspect_ranges *ranges, const struct image_hook *hook)
{
	const struct abi_record *records = (const void *)(ranges->inspection->bytes + hook->abi->program);

	map_chains(ranges, hook);
	map_locations(ranges, hook);
	for (uint32_t n = 0; n < hook->abi->record_count; n++) {
		const uint32_t table = records[n].op == ABI_OP_EXPRESSION ? (uint32_t)records[n].operand :
								     ABI_LOOKUP_TABLE(records[n].operand);

		if (records[n].op != ABI_OP_EXPRESSION && (!inspect_op_looks_up(records[n].op) || records[n].op == ABI_OP_BINARY))
			continue;
		if (!inspect_first_time(ranges->inspection, table))
			continue;
		if (records[n].op == ABI_OP_EXPRESSION)
			map_expression(ranges, hook, table, n);
		else
			inspect_map_table(ranges, records[n].op, table, name_of(ranges->inspection, hook, &records[n]));
	}
}

void inspect_map_tables(struct inspect_ranges *ranges)
{
	struct inspection *inspection = ranges->inspection;

	for (uint32_t n = 0; n < ABI_BINARY_TABLES_MAX; n++) {
		const uint32_t table = inspection->view.header->binary_tables[n];

		if (table && inspect_first_time(inspection, table))
			inspect_map_table(ranges, ABI_OP_STRING, table,
					  arena_format(inspection->arena, "table %u of programs' paths", n));
	}
	for (size_t n = 0; n < image_hook_count(&inspection->view); n++) {
		const struct image_hook hook = image_hook_at(&inspection->view, n);

		map_hook(ranges, &hook);
	}
}

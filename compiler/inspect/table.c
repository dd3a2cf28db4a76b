// SPDX-License-Identifier: Apache-2.0
/* table.c - the members of tables, and what their rows stand for; see parts.h. */
#include <string.h>

#include "compiler/image/loads.h"
#include "compiler/inspect/parts.h"

/* ---- Members, by kind of table ---- */

struct telling {
	struct inspection *inspection;
	each_member *each;
	void *context;
};

/* Takes the text. */
static void tell(const struct telling *telling, struct buffer *text, uint64_t rows)
{
	telling->each(telling->context, text->bytes, rows);
	buffer_release(text);
}

static void each_interval(const struct telling *telling, uint32_t offset)
{
	const struct abi_interval_table *table = (const void *)(telling->inspection->bytes + offset);
	const struct abi_interval *items = (const void *)(table + 1);

	for (uint32_t n = 0; n < table->count; n++) {
		struct buffer text = { 0 };

		spell_interval(items[n].low, items[n].high, table->flags & ABI_INTERVALS_SIGNED, &text);
		tell(telling, &text, items[n].rows);
	}
}

static void put_number(uint8_t *into, uint64_t number, size_t size)
{
	for (size_t n = 0; n < size; n++)
		into[n] = (uint8_t)(number >> (8 * (size - 1 - n)));
}

static void each_address4(const struct telling *telling, uint32_t offset)
{
	const struct abi_interval_table *table = (const void *)(telling->inspection->bytes + offset);
	const struct abi_interval *items = (const void *)(table + 1);

	for (uint32_t n = 0; n < table->count; n++) {
		struct buffer text = { 0 };
		uint8_t low[4], high[4];

		put_number(low, items[n].low, 4);
		put_number(high, items[n].high, 4);
		spell_addresses(4, low, high, &text);
		tell(telling, &text, items[n].rows);
	}
}

static void each_address6(const struct telling *telling, uint32_t offset)
{
	const struct abi_interval128_table *table = (const void *)(telling->inspection->bytes + offset);
	const struct abi_interval128 *items = (const void *)(table + 1);

	for (uint32_t n = 0; n < table->count; n++) {
		struct buffer text = { 0 };
		uint8_t low[16], high[16];

		put_number(low, items[n].low_high, 8);
		put_number(low + 8, items[n].low_low, 8);
		put_number(high, items[n].high_high, 8);
		put_number(high + 8, items[n].high_low, 8);
		spell_addresses(6, low, high, &text);
		tell(telling, &text, items[n].rows);
	}
}

static void each_address(const struct telling *telling, uint32_t offset)
{
	const struct abi_address_table *table = (const void *)(telling->inspection->bytes + offset);

	if (table->v4)
		each_address4(telling, table->v4);
	if (table->v6)
		each_address6(telling, table->v6);
}

static void each_string(const struct telling *telling, uint32_t offset)
{
	const uint8_t *bytes = telling->inspection->bytes;
	const struct abi_string_table *table = (const void *)(bytes + offset);
	const struct abi_string_bucket *buckets = (const void *)(bytes + table->buckets);
	struct buffer text = { 0 };

	for (uint32_t n = 0; n <= table->bucket_mask; n++) {
		const struct abi_pattern *pattern = (const void *)(bytes + buckets[n].pattern);

		if (!buckets[n].pattern)
			continue;
		spell_pattern(pattern->kind, (const uint8_t *)(pattern + 1), pattern->length, &text);
		tell(telling, &text, pattern->rows);
	}
	if (!table->always_rows)
		return;
	buffer_add_text(&text, "is anything");
	tell(telling, &text, table->always_rows);
}

static void each_substring(const struct telling *telling, uint32_t offset)
{
	inspect_each_substring(telling->inspection, offset, telling->each, telling->context);
}

/* By op. */
static const struct table_kind {
	void (*each)(const struct telling *telling, uint32_t offset);
	const char *name;
} kinds[ABI_OP_COUNT] = {
	[ABI_OP_INTERVALS] = { each_interval, "intervals" }, [ABI_OP_LINEAGE] = { each_interval, "intervals" },
	[ABI_OP_STRING] = { each_string, "strings" }, [ABI_OP_BINARY] = { each_string, "strings" },
	[ABI_OP_ADDRESS] = { each_address, "addresses" }, [ABI_OP_SUBSTRING] = { each_substring, "substrings" },
};

bool inspect_op_looks_up(uint8_t op)
{
	return kinds[op].each != NULL;
}

/* Of BINARY, the operand has the number of a table. */
static uint32_t offset_of(const struct inspection *inspection, uint8_t op, uint32_t table)
{
	return op == ABI_OP_BINARY ? inspection->view.header->binary_tables[table] : table;
}

void inspect_each_member(struct inspection *inspection, uint8_t op, uint32_t table, each_member *each, void *context)
{
	const struct telling telling = { inspection, each, context };

	kinds[op].each(&telling, offset_of(inspection, op, table));
}

/* ---- Rows ---- */

struct row_notes { struct inspection *inspection; struct inspect_rows *rows; };

static void note_member(void *context, const char *text, uint64_t rows)
{
	const struct row_notes *notes = context;
	const char *kept = NULL;

	for (unsigned n = 0; n < ABI_ROWS_MAX; n++) {
		struct inspect_row *row = &notes->rows->rows[n];

		if (!(rows >> n & 1) || row->count++ >= ROW_SHOWN)
			continue;
		if (!kept)
			kept = arena_copy(notes->inspection->arena, text, strlen(text));
		row->shown[row->count - 1] = kept;
	}
}

/* Of intervals, which are cut where those of any row begin and end, a row has as few as it can. */
struct runs {
	struct row_notes notes;
	struct { bool open; uint64_t low, high; } rows[ABI_ROWS_MAX];
	bool is_signed, is_address;
};

static void end_run(struct runs *runs, unsigned n)
{
	struct buffer text = { 0 };
	uint8_t low[4], high[4];

	if (!runs->rows[n].open)
		return;
	runs->rows[n].open = false;
	if (runs->is_address) {
		put_number(low, runs->rows[n].low, 4);
		put_number(high, runs->rows[n].high, 4);
		spell_addresses(4, low, high, &text);
	} else {
		spell_interval(runs->rows[n].low, runs->rows[n].high, runs->is_signed, &text);
	}
	note_member(&runs->notes, text.bytes, 1ULL << n);
	buffer_release(&text);
}

static void add_to_runs(struct runs *runs, const struct abi_interval *interval)
{
	for (unsigned n = 0; n < ABI_ROWS_MAX; n++) {
		if (!(interval->rows >> n & 1))
			continue;
		if (runs->rows[n].open && runs->rows[n].high + 1 == interval->low) {
			runs->rows[n].high = interval->high;
			continue;
		}
		end_run(runs, n);
		runs->rows[n].open = true;
		runs->rows[n].low = interval->low;
		runs->rows[n].high = interval->high;
	}
}

static void note_intervals(const struct row_notes *notes, uint32_t offset, bool is_address)
{
	const struct abi_interval_table *table = (const void *)(notes->inspection->bytes + offset);
	const struct abi_interval *items = (const void *)(table + 1);
	struct runs runs = {
		.notes = *notes, .is_signed = table->flags & ABI_INTERVALS_SIGNED, .is_address = is_address,
	};

	for (uint32_t n = 0; n < table->count; n++)
		add_to_runs(&runs, &items[n]);
	for (unsigned n = 0; n < ABI_ROWS_MAX; n++)
		end_run(&runs, n);
}

static void note_addresses(struct row_notes *notes, uint32_t offset)
{
	const struct abi_address_table *table = (const void *)(notes->inspection->bytes + offset);
	const struct telling telling = { notes->inspection, note_member, notes };

	if (table->v4)
		note_intervals(notes, table->v4, true);
	if (table->v6)
		each_address6(&telling, table->v6);
}

const struct inspect_rows *inspect_rows_of(struct inspection *inspection, uint8_t op, uint32_t table)
{
	const uint32_t offset = offset_of(inspection, op, table);
	struct inspect_rows **rows = &inspection->rows[offset / 8];
	struct row_notes notes = { .inspection = inspection };

	if (*rows)
		return *rows;
	*rows = notes.rows = arena_new(inspection->arena, struct inspect_rows);
	if (op == ABI_OP_INTERVALS || op == ABI_OP_LINEAGE)
		note_intervals(&notes, offset, false);
	else if (op == ABI_OP_ADDRESS)
		note_addresses(&notes, offset);
	else
		inspect_each_member(inspection, op, table, note_member, &notes);
	return *rows;
}

/* ---- Lists of members ---- */

struct listing {
	struct inspection *inspection;
	struct data *list;
	size_t count;
};

static void list_member(void *context, const char *text, uint64_t rows)
{
	struct listing *listing = context;
	struct buffer spelled = { 0 };

	spell_rows(rows, &spelled);
	inspect_entry(listing->inspection, listing->list, "%s: %s", text, spelled.length ? spelled.bytes : "no row");
	buffer_release(&spelled);
	listing->count++;
}

static size_t table_bytes(struct inspection *inspection, uint8_t op, uint32_t offset)
{
	struct inspect_ranges ranges = { .inspection = inspection };
	size_t bytes = 0;

	inspect_map_table(&ranges, op, offset, "");
	for (size_t n = 0; n < ranges.count; n++)
		bytes += ranges.items[n].size;
	return bytes;
}

/* The members of one that was told of already are not told again. */
static void add_table(struct inspection *inspection, uint8_t op, uint32_t offset, const char *of, struct data *list)
{
	const size_t bytes = table_bytes(inspection, op, offset);
	const bool first_time = inspect_first_time(inspection, offset);
	struct data *entry = data_record(inspection->arena, list, NULL), *members;
	struct listing listing = { .inspection = inspection };

	data_text(inspection->arena, entry, "text",
		  arena_format(inspection->arena, "at %u: %s of %s, %zu bytes%s", offset, kinds[op].name, of, bytes,
			       first_time ? "" : ", told of already"));
	data_text(inspection->arena, entry, "kind", kinds[op].name);
	data_text(inspection->arena, entry, "of", of);
	data_number(inspection->arena, entry, "offset", offset);
	data_number(inspection->arena, entry, "bytes", (int64_t)bytes);
	members = data_list(inspection->arena, entry, "members");
	listing.list = members;
	if (first_time)
		inspect_each_member(inspection, op, offset, list_member, &listing);
}

static const char *looks_at(struct inspection *inspection, const struct image_hook *hook, const struct abi_record *record)
{
	const char *value = record->op == ABI_OP_LINEAGE ? "the ids of the process and its ancestors" :
		inspect_value(inspection, hook, record->slot);

	if (record->op == ABI_OP_INTERVALS && load_rows[hook->abi->slots[record->slot].load].gives & GIVES_BYTES)
		return arena_format(inspection->arena, "the number of %s", value);
	return value;
}

void inspect_add_tables(struct inspection *inspection, const struct image_hook *hook, struct data *into)
{
	const struct abi_record *records = (const void *)(inspection->bytes + hook->abi->program);
	struct data *list = data_list(inspection->arena, into, "tables");
	uint64_t told = 0;

	for (uint32_t n = 0; n < hook->abi->record_count; n++) {
		const struct abi_record *record = &records[n];
		uint64_t bit = 1ULL << ABI_LOOKUP_REGISTER(record->operand);

		if (!inspect_op_looks_up(record->op) || record->op == ABI_OP_BINARY || told & bit)
			continue;
		told |= bit;
		add_table(inspection, record->op, ABI_LOOKUP_TABLE(record->operand), looks_at(inspection, hook, record), list);
	}
}

void inspect_add_binary_tables(struct inspection *inspection, struct data *into)
{
	struct data *list = data_list(inspection->arena, into, "binary_tables");

	for (uint32_t n = 0; n < ABI_BINARY_TABLES_MAX; n++) {
		const uint32_t offset = inspection->view.header->binary_tables[n];

		if (offset)
			add_table(inspection, ABI_OP_STRING, offset,
				  arena_format(inspection->arena, "programs' paths (table %u)", n), list);
	}
}

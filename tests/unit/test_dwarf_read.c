// SPDX-License-Identifier: Apache-2.0
/* test_dwarf_read.c - the parts that debug information consists of: numbers, abbreviations, values, ranges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <dwarf.h>

#include "schema/schema.h"
#include "symbolize/dwarf_unit.h"
#include "tests/unit/dwarf_builder.h"

/* ---- Numbers. ---- */

static const struct leb_row {
	const char *bytes;
	uint64_t number;
	int64_t signed_number;
	size_t left;			/* bytes behind it */
	bool is_bad;
} leb_rows[] = {
	{ "00", 0, 0, 0, false },
	{ "7f", 127, -1, 0, false },
	{ "3f 01", 63, 63, 1, false },
	{ "40", 64, -64, 0, false },
	{ "80 01", 128, 128, 0, false },
	{ "80 7f", 16256, -128, 0, false },
	{ "e5 8e 26 00", 624485, 624485, 1, false },
	{ "80 80 80 00", 0, 0, 0, false },
	{ "ff ff ff ff ff ff ff ff ff 01", UINT64_MAX, -1, 0, false },
	{ "80 80 80 80 80 80 80 80 80 01", UINT64_C(1) << 63, INT64_MIN, 0, false },
	{ "80", 0, 0, 0, true },
	{ "", 0, 0, 0, true },
	{ "80 80 80 80 80 80 80 80 80 80 80 00", 0, 0, 0, true },
};

static struct dwarf_cursor cursor_over(const struct buffer *bytes, bool is_big_endian)
{
	return (struct dwarf_cursor){ .at = (const uint8_t *)bytes->bytes, .end = (const uint8_t *)bytes->bytes + bytes->length,
				      .is_big_endian = is_big_endian };
}

static void test_numbers(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(leb_rows) / sizeof(*leb_rows); n++) {
		const struct leb_row *row = &leb_rows[n];
		struct buffer bytes = { 0 };
		struct dwarf_cursor one, two, three;

		buffer_add(&bytes, "", 0);
		made_bytes(&bytes, row->bytes);
		one = two = three = cursor_over(&bytes, false);
		assert_int_equal(cursor_leb(&one), row->number);
		assert_int_equal(one.is_bad, row->is_bad);
		assert_int_equal(cursor_signed_leb(&two), row->signed_number);
		assert_int_equal(two.is_bad, row->is_bad);
		if (!row->is_bad) {
			cursor_skip_leb(&three);
			assert_int_equal(cursor_left(&one), row->left);
			assert_int_equal(cursor_left(&two), row->left);
			assert_int_equal(cursor_left(&three), row->left);
		}
		buffer_release(&bytes);
	}
}

static void test_fixed(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct dwarf_cursor cursor;

	(void)state;
	for (unsigned size = 0; size <= 8; size++) {
		uint64_t little = 0, big = 0;

		for (unsigned n = 0; n < size; n++) {
			little |= (uint64_t)bytes[n] << 8 * n;
			big = big << 8 | bytes[n];
		}
		cursor = (struct dwarf_cursor){ .at = bytes, .end = bytes + 8 };
		assert_int_equal(cursor_fixed(&cursor, size), little);
		cursor = (struct dwarf_cursor){ .at = bytes, .end = bytes + 8, .is_big_endian = true };
		assert_int_equal(cursor_fixed(&cursor, size), big);
		assert_int_equal(cursor_left(&cursor), 8 - size);
	}
	cursor = (struct dwarf_cursor){ .at = bytes + 5, .end = bytes + 8 };
	assert_int_equal(cursor_fixed(&cursor, 4), 0);
	assert_true(cursor.is_bad && !cursor_left(&cursor));
}

static const struct length_row { const char *bytes; uint64_t length; uint8_t offset_size; bool is_bad; } length_rows[] = {
	{ "02 00 00 00 aa bb", 2, 4, false },
	{ "03 00 00 00 aa bb", 0, 4, true },	/* longer than what there is */
	{ "ff ff ff ff 01 00 00 00 00 00 00 00 aa", 1, 8, false },
	{ "ff ff ff ff 01 00 00 00 00 00 00 80 aa", 0, 8, true },
	{ "f0 ff ff ff aa", 0, 4, true },	/* reserved */
	{ "02 00", 0, 4, true },
};

static void test_unit_lengths(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(length_rows) / sizeof(*length_rows); n++) {
		const struct length_row *row = &length_rows[n];
		struct buffer bytes = { 0 };
		struct dwarf_cursor cursor;
		uint8_t offset_size;

		made_bytes(&bytes, row->bytes);
		cursor = cursor_over(&bytes, false);
		assert_int_equal(cursor_unit_length(&cursor, &offset_size), row->length);
		assert_int_equal(cursor.is_bad, row->is_bad);
		assert_int_equal(offset_size, row->offset_size);
		buffer_release(&bytes);
	}
}

/* ---- A unit with one entry, whose attributes are given. ---- */

struct made_unit {
	struct made_program program;
	struct binary *binary;
	struct dwarf_budget budget;
	struct dwarf_file file;
	struct dwarf_unit *unit;
};

/* `abbreviation`: pairs of attribute and form, in hexadecimal; `values`: their bytes. */
static void make_unit(struct made_unit *made, unsigned version, const char *abbreviation, const char *values)
{
	struct buffer *info = made_section(&made->program, ".debug_info"), *abbrev = made_section(&made->program, ".debug_abbrev");
	const unsigned address = made->program.is_narrow ? 4 : 8;
	const size_t start = made_length(info);

	made_fixed(&made->program, info, version, 2);
	if (version == 5) {
		made_bytes(info, "01");
		made_fixed(&made->program, info, address, 1);
	}
	made_fixed(&made->program, info, 0, 4);
	if (version < 5)
		made_fixed(&made->program, info, address, 1);
	made_bytes(info, "01");
	made_bytes(info, values);
	made_length_end(&made->program, info, start);
	made_bytes(abbrev, "01 11 00");
	made_bytes(abbrev, abbreviation);
	made_bytes(abbrev, "00 00 00");

	made->binary = made_open(&made->program);
	assert_non_null(made->binary);
	made->budget = (struct dwarf_budget){ 1 << 20, 1 << 20 };
	dwarf_file_open(&made->file, made->binary, false, &made->budget);
	made->unit = dwarf_unit_open(&made->file, 0);
}

static void release_unit(struct made_unit *made)
{
	dwarf_file_close(&made->file);
	binary_close(made->binary);
	made_release(&made->program);
}

/* ---- Texts of every form, read as DW_AT_name of the unit. ---- */

static const struct text_row { const char *about; unsigned version; const char *form, *bytes, *text; } text_rows[] = {
	{ "in the entry", 4, "08", "68 69 00", "hi" },
	{ "in the entry, without an end", 4, "08", "68 69", NULL },
	{ ".debug_str", 4, "0e", "04 00 00 00", "two" },
	{ ".debug_str, not there", 4, "0e", "40 00 00 00", NULL },
	{ ".debug_line_str", 5, "1f", "05 00 00 00", "line" },
	{ "index", 5, "1a", "01", "two" },
	{ "index of 1 byte", 5, "25", "00", "one" },
	{ "index of 2 bytes", 5, "26", "01 00", "two" },
	{ "index of 3 bytes", 5, "27", "01 00 00", "two" },
	{ "index of 4 bytes", 5, "28", "01 00 00 00", "two" },
	{ "index, not there", 5, "1a", "09", NULL },
	{ "index of 64 bits", 5, "1a", "ff ff ff ff ff ff ff ff ff 01", NULL },
	{ "form within the entry", 4, "16", "0e 00 00 00 00", "one" },
	{ "form within the form within the entry", 4, "16", "16 0e 00 00 00 00", NULL },
	{ "of dwz's file, which is not there", 4, "a1 3e", "00 00 00 00", NULL },
	{ "a number", 4, "0b", "07", NULL },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(text_rows) / sizeof(*text_rows); n++) {
		const struct text_row *row = &text_rows[n];
		struct made_unit made = { 0 };
		struct buffer *offsets = made_section(&made.program, ".debug_str_offsets");
		char abbreviation[64] = "03 ";
		const char *text;

		made_bytes(made_section(&made.program, ".debug_str"), "6f 6e 65 00 74 77 6f 00");
		made_text(made_section(&made.program, ".debug_line_str"), "dir/");
		made_text(made_section(&made.program, ".debug_line_str"), "line");
		made_bytes(offsets, "0c 00 00 00 05 00 00 00 00 00 00 00 04 00 00 00");
		make_unit(&made, row->version, strcat(abbreviation, row->form), row->bytes);
		text = made.unit ? dwarf_value_text(made.unit, &made.unit->name) : NULL;
		if (row->text)
			assert_string_equal(text, row->text);
		else
			assert_null(text);
		release_unit(&made);
	}
}

/* ---- Passing over every form leads where reading it does. ---- */

static const struct skip_row { const char *form, *bytes; } skip_rows[] = {
	{ "01", "01 02 03 04 05 06 07 08" }, { "03", "02 00 aa bb" }, { "04", "01 00 00 00 aa" }, { "05", "01 02" }, { "06", "01 02 03 04" },
	{ "07", "01 02 03 04 05 06 07 08" }, { "08", "61 00" }, { "09", "02 aa bb" }, { "0a", "01 aa" }, { "0b", "01" }, { "0c", "01" },
	{ "0d", "ff 7e" }, { "0e", "00 00 00 00" }, { "0f", "ff 01" }, { "10", "00 00 00 00" }, { "11", "00" }, { "12", "00 00" },
	{ "13", "00 00 00 00" }, { "14", "00 00 00 00 00 00 00 00" }, { "15", "80 01" }, { "16", "0b 01" }, { "17", "00 00 00 00" },
	{ "18", "02 aa bb" }, { "19", "" }, { "1a", "80 01" }, { "1b", "01" }, { "1c", "00 00 00 00" }, { "1d", "00 00 00 00" },
	{ "1e", "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10" }, { "1f", "00 00 00 00" }, { "20", "01 02 03 04 05 06 07 08" },
	{ "21 05", "" }, { "22", "01" }, { "23", "01" }, { "24", "01 02 03 04 05 06 07 08" }, { "25", "01" }, { "26", "01 02" },
	{ "27", "01 02 03" }, { "28", "01 02 03 04" }, { "29", "01" }, { "2a", "01 02" }, { "2b", "01 02 03" }, { "2c", "01 02 03 04" },
	{ "81 3e", "05" }, { "82 3e", "05" }, { "a0 3e", "00 00 00 00" }, { "a1 3e", "00 00 00 00" },
};

static void test_passing_over_forms(void **state)
{
	char all_forms[2048] = "", all_bytes[2048] = "", abbreviation[32];
	const struct dwarf_abbrev *abbrev;
	struct dwarf_cursor cursor;
	struct made_unit made = { 0 };

	(void)state;
	for (size_t n = 0; n < sizeof(skip_rows) / sizeof(*skip_rows); n++) {
		struct made_unit one = { 0 };

		snprintf(abbreviation, sizeof(abbreviation), "3a %s", skip_rows[n].form);
		strcat(strcat(all_forms, " "), abbreviation);
		strcat(strcat(all_bytes, " "), skip_rows[n].bytes);
		make_unit(&one, 5, abbreviation, skip_rows[n].bytes);
		assert_non_null(one.unit);
		cursor = dwarf_unit_entries(one.unit, one.unit->first + 1);
		if (cursor.is_bad)	/* no byte behind the code: a form without any */
			cursor = (struct dwarf_cursor){ 0 };
		dwarf_entry_skip(&cursor, one.unit->abbrevs, dwarf_abbrev_find(one.unit->abbrevs, 1));
		assert_false(cursor.is_bad);
		assert_int_equal(cursor_left(&cursor), 0);
		release_unit(&one);
	}
	make_unit(&made, 5, all_forms, all_bytes);
	assert_non_null(made.unit);	/* reading them all led to the end */
	abbrev = dwarf_abbrev_find(made.unit->abbrevs, 1);
	assert_int_equal(abbrev->count, sizeof(skip_rows) / sizeof(*skip_rows));
	cursor = dwarf_unit_entries(made.unit, made.unit->first + 1);
	dwarf_entry_skip(&cursor, made.unit->abbrevs, abbrev);
	assert_false(cursor.is_bad);
	assert_int_equal(cursor_left(&cursor), 0);
	release_unit(&made);
}

/* ---- Tables of abbreviations. ---- */

static const struct table_row { const char *about, *bytes; bool is_dense, is_bad; unsigned tags[4]; } table_rows[] = {
	{ "1, 2, 3", "01 11 01 00 00 02 2e 00 00 00 03 34 00 00 00 00", true, false, { 0, 0x11, 0x2e, 0x34 } },
	{ "in another order", "03 34 00 00 00 01 11 01 00 00 00", false, false, { 0, 0x11, 0, 0x34 } },
	{ "of two with one code the first", "01 11 01 00 00 01 2e 00 00 00 00", false, false, { 0, 0x11, 0, 0 } },
	{ "a form that there is not", "01 11 01 00 00 02 2e 00 03 7f 00 00 00", true, true, { 0, 0x11, 0, 0 } },
	{ "without an end", "01 11 01 00 00 02 2e", true, true, { 0, 0x11, 0, 0 } },
	{ "empty", "00", true, false, { 0, 0, 0, 0 } },
};

static void test_tables_of_abbreviations(void **state)
{
	const struct dwarf_sizes sizes = { 8, 4, 4 };

	(void)state;
	for (size_t n = 0; n < sizeof(table_rows) / sizeof(*table_rows); n++) {
		struct dwarf_budget budget = { 100, 100 };
		struct buffer bytes = { 0 };
		struct dwarf_section section = { 0 };
		struct dwarf_abbrevs *table;

		made_bytes(&bytes, table_rows[n].bytes);
		section.bytes = (const uint8_t *)bytes.bytes;
		section.size = bytes.length;
		table = dwarf_abbrevs_read(&section, 0, sizes, &budget);
		assert_int_equal(table->is_dense, table_rows[n].is_dense);
		assert_int_equal(table->is_bad, table_rows[n].is_bad);
		for (unsigned code = 0; code < 4; code++) {
			const struct dwarf_abbrev *abbrev = dwarf_abbrev_find(table, code);

			assert_int_equal(abbrev ? abbrev->tag : 0, table_rows[n].tags[code]);
		}
		assert_null(dwarf_abbrev_find(table, UINT64_MAX));
		dwarf_abbrevs_free(table);
		buffer_release(&bytes);
	}
}

/* ---- Ranges. ---- */

#define NONE { 0, 0 }
static const struct range_row {
	const char *about;
	unsigned version;
	bool is_narrow;
	const char *attributes, *values;
	const char *section, *list;
	bool is_damaged;
	struct dwarf_range ranges[4];
} range_rows[] = {
	{ "from low to high", 4, false, "11 01 12 01", "00 10 00 00 00 00 00 00 00 20 00 00 00 00 00 00", NULL, NULL, false,
	  { { 0x1000, 0x2000 }, NONE } },
	{ "from low on", 4, false, "11 01 12 0b", "00 10 00 00 00 00 00 00 20", NULL, NULL, false, { { 0x1000, 0x1020 }, NONE } },
	{ "nothing", 4, false, "11 01 12 0b", "00 10 00 00 00 00 00 00 00", NULL, NULL, false, { NONE } },
	{ "low alone", 4, false, "11 01", "00 10 00 00 00 00 00 00", NULL, NULL, false, { NONE } },
	{ "high alone", 4, false, "12 0b", "20", NULL, NULL, true, { NONE } },
	{ "dropped: 0", 4, false, "11 01 12 0b", "00 00 00 00 00 00 00 00 20", NULL, NULL, false, { NONE } },
	{ "dropped: 1", 4, false, "11 01 12 0b", "01 00 00 00 00 00 00 00 20", NULL, NULL, false, { NONE } },
	{ "dropped: -1", 4, false, "11 01 12 0b", "ff ff ff ff ff ff ff ff 20", NULL, NULL, false, { NONE } },
	{ "dropped: -2", 4, false, "11 01 12 0b", "fe ff ff ff ff ff ff ff 20", NULL, NULL, false, { NONE } },
	{ "dropped: -1 of 32 bits", 4, true, "11 01 12 0b", "ff ff ff ff 20", NULL, NULL, false, { NONE } },
	{ "an indexed address", 5, false, "11 1b 12 0b", "01 20", ".debug_addr",
	  "14 00 00 00 05 00 08 00 00 10 00 00 00 00 00 00 00 30 00 00 00 00 00 00", false, { { 0x3000, 0x3020 }, NONE } },
	{ "an indexed address that is not there", 5, false, "11 1b 12 0b", "07 20", ".debug_addr",
	  "14 00 00 00 05 00 08 00 00 10 00 00 00 00 00 00 00 30 00 00 00 00 00 00", true, { NONE } },
	{ "a list of pairs", 4, true, "55 17", "00 00 00 00", ".debug_ranges",
	  "00 10 00 00 10 10 00 00 05 20 00 00 05 20 00 00 00 30 00 00 01 30 00 00 00 00 00 00 00 00 00 00", false,
	  { { 0x1000, 0x1010 }, { 0x3000, 0x3001 }, NONE } },
	{ "pairs from the unit's address on", 4, true, "11 01 55 17", "00 00 01 00 00 00 00 00", ".debug_ranges",
	  "00 10 00 00 10 10 00 00 00 00 00 00 00 00 00 00", false, { { 0x11000, 0x11010 }, NONE } },
	{ "pairs from an address in the list on", 4, true, "55 17", "00 00 00 00", ".debug_ranges",
	  "ff ff ff ff 00 00 02 00 00 10 00 00 10 10 00 00 00 00 00 00 00 00 00 00", false, { { 0x21000, 0x21010 }, NONE } },
	{ "pairs without an end", 4, true, "55 17", "00 00 00 00", ".debug_ranges", "00 10 00 00 10 10 00 00 05", true,
	  { { 0x1000, 0x1010 }, NONE } },
	{ "a list that is not there", 4, true, "55 17", "40 00 00 00", ".debug_ranges", "00 10 00 00 10 10 00 00", true, { NONE } },
	{ "DWARF 5: an address, pairs, a pair of addresses, an address and a length", 5, true, "55 17", "00 00 00 00", ".debug_rnglists",
	  "05 00 10 00 00 04 00 10 04 20 30 06 00 30 00 00 10 30 00 00 07 00 40 00 00 05 00", false,
	  { { 0x1000, 0x1010 }, { 0x1020, 0x1030 }, { 0x3000, 0x3010 }, { 0x4000, 0x4005 } } },
	{ "DWARF 5: pairs from an address that was dropped", 5, true, "55 17", "00 00 00 00", ".debug_rnglists",
	  "05 ff ff ff ff 04 00 10 05 00 10 00 00 04 00 01 00", false, { { 0x1000, 0x1001 }, NONE } },
	{ "DWARF 5: a kind that there is not", 5, true, "55 17", "00 00 00 00", ".debug_rnglists", "07 00 40 00 00 05 09", true,
	  { { 0x4000, 0x4005 }, NONE } },
	{ "DWARF 5: without an end", 5, true, "55 17", "00 00 00 00", ".debug_rnglists", "07 00 40 00 00 05", true,
	  { { 0x4000, 0x4005 }, NONE } },
	{ "DWARF 5: an index", 5, true, "55 23", "01", ".debug_rnglists",
	  "20 00 00 00 05 00 04 00 02 00 00 00 08 00 00 00 0f 00 00 00 07 00 40 00 00 05 00 07 00 50 00 00 05 00", false,
	  { { 0x5000, 0x5005 }, NONE } },
	{ "DWARF 5: an index that is not there", 5, true, "55 23", "70", ".debug_rnglists",
	  "20 00 00 00 05 00 04 00 02 00 00 00 08 00 00 00", true, { NONE } },
};

static void test_ranges(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(range_rows) / sizeof(*range_rows); n++) {
		const struct range_row *row = &range_rows[n];
		struct made_unit made = { .program.is_narrow = row->is_narrow };
		struct buffer found = { 0 };
		size_t count = 0;

		if (row->section)
			made_bytes(made_section(&made.program, row->section), row->list);
		make_unit(&made, row->version, row->attributes, row->values);
		if (!made.unit)
			fail_msg("%s: the unit cannot be read", row->about);
		const bool is_fine = dwarf_ranges_add(made.unit, &(struct dwarf_extent){ made.unit->low, made.unit->high, made.unit->ranges },
						      &found);

		if (is_fine == row->is_damaged)
			fail_msg("%s: %s", row->about, is_fine ? "not damaged" : "damaged");
		while (count < 4 && row->ranges[count].end)
			count++;
		if (found.length != count * sizeof(struct dwarf_range) || (count && memcmp(found.bytes, row->ranges, found.length)))
			fail_msg("%s: %zu ranges, or others", row->about, found.length / sizeof(struct dwarf_range));
		buffer_release(&found);
		release_unit(&made);
	}
}

/* A list that many entries refer to costs what it costs each time: the budget ends that. */
static void test_ranges_cost(void **state)
{
	struct made_unit made = { .program.is_narrow = true };
	struct buffer *list = made_section(&made.program, ".debug_rnglists"), found = { 0 };

	(void)state;
	for (unsigned n = 0; n < 1000; n++)
		made_bytes(list, "07 00 40 00 00 05");
	made_bytes(list, "00");
	make_unit(&made, 5, "55 17", "00 00 00 00");
	made.budget.unit = 500;
	assert_false(dwarf_ranges_add(made.unit, &(struct dwarf_extent){ .ranges = made.unit->ranges }, &found));
	assert_true(found.length <= 500 * sizeof(struct dwarf_range));
	buffer_release(&found);
	release_unit(&made);
}

/* ---- Units. ---- */

static const struct unit_row { const char *about, *bytes; bool is_fine; } unit_rows[] = {
	{ "DWARF 4", "08 00 00 00 04 00 00 00 00 00 08 01", true },
	{ "DWARF 1", "08 00 00 00 01 00 00 00 00 00 08 01", false },
	{ "DWARF 6", "09 00 00 00 06 00 01 08 00 00 00 00 01", false },
	{ "DWARF 5", "09 00 00 00 05 00 01 08 00 00 00 00 01", true },
	{ "64 bits", "ff ff ff ff 0c 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00 00 00 08 01", true },
	{ "addresses of 2 bytes", "08 00 00 00 04 00 00 00 00 00 02 01", false },
	{ "longer than the section", "09 00 00 00 04 00 00 00 00 00 08 01", false },
	{ "no entry", "07 00 00 00 04 00 00 00 00 00 08", false },
	{ "an entry of no abbreviation", "08 00 00 00 04 00 00 00 00 00 08 05", false },
	{ "no table of abbreviations", "08 00 00 00 04 00 ff 00 00 00 08 01", false },
	{ "shorter than its head", "03 00 00 00 04 00 00", false },
};

static void test_units(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(unit_rows) / sizeof(*unit_rows); n++) {
		struct made_program program = { 0 };
		struct dwarf_budget budget = { 100, 100 };
		struct dwarf_file file;
		struct binary *binary;

		made_bytes(made_section(&program, ".debug_info"), unit_rows[n].bytes);
		made_bytes(made_section(&program, ".debug_abbrev"), "01 11 00 00 00 00");
		binary = made_open(&program);
		dwarf_file_open(&file, binary, false, &budget);
		if (!dwarf_unit_open(&file, 0) == unit_rows[n].is_fine)
			fail_msg("%s", unit_rows[n].about);
		dwarf_file_close(&file);
		binary_close(binary);
		made_release(&program);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_fixed), cmocka_unit_test(test_unit_lengths),
		cmocka_unit_test(test_texts), cmocka_unit_test(test_passing_over_forms), cmocka_unit_test(test_tables_of_abbreviations),
		cmocka_unit_test(test_ranges), cmocka_unit_test(test_ranges_cost), cmocka_unit_test(test_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

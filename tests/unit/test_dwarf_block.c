// SPDX-License-Identifier: Apache-2.0
/* test_dwarf_block.c - what is kept of units: functions that overlap, calls within calls, which unit an address is in; and bytes from disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "schema/schema.h"
#include "symbolize/dwarf.h"
#include "symbolize/dwarf_block.h"
#include "symbolize/dwarf_index.h"
#include "symbolize/dwarf_writer.h"
#include "tests/unit/dwarf_builder.h"

/* ---- Functions: their ranges, and which is told where they overlap. ---- */

static const struct function_row {
	const char *about;
	struct { const char *name; struct dwarf_range ranges[2]; } functions[4];
	struct { uint64_t address; const char *name; uint64_t start; } asked[8];
} function_rows[] = {
	{ "one", { { "f", { { 0x10, 0x20 } } } }, { { 0xf, NULL, 0 }, { 0x10, "f", 0x10 }, { 0x1f, "f", 0x10 }, { 0x20, NULL, 0 } } },
	{ "in another order", { { "g", { { 0x30, 0x40 } } }, { "f", { { 0x10, 0x20 } } } },
	  { { 0x10, "f", 0x10 }, { 0x25, NULL, 0 }, { 0x30, "g", 0x30 } } },
	{ "in two places", { { "f", { { 0x10, 0x20 }, { 0x80, 0x90 } } } }, { { 0x10, "f", 0x10 }, { 0x50, NULL, 0 }, { 0x85, "f", 0x80 } } },
	{ "one within another", { { "f", { { 0x10, 0x40 } } }, { "g", { { 0x20, 0x30 } } } },
	  { { 0x1f, "f", 0x10 }, { 0x20, "g", 0x20 }, { 0x2f, "g", 0x20 }, { 0x30, "f", 0x30 }, { 0x3f, "f", 0x30 }, { 0x40, NULL, 0 } } },
	{ "that begin together", { { "f", { { 0x10, 0x40 } } }, { "g", { { 0x10, 0x20 } } } },
	  { { 0x10, "g", 0x10 }, { 0x20, "f", 0x20 } } },
	{ "that end apart", { { "f", { { 0x10, 0x30 } } }, { "g", { { 0x20, 0x40 } } } },
	  { { 0x1f, "f", 0x10 }, { 0x20, "g", 0x20 }, { 0x30, "g", 0x20 }, { 0x3f, "g", 0x20 }, { 0x40, NULL, 0 } } },
	{ "the same: the first", { { "f", { { 0x10, 0x20 } } }, { "g", { { 0x10, 0x20 } } } }, { { 0x10, "f", 0x10 }, { 0x1f, "f", 0x10 } } },
};

static void finish(struct dwarf_writer *writer, struct buffer *bytes, struct dwarf_block *block)
{
	bytes->length = 0;
	assert_true(writer_finish(writer, bytes));
	assert_true(dwarf_block_open(block, bytes->bytes, bytes->length));
}

static void test_functions(void **state)
{
	struct dwarf_writer writer = { 0 };
	struct buffer bytes = { 0 };
	struct block_call call;
	struct dwarf_block block;
	uint64_t start = 0;

	(void)state;
	for (size_t n = 0; n < sizeof(function_rows) / sizeof(*function_rows); n++) {
		const struct function_row *row = &function_rows[n];

		writer_reset(&writer);
		for (size_t at = 0; at < 4 && row->functions[at].name; at++) {
			const size_t count = row->functions[at].ranges[1].end ? 2 : 1;

			writer_function_end(&writer, writer_function_begin(&writer, writer_name(&writer, row->functions[at].name),
									   row->functions[at].ranges, count));
		}
		finish(&writer, &bytes, &block);
		for (size_t at = 0; at < 8 && row->asked[at].address; at++) {
			const size_t count = dwarf_block_calls(&block, row->asked[at].address, &call, 1, &start);

			if (count != (row->asked[at].name ? 1 : 0))
				fail_msg("%s: %#jx is in %zu", row->about, (uintmax_t)row->asked[at].address, count);
			if (count && (strcmp(call.function, row->asked[at].name) || start != row->asked[at].start))
				fail_msg("%s: %#jx is %s from %#jx on", row->about, (uintmax_t)row->asked[at].address, call.function,
					 (uintmax_t)start);
		}
	}
	buffer_release(&bytes);
	writer_release(&writer);
}

/* ---- Calls. ---- */

/* A tree in one text: "a1000-1010(b1004-1008(c...))" of names of one letter, hexadecimal; ! behind a name: it is open. */
static const char *add_nodes(struct dwarf_writer *writer, const char *tree, uint64_t base)
{
	while (*tree && *tree != ')') {
		const char name[2] = { *tree++, 0 };
		const uint32_t flags = *tree == '!' ? BLOCK_NODE_OPEN : 0;
		struct dwarf_range ranges[4];
		struct writer_call call = { .name = writer_name(writer, name), .line = (uint64_t)name[0], .column = 1 };
		size_t count = 0, node;
		char *end;

		tree += flags ? 1 : 0;
		while (*tree && *tree != '(' && *tree != ')' && *tree != ' ') {
			ranges[count].start = strtoull(tree, &end, 16);
			ranges[count++].end = strtoull(end + 1, &end, 16);
			tree = *end == ',' ? end + 1 : end;
		}
		node = writer_node_begin(writer, base, ranges, count, &call);
		if (*tree == '(')
			tree = add_nodes(writer, tree + 1, base) + 1;
		writer_node_end(writer, node, flags);
		tree += *tree == ' ';
	}
	return tree;
}

static const struct call_row {
	const char *about, *tree;
	struct { uint64_t address; const char *names; } asked[8];
} call_rows[] = {
	{ "nothing inlined", "", { { 0x1000, "f" } } },
	{ "one", "a1000-1010", { { 0x1000, "fa" }, { 0x100f, "fa" }, { 0x1010, "f" } } },
	{ "side by side", "a1000-1010 b1010-1020 c1018-101c", { { 0x100f, "fa" }, { 0x1010, "fb" }, { 0x1018, "fb" }, { 0x1020, "f" } } },
	{ "one in another", "a1000-1040(b1010-1020(c1014-1018) d1020-1030) e1040-1041",
	  { { 0x1000, "fa" }, { 0x1010, "fab" }, { 0x1014, "fabc" }, { 0x1018, "fab" }, { 0x1020, "fad" }, { 0x1030, "fa" }, { 0x1040, "fe" } } },
	{ "in several places", "a1000-1004,1020-1024,1010-1014(b1010-1012)",
	  { { 0x1003, "fa" }, { 0x1004, "f" }, { 0x1020, "fa" }, { 0x1010, "fab" }, { 0x1012, "fa" } } },
	{ "one that lies nowhere itself", "a!(b1010-1014(c1010-1011)) d1020-1024",
	  { { 0x1010, "fabc" }, { 0x1012, "fab" }, { 0x1000, "f" }, { 0x1020, "fd" } } },
	{ "several that lie nowhere, in each other", "a!(b!(c1010-1014) d!(e1020-1024)) g1030-1031",
	  { { 0x1010, "fabc" }, { 0x1020, "fade" }, { 0x1030, "fg" }, { 0x1031, "f" } } },
	{ "one that has nodes outside of itself", "a!1000-1004(b1010-1014 c1002-1003)",
	  { { 0x1000, "fa" }, { 0x1010, "fab" }, { 0x1002, "fac" }, { 0x1008, "f" } } },
	{ "what is behind it is not lost", "a!1000-1004(b1010-1014) d1008-100a", { { 0x1008, "fd" }, { 0x1011, "fab" } } },
	{ "one that is closed hides what lies outside of it", "a1000-1004(b1010-1014)", { { 0x1010, "f" } } },
};

static void test_calls(void **state)
{
	static const struct dwarf_range range = { 0x1000, 0x2000 };
	struct dwarf_writer writer = { 0 };
	struct buffer bytes = { 0 };
	struct block_call calls[8];
	struct dwarf_block block;
	uint64_t start;

	(void)state;
	for (size_t n = 0; n < sizeof(call_rows) / sizeof(*call_rows); n++) {
		uint32_t function;

		writer_reset(&writer);
		function = writer_function_begin(&writer, writer_name(&writer, "f"), &range, 1);
		add_nodes(&writer, call_rows[n].tree, range.start);
		writer_function_end(&writer, function);
		finish(&writer, &bytes, &block);
		for (size_t at = 0; at < 8 && call_rows[n].asked[at].names; at++) {
			const size_t count = dwarf_block_calls(&block, call_rows[n].asked[at].address, calls, 8, &start);
			char names[16] = "";

			for (size_t call = 0; call < count; call++) {
				strcat(names, calls[call].function);
				assert_int_equal(calls[call].called.line, call ? calls[call].function[0] : 0);
			}
			if (strcmp(names, call_rows[n].asked[at].names))
				fail_msg("%s: %#jx is %s, not %s", call_rows[n].about, (uintmax_t)call_rows[n].asked[at].address, names,
					 call_rows[n].asked[at].names);
			assert_int_equal(dwarf_block_calls(&block, call_rows[n].asked[at].address, calls, 0, &start), count);
		}
	}
	buffer_release(&bytes);
	writer_release(&writer);
}

/* ---- Bytes from disk. ---- */

static void test_damaged_blocks(void **state)
{
	static const struct dwarf_range range = { 0x1000, 0x2000 };
	struct dwarf_writer writer = { 0 };
	struct buffer bytes = { 0 };
	struct dwarf_block block;
	struct block_call calls[8];
	struct block_line line;
	uint64_t start;
	uint32_t function;

	(void)state;
	writer_reset(&writer);
	function = writer_function_begin(&writer, writer_name(&writer, "f"), &range, 1);
	add_nodes(&writer, "a!1000-1040(b1010-1020(c1014-1018) d1020-1030) e1040-1041", range.start);
	writer_function_end(&writer, function);
	for (uint32_t n = 0; n < 40; n++)
		writer_row_add(&writer, &(struct writer_row){ 0x1000 + n, writer_file(&writer, writer_text(&writer, "/in"), "c"), n, n });
	writer_sequence_end(&writer, 0x1040);
	finish(&writer, &bytes, &block);
	for (size_t size = 0; size < bytes.length; size++)
		assert_false(dwarf_block_open(&block, bytes.bytes, size));
	/* Every byte another, in a copy that ends where it ends: refused, or answers that stay within it (a sanitizer says so). */
	for (size_t at = 0; at < bytes.length; at++)
		for (unsigned change = 1; change < 256; change += change < 4 ? 1 : 63) {
			uint8_t *copy = malloc(bytes.length);

			memcpy(copy, bytes.bytes, bytes.length);
			copy[at] ^= (uint8_t)change;
			if (dwarf_block_open(&block, copy, bytes.length))
				for (uint64_t address = 0xff8; address < 0x1048; address += 4) {
					size_t count = dwarf_block_calls(&block, address, calls, 8, &start);

					while (count--)
						if (count < 8 && calls[count].function)
							assert_true(strlen(calls[count].function) < bytes.length);
					if (dwarf_block_line(&block, address, &line) && dwarf_block_file(&block, line.file))
						assert_true(strlen(dwarf_block_file(&block, line.file)) < bytes.length);
				}
			free(copy);
		}
	buffer_release(&bytes);
	writer_release(&writer);
}

/* ---- Which unit. ---- */

/* Units of one byte of code each, which only say where they lie: the unit's number in the file is its place in the text. */
static struct binary *make_units(struct made_program *program, const char *ranges)
{
	struct buffer *info = made_section(program, ".debug_info");
	char *end;

	while (*ranges) {
		const size_t start = made_length(info);
		const uint64_t from = strtoull(ranges, &end, 16), to = strtoull(end + 1, &end, 16);

		made_bytes(info, "04 00 00 00 00 00 08 01");
		made_fixed(program, info, from, 8);
		made_fixed(program, info, to - from, 4);
		made_length_end(program, info, start);
		ranges = *end ? end + 1 : end;
	}
	made_bytes(made_section(program, ".debug_abbrev"), "01 11 00 11 01 12 06 00 00 00");
	return made_open(program);
}

static void add_no_ranges(void *context, struct dwarf_unit *unit, struct buffer *ret)
{
	(void)context;
	(void)unit;
	(void)ret;
}

static const struct index_row {
	const char *about, *ranges;
	struct { uint64_t address; const char *units; } asked[8];
} index_rows[] = {
	{ "none", "", { { 0x1000, "" } } },
	{ "one", "1000-2000", { { 0xfff, "" }, { 0x1000, "0" }, { 0x1fff, "0" }, { 0x2000, "" } } },
	{ "side by side, in another order", "2000-3000 1000-2000", { { 0x1fff, "1" }, { 0x2000, "0" }, { 0x3000, "" } } },
	{ "one within another", "1000-4000 2000-3000", { { 0x1000, "0" }, { 0x2000, "01" }, { 0x3000, "0" }, { 0x4000, "" } } },
	{ "that overlap", "2000-4000 1000-3000", { { 0x1000, "1" }, { 0x2000, "01" }, { 0x3000, "0" } } },
	{ "the same", "1000-2000 1000-2000 1000-2000", { { 0x1000, "012" } } },
	{ "dropped", "0-2000 1000-2000", { { 0x1000, "1" }, { 0x10, "" } } },
};

static void test_index(void **state)
{
	const struct index_reader reader = { NULL, add_no_ranges };

	(void)state;
	for (size_t n = 0; n < sizeof(index_rows) / sizeof(*index_rows); n++) {
		struct made_program program = { 0 };
		struct binary *binary = make_units(&program, index_rows[n].ranges);
		struct dwarf_budget budget = { 1 << 20, 1 << 20 };
		struct dwarf_index index;
		struct dwarf_file file;
		struct buffer bytes = { 0 };

		dwarf_file_open(&file, binary, false, &budget);
		dwarf_index_make(&file, &reader, &bytes);
		assert_true(dwarf_index_open(&index, bytes.bytes, bytes.length));
		for (size_t size = 0; size < bytes.length; size++) {
			struct dwarf_index none;

			assert_false(dwarf_index_open(&none, bytes.bytes, size));
		}
		for (size_t at = 0; at < 8 && index_rows[n].asked[at].units; at++) {
			const uint32_t *units;
			char found[16] = "";

			for (size_t count = dwarf_index_find(&index, index_rows[n].asked[at].address, &units), one = 0; one < count; one++)
				found[one] = (char)('0' + units[one]);
			if (strcmp(found, index_rows[n].asked[at].units))
				fail_msg("%s: %#jx is in %s, not %s", index_rows[n].about, (uintmax_t)index_rows[n].asked[at].address, found,
					 index_rows[n].asked[at].units);
		}
		buffer_release(&bytes);
		dwarf_file_close(&file);
		binary_close(binary);
		made_release(&program);
	}
}

/* ---- All of it: names by way of other entries, byte orders, sizes, frames that are cut off. ---- */

/* A function "f" with "a" inlined, in which "b" is, both declared elsewhere; their names are linkage names of what they refer to. */
static struct binary *make_program(struct made_program *program, unsigned version)
{
	struct buffer *info = made_section(program, ".debug_info"), *abbrev = made_section(program, ".debug_abbrev");
	const unsigned address = program->is_narrow ? 4 : 8, head = version == 5 ? 12 : 11;
	const size_t start = made_length(info);
	const uint64_t a = head + 1, b = a + 1 + 3, root_bytes = 1 + address + 4;

	made_fixed(program, info, version, 2);
	if (version == 5)
		made_bytes(info, "01"), made_fixed(program, info, address, 1);
	made_fixed(program, info, 0, 4);
	if (version < 5)
		made_fixed(program, info, address, 1);
	made_bytes(info, "01");
	made_fixed(program, info, 0x1000, address);
	made_fixed(program, info, 0x1000, 4);
	made_bytes(info, "02 41 31 00");			/* at a: declares A1, a linkage name */
	made_bytes(info, "03");					/* at b: a specification of the first */
	made_fixed(program, info, a - 1 + root_bytes, 4);
	made_bytes(info, "04 66 00");				/* f */
	made_fixed(program, info, 0x1000, address);
	made_fixed(program, info, 0x100, 4);
	made_bytes(info, "05");					/* inlined: by the specification */
	made_fixed(program, info, b - 1 + root_bytes, 4);
	made_fixed(program, info, 0x1010, address);
	made_fixed(program, info, 0x20, 4);
	made_bytes(info, "07 05");				/* called in line 7; in it another of the same */
	made_fixed(program, info, a - 1 + root_bytes, 4);
	made_fixed(program, info, 0x1018, address);
	made_fixed(program, info, 0x8, 4);
	made_bytes(info, "09 00 00 00 00");
	made_length_end(program, info, start);
	made_bytes(abbrev, "01 11 01 11 01 12 06 00 00 "
			   "02 2e 00 6e 08 00 00 "
			   "03 2e 00 47 13 00 00 "
			   "04 2e 01 03 08 11 01 12 06 00 00 "
			   "05 1d 01 31 13 11 01 12 06 59 0b 00 00 00");
	return made_open(program);
}

static const struct form_row { const char *about; bool is_narrow, is_big_endian; unsigned version; } form_rows[] = {
	{ "64 bits", false, false, 4 }, { "64 bits, big endian", false, true, 4 }, { "32 bits", true, false, 4 },
	{ "32 bits, big endian", true, true, 4 }, { "64 bits, DWARF 5", false, false, 5 }, { "32 bits, big endian, DWARF 5", true, true, 5 },
	{ "64 bits, DWARF 2", false, false, 2 },
};

static void test_all(void **state)
{
	static const struct { uint64_t address; size_t room, count; const char *names; bool is_cut; unsigned lines[3]; } asked[] = {
		{ 0x1000, 8, 1, "f", false, { 0 } },
		{ 0x1010, 8, 2, "A1 f", false, { 0, 7 } },
		{ 0x1018, 8, 3, "A1 A1 f", false, { 0, 9, 7 } },
		{ 0x1018, 2, 2, "A1 f", true, { 0, 7 } },
		{ 0x1018, 1, 1, "f", true, { 7 } },
		{ 0x1100, 8, 0, "", false, { 0 } },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(form_rows) / sizeof(*form_rows); n++) {
		struct made_program program = { .is_narrow = form_rows[n].is_narrow, .is_big_endian = form_rows[n].is_big_endian };
		struct binary *binary = make_program(&program, form_rows[n].version);
		struct dwarf *dwarf = dwarf_open(binary, NULL, NULL);

		for (size_t at = 0; at < sizeof(asked) / sizeof(*asked); at++) {
			struct symbol_frame frames[8];
			struct symbol_frames found = { .frames = frames, .room = asked[at].room };
			const enum symbol_why why = dwarf_find(dwarf, asked[at].address, &found);
			char names[64] = "";

			assert_int_equal(why, asked[at].count ? SYMBOL_KNOWN : SYMBOL_NO_LINES);
			assert_int_equal(found.count, asked[at].count);
			assert_int_equal(found.is_cut, asked[at].is_cut);
			for (size_t frame = 0; frame < found.count; frame++) {
				strcat(strcat(names, frame ? " " : ""), frames[frame].function);
				assert_int_equal(frames[frame].line, asked[at].lines[frame]);
			}
			if (strcmp(names, asked[at].names))
				fail_msg("%s: %#jx is %s, not %s", form_rows[n].about, (uintmax_t)asked[at].address, names,
					 asked[at].names);
		}
		dwarf_close(dwarf);
		binary_close(binary);
		made_release(&program);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions), cmocka_unit_test(test_calls), cmocka_unit_test(test_damaged_blocks),
		cmocka_unit_test(test_index), cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

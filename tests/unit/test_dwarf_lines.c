// SPDX-License-Identifier: Apache-2.0
/* test_dwarf_lines.c - line programs, through the form in which a unit is kept: which line an address has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "schema/schema.h"
#include "symbolize/dwarf_block.h"
#include "symbolize/dwarf_lines.h"
#include "tests/unit/dwarf_builder.h"

/* What a test writes at the places of the head that matter. */
struct head { unsigned version, minimum_length; int line_base; unsigned line_range, opcode_base; };
static const struct head usual = { 4, 1, -5, 14, 13 };

/* The head of a program, with a folder "in", and files "one.c" of the unit's folder and "two.c" of "in". */
static void put_head(const struct made_program *program, struct buffer *line, struct head head)
{
	static const uint8_t lengths[] = { 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1 };
	size_t length;

	made_fixed(program, line, head.version, 2);
	if (head.version == 5)
		made_bytes(line, "08 00");
	length = made_length(line);
	made_fixed(program, line, head.minimum_length, 1);
	if (head.version >= 4)
		made_bytes(line, "01");
	made_bytes(line, "01");
	made_fixed(program, line, (uint64_t)head.line_base, 1);
	made_fixed(program, line, head.line_range, 1);
	made_fixed(program, line, head.opcode_base, 1);
	for (unsigned n = 1; n < head.opcode_base; n++)
		made_fixed(program, line, n <= sizeof(lengths) ? lengths[n - 1] : 1, 1);
	if (head.version < 5) {
		made_text(line, "in");
		made_bytes(line, "00");
		made_text(line, "one.c");
		made_bytes(line, "00 00 00");
		made_text(line, "two.c");
		made_bytes(line, "01 00 00 00");
	} else {
		made_bytes(line, "01 01 08 02");	/* folders: the path, as a text */
		made_text(line, "/made");
		made_text(line, "in");
		made_bytes(line, "02 01 08 02 0b 03");	/* files: the path, the folder's number in a byte */
		made_text(line, "zero.c");
		made_bytes(line, "00");
		made_text(line, "one.c");
		made_bytes(line, "00");
		made_text(line, "two.c");
		made_bytes(line, "01");
	}
	made_length_end(program, line, length);
}

/* A program with a unit whose lines these are. */
static struct binary *make(struct made_program *program, struct head head, const char *opcodes)
{
	struct buffer *info = made_section(program, ".debug_info"), *line = made_section(program, ".debug_line");
	size_t start = made_length(info);

	made_bytes(info, "04 00 00 00 00 00 08 01 00 00 00 00");
	made_text(info, "/made");
	made_length_end(program, info, start);
	made_bytes(made_section(program, ".debug_abbrev"), "01 11 00 10 17 1b 08 00 00 00");
	start = made_length(line);
	put_head(program, line, head);
	made_bytes(line, opcodes);
	made_length_end(program, line, start);
	return made_open(program);
}

/* The block of the program's only unit, in `bytes`; whether nothing was damaged. */
static bool read_lines(struct binary *binary, struct buffer *bytes, struct dwarf_block *block)
{
	struct dwarf_budget budget = { 1 << 20, 1 << 20 };
	struct dwarf_writer writer = { 0 };
	struct dwarf_lines lines = { 0 };
	const struct dwarf_unit *unit;
	struct dwarf_file file;
	bool is_fine;

	dwarf_file_open(&file, binary, false, &budget);
	unit = dwarf_unit_open(&file, 0);
	assert_non_null(unit);
	writer_reset(&writer);
	is_fine = dwarf_lines_open(&lines, unit, &writer) && dwarf_lines_write(&lines);
	assert_true(writer_finish(&writer, bytes));
	assert_true(dwarf_block_open(block, bytes->bytes, bytes->length));
	writer_release(&writer);
	dwarf_lines_release(&lines);
	dwarf_file_close(&file);
	return is_fine;
}

/* "0x1000=one.c:3:0" for each address that is asked, or "-". */
static void describe(const struct dwarf_block *block, uint64_t address, char *ret, size_t size)
{
	struct block_line line;

	if (!dwarf_block_line(block, address, &line))
		snprintf(ret, size, "-");
	else if (!line.file)
		snprintf(ret, size, "?:%u:%u", line.line, line.column);
	else
		snprintf(ret, size, "%s/%s:%u:%u", dwarf_block_folder(block, line.file), dwarf_block_file(block, line.file), line.line,
			 line.column);
}

#define AT_1000 "00 09 02 00 10 00 00 00 00 00 00 "	/* the address is 0x1000 */
#define AT_2000 "00 09 02 00 20 00 00 00 00 00 00 "
#define END "00 01 01 "
#define COPY "01 "

static const struct line_row {
	const char *about;
	const struct head head;
	const char *opcodes;
	bool is_damaged;
	struct { uint64_t address; const char *line; } asked[6];
} line_rows[] = {
	{ "one row", { 4, 1, -5, 14, 13 }, AT_1000 COPY "02 10 " END, false,
	  { { 0xfff, "-" }, { 0x1000, "/made/one.c:1:0" }, { 0x100f, "/made/one.c:1:0" }, { 0x1010, "-" } } },
	{ "special opcodes", { 4, 1, -5, 14, 13 }, AT_1000 "14 2e 4b " END, false,
	  { { 0x1000, "/made/one.c:3:0" }, { 0x1005, "/made/one.c:3:0" }, { 0x1006, "-" } } },
	{ "special opcodes that advance", { 4, 1, -5, 14, 13 }, AT_1000 "14 30 02 04 " END, false,
	  { { 0x1000, "/made/one.c:3:0" }, { 0x1001, "/made/one.c:3:0" }, { 0x1002, "/made/one.c:5:0" }, { 0x1005, "/made/one.c:5:0" },
	    { 0x1006, "-" } } },
	{ "instructions of 4 bytes", { 4, 4, -5, 14, 13 }, AT_1000 COPY "02 02 03 07 " COPY "02 01 " END, false,
	  { { 0x1007, "/made/one.c:1:0" }, { 0x1008, "/made/one.c:8:0" }, { 0x100b, "/made/one.c:8:0" }, { 0x100c, "-" } } },
	{ "line, file, column", { 4, 1, -5, 14, 13 }, AT_1000 "03 e8 07 04 02 05 81 01 " COPY "02 01 " END, false,
	  { { 0x1000, "/made/in/two.c:1001:129" } } },
	{ "a line before", { 4, 1, -5, 14, 13 }, AT_1000 "03 0a " COPY "02 01 03 7d " COPY "02 01 " END, false,
	  { { 0x1000, "/made/one.c:11:0" }, { 0x1001, "/made/one.c:8:0" } } },
	{ "const_add_pc", { 4, 1, -5, 14, 13 }, AT_1000 COPY "08 03 01 " COPY "02 01 " END, false,
	  { { 0x1010, "/made/one.c:1:0" }, { 0x1011, "/made/one.c:2:0" } } },
	{ "fixed_advance_pc", { 4, 4, -5, 14, 13 }, AT_1000 COPY "09 03 00 03 01 " COPY "09 01 00 " END, false,
	  { { 0x1002, "/made/one.c:1:0" }, { 0x1003, "/made/one.c:2:0" }, { 0x1004, "-" } } },
	{ "standard opcodes that say nothing here", { 4, 1, -5, 14, 13 }, AT_1000 "06 07 0a 0b 0c 03 " COPY "02 01 " END, false,
	  { { 0x1000, "/made/one.c:1:0" } } },
	{ "standard opcodes of another time", { 4, 1, -5, 14, 15 }, AT_1000 "0d 81 01 0e 05 " COPY "02 01 " END, false,
	  { { 0x1000, "/made/one.c:1:0" } } },
	{ "fewer standard opcodes", { 2, 1, -5, 14, 10 }, AT_1000 "10 " COPY "02 01 " END, false, { { 0x1000, "/made/one.c:2:0" } } },
	{ "a line below 0", { 4, 1, -5, 14, 13 }, AT_1000 "03 7c " COPY "02 01 " END, false, { { 0x1000, "/made/one.c:0:0" } } },
	{ "extended opcodes of another time", { 4, 1, -5, 14, 13 }, AT_1000 "00 03 04 05 06 00 02 80 01 " COPY "02 01 " END, false,
	  { { 0x1000, "/made/one.c:1:0" } } },
	{ "a file that the program adds", { 4, 1, -5, 14, 13 }, AT_1000 "00 06 03 63 00 01 00 00 04 03 " COPY "02 01 " END, false,
	  { { 0x1000, "/made/in/c:1:0" } } },
	{ "a file that there is not", { 4, 1, -5, 14, 13 }, AT_1000 "04 09 " COPY "02 01 " END, false, { { 0x1000, "?:1:0" } } },
	{ "line 0", { 4, 1, -5, 14, 13 }, AT_1000 COPY "02 01 03 7f " COPY "02 01 " END, false,
	  { { 0x1000, "/made/one.c:1:0" }, { 0x1001, "/made/one.c:0:0" } } },
	{ "of rows at one address the last", { 4, 1, -5, 14, 13 }, AT_1000 COPY "03 01 " COPY "03 01 " COPY "02 01 " END, false,
	  { { 0x1000, "/made/one.c:3:0" } } },
	{ "sequences out of order", { 4, 1, -5, 14, 13 }, AT_2000 COPY "02 10 " END AT_1000 "03 04 " COPY "02 10 " END, false,
	  { { 0x1000, "/made/one.c:5:0" }, { 0x1010, "-" }, { 0x2000, "/made/one.c:1:0" }, { 0x200f, "/made/one.c:1:0" } } },
	{ "rows out of order", { 4, 1, -5, 14, 13 }, AT_1000 COPY "02 08 03 01 " COPY AT_1000 "02 04 03 01 " COPY "02 0c " END, false,
	  { { 0x1003, "/made/one.c:1:0" }, { 0x1004, "/made/one.c:3:0" }, { 0x1008, "/made/one.c:2:0" }, { 0x100f, "/made/one.c:2:0" },
	    { 0x1010, "-" } } },
	{ "sequences that overlap: one ends where the next begins", { 4, 1, -5, 14, 13 },
	  AT_1000 COPY "02 81 20 " END AT_2000 "03 04 " COPY "02 10 " END, false,
	  { { 0x1fff, "/made/one.c:1:0" }, { 0x2000, "/made/one.c:5:0" }, { 0x2010, "-" } } },
	{ "sequences that are the same: the first", { 4, 1, -5, 14, 13 }, AT_1000 COPY "02 10 " END AT_1000 "03 04 " COPY "02 10 " END, false,
	  { { 0x1000, "/made/one.c:1:0" } } },
	{ "dropped: 0", { 4, 1, -5, 14, 13 }, "00 09 02 00 00 00 00 00 00 00 00 " COPY "02 80 20 " END AT_1000 COPY "02 10 " END, false,
	  { { 0x10, "-" }, { 0xfff, "-" }, { 0x1000, "/made/one.c:1:0" } } },
	{ "dropped: -1", { 4, 1, -5, 14, 13 }, "00 09 02 ff ff ff ff ff ff ff ff " COPY "02 80 30 " END AT_1000 COPY "02 10 " END, false,
	  { { 0x17fe, "-" }, { 0x1000, "/made/one.c:1:0" } } },
	{ "dropped: -2", { 4, 1, -5, 14, 13 }, "00 09 02 fe ff ff ff ff ff ff ff " COPY "02 80 30 " END AT_1000 COPY "02 10 " END, false,
	  { { 0x17fd, "-" }, { 0x1000, "/made/one.c:1:0" } } },
	{ "a sequence without an end", { 4, 1, -5, 14, 13 }, AT_1000 COPY "02 10 " END AT_2000 COPY "02 10 " COPY, false,
	  { { 0x1000, "/made/one.c:1:0" }, { 0x2000, "-" } } },
	{ "an address that is cut off", { 4, 1, -5, 14, 13 }, AT_1000 COPY "02 10 " END "00 09 02 00 10", true,
	  { { 0x1000, "/made/one.c:1:0" } } },
	{ "an address of 3 bytes", { 4, 1, -5, 14, 13 }, AT_1000 COPY "02 10 " END "00 04 02 00 10 00 " COPY "02 01 " END, true,
	  { { 0x1000, "/made/one.c:1:0" } } },
	{ "special opcodes without a range of lines", { 4, 1, -5, 0, 13 }, AT_1000 COPY "02 10 " END AT_2000 "14 ", true,
	  { { 0x1000, "/made/one.c:1:0" } } },
	{ "DWARF 2", { 2, 1, -5, 14, 10 }, AT_1000 COPY "02 10 " END, false, { { 0x1000, "/made/one.c:1:0" } } },
	{ "DWARF 5", { 5, 1, -5, 14, 13 }, AT_1000 COPY "02 08 04 02 " COPY "02 08 04 00 " COPY "02 08 " END, false,
	  { { 0x1000, "/made/one.c:1:0" }, { 0x1008, "/made/in/two.c:1:0" }, { 0x1010, "/made/zero.c:1:0" } } },
	{ "DWARF 6", { 6, 1, -5, 14, 13 }, AT_1000 COPY "02 10 " END, true, { { 0x1000, "-" } } },
};

static void test_programs(void **state)
{
	char found[256];

	(void)state;
	for (size_t n = 0; n < sizeof(line_rows) / sizeof(*line_rows); n++) {
		const struct line_row *row = &line_rows[n];
		struct made_program program = { 0 };
		struct binary *binary = make(&program, row->head, row->opcodes);
		struct buffer bytes = { 0 };
		struct dwarf_block block;

		if (read_lines(binary, &bytes, &block) == row->is_damaged)
			fail_msg("%s: %s", row->about, row->is_damaged ? "not damaged" : "damaged");
		for (size_t at = 0; at < 6 && row->asked[at].line; at++) {
			describe(&block, row->asked[at].address, found, sizeof(found));
			if (strcmp(found, row->asked[at].line))
				fail_msg("%s: %#jx is %s, not %s", row->about, (uintmax_t)row->asked[at].address, found, row->asked[at].line);
		}
		buffer_release(&bytes);
		binary_close(binary);
		made_release(&program);
	}
}

/* More rows than a group has, all found; those that say what the one before says take no room. */
static void test_many_rows(void **state)
{
	struct made_program program = { 0 };
	struct buffer opcodes = { 0 }, bytes = { 0 };
	struct dwarf_block block;
	struct binary *binary;
	char found[256], want[64];

	(void)state;
	buffer_add_text(&opcodes, AT_1000);
	for (unsigned n = 0; n < 100; n++)
		buffer_add_text(&opcodes, COPY "02 02 " COPY "02 02 03 03 ");
	buffer_add_text(&opcodes, END);
	binary = make(&program, usual, opcodes.bytes);
	assert_true(read_lines(binary, &bytes, &block));
	assert_int_equal(block.header->groups, (100 + BLOCK_GROUP_ROWS - 1) / BLOCK_GROUP_ROWS);
	for (unsigned n = 0; n < 400; n++) {
		describe(&block, 0x1000 + n, found, sizeof(found));
		snprintf(want, sizeof(want), "/made/one.c:%u:0", n / 4 * 3 + 1);
		assert_string_equal(found, want);
	}
	assert_int_equal(block.header->files, 1);	/* the other one is not referred to */
	buffer_release(&opcodes);
	buffer_release(&bytes);
	binary_close(binary);
	made_release(&program);
}

/* Tables that would be far larger than their bytes are refused. */
static void test_tables_without_bytes(void **state)
{
	struct made_program program = { 0 };
	struct buffer *line = made_section(&program, ".debug_line"), bytes = { 0 };
	struct dwarf_block block;
	struct binary *binary;
	size_t start, head;

	(void)state;
	made_section(&program, ".debug_info");
	start = made_length(line);
	made_bytes(line, "05 00 08 00");
	head = made_length(line);
	made_bytes(line, "01 01 01 fb 0e 01 00 80 80 80 80 01 00 80 80 80 80 01");	/* no columns, 2^28 folders and files */
	made_length_end(&program, line, head);
	made_length_end(&program, line, start);
	made_bytes(made_section(&program, ".debug_abbrev"), "01 11 00 10 17 00 00 00");
	made_bytes(made_section(&program, ".debug_info"), "0c 00 00 00 04 00 00 00 00 00 08 01 00 00 00 00");
	binary = made_open(&program);
	assert_false(read_lines(binary, &bytes, &block));
	buffer_release(&bytes);
	binary_close(binary);
	made_release(&program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs), cmocka_unit_test(test_many_rows), cmocka_unit_test(test_tables_without_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

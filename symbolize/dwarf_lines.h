/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwarf_lines.h - the line program of a unit: files that are named in it, and the rows that it makes.
 */
#ifndef SYMBOLIZE_DWARF_LINES_H
#define SYMBOLIZE_DWARF_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbolize/dwarf_unit.h"
#include "symbolize/dwarf_writer.h"

/* A line program; its buffers are used for one unit after the other.  Zeroed: empty. */
struct dwarf_lines {
	const struct dwarf_unit *unit;
	struct dwarf_writer *writer;
	struct buffer folders, files;	/* struct line_folder, line_file */
	struct buffer rows;		/* of a sequence that is not in order */
	struct buffer path, copy;
	struct dwarf_cursor program;
	uint16_t version;
	uint8_t minimum_length, line_range, opcode_base;
	int8_t line_base;
	uint8_t lengths[256];		/* operands of standard opcodes */
	struct dwarf_sizes sizes;
};

void dwarf_lines_release(struct dwarf_lines *lines);

/* Reads folders and files of the unit's line program.  false: damaged; with no files when the unit has none. */
bool dwarf_lines_open(struct dwarf_lines *lines, const struct dwarf_unit *unit, struct dwarf_writer *writer);

/* Writes all rows.  false: damaged, what came before is written. */
bool dwarf_lines_write(struct dwarf_lines *lines);

/* Reads name, folder, time and size of one more file, as tables before DWARF 5 have them; false: an empty name, which ends them, or damage. */
bool dwarf_lines_define(struct dwarf_lines *lines, struct dwarf_cursor *cursor);

/* The writer's number (1 + ...) of a file that the unit's attributes or rows name; 0: there is no such file. */
uint32_t dwarf_lines_file(struct dwarf_lines *lines, uint64_t number);

#endif

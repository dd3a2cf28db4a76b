/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwarf_functions.h - functions of a unit, and what was inlined into them.
 */
#ifndef SYMBOLIZE_DWARF_FUNCTIONS_H
#define SYMBOLIZE_DWARF_FUNCTIONS_H

#include <stdbool.h>

#include "symbolize/dwarf_lines.h"
#include "symbolize/dwarf_unit.h"
#include "symbolize/dwarf_writer.h"

/* Names of entries of which others are instances, each looked up once in a unit; in slots by file and position. */
struct dwarf_names { struct buffer slots; size_t used; };

/* Zeroed: empty; used for one unit after the other. */
struct dwarf_functions {
	const struct dwarf_unit *unit;
	struct dwarf_lines *lines;	/* whose files calls are in */
	struct dwarf_writer *writer;
	struct dwarf_names names;
	struct dwarf_cursor cursor;
	struct buffer open, ranges;
	uint64_t depth;
	bool has_methods, is_damaged;
};

void dwarf_functions_release(struct dwarf_functions *functions);

/* Writes all functions of the unit that have code.  false: something of them is damaged. */
bool dwarf_functions_write(struct dwarf_functions *functions, const struct dwarf_unit *unit, struct dwarf_lines *lines,
			   struct dwarf_writer *writer);

/* ---- dwarf_names.c ---- */

void dwarf_names_reset(struct dwarf_names *names);
void dwarf_names_release(struct dwarf_names *names);

/* The writer's number (1 + ...) of an entry's name; 0: it has none. */
uint32_t dwarf_names_find(struct dwarf_names *names, struct dwarf_place place, struct dwarf_writer *writer, bool *is_damaged);

#endif

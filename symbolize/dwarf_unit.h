/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwarf_unit.h - files with debug information, the units in them, and values of attributes.
 */
#ifndef SYMBOLIZE_DWARF_UNIT_H
#define SYMBOLIZE_DWARF_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/buffer.h"
#include "symbolize/dwarf_abbrev.h"
#include "symbolize/dwarf_budget.h"
#include "symbolize/dwarf_section.h"

struct dwarf_unit;

/* A program, its .dwo or .dwp, or what dwz took out of it. */
struct dwarf_file {
	struct dwarf_section sections[DWARF_SECTION_COUNT];
	struct dwarf_file *supplementary;	/* NULL: none, or not found */
	struct dwarf_budget *budget;
	struct buffer unit_offsets;		/* of all units of .debug_info, in order, once they are asked for */
	struct buffer units;			/* pointers to those that are open, in slots by offset */
	struct dwarf_unit *recent;		/* the last that was asked for */
	struct buffer tables;			/* pointers to tables of abbreviations, in the order in which they were read */
	size_t units_open, memory;
	bool units_listed, is_split;
	bool zero_is_code;			/* functions may begin at address 0 */
	bool misses_supplementary;		/* something referred to one that was not found */
};

void dwarf_file_open(struct dwarf_file *file, struct binary *binary, bool split, struct dwarf_budget *budget);
void dwarf_file_close(struct dwarf_file *file);

/* Lets go of units, tables and pages when there are many (LIMIT_DWARF_SECTION_BYTES).  Nothing of them may be in use. */
void dwarf_file_trim(struct dwarf_file *file);

/* Offsets of all units, in order. */
const uint64_t *dwarf_file_units(struct dwarf_file *file, size_t *count);

struct dwarf_value {
	uint16_t form;			/* 0: there is none */
	uint64_t number;
	const uint8_t *bytes;		/* of DW_FORM_string */
};

/* What of a section a unit sees: in a package, its own part. */
struct dwarf_view { struct dwarf_section *section; uint64_t base, size; };

struct dwarf_unit {
	struct dwarf_file *file;
	struct dwarf_view views[DWARF_SECTION_COUNT];
	uint64_t offset, first, end;	/* in .debug_info: of the header, of the root entry, behind the last */
	uint64_t abbrev_offset, id;	/* of a split unit and its skeleton */
	uint16_t version;
	uint8_t type;			/* DW_UT_; before DWARF 5 compile, whatever it is */
	struct dwarf_sizes sizes;
	const struct dwarf_abbrevs *abbrevs;
	const uint8_t *copy;		/* of the unit, while all of it is read; NULL: none */
	const struct dwarf_unit *skeleton;	/* of a split unit */

	/* What its root entry says. */
	uint16_t tag;
	uint64_t language, str_offsets_base, addr_base, rnglists_base, ranges_base, line_offset;
	bool has_id, has_lines, has_addr_base;
	struct dwarf_value name, folder, split_name, low, high, ranges;
	uint64_t children;		/* where the entries below it begin; end: there are none */
};

/* Of the file; kept until the file is trimmed or closed.  NULL: damaged. */
struct dwarf_unit *dwarf_unit_open(struct dwarf_file *file, uint64_t offset);
/* The unit in which an entry lies. */
struct dwarf_unit *dwarf_unit_around(struct dwarf_file *file, uint64_t entry);

/* The same of a split unit; in a package it has views of its own (DWARF_SECTION_COUNT), else NULL.  Before anything else asks for it. */
struct dwarf_unit *dwarf_unit_open_split(struct dwarf_file *file, uint64_t offset, const struct dwarf_view *views,
					 const struct dwarf_unit *skeleton);

/* Reads head and root entry to where the caller wants them.  false: damaged. */
bool dwarf_unit_read(struct dwarf_unit *unit, struct dwarf_file *file, uint64_t offset, const struct dwarf_view *views,
		     const struct dwarf_unit *skeleton);

/* Reads all of the unit into the room at once, until dwarf_unit_let_go. */
void dwarf_unit_copy(struct dwarf_unit *unit, struct buffer *room);
void dwarf_unit_let_go(struct dwarf_unit *unit);

/* A cursor over the section from an offset in the unit's view of it. */
struct dwarf_cursor dwarf_unit_cursor(const struct dwarf_unit *unit, enum dwarf_section_id id, uint64_t offset, uint64_t size);
/* Entries of the unit from one on; bad when it is not in the unit. */
struct dwarf_cursor dwarf_unit_entries(const struct dwarf_unit *unit, uint64_t entry);

/* ---- dwarf_value.c ---- */

bool dwarf_value_read(struct dwarf_cursor *cursor, const struct dwarf_unit *unit, const struct dwarf_attribute *attribute, struct dwarf_value *ret);

/* NULL, false: the value is none such, or what it refers to is not there. */
const char *dwarf_value_text(const struct dwarf_unit *unit, const struct dwarf_value *value);
bool dwarf_value_address(const struct dwarf_unit *unit, const struct dwarf_value *value, uint64_t *ret);
bool dwarf_value_is_address(const struct dwarf_value *value);
bool dwarf_value_number(const struct dwarf_value *value, uint64_t *ret);	/* constants and offsets in sections */

struct dwarf_place { struct dwarf_file *file; uint64_t entry; };
bool dwarf_value_place(const struct dwarf_unit *unit, const struct dwarf_value *value, struct dwarf_place *ret);

/* By index in .debug_addr. */
bool dwarf_indexed_address(const struct dwarf_unit *unit, uint64_t index, uint64_t *ret);

/* ---- dwarf_ranges.c ---- */

struct dwarf_range { uint64_t start, end; };
struct dwarf_extent { struct dwarf_value low, high, ranges; };

/*
 * Adds the ranges of an entry, those that are empty and those of functions that the linker dropped left out.  false: something of them is
 * damaged.
 */
bool dwarf_ranges_add(const struct dwarf_unit *unit, const struct dwarf_extent *extent, struct buffer *ret);

/* Whether an address is what linkers write where they dropped the function. */
bool dwarf_address_is_dropped(const struct dwarf_unit *unit, uint64_t address);

#endif

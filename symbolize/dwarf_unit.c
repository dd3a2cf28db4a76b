// SPDX-License-Identifier: Apache-2.0
/* dwarf_unit.c - headers of units and their root entries; see dwarf_unit.h. */
#include "symbolize/dwarf_unit.h"

#include <dwarf.h>
#include <elf.h>
#include <stdlib.h>

#include "schema/schema.h"

enum { HEADER_BYTES = 64, ROOT_BYTES = 1024 };	/* the longest header of a unit is 40; most root entries are shorter */

/* Functions that a linker dropped seem to begin at 0: only where code may be there, they do. */
static bool zero_may_be_code(struct binary *binary)
{
	uint64_t offset;

	return binary_type(binary) == ET_REL || (binary_offset_of_address(binary, 0, &offset) && offset);
}

void dwarf_file_open(struct dwarf_file *file, struct binary *binary, bool split, struct dwarf_budget *budget)
{
	*file = (struct dwarf_file){ .budget = budget, .is_split = split, .zero_is_code = zero_may_be_code(binary) };
	for (enum dwarf_section_id id = 0; id < DWARF_SECTION_COUNT; id++)
		section_open(&file->sections[id], binary, id, split);
}

static void let_go(struct dwarf_file *file)
{
	struct dwarf_unit **units = (void *)file->units.bytes;
	struct dwarf_abbrevs **tables = (void *)file->tables.bytes;

	for (size_t n = 0; n < file->units.length / sizeof(*units); n++)
		free(units[n]);
	for (size_t n = 0; n < file->tables.length / sizeof(*tables); n++)
		dwarf_abbrevs_free(tables[n]);
	file->units.length = file->tables.length = file->units_open = file->memory = 0;
	file->recent = NULL;
}

void dwarf_file_close(struct dwarf_file *file)
{
	let_go(file);
	buffer_release(&file->unit_offsets);
	buffer_release(&file->units);
	buffer_release(&file->tables);
	for (enum dwarf_section_id id = 0; id < DWARF_SECTION_COUNT; id++)
		section_close(&file->sections[id]);
}

void dwarf_file_trim(struct dwarf_file *file)
{
	size_t pages = 0;

	if (file->memory > LIMIT_DWARF_ABBREVIATION_BYTES / 8)
		let_go(file);
	for (enum dwarf_section_id id = 0; id < DWARF_SECTION_COUNT; id++)
		pages += section_memory(&file->sections[id]);
	if (pages > LIMIT_DWARF_SECTION_BYTES) {
		let_go(file);	/* values in units point into sections */
		for (enum dwarf_section_id id = 0; id < DWARF_SECTION_COUNT; id++)
			section_forget(&file->sections[id]);
	}
}

struct dwarf_cursor dwarf_unit_cursor(const struct dwarf_unit *unit, enum dwarf_section_id id, uint64_t offset, uint64_t size)
{
	const struct dwarf_view *view = &unit->views[id];
	struct dwarf_cursor none = { .is_bad = true };

	if (offset > view->size || size > view->size - offset)
		return none;
	return section_cursor(view->section, view->base + offset, size);
}

struct dwarf_cursor dwarf_unit_entries(const struct dwarf_unit *unit, uint64_t entry)
{
	struct dwarf_cursor none = { .is_bad = true };

	if (entry < unit->first || entry >= unit->end)
		return none;
	if (unit->copy)
		return (struct dwarf_cursor){ .at = unit->copy + (entry - unit->offset), .end = unit->copy + (unit->end - unit->offset),
					      .is_big_endian = unit->views[DWARF_INFO].section->is_big_endian };
	return section_cursor(unit->views[DWARF_INFO].section, entry, unit->end - entry);
}

void dwarf_unit_copy(struct dwarf_unit *unit, struct buffer *room)
{
	const struct dwarf_cursor cursor = section_copy(unit->views[DWARF_INFO].section, unit->offset, unit->end - unit->offset, room);

	unit->copy = cursor.is_bad ? NULL : cursor.at;
}

void dwarf_unit_let_go(struct dwarf_unit *unit)
{
	unit->copy = NULL;
}

/* ---- The header. ---- */

static void read_old_header(struct dwarf_cursor *cursor, struct dwarf_unit *unit)
{
	unit->type = DW_UT_compile;
	unit->abbrev_offset = cursor_fixed(cursor, unit->sizes.offset);
	unit->sizes.address = cursor_byte(cursor);
}

static void read_new_header(struct dwarf_cursor *cursor, struct dwarf_unit *unit)
{
	unit->type = cursor_byte(cursor);
	unit->sizes.address = cursor_byte(cursor);
	unit->abbrev_offset = cursor_fixed(cursor, unit->sizes.offset);
	switch (unit->type) {
	case DW_UT_skeleton:
	case DW_UT_split_compile:
		unit->id = cursor_fixed(cursor, 8);
		unit->has_id = true;
		break;
	case DW_UT_type:
	case DW_UT_split_type:
		cursor_skip(cursor, 8 + unit->sizes.offset);
	}
}

static bool read_header(struct dwarf_unit *unit)
{
	struct dwarf_section *info = unit->views[DWARF_INFO].section;
	const uint64_t left = unit->offset < info->size ? info->size - unit->offset : 0;
	struct dwarf_cursor cursor = section_cursor(info, unit->offset, left < HEADER_BYTES ? left : HEADER_BYTES);
	const uint8_t *start = cursor.at;
	uint64_t length;

	cursor.end = cursor.at ? cursor.at + left : cursor.at;	/* for the length alone: nothing beyond HEADER_BYTES is read */
	length = cursor_unit_length(&cursor, &unit->sizes.offset);
	if (cursor.is_bad)
		return false;
	cursor.end = cursor.at + length;
	unit->end = unit->offset + (uint64_t)(cursor.end - start);
	unit->version = (uint16_t)cursor_fixed(&cursor, 2);
	if (unit->version < 2 || unit->version > 5)
		return false;
	if (unit->version == 5)
		read_new_header(&cursor, unit);
	else
		read_old_header(&cursor, unit);
	unit->sizes.reference = unit->version == 2 ? unit->sizes.address : unit->sizes.offset;
	unit->first = unit->offset + (uint64_t)(cursor.at - start);
	return !cursor.is_bad && (unit->sizes.address == 4 || unit->sizes.address == 8);
}

/* ---- The root entry. ---- */

static void take_attribute(struct dwarf_unit *unit, uint16_t name, const struct dwarf_value *value)
{
	uint64_t number = 0;

	dwarf_value_number(value, &number);
	switch (name) {
	case DW_AT_name:
		unit->name = *value;
		break;
	case DW_AT_comp_dir:
		unit->folder = *value;
		break;
	case DW_AT_low_pc:
		unit->low = *value;
		break;
	case DW_AT_high_pc:
		unit->high = *value;
		break;
	case DW_AT_ranges:
		unit->ranges = *value;
		break;
	case DW_AT_stmt_list:
		unit->has_lines = true;
		unit->line_offset = number;
		break;
	case DW_AT_language:
		unit->language = number;
		break;
	case DW_AT_str_offsets_base:
		unit->str_offsets_base = number;
		break;
	case DW_AT_addr_base:
	case DW_AT_GNU_addr_base:
		unit->addr_base = number;
		break;
	case DW_AT_rnglists_base:
		unit->rnglists_base = number;
		break;
	case DW_AT_GNU_ranges_base:
		unit->ranges_base = number;
		break;
	case DW_AT_dwo_name:
	case DW_AT_GNU_dwo_name:
		unit->split_name = *value;
		break;
	case DW_AT_GNU_dwo_id:
		unit->id = number;
		unit->has_id = true;
	}
}

/* Where bases are when nothing says so: behind the header of the only part. */
static void set_bases(struct dwarf_unit *unit)
{
	const bool is_wide = unit->sizes.offset == 8;

	if (unit->version < 5)
		return;
	unit->str_offsets_base = is_wide ? 16 : 8;
	unit->addr_base = is_wide ? 16 : 8;
	unit->rnglists_base = is_wide ? 20 : 12;
}

/* Of the unit no more than this many bytes are read for it. */
static bool read_root_within(struct dwarf_unit *unit, uint64_t size)
{
	const uint64_t left = unit->end - unit->first;
	struct dwarf_cursor cursor = section_cursor(unit->views[DWARF_INFO].section, unit->first, size < left ? size : left);
	const uint8_t *start = cursor.at;
	const struct dwarf_abbrev *abbrev = dwarf_abbrev_find(unit->abbrevs, cursor_leb(&cursor));
	const struct dwarf_attribute *attributes;
	struct dwarf_value value;

	if (!abbrev)
		return false;
	set_bases(unit);
	unit->tag = abbrev->tag;
	attributes = dwarf_abbrev_attributes(unit->abbrevs, abbrev);
	for (uint16_t n = 0; n < abbrev->count; n++) {
		if (!dwarf_value_read(&cursor, unit, &attributes[n], &value))
			return false;
		take_attribute(unit, attributes[n].name, &value);
	}
	unit->children = abbrev->has_children ? unit->first + (uint64_t)(cursor.at - start) : unit->end;
	return true;
}

static bool read_root(struct dwarf_unit *unit)
{
	return read_root_within(unit, ROOT_BYTES) || read_root_within(unit, unit->end - unit->first);
}

/* ---- Tables of abbreviations, and units that are open. ---- */

static const struct dwarf_abbrevs *abbrevs_of(struct dwarf_file *file, const struct dwarf_unit *unit)
{
	struct dwarf_abbrevs **tables = (void *)file->tables.bytes, *table;
	const struct dwarf_view *view = &unit->views[DWARF_ABBREV];

	if (unit->abbrev_offset >= view->size)
		return NULL;
	for (size_t n = file->tables.length / sizeof(*tables), tried = 0; n-- && tried < 64; tried++)
		if (tables[n]->offset == view->base + unit->abbrev_offset && !memcmp(&tables[n]->sizes, &unit->sizes, sizeof(unit->sizes)))
			return tables[n];
	if (file->memory > LIMIT_DWARF_ABBREVIATION_BYTES || budget_is_spent(file->budget))
		return NULL;
	table = dwarf_abbrevs_read(view->section, view->base + unit->abbrev_offset, unit->sizes, file->budget);
	if (table) {
		file->memory += dwarf_abbrevs_memory(table);
		buffer_add(&file->tables, &table, sizeof(table));
	}
	return table;
}

bool dwarf_unit_read(struct dwarf_unit *unit, struct dwarf_file *file, uint64_t offset, const struct dwarf_view *views,
		     const struct dwarf_unit *skeleton)
{
	*unit = (struct dwarf_unit){ .file = file, .offset = offset, .skeleton = skeleton };
	for (enum dwarf_section_id id = 0; id < DWARF_SECTION_COUNT; id++)
		unit->views[id] = views ? views[id] : (struct dwarf_view){ &file->sections[id], 0, file->sections[id].size };
	if (!read_header(unit))
		return false;
	unit->abbrevs = abbrevs_of(file, unit);
	return unit->abbrevs && read_root(unit);
}

static size_t slot_of(const struct dwarf_file *file, uint64_t offset)
{
	struct dwarf_unit *const *units = (const void *)file->units.bytes;
	const size_t slots = file->units.length / sizeof(*units);
	size_t slot = (size_t)(offset * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (slots - 1);

	while (units[slot] && units[slot]->offset != offset)
		slot = (slot + 1) & (slots - 1);
	return slot;
}

/* Room for one more, a quarter of the slots stays free. */
static void make_room(struct dwarf_file *file)
{
	const size_t slots = file->units.length / sizeof(struct dwarf_unit *);
	struct dwarf_unit **old = (void *)file->units.bytes;

	if (file->units_open * 4 < slots * 3)
		return;
	file->units = (struct buffer){ 0 };
	memset(buffer_reserve(&file->units, (slots ? slots * 2 : 64) * sizeof(*old)), 0, (slots ? slots * 2 : 64) * sizeof(*old));
	for (size_t n = 0; n < slots; n++)
		if (old[n])
			((struct dwarf_unit **)(void *)file->units.bytes)[slot_of(file, old[n]->offset)] = old[n];
	free(old);
}

struct dwarf_unit *dwarf_unit_open_split(struct dwarf_file *file, uint64_t offset, const struct dwarf_view *views,
					 const struct dwarf_unit *skeleton)
{
	struct dwarf_unit **slot, *unit;

	make_room(file);
	slot = (struct dwarf_unit **)(void *)file->units.bytes + slot_of(file, offset);
	if (*slot)
		return file->recent = *slot;
	unit = malloc(sizeof(*unit));
	if (!unit)
		return NULL;
	if (!dwarf_unit_read(unit, file, offset, views, skeleton)) {
		free(unit);
		return NULL;
	}
	*slot = unit;
	file->units_open++;
	file->memory += sizeof(*unit);
	return file->recent = unit;
}

struct dwarf_unit *dwarf_unit_open(struct dwarf_file *file, uint64_t offset)
{
	return dwarf_unit_open_split(file, offset, NULL, NULL);
}

/* ---- All units. ---- */

static void list_units(struct dwarf_file *file)
{
	struct dwarf_section *info = &file->sections[DWARF_INFO];
	uint8_t offset_size;

	for (uint64_t offset = 0; info->size - offset > 4 && file->unit_offsets.length / sizeof(offset) < LIMIT_DWARF_UNITS;) {
		const uint64_t left = info->size - offset;
		struct dwarf_cursor cursor = section_cursor(info, offset, left < 12 ? left : 12);
		const uint8_t *start = cursor.at;
		uint64_t length;

		if (cursor.is_bad)
			return;
		cursor.end = start + left;
		length = cursor_unit_length(&cursor, &offset_size);
		if (cursor.is_bad)
			return;
		buffer_add(&file->unit_offsets, &offset, sizeof(offset));
		offset += (uint64_t)(cursor.at - start) + length;
	}
}

const uint64_t *dwarf_file_units(struct dwarf_file *file, size_t *count)
{
	if (!file->units_listed) {
		file->units_listed = true;
		list_units(file);
	}
	*count = file->unit_offsets.length / sizeof(uint64_t);
	return (const uint64_t *)(const void *)file->unit_offsets.bytes;
}

struct dwarf_unit *dwarf_unit_around(struct dwarf_file *file, uint64_t entry)
{
	const uint64_t *offsets;
	struct dwarf_unit *unit = file->recent;
	size_t low = 0, high;

	if (unit && entry >= unit->first && entry < unit->end)
		return unit;
	offsets = dwarf_file_units(file, &high);
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (offsets[middle] <= entry)
			low = middle + 1;
		else
			high = middle;
	}
	unit = low ? dwarf_unit_open(file, offsets[low - 1]) : NULL;
	return unit && entry >= unit->first && entry < unit->end ? unit : NULL;
}

// SPDX-License-Identifier: Apache-2.0
/* dwarf_split.c - see dwarf_split.h. */
#include "symbolize/dwarf_split.h"

#include <dwarf.h>

/* ---- A package: its index leads from a unit's id to the parts of sections that are its own. ---- */

struct package_index {
	struct dwarf_cursor cursor;	/* from the table of ids on */
	uint32_t version, columns, units, slots;
};

static bool read_index(struct dwarf_file *package, struct package_index *index)
{
	struct dwarf_section *section = &package->sections[DWARF_CU_INDEX];
	struct dwarf_cursor cursor = section_cursor(section, 0, section->size);
	struct dwarf_cursor five = cursor;

	index->version = (uint32_t)cursor_fixed(&cursor, 4);
	if (cursor_fixed(&five, 2) == 5)
		index->version = 5;
	index->columns = (uint32_t)cursor_fixed(&cursor, 4);
	index->units = (uint32_t)cursor_fixed(&cursor, 4);
	index->slots = (uint32_t)cursor_fixed(&cursor, 4);
	index->cursor = cursor;
	return !cursor.is_bad && (index->version == 2 || index->version == 5) && index->slots && !(index->slots & (index->slots - 1)) &&
	       index->columns <= 16 &&
	       cursor_left(&cursor) >= index->slots * UINT64_C(12) + (index->units * UINT64_C(2) + 1) * index->columns * 4;
}

static uint64_t number_at(const struct package_index *index, uint64_t offset, unsigned size)
{
	struct dwarf_cursor cursor = index->cursor;

	cursor_skip(&cursor, offset);
	return cursor_fixed(&cursor, size);
}

/* 1 + the row of the unit; 0: it is not there. */
static uint32_t find_row(const struct package_index *index, uint64_t id)
{
	const uint32_t mask = index->slots - 1;
	uint32_t slot = (uint32_t)id & mask;

	for (uint32_t tried = 0; tried < index->slots; tried++) {
		const uint32_t row = (uint32_t)number_at(index, index->slots * UINT64_C(8) + slot * UINT64_C(4), 4);

		if (!row)
			return 0;
		if (number_at(index, slot * UINT64_C(8), 8) == id)
			return row <= index->units ? row : 0;
		slot = (slot + ((uint32_t)(id >> 32) | 1)) & mask;
	}
	return 0;
}

/* Which section a column of the index is about; COUNT: one that is not read. */
static enum dwarf_section_id section_of(uint32_t version, uint64_t column)
{
	static const uint8_t both[] = { [1] = 1 + DWARF_INFO, [3] = 1 + DWARF_ABBREV, [4] = 1 + DWARF_LINE, [6] = 1 + DWARF_STR_OFFSETS,
					[8] = 1 + DWARF_RNGLISTS };

	if (column >= sizeof(both) || !both[column] || (column == 8 && version != 5))
		return DWARF_SECTION_COUNT;
	return (enum dwarf_section_id)(both[column] - 1);
}

static void read_views(struct dwarf_file *package, const struct package_index *index, uint32_t row, struct dwarf_view *views)
{
	const uint64_t columns = index->slots * UINT64_C(12), width = index->columns * UINT64_C(4);

	for (enum dwarf_section_id id = 0; id < DWARF_SECTION_COUNT; id++)
		views[id] = (struct dwarf_view){ &package->sections[id], 0, package->sections[id].size };
	for (uint32_t n = 0; n < index->columns; n++) {
		const enum dwarf_section_id id = section_of(index->version, number_at(index, columns + n * UINT64_C(4), 4));
		const uint64_t offset = number_at(index, columns + row * width + n * UINT64_C(4), 4);
		const uint64_t size = number_at(index, columns + (index->units + row) * width + n * UINT64_C(4), 4);

		if (id == DWARF_SECTION_COUNT)
			continue;
		if (offset > package->sections[id].size || size > package->sections[id].size - offset)
			views[id].size = 0;
		else
			views[id] = (struct dwarf_view){ &package->sections[id], offset, size };
	}
}

static struct dwarf_unit *in_package(struct dwarf_file *package, const struct dwarf_unit *skeleton)
{
	struct dwarf_view views[DWARF_SECTION_COUNT];
	struct package_index index;
	uint32_t row;

	if (!read_index(package, &index))
		return NULL;
	row = find_row(&index, skeleton->id);
	if (!row)
		return NULL;
	read_views(package, &index, row, views);
	return views[DWARF_INFO].size ? dwarf_unit_open_split(package, views[DWARF_INFO].base, views, skeleton) : NULL;
}

/* ---- A file of its own. ---- */

static struct dwarf_unit *in_file(struct dwarf_file *file, const struct dwarf_unit *skeleton)
{
	size_t count;
	const uint64_t *offsets = dwarf_file_units(file, &count);
	struct dwarf_unit unit;

	for (size_t n = 0; n < count && budget_take(file->budget, 1); n++)
		if (dwarf_unit_read(&unit, file, offsets[n], NULL, skeleton) && unit.tag == DW_TAG_compile_unit && unit.has_id &&
		    unit.id == skeleton->id)
			return dwarf_unit_open_split(file, offsets[n], NULL, skeleton);
	return NULL;
}

struct dwarf_unit *dwarf_split_find(const struct dwarf_files *files, struct dwarf_file *package, const struct dwarf_unit *skeleton,
				    struct dwarf_file *single, bool *is_single)
{
	struct dwarf_unit *unit = package ? in_package(package, skeleton) : NULL;
	const char *name, *folder;
	struct binary *binary;

	*is_single = false;
	if (unit || !files || !files->split)
		return unit;
	name = dwarf_value_text(skeleton, &skeleton->split_name);
	folder = dwarf_value_text(skeleton, &skeleton->folder);
	binary = name ? files->split(files->context, folder ? folder : "", name, skeleton->id) : NULL;
	if (!binary)
		return NULL;
	dwarf_file_open(single, binary, true, skeleton->file->budget);
	*is_single = true;
	return in_file(single, skeleton);
}

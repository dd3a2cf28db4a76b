// SPDX-License-Identifier: Apache-2.0
/* dwarf_ranges.c - ranges of addresses of an entry; see dwarf_unit.h. */
#include <dwarf.h>

#include "symbolize/dwarf_unit.h"

static uint64_t highest_address(const struct dwarf_unit *unit)
{
	return unit->sizes.address == 4 ? UINT32_MAX : UINT64_MAX;
}

bool dwarf_address_is_dropped(const struct dwarf_unit *unit, uint64_t address)
{
	const struct dwarf_unit *owner = unit->skeleton ? unit->skeleton : unit;

	return address >= highest_address(unit) - 1 || (address <= 1 && !owner->file->zero_is_code);
}

static void add_range(const struct dwarf_unit *unit, uint64_t start, uint64_t end, struct buffer *ret)
{
	const struct dwarf_range range = { start, end };

	if (start < end && !dwarf_address_is_dropped(unit, start))
		buffer_add(ret, &range, sizeof(range));
}

/* What offsets in a list are relative to, before the list says so. */
static uint64_t first_base(const struct dwarf_unit *unit)
{
	const struct dwarf_unit *owner = unit->skeleton ? unit->skeleton : unit;
	uint64_t base = 0;

	if (!dwarf_value_address(owner, &owner->low, &base))
		dwarf_value_address(unit, &unit->low, &base);
	return base;
}

/* Offsets from an address that was dropped lead to nowhere. */
static void add_relative(const struct dwarf_unit *unit, uint64_t base, uint64_t start, uint64_t end, struct buffer *ret)
{
	if (base < highest_address(unit) - 1)
		add_range(unit, (base + start) & highest_address(unit), (base + end) & highest_address(unit), ret);
}

/* DWARF 2 to 4: pairs of addresses, up to a pair of zeros. */
static bool add_old_list(const struct dwarf_unit *unit, uint64_t offset, struct buffer *ret)
{
	const unsigned size = unit->sizes.address;
	const struct dwarf_unit *owner = unit->skeleton ? unit->skeleton : unit;
	struct dwarf_section *section = owner->views[DWARF_RANGES].section;
	struct dwarf_cursor cursor = section_list(section, offset);
	uint64_t base = first_base(unit), start, end;

	while (!cursor.is_bad && budget_take(unit->file->budget, 1)) {
		section_more(section, &cursor, 2 * size);
		start = cursor_fixed(&cursor, size);
		end = cursor_fixed(&cursor, size);
		if (cursor.is_bad || (!start && !end))
			break;
		if (start == highest_address(unit))
			base = end;
		else
			add_relative(unit, base, start, end, ret);
	}
	return !cursor.is_bad && !budget_is_spent(unit->file->budget);
}

/* One item of a list of DWARF 5; false: it was the last. */
static bool add_item(const struct dwarf_unit *unit, struct dwarf_cursor *cursor, uint64_t *base, struct buffer *ret)
{
	const unsigned size = unit->sizes.address;
	uint64_t start = 0, end = 0;

	switch (cursor_byte(cursor)) {
	case DW_RLE_end_of_list:
		return false;
	case DW_RLE_base_addressx:
		return dwarf_indexed_address(unit, cursor_leb(cursor), base) || cursor_fail(cursor);
	case DW_RLE_startx_endx:
		if (!dwarf_indexed_address(unit, cursor_leb(cursor), &start) || !dwarf_indexed_address(unit, cursor_leb(cursor), &end))
			return cursor_fail(cursor);
		break;
	case DW_RLE_startx_length:
		if (!dwarf_indexed_address(unit, cursor_leb(cursor), &start))
			return cursor_fail(cursor);
		end = start + cursor_leb(cursor);
		break;
	case DW_RLE_offset_pair:
		start = cursor_leb(cursor);
		end = cursor_leb(cursor);
		if (!cursor->is_bad)
			add_relative(unit, *base, start, end, ret);
		return !cursor->is_bad;
	case DW_RLE_base_address:
		*base = cursor_fixed(cursor, size);
		return true;
	case DW_RLE_start_end:
		start = cursor_fixed(cursor, size);
		end = cursor_fixed(cursor, size);
		break;
	case DW_RLE_start_length:
		start = cursor_fixed(cursor, size);
		end = start + cursor_leb(cursor);
		break;
	default:
		return cursor_fail(cursor);
	}
	if (!cursor->is_bad)
		add_range(unit, start, end, ret);
	return !cursor->is_bad;
}

static bool add_new_list(const struct dwarf_unit *unit, uint64_t offset, struct buffer *ret)
{
	const struct dwarf_view *view = &unit->views[DWARF_RNGLISTS];
	struct dwarf_cursor cursor = section_list(view->section, view->base + offset);
	uint64_t base = first_base(unit);

	do
		section_more(view->section, &cursor, 24);	/* longer than any item */
	while (budget_take(unit->file->budget, 1) && add_item(unit, &cursor, &base, ret));
	return !cursor.is_bad && !budget_is_spent(unit->file->budget);
}

/* An index leads to an offset from the table of these. */
static bool list_of_index(const struct dwarf_unit *unit, uint64_t index, uint64_t *ret)
{
	const uint8_t size = unit->sizes.offset;
	struct dwarf_cursor cursor;
	uint64_t at;

	if (__builtin_mul_overflow(index, size, &at) || __builtin_add_overflow(at, unit->rnglists_base, &at))
		return false;
	cursor = dwarf_unit_cursor(unit, DWARF_RNGLISTS, at, size);
	at = cursor_fixed(&cursor, size);
	return !cursor.is_bad && !__builtin_add_overflow(at, unit->rnglists_base, ret);
}

static bool add_list(const struct dwarf_unit *unit, const struct dwarf_value *value, struct buffer *ret)
{
	uint64_t offset;

	if (!dwarf_value_number(value, &offset))
		return false;
	if (unit->version < 5)
		return !__builtin_add_overflow(offset, unit->skeleton ? unit->skeleton->ranges_base : 0, &offset) &&
		       add_old_list(unit, offset, ret);
	if (value->form == DW_FORM_rnglistx && !list_of_index(unit, value->number, &offset))
		return false;
	return offset < unit->views[DWARF_RNGLISTS].size && add_new_list(unit, offset, ret);
}

bool dwarf_ranges_add(const struct dwarf_unit *unit, const struct dwarf_extent *extent, struct buffer *ret)
{
	uint64_t low, high;

	if (extent->ranges.form)
		return add_list(unit, &extent->ranges, ret);
	if (!extent->high.form)
		return true;	/* DW_AT_low_pc alone is one address: of a label, of a unit whose functions lie apart */
	if (!dwarf_value_address(unit, &extent->low, &low))
		return false;
	if (dwarf_value_is_address(&extent->high)) {
		if (!dwarf_value_address(unit, &extent->high, &high))
			return false;
	} else {
		if (!dwarf_value_number(&extent->high, &high))
			return false;
		high += low;
	}
	add_range(unit, low, high, ret);
	return true;
}

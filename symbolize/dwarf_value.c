// SPDX-License-Identifier: Apache-2.0
/* dwarf_value.c - values of attributes; see dwarf_unit.h. */
#include <dwarf.h>

#include "symbolize/dwarf_unit.h"

static bool read_encoded(struct dwarf_cursor *cursor, const struct dwarf_unit *unit, enum dwarf_encoding encoding, uint8_t size,
			 struct dwarf_value *ret)
{
	switch (encoding) {
	case ENCODING_FIXED:
		if (size > 8)
			return cursor_skip(cursor, size);
		ret->number = cursor_fixed(cursor, size);
		return true;
	case ENCODING_LEB:
		ret->number = cursor_leb(cursor);
		return true;
	case ENCODING_SIGNED_LEB:
		ret->number = (uint64_t)cursor_signed_leb(cursor);
		return true;
	case ENCODING_TEXT:
		ret->bytes = (const uint8_t *)cursor_text(cursor);
		return ret->bytes;
	case ENCODING_BLOCK_LEB:
	case ENCODING_BLOCK:
		dwarf_value_skip(cursor, encoding, size, unit->sizes);
		return true;
	default:
		return cursor_fail(cursor);
	}
}

bool dwarf_value_read(struct dwarf_cursor *cursor, const struct dwarf_unit *unit, const struct dwarf_attribute *attribute, struct dwarf_value *ret)
{
	uint64_t form;
	uint8_t size;

	*ret = (struct dwarf_value){ .form = attribute->form };
	if (attribute->encoding == ENCODING_IMPLICIT) {
		ret->number = ((const uint64_t *)(const void *)unit->abbrevs->constants.bytes)[attribute->implicit];
		return true;
	}
	if (attribute->encoding != ENCODING_INDIRECT) {
		read_encoded(cursor, unit, (enum dwarf_encoding)attribute->encoding, attribute->size, ret);
	} else {
		form = cursor_leb(cursor);
		ret->form = form > UINT16_MAX ? 0 : (uint16_t)form;
		read_encoded(cursor, unit, dwarf_form_encoding(form, unit->sizes, &size), size, ret);
	}
	return !cursor->is_bad;
}

static uint64_t number_at(const struct dwarf_unit *unit, enum dwarf_section_id id, uint64_t offset, unsigned size, bool *is_there)
{
	struct dwarf_cursor cursor = dwarf_unit_cursor(unit, id, offset, size);
	const uint64_t number = cursor_fixed(&cursor, size);

	*is_there = !cursor.is_bad;
	return number;
}

/* base + index * size; false: there is no such offset. */
static bool offset_of(uint64_t base, uint64_t index, uint64_t size, uint64_t *ret)
{
	return !__builtin_mul_overflow(index, size, ret) && !__builtin_add_overflow(*ret, base, ret);
}

static const char *indexed_text(const struct dwarf_unit *unit, uint64_t index)
{
	uint64_t offset;
	bool is_there;

	if (!offset_of(unit->str_offsets_base, index, unit->sizes.offset, &offset))
		return NULL;
	offset = number_at(unit, DWARF_STR_OFFSETS, offset, unit->sizes.offset, &is_there);
	return is_there ? section_text(unit->views[DWARF_STR].section, offset, unit->file->budget) : NULL;
}

static const char *supplementary_text(const struct dwarf_unit *unit, uint64_t offset)
{
	struct dwarf_file *other = unit->file->supplementary;

	if (!other) {
		unit->file->misses_supplementary = true;
		return NULL;
	}
	return section_text(&other->sections[DWARF_STR], offset, unit->file->budget);
}

const char *dwarf_value_text(const struct dwarf_unit *unit, const struct dwarf_value *value)
{
	switch (value->form) {
	case DW_FORM_string:
		return (const char *)value->bytes;
	case DW_FORM_strp:
		return section_text(unit->views[DWARF_STR].section, value->number, unit->file->budget);
	case DW_FORM_line_strp:
		return section_text(unit->views[DWARF_LINE_STR].section, value->number, unit->file->budget);
	case DW_FORM_strp_sup:
	case DW_FORM_GNU_strp_alt:
		return supplementary_text(unit, value->number);
	case DW_FORM_strx:
	case DW_FORM_strx1:
	case DW_FORM_strx2:
	case DW_FORM_strx3:
	case DW_FORM_strx4:
	case DW_FORM_GNU_str_index:
		return indexed_text(unit, value->number);
	}
	return NULL;
}

bool dwarf_value_is_address(const struct dwarf_value *value)
{
	switch (value->form) {
	case DW_FORM_addr:
	case DW_FORM_addrx:
	case DW_FORM_addrx1:
	case DW_FORM_addrx2:
	case DW_FORM_addrx3:
	case DW_FORM_addrx4:
	case DW_FORM_GNU_addr_index:
		return true;
	}
	return false;
}

bool dwarf_indexed_address(const struct dwarf_unit *unit, uint64_t index, uint64_t *ret)
{
	const struct dwarf_unit *owner = unit->skeleton ? unit->skeleton : unit;
	uint64_t offset, number;
	bool is_there;

	if (!offset_of(owner->addr_base, index, unit->sizes.address, &offset))
		return false;
	number = number_at(owner, DWARF_ADDR, offset, unit->sizes.address, &is_there);
	if (is_there)
		*ret = number;
	return is_there;
}

bool dwarf_value_address(const struct dwarf_unit *unit, const struct dwarf_value *value, uint64_t *ret)
{
	if (!dwarf_value_is_address(value))
		return false;
	if (value->form != DW_FORM_addr)
		return dwarf_indexed_address(unit, value->number, ret);
	*ret = value->number;
	return true;
}

bool dwarf_value_number(const struct dwarf_value *value, uint64_t *ret)
{
	switch (value->form) {
	case DW_FORM_data1:
	case DW_FORM_data2:
	case DW_FORM_data4:
	case DW_FORM_data8:
	case DW_FORM_udata:
	case DW_FORM_sdata:
	case DW_FORM_implicit_const:
	case DW_FORM_sec_offset:
	case DW_FORM_flag:
	case DW_FORM_rnglistx:
		*ret = value->number;
		return true;
	case DW_FORM_flag_present:
		*ret = 1;
		return true;
	}
	return false;
}

static bool place_in_supplementary(const struct dwarf_unit *unit, uint64_t entry, struct dwarf_place *ret)
{
	*ret = (struct dwarf_place){ unit->file->supplementary, entry };
	if (!ret->file)
		unit->file->misses_supplementary = true;
	return ret->file;
}

bool dwarf_value_place(const struct dwarf_unit *unit, const struct dwarf_value *value, struct dwarf_place *ret)
{
	*ret = (struct dwarf_place){ unit->file, value->number };
	switch (value->form) {
	case DW_FORM_ref1:
	case DW_FORM_ref2:
	case DW_FORM_ref4:
	case DW_FORM_ref8:
	case DW_FORM_ref_udata:
		return !__builtin_add_overflow(unit->offset, value->number, &ret->entry) && ret->entry < unit->end;
	case DW_FORM_ref_addr:
		return true;
	case DW_FORM_ref_sup4:
	case DW_FORM_ref_sup8:
	case DW_FORM_GNU_ref_alt:
		return place_in_supplementary(unit, value->number, ret);
	}
	return false;
}

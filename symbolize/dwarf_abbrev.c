// SPDX-License-Identifier: Apache-2.0
/* dwarf_abbrev.c - see dwarf_abbrev.h. */
#include "symbolize/dwarf_abbrev.h"

#include <dwarf.h>
#include <stdlib.h>

#include "schema/schema.h"

/* Sizes that a unit gives take the place of these numbers. */
enum { SIZE_ADDRESS = 0xf0, SIZE_OFFSET, SIZE_REFERENCE };

static const struct form_row { uint8_t encoding, size; } form_rows[] = {
	[DW_FORM_addr] = { ENCODING_FIXED, SIZE_ADDRESS },
	[DW_FORM_block2] = { ENCODING_BLOCK, 2 },
	[DW_FORM_block4] = { ENCODING_BLOCK, 4 },
	[DW_FORM_data2] = { ENCODING_FIXED, 2 },
	[DW_FORM_data4] = { ENCODING_FIXED, 4 },
	[DW_FORM_data8] = { ENCODING_FIXED, 8 },
	[DW_FORM_string] = { ENCODING_TEXT, 0 },
	[DW_FORM_block] = { ENCODING_BLOCK_LEB, 0 },
	[DW_FORM_block1] = { ENCODING_BLOCK, 1 },
	[DW_FORM_data1] = { ENCODING_FIXED, 1 },
	[DW_FORM_flag] = { ENCODING_FIXED, 1 },
	[DW_FORM_sdata] = { ENCODING_SIGNED_LEB, 0 },
	[DW_FORM_strp] = { ENCODING_FIXED, SIZE_OFFSET },
	[DW_FORM_udata] = { ENCODING_LEB, 0 },
	[DW_FORM_ref_addr] = { ENCODING_FIXED, SIZE_REFERENCE },
	[DW_FORM_ref1] = { ENCODING_FIXED, 1 },
	[DW_FORM_ref2] = { ENCODING_FIXED, 2 },
	[DW_FORM_ref4] = { ENCODING_FIXED, 4 },
	[DW_FORM_ref8] = { ENCODING_FIXED, 8 },
	[DW_FORM_ref_udata] = { ENCODING_LEB, 0 },
	[DW_FORM_indirect] = { ENCODING_INDIRECT, 0 },
	[DW_FORM_sec_offset] = { ENCODING_FIXED, SIZE_OFFSET },
	[DW_FORM_exprloc] = { ENCODING_BLOCK_LEB, 0 },
	[DW_FORM_flag_present] = { ENCODING_FIXED, 0 },
	[DW_FORM_strx] = { ENCODING_LEB, 0 },
	[DW_FORM_addrx] = { ENCODING_LEB, 0 },
	[DW_FORM_ref_sup4] = { ENCODING_FIXED, 4 },
	[DW_FORM_strp_sup] = { ENCODING_FIXED, SIZE_OFFSET },
	[DW_FORM_data16] = { ENCODING_FIXED, 16 },
	[DW_FORM_line_strp] = { ENCODING_FIXED, SIZE_OFFSET },
	[DW_FORM_ref_sig8] = { ENCODING_FIXED, 8 },
	[DW_FORM_implicit_const] = { ENCODING_IMPLICIT, 0 },
	[DW_FORM_loclistx] = { ENCODING_LEB, 0 },
	[DW_FORM_rnglistx] = { ENCODING_LEB, 0 },
	[DW_FORM_ref_sup8] = { ENCODING_FIXED, 8 },
	[DW_FORM_strx1] = { ENCODING_FIXED, 1 },
	[DW_FORM_strx2] = { ENCODING_FIXED, 2 },
	[DW_FORM_strx3] = { ENCODING_FIXED, 3 },
	[DW_FORM_strx4] = { ENCODING_FIXED, 4 },
	[DW_FORM_addrx1] = { ENCODING_FIXED, 1 },
	[DW_FORM_addrx2] = { ENCODING_FIXED, 2 },
	[DW_FORM_addrx3] = { ENCODING_FIXED, 3 },
	[DW_FORM_addrx4] = { ENCODING_FIXED, 4 },
};

static struct form_row form_row(uint64_t form)
{
	switch (form) {
	case DW_FORM_GNU_addr_index:
	case DW_FORM_GNU_str_index:
		return (struct form_row){ ENCODING_LEB, 0 };
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_GNU_strp_alt:
		return (struct form_row){ ENCODING_FIXED, SIZE_OFFSET };
	}
	return form < sizeof(form_rows) / sizeof(*form_rows) ? form_rows[form] : (struct form_row){ ENCODING_BAD, 0 };
}

enum dwarf_encoding dwarf_form_encoding(uint64_t form, struct dwarf_sizes sizes, uint8_t *size)
{
	const struct form_row row = form_row(form);

	switch (row.size) {
	case SIZE_ADDRESS:
		*size = sizes.address;
		break;
	case SIZE_OFFSET:
		*size = sizes.offset;
		break;
	case SIZE_REFERENCE:
		*size = sizes.reference;
		break;
	default:
		*size = row.size;
	}
	return row.encoding;
}

static enum dwarf_role role_of(uint64_t tag)
{
	switch (tag) {
	case DW_TAG_subprogram:
		return ROLE_FUNCTION;
	case DW_TAG_inlined_subroutine:
		return ROLE_INLINED;
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_with_stmt:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_common_block:
		return ROLE_SCOPE;
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_interface_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_variant_part:
	case DW_TAG_variant:
		return ROLE_TYPE;
	}
	return ROLE_PASSED;
}

static void add_skip(struct dwarf_abbrevs *table, uint16_t fixed, uint8_t encoding, uint8_t size)
{
	const struct dwarf_skip skip = { fixed, encoding, size };

	buffer_add(&table->skips, &skip, sizeof(skip));
}

/* Bytes that are passed over at once grow as long as forms are FIXED. */
static void add_to_skips(struct dwarf_abbrevs *table, const struct dwarf_attribute *attribute, uint16_t *fixed)
{
	if (attribute->encoding == ENCODING_IMPLICIT)
		return;
	if (attribute->encoding == ENCODING_FIXED && *fixed < 0xff00) {
		*fixed += attribute->size;
		return;
	}
	add_skip(table, *fixed, attribute->encoding, attribute->size);
	*fixed = 0;
}

static void note_sibling(struct dwarf_abbrev *abbrev, const struct dwarf_attribute *attribute, bool all_fixed, uint16_t fixed)
{
	if (attribute->name != DW_AT_sibling)
		return;
	abbrev->sibling = SIBLING_SOMEWHERE;
	switch (attribute->form) {
	case DW_FORM_ref1:
	case DW_FORM_ref2:
	case DW_FORM_ref4:
	case DW_FORM_ref8:
		if (all_fixed && fixed < SIBLING_SOMEWHERE)
			abbrev->sibling = fixed;
		abbrev->sibling_size = attribute->size;
	}
}

static bool read_attribute(struct dwarf_cursor *cursor, struct dwarf_abbrevs *table, struct dwarf_attribute *ret)
{
	const uint64_t name = cursor_leb(cursor), form = cursor_leb(cursor);
	int64_t constant;

	*ret = (struct dwarf_attribute){ .name = name > UINT16_MAX ? UINT16_MAX : (uint16_t)name, .form = (uint16_t)form };
	if (!name && !form)
		return false;
	ret->encoding = form > UINT16_MAX ? ENCODING_BAD : dwarf_form_encoding(form, table->sizes, &ret->size);
	if (ret->encoding == ENCODING_BAD) {
		table->is_bad = true;
	} else if (ret->encoding == ENCODING_IMPLICIT) {
		constant = cursor_signed_leb(cursor);
		ret->implicit = (uint32_t)(table->constants.length / sizeof(constant));
		buffer_add(&table->constants, &constant, sizeof(constant));
	}
	return !table->is_bad && !cursor->is_bad;
}

/* The longest that one attribute, or the head of an abbreviation, takes. */
enum { ATTRIBUTE_BYTES = 40 };

static bool read_attributes(struct dwarf_section *section, struct dwarf_cursor *cursor, struct dwarf_abbrevs *table,
			    struct dwarf_abbrev *abbrev, struct dwarf_budget *budget)
{
	struct dwarf_attribute attribute;
	uint16_t fixed = 0;
	bool all_fixed = true;

	for (;;) {
		section_more(section, cursor, ATTRIBUTE_BYTES);
		if (!read_attribute(cursor, table, &attribute))
			break;
		if (abbrev->count == UINT16_MAX || !budget_take(budget, 1))
			return false;
		note_sibling(abbrev, &attribute, all_fixed, fixed);
		add_to_skips(table, &attribute, &fixed);
		all_fixed &= attribute.encoding == ENCODING_FIXED || attribute.encoding == ENCODING_IMPLICIT;
		buffer_add(&table->attributes, &attribute, sizeof(attribute));
		abbrev->count++;
	}
	add_skip(table, fixed, ENCODING_BAD, 0);
	return !table->is_bad && !cursor->is_bad;
}

static bool read_abbrev(struct dwarf_section *section, struct dwarf_cursor *cursor, struct dwarf_abbrevs *table, struct dwarf_budget *budget)
{
	struct dwarf_abbrev abbrev = {
		.first = (uint32_t)(table->attributes.length / sizeof(struct dwarf_attribute)),
		.first_skip = (uint32_t)(table->skips.length / sizeof(struct dwarf_skip)), .sibling = SIBLING_NONE,
	};
	uint64_t tag;

	section_more(section, cursor, ATTRIBUTE_BYTES);
	abbrev.code = cursor_leb(cursor);
	if (!abbrev.code || cursor->is_bad || !budget_take(budget, 1))
		return false;
	tag = cursor_leb(cursor);
	abbrev.tag = tag > UINT16_MAX ? UINT16_MAX : (uint16_t)tag;
	abbrev.role = role_of(tag);
	abbrev.has_children = cursor_byte(cursor) != 0;
	if (!read_attributes(section, cursor, table, &abbrev, budget)) {
		table->is_bad = true;
		return false;
	}
	table->is_dense &= abbrev.code == table->rows.length / sizeof(abbrev) + 1;
	buffer_add(&table->rows, &abbrev, sizeof(abbrev));
	return true;
}

static int by_code(const void *left, const void *right)
{
	const struct dwarf_abbrev *a = left, *b = right;

	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	return a->first < b->first ? -1 : a->first > b->first;	/* of two the first is found */
}

struct dwarf_abbrevs *dwarf_abbrevs_read(struct dwarf_section *section, uint64_t offset, struct dwarf_sizes sizes, struct dwarf_budget *budget)
{
	struct dwarf_abbrevs *table = calloc(1, sizeof(*table));
	struct dwarf_cursor cursor = section_list(section, offset);

	if (!table)
		return NULL;
	table->offset = offset;
	table->sizes = sizes;
	table->is_dense = true;
	buffer_reserve(&table->attributes, sizeof(struct dwarf_attribute));	/* so that there is a table, also when it is empty */
	while (dwarf_abbrevs_memory(table) < LIMIT_DWARF_ABBREVIATION_BYTES && read_abbrev(section, &cursor, table, budget))
		;
	if (!table->is_dense)
		qsort(table->rows.bytes, table->rows.length / sizeof(struct dwarf_abbrev), sizeof(struct dwarf_abbrev), by_code);
	return table;
}

void dwarf_abbrevs_free(struct dwarf_abbrevs *table)
{
	if (!table)
		return;
	buffer_release(&table->rows);
	buffer_release(&table->attributes);
	buffer_release(&table->skips);
	buffer_release(&table->constants);
	free(table);
}

size_t dwarf_abbrevs_memory(const struct dwarf_abbrevs *table)
{
	return sizeof(*table) + table->rows.capacity + table->attributes.capacity + table->skips.capacity + table->constants.capacity;
}

const struct dwarf_abbrev *dwarf_abbrev_search(const struct dwarf_abbrevs *table, uint64_t code)
{
	const struct dwarf_abbrev *rows = (const void *)table->rows.bytes;
	size_t low = 0, high = table->rows.length / sizeof(*rows);

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (rows[middle].code < code)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table->rows.length / sizeof(*rows) && rows[low].code == code ? &rows[low] : NULL;
}

void dwarf_value_skip(struct dwarf_cursor *cursor, enum dwarf_encoding encoding, uint8_t size, struct dwarf_sizes sizes)
{
	uint64_t form;
	uint8_t bytes;

	switch (encoding) {
	case ENCODING_FIXED:
		cursor_skip(cursor, size);
		return;
	case ENCODING_LEB:
	case ENCODING_SIGNED_LEB:
		cursor_skip_leb(cursor);
		return;
	case ENCODING_TEXT:
		cursor_text(cursor);
		return;
	case ENCODING_BLOCK_LEB:
		cursor_skip(cursor, cursor_leb(cursor));
		return;
	case ENCODING_BLOCK:
		cursor_skip(cursor, cursor_fixed(cursor, size));
		return;
	case ENCODING_INDIRECT:
		form = cursor_leb(cursor);
		encoding = dwarf_form_encoding(form, sizes, &bytes);
		if (encoding != ENCODING_INDIRECT && encoding != ENCODING_IMPLICIT)
			dwarf_value_skip(cursor, encoding, bytes, sizes);
		else
			cursor_fail(cursor);
		return;
	case ENCODING_IMPLICIT:
		return;
	case ENCODING_BAD:
		cursor_fail(cursor);
	}
}

void dwarf_entry_skip(struct dwarf_cursor *cursor, const struct dwarf_abbrevs *table, const struct dwarf_abbrev *abbrev)
{
	const struct dwarf_skip *skip = (const struct dwarf_skip *)(const void *)table->skips.bytes + abbrev->first_skip;

	for (;; skip++) {
		if (cursor_left(cursor) < skip->fixed) {
			cursor_fail(cursor);
			return;
		}
		cursor->at += skip->fixed;
		if (skip->encoding == ENCODING_BAD)
			return;
		dwarf_value_skip(cursor, (enum dwarf_encoding)skip->encoding, skip->size, table->sizes);
	}
}

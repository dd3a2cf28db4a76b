// SPDX-License-Identifier: Apache-2.0
/* dwarf_names.c - names of functions by the entries that have them; see dwarf_functions.h. */
#include <dwarf.h>

#include "symbolize/dwarf_functions.h"

struct name_slot { const struct dwarf_file *file; uint64_t entry; uint32_t name; };

enum { FIRST_SLOTS = 256, HOPS = 16 };

void dwarf_names_reset(struct dwarf_names *names)
{
	names->used = 0;
	if (names->slots.length)
		memset(names->slots.bytes, 0, names->slots.length);
}

void dwarf_names_release(struct dwarf_names *names)
{
	buffer_release(&names->slots);
}

static struct name_slot *slot_of(const struct dwarf_names *names, struct dwarf_place place)
{
	struct name_slot *slots = (void *)names->slots.bytes;
	const size_t count = names->slots.length / sizeof(*slots);
	size_t slot = (size_t)(place.entry * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (count - 1);

	while (slots[slot].file && (slots[slot].entry != place.entry || slots[slot].file != place.file))
		slot = (slot + 1) & (count - 1);
	return &slots[slot];
}

static void make_room(struct dwarf_names *names)
{
	struct buffer old = names->slots;
	const size_t count = old.length / sizeof(struct name_slot);
	const struct name_slot *slots = (const void *)old.bytes;

	if (names->used * 2 < count)
		return;
	names->slots = (struct buffer){ 0 };
	buffer_reserve(&names->slots, (count ? count * 2 : FIRST_SLOTS) * sizeof(*slots));
	for (size_t n = 0; n < count; n++)
		if (slots[n].file)
			*slot_of(names, (struct dwarf_place){ (struct dwarf_file *)slots[n].file, slots[n].entry }) = slots[n];
	buffer_release(&old);
}

/* What one entry says of its name: linkage names go before others, and what it refers to may know more. */
struct said { const char *name, *linkage_name; bool refers; struct dwarf_place place; };

static bool read_entry(struct dwarf_place place, struct said *said)
{
	const struct dwarf_unit *unit = dwarf_unit_around(place.file, place.entry);
	struct dwarf_cursor cursor;
	const struct dwarf_abbrev *abbrev;
	const struct dwarf_attribute *attributes;
	struct dwarf_value value;

	if (!unit)
		return false;
	cursor = dwarf_unit_entries(unit, place.entry);
	abbrev = dwarf_abbrev_find(unit->abbrevs, cursor_leb(&cursor));
	if (!abbrev || !budget_take(place.file->budget, abbrev->count + 1))
		return false;
	attributes = dwarf_abbrev_attributes(unit->abbrevs, abbrev);
	for (uint16_t n = 0; n < abbrev->count; n++) {
		if (!dwarf_value_read(&cursor, unit, &attributes[n], &value))
			return false;
		switch (attributes[n].name) {
		case DW_AT_name:
			said->name = dwarf_value_text(unit, &value);
			break;
		case DW_AT_linkage_name:
		case DW_AT_MIPS_linkage_name:
			said->linkage_name = dwarf_value_text(unit, &value);
			break;
		case DW_AT_abstract_origin:
		case DW_AT_specification:
			said->refers = dwarf_value_place(unit, &value, &said->place);
		}
	}
	return true;
}

static const char *text_of(struct dwarf_place place, bool *is_damaged)
{
	const char *name = NULL;

	for (unsigned hops = 0; hops < HOPS; hops++) {
		struct said said = { 0 };

		if (!read_entry(place, &said)) {
			*is_damaged = true;
			return name;
		}
		if (said.linkage_name)
			return said.linkage_name;
		name = name ? name : said.name;
		if (!said.refers)
			return name;
		place = said.place;
	}
	*is_damaged = true;
	return name;
}

uint32_t dwarf_names_find(struct dwarf_names *names, struct dwarf_place place, struct dwarf_writer *writer, bool *is_damaged)
{
	struct name_slot *slot;
	const char *text;

	make_room(names);
	slot = slot_of(names, place);
	if (!slot->file) {
		text = text_of(place, is_damaged);
		*slot = (struct name_slot){ place.file, place.entry, text && *text ? writer_name(writer, text) : 0 };
		names->used++;
	}
	return slot->name;
}

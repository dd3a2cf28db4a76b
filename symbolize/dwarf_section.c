// SPDX-License-Identifier: Apache-2.0
/* dwarf_section.c - see dwarf_section.h. */
#include "symbolize/dwarf_section.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

#include "schema/schema.h"
#include "symbolize/binary_internal.h"

enum { PAGE_BYTES = 4096, BITS = 64, TEXT_WINDOW = 256, SMALL_BYTES = 64 << 10 };

static const char *const names[DWARF_SECTION_COUNT] = {
	[DWARF_INFO] = ".debug_info", [DWARF_ABBREV] = ".debug_abbrev", [DWARF_STR] = ".debug_str", [DWARF_LINE_STR] = ".debug_line_str",
	[DWARF_STR_OFFSETS] = ".debug_str_offsets", [DWARF_ADDR] = ".debug_addr", [DWARF_RANGES] = ".debug_ranges",
	[DWARF_RNGLISTS] = ".debug_rnglists", [DWARF_LINE] = ".debug_line", [DWARF_ARANGES] = ".debug_aranges",
	[DWARF_CU_INDEX] = ".debug_cu_index",
};

static size_t page_count(uint64_t size)
{
	return (size_t)((size + PAGE_BYTES - 1) / PAGE_BYTES);
}

/* Where the section's bytes are in the file, if they are there as they are. */
static void find_place(struct dwarf_section *section, const char *name)
{
	const struct binary_section_header *header = binary_section_header(section->binary, binary_section_number(section->binary, name));

	if (!section->pages || !header || header->flags & SHF_COMPRESSED || header->size != section->size || header->name[1] == 'z')
		return;
	section->place = header->offset;
	section->is_in_file = binary_identity(section->binary) && binary_type(section->binary) != ET_REL;
}

void section_open(struct dwarf_section *section, struct binary *binary, enum dwarf_section_id id, bool split)
{
	struct binary_bytes bytes;
	char name[64];

	snprintf(name, sizeof(name), "%s%s", names[id], split && id != DWARF_CU_INDEX ? ".dwo" : "");
	bytes = binary_section_lazily(binary, name);
	*section = (struct dwarf_section){ .bytes = bytes.bytes, .size = bytes.size, .binary = binary,
					   .is_big_endian = binary_is_big_endian(binary) };
	if (bytes.size > SMALL_BYTES)
		section->pages = calloc(page_count(bytes.size) / BITS + 1, sizeof(*section->pages));
	else if (!binary_need(binary, bytes, 0, bytes.size))
		section->bytes = NULL, section->size = 0;
	find_place(section, name);
}

void section_close(struct dwarf_section *section)
{
	free(section->pages);
	*section = (struct dwarf_section){ 0 };
}

static bool page_is_there(const struct dwarf_section *section, size_t page)
{
	return section->pages[page / BITS] >> page % BITS & 1;
}

static bool read_pages(struct dwarf_section *section, size_t first, size_t end)
{
	const uint64_t from = (uint64_t)first * PAGE_BYTES, to = (uint64_t)end * PAGE_BYTES;
	const struct binary_bytes bytes = { section->bytes, section->size };

	if (!binary_need(section->binary, bytes, from, (to < section->size ? to : section->size) - from))
		return false;
	for (size_t page = first; page < end; page++)
		section->pages[page / BITS] |= UINT64_C(1) << page % BITS;
	section->pages_read += end - first;
	return true;
}

bool section_read(struct dwarf_section *section, uint64_t offset, uint64_t size)
{
	const size_t end = page_count(offset + size);

	for (size_t page = (size_t)(offset / PAGE_BYTES), after; page < end; page = after) {
		after = page + 1;
		if (page_is_there(section, page))
			continue;
		while (after < end && !page_is_there(section, after))
			after++;
		if (!read_pages(section, page, after))
			return false;
	}
	return true;
}

struct dwarf_cursor section_cursor(struct dwarf_section *section, uint64_t offset, uint64_t size)
{
	struct dwarf_cursor cursor = { .is_big_endian = section->is_big_endian };

	if (!section->bytes || !section_need(section, offset, size)) {
		cursor_fail(&cursor);
		return cursor;
	}
	cursor.at = section->bytes + offset;
	cursor.end = cursor.at + size;
	return cursor;
}

struct dwarf_cursor section_copy(struct dwarf_section *section, uint64_t offset, uint64_t size, struct buffer *room)
{
	if (!section->is_in_file || offset > section->size || size > section->size - offset)
		return section_cursor(section, offset, size);
	if (room->capacity <= size) {
		room->length = 0;
		buffer_reserve(room, size);
	}
	if (!binary_read(section->binary, section->place + offset, room->bytes, size))
		return section_cursor(section, section->size, 1);	/* a bad one */
	return (struct dwarf_cursor){ .at = (const uint8_t *)room->bytes, .end = (const uint8_t *)room->bytes + size,
				      .is_big_endian = section->is_big_endian };
}

struct dwarf_cursor section_list(struct dwarf_section *section, uint64_t offset)
{
	struct dwarf_cursor cursor = section_cursor(section, offset, 0);

	section_more(section, &cursor, 1);
	return cursor;
}

const char *section_text(struct dwarf_section *section, uint64_t offset, struct dwarf_budget *budget)
{
	if (!section->bytes || offset >= section->size)
		return NULL;
	for (uint64_t window = TEXT_WINDOW; window <= LIMIT_DWARF_TEXT_BYTES; window *= 4) {
		const uint64_t left = section->size - offset, size = window < left ? window : left;

		if (!section_need(section, offset, size))
			return NULL;
		if (memchr(section->bytes + offset, 0, size))
			return (const char *)section->bytes + offset;
		if (size == left || !budget_take(budget, (int64_t)(window / 16)))
			return NULL;
	}
	return NULL;
}

size_t section_memory(const struct dwarf_section *section)
{
	return section->pages_read * PAGE_BYTES;
}

void section_forget(struct dwarf_section *section)
{
	if (!section->pages_read)
		return;
	binary_forget(section->binary, (struct binary_bytes){ section->bytes, section->size }, 0, section->size);
	memset(section->pages, 0, (page_count(section->size) / BITS + 1) * sizeof(*section->pages));
	section->pages_read = 0;
}

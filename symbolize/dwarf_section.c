// SPDX-License-Identifier: Apache-2.0
/* dwarf_section.c - see dwarf_section.h. */
#include "symbolize/dwarf_section.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE_BYTES = 4096, BITS = 64, TEXT_WINDOW = 256 };

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

/* Room for the section where it lies in the file as it is; false: it has to be unpacked, or is small. */
static bool open_by_pages(struct dwarf_section *section, const char *name)
{
	uint64_t place, size;
	void *room;

	if (!binary_section_place(section->binary, name, &place, &size) || size < 16 * PAGE_BYTES)
		return false;
	room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		return false;
	section->pages = calloc(page_count(size) / BITS + 1, sizeof(*section->pages));
	if (!section->pages) {
		munmap(room, size);
		return false;
	}
	section->bytes = room;
	section->size = size;
	section->place = place;
	return true;
}

void section_open(struct dwarf_section *section, struct binary *binary, enum dwarf_section_id id, bool split)
{
	struct binary_bytes whole;
	char name[64];

	*section = (struct dwarf_section){ .binary = binary, .is_big_endian = binary_is_big_endian(binary) };
	snprintf(name, sizeof(name), "%s%s", names[id], split && id != DWARF_CU_INDEX ? ".dwo" : "");
	if (open_by_pages(section, name))
		return;
	whole = binary_section(binary, name);
	section->bytes = whole.bytes;
	section->size = whole.size;
}

void section_close(struct dwarf_section *section)
{
	if (section->pages)
		munmap((void *)section->bytes, section->size);
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
	const uint64_t size = (to < section->size ? to : section->size) - from;

	if (!binary_read(section->binary, section->place + from, (uint8_t *)section->bytes + from, size))
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

struct dwarf_cursor section_list(struct dwarf_section *section, uint64_t offset)
{
	struct dwarf_cursor cursor = section_cursor(section, offset, 0);

	section_more(section, &cursor, 1);
	return cursor;
}

const char *section_text(struct dwarf_section *section, uint64_t offset)
{
	if (!section->bytes || offset >= section->size)
		return NULL;
	for (uint64_t window = TEXT_WINDOW;; window *= 4) {
		const uint64_t left = section->size - offset, size = window < left ? window : left;

		if (!section_need(section, offset, size))
			return NULL;
		if (memchr(section->bytes + offset, 0, size))
			return (const char *)section->bytes + offset;
		if (size == left)
			return NULL;
	}
}

size_t section_memory(const struct dwarf_section *section)
{
	return section->pages_read * PAGE_BYTES;
}

void section_forget(struct dwarf_section *section)
{
	if (!section->pages_read || madvise((void *)section->bytes, section->size, MADV_DONTNEED))
		return;
	memset(section->pages, 0, (page_count(section->size) / BITS + 1) * sizeof(*section->pages));
	section->pages_read = 0;
}

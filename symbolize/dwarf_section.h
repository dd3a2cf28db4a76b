/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwarf_section.h - sections with debug information, of which only what is asked for is read.
 *
 * A kernel's are 250 MB; one address needs less than one of them.  Pointers into a section stay right until section_forget; what was not asked
 * for reads as zeros (binary_section_lazily).
 */
#ifndef SYMBOLIZE_DWARF_SECTION_H
#define SYMBOLIZE_DWARF_SECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/buffer.h"
#include "symbolize/binary.h"
#include "symbolize/dwarf_budget.h"
#include "symbolize/dwarf_cursor.h"

enum dwarf_section_id {
	DWARF_INFO, DWARF_ABBREV, DWARF_STR, DWARF_LINE_STR, DWARF_STR_OFFSETS, DWARF_ADDR, DWARF_RANGES, DWARF_RNGLISTS, DWARF_LINE,
	DWARF_ARANGES, DWARF_CU_INDEX, DWARF_SECTION_COUNT
};

struct dwarf_section {
	const uint8_t *bytes;		/* NULL: there is none */
	uint64_t size;
	struct binary *binary;
	uint64_t *pages;		/* a bit for each that is known to be there; NULL: all of it is */
	size_t pages_read;
	uint64_t place;			/* in the file, when its bytes there are the section's */
	bool is_big_endian, is_in_file;
};

/* Zeroed: empty.  `split`: the name with .dwo behind it. */
void section_open(struct dwarf_section *section, struct binary *binary, enum dwarf_section_id id, bool split);
void section_close(struct dwarf_section *section);

/* Reads what of these bytes was not read; false when they are not all in the section, or cannot be read. */
bool section_read(struct dwarf_section *section, uint64_t offset, uint64_t size);

static inline bool section_need(struct dwarf_section *section, uint64_t offset, uint64_t size)
{
	if (offset > section->size || size > section->size - offset)
		return false;
	return !section->pages || section_read(section, offset, size);
}

/* A cursor over these bytes, which are read; bad when they are not all there. */
struct dwarf_cursor section_cursor(struct dwarf_section *section, uint64_t offset, uint64_t size);

/*
 * The same over a copy in `room`, which is used for one part after the other: memory that was used before costs nothing, pages that are read once
 * and let go of cost twice what reading does.  It lives until the room is used for another.
 */
struct dwarf_cursor section_copy(struct dwarf_section *section, uint64_t offset, uint64_t size, struct buffer *room);

/* The text there, as long as its end is in the section, and no longer than LIMIT_DWARF_TEXT_BYTES; NULL.  Long ones cost. */
const char *section_text(struct dwarf_section *section, uint64_t offset, struct dwarf_budget *budget);

/* Bytes of memory that it takes; gives them back, but for the range of addresses: pointers read zeros then, until the bytes are asked for anew. */
size_t section_memory(const struct dwarf_section *section);
void section_forget(struct dwarf_section *section);

/*
 * A cursor over a list whose end is not known before it is read: begins with what fits a window, section_more makes at least `size` bytes
 * ready, as far as the section has them.
 */
static inline void section_more(struct dwarf_section *section, struct dwarf_cursor *cursor, size_t size)
{
	if (cursor_left(cursor) < size && !cursor->is_bad) {
		const uint64_t at = (uint64_t)(cursor->at - section->bytes), left = section->size - at;
		const uint64_t window = left < 8192 ? left : 8192;

		if (section_need(section, at, window))
			cursor->end = cursor->at + window;
	}
}
struct dwarf_cursor section_list(struct dwarf_section *section, uint64_t offset);

#endif

// SPDX-License-Identifier: Apache-2.0
/* dwarf_cursor.c - see dwarf_cursor.h. */
#include "symbolize/dwarf_cursor.h"

uint64_t cursor_long_leb(struct dwarf_cursor *cursor)
{
	uint64_t number = 0;

	for (unsigned shift = 0; shift < 70 && cursor->at < cursor->end; shift += 7) {
		const uint8_t byte = *cursor->at++;

		if (shift < 64)
			number |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return number;
	}
	return cursor_fail(cursor);
}

int64_t cursor_signed_leb(struct dwarf_cursor *cursor)
{
	uint64_t number = 0;

	for (unsigned shift = 0; shift < 70 && cursor->at < cursor->end; shift += 7) {
		const uint8_t byte = *cursor->at++;

		if (shift < 64)
			number |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			if (byte & 0x40 && shift < 57)
				number |= ~UINT64_C(0) << (shift + 7);
			return (int64_t)number;
		}
	}
	return (int64_t)cursor_fail(cursor);
}

const char *cursor_text(struct dwarf_cursor *cursor)
{
	const uint8_t *start = cursor->at, *end = cursor_left(cursor) ? memchr(start, 0, cursor_left(cursor)) : NULL;

	if (!end) {
		cursor_fail(cursor);
		return NULL;
	}
	cursor->at = end + 1;
	return (const char *)start;
}

uint64_t cursor_unit_length(struct dwarf_cursor *cursor, uint8_t *offset_size)
{
	uint64_t length = cursor_fixed(cursor, 4);

	*offset_size = 4;
	if (length == 0xffffffff) {
		*offset_size = 8;
		length = cursor_fixed(cursor, 8);
	} else if (length >= 0xfffffff0) {
		return cursor_fail(cursor);
	}
	return length > cursor_left(cursor) ? cursor_fail(cursor) : length;
}

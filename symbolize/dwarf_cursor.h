/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwarf_cursor.h - reads numbers one after the other, never beyond the end.
 *
 * What would be beyond it reads as 0 and leaves the cursor bad and at its end, so that loops over it stop; callers look once, when they are done.
 */
#ifndef SYMBOLIZE_DWARF_CURSOR_H
#define SYMBOLIZE_DWARF_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct dwarf_cursor {
	const uint8_t *at, *end;
	bool is_big_endian, is_bad;
};

static inline uint64_t cursor_fail(struct dwarf_cursor *cursor)
{
	cursor->at = cursor->end;
	cursor->is_bad = true;
	return 0;
}

static inline size_t cursor_left(const struct dwarf_cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

static inline bool cursor_skip(struct dwarf_cursor *cursor, uint64_t size)
{
	if (cursor_left(cursor) < size)
		return cursor_fail(cursor);
	cursor->at += size;
	return true;
}

/* Of 0 to 8 bytes. */
static inline uint64_t fixed_of(const uint8_t *bytes, unsigned size, bool is_big_endian)
{
	uint64_t number = 0;

	if (is_big_endian) {
		for (unsigned n = 0; n < size; n++)
			number = number << 8 | bytes[n];
		return number;
	}
	for (unsigned n = size; n--;)
		number = number << 8 | bytes[n];
	return number;
}

static inline uint8_t cursor_byte(struct dwarf_cursor *cursor)
{
	return cursor->at < cursor->end ? *cursor->at++ : (uint8_t)cursor_fail(cursor);
}

static inline uint64_t cursor_fixed(struct dwarf_cursor *cursor, unsigned size)
{
	const uint8_t *at = cursor->at;
	const size_t left = cursor_left(cursor);
	uint64_t eight;

	if (left < size)
		return cursor_fail(cursor);
	cursor->at += size;
	if (left < 8 || !size || cursor->is_big_endian || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return fixed_of(at, size, cursor->is_big_endian);
	memcpy(&eight, at, 8);		/* at once, and without what is too much */
	return eight & UINT64_MAX >> (64 - 8 * size);
}

/* Of at most 64 bits; longer ones are bad. */
uint64_t cursor_long_leb(struct dwarf_cursor *cursor);
int64_t cursor_signed_leb(struct dwarf_cursor *cursor);

static inline uint64_t cursor_leb(struct dwarf_cursor *cursor)
{
	if (cursor->at < cursor->end && *cursor->at < 0x80)
		return *cursor->at++;
	return cursor_long_leb(cursor);
}

static inline void cursor_skip_leb(struct dwarf_cursor *cursor)
{
	while (cursor->at < cursor->end)
		if (*cursor->at++ < 0x80)
			return;
	cursor_fail(cursor);
}

/* A text and the zero byte behind it; NULL when there is none. */
const char *cursor_text(struct dwarf_cursor *cursor);

/* The length that begins a unit; *offset_size becomes 4 or 8.  Bad when more than is left. */
uint64_t cursor_unit_length(struct dwarf_cursor *cursor, uint8_t *offset_size);

#endif

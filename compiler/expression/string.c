// SPDX-License-Identifier: Apache-2.0
/* string.c - the escapes of CEL; see string.h. */
#include "compiler/expression/string.h"

#include <stdbool.h>
#include <string.h>

struct reader {
	const char *text;
	uint32_t at, end;		/* of what is between the quotes */
	char *bytes;			/* no escape is shorter than what it stands for */
	size_t length;
};

/* Escapes of one letter, and what they stand for. */
static const char single_escapes[] = "abfnrtv\\?\"'`";
static const char single_values[] = "\a\b\f\n\r\t\v\\?\"'`";

/* Escapes with digits: their letter, how many digits, of which base.  Octal ones begin with a digit of their own. */
static const struct escape { char letter; uint8_t digits, base; } numbered_escapes[] = {
	{ 'x', 2, 16 }, { 'X', 2, 16 }, { 'u', 4, 16 }, { 'U', 8, 16 },
	{ '0', 3, 8 }, { '1', 3, 8 }, { '2', 3, 8 }, { '3', 3, 8 },
};
enum { NUMBERED_ESCAPES = sizeof(numbered_escapes) / sizeof(*numbered_escapes) };

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 32;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static void put(struct reader *reader, uint32_t byte)
{
	reader->bytes[reader->length++] = (char)byte;
}

static void put_character(struct reader *reader, uint32_t character)
{
	if (character < 0x80) {
		put(reader, character);
	} else if (character < 0x800) {
		put(reader, 0xc0 | character >> 6);
		put(reader, 0x80 | (character & 0x3f));
	} else if (character < 0x10000) {
		put(reader, 0xe0 | character >> 12);
		put(reader, 0x80 | (character >> 6 & 0x3f));
		put(reader, 0x80 | (character & 0x3f));
	} else {
		put(reader, 0xf0 | character >> 18);
		put(reader, 0x80 | (character >> 12 & 0x3f));
		put(reader, 0x80 | (character >> 6 & 0x3f));
		put(reader, 0x80 | (character & 0x3f));
	}
}

/* At the backslash. */
static bool refuse(const struct reader *reader, uint32_t end, const char *message, const char *help,
		   struct string_problem *problem)
{
	*problem = (struct string_problem){ reader->at, end < reader->end ? end : reader->end, message, help };
	return false;
}

static bool read_numbered(struct reader *reader, const struct escape *escape, struct string_problem *problem)
{
	uint32_t first = reader->at + (escape->base == 8 ? 1 : 2), end = first + escape->digits, character = 0;

	for (uint32_t at = first; at < end; at++) {
		unsigned digit = at < reader->end ? digit_value(reader->text[at]) : 16;

		if (digit >= escape->base)
			return refuse(reader, at + 1, "the escape has too few digits",
				"\\x takes two, \\u four, \\U eight hexadecimal digits; an octal number takes three", problem);
		character = character * escape->base + digit;
	}
	if (character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
		return refuse(reader, end, "the escape is of no character", NULL, problem);
	put_character(reader, character);
	reader->at = end;
	return true;
}

static bool read_escape(struct reader *reader, struct string_problem *problem)
{
	char letter = reader->at + 1 < reader->end ? reader->text[reader->at + 1] : 0;
	const char *single = letter ? strchr(single_escapes, letter) : NULL;

	if (single) {
		put(reader, (unsigned char)single_values[single - single_escapes]);
		reader->at += 2;
		return true;
	}
	for (size_t n = 0; n < NUMBERED_ESCAPES; n++)
		if (numbered_escapes[n].letter == letter)
			return read_numbered(reader, &numbered_escapes[n], problem);
	return refuse(reader, reader->at + 2, "there is no such escape", "write \\\\ for a backslash, or r\"...\" around all",
		      problem);
}

const char *string_literal(const char *literal, size_t size, struct arena *arena, size_t *length,
			   struct string_problem *problem)
{
	bool is_raw = (*literal | 32) == 'r';
	const char *quote = literal + is_raw;
	uint32_t quotes = size - is_raw >= 6 && quote[1] == *quote && quote[2] == *quote ? 3 : 1;
	struct reader reader = { .text = literal, .at = is_raw + quotes, .end = (uint32_t)size - quotes };

	reader.bytes = arena_alloc(arena, size, 1);
	while (reader.at < reader.end)
		if (literal[reader.at] != '\\' || is_raw)
			put(&reader, (unsigned char)literal[reader.at++]);
		else if (!read_escape(&reader, problem))
			return NULL;
	*length = reader.length;
	return reader.bytes;
}

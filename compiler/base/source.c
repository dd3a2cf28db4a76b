// SPDX-License-Identifier: Apache-2.0
/* source.c - places in a text; see source.h.  Lines are counted on demand: only diagnostics ask. */
#include "compiler/base/source.h"

#include <string.h>

static uint32_t line_start(const struct source *source, uint32_t offset)
{
	while (offset && source->text[offset - 1] != '\n')
		offset--;
	return offset;
}

static uint32_t within(const struct source *source, uint32_t offset)
{
	return offset > source->length ? (uint32_t)source->length : offset;
}

struct position source_position(const struct source *source, uint32_t offset)
{
	struct position position = { 1, 1 };
	uint32_t start;

	offset = within(source, offset);
	start = line_start(source, offset);
	for (uint32_t i = 0; i < start; i++)
		position.line += source->text[i] == '\n';
	for (uint32_t i = start; i < offset; i++)	/* continuation bytes are no characters */
		position.column += ((unsigned char)source->text[i] & 0xc0) != 0x80;
	return position;
}

void source_seek(struct source_cursor *cursor, struct span at)
{
	uint32_t to = within(at.source, at.start);

	if (cursor->source != at.source)
		*cursor = (struct source_cursor){ .source = at.source, .line = 1 };
	for (; cursor->offset < to; cursor->offset++)
		if (at.source->text[cursor->offset] == '\n') {
			cursor->line++;
			cursor->line_start = cursor->offset + 1;
		}
	if (to >= cursor->line_start)
		return;
	for (; cursor->offset > to; cursor->offset--)
		cursor->line -= at.source->text[cursor->offset - 1] == '\n';
	cursor->line_start = line_start(at.source, to);
}

const char *source_line(const struct source *source, uint32_t offset, size_t *length)
{
	uint32_t start = line_start(source, within(source, offset));
	const char *text = source->text + start, *end;

	if (start == source->length) {
		*length = 0;
		return text;
	}
	end = memchr(text, '\n', source->length - start);
	*length = end ? (size_t)(end - text) : source->length - start;
	if (*length && text[*length - 1] == '\r')
		--*length;
	return text;
}

// SPDX-License-Identifier: Apache-2.0
/* writer.c - places and texts of objects; see writer.h. */
#include "compiler/object/writer.h"

#include <string.h>

#include "compiler/object/checksum.h"

uint32_t writer_count(const struct writer *writer, enum object_section_id section, size_t size)
{
	return (uint32_t)(writer->sections[section].length / size);
}

/* ---- Places ---- */

struct object_place write_place(struct writer *writer, const struct ir_place *place)
{
	struct source line;

	if (span_is_empty(place->span))
		return (struct object_place){ place->line, place->column };
	source_seek(writer->cursor, place->span);
	line = (struct source){ .name = place->span.source->name,
				.text = place->span.source->text + writer->cursor->line_start,
				.length = place->span.source->length - writer->cursor->line_start };
	return (struct object_place){
		writer->cursor->line, source_position(&line, place->span.start - writer->cursor->line_start).column
	};
}

/* ---- Strings: each once ---- */

static struct interned *find_interned(struct writer *writer, uint64_t hash, const char *bytes, size_t length)
{
	size_t at = hash & (writer->interned_room - 1);
	const char *strings = writer->sections[OBJECT_STRINGS].bytes;

	for (;; at = (at + 1) & (writer->interned_room - 1)) {
		struct interned *one = &writer->interned[at];

		if (!one->hash || (one->hash == hash && one->text.length == length &&
				   !memcmp(strings + one->text.offset, bytes, length)))
			return one;
	}
}

/* At most half full. */
static void make_room(struct writer *writer)
{
	struct interned *old = writer->interned;
	size_t old_room = writer->interned_room;

	if (writer->interned_count * 2 < old_room)
		return;
	writer->interned_room = old_room ? old_room * 2 : 64;
	writer->interned = arena_array(&writer->arena, struct interned, writer->interned_room);
	for (size_t n = 0; n < old_room; n++) {
		size_t at = old[n].hash & (writer->interned_room - 1);

		while (old[n].hash && writer->interned[at].hash)
			at = (at + 1) & (writer->interned_room - 1);
		if (old[n].hash)
			writer->interned[at] = old[n];
	}
}

struct object_text write_bytes(struct writer *writer, const char *bytes, size_t length)
{
	struct buffer *strings = &writer->sections[OBJECT_STRINGS];
	uint64_t hash = object_hash(bytes, length) | 1;
	struct interned *known;

	writer->text_bytes += length;
	make_room(writer);
	known = find_interned(writer, hash, bytes, length);
	if (known->hash)
		return known->text;
	*known = (struct interned){ hash, { (uint32_t)strings->length, (uint32_t)length } };
	writer->interned_count++;
	buffer_add(strings, bytes, length);
	buffer_add_char(strings, '\0');
	return known->text;
}

struct object_text write_text(struct writer *writer, const struct text *text)
{
	return text->bytes ? write_bytes(writer, text->bytes, text->length)
			   : (struct object_text){ OBJECT_ABSENT, 0 };
}

struct object_range write_texts(struct writer *writer, enum object_section_id section, const struct text_list *texts)
{
	struct object_range range = { writer_count(writer, section, sizeof(struct object_text)), (uint32_t)texts->count };

	/* Many hooks may name one long list: what does not fit need not be written. */
	writer->is_too_large |= writer->sections[section].length > LIMIT_OBJECT_BYTES;
	if (writer->is_too_large)
		return range;
	for (size_t n = 0; n < texts->count; n++) {
		struct object_text text = write_text(writer, &texts->items[n]);

		buffer_add(&writer->sections[section], &text, sizeof(text));
	}
	return range;
}

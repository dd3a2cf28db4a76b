// SPDX-License-Identifier: Apache-2.0
/* lines.c - see lines.h. */
#include "cmd/lines.h"

#include <errno.h>
#include <string.h>

#include "cmd/verb.h"

bool lines_open(struct lines *lines, const char *path)
{
	const bool standard = !strcmp(path, "-");

	lines->file = standard ? stdin : fopen(path, "rb");
	lines->name = standard ? "<stdin>" : path;
	lines->number = 0;
	lines->text = (struct buffer){ 0 };
	lines->at = lines->end = 0;
	if (!lines->file)
		complain("cannot read '%s': %s", path, strerror(errno));
	return lines->file;
}

/* A piece of a line; too long ones are not kept. */
static void add_piece(struct lines *lines, const char *piece, size_t length)
{
	if (lines->text.length <= EVENT_LINE_MAX)
		buffer_add(&lines->text, piece, length);
}

static bool fill(struct lines *lines)
{
	lines->at = 0;
	lines->end = fread(lines->ahead, 1, sizeof(lines->ahead), lines->file);
	return lines->end;
}

static void trim(struct lines *lines)
{
	while (lines->length && strchr(" \t\r", lines->line[lines->length - 1]) && lines->line[lines->length - 1])
		lines->length--;
}

static enum lines_end give(struct lines *lines, const char *line, size_t length)
{
	lines->line = line;
	lines->length = length;
	if (length > EVENT_LINE_MAX)
		return LINES_LONG;
	trim(lines);
	return LINES_MORE;
}

enum lines_end lines_next(struct lines *lines)
{
	lines->text.length = 0;
	lines->number++;
	while (lines->at < lines->end || fill(lines)) {
		const char *start = lines->ahead + lines->at;
		const char *newline = memchr(start, '\n', lines->end - lines->at);
		size_t length = newline ? (size_t)(newline - start) : lines->end - lines->at;

		lines->at += length + !!newline;
		if (newline && !lines->text.length)
			return give(lines, start, length);
		add_piece(lines, start, length);
		if (newline)
			return give(lines, lines->text.bytes, lines->text.length);
	}
	if (!lines->text.length)
		return LINES_NONE;
	return give(lines, lines->text.bytes, lines->text.length);
}

void lines_close(struct lines *lines)
{
	if (lines->file && lines->file != stdin)
		fclose(lines->file);
	buffer_release(&lines->text);
}

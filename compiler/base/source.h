/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.h - the text of an input file, and places in it.
 *
 * The text is read once and kept as long as diagnostics may refer to it.
 */
#ifndef COMPILER_BASE_SOURCE_H
#define COMPILER_BASE_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

struct source {
	const char *name;	/* as the user gave it; "<stdin>" for standard input */
	const char *text;	/* not NUL-terminated; may hold any bytes */
	size_t length;
};

/* Bytes [start, end) of a source.  source NULL: no place is known. */
struct span {
	const struct source *source;
	uint32_t start, end;
};

/* 1-based line and column (in code points; a broken byte counts as one) of byte `offset`. */
struct position { uint32_t line, column; };
struct position source_position(const struct source *source, uint32_t offset);

/*
 * The same for many places, found from the last one, for they mostly lie close.  Zeroed, it stands nowhere.  After
 * source_seek: the line of the place's start, and where that line starts.
 */
struct source_cursor {
	const struct source *source;
	uint32_t line, line_start;
	uint32_t offset;
};
void source_seek(struct source_cursor *cursor, struct span at);

/* The line that holds `offset`, without its line end; length in bytes. */
const char *source_line(const struct source *source, uint32_t offset, size_t *length);

static inline bool span_is_empty(struct span span)
{
	return !span.source;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree_writer.h - mappings, lists and scalars, written as JSON or as YAML with the same calls.
 *
 * Both are for people to read: indented by two; a row is a list that JSON has on one line, a line is such a mapping, and so
 * is all that stands in them; long texts are folded in YAML.  The caller keeps begin and end paired, and writes texts without control characters.  Whether
 * all went out shows in ferror(out).
 */
#ifndef SCHEMA_TREE_WRITER_H
#define SCHEMA_TREE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum tree_format { TREE_JSON, TREE_YAML };
enum tree_shape { TREE_MAPPING, TREE_LIST, TREE_LINE, TREE_ROW };
enum { TREE_DEPTH_MAX = 64 };

struct tree_writer {
	FILE *out;
	enum tree_format format;
	unsigned depth;			/* open levels */
	struct tree_level {
		enum tree_shape shape;
		unsigned count;		/* entries so far */
		unsigned indent;	/* of its entries, in blanks */
	} levels[TREE_DEPTH_MAX];
};

/* Start with { .out = file, .format = ... }; the outermost value is a mapping. */
void tree_begin(struct tree_writer *writer, enum tree_shape shape);
void tree_end(struct tree_writer *writer);	/* after the outermost: a line end too */

/* Inside a mapping, before each value. */
void tree_key(struct tree_writer *writer, const char *key);

void tree_text(struct tree_writer *writer, const char *text);
void tree_bytes(struct tree_writer *writer, const char *text, size_t length);
void tree_number(struct tree_writer *writer, int64_t value);
void tree_literal(struct tree_writer *writer, const char *json);	/* true, false, or any scalar as JSON has it */

/* Key and value in one. */
void tree_key_begin(struct tree_writer *writer, const char *key, enum tree_shape shape);
void tree_key_text(struct tree_writer *writer, const char *key, const char *text);
void tree_key_number(struct tree_writer *writer, const char *key, int64_t value);
void tree_key_literal(struct tree_writer *writer, const char *key, const char *json);

/* Whether every reader of YAML takes `text` for just this text when it stands without quotes. */
bool yaml_is_plain(const char *text, size_t length);

#endif

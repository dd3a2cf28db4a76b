/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - writing JSON into a buffer, one call per value.
 *
 * The writer keeps commas and nesting right; the caller keeps begin and end paired.  Text is UTF-8; bytes
 * that are not become U+FFFD, so that the output is always valid.
 */
#ifndef COMPILER_BASE_JSON_H
#define COMPILER_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/buffer.h"

struct json {
	struct buffer *out;
	bool first;		/* nothing stands yet in the innermost object or array */
	bool named;		/* a key was just written: its value follows */
};

/* Start with { .out = buffer, .first = true }. */
void json_begin_object(struct json *json);
void json_end_object(struct json *json);
void json_begin_array(struct json *json);
void json_end_array(struct json *json);

/* Inside an object, before each value. */
void json_key(struct json *json, const char *key);

void json_string(struct json *json, const char *text);
void json_bytes(struct json *json, const void *text, size_t length);
void json_number(struct json *json, int64_t value);
void json_unsigned(struct json *json, uint64_t value);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);

/* Key and value in one. */
void json_key_string(struct json *json, const char *key, const char *text);
void json_key_number(struct json *json, const char *key, int64_t value);
void json_key_unsigned_text(struct json *json, const char *key, uint64_t value);	/* in quotes, as protobuf's JSON has 64-bit numbers */
void json_key_bool(struct json *json, const char *key, bool value);

#endif

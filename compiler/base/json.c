// SPDX-License-Identifier: Apache-2.0
/* json.c - see json.h.  json-c reads JSON for us; writing it needs no tree. */
#include "compiler/base/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Comma and place for the next value or key. */
static void separate(struct json *json)
{
	if (json->named) {
		json->named = false;
		return;
	}
	if (!json->first)
		buffer_add_char(json->out, ',');
	json->first = false;
}

static void begin(struct json *json, char bracket)
{
	separate(json);
	buffer_add_char(json->out, bracket);
	json->first = true;
}

static void end(struct json *json, char bracket)
{
	buffer_add_char(json->out, bracket);
	json->first = false;
}

void json_begin_object(struct json *json)
{
	begin(json, '{');
}

void json_end_object(struct json *json)
{
	end(json, '}');
}

void json_begin_array(struct json *json)
{
	begin(json, '[');
}

void json_end_array(struct json *json)
{
	end(json, ']');
}

/* Bytes of the UTF-8 sequence at `text`, 0 when it is not one (RFC 3629: no overlong forms, no surrogates). */
static size_t sequence(const unsigned char *text, size_t length)
{
	static const struct { unsigned char low, high, second_low, second_high; size_t size; } forms[] = {
		{ 0x00, 0x7f, 0, 0, 1 },	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },	{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		size_t size = forms[i].size;

		if (text[0] < forms[i].low || text[0] > forms[i].high)
			continue;
		if (size > length)
			return 0;
		if (size > 1 && (text[1] < forms[i].second_low || text[1] > forms[i].second_high))
			return 0;
		for (size_t j = 2; j < size; j++)
			if ((text[j] & 0xc0) != 0x80)
				return 0;
		return size;
	}
	return 0;
}

static void add_plain(struct buffer *out, unsigned char c)
{
	static const char named[] = "\"\"\\\\\nn\rr\tt\bb\ff";

	for (const char *pair = named; *pair; pair += 2)
		if ((unsigned char)*pair == c) {
			buffer_add_char(out, '\\');
			buffer_add_char(out, pair[1]);
			return;
		}
	if (c < 0x20 || c == 0x7f)
		buffer_format(out, "\\u%04x", c);
	else
		buffer_add_char(out, (char)c);
}

/* How many bytes stand for themselves, which most do. */
static size_t plain_length(const unsigned char *text, size_t length)
{
	size_t n = 0;

	while (n < length && text[n] >= 0x20 && text[n] < 0x7f && text[n] != '"' && text[n] != '\\')
		n++;
	return n;
}

static void add_quoted(struct buffer *out, const unsigned char *text, size_t length)
{
	buffer_add_char(out, '"');
	for (size_t i = 0; i < length;) {
		const size_t plain = plain_length(text + i, length - i);
		size_t size = plain ? plain : sequence(text + i, length - i);

		if (plain)
			buffer_add(out, text + i, plain);
		else if (size == 1)
			add_plain(out, text[i]);
		else if (size)
			buffer_add(out, text + i, size);
		else
			buffer_add_text(out, "\xef\xbf\xbd");
		i += size ? size : 1;
	}
	buffer_add_char(out, '"');
}

void json_bytes(struct json *json, const void *text, size_t length)
{
	separate(json);
	add_quoted(json->out, text, length);
}

void json_string(struct json *json, const char *text)
{
	json_bytes(json, text, strlen(text));
}

void json_key(struct json *json, const char *key)
{
	json_string(json, key);
	buffer_add_char(json->out, ':');
	json->named = true;
}

void json_number(struct json *json, int64_t value)
{
	separate(json);
	if (value < 0)
		buffer_add_char(json->out, '-');
	buffer_add_number(json->out, value < 0 ? -(uint64_t)value : (uint64_t)value, 1);
}

void json_unsigned(struct json *json, uint64_t value)
{
	separate(json);
	buffer_add_number(json->out, value, 1);
}

void json_bool(struct json *json, bool value)
{
	separate(json);
	buffer_add_text(json->out, value ? "true" : "false");
}

void json_null(struct json *json)
{
	separate(json);
	buffer_add_text(json->out, "null");
}

void json_key_string(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	json_string(json, text);
}

void json_key_number(struct json *json, const char *key, int64_t value)
{
	json_key(json, key);
	json_number(json, value);
}

void json_key_unsigned_text(struct json *json, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	json_key_string(json, key, text);
}

void json_key_bool(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}

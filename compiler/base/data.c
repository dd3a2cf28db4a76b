// SPDX-License-Identifier: Apache-2.0
/* data.c - see data.h. */
#include "compiler/base/data.h"

#include <inttypes.h>
#include <string.h>

#include "compiler/base/json.h"
#include "schema/tree_writer.h"

/* ---- Making ---- */

static struct data *add(struct arena *arena, struct data *into, const char *key, enum data_kind kind)
{
	struct data *data = arena_new(arena, struct data);

	*data = (struct data){ .kind = kind, .key = key };
	if (!into)
		return data;
	if (into->last)
		into->last->next = data;
	else
		into->first = data;
	into->last = data;
	return data;
}

struct data *data_new(struct arena *arena)
{
	return add(arena, NULL, NULL, DATA_RECORD);
}

struct data *data_text(struct arena *arena, struct data *into, const char *key, const char *text)
{
	struct data *data = add(arena, into, key, DATA_TEXT);

	data->text = text;
	return data;
}

struct data *data_number(struct arena *arena, struct data *into, const char *key, int64_t number)
{
	struct data *data = add(arena, into, key, DATA_NUMBER);

	data->number = number;
	return data;
}

struct data *data_boolean(struct arena *arena, struct data *into, const char *key, bool boolean)
{
	struct data *data = add(arena, into, key, DATA_BOOLEAN);

	data->boolean = boolean;
	return data;
}

struct data *data_list(struct arena *arena, struct data *into, const char *key)
{
	return add(arena, into, key, DATA_LIST);
}

struct data *data_record(struct arena *arena, struct data *into, const char *key)
{
	return add(arena, into, key, DATA_RECORD);
}

const struct data *data_find(const struct data *record, const char *key)
{
	for (const struct data *data = record->first; data; data = data->next)
		if (!strcmp(data->key, key))
			return data;
	return NULL;
}

/* ---- JSON ---- */

static void write_json(struct json *json, const struct data *data)
{
	if (data->key)
		json_key(json, data->key);
	switch (data->kind) {
	case DATA_TEXT:
		json_string(json, data->text);
		return;
	case DATA_NUMBER:
		json_number(json, data->number);
		return;
	case DATA_BOOLEAN:
		json_bool(json, data->boolean);
		return;
	case DATA_LIST:
		json_begin_array(json);
		for (const struct data *each = data->first; each; each = each->next)
			write_json(json, each);
		json_end_array(json);
		return;
	case DATA_RECORD:
		json_begin_object(json);
		for (const struct data *each = data->first; each; each = each->next)
			write_json(json, each);
		json_end_object(json);
		return;
	}
}

void data_write_json(const struct data *data, struct buffer *ret)
{
	struct json json = { .out = ret, .first = true };

	write_json(&json, data);
	buffer_add_char(ret, '\n');
}

/* ---- YAML ---- */

/* Bytes of the character at `text`, which is UTF-8, and its number. */
static size_t read_character(const char *text, uint32_t *ret)
{
	unsigned char first = (unsigned char)*text;
	size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	*ret = length == 1 ? first : first & (0x7fu >> length);
	for (size_t n = 1; n < length; n++)
		*ret = *ret << 6 | ((unsigned char)text[n] & 0x3f);
	return length;
}

/* JSON's strings are among YAML's, but for some characters that YAML wants escaped. */
static void write_string(const char *text, struct buffer *ret)
{
	struct buffer string = { 0 };
	struct json json = { .out = &string, .first = true };
	uint32_t character;

	json_string(&json, text);
	for (size_t n = 0, length; n < string.length; n += length) {
		length = read_character(string.bytes + n, &character);
		if ((character >= 0x7f && character < 0xa0) || character == 0x2028 || character == 0x2029 ||
		    character == 0xfeff || character == 0xfffe || character == 0xffff)
			buffer_format(ret, "\\u%04x", character);
		else
			buffer_add(ret, string.bytes + n, length);
	}
	buffer_release(&string);
}

static void write_text(const char *text, struct buffer *ret)
{
	if (yaml_is_plain(text, strlen(text)))
		buffer_add_text(ret, text);
	else
		write_string(text, ret);
}

static void write_members(const struct data *data, unsigned depth, bool begun, struct buffer *ret);

/* What comes after "key:" or "-"; a record in a list begins on the line of its dash. */
static void write_value(const struct data *data, unsigned depth, struct buffer *ret)
{
	if (data->kind == DATA_TEXT) {
		buffer_add_char(ret, ' ');
		write_text(data->text, ret);
		buffer_add_char(ret, '\n');
	} else if (data->kind == DATA_NUMBER) {
		buffer_format(ret, " %" PRId64 "\n", data->number);
	} else if (data->kind == DATA_BOOLEAN) {
		buffer_format(ret, " %s\n", data->boolean ? "true" : "false");
	} else if (!data->first) {
		buffer_add_text(ret, data->kind == DATA_LIST ? " []\n" : " {}\n");
	} else if (data->key) {
		buffer_add_char(ret, '\n');
		write_members(data, depth + (data->kind == DATA_RECORD), false, ret);
	} else {
		buffer_add_char(ret, ' ');
		write_members(data, depth + 1, true, ret);
	}
}

/* begun: the first one goes on the line that is there. */
static void write_members(const struct data *data, unsigned depth, bool begun, struct buffer *ret)
{
	for (const struct data *each = data->first; each; each = each->next, begun = false) {
		if (!begun)
			buffer_format(ret, "%*s", (int)depth * 2, "");
		if (each->key)
			buffer_format(ret, "%s:", each->key);
		else
			buffer_add_char(ret, '-');
		write_value(each, depth, ret);
	}
}

void data_write_yaml(const struct data *data, struct buffer *ret)
{
	write_members(data, 0, false, ret);
}

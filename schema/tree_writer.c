// SPDX-License-Identifier: Apache-2.0
/* tree_writer.c - see tree_writer.h. */
#include "schema/tree_writer.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { INDENT = 2, LINE_WIDTH = 110 };

static struct tree_level *level(struct tree_writer *writer)
{
	return writer->depth ? &writer->levels[writer->depth - 1] : NULL;
}

static void line(struct tree_writer *writer, unsigned indent)
{
	fprintf(writer->out, "\n%*s", (int)indent, "");
}

static bool is_mapping(enum tree_shape shape)
{
	return shape == TREE_MAPPING || shape == TREE_LINE;
}

static bool is_on_one_line(enum tree_shape shape)
{
	return shape == TREE_LINE || shape == TREE_ROW;
}

/* ---- What stands before an entry ---- */

static void before_json_entry(struct tree_writer *writer, const struct tree_level *at)
{
	if (is_on_one_line(at->shape)) {
		fputs(at->count ? ", " : "", writer->out);
		return;
	}
	fputs(at->count ? "," : "", writer->out);
	line(writer, at->indent);
}

/* The first key of a mapping that is an entry of a list stands behind the dash; the very first has no line to end. */
static void before_yaml_key(struct tree_writer *writer, const struct tree_level *at)
{
	bool behind_dash = writer->depth > 1 && !is_mapping(at[-1].shape);

	if (at->count || (writer->depth > 1 && !behind_dash))
		line(writer, at->indent);
}

static void before_value(struct tree_writer *writer)
{
	struct tree_level *at = level(writer);

	if (!at)
		return;
	if (is_mapping(at->shape)) {
		if (writer->format == TREE_JSON)
			fputc(' ', writer->out);
		return;
	}
	if (writer->format == TREE_JSON) {
		before_json_entry(writer, at);
	} else {
		line(writer, at->indent);
		fputc('-', writer->out);
	}
	at->count++;
}

/* ---- Levels ---- */

void tree_begin(struct tree_writer *writer, enum tree_shape shape)
{
	const struct tree_level *around = level(writer);
	unsigned indent = around ? around->indent + INDENT : writer->format == TREE_JSON ? INDENT : 0;

	assert(writer->depth < TREE_DEPTH_MAX);
	if (around && is_on_one_line(around->shape))
		shape = is_mapping(shape) ? TREE_LINE : TREE_ROW;
	before_value(writer);
	if (writer->format == TREE_JSON)
		fputc(is_mapping(shape) ? '{' : '[', writer->out);
	else if (around && !is_mapping(around->shape))
		fputc(' ', writer->out);
	writer->levels[writer->depth++] = (struct tree_level){ .shape = shape, .indent = indent };
}

void tree_end(struct tree_writer *writer)
{
	struct tree_level ended = *level(writer);

	writer->depth--;
	if (writer->format == TREE_JSON) {
		if (ended.count && !is_on_one_line(ended.shape))
			line(writer, ended.indent - INDENT);
		fputc(is_mapping(ended.shape) ? '}' : ']', writer->out);
	} else if (!ended.count) {
		fputs(is_mapping(ended.shape) ? " {}" : " []", writer->out);
	}
	if (!writer->depth)
		fputc('\n', writer->out);
}

/* ---- Scalars ---- */

static void quoted(FILE *out, const char *text, size_t length)
{
	fputc('"', out);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			fputc('\\', out);
		fputc(text[i], out);
	}
	fputc('"', out);
}

/* What some reader of YAML 1.1 takes for a boolean or null. */
static bool is_reserved(const char *text, size_t length)
{
	static const char *const words[] = { "y", "n", "t", "f", "yes", "no", "on", "off", "true", "false", "null" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == length && !strncasecmp(words[i], text, length))
			return true;
	return false;
}

bool yaml_is_plain(const char *text, size_t length)
{
	if (!length || !isalpha((unsigned char)text[0]) || text[length - 1] == ' ' || is_reserved(text, length))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr(" _-./,;()'=+", text[i]))
			return false;
	return true;
}

/* Bytes up to the blank at which a line of that width may end. */
static size_t fold(const char *text, size_t length, size_t width)
{
	size_t end = width;

	if (length <= width)
		return length;
	while (end && (text[end] != ' ' || text[end - 1] == ' ' || text[end + 1] == ' '))
		end--;
	return end ? end : length;
}

static void folded(struct tree_writer *writer, const char *text, size_t length, unsigned indent)
{
	fputs(" >-", writer->out);
	while (length) {
		size_t part = fold(text, length, LINE_WIDTH - indent);

		line(writer, indent);
		fwrite(text, 1, part, writer->out);
		part += part < length;	/* the blank is the end of the line */
		text += part;
		length -= part;
	}
}

void tree_bytes(struct tree_writer *writer, const char *text, size_t length)
{
	const struct tree_level *at = level(writer);

	before_value(writer);
	if (writer->format == TREE_JSON) {
		quoted(writer->out, text, length);
	} else if (length > LINE_WIDTH / 2 && memchr(text, ' ', length) && text[0] != ' ') {
		folded(writer, text, length, at->indent + INDENT);
	} else {
		fputc(' ', writer->out);
		if (yaml_is_plain(text, length))
			fwrite(text, 1, length, writer->out);
		else
			quoted(writer->out, text, length);
	}
}

void tree_text(struct tree_writer *writer, const char *text)
{
	tree_bytes(writer, text, strlen(text));
}

void tree_literal(struct tree_writer *writer, const char *json)
{
	before_value(writer);
	fprintf(writer->out, writer->format == TREE_JSON ? "%s" : " %s", json);
}

void tree_number(struct tree_writer *writer, int64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lld", (long long)value);
	tree_literal(writer, digits);
}

/* ---- Keys ---- */

void tree_key(struct tree_writer *writer, const char *key)
{
	struct tree_level *at = level(writer);

	if (writer->format == TREE_JSON)
		before_json_entry(writer, at);
	else
		before_yaml_key(writer, at);
	at->count++;
	if (writer->format == TREE_JSON || !yaml_is_plain(key, strlen(key)))
		quoted(writer->out, key, strlen(key));
	else
		fputs(key, writer->out);
	fputc(':', writer->out);
}

void tree_key_begin(struct tree_writer *writer, const char *key, enum tree_shape shape)
{
	tree_key(writer, key);
	tree_begin(writer, shape);
}

void tree_key_text(struct tree_writer *writer, const char *key, const char *text)
{
	tree_key(writer, key);
	tree_text(writer, text);
}

void tree_key_number(struct tree_writer *writer, const char *key, int64_t value)
{
	tree_key(writer, key);
	tree_number(writer, value);
}

void tree_key_literal(struct tree_writer *writer, const char *key, const char *json)
{
	tree_key(writer, key);
	tree_literal(writer, json);
}

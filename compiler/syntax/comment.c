// SPDX-License-Identifier: Apache-2.0
/*
 * comment.c - comments are what stands between libyaml's tokens; see comment.h.
 *
 * libyaml drops comments, so the text between two tokens is searched.  Only texts that hold the word at all are
 * scanned for tokens a second time.
 */
#include "compiler/syntax/comment.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "compiler/syntax/syntax_error.h"

struct search {
	const struct source *source;
	const char *word;
	struct arena *arena;
	struct comment *items;
	size_t count, capacity;
};

static uint32_t line_end(const struct source *source, uint32_t offset, uint32_t most)
{
	while (offset < most && source->text[offset] != '\n' && source->text[offset] != '\r')
		offset++;
	return offset;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_alone(const struct source *source, uint32_t offset)
{
	while (offset && is_blank(source->text[offset - 1]))
		offset--;
	return !offset || source->text[offset - 1] == '\n' || source->text[offset - 1] == '\r';
}

/* `hash` is where the # stands; `end` where its line does. */
static void try_comment(struct search *search, uint32_t hash, uint32_t end)
{
	const char *text = search->source->text;
	size_t length = strlen(search->word);
	uint32_t start = hash + 1;

	while (start < end && is_blank(text[start]))
		start++;
	if (end - start < length || memcmp(text + start, search->word, length))
		return;
	search->items = arena_grow(search->arena, search->items, search->count, &search->capacity,
		sizeof(*search->items));
	search->items[search->count++] = (struct comment){ start, end, is_alone(search->source, hash) };
}

/* Between tokens there is nothing but blanks and comments. */
static void search_gap(struct search *search, uint32_t from, uint32_t to)
{
	const char *text = search->source->text;

	while (from < to) {
		const char *hash = memchr(text + from, '#', to - from);
		uint32_t end;

		if (!hash)
			return;
		end = line_end(search->source, (uint32_t)(hash - text), to);
		try_comment(search, (uint32_t)(hash - text), end);
		from = end;
	}
}

/* The first line of a block scalar, "| # like this". */
static void search_header(struct search *search, const yaml_token_t *token, uint32_t start, uint32_t end)
{
	yaml_scalar_style_t style = token->data.scalar.style;

	if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE)
		search_gap(search, start, line_end(search->source, start, end));
}

static void search_tokens(struct search *search, yaml_parser_t *yaml, struct text_cursor *cursor)
{
	uint32_t from = cursor->first;
	bool more = true;

	while (more) {
		yaml_token_t token;
		uint32_t start, end;

		if (!yaml_parser_scan(yaml, &token))
			return;
		start = text_cursor_seek(cursor, token.start_mark.index);
		end = text_cursor_seek(cursor, token.end_mark.index);
		more = token.type != YAML_STREAM_END_TOKEN && token.type != YAML_NO_TOKEN;
		search_gap(search, from, more ? start : (uint32_t)search->source->length);
		if (token.type == YAML_SCALAR_TOKEN)
			search_header(search, &token, start, end);
		if (end > from)
			from = end;
		yaml_token_delete(&token);
	}
}

size_t comments_find(const struct source *source, const char *word, struct arena *arena, struct comment **ret)
{
	struct search search = { .source = source, .word = word, .arena = arena };
	struct text_cursor cursor;
	yaml_parser_t yaml;

	if (!source->length || !memmem(source->text, source->length, word, strlen(word)))
		return 0;
	text_cursor_init(&cursor, source);
	if (!yaml_parser_initialize(&yaml))
		abort();	/* out of memory, as in the arena */
	yaml_parser_set_encoding(&yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&yaml, (const unsigned char *)source->text + cursor.first,
		source->length - cursor.first);
	search_tokens(&search, &yaml, &cursor);
	yaml_parser_delete(&yaml);
	*ret = search.items;
	return search.count;
}

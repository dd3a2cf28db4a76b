// SPDX-License-Identifier: Apache-2.0
/* text.c - words, lists and phrases; see text.h. */
#include "compiler/explain/text.h"

enum { VALUES_SHOWN = 8 };

/* Bytes that read well as they are; others are quoted and escaped. */
static bool is_plain(const struct text *text)
{
	for (size_t n = 0; n < text->length; n++) {
		unsigned char c = (unsigned char)text->bytes[n];

		if (c <= ' ' || c == '"' || c == '\'' || c == '\\' || c == ',' || c == ';' || c == 127)
			return false;
	}
	return text->length != 0;
}

void explain_value(const struct text *text, struct buffer *ret)
{
	if (is_plain(text)) {
		buffer_add(ret, text->bytes, text->length);
		return;
	}
	buffer_add_quoted(ret, text->bytes, text->length);
}

void explain_values(const struct text_list *values, const char *last, struct buffer *ret)
{
	size_t shown = values->count > VALUES_SHOWN + 1 ? VALUES_SHOWN : values->count;

	for (size_t n = 0; n < shown; n++) {
		if (n)
			buffer_add_text(ret, n + 1 == values->count ? last : ", ");
		explain_value(&values->items[n], ret);
	}
	if (shown < values->count)
		buffer_format(ret, "%sany of %zu more", last, values->count - shown);
	if (!values->count)
		buffer_add_text(ret, "nothing");
}

void explain_word(enum field_kind kind, size_t number, struct buffer *ret)
{
	const char *word;
	size_t length = words_at(kind_rows[kind].words, number, &word);

	buffer_add(ret, word, length);
}

void explain_phrase(const char *phrase, explain_part *say, const void *context, struct buffer *ret)
{
	size_t start = ret->length;
	bool empty = false;

	for (const char *at = phrase; *at; at++) {
		if (*at == '[') {
			start = ret->length;
			empty = false;
		} else if (*at == ']') {
			ret->length = empty ? start : ret->length;
		} else if (*at == '%' && at[1]) {
			empty |= !say(context, *++at, ret);
		} else {
			buffer_add_char(ret, *at);
		}
	}
}

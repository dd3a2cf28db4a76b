// SPDX-License-Identifier: Apache-2.0
/*
 * report.c - diagnostics as text and as JSON.
 *
 * Text follows compilers: file:line:col: severity[code]: message, the source line, a caret under the exact
 * token, then help and the second place.  Source text is untrusted: control bytes never reach a terminal.
 */
#include "cmd/report.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

enum { TAB = 8, SHOWN_COLUMNS = 120, CONTEXT_COLUMNS = 40 };

struct style {
	const char *bold, *error, *warning, *note, *caret, *plain;
};
static const struct style no_style = { "", "", "", "", "", "" };
static const struct style colours = { "\033[1m", "\033[1;31m", "\033[1;33m", "\033[1;36m", "\033[1;32m", "\033[0m" };

static int compare(const void *a, const void *b)
{
	const struct diagnostic *x = *(const struct diagnostic *const *)a;
	const struct diagnostic *y = *(const struct diagnostic *const *)b;

	if (x->at.start != y->at.start)
		return x->at.start < y->at.start ? -1 : 1;
	return x < y ? -1 : x > y;	/* of one place: in the order of recording */
}

/* Pointers to the diagnostics, sorted; the caller frees.  NULL when there are none. */
static const struct diagnostic **sorted(const struct diagnostics *diagnostics)
{
	const struct diagnostic **order;

	if (!diagnostics->count)
		return NULL;
	order = calloc(diagnostics->count, sizeof(*order));
	if (!order)
		abort();
	for (size_t i = 0; i < diagnostics->count; i++)
		order[i] = &diagnostics->items[i];
	qsort(order, diagnostics->count, sizeof(*order), compare);
	return order;
}

/* ---- One source line as columns of a terminal ---- */

/* Appends the character at `text`, made harmless; returns its bytes and adds its width to *column. */
static size_t add_character(struct buffer *out, const char *text, size_t length, size_t *column)
{
	mbstate_t state = { 0 };
	wchar_t wide;
	size_t bytes;
	int width;

	if (*text == '\t') {
		size_t spaces = TAB - *column % TAB;

		buffer_format(out, "%*s", (int)spaces, "");
		*column += spaces;
		return 1;
	}
	bytes = mbrtowc(&wide, text, length, &state);
	width = bytes && bytes <= length ? wcwidth(wide) : -1;
	if (width < 0) {	/* control or broken */
		buffer_add_char(out, '?');
		*column += 1;
		return bytes && bytes <= length ? bytes : 1;
	}
	buffer_add(out, text, bytes);
	*column += (size_t)width;
	return bytes;
}

/* Text that may repeat bytes of the policy. */
static void add_text(struct buffer *out, const char *text)
{
	size_t column = 0;

	for (size_t length = strlen(text); length;) {
		size_t bytes = add_character(out, text, length, &column);

		text += bytes;
		length -= bytes;
	}
}

struct line_view {
	struct buffer text;		/* what is shown */
	size_t caret, caret_width;	/* columns */
};

/* Shows the part of the line around bytes [start, end) of it. */
static struct line_view view_line(const char *line, size_t length, size_t start, size_t end)
{
	struct line_view view = { 0 };
	size_t from = 0, column = 0, i;

	if (length > SHOWN_COLUMNS && start > CONTEXT_COLUMNS) {
		from = start - CONTEXT_COLUMNS;
		while (from && ((unsigned char)line[from] & 0xc0) == 0x80)
			from--;
		buffer_add_text(&view.text, "...");
		column = 3;
	}
	for (i = from; i < length && column < SHOWN_COLUMNS;) {
		if (i <= start)
			view.caret = column;
		i += add_character(&view.text, line + i, length - i, &column);
		if (i <= end)
			view.caret_width = column - view.caret;
	}
	if (i < length)
		buffer_add_text(&view.text, "...");
	if (start >= length)
		view.caret = column;
	if (!view.caret_width)
		view.caret_width = 1;
	return view;
}

static void add_snippet(struct buffer *out, struct span at, const char *caret_colour, const struct style *style)
{
	struct position position = source_position(at.source, at.start);
	size_t length, start, end;
	const char *line = source_line(at.source, at.start, &length);
	struct line_view view;

	start = (size_t)(at.source->text + at.start - line);
	end = start + (at.end > at.start ? at.end - at.start : 1);
	view = view_line(line, length, start, end < length ? end : length);
	buffer_format(out, "%5u | %s\n", position.line, view.text.bytes ? view.text.bytes : "");
	buffer_format(out, "      | %*s%s^", (int)view.caret, "", caret_colour);
	for (size_t i = 1; i < view.caret_width; i++)
		buffer_add_char(out, '~');
	buffer_format(out, "%s\n", style->plain);
	buffer_release(&view.text);
}

static void add_place(struct buffer *out, struct span at)
{
	struct position position;

	if (span_is_empty(at))
		return;
	position = source_position(at.source, at.start);
	add_text(out, at.source->name);
	buffer_format(out, ":%u:%u: ", position.line, position.column);
}

static void add_help(struct buffer *out, const struct diagnostic *diagnostic, const struct style *style)
{
	if (diagnostic->help) {
		buffer_format(out, "      = %shelp:%s ", style->bold, style->plain);
		add_text(out, diagnostic->help);
		buffer_add_char(out, '\n');
	}
	if (diagnostic->replacement && !diagnostic->help) {
		buffer_format(out, "      = %sfix:%s write ", style->bold, style->plain);
		add_text(out, diagnostic->replacement);
		buffer_add_char(out, '\n');
	}
}

static void add_related(struct buffer *out, const struct diagnostic *diagnostic, const struct style *style)
{
	if (span_is_empty(diagnostic->related))
		return;
	add_place(out, diagnostic->related);
	buffer_format(out, "%snote:%s %s\n", style->note, style->plain, diagnostic->related_message);
	add_snippet(out, diagnostic->related, style->note, style);
}

static void add_diagnostic(struct buffer *out, const struct diagnostic *diagnostic, const struct style *style)
{
	const struct diagnostic_row *row = &diagnostic_rows[diagnostic->id];
	bool is_error = row->severity == SEVERITY_ERROR;

	buffer_add_text(out, style->bold);
	add_place(out, diagnostic->at);
	buffer_format(out, "%s%s[%s]:%s %s", is_error ? style->error : style->warning,
		is_error ? "error" : "warning", row->code, style->plain, style->bold);
	add_text(out, diagnostic->message);
	buffer_format(out, "%s\n", style->plain);
	if (!span_is_empty(diagnostic->at))
		add_snippet(out, diagnostic->at, style->caret, style);
	add_help(out, diagnostic, style);
	add_related(out, diagnostic, style);
}

static void render(const struct diagnostics *diagnostics, const struct style *style, struct buffer *ret)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), old = (locale_t)0;
	const struct diagnostic **order = sorted(diagnostics);

	if (utf8)
		old = uselocale(utf8);
	for (size_t i = 0; i < diagnostics->count; i++)
		add_diagnostic(ret, order[i], style);
	if (diagnostics->truncated)
		buffer_format(ret, "%zu more problems are not shown\n",
			diagnostics->errors + diagnostics->warnings - diagnostics->count);
	if (utf8) {
		uselocale(old);
		freelocale(utf8);
	}
	free(order);
}

void report_render(const struct diagnostics *diagnostics, struct buffer *ret)
{
	render(diagnostics, &no_style, ret);
}

void report_text(const struct diagnostics *diagnostics, FILE *out)
{
	const char *no_color = getenv("NO_COLOR");
	struct buffer text = { 0 };
	bool colour;

	if (!diagnostics->count)
		return;
	colour = isatty(fileno(out)) && (!no_color || !*no_color);
	render(diagnostics, colour ? &colours : &no_style, &text);
	if (text.length)
		fwrite(text.bytes, 1, text.length, out);
	buffer_release(&text);
}

/* ---- JSON ---- */

static void json_place(struct json *json, struct span at)
{
	struct position start, end;

	if (span_is_empty(at))
		return;
	start = source_position(at.source, at.start);
	end = source_position(at.source, at.end);
	json_key_string(json, "file", at.source->name);
	json_key_number(json, "line", start.line);
	json_key_number(json, "column", start.column);
	json_key_number(json, "end_line", end.line);
	json_key_number(json, "end_column", end.column);
}

static void json_diagnostic(struct json *json, const struct diagnostic *diagnostic)
{
	const struct diagnostic_row *row = &diagnostic_rows[diagnostic->id];

	json_begin_object(json);
	json_place(json, diagnostic->at);
	json_key_string(json, "severity", row->severity == SEVERITY_ERROR ? "error" : "warning");
	json_key_string(json, "code", row->code);
	json_key_string(json, "message", diagnostic->message);
	if (diagnostic->help)
		json_key_string(json, "help", diagnostic->help);
	if (diagnostic->replacement)
		json_key_string(json, "replacement", diagnostic->replacement);
	if (!span_is_empty(diagnostic->related)) {
		json_key(json, "related");
		json_begin_object(json);
		json_place(json, diagnostic->related);
		json_key_string(json, "message", diagnostic->related_message);
		json_end_object(json);
	}
	json_end_object(json);
}

void report_json(const struct diagnostics *diagnostics, struct json *json)
{
	const struct diagnostic **order = sorted(diagnostics);

	for (size_t i = 0; i < diagnostics->count; i++)
		json_diagnostic(json, order[i]);
	free(order);
}

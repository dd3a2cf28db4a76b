// SPDX-License-Identifier: Apache-2.0
/*
 * report_text.c - diagnostics for people.
 *
 * As compilers do: file:line:col: severity[code]: message, the source line, a caret under the exact token, then help
 * and the second place.  Source text is untrusted: bytes that steer a terminal never reach it, nor do characters that
 * turn the direction of text around.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "cmd/report.h"

enum { TAB = 8, SHOWN_COLUMNS = 120, CONTEXT_COLUMNS = 40 };

struct style {
	const char *bold, *error, *warning, *note, *caret, *plain;
};
static const struct style no_style = { "", "", "", "", "", "" };
static const struct style colours = { "\033[1m", "\033[1;31m", "\033[1;33m", "\033[1;36m", "\033[1;32m", "\033[0m" };

/* ---- Characters as columns of a terminal ---- */

static bool turns_text(uint32_t code)
{
	return code == 0x61c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
		(code >= 0x2066 && code <= 0x2069);
}

/* Columns, or -1 when the character must not be shown.  render() has seen to it that wcwidth knows Unicode. */
static int width_of(uint32_t code)
{
	return code < 0x20 || turns_text(code) ? -1 : wcwidth((wchar_t)code);
}

/* Appends the character at `text`, made harmless; returns its bytes and adds its width to *column. */
static size_t add_character(struct buffer *out, const char *text, size_t length, size_t *column)
{
	uint32_t code = 0;
	size_t bytes;
	int width;

	if (*text == '\t') {
		size_t spaces = TAB - *column % TAB;

		buffer_format(out, "%*s", (int)spaces, "");
		*column += spaces;
		return 1;
	}
	bytes = report_character(text, length, &code);
	width = bytes ? width_of(code) : -1;
	if (width < 0) {
		buffer_add_char(out, '?');
		*column += 1;
		return bytes ? bytes : 1;
	}
	buffer_add(out, text, bytes);
	*column += (size_t)width;
	return bytes;
}

static size_t columns_of(const char *text, size_t length)
{
	struct buffer unused = { 0 };
	size_t columns = 0;

	for (size_t i = 0; i < length;)
		i += add_character(&unused, text + i, length - i, &columns);
	buffer_release(&unused);
	return columns;
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

/* ---- One source line ---- */

struct line_view {
	struct buffer text;		/* what is shown */
	size_t caret, caret_width;	/* columns */
};

static bool continues_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Where to begin so that byte `start` is in view: 0, or some columns before it. */
static size_t view_from(const char *line, size_t start, size_t end)
{
	size_t from = start, columns = 0;

	if (end < 4 * SHOWN_COLUMNS && columns_of(line, end) <= SHOWN_COLUMNS)
		return 0;
	while (from && columns < CONTEXT_COLUMNS) {
		size_t next = from;

		do
			from--;
		while (from && continues_character(line[from]));
		columns += line[from] == '\t' ? TAB : columns_of(line + from, next - from);
	}
	return from;
}

/* Shows the part of the line around bytes [start, end) of it. */
static struct line_view view_line(const char *line, size_t length, size_t start, size_t end)
{
	struct line_view view = { 0 };
	size_t from = view_from(line, start < length ? start : length, end), column = 0, i;

	if (from) {
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

static void add_line(struct buffer *out, uint32_t number, const struct line_view *view)
{
	buffer_format(out, "%5u | %s\n", number, view->text.bytes ? view->text.bytes : "");
}

static void add_marks(struct buffer *out, const struct line_view *view, char first, const char *colour,
		      const struct style *style)
{
	buffer_format(out, "      | %*s%s%c", (int)view->caret, "", colour, first);
	for (size_t i = 1; i < view->caret_width; i++)
		buffer_add_char(out, '~');
	buffer_format(out, "%s\n", style->plain);
}

/* The last line of a span of several. */
static void add_end(struct buffer *out, struct span at, uint32_t first, const char *colour, const struct style *style)
{
	uint32_t last = at.end ? at.end - 1 : 0, number = source_position(at.source, last).line;
	size_t length, start = 0, end;
	const char *line = source_line(at.source, last, &length);
	struct line_view view;

	if (at.end <= at.start || number <= first)
		return;
	if (number > first + 1)
		buffer_add_text(out, "  ... |\n");
	end = (size_t)(at.source->text + at.end - line);
	if (end > length)
		end = length;
	while (start < end && (line[start] == ' ' || line[start] == '\t'))
		start++;
	view = view_line(line, length, start, end);
	add_line(out, number, &view);
	if (end > start)
		add_marks(out, &view, '~', colour, style);
	buffer_release(&view.text);
}

static void add_snippet(struct buffer *out, struct span at, const char *colour, const struct style *style)
{
	struct position position = source_position(at.source, at.start);
	size_t length, start, end;
	const char *line = source_line(at.source, at.start, &length);
	struct line_view view;

	start = (size_t)(at.source->text + at.start - line);
	end = start + (at.end > at.start ? at.end - at.start : 1);
	view = view_line(line, length, start, end < length ? end : length);
	add_line(out, position.line, &view);
	add_marks(out, &view, '^', colour, style);
	buffer_release(&view.text);
	add_end(out, at, position.line, colour, style);
}

/* ---- A diagnostic ---- */

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
	bool is_error = diagnostic->severity == SEVERITY_ERROR;

	buffer_add_text(out, style->bold);
	add_place(out, diagnostic->at);
	buffer_format(out, "%s%s[%s]:%s %s", is_error ? style->error : style->warning, report_severity(diagnostic),
		diagnostic_rows[diagnostic->id].code, style->plain, style->bold);
	add_text(out, diagnostic->message);
	buffer_format(out, "%s\n", style->plain);
	if (!span_is_empty(diagnostic->at))
		add_snippet(out, diagnostic->at, style->caret, style);
	add_help(out, diagnostic, style);
	add_related(out, diagnostic, style);
}

/* wcwidth asks the locale; this one is part of the C library and knows Unicode. */
static void render(const struct diagnostics *diagnostics, const struct style *style, struct buffer *ret)
{
	locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), old = (locale_t)0;
	const struct diagnostic **order = report_sorted(diagnostics);

	if (unicode)
		old = uselocale(unicode);
	for (size_t i = 0; i < diagnostics->count; i++)
		add_diagnostic(ret, order[i], style);
	if (diagnostics->truncated)
		buffer_format(ret, "%zu more problems are not shown\n", report_left_out(diagnostics));
	if (unicode) {
		uselocale(old);
		freelocale(unicode);
	}
	free(order);
}

void report_render(const struct diagnostics *diagnostics, struct buffer *ret)
{
	render(diagnostics, &no_style, ret);
}

static bool is_coloured(FILE *out, enum colour colour)
{
	const char *no_color = getenv("NO_COLOR");

	if (colour != COLOUR_AUTO)
		return colour == COLOUR_ALWAYS;
	return isatty(fileno(out)) && (!no_color || !*no_color);
}

void report_text(const struct diagnostics *diagnostics, FILE *out, enum colour colour)
{
	struct buffer text = { 0 };

	if (!diagnostics->count)
		return;
	render(diagnostics, is_coloured(out, colour) ? &colours : &no_style, &text);
	if (text.length)
		fwrite(text.bytes, 1, text.length, out);
	buffer_release(&text);
}

static void text_file(struct report *report, const char *name, const struct diagnostics *diagnostics)
{
	(void)name;
	report_text(diagnostics, stdout, report->colour);
}

const struct report_format report_as_text = { .name = "text", .file = text_file };

// SPDX-License-Identifier: Apache-2.0
/* symbolize_text.c - see symbolize_text.h. */
#include "cmd/symbolize_text.h"

#include <inttypes.h>
#include <string.h>

static const char digits_of[] = "0123456789abcdef";

void add_hexadecimal(struct buffer *out, uint64_t number, unsigned digits)
{
	char text[16];
	unsigned count = 0;

	do {
		text[sizeof(text) - ++count] = digits_of[number & 15];
		number >>= 4;
	} while (count < sizeof(text) && (number || count < digits));
	buffer_add(out, text + sizeof(text) - count, count);
}

static bool is_plain(unsigned char c)
{
	return c >= ' ' && c != 0x7f;
}

/* Names and paths may be any program's. */
void add_plain(struct buffer *out, const char *text)
{
	const char *start = text;

	for (; *text; text++) {
		if (is_plain((unsigned char)*text))
			continue;
		buffer_add(out, start, (size_t)(text - start));
		buffer_format(out, "\\x%02x", (unsigned char)*text);
		start = text + 1;
	}
	buffer_add(out, start, (size_t)(text - start));
}

static const char *base_of(const char *path)
{
	const char *const slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const char *path_of(const struct text_style *style, const char *file)
{
	return style->basenames ? base_of(file) : file;
}

/* ---- For people ---- */

static void add_place(struct buffer *out, const struct text_style *style, const struct symbol_frame *frame)
{
	if (!frame->file)
		return;
	buffer_add(out, " at ", 4);
	add_plain(out, path_of(style, frame->file));
	if (frame->line) {
		buffer_add_char(out, ':');
		buffer_add_number(out, frame->line, 1);
	}
	if (frame->line && frame->column) {
		buffer_add_char(out, ':');
		buffer_add_number(out, frame->column, 1);
	}
}

static void add_module(struct buffer *out, const struct text_style *style, const struct symbolized *found)
{
	if (style->no_module || !found->module)
		return;
	buffer_add(out, " in ", 4);
	add_plain(out, found->module);
	if (found->is_in_file) {
		buffer_add(out, "+0x", 3);
		add_hexadecimal(out, found->file_offset, 1);
	}
	if (found->build_id[0])
		buffer_format(out, " (build id %s)", found->build_id);
}

static void add_address(struct buffer *out, const struct text_style *style, uint64_t address)
{
	if (style->indent)
		buffer_add_text(out, style->indent);
	buffer_add(out, "0x", 2);
	add_hexadecimal(out, address, 1);
	buffer_add_char(out, ' ');
}

/* Blanks as wide as the address. */
static void add_margin(struct buffer *out, size_t width)
{
	for (size_t n = 0; n < width; n++)
		buffer_add_char(out, ' ');
}

static void add_function(struct buffer *out, const struct text_style *style, const struct symbolized *found)
{
	const struct symbol_frame *const frame = &found->frames[found->count - 1];
	const char *const name = frame_name(&style->frame, frame->function);

	if (name[0]) {
		add_plain(out, name);
		buffer_add(out, "+0x", 3);
		add_hexadecimal(out, found->offset, 1);
	} else {
		buffer_add(out, "??", 2);
	}
	add_place(out, style, frame);
	if (found->is_cut)
		buffer_add_text(out, " (more inlined functions than are told)");
}

void text_frames(struct buffer *out, const struct text_style *style, uint64_t address, const struct symbolized *found)
{
	const size_t start = out->length;
	size_t width;

	add_address(out, style, address);
	width = out->length - start;
	for (size_t n = 0; n + 1 < found->count; n++) {
		const char *const name = frame_name(&style->frame, found->frames[n].function);

		add_plain(out, name[0] ? name : "??");
		buffer_add_text(out, " (inlined)");
		add_place(out, style, &found->frames[n]);
		buffer_add_char(out, '\n');
		add_margin(out, width);
	}
	if (found->count)
		add_function(out, style, found);
	else
		buffer_format(out, "?? (%s)", symbol_why_about(found->why));
	add_module(out, style, found);
	buffer_add_char(out, '\n');
}

/* ---- addr2line ---- */

static void addr2line_frame(struct buffer *out, const struct text_style *style, const struct symbol_frame *frame)
{
	const char *const name = frame_name(&style->frame, frame->function);

	buffer_add_text(out, name[0] ? name : "??");
	buffer_add_text(out, style->pretty ? " at " : "\n");
	buffer_add_text(out, frame->file ? path_of(style, frame->file) : "??");
	buffer_add_char(out, ':');
	if (frame->line)
		buffer_add_number(out, frame->line, 1);
	else
		buffer_add_char(out, '?');
	buffer_add_char(out, '\n');
}

void addr2line_frames(struct buffer *out, const struct text_style *style, uint64_t address, const struct symbolized *found)
{
	if (style->addresses) {
		buffer_add_text(out, "0x");
		add_hexadecimal(out, address, 16);
		buffer_add_text(out, style->pretty ? ": " : "\n");
	}
	if (!found->count)
		buffer_add_text(out, style->pretty ? "?? ??:0\n" : "??\n??:0\n");
	for (size_t n = 0; n < found->count; n++) {
		if (n && style->pretty)
			buffer_add_text(out, " (inlined by) ");
		addr2line_frame(out, style, &found->frames[n]);
	}
}

/* ---- Flame graphs ---- */

void folded_name(struct buffer *out, const char *name)
{
	const size_t start = out->length;

	add_plain(out, name);
	for (size_t n = start; n < out->length; n++)
		if (out->bytes[n] == ';')
			out->bytes[n] = ':';
}

static void folded_unknown(struct buffer *out, uint64_t address, const struct symbolized *found)
{
	buffer_add_char(out, '[');
	if (found->module) {
		folded_name(out, base_of(found->module));
		buffer_add_text(out, "+0x");
		add_hexadecimal(out, found->is_in_file ? found->file_offset : address, 1);
	} else {
		buffer_add_text(out, symbol_why_word(found->why));
	}
	buffer_add_char(out, ']');
}

void folded_frames(struct buffer *out, const struct text_style *style, uint64_t address, const struct symbolized *found, const char *suffix)
{
	if (!found->count)
		folded_unknown(out, address, found);
	for (size_t n = found->count; n-- > 0;) {
		const char *const name = frame_name(&style->frame, found->frames[n].function);

		folded_name(out, name[0] ? name : "[unknown]");
		buffer_add_text(out, n + 1 == found->count ? suffix : "_[i]");
		if (n)
			buffer_add_char(out, ';');
	}
}

// SPDX-License-Identifier: Apache-2.0
/* dwarf_lines.c - heads of line programs: folders and files; see dwarf_lines.h. */
#include "symbolize/dwarf_lines.h"

#include <dwarf.h>

#include "schema/schema.h"

enum { WRITTEN_NOT = 0 };

struct line_folder { struct dwarf_value name; uint32_t text; bool is_written; };
struct line_file { struct dwarf_value name; uint64_t folder; uint32_t written; };

void dwarf_lines_release(struct dwarf_lines *lines)
{
	buffer_release(&lines->folders);
	buffer_release(&lines->files);
	buffer_release(&lines->rows);
	buffer_release(&lines->path);
	buffer_release(&lines->copy);
}

/* Names of these tables are texts; of a program in .debug_line, whose offsets may be wider than those of the unit. */
static struct dwarf_value text_value(const char *text)
{
	return (struct dwarf_value){ .form = DW_FORM_string, .bytes = (const uint8_t *)text };
}

static void add_folder(struct dwarf_lines *lines, struct dwarf_value name)
{
	const struct line_folder folder = { .name = name };

	buffer_add(&lines->folders, &folder, sizeof(folder));
}

static void add_file(struct dwarf_lines *lines, struct dwarf_value name, uint64_t folder)
{
	const struct line_file file = { .name = name, .folder = folder };

	buffer_add(&lines->files, &file, sizeof(file));
}

/* ---- Tables before DWARF 5: number 0 is the unit's own folder, and no file. ---- */

static bool read_old_folders(struct dwarf_lines *lines, struct dwarf_cursor *cursor)
{
	const char *name;

	add_folder(lines, lines->unit->folder);
	while ((name = cursor_text(cursor)) && *name && lines->folders.length / sizeof(struct line_folder) < LIMIT_DWARF_FILES)
		add_folder(lines, text_value(name));
	return name;
}

bool dwarf_lines_define(struct dwarf_lines *lines, struct dwarf_cursor *cursor)
{
	const char *name = cursor_text(cursor);
	uint64_t folder;

	if (!name || !*name)
		return false;
	folder = cursor_leb(cursor);
	cursor_skip_leb(cursor);
	cursor_skip_leb(cursor);
	if (!cursor->is_bad)
		add_file(lines, text_value(name), folder);
	return !cursor->is_bad && budget_take(lines->unit->file->budget, 1) &&
	       lines->files.length / sizeof(struct line_file) < LIMIT_DWARF_FILES;
}

static bool read_old_tables(struct dwarf_lines *lines, struct dwarf_cursor *cursor)
{
	if (!read_old_folders(lines, cursor))
		return false;
	add_file(lines, (struct dwarf_value){ 0 }, 0);
	while (dwarf_lines_define(lines, cursor))
		;
	return !cursor->is_bad;
}

/* ---- Tables of DWARF 5 say themselves what they consist of. ---- */

enum { LINE_COLUMNS = 255 };
struct line_column { uint64_t content; struct dwarf_attribute attribute; };

static size_t read_columns(struct dwarf_lines *lines, struct dwarf_cursor *cursor, struct line_column *columns)
{
	const size_t count = cursor_byte(cursor);

	for (size_t n = 0; n < count; n++) {
		const uint64_t content = cursor_leb(cursor), form = cursor_leb(cursor);
		struct dwarf_attribute *attribute = &columns[n].attribute;

		columns[n].content = content;
		*attribute = (struct dwarf_attribute){ .form = (uint16_t)form };
		attribute->encoding = form > UINT16_MAX ? ENCODING_BAD : dwarf_form_encoding(form, lines->sizes, &attribute->size);
		if (attribute->encoding == ENCODING_IMPLICIT)
			attribute->encoding = ENCODING_BAD;	/* has its constant in a table that is not there */
	}
	return count;
}

static bool read_table(struct dwarf_lines *lines, struct dwarf_cursor *cursor, bool is_files)
{
	struct line_column columns[LINE_COLUMNS];
	const size_t column_count = read_columns(lines, cursor, columns);
	const uint64_t count = cursor_leb(cursor);
	struct dwarf_value value, name, folder;

	if (count > LIMIT_DWARF_FILES || count > cursor_left(cursor))
		return false;	/* no row is without a byte */

	for (uint64_t n = 0; n < count && !cursor->is_bad; n++) {
		name = folder = (struct dwarf_value){ 0 };
		for (size_t column = 0; column < column_count; column++) {
			if (!dwarf_value_read(cursor, lines->unit, &columns[column].attribute, &value))
				return false;
			if (columns[column].content == DW_LNCT_path)
				name = value;
			else if (columns[column].content == DW_LNCT_directory_index)
				folder = value;
		}
		if (!budget_take(lines->unit->file->budget, 1))
			return false;
		if (is_files)
			add_file(lines, name, folder.number);
		else
			add_folder(lines, name);
	}
	return !cursor->is_bad;
}

/* ---- The head. ---- */

static void read_lengths(struct dwarf_lines *lines, struct dwarf_cursor *cursor)
{
	memset(lines->lengths, 0, sizeof(lines->lengths));
	for (unsigned opcode = 1; opcode < lines->opcode_base; opcode++)
		lines->lengths[opcode] = cursor_byte(cursor);
}

/* From behind the length of the head; the program begins behind all of it, whatever was understood. */
static bool read_head(struct dwarf_lines *lines, struct dwarf_cursor *cursor)
{
	lines->minimum_length = cursor_byte(cursor);
	if (lines->version >= 4)
		cursor_byte(cursor);	/* operations in one instruction: only where several share an address */
	cursor_byte(cursor);		/* whether a row is a statement at first */
	lines->line_base = (int8_t)cursor_byte(cursor);
	lines->line_range = cursor_byte(cursor);
	lines->opcode_base = cursor_byte(cursor);
	read_lengths(lines, cursor);
	if (lines->version < 5)
		return read_old_tables(lines, cursor);
	return read_table(lines, cursor, false) && read_table(lines, cursor, true);
}

static bool read_program(struct dwarf_lines *lines, struct dwarf_cursor *cursor)
{
	struct dwarf_cursor head;
	uint64_t length;

	lines->version = (uint16_t)cursor_fixed(cursor, 2);
	if (lines->version < 2 || lines->version > 5)
		return false;
	if (lines->version == 5) {
		lines->sizes.address = cursor_byte(cursor);
		cursor_byte(cursor);	/* of a segment selector */
	}
	length = cursor_fixed(cursor, lines->sizes.offset);
	if (cursor->is_bad || length > cursor_left(cursor))
		return false;
	head = *cursor;
	head.end = head.at + length;
	lines->program = *cursor;
	cursor_skip(&lines->program, length);
	return read_head(lines, &head);
}

bool dwarf_lines_open(struct dwarf_lines *lines, const struct dwarf_unit *unit, struct dwarf_writer *writer)
{
	const struct dwarf_view *view = &unit->views[DWARF_LINE];
	const uint64_t at = unit->line_offset, left = at < view->size ? view->size - at : 0;
	struct dwarf_cursor cursor;
	uint64_t length;

	lines->unit = unit;
	lines->writer = writer;
	lines->sizes = unit->sizes;
	lines->folders.length = lines->files.length = 0;
	lines->program = (struct dwarf_cursor){ 0 };
	if (!unit->has_lines)
		return true;
	cursor = section_cursor(view->section, view->base + at, left < 12 ? left : 12);
	if (cursor.is_bad)
		return false;
	cursor.end = cursor.at + left;
	length = cursor_unit_length(&cursor, &lines->sizes.offset);
	if (cursor.is_bad)
		return false;
	cursor = section_copy(view->section, (uint64_t)(cursor.at - view->section->bytes), length, &lines->copy);
	return !cursor.is_bad && read_program(lines, &cursor);
}

/* ---- Names. ---- */

/* Behind the folder of the unit, which is number 0, unless it is absolute. */
static const char *folder_path(struct dwarf_lines *lines, uint64_t number)
{
	const struct line_folder *folders = (const void *)lines->folders.bytes;
	const char *folder = dwarf_value_text(lines->unit, &folders[number].name);
	const char *above = dwarf_value_text(lines->unit, number ? &lines->unit->folder : &folders[0].name);

	if (!folder)
		return NULL;
	if (!number || !above || !*above || !*folder || *folder == '/')
		return *folder ? folder : above;
	lines->path.length = 0;
	buffer_add_text(&lines->path, above);
	if (above[strlen(above) - 1] != '/')
		buffer_add_char(&lines->path, '/');
	buffer_add_text(&lines->path, folder);
	return lines->path.bytes;
}

static uint32_t folder_text(struct dwarf_lines *lines, uint64_t number)
{
	struct line_folder *folders = (void *)lines->folders.bytes;

	if (number >= lines->folders.length / sizeof(*folders))
		return 0;
	if (!folders[number].is_written) {
		folders[number].is_written = true;
		folders[number].text = writer_text(lines->writer, folder_path(lines, number));
	}
	return folders[number].text;
}

uint32_t dwarf_lines_file(struct dwarf_lines *lines, uint64_t number)
{
	struct line_file *files = (void *)lines->files.bytes;
	const char *name;

	if (number >= lines->files.length / sizeof(*files))
		return 0;
	if (files[number].written == WRITTEN_NOT) {
		name = dwarf_value_text(lines->unit, &files[number].name);
		if (!name)
			return 0;
		files[number].written = writer_file(lines->writer, *name == '/' ? 0 : folder_text(lines, files[number].folder), name);
	}
	return files[number].written;
}

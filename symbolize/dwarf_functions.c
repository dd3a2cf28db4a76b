// SPDX-License-Identifier: Apache-2.0
/* dwarf_functions.c - walks the entries of a unit; see dwarf_functions.h. */
#include "symbolize/dwarf_functions.h"

#include <dwarf.h>

/* A function, or an inlined one, whose entry the walk is in. */
struct open_entry {
	uint64_t depth;			/* of the entries in it */
	uint64_t base;			/* of the function */
	uint32_t function;
	size_t node;
	struct dwarf_range own, reach;	/* from the first to the last address of its own, and of all that is inlined into it */
	bool is_function, has_node;
};

/* What an entry says, of what matters here. */
struct entry {
	struct dwarf_extent extent;
	struct dwarf_value name, linkage_name, origin, call_file;
	uint64_t call_line, call_column;
};

void dwarf_functions_release(struct dwarf_functions *functions)
{
	dwarf_names_release(&functions->names);
	buffer_release(&functions->open);
	buffer_release(&functions->ranges);
}

/* Languages whose types have no functions in them, so that they can be passed over. */
static bool has_methods(uint64_t language)
{
	switch (language) {
	case DW_LANG_C89:
	case DW_LANG_C:
	case DW_LANG_C99:
	case DW_LANG_C11:
	case DW_LANG_Mips_Assembler:
		return false;
	}
	return true;
}

static struct open_entry *innermost(struct dwarf_functions *functions)
{
	struct buffer *open = &functions->open;

	return open->length ? (struct open_entry *)(void *)(open->bytes + open->length) - 1 : NULL;
}

/* From the first to the last address of both; that of none begins at the last there is, and ends at 0. */
static const struct dwarf_range nowhere = { UINT64_MAX, 0 };
static struct dwarf_range hull(struct dwarf_range one, struct dwarf_range other)
{
	return (struct dwarf_range){ one.start < other.start ? one.start : other.start, one.end > other.end ? one.end : other.end };
}

static void close_entry(struct dwarf_functions *functions)
{
	const struct open_entry entry = *innermost(functions);
	const bool is_open = entry.reach.start < entry.own.start || entry.reach.end > entry.own.end;

	functions->open.length -= sizeof(entry);
	if (entry.is_function)
		writer_function_end(functions->writer, entry.function);
	if (entry.has_node)
		writer_node_end(functions->writer, entry.node, is_open && !entry.is_function ? BLOCK_NODE_OPEN : 0);
	if (!entry.is_function)
		innermost(functions)->reach = hull(innermost(functions)->reach, entry.reach);
}

/* The end of a list of entries. */
static void leave(struct dwarf_functions *functions)
{
	const struct open_entry *entry = innermost(functions);

	if (entry && entry->depth == functions->depth)
		close_entry(functions);
	functions->depth--;
}

static bool read_entry(struct dwarf_functions *functions, const struct dwarf_abbrev *abbrev, struct entry *ret)
{
	const struct dwarf_unit *unit = functions->unit;
	const struct dwarf_attribute *attributes = dwarf_abbrev_attributes(unit->abbrevs, abbrev);
	struct dwarf_value value;

	*ret = (struct entry){ 0 };
	for (uint16_t n = 0; n < abbrev->count; n++) {
		if (!dwarf_value_read(&functions->cursor, unit, &attributes[n], &value))
			return false;
		switch (attributes[n].name) {
		case DW_AT_low_pc:
			ret->extent.low = value;
			break;
		case DW_AT_high_pc:
			ret->extent.high = value;
			break;
		case DW_AT_ranges:
			ret->extent.ranges = value;
			break;
		case DW_AT_name:
			ret->name = value;
			break;
		case DW_AT_linkage_name:
		case DW_AT_MIPS_linkage_name:
			ret->linkage_name = value;
			break;
		case DW_AT_abstract_origin:
		case DW_AT_specification:
			ret->origin = value;
			break;
		case DW_AT_call_file:
			ret->call_file = value;
			break;
		case DW_AT_call_line:
			dwarf_value_number(&value, &ret->call_line);
			break;
		case DW_AT_call_column:
			dwarf_value_number(&value, &ret->call_column);
		}
	}
	return true;
}

static uint32_t name_of(struct dwarf_functions *functions, const struct entry *entry)
{
	struct dwarf_place place;
	const char *text = dwarf_value_text(functions->unit, &entry->linkage_name);

	if (!text && entry->origin.form) {
		if (dwarf_value_place(functions->unit, &entry->origin, &place))
			return dwarf_names_find(&functions->names, place, functions->writer, &functions->is_damaged);
	}
	if (!text)
		text = dwarf_value_text(functions->unit, &entry->name);
	return text && *text ? writer_name(functions->writer, text) : 0;
}

/* Ranges of an entry, in functions->ranges; how many. */
static size_t ranges_of(struct dwarf_functions *functions, const struct entry *entry)
{
	functions->ranges.length = 0;
	if (!dwarf_ranges_add(functions->unit, &entry->extent, &functions->ranges))
		functions->is_damaged = true;
	return functions->ranges.length / sizeof(struct dwarf_range);
}

static struct writer_call call_of(struct dwarf_functions *functions, const struct entry *entry)
{
	struct writer_call call = { .name = name_of(functions, entry), .line = entry->call_line, .column = entry->call_column };
	uint64_t file;

	if (dwarf_value_number(&entry->call_file, &file))
		call.file = dwarf_lines_file(functions->lines, file);
	return call;
}

/* One within another has its bytes in the other's tree: as a node that lies nowhere. */
static void begin_function(struct dwarf_functions *functions, const struct entry *entry, struct open_entry *open)
{
	static const struct writer_call nothing;
	const struct dwarf_range *ranges = (const void *)functions->ranges.bytes;
	const size_t count = functions->ranges.length / sizeof(*ranges);

	open->is_function = true;
	open->base = ranges[0].start;
	open->has_node = innermost(functions);
	if (open->has_node)
		open->node = writer_node_begin(functions->writer, 0, NULL, 0, &nothing);
	open->function = writer_function_begin(functions->writer, name_of(functions, entry), ranges, count);
}

static void begin_inlined(struct dwarf_functions *functions, const struct entry *entry, struct open_entry *open)
{
	const struct writer_call call = call_of(functions, entry);
	const struct dwarf_range *ranges = (const void *)functions->ranges.bytes;

	open->has_node = true;
	open->base = innermost(functions)->base;
	open->node = writer_node_begin(functions->writer, open->base, ranges, functions->ranges.length / sizeof(*ranges), &call);
}

/* An entry that has code of its own, and what is in it. */
static void begin_entry(struct dwarf_functions *functions, const struct dwarf_abbrev *abbrev, const struct entry *entry)
{
	struct open_entry open = { .depth = functions->depth + 1, .own = nowhere };
	const struct dwarf_range *ranges;
	size_t count;

	if (abbrev->role == ROLE_INLINED && !innermost(functions))
		return;
	count = ranges_of(functions, entry);
	if (!count && (abbrev->role == ROLE_FUNCTION || !abbrev->has_children))
		return;		/* what is inlined into an inlined one may lie somewhere though that lies nowhere */
	ranges = (const void *)functions->ranges.bytes;
	for (size_t n = 0; n < count; n++)
		open.own = hull(open.own, ranges[n]);
	open.reach = open.own;
	if (abbrev->role == ROLE_FUNCTION)
		begin_function(functions, entry, &open);
	else
		begin_inlined(functions, entry, &open);
	buffer_add(&functions->open, &open, sizeof(open));
	if (!abbrev->has_children)
		close_entry(functions);
}

/* Where the entry behind this one's children is; 0: it is not said.  The cursor is behind the entry's code. */
static uint64_t sibling_of(const struct dwarf_functions *functions, const struct dwarf_abbrev *abbrev)
{
	const struct dwarf_attribute *attributes = dwarf_abbrev_attributes(functions->unit->abbrevs, abbrev);
	struct dwarf_cursor cursor = functions->cursor;
	struct dwarf_value value = { 0 };
	struct dwarf_place place;

	if (abbrev->sibling == SIBLING_NONE)
		return 0;
	if (abbrev->sibling != SIBLING_SOMEWHERE) {
		cursor_skip(&cursor, abbrev->sibling);
		return functions->unit->offset + cursor_fixed(&cursor, abbrev->sibling_size);
	}
	for (uint16_t n = 0; n < abbrev->count; n++) {
		if (!dwarf_value_read(&cursor, functions->unit, &attributes[n], &value))
			return 0;
		if (attributes[n].name == DW_AT_sibling)
			break;
	}
	return dwarf_value_place(functions->unit, &value, &place) ? place.entry : 0;
}

/* Behind the entry; with its children, when it is said where they end, and that lies ahead. */
static void pass(struct dwarf_functions *functions, const struct dwarf_abbrev *abbrev, bool with_children)
{
	const struct dwarf_unit *unit = functions->unit;
	const uint64_t sibling = abbrev->has_children && with_children ? sibling_of(functions, abbrev) : 0;

	if (sibling > unit->end - cursor_left(&functions->cursor) && sibling < unit->end) {
		functions->cursor.at = functions->cursor.end - (unit->end - sibling);
		return;
	}
	dwarf_entry_skip(&functions->cursor, unit->abbrevs, abbrev);
	functions->depth += abbrev->has_children;
}

static void enter_function(struct dwarf_functions *functions, const struct dwarf_abbrev *abbrev)
{
	struct entry entry;

	if (!read_entry(functions, abbrev, &entry))
		return;
	begin_entry(functions, abbrev, &entry);
	functions->depth += abbrev->has_children;
}

static void enter(struct dwarf_functions *functions, const struct dwarf_abbrev *abbrev)
{
	switch ((enum dwarf_role)abbrev->role) {
	case ROLE_PASSED:
		pass(functions, abbrev, true);
		break;
	case ROLE_SCOPE:
		pass(functions, abbrev, false);
		break;
	case ROLE_TYPE:
		pass(functions, abbrev, !functions->has_methods);
		break;
	case ROLE_FUNCTION:
	case ROLE_INLINED:
		enter_function(functions, abbrev);
	}
}

static bool walk(struct dwarf_functions *functions)
{
	struct dwarf_cursor *cursor = &functions->cursor;

	while (functions->depth && cursor->at < cursor->end) {
		const uint64_t code = cursor_leb(cursor);
		const struct dwarf_abbrev *abbrev;

		if (!code) {
			leave(functions);
			continue;
		}
		abbrev = dwarf_abbrev_find(functions->unit->abbrevs, code);
		if (!abbrev || !budget_take(functions->unit->file->budget, 1) || writer_is_full(functions->writer))
			return false;
		enter(functions, abbrev);
	}
	return !cursor->is_bad;
}

bool dwarf_functions_write(struct dwarf_functions *functions, const struct dwarf_unit *unit, struct dwarf_lines *lines,
			   struct dwarf_writer *writer)
{
	bool is_whole;

	functions->unit = unit;
	functions->lines = lines;
	functions->writer = writer;
	functions->has_methods = has_methods(unit->language);
	functions->open.length = 0;
	functions->depth = 1;
	functions->is_damaged = false;
	dwarf_names_reset(&functions->names);
	if (unit->children == unit->end)
		return true;
	functions->cursor = dwarf_unit_entries(unit, unit->children);
	is_whole = walk(functions);
	while (functions->open.length)
		close_entry(functions);
	return is_whole && !functions->is_damaged;
}

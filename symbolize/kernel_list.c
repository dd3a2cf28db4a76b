// SPDX-License-Identifier: Apache-2.0
/* kernel_list.c - see kernel_list.h. */
#include "symbolize/kernel_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

/* ---- "ffffffff81000000 T _stext", and of modules "\t[NAME]" behind it ---- */

static const int8_t hex_digits[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
	['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* Digits that were read, 16 at most. */
static size_t read_hex(const char *at, const char *end, uint64_t *ret)
{
	size_t count = 0;

	*ret = 0;
	for (; at + count < end && count < 16 && hex_digits[(uint8_t)at[count]]; count++)
		*ret = *ret << 4 | (uint64_t)(hex_digits[(uint8_t)at[count]] - 1);
	return count;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The word at `at`, ended in place; NULL when there is none, or it has a NUL in it. */
static char *take_word(char *at, char *end, char **behind)
{
	char *word;

	while (at < end && is_blank(*at))
		at++;
	word = at;
	while (at < end && !is_blank(*at))
		at++;
	*behind = at < end ? at + 1 : end;
	*at = '\0';
	return at > word && (size_t)(at - word) < LIMIT_KERNEL_NAME_BYTES && strlen(word) == (size_t)(at - word) ? word : NULL;
}

static bool read_line(char *line, char *end, struct kernel_line *ret)
{
	const size_t digits = read_hex(line, end, &ret->address);
	char *at = line + digits, *module;
	size_t length;

	if (!digits || end - at < 4 || at[0] != ' ' || at[2] != ' ')
		return false;
	ret->kind = at[1];
	ret->name = take_word(at + 3, end, &at);
	module = ret->name ? take_word(at, end, &at) : NULL;
	length = module ? strlen(module) : 0;
	ret->module = NULL;
	if (length > 2 && module[0] == '[' && module[length - 1] == ']') {
		module[length - 1] = '\0';
		ret->module = module + 1;
	}
	return ret->name;
}

/* The byte behind a line is its newline, or the NUL behind the text: it may be written. */
bool kernel_line_next(char **at, char *end, struct kernel_line *ret)
{
	while (*at < end) {
		char *const line = *at, *const newline = memchr(line, '\n', (size_t)(end - line));
		char *const line_end = newline ? newline : end;

		*at = newline ? newline + 1 : end;
		if (read_line(line, line_end, ret))
			return true;
	}
	return false;
}

bool kernel_line_is_function(const struct kernel_line *line)
{
	return line->kind == 't' || line->kind == 'T' || line->kind == 'w' || line->kind == 'W';
}

bool kernel_line_is_passing(const struct kernel_line *line)
{
	return line->module && (!strcmp(line->module, "bpf") || !strncmp(line->module, "__builtin__", 11));
}

/* ---- The index: header, ranges, names of modules; and names of functions ---- */

enum { INDEX_MAGIC = 0x6b4c7973, INDEX_VERSION = 1, NO_MODULE = 0 };	/* texts begin with an empty one */

struct header {
	uint32_t magic, version;
	uint64_t start;			/* _stext */
	uint32_t range_count, text_bytes;	/* filled up to 8 */
};

/* Where functions are known; closed below, open above, ascending. */
struct range {
	uint64_t start, end;
	uint32_t module, padding;	/* where its name is in the texts */
};

struct building {
	struct arena arena;
	struct kernel_line *lines;	/* functions that stay */
	size_t count, room;
	struct range *ranges;
	size_t range_count, range_room;
	struct buffer texts;
	uint64_t start, text_start, text_end, init_start, init_end;
	bool is_shown;
};

static void note_bounds(struct building *building, const struct kernel_line *line)
{
	const struct { const char *name; uint64_t *ret; } bounds[] = {
		{ "_stext", &building->start }, { "_text", &building->text_start }, { "_etext", &building->text_end },
		{ "_sinittext", &building->init_start }, { "_einittext", &building->init_end },
	};

	if (line->name[0] == '_')
		for (size_t n = 0; n < sizeof(bounds) / sizeof(*bounds); n++)
			if (!strcmp(line->name, bounds[n].name))
				*bounds[n].ret = line->address;
}

static void add_line(struct building *building, const struct kernel_line *line)
{
	building->is_shown |= line->address != 0;
	if (!line->module)
		note_bounds(building, line);
	if (!line->address || !kernel_line_is_function(line) || kernel_line_is_passing(line))
		return;
	building->lines = arena_grow(&building->arena, building->lines, building->count, &building->room, sizeof(*line));
	building->lines[building->count++] = *line;
}

static struct range *add_range(struct building *building, uint64_t start, uint64_t end, uint32_t module)
{
	if (start >= end || building->range_count == LIMIT_KERNEL_MODULES)
		return NULL;
	building->ranges = arena_grow(&building->arena, building->ranges, building->range_count, &building->range_room,
				      sizeof(*building->ranges));
	building->ranges[building->range_count] = (struct range){ start, end, module, 0 };
	return &building->ranges[building->range_count++];
}

/* ---- Ranges of modules ---- */

static uint64_t page_end(uint64_t address)
{
	return (address | 4095) + 1;
}

/* /proc/modules: "NAME SIZE USES BY STATE 0xADDRESS"; a range never ends behind what that says. */
static bool listed_end(const char *modules, const char *name, uint64_t *ret)
{
	const size_t length = strlen(name);
	uint64_t size, address;

	for (const char *line = modules; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (!strncmp(line, name, length) && line[length] == ' ' &&
		    sscanf(line + length, " %" SCNu64 " %*s %*s %*s %" SCNx64, &size, &address) == 2 && address) {
			*ret = address + size;
			return true;
		}
	return false;
}

/* The lines from `first` on that are of one module make a range. Returns the first line behind them. */
static size_t add_module(struct building *building, size_t first, const char *modules)
{
	const char *const name = building->lines[first].module;
	uint64_t low = UINT64_MAX, high = 0, end;
	const uint32_t text = (uint32_t)building->texts.length;
	size_t n;

	for (n = first; n < building->count && building->lines[n].module && !strcmp(building->lines[n].module, name); n++) {
		low = building->lines[n].address < low ? building->lines[n].address : low;
		high = building->lines[n].address > high ? building->lines[n].address : high;
	}
	buffer_add(&building->texts, name, strlen(name) + 1);
	if (!listed_end(modules, name, &end) || end > page_end(high) || end <= high)
		end = page_end(high);
	add_range(building, low, end, text);
	return n;
}

/* A list that lacks the end of the text is believed up to its last function's first byte. */
static void add_kernel(struct building *building)
{
	uint64_t start = building->text_start && building->text_start < building->start ? building->text_start : building->start;
	uint64_t end = building->text_end, low = UINT64_MAX, high = 0;

	for (size_t n = 0; n < building->count; n++)
		if (!building->lines[n].module) {
			low = building->lines[n].address < low ? building->lines[n].address : low;
			high = building->lines[n].address > high ? building->lines[n].address : high;
		}
	if (!start)
		start = building->text_start ? building->text_start : low;
	add_range(building, start, end > start ? end : high + 1, NO_MODULE);
	if (end > start && building->init_start >= end)
		add_range(building, building->init_start, building->init_end, NO_MODULE);
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void make_ranges(struct building *building, const char *modules)
{
	buffer_add(&building->texts, "", 1);
	add_kernel(building);
	for (size_t n = 0; n < building->count;)
		n = building->lines[n].module ? add_module(building, n, modules) : n + 1;
	if (building->range_count)
		qsort(building->ranges, building->range_count, sizeof(*building->ranges), compare_ranges);
	for (size_t n = 0; n + 1 < building->range_count; n++)
		if (building->ranges[n].end > building->ranges[n + 1].start)
			building->ranges[n].end = building->ranges[n + 1].start;
}

static const struct range *range_of(const struct range *ranges, size_t count, uint64_t address)
{
	size_t low = 0, high = count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (ranges[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < ranges[low - 1].end ? &ranges[low - 1] : NULL;
}

/* ---- Putting it together ---- */

/* In the order of the list where addresses are the same: lines are sorted by where they stand in the text. */
static int compare_lines(const void *a, const void *b)
{
	const struct kernel_line *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static bool is_sorted(const struct building *building)
{
	for (size_t n = 1; n < building->count; n++)
		if (building->lines[n].address < building->lines[n - 1].address)
			return false;
	return true;
}

/* The first of each address that lies in a range. */
static size_t choose_symbols(const struct building *building, struct name_symbol *ret)
{
	uint64_t last = 0;
	size_t count = 0;

	for (size_t n = 0; n < building->count; n++) {
		const struct kernel_line *const line = &building->lines[n];
		const struct range *const range = range_of(building->ranges, building->range_count, line->address);

		if (!range || (count && line->address == last))
			continue;
		ret[count++] = (struct name_symbol){ .address = line->address, .end = range->end, .name = line->name };
		last = line->address;
	}
	return count;
}

static void put_together(struct building *building, struct buffer *ret, struct buffer *names)
{
	struct name_symbol *const symbols = arena_array(&building->arena, struct name_symbol, building->count);
	const size_t count = choose_symbols(building, symbols);
	struct header header;

	names_build(symbols, count, names);
	buffer_align(&building->texts, 8);
	header = (struct header){ INDEX_MAGIC, INDEX_VERSION, building->start, (uint32_t)building->range_count,
				  (uint32_t)building->texts.length };
	buffer_add(ret, &header, sizeof(header));
	buffer_add(ret, building->ranges, building->range_count * sizeof(*building->ranges));
	buffer_add(ret, building->texts.bytes, building->texts.length);
}

enum symbol_why kernel_index_build(char *text, size_t size, const char *modules, struct buffer *ret, struct buffer *names)
{
	struct building building = { .is_shown = false };
	struct kernel_line line;
	enum symbol_why why = SYMBOL_KNOWN;
	char *at = text;

	while (kernel_line_next(&at, text + size, &line))
		add_line(&building, &line);
	make_ranges(&building, modules);
	if (!is_sorted(&building))
		qsort(building.lines, building.count, sizeof(*building.lines), compare_lines);
	if (building.count)
		put_together(&building, ret, names);
	else
		why = building.is_shown || !size ? SYMBOL_NO_SYMBOLS : SYMBOL_HIDDEN;
	arena_release(&building.arena);
	buffer_release(&building.texts);
	return why;
}

/* ---- Looking it up ---- */

static const struct header *header_of(const struct kernel_index *index)
{
	return (const struct header *)index->bytes;
}

static const struct range *ranges_of(const struct kernel_index *index)
{
	return (const struct range *)(index->bytes + sizeof(struct header));
}

static const char *texts_of(const struct kernel_index *index)
{
	return (const char *)(ranges_of(index) + header_of(index)->range_count);
}

static bool ranges_are_good(const struct kernel_index *index)
{
	const struct header *const header = header_of(index);
	const struct range *const ranges = ranges_of(index);

	for (size_t n = 0; n < header->range_count; n++)
		if (ranges[n].module >= header->text_bytes || ranges[n].start > ranges[n].end ||
		    (n && ranges[n - 1].end > ranges[n].start))
			return false;
	return header->text_bytes && !texts_of(index)[header->text_bytes - 1];
}

bool kernel_index_check(const struct kernel_index *index)
{
	const struct header *const header = header_of(index);
	size_t left = index->size;

	if (left < sizeof(*header) || header->magic != INDEX_MAGIC || header->version != INDEX_VERSION)
		return false;
	left -= sizeof(*header);
	if (header->range_count > LIMIT_KERNEL_MODULES || header->range_count * sizeof(struct range) > left)
		return false;
	left -= header->range_count * sizeof(struct range);
	return header->text_bytes == left && ranges_are_good(index) && names_check(index->names);
}

bool kernel_index_find(const struct kernel_index *index, uint64_t address, struct name_found *ret, const char **module, bool *is_damaged)
{
	const struct range *const range = range_of(ranges_of(index), header_of(index)->range_count, address);

	*is_damaged = false;
	if (!range || !names_find(index->names, address, ret, is_damaged) || ret->start < range->start)
		return false;
	*module = range->module == NO_MODULE ? NULL : texts_of(index) + range->module;
	return true;
}

uint64_t kernel_index_start(const struct kernel_index *index)
{
	return header_of(index)->start;
}

size_t kernel_index_count(const struct kernel_index *index)
{
	return names_count(index->names);
}

// SPDX-License-Identifier: Apache-2.0
/* dwarf.c - from an address to its frames; see dwarf.h. */
#include "symbolize/dwarf.h"

#include <dwarf.h>
#include <stdlib.h>

#include "compiler/base/arena.h"
#include "schema/schema.h"
#include "symbolize/dwarf_block.h"
#include "symbolize/dwarf_functions.h"
#include "symbolize/dwarf_index.h"
#include "symbolize/dwarf_lines.h"
#include "symbolize/dwarf_split.h"
#include "symbolize/dwarf_unit.h"
#include "symbolize/dwarf_writer.h"

/* A unit that was asked for. */
struct loaded {
	bool is_tried;
	struct dwarf_block block;	/* no header: nothing of it could be read */
	struct buffer bytes;		/* empty: they are the cache's */
	const char **paths;		/* of its files, once they are told */
};

struct dwarf {
	struct binary *binary;
	struct dwarf_files files;
	struct cache *cache;
	struct dwarf_budget budget;
	bool is_open;			/* the sections: a run that finds all in the cache never looks at them */
	struct dwarf_file main, supplementary, package;
	struct buffer index_bytes;
	struct dwarf_index index;
	struct loaded *units;		/* by number; NULL: there is no index yet */
	size_t unit_count, memory;
	struct dwarf_writer writer;
	struct dwarf_lines lines;
	struct dwarf_functions functions;
	struct buffer unit_copy;
	struct arena texts;
};

struct dwarf *dwarf_open(struct binary *binary, const struct dwarf_files *files, struct cache *cache)
{
	struct dwarf *dwarf;

	if (!binary_section_number(binary, ".debug_info"))
		return NULL;
	dwarf = calloc(1, sizeof(*dwarf));
	if (!dwarf)
		return NULL;
	dwarf->binary = binary;
	dwarf->files = files ? *files : (struct dwarf_files){ 0 };
	dwarf->cache = cache;
	dwarf->budget.total = LIMIT_DWARF_STEPS;
	return dwarf;
}

static void open_files(struct dwarf *dwarf)
{
	if (dwarf->is_open)
		return;
	dwarf->is_open = true;
	dwarf_file_open(&dwarf->main, dwarf->binary, false, &dwarf->budget);
	if (dwarf->files.supplementary) {
		dwarf_file_open(&dwarf->supplementary, dwarf->files.supplementary, false, &dwarf->budget);
		dwarf->main.supplementary = &dwarf->supplementary;
	}
	if (dwarf->files.package)
		dwarf_file_open(&dwarf->package, dwarf->files.package, true, &dwarf->budget);
}

void dwarf_close(struct dwarf *dwarf)
{
	if (!dwarf)
		return;
	for (size_t n = 0; n < dwarf->unit_count; n++) {	/* the index may be gone with the cache */
		buffer_release(&dwarf->units[n].bytes);
		free(dwarf->units[n].paths);
	}
	free(dwarf->units);
	if (dwarf->is_open) {
		dwarf_file_close(&dwarf->main);
		dwarf_file_close(&dwarf->supplementary);
		dwarf_file_close(&dwarf->package);
	}
	buffer_release(&dwarf->index_bytes);
	buffer_release(&dwarf->unit_copy);
	writer_release(&dwarf->writer);
	dwarf_lines_release(&dwarf->lines);
	dwarf_functions_release(&dwarf->functions);
	arena_release(&dwarf->texts);
	free(dwarf);
}

size_t dwarf_memory(const struct dwarf *dwarf)
{
	return sizeof(*dwarf) + dwarf->memory + dwarf->texts.total + dwarf->index_bytes.capacity + dwarf->main.memory +
	       dwarf->supplementary.memory + dwarf->package.memory;
}

/* ---- Decoding. ---- */

static void trim(struct dwarf *dwarf)
{
	dwarf_file_trim(&dwarf->main);
	if (dwarf->files.supplementary)
		dwarf_file_trim(&dwarf->supplementary);
	if (dwarf->files.package)
		dwarf_file_trim(&dwarf->package);
}

static void write_functions(struct dwarf *dwarf, const struct dwarf_unit *unit)
{
	if (!dwarf_functions_write(&dwarf->functions, unit, &dwarf->lines, &dwarf->writer))
		dwarf->writer.flags |= BLOCK_DAMAGED;
}

static void write_split(struct dwarf *dwarf, const struct dwarf_unit *skeleton)
{
	struct dwarf_file single;
	bool is_single;
	const struct dwarf_unit *unit = dwarf_split_find(&dwarf->files, dwarf->files.package ? &dwarf->package : NULL, skeleton, &single,
							 &is_single);

	if (unit)
		write_functions(dwarf, unit);
	else
		dwarf->writer.flags |= BLOCK_NO_PART;
	if (is_single)
		dwarf_file_close(&single);
}

/* Lines and functions of a unit, in the writer. */
static void write_unit(struct dwarf *dwarf, const struct dwarf_unit *unit)
{
	dwarf->main.misses_supplementary = false;
	writer_reset(&dwarf->writer);
	if (!dwarf_lines_open(&dwarf->lines, unit, &dwarf->writer) || !dwarf_lines_write(&dwarf->lines))
		dwarf->writer.flags |= BLOCK_DAMAGED;
	if (unit->has_id && unit->split_name.form)
		write_split(dwarf, unit);
	else
		write_functions(dwarf, unit);
	if (dwarf->main.misses_supplementary)
		dwarf->writer.flags |= BLOCK_NO_PART;
}

static bool decode(struct dwarf *dwarf, uint64_t offset, struct buffer *ret)
{
	struct dwarf_unit *unit;
	bool fits;

	open_files(dwarf);
	dwarf->budget.unit = LIMIT_DWARF_UNIT_STEPS;
	unit = dwarf->memory < LIMIT_DWARF_BLOCKS_BYTES ? dwarf_unit_open(&dwarf->main, offset) : NULL;
	if (!unit)
		return false;
	dwarf_unit_copy(unit, &dwarf->unit_copy);
	write_unit(dwarf, unit);
	dwarf_unit_let_go(unit);
	fits = writer_finish(&dwarf->writer, ret);
	trim(dwarf);
	return fits;
}

/* For the index, of a unit that does not say where it lies: wherever its functions and lines do. */
static void add_ranges(void *context, struct dwarf_unit *unit, struct buffer *ret)
{
	struct dwarf *dwarf = context;
	struct buffer bytes = { 0 };
	struct dwarf_block block;

	write_unit(dwarf, unit);
	if (!writer_finish(&dwarf->writer, &bytes) || !dwarf_block_open(&block, bytes.bytes, bytes.length)) {
		buffer_release(&bytes);
		return;
	}
	for (uint32_t n = 0; n < block.header->ranges; n++)
		buffer_add(ret, &(struct dwarf_range){ block.ranges[n].start, block.ranges[n].start + block.ranges[n].length },
			   sizeof(struct dwarf_range));
	for (uint32_t n = 0; n < block.header->sequences; n++)
		buffer_add(ret, &(struct dwarf_range){ block.sequences[n].start, block.sequences[n].end }, sizeof(struct dwarf_range));
	buffer_release(&bytes);
}

/* ---- What was asked for before. ---- */

static bool open_index(struct dwarf *dwarf)
{
	const struct index_reader reader = { dwarf, add_ranges };
	const void *bytes;
	size_t size;

	if (dwarf->units)
		return true;
	if (!cache_find(dwarf->cache, CACHE_UNITS, &bytes, &size) || !dwarf_index_open(&dwarf->index, bytes, size)) {
		open_files(dwarf);
		dwarf->index_bytes.length = 0;
		dwarf_index_make(&dwarf->main, &reader, &dwarf->index_bytes);
		cache_add(dwarf->cache, CACHE_UNITS, dwarf->index_bytes.bytes, dwarf->index_bytes.length);
		dwarf_index_open(&dwarf->index, dwarf->index_bytes.bytes, dwarf->index_bytes.length);
	}
	dwarf->units = calloc((size_t)dwarf->index.header->units + 1, sizeof(*dwarf->units));
	dwarf->unit_count = dwarf->units ? dwarf->index.header->units : 0;
	return dwarf->units;
}

/* What is missing may be found another time. */
static bool is_kept(const struct loaded *unit)
{
	return !(unit->block.header->flags & BLOCK_NO_PART);
}

static void load(struct dwarf *dwarf, uint32_t number, struct loaded *unit)
{
	const uint64_t offset = dwarf->index.units[number];
	const void *bytes;
	size_t size;

	if (cache_find(dwarf->cache, CACHE_UNIT + offset, &bytes, &size) && dwarf_block_open(&unit->block, bytes, size))
		return;
	if (!decode(dwarf, offset, &unit->bytes) || !dwarf_block_open(&unit->block, unit->bytes.bytes, unit->bytes.length)) {
		buffer_release(&unit->bytes);
		unit->block = (struct dwarf_block){ 0 };
		return;
	}
	dwarf->memory += unit->bytes.capacity;
	if (is_kept(unit))
		cache_add(dwarf->cache, CACHE_UNIT + offset, unit->bytes.bytes, unit->bytes.length);
}

static struct loaded *unit_of(struct dwarf *dwarf, uint32_t number)
{
	struct loaded *unit = number < dwarf->unit_count ? &dwarf->units[number] : NULL;

	if (unit && !unit->is_tried) {
		unit->is_tried = true;
		load(dwarf, number, unit);
	}
	return unit && unit->block.header ? unit : NULL;
}

/* ---- Answers. ---- */

static const char *make_path(struct dwarf *dwarf, const struct loaded *unit, uint32_t file)
{
	const char *folder = dwarf_block_folder(&unit->block, file), *name = dwarf_block_file(&unit->block, file);

	if (!name || !folder || !*folder)
		return name;
	return arena_format(&dwarf->texts, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
}

static const char *path_of(struct dwarf *dwarf, struct loaded *unit, uint32_t file)
{
	const uint32_t count = unit->block.header->files;

	if (!file || file > count)
		return NULL;
	if (!unit->paths) {
		unit->paths = calloc(count, sizeof(*unit->paths));
		dwarf->memory += count * sizeof(*unit->paths);
	}
	if (!unit->paths)
		return NULL;
	if (!unit->paths[file - 1])
		unit->paths[file - 1] = make_path(dwarf, unit, file);
	return unit->paths[file - 1];
}

static void add_frame(struct dwarf *dwarf, struct loaded *unit, struct symbol_frames *ret, const char *function, const struct block_line *line)
{
	if (ret->count < ret->room)
		ret->frames[ret->count++] = (struct symbol_frame){ function, path_of(dwarf, unit, line->file), line->line, line->column };
}

/* From the innermost outwards; the room that is left is for the outermost. */
static void add_calls(struct dwarf *dwarf, struct loaded *unit, const struct block_call *calls, size_t count, struct block_line line,
		      struct symbol_frames *ret)
{
	for (size_t n = count; n-- > 0; line = calls[n].called) {
		if (n && ret->count + 1 >= ret->room) {
			ret->is_cut = true;
			continue;
		}
		add_frame(dwarf, unit, ret, calls[n].function, &line);
	}
}

static enum symbol_why why_of(const struct loaded *unit)
{
	if (unit->block.header->flags & BLOCK_DAMAGED)
		return SYMBOL_DAMAGED;
	return unit->block.header->flags & BLOCK_NO_PART ? SYMBOL_NO_DEBUG_PART : SYMBOL_KNOWN;
}

static bool find_function(struct dwarf *dwarf, struct loaded *unit, uint64_t address, struct symbol_frames *ret)
{
	struct block_call calls[LIMIT_DWARF_INLINED];
	struct block_line line = { 0 };
	const size_t count = dwarf_block_calls(&unit->block, address, calls, LIMIT_DWARF_INLINED, &ret->start);

	if (!count)
		return false;
	dwarf_block_line(&unit->block, address, &line);
	ret->is_cut = count > LIMIT_DWARF_INLINED;
	add_calls(dwarf, unit, calls, count < LIMIT_DWARF_INLINED ? count : LIMIT_DWARF_INLINED, line, ret);
	return true;
}

enum symbol_why dwarf_find(struct dwarf *dwarf, uint64_t address, struct symbol_frames *ret)
{
	enum symbol_why why = SYMBOL_NO_LINES;
	struct loaded *unit, *lines_of = NULL;
	const uint32_t *candidates;
	struct block_line line = { 0 }, found;
	size_t count;

	ret->count = 0;
	ret->start = address;
	ret->is_cut = false;
	count = open_index(dwarf) ? dwarf_index_find(&dwarf->index, address, &candidates) : 0;
	for (size_t n = 0; n < count; n++) {
		unit = unit_of(dwarf, candidates[n]);
		if (!unit)
			why = SYMBOL_DAMAGED;
		else if (find_function(dwarf, unit, address, ret))
			return why_of(unit);
		else if (!lines_of && dwarf_block_line(&unit->block, address, &found))
			line = found, lines_of = unit;
		else if (why == SYMBOL_NO_LINES && why_of(unit) != SYMBOL_KNOWN)
			why = why_of(unit);
	}
	if (!lines_of)
		return why;
	add_frame(dwarf, lines_of, ret, NULL, &line);
	return why_of(lines_of);
}

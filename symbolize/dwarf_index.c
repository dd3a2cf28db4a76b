// SPDX-License-Identifier: Apache-2.0
/* dwarf_index.c - see dwarf_index.h. */
#include "symbolize/dwarf_index.h"

#include <dwarf.h>
#include <stdlib.h>

#include "schema/schema.h"

struct unit_range { uint64_t start, end; uint32_t unit; };

/* While it is made. */
struct gathering {
	struct dwarf_file *file;
	const uint64_t *offsets;
	size_t unit_count;
	bool *has_table;		/* by unit: .debug_aranges has all that it has */
	struct buffer ranges;		/* struct unit_range */
};

static void add_range(struct gathering *all, uint32_t unit, uint64_t start, uint64_t end)
{
	const struct unit_range range = { start, end, unit };

	if (start < end && all->ranges.length / sizeof(range) < LIMIT_DWARF_RANGES)
		buffer_add(&all->ranges, &range, sizeof(range));
}

/* ---- .debug_aranges ---- */

static bool unit_number(const struct gathering *all, uint64_t offset, uint32_t *ret)
{
	size_t low = 0, high = all->unit_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (all->offsets[middle] < offset)
			low = middle + 1;
		else
			high = middle;
	}
	*ret = (uint32_t)low;
	return low < all->unit_count && all->offsets[low] == offset;
}

static bool is_dropped(const struct gathering *all, uint64_t start, unsigned size)
{
	const uint64_t highest = size == 4 ? UINT32_MAX : UINT64_MAX;

	return start >= highest - 1 || (start <= 1 && !all->file->zero_is_code);
}

/* One unit's; it has all of the unit when it has anything, and is whole. */
static void read_set(struct gathering *all, const uint8_t *start, struct dwarf_cursor *cursor, uint8_t offset_size)
{
	const size_t ranges = all->ranges.length;
	uint16_t version = (uint16_t)cursor_fixed(cursor, 2);
	const uint64_t offset = cursor_fixed(cursor, offset_size);
	const uint8_t size = cursor_byte(cursor), segment_size = cursor_byte(cursor);
	bool is_there = false;
	uint32_t unit;

	if (cursor->is_bad || version != 2 || (size != 4 && size != 8) || segment_size || !unit_number(all, offset, &unit))
		return;
	cursor_skip(cursor, (2u * size - (uint64_t)(cursor->at - start) % (2u * size)) % (2u * size));
	while (cursor_left(cursor) >= 2u * size && budget_take(all->file->budget, 1)) {
		const uint64_t from = cursor_fixed(cursor, size), length = cursor_fixed(cursor, size);

		is_there |= length;
		if (!is_dropped(all, from, size))
			add_range(all, unit, from, from + length);
	}
	if (cursor->is_bad)
		all->ranges.length = ranges;
	else
		all->has_table[unit] |= is_there;
}

static void read_table(struct gathering *all)
{
	struct dwarf_section *section = &all->file->sections[DWARF_ARANGES];
	struct dwarf_cursor cursor = section_cursor(section, 0, section->size);
	uint8_t offset_size;

	while (cursor.at < cursor.end) {
		struct dwarf_cursor set = cursor;
		const uint64_t length = cursor_unit_length(&set, &offset_size);

		if (set.is_bad)
			return;
		set.end = set.at + length;
		all->file->budget->unit = LIMIT_DWARF_UNIT_STEPS;
		read_set(all, cursor.at, &set, offset_size);
		cursor.at = set.end;
	}
}

/* ---- Units that are not there. ---- */

static bool has_code(const struct dwarf_unit *unit)
{
	return (unit->type == DW_UT_compile || unit->type == DW_UT_skeleton) &&
	       (unit->tag == DW_TAG_compile_unit || unit->tag == DW_TAG_skeleton_unit);
}

static void read_unit(struct gathering *all, const struct index_reader *reader, uint32_t number)
{
	struct dwarf_unit *unit = dwarf_unit_open(all->file, all->offsets[number]);
	struct buffer ranges = { 0 };
	const struct dwarf_range *range;
	bool is_fine;

	if (!unit || !has_code(unit))
		return;
	is_fine = dwarf_ranges_add(unit, &(struct dwarf_extent){ unit->low, unit->high, unit->ranges }, &ranges);
	if (!is_fine || (!unit->ranges.form && !unit->high.form))
		reader->ranges(reader->context, unit, &ranges);
	range = (const void *)ranges.bytes;
	for (size_t n = 0; n < ranges.length / sizeof(*range); n++)
		add_range(all, number, range[n].start, range[n].end);
	buffer_release(&ranges);
}

/* ---- The block. ---- */

/* Units that have the position, in the order of the file, and how many of their ranges do. */
struct active { uint32_t unit, count; };
struct sweep {
	struct active active[LIMIT_DWARF_CANDIDATES];
	size_t active_count;
	struct buffer segments, candidates;
};

struct edge { uint64_t at; uint32_t unit; int32_t step; };

/* Where one range ends another may begin: ends first. */
static int by_position(const void *left, const void *right)
{
	const struct edge *a = left, *b = right;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	return a->unit < b->unit ? -1 : a->unit > b->unit;
}

/* A unit more than there is room for is not told of: nothing but damage has that many. */
static void step_over(struct sweep *sweep, const struct edge *edge)
{
	struct active *active = sweep->active;
	size_t at = 0;

	while (at < sweep->active_count && active[at].unit < edge->unit)
		at++;
	if (at < sweep->active_count && active[at].unit == edge->unit) {
		active[at].count += (uint32_t)edge->step;
		if (!active[at].count)
			memmove(&active[at], &active[at + 1], (--sweep->active_count - at) * sizeof(*active));
	} else if (edge->step > 0 && sweep->active_count < LIMIT_DWARF_CANDIDATES) {
		memmove(&active[at + 1], &active[at], (sweep->active_count++ - at) * sizeof(*active));
		active[at] = (struct active){ edge->unit, 1 };
	}
}

static bool is_as_before(const struct sweep *sweep)
{
	const uint32_t *candidates = (const void *)sweep->candidates.bytes;
	const struct index_segment *last;

	if (!sweep->segments.length)
		return !sweep->active_count;
	last = (const struct index_segment *)(const void *)(sweep->segments.bytes + sweep->segments.length) - 1;
	if (last->count != sweep->active_count)
		return false;
	for (size_t n = 0; n < sweep->active_count; n++)
		if (candidates[last->first + n] != sweep->active[n].unit)
			return false;
	return true;
}

static void add_segment(struct sweep *sweep, uint64_t start)
{
	const struct index_segment segment = { start, (uint32_t)(sweep->candidates.length / sizeof(uint32_t)), (uint32_t)sweep->active_count };

	if (is_as_before(sweep))
		return;
	for (size_t n = 0; n < sweep->active_count; n++)
		buffer_add(&sweep->candidates, &sweep->active[n].unit, sizeof(sweep->active[n].unit));
	buffer_add(&sweep->segments, &segment, sizeof(segment));
}

static void sweep_over(struct sweep *sweep, const struct buffer *ranges)
{
	const struct unit_range *range = (const void *)ranges->bytes;
	const size_t count = ranges->length / sizeof(*range);
	struct edge *edges = count ? malloc(count * 2 * sizeof(*edges)) : NULL;

	if (!edges)
		return;
	for (size_t n = 0; n < count; n++) {
		edges[2 * n] = (struct edge){ range[n].start, range[n].unit, 1 };
		edges[2 * n + 1] = (struct edge){ range[n].end, range[n].unit, -1 };
	}
	qsort(edges, count * 2, sizeof(*edges), by_position);
	for (size_t n = 0; n < count * 2; n++) {
		step_over(sweep, &edges[n]);
		if (n + 1 == count * 2 || edges[n + 1].at != edges[n].at)
			add_segment(sweep, edges[n].at);
	}
	free(edges);
}

static void write_index(struct gathering *all, struct buffer *ret)
{
	struct sweep sweep = { 0 };

	sweep_over(&sweep, &all->ranges);
	const struct index_header header = {
		.magic = INDEX_MAGIC, .segments = (uint32_t)(sweep.segments.length / sizeof(struct index_segment)),
		.units = (uint32_t)all->unit_count, .candidates = (uint32_t)(sweep.candidates.length / sizeof(uint32_t)),
	};

	buffer_add(ret, &header, sizeof(header));
	buffer_add(ret, sweep.segments.bytes, sweep.segments.length);
	buffer_add(ret, all->offsets, all->unit_count * sizeof(*all->offsets));
	buffer_add(ret, sweep.candidates.bytes, sweep.candidates.length);
	buffer_release(&sweep.segments);
	buffer_release(&sweep.candidates);
}

void dwarf_index_make(struct dwarf_file *file, const struct index_reader *reader, struct buffer *ret)
{
	struct gathering all = { .file = file };

	all.offsets = dwarf_file_units(file, &all.unit_count);
	all.has_table = calloc(all.unit_count + 1, sizeof(*all.has_table));
	if (all.has_table)
		read_table(&all);
	for (size_t n = 0; all.has_table && n < all.unit_count; n++) {
		file->budget->unit = LIMIT_DWARF_UNIT_STEPS;
		if (!all.has_table[n])
			read_unit(&all, reader, (uint32_t)n);
		dwarf_file_trim(file);
	}
	write_index(&all, ret);
	free(all.has_table);
	buffer_release(&all.ranges);
}

bool dwarf_index_open(struct dwarf_index *index, const void *bytes, size_t size)
{
	const struct index_header *header = bytes;
	uint64_t need;

	if (size < sizeof(*header) || header->magic != INDEX_MAGIC)
		return false;
	need = sizeof(*header) + header->segments * (uint64_t)sizeof(struct index_segment) + header->units * (uint64_t)sizeof(uint64_t) +
	       header->candidates * (uint64_t)sizeof(uint32_t);
	if (size != need)
		return false;
	*index = (struct dwarf_index){ .header = header, .segments = (const void *)(header + 1) };
	index->units = (const void *)(index->segments + header->segments);
	index->candidates = (const void *)(index->units + header->units);
	return true;
}

size_t dwarf_index_find(const struct dwarf_index *index, uint64_t address, const uint32_t **ret)
{
	const struct index_segment *segment;
	size_t low = 0, high = index->header->segments;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (index->segments[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return 0;
	segment = &index->segments[low - 1];
	if (segment->first > index->header->candidates || segment->count > index->header->candidates - segment->first)
		return 0;
	*ret = index->candidates + segment->first;
	return segment->count;
}

// SPDX-License-Identifier: Apache-2.0
/* dwarf_block.c - see dwarf_block.h. */
#include "symbolize/dwarf_block.h"

/* The next part: `count` of `size` bytes from the position on; NULL when they are not there. */
static const void *part(const struct block_header *header, uint64_t *position, uint64_t count, size_t size)
{
	const uint8_t *start = (const uint8_t *)header + *position;

	*position += count * size;	/* 32 bits by a few */
	return *position <= header->size ? start : NULL;
}

bool dwarf_block_open(struct dwarf_block *block, const void *bytes, size_t size)
{
	const struct block_header *header = bytes;
	uint64_t position = sizeof(*header);

	if (size < sizeof(*header) || header->magic != BLOCK_MAGIC || header->size != size)
		return false;
	*block = (struct dwarf_block){ .header = header };
	block->ranges = part(header, &position, header->ranges, sizeof(*block->ranges));
	block->functions = part(header, &position, header->functions, sizeof(*block->functions));
	block->sequences = part(header, &position, header->sequences, sizeof(*block->sequences));
	block->groups = part(header, &position, header->groups, sizeof(*block->groups));
	block->names = part(header, &position, header->names, sizeof(*block->names));
	block->files = part(header, &position, header->files, sizeof(*block->files));
	block->trees = part(header, &position, header->trees, 1);
	block->rows = part(header, &position, header->rows, 1);
	block->texts = part(header, &position, header->texts, 1);
	return position == size && header->texts && !block->texts[header->texts - 1];
}

static const char *text(const struct dwarf_block *block, uint32_t at)
{
	return at < block->header->texts ? block->texts + at : NULL;
}

/* By 1 + number. */
static const char *name(const struct dwarf_block *block, uint64_t number)
{
	return number - 1 < block->header->names ? text(block, block->names[number - 1]) : NULL;
}

const char *dwarf_block_folder(const struct dwarf_block *block, uint32_t file)
{
	return (uint64_t)file - 1 < block->header->files ? text(block, block->files[file - 1].folder) : NULL;
}

const char *dwarf_block_file(const struct dwarf_block *block, uint32_t file)
{
	return (uint64_t)file - 1 < block->header->files ? text(block, block->files[file - 1].name) : NULL;
}

static int64_t unfolded(uint64_t number)
{
	return (int64_t)(number >> 1 ^ (0 - (number & 1)));
}

/* ---- Lines. ---- */

static const struct block_sequence *sequence_of(const struct dwarf_block *block, uint64_t address)
{
	size_t low = 0, high = block->header->sequences;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (block->sequences[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < block->sequences[low - 1].end ? &block->sequences[low - 1] : NULL;
}

/* Number of the last group of the sequence that begins no later; false: none, or it is not there. */
static bool group_of(const struct dwarf_block *block, const struct block_sequence *sequence, uint64_t offset, uint64_t *ret)
{
	uint64_t low = sequence->first_group, high = low + sequence->group_count;

	if (high > block->header->groups)
		return false;
	while (low < high) {
		const uint64_t middle = low + (high - low) / 2;

		if (block->groups[middle].address <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	*ret = low - 1;
	return low > sequence->first_group;
}

static struct dwarf_cursor group_rows(const struct dwarf_block *block, uint64_t group)
{
	const uint32_t end = group + 1 < block->header->groups ? block->groups[group + 1].row : block->header->rows;
	const uint32_t start = block->groups[group].row;

	if (start > end || end > block->header->rows)
		return (struct dwarf_cursor){ .is_bad = true };
	return (struct dwarf_cursor){ .at = block->rows + start, .end = block->rows + end };
}

static void read_row(struct dwarf_cursor *cursor, struct block_line *row)
{
	const uint64_t step = cursor_leb(cursor);

	row->line += (uint32_t)unfolded(step >> 1);
	if (step & 1)
		row->file = (uint32_t)cursor_leb(cursor);
	row->column = (uint32_t)cursor_leb(cursor);
}

bool dwarf_block_line(const struct dwarf_block *block, uint64_t address, struct block_line *ret)
{
	const struct block_sequence *sequence = sequence_of(block, address);
	struct block_line row = { 0 };
	struct dwarf_cursor cursor;
	uint64_t group, left;

	if (!sequence || !group_of(block, sequence, address - sequence->start, &group))
		return false;
	cursor = group_rows(block, group);
	left = address - sequence->start - block->groups[group].address;
	while (cursor.at < cursor.end) {
		const uint64_t delta = cursor_leb(&cursor);

		if (delta > left)
			break;
		left -= delta;
		read_row(&cursor, &row);
	}
	if (cursor.is_bad)
		return false;
	*ret = row;
	return true;
}

/* ---- Functions. ---- */

static const struct block_range *range_of(const struct dwarf_block *block, uint64_t address)
{
	size_t low = 0, high = block->header->ranges;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (block->ranges[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address - block->ranges[low - 1].start < block->ranges[low - 1].length ? &block->ranges[low - 1] : NULL;
}

/* Reads a node's ranges. */
static bool node_has(struct dwarf_cursor *cursor, uint64_t base, uint64_t address)
{
	bool has = false;

	for (uint64_t left = cursor_leb(cursor); left && cursor->at < cursor->end; left--) {
		const uint64_t start = base + (uint64_t)unfolded(cursor_leb(cursor)), length = cursor_leb(cursor);

		has |= address - start < length;
		base = start + length;
	}
	return has;
}

static struct block_call node_call(const struct dwarf_block *block, struct dwarf_cursor *cursor)
{
	struct block_call call = { .function = name(block, cursor_leb(cursor)) };

	call.called.file = (uint32_t)cursor_leb(cursor);
	call.called.line = (uint32_t)cursor_leb(cursor);
	call.called.column = (uint32_t)cursor_leb(cursor);
	return call;
}

/* The way down a tree; `back`: where to go on when no node in one that is open has the address. */
enum { DESCENT_BACK = 32 };
struct descent {
	const struct dwarf_block *block;
	struct dwarf_cursor cursor;
	struct { const uint8_t *end; size_t count; } back[DESCENT_BACK];
	size_t back_count, count, room;
	struct block_call *calls;
};

/* Into the node, whose ranges were read: what it has lies behind it, and ends before its neighbour begins. */
static void descend(struct descent *descent, bool has, bool is_open, uint64_t rest)
{
	struct dwarf_cursor *cursor = &descent->cursor;
	struct block_call call;

	if (!has && (!is_open || descent->back_count == DESCENT_BACK)) {
		cursor->at += rest;
		return;
	}
	if (has) {
		descent->back_count = 0;
	} else {
		descent->back[descent->back_count].end = cursor->end;
		descent->back[descent->back_count++].count = descent->count;
	}
	cursor->end = cursor->at + rest;
	call = node_call(descent->block, cursor);
	if (descent->count < descent->room)
		descent->calls[descent->count] = call;
	descent->count++;
}

/* Behind the last node of one that is open: it had not the address. */
static bool go_back(struct descent *descent)
{
	if (!descent->back_count)
		return false;
	descent->cursor.at = descent->cursor.end;
	descent->cursor.end = descent->back[--descent->back_count].end;
	descent->count = descent->back[descent->back_count].count;
	return true;
}

static size_t inlined(struct descent *descent, uint64_t base, uint64_t address)
{
	struct dwarf_cursor *cursor = &descent->cursor;

	do {
		while (cursor->at < cursor->end) {
			const bool has = node_has(cursor, base, address);
			const uint32_t rest = (uint32_t)cursor_fixed(cursor, 4);

			if ((rest & ~BLOCK_NODE_OPEN) > cursor_left(cursor))
				break;
			descend(descent, has, rest & BLOCK_NODE_OPEN, rest & ~BLOCK_NODE_OPEN);
		}
	} while (go_back(descent));
	return descent->count;
}

size_t dwarf_block_calls(const struct dwarf_block *block, uint64_t address, struct block_call *calls, size_t room, uint64_t *start)
{
	const struct block_range *range = range_of(block, address);
	const struct block_function *function;
	struct descent descent = { .block = block, .room = room ? room - 1 : 0, .calls = room ? calls + 1 : calls };

	if (!range || range->function >= block->header->functions)
		return 0;
	function = &block->functions[range->function];
	if (room)
		calls[0] = (struct block_call){ .function = name(block, function->name) };
	*start = range->start;
	if (function->tree > function->tree_end || function->tree_end > block->header->trees)
		return 1;
	descent.cursor = (struct dwarf_cursor){ .at = block->trees + function->tree, .end = block->trees + function->tree_end };
	return 1 + inlined(&descent, function->base, address);
}

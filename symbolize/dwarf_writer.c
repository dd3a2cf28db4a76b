// SPDX-License-Identifier: Apache-2.0
/* dwarf_writer.c - see dwarf_writer.h. */
#include "symbolize/dwarf_writer.h"

#include <stdlib.h>

#include "schema/schema.h"

void writer_reset(struct dwarf_writer *writer)
{
	struct buffer *const parts[] = { &writer->ranges, &writer->functions, &writer->sequences, &writer->groups, &writer->names,
					 &writer->files, &writer->trees, &writer->rows, &writer->texts };

	for (size_t n = 0; n < sizeof(parts) / sizeof(*parts); n++)
		parts[n]->length = 0;
	writer->flags = 0;
	writer->has_last = writer->has_waiting = false;
	writer->first_group = writer->first_row = writer->group_rows = 0;
	buffer_add(&writer->texts, "", 1);
}

void writer_release(struct dwarf_writer *writer)
{
	struct buffer *const parts[] = { &writer->ranges, &writer->functions, &writer->sequences, &writer->groups, &writer->names,
					 &writer->files, &writer->trees, &writer->rows, &writer->texts };

	for (size_t n = 0; n < sizeof(parts) / sizeof(*parts); n++)
		buffer_release(parts[n]);
}

uint32_t writer_text(struct dwarf_writer *writer, const char *text)
{
	const size_t at = writer->texts.length;

	if (!text || !*text || at > LIMIT_DWARF_BLOCK_BYTES)
		return 0;
	buffer_add(&writer->texts, text, strlen(text) + 1);
	return (uint32_t)at;
}

uint32_t writer_name(struct dwarf_writer *writer, const char *name)
{
	const uint32_t text = writer_text(writer, name);

	buffer_add(&writer->names, &text, sizeof(text));
	return (uint32_t)(writer->names.length / sizeof(text));
}

uint32_t writer_file(struct dwarf_writer *writer, uint32_t folder, const char *name)
{
	const struct block_file file = { folder, writer_text(writer, name) };

	buffer_add(&writer->files, &file, sizeof(file));
	return (uint32_t)(writer->files.length / sizeof(file));
}

static uint64_t folded(int64_t number)
{
	return (uint64_t)number << 1 ^ (uint64_t)(number >> 63);
}

static uint8_t *put_leb(uint8_t *at, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		*at++ = (uint8_t)(number | 0x80);
	*at++ = (uint8_t)number;
	return at;
}

/* ---- Rows. ---- */

static void begin_group(struct dwarf_writer *writer, const struct writer_row *row)
{
	const struct block_group group = { (uint32_t)(row->address - writer->start), (uint32_t)writer->rows.length };

	buffer_add(&writer->groups, &group, sizeof(group));
	writer->last = (struct writer_row){ .address = row->address };
	writer->group_rows = 0;
}

/* The row that waited is the last at its address. */
static void write_waiting(struct dwarf_writer *writer)
{
	const struct writer_row *row = &writer->waiting, *last = &writer->last;
	uint8_t bytes[40], *at = bytes;

	if (writer->has_last && row->file == last->file && row->line == last->line && row->column == last->column)
		return;
	if (!writer->has_last || writer->group_rows == BLOCK_GROUP_ROWS)
		begin_group(writer, row);
	at = put_leb(at, row->address - last->address);
	at = put_leb(at, folded((int64_t)row->line - (int64_t)last->line) << 1 | (row->file != last->file));
	if (row->file != last->file)
		at = put_leb(at, row->file);
	at = put_leb(at, row->column);
	buffer_add(&writer->rows, bytes, (size_t)(at - bytes));
	writer->last = *row;
	writer->has_last = true;
	writer->group_rows++;
}

void writer_row_add(struct dwarf_writer *writer, const struct writer_row *row)
{
	if (!writer->has_waiting)
		writer->start = row->address;
	else if (row->address != writer->waiting.address)
		write_waiting(writer);
	writer->waiting = *row;
	writer->has_waiting = true;
}

static void next_sequence(struct dwarf_writer *writer)
{
	writer->has_last = writer->has_waiting = false;
	writer->first_group = writer->groups.length;
	writer->first_row = writer->rows.length;
	writer->group_rows = 0;
}

void writer_sequence_drop(struct dwarf_writer *writer)
{
	writer->groups.length = writer->first_group;
	writer->rows.length = writer->first_row;
	next_sequence(writer);
}

void writer_sequence_end(struct dwarf_writer *writer, uint64_t end)
{
	struct block_sequence sequence = { writer->start, end, (uint32_t)(writer->first_group / sizeof(struct block_group)), 0 };

	if (!writer->has_waiting || end <= writer->start || end - writer->start > UINT32_MAX) {
		writer_sequence_drop(writer);
		return;
	}
	if (writer->waiting.address < end)
		write_waiting(writer);
	sequence.group_count = (uint32_t)((writer->groups.length - writer->first_group) / sizeof(struct block_group));
	buffer_add(&writer->sequences, &sequence, sizeof(sequence));
	next_sequence(writer);
}

/* By address; of those with the same, in the order of the file. */
static int by_start(const void *left, const void *right)
{
	const struct block_sequence *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->first_group < b->first_group ? -1 : a->first_group > b->first_group;
}

/* Of sequences that begin at the same address the first one is told; one that reaches into the next ends there. */
static void part_sequences(struct dwarf_writer *writer)
{
	struct block_sequence *sequences = (void *)writer->sequences.bytes;
	const size_t count = writer->sequences.length / sizeof(*sequences);
	size_t kept = 0;

	if (count)
		qsort(sequences, count, sizeof(*sequences), by_start);
	for (size_t n = 0; n < count; n++) {
		if (kept && sequences[kept - 1].start == sequences[n].start)
			continue;
		if (kept && sequences[kept - 1].end > sequences[n].start)
			sequences[kept - 1].end = sequences[n].start;
		sequences[kept++] = sequences[n];
	}
	writer->sequences.length = kept * sizeof(*sequences);
}

/* ---- Functions. ---- */

uint32_t writer_function_begin(struct dwarf_writer *writer, uint32_t name, const struct dwarf_range *ranges, size_t count)
{
	const uint32_t number = (uint32_t)(writer->functions.length / sizeof(struct block_function));
	const struct block_function function = { ranges[0].start, name, (uint32_t)writer->trees.length, 0, 0 };

	buffer_add(&writer->functions, &function, sizeof(function));
	for (size_t n = 0; n < count; n++) {
		const struct writer_range range = { ranges[n].start, ranges[n].end, number };

		if (ranges[n].end - ranges[n].start <= UINT32_MAX)
			buffer_add(&writer->ranges, &range, sizeof(range));
		else
			writer->flags |= BLOCK_DAMAGED;
	}
	return number;
}

void writer_function_end(struct dwarf_writer *writer, uint32_t function)
{
	((struct block_function *)(void *)writer->functions.bytes)[function].tree_end = (uint32_t)writer->trees.length;
}

size_t writer_node_begin(struct dwarf_writer *writer, uint64_t base, const struct dwarf_range *ranges, size_t count, const struct writer_call *call)
{
	uint8_t bytes[64], *at = put_leb(bytes, count);
	size_t node;

	for (size_t n = 0; n < count; n++) {
		at = put_leb(at, folded((int64_t)(ranges[n].start - base)));
		at = put_leb(at, ranges[n].end - ranges[n].start);
		base = ranges[n].end;
		buffer_add(&writer->trees, bytes, (size_t)(at - bytes));
		at = bytes;
	}
	buffer_add(&writer->trees, bytes, (size_t)(at - bytes));
	node = writer->trees.length;
	memset(bytes, 0, 4);
	at = put_leb(bytes + 4, call->name);
	at = put_leb(at, call->file);
	at = put_leb(at, call->line);
	at = put_leb(at, call->column);
	buffer_add(&writer->trees, bytes, (size_t)(at - bytes));
	return node;
}

void writer_node_end(struct dwarf_writer *writer, size_t node, uint32_t flags)
{
	const uint32_t rest = (uint32_t)(writer->trees.length - node - 4) | flags;
	const uint8_t bytes[4] = { (uint8_t)rest, (uint8_t)(rest >> 8), (uint8_t)(rest >> 16), (uint8_t)(rest >> 24) };

	memcpy(writer->trees.bytes + node, bytes, sizeof(bytes));
}

/* By start; of those that begin together, the longest first, and of those that are the same, the first of the file last: it is told. */
static int by_range(const void *left, const void *right)
{
	const struct writer_range *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	return a->function > b->function ? -1 : a->function < b->function;
}

static void add_part(struct buffer *ret, uint64_t start, uint64_t end, uint32_t function)
{
	const struct block_range range = { start, (uint32_t)(end - start), function };

	if (start < end)
		buffer_add(ret, &range, sizeof(range));
}

/*
 * Ranges that overlap become parts of which each has one function: the one that began last.  `open` are those that go on, the last one on top.
 */
static void part_ranges(const struct writer_range *ranges, size_t count, struct buffer *open, struct buffer *ret)
{
	const size_t size = sizeof(*ranges);
	uint64_t position = 0;

	for (size_t n = 0; n <= count; n++) {
		const uint64_t next = n < count ? ranges[n].start : UINT64_MAX;

		while (open->length) {
			const struct writer_range top = *(struct writer_range *)(void *)(open->bytes + open->length - size);
			const uint64_t end = top.end < next ? top.end : next;

			if (end > position) {
				add_part(ret, position, end, top.function);
				position = end;
			}
			if (top.end > next)
				break;
			open->length -= size;
		}
		position = next;
		if (n < count)
			buffer_add(open, &ranges[n], size);
	}
}

/* ---- All of it. ---- */

static bool add_parts(const struct dwarf_writer *writer, const struct buffer *ranges, struct buffer *ret)
{
	const struct buffer *const parts[] = { ranges, &writer->functions, &writer->sequences, &writer->groups, &writer->names,
					       &writer->files, &writer->trees, &writer->rows, &writer->texts };
	size_t size = sizeof(struct block_header);

	for (size_t n = 0; n < sizeof(parts) / sizeof(*parts); n++)
		size += parts[n]->length;
	if (size > LIMIT_DWARF_BLOCK_BYTES)
		return false;
	const struct block_header header = {
		.magic = BLOCK_MAGIC, .size = (uint32_t)size, .flags = writer->flags,
		.ranges = (uint32_t)(ranges->length / sizeof(struct block_range)),
		.functions = (uint32_t)(writer->functions.length / sizeof(struct block_function)),
		.sequences = (uint32_t)(writer->sequences.length / sizeof(struct block_sequence)),
		.groups = (uint32_t)(writer->groups.length / sizeof(struct block_group)),
		.names = (uint32_t)(writer->names.length / sizeof(uint32_t)),
		.files = (uint32_t)(writer->files.length / sizeof(struct block_file)),
		.trees = (uint32_t)writer->trees.length, .rows = (uint32_t)writer->rows.length, .texts = (uint32_t)writer->texts.length,
	};

	buffer_add(ret, &header, sizeof(header));
	for (size_t n = 0; n < sizeof(parts) / sizeof(*parts); n++)
		buffer_add(ret, parts[n]->bytes, parts[n]->length);
	return true;
}

bool writer_finish(struct dwarf_writer *writer, struct buffer *ret)
{
	struct writer_range *ranges = (void *)writer->ranges.bytes;
	const size_t count = writer->ranges.length / sizeof(*ranges);
	struct buffer open = { 0 }, parts = { 0 };
	bool fits;

	if (count)
		qsort(ranges, count, sizeof(*ranges), by_range);
	part_ranges(ranges, count, &open, &parts);
	part_sequences(writer);
	fits = add_parts(writer, &parts, ret);
	buffer_release(&open);
	buffer_release(&parts);
	return fits;
}

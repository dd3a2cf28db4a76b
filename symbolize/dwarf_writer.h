/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwarf_writer.h - makes the block of a unit (dwarf_block.h) of rows, functions and calls as they come.
 *
 * Rows come sequence by sequence, entries in the order of the tree.  A writer is used for one unit after the other: writer_reset.
 */
#ifndef SYMBOLIZE_DWARF_WRITER_H
#define SYMBOLIZE_DWARF_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/buffer.h"
#include "schema/schema.h"
#include "symbolize/dwarf_block.h"
#include "symbolize/dwarf_unit.h"

struct writer_row { uint64_t address; uint32_t file, line, column; };	/* file: 1 + its number; 0: none */

/* A range of a function, before those that overlap are put apart. */
struct writer_range { uint64_t start, end; uint32_t function; };

struct dwarf_writer {
	uint32_t flags;
	struct buffer ranges, functions, sequences, groups, names, files, trees, rows, texts;

	/* Of the sequence that is being written. */
	struct writer_row last, waiting;	/* the last that was written; the last that came */
	uint64_t start;
	size_t first_group, first_row, group_rows;
	bool has_last, has_waiting;
};

void writer_reset(struct dwarf_writer *writer);
void writer_release(struct dwarf_writer *writer);

/* More than a block may have: what follows is not written, and writer_finish refuses. */
static inline bool writer_is_full(const struct dwarf_writer *writer)
{
	return writer->trees.length + writer->rows.length + writer->ranges.length + writer->functions.length + writer->names.length +
	       writer->texts.length > LIMIT_DWARF_BLOCK_BYTES;
}

/* Position of the text; 0, the empty one, when it is NULL. */
uint32_t writer_text(struct dwarf_writer *writer, const char *text);
/* 1 + the number of the new name or file. */
uint32_t writer_name(struct dwarf_writer *writer, const char *name);
uint32_t writer_file(struct dwarf_writer *writer, uint32_t folder, const char *name);

/*
 * Rows of one sequence, whose addresses never fall: of several at one address the last is told.  writer_sequence_end gives the address behind
 * the last; writer_sequence_drop forgets the sequence.
 */
void writer_row_add(struct dwarf_writer *writer, const struct writer_row *row);
void writer_sequence_end(struct dwarf_writer *writer, uint64_t end);
void writer_sequence_drop(struct dwarf_writer *writer);

/* A function, its ranges there are at least one of; nodes that come before writer_function_end are inlined into it.  Its number. */
uint32_t writer_function_begin(struct dwarf_writer *writer, uint32_t name, const struct dwarf_range *ranges, size_t count);
void writer_function_end(struct dwarf_writer *writer, uint32_t function);

/*
 * Nodes of a tree; what node_begin gives back is for node_end. `base`: of the function.  flags: 0, or BLOCK_NODE_OPEN when nodes in it lie
 * outside of its ranges.
 */
struct writer_call { uint32_t name, file; uint64_t line, column; };
size_t writer_node_begin(struct dwarf_writer *writer, uint64_t base, const struct dwarf_range *ranges, size_t count, const struct writer_call *call);
void writer_node_end(struct dwarf_writer *writer, size_t node, uint32_t flags);

/* The block, in `ret`, which must be empty; false: too large. */
bool writer_finish(struct dwarf_writer *writer, struct buffer *ret);

#endif

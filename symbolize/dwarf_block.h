/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwarf_block.h - what is kept of one unit: bytes without pointers, the same in memory and on disk.
 *
 * Behind the header, in this order: ranges of functions (sorted, apart), functions, sequences of lines (sorted, apart), groups of rows,
 * names, files; then bytes: trees of inlined functions, rows, texts.
 *
 * A group is up to BLOCK_GROUP_ROWS rows; a row is, in LEB128: bytes from the address before it (the group's: 0), twice the difference of the line
 * (folded: 0, -1, 1, -2...) and 1 when another file follows, the file (1 + its number; 0: none), the column.  Before the first of a group, all are 0.
 *
 * A tree is nodes one behind the other; a node: how many ranges; of each how far behind the end of the one before (the first: behind the
 * function's base; folded) it begins, and its bytes; 4 bytes that say how much follows, and in the highest bit (BLOCK_NODE_OPEN) that nodes in it lie
 * outside of its own ranges, as DWARF 2 has them; name and file (1 + number), line and column of the call; the nodes within it.
 * What a number leads out of is not there: bytes from disk are as safe as those that were made here.
 */
#ifndef SYMBOLIZE_DWARF_BLOCK_H
#define SYMBOLIZE_DWARF_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbolize/dwarf_cursor.h"
#include "symbolize/frame.h"

enum { BLOCK_MAGIC = 0x33554454, BLOCK_GROUP_ROWS = 16 };	/* the first changes with the format */
#define BLOCK_NODE_OPEN (UINT32_C(1) << 31)

enum block_flags {
	BLOCK_DAMAGED = 1,		/* something of the unit could not be read */
	BLOCK_NO_PART = 2,		/* its functions, or names of them, are in a file that was not found */
};

struct block_header {
	uint32_t magic, size, flags;
	uint32_t ranges, functions, sequences, groups, names, files;	/* how many */
	uint32_t trees, rows, texts;					/* bytes */
};

struct block_range { uint64_t start; uint32_t length, function; };
struct block_function { uint64_t base; uint32_t name, tree, tree_end, spare; };	/* name: 1 + its number, 0: none */
struct block_sequence { uint64_t start, end; uint32_t first_group, group_count; };
struct block_group { uint32_t address, row; };	/* from the sequence's start; where in the rows it begins */
struct block_file { uint32_t folder, name; };	/* in the texts */

/* The parts of a block. */
struct dwarf_block {
	const struct block_header *header;
	const struct block_range *ranges;
	const struct block_function *functions;
	const struct block_sequence *sequences;
	const struct block_group *groups;
	const uint32_t *names;
	const struct block_file *files;
	const uint8_t *trees, *rows;
	const char *texts;
};

/* false: the bytes, which are aligned to 8, are no block of this version, or not a whole one. */
bool dwarf_block_open(struct dwarf_block *block, const void *bytes, size_t size);

struct block_line { uint32_t file, line, column; };	/* file: 1 + its number; 0: none */
bool dwarf_block_line(const struct dwarf_block *block, uint64_t address, struct block_line *ret);

/* A function that the address lies in, and those that were inlined around it. */
struct block_call {
	const char *function;		/* NULL: it has no name */
	struct block_line called;	/* where the one before it calls it; of the outermost: nothing */
};
/*
 * The outermost first.  How many there are, also when there is room for fewer: then it is the innermost ones that are missing.  0: no function lies
 * there.
 */
size_t dwarf_block_calls(const struct dwarf_block *block, uint64_t address, struct block_call *calls, size_t room, uint64_t *start);

/* NULL: there is no such file. */
const char *dwarf_block_folder(const struct dwarf_block *block, uint32_t file);
const char *dwarf_block_file(const struct dwarf_block *block, uint32_t file);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwarf_index.h - which units an address may be in.
 *
 * One block of bytes without pointers, kept on disk as it is: from each address in a list on, the units that have it, those that come first in
 * the file first; where several have one, which may be when functions were folded or dropped, the first that has a function there is told.
 */
#ifndef SYMBOLIZE_DWARF_INDEX_H
#define SYMBOLIZE_DWARF_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/buffer.h"
#include "symbolize/dwarf_unit.h"

enum { INDEX_MAGIC = 0x31495444 };

struct index_header { uint32_t magic, segments, units, candidates; };
struct index_segment { uint64_t start; uint32_t first, count; };	/* of the candidates; 0: no unit has it */

struct dwarf_index {
	const struct index_header *header;
	const struct index_segment *segments;
	const uint64_t *units;		/* offsets in .debug_info */
	const uint32_t *candidates;	/* numbers of units */
};

/* What a unit has that says nothing of where it lies itself: adds the ranges of its functions and lines. */
struct index_reader { void *context; void (*ranges)(void *context, struct dwarf_unit *unit, struct buffer *ret); };

/* The index of a file; `ret` must be empty. */
void dwarf_index_make(struct dwarf_file *file, const struct index_reader *reader, struct buffer *ret);

/* false: the bytes, aligned to 8, are no index of this version, or not a whole one. */
bool dwarf_index_open(struct dwarf_index *index, const void *bytes, size_t size);

/* Numbers of the units that may have the address; how many. */
size_t dwarf_index_find(const struct dwarf_index *index, uint64_t address, const uint32_t **ret);

#endif

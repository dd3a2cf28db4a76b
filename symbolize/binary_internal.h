/* SPDX-License-Identifier: Apache-2.0 */
/* binary_internal.h - what binary*.c share. */
#ifndef SYMBOLIZE_BINARY_INTERNAL_H
#define SYMBOLIZE_BINARY_INTERNAL_H

#include <elf.h>

#include "compiler/base/buffer.h"
#include "symbolize/binary.h"

enum { BINARY_PAGE = 4096 };

/* What is in memory of a section. */
struct loaded {
	uint8_t *bytes;
	size_t size;
	uint64_t *present;		/* a bit for each page that was read; NULL: all are there */
	enum { LOADED_NOT_TRIED, LOADED_BORROWED, LOADED_HEAP, LOADED_MAPPED, LOADED_FAILED } kind;
};

struct segment { uint32_t type, flags; uint64_t offset, address, file_size, memory_size, alignment; };

struct binary {
	int descriptor;			/* -1: in memory */
	bool may_wait;			/* the descriptor is an O_PATH, which is read by waiting_read */
	uint64_t id;			/* for that */
	int patience_ms;		/* that is left, and when it was read last */
	uint64_t read_ms;
	const uint8_t *memory;
	struct buffer unpacked;		/* the file's bytes, where it was packed: then memory is these */
	struct binary_identity identity;	/* its size also in memory */
	bool is_64, is_big_endian;
	uint16_t machine, type;
	struct binary_section_header *sections;
	struct loaded *loaded;
	size_t section_count;
	char *section_names;
	size_t section_names_size;
	struct segment *segments;
	size_t segment_count;
	struct build_id build_id;
	uint64_t resident;		/* bytes of sections in memory */
	size_t last;			/* the section that was last asked for pages of */
	enum symbol_why trouble;
};

/* Reads exactly that many bytes of the file; false, with the trouble recorded. */
bool binary_read(struct binary *binary, uint64_t offset, void *bytes, size_t size);
bool binary_fail(struct binary *binary, enum symbol_why why);	/* false */
bool binary_may_hold(struct binary *binary, uint64_t size);	/* counts it when it may */

/* Of a relocatable file: where sections lie; and a debug section's bytes, which are of its own, relocated. */
void binary_lay_out(struct binary *binary);
bool binary_relocate(struct binary *binary, size_t number, uint8_t *bytes, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * binary.h - an ELF file as look-ups need it: sections, unpacked when asked for, segments, build id.
 *
 * The file may be damaged, or made to harm: a process under attack chooses its own.  Nothing of it is believed, everything has a
 * limit (schema/limits.def), nothing is written, nothing of it is executed.  It is read with pread, never mapped: a file that is cut short
 * while it is read is an error, not a signal.  All machines and both classes and byte orders can be read for symbols and lines.
 *
 * Bytes that functions here give back live until the binary is closed.  One thread at a time.
 */
#ifndef SYMBOLIZE_BINARY_H
#define SYMBOLIZE_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbolize/frame.h"

enum { BINARY_BUILD_ID_BYTES = 64 };

struct build_id {
	uint8_t bytes[BINARY_BUILD_ID_BYTES];
	size_t length;			/* 0: it has none */
};

/* Which file it is, as the kernel says: what is kept on disk about it is kept by this, because anybody can write a build id. */
struct binary_identity {
	uint64_t device, inode, size, changed_ns;	/* st_ctim */
};

struct binary_bytes { const uint8_t *bytes; size_t size; };

struct binary;

/*
 * Opens a path for reading without waiting for what it may be: regular files only, O_NONBLOCK, no terminal.  `folder`: AT_FDCWD, or a
 * descriptor that is the root of the path: no link, and no "..", leads out of it.  A descriptor for binary_open, or -1 with the reason.  Of a file
 * whose reading, or closing, may wait for ever, it is an O_PATH (waiting.h).
 */
int binary_open_path(int folder, const char *path, enum symbol_why *why);
/* The same of what was found already: takes an O_PATH descriptor. */
int binary_open_found(int found, enum symbol_why *why);

/* Takes the descriptor, also when it fails. NULL with the reason. */
struct binary *binary_open(int descriptor, enum symbol_why *why);
/*
 * The same of a file that may be packed as a whole by xz, zstd or gzip, as the kernel's modules are: then all of it is unpacked into memory, below a limit.
 * Nothing of such a file is kept on disk: it has no identity.
 */
struct binary *binary_open_packed(int descriptor, enum symbol_why *why);
/* The same of bytes in memory, which must outlive it (the vdso's; tests). */
struct binary *binary_of_bytes(const void *bytes, size_t size, enum symbol_why *why);
void binary_close(struct binary *binary);

const struct build_id *binary_build_id(const struct binary *binary);
const struct binary_identity *binary_identity(const struct binary *binary);	/* NULL of bytes in memory, and of a packed file */
bool binary_is_64(const struct binary *binary);
bool binary_is_big_endian(const struct binary *binary);
uint16_t binary_machine(const struct binary *binary);	/* EM_ */
uint16_t binary_type(const struct binary *binary);	/* ET_ */

/* Whether it has a note of that owner and type. */
bool binary_has_note(struct binary *binary, const char *owner, uint32_t type);

/* A number of 1, 2, 4 or 8 bytes in the file's byte order. */
uint64_t binary_number(const struct binary *binary, const void *bytes, unsigned size);

/* KNOWN; or why something of it, that was asked for, could not be read: TIMEOUT, TOO_LARGE, DAMAGED.  The first reason there was. */
enum symbol_why binary_trouble(const struct binary *binary);

/* ---- Sections ---- */

struct binary_section_header {
	const char *name;
	uint32_t type, link, info;	/* SHT_; sections' numbers */
	uint64_t flags, address, offset, size, alignment, entry_size;
};

/*
 * Sections have the numbers of the file; number 0 is none.  A file that has lost its table of sections has one for each segment that is loaded,
 * without a name.  Those of a relocatable file (ET_REL), which lie nowhere yet, are given addresses one
 * behind the other: those with code first, from 0, then the others that are loaded, from the next page on.  So addresses in .text are what nm and
 * objdump print, and no two functions have the same one.  0 is an address like any other there.
 */
size_t binary_section_count(const struct binary *binary);
const struct binary_section_header *binary_section_header(const struct binary *binary, size_t number);
/* The number of the first section of that name that has bytes in the file; of ".debug_X" also that of ".zdebug_X".  0: none. */
size_t binary_section_number(const struct binary *binary, const char *name);
/* Where a section's byte lies; false when it has no such section, or that has no such byte. */
bool binary_address_in_section(const struct binary *binary, const char *name, uint64_t offset, uint64_t *ret);

/*
 * The bytes of a section, all read; unpacked when it is compressed (zlib, zstd, and .zdebug_*); when the file is relocatable, debug sections
 * (and POWER's .opd) are relocated.  Empty when there is none that can be read: binary_trouble.
 */
struct binary_bytes binary_section(struct binary *binary, const char *name);
struct binary_bytes binary_section_bytes(struct binary *binary, size_t number);

/*
 * The same for what is larger than one wants to have in memory: the bytes are only there once they were asked for.  binary_need reads what is
 * missing of a part (in pages), binary_forget lets go of it.  Both take any section that functions here gave back.
 */
struct binary_bytes binary_section_lazily(struct binary *binary, const char *name);
struct binary_bytes binary_section_bytes_lazily(struct binary *binary, size_t number);
bool binary_need(struct binary *binary, struct binary_bytes section, uint64_t offset, uint64_t size);
void binary_forget(struct binary *binary, struct binary_bytes section, uint64_t offset, uint64_t size);

/* Bytes of memory that it takes now. */
size_t binary_memory(const struct binary *binary);

/* ---- Segments ---- */

/* From an offset in the file to the address that the file gives the byte, by segments with code; and back. */
bool binary_address_of_offset(const struct binary *binary, uint64_t offset, uint64_t *ret);
bool binary_offset_of_address(const struct binary *binary, uint64_t address, uint64_t *ret);

#endif

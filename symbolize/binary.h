/* SPDX-License-Identifier: Apache-2.0 */
/*
 * binary.h - an ELF file as look-ups need it: sections, unpacked when asked for, segments, build id.
 *
 * The file may be damaged, or made to harm: a process under attack chooses its own.  Nothing of it is believed, everything has a
 * limit (schema/limits.def), nothing is written, nothing of it is executed.  It is read with pread, never mapped: a file that is cut short
 * while it is read is an error, not a signal.  All machines and both classes and byte orders can be read for symbols and lines.
 *
 * Bytes that functions here give back live until the binary is closed.
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
 * Opens a path for reading without waiting for what it may be: regular files only, O_NONBLOCK, no terminal.  `folder` is a descriptor or
 * AT_FDCWD.  A descriptor, or -1 with the reason.
 */
int binary_open_path(int folder, const char *path, enum symbol_why *why);

/* Takes the descriptor, also when it fails. NULL with the reason. */
struct binary *binary_open(int descriptor, enum symbol_why *why);
/* The same of bytes in memory, which must outlive it (the vdso's; tests). */
struct binary *binary_of_bytes(const void *bytes, size_t size, enum symbol_why *why);
void binary_close(struct binary *binary);

const struct build_id *binary_build_id(const struct binary *binary);
const struct binary_identity *binary_identity(const struct binary *binary);	/* NULL of bytes in memory */
bool binary_is_64(const struct binary *binary);
bool binary_is_big_endian(const struct binary *binary);
uint16_t binary_machine(const struct binary *binary);	/* EM_ */
uint16_t binary_type(const struct binary *binary);	/* ET_ */

/*
 * The first section of that name, unpacked when it is compressed (zlib, zstd, and .zdebug_*), relocated when the file is relocatable
 * (ET_REL: sections lie where binary_section_address says).  Empty when it has none that can be read.
 */
struct binary_bytes binary_section(struct binary *binary, const char *name);

/*
 * Where a section lies in the file, when its bytes there are what binary_section gives back: not packed, nothing to relocate.  Of large ones whoever
 * needs a part reads that alone.  false: it has none, or it has to be unpacked, or the binary is of bytes in memory.
 */
bool binary_section_place(struct binary *binary, const char *name, uint64_t *offset, uint64_t *size);
/* All of these bytes of the file, or false. */
bool binary_read(struct binary *binary, uint64_t offset, void *bytes, size_t size);

/* From an offset in the file to the address that the file gives the byte, by segments with code; and back. */
bool binary_address_of_offset(const struct binary *binary, uint64_t offset, uint64_t *ret);
bool binary_offset_of_address(const struct binary *binary, uint64_t address, uint64_t *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elf_file.h - a program or library on disk: its segments, symbols and notes, whatever its bytes say.
 *
 * The file may be damaged, or made to harm: nothing of it is believed.  Every table has a limit (schema/limits.def), every walk goes
 * forward and ends, and what the file says is only ever compared or bounds-checked.  Only files that this machine runs are read:
 * 64 bits, of its own architecture.
 *
 * Texts that functions here give back live in the file until it is closed.
 */
#ifndef RUNTIME_ELF_FILE_H
#define RUNTIME_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"

struct elf_file;

/* Why the file will not do: ends a sentence that begins with its name. */
struct elf_failure { char text[384]; };
/* Records it and gives back `error`. */
int elf_fail(struct elf_failure *failure, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * The descriptor is borrowed.  0; -ENOEXEC when it is none that can be probed, with the reason; another negative errno when it cannot be
 * read, with the reason.
 */
int elf_file_open(int descriptor, struct elf_file **ret, struct elf_failure *failure);
/* The same of bytes in memory, which must outlive it and are not written. */
int elf_file_of_bytes(void *bytes, size_t size, struct elf_file **ret, struct elf_failure *failure);
void elf_file_close(struct elf_file *file);

/* The bytes of the first section of that name, which live in the file; false when it has none, or one that cannot be read. */
bool elf_section_named(struct elf_file *file, const char *name, const void **bytes, size_t *size);

/* ---- elf_segments.c ---- */

/* Which segments an address may lie in: that of code is executed, that of a counter is written. */
enum elf_segment { ELF_SEGMENT_CODE, ELF_SEGMENT_DATA };

/* Where in the file the byte is that the program sees at `address`; false when it is in no segment of that kind, or not in the file. */
bool elf_file_offset(const struct elf_file *file, uint64_t address, enum elf_segment kind, uint64_t *ret);

/* Whether the byte at that offset of the file is executed. */
bool elf_offset_is_code(const struct elf_file *file, uint64_t offset);

/* The address of the byte at that offset of the file, which is executed; false when it is not. */
bool elf_code_address(const struct elf_file *file, uint64_t offset, uint64_t *ret);

/* Offset of the first byte that is executed; false when nothing is. */
bool elf_first_code(const struct elf_file *file, uint64_t *ret);

/* ---- elf_symbols.c ---- */

/*
 * Where the function begins, in the file: of NAME, or NAME@VERSION, in the table of all symbols or that of those that are exported.  One
 * that is defined for all (global) goes before a weak one, and that before those of single source files (local); a version that is the
 * default before others.  Several that are alike but lie in different places are refused: which is meant cannot be known.
 * -ENOENT, with the reason and the nearest name.
 */
int elf_function_find(struct elf_file *file, const char *name, uint64_t *offset, struct elf_failure *failure);

/* ---- elf_notes.c ---- */

/* One place of a static probe. */
struct elf_probe {
	const char *arguments;		/* as the note has them: "-4@%eax 8@-8(%rbp)" */
	uint64_t offset;		/* in the file */
	uint64_t reference_counter;	/* offset in the file; 0: it has none */
};

/*
 * All places of a probe, in the order of the notes; in the arena.  -ENOENT when there is none, with the nearest; -ENOEXEC when its notes are
 * damaged.
 */
int elf_probes_find(struct elf_file *file, const char *provider, const char *name, struct arena *arena, struct elf_probe **ret,
		    size_t *count, struct elf_failure *failure);

/* The build id, in hexadecimal; in the arena.  NULL when it has none. */
const char *elf_build_id(struct elf_file *file, struct arena *arena);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* elf_builder.h - a small ELF file for tests: code at 0x1000 of the file and 0x401000 of memory, data at 0x2000 and 0x602000. */
#ifndef TESTS_UNIT_ELF_BUILDER_H
#define TESTS_UNIT_ELF_BUILDER_H

#include <elf.h>

#include "compiler/base/buffer.h"

enum {
	BUILT_CODE = 0x1000, BUILT_CODE_ADDRESS = 0x401000, BUILT_CODE_SIZE = 0x800,
	BUILT_DATA = 0x2000, BUILT_DATA_ADDRESS = 0x602000, BUILT_DATA_SIZE = 0x100,
	BUILT_BASE_ADDRESS = 0x500000,
};

/* A symbol: `where` is its address, 0 makes it undefined. */
struct built_symbol { const char *name; int type, binding; uint64_t where; };
/* A note of a static probe; base: what it says the base section's address is. */
struct built_probe { const char *provider, *name, *arguments; uint64_t where, base, counter; };

struct built_elf {
	struct built_symbol all[8], exported[8];	/* up to the first without a name */
	uint16_t versions[9];		/* of the exported, from 1; bit 15: hidden.  Version 2 is ONE, 3 is TWO.  0 in [1]: no versions */
	struct built_probe probes[4];
	size_t cut;			/* bytes that are missing from the notes of probes */
	const char *build_id;		/* its bytes */
	int elf_class, type, machine;	/* 0: as this machine has them */
};

/* The bytes; to be released.  Section numbers are those of enum built_section. */
enum built_section {
	BUILT_NULL, BUILT_TEXT, BUILT_SYMTAB, BUILT_STRTAB, BUILT_DYNSYM, BUILT_DYNSTR, BUILT_VERSYM, BUILT_VERDEF, BUILT_NOTES, BUILT_ID,
	BUILT_BASE, BUILT_NAMES, BUILT_SECTIONS,
};
void elf_build(const struct built_elf *what, struct buffer *ret);

#endif

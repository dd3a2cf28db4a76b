/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names_read.h - functions of the tables of symbols of files that belong together, as names_build takes them.
 *
 * Taken are functions (indirect ones, too), and symbols without a type in sections with code, as assemblers leave them; not the marks of the
 * AArch64, ARM and RISC-V tool chains ($x, $d), and no labels that are local to a source file by their name (.L).
 *
 * Functions of 64-bit POWER's first ABI have symbols that are where their descriptors lie, in .opd: the function is where that says.
 */
#ifndef SYMBOLIZE_NAMES_READ_H
#define SYMBOLIZE_NAMES_READ_H

#include "symbolize/binary.h"
#include "symbolize/names.h"

struct names_reader {
	struct name_symbol *symbols;	/* names live in the binaries */
	size_t count, capacity;
	uint64_t names_size;
	struct binary *program;		/* of a debug file: it has what lies in the program's memory; NULL: each file by itself */
};

/*
 * Adds those of .symtab and .dynsym; `shift` is added to each address (a prelinked file against its debug file).  KNOWN; NO_SYMBOLS when it has
 * none; TOO_LARGE; what binary_trouble says.
 */
enum symbol_why names_read(struct names_reader *reader, struct binary *binary, uint64_t shift);
void names_reader_release(struct names_reader *reader);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.h - which function an address lies in, by tables of symbols.
 *
 * An index is one block of bytes without pointers, so that it can be kept on disk as it is (cache.h), and read in parts: a look-up needs three
 * of them, and checks what it reads.  Many are looked up: a look-up touches few cache lines (a million in 0.1 s).
 *
 * Of symbols that have a size, the one that begins last is told of an address that lies in several.  One without a size goes from its address to
 * that of the next symbol, or to its end, and is told where none with a size has the address: so a label in a function is not taken for one.
 */
#ifndef SYMBOLIZE_NAMES_H
#define SYMBOLIZE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/buffer.h"

struct name_symbol {
	uint64_t address, size;		/* size 0: not known, it ends where the next begins or the section does */
	uint64_t end;			/* of the section or range that it lies in; 0: none */
	const char *name;		/* with its end */
	uint8_t rank;			/* of several at one address the highest is told; then the shortest name, then the first by bytes */
};

struct name_found {
	const char *name;		/* in the index */
	uint64_t start, size;		/* size as the symbol has it */
};

struct names {
	const uint8_t *bytes;		/* aligned to 8 */
	size_t size;
	/* Makes a part of the bytes be there, false when it cannot: cache_need.  NULL: all are there. */
	bool (*need)(void *context, const void *bytes, size_t offset, size_t size);
	void *context;
};

/* Adds the index of the symbols to `ret`, which must be empty; sorts them in place.  Their names have LIMIT_SYMBOL_NAMES_MIB in all, at most. */
void names_build(struct name_symbol *symbols, size_t count, struct buffer *ret);

/* Whether the bytes begin as an index of this version of that size does.  What follows is checked as it is used. */
bool names_check(struct names names);

/*
 * False: no function has the address, or the index is damaged there (is_damaged; else it is set to false).
 */
bool names_find(struct names names, uint64_t address, struct name_found *ret, bool *is_damaged);

/* These are looked up next: what that reads comes nearer to the processor, for all of them at once.  Only speed depends on it. */
void names_expect(struct names names, const uint64_t *addresses, size_t count);

size_t names_count(struct names names);	/* symbols that are told of some address, about */

#endif

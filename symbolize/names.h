/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.h - which function an address lies in, by tables of symbols.
 *
 * An index is one block of bytes without pointers, so that it can be kept on disk as it is (cache.h): names_check says whether bytes that
 * came from there are one.  Many are looked up: a look-up touches few cache lines (a million in 0.1 s).
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
	uint8_t rank;			/* of several at one address the highest is told: global over weak over local, then the shortest name */
};

struct name_found {
	const char *name;		/* in the index */
	uint64_t start, size;
};

struct names { const uint8_t *bytes; size_t size; };

/* Adds the index of the symbols to `ret`, which must be empty; sorts them in place. */
void names_build(struct name_symbol *symbols, size_t count, struct buffer *ret);

/* Whether the bytes are an index of this version, whole, whose every look-up stays in it.  They are aligned to 8. */
bool names_check(struct names names);

bool names_find(struct names names, uint64_t address, struct name_found *ret);
size_t names_count(struct names names);

#endif

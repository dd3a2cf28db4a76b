/* SPDX-License-Identifier: Apache-2.0 */
/* go_internal.h - the layouts of Go's table, and what go*.c share. */
#ifndef SYMBOLIZE_GO_INTERNAL_H
#define SYMBOLIZE_GO_INTERNAL_H

#include "symbolize/go.h"

/* Numbers of 32 bits behind the entry in the record of a function; where one is not there, -1. */
struct go_layout {
	uint32_t magic;
	const char *version;
	int8_t text_start, names, units, files, values, functions;	/* words of the header, from 0; -1: it is not there, or at 0 */
	bool is_narrow;			/* entries of functions are 32 bits, from the beginning of the text */
	uint8_t record_words;		/* in all, up to the counts of tables */
	uint8_t call_bytes, call_name, call_parent;	/* of an inlined call; 0: they are not read */
	uint8_t module_data;		/* word of the module's data that says where data of functions are */
};

/* A relocation of a position-independent program: what the loader writes at an address. */
struct go_fix { uint64_t at, value; };

struct go {
	struct binary *binary;
	const struct go_layout *layout;
	struct binary_bytes section;	/* read page by page */
	uint64_t offset;		/* of the table in it */
	uint64_t address;		/* of the table */
	unsigned quantum, pointer;	/* of addresses in its tables; bytes of a pointer */
	uint64_t count;			/* functions */
	uint64_t text;			/* where the text begins, that narrow entries count from */
	uint64_t names, units, files, values, functions, index;	/* offsets in the table; index: of addresses of functions */
	uint64_t data;			/* address of data of functions; 0: not known */
	unsigned tries;			/* places that may still be looked at for the module's data: each takes a walk over all relocations */
	struct go_fix *fixes;		/* by address */
	size_t fix_count;
};

/* Bytes of the table; NULL when it has not that many. */
const uint8_t *go_bytes(const struct go *go, uint64_t offset, uint64_t size);
/* A number of it; false when it is not there. */
bool go_number(const struct go *go, uint64_t offset, unsigned size, uint64_t *ret);
/* A pointer of it, as the loader leaves it. */
bool go_pointer(const struct go *go, uint64_t offset, uint64_t *ret);
/* A text of it, with its end; NULL when it has none, or is longer than a name may be. */
const char *go_text(const struct go *go, uint64_t offset);

/* Bytes of the program at an address. */
const uint8_t *go_bytes_at(const struct go *go, uint64_t address, uint64_t size);

/* ---- go_module.c ---- */

/* Pointers of [from, to) that the loader writes, in the heap, by address. */
void go_fixes_read(struct binary *binary, uint64_t from, uint64_t to, struct go_fix **ret, size_t *count);
uint64_t go_fixed(const struct go_fix *fixes, size_t count, uint64_t address, uint64_t otherwise);

/* Finds the module's data: sets `data`, and `text` when the table does not say it. */
void go_module_find(struct go *go);

#endif

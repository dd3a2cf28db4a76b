/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache_internal.h - what a file of the cache looks like, and what cache*.c share.
 *
 * A header; then, for each run that added something: its blocks, the entries that say where they are, and a trailer, which says where the
 * entries are and where the trailer before ended.  The file ends with a trailer.  Numbers are in this machine's byte order.
 * A block is the checksums of its pages, then its bytes, up to a multiple of 8.
 */
#ifndef SYMBOLIZE_CACHE_INTERNAL_H
#define SYMBOLIZE_CACHE_INTERNAL_H

#include "symbolize/cache.h"

enum { CACHE_VERSION = 1, CACHE_KEY_BYTES = 256, CACHE_PAGE = 16 << 10, CACHE_CHAIN = 16 };
#define CACHE_MAGIC	0x7465747261636831ULL
#define CACHE_END_MAGIC	0x7465747261656e64ULL

struct cache_header { uint64_t magic, version; char key[CACHE_KEY_BYTES]; };
struct cache_entry { uint64_t number, offset, size; };
/* `previous`: where the trailer before ends; 0: there is none.  `chain`: how many trailers there are, this one included. */
struct cache_trailer { uint64_t magic, entries_at, count, previous, chain, checksum; };

/* What is in memory of a block. */
struct cache_loaded {
	uint8_t *bytes;
	uint64_t *checksums, *present;	/* of pages; a bit each */
	size_t mapped;			/* bytes of the mapping; 0: from the heap */
	bool is_damaged;
};

struct cache_added { uint64_t number; const void *bytes; size_t size; };

struct cache {
	int folder, file;		/* file -1: there is none that can be believed */
	bool is_writable;		/* the file that is there can be added to */
	bool is_damaged;		/* it is to be replaced */
	char key[CACHE_KEY_BYTES];
	uint64_t size;			/* of the file, when it was opened */
	struct cache_entry *entries;	/* by number */
	struct cache_loaded *loaded;
	size_t count;
	uint64_t chain;
	struct cache_added *added;
	size_t added_count, added_capacity;
	size_t memory;
};

uint64_t cache_checksum(const void *bytes, size_t size, uint64_t seed);
size_t cache_pages(size_t size);

/* ---- cache_file.c ---- */

/* A file of that key that can be believed, opened; -1. */
int cache_file_open(int folder, const char *key, bool *is_writable, uint64_t *size);
/* All entries of the file, by number, in the heap; false when it is damaged. */
bool cache_file_entries(int file, uint64_t size, struct cache_entry **ret, size_t *count, uint64_t *chain);
bool cache_file_read(int file, uint64_t offset, void *bytes, size_t size);

/* ---- cache_write.c ---- */

void cache_write(struct cache *cache);

#endif

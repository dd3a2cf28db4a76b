/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache.h - what was worked out of a file, kept on disk for the next run.
 *
 * A folder of the user's own ($XDG_CACHE_HOME/tetra, ~/.cache/tetra, for root /var/cache/tetra); one file for each key, which holds numbered
 * blocks of bytes.  A file is only believed when it belongs to this user, nobody else can write it, its header has this version and the same
 * key, and the checksum of each part is right when it is first needed.  Bytes that it has are never changed, only added to, by one at a time;
 * what is damaged is replaced by another file of its name.  It is read with pread, page by page, never mapped: a file that shrinks costs time, and
 * a first answer reads no more than it needs of an index of any size.
 * Whatever goes wrong with the cache costs time, nothing else: all functions take NULL, and work without.
 * The folder is kept below its limit (schema/limits.def): what was not used for longest goes first.
 */
#ifndef SYMBOLIZE_CACHE_H
#define SYMBOLIZE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbolize/binary.h"

struct cache;

/* The user's folder, made when it is not there; NULL when there can be none.  Freed by the caller. */
char *cache_folder(void);

/* Of a file: by build id and identity.  NULL when folder is NULL, or the binary is bytes in memory. */
struct cache *cache_open(const char *folder, const struct binary *binary);
/* By any other key: a word of letters, digits and dashes ("kallsyms-BOOTID"), 200 at most. */
struct cache *cache_open_key(const char *folder, const char *key);

/* Blocks by number: each room numbers its own.  Aligned to 8; valid until cache_close. */
enum cache_block {
	CACHE_NAMES = 1,
	CACHE_UNITS = 2,		/* of dwarf.c: which unit an address is in */
	CACHE_KERNEL = 3,
	CACHE_GO = 4,
};
#define CACHE_UNIT (1ULL << 32)		/* + the unit's offset in .debug_info */

bool cache_find(struct cache *cache, uint64_t block, const void **bytes, size_t *size);

/*
 * The same, but the bytes are only there once they were asked for: cache_need reads what is missing of a part of the block, and false says that it
 * is damaged, or gone: then what the block says is worked out anew, and added.
 */
bool cache_find_lazily(struct cache *cache, uint64_t block, const void **bytes, size_t *size);
bool cache_need(struct cache *cache, const void *bytes, size_t offset, size_t size);

/* The bytes are borrowed until cache_close.  A block that is there is only replaced when it was found to be damaged. */
void cache_add(struct cache *cache, uint64_t block, const void *bytes, size_t size);

/* Writes what was added. */
void cache_close(struct cache *cache);

/* Bytes of memory that it takes now. */
size_t cache_memory(const struct cache *cache);

#endif

// SPDX-License-Identifier: Apache-2.0
/* cache.c - the folder, opening, and reading blocks; see cache.h. */
#include "symbolize/cache_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/base/buffer.h"
#include "schema/schema.h"

/* ---- The folder ---- */

static bool make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return false;
		*slash = '/';
	}
	return !mkdir(path, 0700) || errno == EEXIST;
}

/* A variable that is no absolute path counts as not set. */
static bool folder_from(struct buffer *ret, const char *variable, const char *below)
{
	const char *value = secure_getenv(variable);

	if (!value || *value != '/')
		return false;
	buffer_format(ret, "%s%s", value, below);
	return true;
}

/* Only one that is this user's, and that nobody else writes to. */
static int open_folder(const char *path)
{
	const int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat found;

	if (folder >= 0 && (fstat(folder, &found) || found.st_uid != geteuid() || found.st_mode & 022)) {
		close(folder);
		return -1;
	}
	return folder;
}

char *cache_folder(void)
{
	struct buffer path = { 0 };
	int folder;

	if (!folder_from(&path, "XDG_CACHE_HOME", "/tetra")) {
		if (!geteuid())
			buffer_add_text(&path, "/var/cache/tetra");
		else if (!folder_from(&path, "HOME", "/.cache/tetra"))
			return NULL;
	}
	folder = make_folders(path.bytes) ? open_folder(path.bytes) : -1;
	if (folder < 0) {
		buffer_release(&path);
		return NULL;
	}
	close(folder);
	return path.bytes;
}

/* ---- Opening ---- */

static void read_entries(struct cache *cache)
{
	cache->file = cache_file_open(cache->folder, cache->key, &cache->is_writable, &cache->size);
	if (cache->file < 0)
		return;
	if (cache_file_entries(cache->file, cache->size, &cache->entries, &cache->count, &cache->chain)) {
		cache->loaded = calloc(cache->count + 1, sizeof(*cache->loaded));
		cache->memory += cache->count * (sizeof(*cache->entries) + sizeof(*cache->loaded));
	}
	if (cache->loaded)
		return;
	cache->count = 0;
	cache->is_damaged = true;
}

static bool is_key(const char *key)
{
	const size_t length = strlen(key);

	return length && length <= 200 &&
	       strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

struct cache *cache_open_key(const char *folder, const char *key)
{
	struct cache *cache;

	if (!folder || !is_key(key))
		return NULL;
	cache = calloc(1, sizeof(*cache));
	if (!cache)
		return NULL;
	cache->memory = sizeof(*cache);
	cache->folder = open_folder(folder);
	if (cache->folder < 0) {
		free(cache);
		return NULL;
	}
	strcpy(cache->key, key);
	read_entries(cache);
	return cache;
}

struct cache *cache_open(const char *folder, const struct binary *binary)
{
	const struct binary_identity *identity = binary_identity(binary);
	const struct build_id *id = binary_build_id(binary);
	char key[4 * BINARY_BUILD_ID_BYTES], *at = key;

	if (!identity)
		return NULL;
	/* Of a longer build id, which nobody writes, the beginning: the file's identity tells them apart, too. */
	for (size_t n = 0; n < id->length && n < 32; n++)
		at += sprintf(at, "%02x", id->bytes[n]);
	sprintf(at, "-%llx-%llx-%llx-%llx", (unsigned long long)identity->device, (unsigned long long)identity->inode,
		(unsigned long long)identity->size, (unsigned long long)identity->changed_ns);
	return cache_open_key(folder, key);
}

/* ---- Pages ---- */

#define PRIME_1 0x9e3779b185ebca87ULL
#define PRIME_2 0xc2b2ae3d27d4eb4fULL

static uint64_t turn(uint64_t number, unsigned bits)
{
	return number << bits | number >> (64 - bits);
}

/* Four words at a time, as XXH64 does: it finds accidents, it does not keep anybody out. */
uint64_t cache_checksum(const void *bytes, size_t size, uint64_t seed)
{
	uint64_t lanes[4] = { seed, seed + PRIME_1, seed ^ PRIME_2, seed - PRIME_1 }, words[4], sum = size;
	const uint8_t *at = bytes;

	for (; size >= sizeof(words); size -= sizeof(words), at += sizeof(words)) {
		memcpy(words, at, sizeof(words));
		for (int n = 0; n < 4; n++)
			lanes[n] = turn(lanes[n] + words[n] * PRIME_2, 31) * PRIME_1;
	}
	memset(words, 0, sizeof(words));
	memcpy(words, at, size);
	for (int n = 0; n < 4; n++)
		sum = turn(sum ^ (turn(lanes[n] + words[n] * PRIME_2, 31) * PRIME_1), 27) * PRIME_1 + PRIME_2;
	return sum ^ sum >> 32;
}

size_t cache_pages(size_t size)
{
	return (size + CACHE_PAGE - 1) / CACHE_PAGE;
}

static bool load_checksums(struct cache *cache, const struct cache_entry *entry, struct cache_loaded *loaded)
{
	const size_t pages = cache_pages(entry->size);

	loaded->checksums = malloc(pages * sizeof(*loaded->checksums));
	loaded->present = calloc(pages / 64 + 1, sizeof(*loaded->present));
	if (entry->size <= 4 * CACHE_PAGE) {
		loaded->bytes = malloc(entry->size);
	} else {
		void *mapped = mmap(NULL, entry->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		loaded->bytes = mapped == MAP_FAILED ? NULL : mapped;
		loaded->mapped = mapped == MAP_FAILED ? 0 : entry->size;
	}
	return loaded->checksums && loaded->present && loaded->bytes &&
	       cache_file_read(cache->file, entry->offset, loaded->checksums, pages * sizeof(*loaded->checksums));
}

static bool is_present(const struct cache_loaded *loaded, size_t page)
{
	return loaded->present[page / 64] >> page % 64 & 1;
}

/* A page of a block, read and held against its checksum. */
static bool load_page(struct cache *cache, const struct cache_entry *entry, struct cache_loaded *loaded, size_t page)
{
	const size_t at = page * CACHE_PAGE, size = entry->size - at < CACHE_PAGE ? entry->size - at : CACHE_PAGE;
	const uint64_t start = entry->offset + cache_pages(entry->size) * sizeof(uint64_t);

	if (is_present(loaded, page))
		return true;
	if (!cache_file_read(cache->file, start + at, loaded->bytes + at, size) ||
	    cache_checksum(loaded->bytes + at, size, entry->number ^ page) != loaded->checksums[page])
		return false;
	loaded->present[page / 64] |= 1ULL << page % 64;
	cache->memory += size;
	return true;
}

static bool damaged(struct cache *cache, struct cache_loaded *loaded)
{
	loaded->is_damaged = true;
	cache->is_damaged = true;
	return false;
}

static bool load_part(struct cache *cache, size_t n, size_t offset, size_t size)
{
	const struct cache_entry *entry = &cache->entries[n];
	struct cache_loaded *loaded = &cache->loaded[n];

	if (offset > entry->size || size > entry->size - offset)
		return false;
	if (loaded->is_damaged)
		return false;
	for (size_t page = offset / CACHE_PAGE; size && page <= (offset + size - 1) / CACHE_PAGE; page++)
		if (!load_page(cache, entry, loaded, page))
			return damaged(cache, loaded);
	return true;
}

/* ---- Blocks ---- */

static int by_number(const void *key, const void *entry)
{
	const uint64_t one = *(const uint64_t *)key, other = ((const struct cache_entry *)entry)->number;

	return one < other ? -1 : one > other;
}

/* The number of the entry; cache->count: none that is not damaged. */
static size_t find(struct cache *cache, uint64_t block)
{
	const struct cache_entry *found = cache && cache->count ?
		bsearch(&block, cache->entries, cache->count, sizeof(*cache->entries), by_number) : NULL;
	size_t n;

	if (!found)
		return cache ? cache->count : 0;
	n = (size_t)(found - cache->entries);
	if (!cache->loaded[n].bytes && !cache->loaded[n].is_damaged && !load_checksums(cache, found, &cache->loaded[n]))
		damaged(cache, &cache->loaded[n]);
	return cache->loaded[n].is_damaged ? cache->count : n;
}

bool cache_find_lazily(struct cache *cache, uint64_t block, const void **bytes, size_t *size)
{
	const size_t n = find(cache, block);

	if (!cache || n == cache->count)
		return false;
	*bytes = cache->loaded[n].bytes;
	*size = cache->entries[n].size;
	return true;
}

bool cache_find(struct cache *cache, uint64_t block, const void **bytes, size_t *size)
{
	const size_t n = find(cache, block);

	if (!cache || n == cache->count || !load_part(cache, n, 0, cache->entries[n].size))
		return false;
	*bytes = cache->loaded[n].bytes;
	*size = cache->entries[n].size;
	return true;
}

/* Blocks that are asked for page by page are few: the last one is nearly always the one. */
bool cache_need(struct cache *cache, const void *bytes, size_t offset, size_t size)
{
	for (size_t n = 0; cache && n < cache->count; n++)
		if (cache->loaded[n].bytes == bytes)
			return load_part(cache, n, offset, size);
	return false;
}

void cache_add(struct cache *cache, uint64_t block, const void *bytes, size_t size)
{
	if (!cache || !size || cache->added_count >= LIMIT_CACHE_BLOCKS || find(cache, block) != cache->count)
		return;
	if (cache->added_count == cache->added_capacity) {
		const size_t capacity = cache->added_capacity ? 2 * cache->added_capacity : 16;
		struct cache_added *more = reallocarray(cache->added, capacity, sizeof(*more));

		if (!more)
			return;
		cache->added = more;
		cache->added_capacity = capacity;
	}
	cache->added[cache->added_count++] = (struct cache_added){ block, bytes, size };
}

static void unload(struct cache_loaded *loaded)
{
	if (loaded->mapped)
		munmap(loaded->bytes, loaded->mapped);
	else
		free(loaded->bytes);
	free(loaded->checksums);
	free(loaded->present);
}

void cache_close(struct cache *cache)
{
	if (!cache)
		return;
	if (cache->added_count)
		cache_write(cache);
	for (size_t n = 0; n < cache->count; n++)
		unload(&cache->loaded[n]);
	if (cache->file >= 0)
		close(cache->file);
	close(cache->folder);
	free(cache->entries);
	free(cache->loaded);
	free(cache->added);
	free(cache);
}

size_t cache_memory(const struct cache *cache)
{
	return cache ? cache->memory : 0;
}

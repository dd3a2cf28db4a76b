// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_kept.c - what is kept on disk, whatever its bytes are: an index of names, and a file of the cache.  Checksums are always right here (0, by
 * --wrap), so that what lies behind them is reached.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbolize/cache_internal.h"
#include "symbolize/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
uint64_t __wrap_cache_checksum(const void *bytes, size_t size, uint64_t seed);

static volatile uint8_t sum;

uint64_t __wrap_cache_checksum(const void *bytes, size_t size, uint64_t seed)
{
	(void)seed;
	for (size_t n = 0; n < size; n += 64)	/* all of it is there */
		sum ^= ((const uint8_t *)bytes)[n];
	return 0;
}

static void ask_names(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size + 1);
	const struct names names = { bytes, size, NULL, NULL };

	memcpy(bytes, data, size);
	for (size_t n = 0; names_check(names) && n < 256; n++) {
		struct name_found found;
		uint64_t address = n;
		bool is_damaged;

		if (n >= 64 && size >= 8)
			memcpy(&address, data + n * 7919 % (size - 7), 8);
		names_expect(names, &address, 1);
		if (names_find(names, address, &found, &is_damaged) && strlen(found.name) >= size)
			abort();
	}
	free(bytes);
}

static const char *folder(void)
{
	static char name[64];

	if (!name[0]) {
		snprintf(name, sizeof(name), "/dev/shm/tetra-fuzz-XXXXXX");
		if (!mkdtemp(name))
			abort();
	}
	return name;
}

/* The header is put before it, and what a file ends with behind it, with the first bytes as its numbers. */
static void write_file(const uint8_t *data, size_t size)
{
	struct cache_header header = { CACHE_MAGIC, CACHE_VERSION, "key" };
	struct cache_trailer trailer = { .magic = CACHE_END_MAGIC };
	char path[128];
	int file;

	snprintf(path, sizeof(path), "%s/key", folder());
	file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	trailer.count = size > 0 ? data[0] : 0;
	trailer.previous = size > 1 && data[1] < 16 ? sizeof(header) + data[1] * 8U : 0;
	trailer.entries_at = sizeof(header) + size - trailer.count * sizeof(struct cache_entry);
	if (write(file, &header, sizeof(header)) < 0 || write(file, data, size) < 0 || write(file, &trailer, sizeof(trailer)) < 0)
		abort();
	close(file);
}

static void ask_cache(const uint8_t *data, size_t size)
{
	struct cache *cache;

	write_file(data, size);
	cache = cache_open_key(folder(), "key");
	if (!cache)
		abort();
	for (size_t n = 0; n < cache->count; n++) {
		const struct cache_entry entry = cache->entries[n];
		const void *bytes;
		size_t found;

		if (cache_find_lazily(cache, entry.number, &bytes, &found) && cache_need(cache, bytes, found / 2, 1))
			sum ^= ((const uint8_t *)bytes)[found / 2];
		if (cache_find(cache, entry.number, &bytes, &found))
			sum ^= ((const uint8_t *)bytes)[found - 1];
	}
	cache_add(cache, 12345, "added", 5);
	cache_close(cache);
	cache = cache_open_key(folder(), "key");
	if (cache->count > size + 1)
		abort();
	cache_close(cache);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ask_names(data, size);
	ask_cache(data, size);
	return 0;
}

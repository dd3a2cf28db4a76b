// SPDX-License-Identifier: Apache-2.0
/* cache_file.c - whether a file of the cache can be believed, and what blocks it has; see cache_internal.h. */
#include "symbolize/cache_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "schema/schema.h"

bool cache_file_read(int file, uint64_t offset, void *bytes, size_t size)
{
	uint8_t *at = bytes;

	while (size) {
		const ssize_t got = pread(file, at, size, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		offset += (uint64_t)got;
		size -= (size_t)got;
	}
	return true;
}

/* What is used counts as new: that is how the folder's limit finds what is not.  Once an hour is enough. */
static void mark_used(int file, const struct stat *found)
{
	if (time(NULL) - found->st_mtime > 3600)
		futimens(file, NULL);
}

static bool has_key(int file, const char *key)
{
	struct cache_header header;

	return cache_file_read(file, 0, &header, sizeof(header)) && header.magic == CACHE_MAGIC && header.version == CACHE_VERSION &&
	       !strncmp(header.key, key, sizeof(header.key));
}

int cache_file_open(int folder, const char *key, bool *is_writable, uint64_t *size)
{
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
	struct stat found;
	int file = openat(folder, key, flags | O_RDWR);

	*is_writable = file >= 0;
	if (file < 0)
		file = openat(folder, key, flags | O_RDONLY);
	if (file < 0)
		return -1;
	if (fstat(file, &found) || !S_ISREG(found.st_mode) || found.st_uid != geteuid() || found.st_mode & 022 ||
	    found.st_size >> 20 >= LIMIT_CACHE_FILE_MIB || !has_key(file, key)) {
		close(file);
		return -1;
	}
	mark_used(file, &found);
	*size = (uint64_t)found.st_size;
	return file;
}

/* ---- Entries ---- */

static uint64_t trailer_checksum(const struct cache_trailer *trailer, const struct cache_entry *entries)
{
	return cache_checksum(trailer, offsetof(struct cache_trailer, checksum), cache_checksum(entries, trailer->count * sizeof(*entries), 0));
}

static bool is_block(const struct cache_entry *entry, uint64_t end)
{
	const uint64_t pages = cache_pages(entry->size);

	return entry->size && entry->size < end && entry->offset >= sizeof(struct cache_header) && entry->offset < end &&
	       pages * sizeof(uint64_t) + entry->size <= end - entry->offset;
}

/* The trailer that ends at `end`, and its entries behind those that are there. */
static bool read_trailer(int file, uint64_t end, struct cache_trailer *trailer, struct cache_entry **entries, size_t *count)
{
	struct cache_entry *more;

	if (end < sizeof(struct cache_header) + sizeof(*trailer) ||
	    !cache_file_read(file, end - sizeof(*trailer), trailer, sizeof(*trailer)) || trailer->magic != CACHE_END_MAGIC ||
	    trailer->count > LIMIT_CACHE_BLOCKS || *count + trailer->count > LIMIT_CACHE_BLOCKS ||
	    trailer->entries_at > end - sizeof(*trailer) ||
	    trailer->count * sizeof(**entries) != end - sizeof(*trailer) - trailer->entries_at || trailer->previous > trailer->entries_at)
		return false;
	more = reallocarray(*entries, *count + trailer->count + 1, sizeof(*more));
	if (!more)
		return false;
	*entries = more;
	if (!cache_file_read(file, trailer->entries_at, more + *count, trailer->count * sizeof(*more)) ||
	    trailer_checksum(trailer, more + *count) != trailer->checksum)
		return false;
	for (size_t n = *count; n < *count + trailer->count; n++)
		if (!is_block(&more[n], trailer->entries_at))
			return false;
	*count += trailer->count;
	return true;
}

static int by_number(const void *one, const void *other)
{
	const uint64_t a = ((const struct cache_entry *)one)->number, b = ((const struct cache_entry *)other)->number;

	return a < b ? -1 : a > b;
}

bool cache_file_entries(int file, uint64_t size, struct cache_entry **ret, size_t *count, uint64_t *chain)
{
	struct cache_trailer trailer = { .previous = size };
	struct cache_entry *entries = NULL;
	size_t trailers = 0;

	*count = 0;
	do {
		if (++trailers > 2 * CACHE_CHAIN || !read_trailer(file, trailer.previous, &trailer, &entries, count)) {
			free(entries);
			return false;
		}
		*chain = trailers;
	} while (trailer.previous);
	qsort(entries, *count, sizeof(*entries), by_number);
	*ret = entries;
	return true;
}

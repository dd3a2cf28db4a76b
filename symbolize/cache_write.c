// SPDX-License-Identifier: Apache-2.0
/*
 * cache_write.c - what was added, to disk; and the folder's limit; see cache_internal.h.
 *
 * A file that is there is added to by who has its lock; where another has it, what was added is let go.  What cannot be written whole is
 * taken back.
 */
#include "symbolize/cache_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "schema/schema.h"

static bool write_at(int file, const void *bytes, size_t size, uint64_t *offset)
{
	const uint8_t *at = bytes;

	while (size) {
		const ssize_t done = pwrite(file, at, size, (off_t)*offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		*offset += (uint64_t)done;
		size -= (size_t)done;
	}
	return true;
}

/* ---- Blocks ---- */

static bool write_block(int file, const struct cache_added *block, uint64_t *offset, struct cache_entry *ret)
{
	static const uint8_t zeros[8];
	const size_t pages = cache_pages(block->size);
	uint64_t *checksums = malloc(pages * sizeof(*checksums));
	bool fine = checksums;

	*ret = (struct cache_entry){ block->number, *offset, block->size };
	for (size_t n = 0; fine && n < pages; n++) {
		const size_t at = n * CACHE_PAGE, size = block->size - at < CACHE_PAGE ? block->size - at : CACHE_PAGE;

		checksums[n] = cache_checksum((const uint8_t *)block->bytes + at, size, block->number ^ n);
	}
	fine = fine && write_at(file, checksums, pages * sizeof(*checksums), offset) && write_at(file, block->bytes, block->size, offset) &&
	       write_at(file, zeros, -block->size % 8, offset);
	free(checksums);
	return fine;
}

static bool write_trailer(int file, const struct cache_entry *entries, size_t count, uint64_t previous, uint64_t chain, uint64_t *offset)
{
	struct cache_trailer trailer = {
		.magic = CACHE_END_MAGIC, .entries_at = *offset, .count = count, .previous = previous, .chain = chain,
	};

	trailer.checksum = cache_checksum(&trailer, offsetof(struct cache_trailer, checksum),
					  cache_checksum(entries, count * sizeof(*entries), 0));
	return write_at(file, entries, count * sizeof(*entries), offset) && write_at(file, &trailer, sizeof(trailer), offset);
}

static bool has(const struct cache_entry *entries, size_t count, uint64_t number)
{
	size_t low = 0;

	while (low < count) {
		const size_t middle = low + (count - low) / 2;

		if (entries[middle].number == number)
			return true;
		if (entries[middle].number < number)
			low = middle + 1;
		else
			count = middle;
	}
	return false;
}

/* Blocks that are not among `old`, which are by number, from `*offset` on; then the trailer. */
static bool write_blocks(const struct cache *cache, int file, const struct cache_entry *old, size_t old_count, uint64_t chain, uint64_t *offset)
{
	struct cache_entry *entries = calloc(cache->added_count + old_count + 1, sizeof(*entries));
	const uint64_t before = *offset;
	size_t count = 0;
	bool fine = entries;

	for (size_t n = 0; fine && n < cache->added_count; n++)
		if (!has(old, old_count, cache->added[n].number))
			fine = write_block(file, &cache->added[n], offset, &entries[count++]);
	/* A chain that has become long is ended: this trailer has all entries. */
	if (fine && chain >= CACHE_CHAIN) {
		memcpy(entries + count, old, old_count * sizeof(*old));
		fine = write_trailer(file, entries, count + old_count, 0, 1, offset);
	} else if (fine) {
		fine = write_trailer(file, entries, count, old ? before : 0, chain + 1, offset);
	}
	free(entries);
	return fine;
}

static uint64_t size_added(const struct cache *cache)
{
	uint64_t size = 0;

	for (size_t n = 0; n < cache->added_count; n++)
		size += cache->added[n].size + cache_pages(cache->added[n].size) * sizeof(uint64_t) + sizeof(struct cache_entry) + 8;
	return size;
}

/* ---- To a file that is there ---- */

/* It may have grown since it was opened: whose lock this is knows what is in it now. */
static bool append_locked(struct cache *cache)
{
	struct cache_entry *entries = NULL;
	struct stat found;
	uint64_t chain, offset, size;
	size_t count;
	bool fine;

	if (fstat(cache->file, &found))
		return false;
	size = offset = (uint64_t)found.st_size;
	if ((size + size_added(cache)) >> 20 >= LIMIT_CACHE_FILE_MIB || !cache_file_entries(cache->file, size, &entries, &count, &chain))
		return false;
	fine = count + cache->added_count <= LIMIT_CACHE_BLOCKS && write_blocks(cache, cache->file, entries, count, chain, &offset);
	if (!fine && offset > size && ftruncate(cache->file, (off_t)size))
		fine = false;	/* then its end is damaged, which the next one finds */
	free(entries);
	return true;
}

/* ---- To another file, which takes its name ---- */

static void replace(struct cache *cache)
{
	struct cache_header header = { .magic = CACHE_MAGIC, .version = CACHE_VERSION };
	char name[CACHE_KEY_BYTES + 32];
	uint64_t offset = 0;
	int file;

	strcpy(header.key, cache->key);
	if (size_added(cache) >> 20 >= LIMIT_CACHE_FILE_MIB)
		return;
	snprintf(name, sizeof(name), "%s.%d.new", cache->key, getpid());
	file = openat(cache->folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return;
	if (!write_at(file, &header, sizeof(header), &offset) || !write_blocks(cache, file, NULL, 0, 0, &offset) ||
	    renameat(cache->folder, name, cache->folder, cache->key))
		unlinkat(cache->folder, name, 0);
	close(file);
}

/* ---- The folder's limit ---- */

struct kept { char *name; uint64_t size; struct timespec used; };

static int by_use(const void *one, const void *other)
{
	const struct kept *a = one, *b = other;

	if (a->used.tv_sec != b->used.tv_sec)
		return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
	return a->used.tv_nsec < b->used.tv_nsec ? -1 : a->used.tv_nsec > b->used.tv_nsec;
}

/* What a writer left that was killed. */
static bool is_left_over(const char *name, const struct stat *found)
{
	const size_t length = strlen(name);

	return length > 4 && !strcmp(name + length - 4, ".new") && time(NULL) - found->st_mtime > 3600;
}

static size_t list(int folder, DIR *entries, struct kept *kept, uint64_t *total)
{
	struct dirent *entry;
	size_t count = 0;

	while (count < LIMIT_CACHE_FILES && (entry = readdir(entries))) {
		struct stat found;

		if (fstatat(folder, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) || !S_ISREG(found.st_mode) || found.st_uid != geteuid())
			continue;
		if (is_left_over(entry->d_name, &found)) {
			unlinkat(folder, entry->d_name, 0);
			continue;
		}
		kept[count] = (struct kept){ strdup(entry->d_name), (uint64_t)found.st_size, found.st_mtim };
		*total += kept[count].size;
		count += kept[count].name != NULL;
	}
	return count;
}

static void prune(int folder)
{
	const int other = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = other < 0 ? NULL : fdopendir(other);
	struct kept *kept = calloc(LIMIT_CACHE_FILES, sizeof(*kept));
	uint64_t total = 0;
	size_t count = 0;

	if (entries && kept) {
		count = list(folder, entries, kept, &total);
		qsort(kept, count, sizeof(*kept), by_use);
	}
	for (size_t n = 0; n < count; n++) {
		if (total >> 20 >= LIMIT_CACHE_MIB && !unlinkat(folder, kept[n].name, 0))
			total -= kept[n].size;
		free(kept[n].name);
	}
	if (entries)
		closedir(entries);
	else if (other >= 0)
		close(other);
	free(kept);
}

void cache_write(struct cache *cache)
{
	bool fine = false;

	if (cache->file >= 0 && !cache->is_damaged) {
		if (!cache->is_writable || flock(cache->file, LOCK_EX | LOCK_NB))
			return;
		fine = append_locked(cache);
		flock(cache->file, LOCK_UN);
	}
	if (!fine)
		replace(cache);
	prune(cache->folder);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * test_cache.c - what is kept on disk: found again, whole or in parts; every damage costs a block and never gives a wrong one; files of others, links
 * and what others may write are not believed; two writers, a full disk, a folder that cannot be written, the folder's limit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/schema.h"
#include "symbolize/cache.h"
#include "tests/unit/made_files.h"

#include <cmocka.h>	/* last: it takes the name fail */

#define FOLDER files_path("kept")
#define FILE_NAME files_path("kept/a-key")

/* Contents that tell block and place. */
static uint8_t *contents(uint64_t block, size_t size)
{
	uint8_t *bytes = malloc(size);

	for (size_t n = 0; n < size; n++)
		bytes[n] = (uint8_t)(n * 7 + n / 256 + block * 13);
	return bytes;
}

static void write_blocks(const uint64_t *blocks, const size_t *sizes, size_t count)
{
	struct cache *cache = cache_open_key(FOLDER, "a-key");
	uint8_t *bytes[64];

	assert_non_null(cache);
	for (size_t n = 0; n < count; n++) {
		bytes[n] = contents(blocks[n], sizes[n]);
		cache_add(cache, blocks[n], bytes[n], sizes[n]);
	}
	cache_close(cache);
	for (size_t n = 0; n < count; n++)
		free(bytes[n]);
}

static void start(void)
{
	files_remove();
	assert_true(files_make("mkdir -m 0700 kept"));
}

/* Whether the block is found; then it must be right. */
static bool finds(uint64_t block, size_t size)
{
	struct cache *cache = cache_open_key(FOLDER, "a-key");
	const void *bytes;
	size_t have;
	const bool found = cache_find(cache, block, &bytes, &have);

	if (found) {
		uint8_t *want = contents(block, size);

		assert_int_equal(have, size);
		assert_int_equal((uintptr_t)bytes % 8, 0);
		assert_memory_equal(bytes, want, size);
		free(want);
	}
	cache_close(cache);
	return found;
}

static const uint64_t blocks[] = { CACHE_NAMES, CACHE_UNIT + 77, CACHE_KERNEL, CACHE_UNIT };
static const size_t sizes[] = { 100001, 1, 16384, 33 };

static void test_found(void **state)
{
	(void)state;
	start();
	write_blocks(blocks, sizes, 4);
	for (size_t n = 0; n < 4; n++)
		assert_true(finds(blocks[n], sizes[n]));
	assert_false(finds(CACHE_GO, 1));
	assert_false(finds(CACHE_UNIT + 1, 1));
	assert_null(cache_open_key(FOLDER, "../a-key"));
	assert_null(cache_open_key(FOLDER, ""));
	assert_null(cache_open_key(NULL, "a-key"));
	assert_null(cache_open_key(files_path("nowhere"), "a-key"));
	cache_add(NULL, 1, "x", 1);
	cache_close(NULL);
}

/* Only the pages that are needed are read: the others may be damaged. */
static void test_parts(void **state)
{
	const void *bytes;
	uint8_t *want = contents(CACHE_NAMES, 100001);
	struct cache *cache;
	size_t size;
	int file;

	(void)state;
	start();
	write_blocks(blocks, sizes, 1);
	file = open(FILE_NAME, O_RDWR);
	assert_int_equal(pwrite(file, "damaged", 7, 60000), 7);
	close(file);
	assert_false(finds(CACHE_NAMES, 100001));
	cache = cache_open_key(FOLDER, "a-key");
	assert_true(cache_find_lazily(cache, CACHE_NAMES, &bytes, &size) && size == 100001);
	assert_true(cache_need(cache, bytes, 100, 16384));
	assert_memory_equal((const uint8_t *)bytes + 100, want + 100, 16384);
	assert_true(cache_need(cache, bytes, 100000, 1));
	assert_int_equal(((const uint8_t *)bytes)[100000], want[100000]);
	assert_false(cache_need(cache, bytes, 100000, 2));
	assert_false(cache_need(cache, bytes, SIZE_MAX, 2));
	assert_false(cache_need(cache, bytes, 59000, 2000));
	/* From then on it is not believed at all, and what is added instead is kept. */
	assert_false(cache_find(cache, CACHE_NAMES, &bytes, &size));
	cache_add(cache, CACHE_NAMES, want, 100001);
	cache_close(cache);
	assert_true(finds(CACHE_NAMES, 100001));
	free(want);
}

static void test_damage(void **state)
{
	struct stat whole;
	uint8_t byte;
	int file;

	(void)state;
	start();
	write_blocks(blocks + 1, (const size_t[]){ 1, 300, 33 }, 3);
	write_blocks((const uint64_t[]){ 9 }, (const size_t[]){ 50 }, 1);
	assert_true(finds(blocks[1], 1) && finds(9, 50));
	file = open(FILE_NAME, O_RDWR);
	assert_int_equal(fstat(file, &whole), 0);
	for (off_t at = 0; at < whole.st_size; at++) {
		assert_int_equal(pread(file, &byte, 1, at), 1);
		byte ^= 0x41;
		assert_int_equal(pwrite(file, &byte, 1, at), 1);
		for (size_t n = 1; n < 4; n++)
			finds(blocks[n], n == 2 ? 300 : sizes[n]);
		finds(9, 50);
		byte ^= 0x41;
		assert_int_equal(pwrite(file, &byte, 1, at), 1);
	}
	assert_true(finds(9, 50));
	for (off_t size = whole.st_size - 1; size >= 0; size--) {
		assert_int_equal(ftruncate(file, size), 0);
		assert_false(finds(9, 50));
		finds(blocks[2], 300);
	}
	close(file);
	write_blocks(blocks, sizes, 4);
	assert_true(finds(CACHE_NAMES, 100001));
}

/* It shrinks while it is open. */
static void test_shrinks(void **state)
{
	const void *bytes;
	struct cache *cache;
	size_t size;

	(void)state;
	start();
	write_blocks(blocks, sizes, 4);
	cache = cache_open_key(FOLDER, "a-key");
	assert_true(cache_find_lazily(cache, CACHE_NAMES, &bytes, &size) && cache_need(cache, bytes, 0, 1));
	assert_int_equal(truncate(FILE_NAME, 1000), 0);
	assert_false(cache_need(cache, bytes, 90000, 1));
	assert_false(cache_find(cache, CACHE_KERNEL, &bytes, &size));
	cache_close(cache);
}

/* What is done to the file or folder, after which it must not be believed. */
static const struct trust_row { const char *about, *command; bool needs_root; } trust_rows[] = {
	{ "others may write the file", "chmod 0602 kept/a-key", false },
	{ "the group may write the file", "chmod 0620 kept/a-key", false },
	{ "others may write the folder", "chmod 0777 kept", false },
	{ "a link instead of the file", "mv kept/a-key other && ln -s ../other kept/a-key", false },
	{ "a link instead of the folder", "mv kept other && ln -s other kept", false },
	{ "a FIFO instead of the file", "rm kept/a-key && mkfifo kept/a-key", false },
	{ "a folder instead of the file", "rm kept/a-key && mkdir kept/a-key", false },
	{ "the file of another key", "mv kept/a-key kept/b-key && cp kept/b-key kept/a-key && printf b | dd of=kept/a-key bs=1 seek=16 conv=notrunc "
	  "2>/dev/null", false },
	{ "somebody else's file", "chown 12345 kept/a-key", true },
	{ "somebody else's folder", "chown 12345 kept", true },
};

static void test_trust(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(trust_rows) / sizeof(*trust_rows); n++) {
		if (trust_rows[n].needs_root && geteuid())
			continue;
		start();
		write_blocks(blocks, sizes, 4);
		assert_true(finds(blocks[3], sizes[3]));
		assert_true(files_make(trust_rows[n].command));
		if (finds(blocks[3], sizes[3]))
			fail_msg("%s: it is believed", trust_rows[n].about);
	}
}

static void test_many_runs(void **state)
{
	(void)state;
	start();
	for (uint64_t n = 0; n < 60; n++)
		write_blocks(&n, (const size_t[]){ n + 1 }, 1);
	for (uint64_t n = 0; n < 60; n++)
		assert_true(finds(n, n + 1));
}

/* Two at once: what both say they keep is right; nothing else is promised. */
static void test_two_writers(void **state)
{
	pid_t child;
	size_t kept = 0;
	int status;

	(void)state;
	start();
	child = fork();
	for (uint64_t n = 0; n < 150; n++)
		write_blocks((const uint64_t[]){ 2 * n + !child, 7777 }, (const size_t[]){ 500, 9 }, 2);
	if (!child)
		_exit(0);
	assert_int_equal(waitpid(child, &status, 0), child);
	for (uint64_t n = 0; n < 300; n++)
		kept += finds(n, 500);
	assert_true(kept > 0 && finds(7777, 9));
	write_blocks((const uint64_t[]){ 8888 }, (const size_t[]){ 5 }, 1);
	assert_true(finds(8888, 5));
}

static void test_full_disk(void **state)
{
	struct rlimit limit, old;
	struct stat before, after;

	(void)state;
	start();
	write_blocks(blocks + 1, sizes + 1, 3);
	assert_int_equal(stat(FILE_NAME, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = (struct rlimit){ (rlim_t)before.st_size + 50000, old.rlim_max };
	setrlimit(RLIMIT_FSIZE, &limit);
	write_blocks(blocks, sizes, 1);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(stat(FILE_NAME, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_false(finds(CACHE_NAMES, 100001));
	assert_true(finds(blocks[3], sizes[3]));
	write_blocks(blocks, sizes, 1);
	assert_true(finds(CACHE_NAMES, 100001));
}

/* Beyond the limit what was not used for longest goes, and what a killed writer left. */
static void test_limit(void **state)
{
	char command[512];

	(void)state;
	start();
	snprintf(command, sizeof(command), "cd kept && truncate -s %dM oldest old new && touch -d '3 days ago' oldest && touch -d '2 days ago' old && "
		 ": >x.1.new && touch -d '2 hours ago' x.1.new && : >y.1.new", LIMIT_CACHE_MIB / 2 - 1);
	assert_true(files_make(command));
	write_blocks(blocks, sizes, 4);
	assert_true(finds(CACHE_NAMES, 100001));
	assert_true(files_make("cd kept && test ! -e oldest && test -e old && test -e new && test ! -e x.1.new && test -e y.1.new"));
}

static int remove_files(void **state)
{
	(void)state;
	files_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found), cmocka_unit_test(test_parts), cmocka_unit_test(test_damage), cmocka_unit_test(test_shrinks),
		cmocka_unit_test(test_trust), cmocka_unit_test(test_many_runs), cmocka_unit_test(test_two_writers),
		cmocka_unit_test(test_full_disk), cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, remove_files);
}

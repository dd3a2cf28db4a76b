// SPDX-License-Identifier: Apache-2.0
/* digest.c - see digest.h. */
#include "runtime/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <nettle/sha1.h>
#include <nettle/sha2.h>

#include "schema/schema.h"

enum { DIGEST_BYTES_MAX = SHA512_DIGEST_SIZE };

union digest_state {
	struct sha1_ctx sha1;
	struct sha256_ctx sha256;
	struct sha512_ctx sha512;	/* and of sha384, which ends earlier */
};

/* One of those that are computed from the whole file. */
struct algorithm {
	const char *name;
	size_t bytes;
	void (*begin)(union digest_state *state);
	void (*add)(union digest_state *state, size_t length, const uint8_t *bytes);
	void (*end)(union digest_state *state, uint8_t *ret);
};

#define ALGORITHM(name, member, nettle, size)                                                        \
	static void name##_begin(union digest_state *state) { nettle##_init(&state->member); }       \
	static void name##_add(union digest_state *state, size_t length, const uint8_t *bytes)       \
	{                                                                                            \
		member##_update(&state->member, length, bytes);                                      \
	}                                                                                            \
	static void name##_end(union digest_state *state, uint8_t *ret)                              \
	{                                                                                            \
		nettle##_digest(&state->member, size, ret);                                          \
	}
ALGORITHM(sha1, sha1, sha1, SHA1_DIGEST_SIZE)
ALGORITHM(sha256, sha256, sha256, SHA256_DIGEST_SIZE)
ALGORITHM(sha384, sha512, sha384, SHA384_DIGEST_SIZE)
ALGORITHM(sha512, sha512, sha512, SHA512_DIGEST_SIZE)

static const struct algorithm algorithms[] = {
	{ "sha1", SHA1_DIGEST_SIZE, sha1_begin, sha1_add, sha1_end },
	{ "sha256", SHA256_DIGEST_SIZE, sha256_begin, sha256_add, sha256_end },
	{ "sha384", SHA384_DIGEST_SIZE, sha384_begin, sha384_add, sha384_end },
	{ "sha512", SHA512_DIGEST_SIZE, sha512_begin, sha512_add, sha512_end },
};

static int add_file(const struct algorithm *algorithm, union digest_state *state, int descriptor)
{
	uint8_t chunk[65536];
	off_t offset = 0;
	ssize_t got;

	while ((got = pread(descriptor, chunk, sizeof(chunk), offset)) > 0) {
		offset += got;
		if (offset > LIMIT_DIGEST_FILE_BYTES)
			return -EFBIG;
		algorithm->add(state, (size_t)got, chunk);
	}
	return got < 0 ? -errno : 0;
}

/* The digest of the file, in hexadecimal. */
static int compute(const struct algorithm *algorithm, int descriptor, char text[2 * DIGEST_BYTES_MAX + 1])
{
	uint8_t bytes[DIGEST_BYTES_MAX];
	union digest_state state;
	int error;

	algorithm->begin(&state);
	error = add_file(algorithm, &state, descriptor);
	if (error)
		return error;
	algorithm->end(&state, bytes);
	for (size_t n = 0; n < algorithm->bytes; n++)
		sprintf(text + 2 * n, "%02x", bytes[n]);
	return 0;
}

/* What the file has by that name, "sha256"; NULL with *error 0 when it has none. */
static const char *actual(const char *name, size_t length, int descriptor, struct elf_file *elf, struct arena *arena, int *error)
{
	char text[2 * DIGEST_BYTES_MAX + 1] = "";

	*error = 0;
	if (length == strlen("build-id") && !strncasecmp(name, "build-id", length))
		return elf_build_id(elf, arena);
	for (size_t n = 0; n < sizeof(algorithms) / sizeof(*algorithms); n++)
		if (strlen(algorithms[n].name) == length && !strncasecmp(algorithms[n].name, name, length))
			*error = compute(&algorithms[n], descriptor, text);
	return *error || !*text ? NULL : arena_copy(arena, text, strlen(text));
}

/* The part of a list up to the next comma, without spaces around it. */
static size_t next_digest(const char **list, const char **ret)
{
	size_t length = strcspn(*list, ",");
	const char *start = *list, *end = start + length;

	*list = *end ? end + 1 : end;
	for (; start < end && strchr(" \t\r\n", *start); start++)
		;
	for (; end > start && strchr(" \t\r\n", end[-1]); end--)
		;
	*ret = start;
	return (size_t)(end - start);
}

static int check_all(const char *digests, int descriptor, struct elf_file *elf, struct arena *arena, struct elf_failure *failure)
{
	const char *list = digests, *digest, *found = NULL;
	size_t name = 0;

	while (*list) {
		const size_t length = next_digest(&list, &digest);
		int error;

		name = strcspn(digest, ":");
		if (name >= length)
			continue;
		found = actual(digest, name, descriptor, elf, arena, &error);
		if (error)
			return elf_fail(failure, error, "cannot be digested: %s", strerror(-error));
		if (found && strlen(found) == length - name - 1 && !strncasecmp(found, digest + name + 1, length - name - 1))
			return 0;
	}
	return elf_fail(failure, -EKEYREJECTED, "has none of the digests that 'binaryDigests' demands%s%.*s%s%.128s",
		found ? "; it has " : "", found ? (int)name : 0, found ? digest : "", found ? ":" : "", found ? found : "");
}

int digest_check(const char *digests, int descriptor, struct elf_file *elf, struct elf_failure *failure)
{
	struct arena arena = { 0 };
	int error = check_all(digests, descriptor, elf, &arena, failure);

	arena_release(&arena);
	return error;
}

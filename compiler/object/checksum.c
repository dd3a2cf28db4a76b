// SPDX-License-Identifier: Apache-2.0
/* checksum.c - FNV-1a 64; see checksum.h. */
#include "compiler/object/checksum.h"

#include "compiler/object/format.h"

#define FNV_START	0xcbf29ce484222325ULL
#define FNV_PRIME	0x100000001b3ULL

static uint64_t add(uint64_t hash, const uint8_t *bytes, size_t length)
{
	for (size_t n = 0; n < length; n++)
		hash = (hash ^ bytes[n]) * FNV_PRIME;
	return hash;
}

uint64_t object_hash(const void *bytes, size_t length)
{
	return add(FNV_START, bytes, length);
}

uint64_t object_checksum(const void *object, size_t size)
{
	static const uint8_t zero[sizeof(uint64_t)];
	const size_t at = offsetof(struct object_header, checksum);
	const uint8_t *bytes = object;
	uint64_t hash = add(add(FNV_START, bytes, at), zero, sizeof(zero));

	return add(hash, bytes + at + sizeof(zero), size - at - sizeof(zero));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* checksum.h - FNV-1a 64; for the files of this room. */
#ifndef COMPILER_OBJECT_CHECKSUM_H
#define COMPILER_OBJECT_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

uint64_t object_hash(const void *bytes, size_t length);

/* Of an object, its checksum field taken as 0. */
uint64_t object_checksum(const void *object, size_t size);

#endif

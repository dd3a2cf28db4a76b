/* SPDX-License-Identifier: Apache-2.0 */
/* metadata.h - typed access to the records of the METADATA section; for the files of this room and of compiler/inspect. */
#ifndef COMPILER_IMAGE_METADATA_H
#define COMPILER_IMAGE_METADATA_H

#include <stddef.h>
#include <stdint.h>

#include "compiler/image/format.h"

static inline const struct meta_header *meta_header(const uint8_t *image)
{
	const struct abi_image *header = (const struct abi_image *)image;

	return (const struct meta_header *)(image + header->sections[ABI_SECTION_METADATA].offset);
}

static inline const void *meta_record(const uint8_t *image, enum meta_table table, size_t size, size_t n)
{
	return image + meta_header(image)->tables[table].offset + n * size;
}
#define META_RECORD(image, TABLE, type, n) ((const type *)meta_record((image), META_##TABLE, sizeof(type), (n)))
#define META_COUNT(image, TABLE) ((size_t)meta_header(image)->tables[META_##TABLE].count)

/* NULL for offset 0. */
static inline const char *meta_text(const uint8_t *image, uint32_t offset)
{
	return offset ? (const char *)image + offset : NULL;
}

#endif

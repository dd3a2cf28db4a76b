/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path_glob.h - patterns of whole paths, as rules have them: what each part of one means.
 *
 *   *       any bytes but /, none as well
 *   ?       one byte, but not /
 *   [a-z]   one of these bytes; [!a-z], [^a-z]: one that is none of them; never /
 *   **      a whole part of the pattern: between slashes any number of folders, none as well; at the end all that is below
 *   \x      x itself
 *
 * A pattern begins with / or with ** and /.  One without any / is about the last name alone, in whatever folder.
 */
#ifndef COMPILER_BASE_PATH_GLOB_H
#define COMPILER_BASE_PATH_GLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"

enum path_glob_kind {
	PATH_GLOB_BYTE,		/* one byte of `bytes` */
	PATH_GLOB_NAME,		/* any bytes but /, none as well */
	PATH_GLOB_FOLDERS,	/* nothing, or any bytes and a / */
	PATH_GLOB_REST,		/* any bytes, none as well; the last part */
};
struct path_glob_part { enum path_glob_kind kind; uint64_t bytes[4]; };	/* a bit for each byte */
struct path_glob { struct path_glob_part *parts; size_t count; };

static inline bool path_glob_has(const struct path_glob_part *part, uint8_t byte)
{
	return part->bytes[byte >> 6] >> (byte & 63) & 1;
}

/* NULL, or what is wrong with the pattern (static).  `ret` lives in the arena. */
const char *path_glob_read(const char *bytes, size_t length, struct arena *arena, struct path_glob *ret);

/*
 * What every path begins with, and ends with, that the pattern means; in the arena, and maybe empty.
 *
 * is_exact: it means one path, `head`.  is_all: whatever begins and ends so is meant, so that nothing else need be looked at.
 */
struct path_glob_ends { struct { const char *bytes; size_t length; } head, tail; bool is_exact, is_all; };
struct path_glob_ends path_glob_ends(const struct path_glob *glob, struct arena *arena);

#endif

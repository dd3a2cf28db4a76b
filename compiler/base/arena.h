/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory that is freed all at once.
 *
 * Everything that one compilation makes lives in one arena.  Allocation never returns NULL: when the
 * system has no memory, or a request overflows, arena.c says so on stderr and aborts.  It is the one
 * place in tetra that may; inputs are limited long before (schema/limits.def).
 */
#ifndef COMPILER_BASE_ARENA_H
#define COMPILER_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;	/* newest first */
	size_t used;			/* bytes handed out from the newest block */
	size_t total;			/* bytes handed out in all */
};

/* A zeroed struct arena is empty and ready. */
void arena_release(struct arena *arena);

/* Gives back all that was handed out, and keeps a block of memory for what comes next. */
void arena_reset(struct arena *arena);

/* `count` zeroed objects of `size` bytes, aligned for any type.  count * size may be 0: still unique. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);
#define arena_new(arena, type)			((type *)arena_alloc((arena), 1, sizeof(type)))
#define arena_array(arena, type, count)	((type *)arena_alloc((arena), (count), sizeof(type)))

/* Copies of bytes; both are NUL-terminated one byte past `length`. */
char *arena_copy(struct arena *arena, const void *bytes, size_t length);
char *arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Growing array: returns `items` or a larger copy with room for one more; `*capacity` is updated.
 * Start with NULL and 0.  The old copy stays in the arena.
 */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size);

#endif

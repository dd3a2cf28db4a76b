// SPDX-License-Identifier: Apache-2.0
/* arena.c - bump allocation in blocks that double up to a limit; see arena.h. */
#include "compiler/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, FIRST_BLOCK = 16 << 10, LARGEST_BLOCK = 1 << 20 };

struct arena_block {
	struct arena_block *next;
	size_t size;		/* usable bytes behind the header */
	_Alignas(ALIGNMENT) unsigned char bytes[];
};

static void out_of_memory(void)
{
	fputs("tetra: out of memory\n", stderr);
	abort();
}

static void add_block(struct arena *arena, size_t at_least)
{
	size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
	struct arena_block *block;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < at_least)
		size = at_least;
	block = malloc(sizeof(*block) + size);
	if (!block)
		out_of_memory();
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->used = 0;
}

/* Not zeroed. */
static void *take(struct arena *arena, size_t bytes)
{
	void *result;

	if (bytes > SIZE_MAX / 4)
		out_of_memory();
	bytes = (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT;	/* at least one: pointers differ */
	if (!arena->blocks || arena->blocks->size - arena->used < bytes)
		add_block(arena, bytes);
	result = arena->blocks->bytes + arena->used;
	arena->used += bytes;
	arena->total += bytes;
	return result;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_memory();
	return memset(take(arena, bytes), 0, bytes);
}

char *arena_copy(struct arena *arena, const void *bytes, size_t length)
{
	char *copy = take(arena, length + 1);

	if (length)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
	va_list arguments, again;
	char *text;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		length = 0;
	text = arena_alloc(arena, (size_t)length + 1, 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size)
{
	size_t room = *capacity ? *capacity * 2 : 8;
	void *larger;

	if (count < *capacity)
		return items;
	larger = arena_alloc(arena, room, size);
	if (count)
		memcpy(larger, items, count * size);
	*capacity = room;
	return larger;
}

static void free_blocks(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
}

/* The newest block is the largest. */
void arena_reset(struct arena *arena)
{
	if (!arena->blocks)
		return;
	free_blocks(arena->blocks->next);
	arena->blocks->next = NULL;
	arena->used = arena->total = 0;
}

void arena_release(struct arena *arena)
{
	free_blocks(arena->blocks);
	*arena = (struct arena){ 0 };
}

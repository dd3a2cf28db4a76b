/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buffer.h - bytes that grow: output text and images under construction.
 *
 * A buffer owns its bytes (heap).  Like the arena it aborts when the system has no memory.
 */
#ifndef COMPILER_BASE_BUFFER_H
#define COMPILER_BASE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct buffer {
	char *bytes;		/* NUL-terminated one past length once anything was added; else NULL */
	size_t length;
	size_t capacity;
};

/* A zeroed struct buffer is empty and ready; release leaves it so. */
void buffer_release(struct buffer *buffer);

/* `bytes` must not be the buffer's own: they move when it grows. */
void buffer_add(struct buffer *buffer, const void *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_char(struct buffer *buffer, char c);
void buffer_format(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* In decimal; of a number with fewer digits than `digits`, zeros before them. */
void buffer_add_number(struct buffer *buffer, uint64_t number, unsigned digits);

/* In double quotes: printable bytes as they are, " and \ behind a backslash, the others as \xNN. */
void buffer_add_quoted(struct buffer *buffer, const char *bytes, size_t length);

/* Makes the byte at `at`, which is there, a capital letter if it is a small one of ASCII. */
void buffer_capitalise(struct buffer *buffer, size_t at);

/* Adds `length` zero bytes and returns where they start (valid until the next addition). */
void *buffer_reserve(struct buffer *buffer, size_t length);

/* Adds zero bytes until length is a multiple of `alignment` (a power of two). */
void buffer_align(struct buffer *buffer, size_t alignment);

#endif

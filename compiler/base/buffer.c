// SPDX-License-Identifier: Apache-2.0
/* buffer.c - the one place where byte buffers grow; see buffer.h. */
#include "compiler/base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void grow(struct buffer *buffer, size_t extra)
{
	size_t need, capacity = buffer->capacity ? buffer->capacity : 64;
	char *bytes;

	if (__builtin_add_overflow(buffer->length, extra, &need) || need > SIZE_MAX / 4)
		goto fail;
	need++;			/* for the NUL */
	if (need <= buffer->capacity)
		return;
	while (capacity < need)
		capacity *= 2;
	bytes = realloc(buffer->bytes, capacity);
	if (!bytes)
		goto fail;
	buffer->bytes = bytes;
	buffer->capacity = capacity;
	return;
fail:
	fputs("tetra: out of memory\n", stderr);
	abort();
}

void *buffer_reserve(struct buffer *buffer, size_t length)
{
	void *start;

	grow(buffer, length);
	start = buffer->bytes + buffer->length;
	memset(start, 0, length + 1);
	buffer->length += length;
	return start;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
	const uintptr_t from = (uintptr_t)bytes, own = (uintptr_t)buffer->bytes;

	assert(!length || from < own || from >= own + buffer->capacity);
	grow(buffer, length);
	if (length)
		memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
	buffer->bytes[buffer->length] = '\0';
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void buffer_add_char(struct buffer *buffer, char c)
{
	if (buffer->length + 1 >= buffer->capacity)
		grow(buffer, 1);
	buffer->bytes[buffer->length++] = c;
	buffer->bytes[buffer->length] = '\0';
}

void buffer_add_number(struct buffer *buffer, uint64_t number, unsigned digits)
{
	char text[32], *start = text + sizeof(text);

	assert(digits <= sizeof(text));
	for (; number || start == text + sizeof(text) || start > text + sizeof(text) - digits; number /= 10)
		*--start = (char)('0' + number % 10);
	buffer_add(buffer, start, (size_t)(text + sizeof(text) - start));
}

void buffer_add_quoted(struct buffer *buffer, const char *bytes, size_t length)
{
	buffer_add_char(buffer, '"');
	for (size_t n = 0; n < length; n++) {
		unsigned char c = (unsigned char)bytes[n];

		if (c == '"' || c == '\\')
			buffer_format(buffer, "\\%c", c);
		else if (c < ' ' || c == 127)
			buffer_format(buffer, "\\x%02x", c);
		else
			buffer_add_char(buffer, (char)c);
	}
	buffer_add_char(buffer, '"');
}

void buffer_capitalise(struct buffer *buffer, size_t at)
{
	if (buffer->bytes[at] >= 'a' && buffer->bytes[at] <= 'z')
		buffer->bytes[at] = (char)(buffer->bytes[at] - 'a' + 'A');
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
	va_list arguments, again;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length > 0) {
		grow(buffer, (size_t)length);
		vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, again);
		buffer->length += (size_t)length;
	}
	va_end(again);
}

void buffer_align(struct buffer *buffer, size_t alignment)
{
	size_t rest = buffer->length & (alignment - 1);

	if (rest)
		buffer_reserve(buffer, alignment - rest);
}

void buffer_release(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){ 0 };
}

/* SPDX-License-Identifier: Apache-2.0 */
/* blob.h - type information made by hand: types get ids from `next` on, strings follow those of a base. */
#ifndef TESTS_UNIT_BLOB_H
#define TESTS_UNIT_BLOB_H

#include <string.h>

#include "compiler/kernel/btf.h"

struct blob {
	struct buffer types, strings;
	uint32_t next;			/* id of the next type */
	uint32_t first_string;		/* bytes of the base's strings */
};

static inline void blob_word(struct blob *blob, uint32_t word)
{
	buffer_add(&blob->types, &word, sizeof(word));
}

static inline uint32_t blob_text(struct blob *blob, const char *text)
{
	uint32_t at;

	if (!blob->strings.length && !blob->first_string)
		buffer_add_char(&blob->strings, 0);
	if (!text || !*text)
		return 0;
	at = blob->first_string + (uint32_t)blob->strings.length;
	buffer_add(&blob->strings, text, strlen(text) + 1);
	return at;
}

/* A type; what its kind asks for must follow. */
static inline uint32_t blob_type(struct blob *blob, const char *name, uint32_t kind, uint32_t flag, uint32_t count,
				 uint32_t size_or_type)
{
	blob_word(blob, blob_text(blob, name));
	blob_word(blob, flag << 31 | kind << 24 | count);
	blob_word(blob, size_or_type);
	if (!blob->next)
		blob->next = 1;
	return blob->next++;
}

static inline uint32_t blob_int(struct blob *blob, const char *name, uint32_t encoding, uint32_t size, uint32_t bits)
{
	uint32_t id = blob_type(blob, name, BTF_KIND_INT, 0, 0, size);

	blob_word(blob, encoding << 24 | bits);
	return id;
}

static inline uint32_t blob_pointer(struct blob *blob, uint32_t to)
{
	return blob_type(blob, NULL, BTF_KIND_PTR, 0, 0, to);
}

static inline uint32_t blob_array(struct blob *blob, uint32_t of, uint32_t count)
{
	uint32_t id = blob_type(blob, NULL, BTF_KIND_ARRAY, 0, 0, 0);

	blob_word(blob, of);
	blob_word(blob, of);
	blob_word(blob, count);
	return id;
}

/* Of a structure or union whose count says how many follow; `where` in bits, with the bits of a bit field << 24. */
static inline void blob_member(struct blob *blob, const char *name, uint32_t type, uint32_t where)
{
	blob_word(blob, blob_text(blob, name));
	blob_word(blob, type);
	blob_word(blob, where);
}

static inline void blob_parameter(struct blob *blob, const char *name, uint32_t type)
{
	blob_word(blob, blob_text(blob, name));
	blob_word(blob, type);
}

/* The whole, in `ret`; the blob is released. */
static inline void blob_finish(struct blob *blob, struct buffer *ret)
{
	struct btf_header header = {
		.magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(header), .type_len = (uint32_t)blob->types.length,
		.str_off = (uint32_t)blob->types.length,
	};

	blob_text(blob, NULL);
	header.str_len = (uint32_t)blob->strings.length;
	buffer_add(ret, &header, sizeof(header));
	if (blob->types.length)
		buffer_add(ret, blob->types.bytes, blob->types.length);
	if (blob->strings.length)
		buffer_add(ret, blob->strings.bytes, blob->strings.length);
	buffer_release(&blob->types);
	buffer_release(&blob->strings);
}

#endif

// SPDX-License-Identifier: Apache-2.0
/* unpack.c - see unpack.h.  All three libraries are given all that is packed, and room for a step at a time. */
#include "symbolize/unpack.h"

#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { STEP = 256 << 10, WINDOW_BITS = 27, MEMORY = 160 << 20 };

struct input { const uint8_t *bytes; size_t size, limit; };

/* Room for the next step; NULL: beyond the limit. */
static void *room_for_step(const struct input *input, struct buffer *ret)
{
	return ret->length + STEP > input->limit ? NULL : buffer_reserve(ret, STEP);
}

/* ---- xz ---- */

static enum symbol_why run_xz(lzma_stream *stream, const struct input *input, struct buffer *ret)
{
	lzma_ret status = LZMA_OK;

	while (status == LZMA_OK) {
		stream->next_out = room_for_step(input, ret);
		stream->avail_out = STEP;
		if (!stream->next_out)
			return SYMBOL_TOO_LARGE;
		status = lzma_code(stream, LZMA_FINISH);
		ret->length -= stream->avail_out;
	}
	return status == LZMA_STREAM_END ? SYMBOL_KNOWN : status == LZMA_MEMLIMIT_ERROR ? SYMBOL_TOO_LARGE : SYMBOL_DAMAGED;
}

static enum symbol_why unpack_xz(const struct input *input, struct buffer *ret)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	enum symbol_why why;

	if (lzma_stream_decoder(&stream, MEMORY, LZMA_CONCATENATED) != LZMA_OK)
		return SYMBOL_TOO_LARGE;
	stream.next_in = input->bytes;
	stream.avail_in = input->size;
	why = run_xz(&stream, input, ret);
	lzma_end(&stream);
	return why;
}

/* ---- zstd ---- */

/* 0 is the end of a frame; another one may follow. */
static enum symbol_why run_zstd(ZSTD_DStream *stream, const struct input *input, struct buffer *ret)
{
	ZSTD_inBuffer in = { input->bytes, input->size, 0 };
	size_t left = 1;

	while (left || in.pos < in.size) {
		ZSTD_outBuffer out = { room_for_step(input, ret), STEP, 0 };
		const size_t before = in.pos;

		if (!out.dst)
			return SYMBOL_TOO_LARGE;
		left = ZSTD_decompressStream(stream, &out, &in);
		ret->length -= STEP - out.pos;
		if (ZSTD_isError(left) || (left && !out.pos && in.pos == before))
			return SYMBOL_DAMAGED;
	}
	return SYMBOL_KNOWN;
}

static enum symbol_why unpack_zstd(const struct input *input, struct buffer *ret)
{
	ZSTD_DStream *const stream = ZSTD_createDStream();
	enum symbol_why why = SYMBOL_TOO_LARGE;

	if (stream && !ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, WINDOW_BITS)))
		why = run_zstd(stream, input, ret);
	ZSTD_freeDStream(stream);
	return why;
}

/* ---- gzip ---- */

/* Another one may follow. */
static enum symbol_why run_gzip(z_stream *stream, const struct input *input, struct buffer *ret)
{
	int status = Z_OK;

	while (status == Z_OK) {
		stream->next_out = room_for_step(input, ret);
		stream->avail_out = STEP;
		if (!stream->next_out)
			return SYMBOL_TOO_LARGE;
		status = inflate(stream, Z_NO_FLUSH);
		ret->length -= stream->avail_out;
		if (status == Z_STREAM_END && stream->avail_in)
			status = inflateReset(stream);
	}
	return status == Z_STREAM_END ? SYMBOL_KNOWN : SYMBOL_DAMAGED;
}

static enum symbol_why unpack_gzip(const struct input *input, struct buffer *ret)
{
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)input->bytes, .avail_in = (uInt)input->size };
	enum symbol_why why;

	if (input->size > UINT32_MAX || inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
		return SYMBOL_TOO_LARGE;
	why = run_gzip(&stream, input, ret);
	inflateEnd(&stream);
	return why;
}

/* ---- Which ---- */

static const struct packing {
	uint8_t beginning[UNPACK_BEGINNING], length;
	enum symbol_why (*unpack)(const struct input *input, struct buffer *ret);
} packings[] = {
	{ { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, unpack_xz },
	{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, unpack_zstd },
	{ { 0x1f, 0x8b }, 2, unpack_gzip },
};

const struct packing *const packing_xz = &packings[0];

const struct packing *packing_of(const uint8_t *beginning)
{
	for (size_t n = 0; n < sizeof(packings) / sizeof(*packings); n++)
		if (!memcmp(beginning, packings[n].beginning, packings[n].length))
			return &packings[n];
	return NULL;
}

enum symbol_why unpack(const struct packing *packing, const uint8_t *bytes, size_t size, size_t limit, struct buffer *ret)
{
	return packing->unpack(&(struct input){ bytes, size, limit }, ret);
}

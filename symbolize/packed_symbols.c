// SPDX-License-Identifier: Apache-2.0
/* packed_symbols.c - see packed_symbols.h. */
#include "symbolize/packed_symbols.h"

#include <lzma.h>

#include "schema/schema.h"

enum { STEP = 256 << 10, MEMORY = 128 << 20 };

/* `stream` has a decoder. */
static enum symbol_why unpack(lzma_stream *stream, struct buffer *ret)
{
	lzma_ret status = LZMA_OK;

	while (status == LZMA_OK) {
		if (ret->length + STEP > LIMIT_PACKED_SYMBOLS_BYTES)
			return SYMBOL_TOO_LARGE;
		stream->next_out = buffer_reserve(ret, STEP);
		stream->avail_out = STEP;
		status = lzma_code(stream, LZMA_FINISH);
		ret->length -= stream->avail_out;
	}
	return status == LZMA_STREAM_END ? SYMBOL_KNOWN : status == LZMA_MEMLIMIT_ERROR ? SYMBOL_TOO_LARGE : SYMBOL_DAMAGED;
}

enum symbol_why packed_symbols_unpack(struct binary *binary, struct buffer *ret)
{
	const struct binary_bytes packed = binary_section(binary, ".gnu_debugdata");
	lzma_stream stream = LZMA_STREAM_INIT;
	enum symbol_why why;

	if (!packed.size)
		return SYMBOL_NO_SYMBOLS;
	if (lzma_stream_decoder(&stream, MEMORY, LZMA_CONCATENATED) != LZMA_OK)
		return SYMBOL_TOO_LARGE;
	stream.next_in = packed.bytes;
	stream.avail_in = packed.size;
	why = unpack(&stream, ret);
	lzma_end(&stream);
	return why;
}

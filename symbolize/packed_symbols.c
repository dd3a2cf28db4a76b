// SPDX-License-Identifier: Apache-2.0
/* packed_symbols.c - see packed_symbols.h. */
#include "symbolize/packed_symbols.h"

#include "schema/schema.h"
#include "symbolize/unpack.h"

enum symbol_why packed_symbols_unpack(struct binary *binary, struct buffer *ret)
{
	const struct binary_bytes packed = binary_section(binary, ".gnu_debugdata");

	return packed.size ? unpack(packing_xz, packed.bytes, packed.size, LIMIT_PACKED_SYMBOLS_BYTES, ret) : SYMBOL_NO_SYMBOLS;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* packed_symbols.h - the small file of symbols that distributions leave in stripped programs (MiniDebugInfo): .gnu_debugdata, packed by xz. */
#ifndef SYMBOLIZE_PACKED_SYMBOLS_H
#define SYMBOLIZE_PACKED_SYMBOLS_H

#include "compiler/base/buffer.h"
#include "symbolize/binary.h"

/* The file's bytes, in `ret`, which must be empty; KNOWN, NO_SYMBOLS when the binary has none, DAMAGED, TOO_LARGE. */
enum symbol_why packed_symbols_unpack(struct binary *binary, struct buffer *ret);

#endif

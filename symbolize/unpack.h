/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack.h - bytes that xz, zstd or gzip packed, by their libraries.
 *
 * What is packed may be made to harm: a few bytes stand for any number.  No more than a limit is unpacked, and windows of 128 MiB at most are used.
 */
#ifndef SYMBOLIZE_UNPACK_H
#define SYMBOLIZE_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "compiler/base/buffer.h"
#include "symbolize/frame.h"

enum { UNPACK_BEGINNING = 6 };		/* bytes that tell how a file is packed */

struct packing;

/* By its first bytes, UNPACK_BEGINNING of them; NULL: it is not packed. */
const struct packing *packing_of(const uint8_t *beginning);

/* Of xz, whatever the bytes begin with. */
extern const struct packing *const packing_xz;

/* All of it in `ret`, which must be empty: KNOWN, DAMAGED, TOO_LARGE.  More than `limit` bytes are never in it. */
enum symbol_why unpack(const struct packing *packing, const uint8_t *bytes, size_t size, size_t limit, struct buffer *ret);

#endif

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * chunks.bpf.h - values that are longer than an event has room for (maxData): their rest, in records of its own.
 *
 * All of it in one record would take its largest size out of the ring buffer for every event, since what is reserved has a constant
 * size, or as much working memory for every run of a program.  Chunks are read straight into the ring buffer, and come before
 * the event that they belong to: whoever has read the event knows all that there is of it, and waits for nothing.
 */
#ifndef BPF_TEMPLATES_CHUNKS_BPF_H
#define BPF_TEMPLATES_CHUNKS_BPF_H

#include "bpf-templates/arguments.bpf.h"

#define CHUNKS_MAX	96u	/* of one value: large ones and, once one could not be read, one for each page */
_Static_assert(CHUNKS_MAX > ABI_CHUNKS_BYTES / ABI_CHUNK_SMALL + ABI_CHUNK_LARGE / ABI_CHUNK_SMALL + 2, "in any case to the end");

enum chunk_result { CHUNK_SENT = 0, CHUNK_END = 1, CHUNK_NO_ROOM = 2, CHUNK_UNREADABLE = 3 };

struct chunk_large { struct abi_chunk head; __u8 bytes[ABI_CHUNK_LARGE]; };
struct chunk_small { struct abi_chunk head; __u8 bytes[ABI_CHUNK_SMALL]; };

static __always_inline void chunk_head(struct scratch *piece, struct abi_chunk *chunk, __u32 size, __u32 length, __u32 state)
{
	chunk->size = size;
	chunk->kind = ABI_EVENT_CHUNK;
	chunk->slot = piece->chunks.slot;
	chunk->state = state;
	chunk->reserved = 0;
	chunk->time = piece->time;
	chunk->hook = piece->hook_id;
	chunk->tid = piece->identity;
	chunk->chunks = piece->request.failure >> 32;
	chunk->offset = piece->chunks.offset;
	chunk->length = length;
	chunk->reserved2 = 0;
}

static __always_inline int chunk_send_large(struct scratch *piece)
{
	struct chunk_large *chunk = bpf_ringbuf_reserve(&events, sizeof(*chunk), 0);

	if (!chunk)
		return CHUNK_NO_ROOM;
	if (read_memory(piece, chunk->bytes, sizeof(chunk->bytes), piece->chunks.address)) {
		bpf_ringbuf_discard(chunk, 0);
		return CHUNK_UNREADABLE;
	}
	chunk_head(piece, &chunk->head, sizeof(*chunk), ABI_CHUNK_LARGE, ABI_SLOT_READ);
	bpf_ringbuf_submit(chunk, 0);
	return CHUNK_SENT;
}

/* `length` of 1 to ABI_CHUNK_SMALL bytes, said in a way that no verifier forgets. */
static __always_inline long chunk_read_small(struct scratch *piece, void *target, __u32 length)
{
	__u64 address = piece->chunks.address, last = length - 1;

	barrier_var(last);
	last = (last & (ABI_CHUNK_SMALL - 1)) + 1;
	if (!address_is_kernel(address))
		return bpf_probe_read_user(target, last, (void *)address);
	return piece->user_only ? -1 : bpf_probe_read_kernel(target, last, (void *)address);
}

/* To the end of the page at most, so that what can be read is told from what cannot. */
static __always_inline int chunk_send_small(struct scratch *piece, __u32 length)
{
	struct chunk_small *chunk = bpf_ringbuf_reserve(&events, sizeof(*chunk), 0);

	if (!chunk)
		return CHUNK_NO_ROOM;
	if (chunk_read_small(piece, chunk->bytes, length)) {
		bpf_ringbuf_discard(chunk, 0);
		return CHUNK_UNREADABLE;
	}
	chunk_head(piece, &chunk->head, sizeof(*chunk), length, ABI_SLOT_READ);
	bpf_ringbuf_submit(chunk, 0);
	return CHUNK_SENT;
}

/* What is at this place cannot be read: else the reader would take it for lost. */
static __always_inline void chunk_send_mark(struct scratch *piece)
{
	struct abi_chunk *chunk = bpf_ringbuf_reserve(&events, sizeof(*chunk), 0);

	if (!chunk)
		return;
	chunk_head(piece, chunk, sizeof(*chunk), 0, ABI_SLOT_FAULT);
	bpf_ringbuf_submit(chunk, 0);
}

static __always_inline void chunks_advance(struct scratch *piece, __u32 length)
{
	piece->chunks.address += length;
	piece->chunks.offset += length;
}

/* The next chunk of the value that piece->chunks is about; an enum chunk_result, SENT when there may be more. */
__noinline int chunk_send(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	__u32 left, length;
	int result;

	if (!piece || piece->chunks.offset >= piece->chunks.end)
		return CHUNK_END;
	left = piece->chunks.end - piece->chunks.offset;
	if (left >= ABI_CHUNK_LARGE && !piece->chunks.is_small) {
		result = chunk_send_large(piece);
		if (result == CHUNK_SENT)
			chunks_advance(piece, ABI_CHUNK_LARGE);
		if (result != CHUNK_UNREADABLE)
			return result;
		piece->chunks.is_small = 1;
	}
	length = ABI_CHUNK_SMALL - (piece->chunks.address & (ABI_CHUNK_SMALL - 1));
	if (length > left)
		length = left;
	result = chunk_send_small(piece, length);
	if (result == CHUNK_SENT)
		chunks_advance(piece, length);
	if (result == CHUNK_UNREADABLE)
		chunk_send_mark(piece);
	return result;
}

/* A number that none of those has whose records can still be in the ring buffer, or with a reader. */
static __always_inline void chunks_number(struct scratch *piece)
{
	if (piece->request.failure >> 32)
		return;
	piece->chunks_sent = piece->chunks_sent % 0xffff + 1;
	piece->request.failure |= (__u64)(piece->index << 16 | piece->chunks_sent) << 32;
}

/* What lies behind the bytes that the slot has.  `slot` has bytes that were cut. */
__noinline int chunks_send_slot(__u32 index, __u32 slot)
{
	struct scratch *piece = scratch_get(index);
	struct abi_event_slot *entry;
	__u32 n;

	if (!piece)
		return 0;
	entry = match_slot(&piece->match, slot);
	entry->extra = ABI_EXTRA_CHUNKS;
	chunks_number(piece);
	piece->user_only = slot_is_of_user(piece, slot_descriptor(piece->match.image, piece->match.hook, slot));
	piece->chunks.slot = slot;
	piece->chunks.is_small = 0;
	piece->chunks.offset = entry->length;
	piece->chunks.end = entry->value < ABI_CHUNKS_BYTES ? entry->value : ABI_CHUNKS_BYTES;
	piece->chunks.address = *long_value(piece, slot) + entry->length;
	for (n = 0; n < CHUNKS_MAX; n++)
		if (chunk_send(index))
			break;
	return 0;
}

/* Of the values that the event of piece->request reports. */
__noinline int chunks_send(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	__u32 slot, report;

	if (!piece)
		return 0;
	report = piece->request.report_slots;
	for (slot = 0; slot < ABI_SLOTS_MAX; slot++) {
		if (!(report >> slot))
			break;
		if (report >> slot & 1 && match_slot(&piece->match, slot)->state == ABI_SLOT_CUT &&
		    SLOT_FLAGS(slot_second(piece, slot)) & ABI_SLOT_MAX_DATA)
			chunks_send_slot(index, slot);
	}
	return 0;
}

#endif

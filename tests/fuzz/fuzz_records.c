// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_records.c - records of the ring buffer, in any order and of any kind, put together as the reader of events does.
 *
 * The input is a list of records.  When its first bit is set, they are any bytes: two bytes of length, then so many.  Else four bytes make a
 * record, of one of few events, and the values' bytes say whose they are and where they belong: whatever is put together must be right.
 * Never bytes of another event, nothing behind a gap, and what is called whole is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/calls.h"
#include "runtime/event_chunks.h"
#include "schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OWN = 16, RECORD_MAX = 1024, SPELLED = 4 };

static void require(bool holds)
{
	if (!holds)
		abort();
}

static uint8_t byte_of(const struct abi_event *whose, uint32_t slot, uint64_t position)
{
	return (uint8_t)(whose->time * 3 + whose->hook * 5 + whose->tid * 11 + (whose->chunks >> 16) * 17 + whose->chunks * 29 + slot * 31 +
			 position * 7 + position / 256);
}

enum { HEAD = offsetof(struct abi_event, slots) + 2 * sizeof(struct abi_event_slot) };
_Static_assert(sizeof(struct abi_event) + 2 * OWN < RECORD_MAX && sizeof(struct abi_chunk) + 64 < RECORD_MAX, "RECORD_MAX");

/* What four bytes spell: bit 0 is the kind, then come the event, the slot and the state. */
static void make_chunk(const uint8_t *spelled, const struct abi_event *whose, struct abi_chunk *ret)
{
	*ret = (struct abi_chunk){
		.kind = ABI_EVENT_CHUNK, .slot = spelled[0] >> 4 & 1, .state = spelled[0] >> 5 ? ABI_SLOT_READ : ABI_SLOT_FAULT,
		.time = whose->time, .hook = whose->hook, .tid = whose->tid, .chunks = whose->chunks,
		.offset = OWN + spelled[1] % 32u, .length = spelled[2] % 64u,
	};
	ret->size = (uint32_t)sizeof(*ret) + ret->length;
	for (uint32_t n = 0; n < ret->length; n++)
		((uint8_t *)(ret + 1))[n] = byte_of(whose, ret->slot, ret->offset + n);
}

static void make_call(const uint8_t *spelled, const struct abi_event *whose, struct abi_event *ret)
{
	memcpy(ret, whose, offsetof(struct abi_event, slots));
	ret->kind = spelled[0] >> 5 ? ABI_EVENT_HOOK : ABI_EVENT_RETURN;
	ret->slot_count = 2;
	ret->size = HEAD + 2 * OWN;
	for (uint32_t slot = 0; slot < 2; slot++) {
		ret->slots[slot] = (struct abi_event_slot){ .value = OWN + 1 + spelled[1 + slot] % 128u, .offset = HEAD + slot * OWN,
							    .length = OWN, .state = ABI_SLOT_CUT, .extra = ABI_EXTRA_CHUNKS };
		for (uint32_t n = 0; n < OWN; n++)
			((uint8_t *)ret)[ret->slots[slot].offset + n] = byte_of(whose, slot, n);
	}
}

static void make_record(const uint8_t *spelled, void *ret)
{
	static const struct abi_event events[] = {
		{ .time = 5, .entry_time = 5, .hook = 7, .tid = 9, .chunks = 0x10001 }, { .time = 5, .entry_time = 5, .hook = 7, .tid = 9, .chunks = 0x20001 },
		{ .time = 6, .entry_time = 6, .hook = 7, .tid = 9, .chunks = 0x10001 }, { .time = 5, .entry_time = 5, .hook = 7, .tid = 9, .chunks = 0x10002 },
		{ .time = 5, .entry_time = 5, .hook = 7, .tid = 9, .chunks = 0x30001 }, { .time = 5, .entry_time = 5, .hook = 7, .tid = 10, .chunks = 0x30001 },
		{ .time = 5, .entry_time = 5, .hook = 7, .tid = 9, .chunks = 0 }, { .time = 5, .entry_time = 5, .hook = 8, .tid = 9, .chunks = 0x30001 },
	};
	const struct abi_event *whose = &events[spelled[0] >> 1 & 7];

	if (spelled[0] & 1)
		make_chunk(spelled, whose, ret);
	else
		make_call(spelled, whose, ret);
}

/* All that anybody asks of it is there. */
static void read_slots(const struct event *event)
{
	volatile uint8_t sum = 0;

	for (unsigned n = 0; event->hook && n < ABI_SLOTS_MAX + 1; n++) {
		const struct event_slot slot = event_slot(event, n);

		for (size_t i = 0; i < slot.length; i++)
			sum = (uint8_t)(sum + slot.bytes[i]);
		event_socket(&slot);
	}
	event_happened(event);
	if (!event->chunk)
		event_process(event);
}

static void check_call(const struct event *event)
{
	for (uint32_t n = 0; n < 2; n++) {
		const struct event_slot slot = event_slot(event, n);

		require(slot.length >= OWN && slot.length <= slot.value);
		for (size_t i = 0; i < slot.length; i++)
			require(slot.bytes[i] == byte_of(event->hook, n, i));
		require((slot.state == ABI_SLOT_READ) == (slot.length == slot.value) || !event->hook->chunks);
		require((slot.missing == EVENT_MISSING_NOTHING) == (slot.length == slot.value) || !event->hook->chunks);
	}
}

static void take_call(struct calls *calls, const struct event *event)
{
	struct event entry;

	if (event->hook->kind != ABI_EVENT_RETURN) {
		calls_add(calls, event);
		return;
	}
	if (!calls_take(calls, event, &entry))
		return;
	read_slots(&entry);
	free((void *)entry.bytes);
}

static void take(struct event_chunks *chunks, struct calls *calls, const void *record, size_t size, bool is_made)
{
	struct event event, whole;
	bool joined;

	if (event_read(record, size, &event))
		return;
	read_slots(&event);
	if (event.chunk)
		event_chunks_add(chunks, &event);
	joined = event.hook && event_chunks_join(chunks, &event, &whole);
	if (joined)
		read_slots(&whole);
	if (event.hook && is_made)
		check_call(joined ? &whole : &event);
	if (event.hook)
		take_call(calls, joined ? &whole : &event);
	if (joined)
		free((void *)whole.bytes);
	require(event_chunks_kept(chunks) <= LIMIT_CHUNK_BYTES);
}

static void take_made(struct event_chunks *chunks, struct calls *calls, const uint8_t *data, size_t size)
{
	_Alignas(8) uint8_t record[RECORD_MAX] = { 0 };

	for (; size >= SPELLED; data += SPELLED, size -= SPELLED) {
		make_record(data, record);
		take(chunks, calls, record, sizeof(record), true);
	}
}

/* Each in memory of its own size, so that whoever reads beyond it is caught. */
static void take_raw(struct event_chunks *chunks, struct calls *calls, const uint8_t *data, size_t size)
{
	while (size > 2) {
		size_t length = data[0] | data[1] << 8;
		uint8_t *record;

		data += 2;
		size -= 2;
		length = length < size ? length : size;
		record = malloc(length ? length : 1);
		memcpy(record, data, length);
		take(chunks, calls, record, length, false);
		free(record);
		data += length;
		size -= length;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event_chunks *chunks = event_chunks_new();
	struct calls *calls = calls_new();

	if (size && *data & 1)
		take_raw(chunks, calls, data + 1, size - 1);
	else if (size)
		take_made(chunks, calls, data + 1, size - 1);
	event_chunks_free(chunks);
	calls_free(calls);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* event_chunks.c - a list in order of arrival; the event comes right after its chunks, so that what is looked for is the newest.  See event_chunks.h. */
#include "runtime/event_chunks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/buffer.h"
#include "schema/schema.h"

/* What of one value has come in one piece. */
struct part {
	struct buffer bytes;
	uint32_t start;			/* in the value */
	bool is_begun, is_ended;	/* ended: what comes later is not to be put behind it */
	enum event_missing missing;	/* why it ended */
};

struct waiting {
	struct waiting *older;
	uint64_t time;
	uint32_t hook, tid, chunks;
	struct part parts[ABI_SLOTS_MAX];
};

struct event_chunks {
	struct waiting *newest;
	size_t kept;
};

/* One event always has room. */
_Static_assert(LIMIT_CHUNK_BYTES >= sizeof(struct waiting) + 2ull * ABI_SLOTS_MAX * ABI_CHUNKS_BYTES, "LIMIT_CHUNK_BYTES");

/* ---- The list ---- */

struct event_chunks *event_chunks_new(void)
{
	struct event_chunks *chunks = calloc(1, sizeof(*chunks));

	if (!chunks)
		abort();
	return chunks;
}

/* Takes what *link points to out of the list. */
static void drop(struct event_chunks *chunks, struct waiting **link)
{
	struct waiting *waiting = *link;

	*link = waiting->older;
	chunks->kept -= sizeof(*waiting);
	for (size_t n = 0; n < ABI_SLOTS_MAX; n++) {
		chunks->kept -= waiting->parts[n].bytes.capacity;
		buffer_release(&waiting->parts[n].bytes);
	}
	free(waiting);
}

void event_chunks_free(struct event_chunks *chunks)
{
	while (chunks && chunks->newest)
		drop(chunks, &chunks->newest);
	free(chunks);
}

static bool belongs(const struct waiting *waiting, uint64_t time, uint32_t hook, uint32_t tid, uint32_t number)
{
	return waiting->time == time && waiting->hook == hook && waiting->tid == tid && waiting->chunks == number;
}

/* Of one piece of working memory only the newest event can still come. */
static void drop_older(struct event_chunks *chunks, uint32_t number)
{
	for (struct waiting **link = &chunks->newest; *link;)
		if ((*link)->chunks >> 16 == number >> 16)
			drop(chunks, link);
		else
			link = &(*link)->older;
}

static struct waiting *find_or_make(struct event_chunks *chunks, const struct abi_chunk *chunk)
{
	struct waiting *waiting = chunks->newest;

	while (waiting && !belongs(waiting, chunk->time, chunk->hook, chunk->tid, chunk->chunks))
		waiting = waiting->older;
	if (waiting)
		return waiting;
	drop_older(chunks, chunk->chunks);
	waiting = calloc(1, sizeof(*waiting));
	if (!waiting)
		abort();
	waiting->time = chunk->time;
	waiting->hook = chunk->hook;
	waiting->tid = chunk->tid;
	waiting->chunks = chunk->chunks;
	waiting->older = chunks->newest;
	chunks->newest = waiting;
	chunks->kept += sizeof(*waiting);
	return waiting;
}

/* Drops the oldest of them, but not `keep`. */
static void keep_within_limit(struct event_chunks *chunks, const struct waiting *keep)
{
	while (chunks->kept > LIMIT_CHUNK_BYTES) {
		struct waiting **oldest = NULL;

		for (struct waiting **link = &chunks->newest; *link; link = &(*link)->older)
			if (*link != keep)
				oldest = link;
		if (!oldest)
			return;
		drop(chunks, oldest);
	}
}

/* ---- Chunks ---- */

static void end(struct part *part, enum event_missing missing)
{
	part->is_ended = true;
	part->missing = missing;
}

static void add_bytes(struct part *part, const struct abi_chunk *chunk)
{
	if (!part->is_begun) {
		part->is_begun = true;
		part->start = chunk->offset;
	}
	if (part->is_ended)
		return;
	if (chunk->offset != part->start + part->bytes.length)
		end(part, EVENT_MISSING_LOST);
	else if (chunk->state == ABI_SLOT_FAULT)
		end(part, EVENT_MISSING_UNREADABLE);
	else if (chunk->state == ABI_SLOT_READ)
		buffer_add(&part->bytes, chunk + 1, chunk->length);
}

void event_chunks_add(struct event_chunks *chunks, const struct event *event)
{
	struct waiting *waiting = find_or_make(chunks, event->chunk);
	struct part *part = &waiting->parts[event->chunk->slot];
	const size_t before = part->bytes.capacity;

	add_bytes(part, event->chunk);
	chunks->kept += part->bytes.capacity - before;
	keep_within_limit(chunks, waiting);
}

/* ---- Events ---- */

static bool goes_on(const struct event_slot *slot)
{
	return slot->state == ABI_SLOT_CUT && slot->extra == ABI_EXTRA_CHUNKS;
}

/* The value of a slot, with what `part` (NULL: nothing came) adds to it. */
static void join_slot(const struct event_slot *slot, uint32_t number, const struct part *part, struct buffer *ret)
{
	const uint64_t most = slot->value < ABI_CHUNKS_BYTES ? slot->value : ABI_CHUNKS_BYTES;
	const bool fits = part && part->is_begun && part->start == slot->length && slot->length + part->bytes.length <= most;
	const size_t length = fits ? part->bytes.length : 0;
	struct event_long head = { .slot = number, .length = slot->length + length };

	if (head.length != most)
		head.missing = fits && part->missing == EVENT_MISSING_UNREADABLE ? EVENT_MISSING_UNREADABLE : EVENT_MISSING_LOST;
	buffer_add(ret, &head, sizeof(head));
	buffer_add(ret, slot->bytes ? slot->bytes : (const uint8_t *)"", slot->length);
	buffer_add(ret, length ? part->bytes.bytes : "", length);
	buffer_align(ret, 8);
}

static void join_slots(const struct event *event, const struct waiting *waiting, struct buffer *ret)
{
	for (uint32_t n = 0; n < event->hook->slot_count; n++) {
		const struct event_slot slot = event_slot(event, n);

		if (goes_on(&slot))
			join_slot(&slot, n, waiting ? &waiting->parts[n] : NULL, ret);
	}
}

bool event_chunks_join(struct event_chunks *chunks, const struct event *event, struct event *ret)
{
	const struct abi_event *hook = event->hook;
	struct waiting **link = &chunks->newest;
	struct buffer whole = { 0 };
	size_t record;
	int failed;

	if (!hook->chunks)
		return false;
	while (*link && !belongs(*link, hook->time, hook->hook, hook->tid, hook->chunks))
		link = &(*link)->older;
	buffer_add(&whole, event->bytes, event->size);
	buffer_align(&whole, 8);
	record = whole.length;
	join_slots(event, *link, &whole);
	if (*link)
		drop(chunks, link);
	failed = event_read(whole.bytes, event->size, ret);
	assert(!failed);
	ret->joined = whole.length - record;
	return true;
}

size_t event_chunks_kept(const struct event_chunks *chunks)
{
	return chunks->kept;
}

// SPDX-License-Identifier: Apache-2.0
/* test_event_chunks.c - long values put together of their chunks: in order, with gaps, of many events at once, hostile; and as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/calls.h"
#include "runtime/event_chunks.h"
#include "runtime/event_json.h"
#include "schema/schema.h"
#include "tests/unit/built.h"

enum { OWN = 4095 };	/* bytes of a long value that are in the event itself */

/* ---- Events: their bytes say whose they are ---- */

struct identity { uint64_t time; uint32_t hook, tid, chunks; };

static const struct identity identities[] = {
	{ 1000, 7, 40, 5 << 16 | 1 },
	{ 1000, 7, 40, 6 << 16 | 1 },	/* another piece of working memory: nested, or on another processor */
	{ 1001, 7, 40, 5 << 16 | 1 },	/* each differs from the first in one thing alone */
	{ 1000, 8, 40, 5 << 16 | 1 },
	{ 1000, 7, 41, 5 << 16 | 1 },
	{ 1000, 7, 40, 5 << 16 | 2 },
};

static uint8_t byte_of(const struct identity *who, uint32_t slot, uint32_t position)
{
	return (uint8_t)(who->time * 3 + who->hook * 5 + who->tid * 11 + (who->chunks >> 16) * 17 + who->chunks * 29 + slot * 31 +
			 position * 7 + position / 256);
}

static void add_chunk(struct event_chunks *chunks, const struct identity *who, uint32_t slot, uint32_t offset, uint32_t length,
		      uint8_t state)
{
	struct abi_chunk *chunk = calloc(1, sizeof(*chunk) + length);
	struct event event;

	*chunk = (struct abi_chunk){ .size = (uint32_t)sizeof(*chunk) + length, .kind = ABI_EVENT_CHUNK, .slot = (uint8_t)slot, .state = state,
				     .time = who->time, .hook = who->hook, .tid = who->tid, .chunks = who->chunks,
				     .offset = offset, .length = length };
	for (uint32_t n = 0; n < length; n++)
		((uint8_t *)(chunk + 1))[n] = byte_of(who, slot, offset + n);
	assert_int_equal(event_read(chunk, chunk->size, &event), 0);
	event_chunks_add(chunks, &event);
	free(chunk);
}

/* An event both of whose slots are long values of `whole` bytes.  free() it. */
static struct abi_event *make_event(const struct identity *who, uint64_t whole)
{
	enum { HEAD = offsetof(struct abi_event, slots) + 2 * sizeof(struct abi_event_slot) };
	struct abi_event *event = calloc(1, HEAD + 2 * (OWN + 1));

	event->size = HEAD + 2 * (OWN + 1);
	event->kind = ABI_EVENT_HOOK;
	event->slot_count = 2;
	event->time = who->time;
	event->hook = who->hook;
	event->tgid = event->tid = who->tid;
	event->chunks = who->chunks;
	for (uint32_t slot = 0; slot < 2; slot++) {
		event->slots[slot] = (struct abi_event_slot){ .value = whole, .offset = HEAD + slot * (OWN + 1), .length = OWN,
							      .state = ABI_SLOT_CUT, .extra = ABI_EXTRA_CHUNKS };
		for (uint32_t n = 0; n < OWN; n++)
			((uint8_t *)event)[HEAD + slot * (OWN + 1) + n] = byte_of(who, slot, n);
	}
	return event;
}

static struct event view_of(const struct abi_event *raw)
{
	struct event event;

	assert_int_equal(event_read(raw, raw->size, &event), 0);
	return event;
}

/* The slot has `length` bytes of `whole`, each where it belongs. */
static bool slot_is(const struct event *event, const struct identity *who, uint32_t number, uint64_t whole, size_t length, unsigned missing)
{
	const struct event_slot slot = event_slot(event, number);

	for (size_t n = 0; n < slot.length; n++)
		if (slot.bytes[n] != byte_of(who, number, (uint32_t)n))
			return false;
	if (slot.length != length || slot.missing != missing || slot.state != (length == whole ? ABI_SLOT_READ : ABI_SLOT_CUT)) {
		print_message("# slot %u: %zu bytes, missing %u, state %u\n", number, slot.length, slot.missing, slot.state);
		return false;
	}
	return true;
}

/* ---- Rows ---- */

#define MISSING(name)	EVENT_MISSING_##name
enum { CHUNK = 'c', FAULT = 'f', EVENT = 'e' };

static const struct row {
	const char *shows;
	struct {
		char what;
		uint8_t who, slot;
		uint32_t a, b;		/* CHUNK, FAULT: offset and length; EVENT: the value's length, and how much of it `slot` has */
		unsigned missing;	/* EVENT: of `slot` */
	} steps[10];
} rows[] = {
	{ "one chunk", { { CHUNK, 0, 0, OWN, 105, 0 }, { EVENT, 0, 0, OWN + 105, OWN + 105, MISSING(NOTHING) } } },
	{ "three in order", { { CHUNK, 0, 1, OWN, 9000, 0 }, { CHUNK, 0, 1, OWN + 9000, 1, 0 }, { CHUNK, 0, 1, OWN + 9001, 500, 0 },
			      { EVENT, 0, 1, OWN + 9501, OWN + 9501, MISSING(NOTHING) } } },
	{ "none came", { { EVENT, 0, 0, 9000, OWN, MISSING(LOST) } } },
	{ "the first is missing", { { CHUNK, 0, 0, 5000, 1000, 0 }, { EVENT, 0, 0, 6000, OWN, MISSING(LOST) } } },
	{ "one in the middle is missing", { { CHUNK, 0, 0, OWN, 905, 0 }, { CHUNK, 0, 0, 6000, 1000, 0 }, { CHUNK, 0, 0, 7000, 1000, 0 },
					    { EVENT, 0, 0, 8000, 5000, MISSING(LOST) } } },
	{ "the last is missing", { { CHUNK, 0, 0, OWN, 905, 0 }, { EVENT, 0, 0, 8000, 5000, MISSING(LOST) } } },
	{ "one comes twice", { { CHUNK, 0, 0, OWN, 905, 0 }, { CHUNK, 0, 0, OWN, 905, 0 }, { CHUNK, 0, 0, 5000, 1000, 0 },
			       { EVENT, 0, 0, 6000, 5000, MISSING(LOST) } } },
	{ "they come backwards", { { CHUNK, 0, 0, 5000, 1000, 0 }, { CHUNK, 0, 0, OWN, 905, 0 }, { EVENT, 0, 0, 6000, OWN, MISSING(LOST) } } },
	{ "the rest cannot be read", { { CHUNK, 0, 0, OWN, 905, 0 }, { FAULT, 0, 0, 5000, 0, 0 },
				       { EVENT, 0, 0, 8000, 5000, MISSING(UNREADABLE) } } },
	{ "nothing behind the event's own bytes can be read", { { FAULT, 0, 0, OWN, 0, 0 }, { EVENT, 0, 0, 8000, OWN, MISSING(UNREADABLE) } } },
	{ "something was lost before what cannot be read", { { FAULT, 0, 0, 5000, 0, 0 }, { EVENT, 0, 0, 8000, OWN, MISSING(LOST) } } },
	{ "nothing is put behind what cannot be read", { { FAULT, 0, 0, OWN, 0, 0 }, { CHUNK, 0, 0, OWN, 905, 0 },
							 { EVENT, 0, 0, 5000, OWN, MISSING(UNREADABLE) } } },
	{ "of two values of an event", { { CHUNK, 0, 0, OWN, 905, 0 }, { CHUNK, 0, 1, OWN, 5, 0 }, { CHUNK, 0, 1, OWN + 5, 900, 0 },
					 { EVENT, 0, 1, 5000, 5000, MISSING(NOTHING) }, { EVENT, 0, 0, 5000, OWN, MISSING(LOST) } } },
	{ "of one of two values", { { CHUNK, 0, 1, OWN, 905, 0 }, { EVENT, 0, 0, 5000, OWN, MISSING(LOST) } } },
	{ "an event takes its chunks once", { { CHUNK, 0, 0, OWN, 905, 0 }, { EVENT, 0, 0, 5000, 5000, MISSING(NOTHING) },
					      { EVENT, 0, 0, 5000, OWN, MISSING(LOST) } } },
	{ "two events of one thread and moment, mixed", { { CHUNK, 0, 0, OWN, 905, 0 }, { CHUNK, 1, 0, OWN, 100, 0 },
		{ CHUNK, 1, 0, OWN + 100, 805, 0 }, { CHUNK, 0, 0, 5000, 1000, 0 },
		{ EVENT, 1, 0, 5000, 5000, MISSING(NOTHING) }, { EVENT, 0, 0, 6000, 6000, MISSING(NOTHING) } } },
	{ "of another time", { { CHUNK, 0, 0, OWN, 905, 0 }, { EVENT, 2, 0, 5000, OWN, MISSING(LOST) } } },
	{ "of another hook", { { CHUNK, 0, 0, OWN, 905, 0 }, { EVENT, 3, 0, 5000, OWN, MISSING(LOST) } } },
	{ "of another thread", { { CHUNK, 0, 0, OWN, 905, 0 }, { EVENT, 4, 0, 5000, OWN, MISSING(LOST) } } },
	{ "of another number", { { CHUNK, 0, 0, OWN, 905, 0 }, { EVENT, 5, 0, 5000, OWN, MISSING(LOST) } } },
	{ "an event that never came makes room for the next of its memory", { { CHUNK, 0, 0, OWN, 905, 0 }, { CHUNK, 5, 0, OWN, 905, 0 },
		{ EVENT, 0, 0, 5000, OWN, MISSING(LOST) }, { EVENT, 5, 0, 5000, 5000, MISSING(NOTHING) } } },
	{ "one begins where another ends", { { CHUNK, 0, 0, OWN, 905, 0 }, { CHUNK, 1, 0, 5000, 1000, 0 },
					     { EVENT, 0, 0, 6000, 5000, MISSING(LOST) }, { EVENT, 1, 0, 6000, OWN, MISSING(LOST) } } },
	{ "more bytes than the value has", { { CHUNK, 0, 0, OWN, 906, 0 }, { EVENT, 0, 0, 5000, OWN, MISSING(LOST) } } },
	{ "a value shorter than what the event has of it", { { CHUNK, 0, 0, OWN, 906, 0 }, { EVENT, 0, 0, 5, OWN, MISSING(LOST) } } },
	{ "the longest", { { CHUNK, 0, 0, OWN, ABI_CHUNKS_BYTES - OWN, 0 }, { EVENT, 0, 0, ABI_CHUNKS_BYTES, ABI_CHUNKS_BYTES, 0 } } },
	{ "a value longer than what is sent is as whole as it can be", { { CHUNK, 0, 0, OWN, ABI_CHUNKS_BYTES - OWN, 0 },
		{ EVENT, 0, 0, UINT32_MAX, ABI_CHUNKS_BYTES, MISSING(NOTHING) } } },
};

static bool event_joins(struct event_chunks *chunks, const struct identity *who, uint32_t slot, uint64_t whole, size_t length,
			unsigned missing)
{
	struct abi_event *raw = make_event(who, whole);
	const struct event event = view_of(raw);
	struct event joined;
	bool good = event_chunks_join(chunks, &event, &joined) && slot_is(&joined, who, slot, whole, length, missing);

	free((void *)joined.bytes);
	free(raw);
	return good;
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct event_chunks *chunks = event_chunks_new();

		print_message("# %s\n", rows[n].shows);
		for (size_t i = 0; i < 10 && rows[n].steps[i].what; i++) {
			const struct identity *who = &identities[rows[n].steps[i].who];
			const uint32_t slot = rows[n].steps[i].slot, a = rows[n].steps[i].a, b = rows[n].steps[i].b;

			if (rows[n].steps[i].what == EVENT)
				assert_true(event_joins(chunks, who, slot, a, b, rows[n].steps[i].missing));
			else
				add_chunk(chunks, who, slot, a, b, rows[n].steps[i].what == CHUNK ? ABI_SLOT_READ : ABI_SLOT_FAULT);
		}
		event_chunks_free(chunks);
	}
}

/* ---- Bounds ---- */

static void test_memory_is_bounded(void **state)
{
	struct event_chunks *chunks = event_chunks_new();
	struct identity who = { 1000, 7, 40, 0 }, first = { 1000, 7, 40, 1 << 16 | 1 };
	size_t most = 0;

	(void)state;
	for (uint32_t n = 1; n <= 300; n++) {
		who.chunks = n << 16 | 1;
		add_chunk(chunks, &who, 0, OWN, ABI_CHUNKS_BYTES - OWN, ABI_SLOT_READ);
		most = event_chunks_kept(chunks) > most ? event_chunks_kept(chunks) : most;
	}
	assert_true(most <= LIMIT_CHUNK_BYTES && most > LIMIT_CHUNK_BYTES / 2);
	assert_true(event_joins(chunks, &who, 0, ABI_CHUNKS_BYTES, ABI_CHUNKS_BYTES, EVENT_MISSING_NOTHING));
	assert_true(event_joins(chunks, &first, 0, ABI_CHUNKS_BYTES, OWN, EVENT_MISSING_LOST));
	for (uint32_t n = 1; n <= 300; n++) {
		who.chunks = n << 16 | 1;
		event_joins(chunks, &who, 1, ABI_CHUNKS_BYTES, OWN, EVENT_MISSING_LOST);
	}
	assert_int_equal(event_chunks_kept(chunks), 0);
	event_chunks_free(chunks);
}

/* All that one event can have, as a hostile ring buffer fills it: the event itself is never dropped for it. */
static void test_one_event_has_room(void **state)
{
	struct event_chunks *chunks = event_chunks_new();

	(void)state;
	for (uint32_t slot = 0; slot < ABI_SLOTS_MAX; slot++)
		add_chunk(chunks, &identities[0], slot, OWN, ABI_CHUNKS_BYTES - OWN, ABI_SLOT_READ);
	assert_true(event_chunks_kept(chunks) <= LIMIT_CHUNK_BYTES);
	assert_true(event_joins(chunks, &identities[0], 0, ABI_CHUNKS_BYTES, ABI_CHUNKS_BYTES, EVENT_MISSING_NOTHING));
	event_chunks_free(chunks);
}

static void test_lengths_are_not_believed(void **state)
{
	static const struct { const char *lie; struct abi_chunk chunk; size_t given; } lies[] = {
		{ "shorter than its head", { .size = 39, .slot = 0 }, 39 },
		{ "longer than the record", { .size = 48, .length = 9 }, 48 },
		{ "no size", { .size = 0, .length = 0 }, 48 },
		{ "a slot that is none", { .size = 48, .slot = ABI_SLOTS_MAX }, 48 },
		{ "behind the end of any value", { .size = 48, .offset = ABI_CHUNKS_BYTES - 7, .length = 8 }, 48 },
		{ "an offset that wraps", { .size = 48, .offset = UINT32_MAX, .length = 8 }, 48 },
		{ "a length that wraps", { .size = 48, .offset = 1, .length = UINT32_MAX }, 48 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(lies) / sizeof(*lies); n++) {
		struct abi_chunk *chunk = calloc(1, 64);
		struct event event;

		*chunk = lies[n].chunk;
		chunk->kind = ABI_EVENT_CHUNK;
		print_message("# %s\n", lies[n].lie);
		assert_int_not_equal(event_read(chunk, lies[n].given, &event), 0);
		free(chunk);
	}
}

/* An event without chunks is left as it is; of those with chunks, slots that have none are, too. */
static void test_what_has_none(void **state)
{
	struct event_chunks *chunks = event_chunks_new();
	struct abi_event *raw = make_event(&identities[0], 5000);
	struct event event = view_of(raw), joined;

	(void)state;
	raw->chunks = 0;
	assert_false(event_chunks_join(chunks, &event, &joined));
	raw->chunks = identities[0].chunks;
	raw->slots[0].extra = 0;
	add_chunk(chunks, &identities[0], 0, OWN, 905, ABI_SLOT_READ);
	assert_true(event_chunks_join(chunks, &event, &joined));
	assert_true(slot_is(&joined, &identities[0], 0, 5000, OWN, EVENT_MISSING_NOTHING));
	assert_true(slot_is(&joined, &identities[0], 1, 5000, OWN, EVENT_MISSING_LOST));
	free((void *)joined.bytes);
	free(raw);
	event_chunks_free(chunks);
}

/* ---- Events that wait for their return ---- */

static void test_waiting_calls_keep_them(void **state)
{
	struct event_chunks *chunks = event_chunks_new();
	struct calls *calls = calls_new();
	struct abi_event *raw = make_event(&identities[0], 50000);
	struct event event = view_of(raw), joined, entry;
	const size_t calls_that_fit = LIMIT_CALL_BYTES / (50000 + OWN + 10000);

	(void)state;
	raw->entry_time = raw->time;
	add_chunk(chunks, &identities[0], 0, OWN, 50000 - OWN, ABI_SLOT_READ);
	assert_true(event_chunks_join(chunks, &event, &joined));
	for (size_t n = 0; n < calls_that_fit; n++)
		calls_add(calls, &joined);
	assert_false(calls_give_up(calls, 0, 0, &entry));
	for (size_t n = 0; n < calls_that_fit; n++)
		calls_add(calls, &joined);
	free((void *)joined.bytes);
	assert_true(calls_give_up(calls, 0, 0, &entry));
	assert_true(slot_is(&entry, &identities[0], 0, 50000, 50000, EVENT_MISSING_NOTHING));
	assert_true(slot_is(&entry, &identities[0], 1, 50000, OWN, EVENT_MISSING_LOST));
	free((void *)entry.bytes);
	calls_free(calls);
	free(raw);
	event_chunks_free(chunks);
}

/* ---- Text ---- */

static const char long_policy[] = KPROBE("demo", "f")
	"    args: [{index: 0, type: char_buf, sizeArgIndex: 2, maxData: true}, {index: 2, type: char_buf, sizeArgIndex: 4, maxData: true, label: b}]\n";

/* Slots of the image are numbered as the linker likes: those of this event are moved to where the two arguments are. */
static void move_slots(struct abi_event *raw, const struct image_report *report)
{
	const struct abi_event_slot slots[2] = { raw->slots[0], raw->slots[1] };

	memset(raw->slots, 0, 2 * sizeof(*raw->slots));
	for (int n = 0; n < 2; n++) {
		assert_true(report->arguments[n].slot < 4);
		raw->slots[report->arguments[n].slot] = slots[n];
	}
}

static void test_text(void **state)
{
	struct event_context context = { .node_name = "node" };
	struct event_chunks *chunks = event_chunks_new();
	struct built *built = malloc(sizeof(*built));
	struct image_report_storage storage;
	struct image_report report;
	struct buffer text = { 0 };
	struct event event, joined;
	/* Four slots, two of which nobody reports. */
	struct { struct abi_event event; uint8_t bytes[64]; } *record = calloc(1, sizeof(*record));
	struct abi_event *raw = &record->event;

	(void)state;
	assert_int_equal(built_compile(built, long_policy), 0);
	assert_int_equal(built_link(built, NULL), 0);
	assert_true(image_report_of(&built->view, 0, 0, &storage, &report));
	context.image = &built->view;
	context.processes = process_cache_new();
	*raw = (struct abi_event){ .kind = ABI_EVENT_HOOK, .size = sizeof(*record), .slot_count = 4, .time = 1000, .tgid = 9, .tid = 40,
				   .hook = image_hook_at(&built->view, 0).id, .chunks = 5 << 16 | 1 };
	for (uint32_t n = 0; n < 2; n++)
		raw->slots[n] = (struct abi_event_slot){ .value = n ? 9 : 6, .offset = offsetof(struct abi_event, slots) + 4 * 16, .length = 3,
							 .state = ABI_SLOT_CUT, .extra = ABI_EXTRA_CHUNKS };
	memcpy((uint8_t *)raw + raw->slots[0].offset, "abc", 3);
	move_slots(raw, &report);
	{
		const struct { struct abi_chunk head; char bytes[8]; } whole = {
			{ .size = sizeof(whole), .kind = ABI_EVENT_CHUNK, .slot = (uint8_t)report.arguments[0].slot, .state = ABI_SLOT_READ,
			  .time = 1000, .hook = raw->hook, .tid = 40, .chunks = raw->chunks, .offset = 3, .length = 3 }, "def" };

		assert_int_equal(event_read(&whole, sizeof(whole), &event), 0);
		event_chunks_add(chunks, &event);
	}
	event = view_of(raw);
	assert_true(event_chunks_join(chunks, &event, &joined));
	event_json(&context, &joined, NULL, &text);
	assert_non_null(strstr(text.bytes, "\"args\":[{\"bytes_arg\":\"YWJjZGVm\"},{\"truncated_bytes_arg\":{\"bytes_arg\":\"YWJj\","
					   "\"orig_size\":\"9\"},\"label\":\"b\",\"tetra\":{\"missing\":\"lost\"}}],"));
	text.length = 0;
	event_compact(&context, &joined, NULL, &text);
	assert_non_null(strstr(text.bytes, "6 bytes 9 bytes (lost from byte 3 on)"));
	free((void *)joined.bytes);
	buffer_release(&text);
	process_cache_free(context.processes);
	built_release(built);
	free(built);
	free(record);
	event_chunks_free(chunks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows), cmocka_unit_test(test_memory_is_bounded), cmocka_unit_test(test_one_event_has_room),
		cmocka_unit_test(test_lengths_are_not_believed), cmocka_unit_test(test_what_has_none),
		cmocka_unit_test(test_waiting_calls_keep_them), cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* events_reader.h - what the parts of the reader of events share; nobody else includes it.  events.c reads, events_lines.c writes. */
#ifndef RUNTIME_EVENTS_READER_H
#define RUNTIME_EVENTS_READER_H

#include <time.h>

#include "runtime/area.h"
#include "runtime/counters.h"
#include "runtime/event_json.h"
#include "runtime/event_pods.h"
#include "runtime/events.h"
#include "runtime/generations.h"
#include "runtime/losses.h"
#include "runtime/processes.h"
#include "runtime/readers.h"

enum { BATCH = 128 << 10 };	/* bytes of records that are copied at once; more than the longest has */
_Static_assert(BATCH >= sizeof(struct abi_chunk) + ABI_CHUNK_LARGE + 8 && BATCH >= sizeof(struct abi_event) + ABI_DATA_SIZE + 8 && BATCH >= sizeof(struct abi_process_event) + 8, "BATCH");

struct reader {
	const struct events_options *options;
	struct pins pins;
	struct area area;
	int folder, events;		/* descriptors, or -1 */
	struct process_maps processes;	/* ... likewise */
	struct counters counters;
	struct readers readers;
	struct event_context context;
	struct event_pods pods;
	struct users *users, *groups;	/* NULL: not asked for */
	struct calls *calls;
	struct event_chunks *chunks;
	struct generations generations;
	struct losses losses;
	struct mappings *mappings;	/* NULL: no policy asks for them */
	uint64_t mappings_of;		/* word of the area when that was last decided */
	struct held_mappings *held;
	struct requests *requests;	/* NULL: none are made */
	struct buffer lines;
	struct buffer json;		/* of one event, when only its fields are asked for */
	uint64_t begin, end;		/* positions: what is before is not for us; where to stop when it is drained */
	uint64_t written, deadline, last_tick;
	unsigned look_us;
	int failed;			/* of the writer */
	_Alignas(8) uint8_t batch[BATCH];
};

/* Nanoseconds. */
uint64_t reader_clock_ns(clockid_t clock);

/* No more is to be written: all that was asked for is, somebody wants it to stop, or the writer failed. */
bool reader_is_done(const struct reader *reader);

/* Adds the line of an event that is wanted to those that reader_flush() hands to the writer; makes the requests that it asks for. */
void reader_write_event(struct reader *reader, const struct event *event, const struct event *returned);

/* Hands what was gathered to the writer, in large pieces; what it had no room for before is said first. */
void reader_flush(struct reader *reader);

/* Lines of requests that failed or were dropped, and of what was lost, after what was there before. */
void reader_report_requests(struct reader *reader, uint64_t now);
void reader_report_lost(struct reader *reader, uint64_t now);

#endif

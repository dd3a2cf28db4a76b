/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event.h - one record of the ring buffer, checked so that nobody reads past its end.
 *
 * The record is borrowed.  Records come from programs of ours, but also from another version's after a downgrade,
 * and the ring buffer can be written by root: their lengths are not believed.
 */
#ifndef RUNTIME_EVENT_H
#define RUNTIME_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf-templates/abi.h"

/* A file that a process mapped to execute; of no record, see mappings.h. */
struct event_mapping {
	uint64_t time;				/* CLOCK_BOOTTIME, ns */
	uint32_t pid, tid;
	uint64_t exec_began;			/* when its process last gave up its old program for a new one; 0: not known */
	uint64_t process_start;			/* 0: nobody knows the process */
	const char *path;			/* as its process sees it */
	size_t path_length;
	const uint8_t *build_id;		/* NULL: the file has none, or it could not be read */
	size_t build_id_size;
};

struct event {
	const uint8_t *bytes;
	size_t size;
	size_t joined;					/* bytes of long values behind it, from the next multiple of 8 on: struct event_long */
	const struct abi_event *hook;			/* HOOK, RETURN; its slots only through event_slot() */
	const struct abi_process_event *process;	/* EXEC, EXIT; no more of it is there than its lengths say */
	const struct abi_chunk *chunk;			/* CHUNK: its `length` bytes are behind it */
	const struct event_mapping *mapping;		/* then none of them, and no bytes */
};

/* 0, or -EINVAL when the record is none of ours or lies about its size. */
int event_read(const void *bytes, size_t size, struct event *ret);

/* A process, as events name it: start_time 0 when unknown.  tid is its thread that did it. */
struct event_who { uint32_t pid, tid; uint64_t start_time; };
/* Whom the event is about: of a HOOK event the owner of its socket where the policy tracks that, else who called; see event_caller(). */
struct event_who event_process(const struct event *event);
/* Who called.  Another one than event_process() only when event_has_owner(). */
struct event_who event_caller(const struct event *event);
bool event_has_owner(const struct event *event);
uint64_t event_happened(const struct event *event);	/* CLOCK_BOOTTIME, ns */

/* Why a long value is not complete; up to ABI_CHUNKS_BYTES it is. */
enum event_missing { EVENT_MISSING_NOTHING = 0, EVENT_MISSING_UNREADABLE = 1, EVENT_MISSING_LOST = 2 };

/* A long value, put together by event_chunks_join(): its bytes follow, and zeros up to a multiple of 8. */
struct event_long {
	uint32_t slot;
	uint32_t missing;	/* enum event_missing: of what lies behind these bytes */
	uint64_t length;
};

/* Slot of a HOOK or RETURN event.  `bytes` is NULL and length 0 when the slot has none. */
struct event_slot {
	uint64_t value;
	const uint8_t *bytes;
	size_t length;
	uint8_t state;		/* enum abi_slot_state; UNREAD when the event does not carry it */
	uint8_t extra;
	uint8_t missing;	/* enum event_missing; NOTHING for what is not a long value */
};
struct event_slot event_slot(const struct event *event, unsigned slot);

/* What the slot of a socket or address holds; all of it unknown when it holds none. */
struct abi_socket event_socket(const struct event_slot *slot);

/* Texts of a process, cut to what there can be of them. */
struct process_text { const char *bytes; size_t length; };
struct process_text process_path(const struct abi_process *process);
struct process_text process_arguments(const struct abi_process *process);
struct process_text process_cwd(const struct abi_process *process);
size_t process_texts_length(const struct abi_process *process);	/* of the three, which follow one another */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_json.h - events as text: the JSON that Tetragon's users parse, and lines for people.
 *
 * Pure: everything that is not in the record comes through struct event_context.  The shapes are those of
 * Tetragon's protobuf JSON (names in snake_case, 64-bit numbers as strings, absent defaults).  Keys of ours:
 *   "enforcement": "monitored" or "failed", on an event whose action was asked for and not done
 *   "kernel_stack_hidden": how many frames of the kernel's stack this reader may not see; there is no kernel_stack_trace then
 *   "stack_trace_cut": "kernel", "user" or "kernel user": those that may have had more than ABI_STACK_FRAMES frames
 */
#ifndef RUNTIME_EVENT_JSON_H
#define RUNTIME_EVENT_JSON_H

#include "compiler/base/buffer.h"
#include "compiler/image/image.h"
#include "runtime/event.h"
#include "runtime/process_cache.h"
#include "runtime/stacks.h"

struct event_context {
	const char *node_name;
	uint64_t wall_offset;		/* ns from CLOCK_BOOTTIME to the Unix epoch */
	struct process_cache *processes;
	const struct image_view *image;	/* of the event's generation; NULL when it is gone */
	struct stacks *stacks;		/* what addresses are; NULL: nobody knows */
};

/*
 * One line, with its newline, added to `ret`.  `event` is HOOK, EXEC or EXIT; `returned` is the RETURN event that
 * belongs to it, or NULL.
 */
void event_json(const struct event_context *context, const struct event *event, const struct event *returned,
		struct buffer *ret);
void event_compact(const struct event_context *context, const struct event *event,
		   const struct event *returned, struct buffer *ret);

/* Some events were lost: one line in the stream. */
void event_lost_json(const struct event_context *context, uint64_t lost, uint64_t now, struct buffer *ret);
void event_lost_compact(uint64_t lost, struct buffer *ret);

/* Key of the event, "process_lsm"; "" when its image is gone.  Static. */
const char *event_type(const struct event_context *context, const struct event *event);

/* Name of the policy of a HOOK event; "" for others, and when its image is gone. */
const char *event_policy(const struct event_context *context, const struct event *event);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_json.h - events as text: the JSON that Tetragon's users parse, and lines for people.
 *
 * Pure: everything that is not in the record comes through struct event_context.  The shapes are those of
 * Tetragon's protobuf JSON (names in snake_case, 64-bit numbers as strings, absent defaults); event_fields.def has the keys.  What
 * only tetra says is in an object of its own, `tetra`: `enforcement` is "monitored" or "failed" when an action was asked for and not
 * done; `failure` says of the first action that failed why; `caller` is the process that called where `process` is the owner of a
 * socket (TrackSock); `return` is "unseen" when the policy asks for what the call returned and nobody saw that (it has not returned, its process
 * ended in it, or the event was lost); `kernel_stack_hidden` is how many frames of the kernel's stack this reader may not see;
 * `stack_trace_cut` is "kernel", "user" or "kernel user": those that may have had more than ABI_STACK_FRAMES frames;
 * `ima_hash_unknown` is why there is no digest, see event_digests.h; `users` and `groups` are names of ids in values, see event_names.h.
 */
#ifndef RUNTIME_EVENT_JSON_H
#define RUNTIME_EVENT_JSON_H

#include "compiler/base/buffer.h"
#include "compiler/image/image.h"
#include "runtime/event.h"
#include "runtime/losses.h"
#include "runtime/process_cache.h"
#include "runtime/requests.h"
#include "runtime/stacks.h"
#include "runtime/users.h"

struct event_context {
	const char *node_name;
	uint64_t wall_offset;		/* ns from CLOCK_BOOTTIME to the Unix epoch */
	struct process_cache *processes;
	const struct users *users, *groups;	/* NULL: ids have no names */
	bool has_colours, has_times;	/* of lines for people */
	const struct image_view *image;	/* of the event's generation; NULL when it is gone */
	struct stacks *stacks;		/* what addresses are; NULL: nobody knows */
};

/*
 * One line, with its newline, added to `ret`.  `event` is HOOK, EXEC, EXIT or a mapping; `returned` is the RETURN event that
 * belongs to it, or NULL.
 */
void event_json(const struct event_context *context, const struct event *event, const struct event *returned,
		struct buffer *ret);
void event_compact(const struct event_context *context, const struct event *event,
		   const struct event *returned, struct buffer *ret);

/* Text in such a line: quoted when it holds a space or anything that a terminal should not see raw. */
void event_compact_text(struct buffer *out, const void *bytes, size_t length);

/* Some events were lost until `now`: one line in the stream. */
void event_lost_json(const struct event_context *context, enum loss_reason reason, const struct loss *loss, uint64_t now,
		     struct buffer *ret);
void event_lost_compact(const struct event_context *context, enum loss_reason reason, const struct loss *loss, uint64_t now,
			struct buffer *ret);

/* What became of requests, as far as that is bad news: one line in the stream. */
void event_requests_json(const struct event_context *context, const struct requests_told *told, uint64_t now, struct buffer *ret);
void event_requests_compact(const struct event_context *context, const struct requests_told *told, uint64_t now, struct buffer *ret);

struct json;
/* The end of a line of JSON: where and when it was. */
void event_json_end(struct json *json, const struct event_context *context, uint64_t time);

/* CLOCK_BOOTTIME ns as events have it: "2026-11-26T12:00:00.123456789Z". */
void event_time(const struct event_context *context, uint64_t boot, struct buffer *ret);

/* Key of the event, "process_lsm"; "" when its image is gone.  Static. */
const char *event_type(const struct event_context *context, const struct event *event);

/* Name of the policy of a HOOK event; "" for others, and when its image is gone. */
const char *event_policy(const struct event_context *context, const struct event *event);

#endif

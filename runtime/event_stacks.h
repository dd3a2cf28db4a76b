/* SPDX-License-Identifier: Apache-2.0 */
/* event_stacks.h - the stack traces of an event, as JSON and for people. */
#ifndef RUNTIME_EVENT_STACKS_H
#define RUNTIME_EVENT_STACKS_H

#include "compiler/base/json.h"
#include "runtime/event_json.h"

/* What is to be said of an event's stacks beside their frames. */
struct stacks_told {
	bool is_cut[2];		/* by enum stack_kind */
	size_t hidden;		/* frames of the kernel's that this reader may not see */
};

/* The stacks are values of the hook that no argument of the policy names. */
struct stacks_told event_stacks(struct json *json, const struct event_context *context, const struct event *event,
				const struct image_hook *hook);
/* The same as indented lines, with their ends; nothing when the event has none. */
void event_stacks_compact(const struct event_context *context, const struct event *event, const struct image_hook *hook,
			  struct buffer *out);

#endif

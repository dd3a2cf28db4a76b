/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events_json.h - recorded events, one JSON object a line as Tetragon exports them, as values to decide on.
 *
 * Arguments come in the order of the policy that recorded them; events written by hand may say which argument of
 * the function each one is ("index": 2).  What an event does not carry is not known.
 */
#ifndef COMPILER_EVENTS_JSON_H
#define COMPILER_EVENTS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"
#include "schema/schema.h"

enum { EVENT_LINE_MAX = 1 << 20, EVENT_ARGUMENTS_MAX = 16 };

enum event_state {
	EVENT_ABSENT,		/* the event does not say */
	EVENT_FAULT,		/* it could not be read when it happened */
	EVENT_NUMBER,
	EVENT_BYTES,		/* string or path */
	EVENT_ADDRESS,
};
enum event_cut { EVENT_WHOLE, EVENT_CUT_END, EVENT_CUT_FRONT };

struct event_value {
	enum event_state state;
	enum event_cut cut;
	uint64_t number;	/* sign-extended */
	const char *bytes;
	size_t length;
	uint16_t family, port;	/* ADDRESS: of the socket interface, host order */
	uint8_t address[16];	/* network order; IPv4 in the first 4 */
};

struct event_argument {
	bool has_index;
	uint32_t index;
	struct event_value value;
};

struct event_sample {
	enum hook_kind kind;	/* TRACEPOINT also for raw ones: events do not tell them apart */
	const char *name;	/* function, event or hook */
	const char *subsystem;	/* tracepoints; else NULL */
	const char *policy;	/* that recorded it; NULL when it does not say */
	const char *time;	/* NULL when it does not say */
	struct event_argument arguments[EVENT_ARGUMENTS_MAX];
	size_t argument_count;
	struct event_value returned;
	struct event_value binary;
	bool has_pid;
	uint32_t pid;
};

/*
 * Reads one line.  1: a hook's event is in `ret`; 0: another kind of event, nothing to decide; -EINVAL: not an
 * event, with *error.  Texts live in the arena.
 */
int event_read_json(const char *line, size_t length, struct arena *arena, struct event_sample *ret,
		    const char **error);

#endif

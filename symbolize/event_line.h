/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_line.h - where the stack traces of an event stand in its line of JSON, so that frames can be added to and all else stays as it is.
 *
 * An event is an object; stacks are members of a member of it, the event's own object: "kernel_stack_trace" and "user_stack_trace", lists of frames.
 * The line is read whole: what is not JSON is refused, and nothing of it is believed.  Nothing is copied but texts that have escapes.
 */
#ifndef SYMBOLIZE_EVENT_LINE_H
#define SYMBOLIZE_EVENT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"

enum event_stack { EVENT_STACK_KERNEL, EVENT_STACK_USER };

/* Members that a frame may have; the numbers of has. */
enum frame_member {
	FRAME_ADDRESS, FRAME_OFFSET, FRAME_SYMBOL, FRAME_MODULE, FRAME_BUILD_ID, FRAME_FILE_ADDRESS, FRAME_SYMBOL_OFFSET, FRAME_FUNCTION,
	FRAME_FILE, FRAME_LINE, FRAME_COLUMN, FRAME_INLINED, FRAME_SYMBOL_UNKNOWN, FRAME_LINE_UNKNOWN, FRAME_MEMBER_COUNT
};
extern const char *const frame_members[FRAME_MEMBER_COUNT];

/* A text of the line, without its quotes; not NUL-terminated. */
struct line_text { const char *bytes; size_t length; };

struct event_frame {
	enum event_stack stack;
	unsigned number;		/* in its stack, the innermost first */
	uint32_t has;			/* bit for each member that it has, of whatever kind */
	bool is_empty;			/* it has no member at all */
	size_t start, end;		/* in the line: of its '{' and its '}' */
	bool knows_address, knows_offset, knows_file_address;
	uint64_t address, offset, file_address;
	struct line_text symbol, module, build_id;	/* bytes NULL: it does not say */
	struct line_part { size_t start, end; } unknown[2];	/* "symbol_unknown" and "line_unknown" with the comma before; end 0: not there, or first */
};

struct event_line {
	struct event_frame *frames;	/* in the order of the line */
	size_t count;
	bool has_pid, is_in_container;	/* `pod` or `docker` of the process */
	uint64_t pid;
	struct line_text binary, start_time, node_name, time;
};

struct event_line_reader {
	struct arena arena;
	size_t room;
	struct event_frame *frames;
};

/* A zeroed reader is ready.  0: what the line has is in `ret`, until the next; -EINVAL: it is no JSON object, or has more than the limits allow. */
int event_line_read(struct event_line_reader *reader, const char *line, size_t length, struct event_line *ret);
void event_line_release(struct event_line_reader *reader);

/* "2026-11-26T12:00:00.123456789Z" in ns since 1970; false when it is none. */
bool event_line_time(struct line_text text, uint64_t *ret);

#endif

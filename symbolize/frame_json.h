/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame_json.h - what is known of an address as members of a frame of an event's stack trace; docs/events.md has their names.
 *
 * Members that the frame has already are neither changed nor repeated.
 */
#ifndef SYMBOLIZE_FRAME_JSON_H
#define SYMBOLIZE_FRAME_JSON_H

#include "compiler/base/json.h"
#include "symbolize/event_line.h"
#include "symbolize/symbolizer.h"

struct frame_style {
	struct symbolizer *names;	/* who demangles; NULL: names stay as the file has them */
	bool no_lines;			/* they were not asked for: then nobody is told why there are none */
	bool no_symbols;		/* only where the address lies: module, offset, build id */
};

/* The name of a function as the style has it; "" when it is not known.  Until the next call. */
const char *frame_name(const struct frame_style *style, const char *function);

/* `frame`: what is there already; has 0: nothing.  `json` is within the frame's object. */
void frame_json_members(struct json *json, const struct frame_style *style, const struct event_frame *frame, const struct symbolized *found);

#endif

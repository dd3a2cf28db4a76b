/* SPDX-License-Identifier: Apache-2.0 */
/* lines.h - a file of recorded events, line by line. */
#ifndef CMD_LINES_H
#define CMD_LINES_H

#include <stdio.h>

#include "compiler/base/buffer.h"
#include "compiler/events_json.h"

struct lines {
	FILE *file;
	const char *name;		/* for messages */
	size_t number;			/* of the line that was read last, from 1 */
	const char *line;		/* without blanks at its end; not NUL-terminated */
	size_t length;
	struct buffer text;
	size_t at, end;			/* of what was read ahead */
	char ahead[64 << 10];
};

enum lines_end { LINES_MORE, LINES_LONG, LINES_NONE };

/* "-" is standard input.  False when it cannot be read, which is said. */
bool lines_open(struct lines *lines, const char *path);
/* LONG: longer than EVENT_LINE_MAX; it was passed over.  NONE: at the end, or ferror(). */
enum lines_end lines_next(struct lines *lines);
void lines_close(struct lines *lines);

#endif

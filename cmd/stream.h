/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h - lines in and lines out, byte for byte: for filters, which may be written to and read from by turns.
 *
 * What was written is sent before input is waited for, so that nobody waits for an answer that lies here.
 */
#ifndef CMD_STREAM_H
#define CMD_STREAM_H

#include <stdbool.h>

#include "compiler/base/buffer.h"

struct stream {
	int input;
	const char *name;		/* for messages */
	char *bytes;
	size_t room, at, end, limit;
	bool is_long, is_over;
	struct buffer out;
	int error;			/* of writing; negative errno */
};

enum stream_piece {
	STREAM_LINE,			/* a line with its newline, which only the last one may lack */
	STREAM_LONG,			/* a part of a line that is longer than the limit; its end is the first one with a newline, or the last */
	STREAM_END,
	STREAM_FAILED			/* errno says why */
};

/* "-" is standard input.  False when it cannot be read, which is said.  The output is kept from one input to the next. */
bool stream_open(struct stream *stream, const char *path, size_t limit);
enum stream_piece stream_next(struct stream *stream, const char **text, size_t *length);
void stream_close(struct stream *stream);

/* Whether a whole line is there, so that stream_next does not wait for one. */
bool stream_has_line(const struct stream *stream);

/* Sends what is in `out` when that is much; stream_send all of it.  False once that failed. */
bool stream_sent(struct stream *stream);
bool stream_send(struct stream *stream);

/* EXIT_FINE, also when the reader of the output went away; or what went wrong with it is said, and EXIT_SYSTEM.  Releases the output. */
int stream_finish(struct stream *stream);

#endif

// SPDX-License-Identifier: Apache-2.0
/* stream.c - see stream.h. */
#include "cmd/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verb.h"

enum { FIRST_ROOM = 1 << 16, OUT_ENOUGH = 1 << 16 };

bool stream_open(struct stream *stream, const char *path, size_t limit)
{
	const bool standard = !strcmp(path, "-");

	stream->name = standard ? "<stdin>" : path;
	stream->at = stream->end = 0;
	stream->limit = limit;
	stream->is_long = stream->is_over = false;
	stream->input = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (stream->input < 0)
		complain("cannot read '%s': %s", path, strerror(errno));
	return stream->input >= 0;
}

void stream_close(struct stream *stream)
{
	if (stream->input > STDIN_FILENO)
		close(stream->input);
	free(stream->bytes);
	stream->bytes = NULL;
	stream->room = 0;
}

/* ---- In ---- */

/* Space for more behind what is there; false when it is as long as it may be. */
static bool make_room(struct stream *stream)
{
	size_t room = stream->room ? stream->room * 2 : FIRST_ROOM;
	char *larger;

	if (stream->at) {
		memmove(stream->bytes, stream->bytes + stream->at, stream->end - stream->at);
		stream->end -= stream->at;
		stream->at = 0;
	}
	if (stream->end < stream->room)
		return true;
	if (stream->room >= stream->limit)
		return false;
	room = room < stream->limit ? room : stream->limit;
	larger = realloc(stream->bytes, room);
	if (!larger)
		abort();
	stream->bytes = larger;
	stream->room = room;
	return true;
}

static ssize_t read_more(struct stream *stream)
{
	ssize_t got;

	if (!stream_send(stream))
		return 0;
	do
		got = read(stream->input, stream->bytes + stream->end, stream->room - stream->end);
	while (got < 0 && errno == EINTR);
	stream->end += got > 0 ? (size_t)got : 0;
	stream->is_over = got == 0;
	return got;
}

static enum stream_piece give(struct stream *stream, size_t length, const char **text, size_t *ret)
{
	*text = stream->bytes + stream->at;
	*ret = length;
	stream->at += length;
	return stream->is_long ? STREAM_LONG : STREAM_LINE;
}

enum stream_piece stream_next(struct stream *stream, const char **text, size_t *length)
{
	size_t looked = 0;

	for (;;) {
		const size_t there = stream->end - stream->at;
		const char *const newline = there > looked ? memchr(stream->bytes + stream->at + looked, '\n', there - looked) : NULL;
		enum stream_piece piece;

		if (newline) {
			piece = give(stream, (size_t)(newline + 1 - (stream->bytes + stream->at)), text, length);
			stream->is_long = false;
			return piece;
		}
		looked = there;
		if (stream->is_over || stream->error)
			return there ? give(stream, there, text, length) : STREAM_END;
		if (!make_room(stream)) {
			stream->is_long = true;
			return give(stream, there, text, length);
		}
		if (read_more(stream) < 0)
			return STREAM_FAILED;
	}
}

bool stream_has_line(const struct stream *stream)
{
	return stream->end > stream->at && memchr(stream->bytes + stream->at, '\n', stream->end - stream->at);
}

/* ---- Out ---- */

bool stream_send(struct stream *stream)
{
	size_t sent = 0;

	while (!stream->error && sent < stream->out.length) {
		const ssize_t written = write(STDOUT_FILENO, stream->out.bytes + sent, stream->out.length - sent);

		if (written < 0 && errno != EINTR)
			stream->error = -errno;
		sent += written > 0 ? (size_t)written : 0;
	}
	stream->out.length = 0;
	return !stream->error;
}

bool stream_sent(struct stream *stream)
{
	return stream->out.length < OUT_ENOUGH ? !stream->error : stream_send(stream);
}

int stream_finish(struct stream *stream)
{
	stream_send(stream);
	buffer_release(&stream->out);
	if (!stream->error || stream->error == -EPIPE)
		return EXIT_FINE;
	complain("cannot write to standard output: %s", strerror(-stream->error));
	return EXIT_SYSTEM;
}

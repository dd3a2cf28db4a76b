// SPDX-License-Identifier: Apache-2.0
/* rotation.c - see rotation.h. */
#include "runtime/rotation.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int say(const struct rotation *rotation, int error, const char *what, struct failure *failure)
{
	return fail(failure, error, "cannot %s '%s': %s", what, rotation->path, strerror(-error));
}

/* ---- Opening ---- */

static int end_last_line(struct rotation *rotation)
{
	char last = '\n';

	if (rotation->size && pread(rotation->fd, &last, 1, (off_t)rotation->size - 1) != 1)
		return -EIO;
	if (last == '\n')
		return 0;
	if (write(rotation->fd, "\n", 1) != 1)
		return -errno;
	rotation->size++;
	return 0;
}

static int take_over(struct rotation *rotation, struct failure *failure)
{
	struct stat status;
	int error;

	if (fstat(rotation->fd, &status))
		return say(rotation, -errno, "look at", failure);
	if (!S_ISREG(status.st_mode))
		return fail(failure, -EINVAL, "'%s' is no regular file; write to standard output instead", rotation->path);
	if (flock(rotation->fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? fail(failure, -EBUSY, "another process writes '%s'", rotation->path)
					    : say(rotation, -errno, "lock", failure);
	rotation->size = (uint64_t)status.st_size;
	error = end_last_line(rotation);
	return error ? say(rotation, error, "end the last line of", failure) : 0;
}

static int open_file(struct rotation *rotation, struct failure *failure)
{
	int error;

	rotation->fd = open(rotation->path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (rotation->fd < 0 && errno == ELOOP)
		return fail(failure, -ELOOP, "'%s' is a symbolic link, which is not followed", rotation->path);
	if (rotation->fd < 0)
		return say(rotation, -errno, "open", failure);
	error = take_over(rotation, failure);
	if (error)
		rotation_close(rotation);
	return error;
}

int rotation_open(struct rotation *rotation, const char *path, uint64_t size_max, unsigned count, struct failure *failure)
{
	*rotation = (struct rotation){ .path = path, .size_max = size_max, .count = count, .fd = -1 };
	return open_file(rotation, failure);
}

void rotation_close(struct rotation *rotation)
{
	if (rotation->fd >= 0)
		close(rotation->fd);
	rotation->fd = -1;
}

/* ---- Giving way ---- */

static void name_old(const struct rotation *rotation, unsigned n, char ret[PATH_MAX])
{
	snprintf(ret, PATH_MAX, n ? "%s.%u" : "%s", rotation->path, n);
}

/* The last one is written over.  A file that is missing in between is none to move. */
static int shift(struct rotation *rotation, struct failure *failure)
{
	char from[PATH_MAX], to[PATH_MAX];

	if (!rotation->count && unlink(rotation->path) && errno != ENOENT)
		return say(rotation, -errno, "remove", failure);
	for (unsigned n = rotation->count; n > 0; n--) {
		name_old(rotation, n - 1, from);
		name_old(rotation, n, to);
		if (rename(from, to) && errno != ENOENT)
			return say(rotation, -errno, "rename", failure);
	}
	rotation_close(rotation);
	return 0;
}

/* ---- Writing ---- */

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		const ssize_t written = write(fd, bytes, length);

		if (written < 0 && errno != EINTR)
			return -errno;
		bytes += written > 0 ? written : 0;
		length -= written > 0 ? (size_t)written : 0;
	}
	return 0;
}

/* All of it or, as far as that is in our hands, nothing. */
static int write_piece(struct rotation *rotation, const char *lines, size_t length, struct failure *failure)
{
	const int error = write_all(rotation->fd, lines, length);

	if (!error) {
		rotation->size += length;
		return 0;
	}
	if (ftruncate(rotation->fd, (off_t)rotation->size))
		return say(rotation, -errno, "take back half a line of", failure);
	return say(rotation, error, "write", failure);
}

/* The whole lines that fit, at least one when the file is empty; 0: it has to give way. */
static size_t piece_length(const struct rotation *rotation, const char *lines, size_t length)
{
	const uint64_t room = rotation->size_max > rotation->size ? rotation->size_max - rotation->size : 0;
	const char *end;

	if (!rotation->size_max || length <= room)
		return length;
	end = memrchr(lines, '\n', room);
	if (!end && !rotation->size)
		end = memchr(lines, '\n', length);
	return end ? (size_t)(end + 1 - lines) : rotation->size ? 0 : length;
}

static int write_next(struct rotation *rotation, const char *lines, size_t length, size_t *taken, struct failure *failure)
{
	int error = rotation->fd < 0 ? open_file(rotation, failure) : 0;
	size_t piece;

	if (error)
		return error;
	piece = piece_length(rotation, lines, length);
	if (!piece)
		return shift(rotation, failure);
	error = write_piece(rotation, lines, piece, failure);
	*taken += error ? 0 : piece;
	return error;
}

int rotation_write(struct rotation *rotation, const char *lines, size_t length, size_t *taken, struct failure *failure)
{
	int error = 0;

	*taken = 0;
	while (*taken < length && !error)
		error = write_next(rotation, lines + *taken, length - *taken, taken, failure);
	return error;
}

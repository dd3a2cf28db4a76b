// SPDX-License-Identifier: Apache-2.0
/* fix_write.c - replacing a file by its fixed text, all of it or not at all; see fix.h. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/fix.h"
#include "cmd/verb.h"

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t put = write(fd, bytes, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		bytes += put;
		length -= (size_t)put;
	}
	return 0;
}

/* -ESTALE when the file does not hold `old` (any more). */
static int holds(int fd, const char *old, size_t length)
{
	char chunk[64 << 10];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if ((size_t)got > length || memcmp(chunk, old, (size_t)got))
			return -ESTALE;
		old += got;
		length -= (size_t)got;
	}
	return length ? -ESTALE : 0;
}

/* The file that may be replaced; `path` has no symbolic link at its end. */
static int look_at(const char *path, const char *old, size_t length, struct stat *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), failed;

	if (fd < 0)
		return -errno;
	failed = fstat(fd, ret) ? -errno : 0;
	if (!failed && !S_ISREG(ret->st_mode))
		failed = -EINVAL;
	if (!failed && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS))
		failed = -errno;
	if (!failed)
		failed = holds(fd, old, length);
	close(fd);
	return failed;
}

/* The owner first: changing it takes permission bits away. */
static int fill(int fd, const struct stat *like, const struct buffer *text)
{
	struct stat own;
	int failed = write_all(fd, text->bytes, text->length);

	if (failed)
		return failed;
	if (fstat(fd, &own))
		return -errno;
	if ((own.st_uid != like->st_uid || own.st_gid != like->st_gid) && fchown(fd, like->st_uid, like->st_gid))
		return -errno;
	return fchmod(fd, like->st_mode & 07777) || fsync(fd) ? -errno : 0;
}

static int replace(const char *path, const struct stat *like, const struct buffer *text)
{
	struct buffer name = { 0 };
	char *folder = strdup(path);
	int fd, failed;

	if (!folder)
		abort();
	buffer_format(&name, "%s/.tetra-fix-XXXXXX", dirname(folder));
	free(folder);
	fd = mkostemp(name.bytes, O_CLOEXEC);
	failed = fd < 0 ? -errno : fill(fd, like, text);
	if (fd >= 0 && close(fd) && !failed)
		failed = -errno;
	if (!failed && rename(name.bytes, path))
		failed = -errno;
	if (failed && fd >= 0)
		unlink(name.bytes);
	buffer_release(&name);
	return failed;
}

int fix_write(const char *path, const char *old, size_t old_length, const struct buffer *text)
{
	char *target = realpath(path, NULL);
	int failed = target ? 0 : -errno;
	struct stat like;

	if (!failed)
		failed = look_at(target, old, old_length, &like);
	if (!failed)
		failed = replace(target, &like, text);
	free(target);
	if (failed)
		complain("cannot fix '%s': %s", path, failed == -EINVAL ? "it is not a regular file" :
			failed == -ESTALE ? "it has changed since it was read" : strerror(-failed));
	return failed ? -1 : 0;
}

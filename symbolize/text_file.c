// SPDX-License-Identifier: Apache-2.0
/* text_file.c - see text_file.h. */
#include "symbolize/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum symbol_why why_of_errno(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return SYMBOL_PERMISSION;
	case ESRCH:
		return SYMBOL_GONE;
	default:
		return SYMBOL_NO_FILE;
	}
}

enum symbol_why text_descriptor_read(int descriptor, size_t limit, struct buffer *ret)
{
	const size_t start = ret->length;
	char piece[65536];
	ssize_t got = 0;

	while (ret->length - start <= limit && (got = read(descriptor, piece, sizeof(piece))) > 0)
		buffer_add(ret, piece, (size_t)got);
	if (got < 0 || ret->length - start > limit) {
		ret->length = start;
		return got < 0 ? why_of_errno(errno) : SYMBOL_TOO_LARGE;
	}
	buffer_add_char(ret, '\0');
	ret->length--;
	return SYMBOL_KNOWN;
}

enum symbol_why text_file_read(int folder, const char *path, size_t limit, struct buffer *ret)
{
	const int descriptor = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum symbol_why why = SYMBOL_NO_FILE;
	struct stat about;

	if (descriptor < 0)
		return why_of_errno(errno);
	if (!fstat(descriptor, &about) && S_ISREG(about.st_mode))
		why = text_descriptor_read(descriptor, limit, ret);
	close(descriptor);
	return why;
}

// SPDX-License-Identifier: Apache-2.0
/* output.c - see output.h. */
#include "cmd/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/verb.h"

static int write_all(FILE *file, const struct buffer *bytes)
{
	bool failed = fwrite(bytes->bytes, 1, bytes->length, file) != bytes->length;

	failed |= fflush(file) != 0;
	return failed ? -errno : 0;
}

static int cannot_write(const char *path, int error)
{
	complain("cannot write '%s': %s", path, strerror(-error));
	return EXIT_SYSTEM;
}

/* Devices and pipes are written to, not replaced. */
static int write_in_place(const char *path, const struct buffer *bytes)
{
	FILE *file = fopen(path, "wb");
	int error;

	if (!file)
		return cannot_write(path, -errno);
	error = write_all(file, bytes);
	if (fclose(file) && !error)
		error = -errno;
	return error ? cannot_write(path, error) : EXIT_FINE;
}

int output_create(const char *path, const struct buffer *bytes)
{
	FILE *file = fopen(path, "wbxe");
	int error;

	if (!file && errno == EEXIST) {
		complain("'%s' is there already: nothing was written", path);
		return EXIT_SYSTEM;
	}
	if (!file)
		return cannot_write(path, -errno);
	error = write_all(file, bytes);
	if (fclose(file) && !error)
		error = -errno;
	if (!error)
		return EXIT_FINE;
	unlink(path);
	return cannot_write(path, error);
}

static FILE *open_beside(char *temporary)
{
	mode_t mask = umask(0);
	int descriptor = mkstemp(temporary);
	FILE *file;

	umask(mask);
	if (descriptor < 0)
		return NULL;
	fchmod(descriptor, 0666 & ~mask);
	file = fdopen(descriptor, "wb");
	if (!file)
		close(descriptor);
	return file;
}

static int replace_file(const char *path, const struct buffer *bytes)
{
	size_t length = strlen(path);
	char *temporary = malloc(length + 8);
	int error = 0;
	FILE *file;

	if (!temporary)
		abort();
	memcpy(temporary, path, length);
	memcpy(temporary + length, ".XXXXXX", 8);
	file = open_beside(temporary);
	if (!file) {
		error = -errno;
	} else {
		error = write_all(file, bytes);
		if (fclose(file) && !error)
			error = -errno;
		if (!error && rename(temporary, path))
			error = -errno;
		if (error)
			unlink(temporary);
	}
	free(temporary);
	return error ? cannot_write(path, error) : EXIT_FINE;
}

int output_write(const char *path, const struct buffer *bytes)
{
	struct stat existing;
	int error;

	if (!strcmp(path, "-")) {
		error = write_all(stdout, bytes);
		return error ? cannot_write("standard output", error) : EXIT_FINE;
	}
	if (!stat(path, &existing) && !S_ISREG(existing.st_mode))
		return write_in_place(path, bytes);
	return replace_file(path, bytes);
}

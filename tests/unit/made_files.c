// SPDX-License-Identifier: Apache-2.0
/* made_files.c - see made_files.h. */
#include "tests/unit/made_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[64];

const char *files_folder(void)
{
	if (!folder[0]) {
		strcpy(folder, "/tmp/tetra-files-XXXXXX");
		if (!mkdtemp(folder))
			abort();
	}
	return folder;
}

void files_remove(void)
{
	char command[128];

	if (!folder[0])
		return;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command))
		fprintf(stderr, "cannot remove %s\n", folder);
	folder[0] = '\0';
}

bool files_make(const char *command)
{
	char line[4096];

	snprintf(line, sizeof(line), "cd %s && { %s; }", files_folder(), command);
	return !system(line);
}

const char *files_path(const char *name)
{
	static char paths[4][512];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s%s%s", *name == '/' ? "" : files_folder(), *name == '/' ? "" : "/", name);
	return path;
}

struct binary *files_open(const char *name, enum symbol_why *why)
{
	const int descriptor = binary_open_path(AT_FDCWD, files_path(name), why);

	return descriptor < 0 ? NULL : binary_open(descriptor, why);
}

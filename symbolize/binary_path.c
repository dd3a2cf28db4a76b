// SPDX-License-Identifier: Apache-2.0
/*
 * binary_path.c - opening by path, below a root that may be somebody else's; see binary.h.
 *
 * What a name stands for is only looked at (O_PATH) until it is known to be a regular file; then that same thing is opened.
 */
#include "symbolize/binary.h"

#include <errno.h>
#include <unistd.h>

#include "symbolize/waiting.h"

static enum symbol_why why_of(int error)
{
	return error == -EACCES || error == -EPERM ? SYMBOL_PERMISSION : error == -ETIMEDOUT ? SYMBOL_TIMEOUT : SYMBOL_NO_FILE;
}

int binary_open_found(int found, enum symbol_why *why)
{
	struct statx file;
	int opened;

	*why = SYMBOL_NOT_ELF;
	if (!waiting_look(found, &file) || !S_ISREG(file.stx_mode)) {
		close(found);
		return -1;
	}
	if (!waiting_is_local(&file))
		return found;
	opened = waiting_open(found);
	close(found);
	if (opened < 0)
		*why = why_of(opened);
	return opened < 0 ? -1 : opened;
}

int binary_open_path(int folder, const char *path, enum symbol_why *why)
{
	const int found = waiting_find(folder, path);

	if (found >= 0)
		return binary_open_found(found, why);
	*why = why_of(found);
	return -1;
}

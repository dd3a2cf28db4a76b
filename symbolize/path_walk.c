// SPDX-License-Identifier: Apache-2.0
/* path_walk.c - see path_walk.h. */
#include "symbolize/path_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MOST = 40 };
struct walk { char path[PATH_MAX]; int links; };

/* The first `before` bytes of the path, up to the name, then the link's text instead of it, then the rest. */
static bool replace_link(struct walk *walk, size_t before, size_t after, int folder, const char *name)
{
	char text[PATH_MAX], joined[PATH_MAX];
	const ssize_t length = readlinkat(folder, name, text, sizeof(text) - 1);
	int size;

	if (length <= 0 || ++walk->links > LINKS_MOST)
		return false;
	text[length] = '\0';
	if (text[0] == '/')
		before = 0;
	size = snprintf(joined, sizeof(joined), "%.*s%s%s", (int)before, walk->path, text, walk->path + after);
	if (size < 0 || (size_t)size >= sizeof(joined))
		return false;
	memcpy(walk->path, joined, (size_t)size + 1);
	return true;
}

static bool is_parent(const char *name, size_t length)
{
	return length == 2 && name[0] == '.' && name[1] == '.';
}

/*
 * One walk from the root: a descriptor; -1 with EAGAIN when the path was changed, and it has to begin again: a link was replaced by its text, or
 * ".." taken out together with the name before it, which is known to be no link by then.  "..", at the root, is the root.
 */
static int walk_once(int root, struct walk *walk)
{
	int folder = fcntl(root, F_DUPFD_CLOEXEC, 0);
	size_t at = 0, before = 0;

	while (folder >= 0 && walk->path[at]) {
		const size_t slashes = strspn(walk->path + at, "/"), length = strcspn(walk->path + at + slashes, "/");
		const size_t after = at + slashes + length;
		char name[NAME_MAX + 1];
		struct stat found;
		int next;

		if (!length)
			break;
		if (length > NAME_MAX || is_parent(walk->path + at + slashes, length)) {
			close(folder);
			errno = length > NAME_MAX ? ENAMETOOLONG : EAGAIN;
			if (length <= NAME_MAX)
				memmove(walk->path + before, walk->path + after, strlen(walk->path + after) + 1);
			return -1;
		}
		memcpy(name, walk->path + at + slashes, length);
		name[length] = '\0';
		next = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (next >= 0 && !fstat(next, &found) && S_ISLNK(found.st_mode)) {
			const bool replaced = replace_link(walk, at + slashes, after, folder, name);

			close(next);
			close(folder);
			errno = replaced ? EAGAIN : ELOOP;
			return -1;
		}
		close(folder);
		folder = next;
		before = at;
		at = after;
	}
	return folder;
}

int path_walk_below(int root, const char *path)
{
	struct walk walk = { .links = 0 };
	int found;

	if (strlen(path) >= sizeof(walk.path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(walk.path, path);
	do {
		found = walk_once(root, &walk);
	} while (found < 0 && errno == EAGAIN);
	return found;
}

// SPDX-License-Identifier: Apache-2.0
/* cgroup_watch.c - see cgroup_watch.h. */
#include "runtime/cgroup_watch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

int cgroup_watch_open(struct cgroup_watch *ret)
{
	*ret = (struct cgroup_watch){ .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK) };
	return ret->fd < 0 ? -errno : 0;
}

void cgroup_watch_close(struct cgroup_watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = -1;
}

int cgroup_watch_add(struct cgroup_watch *watch, const struct cgroups *cgroups)
{
	const int before = watch->newest;

	for (size_t n = 0; n < cgroups->count; n++) {
		char path[8192];
		int number;

		if (cgroups->items[n].kind != CGROUP_HOST)
			continue;
		snprintf(path, sizeof(path), "%s%s", cgroups->mount, cgroups->items[n].path);
		number = inotify_add_watch(watch->fd, path, IN_CREATE | IN_DELETE | IN_ONLYDIR | IN_DONT_FOLLOW);
		if (number < 0 && errno != ENOENT && errno != ENOTDIR)
			return -errno;
		if (number > watch->newest)
			watch->newest = number;
	}
	return watch->newest > before;
}

int cgroup_watch_wait(struct cgroup_watch *watch, int milliseconds, const sigset_t *signals)
{
	const struct timespec time = { .tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L };
	struct pollfd ready = { .fd = watch->fd, .events = POLLIN };
	char bytes[65536];
	const int result = ppoll(&ready, 1, milliseconds < 0 ? NULL : &time, signals);

	if (result <= 0)
		return result ? -errno : 0;
	while (read(watch->fd, bytes, sizeof(bytes)) > 0) {
	}
	return 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup_watch.h - hearing of cgroups that come and go, where containers may come. */
#ifndef RUNTIME_CGROUP_WATCH_H
#define RUNTIME_CGROUP_WATCH_H

#include <signal.h>

#include "runtime/cgroups.h"

struct cgroup_watch {
	int fd;
	int newest;	/* the kernel numbers watches as they come */
};

/* 0 or a negative errno. */
int cgroup_watch_open(struct cgroup_watch *ret);
void cgroup_watch_close(struct cgroup_watch *watch);

/*
 * Watches the folders of the host's cgroups, too.  1 when some were not watched before: what came there meanwhile was not
 * heard of, so that they are to be read again.  0, or a negative errno.
 */
int cgroup_watch_add(struct cgroup_watch *watch, const struct cgroups *cgroups);

/*
 * Waits that long, or for ever (-1), and takes what has come.  Meanwhile only `signals` are blocked.  1 when something has come, 0, or
 * -EINTR and the like.
 */
int cgroup_watch_wait(struct cgroup_watch *watch, int milliseconds, const sigset_t *signals);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* event_pods.h - what events say of the container that a process is in, out of the pinned map of workloads. */
#ifndef RUNTIME_EVENT_PODS_H
#define RUNTIME_EVENT_PODS_H

#include "compiler/base/buffer.h"
#include "compiler/workload_list.h"

struct event_pods {
	struct arena arena;
	int map;		/* of workloads, borrowed; -1: there is none */
	const char *mount;	/* of the tree of cgroups; NULL: there is none */
};

/* `cgroups`: the text of /proc/PID/cgroup.  The outermost container that it is in; -ENOENT when nothing is known of one. */
int event_pods_find(struct event_pods *pods, const char *cgroups, struct arena *arena, struct workload *ret);

/* As Tetragon's field `pod` has it: a JSON object.  "": there is nothing to say. */
void event_pod_write(const struct workload *workload, struct buffer *ret);

#endif

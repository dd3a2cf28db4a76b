/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workloads.h - the containers of this host: where they are in the tree of cgroups, and what is known of them.
 *
 * What is known comes, the later over the earlier, from what an earlier tetra left in the kernel (the pinned map of workloads), from the
 * state files of container runtimes, and from files of the user.
 */
#ifndef RUNTIME_WORKLOADS_H
#define RUNTIME_WORKLOADS_H

#include "compiler/base/buffer.h"
#include "compiler/workload_list.h"
#include "runtime/cgroups.h"

struct workload_note { const char *place, *text; };	/* place NULL: about the host */

struct workloads {
	struct arena arena;		/* of all that is below */
	struct cgroups cgroups;
	struct workload *of;		/* by number of the cgroup; of those that are no container, zeros */
	struct workload_note *notes;
	size_t note_count, note_capacity;
};

/*
 * `told` is what the user's files say, in their order; it must live as long.  `map`: descriptor of the map of workloads, or -1.
 * 0 or a negative errno with a text; workloads_release() in any case.
 */
int workloads_read(const struct workload_list *told, int map, struct workloads *ret, struct failure *failure);
void workloads_release(struct workloads *workloads);

/* Makes the map of workloads say what is known, and nothing of containers that are gone.  0 or a negative errno. */
int workloads_keep(const struct workloads *workloads, int map);

/* One container out of the map, by the id of its cgroup or its own; texts live in the arena.  -ENOENT when there is none. */
int workload_kept(int map, uint64_t cgroup, struct arena *arena, struct workload *ret);
int workload_kept_list(int map, struct arena *arena, struct workload_list *ret);

/* The texts of a workload, by the names that they have in the map. */
#define WORKLOAD_TEXTS(X) X(cgroup) X(container) X(name) X(image) X(namespace) X(pod) X(place)

/* As JSON, for the map: false when it is too long.  And back: -EINVAL when it is none of ours. */
bool workload_write(const struct workload *workload, struct buffer *ret);
int workload_parse(const char *text, size_t length, struct arena *arena, struct workload *ret);

/* Writes over what is there what `with` knows. */
void workload_add(struct workload *workload, const struct workload *with);

void workloads_say(struct workloads *workloads, const char *place, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif

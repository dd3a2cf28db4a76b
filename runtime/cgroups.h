/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroups.h - the tree of cgroups of this host, as far as the host itself made it.
 *
 * Only version 2: that is the hierarchy that programs ask about.  Below a container, and below a folder that a user made in what was
 * delegated to him, nobody looks: whatever is there belongs to what lies above.
 */
#ifndef RUNTIME_CGROUPS_H
#define RUNTIME_CGROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"
#include "runtime/containers.h"
#include "runtime/pins.h"
#include "schema/schema.h"

enum cgroup_kind {
	CGROUP_HOST,		/* for itself alone: what comes to be below it may be a container */
	CGROUP_USER,		/* of the host, with all that is below it: its folder belongs to a user */
	CGROUP_CONTAINER,	/* with all that is below it */
};
struct cgroup {
	uint64_t id;		/* inode number, which no other cgroup gets while the machine runs */
	const char *path;	/* from the root of the tree: "/system.slice"; "/" is the root itself */
	enum cgroup_kind kind;
	char container[CONTAINER_ID + 1];	/* "" when its name tells of none */
};
struct cgroups {
	const char *mount;	/* where the tree is; NULL: this host has none of version 2 */
	struct cgroup *items;	/* the root first; parents before children */
	size_t count, capacity;
	size_t left_out;	/* that were too many, or too deep: nothing is known of what is in them */
	size_t elsewhere;	/* containers whose processes are in cgroups of version 1 only */
};

/*
 * `declared`: cgroups that somebody said are one workload: CGROUP_CONTAINER without an id.  Folders that come and go meanwhile are
 * seen or not.  0 or a negative errno with a text.
 */
struct cgroup_declared { const char *path; uint64_t id; };	/* path NULL: the one of that id, which has no successor */
int cgroups_read(struct arena *arena, const struct cgroup_declared *declared, size_t declared_count, struct cgroups *ret,
		 struct failure *failure);

const struct cgroup *cgroups_find(const struct cgroups *cgroups, const char *path);
const struct cgroup *cgroups_find_container(const struct cgroups *cgroups, const char *id);

/* Where the tree of version 2 is mounted, in the arena; NULL: nowhere. */
const char *cgroups_mount(struct arena *arena);

/*
 * Which container a folder's name tells of, "" when of none: the name as a runtime writes it.  Those that watch over a container
 * ("libpod-conmon-ID.scope") are of the host.
 */
void cgroup_container(const char *name, char ret[CONTAINER_ID + 1]);

#endif

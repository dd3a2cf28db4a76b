/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container_state.h - what container runtimes leave on disk of the containers that they run.
 *
 *   containerd (CRI)  names of pod and container, namespace, image; not the pod's labels, which only its daemon has
 *   CRI-O             the same, and the pod's labels, from the sandbox's file
 *   Docker            name, image and the container's own labels; of cri-dockerd pod and namespace instead
 *   Podman            name and image; not the labels, which are in a database
 *
 * Names and labels are chosen by who starts a container: everything is bounded, and only files that nobody but root can write are
 * read.
 */
#ifndef RUNTIME_CONTAINER_STATE_H
#define RUNTIME_CONTAINER_STATE_H

#include "compiler/workload_list.h"

/*
 * `root`: in front of all paths, "" as a rule.  `container`: 64 hexadecimal digits.  0, -ENOENT when no runtime that is known has left
 * anything, or -EINVAL when what is there cannot be understood.  Texts live in the arena.
 */
int container_state_read(const char *root, const char *container, struct arena *arena, struct workload *ret);

/* The text of one file, by the runtime that wrote it; for the above and for fuzzers.  What a sandbox's own file says comes with *sandbox. */
enum container_state { STATE_CONTAINERD, STATE_CRIO, STATE_DOCKER, STATE_STORAGE, STATE_COUNT };
int container_state_parse(enum container_state state, const char *container, const char *text, size_t length, struct arena *arena,
			  struct workload *ret, const char **sandbox);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* containers.h - which container a process is in, as the paths of its cgroups tell. */
#ifndef RUNTIME_CONTAINERS_H
#define RUNTIME_CONTAINERS_H

#include <stddef.h>
#include <stdint.h>

enum { CONTAINER_ID = 64 };

/*
 * Out of the text of /proc/PID/cgroup: the last 64 hexadecimal digits that are a folder's name, or its end before an
 * extension ("docker-ID.scope", "cri-containerd-ID.scope", "/docker/ID").  "" when there are none: the process is in no
 * container, or in one whose runtime names it otherwise.
 */
void container_id_find(const char *text, char ret[CONTAINER_ID + 1]);

/* The text itself, of a process that runs; "" when it is gone, or another one has its number. */
void container_cgroups_read(uint32_t pid, uint64_t start_time, char *ret, size_t size);

#endif

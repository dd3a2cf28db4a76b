/* SPDX-License-Identifier: Apache-2.0 */
/* path_walk.h - paths below a root, one name at a time, for kernels and filters of system calls without openat2. */
#ifndef SYMBOLIZE_PATH_WALK_H
#define SYMBOLIZE_PATH_WALK_H

/* As openat2 with RESOLVE_IN_ROOT and O_PATH: a descriptor, or -1 with errno. Only system calls are made. */
int path_walk_below(int root, const char *path);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * waiting.h - finding and reading files that may make the reader wait for ever: on network file systems, and those that a process serves (FUSE), which
 * may be the very process that is looked at.
 *
 * A thread that such a file system holds up cannot be stopped, and holds up the end of its whole process; so does a file of it that is open, whose
 * closing waits.  So what may wait is done by a helper: a process of its own, forked when it is first needed, that has nothing of ours open.  When it
 * does not answer in time it is left behind.  We ourselves only have such files as O_PATH, which never waits.  What is known not to wait is done at
 * once: paths that the kernel has in memory, files on block devices.
 *
 * Each thread has a helper of its own.
 */
#ifndef SYMBOLIZE_WAITING_H
#define SYMBOLIZE_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * A descriptor (O_PATH) of what is at a path.  `root`: AT_FDCWD, or a descriptor that the path cannot leave.  A negative errno; -ETIMEDOUT.
 */
int waiting_find(int root, const char *path);

/* What the kernel knows of a file without asking anybody. */
bool waiting_look(int file, struct statx *ret);

/* Whether opening and reading it never waits for anybody: it is on a block device. */
bool waiting_is_local(const struct statx *file);

/* The same file open for reading (O_NONBLOCK), of one that is local and regular.  A negative errno. */
int waiting_open(int found);

/* As pread, of what is found but not local. `id`: any number that is this file's only.  A negative errno; -ETIMEDOUT. */
ssize_t waiting_read(int found, uint64_t id, void *bytes, size_t size, uint64_t offset);

/* How long this thread waits for an answer; LIMIT_WAIT_MS unless it says so. */
void waiting_have_patience(int milliseconds);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filesystems.h - the kernel's own file systems, whether somebody mounted them or not.
 *
 * tracefs and securityfs are read through a mount that only this process sees when there is no other.
 * bpffs must stay, so it is mounted for all when it is missing where the pins shall be.
 */
#ifndef RUNTIME_FILESYSTEMS_H
#define RUNTIME_FILESYSTEMS_H

#include <stddef.h>

/* Directory descriptors, to be closed by the caller, or a negative errno. */
int tracefs_open(void);
int securityfs_open(void);

/* Mounts bpffs on `directory` unless it is there.  0 or a negative errno. */
int bpffs_ensure(const char *directory);

/* Whether `path` (a directory or a file that exists) lies on bpffs: 1, 0, or a negative errno. */
int bpffs_holds(const char *path);

/*
 * Reads a whole small file below a directory (AT_FDCWD: as is) into `text`, NUL-terminated; bytes read or
 * a negative errno, -EFBIG when it does not fit.
 */
int read_small_file(int directory, const char *path, char *text, size_t size);

#endif

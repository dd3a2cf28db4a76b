// SPDX-License-Identifier: Apache-2.0
/* filesystems.c - finds or mounts tracefs, securityfs and bpffs; see filesystems.h. */
#include "runtime/filesystems.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

/* The directory when it is the root of a file system of that kind; else -ENOENT. */
static int open_mounted(const char *path, long magic)
{
	struct statfs status;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (!fstatfs(fd, &status) && status.f_type == magic)
		return fd;
	close(fd);
	return -ENOENT;
}

/* A mount that nobody else can see and that ends with its descriptor. */
static int open_detached(const char *type)
{
	int context = fsopen(type, FSOPEN_CLOEXEC), mount = -1, error;

	if (context < 0)
		return -errno;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) ||
	    (mount = fsmount(context, FSMOUNT_CLOEXEC, 0)) < 0)
		error = -errno;
	close(context);
	return mount < 0 ? error : mount;
}

int tracefs_open(void)
{
	int fd = open_mounted("/sys/kernel/tracing", TRACEFS_MAGIC);

	if (fd < 0)
		fd = open_mounted("/sys/kernel/debug/tracing", TRACEFS_MAGIC);
	return fd < 0 ? open_detached("tracefs") : fd;
}

int securityfs_open(void)
{
	int fd = open_mounted("/sys/kernel/security", SECURITYFS_MAGIC);

	return fd < 0 ? open_detached("securityfs") : fd;
}

int bpffs_holds(const char *path)
{
	struct statfs status;

	return statfs(path, &status) ? -errno : status.f_type == BPF_FS_MAGIC;
}

int bpffs_ensure(const char *directory)
{
	int held = bpffs_holds(directory);

	if (held)
		return held < 0 ? held : 0;
	return mount("bpf", directory, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") ? -errno : 0;
}

int read_small_file(int directory, const char *path, char *text, size_t size)
{
	int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got = 0;

	if (fd < 0)
		return -errno;
	while (length < size - 1 && (got = read(fd, text + length, size - 1 - length)) > 0)
		length += (size_t)got;
	if (got < 0)
		got = -errno;
	else if (length == size - 1)
		got = -EFBIG;
	text[length] = 0;
	close(fd);
	return got < 0 ? (int)got : (int)length;
}

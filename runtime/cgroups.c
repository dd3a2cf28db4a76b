// SPDX-License-Identifier: Apache-2.0
/* cgroups.c - see cgroups.h. */
#include "runtime/cgroups.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf-templates/abi.h"
#include "runtime/filesystems.h"

struct walk {
	struct arena *arena;
	const struct cgroup_declared *declared;
	size_t declared_count;
	struct cgroups *ret;
};

/* ---- Where ---- */

/* "\040" of the kernel's tables is a blank. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		unsigned value;

		if (*from == '\\' && sscanf(from + 1, "%3o", &value) == 1) {
			*to = (char)value;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = 0;
}

const char *cgroups_mount(struct arena *arena)
{
	FILE *mounts = fopen("/proc/self/mounts", "re");
	char *line = NULL, *found = NULL, *point, *type;
	size_t size = 0;

	while (mounts && !found && getline(&line, &size, mounts) > 0) {
		point = strchr(line, ' ');
		type = point ? strchr(point + 1, ' ') : NULL;
		if (!type || strncmp(type + 1, "cgroup2 ", strlen("cgroup2 ")))
			continue;
		*type = 0;
		unescape(point + 1);
		found = arena_copy(arena, point + 1, strlen(point + 1));
	}
	if (mounts)
		fclose(mounts);
	free(line);
	return found;
}

/* ---- Names ---- */

void cgroup_container(const char *name, char ret[CONTAINER_ID + 1])
{
	container_id_find(name, ret);
	if (strstr(name, "conmon-"))
		*ret = 0;
}

static bool is_declared(const struct walk *walk, const struct cgroup *cgroup)
{
	for (size_t n = 0; n < walk->declared_count; n++)
		if (walk->declared[n].path ? !strcmp(walk->declared[n].path, cgroup->path) : walk->declared[n].id == cgroup->id)
			return true;
	return false;
}

/* Whether only root can make folders in it: then their names are what a runtime of the host calls them. */
static bool is_roots(const struct stat *folder)
{
	return !folder->st_uid && !(folder->st_mode & S_IWOTH) && (!folder->st_gid || !(folder->st_mode & S_IWGRP));
}

/* ---- The walk ---- */

static struct cgroup *add(struct walk *walk, const char *path, uint64_t id)
{
	struct cgroups *ret = walk->ret;

	ret->items = arena_grow(walk->arena, ret->items, ret->count, &ret->capacity, sizeof(*ret->items));
	ret->items[ret->count] = (struct cgroup){ .id = id, .path = path };
	return &ret->items[ret->count++];
}

/* A folder in one that only root can change; a user's is one for all that he does in it. */
static bool classify(const struct walk *walk, const char *name, const struct stat *status, struct cgroup *ret)
{
	cgroup_container(name, ret->container);
	if (is_declared(walk, ret) || *ret->container)
		ret->kind = CGROUP_CONTAINER;
	else if (!is_roots(status))
		ret->kind = CGROUP_USER;
	else
		ret->kind = CGROUP_HOST;
	return ret->kind == CGROUP_HOST;
}

static void visit(struct walk *walk, int folder, const char *path, unsigned level);

static void visit_child(struct walk *walk, int parent, const char *path, unsigned level, const char *name)
{
	const char *below = arena_format(walk->arena, "%s/%s", path[1] ? path : "", name);
	struct stat status;
	int folder;

	if (walk->ret->count >= LIMIT_HOST_CGROUPS || level >= ABI_SCOPE_LEVELS) {
		walk->ret->left_out++;
		return;
	}
	folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return;
	if (!fstat(folder, &status) && classify(walk, name, &status, add(walk, below, status.st_ino)))
		visit(walk, folder, below, level);
	else
		close(folder);
}

/* Takes over the descriptor. */
static void visit(struct walk *walk, int folder, const char *path, unsigned level)
{
	DIR *directory = fdopendir(folder);
	struct dirent *entry;

	if (!directory) {
		close(folder);
		walk->ret->left_out++;
		return;
	}
	while ((entry = readdir(directory)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			visit_child(walk, dirfd(directory), path, level + 1, entry->d_name);
	closedir(directory);
}

/* ---- Version 1 ---- */

/* Of "/proc/PID/cgroup": the line of version 2 begins with "0::". */
static bool is_elsewhere(const char *text)
{
	char all[CONTAINER_ID + 1], second[CONTAINER_ID + 1] = "";
	const char *line = strstr(text, "\n0::");

	if (!line && !strncmp(text, "0::", 3))
		return false;
	container_id_find(text, all);
	if (line)
		container_id_find(line + 1, second);
	return *all && !*second;
}

static bool has_version_1(void)
{
	char text[4096];

	return read_small_file(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text)) <= 0 || strncmp(text, "0::", 3);
}

static size_t count_elsewhere(void)
{
	DIR *processes = has_version_1() ? opendir("/proc") : NULL;
	struct dirent *entry;
	size_t count = 0;

	while (processes && (entry = readdir(processes))) {
		char path[300], text[16384];

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%s/cgroup", entry->d_name);
		count += read_small_file(dirfd(processes), path, text, sizeof(text)) > 0 && is_elsewhere(text);
	}
	if (processes)
		closedir(processes);
	return count;
}

int cgroups_read(struct arena *arena, const struct cgroup_declared *declared, size_t declared_count, struct cgroups *ret,
		 struct failure *failure)
{
	struct walk walk = { arena, declared, declared_count, ret };
	struct stat status;
	int folder, error;

	*ret = (struct cgroups){ .mount = cgroups_mount(arena), .elsewhere = count_elsewhere() };
	if (!ret->mount)
		return 0;
	folder = open(ret->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || fstat(folder, &status)) {
		error = -errno;
		if (folder >= 0)
			close(folder);
		return fail(failure, error, "cannot look into '%s': %s", ret->mount, strerror(-error));
	}
	add(&walk, "/", status.st_ino);
	visit(&walk, folder, "/", 0);
	return 0;
}

const struct cgroup *cgroups_find(const struct cgroups *cgroups, const char *path)
{
	for (size_t n = 0; n < cgroups->count; n++)
		if (!strcmp(cgroups->items[n].path, path))
			return &cgroups->items[n];
	return NULL;
}

const struct cgroup *cgroups_find_container(const struct cgroups *cgroups, const char *id)
{
	for (size_t n = 0; n < cgroups->count; n++)
		if (cgroups->items[n].kind == CGROUP_CONTAINER && !strcmp(cgroups->items[n].container, id))
			return &cgroups->items[n];
	return NULL;
}

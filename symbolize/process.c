// SPDX-License-Identifier: Apache-2.0
/* process.c - see process.h. */
#include "symbolize/process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "compiler/base/buffer.h"
#include "schema/schema.h"
#include "symbolize/process_maps.h"
#include "symbolize/waiting.h"
#include "symbolize/text_file.h"

struct process {
	pid_t pid;
	int folder, root;		/* /proc/PID, and its root; -1: not open */
	bool is_stopped;
	struct buffer text;		/* of maps */
	struct mapping *mappings;
	size_t count;
	struct buffer vdso;
	struct buffer compiled_text;
	struct compiled *compiled;
	size_t compiled_count;
	struct stat compiled_file;	/* as it was when it was read */
	uint64_t compiled_read_at;	/* ns of CLOCK_MONOTONIC; 0: never */
};

/* ---- Which process it is ---- */

/* The clock of /proc counts in hundredths of seconds, whatever the kernel's does. */
static bool has_begun_by(struct process *process, uint64_t start_time)
{
	const uint64_t tick = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
	struct buffer text = { 0 };
	uint64_t start = 0;
	const bool known = text_file_read(process->folder, "stat", 65536, &text) == SYMBOL_KNOWN && stat_start_time(text.bytes, &start);

	buffer_release(&text);
	return known && (!start_time || start * tick <= start_time + tick);
}

struct process *process_open(pid_t pid, uint64_t start_time, enum symbol_why *why)
{
	struct process *process = calloc(1, sizeof(*process));
	char path[32];

	if (!process)
		abort();
	snprintf(path, sizeof(path), "/proc/%d", pid);
	*process = (struct process){ .pid = pid, .root = -1, .folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) };
	*why = process->folder < 0 && errno != ENOENT ? why_of_errno(errno) : SYMBOL_GONE;
	if (process->folder >= 0 && has_begun_by(process, start_time)) {
		*why = SYMBOL_KNOWN;
		return process;
	}
	process_close(process);
	return NULL;
}

void process_close(struct process *process)
{
	if (!process)
		return;
	if (process->folder >= 0)
		close(process->folder);
	if (process->root >= 0)
		close(process->root);
	free(process->mappings);
	free(process->compiled);
	buffer_release(&process->text);
	buffer_release(&process->vdso);
	buffer_release(&process->compiled_text);
	free(process);
}

int process_root(struct process *process)
{
	if (process->root < 0)
		process->root = openat(process->folder, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return process->root;
}

/* ---- Mappings ---- */

static enum symbol_why read_maps(struct process *process)
{
	struct buffer text = { 0 };
	enum symbol_why why = process->is_stopped ? SYMBOL_GONE : text_file_read(process->folder, "maps", LIMIT_MAPS_BYTES, &text);

	if (why == SYMBOL_KNOWN && !text.length)
		why = SYMBOL_GONE;	/* it has given its memory back, or never had any: a thread of the kernel */
	if (why != SYMBOL_KNOWN) {
		buffer_release(&text);
		return why == SYMBOL_NO_FILE ? SYMBOL_GONE : why;
	}
	buffer_release(&process->text);
	free(process->mappings);
	process->text = text;
	process->mappings = maps_read(process->text.bytes, &process->count);
	return SYMBOL_KNOWN;
}

void process_stop(struct process *process)
{
	process->is_stopped = true;
}

bool process_refresh(struct process *process)
{
	return read_maps(process) == SYMBOL_KNOWN;
}

const struct mapping *process_mapping(struct process *process, uint64_t address, enum symbol_why *why)
{
	const struct mapping *mapping = maps_find(process->mappings, process->count, address);

	*why = SYMBOL_KNOWN;
	if (mapping)
		return mapping;
	*why = read_maps(process);
	mapping = *why == SYMBOL_KNOWN ? maps_find(process->mappings, process->count, address) : NULL;
	if (!mapping && *why == SYMBOL_KNOWN)
		*why = SYMBOL_UNMAPPED;
	return mapping;
}

/* ---- Files ---- */

/*
 * The device of a mapping is not always that of the file's path: file systems with several roots (btrfs) and stacked ones (overlayfs) have
 * another one for each.
 */
static bool is_mapped(int file, const struct mapping *mapping)
{
	struct statx about;

	return waiting_look(file, &about) && S_ISREG(about.stx_mode) && about.stx_ino == mapping->inode;
}

/* What is mapped itself, also of files that are deleted. */
static int open_mapped(struct process *process, const struct mapping *mapping)
{
	char name[64];
	enum symbol_why why;
	int path_only, file;

	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, mapping->start, mapping->end);
	path_only = openat(process->folder, name, O_PATH | O_CLOEXEC);
	if (path_only < 0)
		return -1;
	file = binary_open_found(path_only, &why);
	if (file >= 0 && !is_mapped(file, mapping)) {	/* it has executed something else since */
		close(file);
		return -1;
	}
	return file;
}

static int open_by_path(struct process *process, const struct mapping *mapping, enum symbol_why *why)
{
	char path[4096];
	int file;

	*why = SYMBOL_NO_FILE;
	if (mapping->is_deleted || !maps_path(mapping, path, sizeof(path)))
		return -1;
	if (process_root(process) < 0) {
		*why = why_of_errno(errno) == SYMBOL_PERMISSION ? SYMBOL_PERMISSION : SYMBOL_GONE;
		return -1;
	}
	file = binary_open_path(process->root, path, why);
	if (file >= 0 && !is_mapped(file, mapping)) {
		close(file);
		*why = SYMBOL_NO_FILE;	/* another file has taken the name */
		return -1;
	}
	return file;
}

/* ---- The vdso ---- */

static bool read_memory(struct process *process, uint64_t address, size_t size, struct buffer *ret)
{
	const int memory = openat(process->folder, "mem", O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;

	ret->length = 0;
	if (memory >= 0) {
		got = pread(memory, buffer_reserve(ret, size), size, (off_t)address);
		close(memory);
	}
	ret->length = got == (ssize_t)size ? size : 0;
	return ret->length;
}

/* Whether ours is as large: then it is the same kernel's for the same machine. */
static bool copy_own_vdso(size_t size, struct buffer *ret)
{
	const uint64_t own = getauxval(AT_SYSINFO_EHDR);
	struct buffer text = { 0 };
	struct mapping *mappings = NULL;
	const struct mapping *mapping = NULL;
	size_t count = 0;

	if (own && text_file_read(AT_FDCWD, "/proc/self/maps", LIMIT_MAPS_BYTES, &text) == SYMBOL_KNOWN)
		mappings = maps_read(text.bytes, &count);
	if (mappings)
		mapping = maps_find(mappings, count, own);
	if (mapping && mapping->start == own && mapping->end - own == size) {
		ret->length = 0;
		buffer_add(ret, (const void *)(uintptr_t)own, size);
	}
	free(mappings);
	buffer_release(&text);
	return ret->length == size;
}

static struct binary *open_vdso(struct process *process, const struct mapping *mapping, enum symbol_why *why)
{
	const size_t size = mapping->end - mapping->start;

	*why = SYMBOL_TOO_LARGE;
	if (size > LIMIT_VDSO_BYTES)
		return NULL;
	*why = process->is_stopped ? SYMBOL_GONE : SYMBOL_PERMISSION;
	if (!process->vdso.length && process->is_stopped)
		return NULL;
	if (!process->vdso.length && !read_memory(process, mapping->start, size, &process->vdso) && !copy_own_vdso(size, &process->vdso))
		return NULL;
	return binary_of_bytes(process->vdso.bytes, process->vdso.length, why);
}

struct binary *process_binary(struct process *process, const struct mapping *mapping, enum symbol_why *why)
{
	int file;

	if (mapping->kind == MAPPING_VDSO)
		return open_vdso(process, mapping, why);
	*why = SYMBOL_ANONYMOUS;
	if (mapping->kind != MAPPING_FILE)
		return NULL;
	file = open_mapped(process, mapping);
	if (file < 0)
		file = open_by_path(process, mapping, why);
	return file < 0 ? NULL : binary_open(file, why);
}

/* ---- What the process compiled ---- */

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int open_in_root(int root, const char *path)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* A list is only believed of its own user or root, when nobody else may write it. */
static bool is_own_file(const struct stat *about, const char *status)
{
	uid_t ids[4];

	if (!S_ISREG(about->st_mode) || about->st_mode & S_IWOTH || !status_user_ids(status, ids))
		return false;
	return !about->st_uid || about->st_uid == ids[0] || about->st_uid == ids[1];
}

static bool is_as_it_was(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void take_list(struct process *process, int file, const struct stat *about)
{
	struct buffer text = { 0 };

	if (is_as_it_was(about, &process->compiled_file) || text_descriptor_read(file, LIMIT_COMPILED_BYTES, &text) != SYMBOL_KNOWN) {
		buffer_release(&text);
		return;
	}
	free(process->compiled);
	buffer_release(&process->compiled_text);
	process->compiled_text = text;
	process->compiled_file = *about;
	process->compiled = compiled_read(text.bytes, text.length, &process->compiled_count);
}

static void read_list(struct process *process)
{
	struct buffer status = { 0 };
	struct stat about;
	char path[48];
	pid_t pid;
	int file = -1;

	process->compiled_read_at = now();
	if (process_root(process) >= 0 && text_file_read(process->folder, "status", 65536, &status) == SYMBOL_KNOWN &&
	    status_inner_pid(status.bytes, &pid)) {
		snprintf(path, sizeof(path), "tmp/perf-%d.map", pid);
		file = open_in_root(process->root, path);
	}
	if (file >= 0) {
		if (!fstat(file, &about) && is_own_file(&about, status.bytes))
			take_list(process, file, &about);
		close(file);
	}
	buffer_release(&status);
}

/* Lists grow while the process runs: one is read again when it does not have the address, once a second at most. */
bool process_compiled(struct process *process, uint64_t address, const char **name, uint64_t *start)
{
	const struct compiled *found = compiled_find(process->compiled, process->compiled_count, address);

	if (!found && !process->is_stopped && (!process->compiled_read_at || now() - process->compiled_read_at > 1000000000u)) {
		read_list(process);
		found = compiled_find(process->compiled, process->compiled_count, address);
	}
	if (!found)
		return false;
	*name = found->name;
	*start = found->start;
	return true;
}

// SPDX-License-Identifier: Apache-2.0
/* processes.c - reads /proc into the process table; see processes.h. */
#include "runtime/processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "runtime/filesystems.h"

#define NANOSECONDS 1000000000ull

int process_parse_stat(const char *text, unsigned int *parent, unsigned long long *start)
{
	const char *end = strrchr(text, ')');

	/* after the name: state, parent, 17 more fields, start time */
	return end && sscanf(end + 1,
		" %*c %u %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", parent, start) == 2 ?
		0 : -EINVAL;
}

static int read_stat(unsigned int pid, unsigned int *parent, unsigned long long *start)
{
	char path[64], text[1024];
	int length;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	length = read_small_file(AT_FDCWD, path, text, sizeof(text));
	if (length < 0)
		return length;
	if (process_parse_stat(text, parent, start))
		return -EINVAL;
	*start = *start * (NANOSECONDS / (unsigned long long)sysconf(_SC_CLK_TCK));
	return 0;
}

/* The value of a line of /proc/PID/status, whose name is given as "\nNAME:"; NULL when there is none. */
static const char *find_line(const char *text, const char *name)
{
	const char *found = strstr(text, name);

	return found ? found + strlen(name) : NULL;
}

/* The last of the numbers of a line: a process's id as its own namespace has it. */
static uint32_t last_number(const char *text)
{
	const char *end = strchr(text, '\n');
	const char *start = end ? end : text + strlen(text);

	while (start > text && start[-1] >= '0' && start[-1] <= '9')
		start--;
	return (uint32_t)strtoul(start, NULL, 10);
}

static void read_capabilities(const char *text, struct abi_process *ret)
{
	static const char *const names[ABI_CAPABILITY_SETS] = { "\nCapEff:", "\nCapInh:", "\nCapPrm:" };

	ret->flags |= ABI_PROCESS_CAPABILITIES;
	for (int n = 0; n < (int)ABI_CAPABILITY_SETS; n++) {
		const char *found = find_line(text, names[n]);

		if (found)
			ret->capabilities[n] = strtoull(found, NULL, 16);
		else
			ret->flags &= ~ABI_PROCESS_CAPABILITIES;
	}
}

static void read_status(unsigned int pid, struct abi_process *ret)
{
	char path[64], text[8192];
	const char *found;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	if (read_small_file(AT_FDCWD, path, text, sizeof(text)) > 0) {
		found = find_line(text, "\nUid:");
		if (found)
			ret->uid = (uint32_t)strtoul(found, NULL, 10);
		found = find_line(text, "\nNSpid:");
		if (found)
			ret->namespace_pid = last_number(found);
		read_capabilities(text, ret);
	}
	snprintf(path, sizeof(path), "/proc/%u/loginuid", pid);
	ret->auid = UINT32_MAX;
	if (read_small_file(AT_FDCWD, path, text, sizeof(text)) > 0)
		ret->auid = (uint32_t)strtoul(text, NULL, 10);
}

/* The target of a link below /proc/PID; sets `cut` when it does not fit. */
static uint16_t read_target(unsigned int pid, const char *name, char *ret, size_t size, uint32_t cut,
			    uint32_t *flags)
{
	char path[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	length = readlink(path, ret, size);
	if (length < 0)
		return 0;
	if ((size_t)length >= size) {
		length = (ssize_t)size - 1;
		*flags |= cut;
	}
	ret[length] = 0;
	return (uint16_t)length;
}

/* argv[1..], NUL-separated. */
static void read_arguments(unsigned int pid, struct abi_process *ret)
{
	char path[64], text[4096];
	size_t first, length;
	int got;

	snprintf(path, sizeof(path), "/proc/%u/cmdline", pid);
	got = read_small_file(AT_FDCWD, path, text, sizeof(text));
	if (got == -EFBIG)
		got = sizeof(text) - 1;
	first = got > 0 ? strnlen(text, (size_t)got) + 1 : 0;
	if (got <= 0 || first >= (size_t)got)
		return;
	length = (size_t)got - first;
	while (length && !text[first + length - 1])
		length--;
	if (length > sizeof(ret->arguments)) {
		length = sizeof(ret->arguments);
		ret->flags |= ABI_PROCESS_ARGUMENTS_CUT;
	}
	memcpy(ret->arguments, text + first, length);
	ret->arguments_length = (uint16_t)length;
}

int process_read(unsigned int pid, struct abi_process *ret)
{
	unsigned long long start, parent_start = 0;
	unsigned int parent, unused;

	memset(ret, 0, sizeof(*ret));
	if (read_stat(pid, &parent, &start))
		return -ESRCH;
	ret->pid = pid;
	ret->parent_pid = parent;
	ret->start_time = start ? start : 1;
	ret->flags = ABI_PROCESS_PROCFS;
	if (parent && !read_stat(parent, &unused, &parent_start))
		ret->parent_start_time = parent_start ? parent_start : 1;
	read_status(pid, ret);
	namespaces_read(pid, ret->namespaces);
	ret->path_length = read_target(pid, "exe", ret->path, sizeof(ret->path), ABI_PROCESS_PATH_CUT, &ret->flags);
	ret->cwd_length = read_target(pid, "cwd", ret->cwd, sizeof(ret->cwd), ABI_PROCESS_CWD_CUT, &ret->flags);
	read_arguments(pid, ret);
	return 0;
}

void namespaces_read(unsigned int pid, uint32_t ret[ABI_NAMESPACES])
{
	static const char *const names[ABI_NAMESPACES] = {
		"uts", "ipc", "mnt", "pid", "pid_for_children", "net", "time", "time_for_children", "cgroup", "user",
	};
	char path[64], target[64];

	for (int n = 0; n < (int)ABI_NAMESPACES; n++) {
		ssize_t length;
		const char *number;

		snprintf(path, sizeof(path), "/proc/%u/ns/%s", pid, names[n]);
		length = readlink(path, target, sizeof(target) - 1);
		target[length > 0 ? length : 0] = 0;
		number = strchr(target, '[');	/* uts:[4026531838] */
		ret[n] = number ? (uint32_t)strtoul(number + 1, NULL, 10) : 0;
	}
}

/* ---- Kin ---- */

/* As the namespace of `process` numbers the ancestor; nobody who is outside is numbered. */
static void add_namespace_ancestor(struct abi_process *process, const struct abi_process *ancestor)
{
	enum { PID = 3 };	/* a word of NAMESPACE */

	if (!process->namespaces[PID] || !ancestor->namespaces[PID] || !ancestor->namespace_pid)
		process->flags |= ABI_PROCESS_NAMESPACE_LINEAGE_CUT;
	else if (ancestor->namespaces[PID] == process->namespaces[PID])
		process->namespace_ancestors[process->namespace_ancestor_count++] = ancestor->namespace_pid;
}

/* Whom it descends from, as /proc has it now. */
static void read_ancestors(struct abi_process *process)
{
	struct abi_process ancestor = { .parent_pid = process->parent_pid };
	unsigned long long start;

	while (ancestor.parent_pid && process->ancestor_count < ABI_LINEAGE_MAX) {
		ancestor = (struct abi_process){ .pid = ancestor.parent_pid };
		process->ancestors[process->ancestor_count++] = ancestor.pid;
		if (read_stat(ancestor.pid, &ancestor.parent_pid, &start)) {
			process->flags |= ABI_PROCESS_LINEAGE_CUT | ABI_PROCESS_NAMESPACE_LINEAGE_CUT;
			return;
		}
		read_status(ancestor.pid, &ancestor);
		namespaces_read(ancestor.pid, ancestor.namespaces);
		add_namespace_ancestor(process, &ancestor);
	}
	if (ancestor.parent_pid)
		process->flags |= ABI_PROCESS_LINEAGE_CUT | ABI_PROCESS_NAMESPACE_LINEAGE_CUT;
}

/* A process that exited between reading and entering it would stay for ever: nobody sees it exit again. */
static void remove_if_gone(int map, const struct abi_process *entered)
{
	struct abi_process now;
	unsigned long long start;
	unsigned int parent;

	if (!read_stat(entered->pid, &parent, &start) && (start ? start : 1) == entered->start_time)
		return;
	if (!bpf_map_lookup_elem(map, &entered->pid, &now) && now.flags & ABI_PROCESS_PROCFS &&
	    now.start_time == entered->start_time)
		bpf_map_delete_elem(map, &entered->pid);
}

/* The table's own entry of the parent is the one that events will name. */
static void adopt_parent(int map, struct abi_process *process)
{
	struct abi_process parent;

	if (process->parent_pid && !bpf_map_lookup_elem(map, &process->parent_pid, &parent))
		process->parent_start_time = parent.start_time;
}

static int enter(int map, unsigned int pid)
{
	struct abi_process process;
	int error;

	if (process_read(pid, &process))
		return 0;
	read_ancestors(&process);
	adopt_parent(map, &process);
	error = bpf_map_update_elem(map, &process.pid, &process, BPF_NOEXIST);
	if (!error)
		remove_if_gone(map, &process);
	return error == -EEXIST || error == -E2BIG ? 0 : error;
}

int processes_fill(int map)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int error = 0;

	if (!proc)
		return -errno;
	while (!error && (entry = readdir(proc)))
		if (*entry->d_name >= '1' && *entry->d_name <= '9')
			error = enter(map, (unsigned int)strtoul(entry->d_name, NULL, 10));
	closedir(proc);
	return error;
}

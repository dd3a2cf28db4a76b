// SPDX-License-Identifier: Apache-2.0
/* processes.c - reads /proc into the process table; see processes.h. */
#include "runtime/processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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

static void read_capabilities(const char *text, struct abi_process_entry *ret)
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

static void read_status(unsigned int pid, struct abi_process_entry *ret)
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

/* argv[1..], NUL-separated, to `ret`, which has room for ABI_PROCESS_ARGUMENTS; returns their length. */
static uint16_t read_arguments(unsigned int pid, char *ret, uint32_t *flags)
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
		return 0;
	length = (size_t)got - first;
	while (length && !text[first + length - 1])
		length--;
	if (length > ABI_PROCESS_ARGUMENTS) {
		length = ABI_PROCESS_ARGUMENTS;
		*flags |= ABI_PROCESS_ARGUMENTS_CUT;
	}
	memcpy(ret, text + first, length);
	return (uint16_t)length;
}

/* One after the other; those that the entry has room for to the entry. */
static void read_texts(unsigned int pid, struct abi_process_entry *entry, struct abi_process_texts *texts)
{
	char *at = texts->texts;

	entry->path_length = read_target(pid, "exe", at, ABI_PROCESS_PATH, ABI_PROCESS_PATH_CUT, &entry->flags);
	at += entry->path_length;
	entry->arguments_length = read_arguments(pid, at, &entry->flags);
	at += entry->arguments_length;
	entry->cwd_length = read_target(pid, "cwd", at, ABI_PROCESS_CWD, ABI_PROCESS_CWD_CUT, &entry->flags);
	at += entry->cwd_length;
	if (at - texts->texts < (ptrdiff_t)ABI_PROCESS_NEAR)
		memcpy(entry->texts, texts->texts, (size_t)(at - texts->texts));
	else
		entry->flags |= ABI_PROCESS_FAR;
	texts->start_time = entry->start_time;
}

int process_read(unsigned int pid, struct abi_process_entry *ret, struct abi_process_texts *texts)
{
	unsigned long long start, parent_start = 0;
	unsigned int parent, unused;

	memset(ret, 0, sizeof(*ret));
	memset(texts, 0, sizeof(*texts));
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
	read_texts(pid, ret, texts);
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
static void add_namespace_ancestor(struct abi_process_entry *process, const struct abi_process_entry *ancestor)
{
	enum { PID = 3 };	/* a word of NAMESPACE */

	if (!process->namespaces[PID] || !ancestor->namespaces[PID] || !ancestor->namespace_pid)
		process->flags |= ABI_PROCESS_NAMESPACE_LINEAGE_CUT;
	else if (ancestor->namespaces[PID] == process->namespaces[PID])
		process->namespace_ancestors[process->namespace_ancestor_count++] = ancestor->namespace_pid;
}

/* Whom it descends from, as /proc has it now. */
static void read_ancestors(struct abi_process_entry *process)
{
	struct abi_process_entry ancestor = { .parent_pid = process->parent_pid };
	unsigned long long start;

	while (ancestor.parent_pid && process->ancestor_count < ABI_LINEAGE_MAX) {
		ancestor = (struct abi_process_entry){ .pid = ancestor.parent_pid };
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

static void turn_round(uint32_t *numbers, unsigned int count)
{
	for (unsigned int n = 0; n < count / 2; n++) {
		uint32_t first = numbers[n];

		numbers[n] = numbers[count - 1 - n];
		numbers[count - 1 - n] = first;
	}
}

/* In the order of the table: the parent is last. */
static void enter_ancestors(struct abi_process_entry *process)
{
	read_ancestors(process);
	turn_round(process->ancestors, process->ancestor_count);
	turn_round(process->namespace_ancestors, process->namespace_ancestor_count);
}

/* ---- The table ---- */

/* Those of another start are what has become of the process since. */
static int find_texts(struct process_maps maps, const struct abi_process_entry *entry, struct abi_process *ret)
{
	struct abi_process_texts texts;
	int error = bpf_map_lookup_elem(maps.texts, &entry->pid, &texts);

	if (error || texts.start_time != entry->start_time)
		return -EAGAIN;
	memcpy(ret->texts, texts.texts, sizeof(ret->texts));
	return 0;
}

/* Facts and texts of an entry of the table.  -EAGAIN while it is being changed: see struct abi_process_entry. */
static int find_whole(struct process_maps maps, uint32_t pid, struct abi_process *ret, bool *has_texts)
{
	const size_t size = offsetof(struct abi_process_entry, texts) + sizeof(((struct abi_process_entry *)0)->texts);
	struct abi_process_entry entry, again;
	int error = bpf_map_lookup_elem(maps.entries, &pid, &entry);

	if (error)
		return error;
	memcpy(ret, &entry, size);
	ret->flags &= ~ABI_PROCESS_FAR;
	*has_texts = !(entry.flags & ABI_PROCESS_FAR) || !find_texts(maps, &entry, ret);
	error = bpf_map_lookup_elem(maps.entries, &pid, &again);
	if (error)
		return error;
	return entry.start_time && entry.pid == pid && !memcmp(&entry, &again, size) ? 0 : -EAGAIN;
}

int process_find(struct process_maps maps, uint32_t pid, struct abi_process *ret)
{
	enum { TRIES = 20 };
	bool has_texts;
	int error;

	for (int n = 0; n < TRIES; n++) {
		error = find_whole(maps, pid, ret, &has_texts);
		if (!error ? has_texts : error != -EAGAIN)
			return error;
		if (n > TRIES / 2)
			nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);	/* changing it takes less than a microsecond */
	}
	ret->path_length = ret->arguments_length = ret->cwd_length = 0;
	return error;
}

static bool is_there(struct process_maps maps, const struct abi_process_entry *entered)
{
	struct abi_process_entry now;

	return !bpf_map_lookup_elem(maps.entries, &entered->pid, &now) && now.flags & ABI_PROCESS_PROCFS &&
	       now.start_time == entered->start_time;
}

/* Those that were entered, when the programs have taken the entry for another process meanwhile. */
static void remove_texts(struct process_maps maps, const struct abi_process_entry *entered)
{
	struct abi_process_texts now;

	if (!bpf_map_lookup_elem(maps.texts, &entered->pid, &now) && now.start_time == entered->start_time)
		bpf_map_delete_elem(maps.texts, &entered->pid);
}

/* A process that exited between reading and entering it would stay for ever: nobody sees it exit again. */
static void remove_if_gone(struct process_maps maps, const struct abi_process_entry *entered)
{
	unsigned long long start;
	unsigned int parent;
	bool runs = !read_stat(entered->pid, &parent, &start) && (start ? start : 1) == entered->start_time;

	if (!runs && is_there(maps, entered))
		bpf_map_delete_elem(maps.entries, &entered->pid);
	if (entered->flags & ABI_PROCESS_FAR && !is_there(maps, entered))
		remove_texts(maps, entered);
}

/* The table's own entry of the parent is the one that events will name. */
static void adopt_parent(struct process_maps maps, struct abi_process_entry *process)
{
	struct abi_process parent;

	if (process->parent_pid && !process_find(maps, process->parent_pid, &parent))
		process->parent_start_time = parent.start_time;
}

static int enter(struct process_maps maps, unsigned int pid)
{
	struct abi_process_entry process;
	struct abi_process_texts texts;
	int error;

	if (process_read(pid, &process, &texts))
		return 0;
	enter_ancestors(&process);
	adopt_parent(maps, &process);
	error = bpf_map_update_elem(maps.entries, &process.pid, &process, BPF_NOEXIST);
	if (!error && process.flags & ABI_PROCESS_FAR)
		error = bpf_map_update_elem(maps.texts, &process.pid, &texts, BPF_NOEXIST);
	if (!error)
		remove_if_gone(maps, &process);
	return error == -EEXIST || error == -E2BIG ? 0 : error;
}

int processes_fill(struct process_maps maps)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int error = 0;

	if (!proc)
		return -errno;
	while (!error && (entry = readdir(proc)))
		if (*entry->d_name >= '1' && *entry->d_name <= '9')
			error = enter(maps, (unsigned int)strtoul(entry->d_name, NULL, 10));
	closedir(proc);
	return error;
}

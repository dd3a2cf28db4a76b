// SPDX-License-Identifier: Apache-2.0
/* open_processes.c - see open_processes.h. */
#include "symbolize/open_processes.h"

#include <stdlib.h>

#include "symbolize/process_maps.h"

static void let_go(struct open_processes *processes, size_t n)
{
	process_close(processes->list[n]->process);
	free(processes->list[n]);
	processes->list[n] = processes->list[--processes->count];
}

static size_t least_used(const struct open_processes *processes)
{
	size_t least = 0;

	for (size_t n = 1; n < processes->count; n++)
		if (processes->list[n]->used < processes->list[least]->used)
			least = n;
	return least;
}

void open_processes_release(struct open_processes *processes)
{
	while (processes->count)
		let_go(processes, processes->count - 1);
}

static struct open_process *find(const struct open_processes *processes, pid_t pid, uint64_t start_time)
{
	for (size_t n = 0; n < processes->count; n++)
		if (processes->list[n]->pid == pid && processes->list[n]->start_time == start_time)
			return processes->list[n];
	return NULL;
}

bool open_processes_gone(struct open_processes *processes, pid_t pid, uint64_t start_time)
{
	struct open_process *const open = find(processes, pid, start_time);

	if (open)
		process_stop(open->process);
	return open;
}

struct open_process *open_processes_find(struct open_processes *processes, pid_t pid, uint64_t start_time, enum symbol_why *why)
{
	struct open_process *open = find(processes, pid, start_time);
	struct process *process;

	*why = SYMBOL_KNOWN;
	if (!open) {
		process = process_open(pid, start_time, why);
		if (!process)
			return NULL;
		if (processes->count == LIMIT_OPEN_PROCESSES)
			let_go(processes, least_used(processes));
		open = calloc(1, sizeof(*open));
		if (!open)
			abort();
		open->process = process;
		open->pid = pid;
		open->start_time = start_time;
		processes->list[processes->count++] = open;
	}
	open->used = ++processes->clock;
	return open;
}

void open_processes_forget(struct open_processes *processes, pid_t pid, uint64_t start_time)
{
	for (size_t n = processes->count; n-- > 0;)
		if (processes->list[n]->pid == pid && processes->list[n]->start_time == start_time)
			let_go(processes, n);
}

/* ---- What lies at its mappings ---- */

static struct seen_file *seen_file(struct open_process *process, const struct mapping *mapping)
{
	for (unsigned n = 0; n < SEEN_FILES; n++) {
		struct seen_file *const file = &process->files[n];

		if (file->is_used && file->start == mapping->start && file->end == mapping->end && file->offset == mapping->offset &&
		    file->device == mapping->device && file->inode == mapping->inode)
			return file;
	}
	return NULL;
}

static struct seen_file *new_file(struct open_process *process, const struct mapping *mapping)
{
	struct seen_file *const file = &process->files[process->next_file++ % SEEN_FILES];

	*file = (struct seen_file){ mapping->start, mapping->end, mapping->offset, mapping->device, mapping->inode, .is_used = true };
	return file;
}

/* One that was let go is opened again; what could not be opened is not tried again for the same mapping. */
struct open_module *open_process_module(struct open_process *process, const struct mapping *mapping, struct open_modules *modules,
					enum symbol_why *why)
{
	struct seen_file *file = seen_file(process, mapping);
	struct open_module *module = file ? open_module_get(modules, file->module) : NULL;
	char path[4096] = "";
	struct binary *binary;

	*why = file ? file->why : SYMBOL_KNOWN;
	if (module || *why != SYMBOL_KNOWN)
		return module;
	if (!file)
		file = new_file(process, mapping);
	binary = process_binary(process->process, mapping, &file->why);
	if (binary) {
		file->why = SYMBOL_KNOWN;
		maps_path(mapping, path, sizeof(path));
		module = open_modules_add(modules, binary, process_root(process->process), path);
		file->module = open_module_mark(module);
	}
	*why = file->why;
	return module;
}

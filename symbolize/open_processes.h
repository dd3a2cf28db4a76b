/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open_processes.h - the processes that were asked about last, also those that are gone since: what was seen of them stays.
 *
 * Which file lies at a mapping is kept with the process, so that each is opened once.
 */
#ifndef SYMBOLIZE_OPEN_PROCESSES_H
#define SYMBOLIZE_OPEN_PROCESSES_H

#include "symbolize/open_modules.h"
#include "symbolize/process.h"

enum { SEEN_FILES = 64 };

struct seen_file {
	uint64_t start, end, offset, device, inode;
	struct open_module_mark module;	/* when `why` is KNOWN */
	enum symbol_why why;
	bool is_used;
};

struct open_process {
	struct process *process;
	pid_t pid;
	uint64_t start_time, used;
	struct seen_file files[SEEN_FILES];
	unsigned next_file;
};

struct open_processes {
	struct open_process *list[LIMIT_OPEN_PROCESSES];
	size_t count;
	uint64_t clock;
};

/* NULL with the reason. */
struct open_process *open_processes_find(struct open_processes *processes, pid_t pid, uint64_t start_time, enum symbol_why *why);
/* Whether it was seen; then nothing is read of it any more. */
bool open_processes_gone(struct open_processes *processes, pid_t pid, uint64_t start_time);
void open_processes_forget(struct open_processes *processes, pid_t pid, uint64_t start_time);
void open_processes_release(struct open_processes *processes);

/* The module that is mapped; NULL with the reason. */
struct open_module *open_process_module(struct open_process *process, const struct mapping *mapping, struct open_modules *modules,
					enum symbol_why *why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.h - what a process has mapped: which file an address lies in, and where in the file.
 *
 * Files are opened as the process has them: /proc/PID/map_files/ (also of deleted ones; needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN), else by path
 * below /proc/PID/root, without following a link out of it, and only when device and inode are those of the mapping.  A pid is a pidfd from the
 * first look on, so that another process of the same number is never taken for it.
 */
#ifndef SYMBOLIZE_PROCESS_H
#define SYMBOLIZE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbolize/binary.h"
#include "symbolize/frame.h"

enum mapping_kind { MAPPING_FILE, MAPPING_VDSO, MAPPING_ANONYMOUS, MAPPING_OTHER };

struct mapping {
	uint64_t start, end, offset;
	uint64_t device, inode;
	enum mapping_kind kind;
	bool is_executable, is_deleted;
	const char *path;		/* as the kernel writes it; as long as the process is open */
};

struct process;

/* With the reason: GONE, PERMISSION.  `start_time`: in ticks since boot, as in /proc/PID/stat; 0: whatever runs under the number. */
struct process *process_open(pid_t pid, uint64_t start_time, enum symbol_why *why);
void process_close(struct process *process);

/* NULL with the reason: UNMAPPED, GONE.  Mappings are read anew when none has the address. */
const struct mapping *process_mapping(struct process *process, uint64_t address, enum symbol_why *why);

/* The file of a mapping, or the vdso's bytes.  NULL with the reason. */
struct binary *process_binary(struct process *process, const struct mapping *mapping, enum symbol_why *why);

/* Descriptor of the process's root, borrowed; -1. */
int process_root(struct process *process);

/* Code that the process compiled itself: by /tmp/perf-PID.map of its mount namespace, with its own pid there.  Text lives as long as it. */
bool process_compiled(struct process *process, uint64_t address, const char **name, uint64_t *start);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.h - what a process has mapped: which file an address lies in, and where in the file.
 *
 * Files are opened as the process has them: /proc/PID/map_files/ (also of deleted ones; needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN), else by path
 * below /proc/PID/root, without following a link out of it, and only when the inode is that of the mapping.  A pid is a descriptor of its folder
 * in /proc from the first look on, so that another process of the same number is never taken for it.  What was seen of a process that is gone
 * since stays: mappings, and binaries that were opened.
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

/*
 * With the reason: GONE, PERMISSION.  `start_time`: ns since boot, as events have it; the process must have begun by then, so that it is not another
 * one of the same number; 0: whatever runs under it.
 */
struct process *process_open(pid_t pid, uint64_t start_time, enum symbol_why *why);
void process_close(struct process *process);

/* Reads mappings anew: files may have come and gone.  Of a process that is gone those that were seen last stay, which is false. */
bool process_refresh(struct process *process);

/* It is gone, or runs another program now: from here on nothing is read of it, and what was seen stays. */
void process_stop(struct process *process);

/* NULL with the reason: UNMAPPED, GONE.  Mappings are read anew when none has the address; they are valid until the next call. */
const struct mapping *process_mapping(struct process *process, uint64_t address, enum symbol_why *why);

/* The file of a mapping, or the vdso's bytes.  NULL with the reason. */
struct binary *process_binary(struct process *process, const struct mapping *mapping, enum symbol_why *why);

/* Descriptor of the process's root, borrowed; -1. */
int process_root(struct process *process);

/* Code that the process compiled itself: by /tmp/perf-PID.map of its mount namespace, with its own pid there.  Text lives as long as it. */
bool process_compiled(struct process *process, uint64_t address, const char **name, uint64_t *start);

#endif

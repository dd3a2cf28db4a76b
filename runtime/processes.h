/* SPDX-License-Identifier: Apache-2.0 */
/*
 * processes.h - the processes that ran before tetra, from /proc.
 *
 * The programs that follow fork, exec and exit are attached first, so what is entered here can only be
 * older than what they enter; theirs stays.
 */
#ifndef RUNTIME_PROCESSES_H
#define RUNTIME_PROCESSES_H

#include <stdint.h>

#include "bpf-templates/abi.h"

/* Descriptors of the table's two pinned maps. */
struct process_maps { int entries, texts; };

/* Enters every process of /proc into the table.  0 or a negative errno; a full table is no error. */
int processes_fill(struct process_maps maps);

/* What the table has of a process.  0 or a negative errno: -ENOENT when it has no entry, -EAGAIN when that is being changed all the time. */
int process_find(struct process_maps maps, uint32_t pid, struct abi_process *ret);

/* Inode numbers of a process's namespaces, by the words of NAMESPACE in schema/kinds.def; 0: not known, or there is none. */
void namespaces_read(unsigned int pid, uint32_t ret[ABI_NAMESPACES]);

/* One process from /proc, without its ancestors; -ESRCH when it is gone.  `texts` is used when the entry says so (ABI_PROCESS_FAR). */
int process_read(unsigned int pid, struct abi_process_entry *ret, struct abi_process_texts *texts);

/* Of the text of /proc/PID/stat: parent and start time in clock ticks.  The name may hold anything.  Pure. */
int process_parse_stat(const char *text, unsigned int *parent, unsigned long long *start);

#endif

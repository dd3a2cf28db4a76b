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

/* Enters every process of /proc into the pinned map `map`.  0 or a negative errno; a full map is no error. */
int processes_fill(int map);

/* Inode numbers of a process's namespaces, by the words of NAMESPACE in schema/kinds.def; 0: not known, or there is none. */
void namespaces_read(unsigned int pid, uint32_t ret[ABI_NAMESPACES]);

/* One process from /proc, without its ancestors; -ESRCH when it is gone. */
int process_read(unsigned int pid, struct abi_process *ret);

/* Of the text of /proc/PID/stat: parent and start time in clock ticks.  The name may hold anything.  Pure. */
int process_parse_stat(const char *text, unsigned int *parent, unsigned long long *start);

#endif

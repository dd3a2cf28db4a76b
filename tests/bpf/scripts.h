/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scripts.h - children that follow a script, whose words are parted by spaces, while their processes are followed.
 *
 *   ask           runs the raw tracepoint program by hand, which answers every question of the live image by an event
 *   fork, leave   a child goes on; its parent waits for it, or is gone before it does
 *   wait          until the test lets it go on
 *   /PATH         executes a copy of this program, which goes on
 *   unshare, unshare-time, unshare-user, drop    change what the process has: namespaces, and a capability
 *
 * Other words do nothing.
 */
#ifndef TESTS_BPF_SCRIPTS_H
#define TESTS_BPF_SCRIPTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/processes.h"
#include "tests/bpf/programs.h"

#define DIRECTORY	"/tmp/tetra-kin"
#define FIRST		DIRECTORY "/first"
#define SECOND		DIRECTORY "/second"

#define SCRIPT_HOOK	3u
#define SCRIPT_DROPPED	25	/* CAP_SYS_TIME */
#define SCRIPT_FD_PROGRAM 100	/* where a script has the program that is asked */

extern struct programs script_programs;
extern int script_program;			/* the one that is asked */
extern struct abi_process_entry *script_seen;	/* what /proc says of the process that asked last; shared */

/*
 * All of a test program: everything is loaded, what follows processes is attached, copies are made, which go on with the script that they are given, and the tests
 * run. Returns what main() does.
 */
int scripts_main(int argc, char **argv, void (*tests)(void));

/* The table of processes. */
struct process_maps scripts_maps(void);

/* Begins a script, in a child; returns its process id. */
pid_t script_start(const char *script);
/* Until a process of the script waits; and lets it go on. */
void script_await(void);
void script_go_on(void);
/* Waits for all processes of the script; how many answers have come. */
unsigned script_finish(void);
/* Of what has come, the answers: how many. */
unsigned script_collect(void);
/* This process asks. */
void script_ask(void);

/*
 * Images of questions: about process ids, as the host numbers them, or the process's own namespace; and about binaries: whether this
 * program, FIRST, SECOND and one that nobody runs are that of the process, in its lineage, its parent's, or (the first three) in the parent's lineage.
 */
void script_apply_ids(const uint32_t *ids, unsigned count, bool in_namespace);
void script_apply_kin(void);

/* The answers of one asking, from event `first` on: Y, N or U (unknown) for each question; n: no, if that can be known. */
bool script_answers_are(unsigned first, const char *wanted);

#endif

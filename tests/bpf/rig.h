/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rig.h - the raw tracepoint program, loaded but not attached, and fed by hand.
 *
 * BPF_PROG_TEST_RUN gives it six numbers as arguments; pointers to this process's memory are good user pointers.
 */
#ifndef TESTS_BPF_RIG_H
#define TESTS_BPF_RIG_H

#include "runtime/counters.h"
#include "tests/bpf/image_builder.h"

#define RIG_HOOK	7u	/* the hook id the program serves */
#define RIG_ARGUMENTS	6u
#define RIG_EVENTS_MAX	1024u	/* records that are kept of one run */

struct raw_tracepoint_bpf;
struct ring_buffer;

struct rig_event {
	uint32_t size;
	struct abi_event *event;	/* whole, with its bytes */
};

struct rig {
	struct raw_tracepoint_bpf *programs;
	struct ring_buffer *ring;
	struct rig_event events[RIG_EVENTS_MAX];
	uint32_t event_count;
	uint64_t generation;
	struct counters counters;
	struct abi_counters before;
};

/* 0, or -errno. */
int rig_open(struct rig *rig);
void rig_close(struct rig *rig);

/* Makes the image live, in the half that is not. */
void rig_apply(struct rig *rig, const struct image_builder *builder);

/* Runs the program once and collects its events; 0, or -errno. */
int rig_run(struct rig *rig, const uint64_t arguments[RIG_ARGUMENTS]);

/* The same in two steps: the program's descriptor, for who runs it; and what it has sent since. */
int rig_program(const struct rig *rig);
void rig_collect(struct rig *rig);

/* Counters of the hook since the last rig_run() began; and of all time. */
struct abi_counters rig_counted(const struct rig *rig);
struct abi_counters rig_counters(const struct rig *rig);

/*
 * This process's entry, or none.  Its path, of path_length bytes, goes into the entry, or to the texts that entries have no room for: those
 * that are too long, and all when the entry says so (ABI_PROCESS_FAR).
 */
void rig_set_process(struct rig *rig, const struct abi_process_entry *process, const void *path);

enum { RIG_CLAIMED = 6 };	/* pieces of scratch memory that a CPU's runs can claim: struct block of scratch.bpf.h */

/* Pretends that runs are in the middle of using pieces 1 .. count of the scratch memory. */
int rig_occupy(struct rig *rig, unsigned count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loads.h - what is in the kernel behind this process's files, and what the engine reads of it: one slot, reported by an event.
 *
 * An iterator tells where the kernel has them; the raw tracepoint program, run by hand, reads them from there.
 */
#ifndef TESTS_BPF_LOADS_H
#define TESTS_BPF_LOADS_H

#include "tests/bpf/rig.h"

struct btf;

#define DESCRIPTORS	256

/* See pointers.bpf.c. */
struct pointers_line {
	uint64_t fd, file, dentry, kiocb, capabilities, socket, sock, packet, device;
	uint64_t cred, user_namespace, private_data;	/* private_data: of a BPF program or map, and of a perf event, it itself */
};
extern struct pointers_line pointers[DESCRIPTORS];	/* by file descriptor, as find_pointers() has found them */
extern struct rig rig;

/* All of a test program: the raw tracepoint program is loaded, files are found, the tests run. Returns what main() does. */
int loads_main(void (*tests)(void));

/* Of the files that are open now; 0, or -errno. */
int find_pointers(void);

/* What the slot holds, of argument 0, or NULL: valid until the next one. */
const struct abi_event_slot *read_slot(struct abi_slot slot, uint32_t hook_flags, uint64_t argument, uint64_t other);
const struct abi_event_slot *read_load(unsigned load, uint64_t argument);

/* Of what was read last; what is there instead is said. */
bool bytes_are(const struct abi_event_slot *slot, unsigned state, const void *bytes, size_t length);
bool text_is(const struct abi_event_slot *slot, const char *text);
bool number_is(const struct abi_event_slot *slot, uint64_t number);
bool is_fault(const struct abi_event_slot *slot);

/* ---- What is not to be had ---- */

/* Memory of the kernel that is made to look like some structure: the value of a map of BPF. */
struct lookalike {
	struct btf *types;	/* the kernel's, or NULL */
	int map;
	uint64_t at;		/* its address there */
	uint8_t bytes[8192];	/* what lookalike_write() puts there */
};

/* All zeros; false when the kernel does not allow it.  To be released either way. */
bool lookalike_make(struct lookalike *ret);
void lookalike_write(const struct lookalike *lookalike);
void lookalike_release(struct lookalike *lookalike);

/* Bytes from the start of a structure to a member, as the kernel's types say; "": to the last one that has no name.  -1: there is none. */
long member_offset(const struct btf *types, const char *name, const char *member);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link.h - any number of policy objects into one host image.
 *
 * Hooks of the same kind and name are merged: read once, decided in one program, tables shared.
 * Pure and deterministic: the same objects in the same order with the same assignments give the same bytes.
 */
#ifndef COMPILER_LINK_LINK_H
#define COMPILER_LINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"
#include "compiler/selector/ir.h"

/* Whether a policy enforces what it says: as it is written, or as somebody chose later.  One without such actions never does. */
enum link_mode { LINK_MODE_WRITTEN, LINK_MODE_MONITOR, LINK_MODE_ENFORCE };

/* Of a policy that is for some nodes only.  ELSEWHERE: not for this one; it is kept in the image, and has no hooks there. */
enum link_node { LINK_NODE_HERE, LINK_NODE_ELSEWHERE };

/* One verified policy object (compiler/object/object.h). */
struct link_input {
	const void *bytes;
	size_t size;
	const char *name;	/* file it came from, for messages */
	enum link_mode mode;
	enum link_node node;
	const bool *elsewhere;	/* by number of the object's hooks: those that are for other nodes, and left out; NULL: none is */
};

/*
 * A hook that already has a program in the kernel keeps its id.  key is as in an image's metadata:
 * "kprobe:__x64_sys_write", "kretprobe:...", "tracepoint:sched/sched_process_exec", "raw_tracepoint:sched_switch", "lsm:file_open"
 * (a syscall kprobe is keyed by the name in the policy, "kprobe:sys_write#syscall", so that images are portable), "fentry:...",
 * "uprobe:/usr/bin/bash:readline" (or +0xOFFSET, or 0xADDRESS; then what else tells two apart: "*0x4020", the reference counter, and
 * " sha256:...", the digests), "usdt:PATH:PROVIDER:NAME#0" for the first place of the probe.  What would be too long for the name of a
 * pin is shortened to its hash.
 */
struct link_assignment {
	const char *key;
	uint32_t id;
};

/* The functions of the target that the regular expression of a list matches, sorted. */
struct link_functions { const char *pattern; const char *const *names; size_t count; };
struct link_probe { const char *path, *provider, *name; size_t count; };

struct link_options {
	const struct link_assignment *assignments;
	size_t assignment_count;
	uint64_t reserved_ids[16];	/* bit set of the 1024 ids that new hooks must not take; zero = none reserved */
	const struct link_assignment *policies;	/* ids that policies have already, by name */
	size_t policy_id_count;
	/*
	 * The target's system calls, "sys_read": what `generated_syscalls` stands for.  Without them it is one hook that is marked
	 * as generated.
	 */
	const char *const *syscalls;
	size_t syscall_count;
	/* In how many places the static probes are in their files.  A probe that is not among them is one hook that is marked as generated. */
	const struct link_probe *probes;
	size_t probe_count;
	/* By pattern.  One that is not among them, or matches none, is one hook that is marked as generated. */
	const struct link_functions *functions;
	size_t functions_count;
	bool plain;			/* no optimization: predicates are asked as they are written, one after the other */
};

/*
 * Writes a complete, checksummed image to `ret`.  On failure returns -EINVAL (an object is damaged, two policies
 * have one name, ...) or -E2BIG (it does not fit), with the reason in *error (arena); ret is untouched.
 */
int link_image(const struct link_input *inputs, size_t count, const struct link_options *options,
	       struct arena *arena, struct buffer *ret, const char **error);

/*
 * Whether an image has room for the policy when it is the only one; asks no more of `policy` than lowering does.  -E2BIG with
 * why not: `at` is the place in the policy, help NULL or what to do; both texts in the arena.  Quick for all but large policies.
 */
struct link_refusal { struct ir_place at; const char *reason, *help; };
int link_alone(const struct ir_policy *policy, const struct link_options *options, struct arena *arena,
	       struct link_refusal *ret);

/* The merged hooks as text, before tables are built: what is read, in which order it is decided, and by which means. */
int link_dump(const struct link_input *inputs, size_t count, const struct link_options *options,
	      struct arena *arena, struct buffer *ret, const char **error);

#endif

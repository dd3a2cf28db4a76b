/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scratch.bpf.h - what the programs keep: the image area, the pinned maps, and working memory that is claimed.
 *
 * Working memory belongs to a CPU, but a program can be interrupted on its CPU by another one, so there are several
 * pieces and each run claims one.  The verifier of 5.10 passes numbers only to functions that are verified on
 * their own, so those get the piece's number and look it up again.
 */
#ifndef BPF_TEMPLATES_SCRATCH_BPF_H
#define BPF_TEMPLATES_SCRATCH_BPF_H

#include "bpf-templates/kernel_types.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "bpf-templates/abi.h"

/* A constant that the loader filled in: see enum abi_knob.  Only the programs themselves may use it, no function of theirs. */
#define KNOB(knob)                                                                       \
	({                                                                               \
		__u64 filled_in;                                                         \
		asm("%0 = %1" : "=r"(filled_in) : "i"(knob));                            \
		(__u32)filled_in;                                                        \
	})

/* The map is made and pinned by tetra; its bytes are addressed directly.  It is the only thing in .bss. */
struct abi_area area;

struct match_image {
	__u64 half;	/* offset of the live half inside area.half: 0 or ABI_HALF_SIZE */
};

/*
 * The barriers keep the mask where it is: clang would move it to where the verifier cannot see it any more.
 */
static __always_inline __u64 match_image64(struct match_image image, __u64 offset)
{
	offset &= ABI_HALF_SIZE - 8;
	barrier_var(offset);
	return *(volatile __u64 *)((__u8 *)area.half + (image.half & ABI_HALF_SIZE) + offset);
}

static __always_inline __u32 match_image32(struct match_image image, __u64 offset)
{
	offset &= ABI_HALF_SIZE - 4;
	barrier_var(offset);
	return *(volatile __u32 *)((__u8 *)area.half + (image.half & ABI_HALF_SIZE) + offset);
}

#include "bpf-templates/match.h"

/* Of <errno.h>, which is not for programs of this kind. */
#define ERRNO_FAULT		14
#define ERRNO_BUSY		16
#define ERRNO_INVALID		22
#define ERRNO_NO_SPACE		28
#define ERRNO_UNSUPPORTED	95

#define SCRATCH_ARGUMENTS	6
#define SCRATCH_RETURN		6	/* index in arguments[] of the return value */

/* What one read of a dentry brings: two fields that are neighbours in every kernel so far. */
struct path_component {
	__u64 parent;
	__u64 hash_len;
	__u64 name;
};

/* A path on its way from the last component to the root. */
struct path_walk {
	__u64 dentry, mount, mount_root;
	__u64 root_dentry, root_mount;	/* where the task's view of the file system ends */
	__u64 position;			/* of the path's first byte in match_state.path */
	__u64 cut;
	struct path_component component;
};

/* The path of argument 0, where the kernel told it: see typed_paths.bpf.h. */
struct told_path {
	__u32 load;			/* of the slots that it is for; 0: none was told */
	__u16 mode, length;		/* of the inode; of the bytes, which are the first of match_state.data */
	__u64 raw;			/* argument 0 */
};

/* What a task has, see tasks.bpf.h. */
struct task_facts {
	__u64 capabilities[ABI_CAPABILITY_SETS];
	__u64 has_capabilities;
	__u32 namespaces[ABI_NAMESPACES];
};

/* Rows of one table that all ancestors, and that the parent alone satisfies. */
struct kin_rows {
	__u64 rows, parent_rows;
	__u32 unknown, parent_unknown;	/* 1: what is not set is not known */
};

/* A walk from a process to its ancestors. */
struct kin_walk {
	__u64 start;			/* when the next one must have started: else it is another process */
	__u64 process_start;		/* of the process that the walk is about */
	struct kin_rows found;		/* so far */
	__u32 next;			/* process id of the next one; 0: there is none */
	__u32 level;
	__u32 complete;			/* there are no more */
	__u32 pad;
};

/* Bytes that are gathered from several places. */
struct gathering {
	__u64 base, length;	/* the next place: a struct iovec */
	__u64 done;		/* bytes that are there */
	__u64 left;		/* that may still come */
	__u64 whole;		/* that there are, also what had no room */
};

/* A long value on its way out, in chunks. */
struct chunk_walk {
	__u64 address;		/* of what comes next */
	__u32 offset, end;	/* in the value: of what comes next, and of what is sent */
	__u32 slot;
	__u32 is_small;		/* a large chunk could not be read */
};

/* One event on its way out. */
struct event_request {
	__u64 accept;		/* offset of its struct abi_accept */
	__u32 report_slots;
	__u8 action, outcome;
	__u8 returns;		/* a RETURN event will follow */
	__u8 pad;
	__u64 owner, owner_start;	/* as struct abi_event has them: tgid, then tid */
	__u64 failure;		/* ... failed_errno, failed_action, and chunks in its upper half */
};

#define ASSIGNED_WORDS	32u	/* power of two */

/* What every event needs lies together, in one page as a rule; what few need comes last. */
struct scratch {
	__u64 claims;			/* runs that use this piece, or are finding out that they cannot */
	__u64 arguments[8];		/* of the function, and its return value */
	__u64 context;			/* address of the tracepoint's record, of the registers of an interrupted function */
	__u64 followed;			/* what the chain of a slot led to */
	__u64 generation;
	__u64 time;			/* of the event; 0 until something is sent */
	__u64 entry_time;
	__u64 process_start;
	__u64 identity;			/* thread-group id << 32 | thread id */
	__u32 index;			/* its own key */
	__u32 hook_id;
	__u32 event_kind;
	__s32 override;			/* what the call shall return, if overridden is 1 */
	__u32 overridden;		/* 1, or SCRATCH_ASSIGNED: `assigned` are the registers that it shall have */
	__u32 can_override;
	__u32 user_only;		/* pointers of the slot come from user space: what points into the kernel cannot be read */
	__u32 chunks_sent;		/* events of this piece that had chunks, up to 0xffff and then from 1 again */
	struct told_path told;
	struct event_request request;
	struct abi_call call;		/* accepts that want to hear of the return */
	struct match_state match;
	union {
		struct syscall_registers registers;
		__u64 assigned[ASSIGNED_WORDS];	/* at uprobes: what becomes of the program's registers; overridden says whether */
	};
	struct sockaddr_any address;
	struct gathering gathering;
	struct path path;
	struct path_walk walk;
	struct task_facts task;
	struct kin_walk kin;
	__u64 process_start_of;		/* start_time of the process whose binary is looked up */
	struct abi_notified notified;
	struct abi_notification notification;
	/* From here on is, for the verifier, what it gets by adding the largest start of an event to its largest size. */
	union {
		struct {				/* of the programs that keep the table of processes */
			struct abi_process_event process;
			struct abi_process_entry entry;
		};
		struct {				/* of all others */
			struct abi_rate_key rate;
			__u64 rate_arguments;		/* of rate */
			__u64 socks[MATCH_SLOTS];	/* by slot: address of the struct sock that was read */
			struct abi_sock_key sock_key;
			struct abi_sock_owner sock_owner;
			__u64 long_values[MATCH_SLOTS];	/* by slot with ABI_SLOT_MAX_DATA: address of its bytes */
			struct chunk_walk chunks;
		};
	};
} __attribute__((aligned(32768)));
_Static_assert(sizeof(struct scratch) == 32768, "a power of two");

#define SCRATCH_ASSIGNED	2u

/* Piece 0 is for programs that the kernel does not nest on one CPU; the others are claimed. */
#define SCRATCH_EXCLUSIVE	0u
#define SCRATCH_PIECES		8u	/* power of two */
#define SCRATCH_PROCESSES	(SCRATCH_PIECES - 1)	/* what the programs that keep the table of processes try first, and only they */

/*
 * What belongs to one CPU.  An array over all CPUs, not a per-CPU array, and one, not one for each purpose: each place
 * in memory that is far from all others costs an event as much as many instructions, a per-CPU one twice that and,
 * before 6.10, a call.
 */
struct block {
	struct abi_counter_row counters[ABI_HOOKS_MAX];	/* first: tetra reads them, see ABI_MAP_COUNTERS */
	struct scratch pieces[SCRATCH_PIECES];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);		/* the number of CPUs, says the loader */
	__type(key, __u32);
	__type(value, struct block);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, ABI_EVENTS_SIZE);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ABI_PROCESSES_MAX);
	__type(key, __u32);
	__type(value, struct abi_process_entry);
} processes SEC(".maps");

/* The texts of those entries that have no room for them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ABI_PROCESSES_MAX);
	__type(key, __u32);
	__type(value, struct abi_process_texts);
} process_texts SEC(".maps");

/* Calls that never return (the task died in them) stay behind, so the oldest make room. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, ABI_CALLS_MAX);
	__type(key, struct abi_call_key);
	__type(value, struct abi_call);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, ABI_SOCKS_MAX);
	__type(key, struct abi_sock_key);
	__type(value, struct abi_sock_owner);
} socks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, ABI_RATES_MAX);
	__type(key, struct abi_rate_key);
	__type(value, __u64);
} rates SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ABI_SCOPE_CGROUPS_MAX);
	__type(key, struct abi_scope_key);
	__type(value, struct abi_scope_entry);
} scopes SEC(".maps");

/* Questions about digests, and their answers: see digests.bpf.h.  The oldest make room. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, ABI_DIGESTS_MAX);
	__type(key, struct abi_digest_key);
	__type(value, struct abi_digest);
} digests SEC(".maps");

static __always_inline struct block *block_get(__u32 cpu)
{
	return bpf_map_lookup_elem(&counters, &cpu);
}

/* `index` is the CPU's number times SCRATCH_PIECES plus the piece's. */
static __always_inline struct scratch *block_piece(struct block *block, __u32 index)
{
	__u64 piece = (index & (SCRATCH_PIECES - 1)) * sizeof(struct scratch);
	__u8 *pieces = (__u8 *)block->pieces;

	barrier_var(piece);
	piece &= (SCRATCH_PIECES - 1) * sizeof(struct scratch);
	pieces += piece;
	barrier_var(pieces);
	return (struct scratch *)pieces;
}

static __always_inline struct abi_counters *block_counters(struct block *block, __u32 hook_id)
{
	return &block->counters[hook_id & (ABI_HOOKS_MAX - 1)].hook;
}

/* `word` is the third of a struct abi_accept. */
static __always_inline struct abi_policy_counters *block_policy_counters(struct block *block, __u64 word)
{
	return &block->counters[word >> 48 & (ABI_POLICIES_MAX - 1)].policy;
}

static __always_inline struct scratch *scratch_get(__u32 index)
{
	struct block *block = block_get(index / SCRATCH_PIECES);

	return block ? block_piece(block, index) : NULL;
}

static __always_inline struct abi_counters *counters_get(__u32 hook_id)
{
	struct block *block = block_get(bpf_get_smp_processor_id());

	return block ? block_counters(block, hook_id) : NULL;
}

static __always_inline struct abi_policy_counters *policy_counters_get(__u64 word)
{
	struct block *block = block_get(bpf_get_smp_processor_id());

	return block ? block_policy_counters(block, word) : NULL;
}
_Static_assert(__builtin_offsetof(struct abi_accept, policy_id) == 22, "its id is at bit 48 of the third word");

static __always_inline struct scratch *scratch_of(struct match_state *state)
{
	return (struct scratch *)((__u8 *)state - __builtin_offsetof(struct scratch, match));
}

/* An atomic addition without its result: 5.10 has no other. */
static __always_inline void scratch_add(__u64 *word, __s64 value)
{
	asm volatile("lock *(u64 *)(%0 + 0) += %1" : : "r"(word), "r"(value) : "memory");
}

/* The same of half a word. */
static __always_inline void scratch_add32(__u32 *word, __s32 value)
{
	asm volatile("lock *(u32 *)(%0 + 0) += %1" : : "r"(word), "r"(value) : "memory");
}

/*
 * Only this CPU's runs compete, but one may be preempted anywhere in here.  Whoever counts 1 after adding its
 * own claim has the piece; two that meet both step back and try the next one.
 */
static __always_inline struct scratch *scratch_try(__u32 index)
{
	struct scratch *piece = scratch_get(index);

	if (!piece || *(volatile __u64 *)&piece->claims)
		return NULL;
	scratch_add(&piece->claims, 1);
	if (*(volatile __u64 *)&piece->claims == 1)
		return piece;
	scratch_add(&piece->claims, -1);
	return NULL;
}

static __always_inline __u32 scratch_first(void)
{
	return bpf_get_smp_processor_id() * SCRATCH_PIECES;
}

static __always_inline struct scratch *scratch_claim(__u32 *index)
{
	__u32 i, first = scratch_first();
	struct scratch *piece;

#pragma unroll
	for (i = SCRATCH_EXCLUSIVE + 1; i < SCRATCH_PROCESSES; i++) {
		piece = scratch_try(first + i);
		if (piece) {
			*index = first + i;
			return piece;
		}
	}
	return NULL;
}

static __always_inline void scratch_release(struct scratch *piece)
{
	scratch_add(&piece->claims, -1);
}

/*
 * What programs of these kinds are not protected from by the kernel: another task takes the CPU, with their working memory and,
 * of trampolines and raw tracepoints, the kernel's only permission to run the program on this CPU.  Nothing where the kernel
 * does not offer it: then they are claimed.
 */
static __always_inline void preempt_off(void)
{
	asm volatile("r0 = %0" : : "i"(ABI_KNOB_PREEMPT_OFF) : "r0", "r1", "r2", "r3", "r4", "r5", "memory");
}

static __always_inline void preempt_on(void)
{
	asm volatile("r0 = %0" : : "i"(ABI_KNOB_PREEMPT_ON) : "r0", "r1", "r2", "r3", "r4", "r5", "memory");
}

static __always_inline void count_error(__u32 hook_id, __u32 error)
{
	struct abi_counters *counter = counters_get(hook_id);

	if (counter && error < ABI_ERROR_COUNT)
		counter->errors[error]++;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi.h - the bytes that the compiler writes, the runtime maps and the BPF programs read.
 *
 * Everything here is little endian, fixed width, explicitly padded and position independent:
 * offsets count from the start of the image that holds them.  Numbers are never reused: images
 * and maps are pinned and outlive the tetra that made them.  ABI_VERSION changes when anything does.
 *
 * Here is what the compiler writes: the area and the image.  Included by this: abi_first.h, what a program asks of a hook first, and
 * abi_records.h, what the programs leave in the other maps.
 */
#ifndef BPF_TEMPLATES_ABI_H
#define BPF_TEMPLATES_ABI_H

#if !defined(__VMLINUX_H__) && !defined(KERNEL_TYPES_H)
#include <linux/types.h>
#endif

#define ABI_VERSION	13
#define ABI_IMAGE_MAGIC	0x676d692d61727465ULL	/* "etra-img" */
#define ABI_AREA_MAGIC	0x65726161727465ULL	/* "etraare" */

/*
 * ---- Knobs: constants that the loader writes into the instructions that move these numbers ----
 *
 * Read-only data would do, but costs every event a page.  All of them must be set.
 */
enum abi_knob {
	ABI_KNOB_HOOK = 0x7e74a001,		/* hook id of the entry side, or ABI_HOOK_FROM_COOKIE */
	ABI_KNOB_RETURN_HOOK = 0x7e74a002,	/* ... of the return side */
	ABI_KNOB_ARGUMENTS = 0x7e74a003,	/* how many arguments the function, or words the tracepoint's record has; fewer are safe */
	ABI_KNOB_OVERRIDES = 0x7e74a004,	/* 1: the program may change what the function returns */
	ABI_KNOB_PREEMPT_OFF = 0x7e74a005,	/* becomes a call of bpf_preempt_disable() where the kernel has it */
	ABI_KNOB_PREEMPT_ON = 0x7e74a006,	/* ... of bpf_preempt_enable() */
	ABI_KNOB_FILE = 0x7e74a007,		/* what argument 0 is: FILE, PATH or BINPRM (enum abi_load), or 0; and ABI_FILE_TOLD */
};
#define ABI_HOOK_FROM_COOKIE	0xffffffffu
#define ABI_FILE_TOLD		256u	/* the kernel tells its path */

/* ---- The image area: one pinned, mmapable array map with one value ---- */

#define ABI_CONTROL_SIZE	401408u	/* control, first tests and calls, in whole pages */
#define ABI_HALF_SIZE		(1u << 20)	/* power of two: the programs mask every offset with it */
#define ABI_AREA_SIZE		(ABI_CONTROL_SIZE + 2 * ABI_HALF_SIZE)
_Static_assert(ABI_AREA_SIZE <= 4u << 20, "the kernel's largest array element, before 6.1");

#define ABI_NAMESPACES		10u	/* words of NAMESPACE in schema/kinds.def, in that order */

/*
 * `active` is the word that a swap flips: bit 0 says which half is live, the rest is the generation,
 * which grows by one with every swap.  Generation 0 means that nothing was ever applied.
 */
struct abi_control {
	__u64 magic;		/* ABI_AREA_MAGIC */
	__u32 abi_version;
	__u32 half_size;
	__u64 active;
	__u32 host_namespaces[ABI_NAMESPACES];	/* inode numbers of those of process 1 */
	__u64 rename_lock;	/* address of the kernel's sequence of renames; 0: not known, or loads are not kept in order */
	__u32 renames_seen;	/* what that was when a program looked last */
	__u32 reserved[13];
};
#define ABI_ACTIVE_HALF(active)		((active) & 1)
#define ABI_ACTIVE_GENERATION(active)	((active) >> 1)

#include "bpf-templates/abi_first.h"

#define ABI_HOOKS_MAX		1024u	/* hook ids of a host; power of two */

/*
 * A half has the beginning of an image, with all that programs read of it.  What of an image is beyond is in a map of its own, which tetra
 * alone reads: pinned, mmapable, as many elements of ABI_REST_ELEMENT bytes as it takes; there is none where nothing is beyond.
 */
#define ABI_REST_ELEMENT	4096u
struct abi_area {
	struct abi_control control;
	struct abi_first first[ABI_HOOKS_MAX][2];	/* by hook id and half */
	__u32 calls[ABI_HOOKS_MAX];	/* by id of the entry hook: how many struct abi_call there are of it, or more; kept by the programs */
	__u8 pad[ABI_CONTROL_SIZE - sizeof(struct abi_control) - ABI_HOOKS_MAX * (2 * sizeof(struct abi_first) + 4)];
	__u8 half[2][ABI_HALF_SIZE];
};

/* ---- The image ---- */

#define ABI_SLOTS_MAX		31u	/* values that one hook can read; one less than a power of two */
#define ABI_REGISTERS_MAX	32u	/* table look-ups remembered per event; power of two */
#define ABI_ROWS_MAX		64u	/* predicates that share one table */
#define ABI_BINARY_TABLES_MAX	16u	/* tables of programs' paths: their rows are kept with every process */
#define ABI_RECORDS_MAX		16384u	/* records of one hook's decision program */
#define ABI_ACCEPTS_MAX		128u	/* selectors (of different policies) that one event can satisfy; power of two */
#define ABI_ACTIONS_MAX		8u
#define ABI_STRING_MAX		4096u	/* bytes of a string or path that are read */
#define ABI_DATA_SIZE		(5u * ABI_STRING_MAX + 1024u)	/* of all values with bytes of one event */
#define ABI_STACK_FRAMES	127u	/* of a stack trace: what kernel.perf_event_max_stack is, unless it was changed */
#define ABI_STACK_BYTES		(8u * ABI_STACK_FRAMES)
#define ABI_IMAGE_MAX		(16u << 20)	/* a whole image; what programs read of it lies first, within ABI_HALF_SIZE */

enum abi_section_id {
	ABI_SECTION_POLICIES = 1,	/* struct abi_policy[] */
	ABI_SECTION_HOOKS = 2,		/* struct abi_hook[], each found through hook_offset[] */
	ABI_SECTION_PROGRAMS = 3,	/* struct abi_record[] */
	ABI_SECTION_TABLES = 4,
	ABI_SECTION_ACCEPTS = 5,	/* struct abi_accept[] of each hook in turn, then all struct abi_action[], then their assignments */
	ABI_SECTION_METADATA = 6,	/* for tetra only: names, labels, spans, relocations; see image/format.h */
	ABI_SECTION_OBJECTS = 7,	/* for tetra only: the policy objects that were linked, whole */
	ABI_SECTION_COUNT = 8,		/* section 0 is unused */
};

struct abi_section {
	__u32 offset;		/* multiple of 8 */
	__u32 size;		/* bytes; 0 when the section is absent */
};

/* At offset 0 of each image.  The programs read binary_tables and hook_offset only. */
struct abi_image {
	__u64 magic;
	__u32 abi_version;
	__u32 size;			/* whole image, multiple of 8, at most ABI_IMAGE_MAX */
	__u64 checksum;			/* FNV-1a 64 over the image with this field as 0 */
	__u32 policy_count;
	__u32 hook_count;		/* ids in use are not contiguous: see hook_offset */
	__u32 program_size;		/* sections 1 to 5 end here or before, at most ABI_HALF_SIZE: no program reads beyond */
	__u32 accept_count;		/* how many struct abi_accept section ACCEPTS begins with */
	__u32 binary_tables[ABI_BINARY_TABLES_MAX];	/* struct abi_string_table of programs' paths; 0: none */
	struct abi_section sections[ABI_SECTION_COUNT];
	__u64 pad[4];
	__u32 hook_offset[ABI_HOOKS_MAX];	/* by hook id: offset of struct abi_hook, 0 when unused */
};

#define ABI_POLICY_MONITOR	1u	/* enforcement actions are reported, not done */

#define ABI_POLICIES_MAX	1024u	/* of one host */

struct abi_policy {
	__u32 flags;		/* ABI_POLICY_ */
	__u32 name;		/* offset of a NUL-terminated name inside METADATA */
	__u32 id;		/* of its counters; a policy keeps it from image to image */
	__u32 reserved;
};

/* How a slot is read.  Values wire-fixed; schema/types.def maps each argument type to one of them. */
enum abi_load {
	ABI_LOAD_NONE = 0,
	ABI_LOAD_U8 = 1, ABI_LOAD_U16 = 2, ABI_LOAD_U32 = 3, ABI_LOAD_U64 = 4,
	ABI_LOAD_S8 = 5, ABI_LOAD_S16 = 6, ABI_LOAD_S32 = 7, ABI_LOAD_S64 = 8,
	ABI_LOAD_STRING = 9,	/* pointer to a NUL-terminated string, kernel or user by its address: see ABI_HOOK_USER_MEMORY */
	ABI_LOAD_FILE = 10,	/* struct file * -> path, value = inode mode */
	ABI_LOAD_PATH = 11,	/* struct path * -> path, value = inode mode */
	ABI_LOAD_FILENAME = 12,	/* struct filename * -> name */
	ABI_LOAD_BINPRM = 13,	/* struct linux_binprm * -> path of ->file, value = inode mode */
	ABI_LOAD_SOCKADDR = 14,	/* struct sockaddr * -> struct abi_socket: family, source port and address */
	ABI_LOAD_PID = 15,	/* thread-group id of the caller */
	/* What the argument leads to; bytes as said, value where said. */
	ABI_LOAD_SOCK = 16,	/* struct sock * -> struct abi_socket */
	ABI_LOAD_SOCKET = 17,	/* struct socket *, its sock */
	ABI_LOAD_SKB = 18,	/* struct sk_buff * -> struct abi_socket */
	ABI_LOAD_SOCKADDR_UN = 19,	/* struct sockaddr_un * -> path as it lies there, value = family.  An abstract name begins with a
				   zero; where it ends is not known: all 108 bytes */
	ABI_LOAD_FD = 20,	/* number of a file -> path */
	ABI_LOAD_DENTRY = 21,	/* struct dentry * -> path inside its mount */
	ABI_LOAD_DATA_LOC = 22,	/* __data_loc field -> string */
	ABI_LOAD_NET_DEVICE = 23,	/* struct net_device * -> name */
	ABI_LOAD_CHAR_BUF = 24,	/* pointer -> as many bytes as the slot's size says; when cut, value = how many that is */
	ABI_LOAD_CHAR_IOVEC = 25,	/* struct iovec[] -> the bytes of as many as the slot's size says; when cut, value = how many that is,
				   0: not known */
	ABI_LOAD_IOV_ITER = 26,	/* struct iov_iter * -> bytes of its first segment; when cut, value = how many it has in all */
	ABI_LOAD_CONST_BUF = 27,	/* field that is an array -> its bytes, value = bytes of one element, 1 or 8 */
	ABI_LOAD_KIOCB = 28,	/* struct kiocb * -> path of its file */
	ABI_LOAD_SYSCALL64 = 29,	/* number of a system call, bit 31 set for the 32-bit ABI */
	ABI_LOAD_BPF_ATTR = 30,	/* union bpf_attr * -> struct abi_bpf_prog */
	ABI_LOAD_BPF_PROG = 31,	/* struct bpf_prog * -> the same */
	ABI_LOAD_BPF_MAP = 32,	/* struct bpf_map * -> struct abi_bpf_map */
	ABI_LOAD_BPF_CMD = 33,
	ABI_LOAD_PERF_EVENT = 34,	/* struct perf_event * -> struct abi_perf_event */
	ABI_LOAD_USER_NAMESPACE = 35,	/* struct user_namespace * -> struct abi_user_namespace */
	ABI_LOAD_CAPABILITY = 36,	/* number of a capability */
	ABI_LOAD_CAPABILITIES = 37,	/* kernel_cap_t * -> value = the set */
	ABI_LOAD_CRED = 38,	/* struct cred * -> struct abi_cred */
	ABI_LOAD_LOAD_INFO = 39,	/* struct load_info * -> struct abi_module */
	ABI_LOAD_MODULE = 40,	/* struct module * -> the same */
	ABI_LOAD_AUTO = 41,	/* field of a record: becomes one of U8 .. S64 when it is relocated */
	ABI_LOAD_NOTHING = 42,	/* not read at all */
	ABI_LOAD_ENTRY = 43,	/* struct dentry * of an entry of the folder whose struct path * is argument `offset`, maybe not yet made -> path */
	ABI_LOAD_MOUNT = 44,	/* struct vfsmount * -> path of the place that it is mounted on, value = mode of its root */
	ABI_LOAD_COMMAND_LINE = 45,	/* struct linux_binprm * whose strings lie in the memory of the current process -> its arguments, with blanks between */
	/* Of the process, with ABI_SOURCE_TASK. */
	ABI_LOAD_NAMESPACE_PID = 48,	/* thread-group id as the process's own namespace numbers it */
	ABI_LOAD_NAMESPACE = 49,	/* inode number of namespace `index`, a word of NAMESPACE in schema/kinds.def */
	ABI_LOAD_IN_HOST_NAMESPACE = 50,	/* 1 when that is the one of the host, else 0 */
	ABI_LOAD_NAMESPACE_CHANGES = 51,	/* bit per namespace that is another one than at exec */
	ABI_LOAD_CAPABILITY_SET = 52,	/* capability set `index`, a word of CAPABILITY_SET */
	ABI_LOAD_CAPABILITY_CHANGES = 53,	/* bit per capability of that set that is not as at exec */
	/* Return addresses, the innermost first, 8 bytes each; CUT: there may be more.  Read when a selector with it has accepted. */
	ABI_LOAD_KERNEL_STACK = 54,
	ABI_LOAD_USER_STACK = 55,
	ABI_LOAD_DIGEST = 57,	/* what IMA has of the file of an LSM hook -> digest, value = algorithm; see struct abi_digest */
	/* With ABI_SOURCE_SLOT. */
	ABI_LOAD_PART = 56,	/* part `offset` of the struct abi_socket in slot `index` */
	ABI_LOAD_END = 64,
};

enum abi_source {
	ABI_SOURCE_ARGUMENT = 1,	/* index = argument number 0..4 (of the syscall, for a syscall hook) */
	ABI_SOURCE_FIELD = 2,		/* tracepoint record: `offset` and `size`, filled in when the image is applied */
	ABI_SOURCE_RETURN = 3,		/* the return value */
	ABI_SOURCE_TASK = 4,		/* the current task; nothing else is needed */
	ABI_SOURCE_CURRENT = 5,		/* struct task_struct of the current task, from which a chain leads on */
	ABI_SOURCE_REGISTER = 6,	/* register of the interrupted function, filled in when the image is applied */
	ABI_SOURCE_SLOT = 7,		/* another slot */
	ABI_SOURCE_LOCATION = 8,	/* argument `index` of a static probe, where the struct abi_location at `offset` of the image says */
};

/*
 * Bytes of a slot that is a socket or an address: numbers, each known or not.  Addresses are two words, in network order, IPv4
 * in the first 4 bytes.
 */
enum abi_part {
	ABI_PART_FAMILY = 0, ABI_PART_SOURCE_PORT = 1, ABI_PART_DESTINATION_PORT = 2, ABI_PART_PROTOCOL = 3,
	ABI_PART_STATE = 4, ABI_PART_TYPE = 5, ABI_PART_MARK = 6, ABI_PART_PRIORITY = 7, ABI_PART_COOKIE = 8,
	ABI_PART_LENGTH = 9, ABI_PART_HASH = 10, ABI_PART_SOURCE = 12, ABI_PART_DESTINATION = 14,
	ABI_PARTS = 16,
};
struct abi_socket {
	__u64 known;		/* bit per part, one for both words of an address */
	__u64 parts[ABI_PARTS];
};

/* Bytes of slots that are structures of the kernel: what of them is reported.  Texts end with a NUL or fill their room. */
enum abi_answer { ABI_ANSWER_NO = 0, ABI_ANSWER_YES = 1, ABI_ANSWER_UNKNOWN = 2 };
struct abi_user_namespace {
	__s32 level;
	__u32 owner, group;
	__u32 inum;
	__u32 is_host;		/* enum abi_answer */
	__u32 reserved;
};
struct abi_cred {
	__u32 uid, gid, euid, egid, suid, sgid, fsuid, fsgid;
	__u32 securebits;
	__u32 reserved;
	__u64 capabilities[3];	/* words of CAPABILITY_SET in schema/kinds.def, in that order */
	struct abi_user_namespace user_namespace;
};
struct abi_module {
	__u64 taints;
	__u32 signature_ok;	/* enum abi_answer; of a load_info */
	__u32 reserved;
	char name[64];
};
struct abi_bpf_prog {
	__u32 type, instructions;
	char name[16];
};
struct abi_bpf_map {
	__u32 type, key_size, value_size, max_entries;
	char name[16];
};
struct abi_perf_event {
	__u64 config, probe_offset;
	__u32 type, reserved;
	char function[128];	/* of a kprobe or uprobe; else empty */
};
#define ABI_STRUCTURE_MAX	256u	/* no such structure is larger */

struct abi_slot {
	__u8 load;		/* enum abi_load */
	__u8 source;		/* enum abi_source */
	__u8 index;		/* argument number, field number until relocated, number of a namespace, set or slot */
	__u8 size;		/* FIELD, REGISTER: bytes of the field or register (1, 2, 4, 8), of one element of an array; 0 until relocated */
	__u32 offset;		/* FIELD: byte offset in the record; REGISTER: in struct pt_regs; PART: which; LOCATION, ENTRY: see above */
	__u8 size_slot;		/* CHAR_BUF, CHAR_IOVEC: slot that says how much, plus 1; 0: none does */
	__u8 flags;		/* ABI_SLOT_ */
	__u16 length;		/* CONST_BUF: bytes of the array, 0 until relocated */
	__u32 chain;		/* struct abi_chain that leads from the source to the value; 0: none */
};
/*
 * Read when the function returns, as many bytes as it returned, by the arguments that it was called with: a slot of the return hook.  One
 * of the calling side is unreadable.
 */
#define ABI_SLOT_RETURN_COPY	1u
#define ABI_SLOT_MAX_DATA	2u	/* CHAR_BUF: up to ABI_CHUNKS_BYTES are reported, see struct abi_chunk */

/*
 * From an address, which is what the slot's source gives (an argument that is a pointer, the current task), to a value, as
 * `resolve` says: each step adds its offset to the address and, but for the last one, goes on with the 8-byte pointer that is
 * there.  Then the value is the `size` bytes at the address, zero-extended; with size 0, it is the address itself (a structure,
 * an array).  Of a bit field, `bits` bits of that number, from `shift`.  The value is what the slot's load begins with, as if the
 * source had given it.  A NULL on the way, or memory that cannot be read: the value is unreadable.
 *
 * All zero, and unreadable, until it is filled in when the image is applied; then count is at least 1.
 */
#define ABI_CHAIN_STEPS		16u
struct abi_chain {
	__u32 count;
	__u8 size;		/* bytes of the value: 1, 2, 4, 8; 0: the address itself is the value */
	__u8 shift, bits;	/* of a bit field, shift + bits <= 8 * size; bits 0: it is none */
	__u8 flags;		/* ABI_CHAIN_ */
	__u32 offsets[ABI_CHAIN_STEPS];
};
#define ABI_CHAIN_SIGNED	1u	/* the bit field has a sign: sign-extended */

/*
 * Where an argument of a static probe is.  The number is displacement plus the base register plus the index register times scale, each of 64
 * bits; with MEMORY, what is there in the program's memory.  Of it the `size` low bytes count, zero-extended or, with SIGNED, sign-extended:
 * that is what the slot's load begins with, as if the source had given it.
 *
 * All zero, and unreadable, until it is filled in when the image is applied.
 */
struct abi_location {
	__s64 displacement;	/* or the number itself, when nothing else is there */
	__u16 base, index;	/* offsets in struct pt_regs, plus 1; 0: none */
	__u8 scale;		/* 1, 2, 4, 8; 0: no index */
	__u8 size;		/* 1, 2, 4, 8; 0: not filled in */
	__u8 flags;		/* ABI_LOCATION_ */
	__u8 reserved;
};
#define ABI_LOCATION_MEMORY	1u
#define ABI_LOCATION_SIGNED	2u

#define ABI_HOOK_SYSCALL	1u	/* arguments are in the struct pt_regs that argument 0 points to */
#define ABI_HOOK_RETURN		2u	/* runs at return: reports what the entry left behind, if its return_record says so */
#define ABI_HOOK_PAIRED		4u	/* an entry hook whose function also has a return hook */
#define ABI_HOOK_USER_MEMORY	8u	/* of system calls and user programs: what their pointers point to is read as user space could, or not */
#define ABI_HOOK_ENFORCER	16u	/* of an enforcer: decides on calls of threads that have a notification only */
#define ABI_HOOK_STACKS		32u	/* some event of it reports a stack */
#define ABI_HOOK_DIGEST		64u	/* ... the digest of its file */
#define ABI_HOOK_PATH		128u	/* some slot is the path of argument 0: a file, path or linux_binprm as it is */

struct abi_hook {
	__u32 program;		/* offset of its first struct abi_record; 0: nothing to decide */
	__u32 record_count;
	__u32 flags;		/* ABI_HOOK_ */
	__u16 slot_count;
	__u16 register_count;
	__u32 id;		/* its own index in hook_offset */
	__u32 pair;		/* RETURN: id of the entry hook; PAIRED: id of the return hook */
	__u64 reserved;
	struct abi_slot slots[ABI_SLOTS_MAX];
};

/*
 * One step of a decision.  The next record is the one at `yes`, `no` or `unknown` (indices inside the
 * hook's program, always greater than the record's own, so that every program ends).  `unknown` is
 * taken when the slot could not be read, or was cut short so that the answer is not known.
 */
struct abi_record {
	__u8 op;		/* enum abi_op */
	__u8 slot;
	__u16 yes;
	__u16 no;
	__u16 unknown;
	__u64 operand;
};

enum abi_op {
	ABI_OP_END = 0,		/* the decision is complete */
	ABI_OP_ACCEPT = 1,	/* operand = offset of struct abi_accept; goes to `yes` */
	ABI_OP_EQUAL = 2,	/* value == operand */
	ABI_OP_LESS = 3,	/* value < operand, unsigned 64 bit */
	ABI_OP_GREATER = 4,
	ABI_OP_LESS_SIGNED = 5,
	ABI_OP_GREATER_SIGNED = 6,
	ABI_OP_MASK = 7,	/* value & operand != 0 */
	ABI_OP_INTERVALS = 8,	/* look-up operand (below) in struct abi_interval_table */
	ABI_OP_STRING = 9,	/* ... in struct abi_string_table, with the bytes of the slot */
	ABI_OP_ADDRESS = 10,	/* ... in struct abi_address_table, with family and address of the slot */
	ABI_OP_BINARY = 11,	/* ... in binary_tables[table of the operand], with a path; slot is enum abi_who */
	ABI_OP_JUMP = 12,	/* goes to `yes` */
	ABI_OP_SUBSTRING = 13,	/* ... in struct abi_automaton, with the bytes of the slot: parts of them, or all */
	ABI_OP_GAINED = 14,	/* number of slot `operand` & ~number of the slot != 0 */
	ABI_OP_EXPRESSION = 15,	/* struct abi_expression at operand leaves 1; slot unused */
	ABI_OP_LINEAGE = 16,	/* look-up in struct abi_interval_table, with the process ids of the process and all its
				   ancestors; slot is 1 for those of its own namespace, else 0 */
	ABI_OP_SCOPE = 17,	/* the process belongs to scope `operand` of this host; slot unused */
	ABI_OP_COUNT = 18,
};

enum abi_who {
	ABI_WHO_PROCESS = 0, ABI_WHO_LINEAGE = 1,	/* the process; it or some ancestor */
	ABI_WHO_PARENT = 2, ABI_WHO_PARENT_LINEAGE = 3,
};

/*
 * Operand of the table look-ups: table offset | register << 32 | row << 40.  A table answers all of its
 * up to 64 rows (predicates) at once; the answer is kept in the register for the rest of the event,
 * so the second predicate on one table costs one bit test.
 *
 * The row is a range, row << 40 | last row << 48: true when one of them is, unknown when none is and one is not known.  Whole groups of
 * selectors that all need a row of one table are passed over by one record.  Of ADDRESS, ABI_LOOKUP_DESTINATION looks up the
 * other address.
 */
#define ABI_LOOKUP(table, reg, row) ABI_LOOKUP_ROWS(table, reg, row, row)
#define ABI_LOOKUP_ROWS(table, reg, row, last) \
	((__u64)(table) | (__u64)(reg) << 32 | (__u64)(row) << 40 | (__u64)(last) << 48)
#define ABI_LOOKUP_TABLE(operand)	((__u32)(operand))
#define ABI_LOOKUP_REGISTER(operand)	((__u32)((operand) >> 32) & (ABI_REGISTERS_MAX - 1))
#define ABI_LOOKUP_ROW(operand)		((__u32)((operand) >> 40) & (ABI_ROWS_MAX - 1))
#define ABI_LOOKUP_LAST(operand)	((__u32)((operand) >> 48) & (ABI_ROWS_MAX - 1))
#define ABI_LOOKUP_DESTINATION	(1ULL << 56)

/* ---- Tables ---- */

/*
 * Intervals: `count` disjoint closed intervals in ascending order, found by binary search.
 * With ABI_INTERVALS_SIGNED, both the bounds and the value are compared with bit 63 flipped
 * (the bounds are stored flipped).
 */
#define ABI_INTERVALS_SIGNED	1u
#define ABI_INTERVALS_MAX	65536u
struct abi_interval_table {
	__u32 count;
	__u32 flags;
	/* struct abi_interval[count] */
};
struct abi_interval {
	__u64 low, high;
	__u64 rows;
};

/*
 * Strings: exact, prefix and postfix patterns in one open-addressing hash table.  A look-up probes
 * once for the whole string (if exact_rows != 0), once for each distinct prefix length that is not
 * longer than the string (and that its first word does not rule out), once for each distinct postfix length; each probe compares the stored bytes:
 * a hash alone never decides.  Answers are ORed.
 *
 * Hash of a segment (match_hash() in match.h is the definition): 8-byte little-endian words, the last
 * one padded with zero bytes; then the length and the kind.
 *
 * always_rows: rows with an empty prefix or postfix: true for every readable string.
 * Truncation: when the string was cut at ABI_STRING_MAX, exact rows are false (every pattern is
 * shorter) and postfix rows are unknown.
 */
enum abi_string_kind { ABI_STRING_EXACT = 1, ABI_STRING_PREFIX = 2, ABI_STRING_POSTFIX = 3 };
/* What an automaton finds.  ANY_CASE: ASCII letters in either case; GLOB: the whole string, see compiler/base/path_glob.h. */
enum abi_substring_kind { ABI_SUBSTRING = 4, ABI_SUBSTRING_ANY_CASE = 5, ABI_GLOB = 6 };
#define ABI_STRING_PROBES_MAX	8u	/* longest probe sequence that the compiler may leave */
#define ABI_STRING_LENGTHS_MAX	256u	/* distinct prefix, and distinct postfix, lengths */
#define ABI_PATTERN_MAX		(ABI_STRING_MAX - 1)
struct abi_string_table {
	__u32 bucket_mask;	/* number of buckets - 1; a power of two - 1 */
	__u32 buckets;		/* offset of struct abi_string_bucket[], by the low half of the pattern's hash */
	__u16 prefix_count;	/* distinct lengths, ascending, none 0 */
	__u16 postfix_count;
	__u32 lengths;		/* offset of __u32 prefix lengths, then __u32 postfix lengths; padded to 8 */
	__u64 exact_rows;	/* all rows that have an exact pattern */
	__u64 postfix_rows;	/* all rows that have a postfix pattern: unknown when the string was cut */
	__u64 always_rows;
	__u32 filter;		/* offset of struct abi_filter; 0 when there is neither an exact pattern nor a prefix */
	__u32 names;		/* offset of struct abi_filter of last names; 0: none, which is always safe */
};
struct abi_string_bucket {
	__u32 tag;		/* the high half of the pattern's hash */
	__u32 pattern;		/* offset of its struct abi_pattern; 0 = free bucket */
};
struct abi_pattern {
	__u32 length;
	__u32 kind;		/* enum abi_string_kind */
	__u64 rows;
	/* its bytes, padded with zeros to 8 */
};

/*
 * How exact patterns and prefixes begin: most strings begin like none, and one look at this tells.  A pattern's class is half its
 * length, or the last one; of class n, the first 2 n bytes count.  Their hash sets three bits in one of the words, so a string
 * for which they are not set does not begin like any pattern of that class: see match_filter().  Nothing is said of class 0.
 */
#define ABI_FILTER_CLASSES	9u
#define ABI_FILTER_WORDS_MAX	4096u
struct abi_filter {
	__u32 mask;		/* number of words - 1; a power of two - 1 */
	__u32 classes;		/* bit per class that has a pattern */
	__u8 ends[8];		/* by class: how many prefix lengths of the table belong to it or the ones before */
	/* __u64 words[mask + 1] */
};

/*
 * Last names of paths: a path ends with the name of its file, or with " (deleted)" behind it, or it is "/". So one whose file's name is for
 * no pattern is found by none of them, if all are exact ones or postfixes and none ends with '/', or could end a path with what stands
 * behind names of deleted files; else a table has no such filter. Of class 0 are patterns with a '/', and exact ones: what is behind the
 * last '/', its length and last 8 bytes count. Of class n, postfixes within a name, of n bytes or, of class 8, more: the last n bytes
 * count. See match_name(). `ends` is zero.
 */
#define ABI_NAME_CLASSES	9u
#define ABI_NAME_MAX		255u	/* bytes of a name */

/* Addresses: IPv4 as intervals of host-order numbers; IPv6 as 128-bit intervals.  0 = no such table. */
struct abi_address_table {
	__u32 v4;		/* struct abi_interval_table */
	__u32 v6;		/* struct abi_interval128_table */
};
struct abi_interval128_table {
	__u32 count;
	__u32 reserved;
	/* struct abi_interval128[count], disjoint, ascending */
};
struct abi_interval128 {
	__u64 low_high, low_low;	/* most significant half first, host order */
	__u64 high_high, high_low;
	__u64 rows;
};

/*
 * Substrings: all of them found in one pass, by an automaton (Aho and Corasick) whose states are the beginnings of patterns.  A byte
 * has a class; the next state of state s is cells[base of s + class], if that cell is of s.  Else the same byte is tried in state
 * `fail` of s, a shorter one; in state 0 it leads to first[class].
 *
 * With WHOLE, patterns are of whole strings: the rows that count are those of the state where the string ends, and from ABI_STATE_DEAD nothing
 * leads to any.  Every state falls back to state 0, so that there are still at most twice as many steps as bytes.
 */
#define ABI_AUTOMATON_WHOLE	1u
#define ABI_STATE_DEAD		1u
#define ABI_STATES_MAX	(1u << 20)
struct abi_automaton {
	__u32 state_count, cell_count, class_count;
	__u32 states;		/* offset of struct abi_state[]; state 0: nothing was read yet */
	__u32 cells;		/* offset of struct abi_cell[] */
	__u32 first;		/* offset of __u32[class_count]: next states of state 0 */
	__u32 flags;		/* ABI_AUTOMATON_ */
	__u32 reserved;
	__u8 classes[256];	/* by byte; all that are in no pattern have one */
};
struct abi_state {
	__u64 rows;		/* patterns that end here */
	__u32 base;		/* base + any class is less than cell_count */
	__u32 fail;		/* less than the state's own number, but for state 0 */
};
struct abi_cell {
	__u32 state;		/* whose it is, plus 1; 0: nobody's */
	__u32 next;
};

/* Arithmetic on slots that are numbers alone, in postfix order.  Numbers are of the word's type; see enum ir_word_op in compiler/selector/ir.h. */
#define ABI_WORDS_MAX	64u
#define ABI_STACK_MAX	16u	/* power of two */
enum abi_word_op {
	ABI_WORD_NUMBER = 1, ABI_WORD_SLOT = 2, ABI_WORD_ADD = 3, ABI_WORD_SUBTRACT = 4, ABI_WORD_AND = 5, ABI_WORD_OR = 6,
	ABI_WORD_XOR = 7, ABI_WORD_NOT = 8, ABI_WORD_NEGATE = 9, ABI_WORD_CAST = 10, ABI_WORD_EQUAL = 11,
	ABI_WORD_LESS = 12, ABI_WORD_LESS_EQUAL = 13,
};
enum abi_word_type { ABI_INT32 = 1, ABI_UINT32 = 2, ABI_INT64 = 3, ABI_UINT64 = 4, ABI_BOOL = 5 };
struct abi_word {
	__u8 op, type;
	__u16 slot;		/* SLOT */
	__u32 reserved;
	__u64 number;		/* NUMBER */
};
struct abi_expression {
	__u32 count;
	__u32 reserved;
	/* struct abi_word[count] */
};

/* ---- What happens when a selector accepts ---- */

/* Numbers of schema/actions.def, which are Tetragon's. */
enum abi_action_op {
	ABI_ACTION_POST = 0, ABI_ACTION_SIGKILL = 2, ABI_ACTION_OVERRIDE = 4,
	ABI_ACTION_GET_URL = 6, ABI_ACTION_DNS_LOOKUP = 7,
	ABI_ACTION_NOPOST = 8, ABI_ACTION_SIGNAL = 9, ABI_ACTION_TRACK_SOCK = 10, ABI_ACTION_UNTRACK_SOCK = 11,
	ABI_ACTION_NOTIFY_ENFORCER = 12, ABI_ACTION_CLEANUP_ENFORCER = 13, ABI_ACTION_SET = 14,
	ABI_ACTION_ENFORCE = 15,	/* ours: does what the thread's notification from this policy says, in hooks of enforcers */
	ABI_ACTION_END = 16,
};
struct abi_action {
	__u32 op;
	__s32 argument;		/* SIGNAL, NOTIFY_ENFORCER: signal number; OVERRIDE: return value; TRACK_SOCK, UNTRACK_SOCK, SET: slot;
				   POST: milliseconds of its rate limit: an event that is like one that was posted less than
				   that ago is not; see struct abi_rate_key */
	__s32 value;		/* NOTIFY_ENFORCER: return value; SET: what is written; POST: ABI_POST_ */
	__u32 assignments;	/* OVERRIDE of a uprobe: offset in ACCEPTS of struct abi_assignments; 0: the call returns `argument`.  What
				   only the reader of events needs is in the policy's object */
};
#define ABI_POST_PROCESS	1u	/* events of one process are limited together; else those of one thread */
#define ABI_POST_GLOBAL		2u	/* ... of all processes */
#define ABI_POST_KERNEL_STACK	4u
#define ABI_POST_USER_STACK	8u
#define ABI_POST_DIGEST		16u	/* of IMA */

/*
 * What an Override of a uprobe makes of the program's registers, one after the other: a later assignment reads what an earlier one has left.
 * The number is `number` plus what is in the source; with MEMORY, the 8 bytes that are there in the program's memory, and when they cannot be
 * read nothing is assigned.  Its low bytes become those of the target, of which the others stay as they are.
 *
 * All zero, and not to be made, until it is filled in when the image is applied.
 */
#define ABI_ASSIGNMENTS_MAX	19u	/* those of argRegs, and where the call goes on */
struct abi_assignment {
	__u64 number;
	__u16 target, source;	/* offsets in struct pt_regs, multiples of 8 */
	__u8 target_size, source_size;	/* 1, 2, 4, 8; target_size 0: not filled in; source_size 0: there is no source */
	__u8 flags;		/* ABI_ASSIGNMENT_ */
	__u8 reserved;
};
#define ABI_ASSIGNMENT_MEMORY	1u
struct abi_assignments {
	__u32 count;		/* at least 1 */
	__u32 reserved;
	/* struct abi_assignment[count] */
};

#define ABI_ACCEPT_QUIET	1u	/* NoPost: no event */
#define ABI_ACCEPT_RETURN	2u	/* report the return value too */
#define ABI_ACCEPT_ACTS		4u	/* something else than a Post without arguments is to be done */
#define ABI_ACCEPT_NOTES_NAMESPACES	8u	/* its process's namespaces are from now on compared with what they are now */
#define ABI_ACCEPT_NOTES_CAPABILITIES	16u	/* the same for its capabilities */
#define ABI_ACCEPT_OWNERS	32u	/* its policy tracks sockets: the event is about the owner of one that it reports */
#define ABI_ACCEPT_TRACKS	64u	/* an action is about a reported socket, which is read although nothing is reported */
#define ABI_ACCEPT_TRACK_RETURN	128u	/* its process becomes the owner of the socket that the call returns */
#define ABI_ACCEPT_UNTRACK_RETURN	256u	/* ... nobody does */
#define ABI_ACCEPT_CHUNKS	512u	/* what it reports, of the call or of its return, has a slot with ABI_SLOT_MAX_DATA */

struct abi_accept {
	__u32 policy;		/* index into POLICIES */
	__u16 selector;		/* index of the selector in the policy's hook, for reports */
	__u16 action_count;
	__u32 report_slots;	/* bit per slot of this hook that the event carries */
	__u32 return_slots;	/* bit per slot of the paired return hook */
	__u32 flags;		/* ABI_ACCEPT_ */
	__u16 hook_index;	/* index of the hook in its policy, for reports */
	__u16 policy_id;	/* of the policy */
	__u32 actions;		/* offset in ACCEPTS of struct abi_action[action_count] */
	__u32 return_record;	/* record of the return hook's program, plus 1, at which it is decided whether the return is
				   reported; 0: it is.  An accept there has policy and selector, and the return's actions */
};

_Static_assert(sizeof(struct abi_control) == 128, "abi_control");
_Static_assert(sizeof(struct abi_area) == ABI_AREA_SIZE, "abi_area");
_Static_assert(sizeof(struct abi_image) == 200 + 4096, "abi_image");
_Static_assert(sizeof(struct abi_slot) == 16, "abi_slot");
_Static_assert(sizeof(struct abi_socket) == 136, "abi_socket");
_Static_assert(sizeof(struct abi_user_namespace) == 24 && sizeof(struct abi_cred) == 88, "abi_user_namespace, abi_cred");
_Static_assert(sizeof(struct abi_module) == 80 && sizeof(struct abi_perf_event) == 152, "abi_module, abi_perf_event");
_Static_assert(sizeof(struct abi_bpf_prog) == 24 && sizeof(struct abi_bpf_map) == 32, "abi_bpf_prog, abi_bpf_map");
_Static_assert(sizeof(struct abi_chain) == 8 + 4 * ABI_CHAIN_STEPS, "abi_chain");
_Static_assert(sizeof(struct abi_location) == 16, "abi_location");
_Static_assert(sizeof(struct abi_automaton) == 32 + 256, "abi_automaton");
_Static_assert(sizeof(struct abi_word) == 16, "abi_word");
_Static_assert(sizeof(struct abi_hook) == 32 + 16 * ABI_SLOTS_MAX, "abi_hook");
_Static_assert(sizeof(struct abi_record) == 16, "abi_record");
_Static_assert(sizeof(struct abi_interval) == 24, "abi_interval");
_Static_assert(sizeof(struct abi_string_table) == 48, "abi_string_table");
_Static_assert(sizeof(struct abi_string_bucket) == 8 && sizeof(struct abi_pattern) == 16, "abi_string_bucket, abi_pattern");
_Static_assert(sizeof(struct abi_filter) == 16, "abi_filter");
_Static_assert(sizeof(struct abi_interval128) == 40, "abi_interval128");
_Static_assert(sizeof(struct abi_policy) == 16, "abi_policy");
_Static_assert(sizeof(struct abi_accept) == 32 && sizeof(struct abi_action) == 16, "abi_accept, abi_action");
_Static_assert(sizeof(struct abi_assignment) == 16 && sizeof(struct abi_assignments) == 8, "abi_assignment, abi_assignments");

#include "bpf-templates/abi_records.h"

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format.h - the METADATA section of a host image: what tetra, but no program, reads.
 *
 * A struct meta_header, tables of fixed-size records, then the strings.  Like everywhere in an image,
 * offsets count from its start; a string offset of 0 means that there is none.  Records refer to
 * each other by number.
 */
#ifndef COMPILER_IMAGE_FORMAT_H
#define COMPILER_IMAGE_FORMAT_H

#include "bpf-templates/abi.h"

/* Tables of the metadata: number, name, record.  Wire-fixed order. */
#define META_TABLES(X) \
	X(POLICIES, struct meta_policy) \
	X(HOOKS, struct meta_hook) \
	X(POLICY_HOOKS, struct meta_policy_hook) \
	X(SELECTORS, struct meta_selector) \
	X(ARGUMENTS, struct meta_argument) \
	X(TAGS, struct meta_tag) \
	X(RELOCATIONS, struct meta_relocation) \
	X(STEPS, struct meta_step) \
	X(SCOPES, struct meta_scope) \
	X(REQUESTS, struct meta_request) \
	X(ASSIGNMENTS, struct meta_assignment)

enum meta_table {
#define X(name, type) META_##name,
	META_TABLES(X)
#undef X
	META_TABLE_COUNT
};

struct meta_table_place { __u32 offset, count; };

struct meta_header {
	struct meta_table_place tables[META_TABLE_COUNT];
	__u32 strings;			/* offset; the last byte is 0 */
	__u32 strings_size;
};

struct meta_range { __u32 first, count; };	/* records of one table */

#define META_POLICY_ENFORCES	1u
#define META_POLICY_LOADER	2u	/* readers of events tell which files are mapped to execute */
#define META_POLICY_ELSEWHERE	4u	/* for other nodes than this one: it has no hooks here */
struct meta_policy {
	__u32 name, source_name;
	__u32 object, object_size;	/* in OBJECTS */
	struct meta_range hooks;	/* POLICY_HOOKS */
	__u32 flags;			/* META_POLICY_ */
	__u32 selector_count;
};

#define META_HOOK_OVERRIDES	1u
#define META_HOOK_GENERATED	2u	/* stands for functions that only the target knows */
#define META_HOOK_OPTIONAL	4u	/* where it is missing, it is passed over: so say all that ask for it */
#define META_HOOK_FMOD_RET	16u	/* of an enforcer: it overrides by this, or not at all */
#define META_HOOK_OVERRIDE_RETURN 32u
#define META_HOOK_SINGLE	8u	/* not to be attached together with others: a policy has disable-kprobe-multi, or -uprobe- */
#define META_HOOK_PATTERN	64u	/* GENERATED, and the name is a regular expression: "sys_*" is one, too */
#define META_HOOK_PRELOADS	128u	/* texts of its arguments are brought into memory first */
#define META_HOOK_MOVES_STACK	256u	/* OVERRIDES a uprobe so that the stack pointer is another one: its return cannot be watched */
#define META_NO_PAIR		0xffffffffu
struct meta_hook {			/* ascending id */
	__u32 id;
	__u32 kind;			/* wire number of the hook kind */
	__u32 flags;			/* META_HOOK_ */
	__u32 name, subsystem, key;	/* subsystem: of tracepoints; of uprobes and USDTs the file */
	__u32 argument_count;
	__u32 place, policy;		/* strings: who asks for it first, and where */
	__u32 site;			/* USDTs: which of the places that the probe has in the file, from 0 */
	__u32 digests;			/* uprobes: string, one of which the file must have, separated by commas */
	__u32 reserved;
	__u64 reference_counter;	/* uprobes: offset in the file, 0: none; of USDTs filled in when the image is applied */
	__u64 offset;			/* of uprobes and USDTs: in the file; filled in when the image is applied */
};

struct meta_policy_hook {
	__u32 hook;			/* id */
	__u32 message;
	struct meta_range tags, arguments, selectors;	/* arguments: those of `data` follow those of `args` */
	__u32 returned;			/* ARGUMENTS: number + 1 of the return argument, or 0 */
	__u32 written;			/* number of the hook in the policy's object: one may have several targets */
};

struct meta_selector { __u32 place; };		/* 0 when it was dropped */
#define META_ARGUMENT_DATA	1u	/* an entry of `data`; they follow those of `args` */
#define META_ARGUMENT_COPIED	2u	/* read at the return: its slot is of the return hook */
struct meta_argument {
	__u32 type;			/* wire number, as two's complement */
	__u16 slot;
	__u16 flags;			/* META_ARGUMENT_ */
	__u32 label;
};
struct meta_tag { __u32 text; };

/* What is filled in: where a field lies, what leads to a value, which register, where an argument of a static probe is. */
enum meta_relocation_kind {
	META_RELOCATE_FIELD = 1, META_RELOCATE_CHAIN = 2, META_RELOCATE_REGISTER = 3, META_RELOCATE_LOCATION = 4,
};
struct meta_relocation {
	__u32 hook, slot;		/* hook: id */
	__u32 type, place;
	__u32 kind;
	__u32 path;			/* CHAIN: as in `resolve`; REGISTER: its name */
	__u32 btf_type, btf_module;	/* CHAIN: 0 when absent */
};
/* A set of workloads that a policy names: predicate `predicate` of the selector at position `selector`, in its object. */
struct meta_scope { __u32 policy, place, written, selector, predicate; };	/* written: number of the hook */

/* A GetUrl or DnsLookup, which the reader of the event does; in the order of the policy. */
#define META_REQUEST_ON_RETURN	1u	/* of the event of the return */
struct meta_request {
	__u32 policy, hook_index;
	__u16 selector;			/* as reported */
	__u8 op;			/* enum abi_action_op */
	__u8 flags;			/* META_REQUEST_ */
	__u32 text;			/* URL or name */
};

/* What a struct abi_assignment becomes when the image is applied. */
enum meta_assignment_kind {
	META_ASSIGN_REGISTER = 1,	/* text: as argRegs has it */
	META_ASSIGN_SYMBOL = 2, META_ASSIGN_ADDRESS = 3, META_ASSIGN_OFFSET = 4,	/* text: where in the file the call goes on */
};
struct meta_assignment {
	__u32 hook;			/* id */
	__u32 at;			/* offset of the struct abi_assignment */
	__u32 policy, place;		/* place: of the selector */
	__u32 kind;
	__u32 text;			/* ADDRESS, OFFSET: a number in hexadecimal */
};

/* Which filter of which policy a run of records came from; ascending record. */
struct meta_step {
	__u32 record;			/* number in PROGRAMS */
	__u32 record_count;
	__u32 policy, hook_index;
	__u16 selector;			/* as reported: index in the policy's hook */
	__u16 predicate;		/* number in that selector of the policy's object */
};

_Static_assert(sizeof(struct meta_policy) == 32, "meta_policy");
_Static_assert(sizeof(struct meta_hook) == 64, "meta_hook");
_Static_assert(sizeof(struct meta_policy_hook) == 40, "meta_policy_hook");
_Static_assert(sizeof(struct meta_argument) == 12, "meta_argument");
_Static_assert(sizeof(struct meta_step) == 20, "meta_step");
_Static_assert(sizeof(struct meta_request) == 16, "meta_request");
_Static_assert(sizeof(struct meta_assignment) == 24, "meta_assignment");
_Static_assert(sizeof(struct meta_relocation) == 32, "meta_relocation");

#endif

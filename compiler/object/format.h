/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format.h - the bytes of a policy object.
 *
 * Little endian.  A header, then one section per row below, each an array of records, 8-byte aligned and
 * in this order.  Records refer to those of other sections by number, in ranges that follow each other:
 * the ranges of all selectors, read in order, tile the predicates, and so on; who owns a record comes before it.  Wire
 * numbers of types, operators, actions and hooks are those of schema/; loads, sources and kinds of patterns those of abi.h;
 * all others those of ir.h.
 */
#ifndef COMPILER_OBJECT_FORMAT_H
#define COMPILER_OBJECT_FORMAT_H

#include <stdint.h>

#define OBJECT_MAGIC	0x6a626f2d61727465ULL	/* "etra-obj" */
#define OBJECT_VERSION	5

/* In brackets: whose ranges a section holds, in the order in which each of its owners has them. */
#define OBJECT_SECTIONS(X) \
	X(POLICY, struct object_policy) \
	X(LATER, struct object_later)			/* [POLICY] */ \
	X(HOOKS, struct object_hook)			/* [POLICY] */ \
	X(NAMES, struct object_names)			/* [POLICY: enforcer; HOOKS] */ \
	X(NAMED, struct object_text)			/* [NAMES] */ \
	X(TAGS, struct object_text)			/* [HOOKS] */ \
	X(PROGRAMS, struct object_program)		/* [HOOKS: one] */ \
	X(SYMBOLS, struct object_text)			/* [PROGRAMS: symbols, digests] */ \
	X(NUMBERS, uint64_t)				/* [PROGRAMS: offsets, addresses, reference offsets] */ \
	X(ARGUMENTS, struct object_argument)		/* [HOOKS: arguments, data, return argument] */ \
	X(CHAINS, struct object_chain)			/* [ARGUMENTS: one] */ \
	X(SELECTORS, struct object_selector)		/* [HOOKS] */ \
	X(ACTIONS, struct object_action)		/* [SELECTORS: on calls, on returns] */ \
	X(DETAILS, struct object_details)		/* [ACTIONS: one] */ \
	X(REGISTERS, struct object_text)		/* [DETAILS] */ \
	X(PREDICATES, struct object_predicate)		/* [SELECTORS: on calls, on returns] */ \
	X(CONDITIONS, struct object_condition)		/* [PREDICATES: one; CONDITIONS: their parts] */ \
	X(WORDS, struct object_word)			/* [CONDITIONS] */ \
	X(ASKED, struct object_predicate)		/* [CONDITIONS: one] */ \
	X(WRITTEN, struct object_written)		/* [PREDICATES, ASKED] */ \
	X(VALUES, struct object_text)			/* [WRITTEN] */ \
	X(INTERVALS, struct object_interval)		/* [PREDICATES, ASKED], as the next two */ \
	X(PATTERNS, struct object_pattern) \
	X(NETWORKS, struct object_network) \
	X(WORKLOADS, struct object_workloads)		/* [POLICY: its scope; PREDICATES: one that is not the scope] */ \
	X(LABEL_SELECTORS, struct object_label_selector)	/* [POLICY: of nodes; HOOKS: of nodes; WORKLOADS: pod, container, host] */ \
	X(LABELS, struct object_label)			/* [LABEL_SELECTORS] */ \
	X(LABEL_EXPRESSIONS, struct object_label_expression)	/* [LABEL_SELECTORS] */ \
	X(LABEL_VALUES, struct object_text)		/* [LABEL_EXPRESSIONS] */ \
	X(STRINGS, char)

enum object_section_id {
#define X(name, type) OBJECT_##name,
	OBJECT_SECTIONS(X)
#undef X
	OBJECT_SECTION_COUNT
};

struct object_section { uint32_t offset, count; };

struct object_header {
	uint64_t magic;
	uint32_t version, size;
	uint64_t checksum;		/* FNV-1a 64 of the object with this field as 0 */
	struct object_section sections[OBJECT_SECTION_COUNT];
};

/* In STRINGS, a NUL behind it.  OBJECT_ABSENT as offset: there is none. */
struct object_text { uint32_t offset, length; };
#define OBJECT_ABSENT	UINT32_MAX

struct object_place { uint32_t line, column; };
struct object_range { uint32_t first, count; };

/* ---- Policies and hooks ---- */

#define OBJECT_POLICY_MONITOR		1u
#define OBJECT_POLICY_ENFORCES		2u
#define OBJECT_POLICY_LOADER		4u
#define OBJECT_POLICY_SINGLE_KPROBES	8u
#define OBJECT_POLICY_SINGLE_UPROBES	16u
#define OBJECT_POLICY_PRELOADS		256u
struct object_policy {
	struct object_place at;
	struct object_text name, namespace, source_name;
	uint32_t flags;
	uint32_t override_method;	/* enum override_method */
	struct object_range later, hooks, enforcer;
	uint32_t scope;			/* 0, the first of WORKLOADS; or OBJECT_ABSENT */
	struct object_place scope_at;
	struct object_range node;	/* of LABEL_SELECTORS: one or none */
	struct object_place node_at;
};

struct object_later {
	struct object_place at;
	struct object_text what;
};

#define OBJECT_HOOK_SYSCALL		1u
#define OBJECT_HOOK_RETURNS		2u
#define OBJECT_HOOK_IGNORE_MISSING	4u
#define OBJECT_HOOK_IGNORE_DIGEST	8u
struct object_hook {
	struct object_place at;
	uint32_t kind, flags;
	struct object_text name, subsystem, message;
	uint32_t names, program;	/* of NAMES and PROGRAMS, or OBJECT_ABSENT */
	uint32_t return_action;		/* enum ir_return_action */
	struct object_range tags, arguments, data;
	uint32_t returned;		/* 1: the argument behind the ranges is the return argument */
	uint32_t selectors_written;
	struct object_range selectors;
	struct object_range node;	/* of LABEL_SELECTORS: one or none */
	struct object_place node_at;
};

/* Of uprobes and USDTs. */
struct object_program {
	struct object_text path, provider, btf_path;
	struct object_range symbols, digests, offsets, addresses, reference_offsets;
};

struct object_names {
	struct object_place at;
	uint32_t kind;			/* enum ir_names_kind */
	struct object_text name, pattern;
	struct object_range values;
};

#define OBJECT_ARGUMENT_RETURN_COPY	1u
#define OBJECT_ARGUMENT_MAX_DATA	2u
struct object_argument {
	struct object_place at;
	int32_t type;
	uint8_t load, source, index, size_index;
	uint8_t flags, folder, reserved[2];
	struct object_text label;
	uint32_t chain;			/* of CHAINS, or OBJECT_ABSENT */
};
struct object_chain { struct object_text resolve, btf_type, btf_module; };

/* ---- Selectors ---- */

struct object_selector {
	struct object_place at;
	uint32_t index;
	struct object_text label;
	struct object_range predicates, actions, return_predicates, return_actions;
};

#define OBJECT_ACTION_KERNEL_STACK	1u
#define OBJECT_ACTION_USER_STACK	2u
#define OBJECT_ACTION_IMA_HASH		4u
#define OBJECT_ACTION_RETURNS		8u
struct object_action {
	int32_t op, argument;
	uint8_t flags, reserved[3];
	uint32_t details;		/* of DETAILS; OBJECT_ABSENT when there is nothing in them */
};
struct object_details {
	int32_t value;
	uint32_t rate_milliseconds, rate_scope, reserved;
	struct object_text text;
	struct object_range registers;
	int64_t new_address, new_offset;
};

/* Which kind of members `members` numbers is settled by `test`: INTERVALS and HOST, STRINGS and SUBSTRINGS, NETWORKS. */
#define OBJECT_PREDICATE_NEGATED	1u
#define OBJECT_PREDICATE_IN_NAMESPACE	2u
#define OBJECT_PREDICATE_FOLLOWS	4u
struct object_predicate {
	struct object_place at;
	uint8_t subject, test, facet, flags;
	uint32_t position;
	uint64_t mask;
	struct object_range members, written;
	uint32_t extra;			/* GAINED: the other position; SCOPED: of WORKLOADS; HOLDS: of CONDITIONS; else 0 */
	uint32_t reserved;
};

struct object_condition {
	uint8_t kind, negated, reserved[2];
	uint32_t predicate;		/* of ASKED; OBJECT_ABSENT but for ASK */
	struct object_range parts, words;
};

struct object_word {
	uint8_t op, type, reserved[6];
	uint64_t number;
};

struct object_written {
	struct object_place at;
	int32_t op;
	struct object_range values;
	uint32_t reserved;
};

/* ---- Sets ---- */

struct object_interval { uint64_t low, high; };
struct object_pattern { uint32_t kind; struct object_text text; };
struct object_network { uint8_t family, prefix, address[16]; };

/* ---- Workloads ---- */

#define OBJECT_WORKLOADS_POD		1u
#define OBJECT_WORKLOADS_CONTAINER	2u
#define OBJECT_WORKLOADS_HOST		4u
struct object_workloads {
	uint32_t flags;			/* which of the three are there */
	struct object_range selectors;
};
struct object_label_selector { struct object_range labels, expressions; };
struct object_label { struct object_text key, value; };
struct object_label_expression {
	struct object_text key;
	uint32_t op;			/* word of LABEL_OPERATOR */
	struct object_range values;
};

/* Bytes for bytes: there is nothing between the members that is not written. */
_Static_assert(sizeof(struct object_policy) == 92, "object_policy");
_Static_assert(sizeof(struct object_hook) == 108, "object_hook");
_Static_assert(sizeof(struct object_argument) == 32, "object_argument");
_Static_assert(sizeof(struct object_action) == 16, "object_action");
_Static_assert(sizeof(struct object_details) == 48, "object_details");
_Static_assert(sizeof(struct object_predicate) == 48, "object_predicate");
_Static_assert(sizeof(struct object_condition) == 24, "object_condition");
_Static_assert(sizeof(struct object_word) == 16, "object_word");

#endif

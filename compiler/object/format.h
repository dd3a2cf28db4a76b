/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format.h - the bytes of a policy object.
 *
 * Little endian.  A header, then one section per row below, each an array of records, 8-byte aligned and
 * in this order.  Records refer to those of other sections by number, in ranges that follow each other:
 * the ranges of all selectors, read in order, tile the predicates, and so on.  Wire numbers of types,
 * operators, actions and hooks are those of schema/; loads, sources and kinds of patterns those of abi.h.
 */
#ifndef COMPILER_OBJECT_FORMAT_H
#define COMPILER_OBJECT_FORMAT_H

#include <stdint.h>

#define OBJECT_MAGIC	0x6a626f2d61727465ULL	/* "etra-obj" */
#define OBJECT_VERSION	1

#define OBJECT_SECTIONS(X) \
	X(POLICY, struct object_policy) \
	X(HOOKS, struct object_hook) \
	X(ARGUMENTS, struct object_argument) \
	X(TAGS, struct object_text) \
	X(SELECTORS, struct object_selector) \
	X(ACTIONS, struct object_action) \
	X(PREDICATES, struct object_predicate) \
	X(WRITTEN, struct object_written) \
	X(VALUES, struct object_text) \
	X(INTERVALS, struct object_interval) \
	X(PATTERNS, struct object_pattern) \
	X(NETWORKS, struct object_network) \
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

#define OBJECT_POLICY_MONITOR	1u
#define OBJECT_POLICY_ENFORCES	2u
struct object_policy {
	struct object_place at;
	struct object_text name, source_name;
	uint32_t flags;
	struct object_range hooks;
	uint32_t reserved;
};

#define OBJECT_HOOK_SYSCALL	1u
#define OBJECT_HOOK_RETURNS	2u
struct object_hook {
	struct object_place at;
	uint32_t kind, flags;
	struct object_text name, subsystem, message;
	struct object_range tags, arguments;
	uint32_t returned;		/* 1: the argument behind the range is the return argument */
	uint32_t selectors_written;
	struct object_range selectors;
};

struct object_argument {
	struct object_place at;
	int32_t type;
	uint8_t load, source, index, reserved;
	struct object_text label;
};

struct object_selector {
	struct object_place at;
	uint32_t index, reserved;
	struct object_range predicates, actions;
};

struct object_action { int32_t op, argument; };

/* Which of the four kinds of members `members` numbers is settled by `test`; MASK has none. */
struct object_predicate {
	struct object_place at;
	uint8_t subject, test, negated, reserved;
	uint32_t position;
	uint64_t mask;
	struct object_range members, written;
};

struct object_written {
	struct object_place at;
	int32_t op;
	struct object_range values;
	uint32_t reserved;
};

struct object_interval { uint64_t low, high; };
struct object_pattern { uint32_t kind; struct object_text text; };
struct object_network { uint8_t family, prefix, address[16]; };

#endif

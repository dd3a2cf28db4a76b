/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ir.h - policies as predicates: what lowering makes of a policy, objects carry and linking merges.
 *
 * A hook is a list of selectors; a selector is an AND of predicates and what to do when all hold.
 * A predicate tests one value against one set and answers yes, no or unknown (the value could not be
 * read, or was cut so that the answer is not known); an unknown predicate fails its selector, negated
 * or not.  The first selector that holds decides for its hook.
 *
 * The same structures hold a policy on its way through the compiler (places are spans) and one that was
 * read back from an object (places are lines and columns).  Everything lives in one arena; what lowering makes
 * shares the texts of the policy: one that aliases list a thousand times is there once.
 *
 * Every policy that check lets pass has its IR, so that it can be simplified and explained; one that this version cannot
 * compile (ir_policy.later) goes no further.
 */
#ifndef COMPILER_SELECTOR_IR_H
#define COMPILER_SELECTOR_IR_H

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"
#include "compiler/base/diagnostics.h"
#include "compiler/policy/policy.h"
#include "schema/schema.h"

/* Where something was written.  The span while the source is at hand; line 0 until an object was read. */
struct ir_place {
	struct span span;
	uint32_t line, column;
};

/* What a predicate looks at: IR_ARGUMENT, ... of schema/subjects.def.  Objects carry the first three. */
enum ir_subject {
#define SUBJECT(id, name, wire, quantity, says, any, none) IR_##id = (wire),
#include "schema/subjects.def"
#undef SUBJECT
	IR_SUBJECT_END
};
enum ir_quantity { IR_ONE, IR_ANY_OF };
struct ir_subject_row {
	const char *name;
	enum ir_quantity quantity;
	const char *says, *any, *none;
};
extern const struct ir_subject_row ir_subject_rows[IR_SUBJECT_END];

/* Of what an argument has several of: each is a value of its own, known or unknown by itself. */
enum ir_facet {
	IR_VALUE,
	IR_ADDRESS, IR_DESTINATION, IR_PORT, IR_DESTINATION_PORT, IR_PROTOCOL, IR_FAMILY, IR_STATE,	/* of sockets */
	IR_FILE_TYPE,		/* of paths */
	IR_FACET_COUNT
};
extern const char *const ir_facet_names[IR_FACET_COUNT];

/* How it is tested; wire-fixed, objects carry all but OPAQUE. */
enum ir_test {
	IR_NEVER = 1,		/* nothing satisfies it; simplify leaves none but on returns */
	IR_READABLE = 2,	/* every value satisfies it that can be read at all */
	IR_INTERVALS = 3,	/* the number is in one of the intervals */
	IR_MASK = 4,		/* the number has a bit of the mask */
	IR_STRINGS = 5,		/* the bytes satisfy one of the patterns */
	IR_NETWORKS = 6,	/* the address is in one of the networks */
	IR_OPAQUE = 7,		/* as it was written: nothing is known of its answer but that another one that is
				   written alike answers alike */
};

/* Closed interval of keys: numbers whose order is that of unsigned integers (see ir_key). */
struct ir_interval { uint64_t low, high; };
struct ir_interval_list { struct ir_interval *items; size_t count; };

/* kind is enum abi_string_kind; bytes may hold anything, and need not end in a NUL. */
struct ir_pattern { uint32_t kind, length; const char *bytes; };
struct ir_pattern_list { struct ir_pattern *items; size_t count; };

/* family 4 or 6; address in network order, host bits cleared, IPv4 in the first 4 bytes. */
struct ir_network { uint8_t family, prefix; uint8_t address[16]; };
struct ir_network_list { struct ir_network *items; size_t count; };

/* A filter as it was written, for people.  Merging predicates keeps all of them. */
struct ir_written {
	struct ir_place at;
	enum operator_id op;
	struct text_list values;
};
struct ir_written_list { struct ir_written *items; size_t count; };

struct ir_predicate {
	struct ir_place at;
	enum ir_subject subject;
	uint32_t position;		/* ARGUMENT, DATA: in that list of the hook; NAMESPACE, CAPABILITIES,
					   CAPABILITY_CHANGES: which, a word of NAMESPACE or CAPABILITY_SET */
	uint32_t other;			/* the second argument, of operators that take two */
	enum ir_facet facet;		/* ARGUMENT, DATA, RETURN */
	bool in_namespace;		/* PID: as the process's own namespace numbers it; CAPABILITIES...: holds
					   only outside of the host's user namespace, negated or not */
	bool follows;			/* PID, BINARY, PARENT: some process among it and its ancestors satisfies
					   the set; negated: none does */
	const struct policy_workloads *workloads;	/* WORKLOADS */
	enum ir_test test;
	bool negated;			/* never with OPAQUE */
	uint64_t mask;			/* MASK */
	struct ir_interval_list intervals;	/* INTERVALS: keys; after simplify sorted, disjoint, not adjacent */
	struct ir_pattern_list patterns;	/* STRINGS: after simplify none twice, in the order written */
	struct ir_network_list networks;	/* NETWORKS: the same */
	struct ir_written_list written;	/* at least one */
};
struct ir_predicate_list { struct ir_predicate *items; size_t count; };

/*
 * op: which; argument: signal number or return value (see struct abi_action).
 *
 * as_written, here and below, is the policy's own: for what only policies have that cannot be compiled yet.  NULL when
 * the policy was read from an object.
 */
struct ir_action { enum action_id op; int32_t argument; const struct policy_action *as_written; };
struct ir_action_list { struct ir_action *items; size_t count; };

struct ir_selector {
	struct ir_place at;
	uint32_t index;			/* in the policy's hook: what events report */
	struct ir_predicate_list predicates;
	struct ir_action_list actions;	/* never empty: Post when the policy says nothing */
	struct ir_predicate_list return_predicates;	/* asked when the call returns; they keep no call from matching */
	struct ir_action_list return_actions;	/* may be empty */
	struct text label;		/* bytes NULL when absent */
};
struct ir_selector_list { struct ir_selector *items; size_t count; };

struct ir_argument {
	struct ir_place at;
	enum type_id type;
	uint8_t load, source, index;	/* enum abi_load, enum abi_source (0: of neither), number */
	struct text label;		/* bytes NULL when there is none */
	const struct policy_argument *as_written;
};
struct ir_argument_list { struct ir_argument *items; size_t count; };

struct ir_hook {
	struct ir_place at;
	enum hook_kind kind;
	struct text name, subsystem;	/* subsystem.bytes NULL where there is none */
	bool syscall, returns;
	struct ir_argument_list arguments;
	struct ir_argument_list data;
	struct ir_argument *return_argument;	/* NULL when absent */
	struct text message;		/* bytes NULL when absent */
	struct text_list tags;
	const struct policy_hook *as_written;
	const struct policy_name_list *list;	/* that `name` stands for; NULL when it is a name */
	uint32_t selectors_written;	/* how many the policy has; lowering adds one when it has none */
	struct ir_selector_list selectors;	/* empty: nothing can match */
};
struct ir_hook_list { struct ir_hook *items; size_t count; };

/* Something that this version does not compile: "operator 'Family'". */
struct ir_later { struct ir_place at; const char *what; };
struct ir_later_list { struct ir_later *items; size_t count; };

struct ir_policy {
	struct ir_place at;
	struct text name;
	const char *source_name;
	bool monitor;			/* enforcement is reported, not done */
	bool enforces;			/* some action enforces */
	struct ir_hook_list hooks;
	const struct policy *as_written;
	struct ir_later_list later;	/* not empty: it has no object.  The first places come first */
};
struct ir_list { struct ir_policy *items; size_t count; };

/* Integers become keys by flipping the sign bit of signed ones, so that all order alike.  Its own inverse. */
static inline uint64_t ir_key(uint64_t value, bool is_signed)
{
	return is_signed ? value ^ (1ULL << 63) : value;
}

/* Whether a load (enum abi_load) gives signed numbers, and the keys that it can give at all. */
bool ir_load_is_signed(uint8_t load);
struct ir_interval ir_load_domain(uint8_t load);

/* The load of what a predicate looks at: of its argument, or ABI_LOAD_PID; ABI_LOAD_NONE for binaries. */
uint8_t ir_predicate_load(const struct ir_hook *hook, const struct ir_predicate *predicate);

/* The numbers that a predicate can see: signed or not, and their keys.  Of a compiled one, those of its load. */
struct ir_domain { bool is_signed; struct ir_interval keys; };
struct ir_domain ir_predicate_domain(const struct ir_hook *hook, const struct ir_predicate *predicate);

/* What the predicate's argument, data or return value is; NULL when it looks at none, or there is none. */
const struct ir_argument *ir_predicate_argument(const struct ir_hook *hook, const struct ir_predicate *predicate);

/* What the operator looks at of an argument. */
enum ir_facet ir_operator_facet(enum operator_id op);

/* Whether two predicates of one hook look at the same: what is said of one value then holds of the other. */
bool ir_subject_equal(const struct ir_predicate *a, const struct ir_predicate *b);

/* Whether one value decides, so that two predicates of the subject hold together where their sets meet. */
bool ir_subject_is_one(const struct ir_predicate *predicate);

/* Whether two predicates carry the same set: they answer alike for the same value, but for negation. */
bool ir_set_equal(const struct ir_predicate *a, const struct ir_predicate *b);

/* Whether two predicates of one hook answer alike for every event, by the sets they carry. */
bool ir_predicate_equal(const struct ir_predicate *a, const struct ir_predicate *b);

/*
 * lower: needs checked policies (positions set, values parsed), and in diagnostics->later what of them cannot be
 * compiled.  Never fails today; the result is for the pass table.
 */
int ir_lower(const struct policy_list *policies, struct arena *arena, struct diagnostics *diagnostics,
	     struct ir_list **ret);

/*
 * simplify: folds and merges in place; drops selectors that can never decide and says so as warnings
 * (their indices are then missing from the hook).  Leaves no IR_NEVER on calls.
 */
int ir_simplify(struct ir_list *ir, struct arena *arena, struct diagnostics *diagnostics);

/* Text for people and goldens. */
void ir_dump(const struct ir_list *ir, struct buffer *ret);
void ir_dump_policy(const struct ir_policy *policy, struct buffer *ret);

#endif

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
 * Every policy that check lets pass has its IR, its object and its image, and can be explained, dry-run and tested; one that the
 * programs of this version cannot run (ir_policy.later) is not applied.
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

/* What a predicate looks at: IR_ARGUMENT, ... of schema/subjects.def. */
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

/* How it is tested; wire-fixed. */
enum ir_test {
	IR_NEVER = 1,		/* nothing satisfies it; simplify leaves none but on returns */
	IR_READABLE = 2,	/* every value satisfies it that can be read at all */
	IR_INTERVALS = 3,	/* the number is in one of the intervals */
	IR_MASK = 4,		/* the number has a bit of the mask */
	IR_STRINGS = 5,		/* the bytes satisfy one of the patterns */
	IR_NETWORKS = 6,	/* the address is in one of the networks */
	/* Opaque: proofs know nothing of the answer but that another one that is written alike answers alike. */
	IR_SUBSTRINGS = 7,	/* an automaton finds one of the patterns, which are of one kind: in the bytes, or (GLOB) that they are as it says */
	IR_HOST = 8,		/* NAMESPACE: it is that of the host, or its number is in one of the intervals */
	IR_OTHERS = 9,		/* CAPABILITY_CHANGES: a bit has changed, and none of the mask */
	IR_GAINED = 10,		/* the argument at position `other` has a bit that this one lacks */
	IR_HOLDS = 11,		/* EXPRESSION: the condition holds */
	IR_SCOPED = 12,		/* WORKLOADS: the process belongs to one of them */
	IR_OPAQUE = 13,		/* whatever the values mean; no policy that was checked has it */
};
static inline bool ir_test_is_opaque(enum ir_test test) { return test >= IR_SUBSTRINGS; }

/* Closed interval of keys: numbers whose order is that of unsigned integers (see ir_key). */
struct ir_interval { uint64_t low, high; };
struct ir_interval_list { struct ir_interval *items; size_t count; };

/* kind is enum abi_string_kind or, of SUBSTRINGS, enum abi_substring_kind; bytes may hold anything, and need not end in a NUL. */
struct ir_pattern { uint32_t kind, length; const char *bytes; };
struct ir_pattern_list { struct ir_pattern *items; size_t count; };

/* family 4 or 6; address in network order, host bits cleared, IPv4 in the first 4 bytes. */
struct ir_network { uint8_t family, prefix; uint8_t address[16]; };
struct ir_network_list { struct ir_network *items; size_t count; };

/*
 * Arithmetic of a CelExpr, in postfix order: each word takes its operands from a stack and leaves one number there.  Numbers
 * are of `type`: two's complement of 32 or 64 bits, and what overflows wraps around.
 */
enum ir_word_op {
	IR_WORD_NUMBER = 1,	/* `number` */
	IR_WORD_ARGUMENT = 2,	/* the argument at position `number` */
	IR_WORD_ADD = 3, IR_WORD_SUBTRACT = 4, IR_WORD_AND = 5, IR_WORD_OR = 6, IR_WORD_XOR = 7, IR_WORD_NOT = 8,
	IR_WORD_NEGATE = 9,
	IR_WORD_CAST = 10,	/* to `type` */
	IR_WORD_EQUAL = 11, IR_WORD_LESS = 12, IR_WORD_LESS_EQUAL = 13,	/* of two numbers of `type`: 0 or 1 */
};
enum ir_word_type { IR_INT32 = 1, IR_UINT32 = 2, IR_INT64 = 3, IR_UINT64 = 4, IR_BOOL = 5 };
struct ir_word { enum ir_word_op op; enum ir_word_type type; uint64_t number; };
enum { IR_WORDS_MAX = 64, IR_STACK_MAX = 16 };	/* of one IR_COMPARE */

/*
 * What a CelExpr asks.  All arguments that it names must be readable, whichever side decides, or it does not hold; it asks so
 * itself (see lower_condition).
 *
 * With no < unknown < yes, an ALL answers as the least of its parts, an ANY as the greatest; a COMPARE is unknown when one of
 * its arguments is.  Only leaves are negated, and what is unknown stays so; so whoever asks no more than whether the
 * condition holds may take an unknown leaf for one that says no.
 */
enum ir_condition_kind {
	IR_ALL = 1,		/* every one of the parts; of none: true */
	IR_ANY = 2,		/* one of the parts; of none: false */
	IR_ASK = 3,		/* the predicate, on an ARGUMENT */
	IR_COMPARE = 4,		/* the words leave 1 */
};
struct ir_condition {
	enum ir_condition_kind kind;
	bool negated;			/* COMPARE only; of ASK it is the predicate's, of whatever test */
	struct ir_condition *parts;
	size_t count;
	struct ir_predicate *predicate;
	struct ir_word *words;
	size_t word_count;		/* at most IR_WORDS_MAX */
};

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
	bool in_namespace;		/* PID: as the process's own namespace numbers it and, if it follows, only outside of
					   the host's pid namespace, negated or not; CAPABILITIES...: holds
					   only outside of the host's user namespace, negated or not */
	bool follows;			/* PID, BINARY, PARENT: some process among it and its ancestors satisfies
					   the set; negated: none does */
	const struct policy_workloads *workloads;	/* WORKLOADS */
	const struct ir_condition *condition;	/* EXPRESSION */
	enum ir_test test;
	bool negated;			/* not with HOST (whose NotIn is negated), SUBSTRINGS (but inside of
					   conditions), OTHERS, GAINED, HOLDS, SCOPED */
	uint64_t mask;			/* MASK, OTHERS */
	struct ir_interval_list intervals;	/* INTERVALS, HOST: keys; after simplify sorted, disjoint, not adjacent */
	struct ir_pattern_list patterns;	/* STRINGS, SUBSTRINGS: after simplify none twice, in the order written */
	struct ir_network_list networks;	/* NETWORKS: the same */
	struct ir_written_list written;	/* at least one */
};
struct ir_predicate_list { struct ir_predicate *items; size_t count; };

/*
 * Post: at most one event in a period.  scope: whose repeats count.
 */
enum ir_rate_scope { IR_RATE_THREAD = 0, IR_RATE_PROCESS = 1, IR_RATE_GLOBAL = 2 };

/*
 * What is done.  Which members mean something goes by op; the others are 0 or absent.
 *
 * as_written, here and in ir_policy, is the policy's own, for messages.  NULL when the policy was read from an object.
 */
struct ir_action {
	enum action_id op;
	int32_t argument;		/* SIGNAL, NOTIFY_ENFORCER: signal; OVERRIDE: return value; TRACK_SOCK, UNTRACK_SOCK,
					   SET: position of the argument, -1: there is none */
	int32_t value;			/* NOTIFY_ENFORCER: return value; SET: what is written */
	uint32_t rate_milliseconds;	/* POST; 0: no limit */
	enum ir_rate_scope rate_scope;
	bool kernel_stack, user_stack, ima_hash;	/* POST */
	bool returns;			/* OVERRIDE, NOTIFY_ENFORCER: the call returns argument or value */
	struct text text;		/* GET_URL: URL; DNS_LOOKUP: name; OVERRIDE: symbol to go on at */
	int64_t new_address, new_offset;	/* OVERRIDE: to go on at; 0: none */
	struct text_list registers;	/* OVERRIDE: assignments, as written */
	const struct policy_action *as_written;
};
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
	uint8_t load, source, index;	/* enum abi_load, enum abi_source, number */
	uint8_t size_index;		/* sizeArgIndex: from 1; 0: none */
	uint8_t folder;			/* load ENTRY: number of the argument that is the path of its folder, from 1; else 0 */
	bool return_copy, max_data;
	struct text label;		/* bytes NULL when there is none, as of all texts */
	struct text resolve;		/* path from what `source` gives; of source REGISTER its name */
	struct text btf_type, btf_module;
};
struct ir_argument_list { struct ir_argument *items; size_t count; };

/* What "list:NAME" stands for, and the calls of an enforcer. */
enum ir_names_kind {
	IR_NAMES_LISTED = 1,		/* functions, as they are called */
	IR_NAMES_SYSCALLS = 2,		/* system calls, "sys_read" or "i386/sys_read": the kernel's functions differ by architecture */
	IR_NAMES_ALL_SYSCALLS = 3,	/* all that the target has */
	IR_NAMES_PATTERN = 4,		/* functions of the target that match the regular expression `pattern` */
};
struct ir_names {
	struct ir_place at;
	struct text name;	/* of the list; bytes NULL when it is no list */
	enum ir_names_kind kind;
	struct text_list values;
	struct text pattern;
};
struct ir_names_list { struct ir_names *items; size_t count; };

struct ir_number_list { uint64_t *items; size_t count; };

/* What is done with a socket that the function returns. */
enum ir_return_action { IR_RETURN_NOTHING = 0, IR_RETURN_TRACK = 1, IR_RETURN_UNTRACK = 2 };

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
	/* Functions: `name` is "list:NAME", and stands for the names or for what generates them; see ir_names. */
	const struct ir_names *names;
	/* Of uprobes and USDTs; the three ways to say where are as the policy has them. */
	struct text path, provider, btf_path;
	struct text_list symbols, digests;
	struct ir_number_list offsets, addresses, reference_offsets;
	bool ignore_missing;		/* callNotFound */
	bool enforcer;			/* made by the linker: a call that the policy's enforcer may stop */
	bool ignore_digest;
	enum ir_return_action return_action;
	const struct policy_label_selector *node;	/* the nodes that it is for, beside those of the policy; NULL: all of them */
	struct ir_place node_at;
	bool elsewhere;			/* made by the linker: it is not for this node */
	uint32_t selectors_written;	/* how many the policy has; lowering adds one when it has none */
	struct ir_selector_list selectors;	/* empty: nothing can match */
};
struct ir_hook_list { struct ir_hook *items; size_t count; };

/* Something that the programs of this version do not run: "operator 'Family'". */
struct ir_later { struct ir_place at; const char *what; };
struct ir_later_list { struct ir_later *items; size_t count; };

struct ir_policy {
	struct ir_place at;
	struct text name;
	struct text namespace;		/* of Kubernetes; bytes NULL when there is none */
	const char *source_name;
	/* The processes that it is for: every selector has it as its first predicate.  NULL: for all. */
	const struct policy_workloads *scope;
	struct ir_place scope_at;
	/* The nodes that it is for, by their labels; NULL: all. */
	const struct policy_label_selector *node;
	struct ir_place node_at;
	bool monitor;			/* enforcement is reported, not done */
	bool enforces;			/* some action enforces */
	bool loader;			/* report mappings of programs and libraries */
	bool single_kprobes, single_uprobes;
	bool preloads;		/* texts of uprobes' arguments are brought into memory */
	enum override_method override_method;
	struct ir_names_list enforcer;	/* what NotifyEnforcer may stop; each entry of `calls` */
	struct ir_hook_list hooks;
	const struct policy *as_written;
	struct ir_later_list later;	/* what no program of this version runs: the policy is not applied.  By place */
};
struct ir_list { struct ir_policy *items; size_t count; };

/* Of pods: the label by which the scope of a policy names its namespace; the last one of `scope`. */
#define IR_NAMESPACE_LABEL "k8s:io.kubernetes.pod.namespace"

/* Integers become keys by flipping the sign bit of signed ones, so that all order alike.  Its own inverse. */
static inline uint64_t ir_key(uint64_t value, bool is_signed)
{
	return is_signed ? value ^ (1ULL << 63) : value;
}

/* The numbers that a predicate can see: signed or not, and their keys. */
struct ir_domain { bool is_signed; struct ir_interval keys; };
struct ir_domain ir_domain_of(enum ir_subject subject, enum ir_facet facet, const struct type_row *type);
struct ir_domain ir_predicate_domain(const struct ir_hook *hook, const struct ir_predicate *predicate);

/* What the predicate's argument, data or return value is; NULL when it looks at none, or there is none. */
const struct ir_argument *ir_predicate_argument(const struct ir_hook *hook, const struct ir_predicate *predicate);

/* Whether two arguments of one hook are found the same way: the same number, and the same path from there. */
bool ir_argument_alike(const struct ir_argument *a, const struct ir_argument *b);

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

/*
 * What simplify would begin with: a copy of what lowering made, each set in normal form, no predicate folded, moved or left out.
 * Selectors that hold a filter which nothing satisfies by itself are missing: objects have none.
 */
struct ir_list *ir_plain(const struct ir_list *ir, struct arena *arena);

/* Text for people and goldens. */
void ir_dump(const struct ir_list *ir, struct buffer *ret);
void ir_dump_policy(const struct ir_policy *policy, struct buffer *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge.h - many policies as one list of host hooks: what linking makes and the image lays out.
 *
 * Every choice is made here: which values a hook reads, which predicates are answered by which table, how each
 * other one is computed, and in which order.  Everything lives in one arena.
 *
 *   merge.c    policies to host hooks
 *   targets.c  what a hook of a policy is attached to, and the keys of host hooks
 *   ids.c      the ids of hooks and policies
 *   slots.c    the values of a hook
 *   select.c   predicates to steps and rows of tables
 *   lengths.c  how many lengths of strings a table has
 *   order.c    steps within a selector
 */
#ifndef COMPILER_LINK_MERGE_H
#define COMPILER_LINK_MERGE_H

#include "bpf-templates/abi.h"
#include "compiler/link/link.h"
#include "compiler/selector/ir.h"

/* Lengths of prefixes, and of postfixes: a bit for each. */
enum { LENGTH_WORDS = ABI_STRING_MAX / 64 };
struct merged_lengths { uint64_t words[2][LENGTH_WORDS]; };

/* The rows of one table. */
struct merged_rows {
	const struct ir_predicate *items[ABI_ROWS_MAX];
	size_t count;
	struct merged_lengths lengths;	/* of all of them */
};

/* A look-up of a hook: what a register remembers. */
struct merged_lookup {
	uint8_t op;			/* enum abi_op */
	uint8_t slot;			/* BINARY: enum abi_who; LINEAGE: 1 for ids of the process's namespace */
	uint8_t reg;
	bool destination;		/* ADDRESS */
	uint32_t kind;			/* SUBSTRING: enum abi_substring_kind of all its patterns */
	bool is_signed;			/* INTERVALS */
	uint8_t binary_table;		/* BINARY: number of the host's table, which has the rows */
	struct merged_rows *rows;
};

/* How a predicate is answered. */
enum merged_form {
	FORM_NEVER,		/* nothing satisfies it */
	FORM_READABLE,		/* whether the number could be read */
	FORM_POINTS,		/* equal to one of one or two numbers */
	FORM_INTERVAL,		/* between two bounds, of which one may be the end of the domain */
	FORM_MASK,
	FORM_LOOKUP,		/* row of a table */
	FORM_HOST,		/* the namespace is the host's, or `other` (if any) holds */
	FORM_OTHERS,		/* some bit is set, none of the mask */
	FORM_GAINED,
	FORM_CONDITION,
	FORM_SCOPE,
	FORM_PARTS,		/* one of several steps holds */
};
enum { FORM_COUNT = FORM_PARTS + 1 };

struct merged_step {
	const struct ir_predicate *predicate;
	uint32_t number;		/* of the predicate in its selector */
	enum merged_form form;
	uint8_t slot, load;
	struct ir_domain domain;	/* of the number */
	uint8_t other_slot;		/* GAINED */
	bool outside_host;		/* holds only where `host_slot` is 0 */
	uint8_t host_slot;		/* HOST, outside_host: slot that says whether it is the host's */
	struct merged_lookup *lookup;
	uint32_t row;
	struct merged_step *other;	/* HOST: by number */
	struct merged_condition *condition;
	uint32_t scope;			/* SCOPE: number in merged->scopes */
	struct merged_step *parts;	/* PARTS: look-ups, in different tables */
	size_t part_count;
};

/* As struct ir_condition; the words of COMPARE name slots. */
struct merged_condition {
	const struct ir_condition *ir;
	struct merged_condition *parts;
	struct merged_step step;	/* ASK */
	struct abi_word *words;		/* COMPARE */
	uint32_t expression;		/* COMPARE: offset of its struct abi_expression, once it is laid out */
};

struct merged_selector {
	const struct ir_selector *ir;
	struct merged_step *steps;	/* cheap ones first */
	size_t step_count;
	struct merged_step *return_steps;	/* of the return hook */
	size_t return_step_count;
};

/* One policy's hook at a host hook. */
struct merged_entry {
	uint32_t policy, hook_index;	/* hook_index: number among the policy's entries, by which events name it */
	uint32_t written;		/* number of the hook in the policy */
	const struct ir_hook *ir;
	const char *name;		/* of the function: ir->name, or one of those that it stands for */
	uint8_t slots[LIMIT_ARGUMENTS], data_slots[LIMIT_ARGUMENTS];	/* by position */
	uint8_t returned_slot;		/* of the return hook */
	uint8_t copied_slot;		/* of the return hook: the argument that is read at the return; ABI_SLOTS_MAX: none */
	uint8_t kernel_stack_slot, user_stack_slot;	/* ABI_SLOTS_MAX: no selector reports one */
	uint8_t digest_slot;				/* the same */
	uint8_t tracked_slots[LIMIT_ARGUMENTS];	/* of the return hook, by position: sockets of actions on the return; ABI_SLOTS_MAX: none */
	struct merged_selector *selectors;
	size_t selector_count;
};

struct merged_slot {
	struct abi_slot abi;		/* the chain is laid out later */
	const struct ir_argument *argument;	/* NULL for facts about the process, and parts */
	uint32_t policy;		/* who asks for it first */
};

/* One attach point. */
struct merged_hook {
	const char *key;
	const char *name;		/* of the function, event, hook or symbol */
	enum hook_kind kind;
	bool syscall, returns;		/* returns: the return side */
	bool generated, pattern;	/* stands for functions that only the target knows; of which its name is a regular expression */
	bool enforcer;			/* of enforcers: its policies have notified, and here they act */
	enum override_method method;	/* of an enforcer: how it is to override */
	struct merged_hook *pair;	/* other side, or NULL */
	uint32_t id;
	uint32_t site;			/* of a static probe: which of its places */
	uint64_t reference_counter;	/* of a uprobe: offset in the file, or 0 */
	struct merged_entry **entries;	/* of a return side: those of the entry side that report returns */
	size_t entry_count, entry_room;
	struct merged_slot slots[ABI_SLOTS_MAX];
	size_t slot_count;
	struct merged_lookup *lookups[ABI_REGISTERS_MAX];
	size_t lookup_count;
};

struct merged_policy {
	struct ir_policy ir;
	const struct link_input *input;	/* NULL: of merge_alone() */
	uint32_t id;			/* of its counters */
	bool tracks;			/* sockets have owners in its events */
	struct merged_entry *entries;	/* by hook_index */
	struct merged_hook **hooks;	/* the same */
	size_t entry_count;
};

/* A set of workloads, and where it is written first. */
struct merged_scope { const struct ir_predicate *predicate; uint32_t policy, written, selector, number; };

/* Why nothing comes of it. */
struct merge_failure {
	const char *reason;
	const char *help;		/* NULL: nothing to add */
	bool has_place;
	uint32_t policy;		/* what has the place */
	struct ir_place at;
};

struct merged {
	struct arena *arena;
	bool plain;			/* -O0: nothing is put in another order, shared or passed over */
	const char *const *syscalls;	/* see struct link_options */
	size_t syscall_count;
	const struct link_probe *probes;
	size_t probe_count;
	const struct link_functions *functions;
	size_t functions_count;
	struct merged_policy *policies;
	size_t policy_count;
	struct merged_hook **hooks;	/* ascending id */
	size_t hook_count, hook_room;
	struct merged_hook **hook_table;	/* by hash of the key */
	size_t hook_table_size;
	struct merged_rows binaries[ABI_BINARY_TABLES_MAX];
	size_t binary_count;
	struct merged_scope *scopes;
	size_t scope_count, scope_room;
	struct merge_failure failure;
};

/* 0, -EINVAL or -E2BIG with merged->failure. */
int merge(const struct link_input *inputs, size_t count, const struct link_options *options,
	  struct arena *arena, struct merged *ret);
/* The same for a policy that is no object yet. */
int merge_alone(const struct ir_policy *policy, const struct link_options *options, struct arena *arena, struct merged *ret);

/* For the parts of merging: records the reason and returns `code`. */
int merge_fail(struct merged *merged, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* ... of what a policy says somewhere, which the reason need not name. */
int merge_fail_at(struct merged *merged, int code, uint32_t policy, const struct ir_place *at, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* ... and what to do about it. */
void merge_help(struct merged *merged, const char *help);

/* "file:line:column" of what a policy says. */
const char *merge_place(struct merged *merged, uint32_t policy, const struct ir_place *at);
/* The failure in one line. */
const char *merge_error(struct merged *merged);

/* targets.c: how many functions, or the like, a hook of a policy stands for; `syscall_count` is of the host's system calls, 0 when they are not known. */
size_t merge_target_count(const struct ir_hook *hook, size_t syscall_count);
/* The same as far as the target is known: static probes have several places. */
size_t merge_targets(const struct merged *merged, const struct ir_hook *hook);
/* The digests of which a uprobe's file must have one, separated by commas; NULL when there are none. */
const char *merge_digests(struct arena *arena, const struct ir_hook *hook);

/* What one of a policy's hooks is attached to: one function of those that its name may stand for. */
struct merge_target {
	const char *name;		/* what events name, too */
	bool syscall, generated, pattern;
	uint32_t site;			/* of a static probe */
	uint64_t reference_counter;	/* of a uprobe */
};
/* The n-th of merge_targets(). */
struct merge_target merge_target_at(const struct merged *merged, const struct ir_hook *hook, size_t n);
/* As link.h says. */
const char *merge_key(struct arena *arena, const struct ir_hook *hook, const struct merge_target *target, enum override_method method);

/* merge.c: NULL when there is none. */
struct merged_hook *merged_hook_find(const struct merged *merged, const char *key);

/* ids.c: once all hooks are there, which assign_ids() puts in the order of their ids.  -E2BIG or -EINVAL. */
int assign_ids(struct merged *merged, const struct link_options *options);
int assign_policy_ids(struct merged *merged, const struct link_options *options);

/* slots.c: the hook's slot for a value; added when it is new.  -E2BIG when the hook has too many. */
int slot_of_argument(struct merged *merged, struct merged_hook *hook, uint32_t policy,
		     const struct ir_argument *argument, uint8_t *ret);
/* Whether something is reported when the call returns: what it returned, or an argument that is read then. */
bool hook_needs_return(const struct ir_hook *hook);

int slot_of_process(struct merged *merged, struct merged_hook *hook, uint32_t policy, uint8_t load, uint8_t index,
		    uint8_t *ret);
int slot_of_part(struct merged *merged, struct merged_hook *hook, uint32_t policy, uint8_t socket, enum abi_part part,
		 uint8_t *ret);
/* -E2BIG when the values have more bytes in all than an event can. */
int slots_check(struct merged *merged, const struct merged_hook *hook);

/* select.c: turns the selectors of an entry into steps, rows and slots for what they look at. */
int select_entry(struct merged *merged, struct merged_hook *hook, struct merged_entry *entry);
/* Once all entries of a hook have been selected: many comparisons of one number become rows of a table. */
int select_tables(struct merged *merged, struct merged_hook *hook);

/* lengths.c: whether a table with these lengths has room for those of the predicate; and adding them. */
bool lengths_fit(const struct merged_lengths *lengths, const struct ir_predicate *predicate);
void lengths_add(struct merged_lengths *lengths, const struct ir_predicate *predicate);
/* Predicates that fit a table each; the set is what their sets hold together.  1 when it fits as it is: ret is then untouched. */
size_t lengths_split(struct arena *arena, const struct ir_predicate *predicate, struct ir_predicate ***ret);

/* order.c: cheap and selective steps first.  Not when merged->plain. */
void order_hook(struct merged_hook *hook);

#endif

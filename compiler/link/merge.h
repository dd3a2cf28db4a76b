/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge.h - many policies as one list of host hooks: what linking makes and the image lays out.
 *
 * Every choice is made here: which values a hook reads, which predicates are answered by which table, how each
 * other one is computed, and in which order.  Everything lives in one arena.
 */
#ifndef COMPILER_LINK_MERGE_H
#define COMPILER_LINK_MERGE_H

#include "bpf-templates/abi.h"
#include "compiler/link/link.h"
#include "compiler/selector/ir.h"

/* One look-up table and its rows. */
struct merged_lookup {
	uint8_t op;			/* enum abi_op */
	uint8_t slot, reg;
	const struct ir_predicate *rows[ABI_ROWS_MAX];
	size_t row_count;
};

/* How a predicate is answered. */
enum merged_form {
	FORM_READABLE,		/* whether the number could be read */
	FORM_POINTS,		/* equal to one of one or two numbers */
	FORM_INTERVAL,		/* between two bounds, of which one may be the end of the domain */
	FORM_MASK,
	FORM_LOOKUP,		/* row of a table */
};

struct merged_step {
	const struct ir_predicate *predicate;
	uint32_t number;		/* of the predicate in its selector */
	enum merged_form form;
	uint8_t slot, load;
	struct merged_lookup *lookup;
	uint32_t row;
};

struct merged_selector {
	const struct ir_selector *ir;
	struct merged_step *steps;	/* cheap ones first */
	size_t step_count;
};

/* One policy's hook at a host hook. */
struct merged_entry {
	uint32_t policy, hook_index;
	const struct ir_hook *ir;
	uint8_t slots[LIMIT_ARGUMENTS];	/* by position of the argument */
	uint8_t returned_slot;		/* of the return hook */
	struct merged_selector *selectors;
	size_t selector_count;
};

/* One attach point. */
struct merged_hook {
	const char *key;
	enum hook_kind kind;
	bool syscall, returns;		/* returns: the return side */
	struct merged_hook *pair;	/* other side, or NULL */
	uint32_t id;
	struct merged_entry **entries;	/* of a return side: those of the entry side that report returns */
	size_t entry_count, entry_room;
	struct abi_slot slots[ABI_SLOTS_MAX];
	const struct ir_argument *slot_arguments[ABI_SLOTS_MAX];	/* NULL for the caller's id */
	uint32_t slot_policies[ABI_SLOTS_MAX];	/* who asks for it first */
	size_t slot_count;
	struct merged_lookup *lookups[ABI_REGISTERS_MAX];
	size_t lookup_count;
};

struct merged_policy {
	struct ir_policy ir;
	const struct link_input *input;
	struct merged_entry *entries;	/* by hook index */
	struct merged_hook **hooks;	/* the same */
};

struct merged {
	struct arena *arena;
	struct merged_policy *policies;
	size_t policy_count;
	struct merged_hook **hooks;	/* ascending id */
	size_t hook_count, hook_room;
	struct merged_lookup binaries;
	const char *error;
};

/* 0, -EINVAL or -E2BIG with merged->error. */
int merge(const struct link_input *inputs, size_t count, const struct link_options *options,
	  struct arena *arena, struct merged *ret);

/* For the parts of merging: records the reason and returns `code`. */
int merge_fail(struct merged *merged, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* select.c: turns the selectors of an entry into steps, rows and slots for what they look at. */
int merge_select(struct merged *merged, struct merged_hook *hook, struct merged_entry *entry);

/* Until linking knows all that policies may have: -EINVAL, with what and where, for one that has more. */
int refuse_unlinkable(struct merged *merged, const struct ir_policy *policy);

/* The hook's slot for a value; added when it is new.  -E2BIG when the hook has too many. */
int merge_slot(struct merged *merged, struct merged_hook *hook, uint32_t policy,
	       const struct ir_argument *argument, struct abi_slot slot, uint8_t *ret);

#endif

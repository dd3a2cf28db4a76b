/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compiler.h - the compiler's table of contents.
 *
 * A unit is one input file on its way from text to policy objects.  The pass table names what happens, in
 * order; each pass reads what those before it left.  Pure: no clock, no environment, no kernel.
 */
#ifndef COMPILER_COMPILER_H
#define COMPILER_COMPILER_H

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"
#include "compiler/base/diagnostics.h"
#include "compiler/base/source.h"

struct tree;			/* compiler/syntax/tree.h */
struct policy_list;		/* compiler/policy/policy.h */
struct intent_list;		/* compiler/policy/intent.h */
struct policy_host;		/* compiler/policy/host.h */
struct policy_profiles;		/* the same */
struct ir_list;			/* compiler/selector/ir.h */

/* How much is done so that a policy takes little time: it decides the same at each level. */
enum unit_level { UNIT_OPTIMIZED, UNIT_PLAIN };

struct unit {
	struct source source;
	enum unit_level level;			/* set before it is compiled */
	const char *today;			/* the same: "2026-11-27", for what may have expired; NULL: nothing has */
	bool for_tetragon;			/* the same: rules become only what a TracingPolicy can say */
	const struct policy_host *host;		/* the same; NULL: what only a kernel can tell is left open */
	const struct policy_profiles *profiles;	/* the same; NULL: policies that name profiles of kernels are refused */
	struct arena arena;
	struct diagnostics diagnostics;
	struct tree *tree;			/* parse */
	struct intent_list *intents;		/* decode: RuntimeSecurityPolicies */
	struct policy_list *policies;		/* decode, and intend; completed by check */
	struct ir_list *ir;			/* lower, rewritten by simplify: of what cannot be run yet, too */
	struct ir_list *compiled;		/* simplify: what objects are made of; at level PLAIN not `ir` */
	struct buffer *objects;			/* object: one policy object per policy */
	size_t object_count;
	size_t passed_over;			/* documents of other kinds, not looked at */
};

struct pass {
	const char *name;
	int (*run)(struct unit *unit);		/* 0, or -EINVAL with diagnostics */
	void (*dump)(const struct unit *unit, struct buffer *ret);
	const char *about;
};
extern const struct pass compiler_passes[];
extern const size_t compiler_pass_count;

/* NULL when no pass has that name. */
const struct pass *compiler_find_pass(const char *name);

/* `name` and `text` must outlive the unit. */
void unit_init(struct unit *unit, const char *name, const char *text, size_t length);
void unit_release(struct unit *unit);

/*
 * Runs the passes up to and including `last` (NULL: all).  A pass reports all it can; the first pass
 * that left errors is the last that runs.  Returns 0 or -EINVAL.
 */
int unit_compile(struct unit *unit, const struct pass *last);

#endif

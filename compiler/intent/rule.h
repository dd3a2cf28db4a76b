/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule.h - what the files of compiler/intent share: one rule on its way to hooks.  Private to the room.
 *
 * A rule becomes probes, hooks with the arguments that it compares.  What it means at a probe is a list of alternatives, one of which must hold;
 * each is a list of filters, all of which must.  Exceptions are alternatives, too: they come first, and let pass.
 */
#ifndef COMPILER_INTENT_RULE_H
#define COMPILER_INTENT_RULE_H

#include "compiler/base/arena.h"
#include "compiler/base/diagnostics.h"
#include "compiler/policy/host.h"
#include "compiler/policy/intent.h"
#include "schema/names.h"

struct alternative {
	struct span at;
	const char *name;		/* of the label: "write/dir" */
	struct policy_argument_filter_list filters;
	size_t room;
};
struct alternatives {
	struct alternative *items;
	size_t count, room;
	bool everything;		/* whatever comes: no filter at all */
};

/*
 * Where the path is that is compared: in an argument.  Tetragon has no whole path of what is made, removed or renamed: for it, in the argument of
 * the folder with that of the name in it.
 */
struct path_places {
	bool is_pair;
	size_t path;			/* or of the folder */
	size_t name;			/* SIZE_MAX, both: no path is compared */
};

/* Arguments of a probe, by number of places in it. */
enum { PROBE_PLACES = 6 };

struct probe {
	struct span at;			/* of the word of the policy that asks for it */
	const char *op;			/* that word */
	unsigned number;		/* and its number */
	unsigned row;			/* of the category's own table of hooks, where one word has several */
	struct path_places path;	/* what `paths` are compared with */
	enum hook_kind kind;
	const char *hook, *subsystem;	/* the latter of a raw tracepoint */
	const char *lacks;		/* a capability that the process has not, or NULL */
	bool only_tells;		/* the hook cannot refuse anything */
	const char *never_function;	/* why the function behind the hook is no substitute, as a sentence; NULL: it is one */
	struct policy_argument arguments[PROBE_PLACES];
	size_t argument_count;
	struct alternative condition;	/* what makes the call the operation at all: a mode, a flag */
	struct alternatives matches, exceptions;
};

struct rule {
	struct arena *arena;
	struct diagnostics *diagnostics;
	const struct intent *intent;
	const struct intent_rule *written;
	struct probe *probes;
	size_t count, room;
	size_t errors;			/* that there were before it was looked at */
	bool for_tetragon;		/* what no TracingPolicy can say is refused */
	const struct policy_profiles *profiles;
	struct text_list *notes;	/* of the policy: what was weakened or dropped */
	bool only_reports;		/* of the probe at hand: nothing is denied there */
	bool no_stack;			/* refused */
	const struct policy_label_selector *node;	/* the nodes that it is run on, beside those of the policy; NULL: all */
	struct span node_at;
};

/* ---- probe.c ---- */

/* Valid until the next one. */
struct probe *rule_add_probe(struct rule *rule, enum hook_kind kind, const char *hook, const char *op, struct span at);

/* Adds an argument and gives back its place.  `resolve`, `source`: NULL, or as in a policy. */
size_t probe_add_argument(struct probe *probe, uint32_t index, enum type_id type, const char *resolve, const char *source);

/* The path of a dentry, argument `index`, in the folder whose path is argument `folder`. */
struct path_places probe_add_entry(const struct rule *rule, struct probe *probe, uint32_t index, uint32_t folder);
/* The place of such an argument, which is added if the probe has none; a probe of the rule. */
size_t rule_place(struct rule *rule, const struct probe *probe, uint32_t index, enum type_id type, const char *resolve);

/* The place of what is read of the current task, which is added if the probe has none. */
size_t probe_task_place(struct probe *probe, enum type_id type, const char *resolve);

struct alternative *alternatives_add(struct rule *rule, struct alternatives *to, const char *name, struct span at);
/* Values are borrowed. */
void alternative_add(struct rule *rule, struct alternative *to, size_t place, enum operator_id op,
		     struct policy_value_list values, struct span at);
/* The same filter in all of them; when there are none, in a new one. */
void alternatives_add_all(struct rule *rule, struct alternatives *to, size_t place, enum operator_id op, struct policy_value_list values,
			  struct span at);

struct text text_made(struct rule *rule, struct span at, const char *format, ...) __attribute__((format(printf, 3, 4)));
struct policy_value_list value_made(struct rule *rule, struct span at, const char *text);

/* Whether an operation is among those that are named. */
bool words_have(const struct word_list *words, unsigned number);

/* ---- ids.c ---- */

/* Whether every rule has one of its own; what is wrong is recorded. */
bool ids_check(const struct intent *intent, struct diagnostics *diagnostics);

/* ---- lower.c ---- */

/* Whether some category is there. */
bool match_has_category(const struct intent_match *match);

/* ---- draft.c ---- */

/* Rules of the first draft of the kind become rules of today, in place. */
void draft_lower(struct intent *intent, struct arena *arena, struct diagnostics *diagnostics);

/* ---- target.c ---- */

/* How a probe is had on all kernels of the target, the strongest first. */
enum way {
	WAY_LSM,		/* as it is: by the hook, or by what else is probed */
	WAY_FUNCTION,		/* by the function behind the hook, which sees attempts */
	WAY_FUNCTION_REPORTS,	/* the same, and nothing is denied */
	WAY_NONE,		/* dropped, as declared */
};
/* Whatever is not as it was asked for is said, and noted; what is refused goes on as it is. */
enum way target_way(struct rule *rule, const struct probe *probe);
/* The same of a raw hook.  false: it is refused, or dropped as declared. */
bool target_has(struct rule *rule, const struct policy_hook *hook);

/* Whether all kernels of the target are known to have the LSM hook: by the oldest of them, or by their profiles. */
bool target_knows(const struct rule *rule, const char *hook);

/* Whether its versions and profiles can be read; what is wrong is recorded. */
bool target_check(const struct intent_target *target, const struct policy_profiles *profiles, struct arena *arena,
		  struct diagnostics *diagnostics);

/* ---- sets.c ---- */

/* The values with @NAME replaced by those of the set, in order. */
struct policy_value_list values_expand(struct rule *rule, const struct policy_value_list *values);

/* ---- paths.c ---- */

/* What the keys of `paths` mean: those that must be, and those that must not. */
void paths_match(struct rule *rule, const struct intent_paths *paths, struct path_places places, const char *label,
		 struct alternatives *matches, struct alternatives *exceptions);
/* What they let pass in an exception: the negative ones are filters of each alternative, for an exception holds when all of it is known to. */
void paths_except(struct rule *rule, const struct intent_paths *paths, struct path_places places, struct alternatives *ret);

/*
 * ---- One file for each category, or for several: the probes of a rule, with what is matched and excepted there ----
 *
 * NAME_excepts: what an exception that has the category excepts at a probe of it; false when it is not about that probe.  Nothing is added when
 * whatever comes there is excepted.
 */
void exec_lower(struct rule *rule);
bool exec_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret);
void file_lower(struct rule *rule);
bool file_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret);
void network_lower(struct rule *rule);
bool network_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret);
void unix_lower(struct rule *rule);
bool unix_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret);

/* ---- raw.c ---- */

/* A hook as it is written, with the rule's scope in each of its selectors, and its exceptions before them. */
struct policy_hook raw_hook(struct rule *rule, const struct policy_hook *written);

/* ---- kernel.c ---- */

void capability_lower(struct rule *rule);
bool capability_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret);
void module_lower(struct rule *rule);
bool module_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret);
void bpf_lower(struct rule *rule);
bool bpf_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret);
void ptrace_lower(struct rule *rule);
bool ptrace_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret);
void credentials_lower(struct rule *rule);

/* Numbers of names of a table, as values; a prefix that all of them have may be left out, and capitals too. */
struct policy_value_list numbers_of(struct rule *rule, const struct text_list *names, enum name_set set, const char *prefix);
/* Refuses a list that is there and empty, or operations that are none. */
void refuse_empty(struct rule *rule, struct span at, size_t count);
/* Refuses what this version has no hook for, at its place. */
void refuse_operation(struct rule *rule, struct span at, const char *word, const char *help);
/* Refuses a key of an exception that says nothing there: why, as a sentence. */
void refuse_excepted(struct rule *rule, struct span at, const char *key, const char *why, const char *help);

/* ---- mount.c ---- */

void namespaces_lower(struct rule *rule);
void mount_lower(struct rule *rule);
bool mount_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret);

/* ---- scope.c ---- */

/* Whether every part of it says something.  What is wrong is recorded. */
bool scope_check(struct rule *rule, const struct intent_scope *scope);
/* Lists of programs of which one must hold are a selector each: how many selectors the scope takes. NULL: 1. */
size_t scope_choices(const struct intent_scope *scope);
/* What a scope asks of the process, in a selector of the probe; arguments are added where they are needed.  NULL: none can be, which is refused. */
void scope_filter(struct rule *rule, struct probe *probe, const struct intent_scope *scope, size_t choice,
		  struct policy_selector *selector);

/* What a probe itself asks of the process. */
void scope_lacks(struct rule *rule, const struct probe *probe, struct policy_selector *selector);
/* Whether it takes arguments of the current task. */
bool scope_asks_task(const struct intent_scope *scope);

/* Whether processes outside pods are named, beside pods and containers that are. */
bool scope_means_host(const struct intent_scope *scope);
/* Which workloads, of a selector: once for each. */
void scope_workloads(struct rule *rule, const struct intent_scope *scope, struct policy_selector *selector);

/* Whether nothing else is asked for. */
bool scope_is_of_nodes(const struct intent_scope *scope);

/* ---- nodes.c ---- */

/* Sets `node` of a rule that was found to be right. */
void rule_choose_nodes(struct rule *rule);
/* Of an exception by nodes: whether its opposite can be said; else that is refused. */
bool nodes_are_excepted(struct rule *rule, const struct intent_exception *exception);

/* ---- actions.c ---- */

/* Of the rule, or of the policy; NULL: neither says. */
const struct intent_respond *respond_of(const struct rule *rule);
/* Names of errors and signals, also where the effect does without. */
void respond_check(struct rule *rule);
/* What becomes of a match. */
struct policy_action_list rule_actions(struct rule *rule, const struct probe *probe);
struct policy_action_list pass_actions(struct rule *rule, struct span at);

#endif

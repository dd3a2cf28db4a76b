/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intent.h - a RuntimeSecurityPolicy as typed values: what decode fills from schema/intent_fields.def, as policy.h has a TracingPolicy.
 *
 * `policy` of it comes first: what all policies have (metadata), and what its rules become is written beside it, never into it.
 */
#ifndef COMPILER_POLICY_INTENT_H
#define COMPILER_POLICY_INTENT_H

#include "compiler/policy/policy.h"

struct node;			/* compiler/syntax/tree.h */

/* Words of a list of a kind: its numbers in kinds.def, from 0. */
struct word { unsigned number; struct span at; };
struct word_list { struct word *items; size_t count; };

/* The words of kinds.def, in their order: test_intent holds them against each other. */
enum intent_mode { INTENT_MONITOR, INTENT_ENFORCE };
enum intent_lsm { INTENT_LSM_REQUIRE, INTENT_LSM_AVOID, INTENT_LSM_AUTO };
enum intent_arch { INTENT_AMD64, INTENT_ARM64 };
enum intent_unsupported { INTENT_REFUSE, INTENT_WEAKEN, INTENT_DROP };
enum intent_effect { INTENT_AUDIT, INTENT_DENY, INTENT_KILL, INTENT_ALLOW_ONLY };
enum intent_host { INTENT_HOST_INCLUDE, INTENT_HOST_ONLY, INTENT_HOST_EXCLUDE };
enum intent_setid { INTENT_SETID_ANY, INTENT_SETID_ONLY, INTENT_SETID_EXCLUDE };
enum intent_file_op {
	INTENT_READ, INTENT_WRITE, INTENT_EXEC, INTENT_MMAP_EXEC, INTENT_CREATE, INTENT_DELETE, INTENT_RENAME, INTENT_LINK,
	INTENT_CHMOD, INTENT_CHOWN, INTENT_TRUNCATE,
};
enum intent_file_type {
	INTENT_REGULAR, INTENT_FOLDER, INTENT_SYMLINK, INTENT_SOCKET, INTENT_PIPE, INTENT_CHARACTERS, INTENT_BLOCKS,
	INTENT_FILE_TYPE_COUNT,
};

#define PART_HEAD struct span at; bool broken

struct intent_paths {
	PART_HEAD;
	struct policy_value_list exact, dir, prefix, suffix, contains, glob, not_exact, not_dir, not_prefix, not_suffix, not_glob;
	struct span exact_at, dir_at, prefix_at, suffix_at, contains_at, glob_at, not_exact_at, not_dir_at, not_prefix_at;
	struct span not_suffix_at, not_glob_at;
};

struct intent_binaries {
	PART_HEAD;
	struct policy_value_list in, not_in, prefix, not_prefix, suffix, not_suffix;
	bool descendants;
	struct span in_at, not_in_at, prefix_at, not_prefix_at, suffix_at, not_suffix_at, descendants_at;
};

struct intent_identity {
	PART_HEAD;
	struct policy_value_list users, not_users;
	struct span users_at, not_users_at;
};

struct intent_held {
	PART_HEAD;
	struct text_list has, lacks;
	struct span has_at, lacks_at;
};

struct intent_cgroups {
	PART_HEAD;
	struct policy_value_list ids;
	struct span ids_at;
};

/* Pointers are NULL when the key is absent, here and below. */
struct intent_scope {
	PART_HEAD;
	struct policy_label_selector *pods, *containers, *nodes;
	unsigned host;			/* enum intent_host */
	struct intent_binaries *binaries, *parents;
	struct intent_identity *users;
	struct policy_label_list namespaces;
	struct intent_cgroups *cgroups;
	struct intent_held *capabilities;
	struct span pods_at, containers_at, nodes_at, host_at, binaries_at, parents_at, users_at, namespaces_at, cgroups_at;
	struct span capabilities_at;
};

struct intent_rate {
	PART_HEAD;
	struct text every;
	unsigned per;			/* word of INTENT_RATE_SCOPE */
	struct span per_at;
};

struct intent_respond {
	PART_HEAD;
	struct text error, signal;
	bool also_kill, hash;
	unsigned event, stack;		/* words of INTENT_EVENT, INTENT_STACK */
	struct intent_rate *rate;
	struct span also_kill_at, hash_at, event_at, stack_at, rate_at;
};

struct intent_arguments {
	PART_HEAD;
	struct policy_value_list contains;
	struct span contains_at;
};

struct intent_exec {
	PART_HEAD;
	struct intent_paths *paths;
	unsigned interpreters, setid;	/* words of INTENT_INTERPRETERS; enum intent_setid */
	bool fileless;
	struct intent_arguments *arguments;
	struct span paths_at, interpreters_at, setid_at, fileless_at, arguments_at;
};

struct intent_file {
	PART_HEAD;
	struct word_list ops;		/* enum intent_file_op */
	struct intent_paths *paths;
	struct word_list types;		/* enum intent_file_type */
	struct span ops_at, paths_at, types_at;
};

struct intent_endpoint {
	PART_HEAD;
	struct policy_value_list networks, ports, exceptions;
	struct span networks_at, ports_at, exceptions_at;
};
struct intent_endpoint_list { struct intent_endpoint *items; size_t count; };

struct intent_network {
	PART_HEAD;
	struct word_list ops, protocols, families;
	struct intent_endpoint_list to, from, peer;
	unsigned loopback;		/* word of INTENT_LOOPBACK */
	struct span ops_at, protocols_at, families_at, to_at, from_at, peer_at, loopback_at;
};

struct intent_unix {
	PART_HEAD;
	struct word_list ops;
	struct intent_paths *paths;
	struct policy_value_list abstract;
	struct span ops_at, paths_at, abstract_at;
};

struct intent_capability {
	PART_HEAD;
	struct text_list names;
	struct word_list ops;
	bool ignore_probes;
	struct span names_at, ops_at, ignore_probes_at;
};

struct intent_module {
	PART_HEAD;
	struct word_list ops;
	struct intent_paths *paths;
	struct text_list names;
	struct span ops_at, paths_at, names_at;
};

struct intent_bpf {
	PART_HEAD;
	struct text_list commands, types;
	struct span commands_at, types_at;
};

struct intent_targets {
	PART_HEAD;
	struct policy_value_list names;
	struct span names_at;
};

struct intent_ptrace {
	PART_HEAD;
	struct word_list ops;
	struct intent_targets *targets;
	struct span ops_at, targets_at;
};

struct intent_credentials {
	PART_HEAD;
	struct word_list change;
	struct intent_identity *to, *from;
	struct span change_at, to_at, from_at;
};

struct intent_namespaces {
	PART_HEAD;
	struct word_list ops, types;
	struct span ops_at, types_at;
};

struct intent_mount {
	PART_HEAD;
	struct word_list ops;
	struct intent_paths *paths;
	struct policy_value_list types;
	struct span ops_at, paths_at, types_at;
};

/* Only the hooks of `policy` are filled. */
struct intent_raw { struct policy policy; };

/* One category each of a rule and of its exceptions. */
struct intent_match {
	struct intent_exec *exec;
	struct intent_file *file;
	struct intent_network *network;
	struct intent_unix *unix_sockets;
	struct intent_capability *capability;
	struct intent_module *module;
	struct intent_bpf *bpf;
	struct intent_ptrace *ptrace;
	struct intent_credentials *credentials;
	struct intent_namespaces *namespaces;
	struct intent_mount *mount;
	struct intent_raw *raw;
	struct span exec_at, file_at, network_at, unix_sockets_at, capability_at, module_at, bpf_at, ptrace_at, credentials_at;
	struct span namespaces_at, mount_at, raw_at;
};

struct intent_reference {
	PART_HEAD;
	struct text cve, mitre, url;
};
struct intent_reference_list { struct intent_reference *items; size_t count; };

struct intent_exception {
	PART_HEAD;
	struct text reason, expires;
	struct intent_scope *scope;
	struct intent_match match;
	struct span scope_at;
};
struct intent_exception_list { struct intent_exception *items; size_t count; };

/* The first draft of the kind had this alone: intent_check turns it into the rest. */
struct intent_draft_execution { PART_HEAD; unsigned action; struct span action_at; };
struct intent_draft_path {
	PART_HEAD;
	unsigned pattern, op;		/* words of INTENT_DRAFT_PATTERN, INTENT_DRAFT_OPERATOR */
	struct policy_value_list values;
	struct span pattern_at, op_at, values_at;
};
struct intent_draft_path_list { struct intent_draft_path *items; size_t count; };
struct intent_draft_executables { PART_HEAD; struct intent_draft_path_list paths; struct span paths_at; };
struct intent_draft_selectors {
	PART_HEAD;
	struct policy_label_selector *pods;
	struct intent_draft_executables *executables;
	struct span pods_at, executables_at;
};

struct intent_rule {
	PART_HEAD;
	struct text id, title, description;
	struct intent_reference_list references;
	unsigned severity, effect;	/* word of INTENT_SEVERITY; enum intent_effect */
	struct text_list tags;
	bool enabled;
	struct intent_scope *scope;
	struct intent_exception_list exceptions;
	struct intent_respond *respond;
	struct intent_match match;
	unsigned draft_type;
	struct intent_draft_execution *draft_execution;
	struct span references_at, severity_at, effect_at, tags_at, enabled_at, scope_at, exceptions_at, respond_at;
	struct span draft_type_at, draft_execution_at;
};
struct intent_rule_list { struct intent_rule *items; size_t count; };

struct intent_target {
	PART_HEAD;
	struct text oldest;
	struct word_list machines;	/* enum intent_arch */
	unsigned lsm, unsupported;	/* enum intent_lsm, intent_unsupported */
	struct text_list profiles;
	struct span machines_at, lsm_at, profiles_at, unsupported_at;
};

struct intent_defaults {
	PART_HEAD;
	unsigned severity;
	struct text_list tags;
	struct intent_respond *respond;
	struct span severity_at, tags_at, respond_at;
};

struct intent_set {
	struct text name;
	struct policy_value_list values;
};
struct intent_set_list { struct intent_set *items; size_t count; };

struct intent {
	struct policy policy;
	struct text description;
	unsigned mode;			/* enum intent_mode */
	struct intent_target *target;
	struct intent_scope *scope;
	struct intent_defaults *defaults;
	struct intent_set_list sets;
	struct intent_rule_list rules;
	struct intent_draft_selectors *draft_selectors;
	const struct node *tests;	/* as they stand: a list; NULL: none */
	struct span mode_at, target_at, scope_at, defaults_at, sets_at, rules_at, draft_selectors_at, tests_at;
};
struct intent_list { struct intent *items; size_t count; };

#undef PART_HEAD

#endif

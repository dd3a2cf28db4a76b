/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h - a policy as typed values: what decode fills, check completes and lowering reads.
 *
 * Everything lives in the unit's arena.  Lists are { items, count }; absent means count 0.
 * Every part carries the span of the text it came from, and `member_at` is the span of a member's value, empty
 * when it was not written.  A part is `broken` when something directly in it could not be decoded: that was
 * reported, and rules that would need it are not checked.
 */
#ifndef COMPILER_POLICY_POLICY_H
#define COMPILER_POLICY_POLICY_H

#include <string.h>

#include "compiler/base/source.h"
#include "schema/schema.h"

/* A string of the policy.  bytes is NUL-terminated for convenience but may contain NULs. */
struct text {
	const char *bytes;
	size_t length;
	struct span at;
};
struct text_list { struct text *items; size_t count; };

/* Where bytes [start, start + length) of it stand; all of it where escapes make that hard to tell. */
static inline struct span text_part(const struct text *text, size_t start, size_t length)
{
	size_t written = text->at.end - text->at.start, quote = written == text->length + 2;
	struct span part = text->at;

	if (written != text->length && !quote)
		return part;
	part.start += (uint32_t)(quote + start);
	part.end = part.start + (uint32_t)(length ? length : 1);
	return part.end > text->at.end ? text->at : part;
}

enum value_form { VALUE_UNPARSED, VALUE_INTEGER, VALUE_RANGE, VALUE_BYTES, VALUE_ADDRESS };

/* One operand.  `text` is what was written; check parses it into the form that the operator wants. */
struct policy_value {
	struct text text;
	const struct expression *expression;	/* of CelExpr: checked and folded; NULL before check */
	enum value_form form;
	uint64_t low, high;	/* INTEGER: low (sign- or zero-extended by the argument's type); RANGE: both, inclusive */
	uint8_t family;		/* ADDRESS: 4 or 6 */
	uint8_t prefix;		/* ADDRESS: length of the network prefix in bits */
	uint8_t address[16];	/* ADDRESS: network order; 4 bytes used for IPv4; host bits cleared */
};				/* BYTES: the bytes are text (after the language's trimming) */
struct policy_value_list { struct policy_value *items; size_t count; };

struct policy_argument {
	struct span at;
	bool broken;
	uint32_t index;
	struct span index_at;
	enum type_id type;
	struct span type_at;
	bool told;		/* the type was auto, and is what the kernel told: see host.h */
	const char *untold;	/* ... why it told none; NULL when it was not asked */
	struct text label;	/* bytes NULL when absent, as of all texts */
	uint32_t size_index;	/* sizeArgIndex: from 1 */
	bool made;		/* by lowering rules: its path through structures may have casts, and on functions a source, which nobody can write */
	uint32_t folder;	/* of rules alone, on a dentry: number of the argument that is the path of its folder, from 1; 0: none */
	bool mount;		/* of rules alone, on a path: the argument is a struct vfsmount, and the path is that of its place */
	bool command_line;	/* of rules alone, on a string: the argument is a struct linux_binprm, and the text is what the program is started with */
	bool return_copy, max_data;
	struct text resolve, btf_type, btf_module;
	struct text source;
	struct span size_index_at, return_copy_at, max_data_at;
};
struct policy_argument_list { struct policy_argument *items; size_t count; };

struct policy_argument_filter {
	struct span at;
	bool broken;
	uint32_t index;			/* as written: the `index` of an argument */
	struct span index_at;
	uint32_t position;		/* set by check: position in the hook's arguments; in matchData, in its data */
	enum operator_id op;
	struct span op_at;
	struct policy_value_list values;
	struct policy_value_list positions;	/* args: INTEGER, positions in the hook's list */
	struct span values_at, positions_at;
};
struct policy_argument_filter_list { struct policy_argument_filter *items; size_t count; };

struct policy_binary_filter {
	struct span at;
	bool broken;
	enum operator_id op;
	struct span op_at;
	struct policy_value_list values;
	bool follow_children;
	struct span values_at, follow_children_at;
};
struct policy_binary_filter_list { struct policy_binary_filter *items; size_t count; };

struct policy_pid_filter {
	struct span at;
	bool broken;
	enum operator_id op;		/* IN or NOT_IN */
	struct span op_at;
	struct policy_value_list values;	/* INTEGER */
	bool in_namespace, follow_forks;
	struct span values_at, in_namespace_at, follow_forks_at;
};
struct policy_pid_filter_list { struct policy_pid_filter *items; size_t count; };

/* Words of a kind are its number in kinds.def, from 0. */
struct policy_namespace_filter {
	struct span at;
	bool broken;
	unsigned name;			/* word of NAMESPACE */
	enum operator_id op;		/* IN or NOT_IN */
	struct policy_value_list values;	/* host_ns stays BYTES; else INTEGER */
	struct span name_at, op_at, values_at;
};
struct policy_namespace_filter_list { struct policy_namespace_filter *items; size_t count; };

struct policy_namespace_change {
	struct span at;
	bool broken;
	enum operator_id op;
	struct policy_value_list values;	/* INTEGER: word of NAMESPACE */
	struct span op_at, values_at;
};
struct policy_namespace_change_list { struct policy_namespace_change *items; size_t count; };

struct policy_capability_filter {
	struct span at;
	bool broken;
	unsigned set;			/* word of CAPABILITY_SET */
	enum operator_id op;
	struct policy_value_list values;	/* INTEGER: number of the capability */
	bool in_namespace;
	struct span set_at, op_at, values_at, in_namespace_at;
};
struct policy_capability_filter_list { struct policy_capability_filter *items; size_t count; };

/* An entry of labels, annotations or matchLabels. */
struct policy_label { struct text key, value; };
struct policy_label_list { struct policy_label *items; size_t count; };

/* Words of LABEL_OPERATOR in schema/kinds.def. */
enum label_operator { POLICY_LABEL_IN, POLICY_LABEL_NOT_IN, POLICY_LABEL_EXISTS, POLICY_LABEL_DOES_NOT_EXIST };

struct policy_label_expression {
	struct span at;
	bool broken;
	struct text key;
	unsigned op;			/* enum label_operator */
	struct text_list values;
	struct span op_at, values_at;
};
struct policy_label_expression_list { struct policy_label_expression *items; size_t count; };

struct policy_label_selector {
	struct span at;
	bool broken;
	struct policy_label_list labels;
	struct policy_label_expression_list expressions;
	struct span labels_at, expressions_at;
};

struct policy_workloads {
	struct span at;
	bool broken;
	struct policy_label_selector *pod, *container, *host;	/* NULL when absent */
	struct span pod_at, container_at, host_at;
};

struct policy_action {
	struct span at;
	bool broken;
	enum action_id action;
	struct span action_at;
	int64_t error;		/* argError */
	int64_t signal;		/* argSig */
	int64_t socket, argument, value;	/* argSock, argIndex, argValue */
	int64_t new_address, new_offset;
	struct text new_symbol, domain_name, url, rate_limit, rate_scope;
	struct text_list registers;
	bool kernel_stack, user_stack, ima_hash;
	struct span error_at, signal_at, socket_at, argument_at, value_at, new_address_at, new_offset_at;
	struct span registers_at, kernel_stack_at, user_stack_at, ima_hash_at;
	bool has_error, has_signal;	/* set by check */
	struct span own_argument_at;	/* set by check: of argError or argSig, empty when not given */
};
struct policy_action_list { struct policy_action *items; size_t count; };

struct policy_selector {
	struct span at;
	bool broken;
	struct policy_argument_filter_list arguments;
	struct policy_binary_filter_list binaries;
	struct policy_pid_filter_list pids;
	struct policy_action_list actions;
	struct text label;
	struct text_list macros;
	struct policy_argument_filter_list data, return_arguments;
	struct policy_action_list return_actions;
	struct policy_binary_filter_list parents;
	struct policy_namespace_filter_list namespaces;
	struct policy_namespace_change_list namespace_changes;
	struct policy_capability_filter_list capabilities, capability_changes;
	struct policy_workloads *workloads;	/* NULL when absent */
	struct span arguments_at, binaries_at, pids_at, actions_at, macros_at, data_at, return_arguments_at;
	struct span return_actions_at, parents_at, namespaces_at, namespace_changes_at, capabilities_at;
	struct span capability_changes_at, workloads_at;
};
struct policy_selector_list { struct policy_selector *items; size_t count; };

/* ignore: of a kprobe or of a uprobe. */
struct policy_ignore {
	struct span at;
	bool broken;
	bool call_not_found, digest_failure;
	struct span call_not_found_at, digest_failure_at;
};

struct policy_hook {
	struct span at;
	bool broken;
	enum hook_kind kind;		/* a `raw: true` tracepoint is HOOK_RAW_TRACEPOINT */
	struct text name;		/* call, event, LSM hook or USDT */
	struct text subsystem;		/* tracepoints */
	struct text path, provider, btf_path;	/* uprobes, USDTs */
	struct text_list symbols, digests;	/* uprobes */
	struct policy_value_list offsets, addresses, reference_offsets;	/* uprobes: INTEGER */
	struct policy_argument_list data;
	struct text return_action;	/* returnArgAction */
	struct policy_ignore *ignore;	/* NULL when absent */
	bool syscall;			/* kprobes; default true */
	bool returns;			/* kprobes: return */
	bool raw;			/* tracepoints, as written */
	struct span syscall_at, returns_at, raw_at;
	struct policy_argument_list arguments;
	struct policy_argument *return_argument;	/* NULL when absent */
	struct text message;
	struct text_list tags;
	struct policy_selector_list selectors;
	struct span arguments_at, return_argument_at, tags_at, selectors_at, data_at, ignore_at;
	struct span symbols_at, digests_at, offsets_at, addresses_at, reference_offsets_at;
	const struct policy_label_selector *node;	/* of rules alone: the nodes that it is for; NULL: those of the policy */
	struct span node_at;
	struct text rule;		/* of rules alone: its id */
};
struct policy_hook_list { struct policy_hook *items; size_t count; };

struct policy_option {
	struct span at;
	bool broken;
	struct text name, value;
};
struct policy_option_list { struct policy_option *items; size_t count; };

/* An entry of spec.lists. */
struct policy_name_list {
	struct span at;
	bool broken;
	struct text name, pattern;
	unsigned type;			/* word of LIST_TYPE; meant only where type_at is not empty */
	struct text_list values;
	bool validated;
	struct span type_at, values_at, validated_at;
	bool as_functions, as_numbers;	/* set by check: what names it wants functions, system call numbers */
	bool in_enforcer;		/* set by check: an enforcer names it */
	const struct text *function;	/* set by check: the first value that is no system call, or NULL */
	bool told;			/* generated_syscalls: which numbers they are is what the kernel told: see host.h */
	uint64_t *numbers;
	size_t number_count;
};
struct policy_name_list_list { struct policy_name_list *items; size_t count; };

struct policy_enforcer {
	struct span at;
	bool broken;
	struct text_list calls;
	struct span calls_at;
};
struct policy_enforcer_list { struct policy_enforcer *items; size_t count; };

/* An entry of spec.selectorsMacros. */
struct policy_macro {
	struct text name;
	struct policy_selector selector;
	bool used;			/* set by check: some selector names it */
};
struct policy_macro_list { struct policy_macro *items; size_t count; };

/* An entry of metadata.ownerReferences. */
struct policy_owner {
	struct span at;
	bool broken;
	struct text api_version, kind, name, uid;
	bool controller, blocks;
	struct span controller_at, blocks_at;
};
struct policy_owner_list { struct policy_owner *items; size_t count; };

/* An entry of metadata.managedFields. */
struct policy_managed_fields {
	struct span at;
	bool broken;
	struct text manager, operation, api_version, fields_type, time;
};
struct policy_managed_fields_list { struct policy_managed_fields *items; size_t count; };

enum override_method { METHOD_ANY, METHOD_FMOD_RET, METHOD_OVERRIDE_RETURN };
enum policy_mode { MODE_ENFORCE, MODE_MONITOR };

/* Names of a list, sorted: see names.h. */
struct name { const struct text *text; size_t number; };
struct names { struct name *items; size_t count; };

struct policy {
	struct span at;			/* the document */
	bool broken;
	struct text api_version, kind, namespace;
	bool of_rules;			/* made of a RuntimeSecurityPolicy: may mix kinds of hooks */
	struct text_list notes;		/* of rules: "RULE/OPERATION: WHAT: WHY" of what was weakened, or left out */
	struct text name;		/* metadata.name */
	struct policy_label_list labels, annotations;
	struct span labels_at, annotations_at;
	int64_t generation;
	struct text created, deleted;	/* metadata.creationTimestamp, deletionTimestamp */
	struct text_list finalizers;
	struct policy_owner_list owners;
	struct policy_managed_fields_list managed_fields;
	struct span generation_at, finalizers_at, owners_at, managed_fields_at;
	struct policy_option_list options;
	struct span options_at;
	enum policy_mode mode;		/* set by check from policy-mode; ENFORCE unless said */
	bool enforces;			/* set by check: some action enforces */
	bool single_kprobes, single_uprobes;	/* set by check from disable-kprobe-multi, disable-uprobe-multi */
	bool preloads;			/* ... from sleepable-preload-size */
	struct span preloads_at;
	enum override_method override_method;	/* set by check from override-method */
	struct span override_method_at;		/* of its value, empty unless set */
	struct policy_hook_list hooks;	/* of the one non-empty section */
	struct span hooks_at;		/* of the section, the last when there are several */
	struct policy_name_list_list lists;
	struct policy_enforcer_list enforcers;
	struct policy_macro_list macros;
	struct names list_names, macro_names;	/* set by check */
	size_t expanded;			/* set by check: entries and values that macros added */
	bool loader;
	struct policy_label_selector *pod_selector, *container_selector, *host_selector, *node_selector;
	struct span lists_at, enforcers_at, macros_at, loader_at;
	struct span pod_selector_at, container_selector_at, host_selector_at, node_selector_at;
};
struct policy_list { struct policy *items; size_t count; };

/* Whether it is for the pods of one namespace of Kubernetes: by its kind; one made of a RuntimeSecurityPolicy by having one. */
static inline bool policy_is_namespaced(const struct policy *policy)
{
	if (policy->of_rules)
		return policy->namespace.length;
	return policy->kind.bytes && !strcmp(policy->kind.bytes, document_rows[DOCUMENT_TRACING_POLICY_NAMESPACED].kind);
}

#endif

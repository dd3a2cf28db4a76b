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

#include "compiler/base/source.h"
#include "schema/schema.h"

/* A string of the policy.  bytes is NUL-terminated for convenience but may contain NULs. */
struct text {
	const char *bytes;
	size_t length;
	struct span at;
};
struct text_list { struct text *items; size_t count; };

enum value_form { VALUE_UNPARSED, VALUE_INTEGER, VALUE_RANGE, VALUE_BYTES, VALUE_ADDRESS };

/* One operand.  `text` is what was written; check parses it into the form that the operator wants. */
struct policy_value {
	struct text text;
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
	struct text label;	/* bytes NULL when absent */
};
struct policy_argument_list { struct policy_argument *items; size_t count; };

struct policy_argument_filter {
	struct span at;
	bool broken;
	uint32_t index;			/* as written: the `index` of an argument */
	struct span index_at;
	uint32_t position;		/* set by check: position in the hook's arguments */
	enum operator_id op;
	struct span op_at;
	struct policy_value_list values;
	struct span values_at;
};
struct policy_argument_filter_list { struct policy_argument_filter *items; size_t count; };

struct policy_binary_filter {
	struct span at;
	bool broken;
	enum operator_id op;
	struct span op_at;
	struct policy_value_list values;
	struct span values_at;
};
struct policy_binary_filter_list { struct policy_binary_filter *items; size_t count; };

struct policy_pid_filter {
	struct span at;
	bool broken;
	enum operator_id op;		/* IN or NOT_IN */
	struct span op_at;
	struct policy_value_list values;	/* INTEGER */
	struct span values_at;
};
struct policy_pid_filter_list { struct policy_pid_filter *items; size_t count; };

struct policy_action {
	struct span at;
	bool broken;
	enum action_id action;
	struct span action_at;
	int64_t error;		/* argError */
	int64_t signal;		/* argSig */
	struct span error_at, signal_at;
	bool has_error, has_signal;	/* set by check */
	struct span argument_at;	/* set by check: of the argument's value, empty when not given */
};
struct policy_action_list { struct policy_action *items; size_t count; };

struct policy_selector {
	struct span at;
	bool broken;
	struct policy_argument_filter_list arguments;
	struct policy_binary_filter_list binaries;
	struct policy_pid_filter_list pids;
	struct policy_action_list actions;
	struct span arguments_at, binaries_at, pids_at, actions_at;
};
struct policy_selector_list { struct policy_selector *items; size_t count; };

struct policy_hook {
	struct span at;
	bool broken;
	enum hook_kind kind;		/* a `raw: true` tracepoint is HOOK_RAW_TRACEPOINT */
	struct text name;		/* call, event or LSM hook */
	struct text subsystem;		/* tracepoints */
	bool syscall;			/* kprobes; default true */
	bool returns;			/* kprobes: return */
	bool raw;			/* tracepoints, as written */
	struct span syscall_at, returns_at, raw_at;
	struct policy_argument_list arguments;
	struct policy_argument *return_argument;	/* NULL when absent */
	struct text message;
	struct text_list tags;
	struct policy_selector_list selectors;
	struct span arguments_at, return_argument_at, tags_at, selectors_at;
};
struct policy_hook_list { struct policy_hook *items; size_t count; };

struct policy_option {
	struct span at;
	bool broken;
	struct text name, value;
};
struct policy_option_list { struct policy_option *items; size_t count; };

/* An entry of metadata.labels or metadata.annotations. */
struct policy_label { struct text key, value; };
struct policy_label_list { struct policy_label *items; size_t count; };

enum policy_mode { MODE_ENFORCE, MODE_MONITOR };

struct policy {
	struct span at;			/* the document */
	bool broken;
	struct text api_version, kind, namespace;
	struct text name;		/* metadata.name */
	struct policy_label_list labels, annotations;
	struct span labels_at, annotations_at;
	struct policy_option_list options;
	struct span options_at;
	enum policy_mode mode;		/* set by check from policy-mode; ENFORCE unless said */
	bool enforces;			/* set by check: some action enforces */
	struct policy_hook_list hooks;	/* of the one non-empty section */
	struct span hooks_at;		/* of the section, the last when there are several */
};
struct policy_list { struct policy *items; size_t count; };

#endif

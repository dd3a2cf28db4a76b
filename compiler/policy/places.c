// SPDX-License-Identifier: Apache-2.0
/* places.c - see places.h. */
#include "compiler/policy/places.h"

#include "compiler/policy/intent.h"
#include "compiler/policy/policy.h"

#define GROUP(id, holder, path, about)						\
	typedef struct holder group_##id;					\
	_Static_assert(offsetof(group_##id, GROUP_HEAD_##holder) == 0, #holder);
#define GROUP_HEAD_policy		at
#define GROUP_HEAD_policy_hook		at
#define GROUP_HEAD_policy_argument	at
#define GROUP_HEAD_policy_selector	at
#define GROUP_HEAD_policy_argument_filter at
#define GROUP_HEAD_policy_binary_filter	at
#define GROUP_HEAD_policy_pid_filter	at
#define GROUP_HEAD_policy_action	at
#define GROUP_HEAD_policy_option	at
#define GROUP_HEAD_policy_ignore	at
#define GROUP_HEAD_policy_namespace_filter at
#define GROUP_HEAD_policy_namespace_change at
#define GROUP_HEAD_policy_capability_filter at
#define GROUP_HEAD_policy_workloads	at
#define GROUP_HEAD_policy_label_selector at
#define GROUP_HEAD_policy_label_expression at
#define GROUP_HEAD_policy_name_list	at
#define GROUP_HEAD_policy_enforcer	at
#define GROUP_HEAD_policy_owner		at
#define GROUP_HEAD_policy_managed_fields at
#define GROUP_HEAD_intent_target	at
#define GROUP_HEAD_intent_defaults	at
#define GROUP_HEAD_intent_rule	at
#define GROUP_HEAD_intent_reference	at
#define GROUP_HEAD_intent_respond	at
#define GROUP_HEAD_intent_rate	at
#define GROUP_HEAD_intent_exception	at
#define GROUP_HEAD_intent_paths	at
#define GROUP_HEAD_intent_exec	at
#define GROUP_HEAD_intent_arguments	at
#define GROUP_HEAD_intent_file	at
#define GROUP_HEAD_intent_network	at
#define GROUP_HEAD_intent_endpoint	at
#define GROUP_HEAD_intent_unix	at
#define GROUP_HEAD_intent_capability	at
#define GROUP_HEAD_intent_module	at
#define GROUP_HEAD_intent_bpf	at
#define GROUP_HEAD_intent_ptrace	at
#define GROUP_HEAD_intent_targets	at
#define GROUP_HEAD_intent_credentials	at
#define GROUP_HEAD_intent_identity	at
#define GROUP_HEAD_intent_namespaces	at
#define GROUP_HEAD_intent_mount	at
#define GROUP_HEAD_intent_scope	at
#define GROUP_HEAD_intent_cgroups	at
#define GROUP_HEAD_intent_binaries	at
#define GROUP_HEAD_intent_held	at
#define GROUP_HEAD_intent_draft_selectors	at
#define GROUP_HEAD_intent_draft_executables	at
#define GROUP_HEAD_intent_draft_path	at
#define GROUP_HEAD_intent_draft_execution	at
#define GROUP_HEAD_intent		policy.at
#define GROUP_HEAD_intent_raw	policy.at
#define FIELD(...)
#define TEST_GROUP(...)		/* kept as nodes */
#define TEST_FIELD(...)
#include "schema/fields.def"
#undef GROUP
#undef FIELD

const size_t group_sizes[GROUP_COUNT] = {
#define GROUP(id, holder, path, about) [GROUP_##id] = sizeof(group_##id),
#define FIELD(...)
#define TEST_GROUP(...)
#define TEST_FIELD(...)
#include "schema/fields.def"
#undef GROUP
#undef FIELD
};

#define WHERE_VALUE(holder, member)		{ offsetof(holder, member), offsetof(holder, member##_at) }
#define WHERE_ANY(holder, member)		{ NOWHERE, NOWHERE }
#define WHERE_PART				WHERE_ANY
#define WHERE_TEXT(holder, member)		{ offsetof(holder, member), offsetof(holder, member.at) }
#define WHERE_BOOLEAN				WHERE_VALUE
#define WHERE_INDEX				WHERE_VALUE
#define WHERE_SIGNED32				WHERE_VALUE
#define WHERE_SIGNED64				WHERE_VALUE
#define WHERE_UNSIGNED64			WHERE_VALUE
#define WHERE_TEXT_LIST				WHERE_VALUE
#define WHERE_VALUE_LIST			WHERE_VALUE
#define WHERE_NUMBER_LIST			WHERE_VALUE
#define WHERE_UNSIGNED64_LIST			WHERE_VALUE
#define WHERE_TYPE				WHERE_VALUE
#define WHERE_ACTION				WHERE_VALUE
#define WHERE_ARGUMENT_OPERATOR			WHERE_VALUE
#define WHERE_BINARY_OPERATOR			WHERE_VALUE
#define WHERE_PID_OPERATOR			WHERE_VALUE
#define WHERE_MEMBER_OPERATOR			WHERE_VALUE
#define WHERE_NAMESPACE				WHERE_VALUE
#define WHERE_CAPABILITY_SET			WHERE_VALUE
#define WHERE_LIST_TYPE				WHERE_VALUE
#define WHERE_LABEL_OPERATOR			WHERE_VALUE
#define WHERE_OBJECT				WHERE_VALUE
#define WHERE_OBJECT_LIST			WHERE_VALUE
#define WHERE_OBJECT_MAP			WHERE_VALUE
#define WHERE_HOOK_LIST				WHERE_VALUE
#define WHERE_TEXT_MAP				WHERE_VALUE
#define WHERE_INTENT_MODE			WHERE_VALUE
#define WHERE_INTENT_LSM			WHERE_VALUE
#define WHERE_INTENT_ARCHS			WHERE_VALUE
#define WHERE_INTENT_UNSUPPORTED			WHERE_VALUE
#define WHERE_INTENT_SEVERITY			WHERE_VALUE
#define WHERE_INTENT_EFFECT			WHERE_VALUE
#define WHERE_INTENT_EVENT			WHERE_VALUE
#define WHERE_INTENT_STACK			WHERE_VALUE
#define WHERE_INTENT_RATE_SCOPE			WHERE_VALUE
#define WHERE_INTENT_HOST			WHERE_VALUE
#define WHERE_INTENT_INTERPRETERS			WHERE_VALUE
#define WHERE_INTENT_SETID			WHERE_VALUE
#define WHERE_INTENT_LOOPBACK			WHERE_VALUE
#define WHERE_INTENT_FILE_OPS			WHERE_VALUE
#define WHERE_INTENT_FILE_TYPES			WHERE_VALUE
#define WHERE_INTENT_NETWORK_OPS			WHERE_VALUE
#define WHERE_INTENT_PROTOCOLS			WHERE_VALUE
#define WHERE_INTENT_FAMILIES			WHERE_VALUE
#define WHERE_INTENT_UNIX_OPS			WHERE_VALUE
#define WHERE_INTENT_CAPABILITY_OPS			WHERE_VALUE
#define WHERE_INTENT_MODULE_OPS			WHERE_VALUE
#define WHERE_INTENT_PTRACE_OPS			WHERE_VALUE
#define WHERE_INTENT_CHANGES			WHERE_VALUE
#define WHERE_INTENT_NAMESPACE_OPS			WHERE_VALUE
#define WHERE_INTENT_NAMESPACE_TYPES			WHERE_VALUE
#define WHERE_INTENT_MOUNT_OPS			WHERE_VALUE
#define WHERE_INTENT_DRAFT_TYPE			WHERE_VALUE
#define WHERE_INTENT_DRAFT_ACTION			WHERE_VALUE
#define WHERE_INTENT_DRAFT_PATTERN			WHERE_VALUE
#define WHERE_INTENT_DRAFT_OPERATOR			WHERE_VALUE
#define WHERE_TEXT_LIST_MAP			WHERE_VALUE
#define WHERE_TESTS				WHERE_VALUE

const struct where field_places[] = {
#define GROUP(id, holder, path, about)
#define FIELD(group, key, member, kind, child, flags, most, standard, support, about) \
	WHERE_##kind(group_##group, member),
#define TEST_GROUP(...)
#define TEST_FIELD(...)	{ NOWHERE, NOWHERE },
#include "schema/fields.def"
#undef GROUP
#undef FIELD
};

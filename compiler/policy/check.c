// SPDX-License-Identifier: Apache-2.0
/* check.c - rules of a policy as a whole; see check.h. */
#include "compiler/policy/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf-templates/abi.h"

/* schema/ names what the programs can load; abi.h numbers it. */
_Static_assert(LOAD_U8 == (int)ABI_LOAD_U8 && LOAD_U16 == (int)ABI_LOAD_U16 && LOAD_U32 == (int)ABI_LOAD_U32 &&
	LOAD_U64 == (int)ABI_LOAD_U64 && LOAD_S8 == (int)ABI_LOAD_S8 && LOAD_S16 == (int)ABI_LOAD_S16 &&
	LOAD_S32 == (int)ABI_LOAD_S32 && LOAD_S64 == (int)ABI_LOAD_S64, "enum load is enum abi_load");
_Static_assert(LOAD_STRING == (int)ABI_LOAD_STRING && LOAD_FILE == (int)ABI_LOAD_FILE &&
	LOAD_PATH == (int)ABI_LOAD_PATH && LOAD_FILENAME == (int)ABI_LOAD_FILENAME &&
	LOAD_BINPRM == (int)ABI_LOAD_BINPRM && LOAD_SOCKADDR == (int)ABI_LOAD_SOCKADDR, "enum load is enum abi_load");
#define SAME_LOAD(id) _Static_assert(LOAD_##id == (int)ABI_LOAD_##id, "enum load is enum abi_load")
SAME_LOAD(SOCK); SAME_LOAD(SOCKET); SAME_LOAD(SKB); SAME_LOAD(SOCKADDR_UN); SAME_LOAD(FD); SAME_LOAD(DENTRY);
SAME_LOAD(DATA_LOC); SAME_LOAD(NET_DEVICE); SAME_LOAD(CHAR_BUF); SAME_LOAD(CHAR_IOVEC); SAME_LOAD(IOV_ITER);
SAME_LOAD(CONST_BUF); SAME_LOAD(KIOCB); SAME_LOAD(SYSCALL64); SAME_LOAD(BPF_ATTR); SAME_LOAD(BPF_PROG);
SAME_LOAD(BPF_MAP); SAME_LOAD(BPF_CMD); SAME_LOAD(PERF_EVENT); SAME_LOAD(USER_NAMESPACE); SAME_LOAD(CAPABILITY);
SAME_LOAD(CAPABILITIES); SAME_LOAD(CRED); SAME_LOAD(LOAD_INFO); SAME_LOAD(MODULE); SAME_LOAD(AUTO); SAME_LOAD(NOTHING);
SAME_LOAD(ENTRY); SAME_LOAD(MOUNT);
#define ACTION_WIRE(id, name, wire, ...) ACTION_WIRE_##id = (wire),
enum {
#define ACTION ACTION_WIRE
#include "schema/actions.def"
#undef ACTION
};
_Static_assert(ACTION_WIRE_POST == (int)ABI_ACTION_POST && ACTION_WIRE_SIGKILL == (int)ABI_ACTION_SIGKILL &&
	ACTION_WIRE_OVERRIDE == (int)ABI_ACTION_OVERRIDE && ACTION_WIRE_NO_POST == (int)ABI_ACTION_NOPOST &&
	ACTION_WIRE_SIGNAL == (int)ABI_ACTION_SIGNAL, "actions.def has the numbers of enum abi_action_op");
_Static_assert(LIMIT_ACTIONS == ABI_ACTIONS_MAX && LIMIT_STRING_BYTES == ABI_PATTERN_MAX &&
	LIMIT_PROGRAM_PATH_BYTES == ABI_PROCESS_PATH - 1 &&
	LIMIT_ARGUMENTS <= ABI_SLOTS_MAX && LIMIT_VALUES <= ABI_INTERVALS_MAX, "what check lets pass has room in an image");

/* ---- The policy ---- */

static const struct document_row *document_of(const struct policy *policy)
{
	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++)
		if (policy->kind.bytes && !strcmp(document_rows[id].kind, policy->kind.bytes))
			return &document_rows[id];
	return NULL;
}

static void check_version(const struct policy *policy, struct diagnostics *diagnostics)
{
	const struct document_row *row = document_of(policy);

	if (!row || !policy->api_version.bytes || !strcmp(policy->api_version.bytes, row->group))
		return;
	if (policy->of_rules && !strcmp(policy->api_version.bytes, document_rows[DOCUMENT_TRACING_POLICY].group))
		return;			/* where the first draft of the kind was */
	diag(diagnostics, DIAG_API_VERSION, policy->api_version.at, "there is no apiVersion '%s'",
		policy->api_version.bytes);
	diag_help(diagnostics, "%s is in '%s'", row->kind, row->group);
	diag_replacement(diagnostics, row->group);
}

static const char *section_of(const struct policy_hook *hook)
{
	return hook_rows[hook->kind].section;
}

static void check_sections(const struct policy *policy, struct diagnostics *diagnostics)
{
	const struct policy_hook *hooks = policy->hooks.items;

	for (size_t i = 1; i < policy->hooks.count && !policy->of_rules; i++) {
		if (section_of(&hooks[i]) == section_of(&hooks[0]) || section_of(&hooks[i]) == section_of(&hooks[i - 1]))
			continue;
		diag(diagnostics, DIAG_SECTIONS, hooks[i].at, "%s beside %s in one policy", section_of(&hooks[i]),
			section_of(&hooks[0]));
		diag_related(diagnostics, hooks[0].at, "the first hook of the policy");
		diag_help(diagnostics, "write a policy for each; they may share a file, parted by '---'");
	}
	if (!policy->hooks.count && !policy->loader && !policy->broken)
		diag(diagnostics, DIAG_NO_HOOKS, policy->name.at, "policy '%s' watches nothing", policy->name.bytes);
}

static bool hook_enforces(const struct policy_hook *hook)
{
	for (size_t i = 0; i < hook->selectors.count; i++) {
		const struct policy_action_list *actions = &hook->selectors.items[i].actions;

		for (size_t j = 0; j < actions->count; j++)
			if (!actions->items[j].broken && action_rows[actions->items[j].action].enforces)
				return true;
	}
	return false;
}

/* Tables before what names them; hooks last, which macros complete. */
static void check_one(struct policy *policy, struct diagnostics *diagnostics)
{
	check_version(policy, diagnostics);
	check_metadata(policy, diagnostics);
	check_scope(policy, diagnostics);
	check_options(policy, diagnostics);
	check_sections(policy, diagnostics);
	for (size_t i = 0; i < policy->hooks.count; i++) {
		struct policy_hook *hook = &policy->hooks.items[i];

		if (hook->raw && hook->kind == HOOK_TRACEPOINT)
			hook->kind = HOOK_RAW_TRACEPOINT;
		policy->enforces |= hook_enforces(hook);
	}
	check_macros(policy, diagnostics);
	check_lists(policy, diagnostics);
	check_enforcers(policy, diagnostics);
	for (size_t i = 0; i < policy->hooks.count; i++) {
		check_hook(policy, &policy->hooks.items[i], diagnostics);
		policy->enforces |= hook_enforces(&policy->hooks.items[i]);
	}
	check_mode(policy, diagnostics);
	check_preloads(policy, diagnostics);
	for (size_t i = 0; i < policy->hooks.count; i++) {
		size_t errors = diagnostics->errors;

		check_selectors(policy, &policy->hooks.items[i], diagnostics);
		check_advice(&policy->hooks.items[i], diagnostics);	/* wants to know what expressions name */
		if (diagnostics->errors == errors)
			check_unfiltered(policy, &policy->hooks.items[i], diagnostics);
	}
	check_repeated_hooks(policy, diagnostics);
}

/* What is said of a policy for Tetragon's sake is nothing to rules that only become Tetragon's when they are emitted. */
static void check_of_rules(struct policy *policy, struct diagnostics *diagnostics)
{
	static const enum diagnostic_id of_tetragon[] = {
		DIAG_TETRAGON_ENTRIES, DIAG_TETRAGON_VALUES, DIAG_TETRAGON_LENGTH, DIAG_RATE_UNUSED, DIAG_EXPRESSION_EXTENDED,
		DIAG_NUMBER_DRIFTS,
	};
	const struct severities *told = diagnostics->severities;
	struct severities severities;

	severities_init(&severities);
	if (told)
		severities = *told;
	for (size_t n = 0; n < sizeof(of_tetragon) / sizeof(*of_tetragon); n++)
		severities.of[of_tetragon[n]] = SEVERITY_OFF;
	diagnostics->severities = &severities;
	check_one(policy, diagnostics);
	diagnostics->severities = told;
}

/* ---- Names across the file ---- */

static const char *namespace_of(const struct policy *policy)
{
	return policy->namespace.bytes ? policy->namespace.bytes : "";
}

static int name_order(const struct policy *left, const struct policy *right)
{
	int order = strcmp(left->name.bytes, right->name.bytes);

	return order ? order : strcmp(namespace_of(left), namespace_of(right));
}

static int by_name(const void *a, const void *b)
{
	const struct policy *const *left = a, *const *right = b;
	int order = name_order(*left, *right);

	return order ? order : ((*left)->name.at.start > (*right)->name.at.start) * 2 - 1;
}

static void check_names(struct policy_list *policies, struct diagnostics *diagnostics)
{
	const struct policy **sorted = arena_array(diagnostics->arena, const struct policy *, policies->count);
	size_t count = 0;

	for (size_t i = 0; i < policies->count; i++)
		if (policies->items[i].name.length)
			sorted[count++] = &policies->items[i];
	qsort(sorted, count, sizeof(*sorted), by_name);
	for (size_t i = 1; i < count; i++) {
		if (name_order(sorted[i - 1], sorted[i]))
			continue;
		diag(diagnostics, DIAG_DUPLICATE_POLICY, sorted[i]->name.at, "there are two policies named '%s'",
			sorted[i]->name.bytes);
		diag_related(diagnostics, sorted[i - 1]->name.at, "first defined here");
	}
}

int policy_check(struct policy_list *policies, struct diagnostics *diagnostics)
{
	size_t errors = diagnostics->errors;

	for (size_t i = 0; i < policies->count; i++)
		(policies->items[i].of_rules ? check_of_rules : check_one)(&policies->items[i], diagnostics);
	check_names(policies, diagnostics);
	return diagnostics->errors > errors ? -EINVAL : 0;
}

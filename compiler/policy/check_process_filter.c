// SPDX-License-Identifier: Apache-2.0
/* check_process_filter.c - rules of the filters on the process; see check_selector.h. */
#include <string.h>

#include "compiler/policy/check_selector.h"
#include "compiler/policy/operand.h"

/* Where Tetragon reads one entry of a list; the rest of the selector goes wrong with it. */
static void warn_second(const struct selector_scope *scope, const char *key, struct span second)
{
	diag(scope->diagnostics, DIAG_SECOND_ENTRY, second, "Tetragon reads only the first entry of '%s'", key);
	diag_help(scope->diagnostics, "write a single entry");
}

/* In of nothing never matches, NotIn of nothing always. */
static void warn_no_values(const struct selector_scope *scope, enum operator_id op, struct span at)
{
	diag(scope->diagnostics, DIAG_EMPTY_LIST, at, "the filter has no values, and %s matches",
		operator_rows[op].negates < 0 ? "never" : "always");
}

/* ---- Binaries ---- */

static void check_follow(const struct selector_scope *scope, const struct policy_binary_filter *filter)
{
	if (!filter->follow_children || filter->op == OPERATOR_IN || filter->op == OPERATOR_NOT_IN)
		return;
	diag(scope->diagnostics, DIAG_FOLLOW_CHILDREN, filter->follow_children_at,
		"'followChildren' does not go with '%s'", operator_rows[filter->op].name);
	diag_related(scope->diagnostics, filter->op_at, "the operator");
	diag_help(scope->diagnostics, "it goes with In and NotIn: list the programs");
}

static void check_binary_filters(const struct selector_scope *scope, struct policy_binary_filter_list *filters)
{
	for (size_t i = 0; i < filters->count; i++) {
		struct policy_binary_filter *filter = &filters->items[i];

		if (filter->broken)
			continue;
		if (!filter->values.count)
			refuse_no_values(scope, filter->values_at, filter->op_at);
		for (size_t n = 0; n < filter->values.count; n++)
			operand_string(&filter->values.items[n], filter->op, SUBJECT_BINARY, TYPE_FILE, scope->diagnostics);
		operand_warn_repeated(&filter->values, scope->diagnostics);
		operand_warn_links(&filter->values, filter->op, scope->diagnostics);
		check_follow(scope, filter);
	}
}

/* ---- Process ids ---- */

static void warn_pids(const struct selector_scope *scope, const struct policy_pid_filter *filter)
{
	struct span at = filter->values.items[LIMIT_TETRAGON_PIDS].text.at;

	if (filter->values.count > LIMIT_TETRAGON_PIDS_HELD)
		diag(scope->diagnostics, DIAG_PIDS, at, "with %zu process ids, Tetragon's agent crashes", filter->values.count);
	else
		diag(scope->diagnostics, DIAG_PIDS, at, "Tetragon compares %d process ids, and here are %zu",
			LIMIT_TETRAGON_PIDS, filter->values.count);
	diag_help(scope->diagnostics, filter->op == OPERATOR_IN ?
		"tetra compares all; for Tetragon, write another selector for the others" :
		"tetra compares all; Tetragon does not exclude the others");
}

static void check_pid_filters(const struct selector_scope *scope, const struct policy_pid_filter_list *filters)
{
	for (size_t i = 0; i < filters->count; i++) {
		const struct policy_pid_filter *filter = &filters->items[i];

		if (filter->broken)
			continue;
		if (!filter->values.count)
			refuse_no_values(scope, filter->values_at, filter->op_at);
		if (filter->values.count > LIMIT_TETRAGON_PIDS)
			warn_pids(scope, filter);
		operand_warn_repeated(&filter->values, scope->diagnostics);
	}
	if (filters->count > 1)
		warn_second(scope, "matchPIDs", filters->items[1].at);
}

/* ---- Namespaces ---- */

static bool names_children(unsigned name)
{
	static const char suffix[] = "ForChildren";
	const char *word;
	size_t length = words_at(kind_rows[KIND_NAMESPACE].words, name, &word);

	return length > strlen(suffix) && !memcmp(word + length - strlen(suffix), suffix, strlen(suffix));
}

static void check_host(const struct selector_scope *scope, const struct policy_namespace_filter *filter,
		       const struct policy_value *value)
{
	if (!operand_is(value, "host_ns") || !names_children(filter->name))
		return;
	diag(scope->diagnostics, DIAG_HOST_NAMESPACE, value->text.at, "this namespace cannot be compared with host_ns");
	diag_related(scope->diagnostics, filter->name_at, "the namespace");
	diag_help(scope->diagnostics, "give the inode number, or use %s",
		filter->name == (unsigned)words_find(kind_rows[KIND_NAMESPACE].words, "TimeForChildren",
						     strlen("TimeForChildren")) ? "Time" : "Pid");
}

static void check_namespace_filters(const struct selector_scope *scope, struct policy_namespace_filter_list *filters)
{
	for (size_t i = 0; i < filters->count; i++) {
		struct policy_namespace_filter *filter = &filters->items[i];

		if (filter->broken)
			continue;
		if (!filter->values.count)
			warn_no_values(scope, filter->op, filter->values_at);
		for (size_t n = 0; n < filter->values.count; n++) {
			operand_namespace(&filter->values.items[n], scope->diagnostics);
			check_host(scope, filter, &filter->values.items[n]);
		}
		operand_warn_repeated(&filter->values, scope->diagnostics);
	}
}

/* NotIn of nothing means any change. */
static void check_namespace_changes(const struct selector_scope *scope, struct policy_namespace_change_list *filters)
{
	for (size_t i = 0; i < filters->count; i++) {
		struct policy_namespace_change *filter = &filters->items[i];

		if (filter->broken)
			continue;
		if (!filter->values.count && filter->op == OPERATOR_IN)
			warn_no_values(scope, filter->op, filter->values_at);
		for (size_t n = 0; n < filter->values.count; n++)
			operand_namespace_name(&filter->values.items[n], scope->diagnostics);
		operand_warn_repeated(&filter->values, scope->diagnostics);
	}
}

/* ---- Capabilities ---- */

static void check_capability_filters(const struct selector_scope *scope,
				     struct policy_capability_filter_list *filters, const char *key)
{
	for (size_t i = 0; i < filters->count; i++) {
		struct policy_capability_filter *filter = &filters->items[i];

		if (filter->broken)
			continue;
		if (!filter->values.count)
			warn_no_values(scope, filter->op, filter->values_at);
		for (size_t n = 0; n < filter->values.count; n++)
			operand_capability(&filter->values.items[n], scope->diagnostics);
		operand_warn_repeated(&filter->values, scope->diagnostics);
	}
	if (filters->count > 1)
		warn_second(scope, key, filters->items[1].at);
}

void check_process_filters(const struct selector_scope *scope, struct policy_selector *selector)
{
	check_binary_filters(scope, &selector->binaries);
	check_binary_filters(scope, &selector->parents);
	check_pid_filters(scope, &selector->pids);
	check_namespace_filters(scope, &selector->namespaces);
	check_namespace_changes(scope, &selector->namespace_changes);
	check_capability_filters(scope, &selector->capabilities, "matchCapabilities");
	check_capability_filters(scope, &selector->capability_changes, "matchCapabilityChanges");
}

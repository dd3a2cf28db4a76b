// SPDX-License-Identifier: Apache-2.0
/* scope.c - whose actions a rule is about, as filters on the process; see rule.h. */
#include <string.h>

#include "compiler/intent/rule.h"

/* ---- Programs ---- */

/* One of these must hold; each is a selector. */
struct binary_key {
	const struct policy_value_list *values;
	struct span at;
	enum operator_id op;
};
enum { POSITIVE_KEYS = 3, NEGATIVE_KEYS = 3 };

static size_t positive_keys(const struct intent_binaries *binaries, struct binary_key ret[POSITIVE_KEYS])
{
	const struct binary_key keys[POSITIVE_KEYS] = {
		{ &binaries->in, binaries->in_at, OPERATOR_IN },
		{ &binaries->prefix, binaries->prefix_at, OPERATOR_PREFIX },
		{ &binaries->suffix, binaries->suffix_at, OPERATOR_POSTFIX },
	};
	size_t count = 0;

	for (size_t n = 0; n < POSITIVE_KEYS; n++)
		if (keys[n].values->count)
			ret[count++] = keys[n];
	return count;
}

static size_t binary_choices(const struct intent_binaries *binaries)
{
	struct binary_key keys[POSITIVE_KEYS];
	const size_t count = binaries ? positive_keys(binaries, keys) : 0;

	return count ? count : 1;
}

/* ---- Whether something is said ---- */

static bool refuse_nothing(struct rule *rule, struct span at)
{
	refuse_empty(rule, at, 0);
	return false;
}

struct said { struct span at; size_t count; };

/* Each list that is there has entries; one of them is there. */
static bool check_lists(struct rule *rule, const struct said *lists, size_t count, struct span all)
{
	bool fine = true, any = false;

	for (size_t n = 0; n < count; n++) {
		any |= !span_is_empty(lists[n].at);
		if (!span_is_empty(lists[n].at) && !lists[n].count)
			fine = refuse_nothing(rule, lists[n].at);
	}
	return (any || refuse_nothing(rule, all)) && fine;
}

static bool check_binaries(struct rule *rule, const struct intent_binaries *binaries)
{
	const struct said lists[] = {
		{ binaries->in_at, binaries->in.count }, { binaries->not_in_at, binaries->not_in.count },
		{ binaries->prefix_at, binaries->prefix.count }, { binaries->not_prefix_at, binaries->not_prefix.count },
		{ binaries->suffix_at, binaries->suffix.count }, { binaries->not_suffix_at, binaries->not_suffix.count },
	};

	return check_lists(rule, lists, sizeof(lists) / sizeof(*lists), binaries->at);
}

static bool check_others(struct rule *rule, const struct intent_scope *scope)
{
	bool fine = true;

	if (scope->users) {
		const struct said lists[] = {
			{ scope->users->users_at, scope->users->users.count }, { scope->users->not_users_at, scope->users->not_users.count },
		};

		fine &= check_lists(rule, lists, 2, scope->users->at);
	}
	if (scope->capabilities) {
		const struct said lists[] = {
			{ scope->capabilities->has_at, scope->capabilities->has.count },
			{ scope->capabilities->lacks_at, scope->capabilities->lacks.count },
		};

		fine &= check_lists(rule, lists, 2, scope->capabilities->at);
	}
	if (scope->cgroups)
		fine &= scope->cgroups->ids.count || refuse_nothing(rule, scope->cgroups->at);
	if (!span_is_empty(scope->namespaces_at))
		fine &= scope->namespaces.count || refuse_nothing(rule, scope->namespaces_at);
	return fine;
}

static bool says_more(const struct intent_scope *scope)
{
	return scope->pods || scope->containers || !span_is_empty(scope->host_at) || scope->binaries || scope->parents || scope->users ||
		!span_is_empty(scope->namespaces_at) || scope->cgroups || scope->capabilities;
}

bool scope_is_of_nodes(const struct intent_scope *scope)
{
	return scope->nodes && !says_more(scope);
}

bool scope_check(struct rule *rule, const struct intent_scope *scope)
{
	bool fine = scope->nodes || says_more(scope) || refuse_nothing(rule, scope->at);

	if (scope->binaries)
		fine &= check_binaries(rule, scope->binaries);
	if (scope->parents)
		fine &= check_binaries(rule, scope->parents);
	return check_others(rule, scope) && fine;
}

size_t scope_choices(const struct intent_scope *scope)
{
	return scope ? binary_choices(scope->binaries) * binary_choices(scope->parents) : 1;
}

static void add_binary_filter(struct rule *rule, const struct intent_binaries *binaries, const struct binary_key *key,
			      struct policy_binary_filter_list *to)
{
	struct policy_binary_filter *items = arena_array(rule->arena, struct policy_binary_filter, to->count + 1);

	if (to->count)
		memcpy(items, to->items, to->count * sizeof(*items));
	items[to->count] = (struct policy_binary_filter){
		.at = key->at, .op = key->op, .op_at = key->at, .values = values_expand(rule, key->values), .values_at = key->at,
		.follow_children = binaries->descendants, .follow_children_at = binaries->descendants_at,
	};
	*to = (struct policy_binary_filter_list){ items, to->count + 1 };
}

static void add_binaries(struct rule *rule, const struct intent_binaries *binaries, size_t choice,
			 struct policy_binary_filter_list *to)
{
	struct binary_key positive[POSITIVE_KEYS];
	const struct binary_key negative[NEGATIVE_KEYS] = {
		{ &binaries->not_in, binaries->not_in_at, OPERATOR_NOT_IN },
		{ &binaries->not_prefix, binaries->not_prefix_at, OPERATOR_NOT_PREFIX },
		{ &binaries->not_suffix, binaries->not_suffix_at, OPERATOR_NOT_POSTFIX },
	};

	if (positive_keys(binaries, positive))
		add_binary_filter(rule, binaries, &positive[choice], to);
	for (size_t n = 0; n < NEGATIVE_KEYS; n++)
		if (negative[n].values->count)
			add_binary_filter(rule, binaries, &negative[n], to);
}

/* ---- Users, cgroups: of the current task ---- */

static void add_filter(struct rule *rule, struct probe *probe, enum type_id type, const char *resolve, enum operator_id op,
		       const struct policy_value_list *values, struct span at, struct policy_selector *selector)
{
	struct alternative extended = { .filters = selector->arguments, .room = selector->arguments.count };

	if (!probe) {
		refuse_operation(rule, at, "users and cgroups", "read them in the hook: data, or an argument with source: current_task");
		return;
	}
	alternative_add(rule, &extended, probe_task_place(probe, type, resolve), op, values_expand(rule, values), at);
	selector->arguments = extended.filters;
}

/* Numbers and ranges in one list: InMap takes both. */
static void add_users(struct rule *rule, struct probe *probe, const struct intent_identity *users, struct policy_selector *selector)
{
	if (users->users.count)
		add_filter(rule, probe, TYPE_UINT32, "cred.uid.val", OPERATOR_IN_MAP, &users->users, users->users_at, selector);
	if (users->not_users.count)
		add_filter(rule, probe, TYPE_UINT32, "cred.uid.val", OPERATOR_NOT_IN_MAP, &users->not_users, users->not_users_at, selector);
}

/* ---- Namespaces and capabilities ---- */

static int namespace_find(const struct text *key)
{
	static const char *const keys[] = { "uts", "ipc", "mnt", "pid", "pidForChildren", "net", "time", "timeForChildren", "cgroup", "user" };

	for (size_t n = 0; n < sizeof(keys) / sizeof(*keys); n++)
		if (key->length == strlen(keys[n]) && !memcmp(keys[n], key->bytes, key->length))
			return (int)n;
	return -1;
}

static void add_namespace(struct rule *rule, const struct policy_label *entry, struct policy_selector *selector)
{
	const bool is_not_host = !strcmp(entry->value.bytes, "notHost"), is_host = !strcmp(entry->value.bytes, "host");
	const struct text value = is_host || is_not_host ? text_made(rule, entry->value.at, "host_ns") : entry->value;
	struct policy_namespace_filter_list *to = &selector->namespaces;
	struct policy_namespace_filter *items = arena_array(rule->arena, struct policy_namespace_filter, to->count + 1);
	struct policy_value *values = arena_new(rule->arena, struct policy_value);
	const int name = namespace_find(&entry->key);

	if (name < 0) {
		diag(rule->diagnostics, DIAG_UNKNOWN_VALUE, entry->key.at, "there is no namespace '%.64s'", entry->key.bytes);
		diag_help(rule->diagnostics, "uts, ipc, mnt, pid, pidForChildren, net, time, timeForChildren, cgroup, user");
		return;
	}
	if (to->count)
		memcpy(items, to->items, to->count * sizeof(*items));
	values->text = value;
	items[to->count] = (struct policy_namespace_filter){
		.at = entry->key.at, .name = (unsigned)name, .name_at = entry->key.at, .op = is_not_host ? OPERATOR_NOT_IN : OPERATOR_IN,
		.op_at = value.at, .values = { values, 1 }, .values_at = value.at,
	};
	*to = (struct policy_namespace_filter_list){ items, to->count + 1 };
}

static void add_held(struct rule *rule, const struct text_list *names, enum operator_id op, struct span at,
		     struct policy_selector *selector)
{
	struct policy_capability_filter_list *to = &selector->capabilities;
	struct policy_capability_filter *items = arena_array(rule->arena, struct policy_capability_filter, to->count + 1);
	struct policy_value *values = arena_array(rule->arena, struct policy_value, names->count);

	if (!names->count)
		return;
	for (size_t n = 0; n < names->count; n++)
		values[n].text = names->items[n];
	if (to->count)
		memcpy(items, to->items, to->count * sizeof(*items));
	items[to->count] = (struct policy_capability_filter){
		.at = at, .op = op, .op_at = at, .values = { values, names->count }, .values_at = at,
	};
	*to = (struct policy_capability_filter_list){ items, to->count + 1 };
}

void scope_lacks(struct rule *rule, const struct probe *probe, struct policy_selector *selector)
{
	struct text name;

	if (!probe->lacks)
		return;
	name = text_made(rule, probe->at, "%s", probe->lacks);
	add_held(rule, &(struct text_list){ &name, 1 }, OPERATOR_NOT_IN, probe->at, selector);
}

bool scope_asks_task(const struct intent_scope *scope)
{
	return scope && (scope->users || (scope->cgroups && scope->cgroups->ids.count));
}

/* ---- Workloads ---- */

/* Pods or containers leave the host out, unless it is said to be included. */
bool scope_means_host(const struct intent_scope *scope)
{
	return scope->host == INTENT_HOST_ONLY ||
		(scope->host == INTENT_HOST_INCLUDE && !span_is_empty(scope->host_at) && (scope->pods || scope->containers));
}

void scope_workloads(struct rule *rule, const struct intent_scope *scope, struct policy_selector *selector)
{
	struct policy_workloads *workloads;

	if (!scope || (!scope->pods && !scope->containers && !scope->host))
		return;			/* everybody */
	workloads = arena_new(rule->arena, struct policy_workloads);
	*workloads = (struct policy_workloads){
		.at = scope->at, .pod = scope->pods, .pod_at = scope->pods_at, .container = scope->containers,
		.container_at = scope->containers_at,
	};
	if (scope_means_host(scope)) {
		workloads->host = arena_new(rule->arena, struct policy_label_selector);
		workloads->host->at = workloads->host_at = scope->host_at;
	} else if (scope->host == INTENT_HOST_EXCLUDE && !workloads->pod && !workloads->container) {
		workloads->pod = arena_new(rule->arena, struct policy_label_selector);	/* every pod, and so no host */
		workloads->pod->at = workloads->pod_at = scope->host_at;
	}
	selector->workloads = workloads;
	selector->workloads_at = scope->at;
}

void scope_filter(struct rule *rule, struct probe *probe, const struct intent_scope *scope, size_t choice,
		  struct policy_selector *selector)
{
	const size_t programs = scope ? binary_choices(scope->binaries) : 1;

	if (!scope)
		return;
	if (scope->binaries)
		add_binaries(rule, scope->binaries, choice % programs, &selector->binaries);
	if (scope->parents)
		add_binaries(rule, scope->parents, choice / programs, &selector->parents);
	selector->binaries_at = scope->binaries_at;
	selector->parents_at = scope->parents_at;
	if (scope->users)
		add_users(rule, probe, scope->users, selector);
	if (scope->cgroups && scope->cgroups->ids.count)
		add_filter(rule, probe, TYPE_UINT64, "cgroups.dfl_cgrp.kn.id", OPERATOR_IN_MAP, &scope->cgroups->ids, scope->cgroups->ids_at,
			selector);
	for (size_t n = 0; n < scope->namespaces.count; n++)
		add_namespace(rule, &scope->namespaces.items[n], selector);
	if (scope->capabilities) {
		add_held(rule, &scope->capabilities->has, OPERATOR_IN, scope->capabilities->has_at, selector);
		add_held(rule, &scope->capabilities->lacks, OPERATOR_NOT_IN, scope->capabilities->lacks_at, selector);
	}
}

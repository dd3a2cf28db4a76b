// SPDX-License-Identifier: Apache-2.0
/* check_advice.c - hooks that work, and that another would do better; see check.h. */
#include <string.h>

#include "compiler/expression/expression.h"
#include "compiler/policy/check.h"
#include "compiler/policy/syscall.h"

static const struct hot_row {
	uint32_t kinds;			/* HOOK_BITs */
	const char *name, *instead;
} hot_rows[] = {
#define HOT(kinds, name, instead) { kinds, name, instead },
#define RACE(call, type, instead)
#include "schema/advice.def"
#undef HOT
#undef RACE
};

static const struct race_row {
	const char *call;
	enum type_id type;
	const char *instead;
} race_rows[] = {
#define HOT(kinds, name, instead)
#define RACE(call, type, instead) { call, TYPE_##type, instead },
#include "schema/advice.def"
#undef HOT
#undef RACE
};

/* ---- Hooks that run often ---- */

static bool is_filtered(const struct policy_selector *selector)
{
	return selector->broken || selector->arguments.count || selector->binaries.count || selector->pids.count ||
		selector->data.count || selector->parents.count || selector->namespaces.count ||
		selector->namespace_changes.count || selector->capabilities.count ||
		selector->capability_changes.count || selector->workloads;
}

static bool says_no_post(const struct policy_selector *selector)
{
	for (size_t i = 0; i < selector->actions.count; i++)
		if (!selector->actions.items[i].broken && selector->actions.items[i].action == ACTION_NO_POST)
			return true;
	return false;
}

/* The selector that reports every run: its place, or the hook's when there is none at all. */
static struct span unfiltered(const struct policy_hook *hook)
{
	for (size_t i = 0; i < hook->selectors.count; i++)
		if (!is_filtered(&hook->selectors.items[i]))
			return says_no_post(&hook->selectors.items[i]) ? (struct span){ 0 } : hook->selectors.items[i].at;
	return (struct span){ 0 };
}

static bool is_named(const struct policy_hook *hook, const char *name)
{
	size_t prefix = hook->syscall ? syscall_prefix(hook->name.bytes, hook->name.length) : 0;

	return !strcmp(hook->name.bytes + prefix, name);
}

static void warn_hot(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	struct span at = unfiltered(hook);

	if (hook->broken || !hook->name.length || (hook->selectors.count && span_is_empty(at)))
		return;
	for (size_t i = 0; i < sizeof(hot_rows) / sizeof(*hot_rows); i++) {
		if (!(hot_rows[i].kinds & 1u << hook->kind) || !is_named(hook, hot_rows[i].name))
			continue;
		diag(diagnostics, DIAG_HOT_HOOK, hook->name.at, "'%s' runs very often, and every run is an event",
			hook->name.bytes);
		if (!span_is_empty(at)) {
			at.end = at.start + 1;
			diag_related(diagnostics, at, "this selector has no filter");
		}
		diag_help(diagnostics, "%s", hot_rows[i].instead);
		return;
	}
}

/* ---- System calls whose arguments can change ---- */

/* An expression names its arguments itself, by their position. */
static bool compares(const struct policy_argument_filter *filter, size_t position, uint32_t index)
{
	if (filter->op != OPERATOR_EXPRESSION)
		return filter->index == index;
	return filter->values.count && filter->values.items[0].expression &&
	       expression_arguments(filter->values.items[0].expression) >> position & 1;
}

static bool is_compared(const struct policy_hook *hook, size_t position)
{
	uint32_t index = hook->arguments.items[position].index;

	for (size_t i = 0; i < hook->selectors.count; i++) {
		const struct policy_argument_filter_list *filters = &hook->selectors.items[i].arguments;

		for (size_t j = 0; j < filters->count; j++)
			if (!filters->items[j].broken && compares(&filters->items[j], position, index))
				return true;
	}
	return false;
}

static void warn_race(const struct policy_hook *hook, const struct race_row *row, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < hook->arguments.count && i < LIMIT_ARGUMENTS; i++) {
		const struct policy_argument *argument = &hook->arguments.items[i];

		if (argument->broken || argument->type != row->type || !is_compared(hook, i))
			continue;
		diag(diagnostics, DIAG_USER_MEMORY, argument->type_at,
			"argument %u is in the process's memory, which can change after it is compared", argument->index);
		diag_help(diagnostics, "%s sees what the kernel uses", row->instead);
		return;
	}
}

static void warn_races(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	if (hook->kind != HOOK_KPROBE || !hook->syscall || !hook->name.length)
		return;
	for (size_t i = 0; i < sizeof(race_rows) / sizeof(*race_rows); i++)
		if (is_named(hook, race_rows[i].call))
			warn_race(hook, &race_rows[i], diagnostics);
}

void check_advice(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	warn_hot(hook, diagnostics);
	warn_races(hook, diagnostics);
}

/* ---- Enforcement of everything ---- */

/* Set enforces, too, and changes what one program does. */
static const struct policy_action *enforcing_action(const struct policy_selector *selector)
{
	for (size_t i = 0; i < selector->actions.count; i++) {
		const struct policy_action *action = &selector->actions.items[i];

		if (!action->broken && action_rows[action->action].enforces && action->action != ACTION_SET)
			return action;
	}
	return NULL;
}

/* Pods or containers, and so not what keeps the host running. */
static bool is_within_workloads(const struct policy *policy)
{
	return (policy->pod_selector || policy->container_selector) && !policy->host_selector;
}

/* May be meant: such a hook is closed for all.  It is also what is left of a filter that was forgotten. */
void check_unfiltered(const struct policy *policy, const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	if (is_within_workloads(policy))
		return;
	for (size_t i = 0; policy->mode != MODE_MONITOR && i < hook->selectors.count; i++) {
		const struct policy_action *action = enforcing_action(&hook->selectors.items[i]);

		if (!action || is_filtered(&hook->selectors.items[i]) || !hook->name.length)
			continue;
		diag(diagnostics, DIAG_ENFORCES_ALL, action->action_at, "%s of every process that reaches '%s'%s",
			action_rows[action->action].name, hook->name.bytes, i ? " and that no earlier selector takes" : "");
		diag_help(diagnostics, "if that is meant, say so: # tetra:ignore %s and why",
			diagnostic_rows[DIAG_ENFORCES_ALL].code);
		return;
	}
}

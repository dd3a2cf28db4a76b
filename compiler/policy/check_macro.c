// SPDX-License-Identifier: Apache-2.0
/*
 * check_macro.c - spec.selectorsMacros: what they are, and putting them into the selectors that name them; see check.h.
 *
 * The parts of a macro are copied, with the spans of the macro, because checks complete them for the hook in question.
 */
#include <string.h>

#include "compiler/policy/check.h"
#include "compiler/policy/names.h"

/* Any list of policy.h, and the bytes of an entry. */
struct list {
	char *items;
	size_t count;
};

#define WITHOUT_VALUES SIZE_MAX
struct part {
	const char *key;
	size_t list, place;	/* of the list and of its span in a selector */
	size_t size;		/* of an entry */
	size_t values;		/* of its policy_value_list, or WITHOUT_VALUES */
};
#define PART(key, member, entry)							\
	{ key, offsetof(struct policy_selector, member), offsetof(struct policy_selector, member##_at),	\
	  sizeof(struct entry), offsetof(struct entry, values) }
#define PART_OF_ACTIONS(key, member)							\
	{ key, offsetof(struct policy_selector, member), offsetof(struct policy_selector, member##_at),	\
	  sizeof(struct policy_action), WITHOUT_VALUES }
static const struct part parts[] = {
	PART("matchPIDs", pids, policy_pid_filter),
	PART("matchArgs", arguments, policy_argument_filter),
	PART("matchData", data, policy_argument_filter),
	PART("matchReturnArgs", return_arguments, policy_argument_filter),
	PART("matchBinaries", binaries, policy_binary_filter),
	PART("matchParentBinaries", parents, policy_binary_filter),
	PART("matchNamespaces", namespaces, policy_namespace_filter),
	PART("matchNamespaceChanges", namespace_changes, policy_namespace_change),
	PART("matchCapabilities", capabilities, policy_capability_filter),
	PART("matchCapabilityChanges", capability_changes, policy_capability_filter),
	PART_OF_ACTIONS("matchActions", actions),
	PART_OF_ACTIONS("matchReturnActions", return_actions),
};

static struct list *list_of(const struct policy_selector *selector, const struct part *part)
{
	return (struct list *)((char *)selector + part->list);
}

static struct span *place_of(const struct policy_selector *selector, const struct part *part)
{
	return (struct span *)((char *)selector + part->place);
}

/* ---- Copies ---- */

static void copy_values(struct policy_value_list *values, struct arena *arena)
{
	struct policy_value *copy = arena_array(arena, struct policy_value, values->count);

	if (values->count)
		memcpy(copy, values->items, values->count * sizeof(*copy));
	values->items = copy;
}

static size_t weight(const struct list *list, const struct part *part)
{
	size_t total = list->count;

	for (size_t i = 0; part->values != WITHOUT_VALUES && i < list->count; i++)
		total += ((struct policy_value_list *)(list->items + i * part->size + part->values))->count;
	return total;
}

static struct list copy_list(const struct list *list, const struct part *part, struct arena *arena)
{
	struct list copy = { arena_alloc(arena, list->count, part->size), list->count };

	memcpy(copy.items, list->items, list->count * part->size);
	for (size_t i = 0; part->values != WITHOUT_VALUES && i < copy.count; i++)
		copy_values((struct policy_value_list *)(copy.items + i * part->size + part->values), arena);
	return copy;
}

/* ---- Putting one into a selector ---- */

static void refuse_both(const struct text *name, const struct part *part, struct span other,
			struct diagnostics *diagnostics)
{
	diag(diagnostics, DIAG_MACRO_CONFLICT, name->at, "macro '%.64s' has '%s', which is there already", name->bytes,
		part->key);
	if (!span_is_empty(other))
		other.end = other.start + 1;
	diag_related(diagnostics, other, "the other one");
	diag_help(diagnostics, "move one of them, or write both filters into the selector");
}

static void add_part(struct policy *policy, struct policy_selector *selector, const struct text *name,
		     const struct policy_selector *macro, const struct part *part, struct diagnostics *diagnostics)
{
	const struct list *from = list_of(macro, part);
	struct list *to = list_of(selector, part);

	if (!from->count)
		return;
	if (to->count) {
		refuse_both(name, part, *place_of(selector, part), diagnostics);
		return;
	}
	policy->expanded += weight(from, part);
	if (policy->expanded > LIMIT_EXPANDED_NODES) {
		diag(diagnostics, DIAG_MACRO_EXPANSION, policy->macros_at, "the macros expand to too much");
		return;
	}
	*to = copy_list(from, part, diagnostics->arena);
	*place_of(selector, part) = *place_of(macro, part);
}

static void add_macro(struct policy *policy, struct policy_selector *selector, const struct text *name,
		      struct policy_macro *macro, struct diagnostics *diagnostics)
{
	if (macro->selector.macros.count) {
		diag(diagnostics, DIAG_MACRO_NESTED, macro->selector.macros_at, "macro '%.64s' uses macros", name->bytes);
		diag_related(diagnostics, name->at, "it is used here");
		return;
	}
	selector->broken |= macro->selector.broken;
	if (!selector->label.bytes)
		selector->label = macro->selector.label;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		add_part(policy, selector, name, &macro->selector, &parts[i], diagnostics);
}

static void refuse_name(const struct policy *policy, const struct text *name, struct diagnostics *diagnostics)
{
	const char *nearest;

	if (policy->broken)
		return;
	diag(diagnostics, DIAG_UNKNOWN_MACRO, name->at, "there is no macro '%.64s'", name->bytes);
	if (!diag_is_kept(diagnostics))
		return;
	nearest = names_nearest(&policy->macro_names, name->bytes, name->length);
	if (!nearest) {
		diag_help(diagnostics, policy->macros.count ? "it must be one of 'selectorsMacros'" :
			"add it to 'selectorsMacros' of spec");
		return;
	}
	diag_help(diagnostics, "did you mean '%s'?", nearest);
	diag_replacement(diagnostics, nearest);
}

void expand_macros(struct policy *policy, struct policy_selector *selector, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < selector->macros.count; i++) {
		const struct text *name = &selector->macros.items[i];
		int number = name->bytes ? names_number(&policy->macro_names, name->bytes, name->length) : -1;

		if (number >= 0)
			add_macro(policy, selector, name, &policy->macros.items[number], diagnostics);
		else if (name->bytes)
			refuse_name(policy, name, diagnostics);
	}
}

/* ---- The macros ---- */

static void note_uses(struct policy *policy, const struct policy_hook *hook)
{
	for (size_t i = 0; i < hook->selectors.count; i++) {
		const struct text_list *names = &hook->selectors.items[i].macros;

		for (size_t j = 0; j < names->count; j++) {
			const struct text *name = &names->items[j];
			int number = name->bytes ? names_number(&policy->macro_names, name->bytes, name->length) : -1;

			if (number >= 0)
				policy->macros.items[number].used = true;
		}
	}
}

/* Tetragon decides before it expands macros whether a policy enforces. */
static void warn_enforces(const struct policy_macro *macro, struct diagnostics *diagnostics)
{
	const struct policy_action_list *actions = &macro->selector.actions;

	for (size_t i = 0; i < actions->count; i++) {
		const struct policy_action *action = &actions->items[i];

		if (action->broken || !action_rows[action->action].enforces)
			continue;
		diag(diagnostics, DIAG_MACRO_ENFORCES, action->action_at, "Tetragon does not see this %s, and only monitors",
			action_rows[action->action].name);
		diag_help(diagnostics, "write it into 'matchActions' of the selectors that name '%.64s'", macro->name.bytes);
	}
}

static void check_macro(const struct policy *policy, const struct policy_macro *macro, struct diagnostics *diagnostics)
{
	if (!macro->used) {
		if (macro->name.bytes && !policy->broken)
			diag(diagnostics, DIAG_UNUSED, macro->name.at, "macro '%.64s' is not used", macro->name.bytes);
		return;
	}
	if (macro->selector.workloads)
		diag(diagnostics, DIAG_MACRO_DROPPED, macro->selector.workloads_at, "'matchWorkloads' has no effect in a macro");
	if (!policy->enforces && !policy->broken)
		warn_enforces(macro, diagnostics);
}

void check_macros(struct policy *policy, struct diagnostics *diagnostics)
{
	names_sort(&policy->macro_names, diagnostics->arena, policy->macros.count ? &policy->macros.items->name : NULL,
		sizeof(*policy->macros.items), policy->macros.count);
	for (size_t i = 0; i < policy->hooks.count; i++)
		note_uses(policy, &policy->hooks.items[i]);
	for (size_t i = 0; i < policy->macros.count; i++)
		check_macro(policy, &policy->macros.items[i], diagnostics);
}

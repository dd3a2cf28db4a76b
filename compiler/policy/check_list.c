// SPDX-License-Identifier: Apache-2.0
/* check_list.c - spec.lists, and what is named list:NAME; see check.h. */
#include <string.h>

#include "compiler/policy/check.h"
#include "compiler/policy/names.h"
#include "compiler/base/pattern.h"
#include "compiler/policy/syscall.h"

enum list_type { LIST_SYSCALLS, LIST_GENERATED_SYSCALLS, LIST_GENERATED_FTRACE };	/* words of LIST_TYPE */

static bool has_type(const struct policy_name_list *list, enum list_type type)
{
	return !span_is_empty(list->type_at) && list->type == type;
}

bool list_is_of_syscalls(const struct policy_name_list *list)
{
	return has_type(list, LIST_SYSCALLS) || has_type(list, LIST_GENERATED_SYSCALLS);
}

bool list_is_generated(const struct policy_name_list *list)
{
	return has_type(list, LIST_GENERATED_SYSCALLS) || has_type(list, LIST_GENERATED_FTRACE);
}

bool is_list_reference(const struct text *text)
{
	return text->bytes && !strncmp(text->bytes, LIST_PREFIX, strlen(LIST_PREFIX));
}

struct policy_name_list *policy_find_list(const struct policy *policy, const struct text *reference)
{
	size_t prefix = strlen(LIST_PREFIX);
	int found = names_number(&policy->list_names, reference->bytes + prefix, reference->length - prefix);

	return found < 0 ? NULL : &policy->lists.items[found];
}

void refuse_list(const struct policy *policy, const struct text *reference, struct diagnostics *diagnostics)
{
	size_t prefix = strlen(LIST_PREFIX);
	const char *nearest;

	if (policy->broken)
		return;
	diag(diagnostics, DIAG_UNKNOWN_LIST, reference->at, "there is no list '%.64s'", reference->bytes + prefix);
	if (!diag_is_kept(diagnostics))
		return;
	nearest = names_nearest(&policy->list_names, reference->bytes + prefix, reference->length - prefix);
	if (!nearest) {
		diag_help(diagnostics, policy->lists.count ? "it must be one of 'lists'" : "add it to 'lists' of spec");
		return;
	}
	diag_help(diagnostics, "did you mean '" LIST_PREFIX "%s'?", nearest);
	diag_replacement(diagnostics, arena_format(diagnostics->arena, LIST_PREFIX "%s", nearest));
}

/* ---- What names a list ---- */

static void note_functions(struct policy *policy, const struct text *call)
{
	struct policy_name_list *list = is_list_reference(call) ? policy_find_list(policy, call) : NULL;

	if (list)
		list->as_functions = true;
}

static void note_numbers(struct policy *policy, const struct policy_argument_filter_list *filters)
{
	for (size_t i = 0; i < filters->count; i++)
		for (size_t j = 0; j < filters->items[i].values.count; j++) {
			const struct text *value = &filters->items[i].values.items[j].text;
			struct policy_name_list *list = is_list_reference(value) ? policy_find_list(policy, value) : NULL;

			if (list)
				list->as_numbers = true;
		}
}

static void note_uses(struct policy *policy)
{
	for (size_t i = 0; i < policy->hooks.count; i++) {
		const struct policy_hook *hook = &policy->hooks.items[i];

		note_functions(policy, &hook->name);
		for (size_t j = 0; j < hook->selectors.count; j++)
			note_numbers(policy, &hook->selectors.items[j].arguments);
	}
	for (size_t i = 0; i < policy->macros.count; i++)
		note_numbers(policy, &policy->macros.items[i].selector.arguments);
	for (size_t i = 0; i < policy->enforcers.count; i++)
		for (size_t j = 0; j < policy->enforcers.items[i].calls.count; j++)
			note_functions(policy, &policy->enforcers.items[i].calls.items[j]);
}

/* ---- One list ---- */

static void check_pattern(const struct policy_name_list *list, struct diagnostics *diagnostics)
{
	struct arena arena = { 0 };
	struct pattern_problem problem;
	struct pattern pattern;

	if (!pattern_compile(list->pattern.bytes, list->pattern.length, &arena, &pattern, &problem)) {
		diag(diagnostics, DIAG_LIST_PATTERN, text_part(&list->pattern, problem.start, problem.length),
			"the pattern is not a regular expression: %s", problem.what);
		diag_help(diagnostics, "the syntax is that of RE2, as in \"^vfs_.*$\"");
	}
	arena_release(&arena);
}

static void check_generated(const struct policy_name_list *list, struct diagnostics *diagnostics)
{

	if (list->values.count) {
		diag(diagnostics, DIAG_LIST_VALUES, list->values_at, "a generated list cannot have values");
		diag_related(diagnostics, list->type_at, "this type is filled by the agent");
	}
	if (!has_type(list, LIST_GENERATED_FTRACE))
		return;
	if (!list->pattern.length) {
		diag(diagnostics, DIAG_LIST_PATTERN, list->pattern.bytes ? list->pattern.at : list->type_at,
			"'pattern' is %s", list->pattern.bytes ? "empty" : "missing");
		diag_help(diagnostics, "which functions? For example pattern: \"^vfs_.*$\"");
	} else {
		check_pattern(list, diagnostics);
	}
}

static void check_syscalls(const struct policy_name_list *list, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < list->values.count; i++) {
		const struct text *value = &list->values.items[i];
		const char *problem = value->bytes && list->as_functions ? syscall_function_problem(value) : NULL;

		if (!problem && value->bytes && list->as_numbers)
			problem = syscall_number_problem(value);
		if (!problem)
			continue;
		diag(diagnostics, DIAG_LIST_SYSCALL, value->at, "'%.64s' is not a system call: %s", value->bytes, problem);
		syscall_suggest(value, diagnostics);
	}
}

static void warn_ignored(const struct policy_name_list *list, struct diagnostics *diagnostics)
{
	if (list->validated) {
		diag(diagnostics, DIAG_LIST_IGNORED, list->validated_at, "'validated' is internal to Tetragon");
		diag_help(diagnostics, list_is_generated(list) ? "with it the list stays empty: remove it" : "remove it");
	}
	if (list->pattern.bytes && !has_type(list, LIST_GENERATED_FTRACE)) {
		diag(diagnostics, DIAG_LIST_IGNORED, list->pattern.at, "'pattern' has no effect on this list");
		diag_help(diagnostics, "it belongs to type generated_ftrace");
	}
}

static void check_list(const struct policy_name_list *list, struct diagnostics *diagnostics)
{
	if (list->broken)
		return;
	warn_ignored(list, diagnostics);
	if (list_is_generated(list) && !list->validated) {
		check_generated(list, diagnostics);
		if (list->as_numbers && !list->told)
			diag_later(diagnostics, list->type_at, "a generated list as numbers away from its own kernel");
	}
	if (has_type(list, LIST_SYSCALLS))
		check_syscalls(list, diagnostics);
	if (!list->as_functions && !list->as_numbers)
		diag(diagnostics, DIAG_UNUSED, list->name.at, "list '%.64s' is not used", list->name.bytes);
}

static const struct text *first_function(const struct policy_name_list *list)
{
	for (size_t i = 0; i < list->values.count; i++)
		if (list->values.items[i].bytes && !is_syscall_name(&list->values.items[i]))
			return &list->values.items[i];
	return NULL;
}

static bool is_repeated(const struct policy *policy, size_t number, struct diagnostics *diagnostics)
{
	const struct policy_name_list *lists = policy->lists.items;
	size_t first = names_first(&policy->list_names, &lists[number].name, number);

	if (first == number)
		return false;
	diag(diagnostics, DIAG_LIST_REPEATED, lists[number].name.at, "there are two lists named '%.64s'",
		lists[number].name.bytes);
	diag_related(diagnostics, lists[first].name.at, "this one counts");
	return true;
}

void check_lists(struct policy *policy, struct diagnostics *diagnostics)
{
	names_sort(&policy->list_names, diagnostics->arena, policy->lists.count ? &policy->lists.items->name : NULL,
		sizeof(*policy->lists.items), policy->lists.count);
	note_uses(policy);
	for (size_t i = 0; i < policy->lists.count; i++) {
		policy->lists.items[i].function = first_function(&policy->lists.items[i]);
		if (!is_repeated(policy, i, diagnostics))
			check_list(&policy->lists.items[i], diagnostics);
	}
}

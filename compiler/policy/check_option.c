// SPDX-License-Identifier: Apache-2.0
/* check_option.c - spec.options; see check.h. */
#include <limits.h>
#include <string.h>

#include "compiler/base/nearest.h"
#include "compiler/base/number.h"
#include "compiler/policy/check.h"

static void refuse_name(const struct policy_option *option, struct diagnostics *diagnostics)
{
	struct nearest nearest = { .name = option->name.bytes, .length = option->name.length };

	for (enum spec_option_id id = 0; id < SPEC_OPTION_COUNT; id++)
		nearest_try(&nearest, spec_option_rows[id].name);
	diag(diagnostics, DIAG_UNKNOWN_OPTION, option->name.at, "there is no option '%s'", option->name.bytes);
	if (!nearest.best)
		return;
	diag_help(diagnostics, "did you mean '%s'?", nearest.best);
	diag_replacement(diagnostics, nearest.best);
}

/* The number of the word, or -1; a number is 0 when it is one from 1. */
static int find_choice(const struct spec_option_row *row, const struct text *value)
{
	bool has_sign = value->length && *value->bytes == '+';
	struct number number;
	uint64_t ignored;

	if (!value->bytes)
		return -1;
	if (strcmp(row->choices, SPEC_OPTION_NUMBER))
		return words_find(row->choices, value->bytes, value->length);
	if (number_parse(value->bytes + has_sign, value->length - has_sign, NUMBER_DECIMAL, &number) ||
	    !number.magnitude || !number_to_unsigned(number, INT_MAX, &ignored))
		return -1;
	return 0;
}

/* Of a boolean option: its words are pairs, false first. */
static bool is_true(int choice)
{
	return choice & 1;
}

static void apply(struct policy *policy, enum spec_option_id id, int choice, struct span at)
{
	switch (id) {
	case SPEC_OPTION_POLICY_MODE:
		policy->mode = choice ? MODE_MONITOR : MODE_ENFORCE;
		break;
	case SPEC_OPTION_DISABLE_KPROBE_MULTI:
		policy->single_kprobes = is_true(choice);
		break;
	case SPEC_OPTION_DISABLE_UPROBE_MULTI:
		policy->single_uprobes = is_true(choice);
		break;
	case SPEC_OPTION_OVERRIDE_METHOD:
		policy->override_method = choice ? METHOD_OVERRIDE_RETURN : METHOD_FMOD_RET;
		policy->override_method_at = at;
		break;
	case SPEC_OPTION_SLEEPABLE_PRELOAD_SIZE:
		policy->preloads = true;
		policy->preloads_at = at;
		break;
	case SPEC_OPTION_COUNT:
		break;
	}
}

static void check_option(struct policy *policy, const struct policy_option *option, enum spec_option_id id,
			 struct diagnostics *diagnostics)
{
	const struct spec_option_row *row = &spec_option_rows[id];
	const struct text *value = &option->value;
	int choice = find_choice(row, value);

	if (row->support != SUPPORT_NOW)
		diag_later(diagnostics, option->name.at, "option '%s'", option->name.bytes);
	if (choice >= 0) {
		apply(policy, id, choice, value->at);
		return;
	}
	diag(diagnostics, DIAG_OPTION_VALUE, value->bytes ? value->at : option->name.at,
		value->bytes ? "option '%s' cannot be '%s'" : "option '%s' has no value", row->name, value->bytes);
	diag_help(diagnostics, strcmp(row->choices, SPEC_OPTION_NUMBER) ? "one of %s" : "%s, quoted", row->choices);
}

void check_options(struct policy *policy, struct diagnostics *diagnostics)
{
	const struct policy_option *seen[SPEC_OPTION_COUNT] = { 0 };

	for (size_t i = 0; i < policy->options.count; i++) {
		const struct policy_option *option = &policy->options.items[i];
		int id;

		if (option->broken)
			continue;
		id = spec_option_find(option->name.bytes, option->name.length);
		if (id < 0) {
			refuse_name(option, diagnostics);
			continue;
		}
		check_option(policy, option, (enum spec_option_id)id, diagnostics);
		if (seen[id]) {
			diag(diagnostics, DIAG_OPTION_REPEATED, option->name.at, "option '%s' is set twice",
				option->name.bytes);
			diag_related(diagnostics, seen[id]->name.at, "first set here, which has no effect");
		}
		seen[id] = option;
	}
}

/* ---- Texts that are waited for ---- */

/* Why not; NULL for one that is, or that is no text. */
static const char *unwaited(const struct policy_hook *hook, const struct policy_argument *argument)
{
	if (argument->broken || argument->type != TYPE_STRING)
		return NULL;
	if (hook->kind == HOOK_USDT)
		return "where an argument of a static probe is, is found when it is read";
	if (argument->resolve.bytes)
		return "it is where 'resolve' leads, which is found when it is read";
	return argument->source.bytes ? "it is no argument of the function" : NULL;
}

static size_t warn_unwaited(const struct policy_hook *hook, const struct policy_argument_list *list, struct diagnostics *diagnostics)
{
	size_t waited = 0;

	for (size_t n = 0; n < list->count; n++) {
		const struct policy_argument *argument = &list->items[n];
		const char *why = unwaited(hook, argument);

		if (why)
			diag(diagnostics, DIAG_TEXT_NOT_WAITED, argument->type_at, "'sleepable-preload-size' does not wait for this text: %s", why);
		else
			waited += !argument->broken && argument->type == TYPE_STRING;
	}
	return waited;
}

/* needs the types of arguments */
void check_preloads(const struct policy *policy, struct diagnostics *diagnostics)
{
	const size_t before = diagnostics->warnings;
	size_t waited = 0;

	for (size_t n = 0; policy->preloads && n < policy->hooks.count; n++) {
		const struct policy_hook *hook = &policy->hooks.items[n];
		const struct policy_argument *returned = hook->return_argument;

		if (hook->broken || (hook->kind != HOOK_UPROBE && hook->kind != HOOK_USDT))
			continue;
		waited += warn_unwaited(hook, &hook->arguments, diagnostics);
		warn_unwaited(hook, &hook->data, diagnostics);
		if (returned && !returned->broken && returned->type == TYPE_STRING)
			diag(diagnostics, DIAG_TEXT_NOT_WAITED, returned->type_at,
				"'sleepable-preload-size' does not wait for this text: it is what the function returns");
	}
	if (policy->preloads && !waited && diagnostics->warnings == before) {
		diag(diagnostics, DIAG_TEXT_NOT_WAITED, policy->preloads_at, "'sleepable-preload-size' waits for nothing here");
		diag_help(diagnostics, "it is about texts that functions of programs are given: arguments of type string, of uprobes");
	}
}

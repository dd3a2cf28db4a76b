// SPDX-License-Identifier: Apache-2.0
/*
 * draft.c - rules of the first draft of the kind (cilium/tetragon#2523), as rules of today; see rule.h.
 *
 * There all rules shared the programs of spec.selectors.  What went wrong there is refused here: a Block without programs, which denied nothing; and
 * what must not match is needed by all alternatives, not by one of them.
 */
#include <string.h>

#include "compiler/intent/rule.h"

enum { FULL, PREFIX, POSTFIX };		/* words of INTENT_DRAFT_PATTERN */

static void append(struct arena *arena, struct policy_value_list *to, struct span *to_at, const struct intent_draft_path *path)
{
	struct policy_value *items = arena_array(arena, struct policy_value, to->count + path->values.count);

	if (to->count)
		memcpy(items, to->items, to->count * sizeof(*items));
	memcpy(items + to->count, path->values.items, path->values.count * sizeof(*items));
	*to = (struct policy_value_list){ items, to->count + path->values.count };
	*to_at = path->values_at;
}

static void add_path(struct arena *arena, struct intent_paths *to, const struct intent_draft_path *path)
{
	if (path->pattern == FULL && !path->op)
		append(arena, &to->exact, &to->exact_at, path);
	else if (path->pattern == FULL)
		append(arena, &to->not_exact, &to->not_exact_at, path);
	else if (path->pattern == PREFIX && !path->op)
		append(arena, &to->prefix, &to->prefix_at, path);
	else if (path->pattern == PREFIX)
		append(arena, &to->not_prefix, &to->not_prefix_at, path);
	else if (!path->op)
		append(arena, &to->suffix, &to->suffix_at, path);
	else
		append(arena, &to->not_suffix, &to->not_suffix_at, path);
}

static struct intent_paths *paths_of(const struct intent_draft_executables *executables, struct arena *arena)
{
	struct intent_paths *paths = arena_new(arena, struct intent_paths);

	paths->at = executables->at;
	for (size_t n = 0; n < executables->paths.count; n++)
		add_path(arena, paths, &executables->paths.items[n]);
	return paths;
}

static void lower_rule(struct intent_rule *rule, const struct intent *intent, size_t number, struct arena *arena,
		       struct diagnostics *diagnostics)
{
	const struct intent_draft_selectors *selectors = intent->draft_selectors;
	const struct intent_draft_executables *executables = selectors ? selectors->executables : NULL;
	const bool blocks = rule->draft_execution->action;

	if (match_has_category(&rule->match)) {
		diag(diagnostics, DIAG_INTENT_CATEGORY, rule->draft_execution_at, "'executionConfig' beside a category of rules");
		diag_help(diagnostics, "write it as 'effect' and 'exec'");
		return;
	}
	if (!rule->id.bytes)
		rule->id = (struct text){ arena_format(arena, "execution-%zu", number + 1), 0, rule->at };
	rule->id.length = strlen(rule->id.bytes);
	rule->effect = blocks ? INTENT_DENY : INTENT_AUDIT;
	rule->effect_at = rule->draft_execution->action_at;
	if (blocks && (!executables || !executables->paths.count)) {
		diag(diagnostics, DIAG_INTENT_CATEGORY, rule->draft_execution->action_at, "'Block' without programs");
		diag_help(diagnostics, "name them in spec.selectors.executableSelector.matchPaths");
		return;
	}
	rule->match.exec = arena_new(arena, struct intent_exec);
	rule->match.exec->at = rule->match.exec_at = rule->draft_execution_at;
	if (executables)
		rule->match.exec->paths = paths_of(executables, arena);
}

void draft_lower(struct intent *intent, struct arena *arena, struct diagnostics *diagnostics)
{
	const struct intent_draft_selectors *selectors = intent->draft_selectors;

	if (selectors && selectors->pods && !intent->scope) {
		intent->scope = arena_new(arena, struct intent_scope);
		*intent->scope = (struct intent_scope){ .at = selectors->pods_at, .pods = selectors->pods, .pods_at = selectors->pods_at };
	} else if (selectors && selectors->pods) {
		diag(diagnostics, DIAG_INTENT_CATEGORY, selectors->pods_at, "'podSelector' beside 'scope'");
		diag_help(diagnostics, "write it as scope.pods");
	}
	for (size_t n = 0; n < intent->rules.count; n++) {
		const struct intent_rule *rule = &intent->rules.items[n];

		if (!rule->draft_execution && (!span_is_empty(rule->draft_type_at) || selectors)) {
			diag(diagnostics, DIAG_INTENT_CATEGORY, selectors ? selectors->at : rule->draft_type_at,
				selectors ? "'selectors' is for rules of the first draft: type and executionConfig" : "'type' without 'executionConfig'");
			diag_help(diagnostics, "write it as 'scope', and as 'exec' of each rule");
		}
		if (!rule->draft_execution)
			continue;
		if (span_is_empty(intent->mode_at))	/* there were no modes: Block blocks */
			intent->mode = INTENT_ENFORCE;
		lower_rule(&intent->rules.items[n], intent, n, arena, diagnostics);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* check_selector.h - the parts of check_selectors(), each in a file of its own.  Private to compiler/policy. */
#ifndef COMPILER_POLICY_CHECK_SELECTOR_H
#define COMPILER_POLICY_CHECK_SELECTOR_H

#include "compiler/base/diagnostics.h"
#include "compiler/policy/policy.h"

/* What stands around a selector. */
struct selector_scope {
	const struct policy *policy;
	const struct policy_hook *hook;
	struct diagnostics *diagnostics;
};

/* Lists of filters of one shape, and where they stand. */
enum filter_place { FILTERS_ARGUMENTS, FILTERS_DATA, FILTERS_RETURN };
void check_argument_filters(const struct selector_scope *scope, struct policy_argument_filter_list *filters,
			    enum filter_place place);
void check_process_filters(const struct selector_scope *scope, struct policy_selector *selector);
enum action_place { ACTIONS_ENTRY, ACTIONS_RETURN };
void check_actions(const struct selector_scope *scope, struct policy_action_list *actions, enum action_place place);

/* What belongs to single actions; `action` stands in the list for entries. */
void check_override(const struct selector_scope *scope, const struct policy_action *action);
void check_rate_limit(const struct selector_scope *scope, const struct policy_action *action);

/* Filters that are right one by one, and wrong together.  Only warns. */
void check_selectors_together(const struct selector_scope *scope);

/* Sets of values beyond what Tetragon has maps for.  Only warns. */
void check_tetragon_maps(const struct selector_scope *scope);

/* A filter without values: an error where Tetragon takes anything, or nothing, to match. */
void refuse_no_values(const struct selector_scope *scope, struct span values_at, struct span at);

#endif

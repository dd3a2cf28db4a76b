/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intent.h - RuntimeSecurityPolicies to policies: what is to be protected, to the hooks where it is.
 *
 * Each becomes one policy of the same name, whose parts have the spans of the rules that they come from: so that whatever is wrong with it is said
 * of the user's own line.  It may mix kinds of hooks, which a TracingPolicy may not (policy.of_rules).
 */
#ifndef COMPILER_INTENT_INTENT_H
#define COMPILER_INTENT_INTENT_H

#include "compiler/base/diagnostics.h"
#include "compiler/policy/host.h"
#include "compiler/policy/intent.h"

/* Whether the text is a day, as 2026-11-27. */
bool intent_is_day(const char *text);

/* What is told of the world. */
struct intending {
	const char *today;			/* exceptions that end before it are warned of; NULL: none are */
	const struct policy_profiles *profiles;	/* NULL: policies that name profiles are refused */
	bool for_tetragon;			/* what no TracingPolicy can say is refused, too */
};

/* Adds a policy for each to `policies`; what is wrong is recorded, and its policy then marked broken. */
void intents_lower(struct intent_list *intents, const struct intending *intending, struct arena *arena, struct diagnostics *diagnostics,
		   struct policy_list *policies);

#endif

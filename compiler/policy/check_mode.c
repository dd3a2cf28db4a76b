// SPDX-License-Identifier: Apache-2.0
/* check_mode.c - what policy-mode makes of the actions; see check.h. */
#include <string.h>

#include "compiler/policy/check.h"

static const struct policy_option *mode_option(const struct policy *policy)
{
	const struct policy_option *found = NULL;

	for (size_t i = 0; i < policy->options.count; i++) {
		const struct policy_option *option = &policy->options.items[i];

		if (!option->broken && option->value.bytes &&
		    !strcmp(option->name.bytes, spec_option_rows[SPEC_OPTION_POLICY_MODE].name))
			found = option;
	}
	return found;
}

void check_mode(const struct policy *policy, struct diagnostics *diagnostics)
{
	const struct policy_option *option = mode_option(policy);

	if (!option || policy->broken || !policy->hooks.count)
		return;
	if (!policy->enforces && !strcmp(option->value.bytes, "enforce"))
		diag(diagnostics, DIAG_MODE, option->value.at, "the policy has no action that enforces");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h - rules that need more than one field, or the meaning of a value.
 *
 * Completes the policies: values get their forms, filters their positions, policies mode and `enforces`, raw
 * tracepoints their kind.  Parts that decode left broken are passed over.
 */
#ifndef COMPILER_POLICY_CHECK_H
#define COMPILER_POLICY_CHECK_H

#include "compiler/policy/policy.h"
#include "compiler/base/diagnostics.h"

/* 0, or -EINVAL when errors were recorded. */
int policy_check(struct policy_list *policies, struct diagnostics *diagnostics);

/* The parts of policy_check, each in a file of its own; what is wrong is recorded. */
void check_metadata(const struct policy *policy, struct diagnostics *diagnostics);
void check_options(struct policy *policy, struct diagnostics *diagnostics);
void check_hook(struct policy_hook *hook, struct diagnostics *diagnostics);
/* Once policy->enforces is known. */
void check_mode(const struct policy *policy, struct diagnostics *diagnostics);

/* Selectors of a hook that check_hook() has seen; policy->enforces is known. */
void check_selectors(const struct policy *policy, struct policy_hook *hook, struct diagnostics *diagnostics);

#endif

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
void check_scope(const struct policy *policy, struct diagnostics *diagnostics);
void check_options(struct policy *policy, struct diagnostics *diagnostics);
void check_preloads(const struct policy *policy, struct diagnostics *diagnostics);
void check_macros(struct policy *policy, struct diagnostics *diagnostics);
void check_lists(struct policy *policy, struct diagnostics *diagnostics);
void check_enforcers(const struct policy *policy, struct diagnostics *diagnostics);
void check_hook(struct policy *policy, struct policy_hook *hook, struct diagnostics *diagnostics);
void check_repeated_hooks(const struct policy *policy, struct diagnostics *diagnostics);

/* Of check_hook. */
void check_hook_arguments(const struct policy_hook *hook, struct diagnostics *diagnostics);
void check_hook_return(const struct policy_hook *hook, struct diagnostics *diagnostics);
void check_uprobe(const struct policy_hook *hook, struct diagnostics *diagnostics);
void check_prototype(const struct policy_hook *hook, struct diagnostics *diagnostics);

/* Of the functions that ask LSMs. */
bool is_security_function(const struct text *name);

/* False: an LSM hook, or the function of one, that returns nothing; of other functions it is not known. */
bool hook_has_result(const struct policy_hook *hook);

/* Values of a filter whose meaning differs from kernel to kernel.  Only warns. */
void check_numbers(const struct policy_hook *hook, const struct policy_argument_filter *filter,
		   struct diagnostics *diagnostics);

void check_advice(const struct policy_hook *hook, struct diagnostics *diagnostics);

/* Once its selectors have been found to be right. */
void check_unfiltered(const struct policy *policy, const struct policy_hook *hook, struct diagnostics *diagnostics);

/* Once policy->enforces is known. */
void check_mode(const struct policy *policy, struct diagnostics *diagnostics);

/* Selectors of a hook that check_hook() has seen; policy->enforces is known. */
void check_selectors(const struct policy *policy, struct policy_hook *hook, struct diagnostics *diagnostics);

/* Adds what the macros of the selector hold, which check_macros must have seen. */
void expand_macros(struct policy *policy, struct policy_selector *selector, struct diagnostics *diagnostics);

/* matchWorkloads of a selector; NULL is none. */
void check_workloads(const struct policy_workloads *workloads, struct diagnostics *diagnostics);
/* NULL is right. */
void check_label_selector(const struct policy_label_selector *selector, struct diagnostics *diagnostics);

/* rateLimit, capped at the largest number; 0 when there is none. */
uint32_t rate_limit_milliseconds(const struct text *written);

/* A number that is the same in every type of its size and sign: of filters whose type only the target knows. */
bool value_is_plain_number(const struct policy_value *value, uint64_t *ret);

/* ---- list:NAME, once check_lists has run ---- */

#define LIST_PREFIX "list:"
bool is_list_reference(const struct text *text);
/* NULL when there is no such list; refuse_list says so. */
struct policy_name_list *policy_find_list(const struct policy *policy, const struct text *reference);
void refuse_list(const struct policy *policy, const struct text *reference, struct diagnostics *diagnostics);
bool list_is_of_syscalls(const struct policy_name_list *list);	/* written or generated */
bool list_is_generated(const struct policy_name_list *list);	/* of either kind */

#endif

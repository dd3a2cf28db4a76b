/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit.h - a policy made of rules as TracingPolicies that Tetragon loads: readable, always the same, within its limits.
 *
 * Tetragon has one section in a policy, five selectors of a hook, five filters of a selector, and no negation but that of operators: exceptions become
 * negated filters where that means the same, and selectors that come first where it does not; what is denied is spread over several hooks where
 * it does not fit into one.  What cannot be said so is an error at the user's line (TP707), never left out.
 */
#ifndef COMPILER_INTENT_EMIT_H
#define COMPILER_INTENT_EMIT_H

#include <stdbool.h>

#include "compiler/base/buffer.h"
#include "compiler/base/diagnostics.h"
#include "compiler/policy/policy.h"

/* Adds the documents of one policy (policy.of_rules, checked) to `ret`.  0, or -EINVAL with diagnostics. */
int intent_emit(const struct policy *policy, struct arena *arena, struct diagnostics *diagnostics, struct buffer *ret);

/* The function of the kernel that asks LSM hooks of the name: of the arena, or a constant. */
const char *intent_function(struct arena *arena, const char *hook);

/* Which argument of that function an argument of the hook is. */
uint32_t intent_function_index(const char *hook, uint32_t index);

/* Whether the kernel's function is the one that asks LSM hooks of that name. */
bool intent_is_function(const char *function, const char *hook);

#endif

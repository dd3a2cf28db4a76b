/* SPDX-License-Identifier: Apache-2.0 */
/* fold.h - selectors of a hook within Tetragon's limits. */
#ifndef COMPILER_INTENT_FOLD_H
#define COMPILER_INTENT_FOLD_H

#include "compiler/base/arena.h"
#include "compiler/base/diagnostics.h"
#include "compiler/policy/policy.h"

/* Whether it does nothing but let pass, before other selectors are asked. */
bool selector_passes(const struct policy_selector *selector);

/* The selectors of one hook entry each. */
struct folded { struct policy_selector_list *items; size_t count; };

/*
 * What passes is folded into what follows where one negated filter says it; the rest comes first.  More than fit are spread over several entries, each
 * with all that passes: which is right for what is denied one by one, and refused where everything else is denied.
 */
int selectors_fold(const struct policy_hook *hook, struct arena *arena, struct diagnostics *diagnostics, struct folded *ret);

#endif

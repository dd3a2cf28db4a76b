/* SPDX-License-Identifier: Apache-2.0 */
/* nodes.h - label selectors of nodes, together and the other way round. */
#ifndef COMPILER_INTENT_NODES_H
#define COMPILER_INTENT_NODES_H

#include "compiler/base/arena.h"
#include "compiler/policy/policy.h"

/* What both of them select; either may be NULL, and then it is the other one.  It borrows from both. */
const struct policy_label_selector *labels_both(struct arena *arena, const struct policy_label_selector *a, const struct policy_label_selector *b);

size_t labels_count(const struct policy_label_selector *selector);
bool labels_equal(const struct policy_label_selector *a, const struct policy_label_selector *b);

#endif

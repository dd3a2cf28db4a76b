/* SPDX-License-Identifier: Apache-2.0 */
/* scope.h - to which processes something applies; for explain*.c. */
#ifndef COMPILER_EXPLAIN_SCOPE_H
#define COMPILER_EXPLAIN_SCOPE_H

#include "compiler/base/buffer.h"
#include "compiler/selector/ir.h"

/* "of pods with app=web, in containers with name=db, or outside of pods". */
void explain_workloads(const struct policy_workloads *workloads, struct buffer *ret);

/* The same for a whole policy, its namespace included; nothing and false when it applies to every process. */
bool explain_scope(const struct ir_policy *policy, struct buffer *ret);

/* "app=web and tier is a or b"; "any label" when nothing is asked for. */
void explain_labels(const struct policy_label_selector *selector, struct buffer *ret);

#endif

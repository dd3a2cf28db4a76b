/* SPDX-License-Identifier: Apache-2.0 */
/* plan_choose.h - what plan.c and plan_choose.c share. */
#ifndef RUNTIME_PLAN_CHOOSE_H
#define RUNTIME_PLAN_CHOOSE_H

#include "runtime/plan.h"

/* Bits of what it takes to wait for texts that are not in memory. */
#define FEATURES_OF_TEXTS	(FEATURE_BIT(UPROBE_SLEEPABLE) | FEATURE_BIT(UPROBE_ORDER))

#define WATCHED_RETURN "its return is watched, too, which cannot be when it is made to return, or its stack pointer is changed"

/* "this kernel, or this process, has no ... (Operation not supported); do this"; arena. */
const char *plan_lacks(struct arena *arena, const struct features *features, enum feature feature);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget.h - how much work proofs may take.
 *
 * A step is about one comparison.  Once the budget is spent nothing is proved any more: what a question answered after that
 * must not be used.
 */
#ifndef COMPILER_SELECTOR_BUDGET_H
#define COMPILER_SELECTOR_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

enum { BUDGET_STEPS = 1 << 24 };	/* of one compilation: a tenth of a second */

struct budget { size_t left; };

static inline void budget_spend(struct budget *budget, size_t steps)
{
	budget->left = steps < budget->left ? budget->left - steps : 0;
}

static inline bool budget_is_spent(const struct budget *budget)
{
	return !budget->left;
}

#endif

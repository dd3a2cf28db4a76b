/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwarf_budget.h - how much work is left: entries, attributes, rows and ranges that may still be read.
 *
 * Files can be made so that few bytes cost much, since many entries may refer to one list.  Work is counted for each unit and for the file
 * (LIMIT_DWARF_UNIT_STEPS, LIMIT_DWARF_STEPS); where it ends, what was not read is damaged.
 */
#ifndef SYMBOLIZE_DWARF_BUDGET_H
#define SYMBOLIZE_DWARF_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct dwarf_budget { int64_t unit, total; };

static inline bool budget_take(struct dwarf_budget *budget, int64_t steps)
{
	budget->unit -= steps;
	budget->total -= steps;
	return budget->unit > 0 && budget->total > 0;
}

static inline bool budget_is_spent(const struct dwarf_budget *budget)
{
	return budget->unit <= 0 || budget->total <= 0;
}

#endif

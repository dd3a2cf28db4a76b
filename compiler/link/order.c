// SPDX-License-Identifier: Apache-2.0
/*
 * order.c - in which order a selector's predicates are asked; see merge.h.
 *
 * A selector is an AND in which unknown counts as no, so that the order cannot change what it says.  Selectors stay in the order
 * of the policy: the first that holds decides.
 */
#include "compiler/image/loads.h"
#include "compiler/link/merge.h"

/* Nanoseconds that a predicate takes once its value was read, about: see docs/performance.md. */
static const uint32_t form_costs[FORM_COUNT] = {
	[FORM_LOOKUP] = COST_LOOKUP, [FORM_CONDITION] = COST_EXPRESSION, [FORM_SCOPE] = COST_SCOPE, [FORM_HOST] = 10,
};

static uint32_t cost_of(const struct merged_step *step)
{
	uint32_t cost = load_rows[step->load].cost + form_costs[step->form];

	if (step->form == FORM_LOOKUP && step->lookup->op == ABI_OP_BINARY)
		cost += who_costs[step->lookup->slot];
	if (step->form == FORM_LOOKUP && step->lookup->op == ABI_OP_LINEAGE)
		cost += COST_LINEAGE;
	for (size_t n = 0; n < step->part_count; n++)
		cost += cost_of(&step->parts[n]);
	return cost;
}

/* Of two that cost the same, the one goes first that fewer events satisfy, as far as the form tells. */
static uint32_t rank(const struct merged_step *step)
{
	static const uint8_t ranks[FORM_COUNT] = {
		[FORM_POINTS] = 0, [FORM_INTERVAL] = 1, [FORM_LOOKUP] = 1, [FORM_PARTS] = 1, [FORM_MASK] = 2, [FORM_READABLE] = 8,
	};

	return step->predicate->negated ? 4u : ranks[step->form];
}

static bool goes_before(const struct merged_step *a, const struct merged_step *b)
{
	uint32_t x = cost_of(a), y = cost_of(b);

	return x != y ? x < y : rank(a) < rank(b);
}

/* Insertion keeps equals in the order of the policy. */
static void sort_steps(struct merged_step *steps, size_t count)
{
	for (size_t n = 1; n < count; n++) {
		struct merged_step one = steps[n];
		size_t at = n;

		for (; at && goes_before(&one, &steps[at - 1]); at--)
			steps[at] = steps[at - 1];
		steps[at] = one;
	}
}

void order_hook(struct merged_hook *hook)
{
	for (size_t e = 0; e < hook->entry_count; e++)
		for (size_t s = 0; s < hook->entries[e]->selector_count; s++) {
			struct merged_selector *selector = &hook->entries[e]->selectors[s];

			sort_steps(selector->steps, selector->step_count);
			sort_steps(selector->return_steps, selector->return_step_count);
		}
}

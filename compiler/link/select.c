// SPDX-License-Identifier: Apache-2.0
/*
 * select.c - how each predicate is answered, and in which order; see merge.h.
 *
 * One or two numbers and one interval are compared right in the program; anything larger is a row of a table that
 * all policies of the hook share.  Cheap predicates go first: a selector is an AND in which unknown counts as no,
 * so that the order cannot change what it says.
 */
#include "compiler/link/merge.h"

#include <errno.h>

/* ---- Rows ---- */

static bool find_row(const struct merged_lookup *lookup, const struct ir_predicate *predicate, uint32_t *ret)
{
	for (uint32_t row = 0; row < lookup->row_count; row++)
		if (ir_set_equal(lookup->rows[row], predicate)) {
			*ret = row;
			return true;
		}
	return false;
}

static void add_row(struct merged_lookup *lookup, const struct ir_predicate *predicate, struct merged_step *step)
{
	step->lookup = lookup;
	if (find_row(lookup, predicate, &step->row))
		return;
	step->row = (uint32_t)lookup->row_count;
	lookup->rows[lookup->row_count++] = predicate;
}

static const char *policy_name(const struct merged *merged, uint32_t policy)
{
	return merged->policies[policy].ir.name.bytes;
}

/* The one table of the host: its rows are kept with every process. */
static int add_binary_row(struct merged *merged, uint32_t policy, struct merged_step *step)
{
	uint32_t row;

	if (merged->binaries.row_count == ABI_ROWS_MAX && !find_row(&merged->binaries, step->predicate, &row))
		return merge_fail(merged, -E2BIG,
				  "policy '%s': the policies of a host can have %u different matchBinaries lists, this one is too many",
				  policy_name(merged, policy), ABI_ROWS_MAX);
	add_row(&merged->binaries, step->predicate, step);
	return 0;
}

/* A table of the slot that has the set already, or else room for it; or a new one. */
static struct merged_lookup *find_lookup(struct merged *merged, struct merged_hook *hook, uint8_t op,
					 const struct merged_step *step)
{
	struct merged_lookup *with_room = NULL;
	uint32_t row;

	for (size_t n = 0; n < hook->lookup_count; n++) {
		struct merged_lookup *lookup = hook->lookups[n];

		if (lookup->op != op || lookup->slot != step->slot)
			continue;
		if (find_row(lookup, step->predicate, &row))
			return lookup;
		if (lookup->row_count < ABI_ROWS_MAX)
			with_room = lookup;
	}
	if (with_room || hook->lookup_count == ABI_REGISTERS_MAX)
		return with_room;
	with_room = arena_new(merged->arena, struct merged_lookup);
	*with_room = (struct merged_lookup){ .op = op, .slot = step->slot, .reg = (uint8_t)hook->lookup_count };
	hook->lookups[hook->lookup_count++] = with_room;
	return with_room;
}

static int add_lookup_row(struct merged *merged, struct merged_hook *hook, uint32_t policy, uint8_t op,
			  struct merged_step *step)
{
	struct merged_lookup *lookup = find_lookup(merged, hook, op, step);

	if (!lookup)
		return merge_fail(merged, -E2BIG, "policy '%s': %s would need more than %u look-up tables",
				  policy_name(merged, policy), hook->key, ABI_REGISTERS_MAX);
	add_row(lookup, step->predicate, step);
	return 0;
}

/* ---- Forms ---- */

static bool is_point(struct ir_interval interval)
{
	return interval.low == interval.high;
}

static enum merged_form intervals_form(const struct ir_interval_list *list)
{
	if (list->count == 1)
		return is_point(list->items[0]) ? FORM_POINTS : FORM_INTERVAL;
	if (list->count == 2 && is_point(list->items[0]) && is_point(list->items[1]))
		return FORM_POINTS;
	return FORM_LOOKUP;
}

static bool load_is_string(uint8_t load)
{
	return load >= ABI_LOAD_STRING && load <= ABI_LOAD_BINPRM;
}

static enum merged_form form_of(const struct ir_predicate *predicate, uint8_t load)
{
	switch (predicate->test) {
	case IR_READABLE:	/* bytes are readable when they have an empty prefix */
		return load_is_string(load) || predicate->subject == IR_BINARY ? FORM_LOOKUP : FORM_READABLE;
	case IR_INTERVALS:
		return intervals_form(&predicate->intervals);
	case IR_MASK:
		return FORM_MASK;
	default:
		return FORM_LOOKUP;
	}
}

static uint8_t lookup_op(enum ir_test test)
{
	return test == IR_INTERVALS ? ABI_OP_INTERVALS : test == IR_NETWORKS ? ABI_OP_ADDRESS : ABI_OP_STRING;
}

/* READABLE bytes as a pattern that everything satisfies. */
static const struct ir_predicate *as_row(struct arena *arena, const struct ir_predicate *predicate)
{
	struct ir_predicate *row;

	if (predicate->test != IR_READABLE)
		return predicate;
	row = arena_new(arena, struct ir_predicate);
	*row = *predicate;
	row->test = IR_STRINGS;
	row->patterns.items = arena_new(arena, struct ir_pattern);
	row->patterns.items[0] = (struct ir_pattern){ ABI_STRING_PREFIX, 0, "" };
	row->patterns.count = 1;
	return row;
}

/* ---- Order ---- */

/* What it takes to read the value, roughly by measured time. */
static const uint8_t load_costs[] = {
	[ABI_LOAD_NONE] = 2,	/* the process */
	[ABI_LOAD_SOCKADDR] = 3,
	[ABI_LOAD_STRING] = 4, [ABI_LOAD_FILENAME] = 5,
	[ABI_LOAD_FILE] = 6, [ABI_LOAD_PATH] = 6, [ABI_LOAD_BINPRM] = 6,
	[ABI_LOAD_PID] = 0,	/* like all integers */
};

static unsigned int cost(const struct merged_step *step)
{
	return 2u * load_costs[step->load] + (step->form == FORM_LOOKUP);
}

/* Insertion keeps equals in the order of the policy. */
static void sort_steps(struct merged_selector *selector)
{
	for (size_t n = 1; n < selector->step_count; n++) {
		struct merged_step one = selector->steps[n];
		size_t at = n;

		for (; at && cost(&selector->steps[at - 1]) > cost(&one); at--)
			selector->steps[at] = selector->steps[at - 1];
		selector->steps[at] = one;
	}
}

/* ---- Selectors ---- */

static int find_slot(struct merged *merged, struct merged_hook *hook, const struct merged_entry *entry,
		     struct merged_step *step)
{
	const struct abi_slot pid = { ABI_LOAD_PID, ABI_SOURCE_TASK, 0, 0, 0 };

	if (step->predicate->subject == IR_PID)
		return merge_slot(merged, hook, entry->policy, NULL, pid, &step->slot);
	if (step->predicate->subject == IR_ARGUMENT)
		step->slot = entry->slots[step->predicate->position];
	return 0;
}

static int select_step(struct merged *merged, struct merged_hook *hook, const struct merged_entry *entry,
		       const struct ir_predicate *predicate, struct merged_step *step)
{
	int error;

	step->predicate = predicate;
	step->load = ir_predicate_load(entry->ir, predicate);
	step->form = form_of(predicate, step->load);
	error = find_slot(merged, hook, entry, step);
	if (error || step->form != FORM_LOOKUP)
		return error;
	step->predicate = as_row(merged->arena, predicate);
	if (predicate->subject == IR_BINARY)
		return add_binary_row(merged, entry->policy, step);
	return add_lookup_row(merged, hook, entry->policy, lookup_op(step->predicate->test), step);
}

static int select_selector(struct merged *merged, struct merged_hook *hook, const struct merged_entry *entry,
			   const struct ir_selector *ir, struct merged_selector *ret)
{
	*ret = (struct merged_selector){
		ir, arena_array(merged->arena, struct merged_step, ir->predicates.count), ir->predicates.count
	};
	for (size_t n = 0; n < ret->step_count; n++) {
		int error;

		ret->steps[n].number = (uint32_t)n;
		error = select_step(merged, hook, entry, &ir->predicates.items[n], &ret->steps[n]);
		if (error)
			return error;
	}
	sort_steps(ret);
	return 0;
}

int merge_select(struct merged *merged, struct merged_hook *hook, struct merged_entry *entry)
{
	const struct ir_selector_list *list = &entry->ir->selectors;
	int error = 0;

	entry->selectors = arena_array(merged->arena, struct merged_selector, list->count);
	entry->selector_count = list->count;
	for (size_t n = 0; n < list->count && !error; n++)
		error = select_selector(merged, hook, entry, &list->items[n], &entry->selectors[n]);
	return error;
}

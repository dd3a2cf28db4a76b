// SPDX-License-Identifier: Apache-2.0
/* emit_steps.c - a predicate to the records that answer it; see emit.h. */
#include "compiler/link/emit.h"

/* Where a step goes: `in` when its set holds the value, `out` when not, `fail` when that is unknown. */
struct sides { label in, out, fail; };

/* ---- Numbers ---- */

static void add_points(struct program *program, const struct merged_step *step, struct sides sides)
{
	const struct ir_interval_list *list = &step->predicate->intervals;

	for (size_t n = 0; n < list->count; n++) {
		label next = n + 1 < list->count ? program_label(program) : sides.out;

		program_add(program, ABI_OP_EQUAL, step->slot, ir_key(list->items[n].low, step->domain.is_signed),
			    (struct program_targets){ sides.in, next, sides.fail });
		if (next != sides.out)
			program_place(program, next);
	}
}

/* The end of the domain needs no bound. */
static void add_interval(struct program *program, uint8_t slot, struct ir_domain domain, struct ir_interval interval,
			 struct sides sides)
{
	const bool is_signed = domain.is_signed, above = interval.low != domain.keys.low,
		   below = interval.high != domain.keys.high;
	label next = above && below ? program_label(program) : sides.in;

	if (above)
		program_add(program, is_signed ? ABI_OP_GREATER_SIGNED : ABI_OP_GREATER, slot,
			    ir_key(interval.low - 1, is_signed), (struct program_targets){ next, sides.out, sides.fail });
	if (above && below)
		program_place(program, next);
	if (below)
		program_add(program, is_signed ? ABI_OP_LESS_SIGNED : ABI_OP_LESS, slot, ir_key(interval.high + 1, is_signed),
			    (struct program_targets){ sides.in, sides.out, sides.fail });
}

static void add_mask(struct program *program, const struct merged_step *step, uint64_t mask, label yes, label no, label fail)
{
	program_add(program, ABI_OP_MASK, step->slot, mask, (struct program_targets){ yes, no, fail });
}

/* Some bit is set, but none of the mask. */
static void add_others(struct program *program, const struct merged_step *step, struct sides sides)
{
	label next = program_label(program);

	add_mask(program, step, step->predicate->mask, sides.out, next, sides.fail);
	program_place(program, next);
	add_mask(program, step, ~step->predicate->mask, sides.in, sides.out, sides.fail);
}

/* ---- Look-ups ---- */

/* Whether numbers far from all of the table's are worth a comparison: it costs less, and needs no working memory. */
static bool find_hull(const struct merged_lookup *lookup, uint32_t first, uint32_t last, struct ir_interval *ret)
{
	bool any = false;

	for (uint32_t row = first; row <= last; row++) {
		const struct ir_interval_list *list = &lookup->rows->items[row]->intervals;

		for (size_t n = 0; n < list->count; n++) {
			if (!any || list->items[n].low < ret->low)
				ret->low = list->items[n].low;
			if (!any || list->items[n].high > ret->high)
				ret->high = list->items[n].high;
			any = true;
		}
	}
	return any;
}

static void add_hull(struct program *program, const struct merged_lookup *lookup, struct ir_domain domain, uint32_t first,
		     uint32_t last, struct sides sides)
{
	struct ir_interval hull = { 0, 0 };
	label next;

	if (program->emit->merged->plain || lookup->op != ABI_OP_INTERVALS || !find_hull(lookup, first, last, &hull) ||
	    (hull.low == domain.keys.low && hull.high == domain.keys.high))
		return;
	next = program_label(program);
	add_interval(program, lookup->slot, domain, hull, (struct sides){ next, sides.out, sides.fail });
	program_place(program, next);
}

static uint64_t operand(const struct program *program, const struct merged_lookup *lookup, uint32_t first, uint32_t last)
{
	return ABI_LOOKUP_ROWS(program->emit->tables[program->hook][lookup->reg], lookup->reg, first, last) |
	       (lookup->destination ? ABI_LOOKUP_DESTINATION : 0);
}

static void add_lookup(struct program *program, const struct merged_step *step, struct sides sides)
{
	const struct merged_lookup *lookup = step->lookup;

	add_hull(program, lookup, step->domain, step->row, step->row, sides);
	program_add(program, lookup->op, lookup->slot, operand(program, lookup, step->row, step->row),
		    (struct program_targets){ sides.in, sides.out, sides.fail });
}

static struct ir_domain domain_of(const struct merged_lookup *lookup)
{
	return (struct ir_domain){ lookup->is_signed, { 0, UINT64_MAX } };
}

void emit_range(struct program *program, const struct merged_lookup *lookup, uint32_t first, uint32_t last, label in,
		label out)
{
	add_hull(program, lookup, domain_of(lookup), first, last, (struct sides){ in, out, in });
	program_add(program, lookup->op, lookup->slot, operand(program, lookup, first, last),
		    (struct program_targets){ in, out, in });
}

/* ---- Conditions ---- */

static void add_predicate(struct program *program, const struct merged_step *step, label pass, label out, label fail);

/*
 * `negated`: goes to `no` where the condition holds.  A leaf that is unknown is one that does not hold, negated or not: see struct
 * ir_condition.
 */
static void add_condition(struct program *program, const struct merged_condition *condition, bool negated, label yes,
			  label no)
{
	const struct ir_condition *ir = condition->ir;
	const bool all = (ir->kind == IR_ALL) != negated;	/* the negation of one is the other of negated parts */

	if (ir->kind == IR_ASK) {
		add_predicate(program, &condition->step, negated ? no : yes, negated ? yes : no, no);
		return;
	}
	if (ir->kind == IR_COMPARE) {
		program_add(program, ABI_OP_EXPRESSION, 0, condition->expression,
			    (struct program_targets){ negated ? no : yes, negated ? yes : no, no });
		return;
	}
	if (!ir->count)
		program_add(program, ABI_OP_JUMP, 0, 0, (struct program_targets){ all ? yes : no, 0, 0 });
	for (size_t n = 0; n < ir->count; n++) {
		const bool last = n + 1 == ir->count;
		label next = last ? all ? yes : no : program_label(program);

		add_condition(program, &condition->parts[n], negated != ir->parts[n].negated, all ? next : yes,
			      all ? no : next);
		if (!last)
			program_place(program, next);
	}
}

/* ---- Steps ---- */

static void add_host(struct program *program, const struct merged_step *step, struct sides sides)
{
	label next = step->other ? program_label(program) : sides.out;

	program_add(program, ABI_OP_EQUAL, step->host_slot, 1, (struct program_targets){ sides.in, next, sides.fail });
	if (!step->other)
		return;
	program_place(program, next);
	add_predicate(program, step->other, sides.in, sides.out, sides.fail);
}

/* One part has to hold the value; where none does, all must be known to say so.  Behind one that is unknown, `out` is unknown. */
static void add_parts(struct program *program, const struct merged_step *step, size_t first, struct sides sides)
{
	label next, unknown;

	if (first + 1 == step->part_count) {
		add_lookup(program, &step->parts[first], sides);
		return;
	}
	next = program_label(program);
	unknown = sides.out == sides.fail ? next : program_label(program);
	add_lookup(program, &step->parts[first], (struct sides){ sides.in, next, unknown });
	if (unknown != next) {
		program_place(program, unknown);
		add_parts(program, step, first + 1, (struct sides){ sides.in, sides.fail, sides.fail });
	}
	program_place(program, next);
	add_parts(program, step, first + 1, sides);
}

static void add_set(struct program *program, const struct merged_step *step, struct sides sides)
{
	const struct program_targets targets = { sides.in, sides.out, sides.fail };

	switch (step->form) {
	case FORM_NEVER:
		program_add(program, ABI_OP_JUMP, 0, 0, (struct program_targets){ sides.out, 0, 0 });
		break;
	case FORM_READABLE:
		program_add(program, ABI_OP_EQUAL, step->slot, 0, (struct program_targets){ sides.in, sides.in, sides.fail });
		break;
	case FORM_POINTS:
		add_points(program, step, sides);
		break;
	case FORM_INTERVAL:
		add_interval(program, step->slot, step->domain, step->predicate->intervals.items[0], sides);
		break;
	case FORM_MASK:
		add_mask(program, step, step->predicate->mask, sides.in, sides.out, sides.fail);
		break;
	case FORM_LOOKUP:
		add_lookup(program, step, sides);
		break;
	case FORM_HOST:
		add_host(program, step, sides);
		break;
	case FORM_OTHERS:
		add_others(program, step, sides);
		break;
	case FORM_GAINED:
		program_add(program, ABI_OP_GAINED, step->slot, step->other_slot, targets);
		break;
	case FORM_CONDITION:
		add_condition(program, step->condition, step->condition->ir->negated, sides.in, sides.fail);
		break;
	case FORM_SCOPE:
		program_add(program, ABI_OP_SCOPE, 0, step->scope, targets);
		break;
	case FORM_PARTS:
		add_parts(program, step, 0, sides);
		break;
	}
}

/* To `pass` when the predicate, negated or not, holds; to `out` when it does not. */
static void add_predicate(struct program *program, const struct merged_step *step, label pass, label out, label fail)
{
	const bool negated = step->predicate->negated;
	label set_pass = step->outside_host ? program_label(program) : pass;

	add_set(program, step, (struct sides){ negated ? out : set_pass, negated ? set_pass : out, fail });
	if (!step->outside_host)
		return;
	program_place(program, set_pass);
	program_add(program, ABI_OP_EQUAL, step->host_slot, 0, (struct program_targets){ pass, out, fail });
}

void emit_step(struct program *program, const struct merged_step *step, label pass, label fail)
{
	add_predicate(program, step, pass, fail, fail);
}

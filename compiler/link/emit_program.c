// SPDX-License-Identifier: Apache-2.0
/*
 * emit_program.c - decision programs: for each policy of a hook its selectors in order, each a run of
 * records that ends in an ACCEPT; see emit.h.
 *
 * A record that fails its selector goes to the next selector, after the last to the next policy; so does
 * an ACCEPT, for the first selector that holds decides.
 */
#include "compiler/link/emit.h"

#include <errno.h>

struct program {
	struct emit *emit;
	size_t hook;			/* number of the hook */
	struct abi_record *records;
	uint32_t count;
	uint32_t first_step;		/* bytes of emit->steps before this program */
};

static struct ir_interval domain_of(const struct merged_step *step)
{
	return ir_load_domain(step->load);
}

static uint32_t step_size(const struct merged_step *step)
{
	const struct ir_interval_list *list = &step->predicate->intervals;

	if (step->form == FORM_POINTS)
		return (uint32_t)list->count;
	if (step->form == FORM_INTERVAL)
		return list->items[0].low != domain_of(step).low && list->items[0].high != domain_of(step).high ? 2 : 1;
	return 1;
}

static uint32_t selector_size(const struct merged_selector *selector)
{
	uint32_t size = 1;

	for (size_t n = 0; n < selector->step_count; n++)
		size += step_size(&selector->steps[n]);
	return size;
}

static uint32_t entry_size(const struct merged_entry *entry)
{
	uint32_t size = 0;

	for (size_t n = 0; n < entry->selector_count; n++)
		size += selector_size(&entry->selectors[n]);
	return size;
}

/* ---- Steps ---- */

/* Where a step goes: `in` when its set holds the value, `out` when not, `fail` when that is unknown. */
struct targets { uint32_t in, out, fail; };

static void add_record(struct program *program, const struct merged_step *step, uint8_t op, uint64_t operand,
		       uint32_t yes, struct targets targets, uint32_t no)
{
	program->records[program->count++] = (struct abi_record){
		.op = op, .slot = step->slot, .yes = (uint16_t)yes, .no = (uint16_t)no,
		.unknown = (uint16_t)targets.fail, .operand = operand,
	};
}

static void add_points(struct program *program, const struct merged_step *step, struct targets targets)
{
	const struct ir_interval_list *list = &step->predicate->intervals;
	const bool is_signed = ir_load_is_signed(step->load);

	for (size_t n = 0; n < list->count; n++)
		add_record(program, step, ABI_OP_EQUAL, ir_key(list->items[n].low, is_signed), targets.in, targets,
			   n + 1 < list->count ? program->count + 1 : targets.out);
}

/* The end of the domain needs no bound. */
static void add_interval(struct program *program, const struct merged_step *step, struct targets targets)
{
	const struct ir_interval interval = step->predicate->intervals.items[0], domain = domain_of(step);
	const bool is_signed = ir_load_is_signed(step->load), above = interval.low != domain.low,
		   below = interval.high != domain.high;

	if (above)
		add_record(program, step, is_signed ? ABI_OP_GREATER_SIGNED : ABI_OP_GREATER,
			   ir_key(interval.low - 1, is_signed), below ? program->count + 1 : targets.in, targets,
			   targets.out);
	if (below)
		add_record(program, step, is_signed ? ABI_OP_LESS_SIGNED : ABI_OP_LESS,
			   ir_key(interval.high + 1, is_signed), targets.in, targets, targets.out);
}

static void add_lookup(struct program *program, const struct merged_step *step, struct targets targets)
{
	const struct merged_lookup *lookup = step->lookup;
	const uint32_t table = lookup->op == ABI_OP_BINARY ? program->emit->header.binary_table
							   : program->emit->tables[program->hook][lookup->reg];

	add_record(program, step, lookup->op, ABI_LOOKUP(table, lookup->reg, step->row), targets.in, targets,
		   targets.out);
}

static void add_step(struct program *program, const struct merged_step *step, uint32_t pass, uint32_t fail)
{
	const bool negated = step->predicate->negated;
	const struct targets targets = { negated ? fail : pass, negated ? pass : fail, fail };

	switch (step->form) {
	case FORM_READABLE:
		add_record(program, step, ABI_OP_EQUAL, 0, pass, targets, pass);
		break;
	case FORM_POINTS:
		add_points(program, step, targets);
		break;
	case FORM_INTERVAL:
		add_interval(program, step, targets);
		break;
	case FORM_MASK:
		add_record(program, step, ABI_OP_MASK, step->predicate->mask, targets.in, targets, targets.out);
		break;
	case FORM_LOOKUP:
		add_lookup(program, step, targets);
		break;
	}
}

static void note_step(struct program *program, const struct merged_entry *entry,
		      const struct merged_selector *selector, const struct merged_step *step, uint32_t first)
{
	const struct meta_step row = {
		.record = first, .record_count = program->count - first,
		.policy = entry->policy, .hook_index = entry->hook_index,
		.selector = (uint16_t)selector->ir->index, .predicate = (uint16_t)step->number,
	};

	buffer_add(&program->emit->steps, &row, sizeof(row));
}

/* ---- Accepts ---- */

static uint32_t report_slots(const struct merged_entry *entry)
{
	uint32_t slots = 0;

	for (size_t n = 0; n < entry->ir->arguments.count; n++)
		slots |= 1u << entry->slots[n];
	return slots;
}

static struct abi_accept make_accept(const struct merged_entry *entry, const struct ir_selector *selector)
{
	struct abi_accept accept = {
		.policy = entry->policy,
		.selector = (uint16_t)selector->index,
		.action_count = (uint16_t)selector->actions.count,
		.report_slots = report_slots(entry),
		.return_slots = entry->ir->return_argument ? 1u << entry->returned_slot : 0,
		.flags = entry->ir->returns ? ABI_ACCEPT_RETURN : 0,
		.hook_index = entry->hook_index,
	};

	for (size_t n = 0; n < selector->actions.count; n++) {
		const struct ir_action *action = &selector->actions.items[n];

		accept.actions[n] = (struct abi_action){ (uint32_t)action_rows[action->op].wire, action->argument };
		if (action->op == ACTION_NO_POST)
			accept.flags |= ABI_ACCEPT_QUIET;
	}
	return accept;
}

/* All accepts of a hook lie together, in the order of the program. */
static void emit_accepts(struct emit *emit)
{
	const struct merged *merged = emit->merged;

	for (size_t h = 0; h < merged->hook_count; h++)
		for (size_t e = 0; e < merged->hooks[h]->entry_count && !merged->hooks[h]->returns; e++) {
			const struct merged_entry *entry = merged->hooks[h]->entries[e];

			for (size_t n = 0; n < entry->selector_count; n++) {
				struct abi_accept accept = make_accept(entry, entry->selectors[n].ir);

				buffer_add(&emit->image, &accept, sizeof(accept));
			}
		}
}

/* ---- Programs ---- */

static void add_selector(struct program *program, const struct merged_entry *entry,
			 const struct merged_selector *selector, uint32_t next_entry, uint64_t accept)
{
	const uint32_t end = program->count + selector_size(selector);

	for (size_t n = 0; n < selector->step_count; n++) {
		const struct merged_step *step = &selector->steps[n];
		uint32_t first = program->count;

		add_step(program, step, first + step_size(step), end);
		note_step(program, entry, selector, step, first);
	}
	program->records[program->count++] = (struct abi_record){
		.op = ABI_OP_ACCEPT, .yes = (uint16_t)next_entry, .operand = accept,
	};
}

static void fill_program(struct program *program, const struct merged_hook *hook, uint64_t *accept)
{
	for (size_t e = 0; e < hook->entry_count; e++) {
		const struct merged_entry *entry = hook->entries[e];
		const uint32_t next_entry = program->count + entry_size(entry);

		for (size_t n = 0; n < entry->selector_count; n++) {
			add_selector(program, entry, &entry->selectors[n], next_entry, *accept);
			*accept += sizeof(struct abi_accept);
		}
	}
	program->records[program->count++] = (struct abi_record){ .op = ABI_OP_END };
}

/* Steps were numbered from the start of their program; they count from the start of the section. */
static void move_steps(struct program *program, uint32_t base)
{
	struct buffer *steps = &program->emit->steps;

	for (size_t at = program->first_step; at < steps->length; at += sizeof(struct meta_step))
		((struct meta_step *)(void *)(steps->bytes + at))->record += base;
}

static int emit_program(struct emit *emit, size_t h, uint64_t *accept)
{
	const struct merged_hook *hook = emit->merged->hooks[h];
	const struct abi_section *section = &emit->header.sections[ABI_SECTION_PROGRAMS];
	struct program program = { .emit = emit, .hook = h, .first_step = (uint32_t)emit->steps.length };
	uint64_t size = 1;

	for (size_t e = 0; e < hook->entry_count && !hook->returns; e++)
		size += entry_size(hook->entries[e]);
	if (size == 1)
		return 0;
	if (size > ABI_RECORDS_MAX)
		return merge_fail(emit->merged, -E2BIG, "%s: the decision takes %llu records, at most %u fit", hook->key,
				  (unsigned long long)size, ABI_RECORDS_MAX);
	program.records = arena_array(emit->arena, struct abi_record, size);
	fill_program(&program, hook, accept);
	move_steps(&program, (uint32_t)((emit->image.length - section->offset) / sizeof(struct abi_record)));
	emit->hook_programs[h] = (uint32_t)emit->image.length;
	emit->hook_records[h] = program.count;
	buffer_add(&emit->image, program.records, program.count * sizeof(struct abi_record));
	return 0;
}

int emit_programs(struct emit *emit)
{
	uint64_t accept;
	int error = 0;

	emit_begin_section(emit, ABI_SECTION_ACCEPTS);
	emit_accepts(emit);
	emit_end_section(emit, ABI_SECTION_ACCEPTS);
	accept = emit->header.sections[ABI_SECTION_ACCEPTS].offset;
	emit_begin_section(emit, ABI_SECTION_PROGRAMS);
	for (size_t h = 0; h < emit->merged->hook_count && !error; h++)
		error = emit_program(emit, h, &accept);
	emit_end_section(emit, ABI_SECTION_PROGRAMS);
	return error;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * emit_program.c - decision programs: for each policy of a hook its selectors in order, each a run of
 * records that ends in an ACCEPT; see emit.h.
 *
 * A record that fails its selector goes to the next selector, after the last to the next policy; so does
 * an ACCEPT, for the first selector that holds decides.  Where selectors or policies one after the other all need a row of one
 * look-up before anything else, one record passes over all of them when none of those rows is set.
 */
#include "compiler/link/emit.h"

#include <errno.h>
#include <string.h>

enum { GROUP_MIN = 3 };		/* so few are asked one by one */

/* ---- Records ---- */

label program_label(struct program *program)
{
	program->labels = arena_grow(program->emit->arena, program->labels, program->label_count, &program->label_room,
				     sizeof(*program->labels));
	program->labels[program->label_count] = UINT32_MAX;
	return program->label_count++;
}

void program_place(struct program *program, label label)
{
	program->labels[label] = program->count;
}

void program_add(struct program *program, uint8_t op, uint8_t slot, uint64_t operand, struct program_targets targets)
{
	program->records = arena_grow(program->emit->arena, program->records, program->count, &program->record_room,
				      sizeof(*program->records));
	program->targets = arena_grow(program->emit->arena, program->targets, program->count, &program->target_room,
				      sizeof(*program->targets));
	program->targets[program->count] = targets;
	program->records[program->count++] = (struct abi_record){ .op = op, .slot = slot, .operand = operand };
}

/* Labels to records.  Targets that an op does not have stay 0. */
static void finish(struct program *program)
{
	for (uint32_t n = 0; n < program->count; n++) {
		struct abi_record *record = &program->records[n];
		const struct program_targets *targets = &program->targets[n];

		if (record->op == ABI_OP_END)
			continue;
		record->yes = (uint16_t)program->labels[targets->yes];
		if (record->op == ABI_OP_ACCEPT || record->op == ABI_OP_JUMP)
			continue;
		record->no = (uint16_t)program->labels[targets->no];
		record->unknown = (uint16_t)program->labels[targets->unknown];
	}
}

/* ---- What all selectors need ---- */

/* The look-up that decides a selector before anything else; NULL when its first step is another. */
static const struct merged_step *gate_of(const struct merged_selector *selector)
{
	const struct merged_step *first = selector->steps;

	return selector->step_count && first->form == FORM_LOOKUP && !first->predicate->negated ? first : NULL;
}

/* Rows of a look-up that selectors need. */
struct gate { const struct merged_lookup *lookup; uint32_t first, last; size_t selectors; };

/* Whether the selector needs a row of the same look-up, which is then counted in. */
static bool join_gate(struct gate *gate, const struct merged_selector *selector)
{
	const struct merged_step *step = gate_of(selector);

	if (!step || (gate->lookup && gate->lookup != step->lookup))
		return false;
	if (!gate->lookup)
		*gate = (struct gate){ step->lookup, step->row, step->row, 0 };
	if (step->row < gate->first)
		gate->first = step->row;
	if (step->row > gate->last)
		gate->last = step->row;
	gate->selectors++;
	return true;
}

/* ---- Selectors ---- */

/* Those of one policy's hook. */
struct run {
	const struct merged_entry *entry;
	size_t accept;			/* number of the entry's first accept in the hook */
	label accepted;			/* where it goes on behind an accept */
};

static void note_step(struct program *program, const struct run *run, const struct merged_selector *selector,
		      const struct merged_step *step, uint32_t first)
{
	const struct meta_step row = {
		.record = first, .record_count = program->count - first,
		.policy = run->entry->policy, .hook_index = run->entry->hook_index,
		.selector = (uint16_t)selector->ir->index, .predicate = (uint16_t)step->number,
	};

	buffer_add(&program->emit->steps, &row, sizeof(row));
}

static void add_steps(struct program *program, const struct merged_step *steps, size_t count, label fail,
		      const struct run *run, const struct merged_selector *selector)
{
	for (size_t n = 0; n < count; n++) {
		label pass = program_label(program);
		uint32_t first = program->count;

		emit_step(program, &steps[n], pass, fail);
		program_place(program, pass);
		if (selector)
			note_step(program, run, selector, &steps[n], first);
	}
}

static void add_accept(struct program *program, uint32_t offset, label next)
{
	program_add(program, ABI_OP_ACCEPT, 0, offset, (struct program_targets){ next, 0, 0 });
}

static void add_selector(struct program *program, const void *context, size_t number)
{
	const struct run *run = context;
	const struct merged_selector *selector = &run->entry->selectors[number];
	label next = program_label(program);

	add_steps(program, selector->steps, selector->step_count, next, run, selector);
	add_accept(program, emit_accept_at(program->emit, program->hook, run->accept + number), run->accepted);
	program_place(program, next);
}

/* ---- Groups: of the selectors of a policy, and of the policies of a hook ---- */

/* What stands in a row, and may be passed over together. */
struct members {
	bool (*join)(struct gate *gate, const void *context, size_t n);	/* whether member n's gate is the same, which is then counted in */
	void (*add)(struct program *program, const void *context, size_t n);
	const void *context;
	size_t fewest;			/* members of a group */
};

/* How many members from `first` on need a row of one look-up.  What does not join leaves the gate as it was. */
static size_t count_gated(const struct members *members, size_t first, size_t end, struct gate *ret)
{
	size_t count = 0;

	*ret = (struct gate){ NULL, 0, 0, 0 };
	while (first + count < end) {
		struct gate joined = *ret;

		if (!members->join(&joined, members->context, first + count))
			break;
		*ret = joined;
		count++;
	}
	return count;
}

static void add_members(struct program *program, const struct members *members, size_t first, size_t end);

/* Members with one gate: half of them, then the other half, each behind a gate of its own. */
static void add_gated(struct program *program, const struct members *members, size_t first, size_t count, const struct gate *gate)
{
	label in = program_label(program), out = program_label(program);

	emit_range(program, gate->lookup, gate->first, gate->last, in, out);
	program_place(program, in);
	if (count <= GROUP_MIN) {
		for (size_t n = first; n < first + count; n++)
			members->add(program, members->context, n);
	} else {
		add_members(program, members, first, first + count / 2);
		add_members(program, members, first + count / 2, first + count);
	}
	program_place(program, out);
}

static void add_members(struct program *program, const struct members *members, size_t first, size_t end)
{
	while (first < end) {
		struct gate gate;
		size_t count = count_gated(members, first, end, &gate);
		bool gated = count >= members->fewest && gate.selectors >= GROUP_MIN && !program->emit->merged->plain;

		if (gated)
			add_gated(program, members, first, count, &gate);
		else
			members->add(program, members->context, first);
		first += gated ? count : 1;
	}
}

static bool join_run(struct gate *gate, const void *context, size_t n)
{
	const struct run *run = context;

	return join_gate(gate, &run->entry->selectors[n]);
}

/* ---- Policies ---- */

struct entries {
	const struct merged_hook *hook;
	size_t *accepts;		/* by entry: number of its first accept */
};

static bool join_entry(struct gate *gate, const void *context, size_t number)
{
	const struct entries *entries = context;
	const struct merged_entry *entry = entries->hook->entries[number];

	for (size_t n = 0; n < entry->selector_count; n++)
		if (!join_gate(gate, &entry->selectors[n]))
			return false;
	return true;
}

static void add_entry(struct program *program, const void *context, size_t n)
{
	const struct entries *entries = context;
	struct run run = { entries->hook->entries[n], entries->accepts[n], program_label(program) };
	struct members selectors = { join_run, add_selector, &run, GROUP_MIN };

	add_members(program, &selectors, 0, run.entry->selector_count);
	program_place(program, run.accepted);
}

static void add_calls(struct program *program, const struct merged_hook *hook)
{
	struct entries entries = { hook, arena_array(program->emit->arena, size_t, hook->entry_count) };
	struct members policies = { join_entry, add_entry, &entries, 2 };
	size_t accepts = 0;

	for (size_t n = 0; n < hook->entry_count; n++) {
		entries.accepts[n] = accepts;
		accepts += hook->entries[n]->selector_count;
	}
	add_members(program, &policies, 0, hook->entry_count);
}

/* ---- Returns ---- */

static size_t hook_number(const struct merged *merged, const struct merged_hook *hook)
{
	size_t n = 0;

	while (merged->hooks[n] != hook)
		n++;
	return n;
}

/* A selector's filters on the return, which its accept of the call leads to. */
static void add_return(struct program *program, const struct merged_selector *selector, size_t number, uint32_t call,
		       label end)
{
	const uint32_t record = program->count + 1;

	if (!selector->return_step_count && !selector->ir->return_actions.count)
		return;
	memcpy(program->emit->image.bytes + call + offsetof(struct abi_accept, return_record), &record, sizeof(record));
	add_steps(program, selector->return_steps, selector->return_step_count, end, NULL, NULL);
	add_accept(program, emit_accept_at(program->emit, program->hook, number), end);
}

/* The entries of the calling side that report returns, which have their accepts there in the same order. */
static void add_returns(struct program *program, const struct merged_hook *hook, label end)
{
	const size_t call_side = hook_number(program->emit->merged, hook->pair);
	size_t call = 0, number = 0, next = 0;

	for (size_t e = 0; e < hook->pair->entry_count; e++) {
		const struct merged_entry *entry = hook->pair->entries[e];
		const bool reports = next < hook->entry_count && hook->entries[next] == entry;

		for (size_t n = 0; n < entry->selector_count; n++, call++)
			if (reports)
				add_return(program, &entry->selectors[n], number++,
					   emit_accept_at(program->emit, call_side, call), end);
		next += reports;
	}
}

/* ---- Programs ---- */

/* Steps were numbered from the start of their program; they count from the start of the section. */
static void move_steps(struct emit *emit, size_t first_step, uint32_t base)
{
	for (size_t at = first_step; at < emit->steps.length; at += sizeof(struct meta_step))
		((struct meta_step *)(void *)(emit->steps.bytes + at))->record += base;
}

static int emit_program(struct emit *emit, size_t h)
{
	const struct merged_hook *hook = emit->merged->hooks[h];
	const struct abi_section *section = &emit->header.sections[ABI_SECTION_PROGRAMS];
	struct program program = { .emit = emit, .hook = h };
	const size_t first_step = emit->steps.length;
	label end = program_label(&program);

	if (hook->returns)
		add_returns(&program, hook, end);
	else
		add_calls(&program, hook);
	if (!program.count)
		return 0;
	program_place(&program, end);
	program_add(&program, ABI_OP_END, 0, 0, (struct program_targets){ 0, 0, 0 });
	if (program.count > ABI_RECORDS_MAX)
		return merge_fail(emit->merged, -E2BIG, "%s: the decision takes %u records, at most %u fit", hook->key,
				  program.count, ABI_RECORDS_MAX);
	finish(&program);
	move_steps(emit, first_step, (uint32_t)((emit->image.length - section->offset) / sizeof(struct abi_record)));
	emit->hook_programs[h] = (uint32_t)emit->image.length;
	emit->hook_records[h] = program.count;
	buffer_add(&emit->image, program.records, program.count * sizeof(struct abi_record));
	return 0;
}

int emit_programs(struct emit *emit)
{
	int error = 0;

	emit_begin_section(emit, ABI_SECTION_PROGRAMS);
	for (size_t h = 0; h < emit->merged->hook_count && !error; h++)
		error = emit_program(emit, h);
	emit_end_section(emit, ABI_SECTION_PROGRAMS);
	return error;
}

// SPDX-License-Identifier: Apache-2.0
/* record.c - decision programs, record by record; see parts.h. */
#include <inttypes.h>
#include <stdio.h>

#include "compiler/explain/explain.h"
#include "compiler/explain/scope.h"
#include "compiler/image/loads.h"
#include "compiler/inspect/parts.h"

struct program {
	struct inspection *inspection;
	const struct image_hook *hook;
	const struct abi_record *records;
	uint32_t *accepts;		/* by record: how many ACCEPTs stand before it */
	struct image_step told;		/* whose filter the record before has */
	bool has_told;
};

/* ---- The filter that a record came from ---- */

static const struct ir_selector *selector_by_index(const struct ir_hook *hook, uint32_t index)
{
	for (size_t n = 0; n < hook->selectors.count; n++)
		if (hook->selectors.items[n].index == index)
			return &hook->selectors.items[n];
	return NULL;
}

bool inspect_filter_of(struct inspection *inspection, const struct image_step *step, struct inspect_filter *ret)
{
	const struct inspect_policy *policy = &inspection->policies[step->policy];
	const struct ir_selector *selector;
	struct image_hook hook;
	uint32_t written;

	if (policy->damage || !image_policy_hook(&inspection->view, step->policy, step->hook_index, &hook, &written) ||
	    written >= policy->ir.hooks.count)
		return false;
	selector = selector_by_index(&policy->ir.hooks.items[written], step->selector);
	if (!selector || step->predicate >= selector->predicates.count)
		return false;
	*ret = (struct inspect_filter){ &policy->ir, &policy->ir.hooks.items[written],
					&selector->predicates.items[step->predicate] };
	return true;
}

const char *inspect_step_place(struct inspection *inspection, const struct image_step *step)
{
	struct inspect_filter filter;

	return inspect_filter_of(inspection, step, &filter) ?
		inspect_place(inspection, filter.policy, filter.predicate->at) : NULL;
}

/* ---- What it asks ---- */

static void say_value(const struct program *program, const struct abi_record *record, struct buffer *ret)
{
	buffer_add_text(ret, inspect_value(program->inspection, program->hook, record->slot));
}

/* Of what has bytes and a number: what the number is. */
static void say_number_of(const struct program *program, const struct abi_record *record, struct buffer *ret)
{
	const uint8_t load = program->hook->abi->slots[record->slot].load;

	if (load_rows[load].gives & GIVES_BYTES)
		buffer_add_text(ret, load == ABI_LOAD_SOCKADDR_UN ? "the family of " : "the mode of ");
	say_value(program, record, ret);
}

static void say_number(const struct program *program, const struct abi_record *record, struct buffer *ret)
{
	const uint8_t load = program->hook->abi->slots[record->slot].load;
	const bool is_signed = record->op == ABI_OP_LESS_SIGNED || record->op == ABI_OP_GREATER_SIGNED ||
			       (record->op == ABI_OP_EQUAL && load_rows[load].is_signed);

	spell_number(record->operand, is_signed, ret);
}

static void say_equal(const struct program *program, const struct abi_record *record, struct buffer *ret)
{
	if (record->yes == record->no) {
		say_value(program, record, ret);
		buffer_add_text(ret, " can be read");
		return;
	}
	say_number_of(program, record, ret);
	buffer_add_text(ret, " is ");
	say_number(program, record, ret);
}

static void say_less(const struct program *program, const struct abi_record *record, struct buffer *ret)
{
	say_number_of(program, record, ret);
	buffer_add_text(ret, " is less than ");
	say_number(program, record, ret);
}

static void say_greater(const struct program *program, const struct abi_record *record, struct buffer *ret)
{
	say_number_of(program, record, ret);
	buffer_add_text(ret, " is greater than ");
	say_number(program, record, ret);
}

static void say_mask(const struct program *program, const struct abi_record *record, struct buffer *ret)
{
	say_number_of(program, record, ret);
	buffer_format(ret, " has a bit of 0x%" PRIx64, (uint64_t)record->operand);
}

static void say_gained(const struct program *program, const struct abi_record *record, struct buffer *ret)
{
	buffer_format(ret, "%s has a bit that ", inspect_value(program->inspection, program->hook, (uint32_t)record->operand));
	say_value(program, record, ret);
	buffer_add_text(ret, " lacks");
}

static void say_expression(const struct program *program, const struct abi_record *record, struct buffer *ret)
{
	buffer_add_text(ret, inspect_expression(program->inspection, program->hook, (uint32_t)record->operand));
}

static const struct ir_predicate *scope_predicate(struct inspection *inspection, const struct image_scope *scope)
{
	const struct inspect_policy *policy = &inspection->policies[scope->policy];
	const struct ir_selector_list *selectors;

	if (policy->damage || scope->written >= policy->ir.hooks.count)
		return NULL;
	selectors = &policy->ir.hooks.items[scope->written].selectors;
	if (scope->selector >= selectors->count || scope->predicate >= selectors->items[scope->selector].predicates.count)
		return NULL;
	return &selectors->items[scope->selector].predicates.items[scope->predicate];
}

static void say_scope(const struct program *program, const struct abi_record *record, struct buffer *ret)
{
	const struct image_scope scope = image_scope_at(&program->inspection->view, (size_t)record->operand);
	const struct ir_predicate *predicate = scope_predicate(program->inspection, &scope);

	buffer_format(ret, "the process belongs to scope %" PRIu64, (uint64_t)record->operand);
	if (!predicate || !predicate->workloads)
		return;
	buffer_add_text(ret, ": it is one ");
	explain_workloads(predicate->workloads, ret);
}

/* ---- Look-ups ---- */

static void say_row(const struct inspect_row *row, struct buffer *ret)
{
	for (uint32_t n = 0; n < row->count && n < ROW_SHOWN; n++)
		buffer_format(ret, "%s%s", n ? " or " : "", row->shown[n]);
	if (row->count > ROW_SHOWN)
		buffer_format(ret, " or %u more", row->count - ROW_SHOWN);
	if (!row->count)
		buffer_add_text(ret, "is nothing that the table has");
}

static void say_whose(const struct program *program, const struct abi_record *record, struct buffer *ret)
{
	if (record->op == ABI_OP_BINARY) {
		buffer_add_text(ret, inspect_who(record->slot));
	} else if (record->op == ABI_OP_LINEAGE) {
		buffer_format(ret, "an id of the process or an ancestor%s", record->slot ? ", in the process's own namespace," : "");
	} else {
		if (record->op == ABI_OP_ADDRESS)
			buffer_format(ret, "the %s address of ", record->operand & ABI_LOOKUP_DESTINATION ? "destination" : "source");
		say_value(program, record, ret);
	}
}

static void say_lookup(const struct program *program, const struct abi_record *record, struct buffer *ret)
{
	const uint32_t table = ABI_LOOKUP_TABLE(record->operand), row = ABI_LOOKUP_ROW(record->operand),
		       last = ABI_LOOKUP_LAST(record->operand);
	const bool has_verbs = record->op == ABI_OP_STRING || record->op == ABI_OP_BINARY || record->op == ABI_OP_SUBSTRING;

	say_whose(program, record, ret);
	if (row == last) {
		buffer_add_text(ret, has_verbs ? " " : " is ");
		say_row(&inspect_rows_of(program->inspection, record->op, table)->rows[row], ret);
		buffer_format(ret, " [row %u", row);
	} else {
		buffer_format(ret, " satisfies one of rows %u..%u [", row, last);
	}
	buffer_format(ret, "%sof the table %s%u]", row == last ? " " : "", record->op == ABI_OP_BINARY ? "of programs' paths " : "at ",
		      table);
}

/* ---- Records ---- */

/* By op. */
static const struct op_row {
	const char *name;
	void (*say)(const struct program *program, const struct abi_record *record, struct buffer *ret);
} ops[ABI_OP_COUNT] = {
	[ABI_OP_END] = { "end", NULL }, [ABI_OP_ACCEPT] = { "accept", NULL },
	[ABI_OP_EQUAL] = { "equal", say_equal }, [ABI_OP_LESS] = { "less", say_less },
	[ABI_OP_GREATER] = { "greater", say_greater }, [ABI_OP_LESS_SIGNED] = { "less-signed", say_less },
	[ABI_OP_GREATER_SIGNED] = { "greater-signed", say_greater }, [ABI_OP_MASK] = { "mask", say_mask },
	[ABI_OP_INTERVALS] = { "intervals", say_lookup }, [ABI_OP_STRING] = { "string", say_lookup },
	[ABI_OP_ADDRESS] = { "address", say_lookup }, [ABI_OP_BINARY] = { "binary", say_lookup },
	[ABI_OP_JUMP] = { "jump", NULL }, [ABI_OP_SUBSTRING] = { "substring", say_lookup },
	[ABI_OP_GAINED] = { "gained", say_gained }, [ABI_OP_EXPRESSION] = { "expression", say_expression },
	[ABI_OP_LINEAGE] = { "lineage", say_lookup }, [ABI_OP_SCOPE] = { "scope", say_scope },
};

/* Exits that lead to the next record are not worth a word; those that lead to one place are named together. */
static void say_exits(const struct abi_record *record, uint32_t n, const char *if_not, struct buffer *ret)
{
	const struct { const char *words; uint32_t to; } exits[] = {
		{ "if so", record->yes }, { if_not, record->no }, { "if not known", record->unknown },
	};
	bool told[3] = { false };

	for (int first = 0; first < 3; first++) {
		if (told[first] || exits[first].to == n + 1)
			continue;
		buffer_format(ret, "; %s", exits[first].words);
		for (int other = first + 1; other < 3; other++) {
			if (exits[other].to != exits[first].to)
				continue;
			told[other] = true;
			buffer_format(ret, " or %s", exits[other].words);
		}
		buffer_format(ret, " -> %u", exits[first].to);
	}
}

static void say_accept(const struct program *program, const struct abi_record *record, uint32_t n, struct buffer *ret)
{
	const struct abi_accept *accept = (const void *)(program->inspection->bytes + record->operand);

	buffer_format(ret, "accept: selector %u of policy '%s' holds", accept->selector,
		      image_policy_at(&program->inspection->view, accept->policy).name);
	if (record->yes != n + 1)
		buffer_format(ret, " -> %u", record->yes);
}

static void say_record(const struct program *program, uint32_t n, struct buffer *ret)
{
	const struct abi_record *record = &program->records[n];
	const uint32_t row = ABI_LOOKUP_ROW(record->operand), last = ABI_LOOKUP_LAST(record->operand);
	char if_not[48] = "if not";

	if (record->op == ABI_OP_END) {
		buffer_add_text(ret, "end");
	} else if (record->op == ABI_OP_ACCEPT) {
		say_accept(program, record, n, ret);
	} else if (record->op == ABI_OP_JUMP) {
		buffer_format(ret, "go on at %u", record->yes);
	} else {
		ops[record->op].say(program, record, ret);
		if (inspect_op_looks_up(record->op) && row != last)
			snprintf(if_not, sizeof(if_not), "none of rows %u..%u", row, last);
		say_exits(record, n, if_not, ret);
	}
}

/* ---- Where it came from ---- */

static void add_selector(struct inspection *inspection, struct data *entry, uint32_t policy, uint32_t hook_index,
			 uint32_t selector)
{
	data_text(inspection->arena, entry, "policy", image_policy_at(&inspection->view, policy).name);
	data_number(inspection->arena, entry, "hook_index", hook_index);
	data_number(inspection->arena, entry, "selector", selector);
}

static bool is_same_step(const struct image_step *a, const struct image_step *b)
{
	return a->policy == b->policy && a->hook_index == b->hook_index && a->selector == b->selector &&
	       a->predicate == b->predicate;
}

/* Of several records in a row that one filter became, the first has its words. */
static void add_filter(struct program *program, struct data *entry, const struct image_step *step)
{
	struct inspection *inspection = program->inspection;
	const bool again = program->has_told && is_same_step(&program->told, step);
	struct inspect_filter filter;
	struct buffer text = { 0 };

	add_selector(inspection, entry, step->policy, step->hook_index, step->selector);
	data_number(inspection->arena, entry, "predicate", step->predicate);
	if (!inspect_filter_of(inspection, step, &filter))
		return;
	if (!again) {
		explain_predicate(filter.hook, filter.predicate, &text);
		inspect_add(inspection, entry, "filter", inspect_keep(inspection, &text));
	}
	inspect_add(inspection, entry, "place", inspect_place(inspection, filter.policy, filter.predicate->at));
	program->told = *step;
	program->has_told = true;
}

/* A record that belongs to no filter: to all those of the selectors that it can pass over. */
static void add_group(const struct program *program, struct data *entry, uint32_t n)
{
	const struct abi_record *record = &program->records[n];
	const uint32_t selectors = program->accepts[record->no] - program->accepts[n];

	if (record->no > n + 1 && selectors)
		data_number(program->inspection->arena, entry, "passes_over_selectors", selectors);
}

static void add_origin(struct program *program, struct data *entry, uint32_t n)
{
	struct inspection *inspection = program->inspection;
	const struct abi_record *record = &program->records[n];
	struct image_step step;

	if (record->op == ABI_OP_ACCEPT) {
		const struct abi_accept *accept = (const void *)(inspection->bytes + record->operand);

		add_selector(inspection, entry, accept->policy, accept->hook_index, accept->selector);
		data_number(inspection->arena, entry, "accept", (int64_t)record->operand);
		inspect_add(inspection, entry, "place",
			    image_selector_place(&inspection->view, accept->policy, accept->hook_index, accept->selector));
	} else if (image_step_of(&inspection->view, program->hook->abi, n, &step)) {
		add_filter(program, entry, &step);
	} else if (ops[record->op].say && !program->hook->returns) {
		add_group(program, entry, n);
	}
}

static const char *text_of(const struct program *program, uint32_t n)
{
	struct buffer text = { 0 };

	say_record(program, n, &text);
	return inspect_keep(program->inspection, &text);
}

static void add_record(struct program *program, struct data *list, uint32_t n)
{
	struct arena *arena = program->inspection->arena;
	const struct abi_record *record = &program->records[n];
	struct data *entry = data_record(arena, list, NULL);

	data_number(arena, entry, "number", n);
	data_text(arena, entry, "op", ops[record->op].name);
	data_text(arena, entry, "text", text_of(program, n));
	if (record->op == ABI_OP_END)
		return;
	data_number(arena, entry, "yes", record->yes);
	if (record->op != ABI_OP_ACCEPT && record->op != ABI_OP_JUMP) {
		data_number(arena, entry, "no", record->no);
		data_number(arena, entry, "unknown", record->unknown);
		data_text(arena, entry, "operand", arena_format(arena, "0x%" PRIx64, (uint64_t)record->operand));
	}
	add_origin(program, entry, n);
}

static uint32_t *count_accepts(struct inspection *inspection, const struct abi_record *records, uint32_t count)
{
	uint32_t *ret = arena_array(inspection->arena, uint32_t, count + 1);

	for (uint32_t n = 0; n < count; n++)
		ret[n + 1] = ret[n] + (records[n].op == ABI_OP_ACCEPT);
	return ret;
}

/* Hooks that shared records would be told of until the first that was already. */
void inspect_add_records(struct inspection *inspection, const struct image_hook *hook, struct data *into)
{
	const uint32_t count = hook->abi->record_count;
	struct program program = {
		.inspection = inspection, .hook = hook, .records = (const void *)(inspection->bytes + hook->abi->program),
	};
	struct data *list = data_list(inspection->arena, into, "records");

	program.accepts = count_accepts(inspection, program.records, count);
	for (uint32_t n = 0; n < count; n++) {
		if (!inspect_first_time(inspection, hook->abi->program + n * (uint32_t)sizeof(*program.records))) {
			inspect_entry(inspection, list, "the other %u records are another hook's, too", count - n);
			return;
		}
		add_record(&program, list, n);
	}
}

// SPDX-License-Identifier: Apache-2.0
/*
 * select.c - how each predicate is answered; see merge.h.
 *
 * One or two numbers and one interval are compared right in the program; anything larger is a row of a table that
 * all policies of the hook share.  When a hook compares one number often, those comparisons become rows, too.
 */
#include "compiler/link/merge.h"

#include <errno.h>

#include "compiler/image/loads.h"

/* Comparisons of one number that cost as much as one look-up of it and a bit test for each: see docs/performance.md. */
enum { COMPARISONS_MAX = 8 };

/* What a selection is for. */
struct selection {
	struct merged *merged;
	struct merged_hook *hook;	/* whose slots: the return side for filters on the return */
	const struct merged_entry *entry;
	uint32_t selector;		/* position of the selector in the hook */
};

/* ---- Rows ---- */

static bool find_row(const struct merged_rows *rows, const struct ir_predicate *predicate, uint32_t *ret)
{
	for (uint32_t row = 0; row < rows->count; row++)
		if (ir_set_equal(rows->items[row], predicate)) {
			*ret = row;
			return true;
		}
	return false;
}

/* A set that is there already is not there twice, unless everything is to be as it is written. */
static bool find_shared(const struct merged *merged, const struct merged_rows *rows, const struct ir_predicate *predicate,
			uint32_t *ret)
{
	return !merged->plain && find_row(rows, predicate, ret);
}

/* Bytes of globs that share an automaton: of several, it may have as many states as their product. */
enum { GLOBS_TOGETHER = 512 };

static bool globs_fit(const struct merged_rows *rows, const struct ir_predicate *predicate)
{
	size_t bytes = 0;

	if (!predicate->patterns.count || predicate->patterns.items[0].kind != ABI_GLOB || !rows->count)
		return true;
	for (size_t n = 0; n < predicate->patterns.count; n++)
		bytes += predicate->patterns.items[n].length;
	for (size_t row = 0; row < rows->count; row++)
		for (size_t n = 0; n < rows->items[row]->patterns.count; n++)
			bytes += rows->items[row]->patterns.items[n].length;
	return bytes <= GLOBS_TOGETHER;
}

static bool has_room(const struct merged_rows *rows, const struct ir_predicate *predicate)
{
	return rows->count < ABI_ROWS_MAX && lengths_fit(&rows->lengths, predicate) && globs_fit(rows, predicate);
}

/* Whether the rows have the set already or room for it. */
static bool takes_row(const struct merged *merged, const struct merged_rows *rows, const struct ir_predicate *predicate)
{
	uint32_t row;

	return has_room(rows, predicate) || find_shared(merged, rows, predicate, &row);
}

static void add_row(struct merged *merged, struct merged_step *step)
{
	struct merged_rows *rows = step->lookup->rows;

	if (find_shared(merged, rows, step->predicate, &step->row))
		return;
	step->row = (uint32_t)rows->count;
	rows->items[rows->count++] = step->predicate;
	lengths_add(&rows->lengths, step->predicate);
}

/* Tables of programs' paths are the host's: their rows are kept with every process. */
static int find_binary_table(const struct selection *selection, const struct ir_predicate *predicate, uint8_t *ret)
{
	struct merged *merged = selection->merged;
	uint32_t row;

	for (size_t n = 0; n < merged->binary_count; n++)
		if (find_shared(merged, &merged->binaries[n], predicate, &row)) {
			*ret = (uint8_t)n;
			return 0;
		}
	for (size_t n = 0; n < merged->binary_count; n++)
		if (has_room(&merged->binaries[n], predicate)) {
			*ret = (uint8_t)n;
			return 0;
		}
	if (merged->binary_count == ABI_BINARY_TABLES_MAX)
		return merge_fail_at(merged, -E2BIG, selection->entry->policy, &predicate->at,
				     "the policies of a host can have %u different lists of programs, this one is too many",
				     ABI_BINARY_TABLES_MAX * ABI_ROWS_MAX);
	*ret = (uint8_t)merged->binary_count++;
	return 0;
}

static bool is_like(const struct merged_lookup *a, const struct merged_lookup *b)
{
	return a->op == b->op && a->slot == b->slot && a->destination == b->destination && a->kind == b->kind &&
	       a->is_signed == b->is_signed && a->binary_table == b->binary_table;
}

/* The look-up of that kind which has the set or room for it; or a new one. */
static struct merged_lookup *find_lookup(const struct selection *selection, struct merged_lookup like,
					 const struct ir_predicate *predicate)
{
	struct merged_hook *hook = selection->hook;
	struct merged_lookup *found = NULL;

	for (size_t n = 0; n < hook->lookup_count; n++)
		if (is_like(hook->lookups[n], &like) && takes_row(selection->merged, hook->lookups[n]->rows, predicate))
			return hook->lookups[n];
	if (hook->lookup_count == ABI_REGISTERS_MAX)
		return NULL;
	found = arena_new(selection->merged->arena, struct merged_lookup);
	*found = like;
	found->reg = (uint8_t)hook->lookup_count;
	if (!found->rows)
		found->rows = arena_new(selection->merged->arena, struct merged_rows);
	hook->lookups[hook->lookup_count++] = found;
	return found;
}

static int add_lookup(const struct selection *selection, struct merged_lookup like, struct merged_step *step)
{
	step->form = FORM_LOOKUP;
	step->lookup = find_lookup(selection, like, step->predicate);
	if (!step->lookup)
		return merge_fail_at(selection->merged, -E2BIG, selection->entry->policy, &step->predicate->at,
				     "with this filter %s would need more than %u look-up tables", selection->hook->key,
				     ABI_REGISTERS_MAX);
	add_row(selection->merged, step);
	return 0;
}

/* One look-up, or, when no table has room for all the lengths of the patterns, several. */
static int add_strings(const struct selection *selection, struct merged_step *step,
		       int (*add)(const struct selection *, struct merged_step *))
{
	struct ir_predicate **parts;
	size_t count = lengths_split(selection->merged->arena, step->predicate, &parts);
	int error = 0;

	if (count == 1)
		return add(selection, step);
	step->form = FORM_PARTS;
	step->parts = arena_array(selection->merged->arena, struct merged_step, count);
	step->part_count = count;
	for (size_t n = 0; n < count && !error; n++) {
		step->parts[n] = (struct merged_step){
			.predicate = parts[n], .number = step->number, .slot = step->slot, .load = step->load,
			.domain = step->domain,
		};
		error = add(selection, &step->parts[n]);
	}
	return error;
}

/* READABLE as a set that holds everything there is: an empty prefix, or all addresses of both families. */
static const struct ir_predicate *as_row(struct arena *arena, const struct ir_predicate *predicate, enum ir_test test)
{
	static const struct ir_pattern any_bytes = { ABI_STRING_PREFIX, 0, "" };
	static const struct ir_network any_address[] = { { .family = 4 }, { .family = 6 } };
	struct ir_predicate *row;

	if (predicate->test != IR_READABLE)
		return predicate;
	row = arena_new(arena, struct ir_predicate);
	*row = *predicate;
	row->test = test;
	if (test == IR_STRINGS)
		row->patterns = (struct ir_pattern_list){ (void *)arena_copy(arena, &any_bytes, sizeof(any_bytes)), 1 };
	else
		row->networks = (struct ir_network_list){ (void *)arena_copy(arena, any_address, sizeof(any_address)), 2 };
	return row;
}

/* ---- Numbers ---- */

static bool is_point(struct ir_interval interval)
{
	return interval.low == interval.high;
}

static int select_number(const struct selection *selection, struct merged_step *step)
{
	const struct ir_interval_list *list = &step->predicate->intervals;
	const struct merged_lookup like = {
		.op = ABI_OP_INTERVALS, .slot = step->slot, .is_signed = step->domain.is_signed,
	};

	if (step->predicate->test == IR_READABLE)
		step->form = FORM_READABLE;
	else if (step->predicate->test == IR_MASK)
		step->form = FORM_MASK;
	else if (step->predicate->test == IR_OTHERS)
		step->form = FORM_OTHERS;
	else if (list->count == 1)
		step->form = is_point(list->items[0]) ? FORM_POINTS : FORM_INTERVAL;
	else if (list->count == 2 && is_point(list->items[0]) && is_point(list->items[1]))
		step->form = FORM_POINTS;
	else
		return add_lookup(selection, like, step);
	return 0;
}

/* ---- Arguments ---- */

/* Parts of sockets that are numbers, by facet. */
static const uint8_t facet_parts[IR_FACET_COUNT] = {
	[IR_PORT] = ABI_PART_SOURCE_PORT, [IR_DESTINATION_PORT] = ABI_PART_DESTINATION_PORT,
	[IR_PROTOCOL] = ABI_PART_PROTOCOL, [IR_FAMILY] = ABI_PART_FAMILY, [IR_STATE] = ABI_PART_STATE,
};

static bool is_address(enum ir_facet facet)
{
	return facet == IR_ADDRESS || facet == IR_DESTINATION;
}

static bool load_is_socket(uint8_t load)
{
	return load == ABI_LOAD_SOCK || load == ABI_LOAD_SOCKET || load == ABI_LOAD_SKB || load == ABI_LOAD_SOCKADDR;
}

static int add_text(const struct selection *selection, struct merged_step *step)
{
	return add_lookup(selection, (struct merged_lookup){ .op = ABI_OP_STRING, .slot = step->slot }, step);
}

/* READABLE of what has bytes and a number is about its bytes, unless the facet is the number. */
static int select_bytes(const struct selection *selection, struct merged_step *step)
{
	const struct ir_predicate *predicate = step->predicate;
	struct merged_lookup substrings = { .op = ABI_OP_SUBSTRING, .slot = step->slot };

	if (predicate->facet == IR_FILE_TYPE || predicate->facet == IR_FAMILY)
		return select_number(selection, step);
	if (predicate->test == IR_SUBSTRINGS && predicate->patterns.count) {
		substrings.kind = predicate->patterns.items[0].kind;
		return add_lookup(selection, substrings, step);
	}
	step->predicate = as_row(selection->merged->arena, predicate, IR_STRINGS);
	return add_strings(selection, step, add_text);
}

static int select_socket(const struct selection *selection, struct merged_step *step)
{
	const enum ir_facet facet = step->predicate->facet;
	struct merged_lookup like = { .op = ABI_OP_ADDRESS, .slot = step->slot, .destination = facet == IR_DESTINATION };
	int error;

	if (is_address(facet)) {
		step->predicate = as_row(selection->merged->arena, step->predicate, IR_NETWORKS);
		return add_lookup(selection, like, step);
	}
	if (facet == IR_VALUE)
		return merge_fail_at(selection->merged, -EINVAL, selection->entry->policy, &step->predicate->at,
				     "the filter does not fit its socket");
	error = slot_of_part(selection->merged, selection->hook, selection->entry->policy, step->slot, facet_parts[facet],
			     &step->slot);
	step->load = ABI_LOAD_PART;
	return error ? error : select_number(selection, step);
}

static int select_gained(const struct selection *selection, struct merged_step *step)
{
	step->form = FORM_GAINED;
	step->other_slot = step->predicate->subject == IR_DATA ? selection->entry->data_slots[step->predicate->other] :
		step->predicate->subject == IR_RETURN ? selection->entry->returned_slot :
		selection->entry->slots[step->predicate->other];
	return 0;
}

static bool load_has_bytes(uint8_t load)
{
	return load_rows[load].gives & GIVES_BYTES;
}

static int select_argument(const struct selection *selection, struct merged_step *step)
{
	const struct ir_predicate *predicate = step->predicate;

	step->slot = predicate->subject == IR_ARGUMENT ? selection->entry->slots[predicate->position] :
		predicate->subject == IR_DATA ? selection->entry->data_slots[predicate->position] :
		selection->entry->returned_slot;
	step->load = ir_predicate_argument(selection->entry->ir, predicate)->load;
	if (predicate->test == IR_GAINED)
		return select_gained(selection, step);
	if (load_is_socket(step->load))
		return select_socket(selection, step);
	return load_has_bytes(step->load) ? select_bytes(selection, step) : select_number(selection, step);
}

/* ---- The process ---- */

enum { NAMESPACE_PID = 3, NAMESPACE_USER = 9 };	/* words of NAMESPACE */

static int select_fact(const struct selection *selection, uint8_t load, uint8_t index, struct merged_step *step)
{
	int error = slot_of_process(selection->merged, selection->hook, selection->entry->policy, load, index, &step->slot);

	step->load = load;
	return error ? error : select_number(selection, step);
}

static int select_host(const struct selection *selection, uint8_t namespace, struct merged_step *step)
{
	return slot_of_process(selection->merged, selection->hook, selection->entry->policy, ABI_LOAD_IN_HOST_NAMESPACE,
			       namespace, &step->host_slot);
}

static int select_pid(const struct selection *selection, struct merged_step *step)
{
	const struct merged_lookup like = { .op = ABI_OP_LINEAGE, .slot = step->predicate->in_namespace };
	int error;

	if (step->predicate->follows && step->predicate->in_namespace) {	/* see ir.h */
		step->outside_host = true;
		error = select_host(selection, NAMESPACE_PID, step);
		if (error)
			return error;
	}
	if (step->predicate->follows && step->predicate->test == IR_INTERVALS)
		return add_lookup(selection, like, step);
	return select_fact(selection, step->predicate->in_namespace ? ABI_LOAD_NAMESPACE_PID : ABI_LOAD_PID, 0, step);
}

static int add_binaries(const struct selection *selection, struct merged_step *step)
{
	const bool parent = step->predicate->subject == IR_PARENT;
	struct merged_lookup like = {
		.op = ABI_OP_BINARY,
		.slot = (uint8_t)((parent ? ABI_WHO_PARENT : ABI_WHO_PROCESS) + (step->predicate->follows ? 1 : 0)),
	};
	int error = find_binary_table(selection, step->predicate, &like.binary_table);

	like.rows = &selection->merged->binaries[like.binary_table];
	return error ? error : add_lookup(selection, like, step);
}

static int select_binary(const struct selection *selection, struct merged_step *step)
{
	step->predicate = as_row(selection->merged->arena, step->predicate, IR_STRINGS);
	return add_strings(selection, step, add_binaries);
}

/* The host's, by name; a number; or either. */
static int select_namespace(const struct selection *selection, struct merged_step *step)
{
	const uint8_t namespace = (uint8_t)step->predicate->position;
	struct ir_predicate *numbers;
	int error;

	if (step->predicate->test != IR_STRINGS && step->predicate->test != IR_HOST)
		return select_fact(selection, ABI_LOAD_NAMESPACE, namespace, step);
	step->form = FORM_HOST;
	error = select_host(selection, namespace, step);
	step->slot = step->host_slot;
	step->load = ABI_LOAD_IN_HOST_NAMESPACE;
	if (error || step->predicate->test == IR_STRINGS)
		return error;
	numbers = arena_new(selection->merged->arena, struct ir_predicate);
	*numbers = *step->predicate;
	numbers->test = IR_INTERVALS;
	numbers->negated = false;
	step->other = arena_new(selection->merged->arena, struct merged_step);
	step->other->predicate = numbers;
	step->other->domain = step->domain;
	return select_fact(selection, ABI_LOAD_NAMESPACE, namespace, step->other);
}

static int select_capabilities(const struct selection *selection, struct merged_step *step)
{
	const uint8_t load = step->predicate->subject == IR_CAPABILITIES ? ABI_LOAD_CAPABILITY_SET :
									     ABI_LOAD_CAPABILITY_CHANGES;
	int error = select_fact(selection, load, (uint8_t)step->predicate->position, step);

	step->outside_host = step->predicate->in_namespace;
	return error || !step->outside_host ? error : select_host(selection, NAMESPACE_USER, step);
}

static int select_scope(const struct selection *selection, struct merged_step *step)
{
	struct merged *merged = selection->merged;

	step->form = FORM_SCOPE;
	for (uint32_t n = 0; n < merged->scope_count; n++)
		if (ir_set_equal(merged->scopes[n].predicate, step->predicate)) {
			step->scope = n;
			return 0;
		}
	step->scope = (uint32_t)merged->scope_count;
	merged->scopes = arena_grow(merged->arena, merged->scopes, merged->scope_count, &merged->scope_room,
				    sizeof(*merged->scopes));
	merged->scopes[merged->scope_count++] = (struct merged_scope){
		step->predicate, selection->entry->policy, selection->entry->written, selection->selector, step->number,
	};
	return 0;
}

/* ---- Expressions ---- */

static int select_step(const struct selection *selection, const struct ir_predicate *predicate, struct merged_step *step);

/* Values that arithmetic takes: numbers of arguments. */
static int select_words(const struct selection *selection, const struct ir_condition *ir, struct merged_condition *ret)
{
	ret->words = arena_array(selection->merged->arena, struct abi_word, ir->word_count);
	for (size_t n = 0; n < ir->word_count; n++) {
		const struct ir_word *word = &ir->words[n];

		ret->words[n] = (struct abi_word){ .op = (uint8_t)word->op, .type = (uint8_t)word->type };
		if (word->op == IR_WORD_ARGUMENT)
			ret->words[n].slot = selection->entry->slots[word->number];
		else
			ret->words[n].number = word->number;
	}
	return 0;
}

static int select_condition(const struct selection *selection, const struct ir_condition *ir, struct merged_condition *ret)
{
	int error = 0;

	ret->ir = ir;
	if (ir->kind == IR_ASK)
		return select_step(selection, ir->predicate, &ret->step);
	if (ir->kind == IR_COMPARE)
		return select_words(selection, ir, ret);
	ret->parts = arena_array(selection->merged->arena, struct merged_condition, ir->count);
	for (size_t n = 0; n < ir->count && !error; n++)
		error = select_condition(selection, &ir->parts[n], &ret->parts[n]);
	return error;
}

static int select_expression(const struct selection *selection, struct merged_step *step)
{
	step->form = FORM_CONDITION;
	step->condition = arena_new(selection->merged->arena, struct merged_condition);
	return select_condition(selection, step->predicate->condition, step->condition);
}

static int select_namespace_changes(const struct selection *selection, struct merged_step *step)
{
	return select_fact(selection, ABI_LOAD_NAMESPACE_CHANGES, 0, step);
}

/* By what the predicate looks at. */
static int (*const selectors[IR_SUBJECT_END])(const struct selection *, struct merged_step *) = {
	[IR_ARGUMENT] = select_argument, [IR_DATA] = select_argument, [IR_RETURN] = select_argument,
	[IR_PID] = select_pid, [IR_BINARY] = select_binary, [IR_PARENT] = select_binary,
	[IR_NAMESPACE] = select_namespace, [IR_NAMESPACE_CHANGES] = select_namespace_changes,
	[IR_CAPABILITIES] = select_capabilities, [IR_CAPABILITY_CHANGES] = select_capabilities,
	[IR_EXPRESSION] = select_expression, [IR_WORKLOADS] = select_scope,
};

static int select_step(const struct selection *selection, const struct ir_predicate *predicate, struct merged_step *step)
{
	step->predicate = predicate;
	step->domain = ir_predicate_domain(selection->entry->ir, predicate);
	if (predicate->test == IR_OPAQUE)
		return merge_fail_at(selection->merged, -EINVAL, selection->entry->policy, &predicate->at,
				     "what this filter compares with is known on its host only");
	if (predicate->test == IR_NEVER) {
		step->form = FORM_NEVER;
		return 0;
	}
	return selectors[predicate->subject](selection, step);
}

/* ---- Selectors ---- */

static int select_list(const struct selection *selection, const struct ir_predicate_list *list, struct merged_step **ret)
{
	struct merged_step *steps = arena_array(selection->merged->arena, struct merged_step, list->count);

	*ret = steps;
	for (size_t n = 0; n < list->count; n++) {
		int error;

		steps[n].number = (uint32_t)n;
		error = select_step(selection, &list->items[n], &steps[n]);
		if (error)
			return error;
	}
	return 0;
}

int select_entry(struct merged *merged, struct merged_hook *hook, struct merged_entry *entry)
{
	const struct ir_selector_list *list = &entry->ir->selectors;
	struct selection call = { merged, hook, entry, 0 }, returns = { merged, hook->pair, entry, 0 };
	int error = 0;

	entry->selectors = arena_array(merged->arena, struct merged_selector, list->count);
	entry->selector_count = list->count;
	for (size_t n = 0; n < list->count && !error; n++) {
		struct merged_selector *selector = &entry->selectors[n];

		selector->ir = &list->items[n];
		call.selector = returns.selector = (uint32_t)n;
		selector->step_count = selector->ir->predicates.count;
		error = select_list(&call, &selector->ir->predicates, &selector->steps);
		if (error || !entry->ir->returns)
			continue;
		selector->return_step_count = selector->ir->return_predicates.count;
		error = select_list(&returns, &selector->ir->return_predicates, &selector->return_steps);
	}
	return error;
}

/* ---- Numbers that are compared often ---- */

static bool is_comparison(const struct merged_step *step, uint8_t slot)
{
	return (step->form == FORM_POINTS || step->form == FORM_INTERVAL) && step->slot == slot;
}

static size_t count_comparisons(const struct merged_hook *hook, uint8_t slot)
{
	size_t count = 0;

	for (size_t e = 0; e < hook->entry_count; e++)
		for (size_t s = 0; s < hook->entries[e]->selector_count; s++)
			for (size_t n = 0; n < hook->entries[e]->selectors[s].step_count; n++)
				count += is_comparison(&hook->entries[e]->selectors[s].steps[n], slot);
	return count;
}

static int turn_comparisons(struct merged *merged, struct merged_hook *hook, uint8_t slot)
{
	for (size_t e = 0; e < hook->entry_count; e++)
		for (size_t s = 0; s < hook->entries[e]->selector_count; s++)
			for (size_t n = 0; n < hook->entries[e]->selectors[s].step_count; n++) {
				const struct selection selection = { merged, hook, hook->entries[e], (uint32_t)s };
				struct merged_step *step = &hook->entries[e]->selectors[s].steps[n];
				const struct merged_lookup like = {
					.op = ABI_OP_INTERVALS, .slot = slot, .is_signed = step->domain.is_signed,
				};
				int error = is_comparison(step, slot) ? add_lookup(&selection, like, step) : 0;

				if (error)
					return error;
			}
	return 0;
}

int select_tables(struct merged *merged, struct merged_hook *hook)
{
	int error = 0;

	for (size_t slot = 0; slot < hook->slot_count && !error && !merged->plain; slot++)
		if (count_comparisons(hook, (uint8_t)slot) > COMPARISONS_MAX)
			error = turn_comparisons(merged, hook, (uint8_t)slot);
	return error;
}

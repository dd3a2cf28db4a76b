// SPDX-License-Identifier: Apache-2.0
/* emit_tables.c - the TABLES section: look-ups, chains and expressions; see emit.h. */
#include <errno.h>
#include <string.h>

#include "compiler/image/loads.h"
#include "compiler/link/emit.h"
#include "compiler/tables/tables.h"

/* ---- Look-ups: the sets of all rows, each member marked with its row ---- */

static int add_intervals(struct table_output *output, const struct merged_lookup *lookup, uint32_t *ret)
{
	const struct merged_rows *rows = lookup->rows;
	struct abi_interval *items;
	size_t count = 0;

	for (size_t row = 0; row < rows->count; row++)
		count += rows->items[row]->intervals.count;
	items = arena_array(output->arena, struct abi_interval, count);
	count = 0;
	for (size_t row = 0; row < rows->count; row++)
		for (size_t n = 0; n < rows->items[row]->intervals.count; n++) {
			const struct ir_interval *one = &rows->items[row]->intervals.items[n];

			items[count++] = (struct abi_interval){ one->low, one->high, 1ULL << row };
		}
	return table_add_intervals(output, items, count, lookup->is_signed ? ABI_INTERVALS_SIGNED : 0, ret);
}

static int add_patterns(struct table_output *output, const struct merged_rows *rows,
			int (*add)(struct table_output *, const struct table_pattern *, size_t, uint32_t *), uint32_t *ret)
{
	struct table_pattern *items;
	size_t count = 0;

	for (size_t row = 0; row < rows->count; row++)
		count += rows->items[row]->patterns.count;
	items = arena_array(output->arena, struct table_pattern, count);
	count = 0;
	for (size_t row = 0; row < rows->count; row++)
		for (size_t n = 0; n < rows->items[row]->patterns.count; n++) {
			const struct ir_pattern *one = &rows->items[row]->patterns.items[n];

			items[count++] = (struct table_pattern){ one->kind, one->length, one->bytes, 1ULL << row };
		}
	return add(output, items, count, ret);
}

static int add_addresses(struct table_output *output, const struct merged_rows *rows, uint32_t *ret)
{
	struct table_network *items;
	size_t count = 0;

	for (size_t row = 0; row < rows->count; row++)
		count += rows->items[row]->networks.count;
	items = arena_array(output->arena, struct table_network, count);
	count = 0;
	for (size_t row = 0; row < rows->count; row++)
		for (size_t n = 0; n < rows->items[row]->networks.count; n++) {
			const struct ir_network *one = &rows->items[row]->networks.items[n];

			items[count] = (struct table_network){ one->family, one->prefix, { 0 }, 1ULL << row };
			memcpy(items[count++].address, one->address, sizeof(one->address));
		}
	return table_add_addresses(output, items, count, ret);
}

/* `load`: of what is looked up. */
static int add_lookup(struct table_output *output, const struct merged_lookup *lookup, uint8_t load, uint32_t *ret)
{
	switch (lookup->op) {
	case ABI_OP_INTERVALS:
	case ABI_OP_LINEAGE:
		return add_intervals(output, lookup, ret);
	case ABI_OP_ADDRESS:
		return add_addresses(output, lookup->rows, ret);
	case ABI_OP_SUBSTRING:
		return add_patterns(output, lookup->rows, lookup->kind == ABI_GLOB ? table_add_globs : table_add_substrings, ret);
	default:
		return add_patterns(output, lookup->rows, load_rows[load].gives & GIVES_PATH ? table_add_paths : table_add_strings, ret);
	}
}

/* Lengths were seen to when the rows were gathered: a table that cannot be built is too large. */
static int finish_table(struct emit *emit, int error)
{
	return error || emit->image.length > ABI_HALF_SIZE ? emit_too_large(emit) : 0;
}

static bool is_in_table(const struct ir_predicate *predicate)
{
	return predicate->test == IR_STRINGS || predicate->test == IR_SUBSTRINGS || predicate->test == IR_NETWORKS ||
	       ((predicate->test == IR_INTERVALS || predicate->test == IR_HOST) && predicate->intervals.count > 2);
}

size_t emit_table_size(struct arena *arena, const struct ir_predicate *predicate)
{
	static const uint8_t ops[IR_OPAQUE + 1] = {
		[IR_INTERVALS] = ABI_OP_INTERVALS, [IR_HOST] = ABI_OP_INTERVALS, [IR_STRINGS] = ABI_OP_STRING,
		[IR_SUBSTRINGS] = ABI_OP_SUBSTRING, [IR_NETWORKS] = ABI_OP_ADDRESS,
	};
	struct merged_rows rows = { { predicate }, 1, { { { 0 } } } };
	const struct merged_lookup lookup = {
		.op = ops[predicate->test], .kind = predicate->patterns.count ? predicate->patterns.items[0].kind : 0, .rows = &rows,
	};
	struct buffer image = { 0 };
	struct table_output output = { arena, &image, NULL };
	size_t size;
	uint32_t at;

	if (!is_in_table(predicate))
		return 0;
	if (add_lookup(&output, &lookup, ABI_LOAD_NONE, &at) && image.length <= ABI_HALF_SIZE)
		size = ABI_HALF_SIZE + 1;
	else
		size = image.length;
	buffer_release(&image);
	return size;
}

static int emit_binaries(struct emit *emit)
{
	int error = 0;

	for (size_t n = 0; n < emit->merged->binary_count && !error; n++) {
		struct table_output output = { emit->arena, &emit->image, NULL };

		error = add_patterns(&output, &emit->merged->binaries[n], table_add_strings, &emit->header.binary_tables[n]);
		error = finish_table(emit, error);
	}
	return error;
}

static int emit_lookups(struct emit *emit, size_t h)
{
	const struct merged_hook *hook = emit->merged->hooks[h];
	int error = 0;

	for (size_t n = 0; n < hook->lookup_count && !error; n++) {
		const struct merged_lookup *lookup = hook->lookups[n];
		struct table_output output = { emit->arena, &emit->image, NULL };

		emit->tables[h][n] = lookup->binary_table;
		if (lookup->op == ABI_OP_BINARY)
			continue;
		error = finish_table(emit, add_lookup(&output, lookup, hook->slots[lookup->slot].abi.load, &emit->tables[h][n]));
	}
	return error;
}

/* ---- Chains: filled in when the image is applied ---- */

static void emit_chains(struct emit *emit, struct merged_hook *hook)
{
	static const struct abi_chain none;

	for (size_t n = 0; n < hook->slot_count; n++) {
		const struct ir_argument *argument = hook->slots[n].argument;

		if (!argument || !argument->resolve.bytes || argument->source == ABI_SOURCE_REGISTER)
			continue;
		buffer_align(&emit->image, 8);
		hook->slots[n].abi.chain = (uint32_t)emit->image.length;
		buffer_add(&emit->image, &none, sizeof(none));
	}
}

/* The same of where the arguments of static probes are. */
static void emit_locations(struct emit *emit, struct merged_hook *hook)
{
	static const struct abi_location none;

	for (size_t n = 0; n < hook->slot_count; n++) {
		if (hook->slots[n].abi.source != ABI_SOURCE_LOCATION)
			continue;
		buffer_align(&emit->image, 8);
		hook->slots[n].abi.offset = (uint32_t)emit->image.length;
		buffer_add(&emit->image, &none, sizeof(none));
	}
}

/* ---- Expressions ---- */

static void emit_expressions(struct emit *emit, struct merged_condition *condition)
{
	struct abi_expression head = { .count = (uint32_t)condition->ir->word_count };

	if (condition->ir->kind == IR_COMPARE) {
		buffer_align(&emit->image, 8);
		condition->expression = (uint32_t)emit->image.length;
		buffer_add(&emit->image, &head, sizeof(head));
		buffer_add(&emit->image, condition->words, head.count * sizeof(struct abi_word));
	}
	for (size_t n = 0; n < condition->ir->count; n++)
		emit_expressions(emit, &condition->parts[n]);
}

static void emit_hook_expressions(struct emit *emit, struct merged_hook *hook)
{
	for (size_t e = 0; e < hook->entry_count && !hook->returns; e++)
		for (size_t s = 0; s < hook->entries[e]->selector_count; s++)
			for (size_t n = 0; n < hook->entries[e]->selectors[s].step_count; n++) {
				struct merged_step *step = &hook->entries[e]->selectors[s].steps[n];

				if (step->form == FORM_CONDITION)
					emit_expressions(emit, step->condition);
			}
}

int emit_tables(struct emit *emit)
{
	int error;

	emit_begin_section(emit, ABI_SECTION_TABLES);
	error = emit_binaries(emit);
	for (size_t h = 0; h < emit->merged->hook_count && !error; h++) {
		emit_chains(emit, emit->merged->hooks[h]);
		emit_locations(emit, emit->merged->hooks[h]);
		emit_hook_expressions(emit, emit->merged->hooks[h]);
		error = emit_lookups(emit, h);
	}
	emit_end_section(emit, ABI_SECTION_TABLES);
	return error;
}

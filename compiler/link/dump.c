// SPDX-License-Identifier: Apache-2.0
/* dump.c - merged hooks as text; see link.h. */
#include "compiler/link/merge.h"

static const char *const form_names[FORM_COUNT] = {
	[FORM_NEVER] = "never", [FORM_READABLE] = "readable", [FORM_POINTS] = "points", [FORM_INTERVAL] = "interval",
	[FORM_MASK] = "mask", [FORM_LOOKUP] = "lookup", [FORM_HOST] = "host", [FORM_OTHERS] = "others",
	[FORM_GAINED] = "gained", [FORM_CONDITION] = "condition", [FORM_SCOPE] = "scope",
	[FORM_PARTS] = "parts",
};

static void dump_lookup(const struct merged_step *step, struct buffer *ret)
{
	if (step->lookup->op == ABI_OP_BINARY)
		buffer_format(ret, " binaries %u of %u row %u", step->lookup->binary_table, step->lookup->slot, step->row);
	else
		buffer_format(ret, " slot %u table %u row %u", step->slot, step->lookup->reg, step->row);
}

static void dump_step(const struct merged_step *step, struct buffer *ret)
{
	buffer_format(ret, "      predicate %u %s%s", step->number, step->predicate->negated ? "not " : "",
		      form_names[step->form]);
	if (step->form == FORM_LOOKUP)
		dump_lookup(step, ret);
	else if (step->form == FORM_SCOPE)
		buffer_format(ret, " %u", step->scope);
	else if (step->form != FORM_CONDITION && step->form != FORM_NEVER && step->form != FORM_PARTS)
		buffer_format(ret, " slot %u", step->slot);
	for (size_t n = 0; n < step->part_count; n++)
		dump_lookup(&step->parts[n], ret);
	buffer_add_char(ret, '\n');
}

static void dump_entry(const struct merged *merged, const struct merged_entry *entry, bool returns, struct buffer *ret)
{
	buffer_format(ret, "  policy %s hook %u\n", merged->policies[entry->policy].ir.name.bytes, entry->hook_index);
	for (size_t s = 0; s < entry->selector_count; s++) {
		const struct merged_selector *selector = &entry->selectors[s];
		const struct merged_step *steps = returns ? selector->return_steps : selector->steps;
		size_t count = returns ? selector->return_step_count : selector->step_count;

		buffer_format(ret, "    selector %u\n", selector->ir->index);
		for (size_t n = 0; n < count; n++)
			dump_step(&steps[n], ret);
	}
}

static void dump_slot(const struct merged_slot *slot, size_t n, struct buffer *ret)
{
	buffer_format(ret, "  slot %zu: load %u source %u index %u", n, slot->abi.load, slot->abi.source, slot->abi.index);
	if (slot->abi.load == ABI_LOAD_PART)
		buffer_format(ret, " part %u", slot->abi.offset);
	if (slot->abi.load == ABI_LOAD_ENTRY)
		buffer_format(ret, " folder %u", slot->abi.offset);
	if (slot->abi.size_slot)
		buffer_format(ret, " size of slot %u", slot->abi.size_slot - 1);
	if (slot->argument && slot->argument->resolve.bytes)
		buffer_format(ret, " resolve %s", slot->argument->resolve.bytes);
	buffer_add_char(ret, '\n');
}

static void dump_hook(const struct merged *merged, const struct merged_hook *hook, struct buffer *ret)
{
	buffer_format(ret, "hook %u %s\n", hook->id, hook->key);
	for (size_t n = 0; n < hook->slot_count; n++)
		dump_slot(&hook->slots[n], n, ret);
	for (size_t n = 0; n < hook->lookup_count; n++)
		buffer_format(ret, "  table %zu: op %u slot %u, %zu rows\n", n, hook->lookups[n]->op,
			      hook->lookups[n]->slot, hook->lookups[n]->rows->count);
	for (size_t n = 0; n < hook->entry_count; n++)
		dump_entry(merged, hook->entries[n], hook->returns, ret);
}

int link_dump(const struct link_input *inputs, size_t count, const struct link_options *options,
	      struct arena *arena, struct buffer *ret, const char **error)
{
	struct merged merged;
	int result = merge(inputs, count, options, arena, &merged);

	if (result) {
		*error = merge_error(&merged);
		return result;
	}
	buffer_format(ret, "%zu policies, %zu hooks, %zu tables of binaries\n", merged.policy_count, merged.hook_count,
		      merged.binary_count);
	for (size_t n = 0; n < merged.hook_count; n++)
		dump_hook(&merged, merged.hooks[n], ret);
	return 0;
}

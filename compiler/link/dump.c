// SPDX-License-Identifier: Apache-2.0
/* dump.c - merged hooks as text; see link.h. */
#include "compiler/link/merge.h"

static const char *const form_names[] = {
	[FORM_READABLE] = "readable", [FORM_POINTS] = "points", [FORM_INTERVAL] = "interval",
	[FORM_MASK] = "mask", [FORM_LOOKUP] = "lookup",
};

static void dump_step(const struct merged_step *step, struct buffer *ret)
{
	buffer_format(ret, "      predicate %u %s%s", step->number, step->predicate->negated ? "not " : "",
		      form_names[step->form]);
	if (step->form == FORM_LOOKUP && step->lookup->op == ABI_OP_BINARY)
		buffer_format(ret, " binaries row %u\n", step->row);
	else if (step->form == FORM_LOOKUP)
		buffer_format(ret, " slot %u table %u row %u\n", step->slot, step->lookup->reg, step->row);
	else
		buffer_format(ret, " slot %u\n", step->slot);
}

static void dump_entry(const struct merged *merged, const struct merged_entry *entry, struct buffer *ret)
{
	buffer_format(ret, "  policy %s hook %u\n", merged->policies[entry->policy].ir.name.bytes, entry->hook_index);
	for (size_t s = 0; s < entry->selector_count; s++) {
		buffer_format(ret, "    selector %u\n", entry->selectors[s].ir->index);
		for (size_t n = 0; n < entry->selectors[s].step_count; n++)
			dump_step(&entry->selectors[s].steps[n], ret);
	}
}

static void dump_hook(const struct merged *merged, const struct merged_hook *hook, struct buffer *ret)
{
	buffer_format(ret, "hook %u %s\n", hook->id, hook->key);
	for (size_t n = 0; n < hook->slot_count; n++)
		buffer_format(ret, "  slot %zu: load %u source %u index %u\n", n, hook->slots[n].load,
			      hook->slots[n].source, hook->slots[n].index);
	for (size_t n = 0; n < hook->lookup_count; n++)
		buffer_format(ret, "  table %zu: op %u slot %u, %zu rows\n", n, hook->lookups[n]->op,
			      hook->lookups[n]->slot, hook->lookups[n]->row_count);
	for (size_t n = 0; n < hook->entry_count && !hook->returns; n++)
		dump_entry(merged, hook->entries[n], ret);
}

int link_dump(const struct link_input *inputs, size_t count, const struct link_options *options,
	      struct arena *arena, struct buffer *ret, const char **error)
{
	struct merged merged;
	int result = merge(inputs, count, options, arena, &merged);

	if (result) {
		*error = merged.error;
		return result;
	}
	buffer_format(ret, "%zu policies, %zu hooks, %zu rows of binaries\n", merged.policy_count, merged.hook_count,
		      merged.binaries.row_count);
	for (size_t n = 0; n < merged.hook_count; n++)
		dump_hook(&merged, merged.hooks[n], ret);
	return 0;
}

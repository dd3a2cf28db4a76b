// SPDX-License-Identifier: Apache-2.0
/* dump.c - an image as text; see image.h. */
#include "compiler/image/image.h"

#include <inttypes.h>

#include "compiler/image/loads.h"
#include "compiler/image/metadata.h"

/* How records print; `looks_up`: the operand is a look-up. */
static const struct op_name { const char *name; bool looks_up; } op_names[] = {
	[ABI_OP_END] = { "end", false }, [ABI_OP_ACCEPT] = { "accept", false },
	[ABI_OP_EQUAL] = { "equal", false }, [ABI_OP_LESS] = { "less", false },
	[ABI_OP_GREATER] = { "greater", false }, [ABI_OP_LESS_SIGNED] = { "less-signed", false },
	[ABI_OP_GREATER_SIGNED] = { "greater-signed", false }, [ABI_OP_MASK] = { "mask", false },
	[ABI_OP_INTERVALS] = { "intervals", true }, [ABI_OP_STRING] = { "string", true },
	[ABI_OP_ADDRESS] = { "address", true }, [ABI_OP_BINARY] = { "binary", true },
	[ABI_OP_JUMP] = { "jump", false }, [ABI_OP_SUBSTRING] = { "substring", true },
	[ABI_OP_GAINED] = { "gained", false }, [ABI_OP_EXPRESSION] = { "expression", false },
	[ABI_OP_LINEAGE] = { "lineage", true }, [ABI_OP_SCOPE] = { "scope", false },
};

static const char *const source_names[] = {
	[ABI_SOURCE_ARGUMENT] = "argument", [ABI_SOURCE_FIELD] = "field", [ABI_SOURCE_RETURN] = "return",
	[ABI_SOURCE_TASK] = "task", [ABI_SOURCE_CURRENT] = "current", [ABI_SOURCE_REGISTER] = "register",
	[ABI_SOURCE_SLOT] = "slot", [ABI_SOURCE_LOCATION] = "probe argument",
};
static const char *const section_names[] = {
	[ABI_SECTION_POLICIES] = "policies", [ABI_SECTION_HOOKS] = "hooks",
	[ABI_SECTION_PROGRAMS] = "programs", [ABI_SECTION_TABLES] = "tables",
	[ABI_SECTION_ACCEPTS] = "accepts", [ABI_SECTION_METADATA] = "metadata",
	[ABI_SECTION_OBJECTS] = "objects",
};

const char *image_section_name(enum abi_section_id section)
{
	return section_names[section];
}

const char *image_load_name(uint8_t load)
{
	return load_rows[load].name;
}

static void dump_header(const struct image_view *view, struct buffer *ret)
{
	buffer_format(ret, "image version %u, %u bytes, checksum %016" PRIx64 "\n", view->header->abi_version,
		      view->header->size, (uint64_t)view->header->checksum);
	for (int n = 1; n < ABI_SECTION_COUNT; n++)
		buffer_format(ret, "  %-9s %8u at %u\n", section_names[n], view->header->sections[n].size,
			      view->header->sections[n].offset);
}

static void dump_policies(const struct image_view *view, struct buffer *ret)
{
	for (size_t n = 0; n < image_policy_count(view); n++) {
		struct image_policy policy = image_policy_at(view, n);

		buffer_format(ret, "policy %zu %s from %s%s%s%s, %u hooks, %u selectors, object of %zu bytes\n", n,
			      policy.name, policy.source_name, policy.monitor ? ", monitor" : "",
			      policy.enforces ? ", enforces" : "", policy.elsewhere ? ", not for this node" : "", policy.hook_count, policy.selector_count,
			      policy.object_size);
	}
}

/* ---- Hooks ---- */

static void dump_slots(const struct abi_hook *hook, struct buffer *ret)
{
	for (uint32_t n = 0; n < hook->slot_count; n++) {
		const struct abi_slot *slot = &hook->slots[n];

		buffer_format(ret, "  slot %u: %s of %s %u", n, load_rows[slot->load].name,
			      source_names[slot->source], slot->index);
		if (slot->source == ABI_SOURCE_FIELD)
			buffer_format(ret, " (%u bytes at %u)", slot->size, slot->offset);
		if (slot->source == ABI_SOURCE_SLOT)
			buffer_format(ret, " part %u", slot->offset);
		if (slot->source == ABI_SOURCE_LOCATION)
			buffer_format(ret, " by the location at %u", slot->offset);
		if (slot->load == ABI_LOAD_ENTRY)
			buffer_format(ret, " in the folder of argument %u", slot->offset);
		if (slot->size_slot)
			buffer_format(ret, " size of slot %u", slot->size_slot - 1);
		if (slot->chain)
			buffer_format(ret, " by the chain at %u", slot->chain);
		buffer_add_char(ret, '\n');
	}
}

static void dump_lookup(uint64_t operand, struct buffer *ret)
{
	buffer_format(ret, " table %u row %u", ABI_LOOKUP_TABLE(operand), ABI_LOOKUP_ROW(operand));
	if (ABI_LOOKUP_LAST(operand) != ABI_LOOKUP_ROW(operand))
		buffer_format(ret, "..%u", ABI_LOOKUP_LAST(operand));
	buffer_format(ret, " register %u%s", ABI_LOOKUP_REGISTER(operand),
		      operand & ABI_LOOKUP_DESTINATION ? " destination" : "");
}

static void dump_operand(const struct abi_record *record, struct buffer *ret)
{
	uint64_t operand = record->operand;

	if (op_names[record->op].looks_up)
		dump_lookup(operand, ret);
	else if (record->op == ABI_OP_LESS_SIGNED || record->op == ABI_OP_GREATER_SIGNED)
		buffer_format(ret, " %" PRId64, (int64_t)operand);
	else if (record->op == ABI_OP_ACCEPT)
		buffer_format(ret, " at %" PRIu64, operand);
	else
		buffer_format(ret, " 0x%" PRIx64, operand);
}

static void dump_record(const struct abi_record *record, uint32_t n, struct buffer *ret)
{
	buffer_format(ret, "  %4u %-14s", n, op_names[record->op].name);
	if (record->op == ABI_OP_END) {
		buffer_add_char(ret, '\n');
		return;
	}
	if (record->op == ABI_OP_BINARY || record->op == ABI_OP_LINEAGE)
		buffer_format(ret, " of %u", record->slot);
	else if (record->op > ABI_OP_ACCEPT && record->op != ABI_OP_JUMP && record->op < ABI_OP_EXPRESSION)
		buffer_format(ret, " slot %u", record->slot);
	if (record->op != ABI_OP_JUMP)
		dump_operand(record, ret);
	buffer_format(ret, " -> %u", record->yes);
	if (record->op != ABI_OP_ACCEPT && record->op != ABI_OP_JUMP)
		buffer_format(ret, " no %u unknown %u", record->no, record->unknown);
	buffer_add_char(ret, '\n');
}

static void dump_hook(const struct image_view *view, const struct image_hook *hook, struct buffer *ret)
{
	const struct abi_record *records = (const void *)(view->bytes + hook->abi->program);

	buffer_format(ret, "hook %u %s%s%s%s%s%s%s, from %s of %s", hook->id, hook->key, hook->syscall ? ", syscall" : "",
		      hook->overrides ? ", overrides" : "", hook->generated ? ", generated" : "",
		      hook->optional ? ", optional" : "", hook->single ? ", by itself" : "", hook->texts ? ", texts brought in" : "", hook->place, hook->policy);
	if (hook->pair != UINT32_MAX)
		buffer_format(ret, ", pair %u", hook->pair);
	buffer_add_char(ret, '\n');
	dump_slots(hook->abi, ret);
	for (uint32_t n = 0; n < hook->abi->record_count; n++)
		dump_record(&records[n], n, ret);
}

static void dump_hooks(const struct image_view *view, struct buffer *ret)
{
	for (size_t n = 0; n < image_hook_count(view); n++) {
		struct image_hook hook = image_hook_at(view, n);

		dump_hook(view, &hook, ret);
	}
}

/* ---- Accepts ---- */

static void dump_accept(const struct image_view *view, uint32_t at, struct buffer *ret)
{
	const struct abi_accept *accept = (const void *)(view->bytes + at);
	const struct abi_action *actions = (const void *)(view->bytes + accept->actions);

	buffer_format(ret, "accept at %u: policy %u hook %u selector %u, report 0x%x return 0x%x flags 0x%x", at,
		      accept->policy, accept->hook_index, accept->selector, accept->report_slots, accept->return_slots,
		      accept->flags);
	if (accept->return_record)
		buffer_format(ret, ", return from record %u", accept->return_record - 1);
	buffer_add_text(ret, ", actions");
	for (uint32_t n = 0; n < accept->action_count; n++) {
		buffer_format(ret, " %u(%d", actions[n].op, actions[n].argument);
		if (actions[n].value)
			buffer_format(ret, ", %d", actions[n].value);
		buffer_add_char(ret, ')');
	}
	buffer_add_char(ret, '\n');
}

/* Those that a program leads to: others were not verified. */
static void dump_accepts(const struct image_view *view, struct buffer *ret)
{
	for (size_t n = 0; n < image_hook_count(view); n++) {
		const struct abi_hook *hook = image_hook_at(view, n).abi;
		const struct abi_record *records = (const void *)(view->bytes + hook->program);

		for (uint32_t r = 0; r < hook->record_count; r++)
			if (records[r].op == ABI_OP_ACCEPT)
				dump_accept(view, (uint32_t)records[r].operand, ret);
	}
}

/* ---- Tables ---- */

static void dump_intervals(const struct image_view *view, uint32_t offset, struct buffer *ret)
{
	const struct abi_interval_table *table = (const void *)(view->bytes + offset);
	const struct abi_interval *intervals = (const void *)(table + 1);

	buffer_format(ret, "table %u: %u intervals%s\n", offset, table->count,
		      table->flags & ABI_INTERVALS_SIGNED ? ", signed" : "");
	for (uint32_t n = 0; n < table->count; n++)
		buffer_format(ret, "  0x%" PRIx64 "..0x%" PRIx64 " rows 0x%" PRIx64 "\n",
			      (uint64_t)intervals[n].low, (uint64_t)intervals[n].high, (uint64_t)intervals[n].rows);
}

static void dump_intervals128(const struct image_view *view, uint32_t offset, struct buffer *ret)
{
	const struct abi_interval128_table *table = (const void *)(view->bytes + offset);
	const struct abi_interval128 *intervals = (const void *)(table + 1);

	buffer_format(ret, "table %u: %u intervals of 128 bits\n", offset, table->count);
	for (uint32_t n = 0; n < table->count; n++)
		buffer_format(ret, "  0x%016" PRIx64 "%016" PRIx64 "..0x%016" PRIx64 "%016" PRIx64 " rows 0x%" PRIx64 "\n",
			      (uint64_t)intervals[n].low_high, (uint64_t)intervals[n].low_low,
			      (uint64_t)intervals[n].high_high, (uint64_t)intervals[n].high_low,
			      (uint64_t)intervals[n].rows);
}

static void dump_addresses(const struct image_view *view, uint32_t offset, struct buffer *ret)
{
	const struct abi_address_table *table = (const void *)(view->bytes + offset);

	buffer_format(ret, "table %u: addresses, IPv4 at %u, IPv6 at %u\n", offset, table->v4, table->v6);
	if (table->v4)
		dump_intervals(view, table->v4, ret);
	if (table->v6)
		dump_intervals128(view, table->v6, ret);
}

static void dump_pattern(const struct abi_pattern *pattern, struct buffer *ret)
{
	const uint8_t *bytes = (const void *)(pattern + 1);
	static const char *const kinds[] = {
		[ABI_STRING_EXACT] = "exact", [ABI_STRING_PREFIX] = "prefix", [ABI_STRING_POSTFIX] = "postfix",
	};

	buffer_format(ret, "%s \"", kinds[pattern->kind]);
	for (uint32_t n = 0; n < pattern->length; n++) {
		uint8_t c = bytes[n];

		if (c < ' ' || c >= 127 || c == '"' || c == '\\')
			buffer_format(ret, "\\x%02x", c);
		else
			buffer_add_char(ret, (char)c);
	}
	buffer_format(ret, "\" rows 0x%" PRIx64 "\n", (uint64_t)pattern->rows);
}

static void dump_filter(const struct image_view *view, uint32_t offset, const char *what, struct buffer *ret)
{
	const struct abi_filter *filter = (const void *)(view->bytes + offset);

	if (offset)
		buffer_format(ret, "  %s: %u words, classes 0x%x\n", what, filter->mask + 1, filter->classes);
}

static void dump_strings(const struct image_view *view, uint32_t offset, struct buffer *ret)
{
	const struct abi_string_table *table = (const void *)(view->bytes + offset);
	const struct abi_string_bucket *buckets = (const void *)(view->bytes + table->buckets);

	buffer_format(ret, "table %u: strings, %u buckets, %u prefix and %u postfix lengths, exact rows 0x%" PRIx64
		      ", postfix rows 0x%" PRIx64 ", always 0x%" PRIx64 "\n", offset, table->bucket_mask + 1,
		      table->prefix_count, table->postfix_count, (uint64_t)table->exact_rows,
		      (uint64_t)table->postfix_rows, (uint64_t)table->always_rows);
	dump_filter(view, table->filter, "filter", ret);
	dump_filter(view, table->names, "filter of last names", ret);
	for (uint32_t n = 0; n <= table->bucket_mask; n++) {
		if (!buckets[n].pattern)
			continue;
		buffer_format(ret, "  bucket %u: ", n);
		dump_pattern((const void *)(view->bytes + buckets[n].pattern), ret);
	}
}

static void dump_automaton(const struct image_view *view, uint32_t offset, struct buffer *ret)
{
	const struct abi_automaton *table = (const void *)(view->bytes + offset);
	const struct abi_state *states = (const void *)(view->bytes + table->states);

	buffer_format(ret, "table %u: %s, %u states, %u cells, %u classes\n", offset,
		      table->flags & ABI_AUTOMATON_WHOLE ? "patterns of whole strings" : "substrings", table->state_count, table->cell_count, table->class_count);
	for (uint32_t n = 0; n < table->state_count; n++)
		if (states[n].rows)
			buffer_format(ret, "  state %u rows 0x%" PRIx64 "\n", n, (uint64_t)states[n].rows);
}

static void (*const table_dumps[ABI_OP_COUNT])(const struct image_view *, uint32_t, struct buffer *) = {
	[ABI_OP_INTERVALS] = dump_intervals, [ABI_OP_STRING] = dump_strings, [ABI_OP_ADDRESS] = dump_addresses,
	[ABI_OP_SUBSTRING] = dump_automaton, [ABI_OP_LINEAGE] = dump_intervals,
};

/* Tables belong to one hook each; the first record that uses one prints it. */
static void dump_hook_tables(const struct image_view *view, const struct abi_hook *hook, struct buffer *ret)
{
	const struct abi_record *records = (const void *)(view->bytes + hook->program);
	uint64_t printed = 0;

	for (uint32_t n = 0; n < hook->record_count; n++) {
		uint64_t bit = 1ULL << ABI_LOOKUP_REGISTER(records[n].operand);

		if (!table_dumps[records[n].op] || printed & bit)
			continue;
		printed |= bit;
		table_dumps[records[n].op](view, ABI_LOOKUP_TABLE(records[n].operand), ret);
	}
}

static void dump_tables(const struct image_view *view, struct buffer *ret)
{
	for (size_t n = 0; n < ABI_BINARY_TABLES_MAX; n++)
		if (view->header->binary_tables[n])
			dump_strings(view, view->header->binary_tables[n], ret);
	for (size_t n = 0; n < image_hook_count(view); n++) {
		struct image_hook hook = image_hook_at(view, n);

		dump_hook_tables(view, hook.abi, ret);
	}
}

static void dump_relocation(const struct image_relocation *relocation, struct buffer *ret)
{
	if (relocation->kind == IMAGE_RELOCATE_FIELD)
		buffer_format(ret, "relocation: field %u of %s/%s for hook %u, %s\n", relocation->field,
			      relocation->subsystem, relocation->event, relocation->hook, relocation->place);
	else
		buffer_format(ret, "relocation: %s %s for hook %u, %s\n",
			      relocation->kind == IMAGE_RELOCATE_CHAIN ? "path" : "register", relocation->path,
			      relocation->hook, relocation->place);
}

static void dump_assignment(const struct image_assignment *assignment, struct buffer *ret)
{
	static const char *const words[] = {
		[IMAGE_ASSIGN_REGISTER] = "registers", [IMAGE_ASSIGN_SYMBOL] = "goes on at symbol",
		[IMAGE_ASSIGN_ADDRESS] = "goes on at address", [IMAGE_ASSIGN_OFFSET] = "goes on at offset",
	};

	buffer_format(ret, "override: %s %s for hook %u, %s\n", words[assignment->kind], assignment->text, assignment->hook,
		      assignment->place);
}

void image_dump(const struct image_view *view, struct buffer *ret)
{
	dump_header(view, ret);
	dump_policies(view, ret);
	dump_hooks(view, ret);
	dump_accepts(view, ret);
	dump_tables(view, ret);
	for (size_t n = 0; n < image_relocation_count(view); n++) {
		struct image_relocation relocation = image_relocation_at(view, n);

		dump_relocation(&relocation, ret);
	}
	for (size_t n = 0; n < image_assignment_count(view); n++) {
		struct image_assignment assignment = image_assignment_at(view, n);

		dump_assignment(&assignment, ret);
	}
}

// SPDX-License-Identifier: Apache-2.0
/* emit_metadata.c - names, reports, places and relocations; see emit.h and format.h. */
#include "compiler/link/emit.h"

#include <string.h>

#include "compiler/base/assignment.h"

struct metadata {
	struct emit *emit;
	uint32_t base;				/* offset of the strings in the image */
	struct buffer strings;
	struct buffer tables[META_TABLE_COUNT];
};

#define ADD(metadata, TABLE, record) \
	buffer_add(&(metadata)->tables[META_##TABLE], &(record), sizeof(record))
#define COUNT(metadata, TABLE, type) ((uint32_t)((metadata)->tables[META_##TABLE].length / sizeof(type)))

static uint32_t add_string(struct metadata *metadata, const char *text)
{
	uint32_t offset = metadata->base + (uint32_t)metadata->strings.length;

	if (!text)
		return 0;
	buffer_add(&metadata->strings, text, strlen(text) + 1);
	return offset;
}

static uint32_t add_place(struct metadata *metadata, uint32_t policy, const struct ir_place *at)
{
	const struct ir_policy *ir = &metadata->emit->merged->policies[policy].ir;

	return add_string(metadata, arena_format(metadata->emit->arena, "%s:%u:%u", ir->source_name, at->line,
						 at->column));
}

/* ---- What policies report ---- */

static void add_argument(struct metadata *metadata, const struct ir_argument *argument, uint8_t slot, uint16_t flags)
{
	const struct meta_argument row = {
		.type = (uint32_t)type_rows[argument->type].wire,
		.slot = slot,
		.flags = flags,
		.label = add_string(metadata, argument->label.bytes),
	};

	ADD(metadata, ARGUMENTS, row);
}

/* One row per selector of the policy; those that were dropped have no place. */
static struct meta_range add_selectors(struct metadata *metadata, const struct merged_entry *entry)
{
	uint32_t count = entry->ir->selectors_written ? entry->ir->selectors_written : 1;
	struct meta_range range = { COUNT(metadata, SELECTORS, struct meta_selector), count };
	size_t next = 0;

	for (uint32_t n = 0; n < count; n++) {
		struct meta_selector row = { 0 };

		if (next < entry->selector_count && entry->selectors[next].ir->index == n)
			row.place = add_place(metadata, entry->policy, &entry->selectors[next++].ir->at);
		ADD(metadata, SELECTORS, row);
	}
	return range;
}

static void add_requests_of(struct metadata *metadata, const struct merged_entry *entry, const struct ir_selector *selector,
			    const struct ir_action_list *actions, uint8_t flags)
{
	for (size_t n = 0; n < actions->count; n++) {
		const struct ir_action *action = &actions->items[n];
		struct meta_request row = {
			.policy = entry->policy, .hook_index = entry->hook_index, .selector = (uint16_t)selector->index,
			.op = (uint8_t)action_rows[action->op].wire, .flags = flags,
		};

		if ((action->op != ACTION_GET_URL && action->op != ACTION_DNS_LOOKUP) || !action->text.length)
			continue;	/* without an address (TP515) nothing is asked for */
		row.text = add_string(metadata, action->text.bytes);
		ADD(metadata, REQUESTS, row);
	}
}

static void add_requests(struct metadata *metadata, const struct merged_entry *entry)
{
	for (size_t n = 0; n < entry->selector_count; n++) {
		const struct ir_selector *selector = entry->selectors[n].ir;

		add_requests_of(metadata, entry, selector, &selector->actions, 0);
		add_requests_of(metadata, entry, selector, &selector->return_actions, META_REQUEST_ON_RETURN);
	}
}

static void add_policy_hook(struct metadata *metadata, const struct merged_entry *entry, uint32_t id)
{
	const struct ir_hook *ir = entry->ir;
	struct meta_policy_hook row = {
		.hook = id,
		.message = add_string(metadata, ir->message.bytes),
		.tags = { COUNT(metadata, TAGS, struct meta_tag), (uint32_t)ir->tags.count },
		.arguments = { COUNT(metadata, ARGUMENTS, struct meta_argument),
			       (uint32_t)(ir->arguments.count + ir->data.count) },
		.selectors = add_selectors(metadata, entry),
		.written = entry->written,
	};

	for (size_t n = 0; n < ir->tags.count; n++) {
		struct meta_tag tag = { add_string(metadata, ir->tags.items[n].bytes) };

		ADD(metadata, TAGS, tag);
	}
	for (size_t n = 0; n < ir->arguments.count; n++)
		if (ir->arguments.items[n].return_copy)
			add_argument(metadata, &ir->arguments.items[n], entry->copied_slot, META_ARGUMENT_COPIED);
		else
			add_argument(metadata, &ir->arguments.items[n], entry->slots[n], 0);
	for (size_t n = 0; n < ir->data.count; n++)
		add_argument(metadata, &ir->data.items[n], entry->data_slots[n], META_ARGUMENT_DATA);
	if (ir->return_argument) {
		add_argument(metadata, ir->return_argument, entry->returned_slot, 0);
		row.returned = COUNT(metadata, ARGUMENTS, struct meta_argument);
	}
	add_requests(metadata, entry);
	ADD(metadata, POLICY_HOOKS, row);
}

static void add_policy(struct metadata *metadata, uint32_t number)
{
	const struct merged_policy *policy = &metadata->emit->merged->policies[number];
	struct meta_policy row = {
		.name = add_string(metadata, policy->ir.name.bytes),
		.source_name = add_string(metadata, policy->ir.source_name),
		.object = metadata->emit->policy_objects[number],
		.object_size = (uint32_t)policy->input->size,
		.hooks = { COUNT(metadata, POLICY_HOOKS, struct meta_policy_hook),
			   (uint32_t)policy->entry_count },
		.flags = (policy->ir.enforces ? META_POLICY_ENFORCES : 0) | (policy->ir.loader ? META_POLICY_LOADER : 0) |
			 (policy->input->node == LINK_NODE_ELSEWHERE ? META_POLICY_ELSEWHERE : 0),
	};

	metadata->emit->policy_names[number] = row.name;
	for (size_t n = 0; n < policy->ir.hooks.count; n++)
		row.selector_count += policy->ir.hooks.items[n].elsewhere ? 0 : policy->ir.hooks.items[n].selectors_written;
	for (size_t n = 0; n < policy->entry_count; n++)
		add_policy_hook(metadata, &policy->entries[n], policy->hooks[n]->id);
	ADD(metadata, POLICIES, row);
}

/* ---- Host hooks ---- */

/* What only a program of another kind can do: at a static probe, to write to the memory of the program. */
static bool selector_overrides(const struct ir_selector *selector, enum hook_kind kind)
{
	const enum action_id wanted = kind == HOOK_USDT ? ACTION_SET : ACTION_OVERRIDE;

	for (size_t n = 0; n < selector->actions.count; n++)
		if (selector->actions.items[n].op == wanted)
			return true;
	return false;
}

/* Of a uprobe: whether the call returns at once, or has another stack. */
static bool action_moves_stack(const struct ir_action *action)
{
	struct assignment assignment;

	for (size_t n = 0; n < action->registers.count; n++)
		if (!assignment_parse(action->registers.items[n].bytes, action->registers.items[n].length, &assignment) &&
		    assignment_moves_stack(&assignment))
			return true;
	return action->op == ACTION_OVERRIDE && action->returns;
}

static bool moves_stack(const struct merged_hook *hook)
{
	for (size_t e = 0; hook->kind == HOOK_UPROBE && e < hook->entry_count && !hook->returns; e++)
		for (size_t n = 0; n < hook->entries[e]->selector_count; n++) {
			const struct ir_action_list *actions = &hook->entries[e]->selectors[n].ir->actions;

			for (size_t i = 0; i < actions->count; i++)
				if (action_moves_stack(&actions->items[i]))
					return true;
		}
	return false;
}

static bool hook_overrides(const struct merged_hook *hook)
{
	if (hook->enforcer)
		return true;
	for (size_t e = 0; e < hook->entry_count && !hook->returns; e++)
		for (size_t n = 0; n < hook->entries[e]->selector_count; n++)
			if (selector_overrides(hook->entries[e]->selectors[n].ir, hook->kind))
				return true;
	return false;
}

/* Of functions, when they are missing; of uprobes, when the file is another one. */
static bool can_do_without(const struct ir_hook *ir)
{
	return ir->kind == HOOK_UPROBE ? ir->ignore_digest : ir->ignore_missing;
}

/* The first that asks for it; of those, one that cannot do without comes first. */
static const struct merged_entry *first_asking(const struct merged_hook *hook)
{
	for (size_t n = 0; n < hook->entry_count; n++)
		if (!can_do_without(hook->entries[n]->ir))
			return hook->entries[n];
	return hook->entries[0];
}

static uint32_t argument_count(const struct merged_hook *hook)
{
	uint32_t count = 0;

	for (size_t n = 0; n < hook->slot_count; n++) {
		const struct abi_slot *slot = &hook->slots[n].abi;

		if ((slot->source == ABI_SOURCE_ARGUMENT || slot->source == ABI_SOURCE_FIELD || slot->source == ABI_SOURCE_LOCATION) &&
		    slot->index >= count)
			count = slot->index + 1u;
	}
	return count;
}

/* What names the place beside the name. */
static const char *hook_file(const struct ir_hook *ir)
{
	return ir->kind == HOOK_UPROBE || ir->kind == HOOK_USDT ? ir->path.bytes : ir->subsystem.bytes;
}

/* disable-kprobe-multi, disable-uprobe-multi of a policy that asks for it. */
static bool is_single(const struct metadata *metadata, const struct merged_hook *hook)
{
	for (size_t n = 0; n < hook->entry_count; n++) {
		const struct ir_policy *policy = &metadata->emit->merged->policies[hook->entries[n]->policy].ir;

		if (hook->kind == HOOK_KPROBE ? policy->single_kprobes : policy->single_uprobes)
			return true;
	}
	return false;
}

/* sleepable-preload-size of a policy that asks for it. */
static bool preloads(const struct metadata *metadata, const struct merged_hook *hook)
{
	for (size_t n = 0; hook->kind == HOOK_UPROBE && n < hook->entry_count; n++)
		if (metadata->emit->merged->policies[hook->entries[n]->policy].ir.preloads)
			return true;
	return false;
}

static void add_hook(struct metadata *metadata, const struct merged_hook *hook)
{
	const struct merged_entry *first = first_asking(hook);
	const struct ir_hook *ir = first->ir;
	const char *name = ir->kind == HOOK_USDT ?
		arena_format(metadata->emit->arena, "%s:%s", ir->provider.bytes, hook->name) : hook->name;
	const struct meta_hook row = {
		.id = hook->id,
		.kind = (uint32_t)hook_rows[hook->kind].wire,
		.flags = (hook_overrides(hook) ? META_HOOK_OVERRIDES : 0) | (hook->generated ? META_HOOK_GENERATED : 0) |
			 (hook->pattern ? META_HOOK_PATTERN : 0) |
			 (can_do_without(ir) ? META_HOOK_OPTIONAL : 0) | (is_single(metadata, hook) ? META_HOOK_SINGLE : 0) |
			 (preloads(metadata, hook) ? META_HOOK_PRELOADS : 0) | (moves_stack(hook) ? META_HOOK_MOVES_STACK : 0) |
			 (hook->method == METHOD_FMOD_RET ? META_HOOK_FMOD_RET : 0) |
			 (hook->method == METHOD_OVERRIDE_RETURN ? META_HOOK_OVERRIDE_RETURN : 0),
		.name = add_string(metadata, name),
		.subsystem = add_string(metadata, hook_file(ir)),
		.key = add_string(metadata, hook->key),
		.argument_count = argument_count(hook),
		.place = add_place(metadata, first->policy, &ir->at),
		.policy = add_string(metadata, metadata->emit->merged->policies[first->policy].ir.name.bytes),
		.site = hook->site,
		.digests = add_string(metadata, merge_digests(metadata->emit->arena, ir)),
		.reference_counter = hook->reference_counter,
	};

	ADD(metadata, HOOKS, row);
}

static uint32_t relocation_kind(const struct merged_slot *slot)
{
	if (slot->abi.source == ABI_SOURCE_FIELD)
		return META_RELOCATE_FIELD;
	if (slot->abi.source == ABI_SOURCE_REGISTER)
		return META_RELOCATE_REGISTER;
	if (slot->abi.source == ABI_SOURCE_LOCATION)
		return META_RELOCATE_LOCATION;
	return slot->abi.chain ? META_RELOCATE_CHAIN : 0;
}

static void add_relocation(struct metadata *metadata, const struct merged_hook *hook, uint32_t n, uint32_t kind)
{
	static const struct ir_argument nothing = { .type = TYPE_UINT64 };
	const struct merged_slot *slot = &hook->slots[n];
	const struct ir_argument *argument = slot->argument ? slot->argument : &nothing;
	const struct ir_place *at = slot->argument ? &slot->argument->at : &hook->entries[0]->ir->at;
	const bool has_path = argument->resolve.bytes && (kind == META_RELOCATE_CHAIN || kind == META_RELOCATE_REGISTER);
	const struct meta_relocation row = {
		.hook = hook->id, .slot = n, .kind = kind,
		.type = (uint32_t)type_rows[argument->type].wire,
		.place = add_place(metadata, slot->policy, at),
		.path = add_string(metadata, has_path ? argument->resolve.bytes : NULL),
		.btf_type = add_string(metadata, argument->btf_type.bytes),
		.btf_module = add_string(metadata, argument->btf_module.bytes),
	};

	ADD(metadata, RELOCATIONS, row);
}

static void add_relocations(struct metadata *metadata, const struct merged_hook *hook)
{
	for (uint32_t n = 0; n < hook->slot_count; n++) {
		const struct merged_slot *slot = &hook->slots[n];
		const uint32_t kind = relocation_kind(slot);

		if (kind)
			add_relocation(metadata, hook, n, kind);
		if (kind == META_RELOCATE_LOCATION && slot->abi.chain)	/* a path that starts at an argument of a static probe */
			add_relocation(metadata, hook, n, META_RELOCATE_CHAIN);
	}
}

static void add_scopes(struct metadata *metadata)
{
	const struct merged *merged = metadata->emit->merged;

	for (size_t n = 0; n < merged->scope_count; n++) {
		const struct merged_scope *scope = &merged->scopes[n];
		const struct meta_scope row = {
			.policy = scope->policy, .place = add_place(metadata, scope->policy, &scope->predicate->at),
			.written = scope->written, .selector = scope->selector, .predicate = scope->number,
		};

		ADD(metadata, SCOPES, row);
	}
}

/* Where the call goes on. */
static void add_target(struct metadata *metadata, const struct ir_action *action, struct meta_assignment *row)
{
	if (action->text.bytes) {
		row->kind = META_ASSIGN_SYMBOL;
		row->text = add_string(metadata, action->text.bytes);
		return;
	}
	row->kind = action->new_address ? META_ASSIGN_ADDRESS : META_ASSIGN_OFFSET;
	row->text = add_string(metadata, arena_format(metadata->emit->arena, "0x%llx",
						      (unsigned long long)(action->new_address ? action->new_address : action->new_offset)));
}

static void add_assignments(struct metadata *metadata)
{
	const struct emit *emit = metadata->emit;

	for (size_t n = 0; n < emit->assignment_count; n++) {
		const struct emit_assignment *one = &emit->assignments[n];
		struct meta_assignment row = {
			.hook = one->hook->id, .at = one->at, .policy = one->entry->policy, .kind = META_ASSIGN_REGISTER,
			.place = add_place(metadata, one->entry->policy, &one->selector->at),
		};

		if (one->number == SIZE_MAX)
			add_target(metadata, one->action, &row);
		else
			row.text = add_string(metadata, one->action->registers.items[one->number].bytes);
		ADD(metadata, ASSIGNMENTS, row);
	}
}

static void collect(struct metadata *metadata)
{
	const struct merged *merged = metadata->emit->merged;

	buffer_add_char(&metadata->strings, '\0');	/* never empty */
	for (uint32_t n = 0; n < merged->policy_count; n++)
		add_policy(metadata, n);
	for (size_t n = 0; n < merged->hook_count; n++) {
		add_hook(metadata, merged->hooks[n]);
		add_relocations(metadata, merged->hooks[n]);
	}
	add_scopes(metadata);
	add_assignments(metadata);
	if (metadata->emit->steps.length)
		buffer_add(&metadata->tables[META_STEPS], metadata->emit->steps.bytes, metadata->emit->steps.length);
}

static void write_out(struct metadata *metadata)
{
	static const size_t sizes[] = {
#define X(name, type) [META_##name] = sizeof(type),
		META_TABLES(X)
#undef X
	};
	struct buffer *image = &metadata->emit->image;
	size_t start = image->length;
	struct meta_header header = {
		.strings = metadata->base, .strings_size = (uint32_t)metadata->strings.length,
	};

	buffer_reserve(image, sizeof(header));
	buffer_add(image, metadata->strings.bytes, metadata->strings.length);
	for (int n = 0; n < META_TABLE_COUNT; n++) {
		buffer_align(image, 8);
		header.tables[n].offset = (uint32_t)image->length;
		header.tables[n].count = (uint32_t)(metadata->tables[n].length / sizes[n]);
		if (metadata->tables[n].length)
			buffer_add(image, metadata->tables[n].bytes, metadata->tables[n].length);
	}
	memcpy(image->bytes + start, &header, sizeof(header));
}

void emit_metadata(struct emit *emit)
{
	struct metadata metadata = { .emit = emit };

	emit_begin_section(emit, ABI_SECTION_METADATA);
	metadata.base = (uint32_t)(emit->image.length + sizeof(struct meta_header));
	collect(&metadata);
	write_out(&metadata);
	emit_end_section(emit, ABI_SECTION_METADATA);
	buffer_release(&metadata.strings);
	for (int n = 0; n < META_TABLE_COUNT; n++)
		buffer_release(&metadata.tables[n]);
}

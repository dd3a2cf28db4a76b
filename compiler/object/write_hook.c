// SPDX-License-Identifier: Apache-2.0
/* write_hook.c - hooks, what they read, and what their selectors do; see writer.h. */
#include "compiler/object/writer.h"

/* ---- Actions ---- */

static uint32_t write_details(struct writer *writer, const struct ir_action *action)
{
	const uint32_t number = COUNT(writer, DETAILS, struct object_details);
	struct object_details record = {
		.value = action->value,
		.rate_milliseconds = action->rate_milliseconds,
		.rate_scope = (uint32_t)action->rate_scope,
		.new_address = action->new_address,
		.new_offset = action->new_offset,
	};

	if (!action->value && !action->rate_milliseconds && !action->rate_scope && !action->text.bytes &&
	    !action->registers.count && !action->new_address && !action->new_offset)
		return OBJECT_ABSENT;
	record.text = write_text(writer, &action->text);
	record.registers = write_texts(writer, OBJECT_REGISTERS, &action->registers);
	ADD(writer, DETAILS, record);
	return number;
}

static void write_action(struct writer *writer, const struct ir_action *action)
{
	struct object_action record = {
		.op = action_rows[action->op].wire,
		.argument = action->argument,
		.flags = (uint8_t)((action->kernel_stack ? OBJECT_ACTION_KERNEL_STACK : 0) |
				   (action->user_stack ? OBJECT_ACTION_USER_STACK : 0) |
				   (action->ima_hash ? OBJECT_ACTION_IMA_HASH : 0) |
				   (action->returns ? OBJECT_ACTION_RETURNS : 0)),
		.details = write_details(writer, action),
	};

	ADD(writer, ACTIONS, record);
}

static struct object_range write_actions(struct writer *writer, const struct ir_action_list *actions)
{
	struct object_range range = { COUNT(writer, ACTIONS, struct object_action), (uint32_t)actions->count };

	for (size_t n = 0; n < actions->count; n++)
		write_action(writer, &actions->items[n]);
	return range;
}

static void write_selector(struct writer *writer, const struct ir_selector *selector)
{
	struct object_selector record = {
		.at = write_place(writer, &selector->at),
		.index = selector->index,
		.label = write_text(writer, &selector->label),
	};

	record.predicates = write_predicates(writer, &selector->predicates);
	record.return_predicates = write_predicates(writer, &selector->return_predicates);
	record.actions = write_actions(writer, &selector->actions);
	record.return_actions = write_actions(writer, &selector->return_actions);
	ADD(writer, SELECTORS, record);
}

/* ---- Arguments ---- */

static uint32_t write_chain(struct writer *writer, const struct ir_argument *argument)
{
	const uint32_t number = COUNT(writer, CHAINS, struct object_chain);
	struct object_chain record;

	if (!argument->resolve.bytes)
		return OBJECT_ABSENT;
	record.resolve = write_text(writer, &argument->resolve);
	record.btf_type = write_text(writer, &argument->btf_type);
	record.btf_module = write_text(writer, &argument->btf_module);
	ADD(writer, CHAINS, record);
	return number;
}

static void write_argument(struct writer *writer, const struct ir_argument *argument)
{
	struct object_argument record = {
		.at = write_place(writer, &argument->at),
		.type = type_rows[argument->type].wire,
		.load = argument->load, .source = argument->source,
		.index = argument->index, .size_index = argument->size_index, .folder = argument->folder,
		.flags = (uint8_t)((argument->return_copy ? OBJECT_ARGUMENT_RETURN_COPY : 0) |
				   (argument->max_data ? OBJECT_ARGUMENT_MAX_DATA : 0)),
		.label = write_text(writer, &argument->label),
		.chain = write_chain(writer, argument),
	};

	ADD(writer, ARGUMENTS, record);
}

static struct object_range write_arguments(struct writer *writer, const struct ir_argument_list *arguments)
{
	struct object_range range = { COUNT(writer, ARGUMENTS, struct object_argument), (uint32_t)arguments->count };

	for (size_t n = 0; n < arguments->count; n++)
		write_argument(writer, &arguments->items[n]);
	return range;
}

/* ---- Hooks ---- */

void write_list_names(struct writer *writer, const struct ir_names *names)
{
	struct object_names record = {
		.at = write_place(writer, &names->at),
		.kind = (uint32_t)names->kind,
		.name = write_text(writer, &names->name),
		.pattern = write_text(writer, &names->pattern),
		.values = write_texts(writer, OBJECT_NAMED, &names->values),
	};

	ADD(writer, NAMES, record);
}

static uint32_t names_of(struct writer *writer, const struct ir_hook *hook)
{
	uint32_t number = COUNT(writer, NAMES, struct object_names);

	if (!hook->names)
		return OBJECT_ABSENT;
	write_list_names(writer, hook->names);
	return number;
}

static struct object_range write_numbers(struct writer *writer, const struct ir_number_list *numbers)
{
	struct object_range range = { COUNT(writer, NUMBERS, uint64_t), (uint32_t)numbers->count };

	for (size_t n = 0; n < numbers->count; n++)
		ADD(writer, NUMBERS, numbers->items[n]);
	return range;
}

static uint32_t write_program(struct writer *writer, const struct ir_hook *hook)
{
	const uint32_t number = COUNT(writer, PROGRAMS, struct object_program);
	struct object_program record;

	if (hook->kind != HOOK_UPROBE && hook->kind != HOOK_USDT)
		return OBJECT_ABSENT;
	record.path = write_text(writer, &hook->path);
	record.provider = write_text(writer, &hook->provider);
	record.btf_path = write_text(writer, &hook->btf_path);
	record.symbols = write_texts(writer, OBJECT_SYMBOLS, &hook->symbols);
	record.digests = write_texts(writer, OBJECT_SYMBOLS, &hook->digests);
	record.offsets = write_numbers(writer, &hook->offsets);
	record.addresses = write_numbers(writer, &hook->addresses);
	record.reference_offsets = write_numbers(writer, &hook->reference_offsets);
	ADD(writer, PROGRAMS, record);
	return number;
}

static uint32_t flags_of(const struct ir_hook *hook)
{
	return (hook->syscall ? OBJECT_HOOK_SYSCALL : 0) | (hook->returns ? OBJECT_HOOK_RETURNS : 0) |
	       (hook->ignore_missing ? OBJECT_HOOK_IGNORE_MISSING : 0) |
	       (hook->ignore_digest ? OBJECT_HOOK_IGNORE_DIGEST : 0);
}

void write_hook(struct writer *writer, const struct ir_hook *hook)
{
	struct object_hook record = {
		.at = write_place(writer, &hook->at),
		.kind = (uint32_t)hook_rows[hook->kind].wire,
		.flags = flags_of(hook),
		.name = write_text(writer, &hook->name),
		.subsystem = write_text(writer, &hook->subsystem),
		.message = write_text(writer, &hook->message),
		.return_action = (uint32_t)hook->return_action,
		.returned = hook->return_argument != NULL,
		.selectors_written = hook->selectors_written,
		.node = { writer->node, hook->node ? 1 : 0 },
		.node_at = write_place(writer, &hook->node_at),
	};

	writer->node += record.node.count;
	record.names = names_of(writer, hook);
	record.tags = write_texts(writer, OBJECT_TAGS, &hook->tags);
	record.program = write_program(writer, hook);
	record.arguments = write_arguments(writer, &hook->arguments);
	record.data = write_arguments(writer, &hook->data);
	if (hook->return_argument)
		write_argument(writer, hook->return_argument);
	record.selectors = (struct object_range){ COUNT(writer, SELECTORS, struct object_selector),
						  (uint32_t)hook->selectors.count };
	for (size_t n = 0; n < hook->selectors.count; n++)
		write_selector(writer, &hook->selectors.items[n]);
	ADD(writer, HOOKS, record);
}

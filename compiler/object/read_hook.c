// SPDX-License-Identifier: Apache-2.0
/* read_hook.c - hooks, what they read, and what their selectors do; see reader.h. */
#include "compiler/object/reader.h"

/* ---- Selectors ---- */

static void read_details(const struct reader *reader, uint32_t n, struct ir_action *ret)
{
	struct object_details row;

	GET(reader, DETAILS, n, &row);
	ret->value = row.value;
	ret->rate_milliseconds = row.rate_milliseconds;
	ret->rate_scope = (enum ir_rate_scope)row.rate_scope;
	ret->text = read_text(reader, row.text);
	ret->registers = read_texts(reader, OBJECT_REGISTERS, row.registers);
	ret->new_address = row.new_address;
	ret->new_offset = row.new_offset;
}

static void read_action(const struct reader *reader, uint32_t n, struct ir_action *ret)
{
	struct object_action row;

	GET(reader, ACTIONS, n, &row);
	*ret = (struct ir_action){
		.op = (enum action_id)action_by_wire(row.op),
		.argument = row.argument,
		.kernel_stack = row.flags & OBJECT_ACTION_KERNEL_STACK,
		.user_stack = row.flags & OBJECT_ACTION_USER_STACK,
		.ima_hash = row.flags & OBJECT_ACTION_IMA_HASH,
		.returns = row.flags & OBJECT_ACTION_RETURNS,
	};
	if (row.details != OBJECT_ABSENT)
		read_details(reader, row.details, ret);
}

static struct ir_action_list read_actions(const struct reader *reader, struct object_range range)
{
	struct ir_action_list list = { arena_array(reader->arena, struct ir_action, range.count), range.count };

	for (uint32_t n = 0; n < range.count; n++)
		read_action(reader, range.first + n, &list.items[n]);
	return list;
}

static void read_selector(const struct reader *reader, uint32_t n, struct ir_selector *ret)
{
	struct object_selector row;

	GET(reader, SELECTORS, n, &row);
	*ret = (struct ir_selector){
		.at = read_place(row.at),
		.index = row.index,
		.predicates = read_predicates(reader, row.predicates),
		.actions = read_actions(reader, row.actions),
		.return_predicates = read_predicates(reader, row.return_predicates),
		.return_actions = read_actions(reader, row.return_actions),
		.label = read_text(reader, row.label),
	};
}

/* ---- Arguments ---- */

static void read_chain(const struct reader *reader, uint32_t n, struct ir_argument *ret)
{
	struct object_chain row;

	GET(reader, CHAINS, n, &row);
	ret->resolve = read_text(reader, row.resolve);
	ret->btf_type = read_text(reader, row.btf_type);
	ret->btf_module = read_text(reader, row.btf_module);
}

static void read_argument(const struct reader *reader, uint32_t n, struct ir_argument *ret)
{
	struct object_argument row;

	GET(reader, ARGUMENTS, n, &row);
	*ret = (struct ir_argument){
		.at = read_place(row.at),
		.type = (enum type_id)type_by_wire(row.type),
		.load = row.load, .source = row.source, .index = row.index, .size_index = row.size_index, .folder = row.folder,
		.return_copy = row.flags & OBJECT_ARGUMENT_RETURN_COPY,
		.max_data = row.flags & OBJECT_ARGUMENT_MAX_DATA,
		.label = read_text(reader, row.label),
	};
	if (row.chain != OBJECT_ABSENT)
		read_chain(reader, row.chain, ret);
}

static struct ir_argument_list read_arguments(const struct reader *reader, struct object_range range)
{
	struct ir_argument_list list = { arena_array(reader->arena, struct ir_argument, range.count), range.count };

	for (uint32_t n = 0; n < range.count; n++)
		read_argument(reader, range.first + n, &list.items[n]);
	return list;
}

/* ---- Hooks ---- */

void read_names(const struct reader *reader, uint32_t n, struct ir_names *ret)
{
	struct object_names row;

	GET(reader, NAMES, n, &row);
	*ret = (struct ir_names){
		.at = read_place(row.at),
		.name = read_text(reader, row.name),
		.kind = (enum ir_names_kind)row.kind,
		.values = read_texts(reader, OBJECT_NAMED, row.values),
		.pattern = read_text(reader, row.pattern),
	};
}

static const struct ir_names *names_of(const struct reader *reader, const struct object_hook *row)
{
	struct ir_names *names;

	if (row->names == OBJECT_ABSENT)
		return NULL;
	names = arena_new(reader->arena, struct ir_names);
	read_names(reader, row->names, names);
	return names;
}

static struct ir_number_list read_numbers(const struct reader *reader, struct object_range range)
{
	struct ir_number_list list = { arena_array(reader->arena, uint64_t, range.count), range.count };

	for (uint32_t n = 0; n < range.count; n++)
		GET(reader, NUMBERS, range.first + n, &list.items[n]);
	return list;
}

static void read_program(const struct reader *reader, uint32_t n, struct ir_hook *ret)
{
	struct object_program row;

	GET(reader, PROGRAMS, n, &row);
	ret->path = read_text(reader, row.path);
	ret->provider = read_text(reader, row.provider);
	ret->btf_path = read_text(reader, row.btf_path);
	ret->symbols = read_texts(reader, OBJECT_SYMBOLS, row.symbols);
	ret->digests = read_texts(reader, OBJECT_SYMBOLS, row.digests);
	ret->offsets = read_numbers(reader, row.offsets);
	ret->addresses = read_numbers(reader, row.addresses);
	ret->reference_offsets = read_numbers(reader, row.reference_offsets);
}

static void read_selectors(const struct reader *reader, struct object_range range, struct ir_hook *ret)
{
	ret->selectors.items = arena_array(reader->arena, struct ir_selector, range.count);
	ret->selectors.count = range.count;
	for (uint32_t n = 0; n < range.count; n++)
		read_selector(reader, range.first + n, &ret->selectors.items[n]);
}

void read_hook(const struct reader *reader, uint32_t n, struct ir_hook *ret)
{
	struct object_hook row;

	GET(reader, HOOKS, n, &row);
	*ret = (struct ir_hook){
		.at = read_place(row.at),
		.kind = (enum hook_kind)hook_by_wire((int)row.kind),
		.name = read_text(reader, row.name),
		.subsystem = read_text(reader, row.subsystem),
		.syscall = row.flags & OBJECT_HOOK_SYSCALL,
		.returns = row.flags & OBJECT_HOOK_RETURNS,
		.arguments = read_arguments(reader, row.arguments),
		.data = read_arguments(reader, row.data),
		.message = read_text(reader, row.message),
		.tags = read_texts(reader, OBJECT_TAGS, row.tags),
		.names = names_of(reader, &row),
		.ignore_missing = row.flags & OBJECT_HOOK_IGNORE_MISSING,
		.ignore_digest = row.flags & OBJECT_HOOK_IGNORE_DIGEST,
		.return_action = (enum ir_return_action)row.return_action,
		.selectors_written = row.selectors_written,
		.node = row.node.count ? read_label_selector(reader, row.node.first) : NULL,
		.node_at = read_place(row.node_at),
	};
	if (row.program != OBJECT_ABSENT)
		read_program(reader, row.program, ret);
	if (row.returned) {
		ret->return_argument = arena_new(reader->arena, struct ir_argument);
		read_argument(reader, row.data.first + row.data.count, ret->return_argument);
	}
	read_selectors(reader, row.selectors, ret);
}

// SPDX-License-Identifier: Apache-2.0
/* read.c - verified object bytes back to a policy, and their dump; see object.h. */
#include "compiler/object/object.h"

#include <string.h>

#include "compiler/object/format.h"

struct reader {
	const uint8_t *bytes;
	struct object_header header;
	struct arena *arena;
};

static void get(const struct reader *reader, enum object_section_id section, size_t size, uint32_t n, void *ret)
{
	memcpy(ret, reader->bytes + reader->header.sections[section].offset + n * size, size);
}
#define GET(reader, SECTION, n, ret) get((reader), OBJECT_##SECTION, sizeof(*(ret)), (n), (ret))

static struct ir_place read_place(struct object_place at)
{
	return (struct ir_place){ .line = at.line, .column = at.column };
}

static struct text read_text(const struct reader *reader, struct object_text text)
{
	const uint8_t *strings = reader->bytes + reader->header.sections[OBJECT_STRINGS].offset;

	if (text.offset == OBJECT_ABSENT)
		return (struct text){ .bytes = NULL };
	return (struct text){ arena_copy(reader->arena, strings + text.offset, text.length), text.length,
			      { NULL, 0, 0 } };
}

static struct text_list read_texts(const struct reader *reader, enum object_section_id section,
				   struct object_range range)
{
	struct text_list list = { arena_array(reader->arena, struct text, range.count), range.count };

	for (uint32_t n = 0; n < range.count; n++) {
		struct object_text row;

		get(reader, section, sizeof(row), range.first + n, &row);
		list.items[n] = read_text(reader, row);
	}
	return list;
}

static void read_intervals(const struct reader *reader, struct object_range range, struct ir_predicate *ret)
{
	ret->intervals.items = arena_array(reader->arena, struct ir_interval, range.count);
	ret->intervals.count = range.count;
	for (uint32_t n = 0; n < range.count; n++) {
		struct object_interval row;

		GET(reader, INTERVALS, range.first + n, &row);
		ret->intervals.items[n] = (struct ir_interval){ row.low, row.high };
	}
}

static void read_patterns(const struct reader *reader, struct object_range range, struct ir_predicate *ret)
{
	ret->patterns.items = arena_array(reader->arena, struct ir_pattern, range.count);
	ret->patterns.count = range.count;
	for (uint32_t n = 0; n < range.count; n++) {
		struct object_pattern row;

		GET(reader, PATTERNS, range.first + n, &row);
		ret->patterns.items[n] = (struct ir_pattern){ row.kind, row.text.length,
							      read_text(reader, row.text).bytes };
	}
}

static void read_networks(const struct reader *reader, struct object_range range, struct ir_predicate *ret)
{
	ret->networks.items = arena_array(reader->arena, struct ir_network, range.count);
	ret->networks.count = range.count;
	for (uint32_t n = 0; n < range.count; n++) {
		struct object_network row;

		GET(reader, NETWORKS, range.first + n, &row);
		ret->networks.items[n].family = row.family;
		ret->networks.items[n].prefix = row.prefix;
		memcpy(ret->networks.items[n].address, row.address, sizeof(row.address));
	}
}

static struct ir_written_list read_written(const struct reader *reader, struct object_range range)
{
	struct ir_written_list list = { arena_array(reader->arena, struct ir_written, range.count), range.count };

	for (uint32_t n = 0; n < range.count; n++) {
		struct object_written row;

		GET(reader, WRITTEN, range.first + n, &row);
		list.items[n] = (struct ir_written){ read_place(row.at),
						     (enum operator_id)operator_by_wire(row.op),
						     read_texts(reader, OBJECT_VALUES, row.values) };
	}
	return list;
}

static void read_predicate(const struct reader *reader, uint32_t n, struct ir_predicate *ret)
{
	struct object_predicate row;

	GET(reader, PREDICATES, n, &row);
	*ret = (struct ir_predicate){
		.at = read_place(row.at),
		.subject = (enum ir_subject)row.subject,
		.position = row.position,
		.test = (enum ir_test)row.test,
		.negated = row.negated,
		.mask = row.mask,
		.written = read_written(reader, row.written),
	};
	if (ret->subject == IR_ARGUMENT)
		ret->facet = ir_operator_facet(ret->written.items[0].op);
	if (row.test == IR_INTERVALS)
		read_intervals(reader, row.members, ret);
	else if (row.test == IR_STRINGS)
		read_patterns(reader, row.members, ret);
	else if (row.test == IR_NETWORKS)
		read_networks(reader, row.members, ret);
}

static void read_selector(const struct reader *reader, uint32_t n, struct ir_selector *ret)
{
	struct object_selector row;

	GET(reader, SELECTORS, n, &row);
	*ret = (struct ir_selector){
		.at = read_place(row.at),
		.index = row.index,
		.predicates = { arena_array(reader->arena, struct ir_predicate, row.predicates.count),
				row.predicates.count },
		.actions = { arena_array(reader->arena, struct ir_action, row.actions.count), row.actions.count },
	};
	for (uint32_t p = 0; p < row.predicates.count; p++)
		read_predicate(reader, row.predicates.first + p, &ret->predicates.items[p]);
	for (uint32_t a = 0; a < row.actions.count; a++) {
		struct object_action action;

		GET(reader, ACTIONS, row.actions.first + a, &action);
		ret->actions.items[a] = (struct ir_action){ (enum action_id)action_by_wire(action.op),
							    action.argument };
	}
}

static void read_argument(const struct reader *reader, uint32_t n, struct ir_argument *ret)
{
	struct object_argument row;

	GET(reader, ARGUMENTS, n, &row);
	*ret = (struct ir_argument){
		.at = read_place(row.at),
		.type = (enum type_id)type_by_wire(row.type),
		.load = row.load, .source = row.source, .index = row.index,
		.label = read_text(reader, row.label),
	};
}

static void read_hook(const struct reader *reader, uint32_t n, struct ir_hook *ret)
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
		.arguments = { arena_array(reader->arena, struct ir_argument, row.arguments.count),
			       row.arguments.count },
		.message = read_text(reader, row.message),
		.tags = read_texts(reader, OBJECT_TAGS, row.tags),
		.selectors_written = row.selectors_written,
		.selectors = { arena_array(reader->arena, struct ir_selector, row.selectors.count),
			       row.selectors.count },
	};
	for (uint32_t a = 0; a < row.arguments.count; a++)
		read_argument(reader, row.arguments.first + a, &ret->arguments.items[a]);
	if (row.returned) {
		ret->return_argument = arena_new(reader->arena, struct ir_argument);
		read_argument(reader, row.arguments.first + row.arguments.count, ret->return_argument);
	}
	for (uint32_t s = 0; s < row.selectors.count; s++)
		read_selector(reader, row.selectors.first + s, &ret->selectors.items[s]);
}

static void read_policy(const struct reader *reader, struct ir_policy *ret)
{
	struct object_policy row;

	GET(reader, POLICY, 0, &row);
	*ret = (struct ir_policy){
		.at = read_place(row.at),
		.name = read_text(reader, row.name),
		.source_name = read_text(reader, row.source_name).bytes,
		.monitor = row.flags & OBJECT_POLICY_MONITOR,
		.enforces = row.flags & OBJECT_POLICY_ENFORCES,
		.hooks = { arena_array(reader->arena, struct ir_hook, row.hooks.count), row.hooks.count },
	};
	for (uint32_t n = 0; n < row.hooks.count; n++)
		read_hook(reader, row.hooks.first + n, &ret->hooks.items[n]);
}

int object_read(const void *bytes, size_t size, struct arena *arena, struct ir_policy *ret,
		char message[256])
{
	struct reader reader = { .bytes = bytes, .arena = arena };
	int error = object_verify(bytes, size, message);

	if (error)
		return error;
	memcpy(&reader.header, bytes, sizeof(reader.header));
	read_policy(&reader, ret);
	return 0;
}

void object_dump(const void *bytes, size_t size, struct buffer *ret)
{
	static const struct { const char *name; size_t size; } rows[] = {
#define X(name, type) { #name, sizeof(type) },
		OBJECT_SECTIONS(X)
#undef X
	};
	struct arena arena = { 0 };
	struct object_header header;
	struct ir_policy policy;
	char message[256];

	if (object_read(bytes, size, &arena, &policy, message)) {
		buffer_format(ret, "damaged: %s\n", message);
		arena_release(&arena);
		return;
	}
	memcpy(&header, bytes, sizeof(header));
	buffer_format(ret, "object version %u, %u bytes\n", header.version, header.size);
	for (int n = 0; n < OBJECT_SECTION_COUNT; n++)
		buffer_format(ret, "  %-10s %6u x %zu\n", rows[n].name, header.sections[n].count, rows[n].size);
	ir_dump_policy(&policy, ret);
	arena_release(&arena);
}

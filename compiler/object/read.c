// SPDX-License-Identifier: Apache-2.0
/* read.c - verified object bytes back to a policy, and their dump; see object.h.  reader.h has its parts. */
#include "compiler/object/object.h"

#include <string.h>

#include "compiler/object/reader.h"

void reader_get(const struct reader *reader, enum object_section_id section, size_t size, uint32_t n, void *ret)
{
	memcpy(ret, reader->bytes + reader->header.sections[section].offset + n * size, size);
}

struct ir_place read_place(struct object_place at)
{
	return (struct ir_place){ .line = at.line, .column = at.column };
}

struct text read_text(const struct reader *reader, struct object_text text)
{
	const uint8_t *strings = reader->bytes + reader->header.sections[OBJECT_STRINGS].offset;

	if (text.offset == OBJECT_ABSENT)
		return (struct text){ .bytes = NULL };
	return (struct text){ arena_copy(reader->arena, strings + text.offset, text.length), text.length,
			      { NULL, 0, 0 } };
}

struct text_list read_texts(const struct reader *reader, enum object_section_id section, struct object_range range)
{
	struct text_list list = { arena_array(reader->arena, struct text, range.count), range.count };

	for (uint32_t n = 0; n < range.count; n++) {
		struct object_text row;

		reader_get(reader, section, sizeof(row), range.first + n, &row);
		list.items[n] = read_text(reader, row);
	}
	return list;
}

static struct ir_later_list read_later(const struct reader *reader, struct object_range range)
{
	struct ir_later_list list = { arena_array(reader->arena, struct ir_later, range.count), range.count };

	for (uint32_t n = 0; n < range.count; n++) {
		struct object_later row;

		GET(reader, LATER, range.first + n, &row);
		list.items[n] = (struct ir_later){ read_place(row.at), read_text(reader, row.what).bytes };
	}
	return list;
}

static void read_options(const struct object_policy *row, struct ir_policy *ret)
{
	ret->monitor = row->flags & OBJECT_POLICY_MONITOR;
	ret->enforces = row->flags & OBJECT_POLICY_ENFORCES;
	ret->loader = row->flags & OBJECT_POLICY_LOADER;
	ret->single_kprobes = row->flags & OBJECT_POLICY_SINGLE_KPROBES;
	ret->single_uprobes = row->flags & OBJECT_POLICY_SINGLE_UPROBES;
	ret->preloads = row->flags & OBJECT_POLICY_PRELOADS;
	ret->override_method = (enum override_method)row->override_method;
}

static void read_policy(struct reader *reader, struct ir_policy *ret)
{
	struct object_policy row;

	read_shared(reader);
	GET(reader, POLICY, 0, &row);
	*ret = (struct ir_policy){
		.at = read_place(row.at),
		.name = read_text(reader, row.name),
		.namespace = read_text(reader, row.namespace),
		.source_name = read_text(reader, row.source_name).bytes,
		.scope = row.scope == OBJECT_ABSENT ? NULL : &reader->workloads[row.scope],
		.scope_at = read_place(row.scope_at),
		.node = row.node.count ? read_label_selector(reader, row.node.first) : NULL,
		.node_at = read_place(row.node_at),
		.enforcer = { arena_array(reader->arena, struct ir_names, row.enforcer.count), row.enforcer.count },
		.hooks = { arena_array(reader->arena, struct ir_hook, row.hooks.count), row.hooks.count },
		.later = read_later(reader, row.later),
	};
	read_options(&row, ret);
	for (uint32_t n = 0; n < row.enforcer.count; n++)
		read_names(reader, row.enforcer.first + n, &ret->enforcer.items[n]);
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
		if (header.sections[n].count)
			buffer_format(ret, "  %-17s %6u x %zu\n", rows[n].name, header.sections[n].count, rows[n].size);
	ir_dump_policy(&policy, ret);
	arena_release(&arena);
}

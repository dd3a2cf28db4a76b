// SPDX-License-Identifier: Apache-2.0
/* write.c - a simplified policy to object bytes; see object.h and format.h.  writer.h has its parts. */
#include "compiler/object/object.h"

#include <errno.h>
#include <string.h>

#include "compiler/object/checksum.h"
#include "compiler/object/writer.h"

static uint32_t flags_of(const struct ir_policy *policy)
{
	return (policy->monitor ? OBJECT_POLICY_MONITOR : 0) | (policy->enforces ? OBJECT_POLICY_ENFORCES : 0) |
	       (policy->loader ? OBJECT_POLICY_LOADER : 0) |
	       (policy->single_kprobes ? OBJECT_POLICY_SINGLE_KPROBES : 0) |
	       (policy->single_uprobes ? OBJECT_POLICY_SINGLE_UPROBES : 0) | (policy->preloads ? OBJECT_POLICY_PRELOADS : 0);
}

static void write_later(struct writer *writer, const struct ir_later_list *later)
{
	for (size_t n = 0; n < later->count; n++) {
		const char *what = later->items[n].what;
		struct object_later record = { write_place(writer, &later->items[n].at),
					       write_bytes(writer, what, strlen(what)) };

		ADD(writer, LATER, record);
	}
}

static void write_policy(struct writer *writer, const struct ir_policy *policy)
{
	struct object_policy record = {
		.at = write_place(writer, &policy->at),
		.name = write_text(writer, &policy->name),
		.namespace = write_text(writer, &policy->namespace),
		.source_name = write_bytes(writer, policy->source_name, strlen(policy->source_name)),
		.flags = flags_of(policy),
		.override_method = (uint32_t)policy->override_method,
		.later = { 0, (uint32_t)policy->later.count },
		.hooks = { 0, (uint32_t)policy->hooks.count },
		.enforcer = { 0, (uint32_t)policy->enforcer.count },
		.scope = policy->scope ? 0 : OBJECT_ABSENT,
		.scope_at = write_place(writer, &policy->scope_at),
		.node = { 0, policy->node ? 1 : 0 },
		.node_at = write_place(writer, &policy->node_at),
	};

	write_later(writer, &policy->later);
	if (policy->node)
		write_label_selector(writer, policy->node);
	for (size_t n = 0; n < policy->hooks.count; n++)
		if (policy->hooks.items[n].node)
			write_label_selector(writer, policy->hooks.items[n].node);
	writer->node = policy->node ? 1 : 0;
	if (policy->scope)
		write_workloads(writer, policy->scope);
	for (size_t n = 0; n < policy->enforcer.count; n++)
		write_list_names(writer, &policy->enforcer.items[n]);
	for (size_t n = 0; n < policy->hooks.count; n++)
		write_hook(writer, &policy->hooks.items[n]);
	write_queued_conditions(writer);
	ADD(writer, POLICY, record);
}

static size_t total_size(const struct writer *writer)
{
	size_t size = sizeof(struct object_header);

	for (int n = 0; n < OBJECT_SECTION_COUNT; n++)
		size = (size + 7) / 8 * 8 + writer->sections[n].length;
	return (size + 7) / 8 * 8;
}

static void assemble(const struct writer *writer, struct buffer *ret)
{
	static const size_t sizes[] = {
#define X(name, type) sizeof(type),
		OBJECT_SECTIONS(X)
#undef X
	};
	struct object_header header = { .magic = OBJECT_MAGIC, .version = OBJECT_VERSION };
	size_t start = ret->length;

	buffer_reserve(ret, sizeof(header));
	for (int n = 0; n < OBJECT_SECTION_COUNT; n++) {
		header.sections[n].offset = (uint32_t)(ret->length - start);
		header.sections[n].count = (uint32_t)(writer->sections[n].length / sizes[n]);
		if (writer->sections[n].length)
			buffer_add(ret, writer->sections[n].bytes, writer->sections[n].length);
		buffer_reserve(ret, -(ret->length - start) % 8);
	}
	header.size = (uint32_t)(ret->length - start);
	memcpy(ret->bytes + start, &header, sizeof(header));
	header.checksum = object_checksum(ret->bytes + start, header.size);
	memcpy(ret->bytes + start, &header, sizeof(header));
}

/* Of several policies of one text, `cursor` goes on from one to the next. */
static int write_object(const struct ir_policy *policy, struct source_cursor *cursor, struct buffer *ret)
{
	struct writer writer = { .policy = policy, .cursor = cursor };
	int error = 0;

	write_policy(&writer, policy);
	if (writer.is_too_large || total_size(&writer) > LIMIT_OBJECT_BYTES || writer.text_bytes > LIMIT_OBJECT_TEXT_BYTES)
		error = -E2BIG;
	else
		assemble(&writer, ret);
	for (int n = 0; n < OBJECT_SECTION_COUNT; n++)
		buffer_release(&writer.sections[n]);
	arena_release(&writer.arena);
	return error;
}

int object_write(const struct ir_policy *policy, struct buffer *ret)
{
	struct source_cursor cursor = { 0 };

	return write_object(policy, &cursor, ret);
}

int objects_write(const struct ir_list *ir, struct arena *arena, struct diagnostics *diagnostics,
		  struct buffer **ret, size_t *count)
{
	struct buffer *objects = arena_array(arena, struct buffer, ir->count);
	struct source_cursor cursor = { 0 };
	int error = 0;

	for (size_t n = 0; n < ir->count; n++) {
		const struct ir_policy *policy = &ir->items[n];

		if (write_object(policy, &cursor, &objects[n]))
			error = diag(diagnostics, DIAG_TOO_COMPLEX, policy->at.span,
				     "policy '%s' is too large: its object may take %d bytes, its texts %d in all, and a selector %d filters",
				     policy->name.bytes, LIMIT_OBJECT_BYTES, LIMIT_OBJECT_TEXT_BYTES, LIMIT_SELECTOR_FILTERS);
	}
	*ret = objects;
	*count = ir->count;
	return error;
}

void objects_release(struct buffer *objects, size_t count)
{
	for (size_t n = 0; n < count; n++)
		buffer_release(&objects[n]);
}

// SPDX-License-Identifier: Apache-2.0
/* write.c - a simplified policy to object bytes; see object.h and format.h. */
#include "compiler/object/object.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "compiler/object/checksum.h"
#include "compiler/object/format.h"

/* A string that is already in STRINGS. */
struct interned { uint64_t hash; struct object_text text; };

struct writer {
	struct buffer sections[OBJECT_SECTION_COUNT];
	struct arena arena;
	struct interned *interned;	/* open addressing; hash 0 of a free one */
	size_t interned_count, interned_room;
	struct source_cursor cursor;
	uint64_t text_bytes;		/* of all texts, as readers will hold them */
};

static uint32_t count_of(const struct writer *writer, enum object_section_id section, size_t size)
{
	return (uint32_t)(writer->sections[section].length / size);
}
#define COUNT(writer, SECTION, type) count_of((writer), OBJECT_##SECTION, sizeof(type))
#define ADD(writer, SECTION, record) \
	buffer_add(&(writer)->sections[OBJECT_##SECTION], &(record), sizeof(record))

/* ---- Places ---- */

static struct object_place write_place(struct writer *writer, const struct ir_place *place)
{
	struct source line;

	if (span_is_empty(place->span))
		return (struct object_place){ place->line, place->column };
	source_seek(&writer->cursor, place->span);
	line = (struct source){ .name = place->span.source->name,
				.text = place->span.source->text + writer->cursor.line_start,
				.length = place->span.source->length - writer->cursor.line_start };
	return (struct object_place){
		writer->cursor.line, source_position(&line, place->span.start - writer->cursor.line_start).column
	};
}

/* ---- Strings: each once ---- */

static struct interned *find_interned(struct writer *writer, uint64_t hash, const char *bytes, size_t length)
{
	size_t at = hash & (writer->interned_room - 1);
	const char *strings = writer->sections[OBJECT_STRINGS].bytes;

	for (;; at = (at + 1) & (writer->interned_room - 1)) {
		struct interned *one = &writer->interned[at];

		if (!one->hash || (one->hash == hash && one->text.length == length &&
				   !memcmp(strings + one->text.offset, bytes, length)))
			return one;
	}
}

/* At most half full. */
static void make_room(struct writer *writer)
{
	struct interned *old = writer->interned;
	size_t old_room = writer->interned_room;

	if (writer->interned_count * 2 < old_room)
		return;
	writer->interned_room = old_room ? old_room * 2 : 64;
	writer->interned = arena_array(&writer->arena, struct interned, writer->interned_room);
	for (size_t n = 0; n < old_room; n++) {
		size_t at = old[n].hash & (writer->interned_room - 1);

		while (old[n].hash && writer->interned[at].hash)
			at = (at + 1) & (writer->interned_room - 1);
		if (old[n].hash)
			writer->interned[at] = old[n];
	}
}

static struct object_text write_bytes(struct writer *writer, const char *bytes, size_t length)
{
	struct buffer *strings = &writer->sections[OBJECT_STRINGS];
	uint64_t hash = object_hash(bytes, length) | 1;
	struct interned *known;

	writer->text_bytes += length;
	make_room(writer);
	known = find_interned(writer, hash, bytes, length);
	if (known->hash)
		return known->text;
	*known = (struct interned){ hash, { (uint32_t)strings->length, (uint32_t)length } };
	writer->interned_count++;
	buffer_add(strings, bytes, length);
	buffer_add_char(strings, '\0');
	return known->text;
}

static struct object_text write_text(struct writer *writer, const struct text *text)
{
	return text->bytes ? write_bytes(writer, text->bytes, text->length)
			   : (struct object_text){ OBJECT_ABSENT, 0 };
}

/* ---- Records ---- */

static struct object_range write_members(struct writer *writer, const struct ir_predicate *predicate)
{
	struct object_range range = { 0, 0 };

	if (predicate->test == IR_INTERVALS) {
		range.first = COUNT(writer, INTERVALS, struct object_interval);
		range.count = (uint32_t)predicate->intervals.count;
		for (size_t n = 0; n < range.count; n++) {
			struct object_interval one = { predicate->intervals.items[n].low,
						       predicate->intervals.items[n].high };
			ADD(writer, INTERVALS, one);
		}
	} else if (predicate->test == IR_STRINGS) {
		range.first = COUNT(writer, PATTERNS, struct object_pattern);
		range.count = (uint32_t)predicate->patterns.count;
		for (size_t n = 0; n < range.count; n++) {
			const struct ir_pattern *pattern = &predicate->patterns.items[n];
			struct object_pattern one = {
				pattern->kind, write_bytes(writer, pattern->bytes, pattern->length)
			};
			ADD(writer, PATTERNS, one);
		}
	} else if (predicate->test == IR_NETWORKS) {
		range.first = COUNT(writer, NETWORKS, struct object_network);
		range.count = (uint32_t)predicate->networks.count;
		for (size_t n = 0; n < range.count; n++) {
			struct object_network one = { predicate->networks.items[n].family,
						      predicate->networks.items[n].prefix, { 0 } };
			memcpy(one.address, predicate->networks.items[n].address, sizeof(one.address));
			ADD(writer, NETWORKS, one);
		}
	}
	return range;
}

static void write_written(struct writer *writer, const struct ir_written *written)
{
	struct object_written record = {
		.at = write_place(writer, &written->at),
		.op = operator_rows[written->op].wire,
		.values = { COUNT(writer, VALUES, struct object_text), (uint32_t)written->values.count },
	};

	for (size_t n = 0; n < written->values.count; n++) {
		struct object_text text = write_text(writer, &written->values.items[n]);

		ADD(writer, VALUES, text);
	}
	ADD(writer, WRITTEN, record);
}

static void write_predicate(struct writer *writer, const struct ir_predicate *predicate)
{
	struct object_predicate record = {
		.at = write_place(writer, &predicate->at),
		.subject = (uint8_t)predicate->subject,
		.test = (uint8_t)predicate->test,
		.negated = predicate->negated,
		.position = predicate->position,
		.mask = predicate->mask,
		.members = write_members(writer, predicate),
		.written = { COUNT(writer, WRITTEN, struct object_written), (uint32_t)predicate->written.count },
	};

	for (size_t n = 0; n < predicate->written.count; n++)
		write_written(writer, &predicate->written.items[n]);
	ADD(writer, PREDICATES, record);
}

static void write_selector(struct writer *writer, const struct ir_selector *selector)
{
	struct object_selector record = {
		.at = write_place(writer, &selector->at),
		.index = selector->index,
		.predicates = { COUNT(writer, PREDICATES, struct object_predicate),
				(uint32_t)selector->predicates.count },
		.actions = { COUNT(writer, ACTIONS, struct object_action), (uint32_t)selector->actions.count },
	};

	for (size_t n = 0; n < selector->predicates.count; n++)
		write_predicate(writer, &selector->predicates.items[n]);
	for (size_t n = 0; n < selector->actions.count; n++) {
		struct object_action action = { action_rows[selector->actions.items[n].op].wire,
						selector->actions.items[n].argument };
		ADD(writer, ACTIONS, action);
	}
	ADD(writer, SELECTORS, record);
}

static void write_argument(struct writer *writer, const struct ir_argument *argument)
{
	struct object_argument record = {
		.at = write_place(writer, &argument->at),
		.type = type_rows[argument->type].wire,
		.load = argument->load, .source = argument->source, .index = argument->index,
		.label = write_text(writer, &argument->label),
	};

	ADD(writer, ARGUMENTS, record);
}

static void write_hook(struct writer *writer, const struct ir_hook *hook)
{
	struct object_hook record = {
		.at = write_place(writer, &hook->at),
		.kind = (uint32_t)hook_rows[hook->kind].wire,
		.flags = (hook->syscall ? OBJECT_HOOK_SYSCALL : 0) | (hook->returns ? OBJECT_HOOK_RETURNS : 0),
		.name = write_text(writer, &hook->name),
		.subsystem = write_text(writer, &hook->subsystem),
		.message = write_text(writer, &hook->message),
		.tags = { COUNT(writer, TAGS, struct object_text), (uint32_t)hook->tags.count },
		.arguments = { COUNT(writer, ARGUMENTS, struct object_argument), (uint32_t)hook->arguments.count },
		.returned = hook->return_argument != NULL,
		.selectors_written = hook->selectors_written,
		.selectors = { COUNT(writer, SELECTORS, struct object_selector), (uint32_t)hook->selectors.count },
	};

	for (size_t n = 0; n < hook->tags.count; n++) {
		struct object_text tag = write_text(writer, &hook->tags.items[n]);

		ADD(writer, TAGS, tag);
	}
	for (size_t n = 0; n < hook->arguments.count; n++)
		write_argument(writer, &hook->arguments.items[n]);
	if (hook->return_argument)
		write_argument(writer, hook->return_argument);
	for (size_t n = 0; n < hook->selectors.count; n++)
		write_selector(writer, &hook->selectors.items[n]);
	ADD(writer, HOOKS, record);
}

static void write_policy(struct writer *writer, const struct ir_policy *policy)
{
	struct object_policy record = {
		.at = write_place(writer, &policy->at),
		.name = write_text(writer, &policy->name),
		.source_name = write_bytes(writer, policy->source_name, strlen(policy->source_name)),
		.flags = (policy->monitor ? OBJECT_POLICY_MONITOR : 0) |
			 (policy->enforces ? OBJECT_POLICY_ENFORCES : 0),
		.hooks = { 0, (uint32_t)policy->hooks.count },
	};

	for (size_t n = 0; n < policy->hooks.count; n++)
		write_hook(writer, &policy->hooks.items[n]);
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

int object_write(const struct ir_policy *policy, struct buffer *ret)
{
	struct writer writer = { .interned = NULL };
	int error = 0;

	assert(!policy->later.count);
	write_policy(&writer, policy);
	if (total_size(&writer) > LIMIT_OBJECT_BYTES || writer.text_bytes > LIMIT_OBJECT_TEXT_BYTES)
		error = -E2BIG;
	else
		assemble(&writer, ret);
	for (int n = 0; n < OBJECT_SECTION_COUNT; n++)
		buffer_release(&writer.sections[n]);
	arena_release(&writer.arena);
	return error;
}

int objects_write(const struct ir_list *ir, struct arena *arena, struct diagnostics *diagnostics,
		  struct buffer **ret, size_t *count)
{
	struct buffer *objects = arena_array(arena, struct buffer, ir->count);
	int error = 0;

	for (size_t n = 0; n < ir->count; n++) {
		const struct ir_policy *policy = &ir->items[n];

		if (object_write(policy, &objects[n]))
			error = diag(diagnostics, DIAG_TOO_COMPLEX, policy->at.span,
				     "policy '%s' is too large: its object may take %d bytes, and its texts %d in all",
				     policy->name.bytes, LIMIT_OBJECT_BYTES, LIMIT_OBJECT_TEXT_BYTES);
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

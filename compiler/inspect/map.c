// SPDX-License-Identifier: Apache-2.0
/*
 * map.c - every byte of the file; see parts.h.
 *
 * What is known is gathered in any order, then put in order.  Of two that overlap, as in a file that no compiler of ours made,
 * the first keeps its bytes.  What is between belongs to nobody: padding, when it is zero and short.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/inspect/parts.h"

/* ---- Gathering ---- */

void inspect_range(struct inspect_ranges *ranges, uint64_t offset, uint64_t size, const char *place, const char *format, ...)
{
	struct arena *arena = ranges->inspection->arena;
	va_list arguments, again;
	int length;
	char *text;

	if (!size || offset >= ranges->inspection->size || size > ranges->inspection->size - offset)
		return;
	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	text = arena_alloc(arena, (size_t)(length > 0 ? length : 0) + 1, 1);
	vsnprintf(text, (size_t)(length > 0 ? length : 0) + 1, format, again);
	va_end(again);
	va_end(arguments);
	ranges->items = arena_grow(arena, ranges->items, ranges->count, &ranges->room, sizeof(*ranges->items));
	ranges->items[ranges->count] = (struct inspect_range){
		(uint32_t)offset, (uint32_t)size, (uint32_t)ranges->count, text, place,
	};
	ranges->count++;
}

static void add_header(struct inspect_ranges *ranges)
{
	const struct abi_image *header = ranges->inspection->view.header;
	const uint32_t pad = offsetof(struct abi_image, pad);

#define MEMBER(member, ...) \
	inspect_range(ranges, offsetof(struct abi_image, member), sizeof(header->member), NULL, __VA_ARGS__)
	MEMBER(magic, "magic number of images");
	MEMBER(abi_version, "version %u", header->abi_version);
	MEMBER(size, "size: %u bytes", header->size);
	MEMBER(checksum, "checksum");
	MEMBER(policy_count, "%u policies", header->policy_count);
	MEMBER(hook_count, "%u hooks", header->hook_count);
	MEMBER(program_size, "programs read %u bytes", header->program_size);
	MEMBER(accept_count, "%u accepts", header->accept_count);
#undef MEMBER
	for (uint32_t n = 0; n < ABI_BINARY_TABLES_MAX; n++)
		inspect_range(ranges, offsetof(struct abi_image, binary_tables) + n * sizeof(uint32_t), sizeof(uint32_t), NULL,
			      header->binary_tables[n] ? "table %u of programs' paths is at %u" :
							 "table %u of programs' paths: none", n, header->binary_tables[n]);
	for (uint32_t n = 0; n < ABI_SECTION_COUNT; n++)
		inspect_range(ranges, offsetof(struct abi_image, sections) + n * sizeof(header->sections[0]),
			      sizeof(header->sections[0]), NULL, n ? "section %s: %u bytes at %u" : "section 0 is none of any",
			      n ? image_section_name((enum abi_section_id)n) : "", header->sections[n].size,
			      header->sections[n].offset);
	inspect_range(ranges, pad, sizeof(header->pad), NULL, "reserved");
}

/* Ids in use one by one, others by the run. */
static void add_hook_offsets(struct inspect_ranges *ranges)
{
	const uint32_t *offsets = ranges->inspection->view.header->hook_offset, start = offsetof(struct abi_image, hook_offset);

	for (uint32_t id = 0, end; id < ABI_HOOKS_MAX; id = end) {
		for (end = id + 1; end < ABI_HOOKS_MAX && !offsets[id] && !offsets[end]; end++)
			continue;
		if (offsets[id])
			inspect_range(ranges, start + id * 4, 4, NULL, "hook %u is at %u", id, offsets[id]);
		else
			inspect_range(ranges, start + id * 4, (end - id) * 4, NULL, "hooks %u..%u: none", id, end - 1);
	}
}

static void add_policies(struct inspect_ranges *ranges)
{
	const uint32_t start = ranges->inspection->view.header->sections[ABI_SECTION_POLICIES].offset;

	for (uint32_t n = 0; n < image_policy_count(&ranges->inspection->view); n++) {
		const struct image_policy policy = image_policy_at(&ranges->inspection->view, n);

		inspect_range(ranges, start + n * sizeof(struct abi_policy), sizeof(struct abi_policy),
			      inspect_place(ranges->inspection, &ranges->inspection->policies[n].ir,
					    ranges->inspection->policies[n].ir.at),
			      "policy '%s'%s", policy.name, policy.monitor ? ", nothing is enforced" : "");
	}
}

/* ---- Programs and what they lead to ---- */

static const char *record_place(struct inspect_ranges *ranges, const struct abi_hook *hook, const struct abi_record *record,
				uint32_t n)
{
	struct inspection *inspection = ranges->inspection;
	struct image_step step;

	if (record->op == ABI_OP_ACCEPT) {
		const struct abi_accept *accept = (const void *)(inspection->bytes + record->operand);

		return image_selector_place(&inspection->view, accept->policy, accept->hook_index, accept->selector);
	}
	return image_step_of(&inspection->view, hook, n, &step) ? inspect_step_place(inspection, &step) : NULL;
}

static void add_assignments(struct inspect_ranges *ranges, uint32_t offset, const char *place)
{
	const struct abi_assignments *head = (const void *)(ranges->inspection->bytes + offset);

	inspect_range(ranges, offset, sizeof(*head), place, "%u register assignments", head->count);
	for (uint32_t n = 0; n < head->count; n++)
		inspect_range(ranges, offset + (uint32_t)sizeof(*head) + n * (uint32_t)sizeof(struct abi_assignment),
			      sizeof(struct abi_assignment), place, "assignment %u of those at %u", n, offset);
}

static void add_accept(struct inspect_ranges *ranges, uint32_t offset, const char *place)
{
	const struct abi_accept *accept = (const void *)(ranges->inspection->bytes + offset);

	if (!inspect_first_time(ranges->inspection, offset))
		return;
	inspect_range(ranges, offset, sizeof(*accept), place, "accept: selector %u of policy '%s'", accept->selector,
		      image_policy_at(&ranges->inspection->view, accept->policy).name);
	for (uint32_t n = 0; n < accept->action_count; n++) {
		const uint32_t at = accept->actions + n * (uint32_t)sizeof(struct abi_action);
		const struct abi_action *action = (const void *)(ranges->inspection->bytes + at);

		inspect_range(ranges, at, sizeof(*action), place, "action %u of the accept at %u", n, offset);
		if (action->assignments)
			add_assignments(ranges, action->assignments, place);
	}
}

static void add_program(struct inspect_ranges *ranges, const struct image_hook *hook)
{
	const struct abi_record *records = (const void *)(ranges->inspection->bytes + hook->abi->program);

	for (uint32_t n = 0; n < hook->abi->record_count; n++) {
		const uint32_t offset = hook->abi->program + n * (uint32_t)sizeof(*records);
		const char *place;

		if (!inspect_first_time(ranges->inspection, offset))
			return;
		place = record_place(ranges, hook->abi, &records[n], n);
		inspect_range(ranges, offset, sizeof(*records), place, "record %u of hook %u", n, hook->id);
		if (records[n].op == ABI_OP_ACCEPT)
			add_accept(ranges, (uint32_t)records[n].operand, place);
	}
}

static void add_hook(struct inspect_ranges *ranges, const struct image_hook *hook)
{
	const uint32_t offset = (uint32_t)((const uint8_t *)hook->abi - ranges->inspection->bytes);
	const uint32_t slots = offset + offsetof(struct abi_hook, slots), used = hook->abi->slot_count;

	inspect_range(ranges, offset, offsetof(struct abi_hook, slots), hook->place, "hook %u: %s", hook->id, hook->key);
	for (uint32_t n = 0; n < used; n++)
		inspect_range(ranges, slots + n * sizeof(struct abi_slot), sizeof(struct abi_slot), NULL, "value %u of hook %u: %s",
			      n, hook->id, inspect_value(ranges->inspection, hook, n));
	inspect_range(ranges, slots + used * sizeof(struct abi_slot), (ABI_SLOTS_MAX - used) * sizeof(struct abi_slot), NULL,
		      "values %u..%u of hook %u: none", used, ABI_SLOTS_MAX - 1, hook->id);
	add_program(ranges, hook);
}

/* An accept that no record leads to was not verified, but there it is. */
static void add_unused_accepts(struct inspect_ranges *ranges)
{
	const struct abi_image *header = ranges->inspection->view.header;
	const struct abi_section *section = &header->sections[ABI_SECTION_ACCEPTS];
	const uint32_t room = section->size / sizeof(struct abi_accept);

	for (uint32_t n = 0; n < header->accept_count && n < room; n++) {
		const uint32_t offset = section->offset + n * (uint32_t)sizeof(struct abi_accept);

		if (inspect_first_time(ranges->inspection, offset))
			inspect_range(ranges, offset, sizeof(struct abi_accept), NULL, "accept %u, to which no record leads", n);
	}
}

static void add_objects(struct inspect_ranges *ranges)
{
	const struct inspection *inspection = ranges->inspection;

	for (size_t n = 0; n < image_policy_count(&inspection->view); n++) {
		const struct image_policy policy = image_policy_at(&inspection->view, n);
		const uint32_t offset = (uint32_t)((const uint8_t *)policy.object - inspection->bytes);

		if (inspection->policies[n].damage)
			inspect_range(ranges, offset, policy.object_size, NULL, "object of policy '%s', which is damaged", policy.name);
		else
			inspect_map_object(ranges, offset, &inspection->policies[n].ir);
	}
}

static void add_image(struct inspect_ranges *ranges)
{
	inspect_forget_seen(ranges->inspection);
	add_header(ranges);
	add_hook_offsets(ranges);
	inspect_map_tables(ranges);
	for (size_t n = 0; n < image_hook_count(&ranges->inspection->view); n++) {
		const struct image_hook hook = image_hook_at(&ranges->inspection->view, n);

		add_hook(ranges, &hook);
	}
	add_unused_accepts(ranges);
	add_policies(ranges);
	inspect_map_metadata(ranges);
	add_objects(ranges);
}

/* ---- Putting in order ---- */

static int by_offset(const void *a, const void *b)
{
	const struct inspect_range *one = a, *other = b;

	if (one->offset != other->offset)
		return one->offset < other->offset ? -1 : 1;
	return one->number < other->number ? -1 : one->number > other->number;
}

static void write_range(struct inspection *inspection, struct data *list, uint32_t offset, uint32_t size, const char *text,
			const char *place)
{
	struct data *entry = data_record(inspection->arena, list, NULL);

	data_number(inspection->arena, entry, "offset", offset);
	data_number(inspection->arena, entry, "bytes", size);
	data_text(inspection->arena, entry, "text", text);
	inspect_add(inspection, entry, "place", place);
}

/* What lies between two ranges. */
static void write_gap(struct inspection *inspection, struct data *list, uint32_t offset, uint32_t size)
{
	bool zero = true;

	for (uint32_t n = 0; n < size; n++)
		zero &= !inspection->bytes[offset + n];
	if (size)
		write_range(inspection, list, offset, size, !zero ? "nothing leads here" :
			    size < 8 ? "padding" : "nothing leads here; all bytes are zero", NULL);
}

static void write_ranges(struct inspect_ranges *ranges, struct data *list)
{
	uint32_t at = 0;

	qsort(ranges->items, ranges->count, sizeof(*ranges->items), by_offset);
	for (size_t n = 0; n < ranges->count; n++) {
		const struct inspect_range *range = &ranges->items[n];
		const uint32_t end = range->offset + range->size;

		if (range->offset > at)
			write_gap(ranges->inspection, list, at, range->offset - at);
		if (range->offset >= at)
			at = range->offset;
		if (end <= at)
			continue;
		write_range(ranges->inspection, list, at, end - at, range->text, range->place);
		at = end;
	}
	write_gap(ranges->inspection, list, at, (uint32_t)ranges->inspection->size - at);
}

const struct data *inspect_map(struct inspection *inspection)
{
	struct inspect_ranges ranges = { .inspection = inspection };
	struct data *ret = data_new(inspection->arena);

	if (inspection->kind == INSPECT_IMAGE)
		add_image(&ranges);
	else
		inspect_map_object(&ranges, 0, &inspection->policy);
	data_text(inspection->arena, ret, "file", inspection->name);
	data_text(inspection->arena, ret, "kind", inspection->kind == INSPECT_IMAGE ? "image" : "object");
	data_text(inspection->arena, ret, "text",
		  arena_format(inspection->arena, "%s: %zu bytes", inspection->name, inspection->size));
	data_number(inspection->arena, ret, "bytes", (int64_t)inspection->size);
	write_ranges(&ranges, data_list(inspection->arena, ret, "ranges"));
	return ret;
}

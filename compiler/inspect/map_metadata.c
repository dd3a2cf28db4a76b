// SPDX-License-Identifier: Apache-2.0
/* map_metadata.c - the bytes of METADATA; see parts.h. */
#include <string.h>

#include "compiler/image/metadata.h"
#include "compiler/inspect/parts.h"

/* What a row says, and which policy line it is of (NULL: none). */
struct row { struct buffer text; const char *place; };

typedef void say_row(struct inspection *inspection, const void *record, struct row *ret);

static const char *text_at(struct inspection *inspection, uint32_t offset)
{
	const char *text = meta_text(inspection->bytes, offset);

	return text ? text : "none";
}

static void say_policy(struct inspection *inspection, const void *record, struct row *ret)
{
	const struct meta_policy *row = record;

	buffer_format(&ret->text, "policy '%s' from %s", text_at(inspection, row->name), text_at(inspection, row->source_name));
}

static void say_hook(struct inspection *inspection, const void *record, struct row *ret)
{
	const struct meta_hook *row = record;

	buffer_format(&ret->text, "hook %u is %s", row->id, text_at(inspection, row->key));
	ret->place = meta_text(inspection->bytes, row->place);
}

static void say_policy_hook(struct inspection *inspection, const void *record, struct row *ret)
{
	const struct meta_policy_hook *row = record;

	(void)inspection;
	buffer_format(&ret->text, "hook %u of a policy is at hook %u, with %u arguments and %u selectors", row->written, row->hook,
		      row->arguments.count, row->selectors.count);
}

static void say_selector(struct inspection *inspection, const void *record, struct row *ret)
{
	const struct meta_selector *row = record;

	buffer_add_text(&ret->text, row->place ? "place of a selector" : "a selector that never decides");
	ret->place = meta_text(inspection->bytes, row->place);
}

static void say_argument(struct inspection *inspection, const void *record, struct row *ret)
{
	const struct meta_argument *row = record;
	const int type = type_by_wire((int)row->type);

	buffer_format(&ret->text, "%s of type %s in value %u", row->flags & META_ARGUMENT_DATA ? "data" : row->flags & META_ARGUMENT_COPIED ? "argument, read at the return," : "argument", type < 0 ? "unknown" : type_rows[type].name, row->slot);
	if (row->label)
		buffer_format(&ret->text, ", called %s", text_at(inspection, row->label));
}

static void say_tag(struct inspection *inspection, const void *record, struct row *ret)
{
	const struct meta_tag *row = record;

	buffer_format(&ret->text, "tag %s", text_at(inspection, row->text));
}

static void say_relocation(struct inspection *inspection, const void *record, struct row *ret)
{
	const struct meta_relocation *row = record;

	buffer_format(&ret->text, "value %u of hook %u is to be filled in", row->slot, row->hook);
	ret->place = meta_text(inspection->bytes, row->place);
}

static void say_step(struct inspection *inspection, const void *record, struct row *ret)
{
	const struct meta_step *row = record;
	const struct image_step step = { row->policy, row->hook_index, row->selector, row->predicate };

	buffer_format(&ret->text, "records %u..%u came from filter %u of selector %u of policy '%s'", row->record,
		      row->record + (row->record_count ? row->record_count - 1 : 0), row->predicate, row->selector,
		      image_policy_at(&inspection->view, row->policy).name);
	ret->place = inspect_step_place(inspection, &step);
}

static void say_scope(struct inspection *inspection, const void *record, struct row *ret)
{
	const struct meta_scope *row = record;

	buffer_format(&ret->text, "scope of policy '%s'", image_policy_at(&inspection->view, row->policy).name);
	ret->place = meta_text(inspection->bytes, row->place);
}

static void say_request(struct inspection *inspection, const void *record, struct row *ret)
{
	const struct meta_request *row = record;
	const int action = action_by_wire(row->op);

	buffer_format(&ret->text, "%s %s of selector %u of hook %u of policy '%s'", action < 0 ? "request" : action_rows[action].name,
		      text_at(inspection, row->text), row->selector, row->hook_index,
		      image_policy_at(&inspection->view, row->policy).name);
}

static void say_assignment(struct inspection *inspection, const void *record, struct row *ret)
{
	const struct meta_assignment *row = record;

	buffer_format(&ret->text, "assignment at %u for hook %u: %s%s", row->at, row->hook,
		      row->kind == META_ASSIGN_REGISTER ? "" : "goes on at ", text_at(inspection, row->text));
	ret->place = meta_text(inspection->bytes, row->place);
}

static const struct table_row { const char *name; size_t size; say_row *say; } tables[META_TABLE_COUNT] = {
	[META_POLICIES] = { "policies", sizeof(struct meta_policy), say_policy },
	[META_HOOKS] = { "hooks", sizeof(struct meta_hook), say_hook },
	[META_POLICY_HOOKS] = { "hooks of policies", sizeof(struct meta_policy_hook), say_policy_hook },
	[META_SELECTORS] = { "selectors", sizeof(struct meta_selector), say_selector },
	[META_ARGUMENTS] = { "arguments", sizeof(struct meta_argument), say_argument },
	[META_TAGS] = { "tags", sizeof(struct meta_tag), say_tag },
	[META_RELOCATIONS] = { "relocations", sizeof(struct meta_relocation), say_relocation },
	[META_STEPS] = { "steps", sizeof(struct meta_step), say_step },
	[META_SCOPES] = { "scopes", sizeof(struct meta_scope), say_scope },
	[META_REQUESTS] = { "requests", sizeof(struct meta_request), say_request },
	[META_ASSIGNMENTS] = { "register assignments", sizeof(struct meta_assignment), say_assignment },
};

static void map_table(struct inspect_ranges *ranges, enum meta_table table)
{
	struct inspection *inspection = ranges->inspection;
	const struct meta_table_place place = meta_header(inspection->bytes)->tables[table];

	for (uint32_t n = 0; n < place.count; n++) {
		const uint64_t offset = place.offset + (uint64_t)n * tables[table].size;
		struct row row = { .place = NULL };

		tables[table].say(inspection, inspection->bytes + offset, &row);
		inspect_range(ranges, offset, tables[table].size, row.place, "metadata: %s", row.text.bytes);
		buffer_release(&row.text);
	}
}

static void map_header(struct inspect_ranges *ranges)
{
	const uint32_t start = ranges->inspection->view.header->sections[ABI_SECTION_METADATA].offset;
	const struct meta_header *header = meta_header(ranges->inspection->bytes);

	for (int n = 0; n < META_TABLE_COUNT; n++)
		inspect_range(ranges, start + offsetof(struct meta_header, tables) + (uint32_t)n * sizeof(struct meta_table_place),
			      sizeof(struct meta_table_place), NULL, "metadata: %u %s at %u", header->tables[n].count,
			      tables[n].name, header->tables[n].offset);
	inspect_range(ranges, start + offsetof(struct meta_header, strings), sizeof(header->strings) + sizeof(header->strings_size),
		      NULL, "metadata: %u bytes of texts at %u", header->strings_size, header->strings);
}

static void map_strings(struct inspect_ranges *ranges)
{
	const struct meta_header *header = meta_header(ranges->inspection->bytes);
	const char *strings = (const char *)ranges->inspection->bytes + header->strings;

	for (uint32_t at = 0, length; at < header->strings_size; at += length) {
		struct buffer text = { 0 };

		length = (uint32_t)strlen(strings + at) + 1;	/* the last byte is 0 */
		buffer_add_quoted(&text, strings + at, length - 1);
		inspect_range(ranges, header->strings + at, length, NULL, "metadata: text %s", text.bytes);
		buffer_release(&text);
	}
}

void inspect_map_metadata(struct inspect_ranges *ranges)
{
	map_header(ranges);
	map_strings(ranges);
	for (int n = 0; n < META_TABLE_COUNT; n++)
		map_table(ranges, (enum meta_table)n);
}

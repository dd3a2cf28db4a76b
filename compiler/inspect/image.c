// SPDX-License-Identifier: Apache-2.0
/* image.c - what is in an image; see parts.h. */
#include <inttypes.h>
#include <string.h>

#include "compiler/image/metadata.h"
#include "compiler/inspect/parts.h"

static void add_header(struct inspection *inspection, struct data *into)
{
	const struct abi_image *header = inspection->view.header;
	struct arena *arena = inspection->arena;
	const char *checksum = arena_format(arena, "%016" PRIx64, (uint64_t)header->checksum);
	struct data *list;

	data_text(arena, into, "kind", "image");
	data_text(arena, into, "text",
		  arena_format(arena, "%s: image of a host, version %u, %u bytes, of which programs read %u; checksum %s",
			       inspection->name, header->abi_version, header->size, header->program_size, checksum));
	data_number(arena, into, "version", header->abi_version);
	data_number(arena, into, "bytes", header->size);
	data_number(arena, into, "program_bytes", header->program_size);
	data_text(arena, into, "checksum", checksum);
	list = data_list(arena, into, "sections");
	for (int n = 1; n < ABI_SECTION_COUNT; n++) {
		const char *name = image_section_name((enum abi_section_id)n);
		struct data *entry = inspect_entry(inspection, list, "%s: %u bytes at %u", name, header->sections[n].size,
						   header->sections[n].offset);

		data_text(arena, entry, "name", name);
		data_number(arena, entry, "offset", header->sections[n].offset);
		data_number(arena, entry, "bytes", header->sections[n].size);
	}
}

/* ---- Policies ---- */

static void add_later(struct inspection *inspection, const struct inspect_policy *policy, struct data *entry)
{
	struct data *list = data_list(inspection->arena, entry, "later");

	for (size_t n = 0; n < policy->ir.later.count; n++) {
		const struct ir_later *later = &policy->ir.later.items[n];

		inspect_add(inspection, inspect_entry(inspection, list, "%s", later->what), "place",
			    inspect_place(inspection, &policy->ir, later->at));
	}
}

static void add_policy(struct inspection *inspection, size_t n, struct data *list)
{
	const struct image_policy policy = image_policy_at(&inspection->view, n);
	const struct inspect_policy *read = &inspection->policies[n];
	struct data *entry = inspect_entry(inspection, list, "policy %zu: '%s' from %s%s%s, %u hook%s, %u selector%s; object of %zu bytes at %zu%s%s",
		n, policy.name, policy.source_name, !policy.enforces ? "" : policy.monitor ? ", enforces nothing: monitor mode" : ", enforces",
		policy.elsewhere ? ", not for the node that it was linked for" : "",
		policy.hook_count, policy.hook_count == 1 ? "" : "s", policy.selector_count,
		policy.selector_count == 1 ? "" : "s", policy.object_size,
		(size_t)((const uint8_t *)policy.object - inspection->bytes), read->damage ? ", which is damaged: " : "",
		read->damage ? read->damage : "");

	data_number(inspection->arena, entry, "number", (int64_t)n);
	data_text(inspection->arena, entry, "name", policy.name);
	data_text(inspection->arena, entry, "source", policy.source_name);
	data_boolean(inspection->arena, entry, "enforces", policy.enforces);
	data_boolean(inspection->arena, entry, "monitor", policy.monitor);
	if (policy.elsewhere)
		data_boolean(inspection->arena, entry, "elsewhere", true);
	data_number(inspection->arena, entry, "hooks", policy.hook_count);
	data_number(inspection->arena, entry, "selectors", policy.selector_count);
	data_number(inspection->arena, entry, "object_offset", (const uint8_t *)policy.object - inspection->bytes);
	data_number(inspection->arena, entry, "object_bytes", (int64_t)policy.object_size);
	inspect_add(inspection, entry, "damage", read->damage);
	if (!read->damage)
		inspect_add(inspection, entry, "place", inspect_place(inspection, &read->ir, read->ir.at));
	add_later(inspection, read, entry);
}

/* ---- Hooks ---- */

static const char *say_slot(struct inspection *inspection, const struct image_hook *hook, uint32_t n)
{
	const struct abi_slot *slot = &hook->abi->slots[n];
	struct buffer text = { 0 };

	buffer_format(&text, "value %u: %s, read as %s", n, inspect_value(inspection, hook, n), inspect_load(slot->load));
	if (slot->source == ABI_SOURCE_FIELD && slot->size)
		buffer_format(&text, ", %u bytes at %u of the record", slot->length ? slot->length : slot->size, slot->offset);
	if (slot->load == ABI_LOAD_ENTRY)
		buffer_format(&text, ", in the folder of argument %u", slot->offset);
	if (slot->size_slot)
		buffer_format(&text, ", as long as value %u says", slot->size_slot - 1);
	if (slot->flags & ABI_SLOT_RETURN_COPY)
		buffer_add_text(&text, ", when the call returns");
	if (slot->flags & ABI_SLOT_MAX_DATA)
		buffer_format(&text, ", at most %u bytes", ABI_CHUNKS_BYTES);
	if (slot->chain)
		buffer_format(&text, ", by the chain at %u", slot->chain);
	return inspect_keep(inspection, &text);
}

static void add_values(struct inspection *inspection, const struct image_hook *hook, struct data *into)
{
	struct data *list = data_list(inspection->arena, into, "values");

	for (uint32_t n = 0; n < hook->abi->slot_count; n++) {
		struct data *entry = inspect_entry(inspection, list, "%s", say_slot(inspection, hook, n));

		data_number(inspection->arena, entry, "slot", n);
		data_text(inspection->arena, entry, "name", inspect_value(inspection, hook, n));
		data_text(inspection->arena, entry, "load", inspect_load(hook->abi->slots[n].load));
		inspect_add(inspection, entry, "path", inspection->values[hook->id]->path[n]);
		if (hook->abi->slots[n].chain)
			data_number(inspection->arena, entry, "chain", hook->abi->slots[n].chain);
	}
}

static const char *say_hook(struct inspection *inspection, const struct image_hook *hook)
{
	struct buffer text = { 0 };

	buffer_format(&text, "hook %u: %s", hook->id, hook->key);
	if (hook->generated)
		buffer_add_text(&text, hook->kind == HOOK_USDT ? ", in as many places as the file says" :
				hook->pattern ? ", which stands for functions of the target whose names match" :
				", which stands for functions that only the target knows");
	if (hook->syscall)
		buffer_add_text(&text, ", a system call");
	if (hook->optional)
		buffer_add_text(&text, ", passed over where it is missing");
	if (hook->overrides)
		buffer_add_text(&text, hook->kind == HOOK_USDT ? ", may write to the program's memory" :
				hook->kind == HOOK_UPROBE ? ", may change the program's registers" : ", may override what it returns");
	if (hook->pair != UINT32_MAX)
		buffer_format(&text, hook->returns ? ", the return of hook %u" : ", with returns at hook %u", hook->pair);
	if (hook->returns && !hook->abi->record_count)
		buffer_add_text(&text, ", where nothing is left to decide");
	buffer_format(&text, "; first asked for by '%s'", hook->policy);
	return inspect_keep(inspection, &text);
}

static void add_hook(struct inspection *inspection, const struct image_hook *hook, struct data *list)
{
	struct arena *arena = inspection->arena;
	struct data *entry = inspect_entry(inspection, list, "%s", say_hook(inspection, hook));

	data_number(arena, entry, "id", hook->id);
	data_text(arena, entry, "key", hook->key);
	data_text(arena, entry, "kind", hook_rows[hook->kind].name);
	data_text(arena, entry, "name", hook->name);
	inspect_add(inspection, entry, "subsystem", hook->subsystem);
	data_boolean(arena, entry, "syscall", hook->syscall);
	data_boolean(arena, entry, "returns", hook->returns);
	data_boolean(arena, entry, "overrides", hook->overrides);
	data_boolean(arena, entry, "generated", hook->generated);
	data_boolean(arena, entry, "optional", hook->optional);
	if (hook->pair != UINT32_MAX)
		data_number(arena, entry, "pair", hook->pair);
	data_text(arena, entry, "policy", hook->policy);
	data_text(arena, entry, "place", hook->place);
	add_values(inspection, hook, entry);
	inspect_add_records(inspection, hook, entry);
	inspect_add_accepts(inspection, hook, entry);
	inspect_add_tables(inspection, hook, entry);
}

/* ---- What is left to be filled in ---- */

static void add_relocation(struct inspection *inspection, size_t n, struct data *list)
{
	static const char *const kinds[] = {
		[IMAGE_RELOCATE_FIELD] = "field", [IMAGE_RELOCATE_CHAIN] = "path", [IMAGE_RELOCATE_REGISTER] = "register",
		[IMAGE_RELOCATE_LOCATION] = "location",
	};
	const struct image_relocation relocation = image_relocation_at(&inspection->view, n);
	const struct meta_relocation *row = META_RECORD(inspection->bytes, RELOCATIONS, struct meta_relocation, n);
	struct data *entry;

	if (relocation.kind == IMAGE_RELOCATE_FIELD)
		entry = inspect_entry(inspection, list, "value %u of hook %u: where field %u of %s/%s lies", row->slot,
				      relocation.hook, relocation.field, relocation.subsystem ? relocation.subsystem : "",
				      relocation.event);
	else if (relocation.kind == IMAGE_RELOCATE_LOCATION)
		entry = inspect_entry(inspection, list, "value %u of hook %u: where argument %u of %s is", row->slot, relocation.hook,
				      relocation.field, relocation.event);
	else
		entry = inspect_entry(inspection, list, "value %u of hook %u: %s %s%s%s%s%s", row->slot, relocation.hook,
				      relocation.kind == IMAGE_RELOCATE_CHAIN ? "what leads to" : "register", relocation.path,
				      relocation.btf_type ? " of struct " : "", relocation.btf_type ? relocation.btf_type : "",
				      !relocation.btf_module ? "" : strpbrk(relocation.btf_module, "/.") ? " in the types of " : " of module ",
				      relocation.btf_module ? relocation.btf_module : "");
	data_text(inspection->arena, entry, "kind", kinds[relocation.kind]);
	data_number(inspection->arena, entry, "hook", relocation.hook);
	data_number(inspection->arena, entry, "slot", row->slot);
	if (relocation.kind == IMAGE_RELOCATE_FIELD)
		data_number(inspection->arena, entry, "field", relocation.field);
	if (relocation.kind == IMAGE_RELOCATE_LOCATION)
		data_number(inspection->arena, entry, "argument", relocation.field);
	inspect_add(inspection, entry, "path", relocation.path);
	inspect_add(inspection, entry, "btf_type", relocation.btf_type);
	inspect_add(inspection, entry, "btf_module", relocation.btf_module);
	data_text(inspection->arena, entry, "place", relocation.place);
}

static void add_request(struct inspection *inspection, size_t n, struct data *list)
{
	const struct image_request request = image_request_at(&inspection->view, n);
	const char *policy = image_policy_at(&inspection->view, request.policy).name;
	struct data *entry = inspect_entry(inspection, list, "request %zu: %s %s, of selector %u of hook %u of policy '%s'%s", n,
					   action_rows[request.action].name, request.text, request.selector, request.hook_index, policy,
					   request.on_return ? ", when it returns" : "");

	inspect_add(inspection, entry, "action", action_rows[request.action].name);
	inspect_add(inspection, entry, "text", request.text);
	inspect_add(inspection, entry, "policy", policy);
	data_number(inspection->arena, entry, "hook_index", request.hook_index);
	data_number(inspection->arena, entry, "selector", request.selector);
}

static void add_scope(struct inspection *inspection, size_t n, struct data *list)
{
	const struct image_scope scope = image_scope_at(&inspection->view, n);
	const char *policy = image_policy_at(&inspection->view, scope.policy).name;
	struct data *entry = inspect_entry(inspection, list, "scope %zu: filter %u of selector %u of hook %u of policy '%s'", n,
					   scope.predicate, scope.selector, scope.written, policy);

	data_number(inspection->arena, entry, "number", (int64_t)n);
	data_text(inspection->arena, entry, "policy", policy);
	data_number(inspection->arena, entry, "hook_written", scope.written);
	data_number(inspection->arena, entry, "selector", scope.selector);
	data_number(inspection->arena, entry, "predicate", scope.predicate);
	inspect_add(inspection, entry, "place", scope.place);
}

void inspect_add_image(struct inspection *inspection, struct data *into)
{
	const struct image_view *view = &inspection->view;
	struct data *list;

	add_header(inspection, into);
	list = data_list(inspection->arena, into, "policies");
	for (size_t n = 0; n < image_policy_count(view); n++)
		add_policy(inspection, n, list);
	list = data_list(inspection->arena, into, "hooks");
	for (size_t n = 0; n < image_hook_count(view); n++) {
		const struct image_hook hook = image_hook_at(view, n);

		add_hook(inspection, &hook, list);
	}
	inspect_add_binary_tables(inspection, into);
	list = data_list(inspection->arena, into, "relocations");
	for (size_t n = 0; n < image_relocation_count(view); n++)
		add_relocation(inspection, n, list);
	list = data_list(inspection->arena, into, "scopes");
	for (size_t n = 0; n < image_scope_count(view); n++)
		add_scope(inspection, n, list);
	list = data_list(inspection->arena, into, "requests");
	for (size_t n = 0; n < image_request_count(view); n++)
		add_request(inspection, n, list);
}

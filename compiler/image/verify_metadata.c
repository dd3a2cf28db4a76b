// SPDX-License-Identifier: Apache-2.0
/* verify_metadata.c - names, reports, places and relocations refer to what is there; see verify.h. */
#include "compiler/image/verify.h"

#include "compiler/image/image.h"
#include "compiler/image/metadata.h"

static const size_t record_sizes[] = {
#define X(name, type) [META_##name] = sizeof(type),
	META_TABLES(X)
#undef X
};
static const char *const table_names[] = {
#define X(name, type) [META_##name] = #name,
	META_TABLES(X)
#undef X
};

static int bad_row(struct verify *verify, enum meta_table table, uint32_t number)
{
	return verify_fail(verify, "metadata: row %u of %s is not valid", number, table_names[table]);
}

static bool text_is_valid(const struct verify *verify, uint32_t offset)
{
	const struct meta_header *meta = meta_header(verify->bytes);

	return offset >= meta->strings && offset - meta->strings < meta->strings_size;
}

static bool text_is_absent_or_valid(const struct verify *verify, uint32_t offset)
{
	return !offset || text_is_valid(verify, offset);
}

static bool range_is_valid(const struct verify *verify, enum meta_table table, struct meta_range range)
{
	size_t count = meta_header(verify->bytes)->tables[table].count;

	return range.first <= count && range.count <= count - range.first;
}

static int check_tables(struct verify *verify)
{
	const struct abi_section *section = &verify->header->sections[ABI_SECTION_METADATA];
	const struct meta_header *meta = verify_in(verify, ABI_SECTION_METADATA, section->offset, sizeof(*meta));
	const char *strings;

	if (!meta)
		return verify_fail(verify, "metadata: truncated");
	for (int n = 0; n < META_TABLE_COUNT; n++)
		if (!verify_in(verify, ABI_SECTION_METADATA, meta->tables[n].offset,
			       (uint64_t)meta->tables[n].count * record_sizes[n]))
			return verify_fail(verify, "metadata: %s lies outside the section", table_names[n]);
	strings = verify_in(verify, ABI_SECTION_METADATA, meta->strings, meta->strings_size);
	if (!strings || !meta->strings_size || strings[meta->strings_size - 1])
		return verify_fail(verify, "metadata: the strings are not valid");
	if (meta->tables[META_POLICIES].count != verify->header->policy_count ||
	    meta->tables[META_HOOKS].count != verify->header->hook_count)
		return verify_fail(verify, "metadata: the header counts other policies or hooks");
	return 0;
}

static bool flags_are_valid(const struct meta_policy *row)
{
	const uint32_t known = META_POLICY_ENFORCES | META_POLICY_LOADER | META_POLICY_ELSEWHERE;

	if (row->flags & ~known)
		return false;
	return !(row->flags & META_POLICY_ELSEWHERE) || (!row->hooks.count && !row->selector_count && !(row->flags & META_POLICY_LOADER));
}

/* Policies own the policy hooks one after the other. */
static int check_policies(struct verify *verify)
{
	const struct abi_policy *policies = (const void *)(verify->bytes +
		verify->header->sections[ABI_SECTION_POLICIES].offset);
	uint32_t next = 0;

	for (uint32_t n = 0; n < verify->header->policy_count; n++) {
		const struct meta_policy *row = META_RECORD(verify->bytes, POLICIES, struct meta_policy, n);

		if (!text_is_valid(verify, row->name) || policies[n].name != row->name ||
		    !text_is_valid(verify, row->source_name) || !flags_are_valid(row) ||
		    !verify_in(verify, ABI_SECTION_OBJECTS, row->object, row->object_size) ||
		    row->hooks.first != next || !range_is_valid(verify, META_POLICY_HOOKS, row->hooks))
			return bad_row(verify, META_POLICIES, n);
		next += row->hooks.count;
	}
	return 0;
}

/* Only what lies in a file has places and digests. */
static bool place_is_valid(const struct meta_hook *row)
{
	const int kind = hook_by_wire((int)row->kind);

	if (kind == HOOK_UPROBE || kind == HOOK_USDT)
		return row->subsystem;
	return !row->site && !row->digests && !row->reference_counter && !row->offset;
}

static int check_hooks(struct verify *verify)
{
	const struct meta_hook *before = NULL;

	for (uint32_t n = 0; n < verify->header->hook_count; n++) {
		const struct meta_hook *row = META_RECORD(verify->bytes, HOOKS, struct meta_hook, n);

		if (row->id >= ABI_HOOKS_MAX || (before && row->id <= before->id) ||
		    !verify_in(verify, ABI_SECTION_HOOKS, verify->header->hook_offset[row->id],
			       sizeof(struct abi_hook)) ||
		    row->kind > INT32_MAX || hook_by_wire((int)row->kind) < 0 ||
		    row->flags & ~(META_HOOK_OVERRIDES | META_HOOK_GENERATED | META_HOOK_OPTIONAL | META_HOOK_SINGLE |
				    META_HOOK_FMOD_RET | META_HOOK_OVERRIDE_RETURN | META_HOOK_PATTERN | META_HOOK_PRELOADS |
				    META_HOOK_MOVES_STACK) ||
		    (row->flags & META_HOOK_PATTERN && !(row->flags & META_HOOK_GENERATED)) || row->argument_count > 256 || row->reserved ||
		    !text_is_valid(verify, row->name) || !text_is_absent_or_valid(verify, row->subsystem) ||
		    (!row->subsystem && hook_by_wire((int)row->kind) == HOOK_TRACEPOINT) ||
		    !text_is_valid(verify, row->key) || !text_is_valid(verify, row->place) ||
		    !text_is_absent_or_valid(verify, row->digests) || !place_is_valid(row) ||
		    !text_is_valid(verify, row->policy))
			return bad_row(verify, META_HOOKS, n);
		before = row;
	}
	return 0;
}

static const struct abi_hook *hook_of(const struct verify *verify, uint32_t id)
{
	if (id >= ABI_HOOKS_MAX || !verify->header->hook_offset[id])
		return NULL;
	return verify_in(verify, ABI_SECTION_HOOKS, verify->header->hook_offset[id], sizeof(struct abi_hook));
}

static bool argument_is_valid(const struct verify *verify, const struct abi_hook *hook, uint32_t number)
{
	const struct meta_argument *row = META_RECORD(verify->bytes, ARGUMENTS, struct meta_argument, number);

	return type_by_wire((int)row->type) >= 0 &&
	       row->slot < ABI_SLOTS_MAX && row->slot < hook->slot_count && !(row->flags & ~(META_ARGUMENT_DATA | META_ARGUMENT_COPIED)) &&
	       text_is_absent_or_valid(verify, row->label);
}

/* The return argument is a slot of the other side. */
static bool returned_is_valid(const struct verify *verify, const struct abi_hook *hook, uint32_t returned)
{
	const struct abi_hook *other = hook_of(verify, hook->pair);

	if (!returned)
		return true;
	return hook->flags & ABI_HOOK_PAIRED && other &&
	       returned - 1 < META_COUNT(verify->bytes, ARGUMENTS) &&
	       argument_is_valid(verify, other, returned - 1);
}

/* One that is read at the return, too. */
static bool reported_is_valid(const struct verify *verify, const struct abi_hook *hook, uint32_t number)
{
	if (META_RECORD(verify->bytes, ARGUMENTS, struct meta_argument, number)->flags & META_ARGUMENT_COPIED)
		return returned_is_valid(verify, hook, number + 1);
	return argument_is_valid(verify, hook, number);
}

static bool policy_hook_is_valid(const struct verify *verify, const struct meta_policy_hook *row)
{
	const struct image_report_storage *storage = NULL;
	const size_t tags_max = sizeof(storage->tags) / sizeof(storage->tags[0]);
	const size_t arguments_max = sizeof(storage->arguments) / sizeof(storage->arguments[0]);
	const struct abi_hook *hook = hook_of(verify, row->hook);

	if (!hook || !text_is_absent_or_valid(verify, row->message) ||
	    row->tags.count > tags_max || !range_is_valid(verify, META_TAGS, row->tags) ||
	    row->arguments.count > arguments_max || !range_is_valid(verify, META_ARGUMENTS, row->arguments) ||
	    !range_is_valid(verify, META_SELECTORS, row->selectors))
		return false;
	for (uint32_t n = 0; n < row->arguments.count; n++)
		if (!reported_is_valid(verify, hook, row->arguments.first + n))
			return false;
	return returned_is_valid(verify, hook, row->returned);
}

static int check_policy_hooks(struct verify *verify)
{
	for (uint32_t n = 0; n < META_COUNT(verify->bytes, POLICY_HOOKS); n++)
		if (!policy_hook_is_valid(verify, META_RECORD(verify->bytes, POLICY_HOOKS,
							      struct meta_policy_hook, n)))
			return bad_row(verify, META_POLICY_HOOKS, n);
	for (uint32_t n = 0; n < META_COUNT(verify->bytes, SELECTORS); n++)
		if (!text_is_absent_or_valid(verify, META_RECORD(verify->bytes, SELECTORS,
								 struct meta_selector, n)->place))
			return bad_row(verify, META_SELECTORS, n);
	for (uint32_t n = 0; n < META_COUNT(verify->bytes, TAGS); n++)
		if (!text_is_valid(verify, META_RECORD(verify->bytes, TAGS, struct meta_tag, n)->text))
			return bad_row(verify, META_TAGS, n);
	return 0;
}

/* The kind must be that of the slot's source. */
static bool relocation_is_valid(const struct verify *verify, const struct meta_relocation *row)
{
	const struct abi_hook *hook = hook_of(verify, row->hook);
	const struct abi_slot *slot;

	if (!hook || row->slot >= ABI_SLOTS_MAX || row->slot >= hook->slot_count ||
	    type_by_wire((int)row->type) < 0 || !text_is_valid(verify, row->place) ||
	    !text_is_absent_or_valid(verify, row->path) || !text_is_absent_or_valid(verify, row->btf_type) ||
	    !text_is_absent_or_valid(verify, row->btf_module))
		return false;
	slot = &hook->slots[row->slot];
	switch (row->kind) {
	case META_RELOCATE_FIELD:
		return slot->source == ABI_SOURCE_FIELD;
	case META_RELOCATE_REGISTER:
		return slot->source == ABI_SOURCE_REGISTER && row->path;
	case META_RELOCATE_LOCATION:
		return slot->source == ABI_SOURCE_LOCATION;
	case META_RELOCATE_CHAIN:
		return slot->chain && row->path;
	default:
		return false;
	}
}

static int check_relocations(struct verify *verify)
{
	for (uint32_t n = 0; n < META_COUNT(verify->bytes, RELOCATIONS); n++)
		if (!relocation_is_valid(verify, META_RECORD(verify->bytes, RELOCATIONS, struct meta_relocation, n)))
			return bad_row(verify, META_RELOCATIONS, n);
	return 0;
}

static int check_scopes(struct verify *verify)
{
	for (uint32_t n = 0; n < META_COUNT(verify->bytes, SCOPES); n++) {
		const struct meta_scope *row = META_RECORD(verify->bytes, SCOPES, struct meta_scope, n);

		if (row->policy >= verify->header->policy_count || !text_is_valid(verify, row->place))
			return bad_row(verify, META_SCOPES, n);
	}
	return 0;
}

static int check_requests(struct verify *verify)
{
	for (uint32_t n = 0; n < META_COUNT(verify->bytes, REQUESTS); n++) {
		const struct meta_request *row = META_RECORD(verify->bytes, REQUESTS, struct meta_request, n);

		if (row->policy >= verify->header->policy_count || row->flags & ~META_REQUEST_ON_RETURN ||
		    (row->op != ABI_ACTION_GET_URL && row->op != ABI_ACTION_DNS_LOOKUP) || !text_is_valid(verify, row->text) ||
		    row->hook_index >= META_RECORD(verify->bytes, POLICIES, struct meta_policy, row->policy)->hooks.count)
			return bad_row(verify, META_REQUESTS, n);
	}
	return 0;
}

static bool assignment_is_valid(const struct verify *verify, const struct meta_assignment *row)
{
	return row->kind >= META_ASSIGN_REGISTER && row->kind <= META_ASSIGN_OFFSET && hook_of(verify, row->hook) &&
	       row->policy < verify->header->policy_count && text_is_valid(verify, row->text) && text_is_valid(verify, row->place) &&
	       verify_in(verify, ABI_SECTION_ACCEPTS, row->at, sizeof(struct abi_assignment));
}

static int check_assignments(struct verify *verify)
{
	for (uint32_t n = 0; n < META_COUNT(verify->bytes, ASSIGNMENTS); n++)
		if (!assignment_is_valid(verify, META_RECORD(verify->bytes, ASSIGNMENTS, struct meta_assignment, n)))
			return bad_row(verify, META_ASSIGNMENTS, n);
	return 0;
}

static int check_steps(struct verify *verify)
{
	uint64_t records = verify->header->sections[ABI_SECTION_PROGRAMS].size / sizeof(struct abi_record);
	uint64_t next = 0;

	for (uint32_t n = 0; n < META_COUNT(verify->bytes, STEPS); n++) {
		const struct meta_step *row = META_RECORD(verify->bytes, STEPS, struct meta_step, n);

		if (row->record < next || (uint64_t)row->record + row->record_count > records ||
		    row->policy >= verify->header->policy_count ||
		    row->hook_index >= META_RECORD(verify->bytes, POLICIES, struct meta_policy,
						   row->policy)->hooks.count)
			return bad_row(verify, META_STEPS, n);
		next = (uint64_t)row->record + row->record_count;
	}
	return 0;
}

int verify_metadata(struct verify *verify)
{
	static int (*const checks[])(struct verify *) = {
		check_tables, check_policies, check_hooks, check_policy_hooks, check_relocations, check_steps,
		check_scopes, check_requests, check_assignments,
	};
	int error = 0;

	for (size_t n = 0; !error && n < sizeof(checks) / sizeof(checks[0]); n++)
		error = checks[n](verify);
	return error;
}

// SPDX-License-Identifier: Apache-2.0
/* image.c - what a verified image says about policies, hooks and places; see image.h. */
#include "compiler/image/image.h"

#include <string.h>

#include "compiler/image/metadata.h"

size_t image_policy_count(const struct image_view *view)
{
	return view->header->policy_count;
}

static const struct abi_policy *policy_row(const struct image_view *view, size_t policy)
{
	return (const struct abi_policy *)(view->bytes +
		view->header->sections[ABI_SECTION_POLICIES].offset) + policy;
}

struct image_policy image_policy_at(const struct image_view *view, size_t policy)
{
	const struct meta_policy *row = META_RECORD(view->bytes, POLICIES, struct meta_policy, policy);

	return (struct image_policy){
		.name = meta_text(view->bytes, row->name),
		.source_name = meta_text(view->bytes, row->source_name),
		.monitor = policy_row(view, policy)->flags & ABI_POLICY_MONITOR,
		.enforces = row->flags & META_POLICY_ENFORCES,
		.loader = row->flags & META_POLICY_LOADER,
		.elsewhere = row->flags & META_POLICY_ELSEWHERE,
		.id = policy_row(view, policy)->id,
		.hook_count = row->hooks.count,
		.selector_count = row->selector_count,
		.object = view->bytes + row->object,
		.object_size = row->object_size,
	};
}

bool image_policy_named(const struct image_view *view, const char *name, struct image_policy *ret)
{
	for (size_t n = 0; n < image_policy_count(view); n++) {
		*ret = image_policy_at(view, n);
		if (!strcmp(ret->name, name))
			return true;
	}
	return false;
}

size_t image_hook_count(const struct image_view *view)
{
	return view->header->hook_count;
}

/* Arguments that are texts where they lie. */
static uint32_t texts_of(const struct abi_hook *abi)
{
	uint32_t texts = 0;

	for (size_t n = 0; n < abi->slot_count && !(abi->flags & ABI_HOOK_RETURN); n++) {
		const struct abi_slot *slot = &abi->slots[n];

		if (slot->load == ABI_LOAD_STRING && slot->source == ABI_SOURCE_ARGUMENT && !slot->chain && slot->index < 6)
			texts |= 1u << slot->index;
	}
	return texts;
}

struct image_hook image_hook_at(const struct image_view *view, size_t n)
{
	const uint8_t *bytes = view->bytes;
	const struct meta_hook *row = META_RECORD(bytes, HOOKS, struct meta_hook, n);
	const struct abi_hook *abi = (const void *)(bytes + view->header->hook_offset[row->id]);

	return (struct image_hook){
		.kind = (enum hook_kind)hook_by_wire((int)row->kind),
		.syscall = abi->flags & ABI_HOOK_SYSCALL,
		.returns = abi->flags & ABI_HOOK_RETURN,
		.overrides = row->flags & META_HOOK_OVERRIDES,
		.moves_stack = row->flags & META_HOOK_MOVES_STACK,
		.optional = row->flags & META_HOOK_OPTIONAL,
		.single = row->flags & META_HOOK_SINGLE,
		.texts = row->flags & META_HOOK_PRELOADS ? texts_of(abi) : 0,
		.enforcer = abi->flags & ABI_HOOK_ENFORCER,
		.fmod_ret = row->flags & META_HOOK_FMOD_RET,
		.override_return = row->flags & META_HOOK_OVERRIDE_RETURN,
		.generated = row->flags & META_HOOK_GENERATED,
		.pattern = row->flags & META_HOOK_PATTERN,
		.name = meta_text(bytes, row->name),
		.subsystem = meta_text(bytes, row->subsystem),
		.key = meta_text(bytes, row->key),
		.id = row->id,
		.pair = abi->flags & (ABI_HOOK_RETURN | ABI_HOOK_PAIRED) ? abi->pair : UINT32_MAX,
		.argument_count = row->argument_count,
		.abi = abi,
		.place = meta_text(bytes, row->place),
		.policy = meta_text(bytes, row->policy),
		.site = row->site,
		.digests = meta_text(bytes, row->digests),
		.reference_counter = row->reference_counter,
		.offset = row->offset,
	};
}

/* Rows are in ascending order of ids. */
bool image_hook_by_id(const struct image_view *view, uint32_t id, struct image_hook *ret)
{
	size_t low = 0, high = image_hook_count(view);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t found = META_RECORD(view->bytes, HOOKS, struct meta_hook, middle)->id;

		if (found == id) {
			*ret = image_hook_at(view, middle);
			return true;
		}
		if (found < id)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static const struct meta_policy_hook *policy_hook(const struct image_view *view, uint32_t policy,
						  uint32_t hook_index)
{
	const struct meta_policy *row;

	if (policy >= image_policy_count(view))
		return NULL;
	row = META_RECORD(view->bytes, POLICIES, struct meta_policy, policy);
	if (hook_index >= row->hooks.count)
		return NULL;
	return META_RECORD(view->bytes, POLICY_HOOKS, struct meta_policy_hook, row->hooks.first + hook_index);
}

bool image_policy_hook(const struct image_view *view, uint32_t policy, uint32_t hook_index,
		       struct image_hook *ret, uint32_t *written)
{
	const struct meta_policy_hook *row = policy_hook(view, policy, hook_index);

	if (row && written)
		*written = row->written;
	return row && image_hook_by_id(view, row->hook, ret);
}

/* What is `auto` has the type that its load became; it stays auto until then. */
static enum type_id report_type(const struct abi_hook *hook, const struct meta_argument *row)
{
	static const enum type_id by_load[] = {
		[ABI_LOAD_U8] = TYPE_UINT8, [ABI_LOAD_U16] = TYPE_UINT16, [ABI_LOAD_U32] = TYPE_UINT32, [ABI_LOAD_U64] = TYPE_UINT64,
		[ABI_LOAD_S8] = TYPE_INT8, [ABI_LOAD_S16] = TYPE_INT16, [ABI_LOAD_S32] = TYPE_INT32, [ABI_LOAD_S64] = TYPE_INT64,
	};
	enum type_id type = (enum type_id)type_by_wire((int)row->type);
	uint8_t load = hook->slots[row->slot].load;

	return type == TYPE_AUTO && load >= ABI_LOAD_U8 && load <= ABI_LOAD_S64 ? by_load[load] : type;
}

static struct image_report_argument report_argument(const struct image_view *view, const struct abi_hook *hook, size_t n)
{
	const struct meta_argument *row = META_RECORD(view->bytes, ARGUMENTS, struct meta_argument, n);

	return (struct image_report_argument){
		.type = report_type(hook, row),
		.slot = (uint8_t)row->slot,
		.is_data = row->flags & META_ARGUMENT_DATA,
		.is_copied = row->flags & META_ARGUMENT_COPIED,
		.label = meta_text(view->bytes, row->label),
	};
}

bool image_report_of(const struct image_view *view, uint32_t policy, uint32_t hook_index,
		     struct image_report_storage *storage, struct image_report *ret)
{
	const struct meta_policy_hook *row = policy_hook(view, policy, hook_index);

	struct image_hook hook, other;

	if (!row || !image_hook_by_id(view, row->hook, &hook))
		return false;
	for (uint32_t n = 0; n < row->tags.count; n++)
		storage->tags[n] = meta_text(view->bytes,
			META_RECORD(view->bytes, TAGS, struct meta_tag, row->tags.first + n)->text);
	if (!image_hook_by_id(view, hook.pair, &other))
		other = hook;
	for (uint32_t n = 0; n < row->arguments.count; n++) {
		const struct meta_argument *argument = META_RECORD(view->bytes, ARGUMENTS, struct meta_argument, row->arguments.first + n);

		storage->arguments[n] = report_argument(view, argument->flags & META_ARGUMENT_COPIED ? other.abi : hook.abi,
							row->arguments.first + n);
	}
	if (row->returned)
		storage->returned = report_argument(view, other.abi, row->returned - 1);
	*ret = (struct image_report){
		.message = meta_text(view->bytes, row->message),
		.tags = storage->tags,
		.tag_count = row->tags.count,
		.arguments = storage->arguments,
		.argument_count = row->arguments.count,
		.written = row->written,
		.return_argument = row->returned ? &storage->returned : NULL,
	};
	return true;
}

const char *image_selector_place(const struct image_view *view, uint32_t policy, uint32_t hook_index,
				 uint32_t selector)
{
	const struct meta_policy_hook *row = policy_hook(view, policy, hook_index);

	if (!row || selector >= row->selectors.count)
		return NULL;
	return meta_text(view->bytes, META_RECORD(view->bytes, SELECTORS, struct meta_selector,
						  row->selectors.first + selector)->place);
}

bool image_step_of(const struct image_view *view, const struct abi_hook *hook, uint32_t record,
		   struct image_step *ret)
{
	uint32_t base = view->header->sections[ABI_SECTION_PROGRAMS].offset;
	uint32_t number = (uint32_t)((hook->program - base) / sizeof(struct abi_record)) + record;
	size_t low = 0, high = META_COUNT(view->bytes, STEPS);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct meta_step *step = META_RECORD(view->bytes, STEPS, struct meta_step, middle);

		if (number < step->record) {
			high = middle;
		} else if (number - step->record >= step->record_count) {
			low = middle + 1;
		} else {
			*ret = (struct image_step){ step->policy, step->hook_index, step->selector,
						    step->predicate };
			return true;
		}
	}
	return false;
}

size_t image_scope_count(const struct image_view *view)
{
	return META_COUNT(view->bytes, SCOPES);
}

struct image_scope image_scope_at(const struct image_view *view, size_t n)
{
	const struct meta_scope *row = META_RECORD(view->bytes, SCOPES, struct meta_scope, n);

	return (struct image_scope){ row->policy, row->written, row->selector, row->predicate,
				     meta_text(view->bytes, row->place) };
}

size_t image_request_count(const struct image_view *view)
{
	return META_COUNT(view->bytes, REQUESTS);
}

struct image_request image_request_at(const struct image_view *view, size_t n)
{
	const struct meta_request *row = META_RECORD(view->bytes, REQUESTS, struct meta_request, n);

	return (struct image_request){ row->policy, row->hook_index, row->selector, (enum action_id)action_by_wire(row->op),
				       row->flags & META_REQUEST_ON_RETURN, meta_text(view->bytes, row->text) };
}

_Static_assert((int)IMAGE_ASSIGN_REGISTER == META_ASSIGN_REGISTER && (int)IMAGE_ASSIGN_SYMBOL == META_ASSIGN_SYMBOL &&
		       (int)IMAGE_ASSIGN_ADDRESS == META_ASSIGN_ADDRESS && (int)IMAGE_ASSIGN_OFFSET == META_ASSIGN_OFFSET,
	       "kinds of assignments");

size_t image_assignment_count(const struct image_view *view)
{
	return META_COUNT(view->bytes, ASSIGNMENTS);
}

struct image_assignment image_assignment_at(const struct image_view *view, size_t n)
{
	const struct meta_assignment *row = META_RECORD(view->bytes, ASSIGNMENTS, struct meta_assignment, n);

	return (struct image_assignment){
		.kind = (enum image_assignment_kind)row->kind, .hook = row->hook, .policy = row->policy,
		.text = meta_text(view->bytes, row->text), .place = meta_text(view->bytes, row->place),
		.abi = (const void *)(view->bytes + row->at),
	};
}

void image_assign(void *bytes, const struct image_view *view, size_t n, const struct abi_assignment *assignment)
{
	memcpy((uint8_t *)bytes + META_RECORD(view->bytes, ASSIGNMENTS, struct meta_assignment, n)->at, assignment, sizeof(*assignment));
}

static bool accept_sets_slot(const struct image_view *view, const struct abi_accept *accept, uint32_t slot)
{
	const struct abi_action *actions = (const void *)(view->bytes + accept->actions);

	for (uint32_t n = 0; n < accept->action_count; n++)
		if (actions[n].op == ABI_ACTION_SET && actions[n].argument == (int32_t)slot)
			return true;
	return false;
}

bool image_sets_slot(const struct image_view *view, const struct image_hook *hook, uint32_t slot)
{
	const struct abi_record *records = (const void *)(view->bytes + hook->abi->program);

	for (uint32_t n = 0; n < hook->abi->record_count; n++)
		if (records[n].op == ABI_OP_ACCEPT && accept_sets_slot(view, (const void *)(view->bytes + records[n].operand), slot))
			return true;
	return false;
}

size_t image_relocation_count(const struct image_view *view)
{
	return META_COUNT(view->bytes, RELOCATIONS);
}

struct image_relocation image_relocation_at(const struct image_view *view, size_t n)
{
	const struct meta_relocation *row =
		META_RECORD(view->bytes, RELOCATIONS, struct meta_relocation, n);
	struct image_hook hook = { 0 };

	image_hook_by_id(view, row->hook, &hook);
	return (struct image_relocation){
		.kind = (enum image_relocation_kind)row->kind,
		.hook = row->hook,
		.subsystem = hook.subsystem,
		.event = hook.name,
		.source = (enum abi_source)hook.abi->slots[row->slot].source,
		.slot = row->slot,
		.field = hook.abi->slots[row->slot].index,
		.type = (enum type_id)type_by_wire((int)row->type),
		.path = meta_text(view->bytes, row->path),
		.btf_type = meta_text(view->bytes, row->btf_type),
		.btf_module = meta_text(view->bytes, row->btf_module),
		.place = meta_text(view->bytes, row->place),
	};
}

static struct abi_slot *relocated_slot(void *bytes, const struct image_view *view, size_t n)
{
	const struct meta_relocation *row =
		META_RECORD(view->bytes, RELOCATIONS, struct meta_relocation, n);
	struct abi_hook *hook = (void *)((uint8_t *)bytes + view->header->hook_offset[row->hook]);

	return &hook->slots[row->slot];
}

void image_relocate(void *bytes, const struct image_view *view, size_t n, uint32_t offset, uint32_t size)
{
	struct abi_slot *slot = relocated_slot(bytes, view, n);

	slot->offset = offset;
	slot->size = (uint8_t)size;
}

void image_relocate_array(void *bytes, const struct image_view *view, size_t n, uint32_t offset, uint32_t length, uint32_t element)
{
	image_relocate(bytes, view, n, offset, element);
	relocated_slot(bytes, view, n)->length = (uint16_t)length;
}

void image_relocate_chain(void *bytes, const struct image_view *view, size_t n, const struct abi_chain *chain)
{
	memcpy((uint8_t *)bytes + relocated_slot(bytes, view, n)->chain, chain, sizeof(*chain));
}

void image_relocate_location(void *bytes, const struct image_view *view, size_t n, const struct abi_location *location)
{
	memcpy((uint8_t *)bytes + relocated_slot(bytes, view, n)->offset, location, sizeof(*location));
}

void image_relocate_register(void *bytes, const struct image_view *view, size_t n, uint32_t offset, uint32_t size)
{
	image_relocate(bytes, view, n, offset, size);
}

void image_relocate_place(void *bytes, const struct image_view *view, size_t n, uint64_t offset, uint64_t reference_counter)
{
	struct meta_hook *row = (struct meta_hook *)((uint8_t *)bytes +
		((const uint8_t *)META_RECORD(view->bytes, HOOKS, struct meta_hook, n) - view->bytes));

	row->offset = offset;
	row->reference_counter = reference_counter;
}

void image_relocate_load(void *bytes, const struct image_view *view, size_t n, enum abi_load load)
{
	struct abi_slot *slot = relocated_slot(bytes, view, n);

	if (slot->load == ABI_LOAD_AUTO)
		slot->load = (uint8_t)load;
}

_Static_assert((int)IMAGE_RELOCATE_FIELD == META_RELOCATE_FIELD && (int)IMAGE_RELOCATE_CHAIN == META_RELOCATE_CHAIN &&
		       (int)IMAGE_RELOCATE_REGISTER == META_RELOCATE_REGISTER &&
		       (int)IMAGE_RELOCATE_LOCATION == META_RELOCATE_LOCATION, "kinds of relocations");

static uint64_t fnv(uint64_t hash, const uint8_t *bytes, size_t size)
{
	for (size_t n = 0; n < size; n++)
		hash = (hash ^ bytes[n]) * 0x100000001b3ULL;
	return hash;
}

uint64_t image_checksum(const void *bytes, size_t size)
{
	static const uint8_t zero[sizeof(uint64_t)];
	const size_t at = offsetof(struct abi_image, checksum);
	const uint8_t *image = bytes;
	uint64_t hash = fnv(0xcbf29ce484222325ULL, image, at);

	hash = fnv(hash, zero, sizeof(zero));
	return fnv(hash, image + at + sizeof(zero), size - at - sizeof(zero));
}

void image_seal(void *bytes, size_t size)
{
	((struct abi_image *)bytes)->checksum = image_checksum(bytes, size);
}

// SPDX-License-Identifier: Apache-2.0
/* link.c - link_image: merging, then the sections of the image one after the other; see emit.h and link.h. */
#include "compiler/link/emit.h"

#include <errno.h>
#include <string.h>

#include "compiler/image/image.h"

void emit_begin_section(struct emit *emit, enum abi_section_id section)
{
	buffer_align(&emit->image, 8);
	emit->header.sections[section].offset = (uint32_t)emit->image.length;
}

void emit_end_section(struct emit *emit, enum abi_section_id section)
{
	emit->header.sections[section].size =
		(uint32_t)emit->image.length - emit->header.sections[section].offset;
	buffer_align(&emit->image, 8);
}

static int too_large(struct emit *emit)
{
	return merge_fail(emit->merged, -E2BIG, "the image is larger than the %u bytes that one may have", ABI_IMAGE_MAX);
}

/* ---- Hooks, objects, policies ---- */

/* What a user program gave to a system call, or has in its own registers, may point anywhere: into the kernel, too. */
static bool is_of_user(const struct merged_hook *hook)
{
	return hook->kind == HOOK_UPROBE || hook->kind == HOOK_USDT || hook->syscall || !strncmp(hook->key, "tracepoint:syscalls/", 20) ||
	       !strncmp(hook->key, "tracepoint:raw_syscalls/", 24);
}

static bool has_stacks(const struct merged_hook *hook)
{
	for (size_t n = 0; n < hook->slot_count; n++)
		if (hook->slots[n].abi.load == ABI_LOAD_KERNEL_STACK || hook->slots[n].abi.load == ABI_LOAD_USER_STACK)
			return true;
	return false;
}

static bool has_digest(const struct merged_hook *hook)
{
	for (size_t n = 0; n < hook->slot_count; n++)
		if (hook->slots[n].abi.load == ABI_LOAD_DIGEST)
			return true;
	return false;
}

/* The path of argument 0 as it is: of a function of the kernel that has it. */
static bool has_path(const struct merged_hook *hook)
{
	for (size_t n = 0; n < hook->slot_count && !hook->syscall && !hook->returns; n++) {
		const struct abi_slot *slot = &hook->slots[n].abi;

		if ((slot->load == ABI_LOAD_FILE || slot->load == ABI_LOAD_PATH || slot->load == ABI_LOAD_BINPRM) &&
		    slot->source == ABI_SOURCE_ARGUMENT && !slot->index && !slot->chain)
			return true;
	}
	return false;
}

static void emit_hooks(struct emit *emit)
{
	const struct merged *merged = emit->merged;

	for (size_t h = 0; h < merged->hook_count; h++) {
		const struct merged_hook *hook = merged->hooks[h];
		struct abi_hook row = {
			.program = emit->hook_programs[h],
			.record_count = emit->hook_records[h],
			.flags = (hook->syscall ? ABI_HOOK_SYSCALL : 0) | (hook->returns ? ABI_HOOK_RETURN : 0) |
				 (hook->pair && !hook->returns ? ABI_HOOK_PAIRED : 0) |
				 (is_of_user(hook) ? ABI_HOOK_USER_MEMORY : 0) |
				 (hook->enforcer ? ABI_HOOK_ENFORCER : 0) | (has_stacks(hook) ? ABI_HOOK_STACKS : 0) |
				 (has_digest(hook) ? ABI_HOOK_DIGEST : 0) | (has_path(hook) ? ABI_HOOK_PATH : 0),
			.slot_count = (uint16_t)hook->slot_count,
			.register_count = (uint16_t)hook->lookup_count,
			.id = hook->id,
			.pair = hook->pair ? hook->pair->id : 0,
		};

		for (size_t n = 0; n < hook->slot_count; n++)
			row.slots[n] = hook->slots[n].abi;
		emit->header.hook_offset[hook->id] = (uint32_t)emit->image.length;
		buffer_add(&emit->image, &row, sizeof(row));
	}
}

static int emit_objects(struct emit *emit)
{
	for (size_t n = 0; n < emit->merged->policy_count; n++) {
		const struct link_input *input = emit->merged->policies[n].input;

		if (input->size > ABI_IMAGE_MAX || emit->image.length > ABI_IMAGE_MAX)
			return too_large(emit);
		emit->policy_objects[n] = (uint32_t)emit->image.length;
		buffer_add(&emit->image, input->bytes, input->size);
		buffer_align(&emit->image, 8);
	}
	return 0;
}

static bool monitors(const struct merged_policy *policy)
{
	enum link_mode mode = policy->input ? policy->input->mode : LINK_MODE_WRITTEN;

	return mode == LINK_MODE_WRITTEN ? policy->ir.monitor : mode == LINK_MODE_MONITOR || !policy->ir.enforces;
}

static void emit_policies(struct emit *emit)
{
	for (size_t n = 0; n < emit->merged->policy_count; n++) {
		const struct abi_policy row = {
			.flags = monitors(&emit->merged->policies[n]) ? ABI_POLICY_MONITOR : 0,
			.name = emit->policy_names[n], .id = emit->merged->policies[n].id,
		};

		buffer_add(&emit->image, &row, sizeof(row));
	}
}

/* Names of policies are filled in once the metadata has them. */
static void name_policies(struct emit *emit)
{
	const size_t start = emit->header.sections[ABI_SECTION_POLICIES].offset;

	for (size_t n = 0; n < emit->merged->policy_count; n++)
		memcpy(emit->image.bytes + start + n * sizeof(struct abi_policy) + offsetof(struct abi_policy, name),
		       &emit->policy_names[n], sizeof(emit->policy_names[n]));
}

/* What programs read. */
int emit_program_sections(struct emit *emit)
{
	int error = emit_tables(emit);

	if (!error)
		error = emit_accepts(emit);
	if (!error)
		error = emit_programs(emit);
	if (error)
		return error;
	emit_begin_section(emit, ABI_SECTION_HOOKS);
	emit_hooks(emit);
	emit_end_section(emit, ABI_SECTION_HOOKS);
	emit_begin_section(emit, ABI_SECTION_POLICIES);
	emit_policies(emit);
	emit_end_section(emit, ABI_SECTION_POLICIES);
	emit->header.program_size = (uint32_t)emit->image.length;
	return emit->image.length > ABI_HALF_SIZE ? emit_too_large(emit) : 0;
}

static int emit_sections(struct emit *emit)
{
	int error = emit_program_sections(emit);

	if (error)
		return error;
	emit_begin_section(emit, ABI_SECTION_OBJECTS);
	error = emit_objects(emit);
	emit_end_section(emit, ABI_SECTION_OBJECTS);
	if (error)
		return error;
	emit_metadata(emit);
	name_policies(emit);
	return emit->image.length > ABI_IMAGE_MAX ? too_large(emit) : 0;
}

void emit_init(struct emit *emit, struct merged *merged)
{
	size_t hooks = merged->hook_count, policies = merged->policy_count;

	*emit = (struct emit){ .merged = merged, .arena = merged->arena };
	emit->tables = arena_alloc(merged->arena, hooks, sizeof(*emit->tables));
	emit->hook_programs = arena_array(merged->arena, uint32_t, hooks);
	emit->hook_records = arena_array(merged->arena, uint32_t, hooks);
	emit->hook_accepts = arena_array(merged->arena, uint32_t, hooks);
	emit->policy_names = arena_array(merged->arena, uint32_t, policies);
	emit->policy_objects = arena_array(merged->arena, uint32_t, policies);
	buffer_reserve(&emit->image, sizeof(struct abi_image));
}

void emit_release(struct emit *emit)
{
	buffer_release(&emit->image);
	buffer_release(&emit->steps);
}

static int emit_image(struct merged *merged, struct buffer *ret)
{
	struct emit emit;
	int error;

	emit_init(&emit, merged);
	error = emit_sections(&emit);
	if (!error) {
		emit.header.magic = ABI_IMAGE_MAGIC;
		emit.header.abi_version = ABI_VERSION;
		emit.header.size = (uint32_t)emit.image.length;
		emit.header.policy_count = (uint32_t)merged->policy_count;
		emit.header.hook_count = (uint32_t)merged->hook_count;
		memcpy(emit.image.bytes, &emit.header, sizeof(emit.header));
		image_seal(emit.image.bytes, emit.image.length);
		buffer_add(ret, emit.image.bytes, emit.image.length);
	}
	emit_release(&emit);
	return error;
}

int link_image(const struct link_input *inputs, size_t count, const struct link_options *options,
	       struct arena *arena, struct buffer *ret, const char **error)
{
	struct merged merged;
	int result = merge(inputs, count, options, arena, &merged);

	if (!result)
		result = emit_image(&merged, ret);
	if (result)
		*error = merge_error(&merged);
	return result;
}

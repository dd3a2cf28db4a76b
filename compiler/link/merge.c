// SPDX-License-Identifier: Apache-2.0
/* merge.c - policies to host hooks, their slots and their ids; see merge.h. */
#include "compiler/link/merge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/object/object.h"

int merge_fail(struct merged *merged, int code, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	merged->error = arena_copy(merged->arena, text, strlen(text));
	return code;
}

/* ---- Policies ---- */

struct name_row { const char *name; uint32_t policy; };

static int compare_names(const void *a, const void *b)
{
	const struct name_row *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->policy < y->policy ? -1 : 1;
}

static int check_names(struct merged *merged)
{
	struct name_row *rows = arena_array(merged->arena, struct name_row, merged->policy_count);

	for (uint32_t n = 0; n < merged->policy_count; n++)
		rows[n] = (struct name_row){ merged->policies[n].ir.name.bytes, n };
	qsort(rows, merged->policy_count, sizeof(*rows), compare_names);
	for (size_t n = 1; n < merged->policy_count; n++)
		if (!strcmp(rows[n - 1].name, rows[n].name))
			return merge_fail(merged, -EINVAL, "two policies are named '%s': in %s and in %s", rows[n].name,
					  merged->policies[rows[n - 1].policy].input->name,
					  merged->policies[rows[n].policy].input->name);
	return 0;
}

static int read_policies(struct merged *merged, const struct link_input *inputs, size_t count)
{
	merged->policies = arena_array(merged->arena, struct merged_policy, count);
	merged->policy_count = count;
	for (size_t n = 0; n < count; n++) {
		struct merged_policy *policy = &merged->policies[n];
		char message[256];
		int error = object_read(inputs[n].bytes, inputs[n].size, merged->arena, &policy->ir, message);

		if (error)
			return merge_fail(merged, error, "%s: %s", inputs[n].name, message);
		error = refuse_unlinkable(merged, &policy->ir);
		if (error)
			return error;
		policy->input = &inputs[n];
		policy->entries = arena_array(merged->arena, struct merged_entry, policy->ir.hooks.count);
		policy->hooks = arena_array(merged->arena, struct merged_hook *, policy->ir.hooks.count);
	}
	return check_names(merged);
}

/* ---- Hooks ---- */

/* As link.h says. */
static const char *hook_key(struct arena *arena, const struct ir_hook *hook)
{
	const char *kind = hook_rows[hook->kind].name;

	if (hook->kind == HOOK_TRACEPOINT)
		return arena_format(arena, "%s:%s/%s", kind, hook->subsystem.bytes, hook->name.bytes);
	return arena_format(arena, "%s:%s%s", kind, hook->name.bytes, hook->syscall ? "#syscall" : "");
}

/* "kretprobe": the kind of the other side, next to "kprobe". */
static const char *return_key(struct arena *arena, const struct ir_hook *hook)
{
	return arena_format(arena, "kretprobe:%s%s", hook->name.bytes, hook->syscall ? "#syscall" : "");
}

static struct merged_hook *find_hook(const struct merged *merged, const char *key)
{
	for (size_t n = 0; n < merged->hook_count; n++)
		if (!strcmp(merged->hooks[n]->key, key))
			return merged->hooks[n];
	return NULL;
}

static struct merged_hook *add_hook(struct merged *merged, const char *key, const struct ir_hook *ir)
{
	struct merged_hook *hook = find_hook(merged, key);

	if (hook)
		return hook;
	hook = arena_new(merged->arena, struct merged_hook);
	*hook = (struct merged_hook){ .key = key, .kind = ir->kind, .syscall = ir->syscall, .id = UINT32_MAX };
	merged->hooks = arena_grow(merged->arena, merged->hooks, merged->hook_count, &merged->hook_room,
				   sizeof(struct merged_hook *));
	merged->hooks[merged->hook_count++] = hook;
	return hook;
}

static void add_entry(struct merged *merged, struct merged_hook *hook, struct merged_entry *entry)
{
	hook->entries = arena_grow(merged->arena, hook->entries, hook->entry_count, &hook->entry_room,
				   sizeof(struct merged_entry *));
	hook->entries[hook->entry_count++] = entry;
}

int merge_slot(struct merged *merged, struct merged_hook *hook, uint32_t policy,
	       const struct ir_argument *argument, struct abi_slot slot, uint8_t *ret)
{
	for (size_t n = 0; n < hook->slot_count; n++)
		if (!memcmp(&hook->slots[n], &slot, sizeof(slot))) {
			*ret = (uint8_t)n;
			return 0;
		}
	if (hook->slot_count == ABI_SLOTS_MAX)
		return merge_fail(merged, -E2BIG, "%s: policy '%s' needs more values of %s than the %u that a hook can read",
				  merged->policies[policy].input->name, merged->policies[policy].ir.name.bytes,
				  hook->key, ABI_SLOTS_MAX);
	*ret = (uint8_t)hook->slot_count;
	hook->slots[hook->slot_count] = slot;
	hook->slot_arguments[hook->slot_count] = argument;
	hook->slot_policies[hook->slot_count++] = policy;
	return 0;
}

static int add_argument(struct merged *merged, struct merged_hook *hook, uint32_t policy,
			const struct ir_argument *argument, uint8_t *ret)
{
	const struct abi_slot slot = { argument->load, argument->source, argument->index, 0, 0 };

	return merge_slot(merged, hook, policy, argument, slot, ret);
}

static struct merged_hook *add_return_side(struct merged *merged, struct merged_hook *hook,
					   const struct ir_hook *ir)
{
	if (!hook->pair) {
		hook->pair = add_hook(merged, return_key(merged->arena, ir), ir);
		hook->pair->returns = true;
		hook->pair->pair = hook;
	}
	return hook->pair;
}

static int merge_hook(struct merged *merged, uint32_t policy, uint32_t hook_index)
{
	const struct ir_hook *ir = &merged->policies[policy].ir.hooks.items[hook_index];
	struct merged_entry *entry = &merged->policies[policy].entries[hook_index];
	struct merged_hook *hook = add_hook(merged, hook_key(merged->arena, ir), ir);
	int error = 0;

	if (merged->hook_count > ABI_HOOKS_MAX)
		return merge_fail(merged, -E2BIG, "the policies have more hooks than a host can, %u", ABI_HOOKS_MAX);
	*entry = (struct merged_entry){ .policy = policy, .hook_index = hook_index, .ir = ir };
	merged->policies[policy].hooks[hook_index] = hook;
	add_entry(merged, hook, entry);
	for (size_t n = 0; n < ir->arguments.count && !error; n++)
		error = add_argument(merged, hook, policy, &ir->arguments.items[n], &entry->slots[n]);
	if (ir->returns)
		add_entry(merged, add_return_side(merged, hook, ir), entry);
	if (!error && ir->return_argument)
		error = add_argument(merged, hook->pair, policy, ir->return_argument, &entry->returned_slot);
	return error;
}

static int merge_hooks(struct merged *merged)
{
	for (uint32_t policy = 0; policy < merged->policy_count; policy++)
		for (uint32_t n = 0; n < merged->policies[policy].ir.hooks.count; n++) {
			int error = merge_hook(merged, policy, n);

			if (error)
				return error;
		}
	return 0;
}

static bool load_has_bytes(uint8_t load)
{
	return load >= ABI_LOAD_STRING && load <= ABI_LOAD_SOCKADDR;
}

static int check_hook(struct merged *merged, const struct merged_hook *hook)
{
	size_t with_bytes = 0, deciding = 0;

	for (size_t n = 0; n < hook->slot_count; n++)
		with_bytes += load_has_bytes(hook->slots[n].load);
	if (with_bytes > ABI_STRING_SLOTS_MAX)
		return merge_fail(merged, -E2BIG, "%s: the policies read %zu strings, paths and addresses, a hook can read %u",
				  hook->key, with_bytes, ABI_STRING_SLOTS_MAX);
	for (size_t n = 0; n < hook->entry_count; n++)
		deciding += hook->entries[n]->selector_count != 0;
	if (!hook->returns && deciding > ABI_ACCEPTS_MAX)
		return merge_fail(merged, -E2BIG, "%s: %zu policies watch this hook, at most %u can", hook->key, deciding,
				  ABI_ACCEPTS_MAX);
	return 0;
}

static int select_steps(struct merged *merged)
{
	for (size_t h = 0; h < merged->hook_count; h++) {
		struct merged_hook *hook = merged->hooks[h];
		int error = 0;

		for (size_t n = 0; n < hook->entry_count && !hook->returns && !error; n++)
			error = merge_select(merged, hook, hook->entries[n]);
		if (!error)
			error = check_hook(merged, hook);
		if (error)
			return error;
	}
	return 0;
}

/* ---- Ids ---- */

static bool id_is_reserved(const struct link_options *options, uint32_t id)
{
	return options->reserved_ids[id / 64] >> (id % 64) & 1;
}

static int assign_known(struct merged *merged, const struct link_options *options, bool taken[ABI_HOOKS_MAX])
{
	for (size_t n = 0; n < options->assignment_count; n++) {
		const struct link_assignment *one = &options->assignments[n];
		struct merged_hook *hook = find_hook(merged, one->key);

		if (!hook)
			continue;
		if (one->id >= ABI_HOOKS_MAX || taken[one->id] || hook->id != UINT32_MAX)
			return merge_fail(merged, -EINVAL, "hook id %u of %s cannot be kept", one->id, one->key);
		hook->id = one->id;
		taken[one->id] = true;
	}
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	const struct merged_hook *x = *(const struct merged_hook *const *)a;
	const struct merged_hook *y = *(const struct merged_hook *const *)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int assign_ids(struct merged *merged, const struct link_options *options)
{
	bool taken[ABI_HOOKS_MAX] = { false };
	uint32_t next = 0;
	int error = assign_known(merged, options, taken);

	for (size_t n = 0; n < merged->hook_count && !error; n++) {
		if (merged->hooks[n]->id != UINT32_MAX)
			continue;
		while (next < ABI_HOOKS_MAX && (taken[next] || id_is_reserved(options, next)))
			next++;
		if (next == ABI_HOOKS_MAX)
			return merge_fail(merged, -E2BIG, "the policies have more hooks than a host can, %u", ABI_HOOKS_MAX);
		merged->hooks[n]->id = next++;
	}
	if (merged->hook_count)
		qsort(merged->hooks, merged->hook_count, sizeof(struct merged_hook *), compare_ids);
	return error;
}

int merge(const struct link_input *inputs, size_t count, const struct link_options *options,
	  struct arena *arena, struct merged *ret)
{
	static const struct link_options none;
	int error;

	*ret = (struct merged){ .arena = arena, .binaries = { .op = ABI_OP_BINARY } };
	error = read_policies(ret, inputs, count);
	if (!error)
		error = merge_hooks(ret);
	if (!error)
		error = select_steps(ret);
	return error ? error : assign_ids(ret, options ? options : &none);
}

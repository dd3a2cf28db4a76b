// SPDX-License-Identifier: Apache-2.0
/* merge.c - policies to host hooks and their slots; see merge.h. */
#include "compiler/link/merge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/object/object.h"

/* ---- Failures ---- */

static const char *format_reason(struct merged *merged, const char *format, va_list arguments)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, arguments);
	return arena_copy(merged->arena, text, strlen(text));
}

int merge_fail(struct merged *merged, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	merged->failure = (struct merge_failure){ .reason = format_reason(merged, format, arguments) };
	va_end(arguments);
	return code;
}

int merge_fail_at(struct merged *merged, int code, uint32_t policy, const struct ir_place *at, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	merged->failure = (struct merge_failure){
		.reason = format_reason(merged, format, arguments), .has_place = true, .policy = policy, .at = *at,
	};
	va_end(arguments);
	return code;
}

void merge_help(struct merged *merged, const char *help)
{
	merged->failure.help = help;
}

const char *merge_place(struct merged *merged, uint32_t policy, const struct ir_place *at)
{
	struct position position = { at->line, at->column };

	if (!at->line && at->span.source)
		position = source_position(at->span.source, at->span.start);
	return arena_format(merged->arena, "%s:%u:%u", merged->policies[policy].ir.source_name, position.line, position.column);
}

const char *merge_error(struct merged *merged)
{
	const struct merge_failure *failure = &merged->failure;
	const char *help = failure->help ? arena_format(merged->arena, "; %s", failure->help) : "";

	if (!failure->has_place)
		return arena_format(merged->arena, "%s%s", failure->reason, help);
	return arena_format(merged->arena, "policy '%s' (%s): %s%s", merged->policies[failure->policy].ir.name.bytes,
			    merge_place(merged, failure->policy, &failure->at), failure->reason, help);
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

/* What is not for this node does nothing on it. */
static void leave_out(struct ir_policy *policy, const struct link_input *input)
{
	if (input->node == LINK_NODE_ELSEWHERE) {
		policy->hooks.count = policy->enforcer.count = 0;
		policy->loader = false;
	}
	for (size_t n = 0; input->elsewhere && n < policy->hooks.count; n++)
		policy->hooks.items[n].elsewhere = input->elsewhere[n];
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
		policy->input = &inputs[n];
		leave_out(&policy->ir, &inputs[n]);
	}
	return check_names(merged);
}

/* ---- Hooks ---- */

static uint64_t hash_key(const char *key)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	while (*key)
		hash = (hash ^ (uint8_t)*key++) * 0x100000001b3ULL;
	return hash ^ hash >> 32;
}

/* The place of a key in the table of hooks: that of its hook, or the free one that it would take. */
static struct merged_hook **hook_place(const struct merged *merged, const char *key)
{
	size_t mask = merged->hook_table_size - 1, at = hash_key(key) & mask;

	while (merged->hook_table[at] && strcmp(merged->hook_table[at]->key, key))
		at = (at + 1) & mask;
	return &merged->hook_table[at];
}

struct merged_hook *merged_hook_find(const struct merged *merged, const char *key)
{
	return *hook_place(merged, key);
}

/* "kretprobe": the kind of the other side, next to "kprobe". */
static const char *return_key(struct arena *arena, const struct merged_hook *hook)
{
	static const char *const kinds[HOOK_COUNT] = {
		[HOOK_KPROBE] = "kretprobe", [HOOK_FENTRY] = "fexit", [HOOK_UPROBE] = "uretprobe",
	};

	return arena_format(arena, "%s%s", kinds[hook->kind] ? kinds[hook->kind] : "return", strchr(hook->key, ':'));
}

static struct merged_hook *add_hook(struct merged *merged, struct merged_hook hook)
{
	struct merged_hook **place = hook_place(merged, hook.key);

	if (*place)
		return *place;
	*place = arena_new(merged->arena, struct merged_hook);
	**place = hook;
	merged->hooks = arena_grow(merged->arena, merged->hooks, merged->hook_count, &merged->hook_room,
				   sizeof(struct merged_hook *));
	merged->hooks[merged->hook_count++] = *place;
	return *place;
}

static void add_entry(struct merged *merged, struct merged_hook *hook, struct merged_entry *entry)
{
	hook->entries = arena_grow(merged->arena, hook->entries, hook->entry_count, &hook->entry_room,
				   sizeof(struct merged_entry *));
	hook->entries[hook->entry_count++] = entry;
}

static struct merged_hook *add_return_side(struct merged *merged, struct merged_hook *hook)
{
	if (!hook->pair) {
		hook->pair = add_hook(merged, (struct merged_hook){ .key = return_key(merged->arena, hook), .name = hook->name,
			.kind = hook->kind, .syscall = hook->syscall, .id = UINT32_MAX, .returns = true, .pair = hook,
			.reference_counter = hook->reference_counter });
	}
	return hook->pair;
}

/* Of functions alone: see check_stack(). */
static bool wants_stack(const struct ir_hook *hook, bool of_kernel)
{
	if (hook->kind != HOOK_KPROBE && hook->kind != HOOK_FENTRY)
		return false;
	for (size_t s = 0; s < hook->selectors.count; s++)
		for (size_t n = 0; n < hook->selectors.items[s].actions.count; n++) {
			const struct ir_action *action = &hook->selectors.items[s].actions.items[n];

			if (of_kernel ? action->kernel_stack : action->user_stack)
				return true;
		}
	return false;
}

static int add_stacks(struct merged *merged, struct merged_hook *hook, struct merged_entry *entry)
{
	int error = 0;

	entry->kernel_stack_slot = entry->user_stack_slot = ABI_SLOTS_MAX;
	if (wants_stack(entry->ir, true))
		error = slot_of_process(merged, hook, entry->policy, ABI_LOAD_KERNEL_STACK, 0, &entry->kernel_stack_slot);
	if (!error && wants_stack(entry->ir, false))
		error = slot_of_process(merged, hook, entry->policy, ABI_LOAD_USER_STACK, 0, &entry->user_stack_slot);
	return error;
}

static bool names_socket(const struct ir_action *action)
{
	return action->op == ACTION_TRACK_SOCK || action->op == ACTION_UNTRACK_SOCK;
}

/* Sockets that actions on the return are about are read there, from the arguments that the function was called with. */
static int add_tracked(struct merged *merged, struct merged_hook *hook, struct merged_entry *entry)
{
	const struct ir_hook *ir = entry->ir;
	int error = 0;

	memset(entry->tracked_slots, ABI_SLOTS_MAX, sizeof(entry->tracked_slots));
	for (size_t s = 0; s < ir->selectors.count && hook->pair; s++)
		for (size_t n = 0; n < ir->selectors.items[s].return_actions.count && !error; n++) {
			const struct ir_action *action = &ir->selectors.items[s].return_actions.items[n];
			const int32_t at = names_socket(action) ? action->argument : -1;

			if (at >= 0)
				error = slot_of_argument(merged, hook->pair, entry->policy, &ir->arguments.items[at], &entry->tracked_slots[at]);
		}
	return error;
}

/* Of the hooks that hashes_file() of check_action.c names, which have the file as their first argument, or the program that is executed. */
static bool wants_digest(const struct ir_hook *hook)
{
	for (size_t s = 0; hook->kind == HOOK_LSM && s < hook->selectors.count; s++)
		for (size_t n = 0; n < hook->selectors.items[s].actions.count; n++)
			if (hook->selectors.items[s].actions.items[n].ima_hash)
				return true;
	return false;
}

static int add_digest(struct merged *merged, struct merged_hook *hook, struct merged_entry *entry)
{
	entry->digest_slot = ABI_SLOTS_MAX;
	return wants_digest(entry->ir) ? slot_of_process(merged, hook, entry->policy, ABI_LOAD_DIGEST, 0, &entry->digest_slot) : 0;
}

static int add_slots(struct merged *merged, struct merged_hook *hook, struct merged_entry *entry)
{
	const struct ir_hook *ir = entry->ir;
	int error = 0;

	for (size_t n = 0; n < ir->arguments.count && !error; n++)
		error = slot_of_argument(merged, hook, entry->policy, &ir->arguments.items[n], &entry->slots[n]);
	for (size_t n = 0; n < ir->data.count && !error; n++)
		error = slot_of_argument(merged, hook, entry->policy, &ir->data.items[n], &entry->data_slots[n]);
	if (!error && ir->return_argument)
		error = slot_of_argument(merged, hook->pair, entry->policy, ir->return_argument, &entry->returned_slot);
	entry->copied_slot = ABI_SLOTS_MAX;
	for (size_t n = 0; n < ir->arguments.count && !error; n++)
		if (ir->arguments.items[n].return_copy)
			error = slot_of_argument(merged, hook->pair, entry->policy, &ir->arguments.items[n], &entry->copied_slot);
	if (!error)
		error = add_tracked(merged, hook, entry);
	if (!error)
		error = add_stacks(merged, hook, entry);
	return error ? error : add_digest(merged, hook, entry);
}

static int merge_target(struct merged *merged, uint32_t policy, uint32_t written, const struct merge_target *target)
{
	struct merged_policy *of = &merged->policies[policy];
	const struct ir_hook *ir = &of->ir.hooks.items[written];
	struct merged_entry *entry = &of->entries[of->entry_count];
	struct merged_hook *hook;

	if (merged->hook_count >= ABI_HOOKS_MAX - 1)
		return merge_fail_at(merged, -E2BIG, policy, &ir->at, "with this hook the policies have more than a host can, %u",
				     ABI_HOOKS_MAX);
	hook = add_hook(merged, (struct merged_hook){ .key = merge_key(merged->arena, ir, target, of->ir.override_method),
		.name = target->name,
		.kind = ir->kind, .syscall = target->syscall, .generated = target->generated,
		.pattern = target->pattern, .id = UINT32_MAX,
		.enforcer = ir->enforcer, .method = of->ir.override_method, .site = target->site, .reference_counter = target->reference_counter });
	*entry = (struct merged_entry){ .policy = policy, .hook_index = (uint32_t)of->entry_count, .written = written,
					.ir = ir, .name = target->name };
	of->hooks[of->entry_count++] = hook;
	add_entry(merged, hook, entry);
	if (hook_needs_return(ir))
		add_entry(merged, add_return_side(merged, hook), entry);
	return add_slots(merged, hook, entry);
}

/* ---- Hooks of policies ---- */

/* One entry of an enforcer's `calls` as a hook, where everything is accepted, and the thread's notification says what is done. */
static struct ir_hook enforcer_hook(struct arena *arena, const struct ir_names *names)
{
	static struct ir_action act[] = { { .op = ACTION_NOTIFY_ENFORCER }, { .op = ACTION_NO_POST } };
	struct ir_selector *selector = arena_new(arena, struct ir_selector);

	selector->at = names->at;
	selector->actions = (struct ir_action_list){ act, sizeof(act) / sizeof(*act) };
	return (struct ir_hook){ .at = names->at, .kind = HOOK_KPROBE, .enforcer = true, .names = names, .selectors = { selector, 1 } };
}

/* The hooks of enforcers follow those of the policy. */
static void add_enforcers(struct merged *merged, struct ir_policy *policy)
{
	const size_t count = policy->hooks.count;
	struct ir_hook *hooks;

	if (!policy->enforcer.count)
		return;
	hooks = arena_array(merged->arena, struct ir_hook, count + policy->enforcer.count);
	memcpy(hooks, policy->hooks.items, count * sizeof(*hooks));
	for (size_t n = 0; n < policy->enforcer.count; n++)
		hooks[count + n] = enforcer_hook(merged->arena, &policy->enforcer.items[n]);
	policy->hooks = (struct ir_hook_list){ hooks, count + policy->enforcer.count };
}

static int merge_policy(struct merged *merged, uint32_t policy)
{
	struct merged_policy *of = &merged->policies[policy];
	size_t count = 0;
	int error = 0;

	add_enforcers(merged, &of->ir);
	for (size_t n = 0; n < of->ir.hooks.count; n++)
		count += merge_targets(merged, &of->ir.hooks.items[n]);
	of->entries = arena_array(merged->arena, struct merged_entry, count);
	of->hooks = arena_array(merged->arena, struct merged_hook *, count);
	for (uint32_t n = 0; n < of->ir.hooks.count; n++)
		for (size_t t = 0; t < merge_targets(merged, &of->ir.hooks.items[n]) && !error; t++) {
			struct merge_target target = merge_target_at(merged, &of->ir.hooks.items[n], t);

			error = merge_target(merged, policy, n, &target);
		}
	return error;
}

static int merge_hooks(struct merged *merged)
{
	int error = 0;

	merged->hook_table_size = 4 * ABI_HOOKS_MAX;
	merged->hook_table = arena_array(merged->arena, struct merged_hook *, merged->hook_table_size);
	for (uint32_t policy = 0; policy < merged->policy_count && !error; policy++)
		error = merge_policy(merged, policy);
	return error;
}

static int check_hook(struct merged *merged, const struct merged_hook *hook)
{
	size_t deciding = 0;

	for (size_t n = 0; n < hook->entry_count; n++)
		deciding += hook->entries[n]->selector_count != 0;
	if (!hook->returns && deciding > ABI_ACCEPTS_MAX)
		return merge_fail(merged, -E2BIG, "%s: %zu policies watch this hook, at most %u can", hook->key, deciding,
				  ABI_ACCEPTS_MAX);
	return slots_check(merged, hook);
}

/* Of the calling side; it selects the filters on returns, too. */
static int select_hook(struct merged *merged, struct merged_hook *hook)
{
	int error = 0;

	for (size_t n = 0; n < hook->entry_count && !error; n++)
		error = select_entry(merged, hook, hook->entries[n]);
	if (!error)
		error = select_tables(merged, hook);
	if (!error && !merged->plain)
		order_hook(hook);
	return error;
}

static int select_hooks(struct merged *merged)
{
	int error = 0;

	for (size_t h = 0; h < merged->hook_count && !error; h++)
		if (!merged->hooks[h]->returns)
			error = select_hook(merged, merged->hooks[h]);
	for (size_t h = 0; h < merged->hook_count && !error; h++)
		error = check_hook(merged, merged->hooks[h]);
	return error;
}

/* ---- All of it ---- */

static bool actions_track(const struct ir_action_list *actions)
{
	for (size_t n = 0; n < actions->count; n++)
		if (actions->items[n].op == ACTION_TRACK_SOCK)
			return true;
	return false;
}

static bool policy_tracks(const struct ir_policy *policy)
{
	for (size_t h = 0; h < policy->hooks.count; h++) {
		const struct ir_hook *hook = &policy->hooks.items[h];

		if (hook->elsewhere)
			continue;
		if (hook->return_action == IR_RETURN_TRACK)
			return true;
		for (size_t s = 0; s < hook->selectors.count; s++)
			if (actions_track(&hook->selectors.items[s].actions) || actions_track(&hook->selectors.items[s].return_actions))
				return true;
	}
	return false;
}

static int merge_all(struct merged *merged, const struct link_options *options)
{
	static const struct link_options none;
	int error = merge_hooks(merged);

	if (!options)
		options = &none;
	for (size_t n = 0; n < merged->policy_count; n++)
		merged->policies[n].tracks = policy_tracks(&merged->policies[n].ir);
	if (!error)
		error = select_hooks(merged);
	if (!error)
		error = assign_policy_ids(merged, options);
	return error ? error : assign_ids(merged, options);
}

int merge(const struct link_input *inputs, size_t count, const struct link_options *options,
	  struct arena *arena, struct merged *ret)
{
	int error;

	*ret = (struct merged){ .arena = arena, .plain = options && options->plain };
	if (options) {
		ret->syscalls = options->syscalls;
		ret->syscall_count = options->syscall_count;
		ret->probes = options->probes;
		ret->probe_count = options->probe_count;
		ret->functions = options->functions;
		ret->functions_count = options->functions_count;
	}
	error = read_policies(ret, inputs, count);
	return error ? error : merge_all(ret, options);
}

int merge_alone(const struct ir_policy *policy, const struct link_options *options, struct arena *arena, struct merged *ret)
{
	*ret = (struct merged){ .arena = arena, .plain = options && options->plain, .policy_count = 1 };
	ret->policies = arena_new(arena, struct merged_policy);
	ret->policies->ir = *policy;
	return merge_all(ret, options);
}

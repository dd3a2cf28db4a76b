// SPDX-License-Identifier: Apache-2.0
/* lower.c - checked policies to IR, their selectors apart; see ir.h. */
#include "compiler/selector/lower.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bpf-templates/abi.h"
#include "compiler/policy/check.h"

/* ---- Selectors ---- */

/* A hook without selectors is one that matches every call. */
static void lower_selectors(struct lower_policy *lower, const struct policy_hook *hook, struct ir_hook *ret)
{
	static const struct policy_selector empty;
	size_t count = hook->selectors.count ? hook->selectors.count : 1;

	ret->selectors_written = (uint32_t)hook->selectors.count;
	ret->selectors = (struct ir_selector_list){ arena_array(lower->arena, struct ir_selector, count), count };
	for (size_t n = 0; n < count; n++) {
		const struct policy_selector *selector = hook->selectors.count ? &hook->selectors.items[n] : &empty;

		ret->selectors.items[n] = (struct ir_selector){
			.at = place(hook->selectors.count ? selector->at : hook->at),
			.index = (uint32_t)n,
			.predicates = lower_filters(lower, ret, selector),
			.actions = lower_actions(lower->arena, ret, &selector->actions),
			.return_predicates = lower_return_filters(lower, ret, selector),
			.return_actions = lower_return_actions(lower->arena, ret, &selector->return_actions),
			.label = selector->label,
		};
	}
}

/* ---- Arguments ---- */

/* Where arguments come from, by kind of hook. */
static const uint8_t argument_sources[HOOK_COUNT] = {
	[HOOK_KPROBE] = ABI_SOURCE_ARGUMENT,
	[HOOK_FENTRY] = ABI_SOURCE_ARGUMENT,
	[HOOK_TRACEPOINT] = ABI_SOURCE_FIELD,
	[HOOK_RAW_TRACEPOINT] = ABI_SOURCE_ARGUMENT,
	[HOOK_LSM] = ABI_SOURCE_ARGUMENT,
	[HOOK_UPROBE] = ABI_SOURCE_ARGUMENT,
	[HOOK_USDT] = ABI_SOURCE_ARGUMENT,
};

static bool is_source(const struct policy_argument *argument, const char *source)
{
	return argument->source.bytes && !strcmp(argument->source.bytes, source);
}

/* The data of a hook; and an argument of an LSM hook may be something else, too. */
static uint8_t data_source(const struct policy_argument *argument)
{
	return is_source(argument, "pt_regs") ? ABI_SOURCE_REGISTER : ABI_SOURCE_CURRENT;
}

static uint8_t argument_source(const struct policy_hook *hook, const struct policy_argument *argument)
{
	return (hook->kind == HOOK_LSM || argument->made) && is_source(argument, "current_task") ? ABI_SOURCE_CURRENT :
		argument_sources[hook->kind];
}

static bool is_call(enum hook_kind kind)
{
	return kind == HOOK_KPROBE || kind == HOOK_FENTRY;
}

static bool is_buffer(const struct policy_argument *argument)
{
	return argument->type == TYPE_CHAR_BUF || argument->type == TYPE_CHAR_IOVEC;
}

/* What has no effect where it stands is left out; check has said so. */
static void lower_buffer(struct lower_policy *lower, const struct policy_hook *hook,
			 const struct policy_argument *argument, struct ir_argument *ret)
{
	bool is_traced = hook->kind == HOOK_TRACEPOINT || hook->kind == HOOK_RAW_TRACEPOINT;

	if (argument->size_index > UINT8_MAX)
		diag_later(lower->diagnostics, argument->size_index_at, "'sizeArgIndex' %u", argument->size_index);
	else if (is_buffer(argument) || argument->type == TYPE_AUTO)
		ret->size_index = (uint8_t)argument->size_index;
	ret->return_copy = argument->return_copy && is_buffer(argument) &&
		(is_call(hook->kind) || hook->kind == HOOK_UPROBE);
	ret->max_data = argument->max_data && argument->type == TYPE_CHAR_BUF && !is_traced && !ret->return_copy &&
		hook->kind != HOOK_UPROBE && hook->kind != HOOK_USDT;
}

/* Nothing of this is for a field of a record. */
static void lower_chain(const struct policy_hook *hook, const struct policy_argument *argument, struct ir_argument *ret)
{
	if (ret->source == ABI_SOURCE_FIELD || !argument->resolve.length)
		return;
	ret->resolve = argument->resolve;
	if (ret->source == ABI_SOURCE_REGISTER || !argument->btf_type.length)
		return;
	ret->btf_type = argument->btf_type;
	if (ret->source != ABI_SOURCE_CURRENT && hook->btf_path.length)
		ret->btf_module = hook->btf_path;
	else if (argument->btf_module.length)
		ret->btf_module = argument->btf_module;
}

static struct ir_argument lower_argument(struct lower_policy *lower, const struct policy_hook *hook,
					 const struct policy_argument *argument, uint8_t source)
{
	struct ir_argument ret = {
		.at = place(argument->at),
		.type = argument->type,
		.load = type_rows[argument->type].load,
		.source = source,
		.index = source == ABI_SOURCE_RETURN ? 0 : (uint8_t)argument->index,
		.label = argument->label,
	};

	if (argument->folder) {
		ret.load = ABI_LOAD_ENTRY;
		ret.folder = (uint8_t)argument->folder;
	} else if (argument->mount) {
		ret.load = ABI_LOAD_MOUNT;
	} else if (argument->command_line) {
		ret.load = ABI_LOAD_COMMAND_LINE;
	}
	lower_buffer(lower, hook, argument, &ret);
	lower_chain(hook, argument, &ret);
	return ret;
}

/* Of several buffers that are copied at the return, the last one is. */
static void keep_last_copy(struct ir_argument_list *arguments)
{
	bool found = false;

	for (size_t n = arguments->count; n--;) {
		arguments->items[n].return_copy &= !found;
		found |= arguments->items[n].return_copy;
	}
}

static void lower_arguments(struct lower_policy *lower, const struct policy_hook *hook, struct ir_hook *ret)
{
	size_t count = hook->arguments.count, data = hook->data.count;

	ret->arguments = (struct ir_argument_list){ arena_array(lower->arena, struct ir_argument, count), count };
	for (size_t n = 0; n < count; n++)
		ret->arguments.items[n] = lower_argument(lower, hook, &hook->arguments.items[n],
							 argument_source(hook, &hook->arguments.items[n]));
	keep_last_copy(&ret->arguments);
	ret->data = (struct ir_argument_list){ arena_array(lower->arena, struct ir_argument, data), data };
	for (size_t n = 0; n < data; n++) {
		ret->data.items[n] = lower_argument(lower, hook, &hook->data.items[n], data_source(&hook->data.items[n]));
		ret->data.items[n].index = (uint8_t)n;	/* filters go by the position */
		ret->data.items[n].return_copy = false;
	}
	if (!hook->returns || !hook->return_argument)
		return;
	ret->return_argument = arena_new(lower->arena, struct ir_argument);
	*ret->return_argument = lower_argument(lower, hook, hook->return_argument, ABI_SOURCE_RETURN);
	ret->return_argument->return_copy = false;
}

/* ---- Hooks ---- */

static struct ir_number_list lower_offsets(struct arena *arena, const struct policy_value_list *values)
{
	struct ir_number_list list = { arena_array(arena, uint64_t, values->count), values->count };

	for (size_t n = 0; n < values->count; n++)
		list.items[n] = values->items[n].low;
	return list;
}

static void lower_program(struct arena *arena, const struct policy_hook *hook, struct ir_hook *ret)
{
	ret->path = hook->path;
	ret->provider = hook->provider;
	ret->btf_path = hook->btf_path;
	ret->symbols = hook->symbols;
	ret->digests = hook->digests;
	ret->offsets = lower_offsets(arena, &hook->offsets);
	ret->addresses = lower_offsets(arena, &hook->addresses);
	ret->reference_offsets = lower_offsets(arena, &hook->reference_offsets);
}

/* In any case of letters; without a return there is none. */
static enum ir_return_action return_action_of(const struct policy_hook *hook)
{
	if (!hook->returns || !hook->return_action.length)
		return IR_RETURN_NOTHING;
	return strcasecmp(hook->return_action.bytes, action_rows[ACTION_UNTRACK_SOCK].name) ? IR_RETURN_TRACK
											     : IR_RETURN_UNTRACK;
}

/* What the list stands for, at the place of its name. */
static const struct ir_names *names_of(struct lower_policy *lower, const struct policy_hook *hook)
{
	const struct ir_names *list = is_call(hook->kind) ? lower_names(lower, &hook->name) : NULL;
	struct ir_names *names;

	if (!list)
		return NULL;
	names = arena_new(lower->arena, struct ir_names);
	*names = *list;
	names->at = place(hook->name.at);
	return names;
}

static void lower_hook(struct lower_policy *lower, const struct policy_hook *hook, struct ir_hook *ret)
{
	*ret = (struct ir_hook){
		.at = place(hook->at),
		.kind = hook->kind,
		.name = hook->name,
		.subsystem = hook->subsystem,
		.syscall = is_call(hook->kind) && hook->syscall,
		.returns = hook->returns,
		.message = hook->message,
		.tags = hook->tags,
		.names = names_of(lower, hook),
		.ignore_missing = hook->ignore && hook->ignore->call_not_found,
		.ignore_digest = hook->ignore && hook->ignore->digest_failure,
		.return_action = return_action_of(hook),
		.node = hook->node,
	};
	if (hook->node)
		ret->node_at = place(hook->node_at);
	lower_program(lower->arena, hook, ret);
	lower_arguments(lower, hook, ret);
	lower_selectors(lower, hook, ret);
}

/* ---- What the programs of this version do not run ---- */

static int by_place(const void *a, const void *b)
{
	const struct ir_later *x = a, *y = b;

	return (x->at.span.start > y->at.span.start) - (x->at.span.start < y->at.span.start);
}

/* Policies are in the order of the text. */
static bool is_within_some(const struct ir_list *ir, struct span at)
{
	size_t low = 0, high = ir->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ir->items[middle].at.span.end <= at.start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ir->count && ir->items[low].at.span.start <= at.start;
}

/* Takes out of the diagnostics what lies inside of policies, in the order of the text. */
static struct ir_later_list take_later(const struct ir_list *ir, struct arena *arena, struct diagnostics *diagnostics)
{
	struct ir_later_list list = { arena_array(arena, struct ir_later, diagnostics->later_count), 0 };
	size_t kept = 0;

	for (size_t n = 0; n < diagnostics->later_count; n++) {
		const struct diagnostic *one = &diagnostics->later[n];

		if (is_within_some(ir, one->at))
			list.items[list.count++] = (struct ir_later){ place(one->at), one->message };
		else
			diagnostics->later[kept++] = *one;
	}
	diagnostics->later_count = kept;
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), by_place);
	return list;
}

static void lower_later(struct ir_list *ir, struct arena *arena, struct diagnostics *diagnostics)
{
	const struct ir_later_list all = take_later(ir, arena, diagnostics);
	size_t next = 0;

	for (size_t n = 0; n < ir->count; n++) {
		struct ir_later_list *list = &ir->items[n].later;

		list->items = all.items + next;
		while (next < all.count && all.items[next].at.span.start < ir->items[n].at.span.end)
			next++;
		list->count = (size_t)(all.items + next - list->items);
	}
}

/* ---- Policies ---- */

static void lower_policy(struct lower_policy *lower, struct ir_policy *ret)
{
	const struct policy *policy = lower->policy;
	size_t count = policy->hooks.count;

	lower_lists(lower);
	lower_scope(lower);
	*ret = (struct ir_policy){
		.at = place(policy->at),
		.name = policy->name,
		.namespace = policy->namespace.length ? policy->namespace : (struct text){ .bytes = NULL },
		.source_name = policy->at.source ? policy->at.source->name : "",
		.scope = lower->scope,
		.scope_at = lower->scope_at,
		.node = lower->node,
		.node_at = lower->node_at,
		.monitor = policy->mode == MODE_MONITOR || !policy->enforces,
		.enforces = policy->enforces,
		.loader = policy->loader,
		.single_kprobes = policy->single_kprobes,
		.single_uprobes = policy->single_uprobes,
		.preloads = policy->preloads,
		.override_method = policy->override_method,
		.enforcer = lower_enforcers(lower),
		.hooks = { arena_array(lower->arena, struct ir_hook, count), count },
		.as_written = policy,
	};
	for (size_t n = 0; n < count; n++)
		lower_hook(lower, &policy->hooks.items[n], &ret->hooks.items[n]);
}

int ir_lower(const struct policy_list *policies, struct arena *arena, struct diagnostics *diagnostics,
	     struct ir_list **ret)
{
	struct ir_list *list = arena_new(arena, struct ir_list);

	*list = (struct ir_list){ arena_array(arena, struct ir_policy, policies->count), policies->count };
	for (size_t n = 0; n < policies->count; n++) {
		struct lower_policy lower = {
			.arena = arena, .diagnostics = diagnostics, .policy = &policies->items[n],
		};

		lower_policy(&lower, &list->items[n]);
	}
	lower_later(list, arena, diagnostics);
	*ret = list;
	return 0;
}

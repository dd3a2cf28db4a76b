// SPDX-License-Identifier: Apache-2.0
/* generate.c - random policies; their events are made in generate_event.c.  See generate.h. */
#include "tests/reference/generate.h"

#include <string.h>

#include "tests/reference/chance.h"
#include "tests/reference/generate_filter.h"

/* ---- Selectors ---- */

static unsigned count_of(const struct model_filters *filters, enum model_filter_kind kind)
{
	unsigned count = 0;

	for (size_t n = 0; n < filters->count; n++)
		count += filters->items[n].kind == kind;
	return count;
}

static bool has_room(const struct model_filters *filters, enum model_filter_kind kind)
{
	static const unsigned limits[MODEL_FILTER_KINDS] = {
		[MATCH_ARGS] = 5, [MATCH_DATA] = 5, [MATCH_RETURN_ARGS] = 5, [MATCH_PIDS] = 3, [MATCH_BINARIES] = 1,
		[MATCH_PARENT_BINARIES] = 1, [MATCH_NAMESPACES] = 10, [MATCH_NAMESPACE_CHANGES] = 1, [MATCH_CAPABILITIES] = 3,
		[MATCH_CAPABILITY_CHANGES] = 3, [MATCH_WORKLOADS] = 1,
	};
	unsigned count = count_of(filters, kind);

	if (kind == MATCH_ARGS || kind == MATCH_DATA)
		count = count_of(filters, MATCH_ARGS) + count_of(filters, MATCH_DATA);
	return count < limits[kind];
}

static void add_filters(const struct model_hook *hook, struct model_filters *filters, unsigned count)
{
	for (unsigned tries = 4 * count; count && tries; tries--) {
		enum model_filter_kind kind = some_kind();
		struct model_filter filter;

		if (!has_room(filters, kind) || !some_filter(hook, kind, &filter))
			continue;
		model_filters_add(filters, filter);
		count--;
	}
}

static void add_actions(const struct model_hook *hook, struct model_selector *selector)
{
	static const char *const actions[] = { "{action: Post}", "{action: NoPost}", "{action: Sigkill}",
					       "{action: Signal, argSig: 10}" };
	bool may_enforce = hook->kind != MODEL_FENTRY;

	if (one_in(3))
		model_texts_add(&selector->actions, model_text(actions[chance_below(may_enforce ? 4 : 2)]));
}

/* "Same field on both sides" is refused; and matchWorkloads is not covered. */
static bool macro_fits(const struct model_filters *filters, const struct model_macro *macro)
{
	for (size_t n = 0; n < macro->filters.count; n++)
		if (count_of(filters, macro->filters.items[n].kind))
			return false;
	return true;
}

static void add_macros(const struct model_policy *policy, struct model_selector *selector)
{
	struct model_filters filters = selector->filters;

	for (size_t n = 0; n < policy->macros.count; n++) {
		const struct model_macro *macro = &policy->macros.items[n];

		if (one_in(2) || !macro_fits(&filters, macro))
			continue;
		model_texts_add(&selector->macros, macro->name);
		for (size_t f = 0; f < macro->filters.count; f++)
			model_filters_add(&filters, macro->filters.items[f]);
	}
}

static struct model_selector some_selector(const struct model_policy *policy, const struct model_hook *hook)
{
	struct model_selector selector = { .filters = { NULL, 0 } };

	add_filters(hook, &selector.filters, one_in(20) ? 0 : 1 + chance_below(palette.filters));
	add_macros(policy, &selector);
	add_actions(hook, &selector);
	return selector;
}

/* ---- Policies ---- */

static void add_macro_of(struct model_policy *policy, const struct model_hook *hook, unsigned number)
{
	struct model_macro *macro = &policy->macros.items[policy->macros.count];
	struct model_filter filter;
	enum model_filter_kind kind = some_kind();

	if (kind == MATCH_WORKLOADS || !some_filter(hook, kind, &filter))
		return;
	*macro = (struct model_macro){ .name = model_format("macro%u", number) };
	model_filters_add(&macro->filters, filter);
	policy->macros.count++;
}

/* Some of the group's arguments, in any order. */
static void add_arguments(const struct model_group *group, struct model_hook *hook)
{
	static const char *const integers[] = { "int", "int8", "uint8", "int16", "uint16", "uint32", "int64", "uint64", "size_t" };
	struct model_argument *items = hook->arguments.items;

	for (size_t n = 0; n < group->arguments.count; n++)
		if (!hook->arguments.count || !one_in(4))
			items[hook->arguments.count++] = group->arguments.items[n];
	for (size_t n = hook->arguments.count; n > 1; n--) {
		unsigned other = chance_below((unsigned)n);
		struct model_argument swap = items[n - 1];

		items[n - 1] = items[other];
		items[other] = swap;
	}
	for (size_t n = 0; palette.widths && n < hook->arguments.count; n++)
		if (!strcmp(model_types[items[n].type].name, "int64"))
			items[n].type = model_type_find(integers[chance_below(9)]);
}

static void fill_hook(const struct model_policy *policy, struct model_hook *hook)
{
	palette.expressions = one_in(4) && !policy->macros.count ? 8 : 0;
	for (unsigned n = one_in(30) ? 0 : chance_below(palette.selectors) + 1; n; n--)
		model_selectors_add(&hook->selectors, some_selector(policy, hook));
}

/* The same function again only where that is no mistake (3.5); and macros are made for the arguments of one. */
static void add_hooks(const struct model_group *group, struct model_policy *policy, const struct model_hook *like)
{
	static const char *const other_names[MODEL_HOOK_KINDS] = { "other_function", "other_function", "other_event", "other_event",
								   "other_symbol", "other_probe", "bprm_check_security" };

	if (!palette.hooks || policy->macros.count || like->syscall)
		return;
	for (unsigned n = chance_below(POLICY_HOOKS_MAX); n; n--) {
		struct model_hook hook = *like;

		if (hook.kind != MODEL_LSM && policy->hooks.count > 1)
			return;
		if (hook.kind != MODEL_LSM || one_in(2))
			hook.name = other_names[hook.kind];
		add_arguments(group, &hook);
		fill_hook(policy, &hook);
		policy->hooks.items[policy->hooks.count++] = hook;
	}
}

static void some_policy(const struct model_group *group, struct model_hook hook, unsigned number,
			struct model_policy *policy)
{
	const struct model_hook like = hook;

	*policy = (struct model_policy){ .name = model_format("p%u", number) };
	if (palette.scopes && one_in(2) && hook.kind != MODEL_UPROBE && hook.kind != MODEL_USDT)
		policy->name_space = model_text(one_in(2) ? "default" : "other");
	if (palette.scopes && one_in(2))
		policy->workloads = some_workloads(!policy->name_space.bytes);
	add_arguments(group, &hook);
	policy->macros.items = model_allocate(3 * sizeof(*policy->macros.items));
	for (unsigned n = palette.macros ? 2 : 0; n; n--)
		add_macro_of(policy, &hook, n);
	fill_hook(policy, &hook);
	policy->hooks.items = model_allocate(POLICY_HOOKS_MAX * sizeof(hook));
	policy->hooks.items[0] = hook;
	policy->hooks.count = 1;
	add_hooks(group, policy, &like);
}

/* ---- Groups ---- */

static bool exists_on(int type, enum model_hook_kind kind)
{
	return strchr(model_types[type].hooks, "KFTRUSL"[kind]);
}

static int some_type(enum model_hook_kind kind)
{
	int type;

	do
		type = (int)chance_below(MODEL_TYPES);
	while (!exists_on(type, kind) || (model_types[type].class == MODEL_OTHER && !one_in(10)));
	return type;
}

static void some_palette(enum model_hook_kind kind)
{
	bool is_plain = one_in(3);

	for (int n = 0; n < MODEL_FILTER_KINDS; n++)
		palette.kinds[n] = n == MATCH_ARGS || (!is_plain && one_in(4));
	if (is_plain && one_in(2))
		palette.kinds[chance_below(MODEL_FILTER_KINDS)] = true;
	palette.expressions = 0;
	palette.flags = one_in(2);
	palette.macros = !is_plain && one_in(8);
	palette.scopes = !is_plain && one_in(8);
	palette.hooks = !is_plain && one_in(5);
	palette.widths = one_in(8);
	palette.selectors = is_plain ? 1 : 5;
	palette.filters = is_plain ? 1 : 1 + chance_below(4);
	for (int n = 0; n < 3; n++)
		palette.types[n] = n && one_in(2) ? palette.types[0] : palette.widths && one_in(2) ? model_type_find("int64") :
			some_type(kind);
}

/* Often two sets, for CapabilitiesGained. */
static void add_group_arguments(struct model_group *group, enum model_hook_kind kind, unsigned count)
{
	uint32_t base = kind == MODEL_TRACEPOINT ? 4 : 0;

	for (uint32_t n = 0; n < count; n++) {
		struct model_argument *argument = &group->arguments.items[group->arguments.count];
		const struct model_argument *before = n ? argument - 1 : NULL;

		if (n && one_in(4))
			base += kind == MODEL_TRACEPOINT;
		*argument = (struct model_argument){ .index = base + n, .type = palette.types[chance_below(3)] };
		if (before && model_types[before->type].class == MODEL_SET && one_in(2))
			argument->type = before->type;
		group->arguments.count++;
	}
}

static void add_group_data(struct model_group *group)
{
	static const struct { const char *source, *resolve, *type; } rows[] = {
		{ "pt_regs", "rdi", "uint64" }, { "pt_regs", "edi", "uint32" }, { "pt_regs", "rsp", "int64" },
		{ "current_task", "pid", "int32" }, { "current_task", "comm", "string" }, { "current_task", "flags", "uint32" },
		{ "current_task", "cred.uid.val", "uint32" },
	};

	for (unsigned n = chance_below(2) + 1; n; n--) {
		unsigned row = chance_below(sizeof(rows) / sizeof(*rows));

		group->data.items[group->data.count] = (struct model_argument){
			.index = (uint32_t)group->data.count, .type = model_type_find(rows[row].type), .source = rows[row].source,
			.resolve = rows[row].resolve,
		};
		group->data.count++;
	}
}

static struct model_hook some_hook(void)
{
	static const struct { const char *name, *subsystem; } names[MODEL_HOOK_KINDS] = {
		[MODEL_KPROBE] = { "some_function", "" }, [MODEL_FENTRY] = { "some_function", "" },
		[MODEL_TRACEPOINT] = { "some_event", "some_system" }, [MODEL_RAW_TRACEPOINT] = { "some_event", "some_system" },
		[MODEL_UPROBE] = { "some_symbol", "/usr/lib/some.so" }, [MODEL_USDT] = { "some_probe", "some_provider" },
		[MODEL_LSM] = { "file_open", "" },
	};
	struct model_hook hook = { .kind = one_in(2) ? MODEL_KPROBE : (enum model_hook_kind)chance_below(MODEL_HOOK_KINDS),
				   .return_type = -1 };

	hook.name = names[hook.kind].name;
	hook.subsystem = names[hook.kind].subsystem;
	if (hook.kind == MODEL_KPROBE && one_in(4)) {
		hook.syscall = true;
		hook.name = "sys_write";
	}
	return hook;
}

static bool takes_data(enum model_hook_kind kind)
{
	return kind == MODEL_KPROBE || kind == MODEL_FENTRY || kind == MODEL_UPROBE;
}

void generate_group(struct model_group *ret)
{
	static const char *const returns[] = { "int", "int64", "uint64", "uint32", "int32", "size_t" };
	struct model_hook hook = some_hook();

	unsigned count = one_in(3) ? 2 + chance_below(GROUP_POLICIES_MAX - 1) : 1;

	some_palette(hook.kind);
	*ret = (struct model_group){ .return_type = -1 };
	if (takes_data(hook.kind) && palette.kinds[MATCH_DATA])
		add_group_data(ret);
	add_group_arguments(ret, hook.kind, one_in(4) ? 1 + chance_below(5 - (unsigned)ret->data.count) : 1 + chance_below(2));
	hook.data = ret->data;
	if (takes_data(hook.kind) && hook.kind != MODEL_UPROBE && palette.kinds[MATCH_RETURN_ARGS])
		ret->return_type = model_type_find(returns[chance_below(6)]);
	hook.return_type = ret->return_type;
	for (; ret->count < count; ret->count++)
		some_policy(ret, hook, (unsigned)ret->count, &ret->policies[ret->count]);
}

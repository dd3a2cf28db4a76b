// SPDX-License-Identifier: Apache-2.0
/* emit.c - see emit.h. */
#include "compiler/intent/emit.h"

#include <errno.h>
#include <string.h>

#include "compiler/base/data.h"
#include "compiler/intent/fold.h"
#include "compiler/intent/nodes.h"

struct emitting {
	const struct policy *policy;
	struct arena *arena;
	struct diagnostics *diagnostics;
};

/* ---- Words ---- */

static struct data *word(struct emitting *emitting, struct data *into, const char *key, const char *text)
{
	return data_text(emitting->arena, into, key, text);
}

static void texts(struct emitting *emitting, struct data *into, const char *key, const struct text_list *list)
{
	struct data *to = list->count ? data_list(emitting->arena, into, key) : NULL;

	for (size_t n = 0; n < list->count; n++)
		word(emitting, to, NULL, list->items[n].bytes);
}

/* Tetragon looks a mapped address up among those of IPv6 alone: of each network of IPv4 the mapped form stands beside it. */
static void add_mapped(struct emitting *emitting, struct data *to, const struct policy_value *value)
{
	if (value->form == VALUE_ADDRESS && value->family == 4)
		word(emitting, to, NULL, arena_format(emitting->arena, "::ffff:%u.%u.%u.%u/%u", value->address[0], value->address[1],
			value->address[2], value->address[3], 96u + value->prefix));
}

static void values(struct emitting *emitting, struct data *into, const struct policy_value_list *list)
{
	struct data *to = list->count ? data_list(emitting->arena, into, "values") : NULL;

	for (size_t n = 0; n < list->count; n++) {
		word(emitting, to, NULL, list->items[n].text.bytes);
		add_mapped(emitting, to, &list->items[n]);
	}
}

/* ---- Where a hook's arguments go ---- */

static bool is_of_task(const struct policy_argument *argument)
{
	return argument->source.length;
}

/* An LSM hook of Tetragon sees its arguments alone: what is asked of the current task takes the function behind it. */
static bool needs_function(const struct policy_hook *hook)
{
	for (size_t n = 0; n < hook->arguments.count; n++)
		if (is_of_task(&hook->arguments.items[n]))
			return true;
	return false;
}

/* Among those of its kind. */
static size_t place_of(const struct policy_hook *hook, size_t position)
{
	size_t place = 0;

	for (size_t n = 0; n < position; n++)
		place += is_of_task(&hook->arguments.items[n]) == is_of_task(&hook->arguments.items[position]);
	return place;
}

/* Whether an earlier argument has the index, so that only the position names this one. */
static bool is_hidden(const struct policy_hook *hook, size_t position)
{
	for (size_t n = 0; n < position; n++)
		if (!is_of_task(&hook->arguments.items[n]) && hook->arguments.items[n].index == hook->arguments.items[position].index)
			return true;
	return false;
}

static void emit_argument(struct emitting *emitting, struct data *list, const struct policy_argument *argument, size_t index)
{
	struct data *to = data_record(emitting->arena, list, NULL);

	data_number(emitting->arena, to, "index", (int64_t)index);
	word(emitting, to, "type", type_rows[argument->type].name);
	if (argument->source.length)
		word(emitting, to, "source", argument->source.bytes);
	if (argument->btf_type.length)
		word(emitting, to, "btfType", argument->btf_type.bytes);
	if (argument->resolve.length)
		word(emitting, to, "resolve", argument->resolve.bytes);
}

static void emit_arguments(struct emitting *emitting, struct data *into, const struct policy_hook *hook, const char *key, bool of_task)
{
	struct data *list = NULL;

	for (size_t n = 0; n < hook->arguments.count; n++) {
		const struct policy_argument *argument = &hook->arguments.items[n];

		if (is_of_task(argument) != of_task)
			continue;
		list = list ? list : data_list(emitting->arena, into, key);
		emit_argument(emitting, list, argument, of_task ? place_of(hook, n) : argument->index);
	}
}

/* ---- Filters ---- */

/* In the hook's list: of raw hooks check has found it. */
static size_t position_of(const struct policy_argument_filter *filter)
{
	return filter->positions.count ? (size_t)filter->positions.items[0].low : filter->position;
}

static void emit_filter(struct emitting *emitting, struct data *list, const struct policy_hook *hook,
			const struct policy_argument_filter *filter, bool of_task)
{
	struct data *to = data_record(emitting->arena, list, NULL);
	const size_t position = position_of(filter);

	if (of_task)
		data_number(emitting->arena, to, "index", (int64_t)place_of(hook, position));
	else if (is_hidden(hook, position))
		data_number(emitting->arena, data_list(emitting->arena, to, "args"), NULL, (int64_t)place_of(hook, position));
	else
		data_number(emitting->arena, to, "index", hook->arguments.items[position].index);
	word(emitting, to, "operator", operator_rows[filter->op].name);
	values(emitting, to, &filter->values);
}

static void emit_filters(struct emitting *emitting, struct data *into, const struct policy_hook *hook,
			 const struct policy_selector *selector, const char *key, bool of_task)
{
	struct data *list = NULL;

	for (size_t n = 0; n < selector->arguments.count; n++) {
		const struct policy_argument_filter *filter = &selector->arguments.items[n];

		if (is_of_task(&hook->arguments.items[position_of(filter)]) != of_task)
			continue;
		list = list ? list : data_list(emitting->arena, into, key);
		emit_filter(emitting, list, hook, filter, of_task);
	}
}

static void emit_binaries(struct emitting *emitting, struct data *into, const char *key, const struct policy_binary_filter_list *filters)
{
	struct data *list = filters->count ? data_list(emitting->arena, into, key) : NULL;

	for (size_t n = 0; n < filters->count; n++) {
		struct data *to = data_record(emitting->arena, list, NULL);

		word(emitting, to, "operator", operator_rows[filters->items[n].op].name);
		if (filters->items[n].follow_children)
			data_boolean(emitting->arena, to, "followChildren", true);
		values(emitting, to, &filters->items[n].values);
	}
}

static const char *word_of_kind(struct emitting *emitting, enum field_kind kind, unsigned number)
{
	const char *text;
	const size_t length = words_at(kind_rows[kind].words, number, &text);

	return arena_copy(emitting->arena, text, length);
}

static void emit_namespaces(struct emitting *emitting, struct data *into, const struct policy_namespace_filter_list *filters)
{
	struct data *list = filters->count ? data_list(emitting->arena, into, "matchNamespaces") : NULL;

	for (size_t n = 0; n < filters->count; n++) {
		struct data *to = data_record(emitting->arena, list, NULL);

		word(emitting, to, "namespace", word_of_kind(emitting, KIND_NAMESPACE, filters->items[n].name));
		word(emitting, to, "operator", operator_rows[filters->items[n].op].name);
		values(emitting, to, &filters->items[n].values);
	}
}

static void emit_capabilities(struct emitting *emitting, struct data *into, const struct policy_capability_filter_list *filters)
{
	struct data *list = filters->count ? data_list(emitting->arena, into, "matchCapabilities") : NULL;

	for (size_t n = 0; n < filters->count; n++) {
		struct data *to = data_record(emitting->arena, list, NULL);

		word(emitting, to, "type", word_of_kind(emitting, KIND_CAPABILITY_SET, filters->items[n].set));
		word(emitting, to, "operator", operator_rows[filters->items[n].op].name);
		values(emitting, to, &filters->items[n].values);
	}
}

/* ---- Workloads ---- */

static void emit_labels(struct emitting *emitting, struct data *into, const char *key, const struct policy_label_selector *selector)
{
	struct data *to, *inner;

	if (!selector)
		return;
	to = data_record(emitting->arena, into, key);
	inner = selector->labels.count ? data_record(emitting->arena, to, "matchLabels") : NULL;
	for (size_t n = 0; n < selector->labels.count; n++)
		word(emitting, inner, selector->labels.items[n].key.bytes, selector->labels.items[n].value.bytes);
	inner = selector->expressions.count ? data_list(emitting->arena, to, "matchExpressions") : NULL;
	for (size_t n = 0; n < selector->expressions.count; n++) {
		const struct policy_label_expression *expression = &selector->expressions.items[n];
		struct data *entry = data_record(emitting->arena, inner, NULL);

		word(emitting, entry, "key", expression->key.bytes);
		word(emitting, entry, "operator", word_of_kind(emitting, KIND_LABEL_OPERATOR, expression->op));
		texts(emitting, entry, "values", &expression->values);
	}
}

static void emit_workloads(struct emitting *emitting, struct data *into, const struct policy_workloads *workloads)
{
	struct data *to = workloads ? data_record(emitting->arena, into, "matchWorkloads") : NULL;

	if (!to)
		return;
	emit_labels(emitting, to, "podSelector", workloads->pod);
	emit_labels(emitting, to, "containerSelector", workloads->container);
	emit_labels(emitting, to, "hostSelector", workloads->host);
}

/* ---- Actions ---- */

static void emit_action(struct emitting *emitting, struct data *list, const struct policy_action *action)
{
	struct data *to = data_record(emitting->arena, list, NULL);

	word(emitting, to, "action", action_rows[action->action].name);
	if (action->action == ACTION_OVERRIDE)
		data_number(emitting->arena, to, "argError", action->error);
	if (action->action == ACTION_SIGNAL)
		data_number(emitting->arena, to, "argSig", action->signal);
	if (action->rate_limit.length)
		word(emitting, to, "rateLimit", action->rate_limit.bytes);
	if (action->rate_limit.length && action->rate_scope.length)
		word(emitting, to, "rateLimitScope", action->rate_scope.bytes);
	if (action->kernel_stack)
		data_boolean(emitting->arena, to, "kernelStackTrace", true);
	if (action->user_stack)
		data_boolean(emitting->arena, to, "userStackTrace", true);
	if (action->ima_hash)
		data_boolean(emitting->arena, to, "imaHash", true);
}

/* A plain Post is what happens anyway. */
static bool is_plain_post(const struct policy_action *action)
{
	return action->action == ACTION_POST && !action->rate_limit.length && !action->kernel_stack && !action->user_stack && !action->ima_hash;
}

static void emit_actions(struct emitting *emitting, struct data *into, const struct policy_action_list *actions)
{
	struct data *list = NULL;

	for (size_t n = 0; n < actions->count; n++) {
		if (is_plain_post(&actions->items[n]))
			continue;
		list = list ? list : data_list(emitting->arena, into, "matchActions");
		emit_action(emitting, list, &actions->items[n]);
	}
}

/* ---- Hooks ---- */

/* security/security.c: security_NAME asks the hooks NAME, but for these. */
static const struct { const char *hook, *function; } functions[] = {
	{ "bprm_check_security", "security_bprm_check" },
	{ "userns_create", "security_create_user_ns" },
};

const char *intent_function(struct arena *arena, const char *hook)
{
	for (size_t n = 0; n < sizeof(functions) / sizeof(*functions); n++)
		if (!strcmp(functions[n].hook, hook))
			return functions[n].function;
	return arena_format(arena, "security_%s", hook);
}

/* Where they differ: mmap_file(file, reqprot, prot, flags), security_mmap_file(file, prot, flags). */
static const struct { const char *hook; uint32_t index, of_function; } moved[] = {
	{ "mmap_file", 2, 1 }, { "mmap_file", 3, 2 },
};

uint32_t intent_function_index(const char *hook, uint32_t index)
{
	for (size_t n = 0; n < sizeof(moved) / sizeof(*moved); n++)
		if (!strcmp(moved[n].hook, hook) && moved[n].index == index)
			return moved[n].of_function;
	return index;
}

bool intent_is_function(const char *function, const char *hook)
{
	struct arena arena = { 0 };
	const bool is_it = !strcmp(intent_function(&arena, hook), function);

	arena_release(&arena);
	return is_it;
}

static void emit_selector(struct emitting *emitting, struct data *list, const struct policy_hook *hook,
			  const struct policy_selector *selector)
{
	struct data *to = data_record(emitting->arena, list, NULL);

	if (selector->label.length)
		word(emitting, to, "label", selector->label.bytes);
	emit_binaries(emitting, to, "matchBinaries", &selector->binaries);
	emit_binaries(emitting, to, "matchParentBinaries", &selector->parents);
	emit_namespaces(emitting, to, &selector->namespaces);
	emit_capabilities(emitting, to, &selector->capabilities);
	emit_workloads(emitting, to, selector->workloads);
	emit_filters(emitting, to, hook, selector, "matchArgs", false);
	emit_filters(emitting, to, hook, selector, "matchData", true);
	emit_actions(emitting, to, &selector->actions);
}

/* Where the kernel is probed, in the words of the section. */
static void emit_place(struct emitting *emitting, struct data *to, const struct policy_hook *hook, bool as_function)
{
	if (hook->kind == HOOK_RAW_TRACEPOINT) {
		word(emitting, to, "subsystem", hook->subsystem.bytes);
		word(emitting, to, "event", hook->name.bytes);
		data_boolean(emitting->arena, to, "raw", true);
		return;
	}
	if (as_function && hook->kind == HOOK_LSM)
		word(emitting, to, "call", intent_function(emitting->arena, hook->name.bytes));
	else
		word(emitting, to, as_function ? "call" : "hook", hook->name.bytes);
	if (as_function)
		data_boolean(emitting->arena, to, "syscall", hook->kind == HOOK_KPROBE && hook->syscall);
}

static void emit_entry(struct emitting *emitting, struct data *list, const struct policy_hook *hook, bool as_function, size_t number,
		       const struct policy_selector_list *selectors)
{
	struct data *to = data_record(emitting->arena, list, NULL), *inner;

	emit_place(emitting, to, hook, as_function);
	if (hook->message.length)		/* raw hooks may have none */
		word(emitting, to, "message", number ? arena_format(emitting->arena, "%s (%zu)", hook->message.bytes, number + 1) : hook->message.bytes);
	texts(emitting, to, "tags", &hook->tags);
	emit_arguments(emitting, to, hook, "args", false);
	emit_arguments(emitting, to, hook, "data", true);
	inner = data_list(emitting->arena, to, "selectors");
	for (size_t n = 0; n < selectors->count; n++)
		emit_selector(emitting, inner, hook, &selectors->items[n]);
}

/* ---- What raw hooks may say and this does not write ---- */

static const char *unwritten_of_action(const struct policy_action *action)
{
	switch (action->action) {
	case ACTION_POST:
	case ACTION_NO_POST:
	case ACTION_SIGKILL:
	case ACTION_SIGNAL:
	case ACTION_OVERRIDE:
		return NULL;
	default:
		return action_rows[action->action].name;
	}
}

static const char *unwritten_of_selector(const struct policy_selector *selector)
{
	const char *name = NULL;

	for (size_t n = 0; n < selector->actions.count && !name; n++)
		name = unwritten_of_action(&selector->actions.items[n]);
	if (name)
		return name;
	return selector->pids.count ? "matchPIDs" : selector->data.count ? "matchData" : selector->return_arguments.count ? "matchReturnArgs" :
		selector->return_actions.count ? "matchReturnActions" : selector->namespace_changes.count ? "matchNamespaceChanges" :
		selector->capability_changes.count ? "matchCapabilityChanges" : NULL;
}

static const char *unwritten_of_hook(const struct policy_hook *hook)
{
	const bool is_written = hook->kind == HOOK_LSM || hook->kind == HOOK_KPROBE || (hook->kind == HOOK_RAW_TRACEPOINT && !needs_function(hook));
	const char *name = !is_written ? hook_rows[hook->kind].section : hook->data.count ? "data" :
		hook->returns ? "return" : hook->ignore ? "ignore" : NULL;

	for (size_t n = 0; n < hook->selectors.count && !name; n++)
		name = unwritten_of_selector(&hook->selectors.items[n]);
	return name;
}

/* With the arguments as the function has them; by name it is still the hook. */
static struct policy_hook hook_of_function(struct emitting *emitting, const struct policy_hook *hook)
{
	struct policy_argument *items = arena_array(emitting->arena, struct policy_argument, hook->arguments.count);
	struct policy_hook ret = *hook;

	for (size_t n = 0; n < hook->arguments.count; n++) {
		items[n] = hook->arguments.items[n];
		if (!is_of_task(&items[n]))
			items[n].index = intent_function_index(hook->name.bytes, items[n].index);
	}
	ret.arguments.items = items;
	return ret;
}

/* What makes several programs of one wide hook: each entry decides for itself. */
static int emit_hook(struct emitting *emitting, struct data *list, const struct policy_hook *hook, bool as_function)
{
	const char *unwritten = unwritten_of_hook(hook);
	struct folded folded = { 0 };
	struct policy_hook function;

	if (as_function && hook->kind == HOOK_LSM) {
		function = hook_of_function(emitting, hook);
		hook = &function;
	}

	if (unwritten) {
		diag(emitting->diagnostics, DIAG_NOT_EMITTED, hook->at, "'%s' of a raw hook is not written", unwritten);
		diag_help(emitting->diagnostics, "put the hook into a TracingPolicy of its own");
		return -EINVAL;
	}
	if (hook->arguments.count > LIMIT_TETRAGON_ARGUMENTS) {
		diag(emitting->diagnostics, DIAG_NOT_EMITTED, hook->at, "this takes %zu arguments of '%s', and Tetragon reads %d",
			hook->arguments.count, hook->name.bytes, LIMIT_TETRAGON_ARGUMENTS);
		return -EINVAL;
	}
	if (selectors_fold(hook, emitting->arena, emitting->diagnostics, &folded))
		return -EINVAL;
	for (size_t n = 0; n < folded.count; n++)
		emit_entry(emitting, list, hook, as_function, n, &folded.items[n]);
	return 0;
}

/* ---- Policies ---- */

/* The sections that hooks may be in; one policy each. */
enum { PART_LSM, PART_KPROBE, PART_TRACEPOINT };
static const struct part { const char *suffix, *section; bool as_function; } parts[] = {
	[PART_LSM] = { "lsm", "lsmhooks", false }, [PART_KPROBE] = { "kprobe", "kprobes", true },
	[PART_TRACEPOINT] = { "tracepoint", "tracepoints", false },
};

static bool is_in(const struct policy_hook *hook, const struct part *part)
{
	if (hook->kind == HOOK_RAW_TRACEPOINT)
		return part == &parts[PART_TRACEPOINT];
	return part == &parts[hook->kind == HOOK_KPROBE || needs_function(hook) ? PART_KPROBE : PART_LSM];
}

static void emit_option(struct emitting *emitting, struct data *list, const char *name, const char *value)
{
	struct data *option = data_record(emitting->arena, list, NULL);

	word(emitting, option, "name", name);
	word(emitting, option, "value", value);
}

/* What was weakened or dropped, for who reads the policy there. */
static void emit_notes(struct emitting *emitting, struct data *metadata)
{
	const struct text_list *notes = &emitting->policy->notes;
	struct buffer text = { 0 };

	for (size_t n = 0; n < notes->count; n++)
		buffer_format(&text, "%s%s", n ? "; " : "", notes->items[n].bytes);
	if (notes->count)
		word(emitting, data_record(emitting->arena, metadata, "annotations"), "tetra.dev/unsupported",
		     arena_copy(emitting->arena, text.bytes, text.length));
	buffer_release(&text);
}

/* Rules of other nodes are policies of their own, named by the first of them. */
static const char *name_of(struct emitting *emitting, const struct part *part, const struct policy_hook *of)
{
	const char *name = arena_format(emitting->arena, "%s--%s", emitting->policy->name.bytes, part->suffix);

	return of->node ? arena_format(emitting->arena, "%s--%s", name, of->rule.bytes) : name;
}

/* `of`: the first of its hooks, which are all for the same nodes. */
static struct data *emit_head(struct emitting *emitting, struct data *document, const struct part *part, const struct policy_hook *of)
{
	const struct policy *policy = emitting->policy;
	const enum document_id id = policy->namespace.length ? DOCUMENT_TRACING_POLICY_NAMESPACED : DOCUMENT_TRACING_POLICY;
	struct data *metadata, *spec, *options;

	word(emitting, document, "apiVersion", document_rows[id].group);
	word(emitting, document, "kind", document_rows[id].kind);
	metadata = data_record(emitting->arena, document, "metadata");
	word(emitting, metadata, "name", name_of(emitting, part, of));
	if (policy->namespace.length)
		word(emitting, metadata, "namespace", policy->namespace.bytes);
	emit_notes(emitting, metadata);
	spec = data_record(emitting->arena, document, "spec");
	emit_labels(emitting, spec, "nodeSelector", labels_both(emitting->arena, policy->node_selector, of->node));
	emit_labels(emitting, spec, "podSelector", policy->pod_selector);
	emit_labels(emitting, spec, "containerSelector", policy->container_selector);
	emit_labels(emitting, spec, "hostSelector", policy->host_selector);
	options = data_list(emitting->arena, spec, "options");
	emit_option(emitting, options, "policy-mode", policy->mode == MODE_MONITOR ? "monitor" : "enforce");
	if (part->as_function)
		emit_option(emitting, options, "disable-kprobe-multi", "1");	/* which Override of a security_ function wants */
	return spec;
}

/* The hooks of a part that are for the nodes of `of`. */
static int emit_document(struct emitting *emitting, const struct part *part, const struct policy_hook *of, struct buffer *ret)
{
	const struct policy_hook_list *hooks = &emitting->policy->hooks;
	struct data *document = data_new(emitting->arena);
	struct data *list = data_list(emitting->arena, emit_head(emitting, document, part, of), part->section);
	int error = 0;

	for (size_t n = 0; n < hooks->count; n++)
		if (is_in(&hooks->items[n], part) && labels_equal(hooks->items[n].node, of->node))
			error |= emit_hook(emitting, list, &hooks->items[n], part->as_function);
	if (!error) {
		buffer_add_text(ret, "---\n");
		data_write_yaml(document, ret);
	}
	return error ? -EINVAL : 0;
}

static bool is_first(const struct policy_hook_list *hooks, size_t number, const struct part *part)
{
	for (size_t n = 0; n < number; n++)
		if (is_in(&hooks->items[n], part) && labels_equal(hooks->items[n].node, hooks->items[number].node))
			return false;
	return true;
}

static int emit_part(struct emitting *emitting, const struct part *part, struct buffer *ret)
{
	const struct policy_hook_list *hooks = &emitting->policy->hooks;
	int error = 0;

	for (size_t n = 0; n < hooks->count; n++)
		if (is_in(&hooks->items[n], part) && is_first(hooks, n, part))
			error |= emit_document(emitting, part, &hooks->items[n], ret);
	return error;
}

int intent_emit(const struct policy *policy, struct arena *arena, struct diagnostics *diagnostics, struct buffer *ret)
{
	struct emitting emitting = { .policy = policy, .arena = arena, .diagnostics = diagnostics };
	int error = 0;

	for (size_t n = 0; n < sizeof(parts) / sizeof(*parts); n++)
		error |= emit_part(&emitting, &parts[n], ret);
	return error ? -EINVAL : 0;
}

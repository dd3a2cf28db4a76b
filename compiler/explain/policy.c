// SPDX-License-Identifier: Apache-2.0
/* policy.c - what a policy does, hook by hook and selector by selector; see explain.h. */
#include "compiler/explain/explain.h"

#include <string.h>

#include "bpf-templates/abi.h"
#include "compiler/explain/scope.h"
#include "compiler/explain/text.h"

struct telling {
	const struct ir_policy *policy;
	struct source_cursor *cursor;
	struct buffer *ret;
};

static uint32_t line_of(struct telling *telling, struct ir_place at)
{
	if (span_is_empty(at.span))
		return at.line;
	source_seek(telling->cursor, at.span);
	return telling->cursor->line;
}

static void add_line(struct telling *telling, struct ir_place at)
{
	buffer_format(telling->ret, ".  (line %u)\n", line_of(telling, at));
}

static void add_line_of(struct telling *telling, struct span at)
{
	add_line(telling, (struct ir_place){ .span = at });
}

/* ---- Selectors ---- */

struct ir_predicate_list explain_own_predicates(const struct ir_policy *policy, const struct ir_selector *selector)
{
	const struct ir_predicate_list *all = &selector->predicates;
	size_t first = all->count && policy->scope && all->items[0].workloads == policy->scope;

	return (struct ir_predicate_list){ all->count ? all->items + first : NULL, all->count - first };
}

void explain_predicates(const struct ir_hook *hook, const struct ir_predicate_list *list, struct buffer *ret)
{
	for (size_t n = 0; n < list->count; n++) {
		buffer_add_text(ret, n ? ", and " : "");
		explain_predicate(hook, &list->items[n], ret);
	}
}

/* What is for the return of a hook that reports none is never asked, and check has said so. */
static void explain_return(struct telling *telling, const struct ir_hook *hook, const struct ir_selector *selector)
{
	struct buffer *ret = telling->ret;

	if (!selector->return_predicates.count && !selector->return_actions.count)
		return;
	buffer_add_text(ret, hook->returns ? "      When it returns" : "      On a return, which this hook does not report");
	buffer_add_text(ret, selector->return_predicates.count ? ", and " : "");
	explain_predicates(hook, &selector->return_predicates, ret);
	buffer_add_text(ret, ": ");
	explain_actions(telling->policy, hook, &selector->return_actions, ret);
	buffer_add_text(ret, ".\n");
}

static void explain_selector(struct telling *telling, const struct ir_hook *hook, size_t number)
{
	const struct ir_selector *selector = &hook->selectors.items[number];
	const struct ir_predicate_list predicates = explain_own_predicates(telling->policy, selector);
	struct buffer *ret = telling->ret;

	buffer_add_text(ret, number ? "    Otherwise, " : "    ");
	if (predicates.count)
		buffer_add_text(ret, number ? "when " : "When ");
	else
		buffer_add_text(ret, number ? "always" : "Always");
	explain_predicates(hook, &predicates, ret);
	buffer_add_text(ret, ": ");
	explain_actions(telling->policy, hook, &selector->actions, ret);
	buffer_format(ret, ".  (line %u", line_of(telling, selector->at));
	if (selector->label.length) {
		buffer_add_text(ret, ", counted as ");
		explain_value(&selector->label, ret);
	}
	buffer_add_text(ret, ")\n");
	explain_return(telling, hook, selector);
}

static bool has_selector(const struct ir_hook *hook, uint32_t index)
{
	for (size_t n = 0; n < hook->selectors.count; n++)
		if (hook->selectors.items[n].index == index)
			return true;
	return false;
}

static void explain_dropped(const struct ir_hook *hook, struct buffer *ret)
{
	for (uint32_t n = 0; n < hook->selectors_written; n++)
		if (!has_selector(hook, n))
			buffer_format(ret, "    Selector %u never decides: no call can satisfy it, or an earlier selector always comes first.\n",
				      n + 1);
}

/* ---- What events carry ---- */

static void add_reading(const struct ir_argument *argument, struct buffer *ret)
{
	explain_argument(argument, ret);
	if (argument->size_index)
		buffer_format(ret, ", as long as %s %u says",
			      argument->source == ABI_SOURCE_FIELD ? "field" : "argument", argument->size_index - 1u);
	if (argument->max_data)
		buffer_format(ret, ", at most %u bytes", ABI_CHUNKS_BYTES);
	if (argument->return_copy)
		buffer_add_text(ret, ", read when the call returns");
}

/* Arguments, then data; the return apart. */
static const struct ir_argument *value_of(const struct ir_hook *hook, size_t n)
{
	return n < hook->arguments.count ? &hook->arguments.items[n] : &hook->data.items[n - hook->arguments.count];
}

static size_t count_carried(const struct ir_hook *hook)
{
	size_t count = 0;

	for (size_t n = 0; n < hook->arguments.count + hook->data.count; n++)
		count += value_of(hook, n)->type != TYPE_NOP;
	return count;
}

static void explain_report(const struct ir_hook *hook, struct buffer *ret)
{
	size_t count = count_carried(hook), told = 0;

	if (!count && !hook->returns)
		return;
	buffer_add_text(ret, "    Events carry ");
	for (size_t n = 0; n < hook->arguments.count + hook->data.count; n++) {
		if (value_of(hook, n)->type == TYPE_NOP)
			continue;
		buffer_add_text(ret, !told++ ? "" : told < count || hook->returns ? ", " : " and ");
		add_reading(value_of(hook, n), ret);
	}
	if (hook->returns)
		buffer_add_text(ret, count ? " and " : "");
	if (hook->returns && hook->return_argument)
		explain_argument(hook->return_argument, ret);
	else if (hook->returns)
		buffer_add_text(ret, "what the call returned");
	buffer_add_text(ret, ".\n");
}

static void explain_texts(const struct ir_hook *hook, struct buffer *ret)
{
	if (hook->message.bytes && hook->message.length) {
		buffer_add_text(ret, "    Their message: ");
		buffer_add(ret, hook->message.bytes, hook->message.length);
		buffer_add_char(ret, '\n');
	}
	if (!hook->tags.count)
		return;
	buffer_add_text(ret, "    Their tags: ");
	for (size_t n = 0; n < hook->tags.count; n++) {
		buffer_add_text(ret, n ? ", " : "");
		buffer_add(ret, hook->tags.items[n].bytes, hook->tags.items[n].length);
	}
	buffer_add_char(ret, '\n');
}

/* ---- Where ---- */

static void add_list(const struct ir_names *names, struct buffer *ret)
{
	explain_value(&names->name, ret);
	if (names->kind == IR_NAMES_ALL_SYSCALLS) {
		buffer_add_text(ret, " (every system call)");
	} else if (names->kind == IR_NAMES_PATTERN) {
		buffer_add_text(ret, " (every function that matches ");
		explain_value(&names->pattern, ret);
		buffer_add_char(ret, ')');
	} else {
		buffer_add_text(ret, " (");
		explain_values(&names->values, " and ", ret);
		buffer_add_char(ret, ')');
	}
}

/* A list by its name and what is in it, anything else as it is written. */
static void add_call(const struct ir_names *names, struct buffer *ret)
{
	if (names->name.bytes) {
		buffer_add_text(ret, "all of list ");
		add_list(names, ret);
	} else {
		explain_values(&names->values, " or ", ret);
	}
}

static void add_numbers(const struct ir_number_list *values, const char *what, struct buffer *ret)
{
	for (size_t n = 0; n < values->count; n++)
		buffer_format(ret, "%s%s 0x%llx", n ? ", " : "", what, (unsigned long long)values->items[n]);
}

/* One of the three is not empty. */
static void add_locations(const struct ir_hook *hook, struct buffer *ret)
{
	if (hook->symbols.count)
		explain_values(&hook->symbols, " and ", ret);
	add_numbers(&hook->offsets, "offset", ret);
	add_numbers(&hook->addresses, "address", ret);
	buffer_add_text(ret, " in ");
	explain_value(&hook->path, ret);
}

static void add_probe(const struct ir_hook *hook, struct buffer *ret)
{
	explain_value(&hook->provider, ret);
	buffer_add_char(ret, ':');
	explain_value(&hook->name, ret);
	buffer_add_text(ret, " in ");
	explain_value(&hook->path, ret);
}

static void add_kernel_name(const struct ir_hook *hook, struct buffer *ret)
{
	if (hook->subsystem.bytes && hook->subsystem.length) {
		buffer_add(ret, hook->subsystem.bytes, hook->subsystem.length);
		buffer_add_char(ret, '/');
	}
	if (hook->names) {
		buffer_add_text(ret, hook->syscall ? "all system calls of list " : "all functions of list ");
		add_list(hook->names, ret);
	} else {
		buffer_add(ret, hook->name.bytes, hook->name.length);
		buffer_add_text(ret, hook->syscall ? " (system call)" : "");
	}
}

static bool say_name(const void *context, char letter, struct buffer *ret)
{
	const struct ir_hook *hook = context;

	(void)letter;
	if (hook->kind == HOOK_UPROBE)
		add_locations(hook, ret);
	else if (hook->kind == HOOK_USDT)
		add_probe(hook, ret);
	else
		add_kernel_name(hook, ret);
	return true;
}

void explain_place(const struct ir_hook *hook, struct buffer *ret)
{
	explain_phrase(hook_rows[hook->kind].says, say_name, hook, ret);
}

/* ---- Hooks ---- */

static void explain_digests(const struct ir_hook *hook, struct buffer *ret)
{
	if (!hook->digests.count)
		return;
	buffer_add_text(ret, "    Only if the digest of the file is ");
	explain_values(&hook->digests, " or ", ret);
	buffer_add_text(ret, hook->ignore_digest ? "; else the hook is left out.\n" : ".\n");
}

static void explain_return_action(const struct ir_hook *hook, struct buffer *ret)
{
	static const char *const phrases[] = {
		[IR_RETURN_TRACK] = "remember the process as owner of the socket in what the call returned",
		[IR_RETURN_UNTRACK] = "forget the owner of the socket in what the call returned",
	};

	if (hook->return_action != IR_RETURN_NOTHING)
		buffer_format(ret, "    When it returns, always: %s.\n", phrases[hook->return_action]);
}

/* What only some hooks have. */
static void explain_particulars(const struct ir_hook *hook, struct buffer *ret)
{
	explain_digests(hook, ret);
	if (hook->reference_offsets.count) {
		buffer_add_text(ret, "    Its reference counters are at ");
		add_numbers(&hook->reference_offsets, "offset", ret);
		buffer_add_text(ret, ".\n");
	}
	if (hook->btf_path.length) {
		buffer_add_text(ret, "    Its types are read from ");
		explain_value(&hook->btf_path, ret);
		buffer_add_text(ret, ".\n");
	}
	if (hook->ignore_missing)
		buffer_add_text(ret, "    A kernel that does not have the function is no error.\n");
	explain_return_action(hook, ret);
}

static void explain_hook(struct telling *telling, const struct ir_hook *hook)
{
	struct buffer *ret = telling->ret;
	size_t start;

	buffer_add_text(ret, "  ");
	start = ret->length;
	explain_place(hook, ret);
	buffer_capitalise(ret, start);
	buffer_format(ret, ":  (line %u)\n", line_of(telling, hook->at));
	if (hook->node) {
		buffer_add_text(ret, "    Only on nodes with ");
		explain_labels(hook->node, ret);
		add_line(telling, hook->node_at);
	}
	for (size_t n = 0; n < hook->selectors.count; n++)
		explain_selector(telling, hook, n);
	if (!hook->selectors.count)
		buffer_add_text(ret, "    Nothing ever happens.\n");
	explain_dropped(hook, ret);
	explain_particulars(hook, ret);
	explain_report(hook, ret);
	explain_texts(hook, ret);
}

/* ---- The policy as a whole ---- */

static void explain_where(struct telling *telling)
{
	struct buffer *ret = telling->ret, scope = { 0 };

	if (explain_scope(telling->policy, &scope)) {
		buffer_add_text(ret, "  Only for processes ");
		buffer_add(ret, scope.bytes, scope.length);
		add_line(telling, telling->policy->scope_at);
	}
	buffer_release(&scope);
	if (!telling->policy->node)
		return;
	buffer_add_text(ret, "  Only on nodes with ");
	explain_labels(telling->policy->node, ret);
	add_line(telling, telling->policy->node_at);
}

static void explain_options(struct telling *telling, const struct policy *policy)
{
	for (size_t n = 0; n < policy->options.count; n++) {
		const struct policy_option *option = &policy->options.items[n];

		if (spec_option_find(option->name.bytes, option->name.length) == SPEC_OPTION_POLICY_MODE)
			continue;
		buffer_add_text(telling->ret, "  Option ");
		explain_value(&option->name, telling->ret);
		buffer_add_text(telling->ret, " is ");
		explain_value(&option->value, telling->ret);
		if (spec_option_find(option->name.bytes, option->name.length) == SPEC_OPTION_SLEEPABLE_PRELOAD_SIZE)
			buffer_add_text(telling->ret, ": texts of uprobes' arguments are waited for when they are not in memory, however many");
		add_line_of(telling, option->name.at);
	}
}

static void explain_enforcer(struct telling *telling)
{
	const struct ir_names_list *calls = &telling->policy->enforcer;
	const struct policy *written = telling->policy->as_written;
	struct buffer *ret = telling->ret;

	if (!calls->count)
		return;
	buffer_add_text(ret, "  Once the enforcer is armed, it acts on the next call of ");
	for (size_t n = 0; n < calls->count; n++) {
		buffer_add_text(ret, !n ? "" : n + 1 < calls->count ? ", " : " or ");
		add_call(&calls->items[n], ret);
	}
	if (written)
		add_line_of(telling, written->enforcers.items[0].at);
	else
		buffer_add_text(ret, ".\n");
}

static void explain_loader(struct telling *telling)
{
	const struct policy *written = telling->policy->as_written;

	if (!telling->policy->loader)
		return;
	buffer_add_text(telling->ret, "  Executable mappings are reported, with their build ids");
	if (written)
		add_line_of(telling, written->loader_at);
	else
		buffer_add_text(telling->ret, ".\n");
}

/* ---- What this version cannot run ---- */

enum { LATER_SHOWN = 12, LATER_LINES = 4 };

/* Where entry `first` is, and those of the same words after it. */
static void add_later(struct telling *telling, const struct ir_later_list *later, size_t first)
{
	const char *what = later->items[first].what;
	uint32_t lines[LATER_LINES + 1];
	size_t count = 0;

	for (size_t n = first; n < later->count && count <= LATER_LINES; n++) {
		uint32_t line = strcmp(later->items[n].what, what) ? 0 : line_of(telling, later->items[n].at);

		if (line && (!count || lines[count - 1] != line))
			lines[count++] = line;
	}
	buffer_format(telling->ret, "%s (line%s", what, count > 1 ? "s" : "");
	for (size_t n = 0; n < count && n < LATER_LINES; n++)
		buffer_format(telling->ret, n ? ", %u" : " %u", lines[n]);
	buffer_add_text(telling->ret, count > LATER_LINES ? ", ...)" : ")");
}

static bool is_among(const struct ir_later_list *later, const size_t *firsts, size_t count, size_t n)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(later->items[firsts[i]].what, later->items[n].what))
			return true;
	return false;
}

static void explain_later(struct telling *telling, const struct ir_later_list *later)
{
	size_t firsts[LATER_SHOWN], count = 0, n = 0;

	if (!later->count)
		return;
	for (; n < later->count; n++) {
		if (is_among(later, firsts, count, n))
			continue;
		if (count == LATER_SHOWN)
			break;
		firsts[count++] = n;
	}
	buffer_add_text(telling->ret, "  This version of tetra cannot apply it yet, because of ");
	for (size_t i = 0; i < count; i++) {
		buffer_add_text(telling->ret, !i ? "" : i + 1 < count || n < later->count ? ", " : " and ");
		add_later(telling, later, firsts[i]);
	}
	buffer_add_text(telling->ret, n < later->count ? " and more.\n" : ".\n");
}

static void add_title(const struct ir_policy *policy, struct buffer *ret)
{
	const char *mode = policy->enforces && policy->monitor ? "would enforce, but is in monitor mode" :
			   policy->enforces ? "enforces" : "observes";

	buffer_add_text(ret, "Policy ");
	if (policy->namespace.length) {
		buffer_add(ret, policy->namespace.bytes, policy->namespace.length);
		buffer_add_char(ret, '/');
	}
	buffer_add(ret, policy->name.bytes, policy->name.length);
	buffer_format(ret, " %s.  (%s)\n", mode, policy->source_name);
}

void explain_policy(const struct ir_policy *policy, struct source_cursor *cursor, struct buffer *ret)
{
	struct telling telling = { .policy = policy, .cursor = cursor, .ret = ret };

	add_title(policy, ret);
	explain_where(&telling);
	if (policy->as_written)
		explain_options(&telling, policy->as_written);
	explain_loader(&telling);
	explain_enforcer(&telling);
	for (size_t n = 0; n < policy->hooks.count; n++)
		explain_hook(&telling, &policy->hooks.items[n]);
	if (!policy->hooks.count && !policy->loader)
		buffer_add_text(ret, "  It watches nothing.\n");
	explain_later(&telling, &policy->later);
}

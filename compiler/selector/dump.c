// SPDX-License-Identifier: Apache-2.0
/* dump.c - the IR as text, one predicate a line; see ir.h. */
#include "compiler/selector/dump.h"

#include <inttypes.h>

#include "bpf-templates/abi.h"

static void dump_text(struct buffer *ret, const char *name, const struct text *text)
{
	if (!text->bytes)
		return;
	buffer_format(ret, " %s=", name);
	buffer_add_quoted(ret, text->bytes, text->length);
}

static void dump_key(struct buffer *ret, uint64_t key, bool is_signed)
{
	uint64_t value = ir_key(key, is_signed);

	if (is_signed)
		buffer_format(ret, "%" PRId64, (int64_t)value);
	else
		buffer_format(ret, "%" PRIu64, value);
}

static void dump_intervals(struct buffer *ret, const struct ir_interval_list *list, bool is_signed)
{
	for (size_t n = 0; n < list->count; n++) {
		buffer_add_text(ret, n ? " " : "");
		dump_key(ret, list->items[n].low, is_signed);
		if (list->items[n].low == list->items[n].high)
			continue;
		buffer_add_text(ret, "..");
		dump_key(ret, list->items[n].high, is_signed);
	}
}

static void dump_patterns(struct buffer *ret, const struct ir_pattern_list *list)
{
	static const char *const kinds[] = {
		[ABI_STRING_EXACT] = "=", [ABI_STRING_PREFIX] = "^", [ABI_STRING_POSTFIX] = "$",
		[ABI_SUBSTRING] = "~", [ABI_SUBSTRING_ANY_CASE] = "~*", [ABI_GLOB] = "glob ",
	};

	for (size_t n = 0; n < list->count; n++) {
		buffer_format(ret, "%s%s", n ? " " : "", kinds[list->items[n].kind]);
		buffer_add_quoted(ret, list->items[n].bytes, list->items[n].length);
	}
}

static void dump_networks(struct buffer *ret, const struct ir_network_list *list)
{
	for (size_t n = 0; n < list->count; n++) {
		const struct ir_network *network = &list->items[n];

		buffer_add_text(ret, n ? " " : "");
		if (network->family == 4)
			buffer_format(ret, "%u.%u.%u.%u", network->address[0], network->address[1],
				      network->address[2], network->address[3]);
		else
			for (int word = 0; word < 8; word++)
				buffer_format(ret, "%s%x", word ? ":" : "",
					      network->address[2 * word] << 8 | network->address[2 * word + 1]);
		buffer_format(ret, "/%u", network->prefix);
	}
}

static void dump_word(struct buffer *ret, enum field_kind kind, size_t number)
{
	const char *word;
	size_t length = words_at(kind_rows[kind].words, number, &word);

	buffer_add_char(ret, ' ');
	buffer_add(ret, word, length);
}

static void dump_labels(struct buffer *ret, const char *what, const struct policy_label_selector *selector)
{
	if (!selector)
		return;
	buffer_format(ret, " %s", what);
	for (size_t n = 0; n < selector->labels.count; n++) {
		dump_text(ret, "label", &selector->labels.items[n].key);
		dump_text(ret, "is", &selector->labels.items[n].value);
	}
	for (size_t n = 0; n < selector->expressions.count; n++) {
		const struct policy_label_expression *expression = &selector->expressions.items[n];

		dump_text(ret, "label", &expression->key);
		dump_word(ret, KIND_LABEL_OPERATOR, expression->op);
		for (size_t i = 0; i < expression->values.count; i++)
			dump_text(ret, "value", &expression->values.items[i]);
	}
}

static void dump_workloads(struct buffer *ret, const struct policy_workloads *workloads)
{
	dump_labels(ret, "pod", workloads->pod);
	dump_labels(ret, "container", workloads->container);
	dump_labels(ret, "host", workloads->host);
}

static void dump_subject(struct buffer *ret, const struct ir_predicate *predicate)
{
	buffer_format(ret, "      %s", ir_subject_rows[predicate->subject].name);
	switch (predicate->subject) {
	case IR_ARGUMENT:
	case IR_DATA:
		buffer_format(ret, " %u", predicate->position);
		break;
	case IR_NAMESPACE:
		dump_word(ret, KIND_NAMESPACE, predicate->position);
		break;
	case IR_CAPABILITIES:
	case IR_CAPABILITY_CHANGES:
		dump_word(ret, KIND_CAPABILITY_SET, predicate->position);
		break;
	default:
		break;
	}
	/* The plain address and port are told apart by the sets. */
	if (predicate->facet > IR_PORT || predicate->facet == IR_DESTINATION)
		buffer_format(ret, " %s", ir_facet_names[predicate->facet]);
	buffer_format(ret, "%s%s%s", predicate->in_namespace ? " in-namespace" : "",
		      predicate->follows ? " or-ancestor" : "", predicate->negated ? " not" : "");
}

/* As it was written, for all that was folded into it was written alike. */
static void dump_opaque(struct buffer *ret, const struct ir_predicate *predicate)
{
	const struct ir_written *written = predicate->written.items;

	buffer_format(ret, " %s", operator_rows[written->op].name);
	for (size_t n = 0; n < written->values.count; n++) {
		buffer_add_char(ret, ' ');
		buffer_add_quoted(ret, written->values.items[n].bytes, written->values.items[n].length);
	}
}

static void dump_host(struct buffer *ret, const struct ir_predicate *predicate)
{
	buffer_add_text(ret, " host");
	if (!predicate->intervals.count)
		return;
	buffer_add_text(ret, " or in ");
	dump_intervals(ret, &predicate->intervals, false);
}

/* ---- Predicates ---- */

static void dump_test(struct buffer *ret, const struct ir_hook *hook, const struct ir_predicate *predicate)
{
	switch (predicate->test) {
	case IR_NEVER:
		buffer_add_text(ret, " never");
		break;
	case IR_READABLE:
		buffer_add_text(ret, " readable");
		break;
	case IR_INTERVALS:
		buffer_add_text(ret, " in ");
		dump_intervals(ret, &predicate->intervals, ir_predicate_domain(hook, predicate).is_signed);
		break;
	case IR_MASK:
		buffer_format(ret, " mask 0x%" PRIx64, predicate->mask);
		break;
	case IR_STRINGS:
		buffer_add_text(ret, " is ");
		dump_patterns(ret, &predicate->patterns);
		break;
	case IR_NETWORKS:
		buffer_add_text(ret, " within ");
		dump_networks(ret, &predicate->networks);
		break;
	case IR_SUBSTRINGS:
		buffer_add_text(ret, " contains ");
		dump_patterns(ret, &predicate->patterns);
		break;
	case IR_HOST:
		dump_host(ret, predicate);
		break;
	case IR_OTHERS:
		buffer_format(ret, " others than 0x%" PRIx64, predicate->mask);
		break;
	case IR_GAINED:
		buffer_format(ret, " gained in %u", predicate->other);
		break;
	case IR_HOLDS:
		dump_opaque(ret, predicate);
		break;
	case IR_SCOPED:
		dump_workloads(ret, predicate->workloads);
		break;
	case IR_OPAQUE:
		dump_opaque(ret, predicate);
		break;
	}
}

/* The scope of the policy is told once. */
static void dump_predicate(struct buffer *ret, const struct ir_policy *policy, const struct ir_hook *hook,
			   const struct ir_predicate *predicate)
{
	dump_subject(ret, predicate);
	if (policy->scope && predicate->workloads == policy->scope)
		buffer_add_text(ret, " of the policy");
	else
		dump_test(ret, hook, predicate);
	buffer_add_char(ret, '\n');
	if (predicate->test == IR_HOLDS)
		ir_dump_condition(hook, predicate->condition, ret);
}

void ir_dump_ask(const struct ir_hook *hook, const struct ir_predicate *predicate, struct buffer *ret)
{
	dump_subject(ret, predicate);
	dump_test(ret, hook, predicate);
	buffer_add_char(ret, '\n');
}

/* ---- Actions ---- */

static void dump_texts(struct buffer *ret, const char *what, const struct text_list *texts)
{
	for (size_t n = 0; n < texts->count; n++)
		dump_text(ret, what, &texts->items[n]);
}

static void dump_post(struct buffer *ret, const struct ir_action *action)
{
	static const char *const scopes[] = {
		[IR_RATE_THREAD] = "thread", [IR_RATE_PROCESS] = "process", [IR_RATE_GLOBAL] = "global",
	};

	if (action->rate_milliseconds)
		buffer_format(ret, " every=%" PRIu32 "ms/%s", action->rate_milliseconds, scopes[action->rate_scope]);
	buffer_format(ret, "%s%s%s", action->kernel_stack ? " kernel-stack" : "", action->user_stack ? " user-stack" : "",
		      action->ima_hash ? " ima-hash" : "");
}

static void dump_one_action(struct buffer *ret, const struct ir_action *action)
{
	buffer_format(ret, " %s(%" PRId32, action_rows[action->op].name, action->argument);
	if (action->op == ACTION_NOTIFY_ENFORCER || action->op == ACTION_SET)
		buffer_format(ret, " value=%" PRId32, action->value);
	if (action->op == ACTION_NOTIFY_ENFORCER && action->returns)
		buffer_add_text(ret, " returns");
	dump_post(ret, action);
	dump_text(ret, "text", &action->text);
	if (action->new_address)
		buffer_format(ret, " address=0x%" PRIx64, (uint64_t)action->new_address);
	if (action->new_offset)
		buffer_format(ret, " offset=%" PRId64, action->new_offset);
	dump_texts(ret, "register", &action->registers);
	buffer_add_char(ret, ')');
}

static void dump_actions(struct buffer *ret, const struct ir_action_list *actions)
{
	for (size_t n = 0; n < actions->count; n++)
		dump_one_action(ret, &actions->items[n]);
	buffer_add_char(ret, '\n');
}

static void dump_selector(struct buffer *ret, const struct ir_policy *policy, const struct ir_hook *hook,
			  const struct ir_selector *selector)
{
	buffer_format(ret, "    selector %u", selector->index);
	dump_text(ret, "label", &selector->label);
	buffer_add_text(ret, " ->");
	dump_actions(ret, &selector->actions);
	for (size_t n = 0; n < selector->predicates.count; n++)
		dump_predicate(ret, policy, hook, &selector->predicates.items[n]);
	if (!selector->return_predicates.count && !selector->return_actions.count)
		return;
	buffer_add_text(ret, "      returning ->");
	dump_actions(ret, &selector->return_actions);
	for (size_t n = 0; n < selector->return_predicates.count; n++)
		dump_predicate(ret, policy, hook, &selector->return_predicates.items[n]);
}

/* ---- Hooks ---- */

static void dump_argument(struct buffer *ret, const char *what, size_t position, const struct ir_argument *argument)
{
	buffer_format(ret, "    %s %zu: index=%u type=%s load=%u source=%u", what, position, argument->index,
		      type_rows[argument->type].name, argument->load, argument->source);
	dump_text(ret, "label", &argument->label);
	if (argument->size_index)
		buffer_format(ret, " size-index=%u", argument->size_index);
	if (argument->folder)
		buffer_format(ret, " folder=%u", argument->folder);
	buffer_format(ret, "%s%s", argument->return_copy ? " return-copy" : "", argument->max_data ? " max-data" : "");
	dump_text(ret, "resolve", &argument->resolve);
	dump_text(ret, "btf-type", &argument->btf_type);
	dump_text(ret, "btf-module", &argument->btf_module);
	buffer_add_char(ret, '\n');
}

static void dump_numbers(struct buffer *ret, const char *what, const struct ir_number_list *numbers)
{
	for (size_t n = 0; n < numbers->count; n++)
		buffer_format(ret, " %s=0x%" PRIx64, what, numbers->items[n]);
}

/* Where the probes of a user program are. */
static void dump_program(struct buffer *ret, const struct ir_hook *hook)
{
	if (hook->kind != HOOK_UPROBE && hook->kind != HOOK_USDT)
		return;
	buffer_add_text(ret, "    program");
	dump_text(ret, "path", &hook->path);
	dump_text(ret, "provider", &hook->provider);
	dump_text(ret, "btf-path", &hook->btf_path);
	dump_texts(ret, "symbol", &hook->symbols);
	dump_numbers(ret, "offset", &hook->offsets);
	dump_numbers(ret, "address", &hook->addresses);
	dump_numbers(ret, "reference-offset", &hook->reference_offsets);
	dump_texts(ret, "digest", &hook->digests);
	buffer_add_char(ret, '\n');
}

static void dump_names(struct buffer *ret, const char *what, const struct ir_names *names)
{
	static const char *const kinds[] = {
		[IR_NAMES_LISTED] = "functions", [IR_NAMES_SYSCALLS] = "syscalls",
		[IR_NAMES_ALL_SYSCALLS] = "all syscalls", [IR_NAMES_PATTERN] = "functions that match",
	};

	buffer_format(ret, "%s %s", what, kinds[names->kind]);
	dump_text(ret, "list", &names->name);
	dump_text(ret, "pattern", &names->pattern);
	dump_texts(ret, "name", &names->values);
	buffer_add_char(ret, '\n');
}

static void dump_flags(struct buffer *ret, const struct ir_hook *hook)
{
	static const char *const actions[] = {
		[IR_RETURN_NOTHING] = "", [IR_RETURN_TRACK] = " track-returned", [IR_RETURN_UNTRACK] = " untrack-returned",
	};

	buffer_format(ret, "%s%s%s%s%s", hook->syscall ? " syscall" : "", hook->returns ? " returns" : "",
		      hook->ignore_missing ? " ignore-missing" : "", hook->ignore_digest ? " ignore-digest" : "",
		      actions[hook->return_action]);
}

static void dump_hook(struct buffer *ret, const struct ir_policy *policy, const struct ir_hook *hook)
{
	buffer_format(ret, "  %s", hook_rows[hook->kind].name);
	dump_text(ret, "subsystem", &hook->subsystem);
	dump_text(ret, "name", &hook->name);
	dump_flags(ret, hook);
	dump_text(ret, "message", &hook->message);
	dump_texts(ret, "tag", &hook->tags);
	buffer_add_char(ret, '\n');
	if (hook->node) {
		buffer_add_text(ret, "    nodes");
		dump_labels(ret, "with", hook->node);
		buffer_add_char(ret, '\n');
	}
	dump_program(ret, hook);
	if (hook->names)
		dump_names(ret, "    all of", hook->names);
	for (size_t n = 0; n < hook->arguments.count; n++)
		dump_argument(ret, "argument", n, &hook->arguments.items[n]);
	for (size_t n = 0; n < hook->data.count; n++)
		dump_argument(ret, "data", n, &hook->data.items[n]);
	if (hook->return_argument)
		dump_argument(ret, "return argument", 0, hook->return_argument);
	for (size_t n = 0; n < hook->selectors.count; n++)
		dump_selector(ret, policy, hook, &hook->selectors.items[n]);
}

/* ---- Policies ---- */

static void dump_options(struct buffer *ret, const struct ir_policy *policy)
{
	static const char *const methods[] = {
		[METHOD_ANY] = "", [METHOD_FMOD_RET] = " fmod-ret", [METHOD_OVERRIDE_RETURN] = " override-return",
	};

	buffer_format(ret, "%s%s%s%s%s%s%s", policy->monitor ? " monitor" : "", policy->enforces ? " enforces" : "",
		      policy->loader ? " loader" : "", policy->single_kprobes ? " single-kprobes" : "",
		      policy->single_uprobes ? " single-uprobes" : "", policy->preloads ? " preloads" : "", methods[policy->override_method]);
}

void ir_dump_policy(const struct ir_policy *policy, struct buffer *ret)
{
	buffer_add_text(ret, "policy");
	dump_text(ret, "name", &policy->name);
	dump_text(ret, "namespace", &policy->namespace);
	dump_options(ret, policy);
	buffer_add_char(ret, '\n');
	if (policy->scope) {
		buffer_add_text(ret, "  workloads");
		dump_workloads(ret, policy->scope);
		buffer_add_char(ret, '\n');
	}
	if (policy->node) {
		buffer_add_text(ret, "  nodes");
		dump_labels(ret, "with", policy->node);
		buffer_add_char(ret, '\n');
	}
	for (size_t n = 0; n < policy->enforcer.count; n++)
		dump_names(ret, "  enforcer", &policy->enforcer.items[n]);
	for (size_t n = 0; n < policy->later.count; n++)
		buffer_format(ret, "  later: %s\n", policy->later.items[n].what);
	for (size_t n = 0; n < policy->hooks.count; n++)
		dump_hook(ret, policy, &policy->hooks.items[n]);
}

void ir_dump(const struct ir_list *ir, struct buffer *ret)
{
	for (size_t n = 0; n < ir->count; n++)
		ir_dump_policy(&ir->items[n], ret);
}

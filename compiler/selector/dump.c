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
		[ABI_STRING_EXACT] = "=", [ABI_STRING_PREFIX] = "^", [ABI_STRING_POSTFIX] = "$", [ABI_SUBSTRING] = "*",
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

	if (predicate->subject == IR_WORKLOADS) {
		dump_workloads(ret, predicate->workloads);
		return;
	}
	buffer_format(ret, " %s", operator_rows[written->op].name);
	if (written->op == OPERATOR_CAPABILITIES_GAINED)
		buffer_format(ret, " %u", predicate->other);
	for (size_t n = 0; n < written->values.count; n++) {
		buffer_add_char(ret, ' ');
		buffer_add_quoted(ret, written->values.items[n].bytes, written->values.items[n].length);
	}
}

static void dump_condition(struct buffer *ret, const struct ir_hook *hook, const struct ir_predicate *predicate)
{
	dump_opaque(ret, predicate);
	buffer_add_char(ret, '\n');
	ir_dump_condition(hook, predicate->condition, ret);
}

static void dump_predicate(struct buffer *ret, const struct ir_hook *hook, const struct ir_predicate *predicate)
{
	dump_subject(ret, predicate);
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
	case IR_HOST:
	case IR_OTHERS:
	case IR_GAINED:
	case IR_SCOPED:
	case IR_OPAQUE:
		dump_opaque(ret, predicate);
		break;
	case IR_HOLDS:
		dump_condition(ret, hook, predicate);
		return;
	}
	buffer_add_char(ret, '\n');
}

/* Whoever asks in a condition is not as it was written. */
void ir_dump_ask(const struct ir_hook *hook, const struct ir_predicate *predicate, struct buffer *ret)
{
	if (predicate->test != IR_SUBSTRINGS) {
		dump_predicate(ret, hook, predicate);
		return;
	}
	dump_subject(ret, predicate);
	buffer_add_text(ret, " contains ");
	dump_patterns(ret, &predicate->patterns);
	buffer_add_char(ret, '\n');
}

static void dump_actions(struct buffer *ret, const struct ir_action_list *actions)
{
	for (size_t n = 0; n < actions->count; n++)
		buffer_format(ret, " %s(%d)", action_rows[actions->items[n].op].name, actions->items[n].argument);
	buffer_add_char(ret, '\n');
}

static void dump_selector(struct buffer *ret, const struct ir_hook *hook, const struct ir_selector *selector)
{
	buffer_format(ret, "    selector %u", selector->index);
	dump_text(ret, "label", &selector->label);
	buffer_add_text(ret, " ->");
	dump_actions(ret, &selector->actions);
	for (size_t n = 0; n < selector->predicates.count; n++)
		dump_predicate(ret, hook, &selector->predicates.items[n]);
	if (!selector->return_predicates.count && !selector->return_actions.count)
		return;
	buffer_add_text(ret, "      returning ->");
	dump_actions(ret, &selector->return_actions);
	for (size_t n = 0; n < selector->return_predicates.count; n++)
		dump_predicate(ret, hook, &selector->return_predicates.items[n]);
}

static void dump_argument(struct buffer *ret, const char *what, size_t position, const struct ir_argument *argument)
{
	buffer_format(ret, "    %s %zu: index=%u type=%s load=%u source=%u", what, position, argument->index,
		      type_rows[argument->type].name, argument->load, argument->source);
	dump_text(ret, "label", &argument->label);
	buffer_add_char(ret, '\n');
}

static void dump_locations(struct buffer *ret, const char *what, const struct policy_value_list *locations)
{
	for (size_t n = 0; n < locations->count; n++)
		buffer_format(ret, " %s=0x%" PRIx64, what, locations->items[n].low);
}

/* Where the probes of a user program are. */
static void dump_program(struct buffer *ret, const struct policy_hook *hook)
{
	if (hook->kind != HOOK_UPROBE && hook->kind != HOOK_USDT)
		return;
	buffer_add_text(ret, "    program");
	dump_text(ret, "path", &hook->path);
	dump_text(ret, "provider", &hook->provider);
	for (size_t n = 0; n < hook->symbols.count; n++)
		dump_text(ret, "symbol", &hook->symbols.items[n]);
	dump_locations(ret, "offset", &hook->offsets);
	dump_locations(ret, "address", &hook->addresses);
	buffer_add_char(ret, '\n');
}

static void dump_hook(struct buffer *ret, const struct ir_hook *hook)
{
	buffer_format(ret, "  %s", hook_rows[hook->kind].name);
	dump_text(ret, "subsystem", &hook->subsystem);
	dump_text(ret, "name", &hook->name);
	buffer_format(ret, "%s%s", hook->syscall ? " syscall" : "", hook->returns ? " returns" : "");
	dump_text(ret, "message", &hook->message);
	for (size_t n = 0; n < hook->tags.count; n++)
		dump_text(ret, "tag", &hook->tags.items[n]);
	buffer_add_char(ret, '\n');
	if (hook->as_written)
		dump_program(ret, hook->as_written);
	for (size_t n = 0; n < hook->arguments.count; n++)
		dump_argument(ret, "argument", n, &hook->arguments.items[n]);
	for (size_t n = 0; n < hook->data.count; n++)
		dump_argument(ret, "data", n, &hook->data.items[n]);
	if (hook->return_argument)
		dump_argument(ret, "return argument", 0, hook->return_argument);
	for (size_t n = 0; n < hook->selectors.count; n++)
		dump_selector(ret, hook, &hook->selectors.items[n]);
}

void ir_dump_policy(const struct ir_policy *policy, struct buffer *ret)
{
	buffer_add_text(ret, "policy");
	dump_text(ret, "name", &policy->name);
	buffer_format(ret, "%s%s\n", policy->monitor ? " monitor" : "", policy->enforces ? " enforces" : "");
	for (size_t n = 0; n < policy->later.count; n++)
		buffer_format(ret, "  later: %s\n", policy->later.items[n].what);
	for (size_t n = 0; n < policy->hooks.count; n++)
		dump_hook(ret, &policy->hooks.items[n]);
}

void ir_dump(const struct ir_list *ir, struct buffer *ret)
{
	for (size_t n = 0; n < ir->count; n++)
		ir_dump_policy(&ir->items[n], ret);
}

// SPDX-License-Identifier: Apache-2.0
/* dump.c - see dump.h.  One line for each part; values as check understood them. */
#include "compiler/policy/dump.h"

#include <inttypes.h>

static void dump_text(const struct text *text, struct buffer *ret)
{
	buffer_add_char(ret, '"');
	for (size_t i = 0; i < text->length; i++) {
		unsigned char c = (unsigned char)text->bytes[i];

		if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
			buffer_format(ret, "\\x%02x", c);
		else
			buffer_add_char(ret, (char)c);
	}
	buffer_add_char(ret, '"');
}

static void dump_address(const struct policy_value *value, struct buffer *ret)
{
	for (unsigned i = 0; i < (value->family == 4 ? 4u : 16u); i++)
		buffer_format(ret, "%02x", value->address[i]);
	buffer_format(ret, "/%u", value->prefix);
}

static void dump_value(const struct policy_value *value, struct buffer *ret)
{
	buffer_add_char(ret, ' ');
	switch (value->form) {
	case VALUE_INTEGER:
		buffer_format(ret, "0x%" PRIx64, value->low);
		break;
	case VALUE_RANGE:
		buffer_format(ret, "0x%" PRIx64 ":0x%" PRIx64, value->low, value->high);
		break;
	case VALUE_ADDRESS:
		dump_address(value, ret);
		break;
	case VALUE_BYTES:
	case VALUE_UNPARSED:
		dump_text(&value->text, ret);
		break;
	}
}

static void dump_values(const struct policy_value_list *values, struct buffer *ret)
{
	for (size_t i = 0; i < values->count; i++)
		dump_value(&values->items[i], ret);
	buffer_add_char(ret, '\n');
}

static void dump_selector(const struct policy_selector *selector, struct buffer *ret)
{
	buffer_add_text(ret, "    selector\n");
	for (size_t i = 0; i < selector->arguments.count; i++) {
		const struct policy_argument_filter *filter = &selector->arguments.items[i];

		buffer_format(ret, "      argument %u at %u %s", filter->index, filter->position,
			operator_rows[filter->op].name);
		dump_values(&filter->values, ret);
	}
	for (size_t i = 0; i < selector->binaries.count; i++) {
		buffer_format(ret, "      binary %s", operator_rows[selector->binaries.items[i].op].name);
		dump_values(&selector->binaries.items[i].values, ret);
	}
	for (size_t i = 0; i < selector->pids.count; i++) {
		buffer_format(ret, "      pid %s", operator_rows[selector->pids.items[i].op].name);
		dump_values(&selector->pids.items[i].values, ret);
	}
	for (size_t i = 0; i < selector->actions.count; i++) {
		const struct policy_action *action = &selector->actions.items[i];

		buffer_format(ret, "      action %s error %" PRId64 " signal %" PRId64 "\n",
			action_rows[action->action].name, action->error, action->signal);
	}
}

static void dump_argument(const char *what, const struct policy_argument *argument, struct buffer *ret)
{
	buffer_format(ret, "    %s %u %s", what, argument->index, type_rows[argument->type].name);
	if (argument->label.bytes) {
		buffer_add_char(ret, ' ');
		dump_text(&argument->label, ret);
	}
	buffer_add_char(ret, '\n');
}

static void dump_hook(const struct policy_hook *hook, struct buffer *ret)
{
	buffer_format(ret, "  %s ", hook_rows[hook->kind].name);
	if (hook->subsystem.bytes) {
		dump_text(&hook->subsystem, ret);
		buffer_add_char(ret, ' ');
	}
	dump_text(&hook->name, ret);
	buffer_format(ret, "%s%s\n", hook->syscall ? " syscall" : "", hook->returns ? " returns" : "");
	if (hook->message.bytes) {
		buffer_add_text(ret, "    message ");
		dump_text(&hook->message, ret);
		buffer_add_char(ret, '\n');
	}
	for (size_t i = 0; i < hook->tags.count; i++) {
		buffer_add_text(ret, "    tag ");
		dump_text(&hook->tags.items[i], ret);
		buffer_add_char(ret, '\n');
	}
	for (size_t i = 0; i < hook->arguments.count; i++)
		dump_argument("argument", &hook->arguments.items[i], ret);
	if (hook->return_argument)
		dump_argument("return", hook->return_argument, ret);
	for (size_t i = 0; i < hook->selectors.count; i++)
		dump_selector(&hook->selectors.items[i], ret);
}

void policy_dump(const struct policy_list *policies, struct buffer *ret)
{
	for (size_t i = 0; i < policies->count; i++) {
		const struct policy *policy = &policies->items[i];

		buffer_add_text(ret, "policy ");
		dump_text(&policy->name, ret);
		buffer_format(ret, " %s%s\n", policy->mode == MODE_MONITOR ? "monitor" : "enforce",
			policy->enforces ? " enforces" : "");
		for (size_t j = 0; j < policy->hooks.count; j++)
			dump_hook(&policy->hooks.items[j], ret);
	}
}

// SPDX-License-Identifier: Apache-2.0
/* accept.c - what is done when a selector accepts; see parts.h. */
#include <string.h>

#include "compiler/explain/explain.h"
#include "compiler/inspect/parts.h"

/* ---- Actions ---- */

static void say_signal(int32_t number, struct buffer *ret)
{
	const char *name = number > 0 && number <= LIMIT_SIGNAL ? sigabbrev_np(number) : NULL;

	buffer_format(ret, name ? " %d (SIG%s)" : " %d", number, name);
}

static void say_error(int32_t number, struct buffer *ret)
{
	const char *name = number < 0 && number >= -LIMIT_ERRNO ? strerrorname_np(-number) : NULL;

	buffer_format(ret, name ? " %d (-%s)" : " %d", number, name);
}

static void say_post(const struct abi_action *action, struct buffer *ret)
{
	static const struct { int32_t flag; const char *words; } flags[] = {
		{ ABI_POST_KERNEL_STACK, ", with the kernel's stack" }, { ABI_POST_USER_STACK, ", with the program's stack" },
		{ ABI_POST_DIGEST, ", with the IMA digest" },
	};
	const char *whose = action->value & (int32_t)ABI_POST_GLOBAL ? "all processes" :
		action->value & (int32_t)ABI_POST_PROCESS ? "a process" : "a thread";

	if (action->argument)
		buffer_format(ret, ", at most one in %u ms of %s", (uint32_t)action->argument, whose);
	for (size_t n = 0; n < sizeof(flags) / sizeof(*flags); n++)
		if (action->value & flags[n].flag)
			buffer_add_text(ret, flags[n].words);
}

/* Which they are is known by where they lie. */
static void say_assignments(struct inspection *inspection, const struct abi_action *action, struct buffer *ret)
{
	const struct abi_assignments *head = (const void *)(inspection->bytes + action->assignments);
	const struct abi_assignment *first = (const void *)(head + 1);
	const char *before = " with ";

	for (size_t n = 0; n < image_assignment_count(&inspection->view); n++) {
		const struct image_assignment one = image_assignment_at(&inspection->view, n);

		if (one.abi < first || one.abi >= first + head->count)
			continue;
		buffer_format(ret, "%s%s%s", before, one.kind == IMAGE_ASSIGN_REGISTER ? "" :
			      one.kind == IMAGE_ASSIGN_ADDRESS ? "going on at address " :
			      one.kind == IMAGE_ASSIGN_OFFSET ? "going on at offset " : "going on at ", one.text);
		before = ", ";
	}
}

static void say_action(struct inspection *inspection, const struct image_hook *hook, const struct abi_action *action,
		       struct buffer *ret)
{
	const int row = action_by_wire((int)action->op);

	buffer_add_text(ret, action->op == ABI_ACTION_ENFORCE ? "what the thread was notified of" : row < 0 ? "unknown" :
							action_rows[row].name);
	switch (action->op) {
	case ABI_ACTION_POST:
		say_post(action, ret);
		break;
	case ABI_ACTION_SIGNAL:
		say_signal(action->argument, ret);
		break;
	case ABI_ACTION_OVERRIDE:
		if (action->assignments) {
			say_assignments(inspection, action, ret);
			break;
		}
		say_error(action->argument, ret);
		break;
	case ABI_ACTION_NOTIFY_ENFORCER:
		buffer_add_text(ret, " signal");
		say_signal(action->argument, ret);
		buffer_add_text(ret, ", return");
		say_error(action->value, ret);
		break;
	case ABI_ACTION_SET:
		buffer_format(ret, " %d at", action->value);
		/* fall through */
	case ABI_ACTION_TRACK_SOCK:
	case ABI_ACTION_UNTRACK_SOCK:
		buffer_format(ret, " %s", inspect_value(inspection, hook, (uint32_t)action->argument));
		break;
	default:
		break;
	}
}

static void add_actions(struct inspection *inspection, const struct image_hook *hook, const struct abi_accept *accept,
			struct data *entry, struct buffer *ret)
{
	const struct abi_action *actions = (const void *)(inspection->bytes + accept->actions);
	struct data *list = data_list(inspection->arena, entry, "actions");

	for (uint32_t n = 0; n < accept->action_count; n++) {
		struct buffer text = { 0 };
		const char *kept;

		say_action(inspection, hook, &actions[n], &text);
		kept = inspect_keep(inspection, &text);
		data_text(inspection->arena, list, NULL, kept);
		buffer_format(ret, "%s%s", n ? ", then " : "", kept);
	}
	if (!accept->action_count)
		buffer_add_text(ret, "nothing");
}

/* ---- Reports ---- */

static void add_report(struct inspection *inspection, const struct image_hook *hook, const char *key, uint32_t slots,
		       struct data *entry, struct buffer *ret)
{
	struct data *list = data_list(inspection->arena, entry, key);
	const char *before = !strcmp(key, "reports") ? "; reports " : "; of the return, ";

	for (uint32_t n = 0; n < hook->abi->slot_count; n++) {
		const char *value;

		if (!(slots >> n & 1))
			continue;
		value = inspect_value(inspection, hook, n);
		data_text(inspection->arena, list, NULL, value);
		buffer_format(ret, "%s%s", before, value);
		before = ", ";
	}
}

static void say_return(struct inspection *inspection, const struct image_hook *hook, const struct abi_accept *accept,
		       struct data *entry, struct buffer *ret)
{
	struct image_hook other;

	if (!(accept->flags & ABI_ACCEPT_RETURN) || !image_hook_by_id(&inspection->view, hook->pair, &other))
		return;
	buffer_add_text(ret, "; reports the return");
	if (accept->return_record) {
		buffer_format(ret, " as decided from record %u of hook %u on", accept->return_record - 1, other.id);
		data_number(inspection->arena, entry, "return_record", accept->return_record - 1);
	}
	add_report(inspection, &other, "return_reports", accept->return_slots, entry, ret);
}

static void say_flags(uint32_t flags, struct buffer *ret)
{
	static const struct { uint32_t flag; const char *words; } rows[] = {
		{ ABI_ACCEPT_QUIET, "; makes no event" },
		{ ABI_ACCEPT_CHUNKS, "; long values come in chunks before it" },
		{ ABI_ACCEPT_OWNERS, "; it is about the owner of its socket, if that is tracked" },
		{ ABI_ACCEPT_TRACK_RETURN, "; the process becomes the owner of the socket that the call returns" },
		{ ABI_ACCEPT_UNTRACK_RETURN, "; the owner of the socket that the call returns is forgotten" },
		{ ABI_ACCEPT_NOTES_NAMESPACES, "; the process's namespaces are compared with what they are now from then on" },
		{ ABI_ACCEPT_NOTES_CAPABILITIES, "; the process's capabilities are compared with what they are now from then on" },
	};

	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++)
		if (flags & rows[n].flag)
			buffer_add_text(ret, rows[n].words);
}

/* ---- Accepts ---- */

static void add_accept(struct inspection *inspection, const struct image_hook *hook, uint32_t offset, struct data *list)
{
	const struct abi_accept *accept = (const void *)(inspection->bytes + offset);
	const struct image_policy policy = image_policy_at(&inspection->view, accept->policy);
	struct data *entry = data_record(inspection->arena, list, NULL);
	struct buffer text = { 0 };

	data_number(inspection->arena, entry, "offset", offset);
	data_text(inspection->arena, entry, "policy", policy.name);
	data_number(inspection->arena, entry, "hook_index", accept->hook_index);
	data_number(inspection->arena, entry, "selector", accept->selector);
	buffer_format(&text, "at %u: selector %u of policy '%s'%s: ", offset, accept->selector, policy.name,
		      policy.monitor && policy.enforces ? ", which only monitors" : "");
	add_actions(inspection, hook, accept, entry, &text);
	add_report(inspection, hook, "reports", accept->report_slots, entry, &text);
	say_return(inspection, hook, accept, entry, &text);
	say_flags(accept->flags, &text);
	data_text(inspection->arena, entry, "text", inspect_keep(inspection, &text));
	inspect_add(inspection, entry, "place",
		    image_selector_place(&inspection->view, accept->policy, accept->hook_index, accept->selector));
}

void inspect_add_accepts(struct inspection *inspection, const struct image_hook *hook, struct data *into)
{
	const struct abi_record *records = (const void *)(inspection->bytes + hook->abi->program);
	struct data *list = data_list(inspection->arena, into, "accepts");

	for (uint32_t n = 0; n < hook->abi->record_count; n++)
		if (records[n].op == ABI_OP_ACCEPT && inspect_first_time(inspection, (uint32_t)records[n].operand))
			add_accept(inspection, hook, (uint32_t)records[n].operand, list);
}

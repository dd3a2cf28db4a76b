// SPDX-License-Identifier: Apache-2.0
/* actions.c - what becomes of a match; see rule.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "compiler/base/nearest.h"
#include "compiler/intent/rule.h"

#define NAMED(name) { #name, name }
struct word_number { const char *name; int number; };

/* What calls that are denied usually fail with (errno-base.h). */
static const struct word_number errors[] = {
	NAMED(EPERM), NAMED(ENOENT), NAMED(EIO), NAMED(ENXIO), NAMED(EBADF), NAMED(EAGAIN), NAMED(ENOMEM), NAMED(EACCES),
	NAMED(EBUSY), NAMED(EEXIST), NAMED(ENODEV), NAMED(ENOTDIR), NAMED(EISDIR), NAMED(EINVAL), NAMED(ENOSPC), NAMED(EROFS),
	NAMED(ENOSYS), NAMED(EAFNOSUPPORT), NAMED(ECONNREFUSED), NAMED(ENETUNREACH), NAMED(EHOSTUNREACH), NAMED(ETIMEDOUT),
};
/* asm-generic/signal.h */
static const struct word_number signals[] = {
	NAMED(SIGHUP), NAMED(SIGINT), NAMED(SIGQUIT), NAMED(SIGABRT), NAMED(SIGKILL), NAMED(SIGUSR1), NAMED(SIGUSR2), NAMED(SIGPIPE),
	NAMED(SIGALRM), NAMED(SIGTERM), NAMED(SIGCHLD), NAMED(SIGCONT), NAMED(SIGSTOP), NAMED(SIGTSTP), NAMED(SIGSEGV),
};

static int find(struct rule *rule, const struct word_number *rows, size_t count, const struct text *name, const char *what)
{
	struct nearest nearest = { .name = name->bytes, .length = name->length };

	for (size_t n = 0; n < count; n++) {
		if (!strcmp(rows[n].name, name->bytes))
			return rows[n].number;
		nearest_try(&nearest, rows[n].name);
	}
	diag(rule->diagnostics, DIAG_UNKNOWN_VALUE, name->at, "there is no %s '%.32s' here", what, name->bytes);
	if (nearest.best)
		diag_nearest(rule->diagnostics, &nearest);
	return 0;
}

struct building { struct rule *rule; struct policy_action_list list; size_t room; };

static struct policy_action *add(struct building *building, enum action_id action, struct span at)
{
	struct policy_action_list *list = &building->list;

	list->items = arena_grow(building->rule->arena, list->items, list->count, &building->room, sizeof(*list->items));
	list->items[list->count] = (struct policy_action){ .at = at, .action = action, .action_at = at };
	return &list->items[list->count++];
}

const struct intent_respond *respond_of(const struct rule *rule)
{
	const struct intent_defaults *defaults = rule->intent->defaults;

	return rule->written->respond ? rule->written->respond : defaults ? defaults->respond : NULL;
}

static void add_override(struct building *building, const struct intent_respond *respond, struct span at)
{
	struct policy_action *action = add(building, ACTION_OVERRIDE, at);

	action->error = -EPERM;
	action->error_at = at;
	if (respond && respond->error.bytes)
		action->error = -find(building->rule, errors, sizeof(errors) / sizeof(*errors), &respond->error, "error");
}

static void add_signals(struct building *building, const struct intent_respond *respond, struct span at)
{
	const enum intent_effect effect = building->rule->written->effect;

	if (effect == INTENT_KILL || (respond && respond->also_kill))
		add(building, ACTION_SIGKILL, at);
	if (respond && respond->signal.bytes) {
		struct policy_action *action = add(building, ACTION_SIGNAL, respond->signal.at);

		action->signal = find(building->rule, signals, sizeof(signals) / sizeof(*signals), &respond->signal, "signal");
		action->signal_at = respond->signal.at;
	}
}

static void add_report(struct building *building, const struct intent_respond *respond, struct span at)
{
	static const char *const scopes[] = { "thread", "process", "global" };
	struct policy_action *action;

	if (respond && respond->event) {
		add(building, ACTION_NO_POST, respond->event_at);
		return;
	}
	action = add(building, ACTION_POST, at);
	if (!respond)
		return;
	action->kernel_stack = respond->stack & 1 && !building->rule->no_stack;
	action->user_stack = respond->stack & 2 && !building->rule->no_stack;
	action->kernel_stack_at = action->user_stack_at = respond->stack_at;
	action->ima_hash = respond->hash;
	action->ima_hash_at = respond->hash_at;
	if (respond->rate) {
		action->rate_limit = respond->rate->every;
		action->rate_scope = text_made(building->rule, respond->rate->every.at, "%s", scopes[respond->rate->per]);
	}
}

void respond_check(struct rule *rule)
{
	const struct intent_respond *respond = respond_of(rule);

	if (respond && respond->error.bytes)
		find(rule, errors, sizeof(errors) / sizeof(*errors), &respond->error, "error");
	if (respond && respond->error.bytes && rule->written->effect == INTENT_AUDIT && rule->written->respond) {
		diag(rule->diagnostics, DIAG_INTENT_EMPTY, respond->error.at, "'errno' of a rule that denies nothing");
		diag_help(rule->diagnostics, "say effect: deny, or remove it");
	}
}

/* What is denied first, so that nothing that comes after it can keep it from being so. */
struct policy_action_list rule_actions(struct rule *rule, const struct probe *probe)
{
	const struct intent_respond *respond = respond_of(rule);
	struct building building = { .rule = rule };

	if (rule->written->effect != INTENT_AUDIT && !rule->only_reports)
		add_override(&building, respond, probe->at);
	add_signals(&building, respond, probe->at);
	add_report(&building, respond, probe->at);
	return building.list;
}

struct policy_action_list pass_actions(struct rule *rule, struct span at)
{
	struct building building = { .rule = rule };

	add(&building, ACTION_NO_POST, at);
	return building.list;
}

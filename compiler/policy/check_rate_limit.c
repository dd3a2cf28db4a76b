// SPDX-License-Identifier: Apache-2.0
/* check_rate_limit.c - rules of rateLimit and rateLimitScope; see check_selector.h. */
#include <string.h>

#include "compiler/base/number.h"
#include "compiler/policy/check.h"
#include "compiler/policy/check_selector.h"
#include "compiler/policy/operand.h"

/* Digits, then perhaps a unit. */
static bool read_period(struct text text, uint64_t *ret)
{
	struct number number;

	if (text.length > 1 && text.bytes[text.length - 1] && strchr("smhSMH", text.bytes[text.length - 1]))
		text.length--;
	return !number_parse(text.bytes, text.length, NUMBER_DECIMAL, &number) &&
		number_to_unsigned(number, UINT32_MAX, ret);
}

uint32_t rate_limit_milliseconds(const struct text *text)
{
	const char unit = text->length ? text->bytes[text->length - 1] : 0;
	uint64_t period = 0;

	if (!text->length || !read_period(*text, &period))
		return 0;
	period *= unit == 'm' || unit == 'M' ? 60000 : unit == 'h' || unit == 'H' ? 3600000 : 1000;
	return period < UINT32_MAX ? (uint32_t)period : UINT32_MAX;
}

static void check_period(const struct selector_scope *scope, const struct policy_action *action)
{
	const struct text *text = &action->rate_limit;
	uint64_t period;

	if (!read_period(*text, &period)) {
		diag(scope->diagnostics, DIAG_RATE_LIMIT, text->at, "'%.*s' is not a period", SHOW(*text));
		diag_help(scope->diagnostics, "digits, then s, m or h, as in \"30s\"; it is the time between two equal events");
	} else if (!period) {
		diag(scope->diagnostics, DIAG_RATE_UNUSED, text->at, "a period of 0 limits nothing");
	} else if (scope->hook->kind != HOOK_KPROBE && scope->hook->kind != HOOK_FENTRY) {
		diag(scope->diagnostics, DIAG_RATE_UNUSED, text->at, "with Tetragon, 'rateLimit' has almost no effect on %s",
			hook_rows[scope->hook->kind].section);
		diag_help(scope->diagnostics, "it remembers a single event there; only kprobes and fentries have a table");
	}
}

static void check_rate_scope(const struct selector_scope *scope, const struct policy_action *action)
{
	const struct text *text = &action->rate_scope;

	if (!text->length)
		return;
	if (!action->rate_limit.length) {
		diag(scope->diagnostics, DIAG_RATE_UNUSED, text->at, "'rateLimitScope' without 'rateLimit' has no effect");
		return;
	}
	if (words_find("thread|process|global", text->bytes, text->length) >= 0)
		return;
	diag(scope->diagnostics, DIAG_RATE_LIMIT, text->at, "there is no scope '%.*s'", SHOW(*text));
	diag_help(scope->diagnostics, "one of thread, process, global");
}

void check_rate_limit(const struct selector_scope *scope, const struct policy_action *action)
{
	check_rate_scope(scope, action);
	if (!action->rate_limit.length)
		return;
	if (action->action == ACTION_POST) {
		check_period(scope, action);
		return;
	}
	diag(scope->diagnostics, DIAG_POST_ONLY, action->rate_limit.at, "'rateLimit' belongs to Post, not to %s",
		action_rows[action->action].name);
	diag_help(scope->diagnostics, "it limits events; %s happens every time", action_rows[action->action].name);
}

// SPDX-License-Identifier: Apache-2.0
/* verdict.c - see verdict.h. */
#include "cmd/verdict.h"

#include "cmd/verb.h"
#include "compiler/explain/explain.h"

void verdict_event_name(const struct event_sample *event, struct buffer *ret)
{
	buffer_format(ret, "%s ", hook_rows[event->kind].name);
	if (event->subsystem)
		buffer_format(ret, "%s/", event->subsystem);
	buffer_add_text(ret, event->name);
}

/* ---- Text ---- */

static void add_place(const struct ir_policy *policy, const struct ir_place *at, struct buffer *ret)
{
	buffer_format(ret, "  (%s:%u:%u)\n", policy->source_name, at->line, at->column);
}

static const struct verdict_failure *first_undecided(const struct verdict *verdict)
{
	for (size_t n = 0; n < verdict->failure_count; n++)
		if (verdict->failures[n].undecided)
			return &verdict->failures[n];
	return NULL;
}

/* What decides what is known; the line is left open. */
static void add_selector(const struct verdict *verdict, struct buffer *ret)
{
	buffer_format(ret, "selector %u: ", verdict->selector->index + 1);
	explain_actions(verdict->ir, verdict->hook, &verdict->selector->actions, ret);
	add_place(verdict->ir, &verdict->selector->at, ret);
}

static void add_answer(const struct verdict *verdict, struct buffer *ret)
{
	const struct verdict_failure *undecided = first_undecided(verdict);

	if (verdict->answer == VERDICT_NO) {
		buffer_add_text(ret, "does not match\n");
	} else if (verdict->answer == VERDICT_YES) {
		buffer_add_text(ret, "matches ");
		add_selector(verdict, ret);
	} else {
		buffer_format(ret, "unknown: whether selector %u matches depends on what the event does not say",
			      undecided ? undecided->selector + 1 : 0);
		buffer_add_text(ret, verdict->selector ? "; if it does not: " : "\n");
		if (verdict->selector)
			add_selector(verdict, ret);
	}
}

static void add_failures(const struct simulation *simulation, const struct event_sample *event, const struct verdict *verdict,
			 struct buffer *ret)
{
	for (size_t n = 0; n < verdict->failure_count; n++) {
		const struct verdict_failure *failure = &verdict->failures[n];

		buffer_format(ret, "    selector %u %s: ", failure->selector + 1, failure->undecided ? "is not known" : "fails");
		verdict_describe_failure(simulation, event, verdict, failure, ret);
		add_place(verdict->ir, &failure->predicate->at, ret);
	}
}

void verdict_text(const struct simulation *simulation, const struct event_sample *event, const struct verdict *verdict,
		  struct buffer *ret)
{
	buffer_format(ret, "  %s: ", verdict->ir->name.bytes);
	add_answer(verdict, ret);
	if (verdict->has_return)
		buffer_format(ret, "    the return: %s\n", verdict_return_names[verdict->returned]);
	if (!verdict->placed)
		buffer_format(ret, "    its arguments are in the order of policy '%s', which was not given\n", event->policy);
	add_failures(simulation, event, verdict, ret);
}

void verdict_complain(const struct event_sample *event, const struct verdict *verdict, const char *file, size_t line)
{
	struct buffer name = { 0 };

	verdict_event_name(event, &name);
	complain("%s:%zu: internal error: policy '%s' decides %s in one way as it is written and in another as it is linked; "
		 "please report this, with the policy and the event", file, line, verdict->ir->name.bytes, name.bytes);
	buffer_release(&name);
}

/* ---- JSON ---- */

static void json_place(struct json *json, const struct ir_policy *policy, const struct ir_place *at)
{
	json_key_string(json, "file", policy->source_name);
	json_key_number(json, "line", at->line);
	json_key_number(json, "column", at->column);
}

static void json_text(struct json *json, const char *key, struct buffer *text)
{
	json_key(json, key);
	json_bytes(json, text->bytes, text->length);
	buffer_release(text);
}

static void json_failure(const struct simulation *simulation, const struct event_sample *event, const struct verdict *verdict,
			 const struct verdict_failure *failure, struct json *json)
{
	struct buffer filter = { 0 }, value = { 0 };

	explain_predicate(verdict->hook, failure->predicate, &filter);
	verdict_describe_value(simulation, event, verdict, failure->predicate, &value);
	json_begin_object(json);
	json_key_number(json, "selector", failure->selector);
	json_key_string(json, "answer", failure->unknown ? "unknown" : "no");
	json_key_bool(json, "decided", !failure->undecided);
	json_text(json, "filter", &filter);
	json_text(json, "value", &value);
	json_place(json, verdict->ir, &failure->predicate->at);
	json_end_object(json);
}

static void json_selector(const struct verdict *verdict, struct json *json)
{
	struct buffer actions = { 0 };

	explain_actions(verdict->ir, verdict->hook, &verdict->selector->actions, &actions);
	json_key_number(json, "selector", verdict->selector->index);
	json_text(json, "actions", &actions);
	json_place(json, verdict->ir, &verdict->selector->at);
}

void verdict_json(const struct simulation *simulation, const struct event_sample *event, const struct verdict *verdict,
		  struct json *json)
{
	json_begin_object(json);
	json_key_string(json, "policy", verdict->ir->name.bytes);
	json_key_number(json, "hook", verdict->hook_index);
	json_key_string(json, "verdict", verdict_answer_names[verdict->answer]);
	json_key_bool(json, "match", verdict->answer == VERDICT_YES);
	if (verdict->selector)
		json_selector(verdict, json);
	if (verdict->has_return)
		json_key_string(json, "return", verdict_return_names[verdict->returned]);
	json_key(json, "failed");
	json_begin_array(json);
	for (size_t n = 0; n < verdict->failure_count; n++)
		json_failure(simulation, event, verdict, &verdict->failures[n], json);
	json_end_array(json);
	json_end_object(json);
}

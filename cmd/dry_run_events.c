// SPDX-License-Identifier: Apache-2.0
/* dry_run_events.c - what policies would do to recorded events; see dry_run.h. */
#include "cmd/dry_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/verb.h"
#include "compiler/base/json.h"
#include "compiler/explain/explain.h"
#include "compiler/simulate.h"

/* ---- One event ---- */

struct replay {
	struct simulation simulation;
	const char *file;
	size_t line, events, others, matched;
	const struct event_sample *event;
	bool as_json;
	struct json *json;		/* inside the event's "verdicts"; NULL: text */
	struct buffer *out;
};

static void add_place(const struct ir_policy *policy, const struct ir_place *at, struct buffer *ret)
{
	buffer_format(ret, "%s:%u:%u", policy->source_name, at->line, at->column);
}

static void text_match(const struct verdict *verdict, struct buffer *out)
{
	buffer_format(out, "  %s: matches selector %u: ", verdict->ir->name.bytes, verdict->selector->index + 1);
	explain_actions(verdict->ir, verdict->hook, &verdict->selector->actions, out);
	buffer_add_text(out, "  (");
	add_place(verdict->ir, &verdict->selector->at, out);
	buffer_add_text(out, ")\n");
}

static void text_failures(const struct replay *replay, const struct verdict *verdict, struct buffer *out)
{
	for (size_t n = 0; n < verdict->failure_count; n++) {
		const struct verdict_failure *failure = &verdict->failures[n];

		buffer_format(out, "    selector %u fails: ", failure->selector + 1);
		verdict_describe_failure(&replay->simulation, replay->event, verdict, failure, out);
		buffer_add_text(out, "  (");
		add_place(verdict->ir, &failure->predicate->at, out);
		buffer_add_text(out, ")\n");
	}
}

static void text_verdict(void *context, const struct verdict *verdict)
{
	struct replay *replay = context;

	if (verdict->selector) {
		text_match(verdict, replay->out);
		replay->matched++;
	} else {
		buffer_format(replay->out, "  %s: does not match\n", verdict->ir->name.bytes);
	}
	if (!verdict->placed)
		buffer_format(replay->out, "    its arguments are in the order of policy '%s', which was not given\n",
			      replay->event->policy);
	text_failures(replay, verdict, replay->out);
}

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

static void json_failure(const struct replay *replay, const struct verdict *verdict,
			 const struct verdict_failure *failure)
{
	struct json *json = replay->json;
	struct buffer filter = { 0 }, value = { 0 };

	explain_predicate(verdict->hook, failure->predicate, &filter);
	verdict_describe_value(&replay->simulation, replay->event, verdict, failure->predicate, &value);
	json_begin_object(json);
	json_key_number(json, "selector", failure->selector);
	json_key_string(json, "answer", failure->unknown ? "unknown" : "no");
	json_text(json, "filter", &filter);
	json_text(json, "value", &value);
	json_place(json, verdict->ir, &failure->predicate->at);
	json_end_object(json);
}

static void json_verdict(void *context, const struct verdict *verdict)
{
	struct replay *replay = context;
	struct json *json = replay->json;

	json_begin_object(json);
	json_key_string(json, "policy", verdict->ir->name.bytes);
	json_key_number(json, "hook", verdict->hook_index);
	json_key_bool(json, "match", verdict->selector);
	if (verdict->selector) {
		struct buffer actions = { 0 };

		explain_actions(verdict->ir, verdict->hook, &verdict->selector->actions, &actions);
		json_key_number(json, "selector", verdict->selector->index);
		json_text(json, "actions", &actions);
		json_place(json, verdict->ir, &verdict->selector->at);
		replay->matched++;
	}
	json_key(json, "failed");
	json_begin_array(json);
	for (size_t n = 0; n < verdict->failure_count; n++)
		json_failure(replay, verdict, &verdict->failures[n]);
	json_end_array(json);
	json_end_object(json);
}

static const char *event_name(const struct event_sample *event, struct arena *arena)
{
	if (event->subsystem)
		return arena_format(arena, "%s %s/%s", hook_rows[event->kind].name, event->subsystem, event->name);
	return arena_format(arena, "%s %s", hook_rows[event->kind].name, event->name);
}

static void replay_text(struct replay *replay, struct arena *arena)
{
	size_t verdicts;

	buffer_format(replay->out, "%s:%zu: %s", replay->file, replay->line, event_name(replay->event, arena));
	if (replay->event->kin[0].binary.bytes)
		buffer_format(replay->out, " by %s", replay->event->kin[0].binary.bytes);
	buffer_add_char(replay->out, '\n');
	verdicts = simulate(&replay->simulation, replay->event, text_verdict, replay);
	if (!verdicts)
		buffer_add_text(replay->out, "  no policy watches this\n");
}

static void replay_json(struct replay *replay)
{
	struct json json = { .out = replay->out, .first = true };

	replay->json = &json;
	json_begin_object(&json);
	json_key_string(&json, "file", replay->file);
	json_key_number(&json, "line", (int64_t)replay->line);
	json_key_string(&json, "hook", hook_rows[replay->event->kind].name);
	json_key_string(&json, "name", replay->event->name);
	json_key(&json, "verdicts");
	json_begin_array(&json);
	simulate(&replay->simulation, replay->event, json_verdict, replay);
	json_end_array(&json);
	json_end_object(&json);
	buffer_add_char(replay->out, '\n');
	replay->json = NULL;
}

/* 0, or -EINVAL after saying why. */
static int replay_line(struct replay *replay, const char *line, size_t length)
{
	struct arena arena = { 0 };
	struct buffer out = { 0 };
	struct event_sample event;
	const char *error = "";
	int kind = event_read_json(line, length, &arena, &event, &error);

	replay->event = &event;
	replay->out = &out;
	if (kind < 0)
		complain("%s:%zu: %s", replay->file, replay->line, error);
	else if (!kind)
		replay->others++;
	else if (replay->as_json)
		replay_json(replay);
	else
		replay_text(replay, &arena);
	replay->events += kind > 0;
	if (out.length)
		fwrite(out.bytes, 1, out.length, stdout);
	buffer_release(&out);
	arena_release(&arena);
	return kind < 0 ? kind : 0;
}

/* ---- A file of events ---- */

enum line_end { LINE_MORE, LINE_LONG, LINE_NONE };

/* Lines that are too long are skipped to their end, not kept. */
static enum line_end read_line(FILE *file, struct buffer *line)
{
	int c;

	line->length = 0;
	while ((c = getc(file)) != EOF && c != '\n')
		if (line->length <= EVENT_LINE_MAX)
			buffer_add_char(line, (char)c);
	if (c == EOF && !line->length)
		return LINE_NONE;
	return line->length > EVENT_LINE_MAX ? LINE_LONG : LINE_MORE;
}

static size_t trimmed(const struct buffer *line)
{
	size_t length = line->length;

	while (length && strchr(" \t\r", line->bytes[length - 1]))
		length--;
	return length;
}

/* Every line is read, whatever is wrong with others. */
static int replay_file(struct replay *replay, FILE *file)
{
	struct buffer line = { 0 };
	int code = EXIT_FINE;
	enum line_end end;

	for (replay->line = 1; (end = read_line(file, &line)) != LINE_NONE; replay->line++) {
		size_t length = trimmed(&line);

		if (end == LINE_LONG) {
			complain("%s:%zu: the line is longer than %d bytes", replay->file, replay->line, EVENT_LINE_MAX);
			code = EXIT_REFUSED;
		} else if (length && replay_line(replay, line.bytes, length)) {
			code = EXIT_REFUSED;
		}
	}
	buffer_release(&line);
	if (ferror(file)) {
		complain("cannot read '%s': %s", replay->file, strerror(errno));
		return EXIT_SYSTEM;
	}
	return code;
}

int dry_run_events(const struct linking *linking, const char *path, bool as_json)
{
	bool standard = !strcmp(path, "-");
	struct replay replay = { .file = standard ? "<stdin>" : path, .as_json = as_json };
	FILE *file = standard ? stdin : fopen(path, "rb");
	char message[256];
	int code;

	if (!file) {
		complain("cannot read '%s': %s", path, strerror(errno));
		return EXIT_SYSTEM;
	}
	if (simulation_init(&replay.simulation, &linking->view, message)) {
		complain("%s", message);
		code = EXIT_SYSTEM;
	} else {
		code = replay_file(&replay, file);
		simulation_release(&replay.simulation);
		fflush(stdout);
		fprintf(stderr, "%zu events, %zu matches, %zu lines of other kinds passed over\n", replay.events,
			replay.matched, replay.others);
	}
	if (!standard)
		fclose(file);
	return code;
}

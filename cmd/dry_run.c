// SPDX-License-Identifier: Apache-2.0
/* dry_run.c - `tetra dry-run`: what policies would do, to recorded events or to a host; changes nothing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/linking.h"
#include "cmd/verb.h"
#include "compiler/base/json.h"
#include "compiler/explain/explain.h"
#include "compiler/simulate.h"

static struct {
	const char *events, *output;
} dry_run = { .output = "text" };

/* ---- One event ---- */

struct replay {
	struct simulation simulation;
	const char *file;
	size_t line, events, others, matched;
	const struct event_sample *event;
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
	else if (strcmp(dry_run.output, "json"))
		replay_text(replay, &arena);
	else
		replay_json(replay);
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

static int replay_events(const struct linking *linking)
{
	bool standard = !strcmp(dry_run.events, "-");
	struct replay replay = { .file = standard ? "<stdin>" : dry_run.events };
	FILE *file = standard ? stdin : fopen(dry_run.events, "rb");
	char message[256];
	int code;

	if (!file) {
		complain("cannot read '%s': %s", dry_run.events, strerror(errno));
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

/* ---- Without events: what would be put into the kernel ---- */

static void describe_text(const struct linking *linking)
{
	struct buffer text = { 0 };

	for (size_t n = 0; n < image_policy_count(&linking->view); n++) {
		struct image_policy policy = image_policy_at(&linking->view, n);

		buffer_format(&text, "policy %s (%s): %u hooks, %u selectors%s\n", policy.name, policy.source_name,
			      policy.hook_count, policy.selector_count,
			      policy.monitor ? policy.enforces ? ", monitor mode" : "" : ", enforces");
	}
	image_describe(&linking->view, &text);
	fwrite(text.bytes, 1, text.length, stdout);
	buffer_release(&text);
}

static void json_hook(struct json *json, const struct image_hook *hook)
{
	json_begin_object(json);
	json_key_number(json, "id", hook->id);
	json_key_string(json, "key", hook->key);
	json_key_number(json, "values", hook->abi->slot_count);
	json_key_number(json, "records", hook->abi->record_count);
	json_key_number(json, "tables", hook->abi->register_count);
	json_key_bool(json, "overrides", hook->overrides);
	json_key_string(json, "policy", hook->policy);
	json_key_string(json, "place", hook->place);
	json_end_object(json);
}

static void describe_json(const struct linking *linking)
{
	struct buffer text = { 0 };
	struct json json = { .out = &text, .first = true };

	json_begin_object(&json);
	json_key_number(&json, "bytes", (int64_t)linking->image.length);
	json_key(&json, "sections");
	json_begin_object(&json);
	for (int n = 1; n < ABI_SECTION_COUNT; n++)
		json_key_number(&json, image_section_name((enum abi_section_id)n),
				linking->view.header->sections[n].size);
	json_end_object(&json);
	json_key(&json, "hooks");
	json_begin_array(&json);
	for (size_t n = 0; n < image_hook_count(&linking->view); n++) {
		struct image_hook hook = image_hook_at(&linking->view, n);

		json_hook(&json, &hook);
	}
	json_end_array(&json);
	json_end_object(&json);
	buffer_add_char(&text, '\n');
	fwrite(text.bytes, 1, text.length, stdout);
	buffer_release(&text);
}

/* ---- The verb ---- */

static int dry_run_run(int count, char **operands)
{
	struct inputs inputs;
	struct linking linking;
	int code = inputs_compile(count, operands, NULL, &inputs);

	if (code != EXIT_FINE) {
		inputs_release(&inputs);
		return code;
	}
	linking_collect(&inputs, &linking);
	code = linking_run(&linking);
	if (code == EXIT_FINE && dry_run.events)
		code = replay_events(&linking);
	else if (code == EXIT_FINE && !strcmp(dry_run.output, "json"))
		describe_json(&linking);
	else if (code == EXIT_FINE)
		describe_text(&linking);
	linking_release(&linking);
	inputs_release(&inputs);
	return code;
}

static const struct option_row dry_run_options[] = {
	{ 0, "events", OPTION_STRING, &dry_run.events, "FILE",
	  "decide on these events: JSON lines, as getevents and Tetragon write them; - is standard input",
	  WORD_FILE },
	{ 'o', "output", OPTION_CHOICE, &dry_run.output, "text|json", "how to print it (text)" },
	OPTIONS_END
};

static const struct note dry_run_examples[] = {
	{ "tetra dry-run policy.yaml", "the hooks and tables that a policy would use" },
	{ "tetra dry-run policy.yaml --events events.jsonl", "which event matches, and why not" },
	{ "tetra dry-run -o json policies --events - <events.jsonl", "the same as JSON lines" },
	NOTES_END
};

extern const struct verb verb_dry_run;
const struct verb verb_dry_run = {
	.name = "dry-run", .operands = "POLICY...", .takes = WORD_POLICY,
	.summary = "say what policies would do, and change nothing",
	.details = "With --events: for each event and policy the verdict, and for each selector that failed the filter that\n"
		   "failed first, its place in the policy and the value that it saw. Events are decided by the matcher that\n"
		   "runs in the kernel. The arguments of an event are in the order of the policy that it names; events\n"
		   "written by hand may give each argument its \"index\". What an event does not carry is not known, and a\n"
		   "filter on it fails. Without --events: the hooks, decision programs and tables that would be used.",
	.options = dry_run_options, .examples = dry_run_examples, .run = dry_run_run,
};

// SPDX-License-Identifier: Apache-2.0
/* dry_run_events.c - what policies would do to recorded events; see dry_run.h. */
#include "cmd/dry_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/lines.h"
#include "cmd/verb.h"
#include "cmd/verdict.h"

/* One pass over a file.  Nothing grows with the number of its lines. */
struct replay {
	struct simulation simulation;
	struct lines lines;
	struct event_reader reader;
	struct event_sample event;
	struct buffer out;
	struct json json;		/* of the event's line */
	bool as_json;
	size_t events, others, matched, unknown;
};

static void count(struct replay *replay, const struct verdict *verdict)
{
	replay->matched += verdict->answer == VERDICT_YES;
	replay->unknown += verdict->answer == VERDICT_UNKNOWN;
	if (verdict->disagrees)
		verdict_complain(&replay->event, verdict, replay->lines.name, replay->lines.number);
}

static void add_text(void *context, const struct verdict *verdict)
{
	struct replay *replay = context;

	count(replay, verdict);
	verdict_text(&replay->simulation, &replay->event, verdict, &replay->out);
}

static void add_json(void *context, const struct verdict *verdict)
{
	struct replay *replay = context;

	count(replay, verdict);
	verdict_json(&replay->simulation, &replay->event, verdict, &replay->json);
}

static void replay_text(struct replay *replay)
{
	const struct event_value *binary = &replay->event.kin[0].binary;

	buffer_format(&replay->out, "%s:%zu: ", replay->lines.name, replay->lines.number);
	verdict_event_name(&replay->event, &replay->out);
	if (binary->bytes)
		buffer_format(&replay->out, " by %.*s", (int)binary->length, binary->bytes);
	buffer_add_char(&replay->out, '\n');
	if (!simulate(&replay->simulation, &replay->event, add_text, replay))
		buffer_add_text(&replay->out, "  no policy watches this\n");
}

static void replay_json(struct replay *replay)
{
	struct json *json = &replay->json;

	*json = (struct json){ .out = &replay->out, .first = true };
	json_begin_object(json);
	json_key_string(json, "file", replay->lines.name);
	json_key_number(json, "line", (int64_t)replay->lines.number);
	json_key_string(json, "hook", hook_rows[replay->event.kind].name);
	json_key_string(json, "name", replay->event.name);
	json_key(json, "verdicts");
	json_begin_array(json);
	simulate(&replay->simulation, &replay->event, add_json, replay);
	json_end_array(json);
	json_end_object(json);
	buffer_add_char(&replay->out, '\n');
}

/* 0, or -EINVAL after saying why. */
static int replay_line(struct replay *replay)
{
	const char *error = "";
	int kind = event_reader_read(&replay->reader, replay->lines.line, replay->lines.length, &replay->event, &error);

	if (kind < 0)
		complain("%s:%zu: %s", replay->lines.name, replay->lines.number, error);
	replay->others += !kind;
	replay->events += kind > 0;
	if (kind <= 0)
		return kind;
	replay->out.length = 0;
	if (replay->as_json)
		replay_json(replay);
	else
		replay_text(replay);
	fwrite(replay->out.bytes, 1, replay->out.length, stdout);
	return 0;
}

/* Every line is read, whatever is wrong with others. */
static int replay_lines(struct replay *replay)
{
	struct lines *lines = &replay->lines;
	int code = EXIT_FINE;
	enum lines_end end;

	while ((end = lines_next(lines)) != LINES_NONE) {
		if (end == LINES_LONG) {
			complain("%s:%zu: the line is longer than %d bytes", lines->name, lines->number, EVENT_LINE_MAX);
			code = EXIT_REFUSED;
		} else if (lines->length && replay_line(replay)) {
			code = EXIT_REFUSED;
		}
	}
	if (ferror(lines->file)) {
		complain("cannot read '%s': %s", lines->name, strerror(errno));
		return EXIT_SYSTEM;
	}
	return replay->simulation.disagreements ? EXIT_SYSTEM : code;
}

static int replay_file(struct replay *replay)
{
	int code = replay_lines(replay);

	fflush(stdout);
	fprintf(stderr, "%zu events, %zu matches, %zu unknown, %zu lines of other kinds passed over\n", replay->events,
		replay->matched, replay->unknown, replay->others);
	return code;
}

/* Policies that say for which nodes they are. */
static void print_nodes(const struct linking *linking, const struct node_labels *labels)
{
	for (size_t n = 0; n < linking->object_count; n++) {
		struct arena arena = { 0 };
		struct node_choice choice;
		char message[256];

		if (!node_choose(&linking->objects[n], labels, &arena, &choice, message) && (choice.answer != MATCH_YES || choice.left_out))
			fprintf(stderr, "%s: note: policy '%s' %s\n", choice.place, choice.policy, choice.answer == MATCH_NO ?
				"is not for this node, and decides nothing" : choice.answer == MATCH_YES ?
				"has rules that are for other nodes, and decide nothing" :
				"is for some nodes only: what follows holds on those; --node-labels says which one this is");
		arena_release(&arena);
	}
}

int dry_run_events(const struct linking *linking, const char *path, const struct dry_run *options)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	char message[256];
	int code = EXIT_SYSTEM;

	if (!replay) {
		complain("out of memory");
		return EXIT_SYSTEM;
	}
	replay->as_json = options->as_json;
	print_nodes(linking, options->node);
	if (!lines_open(&replay->lines, path))
		;
	else if (simulation_init(&replay->simulation, &linking->view, message))
		complain("%s", message);
	else
		code = replay_file(replay);
	simulation_release(&replay->simulation);
	event_reader_release(&replay->reader);
	buffer_release(&replay->out);
	lines_close(&replay->lines);
	free(replay);
	return code;
}

// SPDX-License-Identifier: Apache-2.0
/* getevents.c - `tetra getevents`: what the pinned programs report, as JSON lines or as lines for people. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verb.h"
#include "runtime/events.h"

extern const struct verb verb_getevents;

static struct {
	const char *root, *output, *policy, *types;
	unsigned long count, timeout;
	bool since_start, no_follow;
} arguments = { .output = "json" };

static volatile int stopped;

static void on_signal(int signal)
{
	(void)signal;
	stopped = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };	/* no SA_RESTART: waiting ends */

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* A line that was begun is ended, also after a signal: a second one ends the process. */
static int write_lines(void *context, const char *lines, size_t length)
{
	(void)context;
	for (size_t done = 0; done < length;) {
		const ssize_t written = write(STDOUT_FILENO, lines + done, length - done);

		if (written < 0 && errno != EINTR)
			return -errno;
		done += written > 0 ? (size_t)written : 0;
		if (stopped && (!done || lines[done - 1] == '\n'))
			break;
	}
	return 0;
}

/* The node's name in events: NODE_NAME as Tetragon's users set it, else the host's. */
static const char *node_name(char host[256])
{
	const char *given = getenv("NODE_NAME");

	if (given && *given)
		return given;
	if (gethostname(host, 255))
		strcpy(host, "localhost");
	return host;
}

static int getevents_run(int count, char **operands)
{
	struct failure failure = { 0 };
	char host[256] = { 0 };
	struct events_options options = {
		.root = arguments.root, .policy = arguments.policy, .types = arguments.types,
		.format = strcmp(arguments.output, "json") ? EVENTS_COMPACT : EVENTS_JSON,
		.count = arguments.count, .timeout_ms = arguments.timeout * 1000, .write = write_lines,
		.since_start = arguments.since_start, .until_drained = arguments.no_follow,
		.stop = &stopped, .node_name = node_name(host),
	};
	int failed;

	if (count) {
		complain("takes no operand, not '%s'", operands[0]);
		return EXIT_USAGE;
	}
	catch_signals();
	failed = events_read(&options, &failure);
	if (failed == -EPIPE)	/* the reader of our output has seen enough */
		return EXIT_FINE;
	if (failed == -ENOENT && !failure.text[0])
		complain("nothing is applied here; 'tetra apply POLICY' first");
	else if (failed)
		complain("%s", failure.text[0] ? failure.text : strerror(-failed));
	return failed ? EXIT_SYSTEM : EXIT_FINE;
}

static const struct option_row getevents_options[] = {
	{ 'o', "output", OPTION_CHOICE, &arguments.output, "json|compact", "JSON lines (default), or lines for people" },
	{ 0, "policy", OPTION_STRING, &arguments.policy, "NAME", "only events of this policy", WORD_APPLIED },
	{ 0, "event-types", OPTION_STRING, &arguments.types, "TYPE,...",
	  "only these, such as " EVENT_TYPE_EXEC " or process_lsm", WORD_EVENT_TYPE },
	{ 0, "since-start", OPTION_FLAG, &arguments.since_start, NULL,
	  "also the events that nobody has read yet; without it, only those from now on" },
	{ 0, "no-follow", OPTION_FLAG, &arguments.no_follow, NULL, "stop after the events that are there; goes with --since-start" },
	{ 'n', "count", OPTION_NUMBER, &arguments.count, "N", "stop after N events" },
	{ 0, "timeout", OPTION_NUMBER, &arguments.timeout, "SECONDS", "stop after so long" },
	{ 0, "root", OPTION_STRING, &arguments.root, "DIR", "pins are below DIR (default " PINS_ROOT_DEFAULT ")",
	  WORD_FOLDER },
	OPTIONS_END
};

static const struct note getevents_examples[] = {
	{ "tetra getevents -o compact", "events as lines for people, until Ctrl-C" },
	{ "tetra getevents --event-types process_lsm -n 10 >events.jsonl", "ten events of LSM hooks" },
	{ "tetra getevents --policy exec-from-temporary --timeout 60", "what one policy reports in a minute" },
	NOTES_END
};

static const struct note getevents_variables[] = {
	{ "NODE_NAME", "the `node_name` of events; the name of the host unless it is set" },
	NOTES_END
};

static const struct note getevents_files[] = {
	{ PINS_ROOT_DEFAULT, "maps, programs and links of the policies that the kernel runs" },
	NOTES_END
};

const struct verb verb_getevents = {
	.name = "getevents",
	.summary = "print the events that the applied policies report",
	.details = "Several readers do not disturb each other. Stops at Ctrl-C, at --count or --timeout, when its output is closed, or when "
		   "the policies are deleted. What was lost is said in the stream, with the reason.",
	.options = getevents_options,
	.examples = getevents_examples,
	.variables = getevents_variables,
	.files = getevents_files,
	.run = getevents_run,
};

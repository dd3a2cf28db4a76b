// SPDX-License-Identifier: Apache-2.0
/* getevents.c - `tetra getevents`: what the pinned programs report, as JSON lines or as lines for people. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/symbolize_options.h"
#include "cmd/symbolize_stacks.h"
#include "cmd/verb.h"
#include "runtime/event_filter.h"
#include "runtime/events.h"
#include "runtime/rotation.h"
#include "schema/schema.h"

extern const struct verb verb_getevents;

#define ROTATE_COUNT	5
#define USERS	"/etc/passwd"
#define GROUPS	"/etc/group"
#define TEXT(number)	#number
#define NUMBER(number)	TEXT(number)

static struct {
	const char *root, *output, *file, *colour;
	struct option_list policies, types, processes, pids, namespaces, pods, fields, hosts;
	unsigned long count, timeout, rotate_size, rotate_count;
	bool since_start, no_follow, timestamps, resolve_users, symbolize;
	struct symbolize_settings where;
} arguments = { .output = "json", .colour = "auto", .rotate_count = ROTATE_COUNT };

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

/* ---- Where lines go ---- */

static struct writing {
	struct rotation file;
	struct failure failure;
	bool is_full;		/* said already */
} writing = { .file = { .fd = -1 } };

/* Half a line may be there when there is no space: nothing can come after it. */
static int output_failed(struct writing *to, int error)
{
	snprintf(to->failure.text, sizeof(to->failure.text), "cannot write to standard output: %s", strerror(error));
	return error == EPIPE ? -EPIPE : -EIO;
}

/* A line that was begun is ended, also after a signal: a second one ends the process. */
static int write_output(void *context, const char *lines, size_t length, size_t *taken)
{
	while (*taken < length) {
		const ssize_t written = write(STDOUT_FILENO, lines + *taken, length - *taken);

		if (written < 0 && errno != EINTR)
			return output_failed(context, errno);
		*taken += written > 0 ? (size_t)written : 0;
		if (stopped && (!*taken || lines[*taken - 1] == '\n'))
			break;
	}
	return 0;
}

static int write_file(void *context, const char *lines, size_t length, size_t *taken)
{
	struct writing *to = context;
	const int error = rotation_write(&to->file, lines, length, taken, &to->failure);

	if (error == -ENOSPC || error == -EDQUOT) {
		if (!to->is_full)
			complain("%s; events that do not fit are counted and left out", to->failure.text);
		to->is_full = true;
	} else if (!error && to->is_full) {
		complain("there is space again for '%s'", to->file.path);
		to->is_full = false;
	}
	return error;
}

/* A file is not looked at by anybody now. */
static bool has_colours(void)
{
	const char *no_color = getenv("NO_COLOR");

	if (strcmp(arguments.colour, "auto"))
		return !strcmp(arguments.colour, "always");
	return !arguments.file && isatty(STDOUT_FILENO) && (!no_color || !*no_color);
}

/* ---- What was asked for ---- */

static int add_each(struct event_filter *filter, const struct option_list *list, const char *option,
		    int (*add)(struct event_filter *, const char *, const char **))
{
	const char *error;

	for (size_t n = 0; n < list->count; n++)
		if (add(filter, list->values[n], &error)) {
			complain("--%s: %s", option, error);
			return EXIT_USAGE;
		}
	return EXIT_FINE;
}

static int fill_filter(struct event_filter *filter)
{
	int code = add_each(filter, &arguments.policies, "policy", event_filter_add_policies);

	if (code == EXIT_FINE)
		code = add_each(filter, &arguments.types, "event-types", event_filter_add_types);
	if (code == EXIT_FINE)
		code = add_each(filter, &arguments.processes, "process", event_filter_add_processes);
	if (code == EXIT_FINE)
		code = add_each(filter, &arguments.pids, "pid", event_filter_add_pids);
	if (code == EXIT_FINE)
		code = add_each(filter, &arguments.namespaces, "namespace", event_filter_add_namespaces);
	if (code == EXIT_FINE)
		code = add_each(filter, &arguments.pods, "pod", event_filter_add_pods);
	return code == EXIT_FINE ? add_each(filter, &arguments.fields, "filter", event_filter_add_field) : code;
}

/* Patterns of hosts, the words of all --allow-requests. */
static struct { const char *patterns[LIMIT_REQUEST_HOSTS]; size_t count; } hosts;

static int add_hosts(const char *words)
{
	char *copy = strdup(words), *rest = copy, *word;

	while (copy && (word = strsep(&rest, ","))) {
		if (!*word || hosts.count == LIMIT_REQUEST_HOSTS) {
			complain("--allow-requests: %s", *word ? "more hosts than there may be" : "an empty host");
			return EXIT_USAGE;
		}
		hosts.patterns[hosts.count++] = word;	/* until the end of the process */
	}
	return copy ? EXIT_FINE : EXIT_SYSTEM;
}

static int add_all_hosts(void)
{
	int code = EXIT_FINE;

	for (size_t n = 0; n < arguments.hosts.count && code == EXIT_FINE; n++)
		code = add_hosts(arguments.hosts.values[n]);
	return code;
}

static int check_arguments(int count, char **operands)
{
	if (count)
		complain("takes no operand, not '%s'", operands[0]);
	else if (arguments.rotate_size && !arguments.file)
		complain("--rotate-size is for --output-file");
	else if (!arguments.symbolize && (arguments.where.debug_folders.count || arguments.where.no_cache))
		complain("--debug-dir and --no-cache go with --symbolize");
	else if (arguments.rotate_count > ROTATION_COUNT_MAX)
		complain("--rotate-count: at most %d", ROTATION_COUNT_MAX);
	else
		return EXIT_FINE;
	return EXIT_USAGE;
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

static int complain_about(int error, const struct failure *failure)
{
	if (error == -EPIPE)	/* the reader of our output has seen enough */
		return EXIT_FINE;
	if (error == -ENOENT && !failure->text[0])
		complain("nothing is applied here; 'tetra apply POLICY' first");
	else if (writing.failure.text[0] && !failure->text[0])
		complain("%s", writing.failure.text);
	else if (error)
		complain("%s", failure->text[0] ? failure->text : strerror(-error));
	return error ? EXIT_SYSTEM : EXIT_FINE;
}

static int read_events(const struct event_filter *filter, const struct stack_teller *stacks)
{
	struct failure failure = { 0 };
	char host[256] = { 0 };
	struct events_options options = {
		.root = arguments.root, .filter = filter, .stacks = stacks,
		.format = strcmp(arguments.output, "json") ? EVENTS_COMPACT : EVENTS_JSON,
		.request_hosts = hosts.patterns, .request_host_count = hosts.count,
		.users = arguments.resolve_users ? USERS : NULL, .groups = arguments.resolve_users ? GROUPS : NULL,
		.has_colours = has_colours(), .has_times = arguments.timestamps,
		.since_start = arguments.since_start, .until_drained = arguments.no_follow,
		.count = arguments.count, .timeout_ms = arguments.timeout * 1000, .stop = &stopped,
		.write = arguments.file ? write_file : write_output, .context = &writing, .node_name = node_name(host),
	};
	int error = 0;

	if (arguments.file)
		error = rotation_open(&writing.file, arguments.file, arguments.rotate_size, (unsigned)arguments.rotate_count, &failure);
	if (error) {
		complain("%s", failure.text);
		return EXIT_SYSTEM;
	}
	catch_signals();
	error = events_read(&options, &failure);
	rotation_close(&writing.file);
	return complain_about(error, &failure);
}

/* Without --symbolize nothing but names of the kernel's functions is looked up, and nothing is kept on disk. */
static int read_with_stacks(const struct event_filter *filter)
{
	static struct stacks_options options;	/* they, and what they point to, may be in use until the end */
	static struct symbolize_where where;
	struct symbolized_stacks *stacks;
	int code;

	options = (struct stacks_options){
		.symbolize = arguments.symbolize, .stall_ms = STALL_MS, .as_text = strcmp(arguments.output, "json"),
	};
	arguments.where.no_cache |= !arguments.symbolize;
	arguments.where.no_lines = !arguments.symbolize;
	symbolize_where(&arguments.where, &where, &options.symbolizer.module);
	stacks = symbolized_stacks_new(&options);
	code = read_events(filter, symbolized_stacks_teller(stacks));
	if (symbolized_stacks_free(stacks))
		symbolize_where_release(&where);
	return code;
}

static int getevents_run(int count, char **operands)
{
	struct event_filter filter = { .field_count = 0 };
	int code = check_arguments(count, operands);

	if (code == EXIT_FINE)
		code = add_all_hosts();
	if (code == EXIT_FINE)
		code = fill_filter(&filter);
	if (code == EXIT_FINE)
		code = read_with_stacks(&filter);
	event_filter_release(&filter);
	return code;
}

static const struct option_row getevents_options[] = {
	{ 'o', "output", OPTION_CHOICE, &arguments.output, "json|compact", "JSON lines (default), or lines for people" },
	{ 0, "timestamps", OPTION_FLAG, &arguments.timestamps, NULL, "lines for people begin with their time" },
	{ 0, "color", OPTION_CHOICE, &arguments.colour, "auto|always|never", "colour of lines for people (auto)" },
	{ 0, "policy", OPTION_LIST, &arguments.policies, "NAME,...", "only events of these policies", WORD_APPLIED },
	{ 0, "event-types", OPTION_LIST, &arguments.types, "TYPE,...",
	  "only these, such as " EVENT_TYPE_EXEC " or process_lsm", WORD_EVENT_TYPE },
	{ 0, "process", OPTION_LIST, &arguments.processes, "BINARY,...",
	  "only of processes that run these: a name, a path or a glob of them", WORD_OTHER },
	{ 0, "pid", OPTION_LIST, &arguments.pids, "PID,...", "only of these processes", WORD_OTHER },
	{ 0, "namespace", OPTION_LIST, &arguments.namespaces, "NAMESPACE,...",
	  "only of processes in pods of these namespaces: names or globs", WORD_OTHER },
	{ 0, "pod", OPTION_LIST, &arguments.pods, "POD,...", "only of processes in these pods: names or globs", WORD_OTHER },
	{ 0, "filter", OPTION_LIST, &arguments.fields, "FIELD=GLOB",
	  "only events with such a value in that field of their JSON; FIELD!=GLOB: with none", WORD_OTHER },
	{ 0, "since-start", OPTION_FLAG, &arguments.since_start, NULL,
	  "also the events that nobody has read yet; without it, only those from now on" },
	{ 0, "no-follow", OPTION_FLAG, &arguments.no_follow, NULL, "stop after the events that are there; goes with --since-start" },
	{ 0, "resolve-users", OPTION_FLAG, &arguments.resolve_users, NULL, "ids of users and groups get their names out of " USERS " and " GROUPS ", and from nowhere else" },
	{ 0, "symbolize", OPTION_FLAG, &arguments.symbolize, NULL,
	  "stack traces with functions, files and lines, and of programs build ids, by which they can be read long after" },
	{ 0, "debug-dir", OPTION_LIST, &arguments.where.debug_folders, "DIR", "with --symbolize: look for debug files here first", WORD_FOLDER },
	{ 0, "no-cache", OPTION_FLAG, &arguments.where.no_cache, NULL,
	  "with --symbolize: keep nothing on disk, and use nothing that was kept" },
	{ 0, "allow-requests", OPTION_LIST, &arguments.hosts, "HOST,...",
	  "do what GetUrl and DnsLookup ask for, of these hosts and names; globs, '*' for all", WORD_OTHER },
	{ 'n', "count", OPTION_NUMBER, &arguments.count, "N", "stop after N events" },
	{ 0, "timeout", OPTION_NUMBER, &arguments.timeout, "SECONDS", "stop after so long" },
	{ 0, "output-file", OPTION_STRING, &arguments.file, "FILE", "write there, at its end; makes it for root alone", WORD_FILE },
	{ 0, "rotate-size", OPTION_NUMBER, &arguments.rotate_size, "BYTES",
	  "when FILE would get larger, it becomes FILE.1, FILE.1 becomes FILE.2..." },
	{ 0, "rotate-count", OPTION_NUMBER, &arguments.rotate_count, "N", "how many of those are kept (default " NUMBER(ROTATE_COUNT) ")" },
	{ 0, "root", OPTION_STRING, &arguments.root, "DIR", "pins are below DIR (default " PINS_ROOT_DEFAULT ")",
	  WORD_FOLDER },
	OPTIONS_END
};

static const struct note getevents_examples[] = {
	{ "tetra getevents -o compact", "events as lines for people, until Ctrl-C" },
	{ "tetra getevents --event-types process_lsm -n 10 >events.jsonl", "ten events of LSM hooks" },
	{ "tetra getevents --policy exec-from-temporary --timeout 60", "what one policy reports in a minute" },
	{ "tetra getevents --process 'nginx,/opt/*' --filter 'args.file_arg.path!=/var/log/*'", "what two programs do outside of the logs" },
	{ "tetra getevents --allow-requests 'canary.example.org' >/dev/null", "tell one host of the events that GetUrl is for" },
	{ "tetra getevents --output-file events.jsonl --rotate-size 10000000", "into files of at most 10 MB" },
	NOTES_END
};

static const struct note getevents_variables[] = {
	{ "NO_COLOR", "when it is set and not empty, lines have no colours unless --color=always is given" },
	{ "NODE_NAME", "the `node_name` of events; the name of the host unless it is set" },
	NOTES_END
};

static const struct note getevents_files[] = {
	{ PINS_ROOT_DEFAULT, "maps, programs and links of the policies that the kernel runs" },
	{ USERS, "names of user ids, for --resolve-users" },
	{ GROUPS, "names of ids of groups, for --resolve-users" },
	NOTES_END
};

const struct verb verb_getevents = {
	.name = "getevents",
	.summary = "print the events that the applied policies report",
	.details = "Several readers do not disturb each other. Stops at Ctrl-C, at --count or --timeout, when its output is closed, or when "
		   "the policies are deleted. What was lost is said in the stream, with the reason, whatever else was asked for.\n\n"
		   "Of the policies, types, processes and pids that are named one is enough, but each of these options that is "
		   "given must agree, and all of the filters must. A filter names a field as the JSON has it, below the event's key "
		   "(process.binary, args.string_arg) or from the outside (node_name, process_lsm.message); of a list, any element, or "
		   "with its number one (args.0.int_arg). In a glob, * stands for any bytes, ? for one, and \\ takes the next one as it is.",
	.options = getevents_options,
	.examples = getevents_examples,
	.variables = getevents_variables,
	.files = getevents_files,
	.run = getevents_run,
};

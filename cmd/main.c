// SPDX-License-Identifier: Apache-2.0
/* main.c - finds the verb, runs it, and makes sure that what it printed has arrived. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/verb.h"
#include "compiler/base/nearest.h"

static const char *running;	/* name of the verb, for complaints */

void complain(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fprintf(stderr, running ? "tetra %s: " : "tetra: ", running);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

static int unknown_verb(const char *name)
{
	struct nearest nearest = { .name = name, .length = strlen(name) };

	for (size_t i = 0; verbs[i] && !verbs[i]->internal; i++) {
		nearest_try(&nearest, verbs[i]->name);
		if (verbs[i]->alias)
			nearest_try(&nearest, verbs[i]->alias);
	}
	complain("there is no verb '%s'%s%s%s; 'tetra help' lists them", name,
		nearest.best ? ", did you mean '" : "", nearest.best ? nearest.best : "",
		nearest.best ? "'?" : "");
	return EXIT_USAGE;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	int code = EXIT_FINE, count;

	running = verb->name;
	if (verb->internal)
		return verb->run(argc, argv);
	count = options_parse(verb, argc, argv, &code);
	return count < 0 ? code : verb->run(count, argv);
}

/* A full disk shows only here.  A reader that went away (EPIPE) is not a failure of ours. */
static int finish(int code)
{
	int failed = fflush(stdout) || ferror(stdout);

	if (failed && errno != EPIPE) {
		complain("cannot write to standard output: %s", strerror(errno));
		return EXIT_SYSTEM;
	}
	return code;
}

/* "-V" and "--version" are the verb `version`. */
static const struct verb *find(const char *word)
{
	for (const struct option_row *row = short_verbs; row->name; row++)
		if (word[0] == '-' && ((word[1] == row->letter && !word[2]) || (word[1] == '-' && !strcmp(word + 2, row->name))))
			return verb_find(row->name);
	return verb_find(word);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";
	const struct verb *verb;

	signal(SIGPIPE, SIG_IGN);
	verb = find(name);
	if (!verb)
		return unknown_verb(name);
	return finish(run(verb, argc > 2 ? argc - 2 : 0, argv + (argc > 1 ? 2 : 1)));
}

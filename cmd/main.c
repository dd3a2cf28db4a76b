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

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; verbs[i]; i++)
		if (!strcmp(verbs[i]->name, name) ||
		    (verbs[i]->alias && !strcmp(verbs[i]->alias, name)))
			return verbs[i];
	return NULL;
}

static int unknown_verb(const char *name)
{
	struct nearest nearest = { .name = name, .length = strlen(name) };

	for (size_t i = 0; verbs[i]; i++) {
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

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";
	const struct verb *verb;

	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(name, "-h") || !strcmp(name, "--help"))
		name = "help";
	if (!strcmp(name, "-V") || !strcmp(name, "--version"))
		name = "version";
	verb = find_verb(name);
	if (!verb)
		return unknown_verb(name);
	return finish(run(verb, argc > 2 ? argc - 2 : 0, argv + (argc > 1 ? 2 : 1)));
}

// SPDX-License-Identifier: Apache-2.0
/*
 * attempts_exec.c - steps that start a program with arguments that are long, many or none: what it does with them is the step `word`, which is
 * nothing.  A part of attempts.c.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/live/attempts.h"

enum { MOST = 4096 };
static char *arguments[MOST + 8], *nothing[] = { NULL };
static size_t count;

static void begin(char *path, char *name)
{
	count = 0;
	arguments[count++] = path;
	arguments[count++] = name;
}

static void add(char *word)
{
	arguments[count++] = (char *)"word";
	arguments[count++] = word;
}

static int start(char *const environment[])
{
	arguments[count] = NULL;
	return execve(arguments[0], arguments, environment);
}

static int do_nothing(char **words) { (void)words; return 0; }

/* An argument of so many bytes, and then the word. */
static int start_long(char **words)
{
	const size_t length = (size_t)atoi(words[1]);
	char *filler = malloc(length + 1);

	if (!filler)
		return -1;
	memset(filler, 'x', length);
	filler[length] = '\0';
	begin(words[0], filler);
	add(words[2]);
	return start(nothing);
}

static int start_many(char **words)
{
	begin(words[0], (char *)"x");
	for (int n = atoi(words[1]); n > 0 && count < MOST; n--)
		add((char *)"y");
	add(words[2]);
	return start(nothing);
}

static int start_empty(char **words)
{
	begin(words[0], (char *)"x");
	add((char *)"");
	add(words[1]);
	return start(nothing);
}

/* Before Linux 5.18 there is none, later an empty one. */
static int start_without(char **words) { return execve(words[0], nothing, nothing); }

static int start_in_environment(char **words)
{
	char *const environment[] = { words[1], NULL };

	begin(words[0], (char *)"x");
	add((char *)"y");
	return start(environment);
}

const struct step exec_steps[] = {
	{ "word", 1, do_nothing }, { "start-long", 3, start_long }, { "start-many", 3, start_many }, { "start-empty", 2, start_empty },
	{ "start-without", 1, start_without }, { "start-in-environment", 2, start_in_environment },
	{ NULL, 0, NULL },
};

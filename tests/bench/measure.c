// SPDX-License-Identifier: Apache-2.0
/*
 * measure.c - run commands in turn, several rounds, and print what each cost.
 *
 *	measure ROUNDS COMMAND [-- COMMAND]...
 *
 * One line per command: least and median CPU time (user and system, ms) and largest resident memory (KiB).
 * Rounds are interleaved, so that a noisy moment falls on all commands alike.  Output of the commands is discarded.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMMANDS_MAX = 16, ROUNDS_MAX = 200 };

struct command {
	char **argv;
	double milliseconds[ROUNDS_MAX];
	long kibibytes;
	int status;
};

static double milliseconds(struct timeval t)
{
	return t.tv_sec * 1e3 + t.tv_usec / 1e3;
}

static void run(struct command *command, int round)
{
	struct rusage usage;
	pid_t child = fork();

	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(command->argv[0], command->argv);
		_exit(127);
	}
	if (child < 0 || wait4(child, &command->status, 0, &usage) < 0) {
		perror("measure");
		exit(1);
	}
	command->milliseconds[round] = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
	if (usage.ru_maxrss > command->kibibytes)
		command->kibibytes = usage.ru_maxrss;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static struct command commands[COMMANDS_MAX];
	int rounds = argc > 2 ? atoi(argv[1]) : 0, count = 0;

	if (rounds < 1 || rounds > ROUNDS_MAX) {
		fputs("usage: measure ROUNDS COMMAND [-- COMMAND]...\n", stderr);
		return 2;
	}
	commands[count++].argv = &argv[2];
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		argv[i] = NULL;
		if (count == COMMANDS_MAX || !argv[i + 1])
			return 2;
		commands[count++].argv = &argv[i + 1];
	}
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < count; i++)
			run(&commands[i], round);
	for (int i = 0; i < count; i++) {
		double *times = commands[i].milliseconds;

		qsort(times, rounds, sizeof(*times), compare);
		printf("%.3f\t%.3f\t%ld\t%d\n", times[0], times[rounds / 2], commands[i].kibibytes,
			WIFEXITED(commands[i].status) ? WEXITSTATUS(commands[i].status) : -1);
	}
	return 0;
}

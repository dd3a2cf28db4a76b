// SPDX-License-Identifier: Apache-2.0
/* debuginfod.c - see debuginfod.h. */
#include "symbolize/debuginfod.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "schema/schema.h"

static const char *const programs[] = { "/usr/bin/debuginfod-find", "/usr/local/bin/debuginfod-find" };

/* Its output goes to the pipe; it reads nothing, and what it says of itself is of no use here. */
static bool start(const char *program, const char *kind, const char *id, int output, pid_t *ret)
{
	char *const arguments[] = { (char *)(uintptr_t)program, (char *)(uintptr_t)kind, (char *)(uintptr_t)id, NULL };
	posix_spawn_file_actions_t actions;
	bool fine;

	if (posix_spawn_file_actions_init(&actions))
		return false;
	fine = !posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) &&
	       !posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) &&
	       !posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) &&
	       !posix_spawn(ret, program, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return fine;
}

static int milliseconds_until(const struct timespec *end)
{
	struct timespec now;
	int64_t left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (int64_t)(end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
	return left > 0 ? (int)left : 0;
}

/* What it writes, until it ends; false when that takes too long, or is more than a path. */
static bool read_path(int input, char *path, size_t room)
{
	struct timespec end;
	size_t length = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += LIMIT_DEBUGINFOD_SECONDS;
	for (;;) {
		struct pollfd wait = { input, POLLIN, 0 };
		ssize_t got;

		if (poll(&wait, 1, milliseconds_until(&end)) <= 0) {
			if (errno == EINTR && milliseconds_until(&end))
				continue;
			return false;
		}
		got = read(input, path + length, room - length);
		if (got <= 0) {
			path[length] = '\0';
			return !got;
		}
		length += (size_t)got;
		if (length == room)
			return false;
	}
}

static char *ask(const char *program, const char *kind, const char *id)
{
	char path[PATH_MAX] = "";
	int ends[2], status = -1;
	pid_t child;
	bool fine;

	if (pipe2(ends, O_CLOEXEC))
		return NULL;
	if (!start(program, kind, id, ends[1], &child)) {
		close(ends[0]);
		close(ends[1]);
		return NULL;
	}
	close(ends[1]);
	fine = read_path(ends[0], path, sizeof(path));
	close(ends[0]);
	if (!fine)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	path[strcspn(path, "\n")] = '\0';
	return fine && !status && *path == '/' ? strdup(path) : NULL;
}

char *debuginfod_find(const char *kind, const struct build_id *id)
{
	char text[2 * BINARY_BUILD_ID_BYTES + 1] = "";

	for (size_t n = 0; n < id->length; n++)
		sprintf(text + 2 * n, "%02x", id->bytes[n]);
	for (size_t n = 0; id->length && n < sizeof(programs) / sizeof(*programs); n++)
		if (!access(programs[n], X_OK))
			return ask(programs[n], kind, text);
	return NULL;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * test_command.c - a command of a test in what was made for it; see test_live.h.
 *
 * A process in between, the starter, makes the folders that are the command's own, so that none of this counts as done by the command:
 * its child is the shell, which waits at the gate.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/test_live.h"

enum { STARTER_FAILED = 126 };

struct start {
	const char *text;
	const struct test_case *test;
	const struct test_command *command;
	int gate[2], told[2];
};

/* What the starter has to say: the shell, or why there is none. */
struct told {
	pid_t shell;
	int error;
	char what[256];
};

/* ---- In the starter ---- */

static void give_up(const struct start *start, const char *what)
{
	struct told told = { .error = errno };

	snprintf(told.what, sizeof(told.what), "%s", what);
	if (write(start->told[1], &told, sizeof(told)) < 0)
		_exit(STARTER_FAILED);
	_exit(STARTER_FAILED);
}

static void make_private(const struct start *start)
{
	const struct test_case *test = start->test;

	if (!test->private_count)
		return;
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		give_up(start, "a namespace of mounts");
	for (size_t n = 0; n < test->private_count; n++)
		if (mount("tetra-test", test->private[n], "tmpfs", 0, "mode=755"))
			give_up(start, test->private[n]);
}

static void become_shell(const struct start *start)
{
	char go;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(start->gate[1]);
	if (read(start->gate[0], &go, 1) != 1)
		_exit(127);
	close(start->gate[0]);
	execl("/bin/sh", "sh", "-c", start->text, (char *)NULL);
	_exit(127);
}

static void prepare(const struct start *start)
{
	const char *text = start->test->prepare;
	int status;
	pid_t child;

	if (!text)
		return;
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/bin/sh", "sh", "-c", text, (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		give_up(start, "a process");
	errno = 0;
	if (status)
		give_up(start, "what the test prepares fails");
}

static void redirect(const struct start *start)
{
	const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(start->command->says, 1) < 0 || dup2(start->command->says, 2) < 0)
		give_up(start, "its output");
	if (chdir(start->command->folder))
		give_up(start, start->command->folder);
}

/* Ends as the shell does. */
static void wait_for_shell(pid_t shell)
{
	int status;

	while (waitpid(shell, &status, 0) < 0)
		if (errno != EINTR)
			_exit(STARTER_FAILED);
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static void be_starter(const struct start *start)
{
	struct told told = { 0 };

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	redirect(start);	/* before a folder above it may be another */
	make_private(start);
	prepare(start);
	told.shell = fork();
	if (told.shell < 0)
		give_up(start, "a process");
	if (!told.shell)
		become_shell(start);
	close(start->gate[0]);
	close(start->gate[1]);
	if (write(start->told[1], &told, sizeof(told)) != sizeof(told))
		_exit(STARTER_FAILED);
	wait_for_shell(told.shell);
}

/* ---- Here ---- */

static int make_folder(struct test_command *command, struct failure *failure)
{
	const char *base = getenv("TMPDIR");

	if (!base || strlen(base) > 32)
		base = "/tmp";
	snprintf(command->folder, sizeof(command->folder), "%s/tetra-test-XXXXXX", base);
	if (mkdtemp(command->folder) && !chmod(command->folder, 0755))
		return 0;
	command->folder[0] = '\0';
	return fail(failure, -errno, "cannot make a folder for the command in '%s': %s", base, strerror(errno));
}

/* The folder of the file of tests. */
static void name_tests(const struct test_file *file)
{
	char *path = realpath(file->source.name, NULL), *slash = path ? strrchr(path, '/') : NULL;

	if (slash)
		*slash = '\0';
	setenv("TESTS", slash ? path : "", 1);
	setenv("LC_ALL", "C", 1);
	free(path);
}

int command_enter_pod(const struct test_command *command, const char *pod, struct failure *failure)
{
	char path[PATH_MAX];
	int fd, error;

	if (!pod)
		return 0;
	snprintf(path, sizeof(path), "%s/cgroup.procs", pod);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	error = fd < 0 || dprintf(fd, "%d", (int)command->child) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return error ? fail(failure, error, "cannot put the command into '%s': %s", pod, strerror(-error)) : 0;
}

static int listen_to_starter(struct test_command *command, int told, struct failure *failure)
{
	struct told said;
	ssize_t got;

	while ((got = read(told, &said, sizeof(said))) < 0 && errno == EINTR)
		;
	if (got != sizeof(said))
		return fail(failure, -ECHILD, "the command did not start");
	if (!said.shell)
		return fail(failure, said.error ? -said.error : -ECHILD, "cannot make what the command runs in: %s%s%s", said.what,
			    said.error ? ": " : "", said.error ? strerror(said.error) : "");
	command->child = said.shell;
	return 0;
}

static int start_starter(struct start *start, struct test_command *command, struct failure *failure)
{
	int error;

	fflush(NULL);
	command->starter = fork();
	if (!command->starter)
		be_starter(start);
	if (command->starter < 0) {
		error = fail(failure, -errno, "cannot make a process: %s", strerror(errno));
		command->starter = 0;
		return error;
	}
	setpgid(command->starter, command->starter);
	close(start->told[1]);
	start->told[1] = -1;
	return listen_to_starter(command, start->told[0], failure);
}

int command_start(const char *text, const struct test_file *file, const struct test_case *test, struct test_command *ret,
		  struct failure *failure)
{
	struct start start = { .text = text, .test = test, .command = ret, .gate = { -1, -1 }, .told = { -1, -1 } };
	int error;

	*ret = (struct test_command){ .says = memfd_create("tetra-test", MFD_CLOEXEC), .gate = -1 };
	error = make_folder(ret, failure);
	if (error)
		return error;
	if (ret->says < 0 || pipe2(start.gate, O_CLOEXEC) || pipe2(start.told, O_CLOEXEC))
		return fail(failure, -errno, "cannot make pipes: %s", strerror(errno));
	name_tests(file);
	error = start_starter(&start, ret, failure);
	close(start.gate[0]);
	close(start.told[0]);
	ret->gate = start.gate[1];
	return error;
}

int command_go(struct test_command *command)
{
	const int error = write(command->gate, "", 1) == 1 ? 0 : -errno;

	close(command->gate);
	command->gate = -1;
	return error;
}

bool command_has_ended(const struct test_command *command)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)command->starter, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid;
}

void command_await(const struct test_command *command)
{
	siginfo_t info;

	while (waitid(P_PID, (id_t)command->starter, &info, WEXITED | WNOWAIT) && errno == EINTR && !session_interrupted)
		;
}

/* ---- The end ---- */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	(void)kind;
	(void)where;
	remove(path);
	return 0;
}

static void take_says(const struct test_command *command, struct buffer *says)
{
	char text[COMMAND_SAYS_MOST];
	const off_t size = lseek(command->says, 0, SEEK_END);
	const ssize_t got = pread(command->says, text, sizeof(text), size > (off_t)sizeof(text) ? size - (off_t)sizeof(text) : 0);

	if (got > 0)
		buffer_add(says, text, (size_t)got);
}

int command_end(struct test_command *command, struct buffer *says)
{
	int status = 0;

	if (command->gate >= 0)
		close(command->gate);
	if (command->starter) {
		kill(-command->starter, SIGKILL);
		while (waitpid(command->starter, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (command->says >= 0) {
		take_says(command, says);
		close(command->says);
	}
	if (command->folder[0])
		nftw(command->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	*command = (struct test_command){ .says = -1, .gate = -1 };
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

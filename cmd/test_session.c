// SPDX-License-Identifier: Apache-2.0
/* test_session.c - the policies of `tetra test --live` in the running kernel, one after the other; see test_live.h. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/test_live.h"
#include "cmd/verb.h"
#include "runtime/apply.h"
#include "runtime/cgroups.h"
#include "runtime/remove.h"

#define POD_NAME "tetra-test-%d"	/* and a number */
enum { POD_TRIES = 50, POD_TRY_US = 20000 };

volatile int session_interrupted;

static struct session {
	bool is_open;
	int owner;			/* process id, which is in the names of what is made */
	char root[64];
	int guard;			/* closed when this process is gone, however that came */
	struct sigaction interrupt, terminate, hang_up;	/* as they were before */
	/* What is in force; `apply` NULL: nothing. */
	struct apply *apply;
	const struct test_policy *policy;
	enum link_mode mode;
	char pod[256];			/* folder of its cgroup; "" */
	unsigned pods;
} session;

/* ---- Signals ---- */

static void on_signal(int signal)
{
	(void)signal;
	session_interrupted = 1;
}

static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = on_signal };	/* no SA_RESTART: waiting ends */

	sigaction(SIGINT, &action, &session.interrupt);
	sigaction(SIGTERM, &action, &session.terminate);
	sigaction(SIGHUP, &action, &session.hang_up);
}

static void restore_signals(void)
{
	sigaction(SIGINT, &session.interrupt, NULL);
	sigaction(SIGTERM, &session.terminate, NULL);
	sigaction(SIGHUP, &session.hang_up, NULL);
}

/* ---- The end, whoever makes it ---- */

/* What the command left running. */
static void end_pod(const char *folder)
{
	char path[300];
	FILE *processes;
	int pid;

	snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
	processes = fopen(path, "re");
	while (processes && fscanf(processes, "%d", &pid) == 1)
		if (pid > 0)
			kill(pid, SIGKILL);
	if (processes)
		fclose(processes);
}

/* Processes that have ended are in it for a moment more. */
static void remove_pod(const char *folder)
{
	for (int n = 0; n < POD_TRIES && rmdir(folder) && errno == EBUSY; n++) {
		end_pod(folder);
		usleep(POD_TRY_US);
	}
}

static void remove_pods(void)
{
	struct arena arena = { 0 };
	const char *mount = cgroups_mount(&arena);
	glob_t found = { 0 };

	if (mount && !glob(arena_format(&arena, "%s/" POD_NAME "-*", mount, session.owner), 0, NULL, &found))
		for (size_t n = 0; n < found.gl_pathc; n++)
			remove_pod(found.gl_pathv[n]);
	globfree(&found);
	arena_release(&arena);
}

static void remove_root(void)
{
	struct failure failure = { 0 };

	if (remove_everything(session.root, &failure) && failure.text[0])
		complain("%s", failure.text);
}

/* Waits for the other end of the pipe to be closed, by its owner or by the end of that.  What was removed already is not there. */
static void stand_guard(const int ends[2])
{
	char byte;

	setsid();
	close(ends[1]);
	while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
		;
	remove_root();
	remove_pods();
	_exit(0);
}

static int post_guard(struct failure *failure)
{
	int ends[2];
	pid_t guardian;

	if (pipe2(ends, O_CLOEXEC))
		return fail(failure, -errno, "cannot make a pipe: %s", strerror(errno));
	fflush(NULL);
	guardian = fork();
	if (!guardian)
		stand_guard(ends);
	close(ends[0]);
	session.guard = ends[1];
	return guardian < 0 ? fail(failure, -errno, "cannot make a process: %s", strerror(errno)) : 0;
}

static int open_session(struct failure *failure)
{
	if (session.is_open)
		return 0;
	session.is_open = true;
	session.owner = (int)getpid();
	catch_signals();
	snprintf(session.root, sizeof(session.root), "/sys/fs/bpf/tetra-test-%d", session.owner);
	return post_guard(failure);
}

const char *session_root(void)
{
	return session.root;
}

/* ---- Pods ---- */

const char *session_pod(void)
{
	return session.pod[0] ? session.pod : NULL;
}

static void leave_pod(void)
{
	if (session.pod[0])
		remove_pod(session.pod);
	session.pod[0] = '\0';
}

/* A cgroup of its own for each test, which nobody knows anything of yet. */
static int make_pod(struct workload *pod, struct arena *arena, struct failure *failure)
{
	const char *mount = cgroups_mount(arena);

	if (!mount)
		return fail(failure, -ENOTSUP, "there are no pods to be had: no cgroups of version 2 are mounted");
	pod->cgroup = arena_format(arena, "/" POD_NAME "-%u", session.owner, ++session.pods);
	snprintf(session.pod, sizeof(session.pod), "%s%s", mount, pod->cgroup);
	if (!mkdir(session.pod, 0755))
		return 0;
	session.pod[0] = '\0';
	return fail(failure, -errno, "cannot make the cgroup '%s': %s", pod->cgroup, strerror(errno));
}

/* ---- Policies ---- */

bool session_has(const struct test_policy *policy, const struct test_case *test)
{
	return session.apply && session.policy == policy && session.mode == test->mode && !session.pod[0] && !test->in_pod;
}

void session_leave(void)
{
	struct failure failure = { 0 };

	if (!session.apply)
		return;
	if (apply_end(session.apply, &failure))
		complain("%s", failure.text);
	apply_free(session.apply);
	session.apply = NULL;
	leave_pod();
}

static int refuse(const struct plan *plan, struct failure *failure)
{
	if (!plan->refusal_count)
		return 0;
	return fail(failure, -EOPNOTSUPP, "%s%s%s", plan->refusals[0].place ? plan->refusals[0].place : "",
		    plan->refusals[0].place ? ": " : "", plan->refusals[0].text);
}

static int apply_policy(const struct test_policy *policy, const struct test_case *test, const struct workload_list *pods,
			struct failure *failure)
{
	const struct apply_options options = {
		.root = session.root, .scope = APPLY_REPLACE_ALL, .access = APPLY_CHANGE, .lifetime = LIFETIME_HELD,
		.keeps_unused = true, .workloads = pods,
	};
	const size_t count = policy->linking.object_count;
	struct link_input *objects = calloc(count + 1, sizeof(*objects));
	struct apply *apply = NULL;
	int error;

	if (!objects)
		abort();
	for (size_t n = 0; n < count; n++) {
		objects[n] = policy->linking.objects[n];
		if (test->mode != LINK_MODE_WRITTEN)
			objects[n].mode = test->mode;
	}
	error = apply_prepare(&options, objects, count, &apply, failure);
	if (!error)
		error = refuse(apply_plan(apply), failure);
	if (!error)
		error = apply_run(apply, failure);
	free(objects);
	if (error)
		apply_free(apply);
	else
		session.apply = apply;
	return error;
}

static int enter(const struct test_policy *policy, const struct test_case *test, struct failure *failure)
{
	struct arena arena = { 0 };
	struct workload pod = test->pod;
	const struct workload_list pods = { &pod, test->in_pod };
	int error = test->in_pod ? make_pod(&pod, &arena, failure) : 0;

	if (!error)
		error = apply_policy(policy, test, &pods, failure);
	if (error)
		leave_pod();
	arena_release(&arena);
	return error;
}

int session_enter(const struct test_policy *policy, const struct test_case *test, struct failure *failure)
{
	int error = open_session(failure);

	if (error || session_has(policy, test))
		return error;
	session_leave();
	session.policy = policy;
	session.mode = test->mode;
	error = enter(policy, test, failure);
	if (error != -E2BIG && error != -EBUSY)
		return error;
	remove_root();		/* hooks that were kept have taken the room */
	return enter(policy, test, failure);
}

void test_live_leave(const struct test_policy *policy)
{
	if (session.policy == policy)
		session_leave();
	session.policy = NULL;
}

void test_live_end(void)
{
	if (!session.is_open)
		return;
	session_leave();
	remove_root();
	remove_pods();
	close(session.guard);
	restore_signals();
	session.is_open = false;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * test_live.c - a command under the policy in the running kernel; see test.h.
 *
 * The policy is pinned below a folder of its own, beside what the host runs, and is taken out again whatever happens. Counted are
 * events of the command and of the processes that it started; each of them is decided on again by the simulation.
 */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/test.h"
#include "cmd/verb.h"
#include "runtime/apply.h"
#include "runtime/events.h"
#include "runtime/remove.h"

enum { FAMILY_MOST = 4096, SLICE_MS = 100, SETTLE_MS = 500, COMMAND_MS = 60000 };

static volatile int interrupted;

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

struct handlers { struct sigaction interrupt, terminate, hang_up; };

static void catch_signals(struct handlers *before)
{
	const struct sigaction action = { .sa_handler = on_signal };	/* no SA_RESTART: waiting ends */

	sigaction(SIGINT, &action, &before->interrupt);
	sigaction(SIGTERM, &action, &before->terminate);
	sigaction(SIGHUP, &action, &before->hang_up);
}

static void restore_signals(const struct handlers *before)
{
	sigaction(SIGINT, &before->interrupt, NULL);
	sigaction(SIGTERM, &before->terminate, NULL);
	sigaction(SIGHUP, &before->hang_up, NULL);
}

/* ---- The command ---- */

/* In a group of its own, that all of it can be ended.  It waits for a byte on `gate`. */
static pid_t start_command(const char *command, const int gate[2])
{
	pid_t child = fork();
	char go;

	if (child)
		return child;
	setpgid(0, 0);
	close(gate[1]);
	if (read(gate[0], &go, 1) != 1)
		_exit(127);
	close(gate[0]);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static void end_command(pid_t child)
{
	kill(-child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ---- Events ---- */

struct live {
	struct test_tally *tally;
	uint32_t family[FAMILY_MOST];
	size_t family_count;
	size_t lines;
};

static bool is_of_family(const struct live *live, uint32_t pid)
{
	for (size_t n = 0; n < live->family_count; n++)
		if (live->family[n] == pid)
			return true;
	return false;
}

static uint32_t pid_of(struct json_object *body, const char *who)
{
	struct json_object *process, *pid;

	if (json_object_object_get_ex(body, who, &process) && json_object_object_get_ex(process, "pid", &pid))
		return (uint32_t)json_object_get_int64(pid);
	return 0;
}

/* Whether it is an event of the command; its process then belongs to the family. */
static bool take_in(struct live *live, struct json_object *event)
{
	json_object_object_foreach(event, key, body) {
		uint32_t pid;

		if (strncmp(key, "process_", strlen("process_")))
			continue;
		pid = pid_of(body, "process");
		if (!pid || (!is_of_family(live, pid) && !is_of_family(live, pid_of(body, "parent"))))
			return false;
		if (!is_of_family(live, pid) && live->family_count < FAMILY_MOST)
			live->family[live->family_count++] = pid;
		return true;
	}
	return false;
}

static void take_line(struct live *live, const char *line, size_t length)
{
	char *text = strndup(line, length);
	struct json_object *event = text ? json_tokener_parse(text) : NULL;

	if (json_object_is_type(event, json_type_object) && take_in(live, event))
		test_tally_line(live->tally, line, length, "the kernel's event", ++live->lines);
	json_object_put(event);
	free(text);
}

static int take_lines(void *context, const char *lines, size_t length, size_t *taken)
{
	*taken = length;
	while (length) {
		const char *end = memchr(lines, '\n', length);
		size_t line = end ? (size_t)(end - lines) : length;

		take_line(context, lines, line);
		line += end ? 1 : 0;
		lines += line;
		length -= line;
	}
	return 0;
}

static int read_for(struct live *live, const char *root, uint64_t milliseconds, struct failure *failure)
{
	const struct events_options options = {
		.root = root, .format = EVENTS_JSON, .timeout_ms = milliseconds, .node_name = "test", .write = take_lines,
		.context = live, .stop = &interrupted, .since_start = true,
	};

	return events_read(&options, failure);
}

static uint64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* Until the command ends, and a little longer. */
static int watch(struct live *live, const char *root, pid_t child, struct failure *failure)
{
	const uint64_t end = now_ms() + COMMAND_MS;
	int error = 0;

	while (!interrupted && !error) {
		siginfo_t info = { 0 };

		error = read_for(live, root, SLICE_MS, failure);
		if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid)
			break;
		if (now_ms() > end) {
			snprintf(failure->text, sizeof(failure->text), "the command did not end within %d seconds",
				 COMMAND_MS / 1000);
			return -ETIMEDOUT;
		}
	}
	return error || interrupted ? error : read_for(live, root, SETTLE_MS, failure);
}

static int run_command(struct live *live, const char *root, const char *command, struct failure *failure)
{
	int gate[2], error;
	pid_t child;

	if (pipe2(gate, O_CLOEXEC))
		return -errno;
	child = start_command(command, gate);
	error = child < 0 ? -errno : 0;
	close(gate[0]);
	if (!error) {
		setpgid(child, child);
		live->family[live->family_count++] = (uint32_t)child;
		if (write(gate[1], "", 1) != 1)
			error = -errno;
	}
	close(gate[1]);
	if (!error)
		error = watch(live, root, child, failure);
	if (child > 0)
		end_command(child);
	return error;
}

/* ---- The policy ---- */

static int refuse(const struct plan *plan, struct failure *failure)
{
	if (!plan->refusal_count)
		return 0;
	snprintf(failure->text, sizeof(failure->text), "%s", plan->refusals[0].text);
	return -EOPNOTSUPP;
}

static int apply_policy(struct test_policy *policy, const char *root, struct apply **apply, struct failure *failure)
{
	const struct apply_options options = {
		.root = root, .scope = APPLY_REPLACE_ALL, .access = APPLY_CHANGE, .lifetime = LIFETIME_HELD,
	};
	int error = apply_prepare(&options, policy->linking.objects, policy->linking.object_count, apply, failure);

	if (!error)
		error = refuse(apply_plan(*apply), failure);
	return error ? error : apply_run(*apply, failure);
}

static int under_policy(struct test_policy *policy, const struct test_case *test, const char *root, struct live *live,
			struct failure *failure)
{
	struct apply *apply = NULL;
	struct failure ending = { 0 };
	int error = apply_policy(policy, root, &apply, failure);

	if (!error) {
		error = run_command(live, root, test->text, failure);
		if (apply_end(apply, &ending))
			complain("%s", ending.text);
	}
	apply_free(apply);
	ending.text[0] = '\0';
	if (remove_everything(root, &ending) && ending.text[0])
		complain("%s", ending.text);
	return error;
}

int test_live_run(struct test_policy *policy, const struct test_case *test, struct test_result *ret)
{
	struct live *live = calloc(1, sizeof(*live));
	struct failure failure = { 0 };
	struct handlers before;
	char root[64];
	int error;

	if (!live)
		abort();
	snprintf(root, sizeof(root), "/sys/fs/bpf/tetra-test-%d", (int)getpid());
	live->tally = test_tally_new(policy, test);
	catch_signals(&before);
	error = under_policy(policy, test, root, live, &failure);
	restore_signals(&before);
	test_tally_end(live->tally, ret);
	free(live);
	if (interrupted || error) {
		ret->outcome = TEST_FAILED;
		buffer_format(&ret->text, "%s\n", interrupted ? "interrupted" : failure.text[0] ? failure.text : strerror(-error));
		return EXIT_SYSTEM;
	}
	return EXIT_FINE;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * test_live.c - a command under the policy in the running kernel; see test_live.h.
 *
 * Counted are events of the command and of the processes that it started; each of them is decided on again by the simulation.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/test_live.h"
#include "cmd/verb.h"
#include "runtime/events.h"

enum { FAMILY_MOST = 4096, COMMAND_MS = 60000 };

/* ---- Events ---- */

struct live {
	struct test_tally *tally;
	uint32_t family[FAMILY_MOST];
	size_t family_count;
	size_t lines;
	uint32_t shell;			/* with its end the command is over */
	bool is_over;
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

/* Events that are missing could be the command's: then nothing that is counted is sure. */
static void take_loss(struct live *live, struct json_object *event)
{
	struct json_object *loss;

	if (json_object_object_get_ex(event, "rate_limit_info", &loss))
		test_tally_problem(live->tally, "events were lost: what is counted is not all");
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

static void take_end(struct live *live, struct json_object *event)
{
	struct json_object *body;

	if (json_object_object_get_ex(event, EVENT_TYPE_EXIT, &body))
		live->is_over |= pid_of(body, "process") == live->shell;
}

static void take_line(struct live *live, const char *line, size_t length)
{
	char *text = strndup(line, length);
	struct json_object *event = text ? json_tokener_parse(text) : NULL;

	if (json_object_is_type(event, json_type_object)) {
		take_loss(live, event);
		take_end(live, event);
		if (take_in(live, event))
			test_tally_line(live->tally, line, length, "the kernel's event", ++live->lines);
	}
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
	return ((const struct live *)context)->is_over ? -ECANCELED : 0;
}

/* Until the kernel has told of the command's end: one reader, which knows processes that are gone by then. */
static int watch(struct live *live, const struct test_command *command, struct failure *failure)
{
	const struct events_options options = {
		.root = session_root(), .format = EVENTS_JSON, .timeout_ms = COMMAND_MS, .node_name = "test", .write = take_lines,
		.context = live, .stop = &session_interrupted, .since_start = true,
	};
	const int error = events_read(&options, failure);

	if (live->is_over)
		command_await(command);
	if (live->is_over || session_interrupted)
		return 0;
	if (error)
		return error;
	return fail(failure, -ETIMEDOUT, command_has_ended(command) ? "the kernel did not tell of the command's end within %d seconds" :
		    "the command did not end within %d seconds", COMMAND_MS / 1000);
}

static uint64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* ---- Tests ---- */

static void add_output(const struct buffer *says, struct buffer *ret)
{
	if (!says->length)
		return;
	buffer_add_text(ret, "it printed:\n");
	buffer_add(ret, says->bytes, says->length);
	if (says->bytes[says->length - 1] != '\n')
		buffer_add_char(ret, '\n');
}

/* What the command itself is expected to do. */
static void compare_command(const struct test_expectation *expect, int status, const struct buffer *says, struct test_result *ret)
{
	const bool prints = !expect->prints || (says->length && memmem(says->bytes, says->length, expect->prints, strlen(expect->prints)));

	if (status != expect->exit)
		buffer_format(&ret->text, "expected exit status %d, happened: %d\n", expect->exit, status);
	if (!prints)
		buffer_format(&ret->text, "expected that it prints '%s'\n", expect->prints);
	if (status != expect->exit || !prints)
		ret->outcome = TEST_FAILED;
	if (ret->outcome == TEST_FAILED)
		add_output(says, &ret->text);
}

static int run_counted(struct live *live, const struct test_policy *policy, const struct test_case *test, struct test_command *command,
		       struct failure *failure)
{
	int error = session_enter(policy, test, failure);

	if (!error)
		error = command_enter_pod(command, session_pod(), failure);
	if (error)
		return error;
	live->shell = live->family[live->family_count++] = (uint32_t)command->child;
	error = command_go(command);
	return error ? error : watch(live, command, failure);
}

/* What a refusal says is about this kernel, and the test has failed; all else is about the system. */
static int tell_error(int error, const struct failure *failure, const struct buffer *says, struct test_result *ret)
{
	ret->outcome = TEST_FAILED;
	buffer_format(&ret->text, "%s\n", session_interrupted ? "interrupted" : failure->text[0] ? failure->text : strerror(-error));
	add_output(says, &ret->text);
	return error == -EOPNOTSUPP && !session_interrupted ? EXIT_FINE : EXIT_SYSTEM;
}

static int run_test(struct test_file *file, struct test_policy *policy, const struct test_case *test, struct test_result *ret)
{
	struct live *live = calloc(1, sizeof(*live));
	struct failure failure = { 0 };
	struct buffer says = { 0 };
	struct test_command command;
	int error, status;

	if (!live)
		abort();
	live->tally = test_tally_new(policy, test);
	error = command_start(test->text, file, test, &command, &failure);
	if (!error)
		error = run_counted(live, policy, test, &command, &failure);
	status = command_end(&command, &says);
	if (error || session_interrupted) {
		error = tell_error(error, &failure, &says, ret);
		test_tally_free(live->tally);
	} else {
		test_tally_end(live->tally, ret);
		compare_command(&test->expect, status, &says, ret);
	}
	buffer_release(&says);
	free(live);
	return error;
}

/* ---- What a test needs ---- */

/* The last line is the reason. */
static void tell_reason(const struct test_case *test, const struct buffer *says, struct test_result *ret)
{
	size_t end = says->length, start;

	while (end && says->bytes[end - 1] == '\n')
		end--;
	for (start = end; start && says->bytes[start - 1] != '\n'; start--)
		;
	ret->outcome = TEST_SKIPPED;
	if (start < end)
		buffer_add(&ret->text, says->bytes + start, end - start);
	else
		buffer_format(&ret->text, "this fails here: %s", test->needs);
	buffer_add_char(&ret->text, '\n');
}


static int ask_needs(const struct test_file *file, const struct test_case *test, struct test_result *ret, struct failure *failure)
{
	const struct test_case plain = { .name = test->name };
	struct test_command command;
	struct buffer says = { 0 };
	int error = command_start(test->needs, file, &plain, &command, failure), status;

	if (!error)
		error = command_go(&command);
	for (const uint64_t end = now_ms() + COMMAND_MS; !error && !command_has_ended(&command);) {
		const struct timespec moment = { .tv_nsec = 10000000 };

		nanosleep(&moment, NULL);
		if (session_interrupted || now_ms() > end)
			error = fail(failure, -ETIMEDOUT, "what the test needs was not known within %d seconds", COMMAND_MS / 1000);
	}
	status = command_end(&command, &says);
	if (!error && status)
		tell_reason(test, &says, ret);
	buffer_release(&says);
	return error;
}

int test_live_run(struct test_file *file, struct test_policy *policy, const struct test_case *test, struct test_result *ret)
{
	const struct buffer nothing = { 0 };
	struct failure failure = { 0 };
	int error = session_interrupted ? -EINTR : 0;

	if (test->prepare || !session_has(policy, test))
		session_leave();	/* another test's policy has no say in what follows */
	if (!error && test->needs)
		error = ask_needs(file, test, ret, &failure);
	if (error)
		return tell_error(error, &failure, &nothing, ret);
	return ret->outcome == TEST_SKIPPED ? EXIT_FINE : run_test(file, policy, test, ret);
}

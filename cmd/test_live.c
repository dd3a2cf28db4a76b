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

enum { FAMILY_MOST = 4096, LINES_MOST = 16384, COMMAND_MS = 60000 };

/* ---- Events ---- */

/*
 * All of them, until the command is over.  Who a process is that was forked and has started no program may be known by its end only: until
 * then nobody knows whose child it was, or who is the parent of its children.
 */
struct live_line {
	char *text;
	uint32_t pid, parent;		/* 0: not known */
	bool is_told;			/* the process is described */
};

struct live {
	struct test_tally *tally;
	struct live_line *lines;
	size_t line_count, line_capacity;
	uint32_t family[FAMILY_MOST];
	size_t family_count;
	uint32_t shell;			/* with its end the command is over */
	bool is_over, is_full;
};

static bool is_of_family(const struct live *live, uint32_t pid)
{
	for (size_t n = 0; n < live->family_count; n++)
		if (live->family[n] == pid)
			return true;
	return false;
}

/* The one member of an event that tells what happened, or NULL. */
static struct json_object *body_of(struct json_object *event)
{
	if (!json_object_is_type(event, json_type_object))
		return NULL;
	json_object_object_foreach(event, key, body)
		if (!strncmp(key, "process_", strlen("process_")))
			return body;
	return NULL;
}

static struct json_object *member(struct json_object *of, const char *key)
{
	struct json_object *ret;

	return of && json_object_object_get_ex(of, key, &ret) ? ret : NULL;
}

static uint32_t pid_of(struct json_object *body, const char *who)
{
	return (uint32_t)json_object_get_int64(member(member(body, who), "pid"));
}

static int base64_digit(char letter)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = letter ? strchr(letters, letter) : NULL;

	return at ? (int)(at - letters) : -1;
}

/* What stands last in an id of the form NODE:START:PID, which is in base64. */
static uint32_t pid_in_id(const char *id)
{
	uint32_t bits = 0, count = 0, pid = 0;

	for (; base64_digit(*id) >= 0; id++) {
		bits = bits << 6 | (uint32_t)base64_digit(*id);
		count += 6;
		if (count >= 8) {
			const char letter = (char)(bits >> (count -= 8));

			pid = letter >= '0' && letter <= '9' ? pid * 10 + (uint32_t)(letter - '0') : 0;
		}
	}
	return pid;
}

/* Also of a process of which the reader knows no more than that. */
static uint32_t parent_of(struct json_object *body)
{
	struct json_object *id = member(member(body, "process"), "parent_exec_id");

	return id ? pid_in_id(json_object_get_string(id)) : 0;
}

static void keep_line(struct live *live, const char *text, size_t length, struct json_object *body)
{
	if (live->line_count == live->line_capacity) {
		live->line_capacity = live->line_capacity ? live->line_capacity * 2 : 256;
		live->lines = realloc(live->lines, live->line_capacity * sizeof(*live->lines));
		if (!live->lines)
			abort();
	}
	live->lines[live->line_count++] = (struct live_line){
		strndup(text, length), pid_of(body, "process"), parent_of(body), member(member(body, "process"), "binary"),
	};
}

static void take_event(struct live *live, struct json_object *event, const char *line, size_t length)
{
	struct json_object *body = body_of(event);

	if (member(event, "rate_limit_info"))
		test_tally_problem(live->tally, "events were lost: what is counted is not all");
	if (member(event, EVENT_TYPE_EXIT))
		live->is_over |= pid_of(body, "process") == live->shell;
	if (body && live->line_count < LINES_MOST)
		keep_line(live, line, length, body);
	else if (body)
		live->is_full = true;
}

static void take_line(struct live *live, const char *line, size_t length)
{
	char *text = strndup(line, length);
	struct json_object *event = text ? json_tokener_parse(text) : NULL;

	take_event(live, event, line, length);
	json_object_put(event);
	free(text);
}

static int take_lines(void *context, const char *lines, size_t length, size_t *taken)
{
	struct live *live = context;

	*taken = length;
	while (length && !live->is_over) {
		const char *end = memchr(lines, '\n', length);
		size_t line = end ? (size_t)(end - lines) : length;

		take_line(live, lines, line);
		line += end ? 1 : 0;
		lines += line;
		length -= line;
	}
	return live->is_over ? -ECANCELED : 0;
}

/* ---- Whose they are ---- */

/* The shell, and all whose parent is of them. */
static void gather_family(struct live *live)
{
	size_t before;

	live->family[live->family_count++] = live->shell;
	do {
		before = live->family_count;
		for (size_t n = 0; n < live->line_count && live->family_count < FAMILY_MOST; n++) {
			const struct live_line *line = &live->lines[n];

			if (line->pid && !is_of_family(live, line->pid) && is_of_family(live, line->parent))
				live->family[live->family_count++] = line->pid;
		}
	} while (live->family_count > before && live->family_count < FAMILY_MOST);
	live->is_full |= live->family_count == FAMILY_MOST;
}

static void copy_member(struct json_object *to, struct json_object *from, const char *key)
{
	if (member(from, key))
		json_object_object_add(to, key, json_object_get(member(from, key)));
}

/* Who it was, out of a line that says it. */
static void tell_process(const struct live *live, const struct live_line *line, struct json_object *event)
{
	for (size_t n = 0; n < live->line_count; n++) {
		struct json_object *other;

		if (live->lines[n].pid != line->pid || !live->lines[n].is_told)
			continue;
		other = json_tokener_parse(live->lines[n].text);
		copy_member(body_of(event), body_of(other), "process");
		copy_member(body_of(event), body_of(other), "parent");
		json_object_put(other);
		return;
	}
}

/* Of a process that has ended, its pod is not known any more; but all that the command starts is in its own. */
static void tell_pod(const struct workload *pod, struct json_object *event)
{
	struct json_object *process = member(body_of(event), "process"), *ret, *container, *labels;

	if (!process || member(process, "pod"))
		return;
	ret = json_object_new_object();
	container = json_object_new_object();
	labels = json_object_new_object();
	json_object_object_add(ret, "namespace", json_object_new_string(pod->namespace));
	json_object_object_add(ret, "name", json_object_new_string(pod->pod));
	json_object_object_add(container, "name", json_object_new_string(pod->name));
	json_object_object_add(ret, "container", container);
	for (size_t n = 0; n < pod->label_count; n++)
		json_object_object_add(labels, pod->labels[n].key, json_object_new_string(pod->labels[n].value));
	json_object_object_add(ret, "pod_labels", labels);
	json_object_object_add(process, "pod", ret);
}

static void tally_line(struct live *live, const struct test_case *test, size_t number)
{
	const struct live_line *line = &live->lines[number];
	struct json_object *event;
	const char *text;

	if (!is_of_family(live, line->pid))
		return;
	event = json_tokener_parse(line->text);
	if (!line->is_told)
		tell_process(live, line, event);
	if (test->in_pod)
		tell_pod(&test->pod, event);
	text = json_object_to_json_string_ext(event, JSON_C_TO_STRING_PLAIN);
	test_tally_line(live->tally, text, strlen(text), "the kernel's event", number + 1);
	json_object_put(event);
}

static void tally(struct live *live, const struct test_case *test)
{
	gather_family(live);
	for (size_t n = 0; n < live->line_count; n++)
		tally_line(live, test, n);
	if (live->is_full)
		test_tally_problem(live->tally, "there were more events, or processes, than are counted");
}

static void live_free(struct live *live)
{
	for (size_t n = 0; n < live->line_count; n++)
		free(live->lines[n].text);
	free(live->lines);
	free(live);
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
	return fail(failure, -ETIMEDOUT, "%s within %d seconds", command_has_ended(command) ?
		    "the kernel did not tell of the command's end" : "the command did not end", COMMAND_MS / 1000);
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
	const bool prints = !expect->prints ||
			    (says->length && memmem(says->bytes, says->length, expect->prints, strlen(expect->prints)));

	if (status != expect->exit)
		buffer_format(&ret->text, "expected exit status %d, happened: %d\n", expect->exit, status);
	if (!prints)
		buffer_format(&ret->text, "expected that it prints '%s'\n", expect->prints);
	if (status != expect->exit || !prints)
		ret->outcome = TEST_FAILED;
	if (ret->outcome == TEST_FAILED)
		add_output(says, &ret->text);
}

static int run_counted(struct live *live, const struct test_policy *policy, const struct test_case *test,
		       struct test_command *command, struct failure *failure)
{
	int error = session_enter(policy, test, failure);

	if (!error)
		error = command_enter_pod(command, session_pod(), failure);
	if (error)
		return error;
	live->shell = (uint32_t)command->child;
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
		tally(live, test);
		test_tally_end(live->tally, ret);
		compare_command(&test->expect, status, &says, ret);
	}
	buffer_release(&says);
	live_free(live);
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

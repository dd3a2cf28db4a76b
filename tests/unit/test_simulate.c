// SPDX-License-Identifier: Apache-2.0
/*
 * test_simulate.c - recorded events against policies: verdicts in three values, reasons, and what is wrong with an event.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/simulate.h"
#include "tests/unit/built.h"

#define ARGUMENTS "    args: [{index: 0, type: int, label: fd}, {index: 2, type: string}]\n"
#define EVENT(rest) "{\"process_kprobe\":{\"process\":{\"pid\":7,\"binary\":\"/bin/sh\"},\"function_name\":\"f\"" rest "}}"

/* Verdicts as "POLICY/SELECTOR" or "POLICY: REASON; REASON". */
struct told { struct simulation *simulation; const struct event_sample *event; struct buffer text; };

static void tell(void *context, const struct verdict *verdict)
{
	struct told *told = context;

	buffer_format(&told->text, "%s%s", told->text.length ? " | " : "", verdict->ir->name.bytes);
	if (verdict->selector)
		buffer_format(&told->text, "/%u", verdict->selector->index);
	for (size_t n = 0; n < verdict->failure_count && !verdict->selector; n++) {
		buffer_add_text(&told->text, n ? "; " : ": ");
		verdict_describe_failure(told->simulation, told->event, verdict, &verdict->failures[n], &told->text);
	}
	if (!verdict->placed)
		buffer_add_text(&told->text, " (not placed)");
}

static const char *told_of(struct built *built, const char *line)
{
	struct simulation simulation;
	struct event_sample event;
	struct told told = { .simulation = &simulation, .event = &event };
	const char *error = "", *ret;
	int kind = event_read_json(line, strlen(line), &built->arena, &event, &error);

	if (kind <= 0)
		return kind < 0 ? error : "another kind";
	assert_int_equal(simulation_init(&simulation, &built->view, built->message), 0);
	simulate(&simulation, &event, tell, &told);
	simulation_release(&simulation);
	ret = told.text.length ? arena_copy(&built->arena, told.text.bytes, told.text.length) : "nobody watches";
	buffer_release(&told.text);
	return ret;
}

static void events_and_reasons(void **state)
{
	static const char policies[] =
		KPROBE("p", "f") ARGUMENTS SELECTOR("{index: 0, operator: Equal, values: ['1']}, {index: 2, operator: Prefix, values: ['/tmp/']}")
		"---\n" KPROBE("q", "f") "    args: [{index: 2, type: string}, {index: 0, type: int}]\n"
		"    selectors:\n    - matchBinaries: [{operator: NotIn, values: ['/bin/sh']}]\n"
		"    - matchPIDs: [{operator: In, values: [7]}]\n      matchArgs: [{index: 0, operator: GT, values: ['5']}]\n"
		"---\n" POLICY("s") "  kprobes: [{call: sys_open, syscall: true}]\n"
		"---\n" POLICY("l") "  lsmhooks: [{hook: file_open}]\n"
		"---\n" POLICY("t") "  tracepoints: [{subsystem: sched, event: sched_switch}, {subsystem: sched, event: sched_switch, raw: true}]\n";
	static const struct { const char *shows, *line, *want; } rows[] = {
		{ "in the order of the policy that is named",
		  EVENT(",\"policy_name\":\"p\",\"args\":[{\"int_arg\":1},{\"string_arg\":\"/tmp/x\"}]"),
		  "p/0 | q: the binary of the process is not /bin/sh: it is /bin/sh; argument 0 (int) is greater than 5: it is 1" },
		{ "of another",
		  EVENT(",\"policy_name\":\"q\",\"args\":[{\"string_arg\":\"/tmp/x\"},{\"int_arg\":1}]"),
		  "p/0 | q: the binary of the process is not /bin/sh: it is /bin/sh; argument 0 (int) is greater than 5: it is 1" },
		{ "without a name each policy takes its own order; what does not fit is not known",
		  EVENT(",\"args\":[{\"int_arg\":1},{\"string_arg\":\"/tmp/x\"}]"),
		  "p/0 | q: the binary of the process is not /bin/sh: it is /bin/sh; argument 0 (int) is greater than 5: not known, it is /tmp/x" },
		{ "arguments with numbers need no order",
		  EVENT(",\"args\":[{\"index\":2,\"string_arg\":\"/etc\"},{\"index\":0,\"int_arg\":9}]"),
		  "p: fd (argument 0, int) is 1: it is 9 | q/1" },
		{ "a policy that is not there", EVENT(",\"policy_name\":\"x\",\"args\":[{\"int_arg\":1}]"),
		  "p: fd (argument 0, int) is 1: not known, it is not in the event (not placed) | q: the binary of the process is not /bin/sh: "
		  "it is /bin/sh; argument 0 (int) is greater than 5: not known, it is not in the event (not placed)" },
		{ "unreadable", EVENT(",\"policy_name\":\"p\",\"args\":[{\"int_arg\":1},{\"error_arg\":{\"message\":\"Bad address\"}}]"),
		  "p: argument 2 (string) starts with /tmp/: not known, it is unreadable | q: the binary of the process is not /bin/sh: it is /bin/sh; "
		  "argument 0 (int) is greater than 5: it is 1" },
		{ "system calls with the prefix of an architecture",
		  "{\"process_kprobe\":{\"function_name\":\"__x64_sys_open\"}}", "s/0" },
		{ "LSM hooks", "{\"process_lsm\":{\"function_name\":\"file_open\"}}", "l/0" },
		{ "tracepoints, raw or not", "{\"process_tracepoint\":{\"subsys\":\"sched\",\"event\":\"sched_switch\"}}", "t/0 | t/0" },
		{ "tracepoints of another subsystem", "{\"process_tracepoint\":{\"subsys\":\"x\",\"event\":\"sched_switch\"}}", "nobody watches" },
		{ "another function", "{\"process_kprobe\":{\"function_name\":\"g\"}}", "nobody watches" },
		{ "other events", "{\"process_exec\":{\"process\":{}}}", "another kind" },
		{ "64-bit numbers are strings", EVENT(",\"policy_name\":\"p\",\"args\":[{\"size_arg\":\"1\"},{\"string_arg\":\"/tmp/\"}]"),
		  "p/0 | q: the binary of the process is not /bin/sh: it is /bin/sh; argument 0 (int) is greater than 5: it is 1" },
	};
	struct built built;

	(void)state;
	assert_int_equal(built_compile(&built, policies), 0);
	assert_int_equal(built_link(&built, NULL), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("# %s\n", rows[i].shows);
		assert_string_equal(told_of(&built, rows[i].line), rows[i].want);
	}
	built_release(&built);
}

static void lines_that_are_no_events(void **state)
{
	static const struct { const char *line, *want; } rows[] = {
		{ "x", "unexpected character" },
		{ "{", "unexpected end of data" },
		{ "[]", "not a JSON object" },
		{ "{} {}", "something follows the event on its line" },
		{ "{\"process_kprobe\":{}}", "the event does not say which hook it is of" },
		{ "{\"process_kprobe\":1}", "the event does not say which hook it is of" },
		{ EVENT(",\"args\":1"), "'args' is not a list" },
		{ EVENT(",\"args\":[1]"), "an argument is not an object" },
		{ EVENT(",\"args\":[{\"int_arg\":\"x\"}]"), "the value of 'int_arg' is not valid" },
		{ EVENT(",\"args\":[{\"string_arg\":1}]"), "the value of 'string_arg' is not valid" },
		{ EVENT(",\"args\":[{\"index\":999,\"int_arg\":1}]"), "the index of an argument is not valid" },
		{ EVENT(",\"args\":[{\"sockaddr_arg\":{\"family\":\"AF_INET\",\"addr\":\"1.2.3\"}}]"), "the value of 'sockaddr_arg' is not valid" },
		{ EVENT(",\"args\":[{\"sockaddr_arg\":{\"family\":\"AF_INET\",\"addr\":\"1.2.3.4\",\"port\":65536}}]"),
		  "the value of 'sockaddr_arg' is not valid" },
		{ EVENT(",\"args\":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]"), "there are too many arguments" },
		{ "{\"process_lsm\":{\"function_name\":\"f\",\"process\":{\"pid\":-1}}}", "the pid of the process is not valid" },
		{ "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", "nesting too deep" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena arena = { 0 };
		struct event_sample event;
		const char *error = "";

		assert_int_equal(event_read_json(rows[i].line, strlen(rows[i].line), &arena, &event, &error), -EINVAL);
		assert_string_equal(error, rows[i].want);
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_and_reasons),
		cmocka_unit_test(lines_that_are_no_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

	assert_false(verdict->disagrees);
	buffer_format(&told->text, "%s%s%s", told->text.length ? " | " : "", verdict->ir->name.bytes,
		      verdict->answer == VERDICT_UNKNOWN ? "?" : "");
	if (verdict->selector)
		buffer_format(&told->text, "/%u", verdict->selector->index);
	if (verdict->has_return)
		buffer_format(&told->text, " return %s", verdict_return_names[verdict->returned]);
	for (size_t n = 0; n < verdict->failure_count && verdict->answer != VERDICT_YES; n++) {
		buffer_add_text(&told->text, n ? "; " : ": ");
		buffer_add_text(&told->text, verdict->failures[n].undecided ? "perhaps " : "");
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
		  "p/0 | q?: the binary of the process is not /bin/sh: it is /bin/sh; perhaps argument 0 (int) is greater than 5: not known, it is /tmp/x" },
		{ "arguments with numbers need no order",
		  EVENT(",\"args\":[{\"index\":2,\"string_arg\":\"/etc\"},{\"index\":0,\"int_arg\":9}]"),
		  "p: fd (argument 0, int) is 1: it is 9 | q/1" },
		{ "a policy that is not there", EVENT(",\"policy_name\":\"x\",\"args\":[{\"int_arg\":1}]"),
		  "p?: perhaps fd (argument 0, int) is 1: not known, it is not in the event (not placed) | q?: the binary of the process is not /bin/sh: "
		  "it is /bin/sh; perhaps argument 0 (int) is greater than 5: not known, it is not in the event (not placed)" },
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

/* One policy: what stands under its hook, an event's body, and the verdict. */
static void verdicts_in_three_values(void **state)
{
#define TWO "    args: [{index: 0, type: int}, {index: 1, type: string}]\n"
#define EQUAL(index, value) "{index: " index ", operator: Equal, values: ['" value "']}"
#define TWO_SELECTORS TWO "    selectors: [{matchArgs: [" EQUAL("0", "1") "]}, {matchArgs: [" EQUAL("1", "x") "]}]\n"
#define BOTH TWO "    selectors: [{matchArgs: [" EQUAL("0", "1") ", " EQUAL("1", "x") "]}]\n"
#define CEL TWO "    selectors: [{matchArgs: [{index: 0, operator: CelExpr, values: ['arg0 + int32(1) == int32(3)']}]}]\n"
#define HOST "    selectors: [{matchWorkloads: {hostSelector: {}}}]\n"
#define POD "    selectors: [{matchWorkloads: {podSelector: {matchLabels: {app: x}}}}]\n"
#define SOCKET "    args: [{index: 0, type: sock}]\n    selectors: [{matchArgs: [{index: 0, operator: DPort, values: ['443']}]}]\n"
#define FOLLOWED "    selectors: [{matchBinaries: [{operator: In, values: [/b], followChildren: true}]}]\n"
#define RETURN "    return: true\n    returnArg: {index: 0, type: int}\n" \
	"    selectors: [{matchReturnArgs: [{index: 0, operator: LT, values: ['0']}]}]\n"
#define ARGS(list) ",\"args\":[" list "]"
	static const struct { const char *shows, *hook, *body, *want; } rows[] = {
		{ "what is missing decides", BOTH, ARGS("{},{\"string_arg\":\"x\"}"),
		  "p?: perhaps argument 0 (int) is 1: not known, it is not in the event" },
		{ "what is missing decides nothing: another filter failed", BOTH, ARGS("{},{\"string_arg\":\"y\"}"),
		  "p: argument 0 (int) is 1: not known, it is not in the event" },
		{ "nor does what could not be read", BOTH, ARGS("{\"error_arg\":{}},{\"string_arg\":\"x\"}"),
		  "p: argument 0 (int) is 1: not known, it is unreadable" },
		{ "both are missing", BOTH, "", "p?: perhaps argument 0 (int) is 1: not known, it is not in the event" },
		{ "one is missing, one was unreadable", BOTH, ARGS("{},{\"error_arg\":{}}"),
		  "p: argument 0 (int) is 1: not known, it is not in the event" },
		{ "an earlier selector could have decided", TWO_SELECTORS, ARGS("{},{\"string_arg\":\"x\"}"),
		  "p?/1: perhaps argument 0 (int) is 1: not known, it is not in the event" },
		{ "a later one is not asked", TWO_SELECTORS, ARGS("{\"int_arg\":1}"), "p/0" },
		{ "a later one could decide", TWO_SELECTORS, ARGS("{\"int_arg\":2}"),
		  "p?: argument 0 (int) is 1: it is 2; perhaps argument 1 (string) is x: not known, it is not in the event" },
		{ "a string that was cut", BOTH, ARGS("{\"int_arg\":1},{\"string_arg\":\"x\",\"tetra\":{\"cut\":\"end\"}}"),
		  "p?: perhaps argument 1 (string) is x: not known, it is x... (cut)" },
		{ "an expression says what it saw", CEL, ARGS("{\"int_arg\":5}"),
		  "p: \"arg0 + int32(1) == int32(3)\" holds: it is argument 0 (int): 5" },
		{ "and what it did not see", CEL, ARGS("{}"),
		  "p?: perhaps \"arg0 + int32(1) == int32(3)\" holds: not known, it is argument 0 (int): not in the event" },
		{ "where it belongs is not known", HOST, "", "p?: perhaps the process is one outside of pods: not known, it is not in the event" },
		{ "a pod is not the host", HOST, ",\"process\":{\"pod\":{\"namespace\":\"d\"}}",
		  "p: the process is one outside of pods: it is in a pod, namespace d, container not in the event, repository not in the event, "
		  "labels not in the event" },
		{ "labels are not known", POD, ",\"process\":{\"pod\":{\"namespace\":\"d\"}}",
		  "p?: perhaps the process is one in pods with app=x: not known, it is in a pod, namespace d, container not in the event, "
		  "repository not in the event, labels not in the event" },
		{ "labels are known", POD, ",\"process\":{\"pod\":{\"pod_labels\":{\"app\":\"x\"}}}", "p/0" },
		{ "a part of a socket", SOCKET, ARGS("{\"sock_arg\":{\"family\":\"AF_INET\",\"dport\":443}}"), "p/0" },
		{ "that is not known", SOCKET, ARGS("{\"sock_arg\":{\"family\":\"AF_INET\"},\"tetra\":{\"unknown\":[\"dport\"]}}"),
		  "p?: perhaps the destination port of argument 0 (sock) is 443: not known, it is not in the event" },
		{ "an ancestor", FOLLOWED, ",\"process\":{\"binary\":\"/a\"},\"parent\":{\"binary\":\"/b\"}", "p/0" },
		{ "that may be further up", FOLLOWED, ",\"process\":{\"binary\":\"/a\"},\"parent\":{\"binary\":\"/c\"}",
		  "p?: perhaps the process or an ancestor runs /b: not known, it is /a, /c, and its other ancestors are not in the event" },
		{ "the return", RETURN, ",\"return\":{\"int_arg\":-1}", "p/0 return matched" },
		{ "another", RETURN, ",\"return\":{\"int_arg\":1}", "p/0 return not matched" },
		{ "none", RETURN, "", "p/0 return unknown" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct built built;
		struct arena arena = { 0 };

		print_message("# %s\n", rows[i].shows);
		assert_int_equal(built_compile(&built, arena_format(&arena, "%s%s", KPROBE("p", "f"), rows[i].hook)), 0);
		assert_int_equal(built_link(&built, NULL), 0);
		assert_string_equal(told_of(&built, arena_format(&arena, "{\"process_kprobe\":{\"function_name\":\"f\"%s}}", rows[i].body)),
				    rows[i].want);
		built_release(&built);
		arena_release(&arena);
	}
}

/* Functions by pattern, probes of programs; more names than are remembered. */
static void places_of_every_kind(void **state)
{
	static const char policies[] =
		POLICY("u") "  uprobes: [{path: /bin/bash, symbols: [readline, history]}]\n"
		"---\n" POLICY("d") "  usdts: [{path: /bin/a, provider: p, name: probe}]\n"
		"---\n" POLICY("s") "  lists: [{name: all, type: generated_syscalls}]\n  kprobes: [{call: 'list:all', syscall: true}]\n"
		"---\n" POLICY("i") "  lists: [{name: l, type: syscalls, values: [i386/sys_read]}]\n  kprobes: [{call: 'list:l'}]\n"
		"---\n" POLICY("g") "  lists: [{name: some, type: generated_ftrace, pattern: '^do_'}]\n  kprobes: [{call: 'list:some', syscall: false}]\n";
	static const struct { const char *event, *want; } rows[] = {
		{ "{\"process_uprobe\":{\"path\":\"/bin/bash\",\"symbol\":\"history\"}}", "u/0" },
		{ "{\"process_uprobe\":{\"path\":\"/bin/zsh\",\"symbol\":\"history\"}}", "nobody watches" },
		{ "{\"process_usdt\":{\"path\":\"/bin/a\",\"provider\":\"p\",\"name\":\"probe\"}}", "d/0" },
		{ "{\"process_usdt\":{\"path\":\"/bin/a\",\"provider\":\"q\",\"name\":\"probe\"}}", "nobody watches" },
		{ "{\"process_kprobe\":{\"function_name\":\"__arm64_sys_read\"}}", "s/0" },
		{ "{\"process_kprobe\":{\"function_name\":\"__ia32_sys_read\"}}", "i/0" },
		{ "{\"process_kprobe\":{\"function_name\":\"do_exit\"}}", "g/0" },
		{ "{\"process_kprobe\":{\"function_name\":\"undo_exit\"}}", "nobody watches" },
	};
	struct built built;

	(void)state;
	assert_int_equal(built_compile(&built, policies), 0);
	assert_int_equal(built_link(&built, NULL), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(told_of(&built, rows[i].event), rows[i].want);
	built_release(&built);
}

static void count_match(void *context, const struct verdict *verdict)
{
	*(size_t *)context += verdict->answer == VERDICT_YES;
}

static void names_without_end(void **state)
{
	struct simulation simulation;
	struct event_sample event = { .kind = HOOK_KPROBE, .kin_count = 1 };
	struct built built;
	size_t matched = 0;
	char name[32];

	(void)state;
	assert_int_equal(built_compile(&built, KPROBE("p", "f77")), 0);
	assert_int_equal(built_link(&built, NULL), 0);
	assert_int_equal(simulation_init(&simulation, &built.view, built.message), 0);
	event.name = name;
	for (int n = 0; n < 20000; n++) {
		snprintf(name, sizeof(name), "f%d", n);
		simulate(&simulation, &event, count_match, &matched);
	}
	assert_int_equal(matched, 1);
	assert_true(simulation.place_arena.total < 2 << 20);
	simulation_release(&simulation);
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
		cmocka_unit_test(verdicts_in_three_values),
		cmocka_unit_test(places_of_every_kind),
		cmocka_unit_test(names_without_end),
		cmocka_unit_test(lines_that_are_no_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

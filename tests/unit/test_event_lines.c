// SPDX-License-Identifier: Apache-2.0
/* test_event_lines.c - raw records to text: shapes, hostile lengths, pairing, the process cache's bounds. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "compiler/compiler.h"
#include "compiler/link/link.h"
#include "runtime/calls.h"
#include "runtime/event_json.h"
#include "runtime/process_cache.h"

#define WALL 1700000000000000000ull

static struct abi_process shell(void)
{
	struct abi_process process = {
		.start_time = 5000000001, .parent_start_time = 4000000000, .pid = 42, .parent_pid = 41,
		.auid = UINT32_MAX, .flags = ABI_PROCESS_EXECVE | ABI_PROCESS_CLONE,
		.path_length = 7, .arguments_length = 13, .cwd_length = 4,
	};

	memcpy(process.texts, "/bin/sh-c\0echo a\0\0\"\0/tmp", 24);
	return process;
}

static struct abi_process_event process_event(uint8_t kind)
{
	return (struct abi_process_event){
		.size = sizeof(struct abi_process_event), .kind = kind, .time = 6000000000,
		.tid = 42, .process = shell(),
	};
}

static void expect_json(const struct event_context *context, const void *record, size_t size, const char *want)
{
	struct buffer text = { 0 };
	struct event event;

	assert_int_equal(event_read(record, size, &event), 0);
	event_json(context, &event, NULL, &text);
	assert_string_equal(text.bytes, want);
	buffer_release(&text);
}

static void test_process_json(void **state)
{
	struct event_context context = { .node_name = "node", .wall_offset = WALL };
	struct abi_process_event exec = process_event(ABI_EVENT_EXEC), end = process_event(ABI_EVENT_EXIT);

	(void)state;
	context.processes = process_cache_new();
	expect_json(&context, &exec, sizeof(exec),
		"{\"process_exec\":{\"process\":{\"exec_id\":\"bm9kZTo1MDAwMDAwMDAxOjQy\",\"pid\":42,\"uid\":0,"
		"\"cwd\":\"/tmp\",\"binary\":\"/bin/sh\",\"arguments\":\"-c \\\"echo a\\\" \\\"\\\" \\\"\","
		"\"flags\":\"execve clone\",\"start_time\":\"2023-11-14T22:13:25.000000001Z\",\"auid\":4294967295,"
		"\"parent_exec_id\":\"bm9kZTo0MDAwMDAwMDAwOjQx\",\"tid\":42}},\"node_name\":\"node\","
		"\"time\":\"2023-11-14T22:13:26.000000000Z\"}\n");
	end.exit_code = 9;
	end.process.path_length = 0;
	end.process.arguments_length = 0;
	end.process.cwd_length = 0;
	end.process.flags = ABI_PROCESS_PROCFS;
	expect_json(&context, &end, sizeof(end),
		"{\"process_exit\":{\"process\":{\"exec_id\":\"bm9kZTo1MDAwMDAwMDAxOjQy\",\"pid\":42,\"uid\":0,"
		"\"flags\":\"procFS\",\"start_time\":\"2023-11-14T22:13:25.000000001Z\",\"auid\":4294967295,"
		"\"parent_exec_id\":\"bm9kZTo0MDAwMDAwMDAwOjQx\",\"tid\":42},\"signal\":\"SIGKILL\","
		"\"time\":\"2023-11-14T22:13:26.000000000Z\"},\"node_name\":\"node\","
		"\"time\":\"2023-11-14T22:13:26.000000000Z\"}\n");
	process_cache_free(context.processes);
}

/* Against the C library, also in years in which a century or a leap year turns. */
static void test_times(void **state)
{
	static const uint64_t days[] = { 0, 58, 59, 60, 364, 365, 789, 11016, 11017, 11322, 19723, 19782, 19783, 20088, 47540, 47541, 106751 };

	(void)state;
	for (size_t n = 0; n < sizeof(days) / sizeof(*days); n++)
		for (uint64_t second = 0; second < 86400; second += 21599) {
			const struct event_context context = { .wall_offset = days[n] * 86400 * 1000000000u };
			const time_t time = (time_t)(days[n] * 86400 + second);
			struct buffer text = { 0 };
			char want[64];
			struct tm utc;

			event_time(&context, second * 1000000000u + 7, &text);
			strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.000000007Z", gmtime_r(&time, &utc));
			assert_string_equal(text.bytes, want);
			buffer_release(&text);
		}
}

static void test_process_text(void **state)
{
	struct process_cache *cache = process_cache_new();
	struct abi_process process = shell();

	(void)state;
	assert_null(process_cache_text(cache, process.pid, process.start_time));
	process_cache_add(cache, &process);
	assert_null(process_cache_text(cache, process.pid, 0));
	buffer_add_text(process_cache_text(cache, process.pid, process.start_time), "kept");
	assert_string_equal(process_cache_text(cache, process.pid, process.start_time)->bytes, "kept");
	process_cache_add(cache, &process);
	assert_int_equal(process_cache_text(cache, process.pid, process.start_time)->length, 0);
	buffer_add_text(process_cache_text(cache, process.pid, process.start_time), "kept");
	process_cache_forget_texts(cache);
	assert_int_equal(process_cache_text(cache, process.pid, process.start_time)->length, 0);
	process_cache_free(cache);
}

enum { HEAD = offsetof(struct abi_event, slots) };

static void test_hostile_records(void **state)
{
	static const struct { const char *what; uint32_t size; uint8_t kind, slots; size_t given; int want; } rows[] = {
		{ "too small for a head", 4, ABI_EVENT_HOOK, 0, 7, -1 },
		{ "says more than there is", HEAD + 1, ABI_EVENT_HOOK, 0, HEAD, -1 },
		{ "head only", HEAD, ABI_EVENT_HOOK, 0, HEAD, 0 },
		{ "slots beyond the end", HEAD, ABI_EVENT_HOOK, 1, HEAD, -1 },
		{ "one slot", HEAD + 16, ABI_EVENT_HOOK, 1, HEAD + 16, 0 },
		{ "more slots than exist", 1000, ABI_EVENT_HOOK, ABI_SLOTS_MAX + 1, 1000, -1 },
		{ "process event cut short", 64, ABI_EVENT_EXEC, 0, 64, -1 },
		{ "unknown kind", 64, 99, 0, 64, -1 },
		{ "smaller than its head", 8, ABI_EVENT_RETURN, 0, 64, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct abi_event *record = calloc(1, rows[i].given < 16 ? 16 : rows[i].given);
		struct event event;

		record->size = rows[i].size;
		record->kind = rows[i].kind;
		record->slot_count = rows[i].slots;
		if ((event_read(record, rows[i].given, &event) != 0) != (rows[i].want != 0))
			fail_msg("%s", rows[i].what);
		free(record);
	}
}

/* Its texts are as long as they say, all there, and none longer than there can be. */
static void test_hostile_process(void **state)
{
	enum { TEXTS = 24 };
	static const struct { const char *what; uint16_t path, arguments, cwd; uint32_t size; bool read; } rows[] = {
		{ "just its texts", 7, 13, 4, TEXTS, true }, { "a byte less", 7, 13, 4, TEXTS - 1, false },
		{ "no texts", 0, 0, 0, 0, true }, { "more room than texts", 7, 13, 4, ABI_PROCESS_TEXTS, true },
		{ "the longest", ABI_PROCESS_PATH, ABI_PROCESS_ARGUMENTS, ABI_PROCESS_CWD, ABI_PROCESS_TEXTS, true },
		{ "a longer folder", 0, 0, ABI_PROCESS_CWD + 1, ABI_PROCESS_TEXTS, false },
		{ "a longer path", UINT16_MAX, 0, 0, ABI_PROCESS_TEXTS, false },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const size_t size = ABI_PROCESS_EVENT_HEAD + rows[n].size;
		struct abi_process_event whole = process_event(ABI_EVENT_EXEC), *record = malloc(size);
		struct process_cache *cache = process_cache_new();
		struct event event;

		whole.size = (uint32_t)size;
		whole.process.path_length = rows[n].path;
		whole.process.arguments_length = rows[n].arguments;
		whole.process.cwd_length = rows[n].cwd;
		memcpy(record, &whole, size);
		if (!event_read(record, size, &event) != rows[n].read)
			fail_msg("%s", rows[n].what);
		if (rows[n].read)
			process_cache_add(cache, &event.process->process);
		process_cache_free(cache);
		free(record);
	}
}

static void test_slot_bounds(void **state)
{
	static const struct { uint32_t offset; uint16_t length; size_t want; } rows[] = {
		{ HEAD + 16, 4, 4 }, { HEAD + 16, 5, 0 }, { HEAD + 20, 1, 0 }, { UINT32_MAX, 4, 0 },
		{ 0, HEAD + 20, HEAD + 20 }, { HEAD + 19, 1, 1 },
	};
	struct { struct abi_event head; } *record = calloc(1, sizeof(*record));
	struct event event;

	(void)state;
	record->head.size = HEAD + 20;
	record->head.kind = ABI_EVENT_HOOK;
	record->head.slot_count = 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		record->head.slots[0].offset = rows[i].offset;
		record->head.slots[0].length = rows[i].length;
		assert_int_equal(event_read(record, HEAD + 20, &event), 0);
		assert_int_equal(event_slot(&event, 0).length, rows[i].want);
		assert_int_equal(event_slot(&event, 1).length, 0);
	}
	free(record);
}

static void test_process_texts_stay_inside(void **state)
{
	struct abi_process process = { .path_length = UINT16_MAX, .arguments_length = UINT16_MAX,
				       .cwd_length = UINT16_MAX };

	(void)state;
	assert_int_equal(process_path(&process).length, ABI_PROCESS_PATH);
	assert_int_equal(process_arguments(&process).length, ABI_PROCESS_ARGUMENTS);
	assert_int_equal(process_cwd(&process).length, ABI_PROCESS_CWD);
}

static void test_process_cache(void **state)
{
	struct process_cache *cache = process_cache_new();
	struct abi_process process = shell();

	(void)state;
	for (uint32_t pid = 1; pid <= PROCESS_CACHE_MAX + 10; pid++) {
		process.pid = pid;
		process_cache_add(cache, &process);
	}
	assert_null(process_cache_find(cache, 10, process.start_time));
	assert_non_null(process_cache_find(cache, 11, process.start_time));
	assert_null(process_cache_find(cache, 11, 0));
	assert_null(process_cache_find(cache, 11, process.start_time + 1));
	process.pid = 11;
	process.start_time++;
	process_cache_add(cache, &process);
	assert_int_equal(process_cache_find(cache, 11, process.start_time)->start_time, process.start_time);
	assert_non_null(process_cache_find(cache, 11, process.start_time - 1));
	process_cache_end(cache, 11, process.start_time, 1000);
	assert_non_null(process_cache_find(cache, 11, process.start_time));
	process_cache_free(cache);
}

/* One number, three processes: a fork at 5, what it executed until 9, what that executed. */
static void test_process_at(void **state)
{
	static const struct { uint64_t time, at, after; } rows[] = {
		{ 4, 0, 5 }, { 5, 5, 9 }, { 8, 5, 9 }, { 9, 9, 12 }, { 11, 9, 12 }, { 12, 12, 0 }, { UINT64_MAX, 12, 0 },
	};
	static const uint64_t starts[] = { 9, 5, 12 };
	struct process_cache *cache = process_cache_new();
	struct abi_process process = shell();

	(void)state;
	for (size_t n = 0; n < sizeof(starts) / sizeof(*starts); n++) {
		process.start_time = starts[n];
		process_cache_add(cache, &process);
	}
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct abi_process *at = process_cache_find_at(cache, process.pid, rows[n].time);
		const struct abi_process *after = process_cache_find_after(cache, process.pid, rows[n].time);

		assert_int_equal(at ? at->start_time : 0, rows[n].at);
		assert_int_equal(after ? after->start_time : 0, rows[n].after);
		assert_null(process_cache_find_at(cache, process.pid + 1, rows[n].time));
	}
	process_cache_free(cache);
}

static void test_mapping_lines(void **state)
{
	static const uint8_t build_id[] = { 0, 1, 0xfe };
	struct event_context context = { .node_name = "node", .wall_offset = WALL, .processes = process_cache_new() };
	const struct abi_process process = shell();
	struct event_mapping mapping = { .time = 6000000000, .pid = 42, .tid = 43, .process_start = process.start_time, .path = "/lib/\"a",
					 .path_length = 7, .build_id = build_id, .build_id_size = sizeof(build_id) };
	struct buffer text = { 0 };

	(void)state;
	process_cache_add(context.processes, &process);
	event_json(&context, &(struct event){ .mapping = &mapping }, NULL, &text);
	assert_non_null(strstr(text.bytes, "{\"process_loader\":{\"process\":{\"exec_id\":\""));
	assert_non_null(strstr(text.bytes, "\"binary\":\"/bin/sh\""));
	assert_non_null(strstr(text.bytes, "\"tid\":43},\"path\":\"/lib/\\\"a\",\"buildid\":\"AAH+\"},\"node_name\":\"node\",\"time\":\"2023-11-14T22:13:26.000000000Z\"}\n"));
	text.length = 0;
	event_compact(&context, &(struct event){ .mapping = &mapping }, NULL, &text);
	assert_string_equal(text.bytes, "🧬 loader  node /bin/sh 0001fe \"/lib/\\\"a\"\n");
	mapping = (struct event_mapping){ .time = 6000000000, .pid = 44, .tid = 44, .path = "/x", .path_length = 2 };
	text.length = 0;
	event_json(&context, &(struct event){ .mapping = &mapping }, NULL, &text);
	assert_string_equal(text.bytes, "{\"process_loader\":{\"process\":{\"pid\":44,\"flags\":\"unknown\",\"tid\":44},\"path\":\"/x\"},"
		"\"node_name\":\"node\",\"time\":\"2023-11-14T22:13:26.000000000Z\"}\n");
	buffer_release(&text);
	process_cache_free(context.processes);
}

/* A call event as the programs send it. */
static struct abi_event *call_event(uint8_t kind, uint32_t tid, uint64_t entry_time)
{
	struct abi_event *event = calloc(1, sizeof(*event));

	event->size = offsetof(struct abi_event, slots);
	event->kind = kind;
	event->tgid = event->tid = tid;
	event->time = event->entry_time = entry_time;
	return event;
}

static struct event view_of(const struct abi_event *raw)
{
	struct event event;

	assert_int_equal(event_read(raw, raw->size, &event), 0);
	return event;
}

static void add_call(struct calls *calls, uint32_t tid, uint64_t time)
{
	struct abi_event *raw = call_event(ABI_EVENT_HOOK, tid, time);
	struct event event = view_of(raw);

	calls_add(calls, &event);
	free(raw);
}

static bool take_call(struct calls *calls, uint32_t tid, uint64_t time)
{
	struct abi_event *raw = call_event(ABI_EVENT_RETURN, tid, time);
	struct event event = view_of(raw), entry;
	bool found = calls_take(calls, &event, &entry);

	if (found)
		free((void *)entry.bytes);
	free(raw);
	return found;
}

static void test_calls_pair(void **state)
{
	struct calls *calls = calls_new();
	struct event entry;

	(void)state;
	add_call(calls, 1, 100);
	add_call(calls, 2, 100);
	add_call(calls, 1, 200);
	assert_true(take_call(calls, 1, 200));
	assert_true(take_call(calls, 1, 100));
	assert_false(take_call(calls, 1, 100));
	assert_false(calls_give_up(calls, 100 + CALL_PATIENCE, 0, &entry));
	assert_true(calls_give_up(calls, 101 + CALL_PATIENCE, 0, &entry));
	assert_int_equal(entry.hook->tid, 2);
	free((void *)entry.bytes);
	for (uint32_t i = 0; i <= CALLS_WAITING_MAX; i++)
		add_call(calls, 7, 1000 + i);
	assert_true(calls_give_up(calls, 0, 0, &entry));	/* one too many */
	assert_int_equal(entry.hook->time, 1000);
	free((void *)entry.bytes);
	assert_false(calls_give_up(calls, 0, 0, &entry));
	assert_true(calls_give_up(calls, 0, 7, &entry));	/* of a process that ended */
	free((void *)entry.bytes);
	calls_free(calls);
}

/* ---- Hook events, with an image that the compiler made ---- */

static const char hook_policy[] =
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: demo\nspec:\n  kprobes:\n"
	"  - call: sys_write\n    syscall: true\n    return: true\n    message: \"hello\"\n    tags: [one, two]\n"
	"    returnArg: {index: 0, type: int}\n    args:\n    - {index: 0, type: int, label: descriptor}\n"
	"    - {index: 1, type: string}\n    - {index: 2, type: uint64}\n    - {index: 3, type: file}\n"
	"    - {index: 4, type: sockaddr}\n"
	"    selectors:\n    - matchActions:\n      - action: Sigkill\n";

struct linked {
	struct unit unit;
	struct buffer bytes;
	struct image_view view;
	char text[1024];
};

static void link_policy(struct linked *linked, const char *text)
{
	struct link_input input;
	const char *error = "";
	char message[256];

	unit_init(&linked->unit, "demo.yaml", text, strlen(text));
	assert_int_equal(unit_compile(&linked->unit, NULL), 0);
	input = (struct link_input){ linked->unit.objects[0].bytes, linked->unit.objects[0].length, "demo" };
	if (link_image(&input, 1, NULL, &linked->unit.arena, &linked->bytes, &error))
		fail_msg("%s", error);
	assert_int_equal(image_verify(linked->bytes.bytes, linked->bytes.length, &linked->view, message), 0);
}

/* Adds bytes to the event and says so in the slot. */
static void put(struct abi_event *event, unsigned slot, const void *bytes, uint16_t length)
{
	memcpy((char *)event + event->size, bytes, length);
	event->slots[slot].offset = event->size;
	event->slots[slot].length = length;
	event->slots[slot].state = ABI_SLOT_READ;
	event->size += length;
}

static void fill_call(struct abi_event *event, const struct image_report *report)
{
	struct abi_socket loopback = { .known = ~0ULL };
	const struct image_report_argument *argument = report->arguments;

	event->slot_count = ABI_SLOTS_MAX;
	event->size = sizeof(*event);
	event->slots[argument[0].slot] = (struct abi_event_slot){ .value = (uint64_t)-1, .state = ABI_SLOT_READ };
	put(event, argument[1].slot, "a\xff\n", 3);
	event->slots[argument[2].slot] = (struct abi_event_slot){ .value = UINT64_MAX, .state = ABI_SLOT_READ };
	put(event, argument[3].slot, "/etc/passwd", 11);
	event->slots[argument[3].slot].value = 0100644;
	loopback.parts[ABI_PART_FAMILY] = 2;
	loopback.parts[ABI_PART_SOURCE_PORT] = 443;
	loopback.parts[ABI_PART_SOURCE] = 0x0100007f;
	put(event, argument[4].slot, &loopback, sizeof(loopback));
}

static void test_hook_json(void **state)
{
	struct { struct abi_event event; char more[512]; } *record = calloc(1, sizeof(*record));
	struct event_context context = { .node_name = "node", .wall_offset = WALL };
	struct abi_event *returned = calloc(1, sizeof(*returned));
	struct image_report_storage storage;
	struct linked linked = { 0 };
	struct image_report report;
	struct buffer text = { 0 };
	struct event event, end;
	struct image_hook hook;

	(void)state;
	link_policy(&linked, hook_policy);
	context.image = &linked.view;
	context.processes = process_cache_new();
	hook = image_hook_at(&linked.view, 0);
	assert_true(image_report_of(&linked.view, 0, 0, &storage, &report));
	assert_int_equal(report.argument_count, 5);
	record->event = (struct abi_event){
		.kind = ABI_EVENT_HOOK, .action = ABI_ACTION_SIGKILL, .outcome = ABI_OUTCOME_FAILED,
		.time = 1000000000, .hook = hook.id, .tgid = 9, .tid = 10,
	};
	fill_call(&record->event, &report);
	*returned = (struct abi_event){ .kind = ABI_EVENT_RETURN, .size = sizeof(*returned), .slot_count = ABI_SLOTS_MAX };
	returned->slots[report.return_argument->slot] =
		(struct abi_event_slot){ .value = 3, .state = ABI_SLOT_READ };
	event = view_of(&record->event);
	end = view_of(returned);
	event_json(&context, &event, &end, &text);
	assert_string_equal(text.bytes,
		"{\"process_kprobe\":{\"process\":{\"pid\":9,\"flags\":\"unknown\",\"tid\":10},"
		"\"function_name\":\"__x64_sys_write\",\"args\":[{\"int_arg\":-1,\"label\":\"descriptor\"},"
		"{\"string_arg\":\"a\xef\xbf\xbd\\n\"},{\"size_arg\":\"18446744073709551615\"},"
		"{\"file_arg\":{\"path\":\"/etc/passwd\",\"permission\":\"-rw-r--r--\"}},"
		"{\"sockaddr_arg\":{\"family\":\"AF_INET\",\"addr\":\"127.0.0.1\",\"port\":443}}],"
		"\"return\":{\"int_arg\":3},\"action\":\"KPROBE_ACTION_SIGKILL\","
		"\"return_action\":\"KPROBE_ACTION_POST\",\"policy_name\":\"demo\","
		"\"message\":\"hello\",\"tags\":[\"one\",\"two\"]},\"tetra\":{\"enforcement\":\"failed\"},\"node_name\":\"node\","
		"\"time\":\"2023-11-14T22:13:21.000000000Z\"}\n");
	record->event.entry_time = 1000000000;
	text.length = 0;
	event_json(&context, &event, NULL, &text);
	assert_non_null(strstr(text.bytes, "\"tetra\":{\"enforcement\":\"failed\",\"return\":\"unseen\"},\"node_name\""));
	assert_null(strstr(text.bytes, "\"return\":{"));
	text.length = 0;
	event_compact(&context, &event, NULL, &text);
	assert_string_equal(text.bytes,
		"📝 write   node (pid 9) -1 18446744073709551615 bytes = (unseen) 🛑 Sigkill (failed)\n");

	/* Of a socket's owner, with the reason of the first failure. */
	record->event.owner_tgid = 11;
	record->event.owner_tid = 12;
	record->event.failed_errno = EPERM;
	record->event.failed_action = ABI_ACTION_SIGNAL;
	text.length = 0;
	event_json(&context, &event, NULL, &text);
	assert_non_null(strstr(text.bytes, "{\"process_kprobe\":{\"process\":{\"pid\":11,\"flags\":\"unknown\",\"tid\":12},"));
	assert_non_null(strstr(text.bytes,
		"\"tetra\":{\"enforcement\":\"failed\",\"failure\":{\"action\":\"Signal\",\"error\":\"EPERM\",\"errno\":1},"
		"\"caller\":{\"pid\":9,\"flags\":\"unknown\",\"tid\":10},\"return\":\"unseen\"}"));
	text.length = 0;
	event_compact(&context, &event, NULL, &text);
	assert_string_equal(text.bytes, "📝 write   node (pid 11) -1 18446744073709551615 bytes = (unseen) (by pid 9)"
		" 🛑 Sigkill (failed) (Signal failed: EPERM)\n");
	record->event.owner_tgid = record->event.failed_errno = 0;
	text.length = 0;
	event_compact(&context, &event, &end, &text);
	assert_string_equal(text.bytes,
		"📝 write   node (pid 9) -1 18446744073709551615 bytes = 3 🛑 Sigkill (failed)\n");

	/* The last action was Post, as in what rules become: it is not that which was enforced. */
	record->event.action = ABI_ACTION_POST;
	record->event.outcome = ABI_OUTCOME_MONITORED;
	text.length = 0;
	event_compact(&context, &event, &end, &text);
	assert_string_equal(text.bytes, "📝 write   node (pid 9) -1 18446744073709551615 bytes = 3 🛑 only monitored\n");
	buffer_release(&text);
	buffer_release(&linked.bytes);
	unit_release(&linked.unit);
	process_cache_free(context.processes);
	free(record);
	free(returned);
}

static void link_text(struct linked *linked, const char *hook)
{
	snprintf(linked->text, sizeof(linked->text), "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: demo\n"
		 "spec:\n%s", hook);
	link_policy(linked, linked->text);
}

/* ---- Lines for people ---- */

/* An event of one hook, whose first arguments have these numbers; *ret is to be freed. */
static void compact_of(const char *hook_text, const uint64_t *numbers, size_t count, bool has_colours, struct buffer *ret)
{
	struct abi_event *record = calloc(1, sizeof(*record));
	struct event_context context = { .node_name = "n", .has_colours = has_colours, .has_times = has_colours };
	struct image_report_storage storage;
	struct linked linked = { 0 };
	struct image_report report;
	struct image_hook hook;
	struct event event;

	link_text(&linked, hook_text);
	context.image = &linked.view;
	context.processes = process_cache_new();
	hook = image_hook_at(&linked.view, 0);
	assert_true(image_report_of(&linked.view, 0, 0, &storage, &report));
	*record = (struct abi_event){ .kind = ABI_EVENT_HOOK, .size = sizeof(*record), .hook = hook.id, .tgid = 9, .slot_count = ABI_SLOTS_MAX };
	for (size_t n = 0; n < count; n++)
		record->slots[report.arguments[n].slot] = (struct abi_event_slot){ .value = numbers[n], .state = ABI_SLOT_READ };
	event = view_of(record);
	event_compact(&context, &event, NULL, ret);
	process_cache_free(context.processes);
	buffer_release(&linked.bytes);
	unit_release(&linked.unit);
	free(record);
}

static void test_compact_lines(void **state)
{
#define KPROBE(call, arguments) "  kprobes:\n  - {call: " call ", syscall: false, args: [" arguments "]}\n"
#define SYSCALL(call, arguments) "  kprobes:\n  - {call: " call ", syscall: true, args: [" arguments "]}\n"
#define TWO "{index: 0, type: uint64}, {index: 1, type: uint64}"
	static const struct { const char *hook; uint64_t numbers[2]; const char *want; } rows[] = {
		{ KPROBE("security_file_permission", TWO), { 1, 2 }, "📝 write   n (pid 9) 1\n" },
		{ KPROBE("security_file_permission", TWO), { 1, 4 }, "📚 read    n (pid 9) 1\n" },
		{ KPROBE("security_file_permission", TWO), { 1, 6 }, "❓ security_file_permission n (pid 9) 1\n" },
		{ KPROBE("security_mmap_file", TWO), { 1, 5 }, "📝 mmap-rx n (pid 9) 1\n" },
		{ SYSCALL("sys_setns", TWO), { 3, 0x40000000 }, "🔧 setns   n (pid 9) net\n" },
		{ SYSCALL("sys_setns", TWO), { 3, 0 }, "🔧 setns   n (pid 9) any\n" },
		{ SYSCALL("sys_setns", TWO), { 3, 3 }, "🔧 setns   n (pid 9) 0x3\n" },
		{ SYSCALL("sys_setns", "{index: 0, type: uint64}"), { 3 }, "🔧 setns   n (pid 9) \n" },
		{ KPROBE("proc_exec_connector", TWO), { 1, 2 }, "🔧 proc_exec_connector n (pid 9)\n" },
		{ KPROBE("security_bpf_map_create", TWO), { 1, 2 }, "🗺 bpf_map_create n (pid 9) 1\n" },
		{ KPROBE("any_other", TWO), { 1, 2 }, "❓ syscall n (pid 9) any_other 1 2\n" },
		{ "  fentries:\n  - {call: tcp_sendmsg, args: [" TWO "]}\n", { 1, 2 }, "📤 sendmsg n (pid 9) tcp 1 bytes 2\n" },
		{ "  tracepoints:\n  - {subsystem: raw_syscalls, event: sys_enter, raw: true, args: [" TWO "]}\n", { 1, 2 },
		  "☎ syscall n (pid 9) 1 2\n" },
		{ "  tracepoints:\n  - {subsystem: sched, event: sched_wakeup, raw: true, args: [" TWO "]}\n", { 1, 2 },
		  "⁉️ tracepoint n (pid 9) sched sched_wakeup 1 2\n" },
		{ "  lsmhooks:\n  - {hook: file_open, args: [" TWO "]}\n", { 1, 2 }, "🔒 LSM     n (pid 9) file_open 1 2\n" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct buffer text = { 0 };

		compact_of(rows[n].hook, rows[n].numbers, strchr(rows[n].hook, '1') ? 2 : 1, false, &text);
		assert_string_equal(text.bytes, rows[n].want);
		buffer_release(&text);
	}
}

static void test_colours(void **state)
{
	const uint64_t numbers[] = { 1, 2 };
	struct buffer text = { 0 };

	(void)state;
	compact_of(KPROBE("any_other", TWO), numbers, 2, true, &text);
	assert_string_equal(text.bytes, "1970-01-01T00:00:00.000000000Z \033[34m❓ syscall \033[0m\033[32mn\033[0m "
		"\033[35m(pid 9)\033[0m\033[36m any_other 1 2\033[0m\n");
	buffer_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process_json), cmocka_unit_test(test_times), cmocka_unit_test(test_process_text),
		cmocka_unit_test(test_hostile_records), cmocka_unit_test(test_hostile_process),
		cmocka_unit_test(test_slot_bounds), cmocka_unit_test(test_process_texts_stay_inside),
		cmocka_unit_test(test_process_cache),
		cmocka_unit_test(test_process_at),
		cmocka_unit_test(test_mapping_lines), cmocka_unit_test(test_calls_pair),
		cmocka_unit_test(test_hook_json), cmocka_unit_test(test_compact_lines), cmocka_unit_test(test_colours),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}

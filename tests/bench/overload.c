// SPDX-License-Identifier: Apache-2.0
/*
 * overload.c - more events than are read: what share is lost, and whether all that is lost is counted.
 *
 * The policy reports a system call that no kernel has, so that nobody else makes it. Threads make it as fast as they can, while nobody
 * reads, or a loop that looks at no record, or `tetra getevents` as JSON to /dev/null, by its own code. Afterwards, to the last event:
 *
 *   calls made      = events sent + events lost, as the hook's counters say
 *   events sent     = events that the reader got
 *   lost, as the reader's stream says = lost by the hook + lost by the base programs, which share the ring buffer
 *
 * A sum that does not add up fails the bench. Needs root; prints rows.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/apply.h"
#include "runtime/counters.h"
#include "runtime/events.h"
#include "runtime/remove.h"
#include "tests/bench/applied.h"
#include "tests/bench/engine/policies.h"

#define ROOT "/sys/fs/bpf/tetra-bench-overload"
#define NAME "overload-of-the-bench"

enum { CALLS = 600000, WRITERS_MAX = 2 };

static const char policy[] =
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: " NAME "\nspec:\n  tracepoints:\n"
	"  - subsystem: raw_syscalls\n    event: sys_enter\n    raw: true\n    args:\n    - {index: 1, type: int64}\n"
	"    selectors:\n    - matchArgs:\n      - {index: 1, operator: Equal, values: [\"%d\"]}\n";

/* ---- Readers: what they got ---- */

struct got {
	uint64_t events, lost;
	bool tells_lost;
};

static struct ring_buffer *ring;
static volatile int stop;

static int take_record(void *context, void *bytes, size_t size)
{
	const struct abi_event *event = bytes;

	(void)size;
	((struct got *)context)->events += event->kind == ABI_EVENT_HOOK;
	return 0;
}

static void *read_records(void *context)
{
	struct got *got = context;

	(void)got;
	while (!stop)
		ring_buffer__consume(ring);
	ring_buffer__consume(ring);
	return NULL;
}

static void take_line(struct got *got, const char *line, size_t length)
{
	static const char lost[] = "\"number_of_dropped_process_events\":\"";
	const char *at = memmem(line, length, lost, sizeof(lost) - 1);

	if (at)
		got->lost += strtoull(at + sizeof(lost) - 1, NULL, 10);
	else
		got->events += memmem(line, length, NAME, sizeof(NAME) - 1) != NULL;
}

static int nothing_fd;

static int take_lines(void *context, const char *text, size_t length, size_t *taken)
{
	const char *end;

	for (const char *at = text; at < text + length; at = end + 1) {
		end = memchr(at, '\n', (size_t)(text + length - at));
		if (!end)
			bench_die("read", "a line has no end");
		take_line(context, at, (size_t)(end - at));
	}
	*taken = length;
	return write(nothing_fd, text, length) == (ssize_t)length ? 0 : -errno;
}

static void *read_json(void *context)
{
	struct failure failure = { 0 };
	const struct events_options options = {
		.root = ROOT, .format = EVENTS_JSON, .since_start = true, .node_name = "bench", .write = take_lines,
		.context = context, .stop = &stop,
	};

	((struct got *)context)->tells_lost = true;
	if (events_read(&options, &failure))
		bench_die("read", failure.text);
	return NULL;
}

/* ---- Writers ---- */

static void *write_events(void *calls)
{
	for (int n = *(int *)calls; n; n--)
		syscall(BENCH_NUMBER);
	return NULL;
}

/* Nanoseconds that they took. */
static uint64_t write_all(int writers)
{
	pthread_t threads[WRITERS_MAX];
	int calls = CALLS / writers;
	uint64_t began = bench_now();

	for (int n = 0; n < writers; n++)
		if (pthread_create(&threads[n], NULL, write_events, &calls))
			bench_die("thread", "cannot be made");
	for (int n = 0; n < writers; n++)
		pthread_join(threads[n], NULL);
	return bench_now() - began;
}

/* ---- What the kernel counted ---- */

static struct abi_counters hook_counters(const struct pins *pins)
{
	struct abi_counters ret = { 0 };
	struct counters counters;

	if (counters_map(bench_map(pins, ABI_MAP_COUNTERS), &counters))
		bench_die("counters", "cannot be mapped");
	for (uint32_t hook = 0; hook < ABI_HOOKS_MAX; hook++) {
		struct abi_counters one = counters_sum(&counters, hook);

		ret.matched += one.matched;
		ret.posted += one.posted;
		ret.lost += one.lost;
	}
	counters_unmap(&counters);
	return ret;
}

static uint64_t lost_by_processes(const struct pins *pins)
{
	static struct abi_readers table;
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(bench_map(pins, ABI_MAP_READERS), &zero, &table))
		bench_die("readers", strerror(errno));
	return table.process_lost;
}

/* ---- Scenarios ---- */

static struct scenario {
	const char *what;
	void *(*read)(void *got);
	int writers;
} scenarios[] = {
	{ "nobody reads", NULL, 1 },
	{ "a loop that takes records out reads, one thread calls", read_records, 1 },
	{ "the same, two threads call", read_records, 2 },
	{ "getevents as JSON reads, one thread calls", read_json, 1 },
	{ "the same, two threads call", read_json, 2 },
};

static void add_up(const char *what, uint64_t left, uint64_t right, const char *says)
{
	char text[256];

	if (left == right)
		return;
	snprintf(text, sizeof(text), "%s: %" PRIu64 " against %" PRIu64, says, left, right);
	bench_die(what, text);
}

static void check(const struct scenario *scenario, const struct pins *pins, const struct got *got)
{
	struct abi_counters counters = hook_counters(pins);

	add_up(scenario->what, counters.posted + counters.lost, CALLS, "events sent and lost, calls made");
	add_up(scenario->what, counters.matched, CALLS, "events counted, calls made");
	add_up(scenario->what, got->events, counters.posted, "events read, events sent");
	if (got->tells_lost)
		add_up(scenario->what, got->lost, counters.lost + lost_by_processes(pins), "lost as the stream says, as counted");
}

static void report(const struct scenario *scenario, const struct pins *pins, uint64_t took)
{
	struct abi_counters counters = hook_counters(pins);

	printf("| %s | %d | %" PRIu64 " | %" PRIu64 " | %.1f %% | %.2f million | %.2f million |\n", scenario->what, CALLS, (uint64_t)counters.posted,
	       (uint64_t)counters.lost, 100.0 * (double)counters.lost / CALLS, CALLS * 1e3 / (double)took, (double)counters.posted * 1e3 / (double)took);
	fflush(stdout);
}

static void apply_policy(void)
{
	struct buffer yaml = { 0 };

	bench_remove(ROOT);
	buffer_format(&yaml, policy, BENCH_NUMBER);
	bench_apply(ROOT, &yaml, NULL);
	buffer_release(&yaml);
}

/* A reader tells at most a second later what the ring buffer could not take. */
static uint64_t run_with_reader(const struct scenario *scenario, struct got *got)
{
	pthread_t reader;
	uint64_t took;

	stop = 0;
	if (pthread_create(&reader, NULL, scenario->read, got))
		bench_die("thread", "cannot be made");
	usleep(200000);
	took = write_all(scenario->writers);
	usleep(2000000);
	stop = 1;
	pthread_join(reader, NULL);
	return took;
}

static void run(const struct scenario *scenario)
{
	struct got got = { 0 };
	struct pins pins;
	uint64_t took;

	apply_policy();
	bench_open(ROOT, &pins);
	ring = ring_buffer__new(bench_map(&pins, ABI_MAP_EVENTS), take_record, &got, NULL);
	if (!ring)
		bench_die("ring buffer", strerror(errno));
	took = scenario->read ? run_with_reader(scenario, &got) : write_all(scenario->writers);
	if (!scenario->read)
		ring_buffer__consume(ring);
	check(scenario, &pins, &got);
	report(scenario, &pins, took);
	ring_buffer__free(ring);
	pins_close(&pins);
}

static void remove_all(void)
{
	struct failure failure;

	remove_everything(ROOT, &failure);
}

int main(void)
{
	if (geteuid()) {
		puts("more events than are read: not run, needs root");
		return 0;
	}
	nothing_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	atexit(remove_all);
	puts("| more events than are read | calls | events sent | lost, and counted | share | calls a second | sent a second |\n|---|---|---|---|---|---|---|");
	for (size_t n = 0; n < sizeof(scenarios) / sizeof(*scenarios); n++)
		run(&scenarios[n]);
	return 0;
}

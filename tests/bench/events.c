// SPDX-License-Identifier: Apache-2.0
/*
 * events.c - what it takes to read events: as JSON and as lines for people, to /dev/null, against a loop that takes the same
 * records out of the ring buffer and looks at none.
 *
 * The policy reports every openat() of a path that nobody has. A round fills the ring buffer with such events, then one of the
 * readers empties it: the CPU time of that, of the whole process, is what counts. Needs root; prints rows of the table of
 * bench/run. `events NUMBER` reads so many rounds as JSON and prints nothing, for a profiler.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "compiler/compiler.h"
#include "runtime/apply.h"
#include "runtime/events.h"
#include "runtime/remove.h"

#define ROOT "/sys/fs/bpf/tetra-bench-events"

enum { ROUNDS = 25, EVENTS = 15000, ROUNDS_FLAT = 100 };

static char policy[] =
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: events\nspec:\n  tracepoints:\n"
	"  - subsystem: syscalls\n    event: sys_enter_openat\n    args:\n    - {index: 5, type: int32}\n    - {index: 6, type: string}\n"
	"    - {index: 7, type: int32}\n"
	"    selectors:\n    - matchArgs:\n      - {index: 6, operator: Prefix, values: [\"/bench-of-events/\"]}\n";

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench/events: %s: %s\n", what, why);
	exit(1);
}

static uint64_t cpu_time(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void apply_policy(void)
{
	static struct unit unit;
	struct apply_options options = { .root = ROOT };
	struct failure failure = { 0 };
	struct link_input input;
	struct apply *apply;

	unit_init(&unit, "events.yaml", policy, strlen(policy));
	if (unit_compile(&unit, NULL))
		die("compile", "refused");
	input = (struct link_input){ unit.objects[0].bytes, unit.objects[0].length, "bench" };
	if (apply_prepare(&options, &input, 1, &apply, &failure))
		die("apply", failure.text);
	if (apply_plan(apply)->refusal_count)
		die("apply", apply_plan(apply)->refusals[0].text);
	if (apply_run(apply, &failure))
		die("apply", failure.text);
	apply_free(apply);
}

static void fill(void)
{
	for (int n = 0; n < EVENTS; n++)
		syscall(SYS_openat, -1, "/bench-of-events/some/path/as/long/as/paths/are", O_CREAT | O_DIRECTORY, 0);
}

/* ---- Readers ---- */

static uint64_t lines, output_bytes;

static int to_nothing(void *descriptor, const char *text, size_t length, size_t *taken)
{
	for (const char *at = text; (at = memchr(at, '\n', (size_t)(text + length - at))); at++)
		lines++;
	output_bytes += length;
	*taken = length;
	return write(*(int *)descriptor, text, length) == (ssize_t)length ? 0 : -errno;
}

static void read_as(enum events_format format)
{
	static const volatile int never;
	int nothing = open("/dev/null", O_WRONLY);
	struct failure failure = { 0 };
	const struct events_options options = {
		.root = ROOT, .format = format, .since_start = true, .until_drained = true, .node_name = "bench",
		.write = to_nothing, .context = &nothing, .stop = &never,
	};

	if (events_read(&options, &failure))
		die("read", failure.text);
	close(nothing);
}

static void read_json(void)
{
	read_as(EVENTS_JSON);
}

static void read_compact(void)
{
	read_as(EVENTS_COMPACT);
}

static int count(void *context, void *bytes, size_t size)
{
	(void)context;
	(void)bytes;
	(void)size;
	lines++;
	return 0;
}

static struct ring_buffer *plain;

static void read_plainly(void)
{
	ring_buffer__consume(plain);
}

static struct subject {
	void (*read)(void);
	uint64_t times[ROUNDS], lines, bytes;	/* ns of a round; of all rounds */
} subjects[] = { { .read = read_plainly }, { .read = read_json }, { .read = read_compact } };
enum { PLAIN, JSON, COMPACT, SUBJECTS };

/* Others on this machine may start programs meanwhile: a few lines more are no mistake, less are. */
static void measure(struct subject *subject, int round)
{
	uint64_t before, events;

	fill();
	lines = output_bytes = 0;
	before = cpu_time();
	subject->read();
	subject->times[round] = cpu_time() - before;
	events = lines;
	if (events < EVENTS)
		die("read", "events are missing");
	subject->times[round] = subject->times[round] * EVENTS / events;
	subject->lines += lines;
	subject->bytes += output_bytes;
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static double median(struct subject *subject)
{
	qsort(subject->times, ROUNDS, sizeof(*subject->times), compare);
	return (double)subject->times[ROUNDS / 2] / EVENTS;
}

/* ---- Report ---- */

static void row(const char *what, struct subject *subject, double floor, const char *goal)
{
	const double took = median(subject);

	printf("| %s, %.0f bytes a line | %.0f ns, %.2f million a second | taken out of the ring buffer alone, %.0f ns | %.1f | %s |\n", what,
	       (double)subject->bytes / (double)subject->lines, took, 1000 / took, floor, took / floor, goal);
}

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static void read_many(int rounds)
{
	while (rounds--) {
		fill();
		read_json();
	}
}

static void report(void)
{
	long before;

	for (int round = 0; round < ROUNDS; round++)
		for (int n = 0; n < SUBJECTS; n++)
			measure(&subjects[n], round);
	row("read events as JSON", &subjects[JSON], median(&subjects[PLAIN]), "at least 0.5 million");
	row("read events as lines for people", &subjects[COMPACT], median(&subjects[PLAIN]), "");
	before = peak_kib();
	read_many(ROUNDS_FLAT);
	printf("| memory after %.1f million events more | %ld KiB more | | | flat |\n", ROUNDS_FLAT * EVENTS / 1e6, peak_kib() - before);
}

static void remove_all(void)
{
	struct failure failure;

	remove_everything(ROOT, &failure);
}

int main(int argc, char **argv)
{
	struct failure failure;
	struct pins pins;

	remove_all();
	atexit(remove_all);
	apply_policy();
	if (pins_open(&pins, ROOT, &failure))
		die("pins", failure.text);
	plain = ring_buffer__new(pins_get(&pins, PIN_MAPS, ABI_MAP_EVENTS), count, NULL, NULL);
	if (!plain)
		die("ring buffer", strerror(errno));
	if (argc > 1)
		read_many(atoi(argv[1]));
	else
		report();
	ring_buffer__free(plain);
	pins_close(&pins);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * bench.c - what one event costs the engine, against a program that was written by hand for the same policy.
 *
 *	bench --table		the rows of bench/run
 *	bench [TEXT]		what each subject took, or those whose names contain TEXT
 *
 * Policies are YAML, compiled, linked and applied by tetra's own libraries, each below a root of its own. Then every
 * program, tetra's and by_hand.bpf.c's, is attached to its hook in turn, alone, for one batch of system calls of this
 * process; the kernel's own statistics (BPF_STATS_RUN_TIME) say how long it ran. Rounds are interleaved: a noisy
 * moment falls on all alike, and medians are compared. Both sides of a ratio include what the kernel needs to read
 * its clock twice, as the empty programs show. Every batch must have sent the events that it should, or the bench fails.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compiler/compiler.h"
#include "runtime/apply.h"
#include "runtime/area.h"
#include "runtime/links.h"
#include "runtime/remove.h"
#include "tests/bench/engine/by_hand.skel.h"
#include "tests/bench/engine/policies.h"

#define ROOT "/sys/fs/bpf/tetra-bench-engine"

enum { ROUNDS = 25, ROUNDS_MAX = 500, BATCH = 20000, WARM_UP = 500 };

static const char *const prefixes[] = {
#define PREFIX(text) text,
#include "tests/bench/engine/prefixes.def"
#undef PREFIX
};
_Static_assert(sizeof(prefixes) / sizeof(*prefixes) == BENCH_PREFIXES, "100 prefixes");

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench/engine: %s: %s\n", what, why);
	exit(1);
}

/* ---- The policies ---- */

enum policies {
	POLICIES_NONE, POLICIES_INTEGER, POLICIES_8_INTEGERS, POLICIES_PREFIXES, POLICIES_8_PREFIXES, POLICIES_1_BINARY,
	POLICIES_BINARIES, POLICIES_1_PREFIX, POLICIES_1000_PREFIXES, POLICIES_10_PREFIXES, POLICIES_64_PREFIXES, POLICIES_COUNT,
};

enum { POLICIES_MAX = 64, MANY_PREFIXES = 1000 };

static void add_head(struct buffer *text, int number, const char *subsystem, const char *event, const char *rest)
{
	buffer_format(text,
		      "---\napiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: bench-%d\nspec:\n"
		      "  tracepoints:\n  - subsystem: %s\n    event: %s\n%s", number, subsystem, event, rest);
}

static void add_integer_policy(struct buffer *text, int number)
{
	add_head(text, number, "raw_syscalls", "sys_enter", "    raw: true\n    args:\n    - {index: 1, type: int64}\n");
	buffer_format(text, "    selectors:\n    - matchArgs:\n      - {index: 1, operator: Equal, values: [\"%d\"]}\n",
		      BENCH_NUMBER + number);
}

/* Beyond those of prefixes.def, ones below them, so that lengths and beginnings are as mixed. */
static void add_prefix(struct buffer *text, size_t n)
{
	buffer_format(text, "        - \"%s", prefixes[n % BENCH_PREFIXES]);
	if (n >= BENCH_PREFIXES)
		buffer_format(text, "/%zu", n / BENCH_PREFIXES);
	buffer_add_text(text, "\"\n");
}

static void add_prefix_policy(struct buffer *text, int number, size_t first, size_t end)
{
	add_head(text, number, "syscalls", "sys_enter_openat", "    args:\n    - {index: 6, type: string}\n");
	buffer_add_text(text, "    selectors:\n    - matchArgs:\n      - index: 6\n        operator: Prefix\n        values:\n");
	for (size_t n = first; n < end; n++)
		add_prefix(text, n);
}

/* What calls most on a host is not on the list. */
static void add_binary_policy(struct buffer *text, size_t count)
{
	add_head(text, 0, "raw_syscalls", "sys_enter", "    raw: true\n");
	buffer_add_text(text, "    selectors:\n    - matchBinaries:\n      - operator: In\n        values:\n");
	for (size_t n = 0; n < count; n++)
		buffer_format(text, "        - \"/opt/bench/bin/%zu\"\n", n);
}

/* That which by_hand's program compares with. */
static size_t root_prefix(void)
{
	size_t n = 0;

	while (strcmp(prefixes[n], "/root/.ssh/"))
		n++;
	return n;
}

static void write_policies(enum policies which, struct buffer *text)
{
	switch (which) {
	case POLICIES_NONE:
	case POLICIES_INTEGER:
		add_integer_policy(text, 0);
		break;
	case POLICIES_8_INTEGERS:
		for (int n = 0; n < 8; n++)
			add_integer_policy(text, n);
		break;
	case POLICIES_PREFIXES:
		add_prefix_policy(text, 0, 0, BENCH_PREFIXES);
		break;
	case POLICIES_8_PREFIXES:
		for (int n = 0; n < 8; n++)
			add_prefix_policy(text, n, n * 10, n * 10 + 10);
		break;
	case POLICIES_1_PREFIX:
		add_prefix_policy(text, 0, root_prefix(), root_prefix() + 1);
		break;
	case POLICIES_1000_PREFIXES:
		add_prefix_policy(text, 0, 0, MANY_PREFIXES);
		break;
	case POLICIES_10_PREFIXES:
		add_prefix_policy(text, 0, 0, 10);
		break;
	case POLICIES_64_PREFIXES:
		for (int n = 0; n < POLICIES_MAX; n++)
			add_prefix_policy(text, n, n * 10, n * 10 + 10);
		break;
	case POLICIES_1_BINARY:
		add_binary_policy(text, 1);
		break;
	default:
		add_binary_policy(text, BENCH_BINARIES);
	}
}

/* ---- Applying them ---- */

struct applied {
	struct unit unit;
	struct buffer text;
	char root[64];
	int program;
	struct ring_buffer *ring;
	int processes;
};

static void root_of(enum policies which, char root[64])
{
	snprintf(root, 64, ROOT "-%d", which);
}

/* The program behind the link of the policy's hook, which goes: the bench attaches it when its turn comes. */
static int take_program(const struct pins *pins, struct arena *arena)
{
	struct bpf_link_info info = { 0 };
	const char *const *names;
	struct pin_hook hook;
	uint32_t size = sizeof(info);
	size_t count;
	int link, error = pins_names(pins, PIN_LINKS, arena, &names, &count);

	for (size_t n = 0; n < count && !error; n++) {
		if (pin_hook_read(arena, names[n], &hook))
			continue;
		link = pins_get(pins, PIN_LINKS, names[n]);
		if (link < 0 || bpf_obj_get_info_by_fd(link, &info, &size) || pins_remove(pins, PIN_LINKS, names[n]))
			die(names[n], strerror(errno));
		error = bpf_prog_get_fd_by_id(info.prog_id);
		close(link);
		return error;
	}
	die("links", "the policy's hook has none");
	return -1;
}

/* The hook stays attached and known, and no policy is on it any more. */
static void apply_nothing(const struct pins *pins, struct arena *arena)
{
	struct buffer image = { 0 };
	struct failure failure;
	struct area area;
	const char *error;

	if (link_image(NULL, 0, NULL, arena, &image, &error))
		die("link", error);
	if (area_open(pins, &area, &failure))
		die("area", failure.text);
	area_write(&area, image.bytes, image.length);
	area_switch(&area);
	area_close(&area);
	buffer_release(&image);
}

static uint32_t own_pid;	/* getpid() would be a system call more */

/* Others on this machine may well read what the policies watch. */
static int count_event(void *count, void *bytes, size_t size)
{
	const struct abi_event *event = bytes;

	(void)size;
	*(size_t *)count += event->kind == ABI_EVENT_HOOK && event->tgid == own_pid;
	return 0;
}

static size_t event_count;

static struct ring_buffer *open_ring(int map)
{
	struct ring_buffer *ring = ring_buffer__new(map, count_event, &event_count, NULL);

	if (!ring)
		die("ring buffer", strerror(errno));
	return ring;
}

static void run_apply(struct applied *applied)
{
	struct apply_options options = { .root = applied->root };
	struct link_input inputs[POLICIES_MAX];
	struct failure failure = { 0 };
	struct apply *apply;

	for (size_t n = 0; n < applied->unit.object_count; n++)
		inputs[n] = (struct link_input){ applied->unit.objects[n].bytes, applied->unit.objects[n].length, "bench" };
	if (apply_prepare(&options, inputs, applied->unit.object_count, &apply, &failure))
		die("apply", failure.text);
	if (apply_plan(apply)->refusal_count)
		die("apply", apply_plan(apply)->refusals[0].text);
	if (apply_run(apply, &failure))
		die("apply", failure.text);
	apply_free(apply);
}

static void apply_policies(enum policies which, struct applied *ret)
{
	struct failure failure = { 0 };
	struct pins pins;

	root_of(which, ret->root);
	remove_everything(ret->root, &failure);
	write_policies(which, &ret->text);
	unit_init(&ret->unit, "bench.yaml", ret->text.bytes, ret->text.length);
	if (unit_compile(&ret->unit, NULL))
		die("compile", "refused");
	run_apply(ret);
	if (pins_open(&pins, ret->root, &failure))
		die("pins", failure.text);
	ret->program = take_program(&pins, &ret->unit.arena);
	ret->ring = open_ring(pins_get(&pins, PIN_MAPS, ABI_MAP_EVENTS));
	ret->processes = pins_get(&pins, PIN_MAPS, ABI_MAP_PROCESSES);
	if (which == POLICIES_NONE)
		apply_nothing(&pins, &ret->unit.arena);
	pins_close(&pins);
}

static void remove_all(void)
{
	struct failure failure;
	char root[64];

	for (int which = 0; which < POLICIES_COUNT; which++) {
		root_of(which, root);
		remove_everything(root, &failure);
	}
}

/* ---- What calls ---- */

static void call_other_number(void)
{
	syscall(BENCH_NUMBER + 100);
}

static void call_number(void)
{
	syscall(BENCH_NUMBER);
}

/* The hook is at the call's entry, so it may fail at once: there is no such directory descriptor. */
static void open_path(const char *path)
{
	syscall(SYS_openat, -1, path, O_CREAT | O_DIRECTORY, 0);
}

/* What programs open all day; none of it is on the list. */
static void open_other_path(void)
{
	static const char *const paths[] = {
		"/etc/ld.so.cache", "/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/share/locale/locale.alias",
		"/proc/self/maps",
	};
	static unsigned int turn;

	open_path(paths[turn++ % 4]);
}

static void open_watched_path(void)
{
	open_path("/root/.ssh/authorized_keys");
}

/* ---- Subjects ---- */

enum place { SYS_ENTER, OPENAT };

struct subject {
	const char *name;
	enum place place;
	enum policies policies;		/* whose program; NONE with by_hand: the program of that name */
	const char *by_hand;
	void (*call)(void);
	bool sends;
	int program;
	struct ring_buffer *ring;
	double times[ROUNDS_MAX];	/* ns per run */
};

enum {
	EMPTY_RAW, INTEGER_HAND, INTEGER_TETRA, IDLE_TETRA, INTEGERS_TETRA, BINARY_TETRA, BINARIES_TETRA,
	INTEGER_EVENT_HAND, INTEGER_EVENT_TETRA,
	EMPTY_OPENAT, READ_HAND, PREFIX_HAND, PREFIX_TETRA, PREFIXES_TETRA, PREFIX_EVENT_HAND, PREFIX_EVENT_TETRA,
	ONE_HAND, ONE_TETRA, THOUSAND_TETRA, TEN_TETRA, MANY_TETRA,
	SUBJECT_COUNT,
};

static struct subject subjects[SUBJECT_COUNT] = {
	[EMPTY_RAW] = { "empty raw tracepoint program", SYS_ENTER, 0, "nothing_raw", call_other_number },
	[INTEGER_HAND] = { "integer compare, no match: by hand", SYS_ENTER, 0, "integer", call_other_number },
	[INTEGER_TETRA] = { "integer compare, no match: tetra", SYS_ENTER, POLICIES_INTEGER, NULL, call_other_number },
	[IDLE_TETRA] = { "no policy on the hook: tetra", SYS_ENTER, POLICIES_NONE, NULL, call_other_number },
	[INTEGERS_TETRA] = { "8 policies with one integer, no match: tetra", SYS_ENTER, POLICIES_8_INTEGERS, NULL,
			     call_other_number },
	[BINARY_TETRA] = { "matchBinaries of one path: tetra", SYS_ENTER, POLICIES_1_BINARY, NULL, call_other_number },
	[BINARIES_TETRA] = { "matchBinaries of 4,000 paths: tetra", SYS_ENTER, POLICIES_BINARIES, NULL, call_other_number },
	[INTEGER_EVENT_HAND] = { "event with an integer: by hand", SYS_ENTER, 0, "integer", call_number, true },
	[INTEGER_EVENT_TETRA] = { "event with an integer: tetra", SYS_ENTER, POLICIES_INTEGER, NULL, call_number, true },
	[EMPTY_OPENAT] = { "empty tracepoint program", OPENAT, 0, "nothing_openat", open_other_path },
	[READ_HAND] = { "path read, nothing else: by hand", OPENAT, 0, "path_read", open_other_path },
	[PREFIX_HAND] = { "100 prefixes, no match: by hand", OPENAT, 0, "path_in_trie", open_other_path },
	[PREFIX_TETRA] = { "100 prefixes, no match: tetra", OPENAT, POLICIES_PREFIXES, NULL, open_other_path },
	[PREFIXES_TETRA] = { "8 policies with 10 prefixes, no match: tetra", OPENAT, POLICIES_8_PREFIXES, NULL,
			     open_other_path },
	[ONE_HAND] = { "1 prefix, no match: by hand", OPENAT, 0, "path_prefix", open_other_path },
	[ONE_TETRA] = { "1 prefix, no match: tetra", OPENAT, POLICIES_1_PREFIX, NULL, open_other_path },
	[THOUSAND_TETRA] = { "1,000 prefixes, no match: tetra", OPENAT, POLICIES_1000_PREFIXES, NULL, open_other_path },
	[TEN_TETRA] = { "1 policy with 10 prefixes, no match: tetra", OPENAT, POLICIES_10_PREFIXES, NULL, open_other_path },
	[MANY_TETRA] = { "64 policies with 10 prefixes, no match: tetra", OPENAT, POLICIES_64_PREFIXES, NULL, open_other_path },
	[PREFIX_EVENT_HAND] = { "event with a path: by hand", OPENAT, 0, "path_in_trie", open_watched_path, true },
	[PREFIX_EVENT_TETRA] = { "event with a path: tetra", OPENAT, POLICIES_PREFIXES, NULL, open_watched_path, true },
};

static const char *wanted = "";	/* text in the names of the subjects that are measured */

static bool is_wanted(const struct subject *subject)
{
	return strstr(subject->name, wanted);
}

static int attach(const struct subject *subject)
{
	int link;

	if (subject->place == SYS_ENTER)
		return link_raw_tracepoint(subject->program, "sys_enter");
	link = link_tracepoint(subject->program, "syscalls", "sys_enter_openat", LINK_COOKIE, 0);
	return link >= 0 ? link : link_tracepoint(subject->program, "syscalls", "sys_enter_openat", LINK_HELD, 0);
}

static struct bpf_prog_info information(int program)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &size))
		die("statistics", strerror(errno));
	return info;
}

static void call_many(const struct subject *subject, int count)
{
	while (count--)
		subject->call();
}

/* One batch. Others on this machine call, too, which the kernel counts like ours. */
static double measure(const struct subject *subject)
{
	struct bpf_prog_info before, after;
	int link = attach(subject);

	if (link < 0)
		die(subject->name, strerror(-link));
	call_many(subject, WARM_UP);
	ring_buffer__consume(subject->ring);
	event_count = 0;
	before = information(subject->program);
	call_many(subject, BATCH);
	after = information(subject->program);
	close(link);
	ring_buffer__consume(subject->ring);
	if (after.run_cnt - before.run_cnt < BATCH)
		die(subject->name, "it did not run at every call");
	if (event_count != (subject->sends ? BATCH : 0))
		die(subject->name, "it did not send the events that it should");
	return (double)(after.run_time_ns - before.run_time_ns) / (double)(after.run_cnt - before.run_cnt);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure_all(int rounds)
{
	for (int round = 0; round < rounds; round++)
		for (int n = 0; n < SUBJECT_COUNT; n++)
			if (is_wanted(&subjects[n]))
				subjects[n].times[round] = measure(&subjects[n]);
	for (int n = 0; n < SUBJECT_COUNT; n++)
		qsort(subjects[n].times, rounds, sizeof(double), compare);
}

/* ---- Start ---- */

static void fill_trie(int map)
{
	struct { uint32_t bits; char path[BENCH_PREFIX_MAX]; } key;
	uint32_t value = 1;

	for (size_t n = 0; n < BENCH_PREFIXES; n++) {
		memset(&key, 0, sizeof(key));
		memcpy(key.path, prefixes[n], strlen(prefixes[n]));
		key.bits = (uint32_t)strlen(prefixes[n]) * 8;
		if (bpf_map_update_elem(map, &key, &value, BPF_ANY))
			die("trie", strerror(errno));
	}
}

static struct by_hand_bpf *load_by_hand(int processes)
{
	struct by_hand_bpf *by_hand = by_hand_bpf__open();

	if (!by_hand || bpf_map__reuse_fd(by_hand->maps.processes, processes) || by_hand_bpf__load(by_hand))
		die("by_hand", strerror(errno));
	fill_trie(bpf_map__fd(by_hand->maps.prefixes));
	return by_hand;
}

static void prepare(void)
{
	static struct applied applied[POLICIES_COUNT];
	struct ring_buffer *ring;
	struct by_hand_bpf *by_hand;

	for (int which = 0; which < POLICIES_COUNT; which++)
		apply_policies(which, &applied[which]);
	by_hand = load_by_hand(applied[POLICIES_INTEGER].processes);
	ring = open_ring(bpf_map__fd(by_hand->maps.events));
	for (int n = 0; n < SUBJECT_COUNT; n++) {
		struct subject *subject = &subjects[n];

		subject->program = applied[subject->policies].program;
		subject->ring = applied[subject->policies].ring;
		if (!subject->by_hand)
			continue;
		subject->program =
			bpf_program__fd(bpf_object__find_program_by_name(by_hand->obj, subject->by_hand));
		subject->ring = ring;
	}
}

/* Moving from one processor to another would fall on whoever is measured just then. */
static void stay_here(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* ---- Report ---- */

static const struct row {
	const char *what;
	int measured, baseline;
	const char *against;
	double goal;			/* largest ratio; 0: none */
} rows[] = {
	{ "integer compare, no match", INTEGER_TETRA, INTEGER_HAND, "by hand", 1.4 },
	{ "path against 1 prefix, no match", ONE_TETRA, ONE_HAND, "1 prefix by hand", 1.6 },
	{ "path against 100 prefixes, no match", PREFIX_TETRA, ONE_HAND, "1 prefix by hand", 1.6 },
	{ "path against 1,000 prefixes, no match", THOUSAND_TETRA, ONE_HAND, "1 prefix by hand", 1.6 },
	{ "path against 100 prefixes, no match", PREFIX_TETRA, PREFIX_HAND, "by hand, LPM trie", 0 },
	{ "matching event with an integer", INTEGER_EVENT_TETRA, INTEGER_EVENT_HAND, "by hand", 1.15 },
	{ "matching event with a path", PREFIX_EVENT_TETRA, PREFIX_EVENT_HAND, "by hand, LPM trie", 1.15 },
	{ "64 policies with 10 prefixes each", MANY_TETRA, TEN_TETRA, "1 policy with 10", 3 },
	{ "attached hook, no policy on it", IDLE_TETRA, EMPTY_RAW, "empty program", 0 },
	{ "8 policies, one integer each", INTEGERS_TETRA, INTEGER_TETRA, "1 policy", 0 },
	{ "8 policies, 10 prefixes each", PREFIXES_TETRA, PREFIX_TETRA, "1 policy, 100 prefixes", 0 },
	{ "matchBinaries of 4,000 paths", BINARIES_TETRA, BINARY_TETRA, "1 path", 0 },
};

static double median(const struct subject *subject, int rounds)
{
	return subject->times[rounds / 2];
}

static void print_row(const struct row *row, int rounds)
{
	double measured = median(&subjects[row->measured], rounds), baseline = median(&subjects[row->baseline], rounds);
	char goal[32] = "";

	if (row->goal)
		snprintf(goal, sizeof(goal), "at most %g", row->goal);
	printf("| %s | %.0f ns | %s, %.0f ns | %.2f | %s |\n", row->what, measured, row->against, baseline,
	       measured / baseline, goal);
}

static void print_subjects(int rounds)
{
	printf("%-46s %8s %8s %8s\n", "ns per run", "tenth", "median", "ninth");
	for (int n = 0; n < SUBJECT_COUNT; n++)
		if (is_wanted(&subjects[n]))
			printf("%-46s %8.1f %8.1f %8.1f\n", subjects[n].name, subjects[n].times[rounds / 10],
			       median(&subjects[n], rounds), subjects[n].times[rounds * 9 / 10]);
}

int main(int argc, char **argv)
{
	int statistics, rounds = getenv("ROUNDS") ? atoi(getenv("ROUNDS")) : ROUNDS;
	bool table = argc > 1 && !strcmp(argv[1], "--table");

	if (geteuid()) {
		puts("| engine against programs by hand | not run: needs root | | | |");
		return 0;
	}
	if (rounds < 1 || rounds > ROUNDS_MAX)
		die("ROUNDS", "1 to 500");
	statistics = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (statistics < 0)
		die("statistics", strerror(errno));
	own_pid = (uint32_t)getpid();
	if (argc > 1 && !table)
		wanted = argv[1];
	atexit(remove_all);
	stay_here();
	prepare();
	measure_all(rounds);
	if (!table)
		print_subjects(rounds);
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows) && table; n++)
		print_row(&rows[n], rounds);
	close(statistics);
	return 0;
}

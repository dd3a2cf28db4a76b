// SPDX-License-Identifier: Apache-2.0
/*
 * cost.c - guest instructions that an event costs: of tetra's programs, of programs by hand, beside those of Tetragon's agent.
 *
 *	cost POLICIES [TEXT]	the table; of the rows of lines.def whose policy contains TEXT
 *
 * For a machine that counts instructions (TETRA_VM_ICOUNT=1 of tests/vm/run), where a nanosecond of the clock is one. The policies are
 * YAML, applied by the code of `tetra apply`. Two figures of each subject, the least of several rounds, since what disturbs only adds:
 *
 *   program  what the kernel counts as the run time of all programs (BPF_STATS_RUN_TIME) for one call. Its floor, that of a program
 *            that does nothing, is what reading the clock takes.
 *   call     what a call takes with the hook attached more than without, nothing counted: with the kernel's way to the program.
 *
 * Which of the two Tetragon's figures are, their floors say: 46 for kprobe, tracepoint and uprobe, 66 for fentry, 64 for LSM. Every batch
 * must have sent the events that it should, or the bench fails.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf-templates/abi.h"
#include "tests/bench/applied.h"
#include "tests/bench/cost/by_hand.skel.h"
#include "tests/bench/cost/watched.h"

#define ROOT "/sys/fs/bpf/tetra-bench-cost"
#define FOLDER "/tmp/bench"
#define DEEP FOLDER "/some/folders/that/lie/in/each/other/as/deep/as/projects/do"

enum { ROUNDS = 5, WARM_UP = 20, CALLS = 2000, CALLS_RUN = 60, HAND_MAX = 3, LINK_MAX = HAND_MAX };

/* ---- Calls ---- */

static int other_fd, watched_fd, deep_fd, secret_fd, socket_fd;

static void call_write_other(int n)
{
	(void)n;
	(void)!write(other_fd, "hello", 5);
}

static void call_write_watched(int n)
{
	(void)n;
	(void)!write(WATCHED_FD, "hello", 5);
}

static void call_pwrite_other(int n)
{
	(void)n;
	(void)!pwrite(other_fd, "hello", 5, 0);
}

static void call_pread_other(int n)
{
	char bytes[5];

	(void)n;
	(void)!pread(other_fd, bytes, 5, 0);
}

static void call_pwrite_deep(int n)
{
	(void)n;
	(void)!pwrite(deep_fd, "hello", 5, 0);
}

static void call_pwrite_watched(int n)
{
	(void)n;
	(void)!pwrite(watched_fd, "hello", 5, 0);
}

static void call_pwrite_secret(int n)
{
	(void)n;
	(void)!pwrite(secret_fd, "hello", 5, 0);
}

/* Nobody listens: the answer is there before the call returns. */
static void connect_to(uint32_t address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(address) };

	if (!connect(socket_fd, (struct sockaddr *)&to, sizeof(to)) || errno != ECONNREFUSED)
		bench_die("connect", strerror(errno));
}

static void call_connect_other(int n)
{
	(void)n;
	connect_to(INADDR_LOOPBACK);
}

static void call_connect_watched(int n)
{
	(void)n;
	connect_to(WATCHED_ADDRESS);
}

static void open_and_close(const char *path)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);

	if (fd < 0)
		bench_die(path, strerror(errno));
	close(fd);
}

static void call_open_other(int n)
{
	(void)n;
	open_and_close(FOLDER "/other");
}

static void call_open_watched(int n)
{
	(void)n;
	open_and_close(WATCHED_FILE);
}

static void call_dup_other(int n)
{
	(void)n;
	dup(-1);
}

static void call_dup_watched(int n)
{
	(void)n;
	close(dup(WATCHED_FD));
}

/* Its address is taken from the symbol table, so it must be there, whole. */
int bench_probed(int number);
__attribute__((noipa)) int bench_probed(int number)
{
	return number + 1;
}

static void call_probe_other(int n)
{
	bench_probed(n & 0xff);
}

static void call_probe_quarter(int n)
{
	bench_probed(n % 4 ? 1 : WATCHED_FD);
}

static void call_run_program(int n)
{
	pid_t child = vfork();	/* a fork would copy what the bench has mapped meanwhile */
	int status = 0;

	(void)n;
	if (!child) {
		execl("/job/nothing", "/job/nothing", "with", "arguments", (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		bench_die("run", "the program could not be run");
}

/* ---- Tables ---- */

/* By how much Tetragon's figure shall be larger. */
enum goal { GOAL_EVENT = 3, GOAL_PATH = 10, GOAL_INTEGER = 20 };

struct figures {
	uint64_t program, call;		/* instructions a call; call: more than without */
};

static struct line {
	const char *policy, *says, *attach, *by_hand, *workload;
	void (*call)(int n);
	int events;
	enum goal goal;
	unsigned tetragon, tetragon_hand;
	uint64_t without;		/* instructions of a call with nothing attached */
	struct figures hand, tetra;
} lines[] = {
#define LINE(policy, says, attach, by_hand, workload, call, events, goal, tetragon, tetragon_hand) \
	{ policy, says, attach, by_hand, workload, call_##call, events, GOAL_##goal, tetragon, tetragon_hand },
#include "tests/bench/cost/lines.def"
#undef LINE
};
enum { LINES = sizeof(lines) / sizeof(*lines) };

/* What programs that do nothing cost, and what the one who measured Tetragon found. */
static struct line floors[] = {
	{ .says = "kprobe", .by_hand = "nothing_kprobe", .call = call_dup_other, .tetragon = 46 },
	{ .says = "fentry", .by_hand = "nothing_fentry", .call = call_dup_other, .tetragon = 66 },
	{ .says = "LSM", .by_hand = "nothing_lsm", .call = call_open_other, .tetragon = 64 },
	{ .says = "tracepoint", .by_hand = "nothing_tracepoint", .call = call_dup_other, .tetragon = 46 },
	{ .says = "uprobe", .by_hand = "nothing_uprobe", .call = call_probe_other, .tetragon = 46 },
};
enum { FLOORS = sizeof(floors) / sizeof(*floors) };

/* ---- Counting ---- */

static int calls_of(const struct line *line)
{
	return line->call == call_run_program ? CALLS_RUN : CALLS;
}

static void call_many(const struct line *line, int count)
{
	for (int n = 0; n < count; n++)
		line->call(n);
}

static int count_event(void *count, void *bytes, size_t size)
{
	(void)bytes;
	(void)size;
	++*(int *)count;
	return 0;
}

static int event_count;

static void check_events(const struct line *line, int calls)
{
	if (event_count != calls * line->events / 100)
		bench_die(line->says, event_count ? "it sent another number of events than it should" : "it sent no events");
}

/* All programs of the machine: there are none but those that are measured, and those of the base. */
static uint64_t run_time(void)
{
	uint32_t id = 0;
	uint64_t sum = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size))
			sum += info.run_time_ns;
		close(fd);
	}
	return sum;
}

static uint64_t batch(const struct line *line, struct ring_buffer *ring)
{
	int calls = calls_of(line);
	uint64_t before, took;

	if (ring)
		ring_buffer__consume(ring);
	event_count = 0;
	before = bench_now();
	call_many(line, calls);
	took = bench_now() - before;
	if (ring) {
		ring_buffer__consume(ring);
		check_events(line, calls);
	}
	return took;
}

static uint64_t least_of_call(const struct line *line, struct ring_buffer *ring)
{
	uint64_t least = UINT64_MAX, took;

	call_many(line, WARM_UP);
	for (int round = 0; round < ROUNDS; round++) {
		took = batch(line, ring);
		least = took < least ? took : least;
	}
	return least / calls_of(line);
}

static uint64_t least_of_programs(const struct line *line, struct ring_buffer *ring)
{
	uint64_t least = UINT64_MAX, before, took;
	int statistics = bpf_enable_stats(BPF_STATS_RUN_TIME);

	if (statistics < 0)
		bench_die("statistics", strerror(errno));
	for (int round = 0; round < ROUNDS; round++) {
		before = run_time();
		batch(line, ring);
		took = run_time() - before;
		least = took < least ? took : least;
	}
	close(statistics);
	return (least + calls_of(line) / 2) / calls_of(line);
}

/* Of what is attached now. */
static struct figures measure(const struct line *line, struct ring_buffer *ring)
{
	struct figures ret = { .call = least_of_call(line, ring) - line->without };

	ret.program = least_of_programs(line, ring);
	return ret;
}

/* ---- By hand ---- */

static struct by_hand_bpf *by_hand;
static struct ring_buffer *by_hand_ring;

static struct ring_buffer *open_ring(int map)
{
	struct ring_buffer *ring = ring_buffer__new(map, count_event, &event_count, NULL);

	if (!ring)
		bench_die("ring buffer", strerror(errno));
	return ring;
}

static void know_itself(int map, const void *value)
{
	uint32_t pid = (uint32_t)getpid();

	if (bpf_map_update_elem(map, &pid, value, BPF_ANY))
		bench_die("processes", strerror(errno));
}

static void load_by_hand(void)
{
	static const struct abi_process_entry listed = { .flags = WATCHED_PROCESS };
	static const char program[4096];

	by_hand = by_hand_bpf__open_and_load();
	if (!by_hand)
		bench_die("by_hand", strerror(errno));
	by_hand_ring = open_ring(bpf_map__fd(by_hand->maps.events));
	know_itself(bpf_map__fd(by_hand->maps.processes), &listed);
	know_itself(bpf_map__fd(by_hand->maps.programs), program);
}

static struct bpf_link *attach_by_hand(const char *name, size_t length)
{
	char text[64];
	struct bpf_program *program;
	struct bpf_link *link;

	snprintf(text, sizeof(text), "%.*s", (int)length, name);
	program = bpf_object__find_program_by_name(by_hand->obj, text);
	link = program ? bpf_program__attach(program) : NULL;
	if (!link)
		bench_die(text, "cannot be attached");
	return link;
}

static void measure_by_hand(struct line *line)
{
	struct bpf_link *links[LINK_MAX];
	size_t count = 0, length;

	for (const char *at = line->by_hand; *at && count < LINK_MAX; at += length + (at[length] == ' ')) {
		length = strcspn(at, " ");
		links[count++] = attach_by_hand(at, length);
	}
	line->hand = measure(line, by_hand_ring);
	while (count)
		bpf_link__destroy(links[--count]);
}

/* ---- Tetra ---- */

static const char *policies_folder;

static bool is_same_policy(const struct line *a, const struct line *b)
{
	return !strcmp(a->policy, b->policy) && (a->attach ? b->attach && !strcmp(a->attach, b->attach) : !b->attach);
}

static void apply_policy(const struct line *line)
{
	struct buffer yaml = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "%s/%s.yaml", policies_folder, line->policy);
	bench_read_file(path, &yaml);
	bench_apply(ROOT, &yaml, line->attach);
	buffer_release(&yaml);
}

static void measure_tetra(struct line *line)
{
	struct ring_buffer *ring;
	struct pins pins;

	bench_open(ROOT, &pins);
	ring = open_ring(bench_map(&pins, ABI_MAP_EVENTS));
	line->tetra = measure(line, ring);
	ring_buffer__free(ring);
	pins_close(&pins);
}

/* ---- Report ---- */

static void print_floors(void)
{
	puts("| program that does nothing | instructions of the program | floor that Tetragon was measured with | of a call |");
	puts("|---|---|---|---|");
	for (int n = 0; n < FLOORS; n++)
		printf("| %s | %lu | %u | %lu |\n", floors[n].says, floors[n].hand.program, floors[n].tetragon,
		       floors[n].hand.call);
	puts("");
}

static void print_line(const struct line *line)
{
	double times = (double)line->tetragon / (double)line->tetra.program;

	printf("| %s | %s | %lu | %lu | %.1f | %u | %.1f | %d | %s | %lu | %lu |\n", line->says, line->workload, line->tetra.program,
	       line->hand.program, (double)line->tetra.program / (double)line->hand.program, line->tetragon, times, line->goal,
	       times >= line->goal ? "met" : "**missed**", line->tetra.call, line->hand.call);
	fflush(stdout);
}

static void print_head(void)
{
	puts("| policy | workload | ours | by hand | ratio | Tetragon | Tetragon / ours | goal, at least | | a call more, ours | by hand |");
	puts("|---|---|---|---|---|---|---|---|---|---|---|");
}

/* ---- Start ---- */

static int make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	if (fd < 0 || write(fd, "hello", 5) != 5)
		bench_die(path, strerror(errno));
	return fd;
}

static void make_folders(const char *path)
{
	char part[256];

	for (const char *at = path + 1; ; at++) {
		if (*at && *at != '/')
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)(at - path), path);
		mkdir(part, 0700);
		if (!*at)
			return;
	}
}

static void prepare(void)
{
	make_folders(DEEP);
	make_folders(WATCHED_FOLDER);
	other_fd = make_file(FOLDER "/other");
	deep_fd = make_file(DEEP "/file");
	watched_fd = make_file(WATCHED_FILE);
	secret_fd = make_file(WATCHED_FOLDER "file");
	if (dup2(other_fd, WATCHED_FD) != WATCHED_FD)
		bench_die("dup2", strerror(errno));
	socket_fd = socket(AF_INET, SOCK_STREAM, 0);
}

static bool is_wanted(const struct line *line, const char *text)
{
	return !text || strstr(line->policy, text);
}

static void measure_without(struct line *line)
{
	line->without = least_of_call(line, NULL);
}

int main(int argc, char **argv)
{
	const struct line *applied = NULL;
	const char *text = argc > 2 ? argv[2] : NULL;

	if (argc < 2)
		bench_die("usage", "cost POLICIES [TEXT]");
	policies_folder = argv[1];
	prepare();
	load_by_hand();
	for (int n = 0; n < FLOORS; n++) {
		measure_without(&floors[n]);
		measure_by_hand(&floors[n]);
	}
	print_floors();
	for (int n = 0; n < LINES; n++) {
		if (is_wanted(&lines[n], text)) {
			measure_without(&lines[n]);
			measure_by_hand(&lines[n]);
		}
	}
	print_head();
	for (int n = 0; n < LINES; n++) {
		if (!is_wanted(&lines[n], text))
			continue;
		if (!applied || !is_same_policy(applied, &lines[n]))
			apply_policy(&lines[n]);
		applied = &lines[n];
		measure_tetra(&lines[n]);
		print_line(&lines[n]);
	}
	bench_remove(ROOT);
	return 0;
}

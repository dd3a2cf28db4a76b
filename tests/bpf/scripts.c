// SPDX-License-Identifier: Apache-2.0
/* scripts.c - see scripts.h. */
#include "tests/bpf/scripts.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/processes.h"
#include "tests/bpf/tap.h"

#define NOWHERE		"/nowhere"
#define CLONE_TIME	0x80

/* Inherited by what is executed. */
enum { FD_PROGRAM = SCRIPT_FD_PROGRAM, FD_GO = 101, FD_DONE = 102 };

struct programs script_programs;
int script_program;
struct abi_process_entry *script_seen;
static int go[2], done[2];
static struct bpf_link *links[3];	/* of the programs that follow processes */

/* ---- Scripts ---- */

void script_ask(void)
{
	uint64_t context[12] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = sizeof(context));
	struct abi_process_texts texts;
	char self[32] = "";

	if (bpf_prog_test_run_opts(FD_PROGRAM, &options))
		_exit(1);
	if (script_seen && readlink("/proc/self", self, sizeof(self) - 1) > 0)
		process_read(strtoul(self, NULL, 10), script_seen, &texts);
}

static void change_capabilities(unsigned number)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct sets[2];

	if (syscall(SYS_capget, &header, sets))
		_exit(2);
	sets[number / 32].effective &= ~(1u << number % 32);
	if (syscall(SYS_capset, &header, sets))
		_exit(2);
}

/* The child goes on; its parent waits for it, or is gone before it does. */
static void split(bool leave)
{
	pid_t before = getpid(), child = fork();
	int status;

	if (child < 0)
		_exit(3);
	if (child && !leave)
		waitpid(child, &status, 0);
	if (child)
		_exit(0);
	while (leave && getppid() == before)
		usleep(1000);
}

static void step(char **words)
{
	const char *word = *words;
	char byte;

	if (!strcmp(word, "ask"))
		script_ask();
	else if (!strcmp(word, "fork"))
		split(false);
	else if (!strcmp(word, "leave"))
		split(true);
	else if (!strcmp(word, "wait"))
		(void)(!write(FD_DONE, "w", 1) || !read(FD_GO, &byte, 1));
	else if (!strcmp(word, "unshare") && unshare(CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWPID))
		_exit(4);
	else if (!strcmp(word, "unshare-time") && unshare(CLONE_TIME))
		_exit(4);
	else if (!strcmp(word, "unshare-user") && unshare(CLONE_NEWUSER))
		_exit(4);
	else if (!strcmp(word, "drop"))
		change_capabilities(SCRIPT_DROPPED);
	else if (*word == '/')
		execv(word, words);
}

static int script_perform(char **words)
{
	for (; *words; words++)
		step(words);
	return 0;
}

pid_t script_start(const char *script)
{
	enum { WORDS = 128 };
	static char copy[1024];
	char *words[WORDS], *rest = NULL, *word;
	unsigned count = 0;
	pid_t child;

	programs_drop_events(&script_programs);
	fflush(stdout);
	if (pipe(done) || pipe(go))
		exit(1);
	child = fork();
	if (!child) {
		snprintf(copy, sizeof(copy), "%s", script);
		for (word = strtok_r(copy, " ", &rest); word && count < WORDS - 1; word = strtok_r(NULL, " ", &rest))
			words[count++] = word;
		words[count] = NULL;
		dup2(script_program, FD_PROGRAM);
		dup2(go[0], FD_GO);
		dup2(done[1], FD_DONE);
		close(done[1]);
		_exit(script_perform(words));
	}
	close(done[1]);
	return child;
}

void script_await(void)
{
	char byte;

	(void)!read(done[0], &byte, 1);
}

void script_go_on(void)
{
	(void)!write(go[1], "x", 1);
}

unsigned script_collect(void)
{
	unsigned count = programs_collect(&script_programs), kept = 0, n;

	for (n = 0; n < count; n++) {
		if (((const struct abi_event *)script_programs.events[n].bytes)->kind == ABI_EVENT_HOOK)
			script_programs.events[kept++] = script_programs.events[n];
		else
			free(script_programs.events[n].bytes);
	}
	script_programs.event_count = kept;
	return kept;
}

unsigned script_finish(void)
{
	char byte;

	while (read(done[0], &byte, 1) > 0)
		;
	close(done[0]);
	close(go[0]);
	close(go[1]);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return script_collect();
}

/* ---- Images ---- */

struct question {
	unsigned op, slot;
	uint64_t operand;
};

/* Yes, no and unknown of question n are accepts 3n, 3n + 1 and 3n + 2. */
static void add_question(struct abi_record *records, unsigned *count, uint32_t accepts, const struct question *question)
{
	const unsigned first = *count;
	unsigned n;

	records[(*count)++] = (struct abi_record){ question->op, question->slot, first + 1, first + 2, first + 3,
						   question->operand };
	for (n = 0; n < 3; n++)
		records[(*count)++] = (struct abi_record){
			.op = ABI_OP_ACCEPT, .yes = first + 4,
			.operand = accepts + (first / 4 * 3 + n) * sizeof(struct abi_accept) };
}

static void apply_questions(struct image_builder *builder, const struct question *questions, unsigned count)
{
	static const uint32_t no_flags[1];
	struct abi_record records[64] = { { 0 } };
	struct abi_hook hook = { .id = SCRIPT_HOOK };
	struct abi_accept accept = { 0 };
	uint32_t accepts = 0, at;
	unsigned n;

	builder_policies(builder, no_flags, 1);
	for (accept.selector = 0; accept.selector < 3 * count; accept.selector++) {
		at = builder_accept(builder, &accept);
		if (!accept.selector)
			accepts = at;
	}
	for (n = 0; n < count; n++)
		add_question(records, &hook.record_count, accepts, &questions[n]);
	hook.record_count++;	/* END */
	builder_hook(builder, &hook, records);
	builder_finish(builder);
	programs_apply(&script_programs, builder);
	builder_release(builder);
}

/* Whether the binaries of all ancestors of this process are known. */
static bool ancestors_known(void)
{
	uint32_t process = getpid();
	struct abi_process_entry entry;

	while (process) {
		if (bpf_map_lookup_elem(programs_map(&script_programs, ABI_MAP_PROCESSES), &process, &entry) || !entry.path_length)
			return false;
		process = entry.parent_pid;
	}
	return true;
}

/* The answers of one asking, from event `first` on: a letter for each question.  A small n: no, if that can be known. */
bool script_answers_are(unsigned first, const char *wanted)
{
	size_t count = strlen(wanted), n;
	char got[64] = "", expected[64] = "";

	for (n = 0; n < count; n++)
		expected[n] = wanted[n] != 'n' ? wanted[n] : ancestors_known() ? 'N' : 'U';
	for (n = 0; n < count && first + n < script_programs.event_count; n++) {
		const struct abi_event *event = (const void *)script_programs.events[first + n].bytes;

		got[n] = event->selector / 3 == n ? "YNU"[event->selector % 3] : '?';
	}
	if (!strcmp(got, expected))
		return true;
	tap_say("expected %s, got %s", expected, got);
	return false;
}

void script_apply_ids(const uint32_t *ids, unsigned count, bool in_namespace)
{
	struct question questions[8];
	struct image_builder builder;
	unsigned n;

	builder_init(&builder);
	for (n = 0; n < count; n++) {
		const struct test_interval interval = { ids[n], ids[n], 1 };

		questions[n] = (struct question){ ABI_OP_LINEAGE, in_namespace,
						  ABI_LOOKUP(builder_intervals(&builder, &interval, 1, false), n, 0) };
	}
	apply_questions(&builder, questions, count);
}

/* Questions about binaries: this program, two copies of it, and one that nobody runs. */
static void apply_binaries(const struct question *questions, unsigned count)
{
	static char self[512];
	struct image_builder builder;
	struct test_pattern patterns[4] = {
		{ ABI_STRING_EXACT, 0, (const uint8_t *)self, 1 }, { ABI_STRING_EXACT, strlen(FIRST), (const uint8_t *)FIRST, 2 },
		{ ABI_STRING_EXACT, strlen(SECOND), (const uint8_t *)SECOND, 4 },
		{ ABI_STRING_EXACT, strlen(NOWHERE), (const uint8_t *)NOWHERE, 8 },
	};

	(void)!readlink("/proc/self/exe", self, sizeof(self) - 1);
	patterns[0].length = strlen(self);
	builder_init(&builder);
	((struct abi_image *)builder.bytes)->binary_tables[0] = builder_strings(&builder, patterns, 4);
	apply_questions(&builder, questions, count);
}

/* Of the process, its lineage, its parent and the parent's lineage: this program, the copies, nobody. */
void script_apply_kin(void)
{
	struct question questions[16];
	unsigned n;

	for (n = 0; n < 16; n++)
		questions[n] = (struct question){ ABI_OP_BINARY, n / 4, ABI_LOOKUP(0, n / 4, n % 4) };
	apply_binaries(questions, 15);	/* three accepts of each: as many as records fit */
}

/* ---- Start and end ---- */

static bool copy_self(const char *path)
{
	int from = open("/proc/self/exe", O_RDONLY), to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	struct stat status;
	bool fine = from >= 0 && to >= 0 && !fstat(from, &status);
	off_t left = fine ? status.st_size : 0;

	while (left > 0) {
		ssize_t copied = sendfile(to, from, NULL, (size_t)left);

		if (copied <= 0)
			return false;
		left -= copied;
	}
	close(from);
	close(to);
	return fine;
}

static bool load_asker(void)
{
	const struct knobs knobs = { SCRIPT_HOOK, 0, 6, 0 };
	struct bpf_object *object = programs_open(&script_programs, TEMPLATE_RAW_TRACEPOINT);

	if (programs_load(&script_programs, object, &knobs, NULL, NULL))
		return false;
	script_program = bpf_program__fd(bpf_object__find_program_by_name(object, "raw_tracepoint"));
	return true;
}

struct process_maps scripts_maps(void)
{
	return (struct process_maps){ programs_map(&script_programs, ABI_MAP_PROCESSES), programs_map(&script_programs, ABI_MAP_PROCESS_TEXTS) };
}

static bool follow_processes(void)
{
	static const char *const names[] = { "process_exec", "process_fork", "process_exit" };
	struct bpf_object *object = programs_open(&script_programs, TEMPLATE_PROCESSES);
	unsigned n;

	if (programs_load(&script_programs, object, NULL, NULL, NULL))
		return false;
	for (n = 0; n < 3; n++) {
		links[n] = bpf_program__attach(bpf_object__find_program_by_name(object, names[n]));
		if (!links[n])
			return false;
	}
	return !processes_fill(scripts_maps());
}

static bool begin(void)
{
	programs_allow();
	script_seen = mmap(NULL, sizeof(*script_seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	mkdir(DIRECTORY, 0755);
	return copy_self(FIRST) && copy_self(SECOND) && !programs_init(&script_programs) && load_asker() && follow_processes();
}

static void end(void)
{
	for (unsigned n = 0; n < 3; n++)
		bpf_link__destroy(links[n]);
	unlink(FIRST);
	unlink(SECOND);
	rmdir(DIRECTORY);
}

int scripts_main(int argc, char **argv, void (*tests)(void))
{
	if (argc > 1)
		return script_perform(argv + 1);	/* a copy, in the middle of a script */
	if (tap_ok(begin(), "processes are followed"))
		tests();
	end();
	return tap_done();
}

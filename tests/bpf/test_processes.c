// SPDX-License-Identifier: Apache-2.0
/*
 * test_processes.c - what decisions know of the process: namespaces, capabilities, their changes, and its ancestors.
 *
 * Children follow a script: they fork, leave, execute copies of this program, change what they have, and ask. Asking runs the raw
 * tracepoint program by hand, which answers every question of its image by an event. TAP; needs root.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/capability.h>
#include <unistd.h>

#include "runtime/processes.h"
#include "tests/bpf/programs.h"
#include "tests/bpf/tap.h"

#define HOOK		3u
#define NOWHERE		"/nowhere"
#define DIRECTORY	"/tmp/tetra-kin"
#define FIRST		DIRECTORY "/first"
#define SECOND		DIRECTORY "/second"
#define WORD_64		"----------------------------------------------------------------"
#define LONG_WORD	WORD_64 WORD_64 WORD_64 WORD_64	/* does nothing */
#define DROPPED		25	/* CAP_SYS_TIME */
#define CLONE_TIME	0x80

/* Inherited by what is executed. */
enum { FD_PROGRAM = 100, FD_GO = 101, FD_DONE = 102 };
/* Words of NAMESPACE in schema/kinds.def. */
enum { UTS = 0, IPC = 1, PID = 3, PID_FOR_CHILDREN = 4, NET = 5, TIME = 6, TIME_FOR_CHILDREN = 7, CGROUP = 8, USER = 9 };

static struct programs programs;
static int raw_tracepoint, go[2], done[2];
static struct abi_process_entry *seen;	/* what /proc says of the process that asked last; shared */

/* ---- Scripts ---- */

static void ask(void)
{
	uint64_t context[12] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = sizeof(context));
	struct abi_process_texts texts;
	char self[32] = "";

	if (bpf_prog_test_run_opts(FD_PROGRAM, &options))
		_exit(1);
	if (seen && readlink("/proc/self", self, sizeof(self) - 1) > 0)
		process_read(strtoul(self, NULL, 10), seen, &texts);
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
		ask();
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
		change_capabilities(DROPPED);
	else if (*word == '/')
		execv(word, words);
}

static int perform(char **words)
{
	for (; *words; words++)
		step(words);
	return 0;
}

/* Begins a script, whose words are parted by spaces, in a child. */
static void start(const char *script)
{
	static char copy[512];
	char *words[64], *rest = NULL, *word;
	unsigned count = 0;

	programs_drop_events(&programs);
	fflush(stdout);
	if (pipe(done) || pipe(go))
		exit(1);
	if (!fork()) {
		snprintf(copy, sizeof(copy), "%s", script);
		for (word = strtok_r(copy, " ", &rest); word && count < 63; word = strtok_r(NULL, " ", &rest))
			words[count++] = word;
		words[count] = NULL;
		dup2(raw_tracepoint, FD_PROGRAM);
		dup2(go[0], FD_GO);
		dup2(done[1], FD_DONE);
		close(done[1]);
		_exit(perform(words));
	}
	close(done[1]);
}

/* Until a process of the script waits. */
static void await_waiting(void)
{
	char byte;

	(void)!read(done[0], &byte, 1);
}

static void let_go(void)
{
	(void)!write(go[1], "x", 1);
}

/* Of what has come, the answers. */
static unsigned collect_answers(void)
{
	unsigned count = programs_collect(&programs), kept = 0, n;

	for (n = 0; n < count; n++) {
		if (((const struct abi_event *)programs.events[n].bytes)->kind == ABI_EVENT_HOOK)
			programs.events[kept++] = programs.events[n];
		else
			free(programs.events[n].bytes);
	}
	programs.event_count = kept;
	return kept;
}

/* Waits for all processes of the script; how many answers have come. */
static unsigned finish(void)
{
	char byte;

	while (read(done[0], &byte, 1) > 0)
		;
	close(done[0]);
	close(go[0]);
	close(go[1]);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return collect_answers();
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
	struct abi_hook hook = { .id = HOOK };
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
	programs_apply(&programs, builder);
	builder_release(builder);
}

/* Whether the binaries of all ancestors of this process are known. */
static bool ancestors_known(void)
{
	uint32_t process = getpid();
	struct abi_process_entry entry;

	while (process) {
		if (bpf_map_lookup_elem(programs.maps[1], &process, &entry) || !entry.path_length)
			return false;
		process = entry.parent_pid;
	}
	return true;
}

/* The answers of one asking, from event `first` on: a letter for each question.  A small n: no, if that can be known. */
static bool answers_are(unsigned first, const char *wanted)
{
	size_t count = strlen(wanted), n;
	char got[64] = "", expected[64] = "";

	for (n = 0; n < count; n++)
		expected[n] = wanted[n] != 'n' ? wanted[n] : ancestors_known() ? 'N' : 'U';
	for (n = 0; n < count && first + n < programs.event_count; n++) {
		const struct abi_event *event = (const void *)programs.events[first + n].bytes;

		got[n] = event->selector / 3 == n ? "YNU"[event->selector % 3] : '?';
	}
	if (!strcmp(got, expected))
		return true;
	tap_say("expected %s, got %s", expected, got);
	return false;
}

/* ---- Facts: slots that are reported ---- */

enum {
	FACT_NAMESPACE = 0, FACT_HOST = FACT_NAMESPACE + ABI_NAMESPACES, FACT_SET = FACT_HOST + ABI_NAMESPACES,
	FACT_SET_CHANGES = FACT_SET + ABI_CAPABILITY_SETS, FACT_CHANGES = FACT_SET_CHANGES + ABI_CAPABILITY_SETS, FACT_PID, FACTS,
};

static struct abi_slot fact_slot(unsigned fact)
{
	struct abi_slot slot = { .source = ABI_SOURCE_TASK };
	static const struct { unsigned first, load; } kinds[] = {
		{ FACT_PID, ABI_LOAD_NAMESPACE_PID }, { FACT_CHANGES, ABI_LOAD_NAMESPACE_CHANGES },
		{ FACT_SET_CHANGES, ABI_LOAD_CAPABILITY_CHANGES }, { FACT_SET, ABI_LOAD_CAPABILITY_SET },
		{ FACT_HOST, ABI_LOAD_IN_HOST_NAMESPACE }, { FACT_NAMESPACE, ABI_LOAD_NAMESPACE },
	};
	unsigned n = 0;

	while (kinds[n].first > fact)
		n++;
	slot.load = kinds[n].load;
	slot.index = fact - kinds[n].first;
	return slot;
}

/* Every event is accepted and tells all facts. */
static void apply_facts(uint32_t flags)
{
	static const uint32_t no_flags[1];
	struct abi_accept accept = { .report_slots = (1u << FACTS) - 1, .flags = flags };
	struct abi_hook hook = { .id = HOOK, .slot_count = FACTS, .record_count = 2 };
	struct abi_record records[2] = { { .op = ABI_OP_ACCEPT, .yes = 1 } };
	struct image_builder builder;
	unsigned fact;

	builder_init(&builder);
	builder_policies(&builder, no_flags, 1);
	records[0].operand = builder_accept(&builder, &accept);
	for (fact = 0; fact < FACTS; fact++)
		hook.slots[fact] = fact_slot(fact);
	builder_hook(&builder, &hook, records);
	builder_finish(&builder);
	programs_apply(&programs, &builder);
	builder_release(&builder);
}

static const struct abi_event_slot *fact(unsigned event, unsigned which)
{
	static const struct abi_event_slot nothing;

	return event < programs.event_count ? &((const struct abi_event *)programs.events[event].bytes)->slots[which] : &nothing;
}

static bool fact_is(unsigned event, unsigned which, uint64_t value)
{
	const struct abi_event_slot *slot = fact(event, which);

	if (slot->state == ABI_SLOT_READ && slot->value == value)
		return true;
	tap_say("fact %u: state %u, %llx instead of %llx", which, slot->state, (unsigned long long)slot->value,
		(unsigned long long)value);
	return false;
}

static bool is_unreadable(unsigned event, unsigned which)
{
	return fact(event, which)->state == ABI_SLOT_FAULT;
}

/* What /proc does not have cannot be read either, but for a pid namespace in which no child was born yet. */
static bool namespaces_are_right(unsigned event)
{
	bool fine = true;
	unsigned n;

	for (n = 0; n < ABI_NAMESPACES; n++)
		fine &= n == PID_FOR_CHILDREN && !seen->namespaces[n] ? !is_unreadable(event, FACT_NAMESPACE + n) :
			seen->namespaces[n] ? fact_is(event, FACT_NAMESPACE + n, seen->namespaces[n]) :
					      is_unreadable(event, FACT_NAMESPACE + n);
	return fine;
}

static bool capabilities_are_right(unsigned event)
{
	bool fine = seen->flags & ABI_PROCESS_CAPABILITIES;
	unsigned n;

	for (n = 0; n < ABI_CAPABILITY_SETS; n++)
		fine &= fact_is(event, FACT_SET + n, seen->capabilities[n]);
	return fine;
}

static void test_facts(void)
{
	apply_facts(0);
	start("fork ask");
	tap_ok(finish() == 1 && namespaces_are_right(0), "namespaces are what /proc says");
	tap_ok(capabilities_are_right(0), "capability sets are what /proc says");
	tap_ok(fact_is(0, FACT_PID, seen->namespace_pid), "the process id is the namespace's");
	tap_ok(fact_is(0, FACT_CHANGES, 0) && fact_is(0, FACT_SET_CHANGES, 0), "nothing has changed");
	start("unshare fork ask");
	tap_ok(finish() == 1 && fact_is(0, FACT_PID, 1) && seen->namespace_pid == 1 && namespaces_are_right(0) &&
		       fact_is(0, FACT_CHANGES, 0),
	       "the first process of a new pid namespace has id 1, and has had it from the start");
}

static void test_host(void)
{
	uint32_t *host = programs.area->control.host_namespaces, own[ABI_NAMESPACES], n;
	bool fine = true;

	namespaces_read(getpid(), own);
	memcpy(host, own, sizeof(own));
	host[IPC]++;
	host[NET] = 0;
	apply_facts(0);
	start("ask");
	finish();
	for (n = 0; n < ABI_NAMESPACES; n++)
		fine &= !own[n] || n == NET ? is_unreadable(0, FACT_HOST + n) : fact_is(0, FACT_HOST + n, n != IPC);
	tap_ok(fine, "a namespace is the host's, or not, or it is not known which one is");
	namespaces_read(1, host);
}

static void test_namespace_changes(void)
{
	apply_facts(0);
	start("unshare ask ask");
	tap_ok(finish() == 2 && fact_is(0, FACT_CHANGES, 1 << UTS | 1 << NET | 1 << PID_FOR_CHILDREN) && namespaces_are_right(0),
	       "namespaces that a process has left are changes");
	tap_ok(fact_is(1, FACT_CHANGES, 1 << UTS | 1 << NET | 1 << PID_FOR_CHILDREN), "and stay so");
	start("unshare fork ask");
	tap_ok(finish() == 1 && fact_is(0, FACT_CHANGES, 0), "they are none of the child that begins with them");
	start("unshare " FIRST " ask");
	tap_ok(finish() == 1 && fact_is(0, FACT_CHANGES, 0), "nor of what is executed afterwards");
	start("unshare-user ask");
	if (!finish())	/* it has no capabilities outside of it any more */
		tap_skip("a user namespace is a change", "this kernel does not let such a process run a program");
	else
		tap_ok(fact_is(0, FACT_CHANGES, 1u << USER) && namespaces_are_right(0), "a user namespace is a change");
	apply_facts(ABI_ACCEPT_NOTES_NAMESPACES | ABI_ACCEPT_ACTS);
	start("unshare ask ask");
	tap_ok(finish() == 2 && fact_is(0, FACT_CHANGES, 1 << UTS | 1 << NET | 1 << PID_FOR_CHILDREN) &&
		       fact_is(1, FACT_CHANGES, 0),
	       "a change that was noted is none any more");
	if (!seen->namespaces[TIME]) {
		tap_skip("time namespaces", "this kernel has none");
		return;
	}
	start("unshare-time ask fork ask");
	tap_ok(finish() == 2 && fact_is(0, FACT_CHANGES, 1 << TIME_FOR_CHILDREN) && fact_is(1, FACT_CHANGES, 0) &&
		       namespaces_are_right(1),
	       "a time namespace is the children's first");
}

static void test_capability_changes(void)
{
	apply_facts(0);
	start("drop ask");
	tap_ok(finish() == 1 && fact_is(0, FACT_SET_CHANGES, 1ULL << DROPPED) && fact_is(0, FACT_SET_CHANGES + 1, 0) &&
		       fact_is(0, FACT_SET_CHANGES + 2, 0) && capabilities_are_right(0),
	       "a capability that was dropped is a change of its set only");
	start("drop fork ask");
	tap_ok(finish() == 1 && fact_is(0, FACT_SET_CHANGES, 0), "it is none of the child");
	apply_facts(ABI_ACCEPT_NOTES_CAPABILITIES | ABI_ACCEPT_ACTS);
	start("drop ask ask");
	tap_ok(finish() == 2 && fact_is(0, FACT_SET_CHANGES, 1ULL << DROPPED) && fact_is(1, FACT_SET_CHANGES, 0),
	       "a change that was noted is none any more");
}

static void test_unknown_process(void)
{
	uint32_t key = getpid();
	struct abi_process_entry entry;
	bool fine;

	apply_facts(0);
	bpf_map_lookup_elem(programs.maps[1], &key, &entry);
	bpf_map_delete_elem(programs.maps[1], &key);
	programs_drop_events(&programs);
	dup2(raw_tracepoint, FD_PROGRAM);
	ask();
	close(FD_PROGRAM);
	fine = collect_answers() == 1 && is_unreadable(0, FACT_CHANGES) && is_unreadable(0, FACT_SET_CHANGES) &&
	       namespaces_are_right(0) && capabilities_are_right(0);
	tap_ok(fine, "of a process that is not known, changes cannot be told, and the rest can");
	bpf_map_update_elem(programs.maps[1], &key, &entry, BPF_ANY);
}

/* ---- Kin ---- */

/* Questions about process ids: `ids` are asked for one by one, as the host numbers them, or the process's own namespace. */
static void apply_ids(const uint32_t *ids, unsigned count, bool in_namespace)
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

static void test_ids(void)
{
	const uint32_t ids[] = { getpid(), 1, 4194305 }, inner[] = { 1, 2, 4194305 };

	apply_ids(ids, 3, false);
	start("ask");
	tap_ok(finish() == 3 && answers_are(0, "YYN"), "process ids: the parent, the first process, and nobody");
	start("leave leave ask");
	tap_ok(finish() == 3 && answers_are(0, "YYN"), "process ids: ancestors that are gone");
	start("leave " FIRST " leave " SECOND " ask");
	tap_ok(finish() == 3 && answers_are(0, "YYN"), "process ids: and what they executed");
	apply_ids(inner, 3, true);
	start("unshare fork fork ask");
	tap_ok(finish() == 3 && answers_are(0, "YYN"), "process ids of a namespace: nobody outside has one");
	start("unshare fork ask");
	tap_ok(finish() == 3 && answers_are(0, "YNN"), "process ids of a namespace: its first process");
}

/* How many ancestors this process has. */
static unsigned own_depth(void)
{
	uint32_t process = getpid();
	struct abi_process_entry entry;

	return bpf_map_lookup_elem(programs.maps[1], &process, &entry) ? ABI_LINEAGE_MAX : entry.ancestor_count;
}

/* Of a chain of processes that is too long, the beginning is not known any more. */
static void test_long_lineage(void)
{
	static const unsigned rows[] = { 6, 20, ABI_LINEAGE_MAX - 1, ABI_LINEAGE_MAX, ABI_LINEAGE_MAX + 5 };
	const uint32_t ids[] = { getpid(), 4194305 };
	unsigned row, n;

	apply_ids(ids, 2, false);
	for (row = 0; row < sizeof(rows) / sizeof(*rows); row++) {
		char script[512] = "", expected[3] = { rows[row] < ABI_LINEAGE_MAX ? 'Y' : 'U',
						       own_depth() + rows[row] < ABI_LINEAGE_MAX ? 'N' : 'U' };

		for (n = 0; n < rows[row]; n++)
			strcat(script, "fork ");
		strcat(script, "ask");
		start(script);
		tap_ok(finish() == 2 && answers_are(0, expected), "process ids: %u generations", rows[row]);
	}
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
static void apply_kin(void)
{
	struct question questions[16];
	unsigned n;

	for (n = 0; n < 16; n++)
		questions[n] = (struct question){ ABI_OP_BINARY, n / 4, ABI_LOOKUP(0, n / 4, n % 4) };
	apply_binaries(questions, 15);	/* three accepts of each: as many as records fit */
}

static void test_kin(void)
{
	apply_kin();
	start(FIRST " fork " SECOND " ask");
	tap_ok(finish() == 15 && answers_are(0, "NNYN" "YYYn" "NYN" "N" "YYn"), "binaries: of all kin");
	start(FIRST " leave " SECOND " ask");
	tap_ok(finish() == 15 && answers_are(0, "NNYN" "YYYn" "NYN" "N" "YYn"), "binaries: of a parent that is gone");
	start(FIRST " " LONG_WORD " fork fork ask");
	tap_ok(finish() == 15 && answers_are(0, "NYNN" "YYnn" "NYN" "N" "YYn"), "binaries: whose texts the entry has no room for");
	start(FIRST " " LONG_WORD " fork wait ask");
	await_waiting();
	apply_kin();
	let_go();
	tap_ok(finish() == 15 && answers_are(0, "NYNN" "YYnn" "NYN" "N" "YYn"), "binaries: likewise, found anew by another image");
	start("fork " FIRST " leave leave " SECOND " leave ask");
	tap_ok(finish() == 15 && answers_are(0, "NNYN" "YYYn" "NNY" "N" "YYY"), "binaries: of several that are gone");
	start(FIRST " fork " SECOND " wait ask");
	await_waiting();
	apply_kin();
	let_go();
	tap_ok(finish() == 15 && answers_are(0, "NNYN" "YYYn" "NYN" "N" "YYn"), "binaries: found anew by another image");
	start(FIRST " leave " SECOND " wait ask");
	await_waiting();
	apply_kin();
	let_go();
	tap_ok(finish() == 15 && answers_are(0, "NNYN" "UUYU" "UUU" "U" "UUU"),
	       "binaries: another image cannot know of those that were gone");
	start("fork " FIRST " fork wait ask");
	await_waiting();
	apply_kin();
	let_go();
	tap_ok(finish() == 15 && answers_are(0, "NYNN" "YYnn" "NYN" "N" "YYn"), "binaries: a child that executes nothing");
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

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_WARN && getenv("VERBOSE"))
		vfprintf(stderr, format, arguments);
	return 0;
}

static struct bpf_object *load_asker(void)
{
	const struct knobs knobs = { HOOK, 0, 6, 0 };
	struct bpf_object *object = programs_open(&programs, TEMPLATE_RAW_TRACEPOINT);
	int error = programs_load(&programs, object, &knobs, NULL, NULL);

	if (!tap_ok(!error, "the raw tracepoint program loads"))
		return NULL;
	raw_tracepoint = bpf_program__fd(bpf_object__find_program_by_name(object, "raw_tracepoint"));
	return object;
}

static bool follow_processes(struct bpf_object *object, struct bpf_link *links[3])
{
	static const char *const names[] = { "process_exec", "process_fork", "process_exit" };
	unsigned n;

	for (n = 0; n < 3; n++) {
		links[n] = bpf_program__attach(bpf_object__find_program_by_name(object, names[n]));
		if (!links[n])
			return false;
	}
	return !processes_fill((struct process_maps){ programs.maps[1], programs.maps[5] });
}

static void test_all(void)
{
	test_facts();
	test_host();
	test_namespace_changes();
	test_capability_changes();
	test_unknown_process();
	test_ids();
	test_long_lineage();
	test_kin();
}

int main(int argc, char **argv)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct bpf_object *asker, *follower;
	struct bpf_link *links[3] = { NULL };
	int error, n;

	if (argc > 1)
		return perform(argv + 1);	/* a copy, in the middle of a script */
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_print(silent);
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	mkdir(DIRECTORY, 0755);
	if (!tap_ok(copy_self(FIRST) && copy_self(SECOND) && !programs_init(&programs), "everything can be set up"))
		return tap_done();
	asker = load_asker();
	follower = asker ? programs_open(&programs, TEMPLATE_PROCESSES) : NULL;
	error = follower ? programs_load(&programs, follower, NULL, NULL, NULL) : -1;
	if (tap_ok(!error, "processes loads") && tap_ok(follow_processes(follower, links), "processes are followed"))
		test_all();
	for (n = 0; n < 3; n++)
		bpf_link__destroy(links[n]);
	unlink(FIRST);
	unlink(SECOND);
	rmdir(DIRECTORY);
	return tap_done();
}

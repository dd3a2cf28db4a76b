// SPDX-License-Identifier: Apache-2.0
/*
 * test_attach.c - every program is loaded, attached, and seen at work, as far as the running kernel allows; those of processes are in
 * test_process_events.c.
 *
 * What it refuses is skipped with the error.  TAP; needs root.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bpf/attached.h"
#include "tests/bpf/tap.h"

#define ENTRY_HOOK	3u
#define RETURN_HOOK	4u
#define SECRET		"/tmp/tetra-secret"
#define NICE		12345	/* a process that does not exist */
#define SYSCALL_FUNCTION "__x64_sys_getpriority"

static struct programs programs;

/* ---- Images: a hook whose slots are given, a decision of a few records, one or two accepts ---- */

struct policy {
	struct image_builder builder;
	struct abi_hook hook;
	struct abi_record records[8];
	uint32_t flags[2];	/* of policy 0 and 1 */
	uint32_t accepts[2];
};

static void policy_begin(struct policy *policy, uint32_t id, uint32_t flags)
{
	memset(policy, 0, sizeof(*policy));
	builder_init(&policy->builder);
	policy->flags[0] = flags;
	builder_policies(&policy->builder, policy->flags, 2);
	policy->hook.id = id;
}

/* `action` may be NULL. */
static void policy_accept(struct policy *policy, const struct abi_accept *accept, const struct abi_action *action)
{
	unsigned n = policy->accepts[0] != 0;

	policy->accepts[n] = action ? builder_accept_acting(&policy->builder, accept, *action) :
				      builder_accept(&policy->builder, accept);
}

static void policy_slot(struct policy *policy, struct abi_slot slot)
{
	policy->hook.slots[policy->hook.slot_count++] = slot;
}

/* The record goes on to the next when true, and to the end (record 7) when it is not. */
static void policy_require(struct policy *policy, unsigned op, unsigned slot, uint64_t operand)
{
	unsigned n = policy->hook.record_count++;

	policy->records[n] = (struct abi_record){ op, slot, n + 1, 7, 7, operand };
}

/* Only this process; every policy here starts with it.  Its slot is the first. */
static void policy_only_here(struct policy *policy)
{
	policy_slot(policy, (struct abi_slot){ .load = ABI_LOAD_PID, .source = ABI_SOURCE_TASK });
	policy_require(policy, ABI_OP_EQUAL, 0, getpid());
}

static void policy_apply(struct policy *policy)
{
	unsigned i;

	for (i = 0; i < 2 && policy->accepts[i]; i++)
		policy_require(policy, ABI_OP_ACCEPT, 0, policy->accepts[i]);
	policy_require(policy, ABI_OP_JUMP, 0, 0);
	policy->records[policy->hook.record_count - 1].yes = 7;
	policy->hook.record_count = 8;
	builder_hook(&policy->builder, &policy->hook, policy->records);
	builder_finish(&policy->builder);
	programs_apply(&programs, &policy->builder);
	programs_drop_events(&programs);
	builder_release(&policy->builder);
}

/* ---- What came ---- */

static const struct abi_event *event_at(unsigned n)
{
	return (const struct abi_event *)programs.events[n].bytes;
}

static bool bytes_are(const struct abi_event *event, unsigned slot, const char *text)
{
	const struct abi_event_slot *entry = &event->slots[slot];

	return entry->state == ABI_SLOT_READ && entry->length == strlen(text) &&
	       !memcmp((const char *)event + entry->offset, text, entry->length);
}

/* Loads one program of a template for `target` and says so; NULL after a skip. */
static struct bpf_object *load(enum template template, const char *program, const char *target,
			       unsigned argument_count, unsigned entry_hook, unsigned return_hook)
{
	const struct knobs knobs = { entry_hook, return_hook, argument_count, 0 };
	struct bpf_object *object = programs_open(&programs, template);
	char name[128];
	int error;

	error = programs_load(&programs, object, &knobs, program, target);
	snprintf(name, sizeof(name), "%s loads", program);
	if (!error) {
		tap_ok(true, "%s", name);
		return object;
	}
	bpf_object__close(object);
	if (error == -EPERM)
		tap_skip(name, "%s", strerror(-error));
	else
		tap_ok(false, "%s: %s", name, strerror(-error));
	return NULL;
}

/* ---- Entry and return of a system call's function ---- */

/* Hook 3: arguments 0 and 1 of getpriority(); hook 4: what it returns. */
static void apply_getpriority(unsigned policy_flags, const struct abi_action *action)
{
	struct abi_accept accept = { .selector = 5, .hook_index = 6, .report_slots = 6, .return_slots = 1,
				     .flags = ABI_ACCEPT_RETURN };
	struct policy policy;
	struct abi_hook returns = { .id = RETURN_HOOK, .pair = ENTRY_HOOK, .flags = ABI_HOOK_RETURN,
				    .slot_count = 1 };

	policy_begin(&policy, ENTRY_HOOK, policy_flags);
	policy_accept(&policy, &accept, action);
	policy.hook.flags = ABI_HOOK_SYSCALL | ABI_HOOK_PAIRED;
	policy.hook.pair = RETURN_HOOK;
	policy_only_here(&policy);
	policy_slot(&policy, (struct abi_slot){ .load = ABI_LOAD_S32, .source = ABI_SOURCE_ARGUMENT });
	policy_slot(&policy, (struct abi_slot){ .load = ABI_LOAD_U32, .source = ABI_SOURCE_ARGUMENT,
						.index = 1 });
	policy_require(&policy, ABI_OP_EQUAL, 2, NICE);
	returns.slots[0] = (struct abi_slot){ .load = ABI_LOAD_S64, .source = ABI_SOURCE_RETURN };
	builder_hook(&policy.builder, &returns, NULL);
	policy_apply(&policy);
}

static void check_getpriority(const char *name)
{
	const struct abi_event *entry, *returned;

	apply_getpriority(0, NULL);
	syscall(SYS_getpriority, 0, 1);
	syscall(SYS_getpriority, 0, NICE);
	syscall(SYS_getpriority, 0, 1);
	if (!tap_ok(programs_collect(&programs) == 2, "%s: an entry and its return are reported", name)) {
		tap_say("%u events", programs.event_count);
		return;
	}
	entry = event_at(0);
	returned = event_at(1);
	tap_ok(entry->kind == ABI_EVENT_HOOK && entry->hook == ENTRY_HOOK && entry->selector == 5 &&
		       entry->slots[1].value == 0 && entry->slots[2].value == NICE &&
		       entry->entry_time == entry->time && entry->outcome == ABI_OUTCOME_NONE,
	       "%s: the arguments at entry", name);
	tap_ok(returned->kind == ABI_EVENT_RETURN && returned->hook == RETURN_HOOK &&
		       returned->selector == 5 && returned->entry_time == entry->time &&
		       (int64_t)returned->slots[0].value == -ESRCH,
	       "%s: the value at return", name);
}

/* A call that nothing has returned from yet, of this thread; the count beside the table says `counted`. Whether it is left by a call that is refused. */
static bool is_left(uint32_t counted)
{
	const struct abi_call_key key = { .tid = (uint32_t)syscall(SYS_gettid), .hook = ENTRY_HOOK };
	const int map = programs_map(&programs, ABI_MAP_CALLS);
	struct abi_call call = { .generation = programs.generation, .count = 1 };

	programs.area->calls[ENTRY_HOOK] = counted;
	bpf_map_update_elem(map, &key, &call, BPF_ANY);
	syscall(SYS_getpriority, 0, 1);
	return !bpf_map_delete_elem(map, &key);
}

static void check_calls(const char *name)
{
	tap_ok(!programs.area->calls[ENTRY_HOOK], "%s: of calls that have returned, none is counted", name);
	tap_ok(!is_left(1) && !programs.area->calls[ENTRY_HOOK], "%s: a call that never returned is forgotten when the thread makes another, and not counted", name);
	tap_ok(!is_left(5) && programs.area->calls[ENTRY_HOOK] == 4, "%s: others stay counted", name);
	programs.area->calls[ENTRY_HOOK] = 0;
	tap_ok(is_left(0), "%s: where none is counted, none is looked for", name);
	programs_drop_events(&programs);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

static void check_signals(const char *name)
{
	const struct abi_action signal_action = { ABI_ACTION_SIGNAL, SIGUSR1 };
	const struct abi_action override_action = { ABI_ACTION_OVERRIDE, -EPERM };

	signal(SIGUSR1, count_signal);
	signals = 0;
	apply_getpriority(0, &signal_action);
	syscall(SYS_getpriority, 0, NICE);
	programs_collect(&programs);
	tap_ok(signals == 1 && programs.event_count && event_at(0)->action == ABI_ACTION_SIGNAL &&
		       event_at(0)->outcome == ABI_OUTCOME_ENFORCED,
	       "%s: Signal is sent", name);
	apply_getpriority(ABI_POLICY_MONITOR, &signal_action);
	syscall(SYS_getpriority, 0, NICE);
	programs_collect(&programs);
	tap_ok(signals == 1 && programs.event_count && event_at(0)->action == ABI_ACTION_SIGNAL &&
		       event_at(0)->outcome == ABI_OUTCOME_MONITORED,
	       "%s: Signal of a monitoring policy is only reported", name);
	apply_getpriority(0, &override_action);
	syscall(SYS_getpriority, 0, NICE);
	programs_collect(&programs);
	tap_ok(programs.event_count && event_at(0)->outcome == ABI_OUTCOME_FAILED,
	       "%s: Override without can_override fails, and says so", name);
}

/* The return is reported when it is `wanted`, and then a signal is sent; `flags` are those of that. */
static void apply_return_filter(int64_t wanted, uint32_t flags)
{
	const struct abi_action signal_action = { ABI_ACTION_SIGNAL, SIGUSR1 };
	struct abi_accept accept = { .selector = 5, .hook_index = 6, .report_slots = 6, .return_record = 1, .flags = ABI_ACCEPT_RETURN };
	const struct abi_accept returned = { .selector = 5, .hook_index = 6, .report_slots = 1, .flags = flags };
	struct abi_hook returns = { .id = RETURN_HOOK, .pair = ENTRY_HOOK, .flags = ABI_HOOK_RETURN,
				    .slot_count = 1, .record_count = 3 };
	struct abi_record records[3] = { { ABI_OP_EQUAL, 0, 1, 2, 2, (uint64_t)wanted }, { .op = ABI_OP_ACCEPT, .yes = 2 } };
	struct policy policy;

	policy_begin(&policy, ENTRY_HOOK, 0);
	policy_accept(&policy, &accept, NULL);
	policy.hook.flags = ABI_HOOK_SYSCALL | ABI_HOOK_PAIRED;
	policy.hook.pair = RETURN_HOOK;
	policy_only_here(&policy);
	policy_slot(&policy, (struct abi_slot){ .load = ABI_LOAD_S32, .source = ABI_SOURCE_ARGUMENT });
	policy_slot(&policy, (struct abi_slot){ .load = ABI_LOAD_U32, .source = ABI_SOURCE_ARGUMENT, .index = 1 });
	policy_require(&policy, ABI_OP_EQUAL, 2, NICE);
	records[1].operand = builder_accept_acting(&policy.builder, &returned, signal_action);
	returns.slots[0] = (struct abi_slot){ .load = ABI_LOAD_S64, .source = ABI_SOURCE_RETURN };
	builder_hook(&policy.builder, &returns, records);
	policy_apply(&policy);
}

/* Whether the call's entry and return have come, and the signal: in the return, as its action says. */
static bool returns_with(unsigned action, unsigned state, int signalled)
{
	const struct abi_event *returned;

	signals = 0;
	syscall(SYS_getpriority, 0, NICE);
	if (programs_collect(&programs) != 2 || signals != signalled) {
		tap_say("%u events, %d signals", programs.event_count, (int)signals);
		return false;
	}
	returned = event_at(1);
	return event_at(0)->kind == ABI_EVENT_HOOK && returned->kind == ABI_EVENT_RETURN && returned->action == action &&
	       returned->entry_time == event_at(0)->entry_time && returned->hook_index == 6 && returned->slots[0].state == state;
}

static void check_return_filter(const char *name)
{
	signal(SIGUSR1, count_signal);
	apply_return_filter(-ESRCH, 0);
	tap_ok(returns_with(ABI_ACTION_SIGNAL, ABI_SLOT_READ, 1), "%s: a return that is wanted is reported, and acted on", name);
	apply_return_filter(0, 0);
	tap_ok(returns_with(ABI_ACTION_NOPOST, ABI_SLOT_UNREAD, 0), "%s: of another one nothing is to be reported", name);
	apply_return_filter(-ESRCH, ABI_ACCEPT_QUIET);
	tap_ok(returns_with(ABI_ACTION_NOPOST, ABI_SLOT_UNREAD, 1), "%s: NoPost acts all the same", name);
}

/* A program that kills whoever asks for the priority, whatever its pid. */
static void check_sigkill(const char *name)
{
	const struct abi_accept accept = { .policy = 0 };
	const struct abi_action kill = { .op = ABI_ACTION_SIGKILL };
	struct policy policy;
	int status = 0;
	pid_t child;

	policy_begin(&policy, ENTRY_HOOK, 0);
	policy_accept(&policy, &accept, &kill);
	policy.hook.flags = ABI_HOOK_SYSCALL;
	policy_slot(&policy, (struct abi_slot){ .load = ABI_LOAD_U32, .source = ABI_SOURCE_ARGUMENT,
						.index = 1 });
	policy_require(&policy, ABI_OP_EQUAL, 0, NICE + 1);
	policy_apply(&policy);
	child = fork();
	if (!child) {
		syscall(SYS_getpriority, 0, NICE + 1);
		_exit(0);
	}
	waitpid(child, &status, 0);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s: Sigkill kills", name);
}

static void check_function(const char *name)
{
	check_getpriority(name);
	check_calls(name);
	check_return_filter(name);
	check_signals(name);
	check_sigkill(name);
}

static void test_kprobe(bool cookies)
{
	LIBBPF_OPTS(bpf_kprobe_opts, entry, .bpf_cookie = cookies ? ENTRY_HOOK : 0);
	LIBBPF_OPTS(bpf_kprobe_opts, returns, .retprobe = true, .bpf_cookie = cookies ? RETURN_HOOK : 0);
	const struct knobs knobs = { ENTRY_HOOK, RETURN_HOOK, 0, 0 };
	const char *name = cookies ? "kprobe by cookie" : "kprobe";
	struct bpf_link *at_entry = NULL, *at_return = NULL;
	struct bpf_object *object = programs_open(&programs, TEMPLATE_KPROBE);
	int error;

	error = programs_load(&programs, object, cookies ? NULL : &knobs, NULL, NULL);
	if (error && cookies) {
		tap_skip("kprobe by cookie loads", "%s", strerror(-error));
		bpf_object__close(object);
		return;
	}
	tap_ok(!error, "%s loads", name);
	if (!error)
		at_entry = attached(bpf_program__attach_kprobe_opts(program_of(object, "kprobe_entry"),
								    SYSCALL_FUNCTION, &entry),
				    name);
	if (at_entry)
		at_return = attached(bpf_program__attach_kprobe_opts(program_of(object, "kprobe_return"),
								     SYSCALL_FUNCTION, &returns),
				     "kretprobe");
	if (at_entry && at_return)
		check_function(name);
	bpf_link__destroy(at_return);
	bpf_link__destroy(at_entry);
	bpf_object__close(object);
}

static void test_trampoline(void)
{
	struct bpf_object *entry, *returns = NULL;
	struct bpf_link *at_entry = NULL, *at_return = NULL;

	entry = load(TEMPLATE_TRAMPOLINE, "trampoline_entry", SYSCALL_FUNCTION, 1, ENTRY_HOOK, RETURN_HOOK);
	if (entry)
		at_entry = attached(bpf_program__attach(program_of(entry, "trampoline_entry")), "fentry");
	if (at_entry)
		returns = load(TEMPLATE_TRAMPOLINE, "trampoline_return", SYSCALL_FUNCTION, 1, ENTRY_HOOK,
			       RETURN_HOOK);
	if (returns)
		at_return = attached(bpf_program__attach(program_of(returns, "trampoline_return")), "fexit");
	if (at_return)
		check_function("fentry and fexit");
	bpf_link__destroy(at_return);
	bpf_link__destroy(at_entry);
	bpf_object__close(returns);
	bpf_object__close(entry);
}

/* ---- Overrides ---- */

/*
 * mkdir() with the last bit of its mode is refused: by -EACCES of the second accept, because the first one says 0.
 * Newer kernels put the type of the inode into the mode, too.
 */
static void check_mkdir(const char *name)
{
	const struct abi_accept accepts[2] = {
		{ .policy = 0, .report_slots = 2 }, { .policy = 1, .report_slots = 2 },
	};
	const struct abi_action overrides[2] = { { .op = ABI_ACTION_OVERRIDE }, { .op = ABI_ACTION_OVERRIDE, -EACCES, 0, 0 } };
	struct policy policy;
	int refused, allowed;

	policy_begin(&policy, ENTRY_HOOK, 0);
	policy_accept(&policy, &accepts[0], &overrides[0]);
	policy_accept(&policy, &accepts[1], &overrides[1]);
	policy_only_here(&policy);
	policy_slot(&policy, (struct abi_slot){ .load = ABI_LOAD_U16, .source = ABI_SOURCE_ARGUMENT,
						.index = 2 });
	policy_require(&policy, ABI_OP_MASK, 1, 1);
	policy_apply(&policy);
	umask(0);
	rmdir("/tmp/tetra-directory");
	allowed = mkdir("/tmp/tetra-directory", 0740);
	rmdir("/tmp/tetra-directory");
	refused = mkdir("/tmp/tetra-directory", 0741) ? errno : 0;
	rmdir("/tmp/tetra-directory");
	tap_ok(!allowed && refused == EACCES, "%s: Override refuses what it should, and no more", name);
	tap_ok(programs_collect(&programs) == 2 && event_at(0)->action == ABI_ACTION_OVERRIDE &&
		       event_at(0)->outcome == ABI_OUTCOME_ENFORCED && event_at(1)->policy == 1 &&
		       (event_at(1)->slots[1].value & 07777) == 0741,
	       "%s: both policies report it", name);
	policy_begin(&policy, ENTRY_HOOK, ABI_POLICY_MONITOR);
	policy_accept(&policy, &accepts[1], &overrides[1]);
	policy_only_here(&policy);
	policy.flags[1] = ABI_POLICY_MONITOR;
	policy_apply(&policy);
}

static void check_open(void)
{
	static const struct test_pattern pattern = { ABI_STRING_EXACT, sizeof(SECRET) - 1,
						     (const uint8_t *)SECRET, 1 };
	struct abi_accept accept = { .report_slots = 2 };
	const struct abi_action refuse = { .op = ABI_ACTION_OVERRIDE, -EPERM, 0, 0 };
	struct policy policy;
	uint32_t table;
	int fd, refused;

	close(open(SECRET, O_CREAT | O_RDWR, 0600));
	policy_begin(&policy, ENTRY_HOOK, 0);
	policy_accept(&policy, &accept, &refuse);
	policy_only_here(&policy);
	policy_slot(&policy, (struct abi_slot){ .load = ABI_LOAD_FILE, .source = ABI_SOURCE_ARGUMENT });
	table = builder_strings(&policy.builder, &pattern, 1);
	policy_require(&policy, ABI_OP_STRING, 1, ABI_LOOKUP(table, 0, 0));
	policy_apply(&policy);
	fd = open(SECRET, O_RDONLY);
	refused = fd < 0 ? errno : 0;
	fd = open("/tmp/../tmp/tetra-secret", O_RDONLY);
	tap_ok(refused == EPERM && fd < 0, "lsm: a file is refused by its path");
	fd = open("/tmp", O_DIRECTORY);
	tap_ok(fd >= 0, "lsm: others are not");
	close(fd);
	tap_ok(programs_collect(&programs) == 2 && bytes_are(event_at(0), 1, SECRET) &&
		       S_ISREG(event_at(0)->slots[1].value),
	       "lsm: the event has the path");
	accept.flags = ABI_ACCEPT_QUIET;
	policy_begin(&policy, ENTRY_HOOK, 0);
	policy_accept(&policy, &accept, &refuse);
	policy_only_here(&policy);
	policy_slot(&policy, (struct abi_slot){ .load = ABI_LOAD_FILE, .source = ABI_SOURCE_ARGUMENT });
	table = builder_strings(&policy.builder, &pattern, 1);
	policy_require(&policy, ABI_OP_STRING, 1, ABI_LOOKUP(table, 0, 0));
	policy_apply(&policy);
	fd = open(SECRET, O_RDONLY);
	tap_ok(fd < 0 && !programs_collect(&programs), "lsm: NoPost refuses without an event");
	unlink(SECRET);
}

static void test_lsm(void)
{
	struct bpf_object *object = load(TEMPLATE_LSM, "lsm_hook", "file_open", 1, ENTRY_HOOK, 0);
	struct bpf_link *link = NULL;

	if (object)
		link = attached(bpf_program__attach(program_of(object, "lsm_hook")), "lsm");
	if (link)
		check_open();
	bpf_link__destroy(link);
	bpf_object__close(object);
	link = NULL;
	object = load(TEMPLATE_LSM, "lsm_hook", "inode_mkdir", 3, ENTRY_HOOK, 0);
	if (object)
		link = attached(bpf_program__attach(program_of(object, "lsm_hook")), "lsm");
	if (link)
		check_mkdir("lsm");
	bpf_link__destroy(link);
	bpf_object__close(object);
}

static void test_modify(void)
{
	struct bpf_object *object =
		load(TEMPLATE_TRAMPOLINE, "trampoline_modify", "security_inode_mkdir", 3, ENTRY_HOOK, 0);
	struct bpf_link *link = NULL;

	if (object)
		link = attached(bpf_program__attach(program_of(object, "trampoline_modify")), "fmod_ret");
	if (link)
		check_mkdir("fmod_ret");
	bpf_link__destroy(link);
	bpf_object__close(object);
}

/* ---- Tracepoints ---- */

static void test_raw_tracepoint(void)
{
	struct bpf_object *object = load(TEMPLATE_RAW_TRACEPOINT, "raw_tracepoint", NULL, 2, ENTRY_HOOK, 0);
	struct abi_accept accept = { .report_slots = 2 };
	struct bpf_link *link = NULL;
	struct policy policy;
	int i;

	if (object)
		link = attached(bpf_program__attach_raw_tracepoint(program_of(object, "raw_tracepoint"),
								   "sys_enter"),
				"raw tracepoint");
	if (link) {
		policy_begin(&policy, ENTRY_HOOK, 0);
		policy_accept(&policy, &accept, NULL);
		policy_only_here(&policy);
		policy_slot(&policy, (struct abi_slot){ .load = ABI_LOAD_S64,
							.source = ABI_SOURCE_ARGUMENT, .index = 1 });
		policy_require(&policy, ABI_OP_EQUAL, 1, SYS_getppid);
		policy_apply(&policy);
		for (i = 0; i < 5; i++)
			syscall(SYS_getppid);
		tap_ok(programs_collect(&programs) == 5 && event_at(4)->slots[1].value == SYS_getppid,
		       "raw tracepoint: every call of a system call is reported");
	}
	bpf_link__destroy(link);
	bpf_object__close(object);
}

/* getppid() of the 32-bit ABI, which has another number; false when this kernel does not have that. */
static bool call_by_32(void)
{
#ifdef __x86_64__
	pid_t child = fork();
	int status = 1;

	if (!child) {
		long result = 64;

		asm volatile("int $0x80" : "+a"(result) : : "memory");
		_exit(result != getppid());
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) && !WEXITSTATUS(status);
#else
	return false;
#endif
}

/* Numbers of system calls as syscall64 has them: of every process, since another one makes the call. */
static void test_compat(void)
{
	struct bpf_object *object = load(TEMPLATE_RAW_TRACEPOINT, "raw_tracepoint", NULL, 2, ENTRY_HOOK, 0);
	struct abi_accept accept = { .report_slots = 1 };
	struct bpf_link *link = NULL;
	struct policy policy;

	if (object)
		link = attached(bpf_program__attach_raw_tracepoint(program_of(object, "raw_tracepoint"), "sys_enter"),
				"raw tracepoint");
	if (link) {
		policy_begin(&policy, ENTRY_HOOK, 0);
		policy_accept(&policy, &accept, NULL);
		policy_slot(&policy, (struct abi_slot){ .load = ABI_LOAD_SYSCALL64, .source = ABI_SOURCE_ARGUMENT, .index = 1 });
		policy_require(&policy, ABI_OP_EQUAL, 0, 64 | 1ULL << 31);
		policy_apply(&policy);
		if (call_by_32())
			tap_ok(programs_collect(&programs) == 1 && event_at(0)->slots[0].value == (64 | 1ULL << 31),
			       "a system call of the 32-bit ABI says so");
		else
			tap_skip("a system call of the 32-bit ABI says so", "this kernel has no such calls");
	}
	bpf_link__destroy(link);
	bpf_object__close(object);
}

/* Byte offset of a tracepoint's field; -1 when it cannot be told. */
static int field_offset(const char *event, const char *field)
{
	static const char *const roots[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	char path[256], line[256], name[64];
	int offset = -1, found;
	FILE *file = NULL;
	unsigned i;

	for (i = 0; i < 2 && !file; i++) {
		snprintf(path, sizeof(path), "%s/events/%s/format", roots[i], event);
		file = fopen(path, "r");
	}
	snprintf(name, sizeof(name), " %s;", field);
	while (file && offset < 0 && fgets(line, sizeof(line), file))
		if (strstr(line, name) && strstr(line, "offset:") &&
		    sscanf(strstr(line, "offset:"), "offset:%d", &found) == 1)
			offset = found;
	if (file)
		fclose(file);
	return offset;
}

static void apply_openat(int offset, const struct test_pattern *patterns, uint32_t count)
{
	struct abi_accept accept = { .report_slots = 2 };
	struct policy policy;
	uint32_t table;

	policy_begin(&policy, ENTRY_HOOK, 0);
	policy_accept(&policy, &accept, NULL);
	policy_only_here(&policy);
	policy_slot(&policy, (struct abi_slot){ .load = ABI_LOAD_STRING, .source = ABI_SOURCE_FIELD,
						.size = 8, .offset = offset });
	table = builder_strings(&policy.builder, patterns, count);
	policy_require(&policy, ABI_OP_STRING, 1, ABI_LOOKUP(table, 0, 0));
	policy_apply(&policy);
}

#define PATTERN(kind, text) { ABI_STRING_##kind, sizeof(text) - 1, (const uint8_t *)(text), 1 }

/* What is looked for by its beginning, and whole, is asked for before anything else of the event is read: by each pattern, or by a filter. */
static void check_openat(int offset)
{
	static const struct test_pattern patterns[] = {
		PATTERN(EXACT, "/nowhere/whole/secret"), PATTERN(PREFIX, "/nowhere/folder/of/"), PATTERN(EXACT, "/1"), PATTERN(EXACT, "/2"),
		PATTERN(EXACT, "/3"),
	};
	static const struct { const char *path; bool matches; } rows[] = {
		{ "/nowhere/whole/secret", true }, { "/nowhere/whole/secreT", false }, { "/nowhere/whole/secrets", false },
		{ "/nowhere/folder/of/secrets", true }, { "/nowhere/folder/of/", true }, { "/nowhere/folder/of-", false },
		{ "/nowhere/folder/of", false }, { "/elsewhere", false }, { "", false },
	};

	for (unsigned count = 2; count <= 5; count += 3) {
		apply_openat(offset, patterns, count);
		for (unsigned n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
			programs_drop_events(&programs);
			close(syscall(SYS_openat, AT_FDCWD, rows[n].path, O_RDONLY));
			tap_ok(programs_collect(&programs) == rows[n].matches && (!rows[n].matches || bytes_are(event_at(0), 1, rows[n].path)),
			       "tracepoint: '%s', of %u patterns", rows[n].path, count);
		}
	}
}

static void test_tracepoint(void)
{
	static const struct test_pattern postfix = PATTERN(POSTFIX, "-secret");
	struct bpf_object *object = load(TEMPLATE_TRACEPOINT, "tracepoint", NULL, 0, ENTRY_HOOK, 0);
	int offset = field_offset("syscalls/sys_enter_openat", "filename");
	struct bpf_link *link = NULL;

	if (object)
		link = attached(bpf_program__attach_tracepoint(program_of(object, "tracepoint"), "syscalls",
							       "sys_enter_openat"),
				"tracepoint");
	if (link && offset < 0) {
		tap_skip("tracepoint", "no format file");
	} else if (link) {
		apply_openat(offset, &postfix, 1);
		close(syscall(SYS_openat, AT_FDCWD, SECRET, O_RDONLY));
		close(syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY));
		tap_ok(programs_collect(&programs) == 1 && bytes_are(event_at(0), 1, SECRET),
		       "tracepoint: a string that a field points to");
		check_openat(offset);
	}
	bpf_link__destroy(link);
	bpf_object__close(object);
}

/* libbpf looks for tracefs where it is usually mounted; where it is not, this process mounts it for itself. */
static void see_tracefs(void)
{
	if (access("/sys/kernel/tracing/events", F_OK) && !unshare(CLONE_NEWNS) &&
	    !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	    mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL))
		tap_say("tracefs cannot be mounted: %s", strerror(errno));
}

int main(void)
{
	programs_allow();
	see_tracefs();
	if (!tap_ok(!programs_init(&programs), "the image area can be made and mapped"))
		return tap_done();
	test_raw_tracepoint();
	test_compat();
	test_tracepoint();
	test_kprobe(false);
	test_kprobe(true);
	test_trampoline();
	test_modify();
	test_lsm();
	programs_release(&programs);
	return tap_done();
}

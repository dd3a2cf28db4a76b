// SPDX-License-Identifier: Apache-2.0
/* test_plan.c - which way each hook is attached, what is refused and why, and in which order steps come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/plan.h"
#include "tests/unit/planned.h"

#include <cmocka.h>	/* last: it takes the name fail */

#define TRACEPOINT(more) POLICY("p") "  tracepoints:\n  - subsystem: sched\n    event: sched_switch\n" more
#define ASSIGNS(assignment) "    selectors: [{matchActions: [{action: Override, argRegs: [\"" assignment "\"]}]}]\n"
#define ARGUMENT	"    args: [{index: 0, type: int}]\n"
#define SET		"    args: [{index: 0, type: int}]\n    selectors: [{matchActions: [{action: Set, argIndex: 0, argValue: 1}]}]\n"
#define DIGEST		"    binaryDigests: ['build-id:ab']\n"
#define IGNORE		"    ignore: {digestVerificationFailure: true}\n"

/* What the kernels can, as bits that they lack. */
#define OLD_KERNEL	(FEATURE_BIT(PERF_LINK) | FEATURE_BIT(COOKIE) | FEATURE_BIT(KPROBE_MULTI) | \
			 FEATURE_BIT(FMOD_RET_SYSCALL) | FEATURE_BIT(OVERRIDE_RETURN))
#define NO_PROBES	(FEATURE_BIT(KPROBE) | FEATURE_BIT(KPROBE_MULTI) | FEATURE_BIT(FENTRY))

/* The way of the first hook, or what the first refusal says. */
static const struct choice {
	const char *shows, *policy;
	uint32_t lacking;
	enum attach_lifetime lifetime;
	const char *want;	/* name of the way, or part of the refusal */
	uint32_t forced;
} choices[] = {
	{ "kprobe.multi is preferred", SYSCALL(""), 0, LIFETIME_PINNED, "kprobe_multi" },
	{ "then kprobes with cookies", SYSCALL(""), FEATURE_BIT(KPROBE_MULTI), LIFETIME_PINNED, "kprobe" },
	{ "then trampolines", SYSCALL(""), OLD_KERNEL, LIFETIME_PINNED, "trampoline" },
	{ "return sides too", SYSCALL(RETURNS), OLD_KERNEL, LIFETIME_PINNED, "trampoline" },
	{ "what cannot be pinned is refused", SYSCALL(""), OLD_KERNEL | FEATURE_BIT(FENTRY), LIFETIME_PINNED,
	  "p.yaml:6:5: kprobe 'sys_write': this kernel cannot keep it attached after tetra ends; with --hold" },
	{ "unless it is held", SYSCALL(""), OLD_KERNEL | FEATURE_BIT(FENTRY), LIFETIME_HELD, "kprobe_held" },
	{ "held only where needed", SYSCALL(""), 0, LIFETIME_HELD, "kprobe_multi" },
	{ "no way at all: the plainest reason", SYSCALL(""), NO_PROBES, LIFETIME_PINNED, "has no BPF on kprobes" },
	{ "Override on security_ functions", FUNCTION("security_file_open", OVERRIDE), 0, LIFETIME_PINNED, "fmod_ret" },
	{ "also on old kernels", FUNCTION("security_file_open", OVERRIDE), OLD_KERNEL, LIFETIME_PINNED, "fmod_ret" },
	{ "Override without fmod_ret", FUNCTION("security_file_open", OVERRIDE), FEATURE_BIT(FMOD_RET), LIFETIME_PINNED,
	  "kprobe 'security_file_open' with Override: this kernel, or this process, has no programs that change" },
	{ "Override on system calls", SYSCALL(OVERRIDE), 0, LIFETIME_PINNED, "fmod_ret_syscall" },
	{ "by error injection", SYSCALL(OVERRIDE), FEATURE_BIT(FMOD_RET_SYSCALL), LIFETIME_PINNED, "override" },
	{ "or not at all", SYSCALL(OVERRIDE), OLD_KERNEL, LIFETIME_PINNED, "'sys_write' with Override: this kernel" },
	{ "registers by kprobes: kprobe.multi may lack some", FUNCTION("x", REGISTERS), 0, LIFETIME_PINNED, "kprobe" },
	{ "or not at all: trampolines have none", FUNCTION("x", REGISTERS), OLD_KERNEL, LIFETIME_HELD, "kprobe_held" },
	{ "and say so", FUNCTION("security_file_open", REGISTERS OVERRIDE), 0, LIFETIME_PINNED,
	  "with Override: only a program at a kprobe can read registers (source pt_regs)" },
	{ "those of a system call's caller", SYSCALL(REGISTERS), 0, LIFETIME_PINNED, "kprobe" },
	{ "fentries", FENTRY(""), 0, LIFETIME_PINNED, "fentry" },
	{ "also on old kernels", FENTRY(RETURNS), OLD_KERNEL, LIFETIME_PINNED, "fentry" },
	{ "or not at all", FENTRY(""), FEATURE_BIT(FENTRY), LIFETIME_HELD,
	  "p.yaml:6:5: fentry 'sys_write': this kernel, or this process, has no BPF trampolines" },
	{ "arguments of a 32-bit system call", POLICY("p") "  kprobes:\n  - call: __ia32_sys_write\n" ARGUMENT, 0, LIFETIME_PINNED,
	  "p.yaml:6:5: kprobe '__ia32_sys_write': arguments of 32-bit system calls cannot be read by this version" },
	{ "without them it is one like others", POLICY("p") "  kprobes:\n  - call: __ia32_sys_write\n", 0, LIFETIME_PINNED,
	  "kprobe_multi" },
	{ "LSM", LSM(""), 0, LIFETIME_PINNED, "lsm" },
	{ "LSM with Override", LSM(OVERRIDE), OLD_KERNEL, LIFETIME_PINNED, "lsm" },
	{ "LSM that is not enabled: which boot parameter", LSM(""), FEATURE_BIT(LSM_ENABLED), LIFETIME_PINNED,
	  "add bpf to the boot parameter lsm=" },
	{ "digests", LSM(DIGESTS), 0, LIFETIME_PINNED, "lsm_digest" },
	{ "digests of what IMA has measured", LSM(DIGESTS), FEATURE_BIT(IMA_FILE_HASH), LIFETIME_PINNED, "lsm_measured" },
	{ "or none at all", LSM(DIGESTS), FEATURE_BIT(IMA_FILE_HASH) | FEATURE_BIT(IMA_INODE_HASH), LIFETIME_PINNED,
	  "p.yaml:6:5: lsm 'file_open': this kernel, or this process, has no helper that has IMA compute the digest" },
	{ "digests without IMA", LSM(DIGESTS), FEATURE_BIT(IMA), LIFETIME_PINNED, "has no integrity measurement (IMA)" },
	{ "digests where the order is another", LSM(DIGESTS), FEATURE_BIT(LSM_ORDER), LIFETIME_PINNED, "has no known order" },
	{ "without them, none of it is needed", LSM(""), FEATURE_BIT(LSM_ORDER) | FEATURE_BIT(IMA), LIFETIME_PINNED, "lsm" },
	{ "tracepoints", TRACEPOINT(""), 0, LIFETIME_PINNED, "tracepoint" },
	{ "tracepoints that cannot be pinned", TRACEPOINT(""), OLD_KERNEL, LIFETIME_PINNED, "with --hold" },
	{ "tracepoints held", TRACEPOINT(""), OLD_KERNEL, LIFETIME_HELD, "tracepoint_held" },
	{ "uprobe.multi is preferred", UPROBE(""), 0, LIFETIME_PINNED, "uprobe_multi" },
	{ "then uprobes with cookies", UPROBE(""), FEATURE_BIT(UPROBE_MULTI), LIFETIME_PINNED, "uprobe" },
	{ "uprobes that cannot be pinned", UPROBE(""), OLD_KERNEL | FEATURE_BIT(UPROBE_MULTI), LIFETIME_PINNED, "with --hold" },
	{ "uprobes held", UPROBE(""), OLD_KERNEL | FEATURE_BIT(UPROBE_MULTI), LIFETIME_HELD, "uprobe_held" },
	{ "no uprobes", UPROBE(""), FEATURE_BIT(UPROBE) | FEATURE_BIT(UPROBE_MULTI), LIFETIME_HELD,
	  "p.yaml:6:5: uprobe '/bin/a:f': this kernel, or this process, has no BPF on uprobes" },
	{ "Override of a uprobe", UPROBE(OVERRIDE), 0, LIFETIME_PINNED, "uprobe_override_multi" },
	{ "Override of a uprobe, without uprobe.multi", UPROBE(OVERRIDE), FEATURE_BIT(UPROBE_MULTI), LIFETIME_PINNED, "uprobe_override" },
	{ "Override of a uprobe, on kernels where registers stay", UPROBE(OVERRIDE), FEATURE_BIT(UPROBE_REGISTERS), LIFETIME_PINNED,
	  "uprobe '/bin/a:f' with Override: this kernel, or this process, has no way for BPF to change" },
	{ "what all ways lack is the reason", UPROBE(OVERRIDE), FEATURE_BIT(UPROBE_REGISTERS) | FEATURE_BIT(UPROBE_MULTI), LIFETIME_PINNED,
	  "has no way for BPF to change" },
	{ "Override beside a return", UPROBE(OVERRIDE RETURNS), 0, LIFETIME_PINNED,
	  "with Override: its return is watched, too" },
	{ "Override that leaves the stack alone beside a return", UPROBE(ASSIGNS("rdi=5") RETURNS), 0, LIFETIME_PINNED, "uprobe_multi" },
	{ "Override that does not", UPROBE(ASSIGNS("rsp=8%rsp") RETURNS), 0, LIFETIME_PINNED, "with Override: its return is watched, too" },
	{ "waiting for texts", WAITS(TEXT), 0, LIFETIME_PINNED, "uprobe_multi" },
	{ "waiting for texts, without uprobe.multi", WAITS(TEXT), FEATURE_BIT(UPROBE_MULTI), LIFETIME_PINNED, "uprobe" },
	{ "waiting for texts where nothing may sleep", WAITS(TEXT), FEATURE_BIT(UPROBE_SLEEPABLE), LIFETIME_PINNED,
	  "uprobe '/bin/a:f': this kernel, or this process, has no programs on uprobes that may sleep" },
	{ "nobody waits for numbers", WAITS(""), FEATURE_BIT(UPROBE_SLEEPABLE), LIFETIME_PINNED, "uprobe_multi" },
	{ "nor waits what holds", WAITS(TEXT), FEATURE_BIT(UPROBE_MULTI) | FEATURE_BIT(COOKIE), LIFETIME_HELD, "has no uprobe.multi links" },
	{ "registers of a program", UPROBE(REGISTERS), 0, LIFETIME_PINNED, "uprobe_multi" },
	{ "static probes", USDT(""), 0, LIFETIME_PINNED, "usdt_multi" },
	{ "static probes without uprobe.multi", USDT(""), FEATURE_BIT(UPROBE_MULTI), LIFETIME_PINNED, "usdt" },
	{ "Set has a program of its own", USDT(SET), 0, LIFETIME_PINNED, "usdt_set_multi" },
	{ "Set without the right to write", USDT(SET), FEATURE_BIT(WRITE_USER), LIFETIME_PINNED,
	  "usdt '/bin/a:p:go' with Set: this kernel, or this process, has no helper that writes to the memory of programs" },
	{ "raw tracepoints", TRACEPOINT("    raw: true\n"), OLD_KERNEL, LIFETIME_PINNED, "raw_tracepoint" },
	{ "kprobe.multi is not wanted by the policy", POLICY("p") "  options: [{name: disable-kprobe-multi, value: \"1\"}]\n"
	  "  kprobes:\n  - call: sys_write\n", 0, LIFETIME_PINNED, "kprobe" },
	{ "uprobe.multi is not wanted by the policy", POLICY("p") "  options: [{name: disable-uprobe-multi, value: \"t\"}]\n"
	  "  uprobes:\n  - path: /bin/a\n    symbols: [f]\n", 0, LIFETIME_PINNED, "uprobe" },
	{ "one kind is named", SYSCALL(""), 0, LIFETIME_PINNED, "trampoline", 1u << ATTACH_TRAMPOLINE },
	{ "one of two", SYSCALL(""), 0, LIFETIME_PINNED, "kprobe", 1u << ATTACH_TRAMPOLINE | 1u << ATTACH_KPROBE },
	{ "one of another hook", SYSCALL(""), 0, LIFETIME_PINNED, "kprobe_multi", 1u << ATTACH_LSM },
	{ "one that does not serve it", SYSCALL(OVERRIDE), 0, LIFETIME_PINNED, "no kind that --attach names can serve it",
	  1u << ATTACH_KPROBE },
	{ "one that the kernel lacks", SYSCALL(""), NO_PROBES, LIFETIME_PINNED, "has no BPF on kprobes", 1u << ATTACH_KPROBE },
	{ "one that must be held", SYSCALL(""), 0, LIFETIME_PINNED, "with --hold", 1u << ATTACH_KPROBE_HELD },
	{ "no BTF", SYSCALL(""), FEATURE_BIT(BTF), LIFETIME_PINNED, "boot a kernel built with CONFIG_DEBUG_INFO_BTF" },
	{ "no privilege", SYSCALL(""), FEATURE_BIT(PRIVILEGE), LIFETIME_PINNED, "run as root" },
};

static void test_choice(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		struct planned planned;
		struct buffer text = { 0 };
		const struct plan_step *step;

		planned_prepare(&planned, choices[i].policy, choices[i].lacking);
		planned.input.lifetime = choices[i].lifetime;
		planned.input.forced = choices[i].forced;
		planned_make(&planned);
		plan_print(&planned.plan, &text);
		step = planned_step(&planned.plan, STEP_ATTACH);
		if (planned.plan.refusal_count ? !strstr(text.bytes, choices[i].want) :
		    !step || strcmp(attach_rows[step->attach].name, choices[i].want) != 0)
			fail_msg("%s: wanted %s, got\n%s", choices[i].shows, choices[i].want, text.bytes);
		assert_true(!planned.plan.refusal_count || !planned.plan.step_count);
		buffer_release(&text);
		planned_release(&planned);
	}
}

/* Facts of the first hook or field, and the refusal that they lead to. */
static void test_places(void **state)
{
	static const struct {
		const char *policy;
		struct hook_facts facts;
		struct kernel_relocation field;
		const char *want;
	} rows[] = {
		{ SYSCALL(""), { .nearest = "sys_writev" }, { 0 }, "no such kprobe; did you mean 'sys_writev'?" },
		{ SYSCALL(""), { .exists = false }, { 0 }, "p.yaml:6:5: kprobe 'sys_write': this kernel has no such kprobe" },
		{ LSM(""), { .nearest = "file_fcntl" }, { 0 }, "lsm 'file_open': this kernel has no such lsm; did you mean" },
		{ FUNCTION("x", "    args: [{index: 3, type: int}]\n"), { .exists = true, .typed = true, .argument_count = 2 }, { 0 },
		  "argument 3 is read, but it has only 2 here" },
		{ FUNCTION("x", OVERRIDE), { .exists = true, .typed = true, .argument_count = 2 }, { 0 }, NULL },
		{ TRACEPOINT("    args: [{index: 9, type: int}]\n"), { .exists = true }, { .error = -ERANGE, .count = 7 },
		  "tracepoint 'sched/sched_switch': field 9 is read, but its record has only 7 here" },
		{ TRACEPOINT("    args: [{index: 4, type: string}]\n"), { .exists = true },
		  { .field = { "char comm[16]", 8, 16 } }, "field 4 ('char comm[16]') is not a pointer, so it cannot be of type string" },
		{ TRACEPOINT("    args: [{index: 4, type: int}]\n"), { .exists = true },
		  { .field = { "char comm[16]", 8, 16 } }, "is not an integer of 1, 2, 4 or 8 bytes" },
		{ FUNCTION("x", "    args: [{index: 0, type: int, resolve: a}]\n"), { .exists = true }, { .refusal = "path 'a': no" },
		  "p.yaml:8:12: kprobe 'x': path 'a': no" },
		{ UPROBE(""), { .refusal = "'/bin/a' is a directory" }, { 0 }, "p.yaml:6:5: uprobe '/bin/a:f': '/bin/a' is a directory" },
		{ UPROBE(""), { .refusal = "other", .other_file = true }, { 0 }, "uprobe '/bin/a:f': other" },
		{ USDT("    args: [{index: 1, type: int}]\n"), { .exists = true }, { .refusal = "nowhere" },
		  "p.yaml:9:12: usdt '/bin/a:p:go': nowhere" },
		{ FUNCTION("x", "    data: [{index: 0, type: int, source: pt_regs, resolve: eax}]\n"), { .exists = true },
		  { .refusal = "no register" }, "p.yaml:8:12: kprobe 'x': no register" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct planned planned;
		struct buffer text = { 0 };

		if (!rows[i].want)
			continue;	/* the compiler refuses it already */
		planned_prepare(&planned, rows[i].policy, 0);
		planned.facts[0] = rows[i].facts;
		planned.fields[0] = rows[i].field;
		planned_make(&planned);
		plan_print(&planned.plan, &text);
		if (!planned.plan.refusal_count || !strstr(text.bytes, rows[i].want))
			fail_msg("wanted %s, got\n%s", rows[i].want, text.bytes);
		buffer_release(&text);
		planned_release(&planned);
	}
}

/* How far the calls of two functions go on, and the refusal that it leads to. */
static void test_distances(void **state)
{
	static const struct {
		struct kernel_assignment one, other;
		bool second_exists;
		const char *want;	/* NULL: none */
	} rows[] = {
		{ { { .number = 64, .target_size = 8 } }, { { .number = 64, .target_size = 8 } }, true, NULL },
		{ { { .number = 64, .target_size = 8 } }, { { .number = 48, .target_size = 8 } }, true,
		  "p.yaml:9:7: from 'f' it is 64 bytes to 'h', and from 'g' 48: a hook with several functions has one distance for all" },
		{ { { .number = 64, .target_size = 8 } }, { .refusal = "nowhere" }, true, "p.yaml:9:7: uprobe '/bin/a:g': nowhere" },
		{ { { .number = 64, .target_size = 8 } }, { .refusal = "nowhere" }, false, "uprobe '/bin/a:g': not there" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct planned planned;
		struct buffer text = { 0 };

		planned_prepare(&planned, POLICY("p") "  uprobes:\n  - path: /bin/a\n    symbols: [f, g]\n    selectors:\n"
			"    - matchActions: [{action: Override, argNewSymbol: h}]\n", 0);
		planned.assignments[0] = rows[i].one;
		planned.assignments[1] = rows[i].other;
		if (!rows[i].second_exists)
			planned.facts[1] = (struct hook_facts){ .refusal = "not there" };
		planned_make(&planned);
		plan_print(&planned.plan, &text);
		if (planned.plan.refusal_count != (rows[i].want ? 1 : 0) || (rows[i].want && !strstr(text.bytes, rows[i].want)))
			fail_msg("wanted %s, got\n%s", rows[i].want ? rows[i].want : "no refusal", text.bytes);
		buffer_release(&text);
		planned_release(&planned);
	}
}

/* Position of the first and the last step of a kind; -1 when there is none. */
static int first_of(const struct plan *plan, enum step_kind kind)
{
	const struct plan_step *step = planned_step(plan, kind);

	return step ? (int)(step - plan->steps) : -1;
}

static int last_of(const struct plan *plan, enum step_kind kind)
{
	for (int i = (int)plan->step_count - 1; i >= 0; i--)
		if (plan->steps[i].kind == kind)
			return i;
	return -1;
}

static void test_order(void **state)
{
	static const struct plan_attached stale[] = {
		{ 900, ATTACH_KPROBE, "kprobe:gone", "hook-900-kprobe-kprobe%3Agone" },
	};
	static const char *const programs[] = { "kprobe_entry" };
	struct planned planned;
	const struct plan *plan = &planned.plan;

	(void)state;
	planned_prepare(&planned, SYSCALL(RETURNS), 0);
	planned.input.attached = stale;
	planned.input.attached_count = 1;
	planned.input.programs = programs;
	planned.input.program_count = 1;
	planned_make(&planned);
	assert_int_equal(plan->refusal_count, 0);
	assert_int_equal(first_of(plan, STEP_MAKE_MAP), 0);
	assert_true(last_of(plan, STEP_MAKE_MAP) < first_of(plan, STEP_ATTACH_PROCESSES));
	assert_true(last_of(plan, STEP_ATTACH_PROCESSES) < first_of(plan, STEP_FILL_PROCESSES));
	assert_true(first_of(plan, STEP_FILL_PROCESSES) < first_of(plan, STEP_ATTACH));
	assert_true(first_of(plan, STEP_LOAD) < first_of(plan, STEP_ATTACH));
	assert_true(planned_step(plan, STEP_ATTACH)->returns);
	assert_true(last_of(plan, STEP_ATTACH) < first_of(plan, STEP_WAIT));
	assert_int_equal(first_of(plan, STEP_WRITE), first_of(plan, STEP_WAIT) + 1);
	assert_int_equal(first_of(plan, STEP_SWITCH), first_of(plan, STEP_WRITE) + 1);
	assert_int_equal(first_of(plan, STEP_DETACH), first_of(plan, STEP_SWITCH) + 1);
	assert_string_equal(plan->steps[first_of(plan, STEP_DETACH)].pin, stale[0].pin);
	assert_string_equal(plan->steps[first_of(plan, STEP_DROP)].name, "kprobe_entry");
	planned.input.keeps_unused = true;
	plan_make(&planned.input, &planned.arena, &planned.plan);
	assert_null(planned_step(plan, STEP_DETACH));
	assert_null(planned_step(plan, STEP_DROP));
	planned_release(&planned);
}

/* Where a function calls an LSM hook that is open to programs, that is the place to override it: the kernel passes no program over there. */
static void test_hooked(void **state)
{
	static const struct {
		const char *policy;
		uint32_t lacking;
		const char *want;
	} rows[] = {
		{ FUNCTION("security_file_open", OVERRIDE), 0, "lsm_function" },
		{ FUNCTION("security_file_open", OVERRIDE), FEATURE_BIT(LSM_ENABLED), "fmod_ret" },
		{ FUNCTION("security_file_open", ""), 0, "kprobe_multi" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct planned planned;
		const struct plan_step *step;

		planned_prepare(&planned, rows[i].policy, rows[i].lacking);
		planned.facts[0].hooked = true;
		planned_make(&planned);
		step = planned_step(&planned.plan, STEP_ATTACH);
		assert_non_null(step);
		assert_string_equal(attach_rows[step->attach].name, rows[i].want);
		planned_release(&planned);
	}
}

/* A function that is missing is passed over when everybody who asks for it says so, and is known to be missing. */
static void test_missing(void **state)
{
#define MISSING(name, rest) POLICY(name) "  kprobes:\n  - call: sys_missing\n" RETURNS rest
#define IGNORED		"    ignore: {callNotFound: true}\n"
	static const struct {
		const char *policy;
		bool exists, unknown;
		size_t notes;
		const char *refusal;
	} rows[] = {
		{ MISSING("p", IGNORED), false, false, 1, NULL },
		{ MISSING("p", IGNORED), true, false, 0, NULL },
		{ MISSING("p", ""), false, false, 0, "p.yaml:6:5: kprobe return 'sys_missing': this kernel has no such kprobe" },
		{ MISSING("p", IGNORED), false, true, 0, "the functions of this kernel cannot be read (/proc/kallsyms)" },
		{ MISSING("p", IGNORED) "---\n" MISSING("q", IGNORED), false, false, 1, NULL },
		{ MISSING("p", IGNORED) "---\n" MISSING("q", ""), false, false, 0, "p.yaml:16:5: kprobe 'sys_missing'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct planned planned;
		struct buffer text = { 0 };
		const struct plan_step *step;

		planned_prepare(&planned, rows[i].policy, 0);
		for (size_t n = 0; n < image_hook_count(&planned.built.view); n++) {
			planned.facts[n].exists = rows[i].exists;
			planned.facts[n].unknown = rows[i].unknown;
		}
		planned_make(&planned);
		plan_print(&planned.plan, &text);
		step = planned_step(&planned.plan, STEP_ATTACH);
		assert_int_equal(planned.plan.note_count, rows[i].notes);
		assert_true(!rows[i].refusal == !planned.plan.refusal_count);
		assert_true(!rows[i].refusal || strstr(text.bytes, rows[i].refusal));
		assert_true(rows[i].notes || rows[i].refusal ? !step : step != NULL);
		buffer_release(&text);
		planned_release(&planned);
	}
}

static void test_lsm_list(void **state)
{
	(void)state;
	assert_true(lsm_list_has("lockdown,yama,bpf", "bpf"));
	assert_true(lsm_list_has("bpf,yama\n", "bpf"));
	assert_true(lsm_list_has("yama,bpf\n", "bpf"));
	assert_false(lsm_list_has("lockdown,bpfx,xbpf\n", "bpf"));
	assert_false(lsm_list_has("", "bpf"));
	assert_false(lsm_list_has("yama,", "bpf"));
}

/* No program may read beyond the record that it is attached to, and few programs serve all tracepoints; pinned ones are kept by name. */
static void test_records(void **state)
{
	static const struct { uint32_t size, words; const char *program; } rows[] = {
		{ 0, 0, "tracepoint_entry" }, { 23, 0, "tracepoint_entry" }, { 24, 3, "tracepoint_entry_3" }, { 31, 3, "tracepoint_entry_3" },
		{ 32, 4, "tracepoint_entry_4" }, { 40, 4, "tracepoint_entry_4" }, { 47, 4, "tracepoint_entry_4" },
		{ 48, 6, "tracepoint_entry_6" }, { 63, 6, "tracepoint_entry_6" }, { 64, 8, "tracepoint_entry_8" }, { 2000, 8, "tracepoint_entry_8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct planned planned;
		const struct plan_step *load;

		planned_prepare(&planned, TRACEPOINT(""), 0);
		planned.facts[0].typed = false;
		planned.facts[0].record_size = rows[i].size;
		planned_make(&planned);
		load = &planned.plan.steps[first_of(&planned.plan, STEP_LOAD)];
		assert_string_equal(load->name, rows[i].program);
		assert_int_equal(load->argument_count, rows[i].words);
		assert_string_equal(planned.plan.steps[first_of(&planned.plan, STEP_ATTACH)].program, rows[i].program);
		planned_release(&planned);
	}
	assert_int_equal(tracepoint_size("\tfield:int a;\toffset:8;\tsize:4;\n\tfield:u64 b;\toffset:16;\tsize:8;\n"), 24);
	assert_int_equal(tracepoint_size("nothing\n"), 0);
}

/* A file of another digest is passed over where the policy says so; any other reason is one. */
static void test_digests(void **state)
{
	static const struct { const char *policy; bool other_file; size_t refusals, notes; } rows[] = {
		{ UPROBE(DIGEST), true, 1, 0 }, { UPROBE(DIGEST IGNORE), true, 0, 1 }, { UPROBE(DIGEST IGNORE), false, 1, 0 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct planned planned;

		planned_prepare(&planned, rows[n].policy, 0);
		planned.facts[0] = (struct hook_facts){ .refusal = "why", .other_file = rows[n].other_file };
		planned_make(&planned);
		assert_int_equal(planned.plan.refusal_count, rows[n].refusals);
		assert_int_equal(planned.plan.note_count, rows[n].notes);
		planned_release(&planned);
	}
}

/* The program that asks for digests is attached last, since it must run first, and the one that decides first. */
static void test_parts(void **state)
{
	static const char *const order[] = { "lsm_digest", "lsm_file_hash", "lsm_ask" };
	struct planned planned;
	size_t count = 0;

	(void)state;
	planned_prepare(&planned, LSM(DIGESTS), 0);
	planned_make(&planned);
	for (size_t n = 0; n < planned.plan.step_count; n++)
		if (planned.plan.steps[n].kind == STEP_ATTACH)
			assert_string_equal(attach_rows[planned.plan.steps[n].attach].name, order[count++]);
	assert_int_equal(count, 3);
	assert_int_equal(planned.plan.note_count, 1);
	assert_non_null(strstr(planned.plan.notes[0].text, "IMA cannot read a file that is still being opened"));
	planned_release(&planned);
}

/* Hooks that only tell cannot be overridden. */
static void test_without_result(void **state)
{
	struct planned planned;

	(void)state;
	planned_prepare(&planned, LSM(OVERRIDE), 0);
	planned.facts[0].returns_nothing = true;
	planned_make(&planned);
	assert_int_equal(planned.plan.refusal_count, 1);
	assert_non_null(strstr(planned.plan.refusals[0].text, "it returns nothing that could be overridden"));
	planned_release(&planned);
}

/* What keeps a kernel from offering something may be this process. */
static void test_advice(void **state)
{
	static const struct { enum feature feature; int error; const char *want; } rows[] = {
		{ FEATURE_UPROBE, -EACCES, "lacks CAP_SYS_ADMIN" },
		{ FEATURE_TRACEPOINT, -EACCES, "kernel.perf_event_paranoid" },
		{ FEATURE_TRACEPOINT, -EINVAL, "CONFIG_PERF_EVENTS=y" },
		{ FEATURE_UPROBE_REGISTERS, -EACCES, "Linux 6.18" },	/* what the verifier says */
		{ FEATURE_WRITE_USER, -EPERM, "lockdown" },
		{ FEATURE_PRIVILEGE, -EPERM, "run as root" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++)
		assert_non_null(strstr(feature_advice(rows[n].feature, rows[n].error), rows[n].want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice), cmocka_unit_test(test_places), cmocka_unit_test(test_distances),
		cmocka_unit_test(test_order), cmocka_unit_test(test_hooked), cmocka_unit_test(test_missing),
		cmocka_unit_test(test_lsm_list), cmocka_unit_test(test_records), cmocka_unit_test(test_digests),
		cmocka_unit_test(test_parts), cmocka_unit_test(test_without_result), cmocka_unit_test(test_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

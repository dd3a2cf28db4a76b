// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * kprobe.bpf.c - the engine at the entry and the return of kernel functions.
 *
 * The kernel runs at most one program of this kind at a time on a CPU (and none beside a tracepoint's).
 */
#include "bpf-templates/engine.bpf.h"

/*
 * 1 lets selectors override the return value.  The kernel then loads the program only if it has
 * CONFIG_BPF_KPROBE_OVERRIDE, and attaches it only to functions that allow error injection.
 */
#define CAN_OVERRIDE	KNOB(ABI_KNOB_OVERRIDES)

/* A case for each: the verifier wants offsets from the context to be constants in every path. */
static __always_inline bool kprobe_argument(struct engine_event *event, __u32 n, __u64 *value)
{
	struct pt_regs *registers = event->context;

#define ARGUMENT(i)                                                                      \
	case i:                                                                          \
		*value = REGISTERS_ARGUMENT(registers, i);                               \
		barrier_var(*value);                                                     \
		return true
	switch (n) {
	ARGUMENT(0);
	ARGUMENT(1);
	ARGUMENT(2);
	ARGUMENT(3);
	ARGUMENT(4);
	ARGUMENT(5);
	default:
		return false;
	}
#undef ARGUMENT
}

SEC("kprobe")
int kprobe_entry(struct pt_regs *context)
{
	struct engine_event event = {
		.exclusive = true,
		.has_stacks = true,
		.can_override = CAN_OVERRIDE,
	};
	struct engine_result result = {};

	if (!engine_begin(&event, context, engine_hook(context, KNOB(ABI_KNOB_HOOK))))
		return 0;
	if (event.flags & ABI_HOOK_SYSCALL)
		event.registers = REGISTERS_ARGUMENT(context, 0);
	engine_run(&event, kprobe_argument, &result);
	if (CAN_OVERRIDE && result.overridden)
		bpf_override_return(context, (__s64)result.value);
	return 0;
}

SEC("kretprobe")
int kprobe_return(struct pt_regs *context)
{
	struct engine_event event = { .exclusive = true };

	if (engine_begin(&event, context, engine_hook(context, KNOB(ABI_KNOB_RETURN_HOOK))))
		engine_run_return(&event, REGISTERS_RETURN(context));
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";

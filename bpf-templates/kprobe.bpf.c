// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * kprobe.bpf.c - the engine at the entry and the return of kernel functions.
 *
 * The kernel runs at most one program of this kind at a time on a CPU (and none beside a tracepoint's).
 */
#include "bpf-templates/registers.bpf.h"

/*
 * 1 lets selectors override the return value.  The kernel then loads the program only if it has
 * CONFIG_BPF_KPROBE_OVERRIDE, and attaches it only to functions that allow error injection.
 */
#define CAN_OVERRIDE	KNOB(ABI_KNOB_OVERRIDES)

SEC("kprobe")
int kprobe_entry(struct pt_regs *context)
{
	struct engine_event event = {
		.exclusive = true,
		.has_stacks = true,
		.has_registers = true,
	};
	__s64 result;

	if (!engine_begin(&event, context, engine_hook(context, KNOB(ABI_KNOB_HOOK))))
		return 0;
	if (CAN_OVERRIDE)
		event.flags |= ENGINE_OVERRIDES;
	if (engine_is_syscall(&event))
		event.registers = REGISTERS_ARGUMENT(context, 0);
	result = engine_run(&event, registers_argument);
	if (CAN_OVERRIDE && result != ENGINE_NO_OVERRIDE)
		bpf_override_return(event.context, result);
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

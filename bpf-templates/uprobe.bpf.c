// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * uprobe.bpf.c - the engine at the entry and the return of functions of user programs, and at their static probes.
 *
 * The context has the registers of the program.  The kernel may take the processor away from a program of this kind (since 6.0; with
 * uprobe.multi always), so that another one runs before it is done.
 */
#include "bpf-templates/registers.bpf.h"

SEC("uprobe")
int uprobe_entry(struct pt_regs *context)
{
	struct engine_event event = {};

	if (engine_begin(&event, context, engine_hook(context, KNOB(ABI_KNOB_HOOK))))
		engine_run(&event, registers_argument);
	return 0;
}

SEC("uretprobe")
int uprobe_return(struct pt_regs *context)
{
	struct engine_event event = {};

	if (engine_begin(&event, context, engine_hook(context, KNOB(ABI_KNOB_RETURN_HOOK))))
		engine_run_return(&event, REGISTERS_RETURN(context));
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";

// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trampoline.bpf.c - the engine at the entry and the return of kernel functions, by way of trampolines.
 *
 * What kprobes do, with links that can be pinned on every kernel; fmod_ret can override what the function
 * returns, where the kernel allows that.  Which programs are loaded, and on what, is for the runtime to say.
 */
#include "bpf-templates/context.bpf.h"

SEC("fentry")
int trampoline_entry(__u64 *context)
{
	struct engine_event event = { .has_stacks = true, .has_registers = true, .has_types = true };

	context_run(&event, context);
	return 0;
}

SEC("fexit")
int trampoline_return(__u64 *context)
{
	struct engine_event event = {};

	preempt_off();
	if (engine_begin(&event, context, engine_hook(context, KNOB(ABI_KNOB_RETURN_HOOK))))
		engine_run_return(&event, context_return(context));
	preempt_on();
	return 0;
}

/*
 * All 64 bits of the result count: a system call returns a long, and -13 cut to 32 bits would be a success.
 */
SEC("fmod_ret")
__s64 trampoline_modify(__u64 *context)
{
	struct engine_event event = { .can_override = true, .has_stacks = true, .has_registers = true, .has_types = true };
	const __s64 result = context_run(&event, context);
	const int earlier = context_return(context);

	if (earlier)
		return context_errno(earlier);
	return result != ENGINE_NO_OVERRIDE ? context_errno(result) : 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";

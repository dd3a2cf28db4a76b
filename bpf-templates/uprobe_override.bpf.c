// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * uprobe_override.bpf.c - the engine at the entry of functions of user programs, able to change the program's registers (Override).
 *
 * In an object of its own: older kernels refuse such programs.
 */
#define ENGINE_REGISTERS
#include "bpf-templates/registers.bpf.h"

/* Where the function that begins here returns to; false when that cannot be read. */
static __always_inline bool registers_return_address(struct pt_regs *registers, __u64 *ret)
{
#ifdef __TARGET_ARCH_arm64
	*ret = registers->regs[30];
	return true;
#else
	return !bpf_probe_read_user(ret, sizeof(*ret), (void *)registers->sp);
#endif
}

/* Back to there, as if it had returned that. */
static __always_inline void registers_return(struct pt_regs *registers, __u64 address, __u64 value)
{
#ifdef __TARGET_ARCH_arm64
	registers->regs[0] = value;
	registers->pc = address;
#else
	registers->ax = value;
	registers->ip = address;
	registers->sp += 8;
#endif
}

/*
 * The function returns at once, with another value, or its registers are assigned to.  When the address that it returns to cannot be read,
 * it cannot be made to return, and the event says so.
 */
SEC("uprobe")
int uprobe_override(struct pt_regs *context)
{
	__u64 address = 0;
	struct engine_event event = {};
	__s64 result;

	if (!engine_begin(&event, context, engine_hook(context, KNOB(ABI_KNOB_HOOK))))
		return 0;
	event.can_override = registers_return_address(context, &address);
	result = engine_run(&event, registers_argument);
	if (result != ENGINE_NO_OVERRIDE)
		registers_return(context, address, result);
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";

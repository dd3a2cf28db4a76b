/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * context.bpf.h - arguments of programs whose context is an array of 64-bit numbers.
 *
 * Raw tracepoints, LSM hooks and trampolines: the arguments of the function, behind them (not for raw
 * tracepoints) its return value.
 */
#ifndef BPF_TEMPLATES_CONTEXT_BPF_H
#define BPF_TEMPLATES_CONTEXT_BPF_H

#include "bpf-templates/engine.bpf.h"

/*
 * How many arguments the function has, at most 12.  The program must not read beyond them, or the kernel refuses
 * to load or attach it; only the first 6 can be slots.
 */
#define ARGUMENT_COUNT	KNOB(ABI_KNOB_ARGUMENTS)

/* Offsets from the context must be constants in every path. */
static __always_inline bool context_argument(struct engine_event *event, __u32 n, __u64 *value)
{
	__u64 *context = event->context;

#define ARGUMENT(i)                                                                      \
	case i:                                                                          \
		if (ARGUMENT_COUNT <= i)                                                 \
			return false;                                                    \
		*value = typed_number(context[i]);                                     \
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

/* What lies behind the arguments. */
static __always_inline __u64 context_return(__u64 *context)
{
#define RETURN(i)                                                                        \
	case i:                                                                          \
		return typed_number(context[i])
	switch (ARGUMENT_COUNT) {
	RETURN(0);
	RETURN(1);
	RETURN(2);
	RETURN(3);
	RETURN(4);
	RETURN(5);
	RETURN(6);
	RETURN(7);
	RETURN(8);
	RETURN(9);
	RETURN(10);
	RETURN(11);
	RETURN(12);
	default:
		return 0;
	}
#undef RETURN
}

/* An entry hook, whole.  A system call's registers are where its function's argument 0 points. */
static __always_inline __s64 context_run(struct engine_event *event, __u64 *context)
{
	if (!engine_begin(event, context, engine_hook(context, KNOB(ABI_KNOB_HOOK))))
		return ENGINE_NO_OVERRIDE;
	if (ARGUMENT_COUNT > 0 && engine_is_syscall(event))
		event->registers = typed_number(*context);
	return engine_run(event, context_argument);
}

/*
 * An error number that a hook may return.  The verifier wants to see its bounds in 64 bits, one after the other; clang
 * would make one unsigned comparison of the two.
 */
static __always_inline __s64 context_errno(__s64 value)
{
	if (value < -4095)
		return -1;	/* -EPERM */
	barrier_var(value);
	if (value > 0)
		return -1;
	return value;
}

#endif

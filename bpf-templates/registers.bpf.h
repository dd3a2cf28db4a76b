/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* registers.bpf.h - the arguments of a function whose registers are the context: at kprobes and uprobes. */
#ifndef BPF_TEMPLATES_REGISTERS_BPF_H
#define BPF_TEMPLATES_REGISTERS_BPF_H

#include "bpf-templates/engine.bpf.h"

/* A case for each: the verifier wants offsets from the context to be constants in every path. */
static __always_inline bool registers_argument(struct engine_event *event, __u32 n, __u64 *value)
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

#endif

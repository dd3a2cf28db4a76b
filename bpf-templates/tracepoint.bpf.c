// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tracepoint.bpf.c - the engine on classic tracepoints, whose arguments are fields of a record.
 *
 * The kernel runs at most one program of this kind at a time on a CPU (and none beside a kprobe's).
 */
#include "bpf-templates/engine.bpf.h"

/*
 * Word `n` of the record.  Offsets from the context must be constants, in the very instructions that read (clang would make one of
 * them all), and a program that could read beyond the record is not attached; what lies beyond is left to read_field(), which takes
 * 40 ns more.  The first word is not ours.
 */
static __always_inline bool tracepoint_word(struct engine_event *event, __u32 n, __u64 *value)
{
#define WORD(i)                                                                          \
	case i:                                                                          \
		if (KNOB(ABI_KNOB_ARGUMENTS) <= i)                                       \
			return false;                                                    \
		asm volatile("%0 = *(u64 *)(%1 + %2)" : "=r"(*value) : "r"(event->context), "i"(8 * i)); \
		return true
	switch (n) {
	WORD(1);
	WORD(2);
	WORD(3);
	WORD(4);
	WORD(5);
	WORD(6);
	WORD(7);
	default:
		return false;
	}
#undef WORD
}

SEC("tp")
int tracepoint(void *context)
{
	struct engine_event event = { .exclusive = true, .has_record = true };

	if (engine_begin(&event, context, engine_hook(context, KNOB(ABI_KNOB_HOOK))))
		engine_run(&event, tracepoint_word);
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";

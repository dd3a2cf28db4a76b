// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tracepoint.bpf.c - the engine on classic tracepoints, whose arguments are fields of a record.
 *
 * The kernel runs at most one program of this kind at a time on a CPU (and none beside a kprobe's).
 */
#include "bpf-templates/engine.bpf.h"

static __always_inline bool tracepoint_argument(struct engine_event *event, __u32 n, __u64 *value)
{
	return false;
}

SEC("tp")
int tracepoint(void *context)
{
	struct engine_event event = { .exclusive = true };
	struct engine_result result = {};

	if (engine_begin(&event, context, engine_hook(context, KNOB(ABI_KNOB_HOOK))))
		engine_run(&event, tracepoint_argument, &result);
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";

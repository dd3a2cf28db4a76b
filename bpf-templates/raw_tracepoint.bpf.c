// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * raw_tracepoint.bpf.c - the engine on raw tracepoints.
 *
 * One instance for each tracepoint, with its hook id filled in: they have no cookies.
 */
#include "bpf-templates/context.bpf.h"

SEC("raw_tp")
int raw_tracepoint(__u64 *context)
{
	struct engine_event event = {};

	context_run(&event, context);
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";

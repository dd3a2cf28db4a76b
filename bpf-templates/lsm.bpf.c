// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lsm.bpf.c - the engine on LSM hooks that return an error number.
 *
 * What another program has refused stays refused; a selector's Override refuses what nobody else has.
 */
#include "bpf-templates/context.bpf.h"

SEC("lsm")
int lsm_hook(__u64 *context)
{
	struct engine_event event = { .can_override = true };
	struct engine_result result = {};
	int earlier = context_return(context);

	context_run(&event, context, &result);
	if (earlier)
		return context_errno(earlier);
	return result.overridden ? context_errno(result.value) : 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";

// SPDX-License-Identifier: Apache-2.0
/* stacks.c - see stacks.h. */
#include "runtime/stacks.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct stacks {
	int processes;
	const struct stack_teller *teller;
};

struct stacks *stacks_new(int processes, const struct stack_teller *teller)
{
	struct stacks *stacks = calloc(1, sizeof(*stacks));

	if (!stacks)
		abort();
	stacks->processes = processes;
	stacks->teller = teller;
	return stacks;
}

void stacks_free(struct stacks *stacks)
{
	free(stacks);
}

static bool is_still_there(const struct stacks *stacks, const struct stack_trace *trace)
{
	struct abi_process_entry process;

	return trace->process_start && !bpf_map_lookup_elem(stacks->processes, &trace->pid, &process) &&
	       process.start_time == trace->process_start;
}

static void addresses_alone(const struct stack_trace *trace, struct stack_entry *ret)
{
	for (size_t n = 0; n < trace->count; n++) {
		ret[n] = (struct stack_entry){ 0 };
		memcpy(&ret[n].address, trace->addresses + 8 * n, sizeof(ret[n].address));
	}
}

/* What was read of the process may be of what came after it: then it is told as one that is gone. */
static int tell_program(const struct stacks *stacks, const struct stack_trace *trace, struct stack_entry *ret)
{
	const struct stack_teller *const teller = stacks->teller;
	struct stack_trace asked = *trace;
	int error;

	asked.is_running = is_still_there(stacks, trace);
	error = teller->tell(teller->context, &asked, ret);
	if (!asked.is_running || is_still_there(stacks, trace))
		return error;
	teller->forget(teller->context, trace);
	asked.is_running = false;
	addresses_alone(trace, ret);
	return teller->tell(teller->context, &asked, ret);
}

int stacks_tell(struct stacks *stacks, const struct stack_trace *trace, struct stack_entry ret[ABI_STACK_FRAMES])
{
	const bool has_teller = stacks && stacks->teller;

	addresses_alone(trace, ret);
	if (trace->kind == STACK_KERNEL)
		return has_teller ? stacks->teller->tell(stacks->teller->context, trace, ret) : -EACCES;
	return has_teller ? tell_program(stacks, trace, ret) : 0;
}

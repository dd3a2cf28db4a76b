// SPDX-License-Identifier: Apache-2.0
/* symbolize_stacks.c - see symbolize_stacks.h. */
#include "cmd/symbolize_stacks.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "cmd/symbolize_telling.h"
#include "cmd/symbolize_worker.h"
#include "symbolize/waiting.h"

struct symbolized_stacks {
	const struct stacks_options *options;
	struct symbolizer_options alone;	/* what is looked up here: no debug information is read */
	struct telling telling;
	struct symbolize_worker *worker;	/* NULL: nothing that takes long is looked up */
	struct stack_teller teller;
	int credit_ms;				/* for which the worker may be waited for */
	uint64_t credited;			/* when that was; ns of CLOCK_MONOTONIC */
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- How long to wait ---- */

/* A quarter of the time that goes by, up to a limit. */
static void add_credit(struct symbolized_stacks *stacks)
{
	const uint64_t time = now(), earned = (time - stacks->credited) / 4000000;

	if (!earned)
		return;
	stacks->credit_ms = earned < CREDIT_MS - (uint64_t)stacks->credit_ms ? stacks->credit_ms + (int)earned : CREDIT_MS;
	stacks->credited = time;
}

static int patience(const struct symbolized_stacks *stacks)
{
	return stacks->credit_ms < stacks->options->stall_ms ? stacks->credit_ms : stacks->options->stall_ms;
}

/* What is answered soon is no stall. */
static void take_credit(struct symbolized_stacks *stacks, uint64_t begun)
{
	const uint64_t waited = (now() - begun) / 1000000;

	if (waited >= SOON_MS)
		stacks->credit_ms = waited < (uint64_t)stacks->credit_ms ? stacks->credit_ms - (int)waited : 0;
}

/* ---- By the worker ---- */

static int ask_worker(struct symbolized_stacks *stacks, const struct stack_trace *trace, const struct stack_entry *entries)
{
	const uint64_t begun = now();
	int error;

	add_credit(stacks);
	error = symbolize_worker_tell(stacks->worker, trace, entries, patience(stacks), &stacks->telling);
	take_credit(stacks, begun);
	return error;
}

/* ---- Here ---- */

/* Of a process that the worker may know more of it is only known that there was no time. */
static enum symbol_why why_gone(const struct symbolized_stacks *stacks)
{
	return stacks->worker ? SYMBOL_TIMEOUT : SYMBOL_GONE;
}

/* Functions of the kernel; of programs where the address lies. */
static void find(struct symbolized_stacks *stacks, const struct stack_trace *trace, uint64_t address, struct symbolized *ret)
{
	const struct symbolize_target target = telling_target(trace);
	const enum place_depth depth = stacks->options->symbolize ? PLACE_FILE : PLACE_MAPPING;

	if (trace->kind == STACK_KERNEL) {
		symbolize(stacks->telling.symbolizer, &target, address, telling_meaning(stacks->telling.count), ret);
		if (stacks->options->symbolize && ret->why == SYMBOL_KNOWN)
			ret->why_no_lines = SYMBOL_TIMEOUT;
		return;
	}
	symbolize_place(stacks->telling.symbolizer, &target, address, depth, ret);
	if (ret->why == SYMBOL_KNOWN)
		ret->why = SYMBOL_TIMEOUT;
}

static int tell_rest(struct symbolized_stacks *stacks, const struct stack_trace *trace, const struct stack_entry *entries)
{
	const bool can_ask = stacks->telling.count < trace->count && telling_prepare(&stacks->telling, trace);
	struct symbolized found;

	while (stacks->telling.count < trace->count) {
		const uint64_t address = entries[stacks->telling.count].address;

		if (can_ask)
			find(stacks, trace, address, &found);
		else
			symbolize_nothing(&found, why_gone(stacks));
		if (trace->kind == STACK_KERNEL && (found.why == SYMBOL_HIDDEN || found.why == SYMBOL_PERMISSION))
			return -EACCES;
		telling_add(&stacks->telling, trace->kind, address, &found);
	}
	return 0;
}

/* ---- For the reader ---- */

static int tell(void *context, const struct stack_trace *trace, struct stack_entry ret[ABI_STACK_FRAMES])
{
	struct symbolized_stacks *const stacks = context;
	int error = 0;

	telling_begin(&stacks->telling);
	if (stacks->worker)
		error = ask_worker(stacks, trace, ret);
	if (!error)
		error = tell_rest(stacks, trace, ret);
	if (!error)
		telling_set(&stacks->telling, ret);
	return error;
}

static void forget(void *context, const struct stack_trace *trace)
{
	struct symbolized_stacks *const stacks = context;

	symbolize_forget(stacks->telling.symbolizer, (pid_t)trace->pid, trace->process_start);
	if (stacks->worker)
		symbolize_worker_forget(stacks->worker, trace);
}

/* ---- Its life ---- */

struct symbolized_stacks *symbolized_stacks_new(const struct stacks_options *options)
{
	struct symbolized_stacks *stacks = calloc(1, sizeof(*stacks));

	if (!stacks)
		abort();
	stacks->options = options;
	stacks->alone = options->symbolizer;
	stacks->alone.module.no_lines = true;
	telling_init(&stacks->telling, options, &stacks->alone);
	stacks->worker = options->symbolize ? symbolize_worker_new(options) : NULL;
	stacks->teller = (struct stack_teller){ stacks, tell, forget };
	stacks->credit_ms = CREDIT_MS;
	stacks->credited = now();
	if (stacks->worker)
		waiting_have_patience(IMPATIENCE_MS);
	return stacks;
}

bool symbolized_stacks_free(struct symbolized_stacks *stacks)
{
	if (!stacks || !symbolize_worker_free(stacks->worker))
		return !stacks;
	telling_release(&stacks->telling);
	free(stacks);
	return true;
}

const struct stack_teller *symbolized_stacks_teller(struct symbolized_stacks *stacks)
{
	return &stacks->teller;
}

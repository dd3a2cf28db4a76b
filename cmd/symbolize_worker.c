// SPDX-License-Identifier: Apache-2.0
/* symbolize_worker.c - see symbolize_worker.h. */
#include "cmd/symbolize_worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum {
	END_MS = 500,			/* for which its end is waited for */
	STACK_BYTES = 8 << 20,
};

struct forgotten { uint32_t pid; uint64_t process_start; };

struct symbolize_worker {
	pthread_t thread;
	pthread_mutex_t lock;		/* of all below; the symbolizer is the worker's while it is busy, and whose the lock is when it is not */
	pthread_cond_t changed;
	struct telling telling;
	struct stack_trace trace;	/* its addresses are the next */
	uint64_t addresses[ABI_STACK_FRAMES];
	bool is_busy, is_dropped, is_hidden, is_ending;
	struct forgotten *forgotten;	/* while it was busy */
	size_t forgotten_count, forgotten_room;
};

/* ---- The thread ---- */

/* False: there is no need for more of it. */
static bool keep_frame(struct symbolize_worker *worker, size_t n, const struct symbolized *found)
{
	bool goes_on;

	pthread_mutex_lock(&worker->lock);
	worker->is_hidden |= worker->trace.kind == STACK_KERNEL && (found->why == SYMBOL_HIDDEN || found->why == SYMBOL_PERMISSION);
	goes_on = !worker->is_dropped && !worker->is_hidden && !worker->is_ending;
	if (goes_on)
		telling_add(&worker->telling, worker->trace.kind, worker->addresses[n], found);
	pthread_mutex_unlock(&worker->lock);
	return goes_on;
}

static void look_up(struct symbolize_worker *worker)
{
	const struct symbolize_target target = telling_target(&worker->trace);
	const bool can_ask = telling_prepare(&worker->telling, &worker->trace);
	struct symbolized found;
	size_t n = 0;

	do {
		if (can_ask)
			symbolize(worker->telling.symbolizer, &target, worker->addresses[n], telling_meaning(n), &found);
		else
			symbolize_nothing(&found, SYMBOL_GONE);
	} while (keep_frame(worker, n, &found) && ++n < worker->trace.count);
}

/*
 * The lock is held.  Nobody looked whether a process whose trace was dropped still ran the same program when the worker was done with it; its files
 * stay known.
 */
static void forget_all(struct symbolize_worker *worker)
{
	if (worker->is_dropped && worker->trace.kind == STACK_USER)
		symbolize_forget(worker->telling.symbolizer, (pid_t)worker->trace.pid, worker->trace.process_start);
	for (size_t n = 0; n < worker->forgotten_count; n++)
		symbolize_forget(worker->telling.symbolizer, (pid_t)worker->forgotten[n].pid, worker->forgotten[n].process_start);
	worker->forgotten_count = 0;
}

/* Names of the kernel are read before anybody asks. */
static void *work(void *context)
{
	struct symbolize_worker *const worker = context;

	symbolize_open(worker->telling.symbolizer, &(struct symbolize_target){ .kind = TARGET_KERNEL });
	pthread_mutex_lock(&worker->lock);
	for (worker->is_busy = false; !worker->is_ending; worker->is_busy = false) {
		pthread_cond_broadcast(&worker->changed);
		while (!worker->is_busy && !worker->is_ending)
			pthread_cond_wait(&worker->changed, &worker->lock);
		if (worker->is_ending)
			break;
		pthread_mutex_unlock(&worker->lock);
		look_up(worker);
		pthread_mutex_lock(&worker->lock);
		forget_all(worker);
	}
	worker->is_busy = false;
	pthread_cond_broadcast(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}

/* ---- Those who ask ---- */

/* The lock is held.  False: it is still busy. */
static bool wait_until_idle(struct symbolize_worker *worker, int milliseconds)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += milliseconds % 1000 * 1000000;
	end.tv_sec += milliseconds / 1000 + end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	while (worker->is_busy && pthread_cond_timedwait(&worker->changed, &worker->lock, &end) != ETIMEDOUT)
		;
	return !worker->is_busy;
}

/* The lock is held. */
static void hand_over(struct symbolize_worker *worker, const struct stack_trace *trace, const struct stack_entry *entries)
{
	worker->trace = *trace;
	for (size_t n = 0; n < trace->count; n++)
		worker->addresses[n] = entries[n].address;
	telling_begin(&worker->telling);
	worker->is_busy = true;
	worker->is_dropped = worker->is_hidden = false;
	pthread_cond_broadcast(&worker->changed);
}

int symbolize_worker_tell(struct symbolize_worker *worker, const struct stack_trace *trace, const struct stack_entry *entries, int milliseconds,
			  struct telling *ret)
{
	int error = 0;

	telling_begin(ret);
	if (!trace->count)
		return 0;
	pthread_mutex_lock(&worker->lock);
	if (!worker->is_busy) {
		hand_over(worker, trace, entries);
		worker->is_dropped = !milliseconds || !wait_until_idle(worker, milliseconds);
		telling_copy(ret, &worker->telling);
		error = worker->is_hidden ? -EACCES : 0;
	}
	pthread_mutex_unlock(&worker->lock);
	return error;
}

void symbolize_worker_forget(struct symbolize_worker *worker, const struct stack_trace *trace)
{
	pthread_mutex_lock(&worker->lock);
	if (worker->forgotten_count == worker->forgotten_room) {
		worker->forgotten_room = worker->forgotten_room ? 2 * worker->forgotten_room : 16;
		worker->forgotten = reallocarray(worker->forgotten, worker->forgotten_room, sizeof(*worker->forgotten));
		if (!worker->forgotten)
			abort();
	}
	worker->forgotten[worker->forgotten_count++] = (struct forgotten){ trace->pid, trace->process_start };
	if (!worker->is_busy) {
		worker->is_dropped = false;
		forget_all(worker);
	}
	pthread_mutex_unlock(&worker->lock);
}

/* ---- Its life ---- */

/* Signals are for who reads events.  Names are demangled by functions that call themselves. */
static bool start(struct symbolize_worker *worker)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	bool started;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = !pthread_create(&worker->thread, &attributes, work, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return started;
}

/* Before the first event comes, and not when it waits, whose process may be gone then. */
static void wait_for_beginning(struct symbolize_worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	while (worker->is_busy)
		pthread_cond_wait(&worker->changed, &worker->lock);
	pthread_mutex_unlock(&worker->lock);
}

static void release(struct symbolize_worker *worker)
{
	telling_release(&worker->telling);
	pthread_mutex_destroy(&worker->lock);
	pthread_cond_destroy(&worker->changed);
	free(worker->forgotten);
	free(worker);
}

struct symbolize_worker *symbolize_worker_new(const struct stacks_options *options)
{
	struct symbolize_worker *const worker = calloc(1, sizeof(*worker));
	pthread_condattr_t by_monotonic;

	if (!worker)
		abort();
	telling_init(&worker->telling, options, &options->symbolizer);
	pthread_mutex_init(&worker->lock, NULL);
	pthread_condattr_init(&by_monotonic);
	pthread_condattr_setclock(&by_monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&worker->changed, &by_monotonic);
	pthread_condattr_destroy(&by_monotonic);
	worker->is_busy = true;
	if (!start(worker)) {
		release(worker);
		return NULL;
	}
	wait_for_beginning(worker);
	return worker;
}

bool symbolize_worker_free(struct symbolize_worker *worker)
{
	bool is_idle;

	if (!worker)
		return true;
	pthread_mutex_lock(&worker->lock);
	worker->is_ending = true;
	pthread_cond_broadcast(&worker->changed);
	is_idle = wait_until_idle(worker, END_MS);
	pthread_mutex_unlock(&worker->lock);
	if (!is_idle)
		return false;
	pthread_join(worker->thread, NULL);
	release(worker);
	return true;
}

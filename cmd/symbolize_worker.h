/* SPDX-License-Identifier: Apache-2.0 */
/*
 * symbolize_worker.h - a thread that looks stack traces up, so that a file that takes long does not hold up who reads events.
 *
 * It has a symbolizer of its own, and does one trace at a time.  Who asks waits for a while; of what is not done by then the worker finishes the frame
 * that it is at, so that its file is there for the next trace, and drops the rest.  As long as it is at that nobody waits for it.
 */
#ifndef CMD_SYMBOLIZE_WORKER_H
#define CMD_SYMBOLIZE_WORKER_H

#include "cmd/symbolize_telling.h"

struct symbolize_worker;

/* Options are borrowed.  NULL: there can be no thread. */
struct symbolize_worker *symbolize_worker_new(const struct stacks_options *options);

/* False: it is still at a file, and stays; then nothing of what was lent to it may go before the program ends. */
bool symbolize_worker_free(struct symbolize_worker *worker);

/* `ret` gets the frames that were looked up within the time, the innermost of them first: all, some, none.  -EACCES: the kernel's addresses are not shown. */
int symbolize_worker_tell(struct symbolize_worker *worker, const struct stack_trace *trace, const struct stack_entry *entries, int milliseconds,
			  struct telling *ret);

/* Nothing of what was seen of the process holds. */
void symbolize_worker_forget(struct symbolize_worker *worker, const struct stack_trace *trace);

#endif

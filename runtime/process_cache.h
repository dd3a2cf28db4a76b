/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process_cache.h - what the reader of events knows of processes, also of those that have ended.
 *
 * Bounded: the least recently used entry goes when PROCESS_CACHE_MAX are kept, or PROCESS_LINGER ns after its exit.
 */
#ifndef RUNTIME_PROCESS_CACHE_H
#define RUNTIME_PROCESS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf-templates/abi.h"
#include "compiler/base/buffer.h"
#include "runtime/containers.h"

enum { PROCESS_CACHE_MAX = 16384 };
#define PROCESS_LINGER	5000000000ull

struct process_cache;

/* Never NULL: aborts without memory.  Free with process_cache_free. */
struct process_cache *process_cache_new(void);
void process_cache_free(struct process_cache *cache);

/* Remembers a copy; replaces what was known of the same pid and start time. */
void process_cache_add(struct process_cache *cache, const struct abi_process *process);

/* The process ended at `time` (CLOCK_BOOTTIME ns): kept a little longer, for events that are still under way. */
void process_cache_end(struct process_cache *cache, uint32_t pid, uint64_t start_time, uint64_t time);

/* NULL when unknown, as one without a start time is: another may have had the number.  Valid until the next call that changes the cache. */
/* The latest process with the id that had begun at `time`, the first that began after it; NULL when none is known. */
const struct abi_process *process_cache_find_at(struct process_cache *cache, uint32_t pid, uint64_t time);
const struct abi_process *process_cache_find_after(struct process_cache *cache, uint32_t pid, uint64_t time);
const struct abi_process *process_cache_find(struct process_cache *cache, uint32_t pid, uint64_t start_time);

/*
 * Text that goes with the process, for whoever writes of it: empty at first, and again when another process_cache_add() or
 * process_cache_forget_texts() came.  NULL when the process, with that start time, is not known.
 */
struct buffer *process_cache_text(struct process_cache *cache, uint32_t pid, uint64_t start_time);
void process_cache_forget_texts(struct process_cache *cache);

/* The container that the process is in, likewise; for its owner to look up once. */
struct process_container {
	bool is_looked_up;
	char id[CONTAINER_ID + 1];	/* "": none, or not known */
	struct buffer pod;		/* what is known of it, as JSON: event_pods.h */
	struct buffer name;		/* for people: "namespace/pod", or the container's name */
};
struct process_container *process_cache_container(struct process_cache *cache, uint32_t pid, uint64_t start_time);

#endif

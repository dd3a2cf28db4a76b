// SPDX-License-Identifier: Apache-2.0
/* calls.c - a list in order of arrival; calls return soon, so that what is looked for is near its end.  See calls.h. */
#include "runtime/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

struct waiting {
	struct waiting *older, *newer;
	struct event entry;
};

struct calls {
	struct waiting *oldest, *newest;
	size_t count, bytes;
};

static void *must(void *memory)
{
	if (!memory) {
		fputs("tetra: out of memory\n", stderr);
		abort();
	}
	return memory;
}

struct calls *calls_new(void)
{
	return must(calloc(1, sizeof(struct calls)));
}

/* With its long values. */
static size_t bytes_of(const struct event *entry)
{
	return (entry->size + 7) / 8 * 8 + entry->joined;
}

static struct event unlink_call(struct calls *calls, struct waiting *waiting)
{
	struct event entry = waiting->entry;

	*(waiting->older ? &waiting->older->newer : &calls->oldest) = waiting->newer;
	*(waiting->newer ? &waiting->newer->older : &calls->newest) = waiting->older;
	calls->count--;
	calls->bytes -= bytes_of(&entry);
	free(waiting);
	return entry;
}

void calls_add(struct calls *calls, const struct event *entry)
{
	struct waiting *waiting = must(calloc(1, sizeof(*waiting)));
	uint8_t *copy = must(malloc(bytes_of(entry)));
	const size_t joined_at = bytes_of(entry) - entry->joined;

	memcpy(copy, entry->bytes, entry->size);
	if (entry->joined)
		memcpy(copy + joined_at, entry->bytes + joined_at, entry->joined);
	event_read(copy, entry->size, &waiting->entry);
	waiting->entry.joined = entry->joined;
	waiting->older = calls->newest;
	*(calls->newest ? &calls->newest->newer : &calls->oldest) = waiting;
	calls->newest = waiting;
	calls->count++;
	calls->bytes += bytes_of(entry);
}

static bool belongs(const struct abi_event *entry, const struct abi_event *returned)
{
	return entry->tid == returned->tid && entry->entry_time == returned->entry_time &&
	       entry->policy == returned->policy && entry->hook_index == returned->hook_index &&
	       entry->generation == returned->generation;
}

bool calls_take(struct calls *calls, const struct event *returned, struct event *ret)
{
	for (struct waiting *waiting = calls->newest; waiting; waiting = waiting->older)
		if (belongs(waiting->entry.hook, returned->hook)) {
			*ret = unlink_call(calls, waiting);
			return true;
		}
	return false;
}

static bool is_given_up(const struct calls *calls, const struct waiting *waiting, uint64_t now, uint32_t tgid)
{
	if (tgid)
		return waiting->entry.hook->tgid == tgid;
	return calls->count > CALLS_WAITING_MAX || calls->bytes > LIMIT_CALL_BYTES || waiting->entry.hook->time + CALL_PATIENCE < now;
}

bool calls_give_up(struct calls *calls, uint64_t now, uint32_t tgid, struct event *ret)
{
	for (struct waiting *waiting = calls->oldest; waiting; waiting = waiting->newer) {
		if (is_given_up(calls, waiting, now, tgid)) {
			*ret = unlink_call(calls, waiting);
			return true;
		}
		if (!tgid)
			return false;	/* the oldest waits longest */
	}
	return false;
}

void calls_free(struct calls *calls)
{
	while (calls && calls->oldest)
		free((void *)unlink_call(calls, calls->oldest).bytes);
	free(calls);
}

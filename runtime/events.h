/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events.h - reading what the pinned programs report; several readers do not disturb each other, see readers.h.
 *
 * What was lost is a line of the stream (losses.h): at once when this reader was passed over, at most a second later when the
 * ring buffer was full.
 */
#ifndef RUNTIME_EVENTS_H
#define RUNTIME_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/event_filter.h"
#include "runtime/pins.h"
#include "runtime/stacks.h"

/* Types of events that belong to no hook; those of hooks are in schema/hooks.def. */
#define EVENT_TYPE_EXEC "process_exec"
#define EVENT_TYPE_EXIT "process_exit"
#define EVENT_TYPE_LOADER "process_loader"

enum events_format { EVENTS_JSON, EVENTS_COMPACT };

struct events_options {
	const char *root;		/* pin root; NULL: the default */
	enum events_format format;
	bool has_colours, has_times;	/* of COMPACT: colours for a terminal; each line begins with its time */
	const char *users;		/* file like /etc/passwd, out of which user ids get names; NULL: they get none */
	const char *groups;		/* like /etc/group: the same for ids of groups */
	const char *const *request_hosts;	/* GetUrl and DnsLookup may ask these: see requests_start(); none: they are not done */
	size_t request_host_count;
	const struct stack_teller *stacks;	/* what addresses of stacks are; NULL: nobody tells */
	const struct event_filter *filter;	/* which events, NULL: all; losses are told in any case */
	uint64_t count;			/* stop after so many lines; 0: never */
	uint64_t timeout_ms;		/* stop after so long; 0: never */
	const char *node_name;
	bool since_start;		/* also what the ring buffer holds already; else only what is reported from now on */
	bool until_drained;		/* stop after what was there when the reader came */
	/*
	 * Takes whole lines; *taken: how many bytes of them, 0 when it is called.  0 when it took all; -ENOSPC or -EDQUOT: those that
	 * it did not take are lost, which the reader says in the stream as soon as there is room again.  Another negative errno stops
	 * the reader, which returns it.
	 */
	int (*write)(void *context, const char *lines, size_t length, size_t *taken);
	void *context;
	const volatile int *stop;	/* becomes true when a signal came */
};

/* 0 when it was stopped, or a negative errno with the reason.  -ENOENT: nothing is applied.  -ESTALE: all was deleted. */
int events_read(const struct events_options *options, struct failure *failure);

#endif

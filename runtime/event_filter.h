/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_filter.h - which events are wanted.  Pure.
 *
 * Of policies, types, processes and pids, one of those that were given is enough, and each kind of which any was given has to
 * agree; of fields, all have to hold.
 */
#ifndef RUNTIME_EVENT_FILTER_H
#define RUNTIME_EVENT_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"

struct event_filter {
	struct arena arena;
	struct filter_list { const char **values; size_t count, capacity; } policies, types, processes, namespaces, pods;
	uint32_t *pids;
	size_t pid_count, pid_capacity;
	struct filter_field { const char *path, *pattern; bool negated; } *fields;
	size_t field_count, field_capacity;
};

/*
 * Start with zeros.  Each adds what `text` says, several parted by commas but for the last one, "path=glob" or "path!=glob".
 * 0, or -EINVAL with what is wrong with it in the filter's arena.
 */
int event_filter_add_policies(struct event_filter *filter, const char *text, const char **error);
int event_filter_add_types(struct event_filter *filter, const char *text, const char **error);
int event_filter_add_processes(struct event_filter *filter, const char *text, const char **error);
int event_filter_add_pids(struct event_filter *filter, const char *text, const char **error);
int event_filter_add_namespaces(struct event_filter *filter, const char *text, const char **error);	/* of pods: patterns */
int event_filter_add_pods(struct event_filter *filter, const char *text, const char **error);
int event_filter_add_field(struct event_filter *filter, const char *text, const char **error);
void event_filter_release(struct event_filter *filter);

/* What can be told before an event is text.  The binary's path is NULL when it is not known, which no process of a list is. */
struct filter_facts {
	const char *type, *policy;
	const char *binary;
	size_t binary_length;
	uint32_t pid;
};
bool event_filter_accepts(const struct event_filter *filter, const struct filter_facts *facts);

/* Whether more has to be asked than event_filter_accepts() knows. */
static inline bool event_filter_asks_line(const struct event_filter *filter)
{
	return filter->field_count || filter->namespaces.count || filter->pods.count;
}

/* What the fields, and where the process is, say about the event's line of JSON. */
bool event_filter_accepts_line(const struct event_filter *filter, const char *line);

/* * stands for any bytes, ? for one; \ takes the next one as it is. */
bool filter_matches(const char *pattern, const char *text, size_t length);

#endif

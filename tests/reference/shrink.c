// SPDX-License-Identifier: Apache-2.0
/* shrink.c - groups and events made small; see shrink.h. */
#include "tests/reference/shrink.h"

#include <string.h>

/* The group that becomes smaller, and what must go on differing. */
struct smaller {
	struct model_group *group;
	struct model_event *event;
	still_differs *differs;
	bool changed;
};

/* Leaves element `n` of a list out, unless the difference goes with it. */
static bool leave_out(struct smaller *smaller, void *items, size_t *count, size_t size, size_t n)
{
	char *bytes = items, *copy = model_allocate(*count * size);

	memcpy(copy, bytes, *count * size);
	memmove(bytes + n * size, bytes + (n + 1) * size, (*count - n - 1) * size);
	--*count;
	if (smaller->differs(smaller->group, smaller->event)) {
		smaller->changed = true;
		return true;
	}
	++*count;
	memcpy(bytes, copy, *count * size);
	return false;
}

#define LEAVE_OUT(smaller, list, n) \
	leave_out((smaller), (list)->items, &(list)->count, sizeof(*(list)->items), (n))

static void shrink_filters(struct smaller *smaller, struct model_filters *filters)
{
	for (size_t n = filters->count; n--;) {
		struct model_texts *values;

		if (LEAVE_OUT(smaller, filters, n))
			continue;
		values = &filters->items[n].values;
		for (size_t v = values->count; v-- && values->count > 1;)
			LEAVE_OUT(smaller, values, v);
	}
}

static void shrink_workloads(struct smaller *smaller, struct model_workloads *workloads)
{
	struct model_workloads copy = *workloads;

	*workloads = (struct model_workloads){ NULL, NULL, NULL };
	if (copy.pod || copy.container || copy.host) {
		if (smaller->differs(smaller->group, smaller->event))
			smaller->changed = true;
		else
			*workloads = copy;
	}
}

/* A hook without selectors accepts everything, which is another policy: one stays. */
static void shrink_hook(struct smaller *smaller, struct model_hook *hook)
{
	for (size_t n = hook->selectors.count; n-- && hook->selectors.count > 1;)
		LEAVE_OUT(smaller, &hook->selectors, n);
	for (size_t n = 0; n < hook->selectors.count; n++) {
		struct model_selector *selector = &hook->selectors.items[n];

		for (size_t m = selector->macros.count; m--;)
			LEAVE_OUT(smaller, &selector->macros, m);
		for (size_t a = selector->actions.count; a--;)
			LEAVE_OUT(smaller, &selector->actions, a);
		shrink_filters(smaller, &selector->filters);
	}
	for (size_t n = hook->arguments.count; n--;)
		LEAVE_OUT(smaller, &hook->arguments, n);
	for (size_t n = hook->data.count; n-- && n + 1 == hook->data.count;)
		LEAVE_OUT(smaller, &hook->data, n);
}

static void shrink_policy(struct smaller *smaller, struct model_policy *policy)
{
	for (size_t n = policy->hooks.count; n-- && policy->hooks.count > 1;)
		LEAVE_OUT(smaller, &policy->hooks, n);
	for (size_t n = 0; n < policy->hooks.count; n++)
		shrink_hook(smaller, &policy->hooks.items[n]);
	for (size_t n = policy->macros.count; n--;)
		if (!LEAVE_OUT(smaller, &policy->macros, n))
			shrink_filters(smaller, &policy->macros.items[n].filters);
	shrink_workloads(smaller, &policy->workloads);
}

/* Part of the event becomes unknown, unless the difference goes with it. */
static void forget(struct smaller *smaller, void *part, size_t size)
{
	void *copy = memcpy(model_allocate(size), part, size);

	memset(part, 0, size);
	if (!smaller->differs(smaller->group, smaller->event))
		memcpy(part, copy, size);
}

#define FORGET(smaller, part) forget((smaller), &(part), sizeof(part))

static void shrink_event(struct smaller *smaller)
{
	struct model_event *event = smaller->event;
	struct model_process *process = &event->process;

	FORGET(smaller, *process);
	FORGET(smaller, process->namespaces);
	FORGET(smaller, process->exec_namespaces);
	FORGET(smaller, process->sets);
	FORGET(smaller, process->exec_sets);
	FORGET(smaller, process->self);
	FORGET(smaller, process->ancestor_count);
	FORGET(smaller, process->place);
	for (size_t n = 0; n < event->argument_count; n++)
		FORGET(smaller, event->arguments[n].value);
	for (size_t n = 0; n < event->data_count; n++)
		FORGET(smaller, event->data[n]);
}

void shrink_group(struct model_group *group, struct model_event *event, still_differs *differs)
{
	struct smaller smaller = { group, event, differs, true };

	for (int rounds = 0; smaller.changed && rounds < 10; rounds++) {
		smaller.changed = false;
		for (size_t n = group->count; n-- && group->count > 1;)
			leave_out(&smaller, group->policies, &group->count, sizeof(group->policies[0]), n);
		for (size_t n = 0; n < group->count; n++)
			shrink_policy(&smaller, &group->policies[n]);
	}
	shrink_event(&smaller);
}

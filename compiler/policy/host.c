// SPDX-License-Identifier: Apache-2.0
/* host.c - see host.h. */
#include "compiler/policy/host.h"

#include <string.h>

#include "compiler/policy/check.h"
#include "compiler/policy/syscall.h"

static bool is_from_task(const struct policy_argument *argument)
{
	return argument->source.bytes && !strcmp(argument->source.bytes, "current_task");
}

static void ask(const struct policy_host *host, const struct policy_hook *hook, struct policy_argument *argument, struct arena *arena)
{
	const char *why = NULL;
	int type = host->type_of(host->context, hook, argument, is_from_task(argument), arena, &why);

	argument->told = type >= 0;
	if (argument->told)
		argument->type = (enum type_id)type;
	else
		argument->untold = why;
}

static bool is_open(const struct policy_argument *argument)
{
	return !argument->broken && argument->type == TYPE_AUTO && !span_is_empty(argument->index_at);
}

/* Of the arguments of other hooks, the type must be said. */
static bool may_tell(const struct policy_hook *hook, const struct policy_argument *argument)
{
	if (hook->kind == HOOK_TRACEPOINT)
		return !hook->raw && hook->name.length && hook->subsystem.length;
	return (hook->kind == HOOK_LSM || hook->kind == HOOK_UPROBE) && argument->resolve.length;
}

static void ask_hook(const struct policy_host *host, struct policy_hook *hook, struct arena *arena)
{
	for (size_t n = 0; n < hook->arguments.count; n++)
		if (is_open(&hook->arguments.items[n]) && may_tell(hook, &hook->arguments.items[n]))
			ask(host, hook, &hook->arguments.items[n], arena);
	for (size_t n = 0; n < hook->data.count; n++)
		if (is_open(&hook->data.items[n]) && is_from_task(&hook->data.items[n]) && hook->data.items[n].resolve.length)
			ask(host, hook, &hook->data.items[n], arena);
}

/* One call that the kernel does not tell of, and none is known. */
static void ask_list(const struct policy_host *host, struct policy_name_list *list, struct arena *arena)
{
	const char *function;
	size_t capacity = 0;
	uint64_t number;

	list->told = true;
	for (size_t n = 0; list->told && syscall_at(n, &number, &function); n++) {
		const int has = host->has_syscall(host->context, function);

		list->told = has >= 0;
		if (has <= 0)
			continue;
		list->numbers = arena_grow(arena, list->numbers, list->number_count, &capacity, sizeof(*list->numbers));
		list->numbers[list->number_count++] = number;
	}
}

void policy_ask_host(struct policy_list *policies, const struct policy_host *host, struct arena *arena)
{
	for (size_t i = 0; i < policies->count; i++) {
		struct policy_name_list_list *lists = &policies->items[i].lists;

		for (size_t n = 0; host->has_syscall && n < lists->count; n++)
			if (!lists->items[n].broken && list_is_of_syscalls(&lists->items[n]) && list_is_generated(&lists->items[n]))
				ask_list(host, &lists->items[n], arena);
		for (size_t n = 0; n < policies->items[i].hooks.count; n++)
			if (!policies->items[i].hooks.items[n].broken)
				ask_hook(host, &policies->items[i].hooks.items[n], arena);
	}
}

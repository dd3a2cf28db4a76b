// SPDX-License-Identifier: Apache-2.0
/* lower_list.c - lists of functions and system calls, by name and by number; see lower.h. */
#include "compiler/selector/lower.h"

#include "compiler/policy/check.h"
#include "compiler/policy/syscall.h"
#include "compiler/selector/sets.h"

/* ---- Names ---- */

/* A generated list that is said to be there already has what it has. */
static enum ir_names_kind kind_of(const struct policy_name_list *list)
{
	if (list_is_generated(list) && list->validated)
		return IR_NAMES_LISTED;
	if (list_is_generated(list))
		return list_is_of_syscalls(list) ? IR_NAMES_ALL_SYSCALLS : IR_NAMES_PATTERN;
	return list_is_of_syscalls(list) ? IR_NAMES_SYSCALLS : IR_NAMES_LISTED;
}

static struct ir_names names_of(const struct policy_name_list *list)
{
	struct ir_names names = { .name = list->name, .kind = kind_of(list) };

	if (names.kind == IR_NAMES_PATTERN)
		names.pattern = list->pattern;
	else if (names.kind != IR_NAMES_ALL_SYSCALLS)
		names.values = list->values;
	return names;
}

void lower_lists(struct lower_policy *lower)
{
	size_t count = lower->policy->lists.count;

	lower->names = arena_array(lower->arena, struct ir_names, count);
	lower->numbers = arena_array(lower->arena, struct ir_interval_list *, count);
	for (size_t n = 0; n < count; n++)
		lower->names[n] = names_of(&lower->policy->lists.items[n]);
}

const struct ir_names *lower_names(const struct lower_policy *lower, const struct text *reference)
{
	const struct policy_name_list *list =
		is_list_reference(reference) ? policy_find_list(lower->policy, reference) : NULL;

	return list ? &lower->names[list - lower->policy->lists.items] : NULL;
}

static struct ir_names call_of(const struct lower_policy *lower, const struct text *call)
{
	const struct ir_names *list = lower_names(lower, call);
	struct ir_names names = {
		.kind = is_syscall_name(call) ? IR_NAMES_SYSCALLS : IR_NAMES_LISTED,
		.values = { (struct text *)call, 1 },
	};

	if (list)
		names = *list;
	names.at = place(call->at);
	return names;
}

struct ir_names_list lower_enforcers(const struct lower_policy *lower)
{
	const struct policy_enforcer_list *enforcers = &lower->policy->enforcers;
	struct ir_names_list list = { NULL, 0 };
	size_t count = 0;

	for (size_t n = 0; n < enforcers->count; n++)
		count += enforcers->items[n].calls.count;
	list.items = arena_array(lower->arena, struct ir_names, count);
	for (size_t n = 0; n < enforcers->count; n++)
		for (size_t i = 0; i < enforcers->items[n].calls.count; i++)
			list.items[list.count++] = call_of(lower, &enforcers->items[n].calls.items[i]);
	return list;
}

/* ---- Numbers ---- */

static void add_number(struct lower_policy *lower, struct ir_interval_list *list, size_t *capacity, uint64_t number)
{
	const uint64_t key = ir_key(number, ir_domain_of(IR_ARGUMENT, IR_VALUE, &type_rows[TYPE_SYSCALL64]).is_signed);

	list->items = arena_grow(lower->arena, list->items, list->count, capacity, sizeof(*list->items));
	list->items[list->count++] = (struct ir_interval){ key, key };
}

static void add_values(struct lower_policy *lower, const struct ir_names *names, struct ir_interval_list *list,
		       size_t *capacity)
{
	for (size_t n = 0; n < names->values.count; n++) {
		const struct text *value = &names->values.items[n];
		uint64_t number;

		if (syscall_number(value, &number))
			add_number(lower, list, capacity, number);
		else
			diag_later(lower->diagnostics, value->at, "the number of '%.64s', which x86-64 does not have",
				   value->bytes);
	}
}

/* Those that the kernel told; away from it all there are, for what is said of the policy: it is not applied. */
static void add_generated(struct lower_policy *lower, const struct policy_name_list *source, struct ir_interval_list *list,
			  size_t *capacity)
{
	const char *function;
	uint64_t number;

	for (size_t n = 0; source->told && n < source->number_count; n++)
		add_number(lower, list, capacity, source->numbers[n]);
	for (size_t n = 0; !source->told && syscall_at(n, &number, &function); n++)
		add_number(lower, list, capacity, number);
}

/* Each number once: a long list may be named by many filters. */
static struct ir_interval_list *make_numbers(struct lower_policy *lower, const struct ir_names *names)
{
	const struct ir_domain domain = ir_domain_of(IR_ARGUMENT, IR_VALUE, &type_rows[TYPE_SYSCALL64]);
	struct ir_predicate set = { .test = IR_INTERVALS };
	struct ir_interval_list *list = &set.intervals, *ret = arena_new(lower->arena, struct ir_interval_list);
	size_t capacity = 0;

	if (names->kind == IR_NAMES_ALL_SYSCALLS)
		add_generated(lower, &lower->policy->lists.items[names - lower->names], list, &capacity);
	else
		add_values(lower, names, list, &capacity);
	set_normalise(&set, domain.keys, lower->arena);
	*ret = set.intervals;
	return ret;
}

const struct ir_interval_list *lower_numbers(struct lower_policy *lower, const struct text *reference)
{
	const struct ir_names *names = lower_names(lower, reference);
	struct ir_interval_list **numbers = &lower->numbers[names - lower->names];

	if (!*numbers)
		*numbers = make_numbers(lower, names);
	return *numbers;
}

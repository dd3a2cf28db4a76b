// SPDX-License-Identifier: Apache-2.0
/* check_repeated.c - what the hooks of one policy have in common; see check.h. */
#include <stdlib.h>
#include <string.h>

#include "compiler/policy/check.h"
#include "compiler/policy/syscall.h"

/* Something that hooks may have in common, and the part of the hook that says it. */
struct entry {
	const char *bytes;
	size_t length;
	struct span at;
	unsigned way;		/* uprobes: which of symbols, offsets and addrs */
	const struct text *message;	/* of the hook */
};
struct entries {
	struct entry *items;
	size_t count, capacity;
	struct arena *arena;
	bool *listed;		/* for each list of the policy: its values are among them */
	const struct text *message;	/* of the hook that is looked at */
};

static int by_bytes(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	size_t shorter = left->length < right->length ? left->length : right->length;
	int order = shorter ? memcmp(left->bytes, right->bytes, shorter) : 0;

	if (!order)
		order = (left->length > right->length) - (left->length < right->length);
	return order ? order : (left->at.start > right->at.start) - (left->at.start < right->at.start);
}

static bool is_same(const struct entry *left, const struct entry *right)
{
	return left->length == right->length && !memcmp(left->bytes, right->bytes, left->length);
}

static void add(struct entries *entries, const char *bytes, size_t length, struct span at, unsigned way)
{
	entries->items = arena_grow(entries->arena, entries->items, entries->count, &entries->capacity,
		sizeof(*entries->items));
	entries->items[entries->count++] = (struct entry){ bytes, length, at, way, entries->message };
}

/* ---- Functions ---- */

/* By name without the prefix of the x86-64 and arm64 ABIs, which a system call gets anyway. */
static void add_function(struct entries *entries, const struct text *name, bool is_syscall)
{
	size_t prefix = is_syscall ? syscall_prefix(name->bytes, name->length) : 0;

	if (!name->length || !strncmp(name->bytes, "__ia32_", strlen("__ia32_")))
		prefix = 0;
	add(entries, name->bytes + prefix, name->length - prefix, name->at, 0);
}

static void add_functions(struct entries *entries, const struct policy *policy, const struct policy_hook *hook)
{
	const struct policy_name_list *list;

	if (!hook->name.length)
		return;
	if (!is_list_reference(&hook->name)) {
		add_function(entries, &hook->name, hook->syscall);
		return;
	}
	list = policy_find_list(policy, &hook->name);
	if (!list)
		return;
	add(entries, hook->name.bytes, hook->name.length, hook->name.at, 0);	/* is there twice when the list is */
	if (entries->listed[list - policy->lists.items])
		return;
	entries->listed[list - policy->lists.items] = true;
	for (size_t i = 0; i < list->values.count; i++) {
		struct text value = list->values.items[i];

		if (value.bytes && !memchr(value.bytes, '/', value.length)) {
			value.at = hook->name.at;
			add_function(entries, &value, list_is_of_syscalls(list) || hook->syscall);
		}
	}
}

static bool is_alike(const struct text *a, const struct text *b)
{
	return a->length == b->length && (!a->length || !memcmp(a->bytes, b->bytes, a->length));
}

static void refuse_function(const struct policy *policy, const struct entry *first, const struct entry *again,
			    struct diagnostics *diagnostics)
{
	bool is_refused = policy->hooks.items[0].kind == HOOK_KPROBE && !policy->single_kprobes && !policy->of_rules;

	if (!is_refused && !is_alike(first->message, again->message))
		return;		/* two purposes, told apart in events */
	diag(diagnostics, is_refused ? DIAG_HOOK_REPEATED : DIAG_HOOK_AGAIN, again->at,
		is_refused ? "'%.*s' is hooked twice" : "'%.*s' is hooked again",
		(int)(again->length < 64 ? again->length : 64), again->bytes);
	diag_related(diagnostics, first->at, "first hooked here");
	diag_help(diagnostics, is_refused ? "give one hook several selectors, or set the option disable-kprobe-multi" :
		"one hook may have several selectors");
}

/* ---- Files ---- */

static void add_file(struct entries *entries, const struct policy_hook *hook)
{
	unsigned way = hook->symbols.count ? 1 : hook->offsets.count ? 2 : hook->addresses.count ? 3 : 0;

	if (way && hook->path.length)
		add(entries, hook->path.bytes, hook->path.length, hook->path.at, way);
}

static void refuse_file(const struct entry *first, const struct entry *other, struct diagnostics *diagnostics)
{
	static const char *const ways[] = { "", "symbols", "offsets", "addrs" };

	diag(diagnostics, DIAG_UPROBE_MIXED, other->at, "this file is addressed by '%s', and by '%s' before",
		ways[other->way], ways[first->way]);
	diag_related(diagnostics, first->at, "the other uprobe");
	diag_help(diagnostics, "write two policies, or set the option disable-uprobe-multi");
}

void check_repeated_hooks(const struct policy *policy, struct diagnostics *diagnostics)
{
	struct entries entries = {
		.arena = diagnostics->arena, .listed = arena_array(diagnostics->arena, bool, policy->lists.count),
	};
	enum hook_kind kind = policy->hooks.count ? policy->hooks.items[0].kind : HOOK_TRACEPOINT;
	bool is_call = kind == HOOK_KPROBE || kind == HOOK_FENTRY;

	for (size_t i = 0; i < policy->hooks.count && policy->hooks.items[i].kind == kind; i++) {
		entries.message = &policy->hooks.items[i].message;
		if (is_call)
			add_functions(&entries, policy, &policy->hooks.items[i]);
		else if (kind == HOOK_UPROBE && !policy->single_uprobes)
			add_file(&entries, &policy->hooks.items[i]);
	}
	if (entries.count)
		qsort(entries.items, entries.count, sizeof(*entries.items), by_bytes);
	for (size_t i = 1; i < entries.count; i++) {
		const struct entry *before = &entries.items[i - 1], *entry = &entries.items[i];

		if (!is_same(before, entry))
			continue;
		if (is_call)
			refuse_function(policy, before, entry, diagnostics);
		else if (before->way != entry->way)
			refuse_file(before, entry, diagnostics);
	}
}

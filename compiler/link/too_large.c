// SPDX-License-Identifier: Apache-2.0
/* too_large.c - which filters and hooks take the space, when an image has no room for all that programs read; see emit.h. */
#include "compiler/link/emit.h"

#include <errno.h>
#include <string.h>

enum { SHARES_NAMED = 3 };

/* What one filter, or one hook of a policy, takes. */
struct share {
	uint32_t policy;
	const struct ir_hook *hook;
	const struct ir_predicate *predicate;	/* NULL: the hook itself */
	size_t bytes;
	size_t count;		/* of the values, or of what the hook stands for */
	size_t tables;		/* how often the values are there */
};

struct shares {
	struct emit *emit;
	struct share items[SHARES_NAMED];	/* the largest first */
	size_t count;
};

/* ---- What takes how much ---- */

static bool is_of_host(const struct ir_predicate *predicate)
{
	return predicate->subject == IR_BINARY || predicate->subject == IR_PARENT;
}

static bool has_same_name(const struct ir_hook *a, const struct ir_hook *b)
{
	return a == b || (a->kind == b->kind && a->name.bytes && b->name.bytes && !strcmp(a->name.bytes, b->name.bytes));
}

/* Whether both are one row of a table. */
static bool is_shared(const struct share *a, const struct share *b)
{
	if (!a->predicate || !b->predicate || !ir_set_equal(a->predicate, b->predicate))
		return false;
	return is_of_host(a->predicate) ? is_of_host(b->predicate) : has_same_name(a->hook, b->hook);
}

static void add_share(struct shares *shares, struct share share)
{
	size_t at = shares->count;

	for (size_t n = 0; n < shares->count; n++)
		if (is_shared(&shares->items[n], &share))
			return;
	while (at && shares->items[at - 1].bytes < share.bytes)
		at--;
	if (!share.bytes || at == SHARES_NAMED)
		return;
	if (shares->count < SHARES_NAMED)
		shares->count++;
	memmove(&shares->items[at + 1], &shares->items[at], (shares->count - at - 1) * sizeof(share));
	shares->items[at] = share;
}

static size_t count_values(const struct ir_predicate *predicate)
{
	return predicate->patterns.count + predicate->intervals.count + predicate->networks.count;
}

static void add_predicate(struct shares *shares, struct share share, const struct ir_predicate *predicate);

static void add_condition(struct shares *shares, struct share share, const struct ir_condition *condition)
{
	if (condition->kind == IR_ASK)
		add_predicate(shares, share, condition->predicate);
	for (size_t n = 0; n < condition->count; n++)
		add_condition(shares, share, &condition->parts[n]);
}

/* Tables of programs are the host's, all others are there for each function. */
static void add_predicate(struct shares *shares, struct share share, const struct ir_predicate *predicate)
{
	share.tables = is_of_host(predicate) ? 1 : share.tables;
	if (predicate->test == IR_HOLDS && predicate->condition)
		add_condition(shares, share, predicate->condition);
	share.predicate = predicate;
	share.bytes = share.tables * emit_table_size(shares->emit->arena, predicate);
	share.count = count_values(predicate);
	add_share(shares, share);
}

static void add_list(struct shares *shares, struct share share, const struct ir_predicate_list *list)
{
	for (size_t n = 0; n < list->count; n++)
		add_predicate(shares, share, &list->items[n]);
}

/* Of the hook itself: what is there for each function, a record for each filter. */
static void add_hook(struct shares *shares, uint32_t policy, const struct ir_hook *hook)
{
	struct share share = { .policy = policy, .hook = hook, .tables = merge_targets(shares->emit->merged, hook) };
	size_t bytes = (hook->returns ? 2 : 1) * sizeof(struct abi_hook);

	for (size_t n = 0; n < hook->selectors.count; n++) {
		const struct ir_selector *selector = &hook->selectors.items[n];

		add_list(shares, share, &selector->predicates);
		add_list(shares, share, &selector->return_predicates);
		bytes += sizeof(struct abi_accept) +
			(selector->predicates.count + 1) * sizeof(struct abi_record);
	}
	share.count = share.tables;
	share.bytes = share.tables * bytes;
	add_share(shares, share);
}

/* ---- Words ---- */

/* By how a filter is tested: what it has many of, and what makes it smaller. */
static const struct { const char *values, *help; } words[IR_OPAQUE + 1] = {
	[IR_STRINGS] = { "strings", "list fewer, and name a folder by its prefix instead of each file in it" },
	[IR_SUBSTRINGS] = { "substrings or patterns", "list fewer, or shorter ones; of patterns, those with fewer '*'" },
	[IR_INTERVALS] = { "numbers or ranges", "list fewer, and ranges instead of each number in them" },
	[IR_HOST] = { "numbers", "list fewer" },
	[IR_NETWORKS] = { "networks", "list fewer, and networks instead of each address in them" },
};
static const char hook_help[] = "watch fewer functions, or ask less of each";

static const char *noun_of(const struct share *share)
{
	return share->predicate ? "filter" : "hook";
}

/* "20 strings, for each of 900 functions". */
static const char *values_of(struct shares *shares, const struct share *share)
{
	struct arena *arena = shares->emit->arena;

	if (!share->predicate)
		return arena_format(arena, "%zu functions", share->count);
	if (share->tables == 1)
		return arena_format(arena, "%zu %s", share->count, words[share->predicate->test].values);
	return arena_format(arena, "%zu %s, for each of %zu functions", share->count, words[share->predicate->test].values,
			    share->tables);
}

static const struct ir_place *place_of(const struct share *share)
{
	return share->predicate ? &share->predicate->at : &share->hook->at;
}

/* Those that come after the largest, when they count. */
static const char *name_others(struct shares *shares)
{
	struct merged *merged = shares->emit->merged;
	const char *text = "";

	for (size_t n = 1; n < shares->count && shares->items[n].bytes > ABI_HALF_SIZE / 16; n++) {
		const struct share *share = &shares->items[n];

		text = arena_format(merged->arena, "%s, the %s of policy '%s' (%s) %zu for %s", text, noun_of(share),
				    merged->policies[share->policy].ir.name.bytes,
				    merge_place(merged, share->policy, place_of(share)), share->bytes,
				    values_of(shares, share));
	}
	return text;
}

static const char *help_of(const struct shares *shares)
{
	const struct share *share = &shares->items[0];
	const char *help = share->predicate ? words[share->predicate->test].help : hook_help;

	if (share->predicate && share->tables > 1)
		help = arena_format(shares->emit->arena, "%s; or watch fewer functions", help);
	if (shares->emit->merged->policy_count > 1)
		help = arena_format(shares->emit->arena, "%s; or apply the policies on different hosts", help);
	return help;
}

static int fail(struct shares *shares)
{
	struct merged *merged = shares->emit->merged;
	const struct share *share = &shares->items[0];
	const char *noun = noun_of(share), *values = values_of(shares, share);

	if (share->bytes > ABI_HALF_SIZE)
		merge_fail_at(merged, -E2BIG, share->policy, place_of(share),
			      "this %s alone takes %zu bytes for %s; programs read at most %u of an image", noun,
			      share->bytes, values, ABI_HALF_SIZE);
	else
		merge_fail_at(merged, -E2BIG, share->policy, place_of(share),
			      "programs read at most %u bytes of an image, and it has more: this %s takes %zu of them for %s%s",
			      ABI_HALF_SIZE, noun, share->bytes, values, name_others(shares));
	merge_help(merged, help_of(shares));
	return -E2BIG;
}

int emit_too_large(struct emit *emit)
{
	struct shares shares = { .emit = emit };

	for (uint32_t policy = 0; policy < emit->merged->policy_count; policy++) {
		const struct ir_hook_list *hooks = &emit->merged->policies[policy].ir.hooks;

		for (size_t n = 0; n < hooks->count; n++)
			add_hook(&shares, policy, &hooks->items[n]);
	}
	return fail(&shares);
}

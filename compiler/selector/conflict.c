// SPDX-License-Identifier: Apache-2.0
/* conflict.c - see conflict.h. */
#include "compiler/selector/conflict.h"

#include <string.h>

#include "compiler/policy/check.h"
#include "compiler/policy/syscall.h"
#include "compiler/selector/meeting.h"
#include "compiler/selector/shadow.h"

enum { CONFLICT_STEPS = 1 << 24 };	/* of one run */

struct finding {
	struct conflicts *conflicts;
	const struct ir_policy *policy;
	const struct ir_hook *hook;
	const struct reach *reach;
	const struct source *source;	/* of the unit, as it stays */
	struct arena *arena;
	struct diagnostics *diagnostics;
	bool said;			/* of this hook */
};

/* ---- Whether two policies apply to the same processes ---- */

static bool is_same(const char *a, const char *b)
{
	return !strcmp(a, b);
}

/* Some label must have two values. */
static bool labels_contradict(const struct policy_label_list *a, const struct policy_label_list *b)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if (is_same(a->items[i].key.bytes, b->items[j].key.bytes) &&
			    !is_same(a->items[i].value.bytes, b->items[j].value.bytes))
				return true;
	return false;
}

/* One of the same name takes the other's place. */
static bool reach_is_apart(const struct reach *a, const struct reach *b)
{
	if (*a->namespace && *b->namespace && !is_same(a->namespace, b->namespace))
		return true;
	if (is_same(a->name, b->name) && is_same(a->namespace, b->namespace))
		return true;
	return labels_contradict(&a->pods, &b->pods);
}

static struct policy_label_list copy_labels(const struct policy_label_selector *selector, struct arena *arena)
{
	struct policy_label_list list = { .count = selector ? selector->labels.count : 0 };

	list.items = arena_array(arena, struct policy_label, list.count);
	for (size_t n = 0; n < list.count; n++) {
		const struct policy_label *label = &selector->labels.items[n];

		list.items[n].key.bytes = arena_copy(arena, label->key.bytes, label->key.length);
		list.items[n].value.bytes = arena_copy(arena, label->value.bytes, label->value.length);
	}
	return list;
}

static const char *copy_name(const struct text *text, struct arena *arena)
{
	return arena_copy(arena, text->bytes ? text->bytes : "", text->bytes ? text->length : 0);
}

static const struct reach *copy_reach(const struct ir_policy *policy, struct arena *arena)
{
	struct reach *reach = arena_new(arena, struct reach);

	*reach = (struct reach){
		.name = copy_name(&policy->name, arena),
		.namespace = copy_name(&policy->namespace, arena),
		.pods = copy_labels(policy->scope ? policy->scope->pod : NULL, arena),
	};
	return reach;
}

/* ---- Whether two selectors decide the same event ---- */

/* An earlier selector of the policy takes whatever comes to both. */
static bool is_taken(const struct party *party, const struct deed *deed, const struct claim_list *both,
		     struct budget *budget)
{
	for (const struct deed *earlier = party->deeds; earlier < deed; earlier++)
		if (claims_shadow(&earlier->claims, both, budget))
			return true;
	return false;
}

/* No proof that they do not. */
static bool may_meet(const struct party *a, const struct deed *x, const struct party *b, const struct deed *y,
		     struct budget *budget)
{
	struct arena scratch = { 0 };
	const struct claim_list both = claims_join(&x->claims, &y->claims, budget, &scratch);
	bool apart = claims_find_empty(&both, budget) || is_taken(a, x, &both, budget) || is_taken(b, y, &both, budget);

	arena_release(&scratch);
	return !apart && !budget_is_spent(budget);
}

/* ---- What is said ---- */

static bool disagree(const struct deed *x, const struct deed *y)
{
	if (x->stance == STANCE_NONE || y->stance == STANCE_NONE)
		return false;
	if (x->stance == STANCE_ENFORCES && y->stance == STANCE_ENFORCES)
		return x->overrides && y->overrides && strcmp(x->effect, y->effect);
	return x->stance == STANCE_ENFORCES || y->stance == STANCE_ENFORCES;
}

/* `mine` is in the unit, `theirs` was read before. */
static void say(struct finding *finding, const struct deed *mine, const struct deed *theirs, const char *other)
{
	struct diagnostics *diagnostics = finding->diagnostics;
	const char *help = "each policy decides by itself: exclude the events in the policy that enforces";

	if (mine->stance == STANCE_ENFORCES && theirs->stance == STANCE_ENFORCES) {
		diag(diagnostics, DIAG_POLICIES_DISAGREE, mine->at, "%s, and policy '%s' has %s for the same events",
		     mine->says, other, theirs->says);
		help = mine->assigns || theirs->assigns ?
			"where registers are assigned, the first Override is done, in the order in which the policies were applied; the others fail" :
			"of several values the first that is not 0 counts, in the order in which the policies were applied";
	} else if (mine->stance == STANCE_TRIES || theirs->stance == STANCE_TRIES) {
		const bool tries = mine->stance == STANCE_TRIES;

		diag(diagnostics, DIAG_POLICIES_DISAGREE, mine->at, tries ?
		     "%s is only tried out here, and policy '%s' enforces %s on the same events" :
		     "%s is enforced here, and policy '%s' only tries out %s on the same events",
		     mine->says, other, theirs->says);
		help = "what is tried out shows nothing as long as the other policy enforces";
	} else {
		diag(diagnostics, DIAG_POLICIES_DISAGREE, mine->at, mine->stance == STANCE_QUIET ?
		     "%s is for this policy only: policy '%s' has %s for the same events" :
		     "%s is done on events, too, of which policy '%s' says %s", mine->says, other, theirs->says);
	}
	diag_related(diagnostics, theirs->at, "the other policy");
	diag_help(diagnostics, "%s", help);
	finding->said = true;
}

/* The first that disagree, if any do. */
static void compare_parties(struct finding *finding, const struct party *mine, const struct party *theirs)
{
	struct budget *budget = &finding->conflicts->budget;

	if (budget_is_spent(budget) || reach_is_apart(mine->reach, theirs->reach))
		return;
	for (size_t x = 0; x < mine->count && !finding->said; x++)
		for (size_t y = 0; y < theirs->count && !finding->said; y++) {
			const struct deed *deed = &mine->deeds[x], *other = &theirs->deeds[y];

			budget_spend(budget, 1);
			if (disagree(deed, other) && !budget_is_spent(budget) && may_meet(mine, deed, theirs, other, budget))
				say(finding, deed, other, theirs->reach->name);
		}
}

/* ---- Hooks ---- */

static uint32_t hash_of(const char *key)
{
	uint32_t hash = 2166136261u;

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619u;
	return hash;
}

static struct meeting *find_meeting(struct conflicts *conflicts, const char *key, struct arena *arena)
{
	const uint32_t hash = hash_of(key);
	struct meeting *meeting;

	for (size_t n = 0; n < conflicts->count; n++)
		if (conflicts->meetings[n]->hash == hash && is_same(conflicts->meetings[n]->key, key))
			return conflicts->meetings[n];
	meeting = arena_new(arena, struct meeting);
	*meeting = (struct meeting){ .key = key, .hash = hash };
	conflicts->meetings = arena_grow(arena, conflicts->meetings, conflicts->count, &conflicts->capacity,
					 sizeof(*conflicts->meetings));
	conflicts->meetings[conflicts->count++] = meeting;
	return meeting;
}

/* Spans of the unit become those of its copy. */
static struct party keep(const struct party *party, const struct source *source)
{
	for (size_t n = 0; n < party->count; n++)
		party->deeds[n].at.source = source;
	return *party;
}

static void join(struct finding *finding, const char *key)
{
	struct arena *arena = finding->arena;
	struct meeting *meeting = find_meeting(finding->conflicts, key, arena);
	struct party mine = meeting_copy(meeting, finding->policy, finding->hook, &finding->conflicts->budget, arena);

	mine.reach = finding->reach;
	for (size_t n = 0; n < meeting->count && !finding->said; n++)
		if (meeting->parties[n].reach != mine.reach)
			compare_parties(finding, &mine, &meeting->parties[n]);
	meeting->parties = arena_grow(arena, meeting->parties, meeting->count, &meeting->room, sizeof(mine));
	meeting->parties[meeting->count++] = keep(&mine, finding->source);
}

static void join_function(struct finding *finding, const struct text *name, bool is_syscall)
{
	const size_t prefix = is_syscall ? syscall_prefix(name->bytes, name->length) : 0;

	join(finding, arena_format(finding->arena, "%s%s:%s", hook_rows[finding->hook->kind].name,
				   is_syscall ? " syscall" : "", name->bytes + prefix));
}

/* What a generated list stands for, only the target knows. */
static void join_names(struct finding *finding, const struct ir_names *names)
{
	for (size_t n = 0; n < names->values.count; n++)
		if (names->values.items[n].bytes)
			join_function(finding, &names->values.items[n],
				      names->kind == IR_NAMES_SYSCALLS || finding->hook->syscall);
}

static void join_symbols(struct finding *finding, const struct ir_hook *hook)
{
	for (size_t n = 0; n < hook->symbols.count; n++)
		join(finding, arena_format(finding->arena, "uprobe:%s:%s", hook->path.bytes, hook->symbols.items[n].bytes));
}

static void join_hook(struct finding *finding)
{
	const struct ir_hook *hook = finding->hook;

	if (hook->names)
		join_names(finding, hook->names);
	else if (hook->kind == HOOK_UPROBE)
		join_symbols(finding, hook);
	else if (hook->subsystem.bytes)
		join(finding, arena_format(finding->arena, "%s:%s/%s", hook_rows[hook->kind].name, hook->subsystem.bytes,
					   hook->name.bytes));
	else if (hook->name.bytes && hook->kind != HOOK_USDT)
		join_function(finding, &hook->name, hook->syscall);
}

/* ---- Policies ---- */

static const struct source *copy_source(const struct source *source, struct arena *arena)
{
	struct source *copy = arena_new(arena, struct source);

	*copy = (struct source){
		.name = arena_copy(arena, source->name, strlen(source->name)),
		.text = arena_copy(arena, source->text, source->length),
		.length = source->length,
	};
	return copy;
}

static void find_of_policy(struct finding *finding)
{
	const struct ir_policy *policy = finding->policy;

	finding->reach = NULL;
	for (size_t n = 0; n < policy->hooks.count; n++) {
		finding->hook = &policy->hooks.items[n];
		if (!meeting_concerns(policy, finding->hook))
			continue;
		if (!finding->source)
			finding->source = copy_source(policy->at.span.source, finding->arena);
		if (!finding->reach)
			finding->reach = copy_reach(policy, finding->arena);
		finding->said = false;
		join_hook(finding);
	}
}

void conflicts_find(struct conflicts *conflicts, const struct ir_list *ir, struct arena *arena,
		    struct diagnostics *diagnostics)
{
	struct finding finding = { .conflicts = conflicts, .arena = arena, .diagnostics = diagnostics };

	if (!conflicts->has_begun)
		*conflicts = (struct conflicts){ .budget = { CONFLICT_STEPS }, .has_begun = true };
	for (size_t n = 0; n < ir->count; n++) {
		finding.policy = &ir->items[n];
		find_of_policy(&finding);
	}
}

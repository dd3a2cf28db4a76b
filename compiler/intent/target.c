// SPDX-License-Identifier: Apache-2.0
/*
 * target.c - the kernels that a policy is for: whether they have what a rule takes, and what becomes of it where they do not; see rule.h.
 *
 * Kernels are known by their age, by the machine, and by profiles, which somebody else reads (policy_profiles).  What is not known of them is said.
 */
#include <string.h>

#include "compiler/base/version.h"
#include "compiler/intent/emit.h"
#include "compiler/intent/rule.h"

/* ---- By age and machine ---- */

/*
 * Hooks, and the functions behind them, that are younger than programs on hooks: include/linux/lsm_hook_defs.h of the releases.  path_chown is older, but has
 * structures for arguments (kuid_t, kgid_t): before 6.1 no trampoline can be attached to such a hook, or to its function, and nothing else there is kept.
 */
static const struct { const char *hook; struct version since; } hooks_since[] = {
	{ "bprm_creds_for_exec", { 5, 8 } }, { "bprm_creds_from_file", { 5, 8 } }, { "task_fix_setgid", { 5, 9 } }, { "userns_create", { 6, 1 } },
	{ "path_chown", { 6, 1 } }, { "file_truncate", { 6, 2 } },
};
/* Programs on LSM hooks, and those that change what a function returns, by machine: both take BPF trampolines. */
static const struct { const char *name; struct version since; } machines[] = {
	[INTENT_AMD64] = { "amd64", { 5, 7 } }, [INTENT_ARM64] = { "arm64", { 6, 4 } },
};

static bool read_version(const struct text *text, struct version *ret)
{
	return text->bytes && text->length && version_read(text->bytes, text->length, ret) == text->length;
}

/* ---- One question to all kernels ---- */

struct asking {
	struct rule *rule;
	const struct probe *probe;
	struct span at;			/* of the target, where the kernel is named that lacks it */
	const char *why;		/* what it lacks, as a sentence */
};

static struct version since_of(const char *hook)
{
	for (size_t n = 0; n < sizeof(hooks_since) / sizeof(*hooks_since); n++)
		if (!strcmp(hooks_since[n].hook, hook))
			return hooks_since[n].since;
	return (struct version){ 0, 0 };
}

static bool lacks_by_age(struct asking *asking, const char *hook)
{
	const struct intent_target *target = asking->rule->intent->target;
	const struct version since = since_of(hook);
	struct version oldest;

	if (!read_version(&target->oldest, &oldest) || !version_is_older(oldest, since))
		return false;
	asking->at = target->oldest.at;
	asking->why = arena_format(asking->rule->arena, "Linux %u.%u has no hook '%s' for programs, which is there from %u.%u on", oldest.major, oldest.minor,
		hook, since.major, since.minor);
	return true;
}

/* Without a list of machines: amd64, where it is there first. */
static bool lacks_trampolines(struct asking *asking, const char *what)
{
	static const struct word amd64 = { .number = INTENT_AMD64 };
	const struct intent_target *target = asking->rule->intent->target;
	const struct word *words = target->machines.count ? target->machines.items : &amd64;
	struct version oldest;

	for (size_t n = 0; n < (target->machines.count ? target->machines.count : 1) && read_version(&target->oldest, &oldest); n++) {
		const unsigned machine = words[n].number;

		if (!version_is_older(oldest, machines[machine].since))
			continue;
		asking->at = target->oldest.at;
		asking->why = arena_format(asking->rule->arena, "Linux %u.%u on %s has no %s, which are there from %u.%u on", oldest.major, oldest.minor,
			machines[machine].name, what, machines[machine].since.major, machines[machine].since.minor);
		return true;
	}
	return false;
}

/* ---- By profile ---- */

static bool is_repeated(const struct diagnostics *diagnostics, enum diagnostic_id id, struct span at)
{
	for (size_t n = 0; n < diagnostics->count; n++)
		if (diagnostics->items[n].id == id && diagnostics->items[n].at.start == at.start)
			return true;
	return false;
}

static void say_unknown(struct asking *asking, const struct text *profile)
{
	struct diagnostics *diagnostics = asking->rule->diagnostics;

	if (is_repeated(diagnostics, DIAG_INTENT_PROFILE_SILENT, profile->at))
		return;
	diag(diagnostics, DIAG_INTENT_PROFILE_SILENT, profile->at, "'%.64s' does not say %s", profile->bytes, asking->why);
	diag_related(diagnostics, asking->probe->at, "the rule takes it");
	diag_help(diagnostics, "write it anew, as root: tetra probe -o json --functions");
}

static bool lacks_by_profile(struct asking *asking, enum profile_question question, const char *name)
{
	const struct intent_target *target = asking->rule->intent->target;
	const struct policy_profiles *profiles = asking->rule->profiles;

	for (size_t n = 0; n < target->profiles.count; n++) {
		const struct text *profile = &target->profiles.items[n];
		const char *why = "";
		const enum profile_answer answer = profiles->ask(profiles->context, profile, question, name, asking->rule->arena, &why);

		asking->why = why;
		asking->at = profile->at;
		if (answer == PROFILE_LACKS)
			return true;
		if (answer == PROFILE_SILENT)
			say_unknown(asking, profile);
	}
	return false;
}

/* Where no profile is named, the kernel that the policy is compiled for is one: for who leaves the choice to it. */
static bool own_kernel_lacks_lsm(struct asking *asking)
{
	const struct intent_target *target = asking->rule->intent->target;
	const struct policy_profiles *profiles = asking->rule->profiles;
	struct diagnostics *diagnostics = asking->rule->diagnostics;
	enum profile_answer answer;

	if (target->lsm != INTENT_LSM_AUTO || target->profiles.count || !profiles || !profiles->has_kernel)
		return false;
	answer = profiles->ask(profiles->context, NULL, PROFILE_LSM, NULL, asking->rule->arena, &asking->why);
	asking->at = (struct span){ 0 };
	if (answer == PROFILE_SILENT && !is_repeated(diagnostics, DIAG_INTENT_PROFILE_SILENT, target->lsm_at)) {
		diag(diagnostics, DIAG_INTENT_PROFILE_SILENT, target->lsm_at, "it is not known %s: LSM hooks are taken", asking->why);
		diag_help(diagnostics, "it is known to root, and to profiles that root has written: tetra probe -o json");
	}
	return answer == PROFILE_LACKS;
}

/* ---- Ways ---- */

static bool lacks_lsm(struct asking *asking)
{
	return lacks_trampolines(asking, "BPF programs on LSM hooks") || lacks_by_profile(asking, PROFILE_LSM, NULL) || own_kernel_lacks_lsm(asking);
}

static bool lacks(struct asking *asking, enum way way)
{
	const struct probe *probe = asking->probe;
	const bool denies = asking->rule->written->effect != INTENT_AUDIT && !probe->only_tells;
	const char *function;

	if (probe->kind != HOOK_LSM)
		return probe->kind == HOOK_KPROBE && lacks_by_profile(asking, PROFILE_FUNCTION, probe->hook);
	if (lacks_by_age(asking, probe->hook))
		return true;
	if (way != WAY_LSM && probe->never_function) {
		asking->why = probe->never_function;
		return true;
	}
	if (way == WAY_LSM)
		return lacks_lsm(asking) || lacks_by_profile(asking, PROFILE_LSM_HOOK, probe->hook);
	function = intent_function(asking->rule->arena, probe->hook);
	return lacks_by_profile(asking, PROFILE_FUNCTION, function) ||
		(way == WAY_FUNCTION && denies && (lacks_trampolines(asking, "BPF programs that change what functions return") ||
						   lacks_by_profile(asking, PROFILE_DENIAL, function)));
}

static void note(struct rule *rule, const struct probe *probe, const char *what, const char *why)
{
	struct text_list *notes = rule->notes;
	struct text *items = arena_array(rule->arena, struct text, notes->count + 1);

	if (notes->count)
		memcpy(items, notes->items, notes->count * sizeof(*items));
	items[notes->count].bytes = arena_format(rule->arena, "%s/%s: %s: %s", rule->written->id.bytes, probe->op, what, why);
	items[notes->count].length = strlen(items[notes->count].bytes);
	items[notes->count].at = probe->at;
	*notes = (struct text_list){ items, notes->count + 1 };
}

static void tell(const struct asking *asking, enum diagnostic_id id, const char *what, const char *why)
{
	struct diagnostics *diagnostics = asking->rule->diagnostics;

	diag(diagnostics, id, asking->probe->at, "%s: %s", what, why);
	if (!span_is_empty(asking->at))
		diag_related(diagnostics, asking->at, "the policy is for this kernel, too");
}

static enum way refuse(const struct asking *asking, enum way way, const char *help)
{
	tell(asking, DIAG_INTENT_UNSUPPORTED, asking->probe->hook, asking->why);
	diag_help(asking->rule->diagnostics, "%s", help);
	return way;
}

static const char *what_is_weaker(struct asking *asking, enum way way)
{
	const char *function = intent_function(asking->rule->arena, asking->probe->hook);

	return arena_format(asking->rule->arena, way == WAY_FUNCTION ? "'%s' is probed in place of the hook, and sees attempts as well" :
		"'%s' is probed in place of the hook, and nothing is denied there", function);
}

static enum way weaken(struct asking *asking, enum way way)
{
	for (enum way weaker = way + 1; weaker < WAY_NONE; weaker++) {
		struct asking again = { asking->rule, asking->probe, asking->at, asking->why };
		const char *what;

		if (lacks(&again, weaker))
			continue;
		what = what_is_weaker(asking, weaker);
		tell(asking, DIAG_INTENT_WEAKENED, what, asking->why);
		note(asking->rule, asking->probe, what, asking->why);
		return weaker;
	}
	return refuse(asking, way, "there is nothing weaker: leave the rule out there (onUnsupported: drop), or name other kernels");
}

static enum way drop(const struct asking *asking)
{
	tell(asking, DIAG_INTENT_DROPPED, "this is left out on all kernels", asking->why);
	note(asking->rule, asking->probe, "left out", asking->why);
	return WAY_NONE;
}

/* ---- What LSM hooks do not give ---- */

static void refuse_stack(struct rule *rule)
{
	const struct span at = respond_of(rule)->stack_at;

	if (!is_repeated(rule->diagnostics, DIAG_NOT_LOWERABLE, at)) {
		diag(rule->diagnostics, DIAG_NOT_LOWERABLE, at, "LSM hooks have no stack traces");
		diag_help(rule->diagnostics, "say target: {bpfLSM: auto}, and the rule goes by the functions behind its hooks, which also see what other checks refuse;"
			" or leave 'stack' out");
	}
	rule->no_stack = true;
}

static enum way by_function(struct asking *asking, const char *why)
{
	tell(asking, DIAG_INTENT_BY_FUNCTION, arena_format(asking->rule->arena, "'%s' is probed, and sees attempts that other checks refuse",
		intent_function(asking->rule->arena, asking->probe->hook)), why);
	note(asking->rule, asking->probe, "by the function behind the hook, which sees attempts", why);
	return WAY_FUNCTION;
}

static enum way preferred(struct asking *asking)
{
	struct rule *rule = asking->rule;
	const struct intent_target *target = rule->intent->target;
	const enum intent_lsm lsm = target ? target->lsm : INTENT_LSM_REQUIRE;
	const bool stack = respond_of(rule) && respond_of(rule)->stack;

	if (lsm == INTENT_LSM_AVOID)
		return WAY_FUNCTION;
	if (stack && lsm == INTENT_LSM_REQUIRE)
		refuse_stack(rule);
	if (lsm == INTENT_LSM_REQUIRE)
		return WAY_LSM;
	return stack ? by_function(asking, "LSM hooks have no stack traces") : lacks_lsm(asking) ? by_function(asking, asking->why) : WAY_LSM;
}

enum way target_way(struct rule *rule, const struct probe *probe)
{
	const struct intent_target *target = rule->intent->target;
	struct asking asking = { .rule = rule, .probe = probe };
	enum way way;

	way = probe->kind == HOOK_LSM ? preferred(&asking) : WAY_LSM;
	asking.at = (struct span){ 0 };
	if (!target || !lacks(&asking, way))
		return way;
	if (target->unsupported == INTENT_DROP)
		return drop(&asking);
	return target->unsupported == INTENT_WEAKEN ? weaken(&asking, way) :
		refuse(&asking, way, "name other kernels, or say what may become of it: onUnsupported: weaken, or drop");
}

bool target_has(struct rule *rule, const struct policy_hook *hook)
{
	const struct probe probe = { .at = hook->at, .op = "raw", .kind = hook->kind, .hook = hook->name.bytes };
	struct asking asking = { .rule = rule, .probe = &probe };
	const struct intent_target *target = rule->intent->target;
	const bool is_lsm = hook->kind == HOOK_LSM;
	const bool is_function = hook->name.bytes && hook->kind == HOOK_KPROBE && !hook->syscall && strncmp(hook->name.bytes, "list:", 5);

	if (!target || !hook->name.bytes || !(is_lsm ? lacks(&asking, WAY_LSM) : is_function && lacks_by_profile(&asking, PROFILE_FUNCTION, hook->name.bytes)))
		return true;
	if (target->unsupported == INTENT_DROP)
		drop(&asking);
	else
		refuse(&asking, WAY_LSM, "of a raw hook there is nothing weaker: name other kernels, or say onUnsupported: drop");
	return false;
}

/* Kernels of the profiles alone, where no age is said; what a profile does not say is not known. */
bool target_knows(const struct rule *rule, const char *hook)
{
	const struct intent_target *target = rule->intent->target;
	struct version oldest;
	const char *why = "";

	if (!target)
		return false;
	if (read_version(&target->oldest, &oldest))
		return !version_is_older(oldest, since_of(hook));
	for (size_t n = 0; n < target->profiles.count; n++)
		if (rule->profiles->ask(rule->profiles->context, &target->profiles.items[n], PROFILE_LSM_HOOK, hook, rule->arena, &why) != PROFILE_HAS)
			return false;
	return target->profiles.count;
}

/* ---- The target itself ---- */

struct checking {
	const struct intent_target *target;
	const struct policy_profiles *profiles;
	struct arena *arena;
	struct diagnostics *diagnostics;
};

static enum profile_answer ask(const struct checking *checking, const struct text *profile, enum profile_question question, const char *what,
			       const char **why)
{
	return checking->profiles->ask(checking->profiles->context, profile, question, what, checking->arena, why);
}

/* One of the two is wrong, and it is not known which: what is asked of kernels might be less than is meant. */
static bool refuse_profile(const struct checking *checking, const struct text *profile, struct span at, const char *key, const char *why)
{
	diag(checking->diagnostics, DIAG_INTENT_PROFILE_APART, profile->at, "'%.64s' is not of the target's kernels: %s", profile->bytes, why);
	diag_related(checking->diagnostics, at, key);
	diag_help(checking->diagnostics, "say what is right in both, or leave the profile out");
	return false;
}

static bool check_age(const struct checking *checking, const struct text *profile)
{
	const struct text *oldest = &checking->target->oldest;
	const char *why = "";

	return !oldest->bytes || ask(checking, profile, PROFILE_SINCE, oldest->bytes, &why) != PROFILE_LACKS ||
		refuse_profile(checking, profile, oldest->at, "this is the oldest of them", why);
}

static bool check_machine(const struct checking *checking, const struct text *profile)
{
	const struct word_list *words = &checking->target->machines;
	const char *why = "";

	for (size_t n = 0; n < words->count; n++)
		if (ask(checking, profile, PROFILE_MACHINE, machines[words->items[n].number].name, &why) != PROFILE_LACKS)
			return true;
	return !words->count || refuse_profile(checking, profile, checking->target->machines_at, "these are their machines", why);
}

static bool check_profile(const struct checking *checking, const struct text *profile)
{
	const char *why = "nobody reads profiles here";
	bool fine;

	if (!checking->profiles || ask(checking, profile, PROFILE_READABLE, NULL, &why) != PROFILE_HAS) {
		diag(checking->diagnostics, DIAG_INTENT_PROFILE, profile->at, "'%.64s' cannot be read: %s", profile->bytes, why);
		return false;
	}
	fine = check_age(checking, profile);
	return check_machine(checking, profile) && fine;
}

bool target_check(const struct intent_target *target, const struct policy_profiles *profiles, struct arena *arena,
		  struct diagnostics *diagnostics)
{
	const struct checking checking = { target, profiles, arena, diagnostics };
	struct version ignored;
	bool fine = true;

	if (!target)
		return true;
	if (target->oldest.bytes && !read_version(&target->oldest, &ignored)) {
		diag(diagnostics, DIAG_UNKNOWN_VALUE, target->oldest.at, "'%.32s' is no version of a kernel", target->oldest.bytes);
		diag_help(diagnostics, "as \"5.10\"");
		return false;
	}
	for (size_t n = 0; n < target->profiles.count; n++)
		fine &= check_profile(&checking, &target->profiles.items[n]);
	return fine;
}

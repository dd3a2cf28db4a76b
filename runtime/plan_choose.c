// SPDX-License-Identifier: Apache-2.0
/* plan_choose.c - how one hook is attached, and whether what is attached will do; see plan.h. */
#include "runtime/plan_choose.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

const char *plan_lacks(struct arena *arena, const struct features *features, enum feature feature)
{
	const int error = features->error[feature];

	return arena_format(arena, "this kernel, or this process, has no %s (%s); %s", feature_rows[feature].about, strerror(-error),
		feature_advice(feature, error));
}

static uint32_t all_missing(const struct features *features, uint32_t wanted)
{
	uint32_t missing = 0;

	for (int i = 0; i < FEATURE_COUNT; i++)
		if (wanted & 1u << i && !feature_works(features, (enum feature)i))
			missing |= 1u << i;
	return missing;
}

static bool serves(const struct attach_row *row, const struct image_hook *hook)
{
	bool changes = hook->overrides && !hook->returns;

	if ((row->function == FUNCTION_DIGESTED) != !!(hook->abi->flags & ABI_HOOK_DIGEST))
		return false;
	return row->hook == hook->kind &&
	       (row->result == RESULT_EITHER || row->result == (changes ? RESULT_CHANGES : RESULT_LEAVES));
}

static bool is_security(const char *name)
{
	return !strncmp(name, "security_", 9);
}

static bool reads_registers(const struct image_hook *hook)
{
	for (size_t n = 0; n < hook->abi->slot_count; n++)
		if (hook->abi->slots[n].source == ABI_SOURCE_REGISTER)
			return true;
	return false;
}

/* The kernel's functions for calls of 32-bit programs find their arguments in other registers than those that are read. */
static bool has_other_registers(const struct image_hook *hook)
{
	return hook->syscall && !hook->returns && hook->argument_count && !strncmp(hook->name, "__ia32_", strlen("__ia32_"));
}

/* Why a way does not suit the hook's function; NULL when it does. */
static const char *unsuitable(const struct attach_row *row, const struct image_hook *hook,
			      const struct hook_facts *facts)
{
	if (has_other_registers(hook))
		return "arguments of 32-bit system calls cannot be read by this version of tetra";
	if (facts->returns_nothing && hook->overrides)
		return "it returns nothing that could be overridden";
	if (hook->texts && row->lifetime == LIFETIME_HELD)
		return "texts of its arguments can be waited for (sleepable-preload-size) only where links can be pinned";
	if (row->context != CONTEXT_REGISTERS && reads_registers(hook))
		return "only a program at a kprobe can read registers (source pt_regs)";
	switch (row->function) {
	case FUNCTION_SECURITY:
		return !is_security(hook->name) ? "only system calls, security_ functions and LSM hooks can be overridden" :
			facts->typed ? NULL : "the kernel has no type information about it";
	case FUNCTION_HOOKED:
		return !is_security(hook->name) ? "only system calls, security_ functions and LSM hooks can be overridden" :
			facts->hooked ? NULL : "it calls no LSM hook of its name and arguments";
	case FUNCTION_SYSCALL:
		return hook->syscall ? NULL :
			"only system calls, security_ functions and LSM hooks can be overridden";
	case FUNCTION_UNRETURNED:	/* the kernel would look for the return address where it is no more */
		return hook->pair == UINT32_MAX || !hook->moves_stack ? NULL : WATCHED_RETURN;
	case FUNCTION_TRACEABLE:
		return !facts->traceable ? "the kernel does not let it be traced" :
			facts->typed ? NULL : "the kernel has no type information about it";
	default:
		return NULL;
	}
}

_Static_assert(ATTACH_COUNT <= 32, "plan_input.forced has a bit for each");

/* Whether it was left a choice: --attach names no way for such hooks, or this one. */
static bool is_allowed(const struct plan_input *input, enum attach_kind kind)
{
	bool named = false;

	for (int i = 0; i < ATTACH_COUNT; i++)
		named |= input->forced >> i & 1 && attach_rows[i].hook == attach_rows[kind].hook;
	return !named || input->forced >> kind & 1;
}

/* override-method of an enforcer's policy. */
static bool is_other_method(enum attach_kind kind, const struct image_hook *hook)
{
	return (hook->fmod_ret && kind == ATTACH_OVERRIDE) || (hook->override_return && kind != ATTACH_OVERRIDE);
}

/* disable-kprobe-multi, disable-uprobe-multi */
static bool is_too_many(const struct attach_row *row, const struct image_hook *hook)
{
	return hook->single && row->features & (FEATURE_BIT(KPROBE_MULTI) | FEATURE_BIT(UPROBE_MULTI));
}

/* Whether a hook that can be attached by no way but this one is refused: it would not outlive the process. */
static bool is_too_short(const struct plan_input *input, const struct attach_row *row)
{
	return row->lifetime == LIFETIME_HELD && input->lifetime != LIFETIME_HELD;
}

/*
 * Whether a trampoline is better than a kprobe: the kernel tells its programs the path that is asked for, which costs a third of what reading
 * it does. Not where the kernel preempts, and might pass such a program over.
 */
static bool is_told(const struct plan_input *input, const struct image_hook *hook, const struct hook_facts *facts)
{
	const struct attach_row *row = &attach_rows[ATTACH_TRAMPOLINE];

	return facts->told && hook->abi->flags & ABI_HOOK_PATH && serves(row, hook) && !input->preempts &&
	       is_allowed(input, ATTACH_TRAMPOLINE) && !unsuitable(row, hook, facts) &&
	       !all_missing(input->features, row->features | FEATURE_BIT(TOLD_PATHS));
}

/*
 * The first way that suits.  When none does, the reason is the most fundamental feature that all suitable ways lack, or else
 * that one of them lacks, or else why no way suits.
 */
int plan_choose(const struct plan_input *input, const struct image_hook *hook, const struct hook_facts *facts,
		struct arena *arena, const char **why)
{
	uint32_t some = 0, all = UINT32_MAX;	/* that a way lacks, that all lack */

	*why = NULL;
	if (is_told(input, hook, facts))
		return ATTACH_TRAMPOLINE;
	for (int i = 0; i < ATTACH_COUNT; i++) {
		const struct attach_row *row = &attach_rows[i];
		const uint32_t missing = all_missing(input->features, row->features | (hook->texts ? FEATURES_OF_TEXTS : 0));
		const char *unfit;

		if (!serves(row, hook) || !is_allowed(input, (enum attach_kind)i) || is_too_many(row, hook) ||
		    is_other_method((enum attach_kind)i, hook))
			continue;
		unfit = unsuitable(row, hook, facts);
		if (unfit) {
			*why = *why ? *why : unfit;
			continue;
		}
		if (!missing && is_too_short(input, row)) {
			*why = "this kernel cannot keep it attached after tetra ends; with --hold, apply stays and keeps it";
			return -1;
		}
		if (!missing)
			return i;
		some |= missing;
		all &= missing;
	}
	if (some)
		*why = plan_lacks(arena, input->features, (enum feature)(ffs((int)(some & all ? some & all : some)) - 1));
	if (!*why)
		*why = input->forced ? "no kind that --attach names can serve it" : "this version of tetra cannot attach it";
	return -1;
}

static const struct plan_attached *find_attached(const struct plan_input *input, const char *key)
{
	for (size_t i = 0; i < input->attached_count; i++)
		if (attach_rows[input->attached[i].kind].result != RESULT_PART && !strcmp(input->attached[i].key, key))
			return &input->attached[i];
	return NULL;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Of an attached hook: whether this part of it is there, as it would be attached now. */
static bool has_part(const struct plan_input *input, const struct plan_attached *attached, const struct image_hook *hook,
		     enum attach_kind part)
{
	struct arena arena = { 0 };
	const char *where = attach_part_where(part, hook, attached->where, &arena);
	bool found = false;

	for (size_t i = 0; i < input->attached_count; i++)
		found |= input->attached[i].kind == part && input->attached[i].id == attached->id && same(input->attached[i].where, where);
	arena_release(&arena);
	return found;
}

static bool waits_for_texts(const struct plan_input *input, const struct plan_attached *attached)
{
	for (size_t i = 0; i < input->attached_count; i++)
		if (input->attached[i].id == attached->id &&
		    (input->attached[i].kind == ATTACH_UPROBE_TOUCH || input->attached[i].kind == ATTACH_UPROBE_TOUCH_MULTI))
			return true;
	return false;
}

/* Of an attached hook: whether all that it takes is there. */
static bool is_whole(const struct plan_input *input, const struct plan_attached *attached, const struct image_hook *hook)
{
	enum attach_kind parts[ATTACH_PARTS];
	const size_t count = attach_parts(attached->kind, hook, parts);

	if (!count && (hook->abi->flags & ABI_HOOK_DIGEST || hook->texts))
		return false;
	if (!hook->texts && waits_for_texts(input, attached))	/* nobody asks for it any more: it would go on */
		return false;
	if (count && attach_rows[attached->kind].function == FUNCTION_DIGESTED && !(hook->abi->flags & ABI_HOOK_DIGEST))
		return true;	/* a question that nobody asks any more costs little */
	for (size_t n = 0; n < count; n++)
		if (!has_part(input, attached, hook, parts[n]))
			return false;
	return true;
}

/* Of an attached hook: whether it can go on as it is. */
static bool suffices(const struct plan_input *input, const struct plan_attached *attached, const struct image_hook *hook)
{
	const struct attach_row *row = &attach_rows[attached->kind];
	const bool changes = hook->overrides && !hook->returns;

	if (!is_whole(input, attached, hook))
		return false;
	return is_allowed(input, attached->kind) && !is_too_many(row, hook) && (!changes || row->result != RESULT_LEAVES) &&
	       (row->context == CONTEXT_REGISTERS || !reads_registers(hook));
}

bool plan_is_attached(const struct plan_input *input, const struct image_hook *hook)
{
	const struct plan_attached *attached = find_attached(input, hook->key);

	return attached && attached->id == hook->id && suffices(input, attached, hook);
}

bool plan_passes_over(const struct image_hook *hook, const struct hook_facts *facts)
{
	if (facts->refusal)
		return hook->optional && facts->other_file;
	return hook->optional && !facts->exists && !facts->unknown;
}

/*
 * Whether what is attached is in another file than the one that is there now, or in another place of it.  Of a file that is gone, or that
 * one has replaced which does not have the place, it stays; unless the policy passes over such files.
 */
static bool has_moved(const struct plan_attached *attached, const struct image_hook *hook, const struct hook_facts *facts)
{
	if (!attached->where || !facts->where)
		return false;
	return facts->refusal ? plan_passes_over(hook, facts) : strcmp(attached->where, facts->where);
}

size_t plan_rekey(const struct plan_input *input, struct arena *arena, const char ***ret)
{
	const char **keys = NULL;
	size_t count = 0, capacity = 0;

	for (size_t n = 0; n < image_hook_count(input->image); n++) {
		struct image_hook hook = image_hook_at(input->image, n);
		const struct plan_attached *attached = find_attached(input, hook.key);

		if (!attached || attached->id != hook.id ||
		    (suffices(input, attached, &hook) && !has_moved(attached, &hook, &input->facts[n])))
			continue;
		keys = arena_grow(arena, keys, count, &capacity, sizeof(*keys));
		keys[count++] = hook.key;
	}
	*ret = keys;
	return count;
}

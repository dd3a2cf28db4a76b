// SPDX-License-Identifier: Apache-2.0
/* plan.c - chooses how to attach each hook, and in which order; see plan.h. */
#include "runtime/plan_choose.h"

#include <errno.h>
#include <string.h>

#include "runtime/pins.h"
#include "runtime/replaced.h"

const struct attach_row attach_rows[ATTACH_COUNT] = {
#define ATTACH(id, name, hook, result, features, function, lifetime, serves, context, says) \
	[ATTACH_##id] = { name, HOOK_##hook, RESULT_##result, features, FUNCTION_##function, \
			  LIFETIME_##lifetime, SERVES_##serves, CONTEXT_##context, says },
#include "runtime/attach.def"
#undef ATTACH
};

static const struct step_row {
	const char *says, *undo;
} step_rows[STEP_COUNT] = {
#define STEP(id, says, undo) [STEP_##id] = { says, undo },
#include "runtime/steps.def"
#undef STEP
};

const char *const plan_maps[] = { ABI_MAP_AREA, ABI_MAP_COUNTERS, ABI_MAP_PROCESSES, ABI_MAP_PROCESS_TEXTS,
				  ABI_MAP_CALLS, ABI_MAP_RATES, ABI_MAP_NOTIFIED, ABI_MAP_SOCKS, ABI_MAP_DIGESTS, ABI_MAP_EVENTS, ABI_MAP_READERS,
				  ABI_MAP_SCOPES, ABI_MAP_WORKLOADS, NULL };
const char *const plan_process_links[] = { "process_fork", "process_exec", "process_exit", NULL };

int attach_find(const char *name)
{
	for (int i = 0; i < ATTACH_COUNT; i++)
		if (!strcmp(attach_rows[i].name, name))
			return i;
	return -1;
}

size_t attach_parts(enum attach_kind kind, const struct image_hook *hook, enum attach_kind ret[ATTACH_PARTS])
{
	switch (kind) {
	case ATTACH_LSM_DIGEST:
	case ATTACH_LSM_MEASURED:
		ret[0] = kind == ATTACH_LSM_DIGEST ? ATTACH_LSM_FILE_HASH : ATTACH_LSM_INODE_HASH;
		ret[1] = ATTACH_LSM_ASK;
		return 2;
	case ATTACH_UPROBE_MULTI:
	case ATTACH_UPROBE_OVERRIDE_MULTI:
		ret[0] = ATTACH_UPROBE_TOUCH_MULTI;
		return hook->texts ? 1 : 0;
	case ATTACH_UPROBE:
	case ATTACH_UPROBE_OVERRIDE:
		ret[0] = ATTACH_UPROBE_TOUCH;
		return hook->texts ? 1 : 0;
	default:
		return 0;
	}
}

const char *attach_part_where(enum attach_kind part, const struct image_hook *hook, const char *where, struct arena *arena)
{
	if (part != ATTACH_UPROBE_TOUCH && part != ATTACH_UPROBE_TOUCH_MULTI)
		return where;
	return arena_format(arena, "%s_texts%u", where ? where : "", hook->texts);
}

/*
 * How many words of a tracepoint's record its program may read from the context: of system calls, up to the first, the second, the fourth or
 * the sixth argument.  Few numbers, so that few programs serve many tracepoints.
 */
static uint32_t record_words(enum attach_kind kind, const struct hook_facts *facts)
{
	const uint32_t words = facts->record_size / 8;

	if (attach_rows[kind].context != CONTEXT_RECORD)
		return 0;
	return words >= 8 ? 8 : words >= 6 ? 6 : words >= 4 ? 4 : words >= 3 ? 3 : 0;
}

const char *attach_program_name(enum attach_kind kind, bool returns, const struct hook_facts *facts, struct arena *arena)
{
	const char *side = returns ? "return" : "entry";
	const uint32_t record = record_words(kind, facts);

	return record ? arena_format(arena, "%s_%s_%u", attach_rows[kind].name, side, record) :
			arena_format(arena, "%s_%s", attach_rows[kind].name, side);
}

uint32_t plan_features(const struct image_view *image)
{
	uint32_t wanted = FEATURE_BIT(PRIVILEGE) | FEATURE_BIT(BTF) | FEATURE_BIT(RING_BUFFER) |
			  FEATURE_BIT(RAW_TRACEPOINT);

	for (size_t n = 0; n < image_policy_count(image); n++)
		wanted |= image_policy_at(image, n).loader ? FEATURE_BIT(BUILD_ID) : 0;
	for (size_t n = 0; n < image_hook_count(image); n++) {
		struct image_hook hook = image_hook_at(image, n);

		for (int i = 0; i < ATTACH_COUNT; i++)
			if (attach_rows[i].hook == hook.kind &&
			    (attach_rows[i].function != FUNCTION_DIGESTED || hook.abi->flags & ABI_HOOK_DIGEST))
				wanted |= attach_rows[i].features;
		if (hook.texts)
			wanted |= FEATURES_OF_TEXTS;
		if (hook.kind == HOOK_KPROBE && hook.abi->flags & ABI_HOOK_PATH)
			wanted |= FEATURE_BIT(TOLD_PATHS);
	}
	return wanted;
}

/* ---- Refusals ---- */

struct planning {
	const struct plan_input *input;
	struct arena *arena;
	struct plan plan;
	size_t step_capacity, refusal_capacity, note_capacity;
};

static void refuse(struct planning *planning, const char *place, const char *text)
{
	struct plan *plan = &planning->plan;

	plan->refusals = arena_grow(planning->arena, plan->refusals, plan->refusal_count,
		&planning->refusal_capacity, sizeof(*plan->refusals));
	plan->refusals[plan->refusal_count++] = (struct plan_refusal){ place, text };
}

/* Between a tracepoint's subsystem and its name; between a file and what is in it. */
static const char *separator(enum hook_kind kind)
{
	return kind == HOOK_UPROBE || kind == HOOK_USDT ? ":" : "/";
}

static const char *hook_title(struct arena *arena, const struct image_hook *hook)
{
	return arena_format(arena, "%s%s '%s%s%s'", hook->enforcer ? "enforcer of" : hook_rows[hook->kind].name,
		hook->returns ? " return" : "",
		hook->subsystem ? hook->subsystem : "", !hook->subsystem ? "" : separator(hook->kind), hook->name);
}

/* ---- Steps ---- */

static struct plan_step *add_step(struct planning *planning, enum step_kind kind, const char *name)
{
	struct plan *plan = &planning->plan;

	plan->steps = arena_grow(planning->arena, plan->steps, plan->step_count, &planning->step_capacity,
		sizeof(*plan->steps));
	plan->steps[plan->step_count] = (struct plan_step){ .kind = kind, .name = name };
	return &plan->steps[plan->step_count++];
}

static void refuse_missing_hook(struct planning *planning, const struct image_hook *hook,
				const struct hook_facts *facts)
{
	struct arena *arena = planning->arena;
	const struct features *features = planning->input->features;
	const char *why = arena_format(arena, "this kernel has no such %s", hook_rows[hook->kind].name);

	if (facts->refusal)
		why = facts->refusal;
	else if (facts->unknown || hook->generated)
		why = "the functions of this kernel cannot be read (/proc/kallsyms)";
	else if (hook->kind == HOOK_TRACEPOINT && !feature_works(features, FEATURE_TRACEFS))
		why = plan_lacks(arena, features, FEATURE_TRACEFS);
	else if (hook->kind != HOOK_KPROBE && hook->kind != HOOK_FENTRY && !feature_works(features, FEATURE_BTF))
		why = plan_lacks(arena, features, FEATURE_BTF);
	else if (facts->nearest)
		why = arena_format(arena, "%s; did you mean '%s'?", why, facts->nearest);
	refuse(planning, hook->place, arena_format(arena, "%s: %s", hook_title(arena, hook), why));
}

static void refuse_argument(struct planning *planning, const struct image_hook *hook,
			    const struct hook_facts *facts)
{
	refuse(planning, hook->place, arena_format(planning->arena,
		"%s: argument %u is read, but it has only %u here", hook_title(planning->arena, hook),
		hook->argument_count - 1, facts->argument_count));
}

/* The registers of a system call are behind the one argument of its function. */
static bool lacks_arguments(const struct image_hook *hook, const struct hook_facts *facts)
{
	return facts->typed && !hook->syscall && !hook->returns && hook->argument_count > facts->argument_count;
}

static void note(struct planning *planning, const struct image_hook *hook, const char *text)
{
	struct plan *plan = &planning->plan;

	plan->notes = arena_grow(planning->arena, plan->notes, plan->note_count, &planning->note_capacity,
		sizeof(*plan->notes));
	plan->notes[plan->note_count++] = (struct plan_note){ hook->place,
		arena_format(planning->arena, "%s: %s", hook_title(planning->arena, hook), text) };
}

static void pass_over(struct planning *planning, const struct image_hook *hook, const struct hook_facts *facts)
{
	if (!hook->returns)	/* its other side is missing, too, and says so */
		note(planning, hook, facts->refusal ?
		     arena_format(planning->arena, "%s; it is passed over (digestVerificationFailure)", facts->refusal) :
		     "this kernel has no such function, it is passed over (callNotFound)");
}

static bool policy_has(const struct image_view *image, uint32_t policy, uint32_t id)
{
	struct image_hook hook;

	for (uint32_t n = 0; image_policy_hook(image, policy, n, &hook, NULL); n++)
		if (hook.id == id)
			return true;
	return false;
}

/* Whether a policy that has the hook enforces. */
static bool is_enforced(const struct image_view *image, const struct image_hook *hook)
{
	for (uint32_t n = 0; n < image_policy_count(image); n++) {
		struct image_policy policy = image_policy_at(image, n);

		if (policy.enforces && !policy.monitor && policy_has(image, n, hook->id))
			return true;
	}
	return false;
}

/*
 * The kernel runs these programs once at a time on each CPU, and some of them not without interruption: what happens there while
 * a task waits in the middle of one is passed over, and only counted.
 */
static bool may_be_passed_over(const struct planning *planning, const struct image_hook *hook, enum attach_kind kind)
{
	if (!planning->input->preempts || !is_enforced(planning->input->image, hook))
		return false;
	return kind == ATTACH_FMOD_RET || kind == ATTACH_FMOD_RET_SYSCALL ||
	       (kind == ATTACH_RAW_TRACEPOINT && (!strcmp(hook->name, "sys_enter") || !strcmp(hook->name, "sys_exit")));
}

static bool is_there(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static bool is_planned(const struct plan *plan, enum step_kind kind, const char *name)
{
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind == kind && !strcmp(plan->steps[i].name, name))
			return true;
	return false;
}

/* The name of the program that the hook shares with others, loaded by an earlier step or pinned already. */
static const char *shared_program(struct planning *planning, enum attach_kind kind, bool returns, const struct hook_facts *facts)
{
	const struct plan_input *input = planning->input;
	const char *name;
	struct plan_step *step;

	if (attach_rows[kind].serves == SERVES_ONE)
		return NULL;
	name = attach_program_name(kind, returns, facts, planning->arena);
	if (is_there(input->programs, input->program_count, name) || is_planned(&planning->plan, STEP_LOAD, name))
		return name;
	step = add_step(planning, STEP_LOAD, name);
	step->attach = kind;
	step->returns = returns;
	step->argument_count = record_words(kind, facts);
	return name;
}

static void plan_program(struct planning *planning, const struct image_hook *hook, const struct hook_facts *facts,
			 enum attach_kind kind)
{
	const struct pin_hook pin = { hook->id, attach_rows[kind].name, hook->key,
				      attach_part_where(kind, hook, facts->where, planning->arena) };
	const uint32_t record = record_words(kind, facts);
	const char *program = shared_program(planning, kind, hook->returns, facts);
	struct plan_step *step = add_step(planning, STEP_ATTACH, hook->key);

	if (may_be_passed_over(planning, hook, kind))
		note(planning, hook, "a kernel that preempts may pass a program over here when tasks compete for a CPU: not every call is "
		     "enforced then, 'tetra list' counts those that are not (missed), and LSM hooks have no such gap");
	step->program = program;
	step->target = facts->target;
	step->subsystem = hook->subsystem;
	step->id = hook->id;
	step->texts = hook->texts;
	step->attach = kind;
	step->returns = hook->returns;
	step->returns_nothing = facts->returns_nothing;
	step->argument_count = record ? record : facts->typed ? facts->argument_count : 0;
	step->file = facts->file;
	step->offset = facts->offset;
	step->counter = facts->counter;
	step->place = hook->place;
	step->policy = hook->policy;
	if (attach_rows[kind].lifetime == LIFETIME_PINNED)
		step->pin = pin_hook_name(planning->arena, &pin);
}

static void plan_attach(struct planning *planning, const struct image_hook *hook, const struct hook_facts *facts,
			enum attach_kind kind)
{
	enum attach_kind parts[ATTACH_PARTS];
	size_t count;

	if (hook->abi->flags & ABI_HOOK_DIGEST && (kind == ATTACH_LSM_MEASURED || !strcmp(hook->name, "file_open")))
		note(planning, hook, kind == ATTACH_LSM_MEASURED ? "only files that the policy of IMA has had measured have a digest here" :
		     "IMA cannot read a file that is still being opened: only files that its policy has had measured before have a digest here; "
		     "file_post_open (Linux 6.9), mmap_file and the hooks of programs that are executed have one of every file");
	plan_program(planning, hook, facts, kind);
	count = attach_parts(kind, hook, parts);
	for (size_t n = 0; n < count; n++)
		plan_program(planning, hook, facts, parts[n]);
}

/*
 * Whether the return of a function that is made to return, or gets another stack, is watched: maybe under another name, by its address or
 * as NAME+0.
 */
static bool is_watched(const struct planning *planning, const struct image_hook *hook, const struct hook_facts *facts)
{
	const struct plan_input *input = planning->input;

	if (!hook->moves_stack || hook->returns || !facts->exists)
		return false;
	for (size_t n = 0; facts->where && n < image_hook_count(input->image); n++)
		if (image_hook_at(input->image, n).returns && input->facts[n].exists && input->facts[n].where &&
		    !strcmp(input->facts[n].where, facts->where))
			return true;
	return hook->pair != UINT32_MAX;
}

static void refuse_hook(struct planning *planning, const struct image_hook *hook, const char *why)
{
	refuse(planning, hook->place, arena_format(planning->arena, "%s%s: %s", hook_title(planning->arena, hook),
		!hook->overrides || hook->enforcer ? "" : hook->kind == HOOK_USDT ? " with Set" : " with Override", why));
}

static void plan_hook(struct planning *planning, size_t n)
{
	struct image_hook hook = image_hook_at(planning->input->image, n);
	const struct hook_facts *facts = &planning->input->facts[n];
	const char *why;
	int kind;

	if (replaced_stays(planning->input, &hook, facts) && facts->refusal && !hook.returns)
		note(planning, &hook, arena_format(planning->arena, "%s; it stays attached to the file that was there before", facts->refusal));
	if (is_watched(planning, &hook, facts)) {
		refuse_hook(planning, &hook, WATCHED_RETURN);
		return;
	}
	if (plan_is_attached(planning->input, &hook))
		return;
	if (plan_passes_over(&hook, facts)) {
		pass_over(planning, &hook, facts);
		return;
	}
	if (!facts->exists) {
		refuse_missing_hook(planning, &hook, facts);
		return;
	}
	if (lacks_arguments(&hook, facts)) {
		refuse_argument(planning, &hook, facts);
		return;
	}
	kind = plan_choose(planning->input, &hook, facts, planning->arena, &why);
	if (kind < 0)
		refuse_hook(planning, &hook, why);
	else
		plan_attach(planning, &hook, facts, (enum attach_kind)kind);
}

/* The return side goes first: an entry that finds no return program would leave its calls behind. */
static void plan_hooks(struct planning *planning)
{
	size_t count = image_hook_count(planning->input->image);

	for (int returns = 1; returns >= 0; returns--)
		for (size_t n = 0; n < count; n++)
			if (image_hook_at(planning->input->image, n).returns == returns)
				plan_hook(planning, n);
}

/* Of a hook that is not there, nothing else is said than that. */
static void check_resolved(struct planning *planning, uint32_t id, const char *place, const char *refusal)
{
	const struct plan_input *input = planning->input;

	for (size_t n = 0; refusal && n < image_hook_count(input->image); n++) {
		struct image_hook hook = image_hook_at(input->image, n);

		if (hook.id == id && (plan_is_attached(input, &hook) || input->facts[n].exists))
			refuse(planning, place, arena_format(planning->arena, "%s: %s", hook_title(planning->arena, &hook), refusal));
	}
}

static void check_field(struct planning *planning, const struct image_relocation *relocation, size_t n)
{
	const struct kernel_relocation *field = &planning->input->fields[n];
	struct arena *arena = planning->arena;
	const char *why, *title = arena_format(arena, "tracepoint '%s/%s'", relocation->subsystem, relocation->event);

	if (field->error == -ERANGE) {
		refuse(planning, relocation->place, arena_format(arena,
			"%s: field %u is read, but its record has only %u here, common fields included", title,
			relocation->field, field->count));
	} else if (field->error && field->error != -ENOENT) {
		refuse(planning, relocation->place, arena_format(arena, "%s: its format cannot be read: %s", title,
			strerror(-field->error)));
	} else if (!field->error) {
		why = tracepoint_field_refuses(&field->field, relocation->type);
		if (why)
			refuse(planning, relocation->place, arena_format(arena, "%s: field %u ('%s') %s, so it cannot be of type %s",
				title, relocation->field, field->field.declaration, why, type_rows[relocation->type].name));
	}
}

static void check_relocation(struct planning *planning, size_t n)
{
	struct image_relocation relocation = image_relocation_at(planning->input->image, n);

	if (relocation.kind == IMAGE_RELOCATE_FIELD)
		check_field(planning, &relocation, n);
	else
		check_resolved(planning, relocation.hook, relocation.place, planning->input->fields[n].refusal);
}

/* ---- Assignments ---- */

/* Whether two are of one Override and say how far a call goes on; of a hook with several functions each has its own. */
static bool jump_together(const struct planning *planning, size_t n, size_t m)
{
	const struct image_assignment one = image_assignment_at(planning->input->image, n);
	const struct image_assignment other = image_assignment_at(planning->input->image, m);

	return other.kind != IMAGE_ASSIGN_REGISTER && other.policy == one.policy && !strcmp(other.place, one.place) &&
	       planning->input->assignments[m].abi.target_size;
}

static const char *name_of_hook(const struct planning *planning, uint32_t id)
{
	struct image_hook hook;

	return image_hook_by_id(planning->input->image, id, &hook) ? hook.name : "";
}

/* One distance is meant for all functions of the hook.  The first that has another one is said. */
static bool check_distance(struct planning *planning, size_t n)
{
	const struct kernel_assignment *assignments = planning->input->assignments;
	const struct image_assignment one = image_assignment_at(planning->input->image, n);

	if (one.kind == IMAGE_ASSIGN_REGISTER || !assignments[n].abi.target_size)
		return true;
	for (size_t m = 0; m < n; m++) {
		const uint64_t mine = assignments[n].abi.number, first = assignments[m].abi.number;

		if (!jump_together(planning, n, m) || mine == first)
			continue;
		refuse(planning, one.place, arena_format(planning->arena,
			"from '%s' it is %lld bytes to '%s', and from '%s' %lld: a hook with several functions has one distance for all; "
			"write a hook for each", name_of_hook(planning, image_assignment_at(planning->input->image, m).hook),
			(long long)first, one.text, name_of_hook(planning, one.hook), (long long)mine));
		return false;
	}
	return true;
}

static void check_assignments(struct planning *planning)
{
	const struct plan_input *input = planning->input;
	bool fits = true;

	for (size_t n = 0; n < image_assignment_count(input->image); n++) {
		const struct image_assignment assignment = image_assignment_at(input->image, n);

		check_resolved(planning, assignment.hook, assignment.place, input->assignments[n].refusal);
		fits = fits && check_distance(planning, n);
	}
}

static void check_base(struct planning *planning)
{
	static const enum feature needed[] = { FEATURE_PRIVILEGE, FEATURE_BTF, FEATURE_RING_BUFFER,
					       FEATURE_RAW_TRACEPOINT };

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]) && !planning->plan.refusal_count; i++)
		if (planning->input->wanted & 1u << needed[i] && !feature_works(planning->input->features, needed[i]))
			refuse(planning, NULL, plan_lacks(planning->arena, planning->input->features, needed[i]));
}

/* Readers of events need it, not the kernel's programs: but nobody could ever read them. */
static void check_loader(struct planning *planning)
{
	const struct plan_input *input = planning->input;

	for (size_t n = 0; n < image_policy_count(input->image); n++) {
		const struct image_policy policy = image_policy_at(input->image, n);

		if (policy.loader && input->wanted & FEATURE_BIT(BUILD_ID) && !feature_works(input->features, FEATURE_BUILD_ID))
			refuse(planning, policy.source_name, arena_format(planning->arena, "loader of policy '%s': %s", policy.name,
				plan_lacks(planning->arena, input->features, FEATURE_BUILD_ID)));
	}
}

static void plan_base(struct planning *planning)
{
	const struct plan_input *input = planning->input;
	bool fill = false;

	for (size_t i = 0; plan_maps[i]; i++)
		if (!is_there(input->maps, input->map_count, plan_maps[i]))
			add_step(planning, STEP_MAKE_MAP, plan_maps[i]);
	for (size_t i = 0; plan_process_links[i]; i++) {
		if (is_there(input->links, input->link_count, plan_process_links[i]))
			continue;
		add_step(planning, STEP_ATTACH_PROCESSES, plan_process_links[i])->pin = plan_process_links[i];
		fill = true;
	}
	if (fill)
		add_step(planning, STEP_FILL_PROCESSES, NULL);
}

static void plan_detach(struct planning *planning)
{
	const struct plan_input *input = planning->input;

	for (size_t i = 0; i < input->attached_count; i++) {
		const struct plan_attached *attached = &input->attached[i];
		struct image_hook hook;
		struct plan_step *step;

		if (image_hook_by_id(input->image, attached->id, &hook) && !strcmp(hook.key, attached->key))
			continue;
		step = add_step(planning, STEP_DETACH, attached->key);
		step->id = attached->id;
		step->attach = attached->kind;
		step->pin = attached->pin;
	}
}

/* Whether the program serves what is attached for the hook already. */
static bool serves_attached(const struct planning *planning, size_t n, const char *program)
{
	const struct plan_input *input = planning->input;
	const struct image_hook hook = image_hook_at(input->image, n);

	for (size_t i = 0; i < input->attached_count; i++) {
		const struct plan_attached *attached = &input->attached[i];

		if (attached->id == hook.id && !strcmp(hook.key, attached->key) &&
		    !strcmp(attach_program_name(attached->kind, hook.returns, &input->facts[n], planning->arena), program))
			return true;
	}
	return false;
}

static bool is_used(const struct planning *planning, const char *program)
{
	const struct plan_input *input = planning->input;
	const struct plan *plan = &planning->plan;

	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].program && !strcmp(plan->steps[i].program, program))
			return true;
	for (size_t n = 0; n < image_hook_count(input->image); n++)
		if (serves_attached(planning, n, program))
			return true;
	return false;
}

static void plan_drop(struct planning *planning)
{
	const struct plan_input *input = planning->input;

	for (size_t i = 0; i < input->program_count; i++)
		if (!is_used(planning, input->programs[i]))
			add_step(planning, STEP_DROP, input->programs[i]);
}

void plan_make(const struct plan_input *input, struct arena *arena, struct plan *ret)
{
	struct planning planning = { .input = input, .arena = arena };

	check_base(&planning);
	check_loader(&planning);
	if (!planning.plan.refusal_count) {
		plan_base(&planning);
		for (size_t n = 0; n < image_relocation_count(input->image); n++)
			check_relocation(&planning, n);
		check_assignments(&planning);
		plan_hooks(&planning);
	}
	if (planning.plan.refusal_count) {
		planning.plan.step_count = 0;
	} else {
		add_step(&planning, STEP_WAIT, NULL);
		add_step(&planning, STEP_WRITE, NULL);
		if (image_scope_count(input->image))
			add_step(&planning, STEP_SCOPES, NULL);
		add_step(&planning, STEP_SWITCH, NULL);
		if (!input->keeps_unused) {
			plan_detach(&planning);
			plan_drop(&planning);
		}
	}
	*ret = planning.plan;
}

/* ---- Printing ---- */

void plan_step_print(const struct plan_step *step, struct buffer *ret)
{
	const char *says = step_rows[step->kind].says, *mark = strstr(says, "%n");

	if (!mark) {
		buffer_add_text(ret, says);
		return;
	}
	buffer_add(ret, says, (size_t)(mark - says));
	buffer_format(ret, "'%s'%s", step->name, mark + 2);
	if (step->kind == STEP_ATTACH)
		buffer_format(ret, " as hook %u to '%s%s%s': %s", step->id, step->subsystem ? step->subsystem : "",
			step->subsystem ? separator(attach_rows[step->attach].hook) : "", step->target,
			attach_rows[step->attach].says);
}

void plan_print(const struct plan *plan, struct buffer *ret)
{
	for (size_t i = 0; i < plan->refusal_count; i++)
		buffer_format(ret, "refused: %s%s%s\n", plan->refusals[i].place ? plan->refusals[i].place : "",
			plan->refusals[i].place ? ": " : "", plan->refusals[i].text);
	for (size_t i = 0; i < plan->step_count; i++) {
		buffer_format(ret, "%2zu. ", i + 1);
		plan_step_print(&plan->steps[i], ret);
		buffer_format(ret, "\n    undo: %s\n", step_rows[plan->steps[i].kind].undo);
	}
}

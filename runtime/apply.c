// SPDX-License-Identifier: Apache-2.0
/* apply.c - from policy objects to a plan, and the plan done or undone; see apply.h. */
#include "runtime/apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/object/object.h"
#include "compiler/workloads.h"
#include "runtime/apply_relocate.h"
#include "runtime/attached.h"
#include "runtime/counters.h"
#include "runtime/owners.h"
#include "runtime/programs.h"
#include "runtime/remove.h"
#include "runtime/replaced.h"
#include "runtime/steps.h"

/* An image in memory of its own. */
struct copy {
	void *bytes;
	size_t size;
	struct image_view view;
};

struct apply {
	struct apply_options options;
	struct pins pins;
	bool pinned;			/* the root is there */
	struct arena arena;
	struct area area;
	struct copy live, next;		/* live.bytes NULL: nothing was ever applied */
	uint64_t live_active;
	struct link_input *inputs;	/* of `next` */
	size_t input_count;
	const char *const *syscalls;	/* of the kernel, when a policy asks for all of them */
	size_t syscall_count;
	struct link_functions *functions;	/* by the patterns that policies have */
	size_t functions_count;
	struct link_probe *probes;	/* the static probes of the policies, and in how many places they are */
	size_t probe_count;
	const char **replaced;
	size_t replaced_count;
	struct plan_attached *attached;
	size_t attached_count;
	struct kernel *kernel;
	struct features features;
	struct plan_input input;
	struct plan plan;
	struct stepping stepping;
	size_t done;			/* steps of the plan that were done */
};

/* ---- What is there ---- */

static int open_pins(struct apply *apply, struct failure *failure)
{
	int error;

	if (apply->options.access == APPLY_CHANGE) {
		error = pins_open_to_write(&apply->pins, apply->options.root, failure);
		apply->pinned = !error;
		return error;
	}
	error = pins_open(&apply->pins, apply->options.root, failure);
	apply->pinned = !error;
	return error == -ENOENT ? 0 : error;
}

static int read_live(struct apply *apply, struct failure *failure)
{
	struct copy *live = &apply->live;
	char message[256];
	int error = apply->options.access == APPLY_CHANGE ? area_open(&apply->pins, &apply->area, failure) :
		    area_open_to_read(&apply->pins, &apply->area, failure);

	if (error)
		return error == -ENOENT ? 0 : error;
	error = area_copy_active(&apply->area, &live->bytes, &live->size, &apply->live_active, failure);
	if (!error && live->bytes)
		error = image_verify(live->bytes, live->size, &live->view, message);
	return error;
}

static const struct image_view *live_view(const struct apply *apply)
{
	return apply->live.bytes ? &apply->live.view : NULL;
}

/* Programs without their maps cannot be joined by others. */
static int check_complete(const struct apply *apply, struct failure *failure)
{
	const struct plan_input *input = &apply->input;
	bool whole = true;

	for (size_t i = 0; plan_maps[i]; i++) {
		bool found = false;

		for (size_t n = 0; n < input->map_count; n++)
			found |= !strcmp(input->maps[n], plan_maps[i]);
		whole &= found;
	}
	if (whole || (!input->link_count && !input->program_count))
		return 0;
	return fail(failure, -EUCLEAN, "what is pinned below '%s' is incomplete: a map is missing; "
		"remove the rest first: tetra delete --all", apply->pins.root);
}

static int read_pins(struct apply *apply, struct failure *failure)
{
	struct plan_input *input = &apply->input;
	struct arena *arena = &apply->arena;
	int error = pins_names(&apply->pins, PIN_MAPS, arena, &input->maps, &input->map_count);

	if (!error)
		error = pins_names(&apply->pins, PIN_PROGRAMS, arena, &input->programs, &input->program_count);
	if (!error)
		error = pins_names(&apply->pins, PIN_LINKS, arena, &input->links, &input->link_count);
	if (!error)
		error = attached_read(&apply->pins, live_view(apply), arena, &apply->attached, &apply->attached_count);
	if (error)
		return fail(failure, error, "cannot look into '%s': %s", apply->pins.root, strerror(-error));
	error = programs_check_maps(&apply->pins, failure);
	return error ? error : check_complete(apply, failure);
}

/* ---- What shall be ---- */

static const char *object_name(struct apply *apply, const struct link_input *input, struct failure *failure)
{
	struct ir_policy policy;
	char message[256];

	if (object_read(input->bytes, input->size, &apply->arena, &policy, message)) {
		fail(failure, -EINVAL, "'%s' is not a policy object of this version: %s", input->name, message);
		return NULL;
	}
	return arena_copy(&apply->arena, policy.name.bytes, policy.name.length);
}

static bool is_named(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* Copies into the arena, 8-byte aligned: the live image's memory goes before the new image does. */
static void add_input(struct apply *apply, struct link_input input)
{
	input.bytes = arena_copy(&apply->arena, input.bytes, input.size);
	apply->inputs[apply->input_count++] = input;
}

/* What was chosen for a policy stays until somebody chooses otherwise, or applies it again. */
static enum link_mode kept_mode(const struct apply_options *options, const struct image_policy *policy)
{
	if (is_named(options->change, options->change_count, policy->name))
		return options->change_to;
	return policy->monitor ? LINK_MODE_MONITOR : LINK_MODE_ENFORCE;
}

/* What a policy that stays is: where the labels are not known now, what it was. */
static void keep_node(struct apply *apply, struct link_input *object, const struct image_policy *policy, uint32_t number)
{
	struct node_choice choice;
	char message[256];
	size_t left_out;

	if (!node_choose(object, apply->options.node, &apply->arena, &choice, message) && choice.answer != MATCH_UNKNOWN) {
		node_settle(object, &choice);
		return;
	}
	object->node = policy->elsewhere ? LINK_NODE_ELSEWHERE : LINK_NODE_HERE;
	object->elsewhere = image_hooks_elsewhere(&apply->live.view, number, &apply->arena, &left_out);
}

static void keep_policy(struct apply *apply, const struct image_policy *policy, uint32_t number)
{
	struct link_input input = { policy->object, policy->object_size, policy->name, kept_mode(&apply->options, policy), LINK_NODE_HERE, NULL };

	keep_node(apply, &input, policy, number);
	add_input(apply, input);
}

static void keep_policies(struct apply *apply, const char *const *names, size_t count)
{
	const struct apply_options *options = &apply->options;
	size_t policies = live_view(apply) ? image_policy_count(&apply->live.view) : 0;

	for (size_t i = 0; i < policies; i++) {
		struct image_policy policy = image_policy_at(&apply->live.view, i);

		if (is_named(names, count, policy.name))
			apply->replaced[apply->replaced_count++] = policy.name;
		else if (options->scope == APPLY_ADD && !is_named(options->remove, options->remove_count, policy.name))
			keep_policy(apply, &policy, (uint32_t)i);
	}
}

static bool find_live(const struct apply *apply, const char *name, struct image_policy *ret)
{
	return live_view(apply) && image_policy_named(live_view(apply), name, ret);
}

static int not_applied(struct failure *failure, const char *name)
{
	return fail(failure, -EINVAL, "no policy '%s' is applied; 'tetra list' shows what is", name);
}

static int check_removed(const struct apply *apply, struct failure *failure)
{
	const struct apply_options *options = &apply->options;
	struct image_policy policy;

	for (size_t n = 0; n < options->remove_count; n++)
		if (!find_live(apply, options->remove[n], &policy))
			return not_applied(failure, options->remove[n]);
	for (size_t n = 0; n < options->change_count; n++) {
		if (!find_live(apply, options->change[n], &policy))
			return not_applied(failure, options->change[n]);
		if (!policy.enforces && options->change_to == LINK_MODE_ENFORCE)
			return fail(failure, -EINVAL, "policy '%s' has nothing to enforce: none of its selectors has such an action",
				    policy.name);
	}
	return 0;
}

static int gather(struct apply *apply, const struct link_input *objects, size_t count, struct failure *failure)
{
	size_t there = live_view(apply) ? image_policy_count(&apply->live.view) : 0;
	const char **names = arena_array(&apply->arena, const char *, count);

	apply->inputs = arena_array(&apply->arena, struct link_input, count + there);
	apply->replaced = arena_array(&apply->arena, const char *, there);
	for (size_t i = 0; i < count; i++) {
		names[i] = object_name(apply, &objects[i], failure);
		if (!names[i])
			return -EINVAL;
		if (is_named(names, i, names[i]))
			return fail(failure, -EINVAL, "two policies are named '%s'", names[i]);
	}
	keep_policies(apply, names, count);
	for (size_t i = 0; i < count; i++)
		add_input(apply, objects[i]);
	return check_removed(apply, failure);
}

/* ---- Linking ---- */

static void reserve(struct link_options *options, uint32_t id)
{
	options->reserved_ids[id / 64] |= 1ull << id % 64;
}

/* A part whose whole is gone is no reason to keep an id: the whole must be attached before it. */
static bool is_part(const struct apply *apply, size_t attached)
{
	return attached < apply->attached_count && attach_rows[apply->attached[attached].kind].result == RESULT_PART;
}

/* Hooks keep the ids that they have, attached or only in the live image; but not those of `rekey`. */
static void assign(struct apply *apply, const char *const *rekey, size_t rekey_count, struct link_options *ret)
{
	size_t live = live_view(apply) ? image_hook_count(&apply->live.view) : 0;
	struct link_assignment *list =
		arena_array(&apply->arena, struct link_assignment, apply->attached_count + live);
	const char **keys = arena_array(&apply->arena, const char *, apply->attached_count + live);
	size_t count = 0;

	for (size_t i = 0; i < apply->attached_count + live; i++) {
		struct link_assignment one;

		if (i < apply->attached_count) {
			one = (struct link_assignment){ apply->attached[i].key, apply->attached[i].id };
		} else {
			struct image_hook hook = image_hook_at(&apply->live.view, i - apply->attached_count);

			one = (struct link_assignment){ hook.key, hook.id };
		}
		reserve(ret, one.id);
		if (is_named(keys, count, one.key) || is_named(rekey, rekey_count, one.key) || is_part(apply, i))
			continue;
		keys[count] = one.key;
		list[count++] = one;
	}
	ret->assignments = list;
	ret->assignment_count = count;
}

static void assign_policies(struct apply *apply, struct link_options *ret)
{
	size_t live = live_view(apply) ? image_policy_count(&apply->live.view) : 0;
	struct link_assignment *list = arena_array(&apply->arena, struct link_assignment, live);

	for (size_t i = 0; i < live; i++) {
		struct image_policy policy = image_policy_at(&apply->live.view, i);

		list[i] = (struct link_assignment){ policy.name, policy.id };
	}
	ret->policies = list;
	ret->policy_id_count = live;
}

static void copy_release(struct copy *copy)
{
	free(copy->bytes);
	*copy = (struct copy){ 0 };
}

static int link_once(struct apply *apply, const char *const *rekey, size_t rekey_count, struct failure *failure)
{
	struct link_options options = {
		.syscalls = apply->syscalls, .syscall_count = apply->syscall_count,
		.probes = apply->probes, .probe_count = apply->probe_count,
		.functions = apply->functions, .functions_count = apply->functions_count,
	};
	struct buffer image = { 0 };
	char message[256] = "";
	const char *reason = "";
	int error;

	assign(apply, rekey, rekey_count, &options);
	assign_policies(apply, &options);
	error = link_image(apply->inputs, apply->input_count, &options, &apply->arena, &image, &reason);
	if (error)
		return fail(failure, error, "%s", reason);
	copy_release(&apply->next);
	apply->next.bytes = image.bytes;
	apply->next.size = image.length;
	error = image_verify(image.bytes, image.length, &apply->next.view, message);
	return error ? fail(failure, error, "the linked image is damaged: %s", message) : 0;
}

/* Those that are in their files; the others stay one hook, of which it is said why it is none. */
static void find_probe(struct apply *apply, const struct image_hook *hook)
{
	const char *colon = strchr(hook->name, ':');
	struct link_probe probe = {
		.path = arena_copy(&apply->arena, hook->subsystem, strlen(hook->subsystem)),
		.provider = arena_copy(&apply->arena, hook->name, (size_t)(colon - hook->name)),
		.name = arena_copy(&apply->arena, colon + 1, strlen(colon + 1)),
	};

	probe.count = kernel_probe_count(apply->kernel, probe.path, probe.provider, probe.name, &apply->arena);
	if (!probe.count)
		probe.count = replaced_probe_count(live_view(apply), probe.path, hook->name);
	if (probe.count)
		apply->probes[apply->probe_count++] = probe;
}

static bool finds_probes(struct apply *apply)
{
	const struct image_view *image = &apply->next.view;
	const size_t before = apply->probe_count, count = image_hook_count(image);

	if (!apply->probes)
		apply->probes = arena_array(&apply->arena, struct link_probe, ABI_HOOKS_MAX);
	for (size_t n = 0; n < count; n++) {
		struct image_hook hook = image_hook_at(image, n);

		if (hook.kind == HOOK_USDT && hook.generated)
			find_probe(apply, &hook);
	}
	return apply->probe_count > before;
}

/* Which functions generated lists stand for here. */
static bool finds_functions(struct apply *apply)
{
	const struct image_view *image = &apply->next.view;
	struct known_functions known;
	bool patterns = false, syscalls = functions_wants_syscalls(image), found = false;

	for (size_t n = 0; n < image_hook_count(image); n++)
		patterns |= image_hook_at(image, n).pattern;
	if (!patterns && !syscalls)
		return false;
	kernel_known_functions(apply->kernel, &known);
	if (syscalls)
		apply->syscall_count = functions_syscalls(&known, &apply->arena, &apply->syscalls);
	if (patterns)
		apply->functions_count = functions_matching(&known, image, &apply->arena, &apply->functions);
	for (size_t n = 0; n < apply->functions_count; n++)
		found |= apply->functions[n].count > 0;
	return found || apply->syscall_count;
}

/* Once more with what generated lists mean, and with the places of static probes. */
static int link_next(struct apply *apply, const char *const *rekey, size_t rekey_count, struct failure *failure)
{
	int error = link_once(apply, rekey, rekey_count, failure);
	bool again;

	if (error)
		return error;
	again = finds_probes(apply);
	again |= finds_functions(apply);
	return again ? link_once(apply, rekey, rekey_count, failure) : 0;
}

/* ---- Facts ---- */

/* Only of hooks that have no program yet: looking functions up takes a while.  Of those in files, always: the file may be another one now. */
static const struct hook_facts *find_facts(struct apply *apply)
{
	const struct image_view *image = &apply->next.view;
	size_t count = image_hook_count(image);
	struct hook_facts *facts = arena_array(&apply->arena, struct hook_facts, count);

	for (size_t n = 0; n < count; n++) {
		struct image_hook hook = image_hook_at(image, n);

		if (plan_is_attached(&apply->input, &hook) && hook.kind != HOOK_UPROBE && hook.kind != HOOK_USDT)
			continue;
		kernel_hook_facts(apply->kernel, &hook, &apply->arena, &facts[n]);
	}
	return facts;
}

/* Whether the hook of that id stays where its file was. */
static bool stays(const struct apply *apply, uint32_t id)
{
	const struct image_view *image = &apply->next.view;

	for (size_t n = 0; n < image_hook_count(image); n++) {
		const struct image_hook hook = image_hook_at(image, n);

		if (hook.id == id)
			return replaced_stays(&apply->input, &hook, &apply->input.facts[n]);
	}
	return false;
}

static const struct kernel_relocation *find_fields(struct apply *apply)
{
	const struct image_view *image = &apply->next.view;
	size_t count = image_relocation_count(image);
	struct kernel_relocation *fields = arena_array(&apply->arena, struct kernel_relocation, count);

	for (size_t n = 0; n < count; n++) {
		kernel_relocation(apply->kernel, image, n, &apply->arena, &fields[n]);
		replaced_relocation(live_view(apply), image, n, stays(apply, image_relocation_at(image, n).hook), &apply->arena, &fields[n]);
	}
	return fields;
}

static const struct kernel_assignment *find_assignments(struct apply *apply)
{
	const struct image_view *image = &apply->next.view;
	size_t count = image_assignment_count(image);
	struct kernel_assignment *assignments = arena_array(&apply->arena, struct kernel_assignment, count);

	for (size_t n = 0; n < count; n++) {
		kernel_assignment(apply->kernel, image, n, &apply->arena, &assignments[n]);
		replaced_assignment(live_view(apply), image, n, stays(apply, image_assignment_at(image, n).hook), &apply->arena, &assignments[n]);
	}
	return assignments;
}

static uint32_t missing_features(const struct apply *apply)
{
	const struct image_view *image = &apply->next.view;

	for (size_t n = 0; n < image_hook_count(image); n++) {
		struct image_hook hook = image_hook_at(image, n);

		if (!plan_is_attached(&apply->input, &hook))
			return plan_features(image);
	}
	return FEATURE_BIT(PRIVILEGE) | (plan_features(image) & FEATURE_BIT(BUILD_ID));
}

static void gather_input(struct apply *apply)
{
	struct plan_input *input = &apply->input;
	struct kernel_doubt *doubts;
	uint32_t wanted;

	input->image = &apply->next.view;
	input->preempts = kernel_preempts();
	input->lifetime = apply->options.lifetime;
	input->keeps_unused = apply->options.keeps_unused;
	input->forced = apply->options.attach;
	input->attached = apply->attached;
	input->attached_count = apply->attached_count;
	wanted = missing_features(apply);
	features_probe(wanted, &apply->features);
	input->features = &apply->features;
	input->wanted = wanted;
	input->facts = find_facts(apply);
	input->fields = find_fields(apply);
	input->assignments = find_assignments(apply);
	input->doubt_count = kernel_doubts(apply->kernel, input->image, &apply->arena, &doubts);
	input->doubts = doubts;
}

/* ---- Preparing ---- */

static int make_plan(struct apply *apply, struct failure *failure)
{
	const char **rekey = NULL;
	size_t rekey_count;
	int error = link_next(apply, NULL, 0, failure);

	if (error)
		return error;
	gather_input(apply);
	rekey_count = plan_rekey(&apply->input, &apply->arena, &rekey);
	if (rekey_count) {
		for (size_t i = 0; i < rekey_count; i++)	/* they live in the image that goes */
			rekey[i] = arena_copy(&apply->arena, rekey[i], strlen(rekey[i]));
		error = link_next(apply, rekey, rekey_count, failure);
		if (error)
			return error;
		gather_input(apply);
	}
	plan_make(&apply->input, &apply->arena, &apply->plan);
	return apply->plan.refusal_count ? 0 : apply_relocate(apply->next.bytes, apply->next.size, &apply->input, live_view(apply), failure);
}

static int prepare(struct apply *apply, const struct link_input *objects, size_t count, struct failure *failure)
{
	int error = open_pins(apply, failure);

	if (!error && apply->pinned)
		error = read_live(apply, failure);
	if (!error && apply->pinned)
		error = read_pins(apply, failure);
	if (!error)
		error = gather(apply, objects, count, failure);
	return error ? error : make_plan(apply, failure);
}

int apply_prepare(const struct apply_options *options, const struct link_input *objects, size_t count,
		  struct apply **ret, struct failure *failure)
{
	struct apply *apply = calloc(1, sizeof(*apply));
	int error;

	if (!apply)
		return fail(failure, -ENOMEM, "no memory");
	programs_listen();
	apply->options = *options;
	apply->pins.lock = -1;
	apply->kernel = kernel_new();
	error = apply->kernel ? prepare(apply, objects, count, failure) : fail(failure, -ENOMEM, "no memory");
	if (error) {
		apply_free(apply);
		return error;
	}
	*ret = apply;
	return 0;
}

const struct plan *apply_plan(const struct apply *apply)
{
	return &apply->plan;
}

const struct plan_input *apply_input(const struct apply *apply)
{
	return &apply->input;
}

const struct image_view *apply_image(const struct apply *apply)
{
	return &apply->next.view;
}

size_t apply_replaced(const struct apply *apply, const char *const **ret)
{
	*ret = apply->replaced;
	return apply->replaced_count;
}

bool apply_leaves_nothing(const struct apply *apply)
{
	return !apply->input_count;
}

/* ---- Running ---- */

static bool is_live_now(const struct apply *apply)
{
	for (size_t i = 0; i < apply->done; i++)
		if (apply->plan.steps[i].kind == STEP_SWITCH)
			return true;
	return false;
}

static void undo(struct apply *apply)
{
	for (; apply->done; apply->done--)
		step_undo(&apply->stepping, &apply->plan.steps[apply->done - 1]);
}

static int run_step(struct apply *apply, const struct plan_step *step, struct failure *failure)
{
	const struct apply_options *options = &apply->options;
	int error = options->before_step ? options->before_step(options->context, step) : 0;

	if (error && !is_live_now(apply))
		return fail(failure, error, "%s", strerror(-error));
	return step_do(&apply->stepping, step, failure);
}

/* Those that come begin to count from nothing, and have tracked nothing; nobody counts for them yet. */
static void clear_counters(const struct apply *apply)
{
	struct image_policy there;
	struct counters counters;

	if (!live_view(apply) || counters_open(&apply->pins, &counters))
		return;
	for (size_t n = 0; n < image_policy_count(&apply->next.view); n++) {
		struct image_policy policy = image_policy_at(&apply->next.view, n);

		if (find_live(apply, policy.name, &there))
			continue;
		counters_clear_policy(&counters, policy.id);
		owners_forget(&apply->pins, policy.id);
	}
	counters_unmap(&counters);
}

int apply_run(struct apply *apply, struct failure *failure)
{
	int error = 0;

	apply->stepping.pins = &apply->pins;
	apply->stepping.area = &apply->area;
	apply->stepping.image = apply->next.bytes;
	apply->stepping.image_size = apply->next.size;
	apply->stepping.scoping = (struct scoping){ .pins = &apply->pins, .told = apply->options.workloads };
	clear_counters(apply);
	for (; apply->done < apply->plan.step_count; apply->done++) {
		error = run_step(apply, &apply->plan.steps[apply->done], failure);
		if (error && !is_live_now(apply))
			break;
		error = 0;
	}
	if (error)
		undo(apply);
	programs_close(apply->stepping.processes);
	apply->stepping.processes = NULL;
	return error;
}

const struct workloads *apply_workloads(const struct apply *apply)
{
	return &apply->stepping.scoping.workloads;
}

/* What the old image is for, which has another generation now. */
static void scope_live(struct apply *apply)
{
	const uint64_t now = ABI_ACTIVE_GENERATION(area_active(&apply->area));
	struct failure ignored;

	if (live_view(apply) && image_scope_count(&apply->live.view))
		apply_scopes(&apply->stepping.scoping, &apply->live.view, (struct scope_generations){ now + 1, now }, &ignored);
}

int apply_end(struct apply *apply, struct failure *failure)
{
	int error = 0;

	if (live_view(apply))
		scope_live(apply);
	else
		error = nothing_link(&apply->live.bytes, &apply->live.size, failure);
	if (!error && (error = area_make_live(&apply->area, apply->live.bytes, apply->live.size)))
		return fail(failure, error, "cannot put back what was there before: %s", strerror(-error));
	if (error || !apply->options.keeps_unused)
		undo(apply);
	return error;
}

void apply_free(struct apply *apply)
{
	if (!apply)
		return;
	for (size_t i = 0; i < ABI_HOOKS_MAX; i++)
		if (apply->stepping.held[i])
			step_undo(&apply->stepping, &(struct plan_step){ .kind = STEP_ATTACH, .id = (uint32_t)i });
	apply_scopes_release(&apply->stepping.scoping);
	area_close(&apply->area);
	if (apply->pinned && apply->options.access == APPLY_CHANGE)
		pins_remove_folders(&apply->pins);	/* only goes where they are empty */
	pins_close(&apply->pins);
	copy_release(&apply->live);
	copy_release(&apply->next);
	kernel_free(apply->kernel);
	arena_release(&apply->arena);
	free(apply);
}

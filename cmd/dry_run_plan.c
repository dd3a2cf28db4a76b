// SPDX-License-Identifier: Apache-2.0
/*
 * dry_run_plan.c - what would be put into a kernel for policies: this one, or one of which there is a profile; see dry_run.h.
 *
 * Where something is not known, the plan goes on as if it suited, and the hook says what that was.
 */
#include "cmd/dry_run.h"
#include "cmd/profiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd/dry_run_workloads.h"
#include "cmd/node.h"
#include "compiler/base/data.h"
#include "compiler/inspect/cost.h"
#include "compiler/inspect/inspect.h"
#include "compiler/object/object.h"
#include "runtime/apply.h"
#include "runtime/area.h"
#include "runtime/processors.h"
#include "runtime/profile.h"
#include "runtime/programs.h"

struct forecast {
	struct arena arena;
	const struct dry_run *options;
	struct linking *linking;
	struct profile profile;		/* of another kernel, or what is known of this one */
	struct apply *apply;		/* of this kernel, for root; else NULL */
	const struct plan_input *input;
	struct plan_input own_input;
	bool *is_known;			/* by hook: whether the kernel has it */
	int *kinds;			/* by hook: enum attach_kind, or -1 */
	struct dry_run_scopes scopes;
	struct data *root, *cannot;
};

/* ---- The kernel ---- */

static int read_profile(struct forecast *forecast, const char *path)
{
	char message[256];
	const int error = profile_file_read(path, &forecast->arena, &forecast->profile, message);

	if (error && error != -EINVAL)
		complain("cannot read '%s': %s", path, message);
	else if (error)
		complain("'%s' is no profile of a kernel: %s; 'tetra probe -o json' writes one", path, message);
	return !error ? EXIT_FINE : error == -EINVAL ? EXIT_USAGE : EXIT_SYSTEM;
}

/* Without root nothing can be tried. */
static void know_little(struct forecast *forecast)
{
	const int processors = processors_count();
	struct utsname name;

	forecast->profile = (struct profile){ .processors = processors > 0 ? (uint32_t)processors : 0 };
	if (uname(&name))
		return;
	forecast->profile.release = arena_copy(&forecast->arena, name.release, strlen(name.release));
	forecast->profile.machine = arena_copy(&forecast->arena, name.machine, strlen(name.machine));
}

/* What paths and registers are on this kernel, whose types can be read by everybody, or by the types of another. */
static int resolve(struct forecast *forecast, const char *types, struct kernel_relocation *fields, struct kernel_assignment *assignments)
{
	const struct image_view *image = &forecast->linking->view;
	struct kernel *kernel = kernel_new();
	struct kernel_doubt *doubts = NULL;
	char message[256] = "no memory";
	int error = kernel ? 0 : -ENOMEM;

	if (kernel && types)
		error = kernel_use_types(kernel, types, message);
	for (size_t n = 0; !error && n < image_relocation_count(image); n++)
		if (image_relocation_at(image, n).kind != IMAGE_RELOCATE_FIELD)
			kernel_relocation(kernel, image, n, &forecast->arena, &fields[n]);
	for (size_t n = 0; !error && n < image_assignment_count(image); n++)
		kernel_assignment(kernel, image, n, &forecast->arena, &assignments[n]);
	if (!error)
		forecast->own_input.doubt_count = kernel_doubts(kernel, image, &forecast->arena, &doubts);
	else
		complain("cannot read the types of a kernel from '%s': %s", types ? types : "/sys/kernel/btf", message);
	forecast->own_input.doubts = doubts;
	kernel_free(kernel);
	return error ? EXIT_SYSTEM : EXIT_FINE;
}

/* With what generated lists stand for there, as far as the profile says. */
static int link_again(struct forecast *forecast)
{
	struct link_options *options = &forecast->linking->options;
	struct known_functions known;
	struct link_functions *functions;

	profile_known_functions(&forecast->profile, &known);
	options->functions_count = functions_matching(&known, &forecast->linking->view, &forecast->arena, &functions);
	options->functions = functions;
	if (functions_wants_syscalls(&forecast->linking->view))
		options->syscall_count = functions_syscalls(&known, &forecast->arena, &options->syscalls);
	if (!options->functions_count && !options->syscall_count)
		return EXIT_FINE;
	buffer_release(&forecast->linking->image);
	return linking_run(forecast->linking);
}

/* The features that are not known count as there. */
static int suppose(struct forecast *forecast, const char *profile, const char *types)
{
	const struct image_view *image = &forecast->linking->view;
	const size_t hooks = image_hook_count(image), relocations = image_relocation_count(image);
	struct hook_facts *facts = arena_array(&forecast->arena, struct hook_facts, hooks);
	struct kernel_relocation *fields = arena_array(&forecast->arena, struct kernel_relocation, relocations);
	struct kernel_assignment *assignments = arena_array(&forecast->arena, struct kernel_assignment, image_assignment_count(image));
	struct features *features = arena_new(&forecast->arena, struct features);

	*features = forecast->profile.features;
	for (int n = 0; n < FEATURE_COUNT; n++)
		if (!(forecast->profile.known & 1u << n))
			features->error[n] = 0;
	for (size_t n = 0; n < relocations; n++)	/* which any type can be read from */
		fields[n].field = (struct tracepoint_field){ .declaration = "not known", .size = sizeof(uint64_t) };
	for (size_t n = 0; n < hooks; n++) {
		const struct image_hook hook = image_hook_at(image, n);

		forecast->is_known[n] = profile_hook_facts(&forecast->profile, &hook, &forecast->arena, &facts[n]);
	}
	forecast->own_input = (struct plan_input){
		.image = image, .facts = facts, .fields = fields, .assignments = assignments, .features = features, .wanted = FEATURES_ALL,
	};
	forecast->input = &forecast->own_input;
	return profile && !types ? EXIT_FINE : resolve(forecast, types, fields, assignments);
}

static int ask_this_kernel(struct forecast *forecast)
{
	const struct apply_options options = { .scope = APPLY_ADD, .access = APPLY_LOOK, .node = forecast->options->node };
	struct failure failure = { 0 };
	int error = apply_prepare(&options, forecast->linking->objects, forecast->linking->object_count, &forecast->apply, &failure);

	if (error) {
		complain("%s", failure.text);
		return error == -EINVAL || error == -E2BIG ? EXIT_REFUSED : EXIT_SYSTEM;
	}
	forecast->input = apply_input(forecast->apply);
	forecast->profile.known = forecast->input->wanted;
	forecast->profile.features = *forecast->input->features;
	return EXIT_FINE;
}

static int find_kernel(struct forecast *forecast)
{
	const char *profile = forecast->options->profile, *types = forecast->options->types;
	int code = EXIT_FINE;

	if (profile)
		code = read_profile(forecast, profile);
	else
		know_little(forecast);
	if (code == EXIT_FINE && !profile && !geteuid())
		code = ask_this_kernel(forecast);
	if (code != EXIT_FINE)
		return code;
	forecast->is_known = arena_array(&forecast->arena, bool, ABI_HOOKS_MAX);
	forecast->kinds = arena_array(&forecast->arena, int, ABI_HOOKS_MAX);
	if (forecast->apply)
		return EXIT_FINE;
	code = link_again(forecast);
	return code == EXIT_FINE ? suppose(forecast, profile, types) : code;
}

/* ---- What cannot run ---- */

static struct data *add_text(struct forecast *forecast, struct data *list, const char *text)
{
	struct data *entry = data_record(&forecast->arena, list, NULL);

	data_text(&forecast->arena, entry, "text", text);
	return entry;
}

static void add_placed(struct forecast *forecast, struct data *list, const char *place, const char *text)
{
	struct data *entry = add_text(forecast, list, text);

	if (place)
		data_text(&forecast->arena, entry, "place", place);
}

static void add_later(struct forecast *forecast, const struct ir_policy *policy)
{
	for (size_t n = 0; n < policy->later.count; n++) {
		const struct ir_later *later = &policy->later.items[n];

		add_placed(forecast, forecast->cannot, arena_format(&forecast->arena, "%s:%u:%u", policy->source_name, later->at.line, later->at.column),
			   arena_format(&forecast->arena, "policy '%s': %s cannot be applied yet by this version of tetra",
					policy->name.bytes, later->what));
	}
}

/* What nobody can tell to be for this node; the rest of the plan is as if it were. */
static void add_not_placed(struct forecast *forecast, const struct link_input *object)
{
	struct node_choice choice;
	char message[256];

	if (node_choose(object, forecast->options->node, &forecast->arena, &choice, message) || choice.answer != MATCH_UNKNOWN)
		return;
	add_placed(forecast, forecast->cannot, choice.place,
		   arena_format(&forecast->arena, "policy '%s' " NODE_NOT_KNOWN, choice.policy));
}

static void add_all_later(struct forecast *forecast)
{
	for (size_t n = 0; n < forecast->linking->object_count; n++) {
		const struct link_input *object = &forecast->linking->objects[n];
		struct ir_policy policy;
		char message[256];

		if (!object_read(object->bytes, object->size, &forecast->arena, &policy, message))
			add_later(forecast, &policy);
		add_not_placed(forecast, object);
	}
}

static void add_refusals(struct forecast *forecast)
{
	struct plan plan;

	if (!forecast->apply)
		plan_make(forecast->input, &forecast->arena, &plan);
	else
		plan = *apply_plan(forecast->apply);
	for (size_t n = 0; n < plan.refusal_count; n++)
		add_placed(forecast, forecast->cannot, plan.refusals[n].place, plan.refusals[n].text);
}

static void add_doubts(struct forecast *forecast)
{
	const struct plan_input *input = forecast->input;
	struct data *list = data_list(&forecast->arena, forecast->root, "doubtful");

	for (size_t n = 0; n < input->doubt_count; n++)
		add_placed(forecast, list, input->doubts[n].place, input->doubts[n].text);
}

/* ---- Hooks ---- */

static const char *kernel_name(const struct forecast *forecast)
{
	return forecast->profile.release ? forecast->profile.release : "of unknown release";
}

static void add_cost(struct forecast *forecast, const struct image_hook *hook, struct data *entry)
{
	struct inspect_cost cost;
	struct data *record = data_record(&forecast->arena, entry, "cost"), *list;

	inspect_cost(forecast->input->image, hook, &cost);
	data_number(&forecast->arena, record, "records_least", cost.records_least);
	data_number(&forecast->arena, record, "records_most", cost.records_most);
	data_number(&forecast->arena, record, "values_most", cost.values_most);
	data_number(&forecast->arena, record, "lookups_most", cost.lookups_most);
	data_number(&forecast->arena, record, "bytes_hashed_most", (int64_t)cost.bytes_hashed_most);
	data_number(&forecast->arena, record, "nanoseconds_least", cost.nanoseconds_least);
	data_number(&forecast->arena, record, "nanoseconds_most", cost.nanoseconds_most);
	if (!cost.records_most)
		return;
	list = data_list(&forecast->arena, entry, "per_event");
	data_text(&forecast->arena, list, NULL, cost.records_least == cost.records_most ?
		  arena_format(&forecast->arena, "%u records", cost.records_most) :
		  arena_format(&forecast->arena, "%u to %u records", cost.records_least, cost.records_most));
	if (!cost.values_most && !cost.lookups_most && !cost.nanoseconds_most)
		return;
	data_text(&forecast->arena, list, NULL, arena_format(&forecast->arena, "at most %u value%s read", cost.values_most,
							     cost.values_most == 1 ? "" : "s"));
	data_text(&forecast->arena, list, NULL, arena_format(&forecast->arena, "at most %u look-up%s with %llu bytes hashed",
							     cost.lookups_most, cost.lookups_most == 1 ? "" : "s",
							     (unsigned long long)cost.bytes_hashed_most));
	data_text(&forecast->arena, list, NULL,
		  arena_format(&forecast->arena, "about %u ns (the shortest way) to %u ns (all of it) for these", cost.nanoseconds_least,
			       cost.nanoseconds_most));
}

/* Whether resolve() has said what a path or register is, or that it is none. */
static bool is_resolved(const struct forecast *forecast, size_t relocation)
{
	const struct kernel_relocation *found = &forecast->input->fields[relocation];

	switch (image_relocation_at(forecast->input->image, relocation).kind) {
	case IMAGE_RELOCATE_CHAIN:
		return found->chain.count || found->refusal;
	case IMAGE_RELOCATE_REGISTER:
		return found->register_size || found->refusal;
	default:
		return false;
	}
}

/* What the plan supposed of the kernel, for this way to attach. */
static void add_unknown(struct forecast *forecast, size_t n, const struct image_hook *hook, int kind, struct data *entry)
{
	const uint32_t needed = attach_rows[kind].features & ~forecast->profile.known;
	struct data *list = data_list(&forecast->arena, entry, "unknown");

	if (forecast->apply)
		return;
	if (!forecast->is_known[n])
		data_text(&forecast->arena, list, NULL, arena_format(&forecast->arena, "whether it has '%s'", hook->name));
	if (attach_rows[kind].function == FUNCTION_TRACEABLE && !forecast->profile.has_traceable)
		data_text(&forecast->arena, list, NULL, "whether it lets it be traced");
	for (int i = 0; i < FEATURE_COUNT; i++)
		if (needed & 1u << i)
			data_text(&forecast->arena, list, NULL, arena_format(&forecast->arena, "whether it has feature %s", feature_rows[i].name));
	for (size_t i = 0; i < image_relocation_count(forecast->input->image); i++)
		if (image_relocation_at(forecast->input->image, i).hook == hook->id && !is_resolved(forecast, i)) {
			data_text(&forecast->arena, list, NULL, "where some of its values lie");
			break;
		}
	for (size_t i = 0; i < image_assignment_count(forecast->input->image); i++)
		if (image_assignment_at(forecast->input->image, i).hook == hook->id && !forecast->input->assignments[i].abi.target_size &&
		    !forecast->input->assignments[i].refusal) {
			data_text(&forecast->arena, list, NULL, "whether it can be overridden so");
			break;
		}
}

static void add_hook(struct forecast *forecast, size_t n, struct data *list)
{
	const struct image_hook hook = image_hook_at(forecast->input->image, n);
	const struct hook_facts *facts = &forecast->input->facts[n];
	const bool stays = plan_is_attached(forecast->input, &hook), is_missing = !stays && plan_passes_over(&hook, facts);
	const char *why = facts->refusal ? facts->refusal : "this kernel has no such place", *text;
	struct data *entry;
	int kind = -1;

	if (!stays && facts->exists)
		kind = plan_choose(forecast->input, &hook, facts, &forecast->arena, &why);
	forecast->kinds[n] = kind;
	text = stays ? arena_format(&forecast->arena, "%s: is attached already, and stays", hook.key) :
		is_missing ? arena_format(&forecast->arena, "%s: is not there, and is passed over (callNotFound)", hook.key) :
		kind < 0 ? arena_format(&forecast->arena, "%s: cannot be attached: %s", hook.key, why) :
		arena_format(&forecast->arena, "%s: by %s, %s", hook.key, attach_rows[kind].name, attach_rows[kind].says);
	entry = add_text(forecast, list, text);
	data_text(&forecast->arena, entry, "key", hook.key);
	data_boolean(&forecast->arena, entry, "stays", stays);
	if (kind >= 0)
		data_text(&forecast->arena, entry, "attach", attach_rows[kind].name);
	data_text(&forecast->arena, entry, "policy", hook.policy);
	data_text(&forecast->arena, entry, "place", hook.place);
	add_cost(forecast, &hook, entry);
	if (kind >= 0)
		add_unknown(forecast, n, &hook, kind, entry);
}

/* ---- What is loaded ---- */

static bool has_pin(const char *const *names, size_t count, const char *name)
{
	for (size_t n = 0; n < count; n++)
		if (!strcmp(names[n], name))
			return true;
	return false;
}

static bool has_entry(const struct data *list, const char *text)
{
	for (const struct data *each = list->first; each; each = each->next)
		if (!strcmp(data_find(each, "text")->text, text))
			return true;
	return false;
}

static const char *program_name(struct forecast *forecast, size_t n, const struct image_hook *hook)
{
	const int kind = forecast->kinds[n];

	if (attach_rows[kind].serves == SERVES_MANY)
		return attach_program_name((enum attach_kind)kind, hook->returns, &forecast->input->facts[n],
					   &forecast->arena);
	return arena_format(&forecast->arena, "one for %s alone", hook->key);
}

static void add_programs(struct forecast *forecast)
{
	const struct plan_input *input = forecast->input;
	struct data *list = data_list(&forecast->arena, forecast->root, "programs");

	for (size_t n = 0; plan_process_links[n]; n++)
		if (!has_pin(input->links, input->link_count, plan_process_links[n]))
			add_text(forecast, list, plan_process_links[n]);
	for (size_t n = 0; n < image_hook_count(input->image); n++) {
		const struct image_hook hook = image_hook_at(input->image, n);
		const char *name;

		if (forecast->kinds[n] < 0)
			continue;
		name = program_name(forecast, n, &hook);
		if (!has_pin(input->programs, input->program_count, name) && !has_entry(list, name))
			add_text(forecast, list, name);
	}
}

/* Of a large image, which has a map of its own whenever there is a new one. */
static uint64_t add_rest(struct forecast *forecast, struct data *list)
{
	const uint64_t bytes = area_rest_bytes(forecast->input->image->header->size);
	struct data *entry;

	if (!bytes)
		return 0;
	entry = add_text(forecast, list, arena_format(&forecast->arena, "image_rest: about %llu KiB", (unsigned long long)(bytes + 1023) / 1024));
	data_text(&forecast->arena, entry, "name", "image_rest");
	data_boolean(&forecast->arena, entry, "stays", false);
	data_number(&forecast->arena, entry, "bytes", (int64_t)bytes);
	return bytes;
}

static void add_maps(struct forecast *forecast)
{
	const struct plan_input *input = forecast->input;
	struct data *list = data_list(&forecast->arena, forecast->root, "maps");
	uint64_t sum = 0;

	programs_listen();
	for (size_t n = 0; plan_maps[n]; n++) {
		const bool stays = has_pin(input->maps, input->map_count, plan_maps[n]);
		const bool depends = !strcmp(plan_maps[n], ABI_MAP_COUNTERS) && !forecast->profile.processors;
		const uint64_t bytes = depends ? 0 : programs_map_bytes(plan_maps[n], forecast->profile.processors);
		struct data *entry;

		entry = add_text(forecast, list, arena_format(&forecast->arena, "%s: %s%s", plan_maps[n], !bytes ?
			"not known, it depends on how many processors there are" :
			arena_format(&forecast->arena, "about %llu KiB", (unsigned long long)(bytes + 1023) / 1024),
			stays ? ", is there already, and stays" : ""));
		data_text(&forecast->arena, entry, "name", plan_maps[n]);
		data_boolean(&forecast->arena, entry, "stays", stays);
		if (bytes)
			data_number(&forecast->arena, entry, "bytes", (int64_t)bytes);
		sum += stays ? 0 : bytes;
	}
	sum += add_rest(forecast, list);
	data_number(&forecast->arena, forecast->root, "new_map_bytes", (int64_t)sum);
}

/* ---- All of it ---- */

static void add_policies(struct forecast *forecast)
{
	const struct image_view *image = forecast->input->image;
	struct data *list = data_list(&forecast->arena, forecast->root, "policies");

	for (size_t n = 0; n < image_policy_count(image); n++) {
		const struct image_policy policy = image_policy_at(image, n);
		size_t left_out;
		struct data *entry;

		image_hooks_elsewhere(image, (uint32_t)n, &forecast->arena, &left_out);
		entry = add_text(forecast, list, policy.elsewhere ?
			arena_format(&forecast->arena, "policy '%s' (%s): not for this node", policy.name, policy.source_name) :
			arena_format(&forecast->arena, "policy '%s' (%s): %u hook%s, %u selector%s%s%s",
			policy.name, policy.source_name, policy.hook_count, policy.hook_count == 1 ? "" : "s", policy.selector_count,
			policy.selector_count == 1 ? "" : "s",
			!policy.enforces ? "" : policy.monitor ? ", monitor mode" : ", enforces",
			!left_out ? "" : arena_format(&forecast->arena, "; %zu more hook%s for other nodes", left_out, left_out == 1 ? "" : "s")));

		data_text(&forecast->arena, entry, "name", policy.name);
		data_boolean(&forecast->arena, entry, "enforces", policy.enforces && !policy.monitor);
		data_boolean(&forecast->arena, entry, "for_this_node", !policy.elsewhere);
		data_number(&forecast->arena, entry, "hooks_for_other_nodes", (int64_t)left_out);
	}
}

static int make(struct forecast *forecast)
{
	const char *profile = forecast->options->profile;
	struct data *hooks;
	int code;

	forecast->root = data_new(&forecast->arena);
	data_text(&forecast->arena, forecast->root, "text", arena_format(&forecast->arena, "kernel %s%s%s%s", kernel_name(forecast),
		  profile ? ", as " : forecast->apply ? ", this one" : ", this one, of which little is known without root",
		  profile ? profile : "", profile ? " says" : ""));
	add_policies(forecast);
	hooks = data_list(&forecast->arena, forecast->root, "hooks");
	for (size_t n = 0; n < image_hook_count(forecast->input->image); n++)
		add_hook(forecast, n, hooks);
	forecast->scopes = (struct dry_run_scopes){ .image = forecast->input->image, .arena = &forecast->arena };
	code = dry_run_workloads(forecast->options, &forecast->scopes, forecast->root);
	add_programs(forecast);
	add_maps(forecast);
	data_number(&forecast->arena, forecast->root, "image_bytes", forecast->input->image->header->size);
	data_number(&forecast->arena, forecast->root, "image_bytes_read", forecast->input->image->header->program_size);
	forecast->cannot = data_list(&forecast->arena, forecast->root, "cannot_run");
	add_all_later(forecast);
	add_refusals(forecast);
	if (forecast->scopes.refusal.text[0])
		add_text(forecast, forecast->cannot, forecast->scopes.refusal.text);
	if (forecast->input->doubt_count)
		add_doubts(forecast);
	return code;
}

int dry_run_plan(struct linking *linking, const struct dry_run *options)
{
	struct forecast forecast = { .linking = linking, .options = options };
	struct buffer text = { 0 };
	int code = find_kernel(&forecast);

	if (code == EXIT_FINE)
		code = make(&forecast);
	if (code == EXIT_FINE) {
		if (options->as_json)
			data_write_json(forecast.root, &text);
		else
			inspect_write_text(forecast.root, &text);
		fwrite(text.bytes, 1, text.length, stdout);
		code = forecast.cannot->first ? EXIT_REFUSED : EXIT_FINE;
	}
	buffer_release(&text);
	apply_free(forecast.apply);
	workloads_release(&forecast.scopes.workloads);
	arena_release(&forecast.arena);
	return code;
}

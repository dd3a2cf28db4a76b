// SPDX-License-Identifier: Apache-2.0
/*
 * differential.c - the compiler and the matcher against the judge of this folder.  TAP.
 *
 * differential [--seeds=N] [--first=SEED] [--events=N] [--total=N] [--forever] [--pairs] [--show] [--plain]
 *
 * For each seed (of N, until N events were decided in total): policies by chance, as YAML; compiled, linked each alone
 * and all together, and simulated on events by chance, as JSON.  Which selector decides must be what evaluate() says,
 * of every policy, alone and in company; none may be refused.  At a difference the policies are made as small as it stays,
 * and printed with the event; --show prints those of the first seed and ends; --plain compiles and links at -O0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compiler.h"
#include "compiler/events_json.h"
#include "compiler/image/image.h"
#include "compiler/link/link.h"
#include "compiler/simulate.h"
#include "tests/reference/evaluate.h"
#include "tests/reference/generate.h"
#include "tests/reference/print.h"
#include "tests/reference/shrink.h"

/* ---- Reasons, counted ---- */

enum { REASONS_MAX = 200, REASON_BYTES = 160 };
struct reason { char text[REASON_BYTES]; unsigned long count; unsigned long seed; };
struct reasons { struct reason items[REASONS_MAX]; size_t count; };

/* "policy 'p0' (p.yaml:9): type 'fd' ..." is one reason, whichever policy has it. */
static const char *without_place(const char *text)
{
	const char *end = strstr(text, "): ");

	return !strncmp(text, "policy '", 8) && end ? end + 3 : text;
}

static void count_reason(struct reasons *reasons, const char *text, unsigned long seed)
{
	size_t n = 0;

	text = without_place(text);
	while (n < reasons->count && strncmp(reasons->items[n].text, text, REASON_BYTES - 1))
		n++;
	if (n == REASONS_MAX)
		return;
	if (n == reasons->count) {
		snprintf(reasons->items[n].text, REASON_BYTES, "%s", text);
		reasons->items[n].seed = seed;
		reasons->count++;
	}
	reasons->items[n].count++;
}

static void print_reasons(const struct reasons *reasons, const char *what)
{
	for (size_t n = 0; n < reasons->count; n++)
		printf("# %s: %6lu times, first by seed %lu: %s\n", what, reasons->items[n].count, reasons->items[n].seed,
		       reasons->items[n].text);
}

/* ---- The compiler's side ---- */

static enum unit_level level;	/* of compiling and linking */

/* A policy that was compiled; released by compiled_release(). */
struct compiled {
	struct unit unit;
	struct model_text yaml;
	bool is_fine;
	char reason[REASON_BYTES];	/* when it is not */
	bool is_later;			/* this version does not run it; else it is refused */
};

/* The first error; of what is not run yet, without the particulars of the place. */
static void find_reason(struct compiled *compiled)
{
	const struct diagnostics *diagnostics = &compiled->unit.diagnostics;

	compiled->is_later = true;
	snprintf(compiled->reason, REASON_BYTES, "no object, and no error that says why");
	for (size_t n = diagnostics->count; n--;) {
		const struct diagnostic *one = &diagnostics->items[n];

		if (one->severity != SEVERITY_ERROR)
			continue;
		compiled->is_later &= one->id == DIAG_NOT_SUPPORTED;
		if (one->id != DIAG_NOT_SUPPORTED || compiled->is_later)
			snprintf(compiled->reason, REASON_BYTES, "%s: %s", diagnostic_rows[one->id].code, one->message);
	}
}

static void compile(struct compiled *compiled, const struct model_policy *policy)
{
	memset(compiled, 0, sizeof(*compiled));
	compiled->yaml = policy_text(policy);
	unit_init(&compiled->unit, "p.yaml", compiled->yaml.bytes, compiled->yaml.length);
	compiled->unit.level = level;
	compiled->is_fine = !unit_compile(&compiled->unit, NULL) && compiled->unit.object_count == 1;
	if (!compiled->is_fine)
		find_reason(compiled);
}

static void compiled_release(struct compiled *compiled)
{
	unit_release(&compiled->unit);
}

/* An image of some policies, and what runs it. */
struct world {
	struct arena arena;
	struct buffer image;
	struct image_view view;
	struct simulation simulation;
	const char *error;
	char message[256];
};

/* The error is in world->error. */
static bool build(struct world *world, const struct compiled *const *policies, size_t count)
{
	struct link_input inputs[GROUP_POLICIES_MAX];
	const struct link_options options = { .plain = level == UNIT_PLAIN };

	memset(world, 0, sizeof(*world));
	for (size_t n = 0; n < count; n++)
		inputs[n] = (struct link_input){ policies[n]->unit.objects[0].bytes, policies[n]->unit.objects[0].length,
						 "p.yaml" };
	if (link_image(inputs, count, &options, &world->arena, &world->image, &world->error))
		return false;
	world->error = world->message;
	return !image_verify(world->image.bytes, world->image.length, &world->view, world->message) &&
	       !simulation_init(&world->simulation, &world->view, world->message);
}

static void world_release(struct world *world)
{
	if (world->simulation.image)
		simulation_release(&world->simulation);
	buffer_release(&world->image);
	arena_release(&world->arena);
}

/* ---- Both sides ---- */

enum { NOT_SEEN = -2 };

static unsigned number_of(const struct model_policy *policy)
{
	return (unsigned)atoi(policy->name.bytes + 1);
}

/* What was decided, by the number in the policy's name and that of its hook. */
struct decided {
	int selectors[GROUP_POLICIES_MAX][POLICY_HOOKS_MAX];
	const struct model_group *group;
	const struct model_event *event;
	char complaint[200];	/* about a reason: empty when there is none */
};

/*
 * Filters that take several facts, as one number or one after the other.  When one fact is not known, the simulation does not go
 * on to see whether another says no: unknown fails the selector as well.
 */
static bool takes_several_facts(const struct model_filter *filter)
{
	return filter->kind == MATCH_NAMESPACE_CHANGES || filter->kind == MATCH_CAPABILITY_CHANGES || filter->in_namespace;
}

/* A filter that answered no, or unknown, is one that does. */
static void check_failure(struct decided *decided, const struct model_policy *policy, const struct model_hook *hook,
			  const struct verdict_failure *failure)
{
	enum model_answer wanted = failure->unknown ? ANSWER_UNKNOWN : ANSWER_NO;
	struct model_filters filters;

	if (failure->selector >= hook->selectors.count)
		return;
	filters = model_selector_filters(policy, &hook->selectors.items[failure->selector]);
	for (size_t n = 0; n < filters.count; n++) {
		enum model_answer answer = evaluate_filter(policy, hook, &filters.items[n], decided->event);

		if (answer == wanted || (failure->unknown && answer == ANSWER_NO && takes_several_facts(&filters.items[n])))
			return;
	}
	if (evaluate_scope(policy, decided->event) == wanted)
		return;
	snprintf(decided->complaint, sizeof(decided->complaint), "%s: selector %u failed by a filter that answered '%s', and none does",
		 policy->name.bytes, failure->selector, model_answer_names[wanted]);
}

static void take_verdict(void *context, const struct verdict *verdict)
{
	struct decided *decided = context;
	unsigned number = (unsigned)atoi(verdict->ir->name.bytes + 1);

	if (number >= GROUP_POLICIES_MAX || verdict->hook_index >= POLICY_HOOKS_MAX)
		return;
	decided->selectors[number][verdict->hook_index] = verdict->accept ? (int)verdict->accept->selector : -1;
	for (size_t n = 0; n < verdict->failure_count; n++)
		for (size_t p = 0; p < decided->group->count; p++)
			if (number_of(&decided->group->policies[p]) == number)
				check_failure(decided, &decided->group->policies[p],
					      &decided->group->policies[p].hooks.items[verdict->hook_index], &verdict->failures[n]);
}

/* False: the line is no event, with the reason in `complaint`. */
static bool run(struct world *world, const struct model_group *group, const struct model_event *event,
		struct model_text line, struct decided *ret)
{
	struct arena arena = { 0 };
	struct event_sample sample;
	const char *error = "another kind of event";
	int kind = event_read_json(line.bytes, line.length, &arena, &sample, &error);

	*ret = (struct decided){ .group = group, .event = event };
	for (int n = 0; n < GROUP_POLICIES_MAX; n++)
		for (int hook = 0; hook < POLICY_HOOKS_MAX; hook++)
			ret->selectors[n][hook] = NOT_SEEN;
	if (kind == 1)
		simulate(&world->simulation, &sample, take_verdict, ret);
	else
		snprintf(ret->complaint, sizeof(ret->complaint), "the line is not read: %s", error);
	arena_release(&arena);
	return kind == 1;
}

/* What the judge says of a hook: NOT_SEEN when the event is one of another function. */
static int expected(const struct model_policy *policy, const struct model_hook *hook, const struct model_event *event)
{
	return strcmp(hook->name, event->name) ? NOT_SEEN : evaluate(policy, hook, event).selector;
}

/* Whether some policy of the image was decided otherwise. */
static bool differs(const struct model_group *group, const size_t *members, size_t count, const struct model_event *event,
		    const struct decided *decided)
{
	for (size_t n = 0; n < count; n++) {
		const struct model_policy *policy = &group->policies[members[n]];

		for (size_t h = 0; h < policy->hooks.count; h++)
			if (expected(policy, &policy->hooks.items[h], event) != decided->selectors[number_of(policy)][h])
				return true;
	}
	return false;
}

/* The policies of the group as one image, and one event; whether they differ. */
static bool group_differs(const struct model_group *group, const struct model_event *event)
{
	struct compiled compiled[GROUP_POLICIES_MAX];
	const struct compiled *pointers[GROUP_POLICIES_MAX];
	size_t members[GROUP_POLICIES_MAX];
	struct model_text line = event_text(event);
	struct decided decided;
	struct world world = { .error = NULL };
	bool is_fine = group->count > 0, ret;

	for (size_t n = 0; n < group->count; n++) {
		compile(&compiled[n], &group->policies[n]);
		is_fine &= compiled[n].is_fine;
		pointers[n] = &compiled[n];
		members[n] = n;
	}
	ret = is_fine && build(&world, pointers, group->count) &&
	      (!run(&world, group, event, line, &decided) || decided.complaint[0] ||
	       differs(group, members, group->count, event, &decided));
	if (is_fine)
		world_release(&world);
	for (size_t n = 0; n < group->count; n++)
		compiled_release(&compiled[n]);
	return ret;
}

/* ---- Reports ---- */

static void print_lines(const char *text)
{
	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = text + strcspn(text, "\n");
		printf("# %.*s\n", (int)(end - text), text);
	}
}

static void print_verdict(const struct model_policy *policy, const struct model_hook *hook, const struct model_event *event)
{
	struct model_verdict verdict = evaluate(policy, hook, event);

	printf("# reference: %s, %s: selector %d%s\n", policy->name.bytes, hook->name, expected(policy, hook, event),
	       verdict.unknown_before ? ", something before it is unknown" : "");
	for (size_t n = 0; n < hook->selectors.count; n++)
		printf("#   selector %zu: %s\n", n,
		       model_answer_names[evaluate_selector(policy, hook, &hook->selectors.items[n], event)]);
}

static void print_verdicts(const struct model_group *group, const struct model_event *event)
{
	for (size_t n = 0; n < group->count; n++)
		for (size_t h = 0; h < group->policies[n].hooks.count; h++)
			print_verdict(&group->policies[n], &group->policies[n].hooks.items[h], event);
}

static void print_decided(const struct model_group *group, const struct model_event *event)
{
	struct compiled compiled[GROUP_POLICIES_MAX];
	const struct compiled *pointers[GROUP_POLICIES_MAX];
	struct decided decided;
	struct world world;

	for (size_t n = 0; n < group->count; n++) {
		compile(&compiled[n], &group->policies[n]);
		pointers[n] = &compiled[n];
	}
	if (build(&world, pointers, group->count)) {
		run(&world, group, event, event_text(event), &decided);
		for (size_t n = 0; n < group->count; n++)
			for (size_t h = 0; h < group->policies[n].hooks.count; h++)
				printf("# simulation: %s, %s: selector %d\n", group->policies[n].name.bytes,
				       group->policies[n].hooks.items[h].name,
				       decided.selectors[number_of(&group->policies[n])][h]);
		if (decided.complaint[0])
			printf("# simulation: %s\n", decided.complaint);
	}
	world_release(&world);
	for (size_t n = 0; n < group->count; n++)
		compiled_release(&compiled[n]);
}

static void print_group(const struct model_group *group, const struct model_event *event)
{
	for (size_t n = 0; n < group->count; n++) {
		puts("# ---");
		print_lines(policy_text(&group->policies[n]).bytes);
	}
	puts("# --- event");
	print_lines(event_text(event).bytes);
	puts("# --- verdicts (-1: none, -2: the policy did not see the event)");
	print_verdicts(group, event);
	print_decided(group, event);
}

static void report(const struct model_group *group, const size_t *members, size_t count, struct model_event *event,
		   unsigned long seed, size_t number)
{
	struct model_group part = *group;

	part.count = count;
	for (size_t n = 0; n < count; n++)
		part.policies[n] = group->policies[members[n]];
	printf("# seed %lu, event %zu: a difference; what is left of it:\n", seed, number);
	shrink_group(&part, event, group_differs);
	print_group(&part, event);
}

/* ---- Runs ---- */

struct totals {
	unsigned long policies, compiled, alone, together, events, decisions, accepted, unknown, failed, refused;
	struct reasons later, refusals, links;
	unsigned long pairs[MODEL_OPERATORS][MODEL_TYPES + MODEL_FILTER_KINDS];
};

/* Operator and type, or kind of filter on the process. */
static void count_pairs(struct totals *totals, const struct model_policy *policy, const struct model_hook *hook)
{
	for (size_t s = 0; s < hook->selectors.count; s++) {
		struct model_filters filters = model_selector_filters(policy, &hook->selectors.items[s]);

		for (size_t n = 0; n < filters.count; n++) {
			const struct model_filter *filter = &filters.items[n];
			int type = filter->kind == MATCH_ARGS ? model_filter_type(hook, filter) : -1;
			size_t column = type < 0 ? (size_t)(MODEL_TYPES + filter->kind) : (size_t)type;

			totals->pairs[filter->op][column]++;
		}
	}
}

struct seed {
	unsigned long number;
	struct model_group group;
	struct compiled compiled[GROUP_POLICIES_MAX];
	/* Each policy that compiles alone, and behind them all together. */
	struct world worlds[GROUP_POLICIES_MAX + 1];
	size_t members[GROUP_POLICIES_MAX + 1][GROUP_POLICIES_MAX], member_counts[GROUP_POLICIES_MAX + 1];
	size_t world_count;
};

static bool add_world(struct seed *seed, struct totals *totals, const size_t *members, size_t count)
{
	const struct compiled *pointers[GROUP_POLICIES_MAX];
	struct world *world = &seed->worlds[seed->world_count];

	for (size_t n = 0; n < count; n++)
		pointers[n] = &seed->compiled[members[n]];
	if (!build(world, pointers, count)) {
		count_reason(&totals->links, world->error ? world->error : "?", seed->number);
		world_release(world);
		return false;
	}
	memcpy(seed->members[seed->world_count], members, count * sizeof(*members));
	seed->member_counts[seed->world_count++] = count;
	return true;
}

static void compile_group(struct seed *seed, struct totals *totals)
{
	size_t linked[GROUP_POLICIES_MAX], count = 0;

	for (size_t n = 0; n < seed->group.count; n++) {
		struct compiled *compiled = &seed->compiled[n];

		totals->policies++;
		compile(compiled, &seed->group.policies[n]);
		if (!compiled->is_fine) {
			totals->refused += !compiled->is_later;
			count_reason(compiled->is_later ? &totals->later : &totals->refusals, compiled->reason, seed->number);
			continue;
		}
		totals->compiled++;
		linked[count] = n;
		if (!add_world(seed, totals, &linked[count], 1))
			continue;
		totals->alone++;
		for (size_t h = 0; h < seed->group.policies[n].hooks.count; h++)
			count_pairs(totals, &seed->group.policies[n], &seed->group.policies[n].hooks.items[h]);
		count++;
	}
	if (count > 1)
		totals->together += add_world(seed, totals, linked, count);
}

static void count_verdicts(struct totals *totals, const struct model_policy *policy, const struct model_event *event)
{
	for (size_t h = 0; h < policy->hooks.count; h++) {
		struct model_verdict verdict = evaluate(policy, &policy->hooks.items[h], event);

		if (strcmp(policy->hooks.items[h].name, event->name))
			continue;
		totals->decisions++;
		totals->accepted += verdict.selector >= 0;
		totals->unknown += verdict.unknown_before;
	}
}

/* Whether all worlds decide the event as the judge does. */
static bool compare_event(struct seed *seed, struct totals *totals, size_t number)
{
	struct model_event event;
	struct model_text line;

	generate_event(&seed->group, &event);
	line = event_text(&event);
	totals->events++;
	for (size_t n = 0; n < seed->world_count; n++) {
		struct decided decided;
		bool is_read = run(&seed->worlds[n], &seed->group, &event, line, &decided);

		if (!is_read || decided.complaint[0] ||
		    differs(&seed->group, seed->members[n], seed->member_counts[n], &event, &decided)) {
			report(&seed->group, seed->members[n], seed->member_counts[n], &event, seed->number, number);
			return false;
		}
		for (size_t m = 0; m < seed->member_counts[n]; m++)
			count_verdicts(totals, &seed->group.policies[seed->members[n][m]], &event);
	}
	return true;
}

static void run_seed(unsigned long number, size_t events, struct totals *totals)
{
	static struct seed seed;
	bool fine = true;

	memset(&seed, 0, sizeof(seed));
	seed.number = number;
	generate_seed(number);
	generate_group(&seed.group);
	compile_group(&seed, totals);
	for (size_t n = 0; n < events && fine && seed.world_count; n++)
		fine = compare_event(&seed, totals, n);
	totals->failed += !fine;
	for (size_t n = 0; n < seed.world_count; n++)
		world_release(&seed.worlds[n]);
	for (size_t n = 0; n < seed.group.count; n++)
		compiled_release(&seed.compiled[n]);
	model_release();
}

/* ---- The end ---- */

static void count_possible(const struct totals *totals, bool list, unsigned *covered, unsigned *possible)
{
	for (int op = 0; op < MODEL_ARGUMENT_OPERATORS; op++)
		for (int type = 0; type < MODEL_TYPES; type++) {
			if (!(model_operators[op].classes >> model_types[type].class & 1))
				continue;
			++*possible;
			*covered += totals->pairs[op][type] > 0;
			if (list)
				printf("# pair %-18s %-16s %lu\n", model_operators[op].name, model_types[type].name,
				       totals->pairs[op][type]);
		}
}

static void print_process_filters(const struct totals *totals)
{
	for (int kind = MATCH_DATA; kind < MODEL_FILTER_KINDS; kind++) {
		unsigned long count = 0;

		for (int op = 0; op < MODEL_OPERATORS; op++)
			count += totals->pairs[op][MODEL_TYPES + kind];
		printf("# compared: %6lu filters of %s\n", count, model_filter_names[kind]);
	}
}

struct options { unsigned long first, seeds, events, total; bool forever, pairs, show; };

static bool finish(const struct totals *totals, const struct options *options)
{
	unsigned covered = 0, possible = 0;
	bool all_run = totals->alone == totals->policies - totals->refused;

	printf("# %lu policies: %lu compile, %lu link, %lu groups link together\n", totals->policies, totals->compiled,
	       totals->alone, totals->together);
	printf("# %lu events, %lu verdicts: %lu accept, %lu with something unknown\n", totals->events, totals->decisions,
	       totals->accepted, totals->unknown);
	count_possible(totals, options->pairs, &covered, &possible);
	printf("# operators and types: %u of %u pairs were compared\n", covered, possible);
	print_process_filters(totals);
	print_reasons(&totals->later, "not compiled yet");
	print_reasons(&totals->links, "not linked");
	print_reasons(&totals->refusals, "refused");
	printf("%sok 1 - the simulation names the selectors that the reference names\n", totals->failed ? "not " : "");
	printf("%sok 2 - check takes what the reference takes\n", totals->refused ? "not " : "");
	printf("%sok 3 - some verdicts accept and some do not\n",
	       totals->accepted && totals->accepted < totals->decisions ? "" : "not ");
	printf("%sok 4 - every policy is compiled and linked\n", all_run ? "" : "not ");
	printf("1..4\n");
	return !totals->failed && !totals->refused && totals->accepted && all_run;
}

static bool read_number(const char *argument, const char *name, unsigned long *ret)
{
	if (strncmp(argument, name, strlen(name)))
		return false;
	*ret = strtoul(argument + strlen(name), NULL, 10);
	return true;
}

static bool read_option(const char *argument, struct options *ret)
{
	if (read_number(argument, "--seeds=", &ret->seeds) || read_number(argument, "--first=", &ret->first) ||
	    read_number(argument, "--events=", &ret->events) || read_number(argument, "--total=", &ret->total))
		return true;
	if (!strcmp(argument, "--forever"))
		return ret->forever = true;
	if (!strcmp(argument, "--plain"))
		return (level = UNIT_PLAIN) == UNIT_PLAIN;
	if (!strcmp(argument, "--pairs"))
		return ret->pairs = true;
	if (!strcmp(argument, "--show"))
		return ret->show = true;
	return false;
}

static int show(const struct options *options)
{
	struct model_group group;
	struct model_event event;

	generate_seed(options->first);
	generate_group(&group);
	for (size_t n = 0; n < group.count; n++)
		printf("%s%s", n ? "---\n" : "", policy_text(&group.policies[n]).bytes);
	for (unsigned long n = 0; n < options->events; n++) {
		generate_event(&group, &event);
		printf("# %s\n", event_text(&event).bytes);
	}
	model_release();
	return 0;
}

/* Five differences are enough to look at. */
static bool goes_on(const struct options *options, const struct totals *totals, unsigned long seeds)
{
	return totals->failed < 5 &&
	       (options->forever || (seeds < options->seeds && totals->events < options->total));
}

int main(int argc, char **argv)
{
	struct options options = { .first = 1, .seeds = 16000, .events = 40, .total = 100000 };
	static struct totals totals;

	for (int n = 1; n < argc; n++)
		if (!read_option(argv[n], &options)) {
			fprintf(stderr, "unknown option '%s'\n", argv[n]);
			return 2;
		}
	if (options.show)
		return show(&options);
	for (unsigned long n = 0; goes_on(&options, &totals, n); n++) {
		run_seed(options.first + n, options.events, &totals);
		if (options.forever && !(n % 10000))
			fprintf(stderr, "seed %lu, %lu events\n", options.first + n, totals.events);
	}
	return finish(&totals, &options) ? 0 : 1;
}

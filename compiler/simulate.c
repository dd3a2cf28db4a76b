// SPDX-License-Identifier: Apache-2.0
/* simulate.c - decides events by both images; see simulate.h. */
#include "compiler/simulate.h"

#include <string.h>

#include "compiler/simulation/run.h"

int simulation_init(struct simulation *simulation, const struct image_view *image, char message[256])
{
	int error;

	*simulation = (struct simulation){ .image = image };
	simulation->matcher = arena_new(&simulation->arena, struct match_native);
	simulation->plain_matcher = arena_new(&simulation->arena, struct match_native);
	error = hooks_read(simulation, message);
	if (error)
		simulation_release(simulation);
	return error;
}

void simulation_release(struct simulation *simulation)
{
	if (simulation->image)
		hooks_release(simulation);
	arena_release(&simulation->arena);
	*simulation = (struct simulation){ .image = NULL };
}

/* ---- As written, filter by filter ---- */

/* A walk through the plain program. */
struct walk {
	struct run run;
	struct match_native *matcher;
	const struct simulated_hook *hook;
	struct verdict *verdict;
	uint32_t record;
	/* Of the selector that is being asked: */
	bool failed;			/* at `failure` */
	bool doubtful;			/* nothing failed but what the event does not carry */
	struct verdict_failure failure;
	uint32_t next;			/* record behind the selector, once it failed */
};

/* All records of one filter; where the program goes on. */
static enum match_answer ask_filter(struct walk *walk, uint32_t end)
{
	const uint32_t first = walk->record;
	bool unknown = false;

	while (walk->record >= first && walk->record < end) {
		walk->record = match_step(&walk->matcher->state, walk->record);
		unknown |= walk->run.answer == MATCH_UNKNOWN;
	}
	return walk->record == end ? MATCH_YES : unknown ? MATCH_UNKNOWN : MATCH_NO;
}

static void begin_selector(struct walk *walk)
{
	walk->failed = false;
	walk->doubtful = false;
}

static void end_selector(struct walk *walk)
{
	struct verdict *verdict = walk->verdict;

	walk->failure.undecided = walk->doubtful;
	if (verdict->failure_count < VERDICT_FAILURES_MAX)
		verdict->failures[verdict->failure_count++] = walk->failure;
	if (walk->doubtful)
		verdict->answer = VERDICT_UNKNOWN;
	walk->record = walk->next;
	begin_selector(walk);
}

/*
 * Behind a filter that was unknown for lack of a value the selector is asked on, as if it had held: only when all others hold
 * could that value have made a difference.
 */
static void ask(struct walk *walk, const struct simulated_record *record)
{
	const enum match_answer answer = ask_filter(walk, record->end);
	bool missing;

	if (answer == MATCH_YES)
		return;
	missing = answer == MATCH_UNKNOWN &&
		  is_missing(walk->run.event, walk->run.recorder, walk->hook->ir, record->predicate);
	if (!walk->failed) {
		walk->failure = (struct verdict_failure){ record->selector->index, record->predicate, answer == MATCH_UNKNOWN, false };
		walk->next = walk->record;
		walk->doubtful = true;
		walk->failed = true;
	}
	walk->doubtful &= missing;
	if (walk->doubtful)
		walk->record = record->end;
	else
		end_selector(walk);
}

/* Returns the selector that accepts, or NULL. */
static const struct ir_selector *walk_through(struct walk *walk)
{
	const struct simulated_hook *hook = walk->hook;

	walk->record = hook->first;
	begin_selector(walk);
	while (walk->record < hook->record_count && hook->records[walk->record].selector) {
		const struct simulated_record *record = &hook->records[walk->record];

		if (record->predicate)
			ask(walk, record);
		else if (walk->failed)
			end_selector(walk);
		else
			return record->selector;
	}
	return NULL;
}

/* Sets failures and answer. */
static const struct ir_selector *decide_plain(struct simulation *simulation, const struct event_sample *event,
					      const struct simulated_hook *hook, struct verdict *verdict)
{
	struct match_native *matcher = simulation->plain_matcher;
	const struct abi_hook *abi = hook->plain_call.abi;
	const uint8_t *bytes = hook->plain_call.image->bytes;
	const struct ir_selector *ret;
	struct walk walk = {
		.run = { simulation, event, verdict->recorder, &hook->plain_call, MATCH_NO },
		.matcher = matcher, .hook = hook, .verdict = verdict,
	};

	verdict->failure_count = 0;
	verdict->answer = VERDICT_NO;
	run_begin(&walk.run, matcher);
	match_begin(&matcher->state, (struct match_image){ bytes, matcher->image_size }, (uint32_t)((const uint8_t *)abi - bytes), abi->program);
	ret = walk_through(&walk);
	if (ret && verdict->answer == VERDICT_NO)
		verdict->answer = VERDICT_YES;
	return ret;
}

/* ---- As it runs ---- */

static const struct ir_selector *find_selector(const struct ir_hook *hook, uint32_t index)
{
	for (size_t n = 0; n < hook->selectors.count; n++)
		if (hook->selectors.items[n].index == index)
			return &hook->selectors.items[n];
	return NULL;
}

static void find_accept(const struct simulation *simulation, uint32_t count, struct verdict *verdict)
{
	for (uint32_t n = 0; n < count; n++) {
		const struct abi_accept *accept =
			(const void *)(simulation->image->bytes + simulation->matcher->state.accepts[n]);

		if (accept->policy != verdict->policy || accept->hook_index != verdict->hook_index)
			continue;
		verdict->accept = accept;
		verdict->selector = find_selector(verdict->hook, accept->selector);
	}
}

static void decide_call(struct simulation *simulation, const struct event_sample *event, const struct simulated_hook *hook,
			struct verdict *verdict)
{
	struct run run = { simulation, event, verdict->recorder, &hook->call, MATCH_NO };

	run_begin(&run, simulation->matcher);
	simulation->matcher->trace = NULL;
	find_accept(simulation, match_native_run_id(simulation->matcher, hook->hook.id), verdict);
}

/* The accept's filters on the return, by the program of the return's hook. */
static enum verdict_return decide_return(struct simulation *simulation, const struct event_sample *event,
					 const struct simulated_side *side, const struct abi_accept *accept)
{
	struct run run = { simulation, event, NULL, side, MATCH_NO };
	struct match_native *matcher = simulation->matcher;

	run_begin(&run, matcher);
	matcher->trace = NULL;
	if (match_native_run_from(matcher, (uint32_t)((const uint8_t *)side->abi - side->image->bytes), accept->return_record - 1))
		return VERDICT_RETURN_YES;
	return matcher->state.errors ? VERDICT_RETURN_UNKNOWN : VERDICT_RETURN_NO;
}

/* ---- Events ---- */

/* The hook in whose order the event lists its arguments. */
static const struct ir_hook *find_recorder(const struct simulation *simulation, const struct event_sample *event,
					   const struct simulated_place *place, const struct simulated_hook *own)
{
	if (!event->policy)
		return own->ir;
	for (size_t n = 0; n < place->count; n++)
		if (!strcmp(simulation->policies[place->hooks[n]->policy].name.bytes, event->policy))
			return place->hooks[n]->ir;
	return NULL;
}

static bool is_placed(const struct event_sample *event, const struct ir_hook *recorder)
{
	return recorder || !event->argument_count || event->arguments[0].has_index;
}

static void decide(struct simulation *simulation, const struct event_sample *event, const struct simulated_place *place,
		   const struct simulated_hook *hook, struct verdict *verdict)
{
	const struct ir_selector *plain;

	verdict->policy = hook->policy;
	verdict->hook_index = hook->hook_index;
	verdict->name = hook->hook.name;
	verdict->ir = &simulation->policies[hook->policy];
	verdict->hook = hook->ir;
	verdict->recorder = find_recorder(simulation, event, place, hook);
	verdict->placed = is_placed(event, verdict->recorder);
	verdict->selector = NULL;
	verdict->accept = NULL;
	verdict->has_return = false;
	verdict->returned = VERDICT_RETURN_UNKNOWN;
	decide_call(simulation, event, hook, verdict);
	plain = decide_plain(simulation, event, hook, verdict);
	verdict->disagrees = plain != verdict->selector;
	simulation->disagreements += verdict->disagrees;
	if (!verdict->accept || !verdict->accept->return_record || !hook->returned.abi)
		return;
	verdict->has_return = true;
	verdict->returned = decide_return(simulation, event, &hook->returned, verdict->accept);
}

size_t simulate(struct simulation *simulation, const struct event_sample *event, verdict_each *each,
		void *context)
{
	const struct simulated_place *place = place_of(simulation, event);
	struct verdict verdict;

	for (size_t n = 0; n < place->count; n++) {
		decide(simulation, event, place, place->hooks[n], &verdict);
		each(context, &verdict);
	}
	return place->count;
}

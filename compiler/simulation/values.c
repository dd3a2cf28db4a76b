// SPDX-License-Identifier: Apache-2.0
/* values.c - what the matcher asks for, from an event; see run.h. */
#include "compiler/simulation/run.h"

#include <string.h>

#include "compiler/image/loads.h"
#include "compiler/workloads.h"

static const struct event_value absent_value = { .state = EVENT_ABSENT };

static bool is_named(const struct event_argument *value, const struct ir_argument *argument)
{
	const char *resolve = argument->resolve.bytes ? argument->resolve.bytes : "";

	return value->index == argument->index && (!value->resolve || !strcmp(value->resolve, resolve));
}

/* Events list values in the recorder's order. */
static const struct event_value *find_value(const struct event_argument *values, size_t count,
					    const struct ir_argument_list *recorded, const struct ir_argument *argument)
{
	for (size_t n = 0; n < count; n++) {
		const struct ir_argument *at = recorded && n < recorded->count ? &recorded->items[n] : NULL;

		if (values[n].has_index ? is_named(&values[n], argument) :
		    at && at->index == argument->index && (at == argument || ir_argument_alike(at, argument)))
			return &values[n].value;
	}
	return &absent_value;
}

const struct event_value *find_argument(const struct event_sample *event, const struct ir_hook *recorder,
					const struct ir_argument *argument)
{
	return find_value(event->arguments, event->argument_count, recorder ? &recorder->arguments : NULL, argument);
}

const struct event_value *find_data(const struct event_sample *event, const struct ir_hook *recorder,
				    const struct ir_argument *argument)
{
	return find_value(event->data, event->data_count, recorder ? &recorder->data : NULL, argument);
}

const struct event_value *find_subject(const struct event_sample *event, const struct ir_hook *recorder,
				       const struct ir_hook *hook, const struct ir_predicate *predicate)
{
	const struct ir_argument *argument = ir_predicate_argument(hook, predicate);

	if (!argument)
		return &absent_value;
	if (predicate->subject == IR_RETURN)
		return &event->returned;
	return predicate->subject == IR_DATA ? find_data(event, recorder, argument) : find_argument(event, recorder, argument);
}

/* ---- Values ---- */

static int put_bytes(struct match_state *state, __u32 slot, const struct event_value *value)
{
	static const enum match_cut cuts[] = {
		[EVENT_WHOLE] = MATCH_WHOLE, [EVENT_CUT_END] = MATCH_CUT_END, [EVENT_CUT_FRONT] = MATCH_CUT_FRONT,
	};
	int error = match_put_bytes(state, slot, value->bytes, value->length, cuts[value->cut]);

	if (!error && value->has_number)
		match_set_number(state, slot, value->number);
	return error;
}

/* A value of another kind than the slot's load is as good as absent. */
static int put_value(struct match_state *state, __u32 slot, uint8_t load, const struct event_value *value)
{
	const uint32_t gives = load_rows[load].gives;

	if (value->state == EVENT_NUMBER && match_load_is_integer(load))
		return match_put_value(state, slot, match_extend(load, value->number));
	if (value->state == EVENT_NUMBER && gives == GIVES_NUMBER)
		return match_put_value(state, slot, value->number);
	if (value->state == EVENT_SOCKET && gives & GIVES_SOCKET)
		return match_put_socket(state, slot, &value->socket);
	if (value->state == EVENT_BYTES && gives & GIVES_BYTES)
		return put_bytes(state, slot, value);
	if (value->state != EVENT_SOCKET && gives & GIVES_BYTES && value->has_number) {	/* a file without a path */
		match_set_state(state, slot, ABI_SLOT_FAULT);
		match_set_number(state, slot, value->number);
		return 0;
	}
	return -1;
}

/* ---- The process ---- */

static int put_fact(struct match_state *state, __u32 slot, const struct event_fact *fact)
{
	return fact->known ? match_put_value(state, slot, fact->number) : -1;
}

static int load_fact(const struct event_sample *event, struct match_state *state, __u32 slot, const struct abi_slot *abi)
{
	switch (abi->load) {
	case ABI_LOAD_PID:
		return put_fact(state, slot, &event->kin[0].pid);
	case ABI_LOAD_NAMESPACE_PID:
		return put_fact(state, slot, &event->kin[0].namespace_pid);
	case ABI_LOAD_NAMESPACE:
		return put_fact(state, slot, &event->namespaces[abi->index]);
	case ABI_LOAD_IN_HOST_NAMESPACE:
		return put_fact(state, slot, &event->in_host_namespace[abi->index]);
	case ABI_LOAD_NAMESPACE_CHANGES:
		return put_fact(state, slot, &event->namespace_changes);
	case ABI_LOAD_CAPABILITY_SET:
		return abi->index < 3 ? put_fact(state, slot, &event->capabilities[abi->index]) : -1;
	case ABI_LOAD_CAPABILITY_CHANGES:
		return abi->index < 3 ? put_fact(state, slot, &event->capability_changes[abi->index]) : -1;
	default:
		return -1;
	}
}

static int load_slot(void *context, struct match_state *state, __u32 slot)
{
	const struct run *run = context;
	const struct simulated_side *side = run->side;
	const struct abi_slot *abi = &side->abi->slots[slot];
	const struct ir_argument *argument = side->arguments[slot];
	const struct event_value *value;

	if (abi->source == ABI_SOURCE_TASK)
		return load_fact(run->event, state, slot, abi);
	if (!argument || abi->flags & ABI_SLOT_RETURN_COPY)	/* nobody knows it when the call is decided */
		return -1;
	if (abi->source == ABI_SOURCE_RETURN)
		value = &run->event->returned;
	else if (side->data >> slot & 1)
		value = find_data(run->event, run->recorder, argument);
	else
		value = find_argument(run->event, run->recorder, argument);
	return put_value(state, slot, abi->load, value);
}

/* What lies beyond those that the event lists. */
static enum match_kin_state kin_end(const struct event_sample *event)
{
	return event->kin_complete ? MATCH_KIN_NONE : MATCH_KIN_LOST;
}

static enum match_kin_state load_binary(void *context, struct match_state *state, __u32 level)
{
	const struct event_sample *event = ((const struct run *)context)->event;

	if (level >= event->kin_count)
		return kin_end(event);
	if (event->kin[level].binary.state != EVENT_BYTES || put_bytes(state, MATCH_SLOT_BINARY, &event->kin[level].binary))
		return MATCH_KIN_UNKNOWN;
	return MATCH_KIN_KNOWN;
}

static enum match_kin_state load_process_id(void *context, __u32 level, __u32 in_namespace, __u64 *ret)
{
	const struct event_sample *event = ((const struct run *)context)->event;
	const struct event_fact *fact;

	if (level >= event->kin_count)
		return kin_end(event);
	fact = in_namespace ? &event->kin[level].namespace_pid : &event->kin[level].pid;
	*ret = fact->number;
	return fact->known ? MATCH_KIN_KNOWN : MATCH_KIN_UNKNOWN;
}

/* ---- Scopes ---- */

/* An image of one policy numbers it 0. */
static enum match_answer ask_scope(void *context, __u64 number)
{
	const struct run *run = context;
	const struct image_scope scope = image_scope_at(run->side->image, (size_t)number);
	const struct ir_policy *policy = run->side->image == run->simulation->image ?
		&run->simulation->policies[scope.policy] : &run->simulation->policies[run->side->policy];
	const struct ir_hook *hook = &policy->hooks.items[scope.written];

	return workloads_hold(hook->selectors.items[scope.selector].predicates.items[scope.predicate].workloads,
			      &run->event->workload);
}

static void note_answer(void *context, __u32 record, __u32 op, enum match_answer answer)
{
	(void)record;
	(void)op;
	((struct run *)context)->answer = answer;
}

void run_begin(struct run *run, struct match_native *matcher)
{
	matcher->image = run->side->image->bytes;
	matcher->image_size = run->side->image->header->program_size;
	matcher->load = load_slot;
	matcher->binary = load_binary;
	matcher->process_id = load_process_id;
	matcher->scope = ask_scope;
	matcher->trace = note_answer;
	matcher->context = run;
}

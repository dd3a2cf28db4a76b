// SPDX-License-Identifier: Apache-2.0
/* simulate.c - runs match.h over an image with values from an event; see simulate.h. */
#include "compiler/simulate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bpf-templates/match.h"
#include "compiler/explain/explain.h"
#include "compiler/object/object.h"

/* One run of the matcher, for one policy's hook. */
struct run {
	const struct simulation *simulation;
	const struct event_sample *event;
	struct verdict *verdict;
	const struct abi_hook *abi;
	const struct ir_hook *recorder;	/* whose order the event's arguments have; NULL: nobody's */
	bool has_last;
	struct verdict_failure last;	/* filter of this policy's hook that was decided last */
};

int simulation_init(struct simulation *simulation, const struct image_view *image, char message[256])
{
	size_t count = image_policy_count(image);

	*simulation = (struct simulation){ .image = image };
	simulation->policies = arena_array(&simulation->arena, struct ir_policy, count);
	simulation->matcher = arena_new(&simulation->arena, struct match_native);
	for (size_t n = 0; n < count; n++) {
		struct image_policy policy = image_policy_at(image, n);
		int error = object_read(policy.object, policy.object_size, &simulation->arena,
					&simulation->policies[n], message);

		if (error) {
			simulation_release(simulation);
			return error;
		}
	}
	return 0;
}

void simulation_release(struct simulation *simulation)
{
	arena_release(&simulation->arena);
	*simulation = (struct simulation){ .image = NULL };
}

/* ---- Which hooks see an event ---- */

/* What architectures put before the names of system calls. */
static const char *without_prefix(const char *name)
{
	static const char *const prefixes[] = { "__x64_", "__arm64_", "__ia32_", "__s390x_", "__riscv_" };

	for (size_t n = 0; n < sizeof(prefixes) / sizeof(prefixes[0]); n++)
		if (!strncmp(name, prefixes[n], strlen(prefixes[n])))
			return name + strlen(prefixes[n]);
	return name;
}

static bool kind_sees(enum hook_kind kind, enum hook_kind event)
{
	return !strcmp(hook_rows[kind].event, hook_rows[event].event);
}

static bool hook_sees(const struct ir_hook *hook, const struct event_sample *event)
{
	const char *name = event->name, *watched = hook->name.bytes;

	if (!kind_sees(hook->kind, event->kind))
		return false;
	if (hook->subsystem.bytes && hook->subsystem.length && event->subsystem &&
	    strcmp(hook->subsystem.bytes, event->subsystem))
		return false;
	if (hook->syscall)
		return !strcmp(without_prefix(watched), without_prefix(name));
	return !strcmp(watched, name);
}

/* ---- Values ---- */

/* The hook in whose order the event lists its arguments. */
static const struct ir_hook *find_recorder(const struct simulation *simulation, const struct event_sample *event,
					   const struct ir_hook *own)
{
	if (!event->policy)
		return own;
	for (size_t p = 0; p < image_policy_count(simulation->image); p++) {
		const struct ir_policy *policy = &simulation->policies[p];

		if (strcmp(policy->name.bytes, event->policy))
			continue;
		for (size_t h = 0; h < policy->hooks.count; h++)
			if (hook_sees(&policy->hooks.items[h], event))
				return &policy->hooks.items[h];
	}
	return NULL;
}

/* Argument `index` of the function, as far as the event has it. */
static const struct event_value *find_value(const struct run *run, uint32_t index)
{
	static const struct event_value absent = { .state = EVENT_ABSENT };

	for (size_t n = 0; n < run->event->argument_count; n++) {
		const struct event_argument *argument = &run->event->arguments[n];

		if (argument->has_index ? argument->index == index :
		    run->recorder && n < run->recorder->arguments.count &&
		    run->recorder->arguments.items[n].index == index)
			return &argument->value;
	}
	return &absent;
}

static int put_bytes(struct match_state *state, __u32 slot, const struct event_value *value)
{
	static const enum match_cut cuts[] = {
		[EVENT_WHOLE] = MATCH_WHOLE, [EVENT_CUT_END] = MATCH_CUT_END, [EVENT_CUT_FRONT] = MATCH_CUT_FRONT,
	};

	return match_put_bytes(state, slot, value->bytes, value->length, cuts[value->cut]);
}

/* A value of another kind than the slot's load is as good as absent. */
static int put_value(struct match_state *state, __u32 slot, uint8_t load, const struct event_value *value)
{
	if (match_load_is_integer(load) && value->state == EVENT_NUMBER)
		return match_put_value(state, slot, match_extend(load, value->number));
	if (load == ABI_LOAD_SOCKADDR && value->state == EVENT_ADDRESS)
		return match_put_address(state, slot, value->family, value->family ? value->port : 0, value->address);
	if (load >= ABI_LOAD_STRING && load <= ABI_LOAD_BINPRM && value->state == EVENT_BYTES)
		return put_bytes(state, slot, value);
	return -1;
}

static int load_slot(void *context, struct match_state *state, __u32 slot)
{
	const struct run *run = context;
	const struct abi_slot *abi;

	if (slot == MATCH_SLOT_BINARY)
		return run->event->binary.state == EVENT_BYTES ? put_bytes(state, slot, &run->event->binary) : -1;
	abi = &run->abi->slots[slot];
	if (abi->load == ABI_LOAD_PID)
		return run->event->has_pid ? match_put_value(state, slot, run->event->pid) : -1;
	return put_value(state, slot, abi->load, find_value(run, abi->index));
}

/* ---- Why ---- */

static const struct ir_selector *find_selector(const struct ir_hook *hook, uint32_t index)
{
	for (size_t n = 0; n < hook->selectors.count; n++)
		if (hook->selectors.items[n].index == index)
			return &hook->selectors.items[n];
	return NULL;
}

static void add_failure(struct run *run)
{
	struct verdict *verdict = run->verdict;

	if (run->has_last && verdict->failure_count < VERDICT_FAILURES_MAX)
		verdict->failures[verdict->failure_count++] = run->last;
	run->has_last = false;
}

/* A selector failed at its last filter when another selector's filter comes next, or none at all. */
static void trace(void *context, __u32 record, __u32 op, enum match_answer answer)
{
	struct run *run = context;
	const struct ir_selector *selector;
	struct image_step step;

	(void)op;
	if (!image_step_of(run->simulation->image, run->abi, record, &step) ||
	    step.policy != run->verdict->policy || step.hook_index != run->verdict->hook_index)
		return;
	selector = find_selector(run->verdict->hook, step.selector);
	if (!selector || step.predicate >= selector->predicates.count)
		return;
	if (run->has_last && run->last.selector != step.selector)
		add_failure(run);
	run->last = (struct verdict_failure){ step.selector, &selector->predicates.items[step.predicate],
					      answer == MATCH_UNKNOWN };
	run->has_last = true;
}

static void find_accept(struct run *run, uint32_t count)
{
	struct verdict *verdict = run->verdict;

	for (uint32_t n = 0; n < count; n++) {
		const struct abi_accept *accept =
			(const void *)(run->simulation->image->bytes + run->simulation->matcher->state.accepts[n]);

		if (accept->policy != verdict->policy || accept->hook_index != verdict->hook_index)
			continue;
		verdict->accept = accept;
		verdict->selector = find_selector(verdict->hook, accept->selector);
	}
	if (run->has_last && !(verdict->selector && verdict->selector->index == run->last.selector))
		add_failure(run);
}

/* ---- Runs ---- */

static void decide(struct simulation *simulation, const struct event_sample *event, struct verdict *verdict)
{
	struct match_native *matcher = simulation->matcher;
	struct run run = {
		.simulation = simulation, .event = event, .verdict = verdict,
		.recorder = find_recorder(simulation, event, verdict->hook),
	};
	struct image_hook hook;

	if (!image_policy_hook(simulation->image, verdict->policy, verdict->hook_index, &hook))
		return;
	run.abi = hook.abi;
	verdict->placed = run.recorder || !event->argument_count || event->arguments[0].has_index;
	matcher->image = simulation->image->bytes;
	matcher->image_size = (uint32_t)simulation->image->size;
	matcher->load = load_slot;
	matcher->trace = trace;
	matcher->context = &run;
	find_accept(&run, match_native_run_id(matcher, hook.id));
}

size_t simulate(struct simulation *simulation, const struct event_sample *event, verdict_each *each,
		void *context)
{
	size_t count = 0;

	for (uint32_t p = 0; p < image_policy_count(simulation->image); p++)
		for (uint32_t h = 0; h < simulation->policies[p].hooks.count; h++) {
			const struct ir_hook *hook = &simulation->policies[p].hooks.items[h];
			struct verdict verdict = { .policy = p, .hook_index = h, .ir = &simulation->policies[p],
						   .hook = hook };

			if (!hook_sees(hook, event))
				continue;
			decide(simulation, event, &verdict);
			each(context, &verdict);
			count++;
		}
	return count;
}

/* ---- Words ---- */

static void add_address(const struct event_value *value, struct buffer *ret)
{
	char text[INET6_ADDRSTRLEN];

	if (!value->family || !inet_ntop(value->family, value->address, text, sizeof(text)))
		buffer_add_text(ret, "neither IPv4 nor IPv6");
	else
		buffer_format(ret, value->family == MATCH_AF_INET ? "%s:%u" : "[%s]:%u", text, value->port);
}

static void add_bytes(const struct event_value *value, struct buffer *ret)
{
	enum { SHOWN = 200 };
	size_t length = value->length < SHOWN ? value->length : SHOWN;

	if (value->cut == EVENT_CUT_FRONT)
		buffer_add_text(ret, "...");
	if (!value->length)
		buffer_add_text(ret, "empty");
	for (size_t n = 0; n < length; n++) {
		unsigned char c = (unsigned char)value->bytes[n];

		if (c < ' ' || c == 127)
			buffer_format(ret, "\\x%02x", c);
		else
			buffer_add_char(ret, (char)c);
	}
	if (length < value->length || value->cut == EVENT_CUT_END)
		buffer_add_text(ret, "...");
	if (value->cut != EVENT_WHOLE || value->length >= ABI_STRING_MAX)
		buffer_add_text(ret, " (cut)");
}

static void add_value(const struct event_value *value, bool is_signed, struct buffer *ret)
{
	switch (value->state) {
	case EVENT_ABSENT:
		buffer_add_text(ret, "not in the event");
		break;
	case EVENT_FAULT:
		buffer_add_text(ret, "unreadable");
		break;
	case EVENT_NUMBER:
		if (is_signed)
			buffer_format(ret, "%" PRId64, (int64_t)value->number);
		else
			buffer_format(ret, "%" PRIu64, value->number);
		break;
	case EVENT_BYTES:
		add_bytes(value, ret);
		break;
	case EVENT_ADDRESS:
		add_address(value, ret);
		break;
	}
}

void verdict_describe_value(const struct simulation *simulation, const struct event_sample *event,
			    const struct verdict *verdict, const struct ir_predicate *predicate,
			    struct buffer *ret)
{
	struct run run = { .event = event, .recorder = find_recorder(simulation, event, verdict->hook) };
	const struct event_value pid = { .state = event->has_pid ? EVENT_NUMBER : EVENT_ABSENT,
					 .number = event->pid };
	const struct ir_argument *argument;

	if (predicate->subject == IR_BINARY) {
		add_value(&event->binary, false, ret);
	} else if (predicate->subject == IR_PID) {
		add_value(&pid, false, ret);
	} else {
		argument = &verdict->hook->arguments.items[predicate->position];
		add_value(find_value(&run, argument->index), ir_load_is_signed(argument->load), ret);
	}
}

void verdict_describe_failure(const struct simulation *simulation, const struct event_sample *event,
			      const struct verdict *verdict, const struct verdict_failure *failure,
			      struct buffer *ret)
{
	explain_predicate(verdict->hook, failure->predicate, ret);
	buffer_add_text(ret, failure->unknown ? ": not known, it is " : ": it is ");
	verdict_describe_value(simulation, event, verdict, failure->predicate, ret);
}

// SPDX-License-Identifier: Apache-2.0
/* simulate.c - runs match.h over an image with values from an event; see simulate.h. */
#include "compiler/simulate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <string.h>

#include "bpf-templates/match.h"
#include "compiler/explain/explain.h"
#include "compiler/image/loads.h"
#include "compiler/object/object.h"
#include "compiler/workloads.h"

/* One run of the matcher, for one policy's hook. */
struct run {
	const struct simulation *simulation;
	const struct event_sample *event;
	struct verdict *verdict;
	const struct abi_hook *abi;
	const struct ir_argument *arguments[ABI_SLOTS_MAX];	/* by slot: which one it reads; NULL: none of this policy */
	bool is_data[ABI_SLOTS_MAX];
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

/* Functions of the target that a pattern names; it is a regular expression, found anywhere in the name. */
static bool pattern_matches(const char *pattern, const char *name)
{
	regex_t expression;
	bool found;

	if (regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB))
		return false;
	found = !regexec(&expression, name, 0, NULL, 0);
	regfree(&expression);
	return found;
}

static bool name_sees(const struct image_hook *hook, const char *name)
{
	if (hook->generated && hook->syscall)
		return !strncmp(without_prefix(name), "sys_", strlen("sys_"));
	if (hook->generated)
		return pattern_matches(hook->name, name);
	if (hook->syscall)
		return !strcmp(without_prefix(hook->name), without_prefix(name));
	return !strcmp(hook->name, name);
}

static bool hook_sees(const struct image_hook *hook, const struct event_sample *event)
{
	if (!kind_sees(hook->kind, event->kind))
		return false;
	if (hook->subsystem && event->subsystem && strcmp(hook->subsystem, event->subsystem))
		return false;
	return name_sees(hook, event->name);
}

/* ---- Values ---- */

/* The hook in whose order the event lists its arguments. */
static const struct ir_hook *find_recorder(const struct simulation *simulation, const struct event_sample *event,
					   const struct ir_hook *own)
{
	if (!event->policy)
		return own;
	for (uint32_t p = 0; p < image_policy_count(simulation->image); p++) {
		const struct ir_policy *policy = &simulation->policies[p];
		struct image_hook hook;
		uint32_t written;

		if (strcmp(policy->name.bytes, event->policy))
			continue;
		for (uint32_t h = 0; image_policy_hook(simulation->image, p, h, &hook, &written); h++)
			if (hook_sees(&hook, event))
				return &policy->hooks.items[written];
	}
	return NULL;
}

static const struct event_value absent_value = { .state = EVENT_ABSENT };

/* What the hook's list holds at a position, as far as the event has it: events list values in the recorder's order. */
static const struct event_value *find_value(const struct run *run, const struct event_argument *values, size_t count,
					    const struct ir_argument_list *recorded, const struct ir_argument *argument)
{
	for (size_t n = 0; n < count; n++) {
		const struct ir_argument *at = recorded && n < recorded->count ? &recorded->items[n] : NULL;

		if (values[n].has_index ? values[n].index == argument->index :
		    at && at->index == argument->index && ir_argument_alike(at, argument))
			return &values[n].value;
	}
	(void)run;
	return &absent_value;
}

static const struct event_value *find_argument(const struct run *run, const struct ir_argument *argument)
{
	return find_value(run, run->event->arguments, run->event->argument_count,
			  run->recorder ? &run->recorder->arguments : NULL, argument);
}

static const struct event_value *find_data(const struct run *run, const struct ir_argument *argument)
{
	return find_value(run, run->event->data, run->event->data_count, run->recorder ? &run->recorder->data : NULL, argument);
}

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
	if (value->state == EVENT_FAULT && gives & GIVES_BYTES && value->has_number) {	/* a file without a path */
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

static int load_fact(const struct run *run, struct match_state *state, __u32 slot, const struct abi_slot *abi)
{
	const struct event_sample *event = run->event;

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
	const struct abi_slot *abi = &run->abi->slots[slot];
	const struct ir_argument *argument;

	if (abi->source == ABI_SOURCE_TASK)
		return load_fact(run, state, slot, abi);
	argument = run->arguments[slot];
	if (!argument)
		return -1;
	if (abi->source == ABI_SOURCE_RETURN)
		return put_value(state, slot, abi->load, &run->event->returned);
	return put_value(state, slot, abi->load, run->is_data[slot] ? find_data(run, argument) : find_argument(run, argument));
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

static enum match_answer ask_scope(void *context, __u64 number)
{
	const struct run *run = context;
	const struct image_scope scope = image_scope_at(run->simulation->image, (size_t)number);
	const struct ir_hook *hook = &run->simulation->policies[scope.policy].hooks.items[scope.written];

	return workloads_hold(hook->selectors.items[scope.selector].predicates.items[scope.predicate].workloads,
			      &run->event->workload);
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

/* Which argument of the policy is in which slot: what other policies read of the hook does not matter here. */
static void place_arguments(struct run *run, uint32_t hook_index)
{
	const struct ir_hook *hook = run->verdict->hook;
	struct image_report_storage storage;
	struct image_report report;

	if (!image_report_of(run->simulation->image, run->verdict->policy, hook_index, &storage, &report))
		return;
	for (size_t n = 0; n < report.argument_count && n < hook->arguments.count + hook->data.count; n++) {
		const bool is_data = n >= hook->arguments.count;

		run->arguments[report.arguments[n].slot] = is_data ? &hook->data.items[n - hook->arguments.count] :
								     &hook->arguments.items[n];
		run->is_data[report.arguments[n].slot] = is_data;
	}
}

static void start(struct run *run, struct match_native *matcher)
{
	matcher->image = run->simulation->image->bytes;
	matcher->image_size = run->simulation->image->header->program_size;
	matcher->load = load_slot;
	matcher->binary = load_binary;
	matcher->process_id = load_process_id;
	matcher->scope = ask_scope;
	matcher->context = run;
}

/* The accept's filters on the return, by the program of the return's hook. */
static void decide_return(struct simulation *simulation, struct run *run)
{
	const struct ir_hook *hook = run->verdict->hook;
	struct match_native *matcher = simulation->matcher;
	const struct abi_accept *accept = run->verdict->accept;
	struct image_hook other;

	if (!accept || !accept->return_record || !image_hook_by_id(simulation->image, run->abi->pair, &other))
		return;
	run->verdict->has_return = true;
	memset(run->arguments, 0, sizeof(run->arguments));
	for (uint32_t n = 0; n < other.abi->slot_count; n++)
		run->arguments[n] = hook->return_argument;
	run->abi = other.abi;
	matcher->trace = NULL;
	if (match_native_run_from(matcher, (uint32_t)((const uint8_t *)other.abi - simulation->image->bytes),
				  accept->return_record - 1))
		run->verdict->returned = VERDICT_RETURN_YES;
	else
		run->verdict->returned = matcher->state.errors ? VERDICT_RETURN_UNKNOWN : VERDICT_RETURN_NO;
}

static void decide(struct simulation *simulation, const struct event_sample *event, const struct image_hook *hook,
		   struct verdict *verdict)
{
	struct match_native *matcher = simulation->matcher;
	struct run run = {
		.simulation = simulation, .event = event, .verdict = verdict, .abi = hook->abi,
		.recorder = find_recorder(simulation, event, verdict->hook),
	};

	place_arguments(&run, verdict->hook_index);
	verdict->placed = run.recorder || !event->argument_count || event->arguments[0].has_index;
	start(&run, matcher);
	matcher->trace = trace;
	find_accept(&run, match_native_run_id(matcher, hook->id));
	decide_return(simulation, &run);
}

size_t simulate(struct simulation *simulation, const struct event_sample *event, verdict_each *each,
		void *context)
{
	size_t count = 0;

	for (uint32_t p = 0; p < image_policy_count(simulation->image); p++) {
		struct image_hook hook;
		uint32_t written;

		for (uint32_t h = 0; image_policy_hook(simulation->image, p, h, &hook, &written); h++) {
			struct verdict verdict = { .policy = p, .hook_index = h, .name = hook.name,
						   .ir = &simulation->policies[p],
						   .hook = &simulation->policies[p].hooks.items[written] };

			if (!hook_sees(&hook, event))
				continue;
			decide(simulation, event, &hook, &verdict);
			each(context, &verdict);
			count++;
		}
	}
	return count;
}

/* ---- Words ---- */

static void add_address(const struct abi_socket *socket, enum abi_part address, enum abi_part port, struct buffer *ret)
{
	int family = (int)socket->parts[ABI_PART_FAMILY];
	char text[INET6_ADDRSTRLEN];

	if (!(socket->known >> ABI_PART_FAMILY & socket->known >> address & 1) ||
	    !inet_ntop(family, &socket->parts[address], text, sizeof(text)))
		buffer_add_text(ret, "neither IPv4 nor IPv6");
	else
		buffer_format(ret, family == AF_INET ? "%s" : "[%s]", text);
	if (socket->known >> port & 1)
		buffer_format(ret, ":%" PRIu64, (uint64_t)socket->parts[port]);
}

/* What the facet is of it. */
static void add_socket(const struct abi_socket *socket, enum ir_facet facet, struct buffer *ret)
{
	static const uint8_t parts[IR_FACET_COUNT] = {
		[IR_PROTOCOL] = ABI_PART_PROTOCOL, [IR_FAMILY] = ABI_PART_FAMILY, [IR_STATE] = ABI_PART_STATE,
	};

	switch (facet) {
	case IR_PROTOCOL:
	case IR_FAMILY:
	case IR_STATE:
		if (socket->known >> parts[facet] & 1)
			buffer_format(ret, "%" PRIu64, (uint64_t)socket->parts[parts[facet]]);
		else
			buffer_add_text(ret, "not in the event");
		break;
	case IR_DESTINATION:
	case IR_DESTINATION_PORT:
		add_address(socket, ABI_PART_DESTINATION, ABI_PART_DESTINATION_PORT, ret);
		break;
	default:
		add_address(socket, ABI_PART_SOURCE, ABI_PART_SOURCE_PORT, ret);
		break;
	}
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

static void add_number(const struct event_fact *fact, struct buffer *ret)
{
	if (fact->known)
		buffer_format(ret, "%" PRIu64, fact->number);
	else
		buffer_add_text(ret, "not in the event");
}

static void add_value(const struct event_value *value, const struct ir_predicate *predicate, bool is_signed,
		      struct buffer *ret)
{
	if (value->has_number && predicate->facet == IR_FILE_TYPE) {
		buffer_format(ret, "mode 0%" PRIo64, value->number);
		return;
	}
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
	case EVENT_SOCKET:
		add_socket(&value->socket, predicate->facet, ret);
		break;
	}
}

static void describe_argument(const struct run *run, const struct ir_hook *hook, const struct ir_predicate *predicate,
			      struct buffer *ret)
{
	const struct ir_argument *argument = ir_predicate_argument(hook, predicate);
	const struct event_value *value = predicate->subject == IR_RETURN ? &run->event->returned :
		predicate->subject == IR_DATA ? find_data(run, argument) : find_argument(run, argument);

	add_value(value, predicate, ir_predicate_domain(hook, predicate).is_signed, ret);
}

static void describe_kin(const struct event_sample *event, const struct ir_predicate *predicate, struct buffer *ret)
{
	size_t first = predicate->subject == IR_PARENT, end = predicate->follows ? event->kin_count : first + 1;

	if (first >= event->kin_count)
		buffer_add_text(ret, "not in the event");
	for (size_t n = first; n < end && n < event->kin_count; n++) {
		const struct event_kin *kin = &event->kin[n];

		buffer_add_text(ret, n > first ? ", " : "");
		if (predicate->subject == IR_PID)
			add_number(predicate->in_namespace ? &kin->namespace_pid : &kin->pid, ret);
		else
			add_value(&kin->binary, predicate, false, ret);
	}
	if (predicate->follows && !event->kin_complete)
		buffer_add_text(ret, ", and its other ancestors are not in the event");
}

static void add_set(const struct event_fact *fact, struct buffer *ret)
{
	if (fact->known)
		buffer_format(ret, "0x%" PRIx64, fact->number);
	else
		buffer_add_text(ret, "not in the event");
}

void verdict_describe_value(const struct simulation *simulation, const struct event_sample *event,
			    const struct verdict *verdict, const struct ir_predicate *predicate,
			    struct buffer *ret)
{
	struct run run = { .event = event, .recorder = find_recorder(simulation, event, verdict->hook) };

	switch (predicate->subject) {
	case IR_ARGUMENT:
	case IR_DATA:
	case IR_RETURN:
		describe_argument(&run, verdict->hook, predicate, ret);
		break;
	case IR_PID:
	case IR_BINARY:
	case IR_PARENT:
		describe_kin(event, predicate, ret);
		break;
	case IR_NAMESPACE:
		add_number(&event->namespaces[predicate->position], ret);
		if (event->in_host_namespace[predicate->position].known)
			buffer_add_text(ret, event->in_host_namespace[predicate->position].number ? " (the host's)" :
												 " (not the host's)");
		break;
	case IR_NAMESPACE_CHANGES:
		add_set(&event->namespace_changes, ret);
		break;
	case IR_CAPABILITIES:
		add_set(&event->capabilities[predicate->position], ret);
		break;
	case IR_CAPABILITY_CHANGES:
		add_set(&event->capability_changes[predicate->position], ret);
		break;
	default:
		buffer_add_text(ret, "so for this event");
		break;
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

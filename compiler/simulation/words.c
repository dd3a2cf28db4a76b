// SPDX-License-Identifier: Apache-2.0
/* words.c - verdicts for people: the values that filters saw; see simulate.h. */
#include "compiler/simulate.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <sys/socket.h>

#include "compiler/explain/explain.h"
#include "compiler/simulation/run.h"

const char *const verdict_answer_names[] = {
	[VERDICT_NO] = "not matched", [VERDICT_YES] = "matched", [VERDICT_UNKNOWN] = "unknown",
};
const char *const verdict_return_names[] = {
	[VERDICT_RETURN_UNKNOWN] = "unknown", [VERDICT_RETURN_NO] = "not matched", [VERDICT_RETURN_YES] = "matched",
};

static bool is_known(const struct abi_socket *socket, enum abi_part part)
{
	return socket->known >> part & 1;
}

/* Whether the address could be written. */
static bool add_host(const struct abi_socket *socket, enum abi_part address, struct buffer *ret)
{
	const int family = (int)socket->parts[ABI_PART_FAMILY];
	char text[INET6_ADDRSTRLEN];

	if (!is_known(socket, ABI_PART_FAMILY) || !is_known(socket, address) ||
	    !inet_ntop(family, &socket->parts[address], text, sizeof(text)))
		return false;
	buffer_format(ret, family == AF_INET ? "%s" : "[%s]", text);
	return true;
}

static bool is_internet(const struct abi_socket *socket)
{
	return socket->parts[ABI_PART_FAMILY] == AF_INET || socket->parts[ABI_PART_FAMILY] == AF_INET6;
}

/* "10.0.0.1:443"; of what was asked for: that it is not there. */
static void add_address(const struct abi_socket *socket, enum abi_part address, enum abi_part port, bool of_port,
			struct buffer *ret)
{
	if (is_known(socket, ABI_PART_FAMILY) && !is_internet(socket) && !(of_port && is_known(socket, port))) {
		buffer_add_text(ret, "neither IPv4 nor IPv6");
		return;
	}
	if (!is_known(socket, of_port ? port : address)) {
		buffer_add_text(ret, "not in the event");
		return;
	}
	if (!add_host(socket, address, ret))
		buffer_format(ret, "port %" PRIu64, (uint64_t)socket->parts[port]);
	else if (is_known(socket, port))
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
		if (is_known(socket, (enum abi_part)parts[facet]))
			buffer_format(ret, "%" PRIu64, (uint64_t)socket->parts[parts[facet]]);
		else
			buffer_add_text(ret, "not in the event");
		break;
	case IR_DESTINATION:
	case IR_DESTINATION_PORT:
		add_address(socket, ABI_PART_DESTINATION, ABI_PART_DESTINATION_PORT, facet == IR_DESTINATION_PORT, ret);
		break;
	default:
		add_address(socket, ABI_PART_SOURCE, ABI_PART_SOURCE_PORT, facet == IR_PORT, ret);
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

static void describe_argument(const struct event_sample *event, const struct verdict *verdict,
			      const struct ir_predicate *predicate, struct buffer *ret)
{
	add_value(find_subject(event, verdict->recorder, verdict->hook, predicate), predicate,
		  ir_predicate_domain(verdict->hook, predicate).is_signed, ret);
}

/* ---- Several values ---- */

/* Bit per position that was described. */
struct described { const struct event_sample *event; const struct verdict *verdict; uint64_t positions; struct buffer *ret; };

static void describe_position(struct described *described, uint32_t position)
{
	const struct ir_hook *hook = described->verdict->hook;
	const struct ir_predicate predicate = { .subject = IR_ARGUMENT, .position = position };

	if (position >= hook->arguments.count || position > 63 || described->positions >> position & 1)
		return;
	buffer_add_text(described->ret, described->positions ? ", " : "");
	described->positions |= 1ULL << position;
	explain_argument(&hook->arguments.items[position], described->ret);
	buffer_add_text(described->ret, ": ");
	describe_argument(described->event, described->verdict, &predicate, described->ret);
}

static void describe_condition(struct described *described, const struct ir_condition *condition)
{
	for (size_t n = 0; n < condition->count; n++)
		describe_condition(described, &condition->parts[n]);
	for (size_t n = 0; n < condition->word_count; n++)
		if (condition->words[n].op == IR_WORD_ARGUMENT)
			describe_position(described, (uint32_t)condition->words[n].number);
	if (condition->predicate)
		describe_position(described, condition->predicate->position);
}

/* The arguments that the filter takes, in the order in which it names them. */
static void describe_several(const struct event_sample *event, const struct verdict *verdict,
			     const struct ir_predicate *predicate, struct buffer *ret)
{
	struct described described = { event, verdict, 0, ret };

	if (predicate->test == IR_GAINED) {
		describe_position(&described, predicate->position);
		describe_position(&described, predicate->other);
	} else {
		describe_condition(&described, predicate->condition);
	}
	if (!described.positions)
		buffer_add_text(ret, "so for every event");
}

/* ---- The process ---- */

static void add_said(const char *what, const char *value, struct buffer *ret)
{
	buffer_format(ret, ", %s %s", what, value ? value : "not in the event");
}

static void describe_workload(const struct event_workload *workload, struct buffer *ret)
{
	if (workload->place != EVENT_PLACE_POD) {
		buffer_add_text(ret, workload->place == EVENT_PLACE_HOST ? "on the host" : "not in the event");
		return;
	}
	buffer_add_text(ret, "in a pod");
	add_said("namespace", workload->pod_namespace, ret);
	add_said("container", workload->container_name, ret);
	add_said("repository", workload->container_repository, ret);
	buffer_add_text(ret, workload->labels_known ? ", labels" : ", labels not in the event");
	for (size_t n = 0; n < workload->label_count; n++)
		buffer_format(ret, " %s=%s", workload->labels[n].key, workload->labels[n].value);
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
	(void)simulation;
	if (predicate->test == IR_HOLDS || predicate->test == IR_GAINED) {
		describe_several(event, verdict, predicate, ret);
		return;
	}
	switch (predicate->subject) {
	case IR_ARGUMENT:
	case IR_DATA:
	case IR_RETURN:
		describe_argument(event, verdict, predicate, ret);
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
	case IR_WORKLOADS:
		describe_workload(&event->workload, ret);
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

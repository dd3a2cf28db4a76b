// SPDX-License-Identifier: Apache-2.0
/*
 * missing.c - why a filter was unknown: for something that the event does not carry, or for something that the kernel could not
 * know either; see run.h.
 */
#include "compiler/simulation/run.h"

#include <sys/socket.h>

/* Of another family there is neither address nor port. */
static bool has_no_part(const struct abi_socket *socket, enum ir_facet facet)
{
	const bool known = socket->known >> ABI_PART_FAMILY & 1;
	const uint64_t family = socket->parts[ABI_PART_FAMILY];

	return known && family != AF_INET && family != AF_INET6 && facet >= IR_ADDRESS && facet <= IR_DESTINATION_PORT;
}

static bool value_is_missing(const struct event_value *value, enum ir_facet facet)
{
	switch (value->state) {
	case EVENT_FAULT:
		return facet == IR_FILE_TYPE;
	case EVENT_SOCKET:
		return !has_no_part(&value->socket, facet);
	case EVENT_BYTES:	/* the kernel reads no more either */
		return facet == IR_FILE_TYPE || value->length < ABI_STRING_MAX - 1;
	default:
		return true;
	}
}

static bool argument_is_missing(const struct event_sample *event, const struct ir_hook *recorder, const struct ir_hook *hook,
				uint32_t position, enum ir_facet facet)
{
	return position >= hook->arguments.count ||
	       value_is_missing(find_argument(event, recorder, &hook->arguments.items[position]), facet);
}

static bool is_lacking(const struct event_value *value)
{
	return value->state != EVENT_NUMBER && value->state != EVENT_FAULT;
}

/* Whether the event lacks some argument of the condition; all of them are integers. */
static bool condition_lacks(const struct event_sample *event, const struct ir_hook *recorder, const struct ir_hook *hook,
			    const struct ir_condition *condition)
{
	for (size_t n = 0; n < condition->count; n++)
		if (condition_lacks(event, recorder, hook, &condition->parts[n]))
			return true;
	for (size_t n = 0; n < condition->word_count; n++)
		if (condition->words[n].op == IR_WORD_ARGUMENT &&
		    is_lacking(find_argument(event, recorder, &hook->arguments.items[condition->words[n].number])))
			return true;
	return condition->predicate && is_lacking(find_subject(event, recorder, hook, condition->predicate));
}

bool is_missing(const struct event_sample *event, const struct ir_hook *recorder, const struct ir_hook *hook,
		const struct ir_predicate *predicate)
{
	if (predicate->test == IR_HOLDS)
		return condition_lacks(event, recorder, hook, predicate->condition);
	if (predicate->test == IR_GAINED)
		return argument_is_missing(event, recorder, hook, predicate->position, IR_VALUE) &&
		       argument_is_missing(event, recorder, hook, predicate->other, IR_VALUE);
	if (predicate->subject == IR_ARGUMENT || predicate->subject == IR_DATA || predicate->subject == IR_RETURN)
		return value_is_missing(find_subject(event, recorder, hook, predicate), predicate->facet);
	return true;
}

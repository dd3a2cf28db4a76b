// SPDX-License-Identifier: Apache-2.0
/* events_lines.c - which events are written, and their lines on the way to the writer; see events_reader.h. */
#include "runtime/events_reader.h"

#include <errno.h>
#include <string.h>

#include "runtime/event_filter.h"
#include "runtime/requests.h"
#include "runtime/workloads.h"

static struct filter_facts facts_of(const struct reader *reader, const struct event *event)
{
	const struct event_who who = event_process(event);
	const struct abi_process *process = event->process ? &event->process->process :
		process_cache_find(reader->context.processes, who.pid, who.start_time);
	struct filter_facts facts = {
		.type = event_type(&reader->context, event), .policy = event_policy(&reader->context, event), .pid = who.pid,
	};

	if (process) {
		facts.binary = process_path(process).bytes;
		facts.binary_length = process_path(process).length;
	}
	return facts;
}

static bool is_wanted(const struct reader *reader, const struct event *event)
{
	const struct filter_facts facts = facts_of(reader, event);

	return !reader->options->filter || event_filter_accepts(reader->options->filter, &facts);
}

bool reader_is_done(const struct reader *reader)
{
	return reader->failed || *reader->options->stop ||
	       (reader->options->count && reader->written >= reader->options->count);
}

/* Filters of fields are asked about the line that the event would be in JSON. */
static bool asks_for_fields(const struct reader *reader)
{
	return reader->options->filter && event_filter_asks_line(reader->options->filter);
}

static void add_json(struct reader *reader, const struct event *event, const struct event *returned)
{
	const size_t start = reader->lines.length;

	event_json(&reader->context, event, returned, &reader->lines);
	if (asks_for_fields(reader) && !event_filter_accepts_line(reader->options->filter, reader->lines.bytes + start))
		reader->lines.length = start;
	else
		reader->written++;
}

static void add_compact(struct reader *reader, const struct event *event, const struct event *returned)
{
	reader->json.length = 0;
	if (asks_for_fields(reader)) {
		event_json(&reader->context, event, returned, &reader->json);
		if (!event_filter_accepts_line(reader->options->filter, reader->json.bytes))
			return;
	}
	event_compact(&reader->context, event, returned, &reader->lines);
	reader->written++;
}

static void look_up_pod(struct reader *reader, const char *cgroups, struct process_container *container)
{
	struct arena arena = { 0 };
	struct workload workload;

	if (!event_pods_find(&reader->pods, cgroups, &arena, &workload)) {
		event_pod_write(&workload, &container->pod);
		if (workload.namespace && *workload.namespace && workload.pod)
			buffer_format(&container->name, "%s/%s", workload.namespace, workload.pod);
		else if (workload.name)
			buffer_add_text(&container->name, workload.name);
	}
	arena_release(&arena);
}

/* Once for each process that an event is written of, if it still runs then. */
static void look_up_container(struct reader *reader, const struct abi_process *process)
{
	struct process_container *container = process ?
		process_cache_container(reader->context.processes, process->pid, process->start_time) : NULL;

	char cgroups[16384];

	if (!container || container->is_looked_up)
		return;
	container->is_looked_up = true;
	container_cgroups_read(process->pid, process->start_time, cgroups, sizeof(cgroups));
	container_id_find(cgroups, container->id);
	if (*cgroups)
		look_up_pod(reader, cgroups, container);
}

static void look_up_containers_of(struct reader *reader, const struct event *event, struct event_who who)
{
	struct process_cache *cache = reader->context.processes;
	const struct abi_process *process = event->process ? &event->process->process :
		process_cache_find(cache, who.pid, who.start_time);

	look_up_container(reader, process);
	if (process)
		look_up_container(reader, process_cache_find(cache, process->parent_pid, process->parent_start_time));
}

static void look_up_containers(struct reader *reader, const struct event *event)
{
	look_up_containers_of(reader, event, event_process(event));
	if (event_has_owner(event))
		look_up_containers_of(reader, event, event_caller(event));
}

/* What the event's selector asks of the network; of the return, what that one's does. */
static void make_requests(struct reader *reader, const struct event *event, bool on_return)
{
	const struct image_view *image = reader->context.image;

	for (size_t n = 0; n < image_request_count(image); n++) {
		const struct image_request request = image_request_at(image, n);

		if (request.policy == event->hook->policy && request.hook_index == event->hook->hook_index &&
		    request.selector == event->hook->selector && request.on_return == on_return)
			requests_ask(reader->requests, request.action, request.text);
	}
}

/* For events that are written, by the reader that writes them. */
static void make_all_requests(struct reader *reader, const struct event *event, const struct event *returned)
{
	if (!reader->requests || !event->hook)
		return;
	make_requests(reader, event, false);
	if (returned)
		make_requests(reader, returned, true);
}

void reader_write_event(struct reader *reader, const struct event *event, const struct event *returned)
{
	const uint64_t before = reader->written;

	if (reader_is_done(reader) || !is_wanted(reader, event))
		return;
	look_up_containers(reader, event);
	if (reader->options->format == EVENTS_JSON)
		add_json(reader, event, returned);
	else
		add_compact(reader, event, returned);
	if (reader->written != before)
		make_all_requests(reader, event, returned);
}

/* Indented ones (stack traces) belong to the one before. */
static uint64_t count_lines(const char *at, size_t length)
{
	const char *const end = at + length, *newline;
	uint64_t count = 0;

	for (; at < end && (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1)
		count += *at != ' ';
	return count;
}

/* How many of the lines, from the last on, the writer had no room for; when it fails for good, nobody is told any more. */
static uint64_t write_lines(struct reader *reader, const struct buffer *lines)
{
	size_t taken = 0;
	int error;

	if (!lines->length || reader->failed)
		return 0;
	error = reader->options->write(reader->options->context, lines->bytes, lines->length, &taken);
	if (error != -ENOSPC && error != -EDQUOT)
		reader->failed = error;
	return error ? count_lines(lines->bytes + taken, lines->length - taken) : 0;
}

/* A line of its own, so that what is said of a loss is not lost itself. */
static void write_loss(struct reader *reader, enum loss_reason reason, uint64_t now)
{
	struct buffer line = { 0 };
	struct loss loss = reader->losses.pending[reason];

	if (loss_is_empty(&loss)) {
		reader->losses.pending[reason].since = now;
		return;
	}
	if (reader->options->format == EVENTS_JSON)
		event_lost_json(&reader->context, reason, &loss, now, &line);
	else
		event_lost_compact(&reader->context, reason, &loss, now, &line);
	if (!write_lines(reader, &line))
		reader->losses.pending[reason] = (struct loss){ .since = now };
	buffer_release(&line);
}

void reader_flush(struct reader *reader)
{
	struct loss *full = &reader->losses.pending[LOSS_OUTPUT_FULL];
	uint64_t dropped;

	if (!reader->lines.length)
		return;
	if (!loss_is_empty(full))
		write_loss(reader, LOSS_OUTPUT_FULL, reader_clock_ns(CLOCK_BOOTTIME));
	dropped = loss_is_empty(full) ? write_lines(reader, &reader->lines) : count_lines(reader->lines.bytes, reader->lines.length);
	if (dropped && loss_is_empty(full))
		full->since = reader_clock_ns(CLOCK_BOOTTIME);
	full->events += dropped;
	reader->lines.length = 0;
}

void reader_report_requests(struct reader *reader, uint64_t now)
{
	struct requests_told told;

	if (!reader->requests || !requests_tell(reader->requests, &told))
		return;
	if (reader->options->format == EVENTS_JSON)
		event_requests_json(&reader->context, &told, now, &reader->lines);
	else
		event_requests_compact(&reader->context, &told, now, &reader->lines);
	reader_flush(reader);
}

void reader_report_lost(struct reader *reader, uint64_t now)
{
	reader_flush(reader);
	for (int reason = 0; reason < LOSS_COUNT; reason++)
		write_loss(reader, reason, now);
}

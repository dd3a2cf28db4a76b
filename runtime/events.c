// SPDX-License-Identifier: Apache-2.0
/* events.c - from the pinned ring buffer to lines of text; see events.h. */
#include "runtime/events.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/area.h"
#include "runtime/counters.h"
#include "runtime/calls.h"
#include "runtime/event_json.h"

enum { GENERATIONS_KEPT = 8, POLL_MS = 100 };

/* The image of one generation: names and labels of events that it decided. */
struct generation {
	uint64_t number;	/* 0: free */
	void *bytes;
	struct image_view view;
};

struct reader {
	const struct events_options *options;
	struct pins pins;
	struct area area;
	int lock, events, processes;
	struct counters counters;
	struct ring_buffer *ring;
	struct event_context context;
	struct calls *calls;
	struct generation generations[GENERATIONS_KEPT];
	unsigned next_generation;
	struct buffer lines;
	uint64_t written, lost, deadline, last_tick;
	int failed;		/* of the writer */
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- Images ---- */

static void keep_generation(struct reader *reader, uint64_t number, void *bytes, size_t size)
{
	struct generation *slot = &reader->generations[reader->next_generation++ % GENERATIONS_KEPT];
	char message[256];

	free(slot->bytes);
	*slot = (struct generation){ .number = number, .bytes = bytes };
	if (image_verify(bytes, size, &slot->view, message)) {
		free(bytes);
		*slot = (struct generation){ 0 };
	}
}

static const struct image_view *kept_generation(struct reader *reader, uint64_t number)
{
	for (size_t i = 0; i < GENERATIONS_KEPT; i++)
		if (number && reader->generations[i].number == number)
			return &reader->generations[i].view;
	return NULL;
}

static void copy_active(struct reader *reader)
{
	struct failure ignored;
	uint64_t active;
	void *bytes = NULL;
	size_t size;

	if (area_copy_active(&reader->area, &bytes, &size, &active, &ignored) || !bytes)
		return;
	if (kept_generation(reader, ABI_ACTIVE_GENERATION(active)))
		free(bytes);
	else
		keep_generation(reader, ABI_ACTIVE_GENERATION(active), bytes, size);
}

static void copy_previous(struct reader *reader)
{
	uint64_t number;
	void *bytes;
	size_t size;

	if (!area_copy_previous(&reader->area, &bytes, &size, &number))
		keep_generation(reader, number, bytes, size);
}

/* NULL when the image was overwritten before this reader saw it. */
static const struct image_view *image_of(struct reader *reader, uint64_t number)
{
	if (!kept_generation(reader, number))
		copy_active(reader);
	if (!kept_generation(reader, number))
		copy_previous(reader);
	return kept_generation(reader, number);
}

/* ---- Processes ---- */

/* What the map knows of a process that the cache does not (it was there before, or has only forked). */
static void learn_process(struct reader *reader, uint32_t pid, uint64_t start_time)
{
	struct abi_process process;

	if (process_cache_find(reader->context.processes, pid, start_time) ||
	    bpf_map_lookup_elem(reader->processes, &pid, &process))
		return;
	process_cache_add(reader->context.processes, &process);
	if (process.parent_pid && !process_cache_find(reader->context.processes, process.parent_pid,
			process.parent_start_time) &&
	    !bpf_map_lookup_elem(reader->processes, &process.parent_pid, &process))
		process_cache_add(reader->context.processes, &process);
}

static void learn_all_processes(struct reader *reader)
{
	struct abi_process process;
	uint32_t key, *previous = NULL;

	while (!bpf_map_get_next_key(reader->processes, previous, &key)) {
		if (!bpf_map_lookup_elem(reader->processes, &key, &process))
			process_cache_add(reader->context.processes, &process);
		previous = &key;
	}
}

/* ---- Lines ---- */

static bool word_in_list(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (strcspn(list, ",") == length && !strncmp(list, word, length))
			return true;
	}
	return false;
}

static bool is_wanted(const struct reader *reader, const struct event *event)
{
	const struct events_options *options = reader->options;

	if (options->types && !word_in_list(options->types, event_type(&reader->context, event)))
		return false;
	return !options->policy || !strcmp(options->policy, event_policy(&reader->context, event));
}

static bool is_done(const struct reader *reader)
{
	return reader->failed || *reader->options->stop ||
	       (reader->options->count && reader->written >= reader->options->count);
}

static void write_event(struct reader *reader, const struct event *event, const struct event *returned)
{
	if (is_done(reader) || !is_wanted(reader, event))
		return;
	if (reader->options->format == EVENTS_JSON)
		event_json(&reader->context, event, returned, &reader->lines);
	else
		event_compact(&reader->context, event, returned, &reader->lines);
	reader->written++;
}

/* Hands what was gathered to the writer, in large pieces. */
static void flush(struct reader *reader)
{
	if (reader->lines.length && !reader->failed)
		reader->failed = reader->options->write(reader->options->context, reader->lines.bytes,
			reader->lines.length);
	reader->lines.length = 0;
}

/* ---- Events ---- */

static void set_image(struct reader *reader, const struct event *event)
{
	reader->context.image = event->hook ? image_of(reader, event->hook->generation) : NULL;
}

static void give_up_calls(struct reader *reader, uint64_t now, uint32_t tgid)
{
	struct event entry;

	while (calls_give_up(reader->calls, now, tgid, &entry)) {
		set_image(reader, &entry);
		write_event(reader, &entry, NULL);
		free((void *)entry.bytes);
	}
}

static void take_return(struct reader *reader, const struct event *returned)
{
	struct event entry;

	if (!calls_take(reader->calls, returned, &entry))
		return;	/* the entry was given up: it is printed already */
	if (returned->hook->action != ABI_ACTION_NOPOST) {
		set_image(reader, &entry);
		write_event(reader, &entry, returned);
	}
	free((void *)entry.bytes);
}

static void take_hook(struct reader *reader, const struct event *event)
{
	learn_process(reader, event->hook->tgid, event->hook->process_start);
	if (event->hook->entry_time) {
		calls_add(reader->calls, event);
		return;
	}
	set_image(reader, event);
	write_event(reader, event, NULL);
}

static void take_process(struct reader *reader, const struct event *event)
{
	const struct abi_process *process = &event->process->process;

	process_cache_add(reader->context.processes, process);
	learn_process(reader, process->parent_pid, process->parent_start_time);
	if (event->process->kind == ABI_EVENT_EXIT)
		give_up_calls(reader, 0, process->pid);
	set_image(reader, event);
	write_event(reader, event, NULL);
	if (event->process->kind == ABI_EVENT_EXIT)
		process_cache_end(reader->context.processes, process->pid, process->start_time,
			event->process->time);
}

/* Called by libbpf.  A negative result makes it stop before the next record. */
static int take(void *context, void *bytes, size_t size)
{
	struct reader *reader = context;
	struct event event;

	if (event_read(bytes, size, &event))
		return 0;
	if (event.process)
		take_process(reader, &event);
	else if (event.hook->kind == ABI_EVENT_RETURN)
		take_return(reader, &event);
	else
		take_hook(reader, &event);
	if (reader->lines.length > 64 << 10)
		flush(reader);
	return is_done(reader) ? -ECANCELED : 0;
}

/* ---- Losses ---- */

static uint64_t count_lost(struct reader *reader)
{
	uint64_t lost = 0;

	for (uint32_t hook = 0; hook < ABI_HOOKS_MAX; hook++)
		lost += counters_sum(&reader->counters, hook).lost;
	return lost;
}

static void report_lost(struct reader *reader, uint64_t now)
{
	uint64_t lost = count_lost(reader);

	if (lost <= reader->lost)
		return;
	if (reader->options->format == EVENTS_JSON)
		event_lost_json(&reader->context, lost - reader->lost, now, &reader->lines);
	else
		event_lost_compact(lost - reader->lost, &reader->lines);
	reader->lost = lost;
}

/* Once a second. */
static void tick(struct reader *reader)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);

	if (now - reader->last_tick < 1000000000u)
		return;
	reader->last_tick = now;
	give_up_calls(reader, now, 0);
	report_lost(reader, now);
}

/* ---- Opening and closing ---- */

static int open_map(struct reader *reader, const char *name, int *ret, struct failure *failure)
{
	*ret = pins_get(&reader->pins, PIN_MAPS, name);
	if (*ret >= 0)
		return 0;
	return fail(failure, *ret, "cannot open map '%s': %s", name, strerror(-*ret));
}

static int map_counters(struct reader *reader, struct failure *failure)
{
	int fd, failed = open_map(reader, ABI_MAP_COUNTERS, &fd, failure);

	if (failed)
		return failed;
	failed = counters_map(fd, &reader->counters);
	close(fd);
	return failed ? fail(failure, failed, "cannot map the counters: %s", strerror(-failed)) : 0;
}

static int open_maps(struct reader *reader, struct failure *failure)
{
	int failed = area_open_to_read(&reader->pins, &reader->area, failure);

	if (!failed)
		failed = open_map(reader, ABI_MAP_EVENTS, &reader->events, failure);
	if (!failed)
		failed = open_map(reader, ABI_MAP_PROCESSES, &reader->processes, failure);
	if (!failed)
		failed = map_counters(reader, failure);
	return failed;
}

static int start(struct reader *reader, struct failure *failure)
{
	int failed = open_maps(reader, failure);

	if (failed)
		return failed;
	reader->context.processes = process_cache_new();
	reader->calls = calls_new();
	reader->context.stacks = stacks_new(reader->processes);
	reader->lost = count_lost(reader);
	learn_all_processes(reader);
	reader->ring = ring_buffer__new(reader->events, take, reader, NULL);
	if (!reader->ring)
		return fail(failure, -errno, "cannot read the ring buffer: %s", strerror(errno));
	return 0;
}

static void stop(struct reader *reader)
{
	int descriptors[] = { reader->lock, reader->events, reader->processes };

	ring_buffer__free(reader->ring);
	process_cache_free(reader->context.processes);
	calls_free(reader->calls);
	stacks_free(reader->context.stacks);
	for (size_t i = 0; i < GENERATIONS_KEPT; i++)
		free(reader->generations[i].bytes);
	buffer_release(&reader->lines);
	if (reader->area.bytes)
		area_close(&reader->area);
	for (size_t i = 0; i < sizeof(descriptors) / sizeof(*descriptors); i++)
		if (descriptors[i] >= 0)
			close(descriptors[i]);
	pins_close(&reader->pins);
}

static bool is_late(const struct reader *reader)
{
	return reader->deadline && clock_ns(CLOCK_BOOTTIME) >= reader->deadline;
}

static int loop(struct reader *reader, struct failure *failure)
{
	while (!is_done(reader) && !is_late(reader)) {
		int got = ring_buffer__poll(reader->ring, POLL_MS);

		if (got < 0 && got != -EINTR && got != -ECANCELED)
			return fail(failure, got, "cannot read the ring buffer: %s", strerror(-got));
		tick(reader);
		flush(reader);
	}
	give_up_calls(reader, UINT64_MAX, 0);
	flush(reader);
	return reader->failed;
}

int events_read(const struct events_options *options, struct failure *failure)
{
	struct reader reader = { .options = options, .lock = -1, .events = -1, .processes = -1 };
	uint64_t boot = clock_ns(CLOCK_BOOTTIME);
	int failed = pins_open(&reader.pins, options->root, failure);

	if (failed)
		return failed;
	reader.context.node_name = options->node_name;
	reader.context.wall_offset = clock_ns(CLOCK_REALTIME) - boot;
	reader.deadline = options->timeout_ms ? boot + options->timeout_ms * 1000000u : 0;
	reader.lock = pins_lock_events(&reader.pins, failure);
	failed = reader.lock < 0 ? reader.lock : start(&reader, failure);
	if (!failed)
		failed = loop(&reader, failure);
	stop(&reader);
	return failed;
}

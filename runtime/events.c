// SPDX-License-Identifier: Apache-2.0
/* events.c - from the pinned ring buffer to lines of text; see events.h. */
#include "runtime/events.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "runtime/area.h"
#include "runtime/calls.h"
#include "runtime/counters.h"
#include "runtime/event_filter.h"
#include "runtime/event_json.h"
#include "runtime/event_pods.h"
#include "runtime/generations.h"
#include "runtime/losses.h"
#include "runtime/mappings.h"
#include "runtime/readers.h"
#include "runtime/requests.h"
#include "runtime/workloads.h"

enum {
	BATCH = 128 << 10,		/* bytes of records that are copied at once; more than the longest has */
	POLL_MS = 100,			/* how long to wait for the kernel to wake us */
	LOOK_FIRST_US = 500,		/* how often to look when it does not: twice as long each time... */
	LOOK_LAST_US = 8000,		/* ... up to this, in which the ring buffer should not fill */
	TICK_NS = 1000000000,
	HOLD_NS = 50000000,		/* how old a mapping must be: what is known of its process should have come first */
};
_Static_assert(BATCH >= sizeof(struct abi_event) + ABI_DATA_SIZE + 8 && BATCH >= sizeof(struct abi_process_event) + 8, "BATCH");

/* Two measurements of the same clocks do not differ by more, else the clock was set. */
#define SAME_CLOCK_NS	1000000

struct reader {
	const struct events_options *options;
	struct pins pins;
	struct area area;
	int folder, events, processes;	/* descriptors, or -1 */
	struct counters counters;
	struct readers readers;
	struct event_context context;
	struct event_pods pods;
	struct users *users;		/* NULL: not asked for */
	struct calls *calls;
	struct generations generations;
	struct losses losses;
	struct mappings *mappings;	/* NULL: no policy asks for them */
	uint64_t mappings_of;		/* word of the area when that was last decided */
	uint64_t mapped;		/* when they were last read */
	struct requests *requests;	/* NULL: none are made */
	struct buffer lines;
	struct buffer json;		/* of one event, when only its fields are asked for */
	uint64_t begin, end;		/* positions: what is before is not for us; where to stop when it is drained */
	uint64_t written, deadline, last_tick;
	unsigned look_us;
	int failed;			/* of the writer */
	_Alignas(8) uint8_t batch[BATCH];
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- The clock ---- */

/* The best of a few: between two of the three looks at a clock others may run. */
static uint64_t measure_wall_offset(void)
{
	uint64_t best = UINT64_MAX, offset = 0;

	for (int n = 0; n < 5; n++) {
		const uint64_t before = clock_ns(CLOCK_BOOTTIME), wall = clock_ns(CLOCK_REALTIME);
		const uint64_t took = clock_ns(CLOCK_BOOTTIME) - before;

		if (took < best) {
			best = took;
			offset = wall - before - took / 2;
		}
	}
	return offset;
}

/* All readers print the same time for the same event, as long as nobody sets the clock. */
static void set_wall_offset(struct reader *reader)
{
	const uint64_t measured = measure_wall_offset(), known = __atomic_load_n(&reader->readers.table->wall_offset, __ATOMIC_RELAXED);
	const uint64_t before = reader->context.wall_offset;

	reader->context.wall_offset = known;
	if (measured - known + SAME_CLOCK_NS > 2 * SAME_CLOCK_NS) {
		reader->context.wall_offset = measured;
		__atomic_store_n(&reader->readers.table->wall_offset, measured, __ATOMIC_RELAXED);
	}
	if (reader->context.wall_offset != before)
		process_cache_forget_texts(reader->context.processes);
}

/* ---- Processes ---- */

/* What the map knows of a process that the cache does not (it was there before, or has only forked). */
static void learn_process(struct reader *reader, uint32_t pid, uint64_t start_time)
{
	struct abi_process process;

	if (!start_time || process_cache_find(reader->context.processes, pid, start_time) ||
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

static bool is_done(const struct reader *reader)
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

static void write_event(struct reader *reader, const struct event *event, const struct event *returned)
{
	const uint64_t before = reader->written;

	if (is_done(reader) || !is_wanted(reader, event))
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

/* Hands what was gathered to the writer, in large pieces; what it had no room for before is said first. */
static void flush(struct reader *reader)
{
	struct loss *full = &reader->losses.pending[LOSS_OUTPUT_FULL];
	uint64_t dropped;

	if (!reader->lines.length)
		return;
	if (!loss_is_empty(full))
		write_loss(reader, LOSS_OUTPUT_FULL, clock_ns(CLOCK_BOOTTIME));
	dropped = loss_is_empty(full) ? write_lines(reader, &reader->lines) : count_lines(reader->lines.bytes, reader->lines.length);
	if (dropped && loss_is_empty(full))
		full->since = clock_ns(CLOCK_BOOTTIME);
	full->events += dropped;
	reader->lines.length = 0;
}

/* Requests that failed or were dropped. */
static void report_requests(struct reader *reader, uint64_t now)
{
	struct requests_told told;

	if (!reader->requests || !requests_tell(reader->requests, &told))
		return;
	if (reader->options->format == EVENTS_JSON)
		event_requests_json(&reader->context, &told, now, &reader->lines);
	else
		event_requests_compact(&reader->context, &told, now, &reader->lines);
	flush(reader);
}

/* After what was there before. */
static void report_lost(struct reader *reader, uint64_t now)
{
	flush(reader);
	for (int reason = 0; reason < LOSS_COUNT; reason++)
		write_loss(reader, reason, now);
}

/* ---- Events ---- */

/* False when the event cannot be told any more: nobody knows what its numbers stand for. */
static bool set_image(struct reader *reader, const struct event *event)
{
	reader->context.image = event->hook ? generations_find(&reader->generations, &reader->area, event->hook->generation) : NULL;
	if (event->hook && !reader->context.image)
		reader->losses.pending[LOSS_NAMES_GONE].events++;
	return !event->hook || reader->context.image;
}

static void write_if_known(struct reader *reader, const struct event *event, const struct event *returned)
{
	if (set_image(reader, event))
		write_event(reader, event, returned);
}

static void give_up_calls(struct reader *reader, uint64_t now, uint32_t tgid)
{
	struct event entry;

	while (calls_give_up(reader->calls, now, tgid, &entry)) {
		write_if_known(reader, &entry, NULL);
		free((void *)entry.bytes);
	}
}

static void take_return(struct reader *reader, const struct event *returned)
{
	struct event entry;

	if (!calls_take(reader->calls, returned, &entry))
		return;	/* the entry was given up: it is printed already */
	if (returned->hook->action != ABI_ACTION_NOPOST)
		write_if_known(reader, &entry, returned);
	free((void *)entry.bytes);
}

static void take_hook(struct reader *reader, const struct event *event)
{
	learn_process(reader, event->hook->tgid, event->hook->process_start);
	learn_process(reader, event->hook->owner_tgid, event->hook->owner_start);
	if (event->hook->entry_time) {
		calls_add(reader->calls, event);
		return;
	}
	write_if_known(reader, event, NULL);
}

static void take_process(struct reader *reader, const struct event *event)
{
	const struct abi_process *process = &event->process->process;

	process_cache_add(reader->context.processes, process);
	learn_process(reader, process->parent_pid, process->parent_start_time);
	if (event->process->kind == ABI_EVENT_EXIT)
		give_up_calls(reader, 0, process->pid);
	write_if_known(reader, event, NULL);
	if (event->process->kind == ABI_EVENT_EXIT)
		process_cache_end(reader->context.processes, process->pid, process->start_time,
			event->process->time);
}

static void take(struct reader *reader, const struct ring_record *record)
{
	struct event event;

	if (event_read(record->bytes, record->size, &event))
		return;
	if (event.process)
		take_process(reader, &event);
	else if (event.hook->kind == ABI_EVENT_RETURN)
		take_return(reader, &event);
	else
		take_hook(reader, &event);
}

/* ---- Files that are mapped ---- */

/*
 * The process may be gone; then it is known from what it reported.  What exec maps belongs to the process that begins when exec ends:
 * the one before has given up its memory.
 */
static const struct abi_process *process_of_mapping(struct reader *reader, const struct event_mapping *mapping)
{
	struct process_cache *cache = reader->context.processes;
	const struct abi_process *process;
	struct abi_process there;

	if (!bpf_map_lookup_elem(reader->processes, &mapping->pid, &there))
		learn_process(reader, mapping->pid, there.start_time);
	process = process_cache_find_at(cache, mapping->pid, mapping->time);
	if (mapping->exec_began && (!process || process->start_time < mapping->exec_began))
		return process_cache_find_after(cache, mapping->pid, mapping->exec_began);
	return process;
}

static void take_mapping(struct reader *reader, struct event_mapping *mapping)
{
	const struct abi_process *process = process_of_mapping(reader, mapping);

	mapping->process_start = process ? process->start_time : 0;
	if (process)
		learn_process(reader, process->parent_pid, process->parent_start_time);
	write_if_known(reader, &(struct event){ .mapping = mapping }, NULL);
}

static void take_mappings(struct reader *reader, uint64_t until)
{
	struct event_mapping mapping;

	reader->mapped = clock_ns(CLOCK_BOOTTIME);
	while (reader->mappings && mappings_next(reader->mappings, until, &mapping))
		take_mapping(reader, &mapping);
	if (reader->mappings)
		reader->losses.pending[LOSS_MAPPINGS_FULL].events += mappings_lost(reader->mappings);
}

static bool are_mappings_wanted(struct reader *reader)
{
	const struct image_view *image = generations_find(&reader->generations, &reader->area,
							  ABI_ACTIVE_GENERATION(area_active(&reader->area)));

	for (size_t n = 0; image && n < image_policy_count(image); n++)
		if (image_policy_at(image, n).loader)
			return true;
	return false;
}

/* Listens as long as a policy that is live asks for it. */
static int listen_for_mappings(struct reader *reader, struct failure *failure)
{
	const uint64_t active = area_active(&reader->area);
	bool wanted;
	int error = 0;

	if (active == reader->mappings_of)
		return 0;
	reader->mappings_of = active;
	wanted = are_mappings_wanted(reader);
	if (!wanted && reader->mappings) {
		take_mappings(reader, UINT64_MAX);
		mappings_close(reader->mappings);
		reader->mappings = NULL;
	} else if (wanted && !reader->mappings) {
		reader->mappings = mappings_open(&error);
	}
	return error ? fail(failure, error, "cannot listen for files that are mapped (loader): %s", strerror(-error)) : 0;
}

/* ---- Losses ---- */

/* We were passed over: what is missing is missing here. */
static void catch_up(struct reader *reader)
{
	const struct readers_loss lost = readers_catch_up(&reader->readers);
	struct loss *pending = &reader->losses.pending[LOSS_PASSED_OVER];

	pending->events += lost.records;
	pending->bytes += lost.bytes;
	pending->is_uncounted |= !lost.is_counted;
	report_lost(reader, clock_ns(CLOCK_BOOTTIME));
}

/* Once a second.  -ESTALE when what is read is pinned no more. */
static int tick(struct reader *reader, struct failure *failure)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);

	if (now - reader->last_tick < TICK_NS)
		return 0;
	reader->last_tick = now;
	set_wall_offset(reader);
	if (reader->users && users_look(reader->users))
		process_cache_forget_texts(reader->context.processes);
	give_up_calls(reader, now, 0);
	if (reader->mappings)
		mappings_look(reader->mappings);
	losses_look(&reader->losses, &reader->counters, reader->readers.table, now);
	report_lost(reader, now);
	report_requests(reader, now);
	return pins_folder_is_there(reader->folder) ? 0 :
		fail(failure, -ESTALE, "all that was applied below '%s' has been deleted", reader->pins.root);
}

/* ---- The ring buffer ---- */

/* Takes the records of the batch, until there have been enough events. */
static void take_batch(struct reader *reader, size_t length)
{
	struct reader_place *place = &reader->readers.place;
	const uint64_t start = place->position;
	struct ring_record record;

	for (size_t at = 0; !is_done(reader) && ring_next(reader->batch, length, &at, &record); place->position = start + at) {
		if (!record.bytes)
			continue;
		if (start + at > reader->begin)
			take(reader, &record);
		place->records++;
	}
}

/* False when there is nothing to read now. */
static bool read_batch(struct reader *reader)
{
	const size_t length = ring_copy(&reader->readers.ring, reader->readers.place.position, reader->batch, BATCH);

	if (!ring_holds(&reader->readers.ring, reader->readers.place.position)) {
		catch_up(reader);
		return true;
	}
	take_batch(reader, length);
	return length;
}

/* When others are behind us the kernel wakes nobody: it does so for a record that is the first to be read. */
static void await(struct reader *reader)
{
	struct pollfd events = { .fd = reader->events, .events = POLLIN };

	if (readers_are_woken(&reader->readers) && ring_producer(&reader->readers.ring) == reader->readers.place.position) {
		poll(&events, 1, POLL_MS);
		reader->look_us = LOOK_FIRST_US;
		return;
	}
	nanosleep(&(struct timespec){ .tv_nsec = reader->look_us * 1000L }, NULL);
	if (reader->look_us < LOOK_LAST_US)
		reader->look_us *= 2;
}

/* ---- Opening and closing ---- */

static int lock_slot(void *context, unsigned slot)
{
	return pins_lock_reader(((struct reader *)context)->folder, slot);
}

static void unlock_slot(void *context, unsigned slot)
{
	pins_unlock_reader(((struct reader *)context)->folder, slot);
}

static bool slot_is_alive(void *context, unsigned slot)
{
	return pins_reader_is_alive(((struct reader *)context)->folder, slot);
}

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

static int map_table(struct reader *reader, struct failure *failure)
{
	int fd, failed = open_map(reader, ABI_MAP_READERS, &fd, failure);
	struct abi_readers *table;

	if (failed)
		return failed;
	table = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	failed = table == MAP_FAILED ? -errno : 0;
	close(fd);
	if (failed)
		return fail(failure, failed, "cannot map the table of readers: %s", strerror(-failed));
	reader->readers.table = table;
	return 0;
}

static int open_maps(struct reader *reader, struct failure *failure)
{
	int failed = area_open_to_read(&reader->pins, &reader->area, failure);

	if (!failed)
		failed = open_map(reader, ABI_MAP_EVENTS, &reader->events, failure);
	if (!failed)
		failed = open_map(reader, ABI_MAP_PROCESSES, &reader->processes, failure);
	if (!failed)
		failed = open_map(reader, ABI_MAP_WORKLOADS, &reader->pods.map, failure);
	if (!failed)
		failed = map_counters(reader, failure);
	if (!failed)
		failed = map_table(reader, failure);
	if (failed)
		return failed;
	failed = ring_map(reader->events, &reader->readers.ring);
	return failed ? fail(failure, failed, "cannot map the ring buffer: %s", strerror(-failed)) : 0;
}

/* Those that begin to read do so one after the other. */
static int join(struct reader *reader, struct failure *failure)
{
	int failed;

	reader->folder = pins_lock_readers(&reader->pins, failure);
	if (reader->folder < 0)
		return reader->folder;
	failed = readers_join(&reader->readers);
	pins_unlock_readers(reader->folder);
	if (failed == -EUSERS)
		return fail(failure, failed, "%u readers read these events already, which is the most that can", ABI_READERS_MAX);
	return failed ? fail(failure, failed, "cannot begin to read: %s", strerror(-failed)) : 0;
}

static int start(struct reader *reader, struct failure *failure)
{
	int failed = open_maps(reader, failure);

	if (!failed)
		failed = join(reader, failure);
	if (failed)
		return failed;
	reader->end = ring_producer(&reader->readers.ring);
	reader->begin = reader->options->since_start ? 0 : reader->end;
	reader->look_us = LOOK_FIRST_US;
	reader->context.processes = process_cache_new();
	reader->pods.mount = cgroups_mount(&reader->pods.arena);
	reader->calls = calls_new();
	reader->context.stacks = stacks_new(reader->processes);
	if (reader->options->users)
		reader->context.users = reader->users = users_new(reader->options->users);
	reader->last_tick = clock_ns(CLOCK_BOOTTIME);
	set_wall_offset(reader);
	losses_begin(&reader->losses, &reader->counters, reader->readers.table, reader->options->since_start, reader->last_tick);
	generations_look(&reader->generations, &reader->area);
	learn_all_processes(reader);
	return listen_for_mappings(reader, failure);
}

static void stop(struct reader *reader)
{
	int descriptors[] = { reader->folder, reader->events, reader->processes, reader->pods.map };

	if (reader->folder >= 0)
		readers_leave(&reader->readers);
	ring_unmap(&reader->readers.ring);
	if (reader->readers.table)
		munmap(reader->readers.table, sizeof(*reader->readers.table));
	counters_unmap(&reader->counters);
	process_cache_free(reader->context.processes);
	calls_free(reader->calls);
	stacks_free(reader->context.stacks);
	users_free(reader->users);
	generations_release(&reader->generations);
	mappings_close(reader->mappings);
	arena_release(&reader->pods.arena);
	buffer_release(&reader->lines);
	buffer_release(&reader->json);
	if (reader->area.bytes)
		area_close(&reader->area);
	for (size_t i = 0; i < sizeof(descriptors) / sizeof(*descriptors); i++)
		if (descriptors[i] >= 0)
			close(descriptors[i]);
	pins_close(&reader->pins);
}

static bool is_over(const struct reader *reader)
{
	return is_done(reader) || (reader->deadline && clock_ns(CLOCK_BOOTTIME) >= reader->deadline) ||
	       (reader->options->until_drained && reader->readers.place.position >= reader->end);
}

/* What is read is written before anybody is told that we are past it: after a kill it is read again, not lost. */
static int loop(struct reader *reader, struct failure *failure)
{
	int failed = 0;

	while (!failed && !is_over(reader)) {
		const uint64_t now = clock_ns(CLOCK_BOOTTIME);
		const bool got = read_batch(reader);

		if (!got || now - reader->mapped > HOLD_NS)
			take_mappings(reader, now - HOLD_NS);
		failed = tick(reader, failure);
		if (!failed)
			failed = listen_for_mappings(reader, failure);
		flush(reader);
		readers_proceed(&reader->readers);
		if (!got && !failed) {
			await(reader);
			generations_look(&reader->generations, &reader->area);
		}
	}
	return failed;
}

/* What is there yet of what has been deleted: no program adds to it. */
static void drain(struct reader *reader)
{
	while (!is_done(reader) && read_batch(reader))
		flush(reader);
}

/* What waited for more is written as it is, and what was lost until now is said. */
static void finish(struct reader *reader)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);

	give_up_calls(reader, UINT64_MAX, 0);
	take_mappings(reader, UINT64_MAX);
	losses_look(&reader->losses, &reader->counters, reader->readers.table, now);
	report_lost(reader, now);
	if (reader->requests)
		requests_end(reader->requests);
	report_requests(reader, clock_ns(CLOCK_BOOTTIME));
}

/* First of all: nothing that the reader opens shall be open in the process that makes them. */
static int start_requests(struct reader *reader, struct failure *failure)
{
	if (!reader->options->request_host_count)
		return 0;
	reader->requests = requests_start(reader->options->request_hosts, reader->options->request_host_count);
	return reader->requests ? 0 : fail(failure, -errno, "cannot begin to make requests: %s", strerror(errno));
}

int events_read(const struct events_options *options, struct failure *failure)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	uint64_t boot = clock_ns(CLOCK_BOOTTIME);
	int failed;

	if (!reader)
		return -ENOMEM;
	*reader = (struct reader){ .options = options, .folder = -1, .events = -1, .processes = -1, .pods.map = -1 };
	reader->readers = (struct readers){ .slot = ABI_READERS_MAX, .lock = lock_slot, .unlock = unlock_slot,
					    .is_alive = slot_is_alive, .context = reader };
	failed = start_requests(reader, failure);
	if (!failed)
		failed = pins_open(&reader->pins, options->root, failure);
	if (!failed) {
		reader->context = (struct event_context){ .node_name = options->node_name, .has_colours = options->has_colours,
							  .has_times = options->has_times };
		reader->deadline = options->timeout_ms ? boot + options->timeout_ms * 1000000u : 0;
		failed = start(reader, failure);
		if (!failed) {
			failed = loop(reader, failure);
			if (failed == -ESTALE)
				drain(reader);
			finish(reader);
		}
		failed = reader->failed ? reader->failed : failed;
		stop(reader);
	}
	requests_free(reader->requests);
	free(reader);
	return failed;
}

// SPDX-License-Identifier: Apache-2.0
/* events.c - from the pinned ring buffer to lines of text; see events.h. */
#include "runtime/events_reader.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "runtime/calls.h"
#include "runtime/event_chunks.h"
#include "runtime/held_mappings.h"
#include "runtime/mappings.h"
#include "runtime/requests.h"
#include "runtime/workloads.h"

enum {
	POLL_MS = 100,			/* how long to wait for the kernel to wake us */
	LOOK_FIRST_US = 500,		/* how often to look when it does not: twice as long each time... */
	LOOK_LAST_US = 8000,		/* ... up to this, in which the ring buffer should not fill */
	TICK_NS = 1000000000,
};

/* Two measurements of the same clocks do not differ by more, else the clock was set. */
#define SAME_CLOCK_NS	1000000

uint64_t reader_clock_ns(clockid_t clock)
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
		const uint64_t before = reader_clock_ns(CLOCK_BOOTTIME), wall = reader_clock_ns(CLOCK_REALTIME);
		const uint64_t took = reader_clock_ns(CLOCK_BOOTTIME) - before;

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
	    process_find(reader->processes, pid, &process))
		return;
	process_cache_add(reader->context.processes, &process);
	if (process.parent_pid && !process_cache_find(reader->context.processes, process.parent_pid,
			process.parent_start_time) &&
	    !process_find(reader->processes, process.parent_pid, &process))
		process_cache_add(reader->context.processes, &process);
}

static void learn_all_processes(struct reader *reader)
{
	struct abi_process process;
	uint32_t key, *previous = NULL;

	while (!bpf_map_get_next_key(reader->processes.entries, previous, &key)) {
		if (!process_find(reader->processes, key, &process))
			process_cache_add(reader->context.processes, &process);
		previous = &key;
	}
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
		reader_write_event(reader, event, returned);
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
		give_up_calls(reader, 0, 0);	/* those that are too many, however long they have waited */
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

static void take_half(struct reader *reader, const struct event *event)
{
	if (event->hook->kind == ABI_EVENT_RETURN)
		take_return(reader, event);
	else
		take_hook(reader, event);
}

static void take_call(struct reader *reader, const struct event *event)
{
	struct event whole;

	if (!event_chunks_join(reader->chunks, event, &whole)) {
		take_half(reader, event);
		return;
	}
	take_half(reader, &whole);
	free((void *)whole.bytes);
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

	if (!process_find(reader->processes, mapping->pid, &there))
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

/* What only forked has no event: of it the table knows.  What exec maps waits for exec's event. */
static bool is_process_known(void *context, const struct event_mapping *mapping)
{
	struct reader *reader = context;
	struct process_cache *cache = reader->context.processes;
	const struct abi_process *process = process_cache_find_at(cache, mapping->pid, mapping->time);
	struct abi_process there;

	if (mapping->exec_began && (!process || process->start_time < mapping->exec_began))
		return process_cache_find_after(cache, mapping->pid, mapping->exec_began);
	if (!process && !process_find(reader->processes, mapping->pid, &there))
		learn_process(reader, mapping->pid, there.start_time);
	return process || process_cache_find_at(cache, mapping->pid, mapping->time);
}

/* Those whose turn it is before something that happened at `time`. */
static void take_mappings(struct reader *reader, uint64_t time)
{
	struct event_mapping mapping;

	while (held_mappings_next(reader->held, time, is_process_known, reader, &mapping))
		take_mapping(reader, &mapping);
}

/* What the kernel has told so far. */
static void gather_mappings(struct reader *reader)
{
	struct event_mapping mapping;

	if (!reader->mappings)
		return;
	while (mappings_next(reader->mappings, UINT64_MAX, &mapping))
		held_mappings_add(reader->held, &mapping);
	reader->losses.pending[LOSS_MAPPINGS_FULL].events += mappings_lost(reader->mappings);
}

/* ---- Records ---- */

static void take_in_turn(struct reader *reader, const struct event *event)
{
	take_mappings(reader, event_happened(event));
	if (event->process)
		take_process(reader, event);
	else
		take_call(reader, event);
}

/* Not `for_us`: it was there before we came, but the chunks of an event can begin before it. */
static void take(struct reader *reader, const struct ring_record *record, bool for_us)
{
	struct event event;

	if (event_read(record->bytes, record->size, &event))
		return;
	if (event.chunk)
		event_chunks_add(reader->chunks, &event);
	else if (!for_us)
		return;
	else
		take_in_turn(reader, &event);
}

/* ---- Whether to listen for files that are mapped ---- */

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
		gather_mappings(reader);
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
	reader_report_lost(reader, reader_clock_ns(CLOCK_BOOTTIME));
}

/* Once a second.  -ESTALE when what is read is pinned no more. */
static int tick(struct reader *reader, struct failure *failure)
{
	uint64_t now = reader_clock_ns(CLOCK_BOOTTIME);

	if (now - reader->last_tick < TICK_NS)
		return 0;
	reader->last_tick = now;
	set_wall_offset(reader);
	if (reader->users && users_look(reader->users))
		process_cache_forget_texts(reader->context.processes);
	if (reader->groups)
		users_look(reader->groups);
	give_up_calls(reader, now, 0);
	if (reader->mappings)
		mappings_look(reader->mappings);
	losses_look(&reader->losses, &reader->counters, reader->readers.table, now);
	reader_report_lost(reader, now);
	reader_report_requests(reader, now);
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

	for (size_t at = 0; !reader_is_done(reader) && ring_next(reader->batch, length, &at, &record); place->position = start + at) {
		if (!record.bytes)
			continue;
		take(reader, &record, start + at > reader->begin);
		place->records++;
	}
}

/* False when there is nothing to read now. */
static bool read_batch(struct reader *reader)
{
	const uint64_t now = reader_clock_ns(CLOCK_BOOTTIME);
	const size_t length = ring_copy(&reader->readers.ring, reader->readers.place.position, reader->batch, BATCH);

	gather_mappings(reader);	/* after the copy: what happened before any of its records is there, too */
	if (!ring_holds(&reader->readers.ring, reader->readers.place.position)) {
		catch_up(reader);
		return true;
	}
	take_batch(reader, length);
	if (!length)
		take_mappings(reader, now);
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
		failed = open_map(reader, ABI_MAP_PROCESSES, &reader->processes.entries, failure);
	if (!failed)
		failed = open_map(reader, ABI_MAP_PROCESS_TEXTS, &reader->processes.texts, failure);
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
	reader->chunks = event_chunks_new();
	reader->held = held_mappings_new();
	reader->context.stacks = stacks_new(reader->processes.entries, reader->options->stacks);
	if (reader->options->users)
		reader->context.users = reader->users = users_new(reader->options->users);
	if (reader->options->groups)
		reader->context.groups = reader->groups = users_new(reader->options->groups);
	reader->last_tick = reader_clock_ns(CLOCK_BOOTTIME);
	set_wall_offset(reader);
	losses_begin(&reader->losses, &reader->counters, reader->readers.table, reader->options->since_start, reader->last_tick);
	generations_look(&reader->generations, &reader->area);
	learn_all_processes(reader);
	return listen_for_mappings(reader, failure);
}

static void stop(struct reader *reader)
{
	int descriptors[] = { reader->folder, reader->events, reader->processes.entries, reader->processes.texts, reader->pods.map };

	if (reader->folder >= 0)
		readers_leave(&reader->readers);
	ring_unmap(&reader->readers.ring);
	if (reader->readers.table)
		munmap(reader->readers.table, sizeof(*reader->readers.table));
	counters_unmap(&reader->counters);
	process_cache_free(reader->context.processes);
	calls_free(reader->calls);
	event_chunks_free(reader->chunks);
	stacks_free(reader->context.stacks);
	users_free(reader->users);
	users_free(reader->groups);
	generations_release(&reader->generations);
	mappings_close(reader->mappings);
	held_mappings_free(reader->held);
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
	return reader_is_done(reader) || (reader->deadline && reader_clock_ns(CLOCK_BOOTTIME) >= reader->deadline) ||
	       (reader->options->until_drained && reader->readers.place.position >= reader->end);
}

/* What is read is written before anybody is told that we are past it: after a kill it is read again, not lost. */
static int loop(struct reader *reader, struct failure *failure)
{
	int failed = 0;

	while (!failed && !is_over(reader)) {
		const bool got = read_batch(reader);

		failed = tick(reader, failure);
		if (!failed)
			failed = listen_for_mappings(reader, failure);
		reader_flush(reader);
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
	while (!reader_is_done(reader) && read_batch(reader))
		reader_flush(reader);
}

/* What waited for more is written as it is, and what was lost until now is said. */
static void finish(struct reader *reader)
{
	uint64_t now = reader_clock_ns(CLOCK_BOOTTIME);

	give_up_calls(reader, UINT64_MAX, 0);
	gather_mappings(reader);
	take_mappings(reader, UINT64_MAX);
	losses_look(&reader->losses, &reader->counters, reader->readers.table, now);
	reader_report_lost(reader, now);
	if (reader->requests)
		requests_end(reader->requests);
	reader_report_requests(reader, reader_clock_ns(CLOCK_BOOTTIME));
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
	uint64_t boot = reader_clock_ns(CLOCK_BOOTTIME);
	int failed;

	if (!reader)
		return -ENOMEM;
	*reader = (struct reader){ .options = options, .folder = -1, .events = -1, .processes = { -1, -1 }, .pods.map = -1 };
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

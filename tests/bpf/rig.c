// SPDX-License-Identifier: Apache-2.0
/*
 * rig.c - loads the raw tracepoint template as the runtime would, with maps of its own.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/image/first.h"
#include "runtime/knobs.h"
#include "runtime/processors.h"
#include "tests/bpf/rig.h"
#include "bpf-templates/raw_tracepoint.skel.h"	/* after abi.h, whose struct abi_area it has */

enum { RIG_PIECES = RIG_CLAIMED + 2, RIG_PIECE_SIZE = 32768 };	/* struct block of scratch.bpf.h */

static int collect(void *context, void *bytes, size_t size)
{
	struct rig *rig = context;
	struct rig_event *event = &rig->events[rig->event_count];

	if (rig->event_count == RIG_EVENTS_MAX)
		return 0;
	event->size = size;
	event->event = malloc(size);
	memcpy(event->event, bytes, size);
	rig->event_count++;
	return 0;
}

int rig_open(struct rig *rig)
{
	const struct knobs knobs = { .hook = RIG_HOOK, .argument_count = RIG_ARGUMENTS };
	int error;

	memset(rig, 0, sizeof(*rig));
	rig->programs = raw_tracepoint_bpf__open();
	if (!rig->programs)
		return -errno;
	error = processors_size_maps(rig->programs->obj);
	if (!error)
		error = knobs_set(rig->programs->obj, &knobs);
	if (!error)
		error = raw_tracepoint_bpf__load(rig->programs);
	if (error)
		return error;
	error = counters_map(bpf_map__fd(rig->programs->maps.counters), &rig->counters);
	if (error)
		return error;
	rig->ring = ring_buffer__new(bpf_map__fd(rig->programs->maps.events), collect, rig, NULL);
	return rig->ring ? 0 : -errno;
}

static void drop_events(struct rig *rig)
{
	while (rig->event_count)
		free(rig->events[--rig->event_count].event);
}

void rig_close(struct rig *rig)
{
	drop_events(rig);
	ring_buffer__free(rig->ring);
	counters_unmap(&rig->counters);
	raw_tracepoint_bpf__destroy(rig->programs);
}

void rig_apply(struct rig *rig, const struct image_builder *builder)
{
	struct abi_area *area = &rig->programs->bss->area;
	unsigned half = rig->generation & 1;

	memcpy(area->half[half], builder->bytes, builder->used);
	image_write_first(builder->bytes, builder->used, half, area);
	rig->generation++;
	area->control.active = rig->generation << 1 | half;
}

int rig_program(const struct rig *rig)
{
	return bpf_program__fd(rig->programs->progs.raw_tracepoint);
}

void rig_collect(struct rig *rig)
{
	drop_events(rig);
	ring_buffer__consume(rig->ring);
}

int rig_run(struct rig *rig, const uint64_t arguments[RIG_ARGUMENTS])
{
	uint64_t context[12] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = sizeof(context));

	memcpy(context, arguments, RIG_ARGUMENTS * sizeof(*arguments));
	drop_events(rig);
	rig->before = rig_counters(rig);
	if (bpf_prog_test_run_opts(bpf_program__fd(rig->programs->progs.raw_tracepoint), &options))
		return -errno;
	ring_buffer__consume(rig->ring);
	return 0;
}

struct abi_counters rig_counters(const struct rig *rig)
{
	return counters_sum(&rig->counters, RIG_HOOK);
}

struct abi_counters rig_counted(const struct rig *rig)
{
	struct abi_counters now = rig_counters(rig);
	unsigned word;

	for (word = 0; word < sizeof(now) / 8; word++)
		((uint64_t *)&now)[word] -= ((uint64_t *)&rig->before)[word];
	return now;
}

static void set_far_path(struct rig *rig, const struct abi_process_entry *process, const void *path, uint32_t pid)
{
	struct abi_process_texts texts = { .start_time = process->start_time };

	memcpy(texts.texts, path, process->path_length);
	bpf_map_update_elem(bpf_map__fd(rig->programs->maps.process_texts), &pid, &texts, BPF_ANY);
}

void rig_set_process(struct rig *rig, const struct abi_process_entry *process, const void *path)
{
	int map = bpf_map__fd(rig->programs->maps.processes);
	struct abi_process_entry entry;
	uint32_t pid = getpid();

	bpf_map_delete_elem(bpf_map__fd(rig->programs->maps.process_texts), &pid);
	if (!process) {
		bpf_map_delete_elem(map, &pid);
		return;
	}
	entry = *process;
	if (entry.path_length >= ABI_PROCESS_NEAR)
		entry.flags |= ABI_PROCESS_FAR;
	if (entry.flags & ABI_PROCESS_FAR)
		set_far_path(rig, &entry, path, pid);
	else if (path)
		memcpy(entry.texts, path, entry.path_length);
	bpf_map_update_elem(map, &pid, &entry, BPF_ANY);
}

/* Byte offset of a member of one of the program's own structures. */
static int member_offset(const struct rig *rig, const char *structure, const char *name)
{
	const struct btf *btf = bpf_object__btf(rig->programs->obj);
	const struct btf_type *type;
	const struct btf_member *member;
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT), i;

	if (id < 0)
		return id;
	type = btf__type_by_id(btf, id);
	member = btf_members(type);
	for (i = 0; i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, member[i].name_off), name))
			return btf_member_bit_offset(type, i) / 8;
	return -ENOENT;
}

int rig_occupy(struct rig *rig, unsigned count)
{
	int pieces = member_offset(rig, "block", "pieces"), claims = member_offset(rig, "scratch", "claims");
	uint8_t *block = rig->counters.bytes, *end = block + rig->counters.size;
	unsigned piece;

	if (pieces < 0 || claims < 0)
		return -ENOENT;
	for (; block < end; block += rig->counters.stride)
		for (piece = 1; piece < RIG_PIECES; piece++)
			*(uint64_t *)(block + pieces + piece * RIG_PIECE_SIZE + claims) = piece <= count;
	return 0;
}

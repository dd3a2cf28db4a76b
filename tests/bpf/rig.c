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
#include "tests/bpf/rig.h"
#include "bpf-templates/raw_tracepoint.skel.h"	/* after abi.h, whose struct abi_area it has */

static int collect(void *context, void *bytes, size_t size)
{
	struct rig *rig = context;
	struct rig_event *event = &rig->events[rig->event_count];

	if (rig->event_count == ABI_ACCEPTS_MAX)
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
	error = knobs_set(rig->programs->obj, &knobs);
	if (!error)
		error = raw_tracepoint_bpf__load(rig->programs);
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
	unsigned cpu, word, cpus = libbpf_num_possible_cpus();
	struct abi_counters *counters = calloc(cpus, sizeof(*counters)), sum = { 0 };
	uint32_t id = RIG_HOOK;

	bpf_map_lookup_elem(bpf_map__fd(rig->programs->maps.counters), &id, counters);
	for (cpu = 0; cpu < cpus; cpu++)
		for (word = 0; word < sizeof(sum) / 8; word++)
			((uint64_t *)&sum)[word] += ((uint64_t *)&counters[cpu])[word];
	free(counters);
	return sum;
}

struct abi_counters rig_counted(const struct rig *rig)
{
	struct abi_counters now = rig_counters(rig);
	unsigned word;

	for (word = 0; word < sizeof(now) / 8; word++)
		((uint64_t *)&now)[word] -= ((uint64_t *)&rig->before)[word];
	return now;
}

void rig_set_process(struct rig *rig, const struct abi_process *process)
{
	int map = bpf_map__fd(rig->programs->maps.processes);
	uint32_t pid = getpid();

	if (process)
		bpf_map_update_elem(map, &pid, process, BPF_ANY);
	else
		bpf_map_delete_elem(map, &pid);
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
	struct bpf_map *map = rig->programs->maps.scratch;
	size_t size = (bpf_map__value_size(map) + 7) & ~7ul;
	unsigned cpu, cpus = libbpf_num_possible_cpus();
	int claims = member_offset(rig, "scratch", "claims"), error = 0;
	char *pieces;
	uint32_t key;

	if (claims < 0)
		return claims;
	pieces = calloc(cpus, size);
	for (key = 1; key < bpf_map__max_entries(map) && !error; key++) {
		for (cpu = 0; cpu < cpus; cpu++)
			*(uint64_t *)(pieces + cpu * size + claims) = key <= count;
		error = bpf_map_update_elem(bpf_map__fd(map), &key, pieces, BPF_ANY);
	}
	free(pieces);
	return error;
}

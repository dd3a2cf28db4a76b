// SPDX-License-Identifier: Apache-2.0
/*
 * programs.c - opens the templates from their skeletons, by name instead of by type.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "compiler/image/first.h"
#include "runtime/processors.h"
#include "tests/bpf/programs.h"
#include "bpf-templates/kprobe.skel.h"
#include "bpf-templates/lsm.skel.h"
#include "bpf-templates/processes.skel.h"
#include "bpf-templates/raw_tracepoint.skel.h"
#include "bpf-templates/tracepoint.skel.h"
#include "bpf-templates/trampoline.skel.h"

const char *const template_names[TEMPLATE_COUNT] = {
	"kprobe", "tracepoint", "raw_tracepoint", "lsm", "trampoline", "processes"
};

static const void *(*const template_bytes[TEMPLATE_COUNT])(size_t *size) = {
	kprobe_bpf__elf_bytes,	   tracepoint_bpf__elf_bytes, raw_tracepoint_bpf__elf_bytes,
	lsm_bpf__elf_bytes,	   trampoline_bpf__elf_bytes, processes_bpf__elf_bytes,
};

static const char *const shared_maps[] = { ABI_MAP_EVENTS, ABI_MAP_PROCESSES, ABI_MAP_CALLS,
					   ABI_MAP_COUNTERS, ABI_MAP_RATES, ABI_MAP_PROCESS_TEXTS };
#define SHARED_MAPS	(sizeof(shared_maps) / sizeof(*shared_maps))

static int collect(void *context, void *bytes, size_t size)
{
	struct programs *programs = context;
	struct collected *event = &programs->events[programs->event_count];

	if (programs->event_count == COLLECTED_MAX)
		return 0;
	event->size = size;
	event->bytes = malloc(size);
	memcpy(event->bytes, bytes, size);
	programs->event_count++;
	return 0;
}

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_WARN && getenv("VERBOSE"))
		vfprintf(stderr, format, arguments);
	return 0;
}

void programs_allow(void)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_print(silent);
}

int programs_init(struct programs *programs)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	unsigned i;

	memset(programs, 0, sizeof(*programs));
	for (i = 0; i < SHARED_MAPS; i++)
		programs->maps[i] = -1;
	programs->area_map = bpf_map_create(BPF_MAP_TYPE_ARRAY, ABI_MAP_AREA, 4,
					    sizeof(struct abi_area), 1, &options);
	if (programs->area_map < 0)
		return -errno;
	programs->area = mmap(NULL, sizeof(struct abi_area), PROT_READ | PROT_WRITE, MAP_SHARED,
			      programs->area_map, 0);
	return programs->area == MAP_FAILED ? -errno : 0;
}

void programs_release(struct programs *programs)
{
	unsigned i;

	programs_drop_events(programs);
	ring_buffer__free(programs->ring);
	munmap(programs->area, sizeof(struct abi_area));
	close(programs->area_map);
	for (i = 0; i < SHARED_MAPS; i++)
		if (programs->maps[i] >= 0)
			close(programs->maps[i]);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), part = strlen(end);

	return length >= part && !strcmp(text + length - part, end);
}

static struct bpf_map *map_that_ends(struct bpf_object *object, const char *end)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		if (ends_with(bpf_map__name(map), end))
			return map;
	return NULL;
}

int programs_map(const struct programs *programs, const char *name)
{
	for (unsigned n = 0; n < sizeof(shared_maps) / sizeof(*shared_maps); n++)
		if (!strcmp(shared_maps[n], name))
			return programs->maps[n];
	return -1;
}

struct bpf_object *programs_open(struct programs *programs, enum template template)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = template_names[template]);
	struct bpf_object *object;
	struct bpf_map *map;
	const void *bytes;
	size_t size;
	unsigned i;

	bytes = template_bytes[template](&size);
	object = bpf_object__open_mem(bytes, size, &options);
	if (!object || processors_size_maps(object))
		return NULL;
	bpf_map__reuse_fd(map_that_ends(object, ".bss"), programs->area_map);
	for (i = 0; i < SHARED_MAPS; i++) {
		map = bpf_object__find_map_by_name(object, shared_maps[i]);
		if (map && programs->maps[i] >= 0)
			bpf_map__reuse_fd(map, programs->maps[i]);
	}
	return object;
}

static void keep_maps(struct programs *programs, struct bpf_object *object)
{
	struct bpf_map *map;
	unsigned i;

	for (i = 0; i < SHARED_MAPS; i++) {
		map = bpf_object__find_map_by_name(object, shared_maps[i]);
		if (map && programs->maps[i] < 0)
			programs->maps[i] = dup(bpf_map__fd(map));
	}
	if (!programs->ring && programs->maps[0] >= 0)
		programs->ring = ring_buffer__new(programs->maps[0], collect, programs, NULL);
}

int programs_load(struct programs *programs, struct bpf_object *object, const struct knobs *knobs, const char *name,
		  const char *target)
{
	static const struct knobs by_cookie = { ABI_HOOK_FROM_COOKIE, ABI_HOOK_FROM_COOKIE, 0, 0 };
	struct bpf_program *program;
	int error = knobs_set(object, knobs ? knobs : &by_cookie);

	bpf_object__for_each_program(program, object) {
		bpf_program__set_autoload(program, !name || !strcmp(bpf_program__name(program), name));
		if (!error && target && bpf_program__autoload(program))
			error = bpf_program__set_attach_target(program, 0, target);
	}
	if (!error)
		error = bpf_object__load(object);
	if (!error)
		keep_maps(programs, object);
	return error;
}

void programs_apply(struct programs *programs, const struct image_builder *builder)
{
	unsigned half = programs->generation & 1;

	memcpy(programs->area->half[half], builder->bytes, builder->used);
	image_write_first(builder->bytes, builder->used, half, programs->area);
	programs->generation++;
	__atomic_store_n(&programs->area->control.active, programs->generation << 1 | half,
			 __ATOMIC_RELEASE);
}

void programs_drop_events(struct programs *programs)
{
	if (programs->ring)
		ring_buffer__consume(programs->ring);
	while (programs->event_count)
		free(programs->events[--programs->event_count].bytes);
}

unsigned programs_collect(struct programs *programs)
{
	ring_buffer__consume(programs->ring);
	return programs->event_count;
}

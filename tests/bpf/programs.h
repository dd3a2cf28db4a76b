/* SPDX-License-Identifier: Apache-2.0 */
/*
 * programs.h - the templates as the runtime uses them: one set of maps, made once and shared by all objects.
 *
 * An object is opened, then its knobs are set, its programs are chosen and aimed, and it is loaded.
 */
#ifndef TESTS_BPF_PROGRAMS_H
#define TESTS_BPF_PROGRAMS_H

#include <bpf/libbpf.h>

#include "runtime/knobs.h"
#include "tests/bpf/image_builder.h"

#define COLLECTED_MAX	256

struct collected {
	uint32_t size;
	uint8_t *bytes;		/* struct abi_event or struct abi_process_event */
};

struct programs {
	struct abi_area *area;
	int area_map;
	int maps[6];		/* those of shared_maps[]; -1 until the first object is loaded */
	struct ring_buffer *ring;
	struct collected events[COLLECTED_MAX];
	unsigned event_count;
	uint64_t generation;
};

/* This process may lock memory, and libbpf says what it warns of only if VERBOSE is in the environment. */
void programs_allow(void);

/* 0, or -errno. */
int programs_init(struct programs *programs);
void programs_release(struct programs *programs);

enum template {
	TEMPLATE_KPROBE, TEMPLATE_TRACEPOINT, TEMPLATE_RAW_TRACEPOINT, TEMPLATE_LSM, TEMPLATE_TRAMPOLINE,
	TEMPLATE_PROCESSES, TEMPLATE_COUNT
};
extern const char *const template_names[TEMPLATE_COUNT];

/* Descriptor of a map that all programs share, by its name (ABI_MAP_); -1 until the first object is loaded. */
int programs_map(const struct programs *programs, const char *name);

struct bpf_object *programs_open(struct programs *programs, enum template template);
/*
 * Loads only `name` (NULL: all), aimed at the kernel function `target` (NULL: as it is), with these knobs (NULL:
 * hooks by cookie).  0 or -errno; logs nothing.
 */
int programs_load(struct programs *programs, struct bpf_object *object, const struct knobs *knobs, const char *name,
		  const char *target);

void programs_apply(struct programs *programs, const struct image_builder *builder);

/* Drops what was collected, or collects what has come. */
void programs_drop_events(struct programs *programs);
unsigned programs_collect(struct programs *programs);

#endif

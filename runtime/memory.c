// SPDX-License-Identifier: Apache-2.0
/* memory.c - see memory.h. */
#include "runtime/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf-templates/abi.h"

struct reading {
	const struct pins *pins;
	struct arena *arena;
	struct memory_row *rows;
	size_t count, capacity;
	uint32_t *programs;	/* ids that have been counted */
	size_t program_count, program_capacity;
	size_t hidden;
};

/* "memlock:" of /proc/self/fdinfo/FD, in bytes; 0 when it does not say. */
static uint64_t memory_of(int fd)
{
	char path[64], line[256];
	uint64_t bytes = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "memlock: %" SCNu64, &bytes) == 1)
			break;
	if (file)
		fclose(file);
	return bytes;
}

static struct memory_row *add_row(struct reading *reading, enum memory_of of, const char *name, int fd)
{
	struct memory_row *row;

	reading->rows = arena_grow(reading->arena, reading->rows, reading->count, &reading->capacity, sizeof(*row));
	row = &reading->rows[reading->count++];
	*row = (struct memory_row){ .of = of, .name = arena_copy(reading->arena, name, strlen(name)), .bytes = memory_of(fd) };
	return row;
}

/* The table changes while it is walked, so that the walk may begin anew; it is over after twice as many steps as there is room. */
static uint64_t count_entries(int fd, const struct bpf_map_info *info)
{
	uint8_t *keys = calloc(2, info->key_size);
	uint64_t count = 0;
	const void *last = NULL;

	if (!keys)
		abort();
	for (uint64_t n = 0; n < 2ull * info->max_entries; n++) {
		uint8_t *next = keys + (n & 1) * info->key_size;

		if (bpf_map_get_next_key(fd, last, next))
			break;
		last = next;
		count++;
	}
	free(keys);
	return count < info->max_entries ? count : info->max_entries;
}

static void read_map(struct reading *reading, const char *name)
{
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info);
	int fd = pins_get(reading->pins, PIN_MAPS, name);
	struct memory_row *row;

	if (fd < 0)
		return;
	if (!bpf_obj_get_info_by_fd(fd, &info, &length)) {
		row = add_row(reading, MEMORY_MAP, name, fd);
		row->counts_entries = info.type == BPF_MAP_TYPE_HASH || info.type == BPF_MAP_TYPE_LRU_HASH;
		if (row->counts_entries) {
			row->max_entries = info.max_entries;
			row->entries = count_entries(fd, &info);
		}
	}
	close(fd);
}

static bool is_counted(struct reading *reading, uint32_t id)
{
	for (size_t n = 0; n < reading->program_count; n++)
		if (reading->programs[n] == id)
			return true;
	reading->programs = arena_grow(reading->arena, reading->programs, reading->program_count, &reading->program_capacity,
				       sizeof(*reading->programs));
	reading->programs[reading->program_count++] = id;
	return false;
}

static void read_program(struct reading *reading, int fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t length = sizeof(info);

	if (!bpf_obj_get_info_by_fd(fd, &info, &length) && !is_counted(reading, info.id))
		add_row(reading, MEMORY_PROGRAM, info.name, fd);
}

/* Most programs have no pin but that of their link. */
static void read_program_of_link(struct reading *reading, const char *name)
{
	struct bpf_link_info info = { 0 };
	uint32_t length = sizeof(info);
	int fd = pins_get(reading->pins, PIN_LINKS, name), program;

	if (fd < 0)
		return;
	if (!bpf_obj_get_info_by_fd(fd, &info, &length)) {
		program = bpf_prog_get_fd_by_id(info.prog_id);
		reading->hidden += program < 0 && errno == EPERM && !is_counted(reading, info.prog_id);
		if (program >= 0) {
			read_program(reading, program);
			close(program);
		}
	}
	close(fd);
}

static void read_pinned_program(struct reading *reading, const char *name)
{
	int fd = pins_get(reading->pins, PIN_PROGRAMS, name);

	if (fd < 0)
		return;
	read_program(reading, fd);
	close(fd);
}

static int read_folder(struct reading *reading, enum pin_folder folder, void (*each)(struct reading *reading, const char *name))
{
	const char *const *names;
	size_t count;
	int error = pins_names(reading->pins, folder, reading->arena, &names, &count);

	for (size_t n = 0; n < count && !error; n++)
		each(reading, names[n]);
	return error;
}

static int compare_rows(const void *a, const void *b)
{
	const struct memory_row *x = a, *y = b;

	return x->of != y->of ? (int)x->of - (int)y->of : strcmp(x->name, y->name);
}

int memory_read(const struct pins *pins, struct arena *arena, struct memory *ret)
{
	struct reading reading = { .pins = pins, .arena = arena };
	int error = read_folder(&reading, PIN_MAPS, read_map);

	if (!error)
		error = read_folder(&reading, PIN_PROGRAMS, read_pinned_program);
	if (!error)
		error = read_folder(&reading, PIN_LINKS, read_program_of_link);
	if (reading.count)
		qsort(reading.rows, reading.count, sizeof(*reading.rows), compare_rows);
	*ret = (struct memory){ reading.rows, reading.count, reading.hidden };
	return error;
}

// SPDX-License-Identifier: Apache-2.0
/* applied.c - see applied.h. */
#include "tests/bench/applied.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler/compiler.h"
#include "runtime/apply.h"
#include "runtime/remove.h"

enum { OBJECTS_MAX = 256 };

void bench_die(const char *what, const char *why)
{
	fflush(stdout);
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

uint64_t bench_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint32_t attach_bits(const char *name)
{
	int kind = name ? attach_find(name) : 0;

	if (kind < 0)
		bench_die(name, "no such kind to attach by");
	return name ? 1u << kind : 0;
}

static void apply_objects(const struct apply_options *options, const struct link_input *inputs, size_t count)
{
	struct failure failure = { 0 };
	struct apply *apply;

	if (apply_prepare(options, inputs, count, &apply, &failure))
		bench_die("apply", failure.text);
	if (apply_plan(apply)->refusal_count)
		bench_die("apply", apply_plan(apply)->refusals[0].text);
	if (apply_run(apply, &failure))
		bench_die("apply", failure.text);
	apply_free(apply);
}

void bench_apply(const char *root, const struct buffer *yaml, const char *attach)
{
	struct apply_options options = { .root = root, .scope = APPLY_REPLACE_ALL, .attach = attach_bits(attach) };
	struct link_input inputs[OBJECTS_MAX];
	struct unit unit;

	unit_init(&unit, "bench.yaml", yaml->bytes, yaml->length);
	if (unit_compile(&unit, NULL))
		bench_die("compile", unit.diagnostics.count ? unit.diagnostics.items[0].message : "refused");
	if (unit.object_count > OBJECTS_MAX)
		bench_die("compile", "more policies than there is room for");
	for (size_t n = 0; n < unit.object_count; n++)
		inputs[n] = (struct link_input){ unit.objects[n].bytes, unit.objects[n].length, "bench" };
	apply_objects(&options, inputs, unit.object_count);
	unit_release(&unit);
}

void bench_read_file(const char *path, struct buffer *ret)
{
	FILE *file = fopen(path, "re");
	char bytes[4096];
	size_t length;

	if (!file)
		bench_die(path, strerror(errno));
	while ((length = fread(bytes, 1, sizeof(bytes), file)))
		buffer_add(ret, bytes, length);
	fclose(file);
}

void bench_remove(const char *root)
{
	struct failure failure = { 0 };
	int error = remove_everything(root, &failure);

	if (error && error != -ENOENT)
		bench_die("remove", failure.text);
}

void bench_open(const char *root, struct pins *ret)
{
	struct failure failure = { 0 };

	if (pins_open(ret, root, &failure))
		bench_die("pins", failure.text);
}

int bench_map(const struct pins *pins, const char *name)
{
	int fd = pins_get(pins, PIN_MAPS, name);

	if (fd < 0)
		bench_die(name, strerror(-fd));
	return fd;
}

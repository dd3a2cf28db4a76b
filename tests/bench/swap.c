// SPDX-License-Identifier: Apache-2.0
/*
 * swap.c - changing a policy's values on attached hooks against loading and attaching the same programs afresh.
 *
 * The policy watches the raw tracepoint of all system calls for one number that no system call has. Each round writes and
 * switches to the image with another number and makes that call: the time ends when the counters say that it
 * matched, so it includes being seen by the next event. The grace period before the half may be written again is not
 * on that way; it is measured beside it. Needs root; prints rows of the table of bench/run.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compiler/compiler.h"
#include "runtime/apply.h"
#include "runtime/area.h"
#include "runtime/counters.h"
#include "runtime/remove.h"

#define ROOT "/sys/fs/bpf/tetra-bench-swap"

enum { ROUNDS = 200, FRESH_ROUNDS = 7, FIRST_NUMBER = 600 };

static const char policy[] =
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: swap\nspec:\n  tracepoints:\n"
	"  - subsystem: raw_syscalls\n    event: sys_enter\n    raw: true\n    args:\n    - {index: 1, type: int64}\n"
	"    selectors:\n    - matchArgs:\n      - {index: 1, operator: Equal, values: [\"%d\"]}\n";

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench/swap: %s: %s\n", what, why);
	exit(1);
}

struct image {
	struct unit unit;
	char text[512];
	struct buffer bytes;
};

static void make_image(struct image *image, int number)
{
	struct link_input input;
	const char *error;

	snprintf(image->text, sizeof(image->text), policy, number);
	unit_init(&image->unit, "swap.yaml", image->text, strlen(image->text));
	if (unit_compile(&image->unit, NULL))
		die("compile", "refused");
	input = (struct link_input){ image->unit.objects[0].bytes, image->unit.objects[0].length, "swap" };
	if (link_image(&input, 1, NULL, &image->unit.arena, &image->bytes, &error))
		die("link", error);
}

/* ---- Loading and attaching afresh ---- */

static uint64_t step_began, load_and_attach;
static enum step_kind step_kind;

static void end_step(void)
{
	if (step_began && (step_kind == STEP_LOAD || step_kind == STEP_ATTACH))
		load_and_attach += now() - step_began;
}

static int before_step(void *context, const struct plan_step *step)
{
	(void)context;
	end_step();
	step_kind = step->kind;
	step_began = now();
	return 0;
}

/* Nanoseconds that the LOAD and ATTACH steps of a first apply took; leaves the policy applied. */
static uint64_t apply_afresh(const struct image *image)
{
	struct apply_options options = { .root = ROOT, .before_step = before_step };
	struct link_input input = { image->unit.objects[0].bytes, image->unit.objects[0].length, "swap" };
	struct failure failure = { 0 };
	struct apply *apply;

	remove_everything(ROOT, &failure);
	load_and_attach = step_began = 0;
	if (apply_prepare(&options, &input, 1, &apply, &failure))
		die("apply", failure.text);
	if (apply_plan(apply)->refusal_count)
		die("apply", apply_plan(apply)->refusals[0].text);
	if (apply_run(apply, &failure))
		die("apply", failure.text);
	end_step();
	apply_free(apply);
	return load_and_attach;
}

/* ---- Swapping ---- */

static uint64_t matched(const struct counters *counters)
{
	return counters_sum(counters, 0).matched;
}

struct swaps {
	struct area area;
	struct counters counters;
	uint64_t seen[ROUNDS], written[ROUNDS], grace[ROUNDS];
};

static void swap_once(struct swaps *swaps, const struct image *image, int number, int round)
{
	uint64_t before = matched(&swaps->counters), start = now(), calls = 0;

	area_write(&swaps->area, image->bytes.bytes, image->bytes.length);
	area_switch(&swaps->area);
	swaps->written[round] = now() - start;
	do {
		syscall(number);
		if (++calls > 1)
			die("swap", "the next event did not see the new values");
	} while (matched(&swaps->counters) != before + calls);
	swaps->seen[round] = now() - start;
	start = now();
	area_wait();
	swaps->grace[round] = now() - start;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double median(uint64_t *times, size_t count)
{
	qsort(times, count, sizeof(*times), compare);
	return (double)times[count / 2];
}

static int open_pinned(const struct pins *pins, const char *name)
{
	int fd = pins_get(pins, PIN_MAPS, name);

	if (fd < 0)
		die(name, strerror(-fd));
	return fd;
}

int main(void)
{
	static struct swaps swaps;
	static struct image images[2];
	uint64_t afresh[FRESH_ROUNDS];
	struct failure failure = { 0 };
	struct pins pins;
	double load, seen;

	if (geteuid()) {
		puts("| change values, seen by the next event | not run: needs root | | | |");
		return 0;
	}
	for (int i = 0; i < 2; i++)
		make_image(&images[i], FIRST_NUMBER + i);
	for (int i = 0; i < FRESH_ROUNDS; i++)
		afresh[i] = apply_afresh(&images[0]);
	if (pins_open(&pins, ROOT, &failure) || area_open(&pins, &swaps.area, &failure))
		die("open", failure.text);
	if (counters_map(open_pinned(&pins, ABI_MAP_COUNTERS), &swaps.counters))
		die("counters", "cannot be mapped");
	for (int round = 0; round < ROUNDS; round++)
		swap_once(&swaps, &images[(round + 1) % 2], FIRST_NUMBER + (round + 1) % 2, round);
	area_close(&swaps.area);
	pins_close(&pins);
	remove_everything(ROOT, &failure);
	load = median(afresh, FRESH_ROUNDS);
	seen = median(swaps.seen, ROUNDS);
	printf("| change values, seen by the next event | %.1f us (written and switched: %.1f us) | "
	       "load and attach the same programs, %.1f ms | 1/%.0f | under 1/1,000 |\n",
		seen / 1e3, median(swaps.written, ROUNDS) / 1e3, load / 1e6, load / seen);
	printf("| grace period before the old half may be reused | %.2f ms | | | |\n",
		median(swaps.grace, ROUNDS) / 1e6);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* kernel_passing.c - see kernel_passing.h. */
#include "symbolize/kernel_passing.h"

#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compiler/base/arena.h"
#include "schema/schema.h"
#include "symbolize/kernel_list.h"

struct code {
	uint64_t start, end;
	const char *name, *module;
};

struct passing {
	struct arena arena;
	struct code *code;		/* ascending */
	size_t count, room;
};

struct passing *passing_new(void)
{
	struct passing *passing = calloc(1, sizeof(*passing));

	if (!passing)
		abort();
	return passing;
}

void passing_free(struct passing *passing)
{
	if (passing)
		arena_release(&passing->arena);
	free(passing);
}

/* ---- The list ---- */

static int compare(const void *a, const void *b)
{
	const struct code *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void set_ends(struct passing *passing)
{
	for (size_t n = 0; n < passing->count; n++) {
		struct code *const code = &passing->code[n];

		code->end = (code->start | 4095) + 1;
		if (n + 1 < passing->count && passing->code[n + 1].start < code->end)
			code->end = passing->code[n + 1].start;
	}
}

void passing_fill(struct passing *passing, char *text, size_t size)
{
	struct kernel_line line;
	char *at = text;

	arena_release(&passing->arena);
	*passing = (struct passing){ .count = 0 };
	while (kernel_line_next(&at, text + size, &line)) {
		if (!line.address || !kernel_line_is_function(&line) || !kernel_line_is_passing(&line))
			continue;
		passing->code = arena_grow(&passing->arena, passing->code, passing->count, &passing->room, sizeof(struct code));
		passing->code[passing->count++] = (struct code){
			line.address, 0, arena_copy(&passing->arena, line.name, strlen(line.name)),
			arena_copy(&passing->arena, line.module, strlen(line.module)),
		};
	}
	if (passing->count)
		qsort(passing->code, passing->count, sizeof(*passing->code), compare);
	set_ends(passing);
}

/* ---- How long programs are ---- */

enum { FUNCTIONS_MAX = 512 };	/* of one program; the kernel allows 256 */

static int bpf_call(int command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

/* A program never ends behind the beginning of the next: one may have gone between list and question. */
static void set_size(struct passing *passing, uint64_t start, uint32_t size)
{
	const struct code key = { .start = start };
	struct code *const code = passing->count ? bsearch(&key, passing->code, passing->count, sizeof(key), compare) : NULL;
	const bool has_next = code && code + 1 < passing->code + passing->count;

	if (!code || start + size < start)
		return;
	code->end = start + size;
	if (has_next && code[1].start < code->end)
		code->end = code[1].start;
}

static void measure_program(struct passing *passing, int program)
{
	uint64_t starts[FUNCTIONS_MAX] = { 0 };
	uint32_t sizes[FUNCTIONS_MAX] = { 0 };
	struct bpf_prog_info info = {
		.nr_jited_ksyms = FUNCTIONS_MAX, .jited_ksyms = (uintptr_t)starts,
		.nr_jited_func_lens = FUNCTIONS_MAX, .jited_func_lens = (uintptr_t)sizes,
	};
	union bpf_attr attributes = { .info = { .bpf_fd = (uint32_t)program, .info_len = sizeof(info), .info = (uintptr_t)&info } };

	if (bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attributes))
		return;
	for (uint32_t n = 0; n < info.nr_jited_ksyms && n < info.nr_jited_func_lens && n < FUNCTIONS_MAX; n++)
		set_size(passing, starts[n], sizes[n]);
}

void passing_measure(struct passing *passing)
{
	union bpf_attr next = { .start_id = 0 };

	for (size_t n = 0; n < LIMIT_KERNEL_PROGRAMS && !bpf_call(BPF_PROG_GET_NEXT_ID, &next); n++) {
		union bpf_attr open = { .prog_id = next.next_id };
		const int program = bpf_call(BPF_PROG_GET_FD_BY_ID, &open);

		next.start_id = next.next_id;
		if (program < 0)
			continue;
		measure_program(passing, program);
		close(program);
	}
}

/* ---- Looking it up ---- */

bool passing_find(const struct passing *passing, uint64_t address, struct name_found *ret, const char **module)
{
	size_t low = 0, high = passing->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (passing->code[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address >= passing->code[low - 1].end)
		return false;
	*ret = (struct name_found){ passing->code[low - 1].name, passing->code[low - 1].start,
				    passing->code[low - 1].end - passing->code[low - 1].start };
	*module = passing->code[low - 1].module;
	return true;
}

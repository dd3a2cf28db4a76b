// SPDX-License-Identifier: Apache-2.0
/*
 * test_assignments.c - register assignments as the kernel makes them are what the policy says: rows, and lists made at random, held against
 * the same in C. TAP.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf-templates/abi.h"
#include "runtime/processors.h"
#include "runtime/resolve.h"
#include "schema/names.h"
#include "tests/bpf/assignments.skel.h"
#include "tests/bpf/tap.h"

#if !defined(__x86_64__)
int main(void)
{
	return tap_skip("register assignments", "only those of x86-64 are made"), tap_done();
}
#else

enum { REGISTERS = 21, AT = 4096, ROUNDS = 3000, ASSIGNED = 2 };
#define RAX	(80 / 8)
#define RDI	(112 / 8)
#define RSI	(104 / 8)

/* As in assignments.bpf.c. */
struct tried {
	uint64_t registers[REGISTERS];
	int64_t result;
	uint32_t overridden, at;
};

static struct assignments_bpf *programs;
static const uint64_t memory[8] = { 0x0102030405060708, 42, UINT64_MAX, 0, 5, 6, 7, 0x8000000000000000 };

static struct tried begin(uint64_t seed)
{
	struct tried tried = { .at = AT };

	for (int n = 0; n < REGISTERS; n++)	/* no address at all, whatever is added */
		tried.registers[n] = 0x4000000000000000 | (seed + 1) * 0x9e3779b97f4a7c15 * (uint64_t)(n + 1) >> 4;
	tried.registers[RSI] = (uintptr_t)memory;
	return tried;
}

static bool run(const struct abi_assignment *list, uint32_t count, struct tried *tried)
{
	const struct abi_assignments head = { .count = count };
	uint64_t context[12] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = sizeof(context));
	const uint32_t key = 0;
	const int map = bpf_map__fd(programs->maps.tried);

	memcpy(programs->bss->area.half[0] + AT, &head, sizeof(head));
	memcpy(programs->bss->area.half[0] + AT + sizeof(head), list, count * sizeof(*list));
	return !bpf_map_update_elem(map, &key, tried, BPF_ANY) &&
	       !bpf_prog_test_run_opts(bpf_program__fd(programs->progs.make_assignments), &options) && !options.retval &&
	       !bpf_map_lookup_elem(map, &key, tried);
}

/* ---- The same in C ---- */

static uint64_t low(uint64_t value, unsigned size)
{
	uint64_t ret = 0;

	memcpy(&ret, &value, size);
	return ret;
}

static bool load(uint64_t address, uint64_t *ret)
{
	if (address < (uintptr_t)memory || address - (uintptr_t)memory > sizeof(memory) - sizeof(*ret))
		return false;
	memcpy(ret, (const void *)(uintptr_t)address, sizeof(*ret));
	return true;
}

static void expect(const struct abi_assignment *list, uint32_t count, struct tried *tried)
{
	for (uint32_t n = 0; n < count; n++) {
		uint64_t value = list[n].number;

		if (list[n].source_size)
			value += low(tried->registers[list[n].source / 8], list[n].source_size);
		if (list[n].flags && !load(value, &value)) {
			tried->result = -EFAULT;
			continue;
		}
		memcpy((uint8_t *)tried->registers + list[n].target, &value, list[n].target_size);
		tried->overridden = ASSIGNED;
	}
}

/* ---- Rows ---- */

static void test_rows(void)
{
	static const struct {
		const char *shows;
		const char *list[3];
		unsigned of;		/* register, and what it is then */
		uint64_t value;
		int result;
	} rows[] = {
		{ "a number", { "rax=-5" }, RAX, (uint64_t)-5, 0 },
		{ "a register and a number", { "rdi=40", "rax=2%rdi" }, RAX, 42, 0 },
		{ "a later one reads what an earlier one has left", { "rdi=7", "rdi=1%rdi" }, RDI, 8, 0 },
		{ "what is written to a part leaves the rest", { "rax=-1", "eax=0", "al=5" }, RAX, 0xffffffff00000005, 0 },
		{ "what is read of a part has zeros above", { "rdi=-1", "rax=%dil" }, RAX, 255, 0 },
		{ "memory", { "rax=8(%rsi)" }, RAX, 42, 0 },
		{ "memory, cut", { "rax=0", "ax=(%rsi)" }, RAX, 0x0708, 0 },
		{ "memory that cannot be read is left out, the others are made", { "rax=1", "rax=(%rax)", "rdi=9" }, RDI, 9, -EFAULT },
		{ "memory of the kernel is none", { "rdi=3", "rax=0xffffffff81000000", "rdi=(%rax)" }, RDI, 3, -EFAULT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct abi_assignment list[3];
		struct arena arena = { 0 };
		struct tried tried = begin(i);
		uint32_t count = 0;

		for (; count < 3 && rows[i].list[count]; count++)
			resolve_assignment(rows[i].list[count], &arena, &list[count]);
		tap_ok(run(list, count, &tried) && tried.result == rows[i].result && tried.overridden == ASSIGNED &&
		       tried.registers[rows[i].of] == rows[i].value, "assignments: %s", rows[i].shows);
		arena_release(&arena);
	}
}

static void test_others(void)
{
	struct abi_assignment list[2] = { { .target = 80, .target_size = 8, .number = 5 }, { 0 } };
	struct tried tried = begin(1);

	tried.overridden = 1;
	tap_ok(run(list, 1, &tried) && tried.result == -EBUSY && tried.overridden == 1, "assignments: not after another Override");
	tried = begin(1);
	tap_ok(run(list, 2, &tried) && tried.result == -EINVAL && tried.registers[RAX] == 5, "assignments: one that was not filled in is not made");
	tried = begin(1);
	list[0].flags = ABI_ASSIGNMENT_MEMORY;
	tap_ok(run(list, 1, &tried) && tried.result == -EFAULT && !tried.overridden, "assignments: when none was made, the call is not overridden");
}

/* ---- At random ---- */

static struct abi_assignment random_assignment(void)
{
	static const uint8_t sizes[] = { 1, 2, 4, 8 };
	const unsigned form = (unsigned)random() % 4;
	struct abi_assignment ret = {
		.number = form < 3 ? (uint64_t)random() << 20 : random() % 4 ? (uint64_t)random() % (sizeof(memory) - 7) : 1ULL << 62,
		.target = (uint16_t)(random() % REGISTERS * 8), .target_size = sizes[random() % 4],
	};

	if (ret.target == RSI * 8)	/* it keeps leading to memory, and to nothing beside it */
		ret.target = RDI * 8;
	if (form) {
		ret.source = (uint16_t)(form == 3 ? RSI * 8 : random() % REGISTERS * 8);
		ret.source_size = form == 3 ? 8 : sizes[random() % 4];
	}
	ret.flags = form == 3 ? ABI_ASSIGNMENT_MEMORY : 0;
	return ret;
}

static void test_random(void)
{
	unsigned round, bad = 0, failed = 0;

	srandom(1);
	for (round = 0; round < ROUNDS && !bad; round++) {
		struct abi_assignment list[ABI_ASSIGNMENTS_MAX];
		const uint32_t count = 1 + (uint32_t)random() % ABI_ASSIGNMENTS_MAX;
		struct tried got = begin(round), want = begin(round);

		for (uint32_t n = 0; n < count; n++)
			list[n] = random_assignment();
		expect(list, count, &want);
		if (!want.overridden)
			memcpy(want.registers, got.registers, sizeof(want.registers));
		bad += !run(list, count, &got) || memcmp(&got, &want, sizeof(got));
		failed += want.result != 0;
	}
	tap_ok(!bad && failed && failed < ROUNDS, "assignments: %u lists at random, %u of them with memory that is not there", round, failed);
}

int main(void)
{
	int error;

	programs = assignments_bpf__open();
	error = programs ? processors_size_maps(programs->obj) : -errno;
	if (!error)
		error = assignments_bpf__load(programs);
	if (!tap_ok(!error, "the program that makes assignments loads"))
		return tap_done();
	test_rows();
	test_others();
	test_random();
	assignments_bpf__destroy(programs);
	return tap_done();
}
#endif

// SPDX-License-Identifier: Apache-2.0
/* test_chains.c - walk_chain() of the programs, compiled for this machine, through this program's own memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bpf-templates/match_image.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* Memory that can be read; everything else faults. */
static const uint8_t *memory;
static size_t memory_size;
static int kernel_reads;

static long bpf_probe_read_user(void *target, uint32_t size, const void *address)
{
	const uint8_t *at = address;

	if (at < memory || size > memory_size || (size_t)(at - memory) > memory_size - size)
		return -14;
	memcpy(target, at, size);
	return 0;
}

static long bpf_probe_read_kernel(void *target, uint32_t size, const void *address)
{
	kernel_reads++;
	return bpf_probe_read_user(target, size, address);
}

#include "bpf-templates/chains.bpf.h"

#include <cmocka.h>	/* last: it takes the name fail */

struct node {
	struct node *next, *missing, *bad, *high;
	uint8_t one;
	uint16_t two;
	uint32_t four, bits;
	uint64_t eight;
	char text[8];
};

static void walks(void **state)
{
#define AT(member) offsetof(struct node, member)
	static struct node nodes[2];
	static const struct {
		const char *shows;
		struct abi_chain chain;
		long want;
		uint64_t value;
	} rows[] = {
		{ "one step: no pointer is read", { 1, 4, 0, 0, 0, { AT(four) } }, 0, 0x80000001 },
		{ "bytes are zero-extended", { 1, 1, 0, 0, 0, { AT(one) } }, 0, 0xfe },
		{ "two bytes", { 1, 2, 0, 0, 0, { AT(two) } }, 0, 0xfffd },
		{ "eight bytes", { 1, 8, 0, 0, 0, { AT(eight) } }, 0, 0x8000000000000003 },
		{ "a pointer is followed", { 2, 4, 0, 0, 0, { AT(next), AT(four) } }, 0, 7 },
		{ "there and back", { 3, 4, 0, 0, 0, { AT(next), AT(next), AT(four) } }, 0, 0x80000001 },
		{ "the longest", { 16, 4, 0, 0, 0, { [15] = AT(four) } }, 0, 7 },
		{ "bits of the middle", { 1, 4, 4, 8, 0, { AT(bits) } }, 0, 0xab },
		{ "with a sign", { 1, 4, 4, 8, ABI_CHAIN_SIGNED, { AT(bits) } }, 0, 0xffffffffffffffab },
		{ "positive with a sign", { 1, 4, 0, 4, ABI_CHAIN_SIGNED, { AT(bits) } }, 0, 1 },
		{ "all 64 bits", { 1, 8, 0, 64, 0, { AT(eight) } }, 0, 0x8000000000000003 },
		{ "NULL on the way", { 2, 4, 0, 0, 0, { AT(missing), AT(four) } }, -1, 0 },
		{ "a bad address on the way", { 3, 4, 0, 0, 0, { AT(bad), AT(next), AT(four) } }, -1, 0 },
		{ "a kernel's bad address", { 2, 4, 0, 0, 0, { AT(high), AT(four) } }, -1, 0 },
		{ "beyond what is there", { 1, 8, 0, 0, 0, { sizeof(nodes) } }, -1, 0 },
		{ "not filled in", { 0 }, -1, 0 },
		{ "too long", { 17, 4, 0, 0, 0, { 0 } }, -1, 0 },
		{ "no size of a number", { 1, 3, 0, 0, 0, { AT(four) } }, -1, 0 },
	};
	uint8_t image[128] __attribute__((aligned(8))) = { 0 };
	const struct match_image view = { image, sizeof(image) };
	uint64_t start = (uintptr_t)&nodes[0];
	__u64 value;

	(void)state;
	nodes[0] = (struct node){ &nodes[1], NULL, (struct node *)(uintptr_t)16, (struct node *)(uintptr_t)0xffff800000000000,
				  0xfe, 0xfffd, 0x80000001, 0xdeadbab1, 0x8000000000000003, "text" };
	nodes[1] = (struct node){ .next = &nodes[0], .four = 7 };
	memory = (const uint8_t *)nodes;
	memory_size = sizeof(nodes);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		memcpy(image + 16, &rows[i].chain, sizeof(rows[i].chain));
		if (walk_chain(view, 16, start, 0, &value) != rows[i].want || (!rows[i].want && value != rows[i].value))
			fail_msg("%s: %llx", rows[i].shows, value);
		assert_int_equal(walk_chain(view, 16, 0, 0, &value), -1);	/* from NULL, nothing can be read */
	}
	assert_true(kernel_reads > 0);
	memcpy(image + 16, &(struct abi_chain){ 2, 0, 0, 0, 0, { AT(next), AT(text) } }, sizeof(struct abi_chain));
	assert_int_equal(walk_chain(view, 16, start, 0, &value), 0);	/* the address itself */
	assert_int_equal(value, (uintptr_t)nodes[1].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(walks) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

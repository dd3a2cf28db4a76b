/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_builder.h - images made by hand, and what their records mean, said a second time and plainly.
 *
 * The builder remembers what it put into every table, so that oracle_run() can decide without looking at the image:
 * the kernel's answer, the matcher's answer and the oracle's must be one.
 */
#ifndef TESTS_BPF_IMAGE_BUILDER_H
#define TESTS_BPF_IMAGE_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf-templates/abi.h"
#include "bpf-templates/match.h"

struct test_pattern {
	uint32_t kind;		/* enum abi_string_kind; length 0 of PREFIX or POSTFIX: true for all.  Or enum abi_substring_kind */
	uint32_t length;
	const uint8_t *bytes;
	uint64_t rows;
};

struct test_interval {
	uint64_t low, high;	/* as numbers; flipped for a signed table */
	uint64_t rows;
};

struct test_network {
	uint8_t family;		/* 4 or 6 */
	uint8_t low[16], high[16];	/* network order */
	uint64_t rows;
};

/* An expression as a tree.  A comparison's type is that of what it compares. */
struct test_node {
	uint8_t op, type;	/* enum abi_word_op, enum abi_word_type */
	uint16_t slot;
	uint64_t number;
	const struct test_node *left, *right;
};

struct test_table {
	uint32_t offset;	/* in the image */
	uint32_t count;
	bool is_signed;
	struct test_pattern *patterns;
	struct test_interval *intervals;
	struct test_network *networks;
	const struct test_node *expression;	/* the caller's */
	struct test_table *next;
};

struct image_builder {
	uint8_t *bytes;		/* ABI_HALF_SIZE */
	uint32_t used;
	struct test_table *tables;
	uint32_t accepts;	/* offset of the first struct abi_accept */
	uint32_t accept_count;
};

void builder_init(struct image_builder *builder);
void builder_release(struct image_builder *builder);
uint32_t builder_reserve(struct image_builder *builder, uint32_t size);

/* Offsets of what was added.  Patterns and intervals are copied; intervals must be ascending and disjoint. */
uint32_t builder_strings(struct image_builder *builder, const struct test_pattern *patterns, uint32_t count);
uint32_t builder_paths(struct image_builder *builder, const struct test_pattern *patterns, uint32_t count);	/* with last names */
uint32_t builder_substrings(struct image_builder *builder, const struct test_pattern *patterns, uint32_t count);
uint32_t builder_globs(struct image_builder *builder, const struct test_pattern *patterns, uint32_t count);	/* each ends with a NUL */
uint32_t builder_expression(struct image_builder *builder, const struct test_node *root);
uint32_t builder_intervals(struct image_builder *builder, const struct test_interval *intervals,
			   uint32_t count, bool is_signed);
uint32_t builder_addresses(struct image_builder *builder, const struct test_network *networks,
			   uint32_t count);
void builder_policies(struct image_builder *builder, const uint32_t *flags, uint32_t count);
uint32_t builder_accept(struct image_builder *builder, const struct abi_accept *accept);
/* The same with one action. */
uint32_t builder_accept_acting(struct image_builder *builder, const struct abi_accept *accept, struct abi_action action);
uint32_t builder_hook(struct image_builder *builder, const struct abi_hook *hook,
		      const struct abi_record *records);
void builder_finish(struct image_builder *builder);

/* ---- What a slot holds ---- */

enum test_readable { TEST_READ, TEST_FAULT, TEST_NUMBER_ONLY };

struct test_value {
	enum test_readable readable;
	uint64_t number;
	const uint8_t *bytes;	/* whole, even if more than is read */
	uint64_t length;
	uint16_t family;	/* of an address; bytes are 4 or 16, number is the port */
	bool has_bytes, is_address;
};

struct oracle_result {
	uint32_t accepts[ABI_ACCEPTS_MAX];
	uint32_t count;
	uint32_t errors;
};
void oracle_run(const struct image_builder *builder, const struct abi_record *records,
		const struct test_value *slots, const struct test_value *binary,
		struct oracle_result *ret);

#endif

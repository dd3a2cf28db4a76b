/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tables.h - the build side of the look-up tables that match.h walks (bpf-templates/abi.h has the bytes).
 *
 * A table answers up to ABI_ROWS_MAX rows, one per predicate, in one look-up.  Builders add the table to
 * an image under construction, 8-byte aligned, and give its offset.  They return -E2BIG with the
 * limit that was passed in *reason when it cannot be built; the image then holds rubbish at its end.
 */
#ifndef COMPILER_TABLES_TABLES_H
#define COMPILER_TABLES_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf-templates/abi.h"
#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"

/* Members of sets, in any order and overlapping at will; `rows` has a bit for each row whose set they are in. */
struct table_pattern { uint32_t kind, length; const char *bytes; uint64_t rows; };	/* enum abi_string_kind, abi_substring_kind */
struct table_network { uint8_t family, prefix; uint8_t address[16]; uint64_t rows; };	/* 4 or 6; network order */

struct table_output {
	struct arena *arena;
	struct buffer *image;
	const char *reason;
};

/* `flags`: ABI_INTERVALS_SIGNED, when the bounds are of signed numbers (and flipped, as abi.h says). */
int table_add_intervals(struct table_output *output, const struct abi_interval *intervals, size_t count,
			uint32_t flags, uint32_t *ret);
int table_add_strings(struct table_output *output, const struct table_pattern *patterns, size_t count,
		      uint32_t *ret);

/* The same of paths of files, which are looked up with the name of the file known: with a filter of last names, where that is of use. */
int table_add_paths(struct table_output *output, const struct table_pattern *patterns, size_t count, uint32_t *ret);

/* All of one kind, none empty. */
int table_add_substrings(struct table_output *output, const struct table_pattern *patterns, size_t count, uint32_t *ret);

/* ABI_GLOB alone. */
int table_add_globs(struct table_output *output, const struct table_pattern *patterns, size_t count, uint32_t *ret);

/* IPv4 networks are matched as IPv4 and as IPv4-mapped IPv6. */
int table_add_addresses(struct table_output *output, const struct table_network *networks, size_t count,
			uint32_t *ret);

#endif

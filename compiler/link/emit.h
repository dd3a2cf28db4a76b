/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit.h - merged hooks to image bytes; what the parts of it share.
 *
 * The image grows in one buffer, so that every offset is final when it is written: tables, accepts, programs,
 * hooks, objects, metadata, policies.
 */
#ifndef COMPILER_LINK_EMIT_H
#define COMPILER_LINK_EMIT_H

#include "bpf-templates/abi.h"
#include "compiler/base/buffer.h"
#include "compiler/image/format.h"
#include "compiler/link/merge.h"

struct emit {
	struct merged *merged;
	struct arena *arena;
	struct buffer image;
	struct abi_image header;
	uint32_t (*tables)[ABI_REGISTERS_MAX];	/* by hook, by register: offset */
	uint32_t *hook_programs, *hook_records;	/* by hook: offset and count */
	uint32_t *policy_names;			/* by policy: offset, for abi_policy */
	uint32_t *policy_objects;		/* by policy: offset */
	struct buffer steps;			/* struct meta_step[], while programs are written */
};

/* ACCEPTS and PROGRAMS.  0 or -E2BIG with merged->error. */
int emit_programs(struct emit *emit);

/* METADATA; objects must have been written. */
void emit_metadata(struct emit *emit);

void emit_begin_section(struct emit *emit, enum abi_section_id section);
void emit_end_section(struct emit *emit, enum abi_section_id section);

#endif

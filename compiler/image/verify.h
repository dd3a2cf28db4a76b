/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.h - what the parts of image_verify share.
 *
 * Each check returns 0 or a negative errno with the reason in verify->message.  Memory and time are
 * bounded by the size of the image: every 8-byte word of TABLES belongs to one table at most, so that
 * no two can overlap and each is looked at once.
 */
#ifndef COMPILER_IMAGE_VERIFY_H
#define COMPILER_IMAGE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf-templates/abi.h"
#include "compiler/base/arena.h"

struct verify_register { uint8_t op, slot; uint32_t table; bool destination; };

struct verify {
	const uint8_t *bytes;
	size_t size;
	const struct abi_image *header;
	char *message;		/* 256 bytes */
	struct arena arena;
	uint8_t *words;		/* per 8 bytes of the image: enum table_word */
	const struct abi_hook *hook;	/* being looked at */
	struct verify_register registers[ABI_REGISTERS_MAX];	/* of that hook */
};

/* Whether the hook has the slot, and it holds such values (GIVES_ of loads.h). */
bool verify_slot_gives(const struct verify *verify, uint32_t slot, uint32_t gives);

/* The loads that expressions take: see match_load_number() in match.h. */
bool verify_slot_is_number(const struct verify *verify, uint32_t slot);

int verify_fail(struct verify *verify, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `size` bytes at `offset` when they lie in the section, 8-byte aligned; else NULL. */
const void *verify_in(const struct verify *verify, enum abi_section_id section, uint64_t offset,
		      uint64_t size);

/* Tables: each is looked at on its first use; later uses must be of the same kind. */
int verify_intervals(struct verify *verify, uint32_t offset);
int verify_strings(struct verify *verify, uint32_t offset);
int verify_addresses(struct verify *verify, uint32_t offset);
int verify_automaton(struct verify *verify, uint32_t offset);
int verify_expression(struct verify *verify, uint32_t offset);	/* of verify->hook */
int verify_location(struct verify *verify, uint32_t offset);
int verify_chain(struct verify *verify, uint32_t offset);

/* The decision program of verify->hook. */
int verify_program(struct verify *verify);

int verify_metadata(struct verify *verify);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* automata.h - an automaton by itself: built into an image that is nothing else, verified, and asked. */
#ifndef TESTS_UNIT_AUTOMATA_H
#define TESTS_UNIT_AUTOMATA_H

#include <stdlib.h>
#include <string.h>

#include "bpf-templates/match.h"
#include "compiler/image/verify.h"
#include "compiler/tables/tables.h"

struct automaton {
	struct arena arena;
	struct buffer image;
	struct table_output output;
	uint32_t at;
	struct match_native matcher;
};

typedef int automaton_adder(struct table_output *output, const struct table_pattern *patterns, size_t count, uint32_t *ret);

static inline int automaton_build(struct automaton *ret, automaton_adder *add, const struct table_pattern *patterns, size_t count)
{
	memset(ret, 0, sizeof(*ret));
	buffer_reserve(&ret->image, sizeof(struct abi_image));
	ret->output = (struct table_output){ &ret->arena, &ret->image, NULL };
	return add(&ret->output, patterns, count, &ret->at);
}

static inline void automaton_release(struct automaton *automaton)
{
	buffer_release(&automaton->image);
	arena_release(&automaton->arena);
}

/* With what is wrong in `message`. */
static inline bool automaton_is_verified(struct automaton *automaton, char message[256])
{
	struct abi_image *header = (void *)automaton->image.bytes;
	struct verify verify = { .bytes = (const uint8_t *)automaton->image.bytes, .size = automaton->image.length,
				 .header = header, .message = message };
	bool fine;

	header->sections[ABI_SECTION_TABLES] = (struct abi_section){
		sizeof(*header), (uint32_t)(automaton->image.length - sizeof(*header))
	};
	verify.words = calloc(automaton->image.length / 8 + 1, 1);
	fine = !verify_automaton(&verify, automaton->at);
	free(verify.words);
	return fine;
}

/* Rows that the string has, and those that are not known. */
static inline uint64_t automaton_rows(struct automaton *automaton, const char *bytes, size_t length, enum match_cut cut, uint64_t *unknown)
{
	struct match_state *state = &automaton->matcher.state;

	state->image = (struct match_image){ (const uint8_t *)automaton->image.bytes, automaton->image.length };
	state->data_used = 0;
	state->slots_cut = 0;
	match_put_bytes(state, 0, bytes, length, cut);
	match_find_substrings(state, automaton->at, 0, 5);
	*unknown = state->unknown[5];
	return state->rows[5];
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* component.h - for tests: whether a first test lets a component of a path pass, as programs of the kernel find it. */
#ifndef TESTS_FUZZ_COMPONENT_H
#define TESTS_FUZZ_COMPONENT_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf-templates/match.h"

/* A name of `length` bytes; `word`: its first 8, zeros behind them. */
static inline bool component_may_be(const struct abi_first *first, uint32_t length, uint64_t word)
{
	const uint64_t hash = match_component_hash(length, word), bits = match_component_bits(hash);

	if (!first->component_count)
		return (first->component_words[MATCH_COMPONENT_WORD(hash)] & bits) == bits;
	for (uint32_t n = 0; n < first->component_count; n++)
		if (first->component_lengths[n] == length && first->component_words[n] == word)
			return true;
	return false;
}

#endif

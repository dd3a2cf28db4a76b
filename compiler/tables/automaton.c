// SPDX-License-Identifier: Apache-2.0
/* automaton.c - see automaton.h. */
#include "compiler/tables/automaton.h"

#include <string.h>

static uint32_t add(struct buffer *image, const void *bytes, size_t length)
{
	const uint32_t at = (uint32_t)image->length;

	buffer_add(image, bytes, length);
	return at;
}

uint32_t automaton_write(const struct abi_automaton *head, const struct abi_state *states, const struct abi_cell *cells, const uint32_t *first,
			 struct buffer *image)
{
	struct abi_automaton table = *head;
	uint32_t at;

	buffer_align(image, 8);
	at = add(image, &table, sizeof(table));
	table.states = add(image, states, table.state_count * sizeof(*states));
	table.cells = add(image, cells, table.cell_count * sizeof(*cells));
	table.first = add(image, first, table.class_count * sizeof(*first));
	buffer_align(image, 8);
	memcpy(image->bytes + at, &table, sizeof(table));
	return at;
}

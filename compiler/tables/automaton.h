/* SPDX-License-Identifier: Apache-2.0 */
/* automaton.h - the bytes of a struct abi_automaton, whatever its states stand for.  Private to the room. */
#ifndef COMPILER_TABLES_AUTOMATON_H
#define COMPILER_TABLES_AUTOMATON_H

#include "bpf-templates/abi.h"
#include "compiler/base/buffer.h"

/* Adds the table, as many of each as `head` says; its offsets are filled in here.  Gives back where it is. */
uint32_t automaton_write(const struct abi_automaton *head, const struct abi_state *states, const struct abi_cell *cells, const uint32_t *first,
			 struct buffer *image);

#endif

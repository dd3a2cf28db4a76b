/* SPDX-License-Identifier: Apache-2.0 */
/*
 * location.h - where the arguments of a static probe are, as its note says: "-4@%eax 8@-8(%rbp) 4@$5".
 *
 * Each is SIZE@OPERAND in the words of the machine's assembler; a negative size is that of a signed number.  What cannot be said by a
 * struct abi_location (floating point, addresses of symbols, registers that are not kept, segments) is refused and never guessed.
 */
#ifndef COMPILER_KERNEL_LOCATION_H
#define COMPILER_KERNEL_LOCATION_H

#include <stddef.h>

#include "bpf-templates/abi.h"
#include "schema/names.h"

enum { LOCATION_REASON_MAX = 256 };

/* How many arguments the text lists. */
size_t location_count(const char *text);

/* That of argument `number`, from 0.  0, or -1 with the reason, which names the argument's text. */
int location_find(enum machine machine, const char *text, size_t number, struct abi_location *ret, char why[LOCATION_REASON_MAX]);

#endif

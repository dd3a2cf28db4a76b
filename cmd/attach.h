/* SPDX-License-Identifier: Apache-2.0 */
/* attach.h - the option --attach: ways to attach, by their names. */
#ifndef CMD_ATTACH_H
#define CMD_ATTACH_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/verb.h"

/* Bits of enum attach_kind for all words of the option.  False, said on stderr, when one is none. */
bool attach_read(const struct option_list *words, uint32_t *ret);

#endif

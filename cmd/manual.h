/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manual.h - the pages of the manual, made from the rows of the verbs and the tables of schema/.
 *
 * tetra.1, a tetra-VERB.1 for each verb, and tetra-policy.5.
 */
#ifndef CMD_MANUAL_H
#define CMD_MANUAL_H

#include <stdio.h>

#include "cmd/verb.h"
#include "compiler/base/buffer.h"

#define MANUAL_LANGUAGE "tetra-policy"	/* in section 5 */

/* Adds the name of page n, "tetra-check.1"; false past the last. */
bool manual_page(size_t n, struct buffer *ret);

/* In man(7). */
void manual_write_overview(FILE *out);
void manual_write_verb(FILE *out, const struct verb *verb);
void manual_write_language(FILE *out);

#endif

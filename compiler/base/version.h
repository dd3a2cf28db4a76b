/* SPDX-License-Identifier: Apache-2.0 */
/* version.h - releases of Linux by their first two numbers: "5.10", as policies name them, and as what uname -r says begins. */
#ifndef COMPILER_BASE_VERSION_H
#define COMPILER_BASE_VERSION_H

#include <stdbool.h>
#include <stddef.h>

struct version { unsigned major, minor; };

/* The bytes of the two numbers, which may be all there are or not; 0 when the text does not begin with them. */
size_t version_read(const char *text, size_t length, struct version *ret);

bool version_is_older(struct version a, struct version b);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* first.h - the first test of each hook, for the page that programs look at first: see struct abi_first. */
#ifndef COMPILER_IMAGE_FIRST_H
#define COMPILER_IMAGE_FIRST_H

#include <stddef.h>
#include <stdint.h>

#include "bpf-templates/abi.h"

/* The test of hook `id`, all zeros when the image has no such hook.  Safe for any bytes. */
void image_first(const void *image, size_t size, uint32_t id, struct abi_first *ret);

/* Of all hooks, into the column of one half. */
void image_write_first(const void *image, size_t size, uint64_t half, struct abi_area *area);

#endif

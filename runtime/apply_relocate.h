/* SPDX-License-Identifier: Apache-2.0 */
/* apply_relocate.h - what the kernel said of an image's relocations goes into its bytes. */
#ifndef RUNTIME_APPLY_RELOCATE_H
#define RUNTIME_APPLY_RELOCATE_H

#include "runtime/pins.h"
#include "runtime/plan.h"

/*
 * `bytes` are those that input->image is a view of: it stays one.  `live` is what runs now, or NULL.  Seals the image and verifies it
 * again; 0 or a negative errno with a text.
 */
int apply_relocate(void *bytes, size_t size, const struct plan_input *input, const struct image_view *live, struct failure *failure);

#endif

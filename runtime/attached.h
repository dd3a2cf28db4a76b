/* SPDX-License-Identifier: Apache-2.0 */
/* attached.h - which hooks have a program, by the names of their pins. */
#ifndef RUNTIME_ATTACHED_H
#define RUNTIME_ATTACHED_H

#include "runtime/pins.h"
#include "runtime/plan.h"

/*
 * The hooks that are attached.  When a key has two (a crash while it changed), the one that `live` uses comes
 * first; live may be NULL.  Pins that are not ours are passed over.
 */
int attached_read(const struct pins *pins, const struct image_view *live, struct arena *arena,
		  struct plan_attached **ret, size_t *count);

#endif

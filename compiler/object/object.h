/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object.h - the policy object: one compiled policy as portable bytes.
 *
 * A header, then sections of fixed-size records that refer to each other by number (format.h has the
 * layout).  Objects hold no addresses and nothing of the machine that made them; linking reads them.
 */
#ifndef COMPILER_OBJECT_OBJECT_H
#define COMPILER_OBJECT_OBJECT_H

#include "compiler/selector/ir.h"

/* Whether the bytes begin like an object; says nothing about the rest. */
bool object_is(const void *bytes, size_t size);

/* Adds the object of a simplified policy to `ret`.  -E2BIG when it would pass LIMIT_OBJECT_BYTES, _TEXT_BYTES or LIMIT_SELECTOR_FILTERS. */
int object_write(const struct ir_policy *policy, struct buffer *ret);

/*
 * The pass: one object per policy; says which ones are too large.  The array lives in the arena, the buffers are the
 * caller's to release, also after an error.
 */
int objects_write(const struct ir_list *ir, struct arena *arena, struct diagnostics *diagnostics,
		  struct buffer **ret, size_t *count);
void objects_release(struct buffer *objects, size_t count);

/*
 * Checks everything, whatever the bytes are, in time and memory that the limits bound; 0, -EINVAL (damaged, or not an object) or -EPROTO (made for
 * another version), with what is wrong in `message`.
 */
int object_verify(const void *bytes, size_t size, char message[256]);

/* Verifies and reads into `arena`.  Texts are copied: the bytes need not outlive the call. */
int object_read(const void *bytes, size_t size, struct arena *arena, struct ir_policy *ret,
		char message[256]);

/* Sections with counts and sizes, then the policy as ir_dump_policy prints it.  Needs a verified object. */
void object_dump(const void *bytes, size_t size, struct buffer *ret);

#endif

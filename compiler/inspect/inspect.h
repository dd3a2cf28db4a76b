/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect.h - what is in a policy object or in a host image, of which only the bytes are at hand.
 *
 * Everything is made as data (compiler/base/data.h), which has one member `text` wherever there is something to say to
 * people: JSON is all of it, text is those.  Time and memory are bounded by the size of the file.
 */
#ifndef COMPILER_INSPECT_INSPECT_H
#define COMPILER_INSPECT_INSPECT_H

#include <stdbool.h>

#include "compiler/base/data.h"

enum inspect_kind {
	INSPECT_NOTHING,	/* no bytes at all */
	INSPECT_OBJECT, INSPECT_IMAGE,
	INSPECT_TEXT,		/* a policy, perhaps */
	INSPECT_UNKNOWN,
};

/* What the bytes begin like. */
enum inspect_kind inspect_kind(const void *bytes, size_t size);

/*
 * Verifies and reads an object or an image.  The bytes, 8-byte aligned, are borrowed, and so is the arena that all of it lives in;
 * `name` is for what is said.  0, -EINVAL (damaged) or -EPROTO (of another version), with the reason in `message`.
 */
struct inspection;
int inspect_read(const void *bytes, size_t size, const char *name, struct arena *arena, struct inspection **ret,
		 char message[256]);

/* What it holds, and what it does. */
const struct data *inspect_contents(struct inspection *inspection);

/* Every range of bytes, in order: `ranges` begin at 0, follow each other without a gap and end where the file does. */
const struct data *inspect_map(struct inspection *inspection);

/* Either of them, for people. */
void inspect_write_text(const struct data *data, struct buffer *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.h - what is known of a kernel: of this one, or of another one from a file.
 *
 * The file is JSON, as `tetra probe -o json` writes it.  What it does not say is not known: neither that it works nor
 * that it does not.
 */
#ifndef RUNTIME_PROFILE_H
#define RUNTIME_PROFILE_H

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"
#include "compiler/image/image.h"
#include "runtime/kernel.h"
#include "runtime/probe.h"

struct profile {
	const char *release, *machine;	/* NULL: not known */
	uint32_t processors;		/* 0: not known */
	uint32_t known;			/* bits of `features` that are */
	struct features features;
	bool has_functions, has_traceable;	/* else: not known */
	bool has_in_modules;
	struct function_names functions, traceable;
	struct function_names in_modules;	/* those of `traceable` that the kernel itself has not */
};

/* This kernel, as far as this process may ask it for these features.  Functions: not unless profile_add_functions is called. */
void profile_of_this_kernel(struct arena *arena, uint32_t features, struct profile *ret);
void profile_add_functions(struct arena *arena, struct profile *profile);

/* 0, or -EINVAL with what is wrong in `message`.  Everything is copied into the arena. */
int profile_read(const char *text, size_t length, struct arena *arena, struct profile *ret, char message[256]);

/* JSON on one line, with its end. */
void profile_write(const struct profile *profile, struct buffer *ret);

/* "works", "missing (EOPNOTSUPP)" or "not known". */
const char *profile_says(const struct profile *profile, enum feature feature, struct arena *arena);

/* What is known of the functions; `known` is of the profile.  Without the modules, none counts as known that can be traced. */
void profile_known_functions(const struct profile *profile, struct known_functions *ret);

/*
 * What is known of a hook's place.  True when it is known whether it exists; else the facts are those of a place that does, and
 * suits.
 */
bool profile_hook_facts(const struct profile *profile, const struct image_hook *hook, struct arena *arena, struct hook_facts *ret);

#endif

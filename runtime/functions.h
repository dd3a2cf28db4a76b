/* SPDX-License-Identifier: Apache-2.0 */
/* functions.h - what the generated lists of policies stand for among the functions of a kernel: of this one, or of a profile. */
#ifndef RUNTIME_FUNCTIONS_H
#define RUNTIME_FUNCTIONS_H

#include "compiler/base/arena.h"
#include "compiler/image/image.h"
#include "compiler/link/link.h"

/* Sorted.  `traceable`: of available_filter_functions; with count 0, not known. */
struct function_names { const char *const *items; size_t count; };
struct known_functions {
	struct function_names all, traceable;
	struct function_names in_modules;	/* those of `traceable` that the kernel itself has not */
	const char *syscall_prefix;		/* "__x64_"; NULL: not known */
};

bool function_names_have(const struct function_names *names, const char *name);

/* The system calls, "sys_read", as far as they can be traced. */
size_t functions_syscalls(const struct known_functions *known, struct arena *arena, const char *const **ret);

/*
 * What the image's hooks ask for by regular expressions: those functions of the kernel itself that can be traced.  One that matches
 * none has none.  Everything lives in the arena.
 */
size_t functions_matching(const struct known_functions *known, const struct image_view *image, struct arena *arena,
			  struct link_functions **ret);

/* Whether a hook of the image stands for all system calls. */
bool functions_wants_syscalls(const struct image_view *image);

/* Why a hook that is still marked as a pattern is none; in the arena. */
const char *functions_refusal(const struct known_functions *known, const struct image_hook *hook, struct arena *arena);

#endif

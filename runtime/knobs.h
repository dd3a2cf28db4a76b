/* SPDX-License-Identifier: Apache-2.0 */
/* knobs.h - the constants that a program gets before it is loaded: see enum abi_knob. */
#ifndef RUNTIME_KNOBS_H
#define RUNTIME_KNOBS_H

#include <stdint.h>

#include "bpf-templates/abi.h"

struct bpf_object;

struct knobs {
	uint32_t hook, return_hook;	/* ids, or ABI_HOOK_FROM_COOKIE */
	uint32_t argument_count;
	uint32_t overrides;
	uint32_t preempt_off, preempt_on;	/* ids of kfuncs in the kernel's BTF; 0: not to be called */
	uint32_t file;			/* ABI_KNOB_FILE: see typed_paths.h */
};

/* Fills them in, in all programs of an object that was opened and not loaded yet; once.  0 or a negative errno. */
int knobs_set(struct bpf_object *object, const struct knobs *knobs);

#endif

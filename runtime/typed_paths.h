/* SPDX-License-Identifier: Apache-2.0 */
/*
 * typed_paths.h - what a program that knows the types of its arguments may do with the file of argument 0: see typed_paths.bpf.h.
 *
 * Kernels have a list of functions at which they tell paths (btf_allowlist_d_path in kernel/trace/bpf_trace.c), and do it at those LSM hooks that may
 * sleep. What a program gets is tried, never taken from a list.
 */
#ifndef RUNTIME_TYPED_PATHS_H
#define RUNTIME_TYPED_PATHS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/bpf.h>

#include "bpf-templates/abi.h"

/* Whether kernels tell programs at the function (fentry) the path of its first argument, as far as is known. */
bool typed_paths_are_told_at(const char *function);

/*
 * ABI_KNOB_FILE of a program of that kind at the function ("bpf_lsm_file_open" of an LSM hook), as the running kernel has it: 0 when its first
 * argument leads to no file, or nothing may be done with it; and at functions that are neither LSM hooks nor known to the kernel to have a whole file
 * there, since loads from arguments are not guarded on newer ones.
 */
uint32_t typed_paths_try(enum bpf_prog_type type, enum bpf_attach_type attach, const char *function);

/* 0 when the running kernel tells paths at all, else a negative errno. */
int typed_paths_probe(void);

#endif

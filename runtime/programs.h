/* SPDX-License-Identifier: Apache-2.0 */
/*
 * programs.h - making the maps and loading the programs that were built into tetra.
 *
 * What libbpf and the verifier say about a refusal ends up in the failure's text, never on the terminal.
 */
#ifndef RUNTIME_PROGRAMS_H
#define RUNTIME_PROGRAMS_H

#include "runtime/pins.h"
#include "runtime/plan.h"

struct bpf_object;

/* From now on libbpf is silent, and its words are kept for failures. */
void programs_listen(void);

/* Makes one map of plan_maps, as the programs want it, and pins it. */
int programs_make_map(const struct pins *pins, const char *name, struct failure *failure);

/* Bytes that a map of plan_maps takes of the kernel's memory, about, for that many processors; 0: not known. */
uint64_t programs_map_bytes(const char *name, uint32_t processors);

/* Whether the pinned maps are what these programs want; -EPROTO when another version of tetra made them. */
int programs_check_maps(const struct pins *pins, struct failure *failure);

/* Descriptor of a program that serves many hooks (LOAD step), or one for the hook of an ATTACH step. */
int programs_load(const struct pins *pins, const struct plan_step *step, struct failure *failure);

/*
 * Descriptor of the program behind a link of plan_process_links; *tracepoint is where it belongs.  The first call loads them all, at once
 * because the kernel's types are read for each object anew, into *programs, which was NULL; the descriptor is theirs.
 */
int programs_get_process(struct bpf_object **programs, const struct pins *pins, const char *name, const char **tracepoint,
			 struct failure *failure);

/* NULL is fine. */
void programs_close(struct bpf_object *programs);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* processors.h - the size of the map that is an array over all processors. */
#ifndef RUNTIME_PROCESSORS_H
#define RUNTIME_PROCESSORS_H

struct bpf_object;

/* Highest number that a processor of this machine can have, plus one; or a negative errno. */
int processors_count(void);

/* Gives them one entry for each processor, in an object that was opened and not loaded yet.  0 or a negative errno. */
int processors_size_maps(struct bpf_object *object);

#endif

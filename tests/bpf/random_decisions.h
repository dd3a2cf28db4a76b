/* SPDX-License-Identifier: Apache-2.0 */
/* random_decisions.h - images and events made at random. */
#ifndef TESTS_BPF_RANDOM_DECISIONS_H
#define TESTS_BPF_RANDOM_DECISIONS_H

#include "tests/bpf/rig.h"

/* How often kernel, matcher and oracle disagree on `rounds` images, the same ones for the same seed; at five it ends. */
unsigned random_failures(struct rig *rig, uint64_t seed, unsigned rounds);

#endif

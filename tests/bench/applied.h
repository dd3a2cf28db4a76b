/* SPDX-License-Identifier: Apache-2.0 */
/*
 * applied.h - what benches share: policies applied from YAML by tetra's own code, a clock, and an end when something is wrong.
 *
 * What fails ends the process with status 1 and a sentence: a bench that measured something else than it says is worth nothing.
 */
#ifndef TESTS_BENCH_APPLIED_H
#define TESTS_BENCH_APPLIED_H

#include <stdint.h>

#include "compiler/base/buffer.h"
#include "runtime/pins.h"

_Noreturn void bench_die(const char *what, const char *why);

/* Nanoseconds of CLOCK_MONOTONIC; in a machine that counts instructions (tests/vm/run), instructions. */
uint64_t bench_now(void);

/* The same policies and no others, below `root`; `attach` names the only kind that may serve the hooks that it can serve, or is NULL. */
void bench_apply(const char *root, const struct buffer *yaml, const char *attach);

/* The whole file, added to `ret`. */
void bench_read_file(const char *path, struct buffer *ret);

/* What is pinned below the root, if anything is. */
void bench_remove(const char *root);

/* Opened pins, for reading. */
void bench_open(const char *root, struct pins *ret);

/* Descriptor of a pinned map. */
int bench_map(const struct pins *pins, const char *name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel_passing.h - code of the kernel that comes and goes without a module: BPF programs and trampolines, and what ftrace and kprobes make.
 *
 * It is listed anew when it is asked for, once in LIMIT_KERNEL_LIST_SECONDS at most, and never kept on disk.  How long programs are is asked of
 * the kernel, by bpf(2), where that is permitted; what is not known to be longer ends where the next begins, or with its page.
 */
#ifndef SYMBOLIZE_KERNEL_PASSING_H
#define SYMBOLIZE_KERNEL_PASSING_H

#include <stdbool.h>
#include <stdint.h>

#include "symbolize/names.h"

struct passing;

struct passing *passing_new(void);
void passing_free(struct passing *passing);

/* Takes what of a list (kernel_list.h) is of this kind; the text is changed.  Replaces what was there. */
void passing_fill(struct passing *passing, char *text, size_t size);
/* The sizes of the programs that the kernel runs now. */
void passing_measure(struct passing *passing);

/* Texts are valid until it is filled again.  *module: "bpf". */
bool passing_find(const struct passing *passing, uint64_t address, struct name_found *ret, const char **module);

#endif

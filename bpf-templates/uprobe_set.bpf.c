// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * uprobe_set.bpf.c - the same programs, able to write to the memory of the program that they watch (Set).
 *
 * A program of its own: the kernel logs whenever one that can is loaded, and refuses it where it is locked down.
 */
#define ENGINE_SETS
#include "bpf-templates/uprobe.bpf.c"

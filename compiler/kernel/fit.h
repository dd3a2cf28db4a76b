/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit.h - whether what a kernel has in a place can be read as the type that a policy says.
 *
 * Policies read values as they declare them. Where the kernel has something else, of another width, sign or kind, what a filter
 * sees would not be what the kernel means; such a policy is refused, and told what is there.
 */
#ifndef COMPILER_KERNEL_FIT_H
#define COMPILER_KERNEL_FIT_H

#include "compiler/kernel/chain.h"
#include "schema/schema.h"

enum { FIT_REASON_MAX = 400 };

/* At the end of a chain: exactly what is declared. Bit fields fit into what holds them. False: `why` says both. */
bool fit_chain(const struct btf_view *view, const struct chain *chain, enum type_id type, char why[FIT_REASON_MAX]);

/*
 * An argument, or what is returned, as it comes in a register of 64 bits: of narrower integers the low bits may be read, of wider ones
 * not what is not there.
 */
bool fit_argument(const struct btf_view *view, uint32_t argument, enum type_id type, char why[FIT_REASON_MAX]);

/* The type of what a policy says no type of; -1: none, which is so of pointers to what no type reads. */
int fit_told(const struct btf_view *view, const struct chain *chain);

/* The type that reads what is at the end of a chain as it is, -1 when there is none; and of integers the load, else ABI_LOAD_NONE. */
int fit_type(const struct btf_view *view, const struct chain *chain);
enum abi_load fit_load(const struct btf_view *view, const struct chain *chain);

#endif

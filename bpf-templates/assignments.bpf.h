/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * assignments.bpf.h - what an Override of a uprobe makes of the registers of the program; see struct abi_assignment.
 *
 * They are made in a copy, when the action is done, so that the event can tell whether all of them could be; the program's own registers are
 * written at the end of the run (registers_write).  Only programs that may do so (ENGINE_REGISTERS) can.
 */
#ifndef BPF_TEMPLATES_ASSIGNMENTS_BPF_H
#define BPF_TEMPLATES_ASSIGNMENTS_BPF_H

#include "bpf-templates/scratch.bpf.h"

#ifdef ENGINE_REGISTERS

_Static_assert(sizeof(struct pt_regs) <= ASSIGNED_WORDS * 8, "the registers of a program");

static __always_inline __u64 assignment_mask(__u32 size)
{
	return size >= 8 ? ~0ULL : (1ULL << size * 8) - 1;
}

/* The copy of the register at that offset of struct pt_regs, which apply has filled in.  The mask is what the verifier understands. */
static __always_inline __u64 *assignment_register(struct scratch *piece, __u64 offset)
{
	__u8 *registers = (__u8 *)piece->assigned;

	offset &= sizeof(piece->assigned) - 8;
	barrier_var(offset);
	return (__u64 *)(registers + offset);
}

/* The assignment at `at` of the image: 0, or why it is not made. */
__noinline int assignment_make(__u32 index, __u32 at)
{
	struct scratch *piece = scratch_get(index);
	__u64 value, form, mask, *place;

	if (!piece)
		return -ERRNO_FAULT;
	value = match_image64(piece->match.image, at);
	form = match_image64(piece->match.image, at + 8ULL);
	if (!(form >> 32 & 0xff))
		return -ERRNO_INVALID;
	if (form >> 40 & 0xff) {
		place = assignment_register(piece, form >> 16 & 0xffff);
		value += *place & assignment_mask(form >> 40 & 0xff);
	}
	if (form >> 48 & ABI_ASSIGNMENT_MEMORY && bpf_probe_read_user(&value, sizeof(value), (void *)value))
		return -ERRNO_FAULT;
	place = assignment_register(piece, form & 0xffff);
	mask = assignment_mask(form >> 32 & 0xff);
	*place = (*place & ~mask) | (value & mask);
	return 0;
}

/*
 * Makes those at `at`, one after the other.  One that cannot be made is left out, and the Override has failed, although the others are made.
 * When another Override of this call was done before, nothing is.
 */
__noinline int assignments_make(__u32 index, __u32 at)
{
	struct scratch *piece = scratch_get(index);
	__u32 n, count;
	int failure = 0, error;

	if (!piece || piece->overridden)
		return -ERRNO_BUSY;
	if (bpf_probe_read_kernel(piece->assigned, sizeof(struct pt_regs), (void *)piece->context))
		return -ERRNO_FAULT;
	count = match_image32(piece->match.image, at);
	for (n = 0; n < ABI_ASSIGNMENTS_MAX; n++) {
		if (n >= count)
			break;
		error = assignment_make(index, at + sizeof(struct abi_assignments) + n * sizeof(struct abi_assignment));
		if (error)
			failure = error;
		else
			piece->overridden = SCRATCH_ASSIGNED;
	}
	return failure;
}

/* What was made becomes the program's registers; the others are written as they were. */
static __always_inline void registers_write(struct pt_regs *registers, const struct scratch *piece)
{
#define WRITE(name) registers->name = piece->assigned[__builtin_offsetof(struct pt_regs, name) / 8]
#ifdef __TARGET_ARCH_arm64
#error "registers of this machine are not written yet"
#else
	WRITE(r15);
	WRITE(r14);
	WRITE(r13);
	WRITE(r12);
	WRITE(bp);
	WRITE(bx);
	WRITE(r11);
	WRITE(r10);
	WRITE(r9);
	WRITE(r8);
	WRITE(ax);
	WRITE(cx);
	WRITE(dx);
	WRITE(si);
	WRITE(di);
	WRITE(ip);
	WRITE(sp);
#endif
#undef WRITE
}

#endif
#endif

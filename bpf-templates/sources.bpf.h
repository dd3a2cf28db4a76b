/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sources.bpf.h - where a slot's value comes from: arguments, fields of records, registers, locations; memory that it points to, and what its chain leads to.
 *
 * What becomes of that number (a string, a path, a socket) is in arguments.bpf.h.
 */
#ifndef BPF_TEMPLATES_SOURCES_BPF_H
#define BPF_TEMPLATES_SOURCES_BPF_H

#include "bpf-templates/scratch.bpf.h"
#include "bpf-templates/chains.bpf.h"

#define SLOT_LOAD(descriptor)	((__u32)(descriptor) & 0xff)
#define SLOT_SOURCE(descriptor)	((__u32)((descriptor) >> 8) & 0xff)
#define SLOT_INDEX(descriptor)	((__u32)((descriptor) >> 16) & 0xff)
#define SLOT_SIZE(descriptor)	((__u32)((descriptor) >> 24) & 0xff)
#define SLOT_OFFSET(descriptor)	((__u32)((descriptor) >> 32))

static __always_inline __u64 slot_descriptor(struct match_image image, __u32 hook, __u32 slot)
{
	return match_image64(image, (__u64)hook + __builtin_offsetof(struct abi_hook, slots) +
					    slot * (__u64)sizeof(struct abi_slot));
}

/* Offset of the slot's struct abi_chain; 0 when it has none. */
static __always_inline __u32 slot_chain(struct match_image image, __u32 hook, __u32 slot)
{
	return match_image32(image, (__u64)hook + __builtin_offsetof(struct abi_hook, slots) +
					    slot * (__u64)sizeof(struct abi_slot) + __builtin_offsetof(struct abi_slot, chain));
}

/* What an event carries beside the values that the policy names. */
static __always_inline bool load_is_extra(__u32 load)
{
	return load == ABI_LOAD_KERNEL_STACK || load == ABI_LOAD_USER_STACK || load == ABI_LOAD_DIGEST;
}

/* Kernel addresses have the highest bit set. */
static __always_inline int address_is_kernel(__u64 address)
{
	return (__s64)address < 0;
}

/* Where user space could not read, a program does not read for it. */
static __always_inline long read_memory(struct scratch *piece, void *target, __u32 size, __u64 address)
{
	if (!address_is_kernel(address))
		return bpf_probe_read_user(target, size, (void *)address);
	return piece->user_only ? -1 : bpf_probe_read_kernel(target, size, (void *)address);
}

/* The same up to a NUL; bytes that were read, with it, or less than 0. */
static __always_inline long read_text(struct scratch *piece, void *target, __u32 size, __u64 address)
{
	if (!address_is_kernel(address))
		return bpf_probe_read_user_str(target, size, (void *)address);
	return piece->user_only ? -1 : bpf_probe_read_kernel_str(target, size, (void *)address);
}

/* A field of a tracepoint's record: `size` bytes, zero-extended.  0 when it was read. */
static __always_inline long read_field(__u64 context, __u64 descriptor, __u64 *value)
{
	__u64 raw = 0;
	void *address = (void *)(context + SLOT_OFFSET(descriptor));
	long result;

	switch (SLOT_SIZE(descriptor)) {
	case 1:
		result = bpf_probe_read_kernel(&raw, 1, address);
		break;
	case 2:
		result = bpf_probe_read_kernel(&raw, 2, address);
		break;
	case 4:
		result = bpf_probe_read_kernel(&raw, 4, address);
		break;
	case 8:
		result = bpf_probe_read_kernel(&raw, 8, address);
		break;
	default:
		return -1;
	}
	*value = raw;
	return result;
}

/*
 * A register of the interrupted function; of a system call it is meant as the caller left it, in the registers to which that
 * function's only argument points.
 */
static __always_inline long read_register(struct scratch *piece, __u64 descriptor, __u64 *value)
{
	__u32 flags = match_image32(piece->match.image, piece->match.hook + __builtin_offsetof(struct abi_hook, flags));
	__u64 registers = piece->context;

	if (flags & ABI_HOOK_SYSCALL &&
	    bpf_probe_read_kernel(&registers, sizeof(registers), (void *)(registers + REGISTERS_ARGUMENT_0_OFFSET)))
		return -1;
	return read_field(registers, descriptor, value);
}

static __always_inline __u64 location_register(struct scratch *piece, __u32 place)
{
	__u64 value = 0;

	if (place)
		bpf_probe_read_kernel(&value, sizeof(value), (void *)(piece->context + place - 1));
	return value;
}

/* Of an argument of a static probe: the address where it is, or the number itself. */
static __always_inline __u64 location_address(struct scratch *piece, __u64 offset, __u64 form)
{
	return match_image64(piece->match.image, offset) + location_register(piece, form & 0xffff) +
	       location_register(piece, form >> 16 & 0xffff) * (form >> 32 & 0xff);
}

/* An argument of a static probe, into `followed`: see struct abi_location.  0 when it was read. */
__noinline int read_location(__u32 index, __u32 offset)
{
	struct scratch *piece = scratch_get(index);
	__u64 form, value;
	__u32 size, flags, shift;

	if (!piece)
		return -1;
	form = match_image64(piece->match.image, offset + 8ULL);
	size = form >> 40 & 0xff;
	flags = form >> 48 & 0xff;
	if (!size)
		return -1;
	value = location_address(piece, offset, form);
	if (flags & ABI_LOCATION_MEMORY && chain_number(value, size, 1, &value))
		return -1;
	shift = (64 - 8 * size) & 63;
	value <<= shift;
	piece->followed = flags & ABI_LOCATION_SIGNED ? (__u64)((__s64)value >> shift) : value >> shift;
	return 0;
}

static __always_inline long read_source(struct scratch *piece, __u64 descriptor, __u64 *value)
{
	__u32 index = SLOT_INDEX(descriptor);

	switch (SLOT_SOURCE(descriptor)) {
	case ABI_SOURCE_ARGUMENT:
		if (index >= SCRATCH_ARGUMENTS)
			return -1;
		*value = piece->arguments[index];
		return 0;
	case ABI_SOURCE_FIELD:
		return read_field(piece->context, descriptor, value);
	case ABI_SOURCE_REGISTER:
		return read_register(piece, descriptor, value);
	case ABI_SOURCE_LOCATION:
		if (read_location(piece->index, SLOT_OFFSET(descriptor)))
			return -1;
		*value = piece->followed;
		return 0;
	case ABI_SOURCE_RETURN:
		*value = piece->arguments[SCRATCH_RETURN];
		return 0;
	case ABI_SOURCE_CURRENT:
		*value = bpf_get_current_task();
		return 0;
	default:
		return -1;
	}
}

/* Whether pointers of a slot come from user space; what the current task leads to is the kernel's, on every hook. */
static __always_inline __u32 slot_is_of_user(struct scratch *piece, __u64 descriptor)
{
	__u32 flags = match_image32(piece->match.image, piece->match.hook + __builtin_offsetof(struct abi_hook, flags));

	return flags & ABI_HOOK_USER_MEMORY && SLOT_SOURCE(descriptor) != ABI_SOURCE_CURRENT;
}

/* Goes on from *value to what the slot's chain leads to, if it has one.  0 when it was read. */
__noinline int follow_chain(__u32 index, __u32 slot, __u64 from)
{
	struct scratch *piece = scratch_get(index);
	__u64 chain;

	if (!piece)
		return -1;
	chain = slot_chain(piece->match.image, piece->match.hook, slot);
	return walk_chain(piece->match.image, chain, from, piece->user_only, &piece->followed) ? -1 : 0;
}

/* The number that a slot's load begins with; `chain` is not 0 if the slot has one.  0 when it was read. */
static __always_inline long read_slot(__u32 index, struct scratch *piece, __u32 slot, __u64 descriptor, __u64 chain, __u64 *value)
{
	piece->user_only = slot_is_of_user(piece, descriptor);
	if (read_source(piece, descriptor, value))
		return -1;
	if (!chain)
		return 0;
	if (follow_chain(index, slot, *value))
		return -1;
	*value = piece->followed;
	return 0;
}

#endif

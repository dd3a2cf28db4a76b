/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * chains.bpf.h - from an address to a value inside of what it leads to: walks a struct abi_chain.
 *
 * Include it behind scratch.bpf.h, or whatever has match.h and the helpers.
 */
#ifndef BPF_TEMPLATES_CHAINS_BPF_H
#define BPF_TEMPLATES_CHAINS_BPF_H

/*
 * Kernel addresses have the highest bit set; others are those of a user program's structures.  user_only: nothing that a user
 * program says is in the kernel is read.
 */
static __always_inline long chain_read(void *target, __u32 size, __u64 address, __u32 user_only)
{
	if ((__s64)address >= 0)
		return bpf_probe_read_user(target, size, (void *)address);
	return user_only ? -1 : bpf_probe_read_kernel(target, size, (void *)address);
}

/* The number of `size` bytes that is there, zero-extended.  Sizes must be constants. */
static __always_inline long chain_number(__u64 address, __u32 size, __u32 user_only, __u64 *value)
{
	long error;

	*value = 0;
	switch (size) {
	case 1:
		error = chain_read(value, 1, address, user_only);
		break;
	case 2:
		error = chain_read(value, 2, address, user_only);
		break;
	case 4:
		error = chain_read(value, 4, address, user_only);
		break;
	case 8:
		error = chain_read(value, 8, address, user_only);
		break;
	default:
		error = -1;
	}
	return error;
}

/* Of a bit field: its bits alone, sign-extended when it has a sign. */
static __always_inline __u64 chain_bits(__u64 value, __u32 shift, __u32 bits, __u32 flags)
{
	__u32 above = (64 - bits) & 63, left = (above - shift) & 63;

	value <<= left;
	return flags & ABI_CHAIN_SIGNED ? (__u64)((__s64)value >> above) : value >> above;
}

/*
 * The value that the chain at `offset` of the image leads to from `address`, in *value.  Not 0 when it is unreadable: a NULL or a
 * bad address on the way, or a chain that was not filled in.
 */
static __always_inline long walk_chain(struct match_image image, __u64 offset, __u64 address, __u32 user_only,
				       __u64 *value)
{
	__u32 count = match_image32(image, offset), form = match_image32(image, offset + 4), step;
	__u32 size = form & 0xff, shift = form >> 8 & 0xff, bits = form >> 16 & 0xff, flags = form >> 24;

	if (!value || !count || count > ABI_CHAIN_STEPS)
		return -1;
	for (step = 0; step < ABI_CHAIN_STEPS; step++) {
		if (!address)
			return -1;
		address += match_image32(image, offset + __builtin_offsetof(struct abi_chain, offsets) + step * 4ULL);
		if (step + 1 >= count)
			break;
		if (chain_number(address, 8, user_only, &address))
			return -1;
	}
	if (!size) {
		*value = address;
		return 0;
	}
	if (chain_number(address, size, user_only, value))
		return -1;
	if (bits)
		*value = chain_bits(*value, shift, bits, flags);
	return 0;
}

#endif

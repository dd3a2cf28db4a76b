/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * match_image.h - how tetra reads the numbers of an image; engine.bpf.h has the kernel's way.
 *
 * Any offset is safe: it is masked as the kernel masks it, and what lies beyond the image reads as 0.
 */
#ifndef BPF_TEMPLATES_MATCH_IMAGE_H
#define BPF_TEMPLATES_MATCH_IMAGE_H

#include "bpf-templates/abi.h"

struct match_image {
	const __u8 *bytes;
	__u64 size;
};

static inline __u64 match_little_endian(__u64 word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return __builtin_bswap64(word);
#else
	return word;
#endif
}

static inline __u64 match_image64(struct match_image image, __u64 offset)
{
	__u64 word;

	offset &= ABI_HALF_SIZE - 8;
	if (offset + 8 > image.size)
		return 0;
	__builtin_memcpy(&word, image.bytes + offset, sizeof(word));
	return match_little_endian(word);
}

static inline __u32 match_image32(struct match_image image, __u64 offset)
{
	return (__u32)(match_image64(image, offset) >> (offset & 4) * 8);
}

#endif

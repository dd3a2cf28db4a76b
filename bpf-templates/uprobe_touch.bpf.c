// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * uprobe_touch.bpf.c - brings texts of a program's arguments into memory, before the engine reads them.
 *
 * The engine cannot wait for a page that is not there.  This runs first, may sleep, and reads a byte of each page that the text is in, as
 * the program itself would.  It decides nothing, knows nothing of the image and keeps nothing: how long it sleeps is the program's own
 * business.  The cookie says which arguments are texts: bit n for argument n.
 */
#include "bpf-templates/kernel_types.h"
#include <bpf/bpf_helpers.h>
#include "bpf-templates/abi.h"

#define PAGE		4096u	/* or a part of one */
#define PIECE		64u	/* divides PAGE */

#define ONES		0x0101010101010101ULL

/* Whether no byte of the next `size` is 0; false when they cannot be read.  In a function of its own: the verifier looks at it once. */
__noinline int has_no_end(__u64 at, __u64 size)
{
	__u64 words[PIECE / 8], ends = 0;
	__u32 n;

	__builtin_memset(words, 0xff, sizeof(words));
	if (!size || size > PIECE || bpf_probe_read_user(words, size, (void *)at))
		return 0;
#pragma unroll
	for (n = 0; n < PIECE / 8; n++)
		ends |= (words[n] - ONES) & ~words[n] & ONES << 7;
	return !ends;
}

/* Whether the text that begins at `start` goes on at `end`, which is at most a page away; what is between has just been there. */
static __always_inline bool text_goes_on(__u64 start, __u64 end)
{
	__u64 at = start, size;
	__u32 n;

	for (n = 0; n <= PAGE / PIECE; n++) {
		if (at >= end)
			return true;
		size = PIECE - at % PIECE;	/* no piece is in two pages */
		if (!has_no_end(at, size))
			return false;
		at += size;
	}
	return false;
}

static __always_inline void touch(__u64 start)
{
	__u64 end = (start + PAGE) & ~(__u64)(PAGE - 1);
	char byte;

	if ((__s64)start < 0 || bpf_copy_from_user(&byte, 1, (void *)start))
		return;
	if (end - start < ABI_STRING_MAX && text_goes_on(start, end))
		bpf_copy_from_user(&byte, 1, (void *)end);
}

__noinline int touch_text(__u64 start)
{
	touch(start);
	return 0;
}

SEC("uprobe.s")
int uprobe_touch(struct pt_regs *context)
{
	const __u64 texts = bpf_get_attach_cookie(context);

#define TOUCH(n)                                                                         \
	if (texts >> n & 1)                                                              \
		touch_text(REGISTERS_ARGUMENT(context, n))
	TOUCH(0);
	TOUCH(1);
	TOUCH(2);
	TOUCH(3);
	TOUCH(4);
	TOUCH(5);
#undef TOUCH
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";

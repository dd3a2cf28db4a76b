/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * buffers.bpf.h - bytes whose number something else tells: another argument, what the function returns, a structure of the kernel.
 *
 * A part of arguments.bpf.h, which includes it.
 */
#ifndef BPF_TEMPLATES_BUFFERS_BPF_H
#define BPF_TEMPLATES_BUFFERS_BPF_H

#define SEGMENTS_MAX	16u	/* elements of an array of struct iovec that are read */

/* The word of a slot's descriptor that has size_slot, flags and length, and behind these the chain. */
static __always_inline __u64 slot_second_word(struct scratch *piece, __u32 slot)
{
	return match_image64(piece->match.image, (__u64)piece->match.hook + __builtin_offsetof(struct abi_hook, slots) +
							 slot * (__u64)sizeof(struct abi_slot) + 8);
}

static __always_inline __u32 slot_second(struct scratch *piece, __u32 slot)
{
	return slot_second_word(piece, slot);
}
#define SLOT_FLAGS(second)	((second) >> 8 & 0xff)

/* What another argument or field says of the size; `second` is slot_second() of the slot. */
static __always_inline __u64 size_of_slot(struct scratch *piece, __u32 second)
{
	__u32 other = second & 0xff;
	__u64 size = 0;

	if (!other || read_source(piece, slot_descriptor(piece->match.image, piece->match.hook, other - 1), &size))
		return 0;
	return size;
}

/* How many bytes the function says that it has put there; none when it failed, whether it returns an int or a long. */
static __always_inline __u64 size_returned(struct scratch *piece)
{
	__u64 size = piece->arguments[SCRATCH_RETURN];

	if ((__s64)size < 0 || (!(size >> 32) && (__s32)size < 0))
		return 0;
	return size;
}

static __always_inline bool slot_is_copied(struct scratch *piece, __u32 slot)
{
	return SLOT_FLAGS(slot_second(piece, slot)) & ABI_SLOT_RETURN_COPY;
}

/* Where the bytes of a slot with ABI_SLOT_MAX_DATA are. */
static __always_inline __u64 *long_value(struct scratch *piece, __u32 slot)
{
	__u64 at = slot & (MATCH_SLOTS - 1);

	barrier_var(at);
	return &piece->long_values[at & (MATCH_SLOTS - 1)];
}

__noinline int load_buffer(__u32 index, __u32 slot, __u64 address)
{
	struct scratch *piece = scratch_get(index);
	__u32 second;

	if (!piece)
		return 0;
	second = slot_second(piece, slot);
	if (SLOT_FLAGS(second) & ABI_SLOT_MAX_DATA)
		*long_value(piece, slot) = address;
	return load_bytes_of(piece, slot, address,
			     SLOT_FLAGS(second) & ABI_SLOT_RETURN_COPY ? size_returned(piece) : size_of_slot(piece, second));
}

/* An array within the record of a tracepoint. */
__noinline int load_array(__u32 index, __u32 slot)
{
	struct scratch *piece = scratch_get(index);
	__u64 descriptor;

	if (!piece)
		return 0;
	descriptor = slot_descriptor(piece->match.image, piece->match.hook, slot);
	piece->user_only = 0;	/* the record is the kernel's, whatever its fields point to */
	load_bytes(index, slot, piece->context + SLOT_OFFSET(descriptor), slot_second(piece, slot) >> 16);
	match_slot(&piece->match, slot)->value = SLOT_SIZE(descriptor);
	return 0;
}

/* ---- Gathering ---- */

static __always_inline bool gather_begin(struct scratch *piece, __u32 slot, __u64 left, __u64 *start)
{
	if (!data_room(&piece->match, slot, start))
		return false;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	piece->gathering.done = 0;
	piece->gathering.whole = 0;
	piece->gathering.left = left;
	return true;
}

/* The next place, behind what is there; 0, or not when it cannot be read. */
__noinline int gather_add(__u32 index, __u64 start)
{
	struct scratch *piece = scratch_get(index);
	struct gathering *gathering;
	__u64 length, done;
	__u8 *target;

	if (!piece)
		return -1;
	gathering = &piece->gathering;
	length = gathering->length;
	if (length > gathering->left)
		length = gathering->left;
	gathering->left -= length;
	gathering->whole += length;
	done = gathering->done;
	target = data_at(&piece->match, start);
	barrier_var(done);
	if (!target || done > ABI_STRING_MAX - 1)
		return -1;
	if (length > ABI_STRING_MAX - 1 - done)
		length = ABI_STRING_MAX - 1 - done;
	if (!length)
		return 0;
	if (read_bytes_of(piece, target + done, length, gathering->base))
		return -1;
	gathering->done = done + length;
	return 0;
}

/* What was gathered is what the slot holds; `whole` is how many bytes there are, 0: not known. */
__noinline int gather_end(__u32 index, __u32 slot, __u64 start, __u64 whole)
{
	struct scratch *piece = scratch_get(index);
	__u64 done;

	if (!piece)
		return 0;
	done = piece->gathering.done;
	if (done > ABI_STRING_MAX - 1)
		return 0;
	data_take(&piece->match, start, done);
	match_set_bytes(&piece->match, slot, MATCH_DATA + start, done, done == whole ? MATCH_WHOLE : MATCH_CUT_END);
	if (done != whole)
		match_slot(&piece->match, slot)->value = whole;
	return 0;
}

/* An array of `count` places of user memory, or of the kernel's. */
__noinline int load_vector(__u32 index, __u32 slot, __u64 address)
{
	struct scratch *piece = scratch_get(index);
	__u64 start, count;
	__u32 n;

	if (!piece || !gather_begin(piece, slot, slot_is_copied(piece, slot) ? size_returned(piece) : ~0ULL, &start))
		return 0;
	count = size_of_slot(piece, slot_second(piece, slot));
	for (n = 0; n < SEGMENTS_MAX; n++) {
		if (n >= count || !piece->gathering.left)
			break;
		if (read_memory(piece, &piece->gathering, sizeof(struct iovec), address + n * sizeof(struct iovec)) ||
		    gather_add(index, start))
			return 0;
	}
	return gather_end(index, slot, start, n < count && piece->gathering.left ? 0 : piece->gathering.whole);
}
_Static_assert(__builtin_offsetof(struct gathering, length) == 8, "base and length are a struct iovec");

/* ---- struct iov_iter ---- */

#define ITER_IS(kind, name)                                                              \
	(bpf_core_enum_value_exists(enum iter_type, name) && (kind) == bpf_core_enum_value(enum iter_type, name))

static __always_inline __u32 iter_kind(struct iov_iter *iter)
{
	if (bpf_core_field_exists(iter->iter_type))
		return BPF_CORE_READ(iter, iter_type);
	return bpf_core_field_exists(iter->type) ? BPF_CORE_READ(iter, type) & ~1u : ~0u;
}

static __always_inline __u64 iter_vector(struct iov_iter *iter)
{
	return bpf_core_field_exists(iter->__iov) ? (__u64)BPF_CORE_READ(iter, __iov) :
	       bpf_core_field_exists(iter->iov)	  ? (__u64)BPF_CORE_READ(iter, iov) : 0;
}

/* Its first place, of which some bytes are done with.  0 when it was read, and lies where it may. */
static __always_inline long iter_first(struct scratch *piece, struct iov_iter *iter)
{
	__u64 offset = BPF_CORE_READ(iter, iov_offset), vector;
	__u32 kind = iter_kind(iter);

	if (ITER_IS(kind, ITER_UBUF)) {
		piece->gathering.base = bpf_core_field_exists(iter->ubuf) ? (__u64)BPF_CORE_READ(iter, ubuf) + offset : 0;
		piece->gathering.length = piece->gathering.left;
		return address_is_kernel(piece->gathering.base);
	}
	if (!ITER_IS(kind, ITER_IOVEC) && !ITER_IS(kind, ITER_KVEC))
		return -1;
	vector = ITER_IS(kind, ITER_IOVEC) ? iter_vector(iter) : (__u64)BPF_CORE_READ(iter, kvec);
	if (bpf_probe_read_kernel(&piece->gathering, sizeof(struct iovec), (void *)vector) || offset > piece->gathering.length)
		return -1;
	piece->gathering.base += offset;
	piece->gathering.length -= offset;
	return ITER_IS(kind, ITER_IOVEC) && address_is_kernel(piece->gathering.base);
}

__noinline int load_iter(__u32 index, __u32 slot, __u64 address)
{
	struct scratch *piece = scratch_get(index);
	struct iov_iter *iter = (struct iov_iter *)address;
	__u64 start, count = 0;

	if (!piece)
		return 0;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	if (bpf_core_read(&count, sizeof(count), &iter->count) || !gather_begin(piece, slot, count, &start))
		return 0;
	if (iter_first(piece, iter) || gather_add(index, start))
		return 0;
	return gather_end(index, slot, start, count);
}

#endif

// SPDX-License-Identifier: Apache-2.0
/* ring.c - see ring.h.  The order of loads and stores is what the kernel's side, and its other readers, need. */
#include "runtime/ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

int ring_map(int map, struct ring *ret)
{
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info);
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *consumer, *rest;

	if (bpf_obj_get_info_by_fd(map, &info, &length))
		return -errno;
	if (info.type != BPF_MAP_TYPE_RINGBUF)
		return -EPROTO;
	consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	rest = mmap(NULL, page + 2 * (size_t)info.max_entries, PROT_READ, MAP_SHARED, map, (off_t)page);
	if (rest == MAP_FAILED) {
		munmap(consumer, page);
		return -errno;
	}
	*ret = (struct ring){ (uint64_t *)consumer, (const uint64_t *)rest, rest + page, info.max_entries };
	return 0;
}

void ring_unmap(struct ring *ring)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (ring->consumer) {
		munmap(ring->consumer, page);
		munmap((void *)ring->producer, page + 2 * (size_t)ring->size);
	}
	*ring = (struct ring){ .size = 0 };
}

uint64_t ring_producer(const struct ring *ring)
{
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
}

uint64_t ring_consumer(const struct ring *ring)
{
	return __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
}

/* All that the caller has read of the records before is read before the kernel can write over them. */
bool ring_move(struct ring *ring, uint64_t from, uint64_t to)
{
	return __atomic_compare_exchange_n(ring->consumer, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* ---- Records ---- */

static uint32_t head_at(const struct ring *ring, uint64_t position)
{
	return __atomic_load_n((const uint32_t *)(ring->data + (position & (ring->size - 1))), __ATOMIC_ACQUIRE);
}

static uint64_t whole_size(uint32_t head)
{
	const uint64_t length = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	return (length + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
}

/* Lengths may be anything when the record was written over meanwhile: nothing here goes beyond what is mapped. */
size_t ring_copy(const struct ring *ring, uint64_t position, void *ret, size_t room)
{
	const uint64_t end = ring_producer(ring);
	uint64_t length = 0;

	if (room > ring->size)
		room = ring->size;
	while (end - position > length && end - position <= ring->size) {
		const uint32_t head = head_at(ring, position + length);

		if (head & BPF_RINGBUF_BUSY_BIT || length + whole_size(head) > room)
			break;
		length += whole_size(head);
	}
	memcpy(ret, ring->data + (position & (ring->size - 1)), length);
	return length;
}

bool ring_holds(const struct ring *ring, uint64_t position)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return ring_consumer(ring) <= position;
}

bool ring_next(const uint8_t *copied, size_t length, size_t *at, struct ring_record *ret)
{
	uint32_t head;

	if (*at + BPF_RINGBUF_HDR_SZ > length)
		return false;
	memcpy(&head, copied + *at, sizeof(head));
	if (whole_size(head) > length - *at)
		return false;
	ret->bytes = head & BPF_RINGBUF_DISCARD_BIT ? NULL : copied + *at + BPF_RINGBUF_HDR_SZ;
	ret->size = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
	*at += whole_size(head);
	return true;
}

uint64_t ring_count(const struct ring *ring, uint64_t from, uint64_t to)
{
	uint64_t count = 0;

	for (uint64_t at = from; at < to && to - from <= ring->size;) {
		const uint32_t head = head_at(ring, at);

		count += !(head & BPF_RINGBUF_DISCARD_BIT);
		at += whole_size(head);
	}
	return count;
}

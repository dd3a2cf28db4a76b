/* SPDX-License-Identifier: Apache-2.0 */
/* ring.h - one operation through io_uring, by its system calls alone: for the steps of attempts_ring.c. */
#ifndef TESTS_LIVE_RING_H
#define TESTS_LIVE_RING_H

#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ring {
	int fd;
	struct io_uring_params parameters;
	unsigned char *rings;		/* both, as all kernels since 5.4 have them */
	struct io_uring_sqe *entries;
};

static unsigned *ring_word(const struct ring *ring, unsigned offset)
{
	return (unsigned *)(ring->rings + offset);
}

static int ring_open(struct ring *ret)
{
	const struct io_uring_params *parameters = &ret->parameters;
	size_t length;

	memset(ret, 0, sizeof(*ret));
	ret->fd = (int)syscall(SYS_io_uring_setup, 4, &ret->parameters);
	if (ret->fd < 0)
		return -1;
	length = parameters->cq_off.cqes + parameters->cq_entries * sizeof(struct io_uring_cqe);
	if (length < parameters->sq_off.array + parameters->sq_entries * sizeof(unsigned))
		length = parameters->sq_off.array + parameters->sq_entries * sizeof(unsigned);
	ret->rings = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ret->fd, IORING_OFF_SQ_RING);
	ret->entries = mmap(NULL, parameters->sq_entries * sizeof(*ret->entries), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		ret->fd, IORING_OFF_SQES);
	return ret->rings == MAP_FAILED || ret->entries == MAP_FAILED ? -1 : 0;
}

/* What came of it, as of a system call. */
static int ring_do(struct ring *ring, const struct io_uring_sqe *entry)
{
	const struct io_uring_cqe *done = (const void *)(ring->rings + ring->parameters.cq_off.cqes);
	unsigned *tail = ring_word(ring, ring->parameters.sq_off.tail), *head = ring_word(ring, ring->parameters.cq_off.head);
	const unsigned mask = *ring_word(ring, ring->parameters.sq_off.ring_mask);
	int result;

	ring->entries[*tail & mask] = *entry;
	ring_word(ring, ring->parameters.sq_off.array)[*tail & mask] = *tail & mask;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -1;
	result = done[*head & *ring_word(ring, ring->parameters.cq_off.ring_mask)].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

#endif

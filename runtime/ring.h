/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring.h - the kernel's ring buffer (kernel/bpf/ringbuf.c), mapped, from a position of the caller's choice.
 *
 * A position counts the bytes of all records ever.  What lies from the kernel's position (`consumer`) to where the programs
 * write (`producer`) stays; what is before the kernel's position is written over at any time.  Each record has 8 bytes of head
 * and begins at a multiple of 8.
 */
#ifndef RUNTIME_RING_H
#define RUNTIME_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
	uint64_t *consumer;
	const uint64_t *producer;
	const uint8_t *data;		/* mapped twice in a row, so that every record is in one piece */
	uint64_t size;			/* a power of two */
};

/* Maps what `map` stands for, which may be closed then.  0 or a negative errno. */
int ring_map(int map, struct ring *ret);
void ring_unmap(struct ring *ring);

uint64_t ring_producer(const struct ring *ring);
uint64_t ring_consumer(const struct ring *ring);

/* Moves the kernel's position; false, and nothing moved, when it is not at `from` any more. */
bool ring_move(struct ring *ring, uint64_t from, uint64_t to);

/*
 * Copies whole records with their heads, from `position` on, as many as are ready and as fit.  Returns how many bytes; 0 when
 * nothing is ready.  What was copied is good only if the kernel's position is not past `position` after that: see ring_holds().
 */
size_t ring_copy(const struct ring *ring, uint64_t position, void *ret, size_t room);

/* Whether what was copied from there could not have been written over. */
bool ring_holds(const struct ring *ring, uint64_t position);

/* Walks over what ring_copy() copied: the record at *at, which moves on.  False at the end.  `bytes` NULL: a discarded record. */
struct ring_record {
	const uint8_t *bytes;
	size_t size;
};
bool ring_next(const uint8_t *copied, size_t length, size_t *at, struct ring_record *ret);

/* How many records, discarded ones apart, begin in [from, to); both are beginnings of records. */
uint64_t ring_count(const struct ring *ring, uint64_t from, uint64_t to);

#endif

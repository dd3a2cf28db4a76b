/* SPDX-License-Identifier: Apache-2.0 */
/*
 * readers.h - several readers of one ring buffer, each of which sees all records: the table of abi_readers.
 *
 * Each reader reads from its own position and says in its slot how far it has come; whoever gets on moves the kernel's position to
 * the one of the last living reader.  There is no process between them: one that is gone is told by its lock, and nothing that one
 * of them does waits for another, so that a reader that stands still holds up nobody.
 *
 * But one that has READERS_LAG of the ring buffer before it while another is READERS_LEAD of it ahead is passed over: the kernel's
 * position moves on without it.  It finds that out by itself, with how many records that took from it, and goes on where
 * the others are.
 */
#ifndef RUNTIME_READERS_H
#define RUNTIME_READERS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf-templates/abi.h"
#include "runtime/ring.h"

/* Parts of the ring buffer's size. */
#define READERS_LAG(size)	((size) / 4 * 3)
#define READERS_LEAD(size)	((size) / 2)

struct reader_place {
	uint64_t position;	/* of the next record */
	uint64_t records;	/* how many were before it, discarded ones apart */
};

struct readers {
	struct abi_readers *table;
	struct ring ring;
	unsigned slot;			/* our own; ABI_READERS_MAX: none */
	struct reader_place place;	/* how far we have come */
	/* Of the locks of slots: takes and leaves ours, asks about another's. */
	int (*lock)(void *context, unsigned slot);
	void (*unlock)(void *context, unsigned slot);
	bool (*is_alive)(void *context, unsigned slot);
	void *context;
};

/*
 * Takes a slot, at the oldest record that the ring buffer holds.  No two may do so at once: the caller sees to that.
 * -EUSERS when all slots have readers.
 */
int readers_join(struct readers *readers);

/* Gives the slot back and lets the kernel's position go on without us. */
void readers_leave(struct readers *readers);

/* Says that we have come to readers->place, and moves the kernel's position as far as all readers allow. */
void readers_proceed(struct readers *readers);

/* We were passed over: moves our place to where others are.  What that took from us. */
struct readers_loss {
	uint64_t bytes, records;
	bool is_counted;	/* `records` is known */
};
struct readers_loss readers_catch_up(struct readers *readers);

/* Whether the kernel wakes us when a record comes: else others are behind us, and we have to look. */
bool readers_are_woken(const struct readers *readers);

/* How many slots have a reader that is alive. */
unsigned readers_count(const struct readers *readers);

#endif

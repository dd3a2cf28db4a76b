// SPDX-License-Identifier: Apache-2.0
/* readers.c - see readers.h.  Of shared words, every one is written whole and read whole. */
#include "runtime/readers.h"

#include <errno.h>

enum { TRIES = 1000 };	/* of what is tried again only when another reader got on meanwhile */

static uint64_t load(const void *word)
{
	return __atomic_load_n((const uint64_t *)word, __ATOMIC_SEQ_CST);
}

static void store(void *word, uint64_t value)
{
	__atomic_store_n((uint64_t *)word, value, __ATOMIC_SEQ_CST);
}

/* ---- Places ---- */

/* Two words that belong together, without a lock: the turn says which pair holds, and changes when it is overwritten. */
static bool read_place(const struct abi_reader *slot, struct reader_place *ret)
{
	for (int tries = 0; tries < TRIES; tries++) {
		const uint64_t turn = load(&slot->turn);
		const struct abi_reader_place *place = &slot->places[turn % 2];

		*ret = (struct reader_place){ load(&place->position), load(&place->records) };
		if (load(&slot->turn) == turn)
			return true;
	}
	return false;
}

static void write_place(struct abi_reader *slot, const struct reader_place *place)
{
	const uint64_t turn = load(&slot->turn) + 1;

	store(&slot->places[turn % 2].position, place->position);
	store(&slot->places[turn % 2].records, place->records);
	store(&slot->turn, turn);
}

/* The first place at or after `from` of whoever has, or had, a slot: from there on it is known how many records there were. */
static bool find_place(const struct readers *readers, uint64_t from, struct reader_place *ret)
{
	const uint64_t end = ring_producer(&readers->ring);
	bool found = false;

	for (unsigned n = 0; n < ABI_READERS_MAX; n++) {
		struct reader_place place;

		if (!read_place(&readers->table->readers[n], &place) || place.position < from || place.position > end ||
		    (found && place.position >= ret->position))
			continue;
		*ret = place;
		found = true;
	}
	return found;
}

/* ---- Getting on ---- */

static bool is_passed_over(const struct readers *readers, uint64_t position)
{
	const uint64_t size = readers->ring.size;

	return ring_producer(&readers->ring) - position > READERS_LAG(size) &&
	       readers->place.position - position > READERS_LEAD(size);
}

/* How far the kernel's position may go from `from` on, at most to `to`, for what slot n says. */
static uint64_t limit(const struct readers *readers, unsigned n, uint64_t from, uint64_t to)
{
	struct abi_reader *slot = &readers->table->readers[n];
	uint64_t token = load(&slot->token);
	struct reader_place place;

	if (!token || n == readers->slot || !read_place(slot, &place) || place.position < from || place.position >= to)
		return to;
	if (readers->is_alive(readers->context, n))
		return is_passed_over(readers, place.position) ? to : place.position;
	/* It is free now, unless another has taken it meanwhile. */
	__atomic_compare_exchange_n((uint64_t *)&slot->token, &token, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	return to;
}

static void move_on(struct readers *readers)
{
	const uint64_t from = ring_consumer(&readers->ring);
	uint64_t to = readers->place.position;

	for (unsigned n = 0; n < ABI_READERS_MAX && to > from; n++)
		to = limit(readers, n, from, to);
	if (to > from)
		ring_move(&readers->ring, from, to);
}

void readers_proceed(struct readers *readers)
{
	write_place(&readers->table->readers[readers->slot], &readers->place);
	move_on(readers);
}

struct readers_loss readers_catch_up(struct readers *readers)
{
	const struct reader_place before = readers->place;
	struct reader_place place = before;
	bool found = false;

	for (int tries = 0; tries < TRIES && !ring_holds(&readers->ring, place.position); tries++) {
		const uint64_t from = ring_consumer(&readers->ring);

		found = find_place(readers, from, &place);
		if (!found)
			place.position = from;
		write_place(&readers->table->readers[readers->slot], &place);
	}
	readers->place = place;
	return (struct readers_loss){ place.position - before.position, place.records - before.records, found };
}

bool readers_are_woken(const struct readers *readers)
{
	return ring_consumer(&readers->ring) == readers->place.position;
}

/* ---- Coming and going ---- */

/* Counted back from the next place that is known, which only shows when all of it stayed. */
static struct reader_place oldest_place(const struct readers *readers)
{
	for (int tries = 0; tries < TRIES; tries++) {
		const uint64_t from = ring_consumer(&readers->ring);
		struct reader_place place = { from, 0 };

		if (find_place(readers, from, &place))
			place.records -= ring_count(&readers->ring, from, place.position);
		place.position = from;
		if (ring_holds(&readers->ring, from))
			return place;
	}
	return (struct reader_place){ ring_consumer(&readers->ring), 0 };
}

static int take_slot(struct readers *readers, unsigned n)
{
	struct abi_reader *slot = &readers->table->readers[n];
	int error;

	if (load(&slot->token) && readers->is_alive(readers->context, n))
		return -EBUSY;
	error = readers->lock(readers->context, n);
	if (error)
		return error;
	readers->slot = n;
	readers->place = oldest_place(readers);
	write_place(slot, &readers->place);
	store(&readers->table->tokens, load(&readers->table->tokens) + 1);
	store(&slot->token, load(&readers->table->tokens));
	readers_catch_up(readers);	/* nobody waited for us before: nothing of ours is lost */
	return 0;
}

int readers_join(struct readers *readers)
{
	int error = -EBUSY;

	readers->slot = ABI_READERS_MAX;
	for (unsigned n = 0; n < ABI_READERS_MAX && error == -EBUSY; n++)
		error = take_slot(readers, n);
	return error == -EBUSY ? -EUSERS : error;
}

/* The place stays in the slot: who comes next counts from there. */
void readers_leave(struct readers *readers)
{
	if (readers->slot == ABI_READERS_MAX)
		return;
	store(&readers->table->readers[readers->slot].token, 0);
	readers->unlock(readers->context, readers->slot);
	readers->slot = ABI_READERS_MAX;
}

unsigned readers_count(const struct readers *readers)
{
	unsigned count = 0;

	for (unsigned n = 0; n < ABI_READERS_MAX; n++)
		count += load(&readers->table->readers[n].token) &&
			 (n == readers->slot || readers->is_alive(readers->context, n));
	return count;
}

// SPDX-License-Identifier: Apache-2.0
/* test_readers.c - readers of one ring buffer in memory: what each sees, and how far the kernel's position goes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/bpf.h>

#include "runtime/readers.h"

enum { SIZE = 4096, READERS = 3 };

/* As the kernel has it, with a second copy of the data for what goes over the end. */
static struct {
	uint64_t consumer, producer;
	uint8_t data[2 * SIZE] __attribute__((aligned(8)));
	struct abi_readers table;
	bool locked[ABI_READERS_MAX], dead[ABI_READERS_MAX];
	uint64_t written, refused;	/* records */
} world;

static struct readers readers[READERS];
static uint64_t seen[READERS];		/* number of the next record that the reader should see */

static int lock(void *context, unsigned slot)
{
	(void)context;
	world.locked[slot] = true;
	world.dead[slot] = false;
	return 0;
}

static void unlock(void *context, unsigned slot)
{
	(void)context;
	world.locked[slot] = false;
}

static bool is_alive(void *context, unsigned slot)
{
	(void)context;
	return world.locked[slot] && !world.dead[slot];
}

static void put(uint64_t position, const void *bytes, size_t length)
{
	for (size_t n = 0; n < length; n++) {
		const uint64_t at = (position + n) % SIZE;

		world.data[at] = world.data[at + SIZE] = ((const uint8_t *)bytes)[n];
	}
}

/* A record with its number and `length` bytes in all, as __bpf_ringbuf_reserve() and bpf_ringbuf_commit() do it. */
static bool produce(uint32_t length, uint32_t bits)
{
	const uint64_t whole = (length + 8 + 7) / 8 * 8;
	const uint32_t head[2] = { length | bits, 0 };

	if (world.producer + whole - world.consumer > SIZE - 1) {
		world.refused++;
		return false;
	}
	put(world.producer, head, sizeof(head));
	put(world.producer + 8, &world.written, sizeof(world.written));
	world.producer += whole;
	world.written += !(bits & BPF_RINGBUF_DISCARD_BIT);
	return true;
}

static int join(int n)
{
	readers[n] = (struct readers){
		.table = &world.table, .ring = { &world.consumer, &world.producer, world.data, SIZE },
		.lock = lock, .unlock = unlock, .is_alive = is_alive,
	};
	return readers_join(&readers[n]);
}

/* Reads at most `room` bytes; how many records they had, each with the number that it should have. */
static unsigned read_some(int n, size_t room)
{
	struct readers *reader = &readers[n];
	static uint8_t copy[SIZE];
	const size_t length = ring_copy(&reader->ring, reader->place.position, copy, room);
	struct ring_record record;
	unsigned count = 0;

	assert_true(ring_holds(&reader->ring, reader->place.position));
	for (size_t at = 0; ring_next(copy, length, &at, &record);) {
		uint64_t number;

		if (!record.bytes)
			continue;
		memcpy(&number, record.bytes, sizeof(number));
		assert_int_equal(number, seen[n]++);
		count++;
	}
	reader->place.position += length;
	reader->place.records += count;
	readers_proceed(reader);
	return count;
}

static int reset(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	memset(seen, 0, sizeof(seen));
	return 0;
}

/* ---- Tests ---- */

static void all_see_all(void **state)
{
	(void)state;
	assert_int_equal(join(0), 0);
	assert_int_equal(join(1), 0);
	for (unsigned n = 0; n < 1000; n++) {
		assert_true(produce(8 + n % 90, 0));
		if (n % 7 == 0)
			produce(16, BPF_RINGBUF_DISCARD_BIT);
		read_some(0, SIZE);
		if (n % 11 == 0)
			read_some(1, SIZE);
	}
	read_some(1, SIZE);
	assert_int_equal(seen[0], 1000);
	assert_int_equal(seen[1], 1000);
	assert_int_equal(readers[0].place.records, 1000);
	assert_int_equal(world.consumer, world.producer);
	assert_true(readers_are_woken(&readers[0]));
}

/* What one reader has not read, another must not free; and the faster one knows that nobody wakes it. */
static void the_last_holds_the_position(void **state)
{
	(void)state;
	join(0);
	join(1);
	for (int n = 0; n < 10; n++)
		produce(100, 0);
	assert_int_equal(read_some(0, SIZE), 10);
	assert_int_equal(world.consumer, 0);
	assert_false(readers_are_woken(&readers[0]));
	assert_int_equal(read_some(1, 3 * 112), 3);
	assert_int_equal(world.consumer, 3 * 112);
	assert_int_equal(read_some(1, SIZE), 7);
	assert_int_equal(world.consumer, world.producer);
	assert_true(readers_are_woken(&readers[0]));
}

static void the_dead_hold_nothing(void **state)
{
	(void)state;
	join(0);
	join(1);
	produce(100, 0);
	world.dead[readers[1].slot] = true;
	read_some(0, SIZE);
	assert_int_equal(world.consumer, world.producer);
	assert_int_equal(world.table.readers[readers[1].slot].token, 0);
	assert_int_equal(join(2), 0);
	assert_int_equal(readers[2].slot, readers[1].slot);
}

static void who_leaves_holds_nothing(void **state)
{
	(void)state;
	join(0);
	join(1);
	produce(100, 0);
	readers_leave(&readers[1]);
	assert_int_equal(readers_count(&readers[0]), 1);
	read_some(0, SIZE);
	assert_int_equal(world.consumer, world.producer);
}

/* With nobody else, or with others that are as far behind, a reader is waited for: the programs count what does not fit. */
static void alone_nobody_is_passed_over(void **state)
{
	(void)state;
	join(0);
	while (produce(100, 0))
		;
	assert_int_equal(join(1), 0);
	read_some(1, 5 * 112);
	assert_int_equal(world.consumer, 0);
	read_some(0, READERS_LEAD(SIZE) + 5 * 112);	/* not enough ahead */
	assert_int_equal(world.consumer, 5 * 112);
	assert_false(produce(1000, 0));
}

static void the_slow_is_passed_over_and_told(void **state)
{
	struct readers_loss loss;

	(void)state;
	join(0);
	join(1);
	for (int n = 0; n < 5; n++)
		produce(100, 0);
	read_some(1, 5 * 112);
	for (unsigned n = 0; n < 200; n++) {
		assert_true(produce(100, 0));
		read_some(0, SIZE);
	}
	assert_int_equal(world.refused, 0);
	assert_false(ring_holds(&readers[1].ring, readers[1].place.position));
	loss = readers_catch_up(&readers[1]);
	assert_true(loss.is_counted);
	assert_true(loss.records > 0);
	assert_int_equal(loss.bytes, loss.records * 112);
	seen[1] += loss.records;
	assert_int_equal(readers[1].place.records, seen[1]);
	read_some(1, SIZE);
	assert_int_equal(seen[1], 205);
	assert_int_equal(readers[1].place.records, readers[0].place.records);
}

/* Not before the bound: three quarters behind, and half of the ring buffer behind another. */
static void the_bound_is_kept(void **state)
{
	(void)state;
	join(0);
	join(1);
	while (world.producer + 112 <= READERS_LAG(SIZE)) {
		produce(100, 0);
		read_some(0, SIZE);
		assert_int_equal(world.consumer, 0);
	}
	produce(100, 0);
	read_some(0, SIZE);
	assert_int_equal(world.consumer, world.producer);
}

/* Numbers of records go on from reader to reader, also over times when nobody reads and after all were killed. */
static void numbers_go_on(void **state)
{
	(void)state;
	join(0);
	for (int n = 0; n < 10; n++)
		produce(100, 0);
	produce(40, BPF_RINGBUF_DISCARD_BIT);
	read_some(0, 4 * 112);
	world.dead[readers[0].slot] = true;
	assert_int_equal(join(1), 0);
	assert_int_equal(readers[1].place.records, 4);
	seen[1] = 4;
	read_some(1, 112);
	join(2);
	seen[2] = 5;
	read_some(2, SIZE);
	assert_int_equal(world.consumer, 5 * 112);
	world.dead[readers[1].slot] = true;
	readers_leave(&readers[2]);
	assert_int_equal(join(0), 0);	/* before all that reader 2 has read: counted back from it */
	assert_int_equal(readers[0].place.position, 5 * 112);
	assert_int_equal(readers[0].place.records, 5);
	seen[0] = 5;
	assert_int_equal(read_some(0, SIZE), 5);
}

static void a_record_under_way_stops_all_readers(void **state)
{
	(void)state;
	join(0);
	produce(100, 0);
	produce(100, BPF_RINGBUF_BUSY_BIT);
	produce(100, 0);
	assert_int_equal(read_some(0, SIZE), 1);
	assert_int_equal(read_some(0, SIZE), 0);
	put(112, &(uint32_t){ 100 }, 4);
	assert_int_equal(read_some(0, SIZE), 2);
}

static void slots_are_limited(void **state)
{
	struct readers many[ABI_READERS_MAX];

	(void)state;
	for (unsigned n = 0; n < ABI_READERS_MAX; n++) {
		assert_int_equal(join(0), 0);
		many[n] = readers[0];
		assert_int_equal(many[n].slot, n);
	}
	assert_int_equal(join(1), -EUSERS);
	readers_leave(&readers[1]);	/* has none: nothing happens */
	readers_leave(&many[7]);
	assert_int_equal(join(1), 0);
	assert_int_equal(readers[1].slot, 7);
}

/* Whatever stands in the table (root can write it), a reader neither reads beyond the ring buffer nor hangs. */
static void damaged_tables_do_no_harm(void **state)
{
	static uint8_t copy[SIZE];

	(void)state;
	srand(1);
	for (int turn = 0; turn < 2000; turn++) {
		uint8_t *bytes = (uint8_t *)&world.table;

		reset(NULL);
		join(0);
		for (int n = 0; n < 20; n++)
			produce(100, 0);
		for (size_t n = 0; n < sizeof(world.table); n++)
			if (rand() % 3 == 0)
				bytes[n] = (uint8_t)rand();
		world.consumer = rand() % 4 ? world.consumer : (uint64_t)rand();
		join(1);
		readers_catch_up(&readers[0]);
		ring_copy(&readers[0].ring, readers[0].place.position, copy, sizeof(copy));
		readers_proceed(&readers[0]);
		readers_leave(&readers[0]);
	}
}

/* Three readers, of which one or the other sleeps, dies or comes again: each sees every record that it was not told it lost. */
static void random_walks(void **state)
{
	bool joined[READERS] = { false };

	(void)state;
	srand(7);
	for (int turn = 0; turn < 200000; turn++) {
		const int n = rand() % READERS;

		if (rand() % 2)
			produce(8 + (uint32_t)rand() % 200, rand() % 20 ? 0 : BPF_RINGBUF_DISCARD_BIT);
		if (!joined[n]) {
			assert_int_equal(join(n), 0);
			seen[n] = readers[n].place.records;
			joined[n] = true;
		} else if (!ring_holds(&readers[n].ring, readers[n].place.position)) {
			struct readers_loss loss = readers_catch_up(&readers[n]);

			assert_true(loss.is_counted);
			seen[n] += loss.records;
		} else if (rand() % 100 == 0) {
			joined[n] = false;
			if (rand() % 2)
				readers_leave(&readers[n]);
			else
				world.dead[readers[n].slot] = true;
		} else if (n != 2 || rand() % 200 == 0) {
			read_some(n, 1 + (size_t)rand() % SIZE);
		}
	}
	assert_true(world.written > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_see_all, reset),
		cmocka_unit_test_setup(the_last_holds_the_position, reset),
		cmocka_unit_test_setup(the_dead_hold_nothing, reset),
		cmocka_unit_test_setup(who_leaves_holds_nothing, reset),
		cmocka_unit_test_setup(alone_nobody_is_passed_over, reset),
		cmocka_unit_test_setup(the_slow_is_passed_over_and_told, reset),
		cmocka_unit_test_setup(the_bound_is_kept, reset),
		cmocka_unit_test_setup(numbers_go_on, reset),
		cmocka_unit_test_setup(a_record_under_way_stops_all_readers, reset),
		cmocka_unit_test_setup(slots_are_limited, reset),
		cmocka_unit_test_setup(damaged_tables_do_no_harm, reset),
		cmocka_unit_test_setup(random_walks, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

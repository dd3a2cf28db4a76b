// SPDX-License-Identifier: Apache-2.0
/* losses.c - see losses.h.  Counters begin again at zero when a hook's number is given to another hook. */
#include "runtime/losses.h"

#include "runtime/counters.h"

const struct loss_row loss_rows[LOSS_COUNT] = {
#define ROW(id, name, says) [LOSS_##id] = { name, says },
	LOSS_ROWS(ROW)
#undef ROW
};

static uint64_t load(const void *word)
{
	return __atomic_load_n((const uint64_t *)word, __ATOMIC_RELAXED);
}

static uint64_t increase(uint64_t *last, uint64_t now)
{
	const uint64_t before = *last;

	*last = now;
	return now >= before ? now - before : now;
}

static uint64_t look(struct losses *losses, const struct counters *counters, const struct abi_readers *table)
{
	uint64_t lost = increase(&losses->by_processes, load(&table->process_lost));

	for (uint32_t hook = 0; hook < ABI_HOOKS_MAX; hook++)
		lost += increase(&losses->by_hook[hook], counters_lost(counters, hook));
	return lost;
}

/* For readers that come later: all of it was there at `now`. */
static void note(const struct losses *losses, struct abi_readers *table, uint64_t now)
{
	uint64_t sum = losses->by_processes;

	for (uint32_t hook = 0; hook < ABI_HOOKS_MAX; hook++)
		sum += losses->by_hook[hook];
	__atomic_store_n(&table->lost_time, now, __ATOMIC_RELAXED);
	__atomic_store_n(&table->lost, sum, __ATOMIC_RELAXED);
}

void losses_begin(struct losses *losses, const struct counters *counters, struct abi_readers *table, bool with_before,
		  uint64_t now)
{
	const uint64_t before = load(&table->lost), since = load(&table->lost_time);
	const uint64_t lost = look(losses, counters, table);
	struct loss *pending = &losses->pending[LOSS_RING_FULL];

	for (int reason = 0; reason < LOSS_COUNT; reason++)
		losses->pending[reason] = (struct loss){ .since = now };
	if (with_before)
		*pending = (struct loss){ .events = lost >= before ? lost - before : lost, .since = since };
	note(losses, table, now);
}

void losses_look(struct losses *losses, const struct counters *counters, struct abi_readers *table, uint64_t now)
{
	losses->pending[LOSS_RING_FULL].events += look(losses, counters, table);
	note(losses, table, now);
}

bool loss_is_empty(const struct loss *loss)
{
	return !loss->events && !loss->bytes && !loss->is_uncounted;
}

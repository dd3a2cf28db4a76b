// SPDX-License-Identifier: Apache-2.0
/*
 * first.c - draws a hook's first test from its decision program; see first.h.
 *
 * From record 0 on, as long as records compare the number that record 0 compares, the set of numbers with which each
 * can be reached is kept as the interval around it. What leaves that part for anything but END passes; so a number
 * outside the interval around all that pass cannot be accepted, and nothing else would have been read.
 *
 * A text's test is drawn from the records that follow, as long as they look one text up and `no` leads to the next one, and at
 * last to END: a text that no filter lets through is in none of the tables.
 */
#include "compiler/image/first.h"

#include <stdbool.h>
#include <string.h>

#include "bpf-templates/match.h"

enum { FIRST_RECORDS = 64 };	/* what lies behind passes */

/* Closed; in the order of the slot's type: numbers have their top bit flipped when it is signed. */
struct range {
	uint64_t low, high;
	bool any;
	bool exact;		/* holds nothing that the set does not */
};

struct walk {
	struct match_image image;
	uint32_t program, slot;
	bool is_signed;
	uint32_t record;		/* that what passes reaches first; only it, when passes is exact */
	struct range reach[FIRST_RECORDS], passes;
};

static const struct range everything = { 0, UINT64_MAX, true, true };

static void widen(struct range *range, struct range other)
{
	if (!other.any)
		return;
	range->exact = !range->any && other.exact;
	if (!range->any || other.low < range->low)
		range->low = other.low;
	if (!range->any || other.high > range->high)
		range->high = other.high;
	range->any = true;
}

static struct range below(struct range range, uint64_t bound)	/* bound excluded */
{
	if (!bound || range.low >= bound)
		return (struct range){ 0 };
	if (range.high >= bound)
		range.high = bound - 1;
	return range;
}

static struct range above(struct range range, uint64_t bound)
{
	if (bound == UINT64_MAX || range.high <= bound)
		return (struct range){ 0 };
	if (range.low <= bound)
		range.low = bound + 1;
	return range;
}

static struct range at(struct range range, uint64_t point)
{
	return range.low <= point && point <= range.high ? (struct range){ point, point, true, range.exact } :
									(struct range){ 0 };
}

/* A point inside leaves two intervals, for which the one around both stands. */
static struct range without(struct range range, uint64_t point)
{
	if (range.low == point)
		return above(range, point);
	if (range.high == point)
		return below(range, point);
	range.exact &= point < range.low || point > range.high;
	return range;
}

static struct range at_least(struct range range, uint64_t bound)
{
	return bound ? above(range, bound - 1) : range;
}

static struct range at_most(struct range range, uint64_t bound)
{
	return bound == UINT64_MAX ? range : below(range, bound + 1);
}

/* What of `reach` makes the comparison true, and what false; both all of it when that is not known. */
static void split(const struct walk *walk, uint32_t op, uint64_t operand, struct range reach, struct range *yes,
		  struct range *no)
{
	const uint64_t key = operand ^ (walk->is_signed ? 1ULL << 63 : 0);
	const bool in_order = walk->is_signed == (op == ABI_OP_LESS_SIGNED || op == ABI_OP_GREATER_SIGNED);

	*yes = *no = reach;
	if (op == ABI_OP_EQUAL) {
		*yes = at(reach, key);
		*no = without(reach, key);
	} else if (in_order && (op == ABI_OP_LESS || op == ABI_OP_LESS_SIGNED)) {
		*yes = below(reach, key);
		*no = at_least(reach, key);
	} else if (in_order && (op == ABI_OP_GREATER || op == ABI_OP_GREATER_SIGNED)) {
		*yes = above(reach, key);
		*no = at_most(reach, key);
	} else {
		yes->exact = no->exact = false;
	}
}

static void pass(struct walk *walk, uint32_t record, struct range range)
{
	if (!walk->passes.any)
		walk->record = record;
	widen(&walk->passes, range);
}

static void go(struct walk *walk, uint32_t from, uint32_t to, struct range range)
{
	if (to <= from || to >= FIRST_RECORDS) {
		pass(walk, to, range);
		return;
	}
	widen(&walk->reach[to], range);
}

static void step(struct walk *walk, uint32_t pc)
{
	const uint64_t record = walk->program + pc * sizeof(struct abi_record);
	const uint64_t word = match_image64(walk->image, record);
	const uint32_t op = MATCH_RECORD_OP(word);
	struct range yes, no;

	if (op == ABI_OP_END || !walk->reach[pc].any)
		return;
	if (!match_is_compare(op) || MATCH_RECORD_SLOT(word) != walk->slot) {
		pass(walk, pc, walk->reach[pc]);
		return;
	}
	split(walk, op, match_image64(walk->image, record + 8), walk->reach[pc], &yes, &no);
	go(walk, pc, MATCH_RECORD_YES(word), yes);
	go(walk, pc, MATCH_RECORD_NO(word), no);
}

static bool is_number(uint64_t slot)
{
	const uint32_t load = slot & 0xff;

	return match_load_is_integer(load) || load == ABI_LOAD_PID;
}

/* An accept without return, with nothing to do but a plain Post. */
static bool only_posts(struct match_image image, uint64_t accept)
{
	return !match_image32(image, accept + offsetof(struct abi_accept, flags));
}

/* A number that is there as it is, without anything that leads to it. */
static bool is_plain(struct match_image image, uint64_t slot)
{
	return is_number(match_image64(image, slot)) && !match_image32(image, slot + offsetof(struct abi_slot, chain));
}

/* The event that those which pass the test lead to, when it is a plain one. */
static void draw_plain(const struct walk *walk, uint64_t hook, struct abi_first *ret)
{
	const uint64_t record = walk->program + walk->record * sizeof(struct abi_record);
	const uint64_t word = match_image64(walk->image, record);
	const uint64_t next = walk->program + MATCH_RECORD_YES(word) * sizeof(struct abi_record);
	const uint32_t count = match_image32(walk->image, hook + offsetof(struct abi_hook, slot_count)) & 0xffff;
	const uint64_t accept = match_image32(walk->image, record + 8);
	const uint32_t report = match_image32(walk->image, accept + offsetof(struct abi_accept, report_slots));
	uint64_t slots[ABI_PLAIN_SLOTS] = { 0 };

	if (MATCH_RECORD_OP(word) != ABI_OP_ACCEPT || ret->flags & ABI_HOOK_PAIRED ||
	    MATCH_RECORD_OP(match_image64(walk->image, next)) != ABI_OP_END ||
	    count > ABI_PLAIN_SLOTS || !only_posts(walk->image, accept))
		return;
	for (uint32_t n = 0; n < count; n++)
		slots[n] = match_image64(walk->image, hook + offsetof(struct abi_hook, slots) + n * sizeof(struct abi_slot));
	for (uint32_t n = 0; n < count; n++)
		if (report >> n & 1 &&
		    !is_plain(walk->image, hook + offsetof(struct abi_hook, slots) + n * sizeof(struct abi_slot)))
			return;
	memcpy(ret->plain_slots, slots, sizeof(slots));
	for (uint32_t n = 0; n < sizeof(ret->plain_accept) / sizeof(*ret->plain_accept); n++)
		ret->plain_accept[n] = match_image64(walk->image, accept + n * sizeof(*ret->plain_accept));
	ret->plain_count = count;
}

static uint64_t slot_at(uint64_t hook, uint32_t number)
{
	return hook + offsetof(struct abi_hook, slots) + number * sizeof(struct abi_slot);
}

static void draw_number(struct walk *walk, uint64_t hook, struct abi_first *ret)
{
	uint64_t slot;

	walk->slot = MATCH_RECORD_SLOT(match_image64(walk->image, walk->program));
	slot = slot_at(hook, walk->slot);
	if (!is_plain(walk->image, slot))
		return;
	slot = match_image64(walk->image, slot);
	walk->is_signed = (slot & 0xff) >= ABI_LOAD_S8 && (slot & 0xff) <= ABI_LOAD_S64;
	for (uint32_t pc = 0; pc < FIRST_RECORDS; pc++)
		step(walk, pc);
	if (!walk->passes.any || walk->passes.high - walk->passes.low == UINT64_MAX)
		return;
	ret->slot = slot;
	ret->low = walk->passes.low ^ (walk->is_signed ? 1ULL << 63 : 0);
	ret->span = walk->passes.high - walk->passes.low;
	if (!walk->passes.exact)
		return;
	ret->record = (uint16_t)walk->record;
	draw_plain(walk, hook, ret);
}

/* ---- The text's test ---- */

/* Offset of the filter of a table whose look-up finds nothing in what the filter stops; 0 when there is none. */
static uint32_t table_filter(struct match_image image, uint64_t table)
{
	const uint32_t filter = match_image32(image, table + offsetof(struct abi_string_table, filter));

	if (match_image64(image, table + offsetof(struct abi_string_table, always_rows)) ||
	    match_image32(image, table + offsetof(struct abi_string_table, prefix_count)) >> 16)
		return 0;
	return match_image32(image, filter + offsetof(struct abi_filter, classes)) & 1 ? 0 : filter;
}
_Static_assert(offsetof(struct abi_string_table, postfix_count) == offsetof(struct abi_string_table, prefix_count) + 2,
	       "postfix_count is the high half");

/* False when there are too many. */
static bool add_filter(struct abi_first *ret, uint32_t filter)
{
	for (uint32_t n = 0; n < ret->filter_count; n++)
		if (ret->filters[n] == filter)
			return true;
	if (ret->filter_count == ABI_FIRST_FILTERS)
		return false;
	ret->filters[ret->filter_count++] = filter;
	return true;
}

/* The filters of all tables that the records from `pc` on look the text up in, if nothing else is done before END. */
static bool collect_filters(const struct walk *walk, uint32_t pc, struct abi_first *ret)
{
	for (uint32_t records = 0; records < FIRST_RECORDS; records++) {
		const uint64_t record = walk->program + pc * sizeof(struct abi_record);
		const uint64_t word = match_image64(walk->image, record);
		uint32_t filter;

		if (MATCH_RECORD_OP(word) == ABI_OP_END)
			return true;
		if (MATCH_RECORD_OP(word) != ABI_OP_STRING || MATCH_RECORD_SLOT(word) != ret->text_slot)
			return false;
		filter = table_filter(walk->image, ABI_LOOKUP_TABLE(match_image64(walk->image, record + 8)));
		if (!filter || !add_filter(ret, filter))
			return false;
		pc = MATCH_RECORD_NO(word);
	}
	return false;
}

static void draw_text(const struct walk *walk, uint64_t hook, struct abi_first *ret)
{
	const uint64_t word = match_image64(walk->image, walk->program + ret->record * sizeof(struct abi_record));
	const uint64_t slot = slot_at(hook, MATCH_RECORD_SLOT(word));

	ret->text_slot = MATCH_RECORD_SLOT(word);
	ret->text = match_image64(walk->image, slot);
	if ((ret->text & 0xff) == ABI_LOAD_STRING && !match_image32(walk->image, slot + offsetof(struct abi_slot, chain)) &&
	    collect_filters(walk, ret->record, ret) && ret->filter_count)
		return;
	ret->text_slot = 0;
	ret->text = 0;
	ret->filter_count = 0;
	memset(ret->filters, 0, sizeof(ret->filters));
}

void image_first(const void *image, size_t size, uint32_t id, struct abi_first *ret)
{
	struct walk walk = { .image = { image, size }, .reach = { everything } };
	const uint64_t hook = match_image32(walk.image, offsetof(struct abi_image, hook_offset) + id * 4);

	*ret = (struct abi_first){ .hook = (uint32_t)hook };
	if (!hook)
		return;
	ret->flags = (uint16_t)match_image32(walk.image, hook + offsetof(struct abi_hook, flags));
	walk.program = match_image32(walk.image, hook + offsetof(struct abi_hook, program));
	ret->program = walk.program;
	if (!walk.program)
		return;
	draw_number(&walk, hook, ret);
	draw_text(&walk, hook, ret);
}

void image_write_first(const void *image, size_t size, uint64_t half, struct abi_area *area)
{
	for (uint32_t id = 0; id < ABI_HOOKS_MAX; id++)
		image_first(image, size, id, &area->first[id][half & 1]);
}

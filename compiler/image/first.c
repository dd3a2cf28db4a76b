// SPDX-License-Identifier: Apache-2.0
/*
 * first.c - draws a hook's first test from its decision program; see first.h.
 *
 * From record 0 on, as long as records compare the number that record 0 compares, the set of numbers with which each
 * can be reached is kept as the interval around it. What leaves that part for anything but END passes; so a number
 * outside the interval around all that pass cannot be accepted, and nothing else would have been read.
 *
 * Steps are drawn from wherever in the program their subject is asked about: what is reached is followed with nothing known of other
 * subjects, so all exits of their records are taken, and with what the step would let through of its own. Where no accept is
 * reached without the subject's yes, the event is refused when the answer is no.
 *
 * What follows on the number's test, of texts and of the whole decision, is in first_text.c.
 */
#include "compiler/image/first.h"

#include <stdbool.h>
#include <string.h>

#include "compiler/image/first_parts.h"
#include "compiler/image/loads.h"

enum { STEP_RECORDS = 1024 };	/* of longer programs, there are no steps */

/* Closed; in the order of the slot's type: numbers have their top bit flipped when it is signed. */
struct range {
	uint64_t low, high;
	bool any;
	bool exact;		/* holds nothing that the set does not */
};

struct walk {
	struct first_program of;
	uint32_t slot;
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
	const uint64_t record = walk->of.program + pc * sizeof(struct abi_record);
	const uint64_t word = match_image64(walk->of.image, record);
	const uint32_t op = MATCH_RECORD_OP(word);
	struct range yes, no;

	if (op == ABI_OP_END || !walk->reach[pc].any)
		return;
	if (!match_is_compare(op) || MATCH_RECORD_SLOT(word) != walk->slot) {
		pass(walk, pc, walk->reach[pc]);
		return;
	}
	split(walk, op, match_image64(walk->of.image, record + 8), walk->reach[pc], &yes, &no);
	go(walk, pc, MATCH_RECORD_YES(word), yes);
	go(walk, pc, MATCH_RECORD_NO(word), no);
}

static bool is_number(uint64_t slot)
{
	const uint32_t load = slot & 0xff;

	return match_load_is_integer(load) || load == ABI_LOAD_PID;
}

/* A number that is there as it is, without anything that leads to it. */
static bool is_plain(struct match_image image, uint64_t slot)
{
	return is_number(match_image64(image, slot)) && !match_image32(image, slot + offsetof(struct abi_slot, chain));
}

/* The event that those which pass the test lead to, when nothing else comes of them, and what it takes when it is a plain one. */
static void draw_plain(const struct walk *walk, uint64_t hook, struct abi_first *ret)
{
	const uint64_t record = walk->of.program + walk->record * sizeof(struct abi_record);
	const uint64_t word = match_image64(walk->of.image, record);
	const uint32_t count = match_image32(walk->of.image, hook + offsetof(struct abi_hook, slot_count)) & 0xffff;
	const uint64_t accept = match_image32(walk->of.image, record + 8);
	const uint32_t report = match_image32(walk->of.image, accept + offsetof(struct abi_accept, report_slots));
	uint64_t slots[ABI_PLAIN_SLOTS] = { 0 };

	if (MATCH_RECORD_OP(word) != ABI_OP_ACCEPT || ret->flags & ABI_HOOK_PAIRED ||
	    !first_ends_at(&walk->of, MATCH_RECORD_YES(word)) || !first_only_posts(walk->of.image, accept))
		return;
	ret->posts = (uint32_t)accept;
	if (count > ABI_PLAIN_SLOTS)
		return;
	for (uint32_t n = 0; n < count; n++)
		slots[n] = match_image64(walk->of.image, hook + offsetof(struct abi_hook, slots) + n * sizeof(struct abi_slot));
	for (uint32_t n = 0; n < count; n++)
		if (report >> n & 1 &&
		    !is_plain(walk->of.image, hook + offsetof(struct abi_hook, slots) + n * sizeof(struct abi_slot)))
			return;
	memcpy(ret->plain_slots, slots, sizeof(slots));
	for (uint32_t n = 0; n < sizeof(ret->plain_accept) / sizeof(*ret->plain_accept); n++)
		ret->plain_accept[n] = match_image64(walk->of.image, accept + n * sizeof(*ret->plain_accept));
	ret->plain_count = count;
}

static void draw_number(struct walk *walk, uint64_t hook, struct abi_first *ret)
{
	uint64_t slot;

	walk->slot = MATCH_RECORD_SLOT(match_image64(walk->of.image, walk->of.program));
	slot = first_slot_at(hook, walk->slot);
	if (!is_plain(walk->of.image, slot))
		return;
	slot = match_image64(walk->of.image, slot);
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

/* ---- Steps ---- */

enum subject_kind { SUBJECT_NUMBER, SUBJECT_ADDRESS4, SUBJECT_ADDRESS6, SUBJECT_PROCESS, SUBJECT_PATH };

/* What a step is about, and what the records say of it. */
struct subject {
	struct match_image image;
	uint64_t hook;
	uint32_t program, record_count;
	enum subject_kind kind;
	uint32_t slot;			/* PROCESS: number of the table */
	bool destination;		/* of addresses */
	uint64_t rows;			/* PROCESS: that are asked for */
	uint32_t filters[ABI_FIRST_NAMES], filter_count;	/* PATH */
	bool gives_up;			/* PATH: a table has no filter, or there are too many */
	uint32_t tried;			/* bit per slot that was seen as a path */
	struct range passes, reach[STEP_RECORDS];
};

static uint64_t record_at(const struct subject *subject, uint32_t pc)
{
	return subject->program + pc * sizeof(struct abi_record);
}

static bool is_about(const struct subject *subject, uint64_t word, uint64_t operand)
{
	const uint32_t op = MATCH_RECORD_OP(word), slot = MATCH_RECORD_SLOT(word);

	switch (subject->kind) {
	case SUBJECT_NUMBER:
		return (match_is_compare(op) || op == ABI_OP_INTERVALS) && slot == subject->slot;
	case SUBJECT_ADDRESS4:
	case SUBJECT_ADDRESS6:
		return op == ABI_OP_ADDRESS && slot == subject->slot && !!(operand & ABI_LOOKUP_DESTINATION) == subject->destination;
	case SUBJECT_PROCESS:
		return op == ABI_OP_BINARY && slot == ABI_WHO_PROCESS && ABI_LOOKUP_TABLE(operand) == subject->slot;
	default:
		return op == ABI_OP_STRING && slot == subject->slot;
	}
}

static struct range within(struct range range, uint64_t low, uint64_t high)
{
	range = at_most(at_least(range, low), high);
	range.any = range.any && low <= high;
	return range;
}

/* From the first to the last member of a table of `count`, the first word of which has the bounds; members have `size` bytes. */
static struct range members(struct match_image image, struct range reach, uint64_t entries, uint32_t count, uint64_t size, uint64_t high)
{
	if (!count)
		return (struct range){ 0 };
	return within(reach, match_image64(image, entries), match_image64(image, entries + (count - 1) * size + high));
}

/* What of `reach` a look-up may find. */
static struct range found_number(const struct subject *subject, uint64_t operand, struct range reach)
{
	const uint64_t table = ABI_LOOKUP_TABLE(operand);

	if (match_image32(subject->image, table + offsetof(struct abi_interval_table, flags)) & ABI_INTERVALS_SIGNED)
		return reach;
	return members(subject->image, reach, table + sizeof(struct abi_interval_table), match_image32(subject->image, table),
		       sizeof(struct abi_interval), offsetof(struct abi_interval, high));
}

static struct range found_address(const struct subject *subject, uint64_t operand, struct range reach)
{
	const uint64_t table = ABI_LOOKUP_TABLE(operand);
	const bool is_v6 = subject->kind == SUBJECT_ADDRESS6;
	const uint64_t numbers = match_image32(subject->image, table + (is_v6 ? offsetof(struct abi_address_table, v6) :
										offsetof(struct abi_address_table, v4)));

	if (!numbers)
		return (struct range){ 0 };
	if (!is_v6)
		return found_number(subject, numbers, reach);
	return members(subject->image, reach, numbers + sizeof(struct abi_interval128_table), match_image32(subject->image, numbers),
		       sizeof(struct abi_interval128), offsetof(struct abi_interval128, high_high));
}

/* Notes that the path is looked up there. */
static void ask_names(struct subject *subject, uint64_t operand)
{
	const uint32_t names = match_image32(subject->image, ABI_LOOKUP_TABLE(operand) + offsetof(struct abi_string_table, names));

	for (uint32_t n = 0; n < subject->filter_count; n++)
		if (subject->filters[n] == names)
			return;
	subject->gives_up |= !names || subject->filter_count == ABI_FIRST_NAMES;
	if (!subject->gives_up)
		subject->filters[subject->filter_count++] = names;
}

/* What of `reach` makes the record about the subject true, and what does not. */
static void answer(struct subject *subject, uint32_t op, uint64_t operand, struct range reach, struct range *yes, struct range *no)
{
	const struct walk unsigned_numbers = { .is_signed = false };

	*yes = (struct range){ 0 };
	*no = reach;
	if (subject->kind == SUBJECT_PROCESS)
		subject->rows |= match_asked_rows(operand);
	else if (subject->kind == SUBJECT_PATH)
		ask_names(subject, operand);
	else if (op == ABI_OP_ADDRESS)
		*yes = found_address(subject, operand, reach);
	else if (op == ABI_OP_INTERVALS)
		*yes = found_number(subject, operand, reach);
	else
		split(&unsigned_numbers, op, operand, reach, yes, no);
}

static void leave(struct subject *subject, uint32_t pc, uint32_t to, struct range range)
{
	widen(to > pc && to < subject->record_count ? &subject->reach[to] : &subject->passes, range);
}

static void follow(struct subject *subject, uint32_t pc)
{
	const uint64_t word = match_image64(subject->image, record_at(subject, pc));
	const uint64_t operand = match_image64(subject->image, record_at(subject, pc) + 8);
	const struct range reach = subject->reach[pc];
	const uint32_t op = MATCH_RECORD_OP(word);
	struct range yes = reach, no = reach;

	if (op == ABI_OP_END || !reach.any)
		return;
	if (op == ABI_OP_ACCEPT) {
		widen(&subject->passes, reach);
		return;
	}
	if (is_about(subject, word, operand))
		answer(subject, op, operand, reach, &yes, &no);
	leave(subject, pc, MATCH_RECORD_YES(word), yes);
	if (op == ABI_OP_JUMP)
		return;
	leave(subject, pc, MATCH_RECORD_NO(word), no);
	leave(subject, pc, MATCH_RECORD_UNKNOWN(word), no);
}

/* Leaves in `passes` of what is accepted; not any: nothing that does not have the subject's yes. */
static void follow_all(struct subject *subject)
{
	memset(subject->reach, 0, subject->record_count * sizeof(*subject->reach));
	subject->passes = (struct range){ 0 };
	subject->reach[0] = everything;
	for (uint32_t pc = 0; pc < subject->record_count; pc++)
		follow(subject, pc);
}

/* A value of an argument that nothing leads to, in memory of the kernel. */
static bool is_argument(const struct subject *subject, uint32_t slot)
{
	const uint32_t flags = match_image32(subject->image, subject->hook + offsetof(struct abi_hook, flags));
	const uint64_t at = first_slot_at(subject->hook, slot), word = match_image64(subject->image, at);

	return MATCH_DESCRIPTOR_SOURCE(word) == ABI_SOURCE_ARGUMENT && !match_image32(subject->image, at + offsetof(struct abi_slot, chain)) &&
	       !(flags & (ABI_HOOK_SYSCALL | ABI_HOOK_USER_MEMORY | ABI_HOOK_RETURN));
}

/* What the step reads of sockets; what only leads to one (struct socket) it does not follow. */
static bool is_sock(uint32_t load)
{
	return load == ABI_LOAD_SOCK;
}

/* What nobody has stands for nothing: no part is so large a number, no IPv4 address, and no high half of an IPv6 address. False: all holds. */
static bool draw_interval(const struct range *passes, uint32_t which, struct abi_first *ret)
{
	ret->part_low[which] = passes->any ? passes->low : UINT64_MAX;
	ret->part_span[which] = passes->any ? passes->high - passes->low : 0;
	return ret->part_span[which] != UINT64_MAX;
}

static void draw_part(struct subject *subject, uint64_t word, struct abi_first *ret)
{
	const uint64_t part = match_image64(subject->image, first_slot_at(subject->hook, MATCH_RECORD_SLOT(word)));
	const uint32_t of = MATCH_DESCRIPTOR_INDEX(part) & (MATCH_SLOTS - 1);
	const uint64_t socket = match_image64(subject->image, first_slot_at(subject->hook, of));

	if (MATCH_DESCRIPTOR_LOAD(part) != ABI_LOAD_PART || !is_sock(MATCH_DESCRIPTOR_LOAD(socket)) || !is_argument(subject, of) ||
	    !(ABI_FIRST_PARTS >> (MATCH_DESCRIPTOR_OFFSET(part) & 31) & 1))
		return;
	subject->kind = SUBJECT_NUMBER;
	subject->slot = MATCH_RECORD_SLOT(word);
	follow_all(subject);
	if (!draw_interval(&subject->passes, 0, ret))
		return;
	ret->steps |= ABI_FIRST_SOCKET;
	ret->part = (uint16_t)MATCH_DESCRIPTOR_OFFSET(part);
	ret->socket = socket;
}

static void draw_address(struct subject *subject, uint64_t word, uint64_t operand, struct abi_first *ret)
{
	const uint64_t socket = match_image64(subject->image, first_slot_at(subject->hook, MATCH_RECORD_SLOT(word)));
	bool refuses;

	if (!is_sock(MATCH_DESCRIPTOR_LOAD(socket)) || !is_argument(subject, MATCH_RECORD_SLOT(word)))
		return;
	subject->slot = MATCH_RECORD_SLOT(word);
	subject->destination = operand & ABI_LOOKUP_DESTINATION;
	subject->kind = SUBJECT_ADDRESS4;
	follow_all(subject);
	refuses = draw_interval(&subject->passes, 0, ret);
	subject->kind = SUBJECT_ADDRESS6;
	follow_all(subject);
	refuses |= draw_interval(&subject->passes, 1, ret);
	if (!refuses)
		return;
	ret->steps |= ABI_FIRST_SOCKET;
	ret->part = subject->destination ? ABI_PART_DESTINATION : ABI_PART_SOURCE;
	ret->socket = socket;
}

static void draw_process(struct subject *subject, uint64_t operand, struct abi_first *ret)
{
	subject->kind = SUBJECT_PROCESS;
	subject->slot = ABI_LOOKUP_TABLE(operand);
	subject->rows = 0;
	follow_all(subject);
	if (subject->passes.any || !subject->rows)
		return;
	ret->steps |= ABI_FIRST_PROCESS;
	ret->process_table = subject->slot;
	ret->process_rows = subject->rows;
}

/* The root of a mount has another name than its place. */
static void draw_name(struct subject *subject, uint64_t word, struct abi_first *ret)
{
	const uint64_t slot = match_image64(subject->image, first_slot_at(subject->hook, MATCH_RECORD_SLOT(word)));

	if (MATCH_DESCRIPTOR_LOAD(slot) == ABI_LOAD_MOUNT || subject->tried >> MATCH_RECORD_SLOT(word) & 1 || !is_argument(subject, MATCH_RECORD_SLOT(word)) ||
	    !(load_rows[MATCH_DESCRIPTOR_LOAD(slot) & (ABI_LOAD_END - 1)].gives & GIVES_PATH))
		return;
	subject->tried |= 1u << MATCH_RECORD_SLOT(word);
	subject->kind = SUBJECT_PATH;
	subject->slot = MATCH_RECORD_SLOT(word);
	subject->filter_count = 0;
	subject->gives_up = false;
	follow_all(subject);
	if (subject->passes.any || subject->gives_up || !subject->filter_count)
		return;
	ret->steps |= ABI_FIRST_NAME;
	ret->name = slot;
	memcpy(ret->names, subject->filters, subject->filter_count * sizeof(*subject->filters));
}

/* The first of each kind that can be had. */
static void draw_step(struct subject *subject, uint32_t pc, struct abi_first *ret)
{
	const uint64_t word = match_image64(subject->image, record_at(subject, pc));
	const uint64_t operand = match_image64(subject->image, record_at(subject, pc) + 8);
	const uint32_t op = MATCH_RECORD_OP(word);

	if (op == ABI_OP_BINARY && MATCH_RECORD_SLOT(word) == ABI_WHO_PROCESS && !(ret->steps & ABI_FIRST_PROCESS))
		draw_process(subject, operand, ret);
	else if (op == ABI_OP_STRING && !(ret->steps & ABI_FIRST_NAME))
		draw_name(subject, word, ret);
	else if (op == ABI_OP_ADDRESS && !(ret->steps & ABI_FIRST_SOCKET))
		draw_address(subject, word, operand, ret);
	else if ((match_is_compare(op) || op == ABI_OP_INTERVALS) && !(ret->steps & ABI_FIRST_SOCKET))
		draw_part(subject, word, ret);
}

static void draw_steps(const struct walk *walk, uint64_t hook, struct abi_first *ret)
{
	struct subject subject = { .image = walk->of.image, .hook = hook, .program = walk->of.program };

	subject.record_count = match_image32(walk->of.image, hook + offsetof(struct abi_hook, record_count));
	if (subject.record_count > STEP_RECORDS)
		return;
	for (uint32_t pc = 0; pc < subject.record_count && pc < FIRST_RECORDS; pc++)
		draw_step(&subject, pc, ret);
	if (!(ret->steps & ABI_FIRST_SOCKET))
		memset(ret->part_low, 0, sizeof(ret->part_low) + sizeof(ret->part_span));
}
_Static_assert(offsetof(struct abi_first, part_span) == offsetof(struct abi_first, part_low) + sizeof(((struct abi_first *)0)->part_low),
	       "part_span follows part_low");

void image_first(const void *image, size_t size, uint32_t id, struct abi_first *ret)
{
	struct walk walk = { .of.image = { image, size }, .reach = { everything } };
	const uint64_t hook = match_image32(walk.of.image, offsetof(struct abi_image, hook_offset) + id * 4);

	*ret = (struct abi_first){ .hook = (uint32_t)hook };
	if (!hook)
		return;
	ret->flags = (uint16_t)match_image32(walk.of.image, hook + offsetof(struct abi_hook, flags));
	walk.of.program = match_image32(walk.of.image, hook + offsetof(struct abi_hook, program));
	ret->program = walk.of.program;
	walk.of.hook = hook;
	if (!walk.of.program)
		return;
	draw_number(&walk, hook, ret);
	draw_steps(&walk, hook, ret);
	first_draw_text(&walk.of, ret);
	first_draw_whole(&walk.of, ret);
}

void image_write_first(const void *image, size_t size, uint64_t half, struct abi_area *area)
{
	for (uint32_t id = 0; id < ABI_HOOKS_MAX; id++)
		image_first(image, size, id, &area->first[id][half & 1]);
}

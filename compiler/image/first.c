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
 * A text's test is drawn from the records that follow, as long as they look one text up and `no` leads to the next one, and at
 * last to END: a text that no filter lets through is in none of the tables.
 */
#include "compiler/image/first.h"

#include <stdbool.h>
#include <string.h>

#include "bpf-templates/match.h"
#include "compiler/image/loads.h"

enum { FIRST_RECORDS = 64, STEP_RECORDS = 1024 };	/* what lies behind passes; of longer programs, there are no steps */

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

static bool ends_at(const struct walk *walk, uint32_t pc)
{
	return MATCH_RECORD_OP(match_image64(walk->image, walk->program + pc * sizeof(struct abi_record))) == ABI_OP_END;
}

/* The event that those which pass the test lead to, when nothing else comes of them, and what it takes when it is a plain one. */
static void draw_plain(const struct walk *walk, uint64_t hook, struct abi_first *ret)
{
	const uint64_t record = walk->program + walk->record * sizeof(struct abi_record);
	const uint64_t word = match_image64(walk->image, record);
	const uint32_t count = match_image32(walk->image, hook + offsetof(struct abi_hook, slot_count)) & 0xffff;
	const uint64_t accept = match_image32(walk->image, record + 8);
	const uint32_t report = match_image32(walk->image, accept + offsetof(struct abi_accept, report_slots));
	uint64_t slots[ABI_PLAIN_SLOTS] = { 0 };

	if (MATCH_RECORD_OP(word) != ABI_OP_ACCEPT || ret->flags & ABI_HOOK_PAIRED ||
	    !ends_at(walk, MATCH_RECORD_YES(word)) || !only_posts(walk->image, accept))
		return;
	ret->posts = (uint32_t)accept;
	if (count > ABI_PLAIN_SLOTS)
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

static bool is_text(uint32_t load)
{
	return load == ABI_LOAD_STRING || (load < ABI_LOAD_END && load_rows[load].gives & GIVES_PATH);
}

static void draw_text(const struct walk *walk, uint64_t hook, struct abi_first *ret)
{
	const uint64_t word = match_image64(walk->image, walk->program + ret->record * sizeof(struct abi_record));
	const uint64_t slot = slot_at(hook, MATCH_RECORD_SLOT(word));

	ret->text_slot = MATCH_RECORD_SLOT(word);
	ret->text = match_image64(walk->image, slot);
	if (is_text(MATCH_DESCRIPTOR_LOAD(ret->text)) && !match_image32(walk->image, slot + offsetof(struct abi_slot, chain)) &&
	    collect_filters(walk, ret->record, ret) && ret->filter_count)
		return;
	ret->text_slot = 0;
	ret->text = 0;
	ret->filter_count = 0;
	memset(ret->filters, 0, sizeof(ret->filters));
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

static uint64_t asked_rows(uint64_t operand)
{
	const uint32_t row = ABI_LOOKUP_ROW(operand), more = ABI_LOOKUP_LAST(operand) - row;

	return ((2ULL << (more & (ABI_ROWS_MAX - 1))) - 1) << row;
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
		subject->rows |= asked_rows(operand);
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
	const uint64_t at = slot_at(subject->hook, slot), word = match_image64(subject->image, at);

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
	const uint64_t part = match_image64(subject->image, slot_at(subject->hook, MATCH_RECORD_SLOT(word)));
	const uint32_t of = MATCH_DESCRIPTOR_INDEX(part) & (MATCH_SLOTS - 1);
	const uint64_t socket = match_image64(subject->image, slot_at(subject->hook, of));

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
	const uint64_t socket = match_image64(subject->image, slot_at(subject->hook, MATCH_RECORD_SLOT(word)));
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
	const uint64_t slot = match_image64(subject->image, slot_at(subject->hook, MATCH_RECORD_SLOT(word)));

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
	struct subject subject = { .image = walk->image, .hook = hook, .program = walk->program };

	subject.record_count = match_image32(walk->image, hook + offsetof(struct abi_hook, record_count));
	if (subject.record_count > STEP_RECORDS)
		return;
	for (uint32_t pc = 0; pc < subject.record_count && pc < FIRST_RECORDS; pc++)
		draw_step(&subject, pc, ret);
	if (!(ret->steps & ABI_FIRST_SOCKET))
		memset(ret->part_low, 0, sizeof(ret->part_low) + sizeof(ret->part_span));
}
_Static_assert(offsetof(struct abi_first, part_span) == offsetof(struct abi_first, part_low) + sizeof(((struct abi_first *)0)->part_low),
	       "part_span follows part_low");

/* ---- The whole decision ---- */

/* The only interval of IPv4 addresses that a record looks for is what the step asks for. */
static bool asks_address(const struct walk *walk, uint64_t operand, const struct abi_first *ret)
{
	const uint64_t numbers = match_image32(walk->image, ABI_LOOKUP_TABLE(operand) + offsetof(struct abi_address_table, v4));
	const uint64_t interval = numbers + sizeof(struct abi_interval_table);

	return numbers && match_image32(walk->image, numbers) == 1 &&
	       match_image64(walk->image, interval + offsetof(struct abi_interval, low)) == ret->part_low[0] &&
	       match_image64(walk->image, interval + offsetof(struct abi_interval, high)) == ret->part_low[0] + ret->part_span[0] &&
	       match_image64(walk->image, interval + offsetof(struct abi_interval, rows)) & asked_rows(operand);
}

/* The step that knows the answer of a record when it is passed for certain; 0: none does. */
static uint32_t certain_step(const struct walk *walk, uint64_t hook, uint64_t word, uint64_t operand, const struct abi_first *ret)
{
	const uint64_t slot = slot_at(hook, MATCH_RECORD_SLOT(word));
	const uint32_t part = operand & ABI_LOOKUP_DESTINATION ? ABI_PART_DESTINATION : ABI_PART_SOURCE;

	switch (MATCH_RECORD_OP(word)) {
	case ABI_OP_BINARY:
		return ret->steps & ABI_FIRST_PROCESS && MATCH_RECORD_SLOT(word) == ABI_WHO_PROCESS &&
		       ABI_LOOKUP_TABLE(operand) == ret->process_table && asked_rows(operand) == ret->process_rows ? ABI_FIRST_PROCESS : 0;
	case ABI_OP_ADDRESS:
		return ret->steps & ABI_FIRST_SOCKET && ret->part == part && match_image64(walk->image, slot) == ret->socket &&
		       !match_image32(walk->image, slot + offsetof(struct abi_slot, chain)) && asks_address(walk, operand, ret) ?
			       ABI_FIRST_SOCKET : 0;
	default:
		return 0;
	}
}

/* The only text that is looked up, of a decision that nothing leads past it: what its filter stops is not accepted. */
static bool draw_only_text(const struct walk *walk, uint64_t hook, uint64_t record, struct abi_first *ret)
{
	const uint64_t word = match_image64(walk->image, record), operand = match_image64(walk->image, record + 8);
	const uint64_t slot = slot_at(hook, MATCH_RECORD_SLOT(word));

	if (MATCH_RECORD_OP(word) != ABI_OP_STRING || ret->found)
		return false;
	ret->text = match_image64(walk->image, slot);
	ret->text_slot = MATCH_RECORD_SLOT(word);
	ret->filter_count = 1;
	ret->filters[0] = table_filter(walk->image, ABI_LOOKUP_TABLE(operand));
	ret->found = operand;
	return ret->filters[0] && is_text(MATCH_DESCRIPTOR_LOAD(ret->text)) && !match_image32(walk->image, slot + offsetof(struct abi_slot, chain));
}

/*
 * Where each record must be true for the only accept, which only posts, and each is what a step knows, or the look-up of one text: that is the
 * whole decision, once those steps were passed for certain.
 */
static void draw_whole(const struct walk *walk, uint64_t hook, struct abi_first *ret)
{
	struct abi_first whole = *ret;
	uint32_t pc = ret->record, need = 0, step;

	if (ret->flags & ABI_HOOK_PAIRED || ret->posts)
		return;
	memset(whole.filters, 0, sizeof(whole.filters));
	for (uint32_t records = 0; records < FIRST_RECORDS; records++) {
		const uint64_t record = walk->program + pc * sizeof(struct abi_record), word = match_image64(walk->image, record);
		const uint64_t operand = match_image64(walk->image, record + 8);

		if (MATCH_RECORD_OP(word) == ABI_OP_ACCEPT) {
			if (!ends_at(walk, MATCH_RECORD_YES(word)) || !only_posts(walk->image, (uint32_t)operand) || !(need || whole.found))
				return;
			whole.posts = (uint32_t)operand;
			whole.steps |= ABI_FIRST_CERTAIN(need);
			*ret = whole;
			return;
		}
		if (MATCH_RECORD_OP(word) == ABI_OP_END || !ends_at(walk, MATCH_RECORD_NO(word)) || !ends_at(walk, MATCH_RECORD_UNKNOWN(word)))
			return;
		if (!draw_only_text(walk, hook, record, &whole)) {
			step = certain_step(walk, hook, word, operand, ret);
			if (!step)
				return;
			need |= step;
		}
		pc = MATCH_RECORD_YES(word);
	}
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
	draw_steps(&walk, hook, ret);
	draw_whole(&walk, hook, ret);
}

void image_write_first(const void *image, size_t size, uint64_t half, struct abi_area *area)
{
	for (uint32_t id = 0; id < ABI_HOOKS_MAX; id++)
		image_first(image, size, id, &area->first[id][half & 1]);
}

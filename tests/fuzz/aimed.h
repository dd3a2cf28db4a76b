/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aimed.h - makes damage that hits: fields that programs read, with values that may be valid.  Kinds are rows of a table; each adds
 * changes to a list.  All comes from one number, so that the same number makes the same list of the same good image.
 */
#ifndef TESTS_FUZZ_AIMED_H
#define TESTS_FUZZ_AIMED_H

#include "tests/fuzz/damage.h"

struct aim {
	uint64_t random;
	const uint8_t *good;
	const struct abi_image *header;		/* of the good image, as all that follows */
	const struct abi_hook *hook;		/* one with a program */
	uint32_t hook_at;
	struct damage *list;			/* DAMAGES_MAX */
	size_t count;
};

/* splitmix64 */
static inline uint64_t aim_random(struct aim *aim)
{
	uint64_t z = aim->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline uint32_t aim_below(struct aim *aim, uint32_t bound)
{
	return (uint32_t)((aim_random(aim) >> 32) * bound >> 32);
}

/* `length` bytes at `at`; what is beyond the list's end is left out. */
static inline void aim_add(struct aim *aim, uint64_t at, uint32_t length, enum damage_how how, uint64_t value)
{
	if (aim->count < DAMAGES_MAX)
		aim->list[aim->count++] = (struct damage){ .at = (uint32_t)at, .width = (uint8_t)__builtin_ctz(length),
							   .how = (uint8_t)how, .value = value };
}
#define AIM_SET(aim, at, type, member, to) \
	aim_add(aim, (at) + offsetof(type, member), sizeof(((type *)0)->member), DAMAGE_SET, to)

static inline uint32_t aim_records(const struct aim *aim)
{
	return aim->hook->record_count;
}

static inline uint64_t aim_record_at(const struct aim *aim, uint32_t number)
{
	return aim->hook->program + number * sizeof(struct abi_record);
}

static inline const struct abi_record *aim_record(const struct aim *aim, uint32_t number)
{
	return (const void *)(aim->good + aim_record_at(aim, number));
}

/* Some field of `length` bytes of a section. */
static inline uint64_t aim_within(struct aim *aim, enum abi_section_id section, uint32_t length)
{
	const struct abi_section *place = &aim->header->sections[section];

	return place->offset + aim_below(aim, place->size / length) * length;
}

static inline uint64_t aim_number(struct aim *aim)
{
	const uint64_t one = aim_random(aim) & 1;

	switch (aim_below(aim, 8)) {
	case 0:
		return aim_below(aim, 70);
	case 1:
		return -(uint64_t)aim_below(aim, 70);
	case 2:
		return (1ULL << aim_below(aim, 64)) - one;
	case 3:
		return -(1ULL << aim_below(aim, 64)) + one;
	case 4:
		return aim_within(aim, (enum abi_section_id)(1 + aim_below(aim, ABI_SECTION_COUNT - 1)), 8);
	case 5:
		return aim_random(aim);
	default:
		return aim_record(aim, aim_below(aim, aim_records(aim)))->operand + aim_below(aim, 3) - 1;
	}
}

/* ---- Kinds ---- */

static inline void aim_operand(struct aim *aim)
{
	uint32_t number = aim_below(aim, aim_records(aim));

	if (match_is_compare(aim_record(aim, number)->op))
		AIM_SET(aim, aim_record_at(aim, number), struct abi_record, operand, aim_number(aim));
	else if (aim_record(aim, number)->op == ABI_OP_GAINED || aim_record(aim, number)->op == ABI_OP_SCOPE)
		AIM_SET(aim, aim_record_at(aim, number), struct abi_record, operand, aim_below(aim, ABI_SLOTS_MAX + 1));
}

/* One that lies ahead, mostly. */
static inline uint64_t aim_ahead(struct aim *aim, uint32_t number)
{
	uint32_t left = aim_records(aim) - 1 - number;

	return aim_below(aim, 64) && left ? number + 1 + aim_below(aim, left) : aim_below(aim, aim_records(aim) + 1);
}

static inline void aim_target(struct aim *aim)
{
	uint32_t number = aim_below(aim, aim_records(aim)), which = aim_below(aim, 3);
	uint32_t op = aim_record(aim, number)->op;

	if (op == ABI_OP_END || ((op == ABI_OP_ACCEPT || op == ABI_OP_JUMP) && which))
		return;
	aim_add(aim, aim_record_at(aim, number) + offsetof(struct abi_record, yes) + 2 * which, 2, DAMAGE_SET,
		aim_ahead(aim, number));
}

static inline void aim_comparison(struct aim *aim)
{
	uint32_t number = aim_below(aim, aim_records(aim));

	if (match_is_compare(aim_record(aim, number)->op))
		AIM_SET(aim, aim_record_at(aim, number), struct abi_record, op, ABI_OP_EQUAL + aim_below(aim, 6));
}

static inline void aim_op(struct aim *aim)
{
	AIM_SET(aim, aim_record_at(aim, aim_below(aim, aim_records(aim))), struct abi_record, op,
		aim_below(aim, ABI_OP_COUNT + 1));
}

static inline void aim_slot(struct aim *aim)
{
	AIM_SET(aim, aim_record_at(aim, aim_below(aim, aim_records(aim))), struct abi_record, slot,
		aim_below(aim, aim->hook->slot_count + 1));
}

/* Rows, register and table of a look-up; or any byte of an operand. */
static inline void aim_lookup(struct aim *aim)
{
	uint64_t operand = aim_record_at(aim, aim_below(aim, aim_records(aim))) + offsetof(struct abi_record, operand);
	uint32_t row = aim_below(aim, ABI_ROWS_MAX), more = aim_below(aim, ABI_ROWS_MAX - row);

	if (aim_below(aim, 4))
		aim_add(aim, operand + 5, 1, DAMAGE_SET, row), aim_add(aim, operand + 6, 1, DAMAGE_SET, row + more);
	else
		aim_add(aim, operand + 4 + aim_below(aim, 4), 1, DAMAGE_SET, aim_below(aim, 33));
}

/* A record that does what another one of the program does, and goes where that goes or where it did. */
static inline void aim_copy_record(struct aim *aim)
{
	uint32_t from = aim_below(aim, aim_records(aim)), to = aim_below(aim, aim_records(aim));

	aim_add(aim, aim_record_at(aim, to) + 8, 8, DAMAGE_COPY, aim_record_at(aim, from) + 8);
	aim_add(aim, aim_record_at(aim, to), aim_below(aim, 4) ? 2 : 8, DAMAGE_COPY, aim_record_at(aim, from));
}

/* END, JUMP or ACCEPT with all that belongs to it. */
static inline void aim_step(struct aim *aim)
{
	uint32_t number = aim_below(aim, aim_records(aim)), what = aim_below(aim, 3);
	uint64_t accept = aim->header->sections[ABI_SECTION_ACCEPTS].offset +
			  aim_below(aim, aim->header->accept_count + 1) * sizeof(struct abi_accept);
	const uint64_t heads[] = { ABI_OP_END, ABI_OP_JUMP, ABI_OP_ACCEPT };

	aim_add(aim, aim_record_at(aim, number), 8, DAMAGE_SET, heads[what] | (what ? aim_ahead(aim, number) << 16 : 0));
	aim_add(aim, aim_record_at(aim, number) + 8, 8, DAMAGE_SET, what == 2 ? accept : 0);
}

/* Slots whose value is a number and nothing else. */
static inline uint32_t aim_number_slot(struct aim *aim)
{
	uint32_t slot = aim_below(aim, aim->hook->slot_count);

	for (uint32_t n = 0; n < aim->hook->slot_count; n++, slot = (slot + 1) % aim->hook->slot_count)
		if (match_load_is_integer(aim->hook->slots[slot].load) || aim->hook->slots[slot].load == ABI_LOAD_PID)
			break;
	return slot;
}

/* One that fits the sign of the slot, mostly. */
static inline uint64_t aim_comparison_of(struct aim *aim, uint32_t slot)
{
	static const uint8_t with_sign[] = { ABI_OP_EQUAL, ABI_OP_LESS_SIGNED, ABI_OP_GREATER_SIGNED };
	static const uint8_t without[] = { ABI_OP_EQUAL, ABI_OP_LESS, ABI_OP_GREATER };

	if (!aim_below(aim, 16))
		return ABI_OP_EQUAL + aim_below(aim, 6);
	return (load_rows[aim->hook->slots[slot].load].is_signed ? with_sign : without)[aim_below(aim, 3)];
}

/* The first records compare one number, as what a first test is drawn from does. */
static inline void aim_beginning(struct aim *aim)
{
	const uint64_t slot = aim_number_slot(aim);
	const uint32_t count = 1 + aim_below(aim, aim_records(aim) < 6 ? aim_records(aim) : 6);

	for (uint32_t n = 0; n < count && n + 1 < aim_records(aim); n++) {
		uint64_t op = aim_comparison_of(aim, (uint32_t)slot), yes = aim_ahead(aim, n), no = aim_ahead(aim, n);

		if (aim_below(aim, 4))
			*(aim_below(aim, 2) ? &yes : &no) = aim_records(aim) - 1;
		aim_add(aim, aim_record_at(aim, n), 8, DAMAGE_SET, op | slot << 8 | yes << 16 | no << 32 | no << 48);
		aim_add(aim, aim_record_at(aim, n) + 8, 8, DAMAGE_SET,
			aim_below(aim, 2) ? (uint64_t)aim_below(aim, 9) - 4 : aim_number(aim));
	}
}

/* The load of a slot, as another number mostly; its source, its index and what is behind it. */
static inline void aim_slot_of_hook(struct aim *aim)
{
	uint64_t at = aim->hook_at + offsetof(struct abi_hook, slots) + aim_below(aim, aim->hook->slot_count + 1) * sizeof(struct abi_slot);

	if (aim_below(aim, 2))
		AIM_SET(aim, at, struct abi_slot, load, aim_below(aim, 4) ? 1 + aim_below(aim, 8) : aim_below(aim, ABI_LOAD_END + 1));
	else
		aim_add(aim, at + aim_below(aim, sizeof(struct abi_slot)), 1, DAMAGE_SET, aim_below(aim, 13));
}

static inline void aim_hook(struct aim *aim)
{
	const uint32_t skipped = aim_below(aim, aim_records(aim));

	switch (aim_below(aim, 5)) {
	case 0:
		AIM_SET(aim, aim->hook_at, struct abi_hook, program, aim_record_at(aim, skipped));
		AIM_SET(aim, aim->hook_at, struct abi_hook, record_count, aim_records(aim) - skipped + aim_below(aim, 2));
		break;
	case 1:
		AIM_SET(aim, aim->hook_at, struct abi_hook, record_count, aim_below(aim, 2 * aim_records(aim)));
		break;
	case 2:
		AIM_SET(aim, aim->hook_at, struct abi_hook, register_count, aim_below(aim, ABI_REGISTERS_MAX + 2));
		break;
	case 3:
		AIM_SET(aim, aim->hook_at, struct abi_hook, flags, aim_below(aim, 17));
		break;
	default:
		AIM_SET(aim, aim->hook_at, struct abi_hook, slot_count, aim_below(aim, ABI_SLOTS_MAX + 2));
	}
}

static inline void aim_accept(struct aim *aim)
{
	static const struct { uint8_t at, length; uint16_t bound; } fields[] = {
#define FIELD(member, bound) { offsetof(struct abi_accept, member), sizeof(((struct abi_accept *)0)->member), bound }
		FIELD(policy, 5), FIELD(selector, 5), FIELD(action_count, 10), FIELD(report_slots, 4096), FIELD(return_slots, 3),
		FIELD(flags, 40), FIELD(hook_index, 3), FIELD(return_record, 6),
#undef FIELD
	};
	uint64_t at = aim->header->sections[ABI_SECTION_ACCEPTS].offset +
		      aim_below(aim, aim->header->accept_count) * sizeof(struct abi_accept);
	uint32_t n = aim_below(aim, sizeof(fields) / sizeof(*fields));

	aim_add(aim, at + fields[n].at, fields[n].length, DAMAGE_SET, aim_below(aim, 1 + aim_below(aim, fields[n].bound)));
}

static inline void aim_action(struct aim *aim)
{
	const struct abi_section *section = &aim->header->sections[ABI_SECTION_ACCEPTS];
	uint32_t start = aim->header->accept_count * sizeof(struct abi_accept);

	if (section->size > start)
		aim_add(aim, section->offset + start + aim_below(aim, (section->size - start) / 4) * 4, 4, DAMAGE_SET,
			aim_below(aim, 2) ? aim_below(aim, ABI_ACTION_END + 1) : aim_number(aim));
}

/* What many words of tables are: bounds and rows, offsets and counts. */
static inline void aim_table(struct aim *aim)
{
	const uint32_t length = 4u << aim_below(aim, 2);
	const uint64_t at = aim_within(aim, ABI_SECTION_TABLES, length);

	switch (aim_below(aim, 4)) {
	case 0:
		aim_add(aim, at, length, DAMAGE_ADD, aim_below(aim, 2) ? 1 : -1ULL);
		break;
	case 1:
		aim_add(aim, at, length, DAMAGE_FLIP, 1ULL << aim_below(aim, 8 * length));
		break;
	case 2:
		aim_add(aim, at, length, DAMAGE_COPY, aim_within(aim, ABI_SECTION_TABLES, length));
		break;
	default:
		aim_add(aim, at, length, DAMAGE_SET, aim_number(aim));
	}
}

/* The offsets and counts that the header has. */
static inline void aim_header(struct aim *aim)
{
	const uint32_t fields = offsetof(struct abi_image, pad) / 4;
	uint64_t at = aim_below(aim, 4) ? aim_below(aim, fields) * 4u :
					 offsetof(struct abi_image, hook_offset) + 4u * aim_below(aim, aim->header->hook_count + 1);

	if (aim_below(aim, 2))
		aim_add(aim, at, 4, DAMAGE_ADD, aim_below(aim, 2) ? 8 : -8ULL);
	else
		aim_add(aim, at, 4, DAMAGE_SET, aim_number(aim));
}

/* Any field of what programs or reports read. */
static inline void aim_anywhere(struct aim *aim)
{
	static const uint8_t sections[] = {
		ABI_SECTION_HOOKS, ABI_SECTION_PROGRAMS, ABI_SECTION_PROGRAMS, ABI_SECTION_TABLES, ABI_SECTION_TABLES, ABI_SECTION_ACCEPTS,
		ABI_SECTION_METADATA, ABI_SECTION_POLICIES,
	};
	const uint32_t length = 1u << aim_below(aim, 4);
	const uint64_t at = aim_within(aim, (enum abi_section_id)sections[aim_below(aim, sizeof(sections))], length);
	enum damage_how how = (enum damage_how)aim_below(aim, DAMAGE_HOW_COUNT);

	aim_add(aim, at, length, how, aim_number(aim));
}

static const struct aim_kind { void (*add)(struct aim *aim); uint32_t weight; } aim_kinds[] = {
	{ aim_operand, 8 }, { aim_target, 8 }, { aim_comparison, 4 }, { aim_op, 1 }, { aim_slot, 2 }, { aim_lookup, 4 },
	{ aim_copy_record, 3 }, { aim_step, 6 }, { aim_beginning, 16 }, { aim_slot_of_hook, 3 }, { aim_hook, 2 }, { aim_accept, 5 },
	{ aim_action, 3 }, { aim_table, 12 }, { aim_header, 1 }, { aim_anywhere, 6 },
};

static inline void aim_once(struct aim *aim)
{
	uint32_t all = 0, n = 0, pick;

	for (size_t k = 0; k < sizeof(aim_kinds) / sizeof(*aim_kinds); k++)
		all += aim_kinds[k].weight;
	for (pick = aim_below(aim, all); pick >= aim_kinds[n].weight; n++)
		pick -= aim_kinds[n].weight;
	aim_kinds[n].add(aim);
}

static inline void aim_at_some_hook(struct aim *aim)
{
	uint32_t id;

	do {
		id = aim_below(aim, aim->header->hook_count);	/* of the good image, whose ids have no gaps */
		aim->hook_at = aim->header->hook_offset[id];
		aim->hook = (const void *)(aim->good + aim->hook_at);
	} while (!aim->hook_at || !aim->hook->program);
}

/* The damage of one image, and the bytes that spell its events.  Returns how many of `list` it takes, at least 1. */
static inline size_t aim(uint64_t seed, struct damage list[DAMAGES_MAX], uint8_t event[DECIDED_EVENT])
{
	struct aim aim = { .random = seed, .good = (const uint8_t *)good_image()->bytes, .list = list };

	aim.header = (const void *)aim.good;
	for (size_t n = 0; n < DECIDED_EVENT; n += 8)
		memcpy(event + n, &(uint64_t){ aim_random(&aim) }, 8);
	aim_at_some_hook(&aim);
	do
		aim_once(&aim);
	while (!aim.count || !aim_below(&aim, 3));
	aim.list[aim.count - 1].last = 1;
	return aim.count;
}

#endif

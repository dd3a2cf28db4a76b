// SPDX-License-Identifier: Apache-2.0
/*
 * first_text.c - the text's part in a hook's first test, and what the whole test knows of the decision; see first.h.
 *
 * The text's test is drawn from the records that follow on the number's, as long as they look one text up and `no` leads to the next one, and
 * at last to END: a text that none of their tables has is not accepted. A table of a few patterns is held against the text as it is; of others,
 * the filters say which texts they cannot have.
 */
#include <string.h>

#include "compiler/image/first_parts.h"
#include "compiler/image/loads.h"

enum { TABLE_BUCKETS = 64 };	/* of a table with few patterns, at most */

/* ---- Filters ---- */

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
static bool collect_filters(const struct first_program *of, uint32_t pc, struct abi_first *ret)
{
	for (uint32_t records = 0; records < FIRST_RECORDS; records++) {
		const uint64_t record = first_record_at(of, pc);
		const uint64_t word = match_image64(of->image, record);
		uint32_t filter;

		if (MATCH_RECORD_OP(word) == ABI_OP_END)
			return true;
		if (MATCH_RECORD_OP(word) != ABI_OP_STRING || MATCH_RECORD_SLOT(word) != ret->text_slot)
			return false;
		filter = table_filter(of->image, ABI_LOOKUP_TABLE(match_image64(of->image, record + 8)));
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

/* ---- Patterns ---- */

/* False when it is one that is not held against a text as it is, or there are too many. */
static bool add_pattern(struct match_image image, uint32_t pattern, struct abi_first *ret)
{
	const uint64_t head = match_image64(image, pattern);
	const uint32_t length = (uint32_t)head, kind = (uint32_t)(head >> 32);

	if ((kind != ABI_STRING_EXACT && kind != ABI_STRING_PREFIX) || !length || length > ABI_PATTERN_MAX ||
	    ret->pattern_count == ABI_FIRST_PATTERNS)
		return false;
	ret->patterns[ret->pattern_count++] = pattern;
	return true;
}
_Static_assert(offsetof(struct abi_pattern, length) == 0 && offsetof(struct abi_pattern, kind) == 4, "the first word of a pattern");

static bool add_patterns(struct match_image image, uint64_t table, struct abi_first *ret)
{
	const uint32_t last = match_image32(image, table + offsetof(struct abi_string_table, bucket_mask));
	const uint64_t buckets = match_image32(image, table + offsetof(struct abi_string_table, buckets));

	if (match_image64(image, table + offsetof(struct abi_string_table, always_rows)) ||
	    match_image32(image, table + offsetof(struct abi_string_table, prefix_count)) >> 16 || last >= TABLE_BUCKETS)
		return false;
	for (uint32_t n = 0; n <= last; n++) {
		const uint32_t pattern = match_image32(image, buckets + n * sizeof(struct abi_string_bucket) + offsetof(struct abi_string_bucket, pattern));

		if (pattern && !add_pattern(image, pattern, ret))
			return false;
	}
	return ret->pattern_count;
}

/* ---- Components of paths ---- */

enum { COMPONENT_MAX = 16 };	/* deeper ones are not asked for: the way there is loads */

/* One component of a pattern. */
struct component {
	uint32_t start, length;
};

static uint8_t byte_at(struct match_image image, uint64_t offset)
{
	return (uint8_t)(match_image64(image, offset & ~7ULL) >> (offset & 7) * 8);
}

/* The components that a pattern has whole, at most COMPONENT_MAX: those before a slash, and the last one of a whole path. */
static uint32_t split_pattern(struct match_image image, uint32_t pattern, struct component ret[COMPONENT_MAX])
{
	const uint64_t head = match_image64(image, pattern), bytes = pattern + sizeof(struct abi_pattern);
	uint32_t length = (uint32_t)head, count = 0, start = 1;

	if (byte_at(image, bytes) != '/')
		return 0;
	for (uint32_t at = 1; at <= length && count < COMPONENT_MAX; at++) {
		const bool ends = at == length;

		if (ends ? head >> 32 != ABI_STRING_EXACT : byte_at(image, bytes + at) != '/')
			continue;
		if (at == start)
			break;	/* no path has an empty one */
		ret[count++] = (struct component){ start, at - start };
		start = at + 1;
	}
	return count;
}

/* One that is longer than names can be is in no path, and no name has no bytes. */
static void put_component(struct match_image image, uint32_t pattern, struct component component, uint32_t n, struct abi_first *ret)
{
	uint64_t word = 0;

	for (uint32_t at = 0; at < component.length && at < sizeof(word); at++)
		word |= (uint64_t)byte_at(image, pattern + sizeof(struct abi_pattern) + component.start + at) << 8 * at;
	ret->component_words[n] = word;
	ret->component_lengths[n] = component.length <= ABI_NAME_MAX ? (uint8_t)component.length : 0;
}

/* The deepest component that all patterns have whole: a path in which it is another one, or that has fewer, is found by none. */
static void draw_component(struct match_image image, struct abi_first *ret)
{
	struct component components[ABI_FIRST_PATTERNS][COMPONENT_MAX];
	uint32_t depth = COMPONENT_MAX;

	for (uint32_t n = 0; n < ret->pattern_count; n++) {
		const uint32_t count = split_pattern(image, ret->patterns[n], components[n]);

		depth = count < depth ? count : depth;
	}
	ret->component = (uint8_t)depth;
	for (uint32_t n = 0; n < ret->pattern_count && depth; n++)
		put_component(image, ret->patterns[n], components[n][depth - 1], n, ret);
}

/* ---- The test ---- */

/* All patterns of a table, if they are few, and nothing else finds a text in it; else none. Of paths, a component, where no step has asked for the last name. */
static bool collect_patterns(struct match_image image, uint64_t table, struct abi_first *ret)
{
	if (add_patterns(image, table, ret)) {
		if (MATCH_DESCRIPTOR_LOAD(ret->text) != ABI_LOAD_STRING && !(ret->steps & ABI_FIRST_NAME))
			draw_component(image, ret);
		return true;
	}
	ret->pattern_count = 0;
	memset(ret->patterns, 0, sizeof(ret->patterns));
	return false;
}

/* Whether all records from `pc` on, before END, make the look-up of the first one; other rows of its table are asked for at no cost. */
static bool is_one_look_up(const struct first_program *of, uint32_t pc, const struct abi_first *ret)
{
	const uint64_t first = match_image64(of->image, first_record_at(of, pc) + 8);

	for (uint32_t records = 0; records < FIRST_RECORDS; records++) {
		const uint64_t word = match_image64(of->image, first_record_at(of, pc));
		const uint64_t operand = match_image64(of->image, first_record_at(of, pc) + 8);

		if (MATCH_RECORD_OP(word) == ABI_OP_END)
			return true;
		if (MATCH_RECORD_OP(word) != ABI_OP_STRING || MATCH_RECORD_SLOT(word) != ret->text_slot ||
		    ABI_LOOKUP_TABLE(operand) != ABI_LOOKUP_TABLE(first) || ABI_LOOKUP_REGISTER(operand) != ABI_LOOKUP_REGISTER(first))
			return false;
		pc = MATCH_RECORD_NO(word);
	}
	return false;
}

static void forget_component(struct abi_first *ret)
{
	ret->component = 0;
	memset(ret->component_words, 0, sizeof(ret->component_words));
	memset(ret->component_lengths, 0, sizeof(ret->component_lengths));
}

static void forget_text(struct abi_first *ret)
{
	forget_component(ret);
	ret->text = 0;
	ret->text_slot = 0;
	ret->text_register = 0;
	ret->filter_count = 0;
	ret->pattern_count = 0;
	memset(ret->filters, 0, sizeof(ret->filters));
}

/* Begins with the text of a record. False when it is none that the test reads. */
static bool begin_text(const struct first_program *of, uint64_t word, uint64_t operand, struct abi_first *ret)
{
	const uint64_t slot = first_slot_at(of->hook, MATCH_RECORD_SLOT(word));

	forget_text(ret);
	ret->text_slot = MATCH_RECORD_SLOT(word);
	ret->text_register = ABI_LOOKUP_REGISTER(operand);
	ret->text = match_image64(of->image, slot);
	return is_text(MATCH_DESCRIPTOR_LOAD(ret->text)) && !match_image32(of->image, slot + offsetof(struct abi_slot, chain));
}

void first_draw_text(const struct first_program *of, struct abi_first *ret)
{
	const uint64_t word = match_image64(of->image, first_record_at(of, ret->record));
	const uint64_t operand = match_image64(of->image, first_record_at(of, ret->record) + 8);

	if (MATCH_RECORD_OP(word) != ABI_OP_STRING)
		return;
	if (!begin_text(of, word, operand, ret) ||
	    !((is_one_look_up(of, ret->record, ret) && collect_patterns(of->image, ABI_LOOKUP_TABLE(operand), ret)) ||
	      (collect_filters(of, ret->record, ret) && ret->filter_count)))
		forget_text(ret);
}

/* ---- The whole decision ---- */

/* The only interval of IPv4 addresses that a record looks for is what the step asks for. */
static bool asks_address(const struct first_program *of, uint64_t operand, const struct abi_first *ret)
{
	const uint64_t numbers = match_image32(of->image, ABI_LOOKUP_TABLE(operand) + offsetof(struct abi_address_table, v4));
	const uint64_t interval = numbers + sizeof(struct abi_interval_table);

	return numbers && match_image32(of->image, numbers) == 1 &&
	       match_image64(of->image, interval + offsetof(struct abi_interval, low)) == ret->part_low[0] &&
	       match_image64(of->image, interval + offsetof(struct abi_interval, high)) == ret->part_low[0] + ret->part_span[0] &&
	       match_image64(of->image, interval + offsetof(struct abi_interval, rows)) & match_asked_rows(operand);
}

/* The step that knows the answer of a record when it is passed for certain; 0: none does. */
static uint32_t certain_step(const struct first_program *of, uint64_t word, uint64_t operand, const struct abi_first *ret)
{
	const uint64_t slot = first_slot_at(of->hook, MATCH_RECORD_SLOT(word));
	const uint32_t part = operand & ABI_LOOKUP_DESTINATION ? ABI_PART_DESTINATION : ABI_PART_SOURCE;

	switch (MATCH_RECORD_OP(word)) {
	case ABI_OP_BINARY:
		return ret->steps & ABI_FIRST_PROCESS && MATCH_RECORD_SLOT(word) == ABI_WHO_PROCESS &&
		       ABI_LOOKUP_TABLE(operand) == ret->process_table && match_asked_rows(operand) == ret->process_rows ? ABI_FIRST_PROCESS : 0;
	case ABI_OP_ADDRESS:
		return ret->steps & ABI_FIRST_SOCKET && ret->part == part && match_image64(of->image, slot) == ret->socket &&
		       !match_image32(of->image, slot + offsetof(struct abi_slot, chain)) && asks_address(of, operand, ret) ?
			       ABI_FIRST_SOCKET : 0;
	default:
		return 0;
	}
}

/* The only text that is looked up, of a decision that nothing leads past it: what its table cannot have is not accepted. */
static bool draw_only_text(const struct first_program *of, uint64_t word, uint64_t operand, struct abi_first *ret)
{
	if (MATCH_RECORD_OP(word) != ABI_OP_STRING || ret->found || !begin_text(of, word, operand, ret))
		return false;
	ret->found = operand;
	if (collect_patterns(of->image, ABI_LOOKUP_TABLE(operand), ret))
		return true;
	ret->filter_count = 1;
	ret->filters[0] = table_filter(of->image, ABI_LOOKUP_TABLE(operand));
	return ret->filters[0];
}

/*
 * Where each record must be true for the only accept, which only posts, and each is what a step knows, or the look-up of one text: that is the
 * whole decision, once those steps were passed for certain.
 */
void first_draw_whole(const struct first_program *of, struct abi_first *ret)
{
	struct abi_first whole = *ret;
	uint32_t pc = ret->record, need = 0, step;

	if (ret->flags & ABI_HOOK_PAIRED || ret->posts)
		return;
	for (uint32_t records = 0; records < FIRST_RECORDS; records++) {
		const uint64_t record = first_record_at(of, pc), word = match_image64(of->image, record);
		const uint64_t operand = match_image64(of->image, record + 8);

		if (MATCH_RECORD_OP(word) == ABI_OP_ACCEPT) {
			if (!first_ends_at(of, MATCH_RECORD_YES(word)) || !first_only_posts(of->image, (uint32_t)operand) || !(need || whole.found))
				return;
			whole.posts = (uint32_t)operand;
			whole.steps |= ABI_FIRST_CERTAIN(need);
			*ret = whole;
			return;
		}
		if (MATCH_RECORD_OP(word) == ABI_OP_END || !first_ends_at(of, MATCH_RECORD_NO(word)) || !first_ends_at(of, MATCH_RECORD_UNKNOWN(word)))
			return;
		if (!draw_only_text(of, word, operand, &whole)) {
			step = certain_step(of, word, operand, ret);
			if (!step)
				return;
			need |= step;
		}
		pc = MATCH_RECORD_YES(word);
	}
}

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

	return first_table_is_from_front(image, table) && !(match_image32(image, filter + offsetof(struct abi_filter, classes)) & 1) ? filter : 0;
}

/* False when there are too many. `tables`: whose the filters are. */
static bool add_filter(struct abi_first *ret, uint32_t filter, uint64_t table, uint64_t tables[ABI_FIRST_FILTERS])
{
	for (uint32_t n = 0; n < ret->filter_count; n++)
		if (ret->filters[n] == filter)
			return tables[n] == table;
	if (ret->filter_count == ABI_FIRST_FILTERS)
		return false;
	tables[ret->filter_count] = table;
	ret->filters[ret->filter_count++] = filter;
	return true;
}

/* The filters of all tables that the records from `pc` on look the text up in, if nothing else is done before END. */
static bool collect_filters(const struct first_program *of, uint32_t pc, uint64_t tables[ABI_FIRST_FILTERS], struct abi_first *ret)
{
	for (uint32_t records = 0; records < FIRST_RECORDS; records++) {
		const uint64_t record = first_record_at(of, pc);
		const uint64_t word = match_image64(of->image, record);
		const uint64_t table = ABI_LOOKUP_TABLE(match_image64(of->image, record + 8));
		uint32_t filter;

		if (MATCH_RECORD_OP(word) == ABI_OP_END)
			return true;
		if (MATCH_RECORD_OP(word) != ABI_OP_STRING || MATCH_RECORD_SLOT(word) != ret->text_slot)
			return false;
		filter = table_filter(of->image, table);
		if (!filter || !add_filter(ret, filter, table, tables))
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

static bool add_patterns(struct match_image image, uint64_t table, struct abi_first *ret)
{
	const uint64_t buckets = first_bucket_count(image, table);

	if (!first_table_is_from_front(image, table) || buckets > TABLE_BUCKETS)
		return false;
	for (uint64_t n = 0; n < buckets; n++) {
		const uint32_t pattern = first_pattern_in(image, table, n);

		if (!pattern)
			continue;
		if (!first_is_from_front(image, pattern) || ret->pattern_count == ABI_FIRST_PATTERNS)
			return false;
		ret->patterns[ret->pattern_count++] = pattern;
	}
	return ret->pattern_count;
}

/* All patterns of a table, if they are few, and nothing else finds a text in it; else none. */
static bool collect_patterns(struct match_image image, uint64_t table, struct abi_first *ret)
{
	if (add_patterns(image, table, ret))
		return true;
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

/* ---- The test ---- */

static void forget_text(struct abi_first *ret)
{
	first_forget_component(ret);
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

/* Of paths, where no step has asked for the last name. */
static void ask_component(const struct first_program *of, const uint64_t *tables, uint32_t count, struct abi_first *ret)
{
	if (MATCH_DESCRIPTOR_LOAD(ret->text) != ABI_LOAD_STRING && !(ret->steps & ABI_FIRST_NAME))
		first_draw_component(of->image, tables, count, ret);
}

void first_draw_text(const struct first_program *of, struct abi_first *ret)
{
	const uint64_t word = match_image64(of->image, first_record_at(of, ret->record));
	const uint64_t operand = match_image64(of->image, first_record_at(of, ret->record) + 8);
	uint64_t tables[ABI_FIRST_FILTERS] = { ABI_LOOKUP_TABLE(operand) };

	if (MATCH_RECORD_OP(word) != ABI_OP_STRING)
		return;
	if (!begin_text(of, word, operand, ret) ||
	    !((is_one_look_up(of, ret->record, ret) && collect_patterns(of->image, tables[0], ret)) ||
	      (collect_filters(of, ret->record, tables, ret) && ret->filter_count)))
		forget_text(ret);
	else
		ask_component(of, tables, ret->pattern_count ? 1 : ret->filter_count, ret);
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
	const uint64_t table = ABI_LOOKUP_TABLE(operand);

	if (MATCH_RECORD_OP(word) != ABI_OP_STRING || ret->found || !begin_text(of, word, operand, ret))
		return false;
	ret->found = operand;
	if (!collect_patterns(of->image, table, ret)) {
		ret->filter_count = 1;
		ret->filters[0] = table_filter(of->image, table);
	}
	ask_component(of, &table, 1, ret);
	return ret->pattern_count || ret->filters[0];
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

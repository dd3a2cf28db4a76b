// SPDX-License-Identifier: Apache-2.0
/* cost.c - see cost.h. */
#include "compiler/inspect/cost.h"

#include "compiler/base/arena.h"
#include "compiler/image/loads.h"
#include "compiler/inspect/parts.h"

/* What was read and looked up already: each is once for an event. */
struct met { uint64_t slots, registers; };

static bool meet(uint64_t *met, uint32_t number)
{
	const bool is_new = !(*met >> number & 1);

	*met |= 1ULL << number;
	return is_new;
}

static uint32_t read_cost(const struct abi_hook *hook, struct met *met, uint32_t slot)
{
	uint32_t cost = meet(&met->slots, slot) ? load_rows[hook->slots[slot].load].cost : 0;

	return hook->slots[slot].source == ABI_SOURCE_SLOT ? cost + read_cost(hook, met, hook->slots[slot].index) : cost;
}

static uint32_t expression_cost(const struct image_view *view, const struct abi_hook *hook, uint32_t offset, struct met *met)
{
	const struct abi_expression *expression = (const void *)(view->bytes + offset);
	const struct abi_word *words = (const void *)(expression + 1);
	uint32_t cost = COST_EXPRESSION;

	for (uint32_t n = 0; n < expression->count; n++)
		if (words[n].op == ABI_WORD_SLOT)
			cost += read_cost(hook, met, words[n].slot);
	return cost;
}

static uint32_t lookup_cost(const struct abi_hook *hook, const struct abi_record *record, struct met *met)
{
	const bool is_new = meet(&met->registers, ABI_LOOKUP_REGISTER(record->operand));

	if (record->op == ABI_OP_BINARY)
		return is_new ? COST_LOOKUP + who_costs[record->slot] : 0;
	if (record->op == ABI_OP_LINEAGE)
		return is_new ? COST_LOOKUP + COST_LINEAGE : 0;
	return (is_new ? COST_LOOKUP : 0) + read_cost(hook, met, record->slot);
}

static uint32_t record_cost(const struct image_view *view, const struct abi_hook *hook, const struct abi_record *record,
			    struct met *met)
{
	if (inspect_op_looks_up(record->op))
		return lookup_cost(hook, record, met);
	switch (record->op) {
	case ABI_OP_END:
	case ABI_OP_ACCEPT:
	case ABI_OP_JUMP:
		return 0;
	case ABI_OP_SCOPE:
		return COST_SCOPE;
	case ABI_OP_EXPRESSION:
		return expression_cost(view, hook, (uint32_t)record->operand, met);
	case ABI_OP_GAINED:
		return read_cost(hook, met, record->slot) + read_cost(hook, met, (uint32_t)record->operand);
	default:
		return read_cost(hook, met, record->slot);
	}
}

/* ---- Ways ---- */

struct ways { uint32_t *least, *most; uint16_t *next; };	/* by record; next: on the shortest way */

static uint32_t exits_of(const struct abi_record *record, uint16_t ret[3])
{
	const uint16_t exits[] = { record->yes, record->no, record->unknown };
	const uint32_t count = record->op == ABI_OP_END ? 0 : record->op == ABI_OP_ACCEPT || record->op == ABI_OP_JUMP ? 1 : 3;

	for (uint32_t n = 0; n < count; n++)
		ret[n] = exits[n];
	return count;
}

/* From the last record back: all exits lead on. */
static void find_ways(const struct abi_record *records, uint32_t count, struct ways *ways)
{
	for (uint32_t n = count; n-- > 0;) {
		uint16_t exits[3];
		const uint32_t exit_count = exits_of(&records[n], exits);

		ways->least[n] = exit_count ? UINT32_MAX : 0;
		for (uint32_t i = 0; i < exit_count; i++) {
			if (ways->least[exits[i]] < ways->least[n]) {
				ways->least[n] = ways->least[exits[i]];
				ways->next[n] = exits[i];
			}
			if (ways->most[exits[i]] > ways->most[n])
				ways->most[n] = ways->most[exits[i]];
		}
		ways->least[n]++;
		ways->most[n]++;
	}
}

/* ---- Bytes that are hashed: the whole string, and its ends as long as patterns are ---- */

static uint64_t hashed_bytes(const struct image_view *view, const struct abi_string_table *table, uint32_t most)
{
	const uint32_t *lengths = (const void *)(view->bytes + table->lengths);
	uint64_t bytes = table->exact_rows ? most : 0;

	for (uint32_t n = 0; n < (uint32_t)table->prefix_count + table->postfix_count; n++)
		bytes += lengths[n] < most ? lengths[n] : most;
	return bytes;
}

static uint64_t record_hashes(const struct image_view *view, const struct abi_hook *hook, const struct abi_record *record)
{
	const uint32_t table = ABI_LOOKUP_TABLE(record->operand);

	if (record->op == ABI_OP_STRING)
		return hashed_bytes(view, (const void *)(view->bytes + table), load_rows[hook->slots[record->slot].load].bytes);
	if (record->op == ABI_OP_BINARY)
		return hashed_bytes(view, (const void *)(view->bytes + view->header->binary_tables[table]), ABI_PROCESS_PATH);
	return 0;
}

/* ---- All of it ---- */

static void add_most(const struct image_view *view, const struct abi_hook *hook, const struct abi_record *records,
		     struct inspect_cost *ret)
{
	struct met met = { 0, 0 };

	for (uint32_t n = 0; n < hook->record_count; n++) {
		const uint64_t registers = met.registers;

		ret->nanoseconds_most += record_cost(view, hook, &records[n], &met);
		if (met.registers != registers)
			ret->bytes_hashed_most += record_hashes(view, hook, &records[n]);
	}
	ret->values_most = (uint32_t)__builtin_popcountll(met.slots);
	ret->lookups_most = (uint32_t)__builtin_popcountll(met.registers);
}

void inspect_cost(const struct image_view *view, const struct image_hook *hook, struct inspect_cost *ret)
{
	const uint32_t count = hook->abi->record_count;
	const struct abi_record *records = (const void *)(view->bytes + hook->abi->program);
	struct met met = { 0, 0 };
	struct arena arena = { 0 };
	struct ways ways = {
		arena_array(&arena, uint32_t, count), arena_array(&arena, uint32_t, count), arena_array(&arena, uint16_t, count),
	};

	*ret = (struct inspect_cost){ 0 };
	if (count && !hook->returns) {
		find_ways(records, count, &ways);
		ret->records_least = ways.least[0];
		ret->records_most = ways.most[0];
		for (uint32_t n = 0; records[n].op != ABI_OP_END; n = ways.next[n])
			ret->nanoseconds_least += record_cost(view, hook->abi, &records[n], &met);
		add_most(view, hook->abi, records, ret);
	}
	arena_release(&arena);
}

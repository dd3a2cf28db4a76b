// SPDX-License-Identifier: Apache-2.0
/* slots.c - the values that a host hook reads, each once; see merge.h. */
#include <errno.h>
#include <string.h>

#include "compiler/image/loads.h"
#include "compiler/link/merge.h"

/* Whether the values are found the same way: what leads from a source to them is part of it. */
static bool is_found_alike(const struct ir_argument *a, const struct ir_argument *b)
{
	static const struct ir_argument nothing;

	return ir_argument_alike(a ? a : &nothing, b ? b : &nothing);
}

/* Of the argument; or of what asks for a value that is none: the policy's hook, or the policy where that is the side of a return. */
static const struct ir_place *place_of(const struct merged *merged, const struct merged_hook *hook, const struct merged_slot *slot)
{
	if (slot->argument)
		return &slot->argument->at;
	for (size_t n = hook->entry_count; n > 0; n--)
		if (hook->entries[n - 1]->policy == slot->policy)
			return &hook->entries[n - 1]->ir->at;
	return &merged->policies[slot->policy].ir.at;
}

static int add_slot(struct merged *merged, struct merged_hook *hook, struct merged_slot slot, uint8_t *ret)
{
	for (size_t n = 0; n < hook->slot_count; n++)
		if (!memcmp(&hook->slots[n].abi, &slot.abi, sizeof(slot.abi)) &&
		    is_found_alike(hook->slots[n].argument, slot.argument)) {
			*ret = (uint8_t)n;
			return 0;
		}
	if (hook->slot_count == ABI_SLOTS_MAX)
		return merge_fail_at(merged, -E2BIG, slot.policy, place_of(merged, hook, &slot),
				     "it needs more values of %s than the %u that a hook can read", hook->key, ABI_SLOTS_MAX);
	*ret = (uint8_t)hook->slot_count;
	hook->slots[hook->slot_count++] = slot;
	return 0;
}

/* Arguments of static probes are not where functions have theirs. */
static uint8_t source_of(const struct merged_hook *hook, const struct ir_argument *argument)
{
	return hook->kind == HOOK_USDT && argument->source == ABI_SOURCE_ARGUMENT ? ABI_SOURCE_LOCATION : argument->source;
}

/* What says how many bytes or parts the value has: another argument, or field of the record. */
static int add_size(struct merged *merged, struct merged_hook *hook, uint32_t policy,
		    const struct ir_argument *argument, uint8_t *ret)
{
	const struct merged_slot slot = {
		.abi = { ABI_LOAD_U64, source_of(hook, argument), (uint8_t)(argument->size_index - 1), 0, 0, 0, 0, 0, 0 },
		.policy = policy,
	};
	uint8_t number;
	int error;

	*ret = 0;
	if (!argument->size_index)
		return 0;
	if (argument->source == ABI_SOURCE_ARGUMENT && argument->size_index > LIMIT_SIZE_INDEX_READ)
		return 0;	/* check has said that it cannot be read: the size is 0 */
	error = add_slot(merged, hook, slot, &number);
	*ret = error ? 0 : (uint8_t)(number + 1);
	return error;
}

int slot_of_argument(struct merged *merged, struct merged_hook *hook, uint32_t policy,
		     const struct ir_argument *argument, uint8_t *ret)
{
	struct merged_slot slot = {
		.abi = { .load = argument->load, .source = source_of(hook, argument), .index = argument->index,
			 .offset = argument->folder ? argument->folder - 1u : 0,
			 .flags = (argument->return_copy ? ABI_SLOT_RETURN_COPY : 0) |
				  (argument->max_data ? ABI_SLOT_MAX_DATA : 0) },
		.argument = argument, .policy = policy,
	};
	int error = add_size(merged, hook, policy, argument, &slot.abi.size_slot);

	return error ? error : add_slot(merged, hook, slot, ret);
}

bool hook_needs_return(const struct ir_hook *hook)
{
	bool copies = false;

	for (size_t n = 0; n < hook->arguments.count; n++)
		copies |= hook->arguments.items[n].return_copy;
	return hook->returns || copies;
}

int slot_of_process(struct merged *merged, struct merged_hook *hook, uint32_t policy, uint8_t load, uint8_t index,
		    uint8_t *ret)
{
	const struct merged_slot slot = {
		.abi = { .load = load, .source = ABI_SOURCE_TASK, .index = index }, .policy = policy,
	};

	return add_slot(merged, hook, slot, ret);
}

int slot_of_part(struct merged *merged, struct merged_hook *hook, uint32_t policy, uint8_t socket, enum abi_part part,
		 uint8_t *ret)
{
	const struct merged_slot slot = {
		.abi = { .load = ABI_LOAD_PART, .source = ABI_SOURCE_SLOT, .index = socket, .offset = part },
		.policy = policy,
	};

	return add_slot(merged, hook, slot, ret);
}

int slots_check(struct merged *merged, const struct merged_hook *hook)
{
	uint64_t bytes = 0;

	for (size_t n = 0; n < hook->slot_count; n++)
		bytes += load_rows[hook->slots[n].abi.load].bytes;
	if (bytes > ABI_DATA_SIZE)
		return merge_fail(merged, -E2BIG,
				  "%s: the policies read values of %llu bytes in all (strings and paths of %u), an event has room for %u",
				  hook->key, (unsigned long long)bytes, ABI_STRING_MAX, ABI_DATA_SIZE);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* ir.c - what loads give, comparing predicates and the dump; see ir.h. */
#include "compiler/selector/ir.h"

#include <inttypes.h>
#include <string.h>

#include "bpf-templates/abi.h"

#define SIGNED_KEYS(bits) { (1ULL << 63) - (1ULL << ((bits) - 1)), (1ULL << 63) + ((1ULL << ((bits) - 1)) - 1) }
#define UNSIGNED_KEYS(bits) { 0, UINT64_MAX >> (64 - (bits)) }

/* Per load: signed or not, and the keys of all numbers that it can give. */
static const struct load_row { bool is_signed; struct ir_interval domain; } load_rows[] = {
	[ABI_LOAD_U8] = { false, UNSIGNED_KEYS(8) },
	[ABI_LOAD_U16] = { false, UNSIGNED_KEYS(16) },
	[ABI_LOAD_U32] = { false, UNSIGNED_KEYS(32) },
	[ABI_LOAD_U64] = { false, UNSIGNED_KEYS(64) },
	[ABI_LOAD_S8] = { true, SIGNED_KEYS(8) },
	[ABI_LOAD_S16] = { true, SIGNED_KEYS(16) },
	[ABI_LOAD_S32] = { true, SIGNED_KEYS(32) },
	[ABI_LOAD_S64] = { true, { 0, UINT64_MAX } },
	[ABI_LOAD_SOCKADDR] = { false, UNSIGNED_KEYS(16) },	/* the port */
	[ABI_LOAD_PID] = { false, UNSIGNED_KEYS(32) },
};
enum { LOAD_ROWS = sizeof(load_rows) / sizeof(load_rows[0]) };

bool ir_load_is_signed(uint8_t load)
{
	return load < LOAD_ROWS && load_rows[load].is_signed;
}

struct ir_interval ir_load_domain(uint8_t load)
{
	const struct ir_interval all = { 0, UINT64_MAX };

	return load < LOAD_ROWS && load_rows[load].domain.high ? load_rows[load].domain : all;
}

uint8_t ir_predicate_load(const struct ir_hook *hook, const struct ir_predicate *predicate)
{
	switch (predicate->subject) {
	case IR_ARGUMENT:
		return hook->arguments.items[predicate->position].load;
	case IR_PID:
		return ABI_LOAD_PID;
	default:
		return ABI_LOAD_NONE;
	}
}

static bool intervals_equal(const struct ir_interval_list *a, const struct ir_interval_list *b)
{
	return a->count == b->count &&
	       (!a->count || !memcmp(a->items, b->items, a->count * sizeof(*a->items)));
}

static bool patterns_equal(const struct ir_pattern_list *a, const struct ir_pattern_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t n = 0; n < a->count; n++) {
		const struct ir_pattern *x = &a->items[n], *y = &b->items[n];

		if (x->kind != y->kind || x->length != y->length ||
		    (x->length && memcmp(x->bytes, y->bytes, x->length)))
			return false;
	}
	return true;
}

static bool networks_equal(const struct ir_network_list *a, const struct ir_network_list *b)
{
	return a->count == b->count &&
	       (!a->count || !memcmp(a->items, b->items, a->count * sizeof(*a->items)));
}

bool ir_set_equal(const struct ir_predicate *a, const struct ir_predicate *b)
{
	return a->test == b->test && a->mask == b->mask && intervals_equal(&a->intervals, &b->intervals) &&
	       patterns_equal(&a->patterns, &b->patterns) && networks_equal(&a->networks, &b->networks);
}

bool ir_predicate_equal(const struct ir_predicate *a, const struct ir_predicate *b)
{
	return a->subject == b->subject && a->position == b->position && a->negated == b->negated &&
	       ir_set_equal(a, b);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * check_maps.c - sets of values, of each kind of which Tetragon has a fixed number for a hook; see check_selector.h.
 *
 * It stores the values of a filter in a map of its own: one for numbers, one for each family of addresses, one for
 * prefixes or postfixes, and of whole strings one for each class of lengths that is among them.
 */
#include "compiler/policy/check_selector.h"

/* Longest strings of the classes. */
static const uint16_t classes[] = { 24, 48, 72, 96, 120, 144, 256, 512, 1024, 2048, 4096 };
enum { CLASSES = sizeof(classes) / sizeof(*classes) };

enum map_kind { MAP_NUMBERS, MAP_IPV4, MAP_IPV6, MAP_PREFIXES, MAP_POSTFIXES, MAP_STRINGS, MAPS = MAP_STRINGS + CLASSES };
static const char *const kind_names[] = { "numbers", "IPv4 addresses", "IPv6 addresses", "prefixes", "postfixes" };

struct map_counts { unsigned used[MAPS]; };

/* ---- What a filter needs, as bits of enum map_kind ---- */

static uint32_t classes_of(const struct policy_value_list *values)
{
	uint32_t needs = 0;

	for (size_t i = 0; i < values->count; i++) {
		unsigned class = 0;

		if (values->items[i].form != VALUE_BYTES)
			continue;	/* numbers are compared without a map */
		while (class + 1 < CLASSES && values->items[i].text.length > classes[class])
			class++;
		needs |= 1u << (MAP_STRINGS + class);
	}
	return needs;
}

static uint32_t families_of(const struct policy_value_list *values)
{
	uint32_t needs = 0;

	for (size_t i = 0; i < values->count; i++)
		if (values->items[i].form == VALUE_ADDRESS)
			needs |= 1u << (values->items[i].family == 6 ? MAP_IPV6 : MAP_IPV4);
	return needs;
}

static uint32_t needs_of(const struct policy_argument_filter *filter)
{
	switch (operator_rows[filter->op].values) {
	case VALUES_BY_CLASS:
		if (filter->op == OPERATOR_PREFIX || filter->op == OPERATOR_NOT_PREFIX)
			return 1u << MAP_PREFIXES;
		if (filter->op == OPERATOR_POSTFIX || filter->op == OPERATOR_NOT_POSTFIX)
			return 1u << MAP_POSTFIXES;
		return filter->op == OPERATOR_EQUAL || filter->op == OPERATOR_NOT_EQUAL ? classes_of(&filter->values) : 0;
	case VALUES_SET:
	case VALUES_PORT:
	case VALUES_PROTOCOL:
	case VALUES_FAMILY:
	case VALUES_STATE:
		return 1u << MAP_NUMBERS;
	case VALUES_ADDRESS:
		return families_of(&filter->values);
	default:
		return 0;
	}
}

/* ---- The count ---- */

static void warn(const struct selector_scope *scope, unsigned kind, struct span at)
{
	if (kind < MAP_STRINGS)
		diag(scope->diagnostics, DIAG_TETRAGON_ENTRIES, at, "Tetragon loads at most %d sets of %s for a hook",
			LIMIT_TETRAGON_MAPS, kind_names[kind]);
	else
		diag(scope->diagnostics, DIAG_TETRAGON_ENTRIES, at,
			"Tetragon loads at most %d sets of strings of up to %u bytes for a hook", LIMIT_TETRAGON_MAPS,
			classes[kind - MAP_STRINGS]);
	diag_help(scope->diagnostics, "each filter is a set; tetra takes any number");
}

static void spend(const struct selector_scope *scope, struct map_counts *counts, uint32_t needs, struct span at)
{
	for (unsigned kind = 0; kind < MAPS; kind++)
		if (needs >> kind & 1 && ++counts->used[kind] == LIMIT_TETRAGON_MAPS + 1)
			warn(scope, kind, at);
}

static void spend_on_arguments(const struct selector_scope *scope, struct map_counts *counts,
			       const struct policy_argument_filter_list *filters)
{
	for (size_t i = 0; i < filters->count; i++)
		if (!filters->items[i].broken)
			spend(scope, counts, needs_of(&filters->items[i]), filters->items[i].op_at);
}

void check_tetragon_maps(const struct selector_scope *scope)
{
	struct map_counts counts = { { 0 } };

	for (size_t i = 0; i < scope->hook->selectors.count; i++) {
		spend_on_arguments(scope, &counts, &scope->hook->selectors.items[i].arguments);
		spend_on_arguments(scope, &counts, &scope->hook->selectors.items[i].data);
	}
}

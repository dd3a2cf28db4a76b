// SPDX-License-Identifier: Apache-2.0
/* sets.c - named lists of values; see rule.h. */
#include "compiler/intent/rule.h"

#include <string.h>

#include "compiler/base/nearest.h"

/* Sets within sets, so deep. */
enum { DEPTH = 16 };

struct expansion {
	struct rule *rule;
	struct policy_value_list values;
	size_t room;
	const struct intent_set *path[DEPTH];
	bool said;
};

static bool is_reference(const struct text *text)
{
	return text->length > 1 && text->bytes[0] == '@';
}

static const struct intent_set *find(const struct intent *intent, const struct text *name)
{
	for (size_t n = 0; n < intent->sets.count; n++) {
		const struct text *set = &intent->sets.items[n].name;

		if (set->length + 1 == name->length && !memcmp(set->bytes, name->bytes + 1, set->length))
			return &intent->sets.items[n];
	}
	return NULL;
}

static void refuse_unknown(struct rule *rule, const struct text *name)
{
	struct nearest nearest = { .name = name->bytes + 1, .length = name->length - 1 };

	for (size_t n = 0; n < rule->intent->sets.count; n++)
		nearest_try(&nearest, rule->intent->sets.items[n].name.bytes);
	diag(rule->diagnostics, DIAG_UNKNOWN_SET, name->at, "there is no set '%.64s'", name->bytes + 1);
	if (nearest.best)
		diag_help(rule->diagnostics, "did you mean '@%s'?", nearest.best);
	else
		diag_help(rule->diagnostics, "sets are defined in spec.sets");
}

static void add(struct expansion *expansion, const struct policy_value *value)
{
	struct policy_value_list *values = &expansion->values;

	values->items = arena_grow(expansion->rule->arena, values->items, values->count, &expansion->room, sizeof(*values->items));
	values->items[values->count++] = *value;
}

static bool is_in(const struct expansion *expansion, const struct intent_set *set, size_t depth)
{
	for (size_t n = 0; n < depth; n++)
		if (expansion->path[n] == set)
			return true;
	return false;
}

static void expand(struct expansion *expansion, const struct policy_value_list *values, size_t depth)
{
	for (size_t n = 0; n < values->count && expansion->values.count <= LIMIT_VALUES; n++) {
		const struct text *text = &values->items[n].text;
		const struct intent_set *set;

		if (!is_reference(text)) {
			add(expansion, &values->items[n]);
			continue;
		}
		set = find(expansion->rule->intent, text);
		if (!set) {
			refuse_unknown(expansion->rule, text);
		} else if (depth == DEPTH || is_in(expansion, set, depth)) {
			diag(expansion->rule->diagnostics, DIAG_SET_CIRCLE, text->at, "set '%.64s' is in itself, or sets are more than %d deep",
				text->bytes + 1, DEPTH);
			diag_related(expansion->rule->diagnostics, set->name.at, "defined here");
		} else {
			expansion->path[depth] = set;
			expand(expansion, &set->values, depth + 1);
		}
	}
}

struct policy_value_list values_expand(struct rule *rule, const struct policy_value_list *values)
{
	struct expansion expansion = { .rule = rule };

	expand(&expansion, values, 0);
	if (expansion.values.count > LIMIT_VALUES)
		diag(rule->diagnostics, DIAG_TOO_MANY, values->items[0].text.at, "with its sets this list has more than %d values",
			LIMIT_VALUES);
	if (!expansion.values.count && values->count)	/* said already; one that is as good as any keeps the rest from being said */
		add(&expansion, &values->items[0]);
	return expansion.values;
}

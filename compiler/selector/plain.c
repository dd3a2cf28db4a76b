// SPDX-License-Identifier: Apache-2.0
/* plain.c - policies as they are written, for those who compile without optimization; see ir.h. */
#include "compiler/selector/ir.h"

#include "compiler/selector/sets.h"

#define COPY(arena, list) arena_copy((arena), (list).items, (list).count * sizeof(*(list).items))

/* Sets are copied, too: simplify takes members away where they are. */
static void copy_sets(struct ir_predicate *predicate, struct arena *arena)
{
	predicate->intervals.items = (void *)COPY(arena, predicate->intervals);
	predicate->patterns.items = (void *)COPY(arena, predicate->patterns);
	predicate->networks.items = (void *)COPY(arena, predicate->networks);
}

/* Whether something satisfies each of them alone. */
static bool copy_predicates(const struct ir_hook *hook, struct ir_predicate_list *list, struct arena *arena)
{
	bool can_hold = true;

	list->items = (void *)COPY(arena, *list);
	for (size_t n = 0; n < list->count; n++) {
		struct ir_predicate *predicate = &list->items[n];

		copy_sets(predicate, arena);
		set_normalise(predicate, ir_predicate_domain(hook, predicate).keys, arena);
		can_hold &= predicate->test != IR_NEVER;
	}
	return can_hold;
}

static void copy_selectors(struct ir_hook *hook, struct arena *arena)
{
	struct ir_selector_list *list = &hook->selectors;
	size_t kept = 0;

	list->items = (void *)COPY(arena, *list);
	for (size_t n = 0; n < list->count; n++) {
		struct ir_selector selector = list->items[n];
		bool can_hold = copy_predicates(hook, &selector.predicates, arena);

		copy_predicates(hook, &selector.return_predicates, arena);
		if (can_hold)
			list->items[kept++] = selector;
	}
	list->count = kept;
}

struct ir_list *ir_plain(const struct ir_list *ir, struct arena *arena)
{
	struct ir_list *ret = arena_new(arena, struct ir_list);

	*ret = (struct ir_list){ (void *)COPY(arena, *ir), ir->count };
	for (size_t p = 0; p < ret->count; p++) {
		struct ir_hook_list *hooks = &ret->items[p].hooks;

		hooks->items = (void *)COPY(arena, *hooks);
		for (size_t h = 0; h < hooks->count; h++)
			copy_selectors(&hooks->items[h], arena);
	}
	return ret;
}

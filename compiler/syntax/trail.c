// SPDX-License-Identifier: Apache-2.0
/* trail.c - see trail.h. */
#include "compiler/syntax/trail.h"

struct place {
	uint32_t start, end;
	enum trail_extent extent;
};

/* What an alias stands for is elsewhere in the text. */
static bool is_inside(const struct node *outer, const struct node *inner)
{
	return inner->start >= outer->start && inner->end <= outer->end;
}

static bool begins_here(const struct place *place, const struct node *node)
{
	return node->start >= place->start && node->start < place->end;
}

static bool touches(const struct place *place, uint32_t start, uint32_t end)
{
	return start < place->end && (end > place->start || (end == start && end >= place->start));
}

static struct trail_step step_at(const struct node *node, uint32_t n)
{
	if (node->kind == NODE_MAPPING)
		return (struct trail_step){ node->pairs[n].key, node->pairs[n].value, n };
	return (struct trail_step){ NULL, node->items[n], n };
}

/* Where the step begins in the text, and where it ends; a value that an alias gives counts for nothing. */
static bool step_span(const struct node *parent, const struct trail_step *step, uint32_t *start, uint32_t *end)
{
	const struct node *first = step->key ? step->key : step->node;

	if (!is_inside(parent, first))
		return false;
	*start = first->start;
	*end = is_inside(parent, step->node) && step->node->end > first->end ? step->node->end : first->end;
	return true;
}

/*
 * Of the steps below that touch the line, the only one that begins on it or, when none does, the last that reaches
 * into it.  With several that begin there, what holds them is meant: false.
 */
static bool find_step(const struct place *place, const struct node *node, struct trail_step *ret)
{
	bool found = false, begun = false;

	for (uint32_t n = 0; node->kind != NODE_SCALAR && n < node->count; n++) {
		struct trail_step step = step_at(node, n);
		uint32_t start, end;

		if (!step_span(node, &step, &start, &end) || !touches(place, start, end))
			continue;
		if (start >= place->start) {
			if (begun)
				return false;
			begun = true;
		} else if (begun) {
			continue;
		}
		*ret = step;
		found = true;
	}
	return found;
}

/* Whether to look inside: not into what a key on this line has beside it, when the whole line is asked for. */
static bool goes_on(const struct place *place, const struct trail_step *step)
{
	if (step->node->kind == NODE_SCALAR)
		return false;
	return place->extent == TRAIL_POINT ? !step->key || !touches(place, step->key->start, step->key->end) :
				 !step->key || !begins_here(place, step->key);
}

bool trail_find(const struct node *document, uint32_t start, uint32_t end, enum trail_extent extent, struct trail *ret)
{
	struct place place = { start, end, extent };
	struct trail_step step;

	ret->count = 0;
	while (ret->count < TRAIL_STEPS && find_step(&place, document, &step)) {
		ret->items[ret->count++] = step;
		if (!goes_on(&place, &step))
			break;
		document = step.node;
	}
	return ret->count;
}

bool node_touches(const struct node *node, uint32_t start, uint32_t end)
{
	return touches(&(struct place){ start, end, TRAIL_LINE }, node->start, node->end);
}

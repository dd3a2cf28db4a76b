// SPDX-License-Identifier: Apache-2.0
/* test_coverage.c - what of the policies no test has decided; see test.h. */
#include <stdlib.h>

#include "cmd/test.h"
#include "compiler/explain/explain.h"

struct seen {
	const void *of;			/* a selector that decided, or a predicate */
	bool yes, no;
};

struct test_coverage {
	struct arena arena;
	struct seen *items;
	size_t count, capacity;
};

struct test_coverage *test_coverage_new(void)
{
	struct test_coverage *ret = calloc(1, sizeof(*ret));

	if (!ret)
		abort();
	return ret;
}

void test_coverage_free(struct test_coverage *coverage)
{
	if (coverage)
		arena_release(&coverage->arena);
	free(coverage);
}

static const struct seen *find(const struct test_coverage *coverage, const void *of)
{
	static const struct seen nothing;

	for (size_t n = 0; n < coverage->count; n++)
		if (coverage->items[n].of == of)
			return &coverage->items[n];
	return &nothing;
}

static void see(struct test_coverage *coverage, const void *of, bool answer)
{
	struct seen *seen = (struct seen *)find(coverage, of);

	if (!seen->of) {
		coverage->items = arena_grow(&coverage->arena, coverage->items, coverage->count, &coverage->capacity,
					     sizeof(*coverage->items));
		seen = &coverage->items[coverage->count++];
		seen->of = of;
	}
	seen->yes |= answer;
	seen->no |= !answer;
}

static const struct ir_selector *selector_at(const struct ir_hook *hook, uint32_t index)
{
	for (size_t n = 0; n < hook->selectors.count; n++)
		if (hook->selectors.items[n].index == index)
			return &hook->selectors.items[n];
	return NULL;
}

/* Filters before the one that failed were true; what was unknown was neither. */
static void see_failure(struct test_coverage *coverage, const struct ir_hook *hook, const struct verdict_failure *failure)
{
	const struct ir_selector *selector = selector_at(hook, failure->selector);

	for (size_t n = 0; selector && &selector->predicates.items[n] < failure->predicate; n++)
		see(coverage, &selector->predicates.items[n], true);
	if (!failure->unknown)
		see(coverage, failure->predicate, false);
}

void test_coverage_add(struct test_coverage *coverage, const struct verdict *verdict)
{
	for (size_t n = 0; n < verdict->failure_count; n++)
		see_failure(coverage, verdict->hook, &verdict->failures[n]);
	if (!verdict->selector)
		return;
	for (size_t n = 0; n < verdict->selector->predicates.count; n++)
		see(coverage, &verdict->selector->predicates.items[n], true);
	if (verdict->answer == VERDICT_YES)
		see(coverage, verdict->selector, true);
}

/* ---- Telling ---- */

struct summary { size_t selectors, decided, filters, both; };

static void add_place(const struct ir_policy *policy, const struct ir_place *at, struct buffer *ret)
{
	buffer_format(ret, "%s:%u:%u: ", policy->source_name, at->line, at->column);
}

static void print_filter(const struct ir_policy *policy, const struct ir_hook *hook, const struct ir_predicate *predicate,
			 const struct seen *seen, struct buffer *ret)
{
	if (seen->yes && seen->no)
		return;
	add_place(policy, &predicate->at, ret);
	buffer_add_text(ret, seen->yes ? "never false: " : seen->no ? "never true: " : "never asked, or never known: ");
	explain_predicate(hook, predicate, ret);
	buffer_add_char(ret, '\n');
}

static void print_selector(const struct test_coverage *coverage, const struct ir_policy *policy, const struct ir_hook *hook,
			   const struct ir_selector *selector, struct summary *summary, struct buffer *ret)
{
	const bool decided = find(coverage, selector)->yes;

	summary->selectors++;
	summary->decided += decided;
	if (!decided) {
		add_place(policy, &selector->at, ret);
		buffer_format(ret, "selector %u of policy '%s' never decided\n", selector->index, policy->name.bytes);
	}
	for (size_t n = 0; n < selector->predicates.count; n++) {
		const struct seen *seen = find(coverage, &selector->predicates.items[n]);

		summary->filters++;
		summary->both += seen->yes && seen->no;
		print_filter(policy, hook, &selector->predicates.items[n], seen, ret);
	}
}

void test_coverage_print(const struct test_coverage *coverage, const struct simulation *simulation, struct buffer *ret)
{
	const size_t policies = image_policy_count(simulation->image);
	struct summary summary = { 0 };

	for (size_t p = 0; p < policies; p++) {
		const struct ir_policy *policy = &simulation->policies[p];

		for (size_t h = 0; h < policy->hooks.count; h++)
			for (size_t s = 0; s < policy->hooks.items[h].selectors.count; s++)
				print_selector(coverage, policy, &policy->hooks.items[h],
					       &policy->hooks.items[h].selectors.items[s], &summary, ret);
	}
	buffer_format(ret, "coverage: %zu of %zu selectors decided, %zu of %zu filters were true and false\n", summary.decided,
		      summary.selectors, summary.both, summary.filters);
}

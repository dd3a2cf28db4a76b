// SPDX-License-Identifier: Apache-2.0
/* test_check.c - whether tests are about something that the policy has; see test.h. */
#include <stdlib.h>
#include <string.h>

#include "cmd/test.h"
#include "cmd/verb.h"
#include "compiler/base/nearest.h"

/* ---- Rules ---- */

static void try_rules(const struct ir_policy *policy, struct nearest *nearest, bool *has_rules, bool *found)
{
	for (size_t n = 0; n < policy->hooks.count; n++) {
		const char *rule = test_rule_of(&policy->hooks.items[n]);

		if (!rule)
			continue;
		*has_rules = true;
		*found |= strlen(rule) == nearest->length && !memcmp(rule, nearest->name, nearest->length);
		nearest_try(nearest, rule);
	}
}

/* `id` NULL: that there are rules is all. */
static void check_rule(struct test_file *file, struct simulation *simulation, const struct test_case *test, const char *id, struct span at)
{
	struct nearest nearest = { .name = id ? id : "", .length = id ? strlen(id) : 0 };
	bool has_rules = false, found = false;

	for (size_t n = 0; n < image_policy_count(simulation->image); n++)
		if (!test->policy || !strcmp(test->policy, simulation->policies[n].name.bytes))
			try_rules(&simulation->policies[n], &nearest, &has_rules, &found);
	if (!has_rules) {
		diag(&file->diagnostics, DIAG_UNKNOWN_VALUE, at, "the policy is not made of rules");
		diag_help(&file->diagnostics, "of a TracingPolicy expect 'match', 'selector' or 'action'");
	} else if (id && !found) {
		diag(&file->diagnostics, DIAG_UNKNOWN_VALUE, at, "there is no rule '%.64s'", id);
		if (nearest.best)
			diag_nearest(&file->diagnostics, &nearest);
		else
			diag_help(&file->diagnostics, "ids of rules that are enabled, or none");
	}
}

void test_case_check(struct test_file *file, struct simulation *simulation, const struct test_case *test)
{
	const struct test_expectation *expect = &test->expect;

	if (expect->rule)
		check_rule(file, simulation, test, expect->no_rule ? NULL : expect->rule, expect->rule_at);
	else if (expect->effect >= 0)
		check_rule(file, simulation, test, NULL, expect->at);
	for (size_t n = 0; n < expect->rule_count; n++)
		check_rule(file, simulation, test, expect->rules[n].id, expect->rules[n].at);
}

/* ---- All of a policy ---- */

static void check_event(struct test_file *file, struct simulation *simulation, const struct test_case *test)
{
	const size_t errors = file->diagnostics.errors;
	struct buffer line = { 0 };
	const char *text = test->text, *problem = "";
	struct event_sample *event;
	struct arena arena = { 0 };

	if (test->source == TEST_EVENT)
		test_event_line(file, simulation, test, &line);
	if (file->diagnostics.errors > errors || (test->source != TEST_EVENT && test->source != TEST_JSON)) {
		buffer_release(&line);
		return;
	}
	text = test->source == TEST_EVENT ? line.bytes : text;
	event = arena_new(&arena, struct event_sample);
	if (event_read_json(text, strlen(text), &arena, event, &problem) <= 0)
		diag(&file->diagnostics, DIAG_UNKNOWN_VALUE, test->at, "the event: %s", *problem ? problem : "it is of no hook");
	arena_release(&arena);
	buffer_release(&line);
}

/* Where the policy itself is wrong, only what tests say of themselves can be told. */
static void check_against(struct test_file *file, const struct unit *unit)
{
	struct unit again;
	struct unit *units[] = { &again };
	struct linking linking = { 0 };
	struct simulation simulation = { 0 };
	char message[256];

	unit_init(&again, unit->source.name, unit->source.text, unit->source.length);
	again.profiles = unit->profiles;
	if (!unit_compile(&again, NULL)) {
		linking_collect(&(struct inputs){ units, 1 }, &linking);
		if (linking_run(&linking) == EXIT_FINE && !simulation_init(&simulation, &linking.view, message))
			for (size_t n = 0; n < file->count; n++) {
				test_case_check(file, &simulation, &file->cases[n]);
				check_event(file, &simulation, &file->cases[n]);
			}
		simulation_release(&simulation);
		linking_release(&linking);
	}
	unit_release(&again);
}

void tests_check(struct unit *unit)
{
	struct test_file file = { .source = unit->source, .diagnostics = unit->diagnostics };
	const size_t before = unit->diagnostics.errors;

	if (!unit->tree)
		return;
	test_file_of_tree(&file, unit->tree);
	if (file.count && file.diagnostics.errors == before && !before)
		check_against(&file, unit);
	unit->diagnostics = file.diagnostics;
	test_file_release(&file);
}

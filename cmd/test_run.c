// SPDX-License-Identifier: Apache-2.0
/* test_run.c - a test against its policy: what it expects beside what happens; see test.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/lines.h"
#include "cmd/test.h"
#include "cmd/verb.h"
#include "cmd/verdict.h"

/* ---- Words ---- */

static void fail(struct test_result *result)
{
	result->outcome = TEST_FAILED;
}

static void add_actions(uint32_t actions, struct buffer *ret)
{
	const char *between = "";

	for (int n = 0; n < ACTION_COUNT; n++)
		if (actions >> n & 1) {
			buffer_format(ret, "%s%s", between, action_rows[n].name);
			between = ", ";
		}
}

static uint32_t actions_of(const struct ir_selector *selector)
{
	uint32_t ret = 0;

	for (size_t n = 0; n < selector->actions.count; n++)
		ret |= 1u << selector->actions.items[n].op;
	return ret;
}

static const char *const answer_words[] = { [VERDICT_NO] = "no match", [VERDICT_YES] = "a match", [VERDICT_UNKNOWN] = "unknown" };
static const char *const return_words[] = {
	[VERDICT_RETURN_UNKNOWN] = "unknown", [VERDICT_RETURN_NO] = "no match", [VERDICT_RETURN_YES] = "a match",
};

static void add_expected(const struct test_expectation *expect, struct buffer *ret)
{
	buffer_add_text(ret, "expected: ");
	if (expect->selector >= 0)
		buffer_format(ret, "selector %ld decides", expect->selector);
	else if (expect->label)
		buffer_format(ret, "selector '%s' decides", expect->label);
	else if (expect->rule)
		buffer_format(ret, expect->no_rule ? "no rule means it" : "rule '%s' means it", expect->rule);
	else if (expect->effect >= 0)
		buffer_add_text(ret, "an answer");
	else
		buffer_add_text(ret, expect->answer == TEST_NOT_SAID ? "a match" : answer_words[expect->answer]);
	if (expect->has_actions) {
		buffer_add_text(ret, ", and does ");
		add_actions(expect->actions, ret);
	}
	if (expect->effect >= 0) {
		const char *word;
		const int length = (int)words_at(kind_rows[KIND_TEST_EFFECT].words, (size_t)expect->effect, &word);

		buffer_format(ret, ", of effect %.*s", length, word);
	}
	if (expect->returned >= 0)
		buffer_format(ret, ", and of the return %s", return_words[expect->returned]);
	buffer_add_char(ret, '\n');
}

/* ---- One event ---- */

struct asked {
	struct test_policy *policy;
	const struct test_case *test;
	const struct event_sample *event;
	struct buffer happened;
	size_t verdicts;		/* of policies that the test is about */
	bool holds;			/* of one of them at least, what is expected */
	size_t others;			/* matches beside it */
	bool disagrees;
	/* Of rules: */
	bool is_meant;			/* by the rule that is expected; by any, where none is */
	bool is_doubtful;		/* whether it is meant depends on what the event does not say */
	enum test_effect effect;	/* the strongest, of that rule or of all */
};

static bool selector_holds(const struct test_expectation *expect, const struct verdict *verdict)
{
	if (expect->selector >= 0 && verdict->selector->index != (uint32_t)expect->selector)
		return false;
	if (expect->label && (!verdict->selector->label.bytes || strcmp(verdict->selector->label.bytes, expect->label)))
		return false;
	if (expect->has_actions && actions_of(verdict->selector) != expect->actions)
		return false;
	return expect->returned < 0 || (verdict->has_return && verdict->returned == (enum verdict_return)expect->returned);
}

static bool verdict_holds(const struct test_expectation *expect, const struct verdict *verdict)
{
	const enum verdict_answer answer = expect->answer == TEST_NOT_SAID ? VERDICT_YES : (enum verdict_answer)expect->answer;

	return verdict->answer == answer && (answer != VERDICT_YES || selector_holds(expect, verdict));
}

/* ---- Rules ---- */

/* What lets pass is no answer: an exception, and what an allowOnly allows. */
static bool is_pass(const struct ir_selector *selector)
{
	return actions_of(selector) == 1u << ACTION_NO_POST;
}

static enum test_effect effect_of(const struct ir_selector *selector)
{
	const uint32_t actions = actions_of(selector);

	if (is_pass(selector))
		return TEST_EFFECT_NONE;
	if (actions >> ACTION_SIGKILL & 1)
		return TEST_EFFECT_KILL;
	return actions >> ACTION_OVERRIDE & 1 ? TEST_EFFECT_DENY : TEST_EFFECT_AUDIT;
}

const char *test_rule_of(const struct ir_hook *hook)
{
	static const char prefix[] = "rule:";

	for (size_t n = 0; n < hook->tags.count; n++)
		if (!strncmp(hook->tags.items[n].bytes, prefix, strlen(prefix)))
			return hook->tags.items[n].bytes + strlen(prefix);
	return NULL;
}

static const struct ir_selector *selector_at(const struct ir_hook *hook, uint32_t index)
{
	for (size_t n = 0; n < hook->selectors.count; n++)
		if (hook->selectors.items[n].index == index)
			return &hook->selectors.items[n];
	return NULL;
}

/* Whether what the event does not say could have made the rule mean it, or not mean it: what would only have let pass what nothing means could not. */
static bool is_in_doubt(const struct verdict *verdict)
{
	const bool means = verdict->selector && !is_pass(verdict->selector);

	if (verdict->answer != VERDICT_UNKNOWN || means || verdict->failure_count == VERDICT_FAILURES_MAX)
		return verdict->answer == VERDICT_UNKNOWN;
	for (size_t n = 0; n < verdict->failure_count; n++) {
		const struct ir_selector *selector = selector_at(verdict->hook, verdict->failures[n].selector);

		if (verdict->failures[n].undecided && !(selector && is_pass(selector)))
			return true;
	}
	return false;
}

static void take_rule(struct asked *asked, const struct verdict *verdict)
{
	const struct test_expectation *expect = &asked->test->expect;
	const char *rule = test_rule_of(verdict->hook);
	enum test_effect effect;

	if (!rule || (expect->rule && !expect->no_rule && strcmp(rule, expect->rule)))
		return;
	asked->is_doubtful |= is_in_doubt(verdict);
	if (verdict->answer != VERDICT_YES || is_pass(verdict->selector))
		return;
	effect = effect_of(verdict->selector);
	asked->is_meant = true;
	asked->effect = effect > asked->effect ? effect : asked->effect;
}

/* One rule has one effect; of all of them, what is not known might be stronger than what is. */
static bool rules_hold(const struct asked *asked)
{
	const struct test_expectation *expect = &asked->test->expect;

	if (expect->no_rule || expect->effect == TEST_EFFECT_NONE)
		return !asked->is_meant && !asked->is_doubtful;
	if (expect->rule && !asked->is_meant)
		return false;
	return expect->effect < 0 || (asked->is_meant && (expect->rule || !asked->is_doubtful) && asked->effect == (enum test_effect)expect->effect);
}

static bool is_about(const struct test_case *test, const struct verdict *verdict)
{
	return !test->policy || !strcmp(test->policy, verdict->ir->name.bytes);
}

static void take_verdict(void *context, const struct verdict *verdict)
{
	struct asked *asked = context;
	bool holds;

	test_coverage_add(asked->policy->coverage, verdict);
	asked->disagrees |= verdict->disagrees;
	if (!is_about(asked->test, verdict))
		return;
	holds = verdict_holds(&asked->test->expect, verdict);
	asked->verdicts++;
	take_rule(asked, verdict);
	asked->holds |= holds;
	asked->others += !holds && verdict->answer != VERDICT_NO;
	verdict_text(&asked->policy->simulation, asked->event, verdict, &asked->happened);
}

/* Of several that watch, one match is enough; that nothing matches is said of all. */
static bool asked_holds(const struct asked *asked)
{
	const struct test_expectation *expect = &asked->test->expect;
	const int answer = expect->answer;
	const bool is_of_rules = expect->rule || expect->effect >= 0;

	if (is_of_rules && (!asked->verdicts || !rules_hold(asked)))
		return false;
	if (is_of_rules && answer == TEST_NOT_SAID && !expect->label && expect->selector < 0 && !expect->has_actions && expect->returned < 0)
		return true;
	if (answer == VERDICT_NO)
		return asked->verdicts && !asked->others;
	return asked->holds;
}

static void tell(const struct asked *asked, struct test_result *ret)
{
	if (asked_holds(asked))
		return;
	fail(ret);
	add_expected(&asked->test->expect, &ret->text);
	buffer_add_text(&ret->text, "happened:\n");
	if (asked->verdicts)
		buffer_add(&ret->text, asked->happened.bytes, asked->happened.length);
	else
		buffer_add_text(&ret->text, "  no policy watches this\n");
}

static int run_line(struct test_policy *policy, const struct test_case *test, const char *line, size_t length,
		    struct test_result *ret)
{
	struct event_sample *event = calloc(1, sizeof(*event));
	struct event_reader reader = { .tokener = NULL };
	struct asked asked = { .policy = policy, .test = test, .event = event };
	const char *error = "";
	int kind = event ? event_reader_read(&reader, line, length, event, &error) : -ENOMEM;

	if (kind <= 0) {
		fail(ret);
		buffer_format(&ret->text, "the event: %s\n", kind < 0 ? error : "it is of no hook");
	} else {
		simulate(&policy->simulation, event, take_verdict, &asked);
		tell(&asked, ret);
	}
	buffer_release(&asked.happened);
	event_reader_release(&reader);
	free(event);
	if (!asked.disagrees)
		return EXIT_FINE;
	complain("%s: test '%s': internal error: the policy decides in one way as it is written and in another as it is linked; "
		 "please report this, with both files", policy->path, test->name);
	return EXIT_SYSTEM;
}

/* ---- Several ---- */

struct test_tally {
	struct test_policy *policy;
	const struct test_case *test;
	struct event_reader reader;
	struct event_sample event;
	struct buffer problems;
	long events, matches, unmatched, unknown, selectors[TESTS_SELECTORS_MAX];
	bool matched, doubtful;		/* the event at hand */
	long *rules;			/* events that it means, by place in expect->rules */
	bool *meant;			/* the event at hand */
};

struct test_tally *test_tally_new(struct test_policy *policy, const struct test_case *test)
{
	struct test_tally *ret = calloc(1, sizeof(*ret));

	if (!ret)
		abort();
	ret->rules = calloc(test->expect.rule_count + 1, sizeof(*ret->rules));
	ret->meant = calloc(test->expect.rule_count + 1, sizeof(*ret->meant));
	if (!ret->rules || !ret->meant)
		abort();
	ret->policy = policy;
	ret->test = test;
	return ret;
}

static void count_rule(struct test_tally *tally, const struct verdict *verdict)
{
	const struct test_expectation *expect = &tally->test->expect;
	const char *rule = test_rule_of(verdict->hook);

	for (size_t n = 0; n < expect->rule_count && rule; n++)
		if (!strcmp(expect->rules[n].id, rule) && verdict->answer == VERDICT_YES && !is_pass(verdict->selector))
			tally->meant[n] = true;
}

static void count_verdict(void *context, const struct verdict *verdict)
{
	struct test_tally *tally = context;

	test_coverage_add(tally->policy->coverage, verdict);
	if (!is_about(tally->test, verdict))
		return;
	count_rule(tally, verdict);
	tally->matched |= verdict->answer == VERDICT_YES;
	tally->doubtful |= verdict->answer == VERDICT_UNKNOWN;
	if (verdict->answer == VERDICT_YES && verdict->selector->index < TESTS_SELECTORS_MAX)
		tally->selectors[verdict->selector->index]++;
}

void test_tally_line(struct test_tally *tally, const char *line, size_t length, const char *name, size_t number)
{
	const char *error = "";
	int kind = event_reader_read(&tally->reader, line, length, &tally->event, &error);

	if (kind < 0)
		buffer_format(&tally->problems, "%s:%zu: %s\n", name, number, error);
	if (kind <= 0)
		return;
	tally->matched = tally->doubtful = false;
	memset(tally->meant, 0, tally->test->expect.rule_count * sizeof(*tally->meant));
	simulate(&tally->policy->simulation, &tally->event, count_verdict, tally);
	tally->events++;
	tally->matches += tally->matched;
	tally->unknown += !tally->matched && tally->doubtful;
	tally->unmatched += !tally->matched && !tally->doubtful;
	for (size_t n = 0; n < tally->test->expect.rule_count; n++)
		tally->rules[n] += tally->meant[n];
}

static void compare(const char *what, long want, long got, struct test_result *ret)
{
	if (want == TEST_NOT_SAID || want == got || (want == TEST_SOME && got > 0))
		return;
	fail(ret);
	if (want == TEST_SOME)
		buffer_format(&ret->text, "expected some %s, happened: none\n", what);
	else
		buffer_format(&ret->text, "expected %ld %s, happened: %ld\n", want, what, got);
}

void test_tally_end(struct test_tally *tally, struct test_result *ret)
{
	const struct test_expectation *expect = &tally->test->expect;

	if (tally->problems.length) {
		fail(ret);
		buffer_add(&ret->text, tally->problems.bytes, tally->problems.length);
	}
	compare("events", expect->events, tally->events, ret);
	compare("matches", expect->matches, tally->matches, ret);
	compare("events that do not match", expect->unmatched, tally->unmatched, ret);
	compare("unknown", expect->unknown, tally->unknown, ret);
	for (size_t n = 0; n < expect->selector_count; n++) {
		char what[64];

		snprintf(what, sizeof(what), "decisions of selector %u", expect->selectors[n].selector);
		compare(what, expect->selectors[n].count, tally->selectors[expect->selectors[n].selector], ret);
	}
	for (size_t n = 0; n < expect->rule_count; n++) {
		char what[128];

		snprintf(what, sizeof(what), "events that rule '%.64s' means", expect->rules[n].id);
		compare(what, expect->rules[n].count, tally->rules[n], ret);
	}
	test_tally_free(tally);
}

void test_tally_free(struct test_tally *tally)
{
	buffer_release(&tally->problems);
	event_reader_release(&tally->reader);
	free(tally->rules);
	free(tally->meant);
	free(tally);
}

void test_tally_problem(struct test_tally *tally, const char *what)
{
	buffer_format(&tally->problems, "%s\n", what);
}

static int run_recording(struct test_file *file, struct test_policy *policy, const struct test_case *test,
			 struct test_result *ret)
{
	struct lines *lines = calloc(1, sizeof(*lines));
	struct test_tally *tally;
	enum lines_end end;

	if (!lines || !lines_open(lines, test_file_beside(file, test->text))) {
		free(lines);
		fail(ret);
		buffer_format(&ret->text, "cannot read '%s'\n", test->text);
		return EXIT_SYSTEM;
	}
	tally = test_tally_new(policy, test);
	while ((end = lines_next(lines)) != LINES_NONE)
		if (end == LINES_LONG)
			buffer_format(&tally->problems, "%s:%zu: the line is too long\n", lines->name, lines->number);
		else if (lines->length)
			test_tally_line(tally, lines->line, lines->length, lines->name, lines->number);
	test_tally_end(tally, ret);
	lines_close(lines);
	free(lines);
	return policy->simulation.disagreements ? EXIT_SYSTEM : EXIT_FINE;
}

/* ---- Tests ---- */

static int run_event(struct test_file *file, struct test_policy *policy, const struct test_case *test, struct test_result *ret)
{
	struct buffer line = { 0 };
	int code = EXIT_FINE;

	if (test_event_line(file, &policy->simulation, test, &line))
		fail(ret);
	else
		code = run_line(policy, test, line.bytes, line.length, ret);
	buffer_release(&line);
	return code;
}

int test_case_run(struct test_file *file, struct test_policy *policy, const struct test_case *test, bool live,
		  struct test_result *ret)
{
	*ret = (struct test_result){ .outcome = TEST_PASSED };
	test_case_check(file, &policy->simulation, test);
	if (file->diagnostics.errors) {
		fail(ret);
		return EXIT_FINE;
	}
	switch (test->source) {
	case TEST_EVENT:
		return run_event(file, policy, test, ret);
	case TEST_JSON:
		return run_line(policy, test, test->text, strlen(test->text), ret);
	case TEST_EVENTS:
		return run_recording(file, policy, test, ret);
	case TEST_RUN:
		break;
	}
	if (live)
		return test_live_run(file, policy, test, ret);
	ret->outcome = TEST_SKIPPED;
	buffer_add_text(&ret->text, "it runs a command under the policy: give --live");
	return EXIT_FINE;
}

// SPDX-License-Identifier: Apache-2.0
/* test.c - `tetra test`: what policies must do, as files of tests beside them; see test.h. */
#include "cmd/test.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report.h"
#include "cmd/verb.h"
#include "compiler/policy/intent.h"

static struct {
	const char *filter, *output;
	bool coverage, list, live;
} arguments = { .output = "text" };

struct running {
	struct test_report report;
	struct buffer coverage;
};

static int worse(int a, int b)
{
	return a > b ? a : b;
}

/* ---- A policy ---- */

static void policy_release(struct test_policy *policy)
{
	simulation_release(&policy->simulation);
	test_coverage_free(policy->coverage);
	linking_release(&policy->linking);
	inputs_release(&policy->inputs);
}

/* For any kernel, or for the running one, which may do it by other hooks (target.bpfLSM: auto). */
enum test_place { TEST_ANYWHERE, TEST_HERE };

/* What the tests are of; a policy that does not compile is said with its place. */
static int policy_read(struct test_policy *policy, const char *path, enum test_place place)
{
	char *operands[] = { (char *)path };
	char message[256];
	int code;

	*policy = (struct test_policy){ .path = path, .coverage = test_coverage_new() };
	code = place == TEST_HERE ? inputs_compile_here(1, operands, &policy->inputs) : inputs_compile(1, operands, NULL, &policy->inputs);
	if (code != EXIT_FINE)
		return code;
	linking_collect(&policy->inputs, &policy->linking);
	code = linking_run(&policy->linking);
	if (code == EXIT_FINE && simulation_init(&policy->simulation, &policy->linking.view, message)) {
		complain("%s: %s", path, message);
		code = EXIT_SYSTEM;
	}
	return code;
}

static bool leaves_choice(const struct test_policy *policy)
{
	for (size_t n = 0; n < policy->inputs.count; n++) {
		const struct intent_list *intents = policy->inputs.units[n]->intents;

		for (size_t i = 0; intents && i < intents->count; i++)
			if (intents->items[i].target && intents->items[i].target->lsm == INTENT_LSM_AUTO)
				return true;
	}
	return false;
}

/* ---- Tests ---- */

static bool is_meant(const struct test_case *test)
{
	return !arguments.filter || !fnmatch(arguments.filter, test->name, 0) || strstr(test->name, arguments.filter);
}

static void count(struct test_totals *totals, enum test_outcome outcome)
{
	totals->passed += outcome == TEST_PASSED;
	totals->failed += outcome == TEST_FAILED;
	totals->skipped += outcome == TEST_SKIPPED;
}

/* What is wrong with the test itself is part of why it failed. */
static void add_diagnostics(struct test_file *file, struct test_result *result)
{
	if (file->diagnostics.count)
		report_render(&file->diagnostics, &result->text);
	file->diagnostics.count = file->diagnostics.errors = 0;
}

static int run_case(struct running *running, struct test_file *file, struct test_policy *policy, const struct test_case *test)
{
	struct test_result result;
	int code = test_case_run(file, policy, test, arguments.live, &result);

	add_diagnostics(file, &result);
	count(&running->report.totals, result.outcome);
	running->report.format->result(&running->report, file->source.name, test->name,
				       source_position(&file->source, test->at.start), &result);
	buffer_release(&result.text);
	return worse(code, result.outcome == TEST_FAILED ? EXIT_REFUSED : EXIT_FINE);
}

/* Nothing can be run: one test that fails stands for all. */
static void refuse_file(struct running *running, const char *file, const char *why)
{
	struct test_result result = { .outcome = TEST_FAILED };

	buffer_format(&result.text, "%s\n", why);
	count(&running->report.totals, TEST_FAILED);
	running->report.format->result(&running->report, file, "the file of tests and its policy", (struct position){ 1, 1 }, &result);
	buffer_release(&result.text);
}

static bool has_commands(const struct test_file *file)
{
	for (size_t n = 0; n < file->count; n++)
		if (file->cases[n].source == TEST_RUN && is_meant(&file->cases[n]))
			return true;
	return false;
}

/* `here`: what commands are run under. */
static int run_each(struct running *running, struct test_file *file, struct test_policy *policy, struct test_policy *here)
{
	int code = EXIT_FINE;

	for (size_t n = 0; n < file->count && code != EXIT_SYSTEM; n++)
		if (is_meant(&file->cases[n]))
			code = worse(code, run_case(running, file, file->cases[n].source == TEST_RUN ? here : policy, &file->cases[n]));
	return code;
}

/* Events are decided by the policy as it is for any kernel. */
static int run_cases(struct running *running, struct test_file *file)
{
	struct test_policy policy, own = { .path = NULL };
	int code = policy_read(&policy, file->policy, TEST_ANYWHERE);

	if (code == EXIT_FINE && arguments.live && has_commands(file) && leaves_choice(&policy))
		code = policy_read(&own, file->policy, TEST_HERE);
	if (code == EXIT_FINE)
		code = run_each(running, file, &policy, own.path ? &own : &policy);
	else
		refuse_file(running, file->source.name, "the policy is refused, or cannot be read: see the messages");
	if (arguments.coverage && policy.simulation.image)
		test_coverage_print(policy.coverage, &policy.simulation, &running->coverage);
	test_live_leave(own.path ? &own : &policy);
	policy_release(&policy);
	policy_release(&own);
	return code;
}

static int list_cases(const struct test_file *file)
{
	for (size_t n = 0; n < file->count; n++)
		if (is_meant(&file->cases[n]))
			printf("%s: %s\n", file->source.name, file->cases[n].name);
	return EXIT_FINE;
}

/* ---- Files ---- */

static bool has_suffix(const char *name, const char *suffix)
{
	size_t length = strlen(name), tail = strlen(suffix);

	return length > tail && !strcmp(name + length - tail, suffix);
}

/* `failed`: of reading the file. */
static int run_file(struct running *running, struct test_file *file, int failed)
{
	int code;

	if (failed) {
		report_text(&file->diagnostics, stderr, COLOUR_AUTO);
		if (!arguments.list)
			refuse_file(running, file->source.name, "the file of tests is not valid: see the messages");
		code = EXIT_REFUSED;
	} else {
		code = arguments.list ? list_cases(file) : run_cases(running, file);
	}
	running->report.file = NULL;	/* the name goes */
	return code;
}

static int run_text(struct running *running, const char *name, const char *text, size_t length)
{
	struct test_file file;
	const int failed = test_file_read(&file, name, text, length), code = run_file(running, &file, failed);

	test_file_release(&file);
	return code;
}

/* Tests that stand in a policy.  false: there are none. */
static bool run_inside(struct running *running, const char *name, const char *text, size_t length, int *code)
{
	struct test_file file;
	const int failed = test_file_of_policy(&file, name, text, length);
	const bool any = failed || file.count;

	*code = any ? run_file(running, &file, failed) : EXIT_FINE;
	test_file_release(&file);
	return any;
}

static int visit_tests(void *context, const char *name, const char *text, size_t length, bool *keep);

/* A policy stands for the tests beside it, which it must have if there are none inside. */
static int visit_beside(struct running *running, const char *name, bool has_tests)
{
	struct buffer path = { 0 };
	char *operand;
	int code = EXIT_FINE;

	buffer_add(&path, name, strlen(name) - strlen(".yaml"));
	buffer_add_text(&path, TEST_SUFFIX);
	operand = path.bytes;
	if (!has_tests || !access(operand, F_OK))
		code = input_visit(1, &operand, visit_tests, running);
	buffer_release(&path);
	return code;
}

static int visit_tests(void *context, const char *name, const char *text, size_t length, bool *keep)
{
	int code = EXIT_FINE;
	bool inside;

	(void)keep;
	if (input_has_tests(name) || input_is_stdin())
		return run_text(context, name, text, length);
	inside = input_has_suffix(name) && run_inside(context, name, text, length, &code);
	if (input_is_found() && (inside || input_pass_over()))
		return code;		/* what is beside it is found as well */
	if (has_suffix(name, ".yaml"))
		return worse(code, visit_beside(context, name, inside));
	if (inside)
		return code;
	complain("'%s' is neither a policy, NAME.yaml, nor its tests, NAME" TEST_SUFFIX, name);
	return EXIT_USAGE;
}

/* ---- The verb ---- */

static void print_coverage(struct running *running)
{
	FILE *out = !strcmp(arguments.output, "text") ? stdout : stderr;

	if (running->coverage.length)
		fwrite(running->coverage.bytes, 1, running->coverage.length, out);
	buffer_release(&running->coverage);
}

static int test_run(int count, char **operands)
{
	static char *here[] = { "." };
	struct input_filter filter = { .wants = "tests, *" TEST_SUFFIX " or spec.tests" };
	struct running running = { .report = { .format = test_format_find(arguments.output) } };
	int code;

	if (arguments.live && geteuid()) {
		complain("--live needs root: the policies are loaded into the kernel; try sudo");
		return EXIT_SYSTEM;
	}
	if (!arguments.list)
		running.report.format->begin(&running.report);
	code = input_visit_filtered(count ? count : 1, count ? operands : here, &filter, visit_tests, &running);
	test_live_end();
	if (!arguments.list)
		running.report.format->end(&running.report);
	buffer_release(&running.report.out);
	print_coverage(&running);
	if (code == EXIT_FINE && arguments.filter && !arguments.list && !test_report_total(&running.report)) {
		complain("no test has a name like '%s'; 'tetra test --list' says which there are", arguments.filter);
		return EXIT_REFUSED;
	}
	return code;
}

static const struct option_row test_options[] = {
	{ 'k', "filter", OPTION_STRING, &arguments.filter, "PATTERN", "only tests whose name has this in it, or matches it as a glob",
	  WORD_OTHER },
	{ 'o', "output", OPTION_CHOICE, &arguments.output, TEST_FORMATS, "how to print it (text)" },
	{ 0, "coverage", OPTION_FLAG, &arguments.coverage, NULL,
	  "say which selectors never decided, and which filters were never true or never false" },
	{ 0, "list", OPTION_FLAG, &arguments.list, NULL, "print the names of the tests, and run none" },
	{ 0, "live", OPTION_FLAG, &arguments.live, NULL,
	  "also tests that `run` a command, with the policy in the running kernel; needs root" },
	OPTIONS_END
};

static const struct note test_examples[] = {
	{ "tetra test", "all tests of the current directory and those below it" },
	{ "tetra test policy.yaml --coverage", "those of one policy, in policy.test.yaml, and what they leave out" },
	{ "tetra test policies -o junit >tests.xml", "for a CI system" },
	{ "tetra test --live policies", "also those that run commands, as root" },
	NOTES_END
};

extern const struct verb verb_test;
const struct verb verb_test = {
	.name = "test", .operands = "[PATH...]", .takes = WORD_POLICY,
	.summary = "run the tests of policies",
	.details = "Tests of NAME.yaml are in NAME" TEST_SUFFIX ", and of rules also in spec.tests: a list of events, each with what the policy\n"
		   "must do with it. An event is written in short, as JSON, or as a file of recorded ones. A directory means all tests below it;\n"
		   "without a path that is the current one. Events are decided by the matcher that runs in the kernel; no\n"
		   "kernel is needed but for --live. A test that fails says which filter did not hold, and what it saw.",
	.options = test_options, .examples = test_examples, .run = test_run,
};

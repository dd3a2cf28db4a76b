/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test.h - the parts of `tetra test`: files of tests, their events, what is expected, and how it is told.
 *
 *   test.c           the verb: which files, which tests
 *   test_read.c      a file of tests: YAML to cases
 *   test_event.c     an event in its short form: YAML to the line of JSON that it is short for; values and process are in
 *                    test_value.c and test_process.c
 *   test_check.c     whether rules and values that tests name are there
 *   test_run.c       a case against its policy
 *   test_report.c    text, TAP, JUnit and JSON
 *   test_coverage.c  what no test decided
 *   test_live.c      `run`: commands under the policy in the running kernel, and what is counted of them; see test_live.h
 *   test_session.c   the policies there, one after the other
 *   test_command.c   the command, in what was made for it
 */
#ifndef CMD_TEST_H
#define CMD_TEST_H

#include "cmd/linking.h"
#include "compiler/base/diagnostics.h"
#include "compiler/compiler.h"
#include "compiler/simulate.h"
#include "compiler/syntax/tree.h"
#include "compiler/workload_list.h"
#include "schema/names.h"

#define TEST_SUFFIX ".test.yaml"

enum { TESTS_SELECTORS_MAX = 64, TEST_NOT_SAID = -1, TEST_SOME = -2 };

/* ---- A file ---- */

struct test_count { uint32_t selector; long count; };
struct test_rule_count { const char *id; struct span at; long count; };

/* What becomes of a call; the words of TEST_EFFECT. */
enum test_effect { TEST_EFFECT_NONE, TEST_EFFECT_AUDIT, TEST_EFFECT_DENY, TEST_EFFECT_KILL };

/* What a test expects; TEST_NOT_SAID where it says nothing. */
struct test_expectation {
	struct span at;
	int answer;			/* enum verdict_answer */
	long selector;			/* as events report it, from 0 */
	const char *label;		/* of a selector; NULL */
	const char *rule;		/* id; NULL: not said */
	struct span rule_at;
	bool no_rule;			/* none means it */
	int effect;			/* enum test_effect: of the rule, or of all */
	int returned;			/* enum verdict_return */
	bool has_actions;
	uint32_t actions;		/* bit per enum action_id */
	/* Of several events: */
	long events, matches, unmatched, unknown;	/* matches: TEST_SOME: at least one */
	struct test_count selectors[TESTS_SELECTORS_MAX];
	size_t selector_count;
	struct test_rule_count *rules;
	size_t rule_count;
	/* Of a command: */
	int exit;			/* its status, or 128 and the signal that ended it, as shells say it */
	const char *prints;		/* in what it says; NULL */
};

struct test_case {
	const char *name;
	struct span at;
	const char *policy;		/* name, where the file has several; NULL: all that watch */
	enum test_source { TEST_EVENT, TEST_JSON, TEST_EVENTS, TEST_RUN } source;
	const struct node *event;	/* EVENT: short form */
	const char *text;		/* JSON: line; EVENTS: path; RUN: command */
	/* Of a command: */
	enum link_mode mode;		/* of the policies */
	const char *needs;		/* a command that says whether the test can be made here; NULL */
	const char *prepare;		/* a command before it, without the policy; NULL */
	const char **private;		/* folders that are empty ones of the command's own, and gone with it */
	size_t private_count;
	bool in_pod;
	struct workload pod;
	struct test_expectation expect;
};

struct test_file {
	struct source source;
	struct arena arena;
	struct diagnostics diagnostics;
	struct tree *tree;
	const char *policy;		/* path */
	bool in_policy;			/* they stand in it: spec.tests */
	struct test_case *cases;
	size_t count;
};

/* `name` and `text` must outlive it.  0, or -EINVAL with diagnostics; release it in either case. */
int test_file_read(struct test_file *file, const char *name, const char *text, size_t length);
void test_file_release(struct test_file *file);

/* Those of the policies of a file, if there are any; what is wrong with the policies themselves is not said. */
int test_file_of_policy(struct test_file *file, const char *name, const char *text, size_t length);
/* The same from its tree, which outlives the file; source and diagnostics of `file` are set. */
void test_file_of_tree(struct test_file *file, struct tree *tree);

/* Path beside the file of tests; in the arena. */
const char *test_file_beside(struct test_file *file, const char *path);

/* Reading a mapping by a table of keys: one that is not in it is an error, and so is one that is there twice. */
struct test_key {
	const char *name;
	void (*read)(void *context, const struct node *value);
};
void test_read_mapping(struct test_file *file, const struct node *node, const char *wants, const struct test_key *keys,
		       size_t count, void *context);
void test_refuse(struct test_file *file, const struct node *node, const char *wants);	/* "this must be ..." */
const char *test_read_text(struct test_file *file, const struct node *node, const char *wants);	/* NULL: refused */
/* Whether it is a whole number that 64 bits hold, as two's complement. */
bool test_number(const struct node *node, uint64_t *ret);

/* ---- A policy ---- */

struct test_policy {
	const char *path;
	char *text;
	struct inputs inputs;
	struct linking linking;
	struct simulation simulation;
	struct test_coverage *coverage;
};

/* ---- An event ---- */

/* One line of JSON, in `ret`.  0, or -EINVAL with diagnostics of the file. */
int test_event_line(struct test_file *file, struct simulation *simulation, const struct test_case *test, struct buffer *ret);

/* ---- Whether they can be run ---- */

/* Rules that a test names are there; else diagnostics of the file. */
void test_case_check(struct test_file *file, struct simulation *simulation, const struct test_case *test);

/* All tests that stand in the policies of a unit, which has been compiled, whether or not it is right; diagnostics of the unit. */
void tests_check(struct unit *unit);

/* The id of the rule that a hook was made of; NULL: of none. */
const char *test_rule_of(const struct ir_hook *hook);

/* ---- A run ---- */

enum test_outcome { TEST_PASSED, TEST_FAILED, TEST_SKIPPED };

struct test_result {
	enum test_outcome outcome;
	struct buffer text;		/* lines: what was expected, what happened, and why; or why it was skipped */
};

/* EXIT_FINE, or EXIT_SYSTEM when something is wrong that no test can be blamed for. */
int test_case_run(struct test_file *file, struct test_policy *policy, const struct test_case *test, bool live,
		  struct test_result *ret);

/* Compares the verdicts of several lines of events; for recordings and live runs. */
struct test_tally;
struct test_tally *test_tally_new(struct test_policy *policy, const struct test_case *test);
void test_tally_line(struct test_tally *tally, const char *line, size_t length, const char *name, size_t number);
void test_tally_problem(struct test_tally *tally, const char *what);	/* without which nothing is sure */
void test_tally_end(struct test_tally *tally, struct test_result *ret);	/* frees it */
void test_tally_free(struct test_tally *tally);

/* A pod by its mapping; what that does not say is "test", and labels there are none. */
void test_read_pod(struct test_file *file, const struct node *node, struct workload *ret);

/* Says in `ret` how it went; returns as test_case_run(). */
int test_live_run(struct test_file *file, struct test_policy *policy, const struct test_case *test, struct test_result *ret);

/* The policy goes: it is not in the kernel any more.  And at the end, when nothing is left there. */
void test_live_leave(const struct test_policy *policy);
void test_live_end(void);

/* ---- Coverage ---- */

struct test_coverage *test_coverage_new(void);
void test_coverage_free(struct test_coverage *coverage);
void test_coverage_add(struct test_coverage *coverage, const struct verdict *verdict);
void test_coverage_print(const struct test_coverage *coverage, const struct simulation *simulation, struct buffer *ret);

/* ---- Telling ---- */

struct test_totals { size_t passed, failed, skipped; };

struct test_report {
	const struct test_format *format;
	struct test_totals totals;
	struct buffer out;		/* of formats that print at the end */
	const char *file;
};
struct test_format {
	const char *name;
	void (*begin)(struct test_report *report);
	void (*result)(struct test_report *report, const char *file, const char *test, struct position at,
		       const struct test_result *result);
	void (*end)(struct test_report *report);
};
#define TEST_FORMATS "text|tap|junit|json"
const struct test_format *test_format_find(const char *name);
/* How many tests have been told of. */
size_t test_report_total(const struct test_report *report);

#endif

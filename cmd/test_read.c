// SPDX-License-Identifier: Apache-2.0
/* test_read.c - a file of tests to cases; see test.h. */
#include "cmd/test.h"

#include <errno.h>
#include <string.h>

#include "compiler/syntax/scalar.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define SHOW(node) (int)((node)->count < NEAREST_NAME_MAX ? (node)->count : NEAREST_NAME_MAX), (node)->text

struct reading {
	struct test_file *file;
	struct test_case *test;
};

/* ---- Nodes ---- */

void test_refuse(struct test_file *file, const struct node *node, const char *wants)
{
	diag(&file->diagnostics, DIAG_WRONG_SHAPE, node_span(file->tree, node), "this must be %s", wants);
}

const char *test_read_text(struct test_file *file, const struct node *node, const char *wants)
{
	if (node->kind == NODE_SCALAR && node->count && !memchr(node->text, '\0', node->count))
		return arena_copy(&file->arena, node->text, node->count);
	test_refuse(file, node, wants);
	return NULL;
}

bool test_number(const struct node *node, uint64_t *ret)
{
	struct scalar scalar;

	if (node->kind != NODE_SCALAR)
		return false;
	scalar = scalar_read(node);
	if (scalar.kind != SCALAR_INTEGER)
		return false;
	return scalar.number.negative ? number_to_signed(scalar.number, INT64_MIN, INT64_MAX, ret) :
					number_to_unsigned(scalar.number, UINT64_MAX, ret);
}

static bool same_key(const struct node *a, const struct node *b)
{
	return a->kind == NODE_SCALAR && b->kind == NODE_SCALAR && a->count == b->count && !memcmp(a->text, b->text, a->count);
}

static bool is_repeated(struct test_file *file, const struct node *mapping, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (!same_key(mapping->pairs[i].key, mapping->pairs[n].key))
			continue;
		diag(&file->diagnostics, DIAG_DUPLICATE_KEY, node_span(file->tree, mapping->pairs[n].key),
		     "key '%.*s' is there twice", SHOW(mapping->pairs[n].key));
		diag_related(&file->diagnostics, node_span(file->tree, mapping->pairs[i].key), "first defined here");
		return true;
	}
	return false;
}

static void refuse_key(struct test_file *file, const struct node *key, const struct test_key *keys, size_t count)
{
	struct nearest nearest = { .name = key->text, .length = key->count };
	struct buffer all = { 0 };

	if (key->kind != NODE_SCALAR) {
		diag(&file->diagnostics, DIAG_BAD_KEY, node_span(file->tree, key), "a key is a word");
		return;
	}
	diag(&file->diagnostics, DIAG_UNKNOWN_KEY, node_span(file->tree, key), "there is no key '%.*s' here", SHOW(key));
	for (size_t n = 0; n < count; n++) {
		nearest_try(&nearest, keys[n].name);
		buffer_format(&all, "%s%s", n ? ", " : "", keys[n].name);
	}
	if (nearest.best)
		diag_nearest(&file->diagnostics, &nearest);
	else
		diag_help(&file->diagnostics, "keys here: %s", all.bytes);
	buffer_release(&all);
}

void test_read_mapping(struct test_file *file, const struct node *node, const char *wants, const struct test_key *keys,
		       size_t count, void *context)
{
	enum { KEYS_MOST = 1000 };	/* few enough to compare each with those before it */

	if (node->kind != NODE_MAPPING || node->count > KEYS_MOST) {
		test_refuse(file, node, wants);
		return;
	}
	for (uint32_t i = 0; i < node->count; i++) {
		const struct pair *pair = &node->pairs[i];
		size_t n = 0;

		if (is_repeated(file, node, i))
			continue;
		while (n < count && !(pair->key->kind == NODE_SCALAR && node_is_text(pair->key, keys[n].name)))
			n++;
		if (n < count)
			keys[n].read(context, pair->value);
		else
			refuse_key(file, pair->key, keys, count);
	}
}

/* Number of the word, or -1 when that has been refused. */
static int read_word(struct test_file *file, const struct node *node, const char *const *words, size_t count, const char *wants)
{
	for (size_t n = 0; node->kind == NODE_SCALAR && n < count; n++)
		if (node_is_text(node, words[n]))
			return (int)n;
	test_refuse(file, node, wants);
	return -1;
}

static long read_count(struct test_file *file, const struct node *node)
{
	uint64_t number;

	if (test_number(node, &number) && number <= INT32_MAX)
		return (long)number;
	test_refuse(file, node, "a number of events");
	return TEST_NOT_SAID;
}

/* ---- What is expected ---- */

static void expect_match(void *context, const struct node *value)
{
	static const char *const words[] = { "none", "some", "unknown" };	/* as enum verdict_answer */
	struct reading *reading = context;
	int word = read_word(reading->file, value, words, ARRAY_SIZE(words), "none, some or unknown");

	if (word >= 0)
		reading->test->expect.answer = word;
}

static void expect_selector(void *context, const struct node *value)
{
	struct reading *reading = context;
	uint64_t number;

	if (test_number(value, &number) && number < TESTS_SELECTORS_MAX)
		reading->test->expect.selector = (long)number;
	else
		reading->test->expect.label = test_read_text(reading->file, value, "the number of a selector, from 0, or its label");
}

static void expect_return(void *context, const struct node *value)
{
	static const char *const words[] = { "unknown", "none", "some" };	/* as enum verdict_return */
	struct reading *reading = context;
	int word = read_word(reading->file, value, words, ARRAY_SIZE(words), "none, some or unknown");

	if (word >= 0)
		reading->test->expect.returned = word;
}

static void add_action(struct reading *reading, const struct node *node)
{
	int action = node->kind == NODE_SCALAR ? action_find(node->text, node->count) : -1;
	struct nearest nearest = { .name = node->text, .length = node->count };

	if (action >= 0) {
		reading->test->expect.actions |= 1u << action;
		return;
	}
	if (node->kind != NODE_SCALAR) {
		test_refuse(reading->file, node, "the name of an action, or a list of them");
		return;
	}
	diag(&reading->file->diagnostics, DIAG_UNKNOWN_VALUE, node_span(reading->file->tree, node), "there is no action '%.*s'",
	     SHOW(node));
	for (int n = 0; n < ACTION_COUNT; n++)
		nearest_try(&nearest, action_rows[n].name);
	if (nearest.best)
		diag_nearest(&reading->file->diagnostics, &nearest);
}

static void expect_action(void *context, const struct node *value)
{
	struct reading *reading = context;

	reading->test->expect.has_actions = true;
	if (value->kind != NODE_SEQUENCE) {
		add_action(reading, value);
		return;
	}
	for (uint32_t n = 0; n < value->count; n++)
		add_action(reading, value->items[n]);
}

static void expect_counts(void *context, const struct node *value)
{
	struct reading *reading = context;
	struct test_expectation *expect = &reading->test->expect;

	if (value->kind != NODE_MAPPING || value->count > TESTS_SELECTORS_MAX) {
		test_refuse(reading->file, value, "a mapping of selectors to numbers of events, as in {0: 2, 1: 1}");
		return;
	}
	for (uint32_t n = 0; n < value->count; n++) {
		uint64_t number;

		if (!test_number(value->pairs[n].key, &number) || number >= TESTS_SELECTORS_MAX)
			test_refuse(reading->file, value->pairs[n].key, "the number of a selector, from 0");
		else
			expect->selectors[expect->selector_count++] = (struct test_count){
				(uint32_t)number, read_count(reading->file, value->pairs[n].value),
			};
	}
}

#define EXPECT_COUNT(name) \
	static void expect_##name(void *context, const struct node *value) \
	{ \
		struct reading *reading = context; \
		reading->test->expect.name = read_count(reading->file, value); \
	}
EXPECT_COUNT(events)
EXPECT_COUNT(unmatched)
EXPECT_COUNT(unknown)

/* A number, or that there are some. */
static void expect_matches(void *context, const struct node *value)
{
	struct reading *reading = context;

	reading->test->expect.matches = node_is_text(value, "some") ? TEST_SOME : read_count(reading->file, value);
}

static void expect_exit(void *context, const struct node *value)
{
	struct reading *reading = context;
	uint64_t number;

	if (test_number(value, &number) && number <= UINT8_MAX)
		reading->test->expect.exit = (int)number;
	else
		test_refuse(reading->file, value, "an exit status, 0 to 255");
}

static void expect_prints(void *context, const struct node *value)
{
	struct reading *reading = context;

	reading->test->expect.prints = test_read_text(reading->file, value, "a text that the command prints");
}

static const struct test_key one_keys[] = {
	{ "match", expect_match }, { "selector", expect_selector }, { "action", expect_action }, { "return", expect_return },
};
static const struct test_key many_keys[] = {
	{ "events", expect_events }, { "matches", expect_matches }, { "unmatched", expect_unmatched },
	{ "unknown", expect_unknown }, { "selectors", expect_counts },
};
static const struct test_key command_keys[] = {
	{ "events", expect_events }, { "matches", expect_matches }, { "unmatched", expect_unmatched },
	{ "unknown", expect_unknown }, { "selectors", expect_counts }, { "exit", expect_exit }, { "prints", expect_prints },
};

static const struct test_keys { const struct test_key *keys; size_t count; const char *wants; } expect_keys[] = {
	[TEST_EVENT] = { one_keys, ARRAY_SIZE(one_keys), "a mapping, as in {selector: 0}" },
	[TEST_JSON] = { one_keys, ARRAY_SIZE(one_keys), "a mapping, as in {selector: 0}" },
	[TEST_EVENTS] = { many_keys, ARRAY_SIZE(many_keys), "a mapping, as in {matches: 3}" },
	[TEST_RUN] = { command_keys, ARRAY_SIZE(command_keys), "a mapping, as in {matches: 3}" },
};

/* ---- Tests ---- */

static const struct node *find_value(const struct node *mapping, const char *key)
{
	for (uint32_t n = 0; mapping->kind == NODE_MAPPING && n < mapping->count; n++)
		if (mapping->pairs[n].key->kind == NODE_SCALAR && node_is_text(mapping->pairs[n].key, key))
			return mapping->pairs[n].value;
	return NULL;
}

static void read_name(void *context, const struct node *value)
{
	struct reading *reading = context;

	reading->test->name = test_read_text(reading->file, value, "what the test shows, as text");
}

static void read_policy_name(void *context, const struct node *value)
{
	struct reading *reading = context;

	reading->test->policy = test_read_text(reading->file, value, "the name of a policy");
}

static void read_event(void *context, const struct node *value)
{
	struct reading *reading = context;

	reading->test->event = value;
	if (value->kind != NODE_MAPPING)
		test_refuse(reading->file, value, "a mapping, as in {function: security_file_open, args: [/etc/shadow]}");
}

static void read_source(struct reading *reading, enum test_source source, const struct node *value, const char *wants)
{
	reading->test->source = source;
	reading->test->text = test_read_text(reading->file, value, wants);
}

static void read_json(void *context, const struct node *value)
{
	read_source(context, TEST_JSON, value, "an event in JSON, in quotes");
}

static void read_events(void *context, const struct node *value)
{
	read_source(context, TEST_EVENTS, value, "the path of a file of events, from the folder of this one");
}

static void read_run(void *context, const struct node *value)
{
	read_source(context, TEST_RUN, value, "a command for the shell");
}

static void read_mode(void *context, const struct node *value)
{
	static const char *const words[] = { "monitor", "enforce" };
	static const enum link_mode modes[] = { LINK_MODE_MONITOR, LINK_MODE_ENFORCE };
	struct reading *reading = context;
	int word = read_word(reading->file, value, words, ARRAY_SIZE(words), "monitor or enforce");

	if (word >= 0)
		reading->test->mode = modes[word];
}

static void read_needs(void *context, const struct node *value)
{
	struct reading *reading = context;

	reading->test->needs = test_read_text(reading->file, value, "a command for the shell, which fails where the test cannot be made");
}

static void read_prepare(void *context, const struct node *value)
{
	struct reading *reading = context;

	reading->test->prepare = test_read_text(reading->file, value, "a command for the shell, which makes what the test begins with");
}

static void read_private(void *context, const struct node *value)
{
	struct reading *reading = context;
	struct test_case *test = reading->test;

	if (value->kind != NODE_SEQUENCE || !value->count) {
		test_refuse(reading->file, value, "a list of folders, as in [/etc]");
		return;
	}
	test->private = arena_array(&reading->file->arena, const char *, value->count);
	for (uint32_t n = 0; n < value->count; n++) {
		const char *folder = test_read_text(reading->file, value->items[n], "a folder");

		if (folder && *folder != '/')
			test_refuse(reading->file, value->items[n], "the whole path of a folder");
		else if (folder)
			test->private[test->private_count++] = folder;
	}
}

static void read_pod(void *context, const struct node *value)
{
	struct reading *reading = context;

	reading->test->in_pod = true;
	test_read_pod(reading->file, value, &reading->test->pod);
}

static void read_expect(void *context, const struct node *value)
{
	struct reading *reading = context;
	const struct test_keys *keys = &expect_keys[reading->test->source];

	reading->test->expect.at = node_span(reading->file->tree, value);
	test_read_mapping(reading->file, value, keys->wants, keys->keys, keys->count, reading);
	if (value->kind == NODE_MAPPING && !value->count)
		test_refuse(reading->file, value, "something that can fail: nothing is expected here");
}

/* `expect` is read last: what may be in it goes by what the test is of. */
static void pass(void *context, const struct node *value)
{
	(void)context;
	(void)value;
}

static const struct test_key case_keys[] = {
	{ "name", read_name }, { "policy", read_policy_name }, { "event", read_event }, { "json", read_json },
	{ "events", read_events }, { "run", read_run }, { "mode", read_mode }, { "needs", read_needs },
	{ "prepare", read_prepare }, { "private", read_private }, { "pod", read_pod }, { "expect", pass },
};

/* What only a command has. */
static void check_not_run(struct test_file *file, const struct node *node)
{
	static const char *const keys[] = { "mode", "needs", "prepare", "private", "pod" };
	const struct node *value;

	for (size_t n = 0; n < ARRAY_SIZE(keys); n++)
		if ((value = find_value(node, keys[n])))
			diag(&file->diagnostics, DIAG_UNKNOWN_KEY, node_span(file->tree, value),
			     "'%s' is for tests that 'run' a command", keys[n]);
}

static void check_case(struct test_file *file, const struct test_case *test, const struct node *node)
{
	static const char *const sources[] = { "event", "json", "events", "run" };
	size_t count = 0;

	for (size_t n = 0; n < ARRAY_SIZE(sources); n++)
		count += !!find_value(node, sources[n]);
	if (count != 1)
		diag(&file->diagnostics, count ? DIAG_DUPLICATE_KEY : DIAG_MISSING_KEY, node_span(file->tree, node),
		     "a test has one of 'event', 'json', 'events' and 'run'");
	if (test->source != TEST_RUN)
		check_not_run(file, node);
	if (!find_value(node, "name"))
		diag(&file->diagnostics, DIAG_MISSING_KEY, node_span(file->tree, node), "a test needs a 'name'");
	if (!find_value(node, "expect"))
		diag(&file->diagnostics, DIAG_MISSING_KEY, node_span(file->tree, node), "a test needs 'expect'");
	if (test->expect.answer != TEST_NOT_SAID && test->expect.answer != VERDICT_YES &&
	    (test->expect.selector >= 0 || test->expect.label || test->expect.has_actions || test->expect.returned >= 0))
		diag(&file->diagnostics, DIAG_DUPLICATE_KEY, test->expect.at,
		     "without a match there is neither a selector nor an action nor a return");
}

static void read_case(struct test_file *file, const struct node *node, struct test_case *ret)
{
	struct reading reading = { file, ret };
	const struct node *expect = find_value(node, "expect");

	*ret = (struct test_case){ .at = node_span(file->tree, node), .expect = {
		.answer = TEST_NOT_SAID, .selector = TEST_NOT_SAID, .returned = TEST_NOT_SAID, .events = TEST_NOT_SAID,
		.matches = TEST_NOT_SAID,
		.unmatched = TEST_NOT_SAID, .unknown = TEST_NOT_SAID,
	} };
	test_read_mapping(file, node, "a test: a mapping with 'name', 'event' and 'expect'", case_keys, ARRAY_SIZE(case_keys),
			  &reading);
	if (node->kind != NODE_MAPPING)
		return;
	if (expect)
		read_expect(&reading, expect);
	check_case(file, ret, node);
}

/* ---- Files ---- */

const char *test_file_beside(struct test_file *file, const char *path)
{
	const char *slash = strrchr(file->source.name, '/');

	if (*path == '/' || !slash)
		return path;
	return arena_format(&file->arena, "%.*s%s", (int)(slash + 1 - file->source.name), file->source.name, path);
}

static void read_policy(void *context, const struct node *value)
{
	struct test_file *file = context;
	const char *path = test_read_text(file, value, "the path of a policy, from the folder of this file");

	if (path)
		file->policy = test_file_beside(file, path);
}

static void read_tests(void *context, const struct node *value)
{
	struct test_file *file = context;

	if (value->kind != NODE_SEQUENCE || !value->count) {
		test_refuse(file, value, "a list of tests");
		return;
	}
	file->cases = arena_array(&file->arena, struct test_case, value->count);
	for (uint32_t n = 0; n < value->count; n++)
		read_case(file, value->items[n], &file->cases[file->count++]);
}

/* "NAME.yaml" of "NAME.test.yaml" */
static const char *policy_beside(struct test_file *file)
{
	const char *name = file->source.name;
	size_t length = strlen(name), suffix = strlen(TEST_SUFFIX);

	if (length <= suffix || strcmp(name + length - suffix, TEST_SUFFIX))
		return NULL;
	return arena_format(&file->arena, "%.*s.yaml", (int)(length - suffix), name);
}

int test_file_read(struct test_file *file, const char *name, const char *text, size_t length)
{
	static const struct test_key keys[] = { { "policy", read_policy }, { "tests", read_tests } };

	*file = (struct test_file){ .source = { name, text, length } };
	diagnostics_init(&file->diagnostics, &file->arena);
	if (tree_parse(&file->source, &file->arena, &file->diagnostics, &file->tree))
		return -EINVAL;
	file->policy = policy_beside(file);
	if (file->tree->count > 1)
		diag(&file->diagnostics, DIAG_WRONG_SHAPE, node_span(file->tree, file->tree->documents[1]),
		     "a file of tests is one document");
	test_read_mapping(file, file->tree->documents[0], "a mapping with 'tests'", keys, ARRAY_SIZE(keys), file);
	if (!file->count && !file->diagnostics.errors)
		diag(&file->diagnostics, DIAG_MISSING_KEY, node_span(file->tree, file->tree->documents[0]), "there are no 'tests'");
	if (!file->policy && !file->diagnostics.errors)
		diag(&file->diagnostics, DIAG_MISSING_KEY, node_span(file->tree, file->tree->documents[0]),
		     "the file is not named NAME" TEST_SUFFIX ": say which 'policy' is tested");
	return file->diagnostics.errors ? -EINVAL : 0;
}

void test_file_release(struct test_file *file)
{
	arena_release(&file->arena);
}

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
static int read_word(struct test_file *file, const struct node *node, enum field_kind kind)
{
	const int word = node->kind == NODE_SCALAR ? words_find(kind_rows[kind].words, node->text, node->count) : -1;

	if (word < 0)
		test_refuse(file, node, kind_rows[kind].wants);
	return word;
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
	struct reading *reading = context;
	int word = read_word(reading->file, value, KIND_TEST_ANSWER);	/* as enum verdict_answer */

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
	static const int returns[] = { VERDICT_RETURN_NO, VERDICT_RETURN_YES, VERDICT_RETURN_UNKNOWN };
	struct reading *reading = context;
	int word = read_word(reading->file, value, KIND_TEST_ANSWER);

	if (word >= 0)
		reading->test->expect.returned = returns[word];
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

static void expect_selectors(void *context, const struct node *value)
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

static void expect_rule(void *context, const struct node *value)
{
	struct reading *reading = context;
	struct test_expectation *expect = &reading->test->expect;

	expect->rule = test_read_text(reading->file, value, "the id of a rule, or none");
	expect->rule_at = node_span(reading->file->tree, value);
	expect->no_rule = expect->rule && !strcmp(expect->rule, "none");
}

static void expect_effect(void *context, const struct node *value)
{
	struct reading *reading = context;

	reading->test->expect.effect = read_word(reading->file, value, KIND_TEST_EFFECT);	/* as enum test_effect */
}

static void expect_rules(void *context, const struct node *value)
{
	struct reading *reading = context;
	struct test_expectation *expect = &reading->test->expect;

	if (value->kind != NODE_MAPPING || !value->count || value->count > LIMIT_INTENT_RULES) {
		test_refuse(reading->file, value, "a mapping of ids of rules to numbers of events, as in {shadow: 2}");
		return;
	}
	expect->rules = arena_array(&reading->file->arena, struct test_rule_count, value->count);
	for (uint32_t n = 0; n < value->count; n++) {
		const char *id = test_read_text(reading->file, value->pairs[n].key, "the id of a rule");

		if (id && !is_repeated(reading->file, value, n))
			expect->rules[expect->rule_count++] = (struct test_rule_count){
				id, node_span(reading->file->tree, value->pairs[n].key), read_count(reading->file, value->pairs[n].value),
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

	reading->test->expect.matches =
		value->kind == NODE_SCALAR && node_is_text(value, "some") ? TEST_SOME : read_count(reading->file, value);
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

#define ROWS_OF_test(key, read, flags)
#define ROWS_OF_test_event(key, read, flags)
#define ROWS_OF_test_process(key, read, flags)
#define ROWS_OF_test_pod(key, read, flags)

static const struct { struct test_key key; unsigned flags; } expect_rows[] = {
#define ROWS_OF_test_expect(key, read, flags) { { key, expect_##read }, flags },
#define TEST_GROUP(...)
#define TEST_FIELD(group, key, read, kind, child, flags, ...) ROWS_OF_##group(key, read, flags)
#include "schema/test_fields.def"
#undef ROWS_OF_test_expect
};

/* Those of one event, or those of several. */
static size_t expect_keys(bool several, struct test_key ret[ARRAY_SIZE(expect_rows)])
{
	size_t count = 0;

	for (size_t n = 0; n < ARRAY_SIZE(expect_rows); n++)
		if (!(expect_rows[n].flags & FIELD_SEVERAL) == !several)
			ret[count++] = expect_rows[n].key;
	return count;
}

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
	static const enum link_mode modes[] = { LINK_MODE_MONITOR, LINK_MODE_ENFORCE };
	struct reading *reading = context;
	int word = read_word(reading->file, value, KIND_INTENT_MODE);

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

static void read_expected(struct reading *reading, const struct node *value)
{
	bool several = reading->test->source == TEST_EVENTS || reading->test->source == TEST_RUN;

	struct test_key keys[ARRAY_SIZE(expect_rows)];
	const size_t count = expect_keys(several, keys);

	reading->test->expect.at = node_span(reading->file->tree, value);
	test_read_mapping(reading->file, value, several ? "a mapping, as in {matches: 3}" : "a mapping, as in {selector: 0}", keys, count,
			  reading);
	if (value->kind == NODE_MAPPING && !value->count)
		test_refuse(reading->file, value, "something that can fail: nothing is expected here");
}

/* Is read last: what may be in it goes by what the test is of. */
static void read_expect(void *context, const struct node *value)
{
	(void)context;
	(void)value;
}

#undef ROWS_OF_test
#define ROWS_OF_test(key, read, flags) { key, read_##read },
#define ROWS_OF_test_expect(key, read, flags)
static const struct test_key case_keys[] = {
#define TEST_GROUP(...)
#define TEST_FIELD(group, key, read, kind, child, flags, ...) ROWS_OF_##group(key, read, flags)
#include "schema/test_fields.def"
};

/* What only a command has. */
static void check_not_run(struct test_file *file, const struct node *node)
{
	static const char *const keys[] = { "mode", "needs", "prepare", "private", "pod", "exit", "prints" };
	const struct node *expect = find_value(node, "expect"), *value;

	for (size_t n = 0; n < ARRAY_SIZE(keys); n++)
		if ((value = find_value(node, keys[n])) || (expect && (value = find_value(expect, keys[n]))))
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
	if (test->expect.no_rule && test->expect.effect > TEST_EFFECT_NONE)
		diag(&file->diagnostics, DIAG_DUPLICATE_KEY, test->expect.at, "without a rule there is no effect");
	if (test->expect.answer != TEST_NOT_SAID && test->expect.answer != VERDICT_YES &&
	    (test->expect.selector >= 0 || (test->expect.rule && !test->expect.no_rule) || test->expect.effect > TEST_EFFECT_NONE || test->expect.label || test->expect.has_actions || test->expect.returned >= 0))
		diag(&file->diagnostics, DIAG_DUPLICATE_KEY, test->expect.at,
		     "without a match there is neither a selector nor an action nor a return");
}

static void read_case(struct test_file *file, const struct node *node, struct test_case *ret)
{
	struct reading reading = { file, ret };
	const struct node *expect = find_value(node, "expect");

	*ret = (struct test_case){ .at = node_span(file->tree, node), .expect = {
		.answer = TEST_NOT_SAID, .selector = TEST_NOT_SAID, .returned = TEST_NOT_SAID, .events = TEST_NOT_SAID,
		.effect = TEST_NOT_SAID, .matches = TEST_NOT_SAID, .unmatched = TEST_NOT_SAID, .unknown = TEST_NOT_SAID,
	} };
	test_read_mapping(file, node, "a test: a mapping with 'name', 'event' and 'expect'", case_keys, ARRAY_SIZE(case_keys),
			  &reading);
	if (node->kind != NODE_MAPPING)
		return;
	if (expect)
		read_expected(&reading, expect);
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

/* `policy`: that they are about unless they say otherwise. */
static void add_cases(struct test_file *file, const struct node *list, const char *policy)
{
	struct test_case *cases = arena_array(&file->arena, struct test_case, file->count + list->count);

	if (file->count)
		memcpy(cases, file->cases, file->count * sizeof(*cases));
	file->cases = cases;
	for (uint32_t n = 0; n < list->count; n++) {
		struct test_case *test = &cases[file->count++];

		read_case(file, list->items[n], test);
		if (!test->policy)
			test->policy = policy;
	}
}

static void read_tests(void *context, const struct node *value)
{
	struct test_file *file = context;

	if (value->kind != NODE_SEQUENCE || !value->count || value->count > LIMIT_TESTS) {
		test_refuse(file, value, "a list of tests, 1024 at most");
		return;
	}
	add_cases(file, value, NULL);
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

/* ---- Tests in a policy ---- */

/* Rules have tests, and a document in a list is as good as one of the file. */
static void add_of_document(struct test_file *file, const struct node *root, bool in_list)
{
	const struct node *kind = find_value(root, "kind"), *items = find_value(root, "items"), *spec = find_value(root, "spec");
	const struct node *tests = spec ? find_value(spec, "tests") : NULL, *metadata = find_value(root, "metadata");
	const struct node *name = metadata ? find_value(metadata, "name") : NULL;

	for (uint32_t n = 0; !in_list && items && items->kind == NODE_SEQUENCE && n < items->count; n++)
		add_of_document(file, items->items[n], true);
	if (!kind || kind->kind != NODE_SCALAR || !node_is_text(kind, document_rows[DOCUMENT_RUNTIME_SECURITY_POLICY].kind) || !tests)
		return;
	if (tests->kind != NODE_SEQUENCE || tests->count > LIMIT_TESTS) {
		if (!file->diagnostics.errors)	/* the compiler says so, too */
			test_refuse(file, tests, "a list of tests, 1024 at most");
		return;
	}
	add_cases(file, tests, name && name->kind == NODE_SCALAR ? arena_copy(&file->arena, name->text, name->count) : NULL);
}

void test_file_of_tree(struct test_file *file, struct tree *tree)
{
	file->tree = tree;
	file->policy = file->source.name;
	file->in_policy = true;
	for (size_t n = 0; n < tree->count; n++)
		add_of_document(file, tree->documents[n], false);
}

int test_file_of_policy(struct test_file *file, const char *name, const char *text, size_t length)
{
	struct tree *tree;

	*file = (struct test_file){ .source = { name, text, length } };
	diagnostics_init(&file->diagnostics, &file->arena);
	if (tree_parse(&file->source, &file->arena, &file->diagnostics, &tree)) {
		file->diagnostics.count = file->diagnostics.errors = 0;	/* whoever compiles the policy says so */
		return 0;
	}
	test_file_of_tree(file, tree);
	return file->diagnostics.errors ? -EINVAL : 0;
}

void test_file_release(struct test_file *file)
{
	arena_release(&file->arena);
}

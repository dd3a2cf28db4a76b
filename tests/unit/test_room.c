// SPDX-License-Identifier: Apache-2.0
/*
 * test_room.c - very long lists: what just fits links and decides as an evaluator does that knows no tables, what just does not
 * is refused with its place; and string patterns of more lengths than one table takes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "bpf-templates/match.h"
#include "compiler/policy/policy.h"
#include "compiler/selector/ir.h"
#include "tests/unit/built.h"
#include "tests/unit/random_policies.h"

/* ---- Values ---- */

/* The n-th value of a list, without quotes. */
typedef void write_value(struct buffer *buffer, unsigned n);

static void write_path(struct buffer *buffer, unsigned n)
{
	buffer_format(buffer, "/usr/lib/programs/tool-%06u", n);
}

static void write_folder(struct buffer *buffer, unsigned n)
{
	buffer_format(buffer, "/srv/data/%06u/%.*s", n, (int)(n % 20), "abcdefghijklmnopqrst");
}

static void write_number(struct buffer *buffer, unsigned n)
{
	buffer_format(buffer, "%u", 2 * n);
}

static void write_substring(struct buffer *buffer, unsigned n)
{
	buffer_format(buffer, "%06u-abc", n * 7919 % 1000003);
}

static void write_repeated(struct buffer *buffer, char byte, unsigned count)
{
	while (count--)
		buffer_add_char(buffer, byte);
}

/* No two of one length, none the beginning or the end of another. */
static void write_longer(struct buffer *buffer, unsigned n)
{
	buffer_format(buffer, "/%04u", n);
	write_repeated(buffer, 'a', n);
	buffer_format(buffer, "%04u", n);
}

/* ---- Policies ---- */

struct list {
	const char *filters, *op, *type;	/* "matchArgs", its operator, and the type of argument 0 */
	write_value *write;
	unsigned first, count;
};

static void add_policy(struct buffer *text, const char *name, const struct list *list)
{
	buffer_format(text, "---\n" KPROBE("%s", "f") "    args: [{index: 0, type: %s}]\n", name, list->type);
	buffer_format(text, "    selectors:\n    - %s: [{%soperator: %s, values: [", list->filters,
		      strcmp(list->filters, "matchArgs") ? "" : "index: 0, ", list->op);
	for (unsigned n = 0; n < list->count; n++) {
		buffer_add_text(text, n ? ", \"" : "\"");
		list->write(text, list->first + n);
		buffer_add_char(text, '"');
	}
	buffer_add_text(text, "]}]\n");
}

/* ---- Events ---- */

struct probe {
	struct built *built;
	struct match_native native;
	struct event_of_hook context;
	struct event event;
	bool numbers;
};

static void probe_init(struct probe *probe, struct built *built)
{
	*probe = (struct probe){ .built = built };
	probe->context = (struct event_of_hook){ image_hook_at(&built->view, 0).abi, &probe->event };
	probe->native = (struct match_native){
		.image = built->image.bytes, .image_size = (uint32_t)built->image.length, .load = load_event,
		.context = &probe->context,
	};
}

static bool decides(const struct probe *probe, uint32_t accepts, uint32_t policy)
{
	for (uint32_t n = 0; n < accepts; n++) {
		const struct abi_accept *accept =
			(const void *)(probe->built->image.bytes + probe->native.state.accepts[n]);

		if (accept->policy == policy)
			return true;
	}
	return false;
}

static uint32_t run(struct probe *probe)
{
	return match_native_run(&probe->native, (uint32_t)((const char *)probe->context.hook - probe->built->image.bytes));
}

/* How many policies accept the event; each as it should. */
static uint32_t assert_decided(struct probe *probe)
{
	const struct policy_list *policies = probe->built->unit.policies;
	const uint32_t accepts = run(probe);

	for (uint32_t n = 0; n < policies->count; n++) {
		const bool want = expected_selector(policies->items[n].hooks.items, &probe->event) >= 0;

		if (decides(probe, accepts, n) != want)
			fail_msg("policy %u, '%.*s': %s decided", n, 60, probe->event.arguments[0].bytes, want ? "not" : "wrongly");
	}
	return accepts;
}

static uint32_t assert_string(struct probe *probe, const char *before, const struct buffer *value, const char *after,
			      enum readable readable)
{
	struct value *argument = &probe->event.arguments[0];

	argument->readable = readable;
	argument->length = (size_t)snprintf(argument->bytes, sizeof(argument->bytes), "%s%.*s%s", before, (int)value->length,
					    value->bytes, after);
	for (; readable == READ_END_LOST && argument->length < ABI_STRING_MAX; argument->length++)
		argument->bytes[argument->length] = 'z';
	probe->event.binary = *argument;
	return assert_decided(probe);
}

/* The value as it is, and what is nearly the same. */
static uint32_t assert_value(struct probe *probe, const struct list *list, unsigned n)
{
	struct buffer value = { 0 };
	uint32_t accepts = 0;

	list->write(&value, n);
	buffer_add_char(&value, '\0');
	value.length--;
	if (probe->numbers) {
		for (unsigned number = 2 * n; number <= 2 * n + 1; number++) {
			probe->event.arguments[0] = (struct value){ .readable = READ_WHOLE, .number = number };
			accepts += assert_decided(probe);
		}
	} else {
		accepts += assert_string(probe, "", &value, "", READ_WHOLE);
		accepts += assert_string(probe, "", &value, "!", READ_WHOLE);
		accepts += assert_string(probe, "!", &value, "", READ_WHOLE);
		accepts += assert_string(probe, "", &value, "!", READ_END_LOST);
		accepts += assert_string(probe, "!", &value, "", READ_FRONT_LOST);
	}
	buffer_release(&value);
	return accepts;
}

/* Of a short list all members, of a long one some from all over it, and what is none; some events are accepted, and some are not. */
static void assert_decides(struct built *built, const struct list *list)
{
	static struct probe probe;
	const unsigned step = list->count > 1000 ? list->count / 23 : 1;
	uint32_t accepts = 0, probed = 0;

	probe_init(&probe, built);
	probe.numbers = list->write == write_number;
	for (unsigned n = 0; n < list->count + 2; n += n + step < list->count ? step : 1) {
		accepts += assert_value(&probe, list, list->first + n);
		probed += probe.numbers ? 2 : 5;
	}
	assert_true(accepts && accepts < probed * built->unit.policies->count);
}

/* ---- Size ---- */

static void lists_fit_or_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *shows;
		struct list list;
		const char *refused;	/* NULL: it fits */
	} rows[] = {
		{ "14,500 programs", { "matchBinaries", "In", "string", write_path, 0, 14500 }, NULL },
		{ "18,000 programs", { "matchBinaries", "In", "string", write_path, 0, 18000 }, "18000 strings" },
		{ "15,300 prefixes", { "matchArgs", "Prefix", "string", write_folder, 0, 15300 }, NULL },
		{ "17,000 prefixes", { "matchArgs", "Prefix", "string", write_folder, 0, 17000 }, "17000 strings" },
		{ "43,400 numbers", { "matchArgs", "Equal", "int", write_number, 0, 43400 }, NULL },
		{ "43,600 numbers", { "matchArgs", "Equal", "int", write_number, 0, 43600 }, "43600 numbers or ranges" },
		{ "5,900 substrings", { "matchArgs", "SubString", "string", write_substring, 0, 5900 }, NULL },
		{ "6,200 substrings", { "matchArgs", "SubString", "string", write_substring, 0, 6200 }, "6200 substrings" },
	};
	static struct built built;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buffer text = { 0 };

		print_message("# %s\n", rows[i].shows);
		add_policy(&text, "long", &rows[i].list);
		assert_int_equal(built_compile(&built, text.bytes), rows[i].refused ? -1 : 0);
		if (rows[i].refused) {
			const struct diagnostics *found = &built.unit.diagnostics;

			assert_int_equal(found->errors, 1);
			assert_int_equal(found->items[found->count - 1].id, DIAG_TOO_COMPLEX);
			assert_non_null(strstr(found->items[found->count - 1].message, rows[i].refused));
			assert_non_null(found->items[found->count - 1].help);
			assert_int_equal(source_position(&built.unit.source, found->items[found->count - 1].at.start).line, 11);
		} else {
			assert_int_equal(built_link(&built, NULL), 0);
			assert_true(built.image.length > 2 * ABI_HALF_SIZE / 3);
			if (rows[i].list.write != write_substring)	/* the evaluator knows no substrings */
				assert_decides(&built, &rows[i].list);
		}
		built_release(&built);
		buffer_release(&text);
	}
}

/* Each fits, but not together. */
static void policies_that_do_not_fit_together_are_named(void **state)
{
	static const struct list paths = { "matchBinaries", "In", "string", write_path, 0, 9000 };
	static const struct list others = { "matchBinaries", "In", "string", write_path, 9000, 5000 };
	static const struct list folders = { "matchArgs", "Prefix", "string", write_folder, 0, 4000 };
	static struct built built;
	struct buffer text = { 0 };

	(void)state;
	add_policy(&text, "one", &paths);
	add_policy(&text, "two", &folders);
	add_policy(&text, "three", &others);
	assert_int_equal(built_compile(&built, text.bytes), 0);
	assert_int_equal(built_link(&built, NULL), -E2BIG);
	assert_non_null(strstr(built.error, "policy 'one' (p.yaml:11:23): programs read at most 1048576 bytes of an image"));
	assert_non_null(strstr(built.error, " for 9000 strings, the filter of policy 'three' (p.yaml:33:23) "));
	assert_non_null(strstr(built.error, " for 5000 strings, the filter of policy 'two' (p.yaml:22:19) "));
	assert_non_null(strstr(built.error, "; list fewer, "));
	built_release(&built);
	buffer_release(&text);
}

/* ---- Lengths ---- */

static void any_number_of_lengths_is_decided(void **state)
{
	static const struct { const char *filters, *op; unsigned count, tables; } rows[] = {
		{ "matchArgs", "Prefix", 256, 1 }, { "matchArgs", "Prefix", 257, 2 }, { "matchArgs", "Prefix", 700, 3 },
		{ "matchArgs", "NotPrefix", 256, 1 }, { "matchArgs", "NotPrefix", 257, 2 }, { "matchArgs", "NotPrefix", 700, 3 },
		{ "matchArgs", "Postfix", 256, 1 }, { "matchArgs", "Postfix", 257, 2 }, { "matchArgs", "Postfix", 700, 3 },
		{ "matchArgs", "NotPostfix", 256, 1 }, { "matchArgs", "NotPostfix", 257, 2 }, { "matchArgs", "NotPostfix", 700, 3 },
		{ "matchBinaries", "Prefix", 700, 3 }, { "matchBinaries", "NotPostfix", 700, 3 },
	};
	static const struct link_options levels[] = { { .plain = false }, { .plain = true } };
	static struct built built;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
		const struct list list = { rows[i / 2].filters, rows[i / 2].op, "string", write_longer, 0, rows[i / 2].count };
		struct buffer text = { 0 };

		print_message("# %s %s of %u lengths\n", list.filters, list.op, list.count);
		add_policy(&text, "lengths", &list);
		assert_int_equal(built_compile(&built, text.bytes), 0);
		assert_int_equal(built_link(&built, &levels[i % 2]), 0);
		assert_int_equal(image_hook_at(&built.view, 0).abi->register_count, rows[i / 2].tables);
		assert_decides(&built, &list);
		built_release(&built);
		buffer_release(&text);
	}
}

/*
 * Of a string that was cut, the table with the one postfix does not know, and the other one, of prefixes alone, says no: so it is
 * not known.  No operator has patterns of both kinds, but the sets of the IR may.
 */
static void what_one_of_several_tables_does_not_know_is_unknown(void **state)
{
	static const struct list list = { "matchArgs", "NotPrefix", "string", write_longer, 0, 300 };
	static const struct { enum readable readable; size_t length; uint32_t accepts; } rows[] = {
		{ READ_WHOLE, 10, 1 }, { READ_END_LOST, ABI_STRING_MAX, 0 }, { READ_FRONT_LOST, 10, 0 }, { READ_NOT, 0, 0 },
	};
	static struct built built;
	static struct probe probe;
	struct buffer text = { 0 }, object = { 0 };
	struct ir_policy *policy;

	(void)state;
	add_policy(&text, "mixed", &list);
	assert_int_equal(built_compile(&built, text.bytes), 0);
	policy = &built.unit.compiled->items[0];
	policy->hooks.items[0].selectors.items[0].predicates.items[0].patterns.items[0].kind = ABI_STRING_POSTFIX;
	assert_int_equal(object_write(policy, &object), 0);
	built.inputs[0] = (struct link_input){ object.bytes, object.length, "p.yaml" };
	assert_int_equal(built_link(&built, NULL), 0);
	assert_int_equal(image_hook_at(&built.view, 0).abi->register_count, 2);
	probe_init(&probe, &built);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct value *value = &probe.event.arguments[0];

		value->readable = rows[i].readable;
		value->length = rows[i].length;
		memset(value->bytes, 'x', value->length);
		assert_int_equal(run(&probe), rows[i].accepts);
	}
	built_release(&built);
	buffer_release(&object);
	buffer_release(&text);
}

/* Filters with few lengths each, on one argument: tables are shared as long as they have room for all lengths. */
static void filters_share_tables_up_to_256_lengths(void **state)
{
	static const struct { const char *filters, *op; unsigned count, tables; } rows[] = {
		{ "matchArgs", "Prefix", 128, 1 }, { "matchArgs", "Prefix", 129, 2 }, { "matchArgs", "NotPostfix", 200, 2 },
		{ "matchBinaries", "Prefix", 128, 1 }, { "matchBinaries", "NotPrefix", 129, 2 },
	};
	static struct built built;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct list one = { rows[i].filters, rows[i].op, "string", write_longer, 0, rows[i].count };
		const struct list two = { rows[i].filters, rows[i].op, "string", write_longer, rows[i].count, rows[i].count };
		struct buffer text = { 0 };

		print_message("# twice %s %s of %u lengths\n", one.filters, one.op, one.count);
		add_policy(&text, "one", &one);
		add_policy(&text, "two", &two);
		assert_int_equal(built_compile(&built, text.bytes), 0);
		assert_int_equal(built_link(&built, NULL), 0);
		assert_int_equal(image_hook_at(&built.view, 0).abi->register_count, rows[i].tables);
		assert_decides(&built, &one);
		assert_decides(&built, &two);
		built_release(&built);
		buffer_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_fit_or_are_refused_with_their_place),
		cmocka_unit_test(policies_that_do_not_fit_together_are_named),
		cmocka_unit_test(any_number_of_lengths_is_decided),
		cmocka_unit_test(what_one_of_several_tables_does_not_know_is_unknown),
		cmocka_unit_test(filters_share_tables_up_to_256_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

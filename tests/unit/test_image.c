// SPDX-License-Identifier: Apache-2.0
/* test_image.c - host images: what they tell, that damage is refused, relocations. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/image/format.h"
#include "tests/unit/built.h"

static const char text[] =
	KPROBE("a", "security_f") "    return: true\n    message: \"two words\"\n    tags: [\"one\", \"two\"]\n"
	"    args: [{index: 3, type: string, label: name}, {index: 0, type: int}]\n    returnArg: {index: 0, type: int64}\n"
	"    selectors:\n    - matchArgs: [{index: 3, operator: Prefix, values: ['/tmp/', '/etc/']},\n"
	"                  {index: 0, operator: InRange, values: ['1:2', '5:6', '8:9']}]\n"
	"      matchActions: [{action: Override, argError: -1}]\n    - {}\n"
	"---\n" POLICY("b") "  tracepoints:\n  - subsystem: sched\n    event: sched_switch\n"
	"    args: [{index: 5, type: int32}, {index: 8, type: uint64}]\n"
	"    selectors: [{matchArgs: [{index: 5, operator: Equal, values: ['1']}]}]\n";

static void build(struct built *built)
{
	assert_int_equal(built_compile(built, text), 0);
	assert_int_equal(built_link(built, NULL), 0);
}

static void policies_and_hooks(void **state)
{
	struct built built;
	struct image_policy policy;
	struct image_hook hook;

	(void)state;
	build(&built);
	assert_int_equal(image_policy_count(&built.view), 2);
	policy = image_policy_at(&built.view, 0);
	assert_string_equal(policy.name, "a");
	assert_string_equal(policy.source_name, "p.yaml");
	assert_true(policy.enforces);
	assert_false(policy.monitor);
	assert_int_equal(policy.selector_count, 2);
	assert_int_equal(object_verify(policy.object, policy.object_size, built.message), 0);
	assert_true(image_policy_at(&built.view, 1).monitor);	/* nothing to enforce */
	assert_true(image_hook_by_id(&built.view, 0, &hook));
	assert_true(hook.overrides);
	assert_int_equal(hook.argument_count, 4);
	assert_true(image_hook_by_id(&built.view, 2, &hook));
	assert_string_equal(hook.subsystem, "sched");
	assert_int_equal(hook.pair, UINT32_MAX);
	assert_false(image_hook_by_id(&built.view, 3, &hook));
	built_release(&built);
}

static void reports(void **state)
{
	struct built built;
	struct image_report_storage storage;
	struct image_report report;

	(void)state;
	build(&built);
	assert_true(image_report_of(&built.view, 0, 0, &storage, &report));
	assert_string_equal(report.message, "two words");
	assert_int_equal(report.tag_count, 2);
	assert_string_equal(report.tags[1], "two");
	assert_int_equal(report.argument_count, 2);
	assert_int_equal(report.arguments[0].type, TYPE_STRING);
	assert_string_equal(report.arguments[0].label, "name");
	assert_null(report.arguments[1].label);
	assert_int_equal(report.return_argument->type, TYPE_INT64);
	assert_true(image_report_of(&built.view, 1, 0, &storage, &report));
	assert_null(report.message);
	assert_null(report.return_argument);
	assert_false(image_report_of(&built.view, 0, 1, &storage, &report));
	assert_false(image_report_of(&built.view, 2, 0, &storage, &report));
	assert_string_equal(image_selector_place(&built.view, 0, 0, 1), "p.yaml:17:7");
	assert_null(image_selector_place(&built.view, 0, 0, 2));
	built_release(&built);
}

static void relocations_are_filled_in(void **state)
{
	struct built built;
	struct image_relocation relocation;
	struct image_hook hook;

	(void)state;
	build(&built);
	assert_int_equal(image_relocation_count(&built.view), 2);
	relocation = image_relocation_at(&built.view, 1);
	assert_string_equal(relocation.event, "sched_switch");
	assert_int_equal(relocation.field, 8);
	assert_int_equal(relocation.type, TYPE_UINT64);
	image_relocate(built.image.bytes, &built.view, 0, 56, 4);
	image_relocate(built.image.bytes, &built.view, 1, 64, 8);
	assert_int_equal(image_verify(built.image.bytes, built.image.length, &built.view, built.message), -EINVAL);
	assert_string_equal(built.message, "wrong checksum");
	image_seal(built.image.bytes, built.image.length);
	assert_int_equal(image_verify(built.image.bytes, built.image.length, &built.view, built.message), 0);
	hook = image_hook_at(&built.view, 2);
	assert_int_equal(hook.abi->slots[1].offset, 64);
	assert_int_equal(hook.abi->slots[1].size, 8);
	built_release(&built);
}

static void records_know_their_filter(void **state)
{
	struct built built;
	struct image_step step;
	struct image_hook hook;

	(void)state;
	build(&built);
	hook = image_hook_at(&built.view, 0);
	for (uint32_t record = 0; record < 3; record++) {	/* the integer goes first: its bounds, then its table */
		assert_true(image_step_of(&built.view, hook.abi, record, &step));
		assert_int_equal(step.selector, 0);
		assert_int_equal(step.predicate, 1);
	}
	assert_true(image_step_of(&built.view, hook.abi, 3, &step));
	assert_int_equal(step.predicate, 0);
	assert_false(image_step_of(&built.view, hook.abi, 4, &step));	/* the accept */
	built_release(&built);
}

static void every_shorter_image_is_refused(void **state)
{
	struct built built;

	(void)state;
	build(&built);
	for (size_t size = 0; size < built.image.length; size++) {
		char *cut = malloc(size ? size : 1);

		memcpy(cut, built.image.bytes, size);
		assert_int_equal(image_verify(cut, size, &built.view, built.message), -EINVAL);
		free(cut);
	}
	built_release(&built);
}

#define TEXT_OF(word)	#word
#define TEXT(word)	TEXT_OF(word)

#define RECORD(n, member) ((n) * sizeof(struct abi_record) + offsetof(struct abi_record, member))

/* One change each to a good image, sealed again: refused for this reason. */
static void damage_is_named(void **state)
{
	static const struct { const char *want; enum abi_section_id section; size_t offset; uint32_t value; } rows[] = {
		{ "made for version 99, this is version " TEXT(ABI_VERSION), 0, offsetof(struct abi_image, abi_version), 99 },
		{ "reserved bytes of the header are set", 0, offsetof(struct abi_image, pad), 1 },
		{ "not an image: wrong magic number", 0, 0, 1 },
		{ "hook 0: slot 0 is not valid", ABI_SECTION_HOOKS, offsetof(struct abi_hook, slots), 0xffff },
		{ "hook 0: slot 0 is not valid", ABI_SECTION_HOOKS, offsetof(struct abi_hook, slots), ABI_LOAD_MOUNT | ABI_SOURCE_RETURN << 8 },
		{ "hook 0: slot 0 is not valid", ABI_SECTION_HOOKS, offsetof(struct abi_hook, slots), ABI_LOAD_COMMAND_LINE | ABI_SOURCE_RETURN << 8 },
		{ "hook 0 is not valid", ABI_SECTION_HOOKS, offsetof(struct abi_hook, flags), 0xff },
		{ "hook 0: the other side does not belong to it", ABI_SECTION_HOOKS,
		  sizeof(struct abi_hook) + offsetof(struct abi_hook, pair), 2 },
		{ "hook 0 has no valid program", ABI_SECTION_HOOKS, offsetof(struct abi_hook, record_count), 9999 },
		{ "hook 0 has no valid program", ABI_SECTION_HOOKS, offsetof(struct abi_hook, program), 1 << 18 },
		{ "hook 0, record 0: unknown op", ABI_SECTION_PROGRAMS, 0, 99 },
		{ "hook 0, record 0: a target does not lie ahead", ABI_SECTION_PROGRAMS, 0, ABI_OP_INTERVALS },
		{ "hook 0, record 0: no such slot", ABI_SECTION_PROGRAMS, 0, ABI_OP_LESS | 9 << 8 | 1 << 16 },
		{ "hook 0, record 0: its slot does not hold what it reads", ABI_SECTION_PROGRAMS, 0, ABI_OP_LESS | 0 << 8 | 1 << 16 },
		{ "table at 8: lies outside the section", ABI_SECTION_PROGRAMS, RECORD(2, operand), 8 },
		{ "hook 0, record 4: its accept lies outside the section", ABI_SECTION_PROGRAMS, RECORD(4, operand), 8 },
		{ "hook 0, record 4: its accept does not belong to the hook", ABI_SECTION_ACCEPTS, 0, 77 },
		{ "hook 0, record 4: its accept has unknown actions", ABI_SECTION_ACCEPTS, offsetof(struct abi_accept, actions), 3 },
		{ "metadata: POLICIES lies outside the section", ABI_SECTION_METADATA, 0, 8 },
		{ "metadata: the strings are not valid", ABI_SECTION_METADATA, offsetof(struct meta_header, strings), 8 },
		{ "policy 0 has unknown flags", ABI_SECTION_POLICIES, 0, 0xff },
		{ "policy 0 has no valid id", ABI_SECTION_POLICIES, offsetof(struct abi_policy, id), ABI_POLICIES_MAX },
		{ "policy 0 has no valid id", ABI_SECTION_POLICIES, offsetof(struct abi_policy, reserved), 1 },
		{ "hook 0, record 4: its accept does not belong to the hook", ABI_SECTION_POLICIES, offsetof(struct abi_policy, id), 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct built built;
		struct abi_image *header;
		size_t base;

		build(&built);
		header = (struct abi_image *)(void *)built.image.bytes;
		base = rows[i].section ? header->sections[rows[i].section].offset : 0;
		memcpy(built.image.bytes + base + rows[i].offset, &rows[i].value, sizeof(rows[i].value));
		image_seal(built.image.bytes, built.image.length);
		assert_true(image_verify(built.image.bytes, built.image.length, &built.view, built.message) < 0);
		assert_string_equal(built.message, rows[i].want);
		built_release(&built);
	}
}

/* A chain is empty, or whole. */
static void chains_are_verified(void **state)
{
	static const struct { bool good; struct abi_chain chain; } rows[] = {
		{ true, { 0 } }, { true, { 1, 4, 0, 0, 0, { 8 } } }, { true, { 2, 0, 0, 0, 0, { 8, 16 } } },
		{ true, { 1, 1, 3, 5, 0, { 8 } } }, { true, { 1, 8, 0, 64, ABI_CHAIN_SIGNED, { 8 } } }, { true, { 16, 8, 0, 0, 0, { [15] = 1 } } },
		{ false, { 0, 4, 0, 0, 0, { 0 } } }, { false, { 0, 0, 0, 0, 0, { 8 } } }, { false, { 17, 4, 0, 0, 0, { 8 } } },
		{ false, { 1, 3, 0, 0, 0, { 8 } } }, { false, { 1, 16, 0, 0, 0, { 8 } } }, { false, { 1, 4, 0, 0, 0, { 8, 16 } } },
		{ false, { 1, 1, 4, 5, 0, { 8 } } }, { false, { 1, 0, 0, 5, 0, { 8 } } }, { false, { 1, 4, 1, 0, 0, { 8 } } },
		{ false, { 1, 4, 0, 0, ABI_CHAIN_SIGNED, { 8 } } }, { false, { 1, 4, 0, 5, 2, { 8 } } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct built built;
		int result;

		assert_int_equal(built_compile(&built, KPROBE("p", "f") "    args: [{index: 0, type: int, resolve: a.b}]\n"), 0);
		assert_int_equal(built_link(&built, &(struct link_options){ 0 }), 0);
		image_relocate_chain(built.image.bytes, &built.view, 0, &rows[i].chain);
		image_seal(built.image.bytes, built.image.length);
		result = image_verify(built.image.bytes, built.image.length, &built.view, built.message);
		assert_int_equal(result, rows[i].good ? 0 : -EINVAL);
		assert_true(rows[i].good || strstr(built.message, "the chain is not valid"));
		built_release(&built);
	}
}

/* The only table of an image that looks strings up. */
static uint32_t strings_of(const struct built *built)
{
	const struct abi_hook *hook = image_hook_at(&built->view, 0).abi;
	const struct abi_record *record = (const void *)(built->image.bytes + hook->program);

	while (record->op != ABI_OP_STRING)
		record++;
	return ABI_LOOKUP_TABLE(record->operand);
}

/* A filter that stopped strings of some pattern would make it match too little: each bit that is missing is noticed. */
static void filters_stop_no_pattern(void **state)
{
	struct abi_string_table *table;
	struct abi_filter *filter;
	struct built built;
	uint64_t *words;
	int set = 0;

	(void)state;
	assert_int_equal(built_compile(&built, KPROBE("p", "f") "    args: [{index: 0, type: string}]\n    selectors:\n"
		"    - matchArgs: [{index: 0, operator: Prefix, values: [\"/x\", \"/tmp\", \"/etc/shadow\", \"/usr/lib/modules/\"]}]\n"
		"    - matchArgs: [{index: 0, operator: Equal, values: [\"/etc/passwd\", \"x\"]}]\n"), 0);
	assert_int_equal(built_link(&built, &(struct link_options){ 0 }), 0);
	table = (void *)(built.image.bytes + strings_of(&built));
	filter = (void *)(built.image.bytes + table->filter);
	words = (uint64_t *)(filter + 1);
	for (uint32_t bit = 0; bit < 64 * (filter->mask + 1); bit++) {
		const uint64_t mask = 1ULL << bit % 64;
		const bool is_set = words[bit / 64] & mask;

		words[bit / 64] ^= mask;
		image_seal(built.image.bytes, built.image.length);
		assert_int_equal(image_verify(built.image.bytes, built.image.length, &built.view, built.message), is_set ? -EINVAL : 0);
		assert_true(!is_set || strstr(built.message, "a pattern is not valid"));
		words[bit / 64] ^= mask;
		set += is_set;
	}
	assert_in_range(set, 6, 15);
	for (uint32_t class = 0; class < ABI_FILTER_CLASSES; class++) {
		const bool is_set = filter->classes >> class & 1;

		filter->classes ^= 1u << class;
		image_seal(built.image.bytes, built.image.length);
		assert_int_equal(image_verify(built.image.bytes, built.image.length, &built.view, built.message), is_set ? -EINVAL : 0);
		filter->classes ^= 1u << class;
	}
	for (uint32_t class = 1; class < sizeof(filter->ends); class++) {	/* prefixes have 2, 4, 11 and 17 bytes */
		const bool has_length = class == 1 || class == 2 || class == 5;

		filter->ends[class]--;
		image_seal(built.image.bytes, built.image.length);
		assert_int_equal(image_verify(built.image.bytes, built.image.length, &built.view, built.message), has_length ? -EINVAL : 0);
		filter->ends[class]++;
	}
	built_release(&built);
}

/* The same of last names: that the filter is there is a promise about each pattern, and about what else the table has. */
static void filters_of_names_stop_no_pattern(void **state)
{
	struct abi_string_table *table;
	struct abi_filter *filter;
	struct built built;
	uint64_t *words;
	int set = 0;

	(void)state;
	assert_int_equal(built_compile(&built, KPROBE("p", "f") "    args: [{index: 0, type: file}]\n    selectors:\n"
		"    - matchArgs: [{index: 0, operator: Postfix, values: [\".so\", \"a/longer one\", \"within a name\"]}]\n"
		"    - matchArgs: [{index: 0, operator: Equal, values: [\"/etc/passwd\", \"/x\"]}]\n"), 0);
	assert_int_equal(built_link(&built, &(struct link_options){ 0 }), 0);
	table = (void *)(built.image.bytes + strings_of(&built));
	assert_true(table->names);
	filter = (void *)(built.image.bytes + table->names);
	words = (uint64_t *)(filter + 1);
	for (uint32_t bit = 0; bit < 64 * (filter->mask + 1); bit++) {
		const uint64_t mask = 1ULL << bit % 64;
		const bool is_set = words[bit / 64] & mask;

		words[bit / 64] ^= mask;
		image_seal(built.image.bytes, built.image.length);
		assert_int_equal(image_verify(built.image.bytes, built.image.length, &built.view, built.message), is_set ? -EINVAL : 0);
		words[bit / 64] ^= mask;
		set += is_set;
	}
	assert_in_range(set, 6, 10);
	for (uint32_t class = 0; class < ABI_NAME_CLASSES; class++) {
		const bool is_set = filter->classes >> class & 1;

		assert_int_equal(is_set, class == 0 || class == 3 || class == 8);
		filter->classes ^= 1u << class;
		image_seal(built.image.bytes, built.image.length);
		assert_int_equal(image_verify(built.image.bytes, built.image.length, &built.view, built.message), is_set ? -EINVAL : 0);
		filter->classes ^= 1u << class;
	}
	filter->ends[3] = 1;
	image_seal(built.image.bytes, built.image.length);
	assert_int_equal(image_verify(built.image.bytes, built.image.length, &built.view, built.message), -EINVAL);
	assert_non_null(strstr(built.message, "the filter of last names is not valid"));
	filter->ends[3] = 0;
	table->always_rows = 4;
	image_seal(built.image.bytes, built.image.length);
	assert_int_equal(image_verify(built.image.bytes, built.image.length, &built.view, built.message), -EINVAL);
	table->always_rows = 0;
	table->names = table->filter;	/* one is no other's */
	image_seal(built.image.bytes, built.image.length);
	assert_int_equal(image_verify(built.image.bytes, built.image.length, &built.view, built.message), -EINVAL);
	built_release(&built);
}

/* Which tables have one: of paths, none of whose patterns could find what a name does not tell of. */
static void tables_that_have_names(void **state)
{
	static const struct { const char *shows, *type, *operator, *values; bool has; } rows[] = {
		{ "paths that are equal", "file", "Equal", "\"/etc/passwd\"", true },
		{ "ends of paths", "path", "Postfix", "\"passwd\", \"/b\"", true },
		{ "a beginning", "file", "Prefix", "\"/etc/\"", false },
		{ "a directory's end", "file", "Postfix", "\"passwd\", \"/b/\"", false },
		{ "the root", "file", "Equal", "\"/etc/passwd\", \"/\"", false },
		{ "a deleted file", "file", "Equal", "\"/etc/passwd (deleted)\"", false },
		{ "any deleted file", "file", "Postfix", "\"d)\"", false },
		{ "what is not quite that", "file", "Postfix", "\"x)\", \"(deleted) \"", true },
		{ "a text", "string", "Equal", "\"/etc/passwd\"", false },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct abi_string_table *table;
		struct built built;
		char text[1024];

		snprintf(text, sizeof(text), KPROBE("p", "f") "    args: [{index: 0, type: %s}]\n    selectors:\n"
			 "    - matchArgs: [{index: 0, operator: %s, values: [%s]}]\n", rows[n].type, rows[n].operator, rows[n].values);
		print_message("# %s\n", rows[n].shows);
		assert_int_equal(built_compile(&built, text), 0);
		assert_int_equal(built_link(&built, &(struct link_options){ 0 }), 0);
		table = (const void *)(built.image.bytes + strings_of(&built));
		assert_int_equal(table->names != 0, rows[n].has);
		built_release(&built);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_and_hooks),
		cmocka_unit_test(reports),
		cmocka_unit_test(relocations_are_filled_in),
		cmocka_unit_test(chains_are_verified), cmocka_unit_test(filters_stop_no_pattern),
		cmocka_unit_test(filters_of_names_stop_no_pattern), cmocka_unit_test(tables_that_have_names),
		cmocka_unit_test(records_know_their_filter),
		cmocka_unit_test(every_shorter_image_is_refused),
		cmocka_unit_test(damage_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

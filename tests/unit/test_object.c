// SPDX-License-Identifier: Apache-2.0
/* test_object.c - policy objects: there and back, and what is refused of damaged and of hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/object/checksum.h"
#include "compiler/object/format.h"
#include "tests/unit/built.h"

/* Every section is in use. */
static const char rich[] =
	POLICY("rich") "  options: [{name: policy-mode, value: monitor}]\n  kprobes:\n"
	"  - call: sys_openat\n    syscall: true\n    return: true\n    message: \"an open\"\n    tags: [one, two]\n"
	"    args: [{index: 0, type: int, label: dirfd}, {index: 1, type: string}, {index: 2, type: sockaddr}]\n"
	"    returnArg: {index: 0, type: int}\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 1, operator: Prefix, values: [/etc/, /tmp/]}, {index: 0, operator: InRange, values: ['1:5', '9:12']}]\n"
	"      matchPIDs: [{operator: NotIn, values: [1, 2, 3]}]\n"
	"      matchActions: [{action: Signal, argSig: 10}, {action: Override, argError: -1}]\n"
	"    - matchArgs: [{index: 2, operator: SAddr, values: [10.0.0.0/8, 'fe80::/10']}, {index: 0, operator: Mask, values: ['6']}]\n"
	"      matchBinaries: [{operator: In, values: [/usr/bin/a]}]\n";

/* ---- There and back ---- */

static void assert_same_again(const struct buffer *object)
{
	struct arena arena = { 0 };
	struct buffer again = { 0 };
	struct ir_policy policy;
	char message[256] = "";

	if (object_read(object->bytes, object->length, &arena, &policy, message))
		fail_msg("%s", message);
	assert_int_equal(object_write(&policy, &again), 0);
	assert_int_equal(again.length, object->length);
	assert_memory_equal(again.bytes, object->bytes, object->length);
	buffer_release(&again);
	arena_release(&arena);
}

/* What the policies of our tests and library had. */
struct seen { size_t objects; bool hooks[HOOK_COUNT], types[TYPE_COUNT], operators[OPERATOR_COUNT], actions[ACTION_COUNT]; };

static void note(const struct ir_hook *hook, struct seen *seen)
{
	seen->hooks[hook->kind] = true;
	for (size_t n = 0; n < hook->arguments.count; n++)
		seen->types[hook->arguments.items[n].type] = true;
	for (size_t s = 0; s < hook->selectors.count; s++) {
		const struct ir_selector *selector = &hook->selectors.items[s];

		for (size_t n = 0; n < selector->actions.count; n++)
			seen->actions[selector->actions.items[n].op] = true;
		for (size_t n = 0; n < selector->predicates.count; n++)
			for (size_t w = 0; w < selector->predicates.items[n].written.count; w++)
				seen->operators[selector->predicates.items[n].written.items[w].op] = true;
	}
}

static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *text;

	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	*length = (size_t)ftell(file);
	rewind(file);
	text = malloc(*length + 1);
	assert_int_equal(fread(text, 1, *length, file), *length);
	text[*length] = '\0';
	fclose(file);
	return text;
}

/* Files with errors on purpose make no objects. */
static void try_file(const char *path, struct seen *seen)
{
	struct unit unit, twice;
	size_t length;
	char *text = read_file(path, &length);

	unit_init(&unit, path, text, length);
	unit_init(&twice, path, text, length);
	if (!unit_compile(&unit, NULL)) {
		assert_int_equal(unit_compile(&twice, NULL), 0);
		for (size_t n = 0; n < unit.object_count; n++) {
			assert_same_again(&unit.objects[n]);
			assert_int_equal(unit.objects[n].length, twice.objects[n].length);
			assert_memory_equal(unit.objects[n].bytes, twice.objects[n].bytes, unit.objects[n].length);
			for (size_t h = 0; h < unit.ir->items[n].hooks.count; h++)
				note(&unit.ir->items[n].hooks.items[h], seen);
			seen->objects++;
		}
	}
	unit_release(&twice);
	unit_release(&unit);
	free(text);
}

#define ASSERT_ALL(seen, rows, COUNT) do { \
	for (int id = 0; id < (COUNT); id++) \
		if ((rows)[id].support == SUPPORT_NOW && !(seen)[id]) \
			fail_msg("no policy of the library or the tests has '%s'", (rows)[id].name); \
} while (0)

/* DPort waits for a type of argument that it can look at. */
static bool operator_is_usable(enum operator_id id)
{
	bool usable = operator_rows[id].filters & ~(uint32_t)FILTER_ARGUMENTS;

	for (int type = 0; type < TYPE_COUNT; type++)
		usable |= type_rows[type].support == SUPPORT_NOW && operator_rows[id].classes >> type_rows[type].class & 1;
	return usable;
}

static void every_policy_of_ours_there_and_back(void **state)
{
	static const char *const patterns[] = {
		"policy-library/*/*.yaml", "tests/golden/*/*.yaml", "tests/verdicts/policies/*.yaml",
	};
	struct seen seen = { 0 };

	(void)state;
	for (size_t n = 0; n < sizeof(patterns) / sizeof(*patterns); n++) {
		glob_t files;

		assert_int_equal(glob(patterns[n], 0, NULL, &files), 0);
		for (size_t i = 0; i < files.gl_pathc; i++)
			try_file(files.gl_pathv[i], &seen);
		globfree(&files);
	}
	assert_true(seen.objects > 100);
	ASSERT_ALL(seen.hooks, hook_rows, HOOK_COUNT);
	ASSERT_ALL(seen.types, type_rows, TYPE_COUNT);
	for (int id = 0; id < OPERATOR_COUNT; id++)
		seen.operators[id] |= !operator_is_usable((enum operator_id)id);
	ASSERT_ALL(seen.operators, operator_rows, OPERATOR_COUNT);
	ASSERT_ALL(seen.actions, action_rows, ACTION_COUNT);
}

/* ---- Damage ---- */

static struct object_header *header_of(struct buffer *object)
{
	return (struct object_header *)(void *)object->bytes;
}

static void repair(char *bytes, size_t size)
{
	struct object_header *header = (void *)bytes;

	if (size < sizeof(*header))
		return;
	header->size = (uint32_t)size;
	header->checksum = object_checksum(bytes, size);
}

static struct buffer *built_rich(struct built *built)
{
	assert_int_equal(built_compile(built, rich), 0);
	return &built->unit.objects[0];
}

static void every_shorter_object_is_refused(void **state)
{
	struct built built;
	struct buffer *object;
	char message[256];

	(void)state;
	object = built_rich(&built);
	for (size_t size = 0; size < object->length; size++) {
		char *cut = malloc(size + !size);	/* so that a sanitizer sees the end */

		memcpy(cut, object->bytes, size);
		assert_int_equal(object_verify(cut, size, message), -EINVAL);
		repair(cut, size);
		assert_int_equal(object_verify(cut, size, message), -EINVAL);
		free(cut);
	}
	built_release(&built);
}

static void longer_objects_are_refused(void **state)
{
	struct built built;
	struct buffer *object;
	char message[256];

	(void)state;
	object = built_rich(&built);
	for (int more = 1; more <= 16; more++) {
		buffer_add_char(object, '\0');
		repair(object->bytes, object->length);
		assert_int_equal(object_verify(object->bytes, object->length, message), -EINVAL);
	}
	assert_string_equal(message, "bytes are left over");
	built_release(&built);
}

/* Whatever passes the verifier can be read, printed, written and linked. */
static bool is_refused_or_harmless(const struct buffer *object)
{
	struct arena arena = { 0 };
	struct buffer text = { 0 }, image = { 0 };
	struct link_input input = { object->bytes, object->length, "damaged" };
	struct image_view view;
	struct ir_policy policy;
	const char *error = "";
	char message[256] = "";
	bool refused = object_read(object->bytes, object->length, &arena, &policy, message);

	if (refused) {
		assert_string_not_equal(message, "");
	} else {
		object_dump(object->bytes, object->length, &text);
		assert_int_equal(object_write(&policy, &text), 0);
		if (link_image(&input, 1, NULL, &arena, &image, &error))
			assert_string_not_equal(error, "");
		else if (image_verify(image.bytes, image.length, &view, message))
			fail_msg("the image of a verified object: %s", message);
	}
	buffer_release(&text);
	buffer_release(&image);
	arena_release(&arena);
	return refused;
}

static void every_damaged_byte_is_refused_or_harmless(void **state)
{
	static const uint8_t changes[] = { 1, 2, 4, 8, 16, 32, 64, 128, 255 };
	size_t refused = 0, harmless = 0;
	struct buffer *object;
	struct built built;
	char message[256];

	(void)state;
	object = built_rich(&built);
	for (size_t at = 0; at < object->length; at++)
		for (size_t n = 0; n < sizeof(changes); n++) {
			uint8_t *byte = (uint8_t *)object->bytes + at;
			uint8_t before = *byte;
			struct object_header kept = *header_of(object);

			*byte ^= changes[n];
			assert_int_not_equal(object_verify(object->bytes, object->length, message), 0);
			repair(object->bytes, object->length);
			*(is_refused_or_harmless(object) ? &refused : &harmless) += 1;
			*header_of(object) = kept;
			*byte = before;
		}
	assert_int_equal(object_verify(object->bytes, object->length, message), 0);
	assert_true(refused > harmless);	/* letters of texts and numbers of lines are free */
	built_release(&built);
}

/* One change each of the rich policy's object, repaired: refused, for this reason. */
static void inconsistent_contents_are_refused(void **state)
{
#define RECORD(SECTION, type, n, member) OBJECT_##SECTION, (n) * sizeof(struct object_##type) + offsetof(struct object_##type, member)
	enum { HEADER = -1 };
	static const struct { const char *shows, *want; int section; size_t offset; uint32_t value; } rows[] = {
		{ "another magic", "not a policy object", HEADER, 0, 1 },
		{ "a section elsewhere", "section HOOKS is not where it belongs", HEADER,
		  offsetof(struct object_header, sections[OBJECT_HOOKS].offset), 8 },
		{ "a section with too many records", "section ARGUMENTS is not where it belongs", HEADER,
		  offsetof(struct object_header, sections[OBJECT_HOOKS].count), 2 },
		{ "more strings than bytes", "section STRINGS is truncated", HEADER,
		  offsetof(struct object_header, sections[OBJECT_STRINGS].count), 1 << 20 },
		{ "a count near 4 billion", "section HOOKS is truncated", HEADER,
		  offsetof(struct object_header, sections[OBJECT_HOOKS].count), UINT32_MAX },
		{ "unknown flags", "record 0 of POLICY is not valid", RECORD(POLICY, policy, 0, flags), 64 },
		{ "a scope that is not there", "record 0 of POLICY is not valid", RECORD(POLICY, policy, 0, scope), 0 },
		{ "no name", "record 0 of POLICY is not valid", RECORD(POLICY, policy, 0, name.length), 0 },
		{ "a name beyond the strings", "record 0 of POLICY is not valid", RECORD(POLICY, policy, 0, name.offset), 1 << 20 },
		{ "a name that ends in the middle", "record 0 of POLICY is not valid", RECORD(POLICY, policy, 0, name.length), 2 },
		{ "hooks of nobody", "record 0 of POLICY is not valid", RECORD(POLICY, policy, 0, hooks.count), 9 },
		{ "hooks left over", "records of HOOKS are left over", RECORD(POLICY, policy, 0, hooks.count), 0 },
		{ "actions of a policy that does not enforce", "record 0 of ACTIONS is not valid",
		  RECORD(POLICY, policy, 0, flags), OBJECT_POLICY_MONITOR },
		{ "an unknown kind of hook", "record 0 of HOOKS is not valid", RECORD(HOOKS, hook, 0, kind), 99 },
		{ "a kind of hook that this tetra has not", "record 0 of HOOKS is not valid", RECORD(HOOKS, hook, 0, kind), UINT32_MAX },
		{ "a return argument that is not reported", "record 0 of HOOKS is not valid",
		  RECORD(HOOKS, hook, 0, flags), OBJECT_HOOK_SYSCALL },
		{ "too many tags", "record 0 of HOOKS is not valid", RECORD(HOOKS, hook, 0, tags.count), LIMIT_TAGS + 1 },
		{ "too many arguments", "record 0 of HOOKS is not valid", RECORD(HOOKS, hook, 0, arguments.count), LIMIT_ARGUMENTS + 1 },
		{ "more selectors than written", "record 0 of HOOKS is not valid", RECORD(HOOKS, hook, 0, selectors_written), 1 },
		{ "an unknown type", "record 0 of ARGUMENTS is not valid", RECORD(ARGUMENTS, argument, 0, type), 1000 },
		{ "a type that is read in another way", "record 0 of ARGUMENTS is not valid", RECORD(ARGUMENTS, argument, 0, type), 6 },
		{ "an argument that no function has", "record 0 of ARGUMENTS is not valid",
		  RECORD(ARGUMENTS, argument, 0, load), ABI_LOAD_S32 | ABI_SOURCE_ARGUMENT << 8 | 77 << 16 },
		{ "a field of a function", "the arguments of hook 0 are not its own",
		  RECORD(ARGUMENTS, argument, 0, load), ABI_LOAD_S32 | ABI_SOURCE_FIELD << 8 },
		{ "selectors out of order", "a selector of hook 0 does not fit it", RECORD(SELECTORS, selector, 0, index), 1 },
		{ "no actions", "record 0 of SELECTORS is not valid", RECORD(SELECTORS, selector, 0, actions.count), 0 },
		{ "predicates that start in the middle", "record 0 of SELECTORS is not valid",
		  RECORD(SELECTORS, selector, 0, predicates.first), 1 },
		{ "an unknown action", "record 0 of ACTIONS is not valid", RECORD(ACTIONS, action, 0, op), 99 },
		{ "an action of Tetragon's that is not here yet", "record 0 of ACTIONS is not valid", RECORD(ACTIONS, action, 0, op), 6 },
		{ "no such signal", "record 0 of ACTIONS is not valid", RECORD(ACTIONS, action, 0, argument), 65 },
		{ "an unknown test", "record 0 of PREDICATES is not valid", RECORD(PREDICATES, predicate, 0, subject), 1 | 99 << 8 },
		{ "the test of nothing", "record 0 of PREDICATES is not valid", RECORD(PREDICATES, predicate, 0, subject), 1 | IR_NEVER << 8 },
		{ "members of a test without any", "record 1 of PREDICATES is not valid", RECORD(PREDICATES, predicate, 1, subject), IR_ARGUMENT | IR_READABLE << 8 },
		{ "a position behind the arguments", "a selector of hook 0 does not fit it", RECORD(PREDICATES, predicate, 1, position), 4 },
		{ "intervals of a string", "a selector of hook 0 does not fit it", RECORD(PREDICATES, predicate, 2, position), 1 },
		{ "members of the predicate before", "record 1 of PREDICATES is not valid", RECORD(PREDICATES, predicate, 1, members.first), 7 },
		{ "an unknown operator", "record 0 of WRITTEN is not valid", RECORD(WRITTEN, written, 0, op), 99 },
		{ "a value beyond the strings", "record 0 of VALUES is not valid", OBJECT_VALUES, 0, 1 << 24 },
		{ "an interval that is upside down", "record 0 of INTERVALS is not valid", RECORD(INTERVALS, interval, 0, low), UINT32_MAX },
		{ "intervals out of order", "a selector of hook 0 does not fit it", RECORD(INTERVALS, interval, 1, high), 10 },
		{ "an unknown kind of pattern", "record 0 of PATTERNS is not valid", RECORD(PATTERNS, pattern, 0, kind), 9 },
		{ "a prefix of nothing", "record 0 of PATTERNS is not valid", RECORD(PATTERNS, pattern, 0, text.length), 0 },
		{ "another family of addresses", "record 0 of NETWORKS is not valid", RECORD(NETWORKS, network, 0, family), 5 | 8 << 8 },
		{ "bits behind the prefix", "record 0 of NETWORKS is not valid", RECORD(NETWORKS, network, 0, family), 4 | 8 << 8 | 10 << 16 | 1u << 24 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct built built;
		struct buffer *object;
		char message[256] = "";
		int section = rows[n].section;

		object = built_rich(&built);
		memcpy(object->bytes + rows[n].offset + (section == HEADER ? 0 : header_of(object)->sections[section].offset),
		       &rows[n].value, sizeof(rows[n].value));
		repair(object->bytes, object->length);
		if (object_verify(object->bytes, object->length, message) != -EINVAL || strcmp(message, rows[n].want))
			fail_msg("%s: '%s' instead of '%s'", rows[n].shows, message, rows[n].want);
		built_release(&built);
	}
}

static void other_versions_are_named(void **state)
{
	struct built built;
	struct buffer *object;
	char message[256];

	(void)state;
	object = built_rich(&built);
	assert_true(object_is(object->bytes, object->length));
	header_of(object)->version = OBJECT_VERSION + 1;
	assert_int_equal(object_verify(object->bytes, object->length, message), -EPROTO);
	assert_string_equal(message, "made for version 2 of policy objects, this is version 1");
	assert_false(object_is("etra-obx", 8));
	assert_false(object_is("etra-ob", 7));
	built_release(&built);
}

/* ---- Limits ---- */

/* A list of `count` different strings, the first of which has `length` bytes. */
static void add_list(struct buffer *text, int count, size_t length)
{
	buffer_add_text(text, KPROBE("long", "f") "    args: [{index: 0, type: string}]\n"
			      "    selectors:\n    - matchArgs:\n      - index: 0\n        operator: Equal\n        values:\n        - \"");
	for (size_t n = 0; n < length; n++)
		buffer_add_char(text, 'x');
	buffer_add_text(text, "\"\n");
	for (int n = 1; n < count; n++)
		buffer_format(text, "        - \"%x\"\n", n);
}

/* Records may share a text, but not so that reading it takes gigabytes. */
static void texts_are_counted_wherever_they_are_used(void **state)
{
	struct buffer text = { 0 }, *object;
	struct arena arena = { 0 };
	struct object_text *values, first;
	struct ir_policy policy;
	struct built built;
	uint32_t count;
	char message[256];

	(void)state;
	add_list(&text, 10000, 4000);
	assert_int_equal(built_compile(&built, text.bytes), 0);
	object = &built.unit.objects[0];
	assert_same_again(object);
	values = (struct object_text *)(void *)(object->bytes + header_of(object)->sections[OBJECT_VALUES].offset);
	count = header_of(object)->sections[OBJECT_VALUES].count;
	assert_int_equal(count, 10000);
	for (uint32_t n = 1; n < count; n++)
		values[n] = values[0];
	repair(object->bytes, object->length);
	assert_int_equal(object_read(object->bytes, object->length, &arena, &policy, message), -EINVAL);
	assert_string_equal(message, "its texts are longer than the 16777216 bytes that an object may have");
	assert_true(arena.total < 4096);

	/* as many as fit are read, and written */
	first = values[0];
	for (uint32_t n = 1; n < count; n++)
		values[n] = (struct object_text){ first.offset + first.length, 0 };
	for (uint32_t n = 1; n < 4000; n++)
		values[n] = first;
	repair(object->bytes, object->length);
	assert_int_equal(object_read(object->bytes, object->length, &arena, &policy, message), 0);
	assert_true(arena.total < LIMIT_OBJECT_TEXT_BYTES + (4u << 20));
	arena_release(&arena);
	built_release(&built);
	buffer_release(&text);
}

static void large_objects_are_refused(void **state)
{
	struct buffer object = { 0 }, *whole;
	struct built built;
	char message[256];

	(void)state;
	whole = built_rich(&built);
	buffer_add(&object, whole->bytes, whole->length);
	buffer_reserve(&object, LIMIT_OBJECT_BYTES + 8 - object.length);
	repair(object.bytes, object.length);
	assert_int_equal(object_verify(object.bytes, object.length, message), -EINVAL);
	assert_string_equal(message, "524296 bytes are more than the 524288 of the largest object");
	buffer_release(&object);
	built_release(&built);
}

static void policies_too_large_for_an_object_are_diagnosed(void **state)
{
	struct buffer text = { 0 };
	struct built built;

	(void)state;
	add_list(&text, 30000, 10);
	assert_int_equal(built_compile(&built, text.bytes), -1);
	assert_int_equal(built.unit.diagnostics.errors, 1);
	assert_int_equal(built.unit.diagnostics.items[0].id, DIAG_TOO_COMPLEX);
	assert_string_equal(built.unit.diagnostics.items[0].message,
			    "policy 'long' is too large: its object may take 524288 bytes, and its texts 16777216 in all");
	built_release(&built);
	buffer_release(&text);
}

/* A policy of one hook with one selector, in which everything can be repeated at will. */
struct made {
	struct text value;
	struct ir_written written;
	struct ir_predicate predicate;
	struct ir_action action;
	struct ir_selector selector;
	struct ir_hook hook;
	struct ir_policy policy;
};

static void make_policy(struct made *made)
{
	*made = (struct made){
		.predicate = { .subject = IR_PID, .test = IR_READABLE, .written = { &made->written, 1 } },
		.action = { ACTION_POST, 0 },
		.selector = { .predicates = { &made->predicate, 1 }, .actions = { &made->action, 1 } },
		.hook = { .kind = HOOK_LSM, .name = { .bytes = "h", .length = 1 }, .selectors = { &made->selector, 1 } },
		.policy = { .name = { .bytes = "p", .length = 1 }, .source_name = "", .monitor = true,
			    .hooks = { &made->hook, 1 } },
	};
}

/* Nothing is added when it does not fit. */
static void writing_too_much_writes_nothing(void **state)
{
	enum { LENGTH = 4000, MOST = LIMIT_OBJECT_TEXT_BYTES / LENGTH };
	static char bytes[LENGTH];
	struct buffer object = { 0 };
	struct made made;

	(void)state;
	make_policy(&made);
	made.written.values.items = calloc(MOST + 1, sizeof(struct text));
	for (size_t n = 0; n <= MOST; n++)
		made.written.values.items[n] = (struct text){ .bytes = bytes, .length = LENGTH };
	buffer_add_text(&object, "before");
	made.written.values.count = MOST + 1;
	assert_int_equal(object_write(&made.policy, &object), -E2BIG);
	assert_string_equal(object.bytes, "before");
	made.written.values.count = MOST;
	assert_int_equal(object_write(&made.policy, &object), 0);
	assert_memory_equal(object.bytes, "before", 6);
	assert_true(object.length > 6 + 8 * MOST);
	buffer_release(&object);
	free(made.written.values.items);
}

static int verify_policy(const struct made *made, char message[256])
{
	struct buffer object = { 0 };
	int error;

	assert_int_equal(object_write(&made->policy, &object), 0);
	error = object_verify(object.bytes, object.length, message);
	buffer_release(&object);
	return error;
}

/* Linking takes longer than in proportion to the filters of one selector. */
static void selectors_have_as_many_filters_as_policies_may(void **state)
{
	enum { MOST = LIMIT_ARGUMENT_FILTERS + LIMIT_BINARY_FILTERS + LIMIT_PID_FILTERS };
	struct ir_predicate predicates[MOST + 1];
	struct ir_written written[MOST + 1] = { 0 };
	struct made made;
	char message[256] = "";

	(void)state;
	make_policy(&made);
	for (size_t n = 0; n <= MOST; n++)
		predicates[n] = made.predicate;
	made.selector.predicates = (struct ir_predicate_list){ predicates, MOST };
	assert_int_equal(verify_policy(&made, message), 0);
	made.selector.predicates.count = MOST + 1;
	assert_int_equal(verify_policy(&made, message), -EINVAL);
	assert_string_equal(message, "record 0 of SELECTORS is not valid");
	made.selector.predicates = (struct ir_predicate_list){ &made.predicate, 1 };
	made.predicate.written = (struct ir_written_list){ written, MOST };
	assert_int_equal(verify_policy(&made, message), 0);
	made.predicate.written.count = MOST + 1;
	assert_int_equal(verify_policy(&made, message), -EINVAL);
	assert_string_equal(message, "record 0 of PREDICATES is not valid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_policy_of_ours_there_and_back),
		cmocka_unit_test(every_shorter_object_is_refused),
		cmocka_unit_test(longer_objects_are_refused),
		cmocka_unit_test(every_damaged_byte_is_refused_or_harmless),
		cmocka_unit_test(inconsistent_contents_are_refused),
		cmocka_unit_test(other_versions_are_named),
		cmocka_unit_test(texts_are_counted_wherever_they_are_used),
		cmocka_unit_test(large_objects_are_refused),
		cmocka_unit_test(policies_too_large_for_an_object_are_diagnosed),
		cmocka_unit_test(writing_too_much_writes_nothing),
		cmocka_unit_test(selectors_have_as_many_filters_as_policies_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

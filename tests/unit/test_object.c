// SPDX-License-Identifier: Apache-2.0
/* test_object.c - policy objects: what is refused of damaged and of hostile ones; test_object_files.c takes files there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
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

/* What the programs do not run yet: with the other two, every section is in use. */
static const char whole[] =
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicyNamespaced\nmetadata: {name: whole, namespace: shop}\nspec:\n"
	"  podSelector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [a, b]}]}\n"
	"  lists:\n  - {name: calls, type: syscalls, values: [sys_open, i386/sys_close]}\n"
	"  - {name: some, type: generated_ftrace, pattern: ^vfs_}\n"
	"  enforcers: [{calls: [sys_dup, \"list:calls\"]}]\n"
	"  kprobes:\n  - call: \"list:calls\"\n    return: true\n    returnArg: {index: 0, type: sock}\n"
	"    returnArgAction: TrackSock\n    ignore: {callNotFound: true}\n"
	"    args: [{index: 0, type: string}, {index: 1, type: char_buf, sizeArgIndex: 3}, {index: 2, type: kernel_cap_t},\n"
	"           {index: 3, type: sock, resolve: sk, btfType: socket}]\n"
	"    data: [{index: 0, type: int, source: current_task, resolve: \"cred.uid.val\"}]\n"
	"    selectors:\n"
	"    - label: first\n"
	"      matchArgs: [{index: 0, operator: SubString, values: [pass, word]}, {index: 3, operator: DPort, values: ['1:80']}]\n"
	"      matchData: [{index: 0, operator: Equal, values: ['-5']}]\n"
	"      matchNamespaces: [{namespace: Pid, operator: NotIn, values: [host_ns, '7']}]\n"
	"      matchCapabilityChanges: [{type: Effective, operator: NotIn, values: [CAP_CHOWN]}]\n"
	"      matchBinaries: [{operator: In, values: [/usr/bin/a], followChildren: true}]\n"
	"      matchWorkloads: {containerSelector: {matchLabels: {name: db}}}\n"
	"      matchReturnArgs: [{index: 0, operator: SPort, values: ['9']}]\n"
	"      matchReturnActions: [{action: TrackSock, argSock: 3}]\n"
	"      matchActions: [{action: Post, rateLimit: 5m, rateLimitScope: process, kernelStackTrace: true},\n"
	"                     {action: NotifyEnforcer, argError: -1, argSig: 9}, {action: GetUrl, argUrl: \"http://a/\"}]\n"
	"    - matchArgs: [{operator: CapabilitiesGained, args: [2, 2]}]\n";
static const char programs[] =
	POLICY("programs") "  options: [{name: disable-uprobe-multi, value: \"1\"}]\n  uprobes:\n"
	"  - path: /usr/bin/a\n    symbols: [main]\n    refCtrOffsets: [16]\n"
	"    binaryDigests: [\"build-id:00ff\"]\n    ignore: {digestVerificationFailure: true}\n"
	"    args: [{index: 0, type: string}]\n"
	"    selectors: [{matchActions: [{action: Override, argRegs: [\"rax=1\", \"rdi=%rsi\"], argNewSymbol: b}]}]\n"
	"  - {path: /usr/bin/b, offsets: [4096, 8192]}\n  - {path: /usr/bin/b, addrs: [4198400]}\n";

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

static struct buffer *built_object(struct built *built, const char *text)
{
	assert_int_equal(built_compile(built, text), 0);
	return &built->unit.objects[0];
}

static struct buffer *built_rich(struct built *built)
{
	return built_object(built, rich);
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

/* Letters of texts and numbers of lines are free. */
static void damage_every_byte(struct buffer *object)
{
	static const uint8_t changes[] = { 1, 2, 4, 8, 16, 32, 64, 128, 255 };
	size_t refused = 0, harmless = 0;
	char message[256];

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
	assert_true(refused > harmless);
}

static void every_damaged_byte_is_refused_or_harmless(void **state)
{
	static const char *const texts[] = { rich, whole, programs };

	(void)state;
	for (size_t n = 0; n < sizeof(texts) / sizeof(*texts); n++) {
		struct built built;

		damage_every_byte(built_object(&built, texts[n]));
		built_release(&built);
	}
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
		{ "a section with too many records", "section NAMES is not where it belongs", HEADER,
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
		{ "actions of a policy that does not enforce", "a selector of hook 0 does not fit it",
		  RECORD(POLICY, policy, 0, flags), OBJECT_POLICY_MONITOR },
		{ "an unknown kind of hook", "record 0 of HOOKS is not valid", RECORD(HOOKS, hook, 0, kind), 99 },
		{ "a kind of hook that this tetra has not", "record 0 of HOOKS is not valid", RECORD(HOOKS, hook, 0, kind), UINT32_MAX },
		{ "a return argument that is not reported", "record 0 of HOOKS is not valid",
		  RECORD(HOOKS, hook, 0, flags), OBJECT_HOOK_SYSCALL },
		{ "too many tags", "record 0 of HOOKS is not valid", RECORD(HOOKS, hook, 0, tags.count), LIMIT_TAGS + 1 },
		{ "too many arguments", "record 0 of HOOKS is not valid", RECORD(HOOKS, hook, 0, arguments.count), LIMIT_ARGUMENTS + 1 },
		{ "nodes twice", "record 0 of HOOKS is not valid", RECORD(HOOKS, hook, 0, node.count), 2 },
		{ "more selectors than written", "record 0 of HOOKS is not valid", RECORD(HOOKS, hook, 0, selectors_written), 1 },
		{ "an unknown type", "record 0 of ARGUMENTS is not valid", RECORD(ARGUMENTS, argument, 0, type), 1000 },
		{ "a type that is read in another way", "record 0 of ARGUMENTS is not valid", RECORD(ARGUMENTS, argument, 0, type), 6 },
		{ "a mount that is no path", "record 0 of ARGUMENTS is not valid",
		  RECORD(ARGUMENTS, argument, 0, load), ABI_LOAD_MOUNT | ABI_SOURCE_ARGUMENT << 8 },
		{ "arguments of a program that are no text", "record 0 of ARGUMENTS is not valid",
		  RECORD(ARGUMENTS, argument, 0, load), ABI_LOAD_COMMAND_LINE | ABI_SOURCE_ARGUMENT << 8 },
		{ "an argument that no function has", "record 0 of ARGUMENTS is not valid",
		  RECORD(ARGUMENTS, argument, 0, load), ABI_LOAD_S32 | ABI_SOURCE_ARGUMENT << 8 | 77 << 16 },
		{ "a field of a function", "the arguments of hook 0 are not its own",
		  RECORD(ARGUMENTS, argument, 0, load), ABI_LOAD_S32 | ABI_SOURCE_FIELD << 8 },
		{ "selectors out of order", "a selector of hook 0 does not fit it", RECORD(SELECTORS, selector, 0, index), 1 },
		{ "no actions", "record 0 of SELECTORS is not valid", RECORD(SELECTORS, selector, 0, actions.count), 0 },
		{ "predicates that start in the middle", "record 0 of SELECTORS is not valid",
		  RECORD(SELECTORS, selector, 0, predicates.first), 1 },
		{ "an unknown action", "record 0 of ACTIONS is not valid", RECORD(ACTIONS, action, 0, op), 99 },
		{ "an action that has no effect on such a hook", "a selector of hook 0 does not fit it", RECORD(ACTIONS, action, 0, op), 14 },
		{ "details that are not there", "record 0 of ACTIONS is not valid", RECORD(ACTIONS, action, 0, details), 0 },
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
	assert_string_equal(message, "made for version 6 of policy objects, this is version 5");
	assert_false(object_is("etra-obx", 8));
	assert_false(object_is("etra-ob", 7));
	built_release(&built);
}

/* ---- Limits ---- */

/* A list of `count` different strings, the first of which has `length` bytes. */
/* `count` values: the first of `length` bytes, the others of `width` digits or more. */
static void add_list(struct buffer *text, int count, size_t length, int width)
{
	buffer_add_text(text, KPROBE("long", "f") "    args: [{index: 0, type: string}]\n"
			      "    selectors:\n    - matchArgs:\n      - index: 0\n        operator: Equal\n        values:\n        - \"");
	for (size_t n = 0; n < length; n++)
		buffer_add_char(text, 'x');
	buffer_add_text(text, "\"\n");
	for (int n = 1; n < count; n++)
		buffer_format(text, "        - \"%0*x\"\n", width, n);
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
	add_list(&text, 10000, 4000, 1);
	assert_int_equal(built_compile(&built, text.bytes), 0);
	object = &built.unit.objects[0];
	assert_same_again(&built.unit.ir->items[0], object);
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
	assert_string_equal(message, "8388616 bytes are more than the 8388608 of the largest object");
	buffer_release(&object);
	built_release(&built);
}

static void policies_too_large_for_an_object_are_diagnosed(void **state)
{
	struct buffer text = { 0 }, *objects = NULL;
	size_t count = 0;
	struct built built;

	(void)state;
	add_list(&text, 65000, 10, 110);
	assert_int_equal(built_compile(&built, text.bytes), -1);	/* no image has room for it, either */
	assert_int_equal(built.unit.diagnostics.errors, 1);
	assert_int_equal(objects_write(built.unit.compiled, &built.arena, &built.unit.diagnostics, &objects, &count), -EINVAL);
	objects_release(objects, count);
	assert_int_equal(built.unit.diagnostics.errors, 2);
	assert_int_equal(built.unit.diagnostics.items[1].id, DIAG_TOO_COMPLEX);
	assert_string_equal(built.unit.diagnostics.items[1].message,
			    "policy 'long' is too large: its object may take 8388608 bytes, its texts 16777216 in all, "
			    "and a selector 1024 filters");
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

/* What is behind takes longer than in proportion to the filters of one selector. */
static void selectors_have_only_so_many_filters(void **state)
{
	enum { MOST = LIMIT_SELECTOR_FILTERS };
	static struct ir_predicate predicates[MOST + 1];
	static struct ir_written written[MOST + 1];
	struct buffer object = { 0 };
	struct made made;
	char message[256] = "";

	(void)state;
	make_policy(&made);
	for (size_t n = 0; n <= MOST; n++)
		predicates[n] = made.predicate;
	made.selector.predicates = (struct ir_predicate_list){ predicates, MOST };
	assert_int_equal(verify_policy(&made, message), 0);
	made.selector.predicates.count = MOST + 1;
	assert_int_equal(object_write(&made.policy, &object), -E2BIG);
	made.selector.predicates = (struct ir_predicate_list){ &made.predicate, 1 };
	made.predicate.written = (struct ir_written_list){ written, MOST };
	assert_int_equal(verify_policy(&made, message), 0);
	made.predicate.written.count = MOST + 1;
	assert_int_equal(object_write(&made.policy, &object), -E2BIG);
	assert_int_equal(object.length, 0);
}

/* ---- Conditions ---- */

/* Of a hook with two arguments: (arg0 in 1..5 || !(arg1 == arg0 + 1)) && true. */
struct made_condition {
	struct made made;
	struct ir_argument arguments[2];
	struct ir_interval interval;
	struct ir_predicate asked;
	struct ir_word words[5];
	struct ir_condition any[2], all[2], root;
};

static void make_condition(struct made_condition *made)
{
	*made = (struct made_condition){
		.arguments = {
			{ .type = TYPE_INT, .load = ABI_LOAD_S32, .source = ABI_SOURCE_ARGUMENT },
			{ .type = TYPE_INT, .load = ABI_LOAD_S32, .source = ABI_SOURCE_ARGUMENT, .index = 1 },
		},
		.interval = { ir_key(1, true), ir_key(5, true) },
		.asked = { .subject = IR_ARGUMENT, .test = IR_INTERVALS, .intervals = { &made->interval, 1 } },
		.words = {
			{ IR_WORD_ARGUMENT, IR_INT32, 1 }, { IR_WORD_ARGUMENT, IR_INT32, 0 }, { IR_WORD_NUMBER, IR_INT32, 1 },
			{ IR_WORD_ADD, IR_INT32, 0 }, { IR_WORD_EQUAL, IR_INT32, 0 },
		},
		.any = { { .kind = IR_ASK, .predicate = &made->asked },
			 { .kind = IR_COMPARE, .negated = true, .words = made->words, .word_count = 5 } },
		.all = { { .kind = IR_ANY, .parts = made->any, .count = 2 }, { .kind = IR_ALL } },
		.root = { .kind = IR_ALL, .parts = made->all, .count = 2 },
	};
	make_policy(&made->made);
	made->made.hook.arguments = (struct ir_argument_list){ made->arguments, 2 };
	made->made.predicate = (struct ir_predicate){ .subject = IR_EXPRESSION, .test = IR_HOLDS, .condition = &made->root,
						      .written = { &made->made.written, 1 } };
}

static void conditions_there_and_back(void **state)
{
	struct made_condition made;
	struct buffer object = { 0 }, text = { 0 };

	(void)state;
	make_condition(&made);
	assert_int_equal(object_write(&made.made.policy, &object), 0);
	assert_same_again(&made.made.policy, &object);
	ir_dump_policy(&made.made.policy, &text);
	assert_non_null(strstr(text.bytes, "        all of\n          any of\n            argument 0 in 1..5\n"));
	assert_non_null(strstr(text.bytes, "compute not arg1:int32 arg0:int32 1:int32 add:int32 equal:int32\n          all of\n"));
	damage_every_byte(&object);
	buffer_release(&object);
	buffer_release(&text);
}

/* Whoever runs the words has no more room than for so many numbers, and none below. */
static void words_that_do_not_add_up_are_refused(void **state)
{
	static const struct { const char *shows; size_t count; struct ir_word words[5]; } rows[] = {
		{ "nothing", 0, { { 0 } } },
		{ "an operand is missing", 2, { { IR_WORD_NUMBER, IR_INT32, 1 }, { IR_WORD_ADD, IR_INT32, 0 } } },
		{ "there is none at all", 1, { { IR_WORD_NOT, IR_INT32, 0 } } },
		{ "two numbers are left", 2, { { IR_WORD_NUMBER, IR_INT32, 1 }, { IR_WORD_NUMBER, IR_INT32, 1 } } },
		{ "no such operation", 1, { { (enum ir_word_op)14, IR_INT32, 0 } } },
		{ "no such type", 1, { { IR_WORD_NUMBER, (enum ir_word_type)6, 0 } } },
		{ "an argument that is not there", 1, { { IR_WORD_ARGUMENT, IR_INT32, 2 } } },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct made_condition made;
		char message[256] = "";

		make_condition(&made);
		memcpy(made.words, rows[n].words, sizeof(made.words));
		made.any[1].word_count = rows[n].count;
		if (verify_policy(&made.made, message) != -EINVAL)
			fail_msg("%s", rows[n].shows);
	}
}

/* Readers go down them: there is a bottom. */
static void conditions_are_only_so_deep(void **state)
{
	enum { MOST = LIMIT_EXPRESSION_NODES };
	static struct ir_condition chain[MOST + 1];
	struct made_condition made;
	char message[256] = "";

	(void)state;
	make_condition(&made);
	for (size_t n = 0; n <= MOST; n++)
		chain[n] = (struct ir_condition){ .kind = IR_ANY, .parts = chain + n + 1, .count = n < MOST };
	made.made.predicate.condition = chain + 1;
	assert_int_equal(verify_policy(&made.made, message), 0);
	made.made.predicate.condition = chain;
	assert_int_equal(verify_policy(&made.made, message), -EINVAL);
	assert_string_equal(message, "record 1024 of CONDITIONS is not valid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shorter_object_is_refused),
		cmocka_unit_test(longer_objects_are_refused),
		cmocka_unit_test(every_damaged_byte_is_refused_or_harmless),
		cmocka_unit_test(inconsistent_contents_are_refused),
		cmocka_unit_test(other_versions_are_named),
		cmocka_unit_test(texts_are_counted_wherever_they_are_used),
		cmocka_unit_test(large_objects_are_refused),
		cmocka_unit_test(policies_too_large_for_an_object_are_diagnosed),
		cmocka_unit_test(writing_too_much_writes_nothing),
		cmocka_unit_test(selectors_have_only_so_many_filters),
		cmocka_unit_test(conditions_there_and_back),
		cmocka_unit_test(words_that_do_not_add_up_are_refused),
		cmocka_unit_test(conditions_are_only_so_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

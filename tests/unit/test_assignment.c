// SPDX-License-Identifier: Apache-2.0
/* test_assignment.c - register assignments of an Override: how they are read, what they are on this machine, and in which images they lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "compiler/base/assignment.h"
#include "runtime/resolve.h"
#include "tests/unit/built.h"

#include <cmocka.h>	/* last: it takes the name fail */

static bool is(struct assignment_part part, const char *text)
{
	return part.length == strlen(text) && !memcmp(part.bytes, text, part.length);
}

static void forms_are_read(void **state)
{
	static const struct {
		const char *text, *target, *source;
		uint64_t number;
		bool loads, moves_stack;
	} rows[] = {
		{ "rax=5", "rax", "", 5, false, false },
		{ "rax = -1", "rax", "", UINT64_MAX, false, false },
		{ "rax=0x10", "rax", "", 16, false, false },
		{ "rax=010", "rax", "", 8, false, false },
		{ "rax=18446744073709551615", "rax", "", UINT64_MAX, false, false },
		{ "rsp=%rax", "rsp", "rax", 0, false, true },
		{ "esp=%rax", "esp", "rax", 0, false, true },
		{ "x29 = 010 %x0", "x29", "x0", 8, false, false },
		{ "sp=8%sp", "sp", "sp", 8, false, true },
		{ "rip=(%rsp)", "rip", "rsp", 0, true, false },
		{ "rsp=-1372(%rbp)", "rsp", "rbp", (uint64_t)-1372, true, true },
		{ "x29 = 0x20 ( %sp )", "x29", "sp", 32, true, false },
		{ "\trax\t=\t8(%rsi)\t", "rax", "rsi", 8, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct assignment read;

		if (assignment_parse(rows[i].text, strlen(rows[i].text), &read) || !is(read.target, rows[i].target) ||
		    !is(read.source, rows[i].source) || read.number != rows[i].number || read.loads != rows[i].loads ||
		    assignment_moves_stack(&read) != rows[i].moves_stack)
			fail_msg("'%s' is read otherwise", rows[i].text);
	}
}

static void what_is_none_is_refused(void **state)
{
	static const struct { const char *text; enum assignment_fault fault; } rows[] = {
		{ "", ASSIGNMENT_SHAPE }, { "rax", ASSIGNMENT_SHAPE }, { "=5", ASSIGNMENT_SHAPE }, { "rax=", ASSIGNMENT_SHAPE },
		{ "rax= ", ASSIGNMENT_SHAPE }, { "rax=1=2", ASSIGNMENT_SHAPE }, { "rax=rbx", ASSIGNMENT_SOURCE },
		{ "rax=8(%rsp", ASSIGNMENT_SOURCE }, { "rax=8%rsp)x", ASSIGNMENT_FINE }, { "rax=x%rsp", ASSIGNMENT_SOURCE },
		{ "rax=(8)%rsp", ASSIGNMENT_SOURCE }, { "rax=%", ASSIGNMENT_SOURCE }, { "rax=(%)", ASSIGNMENT_SOURCE },
		{ "rax=18446744073709551616", ASSIGNMENT_SOURCE }, { "rax=-9223372036854775809", ASSIGNMENT_SOURCE },
		{ "rax=((%rsp)", ASSIGNMENT_SOURCE }, { "rax=1 + %rsp", ASSIGNMENT_SOURCE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct assignment read;

		if (assignment_parse(rows[i].text, strlen(rows[i].text), &read) != rows[i].fault)
			fail_msg("'%s' is not refused so", rows[i].text);
	}
}

#if defined(__x86_64__)
static void registers_are_found(void **state)
{
	static const struct { const char *text, *refusal; struct abi_assignment want; } rows[] = {
		{ "rax=5", NULL, { .number = 5, .target = 80, .target_size = 8 } },
		{ "eax=%dil", NULL, { .target = 80, .target_size = 4, .source = 112, .source_size = 1 } },
		{ "r15=-8(%r15w)", NULL, { .number = (uint64_t)-8, .target = 0, .target_size = 8, .source = 0, .source_size = 2,
					   .flags = ABI_ASSIGNMENT_MEMORY } },
		{ "rip=(%rsp)", NULL, { .target = 128, .target_size = 8, .source = 152, .source_size = 8, .flags = ABI_ASSIGNMENT_MEMORY } },
		{ "x0=1", "'x0=1': this machine has no register 'x0'", { 0 } },
		{ "rax=%x0", "'rax=%x0': this machine has no register 'x0'", { 0 } },
	};
	const struct abi_assignment back = resolve_jump((uint64_t)-16);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena arena = { 0 };
		struct abi_assignment found = { 0 };
		const char *refusal = resolve_assignment(rows[i].text, &arena, &found);

		if (!refusal != !rows[i].refusal || (refusal && strcmp(refusal, rows[i].refusal)))
			fail_msg("'%s': %s", rows[i].text, refusal ? refusal : "is accepted");
		if (!refusal && memcmp(&found, &rows[i].want, sizeof(found)))
			fail_msg("'%s' is found otherwise", rows[i].text);
		arena_release(&arena);
	}
	assert_int_equal(back.number, (uint64_t)-16);
	assert_true(back.target == 128 && back.target_size == 8 && back.source == 128 && back.source_size == 8 && !back.flags);
}
#endif

/* ---- In images ---- */

#define UPROBE(symbols, action) POLICY("p") "  uprobes:\n  - path: /bin/a\n    symbols: [" symbols "]\n" \
	"    selectors:\n    - matchActions: [{action: Override, " action "}]\n"

static void link_text(struct built *built, const char *text)
{
	if (built_compile(built, text) || built_link(built, NULL))
		fail_msg("%s\n%s%s", text, built->error ? built->error : "", built->message);
}

#define NINE "\"rax=1\", \"rax=2\", \"rax=3\", \"rax=4\", \"rax=5\", \"rax=6\", \"rax=7\", \"rax=8\", \"rax=9\""

static void images_have_them(void **state)
{
	static const struct { const char *policy; size_t count; enum image_assignment_kind last; const char *text; bool moves_stack; } rows[] = {
		{ UPROBE("f", "argError: -1"), 0, 0, NULL, true },
		{ UPROBE("f", "argError: -1, argNewAddr: 0"), 0, 0, NULL, true },
		{ UPROBE("f", "argNewOffset: 0"), 0, 0, NULL, true },
		{ UPROBE("f", "argError: -1, argRegs: [\"rax=5\"]"), 1, IMAGE_ASSIGN_REGISTER, "rax=5", false },
		{ UPROBE("f", "argRegs: [\"rsp=5\", \"rax=%rsp\"]"), 2, IMAGE_ASSIGN_REGISTER, "rax=%rsp", true },
		{ UPROBE("f", "argNewSymbol: g"), 1, IMAGE_ASSIGN_SYMBOL, "g", false },
		{ UPROBE("f", "argNewAddr: 4096"), 1, IMAGE_ASSIGN_ADDRESS, "0x1000", false },
		{ UPROBE("f", "argNewOffset: -1"), 1, IMAGE_ASSIGN_OFFSET, "0xffffffffffffffff", false },
		{ UPROBE("f", "argRegs: [\"rax=5\"], argNewSymbol: g"), 2, IMAGE_ASSIGN_SYMBOL, "g", false },
		{ UPROBE("f, h", "argRegs: [\"rax=5\"], argNewSymbol: g"), 4, IMAGE_ASSIGN_SYMBOL, "g", false },
		{ UPROBE("f", "argRegs: [" NINE ", " NINE ", \"rbx=19\"], argNewSymbol: g"), 19, IMAGE_ASSIGN_SYMBOL, "g", false },
		{ UPROBE("f", "argRegs: [" NINE ", " NINE ", \"rbx=19\"]"), 18, IMAGE_ASSIGN_REGISTER, "rax=9", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct built built;

		link_text(&built, rows[i].policy);
		assert_int_equal(image_assignment_count(&built.view), rows[i].count);
		assert_int_equal(image_hook_at(&built.view, 0).moves_stack, rows[i].moves_stack);
		if (rows[i].count) {
			const struct image_assignment last = image_assignment_at(&built.view, rows[i].count - 1);

			assert_int_equal(last.kind, rows[i].last);
			assert_string_equal(last.text, rows[i].text);
			assert_string_equal(last.place, "p.yaml:9:7");
			assert_int_equal(last.policy, 0);
			assert_int_equal(last.abi->target_size, 0);
		}
		built_release(&built);
	}
}

static void filled_in_or_empty(void **state)
{
	static const struct { bool good; struct abi_assignment assignment; } rows[] = {
		{ true, { 0 } },
		{ true, { .number = 5, .target = 80, .target_size = 8 } },
		{ true, { .target = 504, .target_size = 1, .source = 504, .source_size = 2, .flags = ABI_ASSIGNMENT_MEMORY } },
		{ false, { .number = 5 } },
		{ false, { .target = 81, .target_size = 8 } },
		{ false, { .target = 512, .target_size = 8 } },
		{ false, { .target = 80, .target_size = 3 } },
		{ false, { .target = 80, .target_size = 16 } },
		{ false, { .target = 80, .target_size = 8, .source = 8 } },
		{ false, { .target = 80, .target_size = 8, .source = 512, .source_size = 8 } },
		{ false, { .target = 80, .target_size = 8, .flags = ABI_ASSIGNMENT_MEMORY } },
		{ false, { .target = 80, .target_size = 8, .source_size = 8, .flags = 2 } },
		{ false, { .target = 80, .target_size = 8, .reserved = 1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct built built;
		struct image_view view;

		link_text(&built, UPROBE("f", "argRegs: [\"rax=5\"]"));
		image_assign(built.image.bytes, &built.view, 0, &rows[i].assignment);
		image_seal(built.image.bytes, built.image.length);
		if (!image_verify(built.image.bytes, built.image.length, &view, built.message) != rows[i].good)
			fail_msg("row %zu: %s", i, rows[i].good ? built.message : "is accepted");
		built_release(&built);
	}
}

/* The head of an action's assignments, and where it says that they are. */
static void heads_are_verified(void **state)
{
	static const struct { uint32_t offset, count; bool good; } rows[] = {
		{ 0, 1, true }, { 0, 0, false }, { 0, ABI_ASSIGNMENTS_MAX + 1, false }, { 0, 2, false }, { 4, 1, false }, { 1 << 19, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct built built;
		struct image_view view;
		struct abi_assignments *head;
		struct abi_accept *accept;
		struct abi_action *action;

		link_text(&built, UPROBE("f", "argRegs: [\"rax=5\"]"));
		accept = (void *)(built.image.bytes + built.view.header->sections[ABI_SECTION_ACCEPTS].offset);
		action = (void *)(built.image.bytes + accept->actions);
		head = (void *)(built.image.bytes + action->assignments);
		head->count = rows[i].count;
		action->assignments += rows[i].offset;
		image_seal(built.image.bytes, built.image.length);
		if (!image_verify(built.image.bytes, built.image.length, &view, built.message) != rows[i].good)
			fail_msg("row %zu: %s", i, rows[i].good ? built.message : "is accepted");
		built_release(&built);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_read),
		cmocka_unit_test(what_is_none_is_refused),
#if defined(__x86_64__)
		cmocka_unit_test(registers_are_found),
#endif
		cmocka_unit_test(images_have_them),
		cmocka_unit_test(filled_in_or_empty),
		cmocka_unit_test(heads_are_verified),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

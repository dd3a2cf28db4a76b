// SPDX-License-Identifier: Apache-2.0
/* test_location.c - places of arguments as notes of static probes write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "compiler/kernel/location.h"

enum { MEMORY = ABI_LOCATION_MEMORY, SIGNED = ABI_LOCATION_SIGNED };

/* Registers by name; NULL: none. */
struct good_row { enum machine machine; const char *text; const char *base, *index; int scale; int64_t number; int size; int flags; };
static const struct good_row good[] = {
	{ MACHINE_X86_64, "8@%rax", "rax", NULL, 0, 0, 8, 0 },
	{ MACHINE_X86_64, "-4@%eax", "rax", NULL, 0, 0, 4, SIGNED },
	{ MACHINE_X86_64, "4@%rax", "rax", NULL, 0, 0, 4, 0 },
	{ MACHINE_X86_64, "-2@%r9w", "r9", NULL, 0, 0, 2, SIGNED },
	{ MACHINE_X86_64, "1@%dil", "rdi", NULL, 0, 0, 1, 0 },
	{ MACHINE_X86_64, "4@$5", NULL, NULL, 0, 5, 4, 0 },
	{ MACHINE_X86_64, "-4@$-1", NULL, NULL, 0, -1, 4, SIGNED },
	{ MACHINE_X86_64, "8@$0x10", NULL, NULL, 0, 16, 8, 0 },
	{ MACHINE_X86_64, "8@$18446744073709551615", NULL, NULL, 0, -1, 8, 0 },
	{ MACHINE_X86_64, "-4@-8(%rbp)", "rbp", NULL, 0, -8, 4, SIGNED | MEMORY },
	{ MACHINE_X86_64, "8@(%rdi)", "rdi", NULL, 0, 0, 8, MEMORY },
	{ MACHINE_X86_64, "8@8(%rax,%rbx,4)", "rax", "rbx", 4, 8, 8, MEMORY },
	{ MACHINE_X86_64, "8@(%rax,%rbx)", "rax", "rbx", 1, 0, 8, MEMORY },
	{ MACHINE_X86_64, "2@-0x10(,%r15,8)", NULL, "r15", 8, -16, 2, MEMORY },
	{ MACHINE_ARM64, "8@x0", "x0", NULL, 0, 0, 8, 0 },
	{ MACHINE_ARM64, "-4@w19", "x19", NULL, 0, 0, 4, SIGNED },
	{ MACHINE_ARM64, "-4@x19", "x19", NULL, 0, 0, 4, SIGNED },
	{ MACHINE_ARM64, "-4@5", NULL, NULL, 0, 5, 4, SIGNED },
	{ MACHINE_ARM64, "-4@-5", NULL, NULL, 0, -5, 4, SIGNED },
	{ MACHINE_ARM64, "-4@[sp, 60]", "sp", NULL, 0, 60, 4, SIGNED | MEMORY },
	{ MACHINE_ARM64, "8@[x29]", "x29", NULL, 0, 0, 8, MEMORY },
	{ MACHINE_ARM64, "8@[x29, #-16]", "x29", NULL, 0, -16, 8, MEMORY },
	{ MACHINE_ARM64, "1@[x1, x2]", "x1", "x2", 1, 0, 1, MEMORY },
};

static uint16_t place_of(enum machine machine, const char *name)
{
	return name ? (uint16_t)(register_find(machine, name)->offset + 1) : 0;
}

static void what_can_be_said(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(good) / sizeof(*good); n++) {
		const struct good_row *row = &good[n];
		struct abi_location location;
		char why[LOCATION_REASON_MAX];

		if (location_find(row->machine, row->text, 0, &location, why))
			fail_msg("%s: %s", row->text, why);
		assert_int_equal(location.base, place_of(row->machine, row->base));
		assert_int_equal(location.index, place_of(row->machine, row->index));
		assert_int_equal(location.scale, row->scale);
		assert_int_equal(location.displacement, row->number);
		assert_int_equal(location.size, row->size);
		assert_int_equal(location.flags, row->flags);
	}
}

static const struct { enum machine machine; const char *text, *why; } bad[] = {
	{ MACHINE_X86_64, "", "0 arguments only" },
	{ MACHINE_X86_64, "%rax", "does not say how many bytes" },
	{ MACHINE_X86_64, "@%rax", "does not say how many bytes" },
	{ MACHINE_X86_64, "16@%rax", "impossible number of bytes" },
	{ MACHINE_X86_64, "3@%rax", "impossible number of bytes" },
	{ MACHINE_X86_64, "0@%rax", "impossible number of bytes" },
	{ MACHINE_X86_64, "-9223372036854775808@%rax", "impossible number of bytes" },
	{ MACHINE_X86_64, "256@%rax", "impossible number of bytes" },
	{ MACHINE_X86_64, "99999999999999999999@%rax", "number is not valid" },
	{ MACHINE_X86_64, "8f@%xmm0", "floating point" },
	{ MACHINE_X86_64, "8@%xmm0", "not kept" },
	{ MACHINE_X86_64, "1@%ah", "not kept" },
	{ MACHINE_X86_64, "8@%", "not kept" },
	{ MACHINE_X86_64, "8@%abcdefghijklmnopqrstuvwxyz", "not kept" },
	{ MACHINE_X86_64, "8@%eax", "fewer bits" },
	{ MACHINE_X86_64, "8@%rax,", "not written" },
	{ MACHINE_X86_64, "8@%x0", "not kept" },
	{ MACHINE_X86_64, "8@(%eax)", "not of 64 bits" },
	{ MACHINE_X86_64, "8@(%rax", "parenthesis" },
	{ MACHINE_X86_64, "8@(%rax,%rbx,3)", "scale" },
	{ MACHINE_X86_64, "8@(%rax,%rbx,)", "number is missing" },
	{ MACHINE_X86_64, "8@(rax)", "register is missing" },
	{ MACHINE_X86_64, "-4@counter(%rip)", "address of a symbol" },
	{ MACHINE_X86_64, "-4@0(%rip)", "address of a symbol" },
	{ MACHINE_X86_64, "-4@counter", "address of a symbol" },
	{ MACHINE_X86_64, "8@%fs:-8", "not kept" },
	{ MACHINE_X86_64, "8@-16+8(%rsp)", "without a register" },
	{ MACHINE_X86_64, "8@4210752", "without a register" },
	{ MACHINE_X86_64, "8@$", "number is missing" },
	{ MACHINE_X86_64, "8@$symbol", "number is missing" },
	{ MACHINE_X86_64, "8@$010", "number is not valid" },
	{ MACHINE_X86_64, "8@", "address of a symbol" },
	{ MACHINE_ARM64, "8@w0", "fewer bits" },
	{ MACHINE_ARM64, "8@%rax", "not kept" },
	{ MACHINE_ARM64, "8@[x0, 16]!", "not written" },
	{ MACHINE_ARM64, "8@[x0, x1, lsl 3]", "kind that cannot be followed" },
	{ MACHINE_ARM64, "8@[x0", "kind that cannot be followed" },
	{ MACHINE_ARM64, "8@[w0]", "not of 64 bits" },
};

static void what_cannot(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(bad) / sizeof(*bad); n++) {
		struct abi_location location = { .size = 99 };
		char why[LOCATION_REASON_MAX] = "";

		assert_int_equal(location_find(bad[n].machine, bad[n].text, 0, &location, why), -1);
		assert_int_equal(location.size, 99);
		if (!strstr(why, bad[n].why))
			fail_msg("%s: '%s' instead of '%s'", bad[n].text, why, bad[n].why);
	}
}

static void lists(void **state)
{
	static const struct { const char *text; size_t count; size_t number; const char *base; } rows[] = {
		{ "", 0, 0, NULL }, { "   ", 0, 0, NULL }, { "8@x1", 1, 0, "x1" }, { " 8@x1  8@x2 ", 2, 1, "x2" },
		{ "-4@[sp, 60] 8@[x3, 8] 8@x4", 3, 2, "x4" }, { "4@] 8@x2", 2, 1, "x2" }, { "8@bad 8@x2", 2, 1, "x2" },
		{ "8@x1", 1, 1, NULL }, { "8@x1", 1, 400, NULL },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct abi_location location;
		char why[LOCATION_REASON_MAX];
		int found = location_find(MACHINE_ARM64, rows[n].text, rows[n].number, &location, why);

		assert_int_equal(location_count(rows[n].text), rows[n].count);
		assert_int_equal(found, rows[n].base ? 0 : -1);
		if (rows[n].base)
			assert_int_equal(location.base, place_of(MACHINE_ARM64, rows[n].base));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_said),
		cmocka_unit_test(what_cannot),
		cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests_name("location", tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* test_tracepoint_fields.c - what the kernel says of the fields of its records: where they are, and as which types they can be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/plan.h"

#include <cmocka.h>	/* last: it takes the name fail */

static const char format[] =
	"name: sched_switch\nID: 300\nformat:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\n"
	"\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
	"\tfield:__data_loc char[] name;\toffset:24;\tsize:4;\tsigned:0;\n"
	"\tfield:const char * path;\toffset:32;\tsize:8;\tsigned:0;\n"
	"\nprint fmt: \"field: %s\", REC->path\n";

static void test_format(void **state)
{
	static const struct {
		uint32_t number;
		int want;
		uint32_t offset, size;
		enum type_id type;
		const char *refusal;
	} rows[] = {
		{ 0, 0, 0, 2, TYPE_INT, "is one of the common ones, which the kernel does not leave for BPF programs" }, { 0, 0, 0, 2, TYPE_NOP, NULL },
		{ 1, 0, 2, 1, TYPE_STRING, "is one of the common ones, which the kernel does not leave for BPF programs" }, { 3, 0, 24, 4, TYPE_INT, "is stored at the record's end (__data_loc), which type data_loc reads" },
		{ 2, 0, 8, 16, TYPE_INT, "is not an integer of 1, 2, 4 or 8 bytes" },
		{ 3, 0, 24, 4, TYPE_STRING, "is stored at the record's end (__data_loc), which type data_loc reads" },
		{ 3, 0, 24, 4, TYPE_DATA_LOC, NULL }, { 3, 0, 24, 4, TYPE_NOP, NULL },
		{ 4, 0, 32, 8, TYPE_STRING, NULL },
		{ 0, 0, 0, 2, TYPE_AUTO, "is one of the common ones, which the kernel does not leave for BPF programs" },
		{ 2, 0, 8, 16, TYPE_AUTO, "is not an integer of 1, 2, 4 or 8 bytes" },
		{ 4, 0, 32, 8, TYPE_AUTO, "is not an integer of 1, 2, 4 or 8 bytes" },
		{ 3, 0, 24, 4, TYPE_AUTO, "is stored at the record's end (__data_loc), which type data_loc reads" },
		{ 5, -ERANGE, 0, 0, TYPE_INT, NULL },
	};
	struct tracepoint_field field;
	uint32_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *refusal;

		assert_int_equal(tracepoint_field(format, rows[i].number, &field, &count), rows[i].want);
		if (rows[i].want)
			continue;
		assert_int_equal(field.offset, rows[i].offset);
		assert_int_equal(field.size, rows[i].size);
		refusal = tracepoint_field_refuses(&field, rows[i].type);
		assert_true(!refusal == !rows[i].refusal);
		if (refusal)
			assert_string_equal(refusal, rows[i].refusal);
	}
	assert_int_equal(count, 5);
	assert_int_equal(tracepoint_field("nothing\n", 0, &field, &count), -EINVAL);
	assert_int_equal(tracepoint_field("\tfield:int a;\toffset:x;\n", 0, &field, &count), -EINVAL);
	assert_int_equal(tracepoint_field("", 0, &field, &count), -EINVAL);
}

/* What a field is of which no type is said. */
static void test_told(void **state)
{
	static const struct { const char *declaration; uint32_t size, is_signed; bool has_size; int want; uint32_t element; } rows[] = {
		{ "int a", 4, 1, false, TYPE_INT32, 1 }, { "unsigned long a", 8, 0, false, TYPE_UINT64, 1 }, { "s16 a", 2, 1, false, TYPE_INT16, 1 },
		{ "size_t a", 8, 0, false, TYPE_SIZE, 1 }, { "size_ta a", 8, 0, false, TYPE_UINT64, 1 },
		{ "const char * a", 8, 0, true, TYPE_CHAR_BUF, 1 }, { "char * a", 8, 0, true, TYPE_CHAR_BUF, 1 },
		{ "const char * a", 8, 0, false, -1, 1 }, { "void * a", 8, 0, true, -1, 1 }, { "const char ** a", 8, 0, true, -1, 1 },
		{ "char a[16]", 16, 0, false, TYPE_CONST_BUF, 1 }, { "char a[8]", 8, 0, false, TYPE_CONST_BUF, 1 },
		{ "unsigned long a[6]", 48, 0, false, TYPE_CONST_BUF, 8 }, { "u32 a[6]", 24, 0, false, TYPE_CONST_BUF, 1 },
		{ "u64 a[N]", 24, 0, false, TYPE_CONST_BUF, 1 }, { "u64 a[1]", 8, 0, false, TYPE_CONST_BUF, 8 },
		{ "char a[0]", 0, 0, false, -1, 1 }, { "char a[1023]", 1023, 0, false, TYPE_CONST_BUF, 1 },
		{ "char a[1024]", 1024, 0, false, -1, 1 }, { "__data_loc char[] a", 4, 0, false, -1, 1 }, { "struct x a", 12, 0, false, -1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tracepoint_field field = { .offset = 8, .size = rows[i].size, .is_signed = rows[i].is_signed };
		const char *why;

		snprintf(field.declaration, sizeof(field.declaration), "%s", rows[i].declaration);
		if (tracepoint_field_type(&field, rows[i].has_size, &why) != rows[i].want)
			fail_msg("%s is %d", rows[i].declaration, tracepoint_field_type(&field, rows[i].has_size, &why));
		assert_true(rows[i].want >= 0 || why);
		assert_int_equal(tracepoint_element_size(&field), rows[i].element);
	}
}

/* What `auto` is, by size and sign. */
static void test_auto(void **state)
{
	static const struct { const char *line; uint8_t want; } rows[] = {
		{ "\tfield:unsigned char a;\toffset:8;\tsize:1;\tsigned:0;\n", ABI_LOAD_U8 },
		{ "\tfield:s16 a;\toffset:8;\tsize:2;\tsigned:1;\n", ABI_LOAD_S16 },
		{ "\tfield:int a;\toffset:8;\tsize:4;\tsigned:1;\n", ABI_LOAD_S32 },
		{ "\tfield:unsigned int a;\toffset:8;\tsize:4;\tsigned:0;\n", ABI_LOAD_U32 },
		{ "\tfield:long a;\toffset:8;\tsize:8;\tsigned:1;\n", ABI_LOAD_S64 },
		{ "\tfield:size_t a;\toffset:8;\tsize:8;\tsigned:0;\n", ABI_LOAD_U64 },
	};
	struct tracepoint_field field;
	uint32_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(tracepoint_field(rows[i].line, 0, &field, &count), 0);
		assert_null(tracepoint_field_refuses(&field, TYPE_AUTO));
		assert_int_equal(tracepoint_field_load(&field), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format), cmocka_unit_test(test_told), cmocka_unit_test(test_auto),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

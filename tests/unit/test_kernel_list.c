// SPDX-License-Identifier: Apache-2.0
/* test_kernel_list.c - which function of the kernel an address lies in, by lists as the kernel writes them. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "symbolize/kernel_image.h"
#include "symbolize/kernel_list.h"
#include "symbolize/kernel_passing.h"

static const char kallsyms[] =
	"0000000000000000 A fixed_percpu_data\n"
	"ffffffff81000000 T _stext\n"
	"ffffffff81000000 T _text\n"
	"ffffffff81000200 T second\n"
	"ffffffff81000100 t first\n"
	"ffffffff81000100 T first_alias\n"
	"ffffffff81000180 d data_between\n"
	"ffffffff81000300 T _etext\n"
	"ffffffff82000000 T after_text\n"
	"ffffffff83000000 T _sinittext\n"
	"ffffffff83000010 t init_function\n"
	"ffffffff83000100 T _einittext\n"
	"ffffffffa0000000 t module_start\t[mod]\n"
	"ffffffffa0000010 t module_second\t[mod]\n"
	"ffffffffa0004000 d module_data\t[mod]\n"
	"ffffffffa0001000 t other\t[other]\n"
	"ffffffffa0002000 t bpf_prog_1\t[bpf]\n"
	"ffffffffa0003000 t ftrace_trampoline\t[__builtin__ftrace]\n"
	"ffffffffa0005000 t unlisted\t[unlisted]";
static const char modules[] =
	"mod 256 0 - Live 0xffffffffa0000000\n"
	"other 16384 1 mod, Live 0xffffffffa0001000 (O)\n"
	"empty 16 0 - Live 0x0000000000000000\n";

struct built { struct buffer head, names; struct kernel_index index; };

static enum symbol_why build(const char *text, const char *loaded, struct built *ret)
{
	char *copy = strdup(text);
	enum symbol_why why;

	*ret = (struct built){ .head = { 0 } };
	why = kernel_index_build(copy, strlen(text), loaded, &ret->head, &ret->names);
	ret->index = (struct kernel_index){
		(const uint8_t *)ret->head.bytes, ret->head.length, { (const uint8_t *)ret->names.bytes, ret->names.length },
	};
	free(copy);
	return why;
}

static void release(struct built *built)
{
	buffer_release(&built->head);
	buffer_release(&built->names);
}

struct row { uint64_t address; const char *name, *module; uint64_t offset; };

static void check(const struct built *built, const struct row *rows, size_t count)
{
	for (size_t n = 0; n < count; n++) {
		struct name_found found;
		const char *module = "unset";
		bool is_damaged;

		print_message("# %" PRIx64 "\n", rows[n].address);
		assert_int_equal(kernel_index_find(&built->index, rows[n].address, &found, &module, &is_damaged), rows[n].name != NULL);
		assert_false(is_damaged);
		if (!rows[n].name)
			continue;
		assert_string_equal(found.name, rows[n].name);
		assert_int_equal(rows[n].address - found.start, rows[n].offset);
		assert_string_equal(module ? module : "-", rows[n].module ? rows[n].module : "-");
	}
}

static void functions(void **state)
{
	static const struct row rows[] = {
		{ 0xffffffff81000000, "_stext", NULL, 0 },
		{ 0xffffffff81000100, "first", NULL, 0 },	/* of several names the one that is listed first */
		{ 0xffffffff810001ff, "first", NULL, 0xff },
		{ 0xffffffff81000200, "second", NULL, 0 },
		{ 0xffffffff810002ff, "second", NULL, 0xff },
		{ 0xffffffff81000300 }, { 0xffffffff80ffffff }, { 0xffffffff82000010 }, { 0 }, { 1 }, { UINT64_MAX },
		{ 0xffffffff83000020, "init_function", NULL, 0x10 }, { 0xffffffff83000100 },
		{ 0xffffffffa0000000, "module_start", "mod", 0 },
		{ 0xffffffffa0000015, "module_second", "mod", 5 },
		{ 0xffffffffa00000ff, "module_second", "mod", 0xef },
		{ 0xffffffffa0000100 },			/* behind the module, as /proc/modules has it */
		{ 0xffffffffa0001001, "other", "other", 1 },
		{ 0xffffffffa0001fff, "other", "other", 0xfff },
		{ 0xffffffffa0002001 },			/* no longer than the page: a BPF program is there now, anything later */
		{ 0xffffffffa0003001 },
		{ 0xffffffffa0005fff, "unlisted", "unlisted", 0xfff }, { 0xffffffffa0006000 },
	};
	struct built built;

	(void)state;
	assert_int_equal(build(kallsyms, modules, &built), SYMBOL_KNOWN);
	assert_true(kernel_index_check(&built.index));
	assert_int_equal(kernel_index_start(&built.index), 0xffffffff81000000);
	check(&built, rows, sizeof(rows) / sizeof(*rows));
	release(&built);
}

/* System.map has no modules; a list that was cut has no end. */
static void other_lists(void **state)
{
	static const struct row whole[] = {
		{ 0xffffffff81000010, "_stext", NULL, 0x10 }, { 0xffffffff8100001f, "_stext", NULL, 0x1f }, { 0xffffffff81000020, "f", NULL, 0 },
		{ 0xffffffff81000030 },
	};
	static const struct row cut[] = { { 0x1010, "a", NULL, 0x10 }, { 0x1020, "b", NULL, 0 }, { 0x1021 }, { 0xfff } };
	struct built built;

	(void)state;
	assert_int_equal(build("ffffffff81000000 T _stext\nffffffff81000020 t f\nffffffff81000030 T _etext\n", NULL, &built), SYMBOL_KNOWN);
	check(&built, whole, 4);
	release(&built);
	assert_int_equal(build("1000 T a\n1020 T b\n", NULL, &built), SYMBOL_KNOWN);
	check(&built, cut, 4);
	assert_int_equal(kernel_index_start(&built.index), 0);
	release(&built);
}

static void lists_without_functions(void **state)
{
	static const struct { const char *text; enum symbol_why want; } rows[] = {
		{ "", SYMBOL_NO_SYMBOLS },
		{ "0000000000000000 T _stext\n0000000000000000 t f\n0000000000000000 T _etext", SYMBOL_HIDDEN },
		{ "0000000000000000 t f\t[mod]\n", SYMBOL_HIDDEN },
		{ "x\n\n\n", SYMBOL_HIDDEN }, { "\n0", SYMBOL_HIDDEN },
		{ "1000 d data\n", SYMBOL_NO_SYMBOLS },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct built built;

		assert_int_equal(build(rows[n].text, modules, &built), rows[n].want);
		assert_int_equal(built.head.length, 0);
		release(&built);
	}
}

static void hostile_lines(void **state)
{
	static const struct { const char *line; bool good; } rows[] = {
		{ "1 t f", true }, { "1 t f\t[m]", true }, { "1 t f [m]", true }, { "1 t f\t[]", true }, { "1 t f\tm", true },
		{ "11111111111111111 t f", false }, { "1  t f", false }, { "1 t", false }, { "1 t ", false }, { " 1 t f", false }, { "g t f", false }, { "1 tt f", false },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		char text[64], *at = text;
		struct kernel_line line;

		print_message("# %s\n", rows[n].line);
		strcpy(text, rows[n].line);
		assert_int_equal(kernel_line_next(&at, text + strlen(rows[n].line), &line), rows[n].good);
		if (rows[n].good)
			assert_string_equal(line.name, "f");
	}
}

/* Each byte of what came from a disk may be wrong: it is refused, or answers stay within it. */
static void damaged_index(void **state)
{
	struct built built;

	(void)state;
	assert_int_equal(build(kallsyms, modules, &built), SYMBOL_KNOWN);
	for (size_t n = 0; n < built.head.length; n++) {
		struct name_found found;
		const char *module;
		bool is_damaged;

		built.head.bytes[n] ^= 0x41;
		if (kernel_index_check(&built.index))
			for (uint64_t address = 0xffffffffa0000000; address < 0xffffffffa0006000; address += 0x7ff)
				if (kernel_index_find(&built.index, address, &found, &module, &is_damaged) && module)
					assert_true(strlen(module) < built.head.length);
		built.head.bytes[n] ^= 0x41;
	}
	for (size_t size = 0; size < built.index.size; size++) {
		const struct kernel_index cut = { built.index.bytes, size, built.index.names };

		assert_false(kernel_index_check(&cut));
	}
	release(&built);
}

static void passing_code(void **state)
{
	static const struct row rows[] = {
		{ 0xffffffffa0002000, "bpf_prog_1", "bpf", 0 }, { 0xffffffffa0002fff, "bpf_prog_1", "bpf", 0xfff },
		{ 0xffffffffa0003010, "ftrace_trampoline", "__builtin__ftrace", 0x10 }, { 0xffffffffa0004000 }, { 0xffffffffa0000000 }, { 0 },
	};
	struct passing *passing = passing_new();
	char *copy = strdup(kallsyms);

	(void)state;
	assert_false(passing_find(passing, 0xffffffffa0002000, &(struct name_found){ 0 }, &(const char *){ NULL }));
	passing_fill(passing, copy, strlen(copy));
	free(copy);
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct name_found found;
		const char *module;

		assert_int_equal(passing_find(passing, rows[n].address, &found, &module), rows[n].name != NULL);
		if (!rows[n].name)
			continue;
		assert_string_equal(found.name, rows[n].name);
		assert_string_equal(module, rows[n].module);
		assert_int_equal(rows[n].address - found.start, rows[n].offset);
	}
	passing_free(passing);
}

static void notes(void **state)
{
	static const uint8_t good[] = {
		4, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 'X', 'e', 'n', 0, 9, 9, 9, 0,
		4, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0, 0xab, 0xcd, 0, 0,
	};
	static const uint8_t hostile[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3, 0, 0, 0, 'G', 'N', 'U', 0 };
	struct build_id id = { .length = 0 };

	(void)state;
	assert_true(build_id_of_notes(good, sizeof(good), &id));
	assert_int_equal(id.length, 2);
	assert_int_equal(id.bytes[0], 0xab);
	for (size_t size = 0; size < sizeof(good); size++)
		assert_false(build_id_of_notes(good, size, &id));
	assert_false(build_id_of_notes(hostile, sizeof(hostile), &id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions), cmocka_unit_test(other_lists), cmocka_unit_test(lists_without_functions),
		cmocka_unit_test(hostile_lines), cmocka_unit_test(damaged_index), cmocka_unit_test(passing_code), cmocka_unit_test(notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

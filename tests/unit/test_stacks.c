// SPDX-License-Identifier: Apache-2.0
/* test_stacks.c - which function an address lies in, and what is told of addresses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/kernel_symbols.h"
#include "runtime/stacks.h"

static const char kallsyms[] =
	"0000000000000000 A fixed_percpu_data\n"
	"ffffffff81000000 T _stext\n"
	"ffffffff81000200 T second\n"
	"ffffffff81000100 t first\n"
	"ffffffff81000100 T first_alias\n"
	"ffffffff81000180 d data_between\n"
	"ffffffff81000300 T _etext\n"
	"ffffffff82000000 T after_text\n"
	"ffffffffa0000000 t module_start\t[mod]\n"
	"ffffffffa0000010 t module_second\t[mod]\n"
	"ffffffffa0001000 t other\t[other]\n"
	"ffffffffa0002000 t bpf_prog_1\t[bpf]\n";
static const char modules[] =
	"mod 256 0 - Live 0xffffffffa0000000\n"
	"other 16 1 mod, Live 0xffffffffa0001000 (O)\n"
	"empty 16 0 - Live 0x0000000000000000\n";

static void functions(void **state)
{
	static const struct { uint64_t address; const char *name, *module; uint64_t offset; } rows[] = {
		{ 0xffffffff81000000, "_stext", NULL, 0 },
		{ 0xffffffff81000100, "first", NULL, 0 },
		{ 0xffffffff810001ff, "first", NULL, 0xff },
		{ 0xffffffff81000200, "second", NULL, 0 },
		{ 0xffffffff810002ff, "second", NULL, 0xff },
		{ 0xffffffff81000300 }, { 0xffffffff80ffffff }, { 0xffffffff82000010 }, { 0 }, { UINT64_MAX },
		{ 0xffffffffa0000000, "module_start", "mod", 0 },
		{ 0xffffffffa0000015, "module_second", "mod", 5 },
		{ 0xffffffffa00000ff, "module_second", "mod", 0xef },
		{ 0xffffffffa0000100 },		/* behind the module */
		{ 0xffffffffa0001001, "other", "other", 1 },
		{ 0xffffffffa0002001 },		/* a program of BPF */
	};
	struct kernel_symbols *symbols = kernel_symbols_parse(kallsyms, modules);

	(void)state;
	assert_true(kernel_symbols_are_shown(symbols));
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct kernel_symbol found;

		print_message("# %llx\n", (unsigned long long)rows[n].address);
		assert_int_equal(kernel_symbols_find(symbols, rows[n].address, &found), rows[n].name != NULL);
		if (!rows[n].name)
			continue;
		assert_string_equal(found.name, rows[n].name);
		assert_int_equal(found.offset, rows[n].offset);
		if (rows[n].module)
			assert_string_equal(found.module, rows[n].module);
		else
			assert_null(found.module);
	}
	kernel_symbols_free(symbols);
}

static void hidden_addresses(void **state)
{
	static const char *const texts[] = {
		"", "0000000000000000 T _stext\n0000000000000000 t f\n0000000000000000 T _etext", "x\n\n\n", "\n0",
	};

	(void)state;
	for (size_t n = 0; n < sizeof(texts) / sizeof(*texts); n++) {
		struct kernel_symbols *symbols = kernel_symbols_parse(texts[n], modules);
		struct kernel_symbol found;

		assert_false(kernel_symbols_are_shown(symbols));
		assert_false(kernel_symbols_find(symbols, 0xffffffffa0000001, &found));
		assert_false(kernel_symbols_find(symbols, 0, &found));
		kernel_symbols_free(symbols);
	}
}

/* Without anything to ask, of a program its addresses are told, of the kernel nothing. */
static void nobody_to_ask(void **state)
{
	const uint64_t addresses[] = { 0x401000, 0x7f0000000000 };
	struct stack_trace trace = { .kind = STACK_USER, .addresses = (const uint8_t *)addresses, .count = 2, .pid = (uint32_t)getpid(),
				     .process_start = 5 };
	struct stack_entry entries[ABI_STACK_FRAMES];

	(void)state;
	assert_int_equal(stacks_tell(NULL, &trace, entries), 0);
	for (size_t n = 0; n < 2; n++) {
		assert_int_equal(entries[n].address, addresses[n]);
		assert_null(entries[n].symbol);
		assert_null(entries[n].module);
	}
	trace.kind = STACK_KERNEL;
	assert_int_equal(stacks_tell(NULL, &trace, entries), -EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions), cmocka_unit_test(hidden_addresses), cmocka_unit_test(nobody_to_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

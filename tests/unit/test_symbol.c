// SPDX-License-Identifier: Apache-2.0
/* test_symbol.c - addresses in lists like /proc/kallsyms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/symbol.h"

static const struct row {
	const char *shows, *list;
	uint64_t address;
} rows[] = {
	{ "data", "ffffffff82609600 D rename_lock\n", 0xffffffff82609600 },
	{ "as newer kernels say it", "ffffffff83009800 T rename_lock\n", 0xffffffff83009800 },
	{ "behind others, and without the end of a line", "0000000000000000 A fixed_percpu_data\nffffffff81000000 T _stext\nffffffff82609600 d rename_lock",
	  0xffffffff82609600 },
	{ "names that begin or end so", "ffffffff81000000 D rename_locks\nffffffff81000008 D __rename_lock\n", 0 },
	{ "a module's", "ffffffffc0000000 d rename_lock\t[other]\n", 0 },
	{ "a module's, then the kernel's", "ffffffffc0000000 d rename_lock\t[other]\nffffffff82609600 D rename_lock\n", 0xffffffff82609600 },
	{ "hidden", "0000000000000000 D rename_lock\n", 0 },
	{ "none", "ffffffff81000000 T _stext\n", 0 },
	{ "no list", "\n\n \nrename_lock\nD rename_lock\nffffffff82609600  rename_lock\nffffffff82609600 DD rename_lock\n", 0 },
};

static void symbols(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		FILE *list = fmemopen((void *)(uintptr_t)rows[n].list, strlen(rows[n].list), "r");

		print_message("# %s\n", rows[n].shows);
		assert_non_null(list);
		assert_true(symbol_address(list, "rename_lock") == rows[n].address);
		fclose(list);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(symbols) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

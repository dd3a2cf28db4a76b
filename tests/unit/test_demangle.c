// SPDX-License-Identifier: Apache-2.0
/* test_demangle.c - names of C++ and Rust: rows, those of libstdc++ against c++filt, and names that are made to take time, memory or the stack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/schema.h"
#include "symbolize/demangle.h"

#include <cmocka.h>	/* last: it takes the name fail */

static const struct row { const char *name, *want; } rows[] = {
	{ "_Z3fooi", "foo(int)" },
	{ "_ZN1A1BC2Ev", "A::B::B()" },
	{ "_ZSt4moveIRiEONSt16remove_referenceIT_E4typeEOS2_", "std::remove_reference<int&>::type&& std::move<int&>(int&)" },
	{ "_Z3fooi.cold", "foo(int) [clone .cold]" },
	{ "_ZNSt6localeD1Ev@@GLIBCXX_3.4", "std::locale::~locale()@@GLIBCXX_3.4" },
	{ "_GLOBAL__I__ZN1a1bE", "global constructors keyed to a::b" },
	{ "_ZTV1A", "vtable for A" },
	{ "_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write" },
	{ "_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17h930b740aa94f1d3aE",
	  "<Test + 'static as foo::Bar<Test>>::bar" },
	{ "_RNvCs1234_7mycrate3foo", "mycrate::foo" },
	{ "_RINvNtC3std3mem8align_ofjE", "std::mem::align_of::<usize>" },
	{ "_RNqCs4fqI2P2rA04_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y", "utf8_idents::\xe1\x83\xa1\xe1\x83\x90\xe1\x83\xad\xe1\x83\x9b\xe1\x83"
	  "\x94\xe1\x83\x9a\xe1\x83\x90\xe1\x83\x93_\xe1\x83\x92\xe1\x83\x94\xe1\x83\x9b\xe1\x83\xa0\xe1\x83\x98\xe1\x83\x94\xe1\x83\x9a\xe1\x83\x98_"
	  "\xe1\x83\xa1\xe1\x83\x90\xe1\x83\x93\xe1\x83\x98\xe1\x83\x9a\xe1\x83\x98" },
	{ "_RINvC1a1bFG0_EuE", "a::b::<for<'a, 'b> fn()>" },
	{ "_RNvCs4FGzzz04aD_7mycrate3foo", "mycrate::foo" },
	{ "_RMINvC1a1bFGzz_EuEu", NULL }, { "_RINvC1a1bDGzzzzzzzzzzz_EL_E", NULL },
	{ "main", NULL }, { "", NULL }, { "_Z", NULL }, { "_R", NULL }, { "_ZN", NULL }, { "_Zfoo@V", NULL }, { "_start", NULL },
	{ "runtime.mallocgc", NULL }, { "@", NULL }, { "_Z@@", NULL },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct buffer text = { 0 };

		buffer_add_text(&text, "before ");
		if (demangle(rows[n].name, &text) != !!rows[n].want || strcmp(text.bytes + 7, rows[n].want ? rows[n].want : ""))
			fail_msg("%s: \"%s\"", rows[n].name, text.bytes);
		buffer_release(&text);
	}
}

/* c++filt has the limit of 1024 bytes that we have not. */
static void test_library(void **state)
{
	FILE *names = popen("nm -D --defined-only /lib/x86_64-linux-gnu/libstdc++.so.6 | sed 's/.* //; s/@.*//' | grep -E '^_[ZR]' | sort -u "
			    ">/tmp/tetra-names-$PPID; c++filt -i </tmp/tetra-names-$PPID | "
			    "paste -d ' ' /tmp/tetra-names-$PPID -; rm /tmp/tetra-names-$PPID", "r");
	char *line = NULL;
	size_t room = 0, count = 0;

	(void)state;
	while (getline(&line, &room, names) >= 0) {
		struct buffer text = { 0 };
		char *want = strchr(line, ' ');

		*want++ = '\0';
		want[strcspn(want, "\n")] = '\0';
		if (!demangle(line, &text))
			buffer_add_text(&text, line);
		assert_string_equal(text.bytes, want);
		buffer_release(&text);
		count++;
	}
	free(line);
	pclose(names);
	assert_true(count > 2000);
}

/* A name made of parts that are repeated. */
static const struct hostile_row { const char *about, *start, *repeated, *end; size_t times; } hostile_rows[] = {
	{ "pointers", "_Z1f", "P", "i", 4000 },
	{ "templates in templates", "_Z1f", "1aI", "i", 1200 },
	{ "closed templates in templates", "_Z1fI", "1aI", "iE", 1000 },
	{ "nested names", "_ZN", "1a", "Ev", 2000 },
	{ "functions of functions", "_Z1f", "PF", "v", 2000 },
	{ "operators in operators", "_Z1fIX", "pl", "T_E", 2000 },
	{ "arrays of arrays", "_Z1f", "A1_", "i", 1300 },
	{ "pairs of the pair before", "_Z1fSt4pairIiiE", "S_IS0_S0_E", "", 300 },
	{ "members of members", "_Z1f", "M1a", "i", 1300 },
	{ "local names", "_Z", "Z1fvE", "1a", 800 },
	{ "packs", "_Z1fIJ", "J", "E", 2000 },
	{ "expansions", "_Z1fIJiEEv", "Dp", "T_", 2000 },
	{ "decltypes", "_Z1fIiEv", "DT", "T_", 2000 },
	{ "references to the type before", "_RMC0", "TB2_B2_E", "", 500 },
	{ "slices of slices", "_RIC0", "S", "jE", 4000 },
	{ "paths in paths", "_R", "NvC1a", "1b", 600 },
	{ "implementations", "_R", "XC1a", "j", 800 },
	{ "lifetimes that are not written", "_RM", "INvC1a1bFGzzzzz_EuE", "u", 1 },
	{ "lifetimes in each type", "_RMINvC1a1b", "FGz_", "uEuEu", 1000 },
	{ "functions of Rust", "_RIC0", "FE", "uE", 2000 },
};

static void test_hostile(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(hostile_rows) / sizeof(*hostile_rows); n++) {
		const struct hostile_row *row = &hostile_rows[n];
		struct buffer name = { 0 }, text = { 0 };
		const clock_t before = clock();

		buffer_add_text(&name, row->start);
		for (size_t m = 0; m < row->times && name.length + strlen(row->repeated) + strlen(row->end) <= LIMIT_MANGLED_BYTES; m++)
			buffer_add_text(&name, row->repeated);
		buffer_add_text(&name, row->end);
		if (!demangle(name.bytes, &text))
			assert_int_equal(text.length, 0);
		assert_true(text.length <= LIMIT_DEMANGLED_BYTES);
		if (clock() - before > CLOCKS_PER_SEC)
			fail_msg("%s: %ld ms", row->about, (long)((clock() - before) * 1000 / CLOCKS_PER_SEC));
		buffer_release(&text);
		buffer_release(&name);
	}
}

/* Each pair holds the one before twice: 2 to the power of 60. */
static void test_doubling(void **state)
{
	struct buffer name = { 0 }, text = { 0 };
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	(void)state;
	buffer_add_text(&name, "_Z1fSt4pairIiiE");
	for (int n = 0; n < 30; n++)
		buffer_format(&name, "S_IS%c_S%c_E", digits[n], digits[n]);
	demangle(name.bytes, &text);
	assert_true(text.length <= LIMIT_DEMANGLED_BYTES);
	buffer_release(&text);
	buffer_release(&name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows), cmocka_unit_test(test_library), cmocka_unit_test(test_hostile), cmocka_unit_test(test_doubling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

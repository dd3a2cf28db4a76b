// SPDX-License-Identifier: Apache-2.0
/*
 * test_go.c - Go's own table: made by hand in the four layouts, in both byte orders and pointer sizes; and programs of the Go compiler that were stripped,
 * robbed of names of sections and of sections, position-independent or not, against their own DWARF.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/buffer.h"
#include "symbolize/go.h"
#include "symbolize/module.h"
#include "tests/unit/made_files.h"

#include <cmocka.h>	/* last: it takes the name fail */

/* ---- Made by hand ---- */

enum { TEXT = 0x10000, TABLE = 0x20000, DATA = 0x30000, FUNCTION_DATA = 0x30800 };
struct form { const char *version; uint32_t magic; bool is_64, is_big; };

struct maker { struct buffer bytes; struct form form; };

static void put(struct maker *maker, unsigned size, uint64_t value)
{
	for (unsigned n = 0; n < size; n++)
		buffer_add_char(&maker->bytes, (char)(value >> 8 * (maker->form.is_big ? size - 1 - n : n)));
}

static void put_at(struct maker *maker, size_t at, unsigned size, uint64_t value)
{
	for (unsigned n = 0; n < size; n++)
		maker->bytes.bytes[at + n] = (char)(value >> 8 * (maker->form.is_big ? size - 1 - n : n));
}

static unsigned pointer(const struct maker *maker)
{
	return maker->form.is_64 ? 8 : 4;
}

static bool is_narrow(const struct maker *maker)
{
	return maker->form.magic == 0xfffffff0 || maker->form.magic == 0xfffffff1;
}

/* Two values: the first for `first` bytes of code, the second for `second`; small ones. */
static void put_values(struct maker *maker, int one, unsigned first, int other, unsigned second)
{
	const int changes[] = { one + 1, other - one };
	const unsigned lengths[] = { first, second };

	for (int n = 0; n < 2; n++) {
		put(maker, 1, (uint8_t)(changes[n] < 0 ? ~((unsigned)changes[n] << 1) : (unsigned)changes[n] << 1));
		put(maker, 1, lengths[n]);
	}
	put(maker, 1, 0);
}

/*
 * Two functions, at 0 and 0x40 of the text; main.first has a call of main.inner at 0x10 to 0x1f, whose caller's line is that of byte 4.
 * Offsets within the table are fixed: names 0x100, units 0x180, files 0x1a0, values 0x200, functions 0x300, and what each layout wants of them.
 */
enum { NAMES = 0x100, UNITS = 0x180, FILES = 0x1a0, VALUES = 0x200, FUNCTIONS = 0x300 };

static void pad(struct maker *maker, size_t to)
{
	assert_true(maker->bytes.length <= to);
	if (to > maker->bytes.length)
		buffer_reserve(&maker->bytes, to - maker->bytes.length);
}

static void put_record(struct maker *maker, uint64_t entry, uint64_t base, unsigned name, unsigned line_values, unsigned inlined)
{
	put(maker, is_narrow(maker) ? 4 : pointer(maker), entry);
	put(maker, 4, base + name);				/* name, then args, return, stack */
	put(maker, 4, 0);
	put(maker, 4, 0);
	put(maker, 4, 0);
	put(maker, 4, (base ? VALUES : 0) + 1U);		/* files, lines */
	put(maker, 4, (base ? VALUES : 0) + line_values);
	put(maker, 4, 3);
	if (maker->form.magic != 0xfffffffb)
		put(maker, 4, 0);				/* unit */
	if (maker->form.magic == 0xfffffff1)
		put(maker, 4, 7);				/* line of the function */
	put(maker, 1, 0);
	put(maker, 1, 0);
	put(maker, 1, 0);
	put(maker, 1, is_narrow(maker) ? 4 : 0);
	put(maker, 4, 0);
	put(maker, 4, 0);
	put(maker, 4, inlined);
	for (int n = 0; is_narrow(maker) && n < 4; n++)
		put(maker, 4, n == 3 && inlined ? 0 : UINT32_MAX);
}

static void put_header(struct maker *maker)
{
	const bool old = maker->form.magic == 0xfffffffb;
	const unsigned size = is_narrow(maker) ? 4 : pointer(maker);
	const uint64_t places[] = { NAMES, UNITS, FILES, VALUES, FUNCTIONS };
	const uint64_t index = old ? 0 : FUNCTIONS, first = index + 0x60, second = index + 0xc0;

	put(maker, 4, maker->form.magic);
	put(maker, 4, maker->form.is_big ? 1ULL << 8 | pointer(maker) : 1ULL << 16 | (uint64_t)pointer(maker) << 24);
	put(maker, pointer(maker), 2);
	if (!old)
		put(maker, pointer(maker), 1);
	if (is_narrow(maker))
		put(maker, pointer(maker), TEXT);
	for (size_t n = 0; !old && n < 5; n++)
		put(maker, pointer(maker), places[n]);
	if (!old)
		pad(maker, FUNCTIONS);
	put(maker, size, is_narrow(maker) ? 0 : TEXT);
	put(maker, size, first - index);
	put(maker, size, is_narrow(maker) ? 0x40 : TEXT + 0x40);
	put(maker, size, second - index);
	put(maker, size, is_narrow(maker) ? 0x80 : TEXT + 0x80);
	if (old)
		put(maker, 4, FILES);
	pad(maker, first);
}

static void put_texts(struct maker *maker)
{
	static const char names[] = "main.first\0main.second\0main.inner";

	pad(maker, FUNCTIONS + 0x140);
	memcpy(maker->bytes.bytes + NAMES, names, sizeof(names));
	memcpy(maker->bytes.bytes + FILES + 0x20, "/src/a.go\0/src/b.go", 20);
	if (maker->form.magic == 0xfffffffb) {
		put_at(maker, FILES, 4, 3);
		put_at(maker, FILES + 4, 4, FILES + 0x20);
		put_at(maker, FILES + 8, 4, FILES + 0x2a);
	} else {
		put_at(maker, UNITS, 4, UINT32_MAX);
		put_at(maker, UNITS + 4, 4, 0x20);
		put_at(maker, UNITS + 8, 4, 0x2a);
	}
}

/* Offsets in the values: 1 files, 8 lines of the first, 16 lines of the second, 24 what is inlined. */
static void put_all_values(struct maker *maker)
{
	struct maker values = { .form = maker->form };

	put(&values, 1, 0);
	put_values(&values, 1, 0x30, 2, 0x50);
	pad(&values, 8);
	put_values(&values, 10, 0x10, 20, 0x30);
	pad(&values, 16);
	put_values(&values, 30, 8, 29, 0x38);
	pad(&values, 24);
	put(&values, 1, 0);	/* -1 for 16 bytes, 0 for 16 more, -1 again */
	put(&values, 1, 0x10);
	put(&values, 1, 2);
	put(&values, 1, 0x10);
	put(&values, 1, 1);
	put(&values, 1, 0x20);
	put(&values, 1, 0);
	memcpy(maker->bytes.bytes + VALUES, values.bytes.bytes, values.bytes.length);
	buffer_release(&values.bytes);
}

static void put_table(struct maker *maker)
{
	const uint64_t base = maker->form.magic == 0xfffffffb ? NAMES : 0;
	const size_t start = maker->bytes.length;
	struct maker table = { .form = maker->form };

	put_header(&table);
	put_record(&table, is_narrow(maker) ? 0 : TEXT, base, 0, 8, 24);
	pad(&table, (base ? 0 : FUNCTIONS) + 0xc0);
	put_record(&table, is_narrow(maker) ? 0x40 : TEXT + 0x40, base, 11, 16, 0);
	if (base)
		pad(&table, FUNCTIONS);
	put_texts(&table);
	put_all_values(&table);
	assert_int_equal(start, 0x1000);
	buffer_add(&maker->bytes, table.bytes.bytes, table.bytes.length);
	buffer_release(&table.bytes);
}

/* The module's data, and the one call that is inlined. */
static void put_module(struct maker *maker)
{
	const bool is_new = maker->form.magic == 0xfffffff1;
	const size_t at = maker->bytes.length;

	for (int n = 0; n < 60; n++) {
		const uint64_t value = n == 0 ? TABLE : n == 1 ? TABLE + NAMES : n == 4 ? TABLE + UNITS : n == 7 ? TABLE + FILES :
				       n == 10 ? TABLE + VALUES : n == 13 ? TABLE + FUNCTIONS : n == 22 ? TEXT :
				       n == (is_new ? 40 : 38) ? FUNCTION_DATA : 0;

		put(maker, pointer(maker), value);
	}
	pad(maker, at + (FUNCTION_DATA - DATA));
	put(maker, 4, is_new ? 0 : 0xffff0000);
	if (!is_new) {
		put(maker, 4, 1);
		put(maker, 4, 10);
	}
	put(maker, 4, 23);		/* main.inner */
	put(maker, 4, 4);
	put(maker, 4, 5);
}

/* An ELF file without sections: a note, and three segments. */
static void make_file(struct maker *maker)
{
	const struct { uint32_t type, flags; uint64_t offset, address; } segments[] = {
		{ PT_NOTE, PF_R, 0x200, 0 }, { PT_LOAD, PF_R | PF_X, 0x800, TEXT }, { PT_LOAD, PF_R, 0x1000, TABLE },
		{ PT_LOAD, PF_R | PF_W, 0x2000, DATA },
	};
	const uint64_t sizes[] = { 20, 0x100, 0x1000, 0x1000 };
	const bool is_64 = maker->form.is_64;

	buffer_add(&maker->bytes, ELFMAG, SELFMAG);
	put(maker, 1, is_64 ? ELFCLASS64 : ELFCLASS32);
	put(maker, 1, maker->form.is_big ? ELFDATA2MSB : ELFDATA2LSB);
	put(maker, 1, EV_CURRENT);
	pad(maker, 16);
	put(maker, 2, ET_EXEC);
	put(maker, 2, EM_X86_64);
	put(maker, 4, EV_CURRENT);
	put(maker, pointer(maker), TEXT);
	put(maker, pointer(maker), 0x100);
	put(maker, pointer(maker), 0);
	put(maker, 4, 0);
	put(maker, 2, is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
	put(maker, 2, is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
	put(maker, 2, 4);
	pad(maker, 0x100);
	for (size_t n = 0; n < 4; n++) {
		put(maker, 4, segments[n].type);
		if (is_64)
			put(maker, 4, segments[n].flags);
		put(maker, pointer(maker), segments[n].offset);
		put(maker, pointer(maker), segments[n].address);
		put(maker, pointer(maker), segments[n].address);
		put(maker, pointer(maker), sizes[n]);
		put(maker, pointer(maker), sizes[n]);
		if (!is_64)
			put(maker, 4, segments[n].flags);
		put(maker, pointer(maker), 4);
	}
	pad(maker, 0x200);
	put(maker, 4, 4);
	put(maker, 4, 4);
	put(maker, 4, 4);
	buffer_add(&maker->bytes, "Go\0\0abcd", 8);
	pad(maker, 0x1000);
	put_table(maker);
	pad(maker, 0x2000);
	put_module(maker);
	pad(maker, 0x3000);
}

/* What is asked of each; in old layouts the call that is inlined is not told. */
static const struct { uint64_t at; const char *want, *without; } asked[] = {
	{ TEXT - 1, NULL, NULL },
	{ TEXT, "main.first /src/a.go:10", NULL },
	{ TEXT + 0x0f, "main.first /src/a.go:10", NULL },
	{ TEXT + 0x10, "main.inner /src/a.go:20, main.first /src/a.go:10", "main.first /src/a.go:20" },
	{ TEXT + 0x1f, "main.inner /src/a.go:20, main.first /src/a.go:10", "main.first /src/a.go:20" },
	{ TEXT + 0x20, "main.first /src/a.go:20", NULL },
	{ TEXT + 0x30, "main.first /src/b.go:20", NULL },
	{ TEXT + 0x3f, "main.first /src/b.go:20", NULL },
	{ TEXT + 0x40, "main.second /src/a.go:30", NULL },
	{ TEXT + 0x48, "main.second /src/a.go:29", NULL },
	{ TEXT + 0x7f, "main.second /src/b.go:29", NULL },
	{ TEXT + 0x80, NULL, NULL },
};

static const char *text_of(const struct symbol_frames *found)
{
	static char text[8192];
	size_t length = 0;

	text[0] = '\0';
	for (size_t n = 0; n < found->count; n++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s %s:%u", n ? ", " : "", found->frames[n].function,
					   found->frames[n].file ? found->frames[n].file : "?", found->frames[n].line);
	return text;
}

static void test_layouts(void **state)
{
	static const struct { const char *version; uint32_t magic; } layouts[] = {
		{ "1.2", 0xfffffffb }, { "1.16", 0xfffffffa }, { "1.18", 0xfffffff0 }, { "1.20", 0xfffffff1 },
	};

	(void)state;
	for (size_t n = 0; n < 16; n++) {
		struct maker maker = { .form = { layouts[n % 4].version, layouts[n % 4].magic, n & 4, n & 8 } };
		enum symbol_why why;
		struct binary *binary;
		struct go *go;

		make_file(&maker);
		binary = binary_of_bytes(maker.bytes.bytes, maker.bytes.length, &why);
		assert_non_null(binary);
		go = go_open(binary);
		if (!go)
			fail_msg("%s, %d bits: it is not found", maker.form.version, maker.form.is_64 ? 64 : 32);
		assert_string_equal(go_version(go), maker.form.version);
		assert_int_equal(go_count(go), 2);
		assert_int_equal(go_has_inlined(go), is_narrow(&maker));
		for (size_t m = 0; m < sizeof(asked) / sizeof(*asked); m++) {
			struct symbol_frame frames[4];
			struct symbol_frames found = { .frames = frames, .room = 4 };
			const char *want = asked[m].without && !is_narrow(&maker) ? asked[m].without : asked[m].want;

			why = go_find(go, asked[m].at, &found);
			if ((why == SYMBOL_KNOWN) != (want != NULL) || (want && strcmp(text_of(&found), want)))
				fail_msg("%s, %d bits, at %llx: %s, %s", maker.form.version, maker.form.is_64 ? 64 : 32,
					 (unsigned long long)asked[m].at, symbol_why_word(why), text_of(&found));
		}
		go_close(go);
		binary_close(binary);
		buffer_release(&maker.bytes);
	}
}

/* ---- Of the Go compiler ---- */

#define BUILD "mkdir -p go && cd go && printf 'module example\\ngo 1.18\\n' >go.mod && printf 'package main\\n" \
	"type pair[T any] struct{ a, b T }\\nfunc (p pair[T]) first() T { return p.a }\\nfunc add(a, b int) int { return a + b }\\n" \
	"//go:noinline\\nfunc work(n int) (s int) { defer func() { s = add(s, 1) }(); for i := 0; i < n; i++ { s = add(s, i) }; return }\\n" \
	"func main() { println(work(pair[int]{5, 6}.first())) }\\n' >main.go && export HOME=$PWD GOCACHE=$PWD/cache GOFLAGS=-mod=mod CGO_ENABLED=0 && " \
	"go build -o full . && go build -buildmode=pie -o pie . && strip -o full-stripped full && strip -o pie-stripped pie && " \
	"objcopy --rename-section .gopclntab=.x --rename-section .go.buildinfo=.y --rename-section .note.go.buildid=.z full-stripped full-renamed && " \
	"for f in full pie; do cp $f-stripped $f-bare && printf '\\0\\0\\0\\0\\0\\0\\0\\0' | dd of=$f-bare bs=1 seek=40 conv=notrunc 2>/dev/null && " \
	"printf '\\0\\0\\0\\0' | dd of=$f-bare bs=1 seek=60 conv=notrunc 2>/dev/null; done"

static struct module *module_of(const char *name)
{
	const struct module_options options = { .search = NULL };
	enum symbol_why why;
	struct binary *binary = files_open(name, &why);

	assert_non_null(binary);
	return module_new(binary, &options);
}

/* DWARF writes instances of generic functions out, and "./<autogenerated>". */
static void simplify(char *text)
{
	char *from = text, *to = text;
	int depth = 0;

	for (; *from; from++) {
		depth -= *from == ']';
		if (!depth && !strncmp(from, "./<", 3))
			from += 2;
		if (!depth)
			*to++ = *from;
		depth += *from == '[';
	}
	*to = '\0';
}

static void find(struct module *module, uint64_t address, char *ret, size_t room)
{
	struct symbol_frame frames[16];
	struct symbol_frames found = { .frames = frames, .room = 16 };

	snprintf(ret, room, "%s", module_find(module, address, &found) == SYMBOL_KNOWN ? text_of(&found) : "");
	simplify(ret);
}

/* In wrappers that the compiler makes, DWARF leaves out what is inlined. */
static size_t compare(struct module *want, struct module *have, uint64_t address, const char *name)
{
	static char one[8192], other[8192];

	find(want, address, one, sizeof(one));
	find(have, address, other, sizeof(other));
	if (strcmp(one, other) && !strstr(other, "<autogenerated>"))
		fail_msg("%s: %llx: \"%s\" instead of \"%s\"", name, (unsigned long long)address, other, one);
	return *other != '\0';
}

static void test_compiled(void **state)
{
	static const struct { const char *have, *want; } pairs[] = {
		{ "go/full-stripped", "go/full" }, { "go/full-renamed", "go/full" }, { "go/full-bare", "go/full" },
		{ "go/pie-stripped", "go/pie" }, { "go/pie-bare", "go/pie" },
	};

	(void)state;
	assert_true(files_make(BUILD));
	for (size_t n = 0; n < sizeof(pairs) / sizeof(*pairs); n++) {
		struct module *want = module_of(pairs[n].want), *have = module_of(pairs[n].have);
		char command[512], *line = NULL;
		size_t room = 0, count = 0;
		unsigned long long address, size;
		FILE *nm;

		snprintf(command, sizeof(command), "nm -S %s | grep ' [Tt] ' | grep -v ' go.buildid$'", files_path(pairs[n].want));
		nm = popen(command, "r");
		while (getline(&line, &room, nm) >= 0)
			if (sscanf(line, "%llx %llx", &address, &size) == 2 && size)
				for (unsigned part = 0; part < 4; part++)
					count += compare(want, have, address + (size - 1) * part / 3, pairs[n].have);
		pclose(nm);
		free(line);
		assert_true(count > 4000);
		module_free(want);
		module_free(have);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_layouts), cmocka_unit_test(test_compiled) };
	const int status = cmocka_run_group_tests(tests, NULL, NULL);

	files_make("chmod -R u+w . 2>/dev/null");
	files_remove();
	return status;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * test_module.c - one program in many forms: stripped, with its debug information in another file that is found by build id, by link or beside, packed,
 * shared, split; all must tell the same as the program as it was built.  And files that only look like its debug information.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbolize/module.h"
#include "tests/unit/made_files.h"

#include <cmocka.h>	/* last: it takes the name fail */

/* Line 1: inner(), inlined into outer() on line 2, which is called on line 3. */
#define SOURCE "printf 'static inline __attribute__((always_inline)) int inner(int *a) { return *a += 5; }\\n" \
	"__attribute__((noinline)) int outer(int *a) { return inner(a) + 1; }\\n" \
	"int main(int c, char **v) { (void)v; return outer(&c); }\\n' >p.c"

/* PARTLY: lines, but not which calls are inlined; and that this is so. */
#define CROSS(machine) "clang --target=" machine "-linux-gnu -ffreestanding -O1 -g -c -o " machine ".o p.c"

enum tells { NOTHING, NAMES, LINES, PARTLY };
static const struct form_row { const char *about, *make, *file; enum tells tells; } forms[] = {
	{ "as it was built", "gcc -O1 -g -Wl,--build-id -o p p.c", "p", LINES },
	{ "no debug information", "strip -g -o names p", "names", NAMES },
	{ "stripped", "strip -o nothing p", "nothing", NOTHING },
	{ "debug information by build id",
	  "strip -o by-id p && id=$(readelf -n p | sed -n 's/.*Build ID: //p') && mkdir -p debug/.build-id/${id%${id#??}} && "
	  "objcopy --only-keep-debug p debug/.build-id/${id%${id#??}}/${id#??}.debug", "by-id", LINES },
	{ "the same for a program that has its names", "strip -g -o by-id-names p", "by-id-names", LINES },
	{ "of another build id", "rm -r debug/.build-id && gcc -O1 -g -Wl,--build-id=0x1234567890 -o other p.c && "
	  "mkdir -p debug/.build-id/$(readelf -n p | sed -n 's/.*Build ID: \\(..\\).*/\\1/p') && "
	  "objcopy --only-keep-debug other debug/.build-id/$(readelf -n p | sed -n 's/.*Build ID: \\(..\\)\\(.*\\)/\\1\\/\\2/p').debug",
	  "by-id", NOTHING },
	{ "by link, beside it", "rm -r debug; objcopy --only-keep-debug p p.debug && objcopy -S --add-gnu-debuglink=p.debug p linked", "linked", LINES },
	{ "by link, in .debug", "mkdir .debug && mv p.debug .debug/", "linked", LINES },
	{ "by link, of another build id", "objcopy --only-keep-debug other .debug/p.debug", "linked", NOTHING },
	{ "by link, without a build id", "gcc -O1 -g -Wl,--build-id=none -o q p.c && objcopy --only-keep-debug q q.debug && "
	  "objcopy -S --add-gnu-debuglink=q.debug q q-linked", "q-linked", LINES },
	{ "by link, with another checksum", "printf x >>q.debug", "q-linked", NOTHING },
	{ "by link to itself", "cp q r && objcopy -S --add-gnu-debuglink=r r r2 && mv r2 r", "r", NOTHING },
	{ "a link that has a folder", "mkdir -p sub && objcopy --only-keep-debug q sub/q.debug && objcopy -S --add-gnu-debuglink=sub/q.debug q q-sub && "
	  "sed -i 's|q.debug|/./././|' q-sub", "q-sub", NOTHING },
	{ "packed symbols", "nm -f posix --defined-only p | sed 's/ .*//' >keep && objcopy --only-keep-debug p mini && strip -g mini && "
	  "xz -k mini && objcopy -S --add-section=.gnu_debugdata=mini.xz p packed", "packed", NAMES },
	{ "packed symbols that are damaged", "head -c 200 mini.xz >cut.xz && objcopy -S --add-section=.gnu_debugdata=cut.xz p packed-cut", "packed-cut",
	  NOTHING },
	{ "shared debug information", "gcc -O1 -g -o d1 p.c && sed 's/main/main/' p.c >p2.c && gcc -O1 -g -o d2 p.c && "
	  "dwz -m shared.debug -M shared.debug d1 d2", "d1", LINES },
	{ "split", "gcc -O1 -g -gsplit-dwarf -o split p.c", "split", LINES },
	{ "split, and packed together", "llvm-dwp -e split -o split.dwp && rm -f *.dwo", "split", LINES },
	{ "split as DWARF 4 has it", "gcc -O1 -g -gdwarf-4 -gsplit-dwarf -o split4 p.c", "split4", LINES },
	{ "split, packed as DWARF 4 has it", "dwp -e split4 -o split4.dwp && rm -f *.dwo", "split4", LINES },
	{ "split, its parts elsewhere", "mkdir moved && mv split moved/ && rm split.dwp && gcc -O1 -g -gsplit-dwarf -o split p.c && mv *.dwo moved/",
	  "moved/split", LINES },
	{ "split, its parts gone", "rm -f moved/*.dwo && touch moved/split", "moved/split", PARTLY },
	{ "packed sections", "objcopy --compress-debug-sections=zlib p zlib", "zlib", LINES },
	{ "an object", "gcc -O1 -g -c -o p.o p.c", "p.o", LINES },
	{ "of 32 bits", "gcc -m32 -ffreestanding -O1 -g -c -o p32.o p.c", "p32.o", LINES },
	{ "not at a fixed place", "gcc -O1 -g -static-pie -o pie p.c 2>/dev/null || gcc -O1 -g -pie -o pie p.c", "pie", LINES },
	{ "at a fixed place", "gcc -O1 -g -no-pie -o fixed p.c", "fixed", LINES },
	{ "old DWARF", "gcc -O1 -g -gdwarf-3 -gstrict-dwarf -o old p.c", "old", LINES },
	{ "by another compiler", "clang -O1 -g -o clang p.c", "clang", LINES },
	{ "of AArch64", CROSS("aarch64"), "aarch64.o", LINES },
	{ "of ARM", CROSS("armv7"), "armv7.o", LINES },
	{ "of S/390, which is big-endian", CROSS("s390x"), "s390x.o", LINES },
	{ "of POWER, little-endian", CROSS("powerpc64le"), "powerpc64le.o", LINES },
	{ "of POWER, big-endian", CROSS("powerpc64"), "powerpc64.o", LINES },
	{ "of RISC-V, whose lines are differences", CROSS("riscv64"), "riscv64.o", LINES },
	{ "of 32 bits, by another compiler", CROSS("i386"), "i386.o", LINES },
	{ "prelinked: its debug file has other addresses", "rm -rf debug && for at in 4 5; do gcc -O1 -g -no-pie -Wl,-Ttext-segment=0x${at}00000 "
	  "-Wl,--build-id=0xabcdef12 -o at$at p.c; done && mkdir -p debug/.build-id/ab && "
	  "objcopy --only-keep-debug at5 debug/.build-id/ab/cdef12.debug && cp at4 prelinked-full && strip -o prelinked at4", "prelinked", LINES },
};

static const char *debug_folders[2];
static const struct debug_search by_folders = { debug_folders, AT_FDCWD, false };

static struct module *open_module(const char *name, const char *cache)
{
	const struct module_options options = { .search = &by_folders, .cache = cache };
	enum symbol_why why;
	struct binary *binary = files_open(name, &why);
	struct module *module;

	if (!binary)
		return NULL;
	module = module_new(binary, &options);
	module_set_place(module, AT_FDCWD, files_path(name));
	return module;
}

/* Where outer() begins in the file, as nm says of `file`.  On big-endian POWER that is its descriptor, the first one, as it is the first function. */
static uint64_t outer_of(const char *file)
{
	char command[512], line[64] = "";
	FILE *nm;

	snprintf(command, sizeof(command), "llvm-nm %s | sed -n 's/ [TtD] outer$//p'", files_path(file));
	nm = popen(command, "r");
	if (!fgets(line, sizeof(line), nm))
		fail_msg("%s has no outer()", file);
	pclose(nm);
	return strtoull(line, NULL, 16);
}

static const char *text_of(const struct symbol_frames *found)
{
	static char text[512];
	size_t length = 0;

	text[0] = '\0';
	for (size_t n = 0; n < found->count; n++) {
		const struct symbol_frame *frame = &found->frames[n];
		const char *slash = frame->file ? strrchr(frame->file, '/') : NULL;

		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s %s:%u", n ? ", " : "", frame->function ? frame->function : "?",
					   frame->file ? slash ? slash + 1 : frame->file : "?", frame->line);
	}
	return text;
}

/* Some instruction of outer() is inner()'s. */
static void check(const struct form_row *row, struct module *module, uint64_t start)
{
	static const char *const wanted[] = { "", "outer ?:0", "inner p.c:1, outer p.c:2", "outer p.c:1" };
	struct symbol_frame frames[8];
	bool found = false;

	for (uint64_t at = start; at < start + 8; at++) {
		struct symbol_frames ret = { .frames = frames, .room = 8 };
		const enum symbol_why why = module_find(module, at, &ret);
		const char *text = why == SYMBOL_KNOWN ? text_of(&ret) : "";

		found |= !strcmp(text, wanted[row->tells]) && (why != SYMBOL_KNOWN || ret.start == start) &&
			 (why == SYMBOL_KNOWN) == (row->tells != NOTHING);
		if (why == SYMBOL_KNOWN && row->tells == NAMES && strcmp(text, wanted[row->tells]))
			fail_msg("%s: %s", row->about, text);
		if (why == SYMBOL_KNOWN)
			if ((module_why_no_lines(module) == SYMBOL_KNOWN) != (row->tells == LINES))
				fail_msg("%s: lines: %s", row->about, symbol_why_word(module_why_no_lines(module)));
	}
	if (!found) {
		struct symbol_frames ret = { .frames = frames, .room = 8 };
		const enum symbol_why why = module_find(module, start + 4, &ret);

		fail_msg("%s: %s, %s\n%s", row->about, symbol_why_word(why), why == SYMBOL_KNOWN ? text_of(&ret) : "", module_explain(module));
	}
}

/* An address of p is one of what was made of it. */
static uint64_t start_of(const struct form_row *row, const char *const *later)
{
	for (size_t n = 0; later[n]; n++)
		if (!strcmp(row->file, later[n]))
			return outer_of(row->file);
	if (!strcmp(row->file, "prelinked"))
		return outer_of("prelinked-full");
	return outer_of(row->file[0] == 'q' || row->file[0] == 'r' ? "q" : "p");
}

static void test_forms(void **state)
{
	static const char *const own[] = {
		 "d1", "split", "split4", "moved/split", "zlib", "p.o", "p32.o", "pie", "fixed", "old", "clang", "aarch64.o", "armv7.o", "s390x.o", "powerpc64le.o", "powerpc64.o", "riscv64.o", "i386.o", NULL };

	(void)state;
	assert_true(files_make(SOURCE));
	for (size_t n = 0; n < sizeof(forms) / sizeof(*forms); n++) {
		struct module *module;

		if (!files_make(forms[n].make))
			fail_msg("%s: cannot be made", forms[n].about);
		for (int turn = 0; turn < 3; turn++) {	/* without a cache, with an empty one, with a full one */
			module = open_module(forms[n].file, turn ? files_path("kept") : NULL);
			assert_non_null(module);
			assert_true(strstr(module_explain(module), "symbols: "));
			check(&forms[n], module, start_of(&forms[n], own));
			assert_true(module_memory(module) > 0);
			module_free(module);
		}
	}
}

/* A debug file that comes later is seen, although what was known without it is kept. */
static void test_later(void **state)
{
	const struct form_row before = { "before", NULL, NULL, NOTHING }, after = { "after", NULL, NULL, LINES };
	struct module *module;

	(void)state;
	assert_true(files_make("rm -rf kept debug .debug *.debug && mkdir -m 0700 kept && strip -o later p"));
	for (int turn = 0; turn < 2; turn++) {
		module = open_module("later", files_path("kept"));
		check(&before, module, outer_of("p"));
		module_free(module);
	}
	assert_true(files_make(forms[3].make));
	for (int turn = 0; turn < 2; turn++) {
		module = open_module("later", files_path("kept"));
		check(&after, module, outer_of("p"));
		module_free(module);
	}
}

static void test_by_id(void **state)
{
	enum symbol_why why;
	struct binary *binary = files_open("p", &why), *found;

	(void)state;
	found = debug_file_by_id(&by_folders, binary_build_id(binary), false);
	assert_non_null(found);
	assert_true(build_id_is_equal(binary_build_id(found), binary_build_id(binary)));
	binary_close(found);
	assert_null(debug_file_by_id(&by_folders, binary_build_id(binary), true));
	assert_true(files_make("id=$(readelf -n p | sed -n 's/.*Build ID: //p') && ln -s ../../../p debug/.build-id/${id%${id#??}}/${id#??}"));
	found = debug_file_by_id(&by_folders, binary_build_id(binary), true);
	assert_non_null(found);
	binary_close(found);
	binary_close(binary);
}

static int start(void **state)
{
	static char folder[512];

	(void)state;
	snprintf(folder, sizeof(folder), "%s/debug", files_folder());
	debug_folders[0] = folder;
	return !files_make("mkdir -m 0700 kept");
}

static int end(void **state)
{
	(void)state;
	files_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_forms), cmocka_unit_test(test_later), cmocka_unit_test(test_by_id) };

	return cmocka_run_group_tests(tests, start, end);
}

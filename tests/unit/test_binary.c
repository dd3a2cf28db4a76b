// SPDX-License-Identifier: Apache-2.0
/*
 * test_binary.c - ELF files as look-ups need them: opening by paths that are meant to hold us up or lead astray, sections that are packed, relocated
 * or read page by page, build ids, offsets and addresses; against what the linker and objcopy made of the same source.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbolize/binary.h"
#include "tests/unit/elf_builder.h"
#include "tests/unit/made_files.h"

#include <cmocka.h>	/* last: it takes the name fail */

/* ---- Opening ---- */

static const struct path_row { const char *about, *make, *name; enum symbol_why why; } path_rows[] = {
	{ "a FIFO", "mkfifo fifo", "fifo", SYMBOL_NOT_ELF },
	{ "a folder", "mkdir a-folder", "a-folder", SYMBOL_NOT_ELF },
	{ "a device that never ends", "true", "/dev/zero", SYMBOL_NOT_ELF },
	{ "a link to a FIFO", "ln -s fifo link", "link", SYMBOL_NOT_ELF },
	{ "nothing", "true", "none", SYMBOL_NO_FILE },
	{ "an empty file", ": >empty", "empty", SYMBOL_NOT_ELF },
	{ "text", "echo '#!/bin/sh' >text", "text", SYMBOL_NOT_ELF },
	{ "a huge file without contents", "truncate -s 1T huge", "huge", SYMBOL_TOO_LARGE },
	{ "a large file of zeros", "truncate -s 1G large", "large", SYMBOL_NOT_ELF },
	{ "a header, and no more", "head -c 64 /bin/true >short", "short", SYMBOL_NOT_ELF },
};

static void test_paths(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(path_rows) / sizeof(*path_rows); n++) {
		enum symbol_why why = SYMBOL_KNOWN;

		assert_true(files_make(path_rows[n].make));
		if (files_open(path_rows[n].name, &why) || why != path_rows[n].why)
			fail_msg("%s: %s", path_rows[n].about, symbol_why_word(why));
	}
}

/* A root of its own: what is opened there has another content than what the same path means here. */
static const struct root_row { const char *path, *content; } root_rows[] = {
	{ "/file", "inside" }, { "file", "inside" }, { "/../file", "inside" }, { "/../../../../file", "inside" }, { "/d/../file", "inside" },
	{ "/d/absolute", "inside" }, { "/d/relative", "inside" }, { "/d/away", "inside" }, { "/to-d/relative", "inside" },
	{ "/to-e/../file", "in d" }, { "/chain", "inside" }, { "//d//./relative", "inside" }, { "/loop", NULL }, { "/d/absent", NULL },
	{ "/file/more", NULL }, { "/outside", NULL }, { "/d", NULL }, { "/proc-link/file", NULL },
};

static void read_below(int root, const struct root_row *row)
{
	enum symbol_why why;
	char text[32] = "", name[64];
	const int descriptor = binary_open_path(root, row->path, &why);
	FILE *file;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", descriptor);	/* it may be an O_PATH */
	file = descriptor < 0 ? NULL : fopen(name, "r");
	if (file && !fgets(text, sizeof(text), file))
		text[0] = '\0';
	if (file)
		fclose(file);
	if (descriptor >= 0)
		close(descriptor);
	if ((descriptor < 0) != !row->content || (row->content && strcmp(text, row->content)))
		fail_msg("%s: %d \"%s\"", row->path, descriptor, text);
}

static void test_roots(void **state)
{
	int root;

	(void)state;
	assert_true(files_make("printf outside >file; printf outside >outside; mkdir -p root/d/e root/proc; cd root; printf inside >file; "
			       "printf 'in d' >d/file; ln -s /file d/absolute; ln -s ../file d/relative; ln -s ../../../../../file d/away; "
			       "ln -s d to-d; ln -s d/e to-e; ln -s chain2 chain; ln -s /to-d/relative chain2; ln -s loop loop; "
			       "ln -s /proc/self/root proc-link"));
	root = open(files_path("root"), O_PATH | O_DIRECTORY);
	assert_true(root >= 0);
	for (size_t n = 0; n < sizeof(root_rows) / sizeof(*root_rows); n++)
		read_below(root, &root_rows[n]);
	close(root);
}

/* ---- Sections ---- */

#define SOURCE "printf 'int two(int a) { return a * 3; }\\nint one(int a) { return two(a) + two(a + 1); }\\n" \
	"int _start(int a) { return one(a); }\\n' >a.c && gcc -O1 -g -gdwarf-4 -ffunction-sections -fno-asynchronous-unwind-tables -c a.c"
/* .zdebug_* is only written by old linkers. */
#define OLD "python3 - <<'E'\nimport zlib, struct, subprocess\nd = open('info', 'rb').read()\n" \
	"open('zinfo', 'wb').write(b'ZLIB' + struct.pack('>Q', len(d)) + zlib.compress(d))\nE\n"

/* A file whose section must have the bytes of that of `linked`. */
static const struct section_row { const char *about, *make, *file; const char *sections[4]; } section_rows[] = {
	{ "as it is", "true", "linked", { ".debug_info", ".debug_line", ".debug_str" } },
	{ "packed by zlib", "objcopy --compress-debug-sections=zlib linked zlib && readelf -S zlib | grep -q C", "zlib",
	  { ".debug_info", ".debug_line", ".debug_str" } },
	{ "packed by zstd", "objcopy --compress-debug-sections=zstd linked zstd", "zstd", { ".debug_info", ".debug_line" } },
	{ "packed as it was once", "objcopy -O binary --only-section=.debug_info --set-section-flags .debug_info=alloc linked info && " OLD
	  "objcopy --remove-section=.debug_info --add-section=.zdebug_info=zinfo linked old", "old", { ".debug_info" } },
	{ "a debug file", "objcopy --only-keep-debug linked debug", "debug", { ".debug_info", ".debug_line" } },
	{ "an object", "true", "a.o", { ".debug_line", ".debug_aranges", ".debug_ranges" } },
	{ "a packed object", "objcopy --compress-debug-sections=zlib a.o z.o", "z.o", { ".debug_line", ".debug_aranges", ".debug_ranges" } },
	{ "objects joined, as kernel modules are", "ld -r -o r.o a.o", "r.o", { ".debug_line", ".debug_aranges", ".debug_ranges" } },
};

static void compare_sections(const struct section_row *row, struct binary *have, struct binary *want)
{
	for (size_t n = 0; n < 4 && row->sections[n]; n++) {
		const struct binary_bytes bytes = binary_section(have, row->sections[n]), other = binary_section(want, row->sections[n]);

		if (!bytes.size || bytes.size != other.size || memcmp(bytes.bytes, other.bytes, bytes.size))
			fail_msg("%s: %s differs (%zu and %zu bytes, %s)", row->about, row->sections[n], bytes.size, other.size,
				 symbol_why_word(binary_trouble(have)));
	}
}

static void test_sections(void **state)
{
	(void)state;
	assert_true(files_make(SOURCE " && ld -Ttext=0 -o linked a.o"));
	for (size_t n = 0; n < sizeof(section_rows) / sizeof(*section_rows); n++) {
		const struct section_row *row = &section_rows[n];
		enum symbol_why why;
		struct binary *have, *want;

		if (!files_make(row->make)) {
			print_message("%s: cannot be made on this machine\n", row->about);
			assert_true(!strcmp(row->file, "zstd"));	/* what is there of binutils may be too old */
			continue;
		}
		have = files_open(row->file, &why);
		want = files_open("linked", &why);
		assert_non_null(have);
		compare_sections(row, have, want);
		binary_close(have);
		binary_close(want);
	}
}

/* ---- Page by page ---- */

static void test_pages(void **state)
{
	enum symbol_why why;
	struct binary *whole = files_open("/proc/self/exe", &why), *parts = files_open("/proc/self/exe", &why);
	const struct binary_bytes want = binary_section(whole, ".debug_info"), have = binary_section_lazily(parts, ".debug_info");
	const size_t before = binary_memory(parts);

	(void)state;
	assert_true(want.size > 200000 && have.size == want.size);
	assert_false(binary_need(parts, have, have.size, 1));
	assert_false(binary_need(parts, have, 1, UINT64_MAX));
	for (size_t at = 77; at + 20000 < want.size; at += 31000) {
		assert_true(binary_need(parts, have, at, 9000));
		assert_memory_equal(have.bytes + at, want.bytes + at, 9000);
		assert_true(binary_memory(parts) > before);
		binary_forget(parts, have, at & ~4095ULL, 9000 + 8192);
		assert_true(binary_memory(parts) < before + 3 * 4096);
	}
	assert_true(binary_need(parts, have, 0, have.size));
	assert_memory_equal(have.bytes, want.bytes, want.size);
	binary_close(whole);
	binary_close(parts);
}

/* Cut short while it is open: an error, no signal. */
static void test_cut(void **state)
{
	enum symbol_why why;
	struct binary *binary;
	struct binary_bytes bytes;

	(void)state;
	assert_true(files_make("cp /proc/$PPID/exe cut"));
	binary = files_open("cut", &why);
	assert_non_null(binary);
	bytes = binary_section_lazily(binary, ".debug_info");
	assert_true(bytes.size && binary_need(binary, bytes, 0, 100));
	assert_int_equal(truncate(files_path("cut"), 5000), 0);
	assert_false(binary_need(binary, bytes, bytes.size - 100, 100));
	assert_int_equal(binary_trouble(binary), SYMBOL_DAMAGED);
	assert_int_equal(binary_section(binary, ".symtab").size, 0);
	binary_close(binary);
}

/* ---- Packed as a whole ---- */

static const struct packed_row { const char *about, *make; enum symbol_why why; } packed_rows[] = {
	{ "not packed", "cp a.o f", SYMBOL_KNOWN },
	{ "xz", "xz -c a.o >f", SYMBOL_KNOWN },
	{ "xz, as the kernel's modules", "xz --check=crc32 --lzma2=dict=1MiB -c a.o >f", SYMBOL_KNOWN },
	{ "xz in two parts", "{ head -c 300 a.o | xz; tail -c +301 a.o | xz; } >f", SYMBOL_KNOWN },
	{ "zstd", "zstd -q -c a.o >f", SYMBOL_KNOWN },
	{ "zstd with a large window", "zstd -q --ultra -22 --long=27 -c a.o >f", SYMBOL_KNOWN },
	{ "zstd in two parts", "{ head -c 300 a.o | zstd; tail -c +301 a.o | zstd; } >f", SYMBOL_KNOWN },
	{ "gzip", "gzip -c a.o >f", SYMBOL_KNOWN },
	{ "gzip in two parts", "{ head -c 300 a.o | gzip; tail -c +301 a.o | gzip; } >f", SYMBOL_KNOWN },
	{ "xz of what is no program", "seq 1000 | xz >f", SYMBOL_NOT_ELF },
	{ "packed twice", "xz -c a.o | gzip >f", SYMBOL_NOT_ELF },
	{ "xz, cut", "xz -c a.o | head -c 500 >f", SYMBOL_NOT_ELF },
	{ "zstd, cut", "zstd -q -c a.o | head -c 500 >f", SYMBOL_NOT_ELF },
	{ "gzip, cut", "gzip -c a.o | head -c 500 >f", SYMBOL_NOT_ELF },
	{ "xz, changed", "{ xz -c a.o | head -c 300; echo x; xz -c a.o | tail -c +303; } >f", SYMBOL_NOT_ELF },
	{ "zstd, changed", "{ zstd -q -c a.o | head -c 300; echo x; zstd -q -c a.o | tail -c +303; } >f", SYMBOL_NOT_ELF },
	{ "gzip, changed", "{ gzip -c a.o | head -c 300; echo x; gzip -c a.o | tail -c +303; } >f", SYMBOL_NOT_ELF },
	{ "the beginning of xz alone", "printf '\\375' >f; printf '7zXZ\\000' >>f", SYMBOL_NOT_ELF },
	{ "xz of more than is unpacked", "head -c 150M /dev/zero | xz -0 >f", SYMBOL_TOO_LARGE },
	{ "zstd of more than is unpacked", "head -c 150M /dev/zero | zstd -q >f", SYMBOL_TOO_LARGE },
	{ "gzip of more than is unpacked", "head -c 150M /dev/zero | gzip >f", SYMBOL_TOO_LARGE },
	{ "a window larger than is allowed", "head -c 1M /dev/zero | zstd -q --ultra -20 --long=30 -o f -f", SYMBOL_NOT_ELF },
	{ "more than is read", "xz -c a.o >f && truncate -s 200M f", SYMBOL_TOO_LARGE },
};

static void test_packed(void **state)
{
	(void)state;
	assert_true(files_make(SOURCE));
	for (size_t n = 0; n < sizeof(packed_rows) / sizeof(*packed_rows); n++) {
		const struct packed_row *row = &packed_rows[n];
		enum symbol_why why;
		struct binary *have, *want;
		int descriptor;

		assert_true(files_make(row->make));
		descriptor = binary_open_path(AT_FDCWD, files_path("f"), &why);
		assert_true(descriptor >= 0);
		have = binary_open_packed(descriptor, &why);
		if (!have ? why != row->why : row->why != SYMBOL_KNOWN)
			fail_msg("%s: %s", row->about, symbol_why_word(why));
		if (!have)
			continue;
		want = files_open("a.o", &why);
		assert_int_equal(binary_section(have, ".debug_info").size, binary_section(want, ".debug_info").size);
		assert_memory_equal(binary_section(have, ".debug_info").bytes, binary_section(want, ".debug_info").bytes,
				    binary_section(want, ".debug_info").size);
		assert_true(n ? !binary_identity(have) && binary_memory(have) > 1000 : binary_identity(have) != NULL);
		binary_close(have);
		binary_close(want);
	}
}

/* ---- Build ids, offsets ---- */

static void test_build_id(void **state)
{
	struct buffer bytes = { 0 };
	enum symbol_why why;
	struct binary *binary;
	uint64_t at;

	(void)state;
	elf_build(&(struct built_elf){ .build_id = "\x12\x34\x56" }, &bytes);
	binary = binary_of_bytes(bytes.bytes, bytes.length, &why);
	assert_non_null(binary);
	assert_int_equal(binary_build_id(binary)->length, 3);
	assert_memory_equal(binary_build_id(binary)->bytes, "\x12\x34\x56", 3);
	assert_true(binary_address_of_offset(binary, BUILT_CODE + 5, &at) && at == BUILT_CODE_ADDRESS + 5);
	assert_true(binary_offset_of_address(binary, BUILT_CODE_ADDRESS + 5, &at) && at == BUILT_CODE + 5);
	assert_false(binary_address_of_offset(binary, BUILT_CODE + BUILT_CODE_SIZE, &at));
	assert_false(binary_offset_of_address(binary, BUILT_DATA_ADDRESS, &at));
	assert_null(binary_identity(binary));
	binary_close(binary);
	buffer_release(&bytes);
}

static int remove_files(void **state)
{
	(void)state;
	files_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths), cmocka_unit_test(test_roots), cmocka_unit_test(test_sections),
		cmocka_unit_test(test_pages), cmocka_unit_test(test_cut), cmocka_unit_test(test_packed), cmocka_unit_test(test_build_id),
	};

	return cmocka_run_group_tests(tests, NULL, remove_files);
}

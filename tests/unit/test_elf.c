// SPDX-License-Identifier: Apache-2.0
/*
 * test_elf.c - programs on disk: functions, static probes and build ids; files made by hand, damaged ones included, and files of this
 * machine, as nm and readelf see them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/digest.h"
#include "runtime/elf_file.h"
#include "tests/unit/elf_builder.h"
#include "tests/unit/random.h"

#include <cmocka.h>	/* last: it takes the name fail */

#define CODE(n)		(BUILT_CODE_ADDRESS + (n))
#define FUNCTION(name, n)	{ name, STT_FUNC, STB_GLOBAL, CODE(n) }
#define LOCAL(name, n)	{ name, STT_FUNC, STB_LOCAL, CODE(n) }
#define WEAK(name, n)	{ name, STT_FUNC, STB_WEAK, CODE(n) }

/* ---- Functions ---- */

struct function_row { const char *about; struct built_elf file; const char *name; uint64_t offset; const char *why; };
static const struct function_row functions[] = {
	{ "of the table of all", { .all = { FUNCTION("first", 0), FUNCTION("second", 0x20) } }, "second", BUILT_CODE + 0x20, NULL },
	{ "of those that are exported", { .exported = { FUNCTION("first", 0x10) } }, "first", BUILT_CODE + 0x10, NULL },
	{ "in both tables", { .all = { FUNCTION("both", 8) }, .exported = { FUNCTION("both", 8) } }, "both", BUILT_CODE + 8, NULL },
	{ "global before local", { .all = { LOCAL("name", 0), FUNCTION("name", 0x30), LOCAL("name", 0x40) } }, "name", BUILT_CODE + 0x30, NULL },
	{ "weak before local", { .all = { LOCAL("name", 0), WEAK("name", 0x30) } }, "name", BUILT_CODE + 0x30, NULL },
	{ "global before weak", { .all = { WEAK("name", 0), FUNCTION("name", 0x30) } }, "name", BUILT_CODE + 0x30, NULL },
	{ "the same local one twice", { .all = { LOCAL("name", 8), LOCAL("name", 8) } }, "name", BUILT_CODE + 8, NULL },
	{ "two local ones", { .all = { LOCAL("name", 0), LOCAL("name", 8) } }, "name", 0, "several functions 'name', at 0x401000 and 0x401008" },
	{ "none of that name", { .all = { FUNCTION("readline", 0) } }, "readlin", 0, "has no function 'readlin'; did you mean 'readline'?" },
	{ "only exported ones are left", { .exported = { FUNCTION("a", 0) } }, "zzzzzz", 0, "only the exported ones are left" },
	{ "nothing is left", { .build_id = "x" }, "main", 0, "is stripped" },
	{ "a variable", { .all = { { "name", STT_OBJECT, STB_GLOBAL, CODE(0) }, FUNCTION("other", 0) } }, "name", 0, "has no function 'name'" },
	{ "called, and somewhere else", { .all = { { "puts", STT_FUNC, STB_GLOBAL, 0 } } }, "puts", 0, "only calls 'puts'" },
	{ "an indirect one", { .exported = { { "memcpy", STT_GNU_IFUNC, STB_GLOBAL, CODE(0) } } }, "memcpy", 0, "indirect function" },
	{ "not in the code", { .all = { { "odd", STT_FUNC, STB_GLOBAL, BUILT_DATA_ADDRESS } } }, "odd", 0, "where it has no code" },
	{ "behind the code", { .all = { FUNCTION("odd", BUILT_CODE_SIZE) } }, "odd", 0, "where it has no code" },
	{ "the default of two versions",
	  { .exported = { FUNCTION("name", 0), FUNCTION("name", 0x40), FUNCTION("ONE", 0), FUNCTION("TWO", 0) },
	    .versions = { 0, 0x8002, 3, 2, 3 } }, "name", BUILT_CODE + 0x40, NULL },
	{ "the other of two versions",
	  { .exported = { FUNCTION("name", 0), FUNCTION("name", 0x40), FUNCTION("ONE", 0), FUNCTION("TWO", 0) },
	    .versions = { 0, 0x8002, 3, 2, 3 } }, "name@ONE", BUILT_CODE, NULL },
	{ "the default of two versions, by its version",
	  { .exported = { FUNCTION("name", 0), FUNCTION("name", 0x40), FUNCTION("ONE", 0), FUNCTION("TWO", 0) },
	    .versions = { 0, 0x8002, 3, 2, 3 } }, "name@@TWO", BUILT_CODE + 0x40, NULL },
	{ "a version that is not defined",
	  { .exported = { FUNCTION("name", 0), FUNCTION("ONE", 0), FUNCTION("TWO", 0) }, .versions = { 0, 2, 2, 3 } }, "name@THREE", 0,
	  "has no function 'name@THREE'" },
	{ "a version in the name itself", { .all = { FUNCTION("name@OLD", 0x18) } }, "name@OLD", BUILT_CODE + 0x18, NULL },
};

static struct elf_file *file_of(struct buffer *bytes)
{
	struct elf_failure failure;
	struct elf_file *file;

	if (elf_file_of_bytes(bytes->bytes, bytes->length, &file, &failure))
		fail_msg("%s", failure.text);
	return file;
}

static void test_functions(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(functions) / sizeof(*functions); n++) {
		const struct function_row *row = &functions[n];
		struct elf_failure failure = { "" };
		struct buffer bytes = { 0 };
		struct elf_file *file;
		uint64_t offset = 0;
		int error;

		elf_build(&row->file, &bytes);
		file = file_of(&bytes);
		error = elf_function_find(file, row->name, &offset, &failure);
		if (!error != !row->why || offset != row->offset || (row->why && !strstr(failure.text, row->why)))
			fail_msg("%s: %d, offset 0x%lx, %s", row->about, error, (unsigned long)offset, failure.text);
		elf_file_close(file);
		buffer_release(&bytes);
	}
}

/* ---- Segments ---- */

static void test_segments(void **state)
{
	static const struct { uint64_t address; enum elf_segment kind; uint64_t offset; } rows[] = {
		{ BUILT_CODE_ADDRESS, ELF_SEGMENT_CODE, BUILT_CODE },
		{ CODE(BUILT_CODE_SIZE - 1), ELF_SEGMENT_CODE, BUILT_CODE + BUILT_CODE_SIZE - 1 },
		{ CODE(BUILT_CODE_SIZE), ELF_SEGMENT_CODE, 0 }, { BUILT_CODE_ADDRESS - 1, ELF_SEGMENT_CODE, 0 },
		{ BUILT_CODE_ADDRESS, ELF_SEGMENT_DATA, 0 }, { BUILT_DATA_ADDRESS + 4, ELF_SEGMENT_DATA, BUILT_DATA + 4 },
		{ BUILT_DATA_ADDRESS + BUILT_DATA_SIZE, ELF_SEGMENT_DATA, 0 },	/* in memory only */
		{ UINT64_MAX, ELF_SEGMENT_CODE, 0 }, { 0, ELF_SEGMENT_CODE, 0 },
	};
	const struct built_elf what = { .build_id = "x" };
	struct buffer bytes = { 0 };
	struct elf_file *file;

	(void)state;
	elf_build(&what, &bytes);
	file = file_of(&bytes);
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		uint64_t offset = 0;

		assert_int_equal(elf_file_offset(file, rows[n].address, rows[n].kind, &offset), rows[n].offset != 0);
		assert_int_equal(offset, rows[n].offset);
	}
	assert_true(elf_offset_is_code(file, BUILT_CODE));
	assert_false(elf_offset_is_code(file, BUILT_CODE - 1));
	assert_false(elf_offset_is_code(file, BUILT_CODE + BUILT_CODE_SIZE));
	assert_false(elf_offset_is_code(file, BUILT_DATA));
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		uint64_t address = 0;

		if (rows[n].kind != ELF_SEGMENT_CODE || !rows[n].offset)
			continue;
		assert_true(elf_code_address(file, rows[n].offset, &address));
		assert_int_equal(address, rows[n].address);
	}
	elf_file_close(file);
	buffer_release(&bytes);
}

/* ---- Files that are none ---- */

static void test_refused(void **state)
{
	static const struct { struct built_elf file; const char *why; } rows[] = {
		{ { .elf_class = ELFCLASS32 }, "32 bits" }, { { .machine = EM_RISCV }, "another kind of machine (ELF number 243)" },
		{ { .type = ET_REL }, "neither a program nor a library" }, { { .type = ET_CORE }, "neither a program nor a library" },
	};
	char text[] = "#!/bin/sh\n", archive[] = "!<arch>\n", magic[] = "\177ELF\002\001\001";
	const struct { char *bytes; size_t size; } others[] = {
		{ text, sizeof(text) }, { archive, sizeof(archive) }, { magic, sizeof(magic) }, { magic, 0 },
	};
	struct elf_failure failure;
	struct elf_file *file;

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct buffer bytes = { 0 };

		elf_build(&rows[n].file, &bytes);
		assert_int_equal(elf_file_of_bytes(bytes.bytes, bytes.length, &file, &failure), -ENOEXEC);
		assert_non_null(strstr(failure.text, rows[n].why));
		buffer_release(&bytes);
	}
	for (size_t n = 0; n < sizeof(others) / sizeof(*others); n++)
		assert_int_equal(elf_file_of_bytes(others[n].bytes, others[n].size, &file, &failure), -ENOEXEC);
}

/* ---- Static probes ---- */

#define PROBE(name, n)	{ "app", name, "8@%rax -4@%ebx", CODE(n), BUILT_BASE_ADDRESS, 0 }

struct probe_row { const char *about; struct built_elf file; const char *name; size_t count; uint64_t first, counter; const char *why; };
static const struct probe_row probes[] = {
	{ "one place", { .probes = { PROBE("start", 4), PROBE("stop", 8) } }, "stop", 1, BUILT_CODE + 8, 0, NULL },
	{ "three places", { .probes = { PROBE("start", 4), PROBE("start", 8), PROBE("start", 12) } }, "start", 3, BUILT_CODE + 4, 0, NULL },
	{ "the same place twice", { .probes = { PROBE("start", 4), PROBE("start", 4) } }, "start", 1, BUILT_CODE + 4, 0, NULL },
	{ "with a counter", { .probes = { { "app", "start", "", CODE(4), BUILT_BASE_ADDRESS, BUILT_DATA_ADDRESS + 6 } } }, "start", 1,
	  BUILT_CODE + 4, BUILT_DATA + 6, NULL },
	{ "a file that was moved", { .probes = { { "app", "start", "", CODE(4) - 0x10000, BUILT_BASE_ADDRESS - 0x10000, 0 } } }, "start", 1,
	  BUILT_CODE + 4, 0, NULL },
	{ "a note without a base", { .probes = { { "app", "start", "", CODE(4), 0, 0 } } }, "start", 1, BUILT_CODE + 4, 0, NULL },
	{ "another provider", { .probes = { { "lib", "start", "", CODE(4), 0, 0 } } }, "start", 0, 0, 0,
	  "has no static probe 'app:start'" },
	{ "a name that is nearly it", { .probes = { PROBE("started", 4) } }, "start", 0, 0, 0, "did you mean 'app:started'?" },
	{ "no probes at all", { .all = { FUNCTION("main", 0) } }, "start", 0, 0, 0, "has no static probes" },
	{ "outside of the code", { .probes = { { "app", "start", "", 0x100, 0, 0 } } }, "start", 0, 0, 0, "has no code" },
	{ "a counter outside of the data", { .probes = { { "app", "start", "", CODE(4), 0, CODE(4) } } }, "start", 0, 0, 0, "has no data" },
	{ "notes that were cut", { .probes = { PROBE("start", 4), PROBE("stop", 8) }, .cut = 8 }, "start", 0, 0, 0, "damaged notes" },
};

static void test_probes(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(probes) / sizeof(*probes); n++) {
		const struct probe_row *row = &probes[n];
		struct elf_failure failure = { "" };
		struct elf_probe *found = NULL;
		struct buffer bytes = { 0 };
		struct arena arena = { 0 };
		struct elf_file *file;
		size_t count = 0;
		int error;

		elf_build(&row->file, &bytes);
		file = file_of(&bytes);
		error = elf_probes_find(file, "app", row->name, &arena, &found, &count, &failure);
		if (!error != !row->why || count != row->count || (row->why && !strstr(failure.text, row->why)) ||
		    (!error && (found[0].offset != row->first || found[0].reference_counter != row->counter)))
			fail_msg("%s: %d, %zu places, %s", row->about, error, count, failure.text);
		elf_file_close(file);
		arena_release(&arena);
		buffer_release(&bytes);
	}
}

/* ---- Digests ---- */

static void test_digests(void **state)
{
	/* Of a file with the four bytes "text", which sha1sum and so on have told; of build ids, those that the ELF file says. */
	static const struct { const char *digests; int error; } rows[] = {
		{ "sha1:372ea08cab33e71c02c651dbc83a474d32c676ea", 0 },
		{ " SHA256:982D9E3EB996F559E633F4D194DEF3761D909F5A3B647D1A851FEAD67C32C9D1 ", 0 },
		{ "sha1:0000000000000000000000000000000000000000,sha1:372ea08cab33e71c02c651dbc83a474d32c676ea", 0 },
		{ "build-id:6162", 0 }, { "Build-Id:6162", 0 }, { "build-id:61", -EKEYREJECTED }, { "build-id:616200", -EKEYREJECTED },
		{ "sha1:372ea08cab33e71c02c651dbc83a474d32c676eb", -EKEYREJECTED }, { "sha1:", -EKEYREJECTED }, { "sha1", -EKEYREJECTED },
		{ "sha1:372ea08cab33e71c02c651dbc83a474d32c676ea00", -EKEYREJECTED }, { "", -EKEYREJECTED },
		{ "sha256:372ea08cab33e71c02c651dbc83a474d32c676ea", -EKEYREJECTED },
		{ "sha384:313a7e3322ac655c276b3a0a9e6b27c448c5707b1b0e20037b42ab7761ba25162f7659d4ffe1eafd9966204c1b41fb73", 0 },
		{ "sha512:eaf2c12742cb8c161bcbd84b032b9bb98999a23282542672ca01cc6edd268f7dce9987ad6b2bc79305634f89d90b90102bcd59a57e7135b8e3ceb93c0597117b", 0 },
	};
	const struct built_elf what = { .build_id = "ab" };
	char path[] = "/tmp/test_elf_XXXXXX";
	int descriptor = mkstemp(path);
	struct elf_failure failure;
	struct buffer bytes = { 0 };
	struct elf_file *file;

	(void)state;
	assert_int_equal(write(descriptor, "text", 4), 4);
	unlink(path);
	elf_build(&what, &bytes);
	file = file_of(&bytes);
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++)
		if (digest_check(rows[n].digests, descriptor, file, &failure) != rows[n].error)
			fail_msg("%s", rows[n].digests);
	elf_file_close(file);
	buffer_release(&bytes);
	close(descriptor);
}

/* ---- Damaged files ---- */

static void ask(struct buffer *bytes)
{
	struct elf_failure failure;
	struct arena arena = { 0 };
	struct elf_probe *found;
	struct elf_file *file;
	uint64_t offset;
	size_t count;

	if (elf_file_of_bytes(bytes->bytes, bytes->length, &file, &failure))
		return;
	elf_function_find(file, "name@TWO", &offset, &failure);
	elf_function_find(file, "nam", &offset, &failure);
	elf_probes_find(file, "app", "start", &arena, &found, &count, &failure);
	elf_build_id(file, &arena);
	elf_file_close(file);
	arena_release(&arena);
}

static void test_damaged(void **state)
{
	static const struct built_elf what = {
		.all = { FUNCTION("name", 0), LOCAL("other", 8) },
		.exported = { FUNCTION("name", 0), FUNCTION("name", 0x40), FUNCTION("ONE", 0), FUNCTION("TWO", 0) },
		.versions = { 0, 0x8002, 3, 2, 3 }, .probes = { PROBE("start", 4), PROBE("stop", 8) }, .build_id = "ab",
	};
	struct buffer good = { 0 };

	(void)state;
	random_state = 7;
	elf_build(&what, &good);
	for (int round = 0; round < 20000; round++) {
		struct buffer bytes = { 0 };

		buffer_add(&bytes, good.bytes, good.length);
		for (int n = 0; n < 3; n++) {
			size_t at = pick(4) ? BUILT_DATA + BUILT_DATA_SIZE + pick((uint32_t)good.length - BUILT_DATA - BUILT_DATA_SIZE) :
				pick(0x200);

			bytes.bytes[at] = (char)pick(256);
		}
		if (!pick(8))
			bytes.length = pick((unsigned int)bytes.length);
		ask(&bytes);
		buffer_release(&bytes);
	}
	buffer_release(&good);
}

/* ---- Files of this machine, as other tools see them ---- */

static struct elf_file *open_file(const char *path, int *descriptor)
{
	struct elf_failure failure;
	struct elf_file *file;

	*descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (*descriptor < 0)
		return NULL;
	if (!elf_file_open(*descriptor, &file, &failure))
		return file;
	close(*descriptor);
	return NULL;
}

static bool has_tool(const char *command)
{
	return !system(command);
}

/* Every function that nm lists with a name of its own lies where nm says. */
static size_t compare_functions(const char *path, struct elf_file *file, const char *options)
{
	char command[512], line[4096], name[4096], type;
	unsigned long address;
	size_t count = 0;
	FILE *nm;

	snprintf(command, sizeof(command), "nm %s --defined-only '%s' 2>/dev/null | sort -k3 | awk '$2 ~ /[TW]/ { seen[$3]++; line[$3] = $0 } "
		 "END { for (name in seen) if (seen[name] == 1) print line[name] }'", options, path);
	nm = popen(command, "r");
	while (nm && fgets(line, sizeof(line), nm) && count < 400) {
		struct elf_failure failure;
		uint64_t offset, expected;

		if (sscanf(line, "%lx %c %4095s", &address, &type, name) != 3)
			continue;
		if (elf_function_find(file, name, &offset, &failure))	/* a variable, or a section's end */
			continue;
		assert_true(elf_file_offset(file, address, ELF_SEGMENT_CODE, &expected));
		if (offset != expected)
			fail_msg("%s: %s at 0x%lx instead of 0x%lx", path, name, (unsigned long)offset, (unsigned long)expected);
		count++;
	}
	if (nm)
		pclose(nm);
	return count;
}

static void test_nm(void **state)
{
	int descriptor;
	struct elf_file *file = open_file("/proc/self/exe", &descriptor);
	char self[512] = "";

	(void)state;
	if (!has_tool("nm --version >/dev/null 2>&1"))
		skip();
	assert_non_null(file);
	assert_int_equal(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0, 1);
	assert_true(compare_functions(self, file, "") > 100);
	elf_file_close(file);
	close(descriptor);
	file = open_file("/lib/x86_64-linux-gnu/libc.so.6", &descriptor);
	if (!file)
		skip();
	assert_true(compare_functions("/lib/x86_64-linux-gnu/libc.so.6", file, "-D --without-symbol-versions") > 100);
	elf_file_close(file);
	close(descriptor);
}

/* Every probe that readelf lists: as many places, and the arguments of the first. */
static size_t compare_probes(const char *path, struct elf_file *file)
{
	char command[512], line[4096];
	size_t compared = 0;
	FILE *readelf;

	snprintf(command, sizeof(command), "readelf -n '%s' 2>/dev/null | awk '/Provider: /{p=$2} /Name: /{n=$2} /Arguments: /{ sub(/.*Arguments: /, \"\"); "
		 "k=p\" \"n; if (!(k in c)) { first[k]=$0; order[++m]=k } c[k]++ } END { for (i=1;i<=m;i++) print order[i], c[order[i]], first[order[i]] }'", path);
	readelf = popen(command, "r");
	while (readelf && fgets(line, sizeof(line), readelf)) {
		char provider[256], name[256], arguments[2048] = "";
		struct elf_failure failure;
		struct elf_probe *found;
		struct arena arena = { 0 };
		size_t count, expected;

		if (sscanf(line, "%255s %255s %zu %2047[^\n]", provider, name, &expected, arguments) < 3)
			continue;
		if (elf_probes_find(file, provider, name, &arena, &found, &count, &failure))
			fail_msg("%s: %s", path, failure.text);
		if (count != expected || strcmp(found[0].arguments, arguments))
			fail_msg("%s: %s:%s in %zu places, '%s', instead of %zu, '%s'", path, provider, name, count, found[0].arguments, expected,
				 arguments);
		compared++;
		arena_release(&arena);
	}
	if (readelf)
		pclose(readelf);
	return compared;
}

static void test_readelf(void **state)
{
	static const char *const paths[] = {
		"/usr/lib/x86_64-linux-gnu/libstdc++.so.6", "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0",
		"/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so",
	};
	size_t compared = 0, files = 0;

	(void)state;
	if (!has_tool("readelf --version >/dev/null 2>&1"))
		skip();
	for (size_t n = 0; n < sizeof(paths) / sizeof(*paths); n++) {
		int descriptor;
		struct elf_file *file = open_file(paths[n], &descriptor);

		if (!file)
			continue;
		files++;
		compared += compare_probes(paths[n], file);
		elf_file_close(file);
		close(descriptor);
	}
	print_message("%zu probes of %zu libraries\n", compared, files);
	if (!files)
		skip();
	assert_true(compared > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions), cmocka_unit_test(test_segments), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_probes), cmocka_unit_test(test_digests), cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_nm), cmocka_unit_test(test_readelf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * test_names.c - the index of functions: rows, random symbols against a search of them all, real files against nm, damaged indexes; and which symbols of
 * a table are functions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbolize/names_read.h"
#include "tests/unit/elf_builder.h"
#include "tests/unit/made_files.h"
#include "tests/unit/random.h"

#include <cmocka.h>	/* last: it takes the name fail */

static struct names names_of(const struct buffer *index)
{
	const struct names names = { (const uint8_t *)index->bytes, index->length, NULL, NULL };

	assert_true(names_check(names));
	return names;
}

static const char *name_at(struct names names, uint64_t address, uint64_t *start)
{
	struct name_found found = { NULL, 0, 0 };
	bool is_damaged;
	const bool fine = names_find(names, address, &found, &is_damaged);

	assert_false(is_damaged);
	if (start)
		*start = found.start;
	return fine ? found.name : NULL;
}

/* ---- Rows ---- */

static const struct row { const char *about; struct name_symbol symbols[5]; struct { uint64_t at; const char *want; } asked[5]; } rows[] = {
	{ "nothing", { { 0 } }, { { 5, NULL } } },
	{ "one", { { 10, 5, 0, "a", 0 } }, { { 9, NULL }, { 10, "a" }, { 14, "a" }, { 15, NULL } } },
	{ "one in another", { { 10, 20, 0, "a", 0 }, { 15, 5, 0, "b", 0 } }, { { 14, "a" }, { 15, "b" }, { 20, "a" }, { 29, "a" }, { 30, NULL } } },
	{ "crossing", { { 10, 10, 0, "a", 0 }, { 15, 10, 0, "b", 0 } }, { { 14, "a" }, { 19, "b" }, { 24, "b" }, { 25, NULL } } },
	{ "an end is unknown", { { 10, 0, 40, "a", 0 }, { 20, 5, 40, "b", 0 } }, { { 19, "a" }, { 24, "b" }, { 25, NULL } } },
	{ "the section's end", { { 10, 0, 40, "a", 0 } }, { { 39, "a" }, { 40, NULL } } },
	{ "a label in a function", { { 10, 20, 40, "a", 0 }, { 15, 0, 40, "label", 9 } }, { { 16, "a" }, { 30, "label" }, { 40, NULL } } },
	{ "rank", { { 10, 5, 0, "longer", 2 }, { 10, 5, 0, "a", 1 } }, { { 12, "longer" } } },
	{ "the shortest name", { { 10, 5, 0, "longer", 1 }, { 10, 5, 0, "short", 1 } }, { { 12, "short" } } },
	{ "the first by bytes", { { 10, 5, 0, "b", 1 }, { 10, 5, 0, "a", 1 }, { 10, 5, 0, "c", 1 } }, { { 12, "a" } } },
	{ "the longer of two that begin together", { { 10, 5, 0, "best", 2 }, { 10, 9, 0, "other", 1 } }, { { 14, "best" }, { 15, "other" } } },
	{ "all addresses", { { 0, UINT64_MAX, 0, "all", 0 }, { UINT64_MAX - 5, 100, 0, "end", 0 } },
	  { { 0, "all" }, { 1ULL << 63, "all" }, { UINT64_MAX - 1, "end" } } },
	{ "far apart", { { 1, 1, 0, "a", 0 }, { 1ULL << 62, 1, 0, "b", 0 }, { (1ULL << 62) + 1, 1, 0, "c", 0 } },
	  { { 1, "a" }, { 2, NULL }, { 1ULL << 62, "b" }, { (1ULL << 62) + 1, "c" }, { UINT64_MAX, NULL } } },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct name_symbol symbols[5];
		struct buffer index = { 0 };
		size_t count = 0;

		for (; count < 5 && rows[n].symbols[count].name; count++)
			symbols[count] = rows[n].symbols[count];
		names_build(symbols, count, &index);
		for (size_t m = 0; m < 5 && (rows[n].asked[m].at || rows[n].asked[m].want); m++) {
			const char *have = name_at(names_of(&index), rows[n].asked[m].at, NULL), *want = rows[n].asked[m].want;

			if (!have != !want || (have && strcmp(have, want)))
				fail_msg("%s: %s at %llu", rows[n].about, have ? have : "nothing", (unsigned long long)rows[n].asked[m].at);
		}
		buffer_release(&index);
	}
}

/* ---- Random symbols ---- */

static bool is_better(const struct name_symbol *one, const struct name_symbol *other)
{
	if (!other || one->address != other->address)
		return !other || one->address > other->address;
	if (one->rank != other->rank)
		return one->rank > other->rank;
	if (strlen(one->name) != strlen(other->name))
		return strlen(one->name) < strlen(other->name);
	return strcmp(one->name, other->name) < 0;
}

static const struct name_symbol *searched(const struct name_symbol *symbols, size_t count, uint64_t address)
{
	const struct name_symbol *best = NULL;
	uint64_t last = 0;

	for (size_t n = 0; n < count; n++)
		if (symbols[n].size && address >= symbols[n].address && address - symbols[n].address < symbols[n].size &&
		    is_better(&symbols[n], best))
			best = &symbols[n];
	for (size_t n = 0; n < count; n++)
		if (symbols[n].address <= address && symbols[n].address > last)
			last = symbols[n].address;
	for (size_t n = 0; !best && n < count; n++)
		if (!symbols[n].size && symbols[n].address == last && address >= last && is_better(&symbols[n], NULL)) {
			for (size_t m = 0; m < count; m++)
				if (!symbols[m].size && symbols[m].address == last && is_better(&symbols[m], best))
					best = &symbols[m];
			best = best->end && address >= best->end ? NULL : best;
			break;
		}
	return best;
}

static void test_random(void **state)
{
	static char texts[64][8];

	(void)state;
	random_state = 1;
	for (size_t n = 0; n < 64; n++)
		snprintf(texts[n], sizeof(texts[n]), "%c%.*s", (int)('A' + n), (int)(n % 5), "xxxxx");
	for (int turn = 0; turn < 3000; turn++) {
		struct name_symbol symbols[64], kept[64];
		struct buffer index = { 0 };
		const size_t count = pick(40);
		const uint64_t range = 1 + pick(200);

		for (size_t n = 0; n < count; n++)
			symbols[n] = (struct name_symbol){
				.address = 1 + pick((unsigned int)range), .size = pick(3) ? pick(40) : 0,
				.end = range + 20, .name = texts[n], .rank = (uint8_t)pick(3),
			};
		memcpy(kept, symbols, sizeof(kept));
		names_build(symbols, count, &index);
		for (uint64_t at = 0; at < range + 60; at++) {
			const struct name_symbol *want = searched(kept, count, at);
			uint64_t start;
			const char *have = name_at(names_of(&index), at, &start);

			if (!have != !want || (have && (strcmp(have, want->name) || start != want->address)))
				fail_msg("turn %d, at %llu: %s instead of %s", turn, (unsigned long long)at, have ? have : "nothing",
					 want ? want->name : "nothing");
		}
		buffer_release(&index);
	}
}

/* ---- Real files ---- */

/* Files of this machine; nm's arguments. What is missing there is passed over, but for the first. */
static const struct { const char *file, *nm; size_t at_least; } files[] = {
	{ "/proc/self/exe", "nm -S --defined-only", 300 },
	{ "/lib/x86_64-linux-gnu/libc.so.6", "nm -D -S --defined-only", 2000 },
	{ "/lib/x86_64-linux-gnu/libstdc++.so.6", "nm -D -S --defined-only", 3000 },
	{ "/usr/lib/go-1.19/bin/go", "nm -S --defined-only", 0 },
	{ "/usr/lib/llvm-14/lib/libLLVM-14.so", "nm -D -S --defined-only", 10000 },
	{ "built.o", "nm -S --defined-only", 3 },
	{ "built-32", "nm -S --defined-only", 3 },
};

/* Where an object's .text is, its symbols' addresses are those of nm. */
#define BUILD "printf 'int two(int a) { return a * 3; }\\nstatic int __attribute__((noinline)) one(int a) { return two(a) + two(a + 1); }\\n" \
	"int _start(int a) { return one(a); }\\n' >built.c && gcc -O1 -g -c built.c && " \
	"gcc -m32 -O1 -g -nostdlib -static -o built-32 built.c"

static struct buffer index_of(const char *file)
{
	struct names_reader reader = { 0 };
	struct buffer index = { 0 };
	enum symbol_why why;
	struct binary *binary = files_open(file, &why);

	if (!binary)
		return index;
	why = names_read(&reader, binary, 0);
	assert_true(why == SYMBOL_KNOWN || why == SYMBOL_NO_SYMBOLS);
	names_build(reader.symbols, reader.count, &index);
	names_reader_release(&reader);
	binary_close(binary);
	return index;
}

struct nm_line { uint64_t address, size; char type; char name[65536]; };

static bool parse_nm(const char *text, struct nm_line *line)
{
	unsigned long long address, size = 0;

	if (sscanf(text, "%llx %llx %c %65535s", &address, &size, &line->type, line->name) != 4)
		return false;
	line->address = address;
	line->size = size;
	return size && strchr("TtWwi", line->type);
}

/* Each function that nm has is found where it begins and ends, by its name or by another that nm has there. */
static size_t compare(struct names names, FILE *nm, const char *file)
{
	static struct nm_line line;
	char *text = NULL;
	size_t room = 0, count = 0, others = 0;

	while (getline(&text, &room, nm) >= 0) {
		uint64_t start = 0;
		const char *have;

		if (!parse_nm(text, &line))
			continue;
		line.name[strcspn(line.name, "@")] = '\0';
		have = name_at(names, line.address, &start);
		if (!have || start != line.address)
			fail_msg("%s: %s is not found at %llx", file, line.name, (unsigned long long)line.address);
		others += strncmp(have, line.name, strlen(line.name)) != 0;
		have = name_at(names, line.address + line.size - 1, &start);
		if (!have || start < line.address)
			fail_msg("%s: %s does not end at %llx", file, line.name, (unsigned long long)(line.address + line.size));
		count++;
	}
	free(text);
	assert_true(others <= count / 2);	/* functions of several names */
	return count;
}

static void test_files(void **state)
{
	(void)state;
	if (!files_make(BUILD))
		print_message("this compiler makes no programs of 32 bits\n");
	for (size_t n = 0; n < sizeof(files) / sizeof(*files); n++) {
		struct buffer index = index_of(files[n].file);
		char command[512];
		FILE *nm;
		size_t count;

		if (!index.length) {
			assert_true(n != 0 && n != 5);
			continue;
		}
		snprintf(command, sizeof(command), "%s %s 2>/dev/null", files[n].nm, files_path(files[n].file));
		if (!n)
			snprintf(command, sizeof(command), "%s /proc/%d/exe", files[n].nm, (int)getpid());
		nm = popen(command, "r");
		assert_non_null(nm);
		count = compare(names_of(&index), nm, files[n].file);
		pclose(nm);
		assert_true(count >= files[n].at_least);
		buffer_release(&index);
	}
}

/* ---- Which symbols are functions ---- */

static const struct kind_row { const char *about; struct built_symbol symbol; bool is_function; } kinds[] = {
	{ "a function", { "f", STT_FUNC, STB_GLOBAL, BUILT_CODE_ADDRESS }, true },
	{ "an indirect function", { "f", STT_GNU_IFUNC, STB_WEAK, BUILT_CODE_ADDRESS }, true },
	{ "without a type, in code", { "f", STT_NOTYPE, STB_LOCAL, BUILT_CODE_ADDRESS }, true },
	{ "a mark of data", { "$d", STT_NOTYPE, STB_LOCAL, BUILT_CODE_ADDRESS }, false },
	{ "a numbered mark", { "$x.12", STT_NOTYPE, STB_LOCAL, BUILT_CODE_ADDRESS }, false },
	{ "a local label", { ".L5", STT_NOTYPE, STB_LOCAL, BUILT_CODE_ADDRESS }, false },
	{ "a function with a strange name", { "$d", STT_FUNC, STB_LOCAL, BUILT_CODE_ADDRESS }, true },
	{ "a variable in code", { "f", STT_OBJECT, STB_GLOBAL, BUILT_CODE_ADDRESS }, false },
	{ "not defined", { "f", STT_FUNC, STB_GLOBAL, 0 }, false },
};

static void test_kinds(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(kinds) / sizeof(*kinds); n++) {
		struct names_reader reader = { 0 };
		struct buffer bytes = { 0 };
		enum symbol_why why;
		struct binary *binary;

		elf_build(&(struct built_elf){ .all = { kinds[n].symbol } }, &bytes);
		binary = binary_of_bytes(bytes.bytes, bytes.length, &why);
		assert_non_null(binary);
		names_read(&reader, binary, 0);
		if (reader.count != kinds[n].is_function)
			fail_msg("%s: %zu", kinds[n].about, reader.count);
		names_reader_release(&reader);
		binary_close(binary);
		buffer_release(&bytes);
	}
}

/* ---- 64-bit POWER's descriptors ---- */

enum {
	POWER_CODE = 0x10000000, POWER_CODE_SIZE = 0x100, POWER_OPD = 0x10020000, POWER_DESCRIPTOR = 24, POWER_DESCRIPTORS = 5,
	POWER_NULL = 0, POWER_TEXT, POWER_OPD_SECTION, POWER_SYMTAB, POWER_STRTAB, POWER_NAMES, POWER_SECTIONS,
};

static void put(uint8_t *at, uint64_t value, unsigned size)
{
	for (unsigned n = 0; n < size; n++)
		at[size - 1 - n] = (uint8_t)(value >> 8 * n);
}

struct power_section { uint32_t name, type; uint64_t flags, address, size, entry; uint32_t link; };

/* `keeps_code`: as the program has it; else as objcopy --only-keep-debug leaves it: what is in memory has no bytes. */
static void build_power(struct buffer *ret, bool keeps_code)
{
	static const char names[] = "\0.text\0.opd\0.symtab\0.strtab\0.shstrtab", texts[] = "\0first\0second\0beyond\0wild\0.third";
	static const struct { uint32_t name; uint64_t value, size; uint16_t section; } symbols[] = {
		{ 0, 0, 0, 0 }, { 1, POWER_OPD, 0x40, POWER_OPD_SECTION }, { 7, POWER_OPD + POWER_DESCRIPTOR, 0x30, POWER_OPD_SECTION },
		{ 14, POWER_OPD + POWER_DESCRIPTORS * POWER_DESCRIPTOR, 0x10, POWER_OPD_SECTION },
		{ 21, POWER_OPD + 2 * POWER_DESCRIPTOR, 0x10, POWER_OPD_SECTION }, { 26, POWER_CODE + 0xa0, 0x10, POWER_TEXT },
	};
	static const uint64_t entries[POWER_DESCRIPTORS] = { POWER_CODE + 0x10, POWER_CODE + 0x60, 0xdeadbeef00, 0, UINT64_MAX };
	const uint32_t memory = keeps_code ? SHT_PROGBITS : SHT_NOBITS;
	const struct power_section sections[POWER_SECTIONS] = {
		{ 0 }, { 1, memory, SHF_ALLOC | SHF_EXECINSTR, POWER_CODE, POWER_CODE_SIZE, 0, 0 },
		{ 7, memory, SHF_ALLOC | SHF_WRITE, POWER_OPD, POWER_DESCRIPTORS * POWER_DESCRIPTOR, 0, 0 },
		{ 12, SHT_SYMTAB, 0, 0, sizeof(Elf64_Sym) * 6, sizeof(Elf64_Sym), POWER_STRTAB },
		{ 20, SHT_STRTAB, 0, 0, sizeof(texts), 0, 0 }, { 28, SHT_STRTAB, 0, 0, sizeof(names), 0, 0 },
	};
	uint64_t at = sizeof(Elf64_Ehdr) + sizeof(Elf64_Shdr) * POWER_SECTIONS;
	uint8_t *bytes = buffer_reserve(ret, 4096);

	memcpy(bytes, ELFMAG, SELFMAG);
	bytes[EI_CLASS] = ELFCLASS64;
	bytes[EI_DATA] = ELFDATA2MSB;
	bytes[EI_VERSION] = 1;
	put(bytes + offsetof(Elf64_Ehdr, e_type), ET_EXEC, 2);
	put(bytes + offsetof(Elf64_Ehdr, e_machine), EM_PPC64, 2);
	put(bytes + offsetof(Elf64_Ehdr, e_shoff), sizeof(Elf64_Ehdr), 8);
	put(bytes + offsetof(Elf64_Ehdr, e_shentsize), sizeof(Elf64_Shdr), 2);
	put(bytes + offsetof(Elf64_Ehdr, e_shnum), POWER_SECTIONS, 2);
	put(bytes + offsetof(Elf64_Ehdr, e_shstrndx), POWER_NAMES, 2);
	for (size_t n = 0; n < POWER_SECTIONS; n++) {
		uint8_t *const header = bytes + sizeof(Elf64_Ehdr) + n * sizeof(Elf64_Shdr);

		put(header + offsetof(Elf64_Shdr, sh_name), sections[n].name, 4);
		put(header + offsetof(Elf64_Shdr, sh_type), sections[n].type, 4);
		put(header + offsetof(Elf64_Shdr, sh_flags), sections[n].flags, 8);
		put(header + offsetof(Elf64_Shdr, sh_addr), sections[n].address, 8);
		put(header + offsetof(Elf64_Shdr, sh_offset), at, 8);
		put(header + offsetof(Elf64_Shdr, sh_size), sections[n].size, 8);
		put(header + offsetof(Elf64_Shdr, sh_link), sections[n].link, 4);
		put(header + offsetof(Elf64_Shdr, sh_entsize), sections[n].entry, 8);
		if (n == POWER_OPD_SECTION && keeps_code)
			for (size_t m = 0; m < POWER_DESCRIPTORS; m++)
				put(bytes + at + m * POWER_DESCRIPTOR, entries[m], 8);
		for (size_t m = 0; n == POWER_SYMTAB && m < 6; m++) {
			uint8_t *const symbol = bytes + at + m * sizeof(Elf64_Sym);

			put(symbol + offsetof(Elf64_Sym, st_name), symbols[m].name, 4);
			symbol[offsetof(Elf64_Sym, st_info)] = m ? ELF64_ST_INFO(STB_GLOBAL, STT_FUNC) : 0;
			put(symbol + offsetof(Elf64_Sym, st_shndx), symbols[m].section, 2);
			put(symbol + offsetof(Elf64_Sym, st_value), symbols[m].value, 8);
			put(symbol + offsetof(Elf64_Sym, st_size), symbols[m].size, 8);
		}
		if (n == POWER_STRTAB)
			memcpy(bytes + at, texts, sizeof(texts));
		if (n == POWER_NAMES)
			memcpy(bytes + at, names, sizeof(names));
		at += sections[n].type == SHT_NOBITS ? 0 : (sections[n].size + 7) & ~7ULL;
	}
	assert_true(at <= ret->length);
}

static const char *power_name(const struct names_reader *start, struct binary *binary, uint64_t address)
{
	static char text[16];
	struct names_reader reader = *start;
	struct buffer index = { 0 };
	const char *name;

	assert_int_equal(names_read(&reader, binary, 0), SYMBOL_KNOWN);
	names_build(reader.symbols, reader.count, &index);
	name = name_at(names_of(&index), address, NULL);
	snprintf(text, sizeof(text), "%s", name ? name : "");
	names_reader_release(&reader);
	buffer_release(&index);
	return text;
}

/* A symbol is where its descriptor is, and the function where that says; a debug file has the symbols, and the program the descriptors. */
static void test_descriptors(void **state)
{
	static const struct { uint64_t at; const char *want; } rows[] = {
		{ POWER_CODE, "" }, { POWER_CODE + 0x10, "first" }, { POWER_CODE + 0x4f, "first" }, { POWER_CODE + 0x50, "" },
		{ POWER_CODE + 0x60, "second" }, { POWER_CODE + 0x8f, "second" }, { POWER_CODE + 0x90, "" }, { POWER_CODE + 0xa0, ".third" },
		{ POWER_OPD, "" }, { 0xdeadbeef00, "" }, { 0, "" },
	};
	struct buffer program_bytes = { 0 }, debug_bytes = { 0 };
	enum symbol_why why;
	struct binary *program, *debug;

	(void)state;
	build_power(&program_bytes, true);
	build_power(&debug_bytes, false);
	program = binary_of_bytes(program_bytes.bytes, program_bytes.length, &why);
	debug = binary_of_bytes(debug_bytes.bytes, debug_bytes.length, &why);
	assert_true(program && debug);
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		assert_string_equal(power_name(&(struct names_reader){ 0 }, program, rows[n].at), rows[n].want);
		assert_string_equal(power_name(&(struct names_reader){ .program = program }, debug, rows[n].at), rows[n].want);
	}
	/* Without the program only what lies in code itself. */
	assert_string_equal(power_name(&(struct names_reader){ 0 }, debug, POWER_CODE + 0x10), "");
	assert_string_equal(power_name(&(struct names_reader){ 0 }, debug, POWER_CODE + 0xa0), ".third");
	binary_close(program);
	binary_close(debug);
	buffer_release(&program_bytes);
	buffer_release(&debug_bytes);
}

/* Of an object file descriptors are relocated: by what clang makes, where it knows the machine. */
static void test_descriptors_of_object(void **state)
{
	struct names_reader reader = { 0 };
	enum symbol_why why;
	struct binary *binary;

	(void)state;
	if (!files_make("printf 'int one(int a) { return a * 3; }\nint two(int a) { return one(a) + a; }\n' >power.c && "
			"clang --target=powerpc64-linux-gnu -O1 -fno-inline -c -o power.o power.c 2>/dev/null")) {
		print_message("no clang that knows this machine\n");
		return;
	}
	binary = files_open("power.o", &why);
	assert_non_null(binary);
	assert_int_equal(names_read(&reader, binary, 0), SYMBOL_KNOWN);
	assert_int_equal(reader.count, 2);
	for (size_t n = 0; n < 2; n++)
		assert_true(reader.symbols[n].address < reader.symbols[n].end && reader.symbols[n].size &&
			    (reader.symbols[n].address == 0) == !strcmp(reader.symbols[n].name, "one"));
	names_reader_release(&reader);
	binary_close(binary);
}

/* ---- Damage, speed ---- */

static void test_damage(void **state)
{
	struct buffer index = index_of("/proc/self/exe");
	struct names names = names_of(&index);

	(void)state;
	random_state = 7;
	for (int turn = 0; turn < 200000; turn++) {
		const size_t at = pick(turn % 2 ? 200 : (unsigned int)index.length);
		const char old = index.bytes[at];
		const uint64_t asked[] = { pick(1 << 20), 0, UINT64_MAX };
		struct name_found found;
		bool is_damaged;

		index.bytes[at] ^= (char)(1 + pick(255));
		if (names_check(names))
			names_expect(names, asked, 3);
		if (names_check(names) && names_find(names, asked[0], &found, &is_damaged))
			assert_true(strlen(found.name) < index.length);
		index.bytes[at] = old;
	}
	names.size--;
	assert_false(names_check(names));
	buffer_release(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows), cmocka_unit_test(test_random), cmocka_unit_test(test_files), cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_descriptors), cmocka_unit_test(test_descriptors_of_object),
		cmocka_unit_test(test_damage),
	};
	const int status = cmocka_run_group_tests(tests, NULL, NULL);

	files_remove();
	return status;
}

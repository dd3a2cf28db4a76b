// SPDX-License-Identifier: Apache-2.0
/*
 * go_module.c - what the loader writes into a position-independent program, and the data of a module (runtime.moduledata), by which data of functions
 * are found; see go_internal.h.
 *
 * The module's data begin with the address of the table.  What follows must be the addresses of its parts, so that nothing else is taken for it.
 */
#include "symbolize/go_internal.h"

#include <elf.h>
#include <stdlib.h>

#include "schema/schema.h"

/* ---- What the loader writes ---- */

static const struct { uint16_t machine; uint32_t type; } relatives[] = {
	{ EM_X86_64, R_X86_64_RELATIVE }, { EM_AARCH64, R_AARCH64_RELATIVE }, { EM_S390, R_390_RELATIVE },
	{ EM_RISCV, R_RISCV_RELATIVE }, { EM_PPC64, R_PPC64_RELATIVE },
};

static bool is_relative(uint16_t machine, uint64_t type)
{
	for (size_t n = 0; n < sizeof(relatives) / sizeof(*relatives); n++)
		if (relatives[n].machine == machine && relatives[n].type == type)
			return true;
	return false;
}

/* Calls `take` for each pointer that is written; it ends the walk with false.  Those of 32 bits stand in the file themselves. */
static void walk(struct binary *binary, bool (*take)(void *context, struct go_fix fix), void *context)
{
	size_t budget = LIMIT_SYMBOL_RELOCATIONS;

	if (binary_type(binary) != ET_DYN || !binary_is_64(binary))
		return;
	for (size_t n = 1; n < binary_section_count(binary); n++) {
		const struct binary_section_header *header = binary_section_header(binary, n);
		const struct binary_bytes bytes = header->type == SHT_RELA && header->flags & SHF_ALLOC ? binary_section_bytes(binary, n) :
													 (struct binary_bytes){ NULL, 0 };

		for (size_t at = 0; bytes.size - at >= sizeof(Elf64_Rela); at += sizeof(Elf64_Rela)) {
			const struct go_fix fix = { binary_number(binary, bytes.bytes + at, 8), binary_number(binary, bytes.bytes + at + 16, 8) };

			if (!budget--)
				return;
			if (is_relative(binary_machine(binary), ELF64_R_TYPE(binary_number(binary, bytes.bytes + at + 8, 8))) && !take(context, fix))
				return;
		}
	}
}

struct range { uint64_t from, to; struct go_fix *fixes; size_t count, capacity; };

static bool take_in_range(void *context, struct go_fix fix)
{
	struct range *range = context;

	if (fix.at < range->from || fix.at >= range->to)
		return true;
	if (range->count == range->capacity) {
		const size_t capacity = range->capacity ? 2 * range->capacity : 64;
		struct go_fix *more = range->count < LIMIT_GO_RELOCATIONS ? reallocarray(range->fixes, capacity, sizeof(*more)) : NULL;

		if (!more)
			return false;
		range->fixes = more;
		range->capacity = capacity;
	}
	range->fixes[range->count++] = fix;
	return true;
}

static int by_address(const void *one, const void *other)
{
	const struct go_fix *a = one, *b = other;

	return a->at < b->at ? -1 : a->at > b->at;
}

void go_fixes_read(struct binary *binary, uint64_t from, uint64_t to, struct go_fix **ret, size_t *count)
{
	struct range range = { .from = from, .to = to };

	walk(binary, take_in_range, &range);
	if (range.count)
		qsort(range.fixes, range.count, sizeof(*range.fixes), by_address);
	*ret = range.fixes;
	*count = range.count;
}

uint64_t go_fixed(const struct go_fix *fixes, size_t count, uint64_t address, uint64_t otherwise)
{
	const struct go_fix key = { .at = address };
	const struct go_fix *found = count ? bsearch(&key, fixes, count, sizeof(key), by_address) : NULL;

	return found ? found->value : otherwise;
}

/* ---- The module's data ---- */

enum { TRIES = 16 };
enum { WORD_NAMES = 1, WORD_VALUES = 10, WORD_FUNCTIONS = 13, WORD_TEXT = 22, WORDS = 48 };
struct module_data { uint64_t words[WORDS]; };

static bool read_words(const struct go *go, uint64_t address, struct module_data *ret)
{
	const uint8_t *bytes = go_bytes_at(go, address, (uint64_t)WORDS * go->pointer);
	struct go_fix *fixes;
	size_t count;

	if (!bytes)
		return false;
	go_fixes_read(go->binary, address, address + (uint64_t)WORDS * go->pointer, &fixes, &count);
	for (size_t n = 0; n < WORDS; n++)
		ret->words[n] = go_fixed(fixes, count, address + n * go->pointer, binary_number(go->binary, bytes + n * go->pointer, go->pointer));
	free(fixes);
	return true;
}

/* Takes it when it is the module's data. */
static bool try(struct go *go, uint64_t address)
{
	struct module_data module;

	if (!go->tries)
		return false;
	go->tries--;
	if (!read_words(go, address, &module) || module.words[0] != go->address || module.words[WORD_NAMES] != go->address + go->names ||
	    module.words[WORD_VALUES] != go->address + go->values || module.words[WORD_FUNCTIONS] != go->address + go->functions)
		return false;
	if (!go->text)
		go->text = module.words[WORD_TEXT];
	if (module.words[WORD_TEXT] == go->text && go_bytes_at(go, module.words[go->layout->module_data], 1))
		go->data = module.words[go->layout->module_data];
	return true;
}

static bool try_fix(void *context, struct go_fix fix)
{
	struct go *go = context;

	return fix.value != go->address || (!try(go, fix.at) && go->tries);
}

/* In the data that the program writes to, word by word. */
static bool scan(struct go *go, size_t number)
{
	const struct binary_section_header *header = binary_section_header(go->binary, number);
	const struct binary_bytes bytes = binary_section_bytes_lazily(go->binary, number);

	if (header->size >> 20 >= LIMIT_GO_SCANNED_MIB)
		return false;
	for (uint64_t at = -header->address & (go->pointer - 1); at + go->pointer <= bytes.size; at += go->pointer) {
		if (!binary_need(go->binary, bytes, at, go->pointer))
			return false;
		if (binary_number(go->binary, bytes.bytes + at, go->pointer) == go->address && (try(go, header->address + at) || !go->tries))
			return true;
	}
	return false;
}

static uint64_t text_section(const struct go *go)
{
	for (size_t n = 1; n < binary_section_count(go->binary); n++)
		if (binary_section_header(go->binary, n)->flags & SHF_EXECINSTR)
			return binary_section_header(go->binary, n)->address;
	return 0;
}

void go_module_find(struct go *go)
{
	if (!go->layout->call_bytes)
		return;
	go->tries = TRIES;
	walk(go->binary, try_fix, go);
	for (size_t n = 1; !go->data && n < binary_section_count(go->binary); n++) {
		const struct binary_section_header *header = binary_section_header(go->binary, n);

		if (header->type == SHT_PROGBITS && header->flags & SHF_WRITE && header->flags & SHF_ALLOC && scan(go, n))
			break;
	}
	if (!go->text)
		go->text = text_section(go);
}

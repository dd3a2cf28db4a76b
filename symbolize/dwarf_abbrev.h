/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwarf_abbrev.h - tables of abbreviations: what entries of a unit consist of, prepared for passing over most of them.
 */
#ifndef SYMBOLIZE_DWARF_ABBREV_H
#define SYMBOLIZE_DWARF_ABBREV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/buffer.h"
#include "symbolize/dwarf_budget.h"
#include "symbolize/dwarf_section.h"

/* How the bytes of a form end. */
enum dwarf_encoding {
	ENCODING_BAD, ENCODING_FIXED, ENCODING_LEB, ENCODING_SIGNED_LEB, ENCODING_TEXT, ENCODING_BLOCK_LEB, ENCODING_BLOCK, ENCODING_IMPLICIT,
	ENCODING_INDIRECT
};

struct dwarf_attribute {
	uint16_t name, form;		/* DW_AT_, DW_FORM_ */
	uint8_t encoding;
	uint8_t size;			/* bytes that are FIXED, or of a BLOCK's length */
	uint32_t implicit;		/* IMPLICIT: which of the table's constants */
};

/* What a unit says that sizes of forms depend on. */
struct dwarf_sizes { uint8_t address, offset, reference; };	/* the last of DW_FORM_ref_addr: an address in DWARF 2 */

/* The numbers of DWARF as they are stored: form to encoding.  ENCODING_BAD: there is no such form. */
enum dwarf_encoding dwarf_form_encoding(uint64_t form, struct dwarf_sizes sizes, uint8_t *size);

/* What an entry is to those who look for functions. */
enum dwarf_role {
	ROLE_PASSED,			/* nothing in it matters */
	ROLE_SCOPE,			/* functions may be in it */
	ROLE_TYPE,			/* so they may where types have methods: not in C */
	ROLE_FUNCTION, ROLE_INLINED
};

enum { SIBLING_NONE = 0xffff, SIBLING_SOMEWHERE = 0xfffe };

struct dwarf_abbrev {
	uint64_t code;
	uint32_t first, first_skip;	/* of attributes, of steps over them */
	uint16_t tag, count;
	uint16_t sibling;		/* bytes before DW_AT_sibling, when it is FIXED, as all before it are; or SIBLING_ */
	uint8_t sibling_size;
	uint8_t role;
	bool has_children;
};

/* Passes over a number of bytes, then over a form. */
struct dwarf_skip { uint16_t fixed; uint8_t encoding, size; };	/* BAD: that was the last */

struct dwarf_abbrevs {
	uint64_t offset;
	struct dwarf_sizes sizes;
	struct buffer rows, attributes, skips, constants;
	bool is_dense;			/* codes are 1, 2, 3... */
	bool is_bad;
};

/* Reads the table; what of it comes before damage is there.  Freed with dwarf_abbrevs_free. */
struct dwarf_abbrevs *dwarf_abbrevs_read(struct dwarf_section *section, uint64_t offset, struct dwarf_sizes sizes, struct dwarf_budget *budget);
void dwarf_abbrevs_free(struct dwarf_abbrevs *table);
size_t dwarf_abbrevs_memory(const struct dwarf_abbrevs *table);

/* NULL: the table has none of that code. */
const struct dwarf_abbrev *dwarf_abbrev_search(const struct dwarf_abbrevs *table, uint64_t code);

static inline const struct dwarf_abbrev *dwarf_abbrev_find(const struct dwarf_abbrevs *table, uint64_t code)
{
	const struct dwarf_abbrev *rows = (const void *)table->rows.bytes;

	if (!table->is_dense)
		return dwarf_abbrev_search(table, code);
	return code - 1 < table->rows.length / sizeof(*rows) ? &rows[code - 1] : NULL;
}

static inline const struct dwarf_attribute *dwarf_abbrev_attributes(const struct dwarf_abbrevs *table, const struct dwarf_abbrev *abbrev)
{
	return (const struct dwarf_attribute *)(const void *)table->attributes.bytes + abbrev->first;
}

/* Passes over the attributes of an entry whose code was read. */
void dwarf_entry_skip(struct dwarf_cursor *cursor, const struct dwarf_abbrevs *table, const struct dwarf_abbrev *abbrev);

/* Passes over one value. */
void dwarf_value_skip(struct dwarf_cursor *cursor, enum dwarf_encoding encoding, uint8_t size, struct dwarf_sizes sizes);

#endif

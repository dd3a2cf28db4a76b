// SPDX-License-Identifier: Apache-2.0
/* fit.c - a kernel's types against those of policies; see fit.h. */
#include "compiler/kernel/fit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct structure_row { enum type_id type; const char *name; } structures[] = {
#define STRUCTURE(type, name) { TYPE_##type, name },
#include "schema/structures.def"
#undef STRUCTURE
};
enum { STRUCTURES = sizeof(structures) / sizeof(structures[0]) };

/* ---- What is there ---- */

enum shape { SHAPE_UNKNOWN, SHAPE_NUMBER, SHAPE_POINTER, SHAPE_ARRAY, SHAPE_STRUCTURE };

struct value {
	enum shape shape;
	struct btf_number number;
	uint32_t bits;			/* of a bit field */
	uint32_t of;			/* POINTER, ARRAY: to, or of, what; STRUCTURE: itself */
};

static struct value value_of(const struct btf_view *view, uint32_t type, uint32_t bits)
{
	struct value value = { .bits = bits, .of = type };
	struct btf_entry entry;

	if (!btf_bare(view, type, &entry))
		return value;
	if (btf_number(&entry, &value.number))
		value.shape = SHAPE_NUMBER;
	else if (entry.kind == BTF_KIND_STRUCT || entry.kind == BTF_KIND_UNION || entry.kind == BTF_KIND_FWD)
		value.shape = SHAPE_STRUCTURE;
	else if (entry.kind == BTF_KIND_PTR)
		value = (struct value){ .shape = SHAPE_POINTER, .of = entry.type };
	else if (entry.kind == BTF_KIND_ARRAY)
		value = (struct value){ .shape = SHAPE_ARRAY, .of = btf_elements(&entry).type };
	return value;
}

/* A number of one byte, or nothing that is known of: what strings are made of. */
static bool is_character(const struct btf_view *view, uint32_t type)
{
	struct btf_number number;
	struct btf_entry entry;

	return btf_bare(view, type, &entry) &&
	       (entry.kind == BTF_KIND_UNKN || (entry.kind == BTF_KIND_INT && btf_number(&entry, &number) && number.size == 1));
}

static bool is_void(const struct btf_view *view, uint32_t type)
{
	struct btf_entry entry;

	return btf_bare(view, type, &entry) && entry.kind == BTF_KIND_UNKN;
}

/* "struct file", "kernel_cap_t": whether the type, or one that it is a typedef of, is called that. */
static bool is_called(const struct btf_view *view, uint32_t type, const char *name)
{
	struct btf_entry entry;

	for (int depth = 0; depth < LIMIT_BTF_DEPTH && btf_at(view, type, &entry); depth++) {
		uint32_t bit = 1u << entry.kind;
		const char *prefix = bit & BTF_BIT(STRUCT) || (bit & BTF_BIT(FWD) && !entry.flag) ? "struct " :
				     bit & (BTF_BIT(UNION) | BTF_BIT(FWD)) ? "union " : "";
		size_t length = strlen(prefix);

		if (!strncmp(name, prefix, length) && (*prefix || bit & BTF_BIT(TYPEDEF)) && !strcmp(name + length, entry.name))
			return true;
		if (!(bit & (BTF_BIT(TYPEDEF) | BTF_BIT(CONST) | BTF_BIT(VOLATILE) | BTF_BIT(RESTRICT) | BTF_BIT(TYPE_TAG))))
			return false;
		type = entry.type;
	}
	return false;
}

/* ---- In words ---- */

static const char *integer_name(bool is_signed, uint32_t size)
{
	static const struct { uint32_t size; enum type_id types[2]; } rows[] = {
		{ 1, { TYPE_UINT8, TYPE_INT8 } }, { 2, { TYPE_UINT16, TYPE_INT16 } }, { 4, { TYPE_UINT32, TYPE_INT32 } },
		{ 8, { TYPE_UINT64, TYPE_INT64 } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].size == size)
			return type_rows[rows[i].types[is_signed]].name;
	return NULL;
}

/* What reads it as it is; NULL when nothing does. */
static const char *type_for(const struct btf_view *view, const struct value *value)
{
	if (value->shape == SHAPE_NUMBER)
		return integer_name(value->number.is_signed, value->number.size);
	for (size_t i = 0; i < STRUCTURES && (value->shape == SHAPE_POINTER || value->shape == SHAPE_STRUCTURE); i++)
		if (is_called(view, value->of, structures[i].name))
			return type_rows[structures[i].type].name;
	if ((value->shape == SHAPE_POINTER || value->shape == SHAPE_ARRAY) && is_character(view, value->of) &&
	    !is_void(view, value->of))
		return type_rows[TYPE_STRING].name;
	return value->shape == SHAPE_POINTER ? type_rows[TYPE_UINT64].name : NULL;
}

static void add_number(struct buffer *text, bool is_signed, uint32_t bits)
{
	buffer_format(text, " (%u bit%s, %s)", bits, bits == 1 ? "" : "s", is_signed ? "signed" : "unsigned");
}

static bool is_integer(enum type_id type)
{
	return type_rows[type].class == CLASS_SIGNED || type_rows[type].class == CLASS_UNSIGNED;
}

/* Both: what the kernel has, and how the policy reads it; then what would do. */
static bool refuse(const struct btf_view *view, uint32_t type, const struct value *value, enum type_id declared,
		   char why[FIT_REASON_MAX])
{
	const char *better = type_for(view, value);
	struct buffer text = { 0 };

	buffer_add_text(&text, "the kernel has ");
	btf_describe(view, type, &text);
	if (value->shape == SHAPE_NUMBER)
		add_number(&text, value->number.is_signed, value->bits ? value->bits : value->number.bits);
	buffer_format(&text, " there, the policy reads it as %s", type_rows[declared].name);
	if (is_integer(declared))
		add_number(&text, type_rows[declared].class == CLASS_SIGNED, type_rows[declared].bits);
	if (better)
		buffer_format(&text, "; say 'type: %s'", better);
	else if (value->shape == SHAPE_ARRAY)
		buffer_add_text(&text, "; say which element, as [0], or 'type: char_buf'");
	else if (value->shape == SHAPE_STRUCTURE)
		buffer_add_text(&text, "; say which member");
	snprintf(why, FIT_REASON_MAX, "%.*s", FIT_REASON_MAX - 1, text.bytes);
	buffer_release(&text);
	return false;
}

/* ---- Fitting ---- */

static bool number_holds(const struct value *value, enum type_id type)
{
	bool is_signed = type_rows[type].class == CLASS_SIGNED;
	const struct btf_number *number = &value->number;
	uint32_t bits = type_rows[type].bits;

	if (!value->bits)
		return bits == number->bits && number->bits == 8 * number->size &&
		       (is_signed == number->is_signed || number->either);
	if (number->is_signed && !number->either)
		return is_signed && value->bits <= bits;
	return value->bits + is_signed <= bits;
}

/* A structure of one of the names that the type has, or a pointer to one. -1: the type reads no structure. */
static int structure_holds(const struct btf_view *view, const struct value *value, enum type_id type)
{
	int holds = -1;

	for (size_t i = 0; i < STRUCTURES && holds < 1; i++)
		if (structures[i].type == type)
			holds = value->shape != SHAPE_NUMBER && value->shape != SHAPE_UNKNOWN &&
				is_called(view, value->of, structures[i].name);
	if (holds == 0 && value->shape == SHAPE_POINTER)
		return is_void(view, value->of);
	if (holds == 1 && value->shape == SHAPE_ARRAY)
		return type == TYPE_CHAR_IOVEC;
	return holds;
}

/* Types that are no integers and no structures. */
static bool bytes_hold(const struct btf_view *view, const struct value *value, enum type_id type)
{
	bool has_address = value->shape == SHAPE_POINTER || value->shape == SHAPE_ARRAY;

	switch (type) {
	case TYPE_NOP:
		return true;
	case TYPE_STRING:
		return has_address && is_character(view, value->of);
	case TYPE_CHAR_BUF:
		return has_address || value->shape == SHAPE_STRUCTURE;
	case TYPE_FD:
		return value->shape == SHAPE_NUMBER && !value->bits && value->number.size >= 4;
	case TYPE_CAPABILITY:
	case TYPE_BPF_CMD:
		return value->shape == SHAPE_NUMBER && !value->bits && value->number.size == 4;
	case TYPE_AUTO:
		return value->shape == SHAPE_NUMBER;
	default:
		return false;	/* of the records of tracepoints */
	}
}

bool fit_chain(const struct btf_view *view, const struct chain *chain, enum type_id type, char why[FIT_REASON_MAX])
{
	struct value value = value_of(view, chain->type, chain->abi.bits);
	int structure = structure_holds(view, &value, type);
	bool holds;

	if (structure >= 0)
		holds = structure;
	else if (!is_integer(type))
		holds = bytes_hold(view, &value, type);
	else if (value.shape == SHAPE_NUMBER)
		holds = number_holds(&value, type);
	else
		holds = value.shape == SHAPE_POINTER && type_rows[type].bits == 64;
	return holds || refuse(view, chain->type, &value, type, why);
}

bool fit_argument(const struct btf_view *view, uint32_t argument, enum type_id type, char why[FIT_REASON_MAX])
{
	struct value value = value_of(view, argument, 0);
	int structure = structure_holds(view, &value, type);
	bool holds;

	if (structure >= 0)
		holds = structure && value.shape == SHAPE_POINTER;
	else if (!is_integer(type))
		holds = bytes_hold(view, &value, type);
	else if (value.shape == SHAPE_NUMBER)
		holds = type_rows[type].bits <= 32 || value.number.size == 8;
	else
		holds = value.shape == SHAPE_POINTER && type_rows[type].bits == 64;
	return holds || refuse(view, argument, &value, type, why);
}

int fit_type(const struct btf_view *view, const struct chain *chain)
{
	struct value value = value_of(view, chain->type, chain->abi.bits);
	const char *name = type_for(view, &value);

	return name ? type_find(name, strlen(name)) : -1;
}

int fit_told(const struct btf_view *view, const struct chain *chain)
{
	struct value value = value_of(view, chain->type, chain->abi.bits);
	int type = fit_type(view, chain);

	return value.shape == SHAPE_POINTER && type == TYPE_UINT64 ? -1 : type;
}

enum abi_load fit_load(const struct btf_view *view, const struct chain *chain)
{
	struct value value = value_of(view, chain->type, chain->abi.bits);
	int type = value.shape == SHAPE_NUMBER ? fit_type(view, chain) : -1;

	return type < 0 ? ABI_LOAD_NONE : (enum abi_load)type_rows[type].load;
}

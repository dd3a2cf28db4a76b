// SPDX-License-Identifier: Apache-2.0
/* tracepoint.c - reads format files of tracefs; see tracepoint.h. */
#include "runtime/tracepoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf-templates/abi.h"

enum { CONST_BUF_MAX = 1023 };	/* as Tetragon reads */

/* "\tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;" */
static int read_line(const char *line, struct tracepoint_field *ret)
{
	struct tracepoint_field field = { .declaration = "" };

	if (sscanf(line, " field:%127[^;\n]; offset:%u; size:%u; signed:%u;", field.declaration, &field.offset,
		   &field.size, &field.is_signed) < 3)
		return -EINVAL;
	*ret = field;
	return 0;
}

int tracepoint_field(const char *format, uint32_t number, struct tracepoint_field *ret, uint32_t *count)
{
	uint32_t seen = 0;
	int error = -ERANGE;

	for (const char *line = format; line && error == -ERANGE; line = strchr(line, '\n')) {
		line += strspn(line, "\n\t ");
		if (strncmp(line, "field:", 6))
			continue;
		if (seen++ == number)
			error = read_line(line, ret);
	}
	*count = seen;
	return seen ? error : -EINVAL;
}

uint32_t tracepoint_size(const char *format)
{
	struct tracepoint_field field;
	uint32_t count = 0;

	tracepoint_field(format, UINT32_MAX, &field, &count);
	return count && !tracepoint_field(format, count - 1, &field, &count) ? field.offset + field.size : 0;
}

static int is_power(uint32_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

const char *tracepoint_field_refuses(const struct tracepoint_field *field, enum type_id type)
{
	uint8_t load = type_rows[type].load;

	if (field->offset > UINT16_MAX)
		return "lies too far into the record";
	if (load == ABI_LOAD_NOTHING)
		return NULL;
	if (field->offset < sizeof(uint64_t))	/* the address of the registers is in their place */
		return "is one of the common ones, which the kernel does not leave for BPF programs";
	if (!strstr(field->declaration, "__data_loc") != (load != ABI_LOAD_DATA_LOC))
		return load == ABI_LOAD_DATA_LOC ? "is not stored at the record's end (__data_loc)" :
						   "is stored at the record's end (__data_loc), which type data_loc reads";
	if (load == ABI_LOAD_CONST_BUF)
		return !strchr(field->declaration, '[') ? "is no array" : field->size && field->size <= CONST_BUF_MAX ? NULL :
			"has no size that is known, or more than 1023 bytes";
	if (load == ABI_LOAD_AUTO)
		return !strpbrk(field->declaration, "*[") && is_power(field->size) ? NULL :
			"is not an integer of 1, 2, 4 or 8 bytes";
	if ((load >= ABI_LOAD_U8 && load <= ABI_LOAD_S64) || load == ABI_LOAD_FD || load == ABI_LOAD_SYSCALL64 ||
	    load == ABI_LOAD_DATA_LOC)
		return is_power(field->size) ? NULL : "is not an integer of 1, 2, 4 or 8 bytes";
	return field->size == sizeof(uint64_t) && !strchr(field->declaration, '[') ?
		NULL : "is not a pointer";
}

/* The last word of a declaration is the name of the field. */
static bool has_words(const struct tracepoint_field *field, const char *words)
{
	size_t length = strlen(words);

	return !strncmp(field->declaration, words, length) && field->declaration[length] == ' ';
}

static int integer_type(const struct tracepoint_field *field)
{
	static const enum type_id types[2][4] = {
		{ TYPE_UINT8, TYPE_UINT16, TYPE_UINT32, TYPE_UINT64 }, { TYPE_INT8, TYPE_INT16, TYPE_INT32, TYPE_INT64 },
	};

	return (int)types[!!field->is_signed][__builtin_ctz(field->size)];
}

int tracepoint_field_type(const struct tracepoint_field *field, bool has_size, const char **why)
{
	bool is_text = has_words(field, "const char *") || has_words(field, "char *");

	*why = tracepoint_field_refuses(field, is_text ? TYPE_STRING : strchr(field->declaration, '[') ? TYPE_CONST_BUF : TYPE_AUTO);
	if (*why)
		return -1;
	if (is_text) {
		*why = "is a text, whose size nothing tells; say 'type: string', or its sizeArgIndex";
		return has_size ? TYPE_CHAR_BUF : -1;
	}
	if (strchr(field->declaration, '['))
		return TYPE_CONST_BUF;
	return has_words(field, "size_t") ? TYPE_SIZE : integer_type(field);
}

uint32_t tracepoint_element_size(const struct tracepoint_field *field)
{
	const char *bracket = strchr(field->declaration, '[');
	unsigned long count = bracket ? strtoul(bracket + 1, NULL, 10) : 0;

	return count && count <= CONST_BUF_MAX && field->size == 8 * count ? 8 : 1;
}

uint8_t tracepoint_field_load(const struct tracepoint_field *field)
{
	uint8_t load = field->size == 1 ? ABI_LOAD_U8 : field->size == 2 ? ABI_LOAD_U16 : field->size == 4 ? ABI_LOAD_U32 :
		       ABI_LOAD_U64;

	return field->is_signed ? load + (ABI_LOAD_S8 - ABI_LOAD_U8) : load;
}

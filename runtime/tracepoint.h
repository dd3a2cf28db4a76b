/* SPDX-License-Identifier: Apache-2.0 */
/* tracepoint.h - where the fields of a tracepoint lie, from the text of its format file.  Pure. */
#ifndef RUNTIME_TRACEPOINT_H
#define RUNTIME_TRACEPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/schema.h"

struct tracepoint_field {
	char declaration[128];	/* "const char * filename", cut to fit */
	uint32_t offset, size;
	uint32_t is_signed;
};

/*
 * Field number `number`, common fields included.  0; -ERANGE when there are fewer, with *count saying how many;
 * -EINVAL when the text is not a format file.
 */
int tracepoint_field(const char *format, uint32_t number, struct tracepoint_field *ret, uint32_t *count);

/* Bytes of the record, which ends with the last field; 0 when the text is not a format file. */
uint32_t tracepoint_size(const char *format);

/*
 * Whether the programs can read the field as that type: NULL, or why not, as the end of the
 * sentence "field N ('declaration') ...".
 */
const char *tracepoint_field_refuses(const struct tracepoint_field *field, enum type_id type);

/*
 * The type of a field that a policy says no type of: an integer, an array, a size, or a `char *` that has a size.  -1: *why says why there
 * is none, as in tracepoint_field_refuses().
 */
int tracepoint_field_type(const struct tracepoint_field *field, bool has_size, const char **why);

/* Of an array: 8 when its elements are numbers of 64 bits, else 1. */
uint32_t tracepoint_element_size(const struct tracepoint_field *field);

/* What type `auto` is of a field that it can be: enum abi_load, U8 to S64. */
uint8_t tracepoint_field_load(const struct tracepoint_field *field);

#endif

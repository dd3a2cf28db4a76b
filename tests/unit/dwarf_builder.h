/* SPDX-License-Identifier: Apache-2.0 */
/* dwarf_builder.h - debug information made by hand: sections of bytes, in a program that is only these. */
#ifndef TESTS_UNIT_DWARF_BUILDER_H
#define TESTS_UNIT_DWARF_BUILDER_H

#include "compiler/base/buffer.h"
#include "symbolize/binary.h"

enum { MADE_SECTIONS = 16 };

struct made_section { const char *name; struct buffer bytes; };

/* Zeroed: a program of 64 bits, little endian, with no sections. */
struct made_program {
	bool is_narrow, is_big_endian, is_relocatable;
	struct made_section sections[MADE_SECTIONS];
	struct buffer file;
};

/* The section of that name, made when it is not there. */
struct buffer *made_section(struct made_program *program, const char *name);

/* Numbers in the program's byte order, and in LEB128. */
void made_fixed(const struct made_program *program, struct buffer *section, uint64_t number, unsigned size);
void made_leb(struct buffer *section, uint64_t number);
void made_signed_leb(struct buffer *section, int64_t number);
void made_text(struct buffer *section, const char *text);
/* Bytes by hexadecimal words: "01 11 00". */
void made_bytes(struct buffer *section, const char *words);

/* Where a length of 4 bytes stands; made_length_end writes how much came after. */
size_t made_length(struct buffer *section);
void made_length_end(const struct made_program *program, struct buffer *section, size_t at);

/* The program as it is opened: the caller closes it, then made_release. */
struct binary *made_open(struct made_program *program);
void made_release(struct made_program *program);

#endif

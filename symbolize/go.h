/* SPDX-License-Identifier: Apache-2.0 */
/*
 * go.h - functions, files, lines and inlined calls of programs in Go, by the table that they always have (.gopclntab), stripped or not.
 *
 * The four layouts are read that there have been: of Go 1.2, 1.16, 1.18 and 1.20; inlined calls by the last two.  The table is found by its
 * section, or, when names of sections are gone, by how it begins; only in programs that say they are Go's.
 */
#ifndef SYMBOLIZE_GO_H
#define SYMBOLIZE_GO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbolize/binary.h"
#include "symbolize/frame.h"

struct go;

/* The binary is borrowed and must outlive it.  NULL when it has no such table, or one that is damaged. */
struct go *go_open(struct binary *binary);
void go_close(struct go *go);

/*
 * The frames of an address; ret->frames and ret->room are the caller's; texts live in the binary.  SYMBOL_NO_FUNCTION when the table has no
 * function there; SYMBOL_DAMAGED.
 */
enum symbol_why go_find(struct go *go, uint64_t address, struct symbol_frames *ret);

size_t go_count(const struct go *go);		/* functions */
/* Which layout: "1.18"; and whether inlined calls are told. */
const char *go_version(const struct go *go);
bool go_has_inlined(const struct go *go);
size_t go_memory(const struct go *go);

#endif

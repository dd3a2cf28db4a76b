/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel_list.h - lists of the kernel's symbols (/proc/kallsyms, System.map), and the index that is made of one.
 *
 * Such a list says where functions begin.  A function ends where the next one begins; the kernel's text ends at _etext, and of a module no more
 * is taken for its text than the page in which its last function begins, because what follows may be another module's, or a BPF program.
 * Of several names of one address the first that is listed is told, as the kernel itself does.
 *
 * What comes and goes without a module (BPF programs and trampolines, `[bpf]`; `[__builtin__ftrace]`, `[__builtin__kprobes]`) is no part of the
 * index: kernel_passing.h.
 */
#ifndef SYMBOLIZE_KERNEL_LIST_H
#define SYMBOLIZE_KERNEL_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"
#include "symbolize/frame.h"
#include "symbolize/names.h"

/* ---- Lines of a list ---- */

struct kernel_line {
	uint64_t address;
	char kind;
	const char *name, *module;	/* NUL-terminated, in the text; module NULL: the kernel itself */
};

/* The next line that is one, of a text that is changed: ends are written into it.  *at moves on.  False at the end. */
bool kernel_line_next(char **at, char *end, struct kernel_line *ret);
bool kernel_line_is_function(const struct kernel_line *line);
/* Of what comes and goes without a module. */
bool kernel_line_is_passing(const struct kernel_line *line);

/* ---- The index ---- */

/* Two blocks of bytes without pointers, aligned to 8: what there is, which is all there; and the names, which may be read as they are needed. */
struct kernel_index {
	const uint8_t *bytes;
	size_t size;
	struct names names;
};

/*
 * Adds the blocks to `ret` and `names`, which must be empty.  `text` is changed; `modules`: text of /proc/modules, NULL: not known.  KNOWN; HIDDEN when
 * all addresses are zero; NO_SYMBOLS when there is no function in it.
 */
enum symbol_why kernel_index_build(char *text, size_t size, const char *modules, struct buffer *ret, struct buffer *names);

/* Whether bytes that came from a disk are an index of this version. */
bool kernel_index_check(const struct kernel_index *index);

/* Texts are in the index.  *module NULL: the kernel itself.  False as names_find. */
bool kernel_index_find(const struct kernel_index *index, uint64_t address, struct name_found *ret, const char **module, bool *is_damaged);

/* Address of _stext, which tells what KASLR added; 0: the list does not have it. */
uint64_t kernel_index_start(const struct kernel_index *index);
size_t kernel_index_count(const struct kernel_index *index);

#endif

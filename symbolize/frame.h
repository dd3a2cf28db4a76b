/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame.h - what is known of an address: functions, files, lines, and why something is not.
 *
 * One address may be several frames: the innermost first, each inlined into the next, the last one the function that the
 * machine runs.  `file`, `line` and `column` of the first are where the address is, those of the others where the one before
 * was called.
 */
#ifndef SYMBOLIZE_FRAME_H
#define SYMBOLIZE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why an address, or its line, stays unknown: why.def has the words. */
enum symbol_why {
#define WHY(id, word, about) SYMBOL_##id,
#include "symbolize/why.def"
#undef WHY
	SYMBOL_WHY_COUNT
};

struct symbol_frame {
	const char *function;		/* as the file has it (mangled); NULL: not known */
	const char *file;		/* as a compiler was given it, behind its folder; NULL: not known */
	uint32_t line, column;		/* 0: not known */
};

/* Frames of one address that are told; more are cut off, the outermost stays (schema/limits.def). */
struct symbol_frames {
	struct symbol_frame *frames;	/* the caller's */
	size_t room, count;
	uint64_t start;			/* where the outermost function begins, in the same terms as the address */
	bool is_cut;			/* there were more inlined ones */
};

/* The word that JSON has for it, "no_symbols", and the sentence for people. */
const char *symbol_why_word(enum symbol_why why);
const char *symbol_why_about(enum symbol_why why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* symbolize_text.h - what is known of an address as lines for people, for addr2line's readers and for flame graphs. */
#ifndef CMD_SYMBOLIZE_TEXT_H
#define CMD_SYMBOLIZE_TEXT_H

#include "compiler/base/buffer.h"
#include "symbolize/frame_json.h"

/* Hexadecimal digits, at least `digits` of them. */
void add_hexadecimal(struct buffer *out, uint64_t number, unsigned digits);

/* Of text that a terminal should not see raw: other bytes as \xNN. */
void add_plain(struct buffer *out, const char *text);

struct text_style {
	struct frame_style frame;
	const char *indent;		/* before each line */
	bool no_module;			/* who reads knows which file it is */
	bool basenames;			/* of files that lines are in */
	bool addresses, pretty;		/* ADDR2LINE: as its -a and -p */
};

/*
 * "0x401136 square (inlined) at square.h:3:9", then with blanks for the address what that is inlined into, the function last: "main+0x16 at
 * main.c:12:5 in /bin/x+0x1136 (build id 1f2e)".  What is not known says why.
 */
void text_frames(struct buffer *out, const struct text_style *style, uint64_t address, const struct symbolized *found);

/* As `addr2line -f -i -C`. */
void addr2line_frames(struct buffer *out, const struct text_style *style, uint64_t address, const struct symbolized *found);

/* "main;twice_[i];square_[i]", the outermost first: a part of a line of folded stacks.  `suffix` is the function's, "_[k]" of the kernel. */
void folded_frames(struct buffer *out, const struct text_style *style, uint64_t address, const struct symbolized *found, const char *suffix);

/* A name in such a line: ';' parts frames, so it becomes ':'; the count is the last word, so blanks do no harm. */
void folded_name(struct buffer *out, const char *name);

#endif

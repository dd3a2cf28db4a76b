/* SPDX-License-Identifier: Apache-2.0 */
/* symbolize_telling.h - what was told of the frames of one stack trace, as texts that stay when the symbolizer is asked for something else. */
#ifndef CMD_SYMBOLIZE_TELLING_H
#define CMD_SYMBOLIZE_TELLING_H

#include "cmd/symbolize_stacks.h"
#include "cmd/symbolize_text.h"

/* Places in the texts, each of which has its end. */
struct told_frame {
	bool has_symbol, has_module, has_text, has_offset;
	size_t symbol, module, text;
	uint64_t offset;
};

struct telling {
	const struct stacks_options *options;
	struct symbolizer *symbolizer;
	struct text_style style;
	struct buffer texts;
	struct told_frame frames[ABI_STACK_FRAMES];
	size_t count;			/* that were told */
};

/* `asked`: what its symbolizer is to know, borrowed. */
void telling_init(struct telling *ret, const struct stacks_options *options, const struct symbolizer_options *asked);
void telling_release(struct telling *telling);

void telling_begin(struct telling *telling);
/* The next frame: one of ABI_STACK_FRAMES. */
void telling_add(struct telling *telling, enum stack_kind kind, uint64_t address, const struct symbolized *found);
/* The same frames as `from` has. */
void telling_copy(struct telling *ret, const struct telling *from);

/* Entries' members, which point into the texts: until the next telling_begin. */
void telling_set(const struct telling *telling, struct stack_entry *ret);

/* The innermost frame is where the processor was; the others are where calls return to. */
enum address_meaning telling_meaning(size_t frame);

/* What is mapped now; of a process that is gone, whether anything was seen of it. */
bool telling_prepare(const struct telling *telling, const struct stack_trace *trace);

struct symbolize_target telling_target(const struct stack_trace *trace);

#endif

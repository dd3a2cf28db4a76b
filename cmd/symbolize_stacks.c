// SPDX-License-Identifier: Apache-2.0
/* symbolize_stacks.c - see symbolize_stacks.h. */
#include "cmd/symbolize_stacks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/symbolize_text.h"
#include "symbolize/frame_json.h"

struct symbolized_stacks {
	const struct stacks_options *options;
	struct symbolizer *symbolizer;
	struct stack_teller teller;
	struct text_style style;
	struct buffer texts;		/* of all entries, each with its end */
	uint64_t deadline;		/* ns of CLOCK_MONOTONIC */
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- One frame ---- */

/* The innermost frame is where the processor was; the others are where calls return to. */
static enum address_meaning meaning_of(size_t n)
{
	return n ? ADDRESS_RETURN : ADDRESS_EXACT;
}

static void add_members(struct symbolized_stacks *stacks, enum event_stack kind, const struct stack_entry *entry, const struct symbolized *found)
{
	const struct event_frame frame = {
		.stack = kind, .has = 1u << FRAME_ADDRESS | 1u << FRAME_MODULE | 1u << FRAME_OFFSET | (entry->symbol ? 1u << FRAME_SYMBOL : 0),
		.symbol = { entry->symbol, entry->symbol ? strlen(entry->symbol) : 0 },
	};
	struct json json = { .out = &stacks->texts };	/* something stands before: a comma comes first */

	frame_json_members(&json, &stacks->style.frame, &frame, found);
}

/* Pointers into texts are set when all are written: the buffer moves. */
static void add_text(struct symbolized_stacks *stacks, enum event_stack kind, const struct stack_entry *entry, const struct symbolized *found)
{
	if (!stacks->options->symbolize)
		return;
	if (stacks->options->as_text)
		text_frames(&stacks->texts, &stacks->style, entry->address, found);
	else
		add_members(stacks, kind, entry, found);
}

/* Names live until the next call of the symbolizer, so they are copied. */
static size_t keep(struct symbolized_stacks *stacks, const char *text)
{
	const size_t at = stacks->texts.length;

	buffer_add(&stacks->texts, text, strlen(text) + 1);
	return at;
}

struct kept { size_t symbol, module, text; bool has_symbol, has_module, has_text; };

static void keep_entry(struct symbolized_stacks *stacks, enum event_stack kind, struct stack_entry *entry, const struct symbolized *found,
		       struct kept *ret)
{
	const char *const symbol = found->count ? frame_name(&stacks->style.frame, found->frames[found->count - 1].function) : "";

	*ret = (struct kept){ .has_symbol = symbol[0], .has_module = found->module, .has_text = stacks->options->symbolize };
	entry->has_offset = kind == EVENT_STACK_KERNEL ? found->count : found->is_in_file;
	entry->offset = kind == EVENT_STACK_KERNEL ? found->offset : found->file_offset;
	if (ret->has_symbol)
		ret->symbol = keep(stacks, symbol);
	if (ret->has_module)
		ret->module = keep(stacks, found->module);
	ret->text = stacks->texts.length;
	entry->symbol = ret->has_symbol ? stacks->texts.bytes + ret->symbol : NULL;
	add_text(stacks, kind, entry, found);
	buffer_add_char(&stacks->texts, '\0');
}

static void set_texts(const struct symbolized_stacks *stacks, const struct kept *kept, struct stack_entry *ret)
{
	const char *const texts = stacks->texts.bytes;

	ret->symbol = kept->has_symbol ? texts + kept->symbol : NULL;
	ret->module = kept->has_module ? texts + kept->module : NULL;
	if (!kept->has_text)
		return;
	if (stacks->options->as_text)
		ret->text = texts + kept->text;
	else
		ret->members = texts + kept->text;
}

/* ---- Both kinds ---- */

static void look_up(struct symbolized_stacks *stacks, const struct symbolize_target *target, uint64_t address, size_t n, struct symbolized *ret)
{
	if (target->kind == TARGET_KERNEL || (stacks->options->symbolize && now() < stacks->deadline)) {
		symbolize(stacks->symbolizer, target, address, meaning_of(n), ret);
		return;
	}
	symbolize_place(stacks->symbolizer, target, address, stacks->options->symbolize ? PLACE_FILE : PLACE_MAPPING, ret);
	if (ret->why == SYMBOL_KNOWN)
		ret->why = SYMBOL_TIMEOUT;
}

/* What is mapped now; of a process that is gone, whether anything was seen of it. */
static bool prepare(struct symbolized_stacks *stacks, const struct stack_trace *trace)
{
	if (!trace->is_running)
		return symbolize_gone(stacks->symbolizer, (pid_t)trace->pid, trace->process_start);
	symbolize_refresh(stacks->symbolizer, (pid_t)trace->pid, trace->process_start);
	return true;
}

static int tell(void *context, const struct stack_trace *trace, struct stack_entry ret[ABI_STACK_FRAMES])
{
	struct symbolized_stacks *const stacks = context;
	const enum event_stack kind = trace->kind == STACK_KERNEL ? EVENT_STACK_KERNEL : EVENT_STACK_USER;
	const struct symbolize_target target = {
		.kind = kind == EVENT_STACK_KERNEL ? TARGET_KERNEL : TARGET_PROCESS, .pid = (pid_t)trace->pid, .start_time = trace->process_start,
	};
	const bool can_ask = kind == EVENT_STACK_KERNEL || prepare(stacks, trace);
	struct kept kept[ABI_STACK_FRAMES];
	struct symbolized found;

	stacks->texts.length = 0;
	stacks->deadline = now() + STALL_MS * 1000000ull;
	for (size_t n = 0; n < trace->count; n++) {
		if (can_ask)
			look_up(stacks, &target, ret[n].address, n, &found);
		else
			symbolize_nothing(&found, SYMBOL_GONE);
		if (kind == EVENT_STACK_KERNEL && (found.why == SYMBOL_HIDDEN || found.why == SYMBOL_PERMISSION))
			return -EACCES;
		keep_entry(stacks, kind, &ret[n], &found, &kept[n]);
	}
	for (size_t n = 0; n < trace->count; n++)
		set_texts(stacks, &kept[n], &ret[n]);
	return 0;
}

static void forget(void *context, const struct stack_trace *trace)
{
	struct symbolized_stacks *const stacks = context;

	symbolize_forget(stacks->symbolizer, (pid_t)trace->pid, trace->process_start);
}

/* ---- Its life ---- */

struct symbolized_stacks *symbolized_stacks_new(const struct stacks_options *options)
{
	struct symbolized_stacks *stacks = calloc(1, sizeof(*stacks));

	if (!stacks)
		abort();
	stacks->options = options;
	stacks->symbolizer = symbolizer_new(&options->symbolizer);
	stacks->teller = (struct stack_teller){ stacks, tell, forget };
	if (options->symbolize)		/* now, and not when the first event waits, whose process may be gone then */
		symbolize_open(stacks->symbolizer, &(struct symbolize_target){ .kind = TARGET_KERNEL });
	stacks->style = (struct text_style){
		.frame = { .names = stacks->symbolizer, .no_lines = options->symbolizer.module.no_lines }, .indent = "    ",
	};
	return stacks;
}

void symbolized_stacks_free(struct symbolized_stacks *stacks)
{
	if (!stacks)
		return;
	symbolizer_free(stacks->symbolizer);
	buffer_release(&stacks->texts);
	free(stacks);
}

const struct stack_teller *symbolized_stacks_teller(struct symbolized_stacks *stacks)
{
	return &stacks->teller;
}

// SPDX-License-Identifier: Apache-2.0
/* symbolize_telling.c - see symbolize_telling.h. */
#include "cmd/symbolize_telling.h"

#include <string.h>

#include "symbolize/frame_json.h"

void telling_init(struct telling *ret, const struct stacks_options *options, const struct symbolizer_options *asked)
{
	*ret = (struct telling){ .options = options, .symbolizer = symbolizer_new(asked) };
	ret->style = (struct text_style){
		.frame = { .names = ret->symbolizer, .no_lines = options->symbolizer.module.no_lines }, .indent = "    ",
	};
}

void telling_release(struct telling *telling)
{
	symbolizer_free(telling->symbolizer);
	buffer_release(&telling->texts);
}

void telling_begin(struct telling *telling)
{
	telling->texts.length = 0;
	telling->count = 0;
}

enum address_meaning telling_meaning(size_t frame)
{
	return frame ? ADDRESS_RETURN : ADDRESS_EXACT;
}

bool telling_prepare(const struct telling *telling, const struct stack_trace *trace)
{
	struct symbolizer *const symbolizer = telling->symbolizer;

	if (trace->kind == STACK_KERNEL)
		return true;
	if (!trace->is_running)
		return symbolize_gone(symbolizer, (pid_t)trace->pid, trace->process_start);
	symbolize_refresh(symbolizer, (pid_t)trace->pid, trace->process_start);
	return true;
}

struct symbolize_target telling_target(const struct stack_trace *trace)
{
	return (struct symbolize_target){
		.kind = trace->kind == STACK_KERNEL ? TARGET_KERNEL : TARGET_PROCESS, .pid = (pid_t)trace->pid, .start_time = trace->process_start,
	};
}

/* ---- One frame ---- */

static void add_members(struct telling *telling, enum stack_kind kind, const char *symbol, const struct symbolized *found)
{
	const struct event_frame frame = {
		.stack = kind == STACK_KERNEL ? EVENT_STACK_KERNEL : EVENT_STACK_USER,
		.has = 1u << FRAME_ADDRESS | 1u << FRAME_MODULE | 1u << FRAME_OFFSET | (symbol[0] ? 1u << FRAME_SYMBOL : 0),
		.symbol = { symbol[0] ? symbol : NULL, strlen(symbol) },
	};
	struct json json = { .out = &telling->texts };	/* something stands before: a comma comes first */

	frame_json_members(&json, &telling->style.frame, &frame, found);
}

/* Names live until the next call of the symbolizer, so they are copied. */
static size_t keep(struct telling *telling, const char *text)
{
	const size_t at = telling->texts.length;

	buffer_add(&telling->texts, text, strlen(text) + 1);
	return at;
}

void telling_add(struct telling *telling, enum stack_kind kind, uint64_t address, const struct symbolized *found)
{
	const char *const symbol = found->count ? frame_name(&telling->style.frame, found->frames[found->count - 1].function) : "";
	struct told_frame *const frame = &telling->frames[telling->count++];

	*frame = (struct told_frame){
		.has_symbol = symbol[0], .has_module = found->module, .has_text = telling->options->symbolize,
		.has_offset = kind == STACK_KERNEL ? found->count : found->is_in_file,
		.offset = kind == STACK_KERNEL ? found->offset : found->file_offset,
	};
	if (frame->has_symbol)
		frame->symbol = keep(telling, symbol);
	if (frame->has_module)
		frame->module = keep(telling, found->module);
	frame->text = telling->texts.length;
	if (frame->has_text && telling->options->as_text)
		text_frames(&telling->texts, &telling->style, address, found);
	else if (frame->has_text)
		add_members(telling, kind, symbol, found);
	buffer_add_char(&telling->texts, '\0');
}

/* ---- All ---- */

void telling_copy(struct telling *ret, const struct telling *from)
{
	telling_begin(ret);
	if (from->texts.length)
		buffer_add(&ret->texts, from->texts.bytes, from->texts.length);
	memcpy(ret->frames, from->frames, from->count * sizeof(*from->frames));
	ret->count = from->count;
}

void telling_set(const struct telling *telling, struct stack_entry *ret)
{
	const char *const texts = telling->texts.bytes;

	for (size_t n = 0; n < telling->count; n++) {
		const struct told_frame *const frame = &telling->frames[n];

		ret[n].has_offset = frame->has_offset;
		ret[n].offset = frame->offset;
		ret[n].symbol = frame->has_symbol ? texts + frame->symbol : NULL;
		ret[n].module = frame->has_module ? texts + frame->module : NULL;
		ret[n].text = frame->has_text && telling->options->as_text ? texts + frame->text : NULL;
		ret[n].members = frame->has_text && !telling->options->as_text ? texts + frame->text : NULL;
	}
}

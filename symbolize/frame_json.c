// SPDX-License-Identifier: Apache-2.0
/* frame_json.c - see frame_json.h. */
#include "symbolize/frame_json.h"

#include <string.h>

const char *frame_name(const struct frame_style *style, const char *function)
{
	if (!function)
		return "";
	return style->names ? symbolize_demangle(style->names, function) : function;
}

static bool lacks(const struct event_frame *frame, enum frame_member member)
{
	return !(frame->has >> member & 1);
}

static void key_text(struct json *json, enum frame_member member, const char *text)
{
	json_key(json, frame_members[member]);
	json_bytes(json, text, strlen(text));
}

/* Where it lies: of programs in their file, of the kernel's modules by name. */
static void key_module(struct json *json, const struct event_frame *frame, const struct symbolized *found)
{
	const bool is_user = frame->stack == EVENT_STACK_USER;

	if (found->module && lacks(frame, FRAME_MODULE))
		key_text(json, FRAME_MODULE, found->module);
	if (is_user && found->is_in_file && lacks(frame, FRAME_OFFSET))
		json_key_unsigned_text(json, frame_members[FRAME_OFFSET], found->file_offset);
	if (is_user && found->build_id[0] && lacks(frame, FRAME_BUILD_ID))
		key_text(json, FRAME_BUILD_ID, found->build_id);
	if (is_user && found->is_in_file && found->file_address && found->file_address != found->file_offset && lacks(frame, FRAME_FILE_ADDRESS))
		json_key_unsigned_text(json, frame_members[FRAME_FILE_ADDRESS], found->file_address);
}

/* A symbol that is there already says how the event's writer calls it; when ours is another name, that is told beside it. */
static void key_symbol(struct json *json, const struct frame_style *style, const struct event_frame *frame, const struct symbolized *found)
{
	const char *const name = frame_name(style, found->frames[found->count - 1].function);
	const bool is_other = frame->symbol.length != strlen(name) || memcmp(frame->symbol.bytes, name, strlen(name));
	const enum frame_member offset = frame->stack == EVENT_STACK_KERNEL ? FRAME_OFFSET : FRAME_SYMBOL_OFFSET;

	if (!name[0])
		return;
	if (lacks(frame, FRAME_SYMBOL))
		key_text(json, FRAME_SYMBOL, name);
	else if (frame->symbol.bytes && is_other && lacks(frame, FRAME_FUNCTION))
		key_text(json, FRAME_FUNCTION, name);
	if (lacks(frame, offset))
		json_key_unsigned_text(json, frame_members[offset], found->offset);
}

static void key_line(struct json *json, const struct symbol_frame *frame)
{
	if (!frame->file)
		return;
	key_text(json, FRAME_FILE, frame->file);
	if (frame->line)
		json_key_number(json, frame_members[FRAME_LINE], frame->line);
	if (frame->column)
		json_key_number(json, frame_members[FRAME_COLUMN], frame->column);
}

/* The function's own line, then what was inlined into it, the innermost first. */
static void key_lines(struct json *json, const struct frame_style *style, const struct symbolized *found)
{
	key_line(json, &found->frames[found->count - 1]);
	if (found->count < 2)
		return;
	json_key(json, frame_members[FRAME_INLINED]);
	json_begin_array(json);
	for (size_t n = 0; n + 1 < found->count; n++) {
		json_begin_object(json);
		if (found->frames[n].function)
			key_text(json, FRAME_FUNCTION, frame_name(style, found->frames[n].function));
		key_line(json, &found->frames[n]);
		json_end_object(json);
	}
	json_end_array(json);
}

/* A frame that has a symbol of its own is not unknown, whatever we know. */
static void key_unknown(struct json *json, const struct frame_style *style, const struct event_frame *frame, const struct symbolized *found)
{
	const enum symbol_why line = found->why != SYMBOL_KNOWN ? found->why : found->why_no_lines;

	if (found->why != SYMBOL_KNOWN && lacks(frame, FRAME_SYMBOL)) {
		if (lacks(frame, FRAME_SYMBOL_UNKNOWN))
			json_key_string(json, frame_members[FRAME_SYMBOL_UNKNOWN], symbol_why_word(found->why));
	} else if (!style->no_lines && line != SYMBOL_KNOWN && lacks(frame, FRAME_FILE) && lacks(frame, FRAME_LINE_UNKNOWN)) {
		json_key_string(json, frame_members[FRAME_LINE_UNKNOWN], symbol_why_word(line));
	}
}

void frame_json_members(struct json *json, const struct frame_style *style, const struct event_frame *frame, const struct symbolized *found)
{
	key_module(json, frame, found);
	if (style->no_symbols)
		return;
	if (found->count) {
		key_symbol(json, style, frame, found);
		if (!style->no_lines && lacks(frame, FRAME_FILE) && lacks(frame, FRAME_INLINED))
			key_lines(json, style, found);
	}
	key_unknown(json, style, frame, found);
}

// SPDX-License-Identifier: Apache-2.0
/* event_line.c - see event_line.h. */
#include "symbolize/event_line.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "schema/schema.h"

const char *const frame_members[FRAME_MEMBER_COUNT] = {
	[FRAME_ADDRESS] = "address", [FRAME_OFFSET] = "offset", [FRAME_SYMBOL] = "symbol", [FRAME_MODULE] = "module",
	[FRAME_BUILD_ID] = "build_id", [FRAME_FILE_ADDRESS] = "file_address", [FRAME_SYMBOL_OFFSET] = "symbol_offset",
	[FRAME_FUNCTION] = "function", [FRAME_FILE] = "file", [FRAME_LINE] = "line", [FRAME_COLUMN] = "column",
	[FRAME_INLINED] = "inlined", [FRAME_SYMBOL_UNKNOWN] = "symbol_unknown", [FRAME_LINE_UNKNOWN] = "line_unknown",
};

struct scan {
	const char *start, *at, *end;
	struct event_line_reader *reader;
	struct event_line *ret;
	unsigned depth;
};

/* ---- JSON ---- */

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\r' || *scan->at == '\n'))
		scan->at++;
}

static bool take(struct scan *scan, char c)
{
	skip_blanks(scan);
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Behind a backslash. */
static bool skip_escape(struct scan *scan)
{
	if (scan->at == scan->end)
		return false;
	if (*scan->at != 'u') {
		const bool good = *scan->at && strchr("\"\\/bfnrt", *scan->at);

		scan->at++;
		return good;
	}
	scan->at++;
	for (int n = 0; n < 4; n++, scan->at++)
		if (scan->at == scan->end || !is_hex(*scan->at))
			return false;
	return true;
}

/* To the next byte of a string that means something, or may not be there. */
static void skip_plain(struct scan *scan)
{
	const char *at = scan->at;

	while (at < scan->end && *at != '"' && *at != '\\' && (unsigned char)*at >= ' ')
		at++;
	scan->at = at;
}

/* ret: with its escapes; *plain: it has none. */
static bool take_string(struct scan *scan, struct line_text *ret, bool *plain)
{
	if (!take(scan, '"'))
		return false;
	ret->bytes = scan->at;
	*plain = true;
	for (;;) {
		skip_plain(scan);
		if (scan->at == scan->end || (unsigned char)*scan->at < ' ')
			return false;
		if (*scan->at == '"')
			break;
		scan->at++;
		*plain = false;
		if (!skip_escape(scan))
			return false;
	}
	ret->length = (size_t)(scan->at - ret->bytes);
	return take(scan, '"');
}

static size_t skip_digits(struct scan *scan)
{
	const char *const start = scan->at;

	while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
		scan->at++;
	return (size_t)(scan->at - start);
}

static bool skip_exponent(struct scan *scan)
{
	if (scan->at == scan->end || (*scan->at != 'e' && *scan->at != 'E'))
		return true;
	scan->at++;
	if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-'))
		scan->at++;
	return skip_digits(scan);
}

static bool skip_number(struct scan *scan)
{
	const char *start;

	if (scan->at < scan->end && *scan->at == '-')
		scan->at++;
	start = scan->at;
	if (!skip_digits(scan) || (*start == '0' && scan->at - start > 1))
		return false;
	if (scan->at < scan->end && *scan->at == '.') {
		scan->at++;
		if (!skip_digits(scan))
			return false;
	}
	return skip_exponent(scan);
}

static bool skip_word(struct scan *scan)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t n = 0; n < 3; n++) {
		const size_t length = strlen(words[n]);

		if ((size_t)(scan->end - scan->at) >= length && !memcmp(scan->at, words[n], length)) {
			scan->at += length;
			return true;
		}
	}
	return skip_number(scan);
}

/* A member of an object whose key was read; what stands there is read by it, whole. */
typedef bool (*member_function)(struct scan *, void *, struct line_text, bool);

static bool skip_value(struct scan *scan);

static bool skip_member(struct scan *scan, void *context, struct line_text key, bool is_plain)
{
	(void)context, (void)key, (void)is_plain;
	return skip_value(scan);
}

static bool take_object(struct scan *scan, member_function member, void *context)
{
	struct line_text key;
	bool plain;

	if (!take(scan, '{') || ++scan->depth > LIMIT_EVENT_DEPTH)
		return false;
	if (take(scan, '}'))
		return scan->depth--;
	do {
		if (!take_string(scan, &key, &plain) || !take(scan, ':') || !member(scan, context, key, plain))
			return false;
	} while (take(scan, ','));
	scan->depth--;
	return take(scan, '}');
}

static bool take_list(struct scan *scan, bool (*element)(struct scan *, void *), void *context)
{
	if (!take(scan, '[') || ++scan->depth > LIMIT_EVENT_DEPTH)
		return false;
	if (take(scan, ']'))
		return scan->depth--;
	do {
		if (!element(scan, context))
			return false;
	} while (take(scan, ','));
	scan->depth--;
	return take(scan, ']');
}

static bool skip_element(struct scan *scan, void *context)
{
	(void)context;
	return skip_value(scan);
}

static bool skip_value(struct scan *scan)
{
	struct line_text text;
	bool plain;

	skip_blanks(scan);
	if (scan->at == scan->end)
		return false;
	switch (*scan->at) {
	case '"':
		return take_string(scan, &text, &plain);
	case '{':
		return take_object(scan, skip_member, NULL);
	case '[':
		return take_list(scan, skip_element, NULL);
	default:
		return skip_word(scan);
	}
}

static bool next_is(struct scan *scan, char c)
{
	skip_blanks(scan);
	return scan->at < scan->end && *scan->at == c;
}

static inline bool is_text(struct line_text text, const char *word)
{
	return strlen(word) == text.length && !memcmp(text.bytes, word, text.length);
}

/* ---- Texts and numbers ---- */

static unsigned hex_value(const char *at)
{
	unsigned value = 0;

	for (int n = 0; n < 4; n++)
		value = value << 4 | (unsigned)(at[n] <= '9' ? at[n] - '0' : (at[n] | 0x20) - 'a' + 10);
	return value;
}

static size_t put_utf8(char *ret, unsigned code)
{
	if (code < 0x80) {
		ret[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		ret[0] = (char)(0xc0 | code >> 6);
		ret[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	ret[0] = (char)(0xe0 | code >> 12);
	ret[1] = (char)(0x80 | (code >> 6 & 0x3f));
	ret[2] = (char)(0x80 | (code & 0x3f));
	return 3;
}

static char escaped(char c)
{
	static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
	const char *const found = strchr(names, c);

	return found ? values[found - names] : c;
}

/* Halves of surrogate pairs become three bytes each, which no path has: such a text is no other's. */
static struct line_text without_escapes(struct scan *scan, struct line_text text)
{
	char *const copy = arena_alloc(&scan->reader->arena, text.length + 1, 1);
	size_t length = 0;

	for (size_t n = 0; n < text.length; n++) {
		if (text.bytes[n] != '\\') {
			copy[length++] = text.bytes[n];
		} else if (text.bytes[++n] == 'u') {
			length += put_utf8(copy + length, hex_value(text.bytes + n + 1));
			n += 4;
		} else {
			copy[length++] = escaped(text.bytes[n]);
		}
	}
	return (struct line_text){ copy, length };
}

/* A text; what is none is passed over, and not known. */
static bool take_text(struct scan *scan, struct line_text *ret)
{
	struct line_text text;
	bool plain;

	if (!next_is(scan, '"'))
		return skip_value(scan);
	if (!take_string(scan, &text, &plain))
		return false;
	*ret = plain ? text : without_escapes(scan, text);
	return true;
}

static bool number_of(struct line_text text, uint64_t *ret)
{
	uint64_t number = 0;

	for (size_t n = 0; n < text.length; n++)
		if (text.bytes[n] < '0' || text.bytes[n] > '9' || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(text.bytes[n] - '0'), &number))
			return false;
	*ret = number;
	return text.length;
}

/* A number, in quotes or not. */
static bool take_number(struct scan *scan, uint64_t *ret, bool *known)
{
	struct line_text text;

	skip_blanks(scan);
	text.bytes = scan->at;
	if (next_is(scan, '"')) {
		text.bytes = NULL;
		if (!take_text(scan, &text))
			return false;
	} else {
		if (!skip_value(scan))
			return false;
		text.length = (size_t)(scan->at - text.bytes);
	}
	*known = text.bytes && number_of(text, ret);
	return true;
}

/* ---- Frames ---- */

/* Most keys are told apart by their first byte. */
static int member_of(struct line_text key)
{
	for (int n = 0; key.length && n < FRAME_MEMBER_COUNT; n++)
		if (frame_members[n][0] == key.bytes[0] && is_text(key, frame_members[n]))
			return n;
	return -1;
}

/* What may be cut out when it is known now. */
static bool take_unknown(struct scan *scan, struct line_text key, struct line_part *ret)
{
	const char *comma = key.bytes - 2;	/* the key's quote is between */

	while (comma > scan->start && strchr(" \t\r\n", *comma))
		comma--;
	if (!skip_value(scan))
		return false;
	if (*comma == ',')
		*ret = (struct line_part){ (size_t)(comma - scan->start), (size_t)(scan->at - scan->start) };
	return true;
}

/* A key with escapes is none of those that are meant, but the frame has it. */
static bool take_frame_member(struct scan *scan, void *context, struct line_text key, bool is_plain)
{
	struct event_frame *const frame = context;
	const int member = member_of(is_plain ? key : without_escapes(scan, key));

	frame->is_empty = false;
	if (member >= 0)
		frame->has |= 1u << member;
	switch (member) {
	case FRAME_ADDRESS:
		return take_number(scan, &frame->address, &frame->knows_address);
	case FRAME_OFFSET:
		return take_number(scan, &frame->offset, &frame->knows_offset);
	case FRAME_FILE_ADDRESS:
		return take_number(scan, &frame->file_address, &frame->knows_file_address);
	case FRAME_SYMBOL:
		return take_text(scan, &frame->symbol);
	case FRAME_MODULE:
		return take_text(scan, &frame->module);
	case FRAME_BUILD_ID:
		return take_text(scan, &frame->build_id);
	case FRAME_SYMBOL_UNKNOWN:
		return take_unknown(scan, key, &frame->unknown[0]);
	case FRAME_LINE_UNKNOWN:
		return take_unknown(scan, key, &frame->unknown[1]);
	default:
		return skip_value(scan);
	}
}

struct stack_scan { enum event_stack stack; unsigned number; };

static bool take_frame(struct scan *scan, void *context)
{
	struct stack_scan *const stack = context;
	struct event_frame frame = { .stack = stack->stack, .number = stack->number++, .is_empty = true };
	struct event_line_reader *const reader = scan->reader;

	if (!next_is(scan, '{'))
		return skip_value(scan);
	if (scan->ret->count == LIMIT_EVENT_FRAMES)
		return false;
	frame.start = (size_t)(scan->at - scan->start);
	if (!take_object(scan, take_frame_member, &frame))
		return false;
	frame.end = (size_t)(scan->at - scan->start) - 1;
	reader->frames = arena_grow(&reader->arena, reader->frames, scan->ret->count, &reader->room, sizeof(frame));
	reader->frames[scan->ret->count++] = frame;
	return true;
}

/* ---- The event ---- */

static bool take_process_member(struct scan *scan, void *context, struct line_text key, bool is_plain)
{
	struct event_line *const ret = context;

	(void)is_plain;
	if (is_text(key, "pid"))
		return take_number(scan, &ret->pid, &ret->has_pid);
	if (is_text(key, "binary"))
		return take_text(scan, &ret->binary);
	if (is_text(key, "start_time"))
		return take_text(scan, &ret->start_time);
	if (is_text(key, "docker") || is_text(key, "pod"))
		ret->is_in_container = true;
	return skip_value(scan);
}

static bool take_body_member(struct scan *scan, void *context, struct line_text key, bool is_plain)
{
	struct stack_scan stack = { .stack = is_text(key, "kernel_stack_trace") ? EVENT_STACK_KERNEL : EVENT_STACK_USER };

	(void)is_plain;
	if (is_text(key, "process") && next_is(scan, '{'))
		return take_object(scan, take_process_member, context);
	if ((stack.stack == EVENT_STACK_KERNEL || is_text(key, "user_stack_trace")) && next_is(scan, '['))
		return take_list(scan, take_frame, &stack);
	return skip_value(scan);
}

static bool take_event_member(struct scan *scan, void *context, struct line_text key, bool is_plain)
{
	struct event_line *const ret = context;

	(void)is_plain;
	if (is_text(key, "node_name"))
		return take_text(scan, &ret->node_name);
	if (is_text(key, "time"))
		return take_text(scan, &ret->time);
	return next_is(scan, '{') ? take_object(scan, take_body_member, ret) : skip_value(scan);
}

int event_line_read(struct event_line_reader *reader, const char *line, size_t length, struct event_line *ret)
{
	struct scan scan = { .start = line, .at = line, .end = line + length, .reader = reader, .ret = ret };

	*ret = (struct event_line){ .count = 0 };
	arena_reset(&reader->arena);
	reader->frames = NULL;
	reader->room = 0;
	if (!take_object(&scan, take_event_member, ret))
		return -EINVAL;
	skip_blanks(&scan);
	ret->frames = reader->frames;
	return scan.at == scan.end ? 0 : -EINVAL;
}

void event_line_release(struct event_line_reader *reader)
{
	arena_release(&reader->arena);
	*reader = (struct event_line_reader){ .room = 0 };
}

/* ---- Times ---- */

static bool digits_at(struct line_text text, size_t at, size_t count, int *ret)
{
	*ret = 0;
	for (size_t n = at; n < at + count; n++) {
		if (n >= text.length || text.bytes[n] < '0' || text.bytes[n] > '9')
			return false;
		*ret = *ret * 10 + (text.bytes[n] - '0');
	}
	return true;
}

static bool fraction(struct line_text text, uint64_t *ret)
{
	uint64_t unit = 100000000;
	size_t n = 19;

	*ret = 0;
	if (n < text.length && text.bytes[n] == '.')
		for (n++; n < text.length && text.bytes[n] >= '0' && text.bytes[n] <= '9'; n++, unit /= 10)
			*ret += unit * (uint64_t)(text.bytes[n] - '0');
	return n + 1 == text.length && text.bytes[n] == 'Z';
}

bool event_line_time(struct line_text text, uint64_t *ret)
{
	struct tm time = { 0 };
	uint64_t ns;
	time_t seconds;

	if (!text.bytes || !digits_at(text, 0, 4, &time.tm_year) || !digits_at(text, 5, 2, &time.tm_mon) ||
	    !digits_at(text, 8, 2, &time.tm_mday) || !digits_at(text, 11, 2, &time.tm_hour) || !digits_at(text, 14, 2, &time.tm_min) ||
	    !digits_at(text, 17, 2, &time.tm_sec) || !fraction(text, &ns))
		return false;
	if (text.bytes[4] != '-' || text.bytes[7] != '-' || text.bytes[10] != 'T' || text.bytes[13] != ':' || text.bytes[16] != ':')
		return false;
	time.tm_year -= 1900;
	time.tm_mon -= 1;
	seconds = timegm(&time);
	if (seconds < 0 || seconds > INT64_MAX / 1000000000)
		return false;
	*ret = (uint64_t)seconds * 1000000000u + ns;
	return true;
}

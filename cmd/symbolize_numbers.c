// SPDX-License-Identifier: Apache-2.0
/* symbolize_numbers.c - `tetra symbolize` of addresses and offsets, from the command line and as a filter. */
#include "cmd/symbolize.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/verb.h"
#include "schema/schema.h"

/* One run over all numbers. */
struct numbers {
	struct symbolizing *to;
	bool is_decimal;		/* offsets, as events have them, unless they begin with 0x */
	size_t in_stack;		/* numbers of the stack so far */
	size_t refused;
	struct symbolized found;
	struct buffer folded;		/* frames of the stack, the innermost first */
	size_t folded_ends[LIMIT_EVENT_FRAMES];
};

/* ---- Numbers ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static unsigned digit_of(unsigned char c)
{
	const unsigned letter = (c | 0x20u) - 'a', digit = (unsigned)c - '0';

	if (digit < 10)
		return digit;
	return letter < 6 ? letter + 10 : 16;
}

static bool read_digits(const char *at, const char *end, unsigned base, uint64_t *ret)
{
	uint64_t number = 0;

	if (at == end)
		return false;
	for (; at < end; at++) {
		const unsigned digit = digit_of((unsigned char)*at);

		if (digit >= base || number > (UINT64_MAX - digit) / base)
			return false;
		number = number * base + digit;
	}
	*ret = number;
	return true;
}

static bool read_number(const struct numbers *numbers, const char *text, size_t length, uint64_t *ret)
{
	const bool is_marked = length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

	return read_digits(text + (is_marked ? 2 : 0), text + length, numbers->is_decimal && !is_marked ? 10 : 16, ret);
}

/* ---- One number ---- */

static enum event_stack stack_of(const struct symbolizing *to)
{
	return to->target.kind == TARGET_KERNEL ? EVENT_STACK_KERNEL : EVENT_STACK_USER;
}

static void add_json(struct numbers *numbers, uint64_t number)
{
	struct symbolizing *const to = numbers->to;
	const bool is_file = to->target.kind == TARGET_FILE || to->target.kind == TARGET_BUILD_ID;
	const enum frame_member member = !is_file ? FRAME_ADDRESS : to->target.by_offset ? FRAME_OFFSET : FRAME_FILE_ADDRESS;
	const struct event_frame frame = { .stack = stack_of(to), .has = 1u << member };
	struct json json = { .out = &to->stream.out, .first = true };

	json_begin_object(&json);
	json_key_unsigned_text(&json, frame_members[member], number);
	frame_json_members(&json, &to->style.frame, &frame, &numbers->found);
	json_end_object(&json);
	buffer_add_char(&to->stream.out, '\n');
}

static void add_folded(struct numbers *numbers, uint64_t number)
{
	const char *const suffix = numbers->to->target.kind == TARGET_KERNEL ? "_[k]" : "";

	if (numbers->in_stack >= LIMIT_EVENT_FRAMES)
		return;
	folded_frames(&numbers->folded, &numbers->to->style, number, &numbers->found, suffix);
	numbers->folded_ends[numbers->in_stack] = numbers->folded.length;
}

static void add_explained(struct numbers *numbers, uint64_t number, enum address_meaning meaning)
{
	struct buffer *const out = &numbers->to->stream.out;
	const char *text, *end;

	text_frames(out, &numbers->to->style, number, &numbers->found);
	text = symbolize_explain(numbers->to->symbolizer, &numbers->to->target, number, meaning);
	for (; text && *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		buffer_add_text(out, "    ");
		buffer_add(out, text, (size_t)(end - text));
		buffer_add_char(out, '\n');
	}
}

static void answer(struct numbers *numbers, uint64_t number)
{
	struct symbolizing *const to = numbers->to;
	const enum address_meaning meaning = to->is_stack && numbers->in_stack ? ADDRESS_RETURN : ADDRESS_EXACT;

	symbolize(to->symbolizer, &to->target, number, meaning, &numbers->found);
	if (to->explain)
		add_explained(numbers, number, meaning);
	else if (to->form == FORM_TEXT)
		text_frames(&to->stream.out, &to->style, number, &numbers->found);
	else if (to->form == FORM_ADDR2LINE)
		addr2line_frames(&to->stream.out, &to->style, number, &numbers->found);
	else if (to->form == FORM_JSON)
		add_json(numbers, number);
	else
		add_folded(numbers, number);
	numbers->in_stack++;
}

/* The outermost first, and how often it was there. */
static void end_stack(struct numbers *numbers)
{
	const size_t count = numbers->in_stack < LIMIT_EVENT_FRAMES ? numbers->in_stack : LIMIT_EVENT_FRAMES;
	struct buffer *const out = &numbers->to->stream.out;

	for (size_t n = numbers->to->form == FORM_FOLDED ? count : 0; n-- > 0;) {
		const size_t start = n ? numbers->folded_ends[n - 1] : 0;

		buffer_add(out, numbers->folded.bytes + start, numbers->folded_ends[n] - start);
		buffer_add_text(out, n ? ";" : " 1\n");
	}
	numbers->folded.length = 0;
	numbers->in_stack = 0;
}

/* ---- All of them ---- */

/* A line that is no number has an answer too, so that lines of both sides belong together; as addr2line, which takes it for 0. */
static void refuse(struct numbers *numbers)
{
	struct symbolizing *const to = numbers->to;

	numbers->refused++;
	if (to->form == FORM_ADDR2LINE && !to->explain)
		answer(numbers, 0);
	else if (to->form == FORM_JSON && !to->explain)
		buffer_add_text(&to->stream.out, "{\"symbol_unknown\":\"no_number\"}\n");
	else if (to->form == FORM_TEXT || to->explain)
		buffer_add_text(&to->stream.out, "?? (this is no number)\n");
}

static void answer_line(struct numbers *numbers, const char *line, size_t length)
{
	uint64_t number;

	while (length && is_blank(line[length - 1]))
		length--;
	while (length && is_blank(*line))
		line++, length--;
	if (!length && numbers->to->is_stack)
		end_stack(numbers);
	else if (read_number(numbers, line, length, &number))
		answer(numbers, number);
	else
		refuse(numbers);
}

static int filter(struct numbers *numbers)
{
	struct stream *const stream = &numbers->to->stream;
	enum stream_piece piece;
	bool in_long = false;
	const char *line;
	size_t length;

	if (!stream_open(stream, "-", LIMIT_NUMBER_LINE_BYTES))
		return EXIT_SYSTEM;
	while ((piece = stream_next(stream, &line, &length)) < STREAM_END && stream_sent(stream)) {
		if (piece == STREAM_LINE)
			answer_line(numbers, line, length);
		else if (!in_long)
			refuse(numbers);
		in_long = piece == STREAM_LONG && line[length - 1] != '\n';
	}
	if (piece == STREAM_FAILED)
		complain("cannot read '%s': %s", stream->name, strerror(errno));
	stream_close(stream);
	return piece == STREAM_FAILED ? EXIT_SYSTEM : EXIT_FINE;
}

int symbolize_check_numbers(const struct symbolize_target *target, int count, char **operands)
{
	const struct numbers numbers = { .is_decimal = target->by_offset };
	uint64_t number;

	for (int n = 0; n < count; n++)
		if (strcmp(operands[n], "-") && !read_number(&numbers, operands[n], strlen(operands[n]), &number)) {
			complain("'%s' is no %s", operands[n], numbers.is_decimal ? "offset: decimal digits, or hexadecimal ones behind 0x" :
				 "address: up to 16 hexadecimal digits, with or without 0x");
			return EXIT_USAGE;
		}
	return EXIT_FINE;
}

static int answer_operand(struct numbers *numbers, const char *operand)
{
	uint64_t number;

	if (!strcmp(operand, "-"))
		return filter(numbers);
	if (read_number(numbers, operand, strlen(operand), &number))
		answer(numbers, number);
	return stream_sent(&numbers->to->stream) ? EXIT_FINE : EXIT_SYSTEM;
}

/* Like a line of input that never ends, no operand is answered after the output is gone. */
static int answer_all(struct numbers *numbers, int count, char **operands)
{
	int code = EXIT_FINE, finished;

	for (int n = 0; n < count && code == EXIT_FINE; n++)
		code = answer_operand(numbers, operands[n]);
	end_stack(numbers);
	finished = stream_finish(&numbers->to->stream);
	if (numbers->refused)
		complain("%zu lines are no numbers", numbers->refused);
	return code == EXIT_FINE || numbers->to->stream.error ? finished : code;
}

int symbolize_numbers(struct symbolizing *symbolizing, int count, char **operands)
{
	struct numbers *numbers = calloc(1, sizeof(*numbers));
	int code;

	if (!numbers)
		abort();
	numbers->to = symbolizing;
	numbers->is_decimal = symbolizing->target.by_offset;
	code = answer_all(numbers, count, operands);
	buffer_release(&numbers->folded);
	free(numbers);
	return code;
}

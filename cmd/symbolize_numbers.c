// SPDX-License-Identifier: Apache-2.0
/* symbolize_numbers.c - `tetra symbolize` of addresses and offsets, from the command line and as a filter. */
#include "cmd/symbolize.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/verb.h"
#include "schema/schema.h"

enum { BATCH = 64 };

/* A line of input, or an operand. */
struct asked {
	enum { ASKED_NUMBER, ASKED_END, ASKED_NONSENSE } kind;	/* END: of a stack */
	uint64_t number;
};

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

/* The digit and one; 0: it is none. */
static const uint8_t digits[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
	['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static bool read_hexadecimal(const char *at, const char *end, uint64_t *ret)
{
	uint64_t number = 0;

	if (at == end)
		return false;
	for (; at < end; at++) {
		const unsigned digit = digits[(uint8_t)*at];

		if (!digit || number >> 60)
			return false;
		number = number << 4 | (digit - 1);
	}
	*ret = number;
	return true;
}

static bool read_decimal(const char *at, const char *end, uint64_t *ret)
{
	uint64_t number = 0;

	if (at == end)
		return false;
	for (; at < end; at++) {
		const unsigned digit = (uint8_t)*at - '0';

		if (digit > 9 || number > (UINT64_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*ret = number;
	return true;
}

static bool read_number(const struct numbers *numbers, const char *text, size_t length, uint64_t *ret)
{
	const bool is_marked = length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

	if (numbers->is_decimal && !is_marked)
		return read_decimal(text, text + length, ret);
	return read_hexadecimal(text + (is_marked ? 2 : 0), text + length, ret);
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

static struct asked read_line(const struct numbers *numbers, const char *line, size_t length)
{
	struct asked asked = { .kind = ASKED_NONSENSE };

	while (length && is_blank(line[length - 1]))
		length--;
	while (length && is_blank(*line))
		line++, length--;
	if (!length && numbers->to->is_stack)
		asked.kind = ASKED_END;
	else if (read_number(numbers, line, length, &asked.number))
		asked.kind = ASKED_NUMBER;
	return asked;
}

static void answer_batch(struct numbers *numbers, const struct asked *asked, size_t count)
{
	uint64_t expected[BATCH];
	size_t expected_count = 0;

	for (size_t n = 0; n < count; n++)
		if (asked[n].kind == ASKED_NUMBER)
			expected[expected_count++] = asked[n].number;
	if (expected_count > 1)
		symbolize_expect(numbers->to->symbolizer, &numbers->to->target, expected, expected_count);
	for (size_t n = 0; n < count; n++) {
		if (asked[n].kind == ASKED_NUMBER)
			answer(numbers, asked[n].number);
		else if (asked[n].kind == ASKED_END)
			end_stack(numbers);
		else
			refuse(numbers);
	}
}

/* Lines that are there already, and the next one if none is.  Returns how many; *piece says what came last. */
static size_t read_batch(struct numbers *numbers, struct asked *ret, bool *in_long, enum stream_piece *piece)
{
	struct stream *const stream = &numbers->to->stream;
	const char *line;
	size_t length, count = 0;

	do {
		*piece = stream_next(stream, &line, &length);
		if (*piece >= STREAM_END)
			break;
		if (*piece == STREAM_LINE)
			ret[count++] = read_line(numbers, line, length);
		else if (!*in_long)
			ret[count++] = (struct asked){ .kind = ASKED_NONSENSE };
		*in_long = *piece == STREAM_LONG && line[length - 1] != '\n';
	} while (count < BATCH && stream_has_line(stream));
	return count;
}

static int filter(struct numbers *numbers)
{
	struct stream *const stream = &numbers->to->stream;
	struct asked asked[BATCH];
	enum stream_piece piece;
	bool in_long = false;

	if (!stream_open(stream, "-", LIMIT_NUMBER_LINE_BYTES))
		return EXIT_SYSTEM;
	do
		answer_batch(numbers, asked, read_batch(numbers, asked, &in_long, &piece));
	while (piece < STREAM_END && stream_sent(stream));
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

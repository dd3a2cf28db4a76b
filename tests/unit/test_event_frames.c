// SPDX-License-Identifier: Apache-2.0
/* test_event_frames.c - where stack traces stand in lines of events, and what frames get. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/schema.h"
#include "symbolize/event_line.h"
#include "symbolize/frame_json.h"

/* What stands at the places that were found, put together: "kernel 0 {...}" for each frame. */
static void frames(void **state)
{
	static const struct { const char *line, *want; } rows[] = {
		{ "{}", "" }, { " { } \r\n", "" },
		{ "{\"process_kprobe\":{\"kernel_stack_trace\":[{\"address\":\"18446744071578845184\",\"offset\":\"16\",\"symbol\":\"f\"},{}]}}",
		  "kernel 0 a=ffffffff81000000 o=10 s=f; kernel 1 empty; " },
		{ "{\"x\":{\"user_stack_trace\":[{\"address\":4198400,\"module\":\"/bin/a\",\"build_id\":\"ab\"}],\"process\":{\"pid\":7,\"binary\":\"/b\"}},\"node_name\":\"n\"}",
		  "user 0 a=401000 m=/bin/a b=ab; pid=7 binary=/b node=n" },
		/* Keys elsewhere are no stacks. */
		{ "{\"kernel_stack_trace\":[{\"address\":\"1\"}]}", "" },
		{ "{\"x\":{\"args\":[{\"user_stack_trace\":[{\"address\":\"1\"}]}]}}", "" },
		{ "{\"x\":{\"string\":\"\\\"kernel_stack_trace\\\":[{\\\"address\\\":\\\"1\\\"}]\"}}", "" },
		{ "{\"x\":{\"user_stack_trace\":{\"address\":\"1\"}}}", "" }, { "{\"x\":{\"user_stack_trace\":null}}", "" },
		{ "{\"x\":{\"user_stack_trace\":[1,\"a\",[],{\"address\":\"2\"}]}}", "user 3 a=2; " },
		/* Texts with escapes, numbers that are none. */
		{ "{\"x\":{\"user_stack_trace\":[{\"module\":\"\\/b\\u0069n\\u00e4\\n\",\"address\":\"-1\",\"offset\":\"1x\"}]}}", "user 0 m=/bin\303\244\n; " },
		{ "{\"x\":{\"user_stack_trace\":[{\"address\":\"18446744073709551616\",\"symbol\":5,\"mod\\u0075le\":\"/a\"}]}}", "user 0 m=/a; " },
		{ "{\"x\":{\"user_stack_trace\":[{\"address\":1.5e3}]}}", "user 0; " },
		/* No JSON. */
		{ "", NULL }, { "[]", NULL }, { "{", NULL }, { "{\"a\"}", NULL }, { "{\"a\":}", NULL }, { "{\"a\":1,}", NULL }, { "{\"a\":01}", NULL }, { "{\"a\":1}x", NULL },
		{ "{\"a\":\"\\x\"}", NULL }, { "{\"a\":\"\\u12g4\"}", NULL }, { "{\"a\":\"\n\"}", NULL }, { "{\"a\":\"", NULL }, { "{\"a\":\"\\", NULL }, { "{\"a\":\"\\u12", NULL },
		{ "{\"a\":tru}", NULL }, { "{\"a\":-}", NULL }, { "{\"a\":1.}", NULL }, { "{\"a\":1e}", NULL }, { "{\"a\":[1,]}", NULL }, { "{\"a\":[1}", NULL }, { "{a:1}", NULL },
		{ "{\"x\":{\"user_stack_trace\":[{\"address\":\"1\"]}}", NULL }, { "null", NULL }, { "{}{}", NULL },
	};
	struct event_line_reader reader = { .room = 0 };

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct buffer got = { 0 };
		struct event_line line;
		/* Exactly as long as it is, so that a sanitizer sees what is read behind it. */
		const size_t length = strlen(rows[n].line);
		char *copy = malloc(length ? length : 1);

		memcpy(copy, rows[n].line, length);
		print_message("# %s\n", rows[n].line);
		assert_int_equal(event_line_read(&reader, copy, length, &line), rows[n].want ? 0 : -EINVAL);
		for (size_t f = 0; rows[n].want && f < line.count; f++) {
			const struct event_frame *frame = &line.frames[f];

			assert_int_equal(copy[frame->start], '{');
			assert_int_equal(copy[frame->end], '}');
			buffer_format(&got, "%s %u", frame->stack == EVENT_STACK_KERNEL ? "kernel" : "user", frame->number);
			if (frame->is_empty)
				buffer_add_text(&got, " empty");
			if (frame->knows_address)
				buffer_format(&got, " a=%llx", (unsigned long long)frame->address);
			if (frame->knows_offset)
				buffer_format(&got, " o=%llx", (unsigned long long)frame->offset);
			if (frame->symbol.bytes)
				buffer_format(&got, " s=%.*s", (int)frame->symbol.length, frame->symbol.bytes);
			if (frame->module.bytes)
				buffer_format(&got, " m=%.*s", (int)frame->module.length, frame->module.bytes);
			if (frame->build_id.bytes)
				buffer_format(&got, " b=%.*s", (int)frame->build_id.length, frame->build_id.bytes);
			buffer_add_text(&got, "; ");
		}
		if (rows[n].want && line.has_pid)
			buffer_format(&got, "pid=%llu binary=%.*s node=%.*s", (unsigned long long)line.pid, (int)line.binary.length, line.binary.bytes,
				      (int)line.node_name.length, line.node_name.bytes);
		if (rows[n].want)
			assert_string_equal(got.bytes ? got.bytes : "", rows[n].want);
		buffer_release(&got);
		free(copy);
	}
	event_line_release(&reader);
}

static void limits(void **state)
{
	struct event_line_reader reader = { .room = 0 };
	struct event_line line;

	(void)state;
	for (unsigned depth = LIMIT_EVENT_DEPTH - 1; depth <= LIMIT_EVENT_DEPTH + 100; depth += 50) {
		struct buffer text = { 0 };

		buffer_add_text(&text, "{\"a\":");
		for (unsigned n = 1; n < depth; n++)
			buffer_add_char(&text, '[');
		for (unsigned n = 1; n < depth; n++)
			buffer_add_char(&text, ']');
		buffer_add_char(&text, '}');
		assert_int_equal(event_line_read(&reader, text.bytes, text.length, &line), depth <= LIMIT_EVENT_DEPTH ? 0 : -EINVAL);
		buffer_release(&text);
	}
	for (unsigned count = LIMIT_EVENT_FRAMES; count <= LIMIT_EVENT_FRAMES + 1; count++) {
		struct buffer text = { 0 };

		buffer_add_text(&text, "{\"a\":{\"user_stack_trace\":[{}");
		for (unsigned n = 1; n < count; n++)
			buffer_add_text(&text, ",{}");
		buffer_add_text(&text, "]}}");
		assert_int_equal(event_line_read(&reader, text.bytes, text.length, &line), count == LIMIT_EVENT_FRAMES ? 0 : -EINVAL);
		buffer_release(&text);
	}
	event_line_release(&reader);
}

static void times(void **state)
{
	static const struct { const char *text; bool good; uint64_t want; } rows[] = {
		{ "1970-01-01T00:00:00Z", true, 0 }, { "1970-01-01T00:00:01.5Z", true, 1500000000 },
		{ "2026-11-26T12:00:00.123456789Z", true, 1795694400123456789 }, { "2024-02-29T23:59:59.000000001Z", true, 1709251199000000001 },
		{ "", false }, { "2026-11-26", false }, { "2026-11-26 12:00:00Z", false }, { "2026-11-26T12:00:00", false }, { "2026-11-26T12:00:00+02:00", false },
		{ "x026-11-26T12:00:00Z", false }, { "2026-11-26T12:00:00.12", false },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		uint64_t got = 0;

		print_message("# %s\n", rows[n].text);
		assert_int_equal(event_line_time((struct line_text){ rows[n].text, strlen(rows[n].text) }, &got), rows[n].good);
		if (rows[n].good)
			assert_int_equal(got, rows[n].want);
	}
	assert_false(event_line_time((struct line_text){ NULL, 0 }, &(uint64_t){ 0 }));
}

/* Members that a frame lacks are added, others are left alone. */
static void members(void **state)
{
	const struct symbolized inlined = {
		.frames = { { "inner", "/src/a.h", 3, 9 }, { "outer", "/src/a.c", 12, 5 } }, .count = 2, .offset = 22, .module = "/bin/a",
		.is_in_file = true, .file_offset = 4400, .file_address = 4398704, .build_id = "abcd",
	};
	const struct symbolized name_alone = { .frames = { { .function = "f" } }, .count = 1, .offset = 4, .build_id = "", .why_no_lines = SYMBOL_NO_LINES };
	const struct symbolized nothing = { .build_id = "", .why = SYMBOL_NO_SYMBOLS, .why_no_lines = SYMBOL_NO_SYMBOLS };
	const struct {
		const struct symbolized *found;
		enum event_stack stack;
		uint32_t has;
		const char *symbol, *want;
		struct frame_style style;
	} rows[] = {
		{ &inlined, EVENT_STACK_USER, 1u << FRAME_ADDRESS, NULL,
		  "\"module\":\"/bin/a\",\"offset\":\"4400\",\"build_id\":\"abcd\",\"file_address\":\"4398704\",\"symbol\":\"outer\",\"symbol_offset\":\"22\",\"file\":\"/src/a.c\","
		  "\"line\":12,\"column\":5,\"inlined\":[{\"function\":\"inner\",\"file\":\"/src/a.h\",\"line\":3,\"column\":9}]" },
		{ &inlined, EVENT_STACK_USER, 1u << FRAME_ADDRESS, NULL, "\"module\":\"/bin/a\",\"offset\":\"4400\",\"build_id\":\"abcd\",\"file_address\":\"4398704\"", { .no_symbols = true } },
		{ &inlined, EVENT_STACK_USER, 1u << FRAME_MODULE | 1u << FRAME_OFFSET | 1u << FRAME_SYMBOL | 1u << FRAME_BUILD_ID | 1u << FRAME_FILE_ADDRESS, "_Zouter",
		  "\"function\":\"outer\",\"symbol_offset\":\"22\"", { .no_lines = true } },
		{ &inlined, EVENT_STACK_USER, 1u << FRAME_MODULE | 1u << FRAME_OFFSET | 1u << FRAME_SYMBOL | 1u << FRAME_BUILD_ID | 1u << FRAME_FILE_ADDRESS | 1u << FRAME_SYMBOL_OFFSET |
		  1u << FRAME_FILE, "outer", "" },
		{ &name_alone, EVENT_STACK_KERNEL, 1u << FRAME_ADDRESS, NULL, "\"symbol\":\"f\",\"offset\":\"4\",\"line_unknown\":\"no_lines\"" },
		{ &name_alone, EVENT_STACK_KERNEL, 1u << FRAME_ADDRESS, NULL, "\"symbol\":\"f\",\"offset\":\"4\"", { .no_lines = true } },
		{ &nothing, EVENT_STACK_USER, 1u << FRAME_ADDRESS, NULL, "\"symbol_unknown\":\"no_symbols\"" },
		{ &nothing, EVENT_STACK_USER, 1u << FRAME_SYMBOL_UNKNOWN, NULL, "" },
		/* What the event says already is not unknown. */
		{ &nothing, EVENT_STACK_KERNEL, 1u << FRAME_SYMBOL, "g", "\"line_unknown\":\"no_symbols\"" },
		{ &nothing, EVENT_STACK_KERNEL, 1u << FRAME_SYMBOL, "g", "", { .no_lines = true } },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct event_frame frame = {
			.stack = rows[n].stack, .has = rows[n].has, .symbol = { rows[n].symbol, rows[n].symbol ? strlen(rows[n].symbol) : 0 },
		};
		struct buffer got = { 0 };
		struct json json = { .out = &got, .first = true };

		frame_json_members(&json, &rows[n].style, &frame, rows[n].found);
		assert_string_equal(got.bytes ? got.bytes : "", rows[n].want);
		buffer_release(&got);
	}
}

static void build_ids(void **state)
{
	static const struct { const char *text; size_t want; } rows[] = {
		{ "ab", 1 }, { "0123456789abcdefABCDEF", 11 }, { "", 0 }, { "a", 0 }, { "abc", 0 }, { "xy", 0 }, { "0x", 0 },
	};
	char longest[2 * BINARY_BUILD_ID_BYTES + 3];
	struct build_id id;

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		id.length = 0;
		assert_int_equal(build_id_parse(rows[n].text, strlen(rows[n].text), &id), rows[n].want != 0);
		assert_int_equal(id.length, rows[n].want);
	}
	memset(longest, 'a', sizeof(longest));
	assert_true(build_id_parse(longest, 2 * BINARY_BUILD_ID_BYTES, &id));
	assert_false(build_id_parse(longest, 2 * BINARY_BUILD_ID_BYTES + 2, &id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames), cmocka_unit_test(limits), cmocka_unit_test(times), cmocka_unit_test(members), cmocka_unit_test(build_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

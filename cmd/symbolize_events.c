// SPDX-License-Identifier: Apache-2.0
/*
 * symbolize_events.c - `tetra symbolize` of events: frames get what is known of them, everything else stays as it is, byte for byte.
 *
 * A user frame is looked up by build id and offset; without a build id by path and offset, in files that have not been changed since; below the root
 * of its process when that is in a container.  A kernel frame is looked up by address when the event is of this node and boot, or the kernel's symbols
 * were given; a symbol that the event has must be there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/symbolize.h"
#include "cmd/verb.h"
#include "schema/schema.h"
#include "symbolize/event_line.h"

enum { KEPT_FRAMES = 8192 };

/* A frame that was told, by the bytes that it had and what else decided; for a second. */
struct kept_frame {
	char *key;
	size_t key_length;
	uint64_t told, changed_ns;	/* of its file: older events are told anew */
	struct buffer members;
	bool cut[2];			/* of what the frame said was unknown */
};

struct events {
	struct symbolizing *to;
	struct event_line_reader reader;
	struct event_line event;
	const char *line;
	size_t length;
	uint64_t event_time, boot_time, now;	/* ns since 1970; 0: not known.  now: of CLOCK_MONOTONIC */
	uint64_t start_time;		/* of the process, ns since boot; 0: not known */
	bool is_here;			/* the event is of this node and boot */
	char node_name[256];
	struct buffer path, key, folded;
	size_t folded_ends[LIMIT_EVENT_FRAMES];
	struct symbolized found;
	struct kept_frame kept[KEPT_FRAMES];
	size_t broken, too_long;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- What is known of the event ---- */

static bool is_text(struct line_text text, const char *word)
{
	return text.length == strlen(word) && !memcmp(text.bytes, word, text.length);
}

/* Times before the boot are another boot's; a name of another node is another kernel. */
static void learn(struct events *events)
{
	const struct event_line *const event = &events->event;
	uint64_t start;

	if (!event_line_time(event->time, &events->event_time))
		events->event_time = 0;
	events->is_here = events->event_time >= events->boot_time && (!event->node_name.length || is_text(event->node_name, events->node_name));
	events->start_time = events->is_here && event->has_pid && event_line_time(event->start_time, &start) && start > events->boot_time ?
			     start - events->boot_time : 0;
}

/* ---- Looking a frame up ---- */

/* The innermost frame is where the processor was; the others are where calls return to. */
static enum address_meaning meaning_of(const struct event_frame *frame)
{
	return frame->number ? ADDRESS_RETURN : ADDRESS_EXACT;
}

/* The symbol of the event is another one, at another distance: it is not the kernel whose symbols we have. */
static bool disagrees(const struct event_frame *frame, const struct symbolized *found)
{
	const char *const name = found->count ? found->frames[found->count - 1].function : NULL;

	return frame->symbol.bytes && (!name || (!is_text(frame->symbol, name) && (!frame->knows_offset || frame->offset != found->offset)));
}

static void find_in_kernel(struct events *events, const struct event_frame *frame, struct symbolized *ret)
{
	const struct symbolize_target target = { .kind = TARGET_KERNEL };

	if (!frame->knows_address) {
		symbolize_nothing(ret, SYMBOL_NOT_SAID);
		return;
	}
	if (!events->is_here && !events->to->other_kernel) {
		symbolize_nothing(ret, SYMBOL_OTHER_KERNEL);
		return;
	}
	symbolize(events->to->symbolizer, &target, frame->address, meaning_of(frame), ret);
	if (ret->why != SYMBOL_HIDDEN && ret->why != SYMBOL_PERMISSION && disagrees(frame, ret))
		symbolize_nothing(ret, SYMBOL_OTHER_KERNEL);
}

/* Without what the kernel writes behind the path of a file that is deleted. */
static const char *path_of(struct events *events, const struct event_frame *frame)
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;
	size_t length = frame->module.length;

	if (length > tail && !memcmp(frame->module.bytes + length - tail, deleted, tail))
		length -= tail;
	events->path.length = 0;
	buffer_add(&events->path, frame->module.bytes, length);
	buffer_add_char(&events->path, '\0');
	return events->path.bytes[0] == '/' && strlen(events->path.bytes) == length ? events->path.bytes : NULL;
}

static void find_by_id(struct events *events, const struct event_frame *frame, struct symbolize_target *target, uint64_t number,
		       struct symbolized *ret)
{
	target->kind = TARGET_BUILD_ID;
	target->by_offset = !frame->knows_file_address;
	symbolize(events->to->symbolizer, target, frame->knows_file_address ? frame->file_address : number, meaning_of(frame), ret);
	if (ret->why == SYMBOL_KNOWN || !target->pid)
		return;
	target->pid = 0;	/* what has that build id is the same file wherever it is */
	symbolize(events->to->symbolizer, target, frame->knows_file_address ? frame->file_address : number, meaning_of(frame), ret);
}

/* The path alone says little: it must be this host's, and its file as old as the event. */
static void find_by_path(struct events *events, struct symbolize_target *target, const struct event_frame *frame, struct symbolized *ret)
{
	if (!target->path || (events->event.is_in_container && !target->pid)) {
		symbolize_nothing(ret, target->path ? SYMBOL_NO_FILE : SYMBOL_NOT_SAID);
		return;
	}
	target->kind = TARGET_FILE;
	target->by_offset = true;
	symbolize(events->to->symbolizer, target, frame->offset, meaning_of(frame), ret);
	if (ret->changed_ns > events->event_time) {
		symbolize_nothing(ret, SYMBOL_FILE_CHANGED);
		ret->changed_ns = UINT64_MAX;	/* no answer for any other event */
	}
	ret->build_id = "";	/* whether it is that file's is not known */
}

static void find_in_user(struct events *events, const struct event_frame *frame, struct symbolized *ret)
{
	struct symbolize_target target = { .path = frame->module.bytes ? path_of(events, frame) : NULL };
	const bool has_id = frame->build_id.bytes && build_id_parse(frame->build_id.bytes, frame->build_id.length, &target.build_id);

	if (events->event.is_in_container && events->start_time && events->event.pid <= INT32_MAX) {
		target.pid = (pid_t)events->event.pid;
		target.start_time = events->start_time;
	}
	if (!frame->knows_offset && !(has_id && frame->knows_file_address))
		symbolize_nothing(ret, SYMBOL_NOT_SAID);
	else if (has_id)
		find_by_id(events, frame, &target, frame->offset, ret);
	else
		find_by_path(events, &target, frame, ret);
}

static void find(struct events *events, const struct event_frame *frame, struct symbolized *ret)
{
	if (frame->stack == EVENT_STACK_KERNEL)
		find_in_kernel(events, frame, ret);
	else
		find_in_user(events, frame, ret);
	if (frame->stack == EVENT_STACK_USER && !frame->module.bytes)
		ret->module = NULL;	/* a file that was found by build id is not where the code was */
}

/* ---- In place ---- */

static uint64_t hash_of(const char *bytes, size_t length)
{
	uint64_t hash = length, word;

	for (; length >= sizeof(word); bytes += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	for (; length; bytes++, length--)
		hash = (hash ^ (uint8_t)*bytes) * 0x100000001b3u;
	return hash ^ hash >> 31;
}

/* Everything that decides what is told but the time of the event. */
static void make_key(struct events *events, const struct event_frame *frame)
{
	struct buffer *const key = &events->key;
	const char facts[] = { (char)frame->stack, (char)meaning_of(frame), (char)events->is_here, (char)events->event.is_in_container };

	key->length = 0;
	buffer_add(key, facts, sizeof(facts));
	if (events->event.is_in_container && frame->stack == EVENT_STACK_USER) {
		buffer_add(key, &events->event.pid, sizeof(events->event.pid));
		buffer_add(key, &events->start_time, sizeof(events->start_time));
	}
	buffer_add(key, events->line + frame->start, frame->end - frame->start);
}

static void tell(struct events *events, const struct event_frame *frame, struct kept_frame *ret)
{
	struct json json = { .out = &ret->members, .first = frame->is_empty };
	struct event_frame known = *frame;

	find(events, frame, &events->found);
	ret->cut[0] = events->found.count && !(frame->has >> FRAME_SYMBOL & 1);
	ret->cut[1] = events->found.count && events->found.frames[0].file;
	known.has &= ~((ret->cut[0] ? 1u << FRAME_SYMBOL_UNKNOWN : 0) | (ret->cut[1] ? 1u << FRAME_LINE_UNKNOWN : 0));
	frame_json_members(&json, &events->to->style.frame, &known, &events->found);
	ret->changed_ns = events->found.changed_ns;
	ret->told = events->now;
}

static const struct kept_frame *kept_frame(struct events *events, const struct event_frame *frame)
{
	struct kept_frame *kept;

	make_key(events, frame);
	kept = &events->kept[hash_of(events->key.bytes, events->key.length) % KEPT_FRAMES];
	if (kept->key && kept->key_length == events->key.length && !memcmp(kept->key, events->key.bytes, kept->key_length) &&
	    events->now - kept->told < 1000000000u && kept->changed_ns <= events->event_time)
		return kept;
	free(kept->key);
	kept->key = malloc(events->key.length);
	if (!kept->key)
		abort();
	memcpy(kept->key, events->key.bytes, events->key.length);
	kept->key_length = events->key.length;
	kept->members.length = 0;
	tell(events, frame, kept);
	return kept;
}

/* What stands between `from` and the end of a frame, without what it said was unknown and is known now; then what is new. */
static void add_frame(struct events *events, const struct event_frame *frame, size_t from)
{
	const struct kept_frame *const kept = kept_frame(events, frame);
	struct buffer *const out = &events->to->stream.out;

	for (size_t pass = 0; pass < 2; pass++) {	/* in the order of the line */
		const bool is_swapped = frame->unknown[0].start > frame->unknown[1].start;
		const size_t n = is_swapped ? 1 - pass : pass;
		const struct line_part *const part = &frame->unknown[n];

		if (!kept->cut[n] || !part->end)
			continue;
		buffer_add(out, events->line + from, part->start - from);
		from = part->end;
	}
	buffer_add(out, events->line + from, frame->end - from);
	buffer_add(out, kept->members.bytes, kept->members.length);
}

static void enrich(struct events *events)
{
	size_t from = 0;

	for (size_t n = 0; n < events->event.count; n++) {
		add_frame(events, &events->event.frames[n], from);
		from = events->event.frames[n].end;
	}
	buffer_add(&events->to->stream.out, events->line + from, events->length - from);
}

/* ---- As text and folded ---- */

static void add_head(struct events *events)
{
	const struct event_line *const event = &events->event;
	struct buffer *const out = &events->to->stream.out;
	struct buffer binary = { 0 };

	buffer_add(&binary, event->binary.bytes ? event->binary.bytes : "?", event->binary.bytes ? event->binary.length : 1);
	add_plain(out, binary.bytes);
	if (event->has_pid)
		buffer_format(out, " (pid %llu)", (unsigned long long)event->pid);
	buffer_release(&binary);
	if (event->time.bytes) {
		buffer_add_char(out, ' ');
		buffer_add_quoted(out, event->time.bytes, event->time.length);
	}
	buffer_add_char(out, '\n');
}

/* What the event says itself is told where we do not know better. */
static void take_symbol(struct events *events, const struct event_frame *frame, struct buffer *name)
{
	struct symbolized *const found = &events->found;

	if (frame->module.bytes && !found->module) {
		events->path.length = 0;
		buffer_add(&events->path, frame->module.bytes, frame->module.length);
		buffer_add_char(&events->path, '\0');
		found->module = events->path.bytes;
	}
	if (found->count || !frame->symbol.bytes)
		return;
	buffer_add(name, frame->symbol.bytes, frame->symbol.length);
	buffer_add_char(name, '\0');
	found->frames[0] = (struct symbol_frame){ .function = name->bytes };
	found->count = 1;
	found->offset = frame->stack == EVENT_STACK_KERNEL && frame->knows_offset ? frame->offset : 0;
}

static void add_text_frame(struct events *events, const struct event_frame *frame)
{
	struct buffer name = { 0 };

	find(events, frame, &events->found);
	take_symbol(events, frame, &name);
	if (events->to->form == FORM_TEXT)
		text_frames(&events->to->stream.out, &events->to->style, frame->address, &events->found);
	else
		folded_frames(&events->folded, &events->to->style, frame->address, &events->found,
			      frame->stack == EVENT_STACK_KERNEL ? "_[k]" : "");
	buffer_release(&name);
}

static void add_text(struct events *events)
{
	const struct event_line *const event = &events->event;

	add_head(events);
	for (size_t n = 0; n < event->count; n++) {
		if (!event->frames[n].number)
			buffer_add_text(&events->to->stream.out, event->frames[n].stack == EVENT_STACK_KERNEL ? "  kernel stack:\n" : "  user stack:\n");
		add_text_frame(events, &event->frames[n]);
	}
}

/* Frames of one stack, the outermost first. */
static void add_folded_stack(struct events *events, enum event_stack stack)
{
	const struct event_line *const event = &events->event;
	struct buffer *const out = &events->to->stream.out;
	size_t count = 0;

	events->folded.length = 0;
	for (size_t n = 0; n < event->count; n++)
		if (event->frames[n].stack == stack) {
			add_text_frame(events, &event->frames[n]);
			events->folded_ends[count++] = events->folded.length;
		}
	while (count-- > 0) {
		const size_t start = count ? events->folded_ends[count - 1] : 0;

		buffer_add_char(out, ';');
		buffer_add(out, events->folded.bytes + start, events->folded_ends[count] - start);
	}
}

/* "program;main;...;sys_read_[k] 1": the program, its stack, the kernel's. */
static void add_folded(struct events *events)
{
	struct buffer *const out = &events->to->stream.out;
	struct buffer binary = { 0 };
	const char *slash;

	buffer_add(&binary, events->event.binary.bytes ? events->event.binary.bytes : "?",
		   events->event.binary.bytes ? events->event.binary.length : 1);
	slash = strrchr(binary.bytes, '/');
	folded_name(out, slash && slash[1] ? slash + 1 : binary.bytes);
	buffer_release(&binary);
	add_folded_stack(events, EVENT_STACK_USER);
	add_folded_stack(events, EVENT_STACK_KERNEL);
	buffer_add_text(out, " 1\n");
}

/* ---- Lines ---- */

static void take_event(struct events *events)
{
	learn(events);
	events->now = clock_ns(CLOCK_MONOTONIC_COARSE);
	if (events->to->form == FORM_JSON)
		enrich(events);
	else if (events->to->form == FORM_TEXT)
		add_text(events);
	else
		add_folded(events);
}

static bool is_empty(const char *line, size_t length)
{
	for (size_t n = 0; n < length; n++)
		if (!strchr(" \t\r\n", line[n]) || !line[n])
			return false;
	return true;
}

static void pass(struct events *events, const char *line, size_t length)
{
	if (events->to->form == FORM_JSON)
		buffer_add(&events->to->stream.out, line, length);
}

static void take_line(struct events *events, const char *line, size_t length)
{
	const bool has_event = !event_line_read(&events->reader, line, length, &events->event);

	events->broken += !has_event && !is_empty(line, length);
	if (!has_event || !events->event.count) {
		pass(events, line, length);
		return;
	}
	events->line = line;
	events->length = length;
	take_event(events);
}

/* Whoever forgets to say of what addresses are gets to know it. */
static void hint_at_address(const char *word)
{
	const char *const digits = !strncmp(word, "0x", 2) ? word + 2 : word;

	if (*digits && !digits[strspn(digits, "0123456789abcdefABCDEF")])
		complain("if '%s' is an address, say of what: --pid, --kernel, --elf or --build-id", word);
}

/* What comes on standard input passes, whatever it is. */
static bool is_program(int input, const char *path)
{
	char beginning[4];

	return strcmp(path, "-") && pread(input, beginning, sizeof(beginning), 0) == sizeof(beginning) && !memcmp(beginning, "\177ELF", 4);
}

static int take_file(struct events *events, const char *path)
{
	struct stream *const stream = &events->to->stream;
	enum stream_piece piece;
	bool in_long = false;
	const char *line;
	size_t length;

	if (!stream_open(stream, path, LIMIT_EVENT_STREAM_LINE_BYTES)) {
		hint_at_address(path);
		return EXIT_SYSTEM;
	}
	if (is_program(stream->input, path)) {
		complain("'%s' is a program, not a file of events: name it with --elf, and addresses behind it", path);
		stream_close(stream);
		return EXIT_USAGE;
	}
	while ((piece = stream_next(stream, &line, &length)) < STREAM_END && stream_sent(stream)) {
		if (piece == STREAM_LINE)
			take_line(events, line, length);
		else
			pass(events, line, length);
		events->too_long += piece == STREAM_LONG && !in_long;
		in_long = piece == STREAM_LONG && line[length - 1] != '\n';
	}
	if (piece == STREAM_FAILED)
		complain("cannot read '%s': %s", path, strerror(errno));
	stream_close(stream);
	return piece == STREAM_FAILED ? EXIT_SYSTEM : EXIT_FINE;
}

static void release(struct events *events)
{
	for (size_t n = 0; n < KEPT_FRAMES; n++) {
		free(events->kept[n].key);
		buffer_release(&events->kept[n].members);
	}
	event_line_release(&events->reader);
	buffer_release(&events->path);
	buffer_release(&events->key);
	buffer_release(&events->folded);
	free(events);
}

static const char *became(const struct events *events)
{
	return events->to->form == FORM_JSON ? "passed through as they are" : "left out";
}

static void set_node(struct events *events)
{
	const char *const given = getenv("NODE_NAME");

	if (given && *given)
		snprintf(events->node_name, sizeof(events->node_name), "%s", given);
	else if (gethostname(events->node_name, sizeof(events->node_name) - 1))
		strcpy(events->node_name, "localhost");
	events->boot_time = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
}

int symbolize_events(struct symbolizing *symbolizing, int count, char **operands)
{
	struct events *events = calloc(1, sizeof(*events));
	int code = EXIT_FINE, finished;

	if (!events)
		abort();
	events->to = symbolizing;
	set_node(events);
	for (int n = 0; n < count && code == EXIT_FINE; n++)
		code = take_file(events, operands[n]);
	finished = stream_finish(&symbolizing->stream);
	if (events->broken)
		complain("%zu lines are no JSON objects, or have more than the limits allow: %s", events->broken, became(events));
	if (events->too_long)
		complain("%zu lines are longer than %d bytes: %s", events->too_long, LIMIT_EVENT_STREAM_LINE_BYTES, became(events));
	release(events);
	return code == EXIT_FINE || symbolizing->stream.error ? finished : code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decided.h - for what tries damaged images: what image_verify promises of the images that it accepts, held against what they do.
 *
 * Every hook decides a few events that some bytes spell.  Decisions go forward and end, ask for slots that the hook has, and accept
 * what has a report.  The first test (struct abi_first) never refuses what the program would accept, and where it says that
 * the decision goes on, or which event follows, the program says the same.
 */
#ifndef TESTS_FUZZ_DECIDED_H
#define TESTS_FUZZ_DECIDED_H

#include <stdio.h>

#include "compiler/image/first.h"
#include "compiler/image/loads.h"
#include "tests/fuzz/component.h"
#include "tests/fuzz/events.h"

enum { DECIDED_EVENT = 64, DECIDED_TURNS = 3 };	/* bytes that spell events, and how many */

/* How often things were seen: a test that never sees them tests nothing. */
struct decided {
	uint64_t accepted, returns, tests, refused, led_on, plain, texts, texts_refused;
	uint64_t sockets, sockets_refused, processes, processes_refused, names, names_refused, components;
};

struct decision {
	struct match_native matcher;
	const struct image_view *view;
	const struct abi_hook *hook;
	const uint8_t *event;
	uint32_t turn;			/* which event */
	uint32_t steps, next;		/* records decided, and the least that may follow */
};

/* The first of the slots that are read alike, which hold the same. */
static inline uint32_t decision_like(const struct decision *decision, uint32_t slot)
{
	const struct abi_slot *slots = decision->hook->slots;
	uint32_t like = 0;

	while (like < slot && (memcmp(&slots[like], &slots[slot], 8) || slots[like].chain != slots[slot].chain))
		like++;
	return like;
}

/* The bytes of one slot are the same whenever it is asked for. */
static inline struct bytes decision_bytes(const struct decision *decision, uint32_t slot)
{
	uint32_t start = (decision_like(decision, slot) * 7 + decision->hook->id * 13 + decision->turn * 29) % (DECIDED_EVENT - 8);

	return (struct bytes){ decision->event + start, 8 };
}

/* Near what some record of the program compares with, as the load extends it; else a small one. */
static inline uint64_t decision_number(const struct decision *decision, uint8_t load, struct bytes *bytes)
{
	const struct abi_record *records = (const void *)(decision->view->bytes + decision->hook->program);
	uint32_t number = (uint32_t)take(bytes) | (uint32_t)take(bytes) << 8;
	uint8_t value = take(bytes);
	uint64_t near = records[number % decision->hook->record_count].operand + value % 3 - 1;

	if (value >= 192)
		near = (uint64_t)(int64_t)(int8_t)number;
	return match_load_is_integer(load) ? match_extend(load, near) : near;
}

/* Every part, known or not. */
static inline int decision_socket(const struct decision *decision, struct match_state *state, uint32_t slot, struct bytes *bytes)
{
	struct abi_socket socket = { .known = (uint64_t)take(bytes) | (uint64_t)take(bytes) << 8 };
	uint8_t value = take(bytes);

	for (uint32_t part = 0; part < ABI_PARTS; part++)
		socket.parts[part] = decision_number(decision, ABI_LOAD_U16, &(struct bytes){ decision->event + (value + part) % 32, 3 });
	socket.parts[ABI_PART_FAMILY] = value & 1 ? MATCH_AF_INET : value & 2 ? MATCH_AF_INET6 : value;
	socket.parts[ABI_PART_SOURCE] = value & 1 ? 10 : 0x80fe;
	socket.parts[ABI_PART_DESTINATION] = value & 4 ? 10 : value;
	return match_put_socket(state, slot, &socket);
}

/* What the slot's load says that it holds, and nothing else: parts are looked for in every socket that was read. */
static inline int decision_load(void *context, struct match_state *state, uint32_t slot)
{
	struct decision *decision = context;
	struct bytes bytes = decision_bytes(decision, slot);
	const struct abi_slot *of = &decision->hook->slots[slot];
	uint8_t how = take(&bytes);
	uint32_t gives;

	require(slot < decision->hook->slot_count && of->load != ABI_LOAD_PART);
	require(!match_slot_is_read(state, slot));
	gives = load_rows[of->load].gives;
	if (how < 24 || !gives)
		return -1;
	if (gives & GIVES_SOCKET)
		return decision_socket(decision, state, slot, &bytes);
	if (gives & GIVES_BYTES) {
		uint8_t spelled[] = { how < 56 ? 3 : 1, take(&bytes), 0, take(&bytes) & take(&bytes) };

		if (event_load(&(struct bytes){ spelled, sizeof(spelled) }, state, slot))
			return -1;
	}
	if (gives == GIVES_NUMBER)
		match_put_value(state, slot, 0);
	if (gives & GIVES_NUMBER)
		match_set_number(state, slot, decision_number(decision, of->load, &bytes));
	return 0;
}

static inline enum match_kin_state decision_binary(void *context, struct match_state *state, uint32_t level)
{
	static const char *const paths[] = { "/usr/bin/a", "/usr/bin/x", "/bin/sh", "/bin", "", "/usr/bin/", "/sbin/init", "a" };
	struct decision *decision = context;
	uint8_t how = decision->event[(level + decision->hook->id + decision->turn) % DECIDED_EVENT];
	const char *path = paths[how % 8];

	match_put_bytes(state, MATCH_SLOT_BINARY, path, strlen(path), how & 128 ? MATCH_CUT_FRONT : MATCH_WHOLE);
	return level > 4 ? MATCH_KIN_NONE : (enum match_kin_state)(how >> 3 & 3 & how >> 5);
}

static inline enum match_kin_state decision_process_id(void *context, uint32_t level, uint32_t in_namespace, __u64 *ret)
{
	struct decision *decision = context;
	uint8_t how = decision->event[(level + in_namespace + 3 * decision->hook->id + decision->turn) % DECIDED_EVENT];

	*ret = how & 15;
	return level > 4 ? MATCH_KIN_NONE : (enum match_kin_state)(how >> 4 & 3 & how >> 6);
}

static inline enum match_answer decision_scope(void *context, __u64 scope)
{
	struct decision *decision = context;

	require(scope < image_scope_count(decision->view));
	return (enum match_answer)(decision->event[(scope + decision->turn) % DECIDED_EVENT] % 3);
}

static inline void decision_trace(void *context, uint32_t record, uint32_t op, enum match_answer answer)
{
	struct decision *decision = context;

	(void)op, (void)answer;
	require(record >= decision->next && record < decision->hook->record_count);
	decision->next = record + 1;
	decision->steps++;
}

static inline const struct abi_accept *accept_at(const struct image_view *view, uint32_t offset)
{
	return (const void *)(view->bytes + offset);
}

/* A report, in the section, and of the hook's calling side. */
static inline void check_accept(const struct decision *decision, uint32_t offset)
{
	const struct abi_section *section = &decision->view->header->sections[ABI_SECTION_ACCEPTS];
	const struct abi_accept *accept = accept_at(decision->view, offset);
	const struct abi_hook *hook = decision->hook;
	struct image_report_storage storage;
	struct image_report report;
	struct image_hook of;

	require(offset >= section->offset && (offset - section->offset) % sizeof(*accept) == 0 &&
		(offset - section->offset) / sizeof(*accept) < decision->view->header->accept_count);
	require(image_report_of(decision->view, accept->policy, accept->hook_index, &storage, &report));
	require(image_policy_hook(decision->view, accept->policy, accept->hook_index, &of, NULL) &&
		of.id == (hook->flags & ABI_HOOK_RETURN ? hook->pair : hook->id));
	require(!(accept->report_slots >> hook->slot_count));
	image_selector_place(decision->view, accept->policy, accept->hook_index, accept->selector);
}

static inline uint32_t decide_from(struct decision *decision, uint32_t record)
{
	uint32_t hook = decision->view->header->hook_offset[decision->hook->id];
	uint32_t accepts;

	decision->steps = 0;
	decision->next = record;
	accepts = match_native_run_from(&decision->matcher, hook, record);
	require(decision->steps <= decision->hook->record_count);
	require(!(decision->matcher.state.errors >> ABI_ERROR_STEPS & 1));
	require(accepts == decision->matcher.state.accept_count && accepts <= ABI_ACCEPTS_MAX);
	for (uint32_t n = 0; n < accepts; n++)
		check_accept(decision, decision->matcher.state.accepts[n]);
	return accepts;
}

static inline bool is_number(const struct abi_slot *slot)
{
	return match_load_is_integer(slot->load) || slot->load == ABI_LOAD_PID;
}

/* The number that the test of the hook is about, when there is one and it can be read. */
static inline bool first_number(const struct decision *decision, const struct abi_first *first, uint64_t *ret)
{
	const struct abi_record *record = (const void *)(decision->view->bytes + decision->hook->program);
	const struct abi_slot *slot = &decision->hook->slots[record->slot];

	if (!first->slot || !match_is_compare(record->op) || !is_number(slot))
		return false;
	require(!memcmp(&first->slot, slot, sizeof(first->slot)));
	*ret = decision->matcher.state.slots[record->slot].value;
	return decision->matcher.state.slots_valued >> record->slot & 1;
}

/* The only thing that the program accepts, and all there is to do about it is to post. */
static inline void check_posts(const struct decision *decision, const struct abi_first *first, const uint32_t *accepts, uint32_t count)
{
	require(count == 1 && first->posts == accepts[0]);
	require(!accept_at(decision->view, accepts[0])->flags && !(decision->hook->flags & ABI_HOOK_PAIRED));
}

/* ... with its first words and those of all slots: numbers. */
static inline void check_plain(const struct decision *decision, const struct abi_first *first, const uint32_t *accepts)
{
	const struct abi_hook *hook = decision->hook;
	const struct abi_accept *accept = accept_at(decision->view, accepts[0]);

	require(first->posts && first->plain_count == hook->slot_count && first->plain_count <= ABI_PLAIN_SLOTS);
	require(!memcmp(first->plain_accept, accept, sizeof(first->plain_accept)));
	for (uint32_t n = 0; n < first->plain_count; n++) {
		require(!memcmp(&first->plain_slots[n], &hook->slots[n], sizeof(first->plain_slots[n])));
		require(!(accept->report_slots >> n & 1) || (is_number(&hook->slots[n]) && !hook->slots[n].chain));
	}
}

/* The text of the test, when it was read as programs read it; no program begins with it when the number's test was not passed. */
static inline bool first_text(const struct decision *decision, const struct abi_first *first)
{
	const struct match_state *state = &decision->matcher.state;
	const struct abi_event_slot *entry = &state->slots[first->text_slot];
	const uint32_t load = decision->hook->slots[first->text_slot].load;

	require(!memcmp(&first->text, &decision->hook->slots[first->text_slot], sizeof(first->text)));
	require(load == ABI_LOAD_STRING || load_rows[load].gives & GIVES_PATH);
	return state->slots_read >> first->text_slot & 1 &&
	       (entry->state == ABI_SLOT_READ || (load == ABI_LOAD_STRING && entry->state == ABI_SLOT_CUT && entry->length >= ABI_PATTERN_MAX));
}

/* Whether the path has another component there than all patterns have, or fewer; as programs find it, whose paths have none that is empty. */
static inline bool component_is_other(const struct abi_first *first, const uint8_t *path, uint32_t length)
{
	uint32_t at = 1, end = 1;

	if (!length || path[0] != '/')
		return false;
	for (uint32_t number = 1; at < length; number++, at = end + 1) {
		uint64_t word = 0;

		for (end = at; end < length && path[end] != '/'; end++)
			if (end - at < 8)
				word |= (uint64_t)path[end] << 8 * (end - at);
		if (end == at)
			return false;
		if (number == first->component && component_may_be(first, end - at, word))
			return false;
	}
	return length > 1;
}

/* What the few patterns of a table find is what its look-up finds. */
static inline void check_patterns(struct decision *decision, const struct abi_first *first, struct decided *ret)
{
	struct match_state *state = &decision->matcher.state;
	const struct abi_event_slot *entry = &state->slots[first->text_slot];
	uint64_t rows = 0;

	if (entry->state != ABI_SLOT_READ)
		return;
	for (uint32_t n = 0; n < first->pattern_count; n++)
		if (match_pattern_may(state->image, first->patterns[n], match_word(state, entry->offset), match_word(state, entry->offset + 8u),
				      entry->length) && match_pattern_is(state, state->image, first->patterns[n], entry->offset))
			rows |= match_image64(state->image, first->patterns[n] + offsetof(struct abi_pattern, rows));
	ret->texts_refused += !rows;
	require(rows || !state->accept_count);
	if (state->registers_read >> first->text_register & 1)
		require(rows == state->rows[first->text_register] && !state->unknown[first->text_register]);
}

/* A text that no filter lets through is accepted by nothing. */
static inline void check_text(struct decision *decision, const struct abi_first *first, struct decided *ret)
{
	const struct match_state *state = &decision->matcher.state;
	const struct abi_event_slot *entry = &state->slots[first->text_slot];
	uint32_t hits = 0;

	if (!(first->filter_count || first->pattern_count) || !first_text(decision, first))
		return;
	ret->texts++;
	if (first->component && entry->state == ABI_SLOT_READ &&
	    component_is_other(first, (const uint8_t *)state + entry->offset, entry->length)) {
		ret->components++;
		require(!state->accept_count);
	}
	if (first->pattern_count) {
		check_patterns(decision, first, ret);
		return;
	}
	for (uint32_t n = 0; n < first->filter_count; n++)
		hits |= MATCH_HITS_CLASSES(match_filter(state->image, first->filters[n], match_word(state, entry->offset),
							match_word(state, entry->offset + 8u), entry->length));
	ret->texts_refused += !hits;
	require(hits || !state->accept_count);
}

/* ---- Steps: what a program of the kernel finds out for each, from what the decision was about ---- */

/* The slot that begins with that word, read; its bytes or its socket are then there, or it is unreadable. */
static inline uint32_t step_slot(struct decision *decision, uint64_t word)
{
	struct match_state *state = &decision->matcher.state;
	uint32_t slot = 0;

	while (slot < decision->hook->slot_count && (memcmp(&decision->hook->slots[slot], &word, sizeof(word)) || decision->hook->slots[slot].chain))
		slot++;
	require(slot < decision->hook->slot_count && decision->hook->slots[slot].source == ABI_SOURCE_ARGUMENT);
	if (!match_slot_is_read(state, slot))
		match_load(state, slot);
	return slot;
}

/* A part of the socket; false when it is not known. */
static inline bool step_part(struct match_state *state, uint32_t slot, uint32_t part, uint64_t *ret)
{
	uint64_t at = match_part(state, slot, part);

	*ret = at ? match_word(state, at) : 0;
	return at;
}

static inline bool step_holds(const struct abi_first *first, uint32_t which, uint64_t value)
{
	return value - first->part_low[which] <= first->part_span[which];
}

static inline bool step_socket_refuses(struct decision *decision, const struct abi_first *first)
{
	struct match_state *state = &decision->matcher.state;
	const uint32_t slot = step_slot(decision, first->socket);
	uint64_t family, value;

	require(load_rows[decision->hook->slots[slot].load].gives & GIVES_SOCKET);
	if (!step_part(state, slot, first->part, &value))
		return false;
	if (first->part != ABI_PART_SOURCE && first->part != ABI_PART_DESTINATION)
		return !step_holds(first, 0, value);
	if (!step_part(state, slot, ABI_PART_FAMILY, &family) || (family != MATCH_AF_INET && family != MATCH_AF_INET6))
		return false;
	value = __builtin_bswap64(value);
	return family == MATCH_AF_INET ? !step_holds(first, 0, value >> 32) : !step_holds(first, 1, value);
}

/* Rows are kept with a process when all are known. */
static inline bool step_process_refuses(struct decision *decision, const struct abi_first *first)
{
	struct match_state *state = &decision->matcher.state;

	match_find_binary(state, first->process_table, ABI_WHO_PROCESS, 0);
	return !state->unknown[0] && !(state->rows[0] & first->process_rows);
}

/* The file's name is what its path ends with, unless that is of a deleted one: then it may be what is before it. */
static inline bool step_name_refuses(struct decision *decision, const struct abi_first *first)
{
	struct match_state *state = &decision->matcher.state;
	const uint32_t slot = step_slot(decision, first->name);
	const struct abi_event_slot *entry = &state->slots[slot];
	const char *bytes = (const char *)state + entry->offset;
	uint32_t length = 0;
	char tail[8] = { 0 };

	require(load_rows[decision->hook->slots[slot].load].gives & GIVES_PATH);
	if (!match_has_bytes(state, slot) || match_slot_cut(state, slot) == MATCH_CUT_END)
		return false;
	while (length < entry->length && bytes[entry->length - length - 1] != '/')
		length++;
	if (!length || length > ABI_NAME_MAX)
		return false;
	memcpy(tail + 8 - (length < 8 ? length : 8), bytes + entry->length - (length < 8 ? length : 8), length < 8 ? length : 8);
	require(first->names[0]);
	for (uint32_t n = 0; n < ABI_FIRST_NAMES && first->names[n]; n++)
		if (match_name(state->image, first->names[n], match_word_at(tail), length))
			return false;
	return true;
}

/* Nothing that a step refuses is accepted. Changes what the decision has left. */
static inline void check_steps(struct decision *decision, const struct abi_first *first, struct decided *ret)
{
	static const struct {
		uint32_t step;
		bool (*refuses)(struct decision *decision, const struct abi_first *first);
		size_t asked, refused;
	} steps[] = {
		{ ABI_FIRST_SOCKET, step_socket_refuses, offsetof(struct decided, sockets), offsetof(struct decided, sockets_refused) },
		{ ABI_FIRST_PROCESS, step_process_refuses, offsetof(struct decided, processes), offsetof(struct decided, processes_refused) },
		{ ABI_FIRST_NAME, step_name_refuses, offsetof(struct decided, names), offsetof(struct decided, names_refused) },
	};
	const uint32_t count = decision->matcher.state.accept_count;

	for (size_t n = 0; n < sizeof(steps) / sizeof(*steps); n++) {
		bool refuses;

		if (!(first->steps & steps[n].step))
			continue;
		refuses = steps[n].refuses(decision, first);
		++*(uint64_t *)((char *)ret + steps[n].asked);
		*(uint64_t *)((char *)ret + steps[n].refused) += refuses;
		require(!refuses || !count);
	}
}

/* Against what the program has just decided. */
static inline void check_number(struct decision *decision, const struct abi_first *first, uint64_t number, struct decided *ret)
{
	const uint32_t count = decision->matcher.state.accept_count;
	uint32_t accepts[ABI_ACCEPTS_MAX];

	ret->tests++;
	if (number - first->low > first->span) {
		ret->refused++;
		require(!count);
		return;
	}
	memcpy(accepts, decision->matcher.state.accepts, count * sizeof(*accepts));
	if (first->posts && !first->filter_count && !first->pattern_count && !(first->steps / ABI_FIRST_CERTAIN(1)))
		check_posts(decision, first, accepts, count);
	if (first->plain_count)
		check_plain(decision, first, accepts);
	ret->plain += first->plain_count != 0;
	if (!first->record)
		return;
	ret->led_on++;
	require(decide_from(decision, first->record) == count);
	require(!memcmp(accepts, decision->matcher.state.accepts, count * sizeof(*accepts)));
}

/* Whether the steps that the whole decision takes are passed for certain. */
static inline bool steps_are_certain(struct decision *decision, const struct abi_first *first)
{
	struct match_state *state = &decision->matcher.state;
	const uint32_t steps = first->steps / ABI_FIRST_CERTAIN(1);
	uint64_t family, value;
	uint32_t slot;

	require(!(steps & ~(first->steps & (ABI_FIRST_SOCKET | ABI_FIRST_PROCESS))));
	if (steps & ABI_FIRST_SOCKET) {
		slot = step_slot(decision, first->socket);
		if (!step_part(state, slot, ABI_PART_FAMILY, &family) || family != MATCH_AF_INET || !step_part(state, slot, first->part, &value) ||
		    !step_holds(first, 0, __builtin_bswap64(value) >> 32))
			return false;
	}
	if (steps & ABI_FIRST_PROCESS) {
		match_find_binary(state, first->process_table, ABI_WHO_PROCESS, 0);
		if (state->unknown[0] || !(state->rows[0] & first->process_rows))
			return false;
	}
	return true;
}

/* Where steps and the look-up of a text are all there is to decide: then the only accept, which only posts, comes of them, and of nothing else. */
static inline void check_whole(struct decision *decision, const struct abi_first *first, bool number_passes)
{
	const uint32_t reg = ABI_LOOKUP_REGISTER(first->found);
	const uint64_t rows = match_asked_rows(first->found);
	const struct match_state *state = &decision->matcher.state;
	const bool certain = number_passes && steps_are_certain(decision, first), has_text = first->filter_count || first->pattern_count;

	decide_from(decision, first->record);
	if (state->accept_count)
		check_posts(decision, first, state->accepts, state->accept_count);
	if (certain)
		require(state->accept_count == (!has_text || (state->registers_read >> reg & 1 && state->rows[reg] & rows)));
}

static inline void check_first(struct decision *decision, struct decided *ret)
{
	struct abi_first first;
	bool number_passes;
	uint64_t number;

	image_first(decision->view->bytes, decision->view->size, decision->hook->id, &first);
	require(first.hook == decision->view->header->hook_offset[decision->hook->id]);
	require(first.program == decision->hook->program);
	check_text(decision, &first, ret);
	number_passes = !first.slot;
	if (first_number(decision, &first, &number)) {
		check_number(decision, &first, number, ret);
		number_passes = number - first.low <= first.span;
		decide_from(decision, 0);
	}
	check_steps(decision, &first, ret);
	if (first.posts && (first.filter_count || first.pattern_count || first.steps / ABI_FIRST_CERTAIN(1)))
		check_whole(decision, &first, number_passes);
}

/* What a call that was accepted says of its return: from which record on that is decided. */
static inline void decide_return(struct decision *decision, const struct abi_accept *accept, struct decided *ret)
{
	const struct abi_hook *caller = decision->hook;

	if (!(accept->flags & ABI_ACCEPT_RETURN))
		return;
	decision->hook = (const void *)(decision->view->bytes + decision->view->header->hook_offset[caller->pair]);
	require(!(accept->return_slots >> decision->hook->slot_count));
	require(accept->return_record <= decision->hook->record_count);
	ret->returns += accept->return_record != 0;
	if (accept->return_record)
		decide_from(decision, accept->return_record - 1);
	decision->hook = caller;
}

static inline void decide_hook(struct decision *decision, struct decided *ret)
{
	uint32_t accepts[ABI_ACCEPTS_MAX], count;

	require(decision->hook->slot_count <= ABI_SLOTS_MAX && decision->hook->register_count <= ABI_REGISTERS_MAX);
	count = decide_from(decision, 0);
	ret->accepted += count != 0;
	memcpy(accepts, decision->matcher.state.accepts, count * sizeof(*accepts));
	if (decision->hook->program)
		check_first(decision, ret);
	for (uint32_t n = 0; n < count; n++)
		decide_return(decision, accept_at(decision->view, accepts[n]), ret);
}

/* DECIDED_TURNS events, which DECIDED_EVENT bytes spell, through each hook of a verified image. */
static inline void decide_everything(struct decided *ret, const struct image_view *view, const uint8_t *event)
{
	static struct decision decision;

	decision.matcher.image = view->bytes;
	decision.matcher.image_size = (uint32_t)view->size;
	decision.matcher.load = decision_load;
	decision.matcher.binary = decision_binary;
	decision.matcher.process_id = decision_process_id;
	decision.matcher.scope = decision_scope;
	decision.matcher.trace = decision_trace;
	decision.matcher.context = &decision;
	decision.view = view;
	decision.event = event;
	for (size_t n = 0; n < image_hook_count(view); n++) {
		decision.hook = image_hook_at(view, n).abi;
		for (decision.turn = 0; decision.turn < DECIDED_TURNS; decision.turn++)
			decide_hook(&decision, ret);
	}
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * engine.bpf.h - one event on one hook, from the program's entry to its result.
 *
 *   first    one comparison of one number, from the page that says which half is live: see struct abi_first (quick.bpf.h)
 *   text     reads the text or path that is looked up first, asks the filters of its tables, and looks it up where that is all there is to decide
 *   quick    compares integers straight from the program's context: an event that those reject costs no
 *            scratch memory and no call
 *   plain    sends the event, when accepting is all that is left and integers are all there is to say
 *   decide   claims scratch memory and runs the decision on from where quick stopped
 *   stacks   reads stack traces, where an event wants them
 *   post     reads what is left and sends the event of the one accept, when it asks for no more
 *   act      actions, events, and the note for the return, for every accept
 *
 * The live half is read once, at the start.  Loops are in functions that the verifier looks at once each, and what
 * they carry from step to step is in memory, where the verifier does not follow its values.
 */
#ifndef BPF_TEMPLATES_ENGINE_BPF_H
#define BPF_TEMPLATES_ENGINE_BPF_H

#include "bpf-templates/scratch.bpf.h"
#include "bpf-templates/kin.bpf.h"
#include "bpf-templates/scopes.bpf.h"
#include "bpf-templates/quick.bpf.h"
#include "bpf-templates/events.bpf.h"
#include "bpf-templates/actions.bpf.h"
#include "bpf-templates/stacks.bpf.h"
#include "bpf-templates/digests.bpf.h"

#define ENGINE_CHUNK		4	/* records that one call decides */
#define ENGINE_CHUNKS		64	/* such calls that one of engine_chunks() makes */
#define ENGINE_MORE		(ABI_RECORDS_MAX / ENGINE_CHUNK / ENGINE_CHUNKS)	/* and of those as many as may be needed */

/*
 * The hook a program serves.  ABI_HOOK_FROM_COOKIE: the attachment's cookie is the hook id, so that one program
 * serves many attachments (not before 5.15, and not for raw tracepoints).
 */
static __always_inline __u32 engine_hook(void *context, __u32 knob)
{
	return knob == ABI_HOOK_FROM_COOKIE ? bpf_get_attach_cookie(context) : knob;
}

/* ---- Decide ---- */

__noinline __u32 engine_chunk(__u32 index, __u32 pc)
{
	struct scratch *piece = scratch_get(index);
	int i;

	if (!piece)
		return MATCH_END;
	for (i = 0; i < ENGINE_CHUNK; i++) {
		pc = match_step(&piece->match, pc);
		if (pc >= MATCH_END)
			break;
	}
	return pc;
}

__noinline __u32 engine_chunks(__u32 index, __u32 pc)
{
	int i;

	for (i = 0; i < ENGINE_CHUNKS; i++) {
		pc = engine_chunk(index, pc);
		if (pc >= MATCH_END)
			break;
	}
	return pc;
}

/* Runs the decision from record `pc` to its end. */
static __always_inline void engine_decide(struct scratch *piece, __u32 pc)
{
	__u32 index = piece->index;
	int i;

	for (i = 0; i < ENGINE_MORE; i++) {
		pc = engine_chunks(index, pc);
		if (pc >= MATCH_END)
			return;
	}
	piece->match.errors |= 1u << ABI_ERROR_STEPS;
}

/* ---- Act ---- */

__noinline int engine_count_errors(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	__u32 error;

	if (!piece)
		return 0;
	for (error = 0; error < ABI_ERROR_COUNT; error++)
		if (piece->match.errors >> error & 1)
			count_error(piece->hook_id, error);
	return 0;
}

static __always_inline void engine_count_match(__u32 hook_id)
{
	struct abi_counters *counter = counters_get(hook_id);

	if (counter)
		counter->matched++;
}

__noinline int engine_act(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	__u32 n;

	if (!piece)
		return 0;
	engine_count_match(piece->hook_id);
	event_begin(piece);
	for (n = 0; n < ABI_ACCEPTS_MAX; n++) {
		if (n >= piece->match.accept_count)
			break;
		if (accept_lacks(&piece->match, n))
			accept_load(index, n);
		accept_run(index, n);
	}
	if (piece->call.count)
		call_remember(piece);
	return 0;
}

/* ---- The whole run ---- */

static __always_inline struct scratch *engine_claim(struct engine_event *event)
{
	struct scratch *piece;
	__u32 index = scratch_first() + SCRATCH_EXCLUSIVE;

	piece = event->exclusive ? scratch_get(index) : scratch_claim(&index);
	if (!piece) {
		count_error(event->hook_id, ABI_ERROR_SCRATCH_BUSY);
		return NULL;
	}
	piece->index = index;
	return piece;
}

static __always_inline void engine_fill(struct engine_event *event, struct scratch *piece)
{
	piece->event_kind = ABI_EVENT_HOOK;
	piece->context = (__u64)event->context;
	piece->generation = event->generation;
	piece->identity = bpf_get_current_pid_tgid();
	piece->hook_id = event->hook_id;
	piece->time = 0;
	piece->override = 0;
	piece->overridden = 0;
	piece->can_override = engine_can_override(event);
	piece->user_only = !!(event->flags & ABI_HOOK_USER_MEMORY);
	piece->call.count = 0;
	told_begin(piece);
}

/* Ready to decide, but for what is read. */
static __always_inline void engine_begin_piece(struct engine_event *event, struct scratch *piece)
{
	engine_fill(event, piece);
	match_begin(&piece->match, event->image, event->hook, *(volatile __u32 *)&event->first->program);
}

/* A system call's arguments, in one go.  Zeros when they cannot be read: no kernel lets that happen. */
static __always_inline void engine_copy_syscall(struct engine_event *event, struct scratch *piece)
{
	struct syscall_registers *registers = &piece->registers;

	if (bpf_probe_read_kernel(registers, sizeof(*registers),
				  (void *)(event->registers + SYSCALL_REGISTERS_OFFSET)))
		piece->match.errors |= 1u << ABI_ERROR_UNREADABLE;
	piece->arguments[0] = SYSCALL_ARGUMENT(registers, 0);
	piece->arguments[1] = SYSCALL_ARGUMENT(registers, 1);
	piece->arguments[2] = SYSCALL_ARGUMENT(registers, 2);
	piece->arguments[3] = SYSCALL_ARGUMENT(registers, 3);
	piece->arguments[4] = SYSCALL_ARGUMENT(registers, 4);
	piece->arguments[5] = SYSCALL_ARGUMENT(registers, 5);
}

static __always_inline void engine_copy_arguments(struct engine_event *event, engine_argument argument,
						  struct scratch *piece)
{
	__u64 value;
	__u32 n;

	if (event->has_record)
		return;
	if (engine_is_syscall(event)) {
		engine_copy_syscall(event, piece);
		return;
	}
#pragma unroll
	for (n = 0; n < SCRATCH_ARGUMENTS; n++) {
		value = 0;
		argument(event, n, &value);
		piece->arguments[n] = value;
	}
}

/* ---- Text ---- */

/* FOUND, IN_DOUBT: the look-up is made that is all there is to decide, and one accept is all that is left to do, or an error to count. */
enum engine_text { TEXT_IS_REFUSED, TEXT_PASSES, TEXT_IS_FOUND, TEXT_IS_IN_DOUBT };

/* Where its look-up is all there is to decide, by that. */
static __always_inline int engine_text_found(struct scratch *piece, struct abi_first *first, __u32 slot, __u32 decides)
{
	__u64 operand = *(volatile __u64 *)&first->found;

	if (!decides || !operand)
		return TEXT_PASSES;
	if (match_string(&piece->match, ABI_OP_STRING, slot, operand) == MATCH_YES)
		return TEXT_IS_FOUND;
	return piece->match.errors ? TEXT_IS_IN_DOUBT : TEXT_IS_REFUSED;
}

/* The rows of those of `count` patterns that find the text at the front of match_state.data. */
static __always_inline __u64 engine_text_rows(struct match_state *match, struct abi_first *first, struct match_image image, __u32 count,
					      __u32 length)
{
	__u64 rows = 0;
	__u32 pattern, n;

	for (n = 0; n < ABI_FIRST_PATTERNS; n++) {
		if (n >= count)
			break;
		pattern = *(volatile __u32 *)&first->patterns[n];
		if (match_pattern_may(image, pattern, *(__u64 *)match->data, *(__u64 *)(match->data + 8), length) &&
		    match_pattern_is(match, image, pattern, MATCH_DATA))
			rows |= match_image64(image, pattern + __builtin_offsetof(struct abi_pattern, rows));
	}
	return rows;
}

/* Whether some filter lets it through, which then is remembered. */
static __always_inline bool engine_text_filtered(struct match_state *match, struct abi_first *first, __u32 slot, __u32 length)
{
	__u32 count = *(volatile __u8 *)&first->filter_count, n;

	match->hits_slot = slot;
	for (n = 0; n < ABI_FIRST_FILTERS; n++) {
		if (n >= count)
			break;
		match->hits_filter = *(volatile __u32 *)&first->filters[n];
		match->hits = engine_hits(match->image.half, match->hits_filter, *(__u64 *)match->data, *(__u64 *)(match->data + 8), length);
		if (MATCH_HITS_CLASSES(match->hits))
			return true;
	}
	return false;
}

/* What patterns found. */
static __always_inline int engine_text_known(struct scratch *piece, struct abi_first *first, __u64 rows, __u32 decides)
{
	__u64 operand = *(volatile __u64 *)&first->found;

	if (decides && operand)
		return rows & match_asked_rows(operand) ? TEXT_IS_FOUND : TEXT_IS_REFUSED;
	match_set_rows(&piece->match, *(volatile __u8 *)&first->text_register, rows, 0);
	return TEXT_PASSES;
}

/*
 * REFUSED when the text that the decision begins with is in no table.  What cannot be read is for the decision to say.  In functions of their
 * own, since there is no room for it on the stack of the programs.
 *
 * Of a string that is read before there is more than memory for it; the rest is made ready when the string is not refused.
 */
__noinline int engine_string_passes(__u32 index, __u32 which, __u64 address, __u32 decides)
{
	struct scratch *piece = scratch_get(index);
	struct abi_first *first = first_at(which);
	struct match_image image = { (which & 1) * ABI_HALF_SIZE };
	struct match_state *match;
	__u32 patterns = *(volatile __u8 *)&first->pattern_count, slot;
	__u64 rows = 0;
	long size = -1;

	if (!piece)
		return TEXT_PASSES;
	match = &piece->match;
	if (!address_is_kernel(address))
		size = bpf_probe_read_user_str(match->data, ABI_STRING_MAX, (void *)address);
	if (size >= 0 && patterns) {
		rows = engine_text_rows(match, first, image, patterns, size ? size - 1 : 0);
		if (!rows)
			return TEXT_IS_REFUSED;
	}
	match_begin(match, image, *(volatile __u32 *)&first->hook, *(volatile __u32 *)&first->program);
	if (size < 0 || size > ABI_STRING_MAX)
		return TEXT_PASSES;
	slot = *(volatile __u8 *)&first->text_slot;
	if (!rows && !engine_text_filtered(match, first, slot, size ? size - 1 : 0))
		return TEXT_IS_REFUSED;
	piece->user_only = 1;
	match_set_state(match, slot, ABI_SLOT_FAULT);
	string_take(piece, slot, address, 0, size);
	if (rows && match_slot_cut(match, slot) == MATCH_WHOLE)
		return engine_text_known(piece, first, rows, decides);
	return engine_text_found(piece, first, slot, decides);
}

/* Of any other text. */
__noinline int engine_text_passes(__u32 index, __u32 which, __u64 address, __u32 decides)
{
	struct scratch *piece = scratch_get(index);
	struct abi_first *first = first_at(which);
	__u32 slot = *(volatile __u8 *)&first->text_slot, load = SLOT_LOAD(*(volatile __u64 *)&first->text), length;
	__u32 patterns = *(volatile __u8 *)&first->pattern_count;
	struct match_state *match;
	__u64 rows;

	if (!piece)
		return TEXT_PASSES;
	match = &piece->match;
	if (load == ABI_LOAD_STRING)
		load_string(piece, slot, address);
	else if (!told_take(piece, slot, load, address))
		load_slot(index, slot);
	if (!match_has_bytes(match, slot) || match_slot_cut(match, slot) == MATCH_CUT_FRONT)
		return TEXT_PASSES;
	length = match_slot(match, slot)->length;
	if (!patterns) {
		if (!engine_text_filtered(match, first, slot, length))
			return TEXT_IS_REFUSED;
	} else if (match_slot_cut(match, slot) == MATCH_WHOLE) {
		rows = engine_text_rows(match, first, match->image, patterns, length);
		return rows ? engine_text_known(piece, first, rows, decides) : TEXT_IS_REFUSED;
	}
	return engine_text_found(piece, first, slot, decides);
}

/* Where the text is; false when that cannot be read. */
static __always_inline bool engine_text_address(struct engine_event *event, engine_argument argument, struct scratch *piece,
						__u64 descriptor, __u64 *address)
{
	if (SLOT_SOURCE(descriptor) == ABI_SOURCE_FIELD)
		return engine_field(event, argument, descriptor, address);
	return !read_source(piece, descriptor, address);
}

static __always_inline void engine_arguments(struct engine_event *event, engine_argument argument, struct scratch *piece)
{
	engine_begin_piece(event, piece);
	engine_copy_arguments(event, argument, piece);
	if (event->has_types && event->flags & ABI_HOOK_PATH)
		told_load(piece, event->context);
}

static __always_inline struct scratch *engine_start(struct engine_event *event, engine_argument argument)
{
	struct scratch *piece = engine_claim(event);

	if (piece)
		engine_arguments(event, argument, piece);
	return piece;
}

static __always_inline void engine_stop(struct engine_event *event, struct scratch *piece)
{
	if (!event->exclusive)
		scratch_release(piece);
}

#define ENGINE_DECIDED		0xfffeu	/* in place of a record: nothing is left to decide */
_Static_assert(ENGINE_DECIDED >= ABI_RECORDS_MAX, "no record's number");

/* Where a string is that is read before anything else: of an argument of a system call, or of a tracepoint's record. False: it is no such text. */
static __always_inline bool engine_string_address(struct engine_event *event, engine_argument argument, __u64 descriptor, __u64 *address)
{
	if (event->has_record)
		return (descriptor & 0xffff) == (ABI_LOAD_STRING | ABI_SOURCE_FIELD << 8) && engine_field(event, argument, descriptor, address);
	return engine_is_syscall(event) && (descriptor & 0xffff) == (ABI_LOAD_STRING | ABI_SOURCE_ARGUMENT << 8) &&
	       engine_syscall_argument(event, SLOT_INDEX(descriptor), address);
}

/* What is asked of the text, by how it is read; unless it is REFUSED, *piece is then ready for the decision. */
static __always_inline __u32 engine_text_asked(struct engine_event *event, engine_argument argument, struct scratch *piece)
{
	__u64 descriptor = *(volatile __u64 *)&event->first->text, address = 0;
	__u32 passes;

	if (engine_string_address(event, argument, descriptor, &address)) {
		passes = engine_string_passes(piece->index, event->which, address, event->decides);
		if (passes != TEXT_IS_REFUSED) {
			engine_fill(event, piece);
			engine_copy_arguments(event, argument, piece);
		}
		return passes;
	}
	engine_arguments(event, argument, piece);
	if (!engine_text_address(event, argument, piece, descriptor, &address))
		return TEXT_PASSES;
	return engine_text_passes(piece->index, event->which, address, event->decides);
}

/* The text's test; NULL when the event does not pass it, else *pc is where the decision goes on. */
static __always_inline struct scratch *engine_text(struct engine_event *event, engine_argument argument,
						   struct abi_counters **ret, __u32 *pc)
{
	struct scratch *piece = engine_claim(event);
	struct abi_counters *counter;
	__u32 passes;

	if (!piece)
		return NULL;
	passes = engine_text_asked(event, argument, piece);
	if (passes != TEXT_IS_REFUSED) {
		counter = counters_get(event->hook_id);
		if (counter) {
			counter->seen++;
			*ret = counter;
			*pc = passes == TEXT_IS_FOUND ? ENGINE_POSTS : passes == TEXT_IS_IN_DOUBT ? ENGINE_DECIDED : event->record;
			return piece;
		}
	}
	if (event->has_types)
		component_missed(event->first);
	engine_stop(event, piece);
	return NULL;
}

#define ENGINE_NO_OVERRIDE	(1LL << 32)	/* beside the numbers of 32 bits that may be returned instead */

/* What engine_act() would do, when that is one event and nothing else; false, with nothing done, when it is not. */
static __always_inline bool engine_post(struct scratch *piece)
{
	__u32 accept = piece->match.accepts[0];

	if (piece->match.accept_count != 1 || accept_flags(piece->match.image, accept))
		return false;
	request_begin(piece, accept, __builtin_offsetof(struct abi_accept, report_slots));
	event_post(piece->index);
	return true;
}

/* Of a call whose entry is not accepted. */
static __always_inline void engine_forget(struct engine_event *event)
{
	if (event->flags & ABI_HOOK_PAIRED)
		call_forget(bpf_get_current_pid_tgid(), event->hook_id);
}

/* What passes the first test. */
static __always_inline __s64 engine_run_on(struct engine_event *event, engine_argument argument)
{
	struct abi_counters *counter = NULL;
	struct scratch *piece = NULL;
	__u32 pc = MATCH_END;
	__s64 result;

	if (event->texts) {
		piece = engine_text(event, argument, &counter, &pc);
	} else {
		pc = engine_without_memory(event, argument, &counter);
	}
	if (pc >= MATCH_END) {
		engine_forget(event);
		return ENGINE_NO_OVERRIDE;
	}
	if (!piece)
		piece = engine_start(event, argument);
	if (!piece || !counter)
		return ENGINE_NO_OVERRIDE;
	if (pc == ENGINE_POSTS)
		match_accept(&piece->match, engine_posts(event->first));
	else if (pc != ENGINE_DECIDED)
		engine_decide(piece, pc);
	if (event->has_stacks && event->flags & ABI_HOOK_STACKS && piece->match.accept_count)
		stacks_load(piece, event->context);
	if (event->has_digest && event->flags & ABI_HOOK_DIGEST && piece->match.accept_count)
		digest_load(piece->index);
	if (piece->match.accept_count && !engine_post(piece))
		engine_act(piece->index);
	if (event->flags & ABI_HOOK_PAIRED && !piece->call.count)
		call_forget(piece->identity, event->hook_id);
	if (piece->match.errors)
		engine_count_errors(piece->index);
#ifdef ENGINE_REGISTERS
	if (piece->overridden == SCRATCH_ASSIGNED)
		registers_write(event->context, piece);
#endif
	result = piece->overridden == 1 ? piece->override : ENGINE_NO_OVERRIDE;
	engine_stop(event, piece);
	return result;
}

/*
 * A hook at a function's entry (or a tracepoint).  Returns what it is to return instead, or ENGINE_NO_OVERRIDE.  Preemption is forbidden only from
 * where something is done: that costs more than the first test, which uses no memory that others could want.
 */
static __always_inline __s64 engine_run(struct engine_event *event, engine_argument argument)
{
	__s64 result;

	if (event->flags & ABI_HOOK_ENFORCER && engine_can_override(event) && !enforcer_notified())
		return ENGINE_NO_OVERRIDE;
	if (!engine_first(event, argument)) {
		engine_forget(event);
		return ENGINE_NO_OVERRIDE;
	}
	if (!event->exclusive)
		preempt_off();
	result = engine_run_on(event, argument);
	if (!event->exclusive)
		preempt_on();
	return result;
}

/* Whether an event with a digest would be posted of a hook that has been found: decides, and does nothing else. */
static __always_inline bool engine_wants_digest(struct engine_event *event, engine_argument argument)
{
	struct scratch *piece;
	bool wants;

	if (!engine_first(event, argument))
		return false;
	piece = engine_start(event, argument);
	if (!piece)
		return false;
	engine_decide(piece, event->record);
	wants = stack_slot(piece->index, ABI_LOAD_DIGEST) < ABI_SLOTS_MAX;
	engine_stop(event, piece);
	return wants;
}

/* Decides whether the return is one that accept `n` of the remembered call asked for; see struct abi_accept. */
__noinline int engine_decide_return(__u32 index, __u32 n)
{
	struct scratch *piece = scratch_get(index);
	__u32 record;

	if (!piece || n >= ABI_CALL_ACCEPTS_MAX)
		return 0;
	piece->match.accept_count = 0;
	record = accept_return_record(piece->match.image, piece->call.accepts[n]);
	if (record && piece->match.program)
		engine_decide(piece, record - 1);
	return 0;
}

/* A hook at a function's return: sends what the accepts of the entry asked for. */
static __always_inline void engine_run_return(struct engine_event *event, __u64 returned)
{
	struct abi_call_key key = {};
	struct scratch *piece;
	struct abi_call *call;
	__u32 n, index;

	key.tid = bpf_get_current_pid_tgid();
	key.hook = match_image32(event->image, event->hook + __builtin_offsetof(struct abi_hook, pair));
	if (!calls_are_there(key.hook))
		return;
	call = bpf_map_lookup_elem(&calls, &key);
	if (!call)
		return;
	piece = call->generation == event->generation ? engine_claim(event) : NULL;
	if (call->generation != event->generation)
		count_error(event->hook_id, ABI_ERROR_CALLS_FULL);
	if (piece) {
		index = piece->index;
		engine_begin_piece(event, piece);
		piece->event_kind = ABI_EVENT_RETURN;
		piece->call = *call;
		piece->entry_time = call->entry_time;
#pragma unroll
		for (n = 0; n < ABI_CALL_ARGUMENTS; n++)
			piece->arguments[n] = call->arguments[n];
		piece->arguments[SCRATCH_RETURN] = returned;
		event_begin(piece);
		for (n = 0; n < ABI_CALL_ACCEPTS_MAX; n++) {
			if (n >= piece->call.count)
				break;
			engine_decide_return(index, n);
			accept_return(index, n);
		}
		if (piece->match.errors)
			engine_count_errors(index);
		engine_stop(event, piece);
	}
	call_drop(&key);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * quick.bpf.h - what is decided and sent without working memory: the first test, comparisons of integers, plain events.
 */
#ifndef BPF_TEMPLATES_QUICK_BPF_H
#define BPF_TEMPLATES_QUICK_BPF_H

#include "bpf-templates/arguments.bpf.h"
#include "bpf-templates/first.bpf.h"
#include "bpf-templates/components.bpf.h"
#include "bpf-templates/events.bpf.h"

#define ENGINE_QUICK_STEPS	8	/* records that may be decided before scratch memory is claimed */
#define ENGINE_POSTS		0xffffu	/* in place of a record: what engine_posts() tells */
_Static_assert(ENGINE_POSTS >= ABI_RECORDS_MAX && ENGINE_POSTS < MATCH_END, "no record's number, and there is something to do");

/* ---- Quick ---- */

/* What an event is about, before there is scratch memory for it. */
struct engine_event {
	void *context;
	struct match_image image;
	__u64 generation;
	struct abi_first *first;
	__u32 which;		/* its number in area.first */
	__u32 hook;		/* offset of struct abi_hook */
	__u32 hook_id;
	__u32 flags;		/* ABI_HOOK_, and ENGINE_OVERRIDES */
	bool exclusive;		/* the kernel does not nest programs of this kind */
	bool can_override;	/* or ENGINE_OVERRIDES, where that is filled in */
	bool has_stacks;	/* programs of this kind can report stack traces */
	bool has_digest;	/* programs of this kind can report digests */
	bool has_record;	/* the context is a tracepoint's record */
	bool has_registers;	/* programs of this kind serve functions of system calls: see ABI_HOOK_SYSCALL */
	bool has_types;		/* programs of this kind know the types of their arguments */
	bool decides;		/* the first test has been passed so that abi_first.posts and .found hold */
	__u32 record;		/* where the decision begins */
	__u32 texts;		/* patterns or filters of the text's test, when the decision begins with that text; 0: there is none */
	__u64 first_slot, first_value;	/* of the first test; slot 0: there was none */
	__u64 registers;	/* with ABI_HOOK_SYSCALL: address of those that hold the arguments */
};

#define ENGINE_OVERRIDES	(1u << 16)	/* this instance of the program may change what its function returns */

static __always_inline bool engine_can_override(const struct engine_event *event)
{
	return event->can_override || event->flags & ENGINE_OVERRIDES;
}

static __always_inline bool engine_is_syscall(const struct engine_event *event)
{
	return event->has_registers && event->flags & ABI_HOOK_SYSCALL;
}

/* Argument `n` of the hooked function, or word `n` of a tracepoint's record, straight from the context; false when there is none. */
typedef bool (*engine_argument)(struct engine_event *event, __u32 n, __u64 *value);

/* Argument `n` of a system call, whose function's only argument points to its registers. */
static __always_inline bool engine_syscall_argument(struct engine_event *event, __u32 n, __u64 *value)
{
	if (n >= SCRATCH_ARGUMENTS)
		return false;
	return !bpf_probe_read_kernel(value, sizeof(*value),
				      (void *)(event->registers + SYSCALL_ARGUMENT_OFFSET(n)));
}

/* A field of the tracepoint's record, zero-extended; false when it could not be read. */
static __always_inline bool engine_field(struct engine_event *event, engine_argument argument, __u64 descriptor, __u64 *value)
{
	__u32 bits = (SLOT_OFFSET(descriptor) & 7) * 8, size = SLOT_SIZE(descriptor) * 8;
	__u64 word;

	if (!event->has_record || !size || bits + size > 64 || !argument(event, SLOT_OFFSET(descriptor) / 8, &word))
		return !read_field((__u64)event->context, descriptor, value);
	*value = word >> bits & ~0ULL >> (64 - size);
	return true;
}

static __always_inline bool engine_quick_value(struct engine_event *event, engine_argument argument,
					       __u64 descriptor, __u64 *value)
{
	__u32 load = SLOT_LOAD(descriptor), source = SLOT_SOURCE(descriptor);
	__u64 raw = 0;

	if (load == ABI_LOAD_PID) {
		*value = bpf_get_current_pid_tgid() >> 32;
		return true;
	}
	if (!match_load_is_integer(load))
		return false;
	if (source == ABI_SOURCE_ARGUMENT && engine_is_syscall(event)) {
		if (!engine_syscall_argument(event, SLOT_INDEX(descriptor), &raw))
			return false;
	} else if (source == ABI_SOURCE_ARGUMENT) {
		if (!argument(event, SLOT_INDEX(descriptor), &raw))
			return false;
	} else if (source != ABI_SOURCE_FIELD || !engine_field(event, argument, descriptor, &raw)) {
		return false;
	}
	*value = match_extend(load, raw);
	return true;
}

/* Decides records as long as they need nothing but integers.  MATCH_END: no selector accepts. */
static __always_inline __u32 engine_quick(struct engine_event *event, engine_argument argument)
{
	struct match_image image = event->image;
	__u64 program = *(volatile __u32 *)&event->first->program;
	__u64 word, operand, value;
	__u32 pc = event->record, op;
	int i;

	if (!program)
		return MATCH_END;
	for (i = 0; i < ENGINE_QUICK_STEPS; i++) {
		word = match_image64(image, program + (__u64)pc * sizeof(struct abi_record));
		op = MATCH_RECORD_OP(word);
		if (op == ABI_OP_END)
			return MATCH_END;
		if (!match_is_compare(op) || slot_chain(image, event->hook, MATCH_RECORD_SLOT(word)))
			return pc;
		if (!engine_quick_value(event, argument,
					slot_descriptor(image, event->hook, MATCH_RECORD_SLOT(word)),
					&value))
			return pc;
		operand = match_image64(image, program + (__u64)pc * sizeof(struct abi_record) + 8);
		pc = match_compare(op, value, operand) ? MATCH_RECORD_YES(word) : MATCH_RECORD_NO(word);
	}
	return pc;
}

/* ---- First ---- */

/*
 * Finds the hook in the live half.  False when no policy uses it: programs stay attached while policies
 * come and go.
 */
static __always_inline bool engine_begin(struct engine_event *event, void *context, __u32 hook_id)
{
	__u64 active = *(volatile __u64 *)&area.control.active;
	__u64 half = ABI_ACTIVE_HALF(active), word;

	hook_id &= ABI_HOOKS_MAX - 1;
	event->which = hook_id * 2 + half;
	event->first = first_at(event->which);
	barrier_var(event->first);	/* kept, not computed anew wherever it is used */
	word = *(volatile __u64 *)event->first;
	event->hook = word;
	if (!event->hook)
		return false;
	event->flags = word >> 32 & 0xffff;
	event->record = word >> 48;
	event->context = context;
	event->image.half = half * ABI_HALF_SIZE;
	event->generation = ABI_ACTIVE_GENERATION(active);
	event->hook_id = hook_id;
	return true;
}

/* The argument that step `step` is about; false when it takes no part in the test. */
static __always_inline bool engine_step_argument(struct engine_event *event, engine_argument argument, __u32 steps, __u32 step,
						 const __u64 *descriptor, __u64 *value)
{
	return !event->has_record && steps & step && argument(event, SLOT_INDEX(*(volatile __u64 *)descriptor), value);
}

/* The last name of a path, the way to which the program may know. */
static __always_inline bool engine_name_passes(struct engine_event *event, engine_argument argument, __u32 steps)
{
	const __u64 descriptor = *(volatile __u64 *)&event->first->name;
	struct typed_name name;
	__u64 value;

	if (!engine_step_argument(event, argument, steps, ABI_FIRST_NAME, &event->first->name, &value))
		return true;
	if (!event->has_types || !TYPED_LOAD || SLOT_LOAD(descriptor) != TYPED_LOAD || SLOT_INDEX(descriptor))
		return first_name_passes(event->which, event->image.half, value);
	typed_name_load(event->context, &name);
	return name.root || first_known_name_passes(event->which, event->image.half, name.bytes, name.length);
}

/* Whether the event passes the steps, the cheapest first. */
static __always_inline bool engine_steps(struct engine_event *event, engine_argument argument, __u32 steps)
{
	__u32 which = event->which, passes, doubts = steps / ABI_FIRST_CERTAIN(1);
	struct abi_first *first = event->first;
	__u64 value;

	if (engine_step_argument(event, argument, steps, ABI_FIRST_SOCKET, &first->socket, &value)) {
		passes = first_socket_passes(which, value);
		if (!passes)
			return false;
		if (passes == FIRST_IS_CERTAIN)
			doubts &= ~ABI_FIRST_SOCKET;
	}
	if (steps & ABI_FIRST_PROCESS) {
		passes = first_process_passes(which, event->generation);
		if (!passes)
			return false;
		if (passes == FIRST_IS_CERTAIN)
			doubts &= ~ABI_FIRST_PROCESS;
	}
	event->decides = !doubts;
	return engine_name_passes(event, argument, steps);
}

/* Whether the text is the path of argument 0, which the program may follow, and a component says something that the last name has not said already. */
static __always_inline bool engine_asks_component(struct engine_event *event)
{
	struct abi_first *first = event->first;

	return event->has_types && TYPED_IS_TOLD && event->texts && *(volatile __u8 *)&first->component &&
	       *(volatile __u8 *)&first->passed < ABI_FIRST_PASSED &&
	       (*(volatile __u64 *)&first->text & 0xffffff) == (TYPED_LOAD | ABI_SOURCE_ARGUMENT << 8);
}

/* Whether the event passes the first test. */
static __always_inline bool engine_first(struct engine_event *event, engine_argument argument)
{
	struct abi_first *first = event->first;
	__u64 slot = *(volatile __u64 *)&first->slot, value;
	__u32 steps;

	event->first_slot = slot;
	event->decides = true;
	if (slot) {
		if (!engine_quick_value(event, argument, slot, &value)) {
			event->decides = false;
			event->first_slot = 0;
			event->texts = 0;
			event->record = 0;
			return true;
		}
		event->first_value = value;
		if (value - *(volatile __u64 *)&first->low > *(volatile __u64 *)&first->span)
			return false;
	}
	steps = *(volatile __u16 *)&first->steps;
	if (steps && !engine_steps(event, argument, steps))
		return false;
	event->texts = *(volatile __u16 *)&first->filter_count;
	return !engine_asks_component(event) || component_passes(event->context, TYPED_LOAD, event->which);
}

/* ---- Plain events ---- */

/* An event that is all there is to do, and has integers only; count 0: none.  See struct abi_first. */
struct engine_plain {
	__u64 accept[3];		/* the first words of struct abi_accept */
	__u64 slots[ABI_PLAIN_SLOTS];	/* struct abi_slot of each value */
	__u32 count;
};

/* The accept that is all that comes of those that pass the test of a number; 0: of no such one. */
static __always_inline __u32 engine_posts(struct abi_first *first)
{
	return *(volatile __u32 *)&first->posts;
}

/* Of those that pass the first test. */
static __always_inline void engine_plain_first(struct engine_event *event, struct engine_plain *ret)
{
	struct abi_first *first = event->first;
	__u32 n;

	ret->count = *(volatile __u32 *)&first->plain_count;
	if (!ret->count)
		return;
#pragma unroll
	for (n = 0; n < 3; n++)
		ret->accept[n] = *(volatile __u64 *)&first->plain_accept[n];
#pragma unroll
	for (n = 0; n < ABI_PLAIN_SLOTS; n++)
		ret->slots[n] = *(volatile __u64 *)&first->plain_slots[n];
}

/* An accept without return, with nothing to do but a plain Post. */
static __always_inline bool engine_only_posts(struct match_image image, __u64 at, __u64 *accept)
{
	accept[0] = match_image64(image, at);
	accept[1] = match_image64(image, at + 8);
	accept[2] = match_image64(image, at + 16);
	return !(__u32)accept[2];	/* flags */
}

/* Of those that reach record `pc`. */
static __always_inline void engine_plain_at(struct engine_event *event, __u32 pc, struct engine_plain *ret)
{
	struct match_image image = event->image;
	__u64 program = *(volatile __u32 *)&event->first->program;
	__u64 record = program + (__u64)pc * sizeof(struct abi_record), word = match_image64(image, record);
	__u32 count, n;

	ret->count = 0;
	if (MATCH_RECORD_OP(word) != ABI_OP_ACCEPT || event->flags & ABI_HOOK_PAIRED)
		return;
	if (MATCH_RECORD_OP(match_image64(image, program + MATCH_RECORD_YES(word) * sizeof(struct abi_record))))
		return;
	if (!engine_only_posts(image, match_image32(image, record + 8), ret->accept))
		return;
	count = match_image32(image, (__u64)event->hook + __builtin_offsetof(struct abi_hook, slot_count)) & 0xffff;
	if (count > ABI_PLAIN_SLOTS)
		return;
#pragma unroll
	for (n = 0; n < ABI_PLAIN_SLOTS; n++) {
		if (ret->accept[1] >> n & 1 && slot_chain(image, event->hook, n))
			return;
		ret->slots[n] = slot_descriptor(image, event->hook, n);
	}
	ret->count = count;
}

/* Reads the slots that are reported; false unless all are integers. */
static __always_inline bool engine_plain_values(struct engine_event *event, engine_argument argument,
						const struct engine_plain *plain, __u64 *values)
{
	__u32 n;

#pragma unroll
	for (n = 0; n < ABI_PLAIN_SLOTS; n++) {
		values[n] = 0;
		if (n >= plain->count || !(plain->accept[1] >> n & 1))
			continue;
		if (plain->slots[n] == event->first_slot)
			values[n] = event->first_value;
		else if (!engine_quick_value(event, argument, plain->slots[n], &values[n]))
			return false;
	}
	return true;
}

static __always_inline void engine_plain_put(struct engine_event *event, __u64 *words, const __u64 *accept, __u32 count)
{
	__u64 identity = bpf_get_current_pid_tgid();

	words[0] = event_word(EVENT_FIXED + count * sizeof(struct abi_event_slot), ABI_EVENT_HOOK, ABI_ACTION_POST,
			      ABI_OUTCOME_NONE, count);
	words[1] = bpf_ktime_get_boot_ns();
	words[2] = event->generation;
	event_put_accept(words, event->hook_id, accept[0], accept[2], accept[1]);
	words[5] = identity >> 32 | identity << 32;
	words[6] = event_process_start(identity >> 32);
	words[7] = words[8] = words[9] = words[10] = 0;
}

static __always_inline bool engine_plain_send(struct engine_event *event, const __u64 *accept, const __u32 count,
					      const __u64 *values)
{
	__u64 *words = bpf_ringbuf_reserve(&events, EVENT_FIXED + count * sizeof(struct abi_event_slot), 0), *slots;
	__u32 slot;

	if (!words)
		return false;
	engine_plain_put(event, words, accept, count);
	slots = words + EVENT_FIXED / 8;
#pragma unroll
	for (slot = 0; slot < count; slot++) {
		slots[2 * slot] = values[slot];
		slots[2 * slot + 1] = accept[1] >> slot & 1 ? SLOT_WORD_READ : 0;
	}
	bpf_ringbuf_submit(words, 0);
	return true;
}

/* Once for each count: the ring buffer wants constant sizes. */
static __always_inline bool engine_plain_sent(struct engine_event *event, const struct engine_plain *plain,
					      const __u64 *values)
{
	switch (plain->count) {
	case 1:
		return engine_plain_send(event, plain->accept, 1, values);
	case 2:
		return engine_plain_send(event, plain->accept, 2, values);
	default:
		return engine_plain_send(event, plain->accept, 3, values);
	}
}

/* Sends the event without scratch memory.  False, with nothing done, when it is not as simple as that. */
static __always_inline bool engine_plain(struct engine_event *event, engine_argument argument,
					 const struct engine_plain *plain, struct abi_counters *counter)
{
	struct abi_policy_counters *policy;
	__u64 values[ABI_PLAIN_SLOTS];

	if (!plain->count || !engine_plain_values(event, argument, plain, values))
		return false;
	policy = policy_counters_get(plain->accept[2]);
	if (!policy)
		return false;
	counter->matched++;
	policy->matched++;
	event_count(counter, policy, engine_plain_sent(event, plain, values));
	return true;
}

/*
 * The records that only need integers.  Returns where the decision goes on with working memory, ENGINE_POSTS when one accept is all that
 * is left to do, or MATCH_END when nothing is; *ret is then not set.
 */
static __always_inline __u32 engine_without_memory(struct engine_event *event, engine_argument argument,
						    struct abi_counters **ret)
{
	struct abi_counters *counter;
	struct engine_plain plain;
	__u32 pc;

	counter = counters_get(event->hook_id);
	if (!counter)
		return MATCH_END;
	*ret = counter;
	counter->seen++;
	pc = event->record;
	engine_plain_first(event, &plain);
	if (event->decides && !plain.count && engine_posts(event->first))
		return ENGINE_POSTS;
	if (!plain.count || !event->first_slot) {
		pc = engine_quick(event, argument);
		if (pc >= MATCH_END)
			return MATCH_END;
		engine_plain_at(event, pc, &plain);
	}
	return engine_plain(event, argument, &plain, counter) ? MATCH_END : pc;
}

#endif

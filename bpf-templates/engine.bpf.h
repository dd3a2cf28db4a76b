/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * engine.bpf.h - one event on one hook, from the program's entry to its result.
 *
 *   first    one comparison of one number, from the page that says which half is live: see struct abi_first
 *   quick    compares integers straight from the program's context: an event that those reject costs no
 *            scratch memory and no call
 *   plain    sends the event, when accepting is all that is left and integers are all there is to say
 *   decide   claims scratch memory and runs the decision on from where quick stopped
 *   post     sends the event of the one accept, when it asks for no more and all has been read
 *   act      actions, events, and the note for the return, for every accept
 *
 * The live half is read once, at the start.  Loops are in functions that the verifier looks at once each, and what
 * they carry from step to step is in memory, where the verifier does not follow its values.
 */
#ifndef BPF_TEMPLATES_ENGINE_BPF_H
#define BPF_TEMPLATES_ENGINE_BPF_H

#include "bpf-templates/scratch.bpf.h"
#include "bpf-templates/arguments.bpf.h"
#include "bpf-templates/events.bpf.h"
#include "bpf-templates/actions.bpf.h"

#define ENGINE_QUICK_STEPS	8	/* records that may be decided before scratch memory is claimed */
#define ENGINE_CHUNK		64	/* records that one call decides */
#define ENGINE_CHUNKS		(ABI_RECORDS_MAX / ENGINE_CHUNK)
#define ENGINE_WALK_CHUNK	32	/* steps of a string look-up that one call does */
#define ENGINE_SCAN_CHUNK	64	/* steps over a string for substrings that one call does */
#define ENGINE_SCAN_CHUNKS	(2 * ABI_STRING_MAX / ENGINE_SCAN_CHUNK)
#define ENGINE_WALK_CHUNKS	(MATCH_STRING_STEPS / ENGINE_WALK_CHUNK)

/*
 * The hook a program serves.  ABI_HOOK_FROM_COOKIE: the attachment's cookie is the hook id, so that one program
 * serves many attachments (not before 5.15, and not for raw tracepoints).
 */
static __always_inline __u32 engine_hook(void *context, __u32 knob)
{
	return knob == ABI_HOOK_FROM_COOKIE ? bpf_get_attach_cookie(context) : knob;
}

/* ---- What match.h asks of its includer ---- */

MATCH_INLINE void match_load(struct match_state *state, __u32 slot)
{
	load_slot(scratch_of(state)->index, slot);
}

MATCH_INLINE void match_load_number(struct match_state *state, __u32 slot)
{
	load_plain_number(scratch_of(state)->index, slot);
}

__noinline __u64 engine_intervals(__u64 half, __u32 table, __u64 value)
{
	struct match_image image = { half };

	return match_intervals(image, table, value);
}

MATCH_INLINE __u64 match_find_intervals(struct match_image image, __u32 table, __u64 value)
{
	return engine_intervals(image.half, table, value);
}

__noinline __u64 engine_intervals128(__u64 half, __u32 table, __u64 high, __u64 low)
{
	struct match_image image = { half };

	return match_intervals128(image, table, high, low);
}

MATCH_INLINE __u64 match_find_intervals128(struct match_image image, __u32 table, __u64 high, __u64 low)
{
	return engine_intervals128(image.half, table, high, low);
}

__noinline int engine_equal(__u32 index, __u32 pattern, __u32 position, __u32 length)
{
	struct scratch *piece = scratch_get(index);

	return piece ? match_equal_words(&piece->match, pattern, position, length) : 0;
}

MATCH_INLINE int match_bytes_equal(struct match_state *state, __u32 pattern, __u32 position, __u32 length)
{
	return engine_equal(scratch_of(state)->index, pattern, position, length);
}

__noinline int engine_walk(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	int i;

	if (!piece)
		return 0;
	for (i = 0; i < ENGINE_WALK_CHUNK; i++)
		if (!match_walk_step(&piece->match))
			return 0;
	return 1;
}

/* The steps that one call did not get done. */
__noinline int engine_walks(__u32 index)
{
	int i;

	for (i = 0; i < ENGINE_WALK_CHUNKS; i++)
		if (!engine_walk(index))
			break;
	return 0;
}

__noinline int engine_string(__u32 index, __u32 table, __u32 slot, __u32 reg)
{
	struct scratch *piece = scratch_get(index);

	if (!piece)
		return 0;
	if (match_string_begin(&piece->match, table, slot) && engine_walk(index))
		engine_walks(index);
	if (match_string_postfix(&piece->match, slot) && engine_walk(index))
		engine_walks(index);
	match_string_end(&piece->match, slot, reg);
	return 0;
}

MATCH_INLINE void match_find_string(struct match_state *state, __u32 table, __u32 slot, __u32 reg)
{
	engine_string(scratch_of(state)->index, table, slot, reg);
}

__noinline int engine_scan(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	int i;

	if (!piece)
		return 0;
	for (i = 0; i < ENGINE_SCAN_CHUNK; i++)
		if (!match_scan_step(&piece->match))
			return 0;
	return 1;
}

__noinline int engine_substrings(__u32 index, __u32 table, __u32 slot, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	int i;

	if (!piece)
		return 0;
	if (match_scan_begin(&piece->match, table, slot))
		for (i = 0; i < ENGINE_SCAN_CHUNKS; i++)
			if (!engine_scan(index))
				break;
	match_scan_end(&piece->match, slot, reg);
	return 0;
}

MATCH_INLINE void match_find_substrings(struct match_state *state, __u32 table, __u32 slot, __u32 reg)
{
	engine_substrings(scratch_of(state)->index, table, slot, reg);
}

__noinline int engine_compute(__u32 index, __u32 expression)
{
	struct scratch *piece = scratch_get(index);
	int i;

	if (!piece)
		return 0;
	match_compute_begin(&piece->match, expression);
	for (i = 0; i < ABI_WORDS_MAX; i++)
		if (!match_compute_step(&piece->match))
			break;
	return 0;
}

MATCH_INLINE void match_compute(struct match_state *state, __u32 expression)
{
	engine_compute(scratch_of(state)->index, expression);
}

/*
 * Takes the rows of a table of binaries as they were kept with the process; else gets its path ready to be looked up, and returns
 * the table's offset.  0: the rows are set.
 */
__noinline __u32 engine_binary_begin(__u32 index, __u32 process, __u32 number, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *entry;
	__u64 rows;

	if (!piece)
		return 0;
	number &= ABI_BINARY_TABLES_MAX - 1;
	entry = bpf_map_lookup_elem(&processes, &process);
	match_set_rows(&piece->match, reg, 0, ~0ULL);
	if (!entry)
		return 0;
	if (*(volatile __u64 *)&entry->binary_generations[number] == piece->generation) {
		rows = *(volatile __u64 *)&entry->binary_rows[number];
		match_set_rows(&piece->match, reg, rows, 0);
		return 0;
	}
	return load_binary(piece, entry) ? binary_table(piece->match.image, number) : 0;
}

/*
 * Rows that were found anew are kept with the process.  The generation goes in last and comes out first, so that a reader
 * never takes rows for those of another generation.
 */
__noinline int engine_binary_end(__u32 index, __u32 process, __u32 number, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *entry;
	__u64 at;

	if (!piece)
		return 0;
	number &= ABI_BINARY_TABLES_MAX - 1;
	at = match_register(reg);
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry || piece->match.unknown[at & (ABI_REGISTERS_MAX - 1)])
		return 0;
	*(volatile __u64 *)&entry->binary_generations[number] = 0;
	*(volatile __u64 *)&entry->binary_rows[number] = piece->match.rows[at & (ABI_REGISTERS_MAX - 1)];
	*(volatile __u64 *)&entry->binary_generations[number] = piece->generation;
	return 0;
}

/* One after the other, not one in the other: the stack is small. */
static __always_inline void engine_binary(__u32 index, __u32 process, __u32 number, __u32 reg)
{
	__u32 table = engine_binary_begin(index, process, number, reg);

	if (!table)
		return;
	engine_string(index, table, MATCH_SLOT_BINARY, reg);
	engine_binary_end(index, process, number, reg);
}

/* ---- Kin: see struct abi_process ---- */

/* Where a walk goes on behind `entry`. */
static __always_inline void kin_follow(struct kin_walk *kin, const struct abi_process *entry)
{
	kin->next = entry->parent_pid;
	kin->start = entry->parent_start_time;
	kin->complete = !kin->next;
}

__noinline int engine_kin_begin(__u32 index, __u32 process)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *entry;

	if (!piece)
		return 0;
	piece->kin.rows = 0;
	piece->kin.parent_rows = 0;
	piece->kin.level = 0;
	piece->kin.unknown = 0;
	piece->kin.parent_unknown = 1;
	piece->kin.next = 0;
	piece->kin.complete = 0;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (entry)
		kin_follow(&piece->kin, entry);
	return 0;
}

/* Process id of the ancestor that is next; 0 when there is none, or it is gone or not what it was. */
__noinline __u32 engine_kin_next(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *entry;
	__u32 process;

	if (!piece)
		return 0;
	process = piece->kin.next;
	if (!process)
		return 0;
	entry = bpf_map_lookup_elem(&processes, &process);
	return entry && entry->start_time == piece->kin.start ? process : 0;
}

/* Adds the rows in `reg`, which are those of the ancestor, and what it knows of those before it.  0 when nobody is left. */
__noinline int engine_kin_add(__u32 index, __u32 process, __u32 number, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *entry;
	struct kin_walk *kin;
	__u64 at, rows, unknown;

	if (!piece)
		return 0;
	number &= ABI_BINARY_TABLES_MAX - 1;
	kin = &piece->kin;
	at = match_register(reg);
	rows = piece->match.rows[at & (ABI_REGISTERS_MAX - 1)];
	unknown = !!piece->match.unknown[at & (ABI_REGISTERS_MAX - 1)];
	kin->rows |= rows;
	kin->unknown |= unknown;
	if (!kin->level) {
		kin->parent_rows = rows;
		kin->parent_unknown = unknown;
	}
	kin->level++;
	kin->next = 0;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry)
		return 0;
	if (*(volatile __u64 *)&entry->kin_generations[number] != piece->generation) {
		kin_follow(kin, entry);
		return !!kin->next;
	}
	kin->rows |= *(volatile __u64 *)&entry->lineage_rows[number];
	kin->unknown |= *(volatile __u32 *)&entry->lineage_unknown >> number & 1;
	kin->complete = 1;
	return 0;
}

static __always_inline void kin_set_unknown(__u32 *word, __u32 number, __u32 unknown)
{
	*(volatile __u32 *)word = (*(volatile __u32 *)word & ~(1u << number)) | (unknown & 1) << number;
}

/* Keeps what the walk from `process` has found. */
__noinline int engine_kin_end(__u32 index, __u32 process, __u32 number)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *entry;

	if (!piece)
		return 0;
	number &= ABI_BINARY_TABLES_MAX - 1;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry)
		return 0;
	*(volatile __u64 *)&entry->kin_generations[number] = 0;
	*(volatile __u64 *)&entry->parent_rows[number] = piece->kin.parent_rows;
	*(volatile __u64 *)&entry->lineage_rows[number] = piece->kin.rows;
	kin_set_unknown(&entry->parent_unknown, number, piece->kin.parent_unknown);
	kin_set_unknown(&entry->lineage_unknown, number, piece->kin.unknown | !piece->kin.complete);
	*(volatile __u64 *)&entry->kin_generations[number] = piece->generation;
	return 0;
}

/* Finds the rows of the ancestors of a process.  The register is used on the way. */
__noinline int engine_kin_find(__u32 index, __u32 process, __u32 number, __u32 reg)
{
	__u32 ancestor;
	int i;

	engine_kin_begin(index, process);
	for (i = 0; i < ABI_LINEAGE_MAX; i++) {
		ancestor = engine_kin_next(index);
		if (!ancestor)
			break;
		engine_binary(index, ancestor, number, reg);
		if (!engine_kin_add(index, ancestor, number, reg))
			break;
	}
	engine_kin_end(index, process, number);
	return 0;
}

/* Whether the rows of the process's ancestors are those of this generation. */
__noinline int engine_kin_known(__u32 index, __u32 process, __u32 number)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *entry = bpf_map_lookup_elem(&processes, &process);

	if (!piece || !entry)
		return 0;
	return *(volatile __u64 *)&entry->kin_generations[number & (ABI_BINARY_TABLES_MAX - 1)] == piece->generation;
}

/* The rows of the parent or of all ancestors, by `who`, to those that are in the register, if they count. */
__noinline int engine_kin_take(__u32 index, __u32 number, __u32 who, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *entry;
	__u64 at, rows = 0, unknown = 0;
	__u32 process;

	if (!piece)
		return 0;
	number &= ABI_BINARY_TABLES_MAX - 1;
	at = match_register(reg);
	if (who == ABI_WHO_LINEAGE) {
		rows = piece->match.rows[at & (ABI_REGISTERS_MAX - 1)];
		unknown = piece->match.unknown[at & (ABI_REGISTERS_MAX - 1)];
	}
	process = piece->identity >> 32;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry || *(volatile __u64 *)&entry->kin_generations[number] != piece->generation) {
		unknown = ~0ULL;
	} else if (who == ABI_WHO_PARENT) {
		rows = *(volatile __u64 *)&entry->parent_rows[number];
		unknown = -(__u64)(entry->parent_unknown >> number & 1);
	} else {
		rows |= *(volatile __u64 *)&entry->lineage_rows[number];
		unknown |= -(__u64)(entry->lineage_unknown >> number & 1);
		if (who == ABI_WHO_PARENT_LINEAGE && !entry->parent_pid)
			unknown = ~0ULL;
	}
	match_set_rows(&piece->match, reg, rows, unknown & ~rows);
	return 0;
}

static __always_inline void engine_kin(__u32 index, __u32 process, __u32 number, __u32 who, __u32 reg)
{
	if (!engine_kin_known(index, process, number))
		engine_kin_find(index, process, number, reg);
	if (who == ABI_WHO_LINEAGE)
		engine_binary(index, process, number, reg);
	engine_kin_take(index, number, who, reg);
}

MATCH_INLINE void match_find_binary(struct match_state *state, __u32 table, __u32 who, __u32 reg)
{
	struct scratch *piece = scratch_of(state);
	__u32 index = piece->index, process = piece->identity >> 32;

	if (who == ABI_WHO_PROCESS)
		engine_binary(index, process, table, reg);
	else
		engine_kin(index, process, table, who, reg);
}

/* The rows of one process id, added to those in the register. */
__noinline int engine_lineage_add(__u32 index, __u32 table, __u32 process, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	__u64 at = match_register(reg), rows;

	if (!piece)
		return 0;
	rows = engine_intervals(piece->match.image.half, table, process);
	piece->match.rows[at & (ABI_REGISTERS_MAX - 1)] |= rows;
	return 0;
}

/* Process id of an ancestor, as it is numbered by all or by its own namespace; 0 when there are no more. */
__noinline __u32 engine_ancestor(__u32 index, __u32 in_namespace, __u32 n)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *entry;
	__u32 process;

	if (!piece)
		return 0;
	process = piece->identity >> 32;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry || n >= (in_namespace ? entry->namespace_ancestor_count : entry->ancestor_count))
		return 0;
	n &= ABI_LINEAGE_MAX - 1;
	return in_namespace ? entry->namespace_ancestors[n] : entry->ancestors[n];
}

/* Sets the register for the process itself, and for ancestors that are not known. */
__noinline int engine_lineage_begin(__u32 index, __u32 table, __u32 in_namespace, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *entry;
	__u32 process, cut = in_namespace ? ABI_PROCESS_NAMESPACE_LINEAGE_CUT : ABI_PROCESS_LINEAGE_CUT;
	__u64 unknown = 0;

	if (!piece)
		return 0;
	process = piece->identity >> 32;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry || entry->flags & cut)
		unknown = ~0ULL;
	if (in_namespace)
		process = task_namespace_pid(bpf_get_current_task());
	if (!process)
		unknown = ~0ULL;
	match_set_rows(&piece->match, reg, 0, unknown);
	if (process)
		engine_lineage_add(index, table, process, reg);
	return 0;
}

__noinline int engine_lineage(__u32 index, __u32 table, __u32 in_namespace, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	__u64 at = match_register(reg);
	__u32 process, n;

	if (!piece)
		return 0;
	engine_lineage_begin(index, table, in_namespace, reg);
	for (n = 0; n < ABI_LINEAGE_MAX; n++) {
		process = engine_ancestor(index, in_namespace, n);
		if (!process)
			break;
		engine_lineage_add(index, table, process, reg);
	}
	piece->match.unknown[at & (ABI_REGISTERS_MAX - 1)] &= ~piece->match.rows[at & (ABI_REGISTERS_MAX - 1)];
	return 0;
}

MATCH_INLINE void match_find_lineage(struct match_state *state, __u32 table, __u32 in_namespace, __u32 reg)
{
	engine_lineage(scratch_of(state)->index, table, in_namespace, reg);
}

/* Policies that ask about scopes are not applied yet: nothing is known of those. */
MATCH_INLINE enum match_answer match_find_scope(struct match_state *state, __u64 scope)
{
	return MATCH_UNKNOWN;
}

MATCH_INLINE void match_trace(struct match_state *state, __u32 pc, __u32 op, enum match_answer answer)
{
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

/* Runs the decision from record `pc` to its end. */
static __always_inline void engine_decide(struct scratch *piece, __u32 pc)
{
	__u32 index = piece->index;
	int i;

	for (i = 0; i < ENGINE_CHUNKS; i++) {
		pc = engine_chunk(index, pc);
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

/* ---- Quick ---- */

/* What an event is about, before there is scratch memory for it. */
struct engine_event {
	void *context;
	struct match_image image;
	__u64 generation;
	__u64 identity;
	struct abi_first *first;
	__u32 hook;		/* offset of struct abi_hook */
	__u32 hook_id;
	__u32 flags;		/* ABI_HOOK_ */
	bool exclusive;		/* the kernel does not nest programs of this kind */
	bool can_override;
	__u32 record;		/* where the decision begins */
	__u64 first_slot, first_value;	/* of the first test; slot 0: there was none */
	__u64 registers;	/* with ABI_HOOK_SYSCALL: address of those that hold the arguments */
};

/* Argument `n` of the hooked function, straight from the context; false when there is none. */
typedef bool (*engine_argument)(struct engine_event *event, __u32 n, __u64 *value);

/* Argument `n` of a system call, whose function's only argument points to its registers. */
static __always_inline bool engine_syscall_argument(struct engine_event *event, __u32 n, __u64 *value)
{
	if (n >= SCRATCH_ARGUMENTS)
		return false;
	return !bpf_probe_read_kernel(value, sizeof(*value),
				      (void *)(event->registers + SYSCALL_ARGUMENT_OFFSET(n)));
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
	if (source == ABI_SOURCE_ARGUMENT && event->flags & ABI_HOOK_SYSCALL) {
		if (!engine_syscall_argument(event, SLOT_INDEX(descriptor), &raw))
			return false;
	} else if (source == ABI_SOURCE_ARGUMENT) {
		if (!argument(event, SLOT_INDEX(descriptor), &raw))
			return false;
	} else if (source != ABI_SOURCE_FIELD ||
		   read_field((__u64)event->context, descriptor, &raw)) {
		return false;
	}
	*value = match_extend(load, raw);
	return true;
}

/* Decides records as long as they need nothing but integers.  MATCH_END: no selector accepts. */
static __always_inline __u32 engine_quick(struct engine_event *event, engine_argument argument)
{
	struct match_image image = event->image;
	__u64 program = match_image32(image, event->hook);
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
	event->first = &area.first[hook_id][half];
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

/* Whether the event passes the first test. */
static __always_inline bool engine_first(struct engine_event *event, engine_argument argument)
{
	struct abi_first *first = event->first;
	__u64 slot = *(volatile __u64 *)&first->slot, value;

	event->first_slot = 0;
	if (!slot)
		return true;
	if (!engine_quick_value(event, argument, slot, &value)) {
		event->record = 0;
		return true;
	}
	event->first_slot = slot;
	event->first_value = value;
	return value - *(volatile __u64 *)&first->low <= *(volatile __u64 *)&first->span;
}

/* ---- Plain events ---- */

/* An event that is all there is to do, and has integers only; count 0: none.  See struct abi_first. */
struct engine_plain {
	__u64 accept[3];		/* the first words of struct abi_accept */
	__u64 slots[ABI_PLAIN_SLOTS];	/* struct abi_slot of each value */
	__u32 count;
};

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
	__u64 program = match_image32(image, event->hook);
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
	words[7] = 0;
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
	__u64 values[ABI_PLAIN_SLOTS];

	if (!plain->count || !engine_plain_values(event, argument, plain, values))
		return false;
	counter->matched++;
	if (engine_plain_sent(event, plain, values))
		counter->posted++;
	else
		counter->lost++;
	return true;
}

/*
 * The decision's first test, and the records that only need integers.  Returns where the decision goes on with working
 * memory, or MATCH_END when there is nothing left to do; *ret is then not set.
 */
static __always_inline __u32 engine_without_memory(struct engine_event *event, engine_argument argument,
						    struct abi_counters **ret)
{
	struct abi_counters *counter;
	struct engine_plain plain;
	__u32 pc;

	if (!engine_first(event, argument))
		return MATCH_END;
	counter = counters_get(event->hook_id);
	if (!counter)
		return MATCH_END;
	*ret = counter;
	counter->seen++;
	pc = event->record;
	engine_plain_first(event, &plain);
	if (!plain.count || !event->first_slot) {
		pc = engine_quick(event, argument);
		if (pc >= MATCH_END)
			return MATCH_END;
		engine_plain_at(event, pc, &plain);
	}
	return engine_plain(event, argument, &plain, counter) ? MATCH_END : pc;
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
	piece->context = (__u64)event->context;
	piece->generation = event->generation;
	piece->identity = bpf_get_current_pid_tgid();
	piece->hook_id = event->hook_id;
	piece->time = 0;
	piece->override = 0;
	piece->overridden = 0;
	piece->can_override = event->can_override;
	piece->user_only = !!(event->flags & ABI_HOOK_USER_MEMORY);
	piece->call.count = 0;
	match_begin(&piece->match, event->image, event->hook);
	return piece;
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

	if (event->flags & ABI_HOOK_SYSCALL) {
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

struct engine_result {
	bool overridden;
	__s32 value;
};

/* What engine_act() would do, when that is one event whose slots have been read; false, with nothing done, when it is not. */
static __always_inline bool engine_post(struct scratch *piece, struct abi_counters *counter)
{
	__u64 accept[3];

	if (piece->match.accept_count != 1 || !engine_only_posts(piece->match.image, piece->match.accepts[0], accept))
		return false;
	if ((__u32)accept[1] & ~piece->match.slots_read)
		return false;
	counter->matched++;
	event_begin(piece);
	request_begin(piece, piece->match.accepts[0], __builtin_offsetof(struct abi_accept, report_slots));
	event_send_counted(piece, counter);
	return true;
}

/* A hook at a function's entry (or a tracepoint).  *result says whether and how to change what it returns. */
static __always_inline void engine_run(struct engine_event *event, engine_argument argument,
				       struct engine_result *result)
{
	struct abi_counters *counter;
	__u32 pc = engine_without_memory(event, argument, &counter), index;
	struct scratch *piece;

	if (pc >= MATCH_END) {
		if (event->flags & ABI_HOOK_PAIRED)
			call_forget(bpf_get_current_pid_tgid(), event->hook_id);
		return;
	}
	piece = engine_claim(event);
	if (!piece)
		return;
	index = piece->index;
	piece->event_kind = ABI_EVENT_HOOK;
	engine_copy_arguments(event, argument, piece);
	engine_decide(piece, pc);
	if (piece->match.accept_count && !engine_post(piece, counter))
		engine_act(index);
	if (event->flags & ABI_HOOK_PAIRED && !piece->call.count)
		call_forget(piece->identity, event->hook_id);
	if (piece->match.errors)
		engine_count_errors(index);
	result->overridden = piece->overridden;
	result->value = piece->override;
	if (!event->exclusive)
		scratch_release(piece);
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
	call = bpf_map_lookup_elem(&calls, &key);
	if (!call)
		return;
	piece = call->generation == event->generation ? engine_claim(event) : NULL;
	if (piece) {
		index = piece->index;
		piece->event_kind = ABI_EVENT_RETURN;
		piece->call = *call;
		piece->entry_time = call->entry_time;
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
		if (!event->exclusive)
			scratch_release(piece);
	}
	bpf_map_delete_elem(&calls, &key);
}

#endif

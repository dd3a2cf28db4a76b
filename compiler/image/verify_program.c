// SPDX-License-Identifier: Apache-2.0
/* verify_program.c - decision programs go forward, stay inside and only read what is there; see verify.h. */
#include "compiler/image/verify.h"

#include <string.h>

#include "compiler/image/loads.h"
#include "compiler/image/metadata.h"

/* What a record may have, by op; the low bits are GIVES_ of loads.h: what it reads of its slot. */
#define GOES_YES	16u	/* `yes` is a target */
#define GOES_BOTH	32u	/* `no` and `unknown` too */
#define LOOKS_UP	64u	/* operand is a look-up */
#define HAS_WHO		128u	/* slot is an enum abi_who, or a flag */
#define READS		(GIVES_NUMBER | GIVES_BYTES | GIVES_SOCKET)
#define TEST		(GOES_YES | GOES_BOTH)

static const struct op_rule {
	uint32_t traits;
	int (*table)(struct verify *verify, uint32_t offset);
} op_rules[ABI_OP_COUNT] = {
	[ABI_OP_END] = { 0, NULL },
	[ABI_OP_ACCEPT] = { GOES_YES, NULL },
	[ABI_OP_EQUAL] = { TEST | GIVES_NUMBER, NULL },
	[ABI_OP_LESS] = { TEST | GIVES_NUMBER, NULL },
	[ABI_OP_GREATER] = { TEST | GIVES_NUMBER, NULL },
	[ABI_OP_LESS_SIGNED] = { TEST | GIVES_NUMBER, NULL },
	[ABI_OP_GREATER_SIGNED] = { TEST | GIVES_NUMBER, NULL },
	[ABI_OP_MASK] = { TEST | GIVES_NUMBER, NULL },
	[ABI_OP_INTERVALS] = { TEST | GIVES_NUMBER | LOOKS_UP, verify_intervals },
	[ABI_OP_STRING] = { TEST | GIVES_BYTES | LOOKS_UP, verify_strings },
	[ABI_OP_ADDRESS] = { TEST | GIVES_SOCKET | LOOKS_UP, verify_addresses },
	[ABI_OP_BINARY] = { TEST | LOOKS_UP | HAS_WHO, NULL },
	[ABI_OP_JUMP] = { GOES_YES, NULL },
	[ABI_OP_SUBSTRING] = { TEST | GIVES_BYTES | LOOKS_UP, verify_automaton },
	[ABI_OP_GAINED] = { TEST | GIVES_NUMBER, NULL },
	[ABI_OP_EXPRESSION] = { TEST, verify_expression },
	[ABI_OP_LINEAGE] = { TEST | LOOKS_UP | HAS_WHO, verify_intervals },
	[ABI_OP_SCOPE] = { TEST, NULL },
};

static int bad_record(struct verify *verify, uint32_t number, const char *what)
{
	return verify_fail(verify, "hook %u, record %u: %s", verify->hook->id, number, what);
}

static int check_targets(struct verify *verify, const struct abi_record *record, uint32_t number)
{
	uint32_t traits = op_rules[record->op].traits, count = verify->hook->record_count;
	const uint16_t targets[] = { record->yes, record->no, record->unknown };
	const uint32_t used = traits & GOES_BOTH ? 3 : traits & GOES_YES ? 1 : 0;

	for (uint32_t n = 0; n < 3; n++) {
		if (n < used && (targets[n] <= number || targets[n] >= count))
			return bad_record(verify, number, "a target does not lie ahead");
		if (n >= used && targets[n])
			return bad_record(verify, number, "a target is set that is not used");
	}
	return 0;
}

/* One register remembers one look-up. */
static int check_register(struct verify *verify, const struct abi_record *record, uint32_t number)
{
	struct verify_register *known = &verify->registers[ABI_LOOKUP_REGISTER(record->operand)];
	const struct verify_register now = { record->op, record->slot, ABI_LOOKUP_TABLE(record->operand),
					     record->operand & ABI_LOOKUP_DESTINATION };

	if (ABI_LOOKUP_REGISTER(record->operand) >= verify->hook->register_count)
		return bad_record(verify, number, "no such register");
	if (known->op && (known->op != now.op || known->slot != now.slot || known->table != now.table ||
			  known->destination != now.destination))
		return bad_record(verify, number, "its register remembers another look-up");
	*known = now;
	return 0;
}

static int check_lookup(struct verify *verify, const struct abi_record *record, uint32_t number)
{
	uint32_t table = ABI_LOOKUP_TABLE(record->operand);
	uint64_t canonical = ABI_LOOKUP_ROWS(table, ABI_LOOKUP_REGISTER(record->operand), ABI_LOOKUP_ROW(record->operand),
					     ABI_LOOKUP_LAST(record->operand));
	int error;

	if (record->op == ABI_OP_ADDRESS)
		canonical |= record->operand & ABI_LOOKUP_DESTINATION;
	if (record->operand != canonical || ABI_LOOKUP_LAST(record->operand) < ABI_LOOKUP_ROW(record->operand))
		return bad_record(verify, number, "reserved bits of the look-up are set");
	error = check_register(verify, record, number);
	if (error || record->op != ABI_OP_BINARY)
		return error ? error : op_rules[record->op].table(verify, table);
	if (table >= ABI_BINARY_TABLES_MAX || !verify->header->binary_tables[table])
		return bad_record(verify, number, "not a look-up in a table of binaries");
	return verify_strings(verify, verify->header->binary_tables[table]);
}

static int check_slot(struct verify *verify, const struct abi_record *record, uint32_t number)
{
	uint32_t traits = op_rules[record->op].traits, reads = traits & READS;
	bool readable_only = record->op == ABI_OP_EQUAL && record->yes == record->no;

	if (traits & HAS_WHO)
		return record->slot > ABI_WHO_PARENT_LINEAGE ? bad_record(verify, number, "of nobody") : 0;
	if (!reads)
		return record->slot ? bad_record(verify, number, "a slot is set that is not used") : 0;
	if (record->slot >= verify->hook->slot_count)
		return bad_record(verify, number, "no such slot");
	if (!verify_slot_gives(verify, record->slot, readable_only ? READS : reads))
		return bad_record(verify, number, "its slot does not hold what it reads");
	return 0;
}

static uint32_t slot_mask(const struct abi_hook *hook)
{
	return (uint32_t)((1ULL << hook->slot_count) - 1);
}

/* Those of which the argument is a slot, or -1 for none. */
static bool action_names_slot(uint32_t op)
{
	return op == ABI_ACTION_TRACK_SOCK || op == ABI_ACTION_UNTRACK_SOCK || op == ABI_ACTION_SET;
}

/* Registers lie in struct pt_regs, which no machine has larger than this. */
#define REGISTERS_SIZE	512u

static bool register_is_valid(uint32_t offset, uint32_t size)
{
	return !(offset % 8) && offset < REGISTERS_SIZE && size <= 8 && !(size & (size - 1));
}

static bool assignment_is_valid(const struct abi_assignment *assignment)
{
	static const struct abi_assignment empty;

	if (!assignment->target_size)
		return !memcmp(assignment, &empty, sizeof(empty));
	return register_is_valid(assignment->target, assignment->target_size) &&
	       register_is_valid(assignment->source, assignment->source_size) && (assignment->source_size || !assignment->source) &&
	       !(assignment->flags & ~ABI_ASSIGNMENT_MEMORY) && (assignment->source_size || !assignment->flags) && !assignment->reserved;
}

static bool assignments_are_valid(const struct verify *verify, const struct abi_action *action)
{
	const struct abi_assignments *head;
	const struct abi_assignment *items;

	if (!action->assignments)
		return true;
	head = verify_in(verify, ABI_SECTION_ACCEPTS, action->assignments, sizeof(*head));
	if (action->op != ABI_ACTION_OVERRIDE || !head || !head->count || head->count > ABI_ASSIGNMENTS_MAX || head->reserved)
		return false;
	items = verify_in(verify, ABI_SECTION_ACCEPTS, action->assignments + sizeof(*head), head->count * sizeof(*items));
	for (uint32_t n = 0; items && n < head->count; n++)
		if (!assignment_is_valid(&items[n]))
			return false;
	return items;
}

static bool actions_are_valid(const struct verify *verify, const struct abi_hook *hook, const struct abi_accept *accept)
{
	const uint32_t known = 1u << ABI_ACTION_POST | 1u << ABI_ACTION_SIGKILL | 1u << ABI_ACTION_OVERRIDE |
			       1u << ABI_ACTION_NOPOST | 1u << ABI_ACTION_SIGNAL | 1u << ABI_ACTION_GET_URL |
			       1u << ABI_ACTION_DNS_LOOKUP | 1u << ABI_ACTION_TRACK_SOCK | 1u << ABI_ACTION_UNTRACK_SOCK |
			       1u << ABI_ACTION_NOTIFY_ENFORCER | 1u << ABI_ACTION_CLEANUP_ENFORCER | 1u << ABI_ACTION_SET |
			       (hook->flags & ABI_HOOK_ENFORCER ? 1u << ABI_ACTION_ENFORCE : 0);
	const struct abi_action *actions;

	if (!accept->action_count)
		return !accept->actions;
	actions = verify_in(verify, ABI_SECTION_ACCEPTS, accept->actions, accept->action_count * sizeof(*actions));
	if (!actions || accept->action_count > ABI_ACTIONS_MAX)
		return false;
	for (uint32_t n = 0; n < accept->action_count; n++)
		if (actions[n].op >= ABI_ACTION_END || !(known >> actions[n].op & 1) || !assignments_are_valid(verify, &actions[n]) ||
		    (action_names_slot(actions[n].op) && actions[n].argument >= (int32_t)hook->slot_count))
			return false;
	return true;
}

/* The policy's hook that an accept reports is one of `hook`. */
static bool names_hook(const struct verify *verify, const struct abi_accept *accept, const struct abi_hook *hook)
{
	const struct abi_policy *policies = (const void *)(verify->bytes +
		verify->header->sections[ABI_SECTION_POLICIES].offset);
	const struct meta_policy *policy;

	if (accept->policy >= verify->header->policy_count || policies[accept->policy].id != accept->policy_id)
		return false;
	policy = META_RECORD(verify->bytes, POLICIES, struct meta_policy, accept->policy);
	return accept->hook_index < policy->hooks.count &&
	       META_RECORD(verify->bytes, POLICY_HOOKS, struct meta_policy_hook,
			   policy->hooks.first + accept->hook_index)->hook == hook->id;
}

/* Of a call: what it says of the return must fit the other side. */
static bool return_is_valid(const struct verify *verify, const struct abi_accept *accept)
{
	const struct abi_hook *other;

	if (!(accept->flags & ABI_ACCEPT_RETURN))
		return !accept->return_slots && !accept->return_record;
	if (!(verify->hook->flags & ABI_HOOK_PAIRED))
		return false;
	other = (const void *)(verify->bytes + verify->header->hook_offset[verify->hook->pair]);
	return other->slot_count <= ABI_SLOTS_MAX && !(accept->return_slots & ~slot_mask(other)) &&
	       accept->return_record <= other->record_count;
}

/* The calling side of the hook being looked at: its slots are what actions and reports name. */
static const struct abi_hook *calling_side(const struct verify *verify)
{
	const struct abi_hook *hook = verify->hook;

	return hook->flags & ABI_HOOK_RETURN ? (const void *)(verify->bytes + verify->header->hook_offset[hook->pair]) : hook;
}

static bool report_is_valid(const struct verify *verify, const struct abi_accept *accept)
{
	const uint32_t flags = ABI_ACCEPT_QUIET | ABI_ACCEPT_ACTS | ABI_ACCEPT_NOTES_NAMESPACES |
			       ABI_ACCEPT_NOTES_CAPABILITIES | ABI_ACCEPT_OWNERS | ABI_ACCEPT_TRACKS | ABI_ACCEPT_CHUNKS;
	const uint32_t of_return = ABI_ACCEPT_TRACK_RETURN | ABI_ACCEPT_UNTRACK_RETURN;
	const struct abi_hook *hook = verify->hook;
	bool returns = hook->flags & ABI_HOOK_RETURN;

	if (accept->report_slots & ~slot_mask(hook) || !names_hook(verify, accept, calling_side(verify)))
		return false;
	if (returns)
		return !(accept->flags & ~(ABI_ACCEPT_QUIET | ABI_ACCEPT_ACTS | ABI_ACCEPT_TRACKS)) && !accept->return_slots &&
		       !accept->return_record;
	if (accept->flags & of_return && (!(accept->flags & ABI_ACCEPT_RETURN) || (accept->flags & of_return) == of_return))
		return false;
	return !(accept->flags & ~(flags | of_return | ABI_ACCEPT_RETURN)) && return_is_valid(verify, accept);
}

static int check_accept(struct verify *verify, const struct abi_record *record, uint32_t number)
{
	const struct abi_section *section = &verify->header->sections[ABI_SECTION_ACCEPTS];
	const struct abi_accept *accept =
		verify_in(verify, ABI_SECTION_ACCEPTS, record->operand, sizeof(*accept));

	if (!accept || (record->operand - section->offset) % sizeof(*accept) ||
	    (record->operand - section->offset) / sizeof(*accept) >= verify->header->accept_count)
		return bad_record(verify, number, "its accept lies outside the section");
	if (!actions_are_valid(verify, verify->hook, accept))
		return bad_record(verify, number, "its accept has unknown actions");
	if (!report_is_valid(verify, accept))
		return bad_record(verify, number, "its accept does not belong to the hook");
	return 0;
}

static int check_operand(struct verify *verify, const struct abi_record *record, uint32_t number)
{
	switch (record->op) {
	case ABI_OP_ACCEPT:
		return check_accept(verify, record, number);
	case ABI_OP_END:
	case ABI_OP_JUMP:
		return record->operand ? bad_record(verify, number, "an operand is set that is not used") : 0;
	case ABI_OP_GAINED:
		return record->operand >= ABI_SLOTS_MAX || !verify_slot_gives(verify, (uint32_t)record->operand, GIVES_NUMBER) ?
			bad_record(verify, number, "its other slot holds no number") : 0;
	case ABI_OP_EXPRESSION:
		return record->operand > UINT32_MAX ? bad_record(verify, number, "its expression lies outside") :
						      verify_expression(verify, (uint32_t)record->operand);
	case ABI_OP_SCOPE:
		return record->operand >= META_COUNT(verify->bytes, SCOPES) ? bad_record(verify, number, "no such scope") : 0;
	default:
		return op_rules[record->op].traits & LOOKS_UP ? check_lookup(verify, record, number) : 0;
	}
}

static int check_record(struct verify *verify, const struct abi_record *record, uint32_t number)
{
	int error;

	if (record->op >= ABI_OP_COUNT)
		return bad_record(verify, number, "unknown op");
	error = check_targets(verify, record, number);
	if (!error)
		error = check_slot(verify, record, number);
	return error ? error : check_operand(verify, record, number);
}

/* The most accepts on any way through, from the last record back. */
static int check_accept_count(struct verify *verify, const struct abi_record *records)
{
	uint32_t count = verify->hook->record_count;
	uint16_t *most = arena_array(&verify->arena, uint16_t, count);

	for (uint32_t n = count; n-- > 0;) {
		const uint16_t targets[] = { records[n].yes, records[n].no, records[n].unknown };

		for (uint32_t t = 0; t < 3; t++)
			if (targets[t] && most[targets[t]] > most[n])
				most[n] = most[targets[t]];
		most[n] += records[n].op == ABI_OP_ACCEPT;
	}
	for (uint32_t n = 0; n < count; n++)	/* a return may be decided from any record on */
		if (most[n] > ABI_ACCEPTS_MAX)
			return verify_fail(verify, "hook %u: one event could satisfy %u selectors", verify->hook->id, most[n]);
	return 0;
}

int verify_program(struct verify *verify)
{
	const struct abi_section *section = &verify->header->sections[ABI_SECTION_PROGRAMS];
	const struct abi_hook *hook = verify->hook;
	const struct abi_record *records;

	memset(verify->registers, 0, sizeof(verify->registers));
	if (!hook->program)
		return hook->record_count || hook->register_count ?
			verify_fail(verify, "hook %u has records without a program", hook->id) : 0;
	records = verify_in(verify, ABI_SECTION_PROGRAMS, hook->program,
			    (uint64_t)hook->record_count * sizeof(*records));
	if (!records || !hook->record_count || hook->record_count > ABI_RECORDS_MAX ||
	    (hook->program - section->offset) % sizeof(*records))
		return verify_fail(verify, "hook %u has no valid program", hook->id);
	for (uint32_t n = 0; n < hook->record_count; n++) {
		int error = check_record(verify, &records[n], n);

		if (error)
			return error;
	}
	return check_accept_count(verify, records);
}

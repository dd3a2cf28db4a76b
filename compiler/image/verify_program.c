// SPDX-License-Identifier: Apache-2.0
/* verify_program.c - decision programs go forward, stay inside and only read what is there; see verify.h. */
#include "compiler/image/verify.h"

#include <string.h>

#include "compiler/image/metadata.h"

/* What a record may have, by op. */
#define GOES_YES	1u	/* `yes` is a target */
#define GOES_BOTH	2u	/* `no` and `unknown` too */
#define READS_NUMBER	4u
#define READS_BYTES	8u
#define READS_ADDRESS	16u
#define LOOKS_UP	32u	/* operand is a look-up */

static const struct op_rule {
	uint32_t traits;
	int (*table)(struct verify *verify, uint32_t offset);
} op_rules[] = {
	[ABI_OP_END] = { 0, NULL },
	[ABI_OP_ACCEPT] = { GOES_YES, NULL },
	[ABI_OP_EQUAL] = { GOES_YES | GOES_BOTH | READS_NUMBER, NULL },
	[ABI_OP_LESS] = { GOES_YES | GOES_BOTH | READS_NUMBER, NULL },
	[ABI_OP_GREATER] = { GOES_YES | GOES_BOTH | READS_NUMBER, NULL },
	[ABI_OP_LESS_SIGNED] = { GOES_YES | GOES_BOTH | READS_NUMBER, NULL },
	[ABI_OP_GREATER_SIGNED] = { GOES_YES | GOES_BOTH | READS_NUMBER, NULL },
	[ABI_OP_MASK] = { GOES_YES | GOES_BOTH | READS_NUMBER, NULL },
	[ABI_OP_INTERVALS] = { GOES_YES | GOES_BOTH | READS_NUMBER | LOOKS_UP, verify_intervals },
	[ABI_OP_STRING] = { GOES_YES | GOES_BOTH | READS_BYTES | LOOKS_UP, verify_strings },
	[ABI_OP_ADDRESS] = { GOES_YES | GOES_BOTH | READS_ADDRESS | LOOKS_UP, verify_addresses },
	[ABI_OP_BINARY] = { GOES_YES | GOES_BOTH | LOOKS_UP, verify_strings },
	[ABI_OP_JUMP] = { GOES_YES, NULL },
};
enum { OP_COUNT = sizeof(op_rules) / sizeof(op_rules[0]) };

/* What each load leaves in the slot: the ops that may read it.  Any value can be tested for readability. */
static const uint32_t load_gives[] = {
	[ABI_LOAD_U8] = READS_NUMBER, [ABI_LOAD_U16] = READS_NUMBER,
	[ABI_LOAD_U32] = READS_NUMBER, [ABI_LOAD_U64] = READS_NUMBER,
	[ABI_LOAD_S8] = READS_NUMBER, [ABI_LOAD_S16] = READS_NUMBER,
	[ABI_LOAD_S32] = READS_NUMBER, [ABI_LOAD_S64] = READS_NUMBER,
	[ABI_LOAD_STRING] = READS_BYTES, [ABI_LOAD_FILENAME] = READS_BYTES,
	[ABI_LOAD_FILE] = READS_BYTES | READS_NUMBER, [ABI_LOAD_PATH] = READS_BYTES | READS_NUMBER,
	[ABI_LOAD_BINPRM] = READS_BYTES | READS_NUMBER,
	[ABI_LOAD_SOCKADDR] = READS_ADDRESS | READS_NUMBER,
	[ABI_LOAD_PID] = READS_NUMBER,
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
	uint32_t table = ABI_LOOKUP_TABLE(record->operand);

	if (ABI_LOOKUP_REGISTER(record->operand) >= verify->hook->register_count)
		return bad_record(verify, number, "no such register");
	if (known->op && (known->op != record->op || known->slot != record->slot || known->table != table))
		return bad_record(verify, number, "its register remembers another look-up");
	*known = (struct verify_register){ record->op, record->slot, table };
	return 0;
}

static int check_lookup(struct verify *verify, const struct abi_record *record, uint32_t number)
{
	uint32_t table = ABI_LOOKUP_TABLE(record->operand);
	uint64_t canonical = ABI_LOOKUP(table, ABI_LOOKUP_REGISTER(record->operand),
					ABI_LOOKUP_ROW(record->operand));
	int error;

	if (record->operand != canonical)
		return bad_record(verify, number, "reserved bits of the look-up are set");
	if (record->op != ABI_OP_BINARY)
		error = check_register(verify, record, number);
	else if (!table || table != verify->header->binary_table || ABI_LOOKUP_REGISTER(record->operand))
		error = bad_record(verify, number, "not a look-up in the table of binaries");
	else
		error = 0;
	return error ? error : op_rules[record->op].table(verify, table);
}

static int check_slot(struct verify *verify, const struct abi_record *record, uint32_t number)
{
	uint32_t reads = op_rules[record->op].traits & (READS_NUMBER | READS_BYTES | READS_ADDRESS);
	bool readable_only = record->op == ABI_OP_EQUAL && record->yes == record->no;

	if (!reads)
		return record->slot ? bad_record(verify, number, "a slot is set that is not used") : 0;
	if (record->slot >= verify->hook->slot_count)
		return bad_record(verify, number, "no such slot");
	if (!readable_only && !(reads & load_gives[verify->hook->slots[record->slot].load]))
		return bad_record(verify, number, "its slot does not hold what it reads");
	return 0;
}

static uint32_t slot_mask(const struct abi_hook *hook)
{
	return (1u << hook->slot_count) - 1;
}

static bool actions_are_valid(const struct abi_accept *accept)
{
	const uint32_t known = 1u << ABI_ACTION_POST | 1u << ABI_ACTION_SIGKILL | 1u << ABI_ACTION_OVERRIDE |
			       1u << ABI_ACTION_NOPOST | 1u << ABI_ACTION_SIGNAL;

	if (accept->action_count > ABI_ACTIONS_MAX)
		return false;
	for (uint32_t n = 0; n < accept->action_count; n++)
		if (accept->actions[n].op > 31 || !(known >> accept->actions[n].op & 1))
			return false;
	return true;
}

/* The report of an accept must be one of this very hook. */
static bool report_is_valid(const struct verify *verify, const struct abi_accept *accept)
{
	const struct abi_hook *hook = verify->hook;
	const struct meta_policy *policy;

	if (accept->policy >= verify->header->policy_count)
		return false;
	policy = META_RECORD(verify->bytes, POLICIES, struct meta_policy, accept->policy);
	if (accept->hook_index >= policy->hooks.count ||
	    META_RECORD(verify->bytes, POLICY_HOOKS, struct meta_policy_hook,
			policy->hooks.first + accept->hook_index)->hook != hook->id)
		return false;
	if (accept->report_slots & ~slot_mask(hook) ||
	    accept->flags & ~(ABI_ACCEPT_QUIET | ABI_ACCEPT_RETURN))
		return false;
	if (!(accept->flags & ABI_ACCEPT_RETURN))
		return !accept->return_slots;
	if (!(hook->flags & ABI_HOOK_PAIRED))
		return false;
	hook = (const void *)(verify->bytes + verify->header->hook_offset[hook->pair]);
	return hook->slot_count <= ABI_SLOTS_MAX && !(accept->return_slots & ~slot_mask(hook));
}

static int check_accept(struct verify *verify, const struct abi_record *record, uint32_t number)
{
	const struct abi_section *section = &verify->header->sections[ABI_SECTION_ACCEPTS];
	const struct abi_accept *accept =
		verify_in(verify, ABI_SECTION_ACCEPTS, record->operand, sizeof(*accept));

	if (!accept || (record->operand - section->offset) % sizeof(*accept))
		return bad_record(verify, number, "its accept lies outside the section");
	if (!actions_are_valid(accept))
		return bad_record(verify, number, "its accept has unknown actions");
	if (!report_is_valid(verify, accept))
		return bad_record(verify, number, "its accept does not belong to the hook");
	return 0;
}

static int check_record(struct verify *verify, const struct abi_record *record, uint32_t number)
{
	int error;

	if (record->op >= OP_COUNT)
		return bad_record(verify, number, "unknown op");
	error = check_targets(verify, record, number);
	if (!error)
		error = check_slot(verify, record, number);
	if (!error && op_rules[record->op].traits & LOOKS_UP)
		error = check_lookup(verify, record, number);
	if (!error && record->op == ABI_OP_ACCEPT)
		error = check_accept(verify, record, number);
	if (!error && (record->op == ABI_OP_END || record->op == ABI_OP_JUMP) && record->operand)
		error = bad_record(verify, number, "an operand is set that is not used");
	return error;
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
	if (most[0] > ABI_ACCEPTS_MAX)
		return verify_fail(verify, "hook %u: one event could satisfy %u selectors", verify->hook->id,
				   most[0]);
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
	    hook->flags & ABI_HOOK_RETURN || (hook->program - section->offset) % sizeof(*records))
		return verify_fail(verify, "hook %u has no valid program", hook->id);
	for (uint32_t n = 0; n < hook->record_count; n++) {
		int error = check_record(verify, &records[n], n);

		if (error)
			return error;
	}
	return check_accept_count(verify, records);
}

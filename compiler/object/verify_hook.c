// SPDX-License-Identifier: Apache-2.0
/* verify_hook.c - records of the policy, of hooks and of what their selectors do; see verify.h. */
#include "compiler/object/verify.h"

#include "bpf-templates/abi.h"

/* ---- The policy ---- */

enum {
	POLICY_FLAGS = OBJECT_POLICY_MONITOR | OBJECT_POLICY_ENFORCES | OBJECT_POLICY_LOADER |
		OBJECT_POLICY_SINGLE_KPROBES | OBJECT_POLICY_SINGLE_UPROBES |
		OBJECT_POLICY_PRELOADS,
};

static bool scope_is_valid(struct object_verify *verify, const struct object_policy *row)
{
	verify->has_scope = row->scope != OBJECT_ABSENT;
	if (!verify->has_scope)
		return !row->scope_at.line && !row->scope_at.column;
	return !row->scope && verify_take(verify, OBJECT_WORKLOADS, (struct object_range){ 0, 1 });
}

static bool node_is_valid(struct object_verify *verify, struct object_range node, struct object_place at)
{
	if (!node.count)
		return !at.line && !at.column && verify_take(verify, OBJECT_LABEL_SELECTORS, node);
	return node.count == 1 && verify_take(verify, OBJECT_LABEL_SELECTORS, node);
}

bool policy_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_policy row;

	verify_get(verify, section, n, &row);
	verify->enforces = row.flags & OBJECT_POLICY_ENFORCES;
	return name_is_valid(verify, row.name, LIMIT_NAME_BYTES) &&
	       (text_is_absent(row.namespace) || name_is_valid(verify, row.namespace, LIMIT_NAME_BYTES)) &&
	       line_is_valid(verify, row.source_name) && !(row.flags & ~(uint32_t)POLICY_FLAGS) &&
	       row.flags & (OBJECT_POLICY_MONITOR | OBJECT_POLICY_ENFORCES) &&
	       row.override_method <= METHOD_OVERRIDE_RETURN && verify_take(verify, OBJECT_LATER, row.later) &&
	       verify_take(verify, OBJECT_HOOKS, row.hooks) && verify_take(verify, OBJECT_NAMES, row.enforcer) &&
	       scope_is_valid(verify, &row) && node_is_valid(verify, row.node, row.node_at);
}

bool later_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_later row;

	verify_get(verify, section, n, &row);
	return line_is_valid(verify, row.what) && row.what.length;
}

/* ---- Hooks ---- */

static bool is_call(int kind)
{
	return kind == HOOK_KPROBE || kind == HOOK_FENTRY;
}

static bool is_of_program(int kind)
{
	return kind == HOOK_UPROBE || kind == HOOK_USDT;
}

static bool flags_are_valid(const struct object_hook *row, int kind)
{
	uint32_t known = 0;

	if (is_call(kind))
		known = OBJECT_HOOK_SYSCALL | OBJECT_HOOK_RETURNS | OBJECT_HOOK_IGNORE_MISSING;
	if (kind == HOOK_UPROBE)
		known = OBJECT_HOOK_RETURNS | OBJECT_HOOK_IGNORE_DIGEST;
	return !(row->flags & ~known) && row->return_action <= IR_RETURN_UNTRACK &&
	       (!row->return_action || (is_call(kind) && row->flags & OBJECT_HOOK_RETURNS));
}

/* Lists have "list:NAME", user programs whatever they are called by. */
static bool names_fit_kind(struct object_verify *verify, const struct object_hook *row, int kind)
{
	if (row->names != OBJECT_ABSENT)
		return is_call(kind) && line_is_valid(verify, row->name) &&
		       verify_take(verify, OBJECT_NAMES, (struct object_range){ row->names, 1 });
	if (is_of_program(kind))
		return line_is_absent_or_valid(verify, row->name);
	return name_is_valid(verify, row->name, LIMIT_HOOK_NAME_BYTES);
}

static bool subsystem_is_valid(struct object_verify *verify, const struct object_hook *row, int kind)
{
	if (kind == HOOK_TRACEPOINT)
		return name_is_valid(verify, row->subsystem, LIMIT_HOOK_NAME_BYTES);
	return text_is_absent_or_valid(verify, row->subsystem);
}

/* Whoever is of a user program says which. */
static bool take_program(struct object_verify *verify, const struct object_hook *row, int kind)
{
	if (!is_of_program(kind))
		return row->program == OBJECT_ABSENT;
	return verify_take(verify, OBJECT_PROGRAMS, (struct object_range){ row->program, 1 });
}

static bool take_arguments(struct object_verify *verify, const struct object_hook *row)
{
	return row->returned <= 1 && (!row->returned || row->flags & OBJECT_HOOK_RETURNS) &&
	       row->arguments.count <= LIMIT_ARGUMENTS && row->data.count <= LIMIT_ARGUMENTS - row->arguments.count &&
	       verify_take(verify, OBJECT_ARGUMENTS, row->arguments) &&
	       verify_take(verify, OBJECT_ARGUMENTS, row->data) &&
	       (!row->returned || verify_take(verify, OBJECT_ARGUMENTS,
					      (struct object_range){ row->data.first + row->data.count, 1 }));
}

bool hook_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_hook row;
	int kind;

	verify_get(verify, section, n, &row);
	kind = row.kind > INT32_MAX ? -1 : hook_by_wire((int)row.kind);
	return kind >= 0 && flags_are_valid(&row, kind) && names_fit_kind(verify, &row, kind) &&
	       subsystem_is_valid(verify, &row, kind) && text_is_absent_or_valid(verify, row.message) &&
	       take_program(verify, &row, kind) && row.tags.count <= LIMIT_TAGS &&
	       verify_take(verify, OBJECT_TAGS, row.tags) &&
	       take_arguments(verify, &row) && row.selectors_written <= UINT16_MAX &&
	       row.selectors.count <= (row.selectors_written ? row.selectors_written : 1) &&
	       verify_take(verify, OBJECT_SELECTORS, row.selectors) && node_is_valid(verify, row.node, row.node_at);
}

bool program_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_program row;

	verify_get(verify, section, n, &row);
	return line_is_valid(verify, row.path) && line_is_absent_or_valid(verify, row.provider) &&
	       line_is_absent_or_valid(verify, row.btf_path) && verify_take(verify, OBJECT_SYMBOLS, row.symbols) &&
	       verify_take(verify, OBJECT_SYMBOLS, row.digests) && verify_take(verify, OBJECT_NUMBERS, row.offsets) &&
	       verify_take(verify, OBJECT_NUMBERS, row.addresses) &&
	       verify_take(verify, OBJECT_NUMBERS, row.reference_offsets);
}

bool names_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_names row;
	bool has_values, has_pattern;

	verify_get(verify, section, n, &row);
	has_values = row.kind == IR_NAMES_LISTED || row.kind == IR_NAMES_SYSCALLS;
	has_pattern = row.kind == IR_NAMES_PATTERN;
	return row.kind >= IR_NAMES_LISTED && row.kind <= IR_NAMES_PATTERN && line_is_absent_or_valid(verify, row.name) &&
	       (has_pattern ? line_is_valid(verify, row.pattern) : text_is_absent(row.pattern)) &&
	       (has_values || !row.values.count) && verify_take(verify, OBJECT_NAMED, row.values);
}

/* ---- Arguments ---- */

static bool take_chain(struct object_verify *verify, const struct object_argument *row)
{
	if (row->chain == OBJECT_ABSENT)
		return row->source != ABI_SOURCE_REGISTER;
	return row->source != ABI_SOURCE_FIELD && verify_take(verify, OBJECT_CHAINS, (struct object_range){ row->chain, 1 });
}

bool chain_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_chain row;

	verify_get(verify, section, n, &row);
	return line_is_valid(verify, row.resolve) && line_is_absent_or_valid(verify, row.btf_type) &&
	       line_is_absent_or_valid(verify, row.btf_module);
}

/* Only bytes that are read when the call begins may be long. */
static bool argument_flags_are_valid(const struct object_argument *row)
{
	if (row->flags & OBJECT_ARGUMENT_MAX_DATA)
		return row->flags == OBJECT_ARGUMENT_MAX_DATA && row->load == ABI_LOAD_CHAR_BUF;
	return !(row->flags & ~OBJECT_ARGUMENT_RETURN_COPY);
}

/* The type's, but for an entry that is looked at in its folder, for a mount, and for what a program is started with. */
static bool load_is_valid(const struct object_argument *row, int type)
{
	const bool is_plain = row->source == ABI_SOURCE_ARGUMENT && row->chain == OBJECT_ABSENT;

	if (row->folder)
		return row->load == ABI_LOAD_ENTRY && type == TYPE_DENTRY && is_plain && row->folder <= LIMIT_ARGUMENT_INDEX + 1;
	return row->load == type_rows[type].load || (row->load == ABI_LOAD_MOUNT && type == TYPE_PATH && is_plain) ||
	       (row->load == ABI_LOAD_COMMAND_LINE && type == TYPE_STRING && is_plain);
}

bool argument_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_argument row;
	int type;

	verify_get(verify, section, n, &row);
	type = type_by_wire(row.type);
	return type >= 0 && load_is_valid(&row, type) && row.source >= ABI_SOURCE_ARGUMENT &&
	       row.source <= ABI_SOURCE_REGISTER && row.source != ABI_SOURCE_TASK &&
	       argument_flags_are_valid(&row) &&
	       (row.source == ABI_SOURCE_FIELD || row.index <= LIMIT_PROBE_INDEX) &&
	       (row.source != ABI_SOURCE_RETURN || !row.index) && text_is_absent_or_valid(verify, row.label) &&
	       take_chain(verify, &row) && !row.reserved[0] && !row.reserved[1];
}

/* ---- Selectors ---- */

bool selector_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_selector row;

	verify_get(verify, section, n, &row);
	return row.index <= UINT16_MAX && text_is_absent_or_valid(verify, row.label) &&
	       row.actions.count >= 1 && row.actions.count <= ABI_ACTIONS_MAX &&
	       row.return_actions.count <= ABI_ACTIONS_MAX && row.predicates.count <= LIMIT_SELECTOR_FILTERS &&
	       row.return_predicates.count <= LIMIT_SELECTOR_FILTERS &&
	       verify_take(verify, OBJECT_PREDICATES, row.predicates) &&
	       verify_take(verify, OBJECT_PREDICATES, row.return_predicates) &&
	       verify_take(verify, OBJECT_ACTIONS, row.actions) && verify_take(verify, OBJECT_ACTIONS, row.return_actions);
}

/* ---- Actions ---- */

/* What an action may have beside its argument. */
enum { HAS_VALUE = 1, HAS_RATE = 2, HAS_TEXT = 4, HAS_RETURNS = 8, HAS_JUMP = 16 };
static const uint8_t action_members[ACTION_COUNT] = {
	[ACTION_POST] = HAS_RATE, [ACTION_OVERRIDE] = HAS_TEXT | HAS_RETURNS | HAS_JUMP, [ACTION_GET_URL] = HAS_TEXT,
	[ACTION_DNS_LOOKUP] = HAS_TEXT, [ACTION_NOTIFY_ENFORCER] = HAS_VALUE | HAS_RETURNS, [ACTION_SET] = HAS_VALUE,
};

static bool action_flags_are_valid(const struct object_action *row, unsigned has)
{
	uint8_t known = 0;

	if (has & HAS_RATE)
		known |= OBJECT_ACTION_KERNEL_STACK | OBJECT_ACTION_USER_STACK | OBJECT_ACTION_IMA_HASH;
	if (has & HAS_RETURNS)
		known |= OBJECT_ACTION_RETURNS;
	return !(row->flags & ~known) && !row->reserved[0] && !row->reserved[1] && !row->reserved[2];
}

/* Whose they are matters: there are none that say nothing, and none that the action cannot have. */
static bool take_details(struct object_verify *verify, const struct object_action *row, unsigned has)
{
	struct object_details details;

	if (row->details == OBJECT_ABSENT)
		return true;
	if (!verify_take(verify, OBJECT_DETAILS, (struct object_range){ row->details, 1 }))
		return false;
	verify_get(verify, OBJECT_DETAILS, row->details, &details);
	if ((!(has & HAS_VALUE) && details.value) || (!(has & HAS_TEXT) && !text_is_absent(details.text)) ||
	    (!(has & HAS_RATE) && (details.rate_milliseconds || details.rate_scope)) ||
	    (!(has & HAS_JUMP) && (details.new_address || details.new_offset || details.registers.count)))
		return false;
	return details.value || details.rate_milliseconds || details.rate_scope || !text_is_absent(details.text) ||
	       details.registers.count || details.new_address || details.new_offset;
}

/* A call that is overridden returns, or else the details say what becomes of it. */
static bool override_is_valid(const struct object_action *row)
{
	return !(row->flags & OBJECT_ACTION_RETURNS) == (row->details != OBJECT_ABSENT);
}

bool action_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_action row;
	int id;

	verify_get(verify, section, n, &row);
	id = action_by_wire(row.op);
	return id >= 0 && action_flags_are_valid(&row, action_members[id]) &&
	       take_details(verify, &row, action_members[id]) &&
	       (id != ACTION_OVERRIDE || override_is_valid(&row)) &&
	       (id != ACTION_SIGNAL || (row.argument >= 1 && row.argument <= LIMIT_SIGNAL)) &&
	       (id != ACTION_NOTIFY_ENFORCER || row.argument >= 0);
}

bool details_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_details row;

	verify_get(verify, section, n, &row);
	return row.rate_scope <= IR_RATE_GLOBAL && !row.reserved && line_is_absent_or_valid(verify, row.text) &&
	       verify_take(verify, OBJECT_REGISTERS, row.registers);
}

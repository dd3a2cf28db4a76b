// SPDX-License-Identifier: Apache-2.0
/* check_override.c - rules of Override and of register assignments; see check_selector.h. */
#include "compiler/base/assignment.h"
#include "compiler/policy/check.h"
#include "compiler/policy/check_selector.h"
#include "compiler/policy/operand.h"

/* ---- Return values ---- */

static void check_function(const struct selector_scope *scope, const struct policy_action *action)
{
	const struct policy_hook *hook = scope->hook;
	const bool is_security = hook->kind == HOOK_LSM || (hook->kind == HOOK_KPROBE && !hook->syscall && is_security_function(&hook->name));

	if (hook->broken)
		return;
	if (is_security && !hook_has_result(hook)) {
		diag(scope->diagnostics, DIAG_OVERRIDE_FUNCTION, action->action_at, "'%.64s' returns nothing that could be overridden", hook->name.bytes);
		diag_help(scope->diagnostics, "the kernel tells it what has been decided, and asks nothing: use Sigkill or Signal, or a hook that it asks before");
		return;
	}
	if (hook->kind != HOOK_KPROBE || hook->syscall || is_security)
		return;
	diag(scope->diagnostics, DIAG_OVERRIDE_FUNCTION, action->action_at, "'%.64s' cannot be overridden", hook->name.bytes);
	diag_help(scope->diagnostics, "only system calls, security_ functions and LSM hooks can");
}

static void check_value(const struct selector_scope *scope, const struct policy_action *action)
{
	enum hook_kind kind = scope->hook->kind;

	if (kind == HOOK_UPROBE)
		return;
	if (span_is_empty(action->error_at)) {
		diag(scope->diagnostics, DIAG_ARGUMENT_MISSING, action->action_at, "Override without 'argError' returns 0: success");
		diag_help(scope->diagnostics, "add 'argError: -1', which is EPERM, or say 'argError: 0'");
		return;
	}
	if (action->error <= 0 && action->error >= -LIMIT_ERRNO)
		return;
	if (kind == HOOK_LSM)
		diag(scope->diagnostics, DIAG_OVERRIDE_VALUE, action->error_at, "an LSM hook cannot return %lld",
			(long long)action->error);
	else
		diag(scope->diagnostics, DIAG_OVERRIDE_ERROR, action->error_at, "%lld is no error: callers take it for success",
			(long long)action->error);
	diag_help(scope->diagnostics, "0, or a negative error number down to -%d", LIMIT_ERRNO);
}

/* ---- Where to jump: uprobes ---- */

static void check_target(const struct selector_scope *scope, const struct policy_action *action)
{
	const struct { const char *key; struct span at; } targets[] = {
		{ "argNewSymbol", action->new_symbol.at }, { "argNewAddr", action->new_address_at },
		{ "argNewOffset", action->new_offset_at },
	};
	size_t first = sizeof(targets) / sizeof(*targets);

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		if (span_is_empty(targets[i].at))
			continue;
		if (first < i) {
			diag(scope->diagnostics, DIAG_TWO_TARGETS, targets[i].at, "'%s' beside '%s'", targets[i].key,
				targets[first].key);
			diag_related(scope->diagnostics, targets[first].at, "the other one");
			diag_help(scope->diagnostics, "a call goes to one place: remove one of them");
		}
		first = first < i ? first : i;
	}
}

/* ---- Registers: uprobes ---- */

static void refuse_register(const struct selector_scope *scope, const struct text *assignment, struct assignment_part name)
{
	diag(scope->diagnostics, DIAG_REGISTERS, assignment->at, "there is no register '%.*s'", SHOW(name));
	diag_help(scope->diagnostics, "as rax, edi or r10 of x86-64, or x0 and w0 of arm64, in small letters");
}

/* The machines that have the register; 0 when none has, which is said. */
static unsigned machines_of(const struct selector_scope *scope, const struct text *assignment, struct assignment_part name)
{
	const unsigned machines = register_machines(name.bytes, name.length);

	if (!machines)
		refuse_register(scope, assignment, name);
	return machines;
}

static void refuse_shape(const struct selector_scope *scope, const struct text *assignment)
{
	diag(scope->diagnostics, DIAG_REGISTERS, assignment->at, "'%.*s' is no assignment", SHOW(*assignment));
	diag_help(scope->diagnostics, "as \"rax=5\", \"rip=(%%rsp)\" or \"rsp=8%%rsp\"");
}

static void refuse_source(const struct selector_scope *scope, const struct text *assignment, struct assignment_part right)
{
	diag(scope->diagnostics, DIAG_REGISTERS, assignment->at, "'%.*s' cannot be assigned", SHOW(right));
	diag_help(scope->diagnostics, "a number, %%REGISTER, NUMBER%%REGISTER, or NUMBER(%%REGISTER) for memory");
}

/* Returns the machines that have all the registers it names; 0 when it was refused. */
static unsigned check_assignment(const struct selector_scope *scope, const struct text *assignment)
{
	struct assignment parsed;
	const enum assignment_fault fault = assignment_parse(assignment->bytes, assignment->length, &parsed);
	unsigned machines, others;

	if (fault == ASSIGNMENT_SHAPE) {
		refuse_shape(scope, assignment);
		return 0;
	}
	machines = machines_of(scope, assignment, parsed.target);
	if (!machines)
		return 0;
	if (fault == ASSIGNMENT_SOURCE) {
		refuse_source(scope, assignment, parsed.right);
		return 0;
	}
	others = parsed.source.length ? machines_of(scope, assignment, parsed.source) : machines;
	return others ? machines & others ? machines & others : 1u << MACHINE_COUNT : 0;
}

static void check_registers(const struct selector_scope *scope, const struct policy_action *action)
{
	unsigned machines = (1u << MACHINE_COUNT) - 1;

	for (size_t i = 0; i < action->registers.count; i++) {
		const struct text *assignment = &action->registers.items[i];
		unsigned own = assignment->bytes ? check_assignment(scope, assignment) : 0;

		if (!own)
			continue;
		if (!(machines & own)) {
			diag(scope->diagnostics, DIAG_REGISTERS, assignment->at, "registers of two machines in one action");
			diag_help(scope->diagnostics, "x86-64 has rax and the like, arm64 x0: write a policy for each");
			return;
		}
		machines &= own;
	}
	if (action->registers.count <= LIMIT_TETRAGON_REGISTERS)
		return;
	diag(scope->diagnostics, DIAG_REGISTERS_CUT, action->registers.items[LIMIT_TETRAGON_REGISTERS].at,
		"%zu assignments, of which %d are made", action->registers.count, LIMIT_TETRAGON_REGISTERS);
}

static void warn_uprobe_only(const struct selector_scope *scope, const char *key, struct span at)
{
	if (!span_is_empty(at))
		diag(scope->diagnostics, DIAG_ARGUMENT_UNUSED, at, "'%s' has no effect on %s", key,
			hook_rows[scope->hook->kind].section);
}

void check_override(const struct selector_scope *scope, const struct policy_action *action)
{
	check_function(scope, action);
	check_value(scope, action);
	check_target(scope, action);
	if (scope->hook->kind == HOOK_UPROBE) {
		check_registers(scope, action);
		return;
	}
	warn_uprobe_only(scope, "argRegs", action->registers_at);
	warn_uprobe_only(scope, "argNewSymbol", action->new_symbol.at);
	warn_uprobe_only(scope, "argNewAddr", action->new_address_at);
	warn_uprobe_only(scope, "argNewOffset", action->new_offset_at);
}

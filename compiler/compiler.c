// SPDX-License-Identifier: Apache-2.0
/*
 * compiler.c - the pass table; see compiler.h.
 *
 * A pass that left errors but can be built upon returns 0, so that one run reports all that is wrong: check works
 * on what decode could read.  unit_compile itself returns -EINVAL whenever errors were recorded.
 */
#include "compiler/compiler.h"

#include <errno.h>
#include <string.h>

#include "compiler/intent/intent.h"
#include "compiler/link/link.h"
#include "compiler/object/object.h"
#include "compiler/policy/check.h"
#include "compiler/policy/decode.h"
#include "compiler/policy/dump.h"
#include "compiler/policy/host.h"
#include "compiler/policy/ignore.h"
#include "compiler/policy/policy.h"
#include "compiler/selector/ir.h"
#include "compiler/syntax/tree.h"

static int run_parse(struct unit *unit)
{
	int failed = tree_parse(&unit->source, &unit->arena, &unit->diagnostics, &unit->tree);

	return failed ? failed : ignores_read(&unit->source, &unit->diagnostics);
}

/* Errors are left to check. */
static int run_decode(struct unit *unit)
{
	policy_decode(unit->tree, &unit->arena, &unit->diagnostics, &unit->policies, &unit->intents, &unit->passed_over);
	return 0;
}

/* The same. */
static int run_intend(struct unit *unit)
{
	const struct intending intending = { unit->today, unit->profiles, unit->for_tetragon };

	intents_lower(unit->intents, &intending, &unit->arena, &unit->diagnostics, unit->policies);
	return 0;
}

static int run_check(struct unit *unit)
{
	if (unit->host)
		policy_ask_host(unit->policies, unit->host, &unit->arena);
	policy_check(unit->policies, &unit->diagnostics);
	return unit->diagnostics.errors ? -EINVAL : 0;
}

static int run_lower(struct unit *unit)
{
	return ir_lower(unit->policies, &unit->arena, &unit->diagnostics, &unit->ir);
}

/* What no image has room for is wrong with the policy, whatever else is applied. */
static int check_room(struct unit *unit)
{
	const struct link_options options = { .plain = unit->level == UNIT_PLAIN };
	struct arena arena = { 0 };
	int error = 0;

	for (size_t n = 0; n < unit->compiled->count; n++) {
		struct link_refusal refusal;

		if (!link_alone(&unit->compiled->items[n], &options, &arena, &refusal))
			continue;
		error = diag(&unit->diagnostics, DIAG_TOO_COMPLEX, refusal.at.span, "%s", refusal.reason);
		if (refusal.help)
			diag_help(&unit->diagnostics, "%s", refusal.help);
	}
	arena_release(&arena);
	return error;
}

/* What is found wrong is found at every level. */
static int run_simplify(struct unit *unit)
{
	int error;

	unit->compiled = unit->level == UNIT_PLAIN ? ir_plain(unit->ir, &unit->arena) : unit->ir;
	error = ir_simplify(unit->ir, &unit->arena, &unit->diagnostics);
	return error ? error : check_room(unit);
}

/* What this version cannot run is in the objects.  Here it ends for what belongs to no policy. */
static int run_object(struct unit *unit)
{
	if (diagnostics_settle(&unit->diagnostics))
		return -EINVAL;
	return objects_write(unit->compiled, &unit->arena, &unit->diagnostics, &unit->objects, &unit->object_count);
}

static void dump_tree(const struct unit *unit, struct buffer *ret)
{
	tree_dump(unit->tree, ret);
}

static void dump_policy(const struct unit *unit, struct buffer *ret)
{
	policy_dump(unit->policies, ret);
}

static void dump_ir(const struct unit *unit, struct buffer *ret)
{
	ir_dump(unit->ir, ret);
}

static void dump_simplified(const struct unit *unit, struct buffer *ret)
{
	ir_dump(unit->compiled, ret);
}

static void dump_object(const struct unit *unit, struct buffer *ret)
{
	for (size_t i = 0; i < unit->object_count; i++)
		object_dump(unit->objects[i].bytes, unit->objects[i].length, ret);
}

/* The compiler, top to bottom.  Each pass needs all those above it. */
const struct pass compiler_passes[] = {
	{ "parse", run_parse, dump_tree, "YAML text to a tree of located nodes" },
	{ "decode", run_decode, dump_policy, "tree to policies, driven by schema/fields.def" },
	{ "intend", run_intend, dump_policy, "RuntimeSecurityPolicies to policies" },
	{ "check", run_check, dump_policy, "refuse what the schema cannot express, and read the values" },
	{ "lower", run_lower, dump_ir, "policies to predicates" },
	{ "simplify", run_simplify, dump_simplified, "fold, merge and order the predicates" },
	{ "object", run_object, dump_object, "predicates to policy objects" },
};
const size_t compiler_pass_count = sizeof(compiler_passes) / sizeof(*compiler_passes);

const struct pass *compiler_find_pass(const char *name)
{
	for (size_t i = 0; i < compiler_pass_count; i++)
		if (!strcmp(compiler_passes[i].name, name))
			return &compiler_passes[i];
	return NULL;
}

void unit_init(struct unit *unit, const char *name, const char *text, size_t length)
{
	*unit = (struct unit){ .source = { .name = name, .text = text, .length = length } };
	diagnostics_init(&unit->diagnostics, &unit->arena);
}

void unit_release(struct unit *unit)
{
	objects_release(unit->objects, unit->object_count);
	arena_release(&unit->arena);
	*unit = (struct unit){ 0 };
}

int unit_compile(struct unit *unit, const struct pass *last)
{
	for (const struct pass *pass = compiler_passes; pass < compiler_passes + compiler_pass_count; pass++) {
		int failed = pass->run(unit);

		if (failed)
			return failed;
		if (pass == last)
			break;
	}
	return unit->diagnostics.errors ? -EINVAL : 0;
}

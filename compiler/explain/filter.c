// SPDX-License-Identifier: Apache-2.0
/* filter.c - arguments and predicates as clauses; see explain.h. */
#include "compiler/explain/explain.h"

#include <string.h>

#include "bpf-templates/abi.h"
#include "compiler/explain/scope.h"
#include "compiler/explain/text.h"

/* ---- Arguments ---- */

static const char *noun_of(const struct ir_argument *argument)
{
	switch (argument->source) {
	case ABI_SOURCE_FIELD:
		return "field";
	case ABI_SOURCE_RETURN:
		return "what the call returned";
	case ABI_SOURCE_CURRENT:
	case ABI_SOURCE_REGISTER:
		return "data";
	default:
		return "argument";
	}
}

/* Where inside of the argument, or of what else, the value is found. */
static void add_source(const struct ir_argument *argument, struct buffer *ret)
{
	if (argument->resolve.bytes) {
		buffer_add_text(ret, argument->source == ABI_SOURCE_REGISTER ? ", register " : ", at ");
		explain_value(&argument->resolve, ret);
	}
	if (argument->folder)
		buffer_format(ret, " in the folder of argument %u", argument->folder - 1u);
	if (argument->load == ABI_LOAD_MOUNT)
		buffer_add_text(ret, " of the mount's place");
	if (argument->load == ABI_LOAD_COMMAND_LINE)
		buffer_add_text(ret, " of the program's arguments");
	if (argument->source == ABI_SOURCE_CURRENT)
		buffer_add_text(ret, " of the current task");
	if (argument->btf_type.bytes) {
		buffer_add_text(ret, " of struct ");
		explain_value(&argument->btf_type, ret);
	}
	if (argument->btf_module.bytes) {
		buffer_add_text(ret, strpbrk(argument->btf_module.bytes, "/.") ? " in the types of " : " of module ");
		explain_value(&argument->btf_module, ret);
	}
}

void explain_argument(const struct ir_argument *argument, struct buffer *ret)
{
	bool has_label = argument->label.bytes && argument->label.length;

	if (has_label) {
		buffer_add(ret, argument->label.bytes, argument->label.length);
		buffer_add_text(ret, " (");
	}
	buffer_add_text(ret, noun_of(argument));
	if (argument->source != ABI_SOURCE_RETURN)
		buffer_format(ret, " %u", argument->index);
	buffer_format(ret, has_label ? ", %s" : " (%s", type_rows[argument->type].name);
	add_source(argument, ret);
	buffer_add_char(ret, ')');
}

/* ---- Predicates ---- */

struct clause {
	const struct ir_hook *hook;
	const struct ir_predicate *predicate;
	const struct ir_written *written;
};

static void add_argument(const struct clause *clause, struct buffer *ret)
{
	const struct ir_argument *argument = ir_predicate_argument(clause->hook, clause->predicate);

	if (argument)
		explain_argument(argument, ret);
	else
		buffer_add_text(ret, "what the call returned");
}

/* CapabilitiesGained: the second argument stands in the list of the first. */
static void add_other(const struct clause *clause, struct buffer *ret)
{
	struct ir_predicate other = *clause->predicate;

	other.position = other.other;
	add_argument(&(struct clause){ .hook = clause->hook, .predicate = &other }, ret);
}

static bool say_part(const void *context, char letter, struct buffer *ret)
{
	const struct clause *clause = context;
	const struct ir_predicate *predicate = clause->predicate;

	switch (letter) {
	case 'a':
		explain_phrase(ir_subject_rows[predicate->subject].says, say_part, clause, ret);
		break;
	case 'n':
		add_argument(clause, ret);
		break;
	case 'o':
		add_other(clause, ret);
		break;
	case 'w':
		explain_word(predicate->subject == IR_NAMESPACE ? KIND_NAMESPACE : KIND_CAPABILITY_SET,
			     predicate->position, ret);
		break;
	case 'v':
		explain_values(&clause->written->values, " or ", ret);
		break;
	}
	return true;
}

static void add_clause(const struct clause *clause, struct buffer *ret)
{
	const struct operator_row *op = &operator_rows[clause->written->op];
	const struct ir_subject_row *subject = &ir_subject_rows[clause->predicate->subject];

	if (ir_subject_is_one(clause->predicate))
		explain_phrase(op->says, say_part, clause, ret);
	else
		explain_phrase(op->negates >= 0 ? subject->none : subject->any, say_part, clause, ret);
	if (clause->predicate->in_namespace)
		buffer_add_text(ret, clause->predicate->subject == IR_PID ? ", as its own pid namespace numbers it" :
			", and the process is outside of the host's user namespace");
}

void explain_predicate(const struct ir_hook *hook, const struct ir_predicate *predicate, struct buffer *ret)
{
	if (predicate->workloads) {
		buffer_add_text(ret, "the process is one ");
		explain_workloads(predicate->workloads, ret);
		return;
	}
	for (size_t n = 0; n < predicate->written.count; n++) {
		struct clause clause = { hook, predicate, &predicate->written.items[n] };

		buffer_add_text(ret, n ? " and " : "");
		add_clause(&clause, ret);
	}
}

// SPDX-License-Identifier: Apache-2.0
/* check_argument_filter.c - rules of matchArgs, matchData and matchReturnArgs; see check_selector.h. */
#include <string.h>

#include "compiler/policy/check.h"
#include "compiler/policy/check_selector.h"
#include "compiler/policy/operand.h"

/* ---- Which argument ---- */

/* -1 when the hook has no such argument. */
static int position_of(const struct policy_hook *hook, uint32_t index)
{
	for (size_t i = 0; i < hook->arguments.count; i++)
		if (hook->arguments.items[i].index == index && !span_is_empty(hook->arguments.items[i].index_at))
			return (int)i;
	return -1;
}

static struct span index_place(const struct policy_argument_filter *filter)
{
	return span_is_empty(filter->index_at) ? filter->at : filter->index_at;
}

/* On tracepoints an index that is no field's number is a position.  Where the filter says nothing, it is 0. */
static int position_by_order(const struct selector_scope *scope, const struct policy_argument_filter *filter)
{
	const struct policy_hook *hook = scope->hook;

	if (hook->kind != HOOK_TRACEPOINT || filter->index >= hook->arguments.count)
		return -1;
	diag(scope->diagnostics, DIAG_FILTER_POSITION,
		span_is_empty(filter->index_at) ? filter->op_at : filter->index_at,
		"no entry of 'args' has index %u: taken for its position", filter->index);
	diag_help(scope->diagnostics, "write 'index: %u'", hook->arguments.items[filter->index].index);
	return (int)filter->index;
}

/* Whether some argument could not be read, so that the one that is looked for may be it. */
static bool has_broken_argument(const struct policy_hook *hook)
{
	if (hook->broken)
		return true;
	for (size_t i = 0; i < hook->arguments.count; i++)
		if (span_is_empty(hook->arguments.items[i].index_at))
			return true;
	return false;
}

static void relate_list(const struct selector_scope *scope, struct span list_at, const char *what)
{
	if (span_is_empty(list_at))
		return;
	list_at.end = list_at.start + 1;
	diag_related(scope->diagnostics, list_at, what);
}

static const struct policy_argument *refuse_index(const struct selector_scope *scope,
						  const struct policy_argument_filter *filter)
{
	const struct policy_hook *hook = scope->hook;

	if (has_broken_argument(hook))
		return NULL;
	diag(scope->diagnostics, DIAG_FILTER_INDEX, index_place(filter), "the hook has no argument with index %u",
		filter->index);
	if (hook->arguments.count)
		relate_list(scope, hook->arguments_at, "the arguments of the hook");
	else
		diag_help(scope->diagnostics, "add it to 'args', with its type");
	return NULL;
}

static const struct policy_argument *find_argument(const struct selector_scope *scope,
						   struct policy_argument_filter *filter)
{
	int position = position_of(scope->hook, filter->index);

	if (position < 0)
		position = position_by_order(scope, filter);
	if (position < 0)
		return refuse_index(scope, filter);
	filter->position = (uint32_t)position;
	return &scope->hook->arguments.items[position];
}

static const struct policy_argument *find_data(const struct selector_scope *scope,
					       struct policy_argument_filter *filter)
{
	const struct policy_hook *hook = scope->hook;

	filter->position = filter->index;
	if (filter->index < hook->data.count)
		return &hook->data.items[filter->index];
	if (hook->broken)
		return NULL;
	diag(scope->diagnostics, DIAG_FILTER_INDEX, index_place(filter), "the hook has no entry %u of 'data'",
		filter->index);
	diag_help(scope->diagnostics, "'index' of matchData is the position in 'data', from 0");
	relate_list(scope, hook->data_at, "the data of the hook");
	return NULL;
}

/* The return value has one number, whatever it is. */
static const struct policy_argument *find_return(const struct selector_scope *scope,
						 const struct policy_argument_filter *filter)
{
	const struct policy_argument *argument = scope->hook->return_argument;

	if (!scope->hook->returns || !argument || span_is_empty(argument->index_at))
		return NULL;
	if (filter->index == argument->index)
		return argument;
	diag(scope->diagnostics, DIAG_FILTER_INDEX, index_place(filter), "the return value has index %u, not %u",
		argument->index, filter->index);
	diag_related(scope->diagnostics, argument->index_at, "its index");
	diag_help(scope->diagnostics, "write 'index: %u'", argument->index);
	return NULL;
}

/* `args` holds positions in the list, and goes before `index`. */
static const struct policy_argument *find_position(const struct selector_scope *scope,
						   struct policy_argument_filter *filter, size_t n,
						   enum filter_place place)
{
	const struct policy_argument_list *list = place == FILTERS_DATA ? &scope->hook->data : &scope->hook->arguments;
	const struct policy_value *position = &filter->positions.items[n];

	if (position->low < list->count) {
		filter->position = n ? filter->position : (uint32_t)position->low;
		return &list->items[position->low];
	}
	if (scope->hook->broken)
		return NULL;
	diag(scope->diagnostics, DIAG_ARGUMENT_POSITION, position->text.at, "there is no position %llu: '%s' has %zu entr%s",
		(unsigned long long)position->low, place == FILTERS_DATA ? "data" : "args", list->count,
		list->count == 1 ? "y" : "ies");
	diag_help(scope->diagnostics, "'args' of a filter counts the entries from 0, whatever their 'index'");
	return NULL;
}

static const struct policy_argument *resolve(const struct selector_scope *scope,
					     struct policy_argument_filter *filter, enum filter_place place)
{
	if (place == FILTERS_RETURN)
		return find_return(scope, filter);
	if (filter->positions.count)
		return find_position(scope, filter, 0, place);
	return place == FILTERS_DATA ? find_data(scope, filter) : find_argument(scope, filter);
}

/* ---- Operator and type ---- */

/* What the kernel tells of a path is for reading only: Tetragon takes no filter on what says no type itself. */
static bool is_filtered_untyped(const struct selector_scope *scope, const struct policy_argument *argument)
{
	return scope->hook->kind != HOOK_TRACEPOINT && (argument->type == TYPE_AUTO || argument->told);
}

static bool refuse_type(const struct selector_scope *scope, const struct policy_argument_filter *filter,
			const struct policy_argument *argument)
{
	const struct type_row *type = &type_rows[is_filtered_untyped(scope, argument) ? TYPE_AUTO : argument->type];
	const struct operator_row *op = &operator_rows[filter->op];

	if (operator_compares(filter->op, (enum type_id)(type - type_rows)))
		return false;
	if (type->class == CLASS_NONE)
		diag(scope->diagnostics, DIAG_OPERATOR_TYPE, filter->op_at, "arguments of type '%s' cannot be filtered",
			type->name);
	else
		diag(scope->diagnostics, DIAG_OPERATOR_TYPE, filter->op_at, "'%s' cannot compare type '%s'", op->name,
			type->name);
	if (!span_is_empty(argument->type_at))
		diag_related(scope->diagnostics, argument->type_at, "the type of the argument");
	if (argument->told && type == &type_rows[TYPE_AUTO])
		diag_help(scope->diagnostics, "say its type, as in 'type: %s'", type_rows[argument->type].name);
	if (type->class == CLASS_SOCKADDR && (op->values == VALUES_ADDRESS || op->values == VALUES_PORT))
		diag_help(scope->diagnostics, "on sockaddr the port and the address are in the source slot: use SPort and SAddr");
	return true;
}

/* Its values have the form that the kernel's type wants, so that nothing more can be said of them. */
static void refuse_untold(const struct selector_scope *scope, const struct policy_argument_filter *filter,
			  const struct policy_argument *argument)
{
	if (!argument->untold) {
		diag_later(scope->diagnostics, filter->op_at, "a filter on type 'auto' away from its own kernel");
		return;
	}
	diag(scope->diagnostics, DIAG_TYPE_MISSING, filter->op_at, "the type of field %u must be said: %s", argument->index, argument->untold);
	diag_related(scope->diagnostics, span_is_empty(argument->type_at) ? argument->index_at : argument->type_at, "the argument");
	diag_help(scope->diagnostics, "say its type, as in 'type: int'");
}

static void check_gained(const struct selector_scope *scope, struct policy_argument_filter *filter,
			 enum filter_place place)
{
	const struct policy_argument *second;

	if (filter->positions.count != 2) {
		diag(scope->diagnostics, DIAG_TWO_POSITIONS,
			span_is_empty(filter->positions_at) ? filter->op_at : filter->positions_at,
			"'CapabilitiesGained' compares two arguments, and 'args' names %zu", filter->positions.count);
		diag_help(scope->diagnostics, "add the positions of the old and the new set, as in 'args: [0, 1]'");
		return;
	}
	second = find_position(scope, filter, 1, place);
	if (second && !second->broken && second->type != TYPE_AUTO)
		refuse_type(scope, filter, second);
}

/* ---- Lists of system calls ---- */

static void check_list(const struct selector_scope *scope, struct policy_value *value, enum type_id type)
{
	const struct policy_name_list *list = policy_find_list(scope->policy, &value->text);

	value->form = VALUE_BYTES;
	if (scope->hook->kind != HOOK_TRACEPOINT && scope->hook->kind != HOOK_RAW_TRACEPOINT) {
		diag(scope->diagnostics, DIAG_LIST_VALUE, value->text.at, "lists are values on tracepoints only");
		diag_help(scope->diagnostics, "write the numbers, or hook the list with 'call: \"%.*s\"'", SHOW(value->text));
	} else if (!list) {
		refuse_list(scope->policy, &value->text, scope->diagnostics);
	} else if (!list->broken && !list_is_of_syscalls(list)) {
		diag(scope->diagnostics, DIAG_LIST_VALUE, value->text.at, "'%.*s' is not a list of system calls",
			SHOW(value->text));
		diag_related(scope->diagnostics, list->name.at, "the list");
		diag_help(scope->diagnostics, "its 'type' must be syscalls or generated_syscalls");
	} else if (type != TYPE_SYSCALL64) {
		diag(scope->diagnostics, DIAG_LIST_VALUE, value->text.at,
			"a list of system calls compares type 'syscall64', and the argument is '%s'", type_rows[type].name);
		diag_help(scope->diagnostics, "write 'type: syscall64' in 'args'");
	}
}

/* ---- Values ---- */

static void check_by_class(const struct selector_scope *scope, struct policy_value *value, enum operator_id op,
			   enum type_id type)
{
	switch (type_rows[type].class) {
	case CLASS_SIGNED:
	case CLASS_UNSIGNED:
		operand_number(value, type, scope->diagnostics);
		break;
	case CLASS_CAPABILITIES:
		operand_capability_set(value, scope->diagnostics);
		break;
	default:
		operand_string(value, op, operand_subject_of(type), type, scope->diagnostics);
		break;
	}
}

/* Every operand by the grammar of the operator; the one place that knows it. */
static void check_operand(const struct selector_scope *scope, struct policy_value *value, enum operator_id op,
			  enum type_id type)
{
	switch (operator_rows[op].values) {
	case VALUES_NONE:
		break;
	case VALUES_BY_CLASS:
		check_by_class(scope, value, op, type);
		break;
	case VALUES_RANGE:
		operand_range(value, type, scope->diagnostics);
		break;
	case VALUES_SET:
		if (is_list_reference(&value->text))
			check_list(scope, value, type);
		else
			operand_member(value, type, scope->diagnostics);
		break;
	case VALUES_ADDRESS:
		operand_address(value, scope->diagnostics);
		break;
	case VALUES_PORT:
		operand_port(value, scope->diagnostics);
		break;
	case VALUES_PROTOCOL:
		operand_number_or_name(value, NAMES_PROTOCOLS, scope->diagnostics);
		break;
	case VALUES_FAMILY:
		operand_number_or_name(value, NAMES_FAMILIES, scope->diagnostics);
		break;
	case VALUES_STATE:
		operand_number_or_name(value, NAMES_TCP_STATES, scope->diagnostics);
		break;
	case VALUES_FILE_TYPE:
		operand_name(value, NAMES_FILE_TYPES, scope->diagnostics);
		break;
	case VALUES_EXPRESSION:
		operand_expression(value, scope->hook, scope->diagnostics);
		break;
	}
}

/* How many values Tetragon takes; 0: as many as we.  Of expressions, nobody takes more. */
static size_t tetragon_values(enum operator_id op, enum type_class class)
{
	switch (operator_rows[op].values) {
	case VALUES_BY_CLASS:
		return class == CLASS_SIGNED || class == CLASS_UNSIGNED || class == CLASS_CAPABILITIES ?
			LIMIT_TETRAGON_NUMERIC_VALUES : 0;
	case VALUES_RANGE:
		return LIMIT_TETRAGON_NUMERIC_VALUES;
	case VALUES_FILE_TYPE:
		return LIMIT_TETRAGON_FILE_TYPES;
	case VALUES_EXPRESSION:
		return 1;
	default:
		return 0;
	}
}

static void check_count(const struct selector_scope *scope, const struct policy_argument_filter *filter,
			enum type_class class)
{
	size_t most = tetragon_values(filter->op, class);
	struct span at;

	if (!most || filter->values.count <= most)
		return;
	at = filter->values.items[most].text.at;
	if (filter->op == OPERATOR_EXPRESSION) {
		diag(scope->diagnostics, DIAG_VALUE_COUNT, at, "'%s' has %zu values, and takes one",
			operator_rows[filter->op].name, filter->values.count);
		return;
	}
	diag(scope->diagnostics, DIAG_TETRAGON_VALUES, at, "'%s' has %zu values, and Tetragon refuses more than %zu",
		operator_rows[filter->op].name, filter->values.count, most);
	diag_help(scope->diagnostics, "tetra takes up to %d", LIMIT_VALUES);
}

static void check_values(const struct selector_scope *scope, struct policy_argument_filter *filter, enum type_id type)
{
	const struct operator_row *op = &operator_rows[filter->op];

	if (op->values == VALUES_NONE) {
		if (filter->values.count)
			diag(scope->diagnostics, DIAG_VALUES_UNUSED, filter->values_at, "'%s' takes no values", op->name);
		return;
	}
	if (!filter->values.count) {
		refuse_no_values(scope, filter->values_at, filter->op_at);
		return;
	}
	check_count(scope, filter, type_rows[type].class);
	for (size_t i = 0; i < filter->values.count; i++)
		check_operand(scope, &filter->values.items[i], filter->op, type);
	operand_warn_repeated(&filter->values, scope->diagnostics);
}

/* ---- Traps ---- */

/* A socket of IPv6 that talks IPv4 has ::ffff: addresses, and Tetragon finds them in no IPv4 network; where rules are emitted they are added. */
static void warn_mapped(const struct selector_scope *scope, const struct policy_argument_filter *filter)
{
	const struct policy_value *first = NULL;

	for (size_t i = 0; i < filter->values.count; i++) {
		const struct policy_value *value = &filter->values.items[i];

		if (value->form == VALUE_ADDRESS && value->family == 6)
			return;
		if (value->form == VALUE_ADDRESS && !first)
			first = value;
	}
	if (!first || (scope->hook->arguments.count && scope->hook->arguments.items[0].made))
		return;
	diag(scope->diagnostics, DIAG_IPV4_ONLY, first->text.at,
		"with Tetragon, IPv4 connections of IPv6 sockets are outside of '%.*s'", SHOW(first->text));
	diag_help(scope->diagnostics, "add \"::ffff:%.*s/%u\", and so for the others",
		(int)strcspn(first->text.bytes, "/"), first->text.bytes, first->prefix + 96u);
}

static void warn_traps(const struct selector_scope *scope, const struct policy_argument_filter *filter,
		       enum type_id type)
{
	if (filter->op == OPERATOR_STATE && type == TYPE_SKB)
		diag(scope->diagnostics, DIAG_STATE_OF_PACKET, filter->op_at, "packets have no state: the filter never matches");
	if (operator_rows[filter->op].values == VALUES_ADDRESS && operator_rows[filter->op].negates >= 0)
		warn_mapped(scope, filter);
	if (operator_rows[filter->op].values == VALUES_BY_CLASS && operand_subject_of(type) == SUBJECT_PATH)
		operand_warn_links(&filter->values, filter->op, scope->diagnostics);
	check_numbers(scope->hook, filter, scope->diagnostics);
}

static void warn_positions(const struct selector_scope *scope, const struct policy_argument_filter *filter)
{
	if (filter->op == OPERATOR_CAPABILITIES_GAINED || filter->positions.count < 2)
		return;
	diag(scope->diagnostics, DIAG_VALUES_UNUSED, filter->positions.items[1].text.at,
		"'%s' compares one argument: only the first of 'args' counts", operator_rows[filter->op].name);
}

/* ---- One filter ---- */

static void check_expression(const struct selector_scope *scope, struct policy_argument_filter *filter,
			     enum filter_place place)
{
	enum hook_kind kind = scope->hook->kind;

	if (place == FILTERS_RETURN)
		diag(scope->diagnostics, DIAG_EXPRESSION_FALSE, filter->op_at,
			"on return, this expression is always false: its arguments are those of the call");
	else if (kind != HOOK_KPROBE && kind != HOOK_UPROBE)
		diag(scope->diagnostics, DIAG_EXPRESSION_FALSE, filter->op_at, "with Tetragon, this expression is always false");
	check_values(scope, filter, TYPE_NOP);
}

static void check_argument_filter(const struct selector_scope *scope, struct policy_argument_filter *filter,
				  enum filter_place place)
{
	const struct operator_row *op = &operator_rows[filter->op];
	const struct policy_argument *argument;

	if (filter->broken)
		return;
	if (filter->op == OPERATOR_EXPRESSION) {	/* names its arguments itself */
		check_expression(scope, filter, place);
		return;
	}
	argument = resolve(scope, filter, place);
	if (!argument || argument->broken)
		return;
	if (argument->type == TYPE_AUTO && scope->hook->kind == HOOK_TRACEPOINT) {
		refuse_untold(scope, filter, argument);
		return;
	}
	if (refuse_type(scope, filter, argument))
		return;
	if (op->support != SUPPORT_NOW)
		diag_later(scope->diagnostics, filter->op_at, "operator '%s'", op->name);
	if (filter->op == OPERATOR_CAPABILITIES_GAINED)
		check_gained(scope, filter, place);
	check_values(scope, filter, argument->type);
	warn_positions(scope, filter);
	warn_traps(scope, filter, argument->type);
}

void check_argument_filters(const struct selector_scope *scope, struct policy_argument_filter_list *filters,
			    enum filter_place place)
{
	for (size_t i = 0; i < filters->count; i++)
		check_argument_filter(scope, &filters->items[i], place);
}

// SPDX-License-Identifier: Apache-2.0
/* check_argument.c - rules of args, data and returnArg; see check.h. */
#include <string.h>

#include "compiler/policy/check.h"
#include "compiler/policy/resolve.h"
#include "schema/names.h"

#define CALLS		(HOOK_BIT(KPROBE) | HOOK_BIT(FENTRY))
#define WITH_DATA	(CALLS | HOOK_BIT(UPROBE))
#define PROGRAMS	(HOOK_BIT(UPROBE) | HOOK_BIT(USDT))
#define TRACEPOINTS	(HOOK_BIT(TRACEPOINT) | HOOK_BIT(RAW_TRACEPOINT))

/* In which list it stands. */
enum place { IN_ARGUMENTS, IN_DATA, IN_RETURN };

static bool is_on(const struct policy_hook *hook, uint32_t hooks)
{
	return hooks & 1u << hook->kind;
}

static const char *hook_phrase(const struct policy_hook *hook)
{
	static const char *const phrases[HOOK_COUNT] = {
		[HOOK_KPROBE] = "a kprobe", [HOOK_FENTRY] = "a fentry", [HOOK_TRACEPOINT] = "a tracepoint",
		[HOOK_RAW_TRACEPOINT] = "a raw tracepoint", [HOOK_UPROBE] = "a uprobe", [HOOK_USDT] = "a USDT",
		[HOOK_LSM] = "an LSM hook",
	};

	return phrases[hook->kind];
}

static bool is_buffer(const struct policy_argument *argument)
{
	return argument->type == TYPE_CHAR_BUF || argument->type == TYPE_CHAR_IOVEC;
}

static bool is_source(const struct policy_argument *argument, const char *source)
{
	return argument->source.bytes && !strcmp(argument->source.bytes, source);
}

/* ---- Index ---- */

static uint32_t highest_index(const struct policy_hook *hook)
{
	return hook->kind == HOOK_TRACEPOINT ? LIMIT_FIELD_INDEX : hook->kind == HOOK_USDT ? LIMIT_PROBE_INDEX :
		LIMIT_ARGUMENT_INDEX;
}

static void check_index(const struct policy_hook *hook, const struct policy_argument *argument,
			struct diagnostics *diagnostics)
{
	uint32_t highest = highest_index(hook);

	if (span_is_empty(argument->index_at) || argument->index <= highest)
		return;
	diag(diagnostics, DIAG_ARGUMENT_INDEX, argument->index_at, "there is no argument %u", argument->index);
	diag_help(diagnostics, hook->kind == HOOK_TRACEPOINT ? "fields 0 to %u are within reach" :
		"arguments 0 to %u are within reach", highest);
}

static bool is_same_text(const struct text *a, const struct text *b)
{
	return a->length == b->length && (!a->length || !memcmp(a->bytes, b->bytes, a->length));
}

/* Something else that is found from the same argument: filters name the two by their positions. */
static bool is_elsewhere(const struct policy_argument *a, const struct policy_argument *b)
{
	return !is_same_text(&a->resolve, &b->resolve) || !is_same_text(&a->source, &b->source);
}

static void check_repeated(const struct policy_hook *hook, size_t n, struct diagnostics *diagnostics)
{
	const struct policy_argument *items = hook->arguments.items;

	for (size_t i = 0; i < n; i++) {
		if (items[i].index != items[n].index || span_is_empty(items[i].index_at) ||
		    span_is_empty(items[n].index_at) || is_elsewhere(&items[i], &items[n]))
			continue;
		diag(diagnostics, DIAG_ARGUMENT_REPEATED, items[n].index_at, "argument %u is there twice",
			items[n].index);
		diag_related(diagnostics, items[i].index_at, "first defined here");
		return;
	}
}

/* ---- Type ---- */

static struct span place_of_type(const struct policy_argument *argument)
{
	return span_is_empty(argument->type_at) ? argument->index_at : argument->type_at;
}

/* Whether resolve may find the type, which then counts instead of the one that is written. */
static bool is_resolved(const struct policy_hook *hook, const struct policy_argument *argument, enum place place)
{
	if (!argument->resolve.length)
		return false;
	return place == IN_DATA ? !is_source(argument, "pt_regs") :
		place == IN_ARGUMENTS && is_on(hook, HOOK_BIT(LSM) | HOOK_BIT(UPROBE));
}

/* Every hook but a tracepoint with a record needs the type; there the kernel tells it when the policy is applied. */
static void check_auto(const struct policy_hook *hook, const struct policy_argument *argument, enum place place,
		       struct diagnostics *diagnostics)
{
	struct span at = place_of_type(argument);

	if (hook->kind == HOOK_TRACEPOINT || is_resolved(hook, argument, place))
		return;
	if (hook->kind == HOOK_USDT) {
		diag(diagnostics, DIAG_TYPE_UNREADABLE, at, "argument %u has no type, and is not reported", argument->index);
	} else if (place == IN_ARGUMENTS) {
		diag(diagnostics, DIAG_TYPE_MISSING, at, "the type of argument %u must be said", argument->index);
	} else {
		diag(diagnostics, DIAG_TYPE_MISSING, at, "the type of %s must be said",
			place == IN_DATA ? "the value" : "the return value");
	}
	diag_help(diagnostics, "add 'type', as in 'type: int'");
}

/* Types that Tetragon refuses on some hooks and not on others; what it only cannot read is another matter. */
static bool is_refused_type(const struct policy_hook *hook, const struct policy_argument *argument, enum place place)
{
	switch (argument->type) {
	case TYPE_SYSCALL64:
		return place == IN_ARGUMENTS && is_on(hook, CALLS);
	case TYPE_CONST_BUF:
		return is_on(hook, TRACEPOINTS);
	case TYPE_BPF_CMD:
		return place == IN_RETURN || (is_on(hook, HOOK_BIT(LSM) | HOOK_BIT(UPROBE)) &&
			!is_resolved(hook, argument, place));
	default:
		return false;
	}
}

static void check_type(const struct policy_hook *hook, const struct policy_argument *argument, enum place place,
		       struct diagnostics *diagnostics)
{
	const struct type_row *type = &type_rows[argument->type];

	if (argument->broken)
		return;
	if (argument->type == TYPE_AUTO) {
		check_auto(hook, argument, place, diagnostics);
		return;
	}
	if (!argument->told && is_refused_type(hook, argument, place)) {
		diag(diagnostics, DIAG_TYPE_HOOK, argument->type_at, "type '%s' does not exist %s %s", type->name,
			place == IN_RETURN ? "for the return value of" : "on", hook_phrase(hook));
		return;
	}
	if (!argument->told && !is_on(hook, type->hooks) && !is_resolved(hook, argument, place))
		diag(diagnostics, DIAG_TYPE_UNREADABLE, argument->type_at, "type '%s' cannot be read on %s", type->name,
			hook_phrase(hook));
	if (type->support != SUPPORT_NOW)
		diag_later(diagnostics, argument->type_at, "type '%s'", type->name);
}

/* ---- Where the value comes from ---- */

static void warn_ignored(struct span at, const char *key, const char *why, struct diagnostics *diagnostics)
{
	diag(diagnostics, DIAG_ARGUMENT_IGNORED, at, "'%s' has no effect %s", key, why);
}

static void check_register(const struct policy_hook *hook, const struct policy_argument *argument,
			   struct diagnostics *diagnostics)
{
	const struct text *name = &argument->resolve;

	if (!register_machines(name->bytes, name->length)) {
		diag(diagnostics, DIAG_REGISTER, name->at, "there is no register '%.64s'", name->bytes);
		diag_help(diagnostics, "as rdi, edi or sp; lower case, without '%%'");
	} else if (hook->kind == HOOK_FENTRY) {
		diag(diagnostics, DIAG_TYPE_UNREADABLE, argument->source.at, "registers read as 0 in a fentry");
	}
}

static void check_data_source(const struct policy_hook *hook, const struct policy_argument *argument,
			      struct diagnostics *diagnostics)
{
	bool is_task = is_source(argument, "current_task"), is_register = is_source(argument, "pt_regs");

	if (argument->broken)
		return;
	if (!is_task && !is_register) {
		diag(diagnostics, DIAG_SOURCE, argument->source.length ? argument->source.at : argument->at,
			argument->source.length ? "there is no source '%.64s'" : "'source' is missing",
			argument->source.bytes);
		diag_help(diagnostics, "current_task or pt_regs");
	}
	if (!argument->resolve.length) {
		diag(diagnostics, DIAG_RESOLVE_MISSING, argument->resolve.bytes ? argument->resolve.at : argument->at,
			"'resolve' is %s", argument->resolve.bytes ? "empty" : "missing");
		diag_help(diagnostics, is_register ? "which register? As in 'resolve: rsp'" :
			"which member of struct task_struct? As in 'resolve: cred.uid.val'");
	} else if (is_register) {
		check_register(hook, argument, diagnostics);
	} else if (is_task) {
		check_resolve_path(&argument->resolve, diagnostics);
	}
}

static void check_argument_source(const struct policy_hook *hook, const struct policy_argument *argument,
				  struct diagnostics *diagnostics)
{
	if (!argument->source.length || argument->made)
		return;
	if (is_on(hook, WITH_DATA)) {
		diag(diagnostics, DIAG_SOURCE, argument->source.at, "an argument has no source");
		diag_help(diagnostics, "move the entry to 'data'");
	} else if (hook->kind != HOOK_LSM || !is_source(argument, "current_task")) {
		diag(diagnostics, DIAG_ARGUMENT_IGNORED, argument->source.at, "'source' reads something else on %s",
			hook_phrase(hook));
	}
}

static void check_btf(const struct policy_hook *hook, const struct policy_argument *argument,
		      struct diagnostics *diagnostics)
{
	if (is_on(hook, PROGRAMS) && argument->resolve.length && (!hook->btf_path.length || !argument->btf_type.length)) {
		diag(diagnostics, DIAG_RESOLVE_MISSING, argument->resolve.at, "'resolve' needs '%s'",
			hook->btf_path.length ? "btfType" : "btfPath");
		diag_help(diagnostics, "add 'btfPath' to the hook, and 'btfType' to the argument");
	}
	if (argument->btf_type.bytes && !argument->resolve.length)
		warn_ignored(argument->btf_type.at, "btfType", "without 'resolve'", diagnostics);
	if (argument->btf_module.bytes && !argument->btf_type.length)
		warn_ignored(argument->btf_module.at, "btfTypeModule", "without 'btfType'", diagnostics);
}

static void check_resolve(const struct policy_hook *hook, const struct policy_argument *argument,
			  struct diagnostics *diagnostics)
{
	if (hook->kind == HOOK_TRACEPOINT) {
		if (argument->resolve.length)
			warn_ignored(argument->resolve.at, "resolve", "on a tracepoint that is not raw", diagnostics);
		if (argument->btf_type.bytes)
			warn_ignored(argument->btf_type.at, "btfType", "on a tracepoint that is not raw", diagnostics);
		return;
	}
	if (argument->resolve.length && !argument->made)
		check_resolve_path(&argument->resolve, diagnostics);
	if (!argument->broken)
		check_btf(hook, argument, diagnostics);
}

/* ---- Buffers ---- */

static void check_size(const struct policy_hook *hook, const struct policy_argument *argument,
		       struct diagnostics *diagnostics)
{
	bool is_limited = !is_on(hook, TRACEPOINTS) && (hook->kind != HOOK_USDT || argument->type == TYPE_STRING);

	if (!argument->size_index)
		return;
	if (is_limited && argument->size_index > LIMIT_SIZE_INDEX) {
		diag(diagnostics, DIAG_SIZE_INDEX, argument->size_index_at, "'sizeArgIndex' is %u, and can be %d at most",
			argument->size_index, LIMIT_SIZE_INDEX);
		diag_help(diagnostics, "it counts arguments from 1: 1 to %d are within reach", LIMIT_SIZE_INDEX_READ);
	} else if (!is_buffer(argument) && argument->type != TYPE_AUTO) {
		warn_ignored(argument->size_index_at, "sizeArgIndex", "on what is not a buffer", diagnostics);
	} else if (!is_on(hook, TRACEPOINTS) && argument->size_index > LIMIT_SIZE_INDEX_READ) {
		diag(diagnostics, DIAG_EMPTY_BUFFER, argument->size_index_at, "argument %u is out of reach, so the size is 0",
			argument->size_index - 1);
		diag_help(diagnostics, "'sizeArgIndex' counts arguments from 1: 1 to %d are within reach",
			LIMIT_SIZE_INDEX_READ);
	}
}

static void check_return_copy(const struct policy_hook *hook, const struct policy_argument *argument,
			      enum place place, struct diagnostics *diagnostics)
{
	if (!argument->return_copy)
		return;
	if (place == IN_DATA) {
		diag(diagnostics, DIAG_RETURN_COPY, argument->return_copy_at, "'returnCopy' does not work in 'data'");
		diag_help(diagnostics, "only entries of 'args' can be read at the return");
	} else if (!is_on(hook, WITH_DATA)) {
		warn_ignored(argument->return_copy_at, "returnCopy", "here: there is no return", diagnostics);
	} else if (!is_buffer(argument)) {
		warn_ignored(argument->return_copy_at, "returnCopy", "on what is not a buffer", diagnostics);
	}
}

static void check_max_data(const struct policy_hook *hook, const struct policy_argument *argument,
			   struct diagnostics *diagnostics)
{
	if (!argument->max_data)
		return;
	if (argument->type != TYPE_CHAR_BUF)
		warn_ignored(argument->max_data_at, "maxData", "on anything but a char_buf", diagnostics);
	else if (is_on(hook, PROGRAMS | TRACEPOINTS))
		warn_ignored(argument->max_data_at, "maxData", "here: only kernel functions and LSM hooks have it",
			diagnostics);
	else if (argument->return_copy)
		warn_ignored(argument->max_data_at, "maxData", "together with 'returnCopy'", diagnostics);
}

static void check_buffer(const struct policy_hook *hook, const struct policy_argument *argument, enum place place,
			 struct diagnostics *diagnostics)
{
	bool is_copied = argument->return_copy && is_on(hook, WITH_DATA);

	check_size(hook, argument, diagnostics);
	check_return_copy(hook, argument, place, diagnostics);
	check_max_data(hook, argument, diagnostics);
	if (argument->broken || !is_buffer(argument) || argument->size_index || is_copied)
		return;
	diag(diagnostics, DIAG_EMPTY_BUFFER, place_of_type(argument), "the buffer has no size, so it is always empty");
	diag_help(diagnostics, "'sizeArgIndex' says which argument is its size, counted from 1");
}

static void check_label(const struct policy_hook *hook, const struct policy_argument *argument,
			struct diagnostics *diagnostics)
{
	if (!argument->label.bytes)
		return;
	if (is_on(hook, TRACEPOINTS | HOOK_BIT(UPROBE)))
		diag(diagnostics, DIAG_ARGUMENT_IGNORED, argument->label.at, "Tetragon does not report labels on %s",
			hook_phrase(hook));
	else if (argument->type == TYPE_SOCKADDR || argument->type == TYPE_SOCKADDR_UN)
		diag(diagnostics, DIAG_ARGUMENT_IGNORED, argument->label.at, "Tetragon does not report labels of type '%s'",
			type_rows[argument->type].name);
}

/* ---- The lists ---- */

/* Of the buffers that are read at the return, Tetragon remembers the last. */
static void check_copies(const struct policy_argument_list *arguments, struct diagnostics *diagnostics)
{
	const struct policy_argument *last = NULL;

	for (size_t i = 0; i < arguments->count && i < LIMIT_ARGUMENTS; i++) {
		if (!arguments->items[i].return_copy || !is_buffer(&arguments->items[i]))
			continue;
		if (last) {
			warn_ignored(last->return_copy_at, "returnCopy", "beside another one", diagnostics);
			diag_related(diagnostics, arguments->items[i].return_copy_at, "the last one counts");
		}
		last = &arguments->items[i];
	}
}

/* Tetragon adds an argument for the field of each size that is not among them. */
static size_t count_hidden(const struct policy_argument_list *arguments)
{
	size_t hidden = 0;

	for (size_t i = 0; i < arguments->count; i++) {
		bool is_there = !arguments->items[i].size_index;

		for (size_t j = 0; !is_there && j < arguments->count; j++)
			is_there = arguments->items[j].index == arguments->items[i].size_index - 1;
		hidden += !is_there;
	}
	return hidden;
}

static void warn_counts(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	size_t count = hook->arguments.count, both = count + hook->data.count;
	size_t hidden = hook->kind == HOOK_TRACEPOINT ? count_hidden(&hook->arguments) : 0;

	if (both > LIMIT_TETRAGON_ARGUMENTS) {
		diag(diagnostics, DIAG_TETRAGON_ENTRIES, hook->data.items[LIMIT_TETRAGON_ARGUMENTS - count].at,
			"'args' and 'data' have %zu entries together, and Tetragon %s more than %d", both,
			hook->kind == HOOK_UPROBE ? "crashes with" : "refuses", LIMIT_TETRAGON_ARGUMENTS);
		diag_help(diagnostics, "tetra takes up to %d", LIMIT_ARGUMENTS);
	} else if (count + hidden > LIMIT_TETRAGON_ARGUMENTS) {
		diag(diagnostics, DIAG_TETRAGON_ENTRIES, hook->arguments.items[0].at,
			"'args' has %zu entries and needs %zu more for sizes, and Tetragon refuses more than %d", count, hidden,
			LIMIT_TETRAGON_ARGUMENTS);
		diag_help(diagnostics, "each 'sizeArgIndex' whose field is not in 'args' takes a place");
	}
}

static void check_counts(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	size_t count = hook->arguments.count, both = count + hook->data.count;

	if (count > LIMIT_ARGUMENTS)
		return;		/* was said when it was read */
	if (both > LIMIT_ARGUMENTS)
		diag(diagnostics, DIAG_TOO_MANY, hook->data.items[LIMIT_ARGUMENTS - count].at,
			"'args' and 'data' have %zu entries together, and may have %d", both, LIMIT_ARGUMENTS);
	else if (count <= LIMIT_TETRAGON_ARGUMENTS)
		warn_counts(hook, diagnostics);
}

static void check_data(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < hook->data.count && i < LIMIT_ARGUMENTS; i++) {
		const struct policy_argument *argument = &hook->data.items[i];

		check_index(hook, argument, diagnostics);
		check_data_source(hook, argument, diagnostics);
		if (!argument->source.length || is_source(argument, "current_task") || is_source(argument, "pt_regs"))
			check_type(hook, argument, IN_DATA, diagnostics);
		check_buffer(hook, argument, IN_DATA, diagnostics);
	}
}

void check_hook_arguments(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < hook->arguments.count && i < LIMIT_ARGUMENTS; i++) {
		const struct policy_argument *argument = &hook->arguments.items[i];

		check_index(hook, argument, diagnostics);
		check_type(hook, argument, IN_ARGUMENTS, diagnostics);
		check_repeated(hook, i, diagnostics);
		check_argument_source(hook, argument, diagnostics);
		check_resolve(hook, argument, diagnostics);
		check_buffer(hook, argument, IN_ARGUMENTS, diagnostics);
		check_label(hook, argument, diagnostics);
	}
	check_copies(&hook->arguments, diagnostics);
	check_counts(hook, diagnostics);
	check_data(hook, diagnostics);
}

/* ---- The return value ---- */

void check_hook_return(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	const struct policy_argument *argument = hook->return_argument;

	if (hook->returns && !argument && !hook->broken) {
		diag(diagnostics, DIAG_RETURN_ARGUMENT, hook->returns_at, "'return: true' needs 'returnArg'");
		diag_help(diagnostics, "add 'returnArg: {index: 0, type: int}'");
	}
	if (!argument || (hook->broken && !hook->returns))
		return;
	if (!hook->returns) {
		diag(diagnostics, DIAG_RETURN_UNUSED, argument->at, "'returnArg' has no effect");
		diag_help(diagnostics, "add 'return: true'");
		return;
	}
	check_type(hook, argument, IN_RETURN, diagnostics);
	if (argument->type != TYPE_NOP || argument->broken)
		return;
	diag(diagnostics, DIAG_RETURN_UNUSED, argument->type_at, "with type nop the return is not reported");
	diag_help(diagnostics, "say a type, as in 'type: int'");
}

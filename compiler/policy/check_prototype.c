// SPDX-License-Identifier: Apache-2.0
/* check_prototype.c - what well-known functions take, and which of them return nothing; see check.h. */
#include <stdlib.h>
#include <string.h>

#include "compiler/policy/check.h"

static const struct prototype_row {
	const char *name, *arguments;
} rows[] = {
#define PROTOTYPE(name, arguments) { name, arguments },
#define DRIFT(name, argument, from, says)
#define NO_RESULT(hook, function)
#include "schema/prototypes.def"
#undef PROTOTYPE
#undef DRIFT
#undef NO_RESULT
};

static const struct drift_row {
	const char *name;
	uint32_t argument;
	uint64_t from;
	const char *says;
} drifts[] = {
#define PROTOTYPE(name, arguments)
#define DRIFT(name, argument, from, says) { name, argument, from, says },
#define NO_RESULT(hook, function)
#include "schema/prototypes.def"
#undef PROTOTYPE
#undef DRIFT
#undef NO_RESULT
};

static const struct no_result_row { const char *hook, *function; } no_results[] = {
#define PROTOTYPE(name, arguments)
#define DRIFT(name, argument, from, says)
#define NO_RESULT(hook, function) { hook, function },
#include "schema/prototypes.def"
#undef PROTOTYPE
#undef DRIFT
#undef NO_RESULT
};

/* An argument as prototypes.def writes it. */
struct parameter { const char *text; int length; };

/* ---- Functions ---- */

static const struct prototype_row *row_find(const char *prefix, const char *name)
{
	size_t length = strlen(prefix);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strncmp(rows[i].name, prefix, length) && !strcmp(rows[i].name + length, name))
			return &rows[i];
	return NULL;
}

static const struct prototype_row *row_of(const struct policy_hook *hook)
{
	static const struct { const char *hook, *function; } others[] = {
		{ "bprm_check_security", "bprm_check" }, { "userns_create", "create_user_ns" },
	};
	const char *name = hook->name.bytes;

	if (!hook->name.length || hook->kind == HOOK_TRACEPOINT || hook->kind == HOOK_RAW_TRACEPOINT)
		return NULL;
	if (hook->kind != HOOK_LSM)
		return row_find("", name);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(others[i].hook, name))
			name = others[i].function;
	return row_find("security_", name);
}

/* ? is one of which nothing is known; NULL: there is none. */
static struct parameter parameter_of(const struct prototype_row *row, uint32_t index)
{
	const char *text = row->arguments;

	for (uint32_t i = 0; i < index; i++) {
		text = strchr(text, ',');
		if (!text)
			return (struct parameter){ NULL, 0 };
		text++;
		if (!strncmp(text, "...", 3))
			return (struct parameter){ "?", 1 };
	}
	return (struct parameter){ text, (int)strcspn(text, ",") };
}

/* ---- Types ---- */

static bool parameter_is(struct parameter parameter, const char *text)
{
	return strlen(text) == (size_t)parameter.length && !strncmp(parameter.text, text, strlen(text));
}

static bool is_pointer(struct parameter parameter)
{
	return parameter.text[parameter.length - 1] == '*';
}

/* Bits of an integer; bool is passed as one. */
static int width_of(struct parameter parameter)
{
	return parameter_is(parameter, "bool") ? 8 : atoi(parameter.text + 1);
}

/* The structures of the kernel that a type reads. */
static const struct structure_row { enum type_id type; const char *name; } structures[] = {
#define STRUCTURE(type, name) { TYPE_##type, name },
#include "schema/structures.def"
#undef STRUCTURE
};

/* Whether the parameter is a pointer to one of them; *some says whether the type has any. */
static bool is_structure(enum type_id type, struct parameter parameter, bool *some)
{
	*some = false;
	for (size_t i = 0; i < sizeof(structures) / sizeof(*structures); i++) {
		size_t length = strlen(structures[i].name);

		if (structures[i].type != type)
			continue;
		*some = true;
		if ((size_t)parameter.length == length + 2 && !strncmp(parameter.text, structures[i].name, length))
			return true;
	}
	return false;
}

static bool goes_with(enum type_id type, struct parameter parameter)
{
	int bits = type == TYPE_FD || type == TYPE_CAPABILITY || type == TYPE_BPF_CMD ? 32 : type_rows[type].bits;
	bool some;

	if (parameter_is(parameter, "?") || parameter_is(parameter, "void *") || is_structure(type, parameter, &some))
		return true;
	if (some)
		return false;
	if (type == TYPE_STRING)
		return parameter_is(parameter, "char *");
	if (type == TYPE_CHAR_BUF)
		return is_pointer(parameter);
	if (!bits)
		return true;
	return is_pointer(parameter) ? bits == 64 : bits <= 32 || width_of(parameter) == 64;
}

static void check_one(const struct policy_hook *hook, const struct prototype_row *row,
		      const struct policy_argument *argument, struct diagnostics *diagnostics)
{
	struct parameter parameter = parameter_of(row, argument->index);

	if (argument->broken || argument->resolve.length || argument->index > LIMIT_ARGUMENT_INDEX)
		return;
	if (!parameter.text) {
		diag(diagnostics, DIAG_PROTOTYPE, argument->index_at, "'%s' has no argument %u", hook->name.bytes,
			argument->index);
		diag_help(diagnostics, "arguments are counted from 0; it takes (%s)", row->arguments);
		return;
	}
	if (span_is_empty(argument->type_at) || goes_with(argument->command_line ? TYPE_LINUX_BINPRM : argument->type, parameter))
		return;
	diag(diagnostics, DIAG_PROTOTYPE, argument->type_at, "argument %u of '%s' is a %.*s", argument->index,
		hook->name.bytes, parameter.length, parameter.text);
	diag_help(diagnostics, "arguments are counted from 0; it takes (%s)", row->arguments);
}

void check_prototype(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	const struct prototype_row *row = row_of(hook);

	for (size_t i = 0; row && i < hook->arguments.count && i < LIMIT_ARGUMENTS; i++)
		check_one(hook, row, &hook->arguments.items[i], diagnostics);
}

/* ---- Numbers that drift ---- */

static const struct drift_row *drift_of(const struct policy_hook *hook, uint32_t argument)
{
	size_t prefix = hook->kind == HOOK_LSM ? strlen("security_") : 0;

	for (size_t i = 0; hook->name.length && i < sizeof(drifts) / sizeof(*drifts); i++)
		if (drifts[i].argument == argument && !strcmp(drifts[i].name + prefix, hook->name.bytes))
			return &drifts[i];
	return NULL;
}

void check_numbers(const struct policy_hook *hook, const struct policy_argument_filter *filter,
		   struct diagnostics *diagnostics)
{
	const struct drift_row *row = drift_of(hook, filter->index);

	for (size_t i = 0; row && i < filter->values.count; i++) {
		const struct policy_value *value = &filter->values.items[i];

		if ((value->form != VALUE_INTEGER && value->form != VALUE_RANGE) || value->low < row->from)
			continue;
		diag(diagnostics, DIAG_NUMBER_DRIFTS, value->text.at, "%.*s means something else on other kernels",
			(int)value->text.length, value->text.bytes);
		diag_help(diagnostics, "%s", row->says);
		return;
	}
}

/* ---- Results ---- */

bool is_security_function(const struct text *name)
{
	return name->bytes && !strncmp(name->bytes, "security_", strlen("security_"));
}

bool hook_has_result(const struct policy_hook *hook)
{
	for (size_t i = 0; hook->name.length && i < sizeof(no_results) / sizeof(*no_results); i++) {
		const char *name = hook->kind == HOOK_LSM ? no_results[i].hook : no_results[i].function;

		if (name && !strcmp(name, hook->name.bytes))
			return false;
	}
	return true;
}

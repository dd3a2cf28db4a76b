// SPDX-License-Identifier: Apache-2.0
/* inputs.c - compiling what input.c found, and telling policies of one name apart; see input.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/host.h"
#include "cmd/input.h"
#include "cmd/profiles.h"
#include "cmd/report.h"
#include "cmd/verb.h"
#include "compiler/policy/ignore.h"
#include "compiler/policy/policy.h"

/* ---- Names of policies, across files ---- */

struct input_name {
	uint32_t hash;
	const char *name;	/* with the namespace before it: "namespace/name", "/name" */
	const char *place;	/* "file:line" */
};

static uint32_t hash_of(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash;
}

static const struct input_name *find_name(const struct input_names *names, size_t count, const char *name)
{
	uint32_t hash = hash_of(name);

	for (size_t i = 0; i < count; i++)
		if (names->items[i].hash == hash && !strcmp(names->items[i].name, name))
			return &names->items[i];
	return NULL;
}

static const char *whole_name(struct input_names *names, const struct policy *policy)
{
	const char *namespace = policy->namespace.bytes ? policy->namespace.bytes : "";

	return arena_format(&names->arena, "%s/%s", namespace, policy->name.bytes);
}

static void add_name(struct input_names *names, const struct policy *policy, const char *name, size_t line)
{
	names->items = arena_grow(&names->arena, names->items, names->count, &names->capacity,
		sizeof(*names->items));
	names->items[names->count++] = (struct input_name){
		.hash = hash_of(name),
		.name = name,
		.place = arena_format(&names->arena, "%s:%zu", policy->name.at.source->name, line),
	};
}

static size_t count_lines(const char *text, size_t length)
{
	size_t lines = 0;

	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	return lines;
}

/* Those of one file are told apart by the compiler.  Policies come in the order of the text. */
static void check_names(struct unit *unit, struct input_names *names)
{
	size_t before = names->count, line = 1, counted = 0;

	for (size_t i = 0; unit->policies && i < unit->policies->count; i++) {
		const struct policy *policy = &unit->policies->items[i];
		const struct input_name *other;
		const char *name;

		if (!policy->name.bytes)
			continue;
		name = whole_name(names, policy);
		other = find_name(names, before, name);
		if (other)
			diag(&unit->diagnostics, DIAG_DUPLICATE_POLICY, policy->name.at,
				"there is a policy named '%s' already: %s", policy->name.bytes, other->place);
		line += count_lines(unit->source.text + counted, policy->name.at.start - counted);
		counted = policy->name.at.start;
		add_name(names, policy, name, line);
	}
}

/* ---- Units ---- */

static bool has_no_policy(const struct unit *unit)
{
	for (size_t i = 0; unit->diagnostics.errors == 1 && i < unit->diagnostics.count; i++)
		if (unit->diagnostics.items[i].id == DIAG_NO_POLICY)
			return true;
	return false;
}

static bool is_simplified(const struct unit *unit, const struct pass *last)
{
	return unit->ir && (!last || last >= compiler_find_pass("simplify"));
}

/* No pass behind simplify finds anything, nor one that does not run. */
static bool found_everything(const struct pass *last, int failed)
{
	return !failed && (!last || last >= compiler_find_pass("simplify"));
}

int input_compile_alone(struct unit *unit, const struct pass *last)
{
	int failed;

	unit->profiles = profiles_of_policies();
	failed = unit_compile(unit, last);
	if (found_everything(last, failed))
		ignores_finish(&unit->diagnostics);
	return failed || diagnostics_errors(&unit->diagnostics) ? EXIT_REFUSED : EXIT_FINE;
}

int input_compile(struct unit *unit, const struct pass *last, struct input_names *names, bool *ret_passed_over)
{
	int failed;

	unit->profiles = unit->profiles ? unit->profiles : profiles_of_policies();
	failed = unit_compile(unit, last);
	*ret_passed_over = has_no_policy(unit) && (input_pass_over() || input_has_tests(unit->source.name));
	if (*ret_passed_over)
		return EXIT_FINE;
	check_names(unit, names);
	if (is_simplified(unit, last))
		conflicts_find(&names->conflicts, unit->ir, &names->arena, &unit->diagnostics);
	if (found_everything(last, failed))
		ignores_finish(&unit->diagnostics);
	return failed || diagnostics_errors(&unit->diagnostics) ? EXIT_REFUSED : EXIT_FINE;
}

struct compiling {
	const struct pass *last;
	const struct policy_host *host;
	const struct policy_profiles *profiles;	/* NULL: those that policies name */
	enum unit_level level;
	struct inputs *inputs;
	struct input_names names;
};

static struct unit *add_unit(struct inputs *inputs, const char *name, const char *text, size_t length)
{
	struct unit *unit = calloc(1, sizeof(*unit));
	struct unit **units = realloc(inputs->units, (inputs->count + 1) * sizeof(*units));
	char *own_name = strdup(name);

	if (!unit || !units || !own_name)
		abort();
	inputs->units = units;
	units[inputs->count++] = unit;
	unit_init(unit, own_name, text, length);
	return unit;
}

static void release_unit(struct unit *unit)
{
	const char *name = unit->source.name, *text = unit->source.text;
	size_t length = unit->source.length;

	unit_release(unit);
	free((void *)name);
	if (length)
		free((void *)text);
	free(unit);
}

static int compile_each(void *context, const char *name, const char *text, size_t length, bool *keep)
{
	struct compiling *compiling = context;
	struct unit *unit = add_unit(compiling->inputs, name, text, length);
	bool passed_over;
	int code;

	unit->level = compiling->level;
	unit->host = compiling->host;
	unit->profiles = compiling->profiles;
	code = input_compile(unit, compiling->last, &compiling->names, &passed_over);
	*keep = length > 0;
	if (passed_over) {
		compiling->inputs->count--;
		release_unit(unit);
		return EXIT_FINE;
	}
	report_text(&unit->diagnostics, stderr, COLOUR_AUTO);
	return code;
}

int inputs_compile(int count, char **operands, const struct pass *last, struct inputs *ret)
{
	return inputs_compile_at(UNIT_OPTIMIZED, count, operands, last, ret);
}

static int compile_all(struct compiling *compiling, int count, char **operands)
{
	int code;

	*compiling->inputs = (struct inputs){ 0 };
	code = input_visit(count, operands, compile_each, compiling);
	arena_release(&compiling->names.arena);
	return code;
}

int inputs_compile_at(enum unit_level level, int count, char **operands, const struct pass *last, struct inputs *ret)
{
	struct compiling compiling = { .last = last, .level = level, .inputs = ret };

	return compile_all(&compiling, count, operands);
}

int inputs_compile_here(int count, char **operands, struct inputs *ret)
{
	struct kernel *kernel = kernel_new();
	const struct policy_host host = host_of(kernel);
	struct compiling compiling = { .host = kernel ? &host : NULL, .profiles = profiles_for_kernel(NULL), .inputs = ret };
	int code = compile_all(&compiling, count, operands);

	for (size_t n = 0; n < ret->count; n++)
		ret->units[n]->host = NULL;
	kernel_free(kernel);
	return code;
}

int inputs_compile_for(const char *profile, int count, char **operands, struct inputs *ret)
{
	struct compiling compiling = { .profiles = profiles_for_kernel(profile), .inputs = ret };

	return compile_all(&compiling, count, operands);
}

void inputs_release(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		release_unit(inputs->units[i]);
	free(inputs->units);
	*inputs = (struct inputs){ 0 };
}

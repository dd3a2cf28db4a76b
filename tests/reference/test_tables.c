// SPDX-License-Identifier: Apache-2.0
/*
 * test_tables.c - the reference's lists in this folder and the project's in schema/ have the same names and numbers.  TAP.
 *
 * Each was written from the reference by itself; this is where they meet.
 */
#include <stdio.h>
#include <string.h>

#include "schema/schema.h"
#include "tests/reference/model.h"

static unsigned number, failures;

static void tell(const char *what, unsigned missing, unsigned ours, unsigned theirs)
{
	bool fine = !missing && ours == theirs;

	failures += !fine;
	printf("%sok %u - %s: the same %u\n", fine ? "" : "not ", ++number, what, ours);
	if (!fine)
		printf("# %u of here are not in schema/, which has %u\n", missing, theirs);
}

/* ---- Spellings, of the rows and of the aliases ---- */

static const struct { const char *name; } schema_types[] = {
#define TYPE(id, name, ...) { name },
#define TYPE_ALIAS(name, id) { name },
#include "schema/types.def"
#undef TYPE
#undef TYPE_ALIAS
};

static const struct { const char *name; } schema_operators[] = {
#define OPERATOR(id, name, ...) { name },
#define OPERATOR_ALIAS(name, id) { name },
#define OPERATOR_OF_RULES(...)
#include "schema/operators.def"
#undef OPERATOR
#undef OPERATOR_ALIAS
};

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

static void compare_types(void)
{
	unsigned missing = 0;

	for (int n = 0; n < MODEL_TYPES; n++) {
		size_t m = 0;

		while (m < COUNT(schema_types) && strcmp(schema_types[m].name, model_types[n].name))
			m++;
		missing += m == COUNT(schema_types);
	}
	tell("types", missing, MODEL_TYPES, COUNT(schema_types));
}

static void compare_operators(void)
{
	unsigned missing = 0;

	for (int n = 0; n < MODEL_OPERATORS; n++) {
		size_t m = 0;

		while (m < COUNT(schema_operators) && strcmp(schema_operators[m].name, model_operators[n].name))
			m++;
		missing += m == COUNT(schema_operators);
	}
	tell("operators", missing, MODEL_OPERATORS, COUNT(schema_operators));
}

/* ---- Which goes with which: 5.5 here, columns of the rows there ---- */

static const enum type_class classes[] = {
	[MODEL_OTHER] = CLASS_NONE, [MODEL_SIGNED] = CLASS_SIGNED, [MODEL_UNSIGNED] = CLASS_UNSIGNED,
	[MODEL_SET] = CLASS_CAPABILITIES, [MODEL_STRING] = CLASS_STRING, [MODEL_PATH] = CLASS_PATH, [MODEL_SOCKET] = CLASS_SOCKET,
	[MODEL_SOCKADDR] = CLASS_SOCKADDR, [MODEL_UNIX] = CLASS_SOCKADDR_UN,
};

static void compare_classes(void)
{
	unsigned differences = 0;

	for (int n = 0; n < MODEL_TYPES; n++) {
		int type = type_find(model_types[n].name, strlen(model_types[n].name));
		const struct type_row *row = type < 0 ? NULL : &type_rows[type];

		if (!row || row->class != classes[model_types[n].class] ||
		    (model_types[n].class != MODEL_SET && row->bits != model_types[n].bits)) {
			printf("# type %s\n", model_types[n].name);
			differences++;
		}
	}
	tell("classes and widths of types", differences, MODEL_TYPES, MODEL_TYPES);
}

static void compare_pairs(void)
{
	unsigned differences = 0, pairs = 0;

	for (int op = 0; op < MODEL_ARGUMENT_OPERATORS; op++) {
		const char *name = model_operators[op].name;
		int row = operator_find(name, strlen(name));

		for (int n = 0; n < MODEL_TYPES && model_operators[op].test != TEST_EXPRESSION; n++) {
			int type = type_find(model_types[n].name, strlen(model_types[n].name));
			bool here = model_operators[op].classes >> model_types[n].class & 1;

			pairs++;
			if (row >= 0 && type >= 0 && here == operator_compares((enum operator_id)row, (enum type_id)type))
				continue;
			printf("# %s on %s\n", name, model_types[n].name);
			differences++;
		}
	}
	tell("operators on types", differences, pairs, pairs);
}

static void compare_hooks(void)
{
	static const enum hook_kind kinds[MODEL_HOOK_KINDS] = { HOOK_KPROBE, HOOK_FENTRY, HOOK_TRACEPOINT, HOOK_RAW_TRACEPOINT,
								HOOK_UPROBE, HOOK_USDT, HOOK_LSM };
	unsigned differences = 0;

	for (int n = 0; n < MODEL_TYPES; n++) {
		int type = type_find(model_types[n].name, strlen(model_types[n].name));

		for (int kind = 0; kind < MODEL_HOOK_KINDS && type > 0 && type != TYPE_AUTO; kind++) {
			bool here = strchr(model_types[n].hooks, "KFTRUSL"[kind]);

			if (here == (type_rows[type].hooks >> kinds[kind] & 1))
				continue;
			printf("# type %s on %s\n", model_types[n].name, hook_rows[kinds[kind]].name);
			differences++;
		}
	}
	tell("types on hooks", differences, MODEL_TYPES, MODEL_TYPES);
}

/* ---- Names with numbers ---- */

#define NAMED(name, number) { name, number },
static const struct model_name schema_protocols[] = {
#include "schema/protocols.def"
};
static const struct model_name schema_families[] = {
#include "schema/families.def"
};
static const struct model_name schema_states[] = {
#include "schema/tcp_states.def"
};
static const struct model_name schema_file_types[] = {
#include "schema/file_types.def"
};
static const struct model_name schema_capabilities[] = {
#include "schema/capabilities.def"
};
#undef NAMED

static bool has_name(const struct model_name *rows, size_t count, const char *name, unsigned value)
{
	for (size_t n = 0; n < count; n++)
		if (!strcmp(rows[n].name, name) && rows[n].number == value)
			return true;
	return false;
}

static void compare_names(const char *what, const struct model_name *ours, const struct model_name *theirs, size_t count)
{
	unsigned missing = 0, own = 0;

	for (; ours->name; ours++, own++)
		missing += !has_name(theirs, count, ours->name, ours->number);
	tell(what, missing, own, (unsigned)count);
}

static void compare_capabilities(void)
{
	unsigned missing = 0;

	for (unsigned n = 0; n < MODEL_CAPABILITIES; n++)
		missing += !has_name(schema_capabilities, COUNT(schema_capabilities), model_capabilities[n], n);
	tell("capabilities", missing, MODEL_CAPABILITIES, COUNT(schema_capabilities));
}

/* Words that a field may be, in any order. */
static void compare_words(const char *what, const char *words, const char *const *names, unsigned count)
{
	unsigned missing = 0, theirs = 1;

	for (unsigned n = 0; n < count; n++) {
		const char *found = words;
		size_t length = strlen(names[n]);

		while (found && !(!strncmp(found, names[n], length) && (found[length] == '|' || !found[length])))
			found = strchr(found, '|') ? strchr(found, '|') + 1 : NULL;
		missing += !found;
	}
	for (; *words; words++)
		theirs += *words == '|';
	tell(what, missing, count, theirs);
}

int main(void)
{
	compare_types();
	compare_operators();
	compare_classes();
	compare_pairs();
	compare_hooks();
	compare_names("protocols", model_protocols, schema_protocols, COUNT(schema_protocols));
	compare_names("families", model_families, schema_families, COUNT(schema_families));
	compare_names("states", model_states, schema_states, COUNT(schema_states));
	compare_names("types of files", model_file_types, schema_file_types, COUNT(schema_file_types));
	compare_capabilities();
	compare_words("namespaces", kind_rows[KIND_NAMESPACE].words, model_namespaces, MODEL_NAMESPACES);
	compare_words("capability sets", kind_rows[KIND_CAPABILITY_SET].words, model_capability_sets, MODEL_CAPABILITY_SETS);
	printf("1..%u\n", number);
	return failures ? 1 : 0;
}

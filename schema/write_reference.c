// SPDX-License-Identifier: Apache-2.0
/* write_reference.c - the reference of the language, as Markdown; see write.h. */
#include <string.h>

#include "schema/write.h"
#include "schema/write_field.h"

static const char *support_word(enum support support)
{
	return support == SUPPORT_NOW ? "yes" : "not yet";
}

static const char *value_words(const struct field_row *field)
{
	const char *words = kind_rows[field->kind].words;

	if (!words_are_a_table(&kind_rows[field->kind]))
		return kind_rows[field->kind].wants;
	if (!strcmp(words, KIND_WORDS_TYPES))
		return "a [type](#types)";
	return strcmp(words, KIND_WORDS_ACTIONS) ? "an [operator](#operators)" : "an [action](#actions)";
}

static void field_page(FILE *out, const struct field_row *field)
{
	struct word word;

	fprintf(out, "| `%s` | %s", field->key, value_words(field));
	for (size_t n = 0; !words_are_a_table(&kind_rows[field->kind]) && word_of(&kind_rows[field->kind], n, &word); n++)
		fprintf(out, "%s`%.*s`", n ? ", " : ": ", (int)word.length, word.name);
	if (field->child)
		fprintf(out, ": [`%s`](#%s)", group_rows[field->child].name, group_rows[field->child].name);
	if (field->most)
		fprintf(out, ", at most %u", field->most);
	if (form_of(field).tetragon_most)
		fprintf(out, " (Tetragon: %u)", form_of(field).tetragon_most);
	fprintf(out, " | %s%s%s | %s | %s |\n", field->flags & FIELD_REQUIRED ? "required" : "",
		field->standard ? "default " : "", field->standard ? field->standard : "",
		support_word(field->support), field->about);
}

static void group_page(FILE *out, enum field_group group)
{
	const struct group_row *row = &group_rows[group];

	fprintf(out, "\n### %s\n\n%s Stands at: %s%s%s.\n\n", row->name, row->about, group == GROUP_root ? "" : "`",
		row->path, group == GROUP_root ? "" : "`");
	fputs("| key | value | | supported | meaning |\n|---|---|---|---|---|\n", out);
	for (size_t i = row->first; field_rows[i].group == group; i++)
		field_page(out, &field_rows[i]);
}

static void types_page(FILE *out)
{
	fputs("\n## Types\n\n| type | supported | in events | meaning |\n|---|---|---|---|\n", out);
	for (enum type_id id = 0; id < TYPE_COUNT; id++) {
		const char *name;
		int row;

		fputs("| ", out);
		for (size_t n = 0, shown = 0; (name = type_spelling(n, &row)); n++)
			if (row == (int)id)
				fprintf(out, "%s`%s`", shown++ ? ", " : "", name);
		fprintf(out, " | %s | %s%s%s | %s |\n", support_word(type_rows[id].support),
			*type_rows[id].event ? "`" : "", type_rows[id].event, *type_rows[id].event ? "`" : "",
			type_rows[id].about);
	}
}

static void compares_page(FILE *out, enum operator_id op)
{
	size_t shown = 0;

	for (enum type_id id = 0; id < TYPE_COUNT; id++)
		if (operator_compares(op, id))
			fprintf(out, "%s`%s`", shown++ ? ", " : "", type_rows[id].name);
}

static void operators_page(FILE *out)
{
	static const char *const filters[] = {
		"matchArgs", "matchBinaries", "matchPIDs", "matchNamespaces", "matchCapabilities",
	};

	fputs("\n## Operators\n\n| operator | supported | stands in | compares | meaning |\n|---|---|---|---|---|\n", out);
	for (enum operator_id id = 0; id < OPERATOR_COUNT; id++) {
		const char *name;
		int row;

		if (!operator_rows[id].filters)
			continue;
		fputs("| ", out);
		for (size_t n = 0, shown = 0; (name = operator_spelling(n, &row)); n++)
			if (row == (int)id)
				fprintf(out, "%s`%s`", shown++ ? ", " : "", name);
		fprintf(out, " | %s | ", support_word(operator_rows[id].support));
		for (size_t n = 0, shown = 0; n < sizeof(filters) / sizeof(*filters); n++)
			if (operator_rows[id].filters & 1u << n)
				fprintf(out, "%s%s", shown++ ? ", " : "", filters[n]);
		fputs(" | ", out);
		compares_page(out, id);
		fprintf(out, " | %s |\n", operator_rows[id].about);
	}
}

static void actions_page(FILE *out)
{
	fputs("\n## Actions\n\n| action | supported | enforces | hooks | meaning |\n|---|---|---|---|---|\n", out);
	for (enum action_id id = 0; id < ACTION_COUNT; id++) {
		fprintf(out, "| `%s` | %s | %s | ", action_rows[id].name, support_word(action_rows[id].support),
			action_rows[id].enforces ? "yes" : "");
		for (size_t kind = 0, shown = 0; kind < HOOK_COUNT; kind++)
			if (action_rows[id].hooks & 1u << kind)
				fprintf(out, "%s%s", shown++ ? ", " : "", hook_rows[kind].name);
		fprintf(out, " | %s |\n", action_rows[id].about);
	}
}

static void hooks_page(FILE *out)
{
	fputs("\n## Hooks\n\n| hook | section | supported | event | meaning |\n|---|---|---|---|---|\n", out);
	for (enum hook_kind kind = 0; kind < HOOK_COUNT; kind++)
		fprintf(out, "| %s | `%s` | %s | `%s` | %s |\n", hook_rows[kind].name, hook_rows[kind].section,
			support_word(hook_rows[kind].support), hook_rows[kind].event, hook_rows[kind].about);
}

static void options_page(FILE *out)
{
	fputs("\n## Options\n\n| option | values | default | supported | meaning |\n|---|---|---|---|---|\n", out);
	for (enum spec_option_id id = 0; id < SPEC_OPTION_COUNT; id++) {
		const struct spec_option_row *row = &spec_option_rows[id];
		const char *choices = row->choices;

		fprintf(out, "| `%s` | ", row->name);
		for (; *choices; choices++) {
			if (*choices == '|')
				fputs(", ", out);
			else
				fputc(*choices, out);
		}
		fprintf(out, " | %s | %s | %s |\n", row->standard ? row->standard : "", support_word(row->support),
			row->about);
	}
}

static void limits_page(FILE *out)
{
	fputs("\n## Limits\n\n| limit | |\n|---|---|\n", out);
#define LIMIT(id, value, about) fprintf(out, "| %s | %d |\n", about, value);
#include "schema/limits.def"
#undef LIMIT
}

void write_reference(FILE *out)
{
	fputs("# The policy language\n\nMade from the tables in schema/; do not edit.\n\n", out);
	fputs("A file holds any number of YAML documents, parted by `---`. Those of other kinds are passed over and\n"
	      "counted. Kinds:\n\n| kind | apiVersion | supported | meaning |\n|---|---|---|---|\n", out);
	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++)
		fprintf(out, "| `%s` | %s | %s | %s |\n", document_rows[id].kind,
			document_rows[id].group ? document_rows[id].group : "", support_word(document_rows[id].support),
			document_rows[id].about);
	fputs("\n## Keys\n", out);
	for (enum field_group group = GROUP_root; group < GROUP_COUNT; group++)
		group_page(out, group);
	hooks_page(out);
	types_page(out);
	operators_page(out);
	actions_page(out);
	options_page(out);
	limits_page(out);
}

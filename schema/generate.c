// SPDX-License-Identifier: Apache-2.0
/*
 * generate.c - host program: the tables as JSON Schema for editors and as reference pages.
 *
 * generate DIRECTORY writes tracingpolicy.schema.json, fields.md and diagnostics.md there.  The same tables give
 * the same bytes; they are committed, and `make check-generated` compares.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

#define LATER_NOTE "Not supported yet by this version of tetra."

static bool is_table(const char *words)
{
	return words && words[0] == '<';
}

/* Word n that a kind takes, with what it means and whether it works; false past the end. */
struct word {
	const char *name;
	size_t length;
	const char *about;
	enum support support;
};

static bool operator_word(const struct kind_row *kind, size_t n, struct word *ret)
{
	const char *name;
	int id;

	for (size_t i = 0; (name = operator_spelling(i, &id)); i++)
		if ((operator_rows[id].filters & kind->filters) && !n--) {
			*ret = (struct word){ name, strlen(name), operator_rows[id].about, operator_rows[id].support };
			return true;
		}
	return false;
}

static bool type_word(size_t n, struct word *ret)
{
	int id;
	const char *name = type_spelling(n, &id);

	if (name)
		*ret = (struct word){ name, strlen(name), type_rows[id].about, type_rows[id].support };
	return name;
}

static bool action_word(size_t n, struct word *ret)
{
	if (n >= ACTION_COUNT)
		return false;
	*ret = (struct word){ action_rows[n].name, strlen(action_rows[n].name), action_rows[n].about,
		action_rows[n].support };
	return true;
}

static bool listed_word(const char *words, size_t n, struct word *ret)
{
	*ret = (struct word){ .about = "", .support = SUPPORT_NOW };
	ret->length = words_at(words, n, &ret->name);
	return ret->length;
}

static bool kind_word(const struct kind_row *kind, size_t n, struct word *ret)
{
	if (!kind->words)
		return false;
	if (!is_table(kind->words))
		return listed_word(kind->words, n, ret);
	if (!strcmp(kind->words, KIND_WORDS_TYPES))
		return type_word(n, ret);
	return !strcmp(kind->words, KIND_WORDS_ACTIONS) ? action_word(n, ret) : operator_word(kind, n, ret);
}

/* ---- JSON Schema ---- */

/* Begins a line of the given depth; `comma` when something stands before it. */
static void line(FILE *out, unsigned depth, bool comma)
{
	fprintf(out, "%s\n%*s", comma ? "," : "", (int)depth * 2, "");
}

static void text(FILE *out, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '"' || bytes[i] == '\\')
			fputc('\\', out);
		fputc(bytes[i], out);
	}
}

static void string(FILE *out, const char *value)
{
	fputc('"', out);
	text(out, value, strlen(value));
	fputc('"', out);
}

static void description(FILE *out, const char *about, enum support support)
{
	fputs("\"description\": \"", out);
	text(out, about, strlen(about));
	if (support != SUPPORT_NOW)
		fputs(" " LATER_NOTE, out);
	fputc('"', out);
}

static void words_json(FILE *out, unsigned depth, const struct kind_row *kind)
{
	struct word word;

	line(out, depth, true);
	fputs("\"enum\": [", out);
	for (size_t n = 0; kind_word(kind, n, &word); n++)
		fprintf(out, "%s\"%.*s\"", n ? ", " : "", (int)word.length, word.name);
	fputc(']', out);
	if (!is_table(kind->words))
		return;
	line(out, depth, true);
	fputs("\"enumDescriptions\": [", out);
	for (size_t n = 0; kind_word(kind, n, &word); n++) {
		line(out, depth + 1, n > 0);
		fputc('"', out);
		text(out, word.about, strlen(word.about));
		fprintf(out, "%s\"", word.support == SUPPORT_NOW ? "" : " " LATER_NOTE);
	}
	line(out, depth, false);
	fputc(']', out);
}

static void scalar_json(FILE *out, unsigned depth, const struct field_row *field, bool comma)
{
	const struct kind_row *kind = &kind_rows[field->kind];

	if (!kind->json)
		return;
	line(out, depth, comma);
	if (field->flags & FIELD_NUMBERS)
		fputs("\"type\": [\"string\", \"number\"]", out);
	else
		fprintf(out, "\"type\": \"%s\"", kind->json);
	if (kind->words)
		words_json(out, depth, kind);
	if (!strcmp(kind->json, "integer")) {
		line(out, depth, true);
		fprintf(out, "\"minimum\": %lld", (long long)kind->minimum);
		line(out, depth, true);
		fprintf(out, "\"maximum\": %lld", (long long)kind->maximum);
	}
}

static void reference(FILE *out, enum field_group group)
{
	fprintf(out, "{ \"$ref\": \"#/$defs/%s\" }", group_rows[group].name);
}

static void shape_json(FILE *out, unsigned depth, const struct field_row *field)
{
	switch (kind_rows[field->kind].shape) {
	case SHAPE_SCALAR:
		scalar_json(out, depth, field, true);
		return;
	case SHAPE_LIST:
		line(out, depth, true);
		fputs("\"type\": \"array\"", out);
		line(out, depth, true);
		fputs("\"items\": {", out);
		scalar_json(out, depth + 1, field, false);
		line(out, depth, false);
		fputc('}', out);
		return;
	case SHAPE_OBJECT:
		line(out, depth, true);
		fprintf(out, "\"$ref\": \"#/$defs/%s\"", group_rows[field->child].name);
		return;
	case SHAPE_OBJECT_LIST:
		line(out, depth, true);
		fputs("\"type\": \"array\"", out);
		line(out, depth, true);
		fputs("\"items\": ", out);
		reference(out, field->child);
		return;
	case SHAPE_OBJECT_MAP:
	case SHAPE_TEXT_MAP:
		line(out, depth, true);
		fputs("\"type\": \"object\"", out);
		line(out, depth, true);
		fputs("\"additionalProperties\": ", out);
		if (field->child)
			reference(out, field->child);
		else
			fprintf(out, "{ \"type\": %s }",
				field->flags & FIELD_NUMBERS ? "[\"string\", \"number\"]" : "\"string\"");
		return;
	}
}

/* apiVersion and kind have one value each. */
static void constant_json(FILE *out, unsigned depth, const struct field_row *field)
{
	const struct document_row *document = &document_rows[DOCUMENT_TRACING_POLICY];

	if (field->group != GROUP_root || field->kind != KIND_TEXT)
		return;
	line(out, depth, true);
	fprintf(out, "\"const\": \"%s\"", strcmp(field->key, "kind") ? document->group : document->kind);
}

static void field_json(FILE *out, unsigned depth, const struct field_row *field, bool comma)
{
	line(out, depth, comma);
	string(out, field->key);
	fputs(": {", out);
	line(out, depth + 1, false);
	description(out, field->about, field->support);
	shape_json(out, depth + 1, field);
	constant_json(out, depth + 1, field);
	if (field->most) {
		line(out, depth + 1, true);
		fprintf(out, "\"maxItems\": %u", field->most);
	}
	if (field->standard) {
		line(out, depth + 1, true);
		fprintf(out, "\"default\": %s", field->standard);
	}
	line(out, depth, false);
	fputc('}', out);
}

static void required_json(FILE *out, unsigned depth, enum field_group group)
{
	size_t count = 0;

	for (size_t i = group_rows[group].first; field_rows[i].group == group; i++) {
		if (!(field_rows[i].flags & FIELD_REQUIRED))
			continue;
		if (!count)
			line(out, depth, true);
		fprintf(out, "%s\"%s\"", count++ ? ", " : "\"required\": [", field_rows[i].key);
	}
	if (count)
		fputc(']', out);
}

static void group_json(FILE *out, unsigned depth, enum field_group group)
{
	const struct group_row *row = &group_rows[group];

	line(out, depth, false);
	fprintf(out, "\"title\": \"%s\"", row->path);
	line(out, depth, true);
	description(out, row->about, SUPPORT_NOW);
	line(out, depth, true);
	fputs("\"type\": \"object\"", out);
	line(out, depth, true);
	fputs("\"additionalProperties\": false", out);
	required_json(out, depth, group);
	line(out, depth, true);
	fputs("\"properties\": {", out);
	for (size_t i = row->first; field_rows[i].group == group; i++)
		field_json(out, depth + 1, &field_rows[i], i > row->first);
	line(out, depth, false);
	fputc('}', out);
}

static void schema_json(FILE *out)
{
	fputs("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",", out);
	group_json(out, 1, GROUP_root);
	fputs(",\n  \"$defs\": {", out);
	for (enum field_group group = GROUP_root + 1; group < GROUP_COUNT; group++) {
		line(out, 2, group > GROUP_root + 1);
		fprintf(out, "\"%s\": {", group_rows[group].name);
		group_json(out, 3, group);
		line(out, 2, false);
		fputc('}', out);
	}
	fputs("\n  }\n}\n", out);
}

/* ---- The reference of the language ---- */

static const char *support_word(enum support support)
{
	return support == SUPPORT_NOW ? "yes" : "not yet";
}

static const char *value_words(const struct field_row *field)
{
	const char *words = kind_rows[field->kind].words;

	if (!words || !is_table(words))
		return kind_rows[field->kind].wants;
	if (!strcmp(words, KIND_WORDS_TYPES))
		return "a [type](#types)";
	return strcmp(words, KIND_WORDS_ACTIONS) ? "an [operator](#operators)" : "an [action](#actions)";
}

static void field_page(FILE *out, const struct field_row *field)
{
	struct word word;

	fprintf(out, "| `%s` | %s", field->key, value_words(field));
	for (size_t n = 0; !is_table(kind_rows[field->kind].words) && kind_word(&kind_rows[field->kind], n, &word); n++)
		fprintf(out, "%s`%.*s`", n ? ", " : ": ", (int)word.length, word.name);
	if (field->child)
		fprintf(out, ": [`%s`](#%s)", group_rows[field->child].name, group_rows[field->child].name);
	if (field->most)
		fprintf(out, ", at most %u", field->most);
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
		if (type_rows[id].class != CLASS_NONE && (operator_rows[op].classes & 1u << type_rows[id].class))
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

static void fields_page(FILE *out)
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

/* ---- The catalogue of diagnostics ---- */

static bool is_example(const char *paragraph)
{
	static const char *const starts[] = { "wrong:", "right:", "apiVersion:" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (!strncmp(paragraph, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static void why_page(FILE *out, const char *why)
{
	while (*why) {
		const char *end = strstr(why, "\n\n");
		size_t length = end ? (size_t)(end - why) : strlen(why);

		fprintf(out, is_example(why) ? "\n```yaml\n%.*s\n```\n" : "\n%.*s\n", (int)length, why);
		why += length;
		why += strspn(why, "\n");
	}
}

static void diagnostics_page(FILE *out)
{
	fputs("# Diagnostics\n\nMade from schema/diagnostics.def; do not edit. `tetra explain CODE` prints one.\n", out);
	for (enum diagnostic_id id = 0; id < DIAG_COUNT; id++) {
		const struct diagnostic_row *row = &diagnostic_rows[id];

		fprintf(out, "\n## %s: %s\n\n%s.\n", row->code, row->title,
			row->severity == SEVERITY_WARNING ? "Warning" : "Error");
		why_page(out, row->why);
	}
}

/* ---- Words, for the fuzzers ---- */

static void word(FILE *out, const char *text)
{
	if (text && *text)
		fprintf(out, "\"%s\"\n", text);
}

static void choices(FILE *out, const char *words)
{
	while (words && *words) {
		size_t length = strcspn(words, "|");

		fprintf(out, "\"%.*s\"\n", (int)length, words);
		words += length + (words[length] == '|');
	}
}

static void dictionary(FILE *out)
{
	int id;

	fputs("# Words of the policy language, a libFuzzer dictionary.  Made from the tables in schema/; do not edit.\n", out);
	for (size_t n = 0; field_rows[n].group != GROUP_none; n++)
		fprintf(out, "\"%s:\"\n", field_rows[n].key);
	for (id = 0; id < DOCUMENT_COUNT; id++)
		word(out, document_rows[id].kind);
	for (id = 0; id < DOCUMENT_COUNT; id++)
		word(out, document_rows[id].group);
	for (size_t n = 0; type_spelling(n, &id); n++)
		word(out, type_spelling(n, &id));
	for (size_t n = 0; operator_spelling(n, &id); n++)
		word(out, operator_spelling(n, &id));
	for (id = 0; id < ACTION_COUNT; id++)
		word(out, action_rows[id].name);
	for (id = 0; id < SPEC_OPTION_COUNT; id++)
		word(out, spec_option_rows[id].name);
	for (id = 0; id < SPEC_OPTION_COUNT; id++)
		choices(out, spec_option_rows[id].choices);
	for (id = 0; id < KIND_COUNT; id++)
		if (kind_rows[id].words && kind_rows[id].words[0] != '<')
			choices(out, kind_rows[id].words);
}

/* ---- Files ---- */

static const struct {
	const char *name;
	void (*write)(FILE *out);
} pages[] = {
	{ "tracingpolicy.schema.json", schema_json },
	{ "fields.md", fields_page },
	{ "diagnostics.md", diagnostics_page },
	{ "policy.dict", dictionary },
};

static int write_page(const char *directory, size_t n)
{
	char path[4096];
	FILE *out;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, pages[n].name) >= sizeof(path))
		return -1;
	out = fopen(path, "w");
	if (!out)
		return -1;
	pages[n].write(out);
	return fclose(out);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: generate DIRECTORY\n", stderr);
		return 2;
	}
	for (size_t n = 0; n < sizeof(pages) / sizeof(*pages); n++)
		if (write_page(argv[1], n)) {
			perror(pages[n].name);
			return 3;
		}
	return 0;
}

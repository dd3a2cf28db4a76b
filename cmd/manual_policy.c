// SPDX-License-Identifier: Apache-2.0
/* manual_policy.c - tetra-policy(5): the language, from the tables of schema/; see manual.h. */
#include <string.h>

#include "cmd/manual.h"
#include "cmd/roff.h"
#include "schema/write_field.h"

static const char example[] =
	"apiVersion: cilium.io/v1alpha1\n"
	"kind: TracingPolicy\n"
	"metadata:\n"
	"  name: passwords\n"
	"spec:\n"
	"  lsmhooks:\n"
	"  - hook: file_open\n"
	"    args:\n"
	"    - index: 0\n"
	"      type: file\n"
	"    selectors:\n"
	"    - matchArgs:\n"
	"      - index: 0\n"
	"        operator: Equal\n"
	"        values:\n"
	"        - /etc/shadow\n";

/* A term with what is said of it in brackets. */
static void term(FILE *out, const char *name, const char *notes, enum support support)
{
	fputs(".TP\n", out);
	roff_piece(out, ROFF_BOLD, name);
	if (*notes) {
		fputs(" (", out);
		roff_piece(out, ROFF_ROMAN, notes);
		fputc(')', out);
	}
	fputc('\n', out);
	if (support == SUPPORT_LATER)
		roff_text(out, LATER_NOTE);
}

static void add_note(struct buffer *notes, const char *note)
{
	buffer_format(notes, "%s%s", notes->length ? ", " : "", note);
}

static const char *text_of(const struct buffer *buffer)
{
	return buffer->length ? buffer->bytes : "";
}

/* "compares: a, b."; nothing when there is none. */
static void sentence(FILE *out, const char *label, struct buffer *names)
{
	struct buffer text = { 0 };

	if (names->length) {
		buffer_format(&text, "%s: %s.", label, names->bytes);
		roff_text(out, text.bytes);
	}
	buffer_release(&text);
	names->length = 0;
}

/* ---- Keys ---- */

static void field_notes(const struct field_row *field, struct buffer *ret)
{
	struct word word;

	add_note(ret, kind_rows[field->kind].wants);
	for (size_t n = 0; !words_are_a_table(&kind_rows[field->kind]) && word_of(&kind_rows[field->kind], n, &word); n++)
		buffer_format(ret, "%s%.*s", n ? ", " : ": ", (int)word.length, word.name);
	if (field->most)
		buffer_format(ret, ", at most %u", field->most);
	if (form_of(field).tetragon_most)
		buffer_format(ret, " (Tetragon: %u)", form_of(field).tetragon_most);
	if (field->flags & FIELD_REQUIRED)
		add_note(ret, "required");
	if (field->standard)
		buffer_format(ret, ", default %s", field->standard);
}

static void field_entry(FILE *out, const struct field_row *field)
{
	struct buffer notes = { 0 };

	field_notes(field, &notes);
	term(out, field->key, text_of(&notes), field->support);
	roff_text(out, field->about);
	buffer_release(&notes);
}

static void keys_section(FILE *out)
{
	roff_section(out, "KEYS");
	roff_text(out, "By the mapping in which they stand; * is any of the hook sections, [] an entry of a list.");
	for (enum field_group group = GROUP_root; group < GROUP_COUNT; group++) {
		roff_subsection(out, group_rows[group].path);
		roff_text(out, group_rows[group].about);
		for (size_t i = group_rows[group].first; field_rows[i].group == group; i++)
			field_entry(out, &field_rows[i]);
	}
}

/* ---- Words ---- */

static void kinds_section(FILE *out)
{
	roff_section(out, "DOCUMENTS");
	roff_text(out, "A file holds any number of YAML documents, parted by `---`. Those of other kinds are passed over and "
		"counted.");
	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++) {
		const struct document_row *row = &document_rows[id];

		term(out, row->kind, row->group ? row->group : "", row->support);
		roff_text(out, row->about);
	}
}

static void hooks_section(FILE *out)
{
	roff_section(out, "HOOKS");
	for (enum hook_kind kind = 0; kind < HOOK_COUNT; kind++) {
		const struct hook_row *row = &hook_rows[kind];
		struct buffer notes = { 0 };

		buffer_format(&notes, "spec.%s, event %s", row->section, row->event);
		term(out, row->name, notes.bytes, row->support);
		roff_text(out, row->about);
		buffer_release(&notes);
	}
}

/* All spellings of one row. */
static void spellings(const char *(*spelling)(size_t n, int *id), int wanted, struct buffer *ret)
{
	const char *name;
	int id;

	for (size_t n = 0; (name = spelling(n, &id)); n++)
		if (id == wanted)
			add_note(ret, name);
}

static void types_section(FILE *out)
{
	roff_section(out, "TYPES");
	for (int id = 0; id < TYPE_COUNT; id++) {
		struct buffer names = { 0 }, notes = { 0 };

		spellings(type_spelling, id, &names);
		if (*type_rows[id].event)
			buffer_format(&notes, "%s in events", type_rows[id].event);
		term(out, text_of(&names), text_of(&notes), type_rows[id].support);
		roff_text(out, type_rows[id].about);
		buffer_release(&names);
		buffer_release(&notes);
	}
}

/* The filters of a selector whose key `operator` takes the operator. */
static void add_filters(enum operator_id op, struct buffer *ret)
{
	for (size_t i = group_rows[GROUP_selector].first; field_rows[i].group == GROUP_selector; i++) {
		enum field_group filter = field_rows[i].child;
		int key = filter ? field_find(filter, "operator", strlen("operator")) : -1;

		if (key >= 0 && (kind_rows[field_rows[key].kind].filters & operator_rows[op].filters))
			add_note(ret, field_rows[i].key);
	}
}

static void add_compared(enum operator_id op, struct buffer *ret)
{
	for (int id = 0; id < TYPE_COUNT; id++)
		if (operator_compares(op, id))
			add_note(ret, type_rows[id].name);
}

static void operators_section(FILE *out)
{
	roff_section(out, "OPERATORS");
	for (int id = 0; id < OPERATOR_COUNT; id++) {
		struct buffer names = { 0 };

		if (!operator_rows[id].filters)
			continue;
		spellings(operator_spelling, id, &names);
		term(out, text_of(&names), "", operator_rows[id].support);
		roff_text(out, operator_rows[id].about);
		names.length = 0;
		add_filters(id, &names);
		sentence(out, "Stands in", &names);
		add_compared(id, &names);
		sentence(out, "Compares", &names);
		buffer_release(&names);
	}
}

static void actions_section(FILE *out)
{
	roff_section(out, "ACTIONS");
	for (int id = 0; id < ACTION_COUNT; id++) {
		struct buffer hooks = { 0 };

		term(out, action_rows[id].name, action_rows[id].enforces ? "enforces" : "", action_rows[id].support);
		roff_text(out, action_rows[id].about);
		for (int kind = 0; kind < HOOK_COUNT; kind++)
			if (action_rows[id].hooks & 1u << kind)
				add_note(&hooks, hook_rows[kind].name);
		sentence(out, "On", &hooks);
		buffer_release(&hooks);
	}
}

static void options_section(FILE *out)
{
	roff_section(out, "OPTIONS");
	roff_text(out, "What the entries of spec.options may set, by `name` and `value`.");
	for (int id = 0; id < SPEC_OPTION_COUNT; id++) {
		const struct spec_option_row *row = &spec_option_rows[id];
		struct buffer notes = { 0 };
		const char *word;
		size_t length;

		for (size_t n = 0; (length = words_at(row->choices, n, &word)); n++)
			buffer_format(&notes, "%s%.*s", n ? ", " : "", (int)length, word);
		if (row->standard)
			buffer_format(&notes, "; default %s", row->standard);
		term(out, row->name, text_of(&notes), row->support);
		roff_text(out, row->about);
		buffer_release(&notes);
	}
}

static void limits_section(FILE *out)
{
	roff_section(out, "LIMITS");
#define LIMIT(id, value, about) fprintf(out, ".TP\n%d\n", value), roff_text(out, about);
#include "schema/limits.def"
#undef LIMIT
}

void manual_write_language(FILE *out)
{
	roff_title(out, MANUAL_LANGUAGE, 5);
	roff_section(out, "NAME");
	roff_text(out, MANUAL_LANGUAGE " - the language of runtime-security policies");
	roff_section(out, "DESCRIPTION");
	roff_text(out, "A policy names hooks in the kernel. For each it says which arguments to read, which calls are meant "
		"(selectors, of which the first that matches decides), and what to do then. `tetra check` says what is wrong with "
		"one, `tetra explain` what it does; `tetra explain NAME` tells more of each word on this page.\n\n"
		"A comment `# tetra:ignore CODE REASON`, behind a line or above it, lets a warning pass.");
	kinds_section(out);
	keys_section(out);
	hooks_section(out);
	types_section(out);
	operators_section(out);
	actions_section(out);
	options_section(out);
	limits_section(out);
	roff_section(out, "EXAMPLES");
	roff_text(out, "Report who opens a file:");
	roff_verbatim(out, example);
	roff_section(out, "SEE ALSO");
	fputs("\\fBtetra\\fR(1),\n\\fBtetra\\-check\\fR(1),\n\\fBtetra\\-explain\\fR(1),\n\\fBtetra\\-schema\\fR(1)\n", out);
}

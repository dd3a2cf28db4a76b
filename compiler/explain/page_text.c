// SPDX-License-Identifier: Apache-2.0
/* page_text.c - pages for people; see page.h. */
#include <inttypes.h>
#include <string.h>

#include "compiler/explain/page.h"

enum { LINE_MAX_WIDTH = 100, NAME_WIDTH_MIN = 16, NAME_WIDTH_MAX = 40, TYPE_WIDTH = 20 };

const struct page_key page_keys[] = {
	{ "kind", PAGE_HIDDEN, NULL, "What the page is of: field, document, operator, type, action, option, hook, diagnostic, "
	  "fields, list, name, policy, line." },
	{ "name", PAGE_HIDDEN, NULL, "What it is called." },
	{ "path", PAGE_HIDDEN, NULL, "Where a field stands." },
	{ "code", PAGE_HIDDEN, NULL, "Code of a diagnostic." },
	{ "severity", PAGE_HIDDEN, NULL, "error or warning." },
	{ "title", PAGE_HIDDEN, NULL, "What a diagnostic says, in few words." },
	{ "supported", PAGE_HIDDEN, NULL, "Whether this version of tetra compiles it; all is checked." },
	{ "type", PAGE_HIDDEN, NULL, "Type of a field's value: string, integer, boolean, object, any; [] before it for lists, "
	  "map[string] for mappings with free keys." },
	{ "required", PAGE_HIDDEN, NULL, "Whether a field must be given." },
	{ "document", PAGE_HIDDEN, NULL, "Kind of the document that has the field." },
	{ "about", PAGE_PARAGRAPH, NULL, "What it is." },
	{ "wants", PAGE_LINE, "Takes", "What a field takes, in words." },
	{ "takes", PAGE_LINE, "Values", "What values look like." },
	{ "apiVersion", PAGE_LINE, "apiVersion", "API group and version of a document." },
	{ "minimum", PAGE_LINE, "At least", "Smallest number." },
	{ "maximum", PAGE_LINE, "At most", "Largest number." },
	{ "max_length", PAGE_LINE, "Length, at most", "Most characters of a text." },
	{ "pattern", PAGE_LINE, "Pattern", "Regular expression of what texts look like; check knows more." },
	{ "key_pattern", PAGE_LINE, "Pattern of its keys", "The same of free keys." },
	{ "min_entries", PAGE_LINE, "Entries, at least", "Smallest number of entries of a list." },
	{ "max_entries", PAGE_LINE, "Entries, at most", "Largest number of entries of a list." },
	{ "tetragon_max_entries", PAGE_LINE, "With Tetragon", "Largest number that Tetragon takes, where tetra takes more." },
	{ "default", PAGE_LINE, "Default", "What applies when it is not given." },
	{ "aliases", PAGE_LINE, "Also spelt", "Other spellings." },
	{ "negation_of", PAGE_LINE, "Negation of", "The operator that it negates." },
	{ "negated_by", PAGE_LINE, "Negated by", "The operator that negates it." },
	{ "unknown", PAGE_LINE, "Unknown", "What happens when the value cannot be read." },
	{ "filters", PAGE_LINE, "In", "Filters in which an operator may stand." },
	{ "types", PAGE_LINE, "Types", "Types of arguments that it goes with." },
	{ "operators", PAGE_LINE, "Operators", "Operators that it goes with; none: it can only be reported." },
	{ "hooks", PAGE_LINE, "Hooks", "Kinds of hook on which it works." },
	{ "actions", PAGE_LINE, "Actions", "Actions that work there." },
	{ "bits", PAGE_LINE, "Bits", "Width of a number." },
	{ "signed", PAGE_LINE, "Signed", "Whether a number has a sign." },
	{ "event", PAGE_LINE, "In events", "Key or word in events." },
	{ "enforces", PAGE_LINE, "Enforces", "Whether an action changes what happens; in monitor mode it is only reported." },
	{ "choices", PAGE_LINE, "One of", "Words that an option may be set to." },
	{ "number", PAGE_LINE, "Number", "Number that a name stands for." },
	{ "field", PAGE_LINE, "Field", "Path of the field that it belongs to." },
	{ "see", PAGE_LINE, "See", "Name of a page to read next." },
	{ "ignorable", PAGE_HIDDEN, NULL, "Whether a comment or the configuration can turn a diagnostic off." },
	{ "why", PAGE_PARAGRAPH, NULL, "Why a diagnostic is there and what to do." },
	{ "examples", PAGE_VERDICTS, NULL, "Wrong and right text: records of verdict and text." },
	{ "verdict", PAGE_HIDDEN, NULL, "wrong or right." },
	{ "text", PAGE_PARAGRAPH, NULL, "Text of an example, or of a policy in English." },
	{ "note", PAGE_PARAGRAPH, NULL, "What is to be said at the end." },
	{ "arguments", PAGE_TABLE, "Arguments", "Keys that an action takes." },
	{ "example", PAGE_BLOCK, "Example", "What may stand under spec." },
	{ "values", PAGE_TABLE, "One of", "Words that a field may be, or a list has." },
	{ "hooks_of", PAGE_TABLE, "Hooks", "Kinds of hook that are written in a field." },
	{ "fields", PAGE_TABLE, "Keys", "Keys below." },
	{ "tree", PAGE_TREE, "Keys", "Keys below, each with its own." },
	{ "places", PAGE_TABLE, "Places", "Where a field of this name is." },
	{ "fields_of_name", PAGE_LINE, "Fields of this name", "Fields that are called like this word." },
	{ "file", PAGE_HIDDEN, NULL, "File of a policy." },
	{ "line", PAGE_HIDDEN, NULL, "Line in it, from 1." },
	{ "column", PAGE_HIDDEN, NULL, "Column in it, from 1." },
	{ "at", PAGE_LINE, "Here", "Path of what stands there, with its numbers, from 0." },
	{ "value", PAGE_LINE, "Value", "The value that stands there." },
	{ "means", PAGE_LINE, "It means", "What the value means, when it is a word of the language." },
	{ "policy", PAGE_LINE, "Policy", "Name of the policy that it is in." },
	{ "hook", PAGE_LINE, "Hook", "The hook that it is in." },
	{ "selector", PAGE_LINE, "Selector", "The selector that it is in, and what that does." },
	{ "selectors", PAGE_TABLE, "Selectors", "Selectors of the hook, and what each does." },
	{ "filter", PAGE_LINE, "Filter", "The filter that it is in." },
	{ "action", PAGE_LINE, "Action", "The action that it belongs to." },
	{ "argument", PAGE_LINE, "Argument", "The argument of the hook that it is in." },
	{ "findings", PAGE_TABLE, "Findings", "What check says of the line." },
	{ NULL, PAGE_HIDDEN, NULL, NULL },
};

static const struct page_key *find_key(const char *key)
{
	const struct page_key *row = page_keys;

	while (row->key && strcmp(row->key, key))
		row++;
	return row;
}

static const char *text_of(const struct data *record, const char *key)
{
	const struct data *data = data_find(record, key);

	return data && data->kind == DATA_TEXT ? data->text : NULL;
}

static const char *later(const struct data *record)
{
	const struct data *supported = data_find(record, "supported");

	return supported && !supported->boolean ? " (not supported yet)" : "";
}

static bool is_true(const struct data *record, const char *key)
{
	const struct data *data = data_find(record, key);

	return data && data->kind == DATA_BOOLEAN && data->boolean;
}

/* Texts of policies may hold anything: what would disturb a terminal is written as in a string of C. */
static void add_safe(const char *text, size_t length, struct buffer *ret)
{
	for (size_t n = 0; n < length; n++) {
		unsigned char c = (unsigned char)text[n];

		if (c == '\n')
			buffer_add_text(ret, "\\n");
		else if (c < ' ' || c == 127)
			buffer_format(ret, "\\x%02x", c);
		else
			buffer_add_char(ret, (char)c);
	}
}

/* ---- Values on a line ---- */

/* Words after what stands at `column`; lines go on at the column where the first word began. */
static void write_words(const struct data *list, size_t column, struct buffer *ret)
{
	size_t begin = column;

	for (const struct data *each = list->first; each; each = each->next) {
		size_t length = strlen(each->text) + !!each->next;

		if (column > begin && column + length >= LINE_MAX_WIDTH) {
			buffer_format(ret, "\n%*s", (int)begin, " ");
			column = begin;
		}
		buffer_format(ret, " %s%s", each->text, each->next ? "," : "");
		column += length + 1;
	}
	if (!list->first)
		buffer_add_text(ret, " none");
}

static void write_line(const struct data *data, const char *label, unsigned indent, struct buffer *ret)
{
	buffer_format(ret, "%*s%s:", (int)indent, "", label);
	switch (data->kind) {
	case DATA_TEXT:
		buffer_add_text(ret, *data->text ? " " : " \"\"");
		add_safe(data->text, strlen(data->text), ret);
		break;
	case DATA_NUMBER:
		buffer_format(ret, " %" PRId64, data->number);
		break;
	case DATA_BOOLEAN:
		buffer_add_text(ret, data->boolean ? " yes" : " no");
		break;
	case DATA_LIST:
		write_words(data, indent + strlen(label) + 1, ret);
		break;
	case DATA_RECORD:
		break;
	}
	buffer_add_char(ret, '\n');
}

/* Each line of a text, indented. */
static void write_lines(const char *text, unsigned indent, struct buffer *ret)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		buffer_format(ret, "%*s", length ? (int)indent : 0, "");
		add_safe(text, length, ret);
		buffer_add_char(ret, '\n');
		text += length + !!text[length];
	}
}

/* ---- Lists of records ---- */

/* 0: some are so long that what they are comes on lines of its own. */
static size_t name_width(const struct data *list)
{
	size_t width = NAME_WIDTH_MIN;

	for (const struct data *each = list->first; each; each = each->next) {
		size_t length = text_of(each, "name") ? strlen(text_of(each, "name")) : 0;

		width = length > width ? length : width;
	}
	return width <= NAME_WIDTH_MAX ? width : 0;
}

static void write_type(const struct data *entry, struct buffer *ret)
{
	const char *type = text_of(entry, "type"), *required = is_true(entry, "required") ? ", required" : "";

	if (type)
		buffer_format(ret, "<%s%s>", type, required);
}

static void write_entry(const struct data *entry, size_t width, struct buffer *ret)
{
	const struct data *number = data_find(entry, "number");
	const char *name = text_of(entry, "name"), *about = text_of(entry, "about");
	size_t start = ret->length;

	buffer_add_text(ret, "  ");
	if (name)
		buffer_format(ret, (about || number) && width ? "%-*s  " : "%-*s", (int)width, name);
	if (number)
		buffer_format(ret, name ? "%" PRId64 : "%-10" PRId64 "  ", number->number);
	if (text_of(entry, "type")) {
		size_t column = ret->length;

		write_type(entry, ret);
		column = ret->length - column;
		buffer_format(ret, "%*s", column < TYPE_WIDTH ? (int)(TYPE_WIDTH - column) : 1, "");
	}
	if (about) {
		buffer_add_text(ret, width ? "" : "\n      ");
		add_safe(about, strlen(about), ret);
		buffer_add_text(ret, later(entry));
	}
	while (ret->length > start && ret->bytes[ret->length - 1] == ' ')
		ret->bytes[--ret->length] = '\0';
	buffer_add_char(ret, '\n');
	for (const struct data *each = entry->first; each; each = each->next)
		if (each->kind == DATA_LIST || !strcmp(each->key, "event"))
			write_line(each, find_key(each->key)->label, 6, ret);
}

static void write_table(const struct data *list, struct buffer *ret)
{
	size_t width = name_width(list);

	for (const struct data *each = list->first; each; each = each->next)
		write_entry(each, width, ret);
}

static void write_tree(const struct data *list, unsigned indent, struct buffer *ret)
{
	for (const struct data *each = list->first; each; each = each->next) {
		const struct data *below = data_find(each, "tree");

		buffer_format(ret, "%*s%s ", (int)indent, "", text_of(each, "name"));
		write_type(each, ret);
		buffer_format(ret, "%s\n", later(each));
		if (below)
			write_tree(below, indent + 2, ret);
	}
}

static void write_verdicts(const struct data *list, struct buffer *ret)
{
	for (const struct data *each = list->first; each; each = each->next) {
		const char *text = text_of(each, "text");
		size_t first = strcspn(text, "\n");

		buffer_format(ret, "%s:  %.*s\n", text_of(each, "verdict"), (int)first, text);
		write_lines(text + first + !!text[first], 8, ret);
	}
}

/* ---- The page ---- */

static void write_member(const struct data *data, unsigned indent, struct buffer *ret)
{
	const struct page_key *key = find_key(data->key);

	switch (key->style) {
	case PAGE_HIDDEN:
		return;
	case PAGE_LINE:
		write_line(data, key->label, 2, ret);
		return;
	case PAGE_PARAGRAPH:
		write_lines(data->text, indent, ret);
		return;
	case PAGE_BLOCK:
		buffer_format(ret, "\n%s:\n", key->label);
		write_lines(data->text, 2, ret);
		return;
	case PAGE_TABLE:
		buffer_format(ret, "\n%s:\n", key->label);
		write_table(data, ret);
		return;
	case PAGE_TREE:
		buffer_format(ret, "\n%s:\n", key->label);
		write_tree(data, 2, ret);
		return;
	case PAGE_VERDICTS:
		write_verdicts(data, ret);
		return;
	}
}

/* Its own text is made of paragraphs. */
static void write_diagnostic(const struct data *page, struct buffer *ret)
{
	buffer_format(ret, "%s (%s): %s\n", text_of(page, "code"), text_of(page, "severity"), text_of(page, "title"));
	for (const struct data *each = page->first; each; each = each->next) {
		if (find_key(each->key)->style == PAGE_HIDDEN)
			continue;
		buffer_add_char(ret, '\n');
		write_member(each, 0, ret);
	}
}

static void write_heading(const struct data *page, struct buffer *ret)
{
	const char *kind = text_of(page, "kind"), *name = text_of(page, "name"), *path = text_of(page, "path");
	size_t start = ret->length;

	buffer_format(ret, "%s ", kind);
	buffer_capitalise(ret, start);
	name = name ? name : path;
	add_safe(name, strlen(name), ret);
	if (text_of(page, "type")) {
		buffer_add_char(ret, ' ');
		write_type(page, ret);
	}
	buffer_format(ret, "%s\n", later(page));
}

void page_write_text(const struct data *page, struct buffer *ret)
{
	if (data_find(page, "code")) {
		write_diagnostic(page, ret);
		return;
	}
	write_heading(page, ret);
	for (const struct data *each = page->first; each; each = each->next)
		write_member(each, 2, ret);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * text.c - data for people; see inspect.h.
 *
 * Of every record its text, the policy line it came from behind it, then its lists, each under its name.
 */
#include <inttypes.h>
#include <string.h>

#include "compiler/inspect/parts.h"

/* How a list is headed: NULL: not at all.  Lists that are not here are for JSON only. */
static const struct list_row { const char *key, *heading; } lists[] = {
	{ "sections", "sections" }, { "policies", NULL }, { "later", "what no program of this version runs" }, { "hooks", NULL },
	{ "settings", "settings:" }, { "enforcer", "what its enforcer may stop" }, { "names", "which are" }, { "stands_for", "stands for" },
	{ "arguments", "arguments" }, { "selectors", NULL }, { "when", "when" },
	{ "when_it_returns", "when it returns" }, { "return_actions", "on return" }, { "dropped", "dropped" },
	{ "set", "is compiled to" }, { "tags", "tags:" },
	{ "values", "reads" }, { "records", "decides" }, { "accepts", "accepts" }, { "tables", "looks up" }, { "members", NULL },
	{ "binary_tables", "tables of all hooks" }, { "relocations", "filled in when it is applied" }, { "scopes", "scopes" },
	{ "ranges", NULL },
	/* Of dry-run: */
	{ "per_event", "for each event:" }, { "unknown", "not known of this kernel:" }, { "programs", "programs to load" },
	{ "workloads", "for some workloads only" }, { "containers", NULL },
	{ "maps", "memory of the kernel" }, { "cannot_run", "cannot run there" },
	{ "doubtful", "the kernel has something else than is read" },
};

static const struct list_row *find_list(const char *key)
{
	for (size_t n = 0; n < sizeof(lists) / sizeof(*lists); n++)
		if (!strcmp(lists[n].key, key))
			return &lists[n];
	return NULL;
}

/* Nothing of a file may speak to a terminal. */
static void add_safely(const char *text, struct buffer *ret)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			buffer_format(ret, "\\x%02x", (unsigned char)*text);
		else
			buffer_add_char(ret, *text);
}

static const char *text_of(const struct data *record, const char *key)
{
	const struct data *data = data_find(record, key);

	return data && data->kind == DATA_TEXT ? data->text : NULL;
}

static int64_t number_of(const struct data *record, const char *key)
{
	const struct data *data = data_find(record, key);

	return data && data->kind == DATA_NUMBER ? data->number : 0;
}

/* What stands in columns before the text: the number of a record, the bytes of a range. */
static void add_columns(const struct data *record, const char *list, struct buffer *ret)
{
	if (!strcmp(list, "records") && data_find(record, "number"))
		buffer_format(ret, "%5" PRId64 "  ", number_of(record, "number"));
	else if (!strcmp(list, "ranges"))
		buffer_format(ret, "%9" PRId64 " %7" PRId64 "  ", number_of(record, "offset"), number_of(record, "bytes"));
}

static void write_record(const struct data *record, const char *list, int depth, struct buffer *ret);

/* Texts alone stand behind the heading. */
static void write_texts(const struct data *list, const char *heading, int depth, struct buffer *ret)
{
	buffer_format(ret, "%*s%s ", 2 * depth, "", heading);
	for (const struct data *each = list->first; each; each = each->next) {
		add_safely(each->text, ret);
		buffer_add_text(ret, each->next ? ", " : "\n");
	}
}

static void write_list(const struct data *list, int depth, struct buffer *ret)
{
	const struct list_row *row = find_list(list->key);

	if (!row || !list->first)
		return;
	if (list->first->kind == DATA_TEXT) {
		write_texts(list, row->heading, depth, ret);
		return;
	}
	if (row->heading)
		buffer_format(ret, "%*s%s\n", 2 * depth++, "", row->heading);
	for (const struct data *each = list->first; each; each = each->next)
		write_record(each, list->key, depth, ret);
}

static void write_record(const struct data *record, const char *list, int depth, struct buffer *ret)
{
	const char *text = text_of(record, "text"), *place = text_of(record, "place");

	buffer_format(ret, "%*s", 2 * depth, "");
	add_columns(record, list, ret);
	add_safely(text ? text : "", ret);
	if (place) {
		buffer_add_text(ret, "  (");
		add_safely(place, ret);
		buffer_add_char(ret, ')');
	}
	buffer_add_char(ret, '\n');
	for (const struct data *each = record->first; each; each = each->next)
		if (each->kind == DATA_LIST)
			write_list(each, depth + 1, ret);
}

void inspect_write_text(const struct data *data, struct buffer *ret)
{
	write_record(data, "", 0, ret);
}

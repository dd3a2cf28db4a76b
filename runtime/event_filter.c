// SPDX-License-Identifier: Apache-2.0
/* event_filter.c - see event_filter.h.  Fields are looked up in the text that this tetra has written: it is taken as well-formed. */
#include "runtime/event_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/buffer.h"
#include "compiler/base/nearest.h"
#include "runtime/event_fields.h"

/* ---- Patterns ---- */

/* After a mismatch the last star takes one byte more: time grows with the product of the lengths at most. */
bool filter_matches(const char *pattern, const char *text, size_t length)
{
	const char *star = NULL, *end = text + length, *retry = NULL;

	while (text < end) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
			continue;
		}
		const size_t escape = pattern[0] == '\\' && pattern[1];

		if (*pattern && ((*pattern == '?' && !escape) || pattern[escape] == *text)) {
			pattern += escape + 1;
			text++;
			continue;
		}
		if (!star)
			return false;
		pattern = star;
		text = ++retry;
	}
	return !pattern[strspn(pattern, "*")];
}

/* ---- What was asked for ---- */

static void add_value(struct event_filter *filter, struct filter_list *list, const char *text, size_t length)
{
	list->values = arena_grow(&filter->arena, list->values, list->count, &list->capacity, sizeof(*list->values));
	list->values[list->count++] = arena_copy(&filter->arena, text, length);
}

/* The words between commas; an empty one is none that anybody means. */
static int add_words(struct event_filter *filter, struct filter_list *list, const char *text, const char **error)
{
	for (;; text++) {
		const size_t length = strcspn(text, ",");

		if (!length) {
			*error = "an empty word";
			return -EINVAL;
		}
		add_value(filter, list, text, length);
		text += length;
		if (!*text)
			return 0;
	}
}

int event_filter_add_policies(struct event_filter *filter, const char *text, const char **error)
{
	return add_words(filter, &filter->policies, text, error);
}

int event_filter_add_processes(struct event_filter *filter, const char *text, const char **error)
{
	return add_words(filter, &filter->processes, text, error);
}

int event_filter_add_namespaces(struct event_filter *filter, const char *text, const char **error)
{
	return add_words(filter, &filter->namespaces, text, error);
}

int event_filter_add_pods(struct event_filter *filter, const char *text, const char **error)
{
	return add_words(filter, &filter->pods, text, error);
}

static const char *suggestion(struct event_filter *filter, const char *nearest)
{
	return nearest ? arena_format(&filter->arena, ", did you mean '%s'?", nearest) : "";
}

static int check_type(struct event_filter *filter, const char *type, const char **error)
{
	struct nearest nearest = { .name = type, .length = strlen(type) };
	const char *name;

	for (size_t n = 0; (name = event_type_name(n)); n++) {
		if (!strcmp(name, type))
			return 0;
		nearest_try(&nearest, name);
	}
	*error = arena_format(&filter->arena, "there are no events of type '%s'%s", type, suggestion(filter, nearest.best));
	return -EINVAL;
}

int event_filter_add_types(struct event_filter *filter, const char *text, const char **error)
{
	size_t n = filter->types.count;
	int failed = add_words(filter, &filter->types, text, error);

	for (; !failed && n < filter->types.count; n++)
		failed = check_type(filter, filter->types.values[n], error);
	return failed;
}

int event_filter_add_pids(struct event_filter *filter, const char *text, const char **error)
{
	struct filter_list words = { 0 };
	int failed = add_words(filter, &words, text, error);

	for (size_t n = 0; !failed && n < words.count; n++) {
		char *end;
		const unsigned long pid = strtoul(words.values[n], &end, 10);

		if (*end || words.values[n][0] < '0' || words.values[n][0] > '9' || pid > UINT32_MAX) {
			*error = arena_format(&filter->arena, "'%s' is no process id", words.values[n]);
			return -EINVAL;
		}
		filter->pids = arena_grow(&filter->arena, filter->pids, filter->pid_count, &filter->pid_capacity,
			sizeof(*filter->pids));
		filter->pids[filter->pid_count++] = (uint32_t)pid;
	}
	return failed;
}

static int check_field(struct event_filter *filter, const char *path, const char **error)
{
	const char *wrong, *nearest;
	size_t length;

	if (!event_field_is_known(path, &wrong, &length, &nearest)) {
		*error = arena_format(&filter->arena, "events have no '%.*s'%s%s", (int)(wrong + length - path), path,
			wrong == path ? "" : arena_format(&filter->arena, " ('%.*s')", (int)length, wrong), suggestion(filter, nearest));
		return -EINVAL;
	}
	if (event_field_is_value(path))
		return 0;
	*error = arena_format(&filter->arena, "'%s' is an object; name one of its fields", path);
	return -EINVAL;
}

int event_filter_add_field(struct event_filter *filter, const char *text, const char **error)
{
	const char *equals = strchr(text, '=');
	struct filter_field field;
	size_t length;

	if (!equals || equals == text) {
		*error = arena_format(&filter->arena, "'%s' is neither FIELD=GLOB nor FIELD!=GLOB", text);
		return -EINVAL;
	}
	field.negated = equals[-1] == '!';
	length = (size_t)(equals - text) - field.negated;
	field.path = arena_copy(&filter->arena, text, length);
	field.pattern = arena_copy(&filter->arena, equals + 1, strlen(equals + 1));
	filter->fields = arena_grow(&filter->arena, filter->fields, filter->field_count, &filter->field_capacity,
		sizeof(*filter->fields));
	filter->fields[filter->field_count++] = field;
	return check_field(filter, field.path, error);
}

void event_filter_release(struct event_filter *filter)
{
	arena_release(&filter->arena);
	*filter = (struct event_filter){ .field_count = 0 };
}

/* ---- What can be told at once ---- */

static bool is_in(const struct filter_list *list, const char *word)
{
	for (size_t n = 0; n < list->count; n++)
		if (!strcmp(list->values[n], word))
			return true;
	return !list->count;
}

/* A pattern without a slash is for the last part of the path. */
static bool is_process(const char *pattern, const char *path, size_t length)
{
	const char *slash = strchr(pattern, '/') ? NULL : memrchr(path, '/', length);
	const size_t skip = slash ? (size_t)(slash + 1 - path) : 0;

	return filter_matches(pattern, path + skip, length - skip);
}

static bool is_one_of_processes(const struct filter_list *list, const struct filter_facts *facts)
{
	for (size_t n = 0; n < list->count; n++)
		if (facts->binary && is_process(list->values[n], facts->binary, facts->binary_length))
			return true;
	return !list->count;
}

static bool has_pid(const struct event_filter *filter, uint32_t pid)
{
	for (size_t n = 0; n < filter->pid_count; n++)
		if (filter->pids[n] == pid)
			return true;
	return !filter->pid_count;
}

bool event_filter_accepts(const struct event_filter *filter, const struct filter_facts *facts)
{
	return is_in(&filter->types, facts->type) && is_in(&filter->policies, facts->policy) && has_pid(filter, facts->pid) &&
	       is_one_of_processes(&filter->processes, facts);
}

/* ---- Fields, in text ---- */

/* From the opening quote to behind the closing one. */
static const char *skip_string(const char *at)
{
	for (at++; *at != '"'; at++)
		at += *at == '\\';
	return at + 1;
}

static const char *skip_value(const char *at)
{
	int depth = 0;

	do {
		if (*at == '"') {
			at = skip_string(at);
			continue;
		}
		depth += *at == '{' || *at == '[';
		depth -= *at == '}' || *at == ']';
		at++;
	} while (depth > 0 || (*at != ',' && *at != '}' && *at != ']'));
	return at;
}

static void add_unescaped(struct buffer *out, const char *at, const char *end)
{
	static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";

	for (; at < end; at++) {
		const char *name = *at == '\\' ? strchr(names, at[1]) : NULL;

		if (*at != '\\') {
			buffer_add_char(out, *at);
		} else if (at[1] == 'u') {	/* only what is below a blank is written so */
			buffer_add_char(out, (char)strtoul((char[]){ at[2], at[3], at[4], at[5], 0 }, NULL, 16));
			at += 5;
		} else {
			at++;
			buffer_add_char(out, name ? values[name - names] : *at);
		}
	}
}

static bool text_matches(const char *pattern, const char *at, size_t length)
{
	struct buffer text = { 0 };
	bool matches;

	if (!memchr(at, '\\', length))
		return filter_matches(pattern, at, length);
	add_unescaped(&text, at, at + length);
	matches = filter_matches(pattern, text.bytes, text.length);
	buffer_release(&text);
	return matches;
}

/* The value at *at, at which it then ends. */
static bool scalar_matches(const char *pattern, const char **at)
{
	const char *start = *at;

	*at = skip_value(start);
	return *start == '"' ? text_matches(pattern, start + 1, (size_t)(*at - start) - 2)
			     : filter_matches(pattern, start, (size_t)(*at - start));
}

static bool value_matches(const char *path, const char *pattern, const char **at);

static bool object_matches(const char *path, const char *pattern, const char **at)
{
	const size_t length = strcspn(path, ".");
	bool matches = false;

	for ((*at)++; **at != '}'; *at += **at == ',') {
		const char *key = *at + 1;

		*at = skip_string(*at);
		if ((size_t)(*at - key) - 1 == length && !memcmp(key, path, length)) {
			(*at)++;
			matches |= value_matches(path + length + (path[length] == '.'), pattern, at);
		} else {
			*at = skip_value(*at + 1);
		}
	}
	(*at)++;
	return matches;
}

static bool list_matches(const char *path, const char *pattern, const char **at)
{
	const size_t digits = strspn(path, "0123456789");
	const bool has_number = digits && (!path[digits] || path[digits] == '.');
	const unsigned long number = has_number ? strtoul(path, NULL, 10) : 0;
	bool matches = false;

	path += has_number ? digits + (path[digits] == '.') : 0;
	(*at)++;
	for (unsigned long n = 0; **at != ']'; n++, *at += **at == ',') {
		if (has_number && n != number)
			*at = skip_value(*at);
		else
			matches |= value_matches(path, pattern, at);
	}
	(*at)++;
	return matches;
}

static bool value_matches(const char *path, const char *pattern, const char **at)
{
	if (**at == '[')
		return list_matches(path, pattern, at);
	if (**at == '{' && *path)
		return object_matches(path, pattern, at);
	if (!*path && **at != '{')
		return scalar_matches(pattern, at);
	*at = skip_value(*at);
	return false;
}

/* From the outermost object, or from what belongs to the event's key, which comes first. */
static bool field_holds(const struct filter_field *field, const char *line)
{
	const char *whole = line, *event = skip_string(line + 1) + 1;

	return (value_matches(field->path, field->pattern, &whole) ||
		(*event == '{' && value_matches(field->path, field->pattern, &event))) != field->negated;
}

/* One of the patterns is enough.  What is not known of a process is none of them. */
static bool any_holds(const struct filter_list *list, const char *path, const char *line)
{
	for (size_t n = 0; n < list->count; n++)
		if (field_holds(&(struct filter_field){ path, list->values[n], false }, line))
			return true;
	return !list->count;
}

bool event_filter_accepts_line(const struct event_filter *filter, const char *line)
{
	if (!any_holds(&filter->namespaces, "process.pod.namespace", line) || !any_holds(&filter->pods, "process.pod.name", line))
		return false;
	for (size_t n = 0; n < filter->field_count; n++)
		if (!field_holds(&filter->fields[n], line))
			return false;
	return true;
}

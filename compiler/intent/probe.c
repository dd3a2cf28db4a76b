// SPDX-License-Identifier: Apache-2.0
/* probe.c - probes, their arguments and what is compared there; see rule.h. */
#include "compiler/intent/rule.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text text_made(struct rule *rule, struct span at, const char *format, ...)
{
	char bytes[LIMIT_STRING_BYTES + 64];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(bytes, sizeof(bytes), format, arguments);
	va_end(arguments);
	if (length >= (int)sizeof(bytes))
		length = (int)sizeof(bytes) - 1;	/* too long for any filter: check says so */
	return (struct text){ arena_copy(rule->arena, bytes, (size_t)length), (size_t)length, at };
}

struct policy_value_list value_made(struct rule *rule, struct span at, const char *text)
{
	struct policy_value *value = arena_new(rule->arena, struct policy_value);

	value->text = text_made(rule, at, "%s", text);
	return (struct policy_value_list){ value, 1 };
}

struct probe *rule_add_probe(struct rule *rule, enum hook_kind kind, const char *hook, const char *op, struct span at)
{
	rule->probes = arena_grow(rule->arena, rule->probes, rule->count, &rule->room, sizeof(*rule->probes));
	rule->probes[rule->count] = (struct probe){ .at = at, .op = op, .kind = kind, .hook = hook };
	return &rule->probes[rule->count++];
}

static struct text borrowed(const char *text, struct span at)
{
	return text ? (struct text){ text, strlen(text), at } : (struct text){ 0 };
}

size_t probe_add_argument(struct probe *probe, uint32_t index, enum type_id type, const char *resolve, const char *source)
{
	assert(probe->argument_count < PROBE_PLACES);
	probe->arguments[probe->argument_count] = (struct policy_argument){
		.at = probe->at, .index = index, .type = type, .type_at = probe->at, .made = true,
		.resolve = borrowed(resolve, probe->at), .source = borrowed(source, probe->at),
	};
	return probe->argument_count++;
}

size_t rule_place(struct rule *rule, const struct probe *probe, uint32_t index, enum type_id type, const char *resolve)
{
	for (size_t n = 0; n < probe->argument_count; n++) {
		const struct policy_argument *argument = &probe->arguments[n];

		if (argument->index == index && argument->type == type && !argument->source.length &&
		    !strcmp(argument->resolve.length ? argument->resolve.bytes : "", resolve ? resolve : ""))
			return n;
	}
	return probe_add_argument(&rule->probes[probe - rule->probes], index, type, resolve, NULL);
}

size_t probe_task_place(struct probe *probe, enum type_id type, const char *resolve)
{
	for (size_t n = 0; n < probe->argument_count; n++)
		if (probe->arguments[n].source.bytes && !strcmp(probe->arguments[n].resolve.bytes, resolve))
			return n;
	return probe_add_argument(probe, 0, type, resolve, "current_task");
}

/* The dentry's own folder is the argument before it; a link's other name is in another folder of the same mount. */
struct path_places probe_add_entry(const struct rule *rule, struct probe *probe, uint32_t index, uint32_t folder)
{
	struct path_places places = { 0 };

	if (!rule->for_tetragon) {
		places.path = probe_add_argument(probe, index, TYPE_DENTRY, NULL, NULL);
		probe->arguments[places.path].folder = folder + 1;
	} else if (index == folder + 1) {
		places.is_pair = true;
		places.path = probe_add_argument(probe, folder, TYPE_PATH, NULL, NULL);
		places.name = probe_add_argument(probe, index, TYPE_DENTRY, NULL, NULL);
	} else {
		places.path = probe_add_argument(probe, index, TYPE_DENTRY, NULL, NULL);
	}
	return places;
}

bool words_have(const struct word_list *words, unsigned number)
{
	for (size_t n = 0; n < words->count; n++)
		if (words->items[n].number == number)
			return true;
	return false;
}

struct alternative *alternatives_add(struct rule *rule, struct alternatives *to, const char *name, struct span at)
{
	to->items = arena_grow(rule->arena, to->items, to->count, &to->room, sizeof(*to->items));
	to->items[to->count] = (struct alternative){ .at = at, .name = name };
	return &to->items[to->count++];
}

/* A place is named by its number, so that several arguments may have one index. */
void alternative_add(struct rule *rule, struct alternative *to, size_t place, enum operator_id op,
		     struct policy_value_list values, struct span at)
{
	struct policy_value *position = arena_new(rule->arena, struct policy_value);

	*position = (struct policy_value){ .form = VALUE_INTEGER, .low = place, .text = text_made(rule, at, "%zu", place) };
	to->filters.items = arena_grow(rule->arena, to->filters.items, to->filters.count, &to->room, sizeof(*to->filters.items));
	to->filters.items[to->filters.count++] = (struct policy_argument_filter){
		.at = at, .op = op, .op_at = at, .values = values, .values_at = at, .positions = { position, 1 }, .positions_at = at,
	};
}

void alternatives_add_all(struct rule *rule, struct alternatives *to, size_t place, enum operator_id op, struct policy_value_list values,
			  struct span at)
{
	if (!to->count)
		alternatives_add(rule, to, NULL, at);
	for (size_t n = 0; n < to->count; n++)
		alternative_add(rule, &to->items[n], place, op, values, at);
}

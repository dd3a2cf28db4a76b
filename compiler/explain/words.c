// SPDX-License-Identifier: Apache-2.0
/* words.c - lists of names, and names in them; see parts.h. */
#include <string.h>

#include "compiler/explain/parts.h"
#include "schema/names.h"

/* ---- What the words of kinds mean ---- */

static const struct {
	enum field_kind kind;
	const char *name, *about;
} word_rows[] = {
#define WORD(kind, name, about) { KIND_##kind, name, about },
#include "schema/words.def"
#undef WORD
};

static const char *word_about(enum field_kind kind, const char *name)
{
	for (size_t n = 0; n < sizeof(word_rows) / sizeof(*word_rows); n++)
		if (word_rows[n].kind == kind && !strcmp(word_rows[n].name, name))
			return word_rows[n].about;
	return "";
}

static void add_kind_words(struct arena *arena, struct data *list, int kind)
{
	const char *word;
	size_t length;

	for (size_t n = 0; (length = words_at(kind_rows[kind].words, n, &word)); n++) {
		const char *name = arena_copy(arena, word, length);

		page_entry(arena, list, name, word_about(kind, name), SUPPORT_NOW);
	}
}

/* ---- Whole tables ---- */

static void add_operators(struct arena *arena, struct data *list, int filters)
{
	for (int op = 0; op < OPERATOR_COUNT; op++) {
		struct data *entry;

		if (!(operator_rows[op].filters & (uint32_t)filters))
			continue;
		entry = page_entry(arena, list, operator_rows[op].name, operator_rows[op].about, operator_rows[op].support);
		if (filters & FILTER_ARGUMENTS && operator_rows[op].filters & FILTER_ARGUMENTS)
			add_types_of_operator(arena, entry, "types", op);
	}
}

static void add_types(struct arena *arena, struct data *list, int hooks)
{
	for (int type = 0; type < TYPE_COUNT; type++)
		if (hooks == ANY_HOOK || type_rows[type].hooks & (uint32_t)hooks)
			page_entry(arena, list, type_rows[type].name, type_rows[type].about, type_rows[type].support);
}

static void add_actions(struct arena *arena, struct data *list, int hooks)
{
	for (int action = 0; action < ACTION_COUNT; action++)
		if (action_rows[action].hooks & (uint32_t)hooks)
			page_entry(arena, list, action_rows[action].name, action_rows[action].about,
				   action_rows[action].support);
}

static void add_options(struct arena *arena, struct data *list, int unused)
{
	(void)unused;
	for (int option = 0; option < SPEC_OPTION_COUNT; option++)
		page_entry(arena, list, spec_option_rows[option].name, spec_option_rows[option].about,
			   spec_option_rows[option].support);
}

static void add_hook_kinds(struct arena *arena, struct data *list, int unused)
{
	(void)unused;
	for (int hook = 0; hook < HOOK_COUNT; hook++)
		page_entry(arena, list, hook_rows[hook].name, hook_rows[hook].about, hook_rows[hook].support);
}

static void add_documents(struct arena *arena, struct data *list, int unused)
{
	(void)unused;
	for (int id = 0; id < DOCUMENT_COUNT; id++)
		page_entry(arena, list, document_rows[id].kind, document_rows[id].about, document_rows[id].support);
}

static void add_diagnostics(struct arena *arena, struct data *list, int unused)
{
	(void)unused;
	for (int id = 0; id < DIAG_COUNT; id++)
		page_entry(arena, list, diagnostic_rows[id].code, diagnostic_rows[id].title, SUPPORT_NOW);
}

static void add_names(struct arena *arena, struct data *list, int set)
{
	for (size_t n = 0; n < name_sets[set].count; n++) {
		struct data *entry = data_record(arena, list, NULL);

		data_text(arena, entry, "name", name_sets[set].names[n].name);
		data_number(arena, entry, "number", name_sets[set].names[n].number);
	}
}

static void add_registers(struct arena *arena, struct data *list, int machine)
{
	for (size_t n = 0; n < register_count; n++) {
		struct data *entry;

		if ((int)register_rows[n].machine != machine)
			continue;
		entry = data_record(arena, list, NULL);
		data_text(arena, entry, "name", register_rows[n].name);
		data_number(arena, entry, "bits", register_rows[n].bits);
	}
}

static void add_limits(struct arena *arena, struct data *list, int unused)
{
	static const struct { int value; const char *about; } limits[] = {
#define LIMIT(id, value, about) { value, about },
#include "schema/limits.def"
#undef LIMIT
	};

	(void)unused;
	for (size_t n = 0; n < sizeof(limits) / sizeof(*limits); n++) {
		struct data *entry = data_record(arena, list, NULL);

		data_number(arena, entry, "number", limits[n].value);
		data_text(arena, entry, "about", limits[n].about);
	}
}

static void add_page_keys(struct arena *arena, struct data *list, int unused)
{
	(void)unused;
	for (const struct page_key *key = page_keys; key->key; key++)
		page_entry(arena, list, key->key, key->about, SUPPORT_NOW);
}

static void add_word_lists(struct arena *arena, struct data *list, int unused)
{
	(void)unused;
	for (const struct word_list *each = word_lists; each->name; each++)
		page_entry(arena, list, each->name, each->about, SUPPORT_NOW);
}

const struct word_list word_lists[] = {
	{ "words", "Lists of words that have pages.", add_word_lists, 0, GROUP_none },
	{ "operators", "How filters compare.", add_operators, -1, GROUP_none },
	{ "types", "How arguments are read.", add_types, ANY_HOOK, GROUP_none },
	{ "actions", "What may happen on a match.", add_actions, ANY_HOOK, GROUP_none },
	{ "hooks", "Where a policy may watch.", add_hook_kinds, 0, GROUP_none },
	{ "policy-options", "What spec.options may set.", add_options, 0, GROUP_option },
	{ "kinds", "Kinds of documents that are policies.", add_documents, 0, GROUP_none },
	{ "capabilities", "Capabilities, as matchCapabilities names them.", add_names, NAMES_CAPABILITIES,
	  GROUP_capability_filter },
	{ "capability-sets", "Sets of capabilities that a process has.", add_kind_words, KIND_CAPABILITY_SET, GROUP_none },
	{ "namespaces", "Namespaces that a process is in.", add_kind_words, KIND_NAMESPACE, GROUP_namespace_change },
	{ "protocols", "IP protocols, as Protocol names them.", add_names, NAMES_PROTOCOLS, GROUP_none },
	{ "families", "Address families, as Family names them.", add_names, NAMES_FAMILIES, GROUP_none },
	{ "tcp-states", "States of a TCP connection, as State names them.", add_names, NAMES_TCP_STATES, GROUP_none },
	{ "file-types", "Types of files, as FileType names them; the numbers are bits of st_mode.", add_names,
	  NAMES_FILE_TYPES, GROUP_none },
	{ "list-types", "What the values of an entry of spec.lists are.", add_kind_words, KIND_LIST_TYPE, GROUP_none },
	{ "label-operators", "Relations of a label and values.", add_kind_words, KIND_LABEL_OPERATOR, GROUP_none },
	{ "registers-x86_64", "Registers of x86-64 that a policy may name.", add_registers, MACHINE_X86_64, GROUP_none },
	{ "registers-arm64", "Registers of arm64 that a policy may name.", add_registers, MACHINE_ARM64, GROUP_none },
	{ "limits", "The most that anything may be.", add_limits, 0, GROUP_none },
	{ "diagnostics", "What tetra may say of a policy.", add_diagnostics, 0, GROUP_none },
	{ "page-keys", "Keys of these pages in JSON and YAML; they are only ever added to.", add_page_keys, 0, GROUP_none },
	{ NULL, NULL, NULL, 0, GROUP_none },
};

struct data *explain_word_list(const char *name, struct arena *arena)
{
	for (const struct word_list *list = word_lists; list->name; list++) {
		struct data *page;

		if (strcmp(list->name, name))
			continue;
		page = page_new(arena, "list", "name", list->name, SUPPORT_NOW, list->about);
		list->add(arena, data_list(arena, page, "values"), list->which);
		return page;
	}
	return NULL;
}

/* ---- One name ---- */

static struct data *explain_number_name(const struct word_list *list, const char *name, struct arena *arena)
{
	const struct named *named = name_find(list->which, name, strlen(name));
	struct data *page;

	if (!named)
		return NULL;
	page = page_new(arena, "name", "name", named->name, SUPPORT_NOW,
			arena_format(arena, "The name of %s %s.", strchr("aeiou", name_sets[list->which].noun[0]) ? "an" : "a",
				     name_sets[list->which].noun));
	data_number(arena, page, "number", named->number);
	data_text(arena, page, "see", list->name);
	return page;
}

static struct data *explain_kind_word(const struct word_list *list, const char *name, struct arena *arena)
{
	struct data *page;

	if (words_find(kind_rows[list->which].words, name, strlen(name)) < 0)
		return NULL;
	page = page_new(arena, "name", "name", name, SUPPORT_NOW, word_about(list->which, name));
	data_text(arena, page, "see", list->name);
	return page;
}

struct data *explain_named(const char *name, struct arena *arena)
{
	for (const struct word_list *list = word_lists; list->name; list++) {
		struct data *page = list->add == add_names ? explain_number_name(list, name, arena) :
				    list->add == add_kind_words ? explain_kind_word(list, name, arena) : NULL;

		if (page)
			return page;
	}
	return NULL;
}

void add_kind_values(struct arena *arena, struct data *page, enum field_kind kind, int hooks)
{
	const char *words = kind_rows[kind].words;
	struct data *list;

	if (!words)
		return;
	list = data_list(arena, page, "values");
	if (!strcmp(words, KIND_WORDS_OPERATORS))
		add_operators(arena, list, (int)kind_rows[kind].filters);
	else if (!strcmp(words, KIND_WORDS_TYPES))
		add_types(arena, list, hooks);
	else if (!strcmp(words, KIND_WORDS_ACTIONS))
		add_actions(arena, list, hooks);
	else
		add_kind_words(arena, list, kind);
}

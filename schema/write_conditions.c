// SPDX-License-Identifier: Apache-2.0
/* write_conditions.c - see write_conditions.h. */
#include "schema/write_conditions.h"

#include <string.h>

#include "schema/forms.h"
#include "schema/write_field.h"
#include "schema/write_types.h"

/* ---- Pieces ---- */

/* if: { properties: { key: { enum: [...] } }, required: [key] }, then: { ...   The words stand between the two. */
static void begin_words(struct tree_writer *writer, const char *key)
{
	tree_begin(writer, TREE_MAPPING);
	tree_key_begin(writer, "if", TREE_MAPPING);
	tree_key_begin(writer, "required", TREE_ROW);
	tree_text(writer, key);
	tree_end(writer);
	tree_key_begin(writer, "properties", TREE_MAPPING);
	tree_key_begin(writer, key, TREE_MAPPING);
	tree_key_begin(writer, "enum", TREE_ROW);
}

static void begin_then(struct tree_writer *writer)
{
	tree_end(writer);	/* enum */
	tree_end(writer);	/* the key */
	tree_end(writer);	/* properties */
	tree_end(writer);	/* if */
	tree_key_begin(writer, "then", TREE_MAPPING);
}

static void end_then(struct tree_writer *writer)
{
	tree_end(writer);
	tree_end(writer);
}

static void write_needed(struct tree_writer *writer, const char *key)
{
	tree_key_begin(writer, "required", TREE_ROW);
	tree_text(writer, key);
	tree_end(writer);
}

/* properties: { key: { ... */
static void begin_property(struct tree_writer *writer, const char *key)
{
	tree_key_begin(writer, "properties", TREE_MAPPING);
	tree_key_begin(writer, key, TREE_MAPPING);
}

static void end_property(struct tree_writer *writer)
{
	tree_end(writer);
	tree_end(writer);
}

/* ---- Of the document ---- */

/* An empty text and null are no namespace. */
static void write_no_namespace(struct tree_writer *writer)
{
	tree_key_begin(writer, "enum", TREE_ROW);
	tree_text(writer, "");
	tree_literal(writer, "null");
	tree_end(writer);
}

static void write_namespace(struct tree_writer *writer, enum document_id id)
{
	bool is_needed = id == DOCUMENT_TRACING_POLICY_NAMESPACED;

	if (is_needed)
		write_needed(writer, "namespace");
	tree_key_begin(writer, "properties", TREE_MAPPING);
	tree_key_begin(writer, "namespace", TREE_MAPPING);
	if (is_needed)
		tree_key_begin(writer, "not", TREE_MAPPING);
	write_no_namespace(writer);
	if (is_needed)
		tree_end(writer);
	tree_end(writer);
	tree_end(writer);
}

/* What cannot be limited to a Kubernetes namespace. */
static void write_namespaced_spec(struct tree_writer *writer)
{
	static const enum hook_kind hooks[] = { HOOK_UPROBE, HOOK_USDT };

	tree_key_begin(writer, "spec", TREE_MAPPING);
	tree_key_begin(writer, "properties", TREE_MAPPING);
	tree_key_literal(writer, "hostSelector", "false");
	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++) {
		tree_key_begin(writer, hook_rows[hooks[i]].section, TREE_MAPPING);
		tree_key_number(writer, "maxItems", 0);
		tree_end(writer);
	}
	tree_end(writer);
	tree_end(writer);
}

static void write_document_conditions(struct tree_writer *writer, uint32_t documents)
{
	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++) {
		if (!(documents & 1u << id))
			continue;
		begin_words(writer, "kind");
		tree_text(writer, document_rows[id].kind);
		begin_then(writer);
		tree_key_begin(writer, "properties", TREE_MAPPING);
		tree_key_begin(writer, "metadata", TREE_MAPPING);
		write_namespace(writer, id);
		tree_end(writer);
		if (id == DOCUMENT_TRACING_POLICY_NAMESPACED)
			write_namespaced_spec(writer);
		tree_end(writer);
		end_then(writer);
	}
}

/* A section that has entries leaves none for those behind it. */
static void write_section_conditions(struct tree_writer *writer, uint32_t documents)
{
	(void)documents;
	size_t first = group_rows[GROUP_spec].first;

	for (size_t i = first; field_rows[i].group == GROUP_spec; i++) {
		if (field_rows[i].kind != KIND_HOOK_LIST)
			continue;
		tree_begin(writer, TREE_MAPPING);
		tree_key_begin(writer, "if", TREE_MAPPING);
		write_needed(writer, field_rows[i].key);
		begin_property(writer, field_rows[i].key);
		tree_key_number(writer, "minItems", 1);
		end_property(writer);
		tree_end(writer);
		tree_key_begin(writer, "then", TREE_MAPPING);
		tree_key_begin(writer, "properties", TREE_MAPPING);
		for (size_t n = first; field_rows[n].group == GROUP_spec; n++) {
			if (n == i || field_rows[n].kind != KIND_HOOK_LIST)
				continue;
			tree_key_begin(writer, field_rows[n].key, TREE_MAPPING);
			tree_key_number(writer, "maxItems", 0);
			tree_end(writer);
		}
		tree_end(writer);
		end_then(writer);
	}
}

static void write_option_names(struct tree_writer *writer)
{
	begin_property(writer, "name");
	tree_key_begin(writer, "enum", TREE_ROW);
	for (enum spec_option_id id = 0; id < SPEC_OPTION_COUNT; id++)
		tree_text(writer, spec_option_rows[id].name);
	tree_end(writer);
	tree_key_begin(writer, "enumDescriptions", TREE_LIST);
	for (enum spec_option_id id = 0; id < SPEC_OPTION_COUNT; id++)
		tree_text(writer, spec_option_rows[id].about);
	tree_end(writer);
	end_property(writer);
}

static void write_choices(struct tree_writer *writer, const char *choices)
{
	const char *word;
	size_t length;

	if (!strcmp(choices, SPEC_OPTION_NUMBER)) {
		tree_key_text(writer, "pattern", "^\\+?0*[1-9][0-9]*$");
		return;
	}
	tree_key_begin(writer, "enum", TREE_ROW);
	for (size_t n = 0; (length = words_at(choices, n, &word)); n++)
		tree_bytes(writer, word, length);
	tree_end(writer);
}

static void write_option_conditions(struct tree_writer *writer, uint32_t documents)
{
	(void)documents;
	tree_begin(writer, TREE_MAPPING);
	write_option_names(writer);
	tree_end(writer);
	for (enum spec_option_id id = 0; id < SPEC_OPTION_COUNT; id++) {
		begin_words(writer, "name");
		tree_text(writer, spec_option_rows[id].name);
		begin_then(writer);
		write_needed(writer, "value");
		begin_property(writer, "value");
		write_choices(writer, spec_option_rows[id].choices);
		end_property(writer);
		end_then(writer);
	}
}

/* ---- Of a hook ---- */

static void write_return_condition(struct tree_writer *writer)
{
	begin_words(writer, "return");
	tree_literal(writer, "true");
	begin_then(writer);
	write_needed(writer, "returnArg");
	begin_property(writer, "returnArg");
	write_needed(writer, "type");
	end_property(writer);
	end_then(writer);
}

static void write_target_condition(struct tree_writer *writer)
{
	static const char *const ways[] = { "symbols", "offsets", "addrs" };

	tree_begin(writer, TREE_MAPPING);
	tree_key_begin(writer, "oneOf", TREE_LIST);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		tree_begin(writer, TREE_MAPPING);
		write_needed(writer, ways[i]);
		tree_end(writer);
	}
	tree_end(writer);
	tree_end(writer);
}

static void write_hook_conditions(struct tree_writer *writer, uint32_t documents)
{
	(void)documents;
	write_type_reference(writer);
}

static void write_kprobe_conditions(struct tree_writer *writer, uint32_t documents)
{
	write_return_condition(writer);
	write_hook_conditions(writer, documents);
}

static void write_uprobe_conditions(struct tree_writer *writer, uint32_t documents)
{
	write_target_condition(writer);
	write_kprobe_conditions(writer, documents);
}

/* ---- Of a filter ---- */

static void write_operators(struct tree_writer *writer, enum value_kind values)
{
	const char *name;
	int id;

	for (size_t n = 0; (name = operator_spelling(n, &id)); n++)
		if (operator_rows[id].values == values && (operator_rows[id].filters & FILTER_ARGUMENTS))
			tree_text(writer, name);
}

static void write_value_form(struct tree_writer *writer, const struct operand_form *row)
{
	tree_key_begin(writer, "items", TREE_MAPPING);
	if (row->names != NAME_SET_COUNT && row->pattern) {
		tree_key_begin(writer, "anyOf", TREE_LIST);
		tree_begin(writer, TREE_MAPPING);
		write_names(writer, row->names);
		tree_end(writer);
		tree_begin(writer, TREE_MAPPING);
		tree_key_text(writer, "pattern", row->pattern);
		tree_end(writer);
		tree_end(writer);
	} else if (row->names != NAME_SET_COUNT) {
		write_names(writer, row->names);
	} else if (row->pattern) {
		tree_key_text(writer, "pattern", row->pattern);
	}
	tree_end(writer);
	if (row->most)
		tree_key_number(writer, "maxItems", row->most);
}

static void write_value_conditions(struct tree_writer *writer, uint32_t documents)
{
	(void)documents;
	for (size_t i = 0; i < value_form_count; i++) {
		begin_words(writer, "operator");
		write_operators(writer, value_forms[i].values);
		begin_then(writer);
		write_needed(writer, "values");
		begin_property(writer, "values");
		tree_key_number(writer, "minItems", 1);
		write_value_form(writer, &value_forms[i]);
		end_property(writer);
		end_then(writer);
	}
}

static void write_label_conditions(struct tree_writer *writer, uint32_t documents)
{
	(void)documents;
	begin_words(writer, "operator");
	tree_text(writer, "In");
	tree_text(writer, "NotIn");
	begin_then(writer);
	write_needed(writer, "values");
	begin_property(writer, "values");
	tree_key_number(writer, "minItems", 1);
	end_property(writer);
	end_then(writer);
	begin_words(writer, "operator");
	tree_text(writer, "Exists");
	tree_text(writer, "DoesNotExist");
	begin_then(writer);
	begin_property(writer, "values");
	tree_key_number(writer, "maxItems", 0);
	end_property(writer);
	end_then(writer);
}

static void write_signal_condition(struct tree_writer *writer, uint32_t documents)
{
	(void)documents;
	begin_words(writer, "action");
	tree_text(writer, action_rows[ACTION_SIGNAL].name);
	begin_then(writer);
	write_needed(writer, "argSig");
	begin_property(writer, "argSig");
	tree_key_number(writer, "minimum", 1);
	tree_key_number(writer, "maximum", LIMIT_SIGNAL);
	end_property(writer);
	end_then(writer);
}

static const struct {
	enum field_group group;
	void (*write)(struct tree_writer *writer, uint32_t documents);
} conditions[] = {
	{ GROUP_root, write_document_conditions },
	{ GROUP_spec, write_section_conditions },
	{ GROUP_option, write_option_conditions },
	{ GROUP_kprobe, write_kprobe_conditions },
	{ GROUP_tracepoint, write_hook_conditions },
	{ GROUP_lsm, write_hook_conditions },
	{ GROUP_usdt, write_hook_conditions },
	{ GROUP_uprobe, write_uprobe_conditions },
	{ GROUP_argument_filter, write_value_conditions },
	{ GROUP_label_expression, write_label_conditions },
	{ GROUP_action, write_signal_condition },
};

void write_conditions(struct tree_writer *writer, enum field_group group, uint32_t documents)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
		if (conditions[i].group != group)
			continue;
		tree_key_begin(writer, "allOf", TREE_LIST);
		conditions[i].write(writer, documents);
		tree_end(writer);
	}
}

// SPDX-License-Identifier: Apache-2.0
/* policy.c - a policy as its object has it; see parts.h. */
#include <inttypes.h>
#include <string.h>

#include "compiler/explain/explain.h"
#include "compiler/explain/scope.h"
#include "compiler/inspect/parts.h"
#include "compiler/object/format.h"

static void add_header(struct inspection *inspection, struct data *into)
{
	static const struct { const char *name; size_t size; } rows[] = {
#define X(name, type) { #name, sizeof(type) },
		OBJECT_SECTIONS(X)
#undef X
	};
	struct arena *arena = inspection->arena;
	struct object_header header;
	const char *checksum;
	struct data *list;

	memcpy(&header, inspection->bytes, sizeof(header));
	checksum = arena_format(arena, "%016" PRIx64, header.checksum);
	data_text(arena, into, "kind", "object");
	data_text(arena, into, "text", arena_format(arena, "%s: object of a policy, version %u, %u bytes; checksum %s",
						    inspection->name, header.version, header.size, checksum));
	data_number(arena, into, "version", header.version);
	data_number(arena, into, "bytes", header.size);
	data_text(arena, into, "checksum", checksum);
	list = data_list(arena, into, "sections");
	for (int n = 0; n < OBJECT_SECTION_COUNT; n++) {
		struct data *entry;

		if (!header.sections[n].count)
			continue;
		entry = inspect_entry(inspection, list, "%s: %u of %zu byte%s at %u", rows[n].name, header.sections[n].count,
				      rows[n].size, rows[n].size == 1 ? "" : "s", header.sections[n].offset);
		data_text(arena, entry, "name", rows[n].name);
		data_number(arena, entry, "offset", header.sections[n].offset);
		data_number(arena, entry, "count", header.sections[n].count);
		data_number(arena, entry, "record_bytes", (int64_t)rows[n].size);
	}
}

static void add_texts(struct inspection *inspection, struct data *into, const char *key, const struct text_list *texts)
{
	struct data *list;

	if (!texts->count)
		return;
	list = data_list(inspection->arena, into, key);
	for (size_t n = 0; n < texts->count; n++)
		data_text(inspection->arena, list, NULL, texts->items[n].bytes);
}

/* ---- Predicates ---- */

/* The set that the predicate carries, which is what the filters that it was made of leave. */
static void add_set(struct inspection *inspection, const struct ir_hook *hook, const struct ir_predicate *predicate,
		    struct data *entry)
{
	const size_t count = predicate->intervals.count + predicate->patterns.count + predicate->networks.count;
	struct data *list;

	if (!count)
		return;
	list = data_list(inspection->arena, entry, "set");
	for (size_t n = 0; n < count; n++) {
		struct buffer text = { 0 };
		const size_t pattern = n - predicate->intervals.count, network = pattern - predicate->patterns.count;

		if (n < predicate->intervals.count)
			spell_interval(predicate->intervals.items[n].low, predicate->intervals.items[n].high,
				       ir_predicate_domain(hook, predicate).is_signed, &text);
		else if (pattern < predicate->patterns.count)
			spell_pattern(predicate->patterns.items[pattern].kind, predicate->patterns.items[pattern].bytes,
				      predicate->patterns.items[pattern].length, &text);
		else
			spell_network(&predicate->networks.items[network], &text);
		data_text(inspection->arena, list, NULL, inspect_keep(inspection, &text));
	}
}

static void add_predicates(struct inspection *inspection, const struct ir_policy *policy, const struct ir_hook *hook,
			   const struct ir_predicate_list *predicates, const char *key, struct data *into)
{
	struct data *list = data_list(inspection->arena, into, key);

	for (size_t n = 0; n < predicates->count; n++) {
		const struct ir_predicate *predicate = &predicates->items[n];
		struct buffer text = { 0 };
		struct data *entry;

		explain_predicate(hook, predicate, &text);
		entry = inspect_entry(inspection, list, "%s", inspect_keep(inspection, &text));
		data_text(inspection->arena, entry, "subject", ir_subject_rows[predicate->subject].name);
		data_boolean(inspection->arena, entry, "negated", predicate->negated);
		if (predicate->mask)
			data_text(inspection->arena, entry, "mask",
				  arena_format(inspection->arena, "0x%" PRIx64, predicate->mask));
		add_set(inspection, hook, predicate, entry);
		inspect_add(inspection, entry, "place", inspect_place(inspection, policy, predicate->at));
	}
}

/* ---- Selectors ---- */

static void add_actions(struct inspection *inspection, const struct ir_hook *hook, const struct ir_action_list *actions,
			const char *key, struct data *into)
{
	struct data *list = data_list(inspection->arena, into, key);

	for (size_t n = 0; n < actions->count; n++) {
		struct buffer text = { 0 };

		explain_one_action(hook, &actions->items[n], &text);
		data_text(inspection->arena, inspect_entry(inspection, list, "%s", inspect_keep(inspection, &text)), "action",
			  action_rows[actions->items[n].op].name);
	}
}

static void add_selector(struct inspection *inspection, const struct ir_policy *policy, const struct ir_hook *hook,
			 const struct ir_selector *selector, struct data *list)
{
	struct buffer does = { 0 };
	struct data *entry;

	explain_actions(policy, hook, &selector->actions, &does);
	entry = inspect_entry(inspection, list, "selector %u: %s", selector->index, inspect_keep(inspection, &does));
	data_number(inspection->arena, entry, "index", selector->index);
	inspect_add(inspection, entry, "label", selector->label.bytes);
	inspect_add(inspection, entry, "place", inspect_place(inspection, policy, selector->at));
	add_predicates(inspection, policy, hook, &selector->predicates, "when", entry);
	add_actions(inspection, hook, &selector->actions, "actions", entry);
	if (!selector->return_predicates.count && !selector->return_actions.count)
		return;
	add_predicates(inspection, policy, hook, &selector->return_predicates, "when_it_returns", entry);
	add_actions(inspection, hook, &selector->return_actions, "return_actions", entry);
}

/* Those that the policy has and the object has not. */
static void add_dropped(struct inspection *inspection, const struct ir_hook *hook, struct data *into)
{
	struct data *list = NULL;
	size_t next = 0;

	for (uint32_t n = 0; n < hook->selectors_written; n++) {
		if (next < hook->selectors.count && hook->selectors.items[next].index == n) {
			next++;
			continue;
		}
		if (!list)
			list = data_list(inspection->arena, into, "dropped");
		data_number(inspection->arena, inspect_entry(inspection, list, "selector %u never decides", n), "index", n);
	}
}

/* ---- Arguments ---- */

static void add_argument(struct inspection *inspection, const struct ir_policy *policy, const struct ir_argument *argument,
			 const char *of, struct data *list)
{
	struct buffer text = { 0 };
	struct data *entry;

	explain_argument(argument, &text);
	buffer_format(&text, ", read as %s", inspect_load(argument->load));
	if (argument->size_index)
		buffer_format(&text, ", as long as number %u says", argument->size_index - 1);
	entry = inspect_entry(inspection, list, "%s", inspect_keep(inspection, &text));
	data_text(inspection->arena, entry, "of", of);
	data_number(inspection->arena, entry, "index", argument->index);
	data_text(inspection->arena, entry, "type", type_rows[argument->type].name);
	data_text(inspection->arena, entry, "load", inspect_load(argument->load));
	inspect_add(inspection, entry, "label", argument->label.bytes);
	inspect_add(inspection, entry, "resolve", argument->resolve.bytes);
	inspect_add(inspection, entry, "btf_type", argument->btf_type.bytes);
	inspect_add(inspection, entry, "btf_module", argument->btf_module.bytes);
	if (argument->size_index)
		data_number(inspection->arena, entry, "size_index", argument->size_index - 1);
	if (argument->folder)
		data_number(inspection->arena, entry, "folder", argument->folder - 1);
	data_boolean(inspection->arena, entry, "return_copy", argument->return_copy);
	data_boolean(inspection->arena, entry, "max_data", argument->max_data);
	inspect_add(inspection, entry, "place", inspect_place(inspection, policy, argument->at));
}

static void add_arguments(struct inspection *inspection, const struct ir_policy *policy, const struct ir_hook *hook,
			  struct data *into)
{
	struct data *list = data_list(inspection->arena, into, "arguments");

	for (size_t n = 0; n < hook->arguments.count; n++)
		add_argument(inspection, policy, &hook->arguments.items[n], "args", list);
	for (size_t n = 0; n < hook->data.count; n++)
		add_argument(inspection, policy, &hook->data.items[n], "data", list);
	if (hook->return_argument)
		add_argument(inspection, policy, hook->return_argument, "returnArg", list);
}

/* ---- Hooks ---- */

static void add_names(struct inspection *inspection, const struct ir_policy *policy, const struct ir_names *names,
		      struct data *list)
{
	static const char *const kinds[] = {
		[IR_NAMES_LISTED] = "functions", [IR_NAMES_SYSCALLS] = "system calls",
		[IR_NAMES_ALL_SYSCALLS] = "all system calls of the target", [IR_NAMES_PATTERN] = "functions of the target that match",
	};
	struct data *entry = inspect_entry(inspection, list, "%s%s%s", kinds[names->kind], names->pattern.bytes ? " " : "",
					   names->pattern.bytes ? names->pattern.bytes : "");

	inspect_add(inspection, entry, "list", names->name.bytes);
	add_texts(inspection, entry, "names", &names->values);
	inspect_add(inspection, entry, "place", inspect_place(inspection, policy, names->at));
}


static void add_hook(struct inspection *inspection, const struct ir_policy *policy, const struct ir_hook *hook,
		     struct data *list)
{
	struct arena *arena = inspection->arena;
	struct buffer text = { 0 };
	struct data *entry, *selectors;

	explain_place(hook, &text);
	entry = inspect_entry(inspection, list, "%s", inspect_keep(inspection, &text));
	data_text(arena, entry, "kind", hook_rows[hook->kind].name);
	inspect_add(inspection, entry, "name", hook->name.bytes);
	inspect_add(inspection, entry, "subsystem", hook->subsystem.bytes);
	data_boolean(arena, entry, "syscall", hook->syscall);
	data_boolean(arena, entry, "returns", hook->returns);
	inspect_add(inspection, entry, "message", hook->message.bytes);
	add_texts(inspection, entry, "tags", &hook->tags);
	inspect_add(inspection, entry, "place", inspect_place(inspection, policy, hook->at));
	if (hook->node) {
		struct buffer nodes = { 0 };

		explain_labels(hook->node, &nodes);
		data_text(arena, entry, "nodes", inspect_keep(inspection, &nodes));
	}
	if (hook->names)
		add_names(inspection, policy, hook->names, data_list(arena, entry, "stands_for"));
	add_arguments(inspection, policy, hook, entry);
	selectors = data_list(arena, entry, "selectors");
	for (size_t n = 0; n < hook->selectors.count; n++)
		add_selector(inspection, policy, hook, &hook->selectors.items[n], selectors);
	add_dropped(inspection, hook, entry);
}

/* ---- The policy ---- */

static void add_note(struct inspection *inspection, struct data *list, bool is_set, const char *text)
{
	if (is_set)
		data_text(inspection->arena, list, NULL, text);
}

/* What is said once for all hooks. */
static void add_settings(struct inspection *inspection, const struct ir_policy *policy, struct data *into)
{
	struct data *list = data_list(inspection->arena, into, "settings");
	struct buffer scope = { 0 };

	if (explain_scope(policy, &scope))
		data_text(inspection->arena, list, NULL,
			  arena_format(inspection->arena, "for processes %s", inspect_keep(inspection, &scope)));
	add_note(inspection, list, policy->loader, "mappings of programs and libraries are reported");
	add_note(inspection, list, policy->single_kprobes, "functions are attached to one by one");
	add_note(inspection, list, policy->single_uprobes, "functions of programs are attached to one by one");
	add_note(inspection, list, policy->preloads, "texts of arguments of programs' functions are brought into memory");
	add_note(inspection, list, policy->override_method == METHOD_FMOD_RET, "overrides by fmod_ret");
	add_note(inspection, list, policy->override_method == METHOD_OVERRIDE_RETURN, "overrides by bpf_override_return");
}

void inspect_add_policy(struct inspection *inspection, struct data *into, const struct ir_policy *policy)
{
	struct arena *arena = inspection->arena;
	struct data *entry, *list;

	add_header(inspection, into);
	list = data_list(arena, into, "policies");
	entry = inspect_entry(inspection, list, "policy '%s' from %s%s", policy->name.bytes, policy->source_name,
			      !policy->enforces ? "" : policy->monitor ? ", enforces nothing: monitor mode" : ", enforces");
	data_text(arena, entry, "name", policy->name.bytes);
	data_text(arena, entry, "source", policy->source_name);
	data_boolean(arena, entry, "enforces", policy->enforces);
	data_boolean(arena, entry, "monitor", policy->monitor);
	inspect_add(inspection, entry, "place", inspect_place(inspection, policy, policy->at));
	list = data_list(arena, entry, "later");
	for (size_t n = 0; n < policy->later.count; n++)
		inspect_add(inspection, inspect_entry(inspection, list, "%s", policy->later.items[n].what), "place",
			    inspect_place(inspection, policy, policy->later.items[n].at));
	add_settings(inspection, policy, entry);
	list = data_list(arena, entry, "enforcer");
	for (size_t n = 0; n < policy->enforcer.count; n++)
		add_names(inspection, policy, &policy->enforcer.items[n], list);
	list = data_list(arena, entry, "hooks");
	for (size_t n = 0; n < policy->hooks.count; n++)
		add_hook(inspection, policy, &policy->hooks.items[n], list);
}

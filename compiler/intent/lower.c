// SPDX-License-Identifier: Apache-2.0
/* lower.c - RuntimeSecurityPolicies to policies; see intent.h. */
#include "compiler/intent/intent.h"

#include <string.h>

#include "compiler/intent/emit.h"
#include "compiler/intent/rule.h"
#include "compiler/policy/check.h"

/* ---- Categories ---- */

#define CATEGORY(key, member, lower, excepts) \
	{ key, offsetof(struct intent_match, member), offsetof(struct intent_match, member##_at), lower, excepts }
static const struct category {
	const char *key;
	size_t member, at;
	void (*lower)(struct rule *rule);	/* NULL: not yet */
	/* NULL: exceptions of it are by scope alone */
	bool (*excepts)(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret);
} categories[] = {
	CATEGORY("exec", exec, exec_lower, exec_excepts),
	CATEGORY("file", file, file_lower, file_excepts),
	CATEGORY("network", network, network_lower, network_excepts),
	CATEGORY("unix", unix_sockets, unix_lower, unix_excepts),
	CATEGORY("capability", capability, capability_lower, capability_excepts),
	CATEGORY("module", module, module_lower, module_excepts),
	CATEGORY("bpf", bpf, bpf_lower, bpf_excepts),
	CATEGORY("ptrace", ptrace, ptrace_lower, ptrace_excepts),
	CATEGORY("credentials", credentials, credentials_lower, NULL),
	CATEGORY("namespaces", namespaces, namespaces_lower, NULL),
	CATEGORY("mount", mount, mount_lower, mount_excepts),
	CATEGORY("raw", raw, NULL, NULL),
};
enum { CATEGORIES = sizeof(categories) / sizeof(*categories) };

static bool has(const struct intent_match *match, const struct category *category)
{
	return *(void *const *)((const char *)match + category->member) != NULL;
}

bool match_has_category(const struct intent_match *match)
{
	for (size_t n = 0; n < CATEGORIES; n++)
		if (has(match, &categories[n]))
			return true;
	return false;
}

static struct span place_of(const struct intent_match *match, const struct category *category)
{
	return *(const struct span *)((const char *)match + category->at);
}

static const struct category *category_of(struct rule *rule)
{
	const struct intent_match *match = &rule->written->match;
	const struct category *found = NULL;

	for (size_t n = 0; n < CATEGORIES; n++) {
		if (!has(match, &categories[n]))
			continue;
		if (found) {
			diag(rule->diagnostics, DIAG_INTENT_CATEGORY, place_of(match, &categories[n]), "'%s' beside '%s' in one rule",
				categories[n].key, found->key);
			diag_help(rule->diagnostics, "write a rule for each");
			return NULL;
		}
		found = &categories[n];
	}
	if (!found) {
		diag(rule->diagnostics, DIAG_INTENT_CATEGORY, rule->written->at, "the rule does not say what it is about");
		diag_help(rule->diagnostics, "give it one of: exec, file, network, unix, capability, module, bpf, ptrace, credentials, namespaces, mount, raw");
	}
	return found;
}

/* ---- Selectors ---- */

struct selectors { struct rule *rule; struct probe *probe; struct policy_selector_list list; size_t room; };

static struct policy_selector *add_selector(struct selectors *to, const char *name, struct span at)
{
	struct policy_selector_list *list = &to->list;
	const char *id = to->rule->written->id.bytes;

	list->items = arena_grow(to->rule->arena, list->items, list->count, &to->room, sizeof(*list->items));
	list->items[list->count] = (struct policy_selector){ .at = at, .arguments_at = at, .actions_at = at };
	list->items[list->count].label = name ? text_made(to->rule, at, "%s/%s", id, name) : text_made(to->rule, at, "%s", id);
	return &list->items[list->count++];
}

static void add_filters(struct selectors *to, const struct alternative *alternative, struct policy_selector *selector)
{
	struct policy_argument_filter_list *filters = &selector->arguments;
	struct policy_argument_filter *items;

	if (!alternative || !alternative->filters.count)
		return;
	items = arena_array(to->rule->arena, struct policy_argument_filter, filters->count + alternative->filters.count);
	if (filters->count)
		memcpy(items, filters->items, filters->count * sizeof(*items));
	memcpy(items + filters->count, alternative->filters.items, alternative->filters.count * sizeof(*items));
	*filters = (struct policy_argument_filter_list){ items, filters->count + alternative->filters.count };
}

/* What an exception lets pass, before anything is denied: one selector for each alternative and choice. */
static void add_exception(struct selectors *to, const struct intent_exception *exception, const struct alternative *alternative)
{
	for (size_t n = 0; n < scope_choices(exception->scope); n++) {
		struct policy_selector *selector = add_selector(to, "except", exception->at);

		add_filters(to, alternative, selector);
		scope_filter(to->rule, to->probe, exception->scope, n, selector);
		scope_workloads(to->rule, exception->scope, selector);
		selector->actions = pass_actions(to->rule, exception->at);
	}
}

/* Of the rule's own category; what it says beside the scope must be something, or it would except everything. */
static bool excepts_only(struct rule *rule, const struct intent_exception *exception, const struct category *category)
{
	for (size_t n = 0; n < CATEGORIES; n++) {
		if (!has(&exception->match, &categories[n]) || (&categories[n] == category && category->excepts))
			continue;
		diag(rule->diagnostics, DIAG_INTENT_CATEGORY, place_of(&exception->match, &categories[n]),
			"'%s' in an exception of a rule about '%s'", categories[n].key, category->key);
		return false;
	}
	if (exception->scope && !scope_check(rule, exception->scope))
		return false;
	if (exception->scope && exception->scope->nodes) {
		check_label_selector(exception->scope->nodes, rule->diagnostics);
		return nodes_are_excepted(rule, exception);
	}
	if (exception->scope || has(&exception->match, category))
		return true;
	diag(rule->diagnostics, DIAG_INTENT_CATEGORY, exception->at, "the exception does not say what is excepted");
	diag_help(rule->diagnostics, "give it a 'scope', or '%s' as the rule has it", category->key);
	return false;
}

static void add_exceptions(struct selectors *to, const struct category *category, bool *used)
{
	const struct intent_exception_list *exceptions = &to->rule->written->exceptions;

	for (size_t n = 0; n < exceptions->count; n++) {
		const struct intent_exception *exception = &exceptions->items[n];
		struct alternatives alternatives = { 0 };

		if (!excepts_only(to->rule, exception, category)) {
			used[n] = true;		/* refused already */
			continue;
		}
		if (exception->scope && exception->scope->nodes) {
			used[n] = true;		/* the rule is not run there */
			continue;
		}
		if (has(&exception->match, category) &&
		    !category->excepts(to->rule, to->probe, &exception->match, &alternatives))
			continue;
		used[n] = true;
		for (size_t i = 0; i < alternatives.count; i++)
			add_exception(to, exception, &alternatives.items[i]);
		if (!alternatives.count)
			add_exception(to, exception, NULL);
	}
}

static void add_passing(struct selectors *to, const struct alternatives *alternatives)
{
	for (size_t n = 0; n < alternatives->count; n++) {
		const struct alternative *alternative = &alternatives->items[n];
		struct policy_selector *selector = add_selector(to, alternative->name, alternative->at);

		add_filters(to, alternative, selector);
		selector->actions = pass_actions(to->rule, alternative->at);
	}
}

/* One of the rule itself: with its scope, and that of the policy. */
static void add_decided(struct selectors *to, const struct alternative *alternative, struct span at)
{
	const struct intent_scope *narrow = to->rule->written->scope, *wide = to->rule->intent->scope;
	const size_t choices = scope_choices(narrow), all = choices * scope_choices(wide);

	for (size_t n = 0; n < all; n++) {
		struct policy_selector *selector = add_selector(to, alternative ? alternative->name : NULL, at);

		add_filters(to, alternative, selector);
		add_filters(to, &to->probe->condition, selector);
		scope_lacks(to->rule, to->probe, selector);
		scope_filter(to->rule, to->probe, wide, n / choices, selector);
		scope_filter(to->rule, to->probe, narrow, n % choices, selector);
		scope_workloads(to->rule, narrow, selector);
		selector->actions = rule_actions(to->rule, to->probe);
	}
}

/* Taken at its word it would deny everything. */
static void refuse_unnamed(struct rule *rule, const struct probe *probe)
{
	diag(rule->diagnostics, DIAG_INTENT_EMPTY, probe->at, "nothing is named that 'allowOnly' allows");
	diag_help(rule->diagnostics, "name it; to deny all of it say effect: deny");
}

/* Exceptions come first; of an allowOnly, what it allows as well, and then whatever comes is meant. */
static struct policy_selector_list selectors_of(struct rule *rule, struct probe *probe, const struct category *category, bool *used)
{
	struct selectors to = { .rule = rule, .probe = probe };
	const bool allows = rule->written->effect == INTENT_ALLOW_ONLY;

	add_exceptions(&to, category, used);
	if (allows) {
		if (probe->matches.everything && rule->diagnostics->errors == rule->errors)
			refuse_unnamed(rule, probe);
		for (size_t n = 0; n < probe->exceptions.count; n++)	/* what its negative keys take out of what is allowed */
			add_decided(&to, &probe->exceptions.items[n], probe->exceptions.items[n].at);
		add_passing(&to, &probe->matches);
		add_decided(&to, NULL, probe->at);
		return to.list;
	}
	add_passing(&to, &probe->exceptions);
	for (size_t n = 0; n < probe->matches.count; n++)
		add_decided(&to, &probe->matches.items[n], probe->matches.items[n].at);
	if (probe->matches.everything)
		add_decided(&to, NULL, probe->at);
	return to.list;
}

/* ---- Hooks ---- */

static void add_tag(struct rule *rule, struct text_list *tags, struct text tag)
{
	if (tags->count < LIMIT_TAGS)
		tags->items[tags->count++] = tag;
	else
		diag(rule->diagnostics, DIAG_TOO_MANY, tag.at, "with those that say rule and severity there are more than %d tags", LIMIT_TAGS);
}

static struct text_list tags_of(struct rule *rule)
{
	const char *words = kind_rows[KIND_INTENT_SEVERITY].words, *severity;
	const struct intent_defaults *defaults = rule->intent->defaults;
	struct text_list tags = { arena_array(rule->arena, struct text, LIMIT_TAGS), 0 };
	const struct intent_rule *written = rule->written;
	const bool is_said = !span_is_empty(written->severity_at);

	add_tag(rule, &tags, text_made(rule, written->id.at, "rule:%s", written->id.bytes));
	if (is_said || (defaults && !span_is_empty(defaults->severity_at))) {
		const size_t length = words_at(words, is_said ? written->severity : defaults->severity, &severity);

		add_tag(rule, &tags, text_made(rule, written->at, "severity:%.*s", (int)length, severity));
	}
	for (size_t n = 0; n < written->tags.count; n++)
		add_tag(rule, &tags, written->tags.items[n]);
	for (size_t n = 0; defaults && n < defaults->tags.count; n++)
		add_tag(rule, &tags, defaults->tags.items[n]);
	return tags;
}

static struct policy_argument_list arguments_of(struct rule *rule, const struct probe *probe)
{
	struct policy_argument *items = arena_array(rule->arena, struct policy_argument, probe->argument_count);

	memcpy(items, probe->arguments, probe->argument_count * sizeof(*items));
	return (struct policy_argument_list){ items, probe->argument_count };
}

/* Operations at one hook are told apart in events. */
static struct text message_of(struct rule *rule, const struct probe *probe)
{
	const struct intent_rule *written = rule->written;
	bool is_shared = false;

	if (!written->title.bytes)
		return text_made(rule, written->id.at, "%s: %s", written->id.bytes, probe->op);
	for (size_t n = 0; n < rule->count; n++)
		is_shared |= !strcmp(rule->probes[n].hook, probe->hook) && strcmp(rule->probes[n].op, probe->op);
	return is_shared ? text_made(rule, written->title.at, "%s (%s)", written->title.bytes, probe->op) :
		text_made(rule, written->title.at, "%s", written->title.bytes);
}

/* A function's arguments are those of its hook, but for some. */
static void take_function(struct rule *rule, const struct probe *probe, struct policy_hook *hook)
{
	hook->kind = HOOK_KPROBE;
	hook->name = text_made(rule, probe->at, "%s", intent_function(rule->arena, probe->hook));
	for (size_t n = 0; n < hook->arguments.count; n++)
		if (!hook->arguments.items[n].source.length)
			hook->arguments.items[n].index = intent_function_index(probe->hook, hook->arguments.items[n].index);
}

/* Selectors first: they may want further arguments. */
static struct policy_hook hook_of(struct rule *rule, struct probe *probe, enum way way, const struct category *category, bool *used)
{
	struct policy_hook hook = { .at = probe->at, .kind = probe->kind, .selectors_at = probe->at, .arguments_at = probe->at };

	rule->only_reports = way == WAY_FUNCTION_REPORTS || probe->kind != HOOK_LSM || probe->only_tells;
	hook.name = text_made(rule, probe->at, "%s", probe->hook);
	if (probe->subsystem) {
		hook.subsystem = text_made(rule, probe->at, "%s", probe->subsystem);
		hook.raw = true;
	}
	hook.selectors = selectors_of(rule, probe, category, used);
	hook.arguments = arguments_of(rule, probe);
	if (way == WAY_FUNCTION || way == WAY_FUNCTION_REPORTS)
		take_function(rule, probe, &hook);
	hook.message = message_of(rule, probe);
	hook.tags = tags_of(rule);
	return hook;
}

struct hooks { struct policy_hook_list list; size_t room; };

static void add_hook(struct rule *rule, struct policy_hook hook, struct hooks *hooks)
{
	hook.node = rule->node;
	hook.node_at = rule->node_at;
	hook.rule = rule->written->id;
	hooks->list.items = arena_grow(rule->arena, hooks->list.items, hooks->list.count, &hooks->room, sizeof(struct policy_hook));
	hooks->list.items[hooks->list.count++] = hook;
}

static void add_hooks(struct rule *rule, const struct category *category, struct hooks *hooks)
{
	const struct intent_exception_list *exceptions = &rule->written->exceptions;
	bool *used = arena_array(rule->arena, bool, exceptions->count);

	for (size_t n = 0; n < rule->count; n++) {
		const struct probe *probe = &rule->probes[n];
		struct policy_hook hook;
		enum way way;

		/* Nothing of it can happen there: a hook without selectors would match whatever comes. */
		if (!probe->matches.count && !probe->matches.everything && rule->written->effect != INTENT_ALLOW_ONLY)
			continue;
		way = target_way(rule, probe);
		hook = hook_of(rule, &rule->probes[n], way, category, used);
		if (way != WAY_NONE)
			add_hook(rule, hook, hooks);
	}
	for (size_t n = 0; n < exceptions->count && rule->diagnostics->errors == rule->errors; n++)
		if (!used[n]) {
			diag(rule->diagnostics, DIAG_INTENT_EMPTY, exceptions->items[n].at, "the exception is about nothing that the rule does");
			diag_help(rule->diagnostics, "what it names must be among the rule's 'ops'");
		}
}

/* What becomes of a match is said by the hooks themselves. */
static void add_raw(struct rule *rule, const struct category *category, struct hooks *hooks)
{
	const struct intent_rule *written = rule->written;
	const struct policy_hook_list *raw = &written->match.raw->policy.hooks;

	if (!span_is_empty(written->effect_at))
		refuse_operation(rule, written->effect_at, "effect", "hooks of a TracingPolicy have actions of their own: matchActions");
	if (written->respond)
		refuse_operation(rule, written->respond_at, "respond", "hooks of a TracingPolicy have actions of their own: matchActions");
	if (!raw->count)
		refuse_operation(rule, written->match.raw_at, "raw", "give it kprobes, tracepoints or lsmhooks");
	for (size_t n = 0; n < written->exceptions.count; n++)
		excepts_only(rule, &written->exceptions.items[n], category);
	for (size_t n = 0; n < raw->count; n++) {
		struct policy_hook hook = raw_hook(rule, &raw->items[n]);

		if (!target_has(rule, &hook))
			continue;
		if (!hook.message.length && written->title.bytes)
			hook.message = text_made(rule, written->title.at, "%s", written->title.bytes);
		if (!hook.tags.count)
			hook.tags = tags_of(rule);
		add_hook(rule, hook, hooks);
	}
}

static void lower_rule(struct rule *rule, struct hooks *hooks)
{
	const bool is_of_draft = rule->written->draft_execution && !rule->written->match.exec;	/* refused already */
	const struct category *category = is_of_draft ? NULL : category_of(rule);

	if (!category || !rule->written->enabled)
		return;
	if (rule->written->scope && !scope_check(rule, rule->written->scope))
		return;
	if (rule->written->scope)
		check_label_selector(rule->written->scope->nodes, rule->diagnostics);
	rule_choose_nodes(rule);
	rule->errors = rule->diagnostics->errors;
	respond_check(rule);
	if (!category->lower) {
		add_raw(rule, category, hooks);
		return;
	}
	category->lower(rule);
	add_hooks(rule, category, hooks);
}

/* ---- Policies ---- */

static void add_mode(const struct intent *intent, struct arena *arena, struct policy *policy)
{
	static const char name[] = "policy-mode", *const words[] = { "monitor", "enforce" };
	struct policy_option *option = arena_new(arena, struct policy_option);
	const struct span at = span_is_empty(intent->mode_at) ? policy->name.at : intent->mode_at;

	*option = (struct policy_option){
		.at = at, .name = { name, strlen(name), at }, .value = { words[intent->mode], strlen(words[intent->mode]), at },
	};
	policy->options = (struct policy_option_list){ option, 1 };
}

static void add_scope(const struct intent_scope *scope, struct arena *arena, struct policy *policy)
{
	if (!scope)
		return;
	policy->pod_selector = scope->pods;
	policy->pod_selector_at = scope->pods_at;
	policy->container_selector = scope->containers;
	policy->container_selector_at = scope->containers_at;
	policy->node_selector = scope->nodes;
	policy->node_selector_at = scope->nodes_at;
	if (scope_means_host(scope)) {
		policy->host_selector = arena_new(arena, struct policy_label_selector);
		policy->host_selector->at = policy->host_selector_at = scope->host_at;
	} else if (scope->host == INTENT_HOST_EXCLUDE && !scope->pods && !scope->containers) {
		policy->pod_selector = arena_new(arena, struct policy_label_selector);	/* every pod, and so no host */
		policy->pod_selector->at = policy->pod_selector_at = scope->host_at;
	}
}

/* ---- What could not be read is not built upon: parts of it are not there ---- */

static bool is_inside(struct span at, struct span all)
{
	return at.start >= all.start && at.start < all.end;
}

static bool is_refused(const struct diagnostics *diagnostics, size_t count, struct span all)
{
	for (size_t n = 0; n < count; n++)
		if (diagnostics->items[n].severity == SEVERITY_ERROR && is_inside(diagnostics->items[n].at, all))
			return true;
	return false;
}

/* Something that all rules are built upon; `count` diagnostics are of reading. */
static bool is_refused_outside(const struct intent *intent, const struct diagnostics *diagnostics, size_t count)
{
	for (size_t n = 0; n < count; n++) {
		const struct diagnostic *one = &diagnostics->items[n];
		bool is_of_rule = false;

		for (size_t i = 0; i < intent->rules.count && !is_of_rule; i++)
			is_of_rule = is_inside(one->at, intent->rules.items[i].at);
		if (one->severity == SEVERITY_ERROR && !is_of_rule && is_inside(one->at, intent->policy.at))
			return true;
	}
	return diagnostics->truncated;
}

bool intent_is_day(const char *text)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t n = 0; n < sizeof(form); n++)
		if (form[n] == 'd' ? text[n] < '0' || text[n] > '9' : text[n] != form[n])
			return false;
	return true;
}

/* Days in this form are in the order of their texts. */
static void check_expiry(const struct intent_rule *rule, const char *today, struct diagnostics *diagnostics)
{
	for (size_t n = 0; n < rule->exceptions.count; n++) {
		const struct text *expires = &rule->exceptions.items[n].expires;

		if (expires->bytes && !intent_is_day(expires->bytes)) {
			diag(diagnostics, DIAG_UNKNOWN_VALUE, expires->at, "'%.32s' is no day", expires->bytes);
			diag_help(diagnostics, "as 2026-11-27");
		} else if (expires->bytes && today && strcmp(expires->bytes, today) <= 0) {
			diag(diagnostics, DIAG_INTENT_EXPIRED, expires->at, "this exception has expired");
			diag_help(diagnostics, "it still holds: remove it, or give it another day");
		}
	}
}

static void lower_one(struct intent *intent, const struct intending *intending, struct arena *arena, struct diagnostics *diagnostics,
		      struct policy *policy)
{
	const size_t read = diagnostics->count;
	struct hooks hooks = { 0 };
	bool fine;

	*policy = intent->policy;
	policy->of_rules = true;
	fine = !is_refused_outside(intent, diagnostics, read);
	if (fine)
		draft_lower(intent, arena, diagnostics);
	fine = fine && ids_check(intent, diagnostics);
	fine = fine && target_check(intent->target, intending->profiles, arena, diagnostics);
	policy->broken |= !fine;
	add_mode(intent, arena, policy);
	add_scope(intent->scope, arena, policy);
	if (fine && intent->scope) {
		struct rule rule = { .arena = arena, .diagnostics = diagnostics, .intent = intent };

		fine = scope_check(&rule, intent->scope);
	}
	for (size_t n = 0; n < intent->rules.count; n++) {
		struct rule rule = {
			.arena = arena, .diagnostics = diagnostics, .intent = intent, .written = &intent->rules.items[n],
			.profiles = intending->profiles, .notes = &policy->notes, .for_tetragon = intending->for_tetragon,
		};

		if (!fine || is_refused(diagnostics, read, rule.written->at))
			continue;
		check_expiry(rule.written, intending->today, diagnostics);
		lower_rule(&rule, &hooks);
	}
	policy->hooks = hooks.list;
	policy->hooks_at = intent->rules_at;
}

void intents_lower(struct intent_list *intents, const struct intending *intending, struct arena *arena, struct diagnostics *diagnostics,
		   struct policy_list *policies)
{
	struct policy *items;

	if (!intents->count)
		return;
	items = arena_array(arena, struct policy, policies->count + intents->count);
	if (policies->count)
		memcpy(items, policies->items, policies->count * sizeof(*items));
	for (size_t n = 0; n < intents->count; n++)
		lower_one(&intents->items[n], intending, arena, diagnostics, &items[policies->count + n]);
	*policies = (struct policy_list){ items, policies->count + intents->count };
}

// SPDX-License-Identifier: Apache-2.0
/* emit.c - see emit.h. */
#include "compiler/emit.h"

#include <errno.h>
#include <string.h>

#include "compiler/intent/emit.h"
#include "compiler/intent/fold.h"
#include "compiler/intent/nodes.h"

/* ---- What is there again ---- */

/* One policy of the user's, and what it became. */
struct promise {
	const struct policy *meant;
	struct unit *read;		/* the emitted text */
	struct diagnostics *diagnostics;
};

/* What was spread over several hooks has a number behind its message; raw hooks may have none. */
static bool is_message(const char *read, const struct text *meant)
{
	if (!read || !meant->bytes)
		return !read == !meant->bytes;
	return !strncmp(read, meant->bytes, meant->length) && (!read[meant->length] || !strncmp(read + meant->length, " (", 2));
}

/* Those of the current task are data there. */
static bool has_arguments(const struct policy_hook *read, const struct policy_hook *meant, bool is_function)
{
	size_t count = 0;

	for (size_t n = 0; n < meant->arguments.count; n++) {
		const struct policy_argument *argument = &meant->arguments.items[n], *other = &read->arguments.items[count];
		const uint32_t index = is_function ? intent_function_index(meant->name.bytes, argument->index) : argument->index;

		if (argument->source.length)
			continue;
		if (count == read->arguments.count || other->index != index || other->resolve.length != argument->resolve.length ||
		    (other->resolve.length && strcmp(other->resolve.bytes, argument->resolve.bytes)))
			return false;
		count++;
	}
	return count == read->arguments.count;
}

/* A security_ function stands for the hook whose check it is. */
static bool is_hook(const struct policy_hook *read, const struct policy_hook *meant)
{
	const bool is_function = read->kind == HOOK_KPROBE && meant->kind == HOOK_LSM;

	if ((!is_function && read->kind != meant->kind) || !(is_function ? intent_is_function(read->name.bytes, meant->name.bytes) :
							      !strcmp(read->name.bytes, meant->name.bytes)))
		return false;
	return !strcmp(read->tags.items[0].bytes, meant->tags.items[0].bytes) && is_message(read->message.bytes, &meant->message) &&
		has_arguments(read, meant, is_function);
}

static const struct policy_hook *meant_by(const struct promise *promise, const struct policy_hook *read)
{
	for (size_t n = 0; n < promise->meant->hooks.count; n++)
		if (read->tags.count && is_hook(read, &promise->meant->hooks.items[n]))
			return &promise->meant->hooks.items[n];
	return NULL;
}

static bool is_inside(struct span at, struct span all)
{
	return !span_is_empty(all) && at.start >= all.start && at.end <= all.end;
}

/* A filter of the process comes from a scope: the user's own place of it. */
static bool scope_place(const struct policy_selector *read, const struct policy_selector *meant, struct span at, struct span *ret)
{
#define PLACE_OF(list)													\
	for (size_t n = 0; n < read->list.count && n < meant->list.count; n++)							\
		if (is_inside(at, read->list.items[n].at)) {									\
			*ret = meant->list.items[n].at;										\
			return true;												\
		}
	PLACE_OF(binaries)
	PLACE_OF(parents)
	PLACE_OF(namespaces)
	PLACE_OF(capabilities)
#undef PLACE_OF
	return false;
}

static const struct policy_selector *meant_selector(const struct policy_hook *meant, const struct policy_selector *read);

static struct span place_in_hook(const struct policy_hook *read, const struct policy_hook *meant, struct span at)
{
	struct span ret;

	for (size_t n = 0; n < read->selectors.count; n++) {
		const struct policy_selector *selector = meant_selector(meant, &read->selectors.items[n]);

		if (selector && is_inside(at, read->selectors.items[n].at) && scope_place(&read->selectors.items[n], selector, at, &ret))
			return ret;
	}
	return meant->at;
}

/* What is wrong with a scope is wrong with each hook that was made with it: it is said once. */
static bool is_said(const struct diagnostics *diagnostics, enum diagnostic_id id, struct span at, const char *message)
{
	for (size_t n = 0; n < diagnostics->count; n++) {
		const struct diagnostic *one = &diagnostics->items[n];

		if (one->id == id && one->at.start == at.start && one->at.end == at.end && !strcmp(one->message, message))
			return true;
	}
	return false;
}

/* What is said of the text is said of the hook that the text is of, at the user's line. */
static struct span place_of(const struct promise *promise, struct span at)
{
	const struct policy_list *policies = promise->read->policies;

	for (size_t n = 0; policies && n < policies->count; n++)
		for (size_t i = 0; i < policies->items[n].hooks.count; i++) {
			const struct policy_hook *hook = &policies->items[n].hooks.items[i];
			const struct policy_hook *meant = at.start >= hook->at.start && at.end <= hook->at.end ? meant_by(promise, hook) : NULL;

			if (meant)
				return place_in_hook(hook, meant, at);
		}
	return promise->meant->name.at;
}

/* What check only warns of because tetra runs it: Tetragon refuses it, or has no room for it. */
static bool is_refused_there(enum diagnostic_id id)
{
	return id == DIAG_TETRAGON_ENTRIES || id == DIAG_TETRAGON_VALUES || id == DIAG_TETRAGON_LENGTH || id == DIAG_EXPRESSION_EXTENDED ||
		id == DIAG_SECOND_ENTRY;
}

/* What Tetragon does not do as it is told.  Other warnings are said of the rule itself. */
static bool is_told(enum diagnostic_id id)
{
	return id == DIAG_RATE_UNUSED || id == DIAG_NUMBER_DRIFTS;
}

static int pass_on(const struct promise *promise)
{
	const struct diagnostics *said = &promise->read->diagnostics;
	int error = 0;

	for (size_t n = 0; n < said->count; n++) {
		const struct diagnostic *one = &said->items[n];
		const bool is_error = one->severity == SEVERITY_ERROR || is_refused_there(one->id);
		struct span at;

		if (!is_error && !is_told(one->id))
			continue;
		error |= is_error ? -EINVAL : 0;
		at = place_of(promise, one->at);
		if (is_said(promise->diagnostics, is_error ? DIAG_NOT_EMITTED : one->id, at, one->message))
			continue;
		diag(promise->diagnostics, is_error ? DIAG_NOT_EMITTED : one->id, at, "%s", one->message);
		if (one->help)
			diag_help(promise->diagnostics, "%s", one->help);
	}
	return error;
}

/* ---- Whether it is what was meant ---- */

static size_t enforcing(const struct policy_selector *selector)
{
	size_t count = 0;

	for (size_t n = 0; n < selector->actions.count; n++)
		count += action_rows[selector->actions.items[n].action].enforces;
	return count;
}

static bool has_no_filter(const struct policy_selector *selector)
{
	return !selector->arguments.count && !selector->data.count && !selector->binaries.count && !selector->parents.count &&
		!selector->namespaces.count && !selector->capabilities.count && !selector->workloads;
}

/* The selector of the rule that has the label, and does something. */
static const struct policy_selector *meant_selector(const struct policy_hook *meant, const struct policy_selector *read)
{
	for (size_t n = 0; n < meant->selectors.count; n++) {
		const struct policy_selector *selector = &meant->selectors.items[n];

		if (!selector_passes(selector) && !strcmp(selector->label.bytes, read->label.bytes))
			return selector;
	}
	return NULL;
}

static int broken(const struct promise *promise, struct span at, const char *what)
{
	diag(promise->diagnostics, DIAG_NOT_EMITTED, at, "the policy that was made of it %s", what);
	return -EINVAL;
}

static int check_selector(const struct promise *promise, const struct policy_hook *meant, const struct policy_selector *read)
{
	const struct policy_selector *selector = meant_selector(meant, read);

	if (selector_passes(read))
		return has_no_filter(read) ? broken(promise, meant->at, "lets everything pass") : 0;
	if (!selector)
		return broken(promise, meant->at, "has a selector that nobody asked for");
	if (enforcing(read) != enforcing(selector))
		return broken(promise, selector->at, "has not the action of the rule");
	if (has_no_filter(read) && !has_no_filter(selector))
		return broken(promise, selector->at, "matches everything");
	if (read->binaries.count < selector->binaries.count || read->parents.count < selector->parents.count ||
	    read->namespaces.count < selector->namespaces.count || read->capabilities.count < selector->capabilities.count ||
	    !read->workloads != !selector->workloads)
		return broken(promise, selector->at, "has not the scope of the rule");
	return 0;
}

/* Every selector of the rule that does something is there, in one of the hooks that it may have been spread over. */
static int check_hook(const struct promise *promise, const struct policy_hook *meant)
{
	const struct policy_list *policies = promise->read->policies;
	size_t found = 0, wanted = 0;
	int error = 0;

	for (size_t n = 0; n < meant->selectors.count; n++)
		wanted += !selector_passes(&meant->selectors.items[n]);
	for (size_t n = 0; n < policies->count; n++)
		for (size_t i = 0; i < policies->items[n].hooks.count; i++) {
			const struct policy_hook *hook = &policies->items[n].hooks.items[i];

			if (meant_by(promise, hook) != meant)
				continue;
			if (labels_count(policies->items[n].node_selector) != labels_count(promise->meant->node_selector) + labels_count(meant->node))
				return broken(promise, meant->at, "is for other nodes");
			for (size_t k = 0; k < hook->selectors.count && !error; k++) {
				error = check_selector(promise, meant, &hook->selectors.items[k]);
				found += !selector_passes(&hook->selectors.items[k]);
			}
		}
	if (error)
		return error;
	return found == wanted ? 0 : broken(promise, meant->at, "lacks a part of it");
}

static bool is_workload_same(const struct policy *read, const struct policy *meant)
{
	return !read->pod_selector == !meant->pod_selector && !read->container_selector == !meant->container_selector &&
		!read->host_selector == !meant->host_selector &&
		policy_is_namespaced(read) == policy_is_namespaced(meant) && read->mode == meant->mode;
}

static int check_promise(const struct promise *promise)
{
	const struct policy_list *policies = promise->read->policies;
	int error = 0;

	for (size_t n = 0; n < policies->count && !error; n++)
		if (!is_workload_same(&policies->items[n], promise->meant))
			error = broken(promise, promise->meant->name.at, "is for other processes, or in another mode");
	for (size_t n = 0; n < promise->meant->hooks.count && !error; n++)
		error = check_hook(promise, &promise->meant->hooks.items[n]);
	return error;
}

/* ---- All of a file ---- */

/* What is wrong is said in `diagnostics`. */
static int emit_one(struct unit *unit, struct diagnostics *diagnostics, const struct policy *policy, struct buffer *ret)
{
	struct buffer text = { 0 };
	struct unit read;
	struct promise promise = { .meant = policy, .read = &read, .diagnostics = diagnostics };
	int error = intent_emit(policy, &unit->arena, diagnostics, &text);

	if (!error && text.length) {
		unit_init(&read, unit->source.name, text.bytes, text.length);
		unit_compile(&read, compiler_find_pass("check"));
		error = pass_on(&promise);
		error = error ? error : check_promise(&promise);
		unit_release(&read);
	}
	if (!error)
		buffer_add(ret, text.bytes, text.length);
	buffer_release(&text);
	return error;
}

static void pass_on_errors(const struct diagnostics *from, struct diagnostics *to)
{
	for (size_t n = 0; n < from->count; n++) {
		const struct diagnostic *one = &from->items[n];

		if (one->severity != SEVERITY_ERROR)
			continue;
		diag(to, one->id, one->at, "%s", one->message);
		if (one->help)
			diag_help(to, "%s", one->help);
	}
}

/* Both are of one text. */
static void move_places(struct diagnostics *diagnostics, const struct source *from, const struct source *to)
{
	for (size_t n = 0; n < diagnostics->count; n++) {
		struct diagnostic *one = &diagnostics->items[n];

		one->at.source = one->at.source == from ? to : one->at.source;
		one->related.source = one->related.source == from ? to : one->related.source;
	}
}

/* Rules are lowered once more, to what a TracingPolicy can say. */
int unit_emit(struct unit *unit, struct buffer *ret, size_t *count)
{
	struct unit portable;
	int error;

	unit_init(&portable, unit->source.name, unit->source.text, unit->source.length);
	portable.for_tetragon = true;
	portable.profiles = unit->profiles;
	error = unit_compile(&portable, compiler_find_pass("check"));
	pass_on_errors(&portable.diagnostics, &unit->diagnostics);
	for (size_t n = 0; n < unit->policies->count; n++)
		*count += unit->policies->items[n].of_rules;
	for (size_t n = 0; n < unit->policies->count && !error; n++)
		if (portable.policies->items[n].of_rules)
			error |= emit_one(&portable, &unit->diagnostics, &portable.policies->items[n], ret);
	move_places(&unit->diagnostics, &portable.source, &unit->source);
	unit_release(&portable);
	return error ? -EINVAL : 0;
}

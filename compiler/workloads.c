// SPDX-License-Identifier: Apache-2.0
/* workloads.c - label selectors against the labels of processes and nodes; see workloads.h. */
#include "compiler/workloads.h"

#include <string.h>

#include "compiler/object/object.h"

/* A value by its key: NULL when it has none.  *known is false when that is not known. */
typedef const char *label_lookup(const void *context, const char *key, bool *known);

static const char *find_label(const struct event_label *labels, size_t count, const char *key)
{
	for (size_t n = 0; n < count; n++)
		if (!strcmp(labels[n].key, key))
			return labels[n].value;
	return NULL;
}

static const char *pod_label(const void *context, const char *key, bool *known)
{
	const struct event_workload *of = context;

	if (!strcmp(key, "k8s:io.kubernetes.pod.namespace")) {
		*known = of->pod_namespace;
		return of->pod_namespace && *of->pod_namespace ? of->pod_namespace : NULL;	/* a container outside of pods has none */
	}
	*known = of->labels_known;
	return find_label(of->labels, of->label_count, key);
}

static const char *container_label(const void *context, const char *key, bool *known)
{
	const struct event_workload *of = context;
	const char *value = !strcmp(key, "name") ? of->container_name : !strcmp(key, "repo") ? of->container_repository : NULL;

	*known = value || (strcmp(key, "name") && strcmp(key, "repo"));
	return value && *value ? value : NULL;
}

static const char *node_label(const void *context, const char *key, bool *known)
{
	const struct node_labels *labels = context;

	*known = labels;
	return labels ? find_label(labels->items, labels->count, key) : NULL;
}

static enum match_answer answer(bool holds)
{
	return holds ? MATCH_YES : MATCH_NO;
}

static bool is_one_of(const char *value, const struct text_list *values)
{
	for (size_t n = 0; n < values->count; n++)
		if (!strcmp(values->items[n].bytes, value))
			return true;
	return false;
}

static enum match_answer expression_holds(const struct policy_label_expression *expression, label_lookup *lookup,
					  const void *of)
{
	bool known;
	const char *value = lookup(of, expression->key.bytes, &known);

	if (!known)
		return MATCH_UNKNOWN;
	switch (expression->op) {
	case POLICY_LABEL_IN:
		return answer(value && is_one_of(value, &expression->values));
	case POLICY_LABEL_NOT_IN:
		return answer(!value || !is_one_of(value, &expression->values));
	case POLICY_LABEL_EXISTS:
		return answer(value);
	default:
		return answer(!value);
	}
}

static enum match_answer both(enum match_answer a, enum match_answer b)
{
	if (a == MATCH_NO || b == MATCH_NO)
		return MATCH_NO;
	return a == MATCH_UNKNOWN || b == MATCH_UNKNOWN ? MATCH_UNKNOWN : MATCH_YES;
}

/* All requirements; one that is absent has none. */
static enum match_answer selector_holds(const struct policy_label_selector *selector, label_lookup *lookup,
					const void *of)
{
	enum match_answer all = MATCH_YES;

	for (size_t n = 0; selector && n < selector->labels.count; n++) {
		bool known;
		const char *value = lookup(of, selector->labels.items[n].key.bytes, &known);

		all = both(all, !known ? MATCH_UNKNOWN : answer(value && !strcmp(value, selector->labels.items[n].value.bytes)));
	}
	for (size_t n = 0; selector && n < selector->expressions.count; n++)
		all = both(all, expression_holds(&selector->expressions.items[n], lookup, of));
	return all;
}

enum match_answer workloads_hold(const struct policy_workloads *workloads, const struct event_workload *of)
{
	const bool pods = workloads->pod || workloads->container;
	enum match_answer in_pod, in_host;

	if (!pods && !workloads->host)
		return MATCH_YES;
	in_host = workloads->host ? MATCH_YES : MATCH_NO;
	in_pod = !pods ? MATCH_NO : both(selector_holds(workloads->pod, pod_label, of),
					 selector_holds(workloads->container, container_label, of));
	if (of->place == EVENT_PLACE_HOST)
		return in_host;
	if (of->place == EVENT_PLACE_POD)
		return in_pod;
	return in_pod == in_host ? in_pod : MATCH_UNKNOWN;
}

/* ---- Nodes ---- */

static const char *place_of(struct arena *arena, const struct ir_policy *policy, const struct ir_place *at)
{
	return arena_format(arena, "%s:%u:%u", policy->source_name, at->line, at->column);
}

/* Of those of a policy that is for this node. */
static void choose_hooks(const struct ir_policy *policy, const struct node_labels *labels, struct arena *arena, struct node_choice *ret)
{
	bool *elsewhere = arena_array(arena, bool, policy->hooks.count);

	for (size_t n = 0; n < policy->hooks.count; n++) {
		const struct ir_hook *hook = &policy->hooks.items[n];
		const enum match_answer answer = selector_holds(hook->node, node_label, labels);

		if (answer == MATCH_YES)
			continue;
		ret->place = ret->place ? ret->place : place_of(arena, policy, &hook->node_at);
		ret->answer = answer == MATCH_UNKNOWN ? MATCH_UNKNOWN : ret->answer;
		elsewhere[n] = answer == MATCH_NO;
		ret->left_out += elsewhere[n];
	}
	if (ret->answer == MATCH_YES && ret->left_out && ret->left_out == policy->hooks.count)
		ret->answer = MATCH_NO;
	ret->elsewhere = ret->left_out ? elsewhere : NULL;
}

int node_choose(const struct link_input *object, const struct node_labels *labels, struct arena *arena, struct node_choice *ret,
		char message[256])
{
	struct ir_policy policy;
	int error = object_read(object->bytes, object->size, arena, &policy, message);

	if (error)
		return error;
	*ret = (struct node_choice){ .answer = selector_holds(policy.node, node_label, labels), .policy = policy.name.bytes };
	if (policy.node)
		ret->place = place_of(arena, &policy, &policy.node_at);
	if (ret->answer == MATCH_YES)
		choose_hooks(&policy, labels, arena, ret);
	return 0;
}

void node_settle(struct link_input *object, const struct node_choice *choice)
{
	object->node = choice->answer == MATCH_YES ? LINK_NODE_HERE : LINK_NODE_ELSEWHERE;
	object->elsewhere = choice->answer == MATCH_YES ? choice->elsewhere : NULL;
}

/* Hooks of enforcers have numbers behind those of the policy. */
static void strike_linked(const struct image_view *image, uint32_t policy, bool *elsewhere, size_t count)
{
	struct image_hook hook;
	uint32_t written;

	for (uint32_t n = 0; image_policy_hook(image, policy, n, &hook, &written); n++)
		if (written < count)
			elsewhere[written] = false;
}

const bool *hooks_elsewhere(const struct image_view *image, uint32_t policy, const struct ir_policy *read, struct arena *arena, size_t *left_out)
{
	bool *elsewhere, any = false;

	*left_out = 0;
	for (size_t n = 0; n < read->hooks.count; n++)
		any |= read->hooks.items[n].node != NULL;
	if (!any || image_policy_at(image, policy).elsewhere)
		return NULL;
	elsewhere = arena_array(arena, bool, read->hooks.count);
	for (size_t n = 0; n < read->hooks.count; n++)
		elsewhere[n] = read->hooks.items[n].node;
	strike_linked(image, policy, elsewhere, read->hooks.count);
	for (size_t n = 0; n < read->hooks.count; n++)
		*left_out += elsewhere[n];
	return *left_out ? elsewhere : NULL;
}

const bool *image_hooks_elsewhere(const struct image_view *image, uint32_t policy, struct arena *arena, size_t *left_out)
{
	const struct image_policy there = image_policy_at(image, policy);
	struct ir_policy read;
	char message[256];

	*left_out = 0;
	return object_read(there.object, there.object_size, arena, &read, message) ? NULL : hooks_elsewhere(image, policy, &read, arena, left_out);
}

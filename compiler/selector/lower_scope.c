// SPDX-License-Identifier: Apache-2.0
/* lower_scope.c - the workloads that a policy or a selector is for; see lower.h. */
#include "compiler/selector/lower.h"

#include <string.h>

static bool selects_all(const struct policy_label_selector *selector)
{
	return selector && !selector->labels.count && !selector->expressions.count;
}

/* Without any of the three, or with each of them {}, nothing is left out.  Beside pods or containers all of the other count. */
const struct policy_workloads *lower_workloads(struct arena *arena, const struct policy_workloads *written)
{
	struct policy_workloads *workloads;

	if (!written || (!written->pod && !written->container && !written->host) ||
	    (selects_all(written->pod) && selects_all(written->container) && selects_all(written->host)))
		return NULL;
	if (!written->pod == !written->container)
		return written;
	workloads = arena_new(arena, struct policy_workloads);
	*workloads = *written;
	if (!workloads->pod)
		workloads->pod = arena_new(arena, struct policy_label_selector);
	else
		workloads->container = arena_new(arena, struct policy_label_selector);
	return workloads;
}

/* Of one namespace: a label of pods like any other. */
static struct policy_label_selector *within_namespace(struct arena *arena, const struct policy_label_selector *pod,
						      const struct text *namespace)
{
	struct policy_label_selector *within = arena_new(arena, struct policy_label_selector);
	size_t count = pod ? pod->labels.count : 0;
	struct policy_label *labels = arena_array(arena, struct policy_label, count + 1);

	if (pod)
		*within = *pod;
	for (size_t n = 0; n < count; n++)
		labels[n] = pod->labels.items[n];
	labels[count].key = (struct text){ IR_NAMESPACE_LABEL, strlen(IR_NAMESPACE_LABEL), { NULL, 0, 0 } };
	labels[count].value = *namespace;
	within->labels = (struct policy_label_list){ labels, count + 1 };
	return within;
}

/* The place to name: what is written first of the three; else what else limits the policy. */
static struct span place_of_scope(const struct policy *policy)
{
	struct span places[] = { policy->pod_selector_at, policy->container_selector_at, policy->host_selector_at };
	struct span first = policy->kind.at;

	for (size_t n = 0; n < sizeof(places) / sizeof(*places); n++)
		if (!span_is_empty(places[n]) && (first.start == policy->kind.at.start || places[n].start < first.start))
			first = places[n];
	return first;
}

void lower_scope(struct lower_policy *lower)
{
	const struct policy *policy = lower->policy;
	struct policy_workloads *written = NULL;

	if (policy_is_namespaced(policy) || policy->pod_selector || policy->container_selector || policy->host_selector) {
		written = arena_new(lower->arena, struct policy_workloads);
		*written = (struct policy_workloads){
			.pod = policy->pod_selector, .container = policy->container_selector, .host = policy->host_selector,
		};
	}
	if (policy_is_namespaced(policy))
		written->pod = within_namespace(lower->arena, written->pod, &policy->namespace);
	lower->scope = lower_workloads(lower->arena, written);
	if (lower->scope)
		lower->scope_at = place(place_of_scope(policy));
	if (!policy->node_selector || selects_all(policy->node_selector))
		return;
	lower->node = policy->node_selector;
	lower->node_at = place(policy->node_selector_at);
}

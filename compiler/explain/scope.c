// SPDX-License-Identifier: Apache-2.0
/* scope.c - pods, containers, the host and nodes, by their labels; see scope.h. */
#include "compiler/explain/scope.h"

#include <string.h>

#include "compiler/explain/text.h"

static void add_expression(const struct policy_label_expression *expression, struct buffer *ret)
{
	static const struct { const char *before, *after; } phrases[] = {	/* words of LABEL_OPERATOR */
		{ "", " that is " }, { "", " that is missing or not " }, { "", "" }, { "no ", "" },
	};

	buffer_format(ret, "%slabel ", phrases[expression->op].before);
	explain_value(&expression->key, ret);
	buffer_add_text(ret, phrases[expression->op].after);
	if (*phrases[expression->op].after)
		explain_values(&expression->values, " or ", ret);
}

static bool selects_all(const struct policy_label_selector *selector)
{
	return !selector->labels.count && !selector->expressions.count;
}

void explain_labels(const struct policy_label_selector *selector, struct buffer *ret)
{
	size_t count = selector->labels.count + selector->expressions.count;

	for (size_t n = 0; n < count; n++) {
		buffer_add_text(ret, !n ? "" : n + 1 < count ? ", " : " and ");
		if (n < selector->labels.count) {
			explain_value(&selector->labels.items[n].key, ret);
			buffer_add_char(ret, '=');
			explain_value(&selector->labels.items[n].value, ret);
		} else {
			add_expression(&selector->expressions.items[n - selector->labels.count], ret);
		}
	}
	if (!count)
		buffer_add_text(ret, "any label");
}

/* Of pods and containers, one that is left out beside the other stands for all. */
static void add_pods(const struct policy_label_selector *pod, const struct policy_label_selector *container,
		     const struct text *namespace, struct buffer *ret)
{
	bool any = !pod || selects_all(pod);

	buffer_add_text(ret, any ? "in any pod" : "in pods");
	if (namespace && namespace->length) {
		buffer_add_text(ret, " of the Kubernetes namespace ");
		explain_value(namespace, ret);
	}
	if (!any) {
		buffer_add_text(ret, " with ");
		explain_labels(pod, ret);
	}
	if (!container || selects_all(container))
		return;
	buffer_add_text(ret, ", in containers with ");
	explain_labels(container, ret);
}

static void add_scope(const struct policy_workloads *workloads, const struct text *namespace, struct buffer *ret)
{
	bool in_pods = workloads->pod || workloads->container || namespace;

	if (in_pods)
		add_pods(workloads->pod, workloads->container, namespace, ret);
	if (workloads->host)
		buffer_add_text(ret, in_pods ? ", or outside of pods" : "outside of pods");
}

void explain_workloads(const struct policy_workloads *workloads, struct buffer *ret)
{
	add_scope(workloads, NULL, ret);
}

/* The label that stands for the namespace is not told again. */
bool explain_scope(const struct ir_policy *policy, struct buffer *ret)
{
	struct policy_label_selector pod;
	struct policy_workloads workloads;
	const struct policy_label *last;

	if (!policy->scope)
		return false;
	workloads = *policy->scope;
	if (!policy->namespace.bytes || !workloads.pod || !workloads.pod->labels.count) {
		add_scope(&workloads, NULL, ret);
		return true;
	}
	pod = *workloads.pod;
	last = &pod.labels.items[pod.labels.count - 1];
	if (!strcmp(last->key.bytes, IR_NAMESPACE_LABEL)) {
		pod.labels.count--;
		workloads.pod = &pod;
	}
	add_scope(&workloads, workloads.pod == &pod ? &policy->namespace : NULL, ret);
	return true;
}

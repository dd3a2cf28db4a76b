// SPDX-License-Identifier: Apache-2.0
/* check_scope.c - to which workloads a policy applies: label selectors, namespaces, loader; see check.h. */
#include <string.h>

#include "compiler/policy/check.h"
#include "compiler/policy/label.h"

/* ---- Label selectors ---- */

/* Tetragon's own label of a pod, which Kubernetes would not take for a key. */
static bool is_selector_key(const struct text *key)
{
	static const char prefix[] = "k8s:";
	struct text rest = *key;

	if (!strncmp(key->bytes, prefix, strlen(prefix))) {
		rest.bytes += strlen(prefix);
		rest.length -= strlen(prefix);
	}
	return is_label_key(&rest);
}

static void check_key(const struct text *key, struct diagnostics *diagnostics)
{
	if (key->bytes && !is_selector_key(key))
		diag(diagnostics, DIAG_LABEL_SELECTOR, key->at, "'%.64s' is not the key of a label", key->bytes);
}

static void check_value(const struct text *value, struct diagnostics *diagnostics)
{
	if (!value->bytes || is_label_name(value->bytes, value->length))
		return;
	if (value->length > LIMIT_LABEL_BYTES)
		diag(diagnostics, DIAG_LABEL_SELECTOR, value->at, "the value has %zu bytes, and labels have at most %d",
			value->length, LIMIT_LABEL_BYTES);
	else
		diag(diagnostics, DIAG_LABEL_SELECTOR, value->at, "'%s' is not the value of a label", value->bytes);
}

static void check_expression(const struct policy_label_expression *expression, struct diagnostics *diagnostics)
{
	static const char *const names[] = { "In", "NotIn", "Exists", "DoesNotExist" };	/* words of LABEL_OPERATOR */
	bool takes_values = expression->op < 2;

	check_key(&expression->key, diagnostics);
	for (size_t i = 0; i < expression->values.count; i++)
		check_value(&expression->values.items[i], diagnostics);
	if (expression->broken || takes_values == (expression->values.count > 0))
		return;
	if (takes_values)
		diag(diagnostics, DIAG_LABEL_SELECTOR, span_is_empty(expression->values_at) ? expression->op_at :
			expression->values_at, "'%s' has no values", names[expression->op]);
	else
		diag(diagnostics, DIAG_LABEL_SELECTOR, expression->values_at, "'%s' takes no values", names[expression->op]);
}

void check_label_selector(const struct policy_label_selector *selector, struct diagnostics *diagnostics)
{
	if (!selector)
		return;
	for (size_t i = 0; i < selector->labels.count; i++) {
		check_key(&selector->labels.items[i].key, diagnostics);
		check_value(&selector->labels.items[i].value, diagnostics);
	}
	for (size_t i = 0; i < selector->expressions.count; i++)
		check_expression(&selector->expressions.items[i], diagnostics);
}

/* `at` is where it stands. */
static void check_host_selector(const struct policy_label_selector *selector, struct span at,
				struct diagnostics *diagnostics)
{
	if (!selector || (span_is_empty(selector->labels_at) && span_is_empty(selector->expressions_at)))
		return;
	diag(diagnostics, DIAG_HOST_SELECTOR, at, "'hostSelector' can only be {}");
	diag_help(diagnostics, "write 'hostSelector: {}', or leave it out");
}

void check_workloads(const struct policy_workloads *workloads, struct diagnostics *diagnostics)
{
	if (!workloads)
		return;
	check_label_selector(workloads->pod, diagnostics);
	check_label_selector(workloads->container, diagnostics);
	check_host_selector(workloads->host, workloads->host_at, diagnostics);
}

/* ---- The policy ---- */

static void refuse_namespaced(const struct policy *policy, struct span at, const char *what,
			      struct diagnostics *diagnostics)
{
	diag(diagnostics, DIAG_NAMESPACED, at, "a TracingPolicyNamespaced cannot have %s", what);
	diag_related(diagnostics, policy->kind.at, "the kind of the policy");
	diag_help(diagnostics, "make it a TracingPolicy, without a namespace");
}

static void check_namespaced(const struct policy *policy, struct diagnostics *diagnostics)
{
	const struct policy_hook *hooks = policy->hooks.items;

	if (!policy_is_namespaced(policy))
		return;
	if (policy->host_selector)
		refuse_namespaced(policy, policy->host_selector_at, "a hostSelector", diagnostics);
	if (policy->hooks.count && (hooks->kind == HOOK_UPROBE || hooks->kind == HOOK_USDT))
		refuse_namespaced(policy, hooks->at, hook_rows[hooks->kind].section, diagnostics);
}

static bool is_everything(const struct policy_label_selector *selector)
{
	return selector && !selector->labels.count && !selector->expressions.count;
}

/* The selectors limit the policy unless all are left out, or all are {}. */
static struct span limit_of(const struct policy *policy)
{
	const struct policy_label_selector *pod = policy->pod_selector, *container = policy->container_selector,
		*host = policy->host_selector;
	struct span none = { 0 };

	if (policy_is_namespaced(policy))
		return policy->kind.at;
	if (is_everything(pod) && is_everything(container) && is_everything(host))
		return none;
	if (pod)
		return policy->pod_selector_at;
	return container ? policy->container_selector_at : host ? policy->host_selector_at : none;
}

static void check_loader(const struct policy *policy, struct diagnostics *diagnostics)
{
	struct span limit = limit_of(policy);

	if (!policy->loader)
		return;
	if (span_is_empty(limit)) {
		diag(diagnostics, DIAG_LOADER_GLOBAL, policy->loader_at, "'loader' stays on after the policy is removed");
		return;
	}
	diag(diagnostics, DIAG_LOADER_SCOPE, policy->loader_at, "'loader' cannot be limited to workloads");
	diag_related(diagnostics, limit, "this limits the policy");
	diag_help(diagnostics, "put 'loader: true' into a policy of its own");
}

void check_scope(const struct policy *policy, struct diagnostics *diagnostics)
{
	check_label_selector(policy->pod_selector, diagnostics);
	check_label_selector(policy->container_selector, diagnostics);
	check_host_selector(policy->host_selector, policy->host_selector_at, diagnostics);
	check_label_selector(policy->node_selector, diagnostics);
	check_namespaced(policy, diagnostics);
	check_loader(policy, diagnostics);
	if (policy->node_selector)
		diag(diagnostics, DIAG_SCOPE_IGNORED, policy->node_selector_at, "Tetragon ignores 'nodeSelector' in a file");
}

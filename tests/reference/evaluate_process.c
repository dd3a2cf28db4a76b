// SPDX-License-Identifier: Apache-2.0
/* evaluate_process.c - filters on the process, and workloads; see evaluate_parts.h.  Numbers in comments are sections. */
#include <string.h>
#include <strings.h>

#include "tests/reference/evaluate_parts.h"

/* ---- Workloads: 1.7, 2.8 ---- */

struct lookup { enum { LABEL_UNKNOWN, LABEL_MISSING, LABEL_THERE } state; struct model_text value; };

static struct lookup text_lookup(struct model_text text)
{
	return (struct lookup){ text.bytes ? LABEL_THERE : LABEL_UNKNOWN, text };
}

static struct lookup pod_label(const struct model_process *process, struct model_text key)
{
	if (model_text_equal(key, model_text("k8s:io.kubernetes.pod.namespace")))
		return text_lookup(process->pod_namespace);
	if (!process->has_labels)
		return (struct lookup){ .state = LABEL_UNKNOWN };
	for (size_t n = 0; n < process->labels.count; n++)
		if (model_text_equal(process->labels.items[n].key, key))
			return (struct lookup){ LABEL_THERE, process->labels.items[n].value };
	return (struct lookup){ .state = LABEL_MISSING };
}

static struct lookup container_label(const struct model_process *process, struct model_text key)
{
	if (model_text_equal(key, model_text("name")))
		return text_lookup(process->container_name);
	if (model_text_equal(key, model_text("repo")))
		return text_lookup(process->container_repo);
	return (struct lookup){ .state = LABEL_MISSING };
}

static enum model_answer requirement_holds(const struct model_requirement *requirement, struct lookup label)
{
	bool listed = label.state == LABEL_THERE && model_texts_have(&requirement->values, label.value);

	if (label.state == LABEL_UNKNOWN)
		return ANSWER_UNKNOWN;
	switch (requirement->op) {
	case LABEL_IN:
		return answer_of(listed);
	case LABEL_NOT_IN:
		return answer_of(!listed);
	case LABEL_EXISTS:
		return answer_of(label.state == LABEL_THERE);
	default:
		return answer_of(label.state == LABEL_MISSING);
	}
}

/* An absent selector beside a present one is {}: everything. */
static enum model_answer labels_match(const struct model_label_selector *selector, const struct model_process *process,
				      struct lookup (*label)(const struct model_process *, struct model_text))
{
	enum model_answer ret = ANSWER_YES;

	for (size_t n = 0; selector && n < selector->count; n++)
		ret = answer_both(ret, requirement_holds(&selector->items[n], label(process, selector->items[n].key)));
	return ret;
}

static bool is_everything(const struct model_label_selector *selector)
{
	return selector && !selector->count;
}

static bool is_unlimited(const struct model_workloads *workloads)
{
	if (!workloads->pod && !workloads->container && !workloads->host)
		return true;
	return is_everything(workloads->pod) && is_everything(workloads->container) && is_everything(workloads->host);
}

static enum model_answer pod_matches(const struct model_workloads *workloads, const struct model_process *process)
{
	return answer_both(labels_match(workloads->pod, process, pod_label),
		    labels_match(workloads->container, process, container_label));
}

static enum model_answer match_workloads(const struct model_workloads *workloads, const struct model_process *process)
{
	bool pods = workloads->pod || workloads->container;
	enum model_answer host = answer_of(workloads->host);
	enum model_answer pod = pods ? pod_matches(workloads, process) : ANSWER_NO;

	if (is_unlimited(workloads))
		return ANSWER_YES;
	if (process->place == PLACE_UNKNOWN)
		return host == pod ? host : ANSWER_UNKNOWN;
	return process->place == PLACE_HOST ? host : pod;
}

enum model_answer evaluate_scope(const struct model_policy *policy, const struct model_event *event)
{
	const struct model_process *process = &event->process;
	enum model_answer ours;

	if (!policy->name_space.bytes)
		return match_workloads(&policy->workloads, process);
	if (process->place == PLACE_HOST)
		return ANSWER_NO;
	ours = !process->pod_namespace.bytes ? ANSWER_UNKNOWN :
	       answer_of(model_text_equal(process->pod_namespace, policy->name_space));
	ours = answer_both(ours, process->place == PLACE_POD ? ANSWER_YES : ANSWER_UNKNOWN);
	return answer_both(ours, pod_matches(&policy->workloads, process));
}

/* ---- Filters on the process: 5.3 ---- */

static bool has_number(const struct model_texts *values, uint32_t value)
{
	for (size_t n = 0; n < values->count; n++)
		if (model_read_number(values->items[n]) == (number)value)
			return true;
	return false;
}

static enum model_answer pid_is(const struct model_filter *filter, const struct model_relative *relative)
{
	if (filter->in_namespace)
		return relative->has_namespace_pid ? answer_of(has_number(&filter->values, relative->namespace_pid))
						   : ANSWER_UNKNOWN;
	return relative->has_pid ? answer_of(has_number(&filter->values, relative->pid)) : ANSWER_UNKNOWN;
}

static enum model_answer binary_is(const struct model_filter *filter, const struct model_relative *relative)
{
	enum model_answer ret = ANSWER_NO;

	if (!relative->has_binary)
		return ANSWER_UNKNOWN;
	for (size_t n = 0; n < filter->values.count; n++)
		ret = answer_either(ret, evaluate_string(model_operators[filter->op].test, &relative->binary, true,
					    filter->values.items[n]));
	return ret;
}

typedef enum model_answer of_relative(const struct model_filter *filter, const struct model_relative *relative);

/* Of ancestors from number `first` on: one that is enough; what is not recorded may be one. */
static enum model_answer some_ancestor(const struct model_filter *filter, const struct model_process *process,
				       of_relative *is, size_t first)
{
	enum model_answer ret = process->ancestors_complete ? ANSWER_NO : ANSWER_UNKNOWN;

	for (size_t n = first; n < process->ancestor_count; n++)
		ret = answer_either(ret, is(filter, &process->ancestors[n]));
	return ret;
}

static enum model_answer signed_by(const struct model_filter *filter, enum model_answer answer)
{
	return model_operators[filter->op].negated ? answer_not(answer) : answer;
}

/* "isNamespacePID with followForks rejects processes that are not in a child pid namespace, for In and NotIn alike." */
static enum model_answer match_pids(const struct model_filter *filter, const struct model_process *process)
{
	const struct model_namespace_fact *space = &process->namespaces[NAMESPACE_PID];
	enum model_answer ret = pid_is(filter, &process->self);

	if (filter->follow)
		ret = answer_either(ret, some_ancestor(filter, process, pid_is, 0));
	ret = signed_by(filter, ret);
	if (filter->follow && filter->in_namespace)
		ret = answer_both(ret, space->known ? answer_of(!space->is_host) : ANSWER_UNKNOWN);
	return ret;
}

static enum model_answer match_binaries(const struct model_filter *filter, const struct model_process *process)
{
	enum model_answer ret = binary_is(filter, &process->self);

	return signed_by(filter, filter->follow ? answer_either(ret, some_ancestor(filter, process, binary_is, 0)) : ret);
}

/* Section 10, 24: an unknown parent passes with Tetragon; it is unknown. */
static enum model_answer match_parents(const struct model_filter *filter, const struct model_process *process)
{
	enum model_answer ret = process->ancestor_count ? binary_is(filter, &process->ancestors[0]) : ANSWER_UNKNOWN;

	return signed_by(filter, filter->follow ? answer_either(ret, some_ancestor(filter, process, binary_is, 1)) : ret);
}

static enum model_answer match_namespaces(const struct model_filter *filter, const struct model_process *process)
{
	const struct model_namespace_fact *space = &process->namespaces[filter->name];
	bool found = false;

	if (!space->known)
		return ANSWER_UNKNOWN;
	for (size_t n = 0; n < filter->values.count; n++)
		found |= model_text_equal(filter->values.items[n], model_text("host_ns")) ? space->is_host :
			 model_read_number(filter->values.items[n]) == (number)space->inode;
	return signed_by(filter, answer_of(found));
}

static bool lists_namespace(const struct model_texts *values, unsigned name)
{
	for (size_t n = 0; n < values->count; n++)
		if (!strcasecmp(values->items[n].bytes, model_namespaces[name]))
			return true;
	return false;
}

/* In: any listed type changed.  NotIn: any type not listed changed. */
static enum model_answer match_namespace_changes(const struct model_filter *filter, const struct model_process *process)
{
	enum model_answer ret = ANSWER_NO;

	for (unsigned n = 0; n < MODEL_NAMESPACES; n++) {
		const struct model_namespace_fact *now = &process->namespaces[n], *then = &process->exec_namespaces[n];

		if (lists_namespace(&filter->values, n) == model_operators[filter->op].negated)
			continue;
		ret = answer_either(ret, now->known && then->known ? answer_of(now->inode != then->inode) : ANSWER_UNKNOWN);
	}
	return ret;
}

static uint64_t mask_of(const struct model_texts *values)
{
	uint64_t ret = 0;

	for (size_t n = 0; n < values->count; n++)
		ret |= capability_bit(values->items[n]);
	return ret;
}

/* isNamespaceCapability: in addition the task must not be in the host user namespace. */
static enum model_answer outside_of_host(const struct model_filter *filter, const struct model_process *process)
{
	const struct model_namespace_fact *user = &process->namespaces[NAMESPACE_USER];

	if (!filter->in_namespace)
		return ANSWER_YES;
	return user->known ? answer_of(!user->is_host) : ANSWER_UNKNOWN;
}

static enum model_answer match_capabilities(const struct model_filter *filter, const struct model_process *process)
{
	const struct model_set_fact *set = &process->sets[filter->name];
	enum model_answer ret = set->known ? answer_of(set->set & mask_of(&filter->values)) : ANSWER_UNKNOWN;

	return answer_both(signed_by(filter, ret), outside_of_host(filter, process));
}

/* In: some listed capability changed.  NotIn: no listed one changed but another did. */
static enum model_answer match_capability_changes(const struct model_filter *filter, const struct model_process *process)
{
	const struct model_set_fact *now = &process->sets[filter->name], *then = &process->exec_sets[filter->name];
	uint64_t changed = now->set ^ then->set, mask = mask_of(&filter->values);
	bool holds = model_operators[filter->op].negated ? !(changed & mask) && (changed & ~mask) : (changed & mask) != 0;

	return answer_both(now->known && then->known ? answer_of(holds) : ANSWER_UNKNOWN, outside_of_host(filter, process));
}

enum model_answer evaluate_process(const struct model_filter *filter, const struct model_process *process)
{
	switch (filter->kind) {
	case MATCH_PIDS:
		return match_pids(filter, process);
	case MATCH_BINARIES:
		return match_binaries(filter, process);
	case MATCH_PARENT_BINARIES:
		return match_parents(filter, process);
	case MATCH_NAMESPACES:
		return match_namespaces(filter, process);
	case MATCH_NAMESPACE_CHANGES:
		return match_namespace_changes(filter, process);
	case MATCH_CAPABILITIES:
		return match_capabilities(filter, process);
	case MATCH_CAPABILITY_CHANGES:
		return match_capability_changes(filter, process);
	default:
		return match_workloads(filter->workloads, process);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workload_list.h - the containers of a host as its user tells of them: the text of a file of workloads as values.
 *
 * YAML or JSON: a list of mappings.  Pure, as the rest of the compiler; who reads the file is runtime/ and cmd/.
 */
#ifndef COMPILER_WORKLOAD_LIST_H
#define COMPILER_WORKLOAD_LIST_H

#include "compiler/base/diagnostics.h"
#include "compiler/events_json.h"

/* Texts are NULL where nothing is known; "" is known to be none. */
struct workload {
	const char *cgroup;	/* path in the tree of cgroups: "/machine.slice/libpod-ID.scope"; NULL: found by the container's id */
	const char *container;	/* its id: lower-case hexadecimal digits, CONTAINER_ID of them as a rule */
	bool host;		/* cgroup and all below it belong to the host, whatever their names look like */
	const char *name, *image, *namespace, *pod;
	bool labels_known;
	struct event_label *labels;	/* of the pod; of a container outside of pods, its own */
	size_t label_count;
	const char *place;	/* "workloads.yaml:3:3", or the state file that says so */
};
struct workload_list { struct workload *items; size_t count; };

/*
 * Adds to the list; everything lives in the arena.  0, or -EINVAL with what is wrong recorded.  `source` need not outlive the call,
 * but for the diagnostics.
 */
int workload_list_read(const struct source *source, struct arena *arena, struct diagnostics *diagnostics,
		       struct workload_list *ret);

/* All labels of a node: what is not among them it does not have. */
struct node_labels { struct event_label *items; size_t count; };

/* One label more, or another value for one that is there.  -E2BIG beyond LIMIT_WORKLOAD_LABELS. */
int node_labels_add(struct node_labels *labels, struct arena *arena, const char *key, const char *value);

/* Adds those of a text: one mapping of labels to their values, {} when there are none.  As above. */
int node_labels_read(const struct source *source, struct arena *arena, struct diagnostics *diagnostics, struct node_labels *ret);

/* What matchers ask of the workload; texts are shared. */
struct event_workload workload_facts(const struct workload *workload, struct arena *arena);

#endif

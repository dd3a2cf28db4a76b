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

/* key: value pairs that a node has: labels of a node, one mapping.  As above. */
int label_list_read(const struct source *source, struct arena *arena, struct diagnostics *diagnostics,
		    struct event_label **ret, size_t *count);

/* What matchers ask of the workload; texts are shared. */
struct event_workload workload_facts(const struct workload *workload, struct arena *arena);

#endif

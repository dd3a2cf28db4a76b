/* SPDX-License-Identifier: Apache-2.0 */
/* node.h - the labels of this node, and which policies are for it; for the verbs that apply policies or say what that would do. */
#ifndef CMD_NODE_H
#define CMD_NODE_H

#include "cmd/linking.h"
#include "cmd/verb.h"
#include "cmd/workload_files.h"
#include "compiler/workloads.h"

#define NODE_LABELS_DEFAULT "/etc/tetra/node-labels.yaml"

struct node_arguments { struct option_list labels, files; };
#define NODE_OPTIONS(arguments)                                                                                            \
	{ 0, "node-labels", OPTION_LIST, &(arguments)->labels, "KEY=VALUE,...",                                            \
	  "labels of this node, for policies with a nodeSelector" },                                                       \
	{ 0, "node-labels-file", OPTION_LIST, &(arguments)->files, "FILE,...",                                             \
	  "the same in YAML or JSON, a mapping; read after " NODE_LABELS_DEFAULT, WORD_FILE }
#define NODE_NOTE { NODE_LABELS_DEFAULT, "the labels of this node, if it is there; see docs/workloads.md" }

/* Zeroed before. */
struct node {
	struct arena arena;
	struct node_labels labels;	/* of all sources, the later over the earlier */
	bool is_known;			/* some source has said them */
};

/* Says what is wrong; EXIT_USAGE for an option, EXIT_REFUSED when a file is not as it should be, EXIT_SYSTEM when it cannot be read. */
int node_read(const struct node_arguments *arguments, enum told_of of, struct node *ret);
void node_release(struct node *node);

/* NULL: not known. */
const struct node_labels *node_labels_of(const struct node *node);

/* Sets `node` and `elsewhere` of all objects.  Says which ones nobody can tell of, and `so`, when it is not NULL; EXIT_REFUSED then. */
int node_place(const struct node *node, struct linking *linking, const char *so);

/* What to do when nobody can tell. */
#define NODE_NOT_KNOWN "is for some nodes only, and the labels of this one are not known: say them with --node-labels, or in " NODE_LABELS_DEFAULT

#endif

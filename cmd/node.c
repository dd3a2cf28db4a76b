// SPDX-License-Identifier: Apache-2.0
/* node.c - see node.h. */
#include "cmd/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report.h"

/* ---- Labels ---- */

static int read_file(struct node *node, const char *path)
{
	struct diagnostics diagnostics;
	struct source source = { .name = path };
	int code;
	char *text = file_read(path, LIMIT_FILE_BYTES, &source.length, &code);

	if (!text)
		return code;
	source.text = text;
	diagnostics_init(&diagnostics, &node->arena);
	if (node_labels_read(&source, &node->arena, &diagnostics, &node->labels))
		code = EXIT_REFUSED;
	report_text(&diagnostics, stderr, COLOUR_AUTO);
	free(text);
	node->is_known = true;
	return code;
}

/* As kubelet's option of that name has them. */
static int read_label(struct node *node, const char *text)
{
	const char *equals = strchr(text, '=');
	const char *key = equals ? arena_copy(&node->arena, text, (size_t)(equals - text)) : NULL;

	if (!key || !*key) {
		complain("'%s' is no label of a node: --node-labels takes KEY=VALUE,...", text);
		return EXIT_USAGE;
	}
	if (node_labels_add(&node->labels, &node->arena, key, equals + 1)) {
		complain("there are more than %d labels", LIMIT_WORKLOAD_LABELS);
		return EXIT_USAGE;
	}
	node->is_known = true;
	return EXIT_FINE;
}

static int read_each(struct node *node, const struct option_list *list, int (*read)(struct node *node, const char *word))
{
	const char **words;
	const size_t count = option_list_words(list, &node->arena, &words);
	int code = EXIT_FINE;

	for (size_t n = 0; n < count && code == EXIT_FINE; n++)
		code = read(node, words[n]);
	return code;
}

int node_read(const struct node_arguments *arguments, enum told_of of, struct node *ret)
{
	int code = of == TOLD_OF_ANOTHER || access(NODE_LABELS_DEFAULT, F_OK) ? EXIT_FINE : read_file(ret, NODE_LABELS_DEFAULT);

	if (code == EXIT_FINE)
		code = read_each(ret, &arguments->files, read_file);
	return code == EXIT_FINE ? read_each(ret, &arguments->labels, read_label) : code;
}

void node_release(struct node *node)
{
	arena_release(&node->arena);
	*node = (struct node){ .is_known = false };
}

const struct node_labels *node_labels_of(const struct node *node)
{
	return node->is_known ? &node->labels : NULL;
}

/* ---- Policies ---- */

static int place_object(const struct node *node, struct link_input *object, struct arena *arena, const char *so)
{
	struct node_choice choice;
	char message[256];
	int code = EXIT_FINE;

	if (node_choose(object, node_labels_of(node), arena, &choice, message)) {
		complain("%s: %s", object->name, message);
		code = EXIT_REFUSED;
	} else if (choice.answer != MATCH_UNKNOWN) {
		node_settle(object, &choice);
	} else if (so) {
		fprintf(stderr, "%s: error: policy '%s' " NODE_NOT_KNOWN "\n", choice.place, choice.policy);
		code = EXIT_REFUSED;
	}
	return code;
}

int node_place(const struct node *node, struct linking *linking, const char *so)
{
	int code = EXIT_FINE;

	for (size_t n = 0; n < linking->object_count; n++)
		if (place_object(node, &linking->objects[n], &linking->arena, so) != EXIT_FINE)
			code = EXIT_REFUSED;
	if (code != EXIT_FINE && so)
		complain("%s", so);
	return code;
}

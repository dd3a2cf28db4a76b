// SPDX-License-Identifier: Apache-2.0
/* init.c - `tetra init`: a policy to begin with, and its tests in it: of the topics of init/topics.def, whose texts are beside that. */
#include "cmd/init.h"

#include <stdio.h>
#include <string.h>

#include "cmd/init/texts.h"
#include "cmd/output.h"
#include "cmd/verb.h"
#include "compiler/base/buffer.h"
#include "compiler/base/nearest.h"

static struct {
	const char *folder;
	bool list;
} init;

/* texts.h has the files ID.yaml, as text_ID. */
static const char *const texts[] = {
#define TOPIC(id, also, about) text_##id,
#include "cmd/init/topics.def"
#undef TOPIC
};
const struct topic topics[] = {
#define TOPIC(id, also, about) { #id, also, about },
#include "cmd/init/topics.def"
#undef TOPIC
	{ NULL, NULL, NULL }
};
enum { TOPICS = sizeof(texts) / sizeof(*texts) };

static int find(const char *name)
{
	for (int n = 0; n < TOPICS; n++)
		if (!strcmp(topics[n].name, name) || (topics[n].also && !strcmp(topics[n].also, name)))
			return n;
	return -1;
}

static int refuse(const char *name)
{
	struct nearest nearest = { .name = name, .length = strlen(name) };

	for (int n = 0; n < TOPICS; n++) {
		nearest_try(&nearest, topics[n].name);
		if (topics[n].also)
			nearest_try(&nearest, topics[n].also);
	}
	if (nearest.best)
		complain("there is no topic '%.64s'; did you mean '%s'?", name, nearest.best);
	else
		complain("there is no topic '%.64s'; 'tetra init --list' says which there are", name);
	return EXIT_USAGE;
}

static int list(void)
{
	for (int n = 0; n < TOPICS; n++)
		printf("%-13s %s%s%s\n", topics[n].name, topics[n].about, topics[n].also ? "; also: " : "",
		       topics[n].also ? topics[n].also : "");
	return EXIT_FINE;
}

static int write_topic(int topic)
{
	const char *folder = init.folder ? init.folder : ".";
	struct buffer path = { 0 }, text = { 0 };
	int code;

	if (init.folder && !strcmp(init.folder, "-")) {
		fputs(texts[topic], stdout);
		return EXIT_FINE;
	}
	if (init.folder)
		buffer_format(&path, "%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/");
	buffer_format(&path, "%s.yaml", topics[topic].name);
	buffer_add_text(&text, texts[topic]);
	code = output_create(path.bytes, &text);
	buffer_release(&text);
	if (code == EXIT_FINE)
		printf("%s: a policy about %s, with its tests\n", path.bytes, topics[topic].about);
	buffer_release(&path);
	return code;
}

static int init_run(int count, char **operands)
{
	int topic;

	if (init.list && count) {
		complain("--list takes no topic, not '%.64s'", operands[0]);
		return EXIT_USAGE;
	}
	if (init.list)
		return list();
	if (count != 1) {
		complain(count ? "one topic at a time" : "which topic? 'tetra init --list' says which there are");
		return EXIT_USAGE;
	}
	if (init.folder && !*init.folder) {
		complain("--output takes a folder, or - for standard output");
		return EXIT_USAGE;
	}
	topic = find(operands[0]);
	return topic < 0 ? refuse(operands[0]) : write_topic(topic);
}

static const struct option_row init_options[] = {
	{ 'o', "output", OPTION_STRING, &init.folder, "DIR", "write it there, not to the current folder; - for standard output", WORD_FOLDER },
	{ 0, "list", OPTION_FLAG, &init.list, NULL, "print the topics, and what they are about" },
	OPTIONS_END
};

static const struct note init_examples[] = {
	{ "tetra init --list", "which topics there are" },
	{ "tetra init shells", "write shells.yaml: then read it, change it to what the host has, and run `tetra test shells.yaml`" },
	{ "tetra init egress -o policies", "write policies/egress.yaml" },
	NOTES_END
};

extern const struct verb verb_init;
const struct verb verb_init = {
	.name = "init", .operands = "TOPIC", .takes = WORD_TOPIC,
	.summary = "write a policy to begin with, and its tests",
	.details = "Writes TOPIC.yaml: rules about the topic, which only report until the mode is set to enforce, and events that\n"
		   "show what they must do. A file that is there already is not written over.",
	.options = init_options, .examples = init_examples, .run = init_run,
};

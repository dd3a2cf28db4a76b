// SPDX-License-Identifier: Apache-2.0
/*
 * completion_words.c - `tetra __complete WORD...`: what the last word may become, for the scripts of cmd/completion/.
 *
 * One candidate a line: the whole word, a tab, what it means.  What only a shell can do is asked of it instead:
 *   :files TAB BEFORE TAB SUFFIX...   files whose names end so (all when there is none) and folders; BEFORE is what
 *   :folders TAB BEFORE               stands in the word before the path, as --config=
 * Where nothing may stand or nothing can be read, there is nothing; never a complaint.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/compile.h"
#include "cmd/init.h"
#include "cmd/input.h"
#include "cmd/listing.h"
#include "cmd/manual.h"
#include "cmd/verb.h"
#include "compiler/explain/complete.h"
#include "runtime/events.h"

extern const struct verb verb_complete;

struct completing {
	const struct verb *verb;
	const char *words;		/* of WORD_CHOICE */
	const char *word;		/* the last one */
	size_t before;			/* how much of it stands before what is completed */
	const char *root;		/* of pins; NULL: the default */
	struct buffer out;
};

static void offer_part(struct completing *completing, const char *name, size_t length, const char *about)
{
	const char *begun = completing->word + completing->before;
	size_t begun_length = strlen(begun);

	if (length < begun_length || memcmp(name, begun, begun_length))
		return;
	buffer_format(&completing->out, "%.*s%.*s\t%s\n", (int)completing->before, completing->word, (int)length, name,
		about ? about : "");
}

static void offer(struct completing *completing, const char *name, const char *about)
{
	offer_part(completing, name, strlen(name), about);
}

/* ---- What a word stands for ---- */

static void offer_choice(struct completing *completing)
{
	const char *word;
	size_t length;

	for (size_t n = 0; (length = words_at(completing->words, n, &word)); n++)
		offer_part(completing, word, length, NULL);
}

static void ask_for(struct completing *completing, const char *what, const char *const *suffixes)
{
	buffer_format(&completing->out, "%s\t%.*s\t", what, (int)completing->before, completing->word);
	for (; suffixes && *suffixes; suffixes++)
		buffer_format(&completing->out, "%s%s", *suffixes, suffixes[1] ? " " : "");
	buffer_add_char(&completing->out, '\n');
}

static void offer_file(struct completing *completing)
{
	ask_for(completing, ":files", NULL);
}

static void offer_folder(struct completing *completing)
{
	ask_for(completing, ":folders", NULL);
}

static void offer_policy(struct completing *completing)
{
	ask_for(completing, ":files", input_suffixes);
}

/* A field that has others below it is there a second time with its dot, so that no shell ends the word behind it. */
static void offer_going_on(struct completing *completing, const char *line)
{
	size_t length = strcspn(line, "\t");
	struct buffer deeper = { 0 }, below = { 0 };

	buffer_format(&deeper, "%.*s.", (int)length, line);
	complete_name(deeper.bytes, &below);
	if (below.length)
		buffer_format(&completing->out, "%s\tthe keys below it\n", deeper.bytes);
	buffer_release(&deeper);
	buffer_release(&below);
}

static void offer_language(struct completing *completing)
{
	struct buffer names = { 0 };

	complete_name(completing->word, &names);
	if (names.length) {
		buffer_add(&completing->out, names.bytes, names.length);
		if (strchr(names.bytes, '\n') == names.bytes + names.length - 1)
			offer_going_on(completing, names.bytes);
		buffer_release(&names);
	}
	offer_policy(completing);
}

static void offer_applied(struct completing *completing)
{
	struct listing listing = { .bytes = NULL };
	struct failure failure;

	if (!listing_read(&listing, completing->root, &failure) && listing.bytes)
		for (size_t n = 0; n < image_policy_count(&listing.image); n++)
			offer(completing, image_policy_at(&listing.image, n).name, NULL);
	listing_release(&listing);
}

static void offer_code(struct completing *completing)
{
	for (int id = 0; id < DIAG_COUNT; id++)
		if (diagnostic_rows[id].severity != SEVERITY_ERROR)
			offer(completing, diagnostic_rows[id].code, diagnostic_rows[id].title);
}

static void offer_attach(struct completing *completing)
{
	for (int i = 0; i < ATTACH_COUNT; i++)
		offer(completing, attach_rows[i].name, attach_rows[i].says);
}

static void offer_pass(struct completing *completing)
{
	for (size_t n = 0; compile_pass(n).name; n++)
		offer(completing, compile_pass(n).name, compile_pass(n).about);
}

static bool event_is_of_earlier(int kind)
{
	for (int other = 0; other < kind; other++)
		if (!strcmp(hook_rows[other].event, hook_rows[kind].event))
			return true;
	return false;
}

static void offer_event_type(struct completing *completing)
{
	offer(completing, EVENT_TYPE_EXEC, "a program was started");
	offer(completing, EVENT_TYPE_EXIT, "a process ended");
	offer(completing, EVENT_TYPE_LOADER, "a file was mapped to execute");
	for (int kind = 0; kind < HOOK_COUNT; kind++)
		if (hook_rows[kind].support == SUPPORT_NOW && !event_is_of_earlier(kind))
			offer(completing, hook_rows[kind].event, hook_rows[kind].about);
}

static void offer_topic(struct completing *completing)
{
	for (const struct topic *topic = topics; topic->name; topic++) {
		offer(completing, topic->name, topic->about);
		if (topic->also)
			offer(completing, topic->also, topic->about);
	}
}

static void offer_verb(struct completing *completing)
{
	for (size_t n = 0; verbs[n] && !verbs[n]->internal; n++) {
		offer(completing, verbs[n]->name, verbs[n]->summary);
		if (verbs[n]->alias)
			offer(completing, verbs[n]->alias, verbs[n]->summary);
	}
}

static void offer_page(struct completing *completing)
{
	struct buffer name = { 0 };

	offer_verb(completing);
	for (size_t n = 0; manual_page(n, &name); n++, name.length = 0)
		offer(completing, name.bytes, NULL);
	buffer_release(&name);
}

static void (*const offers[WORD_KIND_COUNT])(struct completing *completing) = {
	[WORD_CHOICE] = offer_choice, [WORD_FILE] = offer_file, [WORD_FOLDER] = offer_folder,
	[WORD_POLICY] = offer_policy, [WORD_LANGUAGE] = offer_language, [WORD_APPLIED] = offer_applied,
	[WORD_CODE] = offer_code, [WORD_ATTACH] = offer_attach,
	[WORD_PASS] = offer_pass, [WORD_EVENT_TYPE] = offer_event_type, [WORD_TOPIC] = offer_topic,
	[WORD_VERB] = offer_verb, [WORD_PAGE] = offer_page,
};

static void offer_kind(struct completing *completing, enum word_kind kind)
{
	if (offers[kind])
		offers[kind](completing);
}

/* ---- Options ---- */

static void offer_option(struct completing *completing, const struct option_row *row, const char *about)
{
	char letter[] = { '-', row->letter, '\0' };
	struct buffer name = { 0 };

	if (row->letter)
		offer(completing, letter, about);
	buffer_format(&name, "--%s%s", row->name, row->kind == OPTION_FLAG ? "" : "=");
	offer(completing, name.bytes, about);
	buffer_release(&name);
}

static void offer_options(struct completing *completing)
{
	const struct option_row *row;

	for (size_t n = 0; (row = options_row(completing->verb, n)); n++)
		offer_option(completing, row, row->about);
}

/* The value that begins behind `before`.  Of several, parted by commas, the last; and a comma may follow it. */
static void offer_value(struct completing *completing, const struct option_row *row, size_t before)
{
	const char *comma = strstr(row->argument, ",...") ? strrchr(completing->word + before, ',') : NULL;
	size_t length;
	char *only;

	completing->words = row->argument;
	completing->before = comma ? (size_t)(comma + 1 - completing->word) : before;
	offer_kind(completing, row->kind == OPTION_CHOICE ? WORD_CHOICE : row->takes);
	length = completing->out.length;
	if (!strstr(row->argument, ",...") || !length ||
	    strchr(completing->out.bytes, '\n') != completing->out.bytes + length - 1)
		return;
	only = strndup(completing->out.bytes, strcspn(completing->out.bytes, "\t"));
	if (only)
		buffer_format(&completing->out, "%s,\tand another\n", only);
	free(only);
}

/* What an option is, and its value where that stands in the same word; row NULL: a flag, or nothing known. */
struct option_word {
	const struct option_row *row;
	const char *value;
};

static struct option_word read_long(const struct verb *verb, const char *word)
{
	size_t length = strcspn(word + 2, "=");
	const struct option_row *row = options_find(verb, word + 2, length);

	if (!row || row->kind == OPTION_FLAG)
		return (struct option_word){ NULL, NULL };
	return (struct option_word){ row, word[2 + length] ? word + 3 + length : NULL };
}

static struct option_word read_option(const struct verb *verb, const char *word)
{
	if (word[0] != '-' || !word[1])
		return (struct option_word){ NULL, NULL };
	if (word[1] == '-')
		return read_long(verb, word);
	for (const char *letter = word + 1; *letter; letter++) {
		const struct option_row *row = options_find_letter(verb, *letter);

		if (!row)
			break;
		if (row->kind != OPTION_FLAG)
			return (struct option_word){ row, letter[1] ? letter + 1 : NULL };
	}
	return (struct option_word){ NULL, NULL };
}

/* ---- The line ---- */

static void note_root(struct completing *completing, const struct option_word *option, const char *next)
{
	if (!strcmp(option->row->name, "root"))
		completing->root = option->value ? option->value : next;
}

/* The word is no operand of ours when the verb takes none: then options are all there is. */
static void offer_operand(struct completing *completing)
{
	completing->words = completing->verb->operands;
	if (completing->verb->operands)
		offer_kind(completing, completing->verb->takes);
	else
		offer_options(completing);
}

static void complete_last(struct completing *completing)
{
	struct option_word option = read_option(completing->verb, completing->word);

	if (option.value)
		offer_value(completing, option.row, (size_t)(option.value - completing->word));
	else if (completing->word[0] == '-')
		offer_options(completing);
	else
		offer_operand(completing);
}

/* The words behind the verb, of which the last is completed; as options_parse reads them. */
static void complete_words(struct completing *completing, int count, char **words)
{
	for (int n = 0; n < count - 1; n++) {
		struct option_word option = read_option(completing->verb, words[n]);

		if (!strcmp(words[n], "--")) {
			offer_operand(completing);
			return;
		}
		if (!option.row)
			continue;
		note_root(completing, &option, words[n + 1]);
		if (!option.value && ++n == count - 1) {
			offer_value(completing, option.row, 0);
			return;
		}
	}
	complete_last(completing);
}

static void complete_verb(struct completing *completing)
{
	if (completing->word[0] != '-')
		offer_verb(completing);
	else
		for (const struct option_row *row = short_verbs; row->name; row++)
			offer_option(completing, row, verb_find(row->name)->summary);
}

static int complete_run(int count, char **words)
{
	struct completing completing = { .word = count ? words[count - 1] : "" };

	completing.verb = count > 1 ? verb_find(words[0]) : NULL;
	if (count < 2)
		complete_verb(&completing);
	else if (completing.verb && !completing.verb->internal)
		complete_words(&completing, count - 1, words + 1);
	if (completing.out.length)
		fwrite(completing.out.bytes, 1, completing.out.length, stdout);
	buffer_release(&completing.out);
	return EXIT_FINE;
}

const struct verb verb_complete = {
	.name = "__complete", .operands = "WORD...", .summary = "say what the last word may become", .internal = true,
	.run = complete_run,
};

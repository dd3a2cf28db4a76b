// SPDX-License-Identifier: Apache-2.0
/* options.c - one table of options drives both parsing and help. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/verb.h"
#include "compiler/base/nearest.h"

enum { HELP_COLUMN = 28 };

static bool wants_help;

/* Every verb has it. */
static const struct option_row help_row = { 'h', "help", OPTION_FLAG, &wants_help, NULL, "print this help" };

const struct option_row *options_row(const struct verb *verb, size_t n)
{
	const struct option_row *row = verb->options;

	for (; row && row->name; row++)
		if (!n--)
			return row;
	return n ? NULL : &help_row;
}

const struct option_row *options_find(const struct verb *verb, const char *name, size_t length)
{
	const struct option_row *row;

	for (size_t n = 0; (row = options_row(verb, n)); n++)
		if (strlen(row->name) == length && !memcmp(row->name, name, length))
			return row;
	return NULL;
}

const struct option_row *options_find_letter(const struct verb *verb, char letter)
{
	const struct option_row *row;

	for (size_t n = 0; (row = options_row(verb, n)); n++)
		if (row->letter && row->letter == letter)
			return row;
	return NULL;
}

static int unknown_option(const struct verb *verb, const char *text, const char *name, size_t length)
{
	struct nearest nearest = { .name = name, .length = length };

	for (size_t n = 0; options_row(verb, n); n++)
		nearest_try(&nearest, options_row(verb, n)->name);
	if (nearest.best)
		complain("unknown option '%s', did you mean '--%s'?", text, nearest.best);
	else
		complain("unknown option '%s'; 'tetra help %s' lists them", text, verb->name);
	return -1;
}

static int is_choice(const char *choices, const char *value)
{
	size_t length = strlen(value);

	for (const char *word = choices; word; word = strchr(word, '|')) {
		word += *word == '|';
		if (strcspn(word, "|") == length && !memcmp(word, value, length))
			return 1;
	}
	return 0;
}

static int store_number(const struct option_row *row, const char *value)
{
	char *end;

	errno = 0;
	*(unsigned long *)row->value = strtoul(value, &end, 10);
	if (!errno && end != value && !*end && *value != '-')
		return 0;
	complain("option '--%s' takes a number, not '%s'", row->name, value);
	return -1;
}

static int store_in_list(const struct option_row *row, const char *value)
{
	struct option_list *list = row->value;

	if (list->count == sizeof(list->values) / sizeof(*list->values)) {
		complain("option '--%s' is given more than %zu times", row->name, list->count);
		return -1;
	}
	list->values[list->count++] = value;
	return 0;
}

size_t option_list_words(const struct option_list *list, struct arena *arena, const char ***ret)
{
	size_t count = 0, room = list->count;
	const char **words;

	for (size_t n = 0; n < list->count; n++)
		for (const char *comma = list->values[n]; (comma = strchr(comma, ',')); comma++)
			room++;
	*ret = words = arena_alloc(arena, room, sizeof(*words));
	for (size_t n = 0; n < list->count; n++) {
		const char *word = list->values[n];
		size_t length;

		for (; word[length = strcspn(word, ",")]; word += length + 1)
			words[count++] = arena_copy(arena, word, length);
		words[count++] = arena_copy(arena, word, length);
	}
	return count;
}

static int store(const struct option_row *row, const char *value)
{
	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)row->value = true;
		return 0;
	case OPTION_NUMBER:
		return store_number(row, value);
	case OPTION_LIST:
		return store_in_list(row, value);
	case OPTION_CHOICE:
		if (!is_choice(row->argument, value)) {
			complain("option '--%s' takes one of %s, not '%s'", row->name, row->argument, value);
			return -1;
		}
		/* fall through */
	case OPTION_STRING:
		*(const char **)row->value = value;
		return 0;
	}
	return -1;
}

/* Stores the option; `attached` is its value when it came in the same word.  Advances *next past a separate value. */
static int take(const struct option_row *row, const char *attached, int argc, char **argv, int *next)
{
	if (row->kind == OPTION_FLAG) {
		if (attached) {
			complain("option '--%s' takes no value", row->name);
			return -1;
		}
		return store(row, NULL);
	}
	if (!attached && *next == argc) {
		complain("option '--%s' needs %s", row->name, row->argument);
		return -1;
	}
	return store(row, attached ? attached : argv[(*next)++]);
}

static int parse_long(const struct verb *verb, const char *text, int argc, char **argv, int *next)
{
	size_t length = strcspn(text + 2, "=");
	const struct option_row *row = options_find(verb, text + 2, length);

	if (!row)
		return unknown_option(verb, text, text + 2, length);
	return take(row, text[2 + length] ? text + 3 + length : NULL, argc, argv, next);
}

/* "-ojson", "-o json", "-fq" */
static int parse_letters(const struct verb *verb, const char *text, int argc, char **argv, int *next)
{
	for (const char *letter = text + 1; *letter; letter++) {
		const struct option_row *row = options_find_letter(verb, *letter);

		if (!row)
			return unknown_option(verb, text, text + 1, strlen(text + 1));
		if (row->kind != OPTION_FLAG)
			return take(row, letter[1] ? letter + 1 : NULL, argc, argv, next);
		if (take(row, NULL, argc, argv, next))
			return -1;
	}
	return 0;
}

int options_parse(const struct verb *verb, int argc, char **argv, int *code)
{
	int operands = 0, next = 0, only_operands = 0;

	while (next < argc) {
		char *text = argv[next++];

		if (only_operands || text[0] != '-' || !text[1] || text[1] == ':') {
			argv[operands++] = text;
			continue;
		}
		if (!strcmp(text, "--")) {
			only_operands = 1;
			continue;
		}
		*code = EXIT_USAGE;
		if (text[1] == '-' ? parse_long(verb, text, argc, argv, &next)
				   : parse_letters(verb, text, argc, argv, &next))
			return -1;
		if (wants_help) {
			options_print_help(verb);
			*code = EXIT_FINE;
			return -1;
		}
	}
	*code = EXIT_FINE;
	return operands;
}

static void print_option(const struct option_row *row)
{
	int column = printf("  ");

	column += row->letter ? printf("-%c, ", row->letter) : printf("    ");
	column += printf("--%s", row->name);
	if (row->kind != OPTION_FLAG)
		column += printf("=%s", row->argument);
	if (column >= HELP_COLUMN)
		column = printf("\n") - 1;
	printf("%*s%s\n", HELP_COLUMN - column, "", row->about);
}

static void print_examples(const struct note *example)
{
	puts("\nExamples:");
	for (; example->name; example++)
		printf("  # %s\n  %s\n", example->about, example->name);
}

void options_print_help(const struct verb *verb)
{
	const struct option_row *row;

	printf("tetra %s%s%s%s: %s\n", verb->name, options_row(verb, 0) != &help_row ? " [OPTION]..." : "",
		verb->operands ? " " : "", verb->operands ? verb->operands : "", verb->summary);
	if (verb->alias)
		printf("\nAlso: tetra %s\n", verb->alias);
	if (verb->details)
		printf("\n%s\n", verb->details);
	puts("\nOptions:");
	for (size_t n = 0; (row = options_row(verb, n)); n++)
		print_option(row);
	if (verb->examples)
		print_examples(verb->examples);
}

// SPDX-License-Identifier: Apache-2.0
/* manual.c - `tetra man`: a page of the manual; which pages there are. */
#include "cmd/manual.h"

#include <string.h>

extern const struct verb verb_man;

static struct {
	bool list;
} arguments;

static size_t verb_count(void)
{
	size_t count = 0;

	while (verbs[count] && !verbs[count]->internal)
		count++;
	return count;
}

bool manual_page(size_t n, struct buffer *ret)
{
	size_t count = verb_count();

	if (!n)
		buffer_add_text(ret, "tetra.1");
	else if (n <= count)
		buffer_format(ret, "tetra-%s.1", verbs[n - 1]->name);
	else if (n == count + 1)
		buffer_add_text(ret, MANUAL_LANGUAGE ".5");
	return n <= count + 1;
}

static void write_page(size_t n)
{
	if (!n)
		manual_write_overview(stdout);
	else if (n <= verb_count())
		manual_write_verb(stdout, verbs[n - 1]);
	else
		manual_write_language(stdout);
}

/* "tetra-check.1", or without the section. */
static bool is_page(const char *page, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(page, name, length) && (!page[length] || page[length] == '.');
}

static int print_page(const char *name)
{
	const struct verb *verb = verb_find(name);
	struct buffer page = { 0 };

	if (verb && !verb->internal) {
		manual_write_verb(stdout, verb);
		return EXIT_FINE;
	}
	for (size_t n = 0; manual_page(n, &page); n++, page.length = 0)
		if (is_page(page.bytes, name)) {
			write_page(n);
			buffer_release(&page);
			return EXIT_FINE;
		}
	buffer_release(&page);
	complain("there is no page '%s'; 'tetra man --list' lists them", name);
	return EXIT_USAGE;
}

static int list_pages(void)
{
	struct buffer page = { 0 };

	for (size_t n = 0; manual_page(n, &page); n++, page.length = 0)
		puts(page.bytes);
	buffer_release(&page);
	return EXIT_FINE;
}

static int man_run(int count, char **operands)
{
	if (count > !arguments.list) {
		complain(arguments.list ? "--list takes no page" : "takes one page");
		return EXIT_USAGE;
	}
	if (arguments.list)
		return list_pages();
	return print_page(count ? operands[0] : "tetra");
}

static const struct option_row man_options[] = {
	{ 0, "list", OPTION_FLAG, &arguments.list, NULL, "print the names of the pages" },
	OPTIONS_END
};

static const struct note man_examples[] = {
	{ "tetra man check | man -l -", "the page of check, where none is installed" },
	{ "tetra man tetra-policy | man -l -", "the language of policies" },
	{ "for page in $(tetra man --list); do tetra man $page >$page; done", "all of them, as files" },
	NOTES_END
};

const struct verb verb_man = {
	.name = "man", .operands = "[PAGE]", .takes = WORD_PAGE,
	.summary = "print a page of the manual, for man(1) to show",
	.details = "The pages are made from what 'tetra help' prints, and from the tables of the language. 'make install' has\n"
		   "put them where man(1) looks.",
	.options = man_options, .examples = man_examples, .run = man_run,
};

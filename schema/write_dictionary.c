// SPDX-License-Identifier: Apache-2.0
/* write_dictionary.c - the words of the language, for the fuzzers; see write.h. */
#include <string.h>

#include "schema/schema.h"
#include "schema/write.h"

static void word(FILE *out, const char *text)
{
	if (text && *text)
		fprintf(out, "\"%s\"\n", text);
}

static void choices(FILE *out, const char *words)
{
	while (words && *words) {
		size_t length = strcspn(words, "|");

		fprintf(out, "\"%.*s\"\n", (int)length, words);
		words += length + (words[length] == '|');
	}
}

void write_dictionary(FILE *out)
{
	int id;

	fputs("# Words of the policy language, a libFuzzer dictionary.  Made from the tables in schema/; do not edit.\n", out);
	for (size_t n = 0; field_rows[n].group != GROUP_none; n++)
		fprintf(out, "\"%s:\"\n", field_rows[n].key);
	for (id = 0; id < DOCUMENT_COUNT; id++)
		word(out, document_rows[id].kind);
	for (id = 0; id < DOCUMENT_COUNT; id++)
		word(out, document_rows[id].group);
	for (size_t n = 0; type_spelling(n, &id); n++)
		word(out, type_spelling(n, &id));
	for (size_t n = 0; operator_spelling(n, &id); n++)
		word(out, operator_spelling(n, &id));
	for (id = 0; id < ACTION_COUNT; id++)
		word(out, action_rows[id].name);
	for (id = 0; id < SPEC_OPTION_COUNT; id++)
		word(out, spec_option_rows[id].name);
	for (id = 0; id < SPEC_OPTION_COUNT; id++)
		choices(out, spec_option_rows[id].choices);
	for (id = 0; id < KIND_COUNT; id++)
		if (kind_rows[id].words && kind_rows[id].words[0] != '<')
			choices(out, kind_rows[id].words);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * generate.c - host program: the tables as the files of schema/generated.
 *
 * generate DIRECTORY writes them there, with the functions that `tetra schema` prints with.  The same tables give the
 * same bytes; they are committed, and `make check-generated` compares.
 */
#include <stdio.h>

#include "schema/write.h"

static void json_schema(FILE *out)
{
	write_json_schema(out, schema_documents());
}

static void crds(FILE *out)
{
	write_crd(out, schema_documents());
}

static const struct {
	const char *name;
	void (*write)(FILE *out);
} pages[] = {
	{ "tracingpolicy.schema.json", json_schema },
	{ "tracingpolicy.crd.yaml", crds },
	{ "fields.md", write_reference },
	{ "diagnostics.md", write_diagnostics },
	{ "policy.dict", write_dictionary },
};

static int write_page(const char *directory, size_t n)
{
	char path[4096];
	FILE *out;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, pages[n].name) >= sizeof(path))
		return -1;
	out = fopen(path, "w");
	if (!out)
		return -1;
	pages[n].write(out);
	return fclose(out);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: generate DIRECTORY\n", stderr);
		return 2;
	}
	for (size_t n = 0; n < sizeof(pages) / sizeof(*pages); n++)
		if (write_page(argv[1], n)) {
			perror(pages[n].name);
			return 3;
		}
	return 0;
}

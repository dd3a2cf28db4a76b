// SPDX-License-Identifier: Apache-2.0
/* schema.c - `tetra schema`: the language for editors, clusters and people. */
#include "schema/schema.h"

#include <stdio.h>
#include <string.h>

#include "cmd/verb.h"
#include "schema/write.h"

static struct {
	const char *format, *kind;
} settings;

static void write_pages(FILE *out, uint32_t documents)
{
	(void)documents;
	write_reference(out);
}

/* The words of --format, in the order in which help lists them. */
static const struct {
	const char *name;
	void (*write)(FILE *out, uint32_t documents);
	bool has_kinds;
} formats[] = {
	{ "jsonschema", write_json_schema, true },
	{ "crd", write_crd, true },
	{ "markdown", write_pages, false },
};

static uint32_t wanted_documents(void)
{
	uint32_t documents = settings.kind ? UINT32_MAX : schema_documents();

	for (enum document_id id = 0; settings.kind && id < DOCUMENT_COUNT; id++)
		if (!strcmp(document_rows[id].kind, settings.kind))
			documents &= 1u << id;
	return documents;
}

static int schema_run(int count, char **operands)
{
	size_t n = 0;

	if (count) {
		complain("takes no operand, not '%s'", operands[0]);
		return EXIT_USAGE;
	}
	while (settings.format && strcmp(formats[n].name, settings.format))
		n++;
	if (settings.kind && !formats[n].has_kinds) {
		complain("'--kind' does not go with '--format=%s', which has all kinds on one page", formats[n].name);
		return EXIT_USAGE;
	}
	formats[n].write(stdout, wanted_documents());
	return EXIT_FINE;
}

static const struct option_row schema_options[] = {
	{ 'o', "format", OPTION_CHOICE, &settings.format, "jsonschema|crd|markdown", "what to print; jsonschema unless said" },
	{ 0, "kind", OPTION_CHOICE, &settings.kind, "TracingPolicy|TracingPolicyNamespaced|RuntimeSecurityPolicy", "only this kind of policy; all unless said" },
	OPTIONS_END
};

static const struct note schema_examples[] = {
	{ "tetra schema >tracingpolicy.schema.json", "the schema, for an editor" },
	{ "tetra schema --format=crd --kind=TracingPolicy", "one kind, for a cluster" },
	{ "tetra schema -o markdown", "to read" },
	NOTES_END
};

extern const struct verb verb_schema;
const struct verb verb_schema = {
	.name = "schema", .summary = "print the language as JSON Schema, Kubernetes CRD or reference page",
	.details = "jsonschema (draft 2020-12) is for editors and other validators, crd for the API server of a cluster, markdown\n"
		   "for people. What a schema cannot say, such as whether a number fits its type, only 'tetra check' knows.",
	.options = schema_options, .examples = schema_examples, .run = schema_run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write.h - the tables as documents: schemas for editors and clusters, pages for people, words for fuzzers.
 *
 * The same tables give the same bytes.  Whether all went out shows in ferror(out).
 */
#ifndef SCHEMA_WRITE_H
#define SCHEMA_WRITE_H

#include <stdint.h>
#include <stdio.h>

/* Kinds of document, as bits 1u << DOCUMENT_...: all that a schema is written of. */
uint32_t schema_documents(void);

void write_json_schema(FILE *out, uint32_t documents);	/* draft 2020-12 */
void write_crd(FILE *out, uint32_t documents);		/* CustomResourceDefinitions of Kubernetes, as YAML */
void write_reference(FILE *out);			/* Markdown */
void write_diagnostics(FILE *out);			/* Markdown */
void write_dictionary(FILE *out);			/* of libFuzzer */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* write_types.h - JSON Schema: what the type of an argument asks of the filters that name it. */
#ifndef SCHEMA_WRITE_TYPES_H
#define SCHEMA_WRITE_TYPES_H

#include "schema/tree_writer.h"

/* Definitions, among "$defs"; and an entry of "allOf" of each hook, which refers to them. */
void write_type_definitions(struct tree_writer *writer);
void write_type_reference(struct tree_writer *writer);

#endif

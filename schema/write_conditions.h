/* SPDX-License-Identifier: Apache-2.0 */
/* write_conditions.h - JSON Schema: what the value of one key asks of the keys beside it. */
#ifndef SCHEMA_WRITE_CONDITIONS_H
#define SCHEMA_WRITE_CONDITIONS_H

#include "schema/schema.h"
#include "schema/tree_writer.h"

/* "allOf" of a group's definition, where there is anything to say; documents as in write.h. */
void write_conditions(struct tree_writer *writer, enum field_group group, uint32_t documents);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* explain_operand.h - what an operand of `tetra explain` is: files, a line of a file, or a word of the language. */
#ifndef CMD_EXPLAIN_OPERAND_H
#define CMD_EXPLAIN_OPERAND_H

#include <stdbool.h>
#include <stdint.h>

enum operand_kind { OPERAND_WORD, OPERAND_FILE, OPERAND_LINE };

struct operand_place {
	char *file;			/* the caller's to free */
	uint32_t line, column;		/* column 0: not said */
};

/*
 * What exists as a file is one, even if its name ends in ":12".  FILE:LINE and FILE:LINE:COLUMN fill *place when FILE
 * exists or could only be a file.  A path of the language comes before a pattern of files.
 */
enum operand_kind operand_classify(const char *operand, struct operand_place *place);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* symbolize.h - what the files of `tetra symbolize` share. */
#ifndef CMD_SYMBOLIZE_H
#define CMD_SYMBOLIZE_H

#include <stdbool.h>

#include "cmd/stream.h"
#include "cmd/symbolize_text.h"
#include "symbolize/symbolizer.h"

enum symbolize_form { FORM_TEXT, FORM_JSON, FORM_FOLDED, FORM_ADDR2LINE };

struct symbolizing {
	struct symbolizer *symbolizer;
	struct symbolize_target target;	/* of numbers */
	enum symbolize_form form;
	struct text_style style;
	bool is_stack;			/* numbers are one: all but the innermost are where calls return to */
	bool explain;
	bool other_kernel;		/* the kernel's symbols were given: they are those of the events */
	struct stream stream;
};

/* All return EXIT_.  Numbers are checked before anything is opened. */
int symbolize_check_numbers(const struct symbolize_target *target, int count, char **operands);
int symbolize_numbers(struct symbolizing *symbolizing, int count, char **operands);
int symbolize_events(struct symbolizing *symbolizing, int count, char **operands);

#endif

// SPDX-License-Identifier: Apache-2.0
/* frame.c - see frame.h. */
#include "symbolize/frame.h"

static const struct why_row { const char *word, *about; } rows[SYMBOL_WHY_COUNT] = {
#define WHY(id, word, about) [SYMBOL_##id] = { word, about },
#include "symbolize/why.def"
#undef WHY
};

const char *symbol_why_word(enum symbol_why why)
{
	return rows[why].word;
}

const char *symbol_why_about(enum symbol_why why)
{
	return rows[why].about;
}

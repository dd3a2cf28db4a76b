/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judged.h - one line of TAP for each row about the judge, and what rows are written in.
 *
 * Counts are those of the file that includes it: one file of a program reports.
 */
#ifndef TESTS_REFERENCE_JUDGED_H
#define TESTS_REFERENCE_JUDGED_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/reference/model.h"

#define NO ANSWER_NO
#define YES ANSWER_YES
#define UNKNOWN ANSWER_UNKNOWN

static unsigned number, failures;

static inline void tell(bool fine, const char *section, const char *says)
{
	failures += !fine;
	printf("%sok %u - %s: %s\n", fine ? "" : "not ", ++number, section, says);
}

static inline void tell_answer(enum model_answer got, enum model_answer want, const char *section, const char *says)
{
	tell(got == want, section, says);
	if (got != want)
		printf("# expected %s, got %s\n", model_answer_names[want], model_answer_names[got]);
}

/* Values parted by '|'. */
static inline struct model_texts values_of(const char *text)
{
	struct model_texts ret = { NULL, 0 };

	while (text) {
		const char *end = strchr(text, '|');

		model_texts_add(&ret, model_copy(text, end ? (size_t)(end - text) : strlen(text)));
		text = end ? end + 1 : NULL;
	}
	return ret;
}

/* The text behind "KEY=" up to the next blank; false: it is not there. */
static inline bool find_word(const char *facts, const char *key, char ret[128])
{
	size_t length = strlen(key);

	for (const char *at = facts; at; at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL)
		if (!strncmp(at, key, length)) {
			snprintf(ret, 128, "%.*s", (int)strcspn(at + length, " "), at + length);
			return true;
		}
	return false;
}

/* The exit status; what the rows have made is released. */
static inline int tell_done(void)
{
	model_release();
	printf("1..%u\n", number);
	return failures ? 1 : 0;
}

#define EACH(rows, run) \
	for (size_t n = 0; n < sizeof(rows) / sizeof(*(rows)); n++) \
		run(&(rows)[n])

#endif

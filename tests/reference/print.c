// SPDX-License-Identifier: Apache-2.0
/* print.c - what policies and events have in common on their way out; see print.h. */
#include "tests/reference/print.h"

#include <stdlib.h>

void print_quoted(FILE *out, struct model_text text, const char *escape)
{
	fputc('"', out);
	for (size_t n = 0; n < text.length; n++) {
		unsigned char c = (unsigned char)text.bytes[n];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < ' ' || c == 127)
			fprintf(out, escape, c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

/* ---- Texts ---- */

static struct model_text finish(FILE *out, char **bytes, size_t *length)
{
	struct model_text ret;

	fclose(out);
	ret = model_copy(*bytes, *length);
	free(*bytes);
	return ret;
}

struct model_text policy_text(const struct model_policy *policy)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&bytes, &length);

	print_policy(out, policy);
	return finish(out, &bytes, &length);
}

struct model_text event_text(const struct model_event *event)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&bytes, &length);

	print_event(out, event);
	return finish(out, &bytes, &length);
}

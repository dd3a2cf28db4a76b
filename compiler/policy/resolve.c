// SPDX-License-Identifier: Apache-2.0
/* resolve.c - see resolve.h. */
#include "compiler/policy/resolve.h"

#include <string.h>

#include "compiler/base/number.h"

/* ---- Paths ---- */

static bool is_member(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (i && c >= '0' && c <= '9')))
			return false;
	}
	return length > 0;
}

static bool is_element(const char *text, size_t length)
{
	struct number number;
	uint64_t ignored;

	return !number_parse(text, length, NUMBER_DECIMAL, &number) && number_to_unsigned(number, UINT32_MAX, &ignored);
}

/* Length of the step at `text`: a name, or [N]. */
static size_t step_length(const char *text, size_t length)
{
	size_t step = 0;

	if (*text == '[') {
		const char *close = memchr(text, ']', length);

		return close ? (size_t)(close - text) + 1 : length;
	}
	while (step < length && text[step] != '.' && text[step] != '[')
		step++;
	return step;
}

static const char *step_problem(const char *text, size_t length)
{
	if (*text != '[')
		return is_member(text, length) ? NULL : length ? "is not the name of a member" : "a name is missing";
	if (text[length - 1] != ']')
		return "has no ']'";
	return is_element(text + 1, length - 2) ? NULL : "is not [N] with a number";
}

static void refuse_path(const struct text *path, const char *step, size_t length, const char *problem,
			struct diagnostics *diagnostics)
{
	struct span at = text_part(path, (size_t)(step - path->bytes), length);

	if (length)
		diag(diagnostics, DIAG_RESOLVE_PATH, at, "in this path, '%.*s' %s", (int)(length < 64 ? length : 64), step,
			problem);
	else
		diag(diagnostics, DIAG_RESOLVE_PATH, at, "in this path, %s", problem);
	diag_help(diagnostics, "names parted by dots, as mm.owner.comm; elements as fds[2].flags");
}

void check_resolve_path(const struct text *path, struct diagnostics *diagnostics)
{
	const char *at = path->bytes, *end = path->bytes + path->length;
	size_t steps = 0;

	at += at < end && *at == '.';		/* one dot at either end is taken */
	end -= end > at && end[-1] == '.';
	while (at < end) {
		size_t length = step_length(at, (size_t)(end - at));
		const char *problem = step_problem(at, length);

		if (problem) {
			refuse_path(path, at, length, problem, diagnostics);
			return;
		}
		steps++;
		at += length;
		if (at == end || *at == '[' || (at[-1] == ']' && *at != '.'))
			continue;
		at++;
		if (at == end || *at == '[') {
			refuse_path(path, at, 0, "a name is missing after the dot", diagnostics);
			return;
		}
	}
	if (!steps)
		refuse_path(path, path->bytes, 0, "there is no name", diagnostics);
	if (steps <= LIMIT_RESOLVE_STEPS)
		return;
	diag(diagnostics, DIAG_RESOLVE_DEPTH, path->at, "the path has %zu steps, and may have %d", steps,
		LIMIT_RESOLVE_STEPS);
}

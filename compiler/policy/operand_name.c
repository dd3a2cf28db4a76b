// SPDX-License-Identifier: Apache-2.0
/* operand_name.c - values of filters that are words for numbers; see operand.h. */
#include "compiler/policy/operand.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "compiler/base/nearest.h"
#include "compiler/base/number.h"

/* Spaces around it taken off, and all letters large: so Tetragon reads capabilities. */
static struct text normal(struct arena *arena, struct text text)
{
	char *bytes;

	while (text.length && isspace((unsigned char)text.bytes[text.length - 1]))
		text.length--;
	for (; text.length && isspace((unsigned char)text.bytes[0]); text.length--)
		text.bytes++;
	bytes = arena_copy(arena, text.bytes, text.length);
	for (size_t i = 0; i < text.length; i++)
		bytes[i] = (char)toupper((unsigned char)bytes[i]);
	text.bytes = bytes;
	return text;
}

static void list_names(enum name_set set, struct diagnostics *diagnostics)
{
	const struct name_set_row *row = &name_sets[set];
	const char *words = "";

	for (size_t i = 0; i < row->count && i < 13; i++)	/* as many as the longest list that is worth printing */
		words = arena_format(diagnostics->arena, "%s%s%s", words, i ? ", " : "", row->names[i].name);
	diag_help(diagnostics, "one of %s%s", words, row->count > 13 ? ", ..." : "");
}

static const char *nearest_name(enum name_set set, struct text text, struct diagnostics *diagnostics)
{
	static const char *const starts[NAME_SET_COUNT] = {
		[NAMES_CAPABILITIES] = "CAP_", [NAMES_PROTOCOLS] = "IPPROTO_", [NAMES_FAMILIES] = "AF_",
		[NAMES_TCP_STATES] = "TCP_",
	};
	struct nearest nearest = { .name = text.bytes, .length = text.length };
	const char *whole = starts[set] ? arena_format(diagnostics->arena, "%s%s", starts[set],
		normal(diagnostics->arena, text).bytes) : "";

	for (size_t i = 0; i < name_sets[set].count; i++) {
		const char *name = name_sets[set].names[i].name;

		if (!strcasecmp(whole, name) || !strcasecmp(name, text.bytes))
			return name;
		nearest_try(&nearest, name);
	}
	return nearest.best;
}

static void refuse_name(const struct policy_value *value, struct text text, enum name_set set,
			struct diagnostics *diagnostics)
{
	const char *name;

	diag(diagnostics, DIAG_VALUE_NAME, value->text.at, "there is no %s '%.*s'", name_sets[set].noun, SHOW(text));
	if (!diag_is_kept(diagnostics))
		return;
	name = text.length ? nearest_name(set, text, diagnostics) : NULL;
	if (!name) {
		list_names(set, diagnostics);
		return;
	}
	diag_help(diagnostics, "did you mean '%s'?", name);
	if (text.length == value->text.length)
		diag_replacement(diagnostics, arena_format(diagnostics->arena, "\"%s\"", name));
}

void operand_number_or_name(struct policy_value *value, enum name_set set, struct diagnostics *diagnostics)
{
	const struct named *named = name_find(set, value->text.bytes, value->text.length);

	if (named) {
		value->low = named->number;
		value->form = VALUE_INTEGER;
		return;
	}
	if (operand_read_unsigned(value))
		return;
	refuse_name(value, value->text, set, diagnostics);
}

void operand_name(struct policy_value *value, enum name_set set, struct diagnostics *diagnostics)
{
	const struct named *named = name_find(set, value->text.bytes, value->text.length);

	if (!named) {
		refuse_name(value, value->text, set, diagnostics);
		return;
	}
	value->low = named->number;
	value->form = VALUE_INTEGER;
}

/* ---- Capabilities ---- */

static const struct named *find_capability(struct text text, struct diagnostics *diagnostics)
{
	struct text name = normal(diagnostics->arena, text);

	return name_find(NAMES_CAPABILITIES, name.bytes, name.length);
}

static void refuse_capability(const struct policy_value *value, struct text text, struct diagnostics *diagnostics)
{
	static const char prefix[] = "CAP_";
	struct text name = normal(diagnostics->arena, text), bare = name;

	if (name.length > strlen(prefix) && !memcmp(name.bytes, prefix, strlen(prefix))) {
		bare.bytes += strlen(prefix);
		bare.length -= strlen(prefix);
	}
	if (bare.length == name.length || !name_find(NAMES_CAPABILITIES, bare.bytes, bare.length)) {
		refuse_name(value, text, NAMES_CAPABILITIES, diagnostics);
		return;
	}
	diag(diagnostics, DIAG_VALUE_NAME, value->text.at, "Tetragon has this capability without CAP_, as '%s'", bare.bytes);
	if (text.length == value->text.length)
		diag_replacement(diagnostics, arena_format(diagnostics->arena, "\"%s\"", bare.bytes));
}

void operand_capability(struct policy_value *value, struct diagnostics *diagnostics)
{
	const struct named *named = find_capability(value->text, diagnostics);

	if (!named) {
		refuse_capability(value, value->text, diagnostics);
		return;
	}
	value->low = named->number;
	value->form = VALUE_INTEGER;
}

/* Names parted by commas. */
static bool read_capabilities(struct policy_value *value, struct diagnostics *diagnostics)
{
	const char *at = value->text.bytes, *end = at + value->text.length;

	for (value->low = 0; at <= end; at++) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		struct text part = { .bytes = at, .length = (size_t)((comma ? comma : end) - at) };
		const struct named *named = find_capability(part, diagnostics);

		if (!named) {
			refuse_capability(value, part, diagnostics);
			return false;
		}
		value->low |= 1ULL << named->number;
		at = part.bytes + part.length;
	}
	return true;
}

void operand_capability_set(struct policy_value *value, struct diagnostics *diagnostics)
{
	struct number number;

	if (!number_parse(value->text.bytes, value->text.length, NUMBER_ANY_BASE_UNSIGNED, &number))
		value->low = number.magnitude;
	else if (!read_capabilities(value, diagnostics))
		return;
	value->form = VALUE_INTEGER;
}

/* ---- Namespaces ---- */

bool operand_is(const struct policy_value *value, const char *word)
{
	return value->text.length == strlen(word) && !memcmp(value->text.bytes, word, value->text.length);
}

void operand_namespace(struct policy_value *value, struct diagnostics *diagnostics)
{
	struct number number;

	if (operand_is(value, "host_ns")) {
		value->form = VALUE_BYTES;
		return;
	}
	if (number_parse(value->text.bytes, value->text.length, NUMBER_DECIMAL, &number) ||
	    !number_to_unsigned(number, UINT32_MAX, &value->low)) {
		diag(diagnostics, DIAG_NAMESPACE_VALUE, value->text.at, "'%.*s' is not a namespace", SHOW(value->text));
		diag_help(diagnostics, "the decimal inode number of one, as in \"4026531836\", or host_ns");
		return;
	}
	value->form = VALUE_INTEGER;
}

static void refuse_namespace_name(const struct policy_value *value, struct diagnostics *diagnostics)
{
	const char *words = kind_rows[KIND_NAMESPACE].words, *word;
	struct nearest nearest = { .name = value->text.bytes, .length = value->text.length };
	size_t length;

	diag(diagnostics, DIAG_VALUE_NAME, value->text.at, "there is no namespace '%.*s'", SHOW(value->text));
	if (!diag_is_kept(diagnostics))
		return;
	for (size_t n = 0; (length = words_at(words, n, &word)); n++)
		nearest_try(&nearest, arena_copy(diagnostics->arena, word, length));
	if (!nearest.best) {
		diag_help(diagnostics, "one of %s", words);
		return;
	}
	diag_help(diagnostics, "did you mean '%s'?", nearest.best);
	diag_replacement(diagnostics, arena_format(diagnostics->arena, "\"%s\"", nearest.best));
}

/* Changes take the names of namespaces in any case. */
void operand_namespace_name(struct policy_value *value, struct diagnostics *diagnostics)
{
	const char *word;
	size_t length;

	for (size_t n = 0; (length = words_at(kind_rows[KIND_NAMESPACE].words, n, &word)); n++)
		if (length == value->text.length && !strncasecmp(word, value->text.bytes, length)) {
			value->low = n;
			value->form = VALUE_INTEGER;
			return;
		}
	refuse_namespace_name(value, diagnostics);
}

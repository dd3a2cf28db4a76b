// SPDX-License-Identifier: Apache-2.0
/* verify_fit.c - whether arguments and selectors are such as their hook can have; see verify.h. */
#include "compiler/object/verify.h"

#include <string.h>

#include "bpf-templates/abi.h"

/* ---- Arguments ---- */

static bool source_fits(int kind, const struct object_argument *argument)
{
	if ((kind == HOOK_LSM || kind == HOOK_KPROBE || kind == HOOK_RAW_TRACEPOINT) && argument->source == ABI_SOURCE_CURRENT)
		return true;
	return argument->source == (kind == HOOK_TRACEPOINT ? ABI_SOURCE_FIELD : ABI_SOURCE_ARGUMENT);
}

static bool data_fits(const struct object_argument *argument, uint32_t position)
{
	return (argument->source == ABI_SOURCE_CURRENT || argument->source == ABI_SOURCE_REGISTER) &&
	       argument->index == position && !(argument->flags & OBJECT_ARGUMENT_RETURN_COPY);
}

static bool index_fits(int kind, const struct object_argument *argument)
{
	return kind == HOOK_TRACEPOINT || kind == HOOK_USDT || argument->index <= LIMIT_ARGUMENT_INDEX;
}

bool verify_arguments_fit(const struct object_verify *verify, const struct object_hook *hook)
{
	const int kind = hook_by_wire((int)hook->kind);
	struct object_argument argument;

	for (uint32_t n = 0; n < hook->arguments.count; n++) {
		verify_get(verify, OBJECT_ARGUMENTS, hook->arguments.first + n, &argument);
		if (!source_fits(kind, &argument) || !index_fits(kind, &argument))
			return false;
	}
	for (uint32_t n = 0; n < hook->data.count; n++) {
		verify_get(verify, OBJECT_ARGUMENTS, hook->data.first + n, &argument);
		if (!data_fits(&argument, n))
			return false;
	}
	if (hook->returned) {
		verify_get(verify, OBJECT_ARGUMENTS, hook->data.first + hook->data.count, &argument);
		if (argument.source != ABI_SOURCE_RETURN)
			return false;
	}
	return true;
}

/* ---- What predicates look at ---- */

/* Tests, as bits. */
#define TEST(name)	(1u << IR_##name)
enum {
	ANY_TEST = TEST(NEVER) | TEST(READABLE) | TEST(OPAQUE),
	NUMBERS = ANY_TEST | TEST(INTERVALS) | TEST(MASK),
	STRINGS = ANY_TEST | TEST(STRINGS) | TEST(SUBSTRINGS),
};

static const uint32_t class_tests[] = {
	[CLASS_NONE] = ANY_TEST | TEST(INTERVALS),	/* auto: what its numbers are, only the target knows */
	[CLASS_SIGNED] = NUMBERS, [CLASS_UNSIGNED] = NUMBERS, [CLASS_STRING] = STRINGS, [CLASS_PATH] = STRINGS,
	[CLASS_SOCKADDR] = ANY_TEST, [CLASS_SOCKET] = ANY_TEST, [CLASS_CAPABILITIES] = NUMBERS | TEST(GAINED),
	[CLASS_SOCKADDR_UN] = STRINGS,
};

#define FACET(name)	(1u << IR_##name)
static const uint32_t class_facets[] = {
	[CLASS_PATH] = FACET(FILE_TYPE), [CLASS_SOCKADDR_UN] = FACET(FAMILY),
	[CLASS_SOCKADDR] = FACET(ADDRESS) | FACET(PORT) | FACET(FAMILY),
	[CLASS_SOCKET] = FACET(ADDRESS) | FACET(DESTINATION) | FACET(PORT) | FACET(DESTINATION_PORT) | FACET(PROTOCOL) |
		FACET(FAMILY) | FACET(STATE),
};

/* Without a type there is nothing to compare with: types auto, and a return that is not reported. */
static uint32_t argument_tests(const struct object_predicate *row, const struct type_row *type)
{
	const bool is_address = row->facet == IR_ADDRESS || row->facet == IR_DESTINATION;

	if (!type)
		return ~(TEST(HOLDS) | TEST(SCOPED) | TEST(HOST) | TEST(OTHERS));
	if (type == &type_rows[TYPE_AUTO] && row->facet != IR_VALUE)
		return TEST(OPAQUE);
	if (type == &type_rows[TYPE_FILENAME] && row->facet == IR_VALUE)	/* in expressions, which have no classes */
		return STRINGS;
	if (row->facet == IR_VALUE)
		return class_tests[type->class];
	if (type->class >= sizeof(class_facets) / sizeof(*class_facets) || !(class_facets[type->class] >> row->facet & 1))
		return 0;
	return ANY_TEST | (is_address ? TEST(NETWORKS) : TEST(INTERVALS));
}

/* Of what is no argument. */
static const uint32_t subject_tests[IR_SUBJECT_END] = {
	[IR_PID] = ANY_TEST | TEST(INTERVALS),
	[IR_BINARY] = ANY_TEST | TEST(STRINGS), [IR_PARENT] = ANY_TEST | TEST(STRINGS),
	[IR_NAMESPACE] = ANY_TEST | TEST(INTERVALS) | TEST(STRINGS) | TEST(HOST),
	[IR_NAMESPACE_CHANGES] = ANY_TEST | TEST(MASK),
	[IR_CAPABILITIES] = ANY_TEST | TEST(MASK), [IR_CAPABILITY_CHANGES] = ANY_TEST | TEST(MASK) | TEST(OTHERS),
	[IR_EXPRESSION] = TEST(OPAQUE) | TEST(HOLDS), [IR_WORKLOADS] = TEST(SCOPED),
};

static bool has_position(const struct object_hook *hook, uint8_t subject, uint32_t position)
{
	const char *word;

	switch (subject) {
	case IR_ARGUMENT:
		return position < hook->arguments.count;
	case IR_DATA:
		return position < hook->data.count;
	case IR_NAMESPACE:
		return position <= UINT8_MAX && words_at(kind_rows[KIND_NAMESPACE].words, position, &word);
	case IR_CAPABILITIES:
	case IR_CAPABILITY_CHANGES:
		return position <= UINT8_MAX && words_at(kind_rows[KIND_CAPABILITY_SET].words, position, &word);
	default:
		return !position;
	}
}

static bool is_argument(uint8_t subject)
{
	return subject == IR_ARGUMENT || subject == IR_DATA || subject == IR_RETURN;
}

/* NULL when there is none. */
static const struct type_row *type_of(const struct object_verify *verify, const struct object_hook *hook,
				      const struct object_predicate *row)
{
	uint32_t at = hook->arguments.first + row->position;
	struct object_argument argument;

	if (!is_argument(row->subject) || (row->subject == IR_RETURN && !hook->returned))
		return NULL;
	if (row->subject == IR_DATA)
		at = hook->data.first + row->position;
	if (row->subject == IR_RETURN)
		at = hook->data.first + hook->data.count;
	verify_get(verify, OBJECT_ARGUMENTS, at, &argument);
	return &type_rows[type_by_wire(argument.type)];
}

/* ---- Sets ---- */

/* Sorted, apart, and neither beyond nor all of what there can be; beside the host, all of it is no harm. */
static bool intervals_fit(const struct object_verify *verify, const struct object_predicate *row,
			  struct ir_interval domain)
{
	struct object_interval last = { 0, 0 }, one;

	for (uint32_t n = 0; n < row->members.count; n++, last = one) {
		verify_get(verify, OBJECT_INTERVALS, row->members.first + n, &one);
		if (one.low < domain.low || one.high > domain.high ||
		    (row->test == IR_INTERVALS && one.low == domain.low && one.high == domain.high) ||
		    (n && (last.high >= one.low || last.high + 1 == one.low)))
			return false;
	}
	return true;
}

static bool is_host_name(const struct object_verify *verify, const struct object_pattern *pattern)
{
	return pattern->kind == ABI_STRING_EXACT && pattern->text.length == strlen("host_ns") &&
	       !memcmp(verify_text_bytes(verify, pattern->text), "host_ns", pattern->text.length);
}

static bool patterns_fit(const struct object_verify *verify, const struct object_predicate *row)
{
	uint32_t kind = 0;

	for (uint32_t n = 0; n < row->members.count; n++) {
		struct object_pattern pattern;

		verify_get(verify, OBJECT_PATTERNS, row->members.first + n, &pattern);
		kind = n ? kind : pattern.kind;
		if ((row->test == IR_SUBSTRINGS && pattern.kind != kind) || (pattern.kind >= ABI_SUBSTRING) != (row->test == IR_SUBSTRINGS) ||
		    (row->subject == IR_NAMESPACE && !is_host_name(verify, &pattern)))
			return false;
	}
	return true;
}

static bool members_fit(const struct object_verify *verify, const struct object_predicate *row,
			const struct type_row *type)
{
	struct ir_domain domain = ir_domain_of((enum ir_subject)row->subject, (enum ir_facet)row->facet, type);

	switch (row->test) {
	case IR_INTERVALS:
	case IR_HOST:
		return intervals_fit(verify, row, domain.keys);
	case IR_STRINGS:
	case IR_SUBSTRINGS:
		return patterns_fit(verify, row);
	default:
		return true;
	}
}

/* ---- Predicates and conditions ---- */

/* GAINED compares two sets of capabilities. */
static bool other_fits(const struct object_verify *verify, const struct object_hook *hook,
		       const struct object_predicate *row)
{
	struct object_predicate other = *row;
	const struct type_row *type;

	if (row->test != IR_GAINED)
		return true;
	other.position = row->extra;
	type = has_position(hook, row->subject, other.position) ? type_of(verify, hook, &other) : NULL;
	return type && type->class == CLASS_CAPABILITIES;
}

static bool predicate_fits(const struct object_verify *verify, const struct object_hook *hook,
			   const struct object_predicate *row)
{
	const struct type_row *type;
	uint32_t tests;

	if (!has_position(hook, row->subject, row->position) || (!is_argument(row->subject) && row->facet != IR_VALUE))
		return false;
	type = type_of(verify, hook, row);
	tests = is_argument(row->subject) ? argument_tests(row, type) : subject_tests[row->subject];
	return tests >> row->test & 1 && members_fit(verify, row, type) && other_fits(verify, hook, row);
}

static bool words_fit(const struct object_verify *verify, const struct object_hook *hook, struct object_range words)
{
	for (uint32_t n = 0; n < words.count; n++) {
		struct object_word word;

		verify_get(verify, OBJECT_WORDS, words.first + n, &word);
		if (word.op == IR_WORD_ARGUMENT && word.number >= hook->arguments.count)
			return false;
	}
	return true;
}

/* As deep as condition_is_valid lets them be. */
static bool condition_fits(const struct object_verify *verify, const struct object_hook *hook, uint32_t n)
{
	struct object_condition row;
	struct object_predicate asked;

	verify_get(verify, OBJECT_CONDITIONS, n, &row);
	if (row.kind == IR_ASK) {
		verify_get(verify, OBJECT_ASKED, row.predicate, &asked);
		return predicate_fits(verify, hook, &asked);
	}
	for (uint32_t part = 0; part < row.parts.count; part++)
		if (!condition_fits(verify, hook, row.parts.first + part))
			return false;
	return words_fit(verify, hook, row.words);
}

/* Every selector has the scope of the policy, first. */
static bool scope_fits(const struct object_verify *verify, const struct object_predicate *row, bool is_first)
{
	bool is_scope = verify->has_scope && row->test == IR_SCOPED && !row->extra;

	return is_scope == (verify->has_scope && is_first);
}

static bool call_predicates_fit(const struct object_verify *verify, const struct object_hook *hook,
				struct object_range range)
{
	if (verify->has_scope && !range.count)
		return false;
	for (uint32_t n = 0; n < range.count; n++) {
		struct object_predicate row;

		verify_get(verify, OBJECT_PREDICATES, range.first + n, &row);
		if (row.subject == IR_RETURN || row.test == IR_NEVER || !predicate_fits(verify, hook, &row) ||
		    !scope_fits(verify, &row, !n) ||
		    (row.test == IR_HOLDS && !condition_fits(verify, hook, row.extra)))
			return false;
	}
	return true;
}

/* Expressions may stand on returns, too. */
static bool return_predicates_fit(const struct object_verify *verify, const struct object_hook *hook,
				  struct object_range range)
{
	for (uint32_t n = 0; n < range.count; n++) {
		struct object_predicate row;

		verify_get(verify, OBJECT_PREDICATES, range.first + n, &row);
		if ((row.subject != IR_RETURN && row.subject != IR_EXPRESSION) || !predicate_fits(verify, hook, &row) ||
		    (row.test == IR_HOLDS && !condition_fits(verify, hook, row.extra)))
			return false;
	}
	return true;
}

/* ---- Actions ---- */

static bool position_fits(const struct object_hook *hook, const struct object_action *action, int id)
{
	bool has_position = id == ACTION_TRACK_SOCK || id == ACTION_UNTRACK_SOCK || id == ACTION_SET;

	return !has_position || (action->argument >= -1 && action->argument < (int32_t)hook->arguments.count);
}

/* On returns Tetragon takes more than has an effect. */
static bool call_action_fits(const struct object_verify *verify, int kind, const struct object_action *action, int id)
{
	if (!(action_rows[id].hooks >> kind & 1) || (action_rows[id].enforces && !verify->enforces))
		return false;
	return id != ACTION_OVERRIDE || kind != HOOK_LSM || (action->argument <= 0 && action->argument >= -LIMIT_ERRNO);
}

static bool actions_fit(const struct object_verify *verify, const struct object_hook *hook, struct object_range range,
			bool (*fits)(const struct object_verify *, int, const struct object_action *, int))
{
	const int kind = hook_by_wire((int)hook->kind);

	for (uint32_t n = 0; n < range.count; n++) {
		struct object_action action;
		int id;

		verify_get(verify, OBJECT_ACTIONS, range.first + n, &action);
		id = action_by_wire(action.op);
		if (!position_fits(hook, &action, id) || (fits && !fits(verify, kind, &action, id)))
			return false;
	}
	return true;
}

/* ---- Selectors: they keep the order in which they were written, and their numbers ---- */

bool verify_selectors_fit(const struct object_verify *verify, const struct object_hook *hook)
{
	uint32_t next = 0, written = hook->selectors_written ? hook->selectors_written : 1;

	for (uint32_t n = 0; n < hook->selectors.count; n++) {
		struct object_selector selector;

		verify_get(verify, OBJECT_SELECTORS, hook->selectors.first + n, &selector);
		if (selector.index < next || selector.index >= written ||
		    !call_predicates_fit(verify, hook, selector.predicates) ||
		    !return_predicates_fit(verify, hook, selector.return_predicates) ||
		    !actions_fit(verify, hook, selector.actions, call_action_fits) ||
		    !actions_fit(verify, hook, selector.return_actions, NULL))
			return false;
		next = selector.index + 1;
	}
	return true;
}

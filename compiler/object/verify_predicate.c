// SPDX-License-Identifier: Apache-2.0
/* verify_predicate.c - records of predicates, conditions, sets and workloads; see verify.h. */
#include "compiler/object/verify.h"

#include "bpf-templates/abi.h"
#include "compiler/base/path_glob.h"

/* ---- Predicates ---- */

/* Where the members of a test are; STRINGS for those that have none. */
static enum object_section_id members_of(uint8_t test)
{
	switch (test) {
	case IR_INTERVALS:
	case IR_HOST:
		return OBJECT_INTERVALS;
	case IR_STRINGS:
	case IR_SUBSTRINGS:
		return OBJECT_PATTERNS;
	case IR_NETWORKS:
		return OBJECT_NETWORKS;
	default:
		return OBJECT_STRINGS;
	}
}

/* Beside the host there need be no numbers. */
static bool members_are_valid(struct object_verify *verify, const struct object_predicate *row)
{
	enum object_section_id members = members_of(row->test);

	if (members == OBJECT_STRINGS)
		return range_is_none(row->members);
	return (row->members.count || row->test == IR_HOST) && verify_take(verify, members, row->members);
}

static bool may_be_negated(uint8_t test)
{
	return (test >= IR_INTERVALS && test <= IR_NETWORKS) || test == IR_HOST || test == IR_SUBSTRINGS;
}

static bool flags_are_valid(const struct object_predicate *row)
{
	uint32_t known = may_be_negated(row->test) ? OBJECT_PREDICATE_NEGATED : 0;

	if (row->subject == IR_PID || row->subject == IR_CAPABILITIES || row->subject == IR_CAPABILITY_CHANGES)
		known |= OBJECT_PREDICATE_IN_NAMESPACE;
	if (row->subject == IR_PID || row->subject == IR_BINARY || row->subject == IR_PARENT)
		known |= OBJECT_PREDICATE_FOLLOWS;
	return !(row->flags & ~known);
}

/* The scope of the policy is the first of all, and was taken with it; every other one has a predicate to itself. */
static bool workloads_are_valid(struct object_verify *verify, uint32_t n)
{
	return (verify->has_scope && !n) || verify_take(verify, OBJECT_WORKLOADS, (struct object_range){ n, 1 });
}

static bool extra_is_valid(struct object_verify *verify, const struct object_predicate *row)
{
	switch (row->test) {
	case IR_GAINED:		/* a position, which verify_fit.c looks at */
		return true;
	case IR_SCOPED:
		return workloads_are_valid(verify, row->extra);
	case IR_HOLDS:
		return verify_take(verify, OBJECT_CONDITIONS, (struct object_range){ row->extra, 1 });
	default:
		return !row->extra;
	}
}

static bool row_is_valid(struct object_verify *verify, const struct object_predicate *row)
{
	bool has_mask = row->test == IR_MASK || row->test == IR_OTHERS;

	return row->subject >= IR_ARGUMENT && row->subject < IR_SUBJECT_END && row->test >= IR_NEVER &&
	       row->test <= IR_OPAQUE && row->facet < IR_FACET_COUNT && !row->reserved && flags_are_valid(row) &&
	       has_mask >= (row->mask != 0) &&
	       (row->test != IR_MASK || row->mask) && row->written.count <= LIMIT_SELECTOR_FILTERS &&
	       verify_take(verify, OBJECT_WRITTEN, row->written) && members_are_valid(verify, row) &&
	       extra_is_valid(verify, row);
}

bool predicate_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_predicate row;

	verify_get(verify, section, n, &row);
	return row.written.count && row_is_valid(verify, &row);
}

/* What a condition asks is of an argument, and has a set. */
bool asked_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_predicate row;

	verify_get(verify, section, n, &row);
	return row.subject == IR_ARGUMENT && row.test <= IR_SUBSTRINGS && row_is_valid(verify, &row);
}

bool written_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_written row;

	verify_get(verify, section, n, &row);
	return operator_by_wire(row.op) >= 0 && !row.reserved && verify_take(verify, OBJECT_VALUES, row.values);
}

/* ---- Conditions ---- */

/* How many words an operation takes from the stack; each leaves one. */
static int operands_of(uint8_t op)
{
	switch (op) {
	case IR_WORD_NUMBER:
	case IR_WORD_ARGUMENT:
		return 0;
	case IR_WORD_NOT:
	case IR_WORD_NEGATE:
	case IR_WORD_CAST:
		return 1;
	default:
		return 2;
	}
}

/* The stack neither runs empty nor over, and one number is left. */
static bool words_are_valid(const struct object_verify *verify, struct object_range words)
{
	int depth = 0;

	if (!words.count || words.count > IR_WORDS_MAX)
		return false;
	for (uint32_t n = 0; n < words.count; n++) {
		struct object_word word;

		verify_get(verify, OBJECT_WORDS, words.first + n, &word);
		depth -= operands_of(word.op);
		if (depth < 0 || ++depth > IR_STACK_MAX)
			return false;
	}
	return depth == 1;
}

/* Conditions come level by level: those behind `next` have no owner yet.  Bounds how deep readers will go. */
static bool level_is_valid(struct object_verify *verify, uint32_t n)
{
	if (n >= verify->next[OBJECT_CONDITIONS])
		return false;
	if (n == verify->level_end || !n) {
		verify->level += n > 0;
		verify->level_end = verify->next[OBJECT_CONDITIONS];
	}
	return verify->level < LIMIT_EXPRESSION_NODES;
}

bool condition_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_condition row;

	verify_get(verify, section, n, &row);
	if (!level_is_valid(verify, n) || row.negated > 1 || row.reserved[0] || row.reserved[1] ||
	    (row.kind == IR_ASK) != (row.predicate != OBJECT_ABSENT))
		return false;
	switch (row.kind) {
	case IR_ALL:
	case IR_ANY:
		return range_is_none(row.words) && verify_take(verify, OBJECT_CONDITIONS, row.parts);
	case IR_ASK:
		return range_is_none(row.parts) && range_is_none(row.words) && !row.negated &&
		       verify_take(verify, OBJECT_ASKED, (struct object_range){ row.predicate, 1 });
	case IR_COMPARE:
		return range_is_none(row.parts) && verify_take(verify, OBJECT_WORDS, row.words) &&
		       words_are_valid(verify, row.words);
	default:
		return false;
	}
}

bool word_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_word row;

	verify_get(verify, section, n, &row);
	for (size_t i = 0; i < sizeof(row.reserved); i++)
		if (row.reserved[i])
			return false;
	return row.op >= IR_WORD_NUMBER && row.op <= IR_WORD_LESS_EQUAL && row.type >= IR_INT32 && row.type <= IR_BOOL &&
	       (row.op <= IR_WORD_ARGUMENT || !row.number);
}

/* ---- Sets ---- */

bool interval_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_interval row;

	verify_get(verify, section, n, &row);
	return row.low <= row.high;
}

static bool glob_is_valid(struct object_verify *verify, struct object_text text)
{
	struct arena arena = { 0 };
	struct path_glob glob;
	const bool is_valid = !path_glob_read(verify_text_bytes(verify, text), text.length, &arena, &glob);

	arena_release(&arena);
	return is_valid;
}

bool pattern_row_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_pattern row;

	verify_get(verify, section, n, &row);
	return row.kind >= ABI_STRING_EXACT && row.kind <= ABI_GLOB &&
	       (row.text.length || row.kind == ABI_STRING_EXACT) && text_is_valid(verify, row.text) &&
	       row.text.length <= ABI_PATTERN_MAX && (row.kind != ABI_GLOB || glob_is_valid(verify, row.text));
}

/* Bits behind the prefix are 0. */
bool network_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_network row;

	verify_get(verify, section, n, &row);
	if (!(row.family == 4 && row.prefix <= 32) && !(row.family == 6 && row.prefix <= 128))
		return false;
	for (unsigned int bit = row.prefix; bit < 8 * sizeof(row.address); bit++)
		if (row.address[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

/* ---- Workloads ---- */

/* Pods and containers stand together; what is left out beside the other has its own, which asks for nothing. */
bool workloads_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	const uint32_t in_pods = OBJECT_WORKLOADS_POD | OBJECT_WORKLOADS_CONTAINER;
	struct object_workloads row;
	uint32_t inside, count;

	verify_get(verify, section, n, &row);
	inside = row.flags & in_pods;
	count = (inside ? 2 : 0) + (row.flags & OBJECT_WORKLOADS_HOST ? 1 : 0);
	return row.flags && !(row.flags & ~(in_pods | OBJECT_WORKLOADS_HOST)) && (!inside || inside == in_pods) &&
	       row.selectors.count == count && verify_take(verify, OBJECT_LABEL_SELECTORS, row.selectors);
}

bool label_selector_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_label_selector row;

	verify_get(verify, section, n, &row);
	return verify_take(verify, OBJECT_LABELS, row.labels) &&
	       verify_take(verify, OBJECT_LABEL_EXPRESSIONS, row.expressions);
}

bool label_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_label row;

	verify_get(verify, section, n, &row);
	return line_is_valid(verify, row.key) && line_is_valid(verify, row.value);
}

bool label_expression_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_label_expression row;
	const char *word;

	verify_get(verify, section, n, &row);
	return line_is_valid(verify, row.key) && row.op <= UINT8_MAX &&
	       words_at(kind_rows[KIND_LABEL_OPERATOR].words, row.op, &word) &&
	       verify_take(verify, OBJECT_LABEL_VALUES, row.values);
}

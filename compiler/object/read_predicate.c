// SPDX-License-Identifier: Apache-2.0
/* read_predicate.c - predicates with their sets, conditions and workloads; see reader.h. */
#include "compiler/object/reader.h"

#include <string.h>

/* ---- Sets ---- */

static void read_intervals(const struct reader *reader, struct object_range range, struct ir_predicate *ret)
{
	ret->intervals.items = arena_array(reader->arena, struct ir_interval, range.count);
	ret->intervals.count = range.count;
	for (uint32_t n = 0; n < range.count; n++) {
		struct object_interval row;

		GET(reader, INTERVALS, range.first + n, &row);
		ret->intervals.items[n] = (struct ir_interval){ row.low, row.high };
	}
}

static void read_patterns(const struct reader *reader, struct object_range range, struct ir_predicate *ret)
{
	ret->patterns.items = arena_array(reader->arena, struct ir_pattern, range.count);
	ret->patterns.count = range.count;
	for (uint32_t n = 0; n < range.count; n++) {
		struct object_pattern row;

		GET(reader, PATTERNS, range.first + n, &row);
		ret->patterns.items[n] = (struct ir_pattern){ row.kind, row.text.length,
							      read_text(reader, row.text).bytes };
	}
}

static void read_networks(const struct reader *reader, struct object_range range, struct ir_predicate *ret)
{
	ret->networks.items = arena_array(reader->arena, struct ir_network, range.count);
	ret->networks.count = range.count;
	for (uint32_t n = 0; n < range.count; n++) {
		struct object_network row;

		GET(reader, NETWORKS, range.first + n, &row);
		ret->networks.items[n].family = row.family;
		ret->networks.items[n].prefix = row.prefix;
		memcpy(ret->networks.items[n].address, row.address, sizeof(row.address));
	}
}

static void read_members(const struct reader *reader, struct object_range range, struct ir_predicate *ret)
{
	switch (ret->test) {
	case IR_INTERVALS:
	case IR_HOST:
		read_intervals(reader, range, ret);
		break;
	case IR_STRINGS:
	case IR_SUBSTRINGS:
		read_patterns(reader, range, ret);
		break;
	case IR_NETWORKS:
		read_networks(reader, range, ret);
		break;
	default:
		break;
	}
}

/* ---- Predicates ---- */

static struct ir_written_list read_written(const struct reader *reader, struct object_range range)
{
	struct ir_written_list list = { arena_array(reader->arena, struct ir_written, range.count), range.count };

	for (uint32_t n = 0; n < range.count; n++) {
		struct object_written row;

		GET(reader, WRITTEN, range.first + n, &row);
		list.items[n] = (struct ir_written){ read_place(row.at),
						     (enum operator_id)operator_by_wire(row.op),
						     read_texts(reader, OBJECT_VALUES, row.values) };
	}
	return list;
}

static void read_predicate(const struct reader *reader, enum object_section_id section, uint32_t n,
			   struct ir_predicate *ret)
{
	struct object_predicate row;

	reader_get(reader, section, sizeof(row), n, &row);
	*ret = (struct ir_predicate){
		.at = read_place(row.at),
		.subject = (enum ir_subject)row.subject,
		.position = row.position,
		.facet = (enum ir_facet)row.facet,
		.in_namespace = row.flags & OBJECT_PREDICATE_IN_NAMESPACE,
		.follows = row.flags & OBJECT_PREDICATE_FOLLOWS,
		.other = row.test == IR_GAINED ? row.extra : 0,
		.workloads = row.test == IR_SCOPED ? &reader->workloads[row.extra] : NULL,
		.condition = row.test == IR_HOLDS ? &reader->conditions[row.extra] : NULL,
		.test = (enum ir_test)row.test,
		.negated = row.flags & OBJECT_PREDICATE_NEGATED,
		.mask = row.mask,
		.written = read_written(reader, row.written),
	};
	read_members(reader, row.members, ret);
}

struct ir_predicate_list read_predicates(const struct reader *reader, struct object_range range)
{
	struct ir_predicate_list list = { arena_array(reader->arena, struct ir_predicate, range.count), range.count };

	for (uint32_t n = 0; n < range.count; n++)
		read_predicate(reader, OBJECT_PREDICATES, range.first + n, &list.items[n]);
	return list;
}

/* ---- Conditions: parts are there already, behind their owner ---- */

static void read_words(const struct reader *reader, struct object_range range, struct ir_condition *ret)
{
	ret->words = arena_array(reader->arena, struct ir_word, range.count);
	ret->word_count = range.count;
	for (uint32_t n = 0; n < range.count; n++) {
		struct object_word row;

		GET(reader, WORDS, range.first + n, &row);
		ret->words[n] = (struct ir_word){ (enum ir_word_op)row.op, (enum ir_word_type)row.type, row.number };
	}
}

static void read_condition(const struct reader *reader, uint32_t n, struct ir_condition *ret)
{
	struct object_condition row;

	GET(reader, CONDITIONS, n, &row);
	*ret = (struct ir_condition){ .kind = (enum ir_condition_kind)row.kind, .negated = row.negated };
	if (row.kind == IR_ASK) {
		ret->predicate = &reader->asked[row.predicate];
	} else if (row.kind == IR_COMPARE) {
		read_words(reader, row.words, ret);
	} else {
		ret->parts = row.parts.count ? &reader->conditions[row.parts.first] : NULL;
		ret->count = row.parts.count;
	}
}

/* ---- Workloads ---- */

static struct policy_label_list read_labels(const struct reader *reader, struct object_range range)
{
	struct policy_label_list list = { arena_array(reader->arena, struct policy_label, range.count), range.count };

	for (uint32_t n = 0; n < range.count; n++) {
		struct object_label row;

		GET(reader, LABELS, range.first + n, &row);
		list.items[n] = (struct policy_label){ read_text(reader, row.key), read_text(reader, row.value) };
	}
	return list;
}

static struct policy_label_expression_list read_expressions(const struct reader *reader, struct object_range range)
{
	struct policy_label_expression_list list = {
		arena_array(reader->arena, struct policy_label_expression, range.count), range.count
	};

	for (uint32_t n = 0; n < range.count; n++) {
		struct object_label_expression row;

		GET(reader, LABEL_EXPRESSIONS, range.first + n, &row);
		list.items[n].key = read_text(reader, row.key);
		list.items[n].op = row.op;
		list.items[n].values = read_texts(reader, OBJECT_LABEL_VALUES, row.values);
	}
	return list;
}

struct policy_label_selector *read_label_selector(const struct reader *reader, uint32_t n)
{
	struct policy_label_selector *selector = arena_new(reader->arena, struct policy_label_selector);
	struct object_label_selector row;

	GET(reader, LABEL_SELECTORS, n, &row);
	selector->labels = read_labels(reader, row.labels);
	selector->expressions = read_expressions(reader, row.expressions);
	return selector;
}

static void read_workloads(const struct reader *reader, uint32_t n, struct policy_workloads *ret)
{
	struct policy_label_selector **const members[] = { &ret->pod, &ret->container, &ret->host };
	struct object_workloads row;

	GET(reader, WORKLOADS, n, &row);
	for (unsigned i = 0; i < 3; i++)
		if (row.flags & OBJECT_WORKLOADS_POD << i)
			*members[i] = read_label_selector(reader, row.selectors.first++);
}

/* ---- The sections that predicates point into ---- */

void read_shared(struct reader *reader)
{
	const struct object_section *sections = reader->header.sections;

	reader->asked = arena_array(reader->arena, struct ir_predicate, sections[OBJECT_ASKED].count);
	reader->conditions = arena_array(reader->arena, struct ir_condition, sections[OBJECT_CONDITIONS].count);
	reader->workloads = arena_array(reader->arena, struct policy_workloads, sections[OBJECT_WORKLOADS].count);
	for (uint32_t n = 0; n < sections[OBJECT_ASKED].count; n++)
		read_predicate(reader, OBJECT_ASKED, n, &reader->asked[n]);
	for (uint32_t n = 0; n < sections[OBJECT_CONDITIONS].count; n++)
		read_condition(reader, n, &reader->conditions[n]);
	for (uint32_t n = 0; n < sections[OBJECT_WORKLOADS].count; n++)
		read_workloads(reader, n, &reader->workloads[n]);
}

// SPDX-License-Identifier: Apache-2.0
/* write_predicate.c - predicates with their sets, conditions and workloads; see writer.h. */
#include "compiler/object/writer.h"

#include <string.h>

/* ---- Sets ---- */

static struct object_range write_intervals(struct writer *writer, const struct ir_interval_list *list)
{
	struct object_range range = { COUNT(writer, INTERVALS, struct object_interval), (uint32_t)list->count };

	for (size_t n = 0; n < list->count; n++) {
		struct object_interval one = { list->items[n].low, list->items[n].high };

		ADD(writer, INTERVALS, one);
	}
	return range;
}

static struct object_range write_patterns(struct writer *writer, const struct ir_pattern_list *list)
{
	struct object_range range = { COUNT(writer, PATTERNS, struct object_pattern), (uint32_t)list->count };

	for (size_t n = 0; n < list->count; n++) {
		const struct ir_pattern *pattern = &list->items[n];
		struct object_pattern one = { pattern->kind, write_bytes(writer, pattern->bytes, pattern->length) };

		ADD(writer, PATTERNS, one);
	}
	return range;
}

static struct object_range write_networks(struct writer *writer, const struct ir_network_list *list)
{
	struct object_range range = { COUNT(writer, NETWORKS, struct object_network), (uint32_t)list->count };

	for (size_t n = 0; n < list->count; n++) {
		struct object_network one = { list->items[n].family, list->items[n].prefix, { 0 } };

		memcpy(one.address, list->items[n].address, sizeof(one.address));
		ADD(writer, NETWORKS, one);
	}
	return range;
}

static struct object_range write_members(struct writer *writer, const struct ir_predicate *predicate)
{
	switch (predicate->test) {
	case IR_INTERVALS:
	case IR_HOST:
		return write_intervals(writer, &predicate->intervals);
	case IR_STRINGS:
	case IR_SUBSTRINGS:
		return write_patterns(writer, &predicate->patterns);
	case IR_NETWORKS:
		return write_networks(writer, &predicate->networks);
	default:
		return (struct object_range){ 0, 0 };
	}
}

/* ---- Workloads ---- */

static void write_expression(struct writer *writer, const struct policy_label_expression *expression)
{
	struct object_label_expression record = {
		.key = write_text(writer, &expression->key),
		.op = expression->op,
		.values = write_texts(writer, OBJECT_LABEL_VALUES, &expression->values),
	};

	ADD(writer, LABEL_EXPRESSIONS, record);
}

void write_label_selector(struct writer *writer, const struct policy_label_selector *selector)
{
	struct object_label_selector record = {
		.labels = { COUNT(writer, LABELS, struct object_label), (uint32_t)selector->labels.count },
		.expressions = { COUNT(writer, LABEL_EXPRESSIONS, struct object_label_expression),
				 (uint32_t)selector->expressions.count },
	};

	for (size_t n = 0; n < selector->labels.count; n++) {
		struct object_label label = { write_text(writer, &selector->labels.items[n].key),
					      write_text(writer, &selector->labels.items[n].value) };

		ADD(writer, LABELS, label);
	}
	for (size_t n = 0; n < selector->expressions.count; n++)
		write_expression(writer, &selector->expressions.items[n]);
	ADD(writer, LABEL_SELECTORS, record);
}

void write_workloads(struct writer *writer, const struct policy_workloads *workloads)
{
	const struct policy_label_selector *const selectors[] = { workloads->pod, workloads->container, workloads->host };
	struct object_workloads record = {
		.selectors = { COUNT(writer, LABEL_SELECTORS, struct object_label_selector), 0 },
	};

	for (unsigned n = 0; n < 3; n++) {
		if (!selectors[n])
			continue;
		record.flags |= OBJECT_WORKLOADS_POD << n;
		record.selectors.count++;
		write_label_selector(writer, selectors[n]);
	}
	ADD(writer, WORKLOADS, record);
}

/* The scope of the policy is there already. */
static uint32_t workloads_of(struct writer *writer, const struct ir_predicate *predicate)
{
	uint32_t number = COUNT(writer, WORKLOADS, struct object_workloads);

	if (predicate->workloads == writer->policy->scope)
		return 0;
	write_workloads(writer, predicate->workloads);
	return number;
}

/* ---- Predicates ---- */

static void write_written(struct writer *writer, const struct ir_written *written)
{
	struct object_written record = {
		.at = write_place(writer, &written->at),
		.op = operator_rows[written->op].wire,
		.values = write_texts(writer, OBJECT_VALUES, &written->values),
	};

	ADD(writer, WRITTEN, record);
}

static uint32_t queue_condition(struct writer *writer, const struct ir_condition *condition)
{
	writer->conditions = arena_grow(&writer->arena, writer->conditions, writer->condition_count,
					&writer->condition_room, sizeof(struct ir_condition *));
	writer->conditions[writer->condition_count] = condition;
	return (uint32_t)writer->condition_count++;
}

static uint32_t extra_of(struct writer *writer, const struct ir_predicate *predicate)
{
	switch (predicate->test) {
	case IR_GAINED:
		return predicate->other;
	case IR_SCOPED:
		return workloads_of(writer, predicate);
	case IR_HOLDS:
		return queue_condition(writer, predicate->condition);
	default:
		return 0;
	}
}

static struct object_predicate write_predicate(struct writer *writer, const struct ir_predicate *predicate)
{
	struct object_predicate record = {
		.at = write_place(writer, &predicate->at),
		.subject = (uint8_t)predicate->subject,
		.test = (uint8_t)predicate->test,
		.facet = (uint8_t)predicate->facet,
		.flags = (uint8_t)((predicate->negated ? OBJECT_PREDICATE_NEGATED : 0) |
				   (predicate->in_namespace ? OBJECT_PREDICATE_IN_NAMESPACE : 0) |
				   (predicate->follows ? OBJECT_PREDICATE_FOLLOWS : 0)),
		.position = predicate->position,
		.mask = predicate->mask,
		.members = write_members(writer, predicate),
		.written = { COUNT(writer, WRITTEN, struct object_written), (uint32_t)predicate->written.count },
		.extra = extra_of(writer, predicate),
	};

	writer->is_too_large |= predicate->written.count > LIMIT_SELECTOR_FILTERS;
	for (size_t n = 0; n < predicate->written.count; n++)
		write_written(writer, &predicate->written.items[n]);
	return record;
}

struct object_range write_predicates(struct writer *writer, const struct ir_predicate_list *predicates)
{
	struct object_range range = { COUNT(writer, PREDICATES, struct object_predicate), (uint32_t)predicates->count };

	writer->is_too_large |= predicates->count > LIMIT_SELECTOR_FILTERS;
	for (size_t n = 0; n < predicates->count; n++) {
		struct object_predicate record = write_predicate(writer, &predicates->items[n]);

		ADD(writer, PREDICATES, record);
	}
	return range;
}

/* ---- Conditions ---- */

static void write_words(struct writer *writer, const struct ir_condition *condition)
{
	for (size_t n = 0; n < condition->word_count; n++) {
		struct object_word word = { .op = (uint8_t)condition->words[n].op, .type = (uint8_t)condition->words[n].type,
					    .number = condition->words[n].number };

		ADD(writer, WORDS, word);
	}
}

/* What each kind has not is 0, or absent. */
static void write_condition(struct writer *writer, const struct ir_condition *condition)
{
	struct object_condition record = {
		.kind = (uint8_t)condition->kind, .negated = condition->negated, .predicate = OBJECT_ABSENT,
	};
	struct object_predicate asked;

	if (condition->kind == IR_ASK) {
		record.predicate = COUNT(writer, ASKED, struct object_predicate);
		asked = write_predicate(writer, condition->predicate);
		ADD(writer, ASKED, asked);
	} else if (condition->kind == IR_COMPARE) {
		record.words = (struct object_range){ COUNT(writer, WORDS, struct object_word), (uint32_t)condition->word_count };
		write_words(writer, condition);
	} else {
		record.parts = (struct object_range){ (uint32_t)writer->condition_count, (uint32_t)condition->count };
		for (size_t n = 0; n < condition->count; n++)
			queue_condition(writer, &condition->parts[n]);
	}
	ADD(writer, CONDITIONS, record);
}

/* Breadth first: parts come behind whatever was there when their owner is written. */
void write_queued_conditions(struct writer *writer)
{
	for (size_t n = 0; n < writer->condition_count; n++)
		write_condition(writer, writer->conditions[n]);
}

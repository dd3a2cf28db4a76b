// SPDX-License-Identifier: Apache-2.0
/* ir.c - what predicates look at, and whether two of them ask the same; see ir.h. */
#include "compiler/selector/ir.h"

#include <inttypes.h>
#include <string.h>


const struct ir_subject_row ir_subject_rows[IR_SUBJECT_END] = {
#define SUBJECT(id, name, wire, quantity, says, any, none) [wire] = { name, IR_##quantity, says, any, none },
#include "schema/subjects.def"
#undef SUBJECT
};

/* ---- Numbers ---- */

#define SIGNED_KEYS(bits) { (1ULL << 63) - (1ULL << ((bits) - 1)), (1ULL << 63) + ((1ULL << ((bits) - 1)) - 1) }
#define UNSIGNED_KEYS(bits) { 0, UINT64_MAX >> (64 - (bits)) }

const struct ir_argument *ir_predicate_argument(const struct ir_hook *hook, const struct ir_predicate *predicate)
{
	switch (predicate->subject) {
	case IR_ARGUMENT:
		return &hook->arguments.items[predicate->position];
	case IR_DATA:
		return &hook->data.items[predicate->position];
	case IR_RETURN:
		return hook->return_argument;
	default:
		return NULL;
	}
}

/* ---- Facets ---- */

const char *const ir_facet_names[IR_FACET_COUNT] = {
	[IR_VALUE] = "value", [IR_ADDRESS] = "address", [IR_DESTINATION] = "destination", [IR_PORT] = "port",
	[IR_DESTINATION_PORT] = "destination-port", [IR_PROTOCOL] = "protocol", [IR_FAMILY] = "family",
	[IR_STATE] = "state", [IR_FILE_TYPE] = "file-type",
};

/* Of those that are numbers. */
static const struct ir_interval facet_keys[IR_FACET_COUNT] = {
	[IR_PORT] = UNSIGNED_KEYS(16), [IR_DESTINATION_PORT] = UNSIGNED_KEYS(16), [IR_PROTOCOL] = UNSIGNED_KEYS(16),
	[IR_FAMILY] = UNSIGNED_KEYS(16), [IR_STATE] = UNSIGNED_KEYS(8), [IR_FILE_TYPE] = UNSIGNED_KEYS(16),
};

/* By the positive operator. */
static const uint8_t operator_facets[OPERATOR_COUNT] = {
	[OPERATOR_SADDR] = IR_ADDRESS, [OPERATOR_DADDR] = IR_DESTINATION,
	[OPERATOR_SPORT] = IR_PORT, [OPERATOR_SPORT_PRIV] = IR_PORT,
	[OPERATOR_DPORT] = IR_DESTINATION_PORT, [OPERATOR_DPORT_PRIV] = IR_DESTINATION_PORT,
	[OPERATOR_PROTOCOL] = IR_PROTOCOL, [OPERATOR_FAMILY] = IR_FAMILY, [OPERATOR_STATE] = IR_STATE,
	[OPERATOR_FILE_TYPE] = IR_FILE_TYPE,
};

enum ir_facet ir_operator_facet(enum operator_id op)
{
	int positive = operator_rows[op].negates;

	return operator_facets[positive >= 0 ? positive : (int)op];
}

/* ---- Domains ---- */

static struct ir_domain type_domain(const struct type_row *type)
{
	unsigned bits = type->bits ? type->bits : 64;	/* sets of capabilities are 64 bits */

	if (type->class == CLASS_SIGNED)
		return (struct ir_domain){ true, SIGNED_KEYS(bits) };
	return (struct ir_domain){ false, UNSIGNED_KEYS(bits) };
}

struct ir_domain ir_domain_of(enum ir_subject subject, enum ir_facet facet, const struct type_row *type)
{
	const struct ir_domain all = { false, { 0, UINT64_MAX } };
	const struct ir_domain id = { false, UNSIGNED_KEYS(32) };

	if (type && facet != IR_VALUE)
		return facet_keys[facet].high ? (struct ir_domain){ false, facet_keys[facet] } : all;
	if (type)
		return type_domain(type);
	return subject == IR_PID || subject == IR_NAMESPACE ? id : all;
}

struct ir_domain ir_predicate_domain(const struct ir_hook *hook, const struct ir_predicate *predicate)
{
	const struct ir_argument *argument = ir_predicate_argument(hook, predicate);

	return ir_domain_of(predicate->subject, predicate->facet, argument ? &type_rows[argument->type] : NULL);
}

/* ---- Comparing ---- */

static bool intervals_equal(const struct ir_interval_list *a, const struct ir_interval_list *b)
{
	return a->count == b->count &&
	       (!a->count || !memcmp(a->items, b->items, a->count * sizeof(*a->items)));
}

static bool patterns_equal(const struct ir_pattern_list *a, const struct ir_pattern_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t n = 0; n < a->count; n++) {
		const struct ir_pattern *x = &a->items[n], *y = &b->items[n];

		if (x->kind != y->kind || x->length != y->length ||
		    (x->length && memcmp(x->bytes, y->bytes, x->length)))
			return false;
	}
	return true;
}

static bool networks_equal(const struct ir_network_list *a, const struct ir_network_list *b)
{
	return a->count == b->count &&
	       (!a->count || !memcmp(a->items, b->items, a->count * sizeof(*a->items)));
}

static bool text_equal(const struct text *a, const struct text *b)
{
	return a->length == b->length && (!a->length || !memcmp(a->bytes, b->bytes, a->length));
}

static bool texts_equal(const struct text_list *a, const struct text_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t n = 0; n < a->count; n++)
		if (!text_equal(&a->items[n], &b->items[n]))
			return false;
	return true;
}

static bool labels_equal(const struct policy_label_list *a, const struct policy_label_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t n = 0; n < a->count; n++)
		if (!text_equal(&a->items[n].key, &b->items[n].key) || !text_equal(&a->items[n].value, &b->items[n].value))
			return false;
	return true;
}

static bool label_selectors_equal(const struct policy_label_selector *a, const struct policy_label_selector *b)
{
	if (!a || !b)
		return a == b;
	if (!labels_equal(&a->labels, &b->labels) || a->expressions.count != b->expressions.count)
		return false;
	for (size_t n = 0; n < a->expressions.count; n++) {
		const struct policy_label_expression *x = &a->expressions.items[n], *y = &b->expressions.items[n];

		if (x->op != y->op || !text_equal(&x->key, &y->key) || !texts_equal(&x->values, &y->values))
			return false;
	}
	return true;
}

static bool workloads_equal(const struct policy_workloads *a, const struct policy_workloads *b)
{
	if (!a || !b)
		return a == b;
	return label_selectors_equal(a->pod, b->pod) && label_selectors_equal(a->container, b->container) &&
	       label_selectors_equal(a->host, b->host);
}

static bool words_equal(const struct ir_condition *a, const struct ir_condition *b)
{
	if (a->word_count != b->word_count)
		return false;
	for (size_t n = 0; n < a->word_count; n++)
		if (a->words[n].op != b->words[n].op || a->words[n].type != b->words[n].type ||
		    a->words[n].number != b->words[n].number)
			return false;
	return true;
}

/* As deep as an expression is. */
static bool conditions_equal(const struct ir_condition *a, const struct ir_condition *b)
{
	if (!a || !b)
		return a == b;
	if (a->kind != b->kind || a->negated != b->negated || a->count != b->count || !words_equal(a, b) ||
	    !a->predicate != !b->predicate || (a->predicate && !ir_predicate_equal(a->predicate, b->predicate)))
		return false;
	for (size_t n = 0; n < a->count; n++)
		if (!conditions_equal(&a->parts[n], &b->parts[n]))
			return false;
	return true;
}

/* All that were folded into one are written alike. */
static bool written_equal(const struct ir_predicate *a, const struct ir_predicate *b)
{
	const struct ir_written *x = a->written.items, *y = b->written.items;

	return x->op == y->op && texts_equal(&x->values, &y->values);
}

bool ir_set_equal(const struct ir_predicate *a, const struct ir_predicate *b)
{
	return a->test == b->test && a->mask == b->mask && a->other == b->other &&
	       intervals_equal(&a->intervals, &b->intervals) && patterns_equal(&a->patterns, &b->patterns) &&
	       networks_equal(&a->networks, &b->networks) && workloads_equal(a->workloads, b->workloads) &&
	       conditions_equal(a->condition, b->condition) && (a->test != IR_OPAQUE || written_equal(a, b));
}

bool ir_argument_alike(const struct ir_argument *a, const struct ir_argument *b)
{
	return a->index == b->index && a->folder == b->folder && text_equal(&a->resolve, &b->resolve) && text_equal(&a->btf_type, &b->btf_type) &&
	       text_equal(&a->btf_module, &b->btf_module);
}

bool ir_subject_equal(const struct ir_predicate *a, const struct ir_predicate *b)
{
	return a->subject == b->subject && a->position == b->position && a->facet == b->facet &&
	       a->in_namespace == b->in_namespace && a->follows == b->follows;
}

bool ir_subject_is_one(const struct ir_predicate *predicate)
{
	return !predicate->follows && ir_subject_rows[predicate->subject].quantity == IR_ONE;
}

bool ir_predicate_equal(const struct ir_predicate *a, const struct ir_predicate *b)
{
	return ir_subject_equal(a, b) && a->negated == b->negated && ir_set_equal(a, b);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * predicates.c - what lowering, simplifying and objects make of policies, against the judge.  TAP.
 *
 * predicates [--seeds=N] [--first=SEED] [--events=N]
 *
 * The IR has the whole language, also what is not linked yet: here its predicates are asked one by one, as ir.h says
 * what they mean, of the events of generate.h.  No table, no program: a difference is one of compiler/selector/ or of
 * compiler/object/.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf-templates/abi.h"
#include "compiler/compiler.h"
#include "compiler/object/object.h"
#include "compiler/selector/ir.h"
#include "tests/reference/evaluate.h"
#include "tests/reference/generate.h"
#include "tests/reference/print.h"
#include "tests/reference/shrink.h"

/* What is asked of: an event, and the hook as both sides have it. */
struct asked {
	const struct ir_hook *hook;
	const struct model_hook *model;
	const struct model_event *event;
	bool opaque;		/* set when something was asked that the IR does not know */
};

/* ---- Values ---- */

static const struct model_value *argument_value(const struct asked *asked, uint32_t position)
{
	uint32_t index = asked->hook->arguments.items[position].index;

	for (size_t n = 0; n < asked->event->argument_count; n++)
		if (asked->event->arguments[n].index == index)
			return &asked->event->arguments[n].value;
	return NULL;
}

static const struct model_value *value_of(const struct asked *asked, const struct ir_predicate *predicate, int *type)
{
	switch (predicate->subject) {
	case IR_ARGUMENT:
		*type = asked->model->arguments.items[predicate->position].type;
		return argument_value(asked, predicate->position);
	case IR_DATA:
		*type = asked->model->data.items[predicate->position].type;
		return &asked->event->data[predicate->position];
	default:
		*type = asked->model->return_type;
		return &asked->event->returned;
	}
}

/* ---- Sets ---- */

static enum model_answer number_answer(const struct asked *asked, const struct ir_predicate *predicate, uint64_t number)
{
	uint64_t key = ir_key(number, ir_predicate_domain(asked->hook, predicate).is_signed);

	if (predicate->test == IR_MASK)
		return answer_of(number & predicate->mask);
	for (size_t n = 0; n < predicate->intervals.count; n++)
		if (key >= predicate->intervals.items[n].low && key <= predicate->intervals.items[n].high)
			return ANSWER_YES;
	return ANSWER_NO;
}

static enum model_test test_of(const struct ir_pattern *pattern)
{
	switch (pattern->kind) {
	case ABI_STRING_PREFIX:
		return TEST_PREFIX;
	case ABI_STRING_POSTFIX:
		return TEST_POSTFIX;
	case ABI_SUBSTRING:
		return TEST_SUBSTRING;
	case ABI_SUBSTRING_ANY_CASE:
		return TEST_SUBSTRING_ANY_CASE;
	default:
		return TEST_EQUAL;
	}
}

static enum model_answer string_answer(const struct ir_predicate *predicate, const struct model_value *value, bool of_process)
{
	enum model_answer ret = ANSWER_NO;

	for (size_t n = 0; n < predicate->patterns.count; n++) {
		const struct ir_pattern *pattern = &predicate->patterns.items[n];

		ret = answer_either(ret, evaluate_string(test_of(pattern), value, of_process,
							 (struct model_text){ pattern->bytes, pattern->length }));
	}
	return ret;
}

static enum model_answer network_answer(const struct ir_predicate *predicate, const struct model_value *value)
{
	enum model_answer ret = ANSWER_NO;

	/* That there is no address is unknown, whatever the networks. */
	for (size_t n = 0; n < predicate->networks.count; n++) {
		const struct ir_network *network = &predicate->networks.items[n];
		char text[INET6_ADDRSTRLEN] = "", words[80];

		inet_ntop(network->family == 4 ? AF_INET : AF_INET6, network->address, text, sizeof(text));
		snprintf(words, sizeof(words), "%s/%u", text, network->prefix);
		ret = answer_either(ret, evaluate_address(value, predicate->facet == IR_DESTINATION, model_text(words)));
	}
	return ret;
}

/* ---- Facets ---- */

static const enum model_part facet_parts[IR_FACET_COUNT] = {
	[IR_ADDRESS] = PART_SOURCE, [IR_DESTINATION] = PART_DESTINATION, [IR_PORT] = PART_SOURCE_PORT,
	[IR_DESTINATION_PORT] = PART_DESTINATION_PORT, [IR_PROTOCOL] = PART_PROTOCOL, [IR_FAMILY] = PART_FAMILY,
	[IR_STATE] = PART_STATE,
};

static enum model_answer known_or(bool known, enum model_answer answer)
{
	return known ? answer : ANSWER_UNKNOWN;
}

/* NEVER and READABLE ask for nothing but that it can be read. */
static bool is_of_reading(const struct ir_predicate *predicate)
{
	return predicate->test == IR_NEVER || predicate->test == IR_READABLE;
}

static enum model_answer reading_answer(const struct ir_predicate *predicate)
{
	return answer_of(predicate->test == IR_READABLE);
}

static enum model_answer facet_answer(const struct asked *asked, const struct ir_predicate *predicate,
				      const struct model_value *value)
{
	if (predicate->facet == IR_FILE_TYPE)
		return known_or(value->has_mode, is_of_reading(predicate) ? reading_answer(predicate) :
				number_answer(asked, predicate, value->mode));
	if (is_of_reading(predicate) && (predicate->facet == IR_ADDRESS || predicate->facet == IR_DESTINATION))
		return answer_both(answer_either(reading_answer(predicate), ANSWER_NO),
				   evaluate_address(value, predicate->facet == IR_DESTINATION, model_text("0.0.0.0/0")) ==
				   ANSWER_UNKNOWN ? ANSWER_UNKNOWN : ANSWER_YES);
	if (predicate->test == IR_NETWORKS)
		return network_answer(predicate, value);
	return known_or(value->known[facet_parts[predicate->facet]], is_of_reading(predicate) ? reading_answer(predicate) :
			number_answer(asked, predicate, value->parts[facet_parts[predicate->facet]]));
}

static enum model_answer gained(const struct asked *asked, const struct ir_predicate *predicate,
				const struct model_value *old)
{
	const struct model_value *new = argument_value(asked, predicate->other);

	return known_or(new && new->state == VALUE_READ, answer_of(new && (new->number & ~old->number)));
}

static enum model_answer argument_answer(const struct asked *asked, const struct ir_predicate *predicate)
{
	int type;
	const struct model_value *value = value_of(asked, predicate, &type);
	enum model_class class = model_types[type].class;
	bool is_number = class == MODEL_SIGNED || class == MODEL_UNSIGNED || class == MODEL_SET;

	if (!value || value->state != VALUE_READ)
		return ANSWER_UNKNOWN;
	if (predicate->facet != IR_VALUE)
		return facet_answer(asked, predicate, value);
	if (predicate->test == IR_GAINED)
		return gained(asked, predicate, value);
	if (is_number)
		return is_of_reading(predicate) ? reading_answer(predicate) :
		       number_answer(asked, predicate, class == MODEL_SET ? value->number :
				     (uint64_t)model_number(type, value->number));
	return known_or(value->bytes.bytes, is_of_reading(predicate) ? reading_answer(predicate) :
			string_answer(predicate, value, false));
}

/* ---- Processes ---- */

static enum model_answer relative_answer(const struct asked *asked, const struct ir_predicate *predicate,
					 const struct model_relative *relative)
{
	if (predicate->subject != IR_PID)
		return known_or(relative->has_binary, is_of_reading(predicate) ? reading_answer(predicate) :
				string_answer(predicate, &relative->binary, true));
	if (predicate->in_namespace)
		return known_or(relative->has_namespace_pid, number_answer(asked, predicate, relative->namespace_pid));
	return known_or(relative->has_pid, number_answer(asked, predicate, relative->pid));
}

/* Of the parent the chain begins with it. */
static enum model_answer chain_answer(const struct asked *asked, const struct ir_predicate *predicate)
{
	const struct model_process *process = &asked->event->process;
	bool of_parent = predicate->subject == IR_PARENT;
	enum model_answer ret = !of_parent ? relative_answer(asked, predicate, &process->self) :
				process->ancestor_count ? relative_answer(asked, predicate, &process->ancestors[0]) : ANSWER_UNKNOWN;

	if (!predicate->follows)
		return ret;
	for (size_t n = of_parent; n < process->ancestor_count; n++)
		ret = answer_either(ret, relative_answer(asked, predicate, &process->ancestors[n]));
	return process->ancestors_complete ? ret : answer_either(ret, ANSWER_UNKNOWN);
}

static enum model_answer namespace_answer(const struct asked *asked, const struct ir_predicate *predicate)
{
	const struct model_namespace_fact *space = &asked->event->process.namespaces[predicate->position];
	bool by_host = predicate->test == IR_HOST || predicate->test == IR_STRINGS;

	if (!space->known)
		return ANSWER_UNKNOWN;
	if (is_of_reading(predicate))
		return reading_answer(predicate);
	if (by_host && space->is_host)
		return ANSWER_YES;
	return predicate->test == IR_STRINGS ? ANSWER_NO : number_answer(asked, predicate, space->inode);
}

static enum model_answer changes_answer(const struct asked *asked, const struct ir_predicate *predicate)
{
	const struct model_process *process = &asked->event->process;
	enum model_answer ret = ANSWER_NO;

	for (unsigned n = 0; n < MODEL_NAMESPACES; n++)
		if (predicate->mask >> n & 1)
			ret = answer_either(ret, known_or(process->namespaces[n].known && process->exec_namespaces[n].known,
							  answer_of(process->namespaces[n].inode !=
								    process->exec_namespaces[n].inode)));
	return ret;
}

/* The word of CAPABILITY_SET is Effective, Inheritable or Permitted. */
static const unsigned set_numbers[] = { 1, 2, 0 };

static enum model_answer set_answer(const struct asked *asked, const struct ir_predicate *predicate)
{
	const struct model_process *process = &asked->event->process;
	const struct model_set_fact *now = &process->sets[set_numbers[predicate->position]];
	const struct model_set_fact *then = &process->exec_sets[set_numbers[predicate->position]];
	bool of_changes = predicate->subject == IR_CAPABILITY_CHANGES;
	uint64_t set = of_changes ? now->set ^ then->set : now->set;
	bool holds = predicate->test == IR_OTHERS ? !(set & predicate->mask) && (set & ~predicate->mask) : set & predicate->mask;

	return known_or(now->known && (then->known || !of_changes), answer_of(holds));
}

static struct model_label_selector *labels_of(const struct policy_label_selector *selector)
{
	struct model_label_selector *ret;

	if (!selector)
		return NULL;
	ret = model_allocate(sizeof(*ret));
	ret->items = model_allocate((selector->labels.count + selector->expressions.count) * sizeof(*ret->items));
	for (size_t n = 0; n < selector->labels.count; n++) {
		struct model_requirement *one = &ret->items[ret->count++];

		*one = (struct model_requirement){ .key = { selector->labels.items[n].key.bytes, selector->labels.items[n].key.length } };
		model_texts_add(&one->values, (struct model_text){ selector->labels.items[n].value.bytes,
								   selector->labels.items[n].value.length });
	}
	for (size_t n = 0; n < selector->expressions.count; n++) {
		const struct policy_label_expression *expression = &selector->expressions.items[n];
		struct model_requirement *one = &ret->items[ret->count++];

		*one = (struct model_requirement){ .key = { expression->key.bytes, expression->key.length },
						   .op = (enum model_label_operator)expression->op };
		for (size_t v = 0; v < expression->values.count; v++)
			model_texts_add(&one->values, (struct model_text){ expression->values.items[v].bytes,
									   expression->values.items[v].length });
	}
	return ret;
}

static enum model_answer workloads_answer(const struct asked *asked, const struct ir_predicate *predicate)
{
	const struct policy_workloads *workloads = predicate->workloads;
	struct model_policy policy = { .workloads = { labels_of(workloads->pod), labels_of(workloads->container),
						      labels_of(workloads->host) } };

	return evaluate_scope(&policy, asked->event);
}

/* ---- Conditions ---- */

static uint64_t wrap(enum ir_word_type type, uint64_t number)
{
	return type == IR_INT32 ? (uint64_t)(int64_t)(int32_t)number : type == IR_UINT32 ? (uint32_t)number : number;
}

static bool is_less(enum ir_word_type type, uint64_t a, uint64_t b)
{
	return type == IR_INT32 || type == IR_INT64 ? (int64_t)a < (int64_t)b : a < b;
}

static uint64_t apply(const struct ir_word *word, uint64_t a, uint64_t b)
{
	switch (word->op) {
	case IR_WORD_ADD:
		return wrap(word->type, a + b);
	case IR_WORD_SUBTRACT:
		return wrap(word->type, a - b);
	case IR_WORD_AND:
		return wrap(word->type, a & b);
	case IR_WORD_OR:
		return wrap(word->type, a | b);
	case IR_WORD_XOR:
		return wrap(word->type, a ^ b);
	case IR_WORD_EQUAL:
		return a == b;
	case IR_WORD_LESS:
		return is_less(word->type, a, b);
	default:
		return !is_less(word->type, b, a);
	}
}

static bool compare_holds(const struct asked *asked, const struct ir_condition *condition)
{
	uint64_t stack[IR_WORDS_MAX + 1] = { 0 };
	unsigned top = 0;

	for (size_t n = 0; n < condition->word_count; n++) {
		const struct ir_word *word = &condition->words[n];

		if (word->op == IR_WORD_NUMBER) {
			stack[top++] = wrap(word->type, word->number);
		} else if (word->op == IR_WORD_ARGUMENT) {
			stack[top++] = wrap(word->type, argument_value(asked, (uint32_t)word->number)->number);
		} else if (word->op == IR_WORD_NOT || word->op == IR_WORD_NEGATE || word->op == IR_WORD_CAST) {
			uint64_t a = stack[top - 1];

			stack[top - 1] = wrap(word->type, word->op == IR_WORD_NOT ? ~a : word->op == IR_WORD_NEGATE ? -a : a);
		} else {
			top--;
			stack[top - 1] = apply(word, stack[top - 1], stack[top]);
		}
	}
	return stack[0] == 1;
}

static bool is_readable(const struct asked *asked, uint64_t position)
{
	const struct model_value *value = argument_value(asked, (uint32_t)position);

	return value && value->state == VALUE_READ;
}

static bool names_are_readable(const struct asked *asked, const struct ir_condition *condition)
{
	bool ret = condition->kind != IR_ASK || is_readable(asked, condition->predicate->position);

	for (size_t n = 0; n < condition->count; n++)
		ret &= names_are_readable(asked, &condition->parts[n]);
	for (size_t n = 0; condition->kind == IR_COMPARE && n < condition->word_count; n++)
		ret &= condition->words[n].op != IR_WORD_ARGUMENT || is_readable(asked, condition->words[n].number);
	return ret;
}

static enum model_answer predicate_answer(struct asked *asked, const struct ir_predicate *predicate);

static enum model_answer condition_answer(struct asked *asked, const struct ir_condition *condition)
{
	enum model_answer ret = answer_of(condition->kind == IR_ALL);

	if (condition->kind == IR_ASK)
		return predicate_answer(asked, condition->predicate);
	if (condition->kind == IR_COMPARE)
		return answer_of(compare_holds(asked, condition) != condition->negated);
	for (size_t n = 0; n < condition->count; n++) {
		enum model_answer part = condition_answer(asked, &condition->parts[n]);

		ret = condition->kind == IR_ALL ? answer_both(ret, part) : answer_either(ret, part);
	}
	return condition->negated ? answer_not(ret) : ret;
}

/* ---- Predicates and selectors ---- */

static enum model_answer subject_answer(struct asked *asked, const struct ir_predicate *predicate)
{
	switch (predicate->subject) {
	case IR_PID:
	case IR_BINARY:
	case IR_PARENT:
		return chain_answer(asked, predicate);
	case IR_NAMESPACE:
		return namespace_answer(asked, predicate);
	case IR_NAMESPACE_CHANGES:
		return changes_answer(asked, predicate);
	case IR_CAPABILITIES:
	case IR_CAPABILITY_CHANGES:
		return set_answer(asked, predicate);
	case IR_EXPRESSION:
		return known_or(names_are_readable(asked, predicate->condition), condition_answer(asked, predicate->condition));
	case IR_WORKLOADS:
		return workloads_answer(asked, predicate);
	default:
		return argument_answer(asked, predicate);
	}
}

static enum model_answer predicate_answer(struct asked *asked, const struct ir_predicate *predicate)
{
	const struct model_namespace_fact *spaces = asked->event->process.namespaces;
	const struct model_namespace_fact *outside = &spaces[predicate->subject == IR_PID ? NAMESPACE_PID : NAMESPACE_USER];
	bool of_set = predicate->subject == IR_CAPABILITIES || predicate->subject == IR_CAPABILITY_CHANGES;
	enum model_answer ret;

	if (predicate->test == IR_NEVER)
		return ANSWER_NO;
	if (predicate->test == IR_OPAQUE || (predicate->subject == IR_EXPRESSION && !predicate->condition) ||
	    (predicate->subject == IR_WORKLOADS && !predicate->workloads)) {
		asked->opaque = true;
		return ANSWER_UNKNOWN;
	}
	ret = subject_answer(asked, predicate);
	if (predicate->negated)
		ret = answer_not(ret);
	if (predicate->in_namespace && (of_set || predicate->follows))
		ret = answer_both(ret, known_or(outside->known, answer_of(!outside->is_host)));
	return ret;
}

static enum model_answer all_hold(struct asked *asked, const struct ir_predicate_list *predicates)
{
	enum model_answer ret = ANSWER_YES;

	for (size_t n = 0; n < predicates->count; n++)
		ret = answer_both(ret, predicate_answer(asked, &predicates->items[n]));
	return ret;
}

/* The selector that decides, as reported, or -1; and what its return predicates say. */
static struct model_verdict interpret(struct asked *asked)
{
	struct model_verdict ret = { .selector = -1 };

	for (size_t n = 0; n < asked->hook->selectors.count && ret.selector < 0; n++) {
		const struct ir_selector *selector = &asked->hook->selectors.items[n];

		if (all_hold(asked, &selector->predicates) != ANSWER_YES)
			continue;
		ret.selector = (int)selector->index;
		ret.returned = all_hold(asked, &selector->return_predicates);
	}
	return ret;
}

/* ---- Stages ---- */

enum { STAGE_LOWERED, STAGE_SIMPLIFIED, STAGE_READ_BACK, STAGES };
static const char *const stage_names[STAGES] = { "as lowered", "as simplified", "as read back from the object" };

/* A policy at each stage; NULL: it has none. */
struct stages {
	struct unit lowered, whole;
	struct arena arena;
	struct ir_policy read;
	const struct ir_policy *policies[STAGES];
};

static void make_stages(struct stages *stages, struct model_text yaml)
{
	char message[256];

	memset(stages, 0, sizeof(*stages));
	unit_init(&stages->lowered, "p.yaml", yaml.bytes, yaml.length);
	unit_init(&stages->whole, "p.yaml", yaml.bytes, yaml.length);
	if (!unit_compile(&stages->lowered, compiler_find_pass("lower")) && stages->lowered.ir->count == 1)
		stages->policies[STAGE_LOWERED] = &stages->lowered.ir->items[0];
	unit_compile(&stages->whole, NULL);
	if (stages->whole.ir && stages->whole.ir->count == 1)
		stages->policies[STAGE_SIMPLIFIED] = &stages->whole.ir->items[0];
	if (stages->whole.object_count == 1 &&
	    !object_read(stages->whole.objects[0].bytes, stages->whole.objects[0].length, &stages->arena, &stages->read, message))
		stages->policies[STAGE_READ_BACK] = &stages->read;
}

static void release_stages(struct stages *stages)
{
	unit_release(&stages->lowered);
	unit_release(&stages->whole);
	arena_release(&stages->arena);
}

struct totals {
	unsigned long compared[STAGES], opaque[STAGES], absent[STAGES], known, failed, events;
};

static bool same(struct model_verdict a, struct model_verdict b)
{
	return a.selector == b.selector && (a.returned == ANSWER_YES) == (b.returned == ANSWER_YES);
}

/* The first stage at which some hook of the policy is decided otherwise; STAGES: none. */
static int differing_stage(const struct model_policy *policy, const struct stages *stages, const struct model_event *event,
			   struct totals *totals)
{
	for (int stage = 0; stage < STAGES; stage++)
		for (size_t h = 0; stages->policies[stage] && h < policy->hooks.count; h++) {
			struct asked asked = { &stages->policies[stage]->hooks.items[h], &policy->hooks.items[h], event, false };
			struct model_verdict got;

			if (strcmp(policy->hooks.items[h].name, event->name))
				continue;
			got = interpret(&asked);
			totals->opaque[stage] += asked.opaque;
			totals->compared[stage] += !asked.opaque;
			if (!asked.opaque && !same(got, evaluate(policy, &policy->hooks.items[h], event)))
				return stage;
		}
	return STAGES;
}

static bool group_differs(const struct model_group *group, const struct model_event *event)
{
	struct totals totals = { .failed = 0 };
	bool ret = false;

	for (size_t n = 0; n < group->count && !ret; n++) {
		struct stages stages;

		make_stages(&stages, policy_text(&group->policies[n]));
		ret = differing_stage(&group->policies[n], &stages, event, &totals) < STAGES;
		release_stages(&stages);
	}
	return ret;
}

static void print_lines(struct model_text text)
{
	for (const char *at = text.bytes; *at; at += strcspn(at, "\n") + (at[strcspn(at, "\n")] == '\n'))
		printf("# %.*s\n", (int)strcspn(at, "\n"), at);
}

static void tell_difference(const struct model_group *group, size_t number, struct model_event *event, int stage,
			    unsigned long seed)
{
	struct model_group part = *group;
	const struct model_hook *hook;

	part.policies[0] = group->policies[number];
	part.count = 1;
	shrink_group(&part, event, group_differs);
	printf("# seed %lu, %s:\n", seed, stage_names[stage]);
	print_lines(policy_text(&part.policies[0]));
	print_lines(event_text(event));
	for (size_t h = 0; h < part.policies[0].hooks.count; h++) {
		hook = &part.policies[0].hooks.items[h];
		printf("# reference: %s: selector %d\n", hook->name, evaluate(&part.policies[0], hook, event).selector);
	}
}

static bool compare(const struct model_group *group, size_t number, const struct stages *stages, struct model_event *event,
		    unsigned long seed, struct totals *totals)
{
	int stage = differing_stage(&group->policies[number], stages, event, totals);

	if (stage == STAGES)
		return true;
	tell_difference(group, number, event, stage, seed);
	totals->failed++;
	return false;
}

static void run_seed(unsigned long seed, unsigned long events, struct totals *totals)
{
	static struct stages stages[GROUP_POLICIES_MAX];
	struct model_group group;
	bool fine = true;

	generate_seed(seed);
	generate_group(&group);
	for (size_t n = 0; n < group.count; n++) {
		make_stages(&stages[n], policy_text(&group.policies[n]));
		for (int stage = 0; stage < STAGES; stage++)
			totals->absent[stage] += !stages[n].policies[stage];
	}
	for (unsigned long e = 0; e < events && fine; e++) {
		struct model_event event;

		generate_event(&group, &event);
		totals->events++;
		for (size_t n = 0; n < group.count && fine; n++)
			fine = compare(&group, n, &stages[n], &event, seed, totals);
	}
	for (size_t n = 0; n < group.count; n++)
		release_stages(&stages[n]);
	model_release();
}

static bool finish(const struct totals *totals)
{
	bool is_whole = true;

	for (int n = 0; n < STAGES; n++) {
		printf("# %s: %lu verdicts compared, %lu opaque, of %lu policies there is none\n", stage_names[n],
		       totals->compared[n], totals->opaque[n], totals->absent[n]);
		is_whole &= totals->compared[n] && !totals->opaque[n] && !totals->absent[n];
	}
	printf("%sok 1 - predicates say what the reference says\n", totals->failed || !totals->compared[0] ? "not " : "");
	printf("%sok 2 - they say all of it, at every stage\n", is_whole ? "" : "not ");
	printf("1..2\n");
	return !totals->failed && totals->compared[0] && is_whole;
}

int main(int argc, char **argv)
{
	unsigned long seeds = 4000, first = 1, events = 12;
	static struct totals totals;

	for (int n = 1; n < argc; n++)
		if (sscanf(argv[n], "--seeds=%lu", &seeds) != 1 && sscanf(argv[n], "--first=%lu", &first) != 1 &&
		    sscanf(argv[n], "--events=%lu", &events) != 1) {
			fprintf(stderr, "unknown option '%s'\n", argv[n]);
			return 2;
		}
	for (unsigned long n = 0; n < seeds && totals.failed < 5; n++)
		run_seed(first + n, events, &totals);
	return finish(&totals) ? 0 : 1;
}

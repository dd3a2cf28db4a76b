// SPDX-License-Identifier: Apache-2.0
/*
 * alone.c - whether a policy fits into an image that has no other; see link.h.
 *
 * The answer is that of linking itself.  Nearly all policies are so small that it need not be asked: an estimate that is larger
 * than anything linking could make of them says so.
 */
#include "compiler/link/emit.h"

#include <errno.h>

/* More than what each takes: a member of a table without its bytes, a byte of a substring, a table without members. */
enum { MEMBER_BYTES = 64, SUBSTRING_BYTES = 64, PREDICATE_BYTES = 512 };
/* There is room for several times as much. */
enum { SURELY_FITS = ABI_HALF_SIZE / 4 };

/* Of one hook. */
struct weight { uint64_t values, bytes; };

static void weigh_predicate(const struct ir_predicate *predicate, struct weight *weight);

static void weigh_condition(const struct ir_condition *condition, struct weight *weight)
{
	weight->bytes += (condition->word_count + 1) * sizeof(struct abi_word);
	if (condition->kind == IR_ASK)
		weigh_predicate(condition->predicate, weight);
	for (size_t n = 0; n < condition->count; n++)
		weigh_condition(&condition->parts[n], weight);
}

/* Each may read a value, or two, and need a table. */
static void weigh_predicate(const struct ir_predicate *predicate, struct weight *weight)
{
	const bool is_glob = predicate->patterns.count && predicate->patterns.items[0].kind == ABI_GLOB;
	const uint64_t byte = is_glob ? ABI_HALF_SIZE : predicate->test == IR_SUBSTRINGS ? SUBSTRING_BYTES : 1;	/* of globs nothing is known */

	weight->values += 2;
	weight->bytes += PREDICATE_BYTES;
	weight->bytes += (predicate->intervals.count + predicate->networks.count + predicate->patterns.count) * MEMBER_BYTES;
	for (size_t n = 0; n < predicate->patterns.count; n++)
		weight->bytes += predicate->patterns.items[n].length * byte;
	if (predicate->condition)
		weigh_condition(predicate->condition, weight);
}

static struct weight weigh_hook(const struct ir_hook *hook)
{
	struct weight weight = {
		.values = 2 * hook->arguments.count + 2 * hook->data.count, .bytes = 2 * sizeof(struct abi_hook),
	};

	for (size_t n = 0; n < hook->selectors.count; n++) {
		const struct ir_selector *selector = &hook->selectors.items[n];

		weight.bytes += PREDICATE_BYTES;
		for (size_t i = 0; i < selector->predicates.count; i++)
			weigh_predicate(&selector->predicates.items[i], &weight);
		for (size_t i = 0; i < selector->return_predicates.count; i++)
			weigh_predicate(&selector->return_predicates.items[i], &weight);
	}
	return weight;
}

static bool surely_fits(const struct ir_policy *policy)
{
	uint64_t bytes = 0;

	for (size_t n = 0; n < policy->hooks.count; n++) {
		struct weight weight = weigh_hook(&policy->hooks.items[n]);

		if (weight.values > ABI_SLOTS_MAX)
			return false;
		bytes += weight.bytes * merge_target_count(&policy->hooks.items[n], 0);
	}
	return bytes <= SURELY_FITS;
}

static int emit_alone(struct merged *merged)
{
	struct emit emit;
	int error;

	emit_init(&emit, merged);
	error = emit_program_sections(&emit);
	emit_release(&emit);
	return error;
}

int link_alone(const struct ir_policy *policy, const struct link_options *options, struct arena *arena,
	       struct link_refusal *ret)
{
	struct merged merged;
	int error;

	if (surely_fits(policy))
		return 0;
	error = merge_alone(policy, options, arena, &merged);
	if (!error)
		error = emit_alone(&merged);
	if (error != -E2BIG)
		return 0;
	*ret = (struct link_refusal){
		merged.failure.has_place ? merged.failure.at : policy->at, merged.failure.reason, merged.failure.help,
	};
	return error;
}

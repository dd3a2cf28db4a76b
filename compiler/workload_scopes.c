// SPDX-License-Identifier: Apache-2.0
/* workload_scopes.c - the sets of workloads that an image's policies name; see workloads.h. */
#include <errno.h>
#include <stdio.h>

#include "compiler/object/object.h"
#include "compiler/workloads.h"

/* A policy as its object says, and which one of its predicates a set is from. */
struct scope_reader {
	const struct image_view *image;
	struct ir_policy *policies;
	const struct ir_predicate **predicates;	/* by number of the set */
	struct workload_scopes *scopes;
	struct arena *arena;
	char *message;
};

static int read_policies(struct scope_reader *reader)
{
	for (size_t n = 0; n < image_policy_count(reader->image); n++) {
		const struct image_policy policy = image_policy_at(reader->image, n);
		char why[256];

		if (!object_read(policy.object, policy.object_size, reader->arena, &reader->policies[n], why))
			continue;
		snprintf(reader->message, 256, "policy '%.64s' cannot be read: %.128s", policy.name, why);
		return -EINVAL;
	}
	return 0;
}

static const struct ir_predicate *find_predicate(const struct ir_policy *policy, const struct image_scope *scope)
{
	const struct ir_selector *selector;

	if (scope->written >= policy->hooks.count || scope->selector >= policy->hooks.items[scope->written].selectors.count)
		return NULL;
	selector = &policy->hooks.items[scope->written].selectors.items[scope->selector];
	return scope->predicate < selector->predicates.count ? &selector->predicates.items[scope->predicate] : NULL;
}

static int read_scope(struct scope_reader *reader, size_t n)
{
	const struct image_scope scope = image_scope_at(reader->image, n);
	const char *policy = image_policy_at(reader->image, scope.policy).name;

	reader->predicates[n] = find_predicate(&reader->policies[scope.policy], &scope);
	if (!reader->predicates[n] || !reader->predicates[n]->workloads) {
		snprintf(reader->message, 256, "policy '%.64s' does not say which workloads it is for", policy);
		return -EINVAL;
	}
	reader->scopes->items[n] = (struct workload_scope){
		policy, scope.place, reader->predicates[n]->workloads,
		arena_array(reader->arena, bool, image_policy_count(reader->image)),
	};
	return 0;
}

static void note_predicate(const struct scope_reader *reader, const struct ir_predicate *predicate, size_t policy)
{
	for (size_t n = 0; predicate->workloads && n < reader->scopes->count; n++)
		if (ir_set_equal(reader->predicates[n], predicate))
			reader->scopes->items[n].policies[policy] = true;
}

/* Which of the sets selectors of a policy ask for; where it has no hooks, none. */
static void note_policy(const struct scope_reader *reader, size_t number)
{
	const struct ir_policy *policy = &reader->policies[number];
	size_t left_out;
	const bool *elsewhere = hooks_elsewhere(reader->image, (uint32_t)number, policy, reader->arena, &left_out);

	if (image_policy_at(reader->image, number).elsewhere)
		return;
	for (size_t h = 0; h < policy->hooks.count; h++)
		for (size_t s = 0; !(elsewhere && elsewhere[h]) && s < policy->hooks.items[h].selectors.count; s++) {
			const struct ir_predicate_list *predicates = &policy->hooks.items[h].selectors.items[s].predicates;

			for (size_t p = 0; p < predicates->count; p++)
				note_predicate(reader, &predicates->items[p], number);
		}
}

int workload_scopes_read(const struct image_view *image, struct arena *arena, struct workload_scopes *ret, char message[256])
{
	const size_t count = image_scope_count(image), policies = image_policy_count(image);
	struct scope_reader reader = { .image = image, .scopes = ret, .arena = arena, .message = message };
	int error;

	if (count > ABI_SCOPES_MAX) {
		snprintf(message, 256, "the policies are for %zu different sets of workloads, at most %u can be told apart", count,
			 ABI_SCOPES_MAX);
		return -E2BIG;
	}
	*ret = (struct workload_scopes){ arena_array(arena, struct workload_scope, count), count };
	reader.policies = arena_array(arena, struct ir_policy, policies);
	reader.predicates = arena_alloc(arena, count, sizeof(*reader.predicates));
	error = count ? read_policies(&reader) : 0;
	for (size_t n = 0; n < count && !error; n++)
		error = read_scope(&reader, n);
	for (size_t n = 0; n < policies && count && !error; n++)
		note_policy(&reader, n);
	return error;
}

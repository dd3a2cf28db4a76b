// SPDX-License-Identifier: Apache-2.0
/* list.c - `tetra list`: which policies the kernel runs, where they are attached, what was counted. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/list_workloads.h"
#include "cmd/listing.h"
#include "cmd/verb.h"
#include "compiler/base/json.h"
#include "compiler/workloads.h"
#include "runtime/counters.h"
#include "runtime/misses.h"
#include "runtime/replaced.h"

extern const struct verb verb_list;

static struct {
	const char *root, *output;
} arguments = { .output = "text" };

/* False when the kernel does not tell. */
static bool missed(const struct listing *listing, const struct image_hook *hook, uint64_t *ret)
{
	const struct plan_attached *attached = listing_attached(listing, hook);

	return attached && attached->pin && !misses_read(&listing->pins, attached->pin, ret);
}

static uint64_t count_errors(const struct abi_counters *counters)
{
	uint64_t sum = 0;

	for (int i = 0; i < ABI_ERROR_COUNT; i++)
		sum += counters->errors[i];
	return sum;
}

/* ---- Text ---- */

static void print_errors(const struct abi_counters *counters)
{
	for (int i = 0; i < ABI_ERROR_COUNT; i++)
		if (counters->errors[i])
			printf("    errors: %s %" PRIu64 "\n", counters_error_names[i], (uint64_t)counters->errors[i]);
}

/* Only of a policy that says which. */
static void print_workloads(const struct listed_workloads *listed, size_t n)
{
	const struct listed_count count = list_workloads_count(listed, n);

	if (!list_workloads_limits(listed, n))
		return;
	printf("    for %zu of %zu container%s%s", count.containers, count.all, count.all == 1 ? "" : "s", count.host ? " and the host" : "");
	if (count.unknown)
		printf("; of %zu it is not known", count.unknown);
	printf("\n");
}

static size_t left_out_of(const struct image_view *image, size_t policy)
{
	struct arena arena = { 0 };
	size_t count;

	image_hooks_elsewhere(image, (uint32_t)policy, &arena, &count);
	arena_release(&arena);
	return count;
}

static void print_elsewhere(const struct image_view *image, size_t policy)
{
	const size_t count = left_out_of(image, policy);

	if (count)
		printf("    %zu more hook%s for other nodes, by the labels of this one when it was applied\n", count, count == 1 ? "" : "s");
}

static void print_policy(const struct counters *counted, const struct image_policy *policy)
{
	struct abi_policy_counters counters = counters_sum_policy(counted, policy->id);

	if (policy->elsewhere) {
		printf("  %-40s %-16s from %s\n", policy->name, "not here", policy->source_name);
		printf("    not for this node, by its labels when it was applied\n");
		return;
	}
	printf("  %-40s %-16s %u hook%s, %u selector%s, from %s\n", policy->name, listing_mode(policy),
		policy->hook_count, policy->hook_count == 1 ? "" : "s", policy->selector_count,
		policy->selector_count == 1 ? "" : "s", policy->source_name);
	printf("    matched %" PRIu64 ", posted %" PRIu64 ", lost %" PRIu64 ", held back by a rate limit %" PRIu64 "\n",
	       (uint64_t)counters.matched, (uint64_t)counters.posted, (uint64_t)counters.lost, (uint64_t)counters.limited);
	for (int i = 0; i < ABI_FAILURE_COUNT; i++)
		if (counters.failures[i])
			printf("    actions that failed: %s %" PRIu64 "\n", counters_failure_names[i], (uint64_t)counters.failures[i]);
	if (policy->enforces)
		printf("    enforced %" PRIu64 ", only monitored %" PRIu64 ", failed to enforce %" PRIu64 "\n",
		       (uint64_t)counters.outcomes[ABI_OUTCOME_ENFORCED], (uint64_t)counters.outcomes[ABI_OUTCOME_MONITORED],
		       (uint64_t)counters.outcomes[ABI_OUTCOME_FAILED]);
}

/* What has become of the file that a hook is in; NULL: nothing, or it is in none. */
static const char *replaced(const struct image_hook *hook, const struct listing *listing, struct arena *arena)
{
	const struct plan_attached *attached = listing_attached(listing, hook);
	struct hook_facts facts;

	if (!listing->kernel || !attached || (hook->kind != HOOK_UPROBE && hook->kind != HOOK_USDT))
		return NULL;
	kernel_hook_facts(listing->kernel, hook, arena, &facts);
	return replaced_why(attached, &facts);
}

static void print_replaced(const struct listing *listing, const struct image_hook *hook)
{
	struct arena arena = { 0 };
	const char *why = replaced(hook, listing, &arena);

	if (why)
		printf("    in the file that was there before: %s\n", why);
	arena_release(&arena);
}

static void json_replaced(struct json *json, const struct listing *listing, const struct image_hook *hook)
{
	struct arena arena = { 0 };
	const char *why = replaced(hook, listing, &arena);

	if (why)
		json_key_string(json, "replaced", why);
	arena_release(&arena);
}

static void print_hook(const struct listing *listing, const struct counters *counted, const struct image_hook *hook)
{
	const char *attach = listing_attach(listing, hook);
	struct abi_counters counters = counters_sum(counted, hook->id);
	uint64_t misses;

	printf("  %-40s %-16s seen %" PRIu64 ", matched %" PRIu64 ", posted %" PRIu64 ", lost %" PRIu64
		", errors %" PRIu64 "\n", hook->key, attach ? attach : "not attached", (uint64_t)counters.seen,
		(uint64_t)counters.matched, (uint64_t)counters.posted, (uint64_t)counters.lost,
		count_errors(&counters));
	print_errors(&counters);
	print_replaced(listing, hook);
	if (missed(listing, hook, &misses) && misses)
		printf("    missed %" PRIu64 ": the kernel did not run the program, which was running on that CPU\n", misses);
}

static uint64_t sum_memory(const struct memory *memory, enum memory_of of, size_t *count)
{
	uint64_t bytes = 0;

	*count = 0;
	for (size_t n = 0; n < memory->count; n++)
		if (memory->rows[n].of == of) {
			bytes += memory->rows[n].bytes;
			++*count;
		}
	return bytes;
}

static void print_memory(const struct listing *listing, const struct memory *memory)
{
	size_t maps, programs;
	uint64_t map_bytes = sum_memory(memory, MEMORY_MAP, &maps), program_bytes = sum_memory(memory, MEMORY_PROGRAM, &programs);

	printf("image: generation %" PRIu64 ", %zu bytes, checksum %016" PRIx64 "\n", listing->generation, listing->image.size,
	       (uint64_t)listing->image.header->checksum);
	printf("memory: %" PRIu64 " KiB in %zu maps, %" PRIu64 " KiB in %zu program%s", map_bytes >> 10, maps, program_bytes >> 10,
	       programs, programs == 1 ? "" : "s");
	if (memory->hidden)
		printf(" and more in %zu that cannot be looked at without CAP_SYS_ADMIN", memory->hidden);
	printf("\n");
}

static void print_text(const struct listing *listing, const struct counters *counted, const struct memory *memory,
		       const struct listed_workloads *listed)
{
	size_t policies = listing->bytes ? image_policy_count(&listing->image) : 0;
	size_t hooks = listing->bytes ? image_hook_count(&listing->image) : 0;

	if (!policies) {
		printf("no policies are applied\n");
		return;
	}
	printf("policies:\n");
	for (size_t i = 0; i < policies; i++) {
		struct image_policy policy = image_policy_at(&listing->image, i);

		print_policy(counted, &policy);
		print_elsewhere(&listing->image, i);
		print_workloads(listed, i);
	}
	printf("hooks:\n");
	for (size_t n = 0; n < hooks; n++) {
		struct image_hook hook = image_hook_at(&listing->image, n);

		print_hook(listing, counted, &hook);
	}
	print_memory(listing, memory);
}

/* ---- JSON ---- */

static void json_policy_counters(struct json *json, const struct abi_policy_counters *counters)
{
	json_begin_object(json);
	json_key(json, "matched"), json_unsigned(json, counters->matched);
	json_key(json, "posted"), json_unsigned(json, counters->posted);
	json_key(json, "lost"), json_unsigned(json, counters->lost);
	json_key(json, "rate_limited"), json_unsigned(json, counters->limited);
	json_key(json, "enforced"), json_unsigned(json, counters->outcomes[ABI_OUTCOME_ENFORCED]);
	json_key(json, "monitored"), json_unsigned(json, counters->outcomes[ABI_OUTCOME_MONITORED]);
	json_key(json, "failed"), json_unsigned(json, counters->outcomes[ABI_OUTCOME_FAILED]);
	json_key(json, "failures");
	json_begin_object(json);
	for (int i = 0; i < ABI_FAILURE_COUNT; i++)
		json_key(json, counters_failure_names[i]), json_unsigned(json, counters->failures[i]);
	json_end_object(json);
	json_end_object(json);
}

static void json_workload(struct json *json, const struct listed_cgroup *cgroup, enum match_answer answer)
{
	const struct workload *workload = &cgroup->workload;

	json_begin_object(json);
	json_key_unsigned_text(json, "cgroup_id", cgroup->id);
#define KEY(member) if (workload->member) json_key_string(json, #member, workload->member);
	WORKLOAD_TEXTS(KEY)
#undef KEY
	json_key_bool(json, "known", answer == MATCH_YES);
	json_end_object(json);
}

/* null: for all. */
static void json_workloads(struct json *json, const struct listed_workloads *listed, size_t n)
{
	json_key(json, "workloads");
	if (!list_workloads_limits(listed, n)) {
		json_null(json);
		return;
	}
	json_begin_object(json);
	json_key_bool(json, "host", list_workloads_count(listed, n).host);
	json_key(json, "containers");
	json_begin_array(json);
	for (size_t i = 0; i < listed->count; i++) {
		const enum match_answer answer = list_workloads_holds(listed, n, &listed->cgroups[i]);

		if (listed->cgroups[i].is_known && answer != MATCH_NO)
			json_workload(json, &listed->cgroups[i], answer);
	}
	json_end_array(json);
	json_end_object(json);
}

static void json_policy(struct json *json, const struct image_view *image, const struct counters *counted, size_t n,
			const struct listed_workloads *listed)
{
	struct image_policy policy = image_policy_at(image, n);
	struct abi_policy_counters counters = counters_sum_policy(counted, policy.id);

	json_begin_object(json);
	json_key_string(json, "name", policy.name);
	json_key_string(json, "mode", listing_mode(&policy));
	json_key_string(json, "source", policy.source_name);
	json_key_bool(json, "for_this_node", !policy.elsewhere);
	json_key_number(json, "hooks_for_other_nodes", (int64_t)left_out_of(image, n));
	json_key_number(json, "selectors", policy.selector_count);
	json_key(json, "hooks");
	json_begin_array(json);
	for (uint32_t i = 0; i < policy.hook_count; i++) {
		struct image_hook hook;

		if (image_policy_hook(image, (uint32_t)n, i, &hook, NULL))
			json_string(json, hook.key);
	}
	json_end_array(json);
	json_workloads(json, listed, n);
	json_key(json, "counters");
	json_policy_counters(json, &counters);
	json_end_object(json);
}

static void json_counters(struct json *json, const struct abi_counters *counters)
{
	json_begin_object(json);
	json_key(json, "seen"), json_unsigned(json, counters->seen);
	json_key(json, "matched"), json_unsigned(json, counters->matched);
	json_key(json, "posted"), json_unsigned(json, counters->posted);
	json_key(json, "lost"), json_unsigned(json, counters->lost);
	json_key(json, "errors");
	json_begin_object(json);
	for (int i = 0; i < ABI_ERROR_COUNT; i++)
		json_key(json, counters_error_names[i]), json_unsigned(json, counters->errors[i]);
	json_end_object(json);
	json_end_object(json);
}

static void json_hook(struct json *json, const struct listing *listing, const struct counters *counted, size_t n)
{
	struct image_hook hook = image_hook_at(&listing->image, n);
	const char *attach = listing_attach(listing, &hook);
	struct abi_counters counters = counters_sum(counted, hook.id);
	uint64_t misses;

	json_begin_object(json);
	json_key_string(json, "key", hook.key);
	json_key_number(json, "id", hook.id);
	json_key_string(json, "kind", hook_rows[hook.kind].name);
	json_key_bool(json, "returns", hook.returns);
	json_key(json, "attached");
	if (attach)
		json_string(json, attach);
	else
		json_null(json);
	json_replaced(json, listing, &hook);
	json_key(json, "missed");
	if (missed(listing, &hook, &misses))
		json_unsigned(json, misses);
	else
		json_null(json);
	json_key(json, "counters");
	json_counters(json, &counters);
	json_end_object(json);
}

static void json_memory(struct json *json, const struct memory_row *row)
{
	json_begin_object(json);
	json_key_string(json, row->of == MEMORY_MAP ? "map" : "program", row->name);
	json_key(json, "bytes"), json_unsigned(json, row->bytes);
	if (row->counts_entries) {
		json_key(json, "entries"), json_unsigned(json, row->entries);
		json_key(json, "entries_max"), json_unsigned(json, row->max_entries);
	}
	json_end_object(json);
}

static void json_image(struct json *json, const struct listing *listing)
{
	char checksum[17];

	json_begin_object(json);
	snprintf(checksum, sizeof(checksum), "%016" PRIx64, listing->bytes ? (uint64_t)listing->image.header->checksum : 0);
	json_key(json, "bytes"), json_unsigned(json, listing->bytes ? listing->image.size : 0);
	json_key_string(json, "checksum", checksum);
	json_end_object(json);
}

static void print_json(const struct listing *listing, const struct counters *counted, const struct memory *memory,
		       const struct listed_workloads *listed)
{
	struct buffer text = { 0 };
	struct json json = { .out = &text, .first = true };
	size_t policies = listing->bytes ? image_policy_count(&listing->image) : 0;
	size_t hooks = listing->bytes ? image_hook_count(&listing->image) : 0;

	json_begin_object(&json);
	json_key(&json, "generation"), json_unsigned(&json, listing->generation);
	json_key(&json, "policies");
	json_begin_array(&json);
	for (size_t n = 0; n < policies; n++)
		json_policy(&json, &listing->image, counted, n, listed);
	json_end_array(&json);
	json_key(&json, "hooks");
	json_begin_array(&json);
	for (size_t n = 0; n < hooks; n++)
		json_hook(&json, listing, counted, n);
	json_end_array(&json);
	json_key(&json, "image");
	json_image(&json, listing);
	json_key(&json, "memory");
	json_begin_array(&json);
	for (size_t n = 0; n < memory->count; n++)
		json_memory(&json, &memory->rows[n]);
	json_end_array(&json);
	json_end_object(&json);
	printf("%s\n", text.bytes);
	buffer_release(&text);
}

/* ---- The verb ---- */

static int list_run(int count, char **operands)
{
	struct listing listing = { .bytes = NULL };
	struct counters counted = { 0 };
	struct memory memory = { 0 };
	struct listed_workloads listed = { .count = 0 };
	int code;

	if (count) {
		complain("takes no operand, not '%s'", operands[0]);
		return EXIT_USAGE;
	}
	code = listing_open(&listing, arguments.root);
	listing.kernel = kernel_new();
	if (code == EXIT_FINE)
		code = listing_count(&listing, &counted, &memory);
	if (code == EXIT_FINE)
		list_workloads_read(&listing, &listed);
	if (code == EXIT_FINE && !strcmp(arguments.output, "json"))
		print_json(&listing, &counted, &memory, &listed);
	else if (code == EXIT_FINE)
		print_text(&listing, &counted, &memory, &listed);
	counters_unmap(&counted);
	kernel_free(listing.kernel);
	listing_release(&listing);
	return code;
}

static const struct option_row list_options[] = {
	{ 'o', "output", OPTION_CHOICE, &arguments.output, "text|json", "how to print (default text)" },
	{ 0, "root", OPTION_STRING, &arguments.root, "DIR", "pins are below DIR (default " PINS_ROOT_DEFAULT ")",
	  WORD_FOLDER },
	OPTIONS_END
};

static const struct note list_examples[] = {
	{ "tetra list", "the policies that run, their hooks and counters" },
	{ "tetra list -o json | jq -r '.policies[].name'", "the names alone" },
	NOTES_END
};

static const struct note list_files[] = {
	{ PINS_ROOT_DEFAULT, "maps, programs and links of the policies that the kernel runs" },
	NOTES_END
};

const struct verb verb_list = {
	.name = "list",
	.summary = "show the policies that the kernel runs",
	.details = "Shows each policy with its mode, where it is from and what was counted for it; each hook with how it is attached and\n"
		   "what was counted: calls seen, matched and posted, events lost, and errors by kind; the image that is live, and the\n"
		   "memory that the kernel accounts for. Needs root.",
	.options = list_options,
	.examples = list_examples,
	.files = list_files,
	.run = list_run,
};

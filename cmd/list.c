// SPDX-License-Identifier: Apache-2.0
/* list.c - `tetra list`: which policies the kernel runs, where they are attached, what was counted. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/listing.h"
#include "cmd/verb.h"
#include "compiler/base/json.h"
#include "runtime/counters.h"
#include "runtime/misses.h"

extern const struct verb verb_list;

static struct {
	const char *root, *output;
} arguments = { .output = "text" };

static const char *const error_names[ABI_ERROR_COUNT] = {
	[ABI_ERROR_SCRATCH_BUSY] = "scratch_busy", [ABI_ERROR_UNREADABLE] = "unreadable",
	[ABI_ERROR_CUT] = "cut", [ABI_ERROR_NO_SPACE] = "no_space",
	[ABI_ERROR_PROCESS_UNKNOWN] = "process_unknown", [ABI_ERROR_CALLS_FULL] = "calls_full",
	[ABI_ERROR_ACTION_FAILED] = "action_failed", [ABI_ERROR_STEPS] = "steps",
};

static const struct plan_attached *attached_of(const struct listing *listing, const struct image_hook *hook)
{
	for (size_t i = 0; i < listing->attached_count; i++)
		if (listing->attached[i].id == hook->id && !strcmp(listing->attached[i].key, hook->key))
			return &listing->attached[i];
	return NULL;
}

static const char *attach_name(const struct listing *listing, const struct image_hook *hook)
{
	const struct plan_attached *attached = attached_of(listing, hook);

	return attached ? attach_rows[attached->kind].name : NULL;
}

/* False when the kernel does not tell. */
static bool missed(const struct listing *listing, const struct image_hook *hook, uint64_t *ret)
{
	const struct plan_attached *attached = attached_of(listing, hook);

	return attached && attached->pin && !misses_read(&listing->pins, attached->pin, ret);
}

static const char *mode_of(const struct image_policy *policy)
{
	return policy->enforces && !policy->monitor ? "enforce" : "monitor";
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
			printf("    errors: %s %" PRIu64 "\n", error_names[i], (uint64_t)counters->errors[i]);
}

static void print_hook(const struct listing *listing, const struct image_hook *hook)
{
	const char *attach = attach_name(listing, hook);
	struct abi_counters counters;
	uint64_t misses;

	counters_read(&listing->pins, hook->id, &counters);
	printf("  %-40s %-16s seen %" PRIu64 ", matched %" PRIu64 ", posted %" PRIu64 ", lost %" PRIu64
		", errors %" PRIu64 "\n", hook->key, attach ? attach : "not attached", (uint64_t)counters.seen,
		(uint64_t)counters.matched, (uint64_t)counters.posted, (uint64_t)counters.lost,
		count_errors(&counters));
	print_errors(&counters);
	if (missed(listing, hook, &misses) && misses)
		printf("    missed %" PRIu64 ": the kernel did not run the program, which was running on that CPU\n", misses);
}

static void print_text(const struct listing *listing)
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

		printf("  %-40s %-16s %u hook%s, %u selector%s, from %s\n", policy.name, mode_of(&policy),
			policy.hook_count, policy.hook_count == 1 ? "" : "s", policy.selector_count,
			policy.selector_count == 1 ? "" : "s", policy.source_name);
	}
	printf("hooks:\n");
	for (size_t n = 0; n < hooks; n++) {
		struct image_hook hook = image_hook_at(&listing->image, n);

		print_hook(listing, &hook);
	}
}

/* ---- JSON ---- */

static void json_policy(struct json *json, const struct image_view *image, size_t n)
{
	struct image_policy policy = image_policy_at(image, n);

	json_begin_object(json);
	json_key_string(json, "name", policy.name);
	json_key_string(json, "mode", mode_of(&policy));
	json_key_string(json, "source", policy.source_name);
	json_key_number(json, "selectors", policy.selector_count);
	json_key(json, "hooks");
	json_begin_array(json);
	for (uint32_t i = 0; i < policy.hook_count; i++) {
		struct image_hook hook;

		if (image_policy_hook(image, (uint32_t)n, i, &hook, NULL))
			json_string(json, hook.key);
	}
	json_end_array(json);
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
		json_key(json, error_names[i]), json_unsigned(json, counters->errors[i]);
	json_end_object(json);
	json_end_object(json);
}

static void json_hook(struct json *json, const struct listing *listing, size_t n)
{
	struct image_hook hook = image_hook_at(&listing->image, n);
	const char *attach = attach_name(listing, &hook);
	struct abi_counters counters;
	uint64_t misses;

	counters_read(&listing->pins, hook.id, &counters);
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
	json_key(json, "missed");
	if (missed(listing, &hook, &misses))
		json_unsigned(json, misses);
	else
		json_null(json);
	json_key(json, "counters");
	json_counters(json, &counters);
	json_end_object(json);
}

static void print_json(const struct listing *listing)
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
		json_policy(&json, &listing->image, n);
	json_end_array(&json);
	json_key(&json, "hooks");
	json_begin_array(&json);
	for (size_t n = 0; n < hooks; n++)
		json_hook(&json, listing, n);
	json_end_array(&json);
	json_end_object(&json);
	printf("%s\n", text.bytes);
	buffer_release(&text);
}

/* ---- The verb ---- */

static int list_run(int count, char **operands)
{
	struct listing listing = { .bytes = NULL };
	struct failure failure = { 0 };
	int error;

	if (count) {
		complain("takes no operand, not '%s'", operands[0]);
		return EXIT_USAGE;
	}
	error = listing_read(&listing, arguments.root, &failure);
	if (error == -EACCES || error == -EPERM)
		complain("%s", geteuid() ? "needs root: what is pinned below /sys/fs/bpf belongs to it; try sudo" :
			failure.text[0] ? failure.text : strerror(-error));
	else if (error && (error != -ENOENT || failure.text[0]))
		complain("%s", failure.text[0] ? failure.text : strerror(-error));
	else if (!strcmp(arguments.output, "json"))
		print_json(&listing);
	else
		print_text(&listing);
	listing_release(&listing);
	return error && (error != -ENOENT || failure.text[0]) ? EXIT_SYSTEM : EXIT_FINE;
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
	.details = "Shows each policy with its mode and where it is from, and each hook with how it is attached and what was\n"
		   "counted: calls seen, matched and posted, events lost, and errors by kind. Needs root.",
	.options = list_options,
	.examples = list_examples,
	.files = list_files,
	.run = list_run,
};

// SPDX-License-Identifier: Apache-2.0
/* metrics.c - `tetra metrics`: what the kernel counted, as Prometheus reads it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/listing.h"
#include "cmd/output.h"
#include "cmd/verb.h"
#include "runtime/misses.h"

extern const struct verb verb_metrics;

static struct {
	const char *root, *file;
} arguments = { .file = "-" };

/* What there is to print. */
struct metrics {
	struct listing listing;
	struct counters counters;
	struct memory memory;
	struct buffer *out;
};

/* ---- The text format (https://prometheus.io/docs/instrumenting/exposition_formats/) ---- */

static void family(struct buffer *out, const char *name, const char *type, const char *help)
{
	buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* In a label's value \, " and line ends are behind a backslash. */
static void add_label(struct buffer *out, char before, const char *name, const char *value)
{
	buffer_format(out, "%c%s=\"", before, name);
	for (; *value; value++)
		if (*value == '\n')
			buffer_add_text(out, "\\n");
		else if (*value == '\\' || *value == '"')
			buffer_format(out, "\\%c", *value);
		else
			buffer_add_char(out, *value);
	buffer_add_char(out, '"');
}

struct label { const char *name, *value; };

/* One sample; labels end with a name of NULL. */
static void sample(struct buffer *out, const char *name, const struct label *labels, uint64_t value)
{
	buffer_add_text(out, name);
	for (size_t n = 0; labels[n].name; n++)
		add_label(out, n ? ',' : '{', labels[n].name, labels[n].value);
	buffer_format(out, "%s %" PRIu64 "\n", labels[0].name ? "}" : "", value);
}

/* ---- Policies ---- */

struct counted_family { const char *name, *help; size_t offset; };

static const struct counted_family policy_families[] = {
	{ "tetra_policy_matched_total", "Selectors of the policy that accepted.", offsetof(struct abi_policy_counters, matched) },
	{ "tetra_policy_posted_total", "Events of the policy that were reported.", offsetof(struct abi_policy_counters, posted) },
	{ "tetra_policy_lost_total", "Events of the policy that did not fit into the ring buffer.",
	  offsetof(struct abi_policy_counters, lost) },
	{ "tetra_policy_rate_limited_total", "Events of the policy that its rate limit held back.",
	  offsetof(struct abi_policy_counters, limited) },
};

static const char *const outcome_names[ABI_OUTCOME_COUNT] = {
	[ABI_OUTCOME_ENFORCED] = "enforced", [ABI_OUTCOME_MONITORED] = "monitored", [ABI_OUTCOME_FAILED] = "failed",
};

static size_t policy_count(const struct metrics *metrics)
{
	return metrics->listing.bytes ? image_policy_count(&metrics->listing.image) : 0;
}

static void add_policy_info(const struct metrics *metrics)
{
	family(metrics->out, "tetra_policies", "gauge", "Policies that the kernel runs.");
	sample(metrics->out, "tetra_policies", (struct label[]){ { NULL, NULL } }, policy_count(metrics));
	family(metrics->out, "tetra_policy_info", "gauge", "A policy, its mode and the file that it is from.");
	for (size_t n = 0; n < policy_count(metrics); n++) {
		struct image_policy policy = image_policy_at(&metrics->listing.image, n);

		sample(metrics->out, "tetra_policy_info", (struct label[]){ { "policy", policy.name },
		       { "mode", listing_mode(&policy) }, { "source", policy.source_name }, { NULL, NULL } }, 1);
	}
	family(metrics->out, "tetra_policy_for_this_node", "gauge", "Whether the policy is for this node, by the node's labels.");
	for (size_t n = 0; n < policy_count(metrics); n++) {
		struct image_policy policy = image_policy_at(&metrics->listing.image, n);

		sample(metrics->out, "tetra_policy_for_this_node", (struct label[]){ { "policy", policy.name }, { NULL, NULL } },
		       !policy.elsewhere);
	}
}

static void add_policy_family(const struct metrics *metrics, const struct counted_family *row)
{
	family(metrics->out, row->name, "counter", row->help);
	for (size_t n = 0; n < policy_count(metrics); n++) {
		struct image_policy policy = image_policy_at(&metrics->listing.image, n);
		struct abi_policy_counters counted = counters_sum_policy(&metrics->counters, policy.id);
		uint64_t value;

		memcpy(&value, (const char *)&counted + row->offset, sizeof(value));
		sample(metrics->out, row->name, (struct label[]){ { "policy", policy.name }, { NULL, NULL } }, value);
	}
}

static void add_outcomes(const struct metrics *metrics)
{
	static const char name[] = "tetra_policy_enforcement_total";

	family(metrics->out, name, "counter", "Enforcement that the policy asked for, and what came of it.");
	for (size_t n = 0; n < policy_count(metrics); n++) {
		struct image_policy policy = image_policy_at(&metrics->listing.image, n);
		struct abi_policy_counters counted = counters_sum_policy(&metrics->counters, policy.id);

		for (int i = 0; i < ABI_OUTCOME_COUNT; i++)
			if (outcome_names[i])
				sample(metrics->out, name, (struct label[]){ { "policy", policy.name },
				       { "outcome", outcome_names[i] }, { NULL, NULL } }, counted.outcomes[i]);
	}
}

/* Of policies that have no action that could fail, too: a sample that is not there cannot be told from one that was never counted. */
static void add_failures(const struct metrics *metrics)
{
	static const char name[] = "tetra_policy_action_failures_total";

	family(metrics->out, name, "counter", "Matches with an action that failed, by why the first of them did.");
	for (size_t n = 0; n < policy_count(metrics); n++) {
		struct image_policy policy = image_policy_at(&metrics->listing.image, n);
		struct abi_policy_counters counted = counters_sum_policy(&metrics->counters, policy.id);

		for (int i = 0; i < ABI_FAILURE_COUNT; i++)
			sample(metrics->out, name, (struct label[]){ { "policy", policy.name },
			       { "error", counters_failure_names[i] }, { NULL, NULL } }, counted.failures[i]);
	}
}

/* ---- Hooks ---- */

static const struct counted_family hook_families[] = {
	{ "tetra_hook_seen_total", "Calls that passed the first test of the hook.", offsetof(struct abi_counters, seen) },
	{ "tetra_hook_matched_total", "Calls that some policy accepted.", offsetof(struct abi_counters, matched) },
	{ "tetra_hook_posted_total", "Events that were reported.", offsetof(struct abi_counters, posted) },
	{ "tetra_hook_lost_total", "Events that did not fit into the ring buffer.", offsetof(struct abi_counters, lost) },
};

static size_t hook_count(const struct metrics *metrics)
{
	return metrics->listing.bytes ? image_hook_count(&metrics->listing.image) : 0;
}

static void add_hook_info(const struct metrics *metrics)
{
	family(metrics->out, "tetra_hook_info", "gauge", "A hook and how it is attached.");
	for (size_t n = 0; n < hook_count(metrics); n++) {
		struct image_hook hook = image_hook_at(&metrics->listing.image, n);
		const char *attach = listing_attach(&metrics->listing, &hook);

		sample(metrics->out, "tetra_hook_info", (struct label[]){ { "hook", hook.key },
		       { "kind", hook_rows[hook.kind].name }, { "attach", attach ? attach : "" }, { NULL, NULL } }, 1);
	}
}

static void add_hook_family(const struct metrics *metrics, const struct counted_family *row)
{
	family(metrics->out, row->name, "counter", row->help);
	for (size_t n = 0; n < hook_count(metrics); n++) {
		struct image_hook hook = image_hook_at(&metrics->listing.image, n);
		struct abi_counters counted = counters_sum(&metrics->counters, hook.id);
		uint64_t value;

		memcpy(&value, (const char *)&counted + row->offset, sizeof(value));
		sample(metrics->out, row->name, (struct label[]){ { "hook", hook.key }, { NULL, NULL } }, value);
	}
}

/* Only of those of which the kernel tells. */
static void add_missed(const struct metrics *metrics)
{
	static const char name[] = "tetra_hook_missed_total";

	family(metrics->out, name, "counter", "Calls for which the kernel did not run the program of the hook.");
	for (size_t n = 0; n < hook_count(metrics); n++) {
		struct image_hook hook = image_hook_at(&metrics->listing.image, n);
		const struct plan_attached *attached = listing_attached(&metrics->listing, &hook);
		uint64_t missed;

		if (attached && attached->pin && !misses_read(&metrics->listing.pins, attached->pin, &missed))
			sample(metrics->out, name, (struct label[]){ { "hook", hook.key }, { NULL, NULL } }, missed);
	}
}

static void add_errors(const struct metrics *metrics)
{
	static const char name[] = "tetra_hook_errors_total";

	family(metrics->out, name, "counter", "What went wrong while a call was decided or acted on.");
	for (size_t n = 0; n < hook_count(metrics); n++) {
		struct image_hook hook = image_hook_at(&metrics->listing.image, n);
		struct abi_counters counted = counters_sum(&metrics->counters, hook.id);

		for (int i = 0; i < ABI_ERROR_COUNT; i++)
			sample(metrics->out, name, (struct label[]){ { "hook", hook.key },
			       { "error", counters_error_names[i] }, { NULL, NULL } }, counted.errors[i]);
	}
}

/* ---- Memory ---- */

static void add_entries(const struct metrics *metrics, const char *name, const char *help, size_t offset)
{
	family(metrics->out, name, "gauge", help);
	for (size_t n = 0; n < metrics->memory.count; n++) {
		const struct memory_row *row = &metrics->memory.rows[n];
		uint64_t value;

		memcpy(&value, (const char *)row + offset, sizeof(value));
		if (row->counts_entries)
			sample(metrics->out, name, (struct label[]){ { "map", row->name }, { NULL, NULL } }, value);
	}
}

/* Programs of one name are one sample: there may be one for each hook. */
static void add_bytes(const struct metrics *metrics)
{
	static const char name[] = "tetra_memory_bytes";
	uint64_t bytes = 0;

	family(metrics->out, name, "gauge", "Memory that the kernel accounts to maps and programs.");
	for (size_t n = 0; n < metrics->memory.count; n++) {
		const struct memory_row *row = &metrics->memory.rows[n], *next = row + 1;

		bytes += row->bytes;
		if (n + 1 < metrics->memory.count && next->of == row->of && !strcmp(next->name, row->name))
			continue;
		sample(metrics->out, name, (struct label[]){ { row->of == MEMORY_MAP ? "map" : "program", row->name },
		       { NULL, NULL } }, bytes);
		bytes = 0;
	}
}

static void add_image(const struct metrics *metrics)
{
	family(metrics->out, "tetra_image_bytes", "gauge", "Size of the image that is live.");
	sample(metrics->out, "tetra_image_bytes", (struct label[]){ { NULL, NULL } },
	       metrics->listing.bytes ? metrics->listing.image.size : 0);
	family(metrics->out, "tetra_image_generation", "gauge", "How often what runs was changed.");
	sample(metrics->out, "tetra_image_generation", (struct label[]){ { NULL, NULL } }, metrics->listing.generation);
}

static void add_all(const struct metrics *metrics)
{
	add_policy_info(metrics);
	for (size_t n = 0; n < sizeof(policy_families) / sizeof(*policy_families); n++)
		add_policy_family(metrics, &policy_families[n]);
	add_outcomes(metrics);
	add_failures(metrics);
	add_hook_info(metrics);
	for (size_t n = 0; n < sizeof(hook_families) / sizeof(*hook_families); n++)
		add_hook_family(metrics, &hook_families[n]);
	add_missed(metrics);
	add_errors(metrics);
	add_entries(metrics, "tetra_map_entries", "Entries of a table.", offsetof(struct memory_row, entries));
	add_entries(metrics, "tetra_map_entries_max", "Entries that a table can have.", offsetof(struct memory_row, max_entries));
	add_bytes(metrics);
	add_image(metrics);
}

/* ---- The verb ---- */

static int metrics_run(int count, char **operands)
{
	struct buffer text = { 0 };
	struct metrics metrics = { .out = &text };
	int code;

	if (count) {
		complain("takes no operand, not '%s'", operands[0]);
		return EXIT_USAGE;
	}
	code = listing_open(&metrics.listing, arguments.root);
	if (code == EXIT_FINE)
		code = listing_count(&metrics.listing, &metrics.counters, &metrics.memory);
	if (code == EXIT_FINE) {
		add_all(&metrics);
		code = output_write(arguments.file, &text);
	}
	counters_unmap(&metrics.counters);
	listing_release(&metrics.listing);
	buffer_release(&text);
	return code;
}

static const struct option_row metrics_options[] = {
	{ 'f', "file", OPTION_STRING, &arguments.file, "FILE", "write to FILE, all at once, instead of standard output", WORD_FILE },
	{ 0, "root", OPTION_STRING, &arguments.root, "DIR", "pins are below DIR (default " PINS_ROOT_DEFAULT ")",
	  WORD_FOLDER },
	OPTIONS_END
};

static const struct note metrics_examples[] = {
	{ "tetra metrics", "everything that is counted" },
	{ "tetra metrics --file /var/lib/prometheus/node-exporter/tetra.prom",
	  "for the textfile collector of node_exporter; from a timer" },
	NOTES_END
};

const struct verb verb_metrics = {
	.name = "metrics",
	.summary = "print what was counted, for Prometheus",
	.details = "For each policy: selectors that accepted, events, what a rate limit held back, enforcement by what came of it, and\n"
		   "actions that failed by why. For each hook: calls, matches, events, and errors by kind. Entries of the tables, and memory. Counters of a policy go on\n"
		   "when it is applied again, and begin anew when it was deleted. Needs root.",
	.options = metrics_options,
	.examples = metrics_examples,
	.run = metrics_run,
};

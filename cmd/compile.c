// SPDX-License-Identifier: Apache-2.0
/* compile.c - `tetra compile`: policies to policy objects, or to the image of a host, without a kernel. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/compile.h"
#include "cmd/emit.h"
#include "cmd/linking.h"
#include "cmd/output.h"
#include "cmd/verb.h"
#include "compiler/selector/ir.h"

static struct {
	const char *output, *dump, *level, *emit;
	bool link;
} compile;

/* ---- What it holds ---- */

/* Standard output may be the output. */
static FILE *talk_to(void)
{
	return compile.output && !strcmp(compile.output, "-") ? stderr : stdout;
}

static void describe(const struct linking *linking)
{
	struct buffer text = { 0 };

	for (size_t n = 0; n < image_policy_count(&linking->view); n++) {
		struct image_policy policy = image_policy_at(&linking->view, n);

		buffer_format(&text, "policy %s: object of %zu bytes, %u hook%s, %u selector%s\n", policy.name,
			      policy.object_size, policy.hook_count, policy.hook_count == 1 ? "" : "s",
			      policy.selector_count, policy.selector_count == 1 ? "" : "s");
	}
	image_describe(&linking->view, &text);
	fwrite(text.bytes, 1, text.length, talk_to());
	buffer_release(&text);
}

/* ---- Policies that no image can have yet ---- */

static size_t count_selectors(const struct ir_policy *policy)
{
	size_t count = 0;

	for (size_t n = 0; n < policy->hooks.count; n++)
		count += policy->hooks.items[n].selectors.count;
	return count;
}

static void describe_object(const struct ir_policy *policy, const struct buffer *object)
{
	const size_t hooks = policy->hooks.count, selectors = count_selectors(policy);

	fprintf(talk_to(), "policy %s: object of %zu bytes, %zu hook%s, %zu selector%s\n", policy->name.bytes,
		object->length, hooks, hooks == 1 ? "" : "s", selectors, selectors == 1 ? "" : "s");
	if (policy->later.count)
		fprintf(talk_to(), "  cannot be applied yet: %s%s\n", policy->later.items[0].what,
			policy->later.count > 1 ? " and more, see 'tetra explain'" : "");
}

static void describe_objects(const struct inputs *inputs)
{
	for (size_t n = 0; n < inputs->count; n++) {
		const struct unit *unit = inputs->units[n];

		for (size_t i = 0; i < unit->object_count; i++)
			describe_object(&unit->ir->items[i], &unit->objects[i]);
	}
}

static bool has_later(const struct inputs *inputs)
{
	for (size_t n = 0; n < inputs->count; n++)
		for (size_t i = 0; inputs->units[n]->ir && i < inputs->units[n]->ir->count; i++)
			if (inputs->units[n]->ir->items[i].later.count)
				return true;
	return false;
}

static int dump_linked(struct linking *linking)
{
	struct buffer text = { 0 };
	const char *error = "";
	int code = EXIT_FINE;

	if (!strcmp(compile.dump, "link")) {
		if (link_dump(linking->objects, linking->object_count, &linking->options, &linking->arena, &text, &error)) {
			complain("%s", error);
			code = EXIT_REFUSED;
		}
	} else {
		code = linking_run(linking);
		if (code == EXIT_FINE)
			image_dump(&linking->view, &text);
	}
	if (text.length)
		fwrite(text.bytes, 1, text.length, talk_to());
	buffer_release(&text);
	return code;
}

static void dump_pass(const struct inputs *inputs, const struct pass *pass)
{
	for (size_t n = 0; n < inputs->count; n++) {
		struct buffer text = { 0 };

		pass->dump(inputs->units[n], &text);
		if (text.length)
			fwrite(text.bytes, 1, text.length, talk_to());
		buffer_release(&text);
	}
}

/* ---- The verb ---- */

static int compile_and_write(const struct inputs *inputs, struct linking *linking)
{
	const bool is_linked = compile.link || !has_later(inputs);
	struct buffer object = { 0 };
	int code = is_linked ? linking_run(linking) : EXIT_FINE;

	if (code != EXIT_FINE)
		return code;
	if (compile.output) {
		if (!compile.link)
			buffer_add(&object, linking->objects[0].bytes, linking->objects[0].size);
		code = output_write(compile.output, compile.link ? &linking->image : &object);
		buffer_release(&object);
	}
	if (code == EXIT_FINE && is_linked)
		describe(linking);
	else if (code == EXIT_FINE)
		describe_objects(inputs);
	return code;
}

static int compile_objects(const struct inputs *inputs)
{
	struct linking linking;
	int code;

	linking_collect(inputs, &linking);
	if (compile.dump) {
		code = dump_linked(&linking);
	} else if (linking.object_count > 1 && !compile.link && compile.output) {
		complain("there are %zu policies: --link makes one image of them", linking.object_count);
		code = EXIT_USAGE;
	} else {
		code = compile_and_write(inputs, &linking);
	}
	linking_release(&linking);
	return code;
}

struct note compile_pass(size_t n)
{
	static const struct note after_all[] = {
		{ "link", "objects to merged hooks" },
		{ "image", "merged hooks to the image of a host" },
		NOTES_END
	};

	if (n < compiler_pass_count)
		return (struct note){ compiler_passes[n].name, compiler_passes[n].about };
	return after_all[n - compiler_pass_count];
}

static int unknown_pass(void)
{
	complain("there is no pass '%s'; the passes are", compile.dump);
	for (size_t n = 0; compile_pass(n).name; n++)
		fprintf(stderr, "  %-9s %s\n", compile_pass(n).name, compile_pass(n).about);
	return EXIT_USAGE;
}

static int compile_run(int count, char **operands)
{
	const struct pass *pass = compile.dump ? compiler_find_pass(compile.dump) : NULL;
	struct inputs inputs;
	int code;

	if (compile.dump && !pass && strcmp(compile.dump, "link") && strcmp(compile.dump, "image"))
		return unknown_pass();
	if (compile.emit && (compile.link || compile.dump)) {
		complain("--emit does not go with --%s", compile.link ? "link" : "dump");
		return EXIT_USAGE;
	}
	if (compile.output && !compile.emit && !strcmp(compile.output, "-") && isatty(STDOUT_FILENO)) {
		complain("will not write bytes to a terminal; use -o FILE");
		return EXIT_USAGE;
	}
	code = inputs_compile_at(compile.level && !strcmp(compile.level, "0") ? UNIT_PLAIN : UNIT_OPTIMIZED, count, operands, pass,
				 &inputs);
	if (code == EXIT_FINE && compile.emit)
		code = emit_policies(&inputs, compile.output && strcmp(compile.output, "-") ? compile.output : NULL);
	else if (code == EXIT_FINE && pass)
		dump_pass(&inputs, pass);
	else if (code == EXIT_FINE)
		code = compile_objects(&inputs);
	inputs_release(&inputs);
	return code;
}

static const struct option_row compile_options[] = {
	{ 'o', "output", OPTION_STRING, &compile.output, "FILE", "write the object, or the image, to FILE; - is standard output",
	  WORD_FILE },
	{ 0, "link", OPTION_FLAG, &compile.link, NULL, "write the image of a host that runs all these policies" },
	{ 0, "emit", OPTION_CHOICE, &compile.emit, "tracingpolicy", "write what RuntimeSecurityPolicies become for Tetragon: YAML, to FILE or standard output" },
	{ 'O', "optimize", OPTION_CHOICE, &compile.level, "0|1", "0: compile what is written as it is written; 1 unless said" },
	{ 0, "dump", OPTION_STRING, &compile.dump, "PASS", "print what a pass of the compiler leaves, and stop there", WORD_PASS },
	OPTIONS_END
};

static const struct note compile_examples[] = {
	{ "tetra compile policy.yaml", "what a policy becomes, and how large that is" },
	{ "tetra compile -o policy.tpo policy.yaml", "a policy object" },
	{ "tetra compile --link -o host.img policies", "the image of a host that runs them all" },
	{ "tetra compile --emit=tracingpolicy rules.yaml >policies.yaml", "the TracingPolicies that a RuntimeSecurityPolicy is" },
	{ "tetra compile --dump=simplify policy.yaml", "its filters, simplified" },
	{ "tetra compile -O0 --dump=image policy.yaml", "each filter by itself, as the policy has it" },
	NOTES_END
};

extern const struct verb verb_compile;
const struct verb verb_compile = {
	.name = "compile", .operands = "POLICY...", .takes = WORD_POLICY,
	.summary = "turn policies into objects, or into the image of a host",
	.details = "Says what the result holds: hooks, decision programs, tables, and their sizes. Needs no kernel; the\n"
		   "same policies give the same bytes everywhere. At -O0 no filter is folded into another, moved, shared with other\n"
		   "policies or passed over: slower, and easier to follow; what is decided is the same.",
	.options = compile_options, .examples = compile_examples, .run = compile_run,
};

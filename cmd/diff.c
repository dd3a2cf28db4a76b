// SPDX-License-Identifier: Apache-2.0
/* diff.c - `tetra diff`: what applying policies would change of what the kernel runs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/change.h"
#include "cmd/diff_lines.h"
#include "cmd/linking.h"
#include "cmd/listing.h"
#include "cmd/node.h"
#include "cmd/verb.h"
#include "compiler/explain/explain.h"
#include "compiler/object/object.h"

extern const struct verb verb_diff;

static struct {
	const char *root;
	bool replace_all, exit_code;
	struct node_arguments node;
} arguments;

struct summary { size_t added, changed, removed, unchanged; };

/* ---- One policy in lines ---- */

/*
 * A list's members in lines of their own, so that one that is new is one line; not within parentheses.  Places are left out: they are
 * not what a policy does.
 */
static void add_in_lines(struct buffer *out, const char *text, size_t length)
{
	bool skips = false;
	int depth = 0;

	for (size_t n = 0; n < length; n++) {
		const size_t left = length - n;

		if (left >= 8 && !memcmp(text + n, "  (line ", 8))
			skips = true;
		if (text[n] == '\n') {
			skips = false;
			depth = 0;
		}
		if (skips)
			continue;
		buffer_add_char(out, text[n]);
		depth += text[n] == '(' ? 1 : text[n] == ')' && depth ? -1 : 0;
		if (!depth && left > 2 && text[n] == ',' && text[n + 1] == ' ')
			buffer_add_text(out, "\n       ");
	}
}

/* What it does, without where that is written. */
static void describe(const struct ir_policy *policy, struct buffer *ret)
{
	struct source_cursor cursor = { 0 };
	struct buffer text = { 0 };
	const char *body;

	explain_policy(policy, &cursor, &text);
	body = text.bytes ? strchr(text.bytes, '\n') : NULL;	/* the first line has name and file */
	if (body)
		add_in_lines(ret, body + 1, text.length - (size_t)(body + 1 - text.bytes));
	buffer_release(&text);
}

static void describe_object(const void *bytes, size_t size, struct buffer *text, struct buffer *whole)
{
	struct arena arena = { 0 };
	struct ir_policy policy;
	char message[256];

	if (!object_read(bytes, size, &arena, &policy, message)) {
		describe(&policy, text);
		ir_dump_policy(&policy, whole);
	}
	arena_release(&arena);
}

static bool is_same(const struct buffer *a, const struct buffer *b)
{
	return a->length == b->length && (!a->length || !memcmp(a->bytes, b->bytes, a->length));
}

/* ---- The comparison ---- */

static const char *name_of(const struct link_input *object, struct arena *arena)
{
	struct ir_policy policy;
	char message[256];

	return object_read(object->bytes, object->size, arena, &policy, message) ? object->name : policy.name.bytes;
}

/* The mode is what someone may have chosen since; applying the policy undoes that. */
static const char *mode_change(const struct image_policy *there, const struct link_input *object)
{
	struct arena arena = { 0 };
	struct ir_policy policy;
	char message[256];
	const char *text = NULL;

	if (!object_read(object->bytes, object->size, &arena, &policy, message) && policy.monitor != there->monitor)
		text = policy.monitor ? "mode: enforce becomes monitor" : "mode: monitor becomes enforce";
	arena_release(&arena);
	return text;
}

static long number_of(const struct image_view *image, const char *name)
{
	for (size_t n = 0; n < image_policy_count(image); n++)
		if (!strcmp(image_policy_at(image, n).name, name))
			return (long)n;
	return -1;
}

/* Whether it is for this node: by the labels that are known now, against those by which it was applied. */
static const char *node_change(const struct image_policy *there, const struct image_policy *next)
{
	if (there->elsewhere == next->elsewhere)
		return NULL;
	return next->elsewhere ? "node: it is not for this node any more" : "node: it is for this node now";
}

/* The same, of the hooks of an object that has stayed as it is: whether others of them are linked. */
static bool has_other_hooks(const struct image_view *there, const struct image_view *next, const char *name)
{
	const long a = number_of(there, name), b = number_of(next, name);
	struct image_hook hook;
	uint32_t written, other, n = 0;
	bool more;

	if (a < 0 || b < 0)
		return false;
	do {
		more = image_policy_hook(there, (uint32_t)a, n, &hook, &written);
		if (image_policy_hook(next, (uint32_t)b, n++, &hook, &other) != more)
			return true;
	} while (more && written == other);
	return more;
}

static const char *rules_change(const struct image_view *there, const struct image_view *next, const char *name)
{
	return has_other_hooks(there, next, name) ? "node: other rules of it are for this node now" : NULL;
}

static void print_change(const char *text)
{
	if (text)
		printf("    %s\n", text);
}

static void print_difference(const struct image_policy *there, const struct image_policy *next, const struct link_input *object,
			     const char *rules, struct summary *summary)
{
	struct buffer old = { 0 }, new = { 0 }, old_whole = { 0 }, new_whole = { 0 }, text = { 0 };
	const char *mode = mode_change(there, object), *node = node_change(there, next);

	describe_object(there->object, there->object_size, &old, &old_whole);
	describe_object(object->bytes, object->size, &new, &new_whole);
	if (!node && is_same(&old_whole, &new_whole))
		node = rules;
	if (is_same(&old_whole, &new_whole) && !mode && !node) {
		summary->unchanged++;
	} else {
		summary->changed++;
		printf("~ policy %s  (%s)\n", there->name, object->name);
		print_change(mode);
		print_change(node);
		if (is_same(&old, &new))	/* English does not tell them apart */
			diff_lines(&old_whole, &new_whole, "    ", &text);
		else
			diff_lines(&old, &new, "    ", &text);
		fwrite(text.bytes, 1, text.length, stdout);
	}
	buffer_release(&old), buffer_release(&new), buffer_release(&text);
	buffer_release(&old_whole), buffer_release(&new_whole);
}

static void print_added(const struct image_policy *next, const struct link_input *object, struct summary *summary)
{
	struct buffer nothing = { 0 }, new = { 0 }, whole = { 0 }, text = { 0 };

	describe_object(object->bytes, object->size, &new, &whole);
	diff_lines(&nothing, &new, "    ", &text);
	summary->added++;
	printf("+ policy %s  (%s)%s\n", next->name, object->name, next->elsewhere ? ", not for this node" : "");
	fwrite(text.bytes, 1, text.length, stdout);
	buffer_release(&new), buffer_release(&whole), buffer_release(&text);
}

/* `next` NULL: it goes. */
static void print_not_given(const struct image_policy *there, const struct image_policy *next, const char *rules, struct summary *summary)
{
	const char *node = next ? node_change(there, next) : NULL;

	if (next && !node)
		node = rules;

	if (next && !node) {
		summary->unchanged++;
		return;
	}
	printf("%c policy %s  (%s)\n", next ? '~' : '-', there->name, there->source_name);
	print_change(node);
	summary->changed += next != NULL;
	summary->removed += !next;
}

static bool is_given(const char *const *names, size_t count, const char *name)
{
	for (size_t n = 0; n < count; n++)
		if (!strcmp(names[n], name))
			return true;
	return false;
}

/* What is there against `image`, which would be. */
static void compare_policies(const struct listing *listing, const struct linking *linking, const struct image_view *image,
			     struct summary *summary)
{
	struct arena arena = { 0 };
	const char **names = arena_array(&arena, const char *, linking->object_count);
	struct image_policy there, next;

	for (size_t n = 0; n < linking->object_count; n++) {
		names[n] = name_of(&linking->objects[n], &arena);
		if (!image_policy_named(image, names[n], &next))
			continue;
		if (listing_find(listing, names[n], &there))
			print_difference(&there, &next, &linking->objects[n], rules_change(&listing->image, image, names[n]), summary);
		else
			print_added(&next, &linking->objects[n], summary);
	}
	for (size_t n = 0; listing->bytes && n < image_policy_count(&listing->image); n++) {
		there = image_policy_at(&listing->image, n);
		if (!is_given(names, linking->object_count, there.name))
			print_not_given(&there, image_policy_named(image, there.name, &next) ? &next : NULL,
					rules_change(&listing->image, image, there.name), summary);
	}
	arena_release(&arena);
}

/* ---- Hooks ---- */

static void print_hooks(const struct plan *plan)
{
	for (size_t n = 0; n < plan->step_count; n++) {
		const struct plan_step *step = &plan->steps[n];

		if (step->kind == STEP_ATTACH)
			printf("+ hook %s, by %s\n", step->name, attach_rows[step->attach].name);
		else if (step->kind == STEP_DETACH)
			printf("- hook %s\n", step->name);
	}
	for (size_t n = 0; n < plan->note_count; n++)
		printf("  %s: note: %s\n", plan->notes[n].place, plan->notes[n].text);
}

/* ---- The verb ---- */

/* And what this kernel would say to it. */
static int compare_all(const struct listing *listing, const struct linking *linking, const struct node *node, struct summary *summary)
{
	struct apply_options options = {
		.root = arguments.root, .access = APPLY_LOOK, .scope = arguments.replace_all ? APPLY_REPLACE_ALL : APPLY_ADD,
		.node = node_labels_of(node),
	};
	struct failure failure = { 0 };
	struct apply *apply;
	int error = apply_prepare(&options, linking->objects, linking->object_count, &apply, &failure), code = EXIT_FINE;

	if (error)
		return change_failed(error, &failure);
	compare_policies(listing, linking, apply_image(apply), summary);
	if (apply_plan(apply)->refusal_count)
		code = change_refused(apply_plan(apply));
	else
		print_hooks(apply_plan(apply));
	apply_free(apply);
	return code;
}

static int compare(const struct linking *linking, const struct node *node)
{
	struct listing listing = { .bytes = NULL };
	struct summary summary = { 0 };
	int code = change_allowed() ? listing_open(&listing, arguments.root) : EXIT_SYSTEM;

	if (code == EXIT_FINE)
		code = compare_all(&listing, linking, node, &summary);
	if (code == EXIT_FINE)
		printf("%zu to add, %zu to change, %zu to remove, %zu unchanged\n", summary.added, summary.changed, summary.removed,
		       summary.unchanged);
	listing_release(&listing);
	if (code == EXIT_FINE && arguments.exit_code && summary.added + summary.changed + summary.removed)
		return EXIT_REFUSED;
	return code;
}

static int diff_run(int count, char **operands)
{
	struct inputs inputs = { 0 };
	struct linking linking = { 0 };
	struct node node = { .is_known = false };
	int code = node_read(&arguments.node, TOLD_OF_THIS, &node);

	if (code == EXIT_FINE)
		code = inputs_compile_here(count, operands, &inputs);
	if (code == EXIT_FINE) {
		linking_collect(&inputs, &linking);
		code = linking_refuse_later(&linking, "nothing can be compared");
	}
	if (code == EXIT_FINE)
		code = node_place(&node, &linking, "nothing can be compared");
	if (code == EXIT_FINE)
		code = compare(&linking, &node);
	node_release(&node);
	linking_release(&linking);
	inputs_release(&inputs);
	return code;
}

static const struct option_row diff_options[] = {
	{ 0, "replace-all", OPTION_FLAG, &arguments.replace_all, NULL, "compare with 'apply --replace-all': what is not given would go" },
	{ 0, "exit-code", OPTION_FLAG, &arguments.exit_code, NULL, "exit with 1 when something would change" },
	NODE_OPTIONS(&arguments.node),
	{ 0, "root", OPTION_STRING, &arguments.root, "DIR", "pins are below DIR (default " PINS_ROOT_DEFAULT ")",
	  WORD_FOLDER },
	OPTIONS_END
};

static const struct note diff_examples[] = {
	{ "tetra diff policies", "what would change, policy by policy, and which hooks would come and go" },
	{ "tetra diff --replace-all --exit-code policies", "whether the kernel runs exactly what is in the repository" },
	NOTES_END
};

const struct verb verb_diff = {
	.name = "diff",
	.operands = "POLICY...",
	.takes = WORD_POLICY,
	.summary = "compare policies with those that the kernel runs",
	.details = "Of a policy that runs already it shows, in the words of 'tetra explain', what it would do no more and what it would do\n"
		   "from then on; where it is written does not count. Changes nothing. Needs root.",
	.options = diff_options,
	.examples = diff_examples,
	.run = diff_run,
};
